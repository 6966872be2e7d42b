-- A thread is created, read, changed, copied and deleted as a whole; bad input is one error and leaves everything as it was.
\set SHOW_CONTEXT never
\pset null (null)
SET TIME ZONE 'UTC';
SET threadmem.tenant = 'thread test';
SELECT count(threadmem.user_create(u)) FROM unnest('{ann,bob,carl}'::text[]) u;
SELECT count(threadmem.assistant_create(a)) FROM unnest('{helper,critic}'::text[]) a;
-- How many rows of the tenant every table has, and threads whose counters are not what their messages say.
CREATE FUNCTION pg_temp.stored() RETURNS text LANGUAGE sql AS
$$SELECT format('threads %s, participants %s, messages %s, chunks %s, tombstones %s, wrong %s',
    (SELECT count(*) FROM threadmem_data.threads WHERE tenant_id = 'thread test'), (SELECT count(*) FROM threadmem_data.thread_participants WHERE tenant_id = 'thread test'),
    (SELECT count(*) FROM threadmem_data.messages WHERE tenant_id = 'thread test'), (SELECT count(*) FROM threadmem_data.message_chunks WHERE tenant_id = 'thread test'),
    (SELECT count(*) FROM threadmem_data.thread_tombstones WHERE tenant_id = 'thread test'),
    (SELECT count(*) FROM threadmem_data.threads t WHERE tenant_id = 'thread test' AND (live_messages, next_seq, next_rev) IS DISTINCT FROM
       (SELECT (count(*) FILTER (WHERE state = 'live'), coalesce(max(seq), 0) + 1, coalesce(max(rev), 0) + 1)
          FROM threadmem_data.messages m WHERE m.tenant_id = t.tenant_id AND m.thread_id = t.thread_id)))$$;
-- What is left of a time limit, in minutes.
CREATE FUNCTION pg_temp.minutes(expires_at timestamptz) RETURNS numeric LANGUAGE sql AS
$$SELECT round(extract(epoch FROM expires_at - now()) / 60)$$;

-- Every argument.
\x
SELECT thread_id, user_id, assistant_id, assistant_pinned, graph_id, title, status, metadata, config, tool_resources, version, message_count,
       last_message_at BETWEEN created_at AND updated_at AS last_message_fits, state_updated_at, pg_temp.minutes(expires_at) AS minutes, ttl_strategy, forked_from,
       created_at BETWEEN now() - interval '1 min' AND updated_at AS created_now
  FROM threadmem.thread_create('full', 'ann', 'helper', true, 'agent', 'The title', '{bob,carl,bob}', '{"topic": "", "n": 1.10}', '{"c": 1}', '{"r": []}',
       '[{"role": "user", "content": "one"}, {"type": "ai", "content": "two"}, {"uuid": "z", "role_type": "system", "role": "Z", "content": "three"},
         {"id": "e", "role": "user", "content": "four", "sender_id": "s", "meta_data": {}, "created_at": 1726613000}]', '{"ttl": 90, "strategy": "keep_latest"}', 'raise');
-- None.
SELECT thread_id ~ '^[0-9a-f]{8}-[0-9a-f]{4}-7' AS uuid7, user_id, assistant_id, assistant_pinned, graph_id, title, status, metadata, config, tool_resources, version, message_count,
       last_message_at, state_updated_at, expires_at, ttl_strategy, forked_from, created_at = updated_at AS never_changed FROM threadmem.thread_create();
\x
-- Null is "not given".
SELECT thread_id, metadata, assistant_pinned, status FROM threadmem.thread_create('nulls', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
SET threadmem.id_format = 'prefixed';
SELECT thread_id ~ '^thread_[0-9A-Za-z]{22}$' AS prefixed FROM threadmem.thread_create();
RESET threadmem.id_format;
SELECT seq, role, content, user_id, event_at = '2024-09-17 22:43:20+00' AS in_2024 FROM threadmem.message_list('full');
SELECT kind, participant_id, role FROM threadmem.thread_participants('full');
SELECT owner_id, count(*) FROM threadmem_data.thread_participants WHERE tenant_id = 'thread test' AND thread_id = 'full' GROUP BY owner_id;
SELECT thread_id, version, message_count, pg_temp.minutes(expires_at) FROM threadmem.thread_get('full');
SELECT threadmem.thread_get('nothing');
-- Other forms of a time limit; empty lists.
SELECT pg_temp.minutes(expires_at), ttl_strategy FROM threadmem.thread_create('ttl1', ttl => '{"ttl": 1}');
SELECT pg_temp.minutes(expires_at), ttl_strategy FROM threadmem.thread_create('ttl2', ttl => '{"strategy": "delete", "ttl": 5256000}');
SELECT message_count, expires_at FROM threadmem.thread_create('lists', participant_ids => '{}', messages => '[]');
SELECT pg_temp.stored();

-- Of an id that exists: an error, or the thread as it is, with nothing of this call.
SELECT threadmem.thread_create('full', metadata => '{"x": 1}');
SELECT user_id, metadata, version, message_count FROM threadmem.thread_create('full', user_id => 'bob', metadata => '{"x": 1}', messages => '[{"role": "user", "content": "five"}]', participant_ids => '{ann}', if_exists => 'do_nothing');
SELECT thread_id, metadata FROM threadmem.thread_create('new', metadata => '{"x": 1}', if_exists => 'do_nothing');
SELECT pg_temp.stored();

-- What is refused, and nothing is stored.
SELECT threadmem.thread_create('bad', user_id => 'nobody');
SELECT threadmem.thread_create('bad', assistant_id => 'nobody');
SELECT threadmem.thread_create('bad', participant_ids => '{ann,nobody}');
SELECT threadmem.thread_create('bad', assistant_pinned => true);
SELECT threadmem.thread_create('bad', messages => '[{"role": "user", "content": "good"}, {"role": "wizard", "content": "bad"}]');
SELECT threadmem.thread_create('bad', metadata => '[]');
SELECT threadmem.thread_create('bad', ttl => '{"ttl": 0}');
SELECT threadmem.thread_create('bad', ttl => '{"ttl": 1, "strategy": "archive"}');
SELECT threadmem.thread_create('bad', if_exists => 'replace');
\set VERBOSITY sqlstate
SELECT threadmem.thread_create('bad', ttl => '{"ttl": 5256001}');
SELECT threadmem.thread_create('bad', ttl => '{"ttl": 1.5}');
SELECT threadmem.thread_create('bad', ttl => '{"ttl": "60"}');
SELECT threadmem.thread_create('bad', ttl => '{"ttl": 1, "minutes": 2}');
SELECT threadmem.thread_create('bad', ttl => '{}');
SELECT threadmem.thread_create('bad', ttl => '"60"');
SELECT threadmem.thread_create('bad', config => 'null');
SELECT threadmem.thread_create('bad', tool_resources => '"x"');
SELECT threadmem.thread_create('bad', messages => '{"role": "user", "content": "x"}');
SELECT threadmem.thread_create('bad', messages => '[{"id": "m", "role": "user", "content": "x"}, {"id": "m", "role": "user", "content": "y"}]');
SELECT threadmem.thread_create('bad', participant_ids => '{ann,NULL}');
SELECT threadmem.thread_create('bad', participant_ids => '{{ann},{bob}}');
SELECT threadmem.thread_create('bad', participant_ids => ARRAY['']);
SELECT threadmem.thread_create('bad', graph_id => '');
SELECT threadmem.thread_create('');
SELECT threadmem.thread_create(repeat('x', 256));
SELECT threadmem.thread_create(E'a\u0001');
\set VERBOSITY default
SELECT length(thread_id) FROM threadmem.thread_create(repeat('é', 127) || 'x');
SELECT pg_temp.stored();

-- Changed: the fields given, and the version; metadata at its top level, where null is a value.
SELECT title, metadata, config, tool_resources, version, updated_at > created_at AS moved FROM threadmem.thread_update('full', '{"topic": "rain", "deep": {"a": 1}, "gone": null}', title => 'Another');
SELECT metadata, version FROM threadmem.thread_update('full', '{"deep": {"b": 2}}', '{gone,nothing}');
SELECT metadata, version FROM threadmem.thread_update('full', '{"k": 1}', '{k}');
SELECT config, tool_resources, graph_id, version FROM threadmem.thread_update('full', config => '{"d": 1}', tool_resources => '{}', graph_id => 'agent2');
SELECT pg_temp.minutes(expires_at), ttl_strategy, version FROM threadmem.thread_update('full', ttl => '{"ttl": 10}');
-- Only if nobody else has: the version seen has to be the version still.
SELECT version FROM threadmem.thread_update('full', title => 'Mine', expected_version => 6);
SELECT threadmem.thread_update('full', title => 'Late', expected_version => 6);
-- Appends and edits of messages leave it.
SELECT seq FROM threadmem.message_add('full', 'user', 'five');
SELECT version, title FROM threadmem.thread_update('full', expected_version => 7);
-- Emptied, one by one; what is pinned stays.
SELECT title, version FROM threadmem.thread_update('full', clear => '{title}');
SELECT graph_id FROM threadmem.thread_update('full', clear => '{graph_id}');
SELECT expires_at, ttl_strategy FROM threadmem.thread_update('full', clear => '{ttl}');
SELECT threadmem.thread_update('full', clear => '{assistant_id}');
SELECT threadmem.thread_update('full', assistant_id => 'critic');
SELECT assistant_id, assistant_pinned FROM threadmem.thread_update('full', assistant_id => 'helper');
SELECT assistant_id FROM threadmem.thread_update('nulls', assistant_id => 'critic');
SELECT assistant_id FROM threadmem.thread_update('nulls', assistant_id => 'helper');
SELECT assistant_id FROM threadmem.thread_update('nulls', clear => '{assistant_id}');
SELECT threadmem.thread_update('full', clear => '{metadata}');
SELECT threadmem.thread_update('full', user_id => 'nobody');
SELECT threadmem.thread_update('full', assistant_id => 'nobody');
SELECT threadmem.thread_update('nothing', title => 'x');
\set VERBOSITY sqlstate
SELECT threadmem.thread_update('full', metadata => '[]');
SELECT threadmem.thread_update('full', config => '1');
SELECT threadmem.thread_update('full', ttl => '{"ttl": -1}');
SELECT threadmem.thread_update('full', remove_keys => '{NULL}');
SELECT threadmem.thread_update('full', clear => '{title,NULL}');
SELECT threadmem.thread_update('full', expected_version => 0);
SELECT threadmem.thread_update('full', user_id => '');
\set VERBOSITY default
SELECT title, metadata, version FROM threadmem.thread_get('full');

-- Handed over: messages, old revisions and participants follow; to nobody, and from nobody to somebody.
CREATE FUNCTION pg_temp.owners() RETURNS TABLE (thread text, messages text, participants text) LANGUAGE sql AS
$$SELECT (SELECT coalesce(user_id, '-') FROM threadmem_data.threads WHERE tenant_id = 'thread test' AND thread_id = 'full'),
         (SELECT string_agg(DISTINCT coalesce(user_id, '-'), ' ') FROM threadmem_data.messages WHERE tenant_id = 'thread test' AND thread_id = 'full'),
         (SELECT string_agg(DISTINCT coalesce(owner_id, '-'), ' ') FROM threadmem_data.thread_participants WHERE tenant_id = 'thread test' AND thread_id = 'full')$$;
SELECT rev, user_id FROM threadmem.message_update('full', 'e', 'edited');
SELECT state FROM threadmem.message_delete('full', 'z');
SELECT * FROM pg_temp.owners();
SELECT user_id FROM threadmem.thread_update('full', user_id => 'bob');
SELECT * FROM pg_temp.owners();
SELECT user_id FROM threadmem.thread_update('full', clear => '{user_id}');
SELECT * FROM pg_temp.owners();
SELECT user_id FROM threadmem.thread_update('full', user_id => 'ann');
SELECT * FROM pg_temp.owners();
SELECT user_id FROM threadmem.message_add('full', 'user', 'six');

-- Metadata replaced.
SELECT metadata, version FROM threadmem.thread_set_metadata('nulls', '{"only": 1.10}');
SELECT metadata, version FROM threadmem.thread_set_metadata('nulls', '{}', expected_version => 5);
SELECT threadmem.thread_set_metadata('nulls', '{"late": 1}', 5);
\set VERBOSITY sqlstate
SELECT threadmem.thread_set_metadata('nulls', '[]');
SELECT threadmem.thread_set_metadata('nulls', 'null');
SELECT threadmem.thread_set_metadata('nothing', '{}');
\set VERBOSITY default
SELECT metadata, version FROM threadmem.thread_get('nulls');

-- A time limit: its bounds, its strategies, its end.
SELECT pg_temp.minutes(expires_at), ttl_strategy, version FROM threadmem.thread_set_ttl('nulls', 1);
SELECT pg_temp.minutes(expires_at), ttl_strategy FROM threadmem.thread_set_ttl('nulls', 5256000, 'keep_latest');
SELECT threadmem.thread_set_ttl('nulls', 0);
SELECT threadmem.thread_set_ttl('nulls', 1, 'archive');
\set VERBOSITY sqlstate
SELECT threadmem.thread_set_ttl('nulls', 5256001);
SELECT threadmem.thread_set_ttl('nulls', -1);
SELECT threadmem.thread_set_ttl('nothing', 1);
\set VERBOSITY default
SELECT pg_temp.minutes(expires_at), ttl_strategy FROM threadmem.thread_get('nulls');
SELECT expires_at, ttl_strategy FROM threadmem.thread_set_ttl('nulls');
SELECT pg_temp.minutes(expires_at), ttl_strategy FROM threadmem.thread_set_ttl('nulls', 2, NULL);

-- Who takes part: the owner, then the others as they joined, each once.
SELECT thread_id, user_id FROM threadmem.thread_create('party', user_id => 'ann', participant_ids => '{ann,bob}');
SELECT kind, participant_id, role, joined_at IS NOT NULL AS joined FROM threadmem.thread_participants('party');
SELECT thread_id, kind, participant_id, role FROM threadmem.thread_add_participant('party', 'helper', 'assistant');
SELECT kind, participant_id, role FROM threadmem.thread_add_participant('party', 'carl', role => 'observer');
SELECT kind, participant_id, role FROM threadmem.thread_add_participant('party', 'bob', NULL, 'admin');
SELECT user_id FROM threadmem.user_create('helper');
SELECT kind, participant_id, role FROM threadmem.thread_add_participant('party', 'helper');
SELECT kind, participant_id, role FROM threadmem.thread_participants('party');
SELECT threadmem.thread_remove_participant('party', 'helper');
SELECT threadmem.thread_remove_participant('party', 'carl', NULL);
SELECT kind, participant_id, role FROM threadmem.thread_participants('party');
SELECT threadmem.thread_remove_participant('party', 'carl');
SELECT threadmem.thread_add_participant('party', 'nobody');
SELECT threadmem.thread_add_participant('party', 'bob', 'assistant');
SELECT threadmem.thread_add_participant('nothing', 'bob');
SELECT threadmem.thread_add_participant('party', 'bob', 'robot');
SELECT threadmem.thread_participants('nothing');
\set VERBOSITY sqlstate
SELECT threadmem.thread_remove_participant('nothing', 'bob');
SELECT threadmem.thread_remove_participant('party', 'bob', 'robot');
SELECT threadmem.thread_add_participant('party', '');
\set VERBOSITY default
SELECT count(*) FROM threadmem.thread_participants('nulls');
-- Who takes part already and becomes the owner is in the list once, too.
SELECT user_id FROM threadmem.thread_update('party', user_id => 'bob');
SELECT kind, participant_id, role FROM threadmem.thread_participants('party');

-- Copied: the row, the participants, every revision in its state, the pieces of a running stream, under the same numbers.
SELECT user_id FROM threadmem.thread_create('source', 'ann', 'helper', true, 'agent', 'Title', '{bob}', '{"k": 1.10, "thread_id": "old"}', '{"c": 1}', '{"r": 1}', '[{"id": "1", "role": "user", "content": "first words"},
       {"id": "2", "role": "assistant", "content": "second"}, {"id": "3", "role": "user", "content": "third"}, {"id": "4", "role": "user", "content": "fourth", "sender_id": "s", "metadata": {"m": 1}}]', '{"ttl": 60}');
SELECT rev FROM threadmem.message_update('source', '1', 'first edited');
SELECT state FROM threadmem.message_delete('source', '2');
SELECT state FROM threadmem.message_erase('source', '3');
SELECT rev FROM threadmem.message_start('source', message_id => 'stream');
SELECT threadmem.message_append('source', 'stream', n, 'piece' || n || ' ') FROM generate_series(1, 2) AS n;
\x
SELECT thread_id, user_id, assistant_id, assistant_pinned, graph_id, title, status, metadata, config, tool_resources, version, message_count, pg_temp.minutes(expires_at) AS minutes, ttl_strategy, forked_from, created_at = updated_at AS fresh
  FROM threadmem.thread_copy('source', 'copy');
\x
SELECT count(*) AS rows, count(DISTINCT to_jsonb(m) - 'thread_id') AS different FROM threadmem_data.messages m WHERE tenant_id = 'thread test' AND thread_id IN ('source', 'copy');
SELECT count(*) AS rows, count(DISTINCT to_jsonb(c) - 'thread_id') AS different FROM threadmem_data.message_chunks c WHERE tenant_id = 'thread test' AND thread_id IN ('source', 'copy');
SELECT count(*) AS rows, count(DISTINCT (next_seq, next_rev, live_messages, last_message_at)) AS different FROM threadmem_data.threads WHERE tenant_id = 'thread test' AND thread_id IN ('source', 'copy');
SELECT kind, participant_id, role FROM threadmem.thread_participants('copy');
SELECT pg_temp.stored();
-- The two go their own ways.
CREATE FUNCTION pg_temp.logs() RETURNS TABLE (thread text, messages text) LANGUAGE sql AS
$$SELECT thread_id, string_agg(format('%s/%s %s %s %s', seq, rev, message_id, left(state, 4), coalesce(threadmem.message_text(body), '-')), E'\n' ORDER BY rev)
    FROM threadmem_data.messages WHERE tenant_id = 'thread test' AND thread_id IN ('source', 'copy') GROUP BY thread_id ORDER BY thread_id$$;
SELECT seq, rev FROM threadmem.message_add('source', 'user', 'to the source', message_id => 's5');
SELECT seq, rev FROM threadmem.message_add('copy', 'user', 'to the copy', message_id => 'c5');
SELECT seq, rev FROM threadmem.message_update('copy', '1', 'first of the copy');
SELECT state FROM threadmem.message_delete('source', '4');
SELECT threadmem.message_append('copy', 'stream', 3, 'of the copy');
SELECT content FROM threadmem.message_complete('copy', 'stream');
SELECT content FROM threadmem.message_fail('source', 'stream');
SELECT * FROM pg_temp.logs();
SELECT title FROM threadmem.thread_update('copy', title => 'Copy');
SELECT title, metadata FROM threadmem.thread_get('source');
-- A generated id; and what may not be copied, or not there.
SELECT metadata ->> 'thread_id' = thread_id AS own_id, thread_id ~ '^[0-9a-f-]{36}$' AS generated, message_count FROM threadmem.thread_copy('copy');
\set VERBOSITY terse
SELECT threadmem.thread_copy('source', 'copy');
\set VERBOSITY default
SELECT threadmem.thread_copy('nothing', 'copy2');
\set VERBOSITY sqlstate
SELECT threadmem.thread_copy('source', 'source');
SELECT threadmem.thread_copy('source', '');
\set VERBOSITY default
SELECT pg_temp.stored();

-- Deleted with all inside, counted; the other stays.
SELECT * FROM threadmem.thread_delete('copy');
SELECT pg_temp.stored();
SELECT message_count FROM threadmem.thread_get('source');
SELECT thread_id, user_id, deleted_at > now() - interval '1 min' AS lately FROM threadmem_data.thread_tombstones WHERE tenant_id = 'thread test';
SELECT threadmem.thread_delete('copy');
SELECT threadmem.message_add('copy', 'user', 'late');
SELECT kind, deleted FROM threadmem.thread_delete('nulls', keep_memory => false) WHERE deleted > 0;
\set VERBOSITY sqlstate
SELECT threadmem.thread_delete('');
SELECT threadmem.thread_get('copy');
SELECT threadmem.message_list('copy');
SELECT threadmem.message_get('copy', '1');
\set VERBOSITY default
-- The same id again: empty, counted from 1, and no longer among the dead.
SELECT user_id, title, metadata, version, message_count, forked_from FROM threadmem.thread_create('copy');
SELECT seq, rev FROM threadmem.message_add('copy', 'user', 'new life', message_id => '1');
SELECT count(*) FROM threadmem.thread_participants('copy');
SELECT thread_id FROM threadmem_data.thread_tombstones WHERE tenant_id = 'thread test';
-- A copy may take a dead id, too.
SELECT thread_id FROM threadmem.thread_copy('copy', 'nulls');
SELECT count(*) FROM threadmem_data.thread_tombstones WHERE tenant_id = 'thread test';
SELECT pg_temp.stored();

-- Another tenant has its own.
SET threadmem.tenant = 'thread test 2';
\set VERBOSITY sqlstate
SELECT threadmem.thread_get('full');
SELECT threadmem.thread_update('full', title => 'x');
SELECT threadmem.thread_delete('full');
SELECT threadmem.thread_copy('full', 'x');
SELECT threadmem.thread_create('full', user_id => 'ann');
SELECT threadmem.thread_participants('full');
\set VERBOSITY default
SELECT thread_id, version FROM threadmem.thread_create('full');
SELECT kind, deleted FROM threadmem.thread_delete('full') WHERE deleted > 0;
SET threadmem.tenant = 'thread test';
SELECT thread_id FROM threadmem.thread_get('full');
