// The worker that extracts, with a server of its own that has OpenAI's API and gives recorded answers.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { errors, Threadmem } from 'threadmem';
import { chat, Extractor, Unavailable } from 'threadmem/extract';
import { newCalls, newPool, newTenant } from './support.js';

const pool = newPool(3);
after(() => pool.end());

const FACT = '{"facts": [{"name": "LIVES_IN", "target": "Lyon", "fact": "Ada lives in Lyon", "valid_at": "2024-05-01"}]}';
const GOOD = FACT;
const FENCED = `Sure! Here is what I found:\n\n\`\`\`json\n${FACT}\n\`\`\`\nAnything else?`;
const TRUNCATED = FACT.slice(0, 60);
const WRONG_SHAPE = '{"facts": {"name": "LIVES_IN", "target": "Lyon", "fact": "Ada lives in Lyon"}}';
const NOTHING = '{"facts": []}';

/**
 * Its URL, and what it was asked; it does one step after the other, and goes on with the last: a text to answer, a status
 * with headers, or a function that gives one.
 */
async function served(t, ...steps) {
  const asked = [];
  const server = createServer(async (request, response) => {
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString());
    const step = steps[Math.min(asked.length, steps.length - 1)];
    asked.push({ ...body, path: request.url, key: request.headers.authorization });
    const does = typeof step === 'function' ? await step(body) : step;
    if (typeof does === 'string') response.end(JSON.stringify({ choices: [{ message: { role: 'assistant', content: does } }] }));
    else response.writeHead(does.status, does.headers).end('{"error": "told so"}');
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => { server.closeAllConnections(); server.close(); });
  return { url: `http://127.0.0.1:${server.address().port}/v1`, asked };
}

async function talk(calls, user = 'ada', said = ['I live in Lyon']) {
  await calls.user_create({ user_id: user, first_name: 'Ada' });
  await calls.thread_create({ thread_id: `${user}'s`, user_id: user });
  for (const content of said) await calls.message_add({ thread_id: `${user}'s`, role: 'user', content, event_at: '2024-05-01T10:00Z' });
}

const newExtractor = (calls, url, options) => new Extractor(calls, chat(url, 'm', { timeout: 10_000 }), { extractor: 'm', firstPause: 1, ...options });
const factsOf = async (calls, user_id = 'ada') => (await calls.memory_facts({ user_id })).map((fact) => fact.fact);
const statusOf = (calls) => calls.memory_status({ user_id: 'ada' });
const said = (asked) => asked.map((one) => JSON.parse(one.messages[1].content).content);

/** Until there is nothing to be had, and again: pauses are of milliseconds here. */
async function run(worker, rounds = 1) {
  const ended = {};
  for (let round = 0; round < rounds; round++) {
    if (round > 0) await wait(100);
    for (const [end, count] of Object.entries(await worker.run({ every: 0 }))) ended[end] = (ended[end] ?? 0) + count;
  }
  return ended;
}

const endLeases = () => pool.query('UPDATE threadmem_data.memory_jobs SET lease_until = clock_timestamp() WHERE lease_until IS NOT NULL');

async function until(isTrue) {
  for (const end = performance.now() + 60_000; !(await isTrue()); await wait(20)) assert.ok(performance.now() < end);
}

test('what the model answers is remembered', async (t) => {
  const calls = newCalls(pool);
  const { url, asked } = await served(t, NOTHING, GOOD);
  await talk(calls, 'ada', ['Lyon it is', 'I live there']);
  await calls.memory_add_entity({ user_id: 'ada', name: 'Lyon', label: 'City' });
  const worker = new Extractor(calls, chat(`${url}/`, 'm', { key: 'secret', body: { temperature: 0 } }), { extractor: 'm' });
  assert.deepEqual(await run(worker), { done: 2 });
  const [fact, ...more] = await calls.memory_facts({ user_id: 'ada' });
  assert.deepEqual([fact.fact, fact.target, fact.extractor, fact.valid_at.toISOString().slice(0, 10), more.length],
    ['Ada lives in Lyon', 'Lyon', 'm', '2024-05-01', 0]);
  assert.equal((await statusOf(calls)).status, 'done');
  for (const one of asked)
    assert.deepEqual([one.path, one.key, one.model, one.temperature], ['/v1/chat/completions', 'Bearer secret', 'm', 0]);
  const [system, user] = asked[1].messages;
  const given = JSON.parse(user.content);
  assert.deepEqual([system.role, user.role, given.content, given.user_name, given.job_id], ['system', 'user', 'I live there', 'Ada', undefined]);
  assert.deepEqual([given.neighbours.map((one) => one.content), given.entities[0].name], [['Lyon it is'], 'Lyon']);
});

test('a fence and prose are the server\'s to take off', async (t) => {
  const calls = newCalls(pool);
  await talk(calls);
  const { url } = await served(t, FENCED);
  assert.deepEqual(await run(newExtractor(calls, url)), { done: 1 });
  assert.deepEqual(await factsOf(calls), ['Ada lives in Lyon']);
});

for (const bad of [TRUNCATED, WRONG_SHAPE, '', 'I cannot help with that.', '{"facts": []}\0', { status: 400 }]) {
  test(`an answer that is no good is asked for again: ${JSON.stringify(bad)}`, async (t) => {
    const calls = newCalls(pool);
    const seen = [];
    const lines = [];
    await talk(calls);
    const { url } = await served(t, bad, async () => {
      seen.push([await factsOf(calls), `ada: ${(await statusOf(calls)).error}` === lines[0]]);
      return GOOD;
    });
    assert.deepEqual(await run(newExtractor(calls, url, { log: (line) => lines.push(line) }), 3), { retry: 1, done: 1 });
    assert.deepEqual([seen, lines.length, await factsOf(calls)], [[[[], true]], 1, ['Ada lives in Lyon']]);
  });
}

test('what is never any good fails, and the next goes on', async (t) => {
  const calls = newCalls(pool);
  await talk(calls, 'ada', ['I live in Lyon', 'Really, in Lyon']);
  const { url, asked } = await served(t, WRONG_SHAPE, TRUNCATED, WRONG_SHAPE, GOOD);
  assert.deepEqual(await run(newExtractor(calls, url, { attempts: 3 }), 4), { retry: 2, failed: 1, done: 1 });
  assert.deepEqual(said(asked), [...Array(3).fill('I live in Lyon'), 'Really, in Lyon']);
  assert.deepEqual(await factsOf(calls), ['Ada lives in Lyon']);
});

for (const status of [429, 500, 503, 401]) {
  test(`a server that is down is waited for: ${status}`, async (t) => {
    const calls = newCalls(pool);
    await talk(calls);
    const { url } = await served(t, ...Array(4).fill({ status }), GOOD);
    assert.deepEqual(await run(newExtractor(calls, url, { attempts: 1 }), 6), { retry: 4, done: 1 });
    assert.deepEqual(await factsOf(calls), ['Ada lives in Lyon']);
  });
}

test('nobody asks while the server wants a pause', async (t) => {
  const calls = newCalls(pool);
  const { url, asked } = await served(t, { status: 429, headers: { 'Retry-After': '1000' } }, GOOD);
  await talk(calls);
  const paused = newExtractor(calls, url);
  assert.deepEqual(await run(paused), { retry: 1 });
  await talk(calls, 'ben');
  assert.deepEqual([await run(paused), asked.length], [{}, 1]);
  assert.deepEqual(await run(newExtractor(calls, url)), { done: 1 });
  assert.deepEqual([await factsOf(calls, 'ben'), await factsOf(calls)], [['Ada lives in Lyon'], []]);
});

test('no server, and no answer in time', async (t) => {
  await assert.rejects(chat('http://127.0.0.1:1/v1', 'm')([]), Unavailable);
  const calls = newCalls(pool);
  await talk(calls);
  const { url } = await served(t, () => new Promise(() => undefined), GOOD);
  const worker = new Extractor(calls, chat(url, 'm', { timeout: 1000 }), { extractor: 'm', firstPause: 1 });
  assert.deepEqual(await run(worker, 2), { retry: 1, done: 1 });
  assert.deepEqual(await factsOf(calls), ['Ada lives in Lyon']);
});

test('users are worked on at once, and of one nothing twice', { timeout: 60_000 }, async (t) => {
  const calls = newCalls(pool);
  const both = ['I live in Lyon', 'In Lyon, as I said'];
  let waiting = [];
  const { url, asked } = await served(t, async () => { // answers when two have asked
    await new Promise((done) => {
      waiting.push(done);
      if (waiting.length === 2) waiting = waiting.filter((one) => one());
    });
    return GOOD;
  });
  await talk(calls, 'ada', both);
  await talk(calls, 'ben', both);
  assert.deepEqual(await run(newExtractor(calls, url)), { done: 4 });
  assert.deepEqual(said(asked), [both[0], both[0], both[1], both[1]]);
  assert.deepEqual([await factsOf(calls), await factsOf(calls, 'ben')], [['Ada lives in Lyon'], ['Ada lives in Lyon']]);
});

test('an answer that comes too late is dropped', async (t) => {
  const calls = newCalls(pool);
  await talk(calls);
  const { url } = await served(t, async () => {
    await endLeases();
    const [{ user_id, job_id }] = await calls.memory_claim({ worker: 'other' });
    assert.equal(await calls.memory_complete({ user_id, job_id, worker: 'other', document: NOTHING }), 'done');
    return GOOD;
  });
  assert.deepEqual(await run(newExtractor(calls, url)), { lost: 1 });
  assert.deepEqual(await factsOf(calls), []);
});

test('the database decides what is an error of the worker', async (t) => {
  const calls = newCalls(pool);
  await talk(calls);
  const { url } = await served(t, GOOD);
  const [episode] = await calls.memory_claim({ worker: 'someone else' });
  assert.equal(await newExtractor(calls, url).extract(episode), 'lost');
  await assert.rejects(newExtractor(calls, url, { lease: -1 }).run({ every: 0 }), errors.BadInput);
});

/** The program, asked and not answered until it is released. */
async function begun(t) {
  const tenant = newTenant();
  const calls = new Threadmem(pool, { tenant });
  await talk(calls, 'ada', ['I live in Lyon', 'Yes, in Lyon']);
  let release;
  const released = new Promise((done) => { release = done; });
  const { url, asked } = await served(t, async () => { await released; return GOOD; }, GOOD);
  const start = (every) => spawn(process.execPath,
    [fileURLToPath(import.meta.resolve('threadmem/extract')), '--url', url, '--model', 'm', '--tenant', tenant, '--every', every], { stdio: 'inherit' });
  const program = start('0.1');
  const ended = once(program, 'exit');
  await until(() => asked.length > 0);
  return { calls, asked, program, ended, release, start };
}

test('what a killed program had comes again, once', async (t) => {
  const { calls, asked, program, ended, release, start } = await begun(t);
  program.kill('SIGKILL');
  assert.deepEqual(await ended, [null, 'SIGKILL']);
  release();
  assert.equal((await statusOf(calls)).status, 'claimed');
  assert.deepEqual(await calls.memory_claim({ worker: 'other' }), []);
  await endLeases();
  assert.deepEqual(await once(start('0'), 'exit'), [0, null]);
  assert.deepEqual([await factsOf(calls), (await statusOf(calls)).status, asked.length], [['Ada lives in Lyon'], 'done', 3]);
});

test('a signal ends the program once what it has begun is done', async (t) => {
  const { calls, asked, program, ended, release } = await begun(t);
  program.kill('SIGTERM');
  await wait(300);
  assert.equal(program.exitCode, null);
  release();
  assert.deepEqual(await ended, [0, null]);
  const { status, pending } = await statusOf(calls);
  assert.deepEqual([asked.length, status, pending, await factsOf(calls)], [1, 'pending', 1, ['Ada lives in Lyon']]);
});

test('an AbortSignal ends a worker that waits', async (t) => {
  const calls = newCalls(pool);
  const { url } = await served(t, GOOD);
  await talk(calls);
  const stop = new AbortController();
  const working = newExtractor(calls, url).run({ every: 1_000_000, signal: stop.signal });
  await until(async () => (await factsOf(calls)).length > 0);
  stop.abort();
  assert.deepEqual(await working, { done: 1 });
});
