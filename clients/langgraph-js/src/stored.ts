/*
 * What PostgresSaver has in its tables, as the jsonb of this client.
 *
 * A value is read from the top down, as the client's own are, so that a record of a class that is gone stands as it
 * was, and LangChain's escapes are taken off; PostgresSaver's own reader goes from the bottom up, and throws at the
 * one and gives back the others. What is no record there is none here either: an object of the application's with the
 * names of our envelopes, or of LangChain's records and escapes where there are none.
 */

import { JsonPlusSerializer } from "@langchain/langgraph-checkpoint";
import { Codec, encodeValue } from "./encoding.js";
import { encodeMembers, envelope, KIND } from "./values.js";

type Json = any;

const ESCAPED = "__lc_escaped__";

/** There is no moving it, or what came of it is not what it was. */
export class NotMoved extends Error {}

export class Reader {
  readonly #codec = new Codec(new JsonPlusSerializer());

  /** The value of a channel by the name of the serializer's format and the bytes. */
  channel(channel: string, format: string, bytes: Buffer): Promise<Json> {
    return this.#value(channel, () => {
      if (format === "bytes") return bytes;
      if (format === "json") return this.#codec.loadTree(literal(JSON.parse(bytes.toString())));
      throw new TypeError(`it is in the format ${format}, which is not read here`);
    });
  }

  /** A value that lay in the checkpoint itself. */
  inline(channel: string, value: Json): Promise<Json> {
    return this.#value(channel, () => this.#codec.loadTree(literal(value)));
  }

  metadata(value: object): Promise<Json> {
    const read = async () => encodeMembers(await this.#codec.loadMembers(literalMembers(value)));
    return readable("the metadata of a checkpoint", read);
  }

  /** What a saver would write that has read this. */
  again(channel: string, node: Json): Promise<Json> {
    return this.#value(channel, async () => this.#codec.loadValue(await this.#codec.loadTree(node)));
  }

  #value(channel: string, read: () => unknown): Promise<Json> {
    return readable(`the channel "${channel}"`, async () => encodeValue(await read()));
  }
}

async function readable(what: string, read: () => Promise<Json>): Promise<Json> {
  try {
    return await read();
  } catch (error) {
    throw new NotMoved(`${what} has a value that cannot be read: ${(error as Error).message}`);
  }
}

/** The same for who reads envelopes and takes escapes off: LangChain's are only in its records. */
function literal(node: Json, inRecord = false): Json {
  if (Array.isArray(node)) return node.map((item) => literal(item, inRecord));
  if (typeof node !== "object" || node === null) return node;
  const isRecord = node.lc === 1 && node.type === "constructor" && Array.isArray(node.id);
  const isEscape = inRecord && ESCAPED in node && Object.keys(node).length === 1;
  const members = literalMembers(isEscape ? node[ESCAPED] : node, inRecord || isRecord);
  const isOther = KIND in members || ESCAPED in members || (members["lc"] === 1 && !isRecord);
  return isEscape || isOther ? envelope("dict", members) : members;
}

function literalMembers(members: object, inRecord = false): Record<string, Json> {
  return Object.fromEntries(Object.entries(members).map(([key, item]) => [key, literal(item, inRecord)]));
}

/** Whose a thread is: Python has formats of its own, and text for versions. */
export function isPython(formats: readonly string[], versions: readonly unknown[]): boolean {
  return (
    formats.some((it) => /^(msgpack|pickle|bytearray|null)\b/.test(it)) ||
    versions.some((version) => typeof version === "string")
  );
}
