/** Whose a thread is, and which threads are just being begun. */

import { call, type Statement } from "./database.js";

/** What a thread has from the client: of one that has it already nothing is changed. */
export interface Owner {
  readonly userId?: string | undefined;
  readonly title?: string | undefined;
  readonly graph?: string | undefined;
}

/** How many threads a saver remembers to have described. */
const REMEMBERED = 4096;

function lacking(thread: string): string {
  return (
    "SELECT threadmem.thread_update(t.thread_id, user_id => CASE WHEN t.user_id IS NULL THEN $2::text END, " +
    "title => CASE WHEN t.title IS NULL THEN $3::text END, graph_id => CASE WHEN t.graph_id IS NULL THEN $4::text END) " +
    `FROM ${thread} t WHERE (t.user_id IS NULL AND $2::text IS NOT NULL) OR (t.title IS NULL AND $3::text IS NOT NULL) ` +
    "OR (t.graph_id IS NULL AND $4::text IS NOT NULL)"
  );
}

const BEGIN = lacking(
  "threadmem.thread_create($1, user_id => $2, title => $3, graph_id => $4, if_exists => 'do_nothing')",
);
const DESCRIBE = lacking("threadmem.thread_get($1, missing_ok => true)");

/** Makes the thread, or gives it what it lacks: a late writer does not make one that was deleted. */
function describe(thread: string, { userId, title, graph }: Owner, begins: boolean): Statement[] {
  const user = userId === undefined ? [] : [call("user_create", { user_id: userId, if_exists: "do_nothing" }, "")];
  const values = [thread, userId ?? null, title ?? null, graph ?? null];
  return [...user, { text: begins ? BEGIN : DESCRIBE, values }];
}

export class Threads {
  /** Threads that are known to have what they get from here. */
  readonly #described = new Set<string>();
  /*
   * The puts of each thread that begin it and are not done. All else that is stored in the thread waits for
   * them, since the server takes what continues a deleted thread for a late writer's. LangGraph itself only
   * waits within a graph: the first checkpoint of a subgraph would overtake that of the graph around it.
   */
  readonly #beginnings = new Map<string, Promise<unknown>>();

  /** The put of a checkpoint, with what makes the thread its owner's before it. */
  async put(
    tenant: string | undefined,
    thread: string,
    owner: Owner,
    begins: boolean,
    store: (before: Statement[], ready: Promise<unknown> | undefined) => Promise<void>,
  ): Promise<void> {
    const name = JSON.stringify([tenant, thread]);
    const description = JSON.stringify([name, owner.userId, owner.title, owner.graph]);
    const owned = Object.values(owner).some((it) => it !== undefined);
    const isKnown = !owned || (!begins && this.#described.has(description));
    const before = this.#beginnings.get(name);
    const put = store(isKnown ? [] : describe(thread, owner, begins), before);
    if (begins) {
      const settled = Promise.allSettled([put, before]).then(() => {
        if (this.#beginnings.get(name) === settled) this.#beginnings.delete(name);
      });
      this.#beginnings.set(name, settled);
    }
    await put;
    if (!isKnown) this.#remember(description);
  }

  /** Until nobody here is beginning the thread. */
  async begun(tenant: string | undefined, thread: string): Promise<void> {
    await this.#beginnings.get(JSON.stringify([tenant, thread]));
  }

  #remember(description: string): void {
    this.#described.add(description);
    if (this.#described.size > REMEMBERED) this.#described.delete(this.#described.values().next().value!);
  }
}
