-- What docs/contracts.md says of LangGraph's threads and states, row by row in their order, as the thread door keeps it. Rows that need no state stand in thread*.sql, those of the saver in checkpoint*.sql, those of one reducer in reducer.sql.
\set SHOW_CONTEXT never
\pset null (null)
\pset format unaligned
\pset tuples_only on
\pset fieldsep '\n'
SET threadmem.tenant = 'state contract';
-- A state: its messages as id:content (? for a generated id), the other values, what is to run next.
CREATE FUNCTION pg_temp.messages("values" jsonb) RETURNS text LANGUAGE sql AS
$$SELECT string_agg(regexp_replace(m ->> 'id', '^.{8}-.{4}-.{4}-.{4}-.{12}$', '?') || ':' || coalesce(m ->> 'content', '-'), ' ' ORDER BY n) FROM jsonb_array_elements("values" -> 'messages') WITH ORDINALITY e (m, n)$$;
CREATE FUNCTION pg_temp.brief(s threadmem.state_snapshot) RETURNS text LANGUAGE sql AS
$$SELECT format('%s %s (%s) %s next %s', s.metadata ->> 'step', s.metadata ->> 'source', pg_temp.messages(s."values"), s."values" - 'messages', s.next)$$;
CREATE FUNCTION pg_temp.brief(s threadmem.listed_state) RETURNS text LANGUAGE sql AS
$$SELECT pg_temp.brief(jsonb_populate_record(NULL::threadmem.state_snapshot, to_jsonb(s)))$$;
-- The same with the step of the parent, newest first.
CREATE FUNCTION pg_temp.history(thread text) RETURNS SETOF text LANGUAGE sql AS
$$SELECT pg_temp.brief(h) || ' < ' || coalesce((SELECT p.metadata ->> 'step' FROM threadmem.thread_history(thread, checkpoint_id => h.parent_checkpoint ->> 'checkpoint_id') p WHERE h.parent_checkpoint IS NOT NULL), 'none') FROM threadmem.thread_history(thread, 100) h$$;
CREATE FUNCTION pg_temp.at(thread text, step int) RETURNS text LANGUAGE sql AS
$$SELECT checkpoint ->> 'checkpoint_id' FROM threadmem.thread_history(thread, 100) WHERE (metadata ->> 'step')::int = step ORDER BY 1 DESC LIMIT 1$$;
-- One update; the latest state after it.
CREATE FUNCTION pg_temp.step(thread text, input jsonb DEFAULT NULL, node text DEFAULT NULL, at text DEFAULT NULL, next text[] DEFAULT NULL) RETURNS text LANGUAGE sql AS
$$SELECT threadmem.thread_update_state(thread, input, node, checkpoint_id => at, next => next);
  SELECT pg_temp.brief(threadmem.thread_state(thread))$$;
CREATE FUNCTION pg_temp.steps(thread text, VARIADIC updates jsonb[]) RETURNS text LANGUAGE sql AS
$$SELECT threadmem.thread_update_state(thread, updates => to_jsonb(updates));
  SELECT pg_temp.brief(threadmem.thread_state(thread))$$;
CREATE FUNCTION pg_temp.msg(id text, content text DEFAULT NULL, type text DEFAULT 'human') RETURNS jsonb LANGUAGE sql AS
$$SELECT jsonb_strip_nulls(jsonb_build_object('type', type, 'id', id, 'content', coalesce(content, id)))$$;
CREATE FUNCTION pg_temp.msgs(VARIADIC list jsonb[]) RETURNS jsonb LANGUAGE sql AS
$$SELECT jsonb_build_object('messages', list)$$;
-- What a task of the latest checkpoint (its name) wrote.
CREATE FUNCTION pg_temp.write(thread text, task text, writes jsonb, path text DEFAULT NULL) RETURNS int LANGUAGE sql AS
$$SELECT threadmem.checkpoint_put_writes(thread, s.checkpoint ->> 'checkpoint_id', t ->> 'id', writes, coalesce(path, '~__pregel_pull, ' || task))
    FROM threadmem.thread_state(thread) s, jsonb_array_elements(s.tasks) t WHERE t ->> 'name' = task$$;
SELECT graph_id FROM threadmem.graph_define('g', '{"channels": {"messages": {"reducer": "add_messages"}, "count": {"reducer": "add", "default": 0}, "log": {"reducer": "append"}, "tags": {"reducer": "union"}, "extra": {"reducer": "merge"}, "topic": {}},
    "nodes": ["a", "b", "c"], "edges": [["__start__", "a"], ["a", "b"], ["a", "c"], ["b", "__end__"]]}');

-- docs/contracts.md#threads: create: graph_id of metadata is the thread's; supersteps need no graph here: messages merge, all else is the last value.
SELECT graph_id, metadata, status FROM threadmem.thread_create('create', metadata => '{"graph_id": "g", "k": 1}');
SELECT graph_id FROM threadmem.thread_create('no graph', supersteps => jsonb_build_array('{"updates": [{"values": {}, "as_node": "__input__"}]}'::jsonb, jsonb_build_object('updates', jsonb_build_array(jsonb_build_object('values', pg_temp.msgs(pg_temp.msg('q')) || '{"count": 1, "any": [1]}', 'as_node', '__start__')))));
SELECT pg_temp.step('no graph', pg_temp.msgs(pg_temp.msg('a')) || '{"count": 2}', 'whoever', next => '{another}');
SELECT * FROM pg_temp.history('no graph');
SELECT status, graph_id FROM threadmem.thread_create('unknown graph', graph_id => 'nobody', supersteps => '[{"updates": [{"values": {"count": 1}, "as_node": "x"}]}]');
SELECT pg_temp.brief(threadmem.thread_state('unknown graph'));
-- docs/contracts.md#threads: create, get, update: neither supersteps nor an update of the state is a change of the row by hand; state_updated_at is theirs; a get moves nothing.
SELECT version, state_updated_at FROM threadmem.thread_get('create');
SELECT pg_temp.step('create', '{"count": 1}', 'a');
SELECT version, metadata, status, state_updated_at > created_at AS moved, state_updated_at AS first FROM threadmem.thread_get('create') \gset
SELECT :version AS version, :'metadata' AS metadata, :'status' AS status, :'moved' AS moved;
SELECT title FROM threadmem.thread_update('create', title => 'by hand');
SELECT state_updated_at = :'first' AS same FROM threadmem.thread_get('create');
SELECT pg_temp.step('create', NULL, NULL);
SELECT state_updated_at > :'first' AS moved FROM threadmem.thread_get('create');
-- docs/contracts.md#threads: values: the row's are those of the latest root state: of an update, of a fork, of what is absent there; not of a subgraph's.
CREATE FUNCTION pg_temp.scalars(thread text) RETURNS jsonb LANGUAGE sql AS
$$SELECT "values" FROM threadmem_data.thread_values WHERE tenant_id = threadmem.current_tenant() AND thread_id = thread$$;
SELECT pg_temp.step('create', '{"topic": "rome", "count": 4}', 'a'), pg_temp.scalars('create');
SELECT checkpoint_id FROM threadmem.checkpoint_put('create', '{"id": "zz", "channel_values": {"topic": "inside"}, "channel_versions": {"topic": 1}}', checkpoint_ns => 'b:1');
SELECT pg_temp.scalars('create'), pg_temp.step('create', '{"count": 10}', 'a', pg_temp.at('create', 0)), pg_temp.scalars('create');
-- docs/contracts.md#threads: delete: every namespace, checkpoint and write goes; the second time is an error; the id used again starts empty.
SELECT pg_temp.step('create', '{}', 'a'), pg_temp.write('create', 'b', '[["log", "x"]]');
SELECT kind, deleted FROM threadmem.thread_delete('create') WHERE kind IN ('checkpoints', 'checkpoint_writes', 'messages') ORDER BY 1;
\set VERBOSITY terse
SELECT threadmem.thread_delete('create');
SELECT threadmem.thread_state('create');
\set VERBOSITY default
SELECT version, metadata FROM threadmem.thread_create('create');
SELECT "values", next, checkpoint FROM threadmem.thread_state('create');
SELECT count(*) FROM threadmem_data.checkpoint_writes WHERE tenant_id = 'state contract';
SELECT threadmem.checkpoint_delete_thread('nobody');
-- docs/contracts.md#threads: copy: all namespaces, checkpoints under the same ids, parents, pending writes; metadata gains the new thread_id, in checkpoints as well; the two are independent.
SELECT thread_id FROM threadmem.thread_create('source', graph_id => 'g', metadata => '{"k": 1}', supersteps => jsonb_build_array(jsonb_build_object('updates', jsonb_build_array(jsonb_build_object('values', pg_temp.msgs(pg_temp.msg('q')), 'as_node', '__start__')))));
SELECT pg_temp.step('source', pg_temp.msgs(pg_temp.msg('one', type => 'ai')), 'a'), pg_temp.step('source', pg_temp.msgs(pg_temp.msg('two', type => 'ai')), 'a', pg_temp.at('source', 0)), pg_temp.write('source', 'b', '[["log", "done"]]'), pg_temp.write('source', 'c', '[["__interrupt__", [{"value": "sure?", "id": "i"}]]]');
SELECT checkpoint_id FROM threadmem.checkpoint_put('source', '{"id": "s", "channel_values": {"inner": 1}, "channel_versions": {"inner": 1}}', '{"parents": {"": "p"}}', checkpoint_ns => 'b:1');
SELECT metadata, graph_id, status, config FROM threadmem.thread_copy('source', 'copied');
CREATE FUNCTION pg_temp.whole(thread text) RETURNS jsonb LANGUAGE sql AS
$$SELECT jsonb_agg(to_jsonb(h) - 'position') || to_jsonb(threadmem.thread_state(thread)) || to_jsonb(threadmem.thread_state(thread, checkpoint_ns => 'b:1')) FROM threadmem.thread_history(thread, 100) h$$;
SELECT replace(pg_temp.whole('source')::text, '"source"', '"copied"') = replace(pg_temp.whole('copied')::text, '"source"', '"copied"') AS same, jsonb_array_length(pg_temp.whole('copied')) AS states, pg_temp.brief(threadmem.thread_state('copied')), metadata ->> 'thread_id' AS thread_id, interrupts FROM threadmem.thread_state('copied');
SELECT pg_temp.whole('source')::text AS before \gset
SELECT pg_temp.step('copied', pg_temp.msgs(pg_temp.msg('three')), 'b');
SELECT pg_temp.whole('source')::text = :'before' AS source_untouched;
SELECT sum(deleted) > 0 AS deleted FROM threadmem.thread_delete('source');
SELECT pg_temp.brief(threadmem.thread_state('copied'));
-- docs/contracts.md#a-state-as-langgraphs-api-gives-it: get_state at: by id in the root, by id or none in a namespace; with checkpoint_map there.
SELECT "values", checkpoint - 'checkpoint_map' AS checkpoint, checkpoint -> 'checkpoint_map' AS map FROM threadmem.thread_state('copied', checkpoint_ns => 'b:1');
SELECT a = b AS same FROM threadmem.thread_state('copied', 's', 'b:1') a, threadmem.thread_state('copied', checkpoint_ns => 'b:1') b;
SELECT pg_temp.brief(threadmem.thread_state('copied', pg_temp.at('copied', 0)));
-- docs/contracts.md#updates-of-a-state: update_state: {thread_id, checkpoint_ns, checkpoint_id} of what was made, which is the latest.
SELECT u.thread_id, u.checkpoint_ns, u.checkpoint_id > pg_temp.at('copied', 2) AS newest FROM threadmem.thread_update_state('copied', '{}', 'c') u;
-- docs/contracts.md#a-state-as-langgraphs-api-gives-it: get_history: 10 unless said otherwise, 1,000 at most.
SELECT count(pg_temp.step('copied')) FROM generate_series(1, 12);
SELECT (SELECT count(*) FROM threadmem.thread_history('copied')) AS "default", (SELECT count(*) FROM threadmem.thread_history('copied', 1)) AS one, (SELECT count(*) FROM threadmem.thread_history('copied', 1000)) AS "all", (SELECT count(*) FROM threadmem.thread_history('copied', NULL)) AS "null";
-- docs/contracts.md#threads: TTL, prune keep_latest: the thread, its metadata and the newest checkpoint of every namespace stay, and the state is what it was.
SELECT to_jsonb(threadmem.thread_state('copied'))::text AS before \gset
SELECT thread_id FROM threadmem.thread_set_ttl('copied', 1, 'keep_latest');
UPDATE threadmem_data.threads SET expires_at = now() - interval '1 min' WHERE tenant_id = 'state contract' AND thread_id = 'copied';
SELECT threadmem.thread_purge_expired();
SELECT metadata ->> 'k' AS k, (SELECT count(*) FROM threadmem.thread_history('copied')) AS root, to_jsonb(threadmem.thread_state('copied'))::text = :'before' AS same, (threadmem.thread_state('copied', checkpoint_ns => 'b:1'))."values" AS inside FROM threadmem.thread_get('copied');

-- docs/contracts.md#graphs-and-channels: channels: a reducer's key is there from the first checkpoint with its default, a last_value's not until written; null is a value; last_value takes the newest.
SELECT thread_id FROM threadmem.thread_create('channels', graph_id => 'g');
SELECT pg_temp.step('channels', '{}', '__start__');
SELECT pg_temp.step('channels', '{"topic": null}', 'a'), pg_temp.step('channels', '{"topic": {"a": 1}}', 'a'), pg_temp.step('channels', '{"topic": {"b": 1}}', 'a');
-- ... every reducer of a step gets all its updates, in the order given: not by name.
SELECT pg_temp.steps('channels', '{"values": {"count": 1, "log": ["c"], "tags": ["x", "y"], "extra": {"k": 1, "l": 1}}, "as_node": "c"}', '{"values": {"count": 2, "log": "b", "tags": ["y", "z"], "extra": {"k": 2}}, "as_node": "b"}', '{"values": {"count": 10, "log": ["a1", "a2"]}, "as_node": "a"}');
-- ... Overwrite replaces a reducer's value, one per step, and wins over its siblings, before it or after it.
SELECT pg_temp.steps('channels', '{"values": {"log": ["lost"], "count": {"__overwrite__": 7}}, "as_node": "a"}', '{"values": {"log": {"__overwrite__": ["new"]}, "count": 1}, "as_node": "b"}');
SELECT pg_temp.steps('channels', '{"values": {"log": {"__overwrite__": ["newer"]}, "count": 1}, "as_node": "a"}', '{"values": {"log": ["lost"], "count": {"type": "__overwrite__", "value": 8}}, "as_node": "b"}');
SELECT pg_temp.step('channels', '{"messages": [{"type": "human", "id": "q", "content": "q"}]}', 'a'), pg_temp.step('channels', '{"messages": {"__overwrite__": [{"type": "ai", "id": "r", "content": "r"}]}}', 'a');
SELECT message_id FROM threadmem.message_list('channels');
-- ... an unknown key is ignored and makes a checkpoint all the same.
SELECT pg_temp.step('channels', '{"nobody": 1}', 'a');
-- ... the writes of tasks apply in the order of path, task and idx, by code points, whenever they came: reading the latest and updating it give the same.
CREATE FUNCTION pg_temp.fan(thread text, VARIADIC writes jsonb[]) RETURNS text LANGUAGE sql AS
$$SELECT threadmem.thread_create(thread, graph_id => 'g');
  SELECT pg_temp.step(thread, '{"topic": "t"}', 'a');
  SELECT pg_temp.write(thread, w ->> 0, w -> 1) FROM unnest(writes) WITH ORDINALITY u (w, n) ORDER BY n;
  SELECT pg_temp.brief(threadmem.thread_state(thread))$$;
SELECT pg_temp.fan('order1', '["c", [["log", "c"], ["log", "c2"]]]', '["b", [["log", "b"]]]'), pg_temp.step('order1', '{"log": "after"}', 'a');
SELECT pg_temp.fan('order2', '["b", [["log", "b"]]]', '["c", [["log", "c"], ["log", "c2"]]]'), pg_temp.step('order2', '{"log": "after"}', 'a');

-- docs/contracts.md#graphs-and-channels: add_messages: one message or a list, of any form; a missing id is made once and stays.
SELECT thread_id FROM threadmem.thread_create('add', graph_id => 'g');
SELECT pg_temp.step('add', '{"messages": "text"}', 'a'), pg_temp.step('add', '{"messages": {"role": "user", "content": "role"}}', 'a'), pg_temp.step('add', '{"messages": [["assistant", "tuple"], {"type": "system", "content": "type", "id": "s"}]}', 'a');
SELECT jsonb_path_query_array("values", '$.messages[*].type') AS types FROM threadmem.thread_state('add');
SELECT a."values" -> 'messages' -> 0 -> 'id' = b."values" -> 'messages' -> 0 -> 'id' AS stable, (SELECT content FROM threadmem.message_get('add', a."values" #>> '{messages,0,id}')) AS in_log FROM threadmem.thread_state('add') a, threadmem.thread_history('add', 1, before_id => pg_temp.at('add', 2)) b;
-- ... the same id: in place, whatever its type; a new one: at the end.
CREATE FUNCTION pg_temp.abc(VARIADIC threads text[]) RETURNS bigint LANGUAGE sql AS
$$SELECT count(pg_temp.step((threadmem.thread_create(t, graph_id => 'g')).thread_id, pg_temp.msgs(pg_temp.msg('a'), pg_temp.msg('b'), pg_temp.msg('c')), '__start__')) FROM unnest(threads) t$$;
SELECT pg_temp.abc('add1', 'add2', 'add3', 'add4', 'add5', 'add6', 'add7', 'add8');
SELECT pg_temp.step('add1', pg_temp.msgs(pg_temp.msg('d'), pg_temp.msg('b', 'B', 'ai')), 'a');
SELECT message_id, seq, role, content FROM threadmem.message_list('add1');
-- ... twice in one update: once, the last wording at the first place.
SELECT pg_temp.step('add1', pg_temp.msgs(pg_temp.msg('e', 'first'), pg_temp.msg('f'), pg_temp.msg('e', 'second')), 'a');
-- ... RemoveMessage; of one that stands earlier in the update; removed and added again it keeps its place, added and removed it is gone.
SELECT pg_temp.step('add2', pg_temp.msgs(pg_temp.msg('b', '', 'remove')), 'a');
SELECT pg_temp.step('add3', pg_temp.msgs(pg_temp.msg('d'), pg_temp.msg('d', '', 'remove')), 'a');
SELECT pg_temp.step('add4', pg_temp.msgs(pg_temp.msg('b', '', 'remove'), pg_temp.msg('b', 'again')), 'a');
SELECT pg_temp.step('add5', pg_temp.msgs(pg_temp.msg('b', 'again'), pg_temp.msg('b', '', 'remove')), 'a');
-- ... by two updates of one step, in both orders.
SELECT pg_temp.steps('add6', jsonb_build_object('values', pg_temp.msgs(pg_temp.msg('b', '', 'remove')), 'as_node', 'a'), jsonb_build_object('values', pg_temp.msgs(pg_temp.msg('b', 'again')), 'as_node', 'b'));
SELECT pg_temp.steps('add7', jsonb_build_object('values', pg_temp.msgs(pg_temp.msg('b', 'again')), 'as_node', 'a'), jsonb_build_object('values', pg_temp.msgs(pg_temp.msg('b', '', 'remove')), 'as_node', 'b'));
-- ... __remove_all__: exactly what follows the last one.
SELECT pg_temp.step('add8', pg_temp.msgs(pg_temp.msg('x'), pg_temp.msg('__remove_all__', '', 'remove'), pg_temp.msg('y'), pg_temp.msg('__remove_all__', '', 'remove'), pg_temp.msg('z'), pg_temp.msg('a', 'A')), 'a');
SELECT pg_temp.step('add8', pg_temp.msgs(pg_temp.msg('__remove_all__', '', 'remove')), 'a');
-- ... what was removed may come back, at the end.
SELECT pg_temp.step('add2', pg_temp.msgs(pg_temp.msg('b')), 'a');

-- docs/contracts.md#updates-of-a-state: steps: an update is source update, one step after its parent, 0 on an empty thread; its parent the latest or the one addressed.
SELECT thread_id FROM unnest('{s1,s2,s3,s4,s5,s6}'::text[]) id, threadmem.thread_create(id, graph_id => 'g');
SELECT pg_temp.step('s1', '{"log": "one"}', 'a'), pg_temp.step('s1', '{"log": "two"}', 'a'), pg_temp.step('s1', '{"log": "of one"}', 'a', pg_temp.at('s1', 0));
SELECT * FROM pg_temp.history('s1');
-- ... __input__: -1 where there is nothing, else one step on; its values wait in __start__, which alone is next, and reach no channel.
SELECT pg_temp.step('s2', '{"log": "input", "count": 5}', '__input__'), pg_temp.step('s2', '{"log": "start"}', '__start__'), pg_temp.step('s2', '{"log": "b"}', 'b'), pg_temp.step('s2', '{"log": "input 2"}', '__input__'), pg_temp.step('s2', '{"log": "start 2"}', '__start__');
SELECT * FROM pg_temp.history('s2');
-- ... supersteps are one checkpoint each, chained; several updates are one.
SELECT thread_id FROM threadmem.thread_create('s3', if_exists => 'do_nothing', supersteps => '[{"updates": [{"values": {"log": "1"}, "as_node": "a"}]}, {"updates": [{"values": {"log": "2"}, "as_node": "b"}, {"values": {"log": "3"}, "as_node": "c"}]}, {"updates": [{"values": null}]}]');
SELECT * FROM pg_temp.history('s3');
-- ... of a thread that is there they go on from its latest.
SELECT metadata FROM threadmem.thread_create('s3', metadata => '{"not": "merged"}', if_exists => 'do_nothing', supersteps => '[{"updates": [{"values": {"log": "4"}, "as_node": "b"}]}]');
SELECT pg_temp.brief(threadmem.thread_state('s3'));
-- docs/contracts.md#updates-of-a-state: as_node: null without it copies forward: on an empty thread, and what is to run stays; null as __end__ ends that, with what its tasks wrote.
SELECT pg_temp.step('s4'), pg_temp.step('s4', '{"log": "x"}', 'a'), pg_temp.step('s4'), pg_temp.step('s4', 'null');
SELECT pg_temp.write('s4', 'b', '[["log", "b wrote"]]');
SELECT pg_temp.step('s4', NULL, '__end__');
SELECT * FROM pg_temp.history('s4');
SELECT pg_temp.step('s5', NULL, '__end__'), pg_temp.step('s4', '{}', 'a'), pg_temp.step('s4', NULL, '__end__');
-- ... null as a node is that node having written nothing: its edges decide.
SELECT pg_temp.step('s5', NULL, 'a');
-- ... __copy__: source fork, a step on, under the parent of the one copied, with its values and what is to run; of the latest, of an older one, of a root.
SELECT pg_temp.step('s5', pg_temp.msgs(pg_temp.msg('q')) || '{"topic": "t"}', 'a'), pg_temp.step('s5', NULL, '__copy__'), pg_temp.step('s5', NULL, '__copy__', pg_temp.at('s5', 2)), pg_temp.step('s5', NULL, '__copy__', pg_temp.at('s5', 0));
SELECT * FROM pg_temp.history('s5');
-- ... and with updates on the copy.
SELECT pg_temp.step('s5', '[[{"log": ["on the copy"]}, "a"], [{"log": ["and on"]}, "b"]]', '__copy__', pg_temp.at('s5', 2));
SELECT * FROM pg_temp.history('s5') LIMIT 2;
-- ... of a branch of a client that counts its versions as another branch does: the copy has the values of its own.
SELECT p.checkpoint_id FROM (VALUES ('1', 'one', NULL), ('2', 'two', '1'), ('3', 'three', '1')) v (id, words, parent), threadmem.checkpoint_put('same', jsonb_build_object('v', 4, 'id', id, 'channel_values', pg_temp.msgs(pg_temp.msg(words)) || jsonb_build_object('topic', words), 'channel_versions', jsonb_build_object('messages', ascii(id) / 50, 'topic', ascii(id) / 50)), '{"step": 1}', NULL, parent) p;
SELECT pg_temp.step('same', NULL, '__copy__', '2'), pg_temp.step('same', NULL, '__copy__', '3'), pg_temp.step('same', NULL, '__copy__', '2');
-- docs/contracts.md#updates-of-a-state: as_node omitted: __start__ while nothing ran; then the node that ran last, whatever came before; after a branch, the last one of that branch.
SELECT pg_temp.step('s6', '{"log": "1"}'), pg_temp.step('s6', '{"log": "b"}', 'b'), pg_temp.step('s6', '{"log": "2"}');
-- A run as LangGraph leaves it: b has seen the greatest version.
CREATE FUNCTION pg_temp.run(thread text, id text, parent text, seen jsonb, versions jsonb DEFAULT '{"log": 3}') RETURNS text LANGUAGE sql AS
$$SELECT checkpoint_id FROM threadmem.checkpoint_put(thread, jsonb_build_object('v', 4, 'id', id, 'channel_values', '{"log": ["run"]}'::jsonb, 'channel_versions', versions, 'versions_seen', seen), '{"source": "loop", "step": 5, "user_id": "ann"}', parent_checkpoint_id => parent)$$;
SELECT thread_id FROM unnest('{ran,ran2,text}'::text[]) id, threadmem.thread_create(id, graph_id => 'g');
SELECT pg_temp.run('ran', '1', NULL, '{"__input__": {}, "__start__": {"__start__": 1}, "a": {"branch:to:a": 2}, "b": {"branch:to:b": 3}, "__interrupt__": {"log": 9}}'), pg_temp.run('ran', '2', '1', '{"__start__": {"__start__": 1}, "a": {"branch:to:a": 9}, "b": {"branch:to:b": 3}}');
SELECT pg_temp.step('ran', '{"log": "as b"}', at => '1'), pg_temp.step('ran', '{"log": "as a"}', at => '2');
-- ... a task that has written has run.
SELECT pg_temp.fan('finished', '["b", [["log", "b"]]]'), pg_temp.step('finished', '{"log": "as b"}');
-- ... by number, not by text; strings as Python writes them, and the new ones are of that form and above.
SELECT pg_temp.run('ran2', '1', NULL, '{"a": {"x": 10}, "b": {"x": 9}}'), pg_temp.step('ran2', '{"log": "as a"}');
SELECT pg_temp.run('text', '1', NULL, '{"a": {"x": "00000000000000000000000000000010.0.5"}, "b": {"x": "00000000000000000000000000000009.0.7"}}', '{"log": "00000000000000000000000000000010.0.5"}'), pg_temp.step('text', '{"log": "as a"}');
SELECT jsonb_object_agg(k, split_part(v, '.', 1)) FROM threadmem.checkpoint_get('text') c, jsonb_each_text(c.checkpoint -> 'channel_versions') e (k, v);
-- docs/contracts.md#updates-of-a-state: an update at an older checkpoint forks and becomes the latest; the other branch stays readable by id, and a history walks both.
SELECT pg_temp.at('s1', 1) AS branch \gset
SELECT pg_temp.step('s1', '{"log": "back on two"}', 'a', (SELECT checkpoint ->> 'checkpoint_id' FROM threadmem.thread_history('s1', 100) WHERE "values" -> 'log' = '["one", "two"]'));
SELECT pg_temp.brief(threadmem.thread_state('s1', :'branch'));
SELECT * FROM pg_temp.history('s1');
-- ... every step has versions of its own, above those of all branches.
SELECT count(*) AS steps, count(DISTINCT (checkpoint #>> '{channel_versions,log}')::int) AS versions FROM threadmem.checkpoint_list('s1');
-- docs/contracts.md#updates-of-a-state: custom metadata of a run is not inherited.
SELECT metadata FROM threadmem.thread_history('ran', 1);
SELECT count(*) FROM threadmem.thread_history('ran', metadata => '{"user_id": "ann"}');
-- docs/contracts.md#what-runs-next: next: the outgoing edges of every as_node of the step; an edge to __end__ leads nowhere; as passed, it wins; {} is none.
SELECT thread_id FROM threadmem.thread_create('next', graph_id => 'g');
SELECT pg_temp.step('next', '{}', '__start__'), pg_temp.step('next', '{}', 'a'), pg_temp.step('next', '{}', 'b'), pg_temp.steps('next', '{"values": {}, "as_node": "__start__"}', '{"values": {}, "as_node": "a"}');
SELECT pg_temp.step('next', '{}', 'a', next => '{c,a}'), pg_temp.step('next', '{}', 'a', next => '{}');
-- ... of a client's checkpoint: the channels that are newer than what their node has seen; a join when all have written that it waits for.
SELECT checkpoint_id FROM threadmem.checkpoint_put('newer', '{"v": 4, "id": "1", "channel_values": {"branch:to:a": null, "branch:to:b": null, "branch:to:c": null, "join:a+b:d": ["a"], "join:a+b:e": ["b", "a"]}, "channel_versions": {"branch:to:a": 5, "branch:to:b": 5, "branch:to:c": 5, "branch:to:x": 5, "join:a+b:d": 5, "join:a+b:e": 5}, "versions_seen": {"a": {"branch:to:a": 5}, "b": {"branch:to:b": 4}}}');
SELECT next FROM threadmem.thread_state('newer');
-- ... less the tasks that have written already.
SELECT pg_temp.step('next', '{}', 'a'), pg_temp.write('next', 'c', '[["count", 1]]');
SELECT next, jsonb_path_query_array(tasks, '$[*].name') AS tasks FROM threadmem.thread_state('next');

-- docs/contracts.md#a-state-as-langgraphs-api-gives-it: get_state of the latest: what finished siblings wrote shows in values and as their result; error and interrupts do not end a task; by id and in a history none of it, but for the null task's.
SELECT thread_id FROM threadmem.thread_create('latest', graph_id => 'g');
SELECT pg_temp.step('latest', '{"log": "a"}', 'a', next => '{a,b,c}');
SELECT pg_temp.write('latest', 'a', '[["__error__", "boom"]]'), pg_temp.write('latest', 'b', '[["log", "b"], ["count", 2]]'), pg_temp.write('latest', 'c', '[["__interrupt__", [{"id": "i", "value": "sure?"}]]]'), threadmem.checkpoint_put_writes('latest', pg_temp.at('latest', 0), '00000000-0000-0000-0000-000000000000', '[["topic", "null task"]]'), threadmem.checkpoint_put_writes('latest', pg_temp.at('latest', 0), 'no task', '[["topic", "nobody"]]');
CREATE FUNCTION pg_temp.tasks(s threadmem.state_snapshot) RETURNS text LANGUAGE sql AS
$$SELECT string_agg(concat_ws(' ', t ->> 'name', t ->> 'error', t -> 'interrupts', t -> 'result', t -> 'path'), E'\n' ORDER BY n) FROM jsonb_array_elements(s.tasks) WITH ORDINALITY e (t, n)$$;
CREATE FUNCTION pg_temp.tasks(s threadmem.listed_state) RETURNS text LANGUAGE sql AS
$$SELECT pg_temp.tasks(jsonb_populate_record(NULL::threadmem.state_snapshot, to_jsonb(s)))$$;
SELECT pg_temp.brief(s), pg_temp.tasks(s), interrupts FROM threadmem.thread_state('latest') s;
SELECT pg_temp.brief(s) FROM threadmem.thread_state('latest', pg_temp.at('latest', 0)) s;
SELECT pg_temp.brief(s) FROM threadmem.thread_history('latest', 1) s;
-- ... nor does the answer to a question: a node that asks again still waits, one that fails after it has failed; it ends with a write of its own, also one that says there is none.
SELECT thread_id FROM threadmem.thread_create('asks', graph_id => 'g');
SELECT pg_temp.step('asks', '{"log": "a"}', 'a', next => '{a,b,c}');
SELECT pg_temp.write('asks', t, '[["__interrupt__", [{"id": "i1", "value": "first"}]]]') FROM unnest('{a,b,c}'::text[]) t;
SELECT threadmem.checkpoint_put_writes('asks', pg_temp.at('asks', 0), '00000000-0000-0000-0000-000000000000', '[["__resume__", "one"]]');
SELECT pg_temp.brief(s), interrupts FROM threadmem.thread_state('asks') s;
SELECT pg_temp.write('asks', 'a', '[["__interrupt__", [{"id": "i2", "value": "second"}]], ["__resume__", ["one"]]]'), pg_temp.write('asks', 'b', '[["__resume__", ["one"]], ["__error__", "boom"]]'), pg_temp.write('asks', 'c', '[["__resume__", ["one"]]]');
SELECT pg_temp.brief(s), pg_temp.tasks(s) FROM threadmem.thread_state('asks') s;
SELECT pg_temp.write('asks', 'c', '[["__no_writes__", null]]'), pg_temp.write('asks', 'a', '[["log", "answered"]]');
SELECT pg_temp.brief(s) FROM threadmem.thread_state('asks') s;
-- ... an update of the latest goes on from there; the same one addressed by its id does not.
SELECT pg_temp.step('latest', '{"log": "by id"}', 'c', pg_temp.at('latest', 0));
SELECT pg_temp.fan('latest2', '["b", [["log", "b"]]]', '["c", [["__error__", "boom"]]]'), threadmem.checkpoint_put_writes('latest2', pg_temp.at('latest2', 0), '00000000-0000-0000-0000-000000000000', '[["topic", "null task"]]'), pg_temp.step('latest2', '{"log": "latest"}', 'c');
SELECT string_agg(k, ' ' ORDER BY k) AS channels FROM threadmem.checkpoint_get('latest2') c, jsonb_object_keys(c.checkpoint -> 'channel_values') k;
-- ... and may change or remove a message that they bring.
SELECT pg_temp.abc('latest3'), pg_temp.step('latest3', NULL, 'a'), pg_temp.write('latest3', 'b', '[["messages", [{"type": "ai", "id": "x", "content": "x"}, {"type": "ai", "id": "y", "content": "y"}]]]'), pg_temp.step('latest3', pg_temp.msgs(pg_temp.msg('x', 'X'), pg_temp.msg('y', '', 'remove')), 'c');

-- docs/contracts.md#a-state-as-langgraphs-api-gives-it: history: before is exclusive, by text, and need not exist; metadata: containment; the limit counts what is left; one checkpoint; a namespace of its own.
SELECT thread_id FROM threadmem.thread_create('history');
SELECT pg_temp.run('history', id, parent, '{}') FROM (VALUES ('b', NULL), ('d', 'b'), ('c', 'b'), ('é', 'c')) v (id, parent);
SELECT e.checkpoint_id, x.checkpoint_id FROM threadmem.checkpoint_put('history', '{"id": "e", "channel_values": {}, "channel_versions": {}}', '{"source": "update", "step": 1, "tags": {"x": 1, "y": [1, 2]}}', parent_checkpoint_id => 'nobody') e, threadmem.checkpoint_put('history', '{"id": "x", "channel_values": {}, "channel_versions": {}}', checkpoint_ns => 'n:1') x;
SELECT call, (SELECT string_agg(checkpoint ->> 'checkpoint_id', ' ') FROM threadmem.thread_history('history', max_rows, before_id, metadata, ns, id)) AS ids
  FROM (VALUES (1, 'all', 10, NULL, NULL::jsonb, NULL, NULL), (2, 'before c', 10, 'c', NULL, NULL, NULL), (3, 'before cc', 10, 'cc', NULL, NULL, NULL), (4, 'before Z', 10, 'Z', NULL, NULL, NULL), (5, 'update', 10, NULL, '{"source": "update"}', NULL, NULL), (6, 'loop, 2', 2, NULL, '{"source": "loop"}', NULL, NULL),
               (7, 'nested', 10, NULL, '{"tags": {"y": [2]}}', NULL, NULL), (8, 'step "1"', 10, NULL, '{"step": "1"}', NULL, NULL), (9, '{}', 10, NULL, '{}', NULL, NULL), (10, 'd', 10, NULL, NULL, NULL, 'd'), (11, 'd before d', 10, 'd', NULL, NULL, 'd'), (12, 'namespace', 10, NULL, NULL, 'n:1', NULL), (13, 'root', 10, NULL, NULL, '', NULL)) v (n, call, max_rows, before_id, metadata, ns, id) ORDER BY n;
-- ... a parent that is not stored is named all the same; the root has none.
SELECT checkpoint ->> 'checkpoint_id' AS id, parent_checkpoint ->> 'checkpoint_id' AS parent FROM threadmem.thread_history('history');

-- docs/contracts.md#a-state-as-langgraphs-api-gives-it: subgraphs: own steps; checkpoint_map of the graphs around; the task has its config, or with subgraphs its state, level within level, with the writes pending there.
SELECT thread_id FROM threadmem.thread_create('sub', graph_id => 'g');
SELECT pg_temp.step('sub', '{"topic": "outer"}', 'a');
SELECT 'b:' || (t ->> 'id') AS ns FROM threadmem.thread_state('sub') s, jsonb_array_elements(s.tasks) t WHERE t ->> 'name' = 'b' \gset
CREATE FUNCTION pg_temp.inner(ns text, n int, step int, parents jsonb) RETURNS text LANGUAGE sql AS
$$SELECT checkpoint_id FROM threadmem.checkpoint_put('sub', jsonb_build_object('v', 4, 'id', '10000000-0000-6000-8000-00000000000' || n, 'channel_values', jsonb_build_object('inner', step, 'branch:to:x', NULL), 'channel_versions', '{"inner": 1, "branch:to:x": 1}'::jsonb), jsonb_build_object('source', 'loop', 'step', step, 'parents', parents), checkpoint_ns => ns)$$;
SELECT pg_temp.inner(:'ns', 1, -1, '{"": "p"}'), pg_temp.inner(:'ns', 2, 0, '{"": "p"}') AS last \gset
SELECT :'ns' || '|x:' || (t ->> 'id') AS nested FROM threadmem.thread_state('sub', checkpoint_ns => :'ns') s, jsonb_array_elements(s.tasks) t \gset
SELECT pg_temp.inner(:'nested', 3, 7, jsonb_build_object('', 'p', :'ns', :'last'));
SELECT threadmem.checkpoint_put_writes('sub', checkpoint ->> 'checkpoint_id', tasks #>> '{0,id}', '[["inner", 8]]', checkpoint_ns => :'nested') FROM threadmem.thread_state('sub', checkpoint_ns => :'nested');
SELECT t ->> 'name' AS name, t #>> '{checkpoint,checkpoint_ns}' = :'ns' AS config, t -> 'checkpoint' ? 'checkpoint_id' AS with_id, t -> 'state' AS state FROM threadmem.thread_state('sub') s, jsonb_array_elements(s.tasks) t;
SELECT t ->> 'name' AS name, t -> 'checkpoint' AS config, t #> '{state,values}' AS "values", t #> '{state,metadata,step}' AS step, t #> '{state,next}' AS next, t #> '{state,tasks,0,state,values}' AS inner, t #> '{state,tasks,0,state,next}' AS inner_next FROM threadmem.thread_state('sub', subgraphs => true) s, jsonb_array_elements(s.tasks) t;
SELECT replace(replace((checkpoint -> 'checkpoint_map')::text, :'nested', '<nested>'), :'ns', '<ns>') AS map FROM threadmem.thread_state('sub', checkpoint_ns => :'nested');
-- ... a step there keeps the names of its parents.
SELECT checkpoint_ns = :'ns' AS there FROM threadmem.thread_update_state('sub', checkpoint_ns => :'ns');
SELECT metadata, "values", next, parent_checkpoint ->> 'checkpoint_id' AS parent, checkpoint #>> ARRAY['checkpoint_map', ''] AS root FROM threadmem.thread_state('sub', checkpoint_ns => :'ns');
-- ... neither log nor root state has anything of it.
SELECT pg_temp.brief(threadmem.thread_state('sub')), (SELECT count(*) FROM threadmem.message_list('sub')) AS messages;
-- docs/contracts.md#updates-of-a-state: metadata of the caller, found by filters; the checkpoint's own keys win, and what delta channels count nobody gives.
SELECT thread_id FROM threadmem.thread_create('noted', graph_id => 'g');
CREATE FUNCTION pg_temp.noted(id text DEFAULT NULL) RETURNS jsonb LANGUAGE sql AS $$SELECT metadata - 'thread_id' FROM threadmem.thread_state('noted', id)$$;
SELECT count(threadmem.thread_update_state('noted', '{"topic": "one"}', 'a', metadata => '{"user_id": "ann", "tags": ["x"], "nothing": null}')), pg_temp.noted();
SELECT count(threadmem.thread_update_state('noted', '{"topic": "two"}', 'a')), pg_temp.noted() AS not_inherited;
SELECT count(threadmem.thread_update_state('noted', '{"topic": "three"}', 'a', metadata => '{"source": "x", "step": 99, "parents": {"": "x"}, "counters_since_delta_snapshot": {"a": 1}, "delta_writes_versioned": true, "k": 1}')), pg_temp.noted();
SELECT count(*) FROM threadmem.thread_history('noted', metadata => '{"user_id": "ann"}');
SELECT count(*) FROM threadmem.checkpoint_list('noted', metadata => '{"tags": ["x"]}');
-- ... of a step without values, an input, the end, several updates, a copy and the updates of it, a subgraph's; not of the fold before it.
SELECT count(threadmem.thread_update_state('noted', metadata => '{"k": 2}')), pg_temp.noted();
SELECT count(threadmem.thread_update_state('noted', '{"topic": "in"}', '__input__', metadata => '{"k": 3}')), pg_temp.noted();
SELECT count(threadmem.thread_update_state('noted', NULL, '__end__', metadata => '{"k": 4}')), pg_temp.noted();
SELECT count(threadmem.message_add('noted', 'user', 'said meanwhile', message_id => 'm')), count(threadmem.thread_update_state('noted', updates => '[{"values": {"topic": "x"}, "as_node": "a"}, {"values": {}, "as_node": "b"}]', metadata => '{"k": 5}'));
SELECT metadata - 'thread_id' AS metadata FROM threadmem.thread_history('noted', 2);
SELECT count(threadmem.thread_update_state('noted', '[[{"topic": "again"}, "a"]]', '__copy__', metadata => '{"k": 6}'));
SELECT metadata - 'thread_id' AS metadata FROM threadmem.thread_history('noted', 2);
SELECT count(threadmem.thread_update_state('sub', checkpoint_ns => :'ns', metadata => '{"k": 7}'));
SELECT metadata FROM threadmem.thread_state('sub', checkpoint_ns => :'ns');
-- ... the run that the call names wins; one that is over is refused, one that never was is another system's.
SELECT status FROM threadmem.run_create('noted', run_id => 'over') UNION ALL SELECT status FROM threadmem.run_start('noted', 'over') UNION ALL SELECT status FROM threadmem.run_complete('noted', 'over');
SELECT status FROM threadmem.run_create('noted', run_id => 'now') UNION ALL SELECT status FROM threadmem.run_start('noted', 'now');
SELECT count(threadmem.thread_update_state('noted', '{"topic": "r"}', 'a', run_id => 'now', metadata => '{"run_id": "over", "k": 8}')), pg_temp.noted();
SELECT status FROM threadmem.run_complete('noted', 'now');
\set VERBOSITY terse
SELECT threadmem.thread_update_state('noted', '{"topic": "r"}', 'a', metadata => '{"run_id": "over"}');
SELECT threadmem.thread_update_state('noted', '{"topic": "r"}', 'a', metadata => '[]');
SELECT threadmem.thread_update_state('noted', '{"topic": "r"}', 'a', metadata => '1');
\set VERBOSITY default
SELECT count(threadmem.thread_update_state('noted', '{"topic": "r"}', 'a', metadata => '{"run_id": "elsewhere"}')), pg_temp.noted();
SELECT * FROM threadmem.threadmem_verify();
