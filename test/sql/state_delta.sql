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
CREATE FUNCTION pg_temp.paged(thread text, sort_order text, after text DEFAULT NULL) RETURNS text[] LANGUAGE plpgsql AS
$$DECLARE page record;
BEGIN
  SELECT array_agg(message_id) AS ids, (array_agg(position))[2] AS last, bool_or(has_more) AS more INTO page
    FROM threadmem.message_list(thread, view => 'state', max_rows => 2, sort_order => sort_order, after_position => after);
  RETURN page.ids || CASE WHEN page.more THEN pg_temp.paged(thread, sort_order, page.last) END;
END$$;
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
-- A window and the list of the state have what the state shows, of whatever writes and markers; what no revision has yet has no seq and no rev.
CREATE FUNCTION pg_temp.holds(thread text) RETURNS TABLE (state text, context boolean, list boolean, pages boolean, back boolean) LANGUAGE sql AS
$$WITH s AS (SELECT string_agg(format('%s=%s', e ->> 'id', e ->> 'content'), ' ' ORDER BY n) AS state, array_agg(e ->> 'id' ORDER BY n) AS ids
      FROM threadmem.thread_state(thread) t, jsonb_array_elements(t."values" -> 'messages') WITH ORDINALITY AS x (e, n))
  SELECT s.state, s.state = (SELECT string_agg(format('%s=%s', message_id, content), ' ') FROM threadmem.message_context(thread)),
         s.state = (SELECT string_agg(format('%s=%s', message_id, text), ' ') FROM threadmem.message_list(thread, view => 'state')),
         s.ids = pg_temp.paged(thread, 'asc'), s.ids = (SELECT array_agg(i ORDER BY n DESC) FROM unnest(pg_temp.paged(thread, 'desc')) WITH ORDINALITY AS y (i, n)) FROM s$$;
SELECT * FROM pg_temp.holds('read');
SELECT message_id, seq, rev, role, content, status, state, metadata, created_at IS NULL AS unstored, has_more FROM threadmem.message_list('read', view => 'state', max_rows => 2);
SELECT thread_id FROM threadmem.thread_copy('read', 'taken in');
SELECT checkpoint_ns FROM threadmem.thread_update_state('taken in', NULL);
SELECT * FROM pg_temp.holds('taken in');
-- Filters, cursors and limits over what no revision has; a position goes on in the list once it is taken in.
SELECT pg_temp.thread(t) FROM unnest('{open,system}'::text[]) t;
SELECT count(*) FROM threadmem.checkpoint_put_writes('open', pg_temp.id(2), 't3', '[["messages", [{"type": "system", "id": "s1", "content": "rules"}, {"type": "ai", "id": "a2", "content": "", "tool_calls": [{"id": "c1", "name": "f", "args": {}, "type": "tool_call"}]}, {"type": "tool", "id": "r1", "tool_call_id": "c1", "content": "42"}, {"type": "ai", "id": "a3", "content": "done"}]]]');
SELECT * FROM pg_temp.holds('open');
SELECT message_id, role, tool_call_id, seq, rev FROM threadmem.message_list('open', view => 'state', role => 'assistant');
SELECT array_agg(message_id) FROM threadmem.message_list('open', view => 'state', after_id => 's1', before_id => 'a3');
SELECT message_id FROM threadmem.message_list('open', view => 'state', after_id => 'gone');
SELECT message_id FROM threadmem.message_list('open', view => 'state', metadata => '{"no": 1}');
SELECT message_id, tool_call_id, used_messages, dropped_messages FROM threadmem.message_context('open', max_messages => 3);
SELECT array_agg(message_id) FROM threadmem.message_context('open', max_messages => 4, strategy => 'head_tail', head_messages => 1, keep_system => false);
SELECT position AS middle FROM threadmem.message_list('open', view => 'state', max_rows => 3) OFFSET 2 \gset
SELECT array_agg(message_id) FROM threadmem.message_list('open', view => 'state', after_position => :'middle');
SELECT count(*) FROM threadmem.thread_update_state('open', '{"messages": [{"type": "human", "id": "h9", "content": "nine"}]}', 'agent', next => '{}');
SELECT array_agg(message_id) FROM threadmem.message_list('open', view => 'state', after_position => :'middle');
SELECT * FROM pg_temp.holds('open');
-- What tasks have written at the head, what was said, edited, deleted and erased since: as the state shows it, and as a fold takes it in.
SELECT pg_temp.thread('since');
SELECT count(*) FROM threadmem.checkpoint_put_writes('since', pg_temp.id(3), '00000000-0000-0000-0000-000000000000', '[["messages", [{"type": "ai", "id": "w", "content": "at the head"}]]]');
SELECT message_id FROM threadmem.message_add('since', 'user', 'later', message_id => 'l');
SELECT * FROM pg_temp.holds('since');
SELECT count(*) FROM threadmem.message_delete('since', 'h1');
SELECT * FROM pg_temp.holds('since');
SELECT count(*) FROM threadmem.thread_update_state('since', '{"n": 2}', 'agent', next => '{}');
SELECT * FROM pg_temp.holds('since');
SELECT pg_temp.thread('erased');
SELECT count(*) FROM threadmem.message_erase('erased', 'h1');
SELECT message_id FROM threadmem.message_add('erased', body => '{"role": "user", "content": "no id of its own"}') \gset
SELECT state = 'a1=two ' || :'message_id' || '=no id of its own' AS state, context, list, pages, back FROM pg_temp.holds('erased');
SELECT body FROM threadmem.message_context('erased', max_messages => 1);
SELECT threadmem.thread_fold('erased') IS NOT NULL AS folded;
SELECT state = 'a1=two ' || :'message_id' || '=no id of its own' AS state, context, list, pages, back FROM pg_temp.holds('erased');
-- An Overwrite at the head, a subgraph's update and another branch; nothing at all.
SELECT pg_temp.thread('other');
SELECT count(*) FROM threadmem.checkpoint_put_writes('other', pg_temp.id(3), '00000000-0000-0000-0000-000000000000', '[["messages", {"__overwrite__": [{"type": "human", "id": "o", "content": "over"}]}]]');
SELECT * FROM pg_temp.holds('other');
SELECT count(*) FROM threadmem.thread_update_state('other', '{"messages": [{"type": "human", "id": "b", "content": "branch"}]}', 'agent', checkpoint_id => pg_temp.id(2), next => '{}');
SELECT * FROM pg_temp.holds('other');
SELECT threadmem.checkpoint_put('other', jsonb_build_object('v', 4, 'id', '3f000000-0000-6000-8000-000000000001', 'channel_values', '{}'::jsonb, 'channel_versions', '{"messages": 99, "log": 99}'::jsonb), '{"counters_since_delta_snapshot": {"messages": [1, 1]}}', '{"messages": 99}', pg_temp.id(1));
SELECT * FROM pg_temp.holds('other');
-- A channel whose reducer nobody declares is not guessed.
SELECT graph_id FROM threadmem.graph_define('no reducer', '{"channels": {"messages": {}}}');
SELECT thread_id FROM threadmem.thread_update('system', graph_id => 'no reducer');
\set VERBOSITY default
SELECT message_id FROM threadmem.message_context('system');
\set VERBOSITY terse
SELECT message_id FROM threadmem.message_list('system', view => 'state');
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
