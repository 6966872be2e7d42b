"""The PostgreSQL extension threadmem, a method for each of its functions."""

from . import errors, rows
from ._call import DEFAULT, Id, Json
from ._client import AsyncThreadmem, Threadmem
from .errors import ThreadmemError

__all__ = ["DEFAULT", "AsyncThreadmem", "Id", "Json", "Threadmem", "ThreadmemError", "errors", "rows"]
