"""A LangGraph checkpointer on the PostgreSQL extension threadmem."""

from ._classes import RefusedClass
from ._plain import PlainDict, PlainFloat, PlainInt, PlainList, PlainStr, Unread, UnreadText
from .aio import AsyncThreadmemSaver
from .saver import ThreadmemSaver

__all__ = [
    "AsyncThreadmemSaver",
    "PlainDict",
    "PlainFloat",
    "PlainInt",
    "PlainList",
    "PlainStr",
    "RefusedClass",
    "ThreadmemSaver",
    "Unread",
    "UnreadText",
]
