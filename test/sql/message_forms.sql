-- Promise: the words of a message are found by message_search and memory_search in whichever form its writer has it, exports too.
\set SHOW_CONTEXT never
\set VERBOSITY default
\pset null (null)
SET TIME ZONE 'UTC';
SET threadmem.tenant = 'forms test';
SELECT count(threadmem.user_create('u')), count(threadmem.thread_create('t', user_id => 'u'));
-- Each has one word of its own, w and its number; unsaid, where it stands, is none of its words.
CREATE TEMP TABLE forms (n integer GENERATED ALWAYS AS IDENTITY, form text, body jsonb);
INSERT INTO forms (form, body) VALUES
    ('plain', '{"role": "user", "content": "W"}'),
    ('plain, text', '{"role": "user", "text": "W"}'),
    ('openai chat', '{"role": "user", "content": [{"type": "text", "text": "W"}, {"type": "image_url", "image_url": {"url": "https://unsaid"}}]}'),
    ('openai chat, file and audio', '{"role": "user", "content": [{"type": "file", "file": {"filename": "unsaid.pdf", "file_data": "unsaid"}}, {"type": "input_audio", "input_audio": {"data": "unsaid", "format": "wav"}}, {"type": "text", "text": "W"}]}'),
    ('openai chat, refusal', '{"role": "assistant", "content": null, "refusal": "W"}'),
    ('openai chat, spoken', '{"role": "assistant", "content": null, "audio": {"id": "a", "data": "unsaid", "transcript": "W"}}'),
    ('openai chat, with calls', '{"role": "assistant", "content": "W", "tool_calls": [{"id": "c", "type": "function", "function": {"name": "unsaid", "arguments": "{\"unsaid\": 1}"}}]}'),
    ('openai assistants', '{"id": "msg_1", "object": "thread.message", "role": "user", "content": [{"type": "text", "text": {"value": "W", "annotations": []}}], "created_at": 1700000000, "metadata": {}}'),
    ('openai responses, input', '{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "W"}]}'),
    ('openai responses, output', '{"type": "message", "id": "msg_2", "status": "completed", "role": "assistant", "content": [{"type": "output_text", "text": "W", "annotations": []}]}'),
    ('openai responses, refusal', '{"type": "message", "role": "assistant", "content": [{"type": "refusal", "refusal": "W"}]}'),
    ('openai responses, output of a call', '{"type": "function_call_output", "call_id": "c", "output": "W"}'),
    ('openai responses, custom output', '{"type": "custom_tool_call_output", "call_id": "c", "output": [{"type": "input_text", "text": "W"}]}'),
    ('openai realtime', '{"type": "message", "object": "realtime.item", "id": "item_1", "role": "user", "content": [{"type": "input_audio", "transcript": "W"}]}'),
    ('anthropic', '{"role": "assistant", "content": [{"type": "thinking", "thinking": "unsaid", "signature": "unsaid"}, {"type": "text", "text": "W"}, {"type": "tool_use", "id": "c", "name": "unsaid", "input": {"unsaid": 1}}]}'),
    ('anthropic, result beside', '{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c", "content": "beside"}, {"type": "text", "text": "W"}]}'),
    ('anthropic, response', '{"id": "msg_3", "type": "message", "role": "assistant", "model": "unsaid", "content": [{"type": "text", "text": "W"}], "stop_reason": "end_turn", "usage": {}}'),
    ('gemini', '{"role": "user", "parts": [{"text": "W"}, {"inlineData": {"mimeType": "image/png", "data": "unsaid"}}]}'),
    ('gemini, model', '{"role": "model", "parts": [{"text": "unsaid", "thought": true}, {"text": "W"}, {"functionCall": {"name": "unsaid", "args": {}}}]}'),
    ('gemini, candidate', '{"content": {"role": "model", "parts": [{"text": "W"}]}, "finishReason": "STOP"}'),
    ('google adk event', '{"id": "e1", "author": "agent", "invocationId": "i", "content": {"role": "model", "parts": [{"text": "W"}]}, "timestamp": 1700000000.5}'),
    ('bedrock converse', '{"role": "user", "content": [{"text": "W"}, {"image": {"format": "png", "source": {"bytes": "unsaid"}}}]}'),
    ('bedrock converse, assistant', '{"role": "assistant", "content": [{"reasoningContent": {"reasoningText": {"text": "unsaid"}}}, {"text": "W"}, {"toolUse": {"toolUseId": "c", "name": "unsaid", "input": {}}}]}'),
    ('ag-ui', '{"id": "1", "role": "user", "content": "W"}'),
    ('ag-ui, parts', '{"id": "2", "role": "user", "content": [{"type": "text", "text": "W"}, {"type": "binary", "mimeType": "image/png", "data": "unsaid"}]}'),
    ('ag-ui, assistant', '{"id": "3", "role": "assistant", "content": "W", "toolCalls": [{"id": "c", "type": "function", "function": {"name": "unsaid", "arguments": "{}"}}]}'),
    ('ai sdk, ui', '{"id": "4", "role": "user", "parts": [{"type": "text", "text": "W"}, {"type": "file", "mediaType": "image/png", "url": "data:unsaid"}]}'),
    ('ai sdk, ui, assistant', '{"id": "5", "role": "assistant", "metadata": {}, "parts": [{"type": "step-start"}, {"type": "reasoning", "text": "unsaid", "state": "done"}, {"type": "text", "text": "W", "state": "done"}, {"type": "source-url", "sourceId": "s", "url": "https://unsaid"}, {"type": "tool-unsaid", "toolCallId": "c", "state": "output-available", "input": {}, "output": {}}]}'),
    ('ai sdk, model', '{"role": "assistant", "content": [{"type": "text", "text": "W"}, {"type": "tool-call", "toolCallId": "c", "toolName": "unsaid", "input": {}}]}'),
    ('ai sdk 4', '{"id": "6", "role": "user", "content": "W", "parts": [{"type": "text", "text": "W"}], "createdAt": "2025-01-01T00:00:00Z"}'),
    ('pydantic ai, request', '{"kind": "request", "parts": [{"part_kind": "system-prompt", "content": "beside"}, {"part_kind": "user-prompt", "content": "W", "timestamp": "2025-01-01T00:00:00Z"}]}'),
    ('pydantic ai, response', '{"kind": "response", "model_name": "unsaid", "parts": [{"part_kind": "thinking", "content": "unsaid"}, {"part_kind": "text", "content": "W"}]}'),
    ('langchain, dict', '{"type": "human", "content": "W", "additional_kwargs": {}, "response_metadata": {}, "name": null, "id": "7", "example": false}'),
    ('langchain, data', '{"type": "ai", "data": {"content": "W", "additional_kwargs": {}, "type": "ai", "tool_calls": []}}'),
    ('langchain, python constructor', '{"lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", "HumanMessage"], "kwargs": {"content": "W", "type": "human", "id": "8"}}'),
    ('langchain, js constructor', '{"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "AIMessageChunk"], "kwargs": {"content": [{"type": "text", "text": "W"}], "tool_call_chunks": [], "id": "9"}}'),
    ('langchain, standard blocks', '{"type": "ai", "content": [{"type": "reasoning", "reasoning": "unsaid"}, {"type": "text", "text": "W"}, {"type": "text-plain", "text": "and this", "mime_type": "text/plain"}], "id": "10"}'),
    ('langgraph sdk', '{"role": "human", "content": "W"}'),
    ('zep', '{"uuid": "z1", "role": "user", "name": "Ada", "content": "W", "created_at": "2025-01-01T00:00:00Z"}'),
    ('zep, older', '{"uuid": "z2", "role": "Ada", "role_type": "user", "content": "W"}'),
    ('entities', '{"id": "m_1", "object": "message", "role": "user", "content": "W", "sender_id": "u", "meta_data": {}, "created_at": 1700000000}'),
    ('backboard', '{"message_id": "b1", "role": "assistant", "content": "W", "status": "COMPLETED", "attachments": [], "metadata_": null}'),
    ('cohere', '{"role": "USER", "message": "W"}'),
    ('cohere 2', '{"role": "assistant", "tool_plan": "unsaid", "content": [{"type": "text", "text": "W"}]}'),
    ('sharegpt', '{"from": "human", "value": "W"}'),
    ('sharegpt, answer', '{"from": "gpt", "value": "W"}'),
    ('chatgpt export', '{"id": "g1", "author": {"role": "user", "name": null, "metadata": {}}, "create_time": 1700000000.25, "update_time": null, "content": {"content_type": "text", "parts": ["W"]}, "status": "finished_successfully", "end_turn": null, "weight": 1.0, "metadata": {"timestamp_": "absolute"}, "recipient": "all", "channel": null}'),
    ('chatgpt export, files and speech', '{"id": "g2", "author": {"role": "user"}, "create_time": null, "content": {"content_type": "multimodal_text", "parts": [{"content_type": "image_asset_pointer", "asset_pointer": "file-service://unsaid", "width": 1}, {"content_type": "audio_transcription", "text": "W", "direction": "in"}, "and this"]}, "status": "in_progress", "metadata": {}}'),
    ('chatgpt export, code', '{"id": "g3", "author": {"role": "assistant"}, "content": {"content_type": "code", "language": "python", "text": "W"}, "recipient": "python"}'),
    ('chatgpt export, tool', '{"id": "g4", "author": {"role": "tool", "name": "browser"}, "content": {"content_type": "tether_browsing_display", "result": "W", "summary": "unsaid"}}'),
    ('chatgpt export, quote', '{"id": "g5", "author": {"role": "tool", "name": "browser"}, "content": {"content_type": "tether_quote", "url": "unsaid", "title": "unsaid", "text": "W"}}'),
    ('claude export', '{"uuid": "k1", "text": "W", "content": [{"start_timestamp": "2025-01-01T00:00:00Z", "type": "text", "text": "W", "citations": []}], "sender": "human", "created_at": "2025-01-01T00:00:00.123456Z", "updated_at": "2025-01-01T00:00:00Z", "attachments": [], "files": []}'),
    ('claude export, assistant', '{"uuid": "k2", "text": "", "content": [{"type": "thinking", "thinking": "unsaid"}, {"type": "tool_use", "name": "unsaid", "input": {}}, {"type": "tool_result", "name": "unsaid", "content": []}, {"type": "text", "text": "W"}], "sender": "assistant", "created_at": "2025-01-01T00:00:01Z"}'),
    ('claude export, older', '{"uuid": "k3", "text": "W", "sender": "human", "created_at": "2025-01-01T00:00:00Z"}'),
    ('slack', '{"client_msg_id": "unsaid", "type": "message", "user": "U1", "text": "W", "ts": "1700000000.000200", "team": "unsaid", "user_profile": {"display_name": "", "real_name": "Ada Lovelace"}, "blocks": [{"type": "rich_text", "elements": []}]}'),
    ('slack, bot', '{"subtype": "bot_message", "type": "message", "bot_id": "B1", "username": "helper", "text": "W", "ts": "1700000001.000200"}'),
    ('discord, api', '{"id": "1", "type": 0, "content": "W", "channel_id": "2", "author": {"id": "3", "username": "ada", "global_name": "Ada"}, "timestamp": "2023-11-14T22:13:20.500000+00:00", "attachments": [], "embeds": []}'),
    ('discord, exporter', '{"id": "4", "type": "Reply", "timestamp": "2023-11-14T22:13:20.5+00:00", "content": "W", "author": {"id": "5", "name": "helper", "nickname": "Helper", "isBot": true}}'),
    ('openai responses, compaction', '{"type": "compaction_summary", "encrypted_content": "unsaid"}'),
    ('openai agents js, output', '{"type": "function_call_result", "callId": "c", "name": "f", "status": "completed", "output": {"type": "text", "text": "W"}}'),
    ('openai agents js, thought', '{"type": "reasoning", "content": [{"type": "input_text", "text": "unsaid"}]}'),
    ('ag-ui, thought', '{"id": "11", "role": "reasoning", "content": "unsaid", "encryptedValue": "unsaid"}'),
    ('bedrock converse, citations', '{"role": "assistant", "content": [{"citationsContent": {"content": [{"text": "W"}], "citations": [{"title": "unsaid", "sourceContent": [{"text": "unsaid"}]}]}}]}'),
    ('bedrock converse, search', '{"role": "user", "content": [{"searchResult": {"source": "unsaid", "title": "unsaid", "content": [{"text": "W"}]}}]}'),
    ('gemini, interaction', '{"role": "model", "content": [{"type": "thought", "summary": [{"type": "text", "text": "unsaid"}]}, {"type": "text", "text": "W"}, {"type": "function_call", "id": "c", "name": "unsaid", "arguments": {}}]}'),
    ('anthropic, search', '{"role": "user", "content": [{"type": "search_result", "source": "unsaid", "title": "unsaid", "content": [{"type": "text", "text": "W"}]}]}'),
    ('mem0, one part', '{"role": "user", "content": {"type": "text", "text": "W"}}'),
    ('mem0, one file', '{"role": "user", "content": {"type": "image_url", "image_url": {"url": "https://unsaid"}}}'),
    ('ai sdk 3', '{"role": "assistant", "content": "W", "toolInvocations": [{"state": "result", "toolCallId": "c", "toolName": "unsaid", "args": {}, "result": {"x": 1}}]}'),
    ('ai sdk, ui, time', '{"id": "12", "role": "user", "parts": [{"type": "text", "text": "W"}], "metadata": {"createdAt": "2025-01-01T00:00:00Z"}}'),
    ('langchain, chat', '{"type": "chat", "role": "Narrator", "content": "W"}'),
    ('langchain, chat object', '{"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "ChatMessage"], "kwargs": {"role": "Narrator", "content": "W", "id": "13"}}'),
    ('llamaindex', '{"role": "user", "blocks": [{"block_type": "text", "text": "W"}, {"block_type": "image", "image": "unsaid", "image_mimetype": "image/png"}], "additional_kwargs": {}}'),
    ('llamaindex, tool', '{"role": "tool", "blocks": [{"block_type": "text", "text": "W"}], "additional_kwargs": {"tool_call_id": "c", "name": "unsaid"}}'),
    ('slack, blocks', '{"type": "message", "user": "U1", "text": "", "ts": "1700000000.000300", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "unsaid"}}]}');
UPDATE forms SET body = replace(body::text, '"W"', format('"w%s"', n))::jsonb;
-- Ids that one system numbers as another does stand aside.
UPDATE forms SET body = jsonb_set(body, '{id}', to_jsonb('x' || n)) WHERE jsonb_typeof(body -> 'id') = 'string';
SELECT n, form, m.role, m.origin_role, m.name, m.sender_id, m.status, replace(m.text, E'\n', ' / ') AS text, CASE WHEN m.event_at < m.created_at THEN m.event_at END AS event_at
  FROM forms, LATERAL threadmem.message_add('t', body => body) m ORDER BY n;
SELECT n, form FROM forms
 WHERE body::text ~ ('"w' || n || '"') AND ((SELECT count(*) FROM threadmem.message_search('w' || n) WHERE body @> (forms.body - 'id')) <> 1
    OR (SELECT count(*) FROM threadmem.memory_search('u', 'w' || n, filters => '{"roles": ["user", "assistant", "tool", "other"]}') WHERE content ~ ('\mw' || n || '\M')) <> 1);
SELECT n, form FROM forms, LATERAL threadmem.message_search('unsaid or signature or finished or rich') m WHERE m.body @> (forms.body - 'id');
-- All of them at once, and into a new thread, are the same; a second time, those with ids are there.
SELECT count(*) FROM threadmem.thread_create('all', messages => (SELECT jsonb_agg(body ORDER BY n) FROM forms));
SELECT count(*) FROM threadmem.thread_create('batch');
SELECT count(*), count(DISTINCT text) FROM threadmem.message_add_batch('batch', (SELECT jsonb_agg(body ORDER BY n) FROM forms));
SELECT message_count FROM threadmem.thread_get('all') UNION ALL SELECT message_count FROM threadmem.thread_get('batch');
SELECT count(*) FROM threadmem.message_list('all', max_rows => 1000) a FULL JOIN threadmem.message_list('batch', max_rows => 1000) b USING (seq) WHERE (a.role, a.text, a.name) IS DISTINCT FROM (b.role, b.text, b.name);
-- What no API has is translated for all, and edited where its text is.
SELECT form, jsonb_path_query_first(threadmem.message_format('t', 'openai', max_rows => 1000), '$.data[*] ? (@.content[0].text.value starts with $w)', jsonb_build_object('w', 'w' || n)) - '{id,thread_id,metadata,created_at}'::text[] AS openai
  FROM forms WHERE form IN ('chatgpt export', 'claude export', 'slack', 'discord, exporter', 'sharegpt') ORDER BY n;
SELECT form, (SELECT m - '{id,created_at}'::text[] FROM jsonb_array_elements(threadmem.message_format('t', 'langchain', max_rows => 1000)) m WHERE m::text ~ ('"w' || n || '"')) AS langchain
  FROM forms WHERE form IN ('chatgpt export, files and speech', 'claude export', 'slack', 'cohere') ORDER BY n;
SELECT u.role, u.text, u.body - '{id,metadata}'::text[] AS body FROM forms, LATERAL threadmem.message_update('t', coalesce(forms.body ->> 'id', forms.body ->> 'uuid'), 'edited ' || n) u WHERE form ~ 'export' AND forms.body ? 'sender' OR form IN ('chatgpt export', 'discord, api') ORDER BY n;
SELECT u.body - '{id,additional_kwargs}'::text[] AS body FROM forms, threadmem.message_add('t', body => forms.body) m, threadmem.message_update('t', m.message_id, 'edited') u WHERE form IN ('llamaindex', 'mem0, one part', 'langchain, chat', 'ai sdk 3') ORDER BY n;
-- No role, and no message: a person it may be, but nothing says so.
SELECT body, threadmem.message_add('t', body => body) FROM (VALUES ('{"sender": "Ada", "text": "hi"}'::jsonb)) v (body);
SELECT threadmem.message_add('t', body => '{"author": {"name": "Ada"}, "content": "hi"}');
SELECT threadmem.message_add('t', body => '{"author": "Ada", "content": "hi"}');
SELECT threadmem.message_add('t', body => '{"author": {"role": "king"}, "content": "hi"}');
SELECT threadmem.message_add('t', body => '{"type": "message", "user": "U1", "text": "hi"}');
SELECT threadmem.message_add('t', body => '{"type": 7, "text": "hi"}');
SELECT threadmem.message_add('t', body => '{"from": "Ada", "value": "hi"}');
SELECT threadmem.message_add('t', body => '{"role": "user", "text": ["hi"]}');
SELECT threadmem.message_add('t', body => '{"type": "message", "user": "U1", "text": "hi", "ts": "yesterday"}');
SELECT threadmem.message_add('t', body => '{"author": {"role": "user"}, "content": {"content_type": "text", "parts": ["hi"]}, "create_time": true}');
SELECT threadmem.message_add('t', body => '{"role": "user", "content": {"parts": ["hi"]}}');
SELECT text FROM threadmem.message_add('t', body => '{"role": "user", "content": {"content_type": "text", "parts": ["with a role"]}}');
-- What the service noted is the platform's; thoughts have no words; a time need not be given.
SELECT role, sender_id, text FROM threadmem.message_add_batch('t', '[{"type": "message", "subtype": "channel_join", "user": "U1", "text": "<@U1> has joined the channel", "ts": "1700000000.000100"},
  {"type": "message", "subtype": "thread_broadcast", "user": "U1", "text": "told all", "ts": "."}, {"id": "d7", "type": 7, "content": "", "author": {"id": "3", "username": "ada"}}, {"id": "d8", "type": "RecipientAdd", "content": "added", "author": {"id": "3", "name": "ada"}},
  {"id": "d9", "type": 19.0, "content": "replied", "author": {"id": "3", "username": "ada", "bot": false}}]');
SELECT role, sender_id, text FROM threadmem.message_add_batch('t', '[{"type": "message", "subtype": "channel_join", "user": "U1", "text": "<@U1> has joined the channel", "ts": "1700000000.000100"},
  {"type": "message", "subtype": "thread_broadcast", "user": "U1", "text": "told all", "ts": "1700000000"}, {"id": "d7", "type": 7, "content": "", "author": {"id": "3", "username": "ada"}}, {"id": "d8", "type": "RecipientAdd", "content": "added", "author": {"id": "3", "name": "ada"}},
  {"id": "d9", "type": 19.0, "content": "replied", "author": {"id": "3", "username": "ada", "bot": false}}]');
SELECT role, text FROM threadmem.message_add_batch('t', '[{"id": "t1", "author": {"role": "assistant"}, "content": {"content_type": "thoughts", "thoughts": [{"summary": "unsaid", "content": "unsaid"}]}}, {"id": "t2", "author": {"role": "assistant"}, "content": {"content_type": "reasoning_recap", "content": "unsaid"}},
  {"id": "t3", "author": {"role": "user"}, "content": {"content_type": "user_editable_context", "user_profile": "unsaid", "user_instructions": "unsaid"}}, {"id": "t4", "author": {"role": "system"}, "content": {"content_type": "text", "parts": [""]}}]');
-- Who sent it is remembered as it is of others.
SELECT count(threadmem.user_create('U1', first_name => 'Ada'));
SELECT name, sender_id, content FROM threadmem.memory_search('U1', 'told');
SELECT kind, deleted FROM threadmem.user_delete('U1') WHERE deleted > 0 ORDER BY kind;
