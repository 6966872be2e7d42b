// What is stored with each durability, also when a run fails or stops.

import { Annotation, Command, interrupt, START, StateGraph } from "@langchain/langgraph";
import { same, step } from "./support.js";

const append = { reducer: (left, right) => left.concat(right), default: () => [] };
const State = Annotation.Root({ list: Annotation(append), break: Annotation(), ask: Annotation() });

const graphOn = (saver) =>
  new StateGraph(State)
    .addNode("a", () => ({ list: ["a"] }))
    .addNode("b", ({ ask }) => ({ list: [ask ? interrupt("b?") : "b"] }))
    .addNode("c", (state) => {
      if (state.break) throw new Error("broken");
      return { list: ["c"] };
    })
    .addEdge(START, "a")
    .addEdge("a", "b")
    .addEdge("b", "c")
    .compile({ checkpointer: saver });

for (const durability of ["async", "sync", "exit"]) {
  const more = { durability };
  same(`${durability}: runs that end`, async (saver, look) => {
    const graph = graphOn(saver);
    for (const n of [1, 2, 3]) await step(graph, saver, look, "ends", { list: [n] }, more);
  });
  same(`${durability}: a run that fails and goes on`, async (saver, look) => {
    const graph = graphOn(saver);
    await step(graph, saver, look, "fails", { list: ["input"], break: true }, more);
    await step(graph, saver, look, "fails", null, more);
    await step(graph, saver, look, "fails", new Command({ update: { break: false } }), more);
    await step(graph, saver, look, "fails", { list: ["more"] }, more);
  });
  same(`${durability}: a run that stops and goes on`, async (saver, look) => {
    const graph = graphOn(saver);
    await step(graph, saver, look, "stops", { list: ["input"], ask: true }, more);
    await step(graph, saver, look, "stops", new Command({ resume: "answer" }), more);
    await step(graph, saver, look, "stops", { list: ["more"] }, { ...more, interruptBefore: ["c"] });
  });
}
