// Whose threads are: users, titles, graphs, tenants.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { HumanMessage } from "@langchain/core/messages";
import { MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { emptyCheckpoint, uuid6 } from "@langchain/langgraph-checkpoint";
import pg from "pg";
import { ThreadmemSaver, ThreadmemStore } from "threadmem-langgraph";
import { ai, all, at, newPool, query } from "./support.js";

const LOOP = { source: "loop", step: 0, parents: {} };

function put(saver, config, channel_values = {}) {
  const channel_versions = Object.fromEntries(Object.keys(channel_values).map((name) => [name, 1]));
  const checkpoint = { ...emptyCheckpoint(), id: uuid6(0), channel_values, channel_versions };
  return saver.put(config, checkpoint, LOOP, channel_versions);
}

const chat = (saver) =>
  new StateGraph(MessagesAnnotation)
    .addNode("model", ({ messages }) => ({ messages: [ai(`a${messages.length}`, "an answer")] }))
    .addEdge(START, "model")
    .compile({ checkpointer: saver });

const owners = (pool) =>
  query(pool, "SELECT thread_id, user_id, title, graph_id FROM threadmem.thread_search(sort_order => 'asc')");

test("users, titles and graphs of threads", async () => {
  const pool = newPool();
  const saver = new ThreadmemSaver(pool, { userId: "ada", title: "Trip", graph: "agent" });
  const graph = chat(saver);
  await graph.invoke({ messages: [new HumanMessage("one")] }, at("t"));
  await put(saver, { configurable: { thread_id: "u", user_id: "bob", title: "Other", graph_id: "other" } });
  await put(saver, { configurable: { thread_id: "w", userId: "bob", title: "Third", graph: "third" } });
  // What a thread has stays; what it lacks it gets, also one that was made by SQL and goes on here.
  await query(pool, "SELECT FROM threadmem.thread_create('v', title => 'Mine')");
  await graph.invoke({ messages: [new HumanMessage("two")] }, at("v"));
  await graph.invoke({ messages: [new HumanMessage("three")] }, { configurable: { thread_id: "t", title: "Late" } });
  assert.deepEqual(await owners(pool), [
    { thread_id: "t", user_id: "ada", title: "Trip", graph_id: "agent" },
    { thread_id: "u", user_id: "bob", title: "Other", graph_id: "other" },
    { thread_id: "w", user_id: "bob", title: "Third", graph_id: "third" },
    { thread_id: "v", user_id: "ada", title: "Mine", graph_id: "agent" },
  ]);
  const listed = await query(pool, "SELECT thread_id FROM threadmem.user_threads('ada')");
  assert.deepEqual(listed.map(({ thread_id }) => thread_id).sort(), ["t", "v"]);
});

test("a user named later is the user of a thread that has none", async () => {
  const pool = newPool();
  const saver = new ThreadmemSaver(pool);
  const first = await put(saver, at("t"));
  await put(saver, { configurable: { ...first.configurable, user_id: "ada" } });
  await put(saver, { configurable: { ...first.configurable, user_id: "bob", title: "Trip" } });
  assert.deepEqual(await owners(pool), [{ thread_id: "t", user_id: "ada", title: "Trip", graph_id: null }]);
});

test("a late writer with a user does not bring a deleted thread back", async () => {
  const pool = newPool();
  const saver = new ThreadmemSaver(pool, { userId: "ada" });
  const config = await put(saver, at("t"));
  await query(pool, "SELECT FROM threadmem.thread_delete('t')");
  await assert.rejects(put(saver, { configurable: { ...config.configurable, title: "x" } }), { code: "P0002" });
  assert.deepEqual(await owners(pool), []);
  await put(saver, at("t"));
  assert.deepEqual(await owners(pool), [{ thread_id: "t", user_id: "ada", title: null, graph_id: null }]);
});

test("context() has what is known of the thread's user", async () => {
  const pool = newPool();
  const saver = new ThreadmemSaver(pool, { userId: "ada" });
  await put(saver, at("t"));
  await query(pool, "SELECT FROM threadmem.user_update('ada', summary => 'Ada lives in Lyon.')");
  assert.match(await saver.context("t"), /Ada lives in Lyon\./);
  assert.equal(await saver.context("t", { template: "About her: %{user_summary}" }), "About her: Ada lives in Lyon.");
  assert.ok((await saver.context("t", { maxCharacters: 5000 })).length > 0);
  await assert.rejects(saver.context("nobody"), { code: "P0002" });
});

/** One pool for many tenants: its connections have none. */
function openPool(options = {}) {
  return new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 2, ...options });
}

const valueOf = async (saver, config) => (await saver.getTuple(config))?.checkpoint.channel_values;

test("one pool serves many tenants", async () => {
  const pool = openPool();
  const tenants = [randomUUID(), randomUUID(), `"\\'; ${randomUUID()}`];
  const savers = tenants.map((tenant) => new ThreadmemSaver(pool, { tenant, userId: "ada" }));
  await Promise.all(
    savers.map(async (saver, i) => {
      for (let n = 0; n < 5; n++) {
        const config = await put(saver, at("t"), { a: i, n });
        await saver.putWrites(config, [["a", i]], "task");
        assert.deepEqual(await valueOf(saver, at("t")), { a: i, n });
        assert.equal((await all(saver.list({}))).length, n + 1);
      }
    }),
  );
  await savers[0].deleteThread("t");
  assert.equal(await savers[0].getTuple(at("t")), undefined);
  assert.deepEqual(await valueOf(savers[1], at("t")), { a: 1, n: 4 });
  assert.equal(await savers[1].prune(["t"]), 4);
  assert.equal(await savers[2].copyThread("t", "u"), 5);
  assert.deepEqual(await valueOf(savers[0].forTenant(tenants[2]), at("u")), { a: 2, n: 4 });
  const [{ tenant }] = await query(pool, "SELECT current_setting('threadmem.tenant', true) AS tenant");
  assert.ok(!tenants.includes(tenant), "connections go back without a tenant");
  await pool.end();
});

test("configurable names the tenant where the saver has none, and no other where it has one", async () => {
  const pool = openPool();
  const open = new ThreadmemSaver(pool);
  const [one, other] = [randomUUID(), randomUUID()];
  const of = (tenant, more) => ({ configurable: { thread_id: "t", ...more, tenant } });
  const config = await put(open, of(one), { a: 1 });
  await open.putWrites(of(one, config.configurable), [["b", 2]], "task");
  assert.deepEqual((await open.getTuple(of(one))).pendingWrites, [["task", "b", 2]]);
  assert.equal((await all(open.list(of(one)))).length, 1);
  assert.equal(await open.getTuple(of(other)), undefined);
  const closed = new ThreadmemSaver(pool, { tenant: one });
  assert.deepEqual(await valueOf(closed, of(one)), { a: 1 });
  for (const call of [
    () => closed.getTuple(of(other)),
    () => put(closed, of(other)),
    () => closed.putWrites(of(other, config.configurable), [], "task"),
    () => all(closed.list(of(other))),
    () => closed.getDeltaChannelHistory({ config: of(other), channels: ["a"] }),
  ])
    await assert.rejects(async () => call(), /works for the tenant/);
  await pool.end();
});

test("an error half way leaves nothing and a connection that is good; a lost one is replaced", async () => {
  const pool = openPool({ max: 1 });
  pool.on("error", () => {});
  const tenant = randomUUID();
  const saver = new ThreadmemSaver(pool, { tenant, userId: "ada" });
  const bad = { ...emptyCheckpoint(), id: "a\u0001b" };
  await assert.rejects(saver.put(at("t"), bad, LOOP, {}), { code: "22023" });
  const { rows } = await pool.query("SELECT pg_backend_pid() AS pid");
  assert.equal(await saver.getTuple(at("t")), undefined);
  await assert.rejects(saver.context("t"), { code: "P0002" }, "the thread was not made, nor was the user");
  const killer = new pg.Pool();
  const putting = put(saver, at("t"), { a: 1 });
  await killer.query("SELECT pg_terminate_backend($1)", [rows[0].pid]);
  const lost = await putting.catch((error) => error);
  await new Promise((done) => setTimeout(done, 50));
  if (lost instanceof Error) await put(saver, at("t"), { a: 1 });
  assert.deepEqual(await valueOf(saver, at("t")), { a: 1 });
  await Promise.all([pool.end(), killer.end()]);
});

test("a call is one round trip, whatever it has to do", async () => {
  let sent = 0;
  class Client extends pg.Client {
    query(...args) {
      sent++;
      return super.query(...args);
    }
  }
  const pool = openPool({ Client });
  const saver = new ThreadmemSaver(pool, { tenant: randomUUID(), userId: "ada", title: "x" });
  const config = await put(saver, at("t"), { a: 1 });
  await saver.putWrites(config, [["a", 1]], "task");
  await saver.getTuple(at("t"));
  await put(saver, config, { a: 2 });
  assert.equal(sent, 4);
  await pool.end();
});

test("parsers of the application's own change nothing", async () => {
  const pool = openPool({ types: { getTypeParser: () => () => "parsed" } });
  const saver = new ThreadmemSaver(pool, { tenant: randomUUID() });
  const config = await put(saver, at("t"), { a: 1 });
  await put(saver, config, { a: 2 });
  assert.deepEqual([(await all(saver.list(at("t")))).length, await saver.prune(["t"])], [2, 1]);
  const store = new ThreadmemStore(pool, { tenant: randomUUID() });
  await store.batch(Array.from({ length: 1001 }, (_, n) => ({ namespace: ["n"], key: `${n}`, value: { n } })));
  assert.equal((await store.search([], { limit: 2000 })).length, 1001);
  assert.ok((await store.get(["n"], "1")).createdAt > 0);
  assert.equal(await store.sweepExpiredItems(), 0);
  await pool.end();
});

test("a pool whose clients send ahead", async () => {
  const pool = openPool({ pipeline: true, max: 1 });
  const savers = [1, 2, 3].map(() => new ThreadmemSaver(pool, { tenant: randomUUID(), userId: "ada" }));
  await Promise.all(savers.map((saver, i) => put(saver, at("t"), { a: i })));
  const read = await Promise.all(savers.map((saver) => valueOf(saver, at("t"))));
  assert.deepEqual(read, [{ a: 0 }, { a: 1 }, { a: 2 }]);
  await pool.end();
});

test("setup() is there", async () => {
  const saver = ThreadmemSaver.fromConnString(process.env.DATABASE_URL ?? "", { tenant: randomUUID() });
  await saver.setup();
  await saver.end();
  const elsewhere = new pg.Pool({ database: "template1" });
  await assert.rejects(new ThreadmemSaver(elsewhere).setup(), /CREATE EXTENSION threadmem/);
  await elsewhere.end();
});
