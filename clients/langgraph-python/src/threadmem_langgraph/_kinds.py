"""The kinds of envelopes for what is more than a builtin value: of the standard library, of classes, of LangGraph."""

from __future__ import annotations

import base64
import dataclasses
import datetime
import decimal
import enum
import fractions
import importlib
import ipaddress
import pathlib
import re
import sys
import uuid
import zoneinfo
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pydantic
from langgraph.checkpoint.serde.types import _DeltaSnapshot

from ._text import escape, unescape

if TYPE_CHECKING:
    from ._codec import Codec

KIND = "__threadmem__"

Json = Any


def loaded(module: str, name: str) -> Any:
    """Something of a package that may not be installed."""
    try:
        return getattr(sys.modules.get(module) or importlib.import_module(module), name, None)
    except ImportError:
        return None


def reference(kind: type) -> list[str]:
    return [kind.__module__, kind.__qualname__]


# LangGraph's own. The package langgraph need not be there: then these come as the plain data of their forms.


def _is(value: Any, name: str) -> bool:
    """Of a class of LangGraph's: nobody has an object of it who has not loaded it."""
    module = sys.modules.get("langgraph.types")
    kind = getattr(module, name, None) if module else None
    return kind is not None and type(value) is kind


def is_send(value: Any) -> bool:
    return _is(value, "Send")


def is_interrupt(value: Any) -> bool:
    return _is(value, "Interrupt")


def send(node: str, arg: Any, timeout: Any) -> Any:
    kind = loaded("langgraph.types", "Send")
    if kind is None:
        return None
    return kind(node, arg) if timeout is None else kind(node, arg, timeout=timeout)


def interrupt(value: Any, id: str, schema: Any) -> Any:
    kind = loaded("langgraph.types", "Interrupt")
    if kind is None:
        return None
    return kind(value, id) if schema is None else kind(value, id, response_schema=schema)


def overwrite(value: Any) -> Any:
    kind = loaded("langgraph.types", "Overwrite")
    return {"__overwrite__": value} if kind is None else kind(value)


def edge_form(value: Any) -> Any:
    """Of a channel that an edge has: arrays, as JavaScript and SQL have them, for who has written and who is done."""
    if type(value) is set:
        return sorted(value)
    if type(value) is tuple and len(value) == 2:
        return [edge_form(value[0]), value[1]]
    return value


def edge_value(channel: str, value: list[Any]) -> Any:
    """What Python's channels want back: a set of names, and with it, for a node that waits for the end, a bool."""
    if len(value) == 2 and type(value[1]) is bool:
        return (edge_value(channel, value[0]) if type(value[0]) is list else value[0], value[1])
    return set(value) if channel.startswith("join:") else value


def delta_snapshot(value: Any) -> Any:
    return _DeltaSnapshot(value)


def javascript_pattern(source: str, flags: str) -> re.Pattern[str]:
    known = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}
    return re.compile(source, sum(known[flag] for flag in flags if flag in known))


# Values of the standard library whose class is known here: kind, what is stored, and the way back.


def _zone(codec: Codec, zone: datetime.tzinfo | None) -> dict[str, Json]:
    if zone is None:
        return {}
    if type(zone) is zoneinfo.ZoneInfo and zone.key is not None:
        return {"zone": escape(zone.key)}
    if type(zone) is datetime.timezone:
        offset = zone.utcoffset(None)
        name = zone.tzname(None)
        return {} if datetime.timezone(offset).tzname(None) == name else {"offset_name": escape(name)}
    raise TypeError(f"there is no form for the time zone {zone!r}")


def _with_zone(value: Any, node: dict[str, Json]) -> Any:
    """With the zone and the fold that ISO text does not have."""
    fold = int(node.get("fold", 0))
    if "zone" in node:
        return value.replace(tzinfo=zoneinfo.ZoneInfo(node["zone"]), fold=fold)
    if "offset_name" in node:
        zone = datetime.timezone(value.utcoffset(), unescape(node["offset_name"]))
        return value.replace(tzinfo=zone, fold=fold)
    return value.replace(fold=fold) if fold else value


def _encode_moment(kind: str) -> Callable[[Codec, Any], Json]:
    def encode(codec: Codec, value: Any) -> Json:
        zone = _zone(codec, value.tzinfo)
        fold = {"fold": 1} if value.fold else {}
        bare = value.replace(tzinfo=None) if "zone" in zone else value
        return codec.envelope(kind, bare.isoformat(), **zone, **fold)

    return encode


def _encode_numpy(codec: Codec, value: Any) -> Json:
    numpy = sys.modules["numpy"]
    if value.dtype.hasobject:
        raise TypeError("there is no form for numpy's arrays of objects")
    description = value.dtype.descr if value.dtype.fields else value.dtype.str
    data = base64.b64encode(numpy.ascontiguousarray(value).tobytes()).decode()
    more = {"dtype": codec.encode(description)}
    if isinstance(value, numpy.generic):
        return codec.envelope("numpy.scalar", data, **more)
    fortran = value.flags.f_contiguous and not value.flags.c_contiguous
    return codec.envelope("numpy.ndarray", data, shape=list(value.shape), **({"order": "F"} if fortran else {}), **more)


def _decode_numpy(codec: Codec, node: dict[str, Json]) -> Any:
    numpy = importlib.import_module("numpy")
    dtype = numpy.dtype(codec.decode(node["dtype"]))
    if dtype.hasobject:
        raise ValueError("objects")
    flat = numpy.frombuffer(base64.b64decode(node["value"], validate=True), dtype=dtype)
    if node[KIND] == "numpy.scalar":
        return flat[0]
    return flat.reshape(node["shape"]).copy(order=node.get("order", "C"))


def _encode_default(codec: Codec, value: defaultdict[Any, Any]) -> Json:
    factory = value.default_factory
    if factory is not None and factory not in _FACTORIES.values():
        raise TypeError(f"there is no form for a defaultdict with the factory {factory!r}")
    name = None if factory is None else factory.__name__
    return codec.envelope("defaultdict", _pairs(codec, value), factory=name)


def _pairs(codec: Codec, value: Any) -> list[list[Json]]:
    return [[codec.encode(key), codec.encode(item)] for key, item in value.items()]


_FACTORIES: dict[str, Any] = {it.__name__: it for it in (bool, bytes, dict, float, int, list, set, str, tuple)}
_PATHS = (pathlib.PurePosixPath, pathlib.PureWindowsPath, pathlib.PosixPath, pathlib.WindowsPath)
_ADDRESSES = (
    ipaddress.IPv4Address,
    ipaddress.IPv6Address,
    ipaddress.IPv4Network,
    ipaddress.IPv6Network,
    ipaddress.IPv4Interface,
    ipaddress.IPv6Interface,
)


def _text_of(kind: str) -> Callable[[Codec, Any], Json]:
    return lambda codec, value: codec.envelope(kind, escape(str(value)))


_EXACT: dict[type, Callable[[Codec, Any], Json]] = {
    datetime.datetime: _encode_moment("datetime"),
    datetime.time: _encode_moment("time"),
    datetime.date: lambda codec, value: codec.envelope("date", value.isoformat()),
    datetime.timedelta: lambda codec, value: codec.envelope(
        "timedelta", [value.days, value.seconds, value.microseconds]
    ),
    datetime.timezone: lambda codec, value: codec.envelope(
        "timezone", _EXACT[datetime.timedelta](codec, value.utcoffset(None)), **_zone(codec, value)
    ),
    zoneinfo.ZoneInfo: lambda codec, value: codec.envelope("zone", _zone(codec, value)["zone"]),
    uuid.UUID: _text_of("uuid"),
    decimal.Decimal: _text_of("decimal"),
    fractions.Fraction: _text_of("fraction"),
    complex: lambda codec, value: codec.envelope("complex", [codec.encode(value.real), codec.encode(value.imag)]),
    range: lambda codec, value: codec.envelope("range", codec.encode([value.start, value.stop, value.step])),
    deque: lambda codec, value: codec.envelope("deque", codec.encode(list(value)), maxlen=value.maxlen),
    OrderedDict: lambda codec, value: codec.envelope("ordered", _pairs(codec, value)),
    Counter: lambda codec, value: codec.envelope("counter", _pairs(codec, value)),
    defaultdict: _encode_default,
    re.Pattern: lambda codec, value: codec.envelope("pattern", codec.encode(value.pattern), flags=value.flags),
    _DeltaSnapshot: lambda codec, value: {"lc": 2, "type": "delta_snapshot", "value": codec.encode(value.value)},
    **{kind: _text_of(kind.__name__) for kind in (*_PATHS, *_ADDRESSES)},
}


def _decode_time(kind: Any) -> Callable[[Codec, dict[str, Json]], Any]:
    return lambda _, node: _with_zone(kind.fromisoformat(node["value"]), node)


def _decode_timezone(codec: Codec, node: dict[str, Json]) -> datetime.timezone:
    offset = codec.decode(node["value"])
    if "offset_name" in node:
        return datetime.timezone(offset, unescape(node["offset_name"]))
    return datetime.timezone(offset)


def _decode_default(codec: Codec, node: dict[str, Json]) -> Any:
    factory = None if node["factory"] is None else _FACTORIES[node["factory"]]
    return defaultdict(factory, codec.decode(node["value"]))


def _decode_text(kind: Any) -> Callable[[Codec, dict[str, Json]], Any]:
    return lambda _, node: kind(unescape(node["value"]))


_KNOWN: dict[str, Callable[[Codec, dict[str, Json]], Any]] = {
    "datetime": _decode_time(datetime.datetime),
    "time": _decode_time(datetime.time),
    "date": lambda _, node: datetime.date.fromisoformat(node["value"]),
    "timedelta": lambda _, node: datetime.timedelta(*node["value"]),
    "timezone": _decode_timezone,
    "zone": lambda _, node: zoneinfo.ZoneInfo(node["value"]),
    "uuid": _decode_text(uuid.UUID),
    "decimal": _decode_text(decimal.Decimal),
    "fraction": _decode_text(fractions.Fraction),
    "complex": lambda codec, node: complex(*codec.decode(node["value"])),
    "range": lambda codec, node: range(*codec.decode(node["value"])),
    "deque": lambda codec, node: deque(codec.decode(node["value"]), node["maxlen"]),
    "ordered": lambda codec, node: OrderedDict(codec.decode(node["value"])),
    "counter": lambda codec, node: Counter(dict(codec.decode(node["value"]))),
    "defaultdict": _decode_default,
    "pattern": lambda codec, node: re.compile(codec.decode(node["value"]), node["flags"]),
    "numpy.scalar": _decode_numpy,
    "numpy.ndarray": _decode_numpy,
    **{kind.__name__: _decode_text(kind) for kind in (*_PATHS, *_ADDRESSES)},
}


# Objects of classes, which a record names by module and name. "value" is the plain data, whoever reads it.


def _slots(kind: type) -> list[str]:
    """The attributes that are kept in slots, which __dict__ does not have."""
    names: list[str] = []
    for base in kind.__mro__:
        slots = base.__dict__.get("__slots__", ())
        names += [slots] if isinstance(slots, str) else slots
    return [name for name in names if name not in ("__dict__", "__weakref__")]


def _state(codec: Codec, value: Any) -> dict[str, Json]:
    """The attributes that an object has beside its data."""
    if _slots(type(value)):
        raise TypeError(f"there is no form for {'.'.join(reference(type(value)))}, which has __slots__")
    members = getattr(value, "__dict__", None)
    return {"state": codec.encode_members(members)} if members else {}


def _set_state(codec: Codec, value: Any, node: dict[str, Json]) -> Any:
    for name, item in codec.decode_members(node.get("state", {})).items():
        object.__setattr__(value, name, item)
    return value


def _encode_enum(codec: Codec, value: enum.Enum) -> Json:
    name = value.name  # None, or several, for a combination of flags
    record = {"class": reference(type(value)), "name": None if name is None else escape(name)}
    return codec.envelope("enum", codec.encode(value.value), **record)


def _decode_enum(codec: Codec, kind: Any, node: dict[str, Json]) -> Any:
    name = None if node["name"] is None else unescape(node["name"])
    return kind[name] if name in kind.__members__ else kind(codec.decode(node["value"]))


def _encode_dataclass(codec: Codec, value: Any) -> Json:
    names = {field.name for field in dataclasses.fields(value)}
    own = {name: getattr(value, name) for name in _slots(type(value)) if hasattr(value, name)}
    own.update(getattr(value, "__dict__", {}))
    fields = {name: item for name, item in own.items() if name in names}
    others = {name: item for name, item in own.items() if name not in names}
    state = {"state": codec.encode_members(others)} if others else {}
    return codec.envelope("dataclass", codec.encode_members(fields), **{"class": reference(type(value))}, **state)


def _decode_dataclass(codec: Codec, kind: Any, node: dict[str, Json]) -> Any:
    """Without the constructor, whose checks the object may not pass any more; new fields have their defaults."""
    known = dataclasses.fields(kind)
    fields = codec.decode_members(node["value"])
    value = object.__new__(kind)
    for field in known:
        if field.name in fields:
            object.__setattr__(value, field.name, fields[field.name])
        elif not field.init:
            pass  # the class has its default
        elif field.default is not dataclasses.MISSING:
            object.__setattr__(value, field.name, field.default)
        elif field.default_factory is not dataclasses.MISSING:
            object.__setattr__(value, field.name, field.default_factory())
    return _set_state(codec, value, node)


def _encode_pydantic(codec: Codec, value: pydantic.BaseModel) -> Json:
    record: dict[str, Json] = {"class": reference(type(value))}
    unset = sorted({*value.__dict__, *(value.__pydantic_extra__ or {})} - value.__pydantic_fields_set__)
    if unset:
        record["unset"] = [escape(name) for name in unset]
    if value.__pydantic_extra__:
        record["extra"] = codec.encode_members(value.__pydantic_extra__)
    if value.__pydantic_private__:
        record["private"] = codec.encode_members(value.__pydantic_private__)
    return codec.envelope("pydantic", codec.encode_members(value.__dict__), **record)


def _decode_pydantic(codec: Codec, kind: Any, node: dict[str, Json]) -> Any:
    """Without validation, which may change a value, and refuses one that was made without it."""
    fields = codec.decode_members(node["value"])
    extra = codec.decode_members(node["extra"]) if "extra" in node else None
    unset = [unescape(name) for name in node.get("unset", [])]
    defaults = {
        name: field.get_default(call_default_factory=True)
        for name, field in kind.model_fields.items()
        if name not in fields and not field.is_required()
    }
    value = kind.__new__(kind)
    known = {name: item for name, item in fields.items()}
    object.__setattr__(value, "__dict__", {**known, **defaults})
    object.__setattr__(value, "__pydantic_fields_set__", {*known, *(extra or {})} - {*unset})
    allows = kind.model_config.get("extra") == "allow"
    object.__setattr__(value, "__pydantic_extra__", (extra or {}) if allows else extra)
    private = codec.decode_members(node["private"]) if "private" in node else None
    if not hasattr(kind, "__private_attributes__") or not kind.__private_attributes__:
        object.__setattr__(value, "__pydantic_private__", private)
    else:
        object.__setattr__(value, "__pydantic_private__", private or {})
    return value


def _encode_tuple(codec: Codec, value: Any) -> Json:
    record = {"class": reference(type(value)), **_state(codec, value)}
    return codec.envelope("namedtuple", codec.encode(list(value)), **record)


def _decode_tuple(codec: Codec, kind: Any, node: dict[str, Json]) -> Any:
    return _set_state(codec, tuple.__new__(kind, codec.decode(node["value"])), node)


def _encode_exception(codec: Codec, value: BaseException) -> Json:
    if _slots(type(value)):
        raise TypeError(f"there is no form for {'.'.join(reference(type(value)))}, which has __slots__")
    record = {"class": reference(type(value)), "args": codec.encode(list(value.args))}
    state = {name: item for name, item in value.__dict__.items() if name != "__notes__"}
    if state:
        record["state"] = codec.encode_members(state)
    return codec.envelope("exception", escape(repr(value)), **record)


def _decode_exception(codec: Codec, kind: Any, node: dict[str, Json]) -> Any:
    args = tuple(codec.decode(node["args"]))
    value = kind.__new__(kind, *args)
    value.args = args
    return _set_state(codec, value, node)


_BASES: tuple[type, ...] = (dict, list, str, int, float, bytes, bytearray, tuple, set, frozenset)


def _encode_subclass(codec: Codec, value: Any) -> Json:
    """Of a subclass of a builtin, which has the data of this and attributes of its own."""
    base = next(it for it in _BASES if isinstance(value, it))
    data = dict(dict.items(value)) if base is dict else base(value)
    return codec.envelope(
        "subclass", codec.encode(data), base=base.__name__, **{"class": reference(type(value))}, **_state(codec, value)
    )


def _decode_subclass(codec: Codec, kind: Any, node: dict[str, Json]) -> Any:
    base: Any = next(it for it in _BASES if it.__name__ == node["base"])
    data = codec.decode(node["value"])
    if base in (dict, list, set, bytearray):
        value = base.__new__(kind)
        if base is dict:
            dict.update(value, data)
        elif base is set:
            set.update(value, data)
        elif base is list:
            list.extend(value, data)
        else:
            bytearray.extend(value, data)
    else:
        value = base.__new__(kind, data)
    return _set_state(codec, value, node)


def encode(codec: Codec, value: Any) -> Json | None:
    """The record of a value, None where there is no form for it."""
    kind = type(value)
    exact = _EXACT.get(kind)
    if exact is not None:
        return exact(codec, value)
    numpy = sys.modules.get("numpy")
    if numpy is not None and (isinstance(value, numpy.generic) or kind is numpy.ndarray):
        return _encode_numpy(codec, value)
    if isinstance(value, enum.Enum):
        return _encode_enum(codec, value)
    if _is(value, "Overwrite"):
        return {"__overwrite__": codec.encode(value.value)}
    if isinstance(value, pydantic.BaseModel):
        return _encode_pydantic(codec, value)
    if isinstance(value, type):
        return None
    if dataclasses.is_dataclass(value) and not isinstance(value, (*_BASES, BaseException)):
        return _encode_dataclass(codec, value)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return _encode_tuple(codec, value)
    if isinstance(value, BaseException):
        return _encode_exception(codec, value)
    if isinstance(value, _BASES):
        return _encode_subclass(codec, value)
    return None


def _decode_call(codec: Codec, kind: Any, node: dict[str, Json]) -> Any:
    """An object that PostgresSaver's serializer stored as a call of its class, which is made as it makes it."""
    how, given = node[KIND], node["value"]
    if how == "call.value":
        value = codec.decode(given)
        # msgpack has no tuples, and a member of an enumeration that is one has no list for its value.
        return kind(tuple(value) if type(value) is list and issubclass(kind, enum.Enum) else value)
    if how == "call.elements":
        return kind(*codec.decode(given))
    members = codec.decode_members(given)
    try:
        return kind(**members)
    except Exception:  # made without validation, or with fields that the constructor does not take
        if hasattr(kind, "model_construct"):
            return kind.model_construct(**members)
        if dataclasses.is_dataclass(kind):
            return _decode_dataclass(codec, kind, node)
        raise


# kind: what its class must be, how it is built, and whether its data are members of an object.
_CLASSES: dict[str, tuple[type, Callable[[Codec, Any, dict[str, Json]], Any], bool]] = {
    "enum": (enum.Enum, _decode_enum, False),
    "dataclass": (object, _decode_dataclass, True),
    "pydantic": (pydantic.BaseModel, _decode_pydantic, True),
    "namedtuple": (tuple, _decode_tuple, False),
    "exception": (BaseException, _decode_exception, False),
    "subclass": (object, _decode_subclass, False),
    "call.value": (object, _decode_call, False),
    "call.elements": (object, _decode_call, False),
    "call.members": (object, _decode_call, True),
}
CALLS = frozenset(name for name in _CLASSES if name.startswith("call."))


def decode(codec: Codec, kind: str, node: dict[str, Json]) -> Any:
    known = _KNOWN.get(kind)
    if known is not None:
        return known(codec, node)
    base, build, members = _CLASSES[kind]
    found = codec.classes.find(node["class"], base)
    return codec.plain(node, members) if found is None else build(codec, found, node)
