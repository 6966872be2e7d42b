-- Several operations on the store in one call: reads see what was before, the last write of a key counts, one bad operation is all bad.
\set SHOW_CONTEXT never
\pset null (null)
SET TIME ZONE 'UTC';
SET threadmem.tenant = 'store batch';
CREATE FUNCTION pg_temp.batch(operations jsonb) RETURNS SETOF jsonb LANGUAGE sql AS $$
SELECT CASE jsonb_typeof(r) WHEN 'object' THEN r - '{created_at,updated_at,expires_at,score}'::text[]
       WHEN 'array' THEN (SELECT coalesce(jsonb_agg(CASE jsonb_typeof(i) WHEN 'object' THEN i - '{created_at,updated_at,expires_at,score,user_id}'::text[] ELSE i END), '[]') FROM jsonb_array_elements(r) i) ELSE r END FROM threadmem.store_batch(operations) r$$;

SELECT * FROM pg_temp.batch('[]');
SELECT * FROM pg_temp.batch('[{"op": "put", "namespace": ["a"], "key": "k", "value": {"n": 1}}, {"op": "put", "namespace": ["a", "b"], "key": "k", "value": {"n": 2, "t": "tea"}, "ttl": 1.5, "index": ["t"], "embeddings": [[1, 0], [0, 1.5]]},
    {"op": "put", "namespace": ["a"], "key": "unseen", "value": {"t": "tea"}, "index": false, "embeddings": [0, 1]}, {"op": "put", "namespace": ["a"], "key": "null", "value": {"t": "tea"}, "index": null, "ttl": null}]');
SELECT path, key, user_id, ttl_minutes, value, search, embeddings FROM threadmem_data.store_items WHERE tenant_id = 'store batch' ORDER BY path, key;
-- What reads sees what was before, wherever it stands; of the writes of a key the last counts.
SELECT * FROM pg_temp.batch('[{"op": "put", "namespace": ["a"], "key": "k", "value": {"n": 3}}, {"op": "get", "namespace": ["a"], "key": "k"}, {"op": "put", "namespace": ["a"], "key": "k", "value": {"n": 4}}, {"op": "get", "namespace": ["a"], "key": "none"},
    {"op": "delete", "namespace": ["a"], "key": "null"}, {"op": "search", "namespace_prefix": ["a"], "filter": {"n": {"$gte": 1}}}, {"op": "list_namespaces"}, {"op": "put", "namespace": ["new"], "key": "k", "value": {}}]');
SELECT * FROM pg_temp.batch('[{"op": "get", "namespace": ["a"], "key": "k"}, {"op": "get", "namespace": ["a"], "key": "null"}, {"op": "list_namespaces"}]');
SELECT * FROM pg_temp.batch('[{"op": "put", "namespace": ["a"], "key": "k", "value": null}, {"op": "put", "namespace": ["a"], "key": "k", "value": {"n": 5}}, {"op": "put", "namespace": ["new"], "key": "k", "value": {"n": 6}}, {"op": "put", "namespace": ["new"], "key": "k", "value": null}]');
SELECT path, key, value FROM threadmem_data.store_items WHERE tenant_id = 'store batch' ORDER BY path, key;
-- Searches: LangGraph's limits; words, embeddings, offsets.
SELECT count(*) FROM threadmem.store_batch((SELECT jsonb_agg(jsonb_build_object('op', 'put', 'namespace', jsonb_build_array('m', 'n' || i), 'key', 'k', 'value', jsonb_build_object('i', i))) FROM generate_series(1, 150) i));
SELECT jsonb_array_length(r) FROM threadmem.store_batch('[{"op": "search"}, {"op": "search", "limit": 0}, {"op": "search", "limit": 1000, "offset": 50, "namespace_prefix": ["m"]}, {"op": "list_namespaces"}, {"op": "list_namespaces", "limit": 7, "offset": 3},
    {"op": "list_namespaces", "max_depth": 1}]') r;
SELECT * FROM pg_temp.batch('[{"op": "search", "namespace_prefix": ["a"], "query": "tea"}, {"op": "search", "namespace_prefix": ["a"], "embedding": [0, 1], "limit": 1}, {"op": "list_namespaces", "match_conditions": [{"match_type": "prefix", "path": ["m"]},
    {"match_type": "suffix", "path": ["*", "n7"]}]}, {"op": "list_namespaces", "match_conditions": [{"match_type": "prefix", "path": ["a"]}, {"match_type": "prefix", "path": ["*", "b"]}]}]');
-- Renewals go with what was read, or by themselves.
UPDATE threadmem_data.store_items SET ttl_minutes = 60, expires_at = now() + interval '1 min', sweep_at = now() + interval '1 min' WHERE tenant_id = 'store batch' AND path ^@ 'm';
SELECT count(*) FROM threadmem.store_batch('[{"op": "get", "namespace": ["m", "n1"], "key": "k", "refresh_ttl": true}, {"op": "get", "namespace": ["m", "n2"], "key": "k"}, {"op": "get", "namespace": ["m", "n3"], "key": "k", "refresh_ttl": false},
    {"op": "touch", "namespace": ["m", "n4"], "key": "k"}, {"op": "search", "namespace_prefix": ["m", "n5"], "refresh_ttl": true}, {"op": "search", "namespace_prefix": ["m", "n6"]}, {"op": "search", "namespace_prefix": ["none"], "refresh_ttl": true},
    {"op": "get", "namespace": ["m", "n1"], "key": "k", "refresh_ttl": true}]');
SELECT namespace FROM threadmem.store_items WHERE expires_at > now() + interval '30 min' ORDER BY 1;

-- Bad input: which operation, and nothing is stored.
CREATE TEMP TABLE before AS SELECT s::text AS s FROM threadmem_data.store_items s WHERE tenant_id = 'store batch';
SELECT threadmem.store_batch('{}');
\set SHOW_CONTEXT errors
SELECT threadmem.store_batch('[{"op": "put", "namespace": ["a"], "key": "k", "value": {"bad": 1}}, {"op": "get", "namespace": [], "key": "k"}]');
\set SHOW_CONTEXT never
CREATE FUNCTION pg_temp.outcome(operation jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE detail text;
BEGIN
    PERFORM threadmem.store_batch(jsonb_build_array('{"op": "put", "namespace": ["a"], "key": "k", "value": {"bad": 1}}'::jsonb, operation));
    RETURN 'ok';
EXCEPTION WHEN OTHERS THEN GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL; RETURN SQLSTATE || ' ' || detail;
END$$;
SELECT left(o::text, 80) AS operation, pg_temp.outcome(o) FROM unnest(ARRAY['1', '{}', '{"op": null}', '{"op": "list"}', '{"op": 1}', '{"op": "get"}', '{"op": "get", "namespace": ["a"]}', '{"op": "get", "namespace": "a", "key": "k"}', '{"op": "get", "namespace": ["a.b"], "key": "k"}',
    '{"op": "get", "namespace": [1], "key": "k"}', '{"op": "get", "namespace": ["a"], "key": 1}', '{"op": "get", "namespace": ["a"], "key": ""}', '{"op": "get", "namespace": ["a"], "key": "k", "value": {}}', '{"op": "get", "namespace": ["a"], "key": "k", "refresh_ttl": 1}',
    '{"op": "put", "namespace": ["langgraph"], "key": "k", "value": {}}', '{"op": "put", "namespace": ["a"], "key": "k", "value": []}', '{"op": "put", "namespace": ["a"], "key": "k", "value": "x"}', '{"op": "put", "namespace": ["a"], "key": "k", "value": {}, "ttl": 0}',
    '{"op": "put", "namespace": ["a"], "key": "k", "value": {}, "ttl": "1"}', '{"op": "put", "namespace": ["a"], "key": "k", "value": {}, "index": true}', '{"op": "put", "namespace": ["a"], "key": "k", "value": {}, "index": ["a..b"]}',
    '{"op": "put", "namespace": ["a"], "key": "k", "value": {}, "embeddings": {}}', '{"op": "put", "namespace": ["a"], "key": "k", "value": {}, "embeddings": []}', '{"op": "put", "namespace": ["a"], "key": "k", "value": {}, "embeddings": [[1, 2], [1]]}',
    '{"op": "put", "namespace": ["a"], "key": "k", "value": {}, "embeddings": [[1, 2], 1]}', '{"op": "put", "namespace": ["a"], "key": "k", "value": {}, "embeddings": ["x"]}', '{"op": "put", "namespace": ["a"], "key": "k", "value": {}, "embeddings": [0, 0]}',
    '{"op": "put", "namespace": ["a"], "key": "k", "value": {}, "embeddings": [1e400]}', '{"op": "search", "limit": 1001}', '{"op": "search", "limit": -1}', '{"op": "search", "limit": 1.5}', '{"op": "search", "offset": -1}', '{"op": "search", "filter": {"x": {"$in": []}}}',
    '{"op": "search", "filter": []}', '{"op": "search", "query": 1}', '{"op": "search", "namespace_prefix": ["a.b"]}', '{"op": "search", "max_rows": 1}', '{"op": "search", "embedding": [[1, 2]]}', '{"op": "list_namespaces", "max_depth": 0}',
    '{"op": "list_namespaces", "match_conditions": {}}', '{"op": "list_namespaces", "match_conditions": [1]}', '{"op": "list_namespaces", "match_conditions": [{"match_type": "middle", "path": ["a"]}]}',
    '{"op": "list_namespaces", "match_conditions": [{"match_type": "prefix", "path": [""]}]}', '{"op": "list_namespaces", "match_conditions": [{"type": "prefix"}]}']::jsonb[]) o;
SELECT threadmem.store_batch((SELECT jsonb_agg('{"op": "search"}'::jsonb) FROM generate_series(1, 1001)));
SELECT count(*) FROM (SELECT s FROM before EXCEPT SELECT s::text FROM threadmem_data.store_items s) d;
SELECT sum(deleted) > 0 AS gone FROM threadmem.tenant_delete('store batch');
