-- Who may see all tenants, and what an operator can do without reading a word.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE ROLE regress_operator;
CREATE ROLE regress_operator_too;
CREATE ROLE regress_operator_app;
CREATE ROLE regress_operator_admin;
SELECT threadmem.grant_access('regress_operator', 'operator'), threadmem.grant_access('regress_operator_app', 'write', joins => true), threadmem.grant_access('regress_operator_admin', 'admin');
SELECT threadmem.grant_access('regress_operator', 'operator', joins => true);
SELECT role_name, level, joins FROM threadmem.access_list() WHERE role_name ~ '^regress_operator';

-- What it may call is this, and no view; nobody else may call what is the operator's alone.
SELECT p.proname FROM pg_proc p WHERE p.pronamespace = 'threadmem'::regnamespace AND has_function_privilege('regress_operator', p.oid, 'EXECUTE') ORDER BY p.oid::regprocedure::text COLLATE "C";
SELECT count(*) FROM pg_class c WHERE c.relnamespace IN ('threadmem'::regnamespace, 'threadmem_data'::regnamespace) AND c.relkind IN ('v', 'r') AND has_table_privilege('regress_operator', c.oid, 'SELECT') AND pg_get_viewdef(c.oid) !~ 'WHERE false;$';
SELECT r.rolname, p.proname FROM pg_proc p, pg_roles r WHERE p.pronamespace = 'threadmem'::regnamespace AND p.proname ~ '^tenants_' AND r.rolname ~ '^regress_operator_' AND has_function_privilege(r.oid, p.oid, 'EXECUTE');
SELECT bool_or(has_function_privilege('regress_operator', p.oid, 'EXECUTE WITH GRANT OPTION')) AS passes_on FROM pg_proc p WHERE p.pronamespace = 'threadmem'::regnamespace;

-- Three tenants: many threads, one, one with a damaged row.
-- What other tests left goes first.
DO $$BEGIN WHILE EXISTS (SELECT FROM threadmem.tenants_purge_expired() UNION ALL SELECT FROM threadmem.tenants_expire_runs()) LOOP END LOOP; END$$;
CREATE FUNCTION pg_temp.fill(tenant text, threads integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE n bigint;
BEGIN
    PERFORM set_config('threadmem.tenant', tenant, false);
    SELECT count(threadmem.thread_create('t' || i, ttl => '{"ttl": 60}', messages => '[{"role": "user", "content": "secret words"}]')) FROM generate_series(1, threads) i INTO n;
    PERFORM set_config('threadmem.tenant', '', false);
    RETURN n;
END$$;
SELECT pg_temp.fill('operator many', 12), pg_temp.fill('operator one', 1), pg_temp.fill('operator two', 2);
CREATE FUNCTION pg_temp.swept(call text) RETURNS TABLE (tenant_id text, count integer, was_due boolean, sqlstate text) LANGUAGE plpgsql AS
$$BEGIN RETURN QUERY EXECUTE 'SELECT s.tenant_id, s.count, s.due_since <= now(), s.sqlstate FROM threadmem.' || call || ' s'; END$$;
GRANT USAGE ON SCHEMA threadmem TO regress_operator;

-- Others are bound, so a role that is bound to none may nothing else, and need not be set free for this.
SELECT threadmem.tenant_bind('regress_operator_app', 'operator one'), threadmem.tenant_bind('regress_operator_admin', 'operator one');
SET ROLE regress_operator;
SELECT t FROM threadmem.tenant_list() t WHERE t ~ '^operator ';
SELECT tenant_id, rows FROM threadmem.threadmem_stats(all_tenants => true) WHERE tenant_id ~ '^operator ' AND kind = 'threads';
SELECT * FROM threadmem.threadmem_verify(all_tenants => true) WHERE tenant_id ~ '^operator ';
\set VERBOSITY terse
SELECT threadmem.threadmem_stats();
SELECT threadmem.threadmem_verify('t1');
SELECT threadmem.message_list('t1');
SELECT threadmem.thread_purge_expired();
SELECT * FROM threadmem.messages;
SELECT * FROM threadmem_data.messages;
SELECT threadmem.grant_access('regress_operator_too', 'operator');
\set VERBOSITY default

-- Expiry: by how long it is over, each with its share; what one does not need the others have.
RESET ROLE;
UPDATE threadmem_data.threads SET expires_at = now() - CASE tenant_id WHEN 'operator many' THEN interval '3 hours' WHEN 'operator two' THEN interval '2 hours' ELSE interval '1 hour' END
 WHERE tenant_id ~ '^operator ';
SET ROLE regress_operator;
SELECT * FROM pg_temp.swept('tenants_purge_expired(0)');
SELECT * FROM pg_temp.swept('tenants_purge_expired(2)');
SELECT * FROM pg_temp.swept('tenants_purge_expired(6)');
-- An error takes back its tenant's part alone, and tells no word.
RESET ROLE;
SELECT pg_temp.fill('operator bad', 2), pg_temp.fill('operator good', 2);
SET threadmem.tenant = 'operator bad';
SELECT count(threadmem.user_create('ann')), count(threadmem.thread_update('t2', user_id => 'ann'));
RESET threadmem.tenant;
ALTER TABLE threadmem_data.threads ADD CONSTRAINT regress_bad CHECK (tenant_id <> 'operator bad' OR thread_id <> 't2' OR expires_at IS NOT NULL);
UPDATE threadmem_data.threads SET expires_at = now() - interval '1 hour', ttl_strategy = 'keep_latest' WHERE tenant_id ~ '^operator (bad|good)';
SET ROLE regress_operator;
SELECT * FROM pg_temp.swept('tenants_purge_expired()') WHERE tenant_id <> 'operator many';
RESET ROLE;
SELECT tenant_id, count(*), count(expires_at) AS with_time FROM threadmem_data.threads WHERE tenant_id ~ '^operator ' GROUP BY 1 ORDER BY 1;
ALTER TABLE threadmem_data.threads DROP CONSTRAINT regress_bad;
SET ROLE regress_operator;
SELECT * FROM pg_temp.swept('tenants_purge_expired()');
SELECT * FROM pg_temp.swept('tenants_purge_expired()');
RESET ROLE;

-- Runs whose worker died: where, since when, and written down.
SELECT pg_temp.fill('operator many', 3), pg_temp.fill('operator one', 1);
SET threadmem.tenant = 'operator many';
SELECT count(threadmem.run_create('t' || i, run_id => 'r')), count(threadmem.run_start('t' || i, 'r', lease => '1 millisecond')) FROM generate_series(1, 3) i;
SET threadmem.tenant = 'operator one';
SELECT count(threadmem.run_create('t1', run_id => 'r', expires_in => '1 millisecond')), pg_sleep(0.01);
RESET threadmem.tenant;
SET ROLE regress_operator;
SELECT tenant_id, count, due_since < clock_timestamp() AS was_due FROM threadmem.tenants_stuck_runs() ORDER BY 1;
SELECT tenant_id, count FROM threadmem.tenants_expire_runs(2) ORDER BY 1;
SELECT tenant_id, count, due_since < clock_timestamp() AS was_due FROM threadmem.tenants_stuck_runs() ORDER BY 1;
SELECT tenant_id, count FROM threadmem.tenants_expire_runs() ORDER BY 1;
SELECT * FROM threadmem.tenants_stuck_runs();
RESET ROLE;
SELECT tenant_id, status, count(*) FROM threadmem_data.runs WHERE tenant_id ~ '^operator ' GROUP BY 1, 2 ORDER BY 1;

-- Threads that nobody touched: states thinned out, or the threads gone.
CREATE FUNCTION pg_temp.states() RETURNS bigint LANGUAGE sql AS
$$SELECT count(threadmem.thread_update_state('t' || i, jsonb_build_object('n', n))) FROM generate_series(1, 2) i, generate_series(1, 3) n$$;
SET threadmem.tenant = 'operator many';
SELECT pg_temp.states();
SET threadmem.tenant = 'operator one';
SELECT count(threadmem.thread_update_state('t1', jsonb_build_object('n', n))) FROM generate_series(1, 3) n;
RESET threadmem.tenant;
CREATE FUNCTION pg_temp.grow_old() RETURNS bigint LANGUAGE sql AS
$$WITH old AS (UPDATE threadmem_data.threads SET updated_at = now() - interval '9 days', updated_hour = date_trunc('hour', now() - interval '9 days', 'UTC'),
       state_updated_at = now() - interval '9 days' WHERE tenant_id ~ '^operator ' AND (tenant_id, thread_id) <> ('operator many', 't3') RETURNING 1) SELECT count(*) FROM old$$;
SELECT pg_temp.grow_old();
SET ROLE regress_operator;
SELECT tenant_id, count FROM threadmem.tenants_prune_threads(now() - interval '10 days') WHERE tenant_id ~ '^operator ';
SELECT tenant_id, count FROM threadmem.tenants_prune_threads(now() - interval '8 days', max_rows => 2) WHERE tenant_id ~ '^operator ' ORDER BY 1;
SELECT tenant_id, count FROM threadmem.tenants_prune_threads(now() - interval '8 days', keep => 2) WHERE tenant_id ~ '^operator ' ORDER BY 1;
SELECT tenant_id, count FROM threadmem.tenants_prune_threads(now() - interval '8 days') WHERE tenant_id ~ '^operator ' ORDER BY 1;
RESET ROLE;
SELECT tenant_id, thread_id, count(*) FROM threadmem_data.checkpoints WHERE tenant_id ~ '^operator ' GROUP BY 1, 2 ORDER BY 1, 2;
SELECT count(*) FROM threadmem.threadmem_verify(all_tenants => true) WHERE tenant_id ~ '^operator ';
SELECT pg_temp.grow_old();
SET ROLE regress_operator;
SELECT tenant_id, count FROM threadmem.tenants_prune_threads(now() - interval '8 days', 'delete', max_rows => 2) WHERE tenant_id ~ '^operator ' ORDER BY 1;
SELECT tenant_id, count FROM threadmem.tenants_prune_threads(now() - interval '8 days', 'delete') WHERE tenant_id ~ '^operator ' ORDER BY 1;
RESET ROLE;
SELECT tenant_id, thread_id FROM threadmem_data.threads WHERE tenant_id ~ '^operator ' ORDER BY 1, 2;
-- What it is told.
\set VERBOSITY terse
SELECT threadmem.tenants_prune_threads(NULL);
SELECT threadmem.tenants_prune_threads(now() + interval '1 hour');
SELECT threadmem.tenants_prune_threads('infinity');
SELECT threadmem.tenants_prune_threads('-infinity');
SELECT threadmem.tenants_prune_threads(now() - interval '1 year', 'shrink');
SELECT threadmem.tenants_prune_threads(now() - interval '1 year', keep => 0);
SELECT threadmem.tenants_purge_expired(1001);
SELECT threadmem.tenants_purge_expired(-1);
SELECT threadmem.tenants_expire_runs(1001);

-- Nobody else: a role that is bound, its administrator, a session that is narrowed; nor an operator that is bound, whoever bound it.
CREATE FUNCTION pg_temp.tried() RETURNS TABLE (call text, gives text) LANGUAGE plpgsql AS $$
BEGIN
    FOREACH call IN ARRAY '{tenant_list(),threadmem_stats(true),threadmem_verify(all_tenants => true),tenants_purge_expired(),tenants_expire_runs(),tenants_stuck_runs(),tenants_prune_threads(now() - interval ''1 year'')}'::text[] LOOP
        BEGIN
            EXECUTE 'SELECT count(*) FROM threadmem.' || call;
            gives := 'rows';
        EXCEPTION WHEN OTHERS THEN gives := SQLSTATE;
        END;
        RETURN NEXT;
    END LOOP;
END$$;
CREATE FUNCTION pg_temp.verdict() RETURNS text LANGUAGE sql AS $$SELECT string_agg(DISTINCT gives, ', ') FROM pg_temp.tried()$$;
SELECT pg_temp.verdict();
SET ROLE regress_operator_app;
SELECT pg_temp.verdict();
SET ROLE regress_operator_admin;
SELECT pg_temp.verdict();
SELECT threadmem.grant_access('regress_operator_too', 'operator');
SELECT threadmem.grant_access('regress_operator_admin', 'operator');
RESET ROLE;
SELECT threadmem.tenant_bind('regress_operator_admin', any_tenant => true); -- may choose a tenant, and is no operator
SET ROLE regress_operator_admin;
SELECT * FROM pg_temp.tried();
RESET ROLE;
SET threadmem.user_id = 'ann';
SELECT pg_temp.verdict();
SET ROLE regress_operator;
SELECT pg_temp.verdict();
RESET threadmem.user_id;
SELECT pg_temp.verdict();
RESET ROLE;
SELECT threadmem.tenant_bind('regress_operator', 'operator one');
SET ROLE regress_operator;
SELECT pg_temp.verdict();
RESET ROLE;
SELECT threadmem.tenant_bind('regress_operator');
GRANT regress_operator TO regress_operator_too; -- as any grant it is inherited, and so is a binding
SET ROLE regress_operator_too;
SELECT pg_temp.verdict();
RESET ROLE;
GRANT regress_operator_app TO regress_operator_too;
SET ROLE regress_operator_too;
SELECT pg_temp.verdict();
RESET ROLE;
-- Inside a definer's function: a superuser's lends nothing to who is bound, or refused.
CREATE SCHEMA regress_operator;
GRANT USAGE ON SCHEMA regress_operator TO PUBLIC;
CREATE FUNCTION regress_operator.lent() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS $$SELECT count(*) FROM threadmem.tenants_stuck_runs()$$;
GRANT USAGE ON SCHEMA threadmem TO regress_operator_app;
SET SESSION AUTHORIZATION regress_operator_app;
SELECT regress_operator.lent();
RESET SESSION AUTHORIZATION;
REVOKE regress_operator, regress_operator_app FROM regress_operator_too;
SET SESSION AUTHORIZATION regress_operator_too;
SELECT regress_operator.lent();
RESET SESSION AUTHORIZATION;

-- One level takes the place of another, both ways.
SELECT threadmem.grant_access('regress_operator', 'read');
SELECT count(*) FILTER (WHERE p.proname ~ '^tenants?_[^kq]') AS operates, count(*) > 50 AS reads FROM pg_proc p WHERE p.pronamespace = 'threadmem'::regnamespace AND has_function_privilege('regress_operator', p.oid, 'EXECUTE');
SELECT threadmem.grant_access('regress_operator_admin', 'operator');
SELECT p.proname FROM pg_proc p WHERE p.pronamespace = 'threadmem'::regnamespace AND has_function_privilege('regress_operator_admin', p.oid, 'EXECUTE') EXCEPT SELECT proname FROM pg_proc WHERE proname ~ '^tenants_' ORDER BY 1;
SELECT bool_or(has_function_privilege('regress_operator_admin', p.oid, 'EXECUTE WITH GRANT OPTION')) AS passes_on FROM pg_proc p WHERE p.pronamespace = 'threadmem'::regnamespace;
SELECT threadmem.revoke_access('regress_operator_admin');
SELECT role_name, level FROM threadmem.access_list() WHERE role_name ~ '^regress_operator';
\set VERBOSITY default
SELECT count(threadmem.tenant_bind(r)) FROM unnest('{regress_operator_app,regress_operator_admin}'::text[]) r;
SELECT t, sum(deleted) FROM unnest('{operator many,operator one,operator two,operator bad,operator good}'::text[]) t, threadmem.tenant_delete(t) GROUP BY 1 ORDER BY 1;
DROP SCHEMA regress_operator CASCADE;
DROP OWNED BY regress_operator, regress_operator_too, regress_operator_app, regress_operator_admin;
DROP ROLE regress_operator, regress_operator_too, regress_operator_app, regress_operator_admin;
