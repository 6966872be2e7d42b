"""A call of a SQL function, without the connection: what is sent, and what comes of the rows."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

import psycopg.types.json

T = TypeVar("T")

Id: TypeAlias = str | UUID
# What json.dumps takes and json.loads gives. None is SQL's null where the argument may be left out, and JSON's where it
# may not; Jsonb(None) of psycopg is JSON's anywhere.
Json: TypeAlias = Any
# The name of an argument, its type in SQL, its value.
Argument: TypeAlias = tuple[str, str, object]
# What a function gives, from the names of the columns and the rows.
Read: TypeAlias = Callable[[Sequence[str], Sequence[tuple[Any, ...]]], T]


class _Default:
    def __repr__(self) -> str:
        return "DEFAULT"


DEFAULT: Any = _Default()
"""An argument that is left out: the database has a value for it."""


def json(document: Json) -> object:
    if isinstance(document, psycopg.types.json._JsonWrapper):
        return document
    return psycopg.types.json.Jsonb(document)


def _json_or_null(document: Json) -> object:
    return None if document is None else json(document)


def _list(elements: Iterable[object] | None) -> list[object] | None:
    if isinstance(elements, (str, bytes)):
        raise TypeError(f"a list is needed, not {elements!r}")
    return None if elements is None else list(elements)


def _numbers(numbers: Iterable[float] | None) -> list[float] | None:
    """psycopg refuses a list of integers and floats, which an embedding from JSON may be."""
    return None if numbers is None else [float(number) for number in numbers]


def _time(moment: datetime | None) -> datetime | None:
    if moment is not None and moment.tzinfo is None:
        raise ValueError(f"a time without a zone is another one on every server: {moment!r}")
    return moment


_SENT: dict[str, Callable[[Any], object]] = {
    "jsonb": _json_or_null,
    "json": _json_or_null,
    "text[]": _list,
    "double precision[]": _numbers,
    "timestamp with time zone": _time,
}


def statement(
    name: str, arguments: Iterable[Argument], settings: Iterable[tuple[str, str]]
) -> tuple[bytes, list[object]]:
    """One statement, that is one round trip and, where no transaction is open, one transaction.

    The settings, which hold for the transaction, are made by a condition that has nothing to do with the rows: the
    server looks at such a one before it calls the function.
    """
    given = [(argument, kind, value) for argument, kind, value in arguments if value is not DEFAULT]
    named = ", ".join(f"{argument} => %s::{kind}" for argument, kind, _ in given)
    sent = [_SENT[kind](value) if kind in _SENT else value for _, kind, value in given]
    text = f"SELECT f.* FROM threadmem.{name}({named}) AS f"
    made = list(settings)
    if made:
        text += " WHERE " + " AND ".join(
            f"(SELECT pg_catalog.set_config('{setting}', %s, true)) IS NOT NULL" for setting, _ in made
        )
    return text.encode(), [*sent, *(value for _, value in made)]


def rows(shape: type[T]) -> Read[list[T]]:
    def read(names: Sequence[str], found: Sequence[tuple[Any, ...]]) -> list[T]:
        fields = [field.name for field in dataclasses.fields(shape)]  # type: ignore[arg-type]
        if list(names) == fields:
            return [shape(*values) for values in found]
        places = [names.index(field) for field in fields]  # a newer extension has more columns
        return [shape(*(values[place] for place in places)) for values in found]

    return read


def maybe(shape: type[T]) -> Read[T | None]:
    read = rows(shape)
    return lambda names, found: read(names, found)[0] if found else None


def row(shape: type[T]) -> Read[T]:
    read = rows(shape)
    return lambda names, found: read(names, found)[0]


def values(_: type[T]) -> Read[list[T]]:
    return lambda names, found: [values[0] for values in found]


def value(_: type[T]) -> Read[T]:
    return lambda names, found: found[0][0]


def optional(_: type[T]) -> Read[T | None]:
    return lambda names, found: found[0][0]
