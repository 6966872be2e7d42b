"""A step that JavaScript has half done and Python goes on with.

The two languages give the tasks of a step other ids. So tasks that are done in one are not known to the other, which
runs them again, and a warning says so. JavaScript's ids are UUIDs of version 5. Python's are the bits of a hash, which
look so once in 64 times: a checkpoint of JavaScript's (its ``ts`` ends in Z), of this graph or of one below, or a third
id must bear it out.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from typing import Any, NamedTuple

from langgraph.checkpoint.base import CheckpointTuple
from langgraph.checkpoint.serde.types import ERROR, INTERRUPT, RESUME, SCHEDULED

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{12}")
# Of inputs and answers, which have no task. Those of an answer to one question have what is no UUID.
_NO_TASK = "00000000-0000-0000-0000-"
_UNFINISHED = frozenset({ERROR, INTERRUPT, RESUME, SCHEDULED, "__error_source_node__"})
_ENOUGH = 3


class HalfStep(NamedTuple):
    """What of a step is done twice."""

    tasks: int
    """All that look like JavaScript's."""
    done: int
    """Those that are done, and run again."""
    answered: int
    """Questions that were answered, and are asked again."""
    asked: bool
    """Something was asked: perhaps in a subgraph, which begins anew."""
    by_javascript: bool
    """Whether this is borne out."""

    def __bool__(self) -> bool:
        return self.done > 0 or self.answered > 0 or self.asked


def is_javascript(timestamp: object) -> bool:
    return isinstance(timestamp, str) and timestamp.endswith("Z")


def half_step(found: CheckpointTuple) -> HalfStep | None:
    """None where Python has been at this step: what is its own it knows."""
    by_task: dict[str, list[tuple[str, Any]]] = {}
    for task, channel, value in found.pending_writes or ():
        if _UUID.fullmatch(task) and not task.startswith(_NO_TASK):
            by_task.setdefault(task, []).append((channel, value))
    if not all(map(_looks_like_javascript, by_task)):
        return None
    writes = [write for own in by_task.values() for write in own]
    return HalfStep(
        tasks=len(by_task),
        done=sum(any(channel not in _UNFINISHED for channel, _ in own) for own in by_task.values()),
        answered=sum(_answers(value) for channel, value in writes if channel == RESUME),
        asked=any(channel == INTERRUPT for channel, _ in writes),
        by_javascript=len(by_task) >= _ENOUGH or is_javascript(found.checkpoint.get("ts")),
    )


def _looks_like_javascript(task: str) -> bool:
    found = _UUID.fullmatch(task)
    return found is not None and found[1] == "5" and found[2] in "89ab"


def _answers(value: Any) -> int:
    return len(value) if isinstance(value, list) else 1


def warn_of_half_step(thread_id: str, step: HalfStep, below: Iterable[object]) -> None:
    """Tells it, unless it is nothing. ``below``: the times of checkpoints of its subgraphs."""
    times = list(below)
    if not (step.by_javascript or any(map(is_javascript, times))):
        return
    again = [
        f"{step.done} finished {'task runs' if step.done == 1 else 'tasks run'} again" if step.done else "",
        f"{step.answered} answered {'question is' if step.answered == 1 else 'questions are'} asked again"
        if step.answered
        else "",
        "a subgraph in progress begins anew" if step.asked and times else "",
    ]
    if any(again):
        warnings.warn(
            f"a step of the thread {thread_id} was begun in JavaScript and goes on in Python: "
            f"{', '.join(filter(None, again))}",
            stacklevel=4,
        )
