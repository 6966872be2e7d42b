"""AsyncThreadmemSaver: the checkpointer for programs that wait in an event loop."""

from __future__ import annotations

import asyncio
import contextlib
import time
import warnings
from collections.abc import AsyncIterator, Collection, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    DeltaChannelHistory,
)
from psycopg.pq import TransactionStatus
from psycopg.rows import tuple_row
from typing_extensions import Self

from ._calls import (
    EXTENSION,
    LATE,
    LOST,
    NO_FOLD,
    PATIENCE,
    Call,
    Calls,
    Page,
    Row,
    Statement,
    configurable,
    missing_extension,
)
from ._classes import Allowed
from ._writers import warn_of_half_step

if TYPE_CHECKING:
    from psycopg_pool import AsyncConnectionPool

T = TypeVar("T")

# For how many seconds a call that is cancelled is waited for.
GRACE = 5.0


class AsyncThreadmemSaver(Calls):
    """:class:`ThreadmemSaver` for an event loop. Its other methods are for other threads: the loop does their work.

    Args:
        conn: a connection (best one with autocommit), a pool, or a connection string, for which it opens what it
            needs and ``aclose()`` closes it; the rest is as ThreadmemSaver has it
    """

    def __init__(
        self,
        conn: psycopg.AsyncConnection[Any] | AsyncConnectionPool[Any] | str,
        *,
        allow: Iterable[Allowed] = (),
        strict: bool = False,
        fold: bool = True,
        user_id: str | None = None,
        tenant: str | None = None,
        title: str | None = None,
        graph: str | None = None,
    ) -> None:
        super().__init__(
            allow=allow, strict=strict, fold=fold, user_id=user_id, tenant=tenant, title=title, graph=graph
        )
        self._source = Source(conn)

    @classmethod
    @contextlib.asynccontextmanager
    async def from_conn_string(cls, conn_string: str, *, pipeline: bool = False, **options: Any) -> AsyncIterator[Self]:
        """A saver with connections of its own. ``pipeline``, AsyncPostgresSaver's, makes no difference."""
        async with cls(conn_string, **options) as saver:
            yield saver

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes what it opened itself."""
        await self._source.close()

    async def setup(self) -> None:
        """Checks that the extension is there: nothing has to be made."""
        if not await self._rows(Call((Statement(EXTENSION),))):
            raise missing_extension()

    def with_allowlist(self, extra_allowlist: Collection[tuple[str, ...]]) -> Self:
        """A saver on the same connections that allows these classes as well."""
        clone: Self = self._allowing(extra_allowlist)
        return clone

    def for_tenant(self, tenant: str) -> Self:
        """A saver on the same connections that works for this tenant."""
        clone: Self = self._for_tenant(tenant)
        return clone

    async def define(self, graph: Any, graph_id: str | None = None) -> None:
        """Tells the database what a compiled graph is made of, so that SQL reduces and goes on as it does.

        Args:
            graph: the compiled graph
            graph_id: its name there, by default the saver's ``graph``, or the graph's own name
        """
        await self._rows(self._define_call(graph, graph_id))

    async def context(
        self, thread_id: object, *, max_characters: int | None = None, template: str | None = None
    ) -> str:
        """What thread_context() has for a prompt: what is known of the thread's user."""
        return str((await self._rows(self._context_call(thread_id, max_characters, template)))[0][0])

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        call = self._get_call(config)
        rows = await self._folded(call) if call else []
        found = self._got(call, config, rows[0]) if call and rows else None
        if found and (step := self._half_step(config, found)):
            below = await self._rows(self._below_call(config, found)) if step.asked else []
            warn_of_half_step(found.config["configurable"]["thread_id"], step, (row[0] for row in below))
        return found

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        page = Page(limit)
        while page.more:
            rows = await self._rows(self._list_call(config, filter, before, page))
            page.took(rows)
            for found in self._tuples(rows):
                yield found

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        call = self._put_call(config, checkpoint, metadata, new_versions)
        begins = self._begins(config, metadata)
        try:
            rows = await self._put(call, config, begins)
        except psycopg.Error as error:
            if error.sqlstate != LOST or call.whole is None:
                raise
            call = call.whole()
            rows = await self._put(call, config, begins)
        return self._stored(call, config, rows, begins)

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        call = self._put_writes_call(config, writes, task_id, task_path)
        await self._after_beginning(call, self._key(configurable(config)))

    async def adelete_thread(self, thread_id: str) -> None:
        await self._rows(self._delete_call(thread_id))

    async def adelete_for_runs(self, run_ids: Sequence[str]) -> None:
        await self._rows(self._delete_for_runs_call(run_ids))

    async def acopy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        await self._rows(self._copy_call(source_thread_id, target_thread_id))

    async def aprune(
        self, thread_ids: Sequence[str], *, strategy: str = "keep_latest", keep: int | None = None
    ) -> None:
        """Thins out checkpoints; the state of those that stay is not changed. ``keep``: how many of a namespace."""
        await self._rows(self._prune_call(thread_ids, strategy, keep))

    async def aget_delta_channel_history(
        self, *, config: RunnableConfig, channels: Sequence[str]
    ) -> Mapping[str, DeltaChannelHistory]:
        call = self._history_call(config, channels)
        if call is None:
            return {channel: {"writes": []} for channel in channels}
        return self._history(channels, await self._rows(call))

    # The same for other threads.

    def get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        return self._wait(self.aget_tuple(config))

    def list(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> Iterator[CheckpointTuple]:
        page = Page(limit)
        while page.more:
            rows = self._wait(self._rows(self._list_call(config, filter, before, page)))
            page.took(rows)
            yield from self._tuples(rows)

    def put(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        return self._wait(self.aput(config, checkpoint, metadata, new_versions))

    def put_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        self._wait(self.aput_writes(config, writes, task_id, task_path))

    def delete_thread(self, thread_id: str) -> None:
        self._wait(self.adelete_thread(thread_id))

    def delete_for_runs(self, run_ids: Sequence[str]) -> None:
        self._wait(self.adelete_for_runs(run_ids))

    def copy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        self._wait(self.acopy_thread(source_thread_id, target_thread_id))

    def prune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest", keep: int | None = None) -> None:
        self._wait(self.aprune(thread_ids, strategy=strategy, keep=keep))

    def get_delta_channel_history(
        self, *, config: RunnableConfig, channels: Sequence[str]
    ) -> Mapping[str, DeltaChannelHistory]:
        return self._wait(self.aget_delta_channel_history(config=config, channels=channels))

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return self._source.wait(work, "AsyncThreadmemSaver")

    async def _put(self, call: Call, config: RunnableConfig, begins: bool) -> Sequence[Row]:
        if begins:
            return await self._rows(call)
        return await self._after_beginning(call, self._key(configurable(config)))

    async def _rows(self, call: Call) -> Sequence[Row]:
        return (await self._source.run(call.statements))[-1]

    async def _folded(self, call: Call) -> Sequence[Row]:
        try:
            return await self._rows(call)
        except psycopg.errors.InsufficientPrivilege:
            if not call.folds:
                raise
        rows = await self._rows(call.without_fold())
        self._threads.may_fold = False
        warnings.warn(NO_FOLD, stacklevel=3)
        return rows

    async def _after_beginning(self, call: Call, key: tuple[Any, ...]) -> Sequence[Row]:
        """Other tasks may be about to begin a thread whose name was deleted: until then this is a late writer's."""
        started = time.monotonic()
        try:
            return await self._rows(call)
        except psycopg.Error as error:
            if error.sqlstate != LATE:
                raise
            while not self._threads.begun_since(key, started):
                if time.monotonic() > started + PATIENCE:
                    raise
                await asyncio.sleep(0.01)
        return await self._rows(call)


async def _run(conn: psycopg.AsyncConnection[Any], statements: Sequence[Statement]) -> list[Sequence[Row]]:
    """In one transaction and, where nothing else is open, one round trip. The rows of each."""
    idle = conn.info.transaction_status == TransactionStatus.IDLE
    if conn.autocommit and idle and (len(statements) == 1 or psycopg.AsyncPipeline.is_supported()):
        # Without a block the server takes all up to the end of a pipeline for one transaction.
        block: AbstractAsyncContextManager[object] = (
            conn.pipeline() if len(statements) > 1 else contextlib.nullcontext()
        )
    elif len(statements) == 1 and not idle and not statements[0].may_be_lost:
        block = contextlib.nullcontext()
    else:
        block = conn.transaction()
    async with block:
        cursors = [psycopg.AsyncCursor(conn, row_factory=tuple_row) for _ in statements]
        for cursor, statement in zip(cursors, statements, strict=True):
            # Prepared from the first time on, unless the connection's prepare_threshold is None.
            await cursor.execute(statement.text.encode(), statement.args, prepare=True)
    return [await cursor.fetchall() for cursor in cursors]


class Source:
    """Where connections come from, and the loop that they belong to."""

    def __init__(self, conn: psycopg.AsyncConnection[Any] | AsyncConnectionPool[Any] | str) -> None:
        self._lock = asyncio.Lock()
        self._url = conn if isinstance(conn, str) else None
        self._pool: AsyncConnectionPool[Any] | None = None
        self._conn: psycopg.AsyncConnection[Any] | None = None
        if isinstance(conn, psycopg.AsyncConnection):
            self._conn = conn
        elif not isinstance(conn, str):
            self._pool = conn
        self.loop: asyncio.AbstractEventLoop | None = None
        with contextlib.suppress(RuntimeError):
            self.loop = asyncio.get_running_loop()

    def wait(self, work: Coroutine[Any, Any, T], whose: str) -> T:
        """Lets the loop do work for another thread."""
        try:
            running: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            running = None
        if self.loop is None or self.loop is running:
            work.close()
            raise RuntimeError(
                f"{whose}'s methods that do not wait are for threads other than its event loop's: "
                f"use those that begin with a, or {whose.removeprefix('Async')}"
            )
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    async def run(self, statements: Sequence[Statement]) -> list[Sequence[Row]]:
        """A pipeline that is cancelled half way leaves a connection that is good for nothing: it is let finish."""
        if len(statements) == 1:
            return await self._run(statements)
        work = asyncio.ensure_future(self._run(statements))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            await asyncio.wait({work}, timeout=GRACE)
            if work.done() and not work.cancelled():
                work.exception()  # is nobody's any more
            raise

    async def _run(self, statements: Sequence[Statement]) -> list[Sequence[Row]]:
        async with self.connection() as conn:
            return await _run(conn, statements)

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        self.loop = self.loop or asyncio.get_running_loop()
        if self._url is not None:
            await self._open(self._url)
        if self._pool is not None:
            async with self._pool.connection() as conn:
                yield conn
            return
        assert self._conn is not None
        async with self._lock:  # a transaction at a time
            yield self._conn

    async def _open(self, url: str) -> None:
        """A pool where psycopg-pool is installed, else one connection, again where it was lost."""
        async with self._lock:
            if self._pool is not None or (self._conn is not None and not self._conn.closed):
                return
            try:
                from psycopg_pool import AsyncConnectionPool
            except ImportError:
                self._conn = await psycopg.AsyncConnection.connect(url, autocommit=True)
                return
            pool = AsyncConnectionPool(url, min_size=1, max_size=8, kwargs={"autocommit": True}, open=False)
            await pool.open()
            self._pool = pool

    async def close(self) -> None:
        if self._url is None:
            return
        async with self._lock:
            if self._pool is not None:
                await self._pool.close()
            if self._conn is not None:
                await self._conn.close()
            self._pool = self._conn = None
