"""Errors, tenants, transactions, pools."""

from __future__ import annotations

import asyncio
import pickle
import re
import tempfile
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.pq import TransactionStatus
from psycopg_pool import AsyncConnectionPool, ConnectionPool
from support import URL, new_calls, new_tenant, pool

import threadmem
from threadmem import AsyncThreadmem, Threadmem, errors

PAGE = Path(__file__).parents[3] / "docs" / "errors.md"


def test_every_code_has_a_class() -> None:
    table = PAGE.read_text().split("## What each means")[1].split("\n## ")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| ")]
    codes = set(re.findall(r"\b[0-9A-Z]{5}\b", " ".join(cells)))
    assert codes == set(errors.BY_CODE)
    for code, kind in errors.BY_CODE.items():
        assert kind.__doc__ and kind.__doc__.startswith(f"{code}: ")


def test_an_error_has_its_fields() -> None:
    with new_calls() as calls:
        calls.thread_create("trip")
        with pytest.raises(errors.NotFound) as raised:
            calls.message_get("trip", "none")
        error = raised.value
        assert (error.sqlstate, error.table, error.column) == ("P0002", "messages", "message_id")
        assert error.detail and "none" in error.detail and error.constraint is None
        assert isinstance(error, psycopg.errors.NoDataFound) and isinstance(error, threadmem.ThreadmemError)
        assert isinstance(error.__cause__, psycopg.errors.NoDataFound)
        assert pickle.loads(pickle.dumps(error)).detail == error.detail
        with pytest.raises(errors.AlreadyExists) as exists:
            calls.thread_create("trip")
        assert (exists.value.table, exists.value.constraint) == ("threads", "threads_pkey") and exists.value.hint
        with pytest.raises(errors.LostUpdate):
            calls.thread_update("trip", title="x", expected_version=99)
        with pytest.raises(errors.MissingParent):
            calls.thread_create("other", user_id="nobody")
        with pytest.raises(errors.BadInput) as bad:
            calls.message_list("trip", max_rows=5000)
        assert bad.value.column == "max_rows"
        calls.run_create("trip", run_id="r")
        calls.run_start("trip", "r")
        with pytest.raises(errors.Busy):
            calls.thread_update_state("trip", {"a": 1})
        calls.run_complete("trip", "r")
        with pytest.raises(errors.WrongState):
            calls.run_heartbeat("trip", "r")


def test_what_is_not_of_the_function_stays_as_it_is() -> None:
    with psycopg.connect(URL, autocommit=True) as conn:
        calls = Threadmem(conn)
        conn.close()
        with pytest.raises(psycopg.OperationalError) as raised:
            calls.thread_list()
        assert not isinstance(raised.value, threadmem.ThreadmemError)


def kinds(calls: Threadmem) -> list[Any]:
    """One of each way in which functions give results, told apart by the tenant."""
    return [
        calls.current_tenant(),
        [t.thread_id for t in calls.thread_list()],
        calls.thread_count(),
        calls.thread_gone(["north", "south"]),
        calls.thread_get("north", missing_ok=True) is not None,
    ]


@pytest.mark.parametrize("options", [{}, {"autocommit": True}])
def test_tenants_of_a_pool_of_one(options: dict[str, Any]) -> None:
    north, south = new_tenant(), new_tenant()
    with pool(**options) as opened:
        for _ in range(2):
            Threadmem(opened, tenant=north).thread_create("north", if_exists="do_nothing")
            Threadmem(opened, tenant=south).thread_create("south", if_exists="do_nothing")
            assert kinds(Threadmem(opened, tenant=north)) == [north, ["north"], 1, ["south"], True]
            assert kinds(Threadmem(opened, tenant=south)) == [south, ["south"], 1, ["north"], False]
            assert Threadmem(opened).current_tenant() == ""
        with opened.connection() as conn:
            assert conn.autocommit is bool(options) and conn.info.transaction_status == TransactionStatus.IDLE
            assert conn.execute("SELECT current_setting('threadmem.tenant')").fetchone() == ("",)


def test_a_session_narrowed_to_a_user() -> None:
    with pool() as opened:
        tenant = new_tenant()
        calls = Threadmem(opened, tenant=tenant)
        for name in ("ada", "bob"):
            calls.user_create(name)
            calls.thread_create(f"of {name}", user_id=name)
        ada = Threadmem(opened, tenant=tenant, user_id="ada")
        assert ada.current_user_id() == "ada" and [t.thread_id for t in ada.thread_list()] == ["of ada"]
        assert len(calls.thread_list()) == 2


def test_an_injected_tenant_is_a_value() -> None:
    with pool() as opened:
        tenant = "x', true) OR ('%s"
        assert Threadmem(opened, tenant=tenant).current_tenant() == tenant


def test_a_call_is_one_round_trip() -> None:
    with pool() as opened, opened.connection() as conn, tempfile.TemporaryFile() as trace:
        lender: Any = type("Lender", (), {"connection": lambda self: _lent(conn)})()
        calls = Threadmem(lender, tenant=new_tenant())
        calls.thread_create("trip")
        conn.pgconn.trace(trace.fileno())
        try:
            calls.thread_get("trip")
        finally:
            conn.pgconn.untrace()
        trace.seek(0)
        assert len(re.findall(rb"^(?:\S+ \S+\t)?F\t\d+\t(?:Sync|Query)\b", trace.read(), re.MULTILINE)) == 1


class _lent:
    def __init__(self, conn: psycopg.Connection[Any]) -> None:
        self.conn = conn

    def __enter__(self) -> psycopg.Connection[Any]:
        return self.conn

    def __exit__(self, *_: object) -> None:
        pass


def test_a_pool_that_wants_its_transactions_has_them() -> None:
    def configure(conn: psycopg.Connection[Any]) -> None:
        conn.read_only = True

    with ConnectionPool(URL, min_size=1, max_size=1, configure=configure, open=True) as opened:
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            Threadmem(opened, tenant=new_tenant()).thread_create("trip")
        assert Threadmem(opened).thread_get("none", missing_ok=True) is None


def test_a_connection_is_its_owners() -> None:
    tenant = new_tenant()
    with psycopg.connect(URL) as conn:
        calls = Threadmem(conn, tenant=tenant)
        calls.thread_create("lost")
        assert conn.info.transaction_status == TransactionStatus.INTRANS
        conn.rollback()
        calls.thread_create("kept")
        conn.commit()
        assert [t.thread_id for t in calls.thread_list()] == ["kept"]


def test_a_transaction_is_all_or_nothing() -> None:
    with new_calls() as calls:
        with pytest.raises(KeyError), calls.transaction() as within:
            within.thread_create("lost")
            raise KeyError
        with calls.transaction() as within:
            within.thread_create("trip")
            with pytest.raises(errors.AlreadyExists), within.transaction() as savepoint:
                savepoint.thread_create("trip")
            within.message_add("trip", "user", "Hi")
        assert [(t.thread_id, t.message_count) for t in calls.thread_list()] == [("trip", 1)]
        with pytest.raises(psycopg.errors.InFailedSqlTransaction), calls.transaction() as within:
            within.thread_create("never")
            with pytest.raises(errors.AlreadyExists):
                within.thread_create("trip")
        assert calls.thread_count() == 1


async def test_an_event_loop() -> None:
    north, south = new_tenant(), new_tenant()
    async with AsyncConnectionPool(URL, min_size=1, max_size=1, open=False) as opened:
        calls = {tenant: AsyncThreadmem(opened, tenant=tenant) for tenant in (north, south)}
        for tenant, of_tenant in calls.items():
            await of_tenant.thread_create(tenant)
        for _ in range(3):
            listed = await asyncio.gather(*(calls[tenant].thread_list() for tenant in (north, south, north)))
            assert [[t.thread_id for t in threads] for threads in listed] == [[north], [south], [north]]
        assert await AsyncThreadmem(opened).current_tenant() == ""
        with pytest.raises(errors.NotFound):
            await calls[north].thread_get(south)
        with pytest.raises(KeyError):
            async with calls[north].transaction() as within:
                await within.thread_create("lost")
                raise KeyError
        async with calls[north].transaction() as within:
            await within.message_add(north, "user", "Hi")
        found = await calls[north].thread_get(north, missing_ok=True)
        assert found is not None and found.message_count == 1 and await calls[north].thread_count() == 1
        task = asyncio.create_task(calls[north].thread_list())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await calls[south].thread_count() == 1
