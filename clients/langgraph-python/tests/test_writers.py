"""A step that JavaScript has half done: what is done twice is told, once. test_javascript.py has a real one."""

from __future__ import annotations

import uuid
import warnings
from typing import Any

import pytest
from langgraph.types import Interrupt
from support import at, both_savers, checkpoint

PYTHON, JAVASCRIPT = "2026-01-02T03:04:05.678901+00:00", "2026-01-02T03:04:05.678Z"
HASHES = [f"{n}032f834-b300-ad2a-c8c0-442a99e8b641" for n in range(3)]
# What JavaScript's are, and a hash is once in 64 times.
FIVES = [str(uuid.uuid5(uuid.NAMESPACE_URL, str(n))) for n in range(3)]

DONE: Any = [("log", ["x"])]
ASKED: Any = [("__interrupt__", [Interrupt("question", id="i")])]
ANSWERED: Any = [("__resume__", ["a", "b"])]
AGAIN = "1 finished task runs again"
ANEW = "a subgraph in progress begins anew"

# Who put the checkpoint, what tasks have written, who put a subgraph's checkpoint, and what is told.
STEPS: dict[str, tuple[str, list[tuple[str, Any]], str | None, str | None]] = {
    "done in JavaScript": (JAVASCRIPT, [(FIVES[0], DONE)], None, AGAIN),
    "asked in JavaScript, which costs nothing": (JAVASCRIPT, [(FIVES[0], ASKED)], None, None),
    "answered": (JAVASCRIPT, [(FIVES[0], ANSWERED + ASKED)], None, "2 answered questions are asked again"),
    "in a subgraph": (JAVASCRIPT, [(FIVES[0], ASKED)], JAVASCRIPT, ANEW),
    "in a subgraph, from a checkpoint of Python's": (PYTHON, [(FIVES[0], ASKED)], JAVASCRIPT, ANEW),
    "two of one, from a checkpoint of Python's": (
        PYTHON,
        [(FIVES[0], DONE), (FIVES[1], ASKED)],
        JAVASCRIPT,
        f"{AGAIN}, {ANEW}",
    ),
    "three, from a checkpoint of Python's": (
        PYTHON,
        [(FIVES[0], DONE), (FIVES[1], DONE), (FIVES[2], ASKED)],
        None,
        "2 finished tasks run again",
    ),
    "Python's own": (PYTHON, [(HASHES[0], DONE), (HASHES[1], ASKED)], PYTHON, None),
    "Python's own, from a checkpoint of JavaScript's": (
        JAVASCRIPT,
        [(HASHES[0], DONE), (HASHES[1], ASKED)],
        None,
        None,
    ),
    "Python's own that looks so": (PYTHON, [(FIVES[0], DONE)], None, None),
    "Python's own that look so": (PYTHON, [(FIVES[0], DONE), (FIVES[1], ASKED)], PYTHON, None),
    "gone on with in Python": (JAVASCRIPT, [(FIVES[0], DONE), (HASHES[0], DONE)], JAVASCRIPT, None),
    "other programs'": (JAVASCRIPT, [("somebody's task", DONE), (f"{uuid.UUID(int=1)}", DONE)], None, None),
    "nothing": (JAVASCRIPT, [], None, None),
}


@pytest.mark.parametrize("name", STEPS)
async def test_step(name: str) -> None:
    by, tasks, below_by, told = STEPS[name]
    async with both_savers() as savers:
        for saver in savers:
            stored = checkpoint({"log": []}, ts=by)
            config = await saver.aput(at("t"), stored, {"source": "loop", "step": 0, "parents": {}}, {"log": 1})
            for task, writes in tasks:
                for write in writes:
                    await saver.aput_writes(config, [write], task, "~path")
            if below_by is not None:
                below: Any = {"source": "loop", "step": 0, "parents": {"": stored["id"]}}
                await saver.aput(at("t", None, "sub:x"), checkpoint({}, ts=below_by), below, {})
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                await saver.aget_tuple(at("t"))
                await saver.aget_tuple(config)
                assert [it async for it in saver.alist(at("t"))] != []
                assert caught == [], "who only looks"
                await saver.aget_tuple(at("t", __pregel_runtime=None))
            begun = "a step of the thread t was begun in JavaScript and goes on in Python: "
            assert [str(it.message) for it in caught] == ([] if told is None else [begun + told])
