// Errors, tenants, transactions, pools.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import pg from 'pg';
import { errors, Threadmem } from 'threadmem';
import { newCalls, newPool, newTenant } from './support.js';

const pool = newPool();
after(() => pool.end());

test('every code has a class', () => {
  const page = process.env.THREADMEM_ERRORS;
  assert(page && existsSync(page), 'THREADMEM_ERRORS names docs/errors.md');
  const table = readFileSync(page, 'utf8').split('## What each means')[1].split('\n## ')[0];
  const cells = table.split('\n').filter((line) => line.startsWith('| ')).map((line) => line.split('|')[1]);
  const codes = new Set(cells.join(' ').match(/\b[0-9A-Z]{5}\b/g));
  assert.deepEqual(new Set(Object.keys(errors.BY_CODE)), codes);
  for (const code of codes) assert(errors.BY_CODE[code].prototype instanceof errors.ThreadmemError, code);
});

test('an error has its fields', async () => {
  const calls = newCalls(pool);
  await calls.thread_create({ thread_id: 'trip' });
  const error = await calls.message_get({ thread_id: 'trip', message_id: 'none' }).then(assert.fail, (e) => e);
  assert(error instanceof errors.NotFound && error instanceof errors.ThreadmemError);
  assert.deepEqual([error.name, error.code, error.table, error.column], ['NotFound', 'P0002', 'messages', 'message_id']);
  assert.match(error.detail, /none/);
  assert(error.cause instanceof pg.DatabaseError);
  const exists = await calls.thread_create({ thread_id: 'trip' }).then(assert.fail, (e) => e);
  assert(exists instanceof errors.AlreadyExists);
  assert.deepEqual([exists.table, exists.constraint, typeof exists.hint], ['threads', 'threads_pkey', 'string']);
  await assert.rejects(calls.thread_update({ thread_id: 'trip', title: 'x', expected_version: 99 }), errors.LostUpdate);
  await assert.rejects(calls.message_list({ thread_id: 'trip', max_rows: 5000 }), { name: 'BadInput', column: 'max_rows' });
});

test('what is not of the function stays as it is', async () => {
  const client = new pg.Client();
  await client.connect();
  await client.end();
  const error = await new Threadmem(client).thread_list().then(assert.fail, (e) => e);
  assert(!(error instanceof errors.ThreadmemError));
});

const kinds = async (calls) => [
  await calls.current_tenant(),
  (await calls.thread_list()).map((t) => t.thread_id),
  await calls.thread_count(),
  await calls.thread_gone({ thread_ids: ['north', 'south'] }),
  (await calls.thread_get({ thread_id: 'north', missing_ok: true })) !== null,
];

test('tenants of a pool of one', async () => {
  const [north, south] = [newTenant(), newTenant()];
  await new Threadmem(pool, { tenant: north }).thread_create({ thread_id: 'north' });
  await new Threadmem(pool, { tenant: south }).thread_create({ thread_id: 'south' });
  const [of_north, of_south, of_none] = await Promise.all([
    kinds(new Threadmem(pool, { tenant: north })), kinds(new Threadmem(pool, { tenant: south })), new Threadmem(pool).current_tenant(),
  ]);
  assert.deepEqual(of_north, [north, ['north'], 1, ['south'], true]);
  assert.deepEqual(of_south, [south, ['south'], 1, ['north'], false]);
  assert.equal(of_none, '');
  assert.equal((await pool.query(`SELECT current_setting('threadmem.tenant') AS tenant`)).rows[0].tenant, '');
});

test('a session narrowed to a user', async () => {
  const tenant = newTenant();
  const calls = new Threadmem(pool, { tenant });
  for (const user_id of ['ada', 'bob']) {
    await calls.user_create({ user_id });
    await calls.thread_create({ thread_id: `of ${user_id}`, user_id });
  }
  const ada = new Threadmem(pool, { tenant, user_id: 'ada' });
  assert.equal(await ada.current_user_id(), 'ada');
  assert.deepEqual((await ada.thread_list()).map((t) => t.thread_id), ['of ada']);
});

test('a call is one statement, with the tenant', async () => {
  const sent = [];
  const counting = { query: (config) => { sent.push(config.text); return pool.query(config); } };
  await new Threadmem(counting, { tenant: newTenant() }).thread_list();
  assert.equal(sent.length, 1);
});

test('a transaction is all or nothing', async () => {
  const calls = newCalls(pool);
  await assert.rejects(calls.transaction(async (within) => {
    await within.thread_create({ thread_id: 'lost' });
    throw new Error('no');
  }), /no/);
  const answer = await calls.transaction(async (within, client) => {
    await within.thread_create({ thread_id: 'trip' });
    await assert.rejects(within.transaction((savepoint) => savepoint.thread_create({ thread_id: 'trip' })), errors.AlreadyExists);
    await within.message_add({ thread_id: 'trip', role: 'user', content: 'Hi' });
    return (await client.query('SELECT 1 AS one')).rows[0].one;
  });
  assert.equal(answer, 1);
  assert.deepEqual((await calls.thread_list()).map((t) => [t.thread_id, t.message_count]), [['trip', 1]]);
  await assert.rejects(calls.transaction(async (within) => {
    await within.thread_create({ thread_id: 'never' });
    await within.thread_create({ thread_id: 'trip' }).catch(() => undefined);
  }), /rolled back/);
  assert.equal(await calls.thread_count(), 1);
});

test('a client that is lost in a transaction is not given back', async () => {
  const calls = newCalls(pool);
  await assert.rejects(calls.transaction(async (within, client) => {
    client.on('error', () => undefined);
    await client.query('SELECT pg_terminate_backend(pg_backend_pid())').catch(() => undefined);
    await within.thread_list();
  }));
  assert.equal(await calls.thread_count(), 0);
});

test('a client is its owner’s', async () => {
  const client = await pool.connect();
  const calls = new Threadmem(client, { tenant: newTenant() });
  try {
    await client.query('BEGIN');
    await calls.thread_create({ thread_id: 'lost' });
    await client.query('ROLLBACK');
    await assert.rejects(calls.transaction((within) => within.thread_list()), { code: '25P01' });
    assert.equal(await calls.thread_count(), 0);
  } finally {
    client.release();
  }
});
