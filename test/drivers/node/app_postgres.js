// A conversation with postgres.js; what to connect to is in PGHOST, PGUSER and so on.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import postgres from 'postgres';

const sql = postgres({ max: 1, onnotice: () => {} });
const chat = randomUUID(); // a key of the application, and the id of its thread

await sql`CREATE TABLE chats (id uuid PRIMARY KEY, label text)`;
await sql`SELECT * FROM threadmem.user_create('ada', metadata => ${{ plan: 'free' }})`;
await sql`SELECT * FROM threadmem.thread_create(${chat}, user_id => 'ada', graph_id => 'guide')`;

// Messages: parts, a call of a tool and its output. Objects and arrays are JSON as they are: JSON.stringify would encode
// them twice. The id is chosen before, so that the call can be repeated.
const question = randomUUID();
const parts = [{ type: 'text', text: 'Where is the Roman theatre?' }];
const calls = [{ id: 'c1', type: 'function', function: { name: 'map', arguments: '{}' } }];
for (let i = 0; i < 2; i++) {
  const [added] = await sql`SELECT * FROM threadmem.message_add(${chat}, 'user', parts => ${parts}, message_id => ${question})`;
  assert.deepEqual([added.seq, added.text, added.content], ['1', parts[0].text, parts]); // a bigint is a string
}
await sql`SELECT * FROM threadmem.message_add(${chat}, 'assistant', tool_calls => ${calls})`;
await sql`SELECT * FROM threadmem.message_add(${chat}, 'tool', 'On the hill.', tool_call_id => 'c1')`;

// A page, and the next from where it ended; what fits the window of a model; a search in what is one user's.
const roles = ['user', 'assistant', 'tool'];
const page = await sql`SELECT * FROM threadmem.message_list(${chat}, max_rows => ${2})`;
const rest = await sql`SELECT * FROM threadmem.message_list(${chat}, after_position => ${page.at(-1).position})`;
assert.deepEqual([...page, ...rest].map((m) => m.role), roles);
assert.deepEqual(page[1].body.tool_calls, calls);
const window = await sql`SELECT * FROM threadmem.message_context(${chat}, max_tokens => ${4000})`;
assert.deepEqual(window.map((m) => m.role), roles);
assert(window[0].used_tokens + 1 > 1); // a count is a number
const found = await sql`SELECT * FROM threadmem.message_search('roman theatre', user_id => ${'ada'})`;
assert.deepEqual(found.map((m) => m.message_id), [question]);

// A worker's run updates the state, asks a person, and ends; a second run brings the answer.
const lease = '5 minutes'; // a bare number would be seconds
const state = async () => (await sql`SELECT t.status, s.* FROM threadmem.thread_get(${chat}) t, threadmem.thread_state(${chat}) s`)[0];
await sql`SELECT * FROM threadmem.run_create(${chat}, run_id => 'r1', graph_id => 'guide')`;
const [run] = await sql`SELECT * FROM threadmem.run_claim('worker 1', lease => ${lease}, graph_id => 'guide')`;
assert.deepEqual([run.thread_id, run.run_id, run.status], [chat, 'r1', 'in_progress']);
const [beat] = await sql`SELECT * FROM threadmem.run_heartbeat(${chat}, 'r1', 'worker 1', ${lease})`;
assert(beat.lease_until >= run.lease_until);
await sql`SELECT * FROM threadmem.thread_update_state(${chat}, ${{ stops: ['hill'] }}, as_node => 'plan', next => ${['approve']}, run_id => 'r1')`;
const planned = await state();
assert.deepEqual([planned.values.stops, planned.next], [['hill'], ['approve']]);
await sql`SELECT threadmem.checkpoint_put_writes(${chat}, ${planned.checkpoint.checkpoint_id}, ${planned.tasks[0].id},
  ${[['__interrupt__', [{ id: 'i1', value: 'Shall I book?' }]]]})`;
await sql`SELECT * FROM threadmem.run_interrupt(${chat}, 'r1', worker => 'worker 1')`;
const waiting = await state();
assert.deepEqual([waiting.status, waiting.interrupts[0].value], ['interrupted', 'Shall I book?']);
await sql`SELECT * FROM threadmem.run_create(${chat}, run_id => 'r2', graph_id => 'guide')`;
await sql`SELECT * FROM threadmem.run_claim('worker 1', graph_id => 'guide')`;
await sql`SELECT * FROM threadmem.thread_update_state(${chat}, ${{ approved: true }}, as_node => 'approve', run_id => 'r2')`;
await sql`SELECT * FROM threadmem.run_complete(${chat}, 'r2', usage => ${{ total_tokens: 12 }}, worker => 'worker 1')`;
const done = await state();
assert.deepEqual([done.status, done.next, done.interrupts, done.values.approved], ['idle', [], [], true]);

// An embedding is the array that the model gave.
await sql`SELECT threadmem.memory_set_embedding('ada', ${[0.1, 0.2, 0.3]}, thread_id => ${chat}, message_id => ${question})`;
const [hit] = await sql`SELECT * FROM threadmem.memory_search('ada', ${'where was the theatre'})`;
assert.equal(hit.message_id, question);

// Errors are told apart by code, table and column.
const error = (query) => query.then(assert.fail, (e) => [e.code, e.table_name, e.column_name]);
assert.deepEqual(await error(sql`SELECT * FROM threadmem.thread_get(${'none'})`), ['P0002', 'threads', 'thread_id']);
assert.deepEqual(await error(sql`SELECT * FROM threadmem.message_list(${chat}, max_rows => ${5e9})`), ['22023', undefined, 'max_rows']);
assert.equal((await error(sql`SELECT * FROM threadmem.thread_update(${chat}, expected_version => ${99})`))[0], 'TM001');

// A row of one's own and a message: both or none. What is joined may be gone.
await assert.rejects(sql.begin(async (sql) => {
  await sql`INSERT INTO chats VALUES (${chat}, 'lost')`;
  await sql`SELECT * FROM threadmem.message_add(${chat}, 'user', 'lost')`;
  throw new Error('no');
}), /no/);
await sql`INSERT INTO chats VALUES (${chat}, 'mine'), (${randomUUID()}, 'gone')`;
assert.deepEqual([...await sql`SELECT c.label, t.message_count FROM chats c
  LEFT JOIN LATERAL threadmem.thread_get(c.id, missing_ok => true) t ON true ORDER BY 1`],
[{ label: 'gone', message_count: null }, { label: 'mine', message_count: 3 }]);

// A tenant for one transaction: the pool's only connection goes from one to the other, and back as it was.
const threads = (tenant, create) => sql.begin(async (sql) => {
  await sql`SELECT set_config('threadmem.tenant', ${tenant}, true)`;
  if (create) await sql`SELECT * FROM threadmem.thread_create(${create})`;
  return (await sql`SELECT * FROM threadmem.thread_list()`).map((t) => t.thread_id);
});
assert.deepEqual(await threads('north', 'of north'), ['of north']);
assert.deepEqual(await threads('south', 'of south'), ['of south']);
assert.deepEqual(await threads('north'), ['of north']);
assert.deepEqual((await sql`SELECT * FROM threadmem.thread_list()`).map((t) => t.thread_id), [chat]);
await sql.end();
console.log('ok postgres');
