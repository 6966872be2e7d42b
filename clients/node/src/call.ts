// A call of a SQL function, without the connection: what is sent, and what comes of the rows.

import pg from 'pg';

// What JSON.stringify takes and JSON.parse gives: its members are the application's.
export type Json = any;
export type Arguments = Record<string, unknown>;
export type Read = (found: any[]) => any;

class Document {
  constructor(readonly document: Json) {}
}

/** A document where null is JSON's own. An argument that may be left out has null for SQL's. */
export function json(document: Json): Json {
  return document instanceof Document ? document : new Document(document);
}

/**
 * One statement, that is one round trip and, where no transaction is open, one transaction.
 *
 * The settings, which hold for the transaction, are made by a condition that has nothing to do with the rows: the
 * server looks at such a one before it calls the function.
 */
export function statement(name: string, args: Arguments, types: Record<string, string>, settings: [string, string][]) {
  for (const argument of Object.keys(args)) {
    if (!(argument in types)) throw new TypeError(`${name} has no argument ${argument}`);
  }
  const given = Object.entries(types).filter(([argument]) => args[argument] !== undefined);
  const named = given.map(([argument, type], i) => `${argument} => $${i + 1}::${type}`).join(', ');
  const made = settings.map(([setting], i) => `(SELECT pg_catalog.set_config('${setting}', $${given.length + i + 1}, true)) IS NOT NULL`);
  return {
    text: `SELECT f.* FROM threadmem.${name}(${named}) AS f${made.length > 0 ? ` WHERE ${made.join(' AND ')}` : ''}`,
    values: [...given.map(([argument, type]) => sent(args[argument], type)), ...settings.map(([, value]) => value)],
    types: parsers,
  };
}

function sent(value: unknown, type: string): unknown {
  if (value instanceof Document) return JSON.stringify(value.document ?? null);
  if (value === null) return null;
  if (type === 'jsonb' || type === 'json') return JSON.stringify(value);
  if (type === 'double precision[]') return Array.from(value as ArrayLike<number>); // pg takes a Float32Array for bytes
  if (type === 'text[]' && !Array.isArray(value)) throw new TypeError(`a list is needed, not ${String(value)}`);
  return value;
}

const INT8 = 20;

/** A bigint as a number, exactly or not at all; all else as pg has it. */
const parsers = {
  getTypeParser(oid: number, format?: any): any {
    return oid === INT8 ? whole : pg.types.getTypeParser(oid, format);
  },
};

function whole(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${text} is beyond what a number holds exactly`);
  return number;
}

// A function's only value is the column f.
export const rows: Read = (found) => found;
export const row: Read = (found) => found[0];
export const maybe: Read = (found) => found[0] ?? null;
export const values: Read = (found) => found.map(({ f }) => f);
export const value: Read = (found) => found[0].f;
