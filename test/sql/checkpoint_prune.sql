-- prune thins out a thread's checkpoints: what is kept is read as it was, delta channels included, and what nobody refers to any more goes.
\set SHOW_CONTEXT never
\pset null (null)
SET threadmem.tenant = 'checkpoint prune';
CREATE FUNCTION pg_temp.msgs(words text) RETURNS jsonb LANGUAGE sql AS
$$SELECT coalesce(jsonb_agg(jsonb_build_object('type', 'human', 'id', split_part(w, ':', 1), 'content', split_part(w, ':', 2)) ORDER BY n), '[]') FROM regexp_split_to_table(nullif(words, ''), ' ') WITH ORDINALITY u (w, n)$$;
CREATE FUNCTION pg_temp.put(thread text, id text, parent text, words text, ns text DEFAULT '') RETURNS text LANGUAGE sql AS
$$SELECT checkpoint_id FROM threadmem.checkpoint_put(thread, jsonb_build_object('v', 4, 'id', id, 'channel_values', jsonb_build_object('messages', pg_temp.msgs(words), 'long', repeat('x', 2000), 'n', id), 'channel_versions', jsonb_build_object('messages', id, 'n', id, 'long', 1)), '{}', NULL, parent, ns)$$;
CREATE FUNCTION pg_temp.log(thread text) RETURNS SETOF text LANGUAGE sql AS
$$SELECT format('%s/%s %s %s%s %s', seq, rev, message_id, state, CASE WHEN by_checkpoint THEN '+' END, threadmem.message_text(body)) FROM threadmem_data.messages WHERE tenant_id = threadmem.current_tenant() AND thread_id = thread ORDER BY rev$$;
CREATE FUNCTION pg_temp.ids(thread text) RETURNS text LANGUAGE sql AS
$$SELECT string_agg(concat(nullif(checkpoint_ns, '') || '/', checkpoint_id, '>', parent_checkpoint_id, CASE WHEN parent_seq IS NULL THEN '!' END), ' ' ORDER BY checkpoint_ns, checkpoint_id) FROM threadmem_data.checkpoints WHERE tenant_id = threadmem.current_tenant() AND thread_id = thread$$;
CREATE TABLE pg_temp.seen AS SELECT NULL::text AS thread, c.* FROM threadmem.checkpoint_list('none') c;
CREATE FUNCTION pg_temp.remember(thread text) RETURNS bigint LANGUAGE sql AS $$DELETE FROM seen s WHERE s.thread = $1; INSERT INTO seen SELECT $1, c.* FROM threadmem.checkpoint_list($1, max_rows => 1000) c; SELECT count(*) FROM seen s WHERE s.thread = $1$$;
-- Of what is left how many are read as they were.
CREATE FUNCTION pg_temp.same(of_thread text, OUT "left" bigint, OUT same bigint) LANGUAGE sql AS
$$SELECT count(*), count(*) FILTER (WHERE (c.checkpoint::text, c.metadata, c.pending_writes, c.parent_checkpoint_id) IS NOT DISTINCT FROM (s.checkpoint::text, s.metadata, s.pending_writes, s.parent_checkpoint_id))
    FROM threadmem.checkpoint_list(of_thread, max_rows => 1000) c LEFT JOIN seen s ON s.thread = of_thread AND (s.checkpoint_ns, s.checkpoint_id) = (c.checkpoint_ns, c.checkpoint_id)$$;

-- docs/contracts.md#a-checkpointer: prune keep_latest: the newest of every namespace, with its values and writes.
SELECT count(pg_temp.put('t', 'c' || n, 'c' || nullif(n - 1, 0), (SELECT string_agg('m' || m || ':w' || m, ' ') FROM generate_series(1, n) m))) AS root, count(pg_temp.put('t', 's' || n, 's' || nullif(n - 1, 0), '', 'sub:' || n % 2)) AS sub FROM generate_series(1, 6) n;
SELECT count(threadmem.checkpoint_put_writes('t', c, 'task', jsonb_build_array(jsonb_build_array('n', c)), checkpoint_ns => CASE WHEN c ~ 's' THEN 'sub:0' ELSE '' END)) FROM unnest('{c1,c5,c6,s4,s6,early}'::text[]) c;
SELECT pg_temp.remember('t'), threadmem.checkpoint_copy_thread('t', 't2'), threadmem.checkpoint_copy_thread('t', 't3'), pg_temp.remember('t2'), pg_temp.remember('t3');
SELECT threadmem.checkpoint_prune('{t}');
SELECT pg_temp.ids('t'), s.*, (SELECT string_agg(checkpoint_id, ' ' ORDER BY checkpoint_id) FROM threadmem_data.checkpoint_writes WHERE tenant_id = 'checkpoint prune' AND thread_id = 't') AS writes, message_count FROM pg_temp.same('t') s, threadmem.thread_get('t');
-- Again there is nothing to do; the chain goes on.
SELECT threadmem.checkpoint_prune('{t}', 'keep_latest');
SELECT pg_temp.put('t', 'c7', 'c6', 'm1:w1 m2:w2 m7:w7'), pg_temp.put('t', 'c8', 'c5', 'm1:w1 m8:w8'), pg_temp.ids('t');
-- keep: how many; more than there are keeps all.
SELECT threadmem.checkpoint_prune('{t2}', 'keep_latest', 3);
SELECT pg_temp.ids('t2'), s.* FROM pg_temp.same('t2') s;
SELECT threadmem.checkpoint_prune('{t3}', keep => 100);
-- docs/contracts.md#a-checkpointer: prune: an empty list, unknown ids and one twice; of several threads each.
SELECT threadmem.checkpoint_prune('{}') AS empty, threadmem.checkpoint_prune('{unknown}') AS unknown, threadmem.checkpoint_prune('{unknown}', 'delete') AS deleted, threadmem.checkpoint_prune('{t3,unknown,t2,t3}') AS several;
SELECT pg_temp.ids('t2') AS t2, pg_temp.ids('t3') AS t3, (SELECT count(*) FROM threadmem_data.threads WHERE tenant_id = 'checkpoint prune') AS threads;
\set VERBOSITY sqlstate
SELECT threadmem.checkpoint_prune('{t}', 'keep_some');
SELECT threadmem.checkpoint_prune('{t}', '');
SELECT threadmem.checkpoint_prune('{t}', keep => 0);
SELECT threadmem.checkpoint_prune('{t}', keep => -1);
SELECT threadmem.checkpoint_prune('{t,NULL}');
\set VERBOSITY default
-- docs/contracts.md#a-checkpointer: prune delete: all, as checkpoint_delete_thread for each.
SELECT threadmem.checkpoint_prune('{t2,t3}', 'delete');
SELECT (SELECT string_agg(thread_id, ' ' ORDER BY thread_id) FROM threadmem_data.threads WHERE tenant_id = 'checkpoint prune') AS threads, (SELECT string_agg(thread_id, ' ' ORDER BY thread_id) FROM threadmem_data.thread_tombstones WHERE tenant_id = 'checkpoint prune') AS tombstones;

-- docs/architecture.md#nothing-cuts-a-chain: prune drops revisions neither live nor held by a state kept: other wordings, other branches. The newest is the greatest id, whatever its branch.
SELECT thread_id FROM threadmem.thread_create('branches');
SELECT seq FROM unnest('{p1,p2,p3}'::text[]) id, threadmem.message_add('branches', 'user', 'by hand', message_id => id);
SELECT pg_temp.put('branches', 'c1', NULL, 'a:one b:two'), pg_temp.put('branches', 'c2', 'c1', 'a:one,reworded b:two c:three'), pg_temp.put('branches', 'c3', 'c1', 'a:one b:two,forked d:four'), pg_temp.put('branches', 'c4', 'c3', 'd:four');
SELECT (threadmem.message_update('branches', 'p1', 'edited')).rev, (threadmem.message_delete('branches', 'p2')).state AS p2, (threadmem.message_erase('branches', 'p3')).state AS p3, (threadmem.message_update('branches', 'd', 'by a person')).rev AS d;
SELECT pg_temp.log('branches');
SELECT pg_temp.remember('branches'), threadmem.checkpoint_prune('{branches}');
SELECT pg_temp.log('branches');
SELECT s.*, (SELECT string_agg(message_id, ' ' ORDER BY seq) FROM threadmem.message_list('branches')) AS live FROM pg_temp.same('branches') s;
-- What is put again is stored again, in a place of its own; what stayed is found.
SELECT pg_temp.put('branches', 'c5', 'c4', 'a:one b:two c:three d:four');
SELECT pg_temp.log('branches');

-- docs/contracts.md#a-checkpointer: prune: it must not sever delta chains: ancestors stay to the nearest whose state has the channel, with their writes, and no more.
CREATE FUNCTION pg_temp.delta(thread text, id text, parent text, "values" jsonb, counters jsonb, ns text DEFAULT '') RETURNS text LANGUAGE sql AS
$$SELECT k.checkpoint_id FROM threadmem.checkpoint_put(thread, jsonb_build_object('v', 4, 'id', id, 'channel_values', "values", 'channel_versions', (SELECT coalesce(jsonb_object_agg(k, id), '{}') FROM jsonb_object_keys("values") k)), jsonb_build_object('counters_since_delta_snapshot', counters), NULL, parent, ns) k,
    LATERAL (SELECT threadmem.checkpoint_put_writes(thread, k.checkpoint_id, 'task', jsonb_build_array(jsonb_build_array('ch', id), jsonb_build_array('other', id)), checkpoint_ns => ns)) w$$;
SELECT pg_temp.delta('delta', 'd1', NULL, '{"ch": [], "other": []}', '{}'), pg_temp.delta('delta', 'd2', 'd1', '{"ch": ["seed"]}', '{"other": [1, 1]}'), pg_temp.delta('delta', 'd3', 'd2', '{}', '{"ch": [1, 1], "other": [2, 2]}'), pg_temp.delta('delta', 'd4', 'd3', '{"other": "seed"}', '{"ch": [2, 2]}'), pg_temp.delta('delta', 'x4', 'd3', '{}', '{"ch": [2, 2], "other": [3, 3]}'), pg_temp.delta('delta', 'x5', 'd4', '{}', '{"ch": [3, 3], "other": [1, 1]}');
SELECT threadmem.checkpoint_copy_thread('delta', 'delta 2'), threadmem.checkpoint_copy_thread('delta', 'delta 3'), threadmem.checkpoint_delta_history('delta', '{ch,other}') AS before \gset
SELECT pg_temp.remember('delta'), pg_temp.remember('delta 2'), pg_temp.remember('delta 3');
SELECT threadmem.checkpoint_prune('{delta}');
SELECT pg_temp.ids('delta'), s.*, threadmem.checkpoint_delta_history('delta', '{ch,other}') = :'before' AS same_history FROM pg_temp.same('delta') s;
-- ... for each that is kept: here another branch, whose second channel has no seed before the first.
SELECT threadmem.checkpoint_prune('{delta 2}', keep => 2);
SELECT pg_temp.ids('delta 2'), s.*, threadmem.checkpoint_delta_history('delta 2', '{ch,other}', '', 'x4') FROM pg_temp.same('delta 2') s;
-- ... after the run of what is between was deleted just so; and a state without counters needs no ancestors, nor one that has all its channels.
UPDATE threadmem_data.checkpoints SET run_id = 'r' WHERE tenant_id = 'checkpoint prune' AND thread_id = 'delta 3' AND checkpoint_id IN ('d1', 'd2', 'd3', 'x4');
SELECT threadmem.checkpoint_delete_for_runs('{r}');
SELECT pg_temp.ids('delta 3'), s.*, threadmem.checkpoint_delta_history('delta 3', '{ch,other}') = :'before' AS same_history FROM pg_temp.same('delta 3') s;
SELECT pg_temp.delta('delta', 'y1', 'x5', '{"ch": ["all"], "other": ["all"]}', '{"ch": [0, 0], "other": [0, 0]}');
SELECT threadmem.checkpoint_prune('{delta}');
SELECT pg_temp.ids('delta');
-- ... in a subgraph likewise; where there is no seed at all every ancestor is needed, and a circle of parents ends.
SELECT pg_temp.delta('seedless', 'd' || n, 'd' || nullif(n - 1, 0), '{}', '{"ch": [1, 1]}', 'sub') FROM generate_series(1, 4) n;
SELECT pg_temp.delta('seedless', 'a', 'b', '{}', '{"ch": [1, 1]}'), pg_temp.delta('seedless', 'b', 'a', '{}', '{"ch": [1, 1]}');
SET statement_timeout = '10s';
SELECT threadmem.checkpoint_prune('{seedless}');
RESET statement_timeout;
SELECT pg_temp.ids('seedless');
SELECT * FROM threadmem.threadmem_verify();
