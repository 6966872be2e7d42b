"""A LangGraph checkpointer on the PostgreSQL extension threadmem."""

from ._classes import RefusedClass
from ._plain import PlainDict, PlainFloat, PlainInt, PlainList, PlainStr, Unread, UnreadText
from .saver import ThreadmemSaver

__all__ = [
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
