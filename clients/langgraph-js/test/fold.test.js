// What was said in a thread by SQL is seen by the graph.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { AIMessage, HumanMessage, isBaseMessage } from "@langchain/core/messages";
import {
  Annotation,
  DeltaChannel,
  MessagesAnnotation,
  messagesDeltaReducer,
  START,
  StateGraph,
} from "@langchain/langgraph";
import pg from "pg";
import { ThreadmemSaver } from "threadmem-langgraph";
import { all, at, newPool, query, warnings } from "./support.js";

function chat(saver, answer = (messages) => `answer ${messages.length}`, options = {}) {
  return new StateGraph(MessagesAnnotation)
    .addNode("model", async ({ messages }, config) => ({ messages: [new AIMessage(await answer(messages, config))] }))
    .addEdge(START, "model")
    .compile({ checkpointer: saver, ...options });
}

const texts = (messages) => messages.map(({ text }) => text);
const say = (pool, text, role = "user", thread = "t") =>
  query(pool, "SELECT FROM threadmem.message_add($1, $2, $3)", thread, role, text);

test("a thread begun in SQL, and what is said, changed and deleted there between two turns", async () => {
  const pool = newPool();
  const saver = new ThreadmemSaver(pool);
  const graph = chat(saver);
  await query(pool, "SELECT FROM threadmem.thread_create('t')");
  await say(pool, "one");
  const looked = (await graph.getState(at("t"))).values.messages;
  assert.deepEqual(texts(looked), ["one"]);
  assert.ok(looked.every(isBaseMessage));
  assert.deepEqual(texts((await graph.invoke({ messages: [] }, at("t"))).messages), ["one", "answer 1"]);
  await say(pool, "two");
  await say(pool, "three", "assistant");
  const [, answer] = await query(pool, "SELECT message_id FROM threadmem.message_list('t')");
  await query(pool, "SELECT FROM threadmem.message_delete('t', $1)", answer.message_id);
  await query(
    pool,
    "SELECT threadmem.message_update('t', message_id, 'won') FROM threadmem.message_list('t') WHERE seq = 1",
  );
  const { messages } = await graph.invoke({ messages: [new HumanMessage("four")] }, at("t"));
  assert.deepEqual(texts(messages), ["won", "two", "three", "four", "answer 4"]);
  assert.deepEqual(
    messages.slice(0, 3).map(({ constructor }) => constructor),
    [HumanMessage, HumanMessage, AIMessage],
  );
});

test("plain objects that SQL put into the state are message objects, too", async () => {
  const pool = newPool();
  const graph = chat(new ThreadmemSaver(pool));
  await query(pool, "SELECT FROM threadmem.thread_create('t')");
  const update = {
    messages: [
      { role: "user", content: "one" },
      { type: "ai", content: "two", id: "a" },
    ],
  };
  await query(pool, "SELECT FROM threadmem.thread_update_state('t', $1)", update);
  const { values } = await graph.getState(at("t"));
  assert.deepEqual(
    values.messages.map(({ constructor, text }) => [constructor, text]),
    [
      [HumanMessage, "one"],
      [AIMessage, "two"],
    ],
  );
});

test("nothing is folded by id, in a list, with fold: false, or read only", async () => {
  const pool = newPool();
  const saver = new ThreadmemSaver(pool);
  const graph = chat(saver);
  await graph.invoke({ messages: [new HumanMessage("one")] }, at("t"));
  const { config } = await saver.getTuple(at("t"));
  await say(pool, "two");
  const unfolded = async (read) => assert.deepEqual((await read).config, config);
  await unfolded(saver.getTuple(config));
  await unfolded(saver.getTuple({ configurable: { thread_id: "t", thread_ts: config.configurable.checkpoint_id } }));
  await unfolded(new ThreadmemSaver(pool, { fold: false }).getTuple(at("t")));
  assert.deepEqual((await all(saver.list(at("t"), { limit: 1 })))[0].config, config);
  const options = `${pool.options.options} -c default_transaction_read_only=on`;
  const readOnly = new pg.Pool({ ...pool.options, options });
  await unfolded(new ThreadmemSaver(readOnly).getTuple(at("t")));
  await readOnly.end();
  const read = await Promise.all(Array.from({ length: 6 }, () => saver.getTuple(at("t"))));
  assert.equal(new Set(read.map((tuple) => tuple.config.configurable.checkpoint_id)).size, 1, "readers fold once");
  assert.deepEqual(read[0].parentConfig, config);
  assert.deepEqual(texts(read[0].checkpoint.channel_values.messages), ["one", "answer 1", "two"]);
});

test("who looks leaves alone whoever is at work", async () => {
  const pool = newPool();
  const saver = new ThreadmemSaver(pool);
  const graph = chat(saver, async (messages, config) => {
    if (messages.length === 1) {
      await say(pool, "meanwhile");
      assert.deepEqual(texts((await graph.getState(at("t"))).values.messages), ["question"]);
      assert.deepEqual(texts((await graph.getState({ ...config, ...at("t") })).values.messages), ["question"]);
    }
    return `answer ${messages.length}`;
  });
  await graph.invoke({ messages: [new HumanMessage("question")] }, { ...at("t"), durability: "sync" });
  const said = ["question", "answer 1", "meanwhile"];
  assert.deepEqual(texts((await graph.getState(at("t"))).values.messages), said);
  assert.deepEqual(texts((await graph.invoke({ messages: [] }, at("t"))).messages), [...said, "answer 3"]);
});

test("who stopped before a node goes on with what was said meanwhile", async () => {
  const pool = newPool();
  const graph = chat(new ThreadmemSaver(pool), undefined, { interruptBefore: ["model"] });
  await graph.invoke({ messages: [new HumanMessage("one")] }, at("t"));
  await say(pool, "two");
  assert.deepEqual(texts((await graph.getState(at("t"))).values.messages), ["one"], "nodes are to run next");
  assert.deepEqual(texts((await graph.invoke(null, at("t"))).messages), ["one", "two", "answer 2"]);
});

test("who goes on from a checkpoint by its id gets that checkpoint, the others what was said", async () => {
  const pool = newPool();
  const graph = chat(new ThreadmemSaver(pool), undefined, { interruptBefore: ["model"] });
  await graph.invoke({ messages: [new HumanMessage("one")] }, at("t"));
  const { config } = await graph.getState(at("t"));
  await say(pool, "two");
  assert.deepEqual(texts((await graph.invoke(null, config)).messages), ["one", "answer 1"]);
  const state = await graph.getState(at("t"));
  assert.equal(state.parentConfig.configurable.thread_id, "t");
  assert.deepEqual(texts(state.values.messages), ["one", "answer 1", "two"]);
  const explicit = { configurable: { thread_id: "t", checkpoint_id: undefined, checkpoint_ns: "" } };
  await say(pool, "three");
  await graph.invoke({ messages: [] }, explicit);
  assert.deepEqual(texts((await graph.invoke(null, at("t"))).messages).slice(0, 4), [
    "one",
    "answer 1",
    "two",
    "three",
  ]);
});

test("a list of messages in a delta channel", async () => {
  const pool = newPool();
  const saver = new ThreadmemSaver(pool);
  const graph = new StateGraph(Annotation.Root({ messages: () => new DeltaChannel(messagesDeltaReducer) }))
    .addNode("model", ({ messages }) => ({ messages: [new AIMessage(`answer ${messages.length}`)] }))
    .addEdge(START, "model")
    .compile({ checkpointer: saver, name: "delta" });
  await saver.define(graph);
  await graph.invoke({ messages: [new HumanMessage("one")] }, at("t"));
  await say(pool, "two");
  const { messages } = await graph.invoke({ messages: [new HumanMessage("three")] }, at("t"));
  assert.deepEqual(texts(messages), ["one", "answer 1", "two", "three", "answer 4"]);
  assert.ok(messages.every(isBaseMessage));
});

test("a role that only reads is told once, and reads", async () => {
  const pool = newPool();
  const saver = new ThreadmemSaver(pool);
  const { config } = await chat(saver)
    .invoke({ messages: [new HumanMessage("one")] }, at("t"))
    .then(() => saver.getTuple(at("t")));
  await say(pool, "two");
  const role = `reader_${randomUUID().replaceAll("-", "")}`;
  const admin = new pg.Pool();
  await admin.query(`CREATE ROLE ${role} LOGIN`);
  await admin.query("SELECT threadmem.grant_access($1, 'read')", [role]);
  const reading = new pg.Pool({ ...pool.options, user: role });
  const reader = new ThreadmemSaver(reading);
  const told = await warnings(async () => {
    for (let i = 0; i < 2; i++) assert.deepEqual((await reader.getTuple(at("t"))).config, config);
  });
  assert.deepEqual(
    told.map(({ code }) => code),
    ["THREADMEM_NO_FOLD"],
  );
  await reading.end();
  await admin.query("SELECT threadmem.revoke_access($1)", [role]);
  await admin.query(`DROP ROLE ${role}`);
  await admin.end();
});
