-- Messages of a state are LangChain's, whoever wrote them and in whatever form: docs/contracts.md#messages-of-a-state.
\pset null (null)
\set VERBOSITY terse
SET threadmem.tenant = 'forms';

-- One message in the forms that writers have. What LangGraph gives for it is the truth; who names no type has one of "role".
CREATE TABLE forms (form text PRIMARY KEY, message jsonb);
INSERT INTO forms VALUES
  ('1 javascript', '{"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "AIMessage"], "kwargs": {"id": "m", "content": "x", "tool_calls": [{"id": "c1", "name": "get", "args": {"a": 1}, "type": "tool_call"}], "invalid_tool_calls": [], "additional_kwargs": {}, "response_metadata": {}, "usage_metadata": {"lc": 2, "type": "undefined"}}}'),
  ('2 python', '{"lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", "AIMessage"], "kwargs": {"id": "m", "type": "ai", "content": "x", "tool_calls": [{"id": "c1", "name": "get", "args": {"a": 1}, "type": "tool_call"}], "invalid_tool_calls": []}}'),
  ('3 chunk', '{"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "AIMessageChunk"], "kwargs": {"id": "m", "content": "x", "tool_calls": [{"id": "c1", "name": "get", "args": {"a": 1}, "type": "tool_call"}]}}'),
  ('4 sdk', '{"type": "ai", "id": "m", "content": "x", "tool_calls": [{"id": "c1", "name": "get", "args": {"a": 1}, "type": "tool_call"}]}'),
  ('5 sdk, calls of the model''s', '{"type": "ai", "id": "m", "content": "x", "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "get", "arguments": "{\"a\": 1}"}}]}'),
  ('6 calls in additional_kwargs', '{"type": "ai", "id": "m", "content": "x", "additional_kwargs": {"tool_calls": [{"id": "c1", "type": "function", "function": {"name": "get", "arguments": "{\"a\": 1}"}}]}}'),
  ('7 other spelling', '{"type": "assistant", "id": "m", "content": "x", "tool_calls": [{"id": "c1", "name": "get", "args": {"a": 1}, "type": "tool_call"}]}'),
  ('8 data', '{"type": "ai", "data": {"id": "m", "content": "x", "tool_calls": [{"id": "c1", "name": "get", "args": {"a": 1}, "type": "tool_call"}]}}'),
  ('9 plain, calls of openai''s', '{"role": "assistant", "id": "m", "content": "x", "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "get", "arguments": "{\"a\": 1}"}}]}'),
  ('A openai''s item', '{"type": "function_call", "id": "m", "call_id": "c1", "name": "get", "arguments": "{\"a\": 1}"}'),
  ('B zep', '{"uuid": "m", "id": "m", "role": "assistant", "content": "x", "tool_calls": [{"id": "c1", "function": {"name": "get", "arguments": "{\"a\": 1}"}}]}');
CREATE VIEW written AS SELECT form, message, door || ' ' || form AS thread, door, door || ' ' || left(form, 1) AS brief FROM forms, unnest('{log,door,saver}'::text[]) door WHERE door <> 'door' OR form NOT LIKE 'A%';
CREATE FUNCTION pg_temp.facts(m jsonb) RETURNS text LANGUAGE sql AS
$$SELECT concat_ws(' ', m ->> 'type', m ->> 'id', m ->> 'content', (m #- '{tool_calls,0,type}') -> 'tool_calls', m -> 'tool_calls' -> 0 -> 'type', m -> 'invalid_tool_calls', m ? 'response_metadata', m ? 'usage_metadata', m ? 'role', m ? 'lc')$$;
CREATE FUNCTION pg_temp.loaded(c jsonb) RETURNS text LANGUAGE sql AS
$$SELECT concat_ws(' ', m ->> 'lc', m ->> 'type', m ->> 'id', pg_temp.facts(m -> 'kwargs')) FROM jsonb_array_elements(c #> '{channel_values,messages}') m$$;

-- By the log, by the thread door, where LangGraph takes no item of OpenAI's, and by the saver's.
SELECT count(*) FROM forms, threadmem.thread_create('log ' || form, messages => jsonb_build_array(message));
SELECT count(*) FROM forms, threadmem.thread_create('door ' || form) t, threadmem.thread_update_state(t.thread_id, jsonb_build_object('messages', jsonb_build_array(message)), 'agent') WHERE form NOT LIKE 'A%';
SELECT threadmem.thread_update_state('log 4 sdk', jsonb_build_object('messages', jsonb_build_array(message)), 'agent') FROM forms WHERE form LIKE 'A%';
SELECT count(threadmem.checkpoint_put('saver ' || form, jsonb_build_object('v', 4, 'id', '1f000000-0000-6000-8000-000000000001', 'channel_values', jsonb_build_object('messages', jsonb_build_array(message)), 'channel_versions', '{"messages": 1}'::jsonb))) FROM forms;
SELECT facts, string_agg(brief, ', ' ORDER BY brief) FROM written, LATERAL (SELECT pg_temp.facts("values" #> '{messages,0}') FROM threadmem.thread_state(thread)) f (facts) GROUP BY 1 ORDER BY 1;
-- thread_format() has the same values, and so have thread_search() and the history.
SELECT count(*) FILTER (WHERE f -> 'values' = s."values" AND h."values" = s."values" AND t."values" = s."values") AS same, count(*) FROM written, threadmem.thread_state(thread) s, threadmem.thread_format(thread) f, threadmem.thread_search(ARRAY[thread], fields => '{values}') t
  LEFT JOIN LATERAL (SELECT * FROM threadmem.thread_history(t.thread_id)) h ON true WHERE door <> 'log';
-- The body stays as it was written; what no reducer of LangGraph takes is coerced, as there.
SELECT count(*) FILTER (WHERE l.body = message) AS same, string_agg(brief, ', ' ORDER BY brief) FILTER (WHERE l.body <> message) AS coerced FROM written, threadmem.message_list(thread) l;

-- What the thread door made of them the saver's gives as LangChain's loader takes it; one that is in JavaScript's form stays, Python's it would not load.
SELECT count(threadmem.thread_fold('log ' || form)) FROM forms;
SELECT loaded, string_agg(brief, ', ' ORDER BY brief) FROM written, LATERAL (SELECT pg_temp.loaded(checkpoint) FROM threadmem.checkpoint_get(thread)) f (loaded) WHERE door <> 'saver' GROUP BY 1 ORDER BY 1;
SELECT count(*) FILTER (WHERE l.checkpoint = g.checkpoint) AS same, count(*) FROM written, threadmem.checkpoint_get(thread) g, threadmem.checkpoint_list(thread) l;
-- Every class, and what it must have; a role that LangChain does not have is a ChatMessage's.
SELECT message_id FROM threadmem.message_add_batch((SELECT thread_id FROM threadmem.thread_create('classes')), '[{"role": "system", "content": "s", "id": "1"}, {"role": "developer", "content": "d", "id": "2"}, {"role": "user", "content": [{"type": "text", "text": "u"}], "id": "3", "name": "ann"}, {"role": "assistant", "content": null, "id": "4"},
  {"role": "tool", "content": "t", "tool_call_id": "c", "id": "5"}, {"role": "function", "content": "f", "name": "get", "id": "6"}, {"role": "platform", "content": "p", "id": "7"}, {"type": "function_call_output", "call_id": "c", "output": "o", "id": "8"}]');
SELECT threadmem.thread_fold('classes') IS NOT NULL AS folded;
SELECT m #>> '{id,2}' AS class, m -> 'kwargs' AS kwargs FROM threadmem.checkpoint_get('classes'), jsonb_array_elements(checkpoint #> '{channel_values,messages}') m;
-- What other systems have calls, answers and parts in.
SELECT count(*) FROM threadmem.thread_create('others', messages => '[{"type": "function_call", "callId": "c1", "name": "f", "arguments": "{\"a\": 1}", "id": "1"}, {"type": "function_call_result", "callId": "c1", "name": "f", "output": {"type": "text", "text": "out"}, "id": "2"},
  {"role": "model", "content": [{"type": "text", "text": "so"}, {"type": "function_call", "id": "c2", "name": "f", "arguments": {"a": 1}}], "id": "3"}, {"role": "assistant", "content": "", "toolInvocations": [{"state": "call", "toolCallId": "c3", "toolName": "f", "args": {"a": 1}}], "id": "4"},
  {"role": "user", "content": {"type": "image_url", "image_url": {"url": "u"}}, "id": "5"}, {"role": "user", "blocks": [{"block_type": "text", "text": "w"}], "id": "6"}, {"role": "tool", "blocks": [{"block_type": "text", "text": "w"}], "additional_kwargs": {"tool_call_id": "c4"}, "id": "7"}, {"type": "chat", "role": "Narrator", "content": "w", "id": "8"}]');
SELECT m - '{additional_kwargs,response_metadata,invalid_tool_calls}'::text[] AS message FROM threadmem.thread_state('others'), jsonb_array_elements("values" -> 'messages') m;
SELECT threadmem.thread_fold('others') IS NOT NULL AS folded;
SELECT string_agg(m #>> '{id,2}', ' ') AS classes FROM threadmem.checkpoint_get('others'), jsonb_array_elements(checkpoint #> '{channel_values,messages}') m;
-- What a saver has put goes out as it came, a graph may keep plain messages; the log's come in beside as they are.
SELECT count(*) FROM forms, threadmem.checkpoint_get('saver ' || form) WHERE checkpoint #> '{channel_values,messages,0}' = message;
SELECT message_id FROM threadmem.message_add('saver 9 plain, calls of openai''s', 'user', 'later', message_id => 'l');
SELECT message_id FROM threadmem.message_add('saver 1 javascript', 'user', 'later', message_id => 'l');
SELECT count(threadmem.thread_fold(t)) FROM unnest('{"saver 9 plain, calls of openai''s",saver 1 javascript}'::text[]) t;
SELECT t, jsonb_path_query_array(checkpoint, '$.channel_values.messages[*].lc') AS lc FROM unnest('{"saver 9 plain, calls of openai''s",saver 1 javascript}'::text[]) t, threadmem.checkpoint_get(t);
-- A later checkpoint that leaves the channel alone keeps the form; one that writes it has what its writer gave.
SELECT checkpoint_id AS head FROM threadmem.checkpoint_get('classes') \gset
SELECT threadmem.checkpoint_put('classes', jsonb_build_object('v', 4, 'id', '2f000000-0000-6000-8000-000000000001', 'channel_values', '{"n": 1}'::jsonb, 'channel_versions', checkpoint -> 'channel_versions' || '{"n": 1}'), '{}', '{"n": 1}', :'head') FROM threadmem.checkpoint_get('classes');
SELECT jsonb_path_query_array(checkpoint, '$.channel_values.messages[*].lc') AS lc, checkpoint #> '{channel_values,n}' AS n FROM threadmem.checkpoint_get('classes');
SELECT threadmem.checkpoint_put('classes', '{"v": 4, "id": "2f000000-0000-6000-8000-000000000002", "channel_values": {"messages": [{"role": "user", "content": "mine", "id": "9"}]}, "channel_versions": {"messages": 99}}', '{}', '{"messages": 99}', '2f000000-0000-6000-8000-000000000001');
SELECT checkpoint #> '{channel_values,messages}' AS messages FROM threadmem.checkpoint_get('classes');
-- A delta channel's seed, a copy and a subgraph's own messages, too.
SELECT threadmem.checkpoint_put('door 9 plain, calls of openai''s', '{"v": 4, "id": "2f000000-0000-6000-8000-000000000001", "channel_values": {}, "channel_versions": {}}', '{}', '{}', checkpoint_id) FROM threadmem.checkpoint_get('door 9 plain, calls of openai''s');
SELECT threadmem.checkpoint_delta_history('door 9 plain, calls of openai''s', '{messages}') #>> '{messages,seed,0,id,2}' AS seed;
SELECT graph_id FROM threadmem.graph_define('g', '{"subgraphs": {"child": {}}}');
SELECT graph_id FROM threadmem.thread_update('door 4 sdk', graph_id => 'g');
SELECT thread_id FROM threadmem.thread_copy('door 4 sdk', 'copied');
SELECT checkpoint #>> '{channel_values,messages,0,id,2}' AS copied FROM threadmem.checkpoint_get('copied');
SELECT threadmem.checkpoint_put('door 4 sdk', '{"v": 4, "id": "1f000000-0000-6000-8000-000000000001", "channel_values": {"n": 1}, "channel_versions": {"n": 1}}', checkpoint_ns => 'child:1');
SELECT checkpoint_ns FROM threadmem.thread_update_state('door 4 sdk', '{"messages": [{"role": "user", "content": "u", "id": "1"}]}', 'x', checkpoint_ns => 'child:1');
SELECT g.checkpoint #>> '{channel_values,messages,0,id,2}' AS class, s."values" #>> '{messages,0,type}' AS type FROM threadmem.checkpoint_get('door 4 sdk', 'child:1') g, threadmem.thread_state('door 4 sdk', checkpoint_ns => 'child:1') s;
SELECT * FROM threadmem.threadmem_verify();

-- LangGraph's undefined is not there: in messages at any depth, in other channels, as a channel; as an element it is null. Words that say so stay.
SELECT threadmem.checkpoint_put('undefined', '{"v": 4, "id": "1f000000-0000-6000-8000-000000000001", "channel_values": {"gone": {"lc": 2, "type": "undefined"}, "deep": {"a": [1, {"lc": 2, "type": "undefined"}, {"b": {"lc": 2, "type": "undefined"}}], "said": "undefined"},
  "messages": [{"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "ToolMessage"], "kwargs": {"id": "t1", "content": "undefined", "tool_call_id": "c1", "artifact": {"lc": 2, "type": "undefined"}, "additional_kwargs": {"x": {"lc": 2, "type": "undefined"}, "y": 1}}}]}, "channel_versions": {"messages": 1, "gone": 1, "deep": 1}}');
SELECT jsonb_pretty("values") FROM threadmem.thread_state('undefined');
SELECT threadmem.message_format('undefined', 'langchain');
SELECT checkpoint #> '{channel_values,gone}' AS as_it_came FROM threadmem.checkpoint_get('undefined');

-- Results, interrupts and errors of tasks have LangChain's objects as the values have them; what was plain when it was written is so.
SELECT checkpoint_ns FROM threadmem.thread_create('tasks') t, threadmem.thread_update_state(t.thread_id, '{"messages": [{"role": "user", "id": "h", "content": "x"}]}', '__start__', next => '{a,b,c}');
SELECT threadmem.checkpoint_put_writes('tasks', s.checkpoint_id, s.tasks -> n ->> 'id', w) FROM threadmem.thread_state('tasks') s, (VALUES
  (0, '[["messages", [{"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "AIMessage"], "kwargs": {"id": "a", "content": "y"}}, {"role": "user", "id": "u", "content": "z"}]], ["none", {"lc": 2, "type": "undefined"}]]'::jsonb),
  (1, '[["__interrupt__", [{"id": "i", "value": {"ask": {"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "AIMessage"], "kwargs": {"id": "q", "content": "sure?", "name": {"lc": 2, "type": "undefined"}}}}}]]]'),
  (2, '[["__error__", {"message": "no", "cause": {"lc": 2, "type": "undefined"}}]]')) v (n, w);
SELECT t ->> 'name' AS name, t -> 'result' AS result, t -> 'interrupts' AS interrupts, t -> 'error' AS error FROM threadmem.thread_state('tasks'), jsonb_array_elements(tasks) t;
-- A thread has them by task, a state in one list.
SELECT i.key = t.tasks #>> '{1,id}' AS of_the_task, i.value #>> '{0,id}' AS id, f.thread -> 'interrupts' = s.interrupts AS as_search, s.extracted FROM threadmem.thread_state('tasks') t, LATERAL (SELECT threadmem.thread_format('tasks')) f (thread),
  threadmem.thread_search('{tasks}', fields => '{interrupts}', paths => jsonb_build_object('ask', format('interrupts.%s[0].value.ask.content', t.tasks #>> '{1,id}'))) s, jsonb_each(s.interrupts) i;

-- thread_format(): the values of the latest state, not the log.
SELECT checkpoint_ns FROM threadmem.thread_create('whole', messages => '[{"role": "user", "content": "one", "id": "m1"}, {"role": "assistant", "content": "two", "id": "m2"}]') t, threadmem.thread_update_state(t.thread_id, '{"messages": [{"type": "remove", "id": "m1"}], "topic": "t"}', 'first', next => '{second}');
SELECT threadmem.thread_format('whole') -> 'values' AS "values", jsonb_array_length(threadmem.message_format('whole', 'langchain')) AS log;

-- The older ids stand beside the checkpoints, in states, histories and nested ones.
SELECT s.checkpoint_id = s.checkpoint ->> 'checkpoint_id' AS own, s.parent_checkpoint_id = s.parent_checkpoint ->> 'checkpoint_id' AS parent, array_agg(h.checkpoint_id = h.checkpoint ->> 'checkpoint_id') AS history, array_agg(h.parent_checkpoint_id IS NULL) AS is_root FROM threadmem.thread_state('whole') s, threadmem.thread_history('whole') h GROUP BY 1, 2;
SELECT checkpoint_id IS NOT NULL AS asked, parent_checkpoint_id, checkpoint, "values" FROM threadmem.thread_state('whole', fields => '{checkpoint_id}');
-- A list longer than what is made once is the same to its end.
SELECT checkpoint_id FROM threadmem.checkpoint_put('long', jsonb_build_object('v', 4, 'id', '1f000000-0000-6000-8000-000000000009', 'channel_versions', '{"messages": 1}'::jsonb, 'channel_values', jsonb_build_object('messages', (SELECT jsonb_agg(jsonb_build_object('role', CASE WHEN i % 2 = 0 THEN 'user' ELSE 'assistant' END, 'id', i::text, 'content', i::text)) FROM generate_series(1, 17000) i))));
SELECT count(*), count(*) FILTER (WHERE e = jsonb_build_object('id', n::text, 'content', n::text, 'additional_kwargs', '{}'::jsonb, 'response_metadata', '{}'::jsonb, 'type', CASE WHEN n % 2 = 0 THEN 'human' ELSE 'ai' END) || CASE WHEN n % 2 = 0 THEN '{}'::jsonb ELSE '{"tool_calls": [], "invalid_tool_calls": []}' END) AS whole
  FROM threadmem.thread_state('long') s, jsonb_array_elements(s."values" -> 'messages') WITH ORDINALITY AS x (e, n);
SELECT threadmem.thread_state('nobody', fields => '{checkpoint_id}');
