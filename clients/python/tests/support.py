"""What the tests share. The server is the one that DATABASE_URL or the PG* variables name, with the extension created."""

from __future__ import annotations

import dataclasses
import os
import types
import typing
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from psycopg_pool import ConnectionPool

import threadmem

URL = os.environ.get("DATABASE_URL", "")


def new_tenant() -> str:
    return str(uuid.uuid4())


@contextmanager
def pool(size: int = 1, **kwargs: Any) -> Iterator[ConnectionPool[Any]]:
    with ConnectionPool(URL, min_size=1, max_size=size, kwargs=kwargs, open=True) as opened:
        yield opened


@contextmanager
def new_calls() -> Iterator[threadmem.Threadmem]:
    """Of a tenant of its own, on a pool of one."""
    with pool() as opened:
        yield threadmem.Threadmem(opened, tenant=new_tenant())


def functions(of: type) -> dict[str, Callable[..., Any]]:
    """The methods that were made from the catalog."""
    return {name: getattr(of, name) for name in vars(of) if not name.startswith("_")}


def misfits(row: Any) -> list[str]:
    """The fields of a row that hold what their type has not."""
    hints = typing.get_type_hints(type(row))
    return [field.name for field in dataclasses.fields(row) if not fits(getattr(row, field.name), hints[field.name])]


def fits(value: object, hint: Any) -> bool:
    if hint is Any:
        return True
    if isinstance(hint, types.UnionType):
        return any(fits(value, one) for one in typing.get_args(hint))
    if typing.get_origin(hint) is list:
        return isinstance(value, list) and all(fits(one, typing.get_args(hint)[0]) for one in value)
    if hint is datetime:
        return isinstance(value, datetime) and value.tzinfo is not None
    return type(value) is hint or (hint is types.NoneType and value is None)
