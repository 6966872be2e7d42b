"""What PostgresSaver has in its tables, as jsonb: LangGraph's msgpack, and the JSON it wrote before.

Nothing of the application's is imported. Objects of LangGraph's and LangChain's classes and of the standard library are
built, and encoded as the savers do it. An object of any other class stands there as a call of this class; of that an
envelope is made that says the same, and whoever is allowed the class builds the object. Nothing is given up on the way:
what cannot be read, or not be stored, is a TypeError.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import ormsgpack
from langchain_core.load.load import Reviver
from langgraph.checkpoint.serde._msgpack import SAFE_MSGPACK_TYPES
from langgraph.checkpoint.serde.types import _DeltaSnapshot

from ._codec import Codec, dump_json
from ._kinds import CALLS, KIND, loaded
from ._plain import Unread

# The numbers of the extension types: how the class is called, and with what.
VALUE, ELEMENTS, MEMBERS, METHOD, PYDANTIC_1, PYDANTIC_2, ARRAY, SNAPSHOT = range(8)
_CALLED = {VALUE: "call.value", ELEMENTS: "call.elements"}
_SETS = {("builtins", "set"): "set", ("builtins", "frozenset"): "frozenset"}
_PYDANTIC = (PYDANTIC_1, PYDANTIC_2)


class Reader:
    """Reads values as they were stored, by the name of the serializer's format and the bytes."""

    def __init__(self) -> None:
        self.classes: set[tuple[str, str]] = set()
        """Those that a saver has to be allowed to build objects of."""
        self._codec = Codec()
        self._revive = Reviver(allowed_objects="core")

    def channel(self, channel: str, kind: str | None, data: bytes | None) -> Any:
        """The value of a channel as jsonb."""
        try:
            value = self._value(kind or "null", bytes(data or b""))
        except Exception as error:
            raise TypeError(f"the channel {channel!r} has a value that cannot be read: {error}") from error
        return self._codec.encode_channel(channel, value)

    def plain(self, channel: str, value: Any) -> Any:
        """A value that lay in the checkpoint itself."""
        return self._codec.encode_channel(channel, value)

    def members(self, value: dict[str, Any]) -> dict[str, Any]:
        return self._codec.encode_members(value)

    def member(self, value: Any) -> Any:
        return self._codec.encode(value)

    def again(self, channel: str, node: Any) -> Any:
        """What a saver would write that has read this."""
        return self._codec.encode_channel(channel, self._codec.decode_channel(channel, node))

    def _value(self, kind: str, data: bytes) -> Any:
        if kind in ("null", "empty"):
            return None
        if kind == "bytes":
            return data
        if kind == "bytearray":
            return bytearray(data)
        if kind == "msgpack":
            return self._unpack(data)
        if kind == "json":
            return json.loads(data, object_hook=self._object)
        raise TypeError(f"a value in the format {kind!r}, which is not read here")

    def _unpack(self, data: bytes) -> Any:
        return ormsgpack.unpackb(data, ext_hook=self._extension, option=ormsgpack.OPT_NON_STR_KEYS)

    def _extension(self, code: int, data: bytes) -> Any:
        if code == SNAPSHOT:
            return _DeltaSnapshot(self._unpack(data))
        if code == ARRAY:
            return _array(*self._unpack(data))
        if code == METHOD:
            module, name, value, method = self._unpack(data)
            if (module, name, method) == ("datetime", "datetime", "fromisoformat"):
                return datetime.fromisoformat(value)
            raise TypeError(f"a call of {module}.{name}.{method}, which is not made here")
        module, name, given = self._unpack(data)[:3]
        return self._object_of(code, module, name, given)

    def _object_of(self, code: int, module: str, name: str, given: Any) -> Any:
        if (module, name) in _SETS:  # whose elements may be records, which have no hash
            elements = (self._codec.encode(_hashed(it)) for it in given)
            return self._record(_SETS[module, name], sorted(elements, key=dump_json))
        if (module, name) in SAFE_MSGPACK_TYPES:
            built = _build(code, loaded(module, name), given)
            if built is not None:
                return built
        self.classes.add((module, name))
        if code in _CALLED:
            return self._record(_CALLED[code], self._codec.encode(given), module, name)
        if type(given) is not dict:
            raise TypeError(f"a call of {module}.{name} with what is no object")
        return self._record("call.members", self._codec.encode_members(given), module, name)

    def _record(self, kind: str, value: Any, *reference: str) -> Unread:
        """An envelope, which the codec takes as it is."""
        assert not reference or kind in CALLS
        return Unread({KIND: kind, **({"class": list(reference)} if reference else {}), "value": value})

    def _object(self, found: dict[str, Any]) -> Any:
        """Of the JSON of old: LangChain's objects (lc 1), and calls of classes (lc 2)."""
        if found.get("lc") == 1 and found.get("type") == "constructor":
            return self._revive(found)
        if found.get("lc") == 2 and found.get("type") == "constructor" and len(found.get("id") or ()) > 1:
            *module, name = found["id"]
            args, kwargs = found.get("args") or [], found.get("kwargs") or {}
            if not (args and kwargs):
                code, given = (MEMBERS, kwargs) if kwargs else (ELEMENTS, args)
                return self._object_of(code, ".".join(module), name, given)
        return found


def _build(code: int, kind: Any, given: Any) -> Any:
    """An object as LangGraph builds it; None where its class does not take it."""
    if kind is None:
        return None
    try:
        if code == VALUE:
            return kind(given)
        if code == ELEMENTS:
            if getattr(kind, "__name__", "") == "Send" and len(given) == 3:
                return kind(given[0], given[1], timeout=given[2])
            return kind(*given)
        return kind(**given)
    except Exception:
        return kind.model_construct(**given) if code in _PYDANTIC and hasattr(kind, "model_construct") else None


def _hashed(value: Any) -> Any:
    """An element of a set, which was a tuple where it is a list: msgpack has none."""
    return tuple(map(_hashed, value)) if type(value) is list else value


def _array(kind: str, shape: Any, order: Any, data: Any) -> Any:
    numpy = loaded("numpy", "frombuffer")
    if numpy is None:
        raise TypeError("an array of numpy, which is not installed here")
    return numpy(data, dtype=kind).reshape(shape, order=order)


def is_javascript(kinds: set[str], versions: list[Any]) -> bool:
    """Whose a thread is. JavaScript has JSON, and numbers for versions; Python's JSON of old came with text for them."""
    return "json" in kinds and "msgpack" not in kinds and all(type(version) in (int, float) for version in versions)
