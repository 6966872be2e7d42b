-- The search finds live messages by their words and by nothing else, and uses its index below a row security policy too.
\set SHOW_CONTEXT never
\pset null (null)
SET TIME ZONE 'UTC';
SET threadmem.tenant = 'search test';
SELECT count(threadmem.user_create(u)) FROM unnest('{ann,bob}'::text[]) u;
SELECT thread_id FROM threadmem.thread_create('a1', user_id => 'ann', messages =>
    '[{"id": "1", "role": "user", "content": "The weather in Paris is lovely today", "created_at": "2026-01-01T00:00:00Z"},
      {"id": "2", "role": "assistant", "content": "Paris, Paris, Paris: rain is forecast", "created_at": "2026-01-02T00:00:00Z"},
      {"id": "3", "role": "tool", "content": [{"type": "text", "text": "forecasting service is down"}, {"type": "image_url", "image_url": {"url": "paris.png"}}], "created_at": "2026-01-03T00:00:00Z"}]');
SELECT thread_id FROM threadmem.thread_create('a2', user_id => 'ann', messages =>
    '[{"id": "4", "role": "user", "content": "I moved from London to Paris", "created_at": "2026-01-04T00:00:00Z"},
      {"id": "5", "role": "human", "content": "Running shoes, size 42", "created_at": "2026-01-05T00:00:00Z", "metadata": {"colour": "vermilion"}, "name": "Zaphod", "sender_id": "trillian"}]');
SELECT thread_id FROM threadmem.thread_create('b1', user_id => 'bob', messages =>
    '[{"id": "6", "role": "user", "content": "London weather is rainy", "created_at": "2026-01-06T00:00:00Z"},
      {"id": "7", "role": "assistant", "content": "", "tool_calls": [{"function": {"name": "get_umbrella", "arguments": "{}"}}], "created_at": "2026-01-07T00:00:00Z"}]');
SELECT thread_id FROM threadmem.thread_create('nobody', messages => '[{"id": "8", "role": "system", "content": "Paris is nobody''s", "created_at": "2026-01-08T00:00:00Z"}]');
CREATE FUNCTION pg_temp.found(words text, arguments text DEFAULT '') RETURNS text LANGUAGE plpgsql AS
$$DECLARE ids text;
BEGIN
    EXECUTE format('SELECT string_agg(message_id, '' '') FROM threadmem.message_search(%L%s)', words, ', ' || nullif(arguments, '')) INTO ids;
    RETURN ids;
END$$;

-- The row: the whole message with its rank.
\x
SELECT thread_id, message_id, seq, rev, role, origin_role, name, content, sender_id, user_id, assistant_id, run_id, tool_call_id, status, state, metadata, body, event_at, rank > 0 AS ranked
  FROM threadmem.message_search('shoes');
\x
-- Words: all of them, in any form and order; best first, then newest.
SELECT words, pg_temp.found(words) FROM unnest(ARRAY['paris', 'PARIS', 'weather', 'weather paris', 'paris weather', 'run', 'runs', 'rain', 'forecasts', 'moving', '42', 'nothing',
    '"weather in paris"', '"paris weather"', '"is lovely"', 'lovely or london', 'lovely or shoes or 42', 'paris -weather', 'paris -rain -london', '-paris', 'london weather', 'paris "from london"']) WITH ORDINALITY AS w (words, n) ORDER BY n;
SELECT bool_and(rank <= before) AS best_first, bool_and(rank < before OR event_at < event_before) AS then_newest
  FROM (SELECT rank, event_at, lag(rank) OVER () AS before, lag(event_at) OVER () AS event_before FROM threadmem.message_search('paris')) r;
-- Keys, roles, names, metadata, addresses of files and calls of tools are no words.
SELECT words, pg_temp.found(words) FROM unnest(ARRAY['content', 'role', 'user', 'text', 'type', 'vermilion', 'colour', 'zaphod', 'trillian', 'png', 'get_umbrella', 'umbrella', 'created_at']) WITH ORDINALITY AS w (words, n) ORDER BY n;
-- No words, stop words only, and what looks like an operator: nothing, and no error.
SET client_min_messages = warning;
SELECT words, pg_temp.found(words) FROM unnest(ARRAY['', '   ', 'the is in', '-', '"', '"the', 'or', '& | !', 'paris & | !', '\', '''', '🙂', ':*', '%']) WITH ORDINALITY AS w (words, n) ORDER BY n;
RESET client_min_messages;
-- Some letters of a word are not the word.
SELECT pg_temp.found('par'), pg_temp.found('par:*'), pg_temp.found('pari*');

-- Narrowed: each condition alone and together; until is exclusive.
SELECT arguments, pg_temp.found('paris or london or forecast', arguments) FROM unnest(ARRAY[
    '', $$user_id => 'ann'$$, $$user_id => 'bob'$$, $$user_id => 'nobody'$$, $$thread_id => 'a1'$$, $$thread_id => 'none'$$, $$role => 'user'$$, $$role => 'human'$$, $$role => 'AI'$$, $$role => 'platform'$$,
    $$since => '2026-01-04'$$, $$until => '2026-01-04'$$, $$since => '2026-01-02', until => '2026-01-04'$$, $$since => '2026-01-04 00:00:00.000001'$$, $$since => '2026-01-09'$$,
    $$user_id => 'ann', role => 'user', since => '2026-01-02'$$, $$user_id => 'bob', thread_id => 'a1'$$,
    'max_rows => 2', 'max_rows => 2, skip => 2', 'max_rows => 2, skip => 4', 'skip => 5', 'skip => 6', 'max_rows => 0', 'max_rows => NULL, skip => NULL', 'max_rows => 1000']) WITH ORDINALITY AS a (arguments, n) ORDER BY n;
SELECT threadmem.message_search('paris', max_rows => 1001);
SELECT threadmem.message_search('paris', skip => -1);
SELECT threadmem.message_search(NULL);
SELECT threadmem.message_search('paris', role => 'wizard');
\set VERBOSITY sqlstate
SELECT threadmem.message_search('paris', max_rows => -1);
SELECT threadmem.message_search('paris', user_id => '');
SELECT threadmem.message_search('paris', thread_id => repeat('x', 256));
\set VERBOSITY default

-- After an edit by the new words only; deleted and erased ones never; in no tenant but its own.
SELECT content FROM threadmem.message_update('a1', '1', 'The weather in Lisbon');
SELECT pg_temp.found('lisbon'), pg_temp.found('lovely'), pg_temp.found('weather');
SELECT content FROM threadmem.message_update('a1', '1', 'The weather in Paris is lovely today');
SELECT pg_temp.found('lisbon'), pg_temp.found('lovely');
SELECT state FROM threadmem.message_delete('a1', '2');
SELECT state FROM threadmem.message_erase('a2', '4');
SELECT state FROM threadmem.message_erase('a1', '1');
SELECT pg_temp.found('paris'), pg_temp.found('lovely or lisbon'), pg_temp.found('london');
SELECT count(*) FROM threadmem.thread_delete('nobody');
SELECT pg_temp.found('paris');
SET threadmem.tenant = 'search test 2';
SELECT pg_temp.found('london');
SET threadmem.tenant = 'search test';

-- Another configuration counts for messages written under it, and for the questions.
SET threadmem.search_config = 'pg_catalog.simple';
SELECT thread_id FROM threadmem.thread_create('simple', messages => '[{"id": "s", "role": "user", "content": "The cats are running"}]');
SELECT pg_temp.found('running'), pg_temp.found('run'), pg_temp.found('cats'), pg_temp.found('cat'), pg_temp.found('the');
RESET threadmem.search_config;
SELECT pg_temp.found('cats'), pg_temp.found('running');
SET threadmem.search_config = 'no_such';
\set VERBOSITY sqlstate
SELECT threadmem.message_search('paris');
SELECT threadmem.message_add('simple', 'user', 'x');
\set VERBOSITY default
RESET threadmem.search_config;

-- Of a long text the first 100,000 bytes are searched.
SELECT seq FROM threadmem.message_add('simple', 'tool', 'earlyword ' || repeat('x ', 49900) || 'lateword ' || repeat('x ', 1000) || 'verylateword', message_id => 'long');
SELECT pg_temp.found('earlyword'), pg_temp.found('lateword'), pg_temp.found('verylateword');

-- Below a policy, and for a role that is no superuser, the search still goes through its index: seen in a plan, and counted for the function.
SET client_min_messages = warning;
CREATE ROLE regress_search_app;
SELECT threadmem.grant_access('regress_search_app', 'write');
SELECT threadmem.tenant_bind('regress_search_app', 'search test');
RESET client_min_messages;
SELECT count((threadmem.thread_create('many' || i, user_id => 'ann', metadata => jsonb_build_object('n', i),
       messages => (SELECT jsonb_agg(jsonb_build_object('role', 'user', 'content', format('common w%s', i * 20 + j))) FROM generate_series(1, 20) AS j))).thread_id) FROM generate_series(1, 200) AS i;
ANALYZE threadmem_data.messages;
ANALYZE threadmem_data.threads;
CREATE FUNCTION pg_temp.scans(query text) RETURNS SETOF text LANGUAGE plpgsql AS
$$DECLARE line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        IF line ~ 'Index Scan (on|using) (messages_search|threads_metadata)|Index Cond' THEN RETURN NEXT ltrim(line, ' >-'); END IF;
    END LOOP;
END$$;
CREATE FUNCTION pg_temp.index_scans(name text) RETURNS bigint LANGUAGE sql AS
$$SELECT pg_stat_get_numscans(('threadmem_data.' || name)::regclass)$$;
SELECT pg_stat_force_next_flush();
SELECT pg_temp.index_scans('messages_search') AS before_messages, pg_temp.index_scans('threads_metadata') AS before_threads \gset
SET enable_seqscan = off;
-- The plans are those of the role that the statements run as.
SELECT threadmem.tenant_bind('threadmem_runner', any_tenant => true);
SET ROLE threadmem_runner;
SELECT pg_temp.scans($$SELECT 1 FROM threadmem_data.messages WHERE tenant_id = 'search test' AND state = 'live' AND threadmem.tenant_keys(tenant_id, search, ARRAY[thread_id, user_id, sender_id]) OPERATOR(threadmem.@@) threadmem.tenant_query('search test', 'w777'::tsquery, '{}')$$);
SELECT pg_temp.scans($$SELECT 1 FROM threadmem_data.threads WHERE tenant_id = 'search test' AND threadmem.tenant_keys(tenant_id, metadata) OPERATOR(threadmem.@@) threadmem.tenant_query('search test', '{"n": 77}'::jsonb)$$);
-- The server's own operators are not leakproof: they are asked row by row, behind the tenant alone.
SELECT count(*) AS by_the_operator FROM pg_temp.scans($$SELECT 1 FROM threadmem_data.messages WHERE tenant_id = 'search test' AND state = 'live' AND search @@ 'w777'::tsquery$$) AS s WHERE s ~ '\msearch\M.*@@';
SET threadmem.user_id = 'ann';
SELECT pg_temp.scans($$SELECT 1 FROM threadmem_data.messages WHERE tenant_id = 'search test' AND state = 'live' AND threadmem.tenant_keys(tenant_id, search, ARRAY[thread_id, user_id, sender_id]) OPERATOR(threadmem.@@) threadmem.tenant_query('search test', 'w777'::tsquery, '{}')$$) AS plan;
RESET threadmem.user_id;
RESET ROLE;
SELECT threadmem.tenant_bind('threadmem_runner');
SET SESSION AUTHORIZATION regress_search_app;
SELECT current_user, content FROM threadmem.message_search('w777');
SELECT thread_id FROM threadmem.thread_search(metadata => '{"n": 77}');
-- A session narrowed to a user, too.
SET threadmem.user_id = 'ann';
SELECT content FROM threadmem.message_search('w778');
SET threadmem.user_id = 'bob';
SELECT count(*) FROM threadmem.message_search('w778');
RESET threadmem.user_id;
RESET SESSION AUTHORIZATION;
RESET enable_seqscan;
SELECT pg_stat_force_next_flush();
SELECT pg_temp.index_scans('messages_search') - :before_messages >= 3 AS messages_by_index, pg_temp.index_scans('threads_metadata') - :before_threads >= 1 AS threads_by_index;
SELECT threadmem.tenant_bind('regress_search_app');
DROP OWNED BY regress_search_app;
DROP ROLE regress_search_app;
