-- What an operator does over all tenants, and for one that leaves.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE ROLE regress_every_free;
CREATE ROLE regress_every_bound;
SELECT threadmem.grant_access('regress_every_free', 'admin'), threadmem.grant_access('regress_every_bound', 'admin');

SELECT count(*) >= 0 AS of_other_tests_gone FROM threadmem.tenants_purge_expired();
-- Which there are: each has a row in another table, and one in all. Names go by bytes.
CREATE FUNCTION pg_temp.tenants() RETURNS text LANGUAGE sql AS $$SELECT string_agg(t, ', ') FROM threadmem.tenant_list() t WHERE t ~ '^every '$$;
SELECT pg_temp.tenants();
SET threadmem.tenant = 'every a';
SELECT count(threadmem.user_create(u)) FROM unnest('{ann,ben}'::text[]) u;
SELECT assistant_id FROM threadmem.assistant_create('helper');
SELECT graph_id FROM threadmem.graph_define('loop', '{"channels": {"messages": {"reducer": "add_messages"}, "note": {"reducer": "last_value"}}}');
SELECT threadmem.context_template_create('short', '%{user_summary}') IS NOT NULL AS template;
SELECT count(threadmem.thread_create('t' || i, 'ann', graph_id => 'loop', messages => '[{"role": "user", "content": "tennis on sunday"}, {"role": "assistant", "content": "noted"}]')) FROM generate_series(1, 3) i;
SELECT count(threadmem.thread_add_participant('t1', 'ben'));
SELECT count(threadmem.thread_update_state('t1', '{"note": "first"}')), count(threadmem.thread_update_state('t1', '{"note": "second"}'));
SELECT count(threadmem.memory_add_data('ann', 'likes tea', episode_id => 'e')), count(threadmem.memory_update_episode('ann', 'e', 'likes green tea'));
SELECT count(threadmem.memory_add_fact('ann', 'LIKES', 'Ann likes tea', 'tea', episode_id => 'e', fact_id => 'f')), count(threadmem.memory_update_fact('ann', 'f', confidence => 1)), count(threadmem.memory_set_ontology('{}', 'ann'));
SELECT count(threadmem.memory_update_entity('ann', entity_id, label => 'Drink')) FROM threadmem.memory_entities('ann', search => 'tea');
SELECT count(*) FROM threadmem.memory_claim('w');
SELECT count(threadmem.memory_block_set('human', b, 'ann')) FROM unnest('{tea,"green tea"}'::text[]) b;
SELECT count(threadmem.user_create('team', 'group')), count(threadmem.group_add_member('team', 'ann'));
SELECT count(threadmem.store_put('{memories,ann}', 'k', '{"likes": "tea"}'));
SELECT count(threadmem.run_create('t1', run_id => 'gone'));
SELECT count(threadmem.run_create('t1', run_id => 'r', strategy => 'rollback')), count(threadmem.run_start('t1', 'r'));
SELECT count(threadmem.run_step_add('t1', 'r'));
SELECT count(threadmem.checkpoint_put_writes('t1', (SELECT checkpoint_id FROM threadmem.checkpoint_list('t1', max_rows => 1)), 'task', '[["note", "third"]]'));
SELECT count(threadmem.message_start('t2', message_id => 'growing')), threadmem.message_append('t2', 'growing', 1, 'a word');
SELECT deleted FROM threadmem.thread_delete('t3') WHERE kind = 'threads';
SELECT threadmem.notify_channel() <> '' AS channel;
SET threadmem.tenant = 'every b';
SELECT count(threadmem.thread_create('t' || i, ttl => '{"ttl": 60}')) FROM generate_series(1, 3) i;
SET threadmem.tenant = 'every B';
SELECT user_id FROM threadmem.user_create('cleo');
SET threadmem.tenant = '';
SELECT pg_temp.tenants();
-- A row in any table is enough.
DO $$
DECLARE
    rel regclass;
    listed boolean;
    seen integer := 0;
BEGIN
    FOR rel IN SELECT attrelid FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
                WHERE c.relnamespace = 'threadmem_data'::regnamespace AND c.relkind = 'r' AND attname = 'tenant_id' AND attnum = 1 LOOP
        EXECUTE format('CREATE TEMP TABLE kept AS SELECT * FROM %s WHERE tenant_id = ''every a'' LIMIT 1', rel);
        UPDATE kept SET tenant_id = 'every only';
        EXECUTE format('INSERT INTO %s SELECT * FROM kept', rel);
        GET DIAGNOSTICS seen = ROW_COUNT;
        SELECT 'every only' IN (SELECT threadmem.tenant_list()) INTO listed;
        IF listed IS DISTINCT FROM (seen = 1) THEN
            RAISE EXCEPTION '% has % rows, listed: %', rel, seen, listed;
        END IF;
        IF seen <> 1 THEN RAISE EXCEPTION 'no row in %', rel; END IF;
        EXECUTE format('DELETE FROM %s WHERE tenant_id = ''every only''', rel);
        DROP TABLE kept;
    END LOOP;
END$$;

-- Rows and bytes of each, and of one.
SELECT tenant_id, string_agg(kind || ' ' || rows, ', ') FROM threadmem.threadmem_stats(all_tenants => true) WHERE tenant_id ~ '^every ' AND rows > 0 GROUP BY 1 ORDER BY tenant_id COLLATE "C";
SET threadmem.tenant = 'every b';
SELECT tenant_id, string_agg(kind || ' ' || rows, ', ') FROM threadmem.threadmem_stats() WHERE rows > 0 GROUP BY 1;

-- What is wrong anywhere, with threads, with what has none, with roles.
CREATE FUNCTION pg_temp.findings(every boolean) RETURNS TABLE (tenant_id text, thread_id text, problem text) LANGUAGE sql AS
$$SELECT tenant_id, thread_id, problem FROM threadmem.threadmem_verify(all_tenants => every) WHERE tenant_id IS NULL OR tenant_id ~ '^every ' ORDER BY tenant_id COLLATE "C", thread_id, problem$$;
SELECT * FROM pg_temp.findings(true);
BEGIN;
UPDATE threadmem_data.threads SET next_seq = 8, next_rev = 8, live_messages = 7 WHERE tenant_id = 'every b' AND thread_id = 't2';
UPDATE threadmem_data.thread_participants SET owner_id = 'ben' WHERE tenant_id = 'every a';
UPDATE threadmem_data.messages SET thread_id = 'nowhere' WHERE tenant_id = 'every a' AND thread_id = 't2';
UPDATE threadmem_data.runs SET thread_id = 'nowhere' WHERE tenant_id = 'every a';
INSERT INTO threadmem_data.tenant_roles VALUES ('regress_every_gone', 'every b', false);
GRANT threadmem_runner TO regress_every_bound;
GRANT threadmem_reader TO regress_every_bound;
SELECT * FROM pg_temp.findings(true);
SELECT * FROM pg_temp.findings(false);
SELECT * FROM threadmem.threadmem_verify('t2');
ROLLBACK;
SELECT * FROM threadmem.threadmem_verify('t2', all_tenants => true);

-- Expiry everywhere, so many of all.
CREATE FUNCTION pg_temp.swept(call text) RETURNS TABLE (tenant_id text, count integer, was_due boolean, sqlstate text) LANGUAGE plpgsql AS
$$BEGIN RETURN QUERY EXECUTE 'SELECT s.tenant_id, s.count, s.due_since < now(), s.sqlstate FROM threadmem.' || call || ' s WHERE s.tenant_id ~ ''^every '''; END$$;
UPDATE threadmem_data.threads SET expires_at = now() - interval '1 hour' WHERE tenant_id = 'every b';
UPDATE threadmem_data.threads SET expires_at = now() - interval '1 hour', ttl_strategy = 'keep_latest' WHERE tenant_id = 'every a' AND thread_id = 't2';
SET threadmem.tenant = '';
SELECT threadmem.thread_purge_expired(), (SELECT count(*) FROM threadmem_data.threads WHERE tenant_id = 'every b') AS threads;
SELECT * FROM pg_temp.swept($$tenants_purge_expired(2)$$);
SELECT tenant_id, thread_id, expires_at IS NULL AS stays FROM threadmem_data.threads WHERE tenant_id ~ '^every ' ORDER BY 1, 2;
SELECT * FROM pg_temp.swept($$tenants_purge_expired()$$);
SELECT * FROM pg_temp.swept($$tenants_purge_expired()$$);
SELECT tenant_id, count(*) FROM threadmem_data.threads WHERE tenant_id ~ '^every ' GROUP BY 1;

-- All of a tenant, in one snapshot; of a user it is what user_export gives.
CREATE TEMP TABLE exported AS SELECT e FROM threadmem.tenant_export('every a') e;
SELECT e ->> 'object' AS object, count(*) FROM exported GROUP BY 1 ORDER BY 1;
SELECT threadmem.tenant_export('every nobody');
SET threadmem.tenant = 'every a';
SELECT count(*) AS of_ann, count(*) FILTER (WHERE NOT EXISTS (SELECT FROM exported x WHERE x.e = u)) AS missing FROM threadmem.user_export('ann') u;
SELECT count(*) FROM exported WHERE e ? 'tenant_id' OR e::text ~ 'every';

-- Who is bound, or narrowed, does it for its own tenant or not at all.
SELECT threadmem.tenant_bind('regress_every_bound', 'every a'), threadmem.tenant_bind('regress_every_free', any_tenant => true);
SET ROLE regress_every_free;
SELECT pg_temp.tenants();
\set VERBOSITY sqlstate
SELECT threadmem.threadmem_stats(all_tenants => true); -- no operator
\set VERBOSITY default
SET ROLE regress_every_bound;
SELECT threadmem.tenant_list();
SELECT threadmem.threadmem_stats(all_tenants => true);
SELECT threadmem.threadmem_verify(all_tenants => true);
SELECT threadmem.tenants_purge_expired();
SELECT threadmem.tenant_export('every b');
SELECT threadmem.tenant_delete('every b');
SELECT count(*) FROM threadmem.tenant_export('every a');
SELECT * FROM threadmem.tenant_delete('every a', 0);
INSERT INTO threadmem_data.tenant_roles VALUES ('regress_every_gone', 'every b', false);
RESET ROLE;
INSERT INTO threadmem_data.tenant_roles VALUES ('regress_every_gone', 'every b', false);
SET ROLE regress_every_bound;
SELECT * FROM threadmem.threadmem_verify();
SET threadmem.user_id = 'ann';
SELECT threadmem.tenant_export('every a');
SELECT threadmem.tenant_delete('every a');
RESET ROLE;
\set VERBOSITY sqlstate
SELECT threadmem.tenant_list();
SELECT threadmem.threadmem_stats(all_tenants => true);
SELECT threadmem.threadmem_verify(all_tenants => true);
SELECT threadmem.tenants_purge_expired();
RESET threadmem.user_id;
SELECT threadmem.tenant_bind('regress_every_gone');

-- What it is told.
SELECT threadmem.tenant_export(NULL);
SELECT threadmem.tenant_delete(NULL);
SELECT threadmem.tenant_delete(repeat('t', 64));
SELECT threadmem.tenant_delete('every a', -1);
SELECT threadmem.tenant_delete('every a', 1001);
\set VERBOSITY default

-- A tenant leaves, a part at a time; nothing of it is found then, and nobody else misses anything.
CREATE TEMP TABLE others AS SELECT * FROM threadmem.threadmem_stats(true) WHERE tenant_id <> 'every a';
SET ROLE regress_every_free;
SELECT * FROM threadmem.tenant_delete('every a', 1);
SELECT * FROM threadmem.tenant_delete('every a', 2);
SELECT * FROM threadmem.tenant_delete('every a');
SELECT * FROM threadmem.tenant_delete('every a');
SELECT pg_temp.tenants();
RESET ROLE;
SELECT * FROM pg_temp.findings(true);
SELECT count(*) FROM (SELECT * FROM threadmem.threadmem_stats(true) EXCEPT SELECT * FROM others) more;
SELECT role_name FROM threadmem.access_list() WHERE tenant_id = 'every a';
-- What a damage left without its thread goes, too.
INSERT INTO threadmem_data.thread_values (tenant_id, thread_id, "values") SELECT 'every a', 'orphan' || i, '{}' FROM generate_series(1, 3) i;
SELECT * FROM pg_temp.findings(true);
SELECT * FROM threadmem.tenant_delete('every a', 2);
SELECT * FROM threadmem.tenant_delete('every a', 2);
SELECT * FROM threadmem.tenant_delete('every a', 2);
SELECT t, d.* FROM unnest('{every b,every B}'::text[]) t, threadmem.tenant_delete(t) d;
SELECT t, d.* FROM unnest('{every b,every B}'::text[]) t, threadmem.tenant_delete(t) d;
SELECT pg_temp.tenants();

RESET threadmem.tenant;
SELECT threadmem.tenant_bind('regress_every_bound'), threadmem.tenant_bind('regress_every_free');
DROP OWNED BY regress_every_free, regress_every_bound;
DROP ROLE regress_every_free, regress_every_bound;
