-- A checkpoint is a change against its parent, and a whole state now and then: whatever happens to its neighbours it is read as it was written.
\set SHOW_CONTEXT never
\pset null (null)
SET threadmem.tenant = 'checkpoint chain';
CREATE FUNCTION pg_temp.put(thread text, id text, parent text, "values" jsonb, versions jsonb, new_versions jsonb DEFAULT NULL, ns text DEFAULT '') RETURNS text LANGUAGE sql AS
$$SELECT checkpoint_id FROM threadmem.checkpoint_put(thread, jsonb_build_object('v', 4, 'id', id, 'channel_values', "values", 'channel_versions', versions), NULL, new_versions, parent, ns)$$;
CREATE FUNCTION pg_temp.vals(thread text, id text DEFAULT NULL) RETURNS jsonb LANGUAGE sql AS $$SELECT checkpoint -> 'channel_values' FROM threadmem.checkpoint_get(thread, '', id)$$;
-- How the rows are stored: P patch, S snapshot, by seq.
CREATE FUNCTION pg_temp.stored(thread text) RETURNS text LANGUAGE sql AS
$$SELECT string_agg(CASE WHEN patch IS NULL THEN 'S' ELSE 'P' END, '' ORDER BY seq) FROM threadmem_data.checkpoints WHERE tenant_id = threadmem.current_tenant() AND thread_id = thread$$;
CREATE FUNCTION pg_temp.links(thread text) RETURNS text LANGUAGE sql AS
$$SELECT string_agg(format('%s>%s/%s', checkpoint_id, parent_checkpoint_id, parent_seq), ' ' ORDER BY seq) FROM threadmem_data.checkpoints WHERE tenant_id = threadmem.current_tenant() AND thread_id = thread$$;
-- Everything that is read of a thread, in one value.
CREATE FUNCTION pg_temp.read(thread text) RETURNS text LANGUAGE sql AS
$$SELECT md5(string_agg(concat_ws(' ', checkpoint_ns, checkpoint_id, checkpoint, metadata, pending_writes), chr(10) ORDER BY checkpoint_ns, checkpoint_id)) FROM threadmem.checkpoint_list(thread, max_rows => 1000)$$;
-- The same steps of a graph, under any setting: twenty channels of some bytes each, three of which change, messages, a fork now and then; every ninth step is one of a subgraph.
CREATE FUNCTION pg_temp.step(thread text, ns text, n int, parent int) RETURNS text LANGUAGE sql AS
$$SELECT checkpoint_id FROM threadmem.checkpoint_put(thread, jsonb_build_object('v', 4, 'id', to_char(n, 'FM0000'), 'versions_seen', jsonb_build_object('node ' || n % 4, jsonb_build_object('c1', n)),
      'channel_values', (SELECT jsonb_object_agg('c' || c, jsonb_build_object('text', repeat(chr(97 + c), 20) || s, 'n', s)) FROM generate_series(1, 20) c, LATERAL (SELECT n - (n + c) % 7 AS s) x)
          || jsonb_build_object('messages', (SELECT coalesce(jsonb_agg(jsonb_build_object('type', 'human', 'id', 'm' || m, 'content', 'words ' || m) ORDER BY m), '[]') FROM generate_series(1, n) m)),
      'channel_versions', (SELECT jsonb_object_agg('c' || c, n - (n + c) % 7) FROM generate_series(1, 20) c) || jsonb_build_object('messages', n)),
      jsonb_build_object('step', n), NULL, to_char(nullif(parent, 0), 'FM0000'), ns)$$;
CREATE FUNCTION pg_temp.steps(thread text, count int) RETURNS bigint LANGUAGE sql AS
$$SELECT count(CASE WHEN n % 9 = 0 THEN pg_temp.step(thread, 'sub', n / 9, n / 9 - 1) ELSE pg_temp.step(thread, '', n - n / 9, n - n / 9 - CASE WHEN n % 10 = 0 THEN 3 ELSE 1 END) END) FROM generate_series(1, count) n$$;

-- docs/architecture.md#when-a-whole-state-is-stored: with ratio 0 every row is a snapshot, with 1000 none but those without a parent; the states are the same.
SET threadmem.snapshot_ratio = 0;
SELECT pg_temp.steps('ratio 0', 60);
SET threadmem.snapshot_ratio = 1000;
SELECT pg_temp.steps('ratio 1000', 60);
RESET threadmem.snapshot_ratio;
SELECT pg_temp.steps('ratio 1', 60);
SELECT pg_temp.stored('ratio 0') AS zero, pg_temp.stored('ratio 1000') AS thousand, pg_temp.stored('ratio 1') ~ '^S.*P.*S.*P' AS mixed;
SELECT pg_temp.read('ratio 0') = pg_temp.read('ratio 1') AS same, pg_temp.read('ratio 0') = pg_temp.read('ratio 1000') AS same_again;
-- ... and they are what was put.
SELECT count(*), bool_and(checkpoint #>> '{channel_values,c3,text}' = repeat('d', 20) || s AND (checkpoint #>> '{channel_versions,c3}')::int = s AND jsonb_array_length(checkpoint #> '{channel_values,messages}') = n) AS true
  FROM threadmem.checkpoint_list('ratio 1000', max_rows => 100), LATERAL (SELECT (metadata ->> 'step')::int AS n) i, LATERAL (SELECT n - (n + 3) % 7 AS s) x;
-- ... never is a patch larger than its document: a small state that changes wholly is a snapshot, a large one that changes a little is not, whatever the ratio.
SET threadmem.snapshot_ratio = 1000;
SELECT pg_temp.put('whole', 'c' || n, 'c' || n - 1, jsonb_build_object('k' || n, n), jsonb_build_object('k' || n, n)) FROM generate_series(1, 4) n;
RESET threadmem.snapshot_ratio;
SELECT pg_temp.put('little', 'c' || n, 'c' || n - 1, jsonb_build_object('long', repeat('x', 5000), 'n', n), jsonb_build_object('long', 1, 'n', n)) FROM generate_series(1, 4) n;
SELECT pg_temp.stored('whole') AS whole, pg_temp.stored('little') AS little;
-- ... what is read is bounded: (1 + r) times the state and the rows that are passed over; and so is what is stored: snapshots come now and then only.
-- Bytes are those that are stored: of what is compressed they come sooner, and fewer patches are read; four times at most.
CREATE FUNCTION pg_temp.long(thread text) RETURNS text LANGUAGE sql AS $$SELECT CASE thread WHEN 'compressed' THEN repeat('x', 10016) ELSE string_agg(md5(i::text), '') END FROM generate_series(1, 313) i$$;
SELECT pg_temp.put(thread, to_char(n, 'FM0000'), to_char(n - 1, 'FM0000'), jsonb_build_object('long', pg_temp.long(thread), 'n', repeat('y', 100) || n), jsonb_build_object('long', 1, 'n', n)) IS NULL AS not_put
  FROM unnest('{bounded,compressed}'::text[]) thread, generate_series(1, 400) n GROUP BY 1;
SELECT thread_id, max(replayed) <= 11000 / part AS bounded, max(replayed) > 5000 / part AS used, count(*) FILTER (WHERE snapshot IS NOT NULL) BETWEEN 4 * part AND 20 * part AS few FROM (
    SELECT c.*, (SELECT coalesce(sum(octet_length(p.patch::text)), 0) FROM threadmem_data.checkpoints p WHERE p.tenant_id = c.tenant_id AND p.thread_id = c.thread_id AND p.seq > c.base_seq AND p.seq <= c.seq) AS replayed
      FROM threadmem_data.checkpoints c WHERE tenant_id = 'checkpoint chain' AND thread_id IN ('bounded', 'compressed')) r,
    LATERAL (SELECT CASE thread_id WHEN 'compressed' THEN 4 ELSE 1 END AS part) p GROUP BY thread_id, part ORDER BY 1;
SELECT count(*), bool_and(checkpoint #>> '{channel_values,n}' = repeat('y', 100) || checkpoint_id::int AND checkpoint #>> '{channel_values,long}' = pg_temp.long(thread)) AS true
  FROM unnest('{bounded,compressed}'::text[]) thread, threadmem.checkpoint_list(thread, max_rows => 1000);

-- docs/architecture.md#which-value-a-channel-has: LangGraph's __copy__: a sibling under the source's parent with nothing new has the source's values, though integer versions of the branches collide.
SELECT pg_temp.put('copy', 'c1', NULL, '{"a": "root"}', '{"a": 1}'), pg_temp.put('copy', 'c2', 'c1', '{"a": "of c2", "b": "only c2"}', '{"a": 2, "b": 2}', '{"a": 2, "b": 2}'), pg_temp.put('copy', 'c3', 'c1', '{"a": "of c3"}', '{"a": 2}', '{"a": 2}');
SELECT pg_temp.put('copy', 'c4', 'c1', '{"a": "of c2", "b": "only c2"}', '{"a": 2, "b": 2}', '{}'), pg_temp.put('copy', 'c5', 'c1', '{"a": "of c3"}', '{"a": 2}', '{}'), pg_temp.put('copy', 'c6', 'c2', '{"a": "of c2", "b": "only c2"}', '{"a": 2, "b": 2}', '{}');
SELECT id, pg_temp.vals('copy', id) FROM unnest('{c4,c5,c6}'::text[]) id;
-- ... with messages: no body is stored twice.
CREATE FUNCTION pg_temp.msgs(n int) RETURNS jsonb LANGUAGE sql AS $$SELECT jsonb_agg(jsonb_build_object('type', 'human', 'id', 'm' || m, 'content', 'words ' || m)) FROM generate_series(1, n) m$$;
SELECT pg_temp.put('copy2', 'c1', NULL, jsonb_build_object('messages', pg_temp.msgs(2)), '{"messages": 1}'), pg_temp.put('copy2', 'c2', 'c1', jsonb_build_object('messages', pg_temp.msgs(3)), '{"messages": 2}'), pg_temp.put('copy2', 'c3', 'c1', jsonb_build_object('messages', pg_temp.msgs(3)), '{"messages": 2}', '{}'), pg_temp.put('copy2', 'c4', 'c1', '{}', '{"messages": 2}', '{}');
SELECT pg_temp.vals('copy2', 'c2') = pg_temp.vals('copy2', 'c3') AS given, pg_temp.vals('copy2', 'c2') = pg_temp.vals('copy2', 'c4') AS by_version, message_count FROM threadmem.thread_get('copy2');

-- docs/architecture.md#nothing-cuts-a-chain: a re-put changes no child, however far down, and cuts no chain.
SET threadmem.snapshot_ratio = 1000;
SELECT pg_temp.put('children', 'c' || n, 'c' || n - 1, jsonb_build_object('long', repeat('x', 3000), 'n', n, 'of', 'c' || n), jsonb_build_object('long', 1, 'n', n, 'of', n)) FROM generate_series(1, 6) n;
SELECT pg_temp.put('children', 'd' || n, 'c2', jsonb_build_object('long', repeat('x', 3000), 'n', n, 'd', true), jsonb_build_object('long', 1, 'n', 10 * n, 'd', n)) FROM generate_series(1, 2) n;
SELECT pg_temp.stored('children');
CREATE TEMP TABLE others AS SELECT checkpoint_id, checkpoint::text AS document FROM threadmem.checkpoint_list('children') WHERE checkpoint_id <> 'c2';
SELECT pg_temp.put('children', 'c2', 'c5', '{"new": true}', '{"new": 99}');
SELECT pg_temp.vals('children', 'c2') AS new, (SELECT count(*) FROM others JOIN threadmem.checkpoint_list('children') l USING (checkpoint_id) WHERE document = l.checkpoint::text) AS unchanged;
-- Its children have their whole state now, those further down need them only; the links are as they were.
SELECT pg_temp.stored('children') AS stored, pg_temp.links('children') AS links;
-- A child that comes now is made from the new state; one of a version that only the old state had finds it with the children.
SELECT pg_temp.put('children', 'e1', 'c2', '{}', '{"new": 99}', '{}'), pg_temp.put('children', 'e2', 'c2', '{}', '{"new": 99, "long": 1}', '{}');
SELECT pg_temp.vals('children', 'e1') AS e1, length(pg_temp.vals('children', 'e2') ->> 'long') AS found;
RESET threadmem.snapshot_ratio;

-- docs/architecture.md#two-doors: a missing parent gives a whole state whose parent is named all the same, and may come later.
SELECT pg_temp.put('gap', 'c3', 'c2', '{"a": 3, "b": 3}', '{"a": 3, "b": 3}', '{"a": 3}'), pg_temp.put('gap', 'c4', 'c3', '{"a": 4}', '{"a": 4, "b": 3}', '{"a": 4}');
SELECT checkpoint_id, parent_checkpoint_id, checkpoint -> 'channel_values' AS "values" FROM threadmem.checkpoint_list('gap');
SELECT pg_temp.put('gap', 'c2', 'c1', '{"a": 2, "b": 2}', '{"a": 2, "b": 3}');
SELECT checkpoint_id, parent_checkpoint_id, checkpoint -> 'channel_values' AS "values" FROM threadmem.checkpoint_list('gap');
SELECT pg_temp.links('gap');
-- Put again once the parent is there, it takes what it says it takes from the parent.
SELECT pg_temp.put('gap', 'c3', NULL, '{"a": 3}', '{"a": 3, "b": 3}', '{"a": 3}');
SELECT pg_temp.vals('gap', 'c3') AS c3, pg_temp.vals('gap', 'c4') AS c4;
-- A parent with the greater id, one that is the checkpoint itself, and two that are each other's.
SELECT pg_temp.put('odd', 'z', NULL, '{"a": 1}', '{"a": 1}'), pg_temp.put('odd', 'b', 'z', '{"b": 1}', '{"a": 1, "b": 1}', '{"b": 1}'), pg_temp.put('odd', 'self', 'self', '{"a": 2}', '{"a": 2}'), pg_temp.put('odd', 'x', 'y', '{"x": 1}', '{"x": 1}'), pg_temp.put('odd', 'y', 'x', '{"y": 1}', '{"x": 1, "y": 1}', '{"y": 1}');
SELECT pg_temp.put('odd', 'x', NULL, '{"x": 2}', '{"x": 2, "y": 1}', '{"x": 2}'), pg_temp.put('odd', 'self', NULL, '{"b": 3}', '{"a": 2, "b": 3}', '{"b": 3}'), pg_temp.put('odd', 'y', NULL, '{"y": 3}', '{"x": 2, "y": 3}', '{"y": 3}');
SELECT checkpoint_id, parent_checkpoint_id, checkpoint -> 'channel_values' AS "values" FROM threadmem.checkpoint_list('odd');

-- docs/architecture.md#the-tables: the small scalars of the head's values are kept for search: up to 256 bytes, no lists, no objects, no channels of LangGraph's own.
CREATE FUNCTION pg_temp.kept(thread text) RETURNS jsonb LANGUAGE sql AS $$SELECT "values" FROM threadmem_data.thread_values WHERE tenant_id = threadmem.current_tenant() AND thread_id = thread$$;
SELECT v AS values, (SELECT jsonb_object_agg(k, 1) FROM jsonb_object_keys(v) k) AS versions FROM (SELECT jsonb_build_object('text', 'short', 'n', 1.10, 'yes', true, 'null', NULL, 'exact', repeat('x', 256), 'over', repeat('x', 257), 'list', '[1]'::jsonb, 'object', '{"a": 1}'::jsonb, 'messages', '[]'::jsonb, '__start__', 'x', 'branch:to:agent', 'x')) u (v) \gset
SELECT pg_temp.put('kept', 'c1', NULL, :'values', :'versions');
SELECT pg_temp.kept('kept') - 'exact' AS kept, length(pg_temp.kept('kept') ->> 'exact') AS exact;
-- ... they follow the head: a step, an older one, a fork, a state without any, the head put again, a subgraph.
SELECT pg_temp.put('follow', 'c1', NULL, '{"a": 1, "b": 1}', '{"a": 1, "b": 1}') AS id, pg_temp.kept('follow') AS first;
SELECT pg_temp.put('follow', 'c2', 'c1', '{"a": 2}', '{"a": 2, "b": 1}', '{"a": 2}') AS id, pg_temp.kept('follow') AS step;
SELECT pg_temp.put('follow', 'c0', NULL, '{"a": "older"}', '{"a": 9}') AS id, pg_temp.kept('follow') AS older;
SELECT pg_temp.put('follow', 'c3', 'c1', '{}', '{"a": 1, "b": 1}', '{}') AS id, pg_temp.kept('follow') AS fork;
SELECT pg_temp.put('follow', 'c3', 'c1', '{"a": "again"}', '{"a": 3}') AS id, pg_temp.kept('follow') AS again;
SELECT pg_temp.put('follow', 'c4', 'c3', '{"l": []}', '{"l": 4}') AS id, pg_temp.kept('follow') AS none;
SELECT pg_temp.put('follow', 'c5', 'c4', '{"a": "back"}', '{"a": 5}') AS id, pg_temp.put('follow', 'c9', NULL, '{"a": "sub"}', '{"a": 9}', ns => 'sub') AS sub, pg_temp.kept('follow') AS back;
SELECT pg_temp.put('follow', 'c6', NULL, '{"a": "back"}', '{"a": 5}') AS id, pg_temp.kept('follow') AS root_with_the_same;
-- docs/architecture.md#where-messages-and-states-meet: seen of a root checkpoint is its parent's and its own revisions.
SELECT pg_temp.put('seen', 'c1', NULL, jsonb_build_object('messages', pg_temp.msgs(2)), '{"messages": 1}'), pg_temp.put('seen', 'c2', 'c1', '{"messages": [{"type": "ai", "id": "x", "content": "X"}]}', '{"messages": 2}'), pg_temp.put('seen', 'c3', 'c1', '{"messages": [{"type": "ai", "id": "y", "content": "Y"}]}', '{"messages": 3}'), pg_temp.put('seen', 'c4', 'c2', '{}', '{}'), pg_temp.put('seen', 'c5', NULL, '{}', '{}'), pg_temp.put('seen', 's1', NULL, '{}', '{}', ns => 'sub');
SELECT string_agg(format('%s%s', checkpoint_id, seen), ' ' ORDER BY seq) AS seen FROM threadmem_data.checkpoints WHERE tenant_id = 'checkpoint chain' AND thread_id = 'seen';
SELECT * FROM threadmem.threadmem_verify();
