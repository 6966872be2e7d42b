// The thread door: threadmem.thread_update_state, thread_state and thread_history give what a compiled
// graph's updateState, getState and getStateHistory give, and each side goes on from the other's threads.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { isBaseMessage } from "@langchain/core/messages";
import { Annotation, END, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { ThreadmemSaver } from "threadmem-langgraph";
import { ai, all, at, newPool } from "./support.js";

const append = { reducer: (left, right) => left.concat(right), default: () => [] };
const State = Annotation.Root({ list: Annotation(append), last: Annotation(), ...MessagesAnnotation.spec });
const channels = { messages: { reducer: "add_messages" }, list: { reducer: "append" }, last: {} };

const shapes = {
  line: [
    [START, "a"],
    ["a", "b"],
    ["b", END],
  ],
  fan: [
    [START, "a"],
    [START, "b"],
    ["a", "c"],
    ["b", "c"],
  ],
  join: [
    [START, "a"],
    [START, "b"],
    [["a", "b"], "c"],
  ],
};

function compile(saver, edges, fail) {
  const nodes = [...new Set(edges.flat(2))].filter((node) => node !== START && node !== END);
  const graph = new StateGraph(State);
  for (const node of nodes)
    graph.addNode(node, ({ list }) => {
      if (fail.node === node) throw new Error(`${node} is broken`);
      return { list: [`${node}${list.length}`], messages: [ai(`by ${node}`, `by ${node}`)] };
    });
  for (const [from, to] of edges) graph.addEdge(from, to);
  return [graph.compile({ checkpointer: saver }), nodes];
}

const pool = newPool();

/** Both doors to the threads of one graph; a superstep is a list of [values, asNode]. */
async function open(shape) {
  const fail = { node: null };
  const [graph, nodes] = compile(new ThreadmemSaver(pool), shapes[shape], fail);
  const definition = { channels, nodes, edges: shapes[shape] };
  const query = async (text, ...args) => (await pool.query(text, args)).rows;
  const pairs = (updates, name) => updates.map(([values, node]) => ({ values, [name]: node }));
  await query("SELECT threadmem.graph_define($1, $2)", shape, definition);

  const langgraph = {
    update: async (thread, updates, id) =>
      void (await graph.bulkUpdateState(at(thread, id), [{ updates: pairs(updates, "asNode") }])),
    state: async (thread, id) => fromGraph(await graph.getState(at(thread, id))),
    history: async (thread) => (await all(graph.getStateHistory(at(thread)))).map(fromGraph),
  };
  const sql = {
    update: (thread, updates, id) =>
      query(
        "SELECT threadmem.thread_update_state($1, updates => $2, checkpoint_id => $3)",
        thread,
        JSON.stringify(pairs(updates, "as_node")),
        id,
      ),
    state: async (thread, id) => fromSql((await query("SELECT * FROM threadmem.thread_state($1, $2)", thread, id))[0]),
    history: async (thread) => (await query("SELECT * FROM threadmem.thread_history($1, 1000)", thread)).map(fromSql),
  };
  const create = async (supersteps = null) => {
    const thread = randomUUID();
    const steps = supersteps?.map((updates) => ({ updates: pairs(updates, "as_node") }));
    await query(
      "SELECT threadmem.thread_create($1, graph_id => $2, supersteps => $3)",
      thread,
      shape,
      steps ? JSON.stringify(steps) : null,
    );
    return thread;
  };
  return { graph, fail, query, langgraph, sql, create };
}

const fromGraph = ({ values, next, tasks, metadata, createdAt, config, parentConfig }) => ({
  ...{ values, next, tasks, metadata, time: Date.parse(createdAt) },
  id: config.configurable.checkpoint_id,
  parent: parentConfig?.configurable.checkpoint_id,
});

const fromSql = ({ values, next, tasks, metadata, created_at, checkpoint, parent_checkpoint }) => ({
  ...{ values, next, tasks, metadata, time: created_at?.getTime() },
  id: checkpoint?.checkpoint_id,
  parent: parent_checkpoint?.checkpoint_id,
});

/**
 * Messages as LangGraph's server sends them. What getState() gives are LangChain's own objects, whoever wrote them; what
 * SQL gives is compared as it is.
 */
function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  if (isBaseMessage(value)) {
    const { type, data } = value.toDict();
    return plain({ ...data, type });
  }
  const given = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(given.sort().map(([key, inner]) => [key, plain(inner)]));
}

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** A state in a line without random ids. Checkpoints are positions in the history, 0 being the oldest. */
function line({ values, next, metadata, id, parent }, ids) {
  const place = `${ids.indexOf(id)} after ${ids.indexOf(parent)}`;
  const { step, source } = metadata ?? {};
  const channels = JSON.stringify(plain({ messages: [], ...values })).replace(ID, "<id>");
  return `${place}, step ${step} ${source}, next [${[...next].sort()}] ${channels}`;
}

/** The states of a thread in lines, the latest and the history. */
async function lines(door, thread) {
  const history = await door.history(thread);
  const ids = history.map(({ id }) => id).reverse();
  return [await door.state(thread), ...history].map((state) => line(state, ids));
}

/** Both doors say the same of a thread, with ids and all. */
async function agree(doors, thread) {
  const read = async (door) => {
    const history = await door.history(thread);
    const alone = await Promise.all(history.map(({ id }) => door.state(thread, id)));
    return [await door.state(thread), ...history, ...alone].map(exact);
  };
  assert.deepEqual(await read(doors.sql), await read(doors.langgraph));
}

function exact({ values, next, tasks, ...rest }) {
  const task = ({ id, name, path, interrupts, error = null, result = null }) => ({
    ...{ id, name, path, interrupts, error, result },
  });
  return plain({ ...rest, values: { messages: [], ...values }, next: [...next].sort(), tasks: tasks.map(task) });
}

/** The checkpoint at a position. */
async function idAt(door, thread, position) {
  return position === undefined ? undefined : (await door.history(thread)).at(-1 - position).id;
}

/** Does the same on several threads at once; then all must look the same, through either door. */
async function alike(doors, threads, label, act) {
  await Promise.all(threads.map(act));
  const read = (door) => Promise.all(threads.map((thread) => lines(door, thread)));
  const [graph, sql] = await Promise.all([read(doors.langgraph), read(doors.sql)]);
  for (const i of threads.keys()) {
    assert.deepEqual(graph[i], graph[0], `${label}, thread ${i}`);
    assert.deepEqual(sql[i], graph[0], `${label}, thread ${i} in SQL`);
  }
}

/** Each of four threads is updated in its way: by LangGraph, by SQL, by both in turns. */
const doorOf = ({ langgraph, sql }, thread, turn) =>
  [langgraph, sql, turn % 2 ? langgraph : sql, turn % 2 ? sql : langgraph][thread];

/** Runs a script of steps { updates, at?, error? } on four threads. */
function script(name, shape, steps) {
  test(`${shape}: ${name}`, async () => {
    const doors = await open(shape);
    const threads = await Promise.all([1, 2, 3, 4].map(() => doors.create()));
    for (const [turn, { updates, at, error }] of steps.entries())
      await alike(doors, threads, `step ${turn}: ${JSON.stringify(updates)}`, async (thread, i) => {
        const door = doorOf(doors, i, turn);
        const done = door.update(thread, updates, await idAt(door, thread, at));
        if (error) await assert.rejects(done, says(error));
        else await done;
      });
    for (const thread of threads) await agree(doors, thread);
  });
}

/** An error of LangGraph's, or one of PostgreSQL's with its detail. */
const says = (text) => (error) => text.test(`${error.message} ${error.detail}`);

const one = (values, asNode, more) => ({ updates: [[values, asNode]], ...more });
const human = (id, content = id) => ({ type: "human", id, content });
const answer = (id, content = id) => ({ type: "ai", id, content });
const remove = (id) => ({ type: "remove", id, content: "" });
const say = (id) => ({ messages: [human(id)], list: [id], last: id });

for (const shape of Object.keys(shapes)) {
  script("input, start, nodes in sequence", shape, [
    one({}, "__input__"),
    one(say("q"), "__start__"),
    one({ messages: [answer("r")], list: ["a"] }, "a"),
    one({ list: ["b"], last: "b" }, "b"),
    one(say("q2"), "__input__"),
    one(say("q2"), "__start__"),
    one({ unknown: 1 }, "b"),
    one({}, "a"),
    one(null, "b"),
  ]);
  script("a branch at an older checkpoint", shape, [
    one(say("q"), "__start__"),
    one({ messages: [answer("left")], list: ["left"] }, "a"),
    one({ messages: [answer("right")], list: ["right"] }, "a", { at: 0 }),
    one({ list: ["on"], last: null }, "b"),
    one({ list: ["left again"] }, "b", { at: 1 }),
    one(null, undefined, { at: 2 }),
  ]);
  script("an empty checkpoint, and the end", shape, [
    one(null),
    one(say("q"), "__start__"),
    one(null),
    one(null, "__end__"),
    one(say("q2"), "__start__"),
    one({ list: ["a"] }, "a"),
    one(null, "__end__"),
    one(null, "__end__", { at: 1 }),
    one(say("q3"), "__input__"),
    one(null, "__end__"),
  ]);
  script("copies", shape, [
    one(say("q"), "__start__"),
    one({ list: ["a"], messages: [answer("r")] }, "a"),
    one(null, "__copy__"),
    one({ list: ["b"] }, "b"),
    one([[{ list: ["instead"], last: "copy" }, "a"]], "__copy__", { at: 0 }),
    one(null, "__copy__", { at: 1 }),
    one(null, "__copy__", { at: 0 }),
  ]);
  script("errors leave nothing", shape, [
    one({ list: ["x"] }, "nobody", { error: /does not exist/ }),
    one(null, "__copy__", { error: /./ }),
    one(say("q"), "__start__"),
    one({ list: ["x"] }, "nobody", { error: /does not exist/ }),
    { updates: [[{ last: 1 }, "a"], [{ last: 2 }, "b"]], error: /last/i },
    { updates: [[{ list: [1] }, "a"], [{ list: [2] }]], error: /needs as_node|required/ },
    { updates: [[null, "__end__"], [{}, "a"]], error: /./ },
    { updates: [[{}, "__input__"], [{}, "a"]], error: /./ },
    { updates: [[null, "__copy__"], [{}, "a"]], error: /./ },
    { updates: [[null], [{}, "a"]], error: /./ },
    one({ messages: [remove("nobody")] }, "a", { error: /nobody/ }),
    one(null, "__input__", { error: /./ }),
    one({ list: ["a"] }, "a"),
  ]);
  script("several updates in one superstep", shape, [
    one(say("q"), "__start__"),
    { updates: [[{ list: ["b"], messages: [answer("b")] }, "b"], [{ list: ["a"], messages: [answer("a")] }, "a"]] },
    { updates: [[{ list: ["a1"] }, "a"], [{ list: ["a2"] }, "a"]] },
    { updates: [[{ list: ["s"] }, "__start__"], [{ list: ["b"], last: null }, "b"]] },
    { updates: [[null, "a"], [{ list: ["b"] }, "b"]] },
  ]);
  script("as_node left out", shape, [one({ list: ["a"] }, "a"), one({ list: ["x"] })]);
  script("as_node left out at once", shape, [one(say("q")), one({ list: ["x"] })]);
  script("messages replaced and removed, null as a value", shape, [
    one({ messages: [human("1"), human("2"), human("3")], last: 0 }, "__start__"),
    one({ messages: [answer("2", "other")], last: null }, "a"),
    one({ messages: human("4") }, "a"),
    one({ messages: [remove("1"), human("5")], last: false }, "b"),
    one({ messages: [remove("2"), human("2", "again"), human("6"), remove("6")] }, "a"),
    one({ messages: [human("7"), remove("__remove_all__"), human("8"), human("3", "new")] }, "b"),
    one({ messages: [], list: [] }, "a"),
    one({ messages: [remove("__remove_all__")], list: [null, { a: [] }] }, "b"),
    one({ messages: [human("1", "back")] }, "a"),
  ]);

  script("input, again and at an older checkpoint", shape, [
    one(say("q"), "__input__"),
    one({ list: ["a"] }, "a"),
    one(say("q2"), "__input__"),
    one(say("q3"), "__input__"),
    one(null),
    one(say("q4"), "__input__", { at: 1 }),
    one(null, "__start__"),
    one(say("q5"), "__input__"),
    one(null, "__copy__"),
    one({ list: ["x"] }, "__copy__"),
    one(say("q6"), "__start__", { at: 4 }),
    one(null, "__end__", { at: 7 }),
  ]);
  script("values of other forms", shape, [
    one({ list: "x", messages: { role: "user", id: "1", content: "role" } }, "__start__"),
    one({ list: null }, "a"),
    one({ list: { deep: [1] }, last: { b: [], a: null } }, "b"),
    one({ messages: [["ai", "a pair"]] }, "a"),
    one({ messages: "a text" }, "a"),
    one({ messages: [{ type: "ai", content: [{ type: "text", text: "part" }] }] }, "a"),
    one({ list: { __overwrite__: ["fresh"] }, messages: [] }, "a"),
    { updates: [[{ list: { __overwrite__: ["one"] } }, "a"], [{ list: ["lost"] }, "b"]] },
    { updates: [[{ list: { __overwrite__: ["1"] } }, "a"], [{ list: { __overwrite__: ["2"] } }, "b"]], error: /./ },
    one({ list: [] }, "__end__", { error: /./ }),
    one("text", "a", { error: /./ }),
    one([1], "a", { error: /./ }),
    one(7, "__start__", { error: /./ }),
  ]);

  test(`${shape}: supersteps of thread_create`, async () => {
    const doors = await open(shape);
    const supersteps = [[[{}, "__input__"]], [[say("q"), "__start__"]], [[{ list: ["a"] }, "a"], [{ last: 1 }, "b"]]];
    const thread = randomUUID();
    const updates = supersteps.map((pairs) => ({ updates: pairs.map(([values, asNode]) => ({ values, asNode })) }));
    await doors.graph.bulkUpdateState(at(thread), updates);
    const made = await doors.create(supersteps);
    assert.deepEqual(await lines(doors.sql, made), await lines(doors.langgraph, thread));
    await agree(doors, made);
  });

  test(`${shape}: LangGraph and the door go on from each other`, async () => {
    const doors = await open(shape);
    const { graph } = doors;
    const threads = await Promise.all([1, 2, 3, 4].map(() => doors.create()));
    let turn = 0;
    const update = async (values, asNode, position) => {
      turn++;
      await alike(doors, threads, `${JSON.stringify(values)} as ${asNode}`, async (thread, i) => {
        const door = doorOf(doors, i, turn);
        await door.update(thread, [[values, asNode]], await idAt(door, thread, position));
      });
    };
    const invoke = (input, more) =>
      alike(doors, threads, `invoked after ${turn}`, (thread) => graph.invoke(input, { ...at(thread), ...more }));

    await update(say("q"), "__start__");
    await invoke(null);
    await invoke(say("q2"));
    await update({ list: ["a"], last: null }, "a");
    await update({ list: ["as_node left out"] });
    await invoke(null);
    await update(say("q3"), "__input__");
    await invoke(null);
    await invoke(say("q4"), { interruptBefore: ["b"] });
    await update({ messages: [remove("q")] }, "b");
    await invoke(null);
    await update({ list: ["branch"] }, "a", 1);
    await invoke(null);
    for (const thread of threads) await agree(doors, thread);
  });
}

test("what a stopped or failed run has left", async () => {
  const doors = await open("fan");
  const { graph, fail } = doors;
  const cases = [
    [{ list: ["x"] }, "a"],
    [{ list: ["x"] }, "b"],
    [{ list: ["x"] }, "__start__"],
    [{ list: ["x"] }],
    [null, "__end__"],
    [null, "__copy__"],
    [null],
    [say("x"), "__input__"],
    [say("x"), "b", 1],
    [say("x"), "__input__", 1],
    [{ messages: [remove("__remove_all__")] }, "a"],
    [{ messages: [remove("by a")] }, "b"],
    [{ messages: [answer("by a", "new")] }, "b"],
  ];
  for (const [values, asNode, position] of cases) {
    const threads = [await doors.create(), await doors.create()];
    const label = `${JSON.stringify(values)} as ${asNode}`;
    fail.node = "b";
    await alike(doors, threads, "failed", (thread) => assert.rejects(graph.invoke(say("q"), at(thread)), /broken/));
    fail.node = null;
    for (const thread of threads) await agree(doors, thread);
    await alike(doors, threads, label, async (thread, i) => {
      const door = doorOf(doors, i, 0);
      await door.update(thread, [[values, asNode]], await idAt(door, thread, position));
    });
    await alike(doors, threads, `${label}, invoked`, (thread) => graph.invoke(null, at(thread)));
    for (const thread of threads) await agree(doors, thread);
  }
  const threads = [await doors.create(), await doors.create()];
  await alike(doors, threads, "stopped", (thread) => graph.invoke(say("q"), { ...at(thread), interruptBefore: ["c"] }));
  await alike(doors, threads, "a tie", (thread, i) =>
    assert.rejects(doorOf(doors, i, 0).update(thread, [[{ list: ["x"] }]]), says(/Ambiguous/)),
  );
});

test("pages of a history", async () => {
  const { graph, query, create } = await open("line");
  const thread = await create([[[{}, "__input__"]], [[say("q"), "__start__"]], [[{ list: ["a"] }, "a"]]]);
  await graph.invoke(say("q2"), at(thread));
  const history = await all(graph.getStateHistory(at(thread)));
  const same = async (options, ...args) => {
    const rows = await query("SELECT * FROM threadmem.thread_history($1, $2, $3, $4)", thread, ...args);
    const expected = (await all(graph.getStateHistory(at(thread), options))).map(fromGraph);
    assert.deepEqual(rows.map(fromSql).map(exact), expected.map(exact));
    assert.ok(rows.length > 0);
  };
  await same({ limit: 2 }, 2, null, null);
  await same({ before: history[2].config, limit: 3 }, 3, history[2].config.configurable.checkpoint_id, null);
  for (const filter of [{ source: "input" }, { source: "loop", step: 3 }]) await same({ filter }, 100, null, filter);
});
