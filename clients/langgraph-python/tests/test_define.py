"""define() tells the database what a compiled graph is made of, and SQL goes on as the code does."""

import operator
from typing import Annotated, Any

import psycopg
import pytest
from langchain_core.messages import AIMessage
from langgraph.channels.delta import DeltaChannel
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.graph.message import _messages_delta_reducer, add_messages
from support import at, both_savers, sql


def longest(one: str, other: str) -> str:
    return max(one, other, key=len)


class Inner(MessagesState):
    calls: Annotated[list[Any], operator.add]


class State(MessagesState):
    log: Annotated[list[Any], operator.add]
    cost: Annotated[float, operator.add]
    name: Annotated[str, operator.add]
    facts: Annotated[dict[str, Any], operator.or_]
    tags: Annotated[set[str], operator.or_]
    best: Annotated[str, longest]
    other: Annotated[list[Any], add_messages]
    delta: Annotated[list[Any], DeltaChannel(_messages_delta_reducer)]
    topic: str


def nothing(state: Any) -> Any:
    return {}


def built(saver: Any) -> Any:
    inner = StateGraph(Inner).add_node("call", nothing).add_edge(START, "call").compile()
    builder = StateGraph(State).add_node("plan", nothing).add_node("sub", inner).add_node("book", nothing)
    builder.add_edge(START, "plan").add_edge("plan", "sub").add_edge(["plan", "sub"], "book")
    return builder.add_conditional_edges("book", lambda _: END).compile(checkpointer=saver, name="trip")


DEFINED = {
    "channels": {
        "messages": {"reducer": "add_messages"},
        "log": {"reducer": "append"},
        "cost": {"reducer": "add", "default": 0.0},
        "name": {"reducer": "add", "default": ""},
        "facts": {"reducer": "merge"},
        "tags": {"reducer": "opaque", "default": {"__threadmem__": "set", "value": []}},
        "best": {"reducer": "opaque", "default": ""},
        "other": {"reducer": "add_messages"},
        "delta": {"reducer": "add_messages"},
        "topic": {"reducer": "last_value"},
    },
    "nodes": ["book", "plan", "sub"],
    "edges": [["__start__", "plan"], ["plan", "sub"], [["plan", "sub"], "book"]],
    "subgraphs": {
        "sub": {
            "channels": {"messages": {"reducer": "add_messages"}, "calls": {"reducer": "append"}},
            "nodes": ["call"],
            "edges": [["__start__", "call"]],
        }
    },
}


async def test_defined() -> None:
    async with both_savers(user_id="ada") as savers:
        for saver in savers:
            graph = built(saver)
            with sql(saver._tenant) as conn:
                for _ in range(2):
                    done = saver.define(graph)
                    if done is not None:
                        await done
                [[stored, changed]] = conn.execute(
                    "SELECT definition, updated_at = created_at FROM threadmem.graph_get('trip')"
                )
                assert stored == DEFINED and changed
                await graph.ainvoke({"messages": [], "log": ["a"], "best": "x"}, at("t"))
                # SQL goes on: reducers, and what is next.
                update = "SELECT FROM threadmem.thread_update_state('t', %s, %s)"
                conn.execute(
                    update, ('{"log": ["b"], "cost": 2, "messages": {"role": "user", "content": "hi"}}', "plan")
                )
                [[next_nodes]] = conn.execute("SELECT next FROM threadmem.thread_state('t')")
                state = await graph.aget_state(at("t"))
                assert (state.values["log"], state.values["cost"], list(state.next)) == (["a", "b"], 2, next_nodes)
                assert next_nodes == ["sub"]
                with pytest.raises(psycopg.Error) as error:
                    conn.execute(update, ('{"best": "longer"}', "plan"))
                assert error.value.sqlstate == "22023"
                # And the code goes on from there.
                after = await graph.ainvoke(None, at("t"))
                assert after["log"] == ["a", "b"] and after["messages"][0].content == "hi"
                done = saver.context("t")
                assert "Ada lives" not in (done if isinstance(done, str) else await done)


async def test_updates_beside_the_code() -> None:
    """The same updates through LangGraph's update_state and through SQL leave the same state."""
    updates: list[tuple[str, dict[str, Any], str]] = [
        ("plan", {"log": ["b"], "cost": 1.5}, '{"log": ["b"], "cost": 1.5}'),
        ("sub", {"facts": {"a": 1}, "name": "x"}, '{"facts": {"a": 1}, "name": "x"}'),
        ("book", {"messages": [AIMessage("m", id="m")]}, '{"messages": [{"type": "ai", "content": "m", "id": "m"}]}'),
    ]
    async with both_savers() as savers:
        for saver in savers:
            graph = built(saver)
            done = saver.define(graph)
            if done is not None:
                await done
            for thread in ("code", "sql"):
                await graph.ainvoke({"messages": [], "log": ["a"]}, at(thread))
            with sql(saver._tenant) as conn:
                for node, values, text in updates:
                    await graph.aupdate_state(at("code"), values, as_node=node)
                    conn.execute("SELECT FROM threadmem.thread_update_state('sql', %s, %s)", (text, node))
                    code, other = [await graph.aget_state(at(thread)) for thread in ("code", "sql")]
                    assert (code.values, code.next) == (other.values, other.next)


async def test_a_graph_needs_a_name() -> None:
    async with both_savers(graph="mine") as savers:
        for saver in savers:
            graph = StateGraph(MessagesState).add_node("a", nothing).add_edge(START, "a").compile(name="")
            done = saver.define(graph)
            if done is not None:
                await done
            with sql(saver._tenant) as conn:
                assert conn.execute("SELECT graph_id FROM threadmem.graph_list()").fetchall() == [("mine",)]
