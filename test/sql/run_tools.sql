-- A run asks for outputs of tools and takes each once, whatever the client repeats; its steps say what it did.
\set SHOW_CONTEXT never
\pset null (null)
SET threadmem.tenant = 'run tools';
CREATE FUNCTION pg_temp.brief(r threadmem.runs) RETURNS text LANGUAGE sql AS
$$SELECT concat_ws(' ', r.seq, r.run_id, r.status, 'of ' || r.assistant_id, 'by ' || r.worker)$$;
CREATE FUNCTION pg_temp.said(thread text) RETURNS text LANGUAGE sql AS
$$SELECT string_agg(concat_ws(' ', m.content #>> '{}', 'of ' || m.run_id, nullif(m.state, 'live')), ', ' ORDER BY seq) FROM threadmem.message_list(thread, 100, include_deleted => true) m$$;
CREATE FUNCTION pg_temp.sees(thread text) RETURNS text LANGUAGE sql AS
$$SELECT string_agg(m ->> 'content', ', ' ORDER BY o) FROM threadmem.thread_state(thread) s, jsonb_array_elements(s."values" -> 'messages') WITH ORDINALITY AS e (m, o)$$;
CREATE FUNCTION pg_temp.status(thread text) RETURNS text LANGUAGE plpgsql AS $$BEGIN RETURN (threadmem.thread_get(thread)).status; END$$;

SELECT assistant_id FROM threadmem.assistant_create('ann', 'g');
-- Tool outputs: some, then the rest, in any order; each a message of the run. Repeated, they change nothing, whatever has become of the run.
SELECT thread_id FROM threadmem.thread_create('tools');
SELECT pg_temp.brief(threadmem.run_create('tools', 'ann', run_id => 'r')), pg_temp.brief(threadmem.run_start('tools', worker => 'w'));
SELECT message_id FROM threadmem.message_add('tools', body => '{"id": "a", "role": "assistant", "content": null, "tool_calls": [{"id": "c1", "function": {"name": "weather"}}, {"id": "c2", "function": {"name": "time"}}, {"id": "c3"}]}', run_id => 'r');
SELECT threadmem.run_require_action('tools', 'r', '[]');
SELECT threadmem.run_require_action('tools', 'r', '[{"function": {"name": "weather"}}]');
SELECT threadmem.run_require_action('tools', 'r', '[{"id": "c1"}, {"id": "c1"}]');
SELECT threadmem.run_require_action('tools', 'r', '{}');
SELECT pg_temp.brief(r), r.required_action, r.lease_until FROM threadmem.run_require_action('tools', 'r', '[{"id": "c1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}, {"name": "time", "args": {}, "id": "c2"}, {"toolCallId": "c3", "toolName": "x"}]', '{"total_tokens": 3}', 'w') r;
SELECT (threadmem.run_require_action('tools', 'r', '[{"id": "c1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}, {"name": "time", "args": {}, "id": "c2"}, {"toolCallId": "c3", "toolName": "x"}]')).status;
SELECT threadmem.run_require_action('tools', 'r', '[{"id": "c9"}]');
-- By the bytes: other digits are another call.
SELECT thread_id FROM threadmem.thread_create('digits');
SELECT pg_temp.brief(threadmem.run_create('digits', run_id => 'd')), pg_temp.brief(threadmem.run_start('digits'));
SELECT (threadmem.run_require_action('digits', 'd', '[{"id": "c1", "args": {"x": 1.0}}]')).status;
SELECT (threadmem.run_require_action('digits', 'd', '[{"id": "c1", "args": {"x": 1.0}}]')).status;
SELECT threadmem.run_require_action('digits', 'd', '[{"id": "c1", "args": {"x": 1.00}}]');
SELECT pg_temp.status('tools');
\set VERBOSITY default
SELECT threadmem.run_submit_tool_outputs('tools', 'r', '[{"tool_call_id": "c1", "output": "rain"}, {"tool_call_id": "c9", "output": "none"}]');
\set VERBOSITY terse
SELECT threadmem.run_submit_tool_outputs('tools', 'r', '[{"tool_call_id": "c1", "output": "rain"}, {"tool_call_id": "c1", "output": "sun"}]');
SELECT threadmem.run_submit_tool_outputs('tools', 'r', '[{"output": "rain"}]'), threadmem.run_submit_tool_outputs('tools', 'r', '[{"tool_call_id": "c1"}]');
SELECT threadmem.run_submit_tool_outputs('tools', 'r', '[{"tool_call_id": "c1"}]');
SELECT threadmem.run_submit_tool_outputs('tools', 'r', '{}');
SELECT pg_temp.brief(threadmem.run_submit_tool_outputs('tools', 'r', '[]'));
SELECT pg_temp.said('tools');
SELECT pg_temp.brief(r), r.required_action IS NOT NULL AS waits FROM threadmem.run_submit_tool_outputs('tools', 'r', '[{"tool_call_id": "c2", "output": {"hour": 1.10}, "is_error": true}]') r;
SELECT pg_temp.brief(threadmem.run_submit_tool_outputs('tools', 'r', '[{"tool_call_id": "c2", "output": {"hour": 1.10}, "is_error": true}]'));
SELECT threadmem.run_submit_tool_outputs('tools', 'r', '[{"tool_call_id": "c1", "output": "rain"}, {"tool_call_id": "c2", "output": "other"}]');
SELECT pg_temp.brief(r), r.required_action, pg_temp.status('tools') FROM threadmem.run_submit_tool_outputs('tools', 'r', '[{"tool_call_id": "c3", "output": null}, {"tool_call_id": "c1", "output": "rain"}]') r;
SELECT seq, role, name, tool_call_id, run_id, body - 'id' AS body FROM threadmem.message_list('tools', role => 'tool');
SELECT pg_temp.brief(threadmem.run_submit_tool_outputs('tools', 'r', '[{"tool_call_id": "c1", "output": "rain"}]')), pg_temp.brief(threadmem.run_start('tools', worker => 'w2')), pg_temp.sees('tools');
-- A second round may use the same ids.
SELECT (threadmem.run_require_action('tools', 'r', '[{"id": "c1"}]')).status, (threadmem.run_submit_tool_outputs('tools', 'r', '[{"tool_call_id": "c1", "output": "rain"}]')).status;
SELECT count(*) FROM threadmem.message_list('tools', role => 'tool');
SELECT pg_temp.brief(threadmem.run_start('tools')), pg_temp.brief(threadmem.run_complete('tools', 'r'));
SELECT pg_temp.brief(threadmem.run_submit_tool_outputs('tools', 'r', '[{"tool_call_id": "c1", "output": "rain"}]'));

-- Steps: numbered from 1; one begun is ended by its number, or with the run.
SELECT pg_temp.brief(threadmem.run_create('tools', run_id => 's')), pg_temp.brief(threadmem.run_start('tools'));
SELECT step_no, type, status, details, completed_at FROM threadmem.run_step_add('tools', 's', 'message_creation', 'in_progress', message_id => 'a', details => '{"begun": 1}');
SELECT step_no, type, status, details, completed_at >= created_at AS completed FROM threadmem.run_step_add('tools', 's', status => 'completed', step_no => 1, details => '{"done": 2}', usage => '{"total_tokens": 5}');
SELECT step_no, type, name, tool_call_id, error, metadata FROM threadmem.run_step_add('tools', 's', status => 'failed', name => 'weather', tool_call_id => 'c1', error => '{"code": 1}', metadata => '{"k": 1}');
SELECT step_no FROM threadmem.run_step_add('tools', 's', 'node', 'in_progress');
SELECT threadmem.run_step_add('tools', 's', step_no => 5);
SELECT threadmem.run_step_add('tools', 's', step_no => 0);
SELECT threadmem.run_step_add('tools', 's', status => 'in_progress', step_no => 1);
SELECT threadmem.run_step_add('tools', 's', 'thought');
SELECT threadmem.run_step_add('tools', 's', status => 'done');
SELECT threadmem.run_step_add('tools', 'nobody');
SELECT pg_temp.brief(threadmem.run_interrupt('tools', 's'));
SELECT threadmem.run_step_add('tools', 's');
SELECT step_no, type, status, name, message_id, tool_call_id, details, usage FROM threadmem.run_steps('tools', 's');
SELECT array_agg(step_no) AS page FROM threadmem.run_steps('tools', 's', 1, 'desc', 3);
SELECT count(*) FROM threadmem.run_steps('tools', 'r');
SELECT threadmem.run_steps('tools', 'nobody');

-- Ids of calls have no limit of their own.
CREATE TEMP TABLE long_id AS SELECT 'call_1__thought__' || repeat('A', 4500) AS id;
SELECT thread_id FROM threadmem.thread_create('long id');
SELECT r.status FROM threadmem.run_create('long id', run_id => 'r1') c, threadmem.run_start('long id', c.run_id) s, long_id,
    threadmem.run_require_action('long id', s.run_id, jsonb_build_array(jsonb_build_object('id', id, 'type', 'function', 'function', '{"name": "f", "arguments": "{}"}'::jsonb))) r;
SELECT step_no FROM long_id, threadmem.run_step_add('long id', 'r1', 'tool_calls', tool_call_id => id);
SELECT r.status FROM long_id, threadmem.run_submit_tool_outputs('long id', 'r1', jsonb_build_array(jsonb_build_object('tool_call_id', id, 'output', '42'))) r;
SELECT length(tool_call_id), text FROM threadmem.message_list('long id');
