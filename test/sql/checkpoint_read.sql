-- Checkpoints are found: the latest by the bytes of its id, lists by page and filter, and what delta channels need.
\set SHOW_CONTEXT never
\pset null (null)
SET threadmem.tenant = 'checkpoint read';
CREATE FUNCTION pg_temp.put(thread text, id text, parent text DEFAULT NULL, "values" jsonb DEFAULT '{}', metadata jsonb DEFAULT '{}', ns text DEFAULT '') RETURNS text LANGUAGE sql AS
$$SELECT checkpoint_id FROM threadmem.checkpoint_put(thread, jsonb_build_object('v', 4, 'id', id, 'channel_values', "values", 'channel_versions', (SELECT coalesce(jsonb_object_agg(k, id), '{}') FROM jsonb_object_keys("values") k)), metadata, NULL, parent, ns)$$;

-- docs/contracts.md#a-checkpointer: the latest is the greatest id by bytes, never the one put last.
SELECT pg_temp.put('bytes', id) FROM unnest('{b,B,a,é,Z,zz,z,~,10,9,1ef4f797-8335-6428-8001-8a1503f9b875,1EF4f797-8335-6428-8002-8a1503f9b875,🙂,中}'::text[]) id;
SELECT checkpoint_id FROM threadmem.checkpoint_get('bytes');
SELECT string_agg(checkpoint_id, ' ' ORDER BY n) AS newest_first FROM threadmem.checkpoint_list('bytes') WITH ORDINALITY l (a, b, checkpoint_id, d, e, f, g, r, h, i, p, n);
-- docs/contracts.md#a-checkpointer: history: before is exclusive, by bytes, and need not exist.
SELECT before, (SELECT string_agg(checkpoint_id, ' ' ORDER BY n) FROM threadmem.checkpoint_list('bytes', before_id => before) WITH ORDINALITY l (a, b, checkpoint_id, d, e, f, g, r, h, i, p, n)) AS ids FROM unnest('{b,c,B,Z,1,é,1ef4f797-8335-6428-8001-8a1503f9b874}'::text[]) before;

-- Four namespaces in three threads; the ids of some are the same.
SELECT pg_temp.put('one', 'c' || n, 'c' || n - 1, jsonb_build_object('n', n), jsonb_build_object('step', n, 'source', CASE WHEN n % 2 = 0 THEN 'loop' ELSE 'input' END, 'deep', jsonb_build_object('n', n, 'of', '[1, 2]'::jsonb), 'run_id', 'r1')) FROM generate_series(1, 5) n;
SELECT pg_temp.put('one', 'c' || n, NULL, jsonb_build_object('n', -n), jsonb_build_object('step', n, 'parents', jsonb_build_object('', 'c1')), 'sub:x') FROM generate_series(2, 4) n;
SELECT pg_temp.put('two', 'c3', NULL, '{"n": "two"}', '{"step": "3"}'), pg_temp.put('two', 'd1', NULL, '{"n": "d"}'), pg_temp.put('Two', 'c3', NULL, '{}', '{"step": null}', 'sub:x');
SELECT threadmem.checkpoint_put_writes('one', 'c4', 'task', '[["n", "of c4"]]'), threadmem.checkpoint_put_writes('one', 'c4', 'task', '[["n", "of c4 in sub"]]', '', 'sub:x');
-- Other tenants have their own.
SET threadmem.tenant = 'checkpoint read 2';
SELECT pg_temp.put('one', 'c9', NULL, '{}', '{"step": 3}');
SELECT threadmem.checkpoint_put_writes('one', 'c4', 'task', '[["n", "of another tenant"]]');
SELECT count(*) FROM threadmem.checkpoint_list();
SET threadmem.tenant = 'checkpoint read';
SELECT pg_temp.put('bytes', 'b', NULL, '{}', '{"seen": true}');

-- docs/contracts.md#a-checkpointer: list: thread, namespace and id are each optional: none, all combinations, newest id first, then by thread and namespace.
CREATE FUNCTION pg_temp.ids(thread_id text DEFAULT NULL, ns text DEFAULT NULL, id text DEFAULT NULL, metadata jsonb DEFAULT NULL, before_id text DEFAULT NULL, max_rows int DEFAULT 20) RETURNS text LANGUAGE sql AS
$$SELECT string_agg(concat_ws('/', l.thread_id, nullif(l.checkpoint_ns, ''), checkpoint_id), ' ' ORDER BY n)
    FROM threadmem.checkpoint_list(thread_id, ns, id, metadata, before_id, max_rows) WITH ORDINALITY l (thread_id, checkpoint_ns, checkpoint_id, d, e, f, g, r, h, i, p, n) WHERE l.thread_id <> 'bytes'$$;
SELECT pg_temp.ids(max_rows => 100);
SELECT pg_temp.ids('one') AS thread, pg_temp.ids('one', '') AS root, pg_temp.ids('one', 'sub:x') AS sub;
SELECT pg_temp.ids(ns => 'sub:x') AS ns, pg_temp.ids(id => 'c3') AS id, pg_temp.ids(ns => '', id => 'c3') AS ns_and_id, pg_temp.ids('one', 'sub:x', 'c3') AS all_three, pg_temp.ids('unknown') AS unknown;
-- docs/contracts.md#a-checkpointer: list: filter is containment on metadata, nested too; types matter.
SELECT pg_temp.ids(metadata => '{"step": 3}') AS step, pg_temp.ids(metadata => '{"step": "3"}') AS text, pg_temp.ids(metadata => '{"step": null}') AS "null", pg_temp.ids(metadata => '{"deep": {"n": 4}}') AS nested,
       pg_temp.ids(metadata => '{"deep": {"of": [2]}}', max_rows => 2) AS list, pg_temp.ids(metadata => '{"source": "loop", "run_id": "r1"}') AS both, pg_temp.ids('one', metadata => '{}') = pg_temp.ids('one') AS empty, pg_temp.ids(metadata => '{"none": 1}') AS none;
-- docs/contracts.md#a-checkpointer: history: the limit counts what the filters leave.
SELECT pg_temp.ids('one', metadata => '{"source": "input"}', before_id => 'c5', max_rows => 2) AS three_and_one, pg_temp.ids('one', '', before_id => 'c3x', max_rows => 1) AS c3;
-- docs/contracts.md#a-checkpointer: limit 0 is nothing; 20 unless said otherwise, 1,000 at most.
SELECT pg_temp.put('many', 'm' || n) IS NULL AS not_put FROM generate_series(101, 125) n WHERE n < 102 OR pg_temp.put('many', 'm' || n) IS NULL;
SELECT (SELECT count(*) FROM threadmem.checkpoint_list('many')) AS "default", (SELECT count(*) FROM threadmem.checkpoint_list('many', max_rows => NULL)) AS "null", (SELECT count(*) FROM threadmem.checkpoint_list('many', max_rows => 0)) AS zero, (SELECT count(*) FROM threadmem.checkpoint_list('many', max_rows => 1000)) AS thousand;
\set VERBOSITY sqlstate
SELECT threadmem.checkpoint_list('many', max_rows => -1);
SELECT threadmem.checkpoint_list('many', max_rows => 1001);
\set VERBOSITY default

-- What a row of the list has is what checkpoint_get gives.
SELECT count(*), bool_and(to_jsonb(l) - 'position' - 'has_more' = to_jsonb(g)) AS same FROM threadmem.checkpoint_list(max_rows => 1000) l, threadmem.checkpoint_get(l.thread_id, l.checkpoint_ns, l.checkpoint_id) g;
SELECT checkpoint_id, parent_checkpoint_id, checkpoint -> 'channel_values' AS "values", metadata -> 'step' AS step, pending_writes FROM threadmem.checkpoint_list('one', '', max_rows => 3);
SELECT pending_writes FROM threadmem.checkpoint_list('one', 'sub:x', 'c4');

-- Keyset pages: over all threads and namespaces, one thread, one namespace, one of both; and each page is the next part of the whole.
CREATE FUNCTION pg_temp.pages(thread text, ns text, size int, OUT pages int, OUT same boolean) LANGUAGE plpgsql AS
$$DECLARE r record; last threadmem.listed_checkpoint; n int; got text[] := '{}';
BEGIN
    pages := 0;
    LOOP
        n := 0;
        FOR r IN SELECT * FROM threadmem.checkpoint_list(thread, ns, max_rows => size, after_id => CASE WHEN pages > 0 THEN last.checkpoint_id END,
                     after_thread_id => CASE WHEN pages > 0 AND thread IS NULL THEN last.thread_id END, after_ns => CASE WHEN pages > 0 AND ns IS NULL THEN last.checkpoint_ns END) LOOP
            got := got || concat_ws('/', r.thread_id, r.checkpoint_ns, r.checkpoint_id); last := r; n := n + 1;
        END LOOP;
        EXIT WHEN n = 0;
        pages := pages + 1;
    END LOOP;
    SELECT array_agg(concat_ws('/', thread_id, checkpoint_ns, checkpoint_id) ORDER BY o) = got INTO same
      FROM threadmem.checkpoint_list(thread, ns, max_rows => 1000) WITH ORDINALITY l (thread_id, checkpoint_ns, checkpoint_id, d, e, f, g, r, h, i, p, o);
END$$;
SELECT thread, ns, size, p.* FROM (VALUES (NULL, NULL), ('one', NULL), (NULL, 'sub:x'), (NULL, ''), ('one', ''), ('many', '')) v (thread, ns), unnest('{1,2,7}'::int[]) size, pg_temp.pages(thread, ns, size) p;
-- A cursor need not exist, and can be combined with the filters.
SELECT (SELECT string_agg(checkpoint_id, ' ') FROM threadmem.checkpoint_list('one', '', after_id => 'c4x')) AS after, (SELECT string_agg(concat_ws('/', thread_id, checkpoint_ns, checkpoint_id), ' ') FROM threadmem.checkpoint_list(metadata => '{"step": 3}', after_id => 'c3', after_thread_id => 'one', after_ns => '')) AS filtered;
SELECT threadmem.checkpoint_list(after_id => 'c3');
\set VERBOSITY sqlstate
SELECT threadmem.checkpoint_list('one', after_id => 'c3');
SELECT threadmem.checkpoint_list(NULL, '', after_id => 'c3', after_ns => '');
\set VERBOSITY default

-- docs/contracts.md#a-checkpointer: getDeltaChannelHistory: writes of the ancestors from the target's parent, oldest first, to the one whose state has the channel: the seed, its own writes included; the target's excluded.
SELECT pg_temp.put('delta', 'd1', NULL, '{"ch": ["seed"], "other": 1}'), pg_temp.put('delta', 'd2', 'd1', '{"other": 2}'), pg_temp.put('delta', 'd3', 'd2'), pg_temp.put('delta', 'd4', 'd3'), pg_temp.put('delta', 'x3', 'd2');
SELECT threadmem.checkpoint_put_writes('delta', id, 'task', jsonb_build_array(jsonb_build_array('ch', 'of ' || id), jsonb_build_array('no', id), jsonb_build_array('other', id))) FROM unnest('{d1,d2,d3,d4,x3,unknown}'::text[]) id;
SELECT id, threadmem.checkpoint_delta_history('delta', '{ch}', '', id) FROM unnest('{d4,d3,d2,d1,x3}'::text[]) id;
-- docs/contracts.md#a-checkpointer: per channel, each to its own seed; no seed, no key; twice asked is once answered; no channels is {}.
SELECT threadmem.checkpoint_delta_history('delta', '{other,ch,none,no,ch}', checkpoint_id => 'd4');
SELECT threadmem.checkpoint_delta_history('delta', '{}') AS empty, threadmem.checkpoint_delta_history('delta', '{ch}', 'sub', 'd4') AS other_namespace, threadmem.checkpoint_delta_history('delta', '{ch}', '', 'unknown') AS unknown, threadmem.checkpoint_delta_history('unknown', '{ch}') AS unknown_thread;
-- docs/contracts.md#a-checkpointer: no checkpoint id is the latest; only the target's branch counts.
SELECT threadmem.checkpoint_delta_history('delta', '{ch}') = threadmem.checkpoint_delta_history('delta', '{ch}', NULL, 'x3') AS latest;
-- The writes of an ancestor are in the order of their task path, task and place.
SELECT pg_temp.put('order', 'd1', NULL, '{"ch": []}'), pg_temp.put('order', 'd2', 'd1');
SELECT threadmem.checkpoint_put_writes('order', 'd1', task, writes, path) FROM (VALUES ('t1', '[["ch", "path b, t1"]]'::jsonb, '~b'), ('t2', '[["ch", "path a, t2, 0"], ["x", 0], ["ch", "path a, t2, 2"]]', '~a'), ('t0', '[["ch", "path b, t0"]]', '~b'), ('t9', '[["ch", "no path"]]', '')) w (task, writes, path);
SELECT jsonb_array_elements(threadmem.checkpoint_delta_history('order', '{ch}') #> '{ch,writes}');
-- docs/contracts.md#a-checkpointer: a null seed is a seed, [] and a list of messages as well.
SELECT pg_temp.put('seeds', 'd1', NULL, '{"null": "older", "list": "older", "object": "older", "messages": []}'), pg_temp.put('seeds', 'd2', 'd1', '{"null": null, "list": [], "object": {}, "messages": [{"type": "human", "id": "m", "content": "hello"}]}'), pg_temp.put('seeds', 'd3', 'd2');
SELECT jsonb_pretty(threadmem.checkpoint_delta_history('seeds', '{"null",list,object,messages}'));
SELECT threadmem.checkpoint_delta_history('seeds', '{messages}', '', 'd2');
-- In a namespace of its own; where a parent is missing the walk ends there, and goes on when it comes; a circle of parents ends.
SELECT pg_temp.put('delta', 'd2', 'd1', '{"ch": "sub"}', ns => 'sub'), pg_temp.put('delta', 'd3', 'd2', ns => 'sub'), threadmem.checkpoint_put_writes('delta', 'd2', 'task', '[["ch", "in sub"]]', checkpoint_ns => 'sub');
SELECT threadmem.checkpoint_delta_history('delta', '{ch}', 'sub');
SELECT pg_temp.put('gap', 'd3', 'd2'), pg_temp.put('gap', 'd4', 'd3');
SELECT threadmem.checkpoint_put_writes('gap', id, 'task', jsonb_build_array(jsonb_build_array('ch', 'of ' || id))) FROM unnest('{d1,d2,d3}'::text[]) id;
SELECT threadmem.checkpoint_delta_history('gap', '{ch}');
SELECT pg_temp.put('gap', 'd2', 'd1', '{"ch": "seed"}');
SELECT threadmem.checkpoint_delta_history('gap', '{ch}');
SELECT pg_temp.put('circle', 'a', 'b'), pg_temp.put('circle', 'b', 'a'), pg_temp.put('circle', 'c', 'c');
SELECT threadmem.checkpoint_put_writes('circle', id, 'task', '[["ch", 1]]') FROM unnest('{a,b,c}'::text[]) id;
SET statement_timeout = '10s';
SELECT threadmem.checkpoint_delta_history('circle', '{ch}', '', id) -> 'ch' -> 'seed' AS seed FROM unnest('{a,b,c}'::text[]) id;
RESET statement_timeout;
-- docs/contracts.md#a-checkpointer: a long walk loses nothing.
SELECT count(pg_temp.put('long', to_char(n, 'FM0000'), to_char(n - 1, 'FM0000'), CASE n WHEN 1 THEN '{"ch": 0}' ELSE '{}' END::jsonb)), sum(threadmem.checkpoint_put_writes('long', to_char(n, 'FM0000'), 'task', jsonb_build_array(jsonb_build_array('ch', n)))) FROM generate_series(1, 1100) n;
SELECT h -> 'seed' AS seed, jsonb_array_length(h -> 'writes') AS writes, (SELECT bool_and((w ->> 2)::int = n) FROM jsonb_array_elements(h -> 'writes') WITH ORDINALITY e (w, n)) AS in_order FROM (SELECT threadmem.checkpoint_delta_history('long', '{ch}') -> 'ch' AS h) d;

-- docs/contracts.md#a-checkpointer: for checkpoints before version 4 the parent's __pregel_tasks writes are a value on read, in their order.
SELECT threadmem.checkpoint_put('legacy', '{"v": 4, "id": "p", "channel_values": {"a": 1}, "channel_versions": {"a": 3}}') IS NULL AS not_put;
SELECT threadmem.checkpoint_put_writes('legacy', 'p', task, writes) FROM (VALUES ('t2', '[["__pregel_tasks", {"node": "b"}]]'::jsonb), ('t1', '[["__pregel_tasks", {"node": "a1"}], ["a", 2], ["__pregel_tasks", {"node": "a2"}]]')) w (task, writes);
SELECT count(threadmem.checkpoint_put('legacy', jsonb_build_object('v', v, 'id', 'v' || v, 'channel_values', '{"a": 2}'::jsonb, 'channel_versions', '{"a": 2, "b": 10}'::jsonb), NULL, NULL, 'p')) FROM unnest('{1,2,3,3.9,4,5}'::numeric[]) v;
SELECT checkpoint_id, checkpoint -> 'channel_values' AS "values", checkpoint -> 'channel_versions' AS versions FROM threadmem.checkpoint_list('legacy') ORDER BY checkpoint_id;
-- Without writes of that channel, without a parent, or where the parent is not stored, there are none to be shown.
SELECT threadmem.checkpoint_put('legacy', '{"v": 1, "id": "q"}', NULL, NULL, 'v1') IS NULL AS not_put, threadmem.checkpoint_put('legacy', '{"v": 1, "id": "r"}') IS NULL AS not_put, threadmem.checkpoint_put('legacy', '{"id": "s"}', NULL, NULL, 'p') IS NULL AS not_put;
SELECT checkpoint_id, checkpoint FROM threadmem.checkpoint_list('legacy', before_id => 't', max_rows => 3);
SELECT * FROM threadmem.threadmem_verify();
