-- What a session narrowed to one user may not do it is told in words of ours, with the ids: every function of the catalog is called, on a thread that is its own and on one that it takes part in.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET threadmem.tenant = 'security narrowed';
SELECT count(threadmem.user_create(u)) FROM unnest('{ann,bob,carl}'::text[]) u;
SELECT graph_id FROM threadmem.graph_define('g', '{"channels": {"messages": {"reducer": "add_messages"}}}');
SELECT assistant_id FROM threadmem.assistant_create('a', graph_id => 'g');
SELECT threadmem.context_template_create('block', '%{user_summary}') IS NOT NULL AS template;
CREATE FUNCTION pg_temp.thread(thread text, owner text) RETURNS void LANGUAGE sql AS
$$SELECT threadmem.thread_create(thread, owner, graph_id => 'g');
  SELECT threadmem.thread_add_participant(thread, u) FROM unnest('{ann,carl}'::text[]) u;
  SELECT threadmem.message_add(thread, 'user', 'hello', message_id => 'm'), threadmem.message_start(thread, message_id => 's');
  SELECT threadmem.checkpoint_put(thread, '{"id": "c1", "channel_values": {"k": 1}, "channel_versions": {"k": 1}}');
  SELECT threadmem.checkpoint_put(thread, '{"id": "c2", "channel_values": {"k": 2}, "channel_versions": {"k": 2}}', '{}', '{"k": 2}', 'c1');
  SELECT threadmem.run_create(thread, run_id => 'r');$$;
SELECT pg_temp.thread('own', 'ann'), pg_temp.thread('shared', 'bob');
SELECT count(threadmem.memory_add_data(u, 'tea', episode_id => 'e')) FROM unnest('{ann,bob}'::text[]) u;
SELECT count(threadmem.store_put('{memories,bob}', 'k', '{}'));
CREATE TEMP TABLE given (name text, value text);
INSERT INTO given VALUES ('thread_id', 'THREAD'), ('source_id', 'THREAD'), ('target_id', 'THREAD'), ('thread_ids', '{THREAD}'), ('session_id', 'THREAD'), ('new_thread_id', 'copy'), ('message_id', 'm'), ('checkpoint_id', 'c1'), ('from_id', 'c1'), ('to_id', 'c2'), ('user_id', 'bob'),
    ('participant_id', 'ann'), ('assistant_id', 'a'), ('graph_id', 'g'), ('template_id', 'block'), ('run_id', 'r'), ('run_ids', '{r}'), ('task_id', 't'), ('writes', '[["k", 3]]'), ('messages', '[{"role": "user", "content": "new"}]'), ('role', 'user'), ('content', 'new'), ('body', '{"role": "user", "content": "new"}'),
    ('definition', '{"channels": {}}'), ('checkpoint', '{"id": "c3", "channel_values": {"k": 3}, "channel_versions": {"k": 3}}'), ('namespace', '{memories,bob}'), ('key', 'k'), ('value', '{"x": 1}'), ('operations', '[{"op": "put", "namespace": ["memories", "bob"], "key": "k", "value": {}}]'), ('input', '{"k": 4}'),
    ('updates', '[{"values": {"k": 4}}]'), ('ttl', '{"ttl": 5}'), ('title', 'new'), ('name', 'new'), ('summary', 'new'), ('metadata', '{"x": 1}'), ('dialect', 'langgraph'), ('query', 'tea'), ('data', 'new'), ('fact', 'new'), ('episode_id', 'e'), ('template', 'new'), ('channel', 'ch'), ('external_id', 'x'),
    ('tool_calls', '[{"id": "c"}]'), ('outputs', '[{"tool_call_id": "c", "output": "x"}]'), ('tenant_id', 'security narrowed'), ('delta', 'x'), ('chunk_no', '1'), ('status', 'ended');
-- One call after the other, each undone: with what it requires alone, and with all that it may be given.
CREATE FUNCTION pg_temp.tried(thread text, narrowed text) RETURNS TABLE (function text, outcome text, detail text, hint text) LANGUAGE plpgsql AS
$$DECLARE
    f record;
    made text;
    is_full boolean;
    told text;
BEGIN
    FOR f IN SELECT p.oid, p.proname, p.pronargs, p.pronargdefaults, p.proargnames FROM pg_proc p WHERE p.pronamespace = 'threadmem'::regnamespace AND p.prokind = 'f' AND p.provolatile = 'v' AND p.prosqlbody IS NULL AND p.proname !~ '^(tenants?|access|grant|revoke|check|install)_' ORDER BY p.proname, p.oid LOOP
        FOREACH is_full IN ARRAY '{f,t}'::boolean[] LOOP
            SELECT format('SELECT count(*) FROM threadmem.%I(%s)', f.proname, string_agg(format('%I => %L', f.proargnames[i], replace(g.value, 'THREAD', thread)), ', ' ORDER BY i)) INTO made
              FROM generate_series(1, f.pronargs) i JOIN given g ON g.name = f.proargnames[i] WHERE is_full OR i <= f.pronargs - f.pronargdefaults;
            BEGIN
                PERFORM set_config('threadmem.user_id', narrowed, true);
                EXECUTE coalesce(made, format('SELECT threadmem.%I()', f.proname));
                RAISE EXCEPTION USING errcode = 'ZZ000', message = 'done';
            EXCEPTION WHEN OTHERS THEN
                function := f.proname;
                outcome := sqlstate || ' ' || sqlerrm;
                GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
                RETURN NEXT;
            END;
        END LOOP;
    END LOOP;
END$$;
CREATE TEMP TABLE tried AS SELECT thread, t.* FROM unnest('{own,shared}'::text[]) thread, pg_temp.tried(thread, 'ann') t;
SELECT count(*) > 200 AS many, count(*) FILTER (WHERE outcome ~ '^ZZ000') > 60 AS done FROM tried;
SELECT DISTINCT function, outcome FROM tried WHERE outcome ~ 'row-level|row security|permission denied for' AND outcome !~ 'narrowed';
SELECT DISTINCT function, outcome FROM tried WHERE outcome ~ '^42501' AND (detail = '' OR hint = '');
SELECT thread, function, outcome, detail, hint FROM tried WHERE outcome ~ '^42501' AND function IN ('user_create', 'graph_define', 'thread_copy', 'thread_add_participant', 'thread_set_ttl') AND (thread = 'shared' OR function ~ '^thread') GROUP BY 1, 2, 3, 4, 5 ORDER BY function, detail COLLATE "C";
-- A fork, and targets of either order.
SET threadmem.user_id = 'ann';
SELECT threadmem.thread_fork('shared', message_id => 'm');
SELECT threadmem.thread_fork('shared', 'c1', new_thread_id => 'a');
SELECT threadmem.thread_copy('shared', 'z', history => false);
SELECT threadmem.thread_add_participant('shared', 'a', 'assistant');
SELECT threadmem.thread_get('a');
RESET threadmem.user_id;
