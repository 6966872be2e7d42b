-- Every object of the extension keeps the rules of docs/architecture.md#rules-that-are-checked.

-- One branch a rule: it gives the objects that break it. The views read catalogs only, so that they
-- cover what is added later; what is exempt stands here by name, with the reason.
CREATE TEMP VIEW fn AS
SELECT p.*, p.oid::regprocedure::text AS sig, p.prorettype = 'trigger'::regtype AS for_trigger
  FROM pg_proc p WHERE p.pronamespace = 'threadmem'::regnamespace;
CREATE TEMP VIEW arg AS -- the input arguments of functions
SELECT f.oid, f.sig, f.proname, n.ord, f.proargnames[n.ord] AS name, n.type::oid AS type
  FROM fn f, unnest(f.proargtypes::oid[]) WITH ORDINALITY AS n(type, ord);
CREATE TEMP VIEW tbl AS
SELECT c.*, c.oid::regclass::text AS name FROM pg_class c
 WHERE c.relnamespace = 'threadmem_data'::regnamespace AND c.relkind IN ('r', 'p');
CREATE TEMP VIEW viw AS
SELECT c.*, c.oid::regclass::text AS name FROM pg_class c WHERE c.relnamespace = 'threadmem'::regnamespace AND c.relkind = 'v'
   AND pg_get_viewdef(c.oid) !~ 'WHERE false;$'; -- one without rows is the type of a result
CREATE TEMP VIEW ours AS SELECT oid, nspname, nspacl FROM pg_namespace WHERE nspname IN ('threadmem', 'threadmem_data');
CREATE TEMP VIEW col AS
SELECT t.relname, a.attrelid, a.attname, a.atttypid, a.attcollation, a.attidentity, a.attstorage, a.attcompression,
       t.name || '.' || a.attname AS name
  FROM tbl t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped;
CREATE TEMP VIEW idx AS -- indexes with the names of their columns, expressions left out
SELECT t.name AS tbl, t.relname, i.*, i.indexrelid::regclass::text AS name, am.amname,
       ARRAY(SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(n, ord)
               JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.n ORDER BY k.ord) AS columns,
       ARRAY(SELECT a.attname::text FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
              WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid AND d.refobjid = i.indrelid) AS depends -- of its condition too
  FROM tbl t JOIN pg_index i ON i.indrelid = t.oid JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am am ON am.oid = c.relam;
CREATE TEMP VIEW pol AS
SELECT t.name AS tbl, p.*, p.polname || ' on ' || t.name AS name,
       pg_get_expr(p.polqual, p.polrelid) AS qual, pg_get_expr(p.polwithcheck, p.polrelid) AS withcheck
  FROM tbl t JOIN pg_policy p ON p.polrelid = t.oid;

-- COMMENT ON everything: it is what \df+ and \d+ show.
CREATE TEMP VIEW lint_comments(rule, object) AS
SELECT 'a function has a comment', sig FROM fn WHERE obj_description(oid, 'pg_proc') IS NULL
UNION ALL -- one line, more of it, arguments, SQLSTATEs, whose call it answers; what is longer than a line goes on further in
SELECT 'a comment on a function has the one form', sig FROM fn -- test/deep/calls proves that it names every SQLSTATE
 WHERE obj_description(oid, 'pg_proc') !~ (
       '^[^\s][^\n]{0,129}\.\n([^\s][^\n]*\n)*?'
       '(Arguments:( [^\n]+\.|(\n  [a-z_]+(, [a-z_]+)*: [^\n]+(\n    [^\n]+)*)+)\n)?'
       'Errors:( none\.| none of its own\.|(\n  [0-9A-Z]{5}: [^\n]+(\n    [^\n]+)*)+)'
       '(\nAnswers: [^\n]+(\n    [^\n]+)*\.)?$')
    OR obj_description(oid, 'pg_proc') ~ '[^\n]{131}'
UNION ALL -- each one's own or, of an alias, those of another function
SELECT 'a comment on a function tells of every argument, once', sig FROM fn f
 WHERE proname !~ '^keys_' -- the arguments of an operator and of GIN
   AND obj_description(oid, 'pg_proc') !~ '\nArguments: (as those of \w+\(\)|the columns of that name)'
   AND ARRAY(SELECT a.name FROM arg a WHERE a.oid = f.oid ORDER BY 1) IS DISTINCT FROM
       ARRAY(SELECT n FROM regexp_matches(obj_description(oid, 'pg_proc'), '^  ([a-z_][a-z_, ]*): ', 'gn') AS m, string_to_table(m[1], ', ') AS n ORDER BY 1)
UNION ALL
SELECT 'what a comment calls is a function', f.sig || ' ' || m[1]
  FROM fn f, regexp_matches(split_part(obj_description(oid, 'pg_proc'), e'\nAnswers:', 1), '(\w+)\(', 'g') AS m
 WHERE m[1] ~ '_' AND NOT EXISTS (SELECT FROM pg_proc o WHERE o.proname = m[1])
UNION ALL -- which is where a stranger looks for it
SELECT 'a function is one of help(), or serves the extension itself', sig FROM fn
 WHERE proname NOT IN (SELECT name FROM threadmem.help()) AND proname !~ '^(check|install|is|keys)_'
   AND proname NOT IN ('json_patch_check', 'json_patch_fold_step', 'json_patch_fold_result', 'jsonb_contains', 'tenant_keys', 'tenant_query',
                       'position_of', 'store_matches', 'store_similarity', 'sees_thread', 'sees_owned', 'shares_memory', 'names_owner', 'keeps_owner', 'streamed_status', 'streamed_body')
UNION ALL
SELECT 'a table or view has a comment', oid::regclass::text FROM pg_class
 WHERE relnamespace IN (SELECT oid FROM ours) AND relkind IN ('r', 'p', 'v', 'm', 'f')
   AND obj_description(oid, 'pg_class') IS NULL
UNION ALL
SELECT 'a policy has a comment', name FROM pol WHERE obj_description(oid, 'pg_policy') IS NULL
UNION ALL -- not the row types of tables, nor array types
SELECT 'a type has a comment', t.oid::regtype::text FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
 WHERE t.typnamespace = 'threadmem'::regnamespace AND t.typcategory <> 'A' AND coalesce(c.relkind, 'c') = 'c'
   AND obj_description(t.oid, 'pg_type') IS NULL
UNION ALL
SELECT 'an operator has a comment', oid::regoperator::text FROM pg_operator
 WHERE oprnamespace = 'threadmem'::regnamespace AND obj_description(oid, 'pg_operator') IS NULL
UNION ALL
SELECT 'an operator class or family has a comment', opcname FROM pg_opclass
 WHERE opcnamespace = 'threadmem'::regnamespace AND obj_description(oid, 'pg_opclass') IS NULL
UNION ALL
SELECT 'an operator class or family has a comment', opfname FROM pg_opfamily
 WHERE opfnamespace = 'threadmem'::regnamespace AND obj_description(oid, 'pg_opfamily') IS NULL
UNION ALL
SELECT 'a schema has a comment', nspname FROM ours WHERE obj_description(oid, 'pg_namespace') IS NULL;

-- Functions: nothing planted in a search path is ever run, nobody gains a right, nothing is for everyone.
CREATE TEMP VIEW lint_functions(rule, object) AS
SELECT 'a function that may run SQL pins its search_path', sig FROM fn -- what is parsed when it is created has no path
 WHERE provolatile <> 'i' AND prosqlbody IS NULL AND proconfig IS DISTINCT FROM '{"search_path=pg_catalog, pg_temp"}'
   AND proname NOT IN ('current_tenant',  -- asked by every policy: its one statement is qualified throughout
                       'current_user_id', -- C, reads a setting
                       'sees_thread', 'sees_owned', 'shares_memory', 'names_owner', 'keeps_owner', -- asked by policies: their statements are qualified throughout
                       'json_accept')     -- C, reads a setting
UNION ALL
SELECT 'no function is SECURITY DEFINER', sig FROM fn WHERE prosecdef
UNION ALL
SELECT 'a function is written in C, or is SQL without tables', f.sig FROM fn f JOIN pg_language l ON l.oid = f.prolang
 WHERE l.lanname NOT IN ('c', 'internal', 'sql') OR f.prokind = 'p'
    OR l.lanname = 'sql' AND EXISTS (
       SELECT FROM tbl t WHERE concat_ws(' ', f.prosrc, pg_get_function_sqlbody(f.oid)) ~ ('\mthreadmem(_data)?\."?' || t.relname || '\M'))
UNION ALL
SELECT 'nothing is granted to PUBLIC', sig FROM fn, aclexplode(coalesce(proacl, acldefault('f', proowner))) AS a WHERE a.grantee = 0
UNION ALL
SELECT 'nothing is granted to PUBLIC', c.oid::regclass::text
  FROM pg_class c, aclexplode(coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner))) AS a
 WHERE c.relnamespace IN (SELECT oid FROM ours) AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND a.grantee = 0
   AND NOT (c.relkind = 'v' AND pg_get_viewdef(c.oid) ~ 'WHERE false;$' AND a.privilege_type = 'SELECT')
UNION ALL
SELECT 'nothing is granted to PUBLIC', nspname FROM ours, aclexplode(nspacl) AS a WHERE a.grantee = 0
UNION ALL -- the first belt: whatever an application runs, it runs without a right on a table
SELECT 'only threadmem_runner has a right on a table or column', t.name
  FROM tbl t, aclexplode(t.relacl) AS a WHERE a.grantee NOT IN (t.relowner, to_regrole('threadmem_runner'))
UNION ALL
SELECT 'only threadmem_runner has a right on a table or column', k.name
  FROM col k JOIN pg_attribute USING (attrelid, attname), aclexplode(attacl) AS a
 WHERE a.grantee <> to_regrole('threadmem_runner')
   AND (a.grantee, k.attname, a.privilege_type, a.is_grantable) IS DISTINCT FROM (to_regrole('threadmem_reader')::oid, 'tenant_id', 'SELECT', false)
UNION ALL
SELECT 'only our roles may look into the schema of the tables', nspname FROM ours JOIN pg_namespace n USING (oid, nspname, nspacl), aclexplode(nspacl) AS a
 WHERE nspname = 'threadmem_data' AND (a.privilege_type <> 'USAGE' OR a.grantee NOT IN (to_regrole('threadmem_runner'), to_regrole('threadmem_reader'))) AND a.grantee <> n.nspowner
UNION ALL -- a foreign key on our table runs the application's casts and triggers with our rights
SELECT 'threadmem_runner reads and writes, and no more', t.name || ' ' || a.privilege_type
  FROM tbl t, aclexplode(t.relacl) AS a WHERE a.grantee = to_regrole('threadmem_runner') AND a.privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
UNION ALL
SELECT 'our roles have no rights of their own', rolname FROM pg_roles
 WHERE rolname IN ('threadmem_runner', 'threadmem_reader') AND (rolcanlogin OR rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls)
UNION ALL
SELECT 'our roles are nobody''s members and have none', roleid::regrole || ' ' || member::regrole FROM pg_auth_members
 WHERE to_regrole('threadmem_runner') IN (roleid, member) OR to_regrole('threadmem_reader') IN (roleid, member)
UNION ALL
SELECT 'tables and functions belong to a superuser', sig FROM fn JOIN pg_roles r ON r.oid = proowner WHERE NOT rolsuper
UNION ALL
SELECT 'tables and functions belong to a superuser', name FROM tbl JOIN pg_roles r ON r.oid = relowner WHERE NOT rolsuper
UNION ALL
SELECT 'no function is a trigger function', sig FROM fn WHERE for_trigger
UNION ALL
SELECT 'only what the GIN indexes ask is leakproof', sig FROM fn
 WHERE proleakproof AND proname NOT IN ('tenant_keys', 'keys_match')
UNION ALL
SELECT 'an IMMUTABLE function is STRICT and PARALLEL SAFE', sig FROM fn -- an aggregate is as strict as its steps; a constraint is told nulls
 WHERE provolatile = 'i' AND NOT ((proisstrict OR 'internal'::regtype = ANY (proargtypes)) AND proparallel = 's') AND prokind <> 'a' AND proname !~ '^check_'
UNION ALL
SELECT 'a VOLATILE function is PARALLEL UNSAFE', sig FROM fn WHERE provolatile = 'v' AND proparallel <> 'u'
UNION ALL -- its tenant and its statements are of the session
SELECT 'a STABLE function is PARALLEL RESTRICTED', sig FROM fn
 WHERE provolatile = 's' AND proparallel <> 'r'
   AND proname NOT IN ('current_user_id', 'json_accept') -- C, read a setting
UNION ALL -- a null in a required argument is 22023, which STRICT would hide
SELECT 'a function that uses tables is not STRICT', sig FROM fn WHERE provolatile <> 'i' AND proisstrict AND proname NOT IN ('sees_thread', 'json_accept')
UNION ALL
SELECT 'results are types of their own, so that tables can change', f.sig FROM fn f
 WHERE EXISTS (SELECT FROM tbl t WHERE t.reltype = f.prorettype OR t.reltype = ANY (f.proargtypes::oid[]));

-- Arguments: one name, one meaning, one type; all can be given by name without quotes.
CREATE TEMP VIEW lint_arguments(rule, object) AS
SELECT 'every argument has a name', sig FROM arg
 WHERE coalesce(name, '') = '' AND oid NOT IN (SELECT oprcode FROM pg_operator) -- operators are not called by name
UNION ALL
SELECT 'an argument''s name needs no quotes', sig || ' ' || name FROM arg WHERE name <> '' AND quote_ident(name) <> name
UNION ALL
SELECT 'an argument''s name tells its type', sig || ' ' || name FROM arg
 WHERE type <> CASE WHEN name ~ '_id$' THEN 'text' WHEN name ~ '_uuid$' THEN 'uuid' WHEN name ~ '_ids$' THEN 'text[]'
                    WHEN name IN ('metadata', 'config', 'tool_resources', 'tools', 'tool_calls', 'attachments') THEN 'jsonb'
                    WHEN name = 'embedding' AND proname !~ '^(check|is)_' THEN 'double precision[]' -- as drivers send it
                    WHEN name IN ('after_position', 'before_position') THEN 'text'
                    WHEN name IN ('clear', 'remove_keys') THEN 'text[]' END::regtype
UNION ALL
SELECT 'no page is called limit, offset, cursor or order', sig || ' ' || name FROM arg
 WHERE name IN ('limit', 'offset', 'row_limit', 'max_count', 'cursor', 'after', 'before', 'ordering') AND type <> 'timestamptz'::regtype
UNION ALL -- current_tenant() alone says whose rows they are; those of operators are about another
SELECT 'no function is told the tenant', sig FROM arg WHERE name ~ '^tenant' AND proname NOT IN ('tenant_bind', 'tenant_export', 'tenant_delete');

-- What drivers, mappers and generators can read: relations, numbers and names that are one thing.
CREATE TEMP VIEW res AS -- the columns of results
SELECT DISTINCT c.relname, a.attname, a.atttypid, c.oid::regclass || '.' || a.attname AS name
  FROM fn f JOIN pg_type t ON t.oid = f.prorettype JOIN pg_class c ON c.oid = t.typrelid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0;
CREATE TEMP VIEW lint_surface(rule, object) AS
SELECT 'a number is given as bigint', sig || ' ' || coalesce(name, '') FROM arg -- what the server calls has the server's types
 WHERE type IN ('smallint'::regtype, 'integer'::regtype) AND oid NOT IN (SELECT oid FROM fn WHERE 'internal'::regtype = ANY (proargtypes::oid[]))
UNION ALL
SELECT 'no argument is of a domain', sig || ' ' || coalesce(a.name, '') FROM arg a JOIN pg_type t ON t.oid = a.type WHERE t.typtype = 'd'
UNION ALL
SELECT 'nothing returns void', sig FROM fn WHERE prorettype = 'void'::regtype
UNION ALL
SELECT 'rows are those of a view', f.sig FROM fn f JOIN pg_type t ON t.oid = f.prorettype LEFT JOIN pg_class c ON c.oid = t.typrelid
 WHERE f.prorettype = 'record'::regtype OR c.relkind <> 'v'
UNION ALL
SELECT 'the shape of a result is for all to see', oid::regclass::text FROM pg_class c
 WHERE relnamespace = 'threadmem'::regnamespace AND relkind = 'v' AND pg_get_viewdef(oid) ~ 'WHERE false;$'
   AND NOT EXISTS (SELECT FROM aclexplode(relacl) a WHERE a.grantee = 0 AND a.privilege_type = 'SELECT')
UNION ALL
SELECT 'a set of one has no other estimate', sig FROM fn WHERE proretset AND proname ~ '_get(_episode)?$' AND prorows <> 1
UNION ALL
SELECT 'a name is of one thing', f.sig FROM fn f WHERE EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = 'threadmem'::regnamespace AND c.relname = f.proname)
    OR EXISTS (SELECT FROM fn o WHERE o.proname = f.proname AND o.oid <> f.oid -- but for what indexes ask; names of arguments choose, too
                  AND f.proname NOT IN ('tenant_keys', 'tenant_query') AND f.proargnames <@ o.proargnames)
UNION ALL
SELECT 'what may be missing can be asked for with missing_ok', f.sig FROM fn f
 WHERE proname ~ '_get(_episode)?$' AND NOT 'missing_ok' = ANY (coalesce(proargnames, '{}'))
UNION ALL -- bigint is a string in JavaScript
SELECT 'a result is integer unless it is a key or counts bytes', name FROM res
 WHERE atttypid = 'bigint'::regtype AND attname NOT IN ('seq', 'rev', 'bytes') AND relname <> 'statistic'
UNION ALL
SELECT 'a result is integer unless it is a key or counts bytes', sig FROM fn WHERE prorettype = 'bigint'::regtype AND proname !~ '_bytes$'
UNION ALL
SELECT 'beside content as jsonb stands its text', name FROM res r WHERE attname = 'content' AND atttypid = 'jsonb'::regtype
   AND NOT EXISTS (SELECT FROM res o WHERE o.relname = r.relname AND o.attname = 'text' AND o.atttypid = 'text'::regtype);

-- Tables: the tenant leads, rows are guarded, dumps are complete.
CREATE TEMP VIEW lint_tables(rule, object) AS
SELECT 'a table has row security and a policy', name FROM tbl
 WHERE NOT relrowsecurity OR NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = tbl.oid)
UNION ALL -- unlogged rows are lost in a crash and on a standby; a materialized view knows no policy
SELECT 'what holds rows is a logged table', c.oid::regclass::text FROM pg_class c
 WHERE c.relnamespace IN (SELECT oid FROM ours) AND (c.relkind IN ('m', 'f', 'p') OR c.relkind = 'r' AND c.relpersistence <> 'p')
UNION ALL
SELECT 'a table is in threadmem_data, a view in threadmem', c.oid::regclass::text FROM pg_class c
 WHERE c.relnamespace IN (SELECT oid FROM ours) AND c.relkind IN ('r', 'v')
   AND (c.relkind = 'r') <> (c.relnamespace = 'threadmem_data'::regnamespace)
UNION ALL
SELECT 'a table is dumped whole', t.name FROM tbl t
 WHERE NOT EXISTS (SELECT FROM pg_extension e, unnest(e.extconfig, e.extcondition) AS x(rel, condition)
                    WHERE e.extname = 'threadmem' AND x.rel = t.oid AND x.condition = '')
UNION ALL
SELECT 'a table has a primary key', name FROM tbl WHERE NOT EXISTS (SELECT FROM pg_index WHERE indrelid = tbl.oid AND indisprimary)
UNION ALL -- tenant_roles answers whose tenant a role has
SELECT 'tenant_id is the first column, not null, the session''s by default', t.name FROM tbl t
 WHERE t.relname <> 'tenant_roles' AND NOT EXISTS (
       SELECT FROM pg_attribute a JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = t.oid AND a.attnum = 1 AND a.attname = 'tenant_id' AND a.atttypid = 'text'::regtype AND a.attnotnull
          AND pg_get_expr(d.adbin, d.adrelid) = 'threadmem.current_tenant()')
UNION ALL
SELECT 'tenant_id is first in every btree', name FROM idx
 WHERE amname = 'btree' AND relname <> 'tenant_roles' AND columns[1] IS DISTINCT FROM 'tenant_id'
UNION ALL -- what is unique is unique on one machine, that of the thread or of the user; an episode's thread is one that is gone
SELECT 'a unique key holds the thread, else the user, of its table', i.name FROM idx i -- an item's user is in its path
 WHERE i.indisunique AND i.relname <> 'store_items' AND NOT (
       SELECT coalesce(bool_or(c.attname = ANY (i.columns)) FILTER (WHERE c.attname = 'thread_id' AND i.relname NOT IN ('episodes', 'memory_jobs')),
                       bool_or(c.attname = ANY (i.columns)) FILTER (WHERE c.attname = 'user_id'), true)
         FROM col c WHERE c.attrelid = i.indrelid)
UNION ALL
SELECT 'no exclusion constraint', k.conname FROM pg_constraint k JOIN tbl t ON t.oid = k.conrelid WHERE k.contype = 'x'
UNION ALL -- an archive has no order of data for the tables of an extension: a parallel restore would lose rows
SELECT 'no foreign key', k.conname || ' on ' || t.name FROM pg_constraint k JOIN tbl t ON t.oid IN (k.conrelid, k.confrelid) WHERE k.contype = 'f'
UNION ALL
SELECT 'no sequences, no identity, no serial', oid::regclass::text FROM pg_class WHERE relnamespace IN (SELECT oid FROM ours) AND relkind = 'S'
UNION ALL
SELECT 'no sequences, no identity, no serial', name FROM col WHERE attidentity <> ''
UNION ALL
SELECT 'no triggers', g.tgname FROM pg_trigger g JOIN tbl t ON t.oid = g.tgrelid WHERE NOT g.tgisinternal
UNION ALL
SELECT 'no rules', r.rulename FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
 WHERE c.relnamespace IN (SELECT oid FROM ours) AND r.rulename <> '_RETURN'
UNION ALL -- ordered and compared by bytes, the same on every machine; a role's name is of type name
SELECT 'an id is text and COLLATE "C"', name FROM col
 WHERE attname ~ '_id$' AND (attcollation <> 'pg_catalog."C"'::regcollation OR atttypid <> 'text'::regtype)
UNION ALL -- lz4 where the server has it
SELECT 'a wide column is compressed with lz4', name FROM col
 WHERE attstorage = 'x' AND attcompression <> 'l'
   AND EXISTS (SELECT FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals))
UNION ALL
SELECT 'the thread''s row stays HOT: no index on what every append changes', name FROM idx
 WHERE relname = 'threads' AND depends && '{updated_at,last_message_at,status,next_seq,next_rev,version}'
UNION ALL
SELECT 'what changes in place stays HOT: fillfactor 80', name FROM tbl
 WHERE relname IN ('threads', 'messages', 'runs', 'run_steps', 'users', 'assistants', 'episodes')
   AND NOT coalesce('fillfactor=80' = ANY (reloptions), false)
UNION ALL
SELECT 'what changes in place stays HOT: no index on it', name FROM idx
 WHERE CASE relname WHEN 'messages' THEN depends && '{metadata,embedding}' OR name !~ 'messages_streamed' AND depends && '{status}' WHEN 'episodes' THEN depends && '{metadata,embedding}'
            WHEN 'run_steps' THEN depends && '{status,completed_at,details,metadata,error,usage}'
            WHEN 'assistants' THEN depends && '{name,description,model,instructions,tools,tool_resources,config,version,updated_at}'
            WHEN 'users' THEN depends && '{email,first_name,last_name,time_zone,summary,metadata,updated_at}' END
UNION ALL
SELECT 'a heartbeat stays HOT: no index on what a run tells while it works', name FROM idx
 WHERE relname = 'runs' AND depends && '{lease_until,updated_at,worker,usage,result,metadata,kwargs,config,awaits,required_action}'
UNION ALL
SELECT 'a GIN index is over keys that have the tenant in them', i.name FROM idx i
 WHERE amname = 'gin' AND pg_get_indexdef(i.indexrelid) !~ 'USING gin \(threadmem\.tenant_keys\(tenant_id, "?\w+"?(, ARRAY\[(thread_id, user_id, sender_id|NULL::text, user_id|path, user_id)\])?\) threadmem\.tenant_keys\)'
UNION ALL -- the planner's estimates would tell what they are
SELECT 'the keys of a GIN index have no statistics', i.name FROM idx i JOIN pg_attribute a ON a.attrelid = i.indexrelid
 WHERE amname = 'gin' AND a.attstattarget IS DISTINCT FROM 0
UNION ALL -- the planner's estimates tell what is in them
SELECT 'what people wrote has no statistics', k.name FROM col k JOIN pg_attribute a USING (attrelid, attname)
 WHERE (k.atttypid IN ('jsonb'::regtype, 'tsvector'::regtype, 'bytea'::regtype, 'real[]'::regtype)
        OR k.atttypid = 'text'::regtype AND k.attcollation <> 'pg_catalog."C"'::regcollation)
   AND a.attstattarget IS DISTINCT FROM 0
UNION ALL -- it asks the policies as its owner: owned by a superuser it would show every tenant
SELECT 'a view belongs to threadmem_runner and is a barrier', name FROM viw
 WHERE relowner <> to_regrole('threadmem_runner') OR NOT coalesce(reloptions && '{security_barrier=true}', false)
    OR coalesce(reloptions && '{security_invoker=true,security_invoker=on,security_invoker=1}', false)
UNION ALL
SELECT 'a view cannot be written', v.name FROM viw v WHERE pg_relation_is_updatable(v.oid, true) <> 0
UNION ALL
SELECT 'threadmem_runner owns views and threadmem_reader nothing', pg_describe_object(classid, objid, 0) FROM pg_shdepend
 WHERE refclassid = 'pg_authid'::regclass AND refobjid IN (to_regrole('threadmem_runner'), to_regrole('threadmem_reader')) AND deptype = 'o'
   AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND (classid <> 'pg_class'::regclass OR objid NOT IN (SELECT oid FROM viw) OR refobjid = to_regrole('threadmem_reader'));

-- Expressions: policies, defaults, checks, indexes and views use the server's own operators and functions or ours.
-- The server's are pinned and leave no dependency, so any that is found is ours or was planted.
CREATE TEMP VIEW lint_expressions(rule, object) AS
SELECT 'expressions use operators and functions of pg_catalog or threadmem', pg_describe_object(d.classid, d.objid, 0)
  FROM pg_depend d
  LEFT JOIN pg_operator o ON d.refclassid = 'pg_operator'::regclass AND o.oid = d.refobjid
  LEFT JOIN pg_proc p ON d.refclassid = 'pg_proc'::regclass AND p.oid = d.refobjid
 WHERE coalesce(o.oprnamespace, p.pronamespace) NOT IN (SELECT oid FROM ours)
   AND (d.classid, d.objid) IN (
       SELECT 'pg_policy'::regclass::oid, oid FROM pol
       UNION ALL SELECT 'pg_attrdef'::regclass, a.oid FROM pg_attrdef a JOIN tbl t ON t.oid = a.adrelid
       UNION ALL SELECT 'pg_constraint'::regclass, k.oid FROM pg_constraint k WHERE k.connamespace IN (SELECT oid FROM ours)
       UNION ALL SELECT 'pg_class'::regclass, indexrelid FROM idx
       UNION ALL SELECT 'pg_rewrite'::regclass, r.oid FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
                  WHERE c.relnamespace IN (SELECT oid FROM ours)
       UNION ALL SELECT 'pg_proc'::regclass, oid FROM fn)
UNION ALL -- a restrictive policy only narrows what the others give
SELECT 'a policy is for one tenant', name FROM pol, unnest(ARRAY[qual, withcheck]) AS expr
 WHERE polpermissive AND tbl <> 'threadmem_data.tenant_roles' AND name !~ '^every_tenant on ' AND expr !~ 'tenant_id = threadmem\.current_tenant\(\)'
UNION ALL -- which tenants there are, tenant_list() asks
SELECT 'threadmem_reader sees every tenant, to read and nobody else does', t.name FROM tbl t WHERE t.relname <> 'tenant_roles' AND NOT EXISTS (
       SELECT FROM pg_policy p WHERE p.polrelid = t.oid AND p.polname = 'every_tenant' AND p.polcmd = 'r' AND p.polroles = ARRAY[to_regrole('threadmem_reader')::oid])
UNION ALL -- a sub-select is made ready anew with every statement, and planned anew with every search
SELECT 'a policy needs no sub-select', name FROM pol WHERE concat(qual, withcheck) ~ '\mSELECT\M'
UNION ALL -- policies of two tables that ask each other fail with 42P17
SELECT 'only thread_participants is asked by the policies of other tables', p.name
  FROM pol p JOIN pg_depend d ON d.classid = 'pg_policy'::regclass AND d.objid = p.oid AND d.refclassid = 'pg_class'::regclass
  JOIN tbl t ON t.oid = d.refobjid
 WHERE t.oid <> p.polrelid AND t.relname NOT IN ('thread_participants', 'threads')
UNION ALL
SELECT 'only thread_participants is asked by the policies of other tables', p.name FROM pol p
 WHERE p.tbl = 'threadmem_data.thread_participants' AND concat(p.qual, p.withcheck) ~ '\mFROM\M';

-- The extension: a superuser installs it, into its own schemas; all that is in there belongs to it.
CREATE TEMP VIEW lint_extension(rule, object) AS
SELECT 'installed by a superuser, not trusted, not relocatable', name FROM pg_available_extension_versions
 WHERE name = 'threadmem' AND (NOT superuser OR trusted OR relocatable)
UNION ALL
SELECT 'the schemas belong to the extension alone', pg_describe_object(d.classid, d.objid, 0) FROM pg_depend d
 WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid IN (SELECT oid FROM ours) AND d.deptype = 'n'
   AND d.classid <> 'pg_rewrite'::regclass -- the views of this test
   AND NOT EXISTS (SELECT FROM pg_depend e JOIN pg_extension x ON x.oid = e.refobjid AND x.extname = 'threadmem'
                    WHERE e.classid = d.classid AND e.objid = d.objid AND e.refclassid = 'pg_extension'::regclass)
UNION ALL
SELECT 'the extension makes nothing outside its schemas', pg_describe_object(d.classid, d.objid, 0)
  FROM pg_extension x JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = x.oid AND d.deptype = 'e',
       pg_identify_object(d.classid, d.objid, 0) AS o
 WHERE x.extname = 'threadmem' AND coalesce(o.schema, o.name) NOT IN ('threadmem', 'threadmem_data') AND o.type <> 'cast';

CREATE TEMP VIEW lint AS
SELECT * FROM lint_comments UNION ALL SELECT * FROM lint_functions UNION ALL SELECT * FROM lint_arguments UNION ALL SELECT * FROM lint_surface
UNION ALL SELECT * FROM lint_tables UNION ALL SELECT * FROM lint_expressions UNION ALL SELECT * FROM lint_extension;

-- No object breaks a rule. Names are shown in full, whatever the search path.
SET search_path = pg_catalog, pg_temp;
SELECT rule, object FROM lint GROUP BY rule, object ORDER BY rule COLLATE "C", object COLLATE "C";

-- And every rule would see it: the worst table, function and view there could be.
BEGIN;
SET LOCAL client_min_messages = error;
GRANT USAGE ON SCHEMA threadmem, threadmem_data TO PUBLIC;
GRANT SELECT ON threadmem_data.users TO PUBLIC;
GRANT UPDATE (metadata) ON threadmem_data.users TO PUBLIC;
GRANT REFERENCES ON threadmem_data.users TO threadmem_runner;
CREATE ROLE regress_query_bad;
GRANT threadmem_runner TO regress_query_bad;
ALTER ROLE threadmem_runner CREATEDB;
ALTER TABLE threadmem_data.graphs OWNER TO threadmem_runner;
GRANT SELECT (metadata) ON threadmem_data.users TO threadmem_reader;
ALTER POLICY every_tenant ON threadmem_data.users TO PUBLIC;
ALTER FUNCTION threadmem.user_get(text, boolean) OWNER TO regress_query_bad;
COMMENT ON SCHEMA threadmem IS NULL;
CREATE FUNCTION public.planted(a text, b text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
CREATE OPERATOR public.=== (LEFTARG = text, RIGHTARG = text, FUNCTION = public.planted);
CREATE TABLE threadmem_data.threads_bad (id serial, n integer GENERATED ALWAYS AS IDENTITY, thread_id text UNIQUE, user_id text, note text,
    CHECK (note OPERATOR(public.===) note), EXCLUDE (note WITH =));
CREATE TABLE threadmem_data.threads_child (thread_id text REFERENCES threadmem_data.threads_bad (thread_id), other text PRIMARY KEY);
CREATE TABLE public.elsewhere (tenant_id text, thread_id text, PRIMARY KEY (tenant_id, thread_id));
ALTER TABLE threadmem_data.threads_child ADD FOREIGN KEY (other, thread_id) REFERENCES public.elsewhere;
ALTER TABLE threadmem_data.threads RESET (fillfactor);
CREATE INDEX ON threadmem_data.threads (tenant_id, status);
CREATE INDEX ON threadmem_data.messages (tenant_id, status);
CREATE INDEX ON threadmem_data.runs (tenant_id, lease_until);
CREATE UNLOGGED TABLE threadmem_data.unlogged_bad (tenant_id text COLLATE "C", metadata jsonb COMPRESSION pglz);
CREATE INDEX ON threadmem_data.unlogged_bad USING gin (metadata);
CREATE POLICY planted ON threadmem_data.unlogged_bad USING (tenant_id OPERATOR(public.===) threadmem.current_tenant());
CREATE POLICY circle ON threadmem_data.unlogged_bad USING (EXISTS (SELECT FROM threadmem_data.users));
CREATE POLICY circle ON threadmem_data.thread_participants USING (EXISTS (SELECT FROM threadmem_data.threads));
CREATE POLICY slow ON threadmem_data.threads USING (user_id OPERATOR(pg_catalog.=) (SELECT threadmem.current_user_id()));
CREATE VIEW threadmem.user_get AS SELECT * FROM threadmem_data.users;
CREATE VIEW threadmem_data.bad_view AS SELECT 1 AS one;
ALTER TABLE threadmem_data.users ALTER COLUMN metadata SET STATISTICS -1;
CREATE RULE bad_rule AS ON DELETE TO threadmem_data.users DO INSTEAD NOTHING;
CREATE TYPE threadmem.bad_type AS (x int);
CREATE OPERATOR threadmem.=== (LEFTARG = text, RIGHTARG = text, FUNCTION = public.planted);
CREATE OPERATOR FAMILY threadmem.bad_family USING btree;
CREATE FUNCTION threadmem.bad_sql(text, "limit" integer, metadata text, cursor text, tenant text) RETURNS SETOF threadmem_data.users
    LANGUAGE sql VOLATILE SECURITY DEFINER LEAKPROOF PARALLEL SAFE AS 'SELECT * FROM threadmem_data.users';
CREATE FUNCTION threadmem.bad_trigger() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER bad BEFORE INSERT ON threadmem_data.users FOR EACH ROW EXECUTE FUNCTION threadmem.bad_trigger();
CREATE FUNCTION threadmem.bad_immutable() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE FUNCTION threadmem.bad_stable() RETURNS integer LANGUAGE sql STABLE STRICT PARALLEL SAFE AS 'SELECT 1';
CREATE FUNCTION threadmem.bad_comment(x integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
COMMENT ON FUNCTION threadmem.bad_comment(integer) IS 'Says little of no_such_thing().';
CREATE FUNCTION threadmem.bad_void(patch threadmem.json_patch) RETURNS void LANGUAGE sql AS '';
CREATE FUNCTION threadmem.bad_get() RETURNS SETOF threadmem.bad_type LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION threadmem.bad_count() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';
CREATE VIEW threadmem.bad_shape AS SELECT 1 AS one WHERE false;
CREATE VIEW threadmem.bad_content AS SELECT '1'::jsonb AS content;
CREATE FUNCTION threadmem.bad_contents() RETURNS SETOF threadmem.bad_content LANGUAGE sql AS 'TABLE threadmem.bad_content';
ALTER EXTENSION threadmem ADD TABLE public.elsewhere;
CREATE TEMP VIEW seen AS
SELECT rule FROM lint UNION -- where there is no lz4, nothing lacks it
SELECT 'a wide column is compressed with lz4' FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' <> ALL (enumvals);
SELECT rule FROM seen ORDER BY rule COLLATE "C";
-- That is all of them but the one that only the control file can break.
SELECT count(*) = (SELECT count(DISTINCT m[1]) - 1 FROM pg_views, regexp_matches(definition, 'SELECT ''((?:[^'']|'''')+)''::text', 'g') AS m
                                WHERE viewname ~ '^lint_') AS every_rule FROM seen;
ROLLBACK;
