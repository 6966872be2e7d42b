-- Checkpoints go without cutting a chain, losing a delta channel's writes or leaving in the log what no head holds.
\set SHOW_CONTEXT never
\pset null (null)
SET threadmem.tenant = 'checkpoint remove';
CREATE FUNCTION pg_temp.msgs(words text) RETURNS jsonb LANGUAGE sql AS
$$SELECT coalesce(jsonb_agg(jsonb_build_object('type', 'human', 'id', split_part(w, ':', 1), 'content', split_part(w, ':', 2)) ORDER BY n), '[]') FROM regexp_split_to_table(nullif(words, ''), ' ') WITH ORDINALITY u (w, n)$$;
CREATE FUNCTION pg_temp.put(thread text, id text, parent text, words text, run text DEFAULT NULL, ns text DEFAULT '') RETURNS text LANGUAGE sql AS
$$SELECT checkpoint_id FROM threadmem.checkpoint_put(thread, jsonb_build_object('v', 4, 'id', id, 'channel_values', jsonb_build_object('messages', pg_temp.msgs(words), 'long', repeat('x', 2000), 'n', id), 'channel_versions', jsonb_build_object('messages', id, 'n', id, 'long', 1)), jsonb_strip_nulls(jsonb_build_object('run_id', run)), NULL, parent, ns)$$;
CREATE FUNCTION pg_temp.log(thread text) RETURNS SETOF text LANGUAGE sql AS
$$SELECT format('%s/%s %s %s%s %s', seq, rev, message_id, state, CASE WHEN by_checkpoint THEN '+' END, threadmem.message_text(body)) FROM threadmem_data.messages WHERE tenant_id = threadmem.current_tenant() AND thread_id = thread ORDER BY rev$$;
CREATE FUNCTION pg_temp.live(thread text) RETURNS text LANGUAGE sql AS $$SELECT string_agg(message_id || ':' || (content #>> '{}'), ' ' ORDER BY seq) FROM threadmem.message_list(thread)$$;
-- What a thread's checkpoints are read with, and how they are linked: namespace/id>parent, whether the parent's row is there.
CREATE FUNCTION pg_temp.ids(thread text) RETURNS text LANGUAGE sql AS
$$SELECT string_agg(concat(nullif(checkpoint_ns, '') || '/', checkpoint_id, '>', parent_checkpoint_id, CASE WHEN parent_seq IS NULL THEN '!' END), ' ' ORDER BY checkpoint_ns, checkpoint_id) FROM threadmem_data.checkpoints WHERE tenant_id = threadmem.current_tenant() AND thread_id = thread$$;
CREATE TABLE pg_temp.seen AS SELECT NULL::text AS thread, c.* FROM threadmem.checkpoint_list('none') c;
CREATE FUNCTION pg_temp.remember(thread text) RETURNS bigint LANGUAGE sql AS $$DELETE FROM seen s WHERE s.thread = $1; INSERT INTO seen SELECT $1, c.* FROM threadmem.checkpoint_list($1, max_rows => 1000) c; SELECT count(*) FROM seen s WHERE s.thread = $1$$;
-- Of what is left how many are read as they were: state, metadata, writes, parent.
CREATE FUNCTION pg_temp.same(of_thread text, OUT "left" bigint, OUT same bigint) LANGUAGE sql AS
$$SELECT count(*), count(*) FILTER (WHERE (c.checkpoint::text, c.metadata, c.pending_writes, c.parent_checkpoint_id) IS NOT DISTINCT FROM (s.checkpoint::text, s.metadata, s.pending_writes, s.parent_checkpoint_id))
    FROM threadmem.checkpoint_list(of_thread, max_rows => 1000) c LEFT JOIN seen s ON s.thread = of_thread AND (s.checkpoint_ns, s.checkpoint_id) = (c.checkpoint_ns, c.checkpoint_id)$$;
CREATE FUNCTION pg_temp.rows(thread text, OUT threads bigint, OUT checkpoints bigint, OUT writes bigint, OUT messages bigint, OUT "values" bigint, OUT tombstones bigint) LANGUAGE sql AS
$$SELECT (SELECT count(*) FROM threadmem_data.threads WHERE tenant_id = t AND thread_id = thread), (SELECT count(*) FROM threadmem_data.checkpoints WHERE tenant_id = t AND thread_id = thread), (SELECT count(*) FROM threadmem_data.checkpoint_writes WHERE tenant_id = t AND thread_id = thread), (SELECT count(*) FROM threadmem_data.messages WHERE tenant_id = t AND thread_id = thread),
         (SELECT count(*) FROM threadmem_data.thread_values WHERE tenant_id = t AND thread_id = thread), (SELECT count(*) FROM threadmem_data.thread_tombstones WHERE tenant_id = t AND thread_id = thread) FROM threadmem.current_tenant() t$$;
-- Six steps of two runs, a subgraph, writes.
CREATE FUNCTION pg_temp.fill(thread text) RETURNS bigint LANGUAGE sql AS
$$SELECT count(pg_temp.put(thread, 'c' || n, 'c' || nullif(n - 1, 0), (SELECT string_agg('m' || m || ':w' || m, ' ') FROM generate_series(1, n) m), CASE WHEN n <= 3 THEN 'r1' ELSE 'r2' END)) FROM generate_series(1, 6) n;
  SELECT count(pg_temp.put(thread, 's' || n, 's' || nullif(n - 1, 0), '', CASE n WHEN 2 THEN 'r1' END, 'n:1')) FROM generate_series(1, 3) n;
  SELECT count(threadmem.checkpoint_put_writes(thread, c, 'task', jsonb_build_array(jsonb_build_array('n', c)), checkpoint_ns => CASE WHEN c ~ 's' THEN 'n:1' ELSE '' END)) FROM unnest('{c1,c3,c6,s1,s3,early}'::text[]) c$$;

-- docs/contracts.md#a-checkpointer: deleteThread: all namespaces, checkpoints, values and writes, and the messages that came with them; a thread that nothing else was put into goes, and leaves a tombstone.
SELECT pg_temp.fill('gone');
SELECT threadmem.checkpoint_delete_thread('gone');
SELECT * FROM pg_temp.rows('gone');
-- docs/contracts.md#a-checkpointer: an unknown id is fine, and so is a second time; neither leaves a tombstone of its own.
SELECT threadmem.checkpoint_delete_thread('unknown') AS unknown, threadmem.checkpoint_delete_thread('gone') AS again;
SELECT * FROM pg_temp.rows('unknown');
-- docs/architecture.md#late-writers: late writers are stopped; a checkpoint without parent begins anew, from the first number.
\set VERBOSITY sqlstate
SELECT pg_temp.put('gone', 'c7', 'c6', 'm1:w1');
SELECT threadmem.checkpoint_put_writes('gone', 'c6', 'task', '[["n", 1]]');
\set VERBOSITY default
SELECT pg_temp.put('gone', 'c1', NULL, 'm1:new');
SELECT pg_temp.log('gone');
-- What was put there by hand stays, and is live again, whatever branch or wording the checkpoints had left it in; what was deleted or erased stays so.
SELECT thread_id FROM threadmem.thread_create('stays', title => 'title');
SELECT seq FROM unnest('{h1,h2,h3,h4,h5}'::text[]) id, threadmem.message_add('stays', body => jsonb_build_object('type', 'human', 'id', id, 'content', 'by hand')) m;
SELECT pg_temp.put('stays', 'c1', NULL, 'h1:reworded h2:by,hand a:one'), pg_temp.put('stays', 'c2', 'c1', 'h1:reworded h4:again h5:again'), pg_temp.put('stays', 'c3', NULL, 'b:other h5:again');
SELECT (threadmem.message_delete('stays', 'h3')).state AS h3, (threadmem.message_erase('stays', 'h4')).state AS h4, (threadmem.message_delete('stays', 'h5')).state AS h5;
SELECT threadmem.checkpoint_delete_thread('stays');
SELECT threads, checkpoints, "values", tombstones FROM pg_temp.rows('stays');
SELECT l FROM pg_temp.log('stays') l WHERE l ~ 'live';
SELECT id, (SELECT string_agg(DISTINCT r.state, ' ') FROM threadmem.message_revisions('stays', id) r WHERE r.state IN ('live', 'deleted', 'erased')) AS state FROM unnest('{h3,h4,h5}'::text[]) id;
SELECT title, message_count, state_updated_at IS NOT NULL AS had_state FROM threadmem.thread_get('stays');
\set VERBOSITY sqlstate
SELECT pg_temp.put('stays', 'c4', 'c3', '');
\set VERBOSITY default
SELECT pg_temp.put('stays', 'c5', NULL, 'n:new h3:by,hand h4:again h5:again'), pg_temp.live('stays');
SELECT m ->> 'id' AS in_the_state FROM threadmem.checkpoint_get('stays') c, jsonb_array_elements(c.checkpoint #> '{channel_values,messages}') m;
-- A thread that a checkpoint made and somebody changed by hand stays as well.
SELECT pg_temp.put('titled', 'c1', NULL, 'a:one'), (SELECT title FROM threadmem.thread_update('titled', title => 'mine'));
SELECT threadmem.checkpoint_delete_thread('titled');
SELECT * FROM pg_temp.rows('titled');
SELECT pg_temp.put('tagged', 'c1', NULL, 'a:one'), (SELECT metadata FROM threadmem.thread_set_metadata('tagged', '{"mine": true}'));
SELECT threadmem.checkpoint_delete_thread('tagged');
SELECT threads FROM pg_temp.rows('tagged');

-- docs/contracts.md#a-checkpointer: delete_for_runs: the checkpoints of these runs, in all namespaces and threads, with their writes; what is left keeps its state, writes and the name of its parent.
SELECT pg_temp.fill('runs 1'), pg_temp.fill('runs 2'), pg_temp.remember('runs 1'), pg_temp.remember('runs 2');
SELECT threadmem.checkpoint_delete_for_runs('{r1,unknown}', 'runs 1');
SELECT pg_temp.ids('runs 1'), s.*, (pg_temp.rows('runs 1')).writes FROM pg_temp.same('runs 1') s;
SELECT s.*, pg_temp.live('runs 1') FROM pg_temp.same('runs 2') s;
-- docs/architecture.md#nothing-cuts-a-chain: when the head goes that is a move to the latest left: log and values follow; the counters stay exact.
SELECT threadmem.checkpoint_delete_for_runs('{r2}');
SELECT t AS thread, pg_temp.ids(t), s.*, pg_temp.live(t), (SELECT v."values" ->> 'n' FROM threadmem_data.thread_values v WHERE tenant_id = 'checkpoint remove' AND thread_id = t) AS n FROM unnest('{runs 1,runs 2}'::text[]) t, pg_temp.same(t) s ORDER BY t;
-- The chain goes on from what is left, and a child of one that went is a child of a missing parent.
SELECT pg_temp.put('runs 2', 'c7', 'c3', 'm1:w1 m2:w2 m3:w3 m7:on'), pg_temp.put('runs 2', 'c8', 'c6', 'm8:dangling');
SELECT pg_temp.ids('runs 2'), pg_temp.live('runs 2');
-- No runs, unknown runs, a run of another tenant, of nothing in this thread.
SELECT threadmem.checkpoint_delete_for_runs('{}') AS none, threadmem.checkpoint_delete_for_runs('{unknown}') AS unknown, threadmem.checkpoint_delete_for_runs('{r1}', 'unknown') AS no_thread, threadmem.checkpoint_delete_for_runs('{r2}', 'runs 2') AS gone;
SET threadmem.tenant = 'checkpoint remove 2';
SELECT threadmem.checkpoint_delete_for_runs('{r1}');
SET threadmem.tenant = 'checkpoint remove';
\set VERBOSITY sqlstate
SELECT threadmem.checkpoint_delete_for_runs('{r1,NULL}');
SELECT threadmem.checkpoint_delete_for_runs('{r1}', '');
\set VERBOSITY default
-- From the middle of a chain: the children have their own state, those after them are as they were.
SELECT pg_temp.put('middle', 'c' || n, 'c' || nullif(n - 1, 0), 'a:one', CASE WHEN n IN (2, 4, 5) THEN 'm' END) FROM generate_series(1, 7) n;
SELECT pg_temp.remember('middle'), threadmem.checkpoint_delete_for_runs('{m}');
SELECT pg_temp.ids('middle'), s.*, pg_temp.live('middle') FROM pg_temp.same('middle') s;
SELECT * FROM threadmem.threadmem_verify();
