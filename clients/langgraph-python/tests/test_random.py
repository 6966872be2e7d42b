"""Random values go to the database and back, through the client for JavaScript too, and are the same in value and type.

THREADMEM_SEEDS says how many (200 unless told otherwise). The exceptions are in the README: in JavaScript 1.0 becomes 1,
and two halves of a character that stand side by side become the character.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langgraph.types import Send
from support import URL, at, checkpoint, new_saver
from test_values import OWN, VALUES, Colour, Fixed, Level, Name, Place, Point, Signed, State, Trip, same

SEEDS = int(os.environ.get("THREADMEM_SEEDS", "200"))
BATCH = 50
JAVASCRIPT = Path(__file__).parent.parent.parent / "langgraph-js"

LEAVES: list[Any] = [
    leaf
    for name, value in VALUES.items()
    if name not in ("deep", "messages", "langgraph's")
    for leaf in (value if isinstance(value, list) else [value])
]
KEYS = [
    "a",
    "b",
    "lc",
    "__threadmem__",
    "__lc_escaped__",
    "type",
    "id",
    "kwargs",
    "__proto__",
    "constructor",
    "\0",
    "1",
]
PIECES = ["\0", "\x1a", "\ud83d", "\ude00", "\U0001f600", "0000", "d83d", "\\u", '"', "a", "threadmem:", "é", "\n"]


def number(rng: random.Random) -> Any:
    return rng.choice(
        [rng.randint(-(10**20), 10**20), rng.randint(-9, 9), rng.uniform(-1e18, 1e18), rng.random(), 2.0**60]
    )


def text(rng: random.Random) -> str:
    return "".join(rng.choice(PIECES) for _ in range(rng.randrange(5)))


def hashable(rng: random.Random) -> Any:
    return rng.choice([text, number, lambda it: (number(it), text(it)), lambda _: Colour.RED, lambda _: Level.HIGH])(
        rng
    )


def value(rng: random.Random, depth: int = 4) -> Any:
    if depth == 0 or rng.random() < 0.3:
        return rng.choice([lambda: rng.choice(LEAVES), lambda: number(rng), lambda: text(rng), lambda: None])()

    def inner() -> Any:
        return value(rng, depth - 1)

    def several() -> list[Any]:
        return [inner() for _ in range(rng.randrange(4))]

    def members() -> dict[str, Any]:
        return {rng.choice([rng.choice(KEYS), text(rng)]): inner() for _ in range(rng.randrange(4))}

    return rng.choice(
        [
            several,
            members,
            lambda: tuple(several()),
            lambda: {hashable(rng): inner() for _ in range(rng.randrange(3))},
            lambda: {hashable(rng) for _ in range(rng.randrange(3))},
            lambda: frozenset({hashable(rng)}),
            lambda: Place(text(rng), several()),
            lambda: Fixed(inner()),
            lambda: Trip.model_construct(name=inner(), extra=inner()),
            lambda: Point(inner(), inner()),
            lambda: State(members()),
            lambda: Name(text(rng)),
            lambda: HumanMessage(text(rng), id=text(rng) or "h", additional_kwargs=members()),
            lambda: Signed(text(rng), id="s", signature=text(rng), response_metadata=members()),
            lambda: ToolMessage(text(rng), tool_call_id=text(rng), artifact=inner()),
            lambda: AIMessage(
                text(rng), tool_calls=[{"name": "f", "args": members(), "id": text(rng), "type": "tool_call"}]
            ),
            lambda: Send(text(rng), inner()),
        ]
    )()


def javascript(it: Any) -> Any:
    """What stays of a value that JavaScript has rewritten, and of one that it has not, alike."""
    if type(it) is float and it.is_integer() and abs(it) < 1e16 and repr(it) != "-0.0":
        return int(it)
    if type(it) in (str, Name):
        return type(it)(it.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass"))
    return it


@pytest.mark.parametrize("start", range(0, SEEDS, BATCH))
def test_random_values(start: int) -> None:
    values = {f"c{seed}": value(random.Random(seed)) for seed in range(start, start + BATCH)}
    with new_saver(allow=OWN) as saver:
        config = saver.put(at("t"), checkpoint(values), {"source": "loop", "step": 0}, dict.fromkeys(values, 1))  # type: ignore[arg-type]
        saver.put_writes(config, [*values.items()], "task")
        compare(saver.get_tuple(config), values, same)
        node = shutil.which("node")
        if node is None or not (JAVASCRIPT / "dist").exists():
            return
        command = [node, str(Path(__file__).parent / "mirror.mjs"), str(JAVASCRIPT), URL, saver._tenant or "", "t", "u"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        compare(saver.get_tuple(at("u")), values, lambda one, other: same(one, other, javascript))


def compare(found: Any, values: dict[str, Any], equal: Any) -> None:
    for name, expected in values.items():
        back = found.checkpoint["channel_values"][name]
        assert equal(expected, back), f"{name}: {expected!r} is {back!r}"
    writes = {channel: written for _, channel, written in found.pending_writes}
    for name, expected in values.items():
        assert equal(expected, writes[name]), name
