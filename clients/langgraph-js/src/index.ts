/** A LangGraph checkpointer on the PostgreSQL extension threadmem: one SQL call for each method. */

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
import pg from "pg";
import { Codec, escapeText } from "./encoding.js";

export { Foreign } from "./values.js";

/** A list is read in pages: the first has these rows, the following are to have these characters. */
const FIRST_PAGE = 16;
const PAGE_CHARACTERS = 4_000_000;
const MAX_PAGE = 1000;

const COLUMNS =
  "thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, " +
  "checkpoint::text, metadata::text, pending_writes::text";
const LISTED = COLUMNS + ", position";

interface Key {
  thread_id: string;
  checkpoint_ns: string;
  checkpoint_id: string;
}

interface Row extends Key {
  parent_checkpoint_id: string | null;
  checkpoint: string;
  metadata: string;
  pending_writes: string;
  /** Of a row of a list: where its next page goes on. */
  position?: string;
}

/** Which checkpoints {@link ThreadmemSaver.prune} leaves: the newest of every namespace, or none. */
export interface PruneOptions {
  strategy?: "keep_latest" | "delete";
  /** With keep_latest: how many of every namespace stay, 1 unless told otherwise. */
  keep?: number;
}

export class ThreadmemSaver extends BaseCheckpointSaver {
  readonly #pool: pg.Pool;
  readonly #ownsPool: boolean;
  readonly #codec: Codec;
  /*
   * The puts of each thread that begin it and are not done. All else that is stored in the thread waits for
   * them, since the server takes what continues a deleted thread for a late writer's. LangGraph itself only
   * waits within a graph: the first checkpoint of a subgraph would overtake that of the graph around it.
   */
  readonly #beginnings = new Map<string, Promise<unknown>>();

  /** @param pool a pool, which stays its owner's, or a connection string */
  constructor(pool: pg.Pool | string, serde?: SerializerProtocol) {
    super(serde);
    this.#codec = new Codec(this.serde);
    this.#ownsPool = typeof pool === "string";
    this.#pool = typeof pool === "string" ? openPool(pool) : pool;
  }

  static fromConnString(connectionString: string, serde?: SerializerProtocol): ThreadmemSaver {
    return new ThreadmemSaver(connectionString, serde);
  }

  /** Closes the connections of a saver that was made from a connection string. */
  async end(): Promise<void> {
    if (this.#ownsPool) await this.#pool.end();
  }

  override async put(
    config: RunnableConfig,
    checkpoint: Checkpoint,
    metadata: CheckpointMetadata,
    newVersions: ChannelVersions,
  ): Promise<RunnableConfig> {
    const { thread_id } = config.configurable ?? {};
    if (thread_id === undefined) throw missing("put checkpoint", "thread_id");
    const thread = String(thread_id);
    const before = this.#beginnings.get(thread);
    const put = this.#put(config, checkpoint, metadata, newVersions, before);
    if (begins(config, metadata)) {
      const settled = Promise.allSettled([put, before]).then(() => {
        if (this.#beginnings.get(thread) === settled) this.#beginnings.delete(thread);
      });
      this.#beginnings.set(thread, settled);
    }
    return put;
  }

  async #put(
    config: RunnableConfig,
    checkpoint: Checkpoint,
    metadata: CheckpointMetadata,
    newVersions: ChannelVersions,
    before?: Promise<unknown>,
  ): Promise<RunnableConfig> {
    const { thread_id, checkpoint_ns, checkpoint_id, run_id } = config.configurable ?? {};
    const [stored, described, versions] = await Promise.all([
      this.#codec.dumpCheckpoint(checkpoint, changedValues(checkpoint, newVersions)),
      this.#codec.dump(run_id === undefined ? metadata : { run_id, ...metadata }),
      newVersions && this.#codec.dump(newVersions),
    ]);
    await before;
    const [key] = await this.#call<Key>("checkpoint_put", {
      thread_id: text(thread_id),
      checkpoint: stored,
      metadata: described,
      new_versions: versions,
      parent_checkpoint_id: text(checkpoint_id),
      checkpoint_ns: text(checkpoint_ns),
    });
    return configOf(key!);
  }

  override async putWrites(
    config: RunnableConfig,
    writes: PendingWrite[],
    taskId: string,
    taskPath?: string,
  ): Promise<void> {
    const { thread_id, checkpoint_ns, checkpoint_id, run_id } = config.configurable ?? {};
    if (thread_id === undefined) throw missing("put writes", "thread_id");
    if (checkpoint_id === undefined) throw missing("put writes", "checkpoint_id");
    const stored = await this.#codec.dumpWrites(writes);
    // With durability "exit" LangGraph hands over what the tasks wrote a moment before their checkpoint.
    await turn();
    await this.#beginnings.get(String(thread_id));
    await this.#call("checkpoint_put_writes", {
      thread_id: text(thread_id),
      checkpoint_id: text(checkpoint_id),
      task_id: text(taskId),
      writes: stored,
      task_path: text(taskPath),
      checkpoint_ns: text(checkpoint_ns),
      run_id: text(run_id),
    });
  }

  /** In the form that the thread has: numbers, or the text of a thread that Python's PostgresSaver began. */
  override getNextVersion(current: number | string | undefined): any {
    if (typeof current !== "string") return super.getNextVersion(current);
    const [number = "", ...rest] = current.split(".");
    return [String(BigInt(number) + 1n).padStart(32, "0"), ...rest].join(".");
  }

  override async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    const { thread_id, checkpoint_ns } = config.configurable ?? {};
    if (thread_id === undefined) return undefined;
    const [row] = await this.#call<Row>(
      "checkpoint_get",
      {
        thread_id: text(thread_id),
        checkpoint_ns: text(checkpoint_ns),
        checkpoint_id: text(getCheckpointId(config) || undefined),
      },
      COLUMNS,
    );
    return row && this.#tuple(row);
  }

  override async *list(config: RunnableConfig, options: CheckpointListOptions = {}): AsyncGenerator<CheckpointTuple> {
    const { thread_id, checkpoint_ns, checkpoint_id } = config.configurable ?? {};
    const filters = {
      thread_id: text(thread_id),
      checkpoint_ns: text(checkpoint_ns),
      checkpoint_id: text(checkpoint_id || undefined),
      metadata: options.filter && (await this.#codec.dump(options.filter)),
      before_id: text(options.before?.configurable?.["checkpoint_id"] || undefined),
    };
    let left = options.limit ?? Infinity;
    let size = FIRST_PAGE;
    let after_position: string | undefined;
    while (left > 0) {
      const max_rows = Math.min(size, left);
      const rows: Row[] = await this.#call<Row>("checkpoint_list", { ...filters, max_rows, after_position }, LISTED);
      for (const row of rows) yield await this.#tuple(row);
      if (rows.length < max_rows) return;
      left -= rows.length;
      size = nextPage(rows);
      after_position = rows.at(-1)?.position;
    }
  }

  override async deleteThread(threadId: string): Promise<void> {
    await this.#call("checkpoint_delete_thread", { thread_id: text(threadId) });
  }

  override async getDeltaChannelHistory(options: {
    config: RunnableConfig;
    channels: string[];
  }): Promise<Record<string, DeltaChannelHistory>> {
    const { thread_id, checkpoint_ns } = options.config.configurable ?? {};
    if (options.channels.length === 0) return {};
    if (thread_id === undefined) return Object.fromEntries(options.channels.map((name) => [name, { writes: [] }]));
    const [row] = await this.#call<{ history: string }>(
      "checkpoint_delta_history",
      {
        thread_id: text(thread_id),
        channels: options.channels.map(escapeText),
        checkpoint_ns: text(checkpoint_ns),
        checkpoint_id: text(getCheckpointId(options.config) || undefined),
      },
      "checkpoint_delta_history::text AS history",
    );
    const history: Record<string, DeltaChannelHistory> = await this.#codec.load(row!.history);
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

  async #tuple(row: Row): Promise<CheckpointTuple> {
    const [checkpoint, metadata, writes] = await Promise.all([
      this.#codec.load(row.checkpoint),
      this.#codec.load(row.metadata),
      this.#codec.load(row.pending_writes),
    ]);
    const values: Record<string, unknown> = checkpoint.channel_values;
    for (const channel in values) values[channel] = await this.#codec.loadValue(values[channel]);
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

  async #count(name: string, args: Record<string, unknown>): Promise<number> {
    const [row] = await this.#call<{ count: string }>(name, args, `${name} AS count`);
    return Number(row!.count);
  }

  /** Calls a function of threadmem; arguments that are undefined take their defaults. */
  async #call<R = any>(name: string, args: Record<string, unknown>, columns = "*"): Promise<R[]> {
    const given = Object.entries(args).filter(([, value]) => value !== undefined);
    const list = given.map(([argument], i) => `${argument} => $${i + 1}`).join(", ");
    const result = await this.#pool.query(
      `SELECT ${columns} FROM threadmem.${name}(${list})`,
      given.map(([, value]) => value),
    );
    return result.rows;
  }
}

function openPool(connectionString: string): pg.Pool {
  const pool = new pg.Pool({ connectionString });
  pool.on("error", () => {}); // of an idle connection; the pool drops it and opens another
  return pool;
}

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

/*
 * The server has the values of the other channels already. A copy of a checkpoint has no new versions;
 * its values go along for versions that two branches have given to different values.
 */
function changedValues(checkpoint: Checkpoint, newVersions?: ChannelVersions): [string, unknown][] {
  const values = Object.entries(checkpoint.channel_values);
  if (newVersions === undefined || Object.keys(newVersions).length === 0) return values;
  return values.filter(([channel]) => Object.hasOwn(newVersions, channel));
}

/** States are of any size, so the rows of the last page tell how many the next one asks for. */
function nextPage(rows: Row[]): number {
  const characters = rows.reduce((sum, row) => sum + row.checkpoint.length + row.pending_writes.length, 0);
  const fitting = Math.floor((PAGE_CHARACTERS * rows.length) / (characters + 1));
  return Math.max(1, Math.min(fitting, 4 * rows.length, MAX_PAGE));
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
