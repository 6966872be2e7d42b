-- What a role bound to a tenant tries with SQL of its own beside the calls: counters, cursors, casts and functions of its own, settings. None of it tells of another tenant or runs as somebody else.
\set SHOW_CONTEXT never
\pset null (null)
SET client_min_messages = warning;
CREATE ROLE regress_sql_a;
CREATE ROLE regress_sql_b;
CREATE ROLE regress_sql_lowly;
SELECT threadmem.grant_access('regress_sql_a', joins => true), threadmem.grant_access('regress_sql_b'), threadmem.tenant_bind('regress_sql_a', 'sql a'), threadmem.tenant_bind('regress_sql_b', 'sql b');
CREATE SCHEMA regress_sql;
GRANT ALL ON SCHEMA regress_sql TO PUBLIC;
CREATE FUNCTION pg_temp.fill(tenant text, word text) RETURNS bigint LANGUAGE sql AS
$$SELECT set_config('threadmem.tenant', tenant, false); SELECT threadmem.user_create('u');
  SELECT threadmem.graph_define('g', '{"channels": {"note": {}}}');
  SELECT count(threadmem.assistant_create('s' || i, 'g', metadata => jsonb_build_object('kind', word))) FROM generate_series(1, 200) i;
  SELECT count(threadmem.thread_create('t' || i, 'u', metadata => jsonb_build_object('kind', word), messages =>
             (SELECT jsonb_agg(jsonb_build_object('role', 'user', 'content', word || ' words ' || j, 'sender_id', 'u', 'metadata', jsonb_build_object('kind', word))) FROM generate_series(1, 5) j))) FROM generate_series(1, 60) i;
  SELECT count(threadmem.thread_update_state('t' || i, jsonb_build_object('note', word))) FROM generate_series(1, 60) i$$;
SELECT pg_temp.fill('sql a', 'open'), pg_temp.fill('sql b', 'hidden');
RESET threadmem.tenant;
ANALYZE threadmem_data.messages, threadmem_data.threads, threadmem_data.thread_values, threadmem_data.assistants;

-- What the server counts of a search for another tenant's words is what it counts for words that nobody has.
CREATE FUNCTION pg_temp.counts() RETURNS text LANGUAGE sql AS
$$SELECT string_agg(concat_ws(' ', relname, seq_scan, seq_tup_read, idx_scan, idx_tup_fetch), ', ' ORDER BY relname) FROM pg_stat_xact_all_tables WHERE schemaname = 'threadmem_data'$$;
CREATE FUNCTION pg_temp.counted(call text, word text) RETURNS text LANGUAGE plpgsql AS
$$DECLARE found bigint; counts text[];
BEGIN
    FOR i IN 1 .. 2 LOOP -- the first one looks the binding up and plans
        counts := (SELECT array_agg(concat_ws(' ', relname, seq_scan, seq_tup_read, idx_scan, idx_tup_fetch) ORDER BY relname) FROM pg_stat_xact_all_tables WHERE schemaname = 'threadmem_data');
        EXECUTE format('SELECT count(*) FROM threadmem.' || call, word) INTO found;
    END LOOP;
    RETURN found || (SELECT string_agg(t || ' ' || now - was, ', ' ORDER BY t) FROM
        (SELECT split_part(c, ' ', 1) AS t, sum(n::bigint) AS was FROM unnest(counts) c, unnest((string_to_array(c, ' '))[2:]) n GROUP BY 1) b
        JOIN (SELECT relname AS t, seq_scan + seq_tup_read + coalesce(idx_scan, 0) + coalesce(idx_tup_fetch, 0) AS now FROM pg_stat_xact_all_tables WHERE schemaname = 'threadmem_data') a USING (t) WHERE now <> was);
END$$;
CREATE TEMP TABLE searches (call text, index name);
INSERT INTO searches VALUES ('message_search(%L)', 'messages_search'), ('message_search(%L, user_id => ''u'')', NULL), ('memory_search(''u'', %L)', NULL), ('thread_search(metadata => jsonb_build_object(''kind'', %L::text))', 'threads_metadata'),
    ('thread_search(values_match => jsonb_build_object(''note'', %L::text))', 'thread_values_search'), ('assistant_search(jsonb_build_object(''kind'', %L::text))', 'assistants_metadata');
CREATE FUNCTION pg_temp.told(call text, scan text) RETURNS boolean LANGUAGE plpgsql AS
$$DECLARE hidden text; absent text;
BEGIN
    PERFORM set_config('role', 'regress_sql_a', true), set_config('enable_seqscan', scan, true);
    hidden := pg_temp.counted(call, 'hidden');
    absent := pg_temp.counted(call, 'absent');
    PERFORM set_config('role', 'none', true), set_config('enable_seqscan', 'on', true);
    RETURN hidden <> absent OR hidden !~ '^0[a-z]';
END$$;
SELECT call, scan FROM searches, unnest('{on,off}'::text[]) scan WHERE pg_temp.told(call, scan) IS DISTINCT FROM false;
-- It sees keys that are the same for all tenants.
BEGIN;
DO $$DECLARE f record;
BEGIN
    FOR f IN SELECT probin, prosrc, proargnames[2] AS given, format_type(proargtypes[1], NULL) AS type, pronargs = 3 AS with_ids FROM pg_proc WHERE pronamespace = 'threadmem'::regnamespace AND proname = 'tenant_keys' LOOP
        EXECUTE format('CREATE FUNCTION regress_sql.keys(text, %s%s) RETURNS text[] AS %L, %L LANGUAGE c IMMUTABLE STRICT LEAKPROOF', f.type, CASE WHEN f.with_ids THEN ', text[]' END, f.probin, f.prosrc);
        EXECUTE format('CREATE OR REPLACE FUNCTION threadmem.tenant_keys(owner text, %I %s%s) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT LEAKPROOF AS %L', f.given, f.type, CASE WHEN f.with_ids THEN ', ids text[]' END, CASE WHEN f.with_ids THEN 'SELECT regress_sql.keys(''sql a'', $2, $3)' ELSE 'SELECT regress_sql.keys(''sql a'', $2)' END);
    END LOOP;
END$$;
REINDEX INDEX threadmem_data.messages_search;
REINDEX INDEX threadmem_data.threads_metadata;
REINDEX INDEX threadmem_data.thread_values_search;
REINDEX INDEX threadmem_data.assistants_metadata;
SELECT count(*) > 0 AS seen FROM searches WHERE pg_temp.told(call, 'off') AND index IS NOT NULL;
ROLLBACK;

-- A cursor that was open when its role was bound anew goes on with the rows that it began with; whatever begins later has the new tenant's.
BEGIN;
SET LOCAL ROLE regress_sql_a;
DECLARE c CURSOR FOR SELECT thread_id, metadata FROM threadmem.threads ORDER BY thread_id;
DECLARE h CURSOR WITH HOLD FOR SELECT DISTINCT metadata FROM threadmem.threads;
FETCH 1 FROM c;
RESET ROLE;
SELECT threadmem.tenant_bind('regress_sql_a', 'sql c');
SET LOCAL ROLE regress_sql_a;
SELECT count(*) AS of_c FROM threadmem.threads;
DECLARE d CURSOR FOR SELECT thread_id FROM threadmem.threads;
FETCH 1 FROM d;
FETCH 1 FROM c;
ROLLBACK;
-- Prepared as one role, executed as another: each has its own.
PREPARE mine AS SELECT DISTINCT threadmem.current_tenant() AS tenant, metadata FROM threadmem.thread_list(max_rows => 100);
PREPARE viewed AS SELECT DISTINCT metadata FROM threadmem.threads;
SET plan_cache_mode = force_generic_plan;
SET ROLE regress_sql_b;
EXECUTE mine;
SET ROLE regress_sql_a;
EXECUTE mine;
EXECUTE viewed;
RESET ROLE;
SET threadmem.tenant = 'sql b';
EXECUTE viewed;
SET ROLE regress_sql_a;
EXECUTE viewed;
RESET ROLE;
RESET threadmem.tenant;
RESET plan_cache_mode;
DEALLOCATE ALL;

-- Workers of a parallel plan are not asked whose rows they are, and the leader answers for all rows.
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT set_config(name, 'on', false) AS forced FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query');
SET ROLE regress_sql_a;
SELECT DISTINCT metadata FROM threadmem.threads;
SELECT threadmem.current_tenant(), (SELECT count(DISTINCT metadata) FROM threadmem.thread_list());
SELECT count(*) FILTER (WHERE t = 'sql a') > 100 AS of_a, count(*) FILTER (WHERE t <> 'sql a') AS of_others FROM (SELECT threadmem.current_tenant() AS t FROM pg_class) p;
RESET ROLE;
SELECT set_config(name, 'off', false) AS forced FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query');
RESET max_parallel_workers_per_gather;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;

-- An application's casts and triggers run as who calls, not as threadmem_runner.
SET ROLE regress_sql_a;
CREATE TYPE regress_sql.word AS (w text);
CREATE FUNCTION regress_sql.as_text(regress_sql.word) RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE WARNING 'cast as %', current_user; RETURN $1.w; END$$;
CREATE CAST (regress_sql.word AS text) WITH FUNCTION regress_sql.as_text(regress_sql.word) AS IMPLICIT;
SELECT thread_id FROM threadmem.thread_get(row('t1')::regress_sql.word);
CREATE TABLE regress_sql.heard (thread_id text);
CREATE FUNCTION regress_sql.hear() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE WARNING 'trigger as %', current_user; RETURN NULL; END$$;
CREATE TRIGGER hear AFTER INSERT ON regress_sql.heard FOR EACH ROW EXECUTE FUNCTION regress_sql.hear();
CREATE CONSTRAINT TRIGGER later AFTER INSERT ON regress_sql.heard DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION regress_sql.hear();
INSERT INTO regress_sql.heard SELECT thread_id FROM threadmem.thread_get('t1');
-- None of them hangs on ours.
\set VERBOSITY sqlstate
CREATE TRIGGER hear AFTER INSERT ON threadmem_data.threads FOR EACH ROW EXECUTE FUNCTION regress_sql.hear();
CREATE TRIGGER hear INSTEAD OF INSERT ON threadmem.threads FOR EACH ROW EXECUTE FUNCTION regress_sql.hear();
ALTER TABLE regress_sql.heard ADD COLUMN tenant_id text, ADD FOREIGN KEY (tenant_id, thread_id) REFERENCES threadmem_data.threads;
CREATE RULE hear AS ON INSERT TO threadmem.threads DO INSTEAD NOTHING;
CREATE POLICY mine ON threadmem_data.threads USING (true);
CREATE STATISTICS regress_sql.told ON tenant_id, thread_id FROM threadmem_data.threads;
CREATE PUBLICATION regress_sql_told FOR TABLE threadmem_data.threads;
CREATE TABLE regress_sql.child () INHERITS (threadmem_data.threads);
CREATE INDEX ON threadmem_data.threads (thread_id);
CREATE FUNCTION threadmem.mine() RETURNS text LANGUAGE sql AS 'SELECT 1';
\set VERBOSITY default
RESET ROLE;

-- The function that counts tokens is a superuser's to name, also before the library is loaded, and never a temporary one.
\c -
SET client_min_messages = warning;
\set VERBOSITY sqlstate
SET ROLE regress_sql_lowly;
CREATE FUNCTION pg_temp.tokens(text) RETURNS integer LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'ran as %', current_user; END$$;
SET threadmem.token_counter = 'pg_temp.tokens';
RESET ROLE;
CREATE FUNCTION regress_sql.window(thread text) RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'SELECT count(*) FROM threadmem.message_context(thread)';
SET threadmem.tenant = 'sql a';
SET ROLE regress_sql_lowly;
\set VERBOSITY default
SELECT regress_sql.window('t1');
SHOW threadmem.token_counter;
SET threadmem.token_counter = 'pg_temp.tokens';
RESET ROLE;
SET threadmem.token_counter = 'pg_temp.tokens';
SELECT regress_sql.window('t1');
SELECT set_config('threadmem.token_counter', nspname || '.tokens', false) ~ '^pg_temp_' AS temporary FROM pg_namespace WHERE oid = pg_my_temp_schema();
\set VERBOSITY sqlstate
SELECT regress_sql.window('t1') IS NULL AS counted;
RESET threadmem.token_counter;
RESET threadmem.tenant;

SELECT threadmem.tenant_bind('regress_sql_a'), threadmem.tenant_bind('regress_sql_b');
DROP SCHEMA regress_sql CASCADE;
DROP OWNED BY regress_sql_a, regress_sql_b, regress_sql_lowly;
DROP ROLE regress_sql_a, regress_sql_b, regress_sql_lowly;
SELECT count(*) > 0 AS gone FROM unnest('{sql a,sql b}'::text[]) t, threadmem.tenant_delete(t);
