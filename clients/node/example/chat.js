// A conversation of two tenants on one pool.
//
//   npm install threadmem pg
//   DATABASE_URL=postgresql://localhost/app node example/chat.js
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { errors, Threadmem } from 'threadmem';

const pool = new pg.Pool(process.env.DATABASE_URL ? { connectionString: process.env.DATABASE_URL } : {});
const acme = new Threadmem(pool, { tenant: `acme ${randomUUID()}` });
const other = new Threadmem(pool, { tenant: `other ${randomUUID()}` });

await acme.user_create({ user_id: 'ada', first_name: 'Ada', metadata: { plan: 'free' } });
await acme.thread_create({ thread_id: 'trip', user_id: 'ada', title: 'Lyon' });
await acme.message_add({ thread_id: 'trip', role: 'user', content: 'Where is the Roman theatre?', message_id: randomUUID() });
await acme.message_add({ thread_id: 'trip', role: 'assistant', content: 'On the hill of Fourvière.' });
for (const message of await acme.message_list({ thread_id: 'trip', max_rows: 10 })) {
  console.log(message.seq, message.role, message.text);
}
for (const hit of await acme.memory_search({ user_id: 'ada', query: 'roman theatre' })) console.log('found:', hit.content);

// What belongs together happens together. A worker gets the run, and nobody else does.
await acme.transaction(async (calls) => {
  await calls.message_add({ thread_id: 'trip', role: 'user', content: 'And how do I get there?' });
  await calls.run_create({ thread_id: 'trip', input: { messages: [] } });
});
const run = await acme.run_claim({ worker: 'worker 1', lease: '5 minutes' });
if (run) {
  await acme.message_add({ thread_id: 'trip', role: 'assistant', content: 'By the funicular.', run_id: run.run_id });
  await acme.run_complete({ thread_id: 'trip', run_id: run.run_id, usage: { total_tokens: 12 } });
}
console.log((await acme.thread_get({ thread_id: 'trip' })).status);

try {
  await other.thread_get({ thread_id: 'trip' });
} catch (error) {
  if (!(error instanceof errors.NotFound)) throw error;
  console.log('the other tenant:', error.table, error.detail);
}
await pool.end();
