// node chain.js [threadmem] [peer]: see ../chain
import os from "node:os";
import pg from "pg";
import { cost, disk, explain, explainMedian, exponent, median, medianTime, send } from "./measure.js";
import { chat, files } from "./shapes.js";
import { COPY, Peer, Threadmem, THREAD, putArguments } from "./sides.js";

const SIDES = { threadmem: Threadmem, peer: Peer };
const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(SIDES);
const turnsList = process.env.BENCH_TURNS.trim().split(/\s+/).map(Number);
const steps = Number(process.env.BENCH_STEPS);
const analyze = process.env.BENCH_ANALYZE !== "0";
const MB = 1e6;
const MORE_TURNS = 10; // whose puts are compared with parsing

// Each measurement has its own database: whatever is on its disk is of this thread.
async function within(name, label, work) {
	const database = `${name}_${label}`;
	const admin = new pg.Client({ database: "postgres" });
	await admin.connect();
	await admin.query(`CREATE DATABASE ${database}`);
	const side = new SIDES[name](database);
	await side.setup();
	try {
		return await work(side);
	} finally {
		await side.end();
		await admin.query(`DROP DATABASE ${database}`);
		await admin.end();
	}
}

const total = (parts) => Object.values(parts).reduce((sum, bytes) => sum + (bytes ?? 0), 0);

async function written(side, shape) {
	let times;
	const { wal } = await cost(side.client, async () => (times = await send(side, shape)));
	const parts = await disk(side);
	return { times, wal, parts, disk: total(parts) };
}

// The document comes out of a function lest the planner parse it, whose time is not counted.
const PUT = `SELECT threadmem.checkpoint_put($1, document::jsonb, $3::jsonb, $4::jsonb, $5)
	FROM unnest(ARRAY[$2::text]) AS document`;
const PARSE = "SELECT pg_column_size(document::jsonb) FROM unnest(ARRAY[$1::text]) AS document";

// The turns after the measured ones, in their order: puts that carry the messages are explained.
async function putAndParse(side, turns) {
	const puts = [], parses = [];
	for (const { put, writes } of turns.flat())
		if (put && "messages" in put.newVersions) {
			const args = putArguments(put);
			parses.push(await explain(side.client, PARSE, [args[1]]));
			puts.push(await explain(side.client, PUT, args));
		} else await (put ? side.put(put) : side.writes(writes));
	const ratio = (time) => median(puts.map((put, i) => put[time] / parses[i][time]));
	return { put: medianTime(puts), parse: medianTime(parses), putRatio: { ms: ratio("ms"), cpu: ratio("cpu") } };
}

async function measureChat(side, turns) {
	const shape = [...chat(turns + MORE_TURNS)];
	const figures = await written(side, shape.slice(0, turns));
	const { client } = side;
	figures.first = median(figures.times.slice(0, 10));
	figures.last = median(figures.times.slice(-10));
	if (analyze || !side.copy) await client.query("ANALYZE");
	figures.get = await explainMedian(client, side.get);
	figures.list = await explainMedian(client, side.list);
	if (side.copy) {
		figures.copy = await cost(client, () => client.query(side.copy));
		Object.assign(figures, await putAndParse(side, shape.slice(turns)));
		figures.prune = await cost(client, () => client.query(side.prune));
	}
	figures.delete = await cost(client, () => side.deleteThread(side.copy ? COPY : THREAD));
	return figures;
}

async function measureFiles(side) {
	const shape = [...files(steps)];
	const figures = await written(side, shape);
	const document = JSON.stringify(shape.at(-1)[0].put.checkpoint.channel_values.files);
	const { rows } = await side.client.query("SELECT length($1::jsonb::text) AS bytes", [document]);
	figures.document = rows[0].bytes;
	figures.first = median(figures.times.slice(0, 10));
	figures.last = median(figures.times.slice(-10));
	figures.get = await explainMedian(side.client, side.get);
	return figures;
}

function number(value) {
	return !Number.isFinite(value) ? "-" : value.toFixed(value < 10 ? 2 : 1);
}

function table(title, rows, columns) {
	const line = (name, cells) => console.log(name.padEnd(36) + cells.map((cell) => cell.padStart(12)).join(""));
	console.log();
	line(`${title} (load ${os.loadavg()[0].toFixed(1)})`, chosen);
	for (const [name, value] of rows) {
		const values = columns.map((figures) => figures && value(figures));
		if (values.some(Number.isFinite)) line(`  ${name}`, values.map(number));
	}
}

const mb = (bytes) => (bytes === undefined ? undefined : bytes / MB);
const DISK = [
	["disk, MB", (f) => mb(f.disk)],
	["  values or messages, their keys", (f) => mb(f.parts.messages)],
	["  checkpoints", (f) => mb(f.parts.checkpoints)],
	["  writes", (f) => mb(f.parts.writes)],
	["  threads, their values", (f) => mb(f.parts.threads)],
	["  search vectors", (f) => mb(f.parts.vectors)],
	["  search index", (f) => mb(f.parts.gin)],
	["WAL, MB", (f) => mb(f.wal)],
];
// A row of wall time, and one of the CPU time in it.
const timeRows = (name, time) => [
	[`${name}, ms`, (f) => time(f)?.ms],
	["  of it CPU", (f) => time(f)?.cpu],
];
const costRows = (name, cost) => [...timeRows(name, cost), ["  its WAL, MB", (f) => mb(cost(f)?.wal)]];
const CHAT = [
	...DISK,
	["ms a turn, the first 10", (f) => f.first],
	["ms a turn, the last 10", (f) => f.last],
	...timeRows("latest get, server", (f) => f.get),
	...timeRows("list of 10, server", (f) => f.list),
	...timeRows("put at the end, server", (f) => f.put),
	...timeRows("parsing its argument, server", (f) => f.parse),
	...costRows("copy", (f) => f.copy),
	...costRows("prune to the latest", (f) => f.prune),
	...costRows("delete", (f) => f.delete),
];
const FILES = [
	...DISK,
	["disk / last document", (f) => f.disk / f.document],
	["ms a put, the first 10", (f) => f.first],
	["ms a put, the last 10", (f) => f.last],
	...timeRows("latest get, server", (f) => f.get),
];

// What is promised of 1,000 turns and 1,000 steps. A figure of time has that of CPU time beside it.
function promises(f, few, edited) {
	const { messages, checkpoints, writes, vectors, gin } = f.parts;
	const time = (name, { ms, cpu }, bound) => [name, ms, bound, `, CPU ${number(cpu)}`];
	return [
		["bodies, checkpoints, writes and keys, MB", mb(messages + checkpoints + writes), 10],
		["search vectors and their index, MB", mb(vectors + gin), 5],
		["WAL, MB", mb(f.wal), 18],
		time("put / parse", f.putRatio, 2.5),
		time("latest get, ms", f.get, 10),
		time("list of 10, ms", f.list, 100),
		time("copy, ms", f.copy, 250),
		["copy, WAL / bytes of the thread", f.copy.wal / f.disk, 1.2],
		time("prune, ms", f.prune, 50),
		time("delete, ms", f.delete, 50),
		["growth exponent of disk, 100 to 1,000", few && exponent(100, few.disk, 1000, f.disk), 1.05],
		["files, disk / document", edited?.disk / edited?.document, 8],
	].filter(([, value]) => Number.isFinite(value));
}

const measured = {};
for (const turns of turnsList) {
	const columns = [];
	for (const name of chosen) {
		const skipped = name === "peer" && process.env.BENCH_QUICK && turns > 100;
		columns.push(skipped ? undefined : await within(name, `chat_${turns}`, (side) => measureChat(side, turns)));
	}
	measured[turns] = columns[chosen.indexOf("threadmem")];
	table(`chat of ${turns} turns`, CHAT, columns);
}
const columns = [];
for (const name of chosen) columns.push(await within(name, "files", measureFiles));
table(`files, ${steps} edits of 1 line`, FILES, columns);

if (measured[1000]) {
	const edited = steps === 1000 ? columns[chosen.indexOf("threadmem")] : undefined;
	console.log();
	for (const [name, value, bound, beside = ""] of promises(measured[1000], measured[100], edited))
		console.log(`ratio ${name.padEnd(42)} ${number(value).padStart(8)} (bound ${bound}${beside}) ${value <= bound ? "ok" : "OVER"}`);
}
