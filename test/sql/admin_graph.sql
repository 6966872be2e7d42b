-- thread_graph draws every history there can be: each checkpoint once, newest id first, a line from each to its parent, and in words what no line can tell.
SET threadmem.tenant = 'history test';
\pset tuples_only on
\pset format unaligned
CREATE FUNCTION pg_temp.put(thread text, id text, parent text DEFAULT NULL, metadata jsonb DEFAULT '{}', "values" jsonb DEFAULT '{}', ns text DEFAULT '', seen jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS
$$SELECT checkpoint_id FROM threadmem.checkpoint_put(thread, jsonb_build_object('v', 4, 'id', id, 'channel_values', "values", 'versions_seen', seen,
    'channel_versions', (SELECT coalesce(jsonb_object_agg(c, 2), '{}') FROM jsonb_object_keys("values") c)), metadata, NULL, parent, ns)$$;
-- A thread of ids with their parents: 'c2<c1' is c2 with the parent c1.
CREATE FUNCTION pg_temp.chain(thread text, VARIADIC links text[]) RETURNS bigint LANGUAGE sql AS
$$SELECT count(pg_temp.put(thread, split_part(l, '<', 1), nullif(split_part(l, '<', 2), ''))) FROM unnest(links) l$$;

-- One line of checkpoints; a branch; two and three children of one parent; branches of branches.
SELECT pg_temp.chain('linear', 'c1', 'c2<c1', 'c3<c2');
SELECT * FROM threadmem.thread_graph('linear');
SELECT pg_temp.chain('branch', 'c1', 'c2<c1', 'c3<c2', 'c4<c1', 'c5<c4');
SELECT * FROM threadmem.thread_graph('branch');
SELECT pg_temp.chain('two', 'c1', 'c2<c1', 'c3<c1');
SELECT * FROM threadmem.thread_graph('two');
SELECT pg_temp.chain('three', 'c1', 'c2<c1', 'c3<c1', 'c4<c1', 'c5<c2', 'c6<c3', 'c7<c4');
SELECT * FROM threadmem.thread_graph('three');
SELECT pg_temp.chain('nested', 'c1', 'c2<c1', 'c3<c2', 'c4<c3', 'c5<c2', 'c6<c1', 'c7<c6', 'c8<c5', 'c9<c4');
SELECT * FROM threadmem.thread_graph('nested');

-- Lanes that go over to the left: to the next, past one, past several; those at their right move up. An inner lane that ends.
SELECT pg_temp.chain('left', 'a', 'b<a', 'c<b', 'd', 'e<c', 'f<a', 'g<e', 'u<a', 'v<b', 'w<u', 'x<d', 'y<c', 'z<a');
SELECT * FROM threadmem.thread_graph('left');
-- A lane that leads to the right goes over as well: the left one stays.
SELECT pg_temp.chain('stays', 'a', 'b<a', 'c', 'd<b', 'e<a', 'f<c', 'g<d');
SELECT * FROM threadmem.thread_graph('stays');
SELECT pg_temp.chain('moved up', 'a', 'b', 'c<a', 'd<b', 'e', 'f<c', 'g<e', 'h<a', 'i<f');
SELECT * FROM threadmem.thread_graph('moved up');
-- A checkpoint is not taken for the parent of the one above; git draws these four in one column.
SELECT pg_temp.chain('roots', 'c1', 'c2', 'c3<c2', 'c4');
SELECT * FROM threadmem.thread_graph('roots');

-- A forest of 24, chosen by chance: what git log --graph --date-order (2.39) draws for it, line by line.
SELECT count(pg_temp.put('chance', 'c' || lpad(i::text, 2, '0'), CASE WHEN i % 9 > 0 THEN 'c' || lpad((i - 1 - floor(power((hashint4(i) & 1023) / 1024.0, 3) * least(i, 8)))::int::text, 2, '0') END)) FROM generate_series(0, 23) i;
SELECT * FROM threadmem.thread_graph('chance');
-- Whatever max_rows, it is the beginning of the whole, and says that there is more. No line ends in a space.
SELECT n, bool_and(part.line = whole.line OR part.line ~ '^(\| )*\.\.\.$') AS is_beginning, count(*) FILTER (WHERE part.line ~ '\*') = n AS has_n, count(*) FILTER (WHERE part.line ~ '\.\.\.$') AS goes_on, bool_or(part.line ~ ' $') AS trails
  FROM generate_series(1, 25, 4) n, LATERAL (SELECT * FROM threadmem.thread_graph('chance', max_rows => n) WITH ORDINALITY AS p (line, place)) part
  LEFT JOIN (SELECT * FROM threadmem.thread_graph('chance') WITH ORDINALITY AS w (line, place)) whole USING (place) GROUP BY n ORDER BY n;
SELECT * FROM threadmem.thread_graph('nested', max_rows => 3);
SELECT * FROM threadmem.thread_graph('nested', max_rows => 9) EXCEPT SELECT * FROM threadmem.thread_graph('nested');
SELECT count(*) FROM threadmem.thread_graph('nested', max_rows => 0);
SELECT count(*) FROM threadmem.thread_graph('nested', NULL, NULL);

-- Parents that are not stored: siblings meet there. Beyond the last row nobody knows yet.
SELECT pg_temp.chain('dangling', 'c2<c1', 'c3<c2', 'c4<c1', 'c6<c5', 'c8<c7', 'c9<c7');
SELECT * FROM threadmem.thread_graph('dangling');
SELECT * FROM threadmem.thread_graph('dangling', max_rows => 3);
SELECT * FROM threadmem.thread_graph('dangling', max_rows => 2);
SELECT pg_temp.chain('pruned', 'c1', 'c2<c1', 'c3<c2', 'c4<c3');
SELECT threadmem.checkpoint_prune('{pruned}', keep => 2);
SELECT * FROM threadmem.thread_graph('pruned');
-- Its own parent; a circle; parents with greater ids, stored, not stored, and shown for another child.
SELECT pg_temp.chain('self', 'c1<c1', 'c2<c1');
SELECT * FROM threadmem.thread_graph('self');
SELECT pg_temp.chain('circle', 'c1<c3', 'c2<c1', 'c3<c2');
SELECT * FROM threadmem.thread_graph('circle');
SELECT pg_temp.chain('above', 'c1<c3', 'c2', 'c3<c2', 'c4<c3', 'c5<x', 'c0<b', 'c6<b', 'a<b');
SELECT * FROM threadmem.thread_graph('above');
-- The latest is the greatest id by bytes, not the one put last.
SELECT pg_temp.chain('latest', 'c9', 'Z1<c9', 'é1<c9', 'c10<c9');
SELECT * FROM threadmem.thread_graph('latest');

-- By the thread's own functions: a superstep, a branch at it, and __copy__, whose siblings share a parent. Ids are generated here, so they are numbered.
SELECT count(threadmem.graph_define('agent', '{"channels": {"messages": {"reducer": "add_messages"}, "n": {"reducer": "last_value"}}, "nodes": ["plan", "act"], "edges": [["__start__", "plan"], ["plan", "act"], ["act", "__end__"]]}'));
SELECT count(threadmem.thread_create('door', graph_id => 'agent'));
CREATE FUNCTION pg_temp.numbered(thread text) RETURNS SETOF text LANGUAGE sql AS
$$WITH RECURSIVE ids AS (SELECT checkpoint_id AS id, row_number() OVER (ORDER BY checkpoint_id) AS n FROM threadmem.checkpoint_list(thread, '')),
  line AS (SELECT place, graph COLLATE "C" AS line, 0::bigint AS n FROM threadmem.thread_graph(thread) WITH ORDINALITY AS g (graph, place)
    UNION ALL SELECT place, replace(line, id, '#' || ids.n), ids.n FROM line JOIN ids ON ids.n = line.n + 1)
  SELECT line FROM line WHERE n = (SELECT max(n) FROM ids) ORDER BY place$$;
SELECT count(threadmem.thread_update_state('door', '{"messages": [{"role": "user", "content": "hello", "id": "m1"}]}', '__start__'));
SELECT count(threadmem.thread_update_state('door', '{"n": 1}', 'plan'));
SELECT count(threadmem.thread_update_state('door', '{"messages": [{"role": "assistant", "content": "done", "id": "m2"}]}', 'act'));
SELECT count(threadmem.thread_update_state('door', '{"n": 2}', 'plan', checkpoint_id => (SELECT checkpoint_id FROM threadmem.checkpoint_list('door', metadata => '{"step": 0}'))));
SELECT count(threadmem.thread_update_state('door', NULL, '__copy__'));
SELECT * FROM pg_temp.numbered('door');
-- What the log has meanwhile: new, changed and deleted messages count once each, until they are folded in. An erased one is no longer part of any state.
SELECT count(threadmem.message_add('door', 'user', 'and now?', message_id => 'm3'));
SELECT count(threadmem.message_add('door', 'user', 'hurry', message_id => 'm4'));
SELECT count(threadmem.message_update('door', 'm1', 'hello, you'));
SELECT line FROM pg_temp.numbered('door') line LIMIT 1;
SELECT state FROM threadmem.message_delete('door', 'm1');
SELECT line FROM pg_temp.numbered('door') line LIMIT 1;
SELECT count(threadmem.thread_fold('door'));
SELECT line FROM pg_temp.numbered('door') line LIMIT 2;
SELECT state FROM threadmem.message_erase('door', 'm3');
SELECT * FROM pg_temp.numbered('door');
-- A state that takes no messages waits for none; one that has none yet and may have some does.
SELECT count(threadmem.graph_define('dumb', '{"channels": {"n": {"reducer": "last_value"}}}'));
SELECT count(threadmem.thread_create('dumb', graph_id => 'dumb', messages => '[{"role": "user", "content": "anyone?"}]'));
SELECT count(threadmem.thread_create('free', messages => '[{"role": "user", "content": "anyone?"}]'));
SELECT pg_temp.put(t, 'c1', NULL, '{"step": -1, "source": "input"}', '{"n": 1}') FROM unnest('{dumb,free}'::text[]) t;
SELECT t, graph FROM unnest('{dumb,free}'::text[]) t, threadmem.thread_graph(t) graph;
-- A plain value that is called messages; an empty list is one, none is not.
SELECT pg_temp.put('plain', 'c1', NULL, '{}', '{"messages": "none of yours"}');
SELECT pg_temp.put('plain', 'c2', 'c1', '{}', '{"messages": []}');
SELECT pg_temp.put('plain', 'c3', 'c2', '{}', '{"messages": [{"type": "human", "id": "m", "content": "x"}]}');
SELECT pg_temp.put('plain', 'c4', 'c3', '{}', '{"messages": {"0": [1], "1": 2}}');
SELECT pg_temp.put('plain', 'c5', 'c4', '{}', '{"messages": {"0": [1, 2]}}');
SELECT * FROM threadmem.thread_graph('plain');

-- Pending writes: how many tasks wrote, as long as no checkpoint follows; interrupts and errors stay. The latter two are no writes of a task that is done.
SELECT pg_temp.put('writes', id, parent, '{"step": 1}', '{"branch:to:ask": null}') FROM (VALUES ('c1', NULL), ('c2', 'c1'), ('c3', 'c1'), ('c4', 'c3'), ('c5', 'c4'), ('c6', 'c4')) AS v (id, parent);
SELECT threadmem.checkpoint_put_writes('writes', id, task, writes) FROM (VALUES ('c1', 't1', '[["n", 1]]'::jsonb), ('c2', 't1', '[["n", 1], ["m", 1]]'), ('c2', 't2', '[["n", 1]]'), ('c3', 't1', '[["__interrupt__", [{"value": "really?", "id": "i"}]]]'),
    ('c5', 't1', '[["__error__", "out of luck"]]'), ('c5', 't2', '[["n", 1]]'), ('c6', '00000000-0000-0000-0000-000000000000', '[["__resume__", true]]')) AS w (id, task, writes);
SELECT * FROM threadmem.thread_graph('writes');
SELECT threadmem.checkpoint_put_writes('writes', 'c6', 't3', '[["__interrupt__", [{"value": "so?", "id": "j"}]]]');
SELECT * FROM threadmem.thread_graph('writes', max_rows => 1);

-- Nodes to run next: as thread_state says; many of one name are counted, long names and lists cut, whatever is no letter spelled out.
SELECT pg_temp.put('next', 'c1', NULL, '{"step": 0, "source": "input"}', '{"__start__": {}}');
SELECT pg_temp.put('next', 'c2', 'c1', '{"step": 1, "source": "loop"}', '{"branch:to:b": null, "branch:to:a": null, "branch:to:c": null}', seen => '{"c": {"branch:to:c": 2}}');
SELECT pg_temp.put('next', 'c3', 'c2', '{"step": 2, "source": "loop"}', jsonb_build_object('branch:to:zebra', null, 'join:zebra+yak:' || repeat('ÿ', 30), jsonb_build_array('yak', 'zebra')));
SELECT pg_temp.put('next', 'c4', 'c3', '{"step": 3, "source": "loop"}', '{"__pregel_tasks": [{"node": "map", "args": 1}, {"node": "map", "args": 2}, {"node": "map", "args": 3}, {"node": "reduce", "args": 4}]}');
SELECT pg_temp.put('next', 'c5', 'c4', '{"step": 4, "source": "loop"}', (SELECT jsonb_object_agg('branch:to:worker number ' || i, null) FROM generate_series(1, 9) i));
SELECT pg_temp.put('next', 'c6', 'c5', '{"step": "a step", "source": {"of": "an odd\nkind, and too long"}}', jsonb_build_object('branch:to:x' || repeat(' long name', 4), null, E'branch:to:two\nlines\t\x7f', null, 'join:a+b:waits', jsonb_build_array('a')));
SELECT * FROM threadmem.thread_graph('next');
SELECT next FROM threadmem.thread_history('next');

-- Subgraphs: where one hangs is said below the task's checkpoint, and it has a drawing of its own. Its messages are counted though they are no part of the log.
SELECT pg_temp.put('outer', id::text, parent::text, jsonb_build_object('step', step, 'source', 'loop'), '{"branch:to:inner": null, "branch:to:other": null}') FROM (VALUES
    ('1f000000-0000-6000-8000-000000000001'::uuid, NULL::uuid, 0), ('1f000000-0000-6000-8000-000000000002', '1f000000-0000-6000-8000-000000000001', 1), ('1f000000-0000-6000-8000-000000000003', '1f000000-0000-6000-8000-000000000001', 1)) AS v (id, parent, step);
CREATE TEMP VIEW inner_ns AS SELECT checkpoint ->> 'checkpoint_id' AS of, (task ->> 'name') || ':' || (task ->> 'id') AS ns FROM threadmem.thread_history('outer'), jsonb_array_elements(tasks) task WHERE task ->> 'name' = 'inner';
SELECT pg_temp.put('outer', 's' || n, nullif('s' || n - 1, 's0'), jsonb_build_object('step', n), jsonb_build_object('big', repeat('of no interest ', 100), 'messages', (SELECT jsonb_agg(jsonb_build_object('type', 'human', 'id', 'm' || k, 'content', 'I am number ' || k * (1 + n / 3))) FROM generate_series(n / 4, n) k)), ns)
  FROM inner_ns, generate_series(1, 5) n WHERE of ~ '[13]$' ORDER BY of, n;
SELECT * FROM threadmem.thread_graph('outer');
SELECT line FROM inner_ns, threadmem.thread_graph('outer', ns) line WHERE of ~ '1$';
-- They are what the states hold.
SELECT checkpoint ->> 'checkpoint_id', jsonb_array_length("values" -> 'messages') FROM inner_ns, threadmem.thread_history('outer', checkpoint_ns => ns) WHERE of ~ '1$';

-- A long history with branches, its states stored as changes, in the thread's own namespace and in another: messages and nodes are those of thread_history, at every checkpoint.
SELECT count(pg_temp.put('long', 'c' || i, CASE WHEN i > 1000 THEN 'c' || CASE WHEN i % 7 = 0 THEN i - 1 - (hashint4(i) & 7) % (i - 1000) ELSE i - 1 END END, jsonb_build_object('step', i - 1000),
    jsonb_build_object('big', repeat('of no interest ', 99), 'branch:to:n' || i % 3, null, 'list', '[1, 2, 3]'::jsonb || to_jsonb(i), 'messages',
        (SELECT coalesce(jsonb_agg(jsonb_build_object('type', 'human', 'id', 'm' || k, 'content', 'I am ' || (k + i / 20) % 5)), '[]') FROM generate_series(1000 + i % 11, i) k)), ns)) FROM generate_series(1000, 1150) i, unnest('{"",a:b}'::text[]) ns;
SELECT ns, count(*), count(DISTINCT substring(graph from 'c\d+')), count(*) FILTER (WHERE graph ~ ('(, |\) )' || jsonb_array_length("values" -> 'messages') || ' messages?, next: ' || next[1] || '$')) AS as_history_says, max(jsonb_array_length("values" -> 'messages'))
  FROM unnest('{"",a:b}'::text[]) ns, LATERAL (SELECT checkpoint ->> 'checkpoint_id' AS id, "values", next FROM threadmem.thread_history('long', max_rows => 1000, checkpoint_ns => ns)) h JOIN LATERAL threadmem.thread_graph('long', ns, 1000) graph ON graph ~ id GROUP BY ns ORDER BY ns;
SELECT count(snapshot) > 5 AS has_snapshots, count(patch) > 100 AS has_patches FROM threadmem_data.checkpoints WHERE tenant_id = 'history test' AND thread_id = 'long';
-- So are those that come with the first values, and go with the last ones.
SELECT pg_temp.put('bare', 'c' || i, 'c' || i - 1, '{}', CASE WHEN i = 2 THEN '{"branch:to:n": null, "big": "of no interest", "messages": [{"id": "m"}, {"id": "n"}]}'::jsonb ELSE '{}' END, 'a:b', jsonb_build_object('n', jsonb_build_object(repeat('seen ', 99), 1))) FROM generate_series(1, 3) i;
SELECT checkpoint_id, patch FROM threadmem_data.checkpoints WHERE tenant_id = 'history test' AND thread_id = 'bare' ORDER BY seq;
SELECT * FROM threadmem.thread_graph('bare', 'a:b');
-- A state that cannot be restored is no reason not to draw the rest.
BEGIN;
DELETE FROM threadmem_data.checkpoints WHERE tenant_id = 'history test' AND thread_id = 'next' AND checkpoint_id = 'c2';
UPDATE threadmem_data.checkpoints SET patch = '[]', snapshot = NULL, base_seq = 2 WHERE tenant_id = 'history test' AND thread_id = 'next' AND checkpoint_id = 'c3';
SELECT line FROM threadmem.thread_graph('next') line WHERE line ~ 'c[123]';
ROLLBACK;

-- Nothing to draw.
SELECT count(threadmem.thread_create('empty'));
SELECT count(*) FROM threadmem.thread_graph('empty');
SELECT count(threadmem.message_add('empty', 'user', 'hello'));
SELECT * FROM threadmem.thread_graph('empty');
SELECT count(*) FROM threadmem.thread_graph('empty', max_rows => 0);
SELECT count(*) FROM threadmem.thread_graph('empty', 'no:namespace');
-- Another tenant's thread is not there. Bad input.
SELECT * FROM threadmem.thread_graph('unknown');
\echo :LAST_ERROR_SQLSTATE
SET threadmem.tenant = 'somebody else';
SELECT * FROM threadmem.thread_graph('linear');
\echo :LAST_ERROR_SQLSTATE
RESET threadmem.tenant;
SELECT * FROM threadmem.thread_graph(NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM threadmem.thread_graph('linear', max_rows => 1001);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM threadmem.thread_graph('linear', max_rows => -1);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM threadmem.thread_graph('linear', repeat('x', 1001));
\echo :LAST_ERROR_SQLSTATE

-- A deletion alone is something to wait for.
SELECT thread_id FROM threadmem.thread_create('gone');
SELECT count(*) FROM threadmem.message_add_batch('gone', '[{"role": "user", "content": "a", "id": "a"}, {"role": "user", "content": "b", "id": "b"}, {"role": "user", "content": "c", "id": "c"}]');
SELECT threadmem.thread_fold('gone') IS NOT NULL;
SELECT state FROM threadmem.message_delete('gone', 'b');
SELECT line FROM pg_temp.numbered('gone') line LIMIT 1;
