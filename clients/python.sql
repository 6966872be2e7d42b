-- The generated files of clients/python, from the views of catalog.sql. Variables: rows, functions, afunctions, the files.

CREATE FUNCTION pg_temp.python_type(type text) RETURNS text LANGUAGE sql AS $$
SELECT CASE WHEN type LIKE '%[]' THEN 'list[' || pg_temp.python_type(rtrim(type, '[]')) || ']'
            ELSE (SELECT python FROM (VALUES ('text', 'str'), ('bigint', 'int'), ('integer', 'int'), ('boolean', 'bool'), ('jsonb', 'Json'), ('json', 'Json'),
                                             ('real', 'float'), ('double precision', 'float'), ('timestamp with time zone', 'datetime'), ('interval', 'timedelta')
                                     ) AS t (sql, python) WHERE sql = type) END $$;

-- What an argument takes: an id also as a UUID, and any sequence for a list.
CREATE FUNCTION pg_temp.python_argument(name text, type text) RETURNS text LANGUAGE sql AS $$
SELECT CASE WHEN type LIKE '%[]' THEN 'Sequence[' || pg_temp.python_argument(rtrim(name, 's'), rtrim(type, '[]')) || ']'
            WHEN type = 'text' AND name ~ '(^|_)id$' THEN 'Id' ELSE pg_temp.python_type(type) END $$;

CREATE FUNCTION pg_temp.python_doc(comment text, indent text) RETURNS text LANGUAGE sql AS $$
SELECT indent || '"""' || replace(replace(comment, '\', '\\'), e'\n', e'\n' || indent) || CASE WHEN comment ~ '\n' THEN e'\n' || indent ELSE '' END || '"""' $$;

-- A class for each shape. The fields are those of the row, in its order.
\o :rows
SELECT '"""The rows that the functions give. Made from the catalog by clients/generate: not to be edited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ._call import Json';
SELECT format(e'\n\n@dataclass(frozen=True, slots=True)\nclass %s:\n%s\n\n%s', pg_temp.title(shape), pg_temp.python_doc(pg_temp.about(oid), '    '),
              string_agg(format('    %s: %s%s', name, pg_temp.python_type(type), CASE WHEN nullable AND type <> 'jsonb' THEN ' | None' ELSE '' END), e'\n' ORDER BY n))
  FROM shapes GROUP BY shape, oid ORDER BY shape;

-- Between parentheses, each on a line of its own where they are too many for one.
CREATE FUNCTION pg_temp.listed(parts text[], indent text) RETURNS text LANGUAGE sql AS $$
SELECT CASE WHEN length(array_to_string(parts, ', ')) < 70 THEN array_to_string(parts, ', ')
            ELSE e'\n' || indent || '    ' || array_to_string(parts, e',\n' || indent || '    ') || e',\n' || indent END $$;

CREATE TEMP VIEW python AS
SELECT c.*, a.*,
       CASE gives WHEN 'rows' THEN format('list[%s]', t) WHEN 'values' THEN format('list[%s]', v) WHEN 'row' THEN t WHEN 'maybe' THEN t || ' | None'
                  ELSE v || CASE WHEN nullable THEN ' | None' ELSE '' END END AS result,
       CASE WHEN shape IS NOT NULL THEN t END AS class,
       format('%s(%s)', CASE WHEN nullable THEN 'optional' ELSE gives END, CASE WHEN shape IS NOT NULL THEN t WHEN type = 'jsonb' THEN 'Any' ELSE v END) AS read
  FROM called c
 CROSS JOIN LATERAL (SELECT pg_temp.title(shape) AS t, pg_temp.python_type(type) AS v) AS names
 CROSS JOIN LATERAL (
       SELECT coalesce(array_agg(taken || CASE WHEN fallback IS NULL THEN '' ELSE filled END ORDER BY n), '{}') AS signature,
              coalesce(array_agg(taken || CASE WHEN fallback IS NULL THEN '' ELSE filled END ORDER BY n) FILTER (WHERE name <> 'missing_ok'), '{}') AS sure_signature,
              coalesce(array_agg(CASE WHEN name = 'missing_ok' AND others_optional THEN e'*,\n        ' ELSE '' END || taken
                                 || CASE WHEN fallback IS NULL OR name = 'missing_ok' THEN '' ELSE filled END ORDER BY n), '{}') AS asked_signature,
              coalesce(array_agg(format('("%s", "%s", %s)', name, type, CASE WHEN fallback IS NULL AND type LIKE 'json%' THEN format('json(%s)', name) ELSE name END)
                       ORDER BY n), '{}') AS sent
         FROM (SELECT *, format('%s: %s', name, pg_temp.python_argument(name, type)) AS taken,
                      CASE WHEN type LIKE 'json%' THEN ' = DEFAULT' ELSE ' | None = DEFAULT' END AS filled,
                      bool_or(fallback IS NOT NULL AND name <> 'missing_ok') OVER () AS others_optional -- then it has to be named
                 FROM arguments WHERE oid = c.oid) AS o) AS a;

-- One that gives a row unless it is told that there may be none: two signatures, and the third that Python wants.
CREATE FUNCTION pg_temp.method(f python, def text, await text) RETURNS text LANGUAGE sql AS $$
SELECT CASE WHEN EXISTS (SELECT FROM asked WHERE oid = f.oid AND NOT by_default) AND f.class IS NOT NULL
            THEN format(e'\n    @overload\n    %1$s %2$s(%3$s) -> %4$s: ...\n\n    @overload\n    %1$s %2$s(%5$s) -> %4$s | None: ...\n', def, f.name,
                        pg_temp.listed('self'::text || f.sure_signature, '    '), f.class, pg_temp.listed('self'::text || f.asked_signature, '    ')) ELSE '' END
       || format(e'\n    %s %s(%s) -> %s:\n%s\n        return %sself._call(%s)', def, f.name, pg_temp.listed('self'::text || f.signature, '    '), f.result,
                 pg_temp.python_doc(f.comment, '        '), await, pg_temp.listed(array['"' || f.sql_name || '"', f.read] || f.sent, '        ')) $$;

CREATE FUNCTION pg_temp.python_module(about text, class text, def text, await text) RETURNS text LANGUAGE sql AS $$
SELECT format($m$"""%s. Made from the catalog by clients/generate: not to be edited."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, overload

from ._call import DEFAULT, Argument, Id, Json, Read, T, json, maybe, optional, row, rows, value, values
from .rows import (
%s
)


class %s(ABC):
    @abstractmethod
    %s _call(self, name: str, read: Read[T], *arguments: Argument) -> T: ...
%s$m$, about, (SELECT string_agg(DISTINCT format('    %s,', class), e'\n') FROM python WHERE class IS NOT NULL), class, def,
       (SELECT string_agg(pg_temp.method(f, def, await), e'\n' ORDER BY place) FROM python f)) $$;

\o :functions
SELECT pg_temp.python_module('The functions of the extension, one method each', 'Functions', 'def', '');
\o :afunctions
SELECT pg_temp.python_module('The functions of the extension, one method each, for an event loop', 'AsyncFunctions', 'async def', 'await ');
\o
