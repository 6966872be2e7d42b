// Interrupts and how a run goes on after them.

import { HumanMessage } from "@langchain/core/messages";
import {
  Annotation,
  Command,
  entrypoint,
  interrupt,
  MessagesAnnotation,
  START,
  StateGraph,
  task,
} from "@langchain/langgraph";
import { ai, at, lookAround, same, step, update } from "./support.js";

const append = { reducer: (left, right) => left.concat(right), default: () => [] };
const State = Annotation.Root({ list: Annotation(append) });
const say = (word) => () => ({ list: [word] });

const line = () =>
  new StateGraph(State)
    .addNode("a", say("a"))
    .addNode("b", say("b"))
    .addNode("c", say("c"))
    .addEdge(START, "a")
    .addEdge("a", "b")
    .addEdge("b", "c");

same("interruptBefore", async (saver, look) => {
  const graph = line().compile({ checkpointer: saver, interruptBefore: ["b", "c"] });
  await step(graph, saver, look, "before", { list: ["input"] });
  await step(graph, saver, look, "before", null);
  await update(graph, saver, look, "before", { list: ["meanwhile"] });
  await step(graph, saver, look, "before", null);
  await step(graph, saver, look, "before", null);
});

same("interruptAfter, and new input instead of going on", async (saver, look) => {
  const graph = line().compile({ checkpointer: saver, interruptAfter: "*" });
  await step(graph, saver, look, "after", { list: ["input"] });
  await step(graph, saver, look, "after", null);
  await step(graph, saver, look, "after", { list: ["new input"] });
  await step(graph, saver, look, "after", null);
  await step(graph, saver, look, "after", null);
});

same("interrupts chosen at each run", async (saver, look) => {
  const graph = line().compile({ checkpointer: saver });
  await step(graph, saver, look, "chosen", { list: ["input"] }, { interruptBefore: ["c"] });
  await step(graph, saver, look, "chosen", null, { interruptAfter: ["c"] });
});

same("questions asked one after the other in one node", async (saver, look) => {
  const graph = new StateGraph(State)
    .addNode("ask", () => {
      const name = interrupt("name?");
      const age = interrupt({ question: "age?", of: name });
      return { list: [name, age] };
    })
    .addNode("end", say("end"))
    .addEdge(START, "ask")
    .addEdge("ask", "end")
    .compile({ checkpointer: saver });
  await step(graph, saver, look, "questions", { list: ["input"] });
  await step(graph, saver, look, "questions", null);
  await step(graph, saver, look, "questions", new Command({ resume: "Ada" }));
  await step(graph, saver, look, "questions", new Command({ resume: 36 }));
  await step(graph, saver, look, "questions", new Command({ resume: "too many" }));
});

same("several questions at once, answered together and one by one", async (saver, look) => {
  const ask = (name) => () => ({ list: [`${name} ${JSON.stringify(interrupt({ for: name }))}`] });
  const graph = new StateGraph(State)
    .addNode("x", ask("x"))
    .addNode("y", ask("y"))
    .addNode("z", ask("z"))
    .addNode("quiet", say("quiet"))
    .addNode("end", say("end"))
    .addEdge(START, "x")
    .addEdge(START, "y")
    .addEdge(START, "z")
    .addEdge(START, "quiet")
    .addEdge(["x", "y", "z", "quiet"], "end")
    .compile({ checkpointer: saver });
  for (const thread of ["together", "one by one"]) {
    await step(graph, saver, look, thread, { list: ["input"] });
    const { tasks } = await graph.getState(at(thread));
    const ids = tasks.flatMap((waiting) => waiting.interrupts.map(({ id }) => id));
    if (thread === "together") {
      const resume = Object.fromEntries(ids.map((id, i) => [id, { answer: i }]));
      await step(graph, saver, look, thread, new Command({ resume }));
    } else {
      for (const [i, id] of ids.entries())
        await step(graph, saver, look, thread, new Command({ resume: { [id]: `answer ${i}` } }));
    }
  }
});

same("approval of a tool call, which is edited first", async (saver, look) => {
  const graph = new StateGraph(MessagesAnnotation)
    .addNode("model", () => ({
      messages: [ai("a1", "", { tool_calls: [{ name: "pay", args: { sum: 10 }, id: "call1" }] })],
    }))
    .addNode("pay", ({ messages }) => {
      const { action } = interrupt({ review: messages.at(-1).tool_calls });
      return { messages: [ai("a2", `${action}: ${messages.at(-1).tool_calls[0].args.sum}`)] };
    })
    .addEdge(START, "model")
    .addEdge("model", "pay")
    .compile({ checkpointer: saver });
  await step(graph, saver, look, "approval", { messages: [new HumanMessage("pay the bill")] });
  const edited = ai("a1", "", { tool_calls: [{ name: "pay", args: { sum: 7 }, id: "call1" }] });
  await update(graph, saver, look, "approval", { messages: [edited] }, "model");
  await step(graph, saver, look, "approval", new Command({ resume: { action: "approved" } }));
});

same("the functional API: tasks, interrupt, previous result", async (saver, look) => {
  const double = task("double", async (n) => n * 2);
  const graph = entrypoint({ name: "main", checkpointer: saver }, async (n) => {
    const [a, b] = await Promise.all([double(n), double(n + 1)]);
    const c = interrupt({ a, b });
    return entrypoint.final({ value: [a, b, c], save: { a, b, c } });
  });
  for (const n of [1, 10]) {
    look("answer", await graph.invoke(n, at("functional")));
    await lookAround(graph, saver, look, "functional");
    look("answer", await graph.invoke(new Command({ resume: "go" }), at("functional")));
    await lookAround(graph, saver, look, "functional");
  }
});
