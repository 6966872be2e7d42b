"""figures.py RESULTS.json NAME "figure bound ...": a line of figures, one of each user; says which bound was missed."""
import json
import sys

result = json.load(open(sys.argv[1]))[0]
bounds = sys.argv[3].split()
figures = {k: 100 * result["overall"][k] for k in ("recall@5", "recall@10", "recall@2500ch", "thread_hit@1")}
if "context_block" in result:
    figures["block"] = 100 * result["context_block"]["block_recall"]
figures["p95"] = result["latency_ms"]["p95"]
print("%-36s %s  mean %.2f ms  (%d questions, %d messages)" % (
    sys.argv[2], "  ".join("%s %.1f" % f for f in figures.items()), result["latency_ms"]["mean"], result["n"], result["messages"]))
print("    recall@10 of each: " + "  ".join("%s %.1f" % (user, 100 * r) for user, r in sorted(result["by_user"].items())))
missed = 0
for name, bound in zip(bounds[::2], bounds[1::2]):
    if (figures[name] > float(bound)) if name == "p95" else (figures[name] < float(bound)):
        print("    missed: %s %.2f, bound %s" % (name, figures[name], bound))
        missed = 1
sys.exit(missed)
