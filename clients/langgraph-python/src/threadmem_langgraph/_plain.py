"""What stands for a value whose class is not allowed here, or is gone.

Each is the plain data of the value (the fields of an object, the text of an enum) and remembers what it came from, so
that it is written back under its own name, changed or not.
"""

from __future__ import annotations

from typing import Any


class Unread(dict[str, Any]):
    """A record as it lies in the database, written back unchanged: what this client cannot build."""

    __slots__ = ()


class UnreadText(str):
    """A value that another serializer wrote, "threadmem:<type>:<base64>", written back unchanged."""

    __slots__ = ()


class PlainDict(dict[Any, Any]):
    """The fields of an object."""

    threadmem_record: dict[str, Any]


class PlainList(list[Any]):
    """The elements of an object."""

    threadmem_record: dict[str, Any]


class PlainStr(str):
    """The text of an object."""

    threadmem_record: dict[str, Any]


class PlainInt(int):
    """The number of an object."""

    threadmem_record: dict[str, Any]


class PlainFloat(float):
    """The number of an object."""

    threadmem_record: dict[str, Any]


Plain = PlainDict | PlainList | PlainStr | PlainInt | PlainFloat

PLAIN: dict[type, type[Plain]] = {
    dict: PlainDict,
    list: PlainList,
    str: PlainStr,
    int: PlainInt,
    float: PlainFloat,
}
BASE: dict[type, type] = {plain: base for base, plain in PLAIN.items()}


def plain_of(value: Any, record: dict[str, Any]) -> Plain | None:
    """The plain data with what it came from, None where it cannot remember."""
    kind = PLAIN.get(type(value))
    if kind is None:
        return None
    plain = kind(value)
    plain.threadmem_record = record
    return plain
