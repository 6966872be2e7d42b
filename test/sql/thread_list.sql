-- What a chat's sidebar shows: threads put aside, how the last thing said begins, and where words are found, titles too.
\set SHOW_CONTEXT never
\pset null (null)
SET threadmem.tenant = 'thread list';
SELECT count(threadmem.user_create(u)) FROM unnest('{ann,bob}'::text[]) u;
CREATE FUNCTION pg_temp.previews(threads text[]) RETURNS TABLE (thread_id text, preview text) LANGUAGE sql AS
$$SELECT thread_id, preview FROM threadmem.thread_search(threads, archived => NULL, fields => '{preview}', sort_by => 'thread_id', sort_order => 'asc')$$;
-- As thread_list() and user_threads() have it.
CREATE FUNCTION pg_temp.preview(thread text) RETURNS text LANGUAGE sql AS
$$SELECT CASE WHEN s.preview IS NOT DISTINCT FROM l.preview AND l.preview IS NOT DISTINCT FROM u.preview THEN s.preview ELSE 'differs' END
    FROM pg_temp.previews(ARRAY[thread]) s JOIN threadmem.thread_list(max_rows => 1000, archived => NULL, with_preview => true) l USING (thread_id)
         JOIN threadmem.user_threads('ann', max_rows => 1000, archived => NULL, with_preview => true) u USING (thread_id)$$;

-- The last thing said, as message_text() gives it; nothing where nothing was.
SELECT count(*) FROM threadmem.thread_create('chat', 'ann');
SELECT pg_temp.preview('chat') AS empty;
SELECT count(*) FROM threadmem.message_add('chat', 'user', 'Where is the zoo?', message_id => 'q');
SELECT pg_temp.preview('chat');
SELECT count(*) FROM threadmem.message_add('chat', body => '{"role": "assistant", "id": "a", "content": [{"type": "text", "text": "Behind the station."}, {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0K"}}, {"type": "text", "text": "Go on foot."}]}');
SELECT pg_temp.preview('chat') = threadmem.message_text(body) AS same, pg_temp.preview('chat') FROM threadmem.message_last('chat', 1);
-- An edit shows, what was deleted does not, nor what was erased.
SELECT count(*) FROM threadmem.message_update('chat', 'a', content => 'Behind the old station.');
SELECT pg_temp.preview('chat') AS edited;
SELECT count(*) FROM threadmem.message_delete('chat', 'a');
SELECT pg_temp.preview('chat') AS deleted;
SELECT count(*) FROM threadmem.message_erase('chat', 'q');
SELECT pg_temp.preview('chat') AS erased;
-- What tools, systems and developers say is passed over, and so are calls of tools and messages that are empty or blank.
SELECT count(*) FROM threadmem.message_add_batch('chat', '[{"role": "user", "content": "Is it open?"}, {"role": "assistant", "content": "", "tool_calls": [{"id": "c", "type": "function", "function": {"name": "hours", "arguments": "{}"}}]}, {"role": "tool", "tool_call_id": "c", "content": "9 to 5"}, {"role": "system", "content": "Be brief."}, {"role": "developer", "content": "Really."}, {"role": "assistant", "content": null}, {"role": "assistant", "content": "\n \n"}]');
SELECT pg_temp.preview('chat');
-- Outputs of tools stand in messages of others, too.
SELECT count(*) FROM threadmem.thread_create('outputs', 'ann', messages => '[{"role": "user", "content": "Is it open?"}, {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c", "content": "9 to 5"}]}, {"role": "user", "content": [{"toolResult": {"toolUseId": "c", "content": [{"text": "9 to 5"}]}}]},
  {"role": "assistant", "parts": [{"type": "tool-hours", "toolCallId": "c", "state": "output-available", "input": {}, "output": "9 to 5"}]}, {"role": "reasoning", "content": "Hm."}, {"kind": "request", "parts": [{"part_kind": "tool-return", "tool_name": "hours", "tool_call_id": "c", "content": "9 to 5"}, {"part_kind": "user-prompt", "content": ""}]}]');
SELECT pg_temp.preview('outputs');
-- But not without end.
SELECT count(*) FROM threadmem.message_add_batch('chat', (SELECT jsonb_agg('{"role": "system", "content": "Be brief."}'::jsonb) FROM generate_series(1, 5)));
SELECT pg_temp.preview('chat') AS far_back;
-- What is coming shows the text so far; before it has any, what was said before; when its run is over, what came.
SELECT count(*) FROM threadmem.message_add('chat', 'user', 'And now?');
SELECT count(*) FROM threadmem.run_create('chat', run_id => 'r'), threadmem.run_start('chat', 'r');
SELECT count(*) FROM threadmem.message_start('chat', message_id => 'stream', run_id => 'r');
SELECT pg_temp.preview('chat') AS begun;
SELECT threadmem.message_append('chat', 'stream', 1, 'It opens ') IS NOT NULL;
SELECT pg_temp.preview('chat') AS coming;
SELECT threadmem.message_append('chat', 'stream', 2, 'at nine.') IS NOT NULL;
SELECT pg_temp.preview('chat') AS coming;
SELECT status FROM threadmem.run_fail('chat', 'r', '{"code": "x"}');
SELECT pg_temp.preview('chat') AS failed;
-- 200 characters, not bytes; line breaks stay.
SELECT count(*) FROM threadmem.message_add('chat', 'user', repeat('é', 199) || 'xy');
SELECT right(pg_temp.preview('chat'), 2) AS ends, length(pg_temp.preview('chat'));
SELECT count(*) FROM threadmem.message_add('chat', 'user', E'one\ntwo');
SELECT pg_temp.preview('chat');
-- Other systems' forms, a state's messages, another branch.
SELECT threadmem.message_preview(body) FROM (VALUES
    ('{"type": "human", "data": {"content": "LangChain"}}'::jsonb), ('{"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "AIMessage"], "kwargs": {"content": "constructed"}}'),
    ('{"role": "user", "parts": [{"type": "text", "text": "AI SDK"}]}'), ('{"role": "model", "parts": [{"text": "Gemini"}]}'), ('{"role": "assistant", "content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "Anthropic"}]}'),
    ('{"role": "assistant", "content": [{"text": "Bedrock"}]}'), ('{"role": "assistant", "content": null, "refusal": "I will not."}'), ('{"role": "assistant", "content": []}'), ('{}'), ('[]'), ('1')) v (body);
SELECT count(*) FROM threadmem.thread_create('state', 'ann');
SELECT count(*) FROM threadmem.thread_update_state('state', '{"messages": [{"type": "human", "id": "h", "content": "by state"}]}');
SELECT pg_temp.preview('state');

-- Of a large body only the beginning is read, which is a document; the whole when there are no words in it.
CREATE FUNCTION pg_temp.noise(n int) RETURNS text LANGUAGE sql AS $$SELECT string_agg(md5(i::text), '') FROM generate_series(1, n / 32) i$$;
CREATE TEMP TABLE large (what text, body jsonb);
INSERT INTO large VALUES ('text', jsonb_build_object('role', 'user', 'content', 'Begin ' || repeat('ж ', 100000))),
    ('text before a file', jsonb_build_object('role', 'user', 'content', jsonb_build_array('{"type": "text", "text": "Look"}'::jsonb, jsonb_build_object('type', 'image_url', 'image_url', jsonb_build_object('url', 'data:image/png;base64,' || pg_temp.noise(200000))), '{"type": "text", "text": "not read"}'::jsonb))),
    ('file before the text', jsonb_build_object('role', 'user', 'content', jsonb_build_array(jsonb_build_object('type', 'image_url', 'image_url', jsonb_build_object('url', 'data:image/png;base64,' || pg_temp.noise(200000))), '{"type": "text", "text": "What is it?"}'::jsonb))),
    ('large key before content', jsonb_build_object('aaa', pg_temp.noise(200000), 'role', 'user', 'content', 'Behind')),
    ('many parts', jsonb_build_object('role', 'user', 'content', (SELECT jsonb_agg(jsonb_build_object('type', 'text', 'text', 'part ' || n)) FROM generate_series(1, 20000) n))),
    ('numbers', jsonb_build_object('role', 'user', 'content', 'Numbers', 'other', (SELECT jsonb_agg(n * 1.5) FROM generate_series(1, 40000) n))),
    ('deep', jsonb_build_object('role', 'user', 'content', 'Deep', 'deep', (repeat('[', 3000) || '"' || pg_temp.noise(100000) || '"' || repeat(']', 3000))::jsonb)),
    ('many keys', (SELECT jsonb_object_agg('k' || n, n) || '{"role": "user", "content": "Among many"}' FROM generate_series(1, 20000) n)),
    ('no words', jsonb_build_object('role', 'user', 'content', jsonb_build_array(jsonb_build_object('type', 'image_url', 'image_url', jsonb_build_object('url', 'data:image/png;base64,' || pg_temp.noise(200000)))))),
    ('a string alone', to_jsonb(pg_temp.noise(100000)));
SELECT what, left(threadmem.message_preview(body), 20) AS begins, threadmem.message_preview(body) = left(threadmem.message_said(body), 200) AS same FROM large;
-- Wherever the bytes end, in a character, a key, a number: what is left is a document.
SELECT count(*), count(*) FILTER (WHERE threadmem.message_preview(body) IS DISTINCT FROM left(threadmem.message_said(body), 200)) AS other
  FROM (SELECT jsonb_build_object('role', 'user', 'content', 'Words', 'pads', jsonb_build_array(repeat('x', 65000 + n), repeat('ж', 300), jsonb_build_object('key', n, 'ключ', repeat('ж', 300), 'number', 1e100 + n), true, null, '[]'::jsonb)) AS body FROM generate_series(1, 1500) n) b;

-- Put aside: not listed, found or counted, unless asked for; nothing else changes.
SELECT count(threadmem.thread_create(id, 'ann')) FROM unnest('{old,older}'::text[]) id;
SELECT archived FROM threadmem.thread_update('old', archived => true);
SELECT old.archived AS old, imported.archived AS imported FROM threadmem.thread_get('old') old, threadmem.thread_create('imported', 'bob', archived => true) imported;
CREATE FUNCTION pg_temp.listed(args text) RETURNS TABLE (list text, found text) LANGUAGE plpgsql AS
$$BEGIN
    RETURN QUERY EXECUTE format('SELECT ''list'', string_agg(thread_id, '' '' ORDER BY thread_id) FROM threadmem.thread_list(%s)', args);
    RETURN QUERY EXECUTE format('SELECT ''user'', string_agg(thread_id, '' '' ORDER BY thread_id) FROM threadmem.user_threads(''ann''%s)', ', ' || nullif(args, ''));
    RETURN QUERY EXECUTE format('SELECT ''search'', string_agg(thread_id, '' '' ORDER BY thread_id) FROM threadmem.thread_search(%s)', args);
    RETURN QUERY EXECUTE format('SELECT ''count'', threadmem.thread_count(%s)::text', args);
END$$;
SELECT * FROM pg_temp.listed('');
SELECT * FROM pg_temp.listed('archived => false');
SELECT * FROM pg_temp.listed('archived => true');
SELECT * FROM pg_temp.listed('archived => NULL');
SELECT count(*) FROM threadmem.thread_search('{old}');
SELECT count(*) FROM threadmem.session_list(archived => true);
SELECT count(*) FROM threadmem.message_add('old', 'user', 'Still here: ginkgo'), threadmem.run_create('old', run_id => 'r');
SELECT archived, status, pg_temp.preview('old') FROM threadmem.threads WHERE thread_id = 'old';
-- A copy or a fork of it is not put aside; another change leaves it; it can be taken out again.
SELECT c.archived AS copy, f.archived AS fork FROM threadmem.thread_copy('old', 'old copy') c, threadmem.thread_fork('old', message_id => (SELECT message_id FROM threadmem.message_last('old', 1)), new_thread_id => 'old fork') f;
SELECT archived FROM threadmem.thread_update('old', title => 'Kept');
SELECT archived FROM threadmem.thread_update('old', archived => false);
SELECT archived FROM threadmem.session_update('old', archived => true);

-- Words of titles and of live messages, under one question.
SELECT count(threadmem.thread_update(id, title => title)) FROM (VALUES ('chat', 'Trips to the <b>Lyon</b> zoo'), ('state', 'Dinner plans'), ('older', 'the')) v (id, title);
CREATE FUNCTION pg_temp.find(query text, more text DEFAULT '') RETURNS TABLE (thread_id text, snippet text) LANGUAGE plpgsql AS
$$DECLARE
    counted int;
    rows int;
BEGIN
    RETURN QUERY EXECUTE format('SELECT thread_id, translate(snippet, E''\x02\x03'', ''[]'') FROM threadmem.thread_search(query => %L, sort_by => ''thread_id'', sort_order => ''asc''%s)', query, more);
    GET DIAGNOSTICS rows = ROW_COUNT;
    EXECUTE format('SELECT threadmem.thread_count(query => %L%s)', query, more) INTO counted;
    ASSERT rows = counted;
END$$;
SELECT count(*) FROM threadmem.message_add('state', 'assistant', 'A zoo is no place for dinner. ' || repeat('Nothing of that is said here. ', 40) || 'But a zoological garden is.', message_id => 'z');
SELECT * FROM pg_temp.find('dinner');
SELECT * FROM pg_temp.find('zoo');
SELECT * FROM pg_temp.find('garden');
SELECT * FROM pg_temp.find('trips lyon');
SELECT * FROM pg_temp.find('"dinner plans"');
SELECT * FROM pg_temp.find('lyon or dinner');
SELECT * FROM pg_temp.find('dinner -plans');
SELECT * FROM pg_temp.find('nowhere');
SELECT * FROM pg_temp.find('the');
SELECT * FROM pg_temp.find('');
SELECT thread_id FROM pg_temp.find('-dinner');
SELECT * FROM pg_temp.find('ginkgo');
SELECT * FROM pg_temp.find('ginkgo', ', archived => true');
-- The other filters hold, too; a page goes on.
SELECT * FROM pg_temp.find('zoo', ', user_id => ''ann''');
SELECT * FROM pg_temp.find('zoo', ', user_id => ''bob''');
SELECT * FROM pg_temp.find('zoo', ', participant_id => ''ann'', thread_ids => ''{state}''');
SELECT p.thread_id, p.has_more, n.thread_id AS next, n.has_more FROM threadmem.thread_search(query => 'zoo', sort_by => 'thread_id', max_rows => 1) p, LATERAL threadmem.thread_search(query => 'zoo', sort_by => 'thread_id', max_rows => 1, after_position => p.position) n;
SELECT thread_id, title, snippet IS NOT NULL AS snippet, preview, "values" IS NOT NULL AS "values" FROM threadmem.thread_search(query => 'lyon', fields => '{preview,values}');
SELECT count(*) FROM threadmem.thread_search('{chat}') WHERE snippet IS NULL AND preview IS NULL;
-- What is no longer there is not found: a title that has gone, an old wording, a deleted message.
SELECT title FROM threadmem.thread_update('chat', clear => '{title}');
SELECT * FROM pg_temp.find('lyon');
SELECT title FROM threadmem.thread_update('chat', title => 'Paris');
SELECT * FROM pg_temp.find('paris');
SELECT count(*) FROM threadmem.message_update('state', 'z', content => 'A park.');
SELECT * FROM pg_temp.find('garden');
SELECT * FROM pg_temp.find('park');
SELECT count(*) FROM threadmem.message_delete('state', 'z');
SELECT * FROM pg_temp.find('park');
-- A copy has the title's words, the marks are nobody else's, and a text has no more of them than was found.
SELECT count(*) FROM threadmem.thread_copy('chat', 'chat copy');
SELECT * FROM pg_temp.find('paris');
SELECT count(*) FROM threadmem.message_add('older', 'user', E'x \x02 fir \x03 y');
SELECT length(snippet) - length(translate(snippet, E'\x02\x03', '')) AS marks FROM threadmem.thread_search(query => 'fir');
-- A narrowed session finds its own; another tenant nothing.
SET threadmem.user_id = 'bob';
SELECT * FROM pg_temp.find('paris');
RESET threadmem.user_id;
SET threadmem.tenant = 'thread list, another';
SELECT * FROM pg_temp.find('paris');
SELECT count(*) FROM threadmem.thread_create('theirs', title => 'Paris');
SELECT * FROM pg_temp.find('paris');
SET threadmem.tenant = 'thread list';
SELECT * FROM pg_temp.find('paris');
-- Bad input.
\set VERBOSITY terse
SELECT threadmem.thread_search(fields => '{snippet}');
SELECT threadmem.thread_list(archived => NULL, with_preview => NULL, max_rows => 0);
SET threadmem.search_config = 'nowhere';
SELECT threadmem.thread_search(query => 'x');
SELECT threadmem.thread_create(title => 'x');
RESET threadmem.search_config;
-- What the row must be.
SELECT DISTINCT problem FROM threadmem.threadmem_verify();
