// The worker that embeds, with a server of its own that has OpenAI's API.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Threadmem } from 'threadmem';
import { embedMissing, openai, users } from 'threadmem/embed';
import { newCalls, newPool, newTenant } from './support.js';

const pool = newPool();
after(() => pool.end());
const lengths = (texts) => texts.map((text) => [text.length, 1]);

/** Its URL, and what it was asked; it gives the vectors in the wrong order, with their index. */
async function served(t, answer = lengths) {
  const asked = [];
  const server = createServer(async (request, response) => {
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString());
    asked.push({ ...body, path: request.url, key: request.headers.authorization });
    const vectors = await answer(body.input);
    response.end(JSON.stringify({ data: vectors.map((embedding, index) => ({ index, embedding })).reverse() }));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  return { url: `http://127.0.0.1:${server.address().port}/v1/`, asked };
}

async function talk(calls) {
  await calls.user_create({ user_id: 'ada' });
  await calls.thread_create({ thread_id: 'trip', user_id: 'ada' });
  for (let i = 0; i < 5; i++)
    await calls.message_add({ thread_id: 'trip', role: 'user', content: 'word '.repeat(i + 1), message_id: String(i) });
  await calls.message_add({ thread_id: 'trip', role: 'user', content: '', message_id: 'empty' });
  await calls.memory_add_data({ user_id: 'ada', data: 'drinks tea', episode_id: 'tea' });
}

async function embedded(calls) {
  const rows = await calls.memory_episodes({ user_id: 'ada' });
  return Object.fromEntries(rows.filter((row) => row.embedding).map((row) => [row.message_id ?? row.episode_id, row.embedding]));
}

test('all is embedded as it is', async (t) => {
  const calls = newCalls(pool);
  const { url, asked } = await served(t);
  await talk(calls);
  assert.equal(await embedMissing(calls, 'ada', openai(url, 'm', 'secret', 20), 4), 6);
  assert.deepEqual(await calls.memory_without_embedding({ user_id: 'ada' }), []);
  assert.deepEqual(await embedded(calls), { 0: [5, 1], 1: [10, 1], 2: [15, 1], 3: [20, 1], 4: [20, 1], tea: [10, 1] });
  assert.deepEqual(asked.map((one) => [one.input.length, one.path, one.key, one.model]),
    [4, 2].map((count) => [count, '/v1/embeddings', 'Bearer secret', 'm']));
  assert.equal(await embedMissing(calls, 'ada', openai(url, 'm')), 0);
});

test('what is edited meanwhile is embedded anew', async (t) => {
  const calls = newCalls(pool);
  await talk(calls);
  const { url } = await served(t, async (texts) => {
    if (texts.includes('drinks tea')) {
      await calls.message_update({ thread_id: 'trip', message_id: '1', content: 'another text' });
      await calls.message_delete({ thread_id: 'trip', message_id: '2' });
    }
    return lengths(texts);
  });
  assert.equal(await embedMissing(calls, 'ada', openai(url, 'm')), 5);
  const found = await embedded(calls);
  assert.deepEqual([found[1], found[2]], [[12, 1], undefined]);
});

test('a server that is wrong changes nothing', async (t) => {
  const calls = newCalls(pool);
  const { url } = await served(t, (texts) => lengths(texts.slice(1)));
  await talk(calls);
  await assert.rejects(embedMissing(calls, 'ada', openai(url, 'm')), /5 embeddings of 6 texts/);
  await assert.rejects(embedMissing(calls, 'ada', openai('http://127.0.0.1:1', 'm')));
  assert.deepEqual(await embedded(calls), {});
});

test('the program embeds every user of its tenant', async (t) => {
  const tenant = newTenant();
  const [calls, other] = [new Threadmem(pool, { tenant }), newCalls(pool)];
  const { url } = await served(t);
  await talk(calls);
  await talk(other);
  await calls.user_create({ user_id: 'ben' });
  const found = [];
  for await (const user of users(calls)) found.push(user);
  assert.deepEqual(found.sort(), ['ada', 'ben']);
  const program = fileURLToPath(import.meta.resolve('threadmem/embed'));
  await promisify(execFile)(process.execPath, [program, '--url', url, '--model', 'm', '--tenant', tenant, '--every', '0']);
  assert.equal(Object.keys(await embedded(calls)).length, 6);
  assert.deepEqual(await embedded(other), {});
});
