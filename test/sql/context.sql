-- What goes before a model: never a call without its answer nor an answer without its call, never more than the limits, always the system message.
\set SHOW_CONTEXT never
\pset null (null)
SET threadmem.tenant = 'context';
-- A token for every character, so that what fits can be counted by hand.
SET threadmem.token_counter = 'pg_catalog.length';
-- A window in one line: message ids and tokens, answers made up as +id, then used tokens / messages and dropped messages.
CREATE FUNCTION pg_temp.brief(rows threadmem.context_message[]) RETURNS text LANGUAGE sql AS
$$SELECT string_agg(coalesce(r.message_id, '+' || coalesce(r.tool_call_id, r.name)) || ':' || r.tokens, ' ' ORDER BY n) || min(format(' | %s/%s dropped %s', r.used_tokens, r.used_messages, r.dropped_messages))
    || CASE WHEN bool_and(sums.tokens = r.used_tokens AND sums.rows = r.used_messages) THEN '' ELSE ' WRONG SUMS' END
    FROM unnest(rows) WITH ORDINALITY AS r (message_id, seq, role, name, content, body, tool_call_id, tokens, used_tokens, used_messages, dropped_messages, n), (SELECT sum(tokens) AS tokens, count(*) AS rows FROM unnest(rows)) sums$$;
-- A thread from words: "u1=hello" is a message with id u1 and text hello; the first letter is the role (s, d, u, a, t, o), a(c1,c2)= calls tools, t(c1)= answers one.
CREATE FUNCTION pg_temp.thread(id text, words text) RETURNS text LANGUAGE sql AS
$$SELECT thread_id FROM threadmem.thread_create(id, messages => (SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', m[1], 'content', m[3],
        'role', CASE left(m[1], 1) WHEN 's' THEN 'system' WHEN 'd' THEN 'developer' WHEN 'u' THEN 'user' WHEN 'a' THEN 'assistant' WHEN 't' THEN 'tool' ELSE 'generic' END,
        'tool_call_id', CASE WHEN left(m[1], 1) = 't' THEN m[2] END,
        'tool_calls', CASE WHEN left(m[1], 1) = 'a' THEN (SELECT jsonb_agg(jsonb_build_object('id', c, 'type', 'function', 'function', jsonb_build_object('name', 'f', 'arguments', '{}'))) FROM string_to_table(m[2], ',') c) END))
        ORDER BY n), '[]') FROM string_to_table(words, ' ') WITH ORDINALITY AS w (word, n), regexp_match(word, '^(\w+)(?:\(([\w,]*)\))?=(.*)$') m))$$;

-- Every column; the text is the words of the content, the body stays as its writer gave it. Calls count with name and arguments.
SELECT pg_temp.thread('all', 's1=be_kind u1=hello a1(c1)=so t1(c1)=42 a2=bye');
SELECT * FROM threadmem.message_context('all');

-- last: from the newest back, as long as it fits: exactly, and one less.
SELECT pg_temp.thread('t', 's1=ssss u1=1111 a1=2222 u2=3333 a2=4444 u3=5555');
SELECT max_tokens, pg_temp.brief(array_agg(c)) FROM unnest('{24,23,20,19,12,11,8}'::int[]) WITH ORDINALITY t (max_tokens, n), threadmem.message_context('t', max_tokens) c GROUP BY n, max_tokens ORDER BY n;
SELECT max_messages, pg_temp.brief(array_agg(c)) FROM generate_series(2, 7) max_messages, threadmem.message_context('t', max_messages => max_messages) c GROUP BY 1 ORDER BY 1;
-- Both limits: the narrower one counts. None: all of the thread.
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('t', 16, 3) c;
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('t', 12, 5) c;
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('t') c;
-- Contiguity: it stops at the first that does not fit, though an older one would.
SELECT pg_temp.thread('gap', 'u1=1 a1=2 u2=a_long_question a2=4 u3=5');
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('gap', 10) c;

-- middle: at most half to the oldest, the rest to the newest, which may need more than its half.
SELECT pg_temp.thread('mid', 's1=ssss u1=11 a1=22 u2=33 a2=44 u3=55 a3=66 u4=77');
SELECT max_tokens, pg_temp.brief(array_agg(c)) FROM unnest('{18,17,14,13,12,11,10,9,8,7,6}'::int[]) WITH ORDINALITY t (max_tokens, n), threadmem.message_context('mid', max_tokens, strategy => 'middle') c GROUP BY n, max_tokens ORDER BY n;
SELECT max_messages, pg_temp.brief(array_agg(c)) FROM generate_series(2, 8) max_messages, threadmem.message_context('mid', max_messages => max_messages, strategy => 'middle') c GROUP BY 1 ORDER BY 1;
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('mid', strategy => 'middle') c;
SELECT pg_temp.thread('big', 'u1=1 a1=2 u2=3 a2=4 u3=the_newest');
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('big', 12, strategy => 'middle') c;

-- head_tail: the first head_messages, and the newest that still fit.
SELECT max_tokens, pg_temp.brief(array_agg(c)) FROM unnest('{18,17,16,15,14}'::int[]) WITH ORDINALITY t (max_tokens, n), threadmem.message_context('mid', max_tokens, strategy => 'head_tail') c GROUP BY n, max_tokens ORDER BY n;
SELECT head_messages, pg_temp.brief(array_agg(c)) FROM generate_series(0, 7) head_messages, threadmem.message_context('mid', strategy => 'head_tail', max_messages => head_messages + 2, head_messages => head_messages) c GROUP BY 1 ORDER BY 1;
-- What was promised and does not fit is an error, not less than promised.
SELECT * FROM threadmem.message_context('mid', 13, strategy => 'head_tail');
SELECT * FROM threadmem.message_context('mid', max_messages => 5, strategy => 'head_tail');
-- The head has whole units: three messages do not hold a call with two answers.
SELECT pg_temp.thread('h', 'u1=1 a1(c1,c2)= t1(c1)=2 t2(c2)=3 a2=4 u2=5 a3=6 u3=7');
SELECT head_messages, pg_temp.brief(array_agg(c)) FROM generate_series(1, 5) head_messages, threadmem.message_context('h', strategy => 'head_tail', max_messages => 7, head_messages => head_messages) c GROUP BY 1 ORDER BY 1;
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('h', max_messages => 9, strategy => 'middle') c;
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('h', max_messages => 5, strategy => 'middle') c;

-- A call and its answers stay or go together: the window ends before the call when not all of it fits.
SELECT max_messages, pg_temp.brief(array_agg(c)) FROM generate_series(3, 8) max_messages, threadmem.message_context('h', max_messages => max_messages) c GROUP BY 1 ORDER BY 1;
-- Parallel answers keep their order, whatever that of the calls; what somebody said meanwhile comes behind them, and is there without them too.
SELECT pg_temp.thread('p', 'u1=1 a1(c1,c2)= t2(c2)=2 u2=hurry t1(c1)=3 a2=4');
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('p') c;
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('p', max_messages => 4) c;
-- Ids that are used anew in every turn: each answer belongs to the nearest call before it.
SELECT pg_temp.thread('again', 'u1=1 a1(c1)= t1(c1)=one u2=2 a2(c1)= t2(c1)=two u3=3');
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('again', max_messages => 4) c;
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('again') c;
-- A second answer to the same call is left out: models refuse it.
SELECT pg_temp.thread('twice', 'u1=1 a1(c1,c2)= t1(c1)=one t2(c2)=two t3(c1)=more u2=2 t4(c2)=late');
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('twice') c;
-- A tool's error is an answer like any other.
SELECT thread_id FROM threadmem.thread_create('error', messages => '[{"id": "a1", "type": "ai", "content": "", "tool_calls": [{"id": "c1", "name": "f", "args": {}}]}, {"id": "t1", "type": "tool", "status": "error", "tool_call_id": "c1", "content": "boom"}]');
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('error') c;
-- An answer without a call, or to a call that was deleted, goes; so does one that answers something else besides.
SELECT pg_temp.thread('orphan', 't0(c0)=lost u1=1 a1(c1)= t1(c1)=found u2=2 t2(c9)=lost a2=3');
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('orphan') c;
SELECT state FROM threadmem.message_delete('orphan', 'a1');
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('orphan') c;
SELECT thread_id FROM threadmem.thread_create('both', messages => '[{"id": "a1", "role": "assistant", "content": [{"type": "tool_use", "id": "c1", "name": "f", "input": {}}]}, {"id": "u1", "role": "user", "content": "hm"},
    {"id": "a2", "role": "assistant", "content": [{"type": "tool_use", "id": "c2", "name": "f", "input": {}}]}, {"id": "u2", "role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": "1"}, {"type": "tool_result", "tool_use_id": "c2", "content": "2"}]}, {"id": "u3", "role": "user", "content": "well"}]');
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('both') c;

-- A call that nothing answers is left out with the answers it has; or closed, directly behind it, before those.
SELECT pg_temp.thread('dangling', 'u1=1 a1(c1,c2,c3)= t2(c2)=two u2=2 a2(c1)= u3=3');
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('dangling') c;
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('dangling', dangling => 'close') c;
-- What closes it counts, in tokens and in messages.
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('dangling', 32, dangling => 'close') c;
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('dangling', 31, dangling => 'close') c;
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('dangling', max_messages => 3, dangling => 'close') c;
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('dangling', max_messages => 2, dangling => 'close') c;
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('dangling', max_messages => 7, strategy => 'head_tail', head_messages => 1, dangling => 'close') c;
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('dangling', strategy => 'middle', max_messages => 12, dangling => 'close') c;

-- Every system's form: the window has all, then the newest messages without room for the call, then the call closed in its own form.
CREATE TEMP TABLE forms (form text, call jsonb, answer jsonb);
INSERT INTO forms VALUES
    ('openai', '{"role": "assistant", "content": null, "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{\"x\": 1}"}}]}', '{"role": "tool", "tool_call_id": "c1", "content": "out"}'),
    ('openai custom', '{"role": "assistant", "content": null, "tool_calls": [{"id": "c1", "type": "custom", "custom": {"name": "f", "input": "ls"}}]}', '{"role": "tool", "tool_call_id": "c1", "content": "out"}'),
    ('openai function', '{"role": "assistant", "content": null, "function_call": {"name": "f", "arguments": "{}"}}', '{"role": "function", "name": "f", "content": "out"}'),
    ('openai item', '{"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"}', '{"type": "function_call_output", "call_id": "c1", "output": "out"}'),
    ('anthropic', '{"role": "assistant", "content": [{"type": "text", "text": "so"}, {"type": "tool_use", "id": "c1", "name": "f", "input": {"x": 1.10}}]}', '{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": [{"type": "text", "text": "out"}]}]}'),
    ('langchain', '{"type": "ai", "content": "", "tool_calls": [{"id": "c1", "name": "f", "args": {"x": 1}}], "additional_kwargs": {"tool_calls": [{"id": "c1", "function": {"name": "f", "arguments": "{}"}}]}}', '{"type": "tool", "tool_call_id": "c1", "content": "out"}'),
    ('langchain invalid', '{"type": "ai", "content": "", "tool_calls": [], "invalid_tool_calls": [{"id": "c1", "name": "f", "args": "{x"}]}', '{"type": "tool", "tool_call_id": "c1", "content": "out"}'),
    ('langchain nested', '{"type": "ai", "data": {"content": "", "additional_kwargs": {"tool_calls": [{"id": "c1", "function": {"name": "f", "arguments": "{}"}}]}}}', '{"type": "tool", "data": {"tool_call_id": "c1", "content": "out"}}'),
    ('langchain class', '{"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "AIMessage"], "kwargs": {"content": [{"type": "tool_use", "id": "c1", "name": "f", "input": {}}], "tool_calls": [{"id": "c1", "name": "f", "args": {}}]}}', '{"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "ToolMessage"], "kwargs": {"tool_call_id": "c1", "content": "out"}}'),
    ('ai sdk model', '{"role": "assistant", "content": [{"type": "tool-call", "toolCallId": "c1", "toolName": "f", "input": {}}]}', '{"role": "tool", "content": [{"type": "tool-result", "toolCallId": "c1", "toolName": "f", "output": {"type": "text", "value": "out"}}]}'),
    ('ai sdk screen', '{"role": "assistant", "parts": [{"type": "tool-f", "toolCallId": "c1", "state": "input-available", "input": {}}]}', '{"role": "tool", "tool_call_id": "c1", "content": "out"}'),
    ('gemini', '{"role": "model", "parts": [{"functionCall": {"name": "f", "args": {"x": 1}}, "thoughtSignature": "s"}]}', '{"role": "user", "parts": [{"functionResponse": {"name": "f", "response": {"output": "out"}}}]}'),
    ('gemini snake', '{"role": "model", "parts": [{"function_call": {"id": "c1", "name": "f", "args": {}}}]}', '{"role": "user", "parts": [{"function_response": {"id": "c1", "name": "f", "response": {"output": "out"}}}]}'),
    ('adk event', '{"author": "agent", "content": {"role": "model", "parts": [{"functionCall": {"id": "adk-1", "name": "f", "args": {}}}]}}', '{"author": "agent", "content": {"role": "user", "parts": [{"functionResponse": {"id": "adk-1", "name": "f", "response": {"output": "out"}}}]}}'),
    ('bedrock', '{"role": "assistant", "content": [{"text": "so"}, {"toolUse": {"toolUseId": "c1", "name": "f", "input": {"x": 1}}}]}', '{"role": "user", "content": [{"toolResult": {"toolUseId": "c1", "content": [{"text": "out"}], "status": "success"}}]}'),
    ('pydantic', '{"kind": "response", "parts": [{"part_kind": "tool-call", "tool_name": "f", "args": "{}", "tool_call_id": "c1"}]}', '{"kind": "request", "parts": [{"part_kind": "tool-return", "tool_name": "f", "content": "out", "tool_call_id": "c1"}]}'),
    ('pydantic retry', '{"kind": "response", "parts": [{"part_kind": "tool-call", "tool_name": "f", "args": {}, "tool_call_id": "c1"}]}', '{"kind": "request", "parts": [{"part_kind": "retry-prompt", "tool_name": "f", "content": "try again", "tool_call_id": "c1"}]}'),
    ('ag-ui', '{"role": "assistant", "toolCalls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]}', '{"role": "tool", "toolCallId": "c1", "content": "out"}'),
    ('openai approval', '{"type": "mcp_approval_request", "id": "c1", "name": "f", "arguments": "{}", "server_label": "s"}', '{"type": "mcp_approval_response", "approval_request_id": "c1", "approve": true}'),
    ('openai local shell', '{"type": "local_shell_call", "id": "l1", "call_id": "c1", "action": {"type": "exec"}}', '{"type": "local_shell_call_output", "id": "c1", "output": "out"}'),
    ('openai custom item', '{"type": "custom_tool_call", "id": "p1", "call_id": "c1", "name": "f", "input": "ls"}', '{"type": "custom_tool_call_output", "call_id": "c1", "output": "out"}'),
    ('openai patch', '{"type": "apply_patch_call", "id": "p1", "call_id": "c1", "operation": {}}', '{"type": "apply_patch_call_output", "call_id": "c1", "status": "completed", "output": "out"}'),
    ('openai shell', '{"type": "shell_call", "id": "s1", "call_id": "c1", "action": {"commands": ["ls"]}}', '{"type": "shell_call_output", "call_id": "c1", "output": [{"stdout": "out", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}}]}'),
    ('openai tool search', '{"type": "tool_search_call", "call_id": "c1", "execution": "client", "arguments": {}}', '{"type": "tool_search_output", "call_id": "c1", "execution": "client", "tools": []}'),
    ('openai agents js', '{"type": "function_call", "callId": "c1", "name": "f", "status": "completed", "arguments": "{}"}', '{"type": "function_call_result", "callId": "c1", "name": "f", "status": "completed", "output": {"type": "text", "text": "out"}}'),
    ('openai agents js, computer', '{"type": "computer_call", "callId": "c1", "status": "completed", "action": {"type": "click"}}', '{"type": "computer_call_result", "callId": "c1", "output": {"type": "computer_screenshot", "data": "data:"}}'),
    ('gemini interaction', '{"role": "model", "content": [{"type": "thought", "signature": "s"}, {"type": "function_call", "id": "c1", "name": "f", "arguments": {"x": 1}}]}', '{"role": "user", "content": [{"type": "function_result", "call_id": "c1", "name": "f", "result": "out"}]}'),
    ('gemini, older', '{"role": "model", "parts": [{"functionCall": {"name": "f", "args": {}}}]}', '{"role": "function", "parts": [{"functionResponse": {"name": "f", "response": {"output": "out"}}}]}'),
    ('langchain responses', '{"type": "ai", "content": [{"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "f", "arguments": "{}"}], "tool_calls": [{"id": "c1", "name": "f", "args": {}}]}', '{"type": "tool", "tool_call_id": "c1", "content": "out"}'),
    ('ai sdk approval', '{"role": "assistant", "content": [{"type": "tool-call", "toolCallId": "c1", "toolName": "f", "input": {}}, {"type": "tool-approval-request", "approvalId": "a1", "toolCallId": "c1"}]}', '{"role": "tool", "content": [{"type": "tool-approval-response", "approvalId": "a1", "approved": true}, {"type": "tool-result", "toolCallId": "c1", "toolName": "f", "output": {"type": "text", "value": "out"}}]}'),
    ('ai sdk 3', '{"role": "assistant", "content": "", "toolInvocations": [{"state": "call", "toolCallId": "c1", "toolName": "f", "args": {}}]}', '{"role": "tool", "content": [{"type": "tool-result", "toolCallId": "c1", "toolName": "f", "result": "out"}]}'),
    ('llamaindex', '{"role": "assistant", "blocks": [{"block_type": "tool_call", "tool_call_id": "c1", "tool_name": "f", "tool_kwargs": {"x": 1}}], "additional_kwargs": {}}', '{"role": "tool", "blocks": [{"block_type": "text", "text": "out"}], "additional_kwargs": {"tool_call_id": "c1", "name": "f"}}'),
    ('pydantic, and a question', '{"kind": "response", "parts": [{"part_kind": "tool-call", "tool_name": "f", "args": {}, "tool_call_id": "c1"}]}', '{"kind": "request", "parts": [{"part_kind": "tool-return", "tool_name": "f", "content": {"x": 1}, "tool_call_id": "c1"}, {"part_kind": "user-prompt", "content": "out"}]}'),
    ('ollama', '{"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "f", "arguments": {}}}]}', '{"role": "tool", "tool_name": "f", "content": "out"}'),
    ('entities seed', '{"role": "assistant", "content": "{\"name\": \"f\"}", "sender_id": "assistant"}', '{"role": "tool", "content": "out", "sender_id": "tool"}');
SELECT form, thread_id FROM forms, threadmem.thread_create(form, messages => jsonb_build_array('{"id": "u1", "role": "user", "content": "q"}'::jsonb, call, answer, '{"id": "u2", "role": "user", "content": "next"}'::jsonb)) ORDER BY form COLLATE "C";
SELECT form, (SELECT string_agg(role || ':' || tokens, ' ') FROM threadmem.message_context(form)) AS all, (SELECT string_agg(role || ':' || tokens, ' ') FROM threadmem.message_context(form, max_messages => 2)) AS two FROM forms ORDER BY form COLLATE "C";
SELECT count(*) FROM forms, threadmem.thread_create(form || ' open', messages => jsonb_build_array(call));
SELECT form, role, name, tool_call_id, body FROM forms, threadmem.message_context(form || ' open', dangling => 'close') WHERE message_id IS NULL ORDER BY form COLLATE "C";
SELECT form, count(*) FROM forms, threadmem.message_context(form || ' open') GROUP BY form;
-- The id of the call may stand beside the body.
SELECT pg_temp.thread('beside', 'a1(c1)=');
SELECT seq FROM threadmem.message_add('beside', body => '{"id": "t1", "role": "tool", "content": "out"}', tool_call_id => 'c1');
SELECT seq FROM threadmem.message_add('beside', body => '{"id": "t2", "role": "tool", "content": "lost"}', tool_call_id => 'c2');
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('beside') c;
-- Answers that name no call: they serve the calls they follow, in number; alone they stand for themselves.
SELECT pg_temp.thread('nameless', 't0=alone u1=1 a1(c1,c2)= t1=one t2=two u2=2 a2(c1,c2)= t3=one u3=3 t4=alone');
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('nameless') c;
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('nameless', max_messages => 5) c;
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('nameless', dangling => 'close') c;
SELECT pg_temp.thread('served', 'a1(c1,c2)= t1=one t2(c2)=two u1=1 t3(c1)=late');
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('served') c;
-- OpenAI's items: a reasoning item goes with what follows, calls side by side go together. Tools that the host ran need no answer.
SELECT thread_id FROM threadmem.thread_create('items', messages => '[{"id": "u1", "type": "message", "role": "user", "content": "q"}, {"id": "r1", "type": "reasoning", "summary": []}, {"id": "w1", "type": "web_search_call", "status": "completed"},
    {"id": "r2", "type": "reasoning", "summary": []}, {"id": "f1", "type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"}, {"id": "f2", "type": "function_call", "call_id": "c2", "name": "f", "arguments": "{}"},
    {"id": "o1", "type": "function_call_output", "call_id": "c1", "output": "1"}, {"id": "o2", "type": "function_call_output", "call_id": "c2", "output": "2"}, {"id": "m1", "type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "3"}]}]');
SELECT max_messages, string_agg(message_id, ' ') FROM generate_series(1, 9) max_messages, threadmem.message_context('items', max_messages => max_messages) GROUP BY 1 ORDER BY 1;
SELECT state FROM threadmem.message_delete('items', 'o2');
SELECT string_agg(message_id, ' ') FROM threadmem.message_context('items');
-- Thoughts that nothing of the same answer follows: the stream broke off, and models refuse them, in whatever form. What they came before goes with them.
CREATE TEMP TABLE thoughts (form text, body jsonb);
INSERT INTO thoughts VALUES ('openai item', '{"type": "reasoning", "summary": []}'), ('anthropic', '{"role": "assistant", "content": [{"type": "thinking", "thinking": "hm", "signature": "s"}, {"type": "redacted_thinking", "data": "x"}]}'),
    ('bedrock', '{"role": "assistant", "content": [{"reasoningContent": {"reasoningText": {"text": "hm"}}}]}'), ('gemini', '{"role": "model", "parts": [{"text": "hm", "thought": true}]}'), ('ai sdk', '{"role": "assistant", "parts": [{"type": "step-start"}, {"type": "reasoning", "text": "hm"}]}'),
    ('pydantic', '{"kind": "response", "parts": [{"part_kind": "thinking", "content": "hm"}]}'), ('ag-ui', '{"role": "reasoning", "content": "hm"}'), ('chat', '{"role": "assistant", "content": null, "reasoning_content": "hm"}'), ('langchain', '{"type": "ai", "content": [{"type": "reasoning", "summary": []}]}'),
    ('langchain, beside', '{"type": "ai", "content": "", "additional_kwargs": {"reasoning_content": "hm"}}'), ('openai agents js', '{"type": "reasoning", "content": [{"type": "input_text", "text": "hm"}]}'), ('openrouter', '{"role": "assistant", "content": "", "reasoning_details": [{"type": "reasoning.text", "text": "hm"}]}'), ('ollama', '{"role": "assistant", "content": "", "thinking": "hm"}'),
    ('mistral', '{"role": "assistant", "content": [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]}'), ('gemini interaction', '{"role": "model", "content": [{"type": "thought", "signature": "s"}]}'), ('bedrock, redacted', '{"role": "assistant", "content": [{"reasoningContent": {"redactedContent": "x"}}]}'),
    ('anthropic, as the text began', '{"role": "assistant", "content": [{"type": "thinking", "thinking": "hm", "signature": "s"}, {"type": "text", "text": ""}]}'), ('gemini, as the text began', '{"role": "model", "parts": [{"text": "hm", "thought": true}, {"text": ""}]}');
SELECT form, count(*) FROM thoughts, threadmem.thread_create('thinks ' || form, messages => jsonb_build_array('{"id": "u1", "role": "user", "content": "q"}'::jsonb, body || '{"id": "r1"}', body || '{"id": "r2"}', '{"id": "u2", "role": "user", "content": "there?"}'::jsonb, body || '{"id": "r3"}', '{"id": "a1", "role": "assistant", "content": "yes"}'::jsonb, body || '{"id": "r4"}')) GROUP BY form ORDER BY form COLLATE "C";
SELECT form, (SELECT string_agg(message_id, ' ') FROM threadmem.message_context('thinks ' || form)) AS last, (SELECT string_agg(message_id, ' ') FROM threadmem.message_context('thinks ' || form, dangling => 'close')) AS close,
    (SELECT string_agg(message_id, ' ') FROM threadmem.message_context('thinks ' || form, strategy => 'head_tail', head_messages => 2)) AS head_tail, (SELECT string_agg(message_id, ' ') FROM threadmem.message_context('thinks ' || form, max_messages => 1 + n)) AS two FROM thoughts, (VALUES (1)) n (n) ORDER BY form COLLATE "C";
-- A call or an answer of another run follows none of its thoughts; calls and words beside a thought are an answer.
SELECT thread_id FROM threadmem.thread_create('thinks on', messages => '[{"id": "u1", "role": "user", "content": "q"}]');
SELECT m.seq FROM threadmem.message_add_batch('thinks on', '[{"id": "r1", "type": "reasoning", "summary": []}]', run_id => 'one') m;
SELECT m.seq FROM threadmem.message_add_batch('thinks on', '[{"id": "r2", "type": "reasoning", "summary": []}, {"id": "f1", "type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"}, {"id": "o1", "type": "function_call_output", "call_id": "c1", "output": "1"}]', run_id => 'two') m;
SELECT m.seq FROM threadmem.message_add_batch('thinks on', '[{"id": "a1", "role": "assistant", "content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "so"}]}, {"id": "a2", "type": "ai", "content": [{"type": "reasoning"}], "tool_calls": [{"id": "c2", "name": "f", "args": {}}]}, {"id": "t2", "type": "tool", "tool_call_id": "c2", "content": "2"}, {"id": "a3", "role": "assistant", "content": "", "reasoning": "hm", "refusal": "no"}]') m;
SELECT string_agg(message_id, ' ') FROM threadmem.message_context('thinks on');
-- Gemini's calls without ids: by name and in order, in one message or in several; one answer too many, or to another name, is nobody's.
CREATE FUNCTION pg_temp.gemini(id text, words text) RETURNS jsonb LANGUAGE sql AS
$$SELECT jsonb_build_object('id', id, 'role', CASE WHEN id LIKE 'a%' THEN 'model' ELSE 'user' END, 'parts', jsonb_agg(CASE WHEN id LIKE 'a%' THEN jsonb_build_object('functionCall', jsonb_build_object('name', w, 'args', '{}'::jsonb)) ELSE jsonb_build_object('functionResponse', jsonb_build_object('name', w, 'response', '{}'::jsonb)) END ORDER BY n)) FROM string_to_table(words, ',') WITH ORDINALITY AS s (w, n)$$;
CREATE FUNCTION pg_temp.gemini_thread(id text, words text) RETURNS text LANGUAGE sql AS
$$SELECT thread_id FROM threadmem.thread_create(id, messages => (SELECT jsonb_agg(CASE WHEN m[2] IS NULL THEN jsonb_build_object('id', m[1], 'role', CASE WHEN m[1] LIKE 'a%' THEN 'model' ELSE 'user' END, 'parts', '[{"text": "x"}]'::jsonb) ELSE pg_temp.gemini(m[1], m[2]) END ORDER BY n) FROM string_to_table(words, ' ') WITH ORDINALITY AS w (word, n), regexp_match(word, '^(\w+)(?:=([\w,]+))?$') m))$$;
CREATE FUNCTION pg_temp.ids(thread text, dangling text) RETURNS text LANGUAGE sql AS $$SELECT string_agg(coalesce(message_id, '+' || (body -> 'parts' -> 0 -> 'functionResponse' ->> 'name')), ' ') FROM threadmem.message_context(thread, dangling => dangling)$$;
CREATE TEMP TABLE gemini AS SELECT words, pg_temp.gemini_thread('gemini ' || words, words) AS thread
  FROM unnest(ARRAY['u1 a1=f,f,g u2=f,g,f a2', 'u1 a1=f,f,g u2=g,f u3=f a2', 'u1 a1=f u2=f u3=f a2', 'u1 a1=f,f u2=f a2', 'u1 a1=f u2=g a2', 'u1 a1=f u2=f,f a2', 'u1 a1=f u2 u3=f a2', 'u1 a1=f u2=f a2=f u3=f a3', 'u0=f u1 a1']) words;
SELECT words, pg_temp.ids(thread, 'drop') AS drop, pg_temp.ids(thread, 'close') AS close FROM gemini ORDER BY words COLLATE "C";
SELECT max_messages, string_agg(message_id, ' ') FROM generate_series(1, 5) max_messages, threadmem.message_context('gemini u1 a1=f,f,g u2=g,f u3=f a2', max_messages => max_messages) GROUP BY 1 ORDER BY 1;
-- The AI SDK says call and output in one part.
SELECT thread_id FROM threadmem.thread_create('parts', messages => '[{"id": "a1", "role": "assistant", "parts": [{"type": "text", "text": "so"}, {"type": "tool-f", "toolCallId": "c1", "state": "output-available", "input": {"x": 1}, "output": {"y": 2}}]},
    {"id": "a2", "role": "assistant", "parts": [{"type": "dynamic-tool", "toolName": "f", "toolCallId": "c2", "state": "output-error", "input": {}, "errorText": "boom"}]},
    {"id": "a3", "role": "assistant", "content": "old", "parts": [{"type": "tool-invocation", "toolInvocation": {"state": "result", "toolCallId": "c3", "toolName": "f", "args": {}, "result": {"z": 3}}}]},
    {"id": "a4", "role": "assistant", "parts": [{"type": "tool-f", "toolCallId": "c4", "state": "input-streaming"}]},
    {"id": "a5", "role": "assistant", "content": [{"type": "server_tool_use", "id": "c5", "name": "web_search", "input": {}}, {"type": "text", "text": "x"}]},
    {"id": "a6", "role": "assistant", "content": [{"type": "tool-call", "toolCallId": "c6", "toolName": "f", "input": {}}, {"type": "tool-result", "toolCallId": "c6", "toolName": "f", "output": {"type": "json", "value": 1}}]}]');
SELECT string_agg(message_id, ' ') FROM threadmem.message_context('parts');

-- What is counted: words, calls, and what has no words as JSON; encoded media count nothing.
SELECT body, threadmem.message_prompt(body) FROM (SELECT jsonb_array_elements('[{"role": "user", "content": "häh?"}, {"role": "user", "content": ""}, {"role": "user", "content": [{"type": "text", "text": "see"}, {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}, {"type": "document", "source": {"type": "base64", "data": "AAAA"}}]},
    {"role": "assistant", "content": [{"type": "thinking", "thinking": "hm", "signature": "s"}, {"type": "text", "text": "x"}]}, {"role": "assistant", "content": "x", "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "{}"}}, {"id": "d", "name": "g", "args": {"n": 1.10}}]},
    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c", "content": [{"type": "json", "json": {"k": 1}}, {"type": "image", "source": {"type": "base64", "data": "AAAA"}}, {"type": "text", "text": "y"}]}]}, {"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]}, {"type": "image_generation_call", "result": "AAAA"},
    {"role": "assistant", "content": [5, {"type": 1}, {"type": "tool_use", "id": 5, "input": "x"}, ["deep"]], "tool_calls": [1, null, {"id": 1, "function": "f", "args": 2}], "function_call": [], "additional_kwargs": []},
    {"type": "computer_call_output", "call_id": "c", "output": {"type": "computer_screenshot", "image_url": "data:"}}, {"role": "assistant", "content": null, "refusal": "no"}, {"role": "tool", "content": [1, null]}, {"x": 1}, [1], 1]') AS body) b;
SELECT message_id, tokens FROM threadmem.message_context('parts') ORDER BY seq;
-- Binary data and what only the provider can read count nothing, wherever they stand.
CREATE TEMP TABLE encoded AS SELECT repeat('QUJD', 3000) AS data;
SELECT n, length(threadmem.message_prompt(body)) AS counted FROM encoded, LATERAL (VALUES
    (1, jsonb_build_object('role', 'user', 'parts', jsonb_build_array(jsonb_build_object('inlineData', jsonb_build_object('mimeType', 'image/png', 'data', data))))),
    (2, jsonb_build_object('role', 'user', 'parts', jsonb_build_array(jsonb_build_object('inline_data', jsonb_build_object('mime_type', 'image/png', 'data', data))))),
    (3, jsonb_build_object('role', 'user', 'content', jsonb_build_array(jsonb_build_object('image', jsonb_build_object('format', 'png', 'source', jsonb_build_object('bytes', data)))))),
    (4, jsonb_build_object('role', 'user', 'content', jsonb_build_array(jsonb_build_object('toolResult', jsonb_build_object('toolUseId', 'c', 'content', jsonb_build_array(jsonb_build_object('document', jsonb_build_object('name', 'x', 'source', jsonb_build_object('bytes', data))))))))),
    (5, jsonb_build_object('kind', 'request', 'parts', jsonb_build_array(jsonb_build_object('part_kind', 'user-prompt', 'content', jsonb_build_array(jsonb_build_object('kind', 'binary', 'data', data, 'media_type', 'image/png')))))),
    (6, jsonb_build_object('role', 'user', 'content', jsonb_build_array(jsonb_build_object('type', 'binary', 'mimeType', 'image/png', 'data', data)))),
    (7, jsonb_build_object('role', 'user', 'parts', jsonb_build_array(jsonb_build_object('type', 'file', 'mediaType', 'image/png', 'url', 'data:image/png;base64,' || data)))),
    (8, jsonb_build_object('type', 'reasoning', 'summary', '[]'::jsonb, 'encrypted_content', data)),
    (9, jsonb_build_object('role', 'assistant', 'content', jsonb_build_array(jsonb_build_object('type', 'thinking', 'thinking', '', 'signature', data)))),
    (10, jsonb_build_object('role', 'tool', 'content', jsonb_build_array(jsonb_build_object('type', 'tool-result', 'toolCallId', 'c', 'output', jsonb_build_object('type', 'content', 'value', jsonb_build_array(jsonb_build_object('type', 'media', 'data', data, 'mediaType', 'image/png'))))))),
    (11, jsonb_build_object('type', 'code_interpreter_call', 'code', '1', 'outputs', jsonb_build_array(jsonb_build_object('type', 'image', 'url', 'data:image/png;base64,' || data)))),
    (12, jsonb_build_object('type', 'mcp_call', 'output', jsonb_build_array(jsonb_build_object('type', 'resource', 'resource', jsonb_build_object('blob', data))))),
    (13, jsonb_build_object('role', 'assistant', 'content', NULL, 'audio', jsonb_build_object('data', data, 'transcript', 'Hello'))),
    (14, jsonb_build_object('role', 'user', 'content', jsonb_build_array(jsonb_build_object('type', 'file', 'content', data))))) AS v (n, body) ORDER BY n;

-- System and developer messages stay wherever they stand, in their place; without keep_system they are messages like others.
SELECT pg_temp.thread('s', 's1=ssss d1=dd u1=1111 a1=2222 s2=late u2=3333 a2=4444 u3=5555');
SELECT max_tokens, pg_temp.brief(array_agg(c)) FROM unnest('{22,21,18,14}'::int[]) WITH ORDINALITY t (max_tokens, n), threadmem.message_context('s', max_tokens) c GROUP BY n, max_tokens ORDER BY n;
SELECT max_tokens, pg_temp.brief(array_agg(c)) FROM unnest('{22,21,14,8}'::int[]) WITH ORDINALITY t (max_tokens, n), threadmem.message_context('s', max_tokens, keep_system => false) c GROUP BY n, max_tokens ORDER BY n;
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('s', max_messages => 6, strategy => 'head_tail', head_messages => 1) c;
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('s', max_messages => 6, strategy => 'head_tail', head_messages => 1, keep_system => false) c;
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('s', 22, strategy => 'middle') c;
-- One in the middle of a call does not part it.
SELECT pg_temp.thread('amid', 'u1=1 a1(c1)= s1=sys t1(c1)=2 u2=3');
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('amid') c;

-- start_on: but for system messages the window begins with this role, in whatever spelling.
SELECT max_messages, pg_temp.brief(array_agg(c)) FROM generate_series(2, 7) max_messages, threadmem.message_context('t', max_messages => max_messages, start_on => 'human') c GROUP BY 1 ORDER BY 1;
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('t', max_messages => 4, start_on => 'assistant') c;
SELECT pg_temp.thread('start', 'a1=1 u1=2 a2=3 a3=4 u2=5 a4=6');
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('start', start_on => 'user') c;
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('start', max_messages => 4, strategy => 'middle', start_on => 'user') c;
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('start', max_messages => 4, strategy => 'head_tail', head_messages => 2, start_on => 'user') c;
-- An answer is no start, even in a message of the user.
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('anthropic', max_messages => 3, start_on => 'user') c;
-- Where there is none at all, system messages are what is left; where the limits are in the way, it is an error.
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('t', start_on => 'tool') c;
SELECT * FROM threadmem.message_context('t', max_messages => 4, start_on => 'tool');

-- Huge outputs: the whole of the call goes, and nothing older takes its place.
SELECT pg_temp.thread('huge', 'u1=1 a1(c1)= t1(c1)=' || repeat('x', 300000) || ' u2=2');
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('huge', 300000) c;
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('huge', 300004) c;
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('huge', 300005) c;

-- Messages being streamed or broken off, roles that no model knows, deleted and erased ones are left out; an edit counts as it is now.
SELECT pg_temp.thread('left', 'u1=1 o1=note u2=2 u3=3 u4=4');
SELECT status FROM threadmem.message_start('left', message_id => 'a1');
SELECT threadmem.message_append('left', 'a1', 1, 'partial');
SELECT status FROM threadmem.message_start('left', message_id => 'a2');
SELECT status FROM threadmem.message_fail('left', 'a2');
SELECT state FROM threadmem.message_delete('left', 'u2');
SELECT rev FROM threadmem.message_update('left', 'u3', 'edited');
SELECT state FROM threadmem.message_erase('left', 'u4');
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('left') c;
SELECT status FROM threadmem.message_complete('left', 'a1');
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('left') c;

-- A thread with a state: what the state holds, in its order, with what is pending; the log keeps the rest.
SELECT graph_id FROM threadmem.graph_define('agent', '{"channels": {"messages": {"reducer": "add_messages"}}}');
SELECT pg_temp.thread('state', 's1=sys u1=1 a1=2 u2=3 a2=4');
SELECT checkpoint_ns FROM threadmem.thread_update_state('state', '{"messages": [{"type": "remove", "id": "u1"}, {"type": "remove", "id": "a1"}, {"id": "a2", "role": "assistant", "content": "four"}]}', 'agent');
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('state') c;
SELECT seq FROM threadmem.message_add('state', 'user', '5', message_id => 'u3');
SELECT seq FROM threadmem.message_add('state', 'system', 'late', message_id => 's2');
SELECT rev FROM threadmem.message_update('state', 'u2', 'three');
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('state') c;
SELECT jsonb_path_query_array("values", '$.messages[*].id') = (SELECT jsonb_agg(message_id) FROM threadmem.message_context('state')) AS as_state FROM threadmem.thread_state('state');
SELECT state FROM threadmem.message_delete('state', 'a2');
SELECT strategy, pg_temp.brief(array_agg(c)) FROM unnest('{last,middle,head_tail}'::text[]) strategy, threadmem.message_context('state', max_messages => 4, strategy => strategy, head_messages => 1) c GROUP BY strategy ORDER BY strategy;
SELECT threadmem.thread_fold('state') IS NOT NULL AS folded;
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('state') c;
-- A state's own order: a summary put first, though it came last; another branch is another window.
SELECT checkpoint_ns FROM threadmem.checkpoint_put('order', '{"id": "c1", "channel_values": {"messages": [{"id": "u1", "type": "human", "content": "1"}, {"id": "a1", "type": "ai", "content": "2"}, {"id": "u2", "type": "human", "content": "3"}]}, "channel_versions": {"messages": 1}}');
SELECT checkpoint_ns FROM threadmem.checkpoint_put('order', '{"id": "c2", "channel_values": {"messages": [{"id": "sum", "type": "system", "content": "summary"}, {"id": "u2", "type": "human", "content": "3"}, {"id": "u3", "type": "human", "content": "4"}]}, "channel_versions": {"messages": 2}}', parent_checkpoint_id => 'c1');
SELECT pg_temp.brief(array_agg(c)), array_agg(c.seq) FROM threadmem.message_context('order') c;
SELECT pg_temp.brief(array_agg(c)), array_agg(c.seq) FROM threadmem.message_context('order', max_messages => 2, keep_system => false) c;
SELECT pg_temp.brief(array_agg(c)), array_agg(c.seq) FROM threadmem.message_context('order', max_messages => 2, strategy => 'head_tail', head_messages => 1, keep_system => false) c;
SELECT checkpoint_ns FROM threadmem.checkpoint_put('order', '{"id": "c3", "channel_values": {"messages": [{"id": "u1", "type": "human", "content": "1"}, {"id": "b1", "type": "ai", "content": "other"}]}, "channel_versions": {"messages": 3}}', parent_checkpoint_id => 'c1');
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('order') c;
-- A state that has seen no message is no reason to hide the log; an emptied list is.
SELECT pg_temp.thread('unseen', 'u1=1');
SELECT checkpoint_ns FROM threadmem.checkpoint_put('unseen', '{"id": "c1", "channel_values": {"k": 1}, "channel_versions": {"k": 1}}');
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('unseen') c;
SELECT checkpoint_ns FROM threadmem.thread_update_state('unseen', '{"messages": [{"type": "remove", "id": "__remove_all__"}]}', 'agent');
SELECT count(*) FROM threadmem.message_context('unseen') c;

-- Long threads, more than a page from either end. A call of the head is looked for an answer to in the next 256 messages; one that comes later is of no use to it.
SELECT pg_temp.thread('long', (SELECT 's1=s ' || string_agg('u' || i || '=' || i, ' ' ORDER BY i) FROM generate_series(1, 2000) i));
SELECT count(*), min(seq), max(seq), max(used_tokens), max(dropped_messages) FROM threadmem.message_context('long', 4001);
SELECT count(*), max(seq) FILTER (WHERE seq < 1000), min(seq) FILTER (WHERE seq > 1000), max(used_tokens) FROM threadmem.message_context('long', 4001, strategy => 'middle');
SELECT count(*), max(seq) FILTER (WHERE seq < 1200), min(seq) FILTER (WHERE seq > 1200), max(used_tokens) FROM threadmem.message_context('long', 5000, strategy => 'head_tail', head_messages => 1100);
SELECT count(*) FROM threadmem.message_context('long');
-- What belongs together is not parted where a page of the beginning ends, after 32 messages.
SELECT thread_id FROM threadmem.thread_create('edge', messages => (SELECT jsonb_agg(jsonb_build_object('id', 'u' || i, 'role', 'user', 'content', 'x') ORDER BY i) FROM generate_series(1, 31) i) || '[{"id": "r1", "type": "reasoning", "summary": []},
    {"id": "f1", "type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"}, {"id": "o1", "type": "function_call_output", "call_id": "c1", "output": "1"}, {"id": "u98", "role": "user", "content": "x"}, {"id": "u99", "role": "user", "content": "x"}]');
SELECT head_messages, string_agg(message_id, ' ') FILTER (WHERE seq > 30) FROM generate_series(31, 34) head_messages, threadmem.message_context('edge', max_messages => 35, strategy => 'head_tail', head_messages => head_messages) GROUP BY 1 ORDER BY 1;
-- The same from a state.
SELECT checkpoint_ns FROM threadmem.checkpoint_put('long', jsonb_build_object('id', 'c1', 'channel_values', jsonb_build_object('messages', (SELECT jsonb_agg(body ORDER BY seq) FROM threadmem_data.messages WHERE tenant_id = 'context' AND thread_id = 'long')), 'channel_versions', '{"messages": 1}'::jsonb));
SELECT count(*), min(seq), max(seq), max(used_tokens), max(dropped_messages) FROM threadmem.message_context('long', 4001);
SELECT count(*), max(seq) FILTER (WHERE seq < 1000), min(seq) FILTER (WHERE seq > 1000), max(used_tokens) FROM threadmem.message_context('long', 4001, strategy => 'middle');
SELECT count(*), max(seq) FILTER (WHERE seq < 1200), min(seq) FILTER (WHERE seq > 1200), max(used_tokens) FROM threadmem.message_context('long', 5000, strategy => 'head_tail', head_messages => 1100);
SELECT count(*), count(DISTINCT seq) FROM threadmem.message_context('long');
SELECT pg_temp.thread('late', 'u1=1 a1(c1)= u2=2 a2(c2)= ' || (SELECT string_agg('u' || i || '=' || i, ' ' ORDER BY i) FROM generate_series(100, 300) i) || ' t1(c1)=one ' || (SELECT string_agg('u' || i || '=' || i, ' ' ORDER BY i) FROM generate_series(301, 600) i) || ' t2(c2)=two u9=9');
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('late', max_messages => 6, strategy => 'head_tail') c;
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('late', max_messages => 8, strategy => 'head_tail', head_messages => 6, dangling => 'close') c;

-- The default counter: a token for every four characters, the last one begun. It counts characters, not bytes; other scripts: context_scripts.
RESET threadmem.token_counter;
SELECT pg_temp.thread('count', 'u1=1234 u2=12345 u3=öäü€ u4=');
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('count') c;
-- A function of the application's, with the rights of who asks; its name needs a schema.
CREATE SCHEMA context_test;
CREATE FUNCTION context_test.words(t text) RETURNS integer LANGUAGE sql AS 'SELECT count(*)::int FROM regexp_split_to_table(t, ''\d'')';
CREATE FUNCTION context_test.none(t text) RETURNS integer LANGUAGE sql AS 'SELECT NULL::int';
CREATE FUNCTION context_test.below(t text) RETURNS integer LANGUAGE sql AS 'SELECT -1';
CREATE FUNCTION context_test.wide(t text) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';
CREATE FUNCTION context_test.rows(t text) RETURNS SETOF integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION context_test.fails(t text) RETURNS integer LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no tokenizer''; END';
SET threadmem.token_counter = 'context_test.words';
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('count') c;
SET threadmem.token_counter = 'words';
SELECT * FROM threadmem.message_context('count');
SET threadmem.token_counter = 'context_test.no_such';
SELECT * FROM threadmem.message_context('count');
SET threadmem.token_counter = 'no_such.words';
SELECT * FROM threadmem.message_context('count');
SET threadmem.token_counter = 'a.b.c';
SELECT * FROM threadmem.message_context('count');
SET threadmem.token_counter = 'context_test.';
SELECT * FROM threadmem.message_context('count');
SET threadmem.token_counter = 'context_test.wide';
SELECT * FROM threadmem.message_context('count');
SET threadmem.token_counter = 'context_test.rows';
SELECT * FROM threadmem.message_context('count');
SET threadmem.token_counter = 'context_test.none';
SELECT * FROM threadmem.message_context('count');
SET threadmem.token_counter = 'context_test.below';
SELECT * FROM threadmem.message_context('count');
SET threadmem.token_counter = 'context_test.fails';
SELECT * FROM threadmem.message_context('count');
CREATE ROLE regress_context;
SELECT threadmem.grant_access('regress_context');
GRANT USAGE ON SCHEMA context_test TO regress_context;
REVOKE EXECUTE ON FUNCTION context_test.words(text) FROM PUBLIC;
SET threadmem.token_counter = 'context_test.words';
SET ROLE regress_context;
SELECT * FROM threadmem.message_context('count');
RESET ROLE;
GRANT EXECUTE ON FUNCTION context_test.words(text) TO regress_context;
SET ROLE regress_context;
SELECT message_id FROM threadmem.message_context('count', max_messages => 1);
RESET ROLE;
SET threadmem.token_counter = 'pg_catalog.length';

-- Of another tenant, or a user that takes no part, nothing is read; who takes part gets the window.
SELECT user_id FROM unnest('{ann,bob}'::text[]) u, threadmem.user_create(u);
SELECT thread_id FROM threadmem.thread_create('private', user_id => 'ann', messages => '[{"id": "s1", "role": "system", "content": "sys"}, {"id": "u1", "role": "user", "content": "mine"}]');
SET ROLE regress_context;
SET threadmem.user_id = 'ann';
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('private') c;
SET threadmem.user_id = 'bob';
SELECT * FROM threadmem.message_context('private');
RESET ROLE;
RESET threadmem.user_id;
SELECT participant_id FROM threadmem.thread_add_participant('private', 'bob');
SET ROLE regress_context;
SET threadmem.user_id = 'bob';
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('private') c;
RESET threadmem.user_id;
SET threadmem.tenant = 'context other';
SELECT * FROM threadmem.message_context('private');
RESET ROLE;
SET threadmem.tenant = 'context';

-- Bad input, each named; limits that hold not even the system message, or not the newest, say what is needed.
SELECT * FROM threadmem.message_context('no such thread');
SELECT * FROM threadmem.message_context(NULL);
SELECT * FROM threadmem.message_context('t', 0);
SELECT * FROM threadmem.message_context('t', -1);
SELECT * FROM threadmem.message_context('t', max_messages => 0);
SELECT * FROM threadmem.message_context('t', strategy => 'first');
SELECT * FROM threadmem.message_context('t', start_on => 'nobody');
SELECT * FROM threadmem.message_context('t', head_messages => -1);
SELECT * FROM threadmem.message_context('t', dangling => 'keep');
SELECT * FROM threadmem.message_context('t', 3);
SELECT * FROM threadmem.message_context('t', 4);
SELECT * FROM threadmem.message_context('t', 7);
SELECT * FROM threadmem.message_context('t', max_messages => 1);
SELECT * FROM threadmem.message_context('huge', 3, strategy => 'middle', start_on => 'user');
SELECT * FROM threadmem.message_context('orphan', 0, 0);
-- Nulls are what is not given. A thread without messages has no rows.
SELECT pg_temp.brief(array_agg(c)) FROM threadmem.message_context('t', NULL, NULL, NULL, NULL, NULL, NULL, NULL) c;
SELECT thread_id FROM threadmem.thread_create('empty');
SELECT count(*) FROM threadmem.message_context('empty', 1);

-- The body is the writer's: an id that threadmem made, or that stood beside the body, is not in it; the writer's own stays, whatever it is called.
CREATE FUNCTION pg_temp.bodies(thread text) RETURNS jsonb LANGUAGE sql AS $$SELECT jsonb_agg(body ORDER BY seq) FROM threadmem.message_context(thread)$$;
CREATE TEMP TABLE written AS SELECT '[{"role": "user", "content": "hi"}, {"type": "reasoning", "id": "rs_1", "summary": []},
    {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [{"type": "output_text", "text": "hello", "annotations": []}]},
    {"type": "human", "content": "plain"}, {"type": "ai", "data": {"content": "nested"}}, {"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "HumanMessage"], "kwargs": {"content": "class"}},
    {"role": "user", "content": "zep", "uuid": "z1"}, {"role": "assistant", "content": "tool", "message_id": "b1"}, {"role": "user", "content": "empty", "id": ""}]'::jsonb AS bodies;
SELECT count(*), count(DISTINCT message_id) FROM written, threadmem.thread_create('written') t, threadmem.message_add_batch(t.thread_id, bodies);
SELECT pg_temp.bodies('written') = jsonb_set(bodies, '{8}', '{"role": "user", "content": "empty"}') AS as_written FROM written;
SELECT string_agg(id_from, ' ' ORDER BY seq) FROM threadmem.message_list('written');
-- Edits, streams, copies and states keep it; a body that comes back with the generated id, too.
SELECT thread_id FROM threadmem.thread_create('ours');
SELECT id_from FROM threadmem.message_add('ours', 'user', 'one');
SELECT id_from FROM threadmem.message_add('ours', 'user', 'two', message_id => 'm2');
SELECT id_from FROM threadmem.message_add('ours', body => '{"role": "user", "content": "three"}', message_id => 'm3');
SELECT id_from FROM threadmem.message_add('ours', body => '{"id": "m4", "role": "user", "content": "four"}', message_id => 'm4');
SELECT pg_temp.bodies('ours');
SELECT u.id_from FROM threadmem.message_list('ours') l, threadmem.message_update('ours', l.message_id, l.text || '!') u ORDER BY l.seq;
SELECT u.id_from FROM threadmem.message_list('ours') l, threadmem.message_update('ours', l.message_id, body => l.body || '{"k": 1}') u WHERE l.seq = 1;
SELECT u.id_from FROM threadmem.message_update('ours', 'm2', body => '{"role": "user", "content": "2"}') u;
SELECT pg_temp.bodies('ours');
SELECT c.id_from, c.status FROM threadmem.message_start('ours') s, threadmem.message_append('ours', s.message_id, 1, 'five') a, threadmem.message_complete('ours', s.message_id) c;
SELECT c.id_from, c.status FROM threadmem.message_start('ours', message_id => 'msg_6') s, threadmem.message_complete('ours', s.message_id, body => '{"type": "message", "id": "msg_6", "role": "assistant", "content": [{"type": "output_text", "text": "six"}]}') c;
SELECT pg_temp.bodies('ours');
SELECT pg_temp.bodies(thread_id) = pg_temp.bodies('ours') AS copied FROM threadmem.thread_copy('ours', 'ours again');
SELECT checkpoint_ns FROM threadmem.thread_update_state('ours again', '{"messages": [{"role": "user", "content": "seven"}, {"role": "user", "content": "eight", "id": "m8"}]}', 'agent');
SELECT pg_temp.bodies('ours again');
SELECT checkpoint_ns FROM threadmem.thread_update_state('ours again', jsonb_build_object('messages', (SELECT l.body || '{"content": "7"}' FROM threadmem.message_list('ours again') l WHERE text = 'seven')), 'agent');
SELECT body FROM threadmem.message_context('ours again') WHERE content = '7';
-- The first messages of a state, too, in each form.
SELECT count(*) FROM threadmem.thread_create('first', supersteps => '[{"updates": [{"as_node": "x", "values": {"messages": [{"role": "user", "content": "1"}, {"role": "user", "id": "m2", "content": "2"}]}}, {"as_node": "y", "values": {"messages": {"type": "ai", "content": "3"}}}]}]');
SELECT checkpoint_ns FROM threadmem.thread_update_state('first', '{"messages": [{"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "HumanMessage"], "kwargs": {"content": "4"}}]}', 'agent');
SELECT pg_temp.bodies('first');
SELECT string_agg(id_from, ' ' ORDER BY seq) FROM threadmem.message_list('first');
-- What is no message, and an empty list, are what they were.
SELECT count(*) FROM threadmem.thread_create('none first', supersteps => '[{"updates": [{"as_node": "x", "values": {"messages": []}}]}]');
SELECT "values" FROM threadmem.thread_state('none first');
SELECT threadmem.thread_create('bad first', supersteps => '[{"updates": [{"as_node": "x", "values": {"messages": [{"x": 1}]}}]}]');
-- The saver door: elements without an id stay as they are.
SELECT checkpoint_ns FROM threadmem.checkpoint_put('saved', '{"id": "c1", "channel_values": {"messages": [{"type": "human", "content": "1"}, {"type": "ai", "id": "a1", "content": "2"}]}, "channel_versions": {"messages": 1}}');
SELECT pg_temp.bodies('saved');

-- Ids of calls have no limit of their own, in whatever form: providers pack a signed thought into some.
CREATE TEMP TABLE long_id AS SELECT 'call_1__thought__' || repeat('A', 4500) AS id;
SELECT count(*) FROM long_id, threadmem.thread_create('long id', messages => jsonb_build_array(jsonb_build_object('id', 'a1', 'role', 'assistant', 'content', NULL, 'tool_calls', jsonb_build_array(jsonb_build_object('id', id, 'type', 'function', 'function', '{"name": "f", "arguments": "{}"}'::jsonb))), jsonb_build_object('id', 't1', 'role', 'tool', 'tool_call_id', id, 'content', '42'),
    jsonb_build_object('id', 'a2', 'type', 'function_call', 'call_id', id, 'name', 'f', 'arguments', '{}'), jsonb_build_object('id', 't2', 'type', 'function_call_output', 'call_id', id, 'output', '42'),
    jsonb_build_object('id', 'a3', 'type', 'ai', 'content', '', 'tool_calls', jsonb_build_array(jsonb_build_object('id', id, 'name', 'f', 'args', '{}'::jsonb))), jsonb_build_object('id', 't3', 'type', 'tool', 'tool_call_id', id, 'content', '42'),
    jsonb_build_object('id', 'a4', 'role', 'assistant', 'content', jsonb_build_array(jsonb_build_object('type', 'tool_use', 'id', id, 'name', 'f', 'input', '{}'::jsonb))), jsonb_build_object('id', 'u4', 'role', 'user', 'content', jsonb_build_array(jsonb_build_object('type', 'tool_result', 'tool_use_id', id, 'content', '42')))));
SELECT string_agg(message_id, ' '), count(*) FILTER (WHERE tool_call_id = id) AS long FROM long_id, threadmem.message_context('long id');
SELECT string_agg(message_id, ' ') FROM threadmem.message_context('long id', max_messages => 7);
SELECT length(tool_call_id) FROM long_id, threadmem.message_add('long id', 'tool', 'beside', message_id => 't5', tool_call_id => id || repeat('x', 100000));
SELECT threadmem.message_add('long id', 'tool', 'x', tool_call_id => '');

DROP OWNED BY regress_context;
DROP ROLE regress_context;
SET client_min_messages = warning;
DROP SCHEMA context_test CASCADE;
