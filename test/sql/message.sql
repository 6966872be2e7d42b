-- Messages are kept verbatim in whatever shape they come, each stored once, in gapless order, with revisions; bad input changes nothing.
\set SHOW_CONTEXT never
\pset null (null)
SET TIME ZONE 'UTC';
SET threadmem.tenant = 'message test';

-- What must hold after every change: the thread's counters are what its messages say. :counters shows threads for which they are not.
CREATE TEMP VIEW wrong_counters AS
SELECT t.thread_id, t.live_messages, m.live_messages AS messages,
       t.next_seq, m.seqs, t.next_rev, m.revs
  FROM threadmem_data.threads t,
       LATERAL (SELECT count(*) FILTER (WHERE state = 'live') AS live_messages,
                       count(DISTINCT seq) AS seqs, coalesce(max(seq), 0) AS last_seq,
                       count(*) AS revs, coalesce(max(rev), 0) AS last_rev
                  FROM threadmem_data.messages m WHERE m.tenant_id = t.tenant_id AND m.thread_id = t.thread_id) m
 WHERE t.tenant_id ^@ 'message test'
   AND (t.live_messages, t.next_seq, t.next_seq, t.next_rev, t.next_rev)
       IS DISTINCT FROM (m.live_messages, m.seqs + 1, m.last_seq + 1, m.revs + 1, m.last_rev + 1);
\set counters 'SELECT * FROM wrong_counters;'
-- A thread as it is stored: place, revision, id, state and words of every row.
CREATE FUNCTION pg_temp.log(thread text) RETURNS SETOF text LANGUAGE sql AS
$$SELECT format('%s/%s %s %s %s', seq, rev, message_id, state, left(threadmem.message_text(body), 30))
    FROM threadmem_data.messages WHERE tenant_id = threadmem.current_tenant() AND thread_id = thread ORDER BY rev$$;

SELECT user_id FROM threadmem.user_create('ann');
SELECT thread_id, message_count FROM threadmem.thread_create('t', user_id => 'ann');

-- Every argument of message_add, and what it becomes.
\x
SELECT thread_id, message_id, seq, rev, role, origin_role, name, content, sender_id, user_id, assistant_id, run_id,
       tool_call_id, status, state, metadata, body, event_at, created_at BETWEEN now() - interval '1 min' AND clock_timestamp() AS created_now
  FROM threadmem.message_add('t', 'Tool', 'It rains.', NULL, 'm1', 'weather', 'sensor', 'helper', 'run1', 'call1',
       '[{"id": "c2", "n": 1.10}]', '[{"file_id": "f1"}]', '{"k": [1, null]}', '2001-02-03 04:05:06.789+00', false);
-- The fewest: what was not given is null, the time is now, and the id is written into the body.
SELECT seq, rev, role, origin_role, name, content, sender_id, user_id, assistant_id, run_id, tool_call_id, status, state, metadata,
       body - 'id' AS body, body ->> 'id' = message_id AS id_in_body, event_at = created_at AS said_now
  FROM threadmem.message_add('t', 'user', 'Hello');
\x
SELECT in_memory FROM threadmem_data.messages WHERE tenant_id = 'message test' ORDER BY rev;
-- Without content, but with calls or attachments; and with an empty one.
SELECT content, body - 'id' AS body FROM threadmem.message_add('t', 'assistant', tool_calls => '[{"id": "c1", "function": {"name": "f"}}]');
SELECT content, body - 'id' AS body FROM threadmem.message_add('t', 'user', attachments => '[]');
SELECT content, body - 'id' AS body FROM threadmem.message_add('t', 'user', '');
:counters

-- Epoch numbers are seconds, or milliseconds where they can be no seconds of the years 1 to 9999; nothing lies beyond these.
SELECT thread_id FROM threadmem.thread_create('times');
SELECT given, event_at AT TIME ZONE 'UTC' AS utc
  FROM unnest('{1764446400,1764446400000,1764446400123.4567,253402300799,253402300800,253402300799999,-62135596800,-62135596801,"\"9999-12-31T23:59:59Z\""}'::jsonb[]) AS given,
       threadmem.message_add('times', body => jsonb_build_object('role', 'user', 'content', 'x', 'created_at', given));
DO $$
DECLARE given jsonb; detail text;
BEGIN
  FOREACH given IN ARRAY '{253402300799.9999999,253402300800000,253402300799999.9999,1764446400000000,-62135596800001,1e300,"\"9999-12-31T23:59:60Z\"","\"9999-12-31T23:59:59-01:00\"","\"0001-01-01T00:00:00+01:00\""}'::jsonb[] LOOP
    BEGIN
      RAISE NOTICE '% is %', given, (threadmem.message_add('times', body => jsonb_build_object('role', 'user', 'content', 'x', 'created_at', given))).event_at AT TIME ZONE 'UTC';
    EXCEPTION WHEN invalid_parameter_value THEN
      GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
      RAISE NOTICE '%', detail;
    END;
  END LOOP;
END $$;

-- Generated ids have the form of the setting.
SELECT message_id ~ '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$' AS uuid7 FROM threadmem.message_add('t', 'user', 'x');
SET threadmem.id_format = 'prefixed';
SELECT message_id ~ '^message_[0-9A-Za-z]{22}$' AS prefixed, body ->> 'id' = message_id AS id_in_body FROM threadmem.message_add('t', 'user', 'x');
RESET threadmem.id_format;

-- Every system's form is accepted as it is: the columns derived from it.
SELECT thread_id FROM threadmem.thread_create('shapes');
CREATE TEMP TABLE shapes (n int, form text, body jsonb);
INSERT INTO shapes VALUES
    (1, 'zep', '{"uuid": "z1", "role": "user", "name": "Jane", "content": "Who?", "created_at": "2024-05-01T10:00:00Z", "metadata": {"s": 1}}'),
    (2, 'zep v2', '{"uuid": "z2", "role_type": "user", "role": "Jane", "content": "Who?", "created_at": "2024-05-01T10:00:00.5"}'),
    (3, 'zep norole', '{"role": "norole", "content": "Who?"}'),
    (4, 'entities', '{"id": "e1", "role": "user", "content": "Hi", "sender_id": "user_1", "meta_data": {"t": ""}, "created_at": 1726613000, "assistant_id": "assistant_id", "run_id": null, "status": null, "tool_id": null, "object": "message"}'),
    (5, 'openai message', '{"id": "msg_1", "object": "thread.message", "role": "assistant", "content": [{"type": "text", "text": {"value": "Hi", "annotations": []}}], "assistant_id": "asst_1", "run_id": "run_1", "status": "incomplete", "metadata": {"a": "b"}, "created_at": 1699017614}'),
    (6, 'openai chat', '{"role": "tool", "tool_call_id": "call_1", "content": "18 C"}'),
    (7, 'openai item', '{"type": "message", "id": "it_1", "role": "developer", "status": "in_progress", "content": [{"type": "input_text", "text": "Be brief"}]}'),
    (8, 'openai call', '{"type": "function_call", "call_id": "call_2", "name": "f", "arguments": "{\"a\": 1.10}", "status": "completed"}'),
    (9, 'openai output', '{"type": "function_call_output", "call_id": "call_2", "output": "18 C"}'),
    (10, 'openai reasoning', '{"type": "reasoning", "id": "rs_1", "summary": []}'),
    (11, 'langchain', '{"type": "human", "id": "h1", "content": "Hi", "name": null, "additional_kwargs": {}, "example": false}'),
    (12, 'langchain ai', '{"type": "ai", "id": "a1", "content": "", "name": "bot", "tool_calls": [{"id": "c1", "name": "f", "args": {}}]}'),
    (13, 'langchain tool', '{"type": "tool", "id": "t1", "content": "no", "tool_call_id": "c1", "status": "error"}'),
    (14, 'langchain chunk', '{"type": "AIMessageChunk", "id": "k1", "content": "par"}'),
    (15, 'langchain data', '{"type": "system", "data": {"id": "d1", "content": "Be kind", "type": "system"}}'),
    (16, 'langchain constructor', '{"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "AIMessage"], "kwargs": {"content": "Hi", "id": "l1", "name": "bot"}}'),
    (17, 'langchain constructor, no id', '{"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "HumanMessage"], "kwargs": {"content": "Hi"}}'),
    (18, 'langchain data, no id', '{"type": "human", "data": {"content": "Hi"}}'),
    (19, 'langchain remove', '{"type": "remove", "id": "h1-gone"}'),
    (20, 'backboard', '{"message_id": "b1", "role": "assistant", "content": "Hi", "status": "CANCELLED", "metadata_": {"x": 1}, "attachments": [], "created_at": "2024-05-01T12:00:00+02:00"}'),
    (21, 'ai sdk', '{"id": "u1", "role": "user", "metadata": {"m": true}, "parts": [{"type": "text", "text": "Hi"}, {"type": "data-x", "data": {"a": 1}}]}'),
    (22, 'anthropic', '{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "tu_1", "content": "18 C"}]}'),
    (23, 'plain', '{"role": "user", "content": null, "extra": {"deep": [1.10, 1234567890123456789012345678901234567890, 1e-7]}}'),
    (24, 'gemini', '{"role": "model", "parts": [{"text": "Hi"}]}'),
    (25, 'gemini call', '{"role": "model", "parts": [{"functionCall": {"name": "f", "args": {}}}]}'),
    (26, 'gemini answer', '{"role": "user", "parts": [{"functionResponse": {"name": "f", "response": {}}}]}'),
    (27, 'gemini candidate', '{"content": {"role": "model", "parts": [{"text": "Hi"}]}, "finishReason": "STOP", "index": 0}'),
    (28, 'adk event', '{"id": "ev_1", "author": "agent", "invocationId": "e-1", "timestamp": 1736937600.5, "content": {"role": "model", "parts": [{"text": "Hi"}]}}'),
    (29, 'bedrock', '{"role": "assistant", "content": [{"text": "Hi"}, {"toolUse": {"toolUseId": "t1", "name": "f", "input": {}}}]}'),
    (30, 'pydantic first request', '{"kind": "request", "parts": [{"part_kind": "system-prompt", "content": "Be kind"}, {"part_kind": "user-prompt", "content": "Hi"}]}'),
    (31, 'pydantic system alone', '{"kind": "request", "parts": [{"part_kind": "system-prompt", "content": "Be kind"}]}'),
    (32, 'pydantic response', '{"kind": "response", "parts": [{"part_kind": "text", "content": "Hi"}], "usage": {}, "model_name": "m"}'),
    (33, 'pydantic tool', '{"kind": "request", "parts": [{"part_kind": "tool-return", "tool_name": "f", "content": "18 C", "tool_call_id": "c1"}]}'),
    (34, 'ag-ui call', '{"id": "ag1", "role": "assistant", "toolCalls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]}'),
    (35, 'ag-ui tool', '{"id": "ag2", "role": "tool", "toolCallId": "c1", "content": "18 C"}'),
    (36, 'ag-ui activity', '{"id": "ag3", "role": "activity", "activityType": "PLAN", "content": {"steps": []}}'),
    (37, 'ag-ui reasoning', '{"id": "ag4", "role": "reasoning", "content": "hm", "encryptedValue": "x"}'),
    (38, 'openai approval request', '{"type": "mcp_approval_request", "id": "mcpr_1", "name": "f", "arguments": "{}", "server_label": "s"}'),
    (39, 'openai approval', '{"type": "mcp_approval_response", "approval_request_id": "mcpr_1", "approve": true}'),
    (40, 'openai local shell', '{"type": "local_shell_call_output", "id": "call_3", "output": "ok"}'),
    (41, 'openai tools of a server', '{"type": "mcp_list_tools", "id": "mcpl_1", "server_label": "s", "tools": []}'),
    (42, 'openai compaction', '{"type": "compaction", "id": "cmp_1", "encrypted_content": "x"}'),
    (43, 'openai refusal', '{"role": "assistant", "refusal": "No."}'),
    (44, 'cohere', '{"role": "CHATBOT", "content": "Hi"}');
SELECT n, m.role, origin_role AS origin, name, sender_id AS sender, assistant_id AS assistant, run_id AS run,
       tool_call_id AS call, status, metadata
  FROM shapes s, threadmem.message_add('shapes', body => s.body) m ORDER BY n;
SELECT n, form, CASE WHEN event_at < '2025-01-01' THEN event_at::text ELSE 'now' END AS event_at,
       CASE WHEN m.body = s.body THEN message_id ELSE '(generated)' END AS message_id,
       CASE WHEN m.body = s.body THEN 'verbatim'
            WHEN m.body = jsonb_set(s.body, '{id}', to_jsonb(message_id)) THEN 'id added'
            WHEN m.body = jsonb_set(s.body, '{kwargs,id}', to_jsonb(message_id)) THEN 'id added to kwargs'
            WHEN m.body = jsonb_set(s.body, '{data,id}', to_jsonb(message_id)) THEN 'id added to data'
            WHEN m.body = jsonb_set(s.body, '{content,id}', to_jsonb(message_id)) THEN 'id added to content' END AS body
  FROM shapes s JOIN threadmem_data.messages m ON m.tenant_id = 'message test' AND m.thread_id = 'shapes' AND seq = n ORDER BY n;
-- Numbers keep every digit.
SELECT body -> 'extra' AS extra FROM threadmem_data.messages WHERE tenant_id = 'message test' AND thread_id = 'shapes' AND seq = 23;
-- Arguments beside a body go to the columns, and the body stays as it came.
SELECT message_id, name, sender_id, assistant_id, run_id, tool_call_id, metadata, event_at, body
  FROM threadmem.message_add('shapes', body => '{"role": "user", "content": "Hi", "name": "A", "metadata": {"a": 1}, "created_at": 0}',
       message_id => 'beside', name => 'B', sender_id => 's', assistant_id => 'a', run_id => 'r', tool_call_id => 'c', metadata => '{"b": 2}', event_at => '2001-01-01');
:counters

-- The roles, and how they are spelled elsewhere.
SELECT thread_id FROM threadmem.thread_create('roles');
SELECT spelling, m.role, m.origin_role
  FROM unnest('{user,human,assistant,ai,system,developer,tool,function,platform,norole,generic,unknown,critic,discriminator,remove,approval,summary,other,USER,Human,AI,CRITIC}'::text[])
       WITH ORDINALITY AS s (spelling, n), threadmem.message_add('roles', spelling, 'x', tool_call_id => 'call') m ORDER BY n;
SELECT threadmem.message_add('roles', 'wizard', 'x');
SELECT threadmem.message_add('roles', body => '{"role": "wizard", "content": "x"}');
\set VERBOSITY sqlstate
SELECT threadmem.message_add('roles', '', 'x');
SELECT threadmem.message_add('roles', 'user ', 'x');
\set VERBOSITY default
SELECT message_count FROM threadmem.thread_get('roles');
:counters

-- The same message again, byte for byte, is the one stored: whether it came as arguments or as a body.
SELECT thread_id FROM threadmem.thread_create('retry', user_id => 'ann');
SELECT seq, rev, body FROM threadmem.message_add('retry', 'user', 'once', message_id => 'm');
SELECT seq, rev, body FROM threadmem.message_add('retry', 'user', 'once', message_id => 'm');
SELECT seq, rev FROM threadmem.message_add('retry', body => '{"content": "once", "role": "user", "id": "m"}');
SELECT seq, rev FROM threadmem.message_add('retry', body => '{"content": "once", "role": "user"}', message_id => 'm');
-- Other bytes under its id are refused; 1.10 is not 1.1.
SELECT threadmem.message_add('retry', 'user', 'twice', message_id => 'm');
SELECT seq FROM threadmem.message_add('retry', body => '{"id": "n", "role": "user", "content": "", "n": 1.10}');
\set VERBOSITY sqlstate
SELECT threadmem.message_add('retry', body => '{"id": "n", "role": "user", "content": "", "n": 1.1}');
SELECT threadmem.message_add('retry', 'human', 'once', message_id => 'm');
\set VERBOSITY default
SELECT seq FROM threadmem.message_add('retry', body => '{"n": 1.10, "id": "n", "role": "user", "content": ""}');
-- After an edit and after its deletion the first bytes, and the edited ones, are still known.
SELECT seq, rev FROM threadmem.message_update('retry', 'm', 'twice');
SELECT seq, rev, state, content FROM threadmem.message_add('retry', 'user', 'once', message_id => 'm');
SELECT seq, rev, state, content FROM threadmem.message_add('retry', 'user', 'twice', message_id => 'm');
SELECT state FROM threadmem.message_delete('retry', 'm');
SELECT seq, rev, state, content FROM threadmem.message_add('retry', 'user', 'once', message_id => 'm');
SELECT seq, rev, state, content FROM threadmem.message_add('retry', 'user', 'twice', message_id => 'm');
\set VERBOSITY sqlstate
SELECT threadmem.message_add('retry', 'user', 'thrice', message_id => 'm');
\set VERBOSITY default
SELECT pg_temp.log('retry');
SELECT message_count FROM threadmem.thread_get('retry');
:counters

-- A batch: all forms, in order, one row for each.
SELECT thread_id FROM threadmem.thread_create('batch', user_id => 'ann');
SELECT seq, rev, role, content, run_id, user_id, body ->> 'id' = message_id AS id_in_body
  FROM threadmem.message_add_batch('batch', '[{"role": "user", "content": "one"}, {"type": "ai", "content": "two", "run_id": "own"},
       {"role_type": "system", "role": "Z", "content": "three", "uuid": "b3"}]', run_id => 'run7');
SELECT seq, run_id FROM threadmem.message_add_batch('batch', '[{"role": "user", "content": "four", "id": "b4", "run_id": "own"}]');
-- Some of them again: the stored ones are given back, the new ones get the next places.
SELECT seq, rev, message_id FROM threadmem.message_add_batch('batch', '[{"role": "user", "content": "five", "id": "b5"},
       {"role": "user", "content": "four", "id": "b4", "run_id": "own"}, {"role": "user", "content": "six", "id": "b6"}]');
-- The same message twice in one batch is one message.
SELECT seq, rev, message_id FROM threadmem.message_add_batch('batch', '[{"role": "user", "content": "seven", "id": "b7"},
       {"role": "user", "content": "eight", "id": "b8"}, {"id": "b7", "content": "seven", "role": "user"}, {"role": "user", "content": "four", "id": "b4", "run_id": "own"},
       {"role": "user", "content": "four", "id": "b4", "run_id": "own"}]');
SELECT count(*) FROM threadmem.message_add_batch('batch', '[]');
SELECT pg_temp.log('batch') OFFSET 2;
:counters
-- All or none: one bad message and nothing is stored, no number is used up.
SELECT threadmem.message_add_batch('batch', '[{"role": "user", "content": "good"}, {"role": "user"}]');
SELECT threadmem.message_add_batch('batch', '[{"role": "user", "content": "good", "id": "x"}, {"role": "user", "content": "bad", "id": "x"}]');
SELECT threadmem.message_add_batch('batch', '[{"role": "user", "content": "good"}, {"role": "user", "content": "other", "id": "b4"}]');
SELECT threadmem.message_add_batch('batch', '[{"role": "user", "content": "good"}, "text"]');
\set VERBOSITY sqlstate
SELECT threadmem.message_add_batch('batch', '[{"role": "user", "content": "good"}, null]');
SELECT threadmem.message_add_batch('batch', '[{"role": "user", "content": "good"}, [{"role": "user", "content": "nested"}]]');
SELECT threadmem.message_add_batch('batch', '[{"role": "user", "content": "good"}, {"role": "wizard", "content": "x"}]');
SELECT threadmem.message_add_batch('batch', '[{"role": "user", "content": "good"}, {"role": "user", "content": {"a": 1}}]');
SELECT threadmem.message_add_batch('batch', '{"role": "user", "content": "good"}');
SELECT threadmem.message_add_batch('batch', '"good"');
SELECT threadmem.message_add_batch('batch', 'null');
SELECT threadmem.message_add_batch('batch', '[{"role": "user", "content": "good"}]', ignore_roles => '{wizard}');
SELECT threadmem.message_add_batch('batch', '[{"role": "user", "content": "good"}]', ignore_roles => '{NULL}');
SELECT threadmem.message_add_batch('batch', '[{"role": "user", "content": "good"}]', run_id => '');
SELECT threadmem.message_add_batch('nowhere', '[{"role": "user", "content": "good"}]');
SELECT threadmem.message_add_batch('nowhere', '[]');
\set VERBOSITY default
SELECT count(*), max(seq), max(rev) FROM threadmem_data.messages WHERE tenant_id = 'message test' AND thread_id = 'batch';
SELECT seq, rev FROM threadmem.message_add_batch('batch', '[{"role": "user", "content": "nine"}]');
:counters
-- ignore_roles keeps messages out of memory, and in the thread: human is user, but norole is not every other one.
SELECT thread_id FROM threadmem.thread_create('ignored');
SELECT count(*) FROM threadmem.message_add_batch('ignored', '[{"role": "user", "content": "x"}, {"role": "ai", "content": "x"}, {"role": "norole", "content": "x"},
       {"role": "generic", "content": "x"}, {"role": "NoRole", "content": "x"}, {"role": "tool", "content": "x"}, {"role": "other", "content": "x"}]', '{human,norole,Tool}');
SELECT count(*) FROM threadmem.message_add_batch('ignored', '[{"role": "norole", "content": "x"}, {"role": "other", "content": "x"}, {"role": "user", "content": "x"}]', '{other}');
SELECT count(*) FROM threadmem.message_add_batch('ignored', '[{"role": "user", "content": "x"}]', '{}');
SELECT seq, role, origin_role, in_memory FROM threadmem_data.messages WHERE tenant_id = 'message test' AND thread_id = 'ignored' ORDER BY seq;
SELECT count(*) FROM threadmem.message_list('ignored');

-- Reading one: live messages only.
SELECT seq, rev, role, content FROM threadmem.message_get('t', 'm1');
SELECT threadmem.message_get('t', 'nothing');
SELECT threadmem.message_get('retry', 'm');
SELECT threadmem.message_get('nowhere', 'm1');

-- Lists: oldest first unless told otherwise; has_more is exact at the boundaries of a page.
SELECT thread_id FROM threadmem.thread_create('list');
SELECT count(*) FROM threadmem.message_add_batch('list', (SELECT jsonb_agg(jsonb_build_object('id', 'l' || i, 'role', CASE WHEN i % 3 = 0 THEN 'assistant' ELSE 'human' END,
       'content', i::text, 'metadata', jsonb_build_object('n', i % 2), 'run_id', CASE WHEN i > 10 THEN 'late' END)) FROM generate_series(1, 12) AS i));
CREATE FUNCTION pg_temp.page(VARIADIC parts text[]) RETURNS text LANGUAGE plpgsql AS
$$DECLARE page text;
BEGIN
    EXECUTE format('SELECT string_agg(message_id, '' '') || CASE WHEN bool_and(has_more) THEN '' more'' WHEN bool_or(has_more) THEN '' differs'' ELSE '''' END'
                   ' FROM threadmem.message_list(%s)', array_to_string(parts, ', ')) INTO page;
    RETURN page;
END$$;
SELECT call, pg_temp.page('''list''', call) FROM unnest(ARRAY[
    'max_rows => 20', 'max_rows => NULL', 'max_rows => 5', 'max_rows => 11', 'max_rows => 12', 'max_rows => 13', 'max_rows => 1', 'max_rows => 0', 'max_rows => 1000',
    $$sort_order => 'desc'$$, $$sort_order => 'desc', max_rows => 3$$, $$sort_order => 'asc', max_rows => 3$$,
    $$after_id => 'l5', max_rows => 3$$, 'after_seq => 5, max_rows => 3', $$after_id => 'l5', max_rows => 7$$, $$after_id => 'l5', max_rows => 6$$,
    $$after_id => 'l12'$$, 'after_seq => 12', 'after_seq => 0', 'after_seq => 99',
    $$before_id => 'l5', max_rows => 3$$, 'before_seq => 5, max_rows => 4', $$before_id => 'l1'$$, $$after_id => 'l2', before_id => 'l6'$$, 'after_seq => 2, before_seq => 6, max_rows => 2',
    $$sort_order => 'desc', after_id => 'l5', max_rows => 3$$, $$sort_order => 'desc', after_id => 'l5', max_rows => 4$$, $$sort_order => 'desc', before_id => 'l9'$$, $$sort_order => 'desc', before_seq => 9, after_seq => 12$$,
    $$role => 'assistant'$$, $$role => 'human', max_rows => 3$$, $$role => 'user', max_rows => 8$$, $$role => 'USER', max_rows => 7$$, $$role => 'tool'$$,
    $$run_id => 'late'$$, $$run_id => 'none'$$, $$metadata => '{"n": 0}', max_rows => 6$$, $$metadata => '{"n": "0"}'$$, $$metadata => '{}', max_rows => 2$$,
    $$metadata => '{"n": 0}', role => 'ai', after_id => 'l6'$$, $$view => 'log', max_rows => 1$$]) WITH ORDINALITY AS c (call, n) ORDER BY n;
-- A thread as long as the largest page, and one longer.
SELECT thread_id FROM threadmem.thread_create('long', messages => (SELECT jsonb_agg(jsonb_build_object('role', 'user', 'content', i::text)) FROM generate_series(1, 1000) AS i));
SELECT count(*), bool_or(has_more) FROM threadmem.message_list('long', max_rows => 1000);
SELECT seq FROM threadmem.message_add('long', 'user', 'one more');
SELECT count(*), bool_and(has_more), max(seq) FROM threadmem.message_list('long', max_rows => 1000);
-- Page after page gives every message once, whichever way.
WITH RECURSIVE page (seqs, at, n) AS (
    SELECT ARRAY[]::bigint[], 0::bigint, 0
    UNION ALL
    SELECT seqs || p.s, p.s[array_upper(p.s, 1)], n + 1
      FROM page, LATERAL (SELECT array_agg(seq) AS s FROM threadmem.message_list('long', max_rows => 143, after_seq => at)) p WHERE p.s IS NOT NULL)
SELECT max(n) AS pages, bool_or(seqs = ARRAY(SELECT generate_series(1, 1001)::bigint)) AS all_in_order FROM page;
-- Bounds, unknown threads, cursors that are none.
SELECT threadmem.message_list('list', max_rows => 1001);
SELECT threadmem.message_list('list', max_rows => -1);
SELECT threadmem.message_list('nowhere');
SELECT threadmem.message_list('nowhere', max_rows => 0);
SELECT threadmem.message_list('list', after_id => 'm1');
SELECT threadmem.message_list('list', after_id => 'l1', after_seq => 1);
SELECT threadmem.message_list('list', view => 'all');
\set VERBOSITY sqlstate
SELECT threadmem.message_list('list', before_id => 'm1');
SELECT threadmem.message_list('list', before_id => 'l1', before_seq => 1);
SELECT threadmem.message_list('list', after_seq => -1);
SELECT threadmem.message_list('list', before_seq => -1);
SELECT threadmem.message_list('list', after_id => '');
SELECT threadmem.message_list('list', sort_order => 'DESC');
SELECT threadmem.message_list('list', role => 'wizard');
SELECT threadmem.message_list('list', run_id => '');
SELECT threadmem.message_list('list', metadata => '[]');
SELECT threadmem.message_list('list', max_rows => -2147483648);
\set VERBOSITY default
-- A deleted message is out of the list, and still a place in it; include_deleted shows it where it was.
SELECT state FROM threadmem.message_delete('list', 'l5');
SELECT content FROM threadmem.message_update('list', 'l6', 'six');
SELECT pg_temp.page('''list''', 'max_rows => 6');
SELECT pg_temp.page('''list''', $$after_id => 'l5', max_rows => 2$$);
SELECT pg_temp.page('''list''', $$sort_order => 'desc', after_id => 'l5', max_rows => 2$$);
SELECT message_id, seq, rev, state, content, has_more FROM threadmem.message_list('list', include_deleted => true, after_seq => 3, max_rows => 3);
SELECT pg_temp.page('''list''', 'include_deleted => NULL, max_rows => 6');
:counters
-- An empty thread has an empty list.
SELECT thread_id FROM threadmem.thread_create('empty');
SELECT count(*) FROM threadmem.message_list('empty');
SELECT count(*) FROM threadmem.message_last('empty');

-- The newest n, oldest of them first.
SELECT string_agg(message_id, ' ') FROM threadmem.message_last('list', 3);
SELECT string_agg(message_id, ' ') FROM threadmem.message_last('list', 8);
SELECT count(*) FROM threadmem.message_last('list', 0);
SELECT count(*), min(seq) FROM threadmem.message_last('long', 1000);
SELECT count(*), max(seq) FROM threadmem.message_last('long');
SELECT count(*) FROM threadmem.message_last('long', NULL);
SELECT threadmem.message_last('nowhere');
\set VERBOSITY sqlstate
SELECT threadmem.message_last('list', -1);
SELECT threadmem.message_last('list', 1001);
\set VERBOSITY default

-- An edit: a new revision at the same place; what the body does not say stays as it was.
SELECT thread_id FROM threadmem.thread_create('edit', user_id => 'ann');
SELECT seq, rev FROM threadmem.message_add('edit', 'user', 'first words here', message_id => 'm', name => 'Ann', sender_id => 's', assistant_id => 'a', run_id => 'r',
       tool_call_id => 'c', metadata => '{"a": 1, "b": {"x": 1}}', event_at => '2001-01-01');
SELECT seq FROM threadmem.message_add('edit', 'user', 'after it', message_id => 'after');
\x
SELECT message_id, seq, rev, role, name, content, sender_id, user_id, assistant_id, run_id, tool_call_id, status, state, metadata, body, event_at
  FROM threadmem.message_update('edit', 'm', 'second');
\x
:counters
-- The same again is no revision; nor is a change of metadata, which is merged at its top level.
SELECT seq, rev, content FROM threadmem.message_update('edit', 'm', 'second');
SELECT seq, rev, metadata FROM threadmem.message_update('edit', 'm', metadata => '{"b": {"y": 2}, "c": null}');
SELECT seq, rev, metadata FROM threadmem.message_update('edit', 'm', remove_keys => '{a,zz}');
SELECT seq, rev, metadata FROM threadmem.message_update('edit', 'm', metadata => '{"d": 4}', remove_keys => '{d,b}');
SELECT seq, rev, metadata FROM threadmem.message_update('edit', 'm');
-- A whole body, with the id or without; its role may be another. Metadata goes along.
SELECT rev, role, origin_role, content, metadata, body FROM threadmem.message_update('edit', 'm', body => '{"type": "ai", "content": "third", "k": 1.10}', metadata => '{"e": 5}');
SELECT rev, role, origin_role, name, metadata, body FROM threadmem.message_update('edit', 'm', body => '{"id": "m", "role": "user", "content": "fourth", "name": "Bob"}', remove_keys => '{c}');
SELECT rev FROM threadmem.message_update('edit', 'm', body => '{"role": "user", "content": "fourth", "name": "Bob"}');
-- Back to earlier words is a revision of its own.
SELECT rev FROM threadmem.message_update('edit', 'm', body => '{"type": "ai", "content": "third", "k": 1.10}', expected_rev => 5);
SELECT rev, state, content, metadata FROM threadmem.message_revisions('edit', 'm');
:counters
-- Refused: another's revision, another's id, both forms at once, no message.
SELECT threadmem.message_update('edit', 'm', 'late', expected_rev => 5);
SELECT threadmem.message_update('edit', 'm', body => '{"id": "other", "role": "user", "content": "x"}');
SELECT threadmem.message_update('edit', 'm', 'x', body => '{"role": "user", "content": "x"}');
SELECT threadmem.message_update('edit', 'nothing', 'x');
\set VERBOSITY sqlstate
SELECT threadmem.message_update('edit', 'm', metadata => '{}', expected_rev => 1);
SELECT threadmem.message_update('edit', 'm', body => '{"role": "wizard", "content": "x"}');
SELECT threadmem.message_update('edit', 'm', body => '[]');
SELECT threadmem.message_update('edit', 'm', metadata => '[]');
SELECT threadmem.message_update('edit', 'm', remove_keys => '{{a},{b}}');
SELECT threadmem.message_update('nowhere', 'm', 'x');
SELECT threadmem.message_update('retry', 'm', 'x');
SELECT threadmem.message_revisions('edit', 'nothing');
SELECT threadmem.message_revisions('nowhere', 'm');
\set VERBOSITY default
SELECT seq, rev, content FROM threadmem.message_get('edit', 'm');
-- The place of the content is that of the form.
SELECT n, form, m.content, m.body - 'id' AS body
  FROM shapes s JOIN threadmem_data.messages o ON o.tenant_id = 'message test' AND o.thread_id = 'shapes' AND seq = n,
       threadmem.message_update('shapes', o.message_id, 'edited') m WHERE n IN (1, 5, 9, 15, 16, 21) ORDER BY n;
:counters

-- Deleted: out of lists and counts, kept among the revisions.
SELECT message_count FROM threadmem.thread_get('edit');
SELECT message_id, seq, rev, state, content FROM threadmem.message_delete('edit', 'm');
:counters
SELECT message_count FROM threadmem.thread_get('edit');
SELECT count(*) FROM threadmem.message_list('edit');
SELECT rev, state FROM threadmem.message_revisions('edit', 'm');
SELECT threadmem.message_get('edit', 'm');
SELECT threadmem.message_delete('edit', 'm');
SELECT threadmem.message_delete('nowhere', 'm');
SELECT pg_temp.log('edit');

-- A body over the limit; one below it is taken.
SET threadmem.max_body = '2kB';
SELECT threadmem.message_add('t', 'user', repeat('x', 2048), message_id => 'big');
SELECT length(content::text) FROM threadmem.message_add('t', 'user', repeat('x', 1900));
\set VERBOSITY sqlstate
SELECT threadmem.message_add('t', body => jsonb_build_object('role', 'user', 'content', 'x', 'extra', repeat('x', 2048)));
SELECT threadmem.message_add_batch('t', jsonb_build_array('{"role": "user", "content": "x"}'::jsonb, jsonb_build_object('role', 'user', 'content', repeat('x', 2048))));
SELECT threadmem.message_update('t', 'm1', repeat('x', 2048));
\set VERBOSITY default
RESET threadmem.max_body;
SELECT content FROM threadmem.message_get('t', 'm1');
:counters
-- A tool output of 5 MB is a message; it is found by its first words, not by its last.
SELECT length(content ->> 0), octet_length(body::text) > 5000000 AS large
  FROM threadmem.message_add('t', 'tool', 'alphaword ' || repeat('lorem ipsum dolor ', 300000) || ' omegaword', message_id => '5MB', tool_call_id => 'call');
SELECT length(threadmem.message_text(body)) FROM threadmem.message_get('t', '5MB');
SELECT message_id FROM threadmem.message_search('alphaword', thread_id => 't');
SELECT count(*) FROM threadmem.message_search('omegaword', thread_id => 't');
SELECT seq > 0 FROM threadmem.message_add('t', 'tool', repeat('x', 5000000), tool_call_id => 'call');
:counters

-- Ids: 1 to 255 bytes without control characters, in arguments and in bodies.
SELECT length(message_id), message_id = body ->> 'id' FROM threadmem.message_add('t', 'user', 'x', message_id => repeat('é', 127) || 'x');
SELECT length(message_id) FROM threadmem.message_add('t', body => jsonb_build_object('id', repeat('y', 255), 'role', 'user', 'content', 'x'));
SELECT threadmem.message_add('t', 'user', 'x', message_id => repeat('é', 128));
SELECT threadmem.message_add('t', 'user', 'x', message_id => '');
SELECT threadmem.message_add('t', 'user', 'x', message_id => E'a\tb');
\set VERBOSITY sqlstate
SELECT threadmem.message_add('t', body => jsonb_build_object('id', repeat('z', 256), 'role', 'user', 'content', 'x'));
SELECT threadmem.message_add('t', body => '{"id": "a\u007fb", "role": "user", "content": "x"}');
SELECT threadmem.message_add('t', body => '{"id": 7, "role": "user", "content": "x"}');
SELECT threadmem.message_add('t', 'user', 'x', sender_id => '');
SELECT threadmem.message_add('t', 'user', 'x', assistant_id => repeat('z', 256));
SELECT threadmem.message_add('t', 'user', 'x', run_id => E'\n');
SELECT threadmem.message_add('t', 'user', 'x', tool_call_id => E'\x01');
SELECT threadmem.message_add('t', body => '{"role": "user", "content": "x", "sender_id": "a\nb"}');
SELECT threadmem.message_add('', 'user', 'x');
SELECT threadmem.message_add(repeat('t', 256), 'user', 'x');
SELECT threadmem.message_get('t', '');
\set VERBOSITY default
-- An empty id in a body is none.
SELECT message_id <> '' AND body ->> 'id' = message_id AS generated FROM threadmem.message_add('t', body => '{"id": "", "role": "user", "content": "x"}');

-- What is no message, and what does not go together.
SELECT threadmem.message_add('nowhere', 'user', 'x');
SELECT threadmem.message_add('t');
SELECT threadmem.message_add('t', 'user');
SELECT threadmem.message_add('t', content => 'x');
SELECT threadmem.message_add('t', 'system', body => '{"role": "user", "content": "x"}');
SELECT threadmem.message_add('t', body => '{"content": "x"}');
SELECT threadmem.message_add('t', body => '{"role": "user", "content": 7}');
SELECT threadmem.message_add('t', body => '{"role": "user", "content": "x", "metadata": 7}');
SELECT threadmem.message_add('t', body => '{"role": "user", "content": "x", "created_at": "yesterday"}');
SELECT threadmem.message_add('t', body => '{"role": "user", "content": "x", "created_at": 253402300800000}');
SELECT threadmem.message_add('t', body => '{"id": "a", "role": "user", "content": "x"}', message_id => 'b');
\set VERBOSITY sqlstate
SELECT threadmem.message_add('t', body => '[]');
SELECT threadmem.message_add('t', body => '"x"');
SELECT threadmem.message_add('t', body => '{}');
SELECT threadmem.message_add('t', body => '{"role": 7, "content": "x"}');
SELECT threadmem.message_add('t', body => '{"type": "constructor", "lc": 1, "id": ["x", "Wizard"], "kwargs": {"content": "x"}}');
SELECT threadmem.message_add('t', 'user', 'x', metadata => '[]');
SELECT threadmem.message_add('t', 'user', 'x', tool_calls => '{}');
SELECT threadmem.message_add('t', 'user', 'x', attachments => '"f"');
-- A name is held to the same bounds wherever it stands.
SELECT threadmem.message_add('t', 'user', 'x', name => repeat('n', 256));
SELECT threadmem.message_add('t', body => jsonb_build_object('role', 'user', 'content', 'x', 'name', repeat('n', 256)));
SELECT length((threadmem.message_add('t', body => '{"role": "user", "content": "x"}', name => repeat('n', 256))).name);
\set VERBOSITY default
:counters

-- Another tenant has its own threads and messages under the same ids.
SET threadmem.tenant = 'message test 2';
SELECT threadmem.message_get('t', 'm1');
SELECT threadmem.message_add('t', 'user', 'x');
SELECT thread_id FROM threadmem.thread_create('t');
SELECT seq, rev FROM threadmem.message_add('t', 'user', 'theirs', message_id => 'm1');
SELECT string_agg(content #>> '{}', ' ') FROM threadmem.message_list('t');
SET threadmem.tenant = 'message test';
SELECT content FROM threadmem.message_get('t', 'm1');

-- The check of the counters can fail.
:counters
BEGIN;
UPDATE threadmem_data.threads SET live_messages = live_messages - 1 WHERE tenant_id = 'message test' AND thread_id = 'edit';
:counters
ROLLBACK;

-- What is written first by who has read nothing: each error says what to write instead.
SELECT threadmem.message_add('t', 'Hello world');
SELECT threadmem.message_add('t', 'bot', 'hi');
SELECT threadmem.message_add('t', content => 'hi');
SELECT threadmem.message_add('t', body => '{"content": "hi"}');
-- An answer that names no call is stored, and told of; one that names its call in whatever form is not.
SELECT role, tool_call_id FROM threadmem.message_add('t', 'tool', '42', message_id => 'lone');
SELECT role, tool_call_id FROM threadmem.message_add('t', body => '{"type": "tool", "content": "42", "id": "lone too"}');
SELECT role, tool_call_id FROM threadmem.message_add('t', 'tool', '42', message_id => 'named', tool_call_id => 'call 1');
SELECT role, tool_call_id FROM threadmem.message_add('t', body => '{"role": "tool", "id": "sdk", "content": [{"type": "tool-result", "toolCallId": "c", "toolName": "n", "output": 1}]}');
-- A message that is there and not live: what became of it.
SELECT thread_id FROM threadmem.thread_create('branches');
SELECT checkpoint_id FROM threadmem.thread_update_state('branches', '{"messages": [{"role": "user", "content": "q", "id": "q"}]}') \gset
SELECT count(*) FROM threadmem.thread_update_state('branches', '{"messages": [{"role": "assistant", "content": "a", "id": "a1"}]}');
SELECT count(*) FROM threadmem.thread_update_state('branches', '{"messages": [{"role": "assistant", "content": "b", "id": "a2"}]}', checkpoint_id => :'checkpoint_id');
SELECT threadmem.message_get('branches', 'a1');
SELECT threadmem.message_update('branches', 'a1', 'new');
SELECT threadmem.message_delete('branches', 'a1');
SELECT threadmem.message_append('branches', 'a1', 1, 'more');
SELECT threadmem.message_format('branches', 'openai', message_id => 'a1');
SELECT count(*) FROM threadmem.message_get('branches', 'a1', missing_ok => true);
SELECT count(*) FROM threadmem.message_delete('branches', 'a2');
SELECT threadmem.message_get('branches', 'a2');
SELECT count(*) FROM threadmem.message_erase('branches', 'a2');
SELECT threadmem.message_get('branches', 'a2');
SELECT threadmem.message_get('branches', 'nowhere');
