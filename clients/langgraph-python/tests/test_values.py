"""Values come back exactly, in value and in type: those of channels, of writes, of metadata."""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
import fractions
import ipaddress
import json
import math
import pathlib
import re
import uuid
import warnings
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pydantic
import pytest
from langchain_core.documents import Document
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    ChatMessage,
    HumanMessage,
    RemoveMessage,
    SystemMessage,
    ToolMessage,
)
from langgraph.checkpoint.serde.types import _DeltaSnapshot
from langgraph.types import Command, Interrupt, Overwrite, Send, TimeoutPolicy
from support import at, new_saver, put
from threadmem_langgraph import PlainDict, PlainStr, RefusedClass, ThreadmemSaver, Unread
from threadmem_langgraph._codec import Codec, dump_json
from threadmem_langgraph._plain import BASE

try:
    import numpy
except ImportError:
    numpy = None  # type: ignore[assignment]


class Colour(enum.Enum):
    RED = "red"
    PAIR = (1, 2)


class Level(enum.IntEnum):
    HIGH = 3


class Word(str, enum.Enum):
    YES = "yes"


class Bits(enum.Flag):
    A = 1
    B = 2


@dataclasses.dataclass
class Place:
    name: str
    tags: list[str] = dataclasses.field(default_factory=list)
    seen: int = dataclasses.field(init=False, default=0)


@dataclasses.dataclass(frozen=True)
class Fixed:
    where: Place
    lc: int = 1


@dataclasses.dataclass
class Slim:
    __slots__ = ("x",)
    x: int


class Trip(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="allow")
    name: str = pydantic.Field(alias="theName", default="?")
    days: int = 1
    _note: str = pydantic.PrivateAttr(default="")


class Point(NamedTuple):
    x: int
    y: float = 0.0


class Words(list):  # type: ignore[type-arg]
    pass


class Name(str):
    pass


class State(dict):  # type: ignore[type-arg]
    pass


class Oops(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(f"code {code}")
        self.code = code


class Signed(HumanMessage):
    signature: str = ""


Old = namedtuple("Old", "a b")
OWN = [Colour, Level, Word, Bits, Place, Fixed, Slim, Trip, Point, Words, Name, State, Oops, Signed, Old]


def edited(message: Any, **fields: Any) -> Any:
    for name, value in fields.items():
        setattr(message, name, value)
    return message


def with_state(value: Any, **state: Any) -> Any:
    value.__dict__.update(state)
    return value


TEXTS = {
    "empty": "",
    "nul": "a\0b\0",
    "high half": "cut \ud83d",
    "low half": "\ude00 cut",
    "two halves": "\ud83d\ude00",
    "emoji": "\U0001f600",
    "substitute": "\x1a\x1a0000\x1ad83d",
    "like an escape": "\\u0000 \\ud83d",
    "control": "".join(map(chr, range(32))),
    "like an opaque value": "threadmem:json:e30=",
    "like one, almost": "threadmem:",
}

VALUES: dict[str, Any] = {
    **TEXTS,
    "none": None,
    "bools": [True, False, 1, 0, 1.0, 0.0],
    "ints": [2**53 - 1, 2**53, -(2**53), 2**64, 10**40, -1],
    "floats": [0.1 + 0.2, 1e15, 1e16, 1e22, -1e300, 5e-324, 1.7976931348623157e308, 1e-7, 123456789.0],
    "not numbers": [math.nan, math.inf, -math.inf, -0.0],
    "nested": [[[[]]], {}, {"a": {"b": [None]}}],
    "deep": json.loads("[" * 100 + "]" * 100),
    "keys": {"": 1, "\0": 2, "\ud83d": 3, "\x1a": 4, "a/b~c": 5},
    "keys that are not text": {1: "a", "1": "b", True: "c", None: "d", 1.5: "e", (1, 2): "f", uuid.UUID(int=1): 3},
    "like a record": {"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "HumanMessage"]},
    "like another": {"lc": 2, "type": "undefined"},
    "like an escape of LangChain's": {"__lc_escaped__": {"lc": 1}},
    "like an envelope": {"__threadmem__": "bytes", "value": "AAAA", "deeper": {"__threadmem__": "tuple"}},
    "bytes": [b"", bytes(range(256)), bytearray(b"\0\1")],
    "tuples": [(), (1,), ((1, [2]), "x")],
    "sets": [set(), {1, "1", (2, 3)}, frozenset({frozenset({1})})],
    "deque": [deque([1, 2], maxlen=3), deque([])],
    "dicts": [OrderedDict([("b", 1), ("a", 2)]), Counter("hello"), defaultdict(list, {"a": [1]}), defaultdict(None)],
    "datetimes": [
        dt.datetime(2026, 1, 2, 3, 4, 5, 6),
        dt.datetime(2026, 1, 2, tzinfo=dt.timezone.utc),
        dt.datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Paris"), fold=1),
        dt.datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Paris")),
        dt.datetime(2026, 3, 29, 2, 30, tzinfo=ZoneInfo("Europe/Paris")),
        dt.datetime(2026, 1, 2, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=30))),
        dt.datetime(2026, 1, 2, tzinfo=dt.timezone(dt.timedelta(hours=1), "Here")),
        dt.datetime(2026, 1, 2, fold=1),
        dt.datetime.min,
        dt.datetime.max,
    ],
    "times": [dt.time(1, 2, 3, 4), dt.time(1, tzinfo=ZoneInfo("Asia/Tokyo"), fold=1), dt.date(2026, 1, 2)],
    "spans": [dt.timedelta(days=-1, microseconds=5), dt.timezone.utc, dt.timezone(dt.timedelta(hours=1), "X")],
    "zone": ZoneInfo("Europe/Paris"),
    "uuid": uuid.UUID(int=5),
    "decimals": [decimal.Decimal("1.10"), decimal.Decimal("-0"), decimal.Decimal("1E+400"), decimal.Decimal("NaN")],
    "fraction": fractions.Fraction(1, 3),
    "complex": complex(-0.0, math.inf),
    "range": range(1, 10**20, 2),
    "paths": [pathlib.PurePosixPath("/a/b"), pathlib.PureWindowsPath("C:/x")],
    "addresses": [ipaddress.ip_address("::1"), ipaddress.ip_network("10.0.0.0/8")],
    "patterns": [re.compile(r"a\0[b]+", re.I | re.X), re.compile(b"x")],
    "enums": [Colour.RED, Colour.PAIR, Level.HIGH, Word.YES, Bits.A | Bits.B],
    "enum keys": {Colour.RED: 1, dt.date(2026, 1, 1): 2},
    "dataclasses": [Place("Lyon", ["a"]), Fixed(Place("x")), with_state(Place("y"), more=1), Slim(3)],
    "pydantic": [Trip(theName="a"), Trip(theName="b", days=2, extra=(1,)), Trip.model_construct(name=5)],
    "named tuples": [Point(1), Old((1,), {2})],
    "subclasses": [Words([1, (2,)]), Name("n"), with_state(State(a=1), b=(2,)), State({1: 2})],
    "exceptions": [ValueError("x", 1), Oops(3), KeyError("k")],
    "messages": [
        HumanMessage("h", id="h"),
        HumanMessage([{"type": "text", "text": "x"}, {"type": "image", "data": b"\0"}], id="i"),
        AIMessage(
            "a", id="a", tool_calls=[{"name": "f", "args": {"lc": 1, "x": (1,)}, "id": "c", "type": "tool_call"}]
        ),
        AIMessage("a", usage_metadata={"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}),
        AIMessageChunk("a", chunk_position="last"),
        SystemMessage("s", additional_kwargs={"at": dt.datetime(2026, 1, 1), "lc": {"__threadmem__": 1}}),
        ToolMessage("t", tool_call_id="c", artifact={"set": {1}, "f": math.nan}, status="error"),
        ChatMessage("c", role="critic"),
        RemoveMessage(id="h"),
        HumanMessage("extra", mine={"a": (1,)}, none=None),
        Signed("s", signature="me"),
        edited(AIMessage("m", additional_kwargs={"tool_calls": []}), content="changed"),
    ],
    "document": Document("text", metadata={"d": dt.date(2026, 1, 1)}, id="d"),
    "langgraph's": [
        Send("n", {"a": (1,)}),
        Send("n", None, timeout=TimeoutPolicy(run_timeout=3)),
        Interrupt({"ask": (1,)}, "i"),
        Command(update={"a": (1,)}, goto=[Send("n", 1), "b"], resume={"i": 1}),
        Overwrite([1]),
        _DeltaSnapshot([HumanMessage("x", id="x")]),
    ],
}

if numpy is not None:
    VALUES |= {
        "arrays": [
            numpy.arange(6, dtype="<i4").reshape(2, 3),
            numpy.asfortranarray(numpy.ones((2, 3))),
            numpy.array(["2026-01-01"], dtype="datetime64[D]"),
            numpy.array([(1, 2.0)], dtype=[("a", "<i4"), ("b", "<f8")]),
            numpy.array(5.0),
            numpy.zeros((0, 3)),
        ],
        "numpy's numbers": [numpy.float64(1.5), numpy.int64(2), numpy.bool_(True), numpy.float32(math.nan)],
    }


def same(a: Any, b: Any, seen_as: Any = lambda it: it) -> bool:
    """Equal in value and type, all the way down."""
    a, b = seen_as(a), seen_as(b)

    def alike(one: Any, other: Any) -> bool:
        return same(one, other, seen_as)

    def keyed(it: Any) -> dict[Any, Any]:
        seen = {item: seen_as(item) for item in it}
        return {
            (type(key), repr(tuple(map(seen_as, key)) if type(key) is tuple else key)): item
            for item, key in seen.items()
        }

    def state() -> bool:
        if isinstance(a, (enum.Enum, pydantic.BaseModel)):
            return True
        own, other = getattr(a, "__dict__", {}), getattr(b, "__dict__", {})
        return own.keys() == other.keys() and all(alike(own[name], other[name]) for name in own)

    if type(a) is not type(b):
        return False
    if numpy is not None and isinstance(a, numpy.ndarray):
        flat = a.dtype == b.dtype and a.shape == b.shape and a.flags.f_contiguous == b.flags.f_contiguous
        return bool(flat and a.tobytes() == b.tobytes())
    if numpy is not None and isinstance(a, numpy.generic):
        return bool(a.dtype == b.dtype and a.tobytes() == b.tobytes())
    if isinstance(a, (float, complex)):
        return repr(a) == repr(b) and state()
    if isinstance(a, decimal.Decimal):
        return str(a) == str(b)
    if isinstance(a, dict):
        one, other = keyed(a), keyed(b)
        factory = getattr(a, "default_factory", None) == getattr(b, "default_factory", None)
        return one.keys() == other.keys() and factory and all(alike(a[one[it]], b[other[it]]) for it in one) and state()
    if isinstance(a, (list, tuple, deque)):
        ends = getattr(a, "maxlen", 0) == getattr(b, "maxlen", 0)
        return len(a) == len(b) and ends and all(map(alike, a, b)) and state()
    if isinstance(a, (set, frozenset)):
        return len(a) == len(b) and keyed(a).keys() == keyed(b).keys()
    if isinstance(a, BaseException):
        return alike(a.args, b.args) and state()
    if isinstance(a, (dt.datetime, dt.time)):
        return bool(a == b and a.fold == b.fold and repr(a) == repr(b))
    if isinstance(a, pydantic.BaseModel):
        names = ("__pydantic_extra__", "__pydantic_private__", "__pydantic_fields_set__")
        if isinstance(a, (BaseMessage, Document)):
            names = names[:1]
        return alike(a.__dict__, b.__dict__) and all(alike(getattr(a, it), getattr(b, it)) for it in names)
    if dataclasses.is_dataclass(a) or type(a) in (Send, Interrupt):
        names = tuple(getattr(a, "__dataclass_fields__", None) or a.__slots__)
        return all(alike(getattr(a, it), getattr(b, it)) for it in names) and state()
    return bool(a == b) and state()


@pytest.mark.parametrize("name", VALUES)
def test_value(name: str) -> None:
    value = VALUES[name]
    with new_saver(allow=OWN) as saver:
        config = put(saver, at("t"), {"c": value})
        saver.put_writes(config, [("c", value), ("d", [value])], "task")
        back = saver.get_tuple(config)
        assert back is not None and back.pending_writes is not None
        assert same(back.checkpoint["channel_values"], {"c": value}), back.checkpoint["channel_values"]
        assert same([write[2] for write in back.pending_writes], [value, [value]])
        assert [tuple_.checkpoint for tuple_ in saver.list(at("t"))] and next(saver.list(at("t"))).config == config


@pytest.mark.parametrize("name", VALUES)
def test_written_twice_is_the_same(name: str) -> None:
    codec = Codec(OWN)
    tree = codec.encode_channel("c", VALUES[name])
    again = codec.encode_channel("c", codec.decode_channel("c", json.loads(dump_json(tree))))
    assert dump_json(tree) == dump_json(again)


def test_all_at_once_and_metadata() -> None:
    with new_saver(allow=OWN) as saver:
        stored = {"channel_values": VALUES, "channel_versions": dict.fromkeys(VALUES, 1), "versions_seen": {"lc": {}}}
        metadata = {"source": "loop", "step": 0, "parents": {}, "all": [*VALUES.values()], "lc": "x", "\0": ["\0"]}
        checkpoint = {"v": 4, "id": "c", "ts": "now", **stored, "updated_channels": ["\0"]}
        config = saver.put(at("t"), checkpoint, metadata, dict.fromkeys(VALUES, 1))  # type: ignore[arg-type]
        back = saver.get_tuple(config)
        assert back is not None
        assert same({**back.checkpoint}, checkpoint)
        assert same({**back.metadata}, metadata)


@pytest.mark.parametrize(
    "value",
    [object(), print, pytest.param(10**5000, id="huge"), lambda: 1, Colour, json, (i for i in "a"), memoryview(b"x")],
)
def test_refused(value: Any) -> None:
    with new_saver() as saver:
        for held in (value, [value], {"a": (value,)}, HumanMessage("x", additional_kwargs={"v": value})):
            with pytest.raises(TypeError, match="the channel 'odd'"):
                put(saver, at("t"), {"fine": 1, "odd": held})
            with pytest.raises(TypeError, match="the channel 'odd'"):
                saver.put_writes(at("t", "c"), [("odd", held)], "task")
        assert saver.get_tuple(at("t")) is None


def test_refused_loop() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(TypeError, match="holds itself"):
        Codec().encode_channel("odd", loop)


def test_class_that_is_not_allowed() -> None:
    values = {
        name: VALUES[name] for name in ("enums", "dataclasses", "pydantic", "named tuples", "subclasses", "exceptions")
    }
    values["signed"] = Signed("s", id="s", signature="me")
    with new_saver(allow=OWN) as saver:
        config = put(saver, at("t"), values)
        other = ThreadmemSaver(saver._source._pool, tenant=saver._tenant)  # type: ignore[arg-type]
        with pytest.warns(UserWarning, match=r"Place is not allowed.*allow=\[\('test_values', 'Place'\)\]"):
            plain = other.get_tuple(config)
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # once
            assert other.get_tuple(config) is not None
        assert plain is not None
        back = plain.checkpoint["channel_values"]
        assert back["dataclasses"][0] == {"name": "Lyon", "tags": ["a"]}
        assert type(back["dataclasses"][0]) is PlainDict
        assert back["enums"][0] == "red" and type(back["enums"][2]) is not Level and back["enums"][2] == 3
        assert type(back["exceptions"][1]) is PlainStr and back["exceptions"][1] == "Oops('code 3')"
        assert type(back["signed"]) is HumanMessage and back["signed"].signature == "me"  # type: ignore[attr-defined]
        back["dataclasses"][0]["name"] = "Lyon 2"
        changed = put(other, config, back)
        once_more = saver.get_tuple(changed)
        assert once_more is not None
        values["dataclasses"][0] = Place("Lyon 2", ["a"])
        assert same(once_more.checkpoint["channel_values"], values)
        values["dataclasses"][0] = Place("Lyon", ["a"])
        strict = ThreadmemSaver(saver._source._pool, tenant=saver._tenant, strict=True)  # type: ignore[arg-type]
        with pytest.raises(RefusedClass, match="test_values.Colour is not allowed"):
            strict.get_tuple(config)
        allowed = strict.with_allowlist([(kind.__module__, kind.__qualname__) for kind in OWN])
        assert allowed.get_tuple(config) is not None


@pytest.mark.parametrize(
    "record",
    [
        {"__threadmem__": "tomorrow's", "value": [1]},
        {"__threadmem__": "bytes", "value": "not base64"},
        {"__threadmem__": "bytes"},
        {"__threadmem__": {"a": 1}},
        {"__threadmem__": "set", "value": [[1]]},
        {"__threadmem__": "tuple", "value": 5},
        {"__threadmem__": "dataclass", "class": ["os", "system"], "value": 5},
        {"__threadmem__": "dataclass", "class": 5, "value": {}},
        {"__threadmem__": "enum", "class": ["builtins", "ValueError"], "name": "x", "value": 1},
        {"__threadmem__": "exception", "class": ["builtins", "eval"], "args": ["1"], "value": "x"},
        {"__threadmem__": "numpy.ndarray", "dtype": "|O", "shape": [1], "value": ""},
        {"lc": 1, "type": "constructor", "id": ["os", "system"], "kwargs": {}},
        {"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "Nothing"], "kwargs": {}},
        {"lc": 1, "type": "secret", "id": ["KEY"]},
        {"lc": 1, "type": "not_implemented", "id": ["x"]},
        {"lc": 2, "type": "constructor", "id": ["Date"], "args": [0]},
        {"lc": 7},
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_what_cannot_be_built_is_written_back_unchanged(record: dict[str, Any]) -> None:
    codec = Codec()
    text = dump_json({"a": 1, "b": record, "c": "x"})
    back = codec.decode_channel("c", json.loads(text))
    assert back["a"] == 1 and back["c"] == "x"
    assert type(back["b"]) is Unread or type(back["b"]) in BASE or back["b"] == "x"
    assert codec.encode_channel("c", back) == json.loads(text)


def test_records_of_javascript() -> None:
    codec = Codec()

    def read(node: Any) -> Any:
        return codec.decode_channel("c", node)

    def made(name: str, *args: Any) -> Any:
        return {"lc": 2, "type": "constructor", "id": [name], "method": None, "args": [*args], "kwargs": {}}

    undefined = {"lc": 2, "type": "undefined"}
    assert read(undefined) is None
    assert read({"a": undefined, "b": [undefined, 1]}) == {"b": [None, 1]}
    assert read({"__overwrite__": undefined}) == Overwrite(None)
    assert codec.decode_channel("__pregel_tasks", [{"node": "n", "args": undefined}]) == [Send("n", None)]
    assert read({"lc": 2, "type": "delta_snapshot", "value": undefined}) == _DeltaSnapshot(None)
    assert read(made("Set", [1, "a"])) == {1, "a"}
    assert read(made("Map", [["a", 1], [2, made("Set", [])]])) == {"a": 1, 2: set()}
    assert read(made("RegExp", "a", "gi")) == re.compile("a", re.I)
    assert read(made("Error", "text")) == "text"
    assert read(made("Uint8Array", [0, 255])) == b"\0\xff"
    assert read("threadmem:bytes:AP8=") == b"\0\xff"
    assert read("threadmem:v8:AP8=") == "threadmem:v8:AP8="
    assert codec.encode_channel("c", read("threadmem:v8:AP8=")) == "threadmem:v8:AP8="
    chunk = {"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "AIMessageChunk"]}
    kwargs = {
        "content": "x",
        "usage_metadata": undefined,
        "type": "ai",
        "additional_kwargs": {},
        "tool_call_chunks": [],
    }
    assert read({**chunk, "kwargs": kwargs}) == AIMessageChunk("x")
    blocks = [{"type": "text", "text": "x"}]
    assert read({**chunk, "kwargs": {"content_blocks": blocks}}).content == blocks
    old = {"lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", "HumanMessage"]}
    assert read({**old, "kwargs": {"type": "human", "content": "x"}}) == HumanMessage("x")


def test_forms_of_langgraph() -> None:
    codec = Codec()

    def both(channel: str, value: Any, form: Any) -> Any:
        assert codec.encode_channel(channel, value) == form
        return codec.decode_channel(channel, form)

    send = both("__pregel_tasks", Send("n", {"a": 1}), {"node": "n", "args": {"a": 1}})
    assert send == Send("n", {"a": 1}) and both("__pregel_tasks", [send], [{"node": "n", "args": {"a": 1}}]) == [send]
    form = [{"id": "i", "value": {"ask": 1}}]
    assert both("__interrupt__", (Interrupt({"ask": 1}, "i"),), form) == [Interrupt({"ask": 1}, "i")]
    error = {"name": "KeyError", "message": "'k'", "repr": "KeyError('k')"}
    assert both("__error__", KeyError("k"), error) == "KeyError('k')"
    assert codec.decode_channel("__error__", {"name": "Error", "message": "boom"}) == "Error('boom')"
    assert both("join:a+b:c", {"b", "a"}, ["a", "b"]) == {"a", "b"}
    assert both("join:a+b:c", ({"a"}, False), [["a"], False]) == ({"a"}, False)
    assert both("branch:to:c", (None, True), [None, True]) == (None, True)
    assert both("c", Overwrite([1]), {"__overwrite__": [1]}) == Overwrite([1])


def test_messages_lie_in_the_form_of_javascript() -> None:
    form = {
        "lc": 1,
        "type": "constructor",
        "id": ["langchain_core", "messages", "AIMessage"],
        "kwargs": {
            "content": "x",
            "id": "a",
            "tool_calls": [],
            "invalid_tool_calls": [],
            "additional_kwargs": {},
            "response_metadata": {},
        },
    }
    assert Codec().encode(AIMessage("x", id="a")) == form
