-- The store: items put, read, renewed, swept and deleted; whose they are; bad input is one error and changes nothing.
\set SHOW_CONTEXT never
\pset null (null)
SET TIME ZONE 'UTC';
SET threadmem.tenant = 'store test';

-- All that an item has. created_at survives a second put, the rest is new.
SELECT namespace, key, value, user_id, ttl_minutes, expires_at, created_at = updated_at AS fresh FROM threadmem.store_put('{memories,ada}', 'tea', '{"likes": "green tea", "n": 1.10}');
SELECT namespace, key, value, ttl_minutes, expires_at - updated_at AS lives, created_at < updated_at AS older FROM threadmem.store_put('{memories,ada}', 'tea', '{"likes": "oolong"}', 0.02);
SELECT namespace, key, value, ttl_minutes, expires_at - updated_at AS lives, created_at < updated_at AS older FROM threadmem.store_get('{memories,ada}', 'tea');
SELECT ttl_minutes, expires_at FROM threadmem.store_put('{memories,ada}', 'tea', '{}');
SELECT count(*) FROM threadmem.store_items;

-- A name is one namespace and one key: no label runs into the next.
SELECT count(threadmem.store_put(n, k, '{}')) FROM (VALUES ('{a,b}'::text[], 'c'), ('{a}', 'b'), ('{ab}', 'c'), ('{a}', 'b.c'), ('{A}', 'b'), (ARRAY['a b', '%'], E'line\nbreak'), ('{é,日本}', '*')) v (n, k);
SELECT namespace, key FROM threadmem.store_items ORDER BY namespace COLLATE "C", key COLLATE "C";
SELECT namespace, key FROM threadmem.store_get('{é,日本}', '*');

-- None there: an error, or no row.
SELECT threadmem.store_get('{memories,ada}', 'coffee');
SELECT threadmem.store_get('{memories,ada}', 'coffee', missing_ok => false);
SELECT count(*) FROM threadmem.store_get('{memories,ada}', 'coffee', missing_ok => true);
SELECT threadmem.store_delete('{memories,ada}', 'tea'), threadmem.store_delete('{memories,ada}', 'tea');
SELECT threadmem.store_get('{memories}', 'tea', true);

-- Bounds.
SELECT octet_length(key) FROM threadmem.store_put(ARRAY[repeat('x', 255)], repeat('k', 1000), '{}');
SELECT length(array_to_string(namespace, ' ')) FROM threadmem.store_put(ARRAY[repeat('x', 255), repeat('x', 255), repeat('x', 255), repeat('x', 232)], 'k', '{}');
SELECT ttl_minutes FROM threadmem.store_put('{b}', 'k', '{}', 5256000);
SELECT threadmem.store_put(ARRAY[repeat('x', 256)], 'k', '{}');
SELECT threadmem.store_put(ARRAY[repeat('x', 255), repeat('x', 255), repeat('x', 255), repeat('x', 233)], 'k', '{}');
SELECT threadmem.store_put('{b}', repeat('k', 1001), '{}');
SELECT threadmem.store_put('{b}', '', '{}');
SELECT threadmem.store_put('{}', 'k', '{}');
SELECT threadmem.store_put('{""}', 'k', '{}');
SELECT threadmem.store_put('{a.b}', 'k', '{}');
SELECT threadmem.store_put(ARRAY[E'a\u0001b'], 'k', '{}');
SELECT threadmem.store_put('{langgraph,b}', 'k', '{}');
SELECT threadmem.store_put('{{a},{b}}', 'k', '{}');
SELECT threadmem.store_put('{a,NULL}', 'k', '{}');
SELECT threadmem.store_put(NULL, 'k', '{}');
SELECT threadmem.store_put('{b}', NULL, '{}');
SELECT threadmem.store_put('{b}', 'k', NULL);
SELECT threadmem.store_put('{b}', 'k', '[]');
SELECT threadmem.store_put('{b}', 'k', '{}', ttl_minutes => m) FROM unnest('{0}'::float8[]) m;
\set VERBOSITY sqlstate
SELECT threadmem.store_put('{b}', 'k', '{}', ttl_minutes => -1);
SELECT threadmem.store_put('{b}', 'k', '{}', ttl_minutes => 5256000.1);
SELECT threadmem.store_put('{b}', 'k', '{}', ttl_minutes => 'NaN');
SELECT threadmem.store_put('{b}', 'k', '{}', ttl_minutes => 'infinity');
SELECT threadmem.store_get('{}', 'k');
SELECT threadmem.store_get('{a.b}', 'k');
SELECT threadmem.store_delete('{b}', '');
SELECT threadmem.store_touch('{}', 'k');
SELECT threadmem.store_purge_expired(-1);
SELECT threadmem.store_purge_expired(1001);
\set VERBOSITY default
SET threadmem.max_body = '1kB';
SELECT threadmem.store_put('{b}', 'k', jsonb_build_object('x', repeat('x', 1100)));
RESET threadmem.max_body;
SELECT value, ttl_minutes FROM threadmem.store_get('{b}', 'k');

-- Embeddings: one, or several of one length.
SELECT key FROM threadmem.store_put('{v}', 'one', '{}', embeddings => '{1,2,3}');
SELECT key FROM threadmem.store_put('{v}', 'two', '{}', embeddings => '{{1,2,3},{0,0,1}}');
SELECT key, embeddings FROM threadmem_data.store_items WHERE path = 'v' ORDER BY key;
SELECT threadmem.store_put('{v}', 'bad', '{}', embeddings => '{{{1}}}');
SELECT threadmem.store_put('{v}', 'bad', '{}', embeddings => '{}');
SELECT threadmem.store_put('{v}', 'bad', '{}', embeddings => '{{1,2},{0,0}}');
SELECT threadmem.store_put('{v}', 'bad', '{}', embeddings => '{{1,2},{NaN,0}}');
SELECT threadmem.store_put('{v}', 'bad', '{}', embeddings => '{{1,2},{NULL,0}}');
SELECT threadmem.store_put('{v}', 'bad', '{}', embeddings => array_fill(1::float8, '{1001,1}'));
SELECT threadmem.store_put('{v}', 'bad', '{}', embeddings => array_fill(1::float8, '{1,16001}'));
SELECT count(threadmem.store_put('{v}', 'most', '{}', embeddings => array_fill(1::float8, '{1000,2}'))), count(threadmem.store_put('{v}', 'longest', '{}', embeddings => array_fill(1::float8, '{1,16000}')));
-- A put takes the whole item's place.
SELECT key FROM threadmem.store_put('{v}', 'one', '{}');
SELECT embeddings FROM threadmem_data.store_items WHERE path = 'v' AND key = 'one';
SELECT count(*) FROM (SELECT threadmem.store_delete('{v}', key) FROM threadmem.store_search('{v}')) d;

-- A time to live: what has expired is not there, though it still is; a put makes another item of it.
CREATE FUNCTION pg_temp.pass(seconds integer) RETURNS bigint LANGUAGE sql AS $$WITH u AS (UPDATE threadmem_data.store_items SET expires_at = expires_at - make_interval(secs => seconds),
    sweep_at = sweep_at - make_interval(secs => seconds), created_at = created_at - make_interval(secs => seconds), updated_at = updated_at - make_interval(secs => seconds)
    WHERE tenant_id = 'store test' AND path ~ '^ttl' RETURNING 1) SELECT count(*) FROM u$$;
SELECT count(threadmem.store_put('{ttl}', 'k' || i, jsonb_build_object('tea', i), i)) FROM generate_series(1, 4) i;
SELECT count(threadmem.store_put('{ttl}', 'stays', '{"tea": 0}')), count(threadmem.store_put('{ttl,only}', 'k', '{}', 0.5));
SELECT pg_temp.pass(90);
SELECT key FROM threadmem.store_search('{ttl}') ORDER BY key;
SELECT key FROM threadmem.store_items WHERE namespace[1] = 'ttl' ORDER BY key;
SELECT key FROM threadmem.store_search('{ttl}', query => '1 or 2') ORDER BY key;
SELECT namespace FROM threadmem.store_list_namespaces('{ttl}');
SELECT threadmem.store_get('{ttl}', 'k1');
SELECT threadmem.store_touch('{ttl}', 'k1') AS expired, threadmem.store_touch('{ttl}', 'k2') AS renewed, threadmem.store_touch('{ttl}', 'stays') AS stays, threadmem.store_touch('{ttl}', 'none') AS none;
SELECT created_at > now() - interval '5 s' AS another FROM threadmem.store_put('{ttl}', 'k1', '{}', 1);
SELECT created_at > now() - interval '5 s' AS another FROM threadmem.store_put('{ttl}', 'k3', '{}', 3);
SELECT threadmem.store_delete('{ttl,only}', 'k') AS was_there;
SELECT count(*) FROM threadmem_data.store_items WHERE tenant_id = 'store test' AND path ^@ ('ttl' || chr(1));
-- Renewed, an item lives from then on, to the part of a minute, and a sweep goes by that.
SELECT count(threadmem.store_put('{ttl}', 'part', '{}', 1.5));
SELECT pg_temp.pass(60), threadmem.store_touch('{ttl}', 'part'), pg_temp.pass(60);
SELECT expires_at - now() BETWEEN '25 s' AND '30 s' AS half_a_minute, ttl_minutes FROM threadmem.store_get('{ttl}', 'part');
SELECT sweep_at < now() AS due FROM threadmem_data.store_items WHERE path = 'ttl' AND key = 'part';
SELECT threadmem.store_purge_expired(0), threadmem.store_purge_expired(), threadmem.store_purge_expired();
SELECT key, sweep_at = expires_at AS later FROM threadmem_data.store_items WHERE tenant_id = 'store test' AND path = 'ttl' ORDER BY key;
SELECT pg_temp.pass(3600), threadmem.store_purge_expired(1), threadmem.thread_purge_expired(), threadmem.thread_purge_expired();
SELECT key FROM threadmem_data.store_items WHERE tenant_id = 'store test' AND path = 'ttl';
-- A renewal changes no index.
SELECT count(threadmem.store_put('{ttl}', 'hot', '{}', 5));
SELECT relname, indkey FROM pg_index JOIN pg_class ON oid = indexrelid JOIN pg_attribute a ON a.attrelid = indrelid AND a.attnum = ANY (indkey::int2[])
 WHERE indrelid = 'threadmem_data.store_items'::regclass AND attname = 'expires_at';

-- What a person's is: the element that the setting names.
SET threadmem.store_user_element = 2;
SELECT key, user_id FROM threadmem.store_put('{memories,ada}', 'a', '{"of": "ada"}');
SELECT key, user_id FROM threadmem.store_put('{memories,bob,deep}', 'b', '{"of": "bob"}');
SELECT key, user_id FROM threadmem.store_put('{memories}', 'all', '{"of": "nobody"}');
SET threadmem.user_id = 'ada';
SELECT namespace, key FROM threadmem.store_search('{memories}') ORDER BY key;
SELECT namespace FROM threadmem.store_list_namespaces('{memories}');
SELECT threadmem.store_get('{memories,bob,deep}', 'b');
SELECT threadmem.store_delete('{memories,bob,deep}', 'b'), threadmem.store_touch('{memories,bob,deep}', 'b');
SELECT threadmem.store_put('{memories,bob,deep}', 'b', '{"of": "ada"}');
SELECT threadmem.store_put('{memories,bob}', 'new', '{}');
SELECT threadmem.store_batch('[{"op": "put", "namespace": ["memories", "bob"], "key": "new", "value": {}}]');
SELECT key, user_id FROM threadmem.store_put('{memories,ada}', 'a', '{"of": "ada again"}');
SELECT key, user_id FROM threadmem.store_put('{memories}', 'all', '{"of": "everybody"}');
SELECT key FROM threadmem.store_items WHERE namespace[1] = 'memories' ORDER BY key;
-- Put without the setting, it would be nobody's; the row of another is there and hidden.
SET threadmem.store_user_element = 0;
SELECT threadmem.store_put('{memories,bob,deep}', 'b', '{}');
SET threadmem.store_user_element = 2;
RESET threadmem.user_id;
SELECT key, value, user_id FROM threadmem.store_search('{memories}') ORDER BY key;
-- It comes with an export and goes with a deletion.
SELECT count(threadmem.user_create(u)) FROM unnest('{ada,bob}'::text[]) u;
SELECT e - '{created_at,updated_at}'::text[] AS exported FROM threadmem.user_export('ada') e WHERE e ->> 'object' = 'store_item';
SELECT deleted FROM threadmem.user_delete('ada') WHERE kind = 'store_items';
SELECT key FROM threadmem.store_search('{memories}') ORDER BY key;

-- Another tenant has its own.
SET threadmem.tenant = 'store other';
SELECT count(*) FROM threadmem.store_search();
SELECT value FROM threadmem.store_put('{memories}', 'all', '{"of": "others"}');
SET threadmem.tenant = 'store test';
SELECT value FROM threadmem.store_get('{memories}', 'all');

-- An operator sweeps all tenants; what was renewed is no more due then.
SELECT count(threadmem.store_put('{swept}', k, '{}', 1)) FROM unnest('{over,renewed}'::text[]) k;
UPDATE threadmem_data.store_items SET sweep_at = now() - interval '1 hour', expires_at = CASE key WHEN 'over' THEN now() - interval '1 hour' ELSE expires_at END WHERE tenant_id = 'store test' AND path = 'swept';
SET threadmem.tenant = '';
SELECT tenant_id, count FROM threadmem.tenants_purge_expired() WHERE tenant_id = 'store test';
SELECT tenant_id, count FROM threadmem.tenants_purge_expired() WHERE tenant_id = 'store test';
SET threadmem.tenant = 'store test';
SELECT threadmem.store_delete(namespace, key), key FROM threadmem.store_search('{swept}');

-- Verification: what no function writes is found.
SELECT problem FROM threadmem.threadmem_verify();
UPDATE threadmem_data.store_items SET user_id = 'cleo' WHERE tenant_id = 'store test' AND key = 'b';
UPDATE threadmem_data.store_items SET path = path || chr(1) || chr(1) || 'x' WHERE tenant_id = 'store test' AND key = 'all';
SELECT problem FROM threadmem.threadmem_verify() ORDER BY 1;
SELECT threadmem.threadmem_verify('none');
-- And what would be damage is refused.
\set VERBOSITY sqlstate
UPDATE threadmem_data.store_items SET value = '[]' WHERE tenant_id = 'store test';
UPDATE threadmem_data.store_items SET embeddings = '{{{1}}}' WHERE tenant_id = 'store test';
UPDATE threadmem_data.store_items SET ttl_minutes = 0, sweep_at = now(), expires_at = now() WHERE tenant_id = 'store test';
UPDATE threadmem_data.store_items SET sweep_at = now() WHERE tenant_id = 'store test' AND ttl_minutes IS NULL;
UPDATE threadmem_data.store_items SET updated_at = 'infinity' WHERE tenant_id = 'store test';
UPDATE threadmem_data.store_items SET expires_at = now() WHERE tenant_id = 'store test' AND ttl_minutes IS NULL;
UPDATE threadmem_data.store_items SET key = '' WHERE tenant_id = 'store test';
\set VERBOSITY default
-- Past the constraint, a search goes on without it.
SELECT count(threadmem.store_put('{d}', 'good', '{"x": 1}', embeddings => '{1,0}'));
BEGIN;
ALTER TABLE threadmem_data.store_items DROP CONSTRAINT store_items_sound;
INSERT INTO threadmem_data.store_items (path, key, created_at, updated_at, value, search, embeddings, ttl_minutes, expires_at) VALUES ('d', 'list', now(), now(), '[1]', '', '{{{1}}}', 'NaN', 'infinity');
SELECT key FROM threadmem.store_search('{d}', '{"x": 1}');
SELECT key, score FROM threadmem.store_search('{d}', embedding => '{1,0}');
SELECT key, value FROM threadmem.store_search('{d}') ORDER BY key;
SELECT problem FROM threadmem.threadmem_verify() WHERE problem ~ 'value';
ROLLBACK;
SELECT sum(deleted) > 0 AS gone FROM threadmem.tenant_delete('store test');
SELECT sum(deleted) > 0 AS gone FROM threadmem.tenant_delete('store other');
