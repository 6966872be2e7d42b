"""Both clients on one thread, and SQL."""

from __future__ import annotations

import json
import operator
import shutil
import subprocess
import warnings
from pathlib import Path
from typing import Annotated, Any, TypedDict

import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.store.base import PutOp
from langgraph.types import Command, Send, interrupt
from support import URL, at, new_saver, new_tenant, pool, put, sql
from test_random import javascript
from test_values import OWN, VALUES, same
from threadmem_langgraph import ThreadmemStore

HERE = Path(__file__).parent
CLIENT = HERE.parent.parent / "langgraph-js"
NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(
    NODE is None or not (CLIENT / "dist").exists(), reason="needs the client for JavaScript"
)


def node(script: str, *args: str) -> str:
    done = subprocess.run(
        [NODE or "", str(HERE / script), str(CLIENT), URL, *args], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_same_message_is_the_same_jsonb() -> None:
    said = [message for message in VALUES["messages"] if getattr(message, "id", None) != "a"]
    for place, message in enumerate(said):
        message.id = f"m{place}"
    with new_saver(allow=OWN) as saver, sql(saver._tenant or "") as conn:
        put(saver, at("t"), {"messages": said})
        node("mirror.mjs", saver._tenant or "", "t", "u")
        query = "SELECT message_id, body::text FROM threadmem.message_list(%s, max_rows => 100)"
        both = [conn.execute(query, (thread,)).fetchall() for thread in ("t", "u")]
        assert both[0] == both[1] and len(both[0]) > 5


@pytest.mark.skipif(not (CLIENT / "dist" / "store.js").exists(), reason="needs its store")
def test_items_of_the_store() -> None:
    """What JavaScript has read and put comes back as it was, and is the same jsonb."""
    tenant = new_tenant()
    with pool() as conns, sql(tenant) as conn:
        store = ThreadmemStore(conns, tenant=tenant, allow=OWN)
        values = {name: {name: value, "lc": name} for name, value in VALUES.items()}
        store.batch([PutOp(("python",), name, value) for name, value in values.items()])
        node("mirror_store.mjs", tenant, "python", "javascript")
        for name, value in values.items():
            item = store.get(("javascript",), name)
            assert item is not None and same(item.value, value, javascript), name
        # To jsonb 1.0 is 1. JavaScript makes one character of two halves, and spells 1e16 its own way.
        query = (
            "SELECT p.key, p.value = j.value FROM threadmem.store_items p JOIN threadmem.store_items j USING (key)"
            " WHERE p.namespace = '{python}' AND j.namespace = '{javascript}'"
        )
        found = conn.execute(query).fetchall()
        assert len(found) == len(values)
        assert {key for key, is_same in found if not is_same} <= {"two halves", "floats"}


class State(MessagesState):
    log: Annotated[list[Any], operator.add]


def graph_of(saver: Any) -> Any:
    """The same as in turn.mjs."""

    def model(state: State) -> Any:
        return {"messages": [AIMessage(f"answer {len(state['messages'])}", id=f"a{len(state['messages'])}")]}

    def ask(state: State) -> Any:
        return {"log": [interrupt({"ask": len(state["log"])})]}

    def work(item: Any) -> Any:
        return {"log": [item["item"]]}

    builder = StateGraph(State).add_node("model", model).add_node("ask", ask).add_node("work", work)
    builder.add_edge(START, "model").add_edge("model", "ask")
    builder.add_conditional_edges("ask", lambda _: [Send("work", {"item": f"w{i}"}) for i in range(2)], ["work"])
    return builder.compile(checkpointer=saver, interrupt_before=["work"])


SAID = [("human", "one"), ("ai", "answer 1"), ("human", "two"), ("ai", "answer 3")]
LOG = ["yes", "w0", "w1", "no", "w0", "w1"]
STEPS: list[Any] = [("say", "one"), ("answer", "yes"), ("go", ""), ("say", "two"), ("answer", "no"), ("go", "")]


def python_step(graph: Any, kind: str, text: str, number: int) -> None:
    given: Any = None
    if kind == "say":
        given = {"messages": [HumanMessage(text, id=f"h{number}")]}
    elif kind == "answer":
        given = Command(resume=text)
    graph.invoke(given, at("t"))


def sql_step(conn: Any, kind: str, text: str, number: int) -> None:
    """What the nodes of the graph do, without the graph."""

    def update(*updates: Any) -> None:
        conn.execute("SELECT FROM threadmem.thread_update_state('t', updates => %s)", (json.dumps(updates),))

    def say(node: str, message: dict[str, Any]) -> None:
        update({"as_node": node, "values": {"messages": [message]}})

    conn.execute("SELECT FROM threadmem.thread_create('t', if_exists => 'do_nothing')")
    conn.execute("SELECT FROM threadmem.thread_update('t', graph_id => 'turns')")
    if kind == "say":
        say("__start__", {"type": "human", "content": text, "id": f"h{number}"})
        row = conn.execute("SELECT jsonb_array_length(\"values\" -> 'messages') FROM threadmem.thread_state('t')")
        length = row.fetchone()[0]
        say("model", {"type": "ai", "content": f"answer {length}", "id": f"a{length}"})
    elif kind == "answer":
        sends = [{"node": "work", "input": {"item": f"w{i}"}} for i in range(2)]
        update({"as_node": "ask", "command": {"update": {"log": [text]}, "goto": sends}})
    else:
        update(*({"as_node": "work", "values": {"log": [f"w{i}"]}} for i in range(2)))


@pytest.mark.parametrize(
    "order",
    "pppppp jjjjjj ssssss pjpjpj jpjpjp ppjjpp jjjppp pppjjj jppjjp spjspj psjpsj jspjsp pssjjs sjppss jpssjp".split(),
)
def test_turns(order: str) -> None:
    with new_saver() as saver, sql(saver._tenant or "") as conn:
        graph = graph_of(saver)
        saver.define(graph, "turns")
        for number, (kind, text) in enumerate(STEPS):
            if order[number] == "p":
                python_step(graph, kind, text, number)
            elif order[number] == "s":
                sql_step(conn, kind, text, number)
            else:
                node("turn.mjs", saver._tenant or "", kind, text, str(number))
            state = graph.get_state(at("t"))
            assert [(it.type, it.content) for it in state.values["messages"]] == SAID[: 2 + 2 * (number // 3)]
            assert state.values.get("log", []) == LOG[: 3 * (number // 3) + (0, 1, 3)[number % 3]]
            assert state.next == (("ask",), ("work", "work"), ())[number % 3]
        assert all(isinstance(it, int) for it in saver.get_tuple(at("t")).checkpoint["channel_versions"].values())  # type: ignore[union-attr]
        contents = conn.execute("SELECT text FROM threadmem.message_list('t') ORDER BY seq").fetchall()
        assert [row[0] for row in contents] == [content for _, content in SAID]


class Log(TypedDict):
    log: Annotated[list[Any], operator.add]


def half_graph(saver: Any, ran: list[str]) -> Any:
    """The same as in half.mjs."""

    def note(name: str) -> Any:
        def node(state: Log) -> Any:
            ran.append(name)
            return {"log": [name]}

        return node

    inner = (
        StateGraph(Log).add_node("first", note("first")).add_node("second", lambda _: {"log": [interrupt("inside")]})
    )
    inner.add_edge(START, "first").add_edge("first", "second")
    builder = StateGraph(Log).add_node("done", note("done")).add_node("sub", inner.compile())
    builder.add_node("ask", lambda _: {"log": [interrupt("one"), interrupt("two")]})
    for name in ("done", "ask", "sub"):
        builder.add_edge(START, name)
    return builder.compile(checkpointer=saver)


def asked(graph: Any) -> dict[str, str]:
    return {it.value: it.id for it in graph.get_state(at("t")).interrupts}


@pytest.mark.parametrize("other", [False, True], ids=["same language", "other language"])
def test_half_a_step(other: bool) -> None:
    """What is done twice, asked twice and begun anew when the other language goes on in the middle of a step."""
    ran: list[str] = []
    with new_saver() as saver:
        graph = half_graph(saver, ran)
        if other:
            begun = json.loads(node("half.mjs", saver._tenant or "", "begin", ""))
            assert sorted(begun["ran"]) == ["done", "first"] and sorted(begun["asked"]) == ["inside", "one"]
            answer = json.dumps({begun["asked"]["one"]: "first answer"})
            answered = json.loads(node("half.mjs", saver._tenant or "", "answer", answer))
            assert answered["ran"] == [] and sorted(answered["asked"]) == ["inside", "two"]
        else:
            graph.invoke({"log": ["in"]}, at("t"))
            graph.invoke(Command(resume={asked(graph)["one"]: "first answer"}), at("t"))
            assert sorted(asked(graph)) == ["inside", "two"]
            ran.clear()
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            graph.get_state(at("t"))
            list(graph.get_state_history(at("t")))
            assert [str(it.message) for it in told] == []
            graph.invoke(None, at("t"))
            graph.invoke(None, at("t"))
        begun = "a step of the thread t was begun in JavaScript and goes on in Python: "
        again = "1 finished task runs again, 1 answered question is asked again, a subgraph in progress begins anew"
        assert [str(it.message) for it in told] == ([begun + again] if other else [])
        assert sorted(ran) == (["done", "first"] if other else [])
        assert sorted(asked(graph)) == (["inside", "one"] if other else ["inside", "two"])
        while questions := asked(graph):
            graph.invoke(Command(resume={id: f"answer to {value}" for value, id in questions.items()}), at("t"))
        log = graph.get_state(at("t")).values["log"]
        first = "answer to one" if other else "first answer"
        assert sorted(log) == sorted(["in", "in", "done", first, "answer to two", "first", "answer to inside"])


def test_half_a_step_of_python_in_javascript() -> None:
    """The same the other way round, which the client for JavaScript tells."""
    while True:
        ran: list[str] = []
        with new_saver() as saver:
            graph = half_graph(saver, ran)
            graph.invoke({"log": ["in"]}, at("t"))
            graph.invoke(Command(resume={asked(graph)["one"]: "first answer"}), at("t"))
            assert sorted(ran) == ["done", "first"] and sorted(asked(graph)) == ["inside", "two"]
            tuple_ = saver.get_tuple(at("t"))
            if tuple_ is None or any(task[14] == "5" for task, _, _ in tuple_.pending_writes or ()):
                continue  # one of 64 tasks of Python looks like one of JavaScript
            begun = json.loads(node("half.mjs", saver._tenant or "", "go", ""))
            assert sorted(begun["ran"]) == ["done", "first"] and sorted(begun["asked"]) == ["inside", "one"]
            told = "a step of the thread t was begun in Python and goes on in JavaScript: 1 finished task runs again, "
            told += "1 answered question is asked again, a subgraph in progress begins anew"
            assert begun["warned"] == [told]
            answer = json.dumps({id: name for name, id in begun["asked"].items()})
            assert json.loads(node("half.mjs", saver._tenant or "", "answer", answer))["warned"] == []
            return
