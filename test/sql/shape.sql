-- Promise: the words and the content of a message are found in every system's form, to the digit.
\pset null (null)

-- Every form: where the content lies.
SELECT form, threadmem.message_text(body), threadmem.message_content(body)
FROM (VALUES
    ('plain', '{"role": "user", "content": "Hello"}'::jsonb),
    ('plain, data beside it', '{"role": "user", "content": "Hello", "type": "x", "data": {"content": "no"}}'),
    ('zep', '{"role": "Alice", "role_type": "user", "content": "Hello", "uuid": "u1"}'),
    ('entities', '{"id": "m1", "role": "user", "content": "Hello", "sender_id": "u1", "meta_data": {}}'),
    ('openai, assistants', '{"role": "user", "content": [{"type": "text", "text": {"value": "Hello", "annotations": []}}]}'),
    ('openai, item', '{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello"}]}'),
    ('openai, refusal', '{"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]}'),
    ('openai, output', '{"type": "function_call_output", "call_id": "c1", "output": "42"}'),
    ('openai, output parts', '{"type": "function_call_output", "output": [{"type": "input_text", "text": "42"}]}'),
    ('openai, call', '{"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{\"a\": 1}"}'),
    ('langchain', '{"type": "human", "content": "Hello", "id": "h1"}'),
    ('langchain, data', '{"type": "human", "data": {"content": "Hello", "id": "h1"}}'),
    ('langchain, constructor', '{"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "HumanMessage"], "kwargs": {"content": "Hello"}}'),
    ('anthropic', '{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "18 C"}]}, {"type": "text", "text": "So?"}]}'),
    ('anthropic, string result', '{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "18 C"}]}'),
    ('ai sdk', '{"id": "a1", "role": "assistant", "parts": [{"type": "step-start"}, {"type": "text", "text": "Hello"}]}'),
    ('ai sdk, tool output', '{"role": "tool", "content": [{"type": "tool-result", "output": {"type": "text", "value": "18 C"}}]}'),
    ('ai sdk, reasoning', '{"role": "assistant", "parts": [{"type": "reasoning", "text": "no"}, {"type": "text", "text": "Hello"}]}'),
    ('anthropic, thinking', '{"role": "assistant", "content": [{"type": "thinking", "thinking": "no", "signature": "s"}, {"type": "text", "text": "Hello"}]}'),
    ('openai, refusal beside', '{"role": "assistant", "content": null, "refusal": "No."}'),
    ('openai, spoken', '{"role": "assistant", "content": null, "audio": {"id": "a", "data": "AAAA", "transcript": "Hello"}}'),
    ('openai, realtime', '{"type": "message", "role": "user", "content": [{"type": "input_audio", "audio": "AAAA", "transcript": "Hello"}]}'),
    ('langchain, refusal', '{"type": "ai", "content": "", "additional_kwargs": {"refusal": "No."}}'),
    ('gemini', '{"role": "model", "parts": [{"text": "no", "thought": true}, {"text": "Hello"}, {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}]}'),
    ('gemini, candidate', '{"content": {"role": "model", "parts": [{"text": "Hello"}]}, "finishReason": "STOP"}'),
    ('bedrock', '{"role": "user", "content": [{"toolResult": {"toolUseId": "t1", "content": [{"text": "18 C"}, {"json": {"text": "no"}}]}}, {"guardContent": {"text": {"text": "Hello"}}}, {"document": {"format": "pdf", "name": "no", "source": {"bytes": "AAAA"}}}]}'),
    ('bedrock, reasoning', '{"role": "assistant", "content": [{"reasoningContent": {"reasoningText": {"text": "no", "signature": "s"}}}, {"text": "Hello"}]}'),
    ('pydantic', '{"kind": "request", "parts": [{"part_kind": "user-prompt", "content": ["Hello", {"kind": "binary", "data": "AAAA", "media_type": "image/png"}, {"kind": "image-url", "url": "http://no"}]}]}'),
    ('pydantic, response', '{"kind": "response", "parts": [{"part_kind": "thinking", "content": "no"}, {"part_kind": "text", "content": "Hello"}, {"part_kind": "tool-call", "tool_name": "f", "args": "no", "tool_call_id": "c1"}]}'),
    ('ag-ui', '{"id": "1", "role": "user", "content": [{"type": "text", "text": "Hello"}, {"type": "binary", "mimeType": "image/png", "data": "AAAA"}]}'),
    ('ai sdk, json output', '{"role": "tool", "content": [{"type": "tool-result", "output": {"type": "json", "value": {"text": "no"}}}]}')
) AS v (form, body);

-- What has no words, or no content at all.
SELECT body, threadmem.message_text(body), threadmem.message_content(body)
FROM (VALUES
    ('{"role": "user", "content": ""}'::jsonb),
    ('{"role": "user", "content": []}'),
    ('{"role": "user", "content": null}'),
    ('{"role": "user", "content": null, "parts": [{"type": "text", "text": "Hello"}]}'),
    ('{"role": "assistant", "content": null, "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}'),
    ('{"role": "assistant", "content": [{"type": "tool_use", "name": "f", "input": {"text": "no"}}]}'),
    ('{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]}'),
    ('{"role": "user", "content": [{"type": "image", "source": {"type": "base64", "data": "AAAA"}}]}'),
    ('{"role": "user", "content": [1, true, null, {}, []]}'),
    ('{"role": "user"}'), ('{}'), ('[]'), ('["Hello"]'), ('"Hello"'), ('1'), ('null')
) AS v (body);

-- Parts are joined by line feeds, strings among them and nested ones too; empty ones leave no trace.
SELECT threadmem.message_text('{"content": ["a", {"text": ""}, {"text": "b"}, {"content": [{"text": "c"}, ["d"]]}, "e"]}');

-- Numbers keep every digit, keys keep their values.
SELECT threadmem.message_content('{"content": [{"type": "json", "n": 1.10, "big": 12345678901234567890.12, "none": null}]}');

-- The whole text, however long; and a null argument.
SELECT length(threadmem.message_text(jsonb_build_object('role', 'user', 'content', repeat('é', 1000000))));
SELECT threadmem.message_text(NULL), threadmem.message_content(NULL), threadmem.json_accept(NULL);

-- Nesting deeper than the stack allows is an error, not a crash.
CREATE TEMP TABLE deep AS
SELECT n, (repeat('{"content": [', n) || '"deep"' || repeat(']}', n))::jsonb AS body FROM (VALUES (50), (1000)) AS v (n);
SET max_stack_depth = '100kB';
SELECT threadmem.message_text(body) FROM deep WHERE n = 50;
\set VERBOSITY sqlstate
SELECT threadmem.message_text(body) FROM deep WHERE n = 1000;
\set VERBOSITY default
RESET max_stack_depth;

-- json_accept: what jsonb can hold goes through as it is.
\pset format unaligned
CREATE FUNCTION pg_temp.accept(document text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text;
    hint text;
BEGIN
    RETURN threadmem.json_accept(document);
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', SQLSTATE, SQLERRM, detail, hint);
END $$;
SELECT document, pg_temp.accept(document)
FROM unnest(ARRAY[
    '{"n": 1.10, "a": [1, null]}', '"\u00e9 \ud83d\ude00 \uD83D\uDE00 \n \""', '"\\u0000 \\ud83d"', '"\\\\u0000"',
    ' 1 ', 'null']) document;

-- By default a character that jsonb cannot hold is an error that names its byte.
SELECT document, pg_temp.accept(document)
FROM unnest(ARRAY[
    '"\u0000"', '"é\u0000"', '"\\\u0000"', '"\ud83d"', '"\uD83D x"', '"\ud83d\ud83d\ude00"', '"\ude00"', '"\ud83d\u0041"',
    '"\ud83d\\ude00"', '"\udfff"', '"\ud800"', '{"\u0000": 1}']) document;

-- replace puts U+FFFD in their place, and nothing else changes.
SET threadmem.bad_unicode = replace;
SELECT document, pg_temp.accept(document)
FROM unnest(ARRAY[
    '"\u0000"', '"a\u0000b\u0000\u0000c"', '"\\\u0000"', '"\\u0000"', '"\ud83d"', '"\ud83d\ud83d\ude00"', '"\ude00\ud83d"',
    '"\ud83d\u0041"', '"\ud83d\\ude00"', '{"\u0000": 1, "n": 1.10}']) document;

-- Other mistakes are jsonb's own errors, in both settings.
SELECT document, left(pg_temp.accept(document), 42) AS error
FROM unnest(ARRAY['', '{', '"\u00"', '"\u00', '"\ud83d\u"', '"\x"', '"\', '\', '\u0000', '"\ud83d', '{"a": 1,}']) document;
RESET threadmem.bad_unicode;
SELECT document, left(pg_temp.accept(document), 42) AS error
FROM unnest(ARRAY['', '{', '"\u00"', '"\', '\']) document;
