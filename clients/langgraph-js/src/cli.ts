#!/usr/bin/env node
/** npx threadmem-langgraph import: the threads of a PostgresSaver database move in. */

import { parseArgs } from "node:util";
import pg from "pg";
import { move, type Report } from "./mover.js";

const USAGE = `usage: threadmem-langgraph import --from URL [--to URL] [--tenant ID] [--thread ID]... [--schema NAME]

Threads are moved with all their history, and every state of it is compared. What is there already stays, so that the
same command goes on after it was interrupted, and catches up with what was said meanwhile. The status is 1 when a
thread could not be moved, or not wholly.

  --from URL     the database of PostgresSaver
  --to URL       the database with threadmem: DATABASE_URL, or what PGHOST and so on say
  --tenant ID    to whom the threads belong
  --thread ID    only this one; may be repeated
  --schema NAME  of PostgresSaver's tables
`;

async function main(): Promise<number> {
  const given = parse();
  if (given === undefined || given.help || given.from === undefined) {
    (given?.help ? process.stdout : process.stderr).write(USAGE);
    return given?.help ? 0 : 2;
  }
  const { tenant, thread: threads, schema } = given;
  const source = new pg.Client({ connectionString: given.from });
  const target = new pg.Client({ connectionString: given.to ?? process.env["DATABASE_URL"] });
  // Of a connection that is lost the next query tells.
  for (const client of [source, target]) client.on("error", () => {});
  try {
    await source.connect();
    await target.connect();
    const report = await move(source, target, { tenant, threads, schema, told: progress() });
    tell(report);
    return report.failed.size > 0 ? 1 : 0;
  } finally {
    await Promise.allSettled([source.end(), target.end()]);
  }
}

function parse() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        from: { type: "string" },
        to: { type: "string" },
        tenant: { type: "string" },
        thread: { type: "string", multiple: true },
        schema: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
    return values.help || (positionals.length === 1 && positionals[0] === "import") ? values : undefined;
  } catch (error) {
    console.error((error as Error).message);
    return undefined;
  }
}

/** A line that is written over, or one every ten seconds where nobody looks. */
function progress(): (report: Report) => void {
  const started = performance.now();
  const seen = process.stderr.isTTY;
  let last = started;
  return ({ threads, moved, present, skipped, failed, checkpoints }) => {
    const now = performance.now();
    if (now - last < (seen ? 200 : 10_000)) return;
    last = now;
    const done = moved + present + skipped.size + failed.size;
    const rate = Math.round((checkpoints * 1000) / (now - started));
    const line = `${done} of ${threads} threads, ${checkpoints} checkpoints, ${rate} a second`;
    process.stderr.write(seen ? `\r${line}\x1b[K` : `${line}\n`);
  };
}

function tell({ moved, checkpoints, present, skipped, failed }: Report): void {
  for (const [thread, why] of skipped) console.log(`skipped ${thread}: ${why}`);
  for (const [thread, why] of failed) console.log(`not moved ${thread}: ${why}`);
  console.log(
    `${moved} threads moved with ${checkpoints} checkpoints, all compared; ${present} were there, ` +
      `${skipped.size} skipped, ${failed.size} not moved`,
  );
}

process.once("SIGINT", () => {
  console.error("interrupted: the same command goes on from here");
  process.exit(130);
});
main().then(
  (status) => (process.exitCode = status),
  (error) => {
    console.error(String(error));
    process.exitCode = 1;
  },
);
