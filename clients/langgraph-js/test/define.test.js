// define() tells the database what a compiled graph is made of, and SQL goes on as the code does.

import assert from "node:assert/strict";
import { test } from "node:test";
import { HumanMessage, isBaseMessage } from "@langchain/core/messages";
import * as langgraph from "@langchain/langgraph";
import { ThreadmemSaver } from "threadmem-langgraph";
import { ai, at, newPool, query } from "./support.js";

const { Annotation, DeltaChannel, END, MessagesAnnotation, START, StateGraph } = langgraph;
const { messagesDeltaReducer, messagesStateReducer } = langgraph;

const concat = () => Annotation({ reducer: (left, right) => left.concat(right), default: () => [] });
const longest = (one, other) => (one.length >= other.length ? one : other);
const nothing = () => ({});

const State = Annotation.Root({
  ...MessagesAnnotation.spec,
  log: concat(),
  cost: Annotation({ reducer: (one, other) => one + other, default: () => 0 }),
  best: Annotation({ reducer: longest, default: () => "" }),
  facts: Annotation({ reducer: (one, other) => ({ ...one, ...other }), default: () => ({}) }),
  marks: Annotation({ reducer: longest }),
  other: Annotation({ reducer: messagesStateReducer, default: () => [] }),
  delta: () => new DeltaChannel(messagesDeltaReducer),
  sums: () => new DeltaChannel((left, writes) => left.concat(...writes)),
  topic: Annotation(),
});
const reducers = { log: "append", cost: "add", facts: "merge", calls: "append" };

const EDGES = [
  [START, "plan"],
  ["plan", "sub"],
  [["plan", "sub"], "book"],
];

function build(checkpointer, name = "trip", edges = EDGES) {
  const Inner = Annotation.Root({ ...MessagesAnnotation.spec, calls: concat() });
  const inner = new StateGraph(Inner).addNode("call", nothing).addEdge(START, "call").compile();
  const graph = new StateGraph(State).addNode("plan", nothing).addNode("sub", inner).addNode("book", nothing);
  for (const [from, to] of edges) graph.addEdge(from, to);
  return graph.addConditionalEdges("book", () => END).compile({ checkpointer, name });
}

const DEFINED = {
  channels: {
    messages: { reducer: "add_messages" },
    log: { reducer: "append", default: [] },
    cost: { reducer: "add", default: 0 },
    best: { reducer: "opaque", default: "" },
    facts: { reducer: "merge", default: {} },
    marks: { reducer: "opaque" },
    other: { reducer: "add_messages" },
    delta: { reducer: "add_messages" },
    sums: { reducer: "opaque" },
    topic: { reducer: "last_value" },
  },
  nodes: ["book", "plan", "sub"],
  edges: EDGES,
  subgraphs: {
    sub: {
      channels: {
        messages: { reducer: "add_messages" },
        calls: { reducer: "append", default: [] },
      },
      nodes: ["call"],
      edges: [["__start__", "call"]],
    },
  },
};

const update = (pool, thread, values, node) =>
  query(pool, "SELECT FROM threadmem.thread_update_state($1, $2, $3)", thread, values, node);

test("channels, reducers, nodes, edges and subgraphs, once", async () => {
  const pool = newPool();
  const saver = new ThreadmemSaver(pool);
  const graph = build(saver);
  for (const edges of [EDGES, EDGES, EDGES.toReversed()]) await saver.define(build(saver, "trip", edges), { reducers });
  const stored = await query(
    pool,
    "SELECT definition, updated_at = created_at AS once FROM threadmem.graph_get('trip')",
  );
  assert.deepEqual(stored, [{ definition: DEFINED, once: true }]);
  await graph.invoke({ messages: [], log: ["a"], best: "x" }, at("t"));
  await update(pool, "t", { log: ["b"], cost: 2, messages: { role: "user", content: "hi" } }, "plan");
  const [{ next }] = await query(pool, "SELECT next FROM threadmem.thread_state('t')");
  const state = await graph.getState(at("t"));
  assert.deepEqual([state.values.log, state.values.cost, state.next], [["a", "b"], 2, next]);
  assert.deepEqual(next, ["sub"]);
  await assert.rejects(update(pool, "t", { best: "longer" }, "plan"), { code: "22023" });
  await update(pool, "t", { other: [{ role: "user", content: "one" }], delta: { type: "ai", content: "two" } }, "plan");
  const { other, delta } = (await graph.getState(at("t"))).values;
  assert.ok([...other, ...delta].every(isBaseMessage) && other.length + delta.length === 2);
  await assert.rejects(update(pool, "t", { sums: ["more"] }, "plan"), { code: "22023" });
  const after = await graph.invoke(null, at("t"));
  assert.deepEqual([after.log, after.messages[0].text], [["a", "b"], "hi"]);
  // Another definition takes its place.
  await saver.define(graph);
  const [{ definition }] = await query(pool, "SELECT definition FROM threadmem.graph_get('trip')");
  assert.deepEqual(definition.channels.log, { reducer: "opaque", default: [] });
  await assert.rejects(update(pool, "t", { log: ["c"] }, "plan"), { code: "22023" });
});

test("the same updates by the code and by SQL leave the same state", async () => {
  const pool = newPool();
  const saver = new ThreadmemSaver(pool);
  const graph = build(saver);
  await saver.define(graph, { reducers });
  for (const thread of ["code", "sql"]) await graph.invoke({ messages: [], log: ["a"] }, at(thread));
  const updates = [
    ["plan", { log: ["b"], cost: 1.5 }],
    ["sub", { facts: { a: 1 }, topic: "x" }],
    ["book", { messages: [ai("m", "m")] }, { messages: [{ type: "ai", content: "m", id: "m" }] }],
    ["book", { messages: [new HumanMessage({ id: "m", content: "n" })], facts: { b: [2] } }],
  ];
  for (const [node, values, plain = values] of updates) {
    await graph.updateState(at("code"), values, node);
    await update(pool, "sql", JSON.parse(JSON.stringify(plain)), node);
    const [code, sql] = await Promise.all(["code", "sql"].map((thread) => graph.getState(at(thread))));
    assert.deepEqual([sql.values, sql.next], [code.values, code.next]);
  }
});

test("names: the one that is given, the saver's, the graph's", async () => {
  const names = async (pool) =>
    (await query(pool, "SELECT graph_id FROM threadmem.graph_list()")).map((it) => it.graph_id);
  const pools = [newPool(), newPool(), newPool()];
  const savers = pools.map((pool, i) => new ThreadmemSaver(pool, i === 1 ? { graph: "mine" } : {}));
  await savers[0].define(build(savers[0]), { graphId: "given" });
  await savers[1].define(build(savers[1]));
  await savers[2].define(build(savers[2], "own"));
  assert.deepEqual(await Promise.all(pools.map(names)), [["given"], ["mine"], ["own"]]);
  await build(savers[2]).invoke({ messages: [] }, at("t"));
  assert.deepEqual(await query(pools[2], "SELECT graph_id FROM threadmem.thread_get('t')"), [{ graph_id: "own" }]);
});

test("a reducer of a channel that is not there is refused", async () => {
  const saver = new ThreadmemSaver(newPool());
  await assert.rejects(saver.define(build(saver), { reducers: { logs: "append" } }), /no channel logs/);
  await assert.rejects(saver.define(build(saver), { reducers: { log: "appends" } }), { code: "22023" });
});
