-- What is erased of a message is gone from runs and their steps as well; an export has them.
\set SHOW_CONTEXT never
\pset null (null)
SET threadmem.tenant = 'run erase';
CREATE FUNCTION pg_temp.brief(r threadmem.runs) RETURNS text LANGUAGE sql AS
$$SELECT concat_ws(' ', r.seq, r.run_id, r.status, 'of ' || r.assistant_id, 'by ' || r.worker)$$;

-- Erasure: the message goes out of input, kwargs, result and metadata; steps that tell of it, and the tool calls it made, keep their ids only.
SELECT user_id FROM threadmem.user_create('u');
SELECT thread_id FROM threadmem.thread_create('erase', 'u');
SELECT message_id FROM threadmem.message_add('erase', body => '{"id": "s", "role": "user", "content": "secret"}');
SELECT message_id FROM threadmem.message_add('erase', body => '{"id": "a", "role": "assistant", "content": null, "tool_calls": [{"id": "c1", "function": {"name": "find", "arguments": "secret"}}]}');
SELECT pg_temp.brief(threadmem.run_create('erase', run_id => 'r', input => '{"messages": [{"role": "user", "content": "secret"}, {"role": "user", "content": "other"}], "n": 1.10}', kwargs => '{"command": {"update": {"messages": [{"id": "s", "role": "user", "content": "secret"}]}}}', metadata => '{"last": {"id": "s", "role": "user", "content": "secret"}}')), pg_temp.brief(threadmem.run_start('erase'));
SELECT step_no FROM threadmem.run_step_add('erase', 'r', 'message_creation', message_id => 's', details => '{"text": "secret"}');
SELECT step_no FROM threadmem.run_step_add('erase', 'r', details => '{"list": [{"id": "s", "role": "user", "content": "secret"}, 2]}');
SELECT step_no FROM threadmem.run_step_add('erase', 'r', tool_call_id => 'c1', name => 'find', details => '{"arguments": "secret"}');
SELECT (threadmem.run_require_action('erase', 'r', '[{"id": "c1", "function": {"name": "find", "arguments": "secret"}}, {"id": "c2"}]')).status;
SELECT object ->> 'object' AS object, object ->> 'run_id' AS run, object ->> 'status' AS status, object ->> 'step_no' AS step FROM threadmem.user_export('u') AS object WHERE object ->> 'object' ~ 'run';
SELECT state FROM threadmem.message_erase('erase', 's');
SELECT input, kwargs, metadata, required_action #> '{submit_tool_outputs,tool_calls,0,function}' AS call FROM threadmem.run_get('erase', 'r');
SELECT step_no, details FROM threadmem.run_steps('erase', 'r');
SELECT state FROM threadmem.message_erase('erase', 'a');
SELECT required_action FROM threadmem.run_get('erase', 'r');
SELECT step_no, name, tool_call_id, details FROM threadmem.run_steps('erase', 'r');
SELECT count(*) AS left FROM threadmem_data.runs r, threadmem_data.run_steps s WHERE r.tenant_id = 'run erase' AND r.thread_id = 'erase' AND (r::text ~ 'secret' OR s.tenant_id = 'run erase' AND s::text ~ 'secret');
SELECT (threadmem.run_submit_tool_outputs('erase', 'r', '[{"tool_call_id": "c1", "output": "1"}, {"tool_call_id": "c2", "output": "2"}]')).status;
SELECT sum(deleted) > 0 AS deleted FROM threadmem.user_delete('u');
SELECT count(*) AS runs FROM threadmem_data.runs WHERE tenant_id = 'run erase' AND thread_id = 'erase';
