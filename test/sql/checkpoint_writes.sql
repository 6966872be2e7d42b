-- What tasks wrote is kept beside the checkpoint they started from, in the order in which it applies.
\set SHOW_CONTEXT never
\pset null (null)
SET threadmem.tenant = 'checkpoint writes';
CREATE FUNCTION pg_temp.write(thread text, id text, task text, writes jsonb, path text DEFAULT '', ns text DEFAULT '') RETURNS int LANGUAGE sql AS
$$SELECT threadmem.checkpoint_put_writes(thread, id, task, writes, path, ns)$$;
CREATE FUNCTION pg_temp.put(thread text, id text, parent text DEFAULT NULL, ns text DEFAULT '') RETURNS text LANGUAGE sql AS
$$SELECT checkpoint_id FROM threadmem.checkpoint_put(thread, jsonb_build_object('v', 4, 'id', id), NULL, NULL, parent, ns)$$;
CREATE FUNCTION pg_temp.pending(thread text, id text DEFAULT NULL, ns text DEFAULT '') RETURNS SETOF text LANGUAGE sql AS
$$SELECT w::text FROM threadmem.checkpoint_get(thread, ns, id) c, jsonb_array_elements(c.pending_writes) w$$;
-- Rows as they are stored.
CREATE FUNCTION pg_temp.rows(thread text) RETURNS SETOF text LANGUAGE sql AS
$$SELECT format('%s %s %s %s %s %s', checkpoint_id, task_id, idx, quote_literal(task_path), channel, value) FROM threadmem_data.checkpoint_writes
   WHERE tenant_id = threadmem.current_tenant() AND thread_id = thread ORDER BY checkpoint_ns, checkpoint_id, task_id, idx$$;

-- docs/contracts.md#a-checkpointer: idx is the position in the batch, but for __error__ -1, __scheduled__ -2, __interrupt__ -3, __resume__ -4.
SELECT pg_temp.put('idx', 'c');
SELECT pg_temp.write('idx', 'c', 'ordinary', '[["a", 1], ["b", 2], ["a", 3]]');
SELECT pg_temp.write('idx', 'c', 'special', '[["__resume__", "r"], ["__interrupt__", "i"], ["__scheduled__", "s"], ["__error__", "e"]]');
SELECT pg_temp.write('idx', 'c', 'mixed', '[["a", 1], ["__error__", "e"], ["__no_writes__", null], ["__interrupt__", "i"], ["__pregel_tasks", {"node": "n"}]]');
SELECT pg_temp.rows('idx');

-- docs/contracts.md#a-checkpointer: any other batch than one of special channels keeps what is there under the same task and place. The count is of rows stored or replaced.
SELECT pg_temp.put('keep', 'c');
SELECT pg_temp.write('keep', 'c', 't', '[["a", "first"], ["b", "first"]]', 'path 1');
SELECT pg_temp.write('keep', 'c', 't', '[["a", "second"], ["b", "second"], ["c", "second"]]', 'path 2');
SELECT pg_temp.write('keep', 'c', 't', '[["x", "third"]]'), pg_temp.write('keep', 'c', 't', '[]');
SELECT pg_temp.rows('keep');
-- ... one that is all special replaces: value, channel and path.
SELECT pg_temp.put('replace', 'c');
SELECT pg_temp.write('replace', 'c', 't', '[["__error__", "first"], ["__interrupt__", ["first"]]]', 'path 1');
SELECT pg_temp.write('replace', 'c', 't', '[["__interrupt__", ["second"]], ["__resume__", "second"]]', 'path 2');
SELECT pg_temp.rows('replace');
-- ... one that is mixed keeps, the special ones as well.
SELECT pg_temp.write('replace', 'c', 't', '[["__error__", "third"], ["a", "third"], ["__scheduled__", "third"]]');
SELECT pg_temp.write('replace', 'c', 't', '[["a", "fourth"], ["__error__", "fourth"]]');
SELECT pg_temp.rows('replace');
-- ... each channel has one place: of two in one batch the last is left where they replace, the first where they keep.
SELECT pg_temp.write('replace', 'c', 'u', '[["__interrupt__", "one"], ["__interrupt__", "two"]]'), pg_temp.write('replace', 'c', 'v', '[["__error__", "one"], ["__error__", "two"], ["a", 0]]');
SELECT r FROM pg_temp.rows('replace') r WHERE r ~ '^c [uv]';
-- A task's name is not a special channel's; another task, checkpoint, namespace or thread is another place.
SELECT pg_temp.write('replace', 'c', '__error__', '[["a", 0]]'), pg_temp.write('replace', 'c2', 't', '[["a", 0]]'), pg_temp.write('replace', 'c', 't', '[["a", 0]]', '', 'sub'), pg_temp.write('replace2', 'c', 't', '[["a", 0]]');

-- docs/contracts.md#a-checkpointer: they apply in the order of task path, task and place, by code points, whenever they came.
SELECT pg_temp.put('order', 'c');
SELECT pg_temp.write('order', 'c', task, jsonb_build_array(jsonb_build_array('a', path), jsonb_build_array('__error__', 'before'), jsonb_build_array('b', 2)), path)
  FROM (VALUES ('t1', '~__pregel_pull, b'), ('t9', '~__pregel_pull, a'), ('t2', '~__pregel_pull, B'), ('T2', '~__pregel_pull, B'), ('t0', '~__pregel_push, 0000000010'), ('t3', '~__pregel_push, 0000000009'), ('t7', ''), ('é', '~__pregel_pull, é'), ('z', '~__pregel_pull, z')) v (task, path);
SELECT pg_temp.pending('order');
-- Without a path it is task and place.
SELECT pg_temp.put('order2', 'c');
SELECT pg_temp.write('order2', 'c', task, '[["x", 1], ["y", 2], ["x", 3]]', path) FROM (VALUES ('b', ''), ('a', NULL), ('C', '')) v (task, path);
SELECT pg_temp.pending('order2');
SELECT pg_temp.write('order2', 'c', 'many', (SELECT jsonb_agg(jsonb_build_array('n', n)) FROM generate_series(0, 1999) n)) AS many;
SELECT count(*), bool_and((w::jsonb ->> 2)::int = n - 1) AS in_order FROM (SELECT w, row_number() OVER () AS n FROM pg_temp.pending('order2') w WHERE w ~ 'many') m;

-- docs/contracts.md#a-checkpointer: writes may come before their checkpoint, and make its thread; they are there when it comes.
SELECT pg_temp.write('early', 'c1', 't', '[["a", 1]]'), pg_temp.write('early', 'c1', 't', '[["a", "in sub"]]', '', 'sub');
SELECT NOT EXISTS (SELECT FROM threadmem.checkpoint_get('early')) AS no_checkpoint, (SELECT count(*) FROM threadmem.checkpoint_list('early')) AS listed, status, message_count FROM threadmem.thread_get('early');
SELECT pg_temp.put('early', 'c1', 'c0'), pg_temp.put('early', 'c1', NULL, 'sub'), pg_temp.put('early', 'c2', 'c1');
SELECT pg_temp.pending('early', 'c1') AS c1, pg_temp.pending('early', 'c1', 'sub') AS sub, (SELECT count(*) FROM pg_temp.pending('early', 'c2')) AS c2;
-- docs/contracts.md#a-checkpointer: they belong to the checkpoint for ever: a child or the checkpoint put again takes nothing away, and they change no state.
SELECT pg_temp.put('early', 'c1', 'c0');
SELECT checkpoint_id, checkpoint, pending_writes FROM threadmem.checkpoint_list('early', '');

-- Values of every type come back as they are; null is a value. docs/limits.md#json: all digits.
SELECT pg_temp.put('values', 'c');
SELECT pg_temp.write('values', 'c', 't', '[["a", null], ["a", "text"], ["a", 1.10], ["a", 1234567890123456789012345678901234567890], ["a", 9007199254740993], ["a", -0], ["a", true], ["a", []], ["a", {}], ["a", [[1, {"b": null}], ["a", 1]]], ["a", {"type": "human", "content": "hello", "id": "m"}]]');
SELECT pg_temp.pending('values');
-- A message in a write is no message of the log.
SELECT count(*) FROM threadmem.message_list('values');
-- Channels, tasks, paths and namespaces of any text.
SELECT pg_temp.write('values', 'odd', ' ', '[["", 1], [" ", 2], ["\"/~\\", 3], ["ключ 🙂", 4]]', E'\t~" \\');
SELECT pg_temp.write('values', 'odd', repeat('t', 255), jsonb_build_array(jsonb_build_array(repeat('c', 3000), 1)), repeat('p', 3000), repeat('n', 1000));
SELECT task_id, channel, value, task_path FROM threadmem_data.checkpoint_writes WHERE tenant_id = 'checkpoint writes' AND thread_id = 'values' AND task_id = ' ' ORDER BY idx;
SELECT octet_length(task_id) AS task, octet_length(channel) AS channel, octet_length(task_path) AS path, octet_length(checkpoint_ns) AS ns FROM threadmem_data.checkpoint_writes WHERE tenant_id = 'checkpoint writes' AND task_id ~ '^tt';

-- Bad input stores nothing, not even the thread.
CREATE FUNCTION pg_temp.outcome(call text) RETURNS text LANGUAGE plpgsql AS
$$DECLARE message text; detail text;
BEGIN EXECUTE call; RETURN 'ok'; EXCEPTION WHEN OTHERS THEN GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL; RETURN concat_ws(': ', SQLSTATE, message, detail); END$$;
SELECT writes, pg_temp.outcome(format('SELECT pg_temp.write(''bad'', ''c'', ''t'', %L)', writes))
  FROM unnest(ARRAY['null', '1', '"a"', '{}', '{"a": 1}', '[1]', '["a", 1]', '[null]', '[[]]', '[["a"]]', '[["a", 1, 2]]', '[["a", 1], {"b": 2}]', '[["a", 1], ["b", 2], [3, 3]]', '[[null, 1]]', '[[["a"], 1]]']) writes;
SELECT left(call, 70) AS call, pg_temp.outcome(call) FROM unnest(ARRAY[
    $$SELECT threadmem.checkpoint_put_writes('', 'c', 't', '[["a", 1]]')$$, $$SELECT threadmem.checkpoint_put_writes('bad', '', 't', '[["a", 1]]')$$, $$SELECT threadmem.checkpoint_put_writes('bad', 'c', '', '[["a", 1]]')$$,
    $$SELECT threadmem.checkpoint_put_writes('bad', 'c', repeat('t', 256), '[["a", 1]]')$$, $$SELECT threadmem.checkpoint_put_writes('bad', repeat('c', 256), 't', '[["a", 1]]')$$, $$SELECT threadmem.checkpoint_put_writes('bad', 'c', 't', '[["a", 1]]', '', repeat('n', 1001))$$,
    $$SELECT threadmem.checkpoint_put_writes(NULL, 'c', 't', '[["a", 1]]')$$, $$SELECT threadmem.checkpoint_put_writes('bad', NULL, 't', '[["a", 1]]')$$, $$SELECT threadmem.checkpoint_put_writes('bad', 'c', NULL, '[["a", 1]]')$$, $$SELECT threadmem.checkpoint_put_writes('bad', 'c', 't', NULL)$$]) call;
SELECT (SELECT count(*) FROM threadmem_data.checkpoint_writes WHERE tenant_id = 'checkpoint writes' AND thread_id = 'bad') AS writes, (SELECT count(*) FROM threadmem_data.threads WHERE tenant_id = 'checkpoint writes' AND thread_id = 'bad') AS threads;
-- docs/architecture.md#late-writers: after the thread was deleted a late task does not bring it back.
SELECT sum(deleted) > 0 AS deleted FROM threadmem.thread_delete('early');
SELECT pg_temp.outcome($$SELECT pg_temp.write('early', 'c1', 't', '[["a", 1]]')$$);
SELECT count(*) FROM threadmem_data.checkpoint_writes WHERE tenant_id = 'checkpoint writes' AND thread_id = 'early';
SELECT * FROM threadmem.threadmem_verify();
