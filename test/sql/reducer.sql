-- Promise: each reducer makes of a channel's value and an update what LangGraph's makes of them, to the digit.
\pset null (null)
\set SHOW_CONTEXT always

-- A case's result, or the error; made-up ids are shown as <id>.
CREATE FUNCTION pg_temp.masked(document jsonb) RETURNS text LANGUAGE sql AS
$$SELECT regexp_replace(document::text, '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', '<id>', 'g')$$;
CREATE FUNCTION pg_temp.reduce(reducer text, current jsonb, update jsonb) RETURNS text LANGUAGE plpgsql AS
$$
DECLARE detail text;
BEGIN
    RETURN pg_temp.masked(threadmem.channel_reduce(reducer, current, update));
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RETURN concat_ws(' | ', SQLSTATE, regexp_replace(SQLERRM, 'invalid value for argument ', ''), nullif(detail, ''));
END $$;

-- Defaults: what a channel holds before its first update.
SELECT reducer, threadmem.channel_default(reducer)
FROM unnest(ARRAY['last_value', 'add_messages', 'append', 'add', 'merge', 'union', NULL]) AS reducer;

-- last_value: the update, whatever it is; null is a value, and an Overwrite is stored like any other.
SELECT current, update, pg_temp.reduce('last_value', current, update) AS result
FROM (VALUES (NULL::jsonb, '1.10'::jsonb), ('{"a": 1}', '[2]'), ('1', 'null'), ('null', '"x"'),
             ('1', '{"__overwrite__": 2}')) AS v (current, update);

-- append: an array grows by the elements of an array, or by anything else as one element.
SELECT current, update, pg_temp.reduce('append', current, update) AS result
FROM (VALUES (NULL::jsonb, '[1]'::jsonb), (NULL, '1'), ('[1, 2]', '[2, 3.10]'), ('[2, 3.10]', '[1, 2]'), ('[1]', '[]'), ('[]', '[]'),
             ('[1]', '"x"'), ('[1]', 'null'), ('[1]', '{"a": 1}'), ('[]', '{}'), ('[1]', '[[2]]'), ('[[1]]', '[null]'),
             ('{}', '[1]'), ('1', '[1]'), ('null', '[1]')) AS v (current, update);

-- add: numbers to the digit, with the scale of the longer fraction; strings and arrays are joined.
SELECT current, update, pg_temp.reduce('add', current, update) AS result
FROM (VALUES (NULL::jsonb, '1.10'::jsonb), ('1', '2'), ('1.10', '2'), ('0.1', '0.2'), ('1.5', '-1.50'),
             ('12345678901234567890123456789012345678.9', '0.10000000000000000000000000000000000001'),
             ('"a"', '"b"'), ('"b"', '"a"'), ('"é"', '""'), ('[1]', '[2, 1]'), ('[]', '[]'),
             ('1', '"b"'), ('"a"', '1'), ('[1]', '2'), ('1', '[2]'), ('1', 'true'), ('null', '1'), ('1', 'null'),
             ('{}', '{}'), (NULL, '"a"')) AS v (current, update);
SELECT pg_temp.reduce('add', ('9' || repeat('0', 131071))::jsonb, ('9' || repeat('0', 131071))::jsonb);

-- merge: the keys of one level; null is stored, nested objects are replaced.
SELECT current, update, pg_temp.reduce('merge', current, update) AS result
FROM (VALUES (NULL::jsonb, '{"a": 1}'::jsonb), ('{"a": 1, "b": 2}', '{"b": 3, "c": 1.10}'), ('{"b": 3, "c": 4}', '{"a": 1, "b": 2}'),
             ('{"a": 1}', '{"a": null}'), ('{"a": {"x": 1}}', '{"a": {"y": 2}}'), ('{"a": 1}', '{}'), ('{"a": 1.1}', '{"a": 1.10}'),
             ('[]', '{}'), ('{}', '[]'), ('{}', '1'), ('null', '{}'), ('{}', 'null')) AS v (current, update);

-- union: elements that are not there yet, in their order; the same value is the same bytes.
SELECT current, update, pg_temp.reduce('union', current, update) AS result
FROM (VALUES (NULL::jsonb, '[1, 1]'::jsonb), ('[1, 2]', '[3, 2, 3, 1]'), ('[3, 2]', '[1, 2]'), ('[1]', '["1", 1, true]'), ('[1.1]', '[1.10, 1.1]'),
             ('[{"a": [1.1], "b": 2}]', '[{"b": 2, "a": [1.1]}, {"a": [1.10], "b": 2}]'), ('[["x", {"a": "y"}]]', '[0, ["x", {"a": "y"}]]'),
             ('[null, true, false, "", "t", {}, []]', '[[], {}, "t", "", false, true, null, "f"]'),
             ('[1, 1]', '[1]'), ('[1]', '2'), ('[1]', '1'), ('[{"a": 1}]', '{"a": 1}'), ('[1]', 'null'), ('[1]', '[]'), ('["a", "b"]', '["ab", "a"]'),
             ('{}', '[1]'), ('1', '[1]')) AS v (current, update);
SELECT jsonb_array_length(threadmem.channel_reduce('union', (SELECT jsonb_agg(i) FROM generate_series(1, 20000) AS i),
                                                   (SELECT jsonb_agg(i) FROM generate_series(10001, 30000) AS i)));

-- add_messages: what the update gives in short is spelled out; anything else stays as it is but for the id.
SELECT given, pg_temp.reduce('add_messages', NULL, update) AS result
FROM (VALUES
    ('string', '"hi"'::jsonb),
    ('list of strings, no pair', '["user", "hi"]'),
    ('pair', '[["user", "hi"]]'),
    ('pair, parts', '[["ai", [{"type": "text", "text": "hi", "n": 1.10}]]]'),
    ('role user', '{"role": "user", "content": "hi", "id": "a", "name": "Al"}'),
    ('role human', '{"role": "human", "content": "hi", "id": "a"}'),
    ('role assistant', '{"role": "assistant", "content": "hi", "id": "a"}'),
    ('role ai', '{"role": "ai", "content": "hi", "id": "a"}'),
    ('role system', '{"role": "system", "content": "hi", "id": "a"}'),
    ('role developer', '{"role": "developer", "content": "hi", "id": "a"}'),
    ('role developer, kept', '{"role": "developer", "content": "hi", "id": "a", "additional_kwargs": {"x": 1}}'),
    ('role tool', '{"role": "tool", "content": "42", "id": "a", "tool_call_id": "c"}'),
    ('role function', '{"role": "function", "content": "42", "id": "a", "name": "f"}'),
    ('role and foreign type', '{"role": "user", "type": "message", "content": "hi", "id": "a"}'),
    ('type user', '{"type": "user", "content": "hi", "id": "a"}'),
    ('type human', '{"type": "human", "content": "hi", "additional_kwargs": {}, "example": false}'),
    ('type ai', '{"type": "ai", "content": "", "id": "a", "tool_calls": [{"id": "c", "name": "f", "args": {"n": 1.10}}]}'),
    ('type chat', '{"type": "chat", "role": "critic", "content": "hi", "id": "a"}'),
    ('type of a chunk', '{"type": "AIMessageChunk", "content": "hi", "id": "a"}'),
    ('constructor', '{"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "HumanMessage"], "kwargs": {"content": "hi", "id": "a"}}'),
    ('constructor without id', '{"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "AIMessageChunk"], "kwargs": {"content": "hi"}}'),
    ('null id', '{"type": "human", "content": "hi", "id": null}'),
    ('empty id', '{"type": "human", "content": "hi", "id": ""}'),
    ('id of many characters', jsonb_build_object('type', 'human', 'content', 'hi', 'id', 'é 1.10 ' || repeat('x', 20)))
) AS v (given, update);

-- Made-up ids are strings, differ, are kept by the next update, and have the form that is set.
SELECT threadmem.channel_reduce('add_messages', '["left"]', '["a", "b"]') AS three \gset
SELECT count(DISTINCT m ->> 'id') = 3 AS differ, bool_and(jsonb_typeof(m -> 'id') = 'string') AS strings,
       threadmem.channel_reduce('add_messages', :'three', '[]') = :'three' AS kept
  FROM jsonb_array_elements(:'three') AS m;
SET threadmem.id_format = prefixed;
SELECT threadmem.channel_reduce('add_messages', NULL, '"hi"') #>> '{0,id}' ~ '^message_[0-9A-Za-z]{22}$' AS prefixed;
RESET threadmem.id_format;

-- Either side may be one message or a list.
\set a '{"type": "human", "content": "A", "id": "a"}'
\set b '{"type": "human", "content": "B", "id": "b"}'
\set c '{"type": "human", "content": "C", "id": "c"}'
\set a2 '{"type": "ai", "content": "A2", "id": "a"}'
\set a3 '{"type": "ai", "content": "A3", "id": "a"}'
\set del_a '{"type": "remove", "id": "a"}'
\set del_b '{"type": "remove", "id": "b", "content": ""}'
\set del_c '{"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "RemoveMessage"], "kwargs": {"id": "c"}}'
\set clear '{"type": "remove", "id": "__remove_all__"}'
\set clear_lc '{"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "RemoveMessage"], "kwargs": {"id": "__remove_all__", "content": ""}}'
CREATE FUNCTION pg_temp.short(result text) RETURNS text LANGUAGE sql AS -- the contents of the messages
$$SELECT CASE WHEN result ~ '^\[' THEN (SELECT coalesce(string_agg(coalesce(m #>> '{kwargs,content}', m ->> 'content', m ->> 'type') || ':' ||
                                          coalesce(m #>> '{kwargs,id}', m ->> 'id'), ' ' ORDER BY n), '')
                                          FROM jsonb_array_elements(result::jsonb) WITH ORDINALITY AS e(m, n)) ELSE result END$$;
CREATE FUNCTION pg_temp.messages(current jsonb, VARIADIC updates jsonb[]) RETURNS text LANGUAGE sql AS
$$SELECT pg_temp.short(pg_temp.reduce('add_messages', current, jsonb_agg(u))) FROM unnest(updates) AS u$$;
CREATE FUNCTION pg_temp.list(VARIADIC messages jsonb[]) RETURNS jsonb LANGUAGE sql AS 'SELECT to_jsonb(messages)';
SELECT pg_temp.short(pg_temp.reduce('add_messages', l, r))
FROM (VALUES (:'a'::jsonb), (pg_temp.list(:'a'))) AS left_side (l), (VALUES (:'b'::jsonb), (pg_temp.list(:'b'))) AS right_side (r);

-- The rules of merging; each in both orders where the order counts.
SELECT rule, pg_temp.messages(current, VARIADIC updates) AS result
FROM (VALUES
    ('new ids are appended in order', pg_temp.list(:'a'), ARRAY[:'b', :'c']::jsonb[]),
    ('the other order', pg_temp.list(:'a'), ARRAY[:'c', :'b']::jsonb[]),
    ('same id: replaced in place, of another type', pg_temp.list(:'a', :'b'), ARRAY[:'a2']::jsonb[]),
    ('in the middle', pg_temp.list(:'b', :'a', :'c'), ARRAY[:'a2']::jsonb[]),
    ('replaced and appended', pg_temp.list(:'a', :'b'), ARRAY[:'c', :'a2']::jsonb[]),
    ('twice in the update: the later one, in place', pg_temp.list(:'b'), ARRAY[:'a', :'c', :'a2']::jsonb[]),
    ('twice, there already', pg_temp.list(:'a', :'b'), ARRAY[:'a2', :'a3']::jsonb[]),
    ('the other order', pg_temp.list(:'a', :'b'), ARRAY[:'a3', :'a2']::jsonb[]),
    ('removed', pg_temp.list(:'a', :'b', :'c'), ARRAY[:'del_b']::jsonb[]),
    ('removed by a constructor', pg_temp.list(:'a', :'b', :'c'), ARRAY[:'del_c']::jsonb[]),
    ('removed by a role', pg_temp.list(:'a', :'b'), ARRAY['{"role": "remove", "id": "a"}']::jsonb[]),
    ('all removed one by one', pg_temp.list(:'a', :'b', :'c'), ARRAY[:'del_c', :'del_a', :'del_b']::jsonb[]),
    ('removed twice', pg_temp.list(:'a', :'b'), ARRAY[:'del_a', :'del_a']::jsonb[]),
    ('removed, then given again: its old place', pg_temp.list(:'a', :'b'), ARRAY[:'del_a', :'c', :'a2']::jsonb[]),
    ('given, then removed', pg_temp.list(:'b'), ARRAY[:'a', :'del_a']::jsonb[]),
    ('replaced, then removed', pg_temp.list(:'a', :'b'), ARRAY[:'a2', :'del_a']::jsonb[]),
    ('given, removed, given', pg_temp.list(:'b'), ARRAY[:'a', :'c', :'del_a', :'a2']::jsonb[]),
    ('given, removed, given, removed', pg_temp.list(:'b'), ARRAY[:'a', :'del_a', :'a2', :'del_a']::jsonb[]),
    ('unknown id removed', pg_temp.list(:'a'), ARRAY[:'b', :'del_c']::jsonb[]),
    ('removed before it is given', pg_temp.list(:'b'), ARRAY[:'del_a', :'a']::jsonb[]),
    ('removed from nothing', NULL, ARRAY[:'del_a']::jsonb[]),
    ('remove all', pg_temp.list(:'a', :'b'), ARRAY[:'clear']::jsonb[]),
    ('remove all, from nothing', NULL, ARRAY[:'clear']::jsonb[]),
    ('remove all, then others', pg_temp.list(:'a', :'b'), ARRAY[:'clear', :'c', :'a2']::jsonb[]),
    ('what stands before it is gone', pg_temp.list(:'a'), ARRAY[:'b', :'clear', :'c']::jsonb[]),
    ('so is a removal of what is not there', pg_temp.list(:'a'), ARRAY[:'del_c', :'clear', :'b']::jsonb[]),
    ('the last of several counts', pg_temp.list(:'a'), ARRAY[:'clear', :'b', :'clear_lc', :'c']::jsonb[]),
    ('the other order', pg_temp.list(:'a'), ARRAY[:'clear_lc', :'b', :'clear', :'c']::jsonb[]),
    ('after it nothing is merged', pg_temp.list(:'a'), ARRAY[:'clear', :'a', :'a2', :'del_a', :'del_b']::jsonb[]),
    ('an ordinary message of that id clears nothing', pg_temp.list(:'a'), ARRAY['{"type": "ai", "content": "X", "id": "__remove_all__"}']::jsonb[]),
    ('constructor and plain form share ids', pg_temp.list(:'a', '{"lc": 1, "id": ["HumanMessage"], "kwargs": {"content": "C", "id": "c"}}'),
        ARRAY['{"lc": 1, "id": ["AIMessage"], "kwargs": {"content": "A2", "id": "a"}}', '{"type": "human", "content": "C2", "id": "c"}']::jsonb[]),
    ('an id twice in the value: the last is replaced', pg_temp.list(:'a', :'b', :'a2'), ARRAY[:'a3']::jsonb[]),
    ('an id twice in the value: all are removed', pg_temp.list(:'a', :'b', :'a2'), ARRAY[:'del_a']::jsonb[]),
    ('a removal in the value is a message', pg_temp.list(:'a', :'del_b'), ARRAY[:'c']::jsonb[])
) AS v (rule, current, updates);
SELECT pg_temp.reduce('add_messages', pg_temp.list(:'a', :'b'), '[]');

-- What the channel holds stays as it is, in any system's form, and gets an id when it has none.
SELECT pg_temp.reduce('add_messages',
    '[{"role": "Alice", "role_type": "user", "content": "Z", "id": "z"}, {"role": "user", "content": "E"}, {"n": 1.10, "id": "n"},
      {"lc": 1, "id": ["HumanMessage"], "kwargs": {"content": "L"}}, "left", ["ai", "pair"]]', '{"type": "remove", "id": "z"}');

-- What is no message.
SELECT current, update, pg_temp.reduce('add_messages', current, update) AS error
FROM (VALUES
    ('5'::jsonb, '[]'::jsonb), ('null', '[]'), ('[1]', '[]'), ('[null]', '[]'), ('[[]]', '[]'), ('[{"id": 5}]', '[]'), ('[["x", "y"]]', '[]'),
    ('[]', '5'), ('[]', 'null'), ('[]', 'true'), ('[]', '{}'), ('[]', '["a", 1]'), ('[]', '[["user"]]'), ('[]', '[["user", "a", "b"]]'), ('[]', '[[1, "a"]]'),
    ('[]', '[["user", 1]]'), ('[]', '[["user", null]]'), ('[]', '[["tool", "a"]]'), ('[]', '[["remove", "a"]]'), ('[]', '[["User", "a"]]'), ('[]', '[["chat", "a"]]'),
    ('[]', '{"content": "hi"}'), ('[]', '{"role": "critic", "content": "hi"}'), ('[]', '{"role": 1, "content": "hi"}'), ('[]', '{"type": "message", "content": "hi"}'),
    ('[]', '{"type": "constructor", "content": "hi"}'), ('[]', '{"lc": 1, "id": ["langchain", "PromptTemplate"], "kwargs": {}}'), ('[]', '{"lc": 1, "id": [], "kwargs": {}}'),
    ('[]', '{"type": "tool", "content": "42", "id": "a"}'), ('[]', '{"type": "human", "content": "hi", "id": 5}'),
    ('[]', '{"lc": 1, "id": ["HumanMessage"], "kwargs": {"id": ["x"]}}'), ('[]', '{"type": "remove"}'), ('[]', '{"lc": 1, "id": ["RemoveMessage"], "kwargs": {"id": ""}}')
) AS v (current, update);

-- Overwrite replaces the value of every reducer, in both of its forms; nothing is reduced or coerced.
SELECT reducer, threadmem.channel_reduce(reducer, current, '{"__overwrite__": {"n": 1.10}}') AS plain,
       threadmem.channel_reduce(reducer, NULL, '{"type": "__overwrite__", "value": null}') AS typed
FROM (VALUES ('add_messages', '[]'::jsonb), ('append', '[1]'), ('add', '1'), ('merge', '{"a": 1}'), ('union', 'null')) AS v (reducer, current);
SELECT update, pg_temp.reduce('merge', '{"a": 1}', update) AS result
FROM (VALUES ('{"__overwrite__": null}'::jsonb), ('{"__overwrite__": {"__overwrite__": 1}}'), ('{"type": "__overwrite__"}'), ('{"type": "x", "value": 1}'),
             ('{"lg_name": "Overwrite", "__overwrite__": [1]}')) AS v (update);

-- A superstep: all updates in their order; none leaves the value or gives the default.
CREATE FUNCTION pg_temp.step(reducer text, current jsonb, updates jsonb) RETURNS text LANGUAGE plpgsql AS
$$
DECLARE detail text; context text;
BEGIN
    RETURN pg_temp.masked(threadmem.channel_superstep('ch', reducer, current, updates));
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, context = PG_EXCEPTION_CONTEXT;
    RETURN concat_ws(' | ', SQLSTATE, regexp_replace(SQLERRM, 'invalid value for argument ', ''), detail, substring(context from '^channel [^\n]*'));
END $$;
SELECT reducer, current, updates, pg_temp.step(reducer, current, updates) AS result
FROM (VALUES
    ('last_value', NULL::jsonb, '[]'::jsonb), ('last_value', '1', '[]'), ('last_value', '1', '[null]'), ('last_value', '1', '[{"__overwrite__": 2}]'),
    ('last_value', '1', '[2, 3]'), ('last_value', '1', '[2, {"__overwrite__": 3}]'),
    ('append', NULL, '[]'), ('append', '[1]', '[]'), ('append', '[1]', '[[2], 3]'), ('append', '[1]', '[3, [2]]'),
    ('add', NULL, '[1.10, 2]'), ('add', '"a"', '["b", "c"]'), ('add', '"a"', '["c", "b"]'),
    ('merge', NULL, '[{"a": 1}, {"a": 2, "b": 1}]'), ('merge', NULL, '[{"a": 2, "b": 1}, {"a": 1}]'), ('union', '[1]', '[[2, 3], [3, 4]]'),
    ('add_messages', NULL, '[{"type": "ai", "content": "x", "id": "a"}, [{"type": "ai", "content": "y", "id": "a"}, "hi"]]'),
    ('add_messages', NULL, '[{"type": "ai", "content": "x", "id": "a"}, {"type": "remove", "id": "a"}]'),
    ('add_messages', NULL, '[{"type": "remove", "id": "a"}, {"type": "ai", "content": "x", "id": "a"}]'),
    ('append', '[1]', '[2, {"__overwrite__": [9]}, 3]'), ('append', '[1]', '[{"__overwrite__": [9]}, 2, 3]'), ('add', '1', '["x", {"__overwrite__": 9.10}]'),
    ('append', '[1]', '[{"__overwrite__": [8]}, {"__overwrite__": [9]}]'), ('append', '[1]', '[{"__overwrite__": 8}, 2, {"type": "__overwrite__", "value": 8}]'),
    ('add', '1', '[2, "x"]'), ('append', '1', '[2]'), ('append', '[1]', '{}'), ('append', '[1]', '2')
) AS v (reducer, current, updates);

-- The updates of a superstep at once are the updates one after the other: values, and which one fails.
CREATE FUNCTION pg_temp.in_turn(reducer text, current jsonb, updates jsonb) RETURNS text LANGUAGE plpgsql AS
$$
BEGIN
    FOR i IN 0 .. jsonb_array_length(updates) - 1 LOOP
        current := threadmem.channel_reduce(reducer, current, updates -> i);
    END LOOP;
    RETURN current;
EXCEPTION WHEN OTHERS THEN
    RETURN SQLERRM;
END $$;
CREATE FUNCTION pg_temp.at_once(reducer text, current jsonb, updates jsonb) RETURNS text LANGUAGE plpgsql AS
$$
BEGIN
    RETURN threadmem.channel_superstep('ch', reducer, current, updates);
EXCEPTION WHEN OTHERS THEN
    RETURN SQLERRM;
END $$;
CREATE FUNCTION pg_temp.any_update(reducer text) RETURNS jsonb LANGUAGE sql VOLATILE AS
$$
    SELECT CASE
        WHEN reducer <> 'add_messages' THEN
            (ARRAY['1', '1.0', '[1, 1.0, "1"]', '[]', '"a"', '{"a": 1, "bb": [2]}', '{"a": {"c": 1}, "c": null}', '{}', 'null', '[[1], {}]']::jsonb[])[1 + floor(random() * 10)]
        WHEN random() < 0.1 THEN '[{"type": "human", "content": "lost", "id": "m1"}, {"type": "remove", "id": "__remove_all__"}, {"type": "ai", "content": "first", "id": "m2"}, {"type": "ai", "content": "again", "id": "m2"}, {"type": "remove", "id": "m3"}]'
        ELSE (SELECT jsonb_agg(CASE WHEN random() < 0.3 THEN jsonb_build_object('type', 'remove', 'id', 'm' || floor(random() * 4))
                                    ELSE jsonb_build_object('type', 'human', 'id', 'm' || floor(random() * 6), 'content', floor(random() * 1000)::text) END)
              FROM generate_series(1, 1 + floor(random() * 3)::int)) END
$$;
SELECT setseed(0.5);
SELECT reducer, count(*) FILTER (WHERE left(pg_temp.in_turn(reducer, current, updates), 1) IN ('[', '{', '"') OR reducer = 'add') > 50 AS many_succeed,
       count(*) FILTER (WHERE pg_temp.at_once(reducer, current, updates) IS DISTINCT FROM pg_temp.in_turn(reducer, current, updates)) AS differ
FROM (SELECT reducer, current, to_jsonb(ARRAY(SELECT pg_temp.any_update(reducer) FROM generate_series(1, 1 + i % 5))) AS updates
      FROM (VALUES ('append', '[0]'::jsonb), ('union', '[1, 1]'), ('merge', '{"bb": 1}'), ('add', '1.5'), ('add', '[1]'), ('add', '"x"'),
                   ('add_messages', '[{"type": "human", "content": "one", "id": "m1"}, {"type": "human", "content": "two", "id": "m1"}, {"type": "ai", "content": "three", "id": "m3"}]')) AS r (reducer, current),
           generate_series(1, 2000) AS i OFFSET 0) AS cases
GROUP BY reducer ORDER BY reducer;

-- Reducers have names, and required arguments are given.
SELECT threadmem.channel_reduce('multiply', '1', '2');
SELECT threadmem.channel_reduce('', '1', '2');
SELECT threadmem.channel_default('Append');
SELECT threadmem.channel_superstep('ch', 'last', NULL, '[1]');
SELECT threadmem.channel_reduce(NULL, '1', '2');
SELECT threadmem.channel_reduce('add', '1', NULL);
SELECT threadmem.channel_reduce('add', '1');
SELECT threadmem.channel_superstep('ch', 'add', '1', NULL);
SELECT threadmem.channel_superstep('ch', 'add', '1', '[2, "x"]');
SELECT threadmem.channel_reduce('add', update => '2'), threadmem.channel_superstep('ch', 'add', '1'), threadmem.channel_superstep('ch', 'last_value');

-- Graph definitions know the same reducers.
BEGIN;
SELECT count(threadmem.graph_define('g', jsonb_build_object('channels', jsonb_build_object('ch', jsonb_build_object('reducer', reducer)))))
FROM unnest(ARRAY['last_value', 'add_messages', 'append', 'add', 'merge', 'union']) AS reducer;
ROLLBACK;

-- Many messages: by hash, so thousands are replaced, removed and appended at once.
SELECT jsonb_array_length(result), result #>> '{0,content}', result #>> '{9999,id}', result #>> '{-1,id}'
  FROM threadmem.channel_reduce('add_messages',
    (SELECT jsonb_agg(jsonb_build_object('type', 'human', 'content', 'old', 'id', 'm' || i) ORDER BY i) FROM generate_series(1, 20000) AS i),
    (SELECT jsonb_agg(CASE WHEN i <= 10000 OR i > 20000 THEN jsonb_build_object('type', 'ai', 'content', 'new', 'id', 'm' || i)
                           ELSE jsonb_build_object('type', 'remove', 'id', 'm' || i) END ORDER BY i) FROM generate_series(1, 30000) AS i)) AS result;

-- Nesting deeper than the stack allows is an error where a value is taken apart, not a crash.
CREATE TEMP TABLE deep AS SELECT (repeat('[', 1000) || repeat(']', 1000))::jsonb AS value;
SET max_stack_depth = '100kB';
\set VERBOSITY sqlstate
SELECT threadmem.channel_reduce('append', '[1]', value) -> 1 = value -> 0 AS kept FROM deep;
SELECT threadmem.channel_reduce('union', '[1]', value) -> 1 = value -> 0 AS kept FROM deep;
SELECT threadmem.channel_reduce('merge', '{"a": 1}', jsonb_build_object('b', value)) FROM deep;
SELECT threadmem.channel_reduce('add_messages', NULL, jsonb_build_object('type', 'ai', 'content', value)) FROM deep;
SELECT threadmem.channel_reduce('append', NULL, jsonb_build_object('__overwrite__', value)) FROM deep;
\set VERBOSITY default
RESET max_stack_depth;
