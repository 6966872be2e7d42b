// Every function can be called, and gives what its type says.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { errors, json, Threadmem } from 'threadmem';
import { names, newCalls, newPool, newTenant, recorded } from './support.js';

const pool = newPool();
after(() => pool.end());

// By the type in SQL: what a call may have that need not succeed.
const VALUES = {
  text: '[]',
  'text[]': ['x', 'y "z"'],
  bigint: 2 ** 40,
  integer: 1,
  boolean: false,
  jsonb: { a: [1] },
  json: 'x',
  interval: '1 second',
  'timestamp with time zone': new Date(),
  'double precision': 0.5,
  'double precision[]': new Float32Array([1, 0.5]),
};

test('every function can be called, and what fails is an error of the function', async () => {
  for (const name of names) {
    const args = Object.fromEntries(Object.entries(recorded(name).types).map(([argument, type]) => [argument, VALUES[type]]));
    assert(Object.values(args).every((value) => value !== undefined), name);
    const client = await pool.connect();
    await client.query('BEGIN');
    try {
      await new Threadmem(client, { tenant: newTenant() })[name](args);
    } catch (error) {
      assert(error instanceof errors.ThreadmemError, `${name}: ${error}`);
      assert(!['22P02', '22P05', '57014'].includes(error.code), `${name}: ${error}`);
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  }
});

test('there is a method for each function', async () => {
  const listed = new Set((await newCalls(pool).help()).map((it) => it.name));
  listed.delete('json_patch_fold'); // an aggregate
  assert.deepEqual(new Set(names.map((name) => recorded(name).name)), listed);
});

test('a conversation', async () => {
  const calls = newCalls(pool);
  await calls.user_create({ user_id: 'ada', metadata: { plan: 'free' } });
  await calls.thread_create({ thread_id: 'trip', user_id: 'ada' });
  const parts = [{ type: 'text', text: 'Hi' }];
  for (let i = 0; i < 2; i++) { // the id was chosen before, so it can be repeated
    const added = await calls.message_add({ thread_id: 'trip', role: 'user', parts, message_id: 'm1' });
    assert.deepEqual([added.seq, added.text, added.content], [1, 'Hi', parts]);
    assert(added.created_at instanceof Date);
  }
  const event_at = new Date('2024-05-01T10:00:00.123Z');
  await calls.message_add({ thread_id: 'trip', role: 'assistant', content: 'Hello', event_at });
  const page = await calls.message_list({ thread_id: 'trip', max_rows: 1 });
  const rest = await calls.message_list({ thread_id: 'trip', after_position: page.at(-1).position });
  assert.deepEqual([...page, ...rest].map((m) => [m.role, m.has_more]), [['user', true], ['assistant', false]]);
  assert.deepEqual(rest[0].event_at, event_at);
  assert.equal(rest[0].name, null);
  assert(await calls.memory_set_embedding({ user_id: 'ada', embedding: [1, 0.5], thread_id: 'trip', message_id: 'm1' }));
  const [episode] = await calls.memory_episodes({ user_id: 'ada' });
  assert.deepEqual([episode.content, episode.embedding], ['Hi', [1, 0.5]]);

  await calls.run_create({ thread_id: 'trip', run_id: 'r1', graph_id: 'guide' });
  const run = await calls.run_claim({ worker: 'w', lease: '1 minute', graph_id: 'guide' });
  assert.equal(run?.status, 'in_progress');
  assert.equal(await calls.run_claim({ worker: 'w', graph_id: 'guide' }), null);
  await calls.thread_update_state({ thread_id: 'trip', input: { stops: ['hill'] }, as_node: 'plan', next: ['approve'], run_id: 'r1' });
  const state = await calls.thread_state({ thread_id: 'trip' });
  assert.deepEqual([state.values.stops, state.next], [['hill'], ['approve']]);
  await calls.run_complete({ thread_id: 'trip', run_id: 'r1' });
  assert.deepEqual(await calls.thread_gone({ thread_ids: ['trip', 'gone'] }), ['gone']);
  assert.equal(await calls.thread_count(), 1);
  assert.equal(await calls.current_user_id(), null);
  assert.deepEqual(await calls.store_batch({ operations: [{ op: 'get', namespace: ['a'], key: 'k' }] }), [null]);
  assert.equal(typeof (await calls.threadmem_stats())[0].bytes, 'number');
});

test('a row or none', async () => {
  assert.equal(await newCalls(pool).thread_get({ thread_id: 'none', missing_ok: true }), null);
  await assert.rejects(newCalls(pool).thread_get({ thread_id: 'none' }), errors.NotFound);
});

test('what is left out is the default, and null is null', async () => {
  const calls = newCalls(pool);
  await calls.thread_create({ thread_id: 'a', title: undefined });
  await calls.thread_create({ thread_id: 'b', archived: true });
  assert.equal((await calls.thread_list({ archived: undefined })).length, 1);
  assert.equal((await calls.thread_list({ archived: null })).length, 2);
  await assert.rejects(calls.thread_list({ max: 1 }), /thread_list has no argument max/);
});

test('json', async () => {
  const calls = newCalls(pool);
  assert.deepEqual(await calls.json_diff({ old: null, new: { a: null } }), [{ op: 'replace', path: '', value: { a: null } }]);
  assert.equal(await calls.json_patch_apply({ doc: 'text', patch: [] }), 'text');
  await assert.rejects(calls.thread_create({ metadata: json(null) }), errors.BadInput);
  assert.deepEqual((await calls.thread_create({ metadata: json({ a: 1 }) })).metadata, { a: 1 });
});

test('a bigint is exact or refused', async () => {
  const calls = newCalls(pool);
  await calls.thread_create({ thread_id: 'a' });
  assert.equal((await calls.message_list({ thread_id: 'a', after_seq: 2n ** 60n })).length, 0);
  const client = { query: (config) => pool.query({ ...config, text: 'SELECT 9007199254740993 AS f', values: [] }) };
  await assert.rejects(new Threadmem(client).json_bytes({ document: 1 }), { name: 'RangeError', message: /9007199254740993/ });
  await assert.rejects(calls.thread_gone({ thread_ids: 'a' }), TypeError);
});
