-- A conversation written in any system's form can be read in every other's, and in its own it is what was written, to the digit.
\set SHOW_CONTEXT never
\pset null (null)
SET threadmem.tenant = 'format test';

-- One conversation in the full form of each system, as its API gives it.
CREATE TEMP TABLE written (thread_id text PRIMARY KEY, dialect text, messages jsonb);
INSERT INTO written VALUES
('langchain', 'langchain', '[
  {"id": "m1", "type": "system", "content": "Be brief.", "additional_kwargs": {}, "response_metadata": {}, "name": null},
  {"id": "m2", "type": "human", "content": "Weather in Rome?", "additional_kwargs": {}, "response_metadata": {}, "name": "Ada", "example": false, "metadata": {"n": 1.10}},
  {"id": "m3", "type": "ai", "content": "", "additional_kwargs": {}, "response_metadata": {"tokens": 2.0}, "name": null, "usage_metadata": null,
   "tool_calls": [{"id": "c1", "name": "weather", "args": {"city": "Rome", "days": 1.10}, "type": "tool_call"}], "invalid_tool_calls": []},
  {"id": "m4", "type": "tool", "content": "18 degrees", "additional_kwargs": {}, "response_metadata": {}, "tool_call_id": "c1", "status": "success", "artifact": null},
  {"id": "m5", "type": "ai", "content": "It is 18 degrees.", "additional_kwargs": {}, "response_metadata": {}, "tool_calls": [], "invalid_tool_calls": []},
  {"id": "m6", "type": "generic", "role": "norole", "content": "(noise)", "additional_kwargs": {}, "response_metadata": {}}]'),
('entities', 'entities', '[
  {"id": "m1", "role": "system", "content": "Be brief.", "sender_id": null, "assistant_id": null, "attachments": [], "completed_at": null, "created_at": 1700000000, "incomplete_at": null, "incomplete_details": null, "meta_data": {}, "object": "message", "run_id": null, "status": null, "thread_id": "entities"},
  {"id": "m2", "role": "user", "content": "Weather in Rome?", "sender_id": "ada", "assistant_id": null, "attachments": [], "completed_at": null, "created_at": 1700000000, "incomplete_at": null, "incomplete_details": null, "meta_data": {"n": 1.10}, "object": "message", "run_id": null, "status": null, "thread_id": "entities"},
  {"id": "m3", "role": "assistant", "content": "", "sender_id": "assistant", "assistant_id": "asst", "attachments": [], "completed_at": 1700000001, "created_at": 1700000001, "incomplete_at": null, "incomplete_details": null, "meta_data": {}, "object": "message", "run_id": "r1", "status": null, "thread_id": "entities",
   "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "weather", "arguments": "{\"city\": \"Rome\", \"days\": 1.10}"}}]},
  {"id": "m4", "role": "tool", "content": "18 degrees", "sender_id": "tool", "assistant_id": null, "attachments": [], "completed_at": 1700000002, "created_at": 1700000002, "incomplete_at": null, "incomplete_details": null, "meta_data": {}, "object": "message", "run_id": "r1", "status": null, "thread_id": "entities", "tool_call_id": "c1"},
  {"id": "m5", "role": "assistant", "content": "It is 18 degrees.", "sender_id": "assistant", "assistant_id": "asst", "attachments": [], "completed_at": 1700000003, "created_at": 1700000003, "incomplete_at": null, "incomplete_details": null, "meta_data": {}, "object": "message", "run_id": "r1", "status": null, "thread_id": "entities"},
  {"id": "m6", "role": "platform", "content": "(noise)", "sender_id": "", "assistant_id": null, "attachments": [], "completed_at": null, "created_at": 1700000004, "incomplete_at": null, "incomplete_details": null, "meta_data": {}, "object": "message", "run_id": null, "status": null, "thread_id": "entities"}]'),
('zep', 'zep', '[
  {"uuid": "m1", "role": "system", "content": "Be brief.", "created_at": "2023-11-14T22:13:20Z"},
  {"uuid": "m2", "role": "user", "name": "Ada", "content": "Weather in Rome?", "created_at": "2023-11-14T22:13:20Z", "metadata": {"n": 1.10}, "processed": true},
  {"uuid": "m3", "role": "assistant", "content": "", "created_at": "2023-11-14T22:13:21Z", "metadata": null},
  {"uuid": "m4", "role": "tool", "name": "weather", "content": "18 degrees", "created_at": "2023-11-14T22:13:22Z", "metadata": {}},
  {"uuid": "m5", "role": "assistant", "content": "It is 18 degrees.", "created_at": "2023-11-14T22:13:23.5+01:00"},
  {"uuid": "m6", "role": "norole", "content": "(noise)", "created_at": "2023-11-14T22:13:24Z"}]'),
('backboard', 'backboard', '[
  {"message_id": "m1", "role": "system", "content": "Be brief.", "status": "COMPLETED", "metadata_": {}, "attachments": [], "created_at": "2023-11-14T22:13:20"},
  {"message_id": "m2", "role": "user", "content": "Weather in Rome?", "status": "COMPLETED", "metadata_": {"n": 1.10}, "attachments": [{"document_id": "d1"}], "created_at": "2023-11-14T22:13:20"},
  {"message_id": "m3", "role": "assistant", "content": null, "status": "REQUIRES_ACTION", "metadata_": null, "attachments": null, "created_at": "2023-11-14T22:13:21",
   "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "weather", "arguments": "{\"city\": \"Rome\", \"days\": 1.10}"}}]},
  {"message_id": "m4", "role": "tool", "content": "18 degrees", "status": "COMPLETED", "metadata_": {}, "attachments": [], "created_at": "2023-11-14T22:13:22", "tool_call_id": "c1"},
  {"message_id": "m5", "role": "assistant", "content": "It is 18 degrees.", "status": "COMPLETED", "metadata_": {}, "attachments": [], "created_at": "2023-11-14T22:13:23", "model_name": "gpt-4o"},
  {"message_id": "m6", "role": "system", "content": "(noise)", "status": "COMPLETED", "metadata_": {}, "attachments": [], "created_at": "2023-11-14T22:13:24"}]'),
('openai', 'openai', '[
  {"id": "m1", "object": "thread.message", "role": "system", "content": [{"type": "text", "text": {"value": "Be brief.", "annotations": []}}], "created_at": 1700000000, "thread_id": "openai", "assistant_id": null, "run_id": null, "attachments": [], "status": "completed", "completed_at": null, "incomplete_at": null, "incomplete_details": null, "metadata": {}},
  {"id": "m2", "object": "thread.message", "role": "user", "content": [{"type": "text", "text": {"value": "Weather in Rome?", "annotations": []}}], "created_at": 1700000000, "thread_id": "openai", "assistant_id": null, "run_id": null, "attachments": [], "status": "completed", "completed_at": null, "incomplete_at": null, "incomplete_details": null, "metadata": {"n": 1.10}},
  {"id": "m3", "object": "thread.message", "role": "assistant", "content": [], "created_at": 1700000001, "thread_id": "openai", "assistant_id": "asst", "run_id": "r1", "attachments": [], "status": "completed", "completed_at": 1700000001, "incomplete_at": null, "incomplete_details": null, "metadata": {},
   "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "weather", "arguments": "{\"city\": \"Rome\", \"days\": 1.10}"}}]},
  {"id": "m4", "object": "thread.message", "role": "tool", "content": [{"type": "text", "text": {"value": "18 degrees", "annotations": []}}], "created_at": 1700000002, "thread_id": "openai", "assistant_id": null, "run_id": null, "attachments": [], "status": "completed", "completed_at": null, "incomplete_at": null, "incomplete_details": null, "metadata": {}, "tool_call_id": "c1"},
  {"id": "m5", "object": "thread.message", "role": "assistant", "content": [{"type": "text", "text": {"value": "It is 18 degrees.", "annotations": [{"type": "file_citation", "start_index": 1.0}]}}], "created_at": 1700000003, "thread_id": "openai", "assistant_id": "asst", "run_id": "r1", "attachments": [], "status": "completed", "completed_at": 1700000003, "incomplete_at": null, "incomplete_details": null, "metadata": {}},
  {"id": "m6", "object": "thread.message", "role": "unknown", "content": [{"type": "text", "text": {"value": "(noise)", "annotations": []}}], "created_at": 1700000004, "thread_id": "openai", "assistant_id": null, "run_id": null, "attachments": [], "status": "completed", "completed_at": null, "incomplete_at": null, "incomplete_details": null, "metadata": {}}]'),
('items', 'openai', '[
  {"id": "m1", "type": "message", "role": "system", "status": "completed", "content": [{"type": "input_text", "text": "Be brief."}]},
  {"id": "m2", "type": "message", "role": "user", "status": "completed", "content": [{"type": "input_text", "text": "Weather in Rome?"}], "metadata": {"n": 1.10}},
  {"id": "m3", "type": "function_call", "status": "completed", "call_id": "c1", "name": "weather", "arguments": "{\"city\": \"Rome\", \"days\": 1.10}"},
  {"id": "m4", "type": "function_call_output", "status": "completed", "call_id": "c1", "output": "18 degrees"},
  {"id": "m5", "type": "message", "role": "assistant", "status": "completed", "content": [{"type": "output_text", "text": "It is 18 degrees.", "annotations": []}]},
  {"id": "m6", "type": "message", "role": "critic", "status": "completed", "content": "(noise)"}]'),
('nested', 'langchain', '[
  {"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "SystemMessage"], "kwargs": {"id": "m1", "content": "Be brief."}},
  {"type": "human", "data": {"id": "m2", "content": "Weather in Rome?", "metadata": {"n": 1.10}}},
  {"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "AIMessage"], "kwargs": {"id": "m3", "content": "", "tool_calls": [{"id": "c1", "name": "weather", "args": {"city": "Rome", "days": 1.10}, "type": "tool_call"}]}},
  {"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "ToolMessage"], "kwargs": {"id": "m4", "content": "18 degrees", "tool_call_id": "c1"}},
  {"type": "ai", "data": {"id": "m5", "content": "It is 18 degrees."}},
  {"type": "chat", "data": {"id": "m6", "role": "norole", "content": "(noise)"}}]'),
('plain', NULL, '[
  {"id": "m1", "role": "system", "content": "Be brief."},
  {"id": "m2", "role": "user", "name": "Ada", "content": "Weather in Rome?", "metadata": {"n": 1.10}},
  {"id": "m3", "role": "assistant", "content": null, "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "weather", "arguments": "{\"city\": \"Rome\", \"days\": 1.10}"}}]},
  {"id": "m4", "role": "tool", "content": "18 degrees", "tool_call_id": "c1"},
  {"id": "m5", "role": "assistant", "content": [{"type": "text", "text": "It is"}, "18 degrees."]},
  {"id": "m6", "role": "norole", "content": "(noise)"}]');
SELECT count(threadmem.thread_create(thread_id, messages => messages)) AS threads FROM written;

-- What every dialect gives of every thread, without the lists around it.
CREATE TEMP VIEW given AS
SELECT w.thread_id, d.dialect, w.messages AS written, w.dialect IS NOT DISTINCT FROM d.dialect AS own,
       CASE d.dialect WHEN 'openai' THEN doc->'data' WHEN 'zep' THEN doc->'messages' ELSE doc END AS messages
  FROM written AS w, unnest('{langchain,entities,zep,backboard,openai}'::text[]) WITH ORDINALITY AS d(dialect, place),
       threadmem.message_format(w.thread_id, d.dialect) AS doc;

-- In the dialect it was written in: equal, digits and nulls and all.
SELECT thread_id, dialect, messages = written AS equal, messages::text = written::text AS to_the_digit FROM given WHERE own ORDER BY 1;

-- The matrix: the roles, in each dialect's spelling.
SELECT dialect, thread_id, (SELECT string_agg(CASE WHEN m ? 'lc' THEN m->'id'->>-1 ELSE coalesce(m->>'type', m->>'role') END, ' ' ORDER BY place) FROM jsonb_array_elements(messages) WITH ORDINALITY AS m(m, place)) AS roles
  FROM given ORDER BY 1, 2;
-- The matrix: ids, words and the metadata's digits are the same in all.
SELECT dialect, thread_id, ids = '{m1,m2,m3,m4,m5,m6}' AS ids, words, metadata
  FROM given, LATERAL (
       SELECT array_agg(coalesce(m->'kwargs'->>'id', m->'data'->>'id', m->>'uuid', m->>'message_id', m->>'id') ORDER BY place) AS ids,
              string_agg(replace(coalesce(threadmem.message_text(m), '-'), E'\n', '|'), '/' ORDER BY place) AS words,
              max((coalesce(m->'data', m)->coalesce(k.key, 'metadata'))::text) FILTER (WHERE place = 2) AS metadata
         FROM jsonb_array_elements(messages) WITH ORDINALITY AS m(m, place), (SELECT CASE dialect WHEN 'entities' THEN 'meta_data' WHEN 'backboard' THEN 'metadata_' END) AS k(key)) AS m
 WHERE ids IS DISTINCT FROM '{m1,m2,m3,m4,m5,m6}' OR metadata IS DISTINCT FROM '{"n": 1.10}'
    OR replace(words, '|', ' ') IS DISTINCT FROM 'Be brief./Weather in Rome?/-/18 degrees/It is 18 degrees./(noise)' ORDER BY 1, 2;
-- The matrix: the call of the tool and the id of its answer, with every digit of the arguments.
SELECT dialect, array_agg(thread_id ORDER BY thread_id) AS threads, calls, answer
  FROM given, LATERAL (SELECT coalesce(messages->2->'kwargs', messages->2)->'tool_calls' AS calls, coalesce(messages->3->'kwargs', messages->3)->>'tool_call_id' AS answer) AS m
 GROUP BY dialect, calls, answer ORDER BY dialect, threads;

-- A message that came in no system's own form, in each of them; the time is the writer's.
SELECT message_id FROM threadmem.message_add('plain', 'user', 'Thanks', message_id => 'm7', name => 'Ada', sender_id => 'ada', assistant_id => 'asst', run_id => 'r1',
    attachments => '[{"file_id": "f1"}]', metadata => '{"n": 1.10}', event_at => '2023-11-14 23:13:20.75+01');
SELECT dialect, jsonb_pretty(threadmem.message_format('plain', dialect, message_id => 'm7')) FROM unnest('{langchain,entities,zep,backboard,openai}'::text[]) AS dialect;

-- Seconds are cut towards the past.
SELECT count(threadmem.message_add('plain', 'user', 'x', message_id => id, event_at => at))
  FROM (VALUES ('s1', timestamptz '1969-12-31 23:59:59.5Z'), ('s2', '1970-01-01 00:00:00Z'), ('s3', '2000-01-01 00:00:00.999999Z'),
               ('s4', '1999-12-31 23:59:59.000001Z')) AS t(id, at);
SELECT message_id, threadmem.message_format('plain', 'entities', message_id => message_id)->'created_at' AS epoch,
       threadmem.message_format('plain', 'zep', message_id => message_id)->'created_at' AS iso
  FROM unnest('{s1,s2,s3,s4}'::text[]) AS message_id;

-- Arguments of a tool: what is no JSON object stays the text it is, and hides nothing else.
SELECT thread_id FROM threadmem.thread_create('calls', messages => '[
  {"id": "a", "role": "assistant", "content": null, "tool_calls": [
    {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{\"n\": 1.10, \"big\": 12345678901234567890.10}"}},
    {"id": "2", "type": "function", "function": {"name": "f", "arguments": "{\"n\": "}},
    {"id": "3", "type": "function", "function": {"name": "f", "arguments": "[1]"}},
    {"id": "4", "type": "function", "function": {"name": "f", "arguments": "\"text\""}},
    {"id": "5", "type": "function", "function": {"name": "f", "arguments": ""}},
    {"id": "6", "type": "function", "function": {"name": "f", "arguments": "{\"n\": 1e1000000}"}},
    {"id": "7", "type": "function", "function": {"name": "f", "arguments": "{\"n\": \"\\u0000\"}"}},
    {"id": "8", "type": "function", "function": {"name": "f", "arguments": {"n": 1.10}}},
    {"id": "9", "type": "function", "function": {"name": "f"}},
    {"id": "10", "type": "custom", "custom": {"name": "sh", "input": "ls"}},
    7]},
  {"id": "b", "type": "ai", "content": "", "tool_calls": [{"id": "1", "name": "f", "args": {"n": 1.10}, "type": "tool_call"}],
   "invalid_tool_calls": [{"id": "2", "name": "f", "args": "{oops", "error": "bad", "type": "invalid_tool_call"}]},
  {"id": "c", "type": "ai", "content": "", "additional_kwargs": {"tool_calls": [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]}},
  {"id": "d", "role": "assistant", "content": "", "function_call": {"name": "f", "arguments": "{}"}}]');
SELECT jsonb_array_elements(m->'tool_calls') AS tool_call FROM threadmem.message_format('calls', 'langchain', message_id => 'a') AS m;
SELECT jsonb_array_elements(m->'invalid_tool_calls') AS invalid_tool_call FROM threadmem.message_format('calls', 'langchain', message_id => 'a') AS m;
SELECT jsonb_array_elements(m->'tool_calls') AS tool_call FROM threadmem.message_format('calls', 'openai', message_id => 'a') AS m;
SELECT jsonb_array_elements(m->'tool_calls') AS tool_call FROM threadmem.message_format('calls', 'openai', message_id => 'b') AS m;
SELECT m->'tool_calls' AS langchain, threadmem.message_format('calls', 'entities', message_id => 'c')->'tool_calls' AS entities FROM threadmem.message_format('calls', 'langchain', message_id => 'c') AS m;
SELECT threadmem.message_format('calls', 'langchain', message_id => 'd') AS message;
-- So deep that the parser gives up.
SELECT message_id FROM threadmem.message_add('calls', body => jsonb_build_object('id', 'e', 'role', 'assistant', 'content', 'deep', 'tool_calls',
    jsonb_build_array(jsonb_build_object('id', '1', 'type', 'function', 'function', jsonb_build_object('name', 'f', 'arguments', repeat('[', 1000000))))));
SELECT m->'tool_calls' AS tool_calls, length(m->'invalid_tool_calls'->0->>'args') AS args FROM threadmem.message_format('calls', 'langchain', message_id => 'e') AS m;

-- Content: text and parts where the dialect has them, else the words.
SELECT thread_id FROM threadmem.thread_create('parts', messages => '[
  {"id": "a", "role": "user", "content": [{"type": "text", "text": "See"}, {"type": "image_url", "image_url": {"url": "data:,x"}}, "this", {"type": "text", "text": "!", "annotations": [1.0]}]},
  {"id": "b", "object": "thread.message", "role": "user", "content": [{"type": "text", "text": {"value": "See", "annotations": [1.0]}}, {"type": "image_file", "image_file": {"file_id": "f"}}, {"type": "text", "text": {"value": 1}}]},
  {"id": "c", "role": "user", "parts": [{"type": "text", "text": "Hi"}, {"type": "file", "url": "data:,x"}]},
  {"id": "d", "role": "assistant", "content": null, "refusal": "I cannot.", "tool_calls": []},
  {"id": "e", "role": "user", "content": ""},
  {"id": "f", "role": "user", "content": []}]');
SELECT d, m->>'id' AS id, m->'content' AS content FROM unnest('{langchain,openai,entities}'::text[]) AS d, threadmem.message_format('parts', d) AS doc,
       jsonb_array_elements(coalesce(doc->'data', doc)) WITH ORDINALITY AS e(m, place) ORDER BY place, d;
SELECT threadmem.message_format('parts', 'langchain', message_id => 'd') AS message;

-- Roles that not every system has; a spelling a dialect knows is kept.
SELECT thread_id FROM threadmem.thread_create('roles', messages => (SELECT jsonb_agg(jsonb_build_object('id', r, 'role', r, 'content', 'x'))
  FROM unnest('{developer,function,platform,norole,generic,unknown,critic,discriminator,chat,approval,other,Human,AI}'::text[]) AS r));
SELECT m.message_id, m.role, l->>'type' AS langchain, l->>'role' AS named, e->>'role' AS entities, z->>'role' AS zep, b->>'role' AS backboard, o->>'role' AS openai, l->'additional_kwargs' AS kwargs
  FROM threadmem.message_list('roles') AS m, threadmem.message_format('roles', 'langchain', message_id => m.message_id) AS l,
       threadmem.message_format('roles', 'entities', message_id => m.message_id) AS e, threadmem.message_format('roles', 'zep', message_id => m.message_id) AS z,
       threadmem.message_format('roles', 'backboard', message_id => m.message_id) AS b, threadmem.message_format('roles', 'openai', message_id => m.message_id) AS o
 ORDER BY m.seq;
SELECT count(*) FROM threadmem.message_add_batch('roles', '[{"type": "remove", "id": "gone"}, {"type": "AIMessageChunk", "id": "chunk", "content": "y"}, {"type": "tool", "id": "result", "content": "z"}]');
SELECT count(threadmem.message_add('roles', 'tool', 'no call', message_id => 'orphan'));
SELECT threadmem.message_format('roles', 'langchain', message_id => id) AS message FROM unnest('{gone,chunk,result,orphan}'::text[]) AS id;

-- What changed since the message was written: metadata, in whichever form, and a copy's thread.
SELECT count(*) FROM unnest('{langchain,entities,zep,backboard,openai,items,nested,plain}'::text[]) AS t, unnest('{m1,m2,m3}'::text[]) AS id, threadmem.message_update(t, id, metadata => '{"new": 2.50}');
SELECT thread_id, dialect, (SELECT array_agg((coalesce(m->'kwargs', m->'data', m)->k.key)::text ORDER BY place) FROM jsonb_array_elements(messages) WITH ORDINALITY AS m(m, place) WHERE place <= 4) AS metadata,
       (messages - 0 - 0 - 0) = (written - 0 - 0 - 0) AS others_as_written
  FROM given, LATERAL (SELECT CASE dialect WHEN 'entities' THEN 'meta_data' WHEN 'backboard' THEN 'metadata_' ELSE 'metadata' END) AS k(key) WHERE own ORDER BY 1;
SELECT threadmem.message_format('nested', 'langchain', message_id => 'm1') AS message;
SELECT count(threadmem.thread_copy(t, t || ' copy')) FROM unnest('{entities,openai}'::text[]) AS t;
SELECT t, (SELECT array_agg(DISTINCT m->>'thread_id') FROM jsonb_array_elements(coalesce(doc->'data', doc)) AS m) AS thread_ids
  FROM unnest('{entities,openai}'::text[]) AS t, threadmem.message_format(t || ' copy', t) AS doc;
-- Also what the call said beside the body.
SELECT message_id FROM threadmem.message_add_batch('entities', '[{"id": "m8", "role": "user", "content": "x", "sender_id": "ada", "run_id": "old", "extra": 1.0}]', run_id => 'new');
SELECT threadmem.message_format('entities', 'entities', message_id => 'm8') - 'created_at' AS message;
-- New content, and messages on their way or broken off.
SELECT rev FROM threadmem.message_update('entities', 'm8', content => 'y');
SELECT threadmem.message_format('entities', 'entities', message_id => 'm8')->'content' AS content;
SELECT status FROM threadmem.message_start('calls', message_id => 's');
SELECT d, threadmem.message_format('calls', d, message_id => 's')->'status' AS status FROM unnest('{entities,openai,backboard}'::text[]) AS d;
SELECT status FROM threadmem.message_fail('calls', 's', reason => 'max_tokens');
SELECT d, m->'status' AS status, m->'incomplete_details' AS details FROM unnest('{entities,openai,backboard}'::text[]) AS d, threadmem.message_format('calls', d, message_id => 's') AS m;
SELECT status FROM threadmem.message_add('calls', body => '{"id": "i", "role": "assistant", "content": "x", "status": "incomplete"}');
SELECT threadmem.message_format('calls', 'backboard', message_id => 'i')->'status' AS status;
-- Older Zep messages without uuid get one; the id is not said twice.
SELECT message_id AS old_id FROM threadmem.message_add('zep', body => '{"role_type": "user", "role": "Ada", "content": "x"}') \gset
SELECT m - 'created_at' - 'uuid' AS message, m->>'uuid' = :'old_id' AS uuid FROM threadmem.message_format('zep', 'zep', message_id => :'old_id') AS m;

-- Pages: has_more is true when there is more, and only then.
SELECT thread_id FROM threadmem.thread_create('pages', user_id => NULL, messages => (SELECT jsonb_agg(jsonb_build_object('id', 'p' || n, 'role', 'user', 'content', n::text) ORDER BY n) FROM generate_series(1, 6) AS n));
SELECT doc->>'object' AS object, jsonb_path_query_array(doc, '$.data[*].id') AS ids, doc->>'first_id' AS first_id, doc->>'last_id' AS last_id, doc->>'has_more' AS has_more
  FROM (VALUES (1, threadmem.message_format('pages', 'openai', max_rows => 5)), (2, threadmem.message_format('pages', 'openai', max_rows => 6)),
               (3, threadmem.message_format('pages', 'openai', max_rows => 2, sort_order => 'desc')), (4, threadmem.message_format('pages', 'openai', max_rows => 2, sort_order => 'desc', after_id => 'p5')),
               (5, threadmem.message_format('pages', 'openai', after_id => 'p2', before_id => 'p5')), (6, threadmem.message_format('pages', 'openai', sort_order => 'desc', before_id => 'p5')),
               (7, threadmem.message_format('pages', 'openai', after_id => 'p6')), (8, threadmem.message_format('pages', 'openai', max_rows => 0)), (9, threadmem.message_format('pages', 'openai', max_rows => NULL, sort_order => NULL))) AS page(n, doc) ORDER BY n;
SELECT jsonb_array_length(threadmem.message_format('pages', d, max_rows => 4)) AS messages FROM unnest('{langchain,entities,backboard}'::text[]) AS d;
SELECT jsonb_array_length(doc->'messages') AS messages, doc->'row_count' AS row_count, doc->'total_count' AS total_count, doc->'user_id' AS user_id FROM threadmem.message_format('pages', 'zep', max_rows => 4) AS doc;
-- A deleted message is in no list, and still a cursor.
SELECT state FROM threadmem.message_delete('pages', 'p3');
SELECT jsonb_path_query_array(threadmem.message_format('pages', 'openai', after_id => 'p3'), '$.data[*].id') AS ids;
SELECT state FROM threadmem.message_erase('pages', 'p4');
SELECT jsonb_path_query_array(threadmem.message_format('pages', 'langchain'), '$[*].id') AS ids;
-- Nothing in it.
SELECT thread_id FROM threadmem.thread_create('empty');
SELECT d, threadmem.message_format('empty', d) - 'thread_created_at' AS page FROM unnest('{openai,zep}'::text[]) AS d;
SELECT d, threadmem.message_format('empty', d) AS page FROM unnest('{langchain,entities,backboard}'::text[]) AS d;

-- Threads, with all their messages where the system gives them.
SELECT count(threadmem.user_create(u, first_name => 'Ada', last_name => 'L.', email => u || '@example.org')) FROM unnest('{u1,u2}'::text[]) AS u;
SELECT (threadmem.user_create('u3')).user_id AS nameless, (threadmem.assistant_create('asst', graph_id => 'agent')).assistant_id AS assistant;
SELECT thread_id FROM threadmem.thread_create('full', user_id => 'u2', graph_id => 'agent', participant_ids => '{u1,u2,u3}', metadata => '{"n": 1.10, "data": {}, "type": "x"}',
    config => '{"tags": [1.0]}', tool_resources => '{"file_search": {"vector_store_ids": ["vs"]}}', messages => '[{"id": "m1", "role": "user", "content": "x", "created_at": "2023-11-14T22:13:20Z"}]');
SELECT participant_id FROM threadmem.thread_add_participant('full', 'asst', 'assistant');
SELECT d, jsonb_pretty(threadmem.thread_format('full', d) - '{created_at,updated_at,thread_created_at}'::text[]) FROM unnest('{langgraph,entities,zep,backboard,openai}'::text[]) AS d;
SELECT d, threadmem.thread_format('empty', d) - '{created_at,updated_at,thread_created_at}'::text[] AS thread FROM unnest('{langgraph,entities,zep,backboard,openai}'::text[]) AS d;
SELECT (g->>'created_at')::timestamptz = t.created_at AND (g->>'updated_at')::timestamptz = t.updated_at AND (z->>'created_at')::timestamptz = t.created_at
       AND (b->>'created_at')::timestamptz = t.created_at AND (z->'thread_created_at') = (z->'created_at')
       AND (o->>'created_at')::bigint = floor(extract(epoch FROM t.created_at)) AND o->'created_at' = e->'created_at' AS times
  FROM threadmem.thread_get('full') AS t, threadmem.thread_format('full') AS g, threadmem.thread_format('full', 'zep') AS z, threadmem.thread_format('full', 'backboard') AS b,
       threadmem.thread_format('full', 'openai') AS o, threadmem.thread_format('full', 'entities') AS e;
SELECT threadmem.thread_format('full') = threadmem.thread_format('full', NULL) AND threadmem.thread_format('full') = threadmem.thread_format('full', 'langchain')
       AND threadmem.message_format('full', 'langgraph') = threadmem.message_format('full', 'langchain') AS default_dialect;
-- More than a page.
SELECT count(*) FROM threadmem.message_add_batch('empty', (SELECT jsonb_agg(jsonb_build_object('id', 'n' || n, 'role', 'user', 'content', n::text) ORDER BY n) FROM generate_series(1, 1001) AS n));
SELECT jsonb_array_length(threadmem.thread_format('empty', 'zep')->'messages') AS zep, jsonb_array_length(threadmem.thread_format('empty', 'backboard')->'messages') AS backboard,
       jsonb_array_length(threadmem.thread_format('empty')->'values'->'messages') AS langgraph, jsonb_array_length(threadmem.message_format('empty', 'langchain')) AS one_page;
-- The session's way of writing times does not matter.
SET TIME ZONE 'Asia/Tokyo';
SET DateStyle = 'SQL, DMY';
SELECT threadmem.thread_format('full', 'zep')->'created_at' = to_jsonb(to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')) AS utc FROM threadmem.thread_get('full');
RESET TIME ZONE;
RESET DateStyle;

-- Bad input: one error each.
SELECT threadmem.thread_format('full', 'xml');
SELECT threadmem.thread_format('full', 'anthropic');
SELECT threadmem.thread_format('nowhere');
SELECT threadmem.message_format('full', 'xml');
SELECT threadmem.message_format('nowhere', 'openai');
SELECT threadmem.message_format('full', 'openai', after_id => 'p1');
SELECT threadmem.message_format('full', 'openai', sort_order => 'up');
SELECT threadmem.message_format('full', 'openai', max_rows => 1001);
\set VERBOSITY sqlstate
SELECT threadmem.thread_format('full', 'ai_sdk');
SELECT threadmem.thread_format('full', 'responses');
SELECT threadmem.thread_format('full', '');
SELECT threadmem.thread_format('full', 'ZEP');
SELECT threadmem.thread_format('');
SELECT threadmem.thread_format(NULL);
SELECT threadmem.message_format('full', 'anthropic');
SELECT threadmem.message_format('full', 'ai_sdk');
SELECT threadmem.message_format('full', NULL);
SELECT threadmem.message_format(NULL, 'openai');
SELECT threadmem.message_format('full', 'openai', max_rows => -1);
SELECT threadmem.message_format('full', 'openai', before_id => 'p1');
SELECT threadmem.message_format('full', 'openai', message_id => 'p1');
SELECT threadmem.message_format('pages', 'openai', message_id => 'p3');
SELECT threadmem.message_format('pages', 'openai', message_id => E'a\nb');
SET threadmem.tenant = 'dialect other';
SELECT threadmem.thread_format('full');
SELECT threadmem.message_format('full', 'openai');
SET threadmem.tenant = 'format test';
\set VERBOSITY default

-- Parts without a type: their words are text, their calls are calls.
SELECT thread_id FROM threadmem.thread_create('untyped', messages => '[{"id": "g1", "role": "model", "parts": [{"text": "so"}, {"functionCall": {"name": "f", "args": {"x": 1.10}}}]}, {"id": "b1", "role": "assistant", "content": [{"text": "so"}, {"toolUse": {"toolUseId": "c1", "name": "f", "input": {"x": 1}}}]},
    {"id": "p1", "kind": "response", "parts": [{"part_kind": "text", "content": "so"}, {"part_kind": "tool-call", "tool_name": "f", "args": "{\"x\": 1}", "tool_call_id": "c2"}]}, {"id": "a1", "role": "assistant", "toolCalls": [{"id": "c3", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
    {"id": "a2", "role": "tool", "toolCallId": "c3", "content": "out"}, {"id": "e1", "author": "agent", "content": {"role": "model", "parts": [{"text": "hm", "thought": true}, {"text": "done"}]}}]');
SELECT m ->> 'id' AS id, m -> 'role' AS role, m -> 'content' AS content, m -> 'tool_calls' AS tool_calls, m -> 'tool_call_id' AS call FROM jsonb_array_elements(threadmem.message_format('untyped', 'openai') -> 'data') m;
SELECT m ->> 'id' AS id, m -> 'type' AS type, m -> 'content' AS content, m -> 'tool_calls' AS tool_calls, m -> 'tool_call_id' AS call FROM jsonb_array_elements(threadmem.message_format('untyped', 'langchain')) m;

-- A session narrowed to a user sees the threads it takes part in, their owner by id only, and none of the others.
SET client_min_messages = warning;
CREATE ROLE regress_dialect;
SELECT threadmem.grant_access('regress_dialect', 'read');
SET ROLE regress_dialect;
SET threadmem.user_id = 'u1';
SELECT threadmem.thread_format('full', 'entities')->'participants' AS participants;
SELECT jsonb_array_length(threadmem.message_format('full', 'langchain')) AS messages;
SELECT threadmem.message_format('pages', 'langchain');
RESET threadmem.user_id;
RESET ROLE;
DROP OWNED BY regress_dialect;
DROP ROLE regress_dialect;
RESET client_min_messages;

-- Zep's older names are the same functions: same C function, same arguments but for the name, same defaults.
SELECT a.proname AS name, f.proname AS same_as,
       a.probin = f.probin AND a.proargtypes = f.proargtypes AND a.prorettype = f.prorettype AND a.proretset = f.proretset AND a.provolatile = f.provolatile
       AND a.proparallel = f.proparallel AND a.proconfig = f.proconfig AND replace(pg_get_function_arguments(a.oid), 'session_id', 'thread_id') = pg_get_function_arguments(f.oid) AS same,
       obj_description(a.oid, 'pg_proc') LIKE f.proname || '() under the name of %' AS says_so
  FROM pg_proc AS a JOIN pg_proc AS f ON f.prosrc = a.prosrc AND f.oid <> a.oid AND f.proname !~ '^(session|memory)_' AND f.pronamespace = a.pronamespace
 WHERE a.pronamespace = 'threadmem'::regnamespace AND a.proname ~ '^(session_|memory_add_session)' ORDER BY 1;
