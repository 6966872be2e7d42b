-- What a new run does to those that are not over: rollback removes their checkpoints and messages and nothing else, interrupt ends them, reject refuses.
\set SHOW_CONTEXT never
\pset null (null)
SET threadmem.tenant = 'run rollback';
CREATE FUNCTION pg_temp.brief(r threadmem.runs) RETURNS text LANGUAGE sql AS
$$SELECT concat_ws(' ', r.seq, r.run_id, r.status, 'of ' || r.assistant_id, 'by ' || r.worker)$$;
CREATE FUNCTION pg_temp.runs(thread text) RETURNS text LANGUAGE sql AS
$$SELECT string_agg(concat(r.run_id, ' ', r.status), ', ' ORDER BY seq) FROM threadmem.run_list(thread, max_rows => 100) r$$;
CREATE FUNCTION pg_temp.said(thread text) RETURNS text LANGUAGE sql AS
$$SELECT string_agg(concat_ws(' ', m.content #>> '{}', 'of ' || m.run_id, nullif(m.state, 'live')), ', ' ORDER BY seq) FROM threadmem.message_list(thread, 100, include_deleted => true) m$$;
CREATE FUNCTION pg_temp.sees(thread text) RETURNS text LANGUAGE sql AS
$$SELECT string_agg(m ->> 'content', ', ' ORDER BY o) FROM threadmem.thread_state(thread) s, jsonb_array_elements(s."values" -> 'messages') WITH ORDINALITY AS e (m, o)$$;
CREATE FUNCTION pg_temp.status(thread text) RETURNS text LANGUAGE plpgsql AS $$BEGIN RETURN (threadmem.thread_get(thread)).status; END$$;
CREATE FUNCTION pg_temp.stored(thread text) RETURNS text LANGUAGE sql AS
$$SELECT string_agg(coalesce(m #>> '{kwargs,content}', m ->> 'content'), ', ' ORDER BY o) FROM threadmem.checkpoint_get(thread) c, jsonb_array_elements(c.checkpoint -> 'channel_values' -> 'messages') WITH ORDINALITY AS e (m, o)$$;

SELECT graph_id FROM threadmem.graph_define('agent', '{"nodes": ["call_model"], "edges": [["__start__", "call_model"]]}');
SELECT thread_id FROM threadmem.thread_create('chat', graph_id => 'agent');
SELECT count((threadmem.message_add('chat', 'user', w)).seq) FROM unnest('{one,two}'::text[]) w;
SELECT pg_temp.brief(threadmem.run_create('chat', run_id => 'r1')), pg_temp.brief(threadmem.run_start('chat', worker => 'w'));
SELECT checkpoint_ns FROM threadmem.thread_update_state('chat', '{"messages": [{"role": "ai", "content": "answer", "id": "answer"}]}', 'call_model', run_id => 'r1');
SELECT pg_temp.brief(threadmem.run_complete('chat', 'r1'));
-- Rollback: the thread is as it was before the run, but for what others said. Two runs go, one at work and one in the queue.
CREATE TEMP TABLE before AS SELECT pg_temp.said('chat') AS said, pg_temp.sees('chat') AS sees, (SELECT array_agg(checkpoint_id) FROM threadmem.checkpoint_list('chat', max_rows => 100)) AS checkpoints,
    (SELECT array_agg(m.rev ORDER BY rev) FROM threadmem_data.messages m WHERE tenant_id = 'run rollback' AND thread_id = 'chat') AS revs, (SELECT to_jsonb(t) - '{version,updated_at,state_updated_at,last_message_at}'::text[] FROM threadmem.thread_get('chat') t) AS thread, pg_temp.runs('chat') AS runs;
SELECT pg_temp.brief(threadmem.run_create('chat', run_id => 'r2')), pg_temp.brief(threadmem.run_start('chat', worker => 'w'));
SELECT seq FROM threadmem.message_add('chat', 'assistant', 'thinking', run_id => 'r2', message_id => 'think');
SELECT seq FROM threadmem.message_update('chat', 'think', 'thinking harder');
SELECT threadmem.message_append('chat', message_id, 1, 'str') FROM threadmem.message_start('chat', run_id => 'r2', message_id => 'stream');
SELECT checkpoint_ns FROM threadmem.thread_update_state('chat', '{"messages": [{"role": "ai", "content": "wrong", "id": "wrong"}, {"role": "ai", "content": "edited", "id": "answer"}]}', 'call_model', run_id => 'r2');
SELECT checkpoint_ns FROM threadmem.thread_update_state('chat', '{"messages": [{"role": "ai", "content": "worse", "id": "wrong"}]}', 'call_model', run_id => 'r2');
SELECT step_no FROM threadmem.run_step_add('chat', 'r2');
SELECT seq FROM threadmem.message_add('chat', 'user', 'not of the run', sender_id => 'bob');
SELECT pg_temp.brief(threadmem.run_create('chat', run_id => 'r3', messages => '[{"role": "user", "content": "more"}]'));
SELECT pg_temp.said('chat'), pg_temp.sees('chat');
SELECT pg_temp.brief(threadmem.run_create('chat', run_id => 'r4', strategy => 'rollback')), pg_temp.runs('chat');
SELECT pg_temp.said('chat'), pg_temp.sees('chat');
SELECT threadmem.run_heartbeat('chat', 'r2');
SELECT count(*) AS steps FROM threadmem_data.run_steps WHERE tenant_id = 'run rollback' AND run_id = 'r2';
SELECT count(*) AS chunks FROM threadmem_data.message_chunks WHERE tenant_id = 'run rollback';
SELECT message_id FROM threadmem.message_list('chat', 1, 'desc') \gset
SELECT pg_temp.brief(threadmem.run_cancel('chat', 'r4')), (threadmem.message_delete('chat', :'message_id')).state;
DELETE FROM threadmem_data.runs WHERE tenant_id = 'run rollback' AND run_id = 'r4';
DELETE FROM threadmem_data.messages WHERE tenant_id = 'run rollback' AND thread_id = 'chat' AND message_id = :'message_id';
SELECT b.said = pg_temp.said('chat') AS said, b.sees = pg_temp.sees('chat') AS sees, checkpoints = (SELECT array_agg(checkpoint_id) FROM threadmem.checkpoint_list('chat', max_rows => 100)) AS checkpoints,
       revs = (SELECT array_agg(m.rev ORDER BY rev) FROM threadmem_data.messages m WHERE tenant_id = 'run rollback' AND thread_id = 'chat') AS revs, thread = (SELECT to_jsonb(t) - '{version,updated_at,state_updated_at,last_message_at}'::text[] FROM threadmem.thread_get('chat') t) AS thread, runs = pg_temp.runs('chat') AS runs FROM before b;
-- What a person says or changes meanwhile stays as it is, though a state of the run was the first to hold it.
SELECT seq FROM threadmem.message_add('chat', 'user', 'three', message_id => 'm3');
SELECT pg_temp.brief(threadmem.run_create('chat', run_id => 'r5')), pg_temp.brief(threadmem.run_start('chat'));
SELECT seq FROM threadmem.message_add('chat', 'user', 'four', message_id => 'm4');
SELECT seq, rev FROM threadmem.message_update('chat', 'm3', 'three, I mean');
SELECT checkpoint_ns FROM threadmem.thread_update_state('chat', '{"messages": [{"role": "ai", "content": "five", "id": "m5"}, {"role": "user", "content": "four, the run says", "id": "m4"}]}', 'call_model', run_id => 'r5');
SELECT pg_temp.said('chat'), pg_temp.stored('chat');
SELECT pg_temp.brief(threadmem.run_create('chat', run_id => 'r6', strategy => 'rollback')), pg_temp.said('chat'), pg_temp.sees('chat');
SELECT pg_temp.brief(threadmem.run_start('chat')), pg_temp.stored('chat');
-- What a state that stays holds is deleted as a person deletes it: the next state is without it.
SELECT pg_temp.brief(threadmem.run_create('chat', run_id => 'r7', messages => '[{"role": "user", "content": "of r7"}]'));
SELECT checkpoint_ns FROM threadmem.thread_update_state('chat', '{}', 'call_model', run_id => 'r6');
SELECT pg_temp.brief(threadmem.run_complete('chat', 'r6')), pg_temp.stored('chat');
SELECT pg_temp.brief(threadmem.run_create('chat', run_id => 'r8', strategy => 'rollback')), pg_temp.runs('chat'), pg_temp.said('chat'), pg_temp.sees('chat');
SELECT pg_temp.brief(threadmem.run_start('chat')), pg_temp.stored('chat');
SELECT * FROM threadmem.threadmem_verify();
-- interrupt: what the run wrote stays.
SELECT pg_temp.brief(threadmem.run_create('chat', run_id => 'r9')), pg_temp.brief(threadmem.run_create('chat', run_id => 'r10', strategy => 'interrupt')), pg_temp.runs('chat');
SELECT threadmem.run_complete('chat', 'r8');
-- reject: any run that is not over is in the way, the one that waits for outputs, too.
SELECT pg_temp.brief(threadmem.run_start('chat')), (threadmem.run_require_action('chat', 'r10', '[{"id": "c"}]')).status, pg_temp.status('chat') AS thread;
\set VERBOSITY default
SELECT threadmem.run_create('chat', strategy => 'reject');
\set VERBOSITY terse
SELECT pg_temp.brief(threadmem.run_create('chat', run_id => 'r11', strategy => 'interrupt')), pg_temp.runs('chat');
SELECT * FROM threadmem.threadmem_verify();
