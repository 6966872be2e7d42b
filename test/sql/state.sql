-- The thread door makes the states that LangGraph's updateState and bulkUpdateState would make, by SQL alone.
\set SHOW_CONTEXT never
\pset null (null)
SET threadmem.tenant = 'state';
-- A state without its ids: messages by their text.
CREATE FUNCTION pg_temp.brief(s threadmem.state_snapshot) RETURNS text LANGUAGE sql AS
$$SELECT format('step %s %s next %s %s', s.metadata ->> 'step', s.metadata ->> 'source', s.next,
    jsonb_strip_nulls(jsonb_build_object('messages', (SELECT jsonb_agg(m ->> 'content') FROM jsonb_array_elements(s."values" -> 'messages') m)) || (s."values" - 'messages')))$$;
CREATE FUNCTION pg_temp.brief(s threadmem.listed_state) RETURNS text LANGUAGE sql AS
$$SELECT pg_temp.brief(jsonb_populate_record(NULL::threadmem.state_snapshot, to_jsonb(s)))$$;
CREATE FUNCTION pg_temp.history(thread text) RETURNS SETOF text LANGUAGE sql AS
$$SELECT pg_temp.brief(h) || CASE WHEN h.parent_checkpoint IS NULL THEN ' root' ELSE '' END FROM threadmem.thread_history(thread, 100) h$$;
CREATE FUNCTION pg_temp.at(thread text, step int) RETURNS text LANGUAGE sql AS
$$SELECT checkpoint ->> 'checkpoint_id' FROM threadmem.thread_history(thread, 100) WHERE (metadata ->> 'step')::int = step ORDER BY 1 DESC LIMIT 1$$;
SELECT graph_id FROM threadmem.graph_define('agent', '{"channels": {"messages": {"reducer": "add_messages"}, "count": {"reducer": "add", "default": 0}, "log": {"reducer": "append"}, "topic": {}},
    "nodes": ["call_model", "tools"], "edges": [["__start__", "call_model"], ["tools", "call_model"]]}');

-- docs/contracts.md#updates-of-a-state: __input__ reaches no channel, __start__ is the input, a node's edges decide what runs next; steps -1, 0, 1.
SELECT thread_id, graph_id FROM threadmem.thread_create('t', metadata => '{"graph_id": "agent"}', supersteps => '[{"updates": [{"values": {}, "as_node": "__input__"}]},
    {"updates": [{"values": {"messages": [{"type": "human", "content": "hello"}]}, "as_node": "__start__"}]}, {"updates": [{"values": {"messages": [{"type": "ai", "content": "hi"}], "count": 2}, "as_node": "call_model"}]}]');
SELECT pg_temp.history('t');
-- A superstep that fails leaves nothing, not even the thread.
\set VERBOSITY terse
SELECT threadmem.thread_create('none', graph_id => 'agent', supersteps => '[{"updates": [{"values": {"count": 1}, "as_node": "__start__"}]}, {"updates": [{"values": {}, "as_node": "nobody"}]}]');
SELECT threadmem.thread_get('none');
-- do_nothing: the supersteps of the call run all the same.
SELECT version FROM threadmem.thread_create('t', if_exists => 'do_nothing', supersteps => '[{"updates": [{"values": {"topic": "rome"}, "as_node": "call_model"}]}]');
SELECT pg_temp.brief(threadmem.thread_state('t'));

-- docs/contracts.md#graphs-and-channels: channels. last_value takes one value a step, null is a value, reducers take all; unknown keys are ignored and make a checkpoint.
SELECT threadmem.thread_update_state('t', updates => '[{"values": {"topic": 1}, "as_node": "tools"}, {"values": {"topic": 2}, "as_node": "call_model"}]');
SELECT checkpoint_ns FROM threadmem.thread_update_state('t', updates => '[{"values": {"log": ["x"], "count": 1, "topic": null}, "as_node": "tools"}, {"values": {"log": ["y"], "count": 10, "other": 1}, "as_node": "call_model"}]');
SELECT "values" - 'messages', next FROM threadmem.thread_state('t');
-- Several updates each need as_node; nodes are those of the graph; a removed message has to be there.
SELECT threadmem.thread_update_state('t', updates => '[{"values": {}, "as_node": "tools"}, {"values": {}}]');
SELECT threadmem.thread_update_state('t', '{}', 'nobody');
SELECT threadmem.thread_update_state('t', '{"messages": [{"type": "remove", "id": "nobody"}]}', 'tools');
SELECT threadmem.thread_update_state('t', '[1]', 'tools');
SELECT threadmem.thread_update_state('t', '{}', updates => '[]');
SELECT threadmem.thread_update_state('nobody', '{}');
SELECT threadmem.thread_update_state('t', '{}', checkpoint_id => 'nobody');
-- next as passed, where no edge says it; it ends with the next step.
SELECT checkpoint_ns FROM threadmem.thread_update_state('t', '{}', 'call_model', next => '{tools}');
SELECT next, jsonb_path_query_array(tasks, '$[*].name') FROM threadmem.thread_state('t');
-- null without as_node copies forward, and what is to run stays; null as __end__ ends it.
SELECT checkpoint_ns FROM threadmem.thread_update_state('t');
SELECT next FROM threadmem.thread_state('t');
SELECT checkpoint_ns FROM threadmem.thread_update_state('t', NULL, '__end__');
SELECT next FROM threadmem.thread_state('t');
SELECT * FROM threadmem.threadmem_verify();

-- docs/contracts.md#updates-of-a-state: an update at an older checkpoint is a branch and becomes the latest; the log shows it; the other one stays readable.
SELECT thread_id FROM threadmem.thread_create('b', graph_id => 'agent', supersteps => '[{"updates": [{"values": {"messages": [{"type": "human", "id": "q", "content": "question"}]}, "as_node": "__start__"}]}, {"updates": [{"values": {"messages": [{"type": "ai", "id": "a1", "content": "one"}]}, "as_node": "call_model"}]}]');
SELECT checkpoint_ns FROM threadmem.thread_update_state('b', '{"messages": [{"type": "ai", "id": "a2", "content": "two"}]}', 'call_model', checkpoint_id => pg_temp.at('b', 0));
SELECT pg_temp.history('b');
SELECT message_id, seq FROM threadmem.message_list('b');
SELECT pg_temp.brief(threadmem.thread_state('b', (SELECT checkpoint ->> 'checkpoint_id' FROM threadmem.thread_history('b', 2) ORDER BY 1 LIMIT 1)));
-- __copy__: a sibling with the same values, under the same parent.
SELECT checkpoint_ns FROM threadmem.thread_update_state('b', NULL, '__copy__');
SELECT pg_temp.brief(h), h.parent_checkpoint = lead(h.parent_checkpoint) OVER () AS siblings FROM threadmem.thread_history('b', 2) h;
SELECT checkpoint_ns FROM threadmem.thread_update_state('b', '[[{"count": 5}, "tools"]]', '__copy__');
SELECT pg_temp.brief(h) FROM threadmem.thread_history('b', 2) h;

-- docs/architecture.md#where-messages-and-states-meet: what is said, changed and deleted meanwhile shows in the latest state at once, and the next step folds it in first.
SELECT thread_id FROM threadmem.thread_create('m', graph_id => 'agent', messages => '[{"role": "user", "id": "one", "content": "one"}, {"role": "user", "id": "two", "content": "two"}]');
SELECT "values", next, checkpoint FROM threadmem.thread_state('m', fields => '{values.messages,next,checkpoint}');
SELECT checkpoint_ns FROM threadmem.thread_update_state('m', '{"messages": [{"type": "ai", "id": "three", "content": "three"}]}', 'call_model');
SELECT pg_temp.history('m');
SELECT state FROM threadmem.message_delete('m', 'one');
SELECT rev FROM threadmem.message_update('m', 'two', 'TWO');
SELECT seq FROM threadmem.message_add('m', 'user', 'four', message_id => 'four');
SELECT pg_temp.brief(threadmem.thread_state('m')), pg_temp.brief(threadmem.thread_state('m', pg_temp.at('m', 1)));
SELECT threadmem.thread_fold('m') = pg_temp.at('m', 2) AS folded, threadmem.thread_fold('m') AS again;
SELECT pg_temp.history('m');
-- RemoveMessage and remove-all change the state only; the log keeps the messages, and they are not pending again.
SELECT checkpoint_ns FROM threadmem.thread_update_state('m', '{"messages": [{"type": "remove", "id": "two"}]}', 'tools');
SELECT checkpoint_ns FROM threadmem.thread_update_state('m', '{"messages": [{"type": "remove", "id": "__remove_all__"}, {"type": "human", "id": "new", "content": "new"}]}', 'tools');
SELECT pg_temp.history('m') LIMIT 2;
SELECT message_id FROM threadmem.message_list('m');
-- No fold while the head has pending writes: they would be lost.
SELECT seq FROM threadmem.message_add('m', 'user', 'five', message_id => 'five');
SELECT threadmem.checkpoint_put_writes('m', checkpoint ->> 'checkpoint_id', 'task', '[["__interrupt__", [{"value": "sure?", "id": "i"}]]]') FROM threadmem.thread_state('m');
SELECT threadmem.thread_fold('m');
-- A put by a LangGraph client meets a thread made by the door: bodies are not stored twice.
SELECT count(*) FROM threadmem_data.messages WHERE thread_id = 'm';
SELECT p.checkpoint_id FROM threadmem.checkpoint_get('m') g, threadmem.checkpoint_put('m', jsonb_set(g.checkpoint, '{id}', '"zz"'), parent_checkpoint_id => g.checkpoint_id) p;
SELECT count(*) FROM threadmem_data.messages WHERE thread_id = 'm';
-- The next generated id still sorts above it.
SELECT checkpoint_id > 'zz' FROM threadmem.thread_update_state('m', '{"count": 1}', 'tools');
SELECT * FROM threadmem.threadmem_verify();

-- docs/contracts.md#a-state-as-langgraphs-api-gives-it: pending writes. Those without a task apply to any state, those of a task to the latest; the task leaves next and has its result.
SELECT thread_id FROM threadmem.thread_create('p', graph_id => 'agent', supersteps => '[{"updates": [{"values": {"count": 1}, "as_node": "__start__"}]}]');
SELECT checkpoint_ns FROM threadmem.thread_update_state('p', '{}', '__start__', next => '{call_model,tools}');
SELECT threadmem.checkpoint_put_writes('p', checkpoint ->> 'checkpoint_id', tasks -> 1 ->> 'id', '[["count", 5], ["log", ["done"]]]'),
       threadmem.checkpoint_put_writes('p', checkpoint ->> 'checkpoint_id', tasks -> 0 ->> 'id', '[["__interrupt__", [{"value": "sure?", "id": "i"}]]]'),
       threadmem.checkpoint_put_writes('p', checkpoint ->> 'checkpoint_id', '00000000-0000-0000-0000-000000000000', '[["topic", "null task"]]') FROM threadmem.thread_state('p');
SELECT next, "values", interrupts, jsonb_path_query_array(tasks, '$[*].result') AS results FROM threadmem.thread_state('p');
SELECT next, "values" FROM threadmem.thread_history('p', 1);
-- An update of the latest takes them in.
SELECT checkpoint_ns FROM threadmem.thread_update_state('p', '{"count": 100}', 'call_model');
SELECT next, "values" FROM threadmem.thread_state('p');

-- docs/contracts.md#a-state-as-langgraphs-api-gives-it: the empty state, where there is no checkpoint; subgraphs nest.
SELECT thread_id FROM threadmem.thread_create('e');
SELECT to_jsonb(s) FROM threadmem.thread_state('e') s;
SELECT "values", checkpoint FROM threadmem.thread_state('t', 'nobody');
SELECT "values", checkpoint FROM threadmem.thread_state('t', checkpoint_ns => 'nobody:1');
SELECT count(*) FROM threadmem.thread_history('e');
SELECT threadmem.thread_state('nobody');
SELECT threadmem.thread_history('nobody');
SELECT threadmem.thread_state('t', fields => '{nothing}');
SELECT thread_id FROM threadmem.thread_create('s', graph_id => 'agent', supersteps => '[{"updates": [{"values": {"count": 1}, "as_node": "__start__"}]}]');
SELECT p.checkpoint_id FROM threadmem.thread_state('s') s, threadmem.checkpoint_put('s', '{"v": 4, "id": "c", "channel_values": {"inner": 1}, "channel_versions": {"inner": 1}}', '{"source": "loop", "step": 0, "parents": {"": "p"}}', checkpoint_ns => 'call_model:' || (s.tasks -> 0 ->> 'id')) p;
SELECT tasks #>> '{0,checkpoint,checkpoint_ns}' LIKE 'call_model:%' AS config, tasks #> '{0,state}' AS state FROM threadmem.thread_state('s');
SELECT tasks #> '{0,state,values}' AS state, tasks #> '{0,checkpoint}' AS config, (SELECT count(*) FROM jsonb_object_keys(tasks #> '{0,state,checkpoint,checkpoint_map}')) AS map FROM threadmem.thread_state('s', subgraphs => true);
-- Fields and filters of a history.
SELECT next, metadata, "values", tasks FROM threadmem.thread_history('t', 1, fields => '{values.count,next}');
SELECT count(*) FROM threadmem.thread_history('t', 100, metadata => '{"source": "input"}');
SELECT count(*) FROM threadmem.thread_history('t', 100, before_id => pg_temp.at('t', 2));
SELECT count(*) FROM threadmem.thread_history('t', 0);
SELECT * FROM threadmem.threadmem_verify();
-- An edge from several nodes: the node waits for all; null as __end__ ends it.
SELECT graph_id FROM threadmem.graph_define('join', '{"nodes": ["a", "b", "c"], "edges": [["__start__", "a"], ["__start__", "b"], [["a", "b"], "c"]]}');
SELECT thread_id FROM threadmem.thread_create('j', graph_id => 'join', supersteps => '[{"updates": [{"values": {"x": 1}, "as_node": "__start__"}]}, {"updates": [{"values": {"x": 2}, "as_node": "b"}]}]');
SELECT next FROM threadmem.thread_state('j');
SELECT checkpoint_ns FROM threadmem.thread_update_state('j', '{}', 'b');
SELECT next FROM threadmem.thread_state('j');
SELECT checkpoint_ns FROM threadmem.thread_update_state('j', '{}', 'a');
SELECT next, tasks #>> '{0,name}' AS task FROM threadmem.thread_state('j');
SELECT checkpoint_ns FROM threadmem.thread_update_state('j', NULL, '__end__');
SELECT next FROM threadmem.thread_state('j');
SELECT checkpoint_ns FROM threadmem.thread_update_state('j', '{}', 'a');
SELECT next FROM threadmem.thread_state('j');
-- message_list(view => 'state'): what the latest state holds and is to hold, in its order, by pages; the log beside it.
SELECT thread_id FROM threadmem.thread_create('l', graph_id => 'agent', messages => '[{"role": "user", "id": "one", "content": "one"}, {"role": "user", "id": "two", "content": "two"}, {"role": "assistant", "id": "three", "content": "three"}]');
SELECT array_agg(message_id) FROM threadmem.message_list('l', view => 'state');
SELECT checkpoint_ns FROM threadmem.thread_update_state('l', '{"messages": [{"type": "remove", "id": "one"}, {"type": "ai", "id": "four", "content": "four"}]}', 'tools');
SELECT seq FROM threadmem.message_add('l', 'user', 'five', message_id => 'five');
SELECT array_agg(message_id) FROM threadmem.message_list('l', view => 'state');
SELECT array_agg(message_id) FROM threadmem.message_list('l');
SELECT message_id, has_more FROM threadmem.message_list('l', 2, view => 'state');
SELECT message_id, has_more FROM threadmem.message_list('l', 2, after_id => 'three', view => 'state');
SELECT message_id, has_more FROM threadmem.message_list('l', 2, 'desc', before_id => 'two', view => 'state');
SELECT message_id FROM threadmem.message_list('l', role => 'assistant', view => 'state');
SELECT message_id FROM threadmem.message_list('l', after_id => 'one', view => 'state');
SELECT message_id FROM threadmem.message_list('l', after_seq => 1, view => 'state');
SELECT message_id FROM threadmem.message_list('nobody', view => 'state');

-- thread_diff: what a step changed, and what lies between two branches.
SELECT threadmem.thread_diff('t', pg_temp.at('t', 2), pg_temp.at('t', 3));
SELECT threadmem.thread_diff('t', pg_temp.at('t', 3), pg_temp.at('t', 3));
SELECT threadmem.json_patch_apply(a."values", threadmem.thread_diff('b', pg_temp.at('b', 4), pg_temp.at('b', 0))) = b."values" AS back
  FROM threadmem.thread_state('b', pg_temp.at('b', 4)) a, threadmem.thread_state('b', pg_temp.at('b', 0)) b;
SELECT threadmem.thread_diff('t', pg_temp.at('t', 2), 'nobody');
-- thread_prune: keep_latest keeps the thread, its log and its latest state; delete takes all; ids that are not there are skipped.
SELECT threadmem.thread_prune('{b,nobody,b}', 'keep_latest');
SELECT pg_temp.history('b');
SELECT message_id FROM threadmem.message_list('b');
SELECT threadmem.thread_prune('{b,l}'), threadmem.thread_prune('{b,l}'), threadmem.thread_prune('{}');
SELECT threadmem.thread_get('b');
SELECT threadmem.thread_prune('{t}', 'all');
SELECT * FROM threadmem.threadmem_verify();

-- docs/contracts.md#a-state-as-langgraphs-api-gives-it: messages that a LangGraph client stored come out as on the wire; what the checkpoint holds stays as it was.
SELECT checkpoint_id FROM threadmem.checkpoint_put('w', '{"v": 4, "id": "c", "channel_values": {"messages": [{"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "HumanMessage"], "kwargs": {"id": "h", "content": "hi", "additional_kwargs": {}}},
    {"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "AIMessageChunk"], "kwargs": {"id": "a", "content": "yo", "tool_calls": []}}], "last": {"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "ToolMessage"], "kwargs": {"content": "42", "tool_call_id": "t"}},
    "other": {"lc": 1, "type": "constructor", "id": ["langchain", "Prompt"], "kwargs": {"x": 1}}}, "channel_versions": {"messages": 1, "last": 1, "other": 1}}');
SELECT "values" FROM threadmem.thread_state('w');
SELECT checkpoint #> '{channel_values,messages,0,kwargs,id}' FROM threadmem.checkpoint_get('w');
-- LangSmith's page: its create call gives its state, but for ids, times and what only Python's classes add (name, example, usage_metadata).
SELECT thread_id FROM threadmem.thread_create('seed', metadata => '{"graph_id": "agent"}', supersteps => '[{"updates": [{"values": {}, "as_node": "__input__"}]},
    {"updates": [{"values": {"messages": [{"type": "human", "content": "hello"}]}, "as_node": "__start__"}]},
    {"updates": [{"values": {"messages": [{"content": "Hello! How can I assist you today?", "type": "ai"}]}, "as_node": "call_model"}]}]');
SELECT jsonb_path_query_array("values" -> 'messages', '$[*]') #- '{0,id}' #- '{1,id}' = '[{"content": "hello", "additional_kwargs": {}, "response_metadata": {}, "type": "human"},
    {"content": "Hello! How can I assist you today?", "additional_kwargs": {}, "response_metadata": {}, "type": "ai", "tool_calls": [], "invalid_tool_calls": []}]' AS messages,
       next, tasks, metadata, checkpoint - 'checkpoint_id' AS checkpoint, parent_checkpoint - 'checkpoint_id' AS parent FROM threadmem.thread_state('seed');

-- docs/contracts.md#updates-of-a-state: an update sees what pending writes of the same step bring: it changes, removes or drops that as if it had been there; none of it comes back.
CREATE FUNCTION pg_temp.pending(thread text) RETURNS text LANGUAGE sql AS
$$SELECT thread_id FROM threadmem.thread_create(thread, graph_id => 'agent', supersteps => '[{"updates": [{"values": {"messages": [{"type": "human", "id": "q", "content": "q"}]}, "as_node": "__start__"}]}]');
  SELECT checkpoint_ns FROM threadmem.thread_update_state(thread, NULL, '__start__', next => '{call_model,tools}');
  SELECT threadmem.checkpoint_put_writes(thread, checkpoint ->> 'checkpoint_id', tasks -> 1 ->> 'id', '[["messages", [{"type": "ai", "id": "b", "content": "by b"}]]]')::text FROM threadmem.thread_state(thread)$$;
SELECT pg_temp.pending('p1'), pg_temp.pending('p2'), pg_temp.pending('p3'), pg_temp.pending('p4');
SELECT count(*) FROM (VALUES ('p1', '{"type": "ai", "id": "b", "content": "new"}'), ('p2', '{"type": "ai", "id": "b", "content": "by b"}'), ('p3', '{"type": "remove", "id": "b"}'), ('p4', '{"type": "remove", "id": "__remove_all__"}')) AS v (thread, message),
    threadmem.thread_update_state(thread, jsonb_build_object('messages', jsonb_build_array(message::jsonb)), 'call_model');
SELECT thread, pg_temp.brief(threadmem.thread_state(thread)), threadmem.thread_fold(thread) AS folded,
       (SELECT array_agg(format('%s %s', m.message_id, m.content) ORDER BY m.seq) FROM threadmem.message_list(thread) m) AS log FROM unnest('{p1,p2,p3,p4}'::text[]) thread;
SELECT * FROM threadmem.threadmem_verify();

-- Commands (LangGraph's Command, which threads.create documents): update is the values, goto the nodes to run next beside those that the edges lead to; sends have an input of their own.
\set VERBOSITY default
SELECT graph_id FROM threadmem.graph_define('routed', '{"channels": {"topic": {}, "log": {"reducer": "append"}, "messages": {"reducer": "add_messages"}}, "nodes": ["first", "second", "third"], "edges": [["__start__", "first"], ["first", "third"]]}');
SELECT thread_id FROM threadmem.thread_create('c', graph_id => 'routed', supersteps => '[{"updates": [{"command": {"update": {"topic": "a", "log": "x", "messages": [{"role": "user", "content": "hi"}]}, "goto": "second"}, "as_node": "first"}]}]');
SELECT pg_temp.brief(threadmem.thread_state('c'));
SELECT count(threadmem.thread_update_state('c', updates => jsonb_build_array(jsonb_build_object('command', command::jsonb, 'as_node', 'second')))) FROM unnest(ARRAY['{"goto": ["first", "second", "__end__"]}', '{"update": [["log", "y"], ["log", "z"], ["unknown", 1]], "goto": []}', '{"update": null, "goto": {"node": "second", "input": {"n": 1.10}}}', '{"goto": [{"node": "second", "args": 1}, "first", {"node": "third"}]}', '{}']) command;
SELECT pg_temp.history('c');
SELECT h.metadata ->> 'step' AS step, c.checkpoint #> '{channel_values,__pregel_tasks}' AS sends FROM threadmem.thread_history('c') h, threadmem.checkpoint_get('c', checkpoint_id => h.checkpoint_id) c ORDER BY 1;
-- Beside values, in one superstep: sends of several in their order; next is beside goto; a command without as_node is that of the node that ran last.
SELECT checkpoint_ns FROM threadmem.thread_update_state('c', updates => '[{"values": {"topic": "b"}, "as_node": "first"}, {"command": {"goto": {"node": "second", "input": 1}}, "as_node": "second"}, {"command": {"goto": [{"node": "third", "input": 2}, "third"]}, "as_node": "third"}]', next => '{first}');
SELECT pg_temp.brief(s), jsonb_path_query_array(tasks, '$[*].name') AS tasks FROM threadmem.thread_state('c') s;
SELECT checkpoint_ns FROM threadmem.thread_create('one', graph_id => 'routed') t, threadmem.thread_update_state(t.thread_id, updates => '[{"command": {"update": {"topic": "c"}, "goto": "second"}}]');
SELECT pg_temp.brief(s) FROM threadmem.thread_state('one') s;
-- What is not known, or could only be lost, is refused and changes nothing.
\set VERBOSITY terse
SELECT count(*) AS before FROM threadmem.thread_history('c', 100) \gset
CREATE FUNCTION pg_temp.refused(updates text) RETURNS text LANGUAGE plpgsql AS
$$DECLARE said text; detail text; BEGIN PERFORM threadmem.thread_update_state('c', updates => updates::jsonb); RETURN 'taken';
EXCEPTION WHEN OTHERS THEN GET STACKED DIAGNOSTICS said = RETURNED_SQLSTATE, detail = PG_EXCEPTION_DETAIL; RETURN said || ' ' || detail; END$$;
SELECT u, pg_temp.refused(u) FROM unnest(ARRAY['[{"valeus": {"topic": 1}, "as_node": "first"}]', '[{"values": {"topic": 1}, "asNode": "first"}]', '[{"values": {}, "as_node": "first"}, {"values": {}, "as_node": "second", "task_id": "x"}]',
  '[{"command": {"updates": {"topic": 1}}, "as_node": "first"}]', '[{"command": {"resume": "yes"}, "as_node": "first"}]', '[{"command": {"goto": "nobody"}, "as_node": "first"}]', '[{"command": {"goto": "__start__"}, "as_node": "first"}]', '[{"command": {"goto": {"node": "nobody"}}, "as_node": "first"}]',
  '[{"command": {"goto": {"node": "__end__"}}, "as_node": "first"}]', '[{"command": {"goto": 1}, "as_node": "first"}]', '[{"command": {"goto": {"input": 1}}, "as_node": "first"}]', '[{"command": {"goto": {"node": "second", "when": 1}}, "as_node": "first"}]', '[{"command": {"update": "x"}, "as_node": "first"}]', '[{"command": {"update": [["topic"]]}, "as_node": "first"}]',
  '[{"command": "x", "as_node": "first"}]', '[{"command": {}, "values": {"topic": 1}, "as_node": "first"}]', '[{"command": {"update": {"topic": 1}}, "as_node": "__input__"}]', '[{"command": {}, "as_node": "__end__"}]', '[{"command": {}, "as_node": "__copy__"}]', '[{"command": {"update": [["topic", 1], ["topic", 2]]}, "as_node": "first"}]']) u;
SELECT count(*) = :before AS unchanged FROM threadmem.thread_history('c', 100);
\set VERBOSITY default
SELECT threadmem.thread_create('misspelt', graph_id => 'routed', supersteps => '[{"updates": [{"values": {}, "as_node": "first"}], "as_node": "first"}]');
SELECT threadmem.thread_update_state('c', updates => '[{"command": {"resume": "yes"}, "as_node": "first"}]');
SELECT * FROM threadmem.threadmem_verify();

-- A subgraph's state is updated as its own definition says, found by the nodes' names in the namespace: reducers, defaults, what runs next; level within level, and where a task calls it again.
SELECT graph_id FROM threadmem.graph_define('outer', '{"channels": {"log": {}}, "nodes": ["child", "plain"], "subgraphs": {"child": {"channels": {"log": {"reducer": "append"}, "n": {"reducer": "add", "default": 7}, "chat": {"reducer": "add_messages"}}, "nodes": ["c1", "c2", "grand"], "edges": [["c1", "c2"], ["c2", "grand"]],
  "subgraphs": {"grand": {"channels": {"n": {"reducer": "add"}}, "nodes": ["g1", "g2"], "edges": [["g1", "g2"]]}}}}}');
SELECT thread_id FROM threadmem.thread_create('sub', graph_id => 'outer');
SELECT count(threadmem.checkpoint_put('sub', '{"v": 4, "id": "1f000000-0000-6000-8000-000000000001", "channel_values": {"log": ["p", "c"], "n": 1}, "channel_versions": {"log": 2, "n": 2}, "versions_seen": {"c1": {"branch:to:c1": 1}}}', checkpoint_ns => ns)) FROM unnest('{child:a,child:a|1,child:a|grand:b,plain:a,child:a|other:b,grand:b}'::text[]) ns;
SELECT ns, (threadmem.thread_update_state('sub', '{"log": ["e"], "n": 2, "chat": {"role": "user", "content": "hi", "id": "m"}}', node, checkpoint_ns => ns)).checkpoint_ns = ns AS updated FROM (VALUES ('child:a', 'c1'), ('child:a|1', 'c2'), ('child:a|grand:b', 'g1')) v (ns, node);
SELECT ns, s."values", s.next FROM unnest('{child:a,child:a|1,child:a|grand:b}'::text[]) ns, threadmem.thread_state('sub', checkpoint_ns => ns) s;
SELECT jsonb_path_query_array(checkpoint, '$.channel_values.keyvalue().key') AS stored FROM threadmem.checkpoint_get('sub', 'child:a|grand:b');
SELECT checkpoint #>> '{channel_values,chat,0,id,2}' AS class FROM threadmem.checkpoint_get('sub', 'child:a');
SELECT threadmem.checkpoint_put_writes('sub', '1f000000-0000-6000-8000-000000000001', '00000000-0000-0000-0000-000000000000', '[["n", 1]]', checkpoint_ns => 'grand:b');
-- What is not declared is refused, in whatever form, and a node that the subgraph has not; what needs no rules is not.
CREATE FUNCTION pg_temp.refused_in(ns text, input text, node text) RETURNS text LANGUAGE plpgsql AS
$$DECLARE said text; detail text; BEGIN PERFORM threadmem.thread_update_state('sub', input::jsonb, node, checkpoint_ns => ns); RETURN 'taken';
EXCEPTION WHEN OTHERS THEN GET STACKED DIAGNOSTICS said = RETURNED_SQLSTATE, detail = PG_EXCEPTION_DETAIL; RETURN said || ' ' || detail; END$$;
SELECT ns, node, pg_temp.refused_in(ns, input, node) FROM (VALUES ('plain:a', '{"log": 1}', 'x'), ('plain:a', '{}', NULL), ('child:a|other:b', '{"log": 1}', 'x'), ('grand:b', '{"n": 1}', 'g1'), ('grand:b', NULL, '__end__'), ('child:a', '{"log": 1}', 'child'), ('child:a', '{"log": 1}', 'g1'), ('nobody:a', '{}', 'x'), ('plain:a', NULL, NULL), ('plain:a', NULL, '__copy__'), ('plain:a', NULL, '__end__')) v (ns, input, node);
