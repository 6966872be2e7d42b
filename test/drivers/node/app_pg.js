// A conversation with node-postgres and its pool; what to connect to is in PGHOST, PGUSER and so on.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import pg from 'pg';

const pool = new pg.Pool({ max: 1 });
const sql = async (text, ...values) => (await pool.query(text, values)).rows;
const chat = randomUUID(); // a key of the application, and the id of its thread

await sql('CREATE TABLE chats (id uuid PRIMARY KEY, label text)');
await sql(`SELECT * FROM threadmem.user_create('ada', metadata => $1)`, { plan: 'free' });
await sql(`SELECT * FROM threadmem.thread_create($1, user_id => 'ada', graph_id => 'guide')`, chat);

// Messages: parts, a call of a tool and its output. Objects are JSON by themselves, arrays are not. The id is chosen
// before, so that the call can be repeated.
const question = randomUUID();
const parts = [{ type: 'text', text: 'Where is the Roman theatre?' }];
const calls = [{ id: 'c1', type: 'function', function: { name: 'map', arguments: '{}' } }];
for (let i = 0; i < 2; i++) {
  const [added] = await sql(`SELECT * FROM threadmem.message_add($1, 'user', parts => $2, message_id => $3)`,
    chat, JSON.stringify(parts), question);
  assert.deepEqual([added.seq, added.text, added.content], ['1', parts[0].text, parts]); // a bigint is a string
}
await sql(`SELECT * FROM threadmem.message_add($1, 'assistant', tool_calls => $2)`, chat, JSON.stringify(calls));
await sql(`SELECT * FROM threadmem.message_add($1, 'tool', 'On the hill.', tool_call_id => 'c1')`, chat);

// A page, and the next from where it ended; what fits the window of a model; a search in what is one user's.
const roles = ['user', 'assistant', 'tool'];
const page = await sql('SELECT * FROM threadmem.message_list($1, max_rows => $2)', chat, 2);
const rest = await sql('SELECT * FROM threadmem.message_list($1, after_position => $2)', chat, page.at(-1).position);
assert.deepEqual([...page, ...rest].map((m) => m.role), roles);
assert.deepEqual(page[1].body.tool_calls, calls);
const window = await sql('SELECT * FROM threadmem.message_context($1, max_tokens => $2)', chat, 4000);
assert.deepEqual(window.map((m) => m.role), roles);
assert(window[0].used_tokens + 1 > 1); // a count is a number
const found = await sql(`SELECT * FROM threadmem.message_search('roman theatre', user_id => $1)`, 'ada');
assert.deepEqual(found.map((m) => m.message_id), [question]);

// A worker's run updates the state, asks a person, and ends; a second run brings the answer.
const lease = '5 minutes'; // a bare number would be seconds
const state = async () => (await sql(`SELECT t.status, s.* FROM threadmem.thread_get($1) t, threadmem.thread_state($1) s`, chat))[0];
await sql(`SELECT * FROM threadmem.run_create($1, run_id => 'r1', graph_id => 'guide')`, chat);
const [run] = await sql(`SELECT * FROM threadmem.run_claim('worker 1', lease => $1, graph_id => 'guide')`, lease);
assert.deepEqual([run.thread_id, run.run_id, run.status], [chat, 'r1', 'in_progress']);
const [beat] = await sql(`SELECT * FROM threadmem.run_heartbeat($1, 'r1', 'worker 1', $2)`, chat, lease);
assert(beat.lease_until >= run.lease_until);
await sql(`SELECT * FROM threadmem.thread_update_state($1, $2, as_node => 'plan', next => $3, run_id => 'r1')`,
  chat, { stops: ['hill'] }, ['approve']);
const planned = await state();
assert.deepEqual([planned.values.stops, planned.next], [['hill'], ['approve']]);
await sql('SELECT threadmem.checkpoint_put_writes($1, $2, $3, $4)', chat, planned.checkpoint.checkpoint_id, planned.tasks[0].id,
  JSON.stringify([['__interrupt__', [{ id: 'i1', value: 'Shall I book?' }]]]));
await sql(`SELECT * FROM threadmem.run_interrupt($1, 'r1', worker => 'worker 1')`, chat);
const waiting = await state();
assert.deepEqual([waiting.status, waiting.interrupts[0].value], ['interrupted', 'Shall I book?']);
await sql(`SELECT * FROM threadmem.run_create($1, run_id => 'r2', graph_id => 'guide')`, chat);
await sql(`SELECT * FROM threadmem.run_claim('worker 1', graph_id => 'guide')`);
await sql(`SELECT * FROM threadmem.thread_update_state($1, $2, as_node => 'approve', run_id => 'r2')`, chat, { approved: true });
await sql(`SELECT * FROM threadmem.run_complete($1, 'r2', usage => $2, worker => 'worker 1')`, chat, { total_tokens: 12 });
const done = await state();
assert.deepEqual([done.status, done.next, done.interrupts, done.values.approved], ['idle', [], [], true]);

// An embedding is the array that the model gave.
await sql(`SELECT threadmem.memory_set_embedding('ada', $1, thread_id => $2, message_id => $3)`, [0.1, 0.2, 0.3], chat, question);
const [hit] = await sql(`SELECT * FROM threadmem.memory_search('ada', $1)`, 'where was the theatre');
assert.equal(hit.message_id, question);

// Errors are told apart by code, table and column.
const error = async (...call) => sql(...call).then(assert.fail, (e) => [e.code, e.table, e.column]);
assert.deepEqual(await error('SELECT * FROM threadmem.thread_get($1)', 'none'), ['P0002', 'threads', 'thread_id']);
assert.deepEqual(await error('SELECT * FROM threadmem.message_list($1, max_rows => $2)', chat, 5e9), ['22023', undefined, 'max_rows']);
assert.equal((await error('SELECT * FROM threadmem.thread_update($1, expected_version => 99)', chat))[0], 'TM001');

async function transaction(work) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(async (text, ...values) => (await client.query(text, values)).rows);
    await client.query('COMMIT');
    return result;
  } catch (e) {
    await client.query('ROLLBACK');
    throw e;
  } finally {
    client.release();
  }
}

// A row of one's own and a message: both or none. What is joined may be gone.
await assert.rejects(transaction(async (sql) => {
  await sql(`INSERT INTO chats VALUES ($1, 'lost')`, chat);
  await sql(`SELECT * FROM threadmem.message_add($1, 'user', 'lost')`, chat);
  throw new Error('no');
}), /no/);
await sql(`INSERT INTO chats VALUES ($1, 'mine'), ($2, 'gone')`, chat, randomUUID());
assert.deepEqual(await sql(`SELECT c.label, t.message_count FROM chats c
  LEFT JOIN LATERAL threadmem.thread_get(c.id, missing_ok => true) t ON true ORDER BY 1`),
[{ label: 'gone', message_count: null }, { label: 'mine', message_count: 3 }]);

// A tenant for one transaction: the pool's only connection goes from one to the other, and back as it was.
const threads = (tenant, create) => transaction(async (sql) => {
  await sql(`SELECT set_config('threadmem.tenant', $1, true)`, tenant);
  if (create) await sql('SELECT * FROM threadmem.thread_create($1)', create);
  return (await sql('SELECT * FROM threadmem.thread_list()')).map((t) => t.thread_id);
});
assert.deepEqual(await threads('north', 'of north'), ['of north']);
assert.deepEqual(await threads('south', 'of south'), ['of south']);
assert.deepEqual(await threads('north'), ['of north']);
assert.deepEqual((await sql('SELECT * FROM threadmem.thread_list()')).map((t) => t.thread_id), [chat]);
await pool.end();
console.log('ok pg');
