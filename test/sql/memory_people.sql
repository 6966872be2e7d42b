-- What people say in threads of others: it is in their memory, too, each hit tells who said it, and each forgets for itself.
\set SHOW_CONTEXT never
\set VERBOSITY default
\pset null (null)
SET TIME ZONE 'UTC';
SET threadmem.tenant = 'people test';
CREATE FUNCTION pg_temp.remembered(of_user text) RETURNS text LANGUAGE sql AS
$$SELECT string_agg(coalesce(thread_id, source) || ': ' || content, ', ' ORDER BY thread_id NULLS FIRST, seq, content COLLATE "C") FROM threadmem.memory_episodes(of_user, 1000)$$;
SELECT count(threadmem.user_create(u)) FROM unnest('{host,bob}'::text[]) u;
SELECT count(threadmem.user_create('anna', first_name => 'Anna', last_name => 'Novak'));
SELECT count(*) FROM threadmem.thread_create('group', user_id => 'host', participant_ids => '{anna,bob}');
SELECT count(*) FROM threadmem.thread_create('own', user_id => 'anna');
SELECT count(*) FROM threadmem.message_add_batch('group', '[
  {"role": "user", "content": "Who plays an instrument?", "id": "1", "created_at": "2026-01-01T10:00:00Z"},
  {"role": "user", "content": "I play the cello.", "sender_id": "anna", "id": "2", "created_at": "2026-01-01T10:01:00Z"},
  {"role": "user", "content": "I play the trumpet.", "sender_id": "bob", "name": "Bobby", "id": "3", "created_at": "2026-01-01T10:02:00Z"},
  {"role": "user", "content": "My sister plays the cello.", "sender_id": "host", "id": "4", "created_at": "2026-01-01T10:03:00Z"},
  {"role": "assistant", "content": "A cello and a trumpet, then.", "sender_id": "helper", "id": "5", "created_at": "2026-01-01T10:04:00Z"},
  {"role": "tool", "content": "cello 1, trumpet 1", "sender_id": "anna", "tool_call_id": "c", "id": "6", "created_at": "2026-01-01T10:05:00Z"}]');
SELECT count(*) FROM threadmem.message_add('own', 'user', 'Which cello strings should I buy?', event_at => '2026-01-02 10:00Z');

-- The owner has all that was said, who takes part what it said itself; a hit tells who, by the user's name where the message has none.
SELECT pg_temp.remembered('host');
SELECT pg_temp.remembered('anna');
SELECT pg_temp.remembered('bob');
SELECT name, sender_id, content FROM threadmem.memory_search('host', 'cello') ORDER BY event_at;
SELECT name, sender_id, content FROM threadmem.memory_search('anna', 'cello') ORDER BY event_at;
SELECT name, sender_id, content FROM threadmem.memory_search('anna', 'trumpet');
SELECT name, sender_id, content FROM threadmem.memory_search('bob', 'trumpet');
SELECT name, sender_id, content FROM threadmem.memory_search('bob');
SELECT content FROM threadmem.memory_search('anna', 'cello', filters => '{"roles": ["tool"]}');
SELECT content FROM threadmem.memory_search('anna', 'cello', filters => '{"thread_ids": ["own"]}');
SELECT user_id, sender_id, name, content FROM threadmem.memory_episodes('anna', 1) UNION ALL SELECT user_id, sender_id, name, content FROM threadmem.memory_episodes('bob');
SELECT user_id, sender_id, content FROM threadmem.episodes WHERE thread_id = 'group' AND seq < 5 ORDER BY user_id, seq;
-- The block of a thread of hers says what she said elsewhere, and who it was; that of the group is its owner's.
SELECT threadmem.thread_context('own');
SELECT count(*) FROM threadmem.message_add('group', 'user', 'Does anybody play the trumpet or the cello?', event_at => '2026-01-03 10:00Z', message_id => '7');
SELECT threadmem.thread_context('group');
SELECT count(*) FROM threadmem.thread_create('next', user_id => 'host', messages => '[{"role": "user", "content": "Who plays the trumpet or the cello?"}]');
SELECT threadmem.thread_context('next');
SELECT count(*) FROM threadmem.thread_delete('next', keep_memory => false);
-- A sender that is no user remembers nothing; a former participant still what it said; nor need there be an owner.
SELECT threadmem.memory_search('helper', 'cello');
SELECT threadmem.thread_remove_participant('group', 'bob');
SELECT pg_temp.remembered('bob');
SELECT count(*) FROM threadmem.thread_create('nobody''s', messages => '[{"role": "user", "content": "Bob was here.", "sender_id": "bob", "id": "n"}]');
SELECT pg_temp.remembered('bob');

-- Kept out: by the message, by the thread, by the call.
SELECT count(*) FROM threadmem.message_add('group', 'user', 'not to be remembered', sender_id => 'anna', in_memory => false);
SELECT count(*) FROM threadmem.message_add_batch('group', '[{"role": "user", "content": "nor this", "sender_id": "anna"}]', ignore_roles => '{user}');
SELECT count(*) FROM threadmem.thread_create('private', user_id => 'host', in_memory => false, messages => '[{"role": "user", "content": "a secret", "sender_id": "anna", "id": "p"}]');
SELECT pg_temp.remembered('anna');
SELECT in_memory FROM threadmem.thread_update('private', in_memory => true);
SELECT count(*) FROM threadmem.message_add('private', 'user', 'no secret', sender_id => 'anna');
SELECT pg_temp.remembered('anna');
SELECT in_memory FROM threadmem.thread_update('private', in_memory => false);
SELECT pg_temp.remembered('anna'), pg_temp.remembered('host') ~ 'secret' AS of_host;

-- An edit, a deletion and an erasure are the same for all.
SELECT rev FROM threadmem.message_update('group', '2', 'I play the viola.');
SELECT content FROM threadmem.memory_search('anna', 'viola');
SELECT state FROM threadmem.message_delete('group', '2');
SELECT pg_temp.remembered('anna');
SELECT count(*) FROM threadmem.message_add('group', 'user', 'I play the cello.', sender_id => 'anna', message_id => '8', event_at => '2026-01-04 10:00Z');

-- Each forgets for itself; copies know it.
SELECT threadmem.memory_forget('anna', thread_id => 'group'), threadmem.memory_forget('anna', thread_id => 'group');
SELECT pg_temp.remembered('anna'), pg_temp.remembered('host');
SELECT rev > 0 AS edited FROM threadmem.message_update('group', '8', 'I play the cello, you know.');
SELECT pg_temp.remembered('anna');
SELECT count(*) FROM threadmem.thread_copy('group', 'copy of host');
SELECT pg_temp.remembered('anna');
SELECT threadmem.memory_forget('host', '2026-01-01 10:02:30Z', thread_id => 'group');
SELECT pg_temp.remembered('host'), pg_temp.remembered('bob');
SELECT threadmem.memory_forget('host'), threadmem.memory_forget('bob', thread_id => 'nobody''s');
SELECT pg_temp.remembered('host'), pg_temp.remembered('bob');
SELECT threadmem.memory_forget('bob');
SELECT pg_temp.remembered('bob');
SELECT text FROM threadmem.message_list('group') WHERE sender_id IN ('anna', 'bob');
SELECT count(*) FROM threadmem.thread_delete('copy of host', keep_memory => false);

-- A new owner has what others said as its former one had it, and of what it said itself forgets what it forgot.
SELECT count(*) FROM threadmem.thread_create('handed', user_id => 'host', messages => '[{"role": "user", "content": "by host", "sender_id": "host", "id": "1"}, {"role": "user", "content": "by anna", "sender_id": "anna", "id": "2"},
  {"role": "user", "content": "by bob", "sender_id": "bob", "id": "3"}, {"role": "assistant", "content": "by nobody", "id": "4"}]');
SELECT threadmem.memory_forget('anna', thread_id => 'handed');
SELECT user_id FROM threadmem.thread_update('handed', user_id => 'anna');
SELECT pg_temp.remembered('host'), pg_temp.remembered('anna'), pg_temp.remembered('bob');
SELECT threadmem.memory_forget('host');
SELECT user_id FROM threadmem.thread_update('handed', user_id => 'host');
SELECT pg_temp.remembered('host'), pg_temp.remembered('anna'), pg_temp.remembered('bob');
SELECT user_id FROM threadmem.thread_update('handed', clear => '{user_id}');
SELECT pg_temp.remembered('host'), pg_temp.remembered('anna'), pg_temp.remembered('bob');
SELECT count(*) FROM threadmem.thread_delete('handed', keep_memory => false);

-- A deleted thread leaves to each what it remembers of it, or to nobody; another thread of its name is another.
SELECT count(threadmem.thread_create(t, user_id => 'host', participant_ids => '{anna}', messages => jsonb_build_array(jsonb_build_object('role', 'user', 'content', t || ' asked', 'id', '1'),
  jsonb_build_object('role', 'user', 'content', t || ' told', 'sender_id', 'anna', 'id', '2'), jsonb_build_object('role', 'tool', 'content', t || ' found', 'sender_id', 'machine', 'id', '3', 'tool_call_id', 'c')))) FROM unnest('{kept,lost}'::text[]) t;
SELECT kind, deleted, kept FROM threadmem.thread_delete('kept') WHERE deleted + kept > 0 ORDER BY kind;
SELECT kind, deleted, kept FROM threadmem.thread_delete('lost', keep_memory => false) WHERE deleted + kept > 0 ORDER BY kind;
SELECT pg_temp.remembered('host'), pg_temp.remembered('anna');
SELECT name, sender_id, source, content FROM threadmem.memory_search('anna', 'told');
SELECT user_id, owner_id, sender_id, content FROM threadmem_data.episodes WHERE tenant_id = 'people test' ORDER BY user_id, seq;
SELECT kind, deleted FROM threadmem.thread_create('kept', user_id => 'bob'), LATERAL threadmem.thread_delete('kept', keep_memory => false) WHERE deleted > 0 ORDER BY kind;
SELECT pg_temp.remembered('anna');
SELECT count(*) FROM threadmem.thread_create('kept', user_id => 'host', messages => '[{"role": "user", "content": "anew", "id": "2"}]');
SELECT state FROM threadmem.message_erase('kept', '2');
SELECT pg_temp.remembered('anna'), pg_temp.remembered('host');
SELECT kind, deleted FROM threadmem.thread_delete('kept', keep_memory => false) WHERE deleted > 0 ORDER BY kind;
SELECT count(*) FROM threadmem.thread_delete('nobody''s');
SELECT threadmem.memory_forget('bob');

-- Embeddings, too.
SELECT count(*) FROM threadmem.message_add('group', 'user', 'I sold the cello.', sender_id => 'anna', message_id => '9', event_at => '2026-01-05 10:00Z');
SELECT content FROM threadmem.memory_without_embedding('anna');
SELECT threadmem.memory_set_embedding('anna', '{1,0}', thread_id => 'group', message_id => '9');
SELECT content FROM threadmem.memory_without_embedding('anna');
SELECT threadmem.memory_set_embedding('bob', '{1,0}', thread_id => 'group', message_id => '9');
SELECT threadmem.memory_set_embedding('anna', '{1,0}', thread_id => 'group', message_id => '8');

-- A narrowed session finds what its user said in the threads it sees, forgets for itself alone, and leaves others what they said.
SET threadmem.user_id = 'anna';
SELECT name, content FROM threadmem.memory_search('anna', 'sold');
SELECT user_id, content FROM threadmem.episodes WHERE thread_id = 'group';
SELECT threadmem.memory_search('host', 'sold');
SELECT threadmem.memory_forget('anna', thread_id => 'group');
SET threadmem.user_id = 'host';
SELECT name, content FROM threadmem.memory_search('host', 'sold');
SELECT user_id, content FROM threadmem.episodes WHERE thread_id = 'group' AND seq > 9;
SELECT count(*) FROM threadmem.message_add('group', 'user', 'I have a viola now.', sender_id => 'anna', message_id => '10');
SELECT count(*) FROM threadmem.message_add('group', 'user', 'I take no part any more.', sender_id => 'bob', message_id => '11');
SELECT count(*) FROM threadmem.message_add('group', 'user', 'I am nobody.', sender_id => 'helper', message_id => '12');
SELECT kept FROM threadmem.thread_delete('group') WHERE kind = 'messages';
SELECT user_id, content FROM threadmem.episodes WHERE thread_id = 'group' AND seq > 9 ORDER BY seq;
SET threadmem.user_id = 'anna';
SELECT pg_temp.remembered('anna');
RESET threadmem.user_id;
SELECT user_id, content FROM threadmem_data.episodes WHERE tenant_id = 'people test' AND seq > 10 ORDER BY user_id, seq;

-- Of much that was said a word that is rare is found however old, and beside it only what the same person said; with the owner's many, too.
SELECT count(threadmem.user_create(u)) FROM unnest('{loud,quiet}'::text[]) u;
SELECT count(threadmem.thread_create('long', user_id => 'host'));
SELECT count(*) FROM threadmem.message_add_batch('long', (SELECT jsonb_agg(jsonb_build_object('role', 'user', 'id', i::text, 'sender_id', CASE WHEN i % 3 = 0 THEN 'loud' WHEN i % 100 = 1 THEN 'quiet' ELSE 'other' END,
  'content', CASE WHEN i IN (303, 304) THEN 'the zither of ' || i ELSE 'talk of day ' || i END, 'created_at', '2020-01-01T00:00:00Z'::timestamptz + i * interval '1 hour') ORDER BY i) FROM generate_series(1, 3000) i));
SELECT sender_id, content FROM threadmem.memory_search('loud', 'zither', max_rows => 5);
SELECT count(*), count(DISTINCT sender_id) FROM threadmem.memory_search('loud', 'talk', max_rows => 1000);
SELECT count(*), count(DISTINCT sender_id) FROM threadmem.memory_search('quiet', 'talk', max_rows => 1000);
SELECT sender_id, content FROM threadmem.memory_search('host', 'zither', max_rows => 2) ORDER BY content;
SELECT count(*), min(content) FROM threadmem.memory_episodes('quiet', 1000);
SELECT count(*), min(content COLLATE "C"), max(content COLLATE "C") FROM threadmem.memory_search('loud', max_rows => 3);

-- Who is deleted is forgotten everywhere; with an owner goes what others said in its threads.
SELECT count(*) FROM threadmem.thread_create('last', user_id => 'bob', messages => '[{"role": "user", "content": "anna in bob''s", "sender_id": "anna"}, {"role": "user", "content": "bob in bob''s", "sender_id": "bob"}]');
SELECT count(*) FROM threadmem.thread_create('hosted', user_id => 'host', messages => '[{"role": "user", "content": "anna in host''s", "sender_id": "anna"}, {"role": "user", "content": "bob in host''s", "sender_id": "bob"}]');
SELECT kind, deleted, kept FROM threadmem.user_delete('bob') WHERE deleted + kept > 0 ORDER BY kind;
SELECT pg_temp.remembered('anna'), pg_temp.remembered('host') ~ 'bob' AS bob;
SELECT kind, deleted, kept FROM threadmem.user_delete('anna') WHERE deleted + kept > 0 ORDER BY kind;
SELECT count(*) FROM threadmem_data.episodes WHERE tenant_id = 'people test' AND 'anna' IN (user_id, sender_id);
SELECT pg_temp.remembered('host');

-- A page takes the newest of what stands in three places: in its own threads, in those of others, and added; of one time, too.
SELECT count(threadmem.user_create(id)) FROM unnest('{paged,other}'::text[]) id;
SELECT count(threadmem.thread_create(t, user_id => u, messages => (SELECT jsonb_agg(jsonb_build_object('role', 'user', 'sender_id', 'paged', 'content', t || ' ' || i, 'created_at', '2024-05-01T00:00:00Z'::timestamptz + i / 3 * interval '1 hour')) FROM generate_series(1, 12) i)))
  FROM (VALUES ('own one', 'paged'), ('own two', 'paged'), ('of another', 'other')) AS v (t, u);
SELECT count(threadmem.memory_add_data('paged', 'added ' || i, event_at => '2024-05-01T00:00:00Z'::timestamptz + i / 3 * interval '1 hour')) FROM generate_series(1, 12) i;
CREATE TEMP VIEW whole AS SELECT array_agg(content ORDER BY event_at DESC, created_at DESC, coalesce(thread_id, '') DESC, coalesce(seq, 0) DESC, coalesce(episode_id, '') DESC) AS contents FROM threadmem.episodes WHERE user_id = 'paged';
CREATE FUNCTION pg_temp.walk(size integer) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    got text[] := '{}'; page text[]; places text[];
BEGIN
    LOOP
        SELECT array_agg(content), array_agg(position) INTO page, places FROM threadmem.memory_episodes('paged', size, after_position => places[size]);
        got := got || page;
        EXIT WHEN coalesce(cardinality(page), 0) < size;
    END LOOP;
    RETURN got;
END $$;
SELECT size, cardinality(walk) AS rows, walk = whole.contents AS same FROM whole, unnest('{1,3,7,50}'::integer[]) size, pg_temp.walk(size);
SELECT bool_and(content = whole.contents[skip + 1]) AS same, count(*) FROM whole, generate_series(0, 60) skip, threadmem.memory_episodes('paged', 1, skip);
SELECT bool_and(event_at >= coalesce(before, event_at)) AS oldest_first, count(*) FROM (SELECT event_at, lag(event_at) OVER () AS before FROM threadmem.memory_without_embedding('paged', 30)) w;
