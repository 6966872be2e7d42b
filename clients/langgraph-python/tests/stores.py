"""The stores that the tests compare: LangGraph's two and the ones here, each by its methods that wait and by those that
begin with a. A test is written once, with methods that are awaited, and runs with all of them."""

from __future__ import annotations

import asyncio
import string
import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from langchain_core.embeddings import Embeddings
from langgraph.store.base import BaseStore
from langgraph.store.memory import InMemoryStore
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool
from support import URL, new_tenant, pool
from threadmem_langgraph import AsyncThreadmemStore, ThreadmemStore

try:
    from langgraph.store.postgres import PostgresStore
except ImportError:
    PostgresStore = None  # type: ignore[assignment,misc]

OURS = ["ThreadmemStore", "ThreadmemStore async", "AsyncThreadmemStore", "AsyncThreadmemStore sync"]
# Beside the oldest langgraph-checkpoint there is no PostgresStore, and its InMemoryStore is not the one compared.
THEIRS = ["InMemoryStore", "InMemoryStore async", "PostgresStore", "PostgresStore async"] if PostgresStore else []
# PostgresStore has vectors only where pgvector is.
EMBEDDING = [*THEIRS[:2], *OURS]


class Letters(Embeddings):
    """How often each letter is in a text: enough for texts to be near to each other. Counts what it is asked."""

    dims = len(string.ascii_lowercase)

    def __init__(self) -> None:
        self.documents: list[str] = []
        self.asked: list[str] = []

    def vector(self, text: str) -> list[float]:
        return [float(text.lower().count(letter)) for letter in string.ascii_lowercase]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.documents += texts
        return [self.vector(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        self.asked.append(text)
        return self.vector(text)


class Both:
    """A store by one of its two kinds of methods."""

    def __init__(self, name: str, store: BaseStore) -> None:
        self.name = name
        self.store: Any = store
        self.waits = name.endswith(" async") or name == "AsyncThreadmemStore"

    @property
    def is_ours(self) -> bool:
        return self.name in OURS

    @property
    def kind(self) -> str:
        return "threadmem" if self.is_ours else self.name.split()[0]

    async def sweep(self) -> int:
        if self.name.startswith("AsyncThreadmemStore"):
            return int(await self.store.sweep_ttl())
        return int(await asyncio.to_thread(self.store.sweep_ttl))

    def __getattr__(self, method: str) -> Any:
        if self.waits:
            return getattr(self.store, "a" + method)

        async def call(*args: Any, **kwargs: Any) -> Any:
            return await asyncio.to_thread(getattr(self.store, method), *args, **kwargs)

        return call


@asynccontextmanager
async def opened(name: str, index: Any = None, ttl: Any = None, **options: Any) -> AsyncIterator[Both]:
    kind = name.split()[0]
    if kind == "InMemoryStore":
        yield Both(name, InMemoryStore(index=index))
    elif kind == "PostgresStore":
        schema = f"s{uuid.uuid4().hex}"
        with psycopg.connect(URL, autocommit=True, row_factory=dict_row) as conn:
            conn.execute(f"CREATE SCHEMA {schema}".encode())
            conn.execute(f"SET search_path = {schema}".encode())
            store = PostgresStore(conn, index=index, ttl=ttl)
            store.setup()
            try:
                yield Both(name, store)
            finally:
                conn.execute(f"DROP SCHEMA {schema} CASCADE".encode())
    elif kind == "ThreadmemStore":
        with pool() as conns:
            yield Both(name, ThreadmemStore(conns, index=index, ttl=ttl, tenant=new_tenant(), **options))
    else:
        async with AsyncConnectionPool(URL, min_size=1, max_size=4, kwargs={"autocommit": True}, open=False) as conns:
            yield Both(name, AsyncThreadmemStore(conns, index=index, ttl=ttl, tenant=new_tenant(), **options))


def keys(items: Iterable[Any]) -> list[str]:
    return [item.key for item in items]


async def outcome(work: Any) -> Any:
    """What becomes of a call, so that it can be compared: an error by its kind."""
    try:
        return await work
    except psycopg.Error as error:
        return error.sqlstate
    except Exception as error:
        return type(error).__name__
