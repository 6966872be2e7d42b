// Threads that real graphs made with PostgresSaver move in, and every state of them is the same.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { AIMessage, HumanMessage, RemoveMessage } from "@langchain/core/messages";
import {
  Annotation,
  Command,
  DeltaChannel,
  interrupt,
  MessagesAnnotation,
  messagesDeltaReducer,
  Send,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { DeltaSnapshot, uuid6 } from "@langchain/langgraph-checkpoint";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import pg from "pg";
import { ThreadmemSaver } from "threadmem-langgraph";
import { move } from "threadmem-langgraph/mover";
import { ai, all, at, Names } from "./support.js";

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
const schemas = [];
after(async () => {
  for (const schema of schemas) await pool.query(`DROP SCHEMA "${schema}" CASCADE`);
  await pool.end();
});

/** Tables of PostgresSaver's, and a tenant of threadmem's. */
async function newPlace() {
  const schema = `postgres_saver_${randomUUID()}`;
  const tenant = randomUUID();
  const old = new PostgresSaver(pool, undefined, { schema });
  schemas.push(schema);
  await old.setup();
  return {
    schema,
    tenant,
    old,
    new: new ThreadmemSaver(pool, { tenant, fold: false }),
    query: (text, ...args) => pool.query(text.replaceAll("$schema", `"${schema}"`), args).then(({ rows }) => rows),
    async move(more) {
      const [source, target] = await Promise.all([connect(), connect()]);
      try {
        return await move(source, target, { schema, tenant, ...more });
      } finally {
        await Promise.all([source.end(), target.end()]);
      }
    },
    /** Puts a checkpoint with these values under the versions that they have, which are all new. */
    async put(thread, values, { parent, versions, ...more } = {}) {
      const channel_versions = versions ?? Object.fromEntries(Object.keys(values).map((channel) => [channel, 1]));
      const checkpoint = { v: 4, id: uuid6(0), ts: "2025-01-02T03:04:05.678Z", versions_seen: {}, ...more };
      const stored = { ...checkpoint, channel_values: values, channel_versions };
      const metadata = { source: "loop", step: 0, parents: {} };
      return old.put(parent ?? at(thread, undefined, ""), stored, metadata, channel_versions);
    },
  };
}

async function connect() {
  const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  return client;
}

/** What a saver has of a thread, in the order of the checkpoints' ids and namespaces. */
async function everything(saver, thread) {
  const names = new Names();
  const tuples = (await all(saver.list(at(thread)))).map((tuple) => ({ parentConfig: undefined, ...tuple }));
  const key = ({ config: { configurable } }) => configurable.checkpoint_id + configurable.checkpoint_ns;
  tuples.sort((a, b) => (key(a) < key(b) ? -1 : 1));
  for (const tuple of tuples) {
    // Of LangGraph's own no history is asked: PostgresSaver takes their null for no value.
    const channels = Object.keys(tuple.checkpoint.channel_versions).filter((name) => !/^(branch:|__)/.test(name));
    tuple.history = await saver.getDeltaChannelHistory({ config: tuple.config, channels });
  }
  return tuples.map((tuple) => names.plain(tuple));
}

/** Compares all that both have of it; how many checkpoints. */
async function isMoved(place, thread) {
  const [expected, actual] = await Promise.all([place.old, place.new].map((saver) => everything(saver, thread)));
  assert.equal(actual.length, expected.length);
  for (const [i, tuple] of expected.entries()) assert.deepEqual(actual[i], tuple);
  return expected.length;
}

/** Each message was said when the first checkpoint was made that has it, and the thread is as old as its first. */
async function isOfItsTime(place) {
  const times = new Map();
  const tuples = (await all(place.old.list(at("t")))).reverse();
  for (const { checkpoint } of tuples)
    for (const { id } of checkpoint.channel_values.messages ?? [])
      if (!times.has(id)) times.set(id, new Date(checkpoint.ts));
  const said = await place.query(
    "SELECT message_id, event_at FROM threadmem_data.messages WHERE tenant_id = $1 AND seq <= 6 ORDER BY seq",
    place.tenant,
  );
  assert.ok(said.length > 4);
  for (const { message_id, event_at } of said) assert.deepEqual(event_at, times.get(message_id));
  const threads = "SELECT created_at FROM threadmem_data.threads WHERE tenant_id = $1";
  const [{ created_at }] = await place.query(threads, place.tenant);
  assert.deepEqual(created_at, new Date(tuples[0].checkpoint.ts));
}

const append = () => Annotation({ reducer: (left, right) => left.concat(right), default: () => [] });
const Log = Annotation.Root({ log: append() });
const say = (word) => () => ({ log: [word] });
const chat = (checkpointer) =>
  new StateGraph(MessagesAnnotation)
    .addNode("model", ({ messages }) => ({ messages: [ai(`a${messages.length}`, `answer ${messages.length}`)] }))
    .addEdge(START, "model")
    .compile({ checkpointer });
const ask = (id) => ({ messages: [new HumanMessage({ id, content: `question ${id}` })] });

const GRAPHS = {
  async "a chat, edited, and forked"(saver) {
    const graph = chat(saver);
    for (const id of ["h0", "h1", "h2"]) await graph.invoke(ask(id), at("t"));
    const [, , , , early] = await all(graph.getStateHistory(at("t")));
    await graph.updateState(at("t"), { messages: [new RemoveMessage({ id: "h1" }), ai("a1", "another")] }, "model");
    await graph.invoke(ask("h3"), at("t"));
    await graph.invoke(ask("h4"), early.config);
  },
  async "questions, answers, sends and errors"(saver) {
    const graph = new StateGraph(Log)
      .addNode("plan", say("plan"))
      .addNode("do", ({ item }) => ({ log: [`did ${item}`] }))
      .addNode("ask", () => ({ log: [interrupt({ question: "how?" }), interrupt("and then?")] }))
      .addNode("fail", ({ log }) => {
        throw new Error(`no more after ${log.length}`);
      })
      .addEdge(START, "plan")
      .addConditionalEdges("plan", () => [1, 2, 3].map((item) => new Send("do", { item })), ["do"])
      .addEdge("do", "ask")
      .addEdge("ask", "fail")
      .compile({ checkpointer: saver });
    await graph.invoke({ log: ["input"] }, at("t"));
    await graph.invoke(new Command({ resume: "so" }), at("t"));
    await assert.rejects(graph.invoke(new Command({ resume: { so: ["too"] } }), at("t")));
  },
  async "subgraphs"(saver) {
    const inner = new StateGraph(Log)
      .addNode("first", say("first"))
      .addNode("second", () => ({ log: [interrupt("inside")] }))
      .addEdge(START, "first")
      .addEdge("first", "second")
      .compile();
    const graph = new StateGraph(Log)
      .addNode("inner", inner)
      .addNode("last", say("last"))
      .addEdge(START, "inner")
      .addEdge("inner", "last")
      .compile({ checkpointer: saver });
    await graph.invoke({ log: ["input"] }, at("t"));
    await graph.invoke(new Command({ resume: "out" }), at("t"));
    await graph.invoke({ log: ["again"] }, at("t"));
  },
  async "delta channels"(saver) {
    const State = Annotation.Root({
      messages: () => new DeltaChannel(messagesDeltaReducer, { snapshotFrequency: 3 }),
      list: () => new DeltaChannel((left, writes) => left.concat(...writes), { snapshotFrequency: 1000 }),
    });
    const graph = new StateGraph(State)
      .addNode("model", ({ messages }) => ({ messages: [ai(`a${messages.length}`, "yes")], list: [messages.length] }))
      .addEdge(START, "model")
      .compile({ checkpointer: saver });
    for (const id of ["h0", "h1", "h2", "h3"]) await graph.invoke(ask(id), at("t"));
  },
};

for (const [name, work] of Object.entries(GRAPHS))
  test(name, async () => {
    const place = await newPlace();
    await work(place.old);
    const report = await place.move();
    assert.deepEqual([report.moved, [...report.failed], [...report.skipped]], [1, [], []]);
    assert.equal(await isMoved(place, "t"), report.checkpoints);
    assert.ok(report.checkpoints > 4);
  });

test("a thread goes on where it is now", async () => {
  const place = await newPlace();
  for (const id of ["h0", "h1", "h2"]) await chat(place.old).invoke(ask(id), at("t"));
  assert.equal((await place.move()).moved, 1);
  const states = [];
  for (const saver of [place.old, place.new]) {
    await chat(saver).invoke(ask("h3"), at("t"));
    states.push((await chat(saver).getState(at("t"))).values);
  }
  assert.deepEqual(states[1], states[0]);
  assert.equal(states[1].messages.length, 8);
  await isOfItsTime(place);
  // It went on in both databases, and neither is changed for that.
  assert.match((await place.move()).failed.get("t"), /both/);
  assert.equal((await chat(place.new).getState(at("t"))).values.messages.length, 8);
});

test("values", async () => {
  const place = await newPlace();
  const values = {
    text: ["", "a\0b", "\ud83d", "\u001a001a", "threadmem:json:e30=", "\\u0000"],
    marked: "threadmem:json:e30=",
    numbers: [0, -1, 0.1, 5e-324, 1.7e308, 1e21, 2 ** 53],
    records: [undefined, new Set([1, "a"]), new Map([["k", { a: 1 }]]), /a\/b/gi, new Error("no")],
    bytes: new Uint8Array([0, 255]),
    "more bytes": [new Uint8Array([1, 2])],
    date: new Date(0),
    "a key of text": { "\0": 1, __proto__: null, "": null },
    ours: [{ __threadmem__: "set", value: [1] }, { __lc_escaped__: { a: 1 } }, { __lc_escaped__: { lc: 1 }, b: 2 }],
    snapshot: new DeltaSnapshot([new HumanMessage("hi")]),
    messages: [
      new HumanMessage({ id: "h", content: [{ type: "text", text: "hi" }], additional_kwargs: { a: [null] } }),
      new AIMessage({ id: "a", content: "", tool_calls: [{ name: "f", args: { lc: "no record" }, id: "c" }] }),
    ],
  };
  const config = await place.put("t", values);
  await place.old.putWrites(config, Object.entries(values), "task");
  assert.deepEqual([...(await place.move()).failed], []);
  assert.equal(await isMoved(place, "t"), 1);
});

test("what PostgresSaver gives back otherwise, or cannot read, is there", async () => {
  const place = await newPlace();
  const more = { record: { lc: 1, type: "x" }, ours: { lc: 2, __threadmem__: "set" } };
  const said = new AIMessage({ id: "a", content: "x", additional_kwargs: more });
  const gone = { lc: 1, type: "constructor", id: ["app", "models", "Plan"], kwargs: { name: "p" } };
  await place.put("t", { said, gone: [gone] });
  assert.deepEqual([...(await place.move()).failed], []);
  const { channel_values: values } = (await place.new.getTuple(at("t"))).checkpoint;
  assert.deepEqual(values.said.additional_kwargs, said.additional_kwargs);
  assert.deepEqual(values.gone.map(({ record }) => record), [gone]);
});

test("scalars in the checkpoint, and versions that two branches have given", async () => {
  const place = await newPlace();
  const first = await place.put("t", { n: 1, list: [1] });
  await place.put("t", { n: 2, list: [1] }, { parent: first, versions: { n: 2, list: 1 } });
  await place.put("t", { n: "other", list: [1] }, { parent: first, versions: { n: 2, list: 1 } });
  assert.deepEqual([...(await place.move()).failed], []);
  assert.equal(await isMoved(place, "t"), 3);
  // As Python's saver has them, where a blob goes before.
  const config = await place.put("u", { list: [1] }, { versions: { n: 1, list: 1 } });
  const inline = '{"n": 1, "s": {"lc": 1}, "list": null}';
  await place.query("DELETE FROM $schema.checkpoint_blobs WHERE thread_id = 'u' AND channel = 'n'");
  await place.query(
    "UPDATE $schema.checkpoints SET checkpoint = checkpoint || jsonb_build_object('channel_values', $1::jsonb) " +
      "WHERE thread_id = 'u'",
    inline,
  );
  assert.deepEqual([...(await place.move()).failed], []);
  const { checkpoint } = await place.new.getTuple(config);
  assert.deepEqual(checkpoint.channel_values, { n: 1, list: [1] });
});

test("checkpoints before version 4", async () => {
  const place = await newPlace();
  const parent = await place.put("t", { a: [1] }, { v: 1, pending_sends: [] });
  for (const task of ["t2", "t1", "t3"])
    await place.old.putWrites(parent, [["a", task], ["__pregel_tasks", new Send(task, { x: [1] })]], task);
  await place.put("t", { a: [2] }, { v: 1, parent, versions: { a: 2 } });
  assert.deepEqual([...(await place.move()).failed], []);
  assert.equal(await isMoved(place, "t"), 2);
  const { channel_values: values } = (await place.new.getTuple(at("t"))).checkpoint;
  assert.deepEqual(values.__pregel_tasks.map(({ node }) => node), ["t1", "t2", "t3"]);
});

test("a thread of Python's is named, and what cannot be read, and the rest moves", async () => {
  const place = await newPlace();
  for (const thread of ["a", "b", "c", "d", "e"]) await place.put(thread, { x: [1] });
  await place.put("f", { x: [1] }, { versions: { x: "00000000000000000000000000000001.0.5" } });
  const change = "UPDATE $schema.checkpoint_blobs SET type = $2, blob = $3 WHERE thread_id = $1";
  await place.query(change, "a", "msgpack", Buffer.from([0x91, 1]));
  await place.query(change, "b", "json", Buffer.from("[1"));
  await place.query(change, "c", "sealed", Buffer.from("[1]"));
  const report = await place.move();
  assert.deepEqual([report.threads, report.moved, [...report.skipped.keys()]], [6, 2, ["a", "f"]]);
  assert.match(report.skipped.get("a"), /Python/);
  assert.deepEqual([...report.failed.keys()], ["b", "c"]);
  assert.match(report.failed.get("b"), /"x"/);
  assert.match(report.failed.get("c"), /sealed/);
  const tuples = await Promise.all(["a", "b", "c", "d", "e", "f"].map((thread) => place.new.getTuple(at(thread))));
  assert.deepEqual(tuples.map(Boolean), [false, false, false, true, true, false]);
});

test("it goes on where it was interrupted", async () => {
  const place = await newPlace();
  let config = at("t", undefined, "");
  for (let step = 0; step < 7; step++) {
    config = await place.put("t", { list: [step] }, { parent: config, versions: { list: step } });
    await place.old.putWrites(config, [["x", step], ["__interrupt__", []]], `task ${step}`);
  }
  const stops = ({ checkpoints }) => {
    if (checkpoints >= 4) throw new Error("stopped");
  };
  await assert.rejects(place.move({ batch: 2, told: stops }), /stopped/);
  assert.equal((await all(place.new.list(at("t")))).length, 4);
  const told = [];
  const report = await place.move({ batch: 2, told: ({ checkpoints }) => told.push(checkpoints) });
  assert.deepEqual([report.moved, [...report.failed]], [1, []]);
  assert.deepEqual(told, [2, 4, 6, 7, 7]);
  assert.equal(await isMoved(place, "t"), 7);
  assert.deepEqual([(await place.move()).present, (await place.move()).moved], [1, 0]);
  await place.old.putWrites(config, [["y", 1]], "another task"); // what came meanwhile
  await place.put("t", { list: ["new"] }, { parent: config, versions: { list: 8 } });
  assert.equal((await place.move()).moved, 1);
  assert.equal(await isMoved(place, "t"), 8);
});

test("writes of no checkpoint and of two kinds", async () => {
  const place = await newPlace();
  const config = await place.put("t", { a: [1] });
  const writes = [["x", 1], ["__error__", { message: "no" }], ["y", 2], ["__interrupt__", []]];
  await place.old.putWrites(config, writes, "t1");
  await place.old.putWrites(config, [["__resume__", ["yes"]]], "t1");
  const nowhere = at("t", "1f000000-0000-6000-8000-000000000000", "");
  await place.old.putWrites(nowhere, [["x", new Uint8Array([1])]], "t2");
  assert.deepEqual([...(await place.move()).failed], []);
  assert.equal(await isMoved(place, "t"), 1);
  const columns = 'task_id, idx, channel FROM $writes ORDER BY task_id COLLATE "C", idx';
  const [was, is] = await Promise.all([
    place.query(`SELECT ${columns.replace("$writes", "$schema.checkpoint_writes")}`),
    place.query(
      `SELECT ${columns.replace("$writes", "threadmem_data.checkpoint_writes WHERE tenant_id = $1")}`,
      place.tenant,
    ),
  ]);
  assert.deepEqual(is, was);
  assert.equal(was.length, 6);
});

test("what is not the same is told, and is not there", async () => {
  const place = await newPlace();
  await place.put("t", { x: ["before"], n: 1 });
  const [source, target] = await Promise.all([connect(), connect()]);
  const query = target.query.bind(target);
  target.query = (statement, ...more) => {
    if (statement instanceof pg.Query && statement.text.includes("checkpoint_put(")) {
      const submit = statement.submit;
      statement.submit = (connection) => {
        const bind = connection.bind.bind(connection);
        connection.bind = ({ values }, ...rest) =>
          bind({ values: values.map((value) => value?.replace("before", "after")) }, ...rest);
        submit(connection);
        connection.bind = bind;
      };
    }
    return query(statement, ...more);
  };
  const options = { schema: place.schema, tenant: place.tenant };
  const report = await move(source, target, options);
  await Promise.all([source.end(), target.end()]);
  assert.match(report.failed.get("t"), /channel "x"/);
  assert.equal(await place.new.getTuple(at("t")), undefined);
  assert.equal((await place.move()).moved, 1);
});

test("a lost connection ends the move", async () => {
  const place = await newPlace();
  await place.put("t", { x: [1] });
  const [source, target] = await Promise.all([connect(), connect()]);
  for (const client of [source, target]) client.on("error", () => {});
  await pool.query("SELECT pg_terminate_backend($1)", [target.processID]);
  await assert.rejects(move(source, target, { schema: place.schema, tenant: place.tenant }));
  await source.end();
  assert.equal((await place.move()).moved, 1);
});

test("the command", async () => {
  const place = await newPlace();
  for (const thread of ["a", "b", "c"]) await place.put(thread, { x: [1] });
  await place.query("UPDATE $schema.checkpoint_blobs SET type = 'sealed' WHERE thread_id = 'c'");
  const home = new URL("../", import.meta.resolve("threadmem-langgraph"));
  const { bin } = JSON.parse(readFileSync(new URL("package.json", home)));
  const program = new URL(bin["threadmem-langgraph"], home).pathname;
  const url = process.env.DATABASE_URL ?? "";
  const run = (...args) => spawnSync(process.execPath, [program, ...args], { encoding: "utf8", timeout: 60_000 });
  const given = ["import", "--from", url, "--schema", place.schema, "--tenant", place.tenant];
  let done = run(...given, "--thread", "a");
  assert.equal(done.stderr, "");
  assert.equal(done.status, 0);
  assert.match(done.stdout, /^1 threads moved with 1 checkpoints/);
  done = run(...given, "--to", url);
  assert.equal(done.status, 1);
  assert.match(done.stdout, /not moved c: .*\n1 threads moved with 1 checkpoints, all compared; 1 were there/);
  for (const thread of ["a", "b"]) assert.equal(await isMoved(place, thread), 1);
  assert.match(run(...given, "--thread", "nobody's").stdout, /no such thread/);
  done = run(...given, "--to", "postgres:///nobody?host=/nowhere");
  assert.match(done.stderr, /nowhere/);
  assert.equal(done.status, 1);
  assert.deepEqual([run("--nonsense"), run("import"), run("--help")].map(({ status }) => status), [2, 2, 0]);
});
