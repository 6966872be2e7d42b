-- The status of a thread that never had a run follows from its head: interrupted when a task asks, error when one has failed (docs/contracts.md#runs).
\pset null (null)
SET threadmem.tenant = 'thread status';
CREATE FUNCTION pg_temp.id(n int) RETURNS text LANGUAGE sql AS $$SELECT format('1f000000-0000-6000-8000-%s', lpad(n::text, 12, '0'))$$;
CREATE FUNCTION pg_temp.put(thread text, n int, parent int DEFAULT NULL, run text DEFAULT NULL) RETURNS void LANGUAGE sql AS
$$SELECT threadmem.checkpoint_put(thread, jsonb_build_object('v', 4, 'id', pg_temp.id(n), 'channel_values', '{"branch:to:a": null, "branch:to:b": null}'::jsonb, 'channel_versions', jsonb_build_object('branch:to:a', n, 'branch:to:b', n)), jsonb_strip_nulls(jsonb_build_object('source', 'loop', 'step', n, 'run_id', run)), parent_checkpoint_id => pg_temp.id(parent))$$;
CREATE FUNCTION pg_temp.write(thread text, n int, task text, writes jsonb, ns text DEFAULT '') RETURNS void LANGUAGE sql AS
$$SELECT threadmem.checkpoint_put_writes(thread, pg_temp.id(n), task, writes, checkpoint_ns => ns)$$;
CREATE FUNCTION pg_temp.ask(thread text, n int, task text DEFAULT 'a') RETURNS void LANGUAGE sql AS
$$SELECT pg_temp.write(thread, n, task, '[["__interrupt__", [{"id": "i", "value": "sure?"}]]]')$$;
-- As thread_get(), the view, thread_search(), thread_count() and thread_format() have it.
CREATE FUNCTION pg_temp.status(thread text) RETURNS text LANGUAGE sql AS
$$SELECT CASE WHEN g.status = v.status AND g.status = s.status AND g.status = threadmem.thread_format(thread) ->> 'status' THEN g.status ELSE 'differs' END FROM threadmem.thread_get(thread) g, threadmem.threads v, threadmem.thread_search(ARRAY[thread], status => g.status) s WHERE v.thread_id = thread$$;

-- It waits with the first question, whatever else is done, until the task has written; a failed one outweighs it.
SELECT pg_temp.put('t', 1);
SELECT pg_temp.status('t');
SELECT pg_temp.write('t', 1, 'c', '[["x", 1]]');
SELECT pg_temp.status('t');
SELECT pg_temp.ask('t', 1), pg_temp.ask('t', 1, 'b');
SELECT pg_temp.status('t'), threadmem.thread_count(status => 'interrupted') AS waiting, threadmem.thread_count(status => 'idle') AS idle;
SELECT pg_temp.write('t', 1, '00000000-0000-0000-0000-000000000000', '[["__resume__", "yes"]]'), pg_temp.write('t', 1, 'a', '[["__resume__", ["yes"]]]');
SELECT pg_temp.status('t') AS answered;
SELECT pg_temp.write('t', 1, 'a', '[["x", 1]]');
SELECT pg_temp.status('t') AS b_waits;
SELECT pg_temp.write('t', 1, 'b', '[["__error__", "boom"]]');
SELECT pg_temp.status('t') AS b_failed;
SELECT pg_temp.write('t', 1, 'b', '[["__no_writes__", null]]');
SELECT pg_temp.status('t') AS done;
-- An inbox of what waits.
SELECT pg_temp.put('inbox', 1), pg_temp.ask('inbox', 1), pg_temp.put('failed', 1), pg_temp.write('failed', 1, 'a', '[["__error__", "boom"]]');
SELECT thread_id, status FROM threadmem.thread_search(status => 'interrupted', fields => '{status}');
SELECT thread_id, status FROM threadmem.thread_search(status => 'error', fields => '{status}');
-- The next checkpoint ends it; writes that come before their checkpoint count with it, and those of an older one or of a subgraph do not.
SELECT pg_temp.put('inbox', 2, 1);
SELECT pg_temp.status('inbox');
SELECT pg_temp.ask('inbox', 3);
SELECT pg_temp.put('inbox', 3, 2);
SELECT pg_temp.status('inbox') AS came_first;
SELECT pg_temp.put('inbox', 3, 2);
SELECT pg_temp.status('inbox') AS put_again;
SELECT pg_temp.put('inbox', 4, 3);
SELECT pg_temp.ask('inbox', 2, 'b'), pg_temp.write('inbox', 4, 'a', '[["__interrupt__", [{"id": "i"}]]]', 'a:1');
SELECT pg_temp.status('inbox') AS older;
SELECT pg_temp.write('none', 1, 'a', '[["__interrupt__", [{"id": "i"}]]]', 'a:1');
SELECT pg_temp.status('none') AS only_a_subgraph;
-- A branch, and what takes the head away: it is as the new head's tasks are. So is a copy.
SELECT pg_temp.ask('inbox', 5), pg_temp.put('inbox', 5, 2, 'r');
SELECT pg_temp.status('inbox') AS branch;
SELECT thread_id FROM threadmem.thread_copy('inbox', 'copy');
SELECT pg_temp.status('copy') AS copy;
SELECT threadmem.checkpoint_copy_thread('inbox', 'saver copy');
SELECT pg_temp.status('saver copy') AS saver_copy;
SELECT threadmem.checkpoint_delete_for_runs('{r}', 'inbox');
SELECT pg_temp.status('inbox') AS back;
SELECT pg_temp.ask('inbox', 4), pg_temp.put('inbox', 6, 4, 'r2');
SELECT pg_temp.status('inbox') AS next_head;
SELECT threadmem.checkpoint_delete_for_runs('{r2}', 'inbox');
SELECT pg_temp.status('inbox') AS waits_again;
SELECT threadmem.checkpoint_prune('{copy}');
SELECT pg_temp.status('copy') AS pruned;
SELECT thread_id FROM threadmem.thread_create('kept');
SELECT pg_temp.put('kept', 1), pg_temp.ask('kept', 1);
SELECT threadmem.checkpoint_delete_thread('kept');
SELECT pg_temp.status('kept') AS without_checkpoints;
-- An update of the state goes on from it; a run says how the thread is from then on.
SELECT pg_temp.status('copy'), checkpoint_ns FROM threadmem.thread_update_state('copy', NULL, '__end__');
SELECT pg_temp.status('copy') AS ended;
SELECT status FROM threadmem.run_create('saver copy', run_id => 'r');
SELECT pg_temp.status('saver copy') AS busy;
SELECT r.status, f.status FROM threadmem.run_start('saver copy', 'r') r, threadmem.run_fail('saver copy', r.run_id, '{"code": "x"}') f;
SELECT pg_temp.status('saver copy') AS of_its_run;
-- So does one that waits for outputs of tools, was interrupted, or left nodes to run next, and no other; a run that only works is never among them.
CREATE FUNCTION pg_temp.waiting() RETURNS TABLE (found text, all_that_are text, marked text) LANGUAGE sql AS
$$SELECT (SELECT string_agg(thread_id, ' ' ORDER BY thread_id COLLATE "C") FROM threadmem.thread_search(status => 'interrupted', max_rows => 100)),
    (SELECT string_agg(thread_id, ' ' ORDER BY thread_id COLLATE "C") FROM threadmem.threads WHERE status = 'interrupted'),
    (SELECT string_agg(thread_id, ' ' ORDER BY thread_id COLLATE "C") FROM threadmem_data.threads WHERE tenant_id = 'thread status' AND waiting)$$;
SELECT count(*) FROM unnest('{tool,asked,works,lapses}'::text[]) t, threadmem.run_create(t, run_id => 'r', if_not_exists => 'create') r, threadmem.run_start(r.thread_id, 'r');
SELECT status FROM threadmem.run_require_action('tool', 'r', '[{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]');
SELECT status FROM threadmem.run_require_action('lapses', 'r', '[{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]');
SELECT status FROM threadmem.run_interrupt('asked', 'r');
SELECT * FROM pg_temp.waiting();
UPDATE threadmem_data.threads SET waits_until = now() - interval '1 second' WHERE tenant_id = 'thread status' AND thread_id = 'lapses';
SELECT * FROM pg_temp.waiting();
SELECT status FROM threadmem.run_submit_tool_outputs('tool', 'r', '[{"tool_call_id": "c", "output": "o"}]');
SELECT status FROM threadmem.run_create('asked', run_id => 'r2');
SELECT * FROM pg_temp.waiting();
SELECT * FROM threadmem.threadmem_verify();
-- What the row must be.
\set VERBOSITY terse
UPDATE threadmem_data.threads SET head_status = 'busy' WHERE tenant_id = 'thread status' AND thread_id = 't';
UPDATE threadmem_data.threads SET head_status = 'error', head_status_of = NULL WHERE tenant_id = 'thread status' AND thread_id = 't';
