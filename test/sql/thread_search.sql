-- Threads are listed, searched and counted by every filter alone and together, in every order, page after page without a gap or a double.
\set SHOW_CONTEXT never
\pset null (null)
SET TIME ZONE 'UTC';
SET threadmem.tenant = 'search threads';
SELECT count(threadmem.user_create(u)) FROM unnest('{ann,bob,carl,dora}'::text[]) u;
SELECT count(threadmem.assistant_create(a)) FROM unnest('{helper,critic}'::text[]) a;
SELECT count(threadmem.thread_create(id, user_id => owner, assistant_id => assistant, graph_id => graph, participant_ids => others, metadata => metadata, title => 'T ' || id))
  FROM (VALUES ('t1', 'ann', 'helper', 'g1', '{bob}'::text[], '{"n": 1, "tags": ["a", "b"], "deep": {"x": 1, "y": null}}'::jsonb),
               ('t2', 'ann', 'critic', 'g2', '{}', '{"n": "1"}'),
               ('t3', 'bob', 'helper', 'g1', '{ann,carl}', '{"n": 2, "tags": ["b"]}'),
               ('t4', 'bob', NULL, NULL, '{}', '{"n": 1.10, "deep": {"x": 1}}'),
               ('t5', NULL, 'helper', 'g1', '{bob}', '{}'),
               ('t6', NULL, NULL, NULL, '{}', '{"n": 1}')) AS v (id, owner, assistant, graph, others, metadata);
SELECT kind FROM threadmem.thread_add_participant('t6', 'critic', 'assistant');
-- Times, and states that only runs bring, are set by hand; t2 and t3 were created at one time, t4 and t5 changed at one.
UPDATE threadmem_data.threads t SET created_at = c::timestamptz, updated_at = u::timestamptz, updated_hour = date_trunc('hour', u::timestamptz, 'UTC'),
       last_message_at = m::timestamptz, state_updated_at = s::timestamptz, status = v.status, waiting = v.status = 'interrupted'
  FROM (VALUES ('t1', '2026-01-01 00:00', '2026-03-01 10:59:59.999999', '2026-03-01 10:00', NULL, 'idle'),
               ('t2', '2026-01-02 00:00', '2026-03-01 11:00', NULL, '2026-02-02', 'busy'),
               ('t3', '2026-01-02 00:00', '2026-03-01 10:00', '2026-03-01 09:00', '2026-02-01', 'interrupted'),
               ('t4', '2026-01-03 00:00', '2026-03-02 09:30', '2026-02-28 09:00', NULL, 'error'),
               ('t5', '2026-01-04 00:00', '2026-03-02 09:30', NULL, NULL, 'idle'),
               ('t6', '2026-01-05 00:00', '2026-01-05 00:00', NULL, NULL, 'idle')) AS v (id, c, u, m, s, status)
 WHERE t.tenant_id = 'search threads' AND t.thread_id = v.id;
-- The ids that a call gives, and the count for the same filters.
CREATE FUNCTION pg_temp.ids(call text) RETURNS text LANGUAGE plpgsql AS
$$DECLARE ids text;
BEGIN EXECUTE format('SELECT string_agg(thread_id, '' '') FROM threadmem.%s', call) INTO ids; RETURN ids; END$$;
CREATE FUNCTION pg_temp.search(filters text, OUT threads text, OUT count bigint) LANGUAGE plpgsql AS
$$BEGIN threads := pg_temp.ids(format('thread_search(%s)', filters)); EXECUTE format('SELECT threadmem.thread_count(%s)', filters) INTO count; END$$;

-- Every filter alone.
SELECT filters, s.* FROM unnest(ARRAY['',
    $$thread_ids => '{t1,t4,unknown,t4}'$$, $$thread_ids => '{}'$$, $$thread_ids => '{unknown}'$$,
    $$metadata => '{}'$$, $$metadata => '{"n": 1}'$$, $$metadata => '{"n": "1"}'$$, $$metadata => '{"n": 1.1}'$$, $$metadata => '{"tags": ["b"]}'$$, $$metadata => '{"tags": ["b", "a"]}'$$,
    $$metadata => '{"deep": {"x": 1}}'$$, $$metadata => '{"deep": {"y": null}}'$$, $$metadata => '{"deep": {}}'$$, $$metadata => '{"missing": null}'$$,
    $$status => 'idle'$$, $$status => 'busy'$$, $$status => 'interrupted'$$, $$status => 'error'$$,
    $$user_id => 'ann'$$, $$user_id => 'dora'$$, $$user_id => 'unknown'$$, $$assistant_id => 'helper'$$, $$assistant_id => 'unknown'$$,
    $$participant_id => 'ann'$$, $$participant_id => 'bob'$$, $$participant_id => 'carl'$$, $$participant_id => 'dora'$$, $$participant_id => 'critic'$$, $$graph_id => 'g1'$$, $$graph_id => 'unknown'$$,
    $$created_since => '2026-01-02'$$, $$created_until => '2026-01-02'$$, $$created_since => '2026-01-02', created_until => '2026-01-04'$$, $$created_since => '2026-02-01'$$,
    $$updated_since => '2026-03-01 10:00'$$, $$updated_since => '2026-03-01 10:00:00.000001'$$, $$updated_since => '2026-03-01 10:30', updated_until => '2026-03-01 11:00'$$,
    $$updated_until => '2026-03-01 11:00:00.000001'$$, $$updated_since => '2026-03-02 09:30', updated_until => '2026-03-02 09:30'$$, $$updated_since => '2026-03-01 12:30+02', updated_until => '2026-03-01 13:00+02'$$]) WITH ORDINALITY AS f (filters, n), pg_temp.search(filters) s ORDER BY n;
-- Together: all have to be met.
SELECT filters, s.* FROM unnest(ARRAY[
    $$metadata => '{"n": 1}', status => 'idle'$$, $$metadata => '{"n": 1}', status => 'busy'$$, $$user_id => 'ann', assistant_id => 'helper'$$, $$participant_id => 'bob', user_id => 'ann'$$, $$participant_id => 'ann', user_id => 'bob', graph_id => 'g1'$$,
    $$thread_ids => '{t1,t2,t3}', participant_id => 'ann', created_since => '2026-01-02'$$, $$participant_id => 'bob', assistant_id => 'helper', updated_since => '2026-03-01 10:30', metadata => '{}'$$,
    $$thread_ids => '{t1}', metadata => '{"tags": ["a"]}', status => 'idle', user_id => 'ann', assistant_id => 'helper', participant_id => 'bob', graph_id => 'g1', created_since => '2026-01-01', created_until => '2026-01-02', updated_since => '2026-03-01', updated_until => '2026-03-02'$$,
    $$thread_ids => NULL, metadata => NULL, status => NULL, user_id => NULL, assistant_id => NULL, participant_id => NULL, graph_id => NULL, created_since => NULL, created_until => NULL, updated_since => NULL, updated_until => NULL$$]) WITH ORDINALITY AS f (filters, n), pg_temp.search(filters) s ORDER BY n;

-- Every order, both ways; what is equal is in the order of the ids, what is missing comes first or last.
SELECT sort_by, pg_temp.ids(format('thread_search(sort_by => %L)', sort_by)) AS "default", pg_temp.ids(format('thread_search(sort_by => %L, sort_order => ''asc'')', sort_by)) AS "asc",
       pg_temp.ids(format('thread_list(sort_by => %L, sort_order => ''asc'')', sort_by)) AS list_asc
  FROM unnest('{created_at,updated_at,thread_id,user_id,status,last_message_at,state_updated_at,NULL}'::text[]) WITH ORDINALITY AS s (sort_by, n) ORDER BY n;
-- By cursor: the pages of two make the whole, under every order and both ways.
CREATE FUNCTION pg_temp.pages(call text) RETURNS text LANGUAGE plpgsql AS
$$DECLARE page text[]; pages text := ''; at text;
BEGIN
    LOOP
        EXECUTE format('SELECT array_agg(thread_id) FROM threadmem.%s, max_rows => 2, after_id => %L)', call, at) INTO page;
        EXIT WHEN page IS NULL OR length(pages) > 60;
        pages := pages || '(' || array_to_string(page, ' ') || ') ';
        at := page[array_upper(page, 1)];
    END LOOP;
    RETURN pages;
END$$;
SELECT sort_by, way, pg_temp.pages(format('thread_search(sort_by => %L, sort_order => %L', sort_by, way)) AS pages
  FROM unnest('{created_at,updated_at,thread_id,user_id,status,last_message_at,state_updated_at}'::text[]) WITH ORDINALITY AS s (sort_by, n), unnest('{desc,asc}'::text[]) AS way ORDER BY n, way DESC;
SELECT pg_temp.pages($$thread_search(participant_id => 'bob'$$), pg_temp.pages($$thread_list(participant_id => 'bob', sort_by => 'updated_at'$$), pg_temp.pages($$user_threads('bob'$$);
-- A cursor may be a thread that the filter leaves out.
SELECT pg_temp.ids($$thread_search(user_id => 'ann', after_id => 't3')$$), pg_temp.ids($$thread_list(user_id => 'bob', after_id => 't5')$$);

-- Rows: how many, and from which on.
SELECT call, pg_temp.ids(call) FROM unnest(ARRAY['thread_search(max_rows => 2)', 'thread_search(max_rows => 2, skip => 2)', 'thread_search(max_rows => 2, skip => 5)', 'thread_search(skip => 6)', 'thread_search(max_rows => 0)', 'thread_search(max_rows => 1000)',
    'thread_search(max_rows => NULL, skip => NULL)', $$thread_search(skip => 1, max_rows => 1, after_id => 't5')$$, 'thread_search(skip => 2147483647)']) WITH ORDINALITY AS c (call, n) ORDER BY n;
-- Lists: by whom, and by page number.
SELECT call, pg_temp.ids(call) FROM unnest(ARRAY['thread_list()', $$thread_list('ann')$$, $$thread_list(assistant_id => 'helper')$$, $$thread_list(participant_id => 'ann')$$, $$thread_list('bob', 'helper', 'carl')$$, $$thread_list('dora')$$,
    'thread_list(page_number => 1, page_size => 4)', 'thread_list(page_number => 2, page_size => 4)', 'thread_list(page_number => 3, page_size => 4)', 'thread_list(page_number => 3, max_rows => 2)', 'thread_list(page_size => 1)', 'thread_list(page_number => 2147483647, page_size => 1000)',
    $$thread_list(sort_by => 'thread_id', sort_order => 'asc', page_number => 2, page_size => 2)$$, 'thread_list(max_rows => 0)',
    $$user_threads('ann')$$, $$user_threads('bob')$$, $$user_threads('carl')$$, $$user_threads('dora')$$, $$user_threads('bob', 'asc', 3)$$, $$user_threads('bob', 'asc', 3, 't3')$$, $$user_threads('bob', NULL, NULL, NULL)$$]) WITH ORDINALITY AS c (call, n) ORDER BY n;

-- The row, and what of it is wanted: the others are null, thread_id always comes.
\x
SELECT * FROM threadmem.thread_search('{t1}');
SELECT * FROM threadmem.thread_search('{t1}', fields => '{title,metadata,message_count,version}');
SELECT * FROM threadmem.thread_search('{t1}', fields => '{}');
\x
SELECT f AS field, (SELECT count(*) FROM jsonb_each((SELECT to_jsonb(t) FROM threadmem.thread_search('{t1}', fields => ARRAY[f]) t)) e WHERE e.key NOT IN (f, 'thread_id', 'position', 'has_more') AND e.value <> 'null') AS others
  FROM unnest('{thread_id,user_id,assistant_id,assistant_pinned,graph_id,title,status,metadata,config,tool_resources,version,message_count,last_message_at,state_updated_at,expires_at,ttl_strategy,archived,forked_from,created_at,updated_at}'::text[]) f;
SELECT to_jsonb(a) || '{"values": null, "interrupts": null, "extracted": null, "left_out": null, "preview": null, "snippet": null, "has_more": false}' = to_jsonb(b) - 'position' AS all_fields_are_the_thread FROM threadmem.thread_get('t3') a, threadmem.thread_search('{t3}') b;
-- Its columns are those of the thread, in their order, and eight more.
SELECT string_agg(attname, ' ' ORDER BY attnum) = (SELECT string_agg(attname, ' ' ORDER BY attnum) || ' values interrupts extracted left_out preview snippet position has_more' FROM pg_attribute WHERE attrelid = 'threadmem.threads'::regclass) AS same FROM pg_attribute WHERE attrelid = 'threadmem.found_thread'::regclass;
-- An order may be by what is not shown.
SELECT thread_id, updated_at FROM threadmem.thread_search(sort_by => 'updated_at', max_rows => 2, fields => '{thread_id}');

-- Bad input.
SELECT threadmem.thread_search(fields => '{title,words}');
SELECT threadmem.thread_search(sort_by => 'metadata');
SELECT threadmem.thread_search(sort_order => 'down');
SELECT threadmem.thread_search(status => 'pending');
SELECT threadmem.thread_search(max_rows => 1001);
SELECT threadmem.thread_search(skip => -1);
SELECT threadmem.thread_search(after_id => 'unknown');
SELECT threadmem.thread_list(page_number => 2, after_id => 't1');
SELECT threadmem.thread_list(page_number => 0);
SELECT threadmem.user_threads('unknown');
\set VERBOSITY sqlstate
SELECT threadmem.thread_search(max_rows => -1);
SELECT threadmem.thread_search(metadata => '[]');
SELECT threadmem.thread_search(thread_ids => '{t1,NULL}');
SELECT threadmem.thread_search(thread_ids => ARRAY['']);
SELECT threadmem.thread_search(fields => '{NULL}');
SELECT threadmem.thread_search(user_id => '');
SELECT threadmem.thread_count(status => 'pending');
SELECT threadmem.thread_count(metadata => '1');
SELECT threadmem.thread_list(page_size => 0);
SELECT threadmem.thread_list(page_size => 1001);
SELECT threadmem.thread_list(max_rows => 1001);
SELECT threadmem.thread_list(after_id => 'unknown');
SELECT threadmem.thread_list(sort_by => 'title');
SELECT threadmem.user_threads('ann', after_id => 'unknown');
SELECT threadmem.user_threads('ann', 'up');
\set VERBOSITY default

-- Another tenant has none of them.
SET threadmem.tenant = 'search threads 2';
SELECT threadmem.thread_count(), count(*) FROM threadmem.thread_search('{t1,t2}');
\set VERBOSITY sqlstate
SELECT threadmem.thread_list(after_id => 't1');
SELECT threadmem.user_threads('ann');
\set VERBOSITY default

-- Filters of more values than an index is asked for are exact all the same.
BEGIN;
SELECT count(threadmem.thread_create('wide' || n, metadata => (SELECT jsonb_object_agg('k' || i, i) || jsonb_build_object('k300', n) FROM generate_series(1, 300) AS i)))
  FROM generate_series(1, 3) AS n;
SELECT thread_id FROM threadmem.thread_search(metadata => (SELECT jsonb_object_agg('k' || i, i) || '{"k300": 2}' FROM generate_series(1, 300) AS i));
SELECT count(*) FROM threadmem.thread_search(metadata => (SELECT jsonb_object_agg('k' || i, i) || '{"k300": 4}' FROM generate_series(1, 300) AS i));
SELECT count(threadmem.thread_update_state('wide' || n, (SELECT jsonb_object_agg('k' || i, i) || jsonb_build_object('k300', n) FROM generate_series(1, 300) AS i)))
  FROM generate_series(1, 3) AS n;
SELECT thread_id FROM threadmem.thread_search(values_match => (SELECT jsonb_object_agg('k' || i, i) || '{"k300": 2}' FROM generate_series(1, 300) AS i));
SELECT count(*) FROM threadmem.thread_search(values_match => (SELECT jsonb_object_agg('k' || i, i) || '{"k300": 4}' FROM generate_series(1, 300) AS i));
ROLLBACK;

-- Who takes part in more threads than are named by their ids is asked for at each of them: the answer is the same, and each comes once.
SET threadmem.tenant = 'thread search, many';
SELECT count(threadmem.user_create(u)) AS users FROM unnest('{a,b}'::text[]) u;
SELECT count(threadmem.thread_create('t' || n, user_id => CASE WHEN n % 3 = 0 THEN 'b' ELSE 'a' END, participant_ids => CASE WHEN n % 3 = 1 OR n % 9 = 0 THEN '{b}'::text[] END)) AS threads FROM generate_series(1, 900) n;
SELECT count(*), count(DISTINCT thread_id), count(*) FILTER (WHERE substr(thread_id, 2)::int % 3 = 2) AS wrong FROM threadmem.thread_list(participant_id => 'b', max_rows => 1000);
SELECT string_agg(thread_id, ' ') AS page FROM threadmem.thread_list(participant_id => 'b', max_rows => 5);
SELECT string_agg(thread_id, ' ') AS next_page FROM threadmem.thread_list(participant_id => 'b', max_rows => 5, after_id => 't894');
SELECT sum(deleted) > 900 AS gone FROM threadmem.tenant_delete('thread search, many');
