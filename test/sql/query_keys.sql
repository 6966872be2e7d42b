-- Keys of the GIN indexes: those of two tenants never meet, and nothing that is looked for is missed.
\set SHOW_CONTEXT never
CREATE FUNCTION pg_temp.shown(keys text[]) RETURNS text[] LANGUAGE sql AS
$$SELECT array_agg(replace(replace(replace(replace(k, E'\x01', '<1>'), E'\x02', '<2>'), E'\x03', '<3>'), E'\x04', '<4>') ORDER BY n) FROM unnest(keys) WITH ORDINALITY AS u(k, n)$$;
SELECT pg_temp.shown(threadmem.tenant_keys('acme', to_tsvector('english', 'Dogs chase the cats, and dogs sleep'), '{t 1,ann}'));
SELECT pg_temp.shown(threadmem.tenant_keys('', 'a b'::tsvector, '{t,NULL}')), pg_temp.shown(threadmem.tenant_keys('', 'a'::tsvector, '{NULL,u}')), threadmem.tenant_keys('acme', ''::tsvector, '{t,u}') AS none, threadmem.tenant_keys('acme', NULL::tsvector, '{t,u}') AS unknown, threadmem.tenant_keys('acme', ''::tsvector, '{}') AS no_ids;
SELECT cardinality(k), (pg_temp.shown(k))[1] ~ '^acme<1>[0-9a-f]{8}$' AS form, k = (SELECT array_agg(e ORDER BY e COLLATE "C") FROM (SELECT DISTINCT e FROM unnest(k) e) d) AS in_order_and_once
  FROM threadmem.tenant_keys('acme', '{"a": [1, 1.0, "1", {"b": null}], "c": true, "d": {}, "e": []}'::jsonb) AS k;
SELECT threadmem.tenant_keys('acme', '{}'::jsonb) AS none, threadmem.tenant_keys('acme', '{"a": {"b": []}}'::jsonb) AS also_none;
-- Over 65,536 values a document has one key, which every search asks for.
SELECT n, (pg_temp.shown(k))[1] = 'acme<2>' AS one_for_all, cardinality(k)
  FROM (SELECT n, threadmem.tenant_keys('acme', (SELECT jsonb_object_agg('k' || i, i) FROM generate_series(1, n) i)) AS k FROM unnest('{65000,65600}'::int[]) n) d;
SELECT replace(replace(threadmem.tenant_query('acme', websearch_to_tsquery('english', 'dogs -"black cats" or bird'), '{}')::text, E'\x01', '<1>'), E'\x02', '<2>');
SELECT replace(threadmem.tenant_query('', 'a:*B & !c'::tsquery, '{}')::text, E'\x01', '<1>'), threadmem.tenant_query('acme', ''::tsquery, '{t,u}') AS nothing;
SELECT replace(replace(replace(threadmem.tenant_query('acme', 'a | b'::tsquery, ids)::text, E'\x01', '<1>'), E'\x03', '<3>'), E'\x04', '<4>') FROM (VALUES ('{t 1,NULL}'::text[]), ('{NULL,ann}'), ('{t 1,ann}'), ('{t,u,s,more}')) v (ids);
SELECT numnode(threadmem.tenant_query('acme', '{"a": 1}'::jsonb)) AS one, numnode(threadmem.tenant_query('acme', '{"a": [1, 2, 3]}'::jsonb)) AS three;
SELECT numnode(threadmem.tenant_query('acme', (SELECT string_agg('w' || i, '&') FROM generate_series(1, 20000) i)::tsquery, '{}'));
SELECT threadmem.tenant_query(repeat('t', 60), (SELECT string_agg('w' || i, '&') FROM generate_series(1, 20000) i)::tsquery, '{}');

-- What matches is met by its keys; without positions or weights in question, nothing else is.
CREATE TEMP TABLE texts AS
SELECT t, to_tsvector('simple', t) AS v FROM unnest(ARRAY['a b c', 'b a', 'c', 'abc ab', 'a', '', 'b c d e', 'e d c b a', 'ab', 'a c b']) t;
CREATE TEMP TABLE questions (q tsquery);
INSERT INTO questions VALUES ('a'), ('a & b'), ('a | d'), ('!a'), ('a & !b'), ('!(a & b)'), ('a <-> b'), ('!(a <-> b)'), ('b <-> a'), ('a <2> b'), ('ab:*'), ('a:*'), ('!ab:*'), ('z'),
    ('(a | b) & (c | d)'), ('a <-> (b | c)'), ('!!a'), ('a:A'), ('!a:A');
SELECT count(*), count(*) FILTER (WHERE m), count(*) FILTER (WHERE m AND NOT k) AS missed, count(*) FILTER (WHERE k AND NOT m) AS more,
       count(*) FILTER (WHERE k AND NOT m AND q::text !~ '<|:A') AS more_without_place, count(*) FILTER (WHERE other AND q::text !~ '!') AS of_another,
       count(*) FILTER (WHERE k <> of_ids AND length(v) > 0) AS of_ids, count(*) FILTER (WHERE of_other_ids) AS of_other_ids
  FROM (SELECT q, v, v @@ q AS m, threadmem.tenant_keys('acme', v, '{t,u}') OPERATOR(threadmem.@@) threadmem.tenant_query('acme', q, '{}') AS k,
               threadmem.tenant_keys('acm', v, '{t,u}') OPERATOR(threadmem.@@) threadmem.tenant_query('acme', q, '{}') AS other,
               threadmem.tenant_keys('acme', v, '{t,u}') OPERATOR(threadmem.@@) threadmem.tenant_query('acme', q, '{t,u}') AS of_ids, threadmem.tenant_keys('acme', v, '{t,u}') OPERATOR(threadmem.@@) threadmem.tenant_query('acme', q, '{NULL,t}') AS of_other_ids FROM texts, questions) AS tried;
CREATE TEMP TABLE documents (d jsonb);
INSERT INTO documents VALUES ('{"a": 1}'), ('{"a": 1.0, "b": 2}'), ('{"a": [1, 2, {"c": 3}]}'), ('{"a": {"c": 3}}'), ('{"a": null}'), ('{"b": [[1], [2, 3]]}'), ('{"b": [[1, 2]]}'), ('{"a": "1"}'), ('{"c": {"a": 1}}');
SELECT count(*), count(*) FILTER (WHERE m), count(*) FILTER (WHERE m AND NOT k) AS missed
  FROM (SELECT w.d @> p.d AS m, threadmem.tenant_keys('acme', w.d) OPERATOR(threadmem.@@) threadmem.tenant_query('acme', p.d) AS k FROM documents w, documents p) AS tried;
SELECT threadmem.tenant_keys('acme', (SELECT jsonb_object_agg('k' || i, i) FROM generate_series(1, 65600) i)) OPERATOR(threadmem.@@) threadmem.tenant_query('acme', '{"k7": 7}'::jsonb) AS large;
SELECT ARRAY[NULL]::text[] OPERATOR(threadmem.@@) 'a'::tsquery;
SELECT amvalidate(oid) FROM pg_opclass WHERE opcnamespace = 'threadmem'::regnamespace;

-- A bitmap that has lost its rows asks the operator itself.
SET threadmem.tenant = 'keys test';
SELECT count(threadmem.thread_create('t' || i, metadata => jsonb_build_object('n', i % 7, 'text', repeat('x', 500)))) FROM generate_series(1, 3000) i;
SELECT count(threadmem.message_add('t' || i, 'user', CASE i % 5 WHEN 0 THEN 'black cat ' WHEN 1 THEN 'cat black ' ELSE 'dog ' END || i)) FROM generate_series(1, 3000) i;
VACUUM ANALYZE threadmem_data.threads, threadmem_data.messages;
SET work_mem = '64kB';
SELECT threadmem.thread_count(metadata => '{"n": 3}'), (SELECT count(*) FROM threadmem.message_search('"black cat"', max_rows => 1000)), (SELECT count(*) FROM threadmem.message_search('cat -black', max_rows => 1000)) AS none,
       (SELECT count(*) FROM threadmem.message_search('-cat', max_rows => 1000)) AS without, (SELECT count(*) FROM threadmem.message_search('"black cat" or dog', max_rows => 1000)) AS either;
RESET work_mem;
-- Filters that no key leads to, and a document with one key for all of its values.
SELECT threadmem.thread_count(metadata => '{}'), threadmem.thread_count(metadata => '{"n": {}}') AS no_object, (SELECT count(*) FROM threadmem.message_search('the')) AS stop_word, (SELECT count(*) FROM threadmem.message_search('')) AS no_word;
SELECT thread_id FROM threadmem.thread_create('large', metadata => (SELECT jsonb_object_agg('k' || i, i) FROM generate_series(1, 70000) i));
SELECT threadmem.thread_count(metadata => '{"k69999": 69999}'), threadmem.thread_count(metadata => (SELECT jsonb_object_agg('k' || i, i) FROM generate_series(1, 1000) i)) AS by_many, threadmem.thread_count(metadata => '{"k69999": 1}') AS none;

-- Nothing tells how common another tenant's word or value is, however much of its own a tenant has. Inserted as they are, for there are many.
INSERT INTO threadmem_data.messages (tenant_id, thread_id, rev, seq, event_at, created_at, message_id, role, user_id, status, body_hash, body, search)
SELECT t, 'many', i, i, now(), now(), 'm' || i, 'user', 'of ' || word, 'completed', sha256('{}'), '{"content": "x"}', to_tsvector('english', word || ' w' || i % 300)
  FROM (VALUES ('keys test', 'quokka'), ('keys test 2', 'zebra')) AS of(t, word), generate_series(1, 25000) i;
INSERT INTO threadmem_data.threads (tenant_id, thread_id, user_id, assistant_id, created_at, updated_at, updated_hour, metadata, title, search)
SELECT t, 'x' || i, 'of ' || word, 'a ' || word, now(), now(), date_trunc('hour', now(), 'UTC'), jsonb_build_object('team', word, 'n', i % 300), 'x', to_tsvector('english', word || ' v' || i % 300)
  FROM (VALUES ('keys test', 'quokka'), ('keys test 2', 'zebra')) AS of(t, word), generate_series(1, 25000) i;
INSERT INTO threadmem_data.messages (tenant_id, thread_id, rev, seq, event_at, created_at, message_id, role, user_id, status, body_hash, body, search)
SELECT 'keys test', 'fewer', i, i, now(), now(), 'm' || i, 'user', 'of quokka', 'completed', sha256('{}'), '{"content": "x"}', to_tsvector('english', CASE i WHEN 7 THEN 'quokka' ELSE 'w' END) FROM generate_series(1, 1000) i;
INSERT INTO threadmem_data.threads (tenant_id, thread_id, user_id, next_seq, next_rev, live_messages, created_at, updated_at, updated_hour)
SELECT 'keys test', t, 'of quokka', n + 1, n + 1, n, now(), now(), date_trunc('hour', now(), 'UTC') FROM (VALUES ('many', 25000), ('fewer', 1000)) v (t, n);
VACUUM ANALYZE threadmem_data.threads, threadmem_data.messages;
CREATE FUNCTION pg_temp.pages(query text) RETURNS bigint LANGUAGE plpgsql AS
$$DECLARE plan json; BEGIN EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ' || query INTO plan; EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ' || query INTO plan;
  RETURN (plan->0->'Plan'->>'Shared Hit Blocks')::bigint + (plan->0->'Plan'->>'Shared Read Blocks')::bigint; END$$;
SELECT pg_temp.pages($$SELECT * FROM threadmem.message_search('zebra')$$) = pg_temp.pages($$SELECT * FROM threadmem.message_search('walrus')$$) AS same_of_words,
       pg_temp.pages($$SELECT threadmem.thread_count(metadata => '{"team": "zebra"}')$$) = pg_temp.pages($$SELECT threadmem.thread_count(metadata => '{"team": "walrus"}')$$) AS same_of_documents,
       pg_temp.pages($$SELECT * FROM threadmem.message_search('w7')$$) > pg_temp.pages($$SELECT * FROM threadmem.message_search('walrus')$$) AS own_are_seen;
SELECT pg_temp.pages($$SELECT threadmem.thread_count(query => 'zebra')$$) = pg_temp.pages($$SELECT threadmem.thread_count(query => 'walrus')$$) AS same_of_titles, pg_temp.pages($$SELECT threadmem.thread_count(query => 'v7')$$) > pg_temp.pages($$SELECT threadmem.thread_count(query => 'walrus')$$) AS own_are_seen,
       threadmem.thread_count(query => 'v7'), pg_temp.pages($$SELECT threadmem.thread_count(query => 'v7')$$) < 1000 AS by_index;
-- In a thread a word is found by the index, which meets the thread's key there: a word that few of its many messages have, and one that all of another thread's have.
SELECT pg_temp.pages($$SELECT * FROM threadmem.message_search('w7', thread_id => 'many')$$) < 150 AS of_84, pg_temp.pages($$SELECT * FROM threadmem.message_search('quokka', thread_id => 'fewer')$$) < 50 AS of_1,
       pg_temp.pages($$SELECT * FROM threadmem.message_search('zebra', thread_id => 'many')$$) = pg_temp.pages($$SELECT * FROM threadmem.message_search('walrus', thread_id => 'many')$$) AS same_of_words;
SELECT count(*) AS in_one, count(*) FILTER (WHERE thread_id = 'many') AS in_that FROM threadmem.message_search('w7', thread_id => 'many', max_rows => 1000);
SELECT (SELECT count(*) FROM threadmem.message_search('quokka -w7', thread_id => 'many', max_rows => 1000)) AS without, (SELECT count(*) FROM threadmem.message_search('"quokka w7"', thread_id => 'many', max_rows => 1000)) AS phrase,
       (SELECT count(*) FROM threadmem.message_search('w7', thread_id => 'many', user_id => 'of quokka', max_rows => 1000)) AS of_both, (SELECT count(*) FROM threadmem.message_search('w7', thread_id => 'many', user_id => 'of zebra')) AS of_another, (SELECT count(*) FROM threadmem.message_search('-w', thread_id => 'fewer')) AS by_no_word;
-- Nor how common an id is, though it is the table's statistics that a search by values is planned from.
SELECT pg_temp.pages($$SELECT * FROM threadmem.thread_search(user_id => 'of zebra', metadata => '{"n": 5}')$$) = pg_temp.pages($$SELECT * FROM threadmem.thread_search(user_id => 'of walrus', metadata => '{"n": 5}')$$) AS same_of_users,
       pg_temp.pages($$SELECT * FROM threadmem.thread_search(assistant_id => 'a zebra', metadata => '{"n": 5}')$$) = pg_temp.pages($$SELECT * FROM threadmem.thread_search(assistant_id => 'a walrus', metadata => '{"n": 5}')$$) AS same_of_assistants,
       pg_temp.pages($$SELECT * FROM threadmem.message_search('w7', user_id => 'of zebra')$$) = pg_temp.pages($$SELECT * FROM threadmem.message_search('w7', user_id => 'of walrus')$$) AS same_of_owners;
DELETE FROM threadmem_data.messages WHERE tenant_id ~ '^keys test';
DELETE FROM threadmem_data.threads WHERE tenant_id ~ '^keys test';
DELETE FROM threadmem_data.thread_values WHERE tenant_id ~ '^keys test';

-- A search that may not have the stack it takes fails before it looks at a row, so that its failing tells of none.
SET max_stack_depth = '200kB';
\set VERBOSITY sqlstate
SELECT count(*) FROM threadmem.message_search('zebra');
SELECT count(*) FROM threadmem.message_search('walrus');
\set VERBOSITY default
RESET max_stack_depth;
SELECT count(*) FROM threadmem.message_search('zebra');
