// A conversation with Drizzle over node-postgres: tables of one's own by its builder, threadmem by sql templates.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { drizzle } from 'drizzle-orm/node-postgres';
import { sql } from 'drizzle-orm';
import { pgTable, text, uuid } from 'drizzle-orm/pg-core';
import pg from 'pg';

const pool = new pg.Pool({ max: 1 });
const db = drizzle(pool);
const chats = pgTable('chats', { id: uuid().primaryKey(), label: text() });
const rows = async (query, from = db) => (await from.execute(query)).rows;
const jsonb = (value) => sql`${JSON.stringify(value)}::jsonb`;
const array = (value) => sql.param(value); // without it an array is spread to ($1, $2)
const chat = randomUUID(); // a key of the application, and the id of its thread

await rows(sql`CREATE TABLE chats (id uuid PRIMARY KEY, label text)`);
await rows(sql`SELECT * FROM threadmem.user_create('ada', metadata => ${jsonb({ plan: 'free' })})`);
await rows(sql`SELECT * FROM threadmem.thread_create(${chat}, user_id => 'ada', graph_id => 'guide')`);

// Messages: parts, a call of a tool and its output. The id is chosen before, so that the call can be repeated.
const question = randomUUID();
const parts = [{ type: 'text', text: 'Where is the Roman theatre?' }];
const calls = [{ id: 'c1', type: 'function', function: { name: 'map', arguments: '{}' } }];
for (let i = 0; i < 2; i++) {
  const [added] = await rows(sql`SELECT * FROM threadmem.message_add(${chat}, 'user', parts => ${jsonb(parts)}, message_id => ${question})`);
  assert.deepEqual([added.seq, added.text, added.content], ['1', parts[0].text, parts]); // a bigint is a string
}
await rows(sql`SELECT * FROM threadmem.message_add(${chat}, 'assistant', tool_calls => ${jsonb(calls)})`);
await rows(sql`SELECT * FROM threadmem.message_add(${chat}, 'tool', 'On the hill.', tool_call_id => 'c1')`);

// A page, and the next from where it ended; what fits the window of a model; a search in what is one user's.
const roles = ['user', 'assistant', 'tool'];
const page = await rows(sql`SELECT * FROM threadmem.message_list(${chat}, max_rows => ${2})`);
const rest = await rows(sql`SELECT * FROM threadmem.message_list(${chat}, after_position => ${page.at(-1).position})`);
assert.deepEqual([...page, ...rest].map((m) => m.role), roles);
assert.deepEqual(page[1].body.tool_calls, calls);
const window = await rows(sql`SELECT * FROM threadmem.message_context(${chat}, max_tokens => ${4000})`);
assert.deepEqual(window.map((m) => m.role), roles);
const found = await rows(sql`SELECT * FROM threadmem.message_search('roman theatre', user_id => ${'ada'})`);
assert.deepEqual(found.map((m) => m.message_id), [question]);

// A worker's run updates the state, asks a person, and ends; a second run brings the answer.
const state = async () => (await rows(sql`SELECT t.status, s.* FROM threadmem.thread_get(${chat}) t, threadmem.thread_state(${chat}) s`))[0];
await rows(sql`SELECT * FROM threadmem.run_create(${chat}, run_id => 'r1', graph_id => 'guide')`);
const [run] = await rows(sql`SELECT * FROM threadmem.run_claim('worker 1', lease => ${'5 minutes'}, graph_id => 'guide')`);
assert.deepEqual([run.thread_id, run.run_id, run.status], [chat, 'r1', 'in_progress']);
await rows(sql`SELECT * FROM threadmem.run_heartbeat(${chat}, 'r1', 'worker 1', ${'5 minutes'})`);
await rows(sql`SELECT * FROM threadmem.thread_update_state(${chat}, ${jsonb({ stops: ['hill'] })}, as_node => 'plan', next => ${array(['approve'])}, run_id => 'r1')`);
const planned = await state();
assert.deepEqual([planned.values.stops, planned.next], [['hill'], ['approve']]);
await rows(sql`SELECT threadmem.checkpoint_put_writes(${chat}, ${planned.checkpoint.checkpoint_id}, ${planned.tasks[0].id},
  ${jsonb([['__interrupt__', [{ id: 'i1', value: 'Shall I book?' }]]])})`);
await rows(sql`SELECT * FROM threadmem.run_interrupt(${chat}, 'r1', worker => 'worker 1')`);
const waiting = await state();
assert.deepEqual([waiting.status, waiting.interrupts[0].value], ['interrupted', 'Shall I book?']);
await rows(sql`SELECT * FROM threadmem.run_create(${chat}, run_id => 'r2', graph_id => 'guide')`);
await rows(sql`SELECT * FROM threadmem.run_claim('worker 1', graph_id => 'guide')`);
await rows(sql`SELECT * FROM threadmem.thread_update_state(${chat}, ${jsonb({ approved: true })}, as_node => 'approve', run_id => 'r2')`);
await rows(sql`SELECT * FROM threadmem.run_complete(${chat}, 'r2', usage => ${jsonb({ total_tokens: 12 })}, worker => 'worker 1')`);
const done = await state();
assert.deepEqual([done.status, done.next, done.interrupts, done.values.approved], ['idle', [], [], true]);

// An embedding is the array that the model gave.
await rows(sql`SELECT threadmem.memory_set_embedding('ada', ${array([0.1, 0.2, 0.3])}, thread_id => ${chat}, message_id => ${question})`);
const [hit] = await rows(sql`SELECT * FROM threadmem.memory_search('ada', ${'where was the theatre'})`);
assert.equal(hit.message_id, question);

// Errors are told apart by code, table and column; Drizzle has that of node-postgres as their cause.
const error = (query) => rows(query).then(assert.fail, (e) => [e.cause.code, e.cause.table, e.cause.column]);
assert.deepEqual(await error(sql`SELECT * FROM threadmem.thread_get(${'none'})`), ['P0002', 'threads', 'thread_id']);
assert.deepEqual(await error(sql`SELECT * FROM threadmem.message_list(${chat}, max_rows => ${5e9})`), ['22023', undefined, 'max_rows']);
assert.equal((await error(sql`SELECT * FROM threadmem.thread_update(${chat}, expected_version => ${99})`))[0], 'TM001');

// A row of one's own and a message: both or none. What is joined may be gone.
await assert.rejects(db.transaction(async (tx) => {
  await tx.insert(chats).values({ id: chat, label: 'lost' });
  await rows(sql`SELECT * FROM threadmem.message_add(${chat}, 'user', 'lost')`, tx);
  throw new Error('no');
}), /no/);
await db.insert(chats).values([{ id: chat, label: 'mine' }, { id: randomUUID(), label: 'gone' }]);
assert.deepEqual(await rows(sql`SELECT c.label, t.message_count FROM ${chats} c
  LEFT JOIN LATERAL threadmem.thread_get(c.id, missing_ok => true) t ON true ORDER BY 1`),
[{ label: 'gone', message_count: null }, { label: 'mine', message_count: 3 }]);

// A tenant for one transaction: the pool's only connection goes from one to the other, and back as it was.
const list = async (from) => (await rows(sql`SELECT * FROM threadmem.thread_list()`, from)).map((t) => t.thread_id);
const threads = (tenant, create) => db.transaction(async (tx) => {
  await rows(sql`SELECT set_config('threadmem.tenant', ${tenant}, true)`, tx);
  if (create) await rows(sql`SELECT * FROM threadmem.thread_create(${create})`, tx);
  return list(tx);
});
assert.deepEqual(await threads('north', 'of north'), ['of north']);
assert.deepEqual(await threads('south', 'of south'), ['of south']);
assert.deepEqual(await threads('north'), ['of north']);
assert.deepEqual(await list(), [chat]);
await pool.end();
console.log('ok drizzle');
