/** A LangGraph checkpointer on the PostgreSQL extension threadmem: one round trip for each method. */

import { setImmediate as turn } from "node:timers/promises";
import type { RunnableConfig } from "@langchain/core/runnables";
import {
  BaseCheckpointSaver,
  getCheckpointId,
  type ChannelVersions,
  type Checkpoint,
  type CheckpointListOptions,
  type CheckpointMetadata,
  type CheckpointPendingWrite,
  type CheckpointTuple,
  type DeltaChannelHistory,
  type PendingWrite,
  type SerializerProtocol,
} from "@langchain/langgraph-checkpoint";
import type pg from "pg";
import { call, Database, type Statement } from "./database.js";
import { checked, Codec, escapeText } from "./encoding.js";
import { definition, type Reducer } from "./graphs.js";
import { Held, isMessages, Lists, Sent, type HeldList, type HeldState } from "./held.js";
import { nextPage, FIRST_PAGE } from "./pages.js";
import { Threads, type Owner } from "./threads.js";
import { halfStep, warnOfHalfStep } from "./writers.js";

const COLUMNS =
  "thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, " +
  "checkpoint::text, metadata::text, pending_writes::text, lists::text";
const GOT = COLUMNS + ", mark";
const LISTED = COLUMNS + ", position";

/** Nothing where nothing may be written: on a standby, in a transaction that is read only. */
const FOLD =
  "SELECT threadmem.thread_fold(t.thread_id, at_rest => $2) FROM threadmem.thread_get($1, missing_ok => true) t " +
  "WHERE NOT pg_catalog.pg_is_in_recovery() AND pg_catalog.current_setting('transaction_read_only') = 'off'";
/** Only when it is another one: so it may be called whenever a program starts. */
const DEFINE =
  "SELECT threadmem.graph_define(o.graph_id, o.definition) FROM (SELECT $1::text, $2::jsonb) o (graph_id, definition) " +
  "WHERE NOT EXISTS (SELECT FROM threadmem.graph_get(o.graph_id, missing_ok => true) g " +
  "WHERE g.definition OPERATOR(pg_catalog.=) o.definition)";
const STORED = "thread_id, checkpoint_ns, checkpoint_id, lists::text, mark";
const DENIED = "42501";
/** Of a put by the revisions of a parent that is another one by now, or gone. */
const LOST = "TM001";

interface Key {
  thread_id: string;
  checkpoint_ns: string;
  checkpoint_id: string;
}

/** A put: with what is known of its parent, or whole. */
interface Put {
  readonly sent: Sent | undefined;
  readonly statement: (whole: boolean) => Statement;
}

interface StoredRow extends Key {
  lists: string | null;
  mark: string | null;
}

interface Row extends Key {
  parent_checkpoint_id: string | null;
  checkpoint: string;
  metadata: string;
  pending_writes: string;
  /** The lists of messages that stand apart from the checkpoint. */
  lists: string | null;
  /** Of a get: by which the next one, and a put, say what is held. */
  mark?: string | null;
  /** Of a row of a list: where its next page goes on. */
  position?: string;
}

export interface SaverOptions {
  /** Writes values that are to be opaque to the database. */
  serde?: SerializerProtocol | undefined;
  /** Whether what was said in a thread by SQL comes into the state before its latest checkpoint is read: true. */
  fold?: boolean | undefined;
  /** Of threads that have none yet; configurable's user_id goes before. The user is created when it is not there. */
  userId?: string | undefined;
  /** Of threads that have none yet; configurable's title goes before. */
  title?: string | undefined;
  /** Name of the graph that threads run which have none yet; configurable's graph_id goes before. */
  graph?: string | undefined;
  /** For which the saver works, set in each transaction; configurable's tenant where none is given here. */
  tenant?: string | undefined;
}

export interface DefineOptions {
  /** Its name there; else the saver's graph, or the graph's own name. */
  graphId?: string | undefined;
  /** What reducers in code do, by channel, where SQL has the same. All others, but LangGraph's own, are opaque. */
  reducers?: Record<string, Reducer> | undefined;
}

export interface ContextOptions {
  maxCharacters?: number | undefined;
  template?: string | undefined;
}

/** Which checkpoints {@link ThreadmemSaver.prune} leaves: the newest of every namespace, or none. */
export interface PruneOptions {
  strategy?: "keep_latest" | "delete" | undefined;
  /** With keep_latest: how many of every namespace stay, 1 unless told otherwise. */
  keep?: number | undefined;
}

export class ThreadmemSaver extends BaseCheckpointSaver {
  readonly #options: SaverOptions;
  readonly #database: Database;
  readonly #codec: Codec;
  readonly #threads = new Threads();
  readonly #owner: { -readonly [name in keyof Owner]: Owner[name] };
  #held = new Held();
  #mayFold = true;

  /** @param pool a pool, which stays its owner's, or a connection string */
  constructor(pool: pg.Pool | string, options: SaverOptions = {}) {
    super(options.serde);
    const { userId, title, graph } = options;
    this.#options = options;
    this.#database = new Database(pool);
    this.#codec = new Codec(this.serde);
    this.#owner = { userId: text(userId), title: text(title), graph: text(graph) };
  }

  static fromConnString(connectionString: string, options?: SaverOptions): ThreadmemSaver {
    return new ThreadmemSaver(connectionString, options);
  }

  /** A saver on the same connections that works for this tenant. */
  forTenant(tenant: string): ThreadmemSaver {
    const saver = new ThreadmemSaver(this.#database.pool, { ...this.#options, graph: this.#owner.graph, tenant });
    saver.#held = this.#held;
    return saver;
  }

  /** Checks that the extension is there: nothing has to be made. */
  setup(): Promise<void> {
    return this.#database.setup();
  }

  /** Closes the connections of a saver that was made from a connection string. */
  async end(): Promise<void> {
    await this.#database.end();
  }

  /**
   * Tells the database what a compiled graph is made of, so that SQL reduces and goes on as it does. Threads that are
   * begun from now on have it as their graph, where the saver has none.
   */
  async define(graph: object, { graphId, reducers }: DefineOptions = {}): Promise<void> {
    const name = graphId ?? this.#owner.graph ?? ("name" in graph ? String(graph.name) : "");
    if (name === "") throw new Error("the graph has no name: define(graph, { graphId })");
    const found = this.#codec.text(await definition(graph, reducers));
    await this.#run({}, { text: DEFINE, values: [escapeText(name), found] });
    this.#owner.graph ??= escapeText(name);
  }

  /** What thread_context() has for a prompt: what is known of the thread's user. */
  async context(threadId: string, { maxCharacters, template }: ContextOptions = {}): Promise<string> {
    const args = { thread_id: text(threadId), max_characters: maxCharacters, template };
    const [row] = await this.#run({}, call("thread_context", args, "thread_context AS context"));
    return row.context;
  }

  override async put(
    config: RunnableConfig,
    checkpoint: Checkpoint,
    metadata: CheckpointMetadata,
    newVersions: ChannelVersions,
  ): Promise<RunnableConfig> {
    const given = config.configurable ?? {};
    const thread = text(given["thread_id"]);
    if (thread === undefined) throw missing("put checkpoint", "thread_id");
    const tenant = this.#tenantOf(given);
    let row: StoredRow;
    await this.#threads.put(tenant, thread, this.#ownerOf(given), begins(config, metadata), async (before, ready) => {
      const put = await this.#put(config, checkpoint, metadata, newVersions);
      await ready;
      row = await this.#store(given, before, put);
    });
    return configOf(row!);
  }

  async #put(
    { configurable = {} }: RunnableConfig,
    checkpoint: Checkpoint,
    metadata: CheckpointMetadata,
    newVersions: ChannelVersions,
  ): Promise<Put> {
    const { thread_id, checkpoint_ns, checkpoint_id, run_id } = configurable;
    const values = changedValues(checkpoint, newVersions);
    // All is written before anything is waited for: the application goes on with its objects.
    const sent = this.#sent(configurable, values, newVersions);
    const others = values.filter(([channel]) => !sent?.has(channel));
    const args = {
      thread_id: text(thread_id),
      metadata: this.#codec.dump(run_id === undefined ? metadata : { run_id, ...metadata }),
      new_versions: newVersions && this.#codec.dump(newVersions),
      parent_checkpoint_id: text(checkpoint_id),
      checkpoint_ns: text(checkpoint_ns),
    };
    const dumped = await this.#codec.dumpCheckpoint(checkpoint, others);
    const statement = (whole: boolean) => {
      const known = sent && !whole ? sent.known : [];
      const lists = sent && this.#codec.text(Object.fromEntries(known));
      const held = known.length > 0 ? sent?.mark : undefined;
      return call("checkpoint_put", { ...args, checkpoint: dumped(sent?.whole(whole) ?? []), lists, held }, STORED);
    };
    return { sent, statement };
  }

  /**
   * The lists of messages that are to be held when they are stored. Only the thread's own graph has lists that refer to
   * the log, and a copy is sent with all its values.
   */
  #sent(given: Given, values: [string, unknown][], newVersions?: ChannelVersions): Sent | undefined {
    const { checkpoint_ns, checkpoint_id } = given;
    if (!this.#codec.readable || checkpoint_ns || newVersions === undefined) return undefined;
    const sent = new Sent(this.#held.of(this.#heldKey(given), text(checkpoint_id)));
    for (const [channel, value] of values)
      if (Object.hasOwn(newVersions, channel) && isMessages(value))
        checked(() => sent.add(channel, value), channel);
    return sent;
  }

  /** What the server has of the parent is not sent; where that is another one by now, all is. */
  async #store(given: Given, before: Statement[], { sent, statement }: Put): Promise<StoredRow> {
    let put = statement(false);
    let row: StoredRow;
    try {
      [row] = (await this.#run(given, ...before, put)) as [StoredRow];
    } catch (error) {
      if ((error as { code?: unknown }).code !== LOST || !sent || sent.known.length === 0) throw error;
      put = statement(true);
      [row] = (await this.#run(given, ...before, put)) as [StoredRow];
    }
    const lists = row.lists === null ? {} : this.#codec.tree(row.lists);
    const size = put.values.reduce((sum, value) => sum + (value?.length ?? 0), 0);
    this.#keep(given, row, sent?.stored(row.mark, lists, size));
    return row;
  }

  #keep(given: Given, { checkpoint_id }: Key, state: HeldState | undefined): void {
    if (state !== undefined) this.#held.keep(this.#heldKey(given), checkpoint_id, state);
  }

  #heldKey(given: Given): string {
    return JSON.stringify([this.#tenantOf(given), text(given["thread_id"])]);
  }

  override async putWrites(
    config: RunnableConfig,
    writes: PendingWrite[],
    taskId: string,
    taskPath?: string,
  ): Promise<void> {
    const given = config.configurable ?? {};
    const { thread_id, checkpoint_ns, checkpoint_id, run_id } = given;
    if (text(thread_id) === undefined) throw missing("put writes", "thread_id");
    if (text(checkpoint_id) === undefined) throw missing("put writes", "checkpoint_id");
    const stored = await this.#codec.dumpWrites(writes);
    // With durability "exit" LangGraph hands over what the tasks wrote a moment before their checkpoint.
    await turn();
    await this.#threads.begun(this.#tenantOf(given), text(thread_id)!);
    const args = {
      thread_id: text(thread_id),
      checkpoint_id: text(checkpoint_id),
      task_id: text(taskId),
      writes: stored,
      task_path: text(taskPath),
      checkpoint_ns: text(checkpoint_ns),
      run_id: text(run_id),
    };
    await this.#run(given, call("checkpoint_put_writes", args));
  }

  /** In the form that the thread has: numbers, or the text of a thread that Python's PostgresSaver began. */
  override getNextVersion(current: number | string | undefined): any {
    if (typeof current !== "string") return super.getNextVersion(current);
    const [number = "", ...rest] = current.split(".");
    return [String(BigInt(number) + 1n).padStart(32, "0"), ...rest].join(".");
  }

  override async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    const given = config.configurable ?? {};
    const { thread_id, checkpoint_ns } = given;
    if (text(thread_id) === undefined) return undefined;
    const apart = this.#codec.readable && !checkpoint_ns;
    const held = apart ? this.#held.latest(this.#heldKey(given)) : undefined;
    const args = {
      thread_id: text(thread_id),
      checkpoint_ns: text(checkpoint_ns),
      checkpoint_id: text(getCheckpointId(config) || undefined),
      held: apart ? (held?.mark ?? "") : undefined,
    };
    const get = call("checkpoint_get", args, GOT);
    const isLatest = args.checkpoint_id === undefined && !args.checkpoint_ns;
    const [row] = isLatest ? await this.#latest(config, get) : await this.#run(given, get);
    if (row === undefined) return undefined;
    const lists = this.#read(row, new Lists(row.thread_id, held));
    const size = (held?.characters ?? 0) + (row.lists?.length ?? 0);
    if (lists.size > 0 && row.mark) this.#keep(given, row, { mark: row.mark, lists, characters: size });
    const tuple = await this.#tuple(row, lists);
    if (isLatest && isRun(config)) await this.#tellOfHalfStep(config, tuple);
    return tuple;
  }

  /** Of the root namespace, with what was said in the log. */
  async #latest(config: RunnableConfig, get: Statement): Promise<Row[]> {
    const given = config.configurable ?? {};
    if (this.#options.fold === false || !this.#mayFold || isAddressed(config)) return this.#run(given, get);
    const fold = { text: FOLD, values: [text(given["thread_id"])!, String(!isRun(config))] };
    try {
      return await this.#run(given, fold, get);
    } catch (error) {
      if ((error as { code?: unknown }).code !== DENIED) throw error;
    }
    const rows = await this.#run(given, get);
    if (this.#mayFold)
      process.emitWarning(
        "this role may not call thread_fold(): what is said in a thread by SQL is not seen by the graph " +
          "(fold: false says that this is meant)",
        { type: "ThreadmemWarning", code: "THREADMEM_NO_FOLD" },
      );
    this.#mayFold = false;
    return rows;
  }

  /** Of a step that a graph is about to go on with. */
  async #tellOfHalfStep(run: RunnableConfig, { config, pendingWrites = [] }: CheckpointTuple): Promise<void> {
    const given = run.configurable ?? {};
    const step = halfStep(pendingWrites);
    const { thread_id, checkpoint_id } = config.configurable as Key;
    if (isAddressed(run) && run.metadata?.["checkpoint_id"] !== checkpoint_id) return;
    if (step.done === 0 && step.answered === 0 && !step.asked) return;
    const below = { thread_id, metadata: this.#codec.dump({ parents: { "": checkpoint_id } }), max_rows: 1 };
    const inSubgraph = step.asked && (await this.#run(given, call("checkpoint_list", below, ""))).length > 0;
    warnOfHalfStep(thread_id, step, inSubgraph);
  }

  override async *list(config: RunnableConfig, options: CheckpointListOptions = {}): AsyncGenerator<CheckpointTuple> {
    const given = config.configurable ?? {};
    const { thread_id, checkpoint_ns, checkpoint_id } = given;
    const filters = {
      thread_id: text(thread_id),
      checkpoint_ns: text(checkpoint_ns),
      checkpoint_id: text(checkpoint_id || undefined),
      metadata: options.filter && this.#codec.dump(options.filter),
      before_id: text(options.before?.configurable?.["checkpoint_id"] || undefined),
      apart: this.#codec.readable || undefined,
    };
    let left = options.limit ?? Infinity;
    let size = FIRST_PAGE;
    let after_position: string | undefined;
    while (left > 0) {
      const max_rows = Math.min(size, left);
      const page = call("checkpoint_list", { ...filters, max_rows, after_position }, LISTED);
      const rows: Row[] = await this.#run(given, page);
      const reader = new Lists();
      for (const row of rows) yield await this.#tuple(row, this.#read(row, reader));
      if (rows.length < max_rows) return;
      left -= rows.length;
      size = nextPage(rows.map((row) => row.checkpoint.length + row.pending_writes.length + (row.lists?.length ?? 0)));
      after_position = rows.at(-1)?.position;
    }
  }

  override async deleteThread(threadId: string): Promise<void> {
    this.#held.forget(this.#heldKey({ thread_id: threadId }));
    await this.#run({}, call("checkpoint_delete_thread", { thread_id: text(threadId) }));
  }

  override async getDeltaChannelHistory(options: {
    config: RunnableConfig;
    channels: string[];
  }): Promise<Record<string, DeltaChannelHistory>> {
    const given = options.config.configurable ?? {};
    if (options.channels.length === 0) return {};
    if (text(given["thread_id"]) === undefined)
      return Object.fromEntries(options.channels.map((name) => [name, { writes: [] }]));
    const args = {
      thread_id: text(given["thread_id"]),
      channels: options.channels.map(escapeText),
      checkpoint_ns: text(given["checkpoint_ns"]),
      checkpoint_id: text(getCheckpointId(options.config) || undefined),
    };
    const walk = call("checkpoint_delta_history", args, "checkpoint_delta_history::text AS history");
    const [row] = await this.#run(given, walk);
    const history: Record<string, DeltaChannelHistory> = await this.#codec.load(row.history);
    for (const channel of Object.values(history)) {
      channel.writes = await this.#writes(channel.writes);
      if ("seed" in channel) channel.seed = await this.#codec.loadValue(channel.seed);
    }
    return history;
  }

  /** Copies a thread's checkpoints and writes, under the same ids; returns how many checkpoints. */
  copyThread(sourceThreadId: string, targetThreadId: string): Promise<number> {
    return this.#count("checkpoint_copy_thread", {
      thread_id: text(sourceThreadId),
      new_thread_id: text(targetThreadId),
    });
  }

  /** Thins out checkpoints; the state of those that stay, delta channels included, is not changed. */
  prune(threadIds: string[], { strategy, keep }: PruneOptions = {}): Promise<number> {
    return this.#count("checkpoint_prune", { thread_ids: threadIds.map(escapeText), strategy, keep });
  }

  /** Deletes the checkpoints whose metadata has one of these as run_id, in one thread or in all. */
  deleteForRuns(runIds: string[], threadId?: string): Promise<number> {
    return this.#count("checkpoint_delete_for_runs", {
      run_ids: runIds.map(escapeText),
      thread_id: text(threadId),
    });
  }

  #read(row: Row, reader: Lists): Map<string, HeldList> {
    return row.lists === null ? new Map() : reader.read(row.thread_id, this.#codec.tree(row.lists));
  }

  async #tuple(row: Row, lists: ReadonlyMap<string, HeldList>): Promise<CheckpointTuple> {
    const [checkpoint, metadata, writes] = await Promise.all([
      this.#codec.load(row.checkpoint),
      this.#codec.load(row.metadata),
      this.#codec.load(row.pending_writes),
    ]);
    const values: Record<string, unknown> = checkpoint.channel_values;
    for (const channel in values) values[channel] = await this.#codec.loadValue(values[channel]);
    for (const [channel, list] of lists) values[channel] = await list.build();
    const tuple: CheckpointTuple = {
      config: configOf(row),
      checkpoint,
      metadata,
      pendingWrites: await this.#writes(writes),
    };
    if (row.parent_checkpoint_id !== null)
      tuple.parentConfig = configOf({ ...row, checkpoint_id: row.parent_checkpoint_id });
    return tuple;
  }

  #writes(writes: CheckpointPendingWrite[]): Promise<CheckpointPendingWrite[]> {
    return Promise.all(
      writes.map(async ([task, channel, value]): Promise<CheckpointPendingWrite> => {
        return [task, channel, await this.#codec.loadValue(value)];
      }),
    );
  }

  async #count(name: string, args: Parameters<typeof call>[1]): Promise<number> {
    const [row] = await this.#run({}, call(name, args, `${name} AS count`));
    return Number(row.count);
  }

  #tenantOf({ tenant }: Given): string | undefined {
    const own = this.#options.tenant;
    if (tenant === undefined || tenant === null || tenant === own) return own;
    // What is configurable often comes from outside.
    if (own !== undefined) throw new Error(`the saver works for the tenant ${own}, configurable names ${tenant}`);
    return String(tenant);
  }

  #ownerOf({ user_id, userId, title, graph_id, graph }: Given): Owner {
    return {
      userId: text(user_id ?? userId) ?? this.#owner.userId,
      title: text(title) ?? this.#owner.title,
      graph: text(graph_id ?? graph) ?? this.#owner.graph,
    };
  }

  /** The rows of the last statement. */
  async #run(given: Given, ...statements: Statement[]): Promise<any[]> {
    const results = await this.#database.run(statements, text(this.#tenantOf(given)));
    return results.at(-1)!;
  }
}

type Given = Record<string, any>;

/** An id; the server refuses those in which there was something to escape. */
function text(id: unknown): string | undefined {
  return id === undefined || id === null ? undefined : escapeText(String(id));
}

function configOf({ thread_id, checkpoint_ns, checkpoint_id }: Key): RunnableConfig {
  return { configurable: { thread_id, checkpoint_ns, checkpoint_id } };
}

/** As the server has it: a subgraph's first checkpoint has no parent, but names the one it runs under. */
function begins(config: RunnableConfig, metadata: CheckpointMetadata): boolean {
  const { checkpoint_id, checkpoint_ns } = config.configurable ?? {};
  const nested = checkpoint_ns && Object.keys(metadata.parents ?? {}).length > 0;
  return text(checkpoint_id) === undefined && !nested;
}

/** Whether a graph is about to run, and not only looked at: the engine's config has where nodes write to. */
function isRun(config: RunnableConfig): boolean {
  return "writer" in config && !("executionInfo" in config);
}

/** Of a run that goes on from a checkpoint by its id: the engine only looks whether that is the latest one. */
function isAddressed(config: RunnableConfig): boolean {
  return isRun(config) && config.metadata?.["checkpoint_id"] !== undefined;
}

/*
 * The server has the values of the other channels already. A copy of a checkpoint has no new versions;
 * its values go along for versions that two branches have given to different values.
 */
function changedValues(checkpoint: Checkpoint, newVersions?: ChannelVersions): [string, unknown][] {
  const values = Object.entries(checkpoint.channel_values);
  if (newVersions === undefined || Object.keys(newVersions).length === 0) return values;
  return values.filter(([channel]) => Object.hasOwn(newVersions, channel));
}

function missing(action: string, field: string): Error {
  const hint =
    field === "thread_id"
      ? ' When using a checkpointer, you must pass a "thread_id" so the checkpointer knows which conversation ' +
        'thread to persist state for. Example: graph.stream(input, { configurable: { thread_id: "my-thread-id" } })'
      : "";
  return new Error(
    `Failed to ${action}. The passed RunnableConfig is missing a required "${field}" field in its ` +
      `"configurable" property.${hint}`,
  );
}
