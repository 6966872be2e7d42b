// A saver that holds the messages of a thread sends and asks for what changed; what is stored and read is the same.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AIMessage, HumanMessage, SystemMessage, ToolMessage } from "@langchain/core/messages";
import { uuid6 } from "@langchain/langgraph-checkpoint";
import { ThreadmemSaver } from "threadmem-langgraph";
import { all, at, newPool, query } from "./support.js";

// Inside of the package, whichever is tested.
const inside = (file) => import(new URL(file, import.meta.resolve("threadmem-langgraph")));
const { Body, Held, LIMITS } = await inside("held.js");
const { encode } = await inside("values.js");

const messagesOf = (tuple) => tuple.checkpoint.channel_values.messages;
const question = (n) => new HumanMessage({ id: `h${n}`, content: `question ${n} ${"x".repeat(200)}` });
const answer = (n) =>
  new AIMessage({
    id: `a${n}`,
    content: `answer ${n}`,
    tool_calls: [{ type: "tool_call", name: "look", args: { b: [1, true, null], aa: { deep: 1.5 } }, id: `c${n}` }],
    response_metadata: { model: "m", usage: { tokens: n } },
    additional_kwargs: { flag: true },
  });
const conversation = (count) => Array.from({ length: count }, (_, n) => (n % 2 === 0 ? question(n) : answer(n)));

/** A value as it is now, with the classes of all that is in it. */
function exactly(value) {
  if (Object.is(value, -0) || typeof value !== "object" || value === null) return `${typeof value} ${Object.is(value, -0) ? "-0" : String(value)}`;
  if (value instanceof Uint8Array) return ["bytes", ...value];
  if (Array.isArray(value)) return value.map(exactly);
  const entries = Object.entries(value).filter(([key, it]) => !key.startsWith("lc_") && it !== undefined);
  return [value.constructor?.name, Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, it]) => [key, exactly(it)]))];
}

/** Puts one checkpoint after the other, as the engine does. */
class Chat {
  version = 0;
  parent;
  streams = [];

  constructor() {
    this.pool = newPool();
    this.pool.on("connect", (client) => this.streams.push(client.connection.stream));
    this.saver = new ThreadmemSaver(this.pool);
  }

  made(messages, values = {}) {
    const version = ++this.version;
    const versions = { messages: version, ...Object.fromEntries(Object.keys(values).map((name) => [name, version])) };
    const id = uuid6(version);
    const channel_values = { messages, ...values };
    const checkpoint = { v: 4, id, ts: "2025-01-01T00:00:00Z", channel_values, channel_versions: versions, versions_seen: {} };
    return [at("t", this.parent), checkpoint, { source: "loop", step: version, parents: {} }, versions];
  }

  async put(messages, values) {
    this.parent = (await this.saver.put(...this.made(messages, values))).configurable.checkpoint_id;
    return this.parent;
  }

  get(saver = this.saver, id = undefined) {
    return saver.getTuple(at("t", id)).then(messagesOf);
  }

  fresh() {
    return new ThreadmemSaver(this.pool);
  }

  /** What went over the wire while something was done. */
  async bytes(work) {
    const sum = (name) => this.streams.reduce((total, stream) => total + stream[name], 0);
    const [sent, read] = [sum("bytesWritten"), sum("bytesRead")];
    await work();
    return { sent: sum("bytesWritten") - sent, read: sum("bytesRead") - read };
  }
}

test("what changed is what is sent, and what is read", async () => {
  const chat = new Chat();
  let messages = conversation(400);
  assert.ok((await chat.bytes(() => chat.put(messages))).sent > 80_000);
  for (let n = 400; n < 404; n++) {
    messages = [...messages, question(n)];
    assert.ok((await chat.bytes(() => chat.put(messages))).sent < 3_000);
    assert.ok((await chat.bytes(() => chat.put(messages, { other: n }))).sent < 3_000);
  }
  let found;
  assert.ok((await chat.bytes(async () => (found = await chat.get()))).read < 5_000);
  assert.deepEqual(exactly(found), exactly(messages));
  found.push(question(500));
  assert.ok((await chat.bytes(() => chat.put(found))).sent < 3_000);
  assert.deepEqual(exactly(await chat.get(chat.fresh())), exactly(found));
  assert.deepEqual(exactly(await chat.get()), exactly(found));
});

test("members that are undefined, or have names of their own", async () => {
  const chat = new Chat();
  const additional_kwargs = JSON.parse('{"__proto__": {"a": 1}, "toString": "b", "constructor": {"__proto__": null}}');
  additional_kwargs.tool_calls = undefined;
  const messages = Array.from({ length: 50 }, (_, n) => answer(n));
  for (const message of messages) message.additional_kwargs = { ...additional_kwargs, many: [undefined, {}] };
  messages.push(new HumanMessage({ id: "b", contentBlocks: [{ type: "text", text: "a block" }] }));
  const look = (found) => {
    assert.deepEqual(exactly(found), exactly(messages));
    for (const { additional_kwargs: kwargs } of found.slice(0, 50)) {
      assert.equal(Object.getPrototypeOf(kwargs), Object.prototype);
      assert.deepEqual(Object.keys(kwargs).sort(), ["__proto__", "constructor", "many", "toString", "tool_calls"]);
    }
    assert.deepEqual(exactly(found.at(-1).contentBlocks), exactly(messages.at(-1).contentBlocks));
  };
  await chat.put(messages);
  look(await chat.get(chat.fresh()));
  const found = await chat.get();
  look(found);
  for (const list of [found, messages])
    assert.ok((await chat.bytes(() => chat.put([...list, question(1)]))).sent < 2_500);
});

test("a message is told from all that are written otherwise", () => {
  const kwargs = [{ a: 1 }, { a: 1, b: 1 }, { b: 1 }, { a: undefined }, {}, { a: {} }, { a: [] }, { a: [1] }, { a: [1, 2] }, { a: "1" }];
  kwargs.push({ a: null }, { a: true }, { a: 0 }, { a: 1.5 }, { a: [{ b: 1 }] }, { a: [{ b: 1, c: 1 }] });
  kwargs.push(JSON.parse('{"__proto__": {}}'), JSON.parse('{"__proto__": {"a": 1}}'), { toString: "a" });
  const fields = kwargs.map((additional_kwargs) => ({ content: "a", additional_kwargs }));
  fields.push({ content: "b" }, { content: ["a"] }, { content: "a", name: "n" }, { content: "a", id: "i" });
  fields.push({ content: "a", id: "i", name: "n" });
  class Own extends HumanMessage {
    static lc_name() {
      return "Own";
    }
  }
  const make = (...kinds) => kinds.flatMap((kind) => fields.map((it) => new kind(structuredClone(it))));
  const bodies = make(HumanMessage, AIMessage, SystemMessage).map((message) => new Body(JSON.parse(JSON.stringify(encode(message)))));
  for (const [i, message] of make(HumanMessage, AIMessage, SystemMessage, Own).entries())
    for (const [j, body] of bodies.entries()) assert.equal(body.isOf(message), i === j, `${i} ${j}`);
});

const CHANGES = [
  (m) => (m.content = "changed"),
  (m) => (m.content = [{ type: "text", text: "part" }]),
  (m) => (m.additional_kwargs.new = 1),
  (m) => (m.additional_kwargs.new = true),
  (m) => (m.additional_kwargs.new = "1"),
  (m) => (m.additional_kwargs.new = null),
  (m) => (m.additional_kwargs.new = []),
  (m) => (m.additional_kwargs.new = {}),
  (m) => (m.additional_kwargs.new = { a: undefined }),
  (m) => (m.additional_kwargs.new = {}),
  (m) => (m.additional_kwargs.new = { lc: 2, type: "undefined" }),
  (m) => (m.additional_kwargs.new = JSON.parse('{"__proto__": {}}')),
  (m) => (m.additional_kwargs.new = { b: 1 }),
  (m) => (m.additional_kwargs.new = new Uint8Array([1])),
  (m) => (m.additional_kwargs.new[0] = 2),
  (m) => (m.additional_kwargs.new = 0),
  (m) => (m.additional_kwargs.new = -0),
  (m) => (m.additional_kwargs.new = 2n),
  (m) => (m.additional_kwargs.new = { lc: 1 }),
  (m) => delete m.additional_kwargs.new,
  (m) => (m.response_metadata.a = { b: { c: [1, 2] } }),
  (m) => m.response_metadata.a.b.c.push(3),
  (m) => (m.response_metadata.a.b.c = null),
  (m) => (m.additional_kwargs = { wholly: "new" }),
];

test("a message changed in place between two puts", async () => {
  for (const reads of [false, true]) {
    const chat = new Chat();
    let messages = conversation(4);
    await chat.put(messages);
    for (const place of [0, 3])
      for (const change of CHANGES) {
        if (reads) messages = await chat.get();
        change(messages[place]);
        await chat.put(messages);
        assert.deepEqual(exactly(await chat.get(chat.fresh())), exactly(messages), String(change));
        assert.deepEqual(exactly(await chat.get()), exactly(messages), String(change));
      }
  }
});

test("random lists, and forks", async () => {
  for (let seed = 1; seed <= 3; seed++) {
    let state = seed * 7919;
    const random = (below) => (state = (state * 48271) % 2147483647) % below;
    const chat = new Chat();
    const states = new Map();
    let messages = [];
    for (let step = 0; step < 40; step++) {
      const place = random(messages.length + 1);
      const kind = random(8);
      if (kind === 0) messages = messages.toSpliced(place, 1);
      else if (kind === 1 && messages.length > 0) CHANGES[random(6)](messages[random(messages.length)]);
      else if (kind === 2) messages = messages.toSpliced(place, 0, new HumanMessage("same"));
      else if (kind === 3) messages = messages.slice(-1 - random(5));
      else if (kind === 4) messages = [...messages, new ToolMessage({ content: "it", tool_call_id: "c", artifact: new Uint8Array(2) })];
      else messages = [...messages, answer(100 * step), question(100 * step)];
      states.set(await chat.put(messages), exactly(messages));
      assert.deepEqual(exactly(await chat.get(chat.fresh())), exactly(messages), `${seed} ${step}`);
      if (random(3) === 0) messages = await chat.get();
      if (random(5) === 0) {
        chat.parent = [...states.keys()][random(states.size)];
        messages = await chat.get(chat.saver, chat.parent);
        assert.deepEqual(exactly(messages), states.get(chat.parent));
      }
    }
    for (const found of await all(chat.saver.list(at("t"))))
      assert.deepEqual(exactly(messagesOf(found)), states.get(found.config.configurable.checkpoint_id));
  }
});

test("what is read is the reader's own, and a list reads each message once", async () => {
  const chat = new Chat();
  const messages = conversation(300);
  const expected = exactly(messages);
  for (let more = 0; more < 5; more++)
    await chat.put([...messages, ...Array.from({ length: more }, (_, n) => question(1000 + n))]);
  for (let time = 0; time < 2; time++) {
    const found = (await chat.get()).slice(0, 300);
    assert.deepEqual(exactly(found), expected);
    for (const message of found) {
      message.content = "spoilt";
      message.response_metadata.spoilt = 1;
    }
  }
  let rows;
  const { read } = await chat.bytes(async () => (rows = (await all(chat.saver.list(at("t")))).map(messagesOf)));
  rows[0][1].response_metadata.usage.tokens = "spoilt";
  assert.deepEqual(exactly(rows[4]), expected);
  const one = await chat.bytes(() => chat.get(chat.fresh()));
  assert.ok(read < 1.5 * one.read);
});

test("a base that another client deleted, put again or erased from", async () => {
  const chat = new Chat();
  const messages = conversation(5);
  const first = chat.made(messages);
  chat.parent = (await chat.saver.put(...first)).configurable.checkpoint_id;
  const other = chat.fresh();
  await other.deleteThread("t");
  await assert.rejects(chat.put([...messages, question(9)]), { code: "P0002" });
  const others = conversation(5).map((it, n) => new HumanMessage({ id: it.id, content: `other ${n}` }));
  await other.put(first[0], { ...first[1], channel_values: { messages: others } }, ...first.slice(2));
  await chat.put([...messages, question(9)]);
  assert.deepEqual(exactly(await chat.get(other)), exactly([...messages, question(9)]));
  assert.deepEqual(exactly(await chat.get()), exactly([...messages, question(9)]));
  await query(chat.pool, "SELECT FROM threadmem.message_erase('t', 'h2')");
  const left = messages.toSpliced(2, 1);
  assert.deepEqual(exactly(await chat.get()), exactly([...left, question(9)]));
  for (const more of [[question(10)], [question(10), question(11)]]) {
    await chat.put([...messages, question(9), ...more]);
    assert.deepEqual(exactly(await chat.get()), exactly([...left, question(9), ...more]));
    assert.deepEqual(exactly(await chat.get(other)), exactly([...left, question(9), ...more]));
  }
});

test("what is held is bounded", () => {
  const before = { ...LIMITS };
  Object.assign(LIMITS, { characters: 1000, threads: 3, checkpoints: 2 });
  try {
    const held = new Held();
    const state = (characters) => ({ mark: "m", lists: new Map(), characters });
    for (let n = 0; n < 8; n++) for (const id of ["a", "b", "c"]) held.keep(`t${n}`, id, state(200));
    assert.deepEqual(held.size, { threads: 3, characters: 600 });
    assert.equal(held.of("t7", "a"), undefined);
    assert.equal(held.latest("t7"), held.of("t7", "c"));
    held.keep("large", "a", state(2000));
    assert.deepEqual(held.size, { threads: 3, characters: 600 });
    held.keep("t9", "a", state(900));
    assert.deepEqual(held.size, { threads: 1, characters: 900 });
    held.forget("t9");
    assert.deepEqual(held.size, { threads: 0, characters: 0 });
  } finally {
    Object.assign(LIMITS, before);
  }
});

test("a page in which a list changes its form and back", async () => {
  const chat = new Chat();
  await query(chat.pool, "SELECT FROM threadmem.thread_create('t')");
  await query(chat.pool, "SELECT FROM threadmem.message_add('t', 'user', 'said in SQL', message_id => 's')");
  const { config, checkpoint } = await chat.saver.getTuple({ ...at("t"), writer: () => {} });
  const said = messagesOf({ checkpoint });
  chat.version = checkpoint.channel_versions.messages;
  chat.parent = config.configurable.checkpoint_id;
  const [{ body }] = await query(chat.pool, "SELECT body FROM threadmem.message_get('t', 's')");
  const objects = chat.parent;
  const plain = await chat.put([body]);
  chat.parent = objects;
  await chat.put([...said, answer(1)]);
  chat.parent = plain;
  await chat.put([body, { role: "user", content: "plain" }]);
  for (const limit of [1, 2, 3, undefined]) {
    const rows = await all(chat.saver.list(at("t"), { limit }));
    for (const row of rows)
      assert.deepEqual(
        exactly(messagesOf(row)),
        exactly(await chat.get(chat.fresh(), row.config.configurable.checkpoint_id)),
        `${limit} ${rows.indexOf(row)}`,
      );
  }
  const forms = (await all(chat.saver.list(at("t")))).map((row) => messagesOf(row)[0] instanceof HumanMessage);
  assert.deepEqual(forms, [false, true, false, true]);
});
