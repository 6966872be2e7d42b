"""How Python values become jsonb, and come back exactly.

What JSON has, and both languages read back exactly, is JSON. Messages are LangChain's constructor records. All else
stands in an envelope: an object with the member ``__threadmem__``, which names a kind, and what the kind needs. An
object of the application's own that could be taken for one of these is put into an envelope too, and reading goes from
the top down, so that nothing inside is looked at before it is known what it is. The README has the list of kinds.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from langchain_core.messages import BaseMessage
from langgraph.checkpoint.serde.types import ERROR, INTERRUPT, TASKS

from . import _kinds, _messages
from ._classes import Allowed, Classes, RefusedClass
from ._kinds import KIND
from ._plain import BASE, Unread, UnreadText, plain_of
from ._text import escape, unescape

OVERWRITE = "__overwrite__"
OPAQUE = "threadmem:"
_EDGES = ("join:", "branch:to:")
RESERVED = frozenset({KIND, "lc", "__lc_escaped__"})
MAX_INT = 2**53 - 1
MAX_FLOAT = 1e16

ABSENT: Any = object()
"""JavaScript's undefined."""

_NUMBERS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf, "-0.0": -0.0}


def dump_json(tree: Any) -> str:
    return json.dumps(tree, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


class Codec:
    """Writes and reads values. What it remembers is which classes were found."""

    def __init__(self, allow: Iterable[Allowed] = (), strict: bool = False) -> None:
        self.classes = Classes(allow, strict)

    def with_more(self, allow: Iterable[Allowed]) -> Codec:
        codec = Codec()
        codec.classes = self.classes.with_more(allow)
        return codec

    # writing

    def encode(self, value: Any) -> Any:
        encoder = _ENCODERS.get(type(value))
        return encoder(self, value) if encoder else self._encode_other(value)

    def encode_members(self, members: Mapping[str, Any]) -> dict[str, Any]:
        """An object that is known to be one: its keys mean nothing."""
        return {escape(key): self.encode(value) for key, value in members.items()}

    def encode_channel(self, channel: str, value: Any) -> Any:
        """The value of a channel, in the form that both languages have for LangGraph's own."""
        try:
            if channel == TASKS and _kinds.is_send(value):
                return self._send(value)
            if channel == TASKS and isinstance(value, (list, tuple)) and all(map(_kinds.is_send, value)):
                return [self._send(send) for send in value]
            if channel == INTERRUPT and isinstance(value, (list, tuple)) and all(map(_kinds.is_interrupt, value)):
                return [self._interrupt(interrupt) for interrupt in value]
            if channel == ERROR and isinstance(value, BaseException):
                said = {"name": type(value).__name__, "message": str(value), "repr": repr(value)}
                return self.encode_members(said)
            if channel.startswith(_EDGES):
                return self.encode(_kinds.edge_form(value))
            if type(value) is str and value.startswith(OPAQUE):
                return self.envelope("text", escape(value))
            return self.encode(value)
        except RecursionError:
            raise TypeError(f"the channel {channel!r} has a value that holds itself, or is nested too deeply") from None
        except (TypeError, ValueError) as error:
            raise TypeError(f"the channel {channel!r} has a value that cannot be stored: {error}") from error

    def envelope(self, kind: str, value: Any = ABSENT, **more: Any) -> dict[str, Any]:
        record = {KIND: kind, **more}
        if value is not ABSENT:
            record["value"] = value
        return record

    def _send(self, send: Any) -> dict[str, Any]:
        record = {"node": escape(send.node), "args": self.encode(send.arg)}
        if getattr(send, "timeout", None) is not None:
            record["timeout"] = self.encode(send.timeout)
        return record

    def _interrupt(self, interrupt: Any) -> dict[str, Any]:
        record = {"id": escape(interrupt.id), "value": self.encode(interrupt.value)}
        if getattr(interrupt, "response_schema", None) is not None:
            record["response_schema"] = self.encode(interrupt.response_schema)
        return record

    def _encode_other(self, value: Any) -> Any:
        kind = type(value)
        if kind in BASE:
            return self._encode_plain(value)
        if isinstance(value, BaseMessage):
            return _messages.encode(self, value)
        if _kinds.is_send(value):
            return {KIND: "send", **self._send(value)}
        if _kinds.is_interrupt(value):
            return {KIND: "interrupt", **self._interrupt(value)}
        record = _kinds.encode(self, value)
        if record is None:
            raise TypeError(f"there is no form for {kind.__module__}.{kind.__qualname__}")
        return record

    def _encode_plain(self, value: Any) -> Any:
        record: dict[str, Any] = value.threadmem_record
        base = BASE[type(value)]
        data = self.encode_members(value) if record.get("members") else self.encode(base(value))
        record = {name: member for name, member in record.items() if name != "members"}
        return {**record, "value": data}

    # reading

    def decode(self, node: Any) -> Any:
        value = self._decode(node)
        return None if value is ABSENT else value

    def decode_members(self, node: Mapping[str, Any]) -> dict[str, Any]:
        return {unescape(key): value for key, item in node.items() if (value := self._decode(item)) is not ABSENT}

    def _decode(self, node: Any) -> Any:
        """A value; ABSENT for what JavaScript has as undefined."""
        kind = type(node)
        if kind is str:
            return unescape(node)
        if kind is list:
            if node and type(node[0]) is dict and "lc" in node[0]:
                return _messages.decode_list(self, node)
            return [self.decode(item) for item in node]
        if kind is not dict:
            return node
        if KIND in node:
            return self._decode_record(node, self._decode_envelope)
        if "lc" in node:
            return self._decode_record(node, self._decode_lc)
        if len(node) == 1:
            if "__lc_escaped__" in node and type(node["__lc_escaped__"]) is dict:
                return self.decode_members(node["__lc_escaped__"])
            if OVERWRITE in node:
                return _kinds.overwrite(self.decode(node[OVERWRITE]))
        return self.decode_members(node)

    def decode_channel(self, channel: str, node: Any) -> Any:
        if channel == TASKS:
            return [self._built_send(item) for item in node] if type(node) is list else self._built_send(node)
        if channel == INTERRUPT and type(node) is list:
            return [self._built_interrupt(item) for item in node]
        if (
            channel == ERROR
            and type(node) is dict
            and {"name", "message"} <= node.keys() <= {"name", "message", "repr"}
        ):
            return unescape(str(node.get("repr") or f"{node['name']}({node['message']!r})"))
        if type(node) is str and node.startswith(OPAQUE):
            return self._decode_opaque(node)
        value = self.decode(node)
        if type(value) is list and channel.startswith(_EDGES):
            return _kinds.edge_value(channel, value)
        return value

    def _decode_opaque(self, text: str) -> Any:
        kind, _, data = text[len(OPAQUE) :].rpartition(":")
        try:
            raw = base64.b64decode(data, validate=True)
            if kind == "bytes":
                return raw
            if kind == "json":
                return json.loads(raw)
        except ValueError:
            pass
        return UnreadText(text)

    def _built_send(self, node: Any) -> Any:
        if type(node) is dict and {"node", "args"} <= node.keys() <= {"node", "args", "timeout", KIND}:
            send = _kinds.send(unescape(node["node"]), self.decode(node["args"]), self.decode(node.get("timeout")))
            if send is not None:
                return send
        return self.decode(node)

    def _built_interrupt(self, node: Any) -> Any:
        if type(node) is dict and {"id", "value"} <= node.keys() <= {"id", "value", "response_schema", KIND}:
            schema = self.decode(node.get("response_schema"))
            interrupt = _kinds.interrupt(self.decode(node["value"]), unescape(node["id"]), schema)
            if interrupt is not None:
                return interrupt
        return self.decode(node)

    def _decode_record(self, node: dict[str, Any], decoder: Callable[[dict[str, Any]], Any]) -> Any:
        """Whatever is wrong with a record, the rest of the thread is read."""
        try:
            return decoder(node)
        except RefusedClass:
            raise
        except Exception:
            return Unread(node)

    def _decode_envelope(self, node: dict[str, Any]) -> Any:
        kind = node[KIND]
        decoder = _DECODERS.get(kind)
        if decoder is not None:
            return decoder(self, node["value"])
        if kind == "message":
            return _messages.decode(self, node)
        if kind == "send":
            return self._built_send({name: node[name] for name in node if name != KIND})
        if kind == "interrupt":
            return self._built_interrupt({name: node[name] for name in node if name != KIND})
        return _kinds.decode(self, kind, node)

    def plain(self, node: dict[str, Any], members: bool = False) -> Any:
        """The plain data of an object whose class is not to be had."""
        data = self.decode_members(node["value"]) if members else self.decode(node["value"])
        record = {name: member for name, member in node.items() if name != "value"}
        plain = plain_of(data, {**record, "members": True} if members else record)
        return Unread(node) if plain is None else plain

    def _decode_lc(self, node: dict[str, Any]) -> Any:
        """LangChain's records: objects (1), and what JavaScript's serializer made of values JSON does not have (2)."""
        kind, version = node.get("type"), node["lc"]
        if version == 1 and kind == "constructor":
            return _messages.decode(self, node)
        if version == 2 and kind == "undefined":
            return ABSENT
        if version == 2 and kind == "delta_snapshot":
            return _kinds.delta_snapshot(self.decode(node["value"]))
        if version == 2 and kind == "constructor":
            return _JAVASCRIPT[node["id"][0]](self, node["args"])
        return Unread(node)


def _encode_int(codec: Codec, value: int) -> Any:
    return value if -MAX_INT <= value <= MAX_INT else codec.envelope("int", str(value))


def _encode_float(codec: Codec, value: float) -> Any:
    if value == 0 and math.copysign(1, value) < 0:
        return codec.envelope("float", "-0.0")
    if not math.isfinite(value) or (abs(value) >= MAX_FLOAT and value.is_integer()):
        return codec.envelope("float", repr(value))
    return value


def _encode_dict(codec: Codec, value: dict[Any, Any]) -> Any:
    if all(type(key) is str for key in value):
        members = codec.encode_members(value)
        special = not RESERVED.isdisjoint(members)
        return codec.envelope("dict", members) if special else members
    return codec.envelope("pairs", codec.encode([[key, item] for key, item in value.items()]))


def _encode_list(codec: Codec, value: list[Any]) -> Any:
    return [codec.encode(item) for item in value]


def _encode_set(kind: str) -> Callable[[Codec, Any], Any]:
    # Sorted, so that equal sets are equal jsonb.
    return lambda codec, value: codec.envelope(kind, sorted(map(codec.encode, value), key=dump_json))


def _base64(data: Any) -> str:
    return base64.b64encode(data).decode()


def _same(_: Codec, value: Any) -> Any:
    return value


_ENCODERS: dict[type, Callable[[Codec, Any], Any]] = {
    type(None): _same,
    bool: _same,
    Unread: lambda _, value: dict(value),
    UnreadText: lambda _, value: str(value),
    str: lambda _, value: escape(value),
    int: _encode_int,
    float: _encode_float,
    dict: _encode_dict,
    list: _encode_list,
    tuple: lambda codec, value: codec.envelope("tuple", _encode_list(codec, value)),
    set: _encode_set("set"),
    frozenset: _encode_set("frozenset"),
    bytes: lambda codec, value: codec.envelope("bytes", _base64(value)),
    bytearray: lambda codec, value: codec.envelope("bytearray", _base64(value)),
}


def _decode_float(_: Codec, text: str) -> float:
    return _NUMBERS[text] if text in _NUMBERS else float(text)


def _decode_bytes(_: Codec, text: str) -> bytes:
    return base64.b64decode(text, validate=True)


_DECODERS: dict[str, Callable[[Codec, Any], Any]] = {
    "text": lambda _, text: unescape(text),
    "int": lambda _, text: int(text),
    "float": _decode_float,
    "dict": lambda codec, node: codec.decode_members(node),
    "pairs": lambda codec, node: dict(codec.decode(node)),
    "tuple": lambda codec, node: tuple(codec.decode(node)),
    "set": lambda codec, node: set(codec.decode(node)),
    "frozenset": lambda codec, node: frozenset(codec.decode(node)),
    "bytes": _decode_bytes,
    "bytearray": lambda codec, text: bytearray(_decode_bytes(codec, text)),
}


_JAVASCRIPT: dict[str, Callable[[Codec, Any], Any]] = {
    "Set": lambda codec, args: set(codec.decode(args[0])),
    "Map": lambda codec, args: dict(codec.decode(args[0])),
    "RegExp": lambda codec, args: _kinds.javascript_pattern(*codec.decode(args)),
    "Error": lambda codec, args: codec.decode(args[0]),
    "Uint8Array": lambda _, args: bytes(args[0]),
}
