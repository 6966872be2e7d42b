// The rules of a checkpointer, one by one, without a graph.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BaseCheckpointSaver, emptyCheckpoint, MemorySaver, uuid6 } from "@langchain/langgraph-checkpoint";
import { ThreadmemSaver } from "threadmem-langgraph";
import { all, at, newPool, newSaver } from "./support.js";

const metadata = { source: "loop", step: 0, parents: {} };

/** Puts a checkpoint on its parent; versions are all new unless told otherwise. */
function put(saver, parent, id, channel_values = {}, channel_versions = {}, newVersions = channel_versions, more = {}) {
  const checkpoint = {
    ...emptyCheckpoint(),
    ts: "2026-01-01T00:00:00.000Z",
    id,
    channel_values,
    channel_versions,
    ...more.checkpoint,
  };
  return saver.put(parent, checkpoint, { ...metadata, ...more.metadata }, newVersions);
}

const valuesOf = async (saver, config) => (await saver.getTuple(config))?.checkpoint.channel_values;
const ids = async (listed) => (await all(listed)).map(({ config }) => config.configurable.checkpoint_id);

test("put returns the config of the checkpoint; getTuple returns all that was put", async () => {
  const saver = newSaver();
  const checkpoint = {
    ...emptyCheckpoint(),
    channel_values: { a: 1, b: ["x"] },
    channel_versions: { a: 1, b: "2.5", c: 0.5 },
    versions_seen: { __input__: {}, node: { a: 1, b: "2.5" } },
    updated_channels: ["a"],
  };
  const meta = { source: "input", step: -1, parents: { "": "p" }, run_id: "r", user: { name: "Ada", tags: [1, null] } };
  const config = await saver.put(
    { configurable: { thread_id: "t", other: 1 } },
    checkpoint,
    meta,
    checkpoint.channel_versions,
  );
  assert.deepEqual(config, at("t", checkpoint.id, ""));
  for (const asked of [
    config,
    at("t"),
    at("t", undefined, ""),
    { configurable: { thread_id: "t", thread_ts: checkpoint.id } },
  ])
    assert.deepEqual(await saver.getTuple(asked), { config, checkpoint, metadata: meta, pendingWrites: [] });
  assert.deepEqual(await saver.get(config), checkpoint);
});

test("put and putWrites say which id is missing", async () => {
  const saver = newSaver();
  const memory = new MemorySaver();
  const complaint = (promise) =>
    promise.then(
      () => assert.fail("accepted"),
      (error) => error.message,
    );
  for (const config of [{}, { configurable: {} }, { configurable: { checkpoint_ns: "" } }]) {
    assert.equal(await complaint(put(saver, config, "c")), await complaint(put(memory, config, "c")));
    assert.equal(
      await complaint(saver.putWrites(config, [["a", 1]], "t")),
      await complaint(memory.putWrites(config, [["a", 1]], "t")),
    );
  }
  const noCheckpoint = at("t", undefined, "");
  const expected = await complaint(memory.putWrites(noCheckpoint, [["a", 1]], "t"));
  assert.equal(await complaint(saver.putWrites(noCheckpoint, [["a", 1]], "t")), expected);
});

test("getTuple of what is not there", async () => {
  const saver = newSaver();
  assert.equal(await saver.getTuple(at("t")), undefined);
  await put(saver, at("t"), "c1");
  assert.equal(await saver.getTuple(at("t", "c2")), undefined);
  assert.equal(await saver.getTuple(at("t", "c1", "other")), undefined);
  assert.equal(await saver.getTuple(at("u", "c1")), undefined);
  assert.equal(await saver.getTuple({}), undefined);
  assert.equal(await saver.getTuple({ configurable: { checkpoint_id: "c1" } }), undefined);
});

test("values come from new versions only, the others by their version", async () => {
  const saver = newSaver();
  const c1 = await put(saver, at("t"), "c1", { a: "old", b: "b1", c: "c1" }, { a: 1, b: 1, c: 1 });
  const c2 = await put(saver, c1, "c2", { a: "not sent", b: "b2", c: "not sent" }, { a: 1, b: 2, c: 1 }, { b: 2 });
  assert.deepEqual(await valuesOf(saver, c2), { a: "old", b: "b2", c: "c1" });
  const c3 = await put(saver, c2, "c3", { c: "not sent" }, { a: 2, b: 2, c: 1 }, { a: 2 });
  assert.deepEqual(
    await valuesOf(saver, c3),
    { b: "b2", c: "c1" },
    "a new version without a value hides the older value",
  );
  const c4 = await put(saver, c3, "c4", {}, { a: 2, b: 1 }, {});
  assert.deepEqual(
    await valuesOf(saver, c4),
    { b: "b1" },
    "a version that the parent does not have; a channel without version",
  );
  assert.deepEqual(await valuesOf(saver, c1), { a: "old", b: "b1", c: "c1" });
});

test("a version that two branches gave to different values", async () => {
  const saver = newSaver();
  const root = await put(saver, at("t"), "c1", { a: "root" }, { a: 1 });
  const left = await put(saver, root, "c2", { a: "left" }, { a: 2 });
  const right = await put(saver, root, "c3", { a: "right" }, { a: 2 });
  const onLeft = await put(saver, left, "c4", { a: "left", b: 1 }, { a: 2, b: 1 }, { b: 1 });
  const onRight = await put(saver, right, "c5", { a: "right", b: 2 }, { a: 2, b: 1 }, { b: 1 });
  assert.deepEqual(await valuesOf(saver, onLeft), { a: "left", b: 1 });
  assert.deepEqual(await valuesOf(saver, onRight), { a: "right", b: 2 });
  for (const [id, branch, a] of [
    ["c6", left, "left"],
    ["c7", right, "right"],
  ]) {
    const copy = await put(saver, root, id, await valuesOf(saver, branch), { a: 2 }, {});
    assert.deepEqual(await valuesOf(saver, copy), { a });
  }
});

test("versions that are strings or fractions", async () => {
  const saver = newSaver();
  const versions = { a: "00000000000000000000000000000001.0000000000000000-random", b: 1.5 };
  const c1 = await put(saver, at("t"), "c1", { a: 1, b: 2 }, versions);
  const c2 = await put(saver, c1, "c2", {}, versions, {});
  assert.deepEqual(await valuesOf(saver, c2), { a: 1, b: 2 });
  assert.deepEqual((await saver.getTuple(c2)).checkpoint.channel_versions, versions);
});

test("an id put again: new checkpoint and metadata, the same parent", async () => {
  const saver = newSaver();
  const c1 = await put(saver, at("t"), "c1", { a: 1 }, { a: 1 });
  const c2 = await put(saver, c1, "c2", { a: 2 }, { a: 2 });
  const c3 = await put(saver, c2, "c3", { b: 1 }, { a: 2, b: 1 }, { b: 1 });
  await saver.putWrites(c2, [["a", 3]], "task");
  await put(saver, at("t"), "c2", { a: "again" }, { a: 3 }, { a: 3 }, { metadata: { step: 7 } });
  const tuple = await saver.getTuple(c2);
  assert.deepEqual(tuple.checkpoint.channel_values, { a: "again" });
  assert.deepEqual(tuple.metadata, { ...metadata, step: 7 });
  assert.deepEqual(tuple.parentConfig, c1);
  assert.deepEqual(tuple.pendingWrites, [["task", "a", 3]]);
  assert.deepEqual(await valuesOf(saver, c3), { a: 2, b: 1 }, "a child keeps its state");
  assert.deepEqual(await ids(saver.list(at("t"))), ["c3", "c2", "c1"]);
  assert.equal((await saver.getTuple(c1)).parentConfig, undefined);
});

test("a parent that is not stored stays the parent", async () => {
  const saver = newSaver();
  const config = await put(saver, at("t", "nowhere"), "c1", { a: 1 }, { a: 1 });
  const tuple = await saver.getTuple(config);
  assert.deepEqual(tuple.parentConfig, at("t", "nowhere", ""));
  assert.deepEqual(tuple.checkpoint.channel_values, { a: 1 });
});

test("the latest is the greatest id by bytes, in each namespace", async () => {
  const saver = newSaver();
  for (const id of ["b", "c", "a", "B", "\u{10000}", "\uffff"]) await put(saver, at("t"), id, { id }, { id: 1 });
  await put(saver, at("t", undefined, "sub:1"), "z");
  assert.equal((await saver.getTuple(at("t"))).checkpoint.id, "\u{10000}");
  assert.equal((await saver.getTuple(at("t", undefined, "sub:1"))).checkpoint.id, "z");
  assert.deepEqual(await ids(saver.list(at("t", undefined, ""))), ["\u{10000}", "\uffff", "c", "b", "a", "B"]);
});

test("writes: first ones stay, special ones are replaced", async () => {
  const pool = newPool();
  const saver = new ThreadmemSaver(pool);
  const config = await put(saver, at("t"), "c1");
  await saver.putWrites(
    config,
    [
      ["a", 1],
      ["b", 2],
    ],
    "task",
  );
  await saver.putWrites(
    config,
    [
      ["a", "late"],
      ["x", "late"],
      ["c", 3],
    ],
    "task",
  );
  await saver.putWrites(
    config,
    [
      ["__interrupt__", "first"],
      ["__resume__", "first"],
    ],
    "task",
  );
  await saver.putWrites(config, [["__interrupt__", "second"]], "task");
  await saver.putWrites(config, [["__error__", "first"]], "other");
  await saver.putWrites(
    config,
    [
      ["__error__", "second"],
      ["__scheduled__", "s"],
    ],
    "other",
  );
  await saver.putWrites(
    config,
    [
      ["__error__", "third"],
      ["a", "with it"],
    ],
    "other",
  );
  await saver.putWrites(config, [], "nothing");
  const { rows } = await pool.query(`SELECT task_id, idx, channel, value FROM threadmem_data.checkpoint_writes
     WHERE tenant_id = threadmem.current_tenant() ORDER BY task_id DESC, idx`);
  assert.deepEqual(
    rows.map((row) => Object.values(row)),
    [
      ["task", -4, "__resume__", "first"],
      ["task", -3, "__interrupt__", "second"],
      ["task", 0, "a", 1],
      ["task", 1, "b", 2],
      ["task", 2, "c", 3],
      ["other", -2, "__scheduled__", "s"],
      ["other", -1, "__error__", "second"],
      ["other", 1, "a", "with it"],
    ],
  );
});

test("writes come in the order of path, task and place", async () => {
  const saver = newSaver();
  const config = await put(saver, at("t"), "c1");
  const order = [
    ["", "z"],
    ["~__pregel_pull, a", "y"],
    ["~__pregel_pull, b", "x"],
    ["~__pregel_push, 0000000002", "w"],
    ["~__pregel_push, 0000000010", "v"],
    ["~\uffff", "u"],
    ["~\u{10000}", "1"],
    ["~\u{10000}", "2"],
  ];
  for (const [path, task] of [...order].reverse())
    await saver.putWrites(
      config,
      [
        ["c", `${path} 0`],
        ["d", `${path} 1`],
      ],
      task,
      path || undefined,
    );
  const expected = order.flatMap(([path, task]) => [
    [task, "c", `${path} 0`],
    [task, "d", `${path} 1`],
  ]);
  assert.deepEqual((await saver.getTuple(config)).pendingWrites, expected);
  assert.deepEqual((await all(saver.list(at("t"))))[0].pendingWrites, expected);
});

test("writes may come before their checkpoint, and belong to one namespace", async () => {
  const saver = newSaver();
  await saver.putWrites(at("t", "c1"), [["a", 1]], "task");
  await saver.putWrites(at("t", "c1", "sub"), [["a", 2]], "task");
  assert.equal(await saver.getTuple(at("t", "c1")), undefined);
  assert.deepEqual((await saver.getTuple(await put(saver, at("t"), "c1"))).pendingWrites, [["task", "a", 1]]);
  assert.deepEqual((await saver.getTuple(await put(saver, at("t", undefined, "sub"), "c1"))).pendingWrites, [
    ["task", "a", 2],
  ]);
});

/** Two threads, two namespaces, ids that repeat. */
async function library(saver) {
  for (const thread of ["t", "u"])
    for (const namespace of ["", "sub:1"])
      for (const [i, id] of ["c1", "c2", "c3", "c4"].entries()) {
        const meta = { source: i ? "loop" : "input", step: i - 1, user: { name: thread, tags: ["x", i] } };
        await put(saver, at(thread, undefined, namespace), id, { id: thread + namespace + id }, { id: 1 }, undefined, {
          metadata: meta,
        });
      }
}

const names = async (listed) =>
  (await all(listed)).map(({ config: { configurable: c } }) =>
    `${c.checkpoint_id} ${c.thread_id} ${c.checkpoint_ns}`.trim(),
  );

test("list: thread, namespace and id are each optional; newest first", async () => {
  const saver = newSaver();
  await library(saver);
  assert.deepEqual(await names(saver.list(at("t", undefined, ""))), ["c4 t", "c3 t", "c2 t", "c1 t"]);
  assert.deepEqual(await names(saver.list(at("u", undefined, "sub:1"))), [
    "c4 u sub:1",
    "c3 u sub:1",
    "c2 u sub:1",
    "c1 u sub:1",
  ]);
  assert.deepEqual(await names(saver.list(at("t"), { limit: 3 })), ["c4 t", "c4 t sub:1", "c3 t"]);
  assert.equal((await all(saver.list({}))).length, 16);
  assert.equal((await all(saver.list({ configurable: {} }))).length, 16);
  assert.deepEqual(await names(saver.list({ configurable: { checkpoint_id: "c2" } })), [
    "c2 t",
    "c2 t sub:1",
    "c2 u",
    "c2 u sub:1",
  ]);
  assert.deepEqual(await names(saver.list({ configurable: { checkpoint_ns: "" } }, { limit: 2 })), ["c4 t", "c4 u"]);
  assert.deepEqual(await names(saver.list(at("t", "c3", ""))), ["c3 t"]);
  assert.deepEqual(await names(saver.list(at("nobody"))), []);
  assert.deepEqual(await names(saver.list(at("t", "c9"))), []);
});

test("list: limit, before, filter", async () => {
  const saver = newSaver();
  await library(saver);
  const list = (options) => ids(saver.list(at("t", undefined, ""), options));
  assert.deepEqual(await list({ limit: 0 }), []);
  assert.deepEqual(await list({ limit: 1 }), ["c4"]);
  assert.deepEqual(await list({ limit: 4 }), ["c4", "c3", "c2", "c1"]);
  assert.deepEqual(await list({ limit: 9 }), ["c4", "c3", "c2", "c1"]);
  assert.deepEqual(await list({ before: at("t", "c3") }), ["c2", "c1"]);
  assert.deepEqual(await list({ before: at("t", "c3+") }), ["c3", "c2", "c1"], "before need not exist");
  assert.deepEqual(await list({ before: at("t", "c1") }), []);
  assert.deepEqual(await list({ before: {} }), ["c4", "c3", "c2", "c1"]);
  assert.deepEqual(await list({ before: at("t", "c4"), limit: 1 }), ["c3"]);
  assert.deepEqual(await list({ filter: {} }), ["c4", "c3", "c2", "c1"]);
  assert.deepEqual(await list({ filter: { source: "loop" }, limit: 2 }), ["c4", "c3"]);
  assert.deepEqual(await list({ filter: { source: "loop", step: 1 } }), ["c3"]);
  assert.deepEqual(await list({ filter: { step: "1" } }), []);
  assert.deepEqual(await list({ filter: { step: null } }), []);
  assert.deepEqual(await list({ filter: { user: { tags: [2] } } }), ["c3"]);
  assert.deepEqual(await list({ filter: { user: { name: "u" } } }), []);
  assert.deepEqual(await names(saver.list({}, { filter: { user: { name: "u" }, step: 0 } })), ["c2 u", "c2 u sub:1"]);
  assert.deepEqual(await list({ filter: { source: "loop" }, before: at("t", "c4") }), ["c3", "c2"]);
});

test("list: pages fit together", async () => {
  const saver = newSaver();
  const expected = [];
  for (let i = 0; i < 40; i++)
    for (const thread of ["t", "u"])
      for (const namespace of ["", "sub:1"]) {
        const id = `c${String(i).padStart(2, "0")}`;
        await put(
          saver,
          at(thread, undefined, namespace),
          id,
          { text: "x".repeat(i === 39 ? 500_000 : 10) },
          { text: 1 },
        );
        expected.push(`${id} ${thread} ${namespace}`.trim());
      }
  expected.sort((a, b) => (a.slice(0, 3) === b.slice(0, 3) ? (a < b ? -1 : 1) : a < b ? 1 : -1));
  assert.deepEqual(await names(saver.list({})), expected);
  assert.deepEqual(await names(saver.list({}, { limit: 50 })), expected.slice(0, 50));
  const onlyT = expected.filter((name) => name.includes(" t"));
  assert.deepEqual(await names(saver.list(at("t"))), onlyT);
  assert.deepEqual(
    await names(saver.list(at("t"), { before: at("t", "c20"), limit: 33 })),
    onlyT.filter((name) => name < "c20").slice(0, 33),
  );
});

test("list: a reader may leave, and connections are not held", async () => {
  const saver = newSaver();
  await library(saver);
  for (let i = 0; i < 20; i++)
    for await (const tuple of saver.list({})) {
      await saver.getTuple(tuple.config);
      break;
    }
});

test("getDeltaChannelHistory", async () => {
  const saver = newSaver();
  const c1 = await put(saver, at("t"), "c1", { a: ["seed"], b: null }, { a: 1, b: 1 });
  await saver.putWrites(
    c1,
    [
      ["a", "1 of late"],
      ["b", 1],
      ["a", "2 of late"],
    ],
    "late",
    "~b",
  );
  await saver.putWrites(c1, [["a", "1 of early"]], "early", "~a");
  const c2 = await put(saver, c1, "c2", {}, { a: 2, b: 1, c: 1 }, { a: 2, c: 1 });
  await saver.putWrites(
    c2,
    [
      ["a", "of c2"],
      ["c", "of c2"],
    ],
    "x",
  );
  const other = await put(saver, c2, "c3", { a: ["other"] }, { a: 3 });
  await saver.putWrites(other, [["a", "elsewhere"]], "x");
  const c4 = await put(saver, c2, "c4", {}, { a: 3, b: 1, c: 2 }, { a: 3, c: 2 });
  await saver.putWrites(c4, [["a", "its own"]], "x");
  const channels = ["a", "b", "c", "none"];
  const history = await saver.getDeltaChannelHistory({ config: c4, channels });
  assert.deepEqual(history, {
    a: {
      writes: [
        ["early", "a", "1 of early"],
        ["late", "a", "1 of late"],
        ["late", "a", "2 of late"],
        ["x", "a", "of c2"],
      ],
      seed: ["seed"],
    },
    b: { writes: [], seed: null },
    c: { writes: [["x", "c", "of c2"]] },
    none: { writes: [] },
  });
  assert.deepEqual(await saver.getDeltaChannelHistory({ config: at("t"), channels }), history, "the latest");
  assert.deepEqual(await saver.getDeltaChannelHistory({ config: c4, channels: [] }), {});
  for (const config of [c1, c2, other, c4, at("t", "unknown"), at("unknown"), {}])
    assert.deepEqual(
      await saver.getDeltaChannelHistory({ config, channels }),
      await BaseCheckpointSaver.prototype.getDeltaChannelHistory.call(saver, { config, channels }),
    );
});

test("checkpoints of versions before 4: what the parent's tasks sent is a channel", async () => {
  const [expected, actual] = await Promise.all(
    [new MemorySaver(), newSaver()].map(async (saver) => {
      const c1 = await put(saver, at("t"), "c1", { a: 1 }, { a: 3 }, undefined, { checkpoint: { v: 3 } });
      await saver.putWrites(
        { configurable: { checkpoint_ns: "", ...c1.configurable } },
        [["__pregel_tasks", { node: "n", args: 1 }]],
        "x",
      );
      await saver.putWrites(
        { configurable: { checkpoint_ns: "", ...c1.configurable } },
        [["__pregel_tasks", { node: "n", args: 2 }]],
        "y",
      );
      const c2 = await put(saver, c1, "c2", { a: 1 }, { a: 3 }, {}, { checkpoint: { v: 3 } });
      const c3 = await put(saver, c2, "c3", { a: 1 }, { a: 3 }, {});
      return [
        await saver.get(c1),
        await saver.get(c2),
        await saver.get(c3),
        (await all(saver.list(at("t")))).map((tuple) => tuple.checkpoint),
      ];
    }),
  );
  assert.deepEqual(actual, expected);
});

test("two threads with the same ids do not meet, nor do tenants", async () => {
  const savers = [newSaver(), newSaver()];
  const id = uuid6(0);
  for (const [i, saver] of savers.entries())
    for (const thread of ["t", "u"]) {
      const config = await put(saver, at(thread), id, { a: `${i} ${thread}` }, { a: 1 });
      await saver.putWrites(config, [["a", `${i} ${thread}`]], "task");
    }
  for (const [i, saver] of savers.entries())
    for (const thread of ["t", "u"]) {
      const tuple = await saver.getTuple(at(thread, id));
      assert.equal(tuple.checkpoint.channel_values.a, `${i} ${thread}`);
      assert.deepEqual(tuple.pendingWrites, [["task", "a", `${i} ${thread}`]]);
    }
});

test("a saver from a connection string closes its connections, one from a pool does not", async () => {
  const own = ThreadmemSaver.fromConnString(process.env.DATABASE_URL ?? "");
  assert.equal(await own.getTuple(at("nobody", "nothing")), undefined);
  await own.end();
  await assert.rejects(own.getTuple(at("nobody")), /pool after calling end/);
  const pool = newPool();
  const saver = new ThreadmemSaver(pool);
  await saver.end();
  assert.equal(await saver.getTuple(at("nobody")), undefined);
  assert.equal(JSON.stringify({ saver }), '{"saver":"[ThreadmemSaver]"}');
});
