"""Where the calls go: a connection, which may be in a transaction, or a pool."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, contextmanager
from typing import Any, Protocol

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import tuple_row
from typing_extensions import Self

from ._afunctions import AsyncFunctions
from ._call import Argument, Read, T, statement
from ._functions import Functions
from .errors import translated


class Pool(Protocol):
    """psycopg_pool.ConnectionPool, or what has its method."""

    def connection(self) -> AbstractContextManager[psycopg.Connection[Any]]: ...


class AsyncPool(Protocol):
    """psycopg_pool.AsyncConnectionPool, or what has its method."""

    def connection(self) -> AbstractAsyncContextManager[psycopg.AsyncConnection[Any]]: ...


class Threadmem(Functions):
    """The functions of the extension threadmem, as methods.

    With a pool every call is a transaction of its own, in one round trip. On a connection it takes part in the
    transaction that is open there, and begins one, as all that psycopg executes, unless the connection has autocommit.

    Args:
        source: a connection or a pool
        tenant: for which it works, set for the transaction; without it the one that the session has
        user_id: narrows the transaction to threads that this user owns or takes part in
    """

    def __init__(
        self, source: psycopg.Connection[Any] | Pool, *, tenant: str | None = None, user_id: str | None = None
    ) -> None:
        self._source = source
        self._settings = _settings(tenant, user_id)

    @contextmanager
    def transaction(self) -> Iterator[Self]:
        """Calls that happen all or not at all. In a transaction that is open already it is a savepoint."""
        with self._connection() as conn, conn.transaction():
            yield self._on(conn)
            _refuse_failed(conn)

    def _on(self, conn: psycopg.Connection[Any]) -> Self:
        other = self.__class__.__new__(self.__class__)
        other._source, other._settings = conn, self._settings
        return other

    def _call(self, name: str, read: Read[T], *arguments: Argument) -> T:
        text, args = statement(name, arguments, self._settings)
        with self._connection() as conn, _alone(conn, self._source):
            cursor = psycopg.Cursor(conn, row_factory=tuple_row)
            try:
                cursor.execute(text, args)
                found = cursor.fetchall()
            except psycopg.Error as error:
                raise translated(error, conn.info.encoding) from error
            return read(_names(cursor.description), found)

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection[Any]]:
        if isinstance(self._source, psycopg.Connection):
            yield self._source
        else:
            with self._source.connection() as conn:
                yield conn


class AsyncThreadmem(AsyncFunctions):
    """Threadmem for an event loop, on psycopg's AsyncConnection or a pool of those."""

    def __init__(
        self, source: psycopg.AsyncConnection[Any] | AsyncPool, *, tenant: str | None = None, user_id: str | None = None
    ) -> None:
        self._source = source
        self._settings = _settings(tenant, user_id)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Self]:
        """Calls that happen all or not at all. In a transaction that is open already it is a savepoint."""
        async with self._connection() as conn, conn.transaction():
            yield self._on(conn)
            _refuse_failed(conn)

    def _on(self, conn: psycopg.AsyncConnection[Any]) -> Self:
        other = self.__class__.__new__(self.__class__)
        other._source, other._settings = conn, self._settings
        return other

    async def _call(self, name: str, read: Read[T], *arguments: Argument) -> T:
        text, args = statement(name, arguments, self._settings)
        async with self._connection() as conn, _alone_async(conn, self._source):
            cursor = psycopg.AsyncCursor(conn, row_factory=tuple_row)
            try:
                await cursor.execute(text, args)
                found = await cursor.fetchall()
            except psycopg.Error as error:
                raise translated(error, conn.info.encoding) from error
            return read(_names(cursor.description), found)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        if isinstance(self._source, psycopg.AsyncConnection):
            yield self._source
        else:
            async with self._source.connection() as conn:
                yield conn


def _settings(tenant: str | None, user_id: str | None) -> list[tuple[str, str]]:
    given = (("threadmem.tenant", tenant), ("threadmem.user_id", user_id))
    return [(name, value) for name, value in given if value is not None]


def _names(description: Sequence[psycopg.Column] | None) -> list[str]:
    return [column.name for column in description or ()]


def _refuse_failed(conn: psycopg.Connection[Any] | psycopg.AsyncConnection[Any]) -> None:
    """An error that was caught inside has ended the transaction: a COMMIT would take it back and say nothing."""
    if conn.info.transaction_status == TransactionStatus.INERROR:
        raise psycopg.errors.InFailedSqlTransaction("a statement of the transaction had failed")


def _begins(conn: psycopg.Connection[Any] | psycopg.AsyncConnection[Any], source: object) -> bool:
    """Would psycopg put a BEGIN and a COMMIT around the only statement, for nothing that they say?"""
    says = (conn.isolation_level, conn.read_only, conn.deferrable) != (None, None, None)
    return source is not conn and not conn.autocommit and not says


@contextmanager
def _alone(conn: psycopg.Connection[Any], source: object) -> Iterator[None]:
    """A connection of a pool does with one round trip instead of three: a statement alone is a transaction."""
    if not _begins(conn, source):
        yield
        return
    conn.autocommit = True
    try:
        yield
    finally:
        if conn.info.transaction_status == TransactionStatus.IDLE:
            conn.autocommit = False


@asynccontextmanager
async def _alone_async(conn: psycopg.AsyncConnection[Any], source: object) -> AsyncIterator[None]:
    if not _begins(conn, source):
        yield
        return
    await conn.set_autocommit(True)
    try:
        yield
    finally:
        if conn.info.transaction_status == TransactionStatus.IDLE:
            await conn.set_autocommit(False)
