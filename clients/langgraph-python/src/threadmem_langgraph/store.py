"""ThreadmemStore: the long-term store for programs that do not wait in an event loop, and for those that do."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import warnings
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import psycopg
from langgraph.store.base import IndexConfig, Op, Result, TTLConfig
from typing_extensions import Self

from ._calls import EXTENSION, Statement, missing_extension, set_tenant
from ._classes import Allowed
from ._items import NO_RENEWAL, SWEEP, Batch, Items
from .saver import Source

if TYPE_CHECKING:
    from psycopg_pool import ConnectionPool

log = logging.getLogger(__name__)


class ThreadmemStore(Items):
    """LangGraph's long-term store on the PostgreSQL extension threadmem: one round trip for each batch.

    Args:
        conn: a connection (best one with autocommit), a pool, or a connection string, for which it opens what it
            needs and ``close()`` closes it
        index: LangGraph's: what is embedded (``fields``), by what (``embed``), and how long vectors are (``dims``);
            without it a query is looked for by its words
        ttl: LangGraph's; what has expired is never read
        allow: classes that values may have, or their (module, name); all others come as plain data
        strict: a class that is not allowed is an error
        tenant: for which it works, set in each transaction; where none is given here, that of the configurable of
            the graph that calls
    """

    def __init__(
        self,
        conn: psycopg.Connection[Any] | ConnectionPool[Any] | str,
        *,
        index: IndexConfig | None = None,
        ttl: TTLConfig | None = None,
        allow: Iterable[Allowed] = (),
        strict: bool = False,
        tenant: str | None = None,
    ) -> None:
        super().__init__(index=index, ttl=ttl, allow=allow, strict=strict, tenant=tenant)
        self._source = Source(conn)
        self._sweeper: Sweeper | None = None

    @classmethod
    @contextlib.contextmanager
    def from_conn_string(
        cls,
        conn_string: str,
        *,
        pipeline: bool = False,
        pool_config: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Iterator[Self]:
        """A store with connections of its own. ``pipeline``, PostgresStore's, makes no difference.

        Args:
            conn_string: of the database
            pipeline: makes no difference
            pool_config: PostgresStore's: arguments of the pool
            options: as the class has them
        """
        with contextlib.ExitStack() as stack:
            conn: Any = conn_string
            if pool_config is not None:
                from psycopg_pool import ConnectionPool

                kwargs = {"autocommit": True, **(pool_config.get("kwargs") or {})}
                more = {"min_size": 1, **pool_config, "kwargs": kwargs}
                conn = stack.enter_context(ConnectionPool(conn_string, **more, open=True))
            with cls(conn, **options) as store:
                yield store

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends its sweeper, and closes what it opened itself."""
        self.stop_ttl_sweeper()
        self._source.close()

    def setup(self) -> None:
        """Checks that the extension is there: nothing has to be made."""
        if not self._source.run([Statement(EXTENSION)])[-1]:
            raise missing_extension()

    def for_tenant(self, tenant: str) -> Self:
        """A store on the same connections that works for this tenant."""
        clone = self._for_tenant(tenant)
        clone._sweeper = None
        return clone

    def batch(self, ops: Iterable[Op]) -> list[Result]:
        batch = self._batch(ops)
        if self.embeddings is not None:
            documents = self.embeddings.embed_documents(batch.documents) if batch.documents else []
            batch.embedded(documents, [self.embeddings.embed_query(query) for query in batch.queries])
        return self._run(batch)

    async def abatch(self, ops: Iterable[Op]) -> list[Result]:
        """The same for graphs that run in an event loop, in threads of their own."""
        batch = self._batch(ops)
        await batch.embed(self.embeddings)
        return await asyncio.to_thread(self._run, batch)

    def _run(self, batch: Batch) -> list[Result]:
        while statements := batch.statements(self._rights.renew):
            try:
                rows = self._source.run(statements)
            except psycopg.errors.InsufficientPrivilege:
                if not batch.renews:
                    raise
                rows = self._source.run(batch.statements(renew=False))
                self._rights.renew = False
                warnings.warn(NO_RENEWAL, stacklevel=3)
            batch.took(rows)
        return batch.results

    def sweep_ttl(self) -> int:
        """Deletes the items whose time is over, and says how many. Nobody reads them as it is."""
        statements = [*set_tenant(self._tenant_now()), SWEEP]
        total = 0
        while swept := self._source.run(statements)[-1][0][0]:
            total += swept
        return total

    def start_ttl_sweeper(self, sweep_interval_minutes: float | None = None) -> Future[None]:
        """Sweeps again and again, in a thread, until that is stopped or what is returned is cancelled.

        Args:
            sweep_interval_minutes: from one time to the next, by default ``ttl``'s, or 5
        """
        seconds = self._interval(sweep_interval_minutes)
        if seconds is None:
            done: Future[None] = Future()
            done.set_result(None)
            return done
        if self._sweeper is None or not self._sweeper.is_alive():
            self._sweeper = Sweeper(weakref.WeakMethod(self.sweep_ttl), seconds)
            self._sweeper.start()
        return self._sweeper.done

    def stop_ttl_sweeper(self, timeout: float | None = None) -> bool:
        """Ends it; False where it is still at work after ``timeout`` seconds."""
        if self._sweeper is None:
            return True
        self._sweeper.stopped.set()
        self._sweeper.join(timeout)
        return not self._sweeper.is_alive()


class Sweeper(threading.Thread):
    """Sweeps a store for as long as there is one."""

    def __init__(self, sweep: Callable[[], Callable[[], int] | None], seconds: float) -> None:
        super().__init__(name="threadmem-sweeper", daemon=True)
        self.done: Future[None] = Future()
        self.stopped = threading.Event()
        self.done.add_done_callback(lambda _: self.stopped.set())
        self._sweep = sweep
        self._seconds = seconds

    def run(self) -> None:
        while not self.stopped.wait(self._seconds):
            sweep = self._sweep()
            if sweep is None:
                break
            try:
                sweep()
            except Exception:
                log.exception("items of the store were not swept")
            del sweep
        if self.done.set_running_or_notify_cancel():
            self.done.set_result(None)
