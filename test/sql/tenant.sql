-- A role works for its tenant and its level of access, whatever it sets: bindings, grants, narrowed sessions.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE ROLE regress_tenant_app;
CREATE ROLE regress_tenant_one;
CREATE ROLE regress_tenant_two;
CREATE ROLE regress_tenant_reader;
CREATE ROLE regress_tenant_admin;
CREATE ROLE regress_tenant_nobody;
GRANT regress_tenant_two, regress_tenant_app TO regress_tenant_one;

-- Who is not bound has the tenant of the setting; none is the default tenant.
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

-- Nothing is for everyone.
SET ROLE regress_tenant_nobody;
SELECT threadmem.user_get('u');
SELECT count(*) FROM threadmem.users;
RESET ROLE;

-- Levels of access.
SELECT threadmem.grant_access('regress_tenant_reader', 'read');
SELECT threadmem.grant_access('regress_tenant_app');
SELECT threadmem.grant_access('regress_tenant_one', 'write');
SELECT threadmem.grant_access('regress_tenant_two', 'write');
SELECT threadmem.grant_access('regress_tenant_admin', 'admin');
SELECT threadmem.grant_access('regress_tenant_absent');
SELECT threadmem.grant_access('regress_tenant_reader', 'owner');
-- Given again it stays as it was.
SELECT threadmem.grant_access('regress_tenant_reader', 'read');
SELECT r.rolname,
       bool_and(has_function_privilege(r.oid, p.oid, 'EXECUTE')) FILTER (WHERE provolatile <> 'v') AS reads,
       bool_or(has_function_privilege(r.oid, p.oid, 'EXECUTE')) FILTER (WHERE provolatile = 'v') AS writes_some,
       bool_or(has_function_privilege(r.oid, p.oid, 'EXECUTE')) FILTER (WHERE proname IN ('tenant_bind', 'grant_access')) AS administers,
       has_table_privilege(r.oid, 'threadmem.users', 'SELECT') AS reads_users,
       has_table_privilege(r.oid, 'threadmem.users', 'INSERT') AS writes_users
  FROM pg_roles r, pg_proc p
 WHERE r.rolname ~ '^regress_tenant_' AND p.pronamespace = 'threadmem'::regnamespace
 GROUP BY r.oid, r.rolname ORDER BY r.rolname;

SET threadmem.tenant = 'tenant test';
SET ROLE regress_tenant_app;
SELECT user_id FROM threadmem.user_create('ada');
SELECT user_id FROM threadmem.user_create('bob');
SELECT assistant_id FROM threadmem.assistant_create('helper', graph_id => 'agent');
SELECT graph_id FROM threadmem.graph_define('agent');
SET ROLE regress_tenant_reader;
SELECT user_id FROM threadmem.user_get('ada');
SELECT count(*) FROM threadmem.users;
SELECT threadmem.user_count(), threadmem.assistant_count('{}');
SELECT threadmem.user_create('eve');
INSERT INTO threadmem.users (user_id) VALUES ('eve');
\set VERBOSITY sqlstate
SELECT threadmem.user_update('ada', email => 'x');
SELECT threadmem.graph_delete('agent');
UPDATE threadmem.users SET email = 'x';
DELETE FROM threadmem.users;
SELECT threadmem.tenant_bind('regress_tenant_reader', 'other');
SELECT threadmem.grant_access('regress_tenant_reader', 'write');
\set VERBOSITY default
RESET ROLE;

-- Plain SQL under a policy sees one tenant, and writes to it only.
SET ROLE regress_tenant_app;
SELECT user_id FROM threadmem.users ORDER BY 1;
INSERT INTO threadmem.users (tenant_id, user_id) VALUES ('other', 'eve');
UPDATE threadmem.users SET tenant_id = 'other';
INSERT INTO threadmem.users (user_id) VALUES ('plain');
SET threadmem.tenant = 'other';
SELECT count(*) FROM threadmem.users;
SELECT threadmem.user_count();
RESET ROLE;

-- A superuser has every row in plain SQL, and through the functions one tenant all the same.
SELECT tenant_id, user_id FROM threadmem.users WHERE tenant_id = 'tenant test' ORDER BY user_id;
SELECT threadmem.user_count();

-- A bound role has its tenant from the binding, not from the setting.
SELECT threadmem.tenant_bind('regress_tenant_one', 'one');
SELECT threadmem.tenant_bind('regress_tenant_two', 'two');
SET SESSION AUTHORIZATION regress_tenant_one;
SET threadmem.tenant = 'tenant test';
SELECT threadmem.current_tenant(), threadmem.user_count();
SELECT user_id FROM threadmem.user_create('first');
-- Another role does not lead out of it, bound or not.
SET ROLE regress_tenant_two;
SELECT current_user, threadmem.current_tenant(), threadmem.user_count();
SET ROLE regress_tenant_app;
SELECT current_user, threadmem.current_tenant(), threadmem.user_count();
SELECT role_name, tenant_id FROM threadmem.tenant_roles ORDER BY 1;
\set VERBOSITY sqlstate
INSERT INTO threadmem.tenant_roles VALUES ('regress_tenant_one', 'two');
UPDATE threadmem.tenant_roles SET tenant_id = 'two';
DELETE FROM threadmem.tenant_roles;
\set VERBOSITY default
RESET SESSION AUTHORIZATION;
SELECT role_name, tenant_id FROM threadmem.tenant_roles WHERE role_name::text ~ '^regress_tenant_' ORDER BY role_name::text;

-- SET ROLE to a bound role goes into its tenant.
SET threadmem.tenant = 'tenant test';
SET ROLE regress_tenant_two;
SELECT threadmem.current_tenant(), threadmem.user_count();
RESET ROLE;
SELECT threadmem.current_tenant();

-- A new name does not free a role of its binding.
ALTER ROLE regress_tenant_two RENAME TO regress_tenant_renamed;
SET ROLE regress_tenant_renamed;
SELECT threadmem.current_tenant();
RESET ROLE;
ALTER ROLE regress_tenant_renamed RENAME TO regress_tenant_two;

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
SELECT threadmem.tenant_bind('regress_tenant_two', '');
SET ROLE regress_tenant_two;
SELECT threadmem.current_tenant() = '' AS bound_to_the_default;
RESET ROLE;
SELECT threadmem.tenant_bind('regress_tenant_two');
SET ROLE regress_tenant_two;
SELECT threadmem.current_tenant();
RESET ROLE;

-- Bad bindings, and who may bind.
SELECT threadmem.tenant_bind('regress_tenant_absent', 'one');
SELECT threadmem.tenant_bind('regress_tenant_two', repeat('t', 64));
SELECT threadmem.tenant_bind(NULL, 'one');
SET ROLE regress_tenant_admin;
\set VERBOSITY sqlstate
SELECT threadmem.tenant_bind('regress_tenant_admin', 'one');
SELECT threadmem.tenant_bind('regress_tenant_one');
\set VERBOSITY default
RESET ROLE;

-- A session narrowed to a user sees and changes that user only.
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
UPDATE threadmem.users SET user_id = 'bob2' WHERE user_id = 'ada';
\set VERBOSITY default
UPDATE threadmem.users SET email = 'x' WHERE user_id = 'bob';
DELETE FROM threadmem.users WHERE user_id = 'bob';

-- It reads assistants and graphs, may refer to them (FOR KEY SHARE), and changes none.
SELECT assistant_id FROM threadmem.assistant_get('helper');
SELECT graph_id FROM threadmem.graph_get('agent');
SELECT assistant_id FROM threadmem.assistants FOR KEY SHARE;
SELECT threadmem.assistant_create('mine');
SELECT threadmem.assistant_create('helper', if_exists => 'do_nothing');
SELECT threadmem.assistant_update('helper', name => 'Mine');
SELECT threadmem.graph_define('agent', '{}');
SELECT threadmem.graph_define('mine', '{}');
\set VERBOSITY sqlstate
UPDATE threadmem.assistants SET name = 'Mine';
UPDATE threadmem.graphs SET definition = '{}';
\set VERBOSITY default
DELETE FROM threadmem.assistants;
DELETE FROM threadmem.graphs;
RESET threadmem.user_id;
SELECT graph_id FROM threadmem.graph_define('unused');
SET threadmem.user_id = 'ada';
SELECT threadmem.graph_delete('unused');
RESET threadmem.user_id;
SELECT threadmem.graph_delete('unused');
SELECT user_id, email FROM threadmem.user_list(sort_order => 'asc');
SELECT assistant_id, name, version FROM threadmem.assistant_list();

-- A narrowed superuser is not narrowed in plain SQL: policies do not bind him.
RESET ROLE;
SET threadmem.user_id = 'ada';
SELECT threadmem.user_count();
RESET threadmem.user_id;

-- A parallel worker asks once whose rows it reads, not for every row.
SET stats_fetch_consistency = none;
SET threadmem.tenant = 'parallel';
SELECT count(threadmem.user_create('u' || n)) FROM generate_series(1, 400) AS n;
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET parallel_leader_participation = off;
SET max_parallel_workers_per_gather = 2;
SET enable_indexscan = off;
SET enable_bitmapscan = off;
SET enable_indexonlyscan = off;
SELECT pg_stat_force_next_flush();
SELECT seq_scan + idx_scan AS before FROM pg_stat_user_tables WHERE relid = 'threadmem.tenant_roles'::regclass \gset
SET ROLE regress_tenant_app;
SELECT count(*), min(threadmem.current_tenant()) FROM threadmem.users WHERE length(user_id) > 1;
RESET ROLE;
SELECT pg_stat_force_next_flush();
SELECT seq_scan + idx_scan - :before BETWEEN 1 AND 10 AS few FROM pg_stat_user_tables WHERE relid = 'threadmem.tenant_roles'::regclass;
RESET enable_indexscan;
RESET enable_bitmapscan;
RESET enable_indexonlyscan;
RESET max_parallel_workers_per_gather;
RESET parallel_leader_participation;
RESET parallel_tuple_cost;
RESET parallel_setup_cost;
RESET min_parallel_table_scan_size;
SELECT count(*) FROM generate_series(1, 400) AS n, LATERAL threadmem.user_delete('u' || n);
RESET threadmem.tenant;

-- Roles are of the whole cluster: leave none behind.
SELECT threadmem.tenant_bind('regress_tenant_one');
-- An administrator passes on what it was given, and binds nobody.
SET ROLE regress_tenant_admin;
SELECT threadmem.grant_access('regress_tenant_nobody', 'read');
RESET ROLE;
SELECT has_table_privilege('regress_tenant_nobody', 'threadmem.users', 'SELECT') AS reads,
       has_table_privilege('regress_tenant_nobody', 'threadmem.users', 'INSERT') AS writes;
SET ROLE regress_tenant_admin;
SELECT threadmem.grant_access('regress_tenant_nobody', 'read');
RESET ROLE;
DROP OWNED BY regress_tenant_nobody CASCADE;
DROP OWNED BY regress_tenant_app, regress_tenant_one, regress_tenant_two, regress_tenant_reader, regress_tenant_admin;
DROP ROLE regress_tenant_app, regress_tenant_one, regress_tenant_two, regress_tenant_reader, regress_tenant_admin, regress_tenant_nobody;
SELECT role_name FROM threadmem.tenant_roles WHERE role_name::text ~ '^regress_tenant_';
