"""What a compiled graph is made of, as graph_define() takes it: so that SQL reduces and goes on as the code does."""

from __future__ import annotations

import operator
from typing import Any

from ._codec import Codec
from ._kinds import loaded
from ._text import escape

_MESSAGES = {"add_messages", "_add_messages", "_messages_delta_reducer"}
_SUMS = (operator.add, operator.iadd, operator.concat, operator.iconcat)
_UNIONS = (operator.or_, operator.ior)


def definition(graph: Any, codec: Codec) -> dict[str, Any]:
    """Channels, nodes, edges and subgraphs. Conditional edges are code: who updates in SQL says what is next."""
    found: dict[str, Any] = {
        "channels": {
            escape(name): _channel(channel, codec) for name, channel in graph.channels.items() if not _internal(name)
        },
        "nodes": sorted(escape(name) for name in graph.nodes if not name.startswith("__")),
    }
    builder = getattr(graph, "builder", None)
    if builder is not None:
        edges: list[Any] = [[escape(start), escape(end)] for start, end in builder.edges]
        waiting = [[[escape(start) for start in starts], escape(end)] for starts, end in builder.waiting_edges]
        found["edges"] = sorted(edges) + sorted(waiting)
    subgraphs = {escape(node): definition(inner, codec) for node, inner in graph.get_subgraphs()}
    if subgraphs:
        found["subgraphs"] = subgraphs
    return found


def _internal(channel: str) -> bool:
    return channel.startswith(("__", "branch:", "join:"))


def _channel(channel: Any, codec: Codec) -> dict[str, Any]:
    kind = type(channel).__name__
    if kind in ("LastValue", "AnyValue"):
        return {"reducer": "last_value"}
    if kind == "BinaryOperatorAggregate":
        return _declared(channel.operator, getattr(channel, "value", None), codec)
    if kind == "DeltaChannel":
        return _declared(channel.reducer, None, codec)
    return {"reducer": "opaque"}


def _declared(reducer: Any, initial: Any, codec: Codec) -> dict[str, Any]:
    if getattr(reducer, "__name__", "") in _MESSAGES and reducer.__module__.startswith("langgraph."):
        return {"reducer": "add_messages"}
    if reducer in _SUMS and type(initial) is list:
        return {"reducer": "append"}
    if reducer in _SUMS and type(initial) in (int, float, str):
        return {"reducer": "add", "default": codec.encode(initial)}
    if reducer in _UNIONS and type(initial) is dict:
        return {"reducer": "merge"}
    missing = loaded("langgraph._internal._typing", "MISSING")
    if initial is None or initial is missing:
        return {"reducer": "opaque"}
    return {"reducer": "opaque", "default": codec.encode(initial)}
