// Values come back exactly: those of channels, of writes, of metadata, and names and ids.

import assert from "node:assert/strict";
import { test } from "node:test";
import { deserialize, serialize } from "node:v8";
import { AIMessage, HumanMessage, RemoveMessage, ToolMessage } from "@langchain/core/messages";
import { Annotation, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { DeltaSnapshot, emptyCheckpoint, JsonPlusSerializer, MemorySaver } from "@langchain/langgraph-checkpoint";
import { Foreign, ThreadmemSaver } from "threadmem-langgraph";
import { ai, all, at, newPool, newSaver, same, step } from "./support.js";

const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);

const strings = {
  empty: "",
  nul: "\0",
  "nul inside": "a\0b\0",
  "high surrogate": "cut \ud83d",
  "low surrogate": "\ude00 cut",
  "surrogates the wrong way round": "\ude00\ud83d",
  emoji: "\u{1f600}\u{1f469}\u200d\u{1f680}",
  substitute: "\u001a",
  "like an escape": "\u001a0000 \u001ad83d \u001a001a",
  "like JSON's escapes": "\\u0000 \\\\u0000 \\ud83d \\",
  control: Array.from({ length: 32 }, (_, i) => String.fromCharCode(i)).join(""),
  "not a character": "\uffff\ufffe\ufdd0\u{10ffff}",
  quotes: "\"'`\\/\b\f\n\r\t",
  "line separators": "\u2028\u2029\u0085\ufeff",
  "like an opaque value": "threadmem:json:e30=",
  "like an opaque value, almost": "threadmem:",
  long: "long é ".repeat(5_000),
};

const values = {
  ...strings,
  null: null,
  true: true,
  false: false,
  undefined: undefined,
  zero: 0,
  fraction: 0.1 + 0.2,
  "largest integers": [2 ** 53, 2 ** 53 - 1, -(2 ** 53), 1e21, 123456789012345680000],
  "extreme numbers": [Number.MAX_VALUE, Number.MIN_VALUE, -Number.MIN_VALUE, 1e-7, 1.7976931348623157e308],
  "numbers JSON does not have": [NaN, Infinity, -Infinity, -0],
  "empty array": [],
  "empty object": {},
  nested: [[[[]]], [{}], { a: { b: { c: [null] } } }],
  "undefined inside": { a: undefined, b: [undefined, 1] },
  "odd keys": { "": 1, "\0": 2, "\ud83d": 3, "\u001a": 4, "\u001a0000": 5, "~1/a": 6, lc: 7, "threadmem:": 8, 1: 9 },
  map: new Map([
    ["a\0", 1],
    [{ b: 2 }, new Map([["\ud83d", "\ude00"]])],
  ]),
  set: new Set([1, "1", "\0", new Set()]),
  date: new Date(0),
  regexp: /a\0[b]+\u001a/gi,
  error: new RangeError("out of \0 range"),
  "bytes inside": { list: [bytes, { more: bytes.subarray(3, 5) }] },
  "big array": Array.from({ length: 5_000 }, (_, i) => i),
  "array of objects": Array.from({ length: 300 }, (_, i) => ({ i, text: `item ${i}` })),
  deep: JSON.parse("[".repeat(100) + "]".repeat(100)),
  "like a constructor": { lc: 2, type: "constructor", id: ["Nothing"], args: [] },
  message: new HumanMessage({
    id: "h",
    content: "nul \0, half \ud83d, escape \u001a0000",
    additional_kwargs: { "\0": "\0" },
  }),
  removal: new RemoveMessage({ id: "h" }),
  "delta snapshot": new DeltaSnapshot([new AIMessage("a"), "\0"]),
};

/** What LangGraph's own serializer changes, and we do not. */
const exact = {
  "numbers JSON does not have": values["numbers JSON does not have"],
  "big integers": [2n ** 53n, -(2n ** 64n), 10n ** 40n],
  "like an envelope": { __threadmem__: "bytes", value: "AAAA", deeper: [{ __threadmem__: { lc: 1 } }] },
  "like a message": { lc: 1, type: "constructor", id: ["langchain_core", "messages", "HumanMessage"], kwargs: {} },
  "like a record that throws": { lc: 1, type: "constructor", id: ["os", "system"], kwargs: {} },
  "like an escape of LangChain's": { __lc_escaped__: { lc: 1 } },
  "values in a message": new ToolMessage({ content: "x", tool_call_id: "c", artifact: { bytes, set: new Set([1]) } }),
  "application's objects in a message": new ToolMessage({
    id: "t",
    content: "x",
    tool_call_id: "c",
    artifact: { lc: 1, __threadmem__: "x", deeper: [{ __lc_escaped__: { lc: 2 } }] },
  }),
};

/** Puts one value in all places and returns what comes back. */
async function roundTrip(saver, value, thread) {
  const checkpoint = { ...emptyCheckpoint(), channel_values: { c: value }, channel_versions: { c: 1 } };
  const config = await saver.put(at(thread), checkpoint, { source: "loop", step: 0, parents: {}, value }, { c: 1 });
  await saver.putWrites(
    config,
    [
      ["c", value],
      ["__interrupt__", [{ value }]],
    ],
    "task",
  );
  const tuple = await saver.getTuple(at(thread));
  const [listed] = await all(saver.list(at(thread)));
  assert.deepEqual(listed, tuple);
  return { channel: tuple.checkpoint.channel_values, writes: tuple.pendingWrites, metadata: tuple.metadata };
}

test("values", async () => {
  const saver = newSaver();
  const memory = new MemorySaver();
  for (const [name, value] of Object.entries({ ...values, ...exact })) {
    const back = await roundTrip(saver, value, name);
    if (name in exact)
      assert.deepEqual([back.channel.c, back.metadata.value, back.writes[1][2]], [value, value, value]);
    else assert.deepEqual(back, await roundTrip(memory, value, name), name);
    if (typeof value === "string") assert.equal(back.channel.c, value);
  }
  for (const value of [bytes, new Uint8Array()]) {
    const back = await roundTrip(saver, value, "bytes"); // MemorySaver cannot read them in writes
    assert.deepEqual(back, {
      channel: { c: value },
      writes: [
        ["task", "__interrupt__", [{ value }]],
        ["task", "c", value],
      ],
      metadata: { source: "loop", step: 0, parents: {}, value },
    });
  }
});

/** Without the numbers that MemorySaver changes. */
function comparable({ checkpoint }) {
  const isChanged = (value) =>
    Array.isArray(value) && value.length === 4 && (Number.isNaN(value[0]) || value[0] === null);
  const values = Object.entries(checkpoint.channel_values).filter(([, value]) => !isChanged(value));
  return { ...checkpoint, channel_values: Object.fromEntries(values) };
}

test("values all at once, changed and put again", async () => {
  const saver = newSaver();
  const memory = new MemorySaver();
  const entries = Object.entries(values);
  let config = at("all");
  for (let round = 0; round < 3; round++) {
    const shifted = entries.map(([name], i) => [name, entries[(i + round * round) % entries.length][1]]);
    const versions = Object.fromEntries(entries.map(([name]) => [name, round + 1]));
    const checkpoint = {
      ...emptyCheckpoint(),
      id: `c${round}`,
      channel_values: Object.fromEntries(shifted),
      channel_versions: versions,
    };
    await memory.put(config, checkpoint, { source: "loop", step: round, parents: {} }, versions);
    config = await saver.put(config, checkpoint, { source: "loop", step: round, parents: {} }, versions);
  }
  for (const id of ["c0", "c1", "c2"])
    assert.deepEqual(...(await Promise.all([saver, memory].map((it) => it.getTuple(at("all", id)).then(comparable)))));
});

test("names of channels", async () => {
  const saver = newSaver();
  const names = Object.values(strings).filter((name) => name.length < 1000);
  names.push("a/b~c", "values", "messages", "__start__", "branch:to:x", "x".repeat(1000));
  const object = (value) => Object.fromEntries(names.map((name) => [name, value(name)]));
  const versions = object(() => 1);
  const checkpoint = {
    ...emptyCheckpoint(),
    channel_values: object((name) => name),
    channel_versions: versions,
    versions_seen: { "\0": versions },
  };
  const root = await saver.put(at("names"), checkpoint, { source: "input", step: -1, parents: {} }, versions);
  await saver.putWrites(
    root,
    names.map((name) => [name, name]),
    "task",
  );
  const next = { ...checkpoint, id: `${checkpoint.id}+`, channel_values: {}, channel_versions: object(() => 2) };
  const tip = await saver.put(
    root,
    next,
    { source: "loop", step: 0, parents: {} },
    object(() => 2),
  );
  const tuple = await saver.getTuple(root);
  assert.deepEqual(tuple.checkpoint, checkpoint);
  assert.deepEqual(
    tuple.pendingWrites,
    names.map((name) => ["task", name, name]),
  );
  const history = await saver.getDeltaChannelHistory({ config: tip, channels: names });
  assert.deepEqual(
    history,
    object((name) => ({ writes: [["task", name, name]], seed: name })),
  );
});

test("ids", async () => {
  const saver = newSaver();
  const ids = ["1", "thread-1", "with space", "ünïcödé \u{1f600}", "'\"\\;--", "${x}", "x".repeat(255)];
  for (const id of ids) {
    const config = await saver.put(
      at(id, undefined, id),
      { ...emptyCheckpoint(), id },
      { source: "input", step: -1, parents: {} },
      {},
    );
    assert.deepEqual(config, at(id, id, id));
    await saver.putWrites(config, [["c", id]], id, id);
    assert.deepEqual((await saver.getTuple(at(id, undefined, id))).config, config);
    assert.deepEqual((await saver.getTuple(config)).pendingWrites, [[id, "c", id]]);
  }
  assert.equal((await all(saver.list({}))).length, ids.length);
  for (const id of ids) await saver.deleteThread(id);
  assert.equal((await all(saver.list({}))).length, 0);
});

test("ids that the database cannot hold are refused, not changed", async () => {
  const saver = newSaver();
  for (const id of ["a\0", "half \ud83d", "\ude00", "\u001a", "x".repeat(256)])
    await assert.rejects(saver.put(at(id), emptyCheckpoint(), { source: "input", step: -1, parents: {} }, {}), {
      code: "22023",
    });
  assert.equal((await all(saver.list({}))).length, 0);
});

same("odd text in a graph's messages and state", async (saver, look) => {
  const State = Annotation.Root({ ...MessagesAnnotation.spec, odd: Annotation(), tags: Annotation() });
  const graph = new StateGraph(State)
    .addNode("model", ({ messages }) => ({
      messages: [ai(`a${messages.length}`, `${messages.at(-1).text}\0\ud83d`)],
      odd: new Map([["\0", new Set([bytes])]]),
      tags: null,
    }))
    .addEdge(START, "model")
    .compile({ checkpointer: saver });
  const texts = Object.values(strings).filter((text) => text.length < 1000);
  await graph.invoke({ messages: texts.map((text) => new HumanMessage(text)), tags: new Set(texts) }, at("odd"));
  await step(graph, saver, look, "odd", { messages: texts.map((text) => ai(undefined, text)), odd: { bytes } });
});

test("what JSON cannot hold is refused and nothing is stored", async () => {
  const saver = newSaver();
  const loop = { inside: [] };
  loop.inside.push(loop);
  for (const value of [loop, () => 1, Symbol("x")]) {
    const checkpoint = { ...emptyCheckpoint(), channel_values: { big: value }, channel_versions: { big: 1 } };
    await assert.rejects(saver.put(at("refused"), checkpoint, { source: "input", step: -1, parents: {} }, { big: 1 }), {
      name: "TypeError",
      message: /^big has a value that cannot be stored: (an object that holds itself|a function|a symbol)$/,
    });
    await assert.rejects(saver.putWrites(at("refused", "c"), [["big", value]], "task"), TypeError);
  }
  assert.equal(await saver.getTuple(at("refused")), undefined);
});

test("messages lie in the database as plain JSON", async () => {
  const pool = newPool();
  const saver = new ThreadmemSaver(pool, { serde: new JsonPlusSerializer() });
  const graph = new StateGraph(MessagesAnnotation)
    .addNode("model", () => ({ messages: [ai("a1", "An \u{1f603} answer")] }))
    .addEdge(START, "model")
    .compile({ checkpointer: saver });
  await graph.invoke({ messages: [new HumanMessage({ id: "h1", content: "A question\0" })] }, at("plain"));
  const { rows } = await pool.query("SELECT message_id, role, body FROM threadmem.message_list('plain')");
  assert.deepEqual(
    rows.map(({ message_id, role, body }) => [
      message_id,
      role,
      body.lc,
      body.type,
      body.id.at(-1),
      body.kwargs.content,
    ]),
    [
      ["h1", "user", 1, "constructor", "HumanMessage", "A question\u001a0000"],
      ["a1", "assistant", 1, "constructor", "AIMessage", "An \u{1f603} answer"],
    ],
  );
});

test("a serializer of the application's own", async () => {
  const serde = {
    dumpsTyped: async (value) => ["v8", serialize(value)],
    loadsTyped: async (type, data) => (assert.equal(type, "v8"), deserialize(data)),
  };
  const saver = newSaver({ serde });
  const circle = { big: 1n, date: new Date(0), bytes };
  circle.self = circle;
  // Metadata is JSON whatever the serializer, so that it can be searched.
  await assert.rejects(roundTrip(saver, circle, "v8"), {
    message: /^the checkpoint has a value that cannot be stored/,
  });
  const graph = new StateGraph(Annotation.Root({ value: Annotation() }))
    .addNode("a", ({ value }) => ({ value: { ...value, more: -0 } }))
    .addEdge(START, "a")
    .compile({ checkpointer: saver });
  await graph.invoke({ value: circle }, at("own"));
  const { value } = (await graph.getState(at("own"))).values;
  assert.deepEqual(value, { ...circle, more: -0 });
});

test("what Python wrote is read, and written back as it was", async () => {
  const pool = newPool();
  const saver = new ThreadmemSaver(pool);
  const record = (kind, value, more = {}) => ({ __threadmem__: kind, value, ...more });
  const place = record("dataclass", { name: "Lyon", tags: record("tuple", ["a"]) }, { class: ["app", "Place"] });
  const message = {
    lc: 1,
    type: "constructor",
    id: ["langchain_core", "messages", "HumanMessage"],
    kwargs: {
      id: "m",
      content: "x",
      signature: "me",
      additional_kwargs: { at: record("datetime", "2026-10-25T02:30:00", { zone: "Europe/Paris", fold: 1 }) },
      response_metadata: {},
    },
  };
  const values = {
    tuple: record("tuple", [1, record("tuple", [])]),
    place: [place, record("pydantic", { lc: 1 }, { class: ["app", "Trip"], unset: ["lc"] })],
    foreign: [
      record("uuid", "00000000-0000-0000-0000-000000000001"),
      record("pairs", [[record("int", "1"), { lc: 1 }]]),
    ],
    unknown: [
      record("tomorrow's", 1),
      { __threadmem__: 5 },
      record("bytes", 5),
      { lc: 1, type: "secret", id: ["KEY"] },
    ],
    messages: [message, { __threadmem__: "message", class: ["app", "Signed"], ...message }],
    numbers: [record("int", "18446744073709551616"), record("float", "nan"), record("float", "-0.0")],
    rest: [record("bytes", "AP8="), record("dict", { lc: 1, __threadmem__: "x" }), record("set", [1, "a"])],
    text: record("text", "threadmem:json:"),
  };
  const versions = Object.fromEntries(Object.keys(values).map((name) => [name, 1]));
  const stored = { ...emptyCheckpoint(), id: "c", channel_values: values, channel_versions: versions };
  await pool.query("SELECT FROM threadmem.checkpoint_put('python', $1)", [JSON.stringify(stored)]);
  const { checkpoint, metadata } = await saver.getTuple(at("python"));
  const read = checkpoint.channel_values;
  assert.deepEqual(read.tuple, [1, []]);
  assert.deepEqual(read.place, [{ name: "Lyon", tags: ["a"] }, { lc: 1 }]);
  assert.ok(read.foreign.every((it) => it instanceof Foreign) && read.unknown.every((it) => it instanceof Foreign));
  assert.equal(read.foreign[0].kind, "uuid");
  assert.ok(read.messages.every((it) => it instanceof HumanMessage && it.additional_kwargs.at instanceof Foreign));
  assert.deepEqual(read.numbers, [2n ** 64n, NaN, -0]);
  assert.deepEqual(read.rest, [Uint8Array.of(0, 255), { lc: 1, __threadmem__: "x" }, new Set([1, "a"])]);
  assert.equal(read.text, "threadmem:json:");
  await saver.put(at("javascript"), checkpoint, metadata, versions);
  const { rows } = await pool.query(
    `SELECT thread_id, checkpoint -> 'channel_values' AS "values" FROM threadmem.checkpoint_list() ORDER BY thread_id DESC`,
  );
  assert.deepEqual(rows[1].values, rows[0].values);
  assert.deepEqual(rows[0].values.messages[1], values.messages[1]);
});

test("versions go on in the form that the thread has", () => {
  const saver = newSaver();
  assert.equal(saver.getNextVersion(undefined), 1);
  assert.equal(saver.getNextVersion(7), 8);
  assert.equal(saver.getNextVersion(`${"9".padStart(32, "0")}.0.4`), `${"10".padStart(32, "0")}.0.4`);
});
