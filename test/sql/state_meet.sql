-- What the log has and what tasks have written, where the state has no messages yet, in subgraphs, over branches and prunes.
SET threadmem.tenant = 'state meet';
CREATE FUNCTION pg_temp.ids(s threadmem.state_snapshot) RETURNS text LANGUAGE sql AS
$$SELECT format('%s %s: %s', s.metadata ->> 'step', s.metadata ->> 'source', (SELECT string_agg(format('%s=%s', e ->> 'id', e ->> 'content'), ' ' ORDER BY n) FROM jsonb_array_elements(s."values" -> 'messages') WITH ORDINALITY AS x (e, n)))$$;
CREATE FUNCTION pg_temp.ids(s threadmem.listed_state) RETURNS text LANGUAGE sql AS
$$SELECT pg_temp.ids(jsonb_populate_record(NULL::threadmem.state_snapshot, to_jsonb(s)))$$;
SELECT graph_id FROM threadmem.graph_define('g', '{"channels": {"messages": {"reducer": "add_messages"}, "count": {"reducer": "add", "default": 0}, "log": {"reducer": "append"}, "topic": {}}, "nodes": ["a", "b", "c"], "edges": [["__start__", "a"], ["a", "b"], ["a", "c"], ["b", "__end__"]]}');

-- A head without messages shows what was said meanwhile, with and without a graph, as the fold then has it; so does one that is an input.
SELECT thread_id FROM threadmem.thread_create('h', graph_id => 'g', supersteps => '[{"updates": [{"values": {"count": 1}, "as_node": "a"}]}]');
SELECT thread_id FROM threadmem.thread_create('i', supersteps => '[{"updates": [{"values": {"count": 1}, "as_node": "__input__"}]}]');
SELECT seq FROM threadmem.message_add('h', 'user', 'hello', message_id => 'm');
SELECT seq FROM threadmem.message_add('i', 'user', 'hello', message_id => 'm');
SELECT t, pg_temp.ids(threadmem.thread_state(t)), threadmem.thread_fold(t) IS NOT NULL AS folded, (SELECT array_agg(message_id) FROM threadmem.message_list(t, view => 'state')) FROM unnest('{h,i}'::text[]) t;
SELECT pg_temp.ids(threadmem.thread_state(t)) FROM unnest('{h,i}'::text[]) t;
-- Messages come as on the wire, with a checkpoint or without.
SELECT thread_id FROM threadmem.thread_create('wire', messages => '[{"type": "ai", "id": "m", "content": "bare"}]');
SELECT s."values" AS before FROM threadmem.thread_state('wire') s \gset
SELECT threadmem.thread_fold('wire') IS NOT NULL AS folded;
SELECT "values" = :'before' AS same, "values" FROM threadmem.thread_state('wire');
-- A graph without messages has none in its state, whatever the log has.
SELECT graph_id FROM threadmem.graph_define('n', '{"channels": {"x": {}}}');
SELECT thread_id FROM threadmem.thread_create('none', graph_id => 'n', messages => '[{"role": "user", "id": "m", "content": "m"}]');
SELECT "values" FROM threadmem.thread_state('none');
SELECT checkpoint_ns FROM threadmem.thread_update_state('none', '{"x": 1}', 'a');
SELECT "values", (SELECT count(*) FROM threadmem.message_list('none', view => 'state')) AS listed FROM threadmem.thread_state('none');
-- Supersteps of thread_create come after the messages of the call; so do those for a thread that is there.
SELECT thread_id FROM threadmem.thread_create('c', graph_id => 'g', messages => '[{"role": "user", "id": "m", "content": "m"}]', supersteps => '[{"updates": [{"values": {"messages": [{"type": "ai", "id": "x", "content": "x"}]}, "as_node": "a"}]}]');
SELECT seq FROM threadmem.message_add('c', 'user', 'y', message_id => 'y');
SELECT thread_id FROM threadmem.thread_create('c', if_exists => 'do_nothing', supersteps => '[{"updates": [{"values": {"messages": [{"type": "ai", "id": "z", "content": "z"}]}, "as_node": "a"}]}]');
SELECT pg_temp.ids(s) FROM threadmem.thread_history('c') s;

-- A subgraph is updated by its own rules, not those of the thread's graph, and not where nobody says what they are; one that is not there is no place to write.
SELECT p.checkpoint_id FROM threadmem.checkpoint_put('c', '{"v": 4, "id": "i", "channel_values": {"inner": 1, "count": 1}, "channel_versions": {"inner": 1, "count": 1}}', checkpoint_ns => 'b:1') p;
SELECT threadmem.thread_update_state('c', '{"inner": 5, "count": 5}', 'x', checkpoint_ns => 'b:1');
SELECT n.graph_id FROM threadmem.graph_get('g') g, threadmem.graph_define('g', g.definition || '{"subgraphs": {"b": {"channels": {"inner": {}, "count": {}}}}}') n;
SELECT checkpoint_ns FROM threadmem.thread_update_state('c', '{"inner": 5, "count": 5}', 'x', checkpoint_ns => 'b:1');
SELECT "values", next FROM threadmem.thread_state('c', checkpoint_ns => 'b:1');
SELECT threadmem.thread_update_state('c', '{"topic": 5}', 'a', checkpoint_ns => 'nobody:1');
-- next names nodes of the graph.
SELECT threadmem.thread_update_state('c', '{}', 'a', next => '{nobody}');
SELECT threadmem.thread_update_state('c', '{}', 'a', next => '{__start__}');
SELECT count(*) FROM threadmem.thread_history('c', 100);

-- Pending writes are one superstep, seen or built on: an overwrite wins, in whatever order; what has no task comes first; paths give the order, nodes before sends.
CREATE FUNCTION pg_temp.tasks(thread text, writes jsonb) RETURNS bigint LANGUAGE sql AS
$$SELECT checkpoint_id FROM threadmem.checkpoint_put(thread, '{"v": 4, "id": "1f1e5e6f-3b12-6b6a-8000-b0470987f77b", "channel_values": {"log": ["0"], "__pregel_tasks": [{"lg_name": "Send", "node": "c", "args": {}}], "branch:to:b": null}, "channel_versions": {"log": 1, "__pregel_tasks": 1, "branch:to:b": 1}}', '{"source": "loop", "step": 1}');
  SELECT thread_id FROM threadmem.thread_update(thread, graph_id => 'g');
  SELECT count(threadmem.checkpoint_put_writes(thread, s.checkpoint ->> 'checkpoint_id', t ->> 'id', writes -> (t ->> 'name'), '~' || (t #>> '{path,0}'))) FROM threadmem.thread_state(thread) s, jsonb_array_elements(s.tasks) t$$;
SELECT pg_temp.tasks('w1', '{"b": [["log", "b"]], "c": [["log", "c"]]}'), pg_temp.tasks('w2', '{"b": [["log", "lost"]], "c": [["log", {"__overwrite__": ["c"]}]]}'), pg_temp.tasks('w3', '{"b": [["topic", "b"]], "c": [["topic", "c"]]}'), pg_temp.tasks('w4', '{"b": [["topic", "b"]], "c": [["log", "c"]]}');
SELECT threadmem.checkpoint_put_writes('w4', '1f1e5e6f-3b12-6b6a-8000-b0470987f77b', '00000000-0000-0000-0000-000000000000', '[["topic", "before"]]');
SELECT t, "values", next FROM unnest('{w1,w2,w3,w4}'::text[]) t, threadmem.thread_state(t);
SELECT checkpoint_ns FROM unnest('{w1,w2,w4}'::text[]) t, threadmem.thread_update_state(t, '{}', 'a');
SELECT t, "values" FROM unnest('{w1,w2,w4}'::text[]) t, threadmem.thread_state(t);
-- Two values for a channel that takes one can be seen, not built on.
SELECT threadmem.thread_update_state('w3', '{}', 'a');

-- A checkpoint whose id is no uuid has tasks without ids; writes of others change nothing.
SELECT checkpoint_id FROM threadmem.checkpoint_put('w5', '{"v": 4, "id": "plain", "channel_values": {"branch:to:b": null}, "channel_versions": {"branch:to:b": 1}}'), threadmem.checkpoint_put_writes('w5', 'plain', 'task', '[["topic", "x"]]') n;
SELECT "values", next, tasks FROM threadmem.thread_state('w5');
SELECT checkpoint_ns FROM threadmem.thread_update_state('w5', NULL, '__end__');
SELECT "values", next FROM threadmem.thread_state('w5');

-- A message that the state dropped does not come back because a prune took its earlier wording.
SELECT thread_id FROM threadmem.thread_create('p', messages => '[{"role": "user", "id": "m1", "content": "one"}, {"role": "user", "id": "m2", "content": "two"}]');
SELECT checkpoint_ns FROM threadmem.thread_update_state('p', '{"messages": [{"type": "remove", "id": "m1"}]}', '__start__');
SELECT rev FROM threadmem.message_update('p', 'm1', 'ONE');
SELECT pg_temp.ids(threadmem.thread_state('p')), threadmem.thread_prune('{p}', 'keep_latest') AS pruned;
SELECT pg_temp.ids(threadmem.thread_state('p')), threadmem.thread_fold('p');
SELECT rev, state FROM threadmem.message_revisions('p', 'm1');
-- What a person changed belongs to the branch on which it was changed, as what is said there; a state named by its id has what it says.
SELECT thread_id FROM threadmem.thread_create('b');
SELECT checkpoint_id AS a FROM threadmem.thread_update_state('b', '{"messages": [{"type": "human", "id": "q", "content": "question"}]}', '__start__') \gset
SELECT checkpoint_id AS b FROM threadmem.thread_update_state('b', '{"messages": [{"type": "ai", "id": "a1", "content": "one"}]}', 'model') \gset
SELECT rev FROM threadmem.message_update('b', 'a1', 'one, corrected');
SELECT checkpoint_ns FROM threadmem.thread_update_state('b', '{"messages": [{"type": "ai", "id": "a2", "content": "two"}]}', 'model', checkpoint_id => :'a');
SELECT message_id, content FROM threadmem.message_list('b');
SELECT checkpoint_ns FROM threadmem.thread_update_state('b', '{"messages": [{"type": "human", "id": "thanks", "content": "thanks"}]}', '__start__', checkpoint_id => :'b');
SELECT message_id, content FROM threadmem.message_list('b');
SELECT pg_temp.ids(threadmem.thread_state('b')), threadmem.thread_fold('b') IS NOT NULL AS folded;
SELECT checkpoint_ns FROM threadmem.thread_update_state('b', '{"messages": [{"type": "ai", "id": "a3", "content": "three"}]}', 'model', checkpoint_id => :'a');
SELECT checkpoint_ns FROM threadmem.thread_update_state('b', '{"messages": [{"type": "human", "id": "again", "content": "again"}]}', '__start__', checkpoint_id => :'b');
SELECT message_id, content FROM threadmem.message_list('b');
SELECT pg_temp.ids(s) FROM threadmem.thread_history('b', 1) s;
SELECT * FROM threadmem.threadmem_verify();

-- Many nodes arrive at one join in one step, some of them twice; the next step finds it complete, and who arrives before does not trigger it.
SELECT graph_id FROM threadmem.graph_define('join', '{"nodes": ["a", "b", "c", "z"], "edges": [[["a", "b", "c"], "z"], [["a", "b"], "c"]]}');
SELECT thread_id FROM threadmem.thread_create('j', graph_id => 'join');
SELECT checkpoint_ns FROM threadmem.thread_update_state('j', updates => '[{"values": {}, "as_node": "a"}, {"values": {}, "as_node": "a"}]');
SELECT next FROM threadmem.thread_state('j');
SELECT checkpoint_ns FROM threadmem.thread_update_state('j', updates => '[{"values": {}, "as_node": "c"}, {"values": {}, "as_node": "b"}, {"values": {}, "as_node": "c"}]');
SELECT next FROM threadmem.thread_state('j');
SELECT checkpoint -> 'channel_values' FROM threadmem.checkpoint_get('j');

-- A put of one id with several wordings, of which the log has some: each finds its own, the newest comes last.
SELECT checkpoint_ns FROM threadmem.checkpoint_put('dup', '{"id": "1", "channel_values": {"messages": [{"role": "user", "id": "m", "content": "one"}, {"role": "user", "id": "m", "content": "two"}, {"role": "user", "id": "n", "content": "n"}]}, "channel_versions": {"messages": 1}}');
SELECT checkpoint_ns FROM threadmem.checkpoint_put('dup', '{"id": "2", "channel_values": {"messages": [{"role": "user", "id": "m", "content": "two"}, {"role": "user", "id": "m", "content": "three"}, {"role": "user", "id": "m", "content": "one"}, {"role": "user", "id": "m", "content": "three"}]}, "channel_versions": {"messages": 2}}', parent_checkpoint_id => '1');
SELECT rev, state, content FROM threadmem.message_revisions('dup', 'm');
SELECT c.checkpoint_id, (SELECT string_agg(e ->> 'content', ' ' ORDER BY n) FROM jsonb_array_elements(checkpoint #> '{channel_values,messages}') WITH ORDINALITY AS x (e, n)) FROM threadmem.checkpoint_list('dup') c;

-- Edits, removals, a message twice in one update, and updates one after the other in one step, on a list that is referred to.
SELECT thread_id FROM threadmem.thread_create('e', messages => '[{"role": "user", "content": "1", "id": "m1"}, {"role": "user", "content": "2", "id": "m2"}, {"role": "user", "content": "3", "id": "m3"}, {"role": "user", "content": "4", "id": "m4"}]');
SELECT checkpoint_ns FROM threadmem.thread_update_state('e', updates => '[{"values": {"messages": [{"type": "human", "id": "m3", "content": "3a"}, {"type": "human", "id": "new", "content": "n"}, {"type": "remove", "id": "m1"}]}, "as_node": "x"},
    {"values": {"messages": [{"type": "human", "id": "m3", "content": "3b"}, {"type": "human", "id": "m1", "content": "1 again"}, {"type": "human", "id": "new", "content": "n2"}]}, "as_node": "x"}]');
SELECT pg_temp.ids(threadmem.thread_state('e'));
SELECT message_id, content FROM threadmem.message_list('e');
SELECT * FROM threadmem.threadmem_verify();
