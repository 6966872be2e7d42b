// Reads every checkpoint of a thread with the client for JavaScript, and puts it into another thread.
// node mirror.mjs CLIENT URL TENANT FROM TO

const [client, url, tenant, from, to] = process.argv.slice(2);
const { ThreadmemSaver } = await import(`${client}/dist/index.js`);
const { default: pg } = await import(`${client}/node_modules/pg/lib/index.js`);

const pool = new pg.Pool({ connectionString: url || undefined, options: `-c threadmem.tenant=${tenant}` });
const saver = new ThreadmemSaver(pool);
const tuples = [];
for await (const tuple of saver.list({ configurable: { thread_id: from } })) tuples.unshift(tuple);
for (const { config, checkpoint, metadata, pendingWrites } of tuples) {
	const { checkpoint_ns } = config.configurable;
	const given = { configurable: { thread_id: to, checkpoint_ns } };
	const stored = await saver.put(given, checkpoint, metadata, checkpoint.channel_versions);
	await saver.putWrites(
		stored,
		pendingWrites.map(([, channel, value]) => [channel, value]),
		"task",
	);
}
await pool.end();
