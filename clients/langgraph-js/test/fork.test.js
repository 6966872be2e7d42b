// Time travel: forks, copies and edits of older checkpoints. Versions of channels are counted from the
// checkpoint a branch starts at, so two branches give the same version to different values.

import assert from "node:assert/strict";
import { HumanMessage } from "@langchain/core/messages";
import { Annotation, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { ai, all, at, key, lookAround, same, snapshot, step, update } from "./support.js";

const append = { reducer: (left, right) => left.concat(right), default: () => [] };
const State = Annotation.Root({ list: Annotation(append), last: Annotation(), ...MessagesAnnotation.spec });

const line = (saver) =>
  new StateGraph(State)
    .addNode("a", ({ last }) => ({ list: [`a ${last}`], messages: [ai(`a ${last}`, `to ${last}`)] }))
    .addNode("b", ({ list }) => ({ list: [`b${list.length}`] }))
    .addEdge(START, "a")
    .addEdge("a", "b")
    .compile({ checkpointer: saver });

const say = (name) => ({
  last: name,
  list: [`input ${name}`],
  messages: [new HumanMessage({ id: `h ${name}`, content: name })],
});

/** The checkpoint of the history where this node is next; the newest such, or an older one. */
async function whereNext(graph, thread, node, skip = 0) {
  const history = await all(graph.getStateHistory(at(thread)));
  return history.filter(({ next }) => next[0] === node)[skip].config;
}

same("resumed from an older checkpoint", async (saver, look) => {
  const graph = line(saver);
  for (const name of ["one", "two"]) await graph.invoke(say(name), at("resume"));
  await step(graph, saver, look, "resume", null, { checkpoint: await whereNext(graph, "resume", "b", 1) });
  await step(graph, saver, look, "resume", say("three"));
});

same("two branches with colliding versions, both still readable and resumed", async (saver, look) => {
  const graph = line(saver);
  const thread = "branches";
  await step(graph, saver, look, thread, say("root"));
  const root = await graph.getState(at(thread));
  const left = await update(graph, saver, look, thread, say("left"), "a", root.config);
  const right = await update(graph, saver, look, thread, say("right"), "a", root.config);
  for (const branch of [left, right, left]) look("branch", snapshot(await graph.getState(branch)));
  await step(graph, saver, look, thread, null, { checkpoint: left });
  await step(graph, saver, look, thread, null, { checkpoint: right });
  for (const branch of [left, right]) {
    look("branch", snapshot(await graph.getState(branch)));
    const { values } = await graph.getState(branch);
    assert.equal(values.last, branch === left ? "left" : "right");
  }
  const again = await update(graph, saver, look, thread, { last: "left again" }, "a", left);
  await step(graph, saver, look, thread, say("on"), { checkpoint: again });
  await step(graph, saver, look, thread, say("main"));
});

same("a copy of a checkpoint while its versions are taken by another branch", async (saver, look) => {
  const graph = line(saver);
  const thread = "copy";
  await step(graph, saver, look, thread, say("root"));
  const root = await graph.getState(at(thread));
  const left = await update(graph, saver, look, thread, say("left"), "a", root.config);
  const right = await update(graph, saver, look, thread, say("right"), "a", root.config);
  for (const branch of [left, right]) {
    const copy = await update(graph, saver, look, thread, null, "__copy__", branch);
    look("copy", snapshot(await graph.getState(copy)));
    await step(graph, saver, look, thread, null, { checkpoint: copy });
  }
  await update(graph, saver, look, thread, null, "__copy__", await whereNext(graph, thread, "a"));
  await step(graph, saver, look, thread, null);
});

same("a copy with other values", async (saver, look) => {
  const graph = line(saver);
  await step(graph, saver, look, "copied", say("one"));
  const before = await whereNext(graph, "copied", "b");
  await update(graph, saver, look, "copied", [[{ list: ["instead of b"] }, "b"]], "__copy__", before);
  await step(graph, saver, look, "copied", say("two"));
});

same("__end__, __input__, and a checkpoint without values", async (saver, look) => {
  const graph = line(saver);
  await step(graph, saver, look, "special", say("one"), { interruptBefore: ["b"] });
  await update(graph, saver, look, "special", null, "__end__");
  await step(graph, saver, look, "special", null);
  await update(graph, saver, look, "special", say("two"), "__input__");
  await step(graph, saver, look, "special", null);
  await update(graph, saver, look, "special", null);
  await update(graph, saver, look, "new", { last: "x" }, "__input__");
  await update(graph, saver, look, "newer", null);
  await step(graph, saver, look, "newer", say("three"));
});

same("updateState: as whom, on a new thread, of unknown nodes", async (saver, look) => {
  const graph = line(saver);
  await update(graph, saver, look, "updates", say("one"));
  await update(graph, saver, look, "updates", say("two"), "a");
  await update(graph, saver, look, "updates", { list: ["three"] });
  await update(graph, saver, look, "updates", { list: ["four"] }, "nobody");
  await update(graph, saver, look, "updates", { unknown: 1 }, "b");
  await step(graph, saver, look, "updates", null);
});

same("bulkUpdateState", async (saver, look) => {
  const graph = line(saver);
  const steps = [
    { updates: [{ values: {}, asNode: "__input__" }] },
    { updates: [{ values: say("one"), asNode: "__start__" }] },
    { updates: [{ values: { list: ["as a"] }, asNode: "a" }] },
    {
      updates: [
        { values: { list: ["as b"] }, asNode: "b" },
        { values: { list: ["as a"] }, asNode: "a" },
      ],
    },
  ];
  look("config", key(await graph.bulkUpdateState(at("bulk"), steps)));
  await lookAround(graph, saver, look, "bulk");
  await step(graph, saver, look, "bulk", null);
  await step(graph, saver, look, "bulk", say("two"));
});

same("history: limit, before, filter, one checkpoint", async (saver, look) => {
  const graph = line(saver);
  for (const name of ["one", "two", "three"]) await graph.invoke(say(name), at("history"));
  const history = await all(graph.getStateHistory(at("history")));
  const show = async (config, options) =>
    look("page", (await all(graph.getStateHistory(config, options))).map(snapshot));
  await show(at("history"), { limit: 4 });
  await show(at("history"), { before: history[3].config, limit: 3 });
  await show(at("history"), { filter: { source: "input" } });
  await show(at("history"), { filter: { source: "loop", step: 2 } });
  await show(at("history"), { limit: 0 });
  await show(history[5].config);
});
