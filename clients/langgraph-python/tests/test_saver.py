"""What the savers do beside storing values: threads, tenants, users, the log, connections."""

from __future__ import annotations

import asyncio
import tempfile
import threading
import time
import uuid
from typing import Any

import psycopg
import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.graph import START, MessagesState, StateGraph
from psycopg_pool import ConnectionPool
from support import URL, at, both_savers, checkpoint, new_async_saver, new_saver, new_tenant, pool, put, sql
from threadmem_langgraph import AsyncThreadmemSaver, ThreadmemSaver

LOOP: Any = {"source": "loop", "step": 0, "parents": {}}


def chat(saver: Any, say: Any = None) -> Any:
    def model(state: MessagesState) -> Any:
        return {"messages": [AIMessage(say(state) if say else f"answer {len(state['messages'])}")]}

    return StateGraph(MessagesState).add_node("model", model).add_edge(START, "model").compile(checkpointer=saver)


def texts(messages: Any) -> list[str]:
    return [message.content for message in messages]


async def test_ids_are_texts() -> None:
    async with both_savers() as savers:
        for saver in savers:
            for thread_id in (1, uuid.UUID(int=7), "ünïcödé \U0001f600", "x" * 255):
                stored = checkpoint({"a": 1})
                config = await saver.aput(at(thread_id), stored, LOOP, {"a": 1})
                assert config == at(str(thread_id), stored["id"])
                assert (await saver.aget_tuple(at(thread_id))).config == config
                await saver.aput_writes(config, [("a", 1)], "task", task_path="~path")
                assert [it.config async for it in saver.alist(at(thread_id))] == [config]
                await saver.adelete_thread(thread_id)
                assert await saver.aget_tuple(at(thread_id)) is None
            for thread_id in ("a\0", "half \ud83d", "x" * 256):
                with pytest.raises(psycopg.Error) as error:
                    await saver.aput(at(thread_id), checkpoint({}), LOOP, {})
                assert error.value.sqlstate == "22023"
            with pytest.raises(KeyError):
                await saver.aput({"configurable": {}}, checkpoint({}), LOOP, {})
            assert await saver.aget_tuple({"configurable": {}}) is None


async def test_task_path_orders_writes() -> None:
    async with both_savers() as savers:
        for saver in savers:
            config = await saver.aput(at("t"), checkpoint({}), LOOP, {})
            await saver.aput_writes(config, [("a", 1), ("b", 2)], "z", "~1")
            await saver.aput_writes(config, [("a", 3)], "a", "~2")
            back = await saver.aget_tuple(config)
            assert back.pending_writes == [("z", "a", 1), ("z", "b", 2), ("a", "a", 3)]


async def test_versions_in_the_form_of_the_thread() -> None:
    async with both_savers() as savers:
        for saver in savers:
            assert saver.get_next_version(None, None) == 1
            assert saver.get_next_version(7, None) == 8
            text = saver.get_next_version("00000000000000000000000000000009.0.4", None)
            assert text.startswith("00000000000000000000000000000010.")


async def test_run_ids() -> None:
    async with both_savers() as savers:
        for saver in savers:
            run = uuid.uuid4()
            config = {**at("t"), "run_id": run, "metadata": {"team": "x"}}
            stored = await saver.aput(config, checkpoint({"a": 1}), LOOP, {"a": 1})
            assert (await saver.aget_tuple(stored)).metadata == {**LOOP, "run_id": str(run), "team": "x"}
            assert [it.config async for it in saver.alist(None, filter={"team": "x"})] == [stored]
            await saver.adelete_for_runs([str(run)])
            assert await saver.aget_tuple(at("t")) is None
            with pytest.raises(TypeError):
                await saver.adelete_for_runs("one")


async def test_prune_keeps() -> None:
    async with both_savers() as savers:
        for saver in savers:
            config = at("t")
            for _ in range(5):
                config = await saver.aput(config, checkpoint({"a": 1}), LOOP, {"a": 1})
            await saver.aprune(["t"], keep=3)
            assert len([it async for it in saver.alist(at("t"))]) == 3
            with pytest.raises(psycopg.Error) as error:
                await saver.aprune(["t"], strategy="some")
            assert error.value.sqlstate == "22023"


async def test_pages_and_calls_inside_a_loop_on_a_pool_of_one() -> None:
    tenant = new_tenant()
    with pool(1) as opened:
        saver = ThreadmemSaver(opened, tenant=tenant)
        config = at("t")
        for step in range(50):
            config = saver.put(config, checkpoint({"a": step}), {**LOOP, "step": step}, {"a": 1})
        seen = []
        for found in saver.list(at("t")):
            assert saver.get_tuple(found.config) == found
            seen.append(found.metadata["step"])
        assert seen == [*range(49, -1, -1)]
        assert [it.metadata["step"] for it in saver.list(at("t"), limit=20)] == [*range(49, 29, -1)]
        assert [it.metadata["step"] for it in saver.list(at("t"), limit=0)] == []
        assert [it.metadata["step"] for it in saver.list(at("t"), before=config, limit=1)] == [48]
        assert [it.metadata["step"] async for it in saver.alist(at("t"))] == seen
    async with new_async_saver(1) as other:
        other = other.for_tenant(tenant)
        assert [(await other.aget_tuple(it.config)).metadata["step"] async for it in other.alist(at("t"))] == seen


async def test_tenants_share_a_pool() -> None:
    with pool(2) as opened:
        tenants = [new_tenant(), new_tenant()]
        saver = ThreadmemSaver(opened)
        for tenant in tenants:
            saver.put(at("t", tenant=tenant), checkpoint({"who": tenant}), LOOP, {"who": 1})
        for tenant in tenants:
            for read in (saver.get_tuple(at("t", tenant=tenant)), saver.for_tenant(tenant).get_tuple(at("t"))):
                assert read is not None and read.checkpoint["channel_values"]["who"] == tenant
            assert [it.config for it in saver.list(at("t", tenant=tenant))] == [read.config]
        assert saver.get_tuple(at("t", tenant=new_tenant())) is None
        with pytest.raises(ValueError, match="the saver works for the tenant"):
            saver.for_tenant(tenants[0]).get_tuple(at("t", tenant=tenants[1]))
        saver.for_tenant(tenants[0]).delete_thread("t")
        assert saver.for_tenant(tenants[1]).get_tuple(at("t")) is not None


async def test_users_titles_and_graphs() -> None:
    async with both_savers(user_id="ada", title="Trip", graph="agent") as savers:
        for saver in savers:
            with sql(saver._tenant) as conn:

                def described(thread: str) -> Any:
                    query = "SELECT user_id, title, graph_id FROM threadmem.thread_get(%s)"
                    return conn.execute(query, (thread,)).fetchone()

                config = await saver.aput(at("t"), checkpoint({}), LOOP, {})
                assert described("t") == ("ada", "Trip", "agent")
                await saver.aput(at("u", user_id="bob", title="Other", graph_id="g"), checkpoint({}), LOOP, {})
                assert described("u") == ("bob", "Other", "g")
                # What it has already stays; a user's threads are the user's.
                await saver.aput({**config}, checkpoint({}), LOOP, {})
                conn.execute("SELECT threadmem.thread_update('t', title => 'Mine')")
                await saver.aput(at("t"), checkpoint({}), LOOP, {})
                assert described("t") == ("ada", "Mine", "agent")
                # Begun in SQL, and by writes that came first.
                conn.execute(
                    'SELECT threadmem.thread_create(\'v\', messages => \'[{"role": "user", "content": "hi"}]\')'
                )
                await chat(saver).ainvoke({"messages": []}, at("v"))
                assert described("v") == ("ada", "Trip", "agent")
                await saver.aput_writes(at("w", "c"), [("a", 1)], "task")
                await saver.aput(at("w"), checkpoint({}, id="c"), LOOP, {})
                assert described("w") == ("ada", "Trip", "agent")


async def test_context() -> None:
    """What is known of the user of a thread, for a prompt, by both kinds of savers."""
    async with both_savers(user_id="ada") as savers:
        for saver in savers:
            graph = chat(saver)
            await graph.ainvoke({"messages": [HumanMessage("My cat is called Minka.", id="h")]}, at("s"))
            await graph.ainvoke({"messages": [HumanMessage("What is my cat called?", id="q")]}, at("t"))

            async def context(thread: str, **options: Any) -> str:
                made = saver.context(thread, **options)
                return str(made if isinstance(made, str) else await made)

            with sql(saver._tenant) as conn:
                whole, short = (
                    conn.execute(f"SELECT threadmem.thread_context('t'{more})".encode()).fetchone()[0]
                    for more in ("", ", max_characters => 1000")
                )
            assert "Minka" in whole and await context("t") == whole
            assert await context("t", max_characters=1000) == short
            with pytest.raises(psycopg.Error) as error:
                await context("none")
            assert error.value.sqlstate == "P0002"


async def test_a_late_writer_does_not_bring_a_thread_back() -> None:
    async with both_savers(user_id="ada") as savers:
        for saver in savers:
            config = await saver.aput(at("t"), checkpoint({"a": 1}), LOOP, {"a": 1})
            with sql(saver._tenant) as conn:
                conn.execute("SELECT threadmem.thread_delete('t')")
                started = time.monotonic()
                for late in (saver.aput(config, checkpoint({}), LOOP, {}), saver.aput_writes(config, [("a", 1)], "x")):
                    with pytest.raises(psycopg.Error) as error:
                        await late
                    assert error.value.sqlstate == "P0002"
                assert time.monotonic() - started < 5
                assert conn.execute(
                    "SELECT count(*) FROM threadmem.thread_get('t', missing_ok => true)"
                ).fetchone() == (0,)
                # Writes that overtake the checkpoint with which the thread begins anew wait for it.
                stored = checkpoint({"a": 2})
                early = asyncio.create_task(saver.aput_writes(at("t", stored["id"]), [("a", 1)], "x"))
                await asyncio.sleep(0.1)
                await saver.aput(at("t"), stored, LOOP, {"a": 1})
                await early
                assert (await saver.aget_tuple(at("t"))).pending_writes == [("x", "a", 1)]


async def test_what_was_said_in_sql_is_seen() -> None:
    async with both_savers() as savers:
        for saver in savers:
            graph = chat(saver)
            with sql(saver._tenant) as conn:

                def say(text: str, role: str = "user") -> None:
                    conn.execute("SELECT threadmem.message_add('t', %s, %s)", (role, text))

                # Begun in SQL.
                conn.execute("SELECT threadmem.thread_create('t')")
                say("one")
                assert texts((await graph.aget_state(at("t"))).values["messages"]) == ["one"]
                assert texts((await graph.ainvoke({"messages": []}, at("t")))["messages"]) == ["one", "answer 1"]
                # Between two turns, changed and deleted too.
                say("two")
                conn.execute(
                    "SELECT threadmem.message_update('t', message_id, 'won') FROM threadmem.message_list('t') WHERE seq = 1"
                )
                answer = await graph.ainvoke({"messages": [HumanMessage("three")]}, at("t"))
                assert texts(answer["messages"]) == ["won", "answer 1", "two", "three", "answer 4"]
                assert [type(it) for it in answer["messages"][:3]] == [HumanMessage, AIMessage, HumanMessage]
                # Read by its id, or in a list: as it was.
                say("four")
                state = await saver.aget_tuple(at("t"))
                assert texts(state.checkpoint["channel_values"]["messages"])[-1] == "four"
                say("five")
                again = await saver.aget_tuple(state.config)
                assert texts(again.checkpoint["channel_values"]["messages"])[-1] == "four"
                newest = [it async for it in saver.alist(at("t"))][0]
                assert newest.config == state.config
                # Two readers at once fold once.
                both = await asyncio.gather(*(saver.aget_tuple(at("t")) for _ in range(6)))
                assert len({it.config["configurable"]["checkpoint_id"] for it in both}) == 1
                assert texts(both[0].checkpoint["channel_values"]["messages"])[-1] == "five"


async def test_a_reader_leaves_alone_whoever_is_at_work() -> None:
    with new_saver() as saver, sql(saver._tenant or "") as conn:

        def say(state: MessagesState) -> str:
            if len(state["messages"]) == 1:
                conn.execute("SELECT threadmem.message_add('t', 'user', 'meanwhile')")
                assert texts(graph.get_state(at("t")).values["messages"]) == ["question"]
            return f"answer {len(state['messages'])}"

        graph = chat(saver, say)
        graph.invoke({"messages": [HumanMessage("question")]}, at("t"), durability="sync")
        said = ["question", "answer 1", "meanwhile"]
        assert texts(graph.get_state(at("t")).values["messages"]) == said
        assert texts(graph.invoke({"messages": []}, at("t"))["messages"]) == [*said, "answer 3"]


async def test_folds_nothing_where_it_is_told_or_may_not() -> None:
    async with both_savers(fold=False) as savers:
        for saver in savers:
            config = await saver.aput(at("t"), checkpoint({"messages": []}), LOOP, {"messages": 1})
            with sql(saver._tenant) as conn:
                conn.execute("SELECT threadmem.message_add('t', 'user', 'more')")
                assert (await saver.aget_tuple(at("t"))).config == config
                options = f"-c default_transaction_read_only=on -c threadmem.tenant={saver._tenant}"
                with psycopg.connect(URL, autocommit=True, options=options) as read_only:
                    found = ThreadmemSaver(read_only).get_tuple(at("t"))
                    assert found is not None and found.config == config
                found = ThreadmemSaver(conn).get_tuple(at("t"))
                assert found is not None and found.config != config


async def test_a_role_that_only_reads() -> None:
    role = f"reader_{uuid.uuid4().hex}"
    with psycopg.connect("", autocommit=True) as admin, new_saver() as saver:
        admin.execute(f"CREATE ROLE {role} LOGIN".encode())
        admin.execute("SELECT threadmem.grant_access(%s, 'read')", (role,))
        config = put(saver, at("t"), {"messages": []})
        with sql(saver._tenant or "") as conn:
            conn.execute("SELECT threadmem.message_add('t', 'user', 'more')")
        with psycopg.connect("", user=role, autocommit=True) as conn:
            reader = ThreadmemSaver(conn, tenant=saver._tenant)
            with pytest.warns(UserWarning, match="this role may not call thread_fold"):
                found = reader.get_tuple(at("t"))
            assert found is not None and found.config == config and reader.get_tuple(at("t")) == found
        admin.execute("SELECT threadmem.revoke_access(%s)", (role,))
        admin.execute(f"DROP ROLE {role}".encode())


def test_kinds_of_connections() -> None:
    tenant = new_tenant()
    with ThreadmemSaver.from_conn_string(URL, tenant=tenant, pipeline=True) as saver:
        saver.setup()
        config = put(saver, at("t"), {"a": 1})
    for autocommit in (True, False):
        with psycopg.connect(URL, autocommit=autocommit, row_factory=psycopg.rows.dict_row) as conn:
            saver = ThreadmemSaver(conn, tenant=tenant)
            assert saver.get_tuple(config) is not None
            put(saver, at(f"of {autocommit}"), {"a": 1})
            with psycopg.connect(URL, autocommit=True) as other:
                assert ThreadmemSaver(other, tenant=tenant).get_tuple(at(f"of {autocommit}")) is not None
            # In a transaction of the application's it is part of it.
            with pytest.raises(ZeroDivisionError), conn.transaction():
                put(saver, at("gone"), {"a": 1})
                assert saver.get_tuple(at("gone")) is not None
                raise ZeroDivisionError
            assert saver.get_tuple(at("gone")) is None
    with ConnectionPool(URL, min_size=1, open=True) as plain:
        saver = ThreadmemSaver(plain, tenant=tenant)
        put(saver, at("plain"), {"a": 1})
        assert saver.get_tuple(at("plain")) is not None


def test_one_connection_serves_many_threads() -> None:
    with psycopg.connect(URL, autocommit=True) as conn:
        saver = ThreadmemSaver(conn, tenant=new_tenant())
        graph = chat(saver)
        errors: list[BaseException] = []

        def work(name: int) -> None:
            try:
                for _ in range(3):
                    graph.invoke({"messages": [HumanMessage("q")]}, at(name))
            except BaseException as error:
                errors.append(error)

        workers = [threading.Thread(target=work, args=(name,)) for name in range(8)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert not errors
        assert all(len(graph.get_state(at(name)).values["messages"]) == 6 for name in range(8))


async def test_fifty_graphs_on_a_pool_of_four() -> None:
    async with new_async_saver(4) as saver:
        graph = chat(saver)
        asked = [graph.ainvoke({"messages": [HumanMessage("q")]}, at(name)) for name in range(50)]
        answers = await asyncio.gather(*asked)
        assert all(texts(answer["messages"]) == ["q", "answer 1"] for answer in answers)


async def test_cancelled_and_lost() -> None:
    async with new_async_saver(1, user_id="ada") as saver:
        big = {"a": ["x" * 1000] * 5000}
        for delay in (0, 0.001, 0.01, 0.05, 0.1):
            task = asyncio.create_task(saver.aput(at(f"t{delay}"), checkpoint(big), LOOP, {"a": 1}))
            await asyncio.sleep(delay)
            task.cancel()
            try:
                await task
            except asyncio.CancelledError:
                pass
            stored = await saver.aput(at("next"), checkpoint({"a": 1}), LOOP, {"a": 1})
            assert (await saver.aget_tuple(stored)).checkpoint["channel_values"] == {"a": 1}
            found = await saver.aget_tuple(at(f"t{delay}"))
            assert found is None or found.checkpoint["channel_values"] == big
    tenant, name = new_tenant(), f"lost {uuid.uuid4()}"
    options = {"autocommit": True, "application_name": name}
    with (
        psycopg.connect("", autocommit=True) as admin,
        ConnectionPool(URL, min_size=1, kwargs=options, open=True) as opened,
    ):
        other = ThreadmemSaver(opened, tenant=tenant)
        first = checkpoint({"a": 1})
        config = other.put(at("t"), first, LOOP, {"a": 1})
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s", (name,))
        # The pool gives its lost connections away first: each call may be repeated as it is.
        for _ in range(10):
            try:
                assert other.put(at("t"), first, LOOP, {"a": 1}) == config
                break
            except psycopg.OperationalError:
                continue
        assert [it.config for it in other.list(at("t"))] == [config]


async def test_methods_for_other_threads() -> None:
    async with new_async_saver() as saver:
        with pytest.raises(RuntimeError, match="threads other than its event loop's"):
            saver.get_tuple(at("t"))

        def work() -> Any:
            config = put(saver, at("t"), {"a": 1})
            saver.put_writes(config, [("a", 1)], "task")
            saver.copy_thread("t", "u")
            saver.prune(["u"])
            assert saver.get_delta_channel_history(config=config, channels=["a"]) == {"a": {"writes": []}}
            saver.delete_for_runs(["none"])
            saver.delete_thread("u")
            return [it.config for it in saver.list(None)], saver.get_tuple(config).config, config

        found, got, config = await asyncio.to_thread(work)
        assert found == [config] and got == config


async def test_from_conn_string_in_a_loop() -> None:
    async with AsyncThreadmemSaver.from_conn_string(URL, tenant=new_tenant()) as saver:
        await saver.setup()
        config = await saver.aput(at("t"), checkpoint({"a": 1}), LOOP, {"a": 1})
        assert (await saver.aget_tuple(at("t"))).config == config


def test_one_round_trip_a_call() -> None:
    with psycopg.connect(URL, autocommit=True) as conn, tempfile.TemporaryFile("w+") as log:
        saver = ThreadmemSaver(conn, tenant=new_tenant(), user_id="ada", title="Trip")
        config = put(saver, at("warm"), {"a": 1})
        calls = (
            lambda: put(saver, at("t"), {"a": 1}),
            lambda: saver.put_writes(config, [("a", 1)], "task"),
            lambda: saver.get_tuple(at("t")),
            lambda: [*saver.list(at("t"))],
            lambda: saver.get_delta_channel_history(config=config, channels=["a"]),
            lambda: saver.copy_thread("t", "u"),
            lambda: saver.prune(["t"]),
            lambda: saver.delete_for_runs(["r"]),
            lambda: saver.delete_thread("t"),
        )
        for number, work in enumerate(calls):
            log.seek(0)
            log.truncate()
            conn.pgconn.trace(log.fileno())
            work()
            conn.pgconn.untrace()
            log.seek(0)
            assert log.read().count("ReadyForQuery") == 1, number


def test_changed_in_place_between_two_puts() -> None:
    with new_saver() as saver:
        message = AIMessage("first", id="a", tool_calls=[{"name": "f", "args": {"x": 1}, "id": "c"}])
        first = put(saver, at("t"), {"messages": [message]})
        message.content = "second"
        message.tool_calls[0]["args"]["x"] = 2
        second = put(saver, first, {"messages": [message]})
        for config, text, x in ((first, "first", 1), (second, "second", 2)):
            found = saver.get_tuple(config)
            assert found is not None
            [stored] = found.checkpoint["channel_values"]["messages"]
            assert stored.content == text and stored.tool_calls[0]["args"] == {"x": x}
