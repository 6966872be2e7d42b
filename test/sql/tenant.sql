-- A role works for its tenant and its level of access, whatever it sets: bindings, grants, narrowed sessions.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE ROLE regress_tenant_app;
CREATE ROLE regress_tenant_one;
CREATE ROLE regress_tenant_two;
CREATE ROLE regress_tenant_reader;
CREATE ROLE regress_tenant_admin;
CREATE ROLE regress_tenant_nobody;

-- Who is not bound has the tenant of the setting; none is the default tenant.
SELECT count(*) AS bindings FROM threadmem_data.tenant_roles;
SELECT threadmem.current_tenant() = '' AS default_tenant, threadmem.current_user_id();
SET threadmem.tenant = 'acme';
SET threadmem.user_id = 'ada';
SELECT threadmem.current_tenant(), threadmem.current_user_id();
SET threadmem.tenant = '';
RESET threadmem.user_id;
SELECT threadmem.current_tenant() = '' AS default_tenant, threadmem.current_user_id();

-- A setting is judged where it is used: 63 bytes, no control characters.
SELECT set_config('threadmem.tenant', repeat('t', 63), false) = threadmem.current_tenant() AS longest;
SELECT length(set_config('threadmem.tenant', repeat('t', 64), false));
SELECT threadmem.current_tenant();
SELECT threadmem.user_create('u');
SELECT length(set_config('threadmem.tenant', E'a\tb', false));
SELECT threadmem.current_tenant();
RESET threadmem.tenant;
SELECT length(set_config('threadmem.user_id', repeat('u', 256), false));
SELECT threadmem.current_user_id();
RESET threadmem.user_id;
\set VERBOSITY sqlstate
SELECT threadmem.current_user_id() FROM set_config('threadmem.user_id', E'\n', false);
\set VERBOSITY default
RESET threadmem.user_id;
SET threadmem.unknown = 'x';

-- Where a tenant is required, none is an error. That only a superuser says.
SET threadmem.require_tenant = on;
SELECT threadmem.current_tenant();
SELECT threadmem.user_count();
SET threadmem.tenant = 'acme';
SELECT threadmem.current_tenant();
RESET threadmem.tenant;
\set VERBOSITY sqlstate
SET ROLE regress_tenant_app;
SET threadmem.require_tenant = off;
\set VERBOSITY default
RESET ROLE;
RESET threadmem.require_tenant;

-- Nothing is for everyone, and no table for anyone.
SET ROLE regress_tenant_nobody;
SELECT threadmem.user_get('u');
SELECT count(*) FROM threadmem.users;
SELECT count(*) FROM threadmem_data.users;
RESET ROLE;

-- Levels of access. What a role has is counted over all there is.
CREATE TEMP VIEW has AS
SELECT r.rolname AS role, has_schema_privilege(r.oid, 'threadmem', 'USAGE') AS looks, f.*, v.*, t.*
  FROM pg_roles r,
       LATERAL (SELECT bool_and(has_function_privilege(r.oid, p.oid, 'EXECUTE')) FILTER (WHERE p.provolatile <> 'v' AND p.proname NOT IN ('access_list', 'tenant_list', 'tenant_export', 'tenants_stuck_runs')) AS reads,
                       count(*) FILTER (WHERE p.provolatile = 'v' AND a.yes) > 50 AS writes, bool_or(a.yes) FILTER (WHERE p.provolatile = 'v') AS writes_any,
                       bool_and(a.yes) FILTER (WHERE p.proname IN ('tenant_bind', 'grant_access', 'revoke_access', 'access_list', 'tenant_list', 'tenant_export', 'tenant_delete')) AS administers,
                       bool_or(has_function_privilege(r.oid, p.oid, 'EXECUTE WITH GRANT OPTION')) AS passes_on
                  FROM pg_proc p, LATERAL (SELECT has_function_privilege(r.oid, p.oid, 'EXECUTE')) a (yes)
                 WHERE p.pronamespace = 'threadmem'::regnamespace AND NOT p.proleakproof AND p.proname !~ '^(install_|keys_|tenant_query$)' AND p.prokind = 'f') f,
       LATERAL (SELECT count(*) FILTER (WHERE has_table_privilege(r.oid, c.oid, 'SELECT')) || ' of ' || count(*) AS views,
                       count(*) FILTER (WHERE has_table_privilege(r.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')) AS views_else
                  FROM pg_class c WHERE c.relnamespace = 'threadmem'::regnamespace AND c.relkind = 'v' AND pg_get_viewdef(c.oid) !~ 'WHERE false;$') v,
       LATERAL (SELECT count(*) FILTER (WHERE has_table_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER') OR has_any_column_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE, REFERENCES'))
                       + count(*) FILTER (WHERE has_schema_privilege(r.oid, c.relnamespace, 'USAGE')) || ' of ' || count(*) AS tables
                  FROM pg_class c WHERE c.relnamespace = 'threadmem_data'::regnamespace AND c.relkind = 'r') t
 WHERE r.rolname ~ '^regress_tenant_';
SELECT threadmem.grant_access('regress_tenant_reader', 'read');
SELECT threadmem.grant_access('regress_tenant_app');
SELECT threadmem.grant_access('regress_tenant_one', 'write', joins => true);
SELECT threadmem.grant_access('regress_tenant_two', 'write');
SELECT threadmem.grant_access('regress_tenant_admin', 'admin', joins => true);
SELECT threadmem.grant_access('regress_tenant_absent');
SELECT threadmem.grant_access('Regress Tenant Absent');
SELECT threadmem.grant_access('regress_tenant_reader', 'owner');
SELECT * FROM has ORDER BY role;
SELECT * FROM threadmem.access_list();
-- What the indexes ask, and what the script ran, is nobody's.
SELECT count(DISTINCT p.oid) AS functions, count(*) FILTER (WHERE has_function_privilege(r.oid, p.oid, 'EXECUTE')) AS granted
  FROM pg_proc p, pg_roles r WHERE p.pronamespace = 'threadmem'::regnamespace AND (p.proleakproof OR p.proname ~ '^(install_|keys_|tenant_query$)') AND r.rolname ~ '^regress_tenant_';
-- Nor is what is not the extension's, though it lies in the schema.
CREATE FUNCTION threadmem.regress_stranger() RETURNS int LANGUAGE sql AS 'SELECT 1';
REVOKE ALL ON FUNCTION threadmem.regress_stranger() FROM PUBLIC;
CREATE VIEW threadmem.regress_strange AS SELECT 1 AS one;
SELECT threadmem.grant_access('regress_tenant_admin', 'admin', joins => true);
SELECT has_function_privilege('regress_tenant_admin', 'threadmem.regress_stranger()', 'EXECUTE') AS calls, has_table_privilege('regress_tenant_admin', 'threadmem.regress_strange', 'SELECT') AS reads;
DROP FUNCTION threadmem.regress_stranger();
DROP VIEW threadmem.regress_strange;
-- Given again it stays as it was; a lower level takes the higher away, and no joins the views.
SELECT threadmem.grant_access('regress_tenant_reader', 'read'), threadmem.grant_access('regress_tenant_one', 'write', true);
SELECT * FROM has WHERE role ~ 'reader|one' ORDER BY role;
SELECT threadmem.grant_access('regress_tenant_one', 'read', joins => true);
SELECT * FROM has WHERE role ~ 'one';
SELECT threadmem.grant_access('regress_tenant_one', 'read');
SELECT * FROM has WHERE role ~ 'one';
SELECT threadmem.grant_access('regress_tenant_admin', 'write');
SELECT * FROM has WHERE role ~ 'admin';
SELECT threadmem.grant_access('regress_tenant_admin', 'admin');
SELECT threadmem.grant_access('regress_tenant_one');

-- An administrator passes on what it was given. What another gave only that one takes, or who gave it to him.
SET ROLE regress_tenant_admin;
SELECT threadmem.grant_access('regress_tenant_nobody', 'write');
\set VERBOSITY sqlstate
SELECT threadmem.grant_access('regress_tenant_nobody', 'read', joins => true);
SELECT threadmem.grant_access('regress_tenant_one', 'read');
SELECT threadmem.revoke_access('regress_tenant_one');
\set VERBOSITY default
RESET ROLE;
SELECT role, reads, writes, views FROM has WHERE role ~ 'nobody|one' ORDER BY role;
SELECT threadmem.grant_access('regress_tenant_nobody', 'read');
SELECT threadmem.revoke_access('regress_tenant_nobody');
SELECT threadmem.grant_access('regress_tenant_admin', 'admin', joins => true);
SET ROLE regress_tenant_admin;
SELECT threadmem.grant_access('regress_tenant_nobody', 'read', joins => true);
RESET ROLE;
SELECT threadmem.grant_access('regress_tenant_nobody', 'read');
SELECT role, reads, writes_any, views FROM has WHERE role ~ 'nobody';
SET ROLE regress_tenant_admin;
SELECT threadmem.grant_access('regress_tenant_nobody', 'read');
RESET ROLE;
SELECT role, reads, writes_any, views FROM has WHERE role ~ 'nobody';
-- With the administrator's access goes what he passed on.
SELECT threadmem.revoke_access('regress_tenant_admin');
SELECT * FROM has WHERE role ~ 'nobody|admin' ORDER BY role;
SELECT threadmem.revoke_access('regress_tenant_admin');
SELECT threadmem.revoke_access('regress_tenant_absent');
SELECT role_name, level FROM threadmem.access_list();
SELECT threadmem.grant_access('regress_tenant_admin', 'admin');
-- Who has nothing gives nothing.
\set VERBOSITY sqlstate
SET ROLE regress_tenant_app;
SELECT threadmem.grant_access('regress_tenant_app', 'admin');
SELECT threadmem.revoke_access('regress_tenant_one');
SELECT threadmem.access_list();
SELECT threadmem.tenant_bind('regress_tenant_app', 'other');
\set VERBOSITY default
RESET ROLE;

SET threadmem.tenant = 'tenant test';
SET ROLE regress_tenant_app;
SELECT user_id FROM threadmem.user_create('ada');
SELECT user_id FROM threadmem.user_create('bob');
SELECT assistant_id FROM threadmem.assistant_create('helper', graph_id => 'agent');
SELECT graph_id FROM threadmem.graph_define('agent');
SET ROLE regress_tenant_reader;
SELECT user_id FROM threadmem.user_get('ada');
SELECT threadmem.user_count(), threadmem.assistant_count('{}');
SELECT threadmem.user_create('eve');
INSERT INTO threadmem_data.users (user_id) VALUES ('eve');
SELECT count(*) FROM threadmem.users;
\set VERBOSITY sqlstate
SELECT threadmem.user_update('ada', email => 'x');
SELECT threadmem.graph_delete('agent');
SELECT threadmem.tenant_keys('other', 'a'::tsvector, '{}');
SELECT threadmem.tenant_keys('other', '{"a": 1}'::jsonb);
SELECT '{a}'::text[] OPERATOR(threadmem.@@) 'a';
SELECT threadmem.jsonb_contains('{}', '{}'), 'a'::tsvector OPERATOR(pg_catalog.@@) 'a' AS of_the_server;
UPDATE threadmem_data.users SET email = 'x';
DELETE FROM threadmem_data.users;
SELECT threadmem.grant_access('regress_tenant_reader', 'write');
CREATE TEMP TABLE hooked (tenant_id text, user_id text, FOREIGN KEY (tenant_id, user_id) REFERENCES threadmem_data.users);
\set VERBOSITY default
RESET ROLE;

-- The views show one tenant, as the setting has it; nobody writes through one, a superuser neither.
SELECT threadmem.grant_access('regress_tenant_app', joins => true);
SET ROLE regress_tenant_app;
SELECT user_id FROM threadmem.users ORDER BY 1;
SELECT a.assistant_id, g.graph_id FROM threadmem.assistants a JOIN threadmem.graphs g USING (graph_id);
SET threadmem.tenant = 'other';
SELECT count(*), threadmem.user_count() FROM threadmem.users;
RESET ROLE;
SELECT count(*), threadmem.user_count() FROM threadmem.users;
SET threadmem.tenant = 'tenant test';
SELECT count(*), threadmem.user_count() FROM threadmem.users;
\set VERBOSITY sqlstate
UPDATE threadmem.users SET email = 'x';
DELETE FROM threadmem.users;
INSERT INTO threadmem.users (user_id) VALUES ('eve');
\set VERBOSITY default

-- Row security that is off would show every tenant to the functions: they say so instead.
SET row_security = off;
SELECT threadmem.user_count();
SET ROLE regress_tenant_app;
SELECT threadmem.user_create('eve');
SELECT count(*) FROM threadmem.users;
RESET ROLE;
SET row_security = on;

-- A bound role has its tenant from the binding, not from the setting.
SELECT threadmem.tenant_bind('regress_tenant_one', 'one');
SELECT threadmem.tenant_bind('regress_tenant_two', 'two');
SET SESSION AUTHORIZATION regress_tenant_one;
SET threadmem.tenant = 'tenant test';
SELECT threadmem.current_tenant(), threadmem.user_count();
SELECT user_id FROM threadmem.user_create('first');
SET threadmem.tenant = E'\n';
SELECT threadmem.current_tenant(), threadmem.user_count();
\set VERBOSITY sqlstate
SELECT count(*) FROM threadmem_data.tenant_roles;
INSERT INTO threadmem_data.tenant_roles VALUES ('regress_tenant_one', 'two');
SELECT threadmem.tenant_bind('regress_tenant_one');
\set VERBOSITY default
RESET SESSION AUTHORIZATION;
SET threadmem.tenant = 'tenant test';
SELECT role_name, tenant_id, any_tenant FROM threadmem_data.tenant_roles ORDER BY role_name::text;

-- Now that others are bound, who is not is refused, unless it was set free by its name; a superuser is not asked.
SET ROLE regress_tenant_app;
SELECT threadmem.current_tenant();
SELECT threadmem.user_create('eve');
SELECT count(*) FROM threadmem.users;
RESET ROLE;
SELECT threadmem.current_tenant();
SELECT threadmem.tenant_bind('regress_tenant_app', any_tenant => true);
SET ROLE regress_tenant_app;
SELECT threadmem.current_tenant(), threadmem.user_count(), (SELECT count(*) FROM threadmem.users) AS in_view;
RESET ROLE;
SELECT * FROM threadmem.access_list();
SELECT threadmem.tenant_bind('regress_tenant_app', 'one', any_tenant => true);
SELECT threadmem.tenant_bind('regress_tenant_app', 'one', any_tenant => NULL); -- null is no
SELECT tenant_id, any_tenant FROM threadmem_data.tenant_roles WHERE role_name = 'regress_tenant_app';
UPDATE threadmem_data.tenant_roles SET tenant_id = repeat('one', 22) WHERE role_name = 'regress_tenant_app'; -- is not cut
SET ROLE regress_tenant_app;
SELECT threadmem.current_tenant();
RESET ROLE;
SELECT threadmem.tenant_bind('regress_tenant_app');
SET ROLE regress_tenant_app;
SELECT threadmem.current_tenant();
RESET ROLE;

-- Each of three is asked: who logged in, the role of SET ROLE, and the user at entry, which is another in a definer's function. A gate that
-- does not inherit has no binding of the roles it may become (it is refused itself), and each of them has its own.
CREATE ROLE regress_tenant_gate NOINHERIT;
GRANT regress_tenant_one, regress_tenant_two, regress_tenant_app TO regress_tenant_gate;
CREATE FUNCTION pg_temp.tenant() RETURNS text LANGUAGE plpgsql AS
$$BEGIN RETURN threadmem.current_tenant(); EXCEPTION WHEN insufficient_privilege THEN RETURN SQLERRM; END$$;
CREATE SCHEMA regress_tenant;
GRANT ALL ON SCHEMA regress_tenant TO PUBLIC;
CREATE FUNCTION regress_tenant.of_two() RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS
$$BEGIN RETURN threadmem.current_tenant() || ' ' || threadmem.user_count(); EXCEPTION WHEN insufficient_privilege THEN RETURN SQLERRM; END$$;
CREATE FUNCTION regress_tenant.of_superuser() RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS
$$BEGIN RETURN threadmem.current_tenant() || ' ' || threadmem.user_count(); EXCEPTION WHEN insufficient_privilege THEN RETURN SQLERRM; END$$;
ALTER FUNCTION regress_tenant.of_two() OWNER TO regress_tenant_two;
CREATE FUNCTION pg_temp.tenants() RETURNS TABLE (logged_in name, role name, tenant text, of_two text, of_superuser text) LANGUAGE sql AS
$$SELECT (SELECT CASE WHEN rolsuper THEN 'superuser' ELSE rolname END FROM pg_roles WHERE rolname = session_user), (SELECT CASE WHEN rolsuper THEN 'superuser' ELSE rolname END FROM pg_roles WHERE rolname = current_user), pg_temp.tenant(), regress_tenant.of_two(), regress_tenant.of_superuser()$$;
GRANT USAGE ON SCHEMA threadmem TO regress_tenant_gate;
GRANT EXECUTE ON FUNCTION threadmem.current_tenant() TO regress_tenant_gate;
SELECT * FROM pg_temp.tenants();
SET ROLE regress_tenant_one;
SELECT * FROM pg_temp.tenants();
SET SESSION AUTHORIZATION regress_tenant_one;
SELECT * FROM pg_temp.tenants();
SET SESSION AUTHORIZATION regress_tenant_gate;
SELECT * FROM pg_temp.tenants();
SET ROLE regress_tenant_one;
SELECT * FROM pg_temp.tenants();
SET ROLE regress_tenant_two;
SELECT * FROM pg_temp.tenants();
SET ROLE regress_tenant_app;
SELECT * FROM pg_temp.tenants();
RESET SESSION AUTHORIZATION;
-- The gate bound itself: what it becomes must not be bound to another.
SELECT threadmem.tenant_bind('regress_tenant_gate', 'one');
SET SESSION AUTHORIZATION regress_tenant_gate;
SELECT * FROM pg_temp.tenants();
SET ROLE regress_tenant_one;
SELECT * FROM pg_temp.tenants();
SET ROLE regress_tenant_app;
SELECT * FROM pg_temp.tenants();
SET ROLE regress_tenant_two;
SELECT * FROM pg_temp.tenants();
SELECT threadmem.current_tenant();
RESET SESSION AUTHORIZATION;
-- Set free: who it becomes counts all the same. A binding beats the freedom, whichever of them has it.
SELECT threadmem.tenant_bind('regress_tenant_gate', any_tenant => true);
SET SESSION AUTHORIZATION regress_tenant_gate;
SELECT * FROM pg_temp.tenants();
SET ROLE regress_tenant_one;
SELECT * FROM pg_temp.tenants();
SET ROLE regress_tenant_app;
SELECT * FROM pg_temp.tenants();
RESET SESSION AUTHORIZATION;
SELECT threadmem.tenant_bind('regress_tenant_gate');

-- A role has the bindings of the roles whose privileges it inherits, and not their freedom.
CREATE ROLE regress_tenant_team;
CREATE ROLE regress_tenant_inner IN ROLE regress_tenant_team;
CREATE ROLE regress_tenant_member IN ROLE regress_tenant_inner;
GRANT regress_tenant_app TO regress_tenant_inner;
SELECT threadmem.tenant_bind('regress_tenant_team', any_tenant => true);
SET ROLE regress_tenant_member;
SELECT pg_temp.tenant();
RESET ROLE;
SELECT threadmem.tenant_bind('regress_tenant_team', 'team');
SET ROLE regress_tenant_member;
SELECT pg_temp.tenant(), threadmem.user_count();
RESET ROLE;
SELECT threadmem.tenant_bind('regress_tenant_member', any_tenant => true);
SET ROLE regress_tenant_member;
SELECT pg_temp.tenant();
RESET ROLE;
SELECT threadmem.tenant_bind('regress_tenant_member', 'one');
SET ROLE regress_tenant_member;
SELECT threadmem.current_tenant();
SELECT threadmem.user_count();
RESET ROLE;
SELECT threadmem.tenant_bind('regress_tenant_member', 'team');
SET ROLE regress_tenant_member;
SELECT pg_temp.tenant();
RESET ROLE;
SELECT threadmem.tenant_bind('regress_tenant_member');
-- A membership that ends or begins counts at the next statement.
REVOKE regress_tenant_team FROM regress_tenant_inner;
SET ROLE regress_tenant_member;
SELECT pg_temp.tenant();
RESET ROLE;
GRANT regress_tenant_two TO regress_tenant_member;
SET ROLE regress_tenant_member;
SELECT pg_temp.tenant();
RESET ROLE;
-- A superuser has every role's privileges, and counts as nothing, bound or not.
SELECT threadmem.tenant_bind(current_user, 'root');
SELECT threadmem.current_tenant();
SET ROLE regress_tenant_member;
SELECT pg_temp.tenant();
RESET ROLE;
SELECT threadmem.tenant_bind(current_user);
DROP ROLE regress_tenant_inner, regress_tenant_member;

-- A binding is by name: who gets a new name is refused, who is made under the name has it, and it can be ended for one that is gone.
ALTER ROLE regress_tenant_two RENAME TO regress_tenant_renamed;
SET ROLE regress_tenant_renamed;
SELECT pg_temp.tenant();
RESET ROLE;
ALTER ROLE regress_tenant_renamed RENAME TO regress_tenant_two;
SET ROLE regress_tenant_two;
SELECT pg_temp.tenant();
RESET ROLE;
SELECT threadmem.tenant_bind('regress_tenant_team', 'team'), threadmem.grant_access('regress_tenant_team', 'read');
SET ROLE regress_tenant_team;
SELECT pg_temp.tenant();
RESET ROLE;
SELECT threadmem.revoke_access('regress_tenant_team');
SELECT * FROM threadmem.access_list() WHERE role_name ~ 'team';
DROP ROLE regress_tenant_team;
SELECT * FROM threadmem.access_list() WHERE role_name ~ 'team';
CREATE ROLE regress_tenant_team;
SELECT threadmem.grant_access('regress_tenant_team', 'read');
SET ROLE regress_tenant_team;
SELECT pg_temp.tenant();
RESET ROLE;
DROP OWNED BY regress_tenant_team;
DROP ROLE regress_tenant_team;
SELECT threadmem.tenant_bind('regress_tenant_team', 'other');
SELECT threadmem.tenant_bind('regress_tenant_team');
SELECT role_name FROM threadmem.access_list() WHERE role_name ~ 'team';

-- A new binding, and its end, are seen at the next statement of the same session; a roll-back undoes it.
SELECT threadmem.tenant_bind('regress_tenant_two', 'three');
SET ROLE regress_tenant_two;
SELECT threadmem.current_tenant();
RESET ROLE;
BEGIN;
SELECT threadmem.tenant_bind('regress_tenant_two', 'four');
SET LOCAL ROLE regress_tenant_two;
SELECT threadmem.current_tenant();
ROLLBACK;
SET ROLE regress_tenant_two;
SELECT threadmem.current_tenant();
RESET ROLE;
BEGIN;
SAVEPOINT s;
SELECT threadmem.tenant_bind('regress_tenant_two', 'five');
SET LOCAL ROLE regress_tenant_two;
SELECT threadmem.current_tenant();
ROLLBACK TO s;
SET LOCAL ROLE regress_tenant_two;
SELECT threadmem.current_tenant();
COMMIT;
SELECT threadmem.tenant_bind('regress_tenant_two', '');
SET ROLE regress_tenant_two;
SELECT threadmem.current_tenant() = '' AS bound_to_the_default;
RESET ROLE;
-- More roles than are kept, twice over: each has its own.
DO $$ DECLARE n int; BEGIN FOR n IN 1 .. 20 LOOP EXECUTE 'CREATE ROLE regress_tenant_n' || n; PERFORM threadmem.grant_access('regress_tenant_n' || n, 'read'), threadmem.tenant_bind('regress_tenant_n' || n, 'n' || n); END LOOP; END $$;
CREATE FUNCTION pg_temp.as_each() RETURNS text LANGUAGE plpgsql AS
$$DECLARE n int; wrong text := '';
BEGIN
    FOR n IN SELECT i FROM generate_series(1, 2), generate_series(1, 20) i LOOP
        PERFORM set_config('role', 'regress_tenant_n' || n, true);
        IF threadmem.current_tenant() <> 'n' || n THEN wrong := concat_ws(' ', wrong, n, threadmem.current_tenant()); END IF;
    END LOOP;
    PERFORM set_config('role', 'none', true);
    RETURN wrong;
END$$;
SELECT pg_temp.as_each() AS wrong;
DO $$ DECLARE n int; BEGIN FOR n IN 1 .. 20 LOOP PERFORM threadmem.tenant_bind('regress_tenant_n' || n); EXECUTE 'DROP OWNED BY regress_tenant_n' || n; EXECUTE 'DROP ROLE regress_tenant_n' || n; END LOOP; END $$;

-- A role's own type or operator, first in its search path or temporary, is not what a statement of ours means: it would run as threadmem_runner.
-- (The functions without a path of their own are those that look bindings up, and that policies call.)
CREATE FUNCTION regress_tenant.planted(anyelement) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'planted, ran as %', current_user; END$$;
CREATE FUNCTION pg_temp.plant(place text) RETURNS void LANGUAGE plpgsql AS
$$DECLARE t regtype;
BEGIN
    FOR t IN SELECT unnest('{text,name,boolean,bigint,integer,jsonb}'::regtype[]) LOOP
        EXECUTE format('CREATE DOMAIN %s.%I AS pg_catalog.%2$I CHECK (regress_tenant.planted(VALUE))', place, (SELECT typname FROM pg_type WHERE oid = t));
        CONTINUE WHEN place = 'pg_temp'; -- where nothing but types and tables is found unasked
        EXECUTE format('CREATE FUNCTION %s.planted(%s, %2$s) RETURNS boolean LANGUAGE sql AS ''SELECT %1$s.planted($1)''', place, t);
        EXECUTE format('CREATE OPERATOR %s.= (LEFTARG = %s, RIGHTARG = %2$s, FUNCTION = %1$s.planted)', place, t);
    END LOOP;
END$$;
SET ROLE regress_tenant_two;
SELECT pg_temp.plant('regress_tenant'), pg_temp.plant('pg_temp');
RESET ROLE;
SELECT threadmem.grant_access('regress_tenant_two', joins => true), threadmem.tenant_bind('regress_tenant_two', 'planted');
SET ROLE regress_tenant_two;
SET threadmem.user_id = 'ann';
SET search_path = regress_tenant, pg_temp, pg_catalog;
SELECT 'x'::text; -- they work
SELECT 1 = 1;
SELECT threadmem.current_tenant(), threadmem.current_user_id(), threadmem.sees_thread('t') AS sees;
SELECT (SELECT pg_catalog.count(*) FROM threadmem.threads) AS threads, (SELECT pg_catalog.count(*) FROM threadmem.messages) AS messages, (SELECT pg_catalog.count(*) FROM threadmem.thread_list()) AS list;
RESET ROLE;
SELECT threadmem.tenant_bind('regress_tenant_two', 'planted too');
SET ROLE regress_tenant_two;
SET search_path = pg_catalog; -- temporary types come first all the same
SELECT threadmem.current_tenant(), threadmem.sees_thread('t') AS sees;
SELECT (SELECT pg_catalog.count(*) FROM threadmem.threads) AS threads, (SELECT pg_catalog.count(*) FROM threadmem.thread_list()) AS list;
RESET ROLE;
RESET search_path;
RESET threadmem.user_id;
DROP DOMAIN pg_temp.text, pg_temp.name, pg_temp.bool, pg_temp.int8, pg_temp.int4, pg_temp.jsonb;
SELECT threadmem.tenant_bind('regress_tenant_two', 'three'), threadmem.grant_access('regress_tenant_two');
-- Nor do its settings tell of the plans of our statements, or have them made for the ids of a call: how common another tenant's are would show.
CREATE FUNCTION regress_tenant.held() RETURNS boolean LANGUAGE plpgsql STABLE AS
$$BEGIN
    RAISE WARNING 'as %: %', current_user, (SELECT string_agg(current_setting(s), '; ' ORDER BY s) FROM unnest('{search_path,plan_cache_mode,debug_print_parse,debug_print_rewritten,debug_print_plan}'::text[]) s);
    RETURN true;
END$$;
CREATE POLICY held ON threadmem_data.users AS RESTRICTIVE FOR SELECT USING (regress_tenant.held());
SELECT user_id FROM threadmem.user_get('ada');
BEGIN;
SELECT (threadmem.user_get(CASE WHEN concat_ws(' ', set_config('search_path', 'regress_tenant', true), set_config('plan_cache_mode', 'force_custom_plan', true),
            set_config('debug_print_parse', 'on', true), set_config('debug_print_rewritten', 'on', true), set_config('debug_print_plan', 'on', true)) ~ 'on on on' THEN 'ada' END)).user_id,
       set_config('debug_print_parse', 'off', true), set_config('debug_print_rewritten', 'off', true), set_config('debug_print_plan', 'off', true), -- or the next one is printed
       current_setting('search_path') AS path, current_setting('plan_cache_mode') AS mode;
ROLLBACK;
DROP POLICY held ON threadmem_data.users;

-- A look-up that fails leaves nothing of what was.
SELECT threadmem.tenant_bind('regress_tenant_two', 'before');
SET ROLE regress_tenant_two;
SELECT threadmem.current_tenant();
RESET ROLE;
SELECT threadmem.tenant_bind('regress_tenant_two', 'after');
SET ROLE regress_tenant_two;
SET row_security = off;
SELECT threadmem.current_tenant();
SELECT threadmem.current_tenant();
RESET row_security;
SELECT threadmem.current_tenant();
RESET ROLE;

-- Bad bindings, and who may bind.
SELECT threadmem.tenant_bind('regress_tenant_absent', 'one');
SELECT threadmem.tenant_bind('regress_tenant_absent', any_tenant => true);
SELECT threadmem.tenant_bind('regress_tenant_two', repeat('t', 64));
SELECT threadmem.tenant_bind(NULL, 'one');
SELECT threadmem.tenant_bind('regress_tenant_admin', any_tenant => true);
SET ROLE regress_tenant_admin;
SELECT threadmem.tenant_bind('regress_tenant_admin', 'one');
\set VERBOSITY sqlstate
SELECT threadmem.tenant_bind('regress_tenant_one');
SELECT threadmem.tenant_bind('regress_tenant_app', any_tenant => true);
\set VERBOSITY default
RESET ROLE;
-- One that bypasses row security may, when it has the access; it is bound like everybody.
ALTER ROLE regress_tenant_admin BYPASSRLS;
SET ROLE regress_tenant_admin;
SELECT threadmem.tenant_bind('regress_tenant_admin', 'tenant test');
SET threadmem.tenant = 'other';
SELECT threadmem.current_tenant(), threadmem.user_count();
RESET ROLE;
ALTER ROLE regress_tenant_admin NOBYPASSRLS;
SELECT threadmem.tenant_bind('regress_tenant_admin');

-- A session narrowed to a user sees and changes that user only.
SELECT threadmem.tenant_bind('regress_tenant_app', any_tenant => true);
SET threadmem.tenant = 'tenant test';
SET threadmem.user_id = 'ada';
SET ROLE regress_tenant_app;
SELECT user_id FROM threadmem.users;
SELECT threadmem.user_count();
SELECT user_id, email FROM threadmem.user_update('ada', email => 'ada@example.org');
SELECT threadmem.user_get('bob');
SELECT threadmem.user_create('carol');
SELECT threadmem.user_create('bob', if_exists => 'do_nothing');
\set VERBOSITY sqlstate
SELECT threadmem.user_update('bob', email => 'x');
\set VERBOSITY default

-- It reads assistants and graphs, and changes none.
SELECT assistant_id FROM threadmem.assistant_get('helper');
SELECT graph_id FROM threadmem.graph_get('agent');
SELECT assistant_id FROM threadmem.assistants;
SELECT threadmem.assistant_create('mine');
SELECT threadmem.assistant_create('helper', if_exists => 'do_nothing');
SELECT threadmem.assistant_update('helper', name => 'Mine');
SELECT threadmem.graph_define('agent', '{}');
SELECT threadmem.graph_define('mine', '{}');
RESET threadmem.user_id;
SELECT graph_id FROM threadmem.graph_define('unused');
SET threadmem.user_id = 'ada';
SELECT threadmem.graph_delete('unused');
RESET threadmem.user_id;
SELECT threadmem.graph_delete('unused');
SELECT user_id, email FROM threadmem.user_list(sort_order => 'asc');
SELECT assistant_id, name, version FROM threadmem.assistant_list();

-- A superuser has every row of the tables, and through functions and views the tenant and the user that are set.
RESET ROLE;
SELECT tenant_id, user_id FROM threadmem_data.users WHERE tenant_id IN ('tenant test', 'one') ORDER BY 1, 2;
SELECT threadmem.user_count();
SET threadmem.user_id = 'ada';
SELECT threadmem.user_count(), (SELECT count(*) FROM threadmem.users) AS in_view;
RESET threadmem.user_id;

-- Roles are of the whole cluster: leave none behind.
SELECT count(threadmem.tenant_bind(role_name)) FROM threadmem.access_list() WHERE tenant_id IS NOT NULL OR any_tenant;
DROP SCHEMA regress_tenant CASCADE;
DROP VIEW has;
DROP OWNED BY regress_tenant_app, regress_tenant_one, regress_tenant_two, regress_tenant_reader, regress_tenant_admin, regress_tenant_nobody, regress_tenant_gate CASCADE;
DROP ROLE regress_tenant_app, regress_tenant_one, regress_tenant_two, regress_tenant_reader, regress_tenant_admin, regress_tenant_nobody, regress_tenant_gate;
SELECT role_name FROM threadmem_data.tenant_roles;
SELECT * FROM threadmem.access_list();

-- A tenant that is set in a session bound to another counts for nothing, and is told of once.
SET client_min_messages = error;
CREATE ROLE regress_tenant_bound;
SELECT threadmem.grant_access('regress_tenant_bound', 'read'), threadmem.tenant_bind(current_user, any_tenant => true), threadmem.tenant_bind('regress_tenant_bound', 'own');
RESET client_min_messages;
SET ROLE regress_tenant_bound;
SET threadmem.tenant = 'own';
SELECT threadmem.current_tenant();
SET threadmem.tenant = 'another';
SELECT threadmem.current_tenant();
SELECT count(*) FROM threadmem.thread_list();
SET threadmem.tenant = 'yet another';
SELECT threadmem.current_tenant();
RESET threadmem.tenant;
RESET ROLE;
SELECT threadmem.tenant_bind('regress_tenant_bound'), threadmem.tenant_bind(current_user);
DROP OWNED BY regress_tenant_bound;
DROP ROLE regress_tenant_bound;
SELECT threadmem.grant_access('regress_tenant_bound');
