#!/usr/bin/env node
// A worker that embeds what is remembered of users and has no embedding yet, by any server with OpenAI's API.
//
//     DATABASE_URL=postgresql://localhost/app npx threadmem-embed --url http://localhost:11434/v1 --model all-minilm
//
// It embeds the text of an episode as it is, without who said it: names draw a vector to all that has the name. What is
// edited meanwhile keeps no vector of the text that it was, and is embedded in the next round. Several may run at once:
// the work of one is done twice at worst. The key of the server is in OPENAI_API_KEY.

import { realpathSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Threadmem } from './client.js';
import { LostUpdate, NotFound } from './errors.js';

export type Embed = (texts: string[]) => Promise<number[][]>;

/** What asks a server for the vectors of texts; of a longer text than its model reads, for that of the beginning. */
export function openai(url: string, model: string, key?: string, maxCharacters = 8000): Embed {
  return async (texts) => {
    const response = await fetch(`${url.replace(/\/+$/, '')}/embeddings`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...(key ? { Authorization: `Bearer ${key}` } : {}) },
      body: JSON.stringify({ model, input: texts.map((text) => text.slice(0, maxCharacters).replace(/[\ud800-\udbff]$/, '')) }),
      signal: AbortSignal.timeout(60_000),
    });
    if (!response.ok) throw new Error(`${response.url}: ${response.status} ${await response.text()}`);
    const { data } = (await response.json()) as { data: { index: number; embedding: number[] }[] };
    if (data.length !== texts.length) throw new Error(`the server gave ${data.length} embeddings of ${texts.length} texts`);
    return data.sort((a, b) => a.index - b.index).map((one) => one.embedding);
  };
}

/** Embeds what a user's memory holds without embedding; how many. Stops where a round brings nothing. */
export async function embedMissing(calls: Threadmem, user_id: string, embed: Embed, batch = 64): Promise<number> {
  for (let done = 0; ;) {
    const episodes = await calls.memory_without_embedding({ user_id, max_rows: batch });
    if (episodes.length === 0) return done;
    const vectors = await embed(episodes.map((episode) => episode.content));
    let stored = 0;
    for (const [i, { thread_id, message_id, episode_id, content }] of episodes.entries()) {
      const target = episode_id === null ? { thread_id, message_id } : { episode_id };
      try {
        await calls.memory_set_embedding({ user_id, embedding: vectors[i]!, expected_content: content, ...target });
        stored++;
      } catch (error) { // edited or deleted since
        if (!(error instanceof LostUpdate || error instanceof NotFound)) throw error;
      }
    }
    done += stored;
    if (stored === 0) return done;
  }
}

export async function* users(calls: Threadmem): AsyncGenerator<string> {
  for (let position: string | null = null; ;) {
    const page = await calls.user_list({ max_rows: 1000, after_position: position });
    yield* page.map((user) => user.user_id);
    const last = page.at(-1);
    if (!last?.has_more) return;
    position = last.position;
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      url: { type: 'string' }, // of the API, up to /v1
      model: { type: 'string' }, // one for all that is compared
      tenant: { type: 'string' }, // else that of the role or the database
      user: { type: 'string', multiple: true }, // only these
      every: { type: 'string', default: '10' }, // seconds between two rounds; 0: one round
    },
  });
  if (!values.url || !values.model) throw new Error('usage: threadmem-embed --url URL --model MODEL [--tenant T] [--user U]... [--every S]');
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({ max: 1, ...(process.env.DATABASE_URL ? { connectionString: process.env.DATABASE_URL } : {}) });
  const calls = new Threadmem(pool, { tenant: values.tenant });
  const embed = openai(values.url, values.model, process.env.OPENAI_API_KEY);
  for (;;) {
    for await (const user_id of values.user ?? users(calls)) {
      await embedMissing(calls, user_id, embed).catch((error: Error) => { // the next round tries again
        if (values.every === '0') throw error;
        console.error(`${user_id}: ${error.message}`);
      });
    }
    if (values.every === '0') break;
    await wait(1000 * Number(values.every));
  }
  await pool.end();
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) await main();
