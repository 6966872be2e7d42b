-- Runs: who works on a thread, in order and one at a time; what they ask for and get; what goes with them and what stays.
\set SHOW_CONTEXT never
\pset null (null)
SET threadmem.tenant = 'runs';
-- A run in short, and the runs of a thread.
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
$$SELECT string_agg(m ->> 'content', ', ' ORDER BY o) FROM threadmem.checkpoint_get(thread) c, jsonb_array_elements(c.checkpoint -> 'channel_values' -> 'messages') WITH ORDINALITY AS e (m, o)$$;

-- Creating: the assistant by its id, by the id of a graph, as the default assistant of a graph (the id is LangGraph's uuid5), as the thread's, or none.
SELECT assistant_id FROM threadmem.assistant_create('ann', 'g', config => '{"tags": ["a"], "recursion_limit": 5, "configurable": {"model": "a", "x": 1}}', metadata => '{"team": "a", "from": "assistant"}');
SELECT graph_id FROM threadmem.graph_define('agent', '{"nodes": ["call_model"], "edges": [["__start__", "call_model"]]}');
SELECT thread_id FROM threadmem.thread_create('t', metadata => '{"topic": "rome", "from": "thread"}', config => '{"tags": ["t"], "configurable": {"x": 2, "y": 2}}');
SELECT pg_temp.brief(r), r.metadata, r.config, r.strategy, r.input, r.kwargs FROM threadmem.run_create('t', 'ann', '{"messages": []}', run_id => 'r1', kwargs => '{"command": {"resume": 1}}', metadata => '{"from": "run", "n": 1.10}', config => '{"configurable": {"y": 3, "z": {"deep": 1}}}') r;
-- The thread is busy, tells whose run it is and keeps the config (docs/contracts.md#runs); a second run leaves all of that.
SELECT status, metadata, config, graph_id, assistant_id, version FROM threadmem.thread_get('t');
SELECT pg_temp.brief(r), r.config FROM threadmem.run_create('t', 'agent', run_id => 'r2', config => '{"configurable": {"y": 9}}') r;
SELECT pg_temp.brief(r), r.graph_id FROM threadmem.run_create('t', graph_id => 'undefined', run_id => 'r3') r;
SELECT pg_temp.brief(r), r.graph_id FROM threadmem.run_create('t', run_id => 'r4') r;
SELECT assistant_id, graph_id, name, metadata FROM threadmem.assistant_list(sort_by => 'name', sort_order => 'asc');
SELECT status, metadata, config, version FROM threadmem.thread_get('t');
SELECT thread_id FROM threadmem.thread_create('pinned', assistant_id => 'ann', assistant_pinned => true);
SELECT pg_temp.brief(r) FROM threadmem.run_create('pinned', run_id => 'p') r;
\set VERBOSITY terse
SELECT threadmem.run_create('pinned', graph_id => 'agent');
\set VERBOSITY default
SELECT thread_id FROM threadmem.thread_create('bare');
SELECT pg_temp.brief(r), r.metadata, r.config, r.created_at = r.due_at AS due, r.expires_at - r.due_at AS lives, updated_at = created_at AS new, r.started_at, r.completed_at, r.lease_until FROM threadmem.run_create('bare', run_id => 'b', expires_in => '10 minutes') r;
SELECT metadata, config, version FROM threadmem.thread_get('bare');
-- A change is one by the bytes: 1.00 in place of 1.0 counts as a version, the same again does not.
SELECT thread_id FROM threadmem.thread_create('digits', config => '{"configurable": {"x": 1.0}}');
SELECT version, config FROM threadmem.thread_get('digits');
SELECT run_id FROM threadmem.run_create('digits', 'ann', run_id => 'd1', config => '{"configurable": {"x": 1.00}}');
SELECT version, config #> '{configurable,x}' AS x FROM threadmem.thread_get('digits');
SELECT status FROM threadmem.run_cancel('digits', 'd1');
SELECT run_id FROM threadmem.run_create('digits', 'ann', run_id => 'd2', config => '{"configurable": {"x": 1.00}}');
SELECT version, config #> '{configurable,x}' AS x FROM threadmem.thread_get('digits');
-- An id twice; a thread that is not there.
SELECT pg_temp.brief(r) FROM threadmem.run_create('bare', run_id => 'b', if_exists => 'do_nothing', strategy => 'reject') r;
\set VERBOSITY terse
SELECT threadmem.run_create('bare', run_id => 'b');
SELECT threadmem.run_create('nowhere', 'ann');
\set VERBOSITY default
SELECT pg_temp.brief(r), r.metadata FROM threadmem.run_create('made', 'ann', run_id => 'm', metadata => '{"made": true}', messages => '[{"role": "user", "content": "hello"}]', if_not_exists => 'create') r;
SELECT thread_id, status, metadata, config FROM threadmem.thread_get('made');
SELECT pg_temp.said('made');
-- Generated ids, one for each row of a statement.
SELECT count(DISTINCT (threadmem.run_create('made')).run_id) AS ids, bool_and((threadmem.run_create('made')).run_id ~ '^[0-9a-f]{8}-') AS uuids FROM generate_series(1, 3);
SELECT string_agg((threadmem.run_start(t)).run_id, ' ' ORDER BY t) AS started FROM unnest('{bare,made}'::text[]) t;

-- Start: in the order of the queue, one at a time; the same worker may repeat its call.
\set VERBOSITY terse
SELECT threadmem.run_start('t', 'r2');
SELECT pg_temp.brief(r), r.lease_until - r.started_at AS lease, r.started_at = r.updated_at AS now FROM threadmem.run_start('t', 'r1', 'w1', '2 minutes') r;
SELECT pg_temp.brief(r) FROM threadmem.run_start('t', 'r1', 'w1') r;
SELECT threadmem.run_start('t', 'r1', 'w2');
SELECT threadmem.run_start('t', 'r2');
SELECT threadmem.run_start('t');
-- Heartbeat: the lease goes on, never back; the thread is busy at least as long.
SELECT r.lease_until - r.updated_at AS lease FROM threadmem.run_heartbeat('t', 'r1', 'w1', '10 minutes') r;
SELECT r.lease_until - r.updated_at > '9 minutes' AS kept FROM threadmem.run_heartbeat('t', 'r1', lease => '1 minute') r;
SELECT threadmem.run_heartbeat('t', 'r1', 'w2');
SELECT threadmem.run_heartbeat('t', 'r2');
SELECT threadmem.run_complete('t', 'r1', worker => 'w2'), threadmem.run_fail('t', 'r1', worker => 'w2');
SELECT pg_temp.brief(r), r.usage, r.result, r.completed_at = r.updated_at AS now, r.completed_at >= r.started_at AS after FROM threadmem.run_complete('t', 'r1', usage => '{"total_tokens": 7}', result => '{"answer": 1}', worker => 'w1') r;
SELECT pg_temp.brief(r), r.usage FROM threadmem.run_complete('t', 'r1', usage => '{"total_tokens": 8}') r;
SELECT pg_temp.brief(r) FROM threadmem.run_start('t', worker => 'w1') r;
SELECT pg_temp.brief(r), r.error, r.usage FROM threadmem.run_fail('t', 'r2', '{"code": "server_error", "message": "no"}', '{"total_tokens": 1}') r;
SELECT pg_temp.brief(threadmem.run_start('t'));
SELECT pg_temp.brief(r), r.incomplete_reason FROM threadmem.run_complete('t', 'r3', 'max_completion_tokens') r;
SELECT pg_temp.brief(threadmem.run_start('t'));
SELECT pg_temp.brief(r), r.result FROM threadmem.run_interrupt('t', 'r4', '{"question": "sure?"}') r;
SELECT pg_temp.runs('t'), pg_temp.status('t');
SELECT threadmem.run_start('t');
SELECT threadmem.run_start('nowhere');
SELECT threadmem.run_start('t', 'nobody');

-- Cancel: asked for again it changes nothing; its worker hears of it and confirms.
SELECT pg_temp.brief(threadmem.run_create('t', run_id => 'c1')), pg_temp.brief(threadmem.run_create('t', run_id => 'c2'));
SELECT pg_temp.brief(threadmem.run_cancel('t', 'c2')), pg_temp.brief(threadmem.run_cancel('t', 'c2'));
SELECT pg_temp.brief(threadmem.run_start('t', 'c1', 'w'));
SELECT threadmem.run_cancel('t', 'c1', confirm => true);
SELECT pg_temp.brief(threadmem.run_cancel('t', 'c1')), pg_temp.brief(threadmem.run_cancel('t', 'c1')), (threadmem.run_heartbeat('t', 'c1', 'w')).status, pg_temp.status('t') AS thread;
SELECT pg_temp.brief(r), r.lease_until, pg_temp.status('t') AS thread FROM threadmem.run_cancel('t', 'c1', confirm => true) r;

-- The queue of all threads: what has been due for longest, if it is its thread's next and nobody works there.
SET threadmem.tenant = 'queue';
SELECT count((threadmem.run_create('q' || n % 3, graph_id => CASE WHEN n < 6 THEN 'x' ELSE 'y' END, run_id => 'r' || n, if_not_exists => 'create')).run_id) FROM generate_series(1, 7) n;
SELECT pg_temp.brief(r), r.due_at > clock_timestamp() + '55 seconds' AS later FROM threadmem.run_create('q3', graph_id => 'x', run_id => 'late', after_seconds => 60, if_not_exists => 'create') r;
SELECT threadmem.run_start('q3', 'late');
SELECT threadmem.run_start('q3');
SELECT thread_id, run_id, status, worker FROM threadmem.run_claim('w1');
SELECT thread_id, run_id FROM threadmem.run_claim('w2', '1 minute', graph_id => 'y');
SELECT thread_id, run_id FROM threadmem.run_claim('w2', '1 minute', assistant_id => 'nobody');
SELECT thread_id, run_id FROM threadmem.run_claim('w2', '1 minute', graph_id => 'x');
SELECT thread_id, run_id FROM threadmem.run_claim('w3');
SELECT thread_id, run_id FROM threadmem.run_claim('w4');
SELECT (threadmem.run_complete('q1', 'r1')).status;
SELECT thread_id, run_id FROM threadmem.run_claim('w4', graph_id => 'y');
SELECT thread_id, run_id FROM threadmem.run_claim('w4');
SELECT (threadmem.run_require_action('q2', 'r2', '[{"id": "c"}]')).status;
SELECT thread_id, run_id FROM threadmem.run_claim('w5');
SELECT (threadmem.run_submit_tool_outputs('q2', 'r2', '[{"tool_call_id": "c", "output": "x"}]')).status;
SELECT thread_id, run_id, worker FROM threadmem.run_claim('w5');
SELECT thread_id, run_id, status, worker FROM threadmem.active_runs ORDER BY thread_id, seq;
-- A run put off takes its place in the queue when it is due: before what was created later, if it is older than that.
SELECT count((threadmem.run_create('q3', graph_id => 'x', run_id => 'early')).run_id);
UPDATE threadmem_data.runs SET due_at = clock_timestamp() - interval '1 second' WHERE tenant_id = 'queue' AND run_id = 'late';
SELECT thread_id, run_id FROM threadmem.run_claim('w6');
SELECT threadmem.run_start('q3', 'early');
SET threadmem.tenant = 'runs';
SELECT count(*) FROM threadmem.run_claim() WHERE thread_id LIKE 'q%';

-- The fold: what was said before the start is in the state then; what is said during a run is seen by the next.
SELECT thread_id FROM threadmem.thread_create('chat', graph_id => 'agent');
SELECT count((threadmem.message_add('chat', 'user', w)).seq) FROM unnest('{one,two}'::text[]) w;
SELECT pg_temp.brief(threadmem.run_create('chat', run_id => 'r1')), pg_temp.brief(threadmem.run_start('chat', worker => 'w'));
SELECT (metadata ->> 'source') AS source, metadata -> 'run_id' AS run, "values" -> 'messages' -> 1 ->> 'content' AS last FROM threadmem.thread_history('chat');
SELECT seq FROM threadmem.message_add('chat', 'user', 'meanwhile');
-- Only the run in progress changes the state.
SELECT threadmem.thread_update_state('chat', '{"messages": [{"role": "ai", "content": "no"}]}', 'call_model');
SELECT threadmem.thread_update_state('chat', '{}', 'call_model', run_id => 'nobody');
SELECT checkpoint_ns FROM threadmem.thread_update_state('chat', '{"messages": [{"role": "ai", "content": "answer", "id": "answer"}]}', 'call_model', run_id => 'r1');
SELECT pg_temp.sees('chat'), (SELECT metadata ->> 'source' FROM threadmem.thread_history('chat', 1)) AS source;
SELECT pg_temp.brief(threadmem.run_complete('chat', 'r1')), pg_temp.status('chat');
SELECT threadmem.thread_update_state('chat', '{}', 'call_model', run_id => 'r1');
SELECT checkpoint_ns FROM threadmem.thread_update_state('chat', '{}', 'call_model');

-- A run that ended with nodes to run next leaves the thread interrupted.
SELECT thread_id FROM threadmem.thread_create('pause', graph_id => 'agent', supersteps => '[{"updates": [{"values": {"messages": []}, "as_node": "__start__"}]}]');
SELECT pg_temp.brief(threadmem.run_create('pause', run_id => 'r')), pg_temp.brief(threadmem.run_start('pause')), pg_temp.brief(threadmem.run_complete('pause', 'r')), pg_temp.status('pause');
SELECT threadmem.thread_format('pause', 'langgraph') ->> 'status' AS langgraph;

-- Lists: newest first; by status, as it holds now; by metadata; by cursor both ways.
SELECT array_agg(run_id) FROM threadmem.run_list('t');
SELECT array_agg(run_id) FROM threadmem.run_list('t', sort_order => 'asc', max_rows => 2);
SELECT array_agg(run_id) FROM threadmem.run_list('t', 'cancelled');
SELECT array_agg(run_id) FROM threadmem.run_list('t', metadata => '{"from": "run"}');
SELECT (SELECT array_agg(run_id) FROM threadmem.run_list('t', after_id => 'r4', max_rows => 2)) AS after, (SELECT array_agg(run_id) FROM threadmem.run_list('t', before_id => 'r4')) AS before, (SELECT array_agg(run_id) FROM threadmem.run_list('t', after_id => 'c2', before_id => 'r2')) AS "between", (SELECT array_agg(run_id) FROM threadmem.run_list('t', skip => 4)) AS skipped, (SELECT count(*) FROM threadmem.run_list('t', max_rows => 0)) AS none;
SELECT threadmem.run_list('t', 'done');
SELECT threadmem.run_list('t', after_id => 'nobody');
SELECT threadmem.run_list('nowhere');
SELECT threadmem.run_get('t', 'nobody');

-- A copy has no runs and is idle; a thread goes with its runs, an assistant without.
SELECT status FROM threadmem.thread_copy('chat', 'copy');
SELECT count(*) AS runs FROM threadmem.run_list('copy');
SELECT pg_temp.brief(threadmem.run_create('copy', 'ann', run_id => 'r1'));
SELECT kind, deleted FROM threadmem.assistant_delete('ann') WHERE kind = 'assistants';
SELECT pg_temp.brief(threadmem.run_get('copy', 'r1'));
SELECT count(*) > 0 AS deleted FROM threadmem.thread_delete('copy');
SELECT count(*) AS runs FROM threadmem_data.runs WHERE tenant_id = 'runs' AND thread_id = 'copy';

-- A session narrowed to a user has runs on the threads it takes part in, and makes no assistants.
CREATE ROLE regress_run;
SELECT threadmem.grant_access('regress_run', 'write', joins => true);
SELECT count((threadmem.user_create(u)).user_id) FROM unnest('{ann,bob}'::text[]) u;
SELECT count((threadmem.thread_create(t, u)).thread_id) FROM (VALUES ('hers', 'ann'), ('his', 'bob')) AS v (t, u);
SELECT pg_temp.brief(threadmem.run_create('his', run_id => 'r'));
SET threadmem.user_id = 'ann';
SET ROLE regress_run;
SELECT threadmem.run_create('hers', graph_id => 'none yet');
SELECT (threadmem.run_create('hers', 'agent', run_id => 'r')).status, (threadmem.run_create('new', run_id => 'r', if_not_exists => 'create')).status;
SELECT user_id FROM threadmem.thread_get('new');
SELECT threadmem.run_get('his', 'r');
SELECT threadmem.run_start('his');
SELECT string_agg(thread_id, ' ' ORDER BY thread_id) AS hers FROM threadmem.active_runs;
SELECT string_agg(c.thread_id, ' ' ORDER BY c.thread_id) AS claimed FROM generate_series(1, 3) n, LATERAL threadmem.run_claim('w' || n) c;
RESET ROLE;
RESET threadmem.user_id;
SELECT sum(deleted) > 0 AS deleted FROM unnest('{ann,bob}'::text[]) u, LATERAL threadmem.user_delete(u);
SELECT count(*) AS runs FROM threadmem_data.runs WHERE tenant_id = 'runs' AND thread_id IN ('hers', 'his', 'new');
DROP OWNED BY regress_run;
DROP ROLE regress_run;

-- Bad input changes nothing, and says which and why.
CREATE TEMP TABLE untouched AS SELECT r::text FROM threadmem_data.runs r WHERE tenant_id = 'runs' UNION ALL SELECT t::text FROM threadmem_data.threads t WHERE tenant_id = 'runs';
SELECT thread_id FROM threadmem.thread_create('bad');
\set VERBOSITY default
SELECT threadmem.run_create('bad', strategy => 'wait');
SELECT threadmem.run_create('bad', 'nobody');
\set VERBOSITY terse
SELECT threadmem.run_create('bad', if_not_exists => 'make');
SELECT threadmem.run_create('bad', if_exists => 'replace');
SELECT threadmem.run_create('bad', after_seconds => -1);
SELECT threadmem.run_create('bad', expires_in => '0 seconds');
SELECT threadmem.run_create('bad', expires_in => '-1 day');
SELECT threadmem.run_create('bad', expires_in => '11 years');
SELECT threadmem.run_create('bad', kwargs => '[]');
SELECT threadmem.run_create('bad', config => '1');
SELECT threadmem.run_create('bad', metadata => '[]');
SELECT threadmem.run_create('bad', messages => '{}');
SELECT threadmem.run_create('bad', messages => '[{"content": "no role"}]');
SELECT threadmem.run_create('bad', run_id => '');
SELECT threadmem.run_create('bad', '58115337-bb06-5d3b-8f97-3b6b7b8db508', graph_id => 'agent');
SELECT threadmem.run_create('bad', 'agent', graph_id => 'other');
SELECT count(*) FROM threadmem.run_list('bad');
SELECT threadmem.run_create('bad', run_id => 'b') IS NULL AS none;
SELECT threadmem.run_start('bad', lease => '0');
SELECT threadmem.run_start('bad', worker => '');
SELECT threadmem.run_claim('w', '-1 second');
SELECT threadmem.run_claim(repeat('w', 256));
SELECT pg_temp.brief(threadmem.run_start('bad', worker => 'w'));
SELECT threadmem.run_heartbeat('bad', 'b', lease => '0');
SELECT threadmem.run_complete('bad', 'b', usage => '1');
SELECT threadmem.run_fail('bad', 'b', usage => '[]');
SELECT threadmem.run_expire(run_id => 'b');
SELECT threadmem.run_expire(max_rows => 1001);
SELECT threadmem.run_expire('nowhere');
SELECT threadmem.run_expire('bad', 'nobody');
SELECT threadmem.run_cancel('bad', 'nobody'), threadmem.run_interrupt('bad', 'nobody');
SELECT pg_temp.brief(threadmem.run_get('bad', 'b'));
SELECT count(*) > 0 AS gone FROM threadmem.thread_delete('bad');
SELECT count(*) FROM (SELECT r::text FROM threadmem_data.runs r WHERE tenant_id = 'runs' UNION ALL SELECT t::text FROM threadmem_data.threads t WHERE tenant_id = 'runs' EXCEPT ALL SELECT * FROM untouched) changed;

-- What cannot be said of a run yet: the error says what comes first.
\set VERBOSITY default
SELECT thread_id FROM threadmem.thread_create('first');
SELECT status FROM threadmem.run_create('first', graph_id => 'g', run_id => 'r');
SELECT threadmem.run_complete('first', 'r');
SELECT threadmem.run_interrupt('first', 'r');
SELECT threadmem.run_heartbeat('first', 'r');
SELECT status FROM threadmem.run_start('first', 'r');
SELECT status FROM threadmem.run_require_action('first', 'r', '[{"id": "c", "function": {"name": "f"}}]');
SELECT threadmem.run_complete('first', 'r');
SELECT status FROM threadmem.run_submit_tool_outputs('first', 'r', '[{"tool_call_id": "c", "output": "1"}]');
SELECT r.status, c.status FROM threadmem.run_start('first', 'r') r, threadmem.run_cancel('first', r.run_id) c;
SELECT threadmem.run_interrupt('first', 'r');
SELECT status FROM threadmem.run_cancel('first', 'r', confirm => true);
SELECT threadmem.run_complete('first', 'r');

-- LangGraph notes the agent on the thread before it merges: the first run has it, too, and one that waits behind another's; what the run says of itself counts.
SELECT assistant_id FROM threadmem.assistant_create('eve', 'h');
SELECT thread_id FROM threadmem.thread_create('noted', metadata => '{"user": "ann", "graph_id": "old"}');
SELECT run_id, metadata - 'assistant_id' AS metadata, metadata ->> 'assistant_id' = assistant_id AS own FROM threadmem.run_create('noted', graph_id => 'pair', run_id => 'first');
SELECT run_id, metadata FROM threadmem.run_create('noted', 'eve', run_id => 'second');
SELECT run_id, metadata FROM threadmem.run_create('noted', 'eve', run_id => 'third', metadata => '{"assistant_id": "mine", "graph_id": null}');
SELECT metadata - 'assistant_id' AS metadata FROM threadmem.thread_get('noted');
SELECT thread_id FROM threadmem.thread_create('nobody''s');
SELECT metadata FROM threadmem.run_create('nobody''s');
SELECT metadata FROM threadmem.run_create('not yet', 'eve', if_not_exists => 'create');
