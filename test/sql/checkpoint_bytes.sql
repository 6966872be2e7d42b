-- A state has at most 255 MB as jsonb with its messages written out: who writes a larger one is refused, who reads many leaves it out.
\set SHOW_CONTEXT never
SET threadmem.tenant = 'checkpoint bytes';
-- SQLSTATE, and what is said of it without the figures.
CREATE FUNCTION pg_temp.outcome(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE detail text; hint text;
BEGIN
  EXECUTE call;
  RETURN 'done';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
  RETURN format('%s: %s: %s: %s', SQLSTATE, SQLERRM, regexp_replace(detail, '\d{7,}', 'N', 'g'), hint);
END $$;
-- A few very large messages do; they compress to little, and are not read to be counted.
CREATE FUNCTION pg_temp.say(thread text, id text, bytes int) RETURNS text LANGUAGE sql AS
$$SELECT message_id FROM threadmem.message_add(thread, body => jsonb_build_object('id', id, 'type', 'human', 'content', repeat('x', bytes)))$$;
-- What every row says of its state, against the state itself: no less than it has, and what is to spare is the messages'.
CREATE FUNCTION pg_temp.bytes(thread text) RETURNS TABLE (step text, messages bigint, kept boolean, spare boolean) LANGUAGE sql AS
$$SELECT c.metadata ->> 'step', coalesce(jsonb_array_length(g.checkpoint #> '{channel_values,messages}'), 0), c.state_bytes >= threadmem.json_bytes(g.checkpoint) - 100,
         c.state_bytes - threadmem.json_bytes(g.checkpoint) < 200 * (3 + coalesce(jsonb_array_length(g.checkpoint #> '{channel_values,messages}'), 0))
    FROM threadmem_data.checkpoints c, threadmem.checkpoint_get(c.thread_id, c.checkpoint_ns, c.checkpoint_id) g WHERE c.tenant_id = 'checkpoint bytes' AND c.thread_id = thread ORDER BY c.seq$$;

-- Small ones: messages that come, change and go, lists that have one twice, a second list, branches, a state put again, a copy, an erased one.
SELECT graph_id FROM threadmem.graph_define('lists', '{"channels": {"messages": {"reducer": "add_messages"}, "notes": {"reducer": "add_messages"}, "n": {"reducer": "add", "default": 0}}}');
SELECT thread_id FROM threadmem.thread_create('small', graph_id => 'lists');
SELECT count(*) FROM generate_series(1, 5) n, threadmem.message_add('small', 'user', repeat('a', n * 1000), message_id => 'm' || n);
SELECT count(k) FROM threadmem.thread_update_state('small', '{"n": 1, "notes": [{"type": "human", "id": "m2", "content": "note"}, {"type": "human", "content": "other"}]}') k;
SELECT count(k) FROM threadmem.thread_update_state('small', jsonb_build_object('messages', jsonb_build_array('{"type": "remove", "id": "m4"}'::jsonb, jsonb_build_object('type', 'ai', 'id', 'm2', 'content', repeat('b', 50000))))) k;
SELECT count(*) FROM threadmem.message_delete('small', 'm5');
SELECT threadmem.thread_fold('small') IS NOT NULL AS folded;
SELECT checkpoint_id FROM threadmem.checkpoint_put('small', '{"id": "zz1", "channel_values": {"messages": [{"type": "human", "content": "twice"}, {"type": "human", "content": "twice"}, {"type": "human", "id": "m9", "content": "x"}, {"type": "human", "id": "m9", "content": "x"}]}, "channel_versions": {"messages": "z"}}', '{"step": 10}');
SELECT checkpoint_id FROM threadmem.checkpoint_put('small', '{"id": "zz2", "channel_values": {"messages": [{"type": "human", "content": "once"}, {"type": "human", "id": "m9", "content": "x"}], "big": "0123456789"}, "channel_versions": {"messages": "zz", "big": 1}}', '{"step": 11}', NULL, 'zz1');
SELECT checkpoint_id FROM threadmem.checkpoint_put('small', '{"id": "zz1", "channel_values": {"messages": [{"type": "human", "id": "m9", "content": "x"}]}, "channel_versions": {"messages": "y"}}', '{"step": 10}');
SELECT * FROM pg_temp.bytes('small');
SELECT threadmem.checkpoint_copy_thread('small', 'small copy') > 0 AS copied;
SELECT bool_and(kept AND spare) AS same FROM pg_temp.bytes('small copy');
SELECT thread_id FROM threadmem.thread_fork('small', new_thread_id => 'small fork', checkpoint_id => 'zz2');
SELECT bool_and(kept AND spare) AS same FROM pg_temp.bytes('small fork');
SELECT count(*) FROM threadmem.message_erase('small', 'm2');
SELECT bool_and(kept) AS kept, bool_and(spare) AS spare FROM pg_temp.bytes('small');

-- A log may be as long as it likes; a state may not.
SELECT user_id FROM threadmem.user_create('u');
SELECT thread_id FROM threadmem.thread_create('log', 'u');
SELECT pg_temp.say('log', 'm1', 1), pg_temp.say('log', 'm2', 1);
-- To save time they grow here.
CREATE FUNCTION pg_temp.grow(thread text, bytes int) RETURNS void LANGUAGE sql AS
$$UPDATE threadmem_data.messages SET body = jsonb_build_object('id', message_id, 'type', 'human', 'content', repeat('x', bytes)) WHERE tenant_id = 'checkpoint bytes' AND thread_id = thread$$;
SELECT pg_temp.grow('log', 120000000) \gset
SELECT threadmem.thread_fold('log') IS NOT NULL AS folded;
SELECT pg_temp.say('log', 'm3', 30000000);
SELECT pg_temp.outcome(call) FROM unnest(ARRAY[
    $$SELECT threadmem.thread_fold('log')$$,
    $$SELECT threadmem.thread_update_state('log', '{"n": 1}')$$,
    $$SELECT threadmem.thread_state('log')$$]) AS call;
-- Readers of many: the other threads come, and the row says what it is without.
SELECT thread_id FROM threadmem.thread_create('fine', 'u');
SELECT count(k) FROM threadmem.thread_update_state('fine', '{"n": 1}') k;
SELECT thread_id, "values", interrupts, extracted, left_out FROM threadmem.thread_search(user_id => 'u', fields => '{thread_id,values,interrupts}', paths => '{"n": "values.n", "title": "metadata.title"}', sort_by => 'thread_id', sort_order => 'asc');
SELECT thread_id, extracted, left_out FROM threadmem.thread_search(user_id => 'u', paths => '{"first": "values.messages[0].id"}', sort_by => 'thread_id', sort_order => 'asc');
SELECT thread_id, extracted, left_out FROM threadmem.thread_search(user_id => 'u', paths => '{"n": "values.n"}', sort_by => 'thread_id', sort_order => 'asc');
-- Who starts a run is told; who claims one gets another's, and this one says why it failed.
SELECT run_id FROM threadmem.run_create('log', run_id => 'r1');
SELECT pg_temp.outcome($$SELECT threadmem.run_start('log')$$);
SELECT thread_id FROM threadmem.thread_create('behind');
SELECT run_id FROM threadmem.run_create('behind', run_id => 'r2');
SELECT thread_id, run_id FROM threadmem.run_claim('w');
SELECT status, error FROM threadmem.run_get('log', 'r1');
-- The ways out: messages taken out of the state together with what was said meanwhile, or out of the log.
BEGIN;
SELECT count(k) FROM threadmem.thread_update_state('log', '{"messages": [{"type": "remove", "id": "m1"}]}') k;
SELECT message_id FROM threadmem.message_list('log', view => 'state');
SELECT message_count FROM threadmem.thread_get('log');
ROLLBACK;
SELECT count(*) FROM threadmem.message_delete('log', 'm1');
SELECT threadmem.thread_fold('log') IS NOT NULL AS folded;
SELECT message_id FROM threadmem.message_list('log', view => 'state');
SELECT sum(deleted) > 0 AS deleted FROM threadmem.thread_delete('log', false);

-- States that writers would refuse, as if an older library had written them: a body that grows below a state's feet, which has it ten times in one list.
SELECT thread_id FROM threadmem.thread_create('large', 'u');
SELECT checkpoint_id FROM threadmem.checkpoint_put('large', jsonb_build_object('id', 'c1', 'channel_values', jsonb_build_object('n', 1, 'messages', (SELECT jsonb_agg('{"type": "human", "id": "m1", "content": "x"}'::jsonb) FROM generate_series(1, 10))), 'channel_versions', '{"n": 1, "messages": 1}'::jsonb), '{"step": 1}');
SELECT pg_temp.grow('large', 28000000) \gset
SELECT checkpoint_id, checkpoint IS NULL AS cut, metadata, pending_writes, left_out FROM threadmem.checkpoint_list('large');
SELECT "values", metadata, interrupts FROM threadmem.thread_history('large');
SELECT pg_temp.outcome(call) FROM unnest(ARRAY[
    $$SELECT threadmem.checkpoint_get('large')$$,
    $$SELECT threadmem.thread_state('large', 'c1')$$,
    $$SELECT threadmem.thread_state('large', 'c1', fields => '{values.n,metadata}')$$]) AS call;
SELECT e ->> 'object' AS object, e ->> 'thread_id' AS thread, count(*), CASE WHEN e ->> 'object' = 'left_out' THEN e END AS entry FROM threadmem.user_export('u') e GROUP BY 1, 2, 4 ORDER BY 1, 2;
SELECT thread_id FROM threadmem.thread_search(user_id => 'u', values_match => '{"n": 1, "messages": []}');

-- Writes of tasks are read as one document: their sum has a limit, how they come does not matter.
SELECT checkpoint_id FROM threadmem.checkpoint_put('writes', '{"id": "c1"}');
SELECT pg_temp.outcome(format($$SELECT threadmem.checkpoint_put_writes('writes', 'c1', 'task %s', jsonb_build_array(jsonb_build_array('a', repeat('x', 130000000))))$$, n)) FROM generate_series(1, 2) n;
SELECT jsonb_array_length(pending_writes) AS writes, left_out FROM threadmem.checkpoint_get('writes');
SELECT sum(deleted) > 0 AS deleted FROM threadmem.thread_delete('writes', false);
DO $$ DECLARE thread text; BEGIN FOR thread IN SELECT thread_id FROM threadmem_data.threads WHERE tenant_id = 'checkpoint bytes' LOOP PERFORM threadmem.thread_delete(thread, false); END LOOP; END $$;
