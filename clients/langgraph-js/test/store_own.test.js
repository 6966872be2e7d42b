// What the store decides where LangGraph's disagree, and what it has beside them.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { AIMessage } from "@langchain/core/messages";
import { Annotation, START, StateGraph } from "@langchain/langgraph";
import { InMemoryStore } from "@langchain/langgraph-checkpoint";
import pg from "pg";
import { Foreign, ThreadmemStore } from "threadmem-langgraph";
import { Letters } from "./letters.js";
import { newPool, query, warnings } from "./support.js";

const DOCS = ["docs"];
const keys = (items) => items.map(({ key }) => key);
const kind = (promise) =>
  promise.then(
    (value) => value,
    ({ name, code }) => code ?? name,
  );

const found = (value, filter) => async (store) => {
  await store.put(DOCS, "k", value);
  return kind(store.search(DOCS, { filter }).then(({ length }) => length > 0));
};
const back = (v) => async (store) => {
  await store.put(DOCS, "k", { v });
  return (await store.get(DOCS, "k")).value.v;
};

// What is asked, and what comes of it: InMemoryStore, here.
const differences = {
  "text is ordered as text": [found({ t: "b" }, { t: { $gt: "a" } }), false, true],
  "no order between types": [found({ n: "10" }, { n: { $lt: 11 } }), true, false],
  "no order of null": [found({ n: null }, { n: { $lt: 1 } }), true, false],
  "true is not 1": [found({ n: 1 }, { n: true }), false, false],
  "an object is contained": [found({ o: { a: 1, b: [2] } }, { o: { a: 1 } }), false, true],
  "an array is equal": [found({ o: [1, 2] }, { o: [1, 2] }), false, true],
  "and not contained": [found({ o: [1, 2] }, { o: [1] }), false, false],
  "operators that are not known": [found({ n: 1 }, { n: { $in: [1] } }), true, "TypeError"],
  "an undefined filter": [found({ n: 1 }, { n: undefined }), false, "TypeError"],
  "an order of what has none": [found({ n: 1 }, { n: { $lt: [2] } }), true, "TypeError"],
  "an emptied namespace is listed": [
    async (store) => {
      await store.put(DOCS, "k", {});
      await store.delete(DOCS, "k");
      return (await store.listNamespaces()).length;
    },
    1,
    0,
  ],
  "without a query what was put last is first": [
    async (store) => {
      for (const key of "aba") await store.put(DOCS, key, {});
      return keys(await store.search(DOCS)).join("");
    },
    "ab",
    "ab",
  ],
  "a query without an index goes by words": [
    async (store) => {
      await store.put(DOCS, "a", { text: "the red house" });
      await store.put(DOCS, "b", { text: "a blue boat" });
      return keys(await store.search(DOCS, { query: "Which houses are there?" })).join("");
    },
    "ab",
    "a",
  ],
  "items without a vector are found by none": [
    async (store) => {
      await store.put(DOCS, "a", { text: "aa" });
      await store.put(DOCS, "b", { text: "bb" }, false);
      return keys(await store.search(DOCS, { query: "b", limit: 5 })).join("");
    },
    "ab",
    "a",
    () => ({ index: { dims: 36, embeddings: new Letters(), fields: ["text"] } }),
  ],
  "a vector of another length": [
    (store) => kind(store.put(DOCS, "k", { text: "a" })).then((it) => it ?? "stored"),
    "stored",
    "Error",
    () => ({ index: { dims: 3, embeddings: new Letters() } }),
  ],
  "a value that is changed later": [
    async (store) => {
      const value = { list: [1] };
      await store.put(DOCS, "k", value);
      value.list.push(2);
      return (await store.get(DOCS, "k")).value.list;
    },
    [1, 2],
    [1],
  ],
  "a value that is no object": [
    (store) => kind(store.put(DOCS, "k", "text")).then((it) => it ?? "stored"),
    "stored",
    "TypeError",
  ],
  "a limit below 0": [(store) => kind(store.search(DOCS, { limit: -1 })), [], "RangeError"],
};

for (const [name, [ask, memory, here, options = () => ({})]] of Object.entries(differences))
  test(`beside InMemoryStore: ${name}`, async () => {
    assert.deepEqual(await ask(new InMemoryStore(options())), memory);
    assert.deepEqual(await ask(new ThreadmemStore(newPool(), options())), here);
  });

test("values come back exactly, and lie in the database as JSON", async () => {
  const pool = newPool();
  const store = new ThreadmemStore(pool);
  const values = {
    "a\0b": "a\0b\ud83d",
    big: 2n ** 70n,
    numbers: [NaN, -Infinity, -0, 1e300, 0.1],
    set: new Set([1, "a"]),
    map: new Map([["a", 1]]),
    bytes: new Uint8Array([0, 255]),
    lc: 1,
    __threadmem__: "dict",
    deep: { lc: 1, type: "constructor", id: ["langchain_core", "messages", "HumanMessage"], kwargs: {} },
    none: null,
  };
  await store.put(DOCS, "k\0", values);
  assert.deepEqual((await store.get(DOCS, "k\0")).value, values);
  const [item] = await store.search(DOCS, { filter: { big: 2n ** 70n, bytes: new Uint8Array([0, 255]) } });
  assert.deepEqual([item.key, item.value], ["k\0", values]);
  assert.deepEqual(await store.search(DOCS, { filter: { big: 2n ** 71n } }), []);
  assert.deepEqual(await store.search(DOCS, { filter: { set: new Set([1]) } }), [], "as a whole");
  await store.put(DOCS, "m", { message: new AIMessage({ id: "a", content: "hello" }) });
  const { message } = (await store.get(DOCS, "m")).value;
  assert.ok(message instanceof AIMessage && message.text === "hello");
  const [{ content }] = await query(
    pool,
    "SELECT value #>> '{message,kwargs,content}' AS content FROM threadmem.store_get('{docs}', 'm')",
  );
  assert.equal(content, "hello");
});

test("what Python stored is read, and written back as it was", async () => {
  const pool = newPool();
  const store = new ThreadmemStore(pool);
  const value = { when: { __threadmem__: "datetime", value: "2026-01-02T00:00:00", zone: "Europe/Paris" }, t: [1] };
  await query(pool, "SELECT FROM threadmem.store_put('{docs}', 'k', $1)", value);
  const item = await store.get(DOCS, "k");
  assert.ok(item.value.when instanceof Foreign);
  await store.put(DOCS, "copy", item.value);
  const [copy] = await query(pool, "SELECT value FROM threadmem.store_get('{docs}', 'copy')");
  assert.deepEqual(copy.value, value);
});

test("what cannot be stored is refused by its name, and nothing of the batch is stored", async () => {
  const store = new ThreadmemStore(newPool());
  const ring = {};
  ring.ring = [ring];
  for (const value of [ring, { f: Symbol("x") }, undefined, [], 5, new Map([["a", 1]]), new Date()]) {
    const operations = [
      { namespace: DOCS, key: "fine", value: {} },
      { namespace: DOCS, key: "bad", value },
    ];
    if (value?.f) assert.equal(await store.batch(operations).then(() => 1), 1, "as JSON has it");
    else await assert.rejects(store.batch(operations), { name: "TypeError", message: /"bad" of \["docs"\]/ });
  }
  assert.deepEqual(keys(await store.search([])).sort(), ["bad", "fine"]);
});

test("more than the server takes at once", async () => {
  const store = new ThreadmemStore(newPool());
  const count = 2300;
  const name = (n) => `n${String(n).padStart(4, "0")}`;
  const puts = Array.from({ length: count }, (_, n) => ({ namespace: [name(n)], key: "k", value: { n } }));
  assert.deepEqual(await store.batch(puts), Array(count).fill(null));
  for (const [limit, offset] of [
    [5000, 0],
    [1500, 900],
    [1000, 1300],
  ]) {
    const left = Math.min(limit, count - offset);
    const items = await store.search([], { limit, offset });
    assert.deepEqual([items.length, new Set(items.map(({ value }) => value.n)).size], [left, left]);
    assert.equal((await store.listNamespaces({ limit, offset })).length, left);
  }
  const [, items, namespaces] = await store.batch([
    { namespace: ["new"], key: "k", value: {} },
    { namespacePrefix: [], limit: Infinity },
    { matchConditions: [], limit: 5000, offset: 0 },
  ]);
  assert.deepEqual([items.length, namespaces.length], [count, count], "as it was before the put");
  assert.ok(await store.get(["new"], "k"));
});

test("two long batches of the same items wait for each other in one way only", async () => {
  const store = new ThreadmemStore(newPool());
  const puts = Array.from({ length: 1500 }, (_, n) => ({ namespace: DOCS, key: `${n}`, value: { n } }));
  for (let i = 0; i < 4; i++) await Promise.all([store.batch(puts), store.batch(puts.toReversed())]);
  assert.equal((await store.search([], { limit: Infinity })).length, 1500);
});

test("a time to live: own, by default, none; renewed by reading unless told otherwise", async () => {
  const pool = newPool();
  const store = new ThreadmemStore(pool, { ttl: { defaultTtl: 0.5 } });
  await store.put(DOCS, "default", {});
  await store.put(DOCS, "own", {}, undefined, { ttl: 90.5 });
  await store.put(DOCS, "none", {}, undefined, { ttl: null });
  await new ThreadmemStore(pool).put(DOCS, "other", {});
  const expiries = async () => {
    const rows = await query(pool, "SELECT key, ttl_minutes, expires_at FROM threadmem.store_items ORDER BY key");
    return Object.fromEntries(rows.map(({ key, ttl_minutes, expires_at }) => [key, [ttl_minutes, Number(expires_at)]]));
  };
  const first = await expiries();
  assert.deepEqual(
    Object.values(first).map(([minutes]) => minutes),
    [0.5, null, null, 90.5],
  );
  await store.get(DOCS, "own", { refreshTtl: false });
  await store.search(DOCS, { refreshTtl: false });
  await new ThreadmemStore(pool, { ttl: { refreshOnRead: false } }).get(DOCS, "own");
  assert.deepEqual(await expiries(), first);
  await store.get(DOCS, "own");
  const second = await expiries();
  assert.ok(second.own[1] > first.own[1] && second.default[1] === first.default[1]);
  await store.search(DOCS);
  const third = await expiries();
  assert.ok(third.own[1] > second.own[1] && third.default[1] > first.default[1]);
  // What has expired is read by nobody, and swept.
  await store.put(DOCS, "short", {}, undefined, { ttl: 0.001 });
  await new Promise((done) => setTimeout(done, 120));
  assert.equal(await store.get(DOCS, "short"), null);
  assert.deepEqual([await store.sweepExpiredItems(), await store.sweepExpiredItems()], [1, 0]);
});

test("a sweeper, which keeps no program from ending", async () => {
  class Counting extends ThreadmemStore {
    sweeps = 0;
    sweepExpiredItems() {
      this.sweeps++;
      return super.sweepExpiredItems();
    }
  }
  const timers = () => process.getActiveResourcesInfo().filter((it) => it === "Timeout").length;
  const store = new Counting(newPool(), { ttl: { sweepIntervalMinutes: 0.0005 } });
  await store.put(DOCS, "k", {}, undefined, { ttl: 0.0001 });
  const before = timers();
  store.start();
  store.start();
  assert.equal(timers(), before);
  while (store.sweeps < 3) await new Promise((done) => setTimeout(done, 10));
  await store.stop();
  const { sweeps } = store;
  await new Promise((done) => setTimeout(done, 150));
  assert.deepEqual([store.sweeps, await store.sweepExpiredItems()], [sweeps, 0]);
});

test("a role that only reads, and a connection that is read only, read without renewing", async () => {
  const pool = newPool();
  await new ThreadmemStore(pool).put(DOCS, "k", { n: 1 }, undefined, { ttl: 5 });
  const readOnly = new pg.Pool({
    ...pool.options,
    options: `${pool.options.options} -c default_transaction_read_only=on`,
  });
  assert.deepEqual((await new ThreadmemStore(readOnly).get(DOCS, "k")).value, { n: 1 });
  const role = `reader_${randomUUID().replaceAll("-", "")}`;
  const admin = new pg.Pool();
  await admin.query(`CREATE ROLE ${role} LOGIN`);
  await admin.query("SELECT threadmem.grant_access($1, 'read')", [role]);
  const reading = new pg.Pool({ ...pool.options, user: role });
  const reader = new ThreadmemStore(reading);
  const told = await warnings(async () => {
    assert.deepEqual((await reader.get(DOCS, "k")).value, { n: 1 });
    assert.deepEqual(keys(await reader.search([])), ["k"]);
    assert.deepEqual(await reader.listNamespaces(), [DOCS]);
  });
  assert.deepEqual(
    told.map(({ code }) => code),
    ["THREADMEM_NO_RENEWAL"],
  );
  await assert.rejects(reader.put(DOCS, "k", {}), { code: "42501" });
  await Promise.all([readOnly.end(), reading.end()]);
  await admin.query("SELECT threadmem.revoke_access($1)", [role]);
  await admin.query(`DROP ROLE ${role}`);
  await admin.end();
});

test("one pool serves many tenants, also in a graph", async () => {
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 2 });
  const store = new ThreadmemStore(pool, { tenant: randomUUID() });
  const other = store.forTenant(randomUUID());
  await store.put(DOCS, "k", { of: "one" });
  assert.equal(await other.get(DOCS, "k"), null);
  assert.deepEqual(await other.search([]), []);
  const State = Annotation.Root({ keys: Annotation() });
  const graph = new StateGraph(State)
    .addNode("look", async (_, { store: memory }) => ({ keys: keys(await memory.search([])) }))
    .addEdge(START, "look")
    .compile();
  assert.deepEqual(await graph.invoke({}, { store }), { keys: ["k"] });
  assert.deepEqual(await graph.invoke({}, { store: other }), { keys: [] });
  await pool.end();
});

test("a batch is one round trip, and embeds each text once", async () => {
  let sent = 0;
  class Client extends pg.Client {
    query(...args) {
      sent++;
      return super.query(...args);
    }
  }
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, Client });
  const embeddings = new Letters();
  const store = new ThreadmemStore(pool, { tenant: randomUUID(), index: { dims: 36, embeddings, fields: ["text"] } });
  const put = (key, text) => ({ namespace: DOCS, key, value: { text } });
  await store.batch([
    { namespacePrefix: DOCS, query: "a" },
    { namespace: DOCS, key: "a" },
    put("a", "same"),
    put("b", "same"),
    put("c", "gone"),
    put("c", "stays"),
    put("d", ""),
  ]);
  assert.equal(sent, 1);
  assert.deepEqual(embeddings.texts, ["same", "stays", ""]);
  assert.deepEqual(keys(await store.search(DOCS, { query: "same" })).sort(), ["a", "b", "c"]);
  await pool.end();
});

test("paths of index are those of SQL", async () => {
  const pool = newPool();
  const store = new ThreadmemStore(pool);
  const value = { title: "houses", list: [{ text: "boats" }], meta: { a: "trees", b: "roads" }, rest: "clouds" };
  const put = (key, index) => store.put(DOCS, key, value, index);
  await put("all");
  await put("none", false);
  await put("nothing", []);
  await put("some", ["title", "list[*].text", "meta.{a}"]);
  await put("any", ["meta.*", "list.*.text"]);
  const asked = (word) => store.search(DOCS, { query: word }).then((items) => keys(items).sort());
  assert.deepEqual(await asked("house"), ["all", "some"]);
  assert.deepEqual(await asked("boat"), ["all", "any", "some"]);
  assert.deepEqual(await asked("tree"), ["all", "any", "some"]);
  assert.deepEqual(await asked("road"), ["all", "any"]);
  assert.deepEqual(await asked("cloud"), ["all"]);
});

test("setup(), fromConnString() and JSON", async () => {
  const store = ThreadmemStore.fromConnString(process.env.DATABASE_URL ?? "", { tenant: randomUUID() });
  await store.setup();
  assert.equal(JSON.stringify({ store }), '{"store":"[ThreadmemStore]"}');
  await store.end();
  await assert.rejects(store.get(DOCS, "k"), /pool after calling end/);
});
