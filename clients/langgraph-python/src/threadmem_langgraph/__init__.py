"""A LangGraph checkpointer and long-term store on the PostgreSQL extension threadmem."""

from ._classes import RefusedClass
from ._plain import PlainDict, PlainFloat, PlainInt, PlainList, PlainStr, Unread, UnreadText
from .aio import AsyncThreadmemSaver
from .aiostore import AsyncThreadmemStore
from .saver import ThreadmemSaver
from .store import ThreadmemStore

__all__ = [
    "AsyncThreadmemSaver",
    "AsyncThreadmemStore",
    "PlainDict",
    "PlainFloat",
    "PlainInt",
    "PlainList",
    "PlainStr",
    "RefusedClass",
    "ThreadmemSaver",
    "ThreadmemStore",
    "Unread",
    "UnreadText",
]
