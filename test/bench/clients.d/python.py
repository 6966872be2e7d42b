"""python python.py: see ../clients"""

from __future__ import annotations

import os
import random
import time
import uuid
from collections.abc import Callable, Iterator
from statistics import median
from typing import Annotated, Any, TypedDict

import langchain_core.messages
import orjson
import psycopg
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.channels.delta import DeltaChannel
from langgraph.checkpoint.base import BaseCheckpointSaver, CheckpointTuple, uuid6
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.graph.message import _messages_delta_reducer
from psycopg.rows import dict_row
from threadmem_langgraph import ThreadmemSaver

TURNS = int(os.environ["BENCH_TURNS"])
FIRST = slice(5, 15)
LAST = slice(-10, None)
THREAD = {"configurable": {"thread_id": "chat", "checkpoint_ns": ""}}
ALPHABET = "etaoinshrdlucmfw"


class Words:
    """Text of made-up words, used unevenly; the same on every run."""

    def __init__(self) -> None:
        self._random = random.Random(42)
        self._words = ["".join(self._random.choices(ALPHABET, k=4 + i % 6)) for i in range(500)]

    def text(self, length: int = 500) -> str:
        text = ""
        while len(text) < length:
            text += self._words[int(500 * self._random.random() ** 3)] + " "
        return text[: length - 1] + "."

    def id(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128)))


class References(BaseCheckpointSaver[Any]):
    """Keeps what it is given as it is: what remains is LangGraph's own time."""

    def __init__(self) -> None:
        super().__init__()
        self._stored: dict[str, tuple[Any, Any, Any]] = {}
        self._writes: dict[str, dict[Any, Any]] = {}

    def put(self, config: Any, checkpoint: Any, metadata: Any, new_versions: Any) -> Any:
        stored = {**checkpoint, "channel_values": dict(checkpoint["channel_values"])}
        self._stored[checkpoint["id"]] = stored, metadata, config["configurable"].get("checkpoint_id")
        return self._config(checkpoint["id"])

    def put_writes(self, config: Any, writes: Any, task_id: str, task_path: str = "") -> None:
        kept = self._writes.setdefault(config["configurable"]["checkpoint_id"], {})
        kept.update({(task_path, task_id, i): (task_id, *write) for i, write in enumerate(writes)})

    def get_tuple(self, config: Any) -> Any:
        checkpoint_id = config["configurable"].get("checkpoint_id") or max(self._stored, default=None)
        if checkpoint_id not in self._stored:
            return None
        checkpoint, metadata, parent = self._stored[checkpoint_id]
        copy = {**checkpoint, "channel_values": dict(checkpoint["channel_values"])}
        writes = [write for _, write in sorted(self._writes.get(checkpoint_id, {}).items(), key=lambda it: it[0])]
        parent_config = self._config(parent) if parent else None
        return CheckpointTuple(self._config(checkpoint_id), copy, metadata, parent_config, writes)

    @staticmethod
    def _config(checkpoint_id: str) -> Any:
        return {"configurable": {**THREAD["configurable"], "checkpoint_id": checkpoint_id}}


class Side:
    """A saver on a database of its own, and what its turns took."""

    def __init__(self, name: str, kind: str) -> None:
        self.database = f"{name}_{kind}"
        self.ms: list[float] = []
        self.own_cpu: list[float] = []
        self.cpu: list[float] = []
        self.wal = 0
        with psycopg.connect(dbname="postgres", autocommit=True) as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {self.database}")
            admin.execute(f"CREATE DATABASE {self.database}")
        self.look = psycopg.connect(dbname=self.database, autocommit=True)
        if name == "threadmem":
            self.look.execute("CREATE EXTENSION threadmem CASCADE")
            self.conn: Any = psycopg.connect(dbname=self.database, autocommit=True)
            self.saver: Any = ThreadmemSaver(self.conn)
        else:
            options: Any = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}
            self.conn = psycopg.connect(dbname=self.database, **options)
            self.saver = PostgresSaver(self.conn)
            self.saver.setup()
        self.empty = self._disk()

    def _disk(self) -> int:
        row = self.look.execute(
            "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)"
        ).fetchone()
        return int(row[0]) if row else 0

    @property
    def disk(self) -> int:
        return self._disk() - self.empty

    def _lsn(self) -> int:
        row = self.look.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn").fetchone()
        return int(row[0]) if row else 0

    def processor(self) -> float:
        with open(f"/proc/{self.conn.info.backend_pid}/schedstat") as file:
            return int(file.read().split()[0]) / 1e6

    def turn(self, work: Callable[[], object]) -> None:
        wal, cpu, own_cpu, begun = self._lsn(), self.processor(), time.process_time(), time.perf_counter()
        work()
        self.ms.append((time.perf_counter() - begun) * 1e3)
        self.own_cpu.append((time.process_time() - own_cpu) * 1e3)
        self.cpu.append(self.processor() - cpu)
        self.wal += self._lsn() - wal

    def close(self) -> None:
        self.conn.close()
        self.look.close()
        with psycopg.connect(dbname="postgres", autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {self.database}")


class Own:
    """LangGraph without a database."""

    def __init__(self) -> None:
        self.saver = References()
        self.ms: list[float] = []
        self.own_cpu: list[float] = []

    def turn(self, work: Callable[[], object]) -> None:
        own_cpu, begun = time.process_time(), time.perf_counter()
        work()
        self.ms.append((time.perf_counter() - begun) * 1e3)
        self.own_cpu.append((time.process_time() - own_cpu) * 1e3)


class Loop:
    """The bookkeeping of LangGraph's loop: ids, versions, what each node has seen."""

    def __init__(self, saver: Any) -> None:
        self.saver, self.config = saver, dict(THREAD)
        self.step = -1
        self.versions: dict[str, Any] = {}
        self.seen: dict[str, Any] = {"__input__": {}}

    def put(self, source: str, values: dict[str, Any], changed: list[str]) -> None:
        new = {channel: self.saver.get_next_version(self.versions.get("messages"), None) for channel in changed}
        self.versions.update(new)
        checkpoint = {
            "v": 4,
            "id": str(uuid6(clock_seq=self.step & 0x3FFF)),
            "ts": "2025-01-01T00:00:00+00:00",
            "channel_values": values,
            "channel_versions": dict(self.versions),
            "versions_seen": {node: dict(seen) for node, seen in self.seen.items()},
            "updated_channels": changed,
        }
        self.config = self.saver.put(self.config, checkpoint, {"source": source, "step": self.step, "parents": {}}, new)
        self.step += 1

    def writes(self, node: str, trigger: str, writes: list[Any]) -> None:
        self.seen[node] = {trigger: self.versions[trigger]}
        task_id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{node} {self.step}"))
        self.saver.put_writes(self.config, writes, task_id, f"~__pregel_pull, {node}")


def puts(loop: Loop, messages: list[Any], asked: Any, answered: Any) -> None:
    node = "branch:to:model"
    loop.put("input", {"messages": messages[:-2], "__start__": {"messages": [asked]}}, ["__start__"])
    loop.writes("__start__", "__start__", [("messages", [asked]), (node, None)])
    loop.put("loop", {"messages": messages[:-1], node: None}, ["__start__", "messages", node])
    loop.writes("model", node, [("messages", [answered])])
    loop.put("loop", {"messages": messages}, ["messages", node])


class DeltaState(TypedDict):
    messages: Annotated[list[Any], DeltaChannel(_messages_delta_reducer)]


def compiled(state: Any, saver: Any, answers: list[Any]) -> Any:
    def model(_: Any) -> Any:
        return {"messages": [answers[-1]]}

    return StateGraph(state).add_node("model", model).add_edge(START, "model").compile(checkpointer=saver)


def turns(kind: str, sides: list[Any]) -> None:
    """The same turns with every side, one after the other."""
    words = Words()
    loops = [Loop(side.saver) for side in sides]
    said: list[list[Any]] = [[] for _ in sides]
    answers: list[Any] = []
    state = DeltaState if kind == "delta" else MessagesState
    graphs = [compiled(state, side.saver, answers) for side in sides]
    for number in range(TURNS):
        question, reply = (words.id(), words.text()), (words.id(), words.text())
        order = range(len(sides)) if number % 2 else reversed(range(len(sides)))
        for place in order:
            asked, answered = HumanMessage(question[1], id=question[0]), AIMessage(reply[1], id=reply[0])
            if kind == "puts":
                said[place] = [*said[place], asked, answered]
                sides[place].turn(lambda at=place, a=asked, b=answered: puts(loops[at], said[at], a, b))  # type: ignore[misc]
            else:
                answers[:] = [answered]
                sides[place].turn(lambda at=place, a=asked: graphs[at].invoke({"messages": [a]}, THREAD))  # type: ignore[misc]


class Times:
    """What a piece of work takes, medians of rounds: milliseconds of the client, and of both processors."""

    def __init__(self, side: Side, work: Callable[[], object], rounds: int = 9) -> None:
        self.ms: list[float] = []
        self.cpu: list[float] = []
        for _ in range(rounds):
            self.round(side, work)

    def round(self, side: Side, work: Callable[[], object]) -> None:
        cpu, own_cpu, begun = side.processor(), time.process_time(), time.perf_counter()
        work()
        self.ms.append((time.perf_counter() - begun) * 1e3)
        self.cpu.append((time.process_time() - own_cpu) * 1e3 + side.processor() - cpu)


def reads(side: Side) -> Iterator[tuple[str, float, float, str]]:
    """The latest checkpoint by who has nothing and by who has its parent; a list of ten."""
    row = side.look.execute("SELECT checkpoint::text FROM threadmem.checkpoint_get('chat')").fetchone()
    assert row
    kinds = {name: getattr(langchain_core.messages, name) for name in ("HumanMessage", "AIMessage")}

    def build() -> Any:
        messages = orjson.loads(row[0])["channel_values"]["messages"]
        return [kinds[it["id"][-1]](**it["kwargs"]) for it in messages]

    parsing = Times(side, build)
    fresh = Times(side, lambda: ThreadmemSaver(side.conn).get_tuple(THREAD))  # type: ignore[arg-type]
    writer, reader = ThreadmemSaver(side.conn), ThreadmemSaver(side.conn)
    held = Times(side, build, 0)
    for number in range(9):
        found = reader.get_tuple(THREAD)  # type: ignore[arg-type]
        assert found
        loop = Loop(writer)
        loop.config, loop.step = found.config, 5000 + number
        loop.versions = dict(found.checkpoint["channel_versions"])
        messages = [*found.checkpoint["channel_values"]["messages"], HumanMessage("One more.", id=f"more {number}")]
        loop.put("loop", {"messages": messages}, ["messages"])
        held.round(side, lambda: reader.get_tuple(THREAD))  # type: ignore[arg-type]
    one = Times(side, lambda: list(ThreadmemSaver(side.conn).list(THREAD, limit=1)), 5)  # type: ignore[arg-type]
    ten = Times(side, lambda: list(ThreadmemSaver(side.conn).list(THREAD, limit=10)), 5)  # type: ignore[arg-type]
    for what, of in (("ms", ""), ("cpu", ", processors")):
        times = {"parsing": parsing, "fresh": fresh, "held": held, "one": one, "ten": ten}
        took = {name: median(getattr(of_it, what)) for name, of_it in times.items()}
        beside = {name: f"{ms:.1f} ms" for name, ms in took.items()}
        yield f"get, new process / parsing, objects{of}", took["fresh"] / took["parsing"], 1.5, beside["fresh"]
        yield f"get, parent held / parsing, objects{of}", took["held"] / took["parsing"], 0.1, beside["held"]
        yield f"get, parent held / new process{of}", took["held"] / took["fresh"], 0.1, beside["parsing"]
        yield f"list of ten / list of one{of}", took["ten"] / took["one"], 3, beside["ten"]


def line(name: str, cells: list[float]) -> None:
    print(name.ljust(60) + "".join(f"{cell:12.2f}" for cell in cells), flush=True)


def figures(sides: list[Any], own: Any, what: str) -> list[list[float]]:
    """At turn 10 and at the last, without LangGraph's own: the client's milliseconds, or those of both processors."""
    return [
        [
            median(side.ms[part] if what == "ms" else map(sum, zip(side.own_cpu[part], side.cpu[part], strict=True)))
            - (median(own.ms[part] if what == "ms" else own.own_cpu[part]) if own.ms else 0)
            for part in (FIRST, LAST)
        ]
        for side in sides
    ]


def table(kind: str, sides: list[Side], own: Own) -> None:
    load = f"(load {os.getloadavg()[0]:.1f})"
    print(f"\n{kind}, {TURNS} turns, {os.environ.get('PGOPTIONS', '')} {load}".ljust(63) + "threadmem    postgres")
    if own.ms:
        line("  LangGraph's own ms, turn 10 and the last", [median(own.ms[part]) for part in (FIRST, LAST)])
    for what, name in (("ms", "ms a turn"), ("cpu", "ms of both processors")):
        for place, when in enumerate(("turn 10", "the last")):
            line(f"  {name}, {when}", [it[place] for it in figures(list(sides), own, what)])
    for part, when in ((FIRST, "turn 10"), (LAST, "the last")):
        line(f"  ms of the server's processor, {when}", [median(side.cpu[part]) for side in sides])
    line("  disk, MB", [side.disk / 1e6 for side in sides])
    line("  WAL, MB", [side.wal / 1e6 for side in sides])


def main() -> None:
    found: dict[str, dict[str, list[list[float]]]] = {}
    read: list[tuple[str, float, float, str]] = []
    for kind in ("puts", "graph", "delta"):
        sides, own = [Side("threadmem", kind), Side("postgres", kind)], Own()
        turns(kind, [*sides] if kind == "puts" else [*sides, own])
        table(kind, sides, own)
        found[kind] = {what: figures([*sides], own, what) for what in ("ms", "cpu")}
        if kind == "graph":
            read = list(reads(sides[0]))
        for side in sides:
            side.close()
    bounds = []
    for what, of in (("ms", ""), ("cpu", ", processors")):
        puts, graph, delta = (found[kind][what] for kind in ("puts", "graph", "delta"))
        bounds += [
            (f"puts, last turn / turn 10{of}", puts[0][1] / puts[0][0], 2, ""),
            (f"puts, last turn / PostgresSaver's{of}", puts[0][1] / puts[1][1], 0.1, ""),
            (f"graph, last turn / PostgresSaver's{of}", graph[0][1] / graph[1][1], 0.1, ""),
            (f"graph, last turn / its better mode's{of}", graph[0][1] / min(graph[1][1], delta[1][1]), 0.2, ""),
            (f"graph, turn 10 / PostgresSaver's{of}", graph[0][0] / graph[1][0], 1, ""),
            (f"delta, last turn / PostgresSaver's{of}", delta[0][1] / delta[1][1], 0.2, ""),
        ]
    bounds += read
    print()
    for name, value, bound, beside in bounds:
        print(f"ratio {name:46} {value:8.3f} (bound {bound}) {'ok' if value <= bound else 'OVER'} {beside}")


main()
