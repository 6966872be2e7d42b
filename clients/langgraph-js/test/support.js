// What the tests share. The server is the one that DATABASE_URL or the PG* variables name, with the
// extension created; every saver has a tenant of its own, so tests do not see each other's threads.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, test } from "node:test";
import { AIMessage } from "@langchain/core/messages";
import { isDeltaSnapshot, MemorySaver } from "@langchain/langgraph-checkpoint";
import pg from "pg";
import { ThreadmemSaver } from "threadmem-langgraph";

const pools = [];
after(() => Promise.all(pools.map((pool) => pool.end())));

export function newPool() {
  const connectionString = process.env.DATABASE_URL;
  const pool = new pg.Pool({ connectionString, max: 4, options: `-c threadmem.tenant=${randomUUID()}` });
  pools.push(pool);
  return pool;
}

export function newSaver(options) {
  return new ThreadmemSaver(newPool(), options);
}

export async function query(pool, text, ...args) {
  return (await pool.query(text, args)).rows;
}

/** What the clients warn of while it runs. */
export async function warnings(work) {
  const told = [];
  const tell = (warning) => warning.name === "ThreadmemWarning" && told.push(warning);
  process.on("warning", tell);
  await work();
  await new Promise((done) => setTimeout(done, 0));
  process.off("warning", tell);
  return told;
}

/** A thread's config. */
export function at(thread_id, checkpoint_id, checkpoint_ns) {
  const more = { ...(checkpoint_ns !== undefined && { checkpoint_ns }), ...(checkpoint_id && { checkpoint_id }) };
  return { configurable: { thread_id, ...more } };
}

export const ai = (id, content, more = {}) => new AIMessage({ id, content, ...more });

export async function all(iterable) {
  const items = [];
  for await (const item of iterable) items.push(item);
  return items;
}

/**
 * Runs a scenario on MemorySaver and on ThreadmemSaver. It is called with the saver and with
 * look(label, value), which notes a value; all notes must be the same in both runs. Random ids are
 * compared by the order in which they come up. At the end every checkpoint is read alone, too.
 */
export function same(name, scenario) {
  test(name, async () => {
    const [expected, actual] = await Promise.all([new MemorySaver(), newSaver()].map((saver) => run(saver, scenario)));
    for (const [i, [label, value]] of expected.entries())
      assert.deepEqual(actual[i], [label, value], `${label} (note ${i})`);
    assert.equal(actual.length, expected.length);
    assert.ok(expected.length > 0);
  });
}

async function run(saver, scenario) {
  const names = new Names();
  const notes = [];
  await scenario(saver, (label, value) => notes.push([label, names.plain(value)]));
  for (const tuple of await all(saver.list({}))) {
    const alone = await saver.getTuple({ configurable: key(tuple.config) });
    assert.deepEqual(stored(alone), stored(tuple));
  }
  return notes;
}

/**
 * Notes everything that can be read of a thread: the state with and without subgraphs, the whole
 * history, and every stored checkpoint of every namespace.
 */
export async function lookAround(graph, saver, look, thread) {
  const config = at(thread);
  const state = await graph.getState(config).then(snapshot, failure);
  look("state", state);
  if (state.tasks?.some((task) => task.state))
    look("state with subgraphs", snapshot(await graph.getState(config, { subgraphs: true })));
  look("history", (await all(graph.getStateHistory(config))).map(snapshot));
  look("checkpoints", (await all(saver.list(config))).map(stored).sort(byNamespace));
}

/** Runs graph.invoke and notes its answer or its error, then everything about the thread. */
export async function step(graph, saver, look, thread, input, more = {}) {
  const { checkpoint, ...options } = more;
  const config = { ...(checkpoint ?? at(thread)), ...options };
  const answer = await graph.invoke(input, config).catch(failure);
  look("answer", answer);
  await lookAround(graph, saver, look, thread);
  return answer;
}

/** graph.updateState, then the same. */
export async function update(graph, saver, look, thread, values, asNode, checkpoint) {
  const config = await graph.updateState(checkpoint ?? at(thread), values, asNode).catch(failure);
  look("updated", config.error ?? key(config));
  await lookAround(graph, saver, look, thread);
  return config;
}

const failure = (error) => ({ error: error.message });

function byNamespace(a, b) {
  const bare = (tuple) => tuple.config.checkpoint_ns.replace(ID, "");
  if (bare(a) !== bare(b)) return bare(a) < bare(b) ? -1 : 1;
  return a.config.checkpoint_id < b.config.checkpoint_id ? 1 : -1;
}

/** What of a config names a checkpoint. */
export function key(config) {
  if (config == null) return undefined;
  const { thread_id, checkpoint_ns = "", checkpoint_id, checkpoint_map } = config.configurable;
  const all = { thread_id, checkpoint_ns, checkpoint_id, checkpoint_map };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

export function stored(tuple) {
  // Writes without a path come in the order of their tasks' random ids. MemorySaver replaces an answer also
  // when it comes with other writes; savers on databases keep the older one then.
  const pendingWrites = tuple.pendingWrites
    .filter(([, channel]) => channel !== "__resume__")
    .map((write) => [JSON.stringify(write).replace(ID, ""), write])
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, write]) => write);
  // MemorySaver gives back values of channels that have no version, such as an empty __pregel_tasks. And it
  // has a snapshot in one checkpoint, not in all where the channel still has the snapshot's version.
  const { channel_values, channel_versions } = tuple.checkpoint;
  const values = Object.entries(channel_values).filter(
    ([ch, value]) => ch in channel_versions && !isDeltaSnapshot(value),
  );
  const checkpoint = { ...tuple.checkpoint, channel_values: Object.fromEntries(values) };
  return { ...tuple, checkpoint, pendingWrites, config: key(tuple.config), parentConfig: key(tuple.parentConfig) };
}

export function snapshot(state) {
  return {
    ...state,
    config: key(state.config),
    parentConfig: key(state.parentConfig),
    tasks: state.tasks.map((task) => ({
      ...task,
      state: task.state && ("values" in task.state ? snapshot(task.state) : key(task.state)),
    })),
  };
}

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{32}\b/g;
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z/g;

/** Makes values of different runs comparable: ids become numbers in order, times nothing. */
export class Names {
  #names = new Map();

  #text(text) {
    return text.replace(TIME, "<time>").replace(ID, (id) => {
      if (!this.#names.has(id)) this.#names.set(id, `<id ${this.#names.size}>`);
      return this.#names.get(id);
    });
  }

  plain(value) {
    if (typeof value === "string") return this.#text(value);
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map((item) => this.plain(item));
    if (value instanceof Uint8Array) return { $: "bytes", hex: Buffer.from(value).toString("hex") };
    if (value instanceof Error) return { $: value.name, message: this.#text(value.message) };
    if (value instanceof RegExp) return { $: "RegExp", text: String(value) };
    if (value instanceof Map) return { $: "Map", entries: this.plain([...value]) };
    if (value instanceof Set) return { $: "Set", items: this.plain([...value]) };
    // The order of keys decides which id comes up first, and jsonb does not keep it.
    const keys = Object.keys(value).sort((a, b) => (a.replace(ID, "") < b.replace(ID, "") ? -1 : 1));
    const entries = keys.map((key) => [this.#text(key), this.plain(value[key])]);
    return { $: value.constructor?.name, ...Object.fromEntries(entries) };
  }
}
