// A conversation with Prisma: models for tables of one's own, raw queries for threadmem. DATABASE_URL says where.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { PrismaClient } from '@prisma/client';
import { PrismaPg } from '@prisma/adapter-pg';

const db = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL, max: 1 }) });
const json = (value) => JSON.stringify(value); // and ::jsonb
const chat = randomUUID(); // a key of the application, and the id of its thread

await db.$executeRaw`CREATE TABLE chats (id uuid PRIMARY KEY, label text)`;
await db.$queryRaw`SELECT * FROM threadmem.user_create('ada', metadata => ${json({ plan: 'free' })}::jsonb)`;
await db.$queryRaw`SELECT * FROM threadmem.thread_create(${chat}, user_id => 'ada', graph_id => 'guide')`;

// Messages: parts, a call of a tool and its output. The id is chosen before, so that the call can be repeated.
const question = randomUUID();
const parts = [{ type: 'text', text: 'Where is the Roman theatre?' }];
const calls = [{ id: 'c1', type: 'function', function: { name: 'map', arguments: '{}' } }];
for (let i = 0; i < 2; i++) {
  const [added] = await db.$queryRaw`SELECT * FROM threadmem.message_add(${chat}, 'user', parts => ${json(parts)}::jsonb, message_id => ${question})`;
  assert.deepEqual([added.seq, added.text, added.content], [1n, parts[0].text, parts]); // a bigint is a BigInt
}
await db.$queryRaw`SELECT * FROM threadmem.message_add(${chat}, 'assistant', tool_calls => ${json(calls)}::jsonb)`;
await db.$queryRaw`SELECT * FROM threadmem.message_add(${chat}, 'tool', 'On the hill.', tool_call_id => 'c1')`;

// A page, and the next from where it ended; what fits the window of a model; a search in what is one user's.
const roles = ['user', 'assistant', 'tool'];
const page = await db.$queryRaw`SELECT * FROM threadmem.message_list(${chat}, max_rows => ${2})`;
const rest = await db.$queryRaw`SELECT * FROM threadmem.message_list(${chat}, after_position => ${page.at(-1).position})`;
assert.deepEqual([...page, ...rest].map((m) => m.role), roles);
assert.deepEqual(page[1].body.tool_calls, calls);
const window = await db.$queryRaw`SELECT * FROM threadmem.message_context(${chat}, max_tokens => ${4000})`;
assert.deepEqual(window.map((m) => m.role), roles);
assert(window[0].used_tokens + 1 > 1); // a count is a number
const found = await db.$queryRaw`SELECT * FROM threadmem.message_search('roman theatre', user_id => ${'ada'})`;
assert.deepEqual(found.map((m) => m.message_id), [question]);

// A worker's run updates the state, asks a person, and ends; a second run brings the answer.
const state = async () => (await db.$queryRaw`SELECT t.status, s.* FROM threadmem.thread_get(${chat}) t, threadmem.thread_state(${chat}) s`)[0];
await db.$queryRaw`SELECT * FROM threadmem.run_create(${chat}, run_id => 'r1', graph_id => 'guide')`;
const [run] = await db.$queryRaw`SELECT * FROM threadmem.run_claim('worker 1', lease => ${'5 minutes'}::interval, graph_id => 'guide')`;
assert.deepEqual([run.thread_id, run.run_id, run.status], [chat, 'r1', 'in_progress']);
await db.$queryRaw`SELECT * FROM threadmem.run_heartbeat(${chat}, 'r1', 'worker 1', ${'5 minutes'}::interval)`;
await db.$queryRaw`SELECT * FROM threadmem.thread_update_state(${chat}, ${json({ stops: ['hill'] })}::jsonb, as_node => 'plan', next => ${['approve']}, run_id => 'r1')`;
const planned = await state();
assert.deepEqual([planned.values.stops, planned.next], [['hill'], ['approve']]);
await db.$queryRaw`SELECT threadmem.checkpoint_put_writes(${chat}, ${planned.checkpoint.checkpoint_id}, ${planned.tasks[0].id},
  ${json([['__interrupt__', [{ id: 'i1', value: 'Shall I book?' }]]])}::jsonb)`;
await db.$queryRaw`SELECT * FROM threadmem.run_interrupt(${chat}, 'r1', worker => 'worker 1')`;
const waiting = await state();
assert.deepEqual([waiting.status, waiting.interrupts[0].value], ['interrupted', 'Shall I book?']);
await db.$queryRaw`SELECT * FROM threadmem.run_create(${chat}, run_id => 'r2', graph_id => 'guide')`;
await db.$queryRaw`SELECT * FROM threadmem.run_claim('worker 1', graph_id => 'guide')`;
await db.$queryRaw`SELECT * FROM threadmem.thread_update_state(${chat}, ${json({ approved: true })}::jsonb, as_node => 'approve', run_id => 'r2')`;
await db.$queryRaw`SELECT * FROM threadmem.run_complete(${chat}, 'r2', usage => ${json({ total_tokens: 12 })}::jsonb, worker => 'worker 1')`;
const done = await state();
assert.deepEqual([done.status, done.next, done.interrupts, done.values.approved], ['idle', [], [], true]);

// An embedding is the array that the model gave.
await db.$queryRaw`SELECT threadmem.memory_set_embedding('ada', ${[0.1, 0.2, 0.3]}, thread_id => ${chat}, message_id => ${question})`;
const [hit] = await db.$queryRaw`SELECT * FROM threadmem.memory_search('ada', ${'where was the theatre'})`;
assert.equal(hit.message_id, question);

// Errors are told apart by code and column; what PostgreSQL said is the cause of the adapter's error, but for the table.
const error = (query) => query.then(assert.fail, ({ meta: { driverAdapterError: { cause } } }) => [cause.originalCode, cause.column]);
assert.deepEqual(await error(db.$queryRaw`SELECT * FROM threadmem.thread_get(${'none'})`), ['P0002', 'thread_id']);
assert.deepEqual(await error(db.$queryRaw`SELECT * FROM threadmem.message_list(${chat}, max_rows => ${5e9})`), ['22023', 'max_rows']);
assert.equal((await error(db.$queryRaw`SELECT * FROM threadmem.thread_update(${chat}, expected_version => ${99})`))[0], 'TM001');

// A row of one's own and a message: both or none. What is joined may be gone.
await assert.rejects(db.$transaction(async (tx) => {
  await tx.chat.create({ data: { id: chat, label: 'lost' } });
  await tx.$queryRaw`SELECT * FROM threadmem.message_add(${chat}, 'user', 'lost')`;
  throw new Error('no');
}), /no/);
await db.chat.createMany({ data: [{ id: chat, label: 'mine' }, { id: randomUUID(), label: 'gone' }] });
assert.deepEqual(await db.$queryRaw`SELECT c.label, t.message_count FROM chats c
  LEFT JOIN LATERAL threadmem.thread_get(c.id, missing_ok => true) t ON true ORDER BY 1`,
[{ label: 'gone', message_count: null }, { label: 'mine', message_count: 3 }]);

// A tenant for one transaction: the pool's only connection goes from one to the other, and back as it was.
const list = async (from) => (await from.$queryRaw`SELECT * FROM threadmem.thread_list()`).map((t) => t.thread_id);
const threads = (tenant, create) => db.$transaction(async (tx) => {
  await tx.$queryRaw`SELECT set_config('threadmem.tenant', ${tenant}, true)`;
  if (create) await tx.$queryRaw`SELECT * FROM threadmem.thread_create(${create})`;
  return list(tx);
});
assert.deepEqual(await threads('north', 'of north'), ['of north']);
assert.deepEqual(await threads('south', 'of south'), ['of south']);
assert.deepEqual(await threads('north'), ['of north']);
assert.deepEqual(await list(db), [chat]);
await db.$disconnect();
console.log('ok prisma');
