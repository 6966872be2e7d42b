"""What LangGraph's own tests ask of a store, asked of LangGraph's stores and of the ones here in the same way."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from typing import Any

import pytest
from langgraph.store.base import (
    GetOp,
    InvalidNamespaceError,
    ListNamespacesOp,
    MatchCondition,
    PutOp,
    SearchItem,
    SearchOp,
)
from stores import EMBEDDING, OURS, THEIRS, Both, Letters, keys, opened, outcome

DOCS = ("docs",)


@pytest.fixture(params=[*THEIRS, *OURS])
async def store(request: Any) -> AsyncIterator[Both]:
    async with opened(request.param) as one:
        yield one


async def filled(store: Both, **items: Any) -> None:
    for key, value in items.items():
        await store.put(DOCS, key, value)


# One item


async def test_put_and_get(store: Both) -> None:
    value = {"title": "Lyon", "tags": ["a", {"b": None}], "rating": 4.5, "open": True, "empty": {}, "ünï": "\U0001f600"}
    assert await store.put(DOCS, "k", value) is None
    item = await store.get(DOCS, "k")
    assert (item.namespace, item.key, item.value) == (DOCS, "k", value)
    assert item.created_at.tzinfo is not None and item.created_at <= item.updated_at
    assert item.dict()["namespace"] == ["docs"]
    for missing in [(("other",), "k"), (DOCS, "other"), (("docs", "k"), "k"), ((), "k")]:
        assert await store.get(*missing) is None


async def test_put_again(store: Both) -> None:
    await store.put(DOCS, "k", {"a": 1, "b": 2})
    first = await store.get(DOCS, "k")
    await store.put(DOCS, "k", {"a": 3})
    second = await store.get(DOCS, "k")
    assert second.value == {"a": 3} and second.updated_at > first.updated_at
    await store.put(("docs", "x"), "k", {"other": True})
    assert (await store.get(DOCS, "k")).value == {"a": 3}


async def test_delete(store: Both) -> None:
    await store.put(DOCS, "k", {"a": 1})
    assert await store.delete(DOCS, "k") is None
    assert await store.get(DOCS, "k") is None
    assert await store.delete(DOCS, "k") is None
    await store.put(DOCS, "k", {"a": 2})
    await store.batch([PutOp(DOCS, "k", None)])
    assert await store.search(()) == []


async def test_keys_are_texts(store: Both) -> None:
    await store.put(DOCS, 7, {"a": 1})
    assert (await store.get(DOCS, 7)).key == "7"
    assert (await store.get(DOCS, "7")).value == {"a": 1}
    for key in ["with space", "a.b/c:d", "ключ", "\U0001f600", "'; DROP TABLE x; --", "x" * 900]:
        await store.put(DOCS, key, {"key": key})
        assert (await store.get(DOCS, key)).value == {"key": key}


@pytest.mark.parametrize(
    "namespace", [(), ("a.b",), ("a", ""), ("langgraph",), ("langgraph", "x"), ("a\0",), ("a", 1), ("a", None)]
)
async def test_namespaces_that_nobody_may_have(store: Both, namespace: Any) -> None:
    with pytest.raises(InvalidNamespaceError):
        await store.put(namespace, "k", {})
    if namespace and namespace[0] != "langgraph":
        for call in (store.get(namespace, "k"), store.search(namespace), store.delete(namespace, "k")):
            with pytest.raises(InvalidNamespaceError):
                await call
        for call in (store.list_namespaces(prefix=namespace), store.list_namespaces(suffix=namespace)):
            with pytest.raises(InvalidNamespaceError):
                await call
    else:
        assert await store.get(namespace, "k") is None
        assert await store.delete(namespace, "k") is None
    assert await store.search(()) == []


# Many at once


async def test_results_stand_in_the_order_of_operations(store: Both) -> None:
    await filled(store, a={"n": 1}, b={"n": 2})
    results = await store.batch(
        [
            PutOp(("new",), "c", {"n": 3}),
            GetOp(DOCS, "a"),
            ListNamespacesOp(),
            SearchOp(DOCS, filter={"n": 2}),
            GetOp(DOCS, "missing"),
            PutOp(DOCS, "a", None),
            GetOp(DOCS, "b"),
        ]
    )
    assert results[0] is None and results[4] is None and results[5] is None
    assert (results[1].key, results[6].key, keys(results[3]), results[2]) == ("a", "b", ["b"], [DOCS])
    assert await store.batch([]) == []
    assert await store.list_namespaces() == [DOCS, ("new",)]


async def test_reads_of_a_batch_see_what_was_before_it(store: Both) -> None:
    await store.put(DOCS, "k", {"n": 1})
    results = await store.batch([PutOp(DOCS, "k", {"n": 2}), GetOp(DOCS, "k"), SearchOp(DOCS)])
    assert results[1].value == {"n": 1} and [item.value for item in results[2]] == [{"n": 1}]
    assert (await store.get(DOCS, "k")).value == {"n": 2}


async def test_the_last_put_of_a_key_counts(store: Both) -> None:
    puts = [PutOp(DOCS, "k", {"n": n}) for n in range(3)]
    gone = [PutOp(DOCS, "gone", {"n": 1}), PutOp(DOCS, "gone", None)]
    back = [PutOp(DOCS, "back", None), PutOp(DOCS, "back", {"n": 1})]
    assert await store.batch([*puts, *gone, *back]) == [None] * 7
    assert {item.key: item.value["n"] for item in await store.search(DOCS)} == {"k": 2, "back": 1}


async def test_the_same_read_twice(store: Both) -> None:
    await filled(store, a={"n": 1})
    one, two = await store.batch([GetOp(DOCS, "a"), GetOp(DOCS, "a")])
    assert one == two and one.key == "a"
    one, two = await store.batch([SearchOp(DOCS, filter={"n": 1}), SearchOp(DOCS, filter={"n": 1})])
    assert one == two and keys(one) == ["a"]


async def test_many_operations(store: Both) -> None:
    await store.batch([PutOp((f"n{n % 7}",), f"k{n}", {"n": n}) for n in range(300)])
    found = await store.batch([GetOp((f"n{n % 7}",), f"k{n}") for n in range(300)])
    assert [item.value["n"] for item in found] == [*range(300)]


# Searches


async def test_a_prefix_is_of_whole_labels(store: Both) -> None:
    for namespace in [("a",), ("a", "b"), ("a", "b", "c"), ("ab",), ("a_b",), ("b", "a")]:
        await store.put(namespace, "k", {})

    async def found(prefix: tuple[str, ...]) -> set[Any]:
        return {item.namespace for item in await store.search(prefix)}

    assert await found(("a",)) == {("a",), ("a", "b"), ("a", "b", "c")}
    assert await found(("a", "b")) == {("a", "b"), ("a", "b", "c")}
    assert await found(("a_b",)) == {("a_b",)}
    assert await found(("c",)) == set()
    assert len(await found(())) == 6


async def test_filters(store: Both) -> None:
    await filled(
        store,
        a={"kind": "report", "n": 1, "tags": ["x", "y"], "author": {"name": "ada", "team": "x"}, "done": True},
        b={"kind": "report", "n": 2.5, "tags": ["x"], "author": {"name": "bob"}, "done": False},
        c={"kind": "note", "n": -3, "done": None},
    )

    async def found(**filter: Any) -> str:
        return "".join(sorted(keys(await store.search(DOCS, filter=filter))))

    assert await found(kind="report") == "ab"
    assert await found(kind="report", n=1) == "a"
    assert await found(kind="none") == ""
    assert await found(n=2.5) == "b"
    assert await found(done=True) == "a"
    assert await found(tags=["x"]) == "b"
    assert await found(n={"$eq": 1}) == "a"
    assert await found(kind={"$ne": "report"}) == "c"
    assert await found(n={"$gt": 1}) == "b"
    assert await found(n={"$gte": 1}) == "ab"
    assert await found(n={"$gte": 1, "$lt": 2}) == "a"
    assert await store.search(DOCS, filter={}) != []
    for bad in ({"n": {"$in": [1]}}, {"n": {"$bad": 1}}):
        with pytest.raises(ValueError):
            await store.search(DOCS, filter=bad)


async def test_pages(store: Both) -> None:
    await store.batch([PutOp(("p",), f"k{n:02}", {"even": n % 2 == 0}) for n in range(25)])
    assert len(await store.search(("p",))) == 10
    seen: list[str] = []
    for offset in range(0, 30, 10):
        page = await store.search(("p",), limit=10, offset=offset)
        assert len(page) == (5 if offset == 20 else 10)
        seen += keys(page)
    assert len(set(seen)) == 25
    assert len(await store.search(("p",), filter={"even": True}, limit=100)) == 13
    assert len(await store.search(("p",), filter={"even": True}, limit=100, offset=10)) == 3
    assert await store.search(("p",), limit=0) == await store.search(("p",), offset=100) == []


async def test_items_of_a_search(store: Both) -> None:
    await filled(store, a={"n": 1})
    (item,) = await store.search(())
    assert isinstance(item, SearchItem) and item.score is None
    assert (item.namespace, item.key, item.value) == (DOCS, "a", {"n": 1})


# Namespaces

TREE = [("a", "b", "c"), ("a", "b", "d", "e"), ("a", "b", "d", "i"), ("a", "b", "f"), ("a", "c", "f"), ("b", "a", "f")]
CASES: list[tuple[dict[str, Any], list[Any]]] = [
    ({}, TREE),
    ({"prefix": ("a", "b")}, TREE[:4]),
    ({"prefix": ("a", "x")}, []),
    ({"suffix": ("f",)}, TREE[3:]),
    ({"prefix": ("a",), "suffix": ("f",)}, TREE[3:5]),
    ({"prefix": ("a", "*", "f")}, TREE[3:5]),
    ({"prefix": ("*", "b")}, TREE[:4]),
    ({"suffix": ("*", "f")}, TREE[3:]),
    ({"suffix": ("b", "*")}, [TREE[0], TREE[3]]),
    ({"prefix": ("a", "b", "d", "e", "x")}, []),
    ({"max_depth": 1}, [("a",), ("b",)]),
    ({"max_depth": 2}, [("a", "b"), ("a", "c"), ("b", "a")]),
    ({"max_depth": 3, "prefix": ("a", "b")}, [("a", "b", "c"), ("a", "b", "d"), ("a", "b", "f")]),
    ({"max_depth": 9}, TREE),
    ({"limit": 2}, TREE[:2]),
    ({"limit": 2, "offset": 3}, TREE[3:5]),
    ({"max_depth": 2, "limit": 1, "offset": 1}, [("a", "c")]),
    ({"limit": 0}, []),
    ({"offset": 9}, []),
]


async def test_list_namespaces(store: Both) -> None:
    assert await store.list_namespaces() == []
    for namespace in reversed(TREE):
        await store.put(namespace, "one", {})
        await store.put(namespace, "two", {})
    for args, expected in CASES:
        assert await store.list_namespaces(**args) == expected, args


async def test_conditions_of_a_list(store: Both) -> None:
    for namespace in TREE:
        await store.put(namespace, "k", {})
    prefix, suffix = "prefix", "suffix"
    for conditions, expected in [
        (None, TREE),
        ((), TREE),
        ([(prefix, ("a",)), (prefix, ("*", "b")), (suffix, ("f",))], [TREE[3]]),
        ([(prefix, ("a", "*")), (prefix, ("a", "c", "f"))], [TREE[4]]),
        ([(prefix, ("a",)), (prefix, ("b",))], []),
        ([(suffix, ("f",)), (suffix, ("c", "*")), (suffix, ("*", "*", "*"))], [TREE[4]]),
        ([(suffix, ("e",)), (suffix, ("i",))], []),
    ]:
        given = conditions and tuple(MatchCondition(kind, path) for kind, path in conditions)  # type: ignore[arg-type]
        assert await store.batch([ListNamespacesOp(match_conditions=given)]) == [expected], conditions


# Vectors


def index(*fields: str, embed: Any = None) -> Any:
    return {"dims": Letters.dims, "embed": embed or Letters(), **({"fields": list(fields)} if fields else {})}


@pytest.mark.parametrize("name", EMBEDDING)
async def test_what_is_near_comes_first(name: str) -> None:
    letters = Letters()
    async with opened(name, index("text", embed=letters)) as store:
        await filled(store, a={"text": "aaab"}, b={"text": "abbb"}, c={"text": "zzz"}, d={"other": "aaa"})
        assert sorted(letters.documents) == ["aaab", "abbb", "zzz"]
        found = await store.search(DOCS, query="a", limit=3)
        assert keys(found) == ["a", "b", "c"] and letters.asked == ["a"]
        expected = [3 / math.sqrt(10), 1 / math.sqrt(10), 0]
        assert [item.score for item in found] == pytest.approx(expected, abs=1e-6)
        assert keys(await store.search(DOCS, query="a", limit=1, offset=1)) == ["b"]
        assert keys(await store.search(DOCS, query="z", limit=1)) == ["c"]
        assert sorted(keys(await store.search(DOCS))) == sorted(keys(await store.search(DOCS, query=""))) == [*"abcd"]
        assert await store.search(("none",), query="a") == []


@pytest.mark.parametrize("name", EMBEDDING)
async def test_another_text_is_another_vector(name: str) -> None:
    async with opened(name, index("text")) as store:
        await filled(store, a={"text": "aaa"}, b={"text": "bbb"})
        assert keys(await store.search(DOCS, query="b", limit=1)) == ["b"]
        await filled(store, a={"text": "bb"}, b={"text": "ccc"})
        (found,) = await store.search(DOCS, query="b", limit=1)
        assert (found.key, found.score) == ("a", pytest.approx(1))
        await store.delete(DOCS, "a")
        assert keys(await store.search(DOCS, query="b", limit=1)) == ["b"]


@pytest.mark.parametrize("name", EMBEDDING)
async def test_filters_and_prefixes_beside_a_query(name: str) -> None:
    async with opened(name, index("text")) as store:
        await filled(store, a={"text": "aa", "n": 1}, b={"text": "ab", "n": 2})
        await store.put(("docs", "x"), "c", {"text": "ac", "n": 2})
        assert keys(await store.search(DOCS, query="a", filter={"n": 2}, limit=5))[:2] in (["b", "c"], ["c", "b"])
        assert keys(await store.search(DOCS, query="a", filter={"n": {"$lt": 2}}, limit=5)) == ["a"]
        assert keys(await store.search(("docs", "x"), query="a")) == ["c"]


PATHS: list[tuple[str, list[str]]] = [
    ("title", ["t"]),
    ("meta.note", ["n"]),
    ("meta.*", ["7", "n"]),
    ("parts[*].text", ["p", "q"]),
    ("parts[0].text", ["p"]),
    ("parts[-1].text", ["q"]),
    ("parts[9].text", []),
    ("{title,meta.note}", ["t", "n"]),
    ("meta.{note,none}", ["n"]),
    ("words[*]", ["v", "w"]),
    ("words.*", ["v", "w"]),
    ("parts[1]", ['{"text": "q"}']),
    ("missing.path", []),
]
VALUE = {
    "title": "t",
    "meta": {"note": "n", "count": 7},
    "parts": [{"text": "p"}, {"text": "q"}],
    "words": ["v", "w"],
}


@pytest.mark.parametrize("name", EMBEDDING)
async def test_fields(name: str) -> None:
    """What is embedded: of the store's fields, of those of a put, of the whole value."""
    letters = Letters()
    for path, texts in PATHS:
        async with opened(name, index(path, embed=letters)) as store:
            letters.documents.clear()
            await store.put(DOCS, "k", VALUE)
            assert sorted(letters.documents) == sorted(texts), path
    async with opened(name, index("title", embed=letters)) as store:
        for path, texts in PATHS:
            letters.documents.clear()
            await store.put(DOCS, "k", VALUE, index=[path])
            assert sorted(letters.documents) == sorted(texts), path
        letters.documents.clear()
        await store.put(DOCS, "k", VALUE, index=False)
        assert letters.documents == []
    async with opened(name, index(embed=letters)) as store:
        await store.put(DOCS, "k", {"b": "ü", "a": [1, None, True]})
        assert letters.documents == ['{"a": [1, null, true], "b": "ü"}']


@pytest.mark.parametrize("name", EMBEDDING)
async def test_the_nearest_of_several_texts_counts(name: str) -> None:
    async with opened(name, index("title", "parts[*].text")) as store:
        await filled(
            store,
            a={"title": "zz", "parts": [{"text": "bbbb"}, {"text": "aaaa"}]},
            b={"title": "aaab", "parts": []},
        )
        found = await store.search(DOCS, query="a")
        assert keys(found) == ["a", "b"] and found[0].score == pytest.approx(1)
        assert keys(await store.search(DOCS, query="z", limit=1)) == ["a"]
        await store.put(DOCS, "b", {"title": "aaab", "parts": [{"text": "zzz"}]}, index=["parts[0].text"])
        (first, *_) = await store.search(DOCS, query="z", filter={"title": "aaab"})
        assert first.score == pytest.approx(1)


@pytest.mark.parametrize("name", EMBEDDING)
async def test_a_function_that_embeds(name: str) -> None:
    letters = Letters()

    def embed(texts: Any) -> Any:
        return [letters.vector(text) for text in texts]

    async def embed_later(texts: Any) -> Any:
        return embed(texts)

    async with opened(name, index("text", embed=embed)) as store:
        await filled(store, a={"text": "aa"}, b={"text": "bb"})
        assert keys(await store.search(DOCS, query="b", limit=1)) == ["b"]
    async with opened(name, index("text", embed=embed_later)) as store:
        if store.waits or store.name == "AsyncThreadmemStore sync":
            await filled(store, a={"text": "aa"}, b={"text": "bb"})
            assert keys(await store.search(DOCS, query="b", limit=1)) == ["b"]
        else:
            assert await outcome(store.put(DOCS, "a", {"text": "aa"})) == "ValueError"


@pytest.mark.parametrize("name", EMBEDDING)
async def test_a_batch_embeds_once(name: str) -> None:
    letters = Letters()
    calls: list[list[str]] = []

    def embed(texts: Any) -> Any:
        calls.append(list(texts))
        return [letters.vector(text) for text in texts]

    async with opened(name, index("text", embed=embed)) as store:
        await store.batch([PutOp(DOCS, f"k{n}", {"text": "abc"[n % 3] * (n + 1)}) for n in range(9)])
        assert len(calls) == 1 and len(calls[0]) == 9
        calls.clear()
        one, two = await store.batch([SearchOp(DOCS, query="b", limit=3), SearchOp(DOCS, query="c", limit=3)])
        assert sorted(calls) == [["b"], ["c"]]
        assert sorted(keys(one)) == ["k1", "k4", "k7"] and sorted(keys(two)) == ["k2", "k5", "k8"]
