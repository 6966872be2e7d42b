/*
 * What a saver holds of lists of messages: so a put sends what changed, and a get asks for what came since.
 *
 * The server keeps a list of messages as revisions, whose bodies do not change. A saver knows which revision each message
 * of a state has that it read or put, and holds the body as the tree of JSON that it is. Messages are changed in place, so
 * nothing follows from an object being the same object: each is compared with its body, in all that would be written of
 * it. Where it would be written as that, the revision is sent in its place.
 *
 * Who reads gets objects that nobody else has, built of the bodies each time; so what an application does to its messages
 * is not seen by anybody who reads the thread after it.
 */

import { isBaseMessage } from "@langchain/core/messages";
import { escapeText } from "./encoding.js";
import {
  classNames,
  Decoder,
  encode,
  encodeNumber,
  isEmpty,
  isPlainMessage,
  isUndefined,
  messageMembers,
  plainMessage,
  RECORD,
} from "./values.js";

/** How much is held, over all threads: characters of JSON, threads, checkpoints of one. */
export const LIMITS = { characters: 16_000_000, threads: 1024, checkpoints: 4 };

type Json = any;
type Run = [first: number, last: number];

/** The body of a revision. */
export class Body {
  /** Of nothing but JSON; all else is its text, and cannot be changed by who has a part of it. */
  readonly #tree: Json;
  readonly #text: string | undefined;
  #look: Json;

  constructor(tree: Json) {
    if (isPlainMessage(tree)) this.#tree = tree;
    else this.#text = JSON.stringify(tree);
  }

  /** A message of it, for whoever asks; where that takes time, it is set later. */
  build(decoder: Decoder, set: (message: unknown) => void): unknown {
    return this.#text === undefined ? plainMessage(this.#tree) : decoder.decode(this.tree, set);
  }

  /** As it is written; whoever gets it does not change it. */
  get tree(): Json {
    return this.#text === undefined ? this.#tree : JSON.parse(this.#text);
  }

  /** Whether that is what a message, built of it or put, would be written as. */
  isOf(message: object): boolean {
    if (this.#text !== undefined) return JSON.stringify(inOrder(encode(message))) === this.#text;
    if (isWrittenAs(message, this.#tree)) return true;
    // What another client wrote may have members that this one would write otherwise.
    this.#look ??= encode(new Decoder().decode(this.#tree));
    return isWrittenAs(message, this.#look);
  }
}

/*
 * Whether {@link encode} makes this tree of a message. All messages of a state are looked at in each put, so members are
 * compared where they stand; messageMembers() says which they are.
 */
function isWrittenAs(message: any, tree: Json): boolean {
  if (RECORD in message) return false;
  const given = message.lc_kwargs;
  if (message.lc_attributes !== undefined || "contentBlocks" in given)
    return isPlainAs(messageMembers(message), tree.kwargs) && isPlainAs(message.lc_id, tree.id);
  let left = countOf(tree.kwargs);
  for (const key in given) {
    if (key === "type" || !Object.hasOwn(given, key)) continue;
    const value = key in message ? message[key] : given[key];
    if (isEmpty(value)) continue;
    if (!Object.hasOwn(tree.kwargs, key) || !isPlainAs(value, tree.kwargs[key])) return false;
    left--;
  }
  return left === 0 && isIdOf(message, tree.id);
}

/** Of LangChain's own classes the name is known; others may say anything. */
function isIdOf(message: any, id: Json): boolean {
  const name = classNames.get(Object.getPrototypeOf(message));
  if (name === undefined) return isPlainAs(message.lc_id, id);
  const path: string[] = message.lc_namespace;
  return id.length === path.length + 1 && id.at(-1) === name && path.every((it, i) => it === id[i]);
}

/** Whether {@link encode} makes this tree of a value; where it takes more than a look to tell, it is not. */
function isPlainAs(value: any, tree: Json): boolean {
  if (typeof value === "number") return Object.is(encodeNumber(value), tree);
  if (value === undefined) return isUndefined(tree);
  if (typeof value !== "object" || value === null) return value === tree;
  if (typeof tree !== "object" || tree === null || Array.isArray(value) !== Array.isArray(tree) || RECORD in value)
    return false;
  if (Array.isArray(value)) {
    if (value.length !== tree.length) return false;
    for (let i = 0; i < value.length; i++) if (!isPlainAs(value[i], tree[i])) return false;
    return true;
  }
  if (!isPlainObject(value)) return false;
  let left = countOf(tree);
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue;
    if (!Object.hasOwn(tree, key) || !isPlainAs(value[key], tree[key])) return false;
    left--;
  }
  return left === 0;
}

/** Objects of a class, or with one of these members, may be more than their members. */
function isPlainObject(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  return !("toJSON" in value || "_getType" in value || "lg_name" in value);
}

/** Of a tree of JSON, which inherits nothing that could be counted. */
function countOf(tree: object): number {
  let count = 0;
  for (const _ in tree) count++;
  return count;
}

/** With the keys of objects in jsonb's order, as the server gives them: what is read is the same, held or not. */
function inOrder(tree: Json): Json {
  if (typeof tree !== "object" || tree === null) return tree;
  if (Array.isArray(tree)) return tree.map(inOrder);
  const keys = Object.keys(tree).map((key) => [key, Buffer.from(escapeText(key))] as const);
  keys.sort(([, a], [, b]) => a.length - b.length || Buffer.compare(a, b));
  return Object.fromEntries(keys.map(([key]) => [key, inOrder(tree[key])]));
}

function revisions(runs: Run[]): number[] {
  const revs: number[] = [];
  for (const [first, last] of runs) for (let rev = first; rev <= last; rev++) revs.push(rev);
  return revs;
}

function isSame(a: Run[], b: Run[]): boolean {
  return a.length === b.length && a.every(([first, last], i) => first === b[i]![0] && last === b[i]![1]);
}

/** A list of messages of a state: of each its revision and its body. */
export class HeldList {
  constructor(
    readonly runs: Run[],
    readonly revs: number[],
    readonly bodies: Body[],
  ) {}

  /** Messages for whoever asks, their own. */
  async build(): Promise<unknown[]> {
    const decoder = new Decoder();
    const messages: unknown[] = [];
    for (const [i, body] of this.bodies.entries()) messages.push(body.build(decoder, (it) => (messages[i] = it)));
    await decoder.done();
    return messages;
  }
}

/** What messages that are the same have in common. */
function keyOf({ id, content }: any): string {
  if (id !== undefined && id !== null) return `id ${id}`;
  return typeof content === "string" ? `content ${content}` : "";
}

/** A list on its way to the server. */
class SentList {
  /** Runs of revisions that the server has, and messages. */
  readonly elements: Json[] = [];
  readonly #bodies: Body[] = [];
  #run: Run | undefined;

  constructor(messages: object[], held?: HeldList) {
    const places = held && new Places(held);
    for (const message of messages) {
      const place = places?.take(message);
      if (place === undefined) this.#send(message);
      else this.#refer(held!.revs[place]!, held!.bodies[place]!);
    }
  }

  #send(message: object): void {
    const tree = encode(message);
    this.elements.push(tree);
    this.#bodies.push(new Body(inOrder(tree)));
    this.#run = undefined;
  }

  #refer(rev: number, body: Body): void {
    if (this.#run !== undefined && this.#run[1] + 1 === rev) this.#run[1] = rev;
    else this.elements.push((this.#run = [rev, rev]));
    this.#bodies.push(body);
  }

  get trees(): Json[] {
    return this.#bodies.map(({ tree }) => tree);
  }

  /** With the revisions that they got; none where an erased message has its place. */
  stored(runs: Run[] | null): HeldList | undefined {
    const revs = revisions(runs ?? []);
    return runs !== null && revs.length === this.#bodies.length ? new HeldList(runs, revs, this.#bodies) : undefined;
  }
}

/** The places of a list that is held, each for one message of a list that is sent. */
class Places {
  readonly #bodies: readonly Body[];
  readonly #taken: Uint8Array;
  #left: number;
  #next = 0;
  #byKey: Map<string, number[]> | undefined;

  constructor({ bodies }: HeldList) {
    this.#bodies = bodies;
    this.#taken = new Uint8Array(bodies.length);
    this.#left = bodies.length;
  }

  /** Where the message stands: after the one before it, as nearly always, or anywhere. */
  take(message: object): number | undefined {
    if (this.#left === 0) return undefined;
    const place = this.#fits(this.#next, message)
      ? this.#next
      : this.#places(message).find((it) => this.#fits(it, message));
    if (place === undefined) return undefined;
    this.#taken[place] = 1;
    this.#left--;
    this.#next = place + 1;
    return place;
  }

  #fits(place: number, message: object): boolean {
    return this.#taken[place] === 0 && this.#bodies[place]!.isOf(message);
  }

  #places(message: object): number[] {
    if (this.#byKey === undefined) {
      this.#byKey = new Map();
      for (const [place, { tree }] of this.#bodies.entries()) {
        const key = keyOf(tree.kwargs ?? {});
        const places = this.#byKey.get(key);
        if (places === undefined) this.#byKey.set(key, [place]);
        else places.push(place);
      }
    }
    return this.#byKey.get(keyOf(message)) ?? [];
  }
}

/** The lists of a put. */
export class Sent {
  readonly #lists = new Map<string, SentList>();
  readonly #parent: HeldState | undefined;

  constructor(parent: HeldState | undefined) {
    this.#parent = parent;
  }

  add(channel: string, messages: object[]): void {
    this.#lists.set(channel, new SentList(messages, this.#parent?.lists.get(channel)));
  }

  has(channel: string): boolean {
    return this.#lists.has(channel);
  }

  /** The parent by whose revisions it goes. */
  get mark(): string | undefined {
    return this.#parent?.mark;
  }

  /** The lists that go by what the parent has. */
  get known(): [string, Json[]][] {
    const known = [...this.#lists].filter(([channel]) => this.#parent?.lists.has(channel));
    return known.map(([channel, { elements }]) => [channel, elements]);
  }

  /** The others, whole; or all. */
  whole(all: boolean): [string, Json[]][] {
    const whole = [...this.#lists].filter(([channel]) => all || !this.#parent?.lists.has(channel));
    return whole.map(([channel, { trees }]) => [channel, trees]);
  }

  /** What is to be held when it is stored. */
  stored(
    mark: string | null,
    lists: Record<string, { runs: Run[] | null }>,
    characters: number,
  ): HeldState | undefined {
    const held = new Map<string, HeldList>();
    for (const [channel, { runs }] of Object.entries(lists)) {
      const before = this.#parent?.lists.get(channel);
      const unchanged = before && runs && isSame(before.runs, runs) ? before : undefined;
      const list = this.#lists.has(channel) ? this.#lists.get(channel)!.stored(runs) : unchanged;
      if (list !== undefined) held.set(channel, list);
    }
    if (held.size === 0 || mark === null) return undefined;
    return { mark, lists: held, characters: (this.#parent?.characters ?? 0) + characters };
  }
}

/** Whether a value is a list that may go by revisions: a tuple of Python's is none. */
export function isMessages(value: unknown): value is object[] {
  return Array.isArray(value) && !(RECORD in value) && value.every((item) => isBaseMessage(item));
}

/** The lists of a checkpoint. */
export interface HeldState {
  readonly mark: string;
  readonly lists: ReadonlyMap<string, HeldList>;
  readonly characters: number;
}

/** The states that a saver and those on its connections hold, bounded: the least used goes first. */
export class Held {
  readonly #threads = new Map<string, Map<string, HeldState>>();
  #characters = 0;

  of(thread: string, checkpoint: string | undefined): HeldState | undefined {
    return checkpoint === undefined ? undefined : this.#threads.get(thread)?.get(checkpoint);
  }

  /** The one that was read or put last. */
  latest(thread: string): HeldState | undefined {
    return [...(this.#threads.get(thread)?.values() ?? [])].at(-1);
  }

  keep(thread: string, checkpoint: string, state: HeldState): void {
    const states = this.#threads.get(thread) ?? new Map<string, HeldState>();
    this.forget(thread);
    if (state.characters > LIMITS.characters) return; // one thread is not to drive out all the others
    states.delete(checkpoint);
    states.set(checkpoint, state);
    if (states.size > LIMITS.checkpoints) states.delete(states.keys().next().value!);
    this.#threads.set(thread, states);
    this.#characters += sizeOf(states);
    while (this.#threads.size > LIMITS.threads || this.#characters > LIMITS.characters)
      this.forget(this.#threads.keys().next().value!);
  }

  forget(thread: string): void {
    const states = this.#threads.get(thread);
    if (states === undefined) return;
    this.#characters -= sizeOf(states);
    this.#threads.delete(thread);
  }

  get size(): { threads: number; characters: number } {
    return { threads: this.#threads.size, characters: this.#characters };
  }
}

/** The states of a thread share their bodies. */
function sizeOf(states: ReadonlyMap<string, HeldState>): number {
  return Math.max(...[...states.values()].map(({ characters }) => characters));
}

type Found = Record<string, { runs: Run[]; new: Run[]; messages: Json[] }>;

/** Reads the lists of rows that came together, each body once. */
export class Lists {
  readonly #bodies = new Map<string, Map<number, Body>>();

  constructor(thread?: string, state?: HeldState) {
    for (const [channel, { revs, bodies }] of state?.lists ?? [])
      this.#bodies.set(JSON.stringify([thread, channel]), new Map(revs.map((rev, i) => [rev, bodies[i]!])));
  }

  /** A revision that has no body is an erased message's. */
  read(thread: string, found: Found): Map<string, HeldList> {
    const lists = new Map<string, HeldList>();
    for (const [channel, { runs, new: fresh, messages }] of Object.entries(found)) {
      const name = JSON.stringify([thread, channel]);
      const bodies = this.#bodies.get(name) ?? new Map<number, Body>();
      this.#bodies.set(name, bodies);
      for (const [i, rev] of revisions(fresh).entries()) bodies.set(rev, new Body(messages[i]));
      const all = revisions(runs);
      const revs = all.filter((rev) => bodies.has(rev));
      const held = revs.map((rev) => bodies.get(rev)!);
      lists.set(channel, new HeldList(revs.length === all.length ? runs : runsOf(revs), revs, held));
    }
    return lists;
  }
}

function runsOf(revs: number[]): Run[] {
  const runs: Run[] = [];
  for (const rev of revs) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] + 1 === rev) last[1] = rev;
    else runs.push([rev, rev]);
  }
  return runs;
}
