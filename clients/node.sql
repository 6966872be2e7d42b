-- The generated file of clients/node, from the views of catalog.sql. Variable: typescript, the file.

CREATE FUNCTION pg_temp.ts_type(type text) RETURNS text LANGUAGE sql AS $$
SELECT CASE WHEN type LIKE '%[]' THEN pg_temp.ts_type(rtrim(type, '[]')) || '[]'
            ELSE (SELECT ts FROM (VALUES ('text', 'string'), ('bigint', 'number'), ('integer', 'number'), ('boolean', 'boolean'), ('jsonb', 'Json'), ('json', 'Json'),
                                         ('real', 'number'), ('double precision', 'number'), ('timestamp with time zone', 'Date'), ('interval', 'string')
                                 ) AS t (sql, ts) WHERE sql = type) END $$;

-- What an argument takes.
CREATE FUNCTION pg_temp.ts_argument(type text) RETURNS text LANGUAGE sql AS $$
SELECT CASE type WHEN 'text[]' THEN 'readonly string[]' WHEN 'double precision[]' THEN 'ArrayLike<number>' WHEN 'bigint' THEN 'number | bigint'
                 WHEN 'timestamp with time zone' THEN 'Date | string' ELSE pg_temp.ts_type(type) END $$;

CREATE FUNCTION pg_temp.ts_doc(comment text, indent text) RETURNS text LANGUAGE sql AS $$
SELECT indent || e'/**\n' || indent || ' * ' || replace(replace(comment, '*/', '* /'), e'\n', e'\n' || indent || ' * ') || e'\n' || indent || ' */' $$;

CREATE TEMP VIEW ts AS
SELECT c.*, a.*,
       CASE gives WHEN 'rows' THEN t || '[]' WHEN 'values' THEN v || '[]' WHEN 'row' THEN t WHEN 'maybe' THEN t || ' | null'
                  ELSE v || CASE WHEN nullable THEN ' | null' ELSE '' END END AS result, t AS class
  FROM called c
 CROSS JOIN LATERAL (SELECT pg_temp.title(shape) AS t, pg_temp.ts_type(type) AS v) AS names
 CROSS JOIN LATERAL (
       SELECT coalesce(string_agg(e'\n    ' || taken, '' ORDER BY n), '') AS takes,
              coalesce(string_agg(e'\n    ' || CASE name WHEN 'missing_ok' THEN 'missing_ok?: false | undefined;' ELSE taken END, '' ORDER BY n), '') AS sure_takes,
              coalesce(string_agg(format(e'\n      %s: ''%s'',', name, type), '' ORDER BY n), '') AS types, coalesce(bool_and(fallback IS NOT NULL), true) AS optional,
              coalesce(string_agg(format(', %1$s: json(args.%1$s)', name), '' ORDER BY n) FILTER (WHERE fallback IS NULL AND type LIKE 'json%'), '') AS documents
         FROM (SELECT *, CASE WHEN fallback IS NULL THEN format('%s: %s;', name, pg_temp.ts_argument(type))
                              ELSE format('%s?: %s | null | undefined;', name, pg_temp.ts_argument(type)) END AS taken
                 FROM arguments WHERE oid = c.oid) AS o) AS a;

\o :typescript
SELECT $$// The functions of the extension, one method each, and the rows that they give. Made from the catalog by
// clients/generate: not to be edited.

import { json, maybe, row, rows, value, values, type Arguments, type Json, type Read } from './call.js';$$;
SELECT format(e'\n%s\nexport interface %s {\n%s\n}', pg_temp.ts_doc(pg_temp.about(oid), ''), pg_temp.title(shape),
              string_agg(format('  %s: %s%s;', name, pg_temp.ts_type(type), CASE WHEN nullable AND type <> 'jsonb' THEN ' | null' ELSE '' END), e'\n' ORDER BY n))
  FROM shapes GROUP BY shape, oid ORDER BY shape;
SELECT $$
export abstract class Functions {
  protected abstract call(name: string, read: Read, args: Arguments, types: Record<string, string>): Promise<any>;$$;
SELECT format(e'\n%s', pg_temp.ts_doc(comment, '  '))
       || CASE WHEN class IS NOT NULL AND EXISTS (SELECT FROM asked WHERE oid = f.oid AND NOT by_default)
               THEN format(e'\n  %1$s(args: {%2$s\n  }): Promise<%3$s>;\n  %1$s(args: {%4$s\n  }): Promise<%5$s>;', name, sure_takes, class, takes, result) ELSE '' END
       || CASE takes WHEN '' THEN format(e'\n  %s(): Promise<%s> {\n    return this.call(''%s'', %s, {}, {});\n  }', name, result, sql_name, gives)
                     ELSE format(e'\n  %s(args: {%s\n  }%s): Promise<%s> {\n    return this.call(''%s'', %s, %s, {%s\n    });\n  }', name, takes, CASE WHEN optional THEN ' = {}' ELSE '' END,
                                 result, sql_name, gives, CASE documents WHEN '' THEN 'args' ELSE '{ ...args' || documents || ' }' END, types) END
  FROM ts f ORDER BY place;
SELECT '}';
\o
