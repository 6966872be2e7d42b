// How a graph runs: reducers, parallel branches, Send, Command, errors and pending writes.

import { HumanMessage } from "@langchain/core/messages";
import { Annotation, Command, END, MessagesAnnotation, Overwrite, Send, START, StateGraph } from "@langchain/langgraph";
import { ai, same, step, update } from "./support.js";

const append = { reducer: (left, right) => left.concat(right), default: () => [] };
const add = { reducer: (left, right) => left + right, default: () => 0 };

same("reducers, defaults, null and absent values", async (saver, look) => {
  const State = Annotation.Root({
    last: Annotation(),
    never: Annotation(),
    list: Annotation(append),
    sum: Annotation(add),
    union: Annotation({ reducer: (left, right) => ({ ...left, ...right }), default: () => ({}) }),
  });
  const graph = new StateGraph(State)
    .addNode("one", ({ sum }) => ({ list: [`one ${sum}`], sum: 1, union: { a: sum, b: { c: null } } }))
    .addNode("two", () => ({ last: null, sum: 0.5 }))
    .addNode("three", () => ({ list: new Overwrite(["fresh"]), union: { b: [] } }))
    .addEdge(START, "one")
    .addEdge("one", "two")
    .addEdge("two", "three")
    .compile({ checkpointer: saver });
  await step(graph, saver, look, "reducers", { last: "given" });
  await step(graph, saver, look, "reducers", { sum: -1, list: ["x", "y"] });
  await step(graph, saver, look, "reducers", {});
  await step(graph, saver, look, "reducers", { last: undefined });
});

same("parallel branches that meet again", async (saver, look) => {
  const State = Annotation.Root({ list: Annotation(append), sum: Annotation(add) });
  const slow = (name, ms) => async () => {
    await new Promise((done) => setTimeout(done, ms));
    return { list: [name], sum: 1 };
  };
  const graph = new StateGraph(State)
    .addNode("start", () => ({ list: ["start"] }))
    .addNode("c", slow("c", 1))
    .addNode("b", slow("b", 20))
    .addNode("a", slow("a", 40))
    .addNode("meet", ({ list }) => ({ list: [list.join("+")] }))
    .addEdge(START, "start")
    .addEdge("start", "a")
    .addEdge("start", "b")
    .addEdge("start", "c")
    .addEdge(["a", "b", "c"], "meet")
    .addEdge("meet", END)
    .compile({ checkpointer: saver });
  await step(graph, saver, look, "parallel", {});
  await step(graph, saver, look, "parallel", { sum: 10 });
});

same("two values for one channel in one step are an error", async (saver, look) => {
  const State = Annotation.Root({ last: Annotation() });
  const graph = new StateGraph(State)
    .addNode("a", () => ({ last: "a" }))
    .addNode("b", () => ({ last: "b" }))
    .addEdge(START, "a")
    .addEdge(START, "b")
    .compile({ checkpointer: saver });
  await step(graph, saver, look, "conflict", { last: "input" });
});

same("a fan-out by Send", async (saver, look) => {
  const State = Annotation.Root({ subjects: Annotation(), jokes: Annotation(append) });
  const graph = new StateGraph(State)
    .addNode("plan", () => ({ subjects: ["cats", "dogs", "owls", "cats"] }))
    .addNode("joke", async ({ subject }) => {
      await new Promise((done) => setTimeout(done, subject === "cats" ? 20 : 1));
      return { jokes: [`about ${subject}`] };
    })
    .addNode("best", ({ jokes }) => ({ subjects: jokes.slice(-1) }))
    .addEdge(START, "plan")
    .addConditionalEdges("plan", ({ subjects }) => subjects.map((subject) => new Send("joke", { subject })), ["joke"])
    .addEdge("joke", "best")
    .compile({ checkpointer: saver });
  await step(graph, saver, look, "send", {});
  await step(graph, saver, look, "send", { jokes: ["an old one"] });
});

same("Send before an interrupt, answered later", async (saver, look) => {
  const State = Annotation.Root({ jokes: Annotation(append) });
  const graph = new StateGraph(State)
    .addNode("plan", () => new Command({ goto: [new Send("joke", { n: 1 }), new Send("joke", { n: 2 })] }), {
      ends: ["joke"],
    })
    .addNode("joke", ({ n }) => ({ jokes: [n] }))
    .addEdge(START, "plan")
    .compile({ checkpointer: saver, interruptBefore: ["joke"] });
  await step(graph, saver, look, "sent", {});
  await step(graph, saver, look, "sent", null);
});

same("Command: goto, update, loops", async (saver, look) => {
  const State = Annotation.Root({ sum: Annotation(add), path: Annotation(append) });
  const graph = new StateGraph(State)
    .addNode(
      "count",
      ({ sum }) => new Command({ update: { sum: 1, path: ["count"] }, goto: sum < 3 ? "count" : "stop" }),
      {
        ends: ["count", "stop"],
      },
    )
    .addNode("stop", () => new Command({ update: [["path", ["stop"]]] }))
    .addEdge(START, "count")
    .compile({ checkpointer: saver });
  await step(graph, saver, look, "command", {});
  await step(graph, saver, look, "command", new Command({ update: { sum: -4 }, goto: "count" }));
  await step(graph, saver, look, "command", new Command({ goto: "stop" }));
});

same("an error in a node, and the writes of its finished siblings", async (saver, look) => {
  let broken = true;
  const State = Annotation.Root({ list: Annotation(append) });
  const graph = new StateGraph(State)
    .addNode("good", () => ({ list: [`good ${broken}`] }))
    .addNode("bad", async () => {
      await new Promise((done) => setTimeout(done, 20));
      if (broken) throw new RangeError("out of luck");
      return { list: ["bad after all"] };
    })
    .addNode("meet", () => ({ list: ["meet"] }))
    .addEdge(START, "good")
    .addEdge(START, "bad")
    .addEdge(["good", "bad"], "meet")
    .compile({ checkpointer: saver });
  await step(graph, saver, look, "error", { list: ["input"] });
  await step(graph, saver, look, "error", null);
  broken = false;
  await step(graph, saver, look, "error", null);
  await step(graph, saver, look, "error", { list: ["again"] });
});

same("retries and the limit of steps", async (saver, look) => {
  let attempts = 0;
  const State = Annotation.Root({ sum: Annotation(add) });
  const graph = new StateGraph(State)
    .addNode(
      "flaky",
      () => {
        attempts++;
        if (attempts % 3 !== 0) throw new Error("not yet");
        return { sum: 1 };
      },
      { retryPolicy: { maxAttempts: 3, initialInterval: 1, jitter: false, logWarning: false } },
    )
    .addEdge(START, "flaky")
    .addConditionalEdges("flaky", ({ sum }) => (sum < 100 ? "flaky" : END), ["flaky", END])
    .compile({ checkpointer: saver });
  await step(graph, saver, look, "retry", {}, { recursionLimit: 3 });
  await step(graph, saver, look, "retry", { sum: 98 }, { recursionLimit: 5 });
});

same("streams", async (saver, look) => {
  const graph = new StateGraph(MessagesAnnotation)
    .addNode("first", () => ({ messages: [ai("a1", "one")] }))
    .addNode("second", () => ({ messages: [ai("a2", "two")] }))
    .addEdge(START, "first")
    .addEdge("first", "second")
    .compile({ checkpointer: saver });
  for (const streamMode of ["values", "updates", "tasks"]) {
    const input = { messages: [new HumanMessage({ id: `h ${streamMode}`, content: "go" })] };
    for await (const chunk of await graph.stream(input, { configurable: { thread_id: "stream" }, streamMode }))
      look(streamMode, chunk);
  }
  await update(graph, saver, look, "stream", { messages: [ai("a3", "three")] }, "first");
  await step(graph, saver, look, "stream", null);
});

same("a stream that its reader leaves", async (saver, look) => {
  const State = Annotation.Root({ sum: Annotation(add) });
  const graph = new StateGraph(State)
    .addNode("a", () => ({ sum: 1 }))
    .addNode("b", () => ({ sum: 1 }))
    .addNode("c", () => ({ sum: 1 }))
    .addEdge(START, "a")
    .addEdge("a", "b")
    .addEdge("b", "c")
    .compile({ checkpointer: saver, interruptAfter: ["a"] });
  const config = { configurable: { thread_id: "left" }, streamMode: "values", durability: "sync" };
  for await (const chunk of await graph.stream({ sum: 5 }, config)) {
    look("chunk", chunk);
    if (chunk.sum === 6) break;
  }
  await step(graph, saver, look, "left", null);
});

same("metadata and tags of a run", async (saver, look) => {
  const State = Annotation.Root({ sum: Annotation(add) });
  const graph = new StateGraph(State)
    .addNode("a", () => ({ sum: 1 }))
    .addEdge(START, "a")
    .compile({ checkpointer: saver });
  const configurable = { thread_id: "metadata", user_id: "ada", plan: 7, __hidden: "no" };
  await step(
    graph,
    saver,
    look,
    "metadata",
    { sum: 1 },
    {
      configurable,
      metadata: { source: "test", tenant: "\u0000", nested: { deep: [1, { two: 2 }] } },
      tags: ["tag"],
      runId: "0f8fad5b-d9cb-469f-a165-70867728950e",
    },
  );
});
