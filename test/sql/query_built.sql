-- query: statements put together by what a call asks for are few, kept, and never freed while they run

\set VERBOSITY terse
SET threadmem.tenant = 'query_built';
CREATE VIEW kept AS SELECT count(*)::integer AS n FROM pg_backend_memory_contexts WHERE name = 'threadmem built statement';

-- the number of rows asked for makes no statements of its own
SELECT count(*) FROM generate_series(0, 1000) n, LATERAL threadmem.user_list(max_rows => n);
SELECT count(*) FROM generate_series(0, 1000) n, LATERAL threadmem.thread_search(max_rows => n, skip => n);
SELECT n FROM kept;

-- exactly as many rows as were asked for, from every class of sizes
SELECT count(threadmem.user_create('u' || n)) FROM generate_series(1, 1100) n;
SELECT string_agg((SELECT count(*) FROM threadmem.user_list(max_rows => n)) || ' of ' || n, ', ')
  FROM unnest('{0,1,2,19,20,21,99,100,101,999,1000}'::int[]) n;
SELECT user_id FROM threadmem.user_list(sort_by => 'user_id', sort_order => 'asc', max_rows => 3);
SELECT count(*), min(user_id), max(user_id) FROM threadmem.user_list(sort_by => 'user_id', sort_order => 'asc', page_number => 3, page_size => 30);

-- 256 statements: more than are kept
CREATE FUNCTION list_much() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 0..255 LOOP
        PERFORM threadmem.thread_search(
            status => CASE WHEN i & 1 > 0 THEN 'idle' END, user_id => CASE WHEN i & 2 > 0 THEN 'x' END,
            assistant_id => CASE WHEN i & 4 > 0 THEN 'x' END, graph_id => CASE WHEN i & 8 > 0 THEN 'x' END,
            participant_id => CASE WHEN i & 16 > 0 THEN 'x' END, metadata => CASE WHEN i & 32 > 0 THEN '{"a": 1}'::jsonb END,
            created_since => CASE WHEN i & 64 > 0 THEN now() END, sort_order => CASE WHEN i & 128 > 0 THEN 'asc' ELSE 'desc' END);
    END LOOP;
END $$;
SELECT list_much();
SELECT list_much();
SELECT n FROM kept;

-- policies whose function lists that much, once in every statement
CREATE FUNCTION busy() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF coalesce(current_setting('query_built.busy', true), '') <> 'on' THEN
        PERFORM set_config('query_built.busy', 'on', false), public.list_much();
        PERFORM set_config('query_built.busy', 'off', false),
            set_config('query_built.ran', (1 + coalesce(nullif(current_setting('query_built.ran', true), ''), '0')::int)::text, false);
    END IF;
    RETURN true;
END $$;
CREATE FUNCTION busy_tokens(text) RETURNS integer LANGUAGE plpgsql AS $$ BEGIN PERFORM public.busy(); RETURN length($1); END $$;
CREATE ROLE regress_busy;
GRANT pg_read_all_stats, pg_write_all_data TO regress_busy;
GRANT SELECT ON kept TO regress_busy;
SELECT threadmem.grant_access('regress_busy', 'write');
SELECT count(threadmem.assistant_create('a' || n)), count(threadmem.thread_create('t' || n, user_id => 'u' || n)),
       count(threadmem.message_add('t' || n, 'user', 'hello', message_id => 'm' || n)),
       count(threadmem.run_create('t' || n, run_id => 'r' || n)) FROM generate_series(1, 3) n;
SELECT count(threadmem.checkpoint_put('t1', jsonb_build_object('v', 4, 'id', n::text, 'channel_values', '{}'::jsonb, 'channel_versions', '{}'::jsonb)))
  FROM generate_series(1, 3) n;
CREATE POLICY busy ON threadmem_data.users AS RESTRICTIVE USING (busy());
CREATE POLICY busy ON threadmem_data.assistants AS RESTRICTIVE USING (busy());
CREATE POLICY busy ON threadmem_data.threads AS RESTRICTIVE USING (busy());
CREATE POLICY busy ON threadmem_data.messages AS RESTRICTIVE USING (busy());
CREATE POLICY busy ON threadmem_data.runs AS RESTRICTIVE USING (busy());
CREATE POLICY busy ON threadmem_data.checkpoints AS RESTRICTIVE USING (busy());
SET ROLE regress_busy;
-- a new session's first statement is planned while it is nested, too; so all of this twice
SELECT array_agg(assistant_id ORDER BY assistant_id) FROM threadmem.assistant_list();
SELECT array_agg(assistant_id ORDER BY assistant_id) FROM threadmem.assistant_search(name => null);
SELECT count(*) FROM threadmem.user_list(max_rows => 7);
SELECT array_agg(thread_id ORDER BY thread_id) FROM threadmem.thread_list();
SELECT array_agg(thread_id ORDER BY thread_id) FROM threadmem.thread_search(fields => '{thread_id,values}');
SELECT threadmem.thread_count();
SELECT array_agg(message_id) FROM threadmem.message_list('t1');
SELECT array_agg(message_id) FROM threadmem.message_list('t1', view => 'state');
SELECT array_agg(message_id ORDER BY message_id) FROM threadmem.message_search('hello');
SELECT array_agg(run_id) FROM threadmem.run_list('t1');
SELECT array_agg(checkpoint_id) FROM threadmem.checkpoint_list('t1');
SELECT count(*) FROM threadmem.thread_history('t1');
RESET ROLE;
SET threadmem.token_counter = 'public.busy_tokens';
SET ROLE regress_busy;
SELECT array_agg(message_id) FROM threadmem.message_context('t1', 1000);
RESET ROLE;
RESET threadmem.token_counter;
SET ROLE regress_busy;
SELECT current_setting('query_built.ran')::int > 12 AS ran, n FROM kept;
SELECT array_agg(assistant_id ORDER BY assistant_id) FROM threadmem.assistant_list();
SELECT count(*) FROM threadmem.thread_history('t1');

-- one that raises is not thought to be running for ever
CREATE FUNCTION pg_temp.list_and_fail() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    failed integer := 0;
BEGIN
    FOR i IN 0..255 LOOP
        BEGIN
            PERFORM threadmem.thread_search(
                status => CASE WHEN i & 1 > 0 THEN 'idle' END, user_id => CASE WHEN i & 2 > 0 THEN 'u1' END,
                thread_ids => CASE WHEN i & 4 > 0 THEN '{t1}'::text[] END, updated_since => CASE WHEN i & 8 > 0 THEN '-infinity'::timestamptz END,
                participant_id => CASE WHEN i & 16 > 0 THEN 'u1' END, metadata => CASE WHEN i & 32 > 0 THEN '{}'::jsonb END,
                created_since => CASE WHEN i & 64 > 0 THEN '-infinity'::timestamptz END, sort_order => CASE WHEN i & 128 > 0 THEN 'asc' ELSE 'desc' END);
        EXCEPTION WHEN raise_exception THEN
            failed := failed + 1;
        END;
    END LOOP;
    RETURN failed;
END $$;
RESET ROLE;
CREATE FUNCTION refuse() RETURNS boolean LANGUAGE plpgsql STABLE AS $$ BEGIN RAISE 'refused'; END $$;
CREATE POLICY refuse ON threadmem_data.threads AS RESTRICTIVE USING (refuse());
SET ROLE regress_busy;
SELECT pg_temp.list_and_fail() > 100 AS failed;
SELECT n FROM kept;
RESET ROLE;
DROP POLICY refuse ON threadmem_data.threads;
SELECT list_much();
SELECT n FROM kept;

DROP POLICY busy ON threadmem_data.users;
DROP POLICY busy ON threadmem_data.assistants;
DROP POLICY busy ON threadmem_data.threads;
DROP POLICY busy ON threadmem_data.messages;
DROP POLICY busy ON threadmem_data.runs;
DROP POLICY busy ON threadmem_data.checkpoints;
SELECT count(*) FROM generate_series(1, 3) n, LATERAL threadmem.thread_delete('t' || n, keep_memory => false);
SELECT count(*) FROM generate_series(1, 3) n, LATERAL threadmem.assistant_delete('a' || n);
SELECT count(*) FROM generate_series(1, 1100) n, LATERAL threadmem.user_delete('u' || n);
DROP OWNED BY regress_busy;
DROP ROLE regress_busy;
DROP FUNCTION busy_tokens(text), busy(), list_much(), refuse();
DROP VIEW kept;
