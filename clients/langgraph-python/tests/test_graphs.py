"""Graphs on InMemorySaver and on the savers here, in the same way: every state, history and answer is the same."""

import operator
import re
from typing import Annotated, Any, TypedDict

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, RemoveMessage, ToolMessage
from langgraph.channels.delta import DeltaChannel
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.graph.message import _messages_delta_reducer
from langgraph.types import Command, Interrupt, Overwrite, Send, interrupt
from support import at, both_savers

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{32}\b")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+\+00:00")


class Names:
    """Makes what two runs give comparable: ids become numbers in the order in which they come up, times nothing."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    def text(self, text: str) -> str:
        return TIME.sub(
            "<time>", ID.sub(lambda found: self.known.setdefault(found[0], f"<id {len(self.known)}>"), text)
        )

    def plain(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, BaseMessage):
            return [type(value).__name__, self.plain(value.model_dump())]
        if isinstance(value, Interrupt):
            return ["Interrupt", self.plain(value.value), self.text(value.id)]
        if isinstance(value, (Send, Overwrite)):
            return [type(value).__name__, self.text(repr(value))]
        if isinstance(value, dict):
            return {self.text(key): self.plain(value[key]) for key in sorted(value, key=lambda it: ID.sub("", it))}
        if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
            return [self.plain(item) for item in value]
        if isinstance(value, BaseException):
            return self.text(repr(value))
        return value


def snapshot(state: Any) -> dict[str, Any]:
    def key(config: Any) -> Any:
        names = ("thread_id", "checkpoint_ns", "checkpoint_id")
        return config and {name: config["configurable"].get(name) for name in names}

    tasks = [
        [task.id, task.name, task.path, task.error, task.interrupts, task.result, hasattr(task.state, "values")]
        for task in state.tasks
    ]
    return {
        "values": state.values,
        "next": state.next,
        "config": key(state.config),
        "metadata": state.metadata,
        "created_at": state.created_at,
        "parent": key(state.parent_config),
        "tasks": tasks,
        "interrupts": state.interrupts,
    }


class Look:
    """Runs a graph and notes all that can be seen."""

    def __init__(self, saver: Any, sync: bool) -> None:
        self.saver, self.sync = saver, sync
        self.names = Names()
        self.notes: list[Any] = []

    def note(self, label: str, value: Any) -> None:
        self.notes.append((label, self.names.plain(value)))

    async def step(self, graph: Any, given: Any, config: Any = None, **more: Any) -> Any:
        config = config or at("t")
        try:
            answer = graph.invoke(given, config, **more) if self.sync else await graph.ainvoke(given, config, **more)
        except Exception as error:
            answer = repr(error)
        self.note("answer", answer)
        return await self.around(graph)

    async def update(self, graph: Any, values: Any, config: Any = None, **more: Any) -> Any:
        config = config or at("t")
        changed = (
            graph.update_state(config, values, **more)
            if self.sync
            else await graph.aupdate_state(config, values, **more)
        )
        await self.around(graph)
        return changed

    async def around(self, graph: Any) -> list[Any]:
        state = (
            graph.get_state(at("t"), subgraphs=True) if self.sync else await graph.aget_state(at("t"), subgraphs=True)
        )
        self.note("state", snapshot(state))
        for task in state.tasks:
            if hasattr(task.state, "values"):
                self.note("inside", snapshot(task.state))
        if self.sync:
            history = [*graph.get_state_history(at("t"))]
        else:
            history = [it async for it in graph.aget_state_history(at("t"))]
        self.note("history", [snapshot(it) for it in history])
        return history


SCENARIOS: list[Any] = []


def scenario(work: Any) -> Any:
    SCENARIOS.append(work)
    return work


def ai(id: str, content: str = "", **more: Any) -> AIMessage:
    return AIMessage(content or id, id=id, **more)


def human(id: str) -> HumanMessage:
    return HumanMessage(id, id=id)


@scenario
async def chat_with_edits_and_forks(saver: Any, look: Look) -> None:
    def model(state: MessagesState) -> Any:
        return {"messages": [ai(f"a{len(state['messages'])}")]}

    graph = StateGraph(MessagesState).add_node("model", model).add_edge(START, "model").compile(checkpointer=saver)
    await look.step(graph, {"messages": [human("h1")]})
    history = await look.step(graph, {"messages": [human("h2")]})
    await look.update(graph, {"messages": [RemoveMessage(id="h1"), ai("a3", "edited")]})
    old = next(it.config for it in history if len(it.values["messages"]) == 2 and not it.next)
    branch = await look.update(graph, {"messages": [human("h3")]}, old, as_node=START)
    await look.step(graph, None, branch)
    await look.step(graph, {"messages": [human("h4")]})
    await look.update(graph, None, as_node=END)
    await look.update(graph, None, old, as_node="__copy__")


@scenario
async def tools_in_parallel(saver: Any, look: Look) -> None:
    class State(MessagesState):
        notes: Annotated[list[Any], operator.add]

    def model(state: State) -> Any:
        if isinstance(state["messages"][-1], ToolMessage):
            return {"messages": [ai("done")]}
        calls = [{"name": "f", "args": {"lc": i, "x": (1,)}, "id": f"c{i}", "type": "tool_call"} for i in range(3)]
        return {"messages": [ai("calls", tool_calls=calls)]}

    def tool(call: Any) -> Any:
        message = ToolMessage("ok", id=f"t{call['id']}", tool_call_id=call["id"], artifact={"b": b"\0"})
        return Command(update={"messages": [message], "notes": [call["args"]]})

    def route(state: State) -> Any:
        calls = getattr(state["messages"][-1], "tool_calls", [])
        return [Send("tool", call) for call in calls] or END

    builder = StateGraph(State).add_node("model", model).add_node("tool", tool).add_edge(START, "model")
    graph = builder.add_conditional_edges("model", route).add_edge("tool", "model").compile(checkpointer=saver)
    await look.step(graph, {"messages": [human("h1")]})
    await look.step(graph, {"messages": [human("h2")], "notes": Overwrite([])})
    stopped = builder.compile(checkpointer=saver, interrupt_before=["tool"])
    await look.step(stopped, {"messages": [human("h3")]})
    await look.step(stopped, None)


@scenario
async def questions_and_errors(saver: Any, look: Look) -> None:
    class State(TypedDict):
        log: Annotated[list[Any], operator.add]

    fails = [True]

    def ask(state: State) -> Any:
        first = interrupt({"ask": 1})
        second = interrupt(("ask", 2))
        return {"log": [first, second]}

    def flaky(state: State) -> Any:
        if fails and fails.pop():
            raise ValueError("not yet")
        return {"log": ["flaky"]}

    def other(state: State) -> Any:
        return {"log": ["other"]}

    builder = StateGraph(State).add_node("ask", ask).add_node("flaky", flaky).add_node("other", other)
    builder.add_edge(START, "other").add_edge("other", "ask").add_edge("ask", "flaky")
    graph = builder.compile(checkpointer=saver)
    await look.step(graph, {"log": []})
    await look.step(graph, Command(resume="one"))
    await look.step(graph, Command(resume={"two": 2}))
    await look.step(graph, None)


@scenario
async def subgraphs(saver: Any, look: Look) -> None:
    class State(TypedDict):
        log: Annotated[list[Any], operator.add]

    inner = (
        StateGraph(State).add_node("a", lambda _: {"log": ["a"]}).add_node("b", lambda _: {"log": [interrupt("go?")]})
    )
    inner.add_edge(START, "a").add_edge("a", "b")
    outer = StateGraph(State).add_node("sub", inner.compile()).add_node("after", lambda _: {"log": ["after"]})
    graph = outer.add_edge(START, "sub").add_edge("sub", "after").compile(checkpointer=saver)
    await look.step(graph, {"log": ["in"]})
    await look.step(graph, Command(resume="yes"))
    await look.step(graph, {"log": ["again"]})
    await look.step(graph, Command(resume="no"))


@scenario
async def delta_channels(saver: Any, look: Look) -> None:
    class State(TypedDict):
        messages: Annotated[list[Any], DeltaChannel(_messages_delta_reducer, snapshot_frequency=4)]

    def model(state: State) -> Any:
        return {"messages": [ai(f"a{len(state['messages'])}")]}

    graph = StateGraph(State).add_node("model", model).add_edge(START, "model").compile(checkpointer=saver)
    for turn in range(6):
        history = await look.step(graph, {"messages": [human(f"h{turn}")]})
    branch = await look.update(graph, {"messages": [human("fork")]}, history[6].config, as_node=START)
    await look.step(graph, None, branch)


@scenario
async def durability(saver: Any, look: Look) -> None:
    class State(TypedDict):
        log: Annotated[list[Any], operator.add]

    builder = (
        StateGraph(State).add_node("a", lambda _: {"log": ["a"]}).add_node("b", lambda _: {"log": [interrupt("?")]})
    )
    graph = builder.add_edge(START, "a").add_edge("a", "b").compile(checkpointer=saver)
    for mode in ("exit", "sync", "async"):
        await look.step(graph, {"log": [mode]}, durability=mode)
        await look.step(graph, Command(resume=mode), durability=mode)


@pytest.mark.parametrize("work", SCENARIOS, ids=lambda work: work.__name__)
@pytest.mark.parametrize("kind", ["sync", "async in threads", "async"])
async def test_same_as_in_memory(work: Any, kind: str) -> None:
    sync = kind == "sync"
    expected = Look(InMemorySaver(), sync)
    await work(expected.saver, expected)
    async with both_savers() as savers:
        actual = Look(savers[kind == "async"], sync)
        await work(actual.saver, actual)
        for note, other in zip(actual.notes, expected.notes, strict=True):
            assert note == other
        assert len(expected.notes) > 3
