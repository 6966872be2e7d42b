-- What the typed modules are made of: the functions, their arguments and the shapes of their results, as the catalog
-- has them. Read by python.sql and node.sql, which generate runs.
\set ON_ERROR_STOP on
\pset format unaligned
\pset tuples_only on
SET search_path = pg_catalog;

-- Those that help() knows, but for the aggregate, which is nothing to call by itself, and for the variants for ids of
-- type uuid, whose text is the same thread. A second function of a name (help) is called after what it gives.
-- gives: rows, or values; row, or value; maybe, a row or none, as ROWS 1 of a function that gives a set says. Numbers and
-- truths are never null, JSON has a null of its own, a text is null but for those that are known to give one always.
CREATE TEMP VIEW called AS
SELECT p.oid, row_number() OVER (ORDER BY h.place, p.pronargs) AS place, h.concept, p.proname AS sql_name,
       p.proname || CASE WHEN lag(p.proname) OVER (ORDER BY h.place, p.pronargs) = p.proname THEN '_' || t.typname ELSE '' END AS name,
       CASE WHEN t.typtype = 'c' THEN t.typname END AS shape, format_type(coalesce(nullif(t.typbasetype, 0), t.oid), NULL) AS type,
       CASE WHEN t.typtype = 'c' AND p.proretset THEN CASE WHEN p.prorows = 1 THEN 'maybe' ELSE 'rows' END
            WHEN t.typtype = 'c' THEN 'row' WHEN p.proretset THEN 'values' ELSE 'value' END AS gives,
       NOT p.proretset AND t.typname = 'text'
       AND p.proname NOT IN ('current_tenant', 'help', 'notify_channel', 'thread_context', 'thread_get_user_context') AS nullable,
       obj_description(p.oid, 'pg_proc') AS comment
  FROM pg_proc p
  JOIN pg_type t ON t.oid = p.prorettype
  JOIN (SELECT concept, name, min(place) AS place
          FROM threadmem.help() WITH ORDINALITY AS h (concept, name, arguments, summary, place) GROUP BY concept, name) AS h ON h.name = p.proname
 WHERE p.pronamespace = 'threadmem'::regnamespace AND p.prokind = 'f' AND NOT 'uuid'::regtype = ANY (p.proargtypes);

-- fallback is the default as SQL writes it, null where the argument must be given.
CREATE TEMP VIEW arguments AS
SELECT p.oid, n, p.proargnames[n] AS name, format_type(p.proargtypes[n - 1], NULL) AS type, pg_get_function_arg_default(p.oid, n) AS fallback
  FROM pg_proc p CROSS JOIN LATERAL generate_series(1, p.pronargs) AS n
 WHERE p.oid IN (SELECT oid FROM called);

-- Whether a function that gives a row or none has an argument that says so, and whether it gives none without it.
CREATE TEMP VIEW asked AS
SELECT oid, fallback::boolean AS by_default FROM arguments WHERE name = 'missing_ok';

-- Computed columns of views that are never null, and all such columns of views that are unions; of the others the next
-- view knows. (checkpoint and pending_writes are null where jsonb cannot hold them.)
CREATE TEMP VIEW known (shape, name) AS
SELECT shape, unnest(names) FROM (VALUES
    ('entities', '{user_id, entity_id, name, label, metadata, is_user, created_at, updated_at}'::text[]),
    ('episodes', '{user_id, source, content, metadata, event_at, created_at}'),
    ('messages', '{status}'), ('runs', '{status}'), ('store_items', '{namespace}'), ('threads', '{status, version, message_count}')) AS v (shape, names);

-- The columns of the views that are row types. One that shows a column as it is is as null as that; a view without rows
-- has NULL for what may be null and another constant for what may not.
CREATE TEMP VIEW shown AS
SELECT c.oid, c.relname AS shape, a.attnum AS n, a.attname AS name, format_type(a.atttypid, NULL) AS type,
       d.text ~ format('\n? +(SELECT )?(\w+\.)?"?%s"?(,|\n)', a.attname) AND NOT d.is_union AS as_it_is,
       d.text ~ format(E'\n? +(SELECT )?(\\(?[0-9]+\\)?|\'[^\']*\'|false)(::[a-z ]+(\\[\\])?)? AS "?%s"?(,|\n)', a.attname) AND NOT d.is_union AS constant,
       EXISTS (SELECT FROM known k WHERE (k.shape, k.name) = (c.relname, a.attname)) AS known
  FROM pg_class c
  JOIN pg_attribute a ON a.attrelid = c.oid
 CROSS JOIN LATERAL (SELECT text, text ~ 'UNION' AS is_union FROM pg_get_viewdef(c.oid) AS text) AS d
 WHERE c.relnamespace = 'threadmem'::regnamespace AND c.relkind = 'v' AND a.attnum > 0;

CREATE TEMP VIEW shapes AS
WITH RECURSIVE sure AS (
    SELECT a.attrelid AS oid, a.attname AS name FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
     WHERE c.relnamespace = 'threadmem_data'::regnamespace AND c.relkind = 'r' AND a.attnotnull
    UNION
    SELECT oid, name FROM shown WHERE constant OR known
    UNION
    SELECT s.oid, s.name FROM sure
      JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = sure.oid AND d.refobjsubid > 0
      JOIN pg_rewrite r ON r.oid = d.objid
      JOIN shown s ON s.oid = r.ev_class AND s.name = sure.name AND s.as_it_is)
SELECT s.*, (s.oid, s.name) NOT IN (SELECT oid, name FROM sure) AS nullable
  FROM shown s WHERE s.shape IN (SELECT shape FROM called);

-- The name of a shape as a type: messages is Message, listed_message is ListedMessage.
CREATE FUNCTION pg_temp.title(shape text) RETURNS text LANGUAGE sql AS $$
SELECT replace(initcap(replace(regexp_replace(regexp_replace(shape, 'ies$', 'y'), '([^s])s$', '\1'), '_', ' ')), ' ', '') $$;

-- A comment without the remark for those who look at the view.
CREATE FUNCTION pg_temp.about(shape oid) RETURNS text LANGUAGE sql AS $$
SELECT regexp_replace(obj_description(shape, 'pg_class'), '\s+(For\s+joins;\s+read\s+only|Has\s+no\s+rows:\s+the\s+type\s+of\s+a\s+result)\.', '') $$;
