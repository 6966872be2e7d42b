/*
 * Moves the threads of a PostgresSaver database, with all their history.
 *
 * A thread is moved checkpoint by checkpoint, in the order of their ids, some at a time in a transaction. The last of
 * these ends when every checkpoint of the thread has been read back and compared: values, versions, metadata, parents
 * and pending writes. So a thread that is there with as many of them as here is one that was compared, and a call after
 * one that was interrupted goes on where that was. What is remembered of a value is its digest: a thread need not fit
 * into memory.
 */

import { createHash } from "node:crypto";
import { JsonPlusSerializer, TASKS } from "@langchain/langgraph-checkpoint";
import pg from "pg";
import { call, runOn, TENANT, type Row, type Statement } from "./database.js";
import { Codec, escapeText, unescapeJson } from "./encoding.js";
import { FIRST_PAGE, nextPage } from "./pages.js";
import { isPython, NotMoved, Reader } from "./stored.js";
import { encodeMembers } from "./values.js";

type Json = any;
type Members = Record<string, Json>;

/** Some hundreds in a transaction are what checkpoint_put() asks for at most. */
const BATCH = 50;

const THREADS = "SELECT thread_id FROM checkpoints UNION SELECT thread_id FROM checkpoint_writes ORDER BY 1";
const FORMATS =
  "SELECT DISTINCT type FROM checkpoint_blobs WHERE thread_id = $1 " +
  "UNION SELECT DISTINCT type FROM checkpoint_writes WHERE thread_id = $1";
const VERSIONS =
  "SELECT DISTINCT v.value::text FROM checkpoints c, jsonb_each(c.checkpoint -> 'channel_versions') v " +
  "WHERE c.thread_id = $1";
const KEYS = "SELECT checkpoint_ns, checkpoint_id FROM checkpoints WHERE thread_id = $1";
const WRITTEN = "SELECT count(*)::int AS count FROM checkpoint_writes WHERE thread_id = $1";
const CHECKPOINTS =
  "DECLARE threadmem_mover CURSOR FOR SELECT checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint::text, " +
  "metadata::text FROM checkpoints WHERE thread_id = $1 " +
  'ORDER BY checkpoint_id COLLATE "C", checkpoint_ns COLLATE "C"';
const BLOBS =
  "SELECT channel, version, type, blob FROM checkpoint_blobs WHERE thread_id = $1 AND checkpoint_ns = $2 " +
  "AND (channel, version) IN (SELECT * FROM unnest($3::text[], $4::text[]))";
const WRITES =
  "SELECT task_id, idx, channel, type, blob FROM checkpoint_writes WHERE thread_id = $1 AND checkpoint_ns = $2 " +
  'AND checkpoint_id = $3 ORDER BY task_id COLLATE "C", idx';
const ORPHANS =
  "SELECT DISTINCT checkpoint_ns, checkpoint_id FROM checkpoint_writes w WHERE thread_id = $1 AND NOT EXISTS " +
  "(SELECT FROM checkpoints c WHERE (c.thread_id, c.checkpoint_ns, c.checkpoint_id) = " +
  "(w.thread_id, w.checkpoint_ns, w.checkpoint_id))";
const THERE =
  "SELECT coalesce(sum(s.rows), 0)::bigint AS count FROM threadmem.thread_storage($1) s " +
  "WHERE s.kind = 'pending_writes'";
const LISTED =
  "checkpoint_ns, checkpoint_id, parent_checkpoint_id, " +
  "checkpoint::text, metadata::text, pending_writes::text, position";

/** What a move did. */
export interface Report {
  threads: number;
  moved: number;
  present: number;
  checkpoints: number;
  /** Threads that were not looked at further, and why. */
  readonly skipped: Map<string, string>;
  /** Threads that are not there, or not whole, and why. */
  readonly failed: Map<string, string>;
}

export interface MoveOptions {
  /** To whom the threads belong. */
  tenant?: string | undefined;
  /** Only these. */
  threads?: readonly string[] | undefined;
  /** Of the tables of PostgresSaver, which has this option as well. */
  schema?: string | undefined;
  /** How many checkpoints are moved in a transaction. */
  batch?: number | undefined;
  /** Is called after every thread, and every so many checkpoints. */
  told?: ((report: Report) => void) | undefined;
}

/**
 * Moves threads from the tables of PostgresSaver to threadmem; what is there already stays.
 *
 * @param source a connection to the former, which is only read
 * @param target a connection to the latter; both outside of a transaction
 */
export async function move(source: pg.Client, target: pg.Client, options: MoveOptions = {}): Promise<Report> {
  const { tenant, schema, batch = BATCH, told = () => {} } = options;
  const report: Report = { threads: 0, moved: 0, present: 0, checkpoints: 0, skipped: new Map(), failed: new Map() };
  const reading = <T>(work: () => Promise<T>) =>
    within(source, "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", async () => {
      if (schema !== undefined)
        await source.query("SELECT set_config('search_path', quote_ident($1), true)", [schema]);
      return work();
    });
  const threads = options.threads ?? (await reading(() => source.query(THREADS))).rows.map((row) => row.thread_id);
  report.threads = threads.length;
  for (const id of threads) {
    const thread = new Thread(source, target, tenant, id, batch);
    try {
      await reading(() => thread.moveInto(report, told));
    } catch (error) {
      if (!(error instanceof NotMoved || error instanceof TypeError || isRefused(error))) throw error;
      report.failed.set(id, error.message);
    }
    told(report);
  }
  return report;
}

/** By the database, which goes on. */
function isRefused(error: unknown): error is Error {
  return error instanceof pg.DatabaseError && error.severity === "ERROR";
}

async function within<T>(client: pg.Client, begin: string, work: () => Promise<T>): Promise<T> {
  await client.query(begin);
  try {
    const result = await work();
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {}); // the first error tells more
    throw error;
  }
}

/** Task, channel and digest, in their order. */
type Writes = [task: string, channel: string, digest: string][];

/** What is to come of a checkpoint: digests of what is large. */
interface Known {
  readonly parent: string | null;
  readonly versions: Members;
  readonly rest: string;
  readonly metadata: string;
  readonly values: Map<string, string>;
  readonly writes: Writes;
}

interface Stored {
  readonly checkpoint_ns: string;
  readonly checkpoint_id: string;
  readonly parent_checkpoint_id: string | null;
  readonly checkpoint: Members;
  readonly metadata: Members;
}

class Thread {
  readonly #known = new Map<string, Known>();
  readonly #orphans = new Map<string, Writes>();
  /** Digests, by namespace, channel and version. */
  readonly #blobs = new Map<string, string>();
  /** What was sent at a checkpoint, where that is of the old kind. */
  readonly #sends = new Map<string, Json[]>();
  readonly #readAgain = new Set<string>();
  readonly #reader = new Reader();
  readonly #codec = new Codec(new JsonPlusSerializer());
  #there = new Set<string>();
  #isNew = false;

  constructor(
    readonly source: pg.Client,
    readonly target: pg.Client,
    readonly tenant: string | undefined,
    readonly id: string,
    readonly batch: number,
  ) {}

  async moveInto(report: Report, told: (report: Report) => void): Promise<void> {
    if (await this.#isAnothers()) {
      report.skipped.set(this.id, "a thread of LangGraph for Python, whose values only that reads");
      return;
    }
    if (await this.#isThere()) {
      report.present++;
      return;
    }
    for await (const [checkpoints, isLast] of batches(this.#steps(), this.batch)) {
      await this.#within(async () => {
        await runOn(this.target, checkpoints.flat());
        if (isLast) await this.#compare();
      });
      report.checkpoints += checkpoints.length;
      told(report);
    }
    report.moved++;
  }

  async #isAnothers(): Promise<boolean> {
    const formats = await this.#read(FORMATS);
    const versions = await this.#read(VERSIONS);
    return isPython(
      formats.map(({ type }) => String(type)),
      versions.map(({ value }) => JSON.parse(value)),
    );
  }

  /** All of it, or more: then the thread has gone on where it is now. */
  async #isThere(): Promise<boolean> {
    const here = await this.#read(KEYS);
    const [{ count: writes }] = (await this.#read(WRITTEN)) as [Row];
    if (here.length === 0 && writes === 0) throw new NotMoved("there is no such thread");
    const written = await this.#within(async () => {
      const found = await this.#ask(call("thread_get", { ...this.#key, missing_ok: true }, "thread_id"));
      this.#isNew = found.length === 0;
      if (this.#isNew) return undefined;
      for (const ns of new Set<string>(here.map((row) => row.checkpoint_ns))) await this.#findThere(ns);
      const [row] = await this.#ask({ text: THERE, values: [this.#key.thread_id] });
      return Number(row.count);
    });
    if (written === undefined) return false;
    const wanted = new Set(here.map((row) => keyOf(row.checkpoint_ns, row.checkpoint_id)));
    const isMissing = [...wanted].some((key) => !this.#there.has(key));
    const isMore = [...this.#there].some((key) => !wanted.has(key));
    if (isMissing && isMore) throw new NotMoved("it has gone on in both databases");
    return isMore || (!isMissing && written === writes);
  }

  /** The checkpoints of a namespace that are there, whose states are not asked for. */
  async #findThere(ns: string): Promise<void> {
    const args = { ...this.#key, checkpoint_ns: escapeText(ns), max_rows: 1000, fields: ["checkpoint_id"] };
    let after_position: string | undefined;
    do {
      const page = call("thread_history", { ...args, after_position }, "checkpoint_id, position, has_more");
      const rows = await this.#ask(page);
      for (const { checkpoint_id } of rows) this.#there.add(keyOf(ns, checkpoint_id));
      const last = rows.at(-1);
      after_position = last?.has_more === "t" ? last.position : undefined;
    } while (after_position !== undefined);
  }

  /** What stores each checkpoint, and then what was written to those that are none. */
  async *#steps(): AsyncGenerator<Statement[]> {
    await this.source.query(CHECKPOINTS.replace("$1", pg.escapeLiteral(this.id)));
    for (;;) {
      const { rows } = await this.source.query(`FETCH ${this.batch} FROM threadmem_mover`);
      for (const row of rows) {
        const stored: Stored = { ...row, checkpoint: JSON.parse(row.checkpoint), metadata: JSON.parse(row.metadata) };
        yield [...this.#begin(stored.checkpoint), ...(await this.#step(stored))];
      }
      if (rows.length < this.batch) break;
    }
    for (const { checkpoint_ns, checkpoint_id } of await this.#read(ORPHANS)) {
      const [statements, writes] = await this.#writes(checkpoint_ns, checkpoint_id);
      this.#orphans.set(keyOf(checkpoint_ns, checkpoint_id), writes);
      yield statements;
    }
  }

  /** The thread is as old as its first checkpoint; its messages' times are those of theirs. */
  #begin({ ts }: Members): Statement[] {
    const isTime = typeof ts === "string" && !Number.isNaN(Date.parse(ts));
    const isFirst = this.#isNew;
    this.#isNew = false;
    if (!isFirst || !isTime) return [];
    const args = { ...this.#key, created_at: new Date(ts).toISOString(), if_exists: "do_nothing" };
    return [call("thread_create", args, "thread_id")];
  }

  async #step(stored: Stored): Promise<Statement[]> {
    const { checkpoint_ns: ns, checkpoint_id: id, parent_checkpoint_id: parent, checkpoint, metadata } = stored;
    const { channel_values: inline = {}, channel_versions: versions = {}, versions_seen, ...others } = checkpoint;
    const before = parent === null ? undefined : this.#known.get(keyOf(ns, parent));
    const newer = Object.keys(versions).filter((channel) => before?.versions[channel] !== versions[channel]);
    const nodes = await this.#readBlobs(ns, newer, versions);
    const values = new Map<string, string>();
    for (const channel of Object.keys(versions)) {
      const blob = this.#blobs.get(keyOf(ns, channel, String(versions[channel])));
      if (blob === undefined && Object.hasOwn(inline, channel))
        nodes.set(channel, await this.#reader.inline(channel, inline[channel]));
      const value = blob ?? (nodes.has(channel) ? digest(nodes.get(channel)) : undefined);
      if (value !== undefined) values.set(channel, value);
    }
    const isNew = new Set(newer);
    const changed = Object.keys(versions).filter(
      (channel) => isNew.has(channel) || (before && before.values.get(channel) !== values.get(channel)),
    );
    const rest = { ...encodeMembers(others), ...(versions_seen !== undefined && { versions_seen }) };
    const described = await this.#reader.metadata(metadata);
    const sends = isOld(checkpoint) && parent !== null ? this.#sends.get(keyOf(ns, parent)) : undefined;
    if (sends !== undefined && sends.length > 0) values.set(TASKS, digest(sends)); // the server finds them as well
    const [written, writes] = await this.#writes(ns, id, isOld(checkpoint));
    this.#known.set(keyOf(ns, id), {
      parent: parent || null,
      versions,
      rest: digest(rest),
      metadata: digest(described),
      values,
      writes,
    });
    if (this.#there.has(keyOf(ns, id))) return written;
    const own = changed.filter((channel) => nodes.has(channel)).map((channel) => [channel, nodes.get(channel)]);
    const put = call("checkpoint_put", {
      ...this.#key,
      checkpoint: this.#codec.text({ ...rest, channel_versions: versions, channel_values: Object.fromEntries(own) }),
      metadata: this.#codec.text(described),
      new_versions: this.#codec.text(Object.fromEntries(changed.map((channel) => [channel, versions[channel]]))),
      parent_checkpoint_id: parent === null ? undefined : escapeText(parent),
      checkpoint_ns: escapeText(ns),
    });
    return [put, ...written];
  }

  async #readBlobs(ns: string, channels: string[], versions: Members): Promise<Map<string, Json>> {
    const nodes = new Map<string, Json>();
    if (channels.length === 0) return nodes;
    const rows = await this.#read(BLOBS, ns, channels, channels.map((channel) => String(versions[channel])));
    for (const { channel, version, type, blob } of rows) {
      if (type === "empty") continue;
      const node = await this.#reader.channel(channel, type, blob);
      nodes.set(channel, node);
      this.#blobs.set(keyOf(ns, channel, version), digest(node));
    }
    return nodes;
  }

  async #writes(ns: string, id: string, hasSends = false): Promise<[Statement[], Writes]> {
    const tasks = new Map<string, Write[]>();
    const sends: Json[] = [];
    const writes: Writes = [];
    for (const { task_id, idx, channel, type, blob } of await this.#read(WRITES, ns, id)) {
      const node = await this.#reader.channel(channel, type, blob);
      if (channel === TASKS) sends.push(node);
      writes.push([task_id, channel, digest(node)]);
      if (!tasks.has(task_id)) tasks.set(task_id, []);
      tasks.get(task_id)!.push({ idx, channel, node });
    }
    if (hasSends) this.#sends.set(keyOf(ns, id), sends);
    const statements = [...tasks].flatMap(([task, own]) =>
      asGiven(own).map((batch) =>
        call("checkpoint_put_writes", {
          ...this.#key,
          checkpoint_id: escapeText(id),
          task_id: escapeText(task),
          writes: this.#codec.text(batch.map(({ channel, node }) => [channel, node])),
          checkpoint_ns: escapeText(ns),
        }),
      ),
    );
    return [statements, writes];
  }

  // reading back

  async #compare(): Promise<void> {
    const left = new Map(this.#known);
    let max_rows = FIRST_PAGE;
    let after_position: string | undefined;
    for (;;) {
      const rows = await this.#ask(call("checkpoint_list", { ...this.#key, max_rows, after_position }, LISTED));
      for (const row of rows) {
        const key = keyOf(row.checkpoint_ns, row.checkpoint_id);
        const known = left.get(key);
        if (known !== undefined) await this.#compareOne(row, known);
        left.delete(key);
      }
      if (rows.length < max_rows) break;
      max_rows = nextPage(rows.map((row) => (row.checkpoint ?? "").length + (row.pending_writes ?? "").length));
      after_position = rows.at(-1).position;
    }
    const [missing] = left.keys();
    if (missing !== undefined)
      throw new NotMoved(`${left.size} of its checkpoints are not there, ${JSON.parse(missing)[1]} for one`);
    for (const [key, writes] of this.#orphans) {
      const [checkpoint_ns, checkpoint_id] = JSON.parse(key) as [string, string];
      const args = { ...this.#key, checkpoint_ns: escapeText(checkpoint_ns), checkpoint_id: escapeText(checkpoint_id) };
      const found = call("checkpoint_pending_writes", args, "checkpoint_pending_writes::text AS writes");
      const [row] = await this.#ask(found);
      if (!same(await this.#storedWrites(row.writes), writes))
        throw new NotMoved(`what was written to the checkpoint ${checkpoint_id}, which is none, is not the same`);
    }
  }

  async #compareOne(row: Row, known: Known): Promise<void> {
    const id: string = row.checkpoint_id;
    if (row.checkpoint === null || row.pending_writes === null)
      throw new NotMoved(`the checkpoint ${id} cannot be read`);
    const { channel_values: values, channel_versions: versions = {}, ...rest } = parse(row.checkpoint);
    if (known.values.has(TASKS) && !Object.hasOwn(known.versions, TASKS)) delete versions[TASKS];
    for (const channel of new Set([...Object.keys(values), ...known.values.keys()])) {
      const stored = Object.hasOwn(values, channel) ? digest(values[channel]) : undefined;
      if (stored !== known.values.get(channel))
        throw new NotMoved(`the channel "${channel}" of the checkpoint ${id} is not the same`);
      if (stored !== undefined) await this.#readsAgain(channel, stored, values[channel]);
    }
    const members: [string, unknown, unknown][] = [
      ["parent", row.parent_checkpoint_id, known.parent],
      ["versions", digest(versions), digest(known.versions)],
      ["metadata", digest(parse(row.metadata)), known.metadata],
      ["writes", await this.#storedWrites(row.pending_writes), known.writes],
      ["other members", digest(rest), known.rest],
    ];
    for (const [what, stored, expected] of members)
      if (!same(stored, expected)) throw new NotMoved(`the ${what} of the checkpoint ${id} are not the same`);
  }

  async #storedWrites(text: string): Promise<Writes> {
    const writes: Writes = [];
    for (const [task, channel, node] of parse(text)) {
      const value = digest(node);
      await this.#readsAgain(channel, value, node);
      writes.push([task, channel, value]);
    }
    return writes;
  }

  /** A saver that reads the value and writes it again writes the same. */
  async #readsAgain(channel: string, value: string, node: Json): Promise<void> {
    const name = keyOf(channel, value);
    if (this.#readAgain.has(name)) return;
    if (digest(await this.#reader.again(channel, node)) !== value)
      throw new NotMoved(`a value of the channel "${channel}" comes back as another one`);
    this.#readAgain.add(name);
  }

  // the connections

  get #key() {
    return { thread_id: escapeText(this.id) };
  }

  async #read(query: string, ...more: unknown[]): Promise<Row[]> {
    return (await this.source.query(query, [this.id, ...more])).rows;
  }

  async #ask(statement: Statement): Promise<Row[]> {
    return (await runOn(this.target, [statement]))[0]!;
  }

  #within<T>(work: () => Promise<T>): Promise<T> {
    return within(this.target, "BEGIN", async () => {
      if (this.tenant !== undefined) await this.#ask({ text: TENANT, values: [this.tenant] });
      return work();
    });
  }
}

interface Write {
  readonly idx: number;
  readonly channel: string;
  readonly node: Json;
}

/**
 * The writes of a task as they were given, in one call or two: the place in a call is the number of a write, but for
 * those of LangGraph's own, whose number is fixed, and which stand where a number is missing.
 */
function asGiven(writes: Write[]): Write[][] {
  const special = writes.filter(({ idx }) => idx < 0);
  const placed = new Map(writes.filter(({ idx }) => idx >= 0).map((write) => [write.idx, write]));
  const batch: Write[] = [];
  for (let place = 0, left = placed.size; left > 0; place++) {
    const write = placed.get(place);
    if (write !== undefined) left--;
    const next = write ?? special.pop();
    if (next !== undefined) batch.push(next);
  }
  return [batch, special].filter((it) => it.length > 0);
}

/** Some steps at a time, and whether they are the last. */
async function* batches<T>(steps: AsyncIterable<T>, size: number): AsyncGenerator<[T[], boolean]> {
  let batch: T[] = [];
  for await (const step of steps) {
    if (batch.length === size) {
      yield [batch, false];
      batch = [];
    }
    batch.push(step);
  }
  if (batch.length > 0) yield [batch, true];
}

/** Its tasks are in what was written to its parent, where readers find them. */
function isOld(checkpoint: Members): boolean {
  return Number(checkpoint["v"] ?? 1) < 4;
}

function keyOf(...names: unknown[]): string {
  return JSON.stringify(names);
}

function parse(text: string): Json {
  return JSON.parse(unescapeJson(text));
}

/** jsonb sorts the keys of objects. */
function digest(node: Json): string {
  const sorted = JSON.stringify(node, (_, value) =>
    typeof value !== "object" || value === null || Array.isArray(value)
      ? value
      : Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))),
  );
  return createHash("sha256").update(sorted).digest("base64");
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
