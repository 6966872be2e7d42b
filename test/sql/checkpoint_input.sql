-- What is no checkpoint, what is too large and what comes too late is refused, and leaves nothing behind.
\set SHOW_CONTEXT never
\pset null (null)
SET threadmem.tenant = 'checkpoint input';
-- What a call gives: ok, or its SQLSTATE, message and detail.
CREATE FUNCTION pg_temp.outcome(call text) RETURNS text LANGUAGE plpgsql AS
$$DECLARE message text; detail text;
BEGIN EXECUTE call; RETURN 'ok'; EXCEPTION WHEN OTHERS THEN GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL; RETURN concat_ws(': ', SQLSTATE, message, detail); END$$;
-- Everything there is of the tenant.
CREATE FUNCTION pg_temp.stored(OUT threads bigint, OUT messages bigint, OUT checkpoints bigint, OUT writes bigint, OUT "values" bigint, OUT wrong bigint) LANGUAGE sql AS
$$SELECT (SELECT count(*) FROM threadmem_data.threads WHERE tenant_id = t), (SELECT count(*) FROM threadmem_data.messages WHERE tenant_id = t), (SELECT count(*) FROM threadmem_data.checkpoints WHERE tenant_id = t),
         (SELECT count(*) FROM threadmem_data.checkpoint_writes WHERE tenant_id = t), (SELECT count(*) FROM threadmem_data.thread_values WHERE tenant_id = t), (SELECT count(*) FROM threadmem.threadmem_verify()) FROM threadmem.current_tenant() t$$;

-- docs/errors.md: a malformed checkpoint is 22023, of a thread that is there and of one that is not.
SELECT thread_id FROM threadmem.thread_create('there');
SELECT checkpoint, pg_temp.outcome(format('SELECT threadmem.checkpoint_put(%L, %L)', thread, checkpoint)) FROM unnest(ARRAY['null', '[]', '"text"', '1', '{}', '{"id": null}', '{"id": 1}', '{"id": ["c"]}', '{"id": ""}', '{"id": "a\tb"}',
    '{"id": "c", "channel_values": []}', '{"id": "c", "channel_values": "x"}', '{"id": "c", "channel_values": null}', '{"id": "c", "channel_versions": []}', '{"id": "c", "channel_versions": 1}', '{"id": "c", "versions_seen": []}', '{"id": "c", "versions_seen": "x"}',
    '{"id": "c", "channel_versions": {"a": null}}', '{"id": "c", "channel_versions": {"a": 1, "b": true}}', '{"id": "c", "channel_versions": {"a": [1]}}', '{"id": "c", "channel_versions": {"a": {"v": 1}}}']) WITH ORDINALITY u (checkpoint, n), LATERAL (SELECT CASE n % 2 WHEN 0 THEN 'there' ELSE 'new' END AS thread) t;
SELECT new_versions, pg_temp.outcome(format('SELECT threadmem.checkpoint_put(''new'', ''{"id": "c", "channel_values": {"a": 1}, "channel_versions": {"a": 1}}'', NULL, %L)', new_versions)) FROM unnest(ARRAY['null', '[]', '["a"]', '1', '"a"', '{"a": null}', '{"a": [1]}', '{"a": true}']) new_versions;
SELECT metadata, pg_temp.outcome(format('SELECT threadmem.checkpoint_put(''there'', ''{"id": "c"}'', %L)', metadata)) FROM unnest(ARRAY['null', '[]', '1', '"a"']) metadata;
SELECT call, pg_temp.outcome('SELECT threadmem.checkpoint_' || call) FROM unnest(ARRAY[$$put('new', '{"id": "c"}', NULL, NULL, '')$$, $$put('new', '{"id": "c"}', NULL, NULL, E'a\nb')$$, $$put('new', '{"id": "c"}', NULL, NULL, NULL, E'a\nb')$$, $$put(E'new\x7f', '{"id": "c"}')$$, $$put(NULL, '{"id": "c"}')$$, $$put('new', NULL)$$,
    $$get('')$$, $$get(NULL)$$, $$get('new', '', '')$$, $$list('')$$, $$list(checkpoint_id => '')$$, $$list(before_id => '')$$, $$list(after_id => '', after_thread_id => 'new', after_ns => '')$$, $$list(metadata => '[]')$$, $$list(metadata => '1')$$, $$list(checkpoint_ns => repeat('n', 1001))$$, $$delta_history('', '{a}')$$, $$delta_history('new', NULL)$$, $$delta_history('new', '{a,NULL}')$$, $$delta_history('new', '{a}', '', '')$$]) call;
SELECT * FROM pg_temp.stored();

-- docs/limits.md#sizes: a message over threadmem.max_body is 54000, wherever in the list; nothing of its checkpoint is stored. A value of another channel is no message.
SET threadmem.max_body = '10kB';
SELECT channel, ns, pg_temp.outcome(format('SELECT threadmem.checkpoint_put(%L, %L, checkpoint_ns => %L)', thread, jsonb_build_object('id', 'c', 'channel_versions', jsonb_build_object(channel, 1, 'a', 1), 'channel_values', jsonb_build_object('a', 1,
    channel, jsonb_build_array('{"type": "human", "id": "m1", "content": "small"}'::jsonb, jsonb_build_object('type', 'human', 'id', 'm2', 'content', repeat('x', size))))), ns))
  FROM (VALUES ('messages', '', 'new', 11000), ('messages', '', 'there', 11000), ('messages', '', 'fits', 10000), ('other', '', 'other', 11000), ('messages', 'sub', 'other', 11000)) v (channel, ns, thread, size);
RESET threadmem.max_body;
SELECT * FROM pg_temp.stored();
-- sql/12: a state over 256 MB is 54000, though each value came in a checkpoint of its own, and what was there stays as it is.
SET threadmem.max_body = '1kB';
SELECT checkpoint_id FROM threadmem.checkpoint_put('large', jsonb_build_object('id', 'c1', 'channel_values', jsonb_build_object('a', repeat('x', 140000000)), 'channel_versions', '{"a": 1}'::jsonb));
CREATE FUNCTION pg_temp.large() RETURNS text LANGUAGE sql AS
$$SELECT checkpoint_id FROM threadmem.checkpoint_put('large', jsonb_build_object('id', 'c2', 'channel_values', jsonb_build_object('b', repeat('y', 140000000)), 'channel_versions', '{"a": 1, "b": 1}'::jsonb), NULL, '{"b": 1}', 'c1')$$;
SELECT regexp_replace(pg_temp.outcome('SELECT pg_temp.large()'), '\d{6,}', 'N', 'g') AS too_large;
SELECT * FROM pg_temp.stored();
RESET threadmem.max_body;
SELECT sum(deleted) > 0 AS deleted FROM threadmem.thread_delete('large');
-- A deep value is read as it was.
SELECT checkpoint_id FROM threadmem.checkpoint_put('deep', jsonb_build_object('id', 'c1', 'channel_versions', '{"a": 1}'::jsonb, 'channel_values', jsonb_build_object('a', (repeat('[', 1000) || repeat(']', 1000))::jsonb)));
SELECT checkpoint_id FROM threadmem.checkpoint_put('deep', jsonb_build_object('id', 'c2', 'channel_versions', '{"a": 2}'::jsonb, 'channel_values', jsonb_build_object('a', (repeat('[', 1000) || '1' || repeat(']', 1000))::jsonb)), NULL, NULL, 'c1');
SELECT checkpoint_id, length(checkpoint ->> 'channel_values') AS length FROM threadmem.checkpoint_list('deep');

-- docs/architecture.md#late-writers: after thread_delete whatever continues the thread is P0002: a put with a parent, a subgraph's put under a checkpoint of the thread, writes of a task.
SELECT checkpoint_id FROM threadmem.checkpoint_put('gone', '{"id": "c1", "channel_values": {"a": 1, "messages": [{"type": "human", "content": "hello"}]}, "channel_versions": {"a": 1, "messages": 1}}');
SELECT threadmem.checkpoint_put_writes('gone', 'c1', 'task', '[["a", 2]]'), (SELECT checkpoint_id FROM threadmem.checkpoint_put('gone', '{"id": "s1"}', '{"parents": {"": "c1"}}', checkpoint_ns => 'sub'));
SELECT * FROM threadmem.thread_delete('gone');
CREATE TEMP TABLE late AS SELECT call FROM unnest(ARRAY[$$put('gone', '{"id": "c2"}', '{}', '{}', 'c1')$$, $$put('gone', '{"id": "c2"}', '{}', '{}', 'never was')$$, $$put('gone', '{"id": "s1"}', '{"parents": {"": "c1"}}', checkpoint_ns => 'sub')$$, $$put('gone', '{"id": "s1"}', '{"parents": {"": "c1", "sub": "x"}}', '{}', 's0', 'sub|n')$$,
    $$put_writes('gone', 'c1', 'task', '[["a", 2]]')$$, $$put_writes('gone', 'c2', 'task', '[["__error__", 2]]')$$, $$put_writes('gone', 's1', 'task', '[]', '', 'sub')$$]) call;
SELECT call, pg_temp.outcome('SELECT threadmem.checkpoint_' || call) FROM late;
SELECT (SELECT count(*) FROM threadmem_data.threads t WHERE t.thread_id = 'gone' AND tenant_id = 'checkpoint input') AS threads, NOT EXISTS (SELECT FROM threadmem.checkpoint_get('gone')) AS no_checkpoint, (SELECT count(*) FROM threadmem_data.thread_tombstones t WHERE t.thread_id = 'gone' AND tenant_id = 'checkpoint input') AS tombstones;
-- ... another thread is another thread.
SELECT pg_temp.outcome($$SELECT threadmem.checkpoint_put('gone2', '{"id": "c2"}', '{}', '{}', 'c1')$$) AS other;
-- ... a put without parent begins the thread anew, and clears the tombstone; a root's parents metadata is no parent.
SELECT pg_temp.outcome($$SELECT threadmem.checkpoint_put('gone', '{"id": "n1"}', '{"parents": {}}')$$) AS first;
SELECT count(*) AS tombstones FROM threadmem_data.thread_tombstones t WHERE t.thread_id = 'gone' AND tenant_id = 'checkpoint input';
SELECT call, pg_temp.outcome('SELECT threadmem.checkpoint_' || call) FROM late;
SELECT checkpoint_ns, checkpoint_id, parent_checkpoint_id, jsonb_array_length(pending_writes) AS writes FROM threadmem.checkpoint_list('gone');
-- ... so does thread_create; and a subgraph's put that names no checkpoint of its thread.
SELECT sum(deleted) > 0 AS deleted FROM threadmem.thread_delete('gone');
SELECT thread_id FROM threadmem.thread_create('gone');
SELECT pg_temp.outcome('SELECT threadmem.checkpoint_' || call), count(*) FROM late GROUP BY 1;
SELECT sum(deleted) > 0 AS deleted FROM threadmem.thread_delete('gone');
SELECT pg_temp.outcome($$SELECT threadmem.checkpoint_put('gone', '{"id": "s1"}', '{"parents": {}}', checkpoint_ns => 'sub')$$) AS in_sub;
-- ... and time: a tombstone stands as long as threadmem.tombstone_ttl says.
SELECT sum(deleted) > 0 AS deleted FROM threadmem.thread_delete('gone');
UPDATE threadmem_data.thread_tombstones SET deleted_at = now() - interval '2 minutes' WHERE tenant_id = 'checkpoint input';
SELECT pg_temp.outcome($$SELECT threadmem.checkpoint_put_writes('gone', 'c1', 'task', '[["a", 2]]')$$) AS in_a_day;
SET threadmem.tombstone_ttl = '1min';
SELECT pg_temp.outcome($$SELECT threadmem.checkpoint_put_writes('gone', 'c1', 'task', '[["a", 2]]')$$) AS in_a_minute;
RESET threadmem.tombstone_ttl;
SELECT * FROM threadmem.threadmem_verify();
