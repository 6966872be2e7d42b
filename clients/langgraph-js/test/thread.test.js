// Whole threads: delete, copy, thin out, delete by run.

import assert from "node:assert/strict";
import { test } from "node:test";
import { HumanMessage } from "@langchain/core/messages";
import { Annotation, Command, interrupt, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { emptyCheckpoint, JsonPlusSerializer } from "@langchain/langgraph-checkpoint";
import { ThreadmemSaver } from "threadmem-langgraph";
import { ai, all, at, newPool, newSaver, snapshot } from "./support.js";

const State = Annotation.Root({ ...MessagesAnnotation.spec, note: Annotation() });

/** A chat with a subgraph; it stops for a question when asked to. */
function chat(saver) {
  const inner = new StateGraph(State)
    .addNode("model", ({ messages }) => ({ messages: [ai(`a${messages.length}`, `answer ${messages.length}`)] }))
    .addNode("review", ({ note }) => ({ note: note === "ask" ? interrupt("ok?") : "reviewed" }))
    .addEdge(START, "model")
    .addEdge("model", "review")
    .compile();
  return new StateGraph(State)
    .addNode("inner", inner)
    .addNode("end", () => ({ note: null }))
    .addEdge(START, "inner")
    .addEdge("inner", "end")
    .compile({ checkpointer: saver });
}

const say = (id, note = "") => ({ messages: [new HumanMessage({ id, content: `question ${id}` })], note });
const tuples = (saver, thread) => all(saver.list(at(thread)));
const history = async (graph, config) => (await all(graph.getStateHistory(config))).map(snapshot);

async function newChat(turns, thread = "t") {
  const pool = newPool();
  const saver = new ThreadmemSaver(pool);
  const graph = chat(saver);
  for (let i = 1; i <= turns; i++)
    await graph.invoke(say(`h${i}`), { configurable: { thread_id: thread, run_id: `run ${i}` } });
  return { pool, saver, graph };
}

const checkpoint = (id) => ({ ...emptyCheckpoint(), id, channel_values: { a: 1 }, channel_versions: { a: 1 } });
const put = (saver, config, id, more) =>
  saver.put(config, checkpoint(id), { source: "loop", step: 0, parents: {}, ...more }, { a: 1 });

test("deleteThread removes every namespace, and nothing of other threads", async () => {
  const { pool, saver, graph } = await newChat(2);
  await graph.invoke(say("h1"), at("other"));
  const other = await tuples(saver, "other");
  assert.ok((await tuples(saver, "t")).some(({ config }) => config.configurable.checkpoint_ns !== ""));
  await saver.deleteThread("t");
  assert.equal(await saver.getTuple(at("t")), undefined);
  assert.deepEqual(await tuples(saver, "t"), []);
  for (const table of ["checkpoints", "checkpoint_writes", "messages"]) {
    const { rows } = await pool.query(
      `SELECT count(*) FROM threadmem_data.${table} WHERE tenant_id = threadmem.current_tenant() AND thread_id = 't'`,
    );
    assert.equal(rows[0].count, "0", table);
  }
  assert.deepEqual(await tuples(saver, "other"), other);
  await saver.deleteThread("t");
  await saver.deleteThread("never there");
});

test("late writers do not bring a deleted thread back", async () => {
  const saver = newSaver();
  const config = await put(saver, at("t"), "c1");
  await saver.deleteThread("t");
  await assert.rejects(put(saver, config, "c2"), { code: "P0002" });
  await assert.rejects(saver.putWrites(config, [["a", 1]], "task"), { code: "P0002" });
  assert.equal(await saver.getTuple(at("t")), undefined);
  await put(saver, at("t"), "c1");
  assert.deepEqual((await saver.getTuple(at("t"))).pendingWrites, []);
  await saver.putWrites(config, [["a", 1]], "task");
  await put(saver, config, "c2");
  assert.equal((await tuples(saver, "t")).length, 2);
});

test("nothing overtakes the put that begins a deleted thread anew", async () => {
  const json = new JsonPlusSerializer();
  const slow = {
    dumpsTyped: async (value) => {
      if (value === "slow") await new Promise((done) => setTimeout(done, 100));
      return json.dumpsTyped(value);
    },
    loadsTyped: (type, data) => json.loadsTyped(type, data),
  };
  const saver = newSaver({ serde: slow });
  const config = await put(saver, at("t"), "c1");
  await saver.deleteThread("t");
  const begins = { ...checkpoint("c1"), channel_values: { a: "slow" } };
  const putting = saver.put(at("t"), begins, { source: "input", step: -1, parents: {} }, { a: 1 });
  await Promise.all([
    saver.putWrites(config, [["a", 1]], "task"),
    put(saver, config, "c2"),
    put(saver, at("t", undefined, "inner"), "c3", { parents: { "": "c1" } }),
  ]);
  assert.deepEqual(await putting, config);
  assert.deepEqual((await saver.getTuple(config)).pendingWrites, [["task", "a", 1]]);
  assert.equal((await tuples(saver, "t")).length, 3);
});

test("a thread deleted in the middle of a run stays deleted", async () => {
  const saver = newSaver();
  const graph = new StateGraph(State)
    .addNode("a", async () => {
      await saver.deleteThread("t");
      return { note: "a" };
    })
    .addNode("b", () => ({ note: "b" }))
    .addEdge(START, "a")
    .addEdge("a", "b")
    .compile({ checkpointer: saver });
  await assert.rejects(graph.invoke(say("h1"), { ...at("t"), durability: "sync" }), { code: "P0002" });
  assert.deepEqual(await tuples(saver, "t"), []);
});

test("a thread of the same id begins anew", async () => {
  const { saver, graph } = await newChat(2);
  await saver.deleteThread("t");
  const { messages } = await graph.invoke(say("h1"), at("t"));
  assert.deepEqual(
    messages.map(({ id }) => id),
    ["h1", "a1"],
  );
  assert.deepEqual((await graph.getState(at("t"))).values.messages, messages);
});

for (const durability of ["async", "sync", "exit"])
  test(`${durability}: a run that stops begins a deleted thread anew`, async () => {
    const saver = newSaver();
    const graph = new StateGraph(State)
      .addNode("review", ({ note }) => ({ note: note === "ask" ? interrupt("ok?") : "reviewed" }))
      .addEdge(START, "review")
      .compile({ checkpointer: saver });
    for (let i = 0; i < 3; i++) {
      await graph.invoke(say("h1", "ask"), { ...at("t"), durability });
      assert.deepEqual((await graph.getState(at("t"))).next, ["review"]);
      assert.equal((await saver.getTuple(at("t"))).pendingWrites.length, 1);
      await saver.deleteThread("t");
    }
  });

test("copyThread copies all, and both go on by themselves", async () => {
  const { saver, graph } = await newChat(2);
  await graph.invoke(say("h3", "ask"), at("t"));
  const source = await tuples(saver, "t");
  assert.equal(await saver.copyThread("t", "copy"), source.length);
  const renamed = JSON.parse(JSON.stringify(source).replaceAll('"thread_id":"t"', '"thread_id":"copy"'));
  assert.deepEqual(JSON.parse(JSON.stringify(await tuples(saver, "copy"))), renamed);
  for (const thread of ["t", "copy"]) {
    const answer = await graph.invoke(new Command({ resume: thread }), at(thread));
    assert.equal(answer.messages.length, 6);
  }
  await graph.invoke(say("h4"), at("copy"));
  assert.equal((await graph.getState(at("t"))).values.messages.length, 6);
  assert.equal((await graph.getState(at("copy"))).values.messages.length, 8);
  await saver.deleteThread("t");
  assert.equal((await graph.getState(at("copy"))).values.messages.length, 8);
  assert.equal((await history(graph, at("copy"))).at(-1).values.messages?.length ?? 0, 0);
});

test("copyThread from nothing, and to a thread that has checkpoints", async () => {
  const saver = newSaver();
  assert.equal(await saver.copyThread("nobody", "copy"), 0);
  assert.equal(await saver.getTuple(at("copy")), undefined);
  await put(saver, at("t"), "c1");
  await put(saver, at("u"), "c1");
  await assert.rejects(saver.copyThread("t", "u"), { code: "23505" });
});

test("prune keeps the newest of every namespace with its writes", async () => {
  const { saver, graph } = await newChat(3);
  await graph.invoke(say("h4", "ask"), at("t"));
  const before = await tuples(saver, "t");
  const newest = before.filter(
    ({ config: { configurable: c } }, i) =>
      before.findIndex(({ config }) => config.configurable.checkpoint_ns === c.checkpoint_ns) === i,
  );
  assert.ok(newest.length >= 5 && newest.some(({ pendingWrites }) => pendingWrites.length > 0));
  assert.equal(await saver.prune(["nobody", "t"]), before.length - newest.length);
  assert.deepEqual(await tuples(saver, "t"), newest);
  const answer = await graph.invoke(new Command({ resume: "fine" }), at("t"));
  assert.equal(answer.messages.length, 8);
});

test("prune keeps more when told so, or nothing", async () => {
  const { saver, graph } = await newChat(3);
  await graph.invoke(say("h1"), at("u"));
  const root = at("t", undefined, "");
  const before = await all(saver.list(root));
  await saver.prune(["t"], { keep: 4 });
  assert.deepEqual(await all(saver.list(root)), before.slice(0, 4));
  assert.equal(await saver.prune([]), 0);
  await saver.prune(["t"], { strategy: "delete" });
  assert.deepEqual(await tuples(saver, "t"), []);
  await assert.rejects(saver.prune(["u"], { strategy: "nonsense" }), { code: "22023" });
  assert.equal((await graph.getState(at("u"))).values.messages.length, 2);
});

test("states that stay are as before, whatever was pruned around them", async () => {
  const { saver, graph } = await newChat(4);
  const states = await history(graph, at("t"));
  const old = states.find(({ values }) => values.messages?.length === 4);
  const fork = await graph.updateState({ configurable: old.config }, { note: "fork" }, "end");
  await graph.invoke(say("h on the fork"), at("t"));
  const before = await all(saver.list(at("t", undefined, "")));
  await saver.prune(["t"], { keep: 3 });
  assert.deepEqual(await all(saver.list(at("t", undefined, ""))), before.slice(0, 3));
  assert.equal(await saver.getTuple(fork), undefined);
});

test("deleteForRuns removes the checkpoints of these runs, in all namespaces", async () => {
  const { pool, saver, graph } = await newChat(3);
  const before = await tuples(saver, "t");
  const left = before.filter(({ metadata }) => metadata.run_id !== "run 2");
  assert.ok(left.length > 0 && left.length < before.length);
  assert.equal(await saver.deleteForRuns(["run 2", "run 9"]), before.length - left.length);
  assert.deepEqual(await tuples(saver, "t"), left);
  const { rows } = await pool.query(
    `SELECT count(*) FROM threadmem_data.checkpoint_writes w
     WHERE tenant_id = threadmem.current_tenant() AND NOT EXISTS (SELECT 1 FROM threadmem_data.checkpoints c
       WHERE (c.tenant_id, c.thread_id, c.checkpoint_ns, c.checkpoint_id) =
         (w.tenant_id, w.thread_id, w.checkpoint_ns, w.checkpoint_id))`,
  );
  assert.equal(rows[0].count, "0");
  assert.equal((await graph.getState(at("t"))).values.messages.length, 6);
  assert.equal(await saver.deleteForRuns([]), 0);
});

test("deleteForRuns in one thread or in all", async () => {
  const saver = newSaver();
  for (const thread of ["t", "u", "v"]) {
    const c1 = await put(saver, at(thread), "c1", { run_id: "r1" });
    await put(saver, c1, "c2", { run_id: "r2" });
  }
  assert.equal(await saver.deleteForRuns(["r2"], "t"), 1);
  assert.equal(await saver.deleteForRuns(["r2"]), 2);
  assert.equal(await saver.deleteForRuns(["r1", "r2"]), 3);
  assert.deepEqual(await all(saver.list({})), []);
});

test("many writers of one thread, and many threads at once", async () => {
  const saver = newSaver();
  const config = await put(saver, at("t"), "c0");
  await Promise.all(Array.from({ length: 40 }, (_, i) => saver.putWrites(config, [["a", i]], `task ${i}`)));
  assert.equal((await saver.getTuple(config)).pendingWrites.length, 40);
  await Promise.all(Array.from({ length: 40 }, (_, i) => put(saver, i % 2 ? config : at(`t${i}`), `c${i + 1}`)));
  assert.equal((await tuples(saver, "t")).length, 21);
  assert.equal((await all(saver.list({}))).length, 41);
});
