/** LangGraph's long-term store on the PostgreSQL extension threadmem: one round trip for a batch. */

import {
  BaseStore,
  JsonPlusSerializer,
  validateNamespace,
  type IndexConfig,
  type Item,
  type Operation,
  type OperationResults,
  type SearchItem,
} from "@langchain/langgraph-checkpoint";
import type pg from "pg";
import { call, Database } from "./database.js";
import { Embedding } from "./embedding.js";
import { Codec, escapeText } from "./encoding.js";
import { Batch, type Defaults, type TtlOptions } from "./items.js";

const SWEEP = call("store_purge_expired", {}, "store_purge_expired AS swept");
const DENIED = "42501";

/** As LangGraph's PostgresStore has it. */
export interface TtlConfig {
  /** Of items that say none: minutes until they expire, and parts of them. */
  defaultTtl?: number | undefined;
  /** Whether reading lets an item's time begin anew: true. */
  refreshOnRead?: boolean | undefined;
  /** From one sweep to the next; without it nothing is swept, but what has expired is not read. */
  sweepIntervalMinutes?: number | undefined;
}

export interface StoreOptions {
  /** What is embedded, by what; without it a query is looked for by its words. */
  index?: IndexConfig | undefined;
  ttl?: TtlConfig | undefined;
  /** For which the store works, set in each transaction. */
  tenant?: string | undefined;
}

export class ThreadmemStore extends BaseStore {
  readonly #options: StoreOptions;
  readonly #database: Database;
  readonly #codec = new Codec(new JsonPlusSerializer());
  readonly #defaults: Defaults;
  #mayRenew = true;
  #sweeper: NodeJS.Timeout | undefined;

  /** @param pool a pool, which stays its owner's, or a connection string */
  constructor(pool: pg.Pool | string, options: StoreOptions = {}) {
    super();
    const { ttl = {}, index } = options;
    this.#options = options;
    this.#database = new Database(pool);
    this.#defaults = { ttl: ttl.defaultTtl ?? null, refreshTtl: ttl.refreshOnRead ?? true, fields: index?.fields };
  }

  static fromConnString(connectionString: string, options?: StoreOptions): ThreadmemStore {
    return new ThreadmemStore(connectionString, options);
  }

  /** A store on the same connections that works for this tenant. */
  forTenant(tenant: string): ThreadmemStore {
    return new ThreadmemStore(this.#database.pool, { ...this.#options, tenant });
  }

  /** Checks that the extension is there: nothing has to be made. */
  setup(): Promise<void> {
    return this.#database.setup();
  }

  /** Those that read see the store as it was before those that write, of which the last one of a key counts. */
  override async batch<Op extends Operation[]>(operations: Op): Promise<OperationResults<Op>> {
    const { index } = this.#options;
    const batch = new Batch(operations, this.#codec, this.#defaults, index && new Embedding(index));
    await batch.embed();
    await this.#run(batch);
    return (await batch.results()) as OperationResults<Op>;
  }

  override async get(namespace: string[], key: string, options: Refresh = {}): Promise<Item | null> {
    const [item] = await this.batch([{ namespace, key, ...options }]);
    return item!;
  }

  override async search(
    namespacePrefix: string[],
    options: { filter?: Record<string, any>; limit?: number; offset?: number; query?: string } & Refresh = {},
  ): Promise<SearchItem[]> {
    const [items] = await this.batch([{ namespacePrefix, ...options }]);
    return items!;
  }

  override async put(
    namespace: string[],
    key: string,
    value: Record<string, any>,
    index?: false | string[],
    options: Pick<TtlOptions, "ttl"> = {},
  ): Promise<void> {
    validateNamespace(namespace);
    await this.batch([{ namespace, key, value, ...(index !== undefined && { index }), ...options }]);
  }

  /** Deletes the items whose time is over, and says how many. Nobody reads them as it is. */
  async sweepExpiredItems(): Promise<number> {
    let total = 0;
    for (;;) {
      const [rows] = await this.#database.run([SWEEP], this.#tenant);
      const swept = Number(rows![0].swept);
      if (swept === 0) return total;
      total += swept;
    }
  }

  /** Sweeps from now on, where ttl has an interval for it. */
  override start(): void {
    const { sweepIntervalMinutes } = this.#options.ttl ?? {};
    if (sweepIntervalMinutes === undefined || this.#sweeper !== undefined) return;
    const tell = (error: Error) => process.emitWarning(`items of the store were not swept: ${error.message}`, WARNING);
    this.#sweeper = setInterval(() => void this.sweepExpiredItems().catch(tell), sweepIntervalMinutes * 60_000);
    this.#sweeper.unref();
  }

  /** Sweeps no more, and closes the connections of a store that was made from a connection string. */
  override async stop(): Promise<void> {
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
    await this.#database.end();
  }

  /** {@link stop}, by the name that the saver has for it. */
  end(): Promise<void> {
    return this.stop();
  }

  toJSON(): string {
    return "[ThreadmemStore]";
  }

  async #run(batch: Batch): Promise<void> {
    for (;;) {
      const { reads, writes } = batch.next();
      if (reads.length + writes.length === 0) return;
      const run = (renew: boolean) =>
        this.#database.run([...reads.map((read) => read.statement(renew)), ...writes], this.#tenant);
      const renew = this.#mayRenew && reads.some((read) => read.renews);
      const results = await run(renew).catch(async (error) => {
        if (!renew || error.code !== DENIED) throw error;
        const unrenewed = await run(false);
        this.#renewNothing();
        return unrenewed;
      });
      for (const [i, read] of reads.entries()) read.took(results[i]!);
    }
  }

  /** Of a role that may only read. */
  #renewNothing(): void {
    if (!this.#mayRenew) return;
    this.#mayRenew = false;
    process.emitWarning(
      "this role may not call store_touch(): what is read from the store is not renewed " +
        "(ttl: { refreshOnRead: false } says that this is meant)",
      { ...WARNING, code: "THREADMEM_NO_RENEWAL" },
    );
  }

  get #tenant(): string | undefined {
    const { tenant } = this.#options;
    return tenant === undefined ? undefined : escapeText(tenant);
  }
}

type Refresh = Pick<TtlOptions, "refreshTtl">;

const WARNING = { type: "ThreadmemWarning" };
