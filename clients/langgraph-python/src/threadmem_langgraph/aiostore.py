"""AsyncThreadmemStore: the long-term store for programs that wait in an event loop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import warnings
import weakref
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import psycopg
from langgraph.store.base import IndexConfig, Op, Result, TTLConfig
from typing_extensions import Self

from ._calls import EXTENSION, Statement, missing_extension, set_tenant
from ._classes import Allowed
from ._items import NO_RENEWAL, SWEEP, Batch, Items
from .aio import GRACE, Source

if TYPE_CHECKING:
    from psycopg_pool import AsyncConnectionPool

log = logging.getLogger(__name__)


class AsyncThreadmemStore(Items):
    """:class:`ThreadmemStore` for an event loop. Its other methods are for other threads: the loop does their work.

    Args:
        conn: a connection (best one with autocommit), a pool, or a connection string, for which it opens what it
            needs and ``aclose()`` closes it; the rest is as ThreadmemStore has it
    """

    def __init__(
        self,
        conn: psycopg.AsyncConnection[Any] | AsyncConnectionPool[Any] | str,
        *,
        index: IndexConfig | None = None,
        ttl: TTLConfig | None = None,
        allow: Iterable[Allowed] = (),
        strict: bool = False,
        tenant: str | None = None,
    ) -> None:
        super().__init__(index=index, ttl=ttl, allow=allow, strict=strict, tenant=tenant)
        self._source = Source(conn)
        self._sweeper: asyncio.Task[None] | None = None
        self._stopped = asyncio.Event()

    @classmethod
    @contextlib.asynccontextmanager
    async def from_conn_string(
        cls,
        conn_string: str,
        *,
        pipeline: bool = False,
        pool_config: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> AsyncIterator[Self]:
        """A store with connections of its own. ``pipeline``, AsyncPostgresStore's, makes no difference.

        Args:
            conn_string: of the database
            pipeline: makes no difference
            pool_config: AsyncPostgresStore's: arguments of the pool
            options: as the class has them
        """
        async with contextlib.AsyncExitStack() as stack:
            conn: Any = conn_string
            if pool_config is not None:
                from psycopg_pool import AsyncConnectionPool

                kwargs = {"autocommit": True, **(pool_config.get("kwargs") or {})}
                more = {"min_size": 1, **pool_config, "kwargs": kwargs}
                conn = await stack.enter_async_context(AsyncConnectionPool(conn_string, **more, open=False))
            async with cls(conn, **options) as store:
                yield store

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Ends its sweeper, and closes what it opened itself."""
        await self.stop_ttl_sweeper(GRACE)
        await self._source.close()

    async def setup(self) -> None:
        """Checks that the extension is there: nothing has to be made."""
        if not (await self._source.run([Statement(EXTENSION)]))[-1]:
            raise missing_extension()

    def for_tenant(self, tenant: str) -> Self:
        """A store on the same connections that works for this tenant."""
        clone = self._for_tenant(tenant)
        clone._sweeper, clone._stopped = None, asyncio.Event()
        return clone

    async def abatch(self, ops: Iterable[Op]) -> list[Result]:
        return await self._run(self._batch(ops))

    def batch(self, ops: Iterable[Op]) -> list[Result]:
        return self._source.wait(self._run(self._batch(ops)), "AsyncThreadmemStore")

    async def _run(self, batch: Batch) -> list[Result]:
        await batch.embed(self.embeddings)
        while statements := batch.statements(self._rights.renew):
            try:
                rows = await self._source.run(statements)
            except psycopg.errors.InsufficientPrivilege:
                if not batch.renews:
                    raise
                rows = await self._source.run(batch.statements(renew=False))
                self._rights.renew = False
                warnings.warn(NO_RENEWAL, stacklevel=3)
            batch.took(rows)
        return batch.results

    async def sweep_ttl(self) -> int:
        """Deletes the items whose time is over, and says how many. Nobody reads them as it is."""
        statements = [*set_tenant(self._tenant_now()), SWEEP]
        total = 0
        while swept := (await self._source.run(statements))[-1][0][0]:
            total += swept
        return total

    async def start_ttl_sweeper(self, sweep_interval_minutes: float | None = None) -> asyncio.Task[None]:
        """Sweeps again and again, in a task, until that is stopped or cancelled.

        Args:
            sweep_interval_minutes: from one time to the next, by default ``ttl``'s, or 5
        """
        seconds = self._interval(sweep_interval_minutes)
        if seconds is None:
            return asyncio.create_task(asyncio.sleep(0))
        if self._sweeper is None or self._sweeper.done():
            self._stopped.clear()
            work = _sweep(weakref.WeakMethod(self.sweep_ttl), self._stopped, seconds)
            self._sweeper = asyncio.create_task(work, name="threadmem-sweeper")
        return self._sweeper

    async def stop_ttl_sweeper(self, timeout: float | None = None) -> bool:
        """Ends it; False where it is still at work after ``timeout`` seconds."""
        if self._sweeper is None:
            return True
        self._stopped.set()
        await asyncio.wait({self._sweeper}, timeout=timeout)
        return self._sweeper.done()


async def _sweep(sweep: Callable[[], Callable[[], Any] | None], stopped: asyncio.Event, seconds: float) -> None:
    """Sweeps a store for as long as there is one."""
    while True:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(stopped.wait(), seconds)
            return
        store = sweep()
        if store is None:
            return
        try:
            await store()
        except Exception:
            log.exception("items of the store were not swept")
        del store
