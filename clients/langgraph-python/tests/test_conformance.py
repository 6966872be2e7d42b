"""LangGraph's own suite for checkpointers: all of its capabilities, all of its tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from langgraph.checkpoint.conformance import checkpointer_test, validate
from support import new_async_saver, new_saver


@checkpointer_test(name="ThreadmemSaver")
async def sync_saver() -> AsyncIterator[Any]:
    with new_saver() as saver:
        yield saver


@checkpointer_test(name="AsyncThreadmemSaver")
async def async_saver() -> AsyncIterator[Any]:
    async with new_async_saver() as saver:
        yield saver


async def passes(registered: Any) -> None:
    report = await validate(registered)
    failed = {name: result.failures for name, result in report.results.items() if result.failures}
    assert not failed, failed
    assert all(result.detected for result in report.results.values()), report.results
    assert len(report.results) == 8
    assert sum(result.tests_passed for result in report.results.values()) == 81


async def test_sync() -> None:
    await passes(sync_saver)


async def test_async() -> None:
    await passes(async_saver)
