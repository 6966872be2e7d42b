-- docs/functions.md, from the comments and settings of the extension. Run by test/functions.
\set ON_ERROR_STOP on
\pset format unaligned
\pset tuples_only on
SET intervalstyle = postgres;
SET search_path = pg_catalog;
SELECT threadmem.current_tenant() \g /dev/null

-- A text as Markdown: what would be markup there stands for itself.
CREATE FUNCTION pg_temp.plain(line text) RETURNS text LANGUAGE sql AS $$
SELECT regexp_replace(replace(replace(line, '\', '\\'), '<', '\<'), '(\*|`|(?<![[:alnum:]])_|\|)', '\\\1', 'g') $$;

-- A comment in its form (the lint in test/sql/query.sql checks it): lines that go on are joined, arguments and errors become lists.
CREATE FUNCTION pg_temp.markdown(comment text) RETURNS text LANGUAGE sql AS $$
SELECT string_agg(CASE WHEN part.line ~ '^  ' THEN regexp_replace(pg_temp.plain(part.line), '^  ([^:]+): ', '- `\1`: ')
                       WHEN part.line ~ '^(Arguments|Errors|Answers):' OR n = 2 THEN e'\n' || pg_temp.plain(part.line) || CASE WHEN part.line ~ ':$' THEN e'\n' ELSE '' END
                       ELSE pg_temp.plain(part.line) END, e'\n' ORDER BY n)
  FROM string_to_table(regexp_replace(comment, '\n    ', ' ', 'g'), e'\n') WITH ORDINALITY AS part (line, n) $$;

-- A view's comment in one line, without what its section says.
CREATE FUNCTION pg_temp.about(view oid) RETURNS text LANGUAGE sql AS $$
SELECT format(e'- `%s`: %s\n  Columns: %s.', c.relname,
              pg_temp.plain(regexp_replace(replace(obj_description(c.oid, 'pg_class'), e'\n', ' '), ' (For joins; read only|Has no rows: the type of a result)\.', '')),
              (SELECT string_agg('`' || attname || '`', ', ' ORDER BY attnum) FROM pg_attribute a WHERE a.attrelid = c.oid AND attnum > 0))
  FROM pg_class c WHERE c.oid = view $$;

CREATE TEMP VIEW called AS
SELECT CASE WHEN h.concept IS NULL THEN 'the extension itself' ELSE h.concept END AS concept, coalesce(h.place, 1000) AS place, p.proname AS name, p.oid,
       format(e'%s(%s)\nRETURNS %s', p.proname, a.list, pg_get_function_result(p.oid)) AS signature, obj_description(p.oid, 'pg_proc') AS comment,
       coalesce('uuid'::regtype = ANY (p.proargtypes), false) AS by_uuid
  FROM pg_proc p
  LEFT JOIN (SELECT name, concept, min(place) OVER (PARTITION BY concept) AS place FROM threadmem.help() WITH ORDINALITY AS h (concept, name, arguments, summary, place)
            ) AS h ON h.name = p.proname
 CROSS JOIN LATERAL (
       SELECT coalesce(string_agg(e'\n    ' || concat_ws(' ', p.proargnames[n], format_type(p.proargtypes[n - 1], NULL),
                                         'DEFAULT ' || regexp_replace(pg_get_function_arg_default(p.oid, n), '::[a-z ]+(\[\])?$', '')), ',' ORDER BY n), '') AS list
         FROM generate_series(1, p.pronargs) AS n) AS a
 WHERE p.pronamespace = 'threadmem'::regnamespace AND NOT 'internal'::regtype = ANY (p.proargtypes);
CREATE TEMP VIEW functions AS SELECT DISTINCT * FROM called;

SELECT $$# Functions

The reference of every function, by what it is about: its arguments with their defaults, its errors, and which call of
another system it answers. It is made from the comments in the database by `bash test/functions`; `test/check` fails when
it is stale. In psql the same is there as `SELECT * FROM threadmem.help()` (the list) and `SELECT threadmem.help('thread_copy')`
(one function).

All are in the schema `threadmem`. Arguments may be given by name: `message_list('trip', max_rows => 50)`. Put a function
behind `FROM`: `SELECT (threadmem.message_add(…)).*` would call it once for each column. Ids are text; functions
that take a `uuid` as well are marked. A function that only reads writes nothing and works on a hot standby.
What the SQLSTATEs mean, and what to do: [errors.md](errors.md). A required argument that is null is 22023 everywhere.
$$;

SELECT '- [' || concept || '](#' || replace(concept, ' ', '-') || '): ' || string_agg(format('[%s](#%s)', name, name), ', ' ORDER BY name)
  FROM (SELECT DISTINCT concept, place, name FROM functions) AS f GROUP BY concept, place ORDER BY place;
SELECT e'- [settings](#settings), [views](#views), [shapes of results](#shapes-of-results)';

SELECT CASE WHEN lag(concept) OVER w IS DISTINCT FROM concept
            THEN format(e'\n## %s\n\n| function | |\n|---|---|\n%s\n', concept, (
                 SELECT string_agg(format('| [%s](#%s) | %s |', o.name, o.name, pg_temp.plain(split_part(o.comment, e'\n', 1))), e'\n' ORDER BY o.name, o.signature)
                   FROM functions o WHERE o.concept = f.concept AND NOT o.by_uuid)) ELSE '' END
       || CASE WHEN lag(name) OVER w IS DISTINCT FROM name THEN format(e'\n### %s\n', name) ELSE '' END
       || CASE WHEN by_uuid THEN format(e'\nAlso for an id of type `uuid`, as the argument `%s`.', (regexp_match(signature, '\w+_uuid'))[1])
               ELSE format(e'\n```sql\n%s\n```\n\n%s', signature, pg_temp.markdown(comment)) END
  FROM functions f WINDOW w AS (ORDER BY place, name, by_uuid, signature) ORDER BY place, name, by_uuid, signature;

SELECT e'\n## settings\n\nEach may be set in `postgresql.conf`, for a role or a database; the last column tells who else sets it.\n\n| setting | default | | set by |\n|---|---|---|---|';
SELECT format('| `%s` | %s | %s | %s |', name, coalesce('`' || nullif(current_setting(name), '') || '`', 'empty'), pg_temp.plain(concat_ws(' ', short_desc, extra_desc)),
              CASE context WHEN 'user' THEN 'anybody, in a session' ELSE 'a superuser' END)
  FROM pg_settings WHERE name LIKE 'threadmem.%' ORDER BY name COLLATE "C";

SELECT e'\n## views\n\nFor joins with your own tables, to be read only, for roles with `grant_access(…, joins => true)`; functions return the same rows.\n';
SELECT pg_temp.about(oid) FROM pg_class c
 WHERE relnamespace = 'threadmem'::regnamespace AND relkind = 'v' AND pg_get_viewdef(oid) !~ 'WHERE false;$' ORDER BY relname;

SELECT e'\n## shapes of results\n\nViews without rows: the types of what functions return where it is not a row of the views above.\n';
SELECT pg_temp.about(oid) FROM pg_class c
 WHERE relnamespace = 'threadmem'::regnamespace AND relkind = 'v' AND pg_get_viewdef(oid) ~ 'WHERE false;$' ORDER BY relname;
