"""Which classes a record may name: nothing is imported that was not allowed."""

from __future__ import annotations

import builtins
import importlib
import warnings
from collections.abc import Iterable
from typing import Any

Allowed = type | tuple[str, ...]
"""A class, or its module and qualified name."""

_LIBRARIES = ("langchain_core.messages", "langchain_core.documents", "langgraph.types", "langgraph.store.base")


class RefusedClass(TypeError):
    """A record names a class that is not allowed, or is gone (with ``strict=True``)."""


class Classes:
    """The classes that are allowed. Copies share what was found, and have their own list."""

    def __init__(self, allow: Iterable[Allowed] = (), strict: bool = False) -> None:
        self.strict = strict
        self._given: dict[tuple[str, str], type | None] = {}
        self._found: dict[tuple[str, str], type | None] = {}
        for item in allow:
            if isinstance(item, type):
                self._given[item.__module__, item.__qualname__] = item
            elif len(item) >= 2 and all(isinstance(part, str) for part in item):
                self._given[item[0], item[1]] = None
            else:
                raise TypeError(f"allow has {item!r}, which is neither a class nor its module and name")

    def with_more(self, allow: Iterable[Allowed]) -> Classes:
        more = Classes(allow, self.strict)
        more._given = {**self._given, **more._given}
        return more

    def find(self, reference: Any, base: type) -> type[Any] | None:
        """The class of [module, name] if it is allowed and one of ``base``; else None, and a warning the first time."""
        key = (str(reference[0]), str(reference[1]))
        if key not in self._found:
            found = self._look(key)
            self._found[key] = found
            if found is None and not self.strict:
                why = "cannot be imported" if self._allows(key) else "is not allowed"
                warnings.warn(
                    f"{key[0]}.{key[1]} {why}: its values come as plain data, and are written back under its name "
                    f"(allow=[({key[0]!r}, {key[1]!r})])",
                    stacklevel=2,
                )
        found = self._found[key]
        if found is not None and issubclass(found, base):
            return found
        if self.strict:
            raise RefusedClass(f"{key[0]}.{key[1]} is not allowed, or is gone")
        return None

    def _allows(self, key: tuple[str, str]) -> bool:
        module, name = key
        if key in self._given or module in _LIBRARIES or module.startswith(tuple(f"{it}." for it in _LIBRARIES)):
            return True
        known = getattr(builtins, name, None) if module == "builtins" else None
        return isinstance(known, type) and issubclass(known, BaseException)

    def _look(self, key: tuple[str, str]) -> type | None:
        given = self._given.get(key)
        if given is not None or not self._allows(key):
            return given
        try:
            found: Any = importlib.import_module(key[0])
            for part in key[1].split("."):
                found = getattr(found, part)
        except Exception:  # whatever a module does while it is imported
            return None
        return found if isinstance(found, type) else None
