"""ThreadmemSaver: the checkpointer for programs that do not wait in an event loop, and for those that do."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
import warnings
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

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
    from psycopg_pool import ConnectionPool


class ThreadmemSaver(Calls):
    """A LangGraph checkpointer on the PostgreSQL extension threadmem: one round trip for each method.

    Args:
        conn: a connection (best one with autocommit), a pool, or a connection string, for which it opens what it
            needs and ``close()`` closes it
        allow: classes that values may have, or their (module, name); all others come as plain data
        strict: a class that is not allowed is an error
        fold: what was said in the thread by SQL comes into the state before its latest checkpoint is read
        user_id, title, graph: of the threads that it begins; configurable's user_id, title and graph_id go before
        tenant: for which it works, set in each transaction; configurable's where none is given here
    """

    def __init__(
        self,
        conn: psycopg.Connection[Any] | ConnectionPool[Any] | str,
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
    @contextlib.contextmanager
    def from_conn_string(cls, conn_string: str, *, pipeline: bool = False, **options: Any) -> Iterator[Self]:
        """A saver with connections of its own. ``pipeline``, PostgresSaver's, makes no difference."""
        with cls(conn_string, **options) as saver:
            yield saver

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes what it opened itself."""
        self._source.close()

    def setup(self) -> None:
        """Checks that the extension is there: nothing has to be made."""
        if not self._rows(Call((Statement(EXTENSION),))):
            raise missing_extension()

    def with_allowlist(self, extra_allowlist: Collection[tuple[str, ...]]) -> Self:
        """A saver on the same connections that allows these classes as well."""
        clone: Self = self._allowing(extra_allowlist)
        return clone

    def for_tenant(self, tenant: str) -> Self:
        """A saver on the same connections that works for this tenant."""
        clone: Self = self._for_tenant(tenant)
        return clone

    def define(self, graph: Any, graph_id: str | None = None) -> None:
        """Tells the database what a compiled graph is made of, so that SQL reduces and goes on as it does.

        Args:
            graph: the compiled graph
            graph_id: its name there, by default the saver's ``graph``, or the graph's own name
        """
        self._rows(self._define_call(graph, graph_id))

    def context(self, thread_id: object, *, max_characters: int | None = None, template: str | None = None) -> str:
        """What thread_context() has for a prompt: what is known of the thread's user."""
        return str(self._rows(self._context_call(thread_id, max_characters, template))[0][0])

    def get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        call = self._get_call(config)
        rows = self._folded(call) if call else []
        found = self._got(call, config, rows[0]) if call and rows else None
        if found and (step := self._half_step(config, found)):
            below = self._rows(self._below_call(config, found)) if step.asked else []
            warn_of_half_step(found.config["configurable"]["thread_id"], step, (row[0] for row in below))
        return found

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
            rows = self._rows(self._list_call(config, filter, before, page))
            page.took(rows)
            yield from self._tuples(rows)

    def put(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        call = self._put_call(config, checkpoint, metadata, new_versions)
        begins = self._begins(config, metadata)
        try:
            rows = self._put(call, config, begins)
        except psycopg.Error as error:
            if error.sqlstate != LOST or call.whole is None:
                raise
            call = call.whole()
            rows = self._put(call, config, begins)
        return self._stored(call, config, rows, begins)

    def put_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        call = self._put_writes_call(config, writes, task_id, task_path)
        self._after_beginning(call, self._key(configurable(config)))

    def delete_thread(self, thread_id: str) -> None:
        self._rows(self._delete_call(thread_id))

    def delete_for_runs(self, run_ids: Sequence[str]) -> None:
        self._rows(self._delete_for_runs_call(run_ids))

    def copy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        self._rows(self._copy_call(source_thread_id, target_thread_id))

    def prune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest", keep: int | None = None) -> None:
        """Thins out checkpoints; the state of those that stay is not changed. ``keep``: how many of a namespace."""
        self._rows(self._prune_call(thread_ids, strategy, keep))

    def get_delta_channel_history(
        self, *, config: RunnableConfig, channels: Sequence[str]
    ) -> Mapping[str, DeltaChannelHistory]:
        call = self._history_call(config, channels)
        if call is None:
            return {channel: {"writes": []} for channel in channels}
        return self._history(channels, self._rows(call))

    # The same for graphs that run in an event loop, in threads of their own.

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        return await asyncio.to_thread(self.get_tuple, config)

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
            rows = await asyncio.to_thread(self._rows, self._list_call(config, filter, before, page))
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
        return await asyncio.to_thread(self.put, config, checkpoint, metadata, new_versions)

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        await asyncio.to_thread(self.put_writes, config, writes, task_id, task_path)

    async def adelete_thread(self, thread_id: str) -> None:
        await asyncio.to_thread(self.delete_thread, thread_id)

    async def adelete_for_runs(self, run_ids: Sequence[str]) -> None:
        await asyncio.to_thread(self.delete_for_runs, run_ids)

    async def acopy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        await asyncio.to_thread(self.copy_thread, source_thread_id, target_thread_id)

    async def aprune(
        self, thread_ids: Sequence[str], *, strategy: str = "keep_latest", keep: int | None = None
    ) -> None:
        await asyncio.to_thread(self._rows, self._prune_call(thread_ids, strategy, keep))

    async def aget_delta_channel_history(
        self, *, config: RunnableConfig, channels: Sequence[str]
    ) -> Mapping[str, DeltaChannelHistory]:
        def get() -> Mapping[str, DeltaChannelHistory]:
            return self.get_delta_channel_history(config=config, channels=channels)

        return await asyncio.to_thread(get)

    def _put(self, call: Call, config: RunnableConfig, begins: bool) -> Sequence[Row]:
        if begins:
            return self._rows(call)
        return self._after_beginning(call, self._key(configurable(config)))

    def _rows(self, call: Call) -> Sequence[Row]:
        return self._source.run(call.statements)[-1]

    def _folded(self, call: Call) -> Sequence[Row]:
        try:
            return self._rows(call)
        except psycopg.errors.InsufficientPrivilege:
            if not call.folds:
                raise
        rows = self._rows(call.without_fold())
        self._threads.may_fold = False
        warnings.warn(NO_FOLD, stacklevel=3)
        return rows

    def _after_beginning(self, call: Call, key: tuple[Any, ...]) -> Sequence[Row]:
        """Other threads may be about to begin a thread whose name was deleted: until then this is a late writer's."""
        started = time.monotonic()
        try:
            return self._rows(call)
        except psycopg.Error as error:
            if error.sqlstate != LATE:
                raise
            while not self._threads.begun_since(key, started):
                if time.monotonic() > started + PATIENCE:
                    raise
                time.sleep(0.01)
        return self._rows(call)


def _run(conn: psycopg.Connection[Any], statements: Sequence[Statement]) -> list[Sequence[Row]]:
    """In one transaction and, where nothing else is open, one round trip. The rows of each."""
    idle = conn.info.transaction_status == TransactionStatus.IDLE
    if conn.autocommit and idle and (len(statements) == 1 or psycopg.Pipeline.is_supported()):
        # Without a block the server takes all up to the end of a pipeline for one transaction.
        block: AbstractContextManager[object] = conn.pipeline() if len(statements) > 1 else contextlib.nullcontext()
    elif len(statements) == 1 and not idle and not statements[0].may_be_lost:
        block = contextlib.nullcontext()
    else:
        block = conn.transaction()
    with block:
        cursors = [psycopg.Cursor(conn, row_factory=tuple_row) for _ in statements]
        for cursor, statement in zip(cursors, statements, strict=True):
            # Prepared from the first time on, unless the connection's prepare_threshold is None.
            cursor.execute(statement.text.encode(), statement.args, prepare=True)
    return [cursor.fetchall() for cursor in cursors]


class Source:
    """Where connections come from."""

    def __init__(self, conn: psycopg.Connection[Any] | ConnectionPool[Any] | str) -> None:
        self._lock = threading.RLock()
        self._url = conn if isinstance(conn, str) else None
        self._pool: ConnectionPool[Any] | None = None
        self._conn: psycopg.Connection[Any] | None = None
        if isinstance(conn, psycopg.Connection):
            self._conn = conn
        elif not isinstance(conn, str):
            self._pool = conn

    def run(self, statements: Sequence[Statement]) -> list[Sequence[Row]]:
        with self.connection() as conn:
            return _run(conn, statements)

    @contextlib.contextmanager
    def connection(self) -> Iterator[psycopg.Connection[Any]]:
        if self._url is not None:
            self._open(self._url)
        if self._pool is not None:
            with self._pool.connection() as conn:
                yield conn
            return
        assert self._conn is not None
        with self._lock:  # a transaction at a time
            yield self._conn

    def _open(self, url: str) -> None:
        """A pool where psycopg-pool is installed, else one connection, again where it was lost."""
        with self._lock:
            if self._pool is not None or (self._conn is not None and not self._conn.closed):
                return
            try:
                from psycopg_pool import ConnectionPool
            except ImportError:
                self._conn = psycopg.connect(url, autocommit=True)
                return
            self._pool = ConnectionPool(url, min_size=1, max_size=8, kwargs={"autocommit": True}, open=True)

    def close(self) -> None:
        if self._url is None:
            return
        with self._lock:
            if self._pool is not None:
                self._pool.close()
            if self._conn is not None:
                self._conn.close()
            self._pool = self._conn = None
