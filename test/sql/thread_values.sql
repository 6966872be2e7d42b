-- Threads are found and counted by what their values contain, exactly, and a search shows or takes out of their states what it is asked for.
\set SHOW_CONTEXT never
\pset null (null)
SET TIME ZONE 'UTC';
SET threadmem.tenant = 'search values';
CREATE FUNCTION pg_temp.ids(call text) RETURNS text LANGUAGE plpgsql AS
$$DECLARE ids text;
BEGIN EXECUTE format('SELECT string_agg(thread_id, '' '') FROM threadmem.%s', call) INTO ids; RETURN ids; END$$;
-- What the search finds, what the count says, and whether both are what the histories show: the values of each thread's newest state.
CREATE FUNCTION pg_temp.match(match jsonb, OUT threads text, OUT count bigint, OUT as_shown boolean) LANGUAGE plpgsql AS
$$BEGIN
    SELECT string_agg(thread_id, ' ' ORDER BY thread_id) INTO threads FROM threadmem.thread_search(values_match => match, max_rows => 1000);
    count := threadmem.thread_count(values_match => match);
    SELECT threads IS NOT DISTINCT FROM string_agg(t.thread_id, ' ' ORDER BY t.thread_id) AND count = count(*) INTO as_shown FROM threadmem.thread_list(max_rows => 1000) t
     WHERE coalesce((SELECT h."values" FROM threadmem.thread_history(t.thread_id, 1) h), '{}') @> match;
END$$;
CREATE FUNCTION pg_temp.put(thread text, channel_values jsonb, id text DEFAULT 'c1', parent text DEFAULT NULL) RETURNS text LANGUAGE sql AS
$$SELECT checkpoint_id FROM threadmem.checkpoint_put(thread, jsonb_build_object('id', id, 'channel_values', channel_values, 'channel_versions', (SELECT coalesce(jsonb_object_agg(k, 1), '{}') FROM jsonb_object_keys(channel_values) k)), parent_checkpoint_id => parent)$$;

SELECT thread_id FROM threadmem.thread_create('empty');
SELECT seq FROM threadmem.message_add('empty', 'user', 'only in the log');
SELECT count(pg_temp.put(thread, v)) FROM (VALUES
    ('c0', '{}'::jsonb), ('n1', '{"n": 1, "topic": "rome"}'), ('n1.0', '{"n": 1.0, "topic": "rome"}'), ('ntext', '{"n": "1"}'), ('ntrue', '{"n": true}'), ('nnull', '{"n": null}'), ('n2', '{"n": 2, "topic": "paris"}'),
    ('nested', '{"deep": {"x": 1, "y": {"z": null}, "list": [1, {"a": "b", "c": 2}]}, "topic": "rome"}'), ('array', '{"tags": ["a", "b", 1]}'), ('emptied', '{"deep": {}, "tags": [], "topic": ""}'),
    ('internal', '{"__start__": 1, "branch:to:x": 1, "start:x": 1, "join:a+b:x": 1, "__pregel_tasks": [], "n": 7}'),
    ('wire', '{"message": {"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "HumanMessage"], "kwargs": {"content": "hi", "id": "w"}}, "messages": [{"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "AIMessage"], "kwargs": {"content": "ho", "id": "v"}}]}')) AS v (thread, v);

-- docs/contracts.md#threads: search: values are containment, nested objects too; {} matches all; types matter; null matches null; a thread without values matches {} only.
SELECT match, m.* FROM unnest(ARRAY['{}', '{"n": 1}', '{"n": 1.0}', '{"n": 1.00}', '{"n": "1"}', '{"n": true}', '{"n": false}', '{"n": null}', '{"n": 2}', '{"n": 3}', '{"missing": null}', '{"topic": "rome"}', '{"topic": ""}',
    '{"topic": "rome", "n": 1}', '{"topic": "paris", "n": 1}', '{"topic": ["rome"]}', '{"tags": "a"}', '{"tags": ["b"]}', '{"tags": ["b", "a", "b"]}', '{"tags": ["c"]}', '{"tags": [1]}', '{"tags": ["1"]}', '{"tags": []}', '{"tags": {}}',
    '{"deep": {}}', '{"deep": {"x": 1}}', '{"deep": {"x": "1"}}', '{"deep": {"y": {"z": null}}}', '{"deep": {"y": null}}', '{"deep": {"list": [{"c": 2}]}}', '{"deep": {"list": [{"a": "b"}, 1]}}', '{"deep": {"list": {"a": "b"}}}', '{"deep": {"x": 1}, "topic": "rome"}', '{"deep": {"x": 1}, "topic": "paris"}']) WITH ORDINALITY AS f (match, i), pg_temp.match(match::jsonb) m ORDER BY i;
-- LangGraph's own channels are no values.
SELECT match, m.* FROM unnest(ARRAY['{"__start__": 1}', '{"branch:to:x": 1}', '{"start:x": 1}', '{"join:a+b:x": 1}', '{"__pregel_tasks": []}', '{"n": 7}', '{"n": 7, "__start__": 1}']) WITH ORDINALITY AS f (match, i), pg_temp.match(match::jsonb) m ORDER BY i;
SELECT "values" FROM threadmem_data.thread_values WHERE tenant_id = 'search values' AND thread_id = 'internal';
-- Messages as on the wire, not as a client's constructor form.
SELECT match, m.* FROM unnest(ARRAY['{"message": {"type": "human", "content": "hi"}}', '{"message": {"lc": 1}}', '{"messages": [{"type": "ai", "content": "ho", "tool_calls": []}]}', '{"messages": [{"content": "hi"}]}', '{"messages": []}']) WITH ORDINALITY AS f (match, i), pg_temp.match(match::jsonb) m ORDER BY i;

-- At the limit of what thread_values keeps: 256 bytes of a string, or of a number, and beyond.
SELECT count(pg_temp.put(format('%s%s', kind, n), jsonb_build_object('big', CASE kind WHEN 'text' THEN to_jsonb(repeat('x', n)) ELSE to_jsonb((repeat('1234', n) || '.5')::numeric) END)))
  FROM (VALUES ('text', 256), ('text', 257), ('number', 122), ('number', 123), ('number', 124), ('number', 125)) AS v (kind, n);
SELECT thread_id, EXISTS (SELECT FROM threadmem_data.thread_values v WHERE v.tenant_id = 'search values' AND v.thread_id = t.thread_id) AS kept FROM threadmem.thread_list(max_rows => 1000) t WHERE thread_id ~ '^(text|number)' ORDER BY 1;
SELECT kind, n, m.* FROM (VALUES ('text', 256), ('text', 257), ('text', 258), ('number', 122), ('number', 123), ('number', 124), ('number', 125), ('number', 126)) AS v (kind, n),
    pg_temp.match(jsonb_build_object('big', CASE kind WHEN 'text' THEN to_jsonb(repeat('x', n)) ELSE to_jsonb((repeat('1234', n) || '.5')::numeric) END)) m;
-- The same number written with many decimals.
SELECT n, m.* FROM unnest('{122,123,124,125}'::int[]) n, pg_temp.match(jsonb_build_object('big', to_jsonb((repeat('1234', n) || '.5' || repeat('0', 70))::numeric))) m;
SELECT pg_temp.put('decimals', jsonb_build_object('big', to_jsonb((repeat('1234', 124) || '.5' || repeat('0', 70))::numeric)));
SELECT m.* FROM pg_temp.match(jsonb_build_object('big', to_jsonb((repeat('1234', 124) || '.5')::numeric))) m;

-- What a channel shows before its first write, its graph's default, is a value; no checkpoint, no values.
SELECT graph_id FROM threadmem.graph_define('agent', '{"channels": {"messages": {"reducer": "add_messages"}, "count": {"reducer": "add"}, "log": {"reducer": "append"}, "mood": {"default": "calm"}, "state": {"default": {"a": 1}}, "topic": {}}}');
SELECT graph_id FROM threadmem.graph_define('other', '{"channels": {"count": {"default": 5}, "mood": {"default": null}}}');
SELECT thread_id FROM threadmem.thread_create('graph none', graph_id => 'agent');
SELECT count(threadmem.thread_create('graph ' || n, graph_id => g, supersteps => jsonb_build_array(jsonb_build_object('updates', jsonb_build_array(jsonb_build_object('values', v, 'as_node', '__start__'))))))
  FROM (VALUES ('default', 'agent', '{"topic": "oslo"}'::jsonb), ('counted', 'agent', '{"topic": "oslo", "count": 3}'), ('zero', 'agent', '{"count": 0, "mood": "wild"}'), ('other', 'other', '{}'), ('unknown', 'nowhere', '{"topic": "oslo"}')) AS t (n, g, v);
SELECT pg_temp.put('saver', '{"topic": "oslo"}'), graph_id FROM threadmem.thread_update('graph none', graph_id => 'agent');
SELECT match, m.* FROM unnest(ARRAY['{"count": 0}', '{"count": 0.0, "topic": "oslo"}', '{"count": 3}', '{"count": 5}', '{"count": null}', '{"log": []}', '{"log": [1]}', '{"mood": "calm"}', '{"mood": null}', '{"mood": "calm", "count": 0}', '{"state": {"a": 1}}', '{"topic": "oslo"}', '{"mood": "calm", "tags": ["a"]}']) WITH ORDINALITY AS f (match, i), pg_temp.match(match::jsonb) m ORDER BY i;

-- docs/contracts.md#threads: search: the values are those of the latest checkpoint: after an update, a branch switch, a prune, a copy, a deletion.
CREATE FUNCTION pg_temp.step(thread text, input jsonb, at text DEFAULT NULL) RETURNS text LANGUAGE sql AS
$$SELECT checkpoint_id FROM threadmem.thread_update_state(thread, input, '__start__', checkpoint_id => at)$$;
CREATE FUNCTION pg_temp.where_is() RETURNS TABLE (match jsonb, threads text, count bigint, as_shown boolean) LANGUAGE sql AS
$$SELECT f.match, m.* FROM unnest('{"{\"where\": 1}","{\"where\": 2}","{\"where\": 3}","{\"map\": {\"at\": 1}}","{\"map\": {\"at\": 2}}","{\"messages\": [{\"content\": \"said\"}]}","{\"messages\": [{\"content\": \"said later\"}]}"}'::jsonb[]) WITH ORDINALITY AS f (match, i), pg_temp.match(f.match) m ORDER BY i$$;
SELECT thread_id FROM threadmem.thread_create('moves', messages => '[{"role": "user", "id": "s", "content": "said"}]');
SELECT pg_temp.step('moves', '{"where": 1, "map": {"at": 1}}') AS one \gset
SELECT * FROM pg_temp.where_is();
SELECT pg_temp.step('moves', '{"where": 2, "map": {"at": 2}}') AS two \gset
SELECT seq FROM threadmem.message_add('moves', 'user', 'said later', message_id => 'l');
SELECT * FROM pg_temp.where_is();
SELECT pg_temp.step('moves', '{"where": 3, "map": null}', :'one') AS three \gset
SELECT * FROM pg_temp.where_is();
SELECT thread_id FROM threadmem.thread_copy('moves', 'moved');
SELECT threadmem.thread_prune('{moves}', 'keep_latest') AS pruned;
SELECT * FROM pg_temp.where_is();
SELECT pg_temp.step('moved', '{"where": 1}') > '' AS stepped;
SELECT * FROM pg_temp.where_is() WHERE match ? 'where';
SELECT pg_temp.put('undone', '{"where": 2}'), p.checkpoint_id FROM threadmem.checkpoint_put('undone', '{"id": "c2", "channel_values": {"where": 3}, "channel_versions": {"where": 2}}', '{"run_id": "r"}', parent_checkpoint_id => 'c1') p;
SELECT * FROM pg_temp.where_is() WHERE threads ~ 'undone';
SELECT threadmem.checkpoint_delete_for_runs('{r}');
SELECT * FROM pg_temp.where_is() WHERE threads ~ 'undone';
-- What tasks of the latest have written, and what the log has more, counts with the next checkpoint.
SELECT threadmem.checkpoint_put_writes('moved', checkpoint ->> 'checkpoint_id', 'task', '[["where", 9], ["map", {"at": 9}]]') FROM threadmem.thread_history('moved', 1);
SELECT match, m.* FROM unnest(ARRAY['{"where": 9}', '{"map": {"at": 9}}', '{"where": 1}']) AS f (match), pg_temp.match(match::jsonb) m;
-- Nor does what was written without a task, which a history shows.
SELECT threadmem.checkpoint_put_writes('undone', 'c1', '00000000-0000-0000-0000-000000000000', '[["where", 8], ["map", {"at": 8}]]');
SELECT h."values", threadmem.thread_count(values_match => '{"where": 8}') AS scalar, threadmem.thread_count(values_match => '{"map": {"at": 8}}') AS object FROM threadmem.thread_history('undone') h;
SELECT threadmem.checkpoint_delete_thread('moves') > 0 AS deleted, threadmem.checkpoint_delete_thread('undone') > 0 AS deleted_too, kind FROM threadmem.thread_delete('moved') WHERE kind = 'threads';
SELECT * FROM pg_temp.where_is() WHERE count > 0;
SELECT * FROM threadmem.threadmem_verify();

-- With the other filters, every order and page by page; a cursor may be a thread that the filter leaves out.
SELECT pg_temp.ids(c) AS ids FROM unnest(ARRAY[$$thread_search(values_match => '{"topic": "rome"}', thread_ids => '{n1,n2,nested}', sort_by => 'thread_id')$$, $$thread_search(values_match => '{"topic": "oslo"}', graph_id => 'agent', sort_by => 'thread_id')$$,
    $$thread_search(values_match => '{"topic": "oslo"}', metadata => '{"none": 1}')$$, $$thread_search(values_match => '{"topic": "oslo"}', status => 'idle', sort_by => 'thread_id', sort_order => 'asc')$$,
    $$thread_search(values_match => '{"topic": "oslo"}', sort_by => 'thread_id', sort_order => 'asc', max_rows => 2)$$, $$thread_search(values_match => '{"topic": "oslo"}', sort_by => 'thread_id', sort_order => 'asc', max_rows => 2, skip => 2)$$,
    $$thread_search(values_match => '{"topic": "oslo"}', sort_by => 'thread_id', sort_order => 'asc', max_rows => 2, after_id => 'graph default')$$, $$thread_search(values_match => '{"topic": "oslo"}', sort_by => 'thread_id', sort_order => 'asc', after_id => 'empty')$$,
    $$thread_search(values_match => '{"deep": {}}', sort_by => 'thread_id', sort_order => 'asc', max_rows => 1, after_id => 'emptied')$$, $$thread_search(values_match => '{"topic": "oslo"}', max_rows => 0)$$]) WITH ORDINALITY AS f (c, i) ORDER BY i;
-- More threads than are listed beforehand, which are 1,000, are found like fewer, and every page of them.
SELECT count(pg_temp.put('m' || n, jsonb_build_object('many', n <= 1003, 'listed', n <= 1000, 'more', n <= 1001, 'third', n % 3, 'one', n))) FROM generate_series(1, 1004) n;
SELECT threadmem.thread_count(values_match => '{"many": true}') AS many, threadmem.thread_count(values_match => '{"many": true, "one": 7}') AS one, threadmem.thread_count(values_match => '{"many": true}', thread_ids => '{m1,m1004,n1}') AS given,
    threadmem.thread_count(values_match => '{"listed": true}') AS listed, threadmem.thread_count(values_match => '{"more": true}') AS more;
SELECT pg_temp.ids(format('thread_search(values_match => %L, sort_by => %L, sort_order => ''asc'', max_rows => 3)', v, s)) AS ids FROM unnest('{"{\"many\": true}","{\"many\": false}","{\"third\": 0}"}'::text[]) v, unnest('{created_at,thread_id,state_updated_at}'::text[]) s;
CREATE FUNCTION pg_temp.pages(call text) RETURNS text LANGUAGE plpgsql AS
$$DECLARE page text[]; seen text[] := '{}'; pages int := 0;
BEGIN
    LOOP
        EXECUTE format('SELECT array_agg(thread_id) FROM threadmem.%s, max_rows => 300, after_id => %L)', call, seen[array_upper(seen, 1)]) INTO page;
        EXIT WHEN page IS NULL OR pages > 9;
        pages := pages + 1; seen := seen || page;
    END LOOP;
    RETURN format('%s pages, %s threads, %s different', pages, cardinality(seen), (SELECT count(DISTINCT s) FROM unnest(seen) s));
END$$;
SELECT s, pg_temp.pages(format('thread_search(values_match => ''{"many": true}'', sort_by => %L', s)), pg_temp.pages(format('thread_search(values_match => ''{"third": 0}'', sort_by => %L', s)) FROM unnest('{created_at,updated_at,thread_id,state_updated_at}'::text[]) s;
SELECT threadmem.thread_prune(array_agg('m' || n)) FROM generate_series(2, 1004) n;
SELECT m.* FROM pg_temp.match('{"many": true}') m;

-- docs/contracts.md#threads: search: select may name values and interrupts, which are those of the latest state, with what is pending; only then are states read.
SELECT thread_id FROM threadmem.thread_create('shown', graph_id => 'agent', metadata => '{"owner": {"id": 7}, "list": [1, 2, 3]}', config => '{"tags": ["x"]}', supersteps => '[{"updates": [{"values": {"messages": [{"type": "human", "id": "h", "content": "hi"}], "topic": "rome"}, "as_node": "__start__"}]}]');
SELECT checkpoint_id AS head FROM threadmem.thread_update_state('shown', '{}', '__start__', next => '{ask}') \gset
SELECT threadmem.checkpoint_put_writes('shown', :'head', tasks -> 0 ->> 'id', '[["__interrupt__", [{"value": "sure?", "id": "i"}]], ["count", 5]]') FROM threadmem.thread_state('shown');
SELECT seq FROM threadmem.message_add('shown', 'user', 'later', message_id => 'l');
SELECT f.fields, s.thread_id, s.title, s."values", jsonb_path_query_array(s.interrupts, '$.*[*]') AS interrupts, s.extracted FROM unnest('{NULL,"{}","{title}","{values}","{interrupts}","{interrupts,values,title}"}'::text[]) WITH ORDINALITY AS f (fields, i), threadmem.thread_search('{shown}', fields => f.fields::text[]) s ORDER BY i;
SELECT s."values" = t."values" AND jsonb_path_query_array(s.interrupts, '$.*[*]') = t.interrupts AS as_thread_state FROM threadmem.thread_search('{shown}', fields => '{values,interrupts}') s, threadmem.thread_state('shown') t;
SELECT thread_id, "values" #- '{messages,0,id}', interrupts FROM threadmem.thread_search('{empty,c0,n1,graph none,unknown}', fields => '{values,interrupts}', sort_by => 'thread_id', sort_order => 'asc');
-- docs/contracts.md#threads: search: extract takes paths of values, metadata, config and interrupts; one that leads nowhere is null; it needs no fields.
SELECT key, value FROM threadmem.thread_search('{shown}', paths => '{"last": "values.messages[-1].content", "first": "values.messages[0].id", "second": "values.messages[1].id", "topic": "values.topic", "owner": "metadata.owner.id", "tail": "metadata.list[-3]", "config": "config.tags[0]", "why": "interrupts[0].value", "no": "metadata.owner.name", "all": "config"}') s, jsonb_each(extracted);
SELECT key, value FROM threadmem.thread_search('{shown}', fields => '{title}', paths => '{"a": "metadata.list[3]", "b": "metadata.list[-4]", "c": "metadata.list.x", "d": "metadata[0]", "e": "values[0]", "f": "interrupts[1].value", "g": "values.topic.x", "h": "metadata.list[2147483647]", "": "values.count", "j": "metadata.list[-2147483648]"}') s, jsonb_each(extracted);
SELECT thread_id, metadata, "values", extracted FROM threadmem.thread_search('{shown,empty}', fields => '{thread_id}', paths => '{"m": "metadata", "topic": "values.topic"}', sort_by => 'thread_id', sort_order => 'asc');
SELECT thread_id, metadata, "values" ->> 'topic' AS topic, extracted FROM threadmem.thread_search('{shown}', fields => '{values,metadata}', paths => '{"topic": "values.topic"}');
SELECT extracted FROM threadmem.thread_search('{shown}', paths => '{}');
SELECT extracted FROM threadmem.thread_search('{shown}');
SELECT count(*) FROM threadmem.thread_search(fields => '{values}', paths => '{"x": "values.n"}', max_rows => 0);
-- Only rows of the page are read: a damaged state beside them does no harm.
UPDATE threadmem_data.checkpoints SET snapshot = '{"refs": {"messages": 1}}' WHERE tenant_id = 'search values' AND thread_id = 'n2';
SELECT count("values") FROM threadmem.thread_search('{n1,n2}', values_match => '{"n": 1}', fields => '{values}');
SELECT "values" FROM threadmem.thread_search('{n1,n2}', sort_by => 'thread_id', sort_order => 'asc', max_rows => 1, fields => '{values}');
SELECT thread_id, "values", left_out FROM threadmem.thread_search('{n2}', fields => '{values}');
SELECT thread_id, extracted FROM threadmem.thread_search('{n2}', fields => '{status}', paths => '{"a": "metadata.a"}');
SELECT kind FROM threadmem.thread_delete('n2') WHERE kind = 'threads';

-- Bad input.
SELECT threadmem.thread_search(values_match => '[]');
SELECT threadmem.thread_count(values_match => '1');
SELECT threadmem.thread_search(fields => '{values,next}');
SELECT threadmem.thread_search(fields => '{values.topic}');
SELECT threadmem.thread_search(fields => '{extracted}');
SELECT threadmem.thread_search(paths => '["values"]');
SELECT threadmem.thread_search(paths => '{"a": 1}');
SELECT threadmem.thread_search(paths => (SELECT jsonb_object_agg(n, 'values') FROM generate_series(1, 11) n));
SELECT count(extracted) FROM threadmem.thread_search('{n1}', paths => (SELECT jsonb_object_agg(n, 'values') FROM generate_series(1, 10) n));
SELECT threadmem.thread_search(paths => '{"a": "title"}');
\set VERBOSITY sqlstate
CREATE FUNCTION pg_temp.error_of(path text) RETURNS text LANGUAGE plpgsql AS
$$BEGIN PERFORM threadmem.thread_search('{n1}', paths => jsonb_build_object('a', path)); RETURN 'fine'; EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE; END$$;
SELECT p, pg_temp.error_of(p) FROM unnest(ARRAY['', 'value', 'valuesx', 'Values', '.values', 'values.', 'values..a', 'values.a.', 'values[', 'values[]', 'values[x]', 'values[1', 'values[1]a', 'values[ 1]', 'values[+1]', 'values[-]', 'values[1.0]', 'values[2147483648]', 'values[-2147483649]', 'values[99999999999999999999]', 'values.a[0].b[-1]', 'values[0][1]', 'values.a]', 'values. a']) WITH ORDINALITY AS u (p, i) ORDER BY i;
SELECT threadmem.state_matches(NULL, '{}');
SELECT threadmem.state_matches('n1', NULL);
SELECT threadmem.state_matches('n1', '[]');
\set VERBOSITY default
SELECT threadmem.state_matches('n1', '{"n": 1}') AS matches, threadmem.state_matches('n1', '{"n": 2}') AS differs, threadmem.state_matches('empty', '{}') AS empty, threadmem.state_matches('empty', '{"messages": []}') AS log, threadmem.state_matches('unknown', '{}') AS unknown;

-- A narrowed session and a bound role search what they see, another tenant nothing.
SELECT count(threadmem.user_create(u)) FROM unnest('{ann,bob}'::text[]) u;
SELECT count(threadmem.thread_create('of ' || u, u, participant_ids => o, supersteps => '[{"updates": [{"values": {"secret": 1, "box": {"a": 1}}, "as_node": "__start__"}]}]')) FROM (VALUES ('ann', '{}'::text[]), ('bob', '{}'), ('bob and ann', '{ann}')) AS v (u, o) WHERE u <> 'bob and ann';
SELECT thread_id FROM threadmem.thread_create('of both', 'bob', participant_ids => '{ann}', supersteps => '[{"updates": [{"values": {"secret": 1, "box": {"a": 1}}, "as_node": "__start__"}]}]');
CREATE ROLE regress_thread_values;
SELECT threadmem.grant_access('regress_thread_values', 'read'), threadmem.tenant_bind('regress_thread_values', 'search values');
SET ROLE regress_thread_values;
SELECT m.* FROM pg_temp.match('{"secret": 1}') m;
SET threadmem.user_id = 'ann';
SELECT match, m.* FROM unnest(ARRAY['{}', '{"secret": 1}', '{"box": {"a": 1}}', '{"box": {"a": 2}}', '{"topic": "rome"}', '{"count": 0}']) AS f (match), pg_temp.match(match::jsonb) m;
SELECT thread_id, "values", extracted FROM threadmem.thread_search('{of ann,of bob,of both}', fields => '{values}', paths => '{"a": "values.box.a"}', sort_by => 'thread_id', sort_order => 'asc');
SELECT threadmem.state_matches('of bob', '{"secret": 1}') AS hidden, threadmem.state_matches('of both', '{"secret": 1}') AS shared;
RESET threadmem.user_id;
SET threadmem.tenant = 'search values 2';
SELECT threadmem.thread_count(values_match => '{"secret": 1}') AS bound;
RESET ROLE;
-- Nor does what a search looks at tell whether another tenant has the values: its index knows tenants.
SET threadmem.tenant = 'search values 3';
SELECT count(threadmem.thread_create('theirs ' || n, supersteps => '[{"updates": [{"values": {"told": 1}, "as_node": "__start__"}]}]')) FROM generate_series(1, 3) n;
CREATE FUNCTION pg_temp.looked_at(match jsonb) RETURNS bigint LANGUAGE plpgsql AS
$$DECLARE
    before bigint := pg_stat_get_xact_tuples_fetched('threadmem_data.thread_values'::regclass) + pg_stat_get_xact_tuples_returned('threadmem_data.thread_values'::regclass);
BEGIN
    PERFORM threadmem.thread_count(values_match => match);
    RETURN pg_stat_get_xact_tuples_fetched('threadmem_data.thread_values'::regclass) + pg_stat_get_xact_tuples_returned('threadmem_data.thread_values'::regclass) - before;
END$$;
SET threadmem.tenant = 'search values';
SELECT threadmem.thread_count(values_match => '{"told": 1}') AS found, pg_temp.looked_at('{"told": 1}') - pg_temp.looked_at('{"told": 2}') AS told;
SET threadmem.tenant = 'search values 2';
SELECT threadmem.thread_count(values_match => '{"secret": 1}') AS other_tenant, threadmem.thread_count(values_match => '{}') AS all, threadmem.thread_count(values_match => '{"deep": {}}') AS states, threadmem.state_matches('n1', '{}') AS matches;
SET threadmem.tenant = 'search values';
SELECT threadmem.tenant_bind('regress_thread_values', NULL);
DROP OWNED BY regress_thread_values;
DROP ROLE regress_thread_values;

-- docs/contracts.md#threads: search: sort_by state_updated_at. A patch moves updated_at only; get moves nothing; an update of the state moves state_updated_at.
SELECT count(threadmem.thread_create('s' || n, supersteps => '[{"updates": [{"values": {"s": 1}, "as_node": "__start__"}]}]')) FROM generate_series(1, 3) n;
SELECT pg_temp.step('s1', '{"s": 2}') > '' AS stepped;
SELECT pg_temp.ids($$thread_search('{s1,s2,s3}', sort_by => 'state_updated_at')$$), pg_temp.ids($$thread_search('{s1,s2,s3}', sort_by => 'state_updated_at', sort_order => 'asc', values_match => '{"s": 1}')$$), pg_temp.ids($$thread_search('{s1,s2,s3}', sort_by => 'updated_at')$$);
CREATE TEMP TABLE before AS SELECT thread_id, updated_at, state_updated_at FROM threadmem.thread_search('{s2,s3}');
CREATE FUNCTION pg_temp.moved(thread text, OUT updated boolean, OUT state_updated boolean) LANGUAGE sql AS
$$SELECT t.updated_at > b.updated_at, t.state_updated_at > b.state_updated_at FROM threadmem.thread_get(thread) t JOIN before b USING (thread_id)$$;
SELECT * FROM pg_temp.moved('s2');
SELECT metadata FROM threadmem.thread_update('s2', metadata => '{"a": 1}');
SELECT * FROM pg_temp.moved('s2');
SELECT pg_temp.step('s3', '{"s": 2}') > '' AS stepped;
SELECT state_updated FROM pg_temp.moved('s3');
