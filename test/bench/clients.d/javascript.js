// node javascript.js: see ../clients

import { readFileSync } from "node:fs";
import { loadavg } from "node:os";
import * as classes from "@langchain/core/messages";
import {
  Annotation,
  DeltaChannel,
  messagesDeltaReducer,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { BaseCheckpointSaver, uuid5, uuid6 } from "@langchain/langgraph-checkpoint";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import pg from "pg";
import { ThreadmemSaver } from "threadmem-langgraph";

const { AIMessage, HumanMessage } = classes;
const TURNS = Number(process.env.BENCH_TURNS);
const FIRST = [5, 15];
const LAST = [-10];
const PARTS = [FIRST, LAST];
/** JavaScript is compiled while it runs: so many turns come before those that count, in a thread of their own. */
const WARM = 40;
const ALPHABET = "etaoinshrdlucmfw";

const at = (thread_id, checkpoint_id) => ({ configurable: { thread_id, checkpoint_ns: "", checkpoint_id } });
const sum = (numbers) => numbers.reduce((total, it) => total + it, 0);
const median = (numbers) => {
  const sorted = numbers.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};

/** Text of made-up words, used unevenly; the same on every run. */
class Words {
  #state = 42;
  #words = Array.from({ length: 500 }, (_, i) =>
    Array.from({ length: 4 + (i % 6) }, () => ALPHABET[Math.floor(this.#random() * ALPHABET.length)]).join(""),
  );

  #random() {
    return (this.#state = (this.#state * 48271) % 2147483647) / 2147483647;
  }

  text(length = 500) {
    let text = "";
    while (text.length < length) text += `${this.#words[Math.floor(500 * this.#random() ** 3)]} `;
    return `${text.slice(0, length - 1)}.`;
  }

  id() {
    const digit = () => Math.floor(this.#random() * 16).toString(16);
    return [8, 4, 4, 4, 12].map((length) => Array.from({ length }, digit).join("")).join("-");
  }
}

/** Keeps what it is given as it is: what remains is LangGraph's own time. */
class References extends BaseCheckpointSaver {
  #threads = new Map();

  #thread({ thread_id }) {
    if (!this.#threads.has(thread_id)) this.#threads.set(thread_id, { stored: new Map(), writes: new Map() });
    return this.#threads.get(thread_id);
  }

  async put({ configurable }, checkpoint, metadata) {
    const copy = { ...checkpoint, channel_values: { ...checkpoint.channel_values } };
    const thread = this.#thread(configurable);
    thread.stored.set(checkpoint.id, { checkpoint: copy, metadata, parent: configurable.checkpoint_id });
    thread.latest = checkpoint.id;
    return at(configurable.thread_id, checkpoint.id);
  }

  async putWrites({ configurable }, writes, taskId) {
    const all = this.#thread(configurable).writes;
    const kept = all.get(configurable.checkpoint_id) ?? new Map();
    all.set(configurable.checkpoint_id, kept);
    for (const [i, write] of writes.entries()) kept.set(`${taskId} ${i}`, [taskId, ...write]);
  }

  async getTuple({ configurable }) {
    const thread = this.#thread(configurable);
    const id = configurable.checkpoint_id || thread.latest;
    const found = thread.stored.get(id);
    if (found === undefined) return undefined;
    const { checkpoint, metadata, parent } = found;
    return {
      config: at(configurable.thread_id, id),
      checkpoint: { ...checkpoint, channel_values: { ...checkpoint.channel_values } },
      metadata,
      ...(parent && { parentConfig: at(configurable.thread_id, parent) }),
      pendingWrites: [...(thread.writes.get(id)?.values() ?? [])],
    };
  }
}

/** What turns take: by the clock, and of the client's processor. */
class Own {
  name = "own";
  saver = new References();
  ms = [];
  ownCpu = [];

  async turn(work) {
    const processor = process.cpuUsage();
    const begun = performance.now();
    await work();
    this.ms.push(performance.now() - begun);
    const { user, system } = process.cpuUsage(processor);
    this.ownCpu.push((user + system) / 1e3);
  }

  forget() {
    this.ms.length = this.ownCpu.length = 0;
  }
}

async function admin(text) {
  const client = new pg.Client({ database: "postgres" });
  await client.connect();
  await client.query(text);
  await client.end();
}

/** A saver on a database of its own. */
class Side extends Own {
  cpu = [];
  wal = 0;
  #backends = new Set();
  #empty = 0;

  static async made(name, kind) {
    const side = new Side();
    Object.assign(side, { name, database: `${name}_${kind}` });
    await admin(`DROP DATABASE IF EXISTS ${side.database}`);
    await admin(`CREATE DATABASE ${side.database}`);
    side.look = new pg.Client({ database: side.database });
    await side.look.connect();
    side.pool = new pg.Pool({ database: side.database });
    side.pool.on("connect", (client) => side.#backends.add(client.processID));
    if (name === "threadmem") await side.look.query("CREATE EXTENSION threadmem CASCADE");
    side.saver = name === "threadmem" ? new ThreadmemSaver(side.pool) : new PostgresSaver(side.pool);
    await side.saver.setup();
    await side.forget();
    return side;
  }

  /** What there is now does not count. */
  async forget() {
    super.forget();
    this.cpu.length = this.wal = 0;
    this.#empty = await this.#disk();
  }

  async #disk() {
    return this.#number(
      "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r'" +
        " AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)",
    );
  }

  async disk() {
    return (await this.#disk()) - this.#empty;
  }

  async #number(text) {
    const { rows } = await this.look.query({ text, rowMode: "array" });
    return Number(rows[0][0]);
  }

  /** Connections come and go with their pool. */
  #processor() {
    const times = [...this.#backends].map((pid) => {
      try {
        return Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[0]) / 1e6;
      } catch {
        this.#backends.delete(pid);
        return 0;
      }
    });
    return sum(times);
  }

  async turn(work) {
    const lsn = "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn";
    const wal = await this.#number(lsn);
    const cpu = this.#processor();
    await super.turn(work);
    this.cpu.push(this.#processor() - cpu);
    this.wal += (await this.#number(lsn)) - wal;
  }

  async close() {
    await this.pool.end();
    await this.look.end();
    await admin(`DROP DATABASE ${this.database}`);
  }
}

/** The bookkeeping of LangGraph's loop: ids, versions, what each node has seen. */
class Loop {
  step = -1;
  versions = {};
  seen = { __input__: {} };

  constructor(saver, thread) {
    this.saver = saver;
    this.config = at(thread);
  }

  async put(source, values, changed) {
    const next = this.saver.getNextVersion(this.versions.messages);
    const versions = Object.fromEntries(changed.map((channel) => [channel, next]));
    Object.assign(this.versions, versions);
    const checkpoint = {
      v: 4,
      id: uuid6(this.step),
      ts: "2025-01-01T00:00:00+00:00",
      channel_values: values,
      channel_versions: { ...this.versions },
      versions_seen: structuredClone(this.seen),
    };
    const metadata = { source, step: this.step, parents: {} };
    this.config = await this.saver.put(this.config, checkpoint, metadata, versions);
    this.step++;
  }

  async writes(node, trigger, writes) {
    this.seen[node] = { [trigger]: this.versions[trigger] };
    const task = uuid5(`${node} ${this.step}`, this.config.configurable.checkpoint_id);
    await this.saver.putWrites(this.config, writes, task);
  }
}

async function puts(loop, messages, asked, answered) {
  const node = "branch:to:model";
  await loop.put("input", { messages: messages.slice(0, -2), __start__: { messages: [asked] } }, ["__start__"]);
  await loop.writes("__start__", "__start__", [["messages", [asked]], [node, null]]);
  await loop.put("loop", { messages: messages.slice(0, -1), [node]: null }, ["__start__", "messages", node]);
  await loop.writes("model", node, [["messages", [answered]]]);
  await loop.put("loop", { messages }, ["messages", node]);
}

const DeltaState = Annotation.Root({ messages: () => new DeltaChannel(messagesDeltaReducer) });

function compiled(state, saver, answers) {
  const model = () => ({ messages: [answers.at(-1)] });
  return new StateGraph(state).addNode("model", model).addEdge(START, "model").compile({ checkpointer: saver });
}

/** The same turns with every side, one after the other. */
async function turns(kind, sides, thread, count) {
  const words = new Words();
  const loops = sides.map(({ saver }) => new Loop(saver, thread));
  const said = sides.map(() => []);
  const answers = [];
  const graphs = sides.map(({ saver }) => compiled(kind === "delta" ? DeltaState : MessagesAnnotation, saver, answers));
  for (let number = 0; number < count; number++) {
    const [question, reply] = [1, 2].map(() => ({ id: words.id(), content: words.text() }));
    const places = [...sides.keys()];
    for (const place of number % 2 ? places : places.reverse()) {
      const [asked, answered] = [new HumanMessage(question), new AIMessage(reply)];
      if (kind === "puts") {
        said[place] = [...said[place], asked, answered];
        await sides[place].turn(() => puts(loops[place], said[place], asked, answered));
      } else {
        answers[0] = answered;
        await sides[place].turn(() => graphs[place].invoke({ messages: [asked] }, at(thread)));
      }
    }
  }
}

async function timed(work, rounds = 9) {
  const times = [];
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now();
    await work();
    times.push(performance.now() - begun);
  }
  return median(times);
}

async function listed(saver, limit) {
  const tuples = [];
  for await (const tuple of saver.list(at("chat"), { limit })) tuples.push(tuple);
  return tuples;
}

/** The latest checkpoint by who has nothing and by who has its parent; a list of ten. */
async function reads({ look, pool }) {
  const { rows } = await look.query("SELECT checkpoint::text FROM threadmem.checkpoint_get('chat')");
  const build = () => {
    const { messages } = JSON.parse(rows[0].checkpoint).channel_values;
    return messages.map(({ id, kwargs }) => new classes[id.at(-1)](kwargs));
  };
  const parsing = await timed(build);
  const fresh = await timed(() => new ThreadmemSaver(pool).getTuple(at("chat")));
  const [writer, reader] = [new ThreadmemSaver(pool), new ThreadmemSaver(pool)];
  const times = [];
  for (let number = 0; number < 9; number++) {
    const { config, checkpoint } = await reader.getTuple(at("chat"));
    const loop = new Loop(writer);
    Object.assign(loop, { config, versions: checkpoint.channel_versions, step: 5000 + number });
    const more = new HumanMessage({ id: `more ${number}`, content: "One more." });
    await loop.put("loop", { messages: [...checkpoint.channel_values.messages, more] }, ["messages"]);
    times.push(await timed(() => reader.getTuple(at("chat")), 1));
  }
  const held = median(times);
  const one = await timed(() => listed(new ThreadmemSaver(pool), 1), 5);
  const ten = await timed(() => listed(new ThreadmemSaver(pool), 10), 5);
  return [
    ["get, new process / parsing and objects", fresh / parsing, 1.5, `${fresh.toFixed(1)} ms, ${parsing.toFixed(1)}`],
    ["get, parent held / parsing and objects", held / parsing, 0.1, `${held.toFixed(1)} ms`],
    ["get, parent held / get, new process", held / fresh, 0.1, ""],
    ["list of ten / list of one", ten / one, 3, `${ten.toFixed(1)} ms, ${one.toFixed(1)}`],
  ];
}

function line(name, cells) {
  console.log(name.padEnd(60) + cells.map((cell) => cell.toFixed(2).padStart(12)).join(""));
}

/** At turn 10 and at the last, without LangGraph's own: the client's milliseconds, or those of both processors. */
function figures(sides, own, what) {
  const took = (side) => (what === "ms" ? side.ms : side.ownCpu.map((ms, i) => ms + (side.cpu?.[i] ?? 0)));
  const middle = (side, part) => (side.ms.length > 0 ? median(took(side).slice(...part)) : 0);
  return sides.map((side) => PARTS.map((part) => middle(side, part) - middle(own, part)));
}

async function table(kind, sides, own) {
  const load = `(load ${loadavg()[0].toFixed(1)})`;
  const title = `${kind}, ${TURNS} turns, ${process.env.PGOPTIONS ?? ""} ${load}`;
  console.log(`\n${title.padEnd(62)} threadmem    postgres`);
  if (own.ms.length > 0)
    line("  LangGraph's own ms, turn 10 and the last", PARTS.map((part) => median(own.ms.slice(...part))));
  const when = ["turn 10", "the last"];
  for (const [what, name] of [["ms", "ms a turn"], ["cpu", "ms of both processors"]])
    for (const place of [0, 1]) line(`  ${name}, ${when[place]}`, figures(sides, own, what).map((it) => it[place]));
  for (const place of [0, 1])
    line(`  ms of the server's processor, ${when[place]}`, sides.map(({ cpu }) => median(cpu.slice(...PARTS[place]))));
  line("  disk, MB", (await Promise.all(sides.map((side) => side.disk()))).map((bytes) => bytes / 1e6));
  line("  WAL, MB", sides.map(({ wal }) => wal / 1e6));
}

const found = {};
let read;
for (const kind of ["puts", "graph", "delta"]) {
  const sides = [await Side.made("threadmem", kind), await Side.made("postgres", kind)];
  const own = new Own();
  const all = kind === "puts" ? sides : [...sides, own];
  await turns(kind, all, "warm", WARM);
  for (const side of all) await side.forget();
  await turns(kind, all, "chat", TURNS);
  await table(kind, sides, own);
  found[kind] = { ms: figures(sides, own, "ms"), cpu: figures(sides, own, "cpu") };
  if (kind === "graph") read = await reads(sides[0]);
  for (const side of sides) await side.close();
}
const bounds = [["ms", ""], ["cpu", ", processors"]].flatMap(([what, of]) => {
  const [puts, graph, delta] = ["puts", "graph", "delta"].map((kind) => found[kind][what]);
  return [
    [`puts, last turn / turn 10${of}`, puts[0][1] / puts[0][0], 2, ""],
    [`puts, last turn / PostgresSaver's${of}`, puts[0][1] / puts[1][1], 0.1, ""],
    [`graph, last turn / PostgresSaver's${of}`, graph[0][1] / graph[1][1], 0.1, ""],
    [`graph, last turn / its better mode's${of}`, graph[0][1] / Math.min(graph[1][1], delta[1][1]), 0.2, ""],
    [`graph, turn 10 / PostgresSaver's${of}`, graph[0][0] / graph[1][0], 1, ""],
    [`delta, last turn / PostgresSaver's${of}`, delta[0][1] / delta[1][1], 0.2, ""],
  ];
});
console.log();
for (const [name, value, bound, beside] of [...bounds, ...read]) {
  const verdict = value <= bound ? "ok" : "OVER";
  console.log(`ratio ${name.padEnd(46)} ${value.toFixed(3).padStart(8)} (bound ${bound}) ${verdict} ${beside}`);
}
