// The store, beside LangGraph's InMemoryStore: what every store of LangGraph's does.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Annotation, START, StateGraph } from "@langchain/langgraph";
import { AsyncBatchedStore, InMemoryStore, InvalidNamespaceError } from "@langchain/langgraph-checkpoint";
import { ThreadmemStore } from "threadmem-langgraph";
import { Letters } from "./letters.js";
import { newPool } from "./support.js";

const index = (fields) => {
  const embeddings = new Letters();
  return { dims: embeddings.letters.length, embeddings, ...(fields && { fields }) };
};

/** Runs a scenario on both stores: all that it notes must be the same. */
function same(name, scenario, options = () => ({})) {
  test(name, async () => {
    const [expected, actual] = await Promise.all(
      [(given) => new InMemoryStore(given), (given) => new ThreadmemStore(newPool(), given)].map(async (open) => {
        const notes = [];
        const given = options();
        await scenario(open(given), (label, value) => notes.push([label, value]), given);
        return notes;
      }),
    );
    assert.ok(expected.length > 0);
    assert.deepEqual(actual, expected);
  });
}

const plain = (item) => item && { namespace: item.namespace, key: item.key, value: item.value };
const keys = (items) => items.map(({ key }) => key);
const sorted = (items) => keys(items).sort();
/** Of equal scores neither is first. */
const scores = (items) => {
  const rounded = items.map(({ key, score }) => [score.toFixed(5), key]);
  assert.deepEqual(
    rounded.map(([score]) => score),
    rounded
      .map(([score]) => score)
      .sort()
      .reverse(),
  );
  return rounded.sort();
};
const failure = (promise) =>
  promise.then(
    () => "done",
    ({ name }) => name,
  );

same("what is put is got, by its namespace and key", async (store, note) => {
  const value = { title: "Théâtre", n: 1.5, list: [1, null, { deep: [true] }], none: null, text: "\u{1f3ad}" };
  note("put", await store.put(["docs", "ada"], "k", value));
  note("get", plain(await store.get(["docs", "ada"], "k")));
  for (const [namespace, key] of [
    [["docs", "ada"], "other"],
    [["docs"], "k"],
    [["docs", "ada", "k"], "k"],
    [["ada", "docs"], "k"],
    [["langgraph"], "k"],
  ])
    note(namespace.join(), await store.get(namespace, key));
  const { createdAt, updatedAt } = await store.get(["docs", "ada"], "k");
  note("times", [
    createdAt instanceof Date,
    updatedAt.getTime() - createdAt.getTime(),
    Date.now() - createdAt < 60_000,
  ]);
});

same("a second put replaces, and created_at stays", async (store, note) => {
  await store.put(["docs"], "k", { a: 1, b: 1 });
  const { createdAt } = await store.get(["docs"], "k");
  await new Promise((done) => setTimeout(done, 20));
  await store.put(["docs"], "k", { a: 2 });
  const item = await store.get(["docs"], "k");
  note("item", [plain(item), item.createdAt.getTime() === createdAt.getTime(), item.updatedAt > createdAt]);
});

same("delete, twice, and by a null", async (store, note) => {
  await store.put(["docs"], "a", { n: 1 });
  await store.put(["docs"], "b", { n: 2 });
  note("delete", await store.delete(["docs"], "a"));
  note("again", await store.delete(["docs"], "a"));
  note("null", await store.batch([{ namespace: ["docs"], key: "b", value: null }]));
  note("left", await store.search([]));
});

same("namespaces that are refused, by methods and in a batch", async (store, note) => {
  for (const namespace of [[], [""], ["a.b"], ["a", "b:c"], ["langgraph"], [1], ["a\0"]]) {
    const name = JSON.stringify(namespace);
    note(`put ${name}`, await failure(store.put(namespace, "k", {})));
    note(`get ${name}`, await failure(store.get(namespace, "k")));
    note(`delete ${name}`, await failure(store.delete(namespace, "k")));
    note(`search ${name}`, await failure(store.search(namespace)));
    note(`list ${name}`, await failure(store.listNamespaces({ prefix: namespace })));
    note(`list by suffix ${name}`, await failure(store.listNamespaces({ suffix: namespace })));
    if (namespace[0] !== "langgraph")
      note(`batch ${name}`, await failure(store.batch([{ namespace, key: "k", value: {} }])));
    note(`batched get ${name}`, await failure(store.batch([{ namespace, key: "k" }])));
    note(`batched search ${name}`, await failure(store.batch([{ namespacePrefix: namespace }])));
  }
});

same("search: prefixes are whole labels", async (store, note) => {
  for (const namespace of [["us"], ["users"], ["us", "ada"], ["us", "ada", "deep"], ["other", "us"]])
    await store.put(namespace, namespace.join("/"), {});
  for (const prefix of [[], ["us"], ["us", "ada"], ["use"], ["ada"], ["us", "ada", "deep", "deeper"]])
    note(prefix.join(), sorted(await store.search(prefix)));
});

same("search: filters", async (store, note) => {
  const values = [
    { n: 1, tag: "a", ok: true },
    { n: 2.5, tag: "b", ok: false },
    { n: 10, tag: "a", more: null },
    { n: -3, tag: "B" },
  ];
  for (const [i, value] of values.entries()) await store.put(["docs"], `k${i}`, value);
  for (const filter of [
    { tag: "a" },
    { tag: "a", n: 10 },
    { tag: "c" },
    { ok: true },
    { ok: false },
    { more: null },
    { n: { $eq: 1 } },
    { n: { $ne: 1 } },
    { missing: { $ne: 1 } },
    { n: { $gt: 1 } },
    { n: { $gte: 2.5 } },
    { n: { $lt: 2.5 } },
    { n: { $lte: -3 } },
    { n: { $gt: 0, $lt: 10 } },
    { n: { $gt: 0 }, tag: { $ne: "a" } },
    { missing: { $gt: 0 } },
    {},
  ])
    note(JSON.stringify(filter), sorted(await store.search(["docs"], { filter })));
});

same("search: limit and offset", async (store, note) => {
  for (let i = 0; i < 25; i++) await store.put(["docs"], `k${i}`, { i });
  note("default", (await store.search(["docs"])).length);
  for (const page of [{ limit: 7 }, { limit: 100 }, { limit: 0 }, { limit: 10, offset: 20 }, { offset: 30 }])
    note(JSON.stringify(page), (await store.search(["docs"], page)).length);
  const pages = await Promise.all([0, 10, 20].map((offset) => store.search(["docs"], { limit: 10, offset })));
  note("all", sorted(pages.flat()));
});

same("namespaces: prefixes, suffixes, *, depth, pages", async (store, note) => {
  for (const name of ["a", "a/b", "a/b/c", "a/x/c", "a/b/d/e", "b/b/c", "users/ada/v1", "users/bob/v2"])
    await store.put(name.split("/"), "k", {});
  for (const options of [
    undefined,
    { prefix: ["a"] },
    { prefix: ["a", "b"] },
    { prefix: ["a", "*", "c"] },
    { prefix: ["*", "b"] },
    { suffix: ["c"] },
    { suffix: ["*", "c"] },
    { suffix: ["b", "*"] },
    { prefix: ["a"], suffix: ["c"] },
    { prefix: ["a", "b", "c"], suffix: ["a", "b", "c"] },
    { prefix: ["nobody"] },
    { maxDepth: 1 },
    { maxDepth: 2 },
    { maxDepth: 2, prefix: ["a"] },
    { limit: 2 },
    { limit: 2, offset: 1 },
    { offset: 6 },
    { offset: 60 },
    { limit: 0 },
  ])
    note(JSON.stringify(options), await store.listNamespaces(options));
  const matches = (...paths) => paths.map(([matchType, ...path]) => ({ matchType, path }));
  for (const matchConditions of [
    matches(["prefix", "a"], ["prefix", "*", "b"]),
    matches(["prefix", "a"], ["prefix", "b"]),
    matches(["suffix", "c"], ["suffix", "b", "*"], ["prefix", "a"]),
    matches(["suffix", "c"], ["suffix", "d"]),
  ])
    note(JSON.stringify(matchConditions), await store.batch([{ matchConditions, limit: 10, offset: 0 }]));
});

same("a batch: reads see what was before its puts, the last put of a key counts", async (store, note) => {
  await store.put(["docs"], "a", { n: 1 });
  const results = await store.batch([
    { namespace: ["docs"], key: "a", value: { n: 2 } },
    { namespace: ["docs"], key: "a" },
    { namespace: ["docs"], key: "b", value: { n: 3 } },
    { namespacePrefix: ["docs"], limit: 5 },
    { namespace: ["docs"], key: "b", value: { n: 4 } },
    { matchConditions: [], limit: 5, offset: 0 },
    { namespace: ["docs"], key: "c", value: { n: 5 } },
    { namespace: ["docs"], key: "c", value: null },
  ]);
  // InMemoryStore gives the very object that it changes then.
  note(
    "results",
    results.map((it) => (Array.isArray(it) ? it.map((item) => item.key ?? item) : (it?.key ?? null))),
  );
  note(
    "after",
    (await store.search(["docs"])).map(plain).sort((a, b) => (a.key < b.key ? -1 : 1)),
  );
  note("nothing", await store.batch([]));
});

same("a bad operation, and nothing of the batch is stored", async (store, note) => {
  const put = (namespace) => ({ namespace, key: "k", value: {} });
  note("error", await failure(store.batch([put(["docs"]), put(["a.b"])])));
  note("left", await store.search([]));
});

same(
  "by embedding: what is nearest is first",
  async (store, note) => {
    const texts = { k1: "aaa", k2: "aab", k3: "zzz", k4: "azzz" };
    for (const [key, text] of Object.entries(texts)) await store.put(["docs"], key, { text });
    await store.put(["other"], "k5", { text: "aaa" });
    for (const query of ["a", "z", "ab"]) {
      const items = await store.search(["docs"], { query });
      note(query, scores(items));
    }
    note("page", keys(await store.search(["docs"], { query: "a", limit: 1, offset: 1 })));
    note("filter", keys(await store.search(["docs"], { query: "a", filter: { text: { $ne: "aaa" } } })));
    note(
      "no query",
      (await store.search(["docs"])).map(({ score }) => score),
    );
    await store.put(["docs"], "k3", { text: "aaaa" });
    note("put again", keys(await store.search(["docs"], { query: "a", limit: 2 })).sort());
    await store.delete(["docs"], "k1");
    note("deleted", keys(await store.search(["docs"], { query: "a", limit: 1 })));
  },
  () => ({ index: index(["text"]) }),
);

for (const [name, fields, own] of [
  ["the whole value", undefined, undefined],
  ["members of members", ["meta.title"], undefined],
  ["elements", ["list[*].text"], undefined],
  ["one element", ["list[0].text", "list[-1].text"], undefined],
  ["any member", ["meta.*"], undefined],
  ["some members", ["{title,meta.title}"], undefined],
  ["what a put says", ["title"], ["list[1].text"]],
  ["what is no text", ["n", "ok", "none", "nothing.at.all", "list"], undefined],
])
  same(
    `by embedding: ${name}`,
    async (store, note, { index: { embeddings } }) => {
      const value = (a, b, c) => ({
        title: a,
        meta: { title: b },
        list: [{ text: c }, { text: a + b }, { text: "xx" }],
        n: 12,
        ok: true,
        none: null,
      });
      await store.put(["docs"], "k1", value("aaa", "bbb", "ccc"), own);
      await store.put(["docs"], "k2", value("bbbb", "cc", "a"), own);
      note("texts", embeddings.texts.sort());
      for (const query of ["a", "b", "c", "x"]) {
        const items = await store.search(["docs"], { query });
        note(query, scores(items));
      }
    },
    () => ({ index: index(fields) }),
  );

same("LangGraph's batches of a tick", async (store, note) => {
  const batched = new AsyncBatchedStore(store);
  batched.start();
  await Promise.all([1, 2, 3].map((n) => batched.put(["docs"], `k${n}`, { n })));
  const found = await Promise.all([1, 2, 3, 4].map((n) => batched.get(["docs"], `k${n}`)));
  note("found", found.map(plain));
  note("search", sorted(await batched.search(["docs"], { filter: { n: { $gt: 1 } } })));
  await batched.delete(["docs"], "k1");
  note("left", sorted(await batched.search([])));
  await batched.stop();
});

same("a graph whose nodes remember", async (store, note) => {
  const State = Annotation.Root({ text: Annotation(), known: Annotation() });
  const graph = new StateGraph(State)
    .addNode("remember", async ({ text }, { store: memory, configurable: { user } }) => {
      const known = await memory.search(["memories", user]);
      await memory.put(["memories", user], text, { text });
      return { known: sorted(known) };
    })
    .addEdge(START, "remember")
    .compile({ store });
  const configurable = { user: "ada" };
  for (const text of ["one", "two", "three"]) note(text, await graph.invoke({ text }, { configurable }));
  note("other", await graph.invoke({ text: "four" }, { configurable: { user: "bob" } }));
});

test("errors are LangGraph's", async () => {
  await assert.rejects(new ThreadmemStore(newPool()).put(["a.b"], "k", {}), InvalidNamespaceError);
});
