"""Plain messages by templates: what the constructors of LangChain make of them, without the constructors.

Most messages of a chat are texts with an id. To validate one, pydantic takes longer than everything else that is done
to read it. What the constructor makes of such arguments is known: the members that its class gives to every object,
with the arguments in place of the defaults. All others go through the constructor, and a template is taken of the
object.

A template is never handed out, nor is anything of it that can be changed: only copies are.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from operator import attrgetter
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from pydantic import BaseModel

Containers = tuple[str, ...]

_new = object.__new__
_SLOTS: Any = BaseModel.__dict__
_set_members = _SLOTS["__dict__"].__set__
_set_extra = _SLOTS["__pydantic_extra__"].__set__
_set_fields = _SLOTS["__pydantic_fields_set__"].__set__
_set_private = _SLOTS["__pydantic_private__"].__set__
_do: Callable[[Iterable[Any]], None] = deque[Any](maxlen=0).extend

_PATH = ["langchain_core", "messages"]
_TEXTS = frozenset({"content", "id", "name"})
_STATUS = frozenset({"success", "error"})
_ESCAPE = "\x1a"


def _containers(members: dict[str, Any]) -> Containers:
    return tuple(name for name, value in members.items() if value.__class__ in (dict, list))


class Template:
    """The class and the members of a message. ``is_simple``: nothing is nested, its containers are empty."""

    __slots__ = ("containers", "extra", "fields", "is_simple", "kind", "members")

    def __init__(
        self,
        kind: type[BaseMessage],
        members: dict[str, Any],
        containers: Containers,
        fields: frozenset[str],
        extra: dict[str, Any] | None,
        is_simple: bool,
    ) -> None:
        self.kind = kind
        self.members = members
        self.containers = containers
        self.fields = fields
        self.extra = extra
        self.is_simple = is_simple


_KIND = attrgetter("kind")
_MEMBERS = attrgetter("members")
_CONTAINERS = attrgetter("containers")
_FIELDS = attrgetter("fields")
_EXTRA = attrgetter("extra")


class _Class:
    """A class of messages: what all of its objects have, and which arguments it takes as they are."""

    def __init__(self, message: BaseMessage, *texts: str) -> None:
        self.kind = type(message)
        self.members = dict(message.__dict__)
        self.containers = _containers(self.members)
        self.texts = _TEXTS.union(texts)
        self.needs = frozenset({"content", *texts[:1]})


_CLASSES = {
    made.kind.__name__: made
    for made in (
        _Class(HumanMessage("")),
        _Class(AIMessage("")),
        _Class(SystemMessage("")),
        _Class(ToolMessage("", tool_call_id=""), "tool_call_id", "status"),
    )
}


def template_of_record(node: Any) -> Template | None:
    """Of a constructor's record with texts and empty containers alone; None of all others."""
    if node.__class__ is not dict or len(node) != 4 or node.get("lc") != 1 or node.get("type") != "constructor":
        return None
    path, kwargs = node.get("id"), node.get("kwargs")
    if path.__class__ is not list or kwargs.__class__ is not dict or path[:-1] != _PATH:
        return None
    known = _CLASSES.get(path[-1]) if path[-1].__class__ is str else None
    if known is None or not known.needs <= kwargs.keys():
        return None
    defaults, texts = known.members, known.texts
    for name, value in kwargs.items():
        if value.__class__ is str:
            if name not in texts or _ESCAPE in value or (name == "status" and value not in _STATUS):
                return None
        elif value or name not in known.containers or value.__class__ is not defaults[name].__class__:
            return None
    return Template(known.kind, {**defaults, **kwargs}, known.containers, frozenset(kwargs), None, True)


def template_of(message: BaseMessage) -> Template:
    """Of a message all of whose members are atoms, dicts and lists, which from now on is nobody else's."""
    members, extra = message.__dict__, message.__pydantic_extra__ or None
    containers = _containers(members)
    is_simple = not extra and not any(members[name] for name in containers)
    fields = frozenset(message.__pydantic_fields_set__)
    return Template(message.__class__, members, containers, fields, extra, is_simple)


def copied(value: Any) -> Any:
    kind = value.__class__
    if kind is dict:
        return {key: copied(item) for key, item in value.items()}
    if kind is list:
        return list(map(copied, value))
    return value


def copies(templates: Sequence[Template]) -> list[Any]:
    """A message of each. Step by step for all together, since then next to nothing of it is done by the interpreter."""
    made = list(map(_new, map(_KIND, templates)))
    members = list(map(dict.copy, map(_MEMBERS, templates)))
    for own, names in zip(members, map(_CONTAINERS, templates), strict=True):
        for name in names:
            value = own[name]
            own[name] = copied(value) if value else value.copy()
    _do(map(_set_members, made, members))
    _do(map(_set_extra, made, [copied(extra) if extra else {} for extra in map(_EXTRA, templates)]))
    _do(map(_set_fields, made, map(set, map(_FIELDS, templates))))
    _do(map(_set_private, made, repeat(None)))
    return made
