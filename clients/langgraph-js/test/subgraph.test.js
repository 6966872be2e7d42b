// Subgraphs: checkpoints in namespaces of their own.

import { Annotation, Command, END, interrupt, Send, START, StateGraph } from "@langchain/langgraph";
import { all, at, lookAround, same, snapshot, step, update } from "./support.js";

const append = { reducer: (left, right) => left.concat(right), default: () => [] };
const State = Annotation.Root({ list: Annotation(append) });
const Inner = Annotation.Root({ list: Annotation(append), own: Annotation() });
const say = (word) => () => ({ list: [word] });

/** A graph in a graph in a graph; the innermost asks a question if told so. */
function nested(saver, { ask = false, persistent } = {}) {
  const innermost = new StateGraph(Inner)
    .addNode("ask", () => ({ list: [ask ? interrupt({ question: "how?" }) : "no question"], own: "innermost" }))
    .addNode("answer", say("answer"))
    .addEdge(START, "ask")
    .addEdge("ask", "answer")
    .compile({ checkpointer: persistent });
  const middle = new StateGraph(Inner)
    .addNode("before", () => ({ list: ["before"], own: "middle" }))
    .addNode("innermost", innermost)
    .addNode("after", say("after"))
    .addEdge(START, "before")
    .addEdge("before", "innermost")
    .addEdge("innermost", "after")
    .compile({ checkpointer: persistent });
  return new StateGraph(State)
    .addNode("first", say("first"))
    .addNode("middle", middle)
    .addNode("last", say("last"))
    .addEdge(START, "first")
    .addEdge("first", "middle")
    .addEdge("middle", "last")
    .compile({ checkpointer: saver });
}

same("nested twice", async (saver, look) => {
  const graph = nested(saver);
  await step(graph, saver, look, "nested", { list: ["input"] });
  await step(graph, saver, look, "nested", { list: ["again"] });
});

same("nested twice, stopped inside and resumed", async (saver, look) => {
  const graph = nested(saver, { ask: true });
  await step(graph, saver, look, "asked", { list: ["input"] });
  const { tasks } = await graph.getState(at("asked"), { subgraphs: true });
  const middle = tasks[0].state;
  const innermost = middle.tasks[0].state;
  for (const { config } of [middle, innermost]) {
    look("inner state", snapshot(await graph.getState(config, { subgraphs: true })));
    look("inner history", (await all(graph.getStateHistory(config))).map(snapshot));
  }
  await update(graph, saver, look, "asked", { list: ["edited inside"] }, "before", middle.config);
  await step(graph, saver, look, "asked", new Command({ resume: "thus" }));
  await step(graph, saver, look, "asked", { list: ["again"] });
  await step(graph, saver, look, "asked", new Command({ resume: "so" }));
});

same("a stream with subgraphs", async (saver, look) => {
  const graph = nested(saver);
  const config = { ...at("streamed"), streamMode: "updates", subgraphs: true };
  for await (const chunk of await graph.stream({ list: ["input"] }, config)) look("chunk", chunk);
  await lookAround(graph, saver, look, "streamed");
});

same("subgraphs that keep their state between calls", async (saver, look) => {
  const graph = nested(saver, { persistent: true });
  await step(graph, saver, look, "persistent", { list: ["input"] });
  await step(graph, saver, look, "persistent", { list: ["again"] });
});

same("time travel of a parent with subgraphs", async (saver, look) => {
  const graph = nested(saver, { ask: true });
  await step(graph, saver, look, "travel", { list: ["input"] });
  await step(graph, saver, look, "travel", new Command({ resume: "one way" }));
  const history = await all(graph.getStateHistory(at("travel")));
  const before = history.find(({ next }) => next[0] === "middle");
  await step(graph, saver, look, "travel", null, { checkpoint: before.config });
  await step(graph, saver, look, "travel", new Command({ resume: "another way" }));
});

same("subgraphs called several times and in parallel", async (saver, look) => {
  const Item = Annotation.Root({ item: Annotation(), list: Annotation(append) });
  const child = new StateGraph(Item)
    .addNode("work", ({ item }) => ({ list: [`worked on ${item}`] }))
    .addEdge(START, "work")
    .compile();
  const graph = new StateGraph(State)
    .addNode("plan", say("plan"))
    .addNode("left", async () => ({ list: (await child.invoke({ item: "left" })).list }))
    .addNode("right", async () => ({ list: (await child.invoke({ item: "right" })).list }))
    .addNode("sent", child)
    .addEdge(START, "plan")
    .addEdge("plan", "left")
    .addEdge("plan", "right")
    .addConditionalEdges("plan", () => [new Send("sent", { item: 1 })], ["sent"])
    .addEdge("left", END)
    .compile({ checkpointer: saver });
  await step(graph, saver, look, "calls", { list: ["input"] });
});

same("a subgraph that sends its parent elsewhere", async (saver, look) => {
  const child = new StateGraph(State)
    .addNode("jump", () => new Command({ graph: Command.PARENT, goto: "there", update: { list: ["jumped"] } }))
    .addEdge(START, "jump")
    .compile();
  const graph = new StateGraph(State)
    .addNode("child", child, { ends: ["there"] })
    .addNode("there", say("there"))
    .addEdge(START, "child")
    .compile({ checkpointer: saver });
  await step(graph, saver, look, "jump", { list: ["input"] });
});
