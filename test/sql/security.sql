-- A role narrowed by tenant or by user sees and changes nothing of others, through any function, table or view there is.
\set SHOW_CONTEXT never
\pset null (null)
SET TIME ZONE 'UTC';
SET client_min_messages = warning;
SET threadmem.store_user_element = 1;

-- Everything one can have in a tenant, under ids made from one: a thread (with revisions, a running stream, participants), one that has expired, one that was deleted.
-- All of it says word, but for what is shown to the whole tenant anyway.
CREATE FUNCTION pg_temp.fill(tenant text, id text, word text, shown text) RETURNS void LANGUAGE plpgsql AS
$$BEGIN
    PERFORM set_config('threadmem.tenant', tenant, false);
    PERFORM threadmem.user_create(u, email => word || '@example.org', first_name => word, metadata => jsonb_build_object(word, word)), threadmem.user_update(u, summary => word) FROM unnest(ARRAY[id, id || '2']) u;
    PERFORM threadmem.context_template_create(id, shown), threadmem.notify_channel();
    PERFORM threadmem.graph_define(id, jsonb_build_object('channels', jsonb_build_object(shown, '{}'::jsonb)));
    PERFORM threadmem.graph_define(id || '2', '{}');
    PERFORM threadmem.assistant_create(id, id, shown, instructions => shown, metadata => jsonb_build_object(shown, shown));
    PERFORM threadmem.thread_create(t, id, id, false, id, word, ARRAY[id || '2'], jsonb_build_object(word, word), messages => jsonb_build_array(
        jsonb_build_object('id', id, 'role', 'user', 'content', word, 'sender_id', id, 'run_id', id), jsonb_build_object('id', id || '2', 'role', 'tool', 'content', word || ' two'))) FROM unnest(ARRAY[id, id || '2']) t;
    PERFORM threadmem.message_update(id, id, word || ' edited');
    PERFORM threadmem.message_start(id, message_id => id || 's');
    PERFORM threadmem.message_append(id, id || 's', 1, word);
    PERFORM threadmem.thread_add_participant(id, id, 'assistant');
    PERFORM threadmem.checkpoint_put(id, jsonb_build_object('id', c, 'channel_values', jsonb_build_object('note', word, 'messages', jsonb_build_array(jsonb_build_object('type', 'ai', 'content', word || ' three', 'id', id || 'c'))),
        'channel_versions', '{"note": 1, "messages": 1}'::jsonb), jsonb_build_object(word, word, 'run_id', id), parent_checkpoint_id => nullif(id, c)) FROM unnest(ARRAY[id, id || '2']) WITH ORDINALITY u (c, n) ORDER BY n;
    PERFORM threadmem.checkpoint_put(id, jsonb_build_object('id', id, 'channel_values', jsonb_build_object('note', word), 'channel_versions', '{"note": 1}'::jsonb), jsonb_build_object(word, word, 'parents', jsonb_build_object('', id)), checkpoint_ns => 'n:' || id);
    PERFORM threadmem.checkpoint_put_writes(id, c, id, jsonb_build_array(jsonb_build_array('note', word)), checkpoint_ns => ns) FROM (VALUES (id, ''), (id || '2', ''), (id, 'n:' || id)) w (c, ns);
    PERFORM threadmem.run_create(t, id, jsonb_build_object('q', word), run_id => t, kwargs => jsonb_build_object(word, word), messages => jsonb_build_array(jsonb_build_object('role', 'user', 'content', word))) FROM unnest(ARRAY[id, id || '2']) t;
    PERFORM threadmem.run_start(id || '2', id || '2', word);
    PERFORM threadmem.run_step_add(t, t, 'node', 'in_progress', name => word, details => jsonb_build_object('d', word)) FROM unnest(ARRAY[id, id || '2']) t;
    PERFORM threadmem.run_require_action(id || '2', id || '2', jsonb_build_array(jsonb_build_object('id', 'c', 'name', word)));
    PERFORM threadmem.thread_create(id || 'r', id);
    PERFORM threadmem.run_create(id || 'r', run_id => id || 'g');
    PERFORM threadmem.run_create(id || 'r', run_id => id || 'r', strategy => 'rollback');
    PERFORM threadmem.run_start(id || 'r');
    PERFORM threadmem.thread_create(id || 'x', id, title => word, ttl => '{"ttl": 1}');
    PERFORM threadmem.memory_add_data(id, word || ' data', metadata => jsonb_build_object(word, word), episode_id => id);
    PERFORM threadmem.memory_update_episode(id, id, word || ' data again');
    PERFORM threadmem.memory_add_entity(id, word || ' friend', 'Friend', episode_id => id, entity_id => id || '2'), threadmem.memory_update_entity(id, id || '2', summary => word);
    PERFORM threadmem.memory_add_fact(id, 'KNOWS', word || ' knows', target_id => id || '2', episode_id => id, fact_id => id), threadmem.memory_update_fact(id, id, fact => word || ' knew');
    PERFORM threadmem.memory_claim(word);
    PERFORM threadmem.memory_set_ontology(jsonb_build_object('entities', jsonb_build_object(word, '{}'::jsonb)), id);
    PERFORM threadmem.memory_block_set(id, v, id), threadmem.memory_block_set(id, v, thread_id => id) FROM unnest(ARRAY[word, word || ' again']) v;
    PERFORM threadmem.user_create(id || 'g', 'group', first_name => word), threadmem.group_add_member(id || 'g', id);
    PERFORM threadmem.store_put(ARRAY[id], k, jsonb_build_object(word, word), 60) FROM unnest(ARRAY[id, id || '2']) k;
    PERFORM threadmem.thread_create(id || 'd', id, messages => jsonb_build_array(jsonb_build_object('role', 'user', 'content', word || ' gone')));
    PERFORM threadmem.thread_delete(id || 'd');
    UPDATE threadmem_data.threads SET expires_at = now() - interval '1 hour' WHERE tenant_id = tenant AND expires_at IS NOT NULL;
END$$;
-- Two tenants, a third with the same ids as the first, and two users of one tenant.
SELECT pg_temp.fill('security a', 'a', 'open', 'open'), pg_temp.fill('security b', 'b', 'hidden', 'hidden'), pg_temp.fill('security c', 'a', 'hidden', 'hidden');
SELECT pg_temp.fill('security u', 'ann', 'open', 'open'), pg_temp.fill('security u', 'bob', 'secret', 'open');
RESET threadmem.tenant;
CREATE ROLE regress_security_a;
CREATE ROLE regress_security_b;
CREATE ROLE regress_security_app;
SELECT threadmem.grant_access(r, joins => true) FROM unnest('{regress_security_a,regress_security_b,regress_security_app}'::text[]) r;
SELECT threadmem.tenant_bind('regress_security_a', 'security a'), threadmem.tenant_bind('regress_security_b', 'security b'), threadmem.tenant_bind('regress_security_app', any_tenant => true);

-- What a victim has: every row of every table in which it is the tenant, or the rows of one user of a tenant. Its digest must not change.
CREATE TEMP TABLE victims (victim text PRIMARY KEY, rows text);
INSERT INTO victims VALUES ('b', $$tenant_id = 'security b'$$), ('c', $$tenant_id = 'security c'$$),
    ('bob', $$tenant_id = 'security u' AND coalesce(nullif(to_jsonb(t) ->> 'thread_id', ''), to_jsonb(t) ->> 'user_id', to_jsonb(t) ->> 'assistant_id', to_jsonb(t) ->> 'graph_id', to_jsonb(t) ->> 'template_id', to_jsonb(t) ->> 'group_id') ^@ 'bob'
                AND NOT (coalesce(nullif(to_jsonb(t) ->> 'user_id', ''), 'ann') = 'ann' AND EXISTS (SELECT FROM threadmem_data.threads h WHERE h.tenant_id = t.tenant_id AND h.thread_id = to_jsonb(t) ->> 'thread_id' AND h.user_id = 'ann'))$$); -- an id free of bob may become hers
CREATE FUNCTION pg_temp.digest(victim_of text, OUT digest text, OUT tables text) LANGUAGE plpgsql AS
$$DECLARE r regclass; part text; n bigint; all_of_it text := '';
BEGIN
    tables := '';
    FOR r IN SELECT a.attrelid FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid WHERE relnamespace = 'threadmem_data'::regnamespace AND relkind IN ('r', 'p') AND attname = 'tenant_id' ORDER BY relname COLLATE "C" LOOP
        EXECUTE format('SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)), count(*) FROM %s t WHERE %s', r, (SELECT rows FROM victims WHERE victim = victim_of)) INTO part, n;
        all_of_it := all_of_it || coalesce(part, '-');
        IF n > 0 THEN tables := concat_ws(' ', nullif(tables, ''), split_part(r::text, '.', 2)); END IF;
    END LOOP;
    digest := md5(all_of_it);
END$$;
SELECT victim, string_agg(t, ' ' ORDER BY t) AS has FROM victims, pg_temp.digest(victim) d, regexp_split_to_table(d.tables, ' ') t
 WHERE t IN ('assistants', 'checkpoint_writes', 'checkpoints', 'context_templates', 'entities', 'entity_episodes', 'entity_revisions', 'episode_revisions', 'episodes', 'fact_episodes', 'fact_revisions', 'facts', 'graphs', 'group_members', 'memory_block_revisions', 'memory_blocks', 'memory_jobs', 'message_chunks', 'messages', 'ontologies', 'run_steps', 'run_tombstones', 'runs', 'store_items', 'tenant_roles', 'thread_participants', 'thread_tombstones', 'thread_values', 'threads', 'users') GROUP BY victim ORDER BY victim;

-- One attempt: as a role and perhaps a user, the SQL; what came of it, and undone. seen: rows with the word; changed: the victim's digest.
CREATE FUNCTION pg_temp.attempt(attempted text, as_role text, tenant text, as_user text, victim text, word text, OUT seen bigint, OUT rows bigint, OUT changed boolean, OUT error text) LANGUAGE plpgsql AS
$$DECLARE after text; line text; message text; detail text; hint text;
BEGIN
    seen := 0; rows := 0;
    BEGIN
        PERFORM set_config('threadmem.tenant', tenant, true), set_config('threadmem.user_id', as_user, true), set_config('role', as_role, true);
        BEGIN
            FOR line IN EXECUTE attempted LOOP
                rows := rows + 1;
                IF line ~ word THEN seen := seen + 1; END IF;
            END LOOP;
        EXCEPTION WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS error = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
            IF concat(message, detail, hint) ~ word THEN seen := seen + 1; END IF;
        END;
        PERFORM set_config('role', 'none', true), set_config('threadmem.user_id', '', true), set_config('threadmem.tenant', '', true);
        after := CASE WHEN error IS NULL THEN (pg_temp.digest(victim)).digest END; -- an error has undone the statement
        RAISE EXCEPTION 'undo' USING ERRCODE = 'UNDO0';
    EXCEPTION WHEN SQLSTATE 'UNDO0' THEN
        changed := after IS NOT NULL AND after <> (pg_temp.digest(victim)).digest;
    END;
END$$;

-- The calls: every function, from the catalog. Each argument has something plausible: an id (mine or theirs) where its name says so, text that makes a message, else its type's.
-- For every function: all required arguments theirs; mine, with one optional of theirs each; all that there are, theirs.
CREATE FUNCTION pg_temp.value(name text, type oid, volatile boolean, id text) RETURNS text LANGUAGE sql IMMUTABLE AS
$$SELECT CASE WHEN name = 'metadata' THEN CASE WHEN volatile THEN '''{"planted": true}''' ELSE '''{}''' END
              WHEN name = 'group_id' THEN quote_literal(id || 'g')
              WHEN name ~ '_id$' AND type = 'text'::regtype OR name = 'label' THEN quote_literal(id)
              WHEN name ~ '_ids$' AND type = 'text[]'::regtype THEN quote_literal('{' || id || '}')
              WHEN name ~ '^namespace' THEN quote_literal('{' || id || '}')
              ELSE coalesce((SELECT v FROM (VALUES ('key', quote_literal(id)), ('ttl_minutes', '1'), ('operations', quote_literal(format('[{"op": "get", "namespace": [%1$s], "key": %1$s, "refresh_ttl": true}, {"op": "search"},'
                         '{"op": "list_namespaces"}, {"op": "put", "namespace": [%1$s], "key": %1$s, "value": {"planted": 1}}]', to_json(id)))), ('role', '''user'''), ('content', '''planted'''), ('delta', '''planted'''), ('piece', '''"planted"'''), ('query', '''hidden or secret'''), ('chunk_no', '2'),
                     ('messages', '''[{"role": "user", "content": "planted"}]'''), ('definition', '''{}'''), ('dialect', '''langgraph'''), ('name', '''planted'''), ('title', '''planted'''),
                     ('document', '''{}'''), ('cascade', 'true'), ('minutes', '5'), ('body', '''{"role": "user", "content": "planted"}'''),
                     ('checkpoint', '''{"id": "z", "channel_values": {"note": "planted", "messages": [{"type": "ai", "content": "planted", "id": "z"}]}, "channel_versions": {"note": 9, "messages": 9}}'''),
                     ('writes', '''[["note", "planted"]]'''), ('tool_calls', '''[{"id": "c"}]'''), ('outputs', '''[{"tool_call_id": "c", "output": "planted"}]'''), ('channels', '''{note,messages}'''), ('checkpoint_ns', quote_literal('n:' || id))) AS k (n, v) WHERE n = name),
                   CASE WHEN type IN ('int4'::regtype, 'int8'::regtype) THEN '1' WHEN type = 'jsonb'::regtype THEN '''{}''' WHEN type = 'boolean'::regtype THEN 'true'
                        WHEN type = 'text[]'::regtype THEN '''{}''' WHEN type = 'timestamptz'::regtype THEN '''2026-01-01''' ELSE '''x''' END) END$$;
CREATE TABLE pg_temp.arguments AS
SELECT p.oid AS function, p.proname, p.provolatile = 'v' AS volatile, i AS position, p.proargnames[i] AS name, t.type, i <= p.pronargs - p.pronargdefaults AS required,
       p.proargnames[i] ~ '_ids?$' AS is_id,
       -- what has to be there for the call to do something: words for a message, a field to change
       p.proargnames[i] IN ('content', 'metadata') OR p.proargnames[i] = 'role' AND 'content' = ANY (p.proargnames)
       OR p.proargnames[i] = 'user_id' AND p.proname ~ '^(memory_block|memory_search|group|user_groups)' AS wanted -- one of several that say whose it is
  FROM pg_proc p, unnest(p.proargtypes::oid[]) WITH ORDINALITY AS t (type, i)
 WHERE p.pronamespace = 'threadmem'::regnamespace AND p.prokind = 'f' AND p.proargnames IS NOT NULL
   AND NOT 'internal'::regtype = ANY (p.proargtypes::oid[]) -- an aggregate's alone
   AND p.proname NOT IN ('tenant_bind', 'grant_access', 'revoke_access', 'access_list', 'tenant_list', 'tenant_export', 'tenant_delete') AND p.proname !~ '^(install|tenants)_' -- for administrators
   AND p.proname !~ '^check_' -- asked by constraints
   AND p.proname <> 'position_of'; -- called by lists
CREATE FUNCTION pg_temp.calls(mine text, theirs text) RETURNS TABLE (proname name, call text) LANGUAGE sql AS
$$WITH variants AS (
      SELECT DISTINCT function, a.proname, 'required theirs' AS variant, NULL::text AS optional, id FROM arguments a, unnest(ARRAY[theirs, theirs || '2', theirs || 'r', theirs || 's', theirs || 'x', theirs || 'd']) id
      UNION SELECT function, a.proname, 'one theirs', name, theirs FROM arguments a WHERE is_id
      UNION SELECT function, a.proname, 'message theirs', NULL, id FROM arguments a, unnest(ARRAY[theirs || '2', theirs || 's']) id WHERE name = 'message_id'
      UNION SELECT DISTINCT function, a.proname, 'all theirs', NULL, theirs FROM arguments a)
  SELECT DISTINCT v.proname, format('SELECT (f)::text FROM threadmem.%I(%s) f', v.proname, string_agg(format('%I => %s', a.name,
             pg_temp.value(a.name, a.type, a.volatile, CASE v.variant WHEN 'one theirs' THEN CASE WHEN a.name = v.optional THEN theirs ELSE mine END
                                                                      WHEN 'message theirs' THEN CASE WHEN a.name = 'message_id' THEN v.id ELSE theirs END
                                                                      WHEN 'all theirs' THEN theirs ELSE v.id END)), ', ' ORDER BY a.position)
               FILTER (WHERE a.required OR a.wanted AND NOT (a.name = 'user_id' AND coalesce(v.optional, '') IN ('thread_id', 'assistant_id', 'user_ids')) OR a.name = v.optional OR v.variant = 'all theirs' AND a.is_id))
    FROM variants v JOIN arguments a USING (function) GROUP BY v.function, v.proname, v.variant, v.optional, v.id$$;
SELECT count(*) > 150 AS there_are_calls, count(DISTINCT proname) = (SELECT count(DISTINCT proname) FROM arguments) AS of_every_function FROM pg_temp.calls('a', 'b');

-- As a role bound to a: nothing of b. As a superuser with the tenant a: likewise, through the functions.
SELECT role, call, seen, changed, error FROM unnest('{regress_security_a,none}'::text[]) role, pg_temp.calls('a', 'b'), pg_temp.attempt(call, role, 'security a', '', 'b', 'hidden')
 WHERE seen > 0 OR changed ORDER BY role COLLATE "C", call COLLATE "C";
-- Nor of c, which has the same ids: every statement of a call asks for the tenant, not only the first.
SELECT role, call, seen, changed, error FROM unnest('{regress_security_a,none}'::text[]) role, pg_temp.calls('a', 'a'), pg_temp.attempt(call, role, 'security a', '', 'c', 'hidden')
 WHERE seen > 0 OR changed ORDER BY role COLLATE "C", call COLLATE "C";
-- What a bound role sets does not matter.
SELECT call, seen, changed, error FROM pg_temp.calls('a', 'b'), pg_temp.attempt(call, 'regress_security_a', 'security b', '', 'b', 'hidden') WHERE seen > 0 OR changed ORDER BY call COLLATE "C";
-- The same calls are worth something: of its own, b sees and changes with them.
SELECT count(DISTINCT proname) FILTER (WHERE seen > 0) >= 20 AS see, count(DISTINCT proname) FILTER (WHERE changed) >= 20 AS change,
       count(DISTINCT proname) FILTER (WHERE error IS NULL)::float / count(DISTINCT proname) > 0.9 AS succeed
  FROM pg_temp.calls('b', 'b'), pg_temp.attempt(call, 'regress_security_b', '', '', 'b', 'hidden');
-- The check sees a function that leaks, and one that reaches over.
BEGIN;
CREATE FUNCTION threadmem.leak(thread_id text) RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT title FROM threadmem_data.threads t WHERE t.thread_id = $1';
CREATE FUNCTION threadmem.reach(thread_id text) RETURNS void LANGUAGE sql SECURITY DEFINER AS 'UPDATE threadmem_data.threads t SET title = NULL WHERE t.thread_id = $1';
SELECT f, seen > 0 AS seen, changed, error FROM unnest('{leak,reach}'::text[]) f, pg_temp.attempt(format('SELECT threadmem.%I(''b'')::text', f), 'regress_security_a', '', '', 'b', 'hidden');
ROLLBACK;

-- What there is to try, so that nothing passes because nothing was found: tables, views, functions.
CREATE TEMP TABLE relations AS
SELECT c.oid::regclass AS rel, c.relkind FROM pg_class c WHERE relnamespace IN ('threadmem'::regnamespace, 'threadmem_data'::regnamespace) AND relkind IN ('r', 'p', 'v', 'm', 'f')
   AND NOT (relkind = 'v' AND pg_get_viewdef(oid) ~ 'WHERE false;$'); -- the type of a result
SELECT count(*) FILTER (WHERE relkind = 'r') >= 16 AS tables, count(*) FILTER (WHERE relkind = 'v') >= 12 AS views, count(*) FILTER (WHERE relkind NOT IN ('r', 'v')) AS others,
       (SELECT count(*) FROM relations) = (SELECT count(*) FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'threadmem' JOIN pg_class c ON c.oid = d.objid WHERE d.classid = 'pg_class'::regclass AND d.deptype = 'e' AND c.relkind IN ('r', 'v') AND NOT (c.relkind = 'v' AND pg_get_viewdef(c.oid) ~ 'WHERE false;$')) AS all_of_the_extension,
       (SELECT count(DISTINCT function) FROM arguments) >= 100 AS functions FROM relations;
CREATE FUNCTION pg_temp.row_of(rel regclass, victim_of text) RETURNS text LANGUAGE plpgsql AS
$$DECLARE one text;
BEGIN EXECUTE format('SELECT to_jsonb(t) FROM %s t WHERE %s LIMIT 1', rel, (SELECT v.rows FROM victims v WHERE victim = victim_of)) INTO one; RETURN one; END$$;
CREATE FUNCTION pg_temp.statements(kind_of "char", victim_of text, theirs text, word text) RETURNS TABLE (rel regclass, kind text, statement text) LANGUAGE sql AS
$$SELECT rel, kind, replace(CASE WHEN statement ~ '%row' THEN replace(statement, '%row', quote_literal(pg_temp.row_of(rel, victim_of))) ELSE statement END, '%rel', rel::text)
    FROM relations, (VALUES ('read', 'SELECT t::text FROM %rel t'), ('lock', 'SELECT t::text FROM %rel t FOR UPDATE'),
                            ('touch', 'UPDATE %rel t SET tenant_id = tenant_id WHERE ' || theirs || ' RETURNING ''' || word || ''''), ('touch all', 'UPDATE %rel t SET tenant_id = tenant_id RETURNING 1'),
                            ('delete', 'DELETE FROM %rel t WHERE ' || theirs || ' RETURNING ''' || word || ''''), ('delete all', 'DELETE FROM %rel t RETURNING 1'),
                            ('write', 'INSERT INTO %rel SELECT (jsonb_populate_record(NULL::%rel, %row)).* RETURNING ''' || word || ''''),
                            ('write over', 'INSERT INTO %rel SELECT (jsonb_populate_record(NULL::%rel, %row)).* ON CONFLICT DO NOTHING RETURNING ''' || word || '''')) AS s (kind, statement)
   WHERE relkind = kind_of AND (kind_of = 'r' OR kind IN ('read', 'lock', 'delete all'))$$;

-- Tables: every statement of every application's role is refused, bound or free or narrowed, also of one that may look into the schema.
GRANT USAGE ON SCHEMA threadmem_data TO regress_security_b;
SELECT role, as_user, count(statement) > 100 AS tried, count(*) FILTER (WHERE statement IS NOT NULL AND error IS DISTINCT FROM '42501' OR seen > 0 OR rows > 0 OR changed) AS not_refused
  FROM (VALUES ('regress_security_a', ''), ('regress_security_b', ''), ('regress_security_app', ''), ('regress_security_app', 'ann')) AS r (role, as_user),
       pg_temp.statements('r', 'b', $$tenant_id = 'security b'$$, 'hidden'), pg_temp.attempt(statement, role, 'security b', as_user, 'b', 'hidden|security b') GROUP BY role, as_user ORDER BY role COLLATE "C", as_user COLLATE "C";
REVOKE USAGE ON SCHEMA threadmem_data FROM regress_security_b;
SELECT rel FROM relations, unnest('{regress_security_a,regress_security_b,regress_security_app}'::text[]) r WHERE has_table_privilege(r, rel, 'INSERT,UPDATE,DELETE,TRUNCATE,TRIGGER,REFERENCES') OR relkind = 'r' AND has_table_privilege(r, rel, 'SELECT');
-- Views: a reads its own and nothing of b, and writes nothing; b reads its own with the same statements.
SELECT rel, kind, a.* FROM pg_temp.statements('v', 'b', '', ''), pg_temp.attempt(statement, 'regress_security_a', 'security b', '', 'b', 'hidden|security b') a
 WHERE seen > 0 OR changed OR kind <> 'read' AND error IS NULL ORDER BY 1, 2;
SELECT role, string_agg(rel::text, ' ' ORDER BY rel::text COLLATE "C") FILTER (WHERE rows > 0) AS rows_in, string_agg(rel::text, ' ' ORDER BY rel::text COLLATE "C") FILTER (WHERE seen > 0) AS hidden_in
  FROM unnest('{regress_security_a,regress_security_b}'::text[]) role, pg_temp.statements('v', 'b', '', ''), pg_temp.attempt(statement, role, '', '', 'b', 'hidden') WHERE kind = 'read' GROUP BY role ORDER BY role;

-- The second belt, below the statements of the functions themselves: as the role that they run as, whoever it is bound for. Its own table of bindings it has whole.
SELECT threadmem.tenant_bind('threadmem_runner', 'security a');
SELECT rel, kind, a.* FROM pg_temp.statements('r', 'b', $$tenant_id = 'security b'$$, 'hidden'), pg_temp.attempt(statement, 'threadmem_runner', 'security b', '', 'b', 'hidden|security b') a
 WHERE rel <> 'threadmem_data.tenant_roles'::regclass AND (seen > 0 OR changed OR kind ~ '^write' AND statement IS NOT NULL AND error IS DISTINCT FROM '42501') ORDER BY 1, 2;
-- Moved there: its own rows of every table, one by one refused.
SELECT rel, a.rows, a.error FROM relations, pg_temp.attempt(format('UPDATE %s t SET tenant_id = ''security b'' RETURNING 1', rel), 'threadmem_runner', '', '', 'b', 'hidden') a
 WHERE relkind = 'r' AND rel <> 'threadmem_data.tenant_roles'::regclass AND (a.changed OR a.rows > 0 OR error IS DISTINCT FROM '42501') ORDER BY 1;
-- The statements are worth something: bound to b, it does all of it.
SELECT threadmem.tenant_bind('threadmem_runner', 'security b');
SELECT kind, count(*) >= 15 AS tables, string_agg(rel::text, ' ' ORDER BY rel::text) FILTER (WHERE NOT (seen > 0 OR changed OR kind ~ 'all|lock' AND rows > 0 OR kind ~ '^write' AND coalesce(error, '00000') IN ('00000', '23505'))) AS not_done
  FROM pg_temp.statements('r', 'b', $$tenant_id = 'security b'$$, 'hidden'), pg_temp.attempt(statement, 'threadmem_runner', '', '', 'b', 'hidden|security b')
 WHERE rel <> 'threadmem_data.tenant_roles'::regclass GROUP BY kind ORDER BY kind;
SELECT threadmem.tenant_bind('threadmem_runner', any_tenant => true);

-- An assistant of her name takes part in a thread of bob's: that is not she.
SET threadmem.tenant = 'security u';
SELECT kind FROM threadmem.thread_add_participant('bob2', 'ann', 'assistant');
RESET threadmem.tenant;
-- Narrowed to ann: nothing of bob through any function. Assistants and graphs are the tenant's; she reads them.
SELECT call, seen, changed, error FROM pg_temp.calls('ann', 'bob'), pg_temp.attempt(call, 'regress_security_app', 'security u', 'ann', 'bob', 'secret') WHERE seen > 0 OR changed ORDER BY call COLLATE "C";
SELECT count(DISTINCT proname) FILTER (WHERE seen > 0) >= 15 AS see, count(DISTINCT proname) FILTER (WHERE changed) >= 15 AS change
  FROM pg_temp.calls('bob', 'bob'), pg_temp.attempt(call, 'regress_security_app', 'security u', 'bob', 'bob', 'secret');
-- Nor in any view.
SELECT rel, kind, a.* FROM pg_temp.statements('v', 'bob', '', ''), pg_temp.attempt(statement, 'regress_security_app', 'security u', 'ann', 'bob', 'secret|\mbob') a
 WHERE (seen > 0 OR changed OR kind <> 'read' AND error IS NULL) AND rel::text NOT IN ('threadmem.assistants', 'threadmem.context_templates', 'threadmem.graphs') ORDER BY 1, 2;
SELECT string_agg(rel::text, ' ' ORDER BY rel::text COLLATE "C") AS bob_sees FROM pg_temp.statements('v', 'bob', '', ''), pg_temp.attempt(statement, 'regress_security_app', 'security u', 'bob', 'bob', 'secret|\mbob') WHERE kind = 'read' AND seen > 0;
-- Nor through any table, as the second belt. (A tombstone is written with the deletion only: bob's own are not written again.)
SELECT rel, kind, a.* FROM pg_temp.statements('r', 'bob', $$t::text ~ '\mbob' AND t::text !~ '\mann'$$, 'secret'), pg_temp.attempt(statement, 'threadmem_runner', 'security u', 'ann', 'bob', 'secret|\mbob') a
 WHERE rel <> 'threadmem_data.tenant_roles'::regclass AND (seen > 0 OR changed OR kind ~ '^write' AND statement IS NOT NULL AND error IS DISTINCT FROM '42501') AND NOT (rel::text IN ('threadmem_data.assistants', 'threadmem_data.context_templates', 'threadmem_data.graphs') AND NOT changed) ORDER BY 1, 2;
SELECT kind, string_agg(rel::text, ' ' ORDER BY rel::text) FILTER (WHERE NOT (seen > 0 OR changed OR kind ~ 'all|lock' AND rows > 0 OR kind ~ '^write' AND coalesce(error, '00000') IN ('00000', '23505'))) AS not_done
  FROM pg_temp.statements('r', 'bob', $$t::text ~ '\mbob' AND t::text !~ '\mann'$$, 'secret'), pg_temp.attempt(statement, 'threadmem_runner', 'security u', 'bob', 'bob', 'secret|\mbob')
 WHERE rel::text IN ('threadmem_data.users', 'threadmem_data.threads', 'threadmem_data.messages', 'threadmem_data.message_chunks', 'threadmem_data.checkpoints', 'threadmem_data.checkpoint_writes', 'threadmem_data.thread_values', 'threadmem_data.runs', 'threadmem_data.run_steps', 'threadmem_data.thread_participants', 'threadmem_data.thread_tombstones') AND (rel <> 'threadmem_data.thread_tombstones'::regclass OR kind !~ 'touch|write') GROUP BY kind ORDER BY kind;

-- Lies: rows that say they are ann's, in what is bob's. (WRITTEN: the policy trusts owner_id, and only functions write it, from the thread's row.)
SET threadmem.tenant = 'security u';
SELECT thread_id FROM threadmem.thread_create('shared', 'bob', title => 'for two', participant_ids => '{ann,bob2}', messages => '[{"id": "1", "role": "user", "content": "words for two", "sender_id": "bob"}]');
SELECT thread_id FROM threadmem.thread_create('ownerless', messages => '[{"id": "1", "role": "user", "content": "words for nobody"}]');
SELECT n, lie, coalesce(error, CASE WHEN rows = 0 THEN 'no row' ELSE 'WRITTEN' END) AS outcome FROM unnest(ARRAY[
    $$INSERT INTO threadmem_data.users (user_id) VALUES ('carl')$$, $$UPDATE threadmem_data.users SET user_id = 'bob' WHERE user_id = 'ann'$$,
    $$INSERT INTO threadmem_data.threads (thread_id, user_id, created_at, updated_at, updated_hour) VALUES ('lie', 'bob', now(), now(), now())$$, $$INSERT INTO threadmem_data.threads (thread_id, created_at, updated_at, updated_hour) VALUES ('lie', now(), now(), now())$$,
    $$UPDATE threadmem_data.threads SET user_id = 'bob' WHERE thread_id = 'ann'$$, $$UPDATE threadmem_data.threads SET user_id = NULL WHERE thread_id = 'ann'$$, $$UPDATE threadmem_data.threads SET user_id = 'ann' WHERE thread_id = 'bob'$$, $$UPDATE threadmem_data.threads SET user_id = 'ann' WHERE thread_id = 'ownerless'$$,
    $$UPDATE threadmem_data.threads SET user_id = 'ann' WHERE thread_id = 'shared'$$, $$UPDATE threadmem_data.threads SET user_id = NULL WHERE thread_id = 'shared'$$, $$DELETE FROM threadmem_data.threads WHERE thread_id = 'shared'$$,
    $$INSERT INTO threadmem_data.thread_participants (thread_id, kind, participant_id, owner_id) VALUES ('bob', 'user', 'ann', 'ann')$$, $$INSERT INTO threadmem_data.thread_participants (thread_id, kind, participant_id, owner_id) VALUES ('bob', 'user', 'ann', 'bob')$$,
    $$INSERT INTO threadmem_data.thread_participants (thread_id, kind, participant_id) VALUES ('bob', 'user', 'ann')$$, $$INSERT INTO threadmem_data.thread_participants (thread_id, kind, participant_id) VALUES ('ownerless', 'user', 'ann')$$, $$INSERT INTO threadmem_data.thread_participants (thread_id, kind, participant_id, owner_id) VALUES ('ownerless', 'user', 'ann', 'ann')$$,
    $$INSERT INTO threadmem_data.thread_participants (thread_id, kind, participant_id, owner_id) VALUES ('shared', 'user', 'carl', 'ann')$$, $$INSERT INTO threadmem_data.thread_participants (thread_id, kind, participant_id, owner_id) VALUES ('shared', 'user', 'carl', 'bob')$$,
    $$UPDATE threadmem_data.thread_participants SET thread_id = 'bob' WHERE thread_id = 'ann'$$, $$UPDATE threadmem_data.thread_participants SET thread_id = 'bob' WHERE thread_id = 'shared' AND participant_id = 'ann'$$, $$UPDATE threadmem_data.thread_participants SET role = 'owner' WHERE thread_id = 'shared'$$,
    $$UPDATE threadmem_data.thread_participants SET owner_id = 'ann' WHERE thread_id = 'shared'$$, $$DELETE FROM threadmem_data.thread_participants WHERE thread_id = 'shared' AND participant_id <> 'ann'$$,
    $$INSERT INTO threadmem_data.messages (thread_id, rev, seq, event_at, created_at, message_id, role, user_id, status) VALUES ('bob', 99, 99, now(), now(), 'lie', 'user', 'ann', 'completed')$$, $$INSERT INTO threadmem_data.messages (thread_id, rev, seq, event_at, created_at, message_id, role, user_id, status) VALUES ('bob', 99, 99, now(), now(), 'lie', 'user', 'bob', 'completed')$$,
    $$INSERT INTO threadmem_data.messages (thread_id, rev, seq, event_at, created_at, message_id, role, user_id, status) VALUES ('ownerless', 99, 99, now(), now(), 'lie', 'user', 'ann', 'completed')$$, $$INSERT INTO threadmem_data.messages (thread_id, rev, seq, event_at, created_at, message_id, role, user_id, status) VALUES ('shared', 99, 99, now(), now(), 'lie', 'user', 'ann', 'completed')$$,
    $$UPDATE threadmem_data.messages SET thread_id = 'bob' WHERE thread_id = 'ann'$$, $$UPDATE threadmem_data.messages SET thread_id = 'bob', user_id = 'bob' WHERE thread_id = 'shared'$$, $$UPDATE threadmem_data.messages SET user_id = 'ann' WHERE thread_id = 'shared'$$, $$UPDATE threadmem_data.messages SET user_id = 'bob' WHERE thread_id = 'ann'$$,
    $$INSERT INTO threadmem_data.message_chunks (thread_id, message_id, chunk_no, delta) VALUES ('bob', 'bobs', 2, 'lie')$$, $$UPDATE threadmem_data.message_chunks SET thread_id = 'bob' WHERE thread_id = 'ann'$$,
    $$INSERT INTO threadmem_data.thread_tombstones (thread_id, user_id) VALUES ('bob', 'ann')$$, $$INSERT INTO threadmem_data.thread_tombstones (thread_id, user_id) VALUES ('shared', 'ann')$$, $$INSERT INTO threadmem_data.thread_tombstones (thread_id, user_id) VALUES ('bobd', 'ann')$$,
    $$INSERT INTO threadmem_data.thread_tombstones (thread_id, user_id) VALUES ('new', 'bob')$$, $$INSERT INTO threadmem_data.thread_tombstones (thread_id) VALUES ('new')$$, $$UPDATE threadmem_data.thread_tombstones SET thread_id = 'bob' WHERE thread_id = 'annd'$$, $$UPDATE threadmem_data.thread_tombstones SET user_id = 'bob'$$,
    $$UPDATE threadmem_data.assistants SET name = 'lie'$$, $$INSERT INTO threadmem_data.assistants (assistant_id) VALUES ('lie')$$, $$DELETE FROM threadmem_data.assistants$$, $$INSERT INTO threadmem_data.graphs (graph_id) VALUES ('lie')$$, $$DELETE FROM threadmem_data.graphs$$,
    $$INSERT INTO threadmem_data.checkpoints (thread_id, seq, base_seq, created_at, checkpoint_ns, checkpoint_id, snapshot) VALUES ('bob', 99, 99, now(), '', 'zzz', '{}')$$, $$INSERT INTO threadmem_data.checkpoints (thread_id, seq, base_seq, created_at, checkpoint_ns, checkpoint_id, snapshot) VALUES ('ownerless', 99, 99, now(), '', 'zzz', '{}')$$,
    $$UPDATE threadmem_data.checkpoints SET thread_id = 'bob', seq = 98 WHERE thread_id = 'ann'$$, $$INSERT INTO threadmem_data.checkpoint_writes (thread_id, checkpoint_ns, checkpoint_id, task_id, idx, channel, value) VALUES ('bob', '', 'bob', 'lie', 0, 'note', '1')$$,
    $$UPDATE threadmem_data.checkpoint_writes SET thread_id = 'bob', task_id = 'lie' WHERE thread_id = 'ann'$$, $$INSERT INTO threadmem_data.thread_values (thread_id, "values") VALUES ('bob2', '{}')$$, $$UPDATE threadmem_data.thread_values SET thread_id = 'bob2' WHERE thread_id = 'ann'$$
    ]) WITH ORDINALITY AS l (lie, n), pg_temp.attempt(lie || ' RETURNING 1', 'threadmem_runner', 'security u', 'ann', 'bob', 'secret') ORDER BY n;
SELECT threadmem.tenant_bind('threadmem_runner');

-- A thread she takes part in: she reads and writes there, and sees who else does; it does not become hers, and she does not delete it.
SET threadmem.user_id = 'ann';
SET ROLE regress_security_app;
SELECT thread_id, user_id FROM threadmem.thread_list(sort_by => 'thread_id', sort_order => 'asc');
SELECT title FROM threadmem.thread_get('shared');
SELECT seq, user_id FROM threadmem.message_add('shared', 'user', 'words of ann', message_id => '2', sender_id => 'ann');
SELECT seq FROM threadmem.message_start('shared', message_id => 's');
SELECT threadmem.message_append('shared', 's', 1, 'streamed');
SELECT content FROM threadmem.message_complete('shared', 's');
SELECT content FROM threadmem.message_list('shared');
SELECT thread_id, message_id FROM threadmem.message_search('words');
SELECT checkpoint_id FROM threadmem.checkpoint_put('shared', '{"id": "c", "channel_values": {"note": "of ann"}, "channel_versions": {"note": 1}}');
SELECT threadmem.checkpoint_put_writes('shared', 'c', 'task', '[["note", "more of ann"]]');
SELECT checkpoint -> 'channel_values' AS "values", pending_writes FROM threadmem.checkpoint_get('shared');
SELECT kind, participant_id, role FROM threadmem.thread_participants('shared');
SELECT threadmem.thread_delete('shared');
SELECT threadmem.thread_set_ttl('shared', 1);
\set VERBOSITY sqlstate
SELECT threadmem.thread_update('shared', ttl => '{"ttl": 1}');
SELECT threadmem.thread_update('shared', clear => '{ttl}');
SELECT user_id FROM threadmem.thread_update('shared', user_id => 'ann');
SELECT user_id FROM threadmem.thread_update('shared', clear => '{user_id}');
SELECT threadmem.thread_add_participant('shared', 'ann', role => 'admin');
SELECT threadmem.thread_remove_participant('shared', 'bob2');
SELECT threadmem.thread_create('for bob', 'bob');
SELECT threadmem.thread_update('ann', user_id => 'bob');
SELECT threadmem.thread_get('ownerless');
SELECT threadmem.message_add('ownerless', 'user', 'x');
SELECT threadmem.assistant_delete('ann');
SELECT threadmem.assistant_delete('ann', cascade => true);
SELECT threadmem.user_delete('bob');
SELECT threadmem.user_export('bob');
SELECT threadmem.checkpoint_delete_thread('shared');
SELECT threadmem.checkpoint_put('ownerless', '{"id": "c"}');
SELECT threadmem.checkpoint_put_writes('bob', 'bob', 'task', '[["note", 1]]');
SELECT checkpoint_id FROM threadmem.checkpoint_get('bob');
\set VERBOSITY default
-- What she creates is hers, a thread that a checkpoint makes as well.
SELECT user_id FROM threadmem.thread_create('of her own');
SELECT checkpoint_id FROM threadmem.checkpoint_put('of her own too', '{"id": "c"}');
SELECT user_id FROM threadmem.thread_get('of her own too');
SELECT count(*) FROM threadmem.user_export('ann') e WHERE e::text ~ 'secret|for two';
RESET ROLE;
RESET threadmem.user_id;
SELECT thread_id, user_id FROM threadmem.thread_get('shared');

-- It is hers to see as long as she takes part, statement by statement.
SELECT threadmem.thread_remove_participant('shared', 'ann');
SET threadmem.user_id = 'ann';
SET ROLE regress_security_app;
SELECT (SELECT count(*) FROM threadmem.threads WHERE thread_id = 'shared') AS threads, (SELECT count(*) FROM threadmem.messages WHERE thread_id = 'shared') AS messages,
       (SELECT count(*) FROM threadmem.checkpoints WHERE thread_id = 'shared') AS checkpoints, (SELECT count(*) FROM threadmem.checkpoint_list('shared')) AS listed, (SELECT count(*) FROM threadmem.thread_search('{shared}')) AS searched,
       (SELECT count(*) FROM threadmem.participants WHERE thread_id = 'shared') AS participants, (SELECT count(*) FROM threadmem.message_search('words')) AS found, (SELECT count(*) FROM threadmem.user_threads('ann') WHERE thread_id = 'shared') AS takes_part;
RESET ROLE;
RESET threadmem.user_id;
SELECT kind FROM threadmem.thread_add_participant('shared', 'ann');
SET threadmem.user_id = 'ann';
SET ROLE regress_security_app;
SELECT count(*) FROM threadmem.messages WHERE thread_id = 'shared';
-- She may end her own part.
BEGIN;
SELECT threadmem.thread_remove_participant('shared', 'ann');
SELECT count(*) FROM threadmem.messages WHERE thread_id = 'shared';
ROLLBACK;
SELECT count(*) FROM threadmem.messages WHERE thread_id = 'shared';
RESET ROLE;
RESET threadmem.user_id;

-- Ids are a tenant's: that one is taken she learns, and no more; one that nobody has is hers.
SET threadmem.user_id = 'ann';
SET ROLE regress_security_app;
\set VERBOSITY sqlstate
SELECT threadmem.thread_create('bob');
SELECT threadmem.thread_create('bob', if_exists => 'do_nothing');
SELECT threadmem.checkpoint_put('bob', '{"id": "c9", "channel_values": {}, "channel_versions": {}}');
\set VERBOSITY default
SELECT user_id FROM threadmem.thread_create('nobodys');
SELECT threadmem.thread_delete('nobodys');
RESET ROLE;
RESET threadmem.user_id;

-- What expired of hers she may purge, though a thread of bob's that she takes part in has expired, too.
UPDATE threadmem_data.threads SET expires_at = now() - interval '2 hours', ttl_strategy = 'delete' WHERE tenant_id = 'security u' AND thread_id = 'shared';
SELECT coalesce(error, 'purged') AS outcome, changed FROM pg_temp.attempt('SELECT threadmem.thread_purge_expired()::text', 'regress_security_app', 'security u', 'ann', 'bob', 'secret');
SET threadmem.user_id = 'ann';
SET ROLE regress_security_app;
SELECT threadmem.thread_purge_expired();
RESET ROLE;
RESET threadmem.user_id;
SELECT string_agg(thread_id, ' ' ORDER BY thread_id) AS stay FROM threadmem_data.threads WHERE tenant_id = 'security u' AND thread_id ~ 'x$|shared';

-- An id that bob has given up is free: for ann, too, to use it and to give it up.
SELECT thread_id FROM threadmem.thread_create('reused', 'bob');
SELECT sum(deleted) FROM threadmem.thread_delete('reused');
SET threadmem.user_id = 'ann';
SET ROLE regress_security_app;
SELECT user_id FROM threadmem.thread_create('reused', 'ann');
SELECT sum(deleted) FROM threadmem.thread_delete('reused');
SELECT user_id FROM threadmem.thread_create('reused', 'ann');
RESET ROLE;
SET threadmem.user_id = 'bob';
SET ROLE regress_security_app;
SELECT threadmem.thread_get('reused');
SELECT sum(deleted) > 0 AS deletes_what_is_his FROM threadmem.thread_delete('bob');
RESET ROLE;
RESET threadmem.user_id;

-- A role that was set free and has set nothing is in the default tenant.
RESET threadmem.tenant;
SELECT rel, kind, a.* FROM pg_temp.statements('v', 'b', '', ''), pg_temp.attempt(statement, 'regress_security_app', '', '', 'b', 'hidden|secret|open') a
 WHERE seen > 0 OR changed ORDER BY 1, 2;

SELECT threadmem.tenant_bind('regress_security_a'), threadmem.tenant_bind('regress_security_b'), threadmem.tenant_bind('regress_security_app');
DROP OWNED BY regress_security_a, regress_security_b, regress_security_app;
DROP ROLE regress_security_a, regress_security_b, regress_security_app;
