"""What the tests share.

The server is the one that DATABASE_URL or the PG* variables name, with the extension created. Every saver has a tenant
of its own, so that tests do not see each other's threads.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import psycopg
from langgraph.checkpoint.base import empty_checkpoint
from psycopg_pool import AsyncConnectionPool, ConnectionPool
from threadmem_langgraph import AsyncThreadmemSaver, ThreadmemSaver

URL = os.environ.get("DATABASE_URL", "")


def new_tenant() -> str:
    return str(uuid.uuid4())


@contextmanager
def pool(size: int = 4) -> Iterator[ConnectionPool[Any]]:
    with ConnectionPool(URL, min_size=1, max_size=size, kwargs={"autocommit": True}, open=True) as opened:
        yield opened


@contextmanager
def sql(tenant: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection of another program that works for the same tenant."""
    with psycopg.connect(URL, autocommit=True, options=f"-c threadmem.tenant={tenant}") as conn:
        yield conn


@contextmanager
def new_saver(**options: Any) -> Iterator[ThreadmemSaver]:
    with pool() as opened:
        yield ThreadmemSaver(opened, tenant=new_tenant(), **options)


def at(thread_id: object, checkpoint_id: str | None = None, checkpoint_ns: str = "", **more: Any) -> Any:
    config = {"thread_id": thread_id, "checkpoint_ns": checkpoint_ns, **more}
    if checkpoint_id is not None:
        config["checkpoint_id"] = checkpoint_id
    return {"configurable": config}


def checkpoint(values: dict[str, Any], **more: Any) -> Any:
    return {**empty_checkpoint(), "channel_values": values, "channel_versions": dict.fromkeys(values, 1), **more}


def put(saver: Any, config: Any, values: dict[str, Any], **more: Any) -> Any:
    stored = checkpoint(values, **more)
    return saver.put(config, stored, {"source": "loop", "step": 0, "parents": {}}, stored["channel_versions"])


@asynccontextmanager
async def new_async_saver(size: int = 4, **options: Any) -> AsyncIterator[AsyncThreadmemSaver]:
    async with AsyncConnectionPool(URL, min_size=1, max_size=size, kwargs={"autocommit": True}, open=False) as opened:
        yield AsyncThreadmemSaver(opened, tenant=new_tenant(), **options)


@asynccontextmanager
async def both_savers(**options: Any) -> AsyncIterator[list[Any]]:
    """One of each kind, for what they have in common: methods that begin with a."""
    with new_saver(**options) as saver:
        async with new_async_saver(**options) as async_saver:
            yield [saver, async_saver]
