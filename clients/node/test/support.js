// What the tests share. The server is the one that PG* or DATABASE_URL name, with the extension created.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { Threadmem } from 'threadmem';

export const newPool = (max = 1) => new pg.Pool({ max, ...(process.env.DATABASE_URL ? { connectionString: process.env.DATABASE_URL } : {}) });
export const newTenant = () => randomUUID();
export const newCalls = (pool) => new Threadmem(pool, { tenant: newTenant() });

const generated = Object.getPrototypeOf(Threadmem.prototype);
/** The methods that were made from the catalog. */
export const names = Object.getOwnPropertyNames(generated).filter((name) => name !== 'constructor').sort();

/** What a method sends: its function, and the arguments by name and type. */
export function recorded(name) {
  let seen;
  generated[name].call({ call: (sqlName, read, args, types) => { seen = { name: sqlName, types }; } }, {});
  return seen;
}
