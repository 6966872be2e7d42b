-- A checkpoint is read as it was put: values by the version of their channel, ids and numbers of any kind.
\set SHOW_CONTEXT never
\pset null (null)
SET TIME ZONE 'UTC';
SET threadmem.tenant = 'checkpoint test';
-- Threads with something wrong, and links that do not hold: a parent's row that is not the parent, a base that is no snapshot. :verify shows none.
CREATE TEMP VIEW wrong_links AS
SELECT c.thread_id, c.checkpoint_ns, c.checkpoint_id, 'link' AS problem FROM threadmem_data.checkpoints c
  LEFT JOIN threadmem_data.checkpoints p ON p.tenant_id = c.tenant_id AND p.thread_id = c.thread_id AND p.seq = c.parent_seq
  LEFT JOIN threadmem_data.checkpoints b ON b.tenant_id = c.tenant_id AND b.thread_id = c.thread_id AND b.seq = c.base_seq
 WHERE c.tenant_id = threadmem.current_tenant()
   AND (c.parent_seq IS NOT NULL AND (c.parent_checkpoint_id, c.checkpoint_ns) IS DISTINCT FROM (p.checkpoint_id, p.checkpoint_ns)
        OR b.snapshot IS NULL OR c.snapshot IS NOT NULL AND c.base_seq <> c.seq OR c.snapshot IS NULL AND c.base_seq < p.base_seq);
\set verify 'SELECT thread_id, NULL AS checkpoint_ns, NULL AS checkpoint_id, problem FROM threadmem.threadmem_verify() UNION ALL SELECT * FROM wrong_links;'
CREATE FUNCTION pg_temp.put(thread text, id text, parent text, "values" jsonb, versions jsonb, new_versions jsonb DEFAULT NULL, ns text DEFAULT '') RETURNS text LANGUAGE sql AS
$$SELECT checkpoint_id FROM threadmem.checkpoint_put(thread, jsonb_build_object('v', 4, 'id', id, 'channel_values', "values", 'channel_versions', versions), NULL, new_versions, parent, ns)$$;
-- The values that a checkpoint is read with.
CREATE FUNCTION pg_temp.vals(thread text, id text DEFAULT NULL, ns text DEFAULT '') RETURNS jsonb LANGUAGE sql AS
$$SELECT checkpoint -> 'channel_values' FROM threadmem.checkpoint_get(thread, ns, id)$$;

-- docs/contracts.md#a-checkpointer: a stored checkpoint with every key it may have, and some that nobody knows yet, comes back as it was.
CREATE TEMP TABLE given (checkpoint jsonb, metadata jsonb);
INSERT INTO given VALUES ('{"v": 4, "ts": "2024-05-01T10:00:00.000Z", "id": "1ef4f797-8335-6428-8001-8a1503f9b875", "channel_values": {"topic": "rain", "n": 1, "deep": {"a": [1, {"b": null}]}},
    "channel_versions": {"topic": 2, "n": "00000000000000000000000000000002.0243798848838515", "deep": 2.5, "gone": 3}, "versions_seen": {"__input__": {}, "agent": {"topic": 2, "branch:to:agent": "x"}},
    "updated_channels": ["n", "topic"], "pending_sends": [], "later": {"channel_values": 1}}',
    '{"source": "loop", "step": 1, "parents": {}, "run_id": "run-1", "counters_since_delta_snapshot": {"n": [1, 2]}, "user": {"id": 1.10}}');
SELECT k.* FROM given g, threadmem.checkpoint_put('t', g.checkpoint, g.metadata) k;
SELECT thread_id, c.checkpoint_ns, c.parent_checkpoint_id, c.checkpoint = g.checkpoint AS same, c.checkpoint::text = g.checkpoint::text AS same_bytes, c.metadata::text = g.metadata::text AS same_metadata, pending_writes,
       c.created_at BETWEEN now() - interval '1 minute' AND clock_timestamp() AS created_now FROM given g, threadmem.checkpoint_get('t') c;
-- The least: an id. What it did not have it does not get, but for channel_values.
SELECT checkpoint_id FROM threadmem.checkpoint_put('least', '{"id": "c"}');
SELECT checkpoint, metadata FROM threadmem.checkpoint_get('least');
SELECT checkpoint_id FROM threadmem.checkpoint_put('least', '{"id": "d", "channel_values": {}, "channel_versions": {}, "versions_seen": {}}', '{}', '{}', 'c', NULL);
SELECT checkpoint_ns, parent_checkpoint_id, checkpoint, metadata FROM threadmem.checkpoint_get('least', NULL, NULL);

-- docs/contracts.md#a-checkpointer: put: values are stored only for the channels in new_versions; without a parent the others have none.
SELECT pg_temp.put('first', 'c1', NULL, '{"a": 1, "b": 1}', '{"a": 1, "b": 1}', '{"a": 1}');
SELECT pg_temp.put('first2', 'c1', NULL, '{"a": 1, "b": 1}', '{"a": 1, "b": 1}', '{}');
SELECT pg_temp.vals('first') AS a_new, pg_temp.vals('first2') AS none_new;
-- docs/contracts.md#a-checkpointer: put: a channel not in new_versions has the value of its version, whatever the checkpoint says.
SELECT pg_temp.put('v', 'c1', NULL, '{"a": 1, "b": [1]}', '{"a": 1, "b": 1}');
SELECT pg_temp.put('v', 'c2', 'c1', '{"a": 2, "b": "other"}', '{"a": 2, "b": 1}', '{"a": 2}');
SELECT pg_temp.put('v', 'c3', 'c2', '{"a": 3}', '{"a": 3, "b": 1}', '{"a": 3}');
SELECT id, pg_temp.vals('v', id) FROM unnest('{c1,c2,c3}'::text[]) id;
-- docs/contracts.md#a-checkpointer: put: a channel in new_versions without a value is absent, and hides the older one for those after it.
SELECT pg_temp.put('v', 'c4', 'c3', '{"a": 3}', '{"a": 3, "b": 2}', '{"b": 2}');
SELECT pg_temp.put('v', 'c5', 'c4', '{"a": 5, "b": "of no version"}', '{"a": 5, "b": 2}', '{"a": 5}');
SELECT id, pg_temp.vals('v', id) FROM unnest('{c4,c5}'::text[]) id;
-- docs/architecture.md#which-value-a-channel-has: with another version than the parent's, the value is that of the checkpoint that stored this version, else there is none.
SELECT pg_temp.put('v', 'c6', 'c5', '{}', '{"a": 1, "b": 1}', '{}');
SELECT pg_temp.put('v', 'c7', 'c6', '{"b": "unknown"}', '{"a": 3, "b": 77}', '{}');
SELECT pg_temp.put('v', 'c8', 'c1', '{}', '{"a": 5, "b": 2}', '{}');
SELECT id, pg_temp.vals('v', id) FROM unnest('{c6,c7,c8}'::text[]) id;
-- ... the newest of them by id; not one of another namespace, nor of another thread.
SELECT pg_temp.put('v2', 'z', NULL, '{"a": "thread v2"}', '{"a": 9}');
SELECT pg_temp.put('v', 'z', NULL, '{"a": "in sub"}', '{"a": 9}', ns => 'sub:1');
SELECT pg_temp.put('v', 'd2', 'c1', '{"a": "of d2"}', '{"a": 9}', '{"a": 9}'), pg_temp.put('v', 'd1', 'c1', '{"a": "of d1"}', '{"a": 9}', '{"a": 9}');
SELECT pg_temp.put('v', 'd3', 'c1', '{}', '{"a": 9}', '{}'), pg_temp.put('v', 'd4', 'd1', '{}', '{"a": 9}', '{}');
SELECT pg_temp.vals('v', 'd3') AS of_the_newest, pg_temp.vals('v', 'd4') AS of_the_parent, pg_temp.vals('v', 'z', 'sub:1') AS sub;
-- A version is found as well where a row is a patch, and where a channel comes and goes.
SELECT count(*) FILTER (WHERE patch IS NOT NULL) > 0 AS patches FROM threadmem_data.checkpoints WHERE tenant_id = 'checkpoint test' AND thread_id = 'v';
SET threadmem.snapshot_ratio = 1000;
SELECT pg_temp.put('w', 'c1', NULL, jsonb_build_object('long', repeat('x', 2000)), '{"long": 1}');
SELECT pg_temp.put('w', 'c' || n, 'c' || n - 1, jsonb_build_object('a', n), CASE n % 3 WHEN 0 THEN '{"long": 1}' ELSE jsonb_build_object('long', 1, 'a', n) END, CASE n % 3 WHEN 0 THEN '{}' ELSE jsonb_build_object('a', n) END) FROM generate_series(2, 8) n;
SELECT pg_temp.put('w', 'd' || n, 'c1', '{}', jsonb_build_object('a', n), '{}') FROM generate_series(2, 8) n;
SELECT string_agg(id || coalesce(pg_temp.vals('w', id) ->> 'a', '-'), ' ') AS found FROM (SELECT 'd' || n AS id FROM generate_series(2, 8) n) d;
RESET threadmem.snapshot_ratio;
-- docs/architecture.md#which-value-a-channel-has: a channel that is not in channel_versions is absent, in new_versions or not.
SELECT pg_temp.put('v', 'e1', 'c1', '{"a": 1, "b": 1, "c": 1}', '{"a": 10}', '{"a": 10, "c": 1}');
SELECT pg_temp.put('v', 'e2', 'e1', '{"b": 1}', '{"b": 11}');
SELECT pg_temp.vals('v', 'e1') AS e1, pg_temp.vals('v', 'e2') AS e2;
-- docs/architecture.md#state-documents: null and empty lists and objects are values; absent is none of them.
SELECT pg_temp.put('empty', 'c1', NULL, '{"null": null, "list": [], "object": {}, "text": "", "zero": 0, "false": false}', '{"null": 1, "list": 1, "object": 1, "text": 1, "zero": 1, "false": 1, "absent": 1}');
SELECT pg_temp.put('empty', 'c2', 'c1', '{"list": null, "null": []}', '{"null": 2, "list": 2, "object": 1, "text": 1, "zero": 1, "false": 1, "absent": 1}', '{"null": 2, "list": 2, "object": 1}');
SELECT id, pg_temp.vals('empty', id) FROM unnest('{c1,c2}'::text[]) id;

-- docs/contracts.md#a-checkpointer: put: an id put again replaces checkpoint and metadata, not the parent.
SELECT pg_temp.put('again', 'c1', NULL, '{"a": 1}', '{"a": 1}'), pg_temp.put('again', 'c2', 'c1', '{"a": 2}', '{"a": 2}'), pg_temp.put('again', 'c3', 'c2', '{"a": 3}', '{"a": 3}');
SELECT k.* FROM threadmem.checkpoint_put('again', '{"id": "c3", "v": 5, "channel_values": {"b": 4}, "channel_versions": {"a": 2, "b": 4}}', '{"again": true}', '{"b": 4}', 'c1') k;
SELECT parent_checkpoint_id, checkpoint, metadata FROM threadmem.checkpoint_get('again');
SELECT k.* FROM threadmem.checkpoint_put('again', '{"id": "c3", "channel_versions": {"a": 2}}', NULL, '{}') k;
SELECT parent_checkpoint_id, checkpoint, metadata FROM threadmem.checkpoint_get('again', checkpoint_id => 'c3');
SELECT k.* FROM threadmem.checkpoint_put('again', '{"id": "c1", "channel_values": {"a": "root"}, "channel_versions": {"a": 1}}', NULL, NULL, 'c2') k;
SELECT checkpoint_id, parent_checkpoint_id, checkpoint -> 'channel_values' AS "values" FROM threadmem.checkpoint_list('again');
-- The same bytes again: a retry changes nothing at all.
CREATE TEMP TABLE before AS SELECT c::text AS row FROM threadmem_data.checkpoints c WHERE tenant_id = 'checkpoint test' AND thread_id = 'again';
SELECT k.* FROM threadmem.checkpoint_put('again', '{"id": "c2", "v": 4, "channel_values": {"a": 2}, "channel_versions": {"a": 2}}', NULL, NULL, 'c1') k;
SELECT (SELECT array_agg(row ORDER BY row) FROM before) = array_agg(c::text ORDER BY c::text) AS unchanged FROM threadmem_data.checkpoints c WHERE tenant_id = 'checkpoint test' AND thread_id = 'again';

-- docs/contracts.md#a-checkpointer: a namespace and a thread each have their own checkpoints, under the same ids.
SELECT pg_temp.put('ns', 'c', NULL, '{"a": "root"}', '{"a": 1}'), pg_temp.put('ns', 'c', NULL, '{"a": "sub"}', '{"a": 1}', ns => 'n:1'), pg_temp.put('ns', 'c', NULL, '{"a": "subsub"}', '{"a": 1}', ns => 'n:1|m:2'), pg_temp.put('ns2', 'c', NULL, '{"a": "ns2"}', '{"a": 1}');
SELECT pg_temp.put('ns', 'd', 'c', '{"a": "changed"}', '{"a": 2}', '{"a": 2}', 'n:1');
SELECT pg_temp.vals('ns'), pg_temp.vals('ns', 'c', 'n:1') AS c, pg_temp.vals('ns', NULL, 'n:1') AS latest, pg_temp.vals('ns', 'c', 'n:1|m:2') AS nested, pg_temp.vals('ns2') AS ns2;
-- A parent is looked for in its own namespace.
SELECT pg_temp.put('ns', 'e', 'd', '{}', '{"a": 2}', '{}');
SELECT checkpoint_id, parent_checkpoint_id, checkpoint -> 'channel_values' AS "values" FROM threadmem.checkpoint_get('ns');
-- docs/contracts.md#a-checkpointer: get: unknown is null, not an error: thread, namespace, id.
SELECT (SELECT count(*) FROM threadmem.checkpoint_get('unknown')) AS thread, (SELECT count(*) FROM threadmem.checkpoint_get('ns', 'x')) AS ns, (SELECT count(*) FROM threadmem.checkpoint_get('ns', '', 'x')) AS id;
SELECT threadmem.checkpoint_get('ns', '', 'x', missing_ok => false);

-- docs/limits.md#ids: thread ids, namespaces and checkpoint ids of any text up to their limits.
SELECT octet_length(t) AS bytes, (k).thread_id = t AS same, pg_temp.vals(t) = to_jsonb('{"a": 1}'::json) AS "values"
  FROM unnest(ARRAY['1', 'thread-1', 'ümläut', ' ', E'"''\\', '%_', repeat('x', 255)]) t, LATERAL (SELECT threadmem.checkpoint_put(t, '{"id": "c", "channel_values": {"a": 1}, "channel_versions": {"a": 1}}') AS k) p;
SELECT octet_length(id) AS bytes, pg_temp.put('ids', id, NULL, '{}', '{}') = id AS same, pg_temp.vals('ids', id) AS "values" FROM unnest(ARRAY['1', ' ', 'ümläut', '%', repeat('i', 255)]) id;
SELECT octet_length(ns) AS bytes, pg_temp.put('ids', 'c', NULL, '{"a": 1}', '{"a": 1}', ns => ns) AS id, pg_temp.vals('ids', 'c', ns) FROM unnest(ARRAY['a:b|c:d', repeat('ä|', 333), repeat('n', 1000)]) ns;
\set VERBOSITY sqlstate
SELECT pg_temp.put(repeat('x', 256), 'c', NULL, '{}', '{}');
SELECT pg_temp.put('', 'c', NULL, '{}', '{}');
SELECT pg_temp.put('ids', repeat('i', 256), NULL, '{}', '{}');
SELECT pg_temp.put('ids', 'new', repeat('i', 256), '{}', '{}');
SELECT pg_temp.put('ids', 'new', NULL, '{}', '{}', ns => repeat('n', 1001));
SELECT threadmem.checkpoint_get(repeat('x', 256));
SELECT threadmem.checkpoint_get('ids', repeat('n', 1001));
SELECT threadmem.checkpoint_get('ids', '', repeat('i', 256));
\set VERBOSITY default

-- docs/limits.md#json: numbers keep every digit; only -0 becomes 0.
SELECT pg_temp.put('numbers', 'c1', NULL, '{"n": [1234567890123456789012345678901234567890, 1.10, 5e-324, 1.8e308, 9007199254740993, -0, -0.0, 0.000, 1E400]}', '{"n": 1}');
SELECT pg_temp.put('numbers', 'c2', 'c1', '{"n": [1234567890123456789012345678901234567890, 1.1, 5e-324, 1.8e308, 9007199254740993, -0, -0.0, 0.00, 1E400]}', '{"n": 2}', '{"n": 2}');
SELECT replace(jsonb_path_query_array(pg_temp.vals('numbers', id) -> 'n', '$[0,1,4 to 7]')::text, '0000000', '') AS n, (pg_temp.vals('numbers', id) #> '{n,2}')::text::numeric = 5e-324 AS tiny, (pg_temp.vals('numbers', id) #> '{n,3}')::text::numeric = 1.8e308 AS huge,
       (pg_temp.vals('numbers', id) #> '{n,8}')::text::numeric = 1e400 AS beyond FROM unnest('{c1,c2}'::text[]) id;
-- docs/limits.md#json: keys that mean something to somebody: in names of channels and inside values, changed, absent and found by version.
SET threadmem.snapshot_ratio = 1000;
CREATE TEMP TABLE odd AS SELECT k, n::int FROM unnest(ARRAY['', ' ', '/', '~', '~0', '~1', '/a/b', 'a~b', '-', '0', '01', '"', '\', '''', '$1', '%s', 'id', 'v', 'values', 'versions', 'refs', 'rest', 'seen', 'channel_values', '__proto__', 'constructor', 'ключ', '🙂', E'\x01', repeat('k', 3000)]) WITH ORDINALITY o (k, n);
SELECT jsonb_object_agg(k, n) AS odd_versions, jsonb_object_agg(k, jsonb_build_object(k, n)) AS odd_values FROM odd \gset
SELECT pg_temp.put('odd', 'c1', NULL, :'odd_values', :'odd_versions');
SELECT pg_temp.put('odd', 'c2', 'c1', (SELECT jsonb_object_agg(k, jsonb_build_object(k, -n)) FROM odd WHERE n % 2 = 0), (SELECT jsonb_object_agg(k, CASE n % 2 WHEN 0 THEN n + 100 ELSE n END) FROM odd), (SELECT jsonb_object_agg(k, n + 100) FROM odd WHERE n % 2 = 0));
SELECT pg_temp.put('odd', 'c3', 'c2', '{}', (SELECT jsonb_object_agg(k, n + 200) FROM odd), (SELECT jsonb_object_agg(k, n + 200) FROM odd));
SELECT pg_temp.put('odd', 'c4', 'c3', '{}', (SELECT jsonb_object_agg(k, CASE n % 2 WHEN 0 THEN n + 100 ELSE n END) FROM odd), '{}');
SELECT pg_temp.vals('odd', 'c1') = :'odd_values' AS put, pg_temp.vals('odd', 'c3') AS hidden, pg_temp.vals('odd', 'c4') = pg_temp.vals('odd', 'c2') AS found,
       pg_temp.vals('odd', 'c2') = (SELECT jsonb_object_agg(k, jsonb_build_object(k, CASE n % 2 WHEN 0 THEN -n ELSE n END)) FROM odd) AS changed;
SELECT checkpoint_id FROM threadmem.checkpoint_put('odd', :'odd_values'::jsonb - 'channel_values' || '{"id": "c5"}', NULL, NULL, 'c4');
SELECT checkpoint = jsonb_build_object('id', 'c5', 'channel_values', '{}'::jsonb) || (:'odd_values'::jsonb - 'id' - 'channel_values') AS keys_of_the_checkpoint FROM threadmem.checkpoint_get('odd');
RESET threadmem.snapshot_ratio;

-- docs/architecture.md#two-doors: the thread's row is made implicitly, and goes on like any other; a checkpoint is no change of the row by hand.
SELECT checkpoint_id FROM threadmem.checkpoint_put('made', '{"id": "c"}', '{"run_id": "r"}');
SELECT user_id, status, metadata, version, message_count, state_updated_at IS NOT NULL AS has_state, last_message_at FROM threadmem.thread_get('made');
SELECT seq FROM threadmem.message_add('made', 'user', 'hello');
-- In a session narrowed to a user it is this user's; one that is not there makes none.
SELECT user_id FROM threadmem.user_create('ann');
SET threadmem.user_id = 'ann';
SELECT checkpoint_id FROM threadmem.checkpoint_put('of ann', '{"id": "c"}');
SET threadmem.user_id = 'nobody';
\set VERBOSITY sqlstate
SELECT checkpoint_id FROM threadmem.checkpoint_put('of nobody', '{"id": "c"}');
\set VERBOSITY default
RESET threadmem.user_id;
SELECT thread_id, user_id FROM threadmem_data.threads WHERE tenant_id = 'checkpoint test' AND thread_id ~ '^of ';
-- The run of a checkpoint is metadata's run_id, when it can be an id.
SELECT threadmem.checkpoint_put('made', jsonb_build_object('id', 'r' || n), r) IS NULL AS not_put FROM unnest(ARRAY['{"run_id": "run"}', '{"run_id": ""}', '{"run_id": 1}', '{"run_id": null}', '{"run_id": {"a": 1}}', jsonb_build_object('run_id', repeat('r', 256)), '{}']::jsonb[]) WITH ORDINALITY u (r, n);
SELECT checkpoint_id, run_id FROM threadmem_data.checkpoints WHERE tenant_id = 'checkpoint test' AND thread_id = 'made' ORDER BY seq;
:verify
