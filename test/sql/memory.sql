-- What is remembered of a user: live messages, added data, texts of deleted threads; and how it is forgotten.
\set SHOW_CONTEXT never
\set VERBOSITY default
\pset null (null)
SET TIME ZONE 'UTC';
SET threadmem.tenant = 'memory test';
CREATE FUNCTION pg_temp.remembered(OUT user_id text, OUT source text, OUT thread_id text, OUT message_id text, OUT content text) RETURNS SETOF record LANGUAGE sql AS
$$SELECT user_id, source, thread_id, message_id, content FROM threadmem.episodes ORDER BY user_id, source, thread_id, seq, content COLLATE "C"$$;

-- Data of three types; a group has memory as a user has.
SELECT user_id, kind FROM (VALUES ('ann', 'user'), ('bob', 'user'), ('team', 'group')) v (u, k), LATERAL (SELECT * FROM threadmem.user_create(u, kind => k)) c;
\x
SELECT user_id, episode_id, source, thread_id, message_id, seq, role, name, sender_id, event_at, created_at > event_at AS arrived, source_description, metadata, content
  FROM threadmem.memory_add_data('ann', 'Ann''s account was suspended.', event_at => '2024-11-14 02:03:58', metadata => '{"from": "billing"}', source_description => 'billing system', episode_id => 'e1');
SELECT user_id, episode_id, source, event_at, source_description, metadata, content FROM threadmem.memory_get_episode('ann', 'e1');
\x
SELECT source, role, name, content FROM threadmem.memory_add_data('ann', '{"plan": {"name": "premium", "seats": 5}}', 'json', episode_id => 'e2');
SELECT body FROM threadmem_data.episodes WHERE tenant_id = 'memory test' AND episode_id = 'e2';
SELECT source, role, name, content FROM unnest('{"Jane Doe (Human): I moved (at last): to Lyon", "Jane: hello", "a) b: c"}'::text[]) d, threadmem.memory_add_data('team', d, 'message');
SELECT source, content FROM threadmem.memory_search('ann', 'premium seats');
SELECT source, name, content FROM threadmem.memory_search('team', 'Lyon');

-- Bad input, one error each, and nothing stored.
SELECT count(*) FROM pg_temp.remembered() \gset before_
SELECT threadmem.memory_add_data('nobody', 'x');
SELECT threadmem.memory_add_data('ann', NULL);
SELECT threadmem.memory_add_data('ann', ' ');
SELECT threadmem.memory_add_data('ann', 'x', 'xml');
SELECT threadmem.memory_add_data('ann', '{"a"', 'json');
SELECT threadmem.memory_add_data('ann', 'no speaker', 'message');
SELECT threadmem.memory_add_data('ann', 'Jane (nobody we know): x', 'message');
SELECT threadmem.memory_add_data('ann', 'x', event_at => 'infinity');
SELECT threadmem.memory_add_data('ann', 'x', metadata => '[]');
SELECT threadmem.memory_add_data('ann', 'x', episode_id => 'e1');
SET threadmem.max_body = '1kB';
SELECT threadmem.memory_add_data('ann', repeat('x', 1025));
RESET threadmem.max_body;
SELECT threadmem.memory_get_episode('ann', 'none');
SELECT threadmem.memory_get_episode('bob', 'e1');
SELECT threadmem.memory_delete_episode('bob', 'e1');
SELECT * FROM threadmem.memory_episodes('nobody');
SELECT count(*) = :before_count AS nothing_stored FROM pg_temp.remembered();

-- Messages of a user's thread are memory at once; not those of ignored roles, of threads without user, in pieces, superseded, deleted or without words.
SELECT t.thread_id, f.thread_id FROM threadmem.thread_create('t', user_id => 'ann') t, threadmem.thread_create('free') f;
SELECT message_id, role FROM threadmem.message_add_batch('t', '[{"role": "user", "content": "I like tea", "id": "1", "name": "Ann", "created_at": "2024-01-02T00:00:00Z"}, {"role": "assistant", "content": "noted", "id": "2", "created_at": "2024-01-02T00:00:00Z"}, {"role": "tool", "content": [], "id": "3"}]', ignore_roles => '{assistant}');
SELECT message_id FROM threadmem.message_add('free', 'user', 'nobody said this', message_id => '1');
SELECT message_id FROM threadmem.message_start('t', message_id => '4');
SELECT rev FROM threadmem.message_update('t', '1', 'I like green tea');
SELECT * FROM pg_temp.remembered();
-- Newest event first, and in pages.
SELECT source, episode_id, message_id, content FROM threadmem.memory_episodes('ann') WHERE source <> 'json';
SELECT count(*) AS rows, count(DISTINCT content) AS different FROM generate_series(0, 3) s, threadmem.memory_episodes('ann', 1, s);
SELECT message_id FROM threadmem.message_delete('t', '1');
SELECT * FROM pg_temp.remembered() WHERE source = 'message';

-- A thread's deletion keeps the texts of its owner's messages, counted, unless it is told to forget.
SELECT thread_id FROM threadmem.thread_create('k', user_id => 'ann', messages => '[{"role": "user", "content": "kept one", "id": "1", "name": "Ann", "sender_id": "bob", "metadata": {"k": 1}, "created_at": "2024-01-03T00:00:00Z"}, {"role": "user", "content": [{"type": "text", "text": "kept two"}], "id": "2"}, {"role": "user", "content": "erased", "id": "3"}]');
SELECT message_id FROM threadmem.message_add('k', 'tool', 'ignored', message_id => '4', in_memory => false);
SELECT state FROM threadmem.message_erase('k', '3');
SELECT * FROM threadmem.thread_delete('k') WHERE deleted > 0;
SELECT * FROM pg_temp.remembered() WHERE thread_id = 'k';
SELECT seq, role, name, sender_id, event_at, metadata FROM threadmem.episodes WHERE thread_id = 'k' ORDER BY seq LIMIT 1;
SELECT source, thread_id, seq, content FROM threadmem.memory_search('ann', 'kept');
SELECT thread_id FROM threadmem.thread_create('c', user_id => 'ann', messages => '[{"role": "user", "content": "gone"}]');
SELECT * FROM threadmem.thread_delete('c', keep_memory => false) WHERE deleted > 0;
-- Where the call does not say, the setting does; the call has the last word.
SELECT thread_id FROM generate_series(1, 6) n, threadmem.thread_create('d' || n, user_id => CASE WHEN n < 6 THEN 'ann' END, messages => '[{"role": "user", "content": "said in d"}, {"role": "user", "content": []}]');
SET threadmem.keep_memory = off;
SELECT deleted, kept FROM threadmem.thread_delete('d1') WHERE kind = 'messages';
SELECT deleted, kept FROM threadmem.thread_delete('d2', keep_memory => NULL) WHERE kind = 'messages';
SELECT deleted, kept FROM threadmem.thread_delete('d3', keep_memory => true) WHERE kind = 'messages';
RESET threadmem.keep_memory;
SELECT deleted, kept FROM threadmem.thread_delete('d4', keep_memory => false) WHERE kind = 'messages';
SELECT deleted, kept FROM threadmem.session_delete('d5') WHERE kind = 'messages';
SELECT deleted, kept FROM threadmem.thread_delete('d6') WHERE kind = 'messages';
SELECT thread_id FROM pg_temp.remembered() WHERE content = 'said in d';
SELECT count(*) AS forgotten FROM threadmem.episodes e, threadmem.memory_delete_episode(e.user_id, e.episode_id) WHERE e.content = 'said in d';
SELECT threadmem.thread_delete('nowhere', keep_memory => true);
-- So do pruning, purging and the deletion of the assistant.
SELECT thread_id FROM threadmem.thread_create('p', user_id => 'ann', messages => '[{"role": "user", "content": "gone"}]');
SELECT threadmem.thread_prune('{p}');
SELECT thread_id FROM threadmem.thread_create('x', user_id => 'ann', ttl => '{"ttl": 1}', messages => '[{"role": "user", "content": "gone"}]');
UPDATE threadmem_data.threads SET expires_at = '2020-01-01' WHERE tenant_id = 'memory test' AND thread_id = 'x';
SELECT threadmem.thread_purge_expired();
SELECT assistant_id FROM threadmem.graph_define('g', '{}') g, threadmem.assistant_create('a', 'g') a;
SELECT thread_id FROM threadmem.thread_create('y', user_id => 'ann', assistant_id => 'a', messages => '[{"role": "user", "content": "gone"}]');
SELECT * FROM threadmem.assistant_delete('a', cascade => true) WHERE deleted > 0;
SELECT * FROM pg_temp.remembered() WHERE content = 'gone';
-- Another's thread under the same id is another thread: its erasure and deletion leave ann's memory alone, her own take it.
SELECT thread_id FROM threadmem.thread_create('k', user_id => 'bob', messages => '[{"role": "user", "content": "bob''s", "id": "1"}]');
SELECT state FROM threadmem.message_erase('k', '1');
SELECT * FROM threadmem.thread_delete('k', keep_memory => false) WHERE deleted > 0;
SELECT count(*) FROM pg_temp.remembered() WHERE thread_id = 'k';
SELECT thread_id FROM threadmem.thread_create('k', user_id => 'ann', messages => '[{"role": "user", "content": "again", "id": "2"}]');
SELECT state FROM threadmem.message_erase('k', '2');
SELECT source, message_id, content FROM pg_temp.remembered() WHERE thread_id = 'k';
-- A thread handed over takes its messages with it, and what it left before stays.
SELECT thread_id FROM threadmem.thread_create('h', user_id => 'ann', messages => '[{"role": "user", "content": "handed over"}]');
SELECT user_id FROM threadmem.thread_update('h', user_id => 'bob');
SELECT user_id, source FROM pg_temp.remembered() WHERE content = 'handed over';
SELECT threadmem.memory_delete_episode('ann', 'e1');
SELECT threadmem.memory_delete_episode('ann', 'e1');

-- The export has the episodes; the deletion of a user takes them, and what it said in threads of others that are gone.
SELECT e ->> 'source' AS source, e ->> 'content' AS content, e ->> 'user_id' AS user_id FROM threadmem.user_export('ann') e WHERE e ->> 'object' = 'episode';
SELECT e ->> 'source' AS source, e ->> 'content' AS content, e ->> 'user_id' AS user_id FROM threadmem.user_export('bob') e WHERE e ->> 'object' = 'episode';
SELECT * FROM threadmem.user_delete('bob') WHERE deleted > 0;
SELECT * FROM pg_temp.remembered() WHERE user_id = 'ann';
SELECT * FROM threadmem.user_delete('ann') WHERE deleted > 0;
SELECT user_id, source, content FROM pg_temp.remembered();
