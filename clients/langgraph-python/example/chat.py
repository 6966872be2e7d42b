"""A chat that survives the end of the program. Run it more than once:

DATABASE_URL=postgresql://localhost/app python example/chat.py
"""

import os

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langgraph.graph import END, START, MessagesState, StateGraph
from threadmem_langgraph import ThreadmemSaver


def fake_model(messages: list[AnyMessage]) -> AIMessage:
    """Stands for a model: it needs no key and always has the same to say."""
    questions = [message.text for message in messages if message.type == "human"]
    return AIMessage(f'That was question {len(questions)}. The first was "{questions[0]}".')


builder = StateGraph(MessagesState)
builder.add_node("model", lambda state: {"messages": [fake_model(state["messages"])]})
builder.add_edge(START, "model")
builder.add_edge("model", END)

with ThreadmemSaver.from_conn_string(os.environ["DATABASE_URL"], user_id="ada", title="Trip to Lyon") as saver:
    graph = builder.compile(checkpointer=saver)
    config = {"configurable": {"thread_id": "trip-to-lyon"}}
    for question in ["Where is the Roman theatre?", "And the museum?"]:
        answer = graph.invoke({"messages": [HumanMessage(question)]}, config)
        print(f"human: {question}\nai:    {answer['messages'][-1].text}")

    # Every step is still there, and any of them can be gone back to.
    history = list(graph.get_state_history(config))
    first = next(it for it in history if len(it.values.get("messages", [])) == 2 and not it.next)
    print(f"{len(history)} checkpoints; from the first answer once more:")
    branch = graph.update_state(first.config, {"messages": [HumanMessage("Or the opera?")]}, as_node=START)
    for message in graph.invoke(None, branch)["messages"]:
        print(f"  {message.type}: {message.text}")
