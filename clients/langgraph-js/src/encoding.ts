/*
 * How JavaScript values become jsonb and come back exactly.
 *
 * jsonb refuses two things that JSON text may hold: U+0000 and surrogates without their other half.
 * Both become U+001A (SUBSTITUTE) and four hexadecimal digits, and so does U+001A itself. All other
 * text stays as it is.
 *
 * A value whose serializer does not write JSON becomes the string "threadmem:<type>:<base64>".
 */

import { JsonPlusSerializer, type SerializerProtocol } from "@langchain/langgraph-checkpoint";
import { Decoder, encode, encodeMembers, envelope, Text } from "./values.js";

const SUBSTITUTE = "\u001a";
const OPAQUE = "threadmem:";

/** For text that is not JSON. */
export function escapeText(text: string): string {
  return text.replace(/[\0\u001a\ud800-\udfff]/gu, (c) => SUBSTITUTE + c.charCodeAt(0).toString(16).padStart(4, "0"));
}

/*
 * The same on JSON text, keys included, without parsing it: there the three are always written as
 * \uXXXX. The second alternative steps over every other escape, so that "\\u0000" stays.
 */
export function escapeJson(json: string): string {
  if (!/\\u(?:0000|001a|d[89a-f])/i.test(json)) return json;
  return json.replace(/\\(?:u(0000|001a|d[89a-f][0-9a-f]{2})|[^])/gi, (found, hex?: string) =>
    hex === undefined ? found : `\\u001a${hex.toLowerCase()}`,
  );
}

export function unescapeJson(json: string): string {
  if (!json.includes("\\u001a")) return json;
  return json.replace(/\\(?:u001a([0-9a-f]{4})|[^])/g, (found, hex?: string) =>
    hex === undefined ? found : `\\u${hex}`,
  );
}

/** A channel and its value. */
type Member = readonly [string, unknown];

/**
 * Writes the application's values with its serializer, and what is around them as JSON. Where that is a
 * JsonPlusSerializer, which is the default, the values lie in the jsonb as {@link encode} has them, so that the server
 * and the client for Python can read them.
 */
export class Codec {
  readonly #serde: SerializerProtocol;
  readonly #readable: boolean;

  constructor(serde: SerializerProtocol) {
    this.#serde = serde;
    this.#readable = Object.getPrototypeOf(serde) === JsonPlusSerializer.prototype;
  }

  /** Whether values lie in the jsonb as they are. */
  get readable(): boolean {
    return this.#readable;
  }

  /** An object of LangGraph's own, such as metadata. */
  dump(object: object): string {
    return escapeJson(write(() => encodeMembers(object)));
  }

  /** A tree of JSON. */
  text(tree: object): string {
    return escapeJson(JSON.stringify(tree));
  }

  /** A checkpoint with these of its channels, to which others are added that are trees of JSON already. */
  async dumpCheckpoint(checkpoint: object, values: Member[]): Promise<(trees: Member[]) => string> {
    const { channel_values: _, channel_versions, versions_seen, ...rest } = checkpoint as Record<string, unknown>;
    const around = write(() => ({ ...encodeMembers(rest), channel_versions, versions_seen }));
    const channels = await this.#dumpValues(values);
    return (trees) => {
      const all = [...channels, ...trees.map(([channel, tree]) => [channel, JSON.stringify(tree)] as const)];
      const members = all.map(([channel, text]) => `${JSON.stringify(channel)}:${text}`);
      return escapeJson(`{"channel_values":{${members.join()}},${around.slice(1)}`);
    };
  }

  /** [[channel, value], ...] */
  async dumpWrites(writes: Member[]): Promise<string> {
    const texts = await this.#dumpValues(writes);
    return escapeJson(`[${texts.map(([channel, text]) => `[${JSON.stringify(channel)},${text}]`).join()}]`);
  }

  /** What {@link text} wrote, as the tree that it was. */
  tree(jsonb: string): any {
    return JSON.parse(unescapeJson(jsonb));
  }

  /** Reads any of these; what another serializer wrote inside still goes through {@link loadValue}. */
  async load(jsonb: string): Promise<any> {
    return this.loadTree(JSON.parse(unescapeJson(jsonb)));
  }

  /** The same of JSON that is read. */
  async loadTree(tree: unknown): Promise<any> {
    const decoder = new Decoder();
    const root = { value: undefined as unknown };
    root.value = decoder.decode(tree, (value) => (root.value = value));
    await decoder.done();
    return root.value;
  }

  /** An object of the application's, whose own keys mean nothing, of JSON that is read. */
  async loadMembers(tree: object): Promise<Record<string, any>> {
    const decoder = new Decoder();
    const members = decoder.members(tree);
    await decoder.done();
    return members;
  }

  async loadValue(value: unknown): Promise<unknown> {
    if (value instanceof Text) return value.text;
    if (typeof value !== "string" || !value.startsWith(OPAQUE)) return value;
    const colon = value.lastIndexOf(":");
    const type = value.slice(OPAQUE.length, colon);
    const bytes = Uint8Array.from(Buffer.from(value.slice(colon + 1), "base64"));
    return this.#serde.loadsTyped(type, bytes);
  }

  #dumpValues(values: Member[]): Promise<[string, string][]> {
    return Promise.all(values.map(async ([channel, value]) => [channel, await this.#dumpValue(value, channel)]));
  }

  async #dumpValue(value: unknown, channel: string): Promise<string> {
    if (this.#readable) return write(() => encodeValue(value), channel);
    const [type, bytes] = await this.#serde.dumpsTyped(value);
    return JSON.stringify(`${OPAQUE}${type}:${Buffer.from(bytes).toString("base64")}`);
  }
}

/** The value of a channel as a tree of JSON; text that begins as what another serializer wrote does is marked. */
export function encodeValue(value: unknown): unknown {
  return typeof value === "string" && value.startsWith(OPAQUE) ? envelope("text", value) : encode(value);
}

function write(tree: () => unknown, name = "the checkpoint"): string {
  return checked(() => JSON.stringify(tree()), name);
}

/** What is made of a value, or a TypeError that names what cannot be stored. */
export function checked<T>(make: () => T, name: string): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    throw new TypeError(`${name} has a value that cannot be stored: ${error.message}`);
  }
}
