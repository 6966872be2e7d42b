-- LangGraph's delta channels at the thread door: read as LangGraph reads them, and written with the value itself (docs/contracts.md#delta-channels).
\pset null (null)
\set VERBOSITY terse
SET threadmem.tenant = 'state delta';
CREATE FUNCTION pg_temp.id(n int) RETURNS text LANGUAGE sql AS $$SELECT format('1f000000-0000-6000-8000-%s', lpad(n::text, 12, '0'))$$;
CREATE FUNCTION pg_temp.put(thread text, n int, "values" jsonb, counters jsonb DEFAULT NULL) RETURNS void LANGUAGE sql AS
$$SELECT threadmem.checkpoint_put(thread, jsonb_build_object('v', 4, 'id', pg_temp.id(n), 'channel_values', "values", 'channel_versions', jsonb_build_object('messages', n, 'log', n, 'n', n, 'unknown', n)),
    jsonb_strip_nulls(jsonb_build_object('source', 'loop', 'step', n - 2, 'parents', '{}'::jsonb, 'counters_since_delta_snapshot', counters, 'delta_writes_versioned', true)), NULL, CASE WHEN n > 1 THEN pg_temp.id(n - 1) END)$$;
CREATE FUNCTION pg_temp.shown(s threadmem.state_snapshot) RETURNS jsonb LANGUAGE sql AS
$$SELECT s."values" || jsonb_build_object('messages', jsonb_path_query_array(s."values", '$.messages[*].id'))$$;
SELECT graph_id FROM threadmem.graph_define('d', '{"channels": {"messages": {"reducer": "add_messages"}, "log": {"reducer": "append"}, "n": {}, "unknown": {}}}');
CREATE FUNCTION pg_temp.thread(thread text) RETURNS void LANGUAGE sql AS
$$SELECT threadmem.thread_create(thread, graph_id => 'd');
  SELECT pg_temp.put(thread, 1, '{"messages": [{"type": "human", "id": "h1", "content": "one"}, {"type": "ai", "id": "gone", "content": "x"}], "log": ["a"], "n": 1}');
  SELECT threadmem.checkpoint_put_writes(thread, pg_temp.id(1), 't1', '[["messages", [{"type": "ai", "id": "a1", "content": "two"}, {"type": "remove", "id": "gone"}, {"type": "remove", "id": "nobody"}]], ["log", ["b"]], ["unknown", 1]]');
  SELECT pg_temp.put(thread, 2, '{"n": 1}', '{"messages": [1, 1], "log": [1, 1], "unknown": [1, 1]}');
  SELECT threadmem.checkpoint_put_writes(thread, pg_temp.id(2), 't2', '[["messages", {"type": "human", "id": "h1", "content": "ONE"}], ["log", {"__overwrite__": ["z"]}], ["log", ["c"]], ["unknown", 2]]');
  SELECT pg_temp.put(thread, 3, '{"n": 1}', '{"messages": [2, 2], "log": [3, 2], "unknown": [2, 2]}');$$;
SELECT pg_temp.thread(t) FROM unnest('{read,said,log,copy}'::text[]) t;
-- State, history and a branch: the seed and what was written since; the last Overwrite begins anew; one whose reducer is not known is left out.
SELECT pg_temp.shown(s), s."values" #>> '{messages,0,content}' AS changed FROM threadmem.thread_state('read') s;
SELECT h.metadata ->> 'step' AS step, jsonb_path_query_array("values", '$.messages[*].id') AS ids, "values" -> 'log' AS log FROM threadmem.thread_history('read') h;
SELECT "values" -> 'log' AS log FROM threadmem.thread_search('{read}', fields => '{values}');
SELECT h."values" -> 'messages' IS NULL AS only_log FROM threadmem.thread_state('read', fields => '{values.log}') h;
-- An update has the value, counts anew, and carries on what it does not know.
SELECT count(*) FROM threadmem.thread_update_state('read', '{"messages": [{"type": "human", "id": "h2", "content": "three"}, {"type": "remove", "id": "a1"}], "log": "d"}', 'agent', next => '{}');
SELECT pg_temp.shown(s), metadata -> 'counters_since_delta_snapshot' AS counters, metadata -> 'delta_writes_versioned' AS versioned FROM threadmem.thread_state('read') s;
SELECT jsonb_path_query_array(checkpoint, '$.channel_values.messages[*].id') AS stored, checkpoint #> '{channel_values,log}' AS log, checkpoint #> '{channel_values}' ? 'unknown' AS unknown FROM threadmem.checkpoint_get('read');
SELECT message_id FROM threadmem.message_list('read', view => 'state');
SELECT threadmem.checkpoint_put('read', jsonb_build_object('v', 4, 'id', '2f000000-0000-6000-8000-000000000001', 'channel_values', '{}'::jsonb, 'channel_versions', '{"messages": 99, "log": 99}'::jsonb), '{"counters_since_delta_snapshot": {"messages": [1, 1], "log": [1, 1]}}', '{"messages": 99, "log": 99}', checkpoint_id) FROM threadmem.checkpoint_get('read');
SELECT pg_temp.shown(s) AS goes_on FROM threadmem.thread_state('read') s;
-- A window and the list of the state are of the thread's messages, which do not have what writes of tasks have: refused, until an update takes it in.
SELECT message_id FROM threadmem.message_context('read');
SELECT message_id FROM threadmem.message_list('read', view => 'state');
SELECT thread_id FROM threadmem.thread_copy('read', 'taken in');
SELECT checkpoint_ns FROM threadmem.thread_update_state('taken in', NULL);
SELECT (SELECT string_agg(message_id, ' ') FROM threadmem.message_context('taken in')) AS context, (SELECT string_agg(message_id, ' ') FROM threadmem.message_list('taken in', view => 'state')) AS list, pg_temp.shown(s) FROM threadmem.thread_state('taken in') s;
-- An unknown reducer is refused, never guessed.
SELECT count(*) FROM threadmem.thread_update_state('copy', '{"unknown": 3}', 'agent');
-- What was said meanwhile is in the state, and folded.
SELECT message_id FROM threadmem.message_add('said', 'user', 'later', message_id => 'l');
SELECT pg_temp.shown(s) FROM threadmem.thread_state('said') s;
SELECT threadmem.thread_fold('said') IS NOT NULL AS folded;
SELECT pg_temp.shown(s), metadata -> 'counters_since_delta_snapshot' AS counters FROM threadmem.thread_state('said') s;
SELECT threadmem.thread_fold('said') IS NULL AS nothing_more, threadmem.thread_fold('log') IS NULL AS nothing;
-- LangGraph's marker of a value is the value.
SELECT pg_temp.put('log', 4, '{"messages": {"lc": 2, "type": "delta_snapshot", "value": [{"type": "human", "id": "s1", "content": "s"}]}, "log": {"lc": 2, "type": "delta_snapshot", "value": ["s"]}}', '{"messages": [0, 0], "log": [0, 0]}');
SELECT pg_temp.shown(s) FROM threadmem.thread_state('log') s;
SELECT count(*) FROM threadmem.thread_update_state('log', '{"messages": [{"type": "ai", "id": "s2", "content": "s"}], "log": ["t"]}', 'agent', next => '{}');
SELECT pg_temp.shown(s) FROM threadmem.thread_state('log') s;
SELECT count(*) FROM threadmem.thread_update_state('copy', NULL, '__copy__');
SELECT pg_temp.shown(s) AS copied FROM threadmem.thread_state('copy') s;
SELECT * FROM threadmem.threadmem_verify();
