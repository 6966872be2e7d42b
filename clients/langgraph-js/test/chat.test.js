// Chats: several turns, tools, and what the messages reducer does.

import { HumanMessage, RemoveMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { Annotation, END, MessagesAnnotation, REMOVE_ALL_MESSAGES, START, StateGraph } from "@langchain/langgraph";
import { ToolNode, toolsCondition } from "@langchain/langgraph/prebuilt";
import { ai, at, lookAround, same, step, update } from "./support.js";

const chat = (saver) =>
  new StateGraph(MessagesAnnotation)
    .addNode("model", ({ messages }) => ({
      messages: [ai(`a${messages.length}`, `You said: ${messages.at(-1)?.text}`)],
    }))
    .addEdge(START, "model")
    .addEdge("model", END)
    .compile({ checkpointer: saver });

same("a chat of several turns", async (saver, look) => {
  const graph = chat(saver);
  for (const text of ["Hello", "What did I say?", "", "Where is the theatre — \u{1f3ad}?"])
    await step(graph, saver, look, "chat", { messages: [new HumanMessage(text)] });
  await step(graph, saver, look, "chat", { messages: [{ role: "user", content: "as an object" }] });
  await step(graph, saver, look, "chat", { messages: "as a string" });
});

same("contents of several parts, names, usage and response metadata", async (saver, look) => {
  const graph = new StateGraph(MessagesAnnotation)
    .addNode("model", () => ({
      messages: [
        ai(
          "a1",
          [
            { type: "text", text: "one" },
            { type: "image_url", image_url: { url: "data:image/png;base64,AA==" } },
          ],
          {
            name: "painter",
            response_metadata: { model: "fake", ratio: 0.1, none: null },
            usage_metadata: { input_tokens: 1, output_tokens: 2, total_tokens: 3 },
            additional_kwargs: { deep: { list: [1, [2, [3]]] } },
          },
        ),
      ],
    }))
    .addEdge(START, "model")
    .compile({ checkpointer: saver });
  await step(graph, saver, look, "parts", { messages: [new HumanMessage({ id: "h1", content: "draw", name: "Ada" })] });
});

same("tools", async (saver, look) => {
  const add = tool(async ({ a, b }) => `${a + b}`, {
    name: "add",
    description: "adds",
    schema: { type: "object", properties: { a: { type: "number" }, b: { type: "number" } }, required: ["a", "b"] },
  });
  const fail = tool(
    async () => {
      throw new Error("no such place");
    },
    { name: "fail", description: "fails", schema: { type: "object", properties: {} } },
  );
  const calls = [
    [{ name: "add", args: { a: 1, b: 2 }, id: "call1" }],
    [
      { name: "add", args: { a: 3, b: 4 }, id: "call2" },
      { name: "fail", args: {}, id: "call3" },
      { name: "add", args: { a: 0.1, b: 0.2 }, id: "call4" },
    ],
    [],
  ];
  const graph = new StateGraph(MessagesAnnotation)
    .addNode("model", ({ messages }) => {
      const turn = messages.filter((message) => message.type === "ai").length;
      return { messages: [ai(`a${turn}`, turn === 2 ? "done" : "", { tool_calls: calls[turn] ?? [] })] };
    })
    .addNode("tools", new ToolNode([add, fail]))
    .addEdge(START, "model")
    .addConditionalEdges("model", toolsCondition, ["tools", END])
    .addEdge("tools", "model")
    .compile({ checkpointer: saver });
  await step(graph, saver, look, "tools", { messages: [new HumanMessage("compute")] });
  await step(graph, saver, look, "tools", { messages: [new HumanMessage("again")] });
});

same("messages replaced, removed, and all removed", async (saver, look) => {
  const graph = chat(saver);
  const thread = "removal";
  for (const id of ["h1", "h2", "h3"])
    await graph.invoke({ messages: [new HumanMessage({ id, content: `text of ${id}` })] }, at(thread));
  await update(graph, saver, look, thread, { messages: [new HumanMessage({ id: "h1", content: "edited" })] });
  await update(graph, saver, look, thread, { messages: [ai("h2", "now an answer")] });
  await update(graph, saver, look, thread, {
    messages: [new RemoveMessage({ id: "h1" }), new RemoveMessage({ id: "a1" })],
  });
  await update(graph, saver, look, thread, { messages: [new RemoveMessage({ id: "nobody" })] });
  await step(graph, saver, look, thread, { messages: [new HumanMessage({ id: "h1", content: "text of h1" })] });
  await update(graph, saver, look, thread, {
    messages: [new RemoveMessage({ id: REMOVE_ALL_MESSAGES }), new HumanMessage({ id: "h3", content: "text of h3" })],
  });
  await step(graph, saver, look, thread, { messages: [new HumanMessage({ id: "h4", content: "go on" })] });
  await update(graph, saver, look, thread, { messages: [new RemoveMessage({ id: REMOVE_ALL_MESSAGES })] });
  await step(graph, saver, look, thread, { messages: [] });
});

same("a trimmed and reordered list of messages", async (saver, look) => {
  const State = Annotation.Root({ messages: Annotation(), summary: Annotation() });
  const graph = new StateGraph(State)
    .addNode("trim", ({ messages }) => ({ messages: messages.slice(-3).reverse(), summary: `${messages.length}` }))
    .addEdge(START, "trim")
    .compile({ checkpointer: saver });
  const messages = [1, 2, 3, 4, 5].map((i) => new HumanMessage({ id: `m${i}`, content: `text ${i}` }));
  await step(graph, saver, look, "trim", { messages });
  await step(graph, saver, look, "trim", { messages: [...messages, ...messages.slice(0, 2)] });
  await step(graph, saver, look, "trim", { messages: [messages[0], messages[0]] });
  await step(graph, saver, look, "trim", { messages: [] });
  await step(graph, saver, look, "trim", { messages: [new HumanMessage("no id"), new HumanMessage("no id")] });
});

same("state of an unknown thread", async (saver, look) => {
  const graph = chat(saver);
  await lookAround(graph, saver, look, "unknown");
  look("tuple", await saver.getTuple({ configurable: { thread_id: "unknown" } }));
});
