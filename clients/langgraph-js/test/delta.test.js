// Delta channels: the state is the nearest snapshot and the writes since then.

import assert from "node:assert/strict";
import { test } from "node:test";
import { HumanMessage, RemoveMessage } from "@langchain/core/messages";
import { Annotation, DeltaChannel, messagesDeltaReducer, Overwrite, START, StateGraph } from "@langchain/langgraph";
import { isDeltaSnapshot } from "@langchain/langgraph-checkpoint";
import { ai, all, at, lookAround, newSaver, same, snapshot, step, update } from "./support.js";

const concat = (left, writes) => left.concat(...writes);
const spec = (snapshotFrequency) => ({
  messages: () => new DeltaChannel(messagesDeltaReducer, { snapshotFrequency }),
  list: () => new DeltaChannel(concat, { snapshotFrequency: snapshotFrequency + 1 }),
  last: Annotation(),
});

const chat = (saver, snapshotFrequency = 3, options = {}) =>
  new StateGraph(Annotation.Root(spec(snapshotFrequency)))
    .addNode("model", ({ messages, last }) => ({
      messages: [ai(`a${messages.length}`, `answer ${last}`)],
      list: [last],
    }))
    .addNode("log", ({ list }) => ({ list: [`${list.length} entries`] }))
    .addEdge(START, "model")
    .addEdge("model", "log")
    .compile({ checkpointer: saver, ...options });

const say = (last) => ({ last, messages: [new HumanMessage({ id: `h ${last}`, content: `question ${last}` })] });

for (const durability of ["async", "sync", "exit"])
  for (const frequency of [2, 1000])
    same(`a chat, a snapshot every ${frequency}, durability ${durability}`, async (saver, look) => {
      const graph = chat(saver, frequency);
      for (const n of [1, 2, 3, 4])
        if (n % 2 === 0) await step(graph, saver, look, "delta", say(n), { durability });
        else await graph.invoke(say(n), { ...at("delta"), durability });
    });

same("edits, removals and Overwrite", async (saver, look) => {
  const graph = chat(saver, 4);
  for (const n of [1, 2]) await step(graph, saver, look, "edits", say(n));
  await update(
    graph,
    saver,
    look,
    "edits",
    { messages: [new HumanMessage({ id: "h 1", content: "edited" })] },
    "model",
  );
  await update(
    graph,
    saver,
    look,
    "edits",
    { messages: [new RemoveMessage({ id: "a1" }), new RemoveMessage({ id: "nobody" })] },
    "model",
  );
  await step(graph, saver, look, "edits", say(3));
  await update(graph, saver, look, "edits", { list: new Overwrite(["fresh"]) }, "log");
  await step(graph, saver, look, "edits", say(4));
});

same("forks", async (saver, look) => {
  const graph = chat(saver, 3);
  for (const n of [1, 2, 3]) await graph.invoke(say(n), at("forks"));
  const history = await all(graph.getStateHistory(at("forks")));
  const old = history.find(({ values, next }) => values.messages.length === 4 && next.length === 0).config;
  const left = await update(graph, saver, look, "forks", { ...say("left"), list: ["left"] }, "model", old);
  const right = await update(graph, saver, look, "forks", { ...say("right"), list: ["right"] }, "model", old);
  for (const branch of [left, right]) await step(graph, saver, look, "forks", null, { checkpoint: branch });
  for (const branch of [left, right, old]) look("branch", snapshot(await graph.getState(branch)));
  await step(graph, saver, look, "forks", say("after left"), { checkpoint: left });
  await update(graph, saver, look, "forks", null, "__copy__", old);
  await step(graph, saver, look, "forks", say("after the copy"));
});

same("stopped and resumed", async (saver, look) => {
  const graph = chat(saver, 3, { interruptBefore: ["log"] });
  for (const n of [1, 2, 3]) {
    await step(graph, saver, look, "stops", say(n));
    await step(graph, saver, look, "stops", null);
  }
});

same("a thread from before the channel became a delta channel", async (saver, lookAtAll) => {
  // In a checkpoint the old value stands as long as the channel has its version; MemorySaver drops it.
  const look = (label, value) => label.startsWith("checkpoint") || lookAtAll(label, value);
  const Plain = Annotation.Root({
    list: Annotation({ reducer: (a, b) => a.concat(b), default: () => [] }),
    last: Annotation(),
  });
  const plain = new StateGraph(Plain)
    .addNode("model", ({ last }) => ({ list: [last] }))
    .addEdge(START, "model")
    .compile({ checkpointer: saver });
  await step(plain, saver, look, "migrated", { last: "old" });
  const graph = chat(saver, 4);
  for (const n of [1, 2, 3, 4]) await step(graph, saver, look, "migrated", say(n));
});

test("snapshots are kept as snapshots", async () => {
  const saver = newSaver();
  const graph = chat(saver, 2);
  for (const n of [1, 2, 3]) await graph.invoke(say(n), at("snapshots"));
  const tuples = await all(saver.list(at("snapshots")));
  const values = tuples.flatMap(({ checkpoint }) => checkpoint.channel_values.messages ?? []);
  assert.ok(values.length > 0 && values.length < tuples.length);
  assert.ok(values.every(isDeltaSnapshot));
});

test("copies and thinned-out threads keep the state of delta channels", async () => {
  for (const frequency of [2, 1000]) {
    const saver = newSaver();
    const graph = chat(saver, frequency);
    for (const n of [1, 2, 3, 4, 5]) await graph.invoke(say(n), at("source"));
    const { values } = await graph.getState(at("source"));
    const before = await all(graph.getStateHistory(at("source")));

    assert.equal(await saver.copyThread("source", "copy"), before.length);
    assert.deepEqual((await graph.getState(at("copy"))).values, values);
    await graph.invoke(say("only here"), at("copy"));
    assert.deepEqual((await graph.getState(at("source"))).values, values);

    const removed = await saver.prune(["source"]);
    assert.equal((await all(saver.list(at("source")))).length, before.length - removed);
    if (frequency === 2) assert.ok(removed > 0);
    assert.deepEqual((await graph.getState(at("source"))).values, values);
    assert.equal(await saver.prune(["source"]), 0);

    const { messages } = await graph.invoke(say(6), at("source"));
    assert.deepEqual(messages.slice(0, values.messages.length), values.messages);
    assert.equal(messages.length, values.messages.length + 2);
  }
});

test("deleteForRuns keeps the state of delta channels", async () => {
  const saver = newSaver();
  const graph = chat(saver, 1000);
  for (const n of [1, 2, 3]) await graph.invoke(say(n), { configurable: { thread_id: "runs", run_id: `run ${n}` } });
  const { values } = await graph.getState(at("runs"));
  await saver.deleteForRuns(["run 2"]);
  assert.deepEqual((await graph.getState(at("runs"))).values, values);
  await lookAround(graph, saver, () => {}, "runs");
});
