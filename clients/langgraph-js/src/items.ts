/** Operations on the store: what is read and written for them, in one transaction. */

import {
  validateNamespace,
  type GetOperation,
  type Item,
  type ListNamespacesOperation,
  type MatchCondition,
  type Operation,
  type PutOperation,
  type SearchItem,
  type SearchOperation,
} from "@langchain/langgraph-checkpoint";
import { call, type Statement } from "./database.js";
import type { Embedding } from "./embedding.js";
import { checked, escapeJson, escapeText, unescapeJson, type Codec } from "./encoding.js";
import { spellings, textsAt } from "./paths.js";
import { encode, encodeMembers } from "./values.js";

/** What the server gives and takes at most: rows, operations, and characters that are well below what jsonb holds. */
const MAX_ROWS = 1000;
const MAX_WRITES = 1000;
const MAX_CHARACTERS = 64_000_000;

/** Nothing is renewed where nothing may be written: on a standby, in a transaction that is read only. */
const RENEW =
  ", CASE WHEN ttl_minutes IS NOT NULL AND NOT pg_catalog.pg_is_in_recovery() " +
  "AND pg_catalog.current_setting('transaction_read_only') = 'off' THEN threadmem.store_touch(namespace, key) END";
const ORDERS = ["$gt", "$gte", "$lt", "$lte"];
const OPERATORS = ["$eq", "$ne", ...ORDERS];

/** What LangGraph's operations do not have. */
export interface TtlOptions {
  /** Of what is put: minutes until it expires, and parts of them; null: it stays. */
  ttl?: number | null | undefined;
  /** Whether reading lets the time to live begin anew. */
  refreshTtl?: boolean | undefined;
}

/** What operations have from the store where they say nothing. */
export interface Defaults {
  readonly ttl: number | null;
  readonly refreshTtl: boolean;
  readonly fields: readonly string[] | undefined;
}

type Args = Parameters<typeof call>[1];

interface ItemRow {
  item: string;
}

/** What is read for one operation, in pages. */
export class Read {
  readonly rows: any[] = [];

  constructor(
    readonly name: string,
    readonly columns: string,
    readonly renews: boolean,
    readonly build: (rows: any[]) => unknown,
    public args: Args,
    /** Rows that are still wanted. */
    public left = 1,
  ) {}

  get isLong(): boolean {
    return this.left > MAX_ROWS;
  }

  statement(renew: boolean): Statement {
    const paged = this.name === "store_get" ? {} : { max_rows: Math.min(this.left, MAX_ROWS) };
    return call(this.name, { ...this.args, ...paged }, this.columns + (this.renews && renew ? RENEW : ""));
  }

  took(rows: any[]): void {
    this.rows.push(...rows);
    this.left = rows.at(-1)?.has_more === "t" ? this.left - rows.length : 0;
    this.args = { ...this.args, skip: undefined, after_position: rows.at(-1)?.position };
  }
}

interface Place {
  readonly namespace: string[];
  readonly key: string;
}

/** What is stored or deleted under one key, as store_batch() takes it. */
interface Write extends Place {
  readonly op: string;
  readonly value?: unknown;
  readonly ttl?: number;
  readonly index?: string[] | false;
  embeddings?: number[][];
  /** Of which its vectors are made. */
  readonly texts: string[];
}

export class Batch {
  readonly #codec: Codec;
  readonly #defaults: Defaults;
  readonly #embedding: Embedding | undefined;
  /** In the order of the operations; undefined is what is written. */
  readonly #reads: (Read | undefined)[] = [];
  /** The last one of a key counts. */
  readonly #writes = new Map<string, Write>();
  readonly #queries = new Map<Read, string>();
  #isWritten = false;

  /** Every operation is checked as the method of its kind does it, before any is sent. */
  constructor(operations: readonly Operation[], codec: Codec, defaults: Defaults, embedding?: Embedding) {
    this.#codec = codec;
    this.#defaults = defaults;
    this.#embedding = embedding;
    for (const operation of operations)
      if ("namespacePrefix" in operation) this.#reads.push(this.#search(operation));
      else if ("value" in operation) this.#reads.push(this.#put(operation));
      else if ("key" in operation) this.#reads.push(this.#get(operation));
      else this.#reads.push(this.#list(operation));
  }

  async embed(): Promise<void> {
    if (this.#embedding === undefined) return;
    const writes = [...this.#writes.values()];
    await this.#embedding.run(
      writes.flatMap(({ texts }) => texts),
      [...this.#queries.values()],
    );
    for (const write of writes) {
      const vectors = this.#embedding.ofDocuments(write.texts);
      if (vectors.length > 0) write.embeddings = vectors;
    }
    for (const [read, query] of this.#queries) read.args["embedding"] = this.#embedding.ofQuery(query);
  }

  /** Reads to be sent next, and what is written, which comes after the last of them; neither where all is done. */
  next(): { reads: Read[]; writes: Statement[] } {
    const reads = this.#reads.filter((read): read is Read => read !== undefined && read.left > 0);
    const isLast = !reads.some((read) => read.isLong);
    const writes = isLast && !this.#isWritten ? this.#writeStatements() : [];
    this.#isWritten ||= isLast;
    return { reads, writes };
  }

  results(): Promise<unknown[]> {
    return Promise.all(this.#reads.map(async (read) => (read === undefined ? null : read.build(read.rows))));
  }

  #get({ namespace, key, refreshTtl }: GetOperation & TtlOptions): Read {
    validateNamespace(namespace, { allowReservedRoot: true });
    const args = { namespace: labels(namespace), key: escapeText(String(key)), missing_ok: true };
    const build = async ([row]: ItemRow[]) => (row === undefined ? null : this.#item(row));
    return new Read("store_get", column("store_get"), this.#refresh(refreshTtl), build, args);
  }

  #search(operation: SearchOperation & TtlOptions): Read {
    const { namespacePrefix, filter, query, limit = 10, offset = 0, refreshTtl } = operation;
    validateNamespace(namespacePrefix, { allowEmpty: true, allowReservedRoot: true });
    const args: Args = {
      namespace_prefix: labels(namespacePrefix),
      filter: filter && this.#codec.text(filterOf(filter)),
      skip: count("offset", offset) || undefined,
    };
    const columns = `${column("store_search")}, position, has_more`;
    const build = (rows: ItemRow[]) => Promise.all(rows.map((row) => this.#item(row)));
    const read = new Read("store_search", columns, this.#refresh(refreshTtl), build, args, count("limit", limit));
    if (query && this.#embedding) this.#queries.set(read, query);
    else if (query) args["query"] = escapeText(query);
    return read;
  }

  #list({ matchConditions = [], maxDepth, limit = 100, offset = 0 }: ListNamespacesOperation): Read {
    const [prefix, suffix] = [merged(matchConditions, "prefix"), merged(matchConditions, "suffix")];
    const args: Args = { max_depth: maxDepth, skip: count("offset", offset) || undefined };
    if (prefix?.length) args["prefix"] = prefix;
    if (suffix?.length) args["suffix"] = suffix;
    const build = (rows: { labels: string }[]) => rows.map((it) => JSON.parse(unescapeJson(it.labels)) as string[]);
    const columns = "pg_catalog.to_json(namespace)::text AS labels, position, has_more";
    const wanted = prefix === undefined || suffix === undefined ? 0 : count("limit", limit);
    return new Read("store_list_namespaces", columns, false, build, args, wanted);
  }

  #put({ namespace, key, value, index, ttl = this.#defaults.ttl }: PutOperation & TtlOptions): undefined {
    validateNamespace(namespace, value === null ? { allowReservedRoot: true } : {});
    const name = `the item ${JSON.stringify(key)} of ${JSON.stringify(namespace)}`;
    const place = { namespace, key: String(key) };
    const write = value === null ? { op: "delete", texts: [] } : this.#stored(name, value, index, ttl);
    this.#writes.set(JSON.stringify(place), { ...place, ...write });
  }

  #stored(name: string, value: object, index: PutOperation["index"], ttl: number | null): Omit<Write, keyof Place> {
    // Arrays, maps and the like have no members.
    if (Object.prototype.toString.call(value) !== "[object Object]")
      throw new TypeError(`${name} has a value that is no object with members`);
    const paths = index === false ? [] : (index ?? this.#defaults.fields);
    return {
      op: "put",
      value: checked(() => encodeMembers(value), name),
      ...(ttl !== null && { ttl }),
      ...(paths !== undefined && { index: paths.length > 0 && paths.flatMap(spellings) }),
      texts: this.#embedding ? (paths ?? ["$"]).flatMap((path) => textsAt(value, path)) : [],
    };
  }

  /** In one order, so that two batches wait for each other in one way only. */
  #writeStatements(): Statement[] {
    const parts: string[][] = [];
    let characters = Infinity;
    for (const { texts: _, ...write } of [...this.#writes.values()].sort(byPlace)) {
      const text = JSON.stringify(write);
      characters += text.length;
      if (characters > MAX_CHARACTERS || parts.at(-1)!.length === MAX_WRITES) {
        parts.push([]);
        characters = text.length;
      }
      parts.at(-1)!.push(text);
    }
    return parts.map((part) => call("store_batch", { operations: escapeJson(`[${part.join()}]`) }, ""));
  }

  async #item({ item }: ItemRow): Promise<SearchItem> {
    const { namespace, key, value, created_at, updated_at, score } = JSON.parse(unescapeJson(item));
    const found: Item = {
      namespace,
      key,
      value: await this.#codec.loadMembers(value),
      createdAt: new Date(created_at),
      updatedAt: new Date(updated_at),
    };
    return typeof score === "number" ? { ...found, score } : found;
  }

  #refresh(asked?: boolean): boolean {
    return asked ?? this.#defaults.refreshTtl;
  }
}

const column = (name: string) => `pg_catalog.to_jsonb(${name})::text AS item`;
const labels = (namespace: readonly string[]) => namespace.map(escapeText);

function byPlace(a: Place, b: Place): number {
  const [one, other] = [a, b].map(({ namespace, key }) => Buffer.from([...namespace, key].join("\u0001")));
  return Buffer.compare(one!, other!);
}

function count(name: string, number: number): number {
  if (!(number === Infinity || (Number.isSafeInteger(number) && number >= 0)))
    throw new RangeError(`${name} is ${number}, not a whole number from 0`);
  return number;
}

/** What fields are compared with. What JSON has no form for is equal or not, as a whole. */
function filterOf(filter: Record<string, any>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(filter).map(([field, wanted]) => [field, wantedOf(field, wanted)]));
}

function wantedOf(field: string, wanted: any): unknown {
  if (wanted === undefined) throw new TypeError(`filter: ${field} is undefined`);
  const isPlain = typeof wanted === "object" && wanted !== null && Object.getPrototypeOf(wanted) === Object.prototype;
  const operators = isPlain ? Object.keys(wanted).filter((name) => name.startsWith("$")) : [];
  if (operators.length > 0)
    return Object.fromEntries(Object.entries(wanted).map(([name, it]) => [name, operandOf(field, name, it)]));
  const node = encode(wanted);
  return isRecord(node) && !isPlain ? { $eq: node } : node;
}

function operandOf(field: string, operator: string, operand: unknown): unknown {
  if (!OPERATORS.includes(operator))
    throw new TypeError(`filter: ${operator} of ${field} is none of ${OPERATORS.join(", ")}`);
  const node = encode(operand);
  if (ORDERS.includes(operator) && typeof node === "object" && node !== null)
    throw new TypeError(`filter: ${operator} of ${field} compares text, and numbers up to 2^53`);
  return node;
}

const isRecord = (node: unknown) => typeof node === "object" && node !== null && !Array.isArray(node);

/** All prefixes as one, or all suffixes; undefined where no namespace could have them all. */
function merged(conditions: readonly MatchCondition[], kind: MatchCondition["matchType"]): string[] | undefined {
  const all: string[] = [];
  for (const { matchType, path } of conditions) {
    if (matchType !== "prefix" && matchType !== "suffix") throw new TypeError(`there is no match by ${matchType}`);
    validateNamespace(path, { allowEmpty: true, allowReservedRoot: true });
    if (matchType !== kind) continue;
    for (const [i, label] of labels(kind === "suffix" ? path.toReversed() : path).entries()) {
      const known = all[i] ?? "*";
      if (known !== "*" && label !== "*" && label !== known) return undefined;
      all[i] = known === "*" ? label : known;
    }
  }
  return kind === "suffix" ? all.reverse() : all;
}
