/*
 * A step that Python has half done and JavaScript goes on with.
 *
 * The two languages give the tasks of a step other ids. So tasks that are done in one are not known to the other, which
 * runs them again, and a warning says so. Which language a task is of is seen by its id: JavaScript's (and the
 * server's) are UUIDs of version 5, Python's the bits of a hash. One of 64 of these looks like the former, and is not
 * counted.
 */

import type { CheckpointPendingWrite } from "@langchain/langgraph-checkpoint";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const VERSION_5 = /^.{14}5.{4}[89ab]/;
/** Of inputs and answers, which have no task. */
const NO_TASK = /^0{8}-0{4}-0{4}-0{4}-/;

const INTERRUPT = "__interrupt__";
const RESUME = "__resume__";
const UNFINISHED = new Set([INTERRUPT, RESUME, "__error__", "__error_source_node__", "__scheduled__"]);

function languageOf(task: string): "Python" | "JavaScript" | undefined {
  if (!UUID.test(task) || NO_TASK.test(task)) return undefined;
  return VERSION_5.test(task) ? "JavaScript" : "Python";
}

/** What of a step is done twice; what its subgraphs have done is not seen here. */
export interface HalfStep {
  /** Tasks that are done, and run again. */
  done: number;
  /** Questions that were answered, and are asked again. */
  answered: number;
  /** Something was asked: perhaps in a subgraph, which begins anew. */
  asked: boolean;
}

export function halfStep(writes: readonly CheckpointPendingWrite[]): HalfStep {
  const tasks = [...new Set(writes.map(([task]) => task))];
  const count = (language: string) => tasks.filter((task) => languageOf(task) === language).length;
  // Once it was gone on with here that was told, and its tasks are there again, under the ids that they have here.
  if (count("JavaScript") >= count("Python")) return { done: 0, answered: 0, asked: false };
  const python = writes.filter(([task]) => languageOf(task) === "Python");
  const done = new Set(python.filter(([, channel]) => !UNFINISHED.has(channel)).map(([task]) => task));
  const answers = python.filter(([, channel]) => channel === RESUME);
  const answered = answers.reduce((sum, [, , value]) => sum + (Array.isArray(value) ? value.length : 1), 0);
  return { done: done.size, answered, asked: python.some(([, channel]) => channel === INTERRUPT) };
}

/** Tells it, unless it is nothing. */
export function warnOfHalfStep(thread: string, { done, answered }: HalfStep, inSubgraph: boolean): void {
  const what = [
    done > 0 && `${done} finished ${done === 1 ? "task runs" : "tasks run"} again`,
    answered > 0 && `${answered} answered ${answered === 1 ? "question is" : "questions are"} asked again`,
    inSubgraph && "a subgraph in progress begins anew",
  ].filter((it) => it !== false);
  if (what.length === 0) return;
  process.emitWarning(
    `a step of the thread ${thread} was begun in Python and goes on in JavaScript: ${what.join(", ")}`,
    { type: "ThreadmemWarning", code: "THREADMEM_HALF_STEP" },
  );
}
