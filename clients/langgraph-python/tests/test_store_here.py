"""What the stores here have beside LangGraph's: values, tenants, people, time to live, roles, connections."""

from __future__ import annotations

import asyncio
import gc
import sys
import tempfile
import uuid
import weakref
from collections.abc import AsyncIterator
from typing import Any, TypedDict

import psycopg
import pytest
from langchain_core.messages import HumanMessage
from langgraph.graph import START, StateGraph
from langgraph.runtime import Runtime
from langgraph.store.base import GetOp, ListNamespacesOp, PutOp, SearchOp
from stores import OURS, Both, Letters, keys, opened, outcome
from support import URL, at, new_saver, new_tenant, pool, sql
from test_values import OWN, VALUES, same
from threadmem_langgraph import AsyncThreadmemStore, PlainDict, ThreadmemStore

DOCS = ("docs",)


@pytest.fixture(params=OURS)
async def store(request: Any) -> AsyncIterator[Both]:
    async with opened(request.param) as one:
        yield one


# Values


async def test_values_come_back_exactly() -> None:
    for name in (OURS[0], OURS[2]):
        async with opened(name, allow=OWN) as store:
            await store.put(DOCS, "all", VALUES)
            assert same((await store.get(DOCS, "all")).value, VALUES)
            [item] = await store.search(DOCS, filter={"floats": VALUES["floats"], "uuid": VALUES["uuid"]})
            assert same(item.value, VALUES)


async def test_a_value_that_looks_like_one_of_ours(store: Both) -> None:
    value = {"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "HumanMessage"], "__threadmem__": "x"}
    await store.put(DOCS, "k", value)
    assert (await store.get(DOCS, "k")).value == value
    with sql(store.store._tenant) as conn:
        assert conn.execute("SELECT value FROM threadmem.store_get('{docs}', 'k')").fetchone() == (value,)


async def test_values_that_are_refused(store: Both) -> None:
    ring: dict[str, Any] = {}
    ring["ring"] = ring
    for value in ({"f": print}, ring, {1: "a"}, "text", [("a", 1)]):
        with pytest.raises(TypeError, match="the value of 'k' in \\('docs',\\)"):
            await store.put(DOCS, "k", value)
    assert await store.search(()) == []


async def test_a_class_that_is_not_allowed() -> None:
    tenant = new_tenant()
    with pool() as conns:
        ThreadmemStore(conns, tenant=tenant, allow=OWN).put(DOCS, "k", {"place": VALUES["dataclasses"][0]})
        other = ThreadmemStore(conns, tenant=tenant)
        with pytest.warns(UserWarning, match="is not allowed"):
            item = other.get(DOCS, "k")
        assert item is not None and type(item.value["place"]) is PlainDict
        other.put(DOCS, "k", item.value)
        back = ThreadmemStore(conns, tenant=tenant, allow=OWN).get(DOCS, "k")
        assert back is not None and same(back.value["place"], VALUES["dataclasses"][0])
        with pytest.raises(TypeError):
            ThreadmemStore(conns, tenant=tenant, strict=True).get(DOCS, "k")


async def test_filters_of_values_that_json_does_not_have(store: Both) -> None:
    await store.put(DOCS, "k", {"id": uuid.UUID(int=1), "big": 2**60, "pair": (1, 2), "o": {"id": uuid.UUID(int=2)}})
    for filter in (
        {"id": uuid.UUID(int=1)},
        {"big": 2**60},
        {"big": {"$ne": 2**60 + 1}},
        {"pair": (1, 2)},
        {"o": {"id": uuid.UUID(int=2)}},
    ):
        assert keys(await store.search(DOCS, filter=filter)) == ["k"], filter
    for filter in ({"id": uuid.UUID(int=2)}, {"big": 2**60 + 1}, {"pair": (1,)}, {"pair": [1, 2]}):
        assert await store.search(DOCS, filter=filter) == [], filter
    for operand in (uuid.UUID(int=1), 2**60):
        with pytest.raises(TypeError, match="'big'"):
            await store.search(DOCS, filter={"big": {"$gt": operand}})


async def test_names_of_any_kind(store: Both) -> None:
    name = "a\0\ud83d\x1a"
    await store.put(DOCS, name, {name: name})
    assert (await store.get(DOCS, name)).value == {name: name}
    [item] = await store.search(DOCS, filter={name: name})
    assert item.key == name
    assert await outcome(store.put(("\ud83d",), "k", {})) == "22023"
    assert await outcome(store.put(("x" * 256,), "k", {})) == "22023"
    assert await outcome(store.put(DOCS, "x" * 1001, {})) == "22023"


# More than the server takes at once


async def test_more_than_a_page(store: Both) -> None:
    count = 2300
    assert await store.batch([PutOp((f"n{n:04}",), "k", {"n": n}) for n in range(count)]) == [None] * count
    for limit, offset in ((5000, 0), (1500, 0), (1500, 900), (1000, 1300)):
        left = min(limit, count - offset)
        items = await store.search((), limit=limit, offset=offset)
        assert len(items) == left and len({item.value["n"] for item in items}) == left
        assert len(await store.list_namespaces(limit=limit, offset=offset)) == left
    # What is read in several pages is as it was before the puts of its batch, too.
    ops = [PutOp(("new",), "k", {}), SearchOp((), limit=5000), ListNamespacesOp(limit=5000), GetOp(("n0001",), "k")]
    _, items, namespaces, item = await store.batch(ops)
    assert (len(items), len(namespaces), item.value) == (count, count, {"n": 1})
    assert await store.get(("new",), "k") is not None


async def test_batches_that_meet(store: Both) -> None:
    """Rows are locked in one order, however many statements a batch takes."""
    puts = [PutOp(("n",), f"k{n:04}", {"n": n}) for n in range(2500)]
    for _ in range(2):
        done = await asyncio.gather(store.batch(puts), store.batch(puts[::-1]), return_exceptions=True)
        assert [type(it) for it in done] == [list, list], done


async def test_one_bad_operation_and_nothing_happens(store: Both) -> None:
    await store.put(DOCS, "a", {"n": 1})
    for bad, sign in [
        (PutOp(("a.b",), "k", {}), "InvalidNamespaceError"),
        (PutOp(DOCS, "k", {"f": print}), "TypeError"),
        (PutOp(DOCS, "k", {}, ttl=-1), "22023"),
        (PutOp(DOCS, "k", {}, ttl=float("nan")), "ValueError"),
        (PutOp(DOCS, "k", {}, index=["a["]), "22023"),
        (PutOp(DOCS, "k", {}, index="text"), "TypeError"),  # type: ignore[arg-type]
        (PutOp("docs", "k", {}), "InvalidNamespaceError"),  # type: ignore[arg-type]
        (SearchOp(("",)), "InvalidNamespaceError"),
        (SearchOp(DOCS, filter={"n": {"$in": [1]}}), "ValueError"),
        (SearchOp(DOCS, filter={"n": {"deeper": {"$gt": 1}}}), "22023"),
        (ListNamespacesOp(max_depth=0), "22023"),
        (ListNamespacesOp(match_conditions=(("infix", ("a",)),)), "ValueError"),  # type: ignore[arg-type]
        ("get", "ValueError"),
    ]:
        assert await outcome(store.batch([PutOp(DOCS, "a", {"n": 2}), bad])) == sign, bad
    assert [(item.key, item.value) for item in await store.search(())] == [("a", {"n": 1})]


# Words


async def test_words_without_an_index(store: Both) -> None:
    await store.put(DOCS, "a", {"title": "Roman theatre", "notes": ["opened in 15 BC"]})
    await store.put(DOCS, "b", {"title": "museum", "notes": ["theatres and museums"]}, index=["title"])
    await store.put(DOCS, "c", {"title": "theatre"}, index=False)
    await store.put(DOCS, "d", {"title": "京都の劇場", "o": {"x": "opera", "y": ["cinema"]}}, index=["{title,o.x}"])
    for query, found in [
        ("Which theatre?", "a"),
        ("museums", "b"),
        ("15", "a"),
        ("劇場", "d"),
        ("opera", "d"),
        ("cinema", ""),
        ("none", ""),
    ]:
        items = await store.search(DOCS, query=query)
        assert "".join(keys(items)) == found, query
        assert all(item.score > 0 for item in items)
    await store.put(DOCS, "d", {"o": {"x": ["cinema"], "y": "circus"}}, index=["o.*.*"])
    assert keys(await store.search(DOCS, query="cinema")) == ["d"]


# Vectors


async def test_vectors_that_are_none() -> None:
    class Bad(Letters):
        given: Any = None

        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return self.given if self.given is not None else super().embed_documents(texts)

    bad = Bad()
    for name in OURS:
        bad.given = None
        async with opened(name, {"dims": Letters.dims, "embed": bad, "fields": ["text"]}) as store:
            for given in ([], [[1.0]], [[float("nan")] * Letters.dims], [[1.0] * Letters.dims] * 2):
                bad.given = given
                assert await outcome(store.put(DOCS, "k", {"text": "a"})) == "ValueError", given
            bad.given = None
            # Of a text without letters there is no direction: it is near to nothing, and can be looked for with all.
            await store.put(DOCS, "none", {"text": "123"})
            await store.put(DOCS, "a", {"text": "a"})
            assert keys(await store.search(DOCS, query="a")) == ["a"]
            assert sorted(keys(await store.search(DOCS, query="123"))) == ["a", "none"]
    with pytest.raises(ValueError, match="cosine"):
        ThreadmemStore("", index={"embed": bad, "distance_type": "l2"})  # type: ignore[typeddict-unknown-key]
    with pytest.raises(ValueError, match="embed must be provided"):
        ThreadmemStore("", index={"dims": 3})


async def test_the_text_of_values_that_json_does_not_have() -> None:
    letters = Letters()
    async with opened(OURS[0], {"dims": Letters.dims, "embed": letters}) as store:
        await store.put(DOCS, "k", {"when": uuid.UUID(int=1), "pair": ("b", {2: 3.5})})
        assert letters.documents == [f'{{"pair": ["b", {{"2": 3.5}}], "when": "{uuid.UUID(int=1)}"}}']


# Time to live


async def left(store: Both, key: str) -> float:
    """Seconds."""
    query = "SELECT extract(epoch FROM expires_at - clock_timestamp()) FROM threadmem.store_get('{docs}', %s)"
    with sql(store.store._tenant) as conn:
        row = conn.execute(query, (key,)).fetchone()
        assert row is not None
        return float(row[0])


@pytest.mark.parametrize("name", OURS)
async def test_ttl(name: str) -> None:
    async with opened(name, ttl={"default_ttl": 10, "refresh_on_read": True}) as store:
        assert store.store.supports_ttl
        await store.put(DOCS, "default", {})
        await store.put(DOCS, "own", {}, ttl=0.5)
        await store.put(DOCS, "none", {}, ttl=None)
        assert 590 < await left(store, "default") <= 600 and 20 < await left(store, "own") <= 30
        with sql(store.store._tenant) as conn:
            assert conn.execute("SELECT expires_at FROM threadmem.store_get('{docs}', 'none')").fetchone() == (None,)
            # As if half of the time had gone by.
            half = "UPDATE threadmem_data.store_items SET expires_at = expires_at - interval '12 s' WHERE ttl_minutes = 0.5"

            async def after(work: Any) -> float:
                with psycopg.connect("", autocommit=True) as admin:
                    admin.execute(half.encode())
                before = await left(store, "own")
                await work
                return await left(store, "own") - before

            assert await after(store.get(DOCS, "own")) > 5
            assert await after(store.get(DOCS, "own", refresh_ttl=False)) <= 0
            assert await after(store.search(DOCS)) > 5
            assert await after(store.search(DOCS, refresh_ttl=False)) <= 0
            assert await after(store.batch([GetOp(DOCS, "own"), PutOp(DOCS, "other", {})])) > 5
            assert await after(store.search(DOCS, query="none")) <= 0


@pytest.mark.parametrize("name", OURS)
async def test_without_refresh_on_read(name: str) -> None:
    async with opened(name, ttl={"refresh_on_read": False}) as store:
        await store.put(DOCS, "k", {}, ttl=1)
        first = await left(store, "k")
        await asyncio.sleep(0.05)
        await store.get(DOCS, "k")
        assert await left(store, "k") < first
        await store.get(DOCS, "k", refresh_ttl=True)
        assert await left(store, "k") > first - 0.05


async def test_sweeping(store: Both) -> None:
    for number in range(3):
        await store.put(DOCS, f"k{number}", {}, ttl=0.001)
    await store.put(DOCS, "stays", {}, ttl=5)
    await asyncio.sleep(0.1)
    assert keys(await store.search(())) == ["stays"]
    assert await store.sweep() == 3 and await store.sweep() == 0


async def test_a_sweeper_in_a_thread() -> None:
    tenant = new_tenant()
    with pool() as conns:
        store = ThreadmemStore(conns, tenant=tenant)
        assert store.start_ttl_sweeper().result(0) is None and store.stop_ttl_sweeper()
        store = ThreadmemStore(conns, tenant=tenant, ttl={"sweep_interval_minutes": 1})
        store.put(DOCS, "k", {}, ttl=0.001)
        done = store.start_ttl_sweeper(0.001)
        assert store.start_ttl_sweeper() is done
        with psycopg.connect("", autocommit=True) as admin:
            query = "SELECT count(*) FROM threadmem_data.store_items WHERE tenant_id = %s"
            for _ in range(100):
                if admin.execute(query, (tenant,)).fetchone() == (0,):
                    break
                await asyncio.sleep(0.05)
            assert admin.execute(query, (tenant,)).fetchone() == (0,)
        assert not done.done()
        assert store.stop_ttl_sweeper(5) and done.result(1) is None
        # Cancelled; and with its store.
        done = store.start_ttl_sweeper(0.001)
        assert done.cancel()
        store._sweeper.join(5)  # type: ignore[union-attr]
        assert store.stop_ttl_sweeper(0)
        thread = store.start_ttl_sweeper(0.001) and store._sweeper
        there = weakref.ref(store)
        del store
        gc.collect()
        assert there() is None
        thread.join(5)  # type: ignore[union-attr]
        assert not thread.is_alive()  # type: ignore[union-attr]


async def test_a_sweeper_outlives_an_error(caplog: Any, monkeypatch: Any) -> None:
    with pool() as conns:
        store = ThreadmemStore(conns, tenant=new_tenant(), ttl={"default_ttl": 1})
        swept: list[int] = []

        def sweep() -> int:
            swept.append(1)
            raise RuntimeError("no")

        monkeypatch.setattr(ThreadmemStore, "sweep_ttl", lambda _: sweep())
        store.start_ttl_sweeper(0.0001)
        while len(swept) < 3:
            await asyncio.sleep(0.01)
        assert store.stop_ttl_sweeper(5)
        assert "items of the store were not swept" in caplog.text


async def test_a_sweeper_in_a_loop() -> None:
    async with AsyncThreadmemStore.from_conn_string(URL, tenant=new_tenant()) as store:
        await (await store.start_ttl_sweeper())
        assert await store.stop_ttl_sweeper()
    async with AsyncThreadmemStore.from_conn_string(URL, tenant=new_tenant(), ttl={"default_ttl": 0.001}) as store:
        swept: list[int] = []
        sweep = store.sweep_ttl

        async def noted() -> int:
            swept.append(await sweep())
            return swept[-1]

        await store.aput(DOCS, "k", {})
        await asyncio.sleep(0.1)
        assert await noted() == 1
        task = await store.start_ttl_sweeper(0.0005)
        assert await store.start_ttl_sweeper() is task
        await asyncio.sleep(0.1)
        assert not task.done() and await store.stop_ttl_sweeper() and task.done()
        task = await store.start_ttl_sweeper(0.0005)
        task.cancel()
        assert await store.stop_ttl_sweeper(1) and task.cancelled()
        task = await store.start_ttl_sweeper()
    assert task.done()


# Tenants and people


async def test_tenants_share_a_pool() -> None:
    tenants = [new_tenant(), new_tenant()]
    with pool(2) as conns:
        store = ThreadmemStore(conns)
        for tenant in tenants:
            store.for_tenant(tenant).put(DOCS, "k", {"tenant": tenant})
        for tenant in tenants:
            [item] = store.for_tenant(tenant).search(())
            assert item.value == {"tenant": tenant}
        store.for_tenant(tenants[0]).delete(DOCS, "k")
        assert await store.for_tenant(tenants[1]).aget(DOCS, "k") is not None
    async with AsyncThreadmemStore.from_conn_string(URL) as other:
        assert await other.for_tenant(tenants[0]).aget(DOCS, "k") is None
        assert await other.for_tenant(tenants[1]).aget(DOCS, "k") is not None


class State(TypedDict):
    text: str


def noting(store: Any, waits: bool) -> Any:
    """A graph whose node keeps what it is told, in the store that it is given."""

    def note(state: State, runtime: Runtime) -> Any:
        given: Any = runtime.store
        given.put(("memories", "ada"), "last", {"text": state["text"]})
        return {"text": given.search(("memories",))[0].value["text"]}

    async def note_later(state: State, runtime: Runtime) -> Any:
        given: Any = runtime.store
        await given.aput(("memories", "ada"), "last", {"text": state["text"]})
        return {"text": (await given.asearch(("memories",)))[0].value["text"]}

    node: Any = note if waits else note_later
    return StateGraph(State).add_node("note", node).add_edge(START, "note").compile(store=store)


async def test_in_a_graph() -> None:
    tenants = [new_tenant(), new_tenant()]
    async with AsyncThreadmemStore.from_conn_string(URL) as late:
        with ThreadmemStore.from_conn_string(URL) as early:
            for number, tenant in enumerate(tenants):
                config = {"configurable": {"tenant": tenant}}
                assert noting(early, True).invoke({"text": f"one {number}"}, config) == {"text": f"one {number}"}
                # Python 3.10 does not tell an async node's config to what it calls: give the store its tenant there.
                for store in (early, late) if sys.version_info >= (3, 11) else ():
                    answer = await noting(store, False).ainvoke({"text": f"two {number}"}, config)
                    assert answer == {"text": f"two {number}"}
                # Methods that wait, in a graph of another thread: the tenant is that of the graph that calls.
                answer = await asyncio.to_thread(noting(late, True).invoke, {"text": f"three {number}"}, config)
                assert answer == {"text": f"three {number}"}
            for number, tenant in enumerate(tenants):
                [item] = early.for_tenant(tenant).search(())
                assert item.value == {"text": f"three {number}"}
            with pytest.raises(ValueError, match="the store works for the tenant"):
                noting(early.for_tenant(tenants[0]), True).invoke({"text": "x"}, {"configurable": {"tenant": "other"}})


async def test_a_person_takes_its_items_along(store: Both) -> None:
    tenant = store.store._tenant
    options = f"-c threadmem.store_user_element=2 -c threadmem.tenant={tenant}"
    with psycopg.connect(URL, autocommit=True, options=options) as conn:
        own = ThreadmemStore(conn)
        own.put(("memories", "ada"), "tea", {"text": "likes green tea"})
        own.put(("memories", "bob"), "tea", {"text": "likes none"})
        own.put(("manuals",), "tea", {"text": "water at 80 degrees"})
        conn.execute("SELECT FROM threadmem.user_create('ada')")
        assert len(await store.search(())) == 3
        exported = conn.execute("SELECT * FROM threadmem.user_export('ada')").fetchall()
        assert "likes green tea" in str(exported) and "likes none" not in str(exported)
        conn.execute("SELECT threadmem.user_delete('ada')")
        assert sorted(item.namespace for item in await store.search(())) == [("manuals",), ("memories", "bob")]
    with psycopg.connect(URL, autocommit=True, options=f"{options} -c threadmem.user_id=eve") as conn:
        assert [item.namespace for item in ThreadmemStore(conn).search(())] == [("manuals",)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            ThreadmemStore(conn).put(("memories", "bob"), "x", {})


# Roles and connections


async def test_a_role_that_only_reads() -> None:
    role = f"reader_{uuid.uuid4().hex}"
    tenant = new_tenant()
    with psycopg.connect("", autocommit=True) as admin, pool() as conns:
        ThreadmemStore(conns, tenant=tenant).put(DOCS, "k", {"n": 1}, ttl=5)
        admin.execute(f"CREATE ROLE {role} LOGIN".encode())
        admin.execute("SELECT threadmem.grant_access(%s, 'read')", (role,))
        with psycopg.connect("", user=role, autocommit=True) as conn:
            store = ThreadmemStore(conn, tenant=tenant)
            with pytest.warns(UserWarning, match="this role may not call store_touch"):
                assert store.get(DOCS, "k") is not None
            assert len(store.search(())) == 1 and store.list_namespaces() == [DOCS]
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                store.batch([GetOp(DOCS, "k"), PutOp(DOCS, "k", {})])
        async with await psycopg.AsyncConnection.connect("", user=role, autocommit=True) as aconn:
            with pytest.warns(UserWarning, match="this role may not call store_touch"):
                assert await AsyncThreadmemStore(aconn, tenant=tenant).asearch(DOCS) != []
        admin.execute("SELECT threadmem.revoke_access(%s)", (role,))
        admin.execute(f"DROP ROLE {role}".encode())


def test_kinds_of_connections() -> None:
    tenant = new_tenant()
    with ThreadmemStore.from_conn_string(URL, tenant=tenant, pipeline=True) as store:
        store.setup()
        store.put(DOCS, "k", {"n": 1}, ttl=5)
    with ThreadmemStore.from_conn_string(URL, tenant=tenant, pool_config={"max_size": 1}) as store:
        assert store.get(DOCS, "k") is not None
        assert [store.get(item.namespace, item.key) == item for item in store.search(())] == [True]
    for autocommit in (True, False):
        with psycopg.connect(URL, autocommit=autocommit, row_factory=psycopg.rows.dict_row) as conn:
            store = ThreadmemStore(conn, tenant=tenant)
            assert store.get(DOCS, "k") is not None and len(store.search(DOCS)) == 1
            store.put(DOCS, f"of {autocommit}", {})
            with psycopg.connect(URL, autocommit=True) as other:
                assert ThreadmemStore(other, tenant=tenant).get(DOCS, f"of {autocommit}") is not None
            store.delete(DOCS, f"of {autocommit}")
            # In a transaction of the application's it is part of it.
            with pytest.raises(ZeroDivisionError), conn.transaction():
                store.put(DOCS, "gone", {})
                assert store.get(DOCS, "gone") is not None
                raise ZeroDivisionError
            assert store.get(DOCS, "gone") is None
    options = "-c default_transaction_read_only=on"
    with psycopg.connect(URL, autocommit=True, options=options) as conn:
        store = ThreadmemStore(conn, tenant=tenant)
        assert store.get(DOCS, "k") is not None and len(store.search(DOCS)) == 1
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            store.put(DOCS, "k", {})
    with psycopg.connect("dbname=template1", autocommit=True) as conn:
        with pytest.raises(RuntimeError, match="CREATE EXTENSION threadmem"):
            ThreadmemStore(conn).setup()


async def test_kinds_of_connections_in_a_loop() -> None:
    tenant = new_tenant()
    async with AsyncThreadmemStore.from_conn_string(URL, tenant=tenant, pool_config={"max_size": 1}) as store:
        await store.setup()
        await store.aput(DOCS, "k", {"n": 1})
        with pytest.raises(RuntimeError, match="AsyncThreadmemStore's methods that do not wait"):
            store.get(DOCS, "k")
        assert (await asyncio.to_thread(store.get, DOCS, "k")) is not None
        # Calls of one tick of the loop; each fails for itself.
        calls = [store.aput(DOCS, f"k{n}", {"n": n} if n != 3 else {"n": print}) for n in range(50)]
        done = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(it) for it in done if it is not None] == [TypeError]
        assert len(await store.asearch(DOCS, limit=100)) == 50
        for delay in (0, 0.001, 0.01, 0.05):
            task = asyncio.create_task(store.aput(DOCS, "big", {"text": "x" * 3_000_000}, index=False))
            await asyncio.sleep(delay)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert (await store.aget(DOCS, "k1")) is not None
    async with await psycopg.AsyncConnection.connect(URL, autocommit=False) as conn:
        store = AsyncThreadmemStore(conn, tenant=tenant)
        await asyncio.gather(*(store.aput(DOCS, "same", {"n": n}) for n in range(10)))
        assert (await store.aget(DOCS, "same")) is not None


def test_one_round_trip_a_batch() -> None:
    ttl: Any = {"default_ttl": 5}
    with psycopg.connect(URL, autocommit=True) as conn, tempfile.TemporaryFile("w+") as log:
        store = ThreadmemStore(conn, tenant=new_tenant(), ttl=ttl)
        calls = (
            lambda: store.put(DOCS, "k", {"n": 1}),
            lambda: store.get(DOCS, "k"),
            lambda: store.search(DOCS, query="n", filter={"n": 1}),
            lambda: store.list_namespaces(prefix=DOCS),
            lambda: store.batch([GetOp(DOCS, "k"), SearchOp(()), PutOp(DOCS, "k", None), PutOp(DOCS, "l", {})]),
        )
        for number, work in enumerate(calls):
            log.seek(0)
            log.truncate()
            conn.pgconn.trace(log.fileno())
            work()
            conn.pgconn.untrace()
            log.seek(0)
            assert log.read().count("ReadyForQuery") == 1, number


def test_beside_the_saver() -> None:
    """One pool for both; what is a message in one is one in the other."""
    with new_saver() as saver, pool() as conns:
        store = ThreadmemStore(conns, tenant=saver._tenant)
        store.put(DOCS, "k", {"said": [HumanMessage("hello", id="h")]})
        item = store.get(DOCS, "k")
        assert item is not None and item.value["said"] == [HumanMessage("hello", id="h")]
        assert saver.get_tuple(at("t")) is None
