"""LangChain's messages, in the form of its constructor records.

    {"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "HumanMessage"], "kwargs": {...}}

kwargs has the fields of the object and what was added to them, without ``type``, and always ``additional_kwargs`` and
``response_metadata``: so the same message is the same jsonb from JavaScript. A subclass has the id of its base, so
that whoever does not know it has a message all the same, and the members of an envelope beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import langchain_core.messages
from langchain_core.documents import Document
from langchain_core.messages import BaseMessage, BaseMessageChunk

from ._kinds import KIND, reference
from ._plain import Unread
from ._templates import copies, template_of_record

if TYPE_CHECKING:
    from ._codec import Codec

_BY_NAME: dict[str, type[BaseMessage]] = {
    name: kind
    for name in dir(langchain_core.messages)
    if isinstance(kind := getattr(langchain_core.messages, name), type)
    and issubclass(kind, BaseMessage)
    and kind not in (BaseMessage, BaseMessageChunk)
}
_NAMES = {kind: name for name, kind in _BY_NAME.items()}
_OWN = frozenset(_NAMES)
_REMEMBERED = "_threadmem_class"
_PATHS = (["langchain_core", "messages"], ["langchain", "schema", "messages"])
_DOCUMENTS = (["langchain", "schema", "document", "Document"], ["langchain_core", "documents", "Document"])


def is_own(value: Any) -> bool:
    """Of one of LangChain's classes, and of none that is made of one."""
    return value.__class__ in _OWN


def are_own(values: list[Any]) -> bool:
    return _OWN.issuperset(map(type, values))


def encode(codec: Codec, message: BaseMessage) -> dict[str, Any]:
    kind = type(message)
    fields = {
        name: value
        for name, value in message.__dict__.items()
        if name != "type" and not (value is None or (name == "example" and value is False))
    }
    if message.__pydantic_extra__:
        fields.update(message.__pydantic_extra__)
    known = next((base for base in kind.__mro__ if base in _NAMES), None)
    private = dict(message.__pydantic_private__ or {})
    name = private.pop(_REMEMBERED, None if kind is known else reference(kind))
    if known is None or private:
        raise TypeError(f"there is no form for {'.'.join(reference(kind))}")
    record = {
        "lc": 1,
        "type": "constructor",
        "id": ["langchain_core", "messages", _NAMES[known]],
        "kwargs": codec.encode_members(fields),
    }
    return record if name is None else {KIND: "message", "class": name, **record}


def decode(codec: Codec, node: dict[str, Any]) -> Any:
    template = template_of_record(node)
    if template is not None:
        return copies((template,))[0]
    path = node["id"]
    if path in _DOCUMENTS:
        return Document(**codec.decode_members(node["kwargs"]))
    known = _BY_NAME.get(path[-1]) if path[:2] == _PATHS[0] or path[:3] == _PATHS[1] else None
    if known is None:
        return Unread(node)
    kind: type[BaseMessage] | None = known
    if KIND in node:
        kind = codec.classes.find(node["class"], known)
    kwargs = codec.decode_members(node["kwargs"])
    kwargs.pop("type", None)
    if "content" not in kwargs and "content_blocks" in kwargs:
        kwargs["content"] = kwargs.pop("content_blocks")
    if kind is None:
        message = _build(known, kwargs)
        return _remember(message, node["class"])
    return _build(kind, kwargs)


def decode_list(codec: Codec, nodes: list[Any]) -> list[Any]:
    """A list that seems to be one of messages: those that are plain are made together."""
    templates = list(map(template_of_record, nodes))
    made = iter(copies([template for template in templates if template]))
    return [next(made) if template else codec.decode(node) for template, node in zip(templates, nodes, strict=True)]


def _build(kind: type[BaseMessage], kwargs: dict[str, Any]) -> BaseMessage:
    """By the constructor, since other writers leave things to it; without it what it would not take."""
    try:
        message = kind(**kwargs)
    except Exception:
        message = kind.model_construct(None, **kwargs)
    # An object is as it was left: the constructor finds calls of tools that were taken out again.
    if kwargs.get("tool_calls") == [] and getattr(message, "tool_calls", None):
        message.__dict__["tool_calls"] = []
    return message


def _remember(message: BaseMessage, reference: list[str]) -> BaseMessage:
    """Of a base class in place of its own, which it gets back when it is written."""
    object.__setattr__(message, "__pydantic_private__", {_REMEMBERED: reference})
    return message
