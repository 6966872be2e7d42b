/*
 * Values and the jsonb that both clients, this one and that for Python, have for them.
 *
 * What JSON has is JSON, messages are LangChain's constructor records, undefined, maps, patterns, errors and
 * snapshots the records (lc 2) of LangGraph's serializer. All else stands in an envelope, an object with the member
 * __threadmem__, which names a kind; so does an object of the application's own that could be taken for one of these.
 * Reading goes from the top down, so that nothing inside is looked at before it is known what it is. What JavaScript
 * has no value for, such as a date with a time zone's name, comes as a Foreign, and is written back as it was.
 */

import { load } from "@langchain/core/load";
import * as messages from "@langchain/core/messages";
import { DeltaSnapshot } from "@langchain/langgraph-checkpoint";

type Json = any;
type Members = Record<string, Json>;

export const KIND = "__threadmem__";
const RESERVED = [KIND, "lc", "__lc_escaped__"];
/** What a value was in Python that is plain data here: the members of its envelope but for the data. */
export const RECORD = Symbol.for("threadmem.record");
type MessageClass = (new (kwargs: Members) => object) & { lc_name?(): string };
const CLASSES: ReadonlyMap<string, MessageClass> = new Map(
  Object.entries(messages)
    .filter(([name, it]) => /^[A-Z]\w*Message(Chunk)?$/.test(name) && typeof it === "function")
    .map(([name, it]) => [name, it as unknown as MessageClass]),
);
const PATHS = [
  ["langchain_core", "messages"],
  ["langchain", "schema", "messages"],
];
/** LangChain's own classes of messages by their prototypes: what stands last in the lc_id of theirs. */
export const classNames: ReadonlyMap<object, string> = new Map(
  [...CLASSES].filter(([name, it]) => it.lc_name?.() === name).map(([name, it]) => [it.prototype, name]),
);

/** A value that JavaScript has no form for; it is written back as it was. */
export class Foreign {
  constructor(readonly record: Readonly<Members>) {}

  get kind(): string {
    return this.record[KIND];
  }

  /** Its data, as they lie in the database. */
  get value(): unknown {
    return this.record["value"];
  }

  toJSON(): unknown {
    return this.record;
  }
}

/** Text that begins as what another serializer wrote does, until it is known that it is none. */
export class Text {
  constructor(readonly text: string) {}
}

export function envelope(kind: string, value: Json): Members {
  return { [KIND]: kind, value };
}

const isObject = (value: unknown): value is Members => typeof value === "object" && value !== null;
/** What JSON leaves out of an object. */
export const isEmpty = (value: unknown) => value === undefined || typeof value === "function" || typeof value === "symbol";

/** A value as a tree of JSON; what JSON cannot hold at all is a TypeError. */
export function encode(value: any, path: Set<object> = new Set()): Json {
  switch (typeof value) {
    case "undefined":
      return { lc: 2, type: "undefined" };
    case "number":
      return encodeNumber(value);
    case "bigint":
      return envelope("int", String(value));
    case "function":
    case "symbol":
      throw new TypeError(`a ${typeof value}`);
    case "object":
      if (value === null) return null;
      if (path.has(value)) throw new TypeError("an object that holds itself");
      path.add(value);
      try {
        return encodeObject(value, path);
      } finally {
        path.delete(value);
      }
  }
  return value;
}

/** Members of an object that is known to be one: its keys mean nothing. Functions are left out, as JSON does. */
export function encodeMembers(members: object, path?: Set<object>): Members {
  const out: Members = Object.create(null);
  for (const [key, value] of Object.entries(members))
    if (value === undefined || !isEmpty(value)) out[key] = encode(value, path);
  return out;
}

export function encodeNumber(value: number): Json {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return value;
  if (Number.isFinite(value) && !Number.isInteger(value)) return value;
  const names: Record<string, string> = { NaN: "nan", Infinity: "inf", "-Infinity": "-inf", "0": "-0.0" };
  return envelope("float", names[String(value)] ?? String(value));
}

function encodeArray(items: Iterable<unknown>, path: Set<object>): Json[] {
  return Array.from(items, (item) => (typeof item !== "undefined" && isEmpty(item) ? null : encode(item, path)));
}

function javascript(name: string, method: string | null, args: Json[]): Members {
  return { lc: 2, type: "constructor", id: [name], method, args, kwargs: {} };
}

function encodeObject(value: any, path: Set<object>): Json {
  if (value instanceof Foreign) return value.record;
  if (messages.isBaseMessage(value)) return encodeMessage(value, path);
  if (RECORD in value) {
    const data = Array.isArray(value) ? encodeArray(value, path) : encodeMembers(value, path);
    return { ...value[RECORD], value: data };
  }
  if (Array.isArray(value)) return encodeArray(value, path);
  if (value instanceof Uint8Array)
    return envelope("bytes", Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64"));
  if (value instanceof DeltaSnapshot) return { lc: 2, type: "delta_snapshot", value: encode(value.value, path) };
  if (value instanceof Set) return envelope("set", encodeArray(value, path));
  if (value instanceof Map) return javascript("Map", null, [encodeArray([...value], path)]);
  if (value instanceof RegExp) return javascript("RegExp", null, [value.source, value.flags]);
  if (value instanceof Error) return javascript("Error", null, [value.message]);
  if (value.lg_name === "Send") {
    const timeout = value.timeout === undefined ? {} : { timeout: encode(value.timeout, path) };
    return { node: value.node, args: encode(value.args, path), ...timeout };
  }
  if (value.lc_serializable !== undefined && typeof value.toJSON === "function")
    return JSON.parse(JSON.stringify(value));
  if (typeof value.toJSON === "function") return encode(value.toJSON(), path);
  const members = encodeMembers(value, path);
  return RESERVED.some((key) => key in members) ? envelope("dict", members) : members;
}

/** What stands in the kwargs of a message: as its toJSON() has it, but for what the two languages write differently. */
export function messageMembers(message: any): Members {
  const members: Members = {};
  const given: Members = { ...message.lc_kwargs, ...message.lc_attributes };
  for (const key of Object.keys(given)) {
    const value = key in message ? message[key] : given[key];
    if (!isEmpty(value) && key !== "type") members[key === "contentBlocks" ? "content_blocks" : key] = value;
  }
  return members;
}

function encodeMessage(message: any, path: Set<object>): Members {
  const kwargs = messageMembers(message);
  for (const key of Object.keys(kwargs)) kwargs[key] = encode(kwargs[key], path);
  const id: string[] = message.lc_id;
  if (id.at(-1) === "RemoveMessage" && Array.isArray(kwargs["content"]) && kwargs["content"].length === 0)
    kwargs["content"] = "";
  return { ...message[RECORD], lc: 1, type: "constructor", id, kwargs };
}

/** Whether a tree is a message of which nothing is more than it looks: JSON, and records of undefined. */
export function isPlainMessage(tree: Json): boolean {
  if (!isObject(tree) || tree["lc"] !== 1 || tree["type"] !== "constructor" || !isObject(tree["kwargs"])) return false;
  return Object.keys(tree).length === 4 && Array.isArray(tree["id"]) && isMessage(tree["id"]) && isPlain(tree["kwargs"]);
}

function isPlain(tree: Json): boolean {
  if (!isObject(tree)) return true;
  if (Array.isArray(tree)) return tree.every(isPlain);
  if (RESERVED.some((key) => key in tree)) return isUndefined(tree);
  for (const key in tree) if (isObject(tree[key]) && !isPlain(tree[key])) return false;
  return true;
}

export function isUndefined(tree: Json): boolean {
  return isObject(tree) && tree["lc"] === 2 && tree["type"] === "undefined" && Object.keys(tree).length === 2;
}

/** What {@link Decoder} makes of a tree that {@link isPlainMessage}. */
export function plainMessage(tree: Members): object {
  return safely(() => newMessage(tree, copyOf(tree["kwargs"])), tree) as object;
}

/** The value of a plain tree, for who may change it. */
function copyOf(tree: Json): Json {
  if (!isObject(tree)) return tree;
  if (Array.isArray(tree)) return tree.map(copyOf);
  if ("lc" in tree) return undefined;
  const copy: Members = { ...tree };
  for (const key in copy) if (isObject(copy[key])) copy[key] = copyOf(copy[key]);
  return copy;
}

function newMessage({ id }: Members, kwargs: Members): object {
  for (const key in kwargs) if (kwargs[key] === undefined || key === "type") delete kwargs[key];
  if ("content_blocks" in kwargs) {
    kwargs["contentBlocks"] = kwargs["content_blocks"];
    delete kwargs["content_blocks"];
  }
  return new (CLASSES.get(id.at(-1))!)(kwargs);
}

/** What was read, once {@link Decoder.done} is. */
export class Decoder {
  #later: Promise<void>[] = [];

  async done(): Promise<void> {
    while (this.#later.length > 0) await Promise.all(this.#later.splice(0));
  }

  /** A value of a tree of JSON. Where it takes time to make, it is set in its place later. */
  decode(node: Json, set: (value: unknown) => void = () => {}): unknown {
    if (!isObject(node)) return node;
    if (Array.isArray(node)) {
      const items: unknown[] = [];
      node.forEach((item, i) => items.push(this.decode(item, (value) => (items[i] = value))));
      return items;
    }
    if (KIND in node) return safely(() => this.#envelope(node), node);
    if ("lc" in node) return safely(() => this.#record(node, set), node);
    const escaped = node["__lc_escaped__"];
    return this.members(isObject(escaped) && Object.keys(node).length === 1 ? escaped : node);
  }

  members(node: Members): Members {
    const out: Members = {};
    for (const [key, item] of Object.entries(node)) {
      const put = (value: unknown) =>
        Object.defineProperty(out, key, { value, writable: true, enumerable: true, configurable: true });
      put(this.decode(item, put));
    }
    return out;
  }

  #envelope(node: Members): unknown {
    const { value, ...head } = node;
    switch (node[KIND]) {
      case "dict":
        return this.members(value);
      case "text":
        return new Text(value);
      case "int":
        return BigInt(value);
      case "float":
        return decodeFloat(value);
      case "bytes":
        return Uint8Array.from(Buffer.from(value, "base64"));
      case "set":
        return new Set(this.decode(value) as unknown[]);
      case "tuple":
      case "namedtuple":
        return Array.isArray(value) ? remember(this.decode(value) as object, head) : new Foreign(node);
      case "dataclass":
      case "pydantic":
        return remember(this.members(value), head);
      case "message":
        return remember(this.#message(node), { [KIND]: "message", class: node["class"] });
    }
    return new Foreign(node);
  }

  /** LangChain's records: objects (1), and what LangGraph's serializer made of values JSON does not have (2). */
  #record(node: Members, set: (value: unknown) => void): unknown {
    if (node["lc"] === 1) {
      if (node["type"] !== "constructor" || !Array.isArray(node["id"])) return new Foreign(node);
      if (isMessage(node["id"])) return this.#message(node);
      const later = load(JSON.stringify(node)).then(set, () => set(new Foreign(node)));
      this.#later.push(later);
      return undefined;
    }
    if (node["lc"] === 2 && node["type"] === "undefined") return undefined;
    if (node["lc"] === 2 && node["type"] === "delta_snapshot" && "value" in node)
      return new DeltaSnapshot(this.decode(node["value"]));
    const made = node["lc"] === 2 && node["type"] === "constructor" ? this.#javascript(node) : undefined;
    return made ?? this.members(node);
  }

  #message(node: Members): object {
    return newMessage(node, this.members(node["kwargs"]));
  }

  /** The closed set of values that LangGraph's serializer writes so; undefined for any other. */
  #javascript({ id, method, args }: Members): unknown {
    const name = Array.isArray(id) && id.length === 1 ? id[0] : undefined;
    if (!Array.isArray(args) || (method != null && !(name === "Uint8Array" && method === "from"))) return undefined;
    const given = this.decode(args) as any[];
    const [first] = given;
    if (name === "Set" && Array.isArray(first)) return new Set(first);
    if (name === "Map" && Array.isArray(first) && first.every((it) => Array.isArray(it) && it.length === 2))
      return new Map(first);
    if (name === "RegExp" && given.length === 2 && given.every((it) => typeof it === "string"))
      return new RegExp(first, given[1]);
    if (name === "Error" && typeof first === "string") return new Error(first);
    const isByte = (it: unknown) => Number.isInteger(it) && (it as number) >= 0 && (it as number) <= 255;
    if (name === "Uint8Array" && Array.isArray(first) && first.every(isByte)) return new Uint8Array(first);
    return undefined;
  }
}

/** Whatever is wrong with a record, the rest of the thread is read. */
function safely(make: () => unknown, node: Members): unknown {
  try {
    return make();
  } catch {
    return new Foreign(node);
  }
}

function remember(value: object, head: Members): object {
  return Object.defineProperty(value, RECORD, { value: head });
}

function decodeFloat(text: string): number {
  const names: Record<string, number> = { nan: NaN, inf: Infinity, "-inf": -Infinity, "-0.0": -0 };
  const value = names[text] ?? Number(text);
  if (Number.isNaN(value) && text !== "nan") throw new TypeError(`${text} is no number`);
  return value;
}

function isMessage(id: unknown[]): boolean {
  const isPath = (path: string[]) => path.length + 1 === id.length && path.every((it, i) => it === id[i]);
  return CLASSES.has(id.at(-1) as string) && PATHS.some(isPath);
}
