"""A message that is made by a template is the one that its constructor makes."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    HumanMessageChunk,
    RemoveMessage,
    SystemMessage,
    ToolMessage,
)

from threadmem_langgraph import _messages, _templates
from threadmem_langgraph._codec import Codec

CODEC = Codec()

# Arguments of every kind, those that a template takes and those that it has to leave to the constructor.
ARGUMENTS: dict[str, list[Any]] = {
    "content": ["", "text", "with a \x1a0000", ["a", {"type": "text", "text": "b"}], [], 7, None],
    "id": ["i", "", 5, None],
    "name": ["n", None, 1],
    "additional_kwargs": [
        {},
        {"a": {"b": [1]}},
        {"tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "{}"}}]},
    ],
    "response_metadata": [{}, {"model": "m", "usage": {"n": 1.5}}],
    "tool_calls": [[], [{"name": "f", "args": {"x": 1}, "id": "c", "type": "tool_call"}], {}, None],
    "invalid_tool_calls": [[], [{"name": "f", "args": "{", "id": "c", "error": "e"}]],
    "usage_metadata": [None, {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}],
    "tool_call_id": ["c", "", 3],
    "status": ["success", "error", "other"],
    "artifact": [None, "a", {"a": 1}],
    "example": [True, False],
    "role": ["r"],
    "more": ["extra", {"extra": []}, []],
    "type": ["human", "ai"],
}
KINDS = [
    HumanMessage,
    AIMessage,
    SystemMessage,
    ToolMessage,
    ChatMessage,
    FunctionMessage,
    RemoveMessage,
    HumanMessageChunk,
    AIMessageChunk,
]


def all_of(value: Any) -> Any:
    """Everything that an object has, with types and with the order of its members."""
    if isinstance(value, dict):
        return [(key, all_of(item)) for key, item in value.items()]
    if isinstance(value, list):
        return [all_of(item) for item in value]
    if hasattr(value, "__pydantic_extra__"):
        parts = (value.__dict__, value.__pydantic_extra__)
        return type(value), list(map(all_of, parts)), value.__pydantic_fields_set__, value.__pydantic_private__
    return type(value), value


def record(kind: type, kwargs: dict[str, Any]) -> dict[str, Any]:
    return {"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", kind.__name__], "kwargs": kwargs}


def cases() -> list[dict[str, Any]]:
    """Each argument alone and each pair of arguments, beside the text, the call's id and the rest that is needed."""
    singles = [(name, value) for name, values in ARGUMENTS.items() for value in values]
    found: list[dict[str, Any]] = [{}, *({name: value} for name, value in singles)]
    found += [dict(pair) for pair in itertools.combinations(singles, 2) if pair[0][0] != pair[1][0]]
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_constructor_makes(kind: type) -> None:
    made = 0
    for given in cases():
        for base in ({}, {"content": "text", "tool_call_id": "c", "name": "n", "role": "r", "id": "i"}):
            needed = {"tool_call_id": kind is ToolMessage, "role": kind is ChatMessage}
            kwargs = {name: value for name, value in base.items() if needed.get(name, True)} | given
            template = _templates.template_of_record(record(kind, kwargs))
            if template is None:
                continue
            made += 1
            try:
                expected: Any = kind(**kwargs)
            except Exception as error:
                raise AssertionError(f"{kwargs} are not for a template") from error
            assert all_of(_templates.copies([template])[0]) == all_of(expected), kwargs
    assert (made >= 20) == (kind in (HumanMessage, AIMessage, SystemMessage, ToolMessage))


def test_a_record_that_is_none() -> None:
    good = record(HumanMessage, {"content": "text"})
    assert _templates.template_of_record(good)
    for bad in (
        {**good, "lc": 2},
        {**good, "type": "not_implemented"},
        {**good, "id": ["langchain_core", "messages", "HumanMessageChunk"]},
        {**good, "id": ["other", "messages", "HumanMessage"]},
        {**good, "id": ["langchain_core", "messages", ["HumanMessage"]]},
        {**good, "id": "HumanMessage"},
        {**good, "id": []},
        {**good, "kwargs": []},
        {**good, "__threadmem__": "message"},
        {"lc": 1, "type": "constructor", "id": good["id"], "args": {}},
        record(HumanMessage, {"content": "what stands for \x1a0000"}),
        [good],
        None,
    ):
        assert _templates.template_of_record(bad) is None


def test_copies_have_nothing_in_common() -> None:
    call = {"name": "f", "args": {"x": [1]}, "id": "c", "type": "tool_call"}
    plain = record(AIMessage, {"content": "text", "id": "a", "tool_calls": [], "additional_kwargs": {}})
    nested = AIMessage("text", tool_calls=[call], response_metadata={"a": {"b": []}}, more={"extra": []})
    simple = _templates.template_of_record(plain)
    assert simple
    templates = [simple, _templates.template_of(nested)]
    expected = [all_of(message) for message in _templates.copies(templates)]
    for message in _templates.copies(templates):
        message.additional_kwargs["spoilt"] = message.response_metadata["spoilt"] = 1
        message.tool_calls.append("spoilt")
        message.invalid_tool_calls.append("spoilt")
        message.__pydantic_extra__["spoilt"] = 1
        message.model_fields_set.add("spoilt")
        message.content = "spoilt"
    spoilt = _templates.copies(templates)[1]
    spoilt.tool_calls[0]["args"]["x"].append(2)
    spoilt.response_metadata["a"]["b"].append(2)
    spoilt.__pydantic_extra__["more"]["extra"].append(2)
    assert [all_of(message) for message in _templates.copies(templates)] == expected


def test_lists_of_messages_and_others() -> None:
    nodes = [
        record(HumanMessage, {"content": "a"}),
        record(AIMessage, {"content": "b", "response_metadata": {"model": "m"}}),
        "text",
        record(SystemMessage, {"content": "c"}),
        {"lc": 2, "type": "undefined"},
    ]
    found = CODEC.decode(nodes)
    assert [all_of(it) for it in found] == [all_of(CODEC.decode(node)) for node in nodes]
    assert [type(it) for it in found] == [HumanMessage, AIMessage, str, SystemMessage, type(None)]


def test_what_is_written_is_read_by_a_template() -> None:
    """So that those which matter, of a chat, are not left to the constructor some day without a word."""
    for message in (
        HumanMessage("text", id="i"),
        AIMessage("text", id="i"),
        SystemMessage("text"),
        ToolMessage("text", tool_call_id="c", status="error"),
    ):
        node = _messages.encode(CODEC, message)
        template = _templates.template_of_record(node)
        assert template
        assert _templates.copies([template])[0] == message
