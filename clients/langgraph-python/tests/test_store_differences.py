"""Where LangGraph's two stores disagree, or both do what nobody wants: what each of them does, and what is done here.

The README has the list. Whatever is not in it is the same, which test_store.py shows.
"""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from langgraph.store.base import PutOp
from stores import OURS, THEIRS, Both, Letters, keys, opened, outcome

DOCS = ("docs",)
WHEN = datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc)


async def found(store: Both, value: Any, **filter: Any) -> bool:
    await store.put(DOCS, "k", value)
    return await store.search(DOCS, filter=filter) != []


async def created_at_survives(store: Both) -> bool:
    await store.put(DOCS, "k", {})
    first = (await store.get(DOCS, "k")).created_at
    await store.put(DOCS, "k", {})
    return bool((await store.get(DOCS, "k")).created_at == first)


async def emptied_is_listed(store: Both) -> bool:
    await store.put(DOCS, "k", {})
    await store.delete(DOCS, "k")
    return await store.list_namespaces() != []


async def order(store: Both) -> str:
    for key in "aba":
        await store.put(DOCS, key, {})
    return "".join(keys(await store.search(DOCS)))


async def query_without_index(store: Both) -> str:
    await store.put(DOCS, "a", {"text": "the red house"})
    await store.put(DOCS, "b", {"text": "a blue boat"})
    return "".join(sorted(keys(await store.search(DOCS, query="Which houses are there?"))))


async def back(store: Both, value: Any) -> Any:
    await store.put(DOCS, "k", {"v": value})
    return (await store.get(DOCS, "k")).value["v"]


async def changed_later(store: Both) -> Any:
    value: dict[str, Any] = {"list": [1]}
    await store.put(DOCS, "k", value)
    value["list"].append(2)
    return (await store.get(DOCS, "k")).value["list"]


async def expired(store: Both) -> Any:
    await store.put(DOCS, "k", {}, ttl=0.002)
    await asyncio.sleep(0.2)
    return await store.get(DOCS, "k", refresh_ttl=False) is not None


async def refreshed_half_minute(store: Both) -> Any:
    await store.put(DOCS, "k", {}, ttl=0.4)
    await store.get(DOCS, "k")
    return await store.get(DOCS, "k") is not None and await store.sweep() == 0


async def batch(store: Both, namespace: tuple[str, ...]) -> Any:
    return await store.batch([PutOp(namespace, "k", {})])


# What is asked, and what comes of it: InMemoryStore, PostgresStore, here.
DIFFERENCES: dict[str, tuple[Callable[[Both], Awaitable[Any]], Any, Any, Any]] = {
    "numbers are ordered as numbers": (lambda s: found(s, {"n": 10}, n={"$gt": 9}), True, False, True),
    "text is ordered as text": (lambda s: found(s, {"t": "b"}, t={"$gt": "a"}), "ValueError", True, True),
    "no order between types": (lambda s: found(s, {"n": "10"}, n={"$lt": 11}), True, True, False),
    "no order of a missing field": (lambda s: found(s, {}, n={"$gt": 1}), "TypeError", False, False),
    "a missing field is unequal": (lambda s: found(s, {}, n={"$ne": 1}), True, False, True),
    "a missing field is not null": (lambda s: found(s, {}, n={"$ne": None}), False, False, True),
    "null is not a missing field": (lambda s: found(s, {}, n=None), True, False, False),
    "null is null": (lambda s: found(s, {"n": None}, n=None), True, True, True),
    "true is not 1": (lambda s: found(s, {"n": 1}, n=True), True, False, False),
    "an object is contained": (lambda s: found(s, {"o": {"a": 1, "b": 2}}, o={"a": 1}), True, "ValueError", True),
    "created_at survives": (created_at_survives, False, True, True),
    "an emptied namespace is listed": (emptied_is_listed, True, False, False),
    "without a query what was put last is first": (order, "ab", "ab", "ab"),
    "a query without an index": (query_without_index, "ab", "ab", "a"),
    "a tuple": (lambda s: back(s, (1, 2)), (1, 2), [1, 2], (1, 2)),
    "a date": (lambda s: back(s, WHEN), WHEN, "TypeError", WHEN),
    "an int beyond 64 bits": (lambda s: back(s, 2**70), 2**70, 2**70, 2**70),
    "text with U+0000": (lambda s: back(s, "a\0b"), "a\0b", "22P05", "a\0b"),
    "a value that is changed later": (changed_later, [1, 2], [1], [1]),
    "an expired item is read": (expired, "NotImplementedError", True, False),
    "a refresh of less than a minute": (refreshed_half_minute, "NotImplementedError", False, True),
    "a label with a period, in a batch": (lambda s: batch(s, ("a.b",)), [None], *["InvalidNamespaceError"] * 2),
    "no label, in a batch": (lambda s: batch(s, ()), [None], [None], "InvalidNamespaceError"),
    "LangGraph's label, in a batch": (lambda s: batch(s, ("langgraph",)), [None], [None], "InvalidNamespaceError"),
    "a limit below 0": (lambda s: s.search(DOCS, limit=-1), [], "2201W", "ValueError"),
}


@pytest.mark.parametrize("name", [*THEIRS, *OURS])
@pytest.mark.parametrize("question", DIFFERENCES)
async def test_difference(question: str, name: str) -> None:
    ask, *answers = DIFFERENCES[question]
    async with opened(name, ttl={"default_ttl": None}) as store:
        expected = answers[["InMemoryStore", "PostgresStore", "threadmem"].index(store.kind)]
        answer = await outcome(ask(store))
        assert (answer, type(answer)) == (expected, type(expected))


@pytest.mark.parametrize("name", [*THEIRS[:2], *OURS])
async def test_items_without_a_vector(name: str) -> None:
    """InMemoryStore fills up what is too short with them; PostgresStore does not, nor do the stores here."""
    async with opened(name, {"dims": Letters.dims, "embed": Letters(), "fields": ["text"]}) as store:
        await store.put(DOCS, "a", {"text": "aa"})
        await store.put(DOCS, "b", {"text": "bb"}, index=False)
        items = await store.search(DOCS, query="b", limit=5)
        assert keys(items) == (["a"] if store.is_ours else ["a", "b"])
        assert [item.score for item in items] == ([0.0] if store.is_ours else [0.0, None])


@pytest.mark.parametrize("name", [*THEIRS[:2], *OURS])
async def test_one_text_in_two_items(name: str) -> None:
    """InMemoryStore refuses it."""
    async with opened(name, {"dims": Letters.dims, "embed": Letters(), "fields": ["text"]}) as store:
        puts = [PutOp(DOCS, key, {"text": "same"}) for key in "ab"]
        assert await outcome(store.batch(puts)) == ([None, None] if store.is_ours else "ValueError")
        if store.is_ours:
            assert [item.score for item in await store.search(DOCS, query="same")] == [1.0, 1.0]
