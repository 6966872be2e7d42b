-- query: pages of every list, by position: while rows are deleted each one that stays is seen once; has_more tells whether a page follows
\set VERBOSITY terse
\set SHOW_CONTEXT never
SET threadmem.tenant = 'query_page';
SELECT setseed(0.25);

-- Every list that pages has rows with a position, and takes one beside an id; nothing else has or takes one.
CREATE TEMP VIEW list AS
SELECT p.oid, p.proname, p.proargnames[:p.pronargs] AS arguments, (SELECT array_agg(attname) FROM pg_attribute a JOIN pg_type t ON t.typrelid = a.attrelid WHERE t.oid = p.prorettype AND attnum > 0) AS columns
  FROM pg_proc p WHERE p.pronamespace = 'threadmem'::regnamespace AND p.prokind = 'f' AND p.prosqlbody IS NULL; -- those for ids of type uuid are the same
SELECT proname FROM list WHERE arguments && '{after_id,after_seq,after_no,skip}' AND NOT (arguments @> '{after_position}' AND (columns @> '{position}' OR proname = 'message_format')) ORDER BY 1;
SELECT proname FROM list WHERE arguments && '{before_id,before_seq}' AND NOT arguments @> '{before_position}' ORDER BY 1;
SELECT string_agg(proname, ' ' ORDER BY proname) AS lists FROM list WHERE columns @> '{position}' AND arguments @> '{after_position}';
SELECT proname FROM list WHERE (columns @> '{position}') <> (arguments @> '{after_position}') ORDER BY 1;
-- And whether there is one: the same two columns at the end of each.
SELECT proname FROM list WHERE columns && '{position,has_more}' AND NOT columns[cardinality(columns) - 1:] = '{position,has_more}' ORDER BY 1;

CREATE FUNCTION many(n int) RETURNS text LANGUAGE sql AS $$SELECT (ARRAY['', 'a', 'B', 'é', repeat('ж', 255), repeat('x', 300) || n % 3, 'ключ ' || n])[1 + n % 7]$$;
-- Times of a few values and to the microsecond, names that are missing, alike, long and of other alphabets.
CREATE FUNCTION fill() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO threadmem_data.users (user_id, kind, email, created_at, updated_at)
    SELECT 'u' || n, 'user', nullif(many(n), ''), '2026-01-01'::timestamptz + n / 5 * interval '1 microsecond', '2026-01-01'::timestamptz + n % 3 * interval '1 second' FROM generate_series(1, 40) n;
    INSERT INTO threadmem_data.graphs (graph_id, definition, created_at, updated_at) SELECT 'g' || n, '{}', '2026-01-01'::timestamptz + n / 5 * interval '1 microsecond', now() FROM generate_series(1, 40) n;
    INSERT INTO threadmem_data.assistants (assistant_id, name, graph_id, created_at, updated_at)
    SELECT 'a' || n, nullif(many(n), ''), nullif(left(many(n), 200), ''), '2026-01-01'::timestamptz + n / 5 * interval '1 microsecond', '2026-01-01'::timestamptz + n % 3 * interval '1 second' FROM generate_series(1, 40) n;
    INSERT INTO threadmem_data.context_templates (template_id, template, created_at, updated_at)
    SELECT 'c' || n, 'x', '2026-01-01'::timestamptz + n / 5 * interval '1 microsecond', '2026-01-01'::timestamptz + n % 3 * interval '1 second' FROM generate_series(1, 40) n;
    INSERT INTO threadmem_data.threads (thread_id, user_id, created_at, updated_at, updated_hour, last_message_at, state_updated_at)
    SELECT 't' || n, CASE WHEN n % 4 > 0 THEN 'u' || n % 4 END, t, u, date_trunc('hour', u, 'UTC'), CASE WHEN n % 3 > 0 THEN t END, CASE WHEN n % 5 > 0 THEN u END
      FROM generate_series(1, 40) n, LATERAL (SELECT '2026-01-01'::timestamptz + n / 5 * interval '1 microsecond' AS t, '2026-01-01'::timestamptz + n % 3 * interval '40 minutes' AS u) x;
    PERFORM threadmem.thread_create('log', 'u1', messages => (SELECT jsonb_agg(jsonb_build_object('id', 'm' || n, 'role', 'user', 'content', 'word ' || repeat('word ', n % 4), 'created_at', '2026-01-01'::timestamptz + n % 3 * interval '1 second')) FROM generate_series(1, 40) n));
    PERFORM threadmem.thread_create('st', messages => (SELECT jsonb_agg(jsonb_build_object('id', 'm' || n, 'role', 'user', 'content', 'word ' || n)) FROM generate_series(1, 40) n));
    PERFORM threadmem.thread_update_state('st', '{"messages": [{"id": "m41", "type": "human", "content": "the last"}]}', as_node => '__input__');
    PERFORM threadmem.checkpoint_put(CASE WHEN n % 3 = 0 THEN 'cp2' ELSE 'cp' END, jsonb_build_object('v', 4, 'id', 'c' || n / 3, 'channel_values', '{}'::jsonb, 'channel_versions', '{}'::jsonb), checkpoint_ns => CASE WHEN n % 3 = 2 THEN 'sub:é' ELSE '' END) FROM generate_series(10, 49) n;
    PERFORM threadmem.checkpoint_put('h', jsonb_build_object('v', 4, 'id', 'c' || n, 'channel_values', '{}'::jsonb, 'channel_versions', '{}'::jsonb)) FROM generate_series(10, 49) n;
    PERFORM threadmem.thread_create('r');
    INSERT INTO threadmem_data.runs (thread_id, run_id, seq, status, strategy, expires_at, created_at, due_at, completed_at, updated_at)
    SELECT 'r', 'r' || n, n, 'completed', 'enqueue', now(), now(), now(), now(), now() FROM generate_series(1, 40) n;
    UPDATE threadmem_data.threads SET next_run = 41 WHERE tenant_id = 'query_page' AND thread_id = 'r';
    PERFORM threadmem.memory_add_data('u1', 'data ' || n, event_at => '2026-01-01'::timestamptz + n % 3 * interval '1 second', episode_id => 'e' || n) FROM generate_series(1, 20) n;
END $$;
SELECT fill();

-- Whether a page says what is true of it: that another row follows, on each of its rows.
CREATE FUNCTION tells(call text, here text, more boolean[]) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    follows boolean;
BEGIN
    EXECUTE format('SELECT count(*) > 0 FROM threadmem.%s', replace(replace(call, '%size', '1'), '%after', quote_literal(here))) INTO follows;
    RETURN follows = ALL (more) AND array_position(more, NULL) IS NULL;
END $$;
-- Pages of a list, by position; after each some of what there is goes, the row that was last always. Not seen, or seen twice: none.
CREATE FUNCTION walk(call text, key text, gone text, size int, OUT list text, OUT pages int, OUT seen int, OUT wrong text) LANGUAGE plpgsql AS $$
DECLARE
    before text[]; after text[]; page text[]; positions text[]; more boolean[]; got text[] := '{}'; here text;
BEGIN
    list := call; pages := 0;
    EXECUTE format('SELECT array_agg(k) FROM (SELECT %s AS k FROM threadmem.%s) q', key, replace(replace(call, '%size', '1000'), '%after', 'NULL')) INTO before;
    LOOP
        EXECUTE format('SELECT array_agg(k), array_agg(position), array_agg(has_more) FROM (SELECT %s AS k, position, has_more FROM threadmem.%s) q', key, replace(replace(call, '%size', size::text), '%after', quote_nullable(here))) INTO page, positions, more;
        EXIT WHEN page IS NULL OR pages > 100;
        got := got || page; here := positions[cardinality(positions)]; pages := pages + 1;
        ASSERT here ~ '^[A-Za-z0-9_-]+$' AND length(here) <= 4096, here;
        ASSERT tells(call, here, more), format('%s says %s after %s rows', call, more, cardinality(got));
        IF gone IS NOT NULL THEN
            EXECUTE format('DELETE FROM threadmem_data.%s AND (%s = $1 OR random() < 0.1)', gone, key) USING page[cardinality(page)];
        END IF;
    END LOOP;
    EXECUTE format('SELECT coalesce(array_agg(k), ''{}'') FROM (SELECT %s AS k FROM threadmem.%s) q', key, replace(replace(call, '%size', '1000'), '%after', 'NULL')) INTO after;
    seen := cardinality(got);
    wrong := (SELECT string_agg(w, '; ') FROM (
        SELECT 'twice ' || string_agg(k, ' ') FROM (SELECT k FROM unnest(got) k GROUP BY k HAVING count(*) > 1) d
        UNION ALL SELECT 'not seen ' || string_agg(k, ' ') FROM unnest(after) k WHERE k <> ALL (got)
        UNION ALL SELECT 'in another order' WHERE got <> ARRAY(SELECT k FROM unnest(before) WITH ORDINALITY b (k, o) WHERE k = ANY (got) ORDER BY o)) e (w));
END $$;
CREATE TEMP TABLE walks (call text, key text, gone text);
INSERT INTO walks
SELECT format('user_list(sort_by => %L, sort_order => %L, max_rows => %%size, after_position => %%after)', s, o), 'user_id', $$users WHERE tenant_id = 'query_page' AND user_id <> 'u1'$$ FROM unnest('{created_at,updated_at,user_id,email}'::text[]) s, unnest('{asc,desc}'::text[]) o
UNION ALL SELECT format('graph_list(%L, %%size, after_position => %%after)', o), 'graph_id', $$graphs WHERE tenant_id = 'query_page'$$ FROM unnest('{asc,desc}'::text[]) o
UNION ALL SELECT format('assistant_%s(sort_by => %L, sort_order => %L, max_rows => %%size, after_position => %%after)', f, s, o), 'assistant_id', $$assistants WHERE tenant_id = 'query_page'$$ FROM unnest('{list,search}'::text[]) f, unnest('{created_at,updated_at,assistant_id,graph_id,name}'::text[]) s, unnest('{asc,desc}'::text[]) o
UNION ALL SELECT format('context_template_list(%L, %L, %%size, after_position => %%after)', s, o), 'template_id', $$context_templates WHERE tenant_id = 'query_page'$$ FROM unnest('{created_at,updated_at,template_id}'::text[]) s, unnest('{asc,desc}'::text[]) o
UNION ALL SELECT format('%s(sort_by => %L, sort_order => %L, max_rows => %%size, after_position => %%after)', f, s, o), 'thread_id', $$threads WHERE tenant_id = 'query_page' AND thread_id ~ '^t'$$ FROM unnest('{thread_list,session_list,thread_search}'::text[]) f, unnest('{created_at,updated_at,thread_id,user_id,status,last_message_at,state_updated_at}'::text[]) s, unnest('{asc,desc}'::text[]) o
UNION ALL SELECT 'thread_search(fields => ''{thread_id,values}'', max_rows => %size, after_position => %after)', 'thread_id', $$threads WHERE tenant_id = 'query_page' AND thread_id ~ '^t'$$
UNION ALL SELECT format('user_threads(''u1'', %L, %%size, after_position => %%after)', o), 'thread_id', $$threads WHERE tenant_id = 'query_page' AND thread_id ~ '^t'$$ FROM unnest('{asc,desc}'::text[]) o
UNION ALL SELECT format('%s(''log'', %%size, %L, after_position => %%after)', f, o), 'message_id', $$messages WHERE tenant_id = 'query_page' AND thread_id = 'log'$$ FROM unnest('{message_list,session_messages}'::text[]) f, unnest('{asc,desc}'::text[]) o
UNION ALL SELECT 'message_search(''word'', max_rows => %size, after_position => %after)', $$thread_id || '/' || message_id$$, $$messages WHERE tenant_id = 'query_page' AND thread_id = 'log'$$
UNION ALL SELECT 'checkpoint_list(max_rows => %size, after_position => %after)', $$concat_ws('/', thread_id, checkpoint_ns, checkpoint_id)$$, $$checkpoints WHERE tenant_id = 'query_page' AND thread_id ~ '^cp'$$
UNION ALL SELECT 'checkpoint_list(''cp'', max_rows => %size, after_position => %after)', $$concat_ws('/', thread_id, checkpoint_ns, checkpoint_id)$$, $$checkpoints WHERE tenant_id = 'query_page' AND thread_id ~ '^cp'$$
UNION ALL SELECT 'checkpoint_list(''cp'', ''sub:é'', max_rows => %size, after_position => %after)', $$concat_ws('/', thread_id, checkpoint_ns, checkpoint_id)$$, $$checkpoints WHERE tenant_id = 'query_page' AND thread_id ~ '^cp'$$
UNION ALL SELECT format('run_list(''r'', sort_order => %L, max_rows => %%size, after_position => %%after)', o), 'run_id', $$runs WHERE tenant_id = 'query_page'$$ FROM unnest('{asc,desc}'::text[]) o
UNION ALL SELECT 'memory_episodes(''u1'', %size, after_position => %after)', $$coalesce(episode_id, message_id)$$, NULL
UNION ALL SELECT 'thread_history(''h'', %size, after_position => %after)', $$checkpoint ->> 'checkpoint_id'$$, NULL
UNION ALL SELECT format('message_list(''st'', %%size, %L, view => ''state'', after_position => %%after)', o), 'message_id', NULL FROM unnest('{asc,desc}'::text[]) o;
CREATE FUNCTION walked(size int, OUT lists bigint, OUT several_pages boolean, OUT wrong text) LANGUAGE plpgsql AS $$
DECLARE
    w walks; r record;
BEGIN
    lists := 0; several_pages := true;
    FOR w IN SELECT * FROM walks LOOP
        BEGIN
            r := walk(w.call, w.key, w.gone, size);
            RAISE EXCEPTION USING ERRCODE = 'TMX00';
        EXCEPTION WHEN SQLSTATE 'TMX00' THEN -- what was deleted is there again for the next
        END;
        lists := lists + 1; several_pages := several_pages AND r.pages > 1;
        wrong := concat_ws(E'\n', wrong, r.list || ': ' || r.wrong, CASE WHEN r.pages < 2 THEN r.list || ': ' || r.seen || ' rows' END);
    END LOOP;
    wrong := nullif(wrong, '');
END $$;
SELECT * FROM walked(7);
SELECT * FROM walked(1);
-- And nothing is left out or shown twice where nothing goes.
UPDATE walks SET gone = NULL;
SELECT * FROM walked(5);

-- Lists whose rows go by calls: steps, a history, the state's view, where rows are edited, too.
CREATE FUNCTION walk_calls(call text, key text, change text, OUT seen int, OUT wrong text) LANGUAGE plpgsql AS $$
DECLARE
    page text[]; positions text[]; more boolean[]; got text[] := '{}'; here text; after text[];
BEGIN
    LOOP
        EXECUTE format('SELECT array_agg(k), array_agg(position), array_agg(has_more) FROM (SELECT %s AS k, position, has_more FROM threadmem.%s) q', key, replace(replace(call, '%size', '5'), '%after', quote_nullable(here))) INTO page, positions, more;
        EXIT WHEN page IS NULL OR cardinality(got) > 100;
        got := got || page; here := positions[cardinality(positions)];
        ASSERT tells(call, here, more), format('%s says %s after %s rows', call, more, cardinality(got));
        EXECUTE change USING page[cardinality(page)], page[1], page[2];
    END LOOP;
    seen := cardinality(got);
    EXECUTE format('SELECT coalesce(array_agg(k), ''{}'') FROM (SELECT %s AS k FROM threadmem.%s) q', key, replace(replace(call, '%size', '1000'), '%after', 'NULL')) INTO after;
    wrong := concat((SELECT 'twice ' || string_agg(k, ' ') FROM (SELECT k FROM unnest(got) k GROUP BY k HAVING count(*) > 1) d), (SELECT 'not seen ' || string_agg(k, ' ') FROM unnest(after) k WHERE k <> ALL (got)));
END $$;
SELECT o, w.* FROM unnest('{asc,desc}'::text[]) o, walk_calls(format('message_list(''st'', %%size, %L, view => ''state'', after_position => %%after)', o), 'message_id',
    $$SELECT threadmem.message_delete('st', $1), threadmem.message_delete('st', $2), threadmem.message_update('st', $3, content => 'edited')$$) w;
SELECT w.* FROM walk_calls('thread_history(''h'', %size, after_position => %after)', $$checkpoint ->> 'checkpoint_id'$$, $$DELETE FROM threadmem_data.checkpoints WHERE tenant_id = 'query_page' AND thread_id = 'h' AND checkpoint_id = $1 AND $2 <> $3$$) w;
SELECT count(*) FROM threadmem.run_create('r', run_id => 'steps') r, generate_series(1, 40) n, LATERAL threadmem.run_step_add('r', 'steps', 'node', 'in_progress', name => 's' || n) s;
SELECT o, w.* FROM unnest('{asc,desc}'::text[]) o, walk_calls(format('run_steps(''r'', ''steps'', %%size, %L, after_position => %%after)', o), 'step_no::text',
    $$DELETE FROM threadmem_data.run_steps WHERE tenant_id = 'query_page' AND run_id = 'steps' AND step_no::text = $1 AND $2 <> $3$$) w;

-- before_position is the other end, whichever way the list goes; both ends leave what is between.
SELECT o, array_agg(m.seq) = array_agg(n.seq) AS same FROM unnest('{asc,desc}'::text[]) o,
    LATERAL (SELECT position AS here, row_number() OVER () AS i FROM threadmem.message_list('st', 30, o) OFFSET 4 LIMIT 1) a, LATERAL (SELECT position AS there FROM threadmem.message_list('st', 30, o) OFFSET 9 LIMIT 1) b,
    LATERAL (SELECT seq, row_number() OVER () AS i FROM threadmem.message_list('st', 30, o, after_position => here, before_position => there)) m JOIN LATERAL (SELECT seq, row_number() OVER () AS i FROM (SELECT seq FROM threadmem.message_list('st', 30, o) OFFSET 5 LIMIT 4) x) n USING (i) GROUP BY o ORDER BY o;
SELECT o, count(*) FROM unnest('{asc,desc}'::text[]) o, LATERAL (SELECT position AS there FROM threadmem.message_list('st', 30, o, view => 'state') OFFSET 4 LIMIT 1) b, LATERAL threadmem.message_list('st', 30, o, view => 'state', before_position => there) m GROUP BY o ORDER BY o;
SELECT o, string_agg(r.run_id, ' ') FROM unnest('{asc,desc}'::text[]) o, LATERAL (SELECT position AS there FROM threadmem.run_list('r', sort_order => o) OFFSET 3 LIMIT 1) b, LATERAL threadmem.run_list('r', sort_order => o, before_position => there) r GROUP BY o ORDER BY o;
-- Of checkpoints what LangGraph's before is: those with a smaller id.
SELECT (SELECT count(*) FROM threadmem.checkpoint_list('cp', before_position => l.position)) = (SELECT count(*) FROM threadmem.checkpoint_list('cp', before_id => l.checkpoint_id)) AS same FROM threadmem.checkpoint_list('cp', max_rows => 1) l;
SELECT (SELECT array_agg(checkpoint) FROM threadmem.thread_history('h', 5, before_position => l.position)) = (SELECT array_agg(checkpoint) FROM threadmem.thread_history('h', 5, before_id => l.checkpoint ->> 'checkpoint_id')) AS same FROM threadmem.thread_history('h', 1) l;
SELECT jsonb_path_query_array(threadmem.message_format('log', 'openai', 2, after_position => position), '$.data[*].id') FROM threadmem.message_list('log', 3) OFFSET 2;

-- What is no position of this list, sorted this way: 22023. So are two ways to say where.
CREATE FUNCTION outcome(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE detail text; argument text; hint text;
BEGIN
    EXECUTE 'SELECT * FROM threadmem.' || call;
    RETURN 'ok';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN SQLSTATE || ' ' || SQLERRM || ': ' || CASE SQLSTATE WHEN 'P0002' THEN hint ELSE detail END;
END $$;
SELECT l.position AS u FROM threadmem.user_list(max_rows => 1) l \gset
SELECT l.position AS m FROM threadmem.message_list('log', 1) l \gset
SELECT name, outcome(format('user_list(after_position => %L)', v)) FROM (VALUES ('itself', :'u'), ('empty', ''), ('short', 'AAAA'), ('a letter', 'é'), ('long', repeat('A', 5000)), ('longer by one', :'u' || 'A'), ('padded', :'u' || '='), ('after a tab', E'\t' || :'u')) n (name, v);
-- and any that has a character more, less or another
SELECT count(*), count(*) FILTER (WHERE outcome(call) ~ '^22023 invalid value for argument "after_position": It is no position in this list, sorted this way.') AS refused
  FROM (SELECT format('user_list(after_position => %L)', x) AS call FROM generate_series(1, length(:'u')) i, unnest(ARRAY[left(:'u', i - 1), substr(:'u', 1 + i), overlay(:'u' placing CASE substr(:'u', i, 1) WHEN 'k' THEN 'l' ELSE 'k' END from i for 1), :'u' || left(:'u', i)]) x WHERE x <> :'u') c;
SELECT call, outcome(call) FROM unnest(ARRAY['user_list(sort_by => ''updated_at'', after_position => %s)', 'user_list(sort_order => ''asc'', after_position => %s)', 'assistant_list(after_position => %s)', 'assistant_search(after_position => %s)', 'graph_list(after_position => %s)', 'context_template_list(after_position => %s)',
    'thread_list(after_position => %s)', 'thread_search(after_position => %s)', 'user_threads(''u1'', after_position => %s)', 'session_list(after_position => %s)', 'message_list(''log'', after_position => %s)', 'message_list(''log'', before_position => %s)', 'message_list(''log'', view => ''state'', after_position => %s)',
    'message_list(''log'', view => ''state'', before_position => %s)', 'session_messages(''log'', after_position => %s)', 'message_search(''word'', after_position => %s)', 'message_format(''log'', ''openai'', after_position => %s)', 'message_format(''log'', ''openai'', before_position => %s)', 'run_list(''r'', after_position => %s)', 'run_list(''r'', before_position => %s)',
    'run_steps(''r'', ''steps'', after_position => %s)', 'checkpoint_list(after_position => %s)', 'checkpoint_list(before_position => %s)', 'thread_history(''h'', after_position => %s)', 'thread_history(''h'', before_position => %s)', 'memory_episodes(''u1'', after_position => %s)']) f, LATERAL (SELECT replace(f, '%s', quote_literal(:'u')) AS c, replace(f, '%s', '...') AS call) x,
    LATERAL (SELECT outcome(c)) o WHERE outcome(c) !~ '^22023 invalid value for argument "(after|before)_position": It is no position in this list, sorted this way.$';
-- of another thread, another direction, another view
SELECT outcome(format('message_list(''log'', after_position => %L)', :'m')), outcome(format('message_list(''st'', after_position => %L)', :'m')), outcome(format('message_list(''log'', sort_order => ''desc'', after_position => %L)', :'m')), outcome(format('message_list(''log'', view => ''state'', after_position => %L)', :'m'));
SELECT call, outcome(call) FROM unnest(ARRAY['user_list(after_id => ''u1'', after_position => ''x'')', 'user_list(page_number => 2, after_position => ''x'')', 'graph_list(after_id => ''g1'', after_position => ''x'')', 'assistant_list(after_id => ''a1'', after_position => ''x'')', 'assistant_search(after_id => ''a1'', after_position => ''x'')',
    'assistant_search(skip => 1, after_position => ''x'')', 'context_template_list(after_id => ''c1'', after_position => ''x'')', 'thread_list(after_id => ''t1'', after_position => ''x'')', 'session_list(after_id => ''t1'', after_position => ''x'')', 'thread_search(after_id => ''t1'', after_position => ''x'')', 'user_threads(''u1'', after_id => ''t1'', after_position => ''x'')',
    'message_list(''log'', after_id => ''m1'', after_position => ''x'')', 'message_list(''log'', after_seq => 1, after_position => ''x'')', 'message_list(''log'', before_id => ''m1'', before_position => ''x'')', 'message_list(''log'', before_seq => 1, before_position => ''x'')', 'message_list(''log'', view => ''state'', after_id => ''m1'', after_position => ''x'')',
    'message_list(''log'', view => ''state'', before_id => ''m1'', before_position => ''x'')', 'message_format(''log'', ''openai'', after_id => ''m1'', after_position => ''x'')', 'message_format(''log'', ''openai'', before_id => ''m1'', before_position => ''x'')', 'run_list(''r'', after_id => ''r1'', after_position => ''x'')', 'run_list(''r'', before_id => ''r1'', before_position => ''x'')',
    'run_steps(''r'', ''steps'', after_no => 1, after_position => ''x'')', 'checkpoint_list(after_id => ''c1'', after_position => ''x'')', 'checkpoint_list(before_id => ''c1'', before_position => ''x'')', 'thread_history(''h'', before_id => ''c1'', before_position => ''x'')']) call;
-- An id that has no row.
SELECT call, outcome(call) FROM unnest(ARRAY['user_list(after_id => ''gone'')', 'graph_list(after_id => ''gone'')', 'assistant_list(after_id => ''gone'')', 'assistant_search(after_id => ''gone'')', 'context_template_list(after_id => ''gone'')', 'thread_list(after_id => ''gone'')', 'thread_search(after_id => ''gone'')', 'user_threads(''u1'', after_id => ''gone'')',
    'message_list(''log'', after_id => ''gone'')', 'message_list(''log'', before_id => ''gone'')', 'message_list(''log'', view => ''state'', after_id => ''gone'')', 'message_format(''log'', ''openai'', after_id => ''gone'')', 'run_list(''r'', after_id => ''gone'')', 'run_list(''r'', before_id => ''gone'')']) call;

-- What lists call themselves is of no use to others, and does no harm.
SELECT threadmem.position_of('x', 'a'::text, 1::bigint, 2, 1.5::real, '-infinity'::timestamptz) ~ '^[A-Za-z0-9_-]+$' AS good, threadmem.position_of('x', NULL::text) IS NULL AS none;
SELECT outcome(call) FROM unnest(ARRAY['position_of(''x'', ''a'')', 'position_of(''x'', 1.5)', 'position_of(''x'', 1, 2, 3, 4, 5, 6)', 'position_of(''x'', VARIADIC ARRAY[''a'']::text[])', 'position_of(''x'', repeat(''x'', 70000)::text)']) call;

DELETE FROM threadmem_data.threads WHERE tenant_id = 'query_page';
DELETE FROM threadmem_data.messages WHERE tenant_id = 'query_page';
DELETE FROM threadmem_data.checkpoints WHERE tenant_id = 'query_page';
DELETE FROM threadmem_data.checkpoint_writes WHERE tenant_id = 'query_page';
DELETE FROM threadmem_data.thread_values WHERE tenant_id = 'query_page';
DELETE FROM threadmem_data.runs WHERE tenant_id = 'query_page';
DELETE FROM threadmem_data.run_steps WHERE tenant_id = 'query_page';
DELETE FROM threadmem_data.users WHERE tenant_id = 'query_page';
DELETE FROM threadmem_data.graphs WHERE tenant_id = 'query_page';
DELETE FROM threadmem_data.assistants WHERE tenant_id = 'query_page';
DELETE FROM threadmem_data.context_templates WHERE tenant_id = 'query_page';
DELETE FROM threadmem_data.episodes WHERE tenant_id = 'query_page';
DROP FUNCTION many(int), fill(), walk(text, text, text, int), walked(int), walk_calls(text, text, text), outcome(text);
