// Where the calls go: a client, which may be in a transaction, or a pool.

import { statement, type Arguments, type Read } from './call.js';
import { translated } from './errors.js';
import { Functions } from './functions.js';

export interface Query {
  text: string;
  values?: any[];
  types?: { getTypeParser(oid: number, format?: any): any };
}

/** pg's Client, or what has its method. */
export interface Client {
  query(config: Query): Promise<{ rows: any[]; command: string }>;
}

export interface PoolClient extends Client {
  release(destroy?: boolean): void;
}

/** pg's Pool, or what has its methods. */
export interface Pool extends Client {
  readonly totalCount: number;
  connect(): Promise<PoolClient>;
}

export interface Options {
  /** For which it works, set for the transaction; without it the one that the session has. */
  tenant?: string | null | undefined;
  /** Narrows the transaction to threads that this user owns or takes part in. */
  user_id?: string | null | undefined;
}

/** What is to happen in a transaction: its calls, and the client for other statements. */
type Work<T> = (calls: Threadmem, client: Client) => Promise<T>;

/**
 * The functions of the extension threadmem, as methods.
 *
 * With a pool every call is a transaction of its own, in one round trip. On a client it takes part in the transaction
 * that is open there.
 */
export class Threadmem extends Functions {
  readonly #source: Client | Pool;
  readonly #options: Options;
  readonly #settings: [string, string][];

  constructor(source: Client | Pool, options: Options = {}) {
    super();
    this.#source = source;
    this.#options = options;
    this.#settings = [];
    for (const name of ['tenant', 'user_id'] as const) {
      const value = options[name];
      if (value !== undefined && value !== null) this.#settings.push([`threadmem.${name}`, value]);
    }
  }

  /**
   * Calls that happen all or not at all: work gets an object for them, and their client for other statements. On a
   * client it is a savepoint in the transaction that is open there.
   */
  async transaction<T>(work: Work<T>): Promise<T> {
    return isPool(this.#source) ? this.#begun(this.#source, work) : this.#saved(this.#source, work);
  }

  async #begun<T>(pool: Pool, work: Work<T>): Promise<T> {
    const client = await pool.connect();
    let lost = false;
    try {
      await client.query({ text: 'BEGIN' });
      const result = await this.#on(client, work);
      const { command } = await client.query({ text: 'COMMIT' });
      if (command === 'ROLLBACK') throw new Error('the transaction was rolled back: a statement in it had failed');
      return result;
    } catch (error) {
      await client.query({ text: 'ROLLBACK' }).catch(() => { lost = true; });
      throw translated(error);
    } finally {
      client.release(lost);
    }
  }

  async #saved<T>(client: Client, work: Work<T>): Promise<T> {
    await client.query({ text: 'SAVEPOINT threadmem' });
    try {
      const result = await this.#on(client, work);
      await client.query({ text: 'RELEASE threadmem' });
      return result;
    } catch (error) {
      await client.query({ text: 'ROLLBACK TO threadmem' }).catch(() => undefined); // the first error tells more
      throw translated(error);
    }
  }

  #on<T>(client: Client, work: Work<T>): Promise<T> {
    return work(new Threadmem(client, this.#options), client);
  }

  protected override async call(name: string, read: Read, args: Arguments, types: Record<string, string>): Promise<any> {
    const query = statement(name, args, types, this.#settings);
    const { rows } = await this.#source.query(query).catch((error: unknown) => { throw translated(error); });
    return read(rows);
  }
}

function isPool(source: Client | Pool): source is Pool {
  return 'totalCount' in source;
}
