"""Threads that real graphs made with PostgresSaver move in, and every state of them is the same."""

from __future__ import annotations

import enum
import json
import os
import subprocess
import sys
import types
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import make_dataclass
from datetime import datetime
from typing import Any, NamedTuple

import psycopg
import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.checkpoint.serde.types import _DeltaSnapshot
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.types import Send
from psycopg.rows import dict_row
from support import URL, at, checkpoint, new_tenant
from test_graphs import SCENARIOS, Look
from test_javascript import CLIENT, NODE, node
from test_values import OWN, VALUES, Fixed, same
from test_values import Place as Town
from threadmem_langgraph import ThreadmemSaver, mover
from threadmem_langgraph.mover import Report, move

postgres = pytest.importorskip("langgraph.checkpoint.postgres")
PostgresSaver = postgres.PostgresSaver
pytestmark = pytest.mark.filterwarnings("ignore")


class Place:
    """A database of PostgresSaver's, and a tenant of threadmem's."""

    def __init__(self, conn: psycopg.Connection[Any], target: psycopg.Connection[Any], schema: str) -> None:
        self.conn, self.target, self.schema = conn, target, schema
        self.old = PostgresSaver(conn)
        self.old.setup()
        self.tenant = new_tenant()
        self.new = ThreadmemSaver(target, tenant=self.tenant, allow=OWN, fold=False)

    def move(self, **more: Any) -> Report:
        # A connection of its own: the saver's holds the rows of a list while they are read.
        with psycopg.connect(URL, autocommit=True, options=f"-c search_path={self.schema}") as source:
            return move(source, self.target, tenant=self.tenant, **more)

    def put(self, thread: str, values: dict[str, Any], parent: Any = None, **more: Any) -> Any:
        stored = checkpoint(values, **more)
        config = parent or at(thread)
        return self.old.put(config, stored, {"source": "loop", "step": 0, "parents": {}}, stored["channel_versions"])

    def is_moved(self, thread: str, better: list[Any] | None = None) -> int:
        """Compares all that both savers have of it. Of a value that PostgresSaver loses, ours is better."""

        def alike(one: Any, other: Any) -> bool:
            return bool(better[0] == other) if better else same(one, other)

        before, after = list(self.old.list(_all(thread))), list(self.new.list(_all(thread)))
        assert [it.config for it in before] == [it.config for it in after]
        for tuples in zip(before, after, strict=True):
            one: Any = tuples[0]
            other: Any = tuples[1]
            assert one.parent_config == other.parent_config and one.metadata == other.metadata
            values, others = one.checkpoint.pop("channel_values"), other.checkpoint.pop("channel_values")
            assert one.checkpoint == other.checkpoint and values.keys() == others.keys()
            for channel in values.keys() - ({"y", "a"} if better else {}):
                assert alike(values[channel], others[channel]), (values[channel], others[channel])
            written, rewritten = one.pending_writes or [], other.pending_writes or []
            assert [it[:2] for it in written] == [it[:2] for it in rewritten]
            for write, rewrite in zip(written[:1] if better else written, rewritten):
                assert alike(write[2], rewrite[2])
            # Of LangGraph's own no history is asked; PostgresSaver takes their null for no value.
            channels = [it for it in one.checkpoint["channel_versions"] if not it.startswith(("branch:", "__", "none"))]
            histories = [
                saver.get_delta_channel_history(config=one.config, channels=channels) for saver in (self.old, self.new)
            ]
            assert better or same(dict(histories[0]), dict(histories[1]))
        return len(before)


def _all(thread: str) -> Any:
    return {"configurable": {"thread_id": thread}}


@pytest.fixture
def place() -> Iterator[Place]:
    schema = f"postgres_saver_{uuid.uuid4().hex}"
    options = f"-c search_path={schema}"
    with (
        psycopg.connect(URL, autocommit=True, row_factory=dict_row, options=options) as conn,
        psycopg.connect(URL, autocommit=True) as target,
    ):
        conn.execute(f"CREATE SCHEMA {schema}")
        try:
            yield Place(conn, target, schema)
        finally:
            conn.execute(f"DROP SCHEMA {schema} CASCADE")


@pytest.mark.parametrize("work", SCENARIOS, ids=lambda work: work.__name__)
async def test_graphs(place: Place, work: Any) -> None:
    await work(place.old, Look(place.old, True))
    report = place.move()
    assert (report.moved, report.failed, report.skipped) == (1, {}, {})
    assert place.is_moved("t") == report.checkpoints > 4


@contextmanager
def module(name: str, **members: Any) -> Iterator[None]:
    """A module that can be imported, for some time."""
    sys.modules[name] = types.ModuleType(name)
    for member, value in members.items():
        value.__module__ = name
        setattr(sys.modules[name], member, value)
    try:
        yield
    finally:
        del sys.modules[name]


def test_a_thread_goes_on_where_it_is_now(place: Place) -> None:
    def model(state: MessagesState) -> Any:
        return {"messages": [AIMessage(f"a{len(state['messages'])}", id=f"a{len(state['messages'])}")]}

    builder = StateGraph(MessagesState).add_node("model", model).add_edge(START, "model")
    old, new = builder.compile(checkpointer=place.old), builder.compile(checkpointer=place.new)
    for turn in range(3):
        old.invoke({"messages": [HumanMessage(f"h{turn}", id=f"h{turn}")]}, at("t"))
    assert place.move().moved == 1
    for graph in (old, new):
        graph.invoke({"messages": [HumanMessage("h3", id="h3")]}, at("t"))
    states = [graph.get_state(at("t")) for graph in (old, new)]
    assert states[0].values == states[1].values and len(states[1].values["messages"]) == 8
    assert states[1].config["configurable"]["checkpoint_id"]
    with place.target.transaction():
        place.target.execute("SELECT set_config('threadmem.tenant', %s, true)", (place.tenant,))
        said = place.target.execute("SELECT text FROM threadmem.message_list('t')").fetchall()
    assert [row[0] for row in said] == ["h0", "a1", "h1", "a3", "h2", "a5", "h3", "a7"]
    # Each was said when the first checkpoint was made that has it.
    times: dict[str, datetime] = {}
    tuples = list(place.old.list(_all("t")))[::-1]
    for one in tuples:
        for message in one.checkpoint["channel_values"].get("messages", []):
            times.setdefault(message.id, datetime.fromisoformat(one.checkpoint["ts"]))
    query = "SELECT message_id, event_at FROM threadmem_data.messages WHERE tenant_id = %s AND seq <= 6"
    moved = place.target.execute(query, (place.tenant,)).fetchall()
    assert {row[0]: row[1] for row in moved} == {id: times[id] for id, _ in moved} and len(moved) > 4
    query = "SELECT created_at FROM threadmem_data.threads WHERE tenant_id = %s"
    assert place.target.execute(query, (place.tenant,)).fetchall() == [
        (datetime.fromisoformat(tuples[0].checkpoint["ts"]),)
    ]
    # It went on in both databases, and neither is changed for that.
    assert "both" in place.move().failed["t"]
    assert len(new.get_state(at("t")).values["messages"]) == 8


def test_values(place: Place) -> None:
    """What PostgresSaver itself gives back is what moves, of every kind of value that it takes."""
    names = []
    for name, value in VALUES.items():
        try:
            place.put(f"t {name}", {"x": value, "y": [value]})
            place.old.put_writes(place.put(f"w {name}", {"a": 1}), [("x", value), ("y", {"k": value})], "task")
            list(place.old.list(_all(f"t {name}")))
        except (TypeError, psycopg.Error):  # what it does not take
            for table in ("checkpoints", "checkpoint_blobs", "checkpoint_writes"):
                place.conn.execute(f"DELETE FROM {table} WHERE thread_id = ANY(%s)", ([f"t {name}", f"w {name}"],))
            continue
        names.append(name)
    report = place.move()
    assert (report.failed, report.moved) == ({}, 2 * len(names)) and len(names) > 20
    places = [Town("Lyon", ["a"]), Fixed(Town("x")), Town("y"), VALUES["dataclasses"][3]]
    better = {  # the class is called with what it does not take: a field without init, a list for a tuple
        "dataclasses": [places],
        "enums": [VALUES["enums"]],
        "sets": [VALUES["sets"]],
    }
    for name in names:
        assert place.is_moved(f"t {name}", better.get(name)) == place.is_moved(f"w {name}", better.get(name)) == 1


def test_classes_that_are_gone(place: Place) -> None:
    plan = make_dataclass("Plan", [("name", str), ("steps", list)])

    class Pair(NamedTuple):
        left: int
        right: str

    colour = enum.Enum("Colour", {"RED": "red", "NONE": None})
    classes: dict[str, Any] = {"Plan": plan, "Pair": Pair, "Colour": colour}
    with module("gone_for_good", **classes):
        inner = plan("inner", [colour.RED])
        values = {
            "plan": plan("p", [1, b"\0", inner]),
            "pair": [Pair(1, "x")],
            "colour": {"k": [colour.RED, colour.NONE]},
            "colours": {colour.RED},
            "said": [AIMessage("x", id="m", additional_kwargs={"plan": colour.RED})],
        }
        place.put("t", values)
        place.old.put_writes(place.put("w", {"a": 1}), [("x", plan("p", []))], "task")
    report = place.move()
    assert (report.failed, report.moved) == ({}, 2)
    assert report.classes == {("gone_for_good", name) for name in classes}
    stored = place.new.get_tuple(at("t"))
    assert stored is not None and stored.checkpoint["channel_values"]["plan"]["name"] == "p"
    place.new.put(at("u"), stored.checkpoint, {}, stored.checkpoint["channel_versions"])
    threads = ["t", "u"]
    if NODE and (CLIENT / "dist").exists():  # JavaScript carries what it has no class for
        node("mirror.mjs", place.tenant, "t", "v")
        threads.append("v")
    with module("gone_for_good", **classes):
        allowed = ThreadmemSaver(
            place.target, tenant=place.tenant, allow=[(name[0], name[1]) for name in report.classes]
        )
        for thread in threads:  # written back as it was, it is still what it was
            found = allowed.get_tuple(at(thread))
            assert found is not None and same(found.checkpoint["channel_values"], values)
        there = allowed.get_tuple(at("w"))
        assert there is not None and there.pending_writes == [("task", "x", plan("p", []))]


def test_numbers_for_versions_and_scalars_in_the_checkpoint(place: Place) -> None:
    first = place.put(
        "t",
        {"n": 1, "s": "x", "b": True, "none": None, "l": [1]},
        channel_versions=dict.fromkeys("nsbl", 1) | {"none": 2.5},
    )
    second = checkpoint({"n": 2, "s": "x", "b": True, "none": None, "l": [1]})
    second["channel_versions"] = {"n": 2, "s": 1, "b": 1, "none": 2.5, "l": 1}
    place.old.put(first, second, {"step": 1}, {"n": 2})
    # Two branches that give one version to different values: what lies in the checkpoint is its own.
    third = checkpoint({"n": 3, "s": "other", "l": [1]}) | {"channel_versions": {"n": 2, "s": 1, "l": 1}}
    place.old.put(first, third, {"step": 1}, {"n": 2})
    snapshot = checkpoint({"d": _DeltaSnapshot([1, 2]), "l": [2]})
    snapshot["channel_versions"] = {"d": 3, "l": 3}
    last = place.old.put(at("t", third["id"]), snapshot, {"step": 2}, {"d": 3, "l": 3})
    after = checkpoint({"l": [2]}) | {"channel_versions": {"d": 3, "l": 3}}
    place.old.put(last, after, {"step": 3}, {})
    assert place.move().failed == {} and place.is_moved("t") == 5


def test_checkpoints_before_version_4(place: Place) -> None:
    parent = place.put("t", {"a": [1]}, v=1, pending_sends=[])
    for task, path in (("t2", "~b"), ("t1", "~c"), ("t3", "~a")):
        place.old.put_writes(parent, [("__pregel_tasks", Send(task, {"x": (1,)})), ("a", task)], task, path)
    place.put("t", {"a": [2]}, parent, v=1, channel_versions={"a": 2})
    assert place.move().failed == {} and place.is_moved("t") == 2
    found = place.new.get_tuple(at("t"))
    assert found is not None and [it.node for it in found.checkpoint["channel_values"]["__pregel_tasks"]] == [
        "t3",
        "t2",
        "t1",
    ]


def test_the_json_of_old(place: Place) -> None:
    config = place.put(
        "t", {"said": [1], "other": [2], "u": [3]}, channel_versions=dict.fromkeys(("said", "other", "u"), "01.5")
    )
    said = {
        "lc": 1,
        "type": "constructor",
        "id": ["langchain", "schema", "messages", "HumanMessage"],
        "kwargs": {"content": "hi", "type": "human", "id": "h"},
    }
    gone = {"lc": 2, "type": "constructor", "id": ["app", "models", "Plan"], "kwargs": {"name": "p"}}
    one = {"lc": 2, "type": "constructor", "id": ["uuid", "UUID"], "args": ["12345678123456781234567812345678"]}
    for channel, value in (("said", [said]), ("other", gone), ("u", one)):
        place.conn.execute(
            "UPDATE checkpoint_blobs SET type = 'json', blob = %s WHERE channel = %s",
            (json.dumps(value).encode(), channel),
        )
    report = place.move()
    assert (
        report.failed == {} and report.classes == {("app", "models.Plan")} or report.classes == {("app.models", "Plan")}
    )
    values = place.new.get_tuple(config).checkpoint["channel_values"]  # type: ignore[union-attr]
    assert values["said"] == [HumanMessage("hi", id="h")] and values["u"] == uuid.UUID(one["args"][0])
    assert values["other"] == {"name": "p"}


def test_a_thread_of_javascript_is_named(place: Place) -> None:
    place.put("ours", {"a": [1]})
    place.put("theirs", {"a": [1], "b": [2]}, channel_versions={"a": 1, "b": 2})
    place.conn.execute("UPDATE checkpoint_blobs SET type = 'json', blob = '[1]' WHERE thread_id = 'theirs'")
    report = place.move()
    assert report.moved == 1 and list(report.skipped) == ["theirs"] and "LangGraph.js" in report.skipped["theirs"]
    assert place.new.get_tuple(at("theirs")) is None


def test_what_cannot_be_read_is_named_and_the_rest_moves(place: Place) -> None:
    for thread, kind in (("a", "pickle"), ("b", "msgpack+aes"), ("c", "msgpack"), ("d", None)):
        place.put(thread, {"x": [1]}, channel_versions={"x": "1.1"})
        if kind:
            query = "UPDATE checkpoint_blobs SET type = %s, blob = %s WHERE thread_id = %s"
            place.conn.execute(query, (kind, b"\xc1", thread))
    report = place.move()
    assert report.moved == 1 and sorted(report.failed) == ["a", "b", "c"]
    assert all("'x'" in why for why in report.failed.values()) and "pickle" in report.failed["a"]
    assert [place.new.get_tuple(at(it)) is None for it in "abcd"] == [True, True, True, False]


def test_it_goes_on_where_it_was_interrupted(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mover, "BATCH", 2)
    config = at("t")
    for step in range(7):
        config = place.put("t", {"l": list(range(step))}, config, channel_versions={"l": f"{step}.0"})
        place.old.put_writes(config, [("x", step), ("__interrupt__", [])], f"task {step}")

    def stops(report: Report) -> None:
        if report.checkpoints >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        place.move(told=stops)
    assert len(list(place.new.list(_all("t")))) == 4
    report = place.move()
    assert (report.moved, report.failed) == (1, {}) and place.is_moved("t") == 7
    report = place.move()
    assert (report.moved, report.present) == (0, 1)
    place.old.put_writes(config, [("y", 1)], "another task")  # what came meanwhile
    place.put("t", {"l": ["new"]}, config, channel_versions={"l": "8.0"})
    assert place.move().moved == 1 and place.is_moved("t") == 8


def test_writes_of_no_checkpoint_and_of_two_kinds(place: Place) -> None:
    config = place.put("t", {"a": [1]})
    place.old.put_writes(
        config, [("x", 1), ("__error__", ValueError("no")), ("y", 2), ("__interrupt__", [])], "t1", "~p"
    )
    place.old.put_writes(config, [("__resume__", ["yes"])], "t1", "~p")
    place.old.put_writes(at("t", "1f000000-0000-6000-8000-000000000000"), [("x", b"late")], "t2")
    assert place.move().failed == {} and place.is_moved("t") == 1
    numbers = "SELECT idx, channel FROM threadmem_data.checkpoint_writes WHERE tenant_id = %s ORDER BY task_id, idx"
    moved = place.target.execute(numbers, (place.tenant,)).fetchall()
    was = place.conn.execute("SELECT idx, channel FROM checkpoint_writes ORDER BY task_id, idx").fetchall()
    assert moved == [(it["idx"], it["channel"]) for it in was] and len(was) == 6


def test_what_is_not_the_same_is_told(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.put("t", {"x": ["before"], "n": 1})
    called = mover.call

    def changes(name: str, args: Any, *more: Any) -> Any:
        return called(
            name, {it: v.replace("before", "after") if isinstance(v, str) else v for it, v in args.items()}, *more
        )

    monkeypatch.setattr(mover, "call", changes)
    assert "'x'" in place.move().failed["t"] and place.new.get_tuple(at("t")) is None
    monkeypatch.undo()
    assert place.move().moved == 1


def test_the_command(place: Place) -> None:
    for thread in "ab":
        place.put(thread, {"x": [1]})
    place.put("c", {"x": [1]}, channel_versions={"x": "1.1"})
    place.conn.execute("UPDATE checkpoint_blobs SET type = 'pickle' WHERE thread_id = 'c'")

    def run(*more: str) -> subprocess.CompletedProcess[str]:
        source = psycopg.conninfo.make_conninfo(URL, options=f"-c search_path={place.schema}")
        command = [sys.executable, "-m", "threadmem_langgraph", "import", "--from", source, "--tenant", place.tenant]
        return subprocess.run(
            [*command, "--to", URL, *more],
            check=False,
            capture_output=True,
            text=True,
            env=dict(os.environ),
            timeout=60,
        )

    done = run("--thread", "a")
    assert done.returncode == 0 and "1 threads moved with 1 checkpoints" in done.stdout, done.stderr
    done = run()
    assert done.returncode == 1 and "not moved c: " in done.stdout and "1 were there" in done.stdout
    assert place.is_moved("a") == place.is_moved("b") == 1
    assert run("--nonsense").returncode == 2
    done = run("--thread", "nobody's")
    assert done.returncode == 1 and "no such thread" in done.stdout
