-- Promise: a diff applied gives the new document to the byte, a patch does what RFC 6902 says or nothing, and says why not.
\set SHOW_CONTEXT never
\pset null (null)
\pset format unaligned

CREATE FUNCTION pg_temp.attempt(doc jsonb, patch jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text;
    hint text;
BEGIN
    RETURN threadmem.json_patch_apply(doc, patch);
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', SQLSTATE, SQLERRM, detail, hint);
END $$;

-- RFC 6902 appendix A, example by example; where the RFC has an error there is no document.
CREATE TEMP TABLE rfc6902 (example text, doc jsonb, patch jsonb, result jsonb);
INSERT INTO rfc6902 VALUES
('A.1 add a member', '{"foo": "bar"}', '[{"op": "add", "path": "/baz", "value": "qux"}]', '{"baz": "qux", "foo": "bar"}'),
('A.2 add an element', '{"foo": ["bar", "baz"]}', '[{"op": "add", "path": "/foo/1", "value": "qux"}]', '{"foo": ["bar", "qux", "baz"]}'),
('A.3 remove a member', '{"baz": "qux", "foo": "bar"}', '[{"op": "remove", "path": "/baz"}]', '{"foo": "bar"}'),
('A.4 remove an element', '{"foo": ["bar", "qux", "baz"]}', '[{"op": "remove", "path": "/foo/1"}]', '{"foo": ["bar", "baz"]}'),
('A.5 replace a value', '{"baz": "qux", "foo": "bar"}', '[{"op": "replace", "path": "/baz", "value": "boo"}]', '{"baz": "boo", "foo": "bar"}'),
('A.6 move a value', '{"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}}', '[{"op": "move", "from": "/foo/waldo", "path": "/qux/thud"}]', '{"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}}'),
('A.7 move an element', '{"foo": ["all", "grass", "cows", "eat"]}', '[{"op": "move", "from": "/foo/1", "path": "/foo/3"}]', '{"foo": ["all", "cows", "eat", "grass"]}'),
('A.8 test, success', '{"baz": "qux", "foo": ["a", 2, "c"]}', '[{"op": "test", "path": "/baz", "value": "qux"}, {"op": "test", "path": "/foo/1", "value": 2}]', '{"baz": "qux", "foo": ["a", 2, "c"]}'),
('A.9 test, error', '{"baz": "qux"}', '[{"op": "test", "path": "/baz", "value": "bar"}]', NULL),
('A.10 add a nested member', '{"foo": "bar"}', '[{"op": "add", "path": "/child", "value": {"grandchild": {}}}]', '{"foo": "bar", "child": {"grandchild": {}}}'),
('A.11 unrecognized members', '{"foo": "bar"}', '[{"op": "add", "path": "/baz", "value": "qux", "xyz": 123}]', '{"foo": "bar", "baz": "qux"}'),
('A.12 no parent', '{"foo": "bar"}', '[{"op": "add", "path": "/baz/bat", "value": "qux"}]', NULL),
-- A.13 has "op" twice, for which the RFC knows no standard; jsonb keeps the last.
('A.13 invalid patch', '{"foo": "bar"}', '[{"op": "add", "path": "/baz", "value": "qux", "op": "remove"}]', NULL),
('A.14 escapes', '{"/": 9, "~1": 10}', '[{"op": "test", "path": "/~01", "value": 10}]', '{"/": 9, "~1": 10}'),
('A.15 string and number', '{"/": 9, "~1": 10}', '[{"op": "test", "path": "/~01", "value": "10"}]', NULL),
('A.16 add an array', '{"foo": ["bar"]}', '[{"op": "add", "path": "/foo/-", "value": ["abc", "def"]}]', '{"foo": ["bar", ["abc", "def"]]}');
SELECT example, CASE WHEN result IS NULL THEN pg_temp.attempt(doc, patch) WHEN pg_temp.attempt(doc, patch) = result::text THEN 'ok'
                     ELSE 'wrong: ' || pg_temp.attempt(doc, patch) END AS verdict
  FROM rfc6902;

-- RFC 6901 section 5: the value at each pointer becomes the document.
SELECT pointer, threadmem.json_patch_apply('{"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, "k\"l": 6, " ": 7, "m~n": 8}',
                                           jsonb_build_array(jsonb_build_object('op', 'copy', 'from', pointer, 'path', ''))) AS value
  FROM unnest(ARRAY['', '/foo', '/foo/0', '/', '/a~1b', '/c%d', '/e^f', '/g|h', '/i\j', '/k"l', '/ ', '/m~0n']) AS pointer;

-- More that must work.
SELECT doc, patch, threadmem.json_patch_apply(doc, patch) AS result, threadmem.json_patch_test(doc, patch) AS test
FROM (VALUES
    ('{"a": 1}'::jsonb, '[]'::jsonb),
    ('1', '[]'),
    ('{"a": 1}', '[{"op": "add", "path": "", "value": null}]'),
    ('{"a": 1}', '[{"op": "replace", "path": "", "value": [1.10]}]'),
    ('null', '[{"op": "replace", "path": "", "value": "s"}, {"op": "test", "path": "", "value": "s"}]'),
    ('{"a": 1}', '[{"op": "add", "path": "/a", "value": 2}]'),
    ('{"a": 1}', '[{"op": "add", "path": "/b", "value": null}]'),
    ('{}', '[{"op": "add", "path": "/", "value": {}}, {"op": "add", "path": "//", "value": 2}]'),
    ('{"": {"": 1}}', '[{"op": "replace", "path": "//", "value": {"": 2}}, {"op": "remove", "path": "///"}]'),
    ('{"~0": {"~": 1}, "/": 2}', '[{"op": "move", "from": "/~00/~0", "path": "/~1"}]'),
    ('{"é": {"😀": [1]}}', '[{"op": "add", "path": "/é/😀/0", "value": "ß"}]'),
    ('{"1": {"01": 1, "-": 2}}', '[{"op": "remove", "path": "/1/01"}, {"op": "replace", "path": "/1/-", "value": 3}]'),
    ('[]', '[{"op": "add", "path": "/0", "value": 1}, {"op": "add", "path": "/-", "value": 3}, {"op": "add", "path": "/1", "value": 2}]'),
    ('[[1, [2, 3]], 4]', '[{"op": "remove", "path": "/0/1/0"}, {"op": "add", "path": "/0/0", "value": {}}, {"op": "add", "path": "/0/0/x", "value": []}]'),
    ('{"a": {"b": {"c": 1}}}', '[{"op": "move", "from": "/a/b", "path": "/a"}]'),
    ('{"a": {"b": 1}}', '[{"op": "move", "from": "/a/b", "path": ""}]'),
    ('{"a": 1}', '[{"op": "move", "from": "/a", "path": "/a"}]'),
    ('{"a": 1}', '[{"op": "move", "from": "", "path": ""}]'),
    ('{"a": [1]}', '[{"op": "move", "from": "/a", "path": "/ab"}]'),
    ('[1, 2, 3]', '[{"op": "move", "from": "/0", "path": "/-"}, {"op": "move", "from": "/1", "path": "/0"}]'),
    ('{"a": {"b": 1}}', '[{"op": "copy", "from": "", "path": "/a/c"}, {"op": "replace", "path": "/a/b", "value": 2}, {"op": "remove", "path": "/a/c/a/b"}]'),
    ('{"a": [1, {"b": 1}]}', '[{"op": "add", "path": "/a/1/c", "value": 2}, {"op": "copy", "from": "/a", "path": "/d"}, {"op": "add", "path": "/d/1/e", "value": 3}]'),
    ('{"a": 1}', '[{"op": "remove", "path": "/a", "value": 1, "from": 3}]')
) AS v (doc, patch);

-- A test compares numbers by value and objects in any order, arrays and all else as they are.
SELECT doc, value, threadmem.json_patch_test(doc, jsonb_build_array(jsonb_build_object('op', 'test', 'path', '', 'value', value))) AS test
FROM (VALUES ('1.10'::jsonb, '1.1'::jsonb), ('1e2', '100'), ('1', '"1"'), ('null', 'null'), ('null', 'false'), ('""', 'null'), ('"a"', '"b"'), ('true', 'true'),
             ('{"a": 1.0, "b": [2]}', '{"b": [2.00], "a": 1}'), ('{"a": 1}', '{"a": 1, "b": null}'), ('[1, 2]', '[2, 1]'), ('[]', '{}'), ('[1]', '1')) AS v (doc, value);
SELECT threadmem.json_patch_test('{"a": {"b": 1.0}}', '[{"op": "add", "path": "/a/c", "value": 2}, {"op": "test", "path": "/a", "value": {"c": 2.0, "b": 1}}]') AS changed_before;

-- What does not fit the document is an error, and false for json_patch_test.
CREATE TEMP TABLE misfits (doc jsonb, patch jsonb);
INSERT INTO misfits VALUES
('{"a": 1}', '[{"op": "remove", "path": "/b"}]'),
('{"a": 1}', '[{"op": "replace", "path": "/b", "value": 1}]'),
('{"a": 1}', '[{"op": "test", "path": "/b", "value": 1}]'),
('{"a": 1}', '[{"op": "test", "path": "/a", "value": 1}, {"op": "test", "path": "/a", "value": 2}]'),
('{"a": {}}', '[{"op": "add", "path": "/a/b/c", "value": 1}]'),
('{"a": 1}', '[{"op": "add", "path": "/a/b", "value": 1}]'),
('{"a": 1}', '[{"op": "add", "path": "/a/b/c", "value": 1}]'),
('"s"', '[{"op": "add", "path": "/a", "value": 1}]'),
('{"a": 1}', '[{"op": "remove", "path": ""}]'),
('[1]', '[{"op": "remove", "path": "/1"}]'),
('[1]', '[{"op": "remove", "path": "/-"}]'),
('[1]', '[{"op": "replace", "path": "/-", "value": 2}]'),
('[[1]]', '[{"op": "add", "path": "/-/0", "value": 2}]'),
('[1]', '[{"op": "add", "path": "/2", "value": 2}]'),
('[1]', '[{"op": "add", "path": "/4294967296", "value": 2}]'),
('[1]', '[{"op": "add", "path": "/18446744073709551617", "value": 2}]'),
('[1]', '[{"op": "add", "path": "/00", "value": 2}]'),
('[1]', '[{"op": "remove", "path": "/01"}]'),
('[1]', '[{"op": "remove", "path": "/+0"}]'),
('[1]', '[{"op": "remove", "path": "/-1"}]'),
('[1]', '[{"op": "remove", "path": "/1e0"}]'),
('[1]', '[{"op": "remove", "path": "/a"}]'),
('[1]', '[{"op": "remove", "path": "/"}]'),
('[1]', '[{"op": "remove", "path": "/٠"}]'),
('{"a": {}}', '[{"op": "move", "from": "/a", "path": "/a/b"}]'),
('{"a": {}}', '[{"op": "move", "from": "", "path": "/b"}]'),
('{"a": {}}', '[{"op": "move", "from": "/b", "path": "/c"}]'),
('{"a": {}}', '[{"op": "move", "from": "/b", "path": "/b"}]'),
('{"a": 1}', '[{"op": "move", "from": "/a", "path": "/b/c"}]'),
('{"a": {}}', '[{"op": "copy", "from": "/a/b", "path": "/c"}]'),
('{"a": {}}', '[{"op": "copy", "from": "/a", "path": "/b/c"}]'),
('{"a": {}}', ('[{"op": "remove", "path": "/' || repeat('é', 150) || '"}]')::jsonb);
SELECT doc, patch, pg_temp.attempt(doc, patch) AS error FROM misfits;
SELECT count(*), bool_or(threadmem.json_patch_test(doc, patch)) AS any_would FROM misfits;

-- All or nothing.
CREATE TEMP TABLE docs (doc jsonb);
INSERT INTO docs VALUES ('{"a": [1, 2], "b": 1.10}');
UPDATE docs SET doc = threadmem.json_patch_apply(doc, '[{"op": "remove", "path": "/a/0"}, {"op": "remove", "path": "/b"}, {"op": "test", "path": "/b", "value": 1}]');
TABLE docs;

-- The domain takes every patch and nothing else; it says which operation is wrong.
CREATE TEMP TABLE patches (n integer PRIMARY KEY, patch threadmem.json_patch);
INSERT INTO patches VALUES (1, '[]'), (2, NULL), (3, '[{"op": "test", "path": "/~0~1/~01", "value": null, "note": "~2"}, {"op": "remove", "path": "", "from": 1}]');
SELECT patch, pg_temp.attempt('{}', patch) AS error
FROM unnest(ARRAY[
    '{}', '1', 'null', '{"op": "remove", "path": "/a"}', '[1]', '[[]]', '[{"op": "remove", "path": "/a"}, null]',
    '[{}]', '[{"path": "/a"}]', '[{"op": 1, "path": "/a"}]', '[{"op": "Add", "path": "/a", "value": 1}]', '[{"op": "addition", "path": "/a", "value": 1}]',
    '[{"op": "remove"}]', '[{"op": "remove", "path": null}]', '[{"op": "remove", "path": ["a"]}]',
    '[{"op": "remove", "path": "a"}]', '[{"op": "remove", "path": "#/a"}]', '[{"op": "remove", "path": "/a~"}]', '[{"op": "remove", "path": "/a~2b"}]', '[{"op": "remove", "path": "/~~0"}]',
    '[{"op": "add", "path": "/a"}]', '[{"op": "test", "path": "/a"}]', '[{"op": "replace", "path": "/a"}]',
    '[{"op": "add", "path": "/a", "value": 1}, {"op": "move", "path": "/a"}]', '[{"op": "copy", "from": null, "path": "/a"}]',
    '[{"op": "copy", "from": "a", "path": "/b"}]', '[{"op": "move", "from": "/a~b", "path": "/b"}]', '[{"op": "move", "from": "/a", "path": "b"}]'
    ]::jsonb[]) AS patch;
INSERT INTO patches VALUES (4, '[{"op": "remove", "path": "a"}]');
SELECT threadmem.json_patch_test('{}', '[{"op": "remove", "path": "a"}]');
SELECT threadmem.json_patch_check('[]'), threadmem.json_patch_check(NULL);

-- Nulls give null.
SELECT threadmem.json_diff(NULL, '{}'), threadmem.json_diff('{}', NULL), threadmem.json_patch_apply(NULL, '[]'), threadmem.json_patch_apply('{}', NULL),
       threadmem.json_patch_test(NULL, '[]'), threadmem.json_patch_test('{}', NULL);

-- Diffs: members, elements, escapes, every digit; the smaller of the change and the whole.
CREATE TEMP TABLE pad AS SELECT repeat('x', 300) AS text;
SELECT old, new, threadmem.json_diff(old || jsonb_build_object('pad', pad.text), new || jsonb_build_object('pad', pad.text)) AS patch
FROM pad, (VALUES
    ('{"a": 1}'::jsonb, '{"a": 1}'::jsonb),
    ('{"a": 1}', '{"b": 1}'),
    ('{"a": 1.1}', '{"a": 1.10}'),
    ('{"a": 1}', '{"a": "1"}'),
    ('{"a": null}', '{"a": false}'),
    ('{"a": null}', '{}'),
    ('{"a": []}', '{"a": {}}'),
    ('{"a": 12345678901234567890.1234567890123456789}', '{"a": 12345678901234567890.1234567890123456780}'),
    ('{"a/b": {"~": 1, "": 2}}', '{"a/b": {"~": 2, "": 2, "~1": 3}}'),
    ('{"é": {"b": 1, "long": 1}}', '{"é": {"b": 2, "long": 1}}'),
    ('{"a": []}', '{"a": [1]}'),
    ('{"a": [1, 2]}', '{"a": [1, 2, 3, 4]}'),
    ('{"a": [1, 2, 3]}', '{"a": [2, 3]}'),
    ('{"a": [1, 2, 3]}', '{"a": [1, 3]}'),
    ('{"a": [1, 3]}', '{"a": [1, 2, 3]}'),
    ('{"a": [1, 1, 1]}', '{"a": [1, 1]}'),
    ('{"a": [{"b": 1, "text": "..............................."}, {"b": 2}]}', '{"a": [{"b": 5, "text": "..............................."}, {"b": 2}, {"b": 3}]}')
) AS v (old, new);
SELECT threadmem.json_diff('{"a": 1, "b": 2}', '{"c": 3, "d": 4}') AS whole, threadmem.json_diff('1.0', '1') AS scalar, threadmem.json_diff('"a"', '["a"]') AS wrapped;

-- Lists of messages: the patch is as long as the change.
CREATE FUNCTION pg_temp.chat(low integer, high integer) RETURNS jsonb LANGUAGE sql AS
$$SELECT jsonb_agg(jsonb_build_object('id', 'm' || n, 'content', 'Message number ' || n, 'cost', 1.10)) FROM generate_series(low, high) AS n$$;
CREATE FUNCTION pg_temp.doc(messages jsonb) RETURNS jsonb LANGUAGE sql AS $$SELECT jsonb_build_object('messages', messages, 'step', 1)$$;
SELECT change, threadmem.json_diff(pg_temp.doc(old), pg_temp.doc(new)) AS patch,
       threadmem.json_patch_apply(pg_temp.doc(old), threadmem.json_diff(pg_temp.doc(old), pg_temp.doc(new)))::text = pg_temp.doc(new)::text AS right
FROM (SELECT pg_temp.chat(1, 2000)) AS c (chat), LATERAL (VALUES
    ('append', chat, chat || pg_temp.chat(2001, 2001)),
    ('trim', chat, pg_temp.chat(3, 2000)),
    ('edit', chat, jsonb_set(chat, '{1000,content}', '"Edited."')),
    ('edit the last and append', chat, jsonb_set(chat, '{1999,content}', '"Edited."') || pg_temp.chat(2001, 2001)),
    ('edits and a removal between them', chat, jsonb_set(jsonb_set(chat #- '{1000}', '{500,content}', '"Edited."'), '{1500,content}', '"Edited."')),
    ('insert at both ends', pg_temp.chat(2, 1999), chat),
    ('swap', chat, jsonb_set(jsonb_set(chat, '{7}', chat -> 8), '{8}', chat -> 7)),
    ('twice the same', chat, jsonb_insert(chat, '{100}', chat -> 5))
) AS v (change, old, new);

-- Many changes: 600 elements gone here and there are found; past the bound the diff is right, if not the shortest.
CREATE TEMP TABLE many AS
SELECT 'every fifth gone' AS change, jsonb_agg(n) AS old, jsonb_agg(n) FILTER (WHERE n % 5 <> 0) AS new FROM generate_series(1, 3000) AS n UNION ALL
SELECT 'every other gone', jsonb_agg(n), jsonb_agg(n) FILTER (WHERE n % 2 = 0) FROM generate_series(1, 3000) AS n UNION ALL
SELECT 'backwards', jsonb_agg(n ORDER BY n), jsonb_agg(n ORDER BY n DESC) FROM generate_series(1, 3000) AS n UNION ALL
SELECT 'few values in another order', jsonb_agg(n * n % 7), jsonb_agg(n * n * n % 7) FROM generate_series(1, 20000::bigint) AS n;
SELECT change, jsonb_array_length(patch) AS operations, threadmem.json_patch_apply(old, patch)::text = new::text AS right
  FROM (SELECT *, threadmem.json_diff(old, new) AS patch FROM many) AS v;
SELECT change, jsonb_array_length(patch) AS operations, threadmem.json_patch_apply(old, patch)::text = new::text AS right
  FROM (SELECT change, old, new, threadmem.json_diff(old, new) AS patch
          FROM (SELECT change, (SELECT jsonb_agg(jsonb_build_object('text', repeat(md5(e), 4))) FROM jsonb_array_elements_text(old) AS e) AS old,
                       (SELECT jsonb_agg(jsonb_build_object('text', repeat(md5(e), 4))) FROM jsonb_array_elements_text(new) AS e) AS new FROM many) AS wide) AS v;

-- The aggregate: patches in order; a null in a row skips it, no row gives null.
SELECT threadmem.json_patch_fold('{"a": 1}', patch ORDER BY n)
  FROM (VALUES (3, '[{"op": "remove", "path": "/a"}]'::jsonb), (1, '[{"op": "add", "path": "/b", "value": [1.10]}]'), (2, NULL),
               (4, '[{"op": "add", "path": "/b/-", "value": null}]')) AS v (n, patch);
SELECT threadmem.json_patch_fold('{}', '[]') FILTER (WHERE false) AS no_rows, threadmem.json_patch_fold('{}', NULL) AS no_patch,
       threadmem.json_patch_fold('{}', coalesce(NULL::jsonb, '[]')) AS empty_patch, threadmem.json_patch_fold(NULL, '[]') AS no_base, threadmem.json_patch_fold('null', '[]') AS json_null;
SELECT n, threadmem.json_patch_fold(jsonb_build_object('base', n), jsonb_build_array(jsonb_build_object('op', 'add', 'path', '/' || n, 'value', n))) OVER (ORDER BY n) AS after_each
  FROM generate_series(1, 4) AS n;
SELECT n % 2 AS odd, threadmem.json_patch_fold('[]', jsonb_build_array(jsonb_build_object('op', 'add', 'path', '/-', 'value', n)) ORDER BY n) FROM generate_series(1, 6) AS n GROUP BY 1 ORDER BY 1;
SELECT threadmem.json_patch_fold('{}', '[{"op": "remove", "path": "/a"}]');
-- Over a window the document after each row: results do not change the state, frames that move begin anew, two folds of one scan do not meet.
SELECT n, threadmem.json_patch_fold('[]', add) OVER (ORDER BY n) AS so_far, threadmem.json_patch_fold('[]', add) OVER () AS all,
       threadmem.json_patch_fold('[]', add) OVER (ORDER BY n ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS last_two,
       threadmem.json_patch_fold('[]', add) OVER (ORDER BY n ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING) AS next_two,
       threadmem.json_patch_fold('[0]', add) OVER (PARTITION BY n % 2 ORDER BY n) AS parity
  FROM (SELECT n, CASE WHEN n <> 3 THEN jsonb_build_array(jsonb_build_object('op', 'add', 'path', '/-', 'value', n)) END AS add FROM generate_series(1, 5) AS n) AS v ORDER BY n;
SELECT threadmem.json_patch_fold('[]', add ORDER BY n) AS a, threadmem.json_patch_fold('[]', add ORDER BY n) AS same, threadmem.json_patch_fold('[]', add ORDER BY n DESC) AS b
  FROM (SELECT n, jsonb_build_array(jsonb_build_object('op', 'add', 'path', '/-', 'value', n)) AS add FROM generate_series(1, 5) AS n) AS v;
SELECT count(*), count(DISTINCT fold), count(*) FILTER (WHERE fold = jsonb_build_object('x', n, 'n', k)) AS right
  FROM (SELECT n, k, threadmem.json_patch_fold(jsonb_build_object('x', 0, 'n', k), jsonb_build_array(jsonb_build_object('op', 'replace', 'path', '/x', 'value', n)))
                     OVER (PARTITION BY k ORDER BY n) AS fold FROM generate_series(1, 50) AS n, generate_series(1, 20) AS k) AS v;
-- Its parts have a state that nobody can make. Which error says so goes by the server's minor release.
CREATE FUNCTION pg_temp.refused(call text) RETURNS boolean LANGUAGE plpgsql AS
$$BEGIN EXECUTE 'SELECT threadmem.' || call; RETURN false; EXCEPTION WHEN undefined_function OR feature_not_supported THEN RETURN true; END$$;
SELECT call, pg_temp.refused(call) FROM unnest('{"json_patch_fold_step(''null'', ''[1]'', ''[]'')","json_patch_fold_step(NULL, ''[1]'', ''[]'')","json_patch_fold_result(''[1]'')","json_patch_fold_result(NULL)"}'::text[]) call;
SELECT proname, proisstrict FROM pg_proc WHERE pronamespace = 'threadmem'::regnamespace AND 'internal'::regtype = ANY (proargtypes) ORDER BY 1;
-- A value that is set again and again does not stay in memory; what is added does.
SELECT length(doc ->> 'a') AS set_again, jsonb_array_length(doc -> 'b') AS added, doc -> 'b' -> -1 AS last
  FROM (SELECT threadmem.json_patch_fold('{"b": []}', jsonb_build_array(jsonb_build_object('op', 'add', 'path', '/a', 'value', repeat('x', 100000)),
                                                                       jsonb_build_object('op', 'add', 'path', '/b/-', 'value', n)) ORDER BY n) AS doc
          FROM generate_series(1, 1000) AS n) AS v;

-- Random documents: odd keys, odd numbers, nesting, arrays with few and with many values.
CREATE CAST (jsonb AS bytea) WITHOUT FUNCTION; -- its bytes as they are stored
CREATE FUNCTION pg_temp.roll(n integer) RETURNS integer LANGUAGE sql AS $$SELECT floor(random() * n)::integer$$;
CREATE FUNCTION pg_temp.some_key() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN ('{"",a,b,c,id,"~","/","~0","~1","a/b",0,1,-1,-,01,é,ключ,😀,"\"","\\"," "}'::text[])[1 + pg_temp.roll(21)]
           || CASE WHEN random() < 0.1 THEN repeat('k', pg_temp.roll(50)) ELSE '' END;
END $$;
CREATE FUNCTION pg_temp.some_scalar() RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    RETURN CASE pg_temp.roll(5)
        WHEN 0 THEN ('{null,true,false,1,1.0,1.1,1.10,0,-0.5,1e30}'::text[])[1 + pg_temp.roll(10)]
        WHEN 1 THEN (random() * 1000)::numeric(10, 3)::text || repeat('0', pg_temp.roll(3))
        WHEN 2 THEN repeat((1 + pg_temp.roll(9))::text, 20) || '.' || repeat(pg_temp.roll(10)::text, 20)
        WHEN 3 THEN to_jsonb(pg_temp.some_key())::text
        ELSE to_jsonb(repeat(md5(random()::text), pg_temp.roll(4)))::text END;
END $$;
CREATE FUNCTION pg_temp.some_doc(depth integer) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    kind float := random() + depth * 0.07;
BEGIN
    IF depth = 0 OR kind < 0.35 THEN
        RETURN pg_temp.some_scalar();
    ELSIF kind < 0.65 THEN
        RETURN (SELECT coalesce(jsonb_agg(pg_temp.some_doc(depth - 1)), '[]') FROM generate_series(1, pg_temp.roll(6)));
    ELSIF kind < 0.75 THEN
        RETURN (SELECT coalesce(jsonb_agg(pg_temp.roll(5)), '[]') FROM generate_series(1, pg_temp.roll(70)));
    END IF;
    RETURN (SELECT coalesce(jsonb_object_agg(pg_temp.some_key(), pg_temp.some_doc(depth - 1)), '{}') FROM generate_series(1, pg_temp.roll(6)));
END $$;
-- A few changes: values set, a digit more, members and elements gone, new, twice, in another place, in another order.
CREATE FUNCTION pg_temp.edit(doc jsonb, rate float) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    result jsonb;
    shuffle boolean := random() < rate / 3;
BEGIN
    IF random() < rate / 2 THEN
        RETURN pg_temp.some_doc(2);
    END IF;
    CASE jsonb_typeof(doc)
    WHEN 'array' THEN
        SELECT jsonb_agg(pg_temp.edit(value, rate) ORDER BY CASE WHEN shuffle THEN random() ELSE n END) INTO result
          FROM jsonb_array_elements(doc) WITH ORDINALITY AS e (value, n),
               generate_series(1, CASE WHEN random() < rate THEN pg_temp.roll(3) ELSE 1 END);
        RETURN coalesce(result, '[]') || CASE WHEN random() < rate THEN jsonb_build_array(pg_temp.some_doc(1)) ELSE '[]' END;
    WHEN 'object' THEN
        SELECT jsonb_object_agg(key, pg_temp.edit(value, rate)) INTO result FROM jsonb_each(doc) WHERE random() >= rate;
        RETURN coalesce(result, '{}') || CASE WHEN random() < rate THEN jsonb_build_object(pg_temp.some_key(), pg_temp.some_doc(1)) ELSE '{}' END;
    WHEN 'number' THEN
        RETURN CASE WHEN random() < rate * 5 AND doc::text ~ '\.' THEN (doc::text || '0')::jsonb ELSE doc END;
    ELSE
        RETURN doc;
    END CASE;
END $$;

SELECT setseed(0.6902);
CREATE TEMP TABLE pairs AS
SELECT n, old, CASE WHEN n % 10 = 0 THEN pg_temp.some_doc(4) ELSE pg_temp.edit(old, (n % 7) * 0.05) END AS new
  FROM (SELECT n, pg_temp.some_doc(5) AS old FROM generate_series(1, 2500) AS n OFFSET 0) AS v;
CREATE TEMP TABLE diffs AS SELECT *, threadmem.json_diff(old, new) AS patch FROM pairs;

-- What the pairs are like, so that it is known what is tested.
SELECT count(*) > 2000 AS pairs, count(*) FILTER (WHERE old::text = new::text) > 100 AS same, count(*) FILTER (WHERE jsonb_array_length(patch) > 3) > 300 AS several,
       count(*) FILTER (WHERE patch -> 0 ->> 'path' = '') > 100 AS whole, count(*) FILTER (WHERE old = new AND old::text <> new::text) > 5 AS digits,
       count(*) FILTER (WHERE patch @? '$[*] ? (@.op == "add" && @.path like_regex "/[0-9]+$")') > 100 AS insertions
  FROM diffs;
-- Each of these numbers must be nought.
SELECT count(*) FILTER (WHERE threadmem.json_patch_apply(old, patch)::text <> new::text) AS wrong_text,
       count(*) FILTER (WHERE threadmem.json_patch_apply(old, patch)::bytea <> new::bytea) AS wrong_bytes,
       count(*) FILTER (WHERE patch::bytea <> patch::text::jsonb::bytea) AS patch_not_as_core_writes_it,
       count(*) FILTER (WHERE NOT threadmem.json_patch_test(old, patch)) AS refused,
       count(*) FILTER (WHERE patch IS DISTINCT FROM patch::jsonb::threadmem.json_patch) AS no_patch,
       count(*) FILTER (WHERE (patch = '[]') <> (old::text = new::text)) AS wrongly_empty,
       count(*) FILTER (WHERE pg_column_size(patch::text::jsonb) > pg_column_size(jsonb_build_array(jsonb_build_object('op', 'replace', 'path', '', 'value', new)))
                          AND patch <> '[]') AS too_large,
       count(*) FILTER (WHERE patch @? '$[*] ? (@.op != "add" && @.op != "remove" && @.op != "replace")') AS other_operations,
       count(*) FILTER (WHERE threadmem.json_diff(old::text::jsonb, new::text::jsonb)::text <> patch::text) AS not_the_same_again,
       count(*) FILTER (WHERE threadmem.json_patch_apply(new, threadmem.json_diff(new, old))::text <> old::text) AS wrong_way_back
  FROM diffs;

-- A chain of 200 states: each is found again, after every step of one fold and over 50 steps from others.
CREATE TEMP TABLE chain (n integer PRIMARY KEY, state jsonb, patch threadmem.json_patch);
DO $$
DECLARE
    state jsonb := jsonb_build_object('doc', pg_temp.some_doc(4), 'messages', '[]'::jsonb);
    next jsonb;
BEGIN
    INSERT INTO chain VALUES (0, state, '[]');
    FOR n IN 1..200 LOOP
        next := jsonb_build_object(
            'doc', CASE WHEN pg_column_size(state -> 'doc') > 4000 THEN pg_temp.some_doc(4) ELSE pg_temp.edit(state -> 'doc', 0.1) END,
            'messages', CASE WHEN pg_column_size(state -> 'messages') > 8000 THEN jsonb_path_query_array(state, '$.messages[last - 9 to last]')
                             ELSE pg_temp.edit(state -> 'messages', 0.02) || jsonb_build_array(pg_temp.some_doc(2)) END);
        INSERT INTO chain VALUES (n, next, threadmem.json_diff(state, next));
        state := next;
    END LOOP;
END $$;
CREATE TEMP VIEW folded AS
SELECT c.*, threadmem.json_patch_fold((SELECT state FROM chain WHERE n = 0), patch) OVER (ORDER BY n) AS fold FROM chain AS c;
SELECT count(*) AS states, count(*) FILTER (WHERE fold::bytea <> state::bytea) AS wrong FROM folded;
SELECT count(*) AS folds, count(*) FILTER (WHERE (SELECT threadmem.json_patch_fold(b.state, p.patch ORDER BY p.n) FROM chain AS p WHERE p.n > b.n AND p.n <= b.n + 50)::text
                                                 <> t.state::text) AS wrong
  FROM chain AS b JOIN chain AS t ON t.n = b.n + 50 WHERE b.n % 10 = 0;

-- The server's own functions agree, at every place of some documents.
CREATE FUNCTION pg_temp.places(doc jsonb) RETURNS TABLE (path text[], pointer text, value jsonb, in_array boolean) LANGUAGE sql AS $$
    WITH RECURSIVE place (path, pointer, value, in_array) AS (
        SELECT '{}'::text[], '', doc, false
        UNION ALL
        SELECT path || key, pointer || '/' || replace(replace(key, '~', '~0'), '/', '~1'), item, jsonb_typeof(place.value) = 'array'
          FROM place, LATERAL (SELECT key, item FROM jsonb_each(CASE jsonb_typeof(place.value) WHEN 'object' THEN place.value ELSE '{}' END) AS o (key, item) UNION ALL
                               SELECT (n - 1)::text, item FROM jsonb_array_elements(CASE jsonb_typeof(place.value) WHEN 'array' THEN place.value ELSE '[]' END)
                                                               WITH ORDINALITY AS a (item, n)) AS children)
    SELECT * FROM place WHERE path <> '{}' $$;
CREATE FUNCTION pg_temp.op(op text, pointer text, value jsonb DEFAULT 'null') RETURNS jsonb LANGUAGE sql AS
$$SELECT jsonb_build_array(jsonb_build_object('op', op, 'path', pointer, 'from', pointer, 'value', value))$$;
SELECT count(*) > 3000 AS places,
       count(*) FILTER (WHERE threadmem.json_patch_apply(old, pg_temp.op('remove', pointer))::bytea <> (old #- path)::bytea) AS remove,
       count(*) FILTER (WHERE threadmem.json_patch_apply(old, pg_temp.op('replace', pointer, new))::bytea <> jsonb_set(old, path, new, false)::bytea) AS replace,
       count(*) FILTER (WHERE threadmem.json_patch_apply(old, pg_temp.op('add', pointer, new))::bytea
                              <> CASE WHEN in_array THEN jsonb_insert(old, path, new) ELSE jsonb_set(old, path, new) END::bytea) AS add,
       count(*) FILTER (WHERE NOT threadmem.json_patch_test(old, pg_temp.op('test', pointer, value))) AS test,
       count(*) FILTER (WHERE threadmem.json_patch_test(old, pg_temp.op('test', pointer, new)) <> (value = new)) AS test_other,
       count(*) FILTER (WHERE threadmem.json_patch_apply(old, pg_temp.op('copy', pointer) || '[]')::bytea
                              <> CASE WHEN in_array THEN jsonb_insert(old, path, value) ELSE old END::bytea) AS copy,
       count(*) FILTER (WHERE threadmem.json_patch_apply(old, pg_temp.op('move', pointer))::bytea <> old::bytea) AS move
  FROM pairs, pg_temp.places(old) WHERE n <= 50;
SELECT count(*) FILTER (WHERE threadmem.json_patch_apply(old, pg_temp.op('add', '/new key', new))::bytea <> (old || jsonb_build_object('new key', new))::bytea) AS member,
       count(*) FILTER (WHERE threadmem.json_patch_apply(jsonb_build_array(old), pg_temp.op('add', '/-', new))::bytea <> jsonb_build_array(old, new)::bytea) AS element
  FROM pairs WHERE jsonb_typeof(old) = 'object';

-- Containers of all sizes around the places where jsonb keeps offsets, grown and shrunk.
SELECT count(*) AS sizes, count(*) FILTER (WHERE grown::bytea <> expected::bytea) AS wrong, count(*) FILTER (WHERE emptied <> '{"a": [], "o": {}}') AS wrong_back
  FROM generate_series(1, 100) AS size,
       LATERAL (SELECT jsonb_build_object('a', jsonb_agg(n ORDER BY n), 'o', jsonb_object_agg(n, n)) AS expected,
                       threadmem.json_patch_fold('{"a": [], "o": {}}', pg_temp.op('add', '/a/0', to_jsonb(n)) || pg_temp.op('add', '/o/' || n, to_jsonb(n)) ORDER BY n DESC) AS grown
                  FROM generate_series(1, size) AS n) AS g,
       LATERAL (SELECT threadmem.json_patch_fold(grown, pg_temp.op('remove', '/a/' || (size - n) / 2) || pg_temp.op('remove', '/o/' || n) ORDER BY n) AS emptied
                  FROM generate_series(1, size) AS n) AS e;

-- Nesting: thousands of levels, and an error instead of a crash where the stack ends.
CREATE TEMP TABLE deep AS
SELECT n, (repeat('[', n) || '1' || repeat(']', n))::jsonb AS a, (repeat('[', n) || '2' || repeat(']', n))::jsonb AS b, repeat('/0', n) AS pointer FROM unnest('{500,6000}'::integer[]) AS n;
SELECT n, length(threadmem.json_diff(a, b)::text), threadmem.json_patch_apply(a, threadmem.json_diff(a, b))::text = b::text AS right,
       threadmem.json_patch_apply(a, pg_temp.op('replace', pointer, '2'))::text = b::text AS replaced,
       threadmem.json_patch_test(a, pg_temp.op('test', pointer, '1.0')) AS test FROM deep WHERE n = 500;
SET max_stack_depth = '100kB';
\set VERBOSITY sqlstate
SELECT length(threadmem.json_diff(a, b)::text) FROM deep WHERE n = 6000;
SELECT length(threadmem.json_patch_apply(a, pg_temp.op('replace', pointer, '2'))::text) FROM deep WHERE n = 6000;
RESET max_stack_depth;

-- A patch that doubles its document over and over ends at the limit of jsonb.
SELECT pg_column_size(threadmem.json_patch_apply(jsonb_build_object('a', repeat('x', 1000000)), (SELECT jsonb_agg(pg_temp.op('copy', '/' || n) -> 0 || '{"from": ""}') FROM generate_series(1, 40) AS n)));
\set VERBOSITY default
DROP CAST (jsonb AS bytea);

-- Many changes at any place of a long list: one patch does what its operations do one by one.
CREATE FUNCTION pg_temp.one_by_one(document jsonb, patch jsonb) RETURNS jsonb LANGUAGE plpgsql AS
$$
BEGIN
    FOR i IN 0 .. jsonb_array_length(patch) - 1 LOOP
        document := threadmem.json_patch_apply(document, jsonb_build_array(patch -> i));
    END LOOP;
    RETURN document;
END $$;
SELECT setseed(0.25);
WITH arrays AS MATERIALIZED (
    SELECT (SELECT jsonb_agg(i) FROM generate_series(1, 1500) AS i) AS document,
           (SELECT jsonb_agg(CASE WHEN random() < 0.45 THEN jsonb_build_object('op', 'remove', 'path', '/' || CASE WHEN random() < 0.5 THEN 0 ELSE floor(random() * 1000) END)
                                  WHEN random() < 0.5 THEN jsonb_build_object('op', 'add', 'path', '/' || floor(random() * 1000), 'value', -i)
                                  WHEN random() < 0.5 THEN jsonb_build_object('op', 'add', 'path', '/-', 'value', -i)
                                  ELSE jsonb_build_object('op', 'move', 'from', '/' || floor(random() * 1000), 'path', '/' || floor(random() * 1000)) END)
            FROM generate_series(1, 1500) AS i) AS patch),
objects AS MATERIALIZED (
    SELECT (SELECT jsonb_object_agg(md5(i::text), i) FROM generate_series(1, 1500) AS i) AS document,
           (SELECT jsonb_agg(CASE WHEN i % 2 = 0 THEN jsonb_build_object('op', 'add', 'path', '/' || md5((i * 7)::text), 'value', -i)
                                  ELSE jsonb_build_object('op', 'remove', 'path', '/' || md5(i::text)) END)
            FROM generate_series(1, 1500) AS i WHERE i % 2 = 0 OR i % 14 <> 7) AS patch)
SELECT kind, threadmem.json_patch_apply(document, patch) = pg_temp.one_by_one(document, patch) AS same,
       threadmem.json_patch_apply(document, threadmem.json_diff(document, threadmem.json_patch_apply(document, patch))) = threadmem.json_patch_apply(document, patch) AS there_and_back
FROM (SELECT 'array', * FROM arrays UNION ALL SELECT 'object', * FROM objects) AS cases (kind, document, patch);

-- A list that becomes empty and fills again, and one that grows from nothing.
SELECT jsonb_array_length(threadmem.json_patch_apply((SELECT jsonb_agg(i) FROM generate_series(1, 2000) AS i),
    (SELECT jsonb_agg('{"op": "remove", "path": "/0"}'::jsonb) FROM generate_series(1, 2000)) || '[{"op": "add", "path": "/0", "value": 1}, {"op": "add", "path": "/0", "value": 2}]')),
       threadmem.json_patch_apply('[]', (SELECT jsonb_agg(jsonb_build_object('op', 'add', 'path', '/0', 'value', i) ORDER BY i) FROM generate_series(1, 2000) AS i))
       = (SELECT jsonb_agg(i ORDER BY i DESC) FROM generate_series(1, 2000) AS i) AS reversed;

-- Of a deep document with many changes only the cheaper way is kept, and it leads there.
SELECT length(patch::text) < 2 * length(new::text) AS small, threadmem.json_patch_apply(old, patch) = new AS leads_there
FROM (SELECT (repeat('[', 300) || (SELECT string_agg('[1, 2, ' || i || ']', ',') FROM generate_series(1, 3000) AS i) || repeat(']', 300))::jsonb,
             (repeat('[', 300) || (SELECT string_agg('[1, 2, ' || -i || ']', ',') FROM generate_series(1, 3000) AS i) || repeat(']', 300))::jsonb) AS d (old, new),
     threadmem.json_diff(old, new) AS patch;

-- Keys taken out, as - does it.
SELECT threadmem.json_remove_keys('{"a": 1.10, "bb": [1, {"a": 2}], "c": null}', ARRAY['a', 'x', NULL, 'c', 'a']),
       threadmem.json_remove_keys('{"a": 1}', ARRAY['a']), threadmem.json_remove_keys('{"a": 1}', '{}'), threadmem.json_remove_keys('{}', '{a}');
SELECT bool_and(threadmem.json_remove_keys(object, gone) = object - gone)
  FROM (SELECT (SELECT coalesce(jsonb_object_agg('k' || i * 7 % 31, i), '{}') FROM generate_series(1, n) AS i) AS object,
               (SELECT coalesce(array_agg('k' || i * n % 40), '{}') FROM generate_series(1, m) AS i) AS gone
          FROM generate_series(0, 30) AS n, generate_series(0, 20) AS m) AS pairs;
SELECT threadmem.json_remove_keys('[1]', '{a}');
SELECT threadmem.json_remove_keys('1', '{a}');

-- Contained: as core has it, for each document and each other.
CREATE TEMP TABLE various (document jsonb);
INSERT INTO various VALUES ('1'), ('1.10'), ('1.1'), ('"a"'), ('null'), ('true'), ('false'), ('[]'), ('{}'), ('[[]]'), ('[{}]'), ('{"a": {}}'), ('{"a": []}'),
  ('[1]'), ('[1.0, 1]'), ('[1.1, "a", null, true]'), ('["a", "b", "a"]'), ('[false, null]'), ('[[1, 2], [3]]'), ('[[2]]'), ('[[3], 1]'), ('[3, [1]]'),
  ('{"a": 1}'), ('{"a": 1.0}'), ('{"a": 1, "b": [1, 2, {"c": "d", "e": 1}]}'), ('{"b": [{"c": "d"}]}'), ('{"b": [{"c": "d"}, {"e": 1}, 2]}'), ('{"b": [{"c": "d", "x": 1}]}'),
  ('{"a": null}'), ('{"a": {"b": null}}'), ('{"a": {"b": null, "c": [1]}}'), ('[{"a": 1}, {"a": 1, "b": 2}]'), ('[{"b": 2}]'), ('[{"a": 1, "b": 3}]'), ('["1", 1]'), ('[null]');
SELECT count(*), count(*) FILTER (WHERE w.document @> p.document),
       count(*) FILTER (WHERE (w.document @> p.document) IS DISTINCT FROM threadmem.jsonb_contains(w.document, p.document)) AS differ
  FROM various AS w, various AS p;
-- Of arrays with many elements, too.
SELECT threadmem.jsonb_contains(a, b) AS whole, threadmem.jsonb_contains(b, a) AS turned, threadmem.jsonb_contains(a, b || '[0]') AS one_more,
       threadmem.jsonb_contains(a, b || '[{"k": 7}]') AS object, threadmem.jsonb_contains(a, b || '[{"k": -7}]') AS other
  FROM (SELECT (SELECT jsonb_agg(i) || jsonb_agg('t' || i) || jsonb_agg(jsonb_build_object('k', i, 'l', i)) FROM generate_series(1, 3000) AS i) AS a,
               (SELECT jsonb_agg(i + 0.00) || jsonb_agg('t' || i) FROM generate_series(2999, 1, -1) AS i) AS b) AS both_of;
