/** How statements reach the database: several as one transaction and in one round trip. */

import pg from "pg";

type Given = string | number | boolean | readonly Given[];

export interface Statement {
  readonly text: string;
  readonly values: readonly (string | null)[];
}

/** By column: the text of a value, or null. */
export type Row = any;

export const TENANT = "SELECT pg_catalog.set_config('threadmem.tenant', $1, true)";

/** A call of a function by its arguments' names; those that are undefined take their defaults. */
export function call(name: string, args: Record<string, Given | undefined>, columns = "*"): Statement {
  const given = Object.entries(args).filter((arg): arg is [string, Given] => arg[1] !== undefined);
  const named = given.map(([argument], i) => `${argument} => $${i + 1}`).join(", ");
  return { text: `SELECT ${columns} FROM threadmem.${name}(${named})`, values: given.map(([, it]) => literal(it)) };
}

/** The rows of each statement, in one round trip on a connection, within the transaction that it is in. */
export function runOn(client: pg.Client, statements: readonly Statement[]): Promise<Row[][]> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, results: pg.QueryResult | pg.QueryResult[]) =>
      error ? reject(error) : resolve([results].flat().map(({ rows }) => rows));
    // The types know no callback of such a query.
    (client.query as (query: pg.Submittable, done: unknown) => void).call(client, new Transaction(statements), done);
  });
}

export class Database {
  readonly #pool: pg.Pool;
  readonly #ownsPool: boolean;

  /** @param pool a pool, which stays its owner's, or a connection string */
  constructor(pool: pg.Pool | string) {
    this.#ownsPool = typeof pool === "string";
    this.#pool = typeof pool === "string" ? openPool(pool) : pool;
  }

  get pool(): pg.Pool {
    return this.#pool;
  }

  /** The rows of each statement. They see the tenant's rows, where one is given, and it is gone after them. */
  async run(statements: readonly Statement[], tenant?: string): Promise<Row[][]> {
    const all = tenant === undefined ? statements : [{ text: TENANT, values: [tenant] }, ...statements];
    // The type is that of a query which is no pool's; a pool's is a promise.
    const query = this.#pool.query(new Transaction(all)) as unknown as Promise<pg.QueryResult | pg.QueryResult[]>;
    return [await query]
      .flat()
      .slice(all.length - statements.length)
      .map(({ rows }) => rows);
  }

  /** Checks that the extension is there: nothing has to be made. */
  async setup(): Promise<void> {
    const [found] = await this.run([
      { text: "SELECT FROM pg_catalog.pg_extension WHERE extname = 'threadmem'", values: [] },
    ]);
    if (found!.length === 0)
      throw new Error(
        "the extension threadmem is not in this database: a superuser creates it with CREATE EXTENSION threadmem CASCADE",
      );
  }

  /** Closes the connections that were opened here. */
  async end(): Promise<void> {
    if (this.#ownsPool) await this.#pool.end();
  }
}

/** Applications may have parsers of their own for any type: here every value is its text. */
const AS_TEXT = { getTypeParser: () => (text: unknown) => text } as pg.CustomTypesConfig;

/**
 * Statements that end with one Sync: the server takes all before it for one transaction, and the first error ends it.
 * Nothing is prepared by name, so it works behind a pooler that lends connections for a transaction.
 */
class Transaction extends pg.Query {
  readonly #statements: readonly Statement[];

  constructor(statements: readonly Statement[]) {
    super({ text: statements.map(({ text }) => text).join("; "), types: AS_TEXT });
    this.#statements = statements;
  }

  override submit = (connection: pg.Connection): void => {
    const { stream } = connection;
    stream.cork();
    for (const { text, values } of this.#statements) {
      connection.parse({ name: "", text, types: [] }, true);
      connection.bind({ values: [...values] }, true);
      connection.describe({ type: "P", name: "" }, true);
      connection.execute({}, true);
    }
    connection.sync();
    stream.uncork();
  };
}

function openPool(connectionString: string): pg.Pool {
  const pool = new pg.Pool({ connectionString });
  pool.on("error", () => {}); // of an idle connection; the pool drops it and opens another
  return pool;
}

/** As PostgreSQL reads it: arrays in braces, what stands in them in quotes. */
function literal(value: Given): string {
  if (typeof value !== "object") return String(value);
  const items = value.map((it) => (typeof it === "string" ? `"${it.replace(/["\\]/g, "\\$&")}"` : literal(it)));
  return `{${items.join()}}`;
}
