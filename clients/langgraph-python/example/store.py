"""What an agent remembers beyond one conversation. Run it more than once:

DATABASE_URL=postgresql://localhost/app python example/store.py
"""

import os

from langchain_core.messages import AIMessage, HumanMessage
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.runtime import Runtime
from threadmem_langgraph import ThreadmemStore


def embed(texts: list[str]) -> list[list[float]]:
    """Stands for a model: a text is what letters it has."""
    return [[text.lower().count(letter) + 0.1 for letter in "abcdefghijklmnopqrstuvwxyz"] for text in texts]


def remember(state: MessagesState, runtime: Runtime) -> dict[str, list[AIMessage]]:
    assert runtime.store is not None
    question = state["messages"][-1].text
    known = runtime.store.search(("memories", "ada"), query=question, limit=1)
    runtime.store.put(("memories", "ada"), question, {"text": question})
    return {"messages": [AIMessage(f"You once said: {known[0].value['text']}" if known else "That is new.")]}


builder = StateGraph(MessagesState).add_node("remember", remember).add_edge(START, "remember")

index = {"dims": 26, "embed": embed, "fields": ["text"]}
with ThreadmemStore.from_conn_string(os.environ["DATABASE_URL"], index=index, ttl={"default_ttl": 60}) as store:
    graph = builder.compile(store=store)
    for said in ["I like green tea", "On Sundays I play tennis", "Which tea do I like?"]:
        answer = graph.invoke({"messages": [HumanMessage(said)]})
        print(f"human: {said}\nai:    {answer['messages'][-1].text}")
    for item in store.search(("memories",), filter={"text": {"$ne": "Which tea do I like?"}}):
        print(f"  {'/'.join(item.namespace)}: {item.value['text']}")
