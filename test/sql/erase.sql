-- What is erased is gone: from every table, list, search and export; what expired goes, and nothing else does.
\set SHOW_CONTEXT never
\pset null (null)
SET TIME ZONE 'UTC';
SET threadmem.tenant = 'erase test';
-- Where in the schema, and how often, a row of the tenant has a pattern in any of its columns.
CREATE FUNCTION pg_temp.traces(pattern text, OUT "table" name, OUT rows bigint) RETURNS SETOF record LANGUAGE plpgsql AS
$$DECLARE tables integer := 0;
BEGIN
    FOR "table" IN SELECT c.relname FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid AND attname = 'tenant_id'
                    WHERE relnamespace = 'threadmem_data'::regnamespace AND relkind IN ('r', 'p') ORDER BY relname COLLATE "C" LOOP
        EXECUTE format('SELECT count(*) FROM threadmem_data.%I t WHERE tenant_id = ''erase test'' AND t::text ~* $1', "table") USING pattern INTO rows;
        IF rows > 0 THEN RETURN NEXT; END IF;
        tables := tables + 1;
    END LOOP;
    IF tables < 17 THEN RAISE EXCEPTION 'only % tables were looked through', tables; END IF;
END$$;
CREATE FUNCTION pg_temp.wrong_counters() RETURNS SETOF text LANGUAGE sql AS
$$SELECT thread_id FROM threadmem_data.threads t WHERE tenant_id = 'erase test' AND (live_messages, next_seq, next_rev) IS DISTINCT FROM
    (SELECT (count(*) FILTER (WHERE state = 'live'), coalesce(max(seq), 0) + 1, coalesce(max(rev), 0) + 1)
       FROM threadmem_data.messages m WHERE m.tenant_id = t.tenant_id AND m.thread_id = t.thread_id)$$;

-- A message erased: every revision, all that is personal; its place stays.
SELECT user_id FROM threadmem.user_create('bob');
SELECT thread_id FROM threadmem.thread_create('m', user_id => 'bob');
SELECT seq FROM threadmem.message_add('m', 'user', 'before', message_id => '1');
SELECT seq FROM threadmem.message_add('m', 'Human', 'zebra one', message_id => '2', name => 'Zebra', sender_id => 'zebra', tool_call_id => 'zebra', run_id => 'run', assistant_id => 'a', metadata => '{"zebra": 1}', event_at => '2001-01-01');
SELECT rev FROM threadmem.message_update('m', '2', 'zebra two');
SELECT rev FROM threadmem.message_update('m', '2', 'zebra three', metadata => '{"z": 3}');
SELECT seq FROM threadmem.message_add('m', 'assistant', 'after', message_id => '3');
SELECT * FROM pg_temp.traces('zebra');
\x
SELECT message_id, seq, rev, role, origin_role, name, content, sender_id, user_id, assistant_id, run_id, tool_call_id, status, state, metadata, body, event_at FROM threadmem.message_erase('m', '2');
\x
SELECT * FROM pg_temp.traces('zebra');
SELECT pg_temp.wrong_counters();
SELECT rev, state, body, metadata FROM threadmem.message_revisions('m', '2');
SELECT body_hash, search, count(*) FROM threadmem_data.messages WHERE tenant_id = 'erase test' AND message_id = '2' GROUP BY body_hash, search;
-- Neither listed nor found; shown as erased where deleted ones are asked for; as a cursor it is still a place.
SELECT message_id, message_count FROM threadmem.message_list('m'), threadmem.thread_get('m');
SELECT message_id, seq, state, content FROM threadmem.message_list('m', include_deleted => true);
SELECT count(*) FROM threadmem.message_search('zebra');
SELECT message_id FROM threadmem.message_list('m', after_id => '2');
SELECT message_id FROM threadmem.message_list('m', before_id => '2');
-- Its id stays erased: added again, alone or in a batch, with whatever bytes, nothing is stored.
SELECT seq, rev, state, body FROM threadmem.message_add('m', 'user', 'zebra one', message_id => '2');
SELECT seq, rev, state, body FROM threadmem.message_add('m', 'Human', 'zebra again', message_id => '2');
SELECT seq, rev, state, body FROM threadmem.message_add_batch('m', '[{"id": "2", "role": "user", "content": "zebra"}, {"id": "4", "role": "user", "content": "four"}]');
SELECT seq, state FROM threadmem.message_start('m', message_id => '2');
SELECT * FROM pg_temp.traces('zebra');
-- It may be repeated, and is done to deleted ones as well.
SELECT seq, rev, state FROM threadmem.message_erase('m', '2');
SELECT state FROM threadmem.message_delete('m', '3');
SELECT state, body FROM threadmem.message_erase('m', '3');
SELECT pg_temp.wrong_counters();
SELECT threadmem.message_erase('m', 'nothing');
SELECT threadmem.message_erase('nothing', '2');
\set VERBOSITY sqlstate
SELECT threadmem.message_get('m', '2');
SELECT threadmem.message_update('m', '2', 'x');
SELECT threadmem.message_update('m', '2', metadata => '{"x": 1}');
SELECT threadmem.message_delete('m', '2');
SELECT threadmem.message_erase('m', '');
\set VERBOSITY default
-- A copy made before has its own.
SELECT thread_id FROM threadmem.thread_copy('m', 'm2');
SELECT state FROM threadmem.message_erase('m', '1');
SELECT message_id, content FROM threadmem.message_list('m2');
SELECT sum(deleted) > 0 AS deleted FROM unnest('{m,m2}'::text[]) t, threadmem.thread_delete(t);

-- A user with all that one can have: everything personal says zebra.
SELECT user_id FROM threadmem.user_create('ann', 'user', 'zebra@example.org', 'Zebra', 'Zebra', metadata => '{"zebra": true}');
SELECT assistant_id FROM threadmem.assistant_create('helper');
SELECT count(threadmem.thread_create(t, 'ann', 'helper', title => 'Zebra', participant_ids => '{bob}', metadata => '{"zebra": 1}', config => '{"zebra": 1}', tool_resources => '{"zebra": 1}',
       messages => '[{"id": "1", "role": "user", "content": "zebra", "sender_id": "ann", "metadata": {"zebra": 1}}, {"id": "2", "role": "assistant", "content": "a zebra"}, {"id": "3", "role": "user", "content": "from bob", "sender_id": "bob"}]'))
  FROM unnest('{own1,own2}'::text[]) t;
SELECT rev FROM threadmem.message_update('own1', '1', 'zebra, edited');
SELECT state FROM threadmem.message_delete('own1', '2');
SELECT seq FROM threadmem.message_start('own1', message_id => 's');
SELECT threadmem.message_append('own1', 's', 1, 'zebra in pieces');
-- Checkpoints of hers, the latest of two in the graph itself and one in a subgraph, and what a task wrote; bob has one, too.
CREATE FUNCTION pg_temp.put(thread text, id text, parent text, note text, ns text DEFAULT '') RETURNS text LANGUAGE sql AS
$$SELECT checkpoint_id FROM threadmem.checkpoint_put(thread, jsonb_build_object('v', 4, 'id', id, 'channel_values', jsonb_build_object('note', note, 'messages', '[{"id": "1", "role": "user", "content": "zebra, edited"}, {"role": "assistant", "content": "zebra of a checkpoint", "id": "c"}]'::jsonb),
    'channel_versions', jsonb_build_object('note', id, 'messages', 1)), jsonb_build_object('zebra', id), NULL, parent, ns)$$;
SELECT pg_temp.put('own1', 'c1', NULL, 'zebra'), pg_temp.put('own1', 'c2', 'c1', 'zebra again'), pg_temp.put('own1', 'c3', NULL, 'zebra below', 'n:1');
SELECT threadmem.checkpoint_put_writes('own1', 'c2', 'task', '[["note", "zebra written"], ["messages", {"role": "user", "content": "zebra"}]]', '~path');
SELECT threadmem.checkpoint_put_writes('own1', 'c3', 'task', '[["__interrupt__", "zebra?"]]', checkpoint_ns => 'n:1');
SELECT thread_id FROM threadmem.thread_create('bobs', 'bob', participant_ids => '{ann}', messages => '[{"id": "1", "role": "user", "content": "hello", "sender_id": "bob"}, {"id": "2", "role": "user", "content": "zebra speaking", "sender_id": "ann", "name": "Zebra"},
       {"id": "3", "role": "user", "content": "zebra too", "sender_id": "ann"}, {"id": "5", "role": "user", "content": "zebra whispers", "sender_id": "ann"}, {"id": "6", "role": "assistant", "content": "Indeed", "sender_id": "helper"}]');
SELECT rev FROM threadmem.message_update('bobs', '2', 'zebra corrected');
SELECT state FROM threadmem.message_delete('bobs', '3');
SELECT seq FROM threadmem.message_start('bobs', 'user', 's', sender_id => 'ann');
SELECT threadmem.message_append('bobs', 's', 1, 'zebra in pieces');
SELECT state FROM threadmem.message_erase('bobs', '5');
SELECT thread_id FROM threadmem.thread_create('nobodys', messages => '[{"id": "1", "role": "user", "content": "zebra passing", "sender_id": "ann"}]');
SELECT thread_id FROM threadmem.thread_create('without', 'bob', participant_ids => '{ann}');
SELECT checkpoint_id FROM threadmem.checkpoint_put('without', '{"id": "c1", "channel_values": {"note": "of bob"}, "channel_versions": {"note": 1}}');
SELECT threadmem.checkpoint_put_writes('without', 'c1', 'task', '[["note", "of bob"]]');
SELECT * FROM pg_temp.traces('zebra');
-- In another tenant there is somebody of the same id.
SET threadmem.tenant = 'erase test 2';
SELECT user_id FROM threadmem.user_create('ann', email => 'zebra@example.com');
SELECT thread_id FROM threadmem.thread_create('own1', 'ann', messages => '[{"id": "1", "role": "user", "content": "zebra", "sender_id": "ann"}]');
SET threadmem.tenant = 'erase test';

-- First, all of it: the user, the threads owned, every revision in them and of what was said elsewhere.
SELECT e ->> 'object' AS object, count(*), min(e ->> 'email') AS email, string_agg(DISTINCT e ->> 'thread_id', ' ' ORDER BY e ->> 'thread_id') AS threads FROM threadmem.user_export('ann') e GROUP BY 1 ORDER BY 1;
SELECT e ->> 'thread_id' AS thread, e ->> 'message_id' AS message, e ->> 'state' AS state, e -> 'body' ->> 'content' AS content FROM threadmem.user_export('ann') e WHERE e ->> 'object' = 'message';
SELECT e - 'checkpoint' - 'created_at' AS checkpoint, e #> '{checkpoint,channel_values}' AS "values", e ? 'created_at' AS dated FROM threadmem.user_export('ann') e WHERE e ->> 'object' = 'checkpoint';
SELECT e AS write FROM threadmem.user_export('ann') e WHERE e ->> 'object' = 'write';
SELECT e - '{created_at,updated_at}'::text[] AS "user" FROM threadmem.user_export('ann') e LIMIT 1;
SELECT string_agg(k, ' ' ORDER BY k) AS thread FROM (SELECT jsonb_object_keys(e) AS k FROM (SELECT e FROM threadmem.user_export('ann') e WHERE e ->> 'object' = 'thread' LIMIT 1) t) o;
SELECT threadmem.user_export('nobody');

-- Then nothing of it: in one call, counted by kind.
SELECT * FROM threadmem.user_delete('ann');
SELECT * FROM pg_temp.traces('zebra');
SELECT pg_temp.wrong_counters();
-- Of its id only the tombstones of its threads know, until their time is over.
SELECT * FROM pg_temp.traces('\mann\M');
SELECT thread_id, message_count FROM threadmem.thread_list(sort_by => 'thread_id', sort_order => 'asc');
SELECT message_id, state, content FROM threadmem.message_list('bobs', include_deleted => true);
SELECT kind, participant_id, role FROM threadmem.thread_participants('bobs');
SELECT count(*) FROM threadmem.message_search('zebra');
SELECT threadmem.user_delete('ann');
SELECT threadmem.user_delete('nobody');
\set VERBOSITY sqlstate
SELECT threadmem.user_export('ann');
SELECT threadmem.user_delete('');
\set VERBOSITY default
-- Who comes back under the id has nothing.
SELECT user_id, email, metadata FROM threadmem.user_create('ann');
SELECT count(*) FROM threadmem.user_threads('ann');
SELECT kind, deleted FROM threadmem.user_delete('ann') WHERE deleted > 0;
SET threadmem.tenant = 'erase test 2';
SELECT email, content FROM threadmem.user_get('ann'), threadmem.message_list('own1');
SET threadmem.tenant = 'erase test';

-- An assistant goes, its threads stay without it; or go, when they are to.
SELECT count(threadmem.assistant_create(a)) FROM unnest('{keeper,taker}'::text[]) a;
SELECT count(threadmem.thread_create(a || i, 'bob', a, true, messages => '[{"role": "user", "content": "x", "assistant_id": "keeper"}, {"role": "user", "content": "y"}]')) FROM unnest('{keeper,taker}'::text[]) a, generate_series(1, 2) i;
SELECT count(threadmem.thread_add_participant('bobs', a, 'assistant')) FROM unnest('{keeper,taker}'::text[]) a;
SELECT user_id FROM threadmem.user_create('keeper');
SELECT participant_id FROM threadmem.thread_add_participant('bobs', 'keeper');
SELECT * FROM threadmem.assistant_delete('keeper');
SELECT thread_id, assistant_id, assistant_pinned, version, message_count FROM threadmem.thread_search('{keeper1,keeper2}', sort_by => 'thread_id', sort_order => 'asc');
SELECT kind, participant_id FROM threadmem.thread_participants('bobs');
SELECT kind, deleted FROM threadmem.assistant_delete('taker', cascade => true);
SELECT thread_id FROM threadmem.thread_search('{taker1,taker2}');
SELECT thread_id FROM threadmem_data.thread_tombstones WHERE tenant_id = 'erase test' AND thread_id ~ 'taker' ORDER BY 1;
SELECT threadmem.assistant_delete('taker');
\set VERBOSITY sqlstate
SELECT threadmem.assistant_get('keeper');
SELECT threadmem.assistant_delete('nobody', true);
SELECT threadmem.assistant_delete('');
\set VERBOSITY default
SELECT pg_temp.wrong_counters();

-- Expired threads: only those, the longest over first, at most so many; keep_latest keeps the thread and ends its limit.
SET threadmem.tenant = 'erase test 2';
SELECT thread_id FROM threadmem.thread_create('over', ttl => '{"ttl": 5}', messages => '[{"role": "user", "content": "x"}]');
UPDATE threadmem_data.threads SET expires_at = now() - interval '1 hour' WHERE tenant_id = 'erase test 2' AND thread_id = 'over';
SET threadmem.tenant = 'erase test 3';
SELECT count(threadmem.thread_create('e' || i, ttl => jsonb_build_object('ttl', 60, 'strategy', CASE WHEN i = 4 THEN 'keep_latest' ELSE 'delete' END), messages => '[{"role": "user", "content": "x"}]')) FROM generate_series(1, 6) AS i;
SELECT thread_id FROM threadmem.thread_create('forever');
-- A long chain to be cut down to what is latest: in the graph itself and in a subgraph.
SELECT count(pg_temp.put(t, 'c' || i, CASE WHEN i > 1 THEN 'c' || i - 1 END, 'step ' || i, ns)) FROM unnest('{e4,forever}'::text[]) t, unnest('{"",n:1}'::text[]) ns, generate_series(1, 9) i;
CREATE FUNCTION pg_temp.states() RETURNS TABLE (thread_id text, checkpoint_ns text, checkpoints text, note text, messages text) LANGUAGE sql AS
$$SELECT thread_id, checkpoint_ns, string_agg(checkpoint_id, ' ' ORDER BY checkpoint_id), (array_agg(checkpoint #>> '{channel_values,note}' ORDER BY checkpoint_id DESC))[1],
         (array_agg(jsonb_path_query_array(checkpoint, '$.channel_values.messages[*].content')::text ORDER BY checkpoint_id DESC))[1]
    FROM threadmem.checkpoint_list(max_rows => 1000) GROUP BY 1, 2 ORDER BY 1, 2$$;
SELECT * FROM pg_temp.states();
UPDATE threadmem_data.threads SET expires_at = now() + make_interval(hours => CASE thread_id WHEN 'e6' THEN 1 ELSE right(thread_id, 1)::int - 7 END) WHERE tenant_id = 'erase test 3' AND thread_id ~ '^e';
CREATE FUNCTION pg_temp.threads() RETURNS text LANGUAGE sql AS
$$SELECT string_agg(thread_id || CASE WHEN expires_at IS NULL THEN '' ELSE ' ' || ttl_strategy END, ', ' ORDER BY thread_id) FROM threadmem_data.threads WHERE tenant_id = 'erase test 3'$$;
SELECT pg_temp.threads();
SELECT threadmem.thread_purge_expired(0), pg_temp.threads();
SELECT threadmem.thread_purge_expired(1);
SELECT pg_temp.threads();
SELECT threadmem.thread_purge_expired(2);
SELECT pg_temp.threads();
SELECT threadmem.thread_purge_expired(NULL);
SELECT pg_temp.threads();
SELECT threadmem.thread_purge_expired();
SELECT pg_temp.threads(), (SELECT ttl_strategy FROM threadmem.thread_get('e4')), (SELECT message_count FROM threadmem.thread_get('e4'));
SELECT * FROM pg_temp.states();
SELECT * FROM threadmem.threadmem_verify();
SELECT string_agg(thread_id, ' ' ORDER BY thread_id) AS tombstones FROM threadmem_data.thread_tombstones WHERE tenant_id = 'erase test 3';
SELECT count(*) FROM threadmem_data.messages WHERE tenant_id = 'erase test 3';
SELECT threadmem.thread_purge_expired(1001);
SELECT threadmem.thread_purge_expired(-1);
SET threadmem.tenant = 'erase test 2';
SELECT thread_id FROM threadmem.thread_get('over');
SELECT threadmem.thread_purge_expired();
SELECT thread_id FROM threadmem.thread_list();

-- A plan made for a user with one thread serves one with many: what is read grows with the threads, not with their square.
SET threadmem.tenant = 'erase test many';
SELECT count((threadmem.user_create(u)).user_id) FROM unnest('{one,many}'::text[]) u;
SELECT count(threadmem.thread_create('t', 'one'));
SELECT deleted FROM threadmem.user_delete('one') WHERE kind = 'threads';
SELECT count(threadmem.thread_create('t' || i, 'many')) FROM generate_series(1, 400) i;
BEGIN;
SELECT sum(pg_stat_get_xact_tuples_returned(indexrelid)) AS before FROM pg_index WHERE indrelid = 'threadmem_data.threads'::regclass \gset
SELECT deleted FROM threadmem.user_delete('many') WHERE kind = 'threads';
SELECT sum(pg_stat_get_xact_tuples_returned(indexrelid)) - :before BETWEEN 400 AND 400 * 20 AS read_by_key FROM pg_index WHERE indrelid = 'threadmem_data.threads'::regclass;
COMMIT;
RESET threadmem.tenant;

-- A message is found by its id, however long the thread is.
SET threadmem.tenant = 'erase test long';
CREATE FUNCTION pg_temp.rows_read(sql text, OUT count bigint) LANGUAGE plpgsql AS
$$DECLARE
    look text := 'SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_all_tables WHERE relid = ''threadmem_data.messages''::regclass';
    before bigint;
BEGIN
    EXECUTE look INTO before;
    EXECUTE sql;
    EXECUTE look INTO count;
    count := count - before;
END$$;
SELECT count(thread_id) FROM unnest('{small,long}'::text[]) t, threadmem.thread_create(t);
SELECT count(*) FROM (VALUES ('small', 10), ('long', 500)) AS t (t, n), threadmem.message_add_batch(t, (SELECT jsonb_agg(jsonb_build_object('role', 'user', 'content', 'hello', 'id', 'm' || i)) FROM generate_series(1, n) i));
SELECT t, pg_temp.rows_read(format('SELECT threadmem.message_erase(%L, ''m1'')', t)) FROM unnest('{small,long}'::text[]) t;
