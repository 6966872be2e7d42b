// Reads every item of the store with the client for JavaScript, and puts it under another namespace.
// node mirror_store.mjs CLIENT URL TENANT FROM TO

const [client, url, tenant, from, to] = process.argv.slice(2);
const { ThreadmemStore } = await import(`${client}/dist/index.js`);
const { default: pg } = await import(`${client}/node_modules/pg/lib/index.js`);

const pool = new pg.Pool({ connectionString: url || undefined });
const store = new ThreadmemStore(pool, { tenant });
for (const { key, value } of await store.search([from], { limit: 1000 })) await store.put([to], key, value);
await pool.end();
