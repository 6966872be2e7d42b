// A step that Python has half done: what is done twice is told.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Annotation, Command, interrupt, START, StateGraph } from "@langchain/langgraph";
import { all, at, newSaver, warnings } from "./support.js";

const log = () => Annotation({ reducer: (left, right) => left.concat(right), default: () => [] });
const State = Annotation.Root({ log: log() });

function build(checkpointer) {
  const inner = new StateGraph(State)
    .addNode("first", () => ({ log: ["first"] }))
    .addNode("second", () => ({ log: [interrupt("inside")] }))
    .addEdge(START, "first")
    .addEdge("first", "second")
    .compile();
  return new StateGraph(State)
    .addNode("done", () => ({ log: ["done"] }))
    .addNode("ask", () => ({ log: [interrupt("one"), interrupt("two")] }))
    .addNode("sub", inner)
    .addConditionalEdges(START, ({ log: [first] }) => first, ["done", "ask", "sub"])
    .compile({ checkpointer });
}

/** The thread as Python has it: its tasks have the bits of a hash for an id. */
async function asByPython(saver, thread) {
  const ids = /[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g;
  const renamed = (text) => text.replace(ids, (id) => `${id.slice(0, 14)}b${id.slice(15)}`);
  for (const { config, parentConfig, checkpoint, metadata, pendingWrites } of (
    await all(saver.list(at(thread)))
  ).reverse()) {
    const { checkpoint_ns } = config.configurable;
    const place = { thread_id: "python", checkpoint_ns: renamed(checkpoint_ns) };
    const parent = { ...place, checkpoint_id: parentConfig?.configurable.checkpoint_id };
    const stored = await saver.put({ configurable: parent }, checkpoint, metadata, checkpoint.channel_versions);
    for (const [task, ...write] of pendingWrites) await saver.putWrites(stored, [write], renamed(task), String(write));
  }
}

async function goOn(begin) {
  const saver = newSaver();
  const graph = build(saver);
  await begin(graph);
  await asByPython(saver, "t");
  const silent = await warnings(async () => {
    await graph.getState(at("python"));
    await all(graph.getStateHistory(at("python")));
    await graph.invoke(null, at("t"));
    await graph.invoke(null, at("t"));
  });
  assert.deepEqual(silent, [], "who only looks, and who goes on with his own");
  const told = await warnings(() => graph.invoke(null, at("python")));
  assert.ok(told.every(({ code, message }) => code === "THREADMEM_HALF_STEP" && message.includes("thread python")));
  const again = await warnings(() => graph.invoke(null, at("python")));
  assert.deepEqual(again, [], "the tasks are there again, by this language's ids");
  return told.map(({ message }) => message.replace(/^.*: /, ""));
}

const start =
  (...nodes) =>
  (graph) =>
    graph.invoke({ log: [nodes] }, at("t"));

test("tasks that are done, answers, and subgraphs in progress", async () => {
  assert.deepEqual(await goOn(start("ask")), [], "a question that waits is asked again, which costs nothing");
  assert.deepEqual(await goOn(start("ask", "done")), ["1 finished task runs again"]);
  assert.deepEqual(await goOn(start("sub")), ["a subgraph in progress begins anew"]);
  const answered = async (graph) => {
    await start("ask")(graph);
    await graph.invoke(new Command({ resume: "an answer" }), at("t"));
  };
  assert.deepEqual(await goOn(answered), ["1 answered question is asked again"]);
});

test("a step that is whole, and tasks of other programs", async () => {
  assert.deepEqual(await goOn(start("done")), []);
  const saver = newSaver();
  const graph = build(saver);
  await start("ask")(graph);
  const { config } = await graph.getState(at("t"));
  await saver.putWrites(config, [["log", "x"]], "a task of somebody's");
  await saver.putWrites(config, [["log", "x"]], "00000000-0000-0000-0000-000000000001");
  assert.deepEqual(await warnings(() => graph.invoke(null, at("t"))), []);
});
