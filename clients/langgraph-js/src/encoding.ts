/*
 * How JavaScript values become jsonb and come back exactly.
 *
 * jsonb refuses two things that JSON text may hold: U+0000 and surrogates without their other half.
 * Both become U+001A (SUBSTITUTE) and four hexadecimal digits, and so does U+001A itself. All other
 * text stays as it is.
 *
 * A value whose serializer does not write JSON becomes the string "threadmem:<type>:<base64>", and so
 * does a string that begins like that.
 */

import { JsonPlusSerializer, type SerializerProtocol } from "@langchain/langgraph-checkpoint";

const SUBSTITUTE = "\u001a";
const OPAQUE = "threadmem:";
/** What JsonPlusSerializer writes for a value that JSON.stringify throws on. */
const REFUSED = "[unable to serialize, circular reference is too complex to analyze]";

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
 * Writes the application's values with its serializer, and what is around them with a
 * JsonPlusSerializer. Where the first is one too, which is the default, the values lie in the jsonb as
 * JSON, so that the server can read messages.
 */
export class Codec {
  readonly #serde: SerializerProtocol;
  readonly #json = new JsonPlusSerializer();
  readonly #readable: boolean;

  constructor(serde: SerializerProtocol) {
    this.#serde = serde;
    this.#readable = Object.getPrototypeOf(serde) === JsonPlusSerializer.prototype;
  }

  /** An object of LangGraph's own, such as metadata. */
  async dump(object: object): Promise<string> {
    return escapeJson(await this.#dumpJson(object));
  }

  /** A checkpoint with these of its channels. */
  async dumpCheckpoint(checkpoint: object, values: Member[]): Promise<string> {
    const { channel_values: _, ...rest } = checkpoint as Record<string, unknown>;
    const [around, channels] = await Promise.all([this.#dumpJson(rest), this.#dumpValues(values)]);
    const members = channels.map(([channel, text]) => `${JSON.stringify(channel)}:${text}`);
    return escapeJson(`{"channel_values":{${members.join()}},${around.slice(1)}`);
  }

  /** [[channel, value], ...] */
  async dumpWrites(writes: Member[]): Promise<string> {
    const texts = await this.#dumpValues(writes);
    return escapeJson(`[${texts.map(([channel, text]) => `[${JSON.stringify(channel)},${text}]`).join()}]`);
  }

  /** Reads any of these; what {@link dumpValues} wrote inside still goes through {@link loadValue}. */
  async load(jsonb: string): Promise<any> {
    return this.#json.loadsTyped("json", unescapeJson(jsonb));
  }

  async loadValue(value: unknown): Promise<unknown> {
    if (typeof value !== "string" || !value.startsWith(OPAQUE)) return value;
    const colon = value.lastIndexOf(":");
    const bytes = Uint8Array.from(Buffer.from(value.slice(colon + 1), "base64"));
    return this.#serde.loadsTyped(value.slice(OPAQUE.length, colon), bytes);
  }

  #dumpValues(values: Member[]): Promise<[string, string][]> {
    return Promise.all(values.map(async ([channel, value]) => [channel, await this.#dumpValue(value, channel)]));
  }

  async #dumpValue(value: unknown, channel: string): Promise<string> {
    if (this.#readable && !(value instanceof Uint8Array)) {
      const text = await this.#dumpJson(value, channel);
      if (!text.startsWith(`"${OPAQUE}`)) return text;
    }
    const [type, bytes] = await this.#serde.dumpsTyped(value);
    return JSON.stringify(`${OPAQUE}${type}:${Buffer.from(bytes).toString("base64")}`);
  }

  async #dumpJson(value: unknown, channel?: string): Promise<string> {
    const [, bytes] = await this.#json.dumpsTyped(value);
    const text = new TextDecoder().decode(bytes);
    if (text === "" || (text === `"${REFUSED}"` && value !== REFUSED))
      throw new TypeError(`${channel ?? "the checkpoint"} has a value that JSON cannot hold, such as a bigint`);
    return text;
  }
}
