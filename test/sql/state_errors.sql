-- Bad input to the thread door is one error, and leaves every row of every table as it was; where LangGraph answers with the empty state so do we.
\set SHOW_CONTEXT never
\pset null (null)
\pset format unaligned
\pset fieldsep ' => '
SET threadmem.tenant = 'state errors';
-- All rows of the tenant.
CREATE FUNCTION pg_temp.everything() RETURNS text LANGUAGE sql AS
$$SELECT md5(concat((SELECT string_agg(x::text, ' ' ORDER BY thread_id) FROM threadmem_data.threads x WHERE tenant_id = t), (SELECT string_agg(x::text, ' ' ORDER BY thread_id, rev) FROM threadmem_data.messages x WHERE tenant_id = t), (SELECT string_agg(x::text, ' ' ORDER BY thread_id, seq) FROM threadmem_data.checkpoints x WHERE tenant_id = t),
     (SELECT string_agg(x::text, ' ' ORDER BY x::text) FROM threadmem_data.checkpoint_writes x WHERE tenant_id = t), (SELECT string_agg(x::text, ' ' ORDER BY thread_id) FROM threadmem_data.thread_values x WHERE tenant_id = t), (SELECT string_agg(x::text, ' ' ORDER BY thread_id) FROM threadmem_data.thread_tombstones x WHERE tenant_id = t), (SELECT string_agg(x::text, ' ' ORDER BY graph_id) FROM threadmem_data.graphs x WHERE tenant_id = t))) FROM threadmem.current_tenant() t$$;
-- How each of these calls fails, and whether all is as it was.
CREATE FUNCTION pg_temp.fails(VARIADIC calls text[]) RETURNS TABLE (call text, error text, kept boolean) LANGUAGE plpgsql AS
$$DECLARE before text; state text; message text; detail text;
BEGIN
    FOREACH call IN ARRAY calls LOOP
        before := pg_temp.everything();
        BEGIN
            EXECUTE 'SELECT threadmem.' || call;
            error := 'none';
        EXCEPTION WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
            error := concat_ws(': ', state || ' ' || message, nullif(detail, ''));
        END;
        kept := before = pg_temp.everything();
        RETURN NEXT;
    END LOOP;
END$$;
SELECT graph_id FROM threadmem.graph_define('g', '{"channels": {"messages": {"reducer": "add_messages"}, "count": {"reducer": "add", "default": 0}, "log": {"reducer": "append"}, "extra": {"reducer": "merge"}, "topic": {}}, "nodes": ["a", "b"], "edges": [["__start__", "a"], ["a", "b"]]}');
SELECT thread_id FROM threadmem.thread_create('empty', graph_id => 'g');
SELECT thread_id FROM threadmem.thread_create('t', graph_id => 'g', supersteps => '[{"updates": [{"values": {"messages": [{"type": "human", "id": "q", "content": "q"}, {"type": "human", "id": "r", "content": "r"}], "count": 1}, "as_node": "__start__"}]}]');
SELECT seq FROM threadmem.message_add('t', 'user', 'pending', message_id => 'p');
SELECT checkpoint_id FROM threadmem.checkpoint_put('t', '{"id": "inside", "channel_values": {"n": 1}, "channel_versions": {"n": 1}}', checkpoint_ns => 'b:1');
-- The check can fail.
SELECT * FROM pg_temp.fails($$thread_state('t')$$, $$thread_create('new')$$);

-- Unknown thread.
SELECT * FROM pg_temp.fails($$thread_state('nobody')$$, $$thread_history('nobody')$$, $$thread_update_state('nobody', '{}', 'a')$$, $$thread_update_state('nobody')$$, $$thread_fold('nobody')$$, $$thread_diff('nobody', 'x', 'y')$$, $$message_list('nobody', view => 'state')$$, $$thread_copy('nobody')$$, $$thread_delete('nobody')$$);
-- Unknown checkpoint: the empty state where LangGraph gives it, no rows in a history, an error where something would be made of it.
SELECT "values", next, tasks, metadata, checkpoint FROM threadmem.thread_state('t', 'nobody');
SELECT count(*) FROM threadmem.thread_history('t', checkpoint_id => 'nobody');
SELECT * FROM pg_temp.fails($$thread_update_state('t', '{"count": 1}', 'a', checkpoint_id => 'nobody')$$, $$thread_update_state('t', checkpoint_id => 'nobody')$$, $$thread_update_state('t', NULL, '__copy__', checkpoint_id => 'nobody')$$, $$thread_update_state('t', NULL, '__end__', checkpoint_id => 'nobody')$$, $$thread_update_state('t', '{}', '__input__', checkpoint_id => 'nobody')$$,
    $$thread_update_state('empty', NULL, '__copy__')$$, $$thread_diff('t', 'nobody', 'nobody')$$);
-- ... one of another namespace is none of this one's.
SELECT (threadmem.thread_state('t', 'inside'))."values" AS root, (threadmem.thread_state('t', 'inside', 'b:1'))."values" AS inside;
SELECT * FROM pg_temp.fails($$thread_update_state('t', '{}', 'a', checkpoint_id => 'inside')$$, $$thread_diff('t', 'inside', 'inside')$$);
-- Unknown namespace.
SELECT "values", checkpoint, (SELECT count(*) FROM threadmem.thread_history('t', checkpoint_ns => 'nobody:1')) AS history FROM threadmem.thread_state('t', checkpoint_ns => 'nobody:1');
SELECT * FROM pg_temp.fails($$thread_update_state('t', '{}', 'a', checkpoint_id => 'inside', checkpoint_ns => 'nobody:1')$$, $$thread_diff('t', 'inside', 'inside', 'nobody:1')$$, $$thread_state('t', checkpoint_ns => repeat('n', 1001))$$);
-- Unknown node: alone, as one of several, in a superstep, on a copy; __end__ is none to write as.
SELECT * FROM pg_temp.fails($$thread_update_state('t', '{"count": 1}', 'nobody')$$, $$thread_update_state('t', NULL, 'nobody')$$, $$thread_update_state('t', '{"count": 1}', '__end__')$$, $$thread_update_state('t', '{"count": 1}', '')$$, $$thread_update_state('t', updates => '[{"values": {"count": 1}, "as_node": "a"}, {"values": {"count": 1}, "as_node": "nobody"}]')$$,
    $$thread_update_state('t', '[[{"count": 1}, "a"], [{"count": 1}, "nobody"]]', '__copy__')$$, $$thread_create('t', if_exists => 'do_nothing', supersteps => '[{"updates": [{"values": {}, "as_node": "nobody"}]}]')$$);
-- Unknown reducer; values that a reducer cannot take.
SELECT * FROM pg_temp.fails($$graph_define('g', '{"channels": {"x": {"reducer": "nobody"}}}')$$, $$channel_reduce('nobody', '1', '2')$$, $$thread_update_state('t', '{"count": "one"}', 'a')$$, $$thread_update_state('t', '{"topic": "fine", "extra": [1]}', 'a')$$, $$thread_update_state('t', '{"messages": 5}', 'a')$$, $$thread_update_state('t', '{"messages": [{"content": "no type"}]}', 'a')$$, $$thread_update_state('t', '{"messages": [{"type": "human", "id": "x", "content": "good"}, {"type": "wizard", "content": "bad"}]}', 'a')$$);
-- Two last_value writes in a step; two Overwrites.
SELECT * FROM pg_temp.fails($$thread_update_state('t', updates => '[{"values": {"count": 1, "topic": 1}, "as_node": "a"}, {"values": {"topic": 1}, "as_node": "b"}]')$$, $$thread_update_state('t', updates => '[{"values": {"topic": null}, "as_node": "a"}, {"values": {"topic": null}, "as_node": "a"}]')$$,
    $$thread_update_state('t', updates => '[{"values": {"log": {"__overwrite__": []}}, "as_node": "a"}, {"values": {"log": {"type": "__overwrite__", "value": []}}, "as_node": "b"}]')$$);
-- ... of two tasks that have written already.
SELECT (threadmem.thread_create('two', graph_id => 'g')).thread_id, (threadmem.thread_update_state('two', '{}', 'a', next => '{a,b}')).checkpoint_ns;
SELECT threadmem.checkpoint_put_writes('two', checkpoint ->> 'checkpoint_id', t ->> 'id', '[["topic", 1]]') FROM threadmem.thread_state('two') s, jsonb_array_elements(s.tasks) t;
SELECT * FROM pg_temp.fails($$thread_update_state('two', '{}', 'a')$$, $$thread_update_state('two', NULL, '__end__')$$);
-- Removing a message that is not there: never was; removed before, though the log has it; deleted; after one that is there.
SELECT * FROM pg_temp.fails($$thread_update_state('t', '{"messages": [{"type": "remove", "id": "x"}]}', 'a')$$, $$thread_update_state('t', '{"messages": [{"type": "human", "id": "new", "content": "x"}, {"type": "remove", "id": "q"}, {"type": "remove", "id": "x"}], "count": 5}', 'a')$$,
    $$thread_update_state('empty', '{"messages": {"type": "remove", "id": "x"}}', 'a')$$, $$thread_update_state('t', updates => '[{"values": {"messages": [{"type": "remove", "id": "x"}]}, "as_node": "a"}, {"values": {"messages": [{"type": "human", "id": "x", "content": "x"}]}, "as_node": "b"}]')$$);
SELECT thread_id FROM threadmem.thread_create('removed', graph_id => 'g', supersteps => '[{"updates": [{"values": {"messages": [{"type": "human", "id": "q", "content": "q"}, {"type": "human", "id": "r", "content": "r"}]}, "as_node": "a"}]}, {"updates": [{"values": {"messages": [{"type": "remove", "id": "q"}]}, "as_node": "a"}]}]');
SELECT state FROM threadmem.message_delete('removed', 'r');
SELECT * FROM pg_temp.fails($$thread_update_state('removed', '{"messages": [{"type": "remove", "id": "q"}]}', 'a')$$, $$thread_update_state('removed', '{"messages": [{"type": "remove", "id": "r"}]}', 'a')$$);
-- Superstep k of n fails: nothing of the others is left, nor the thread, its messages, or a tombstone; of a thread that is there nothing more.
SELECT k, f.error, f.kept FROM generate_series(1, 4) k, pg_temp.fails(format('thread_create(%L, graph_id => %L, messages => %L, supersteps => %L)', 'k', 'g', '[{"role": "user", "content": "said"}]',
    (SELECT jsonb_agg(jsonb_build_object('updates', jsonb_build_array(jsonb_build_object('values', jsonb_build_object('count', 1, 'messages', 'message ' || i), 'as_node', CASE i WHEN k THEN 'nobody' ELSE 'a' END)))) FROM generate_series(1, 4) i))) f;
SELECT k, f.error, f.kept FROM generate_series(1, 4) k, pg_temp.fails(format('thread_create(%L, if_exists => %L, supersteps => %L)', 't', 'do_nothing',
    (SELECT jsonb_agg(jsonb_build_object('updates', jsonb_build_array(jsonb_build_object('values', jsonb_build_object('count', CASE i WHEN k THEN to_jsonb('one'::text) ELSE '1' END), 'as_node', 'a')))) FROM generate_series(1, 4) i))) f;
SELECT * FROM pg_temp.fails($$thread_create('k', user_id => 'nobody', supersteps => '[{"updates": [{"values": {}, "as_node": "a"}]}]')$$, $$thread_get('k')$$, $$thread_create('t', supersteps => '[{"updates": [{"values": {"count": 1}, "as_node": "a"}]}]')$$);
-- Ambiguous as_node: two nodes ran last; several updates do not say it. It can be said.
SELECT checkpoint_id FROM threadmem.checkpoint_put('tie', '{"v": 4, "id": "1", "channel_values": {}, "channel_versions": {"x": 3}, "versions_seen": {"a": {"x": 3}, "b": {"y": 3}, "__start__": {"z": 1}}}', '{"step": 3}');
SELECT * FROM pg_temp.fails($$thread_update_state('tie', '{"count": 1}')$$, $$thread_update_state('t', updates => '[{"values": {"count": 1}, "as_node": "a"}, {"values": {"count": 1}}]')$$, $$thread_update_state('t', updates => '[{"values": null}, {"values": null, "as_node": "a"}]')$$);
SELECT (threadmem.thread_update_state('tie', '{"count": 1}', 'b')).checkpoint_ns, (threadmem.thread_update_state('tie')).checkpoint_ns;
-- What takes one update only, and what has to have values.
SELECT * FROM pg_temp.fails($$thread_update_state('t', updates => '[{"values": {}, "as_node": "__input__"}, {"values": {}, "as_node": "a"}]')$$, $$thread_update_state('t', updates => '[{"values": null, "as_node": "__copy__"}, {"values": {}, "as_node": "a"}]')$$, $$thread_update_state('t', updates => '[{"values": null, "as_node": "__end__"}, {"values": {}, "as_node": "a"}]')$$,
    $$thread_update_state('t', NULL, '__input__')$$, $$thread_update_state('t', 'null', '__input__')$$, $$thread_update_state('t', '[{"count": 1}]', '__copy__')$$, $$thread_update_state('t', '[[{"count": 1}]]', '__copy__')$$);
-- Malformed: input, updates, supersteps.
SELECT * FROM pg_temp.fails($$thread_update_state('t', '[1]', 'a')$$, $$thread_update_state('t', '"text"', 'a')$$, $$thread_update_state('t', '[{"count": 1}]', 'a')$$, $$thread_update_state('t', '{}', updates => '[{"values": {}}]')$$, $$thread_update_state('t', NULL, 'a', updates => '[{"values": {}}]')$$, $$thread_update_state('t', updates => '[]')$$, $$thread_update_state('t', updates => '{}')$$, $$thread_update_state('t', updates => '[1]')$$, $$thread_update_state('t', updates => '[{"values": {}, "as_node": 5}]')$$,
    $$thread_create('m', supersteps => '{}')$$, $$thread_create('m', supersteps => '[1]')$$, $$thread_create('m', supersteps => '[{}]')$$, $$thread_create('m', supersteps => '[{"updates": {}}]')$$, $$thread_create('m', supersteps => '[{"updates": []}]')$$, $$thread_create('m', supersteps => '[{"updates": [{"values": 5, "as_node": "a"}]}]')$$);
-- Arguments out of bounds.
SELECT * FROM pg_temp.fails($$thread_update_state(NULL)$$, $$thread_update_state('t', '{}', 'a', checkpoint_id => '')$$, $$thread_update_state('t', '{}', 'a', run_id => '')$$, $$thread_update_state('t', '{}', 'a', next => '{b,NULL}')$$, $$thread_update_state('t', '{}', 'a', checkpoint_ns => repeat('n', 1001))$$, $$thread_state('t', repeat('c', 256))$$, $$thread_state('t', fields => '{nothing}')$$, $$thread_state('t', fields => '{values,NULL}')$$,
    $$thread_history('t', -1)$$, $$thread_history('t', 1001)$$, $$thread_history('t', metadata => '[]')$$, $$thread_history('t', fields => '{value.count}')$$, $$thread_history('t', before_id => repeat('c', 256))$$, $$message_list('t', view => 'nothing')$$, $$message_list('t', view => 'state', after_seq => 1)$$, $$message_list('t', view => 'state', after_id => 'nobody')$$);
-- After all these the thread goes on as if nothing had been.
SELECT checkpoint_ns FROM threadmem.thread_update_state('t', '{"count": 1}', 'a');
SELECT metadata -> 'step' AS step, "values" -> 'count' AS count, jsonb_path_query_array("values", '$.messages[*].id') AS messages FROM threadmem.thread_history('t');
SELECT * FROM threadmem.threadmem_verify();
