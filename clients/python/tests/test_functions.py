"""Every function can be called, and gives what its type says."""

from __future__ import annotations

import asyncio
import inspect
import typing
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb
from support import URL, functions, misfits, new_calls, new_tenant

import threadmem
from threadmem._afunctions import AsyncFunctions
from threadmem._functions import Functions

NAMES = sorted(functions(Functions))
PAGE = Path(__file__).parents[3] / "docs" / "functions.md"
# By the type in SQL: what a call may have that need not succeed.
VALUES: dict[str, object] = {
    "text": "[]",
    "text[]": ("x", "y"),
    "bigint": 2**40,
    "integer": 1,
    "boolean": False,
    "jsonb": {"a": [1]},
    "json": "x",
    "interval": timedelta(seconds=1),
    "timestamp with time zone": datetime.now(timezone.utc),
    "double precision": 0.5,
    "double precision[]": [1, 0.5],
}


class Recorder(Functions):
    """What a method sends: its function, and the arguments by name and type."""

    def _call(self, name: str, read: Any, *arguments: Any) -> Any:
        self.name = name
        self.arguments = {argument: kind for argument, kind, _ in arguments}


def recorded(name: str) -> Recorder:
    recorder = Recorder()
    method = getattr(recorder, name)
    method(*(None for _ in required(method)))
    return recorder


def required(method: Any) -> list[str]:
    return [p.name for p in inspect.signature(method).parameters.values() if p.default is p.empty]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("given", ["all", "required"])
def test_every_function_can_be_called(name: str, given: str) -> None:
    arguments = {argument: VALUES[kind] for argument, kind in recorded(name).arguments.items()}
    with psycopg.connect(URL) as conn:
        calls = threadmem.Threadmem(conn, tenant=new_tenant())
        method = getattr(calls, name)
        if given == "required":
            arguments = {argument: arguments[argument] for argument in required(method)}
        try:
            with conn.transaction(force_rollback=True):
                rows = method(**arguments)
        except threadmem.ThreadmemError as error:  # an error of the function's: others have no class of ours
            assert error.sqlstate not in {"22P02", "22P05", "57014"}
            return
        for row in rows if isinstance(rows, list) else [rows]:
            assert not hasattr(row, "__dataclass_fields__") or misfits(row) == []


def test_there_is_a_method_for_each_function() -> None:
    with new_calls() as calls:
        listed = {it.name for it in calls.help()} - {"json_patch_fold"}  # an aggregate
    assert {recorded(name).name for name in NAMES} == listed
    assert sorted(functions(AsyncFunctions)) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_both_kinds_are_alike(name: str) -> None:
    one, other = functions(Functions)[name], functions(AsyncFunctions)[name]
    assert inspect.signature(one) == inspect.signature(other)
    assert one.__doc__ == other.__doc__ and one.__doc__ and "Errors:" in one.__doc__
    assert asyncio.iscoroutinefunction(other) and not asyncio.iscoroutinefunction(one)


def test_a_conversation() -> None:
    with new_calls() as calls:
        rows: list[Any] = []
        ada = calls.user_create("ada", metadata={"plan": "free"})
        rows += [ada, calls.thread_create("trip", user_id="ada", title="Lyon")]
        question = uuid.uuid4()
        for _ in range(2):  # the id was chosen before, so it can be repeated
            added = calls.message_add("trip", "user", parts=[{"type": "text", "text": "Hi"}], message_id=question)
        assert (added.seq, added.message_id, added.text) == (1, str(question), "Hi")
        assert added.content == [{"type": "text", "text": "Hi"}]
        calls.message_add(
            "trip", "assistant", "Hello", event_at=datetime(2024, 5, 1, 12, tzinfo=timezone(timedelta(hours=2)))
        )
        page = calls.message_list("trip", max_rows=1)
        rest = calls.message_list("trip", after_position=page[-1].position)
        assert [(m.role, m.has_more) for m in page + rest] == [("user", True), ("assistant", False)]
        assert rest[0].event_at == datetime(2024, 5, 1, 10, tzinfo=timezone.utc)
        rows += page + rest + calls.message_search("hello") + calls.message_context("trip", max_tokens=100)
        rows += calls.message_last("trip") + calls.memory_search("ada", "hello") + calls.memory_episodes("ada")
        rows += calls.message_siblings("trip", question) + calls.message_revisions("trip", question)
        assert calls.memory_set_embedding("ada", [1, 0.5], thread_id="trip", message_id=str(question))

        calls.graph_define("guide", {"channels": {"stops": {"reducer": "append"}}})
        calls.run_create("trip", run_id="r1", graph_id="guide")
        run = calls.run_claim("worker", timedelta(minutes=1), graph_id="guide")
        assert run is not None and run.status == "in_progress" and run.lease_until is not None
        assert calls.run_claim("worker", graph_id="guide") is None
        key = calls.thread_update_state("trip", {"stops": ["hill"]}, as_node="plan", next=["approve"], run_id="r1")
        state = calls.thread_state("trip")
        assert (
            state.values["stops"] == ["hill"] and state.next == ["approve"] and state.checkpoint_id == key.checkpoint_id
        )
        rows += [
            run,
            key,
            state,
            calls.run_step_add("trip", "r1"),
            calls.run_complete("trip", "r1", usage={"tokens": 1}),
        ]
        rows += [
            calls.run_get("trip", "r1"),
            *calls.run_steps("trip", "r1"),
            *calls.run_list("trip"),
            *calls.thread_history("trip"),
        ]
        rows += calls.checkpoint_list("trip") + calls.graph_list() + calls.assistant_list() + calls.user_list()
        rows += [calls.assistant_create("a1"), calls.store_put(("users", "ada"), "k", {"x": None}, ttl_minutes=0.5)]
        assert calls.store_get(["users", "ada"], "k").value == {"x": None}
        rows += calls.store_search(["users"]) + calls.store_list_namespaces()
        rows += [calls.thread_get("trip"), *calls.thread_list(with_preview=True), *calls.thread_search(metadata={})]
        rows += calls.user_threads("ada") + calls.thread_storage("trip") + calls.threadmem_stats() + calls.access_list()
        calls.user_create("bob")
        rows += [calls.thread_add_participant("trip", "bob"), *calls.thread_participants("trip")]
        assert [(type(row).__name__, misfits(row)) for row in rows if misfits(row)] == []
        assert len({type(row) for row in rows}) > 20
        assert calls.current_user_id() is None and calls.message_text({"role": "user", "content": "x"}) == "x"
        assert calls.thread_count(user_id="ada") == 1 and calls.thread_gone(["trip", "gone"]) == ["gone"]
        assert {it.kind: it.deleted for it in calls.user_delete("ada")}["threads"] == 1


def test_a_row_or_none() -> None:
    with new_calls() as calls:
        assert calls.thread_get("none", missing_ok=True) is None
        with pytest.raises(threadmem.errors.NotFound):
            calls.thread_get("none")


def test_what_is_left_out_is_the_defaults_and_none_is_null() -> None:
    with new_calls() as calls:
        for i in range(21):
            calls.thread_create(f"t{i}")
        assert len(calls.thread_list()) == 20
        assert len(calls.thread_list(user_id=None, max_rows=50)) == 21
        calls.thread_update("t0", archived=True)
        assert len(calls.thread_list(max_rows=50)) == 20 and len(calls.thread_list(max_rows=50, archived=None)) == 21


def test_json() -> None:
    with new_calls() as calls:
        assert calls.json_diff(None, {"a": None}) == [{"op": "replace", "path": "", "value": {"a": None}}]
        assert calls.json_patch_apply({"a": 1}, [{"op": "add", "path": "/b", "value": "x"}]) == {"a": 1, "b": "x"}
        big = {"n": 2**70, "f": 1.5e-300, "t": "é\U0001f600"}
        assert calls.thread_create("t", metadata=big).metadata == big
        assert calls.thread_create("u", metadata=Jsonb({"a": 1})).metadata == {"a": 1}
        with pytest.raises(threadmem.errors.BadInput):
            calls.thread_create("v", metadata=Jsonb(None))


def test_what_is_no_value_of_its_type() -> None:
    with new_calls() as calls:
        with pytest.raises(ValueError, match="zone"):
            calls.message_add("t", "user", "x", event_at=datetime(2024, 5, 1))
        with pytest.raises(TypeError, match="list"):
            calls.thread_gone("trip")
        with pytest.raises(TypeError):
            calls.thread_create(no_such_argument=1)  # type: ignore[call-arg]
        with pytest.raises(psycopg.errors.NumericValueOutOfRange):
            calls.thread_list(max_rows=2**70)


def test_the_docs_of_a_method_are_those_of_the_function() -> None:
    doc = inspect.getdoc(threadmem.Threadmem.message_list) or ""
    first = doc.splitlines()[0]
    assert not PAGE.exists() or first in PAGE.read_text()


def test_a_newer_extension_has_more_columns() -> None:
    read = threadmem._call.rows(threadmem.rows.CheckpointKey)
    assert read(["thread_id", "new", "checkpoint_ns", "checkpoint_id"], [("t", 0, "", "c")]) == [
        threadmem.rows.CheckpointKey("t", "", "c")
    ]


def test_annotations_can_be_read() -> None:
    hints = typing.get_type_hints(threadmem.Threadmem.memory_search)
    assert hints["embedding"] == Sequence[float] | None and hints["return"] == list[threadmem.rows.MemoryHit]
