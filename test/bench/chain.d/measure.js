// Figures of one database: bytes on disk, bytes of WAL, milliseconds.
import { readFileSync } from "node:fs";

export function median(values) {
	const sorted = [...values].sort((a, b) => a - b);
	return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

// Of the later part of a chat: how disk grows with turns, as a power of them.
export function exponent(fewTurns, fewBytes, manyTurns, manyBytes) {
	return Math.log(manyBytes / fewBytes) / Math.log(manyTurns / fewTurns);
}

async function walPosition(client) {
	const { rows } = await client.query("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn AS lsn");
	return Number(rows[0].lsn);
}

// CPU milliseconds that the client's backend has used: other work on the machine does not count.
function cpu(client) {
	try {
		return Number(readFileSync(`/proc/${client.processID}/schedstat`, "utf8").split(" ")[0]) / 1e6;
	} catch {
		return NaN; // no Linux, or one that does not say
	}
}

async function timed(client, work) {
	const cpuBefore = cpu(client);
	const start = performance.now();
	await work();
	const ms = performance.now() - start;
	return { ms, cpu: cpu(client) - cpuBefore || undefined }; // 0: another connection did the work
}

// Time as the client sees it, and bytes of WAL. The checkpoint makes each work write as many full
// pages as it would at the worst.
export async function cost(client, work) {
	await client.query("CHECKPOINT");
	const before = await walPosition(client);
	return { ...(await timed(client, work)), wal: (await walPosition(client)) - before };
}

// Sends the steps of a shape, one call after another as a graph does; milliseconds of each step.
export async function send(side, steps) {
	const times = [];
	for (const calls of steps) {
		const start = performance.now();
		for (const { put, writes } of calls) await (put ? side.put(put) : side.writes(writes));
		times.push(performance.now() - start);
	}
	return times;
}

export async function disk(side) {
	const { rows } = await side.client.query(side.disk);
	return Object.fromEntries(Object.entries(rows[0]).map(([kind, bytes]) => [kind, Number(bytes)]));
}

// Time in the server, without sending the result.
export async function explain(client, statement, args) {
	const query = `EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${statement}`;
	let plan;
	const time = await timed(client, async () => (plan = (await client.query(query, args)).rows[0]["QUERY PLAN"][0]));
	return { ms: plan["Execution Time"], cpu: time.cpu };
}

export function medianTime(times) {
	return { ms: median(times.map(({ ms }) => ms)), cpu: median(times.map(({ cpu }) => cpu)) };
}

export async function explainMedian(client, statement) {
	const times = [];
	for (let i = 0; i < 5; i++) times.push(await explain(client, statement));
	return medianTime(times);
}
