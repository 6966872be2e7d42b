-- The messages of a state are those of the log, each stored once and referred to; what is no list of messages is plain state.
\set SHOW_CONTEXT never
\pset null (null)
SET threadmem.tenant = 'checkpoint messages';
-- A checkpoint with a list of messages, its only channel; every put is a new version. Answers what it is read with: same, or the difference.
CREATE FUNCTION pg_temp.put(thread text, id text, parent text, list jsonb, channel text DEFAULT 'messages', ns text DEFAULT '') RETURNS text LANGUAGE plpgsql AS
$$DECLARE got jsonb;
BEGIN
    PERFORM threadmem.checkpoint_put(thread, jsonb_build_object('v', 4, 'id', id, 'channel_values', jsonb_build_object(channel, list), 'channel_versions', jsonb_build_object(channel, id)), NULL, NULL, parent, ns);
    SELECT checkpoint -> 'channel_values' -> channel INTO got FROM threadmem.checkpoint_get(thread, ns, id);
    RETURN CASE WHEN got::text IS NOT DISTINCT FROM list::text THEN 'same' ELSE coalesce(got::text, 'absent') END;
END$$;
-- The log as it is stored: place/revision, id, state, words; + for what came with a checkpoint alone.
CREATE FUNCTION pg_temp.log(thread text) RETURNS SETOF text LANGUAGE sql AS
$$SELECT format('%s/%s %s %s%s %s', seq, rev, CASE WHEN message_id ~ '^.{36}$' THEN '(generated)' ELSE message_id END, state, CASE WHEN by_checkpoint THEN '+' END, left(threadmem.message_text(body), 30))
    FROM threadmem_data.messages WHERE tenant_id = threadmem.current_tenant() AND thread_id = thread ORDER BY rev$$;
-- What a checkpoint refers to, from its state document as it was stored whole.
CREATE FUNCTION pg_temp.refs(thread text, id text) RETURNS jsonb LANGUAGE sql AS
$$SELECT snapshot -> 'refs' FROM threadmem_data.checkpoints WHERE tenant_id = threadmem.current_tenant() AND thread_id = thread AND checkpoint_ns = '' AND checkpoint_id = id$$;
SET threadmem.snapshot_ratio = 0;

-- docs/architecture.md#the-model: a message body is stored once: in a chat of 50 turns, three checkpoints a turn, each with the whole list.
SELECT DISTINCT pg_temp.put('chat', to_char(n, 'FM000'), to_char(n - 1, 'FM000'), (SELECT coalesce(jsonb_agg(jsonb_build_object('type', CASE m % 2 WHEN 0 THEN 'ai' ELSE 'human' END, 'id', 'm' || m, 'content', 'words ' || m || repeat(' blah', 100)) ORDER BY m), '[]') FROM generate_series(1, (n - 1) / 3 * 2 + (n - 1) % 3) m)) FROM generate_series(1, 150) n;
SELECT count(*) AS bodies, count(DISTINCT message_id) AS messages, bool_and(state = 'live' AND seq = rev) AS live FROM threadmem_data.messages WHERE tenant_id = 'checkpoint messages' AND thread_id = 'chat';
SELECT count(*) AS checkpoints, count(*) FILTER (WHERE concat(snapshot, patch) ~ 'blah') AS with_words, max(octet_length(snapshot::text)) < 200 AS small FROM threadmem_data.checkpoints WHERE tenant_id = 'checkpoint messages' AND thread_id = 'chat';
SELECT pg_temp.refs('chat', '150'), message_count FROM threadmem.thread_get('chat');
SELECT left(content #>> '{}', 20) AS last FROM threadmem.message_last('chat', 1);

-- docs/architecture.md#messages-in-a-state: a referred element is the body verbatim, in its writer's shape; ids come from id, kwargs.id and their like; nothing is added to one without.
SELECT pg_temp.put('shapes', 'c1', NULL, '[{"type": "human", "id": "h1", "content": "langchain", "name": null, "example": false, "additional_kwargs": {}},
    {"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "AIMessage"], "kwargs": {"id": "k1", "content": "constructor", "tool_calls": [{"id": "c1", "name": "f", "args": {"n": 1.10}}]}},
    {"type": "tool", "content": "18 C", "tool_call_id": "c1", "id": "t1", "status": "success"}, {"type": "system", "data": {"id": "d1", "content": "data", "type": "system"}},
    {"role": "user", "content": [{"type": "text", "text": "openai"}]}, {"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "HumanMessage"], "kwargs": {"content": "no id"}}]');
SELECT pg_temp.log('shapes'), pg_temp.refs('shapes', 'c1');
SELECT seq, role, origin_role, tool_call_id, status FROM threadmem.message_list('shapes');
SELECT message_id, seq FROM threadmem.message_search('constructor') WHERE thread_id = 'shapes';
-- The same again, and with one more: nothing but that one is stored.
SELECT pg_temp.put('shapes', 'c2', 'c1', (SELECT checkpoint #> '{channel_values,messages}' || '[{"role": "user", "content": "more"}]' FROM threadmem.checkpoint_get('shapes')));
SELECT count(*) FROM pg_temp.log('shapes');

-- docs/architecture.md#messages-in-a-state: elements without id are matched by their bytes against the parent's list, in order; equal ones stay as many as they are.
SELECT pg_temp.put('noid', 'c1', NULL, '[{"role": "user", "content": "yes"}, {"role": "user", "content": "no"}, {"role": "user", "content": "yes"}]');
SELECT pg_temp.put('noid', 'c2', 'c1', '[{"role": "user", "content": "yes"}, {"role": "user", "content": "yes"}, {"role": "user", "content": "yes"}]');
SELECT pg_temp.put('noid', 'c3', 'c2', '[{"role": "user", "content": "no"}, {"role": "user", "content": "yes"}]');
SELECT pg_temp.log('noid');
SELECT id, pg_temp.refs('noid', id) FROM unnest('{c1,c2,c3}'::text[]) id;

-- docs/architecture.md#messages-in-a-state: other words under an id are a new revision in the same place; an earlier wording that comes back is the old revision.
SELECT pg_temp.put('edit', 'c1', NULL, '[{"type": "human", "id": "a", "content": "one"}, {"type": "ai", "id": "b", "content": "two"}]');
SELECT pg_temp.put('edit', 'c2', 'c1', '[{"type": "human", "id": "a", "content": "one, better"}, {"type": "ai", "id": "b", "content": "two"}]');
SELECT pg_temp.log('edit');
SELECT pg_temp.put('edit', 'c3', 'c2', '[{"type": "human", "id": "a", "content": "one"}, {"type": "ai", "id": "b", "content": "two"}]');
SELECT pg_temp.log('edit');
-- The type may change in place; 1.10 is not 1.1.
SELECT pg_temp.put('edit', 'c4', 'c3', '[{"type": "ai", "id": "a", "content": "one"}, {"type": "ai", "id": "b", "content": "two", "n": 1.10}]'), pg_temp.put('edit', 'c5', 'c4', '[{"type": "ai", "id": "a", "content": "one"}, {"type": "ai", "id": "b", "content": "two", "n": 1.1}]');
SELECT pg_temp.log('edit');
SELECT message_id, seq, rev, role FROM threadmem.message_list('edit');
SELECT jsonb_array_length(checkpoint #> '{channel_values,messages}') AS messages, checkpoint #>> '{channel_values,messages,0,content}' AS first FROM threadmem.checkpoint_list('edit');

-- A list may have one message twice, in the same words or others: the last of them is the one of the log.
SELECT pg_temp.put('twice', 'c1', NULL, '[{"type": "human", "id": "a", "content": "same"}, {"type": "human", "id": "a", "content": "same"}]');
SELECT pg_temp.put('twice', 'c2', 'c1', '[{"type": "human", "id": "a", "content": "same"}, {"type": "human", "id": "b", "content": "first"}, {"type": "human", "id": "b", "content": "second"}, {"type": "human", "id": "a", "content": "other"}]');
SELECT pg_temp.log('twice');
-- Reordered, shortened and put together anew: the state is as given, places in the log stay.
SELECT pg_temp.put('order', 'c1', NULL, '[{"type": "human", "id": "a", "content": "A"}, {"type": "human", "id": "b", "content": "B"}, {"type": "human", "id": "c", "content": "C"}]');
SELECT pg_temp.put('order', 'c2', 'c1', '[{"type": "human", "id": "c", "content": "C"}, {"type": "human", "id": "n", "content": "N"}, {"type": "human", "id": "a", "content": "A"}]');
SELECT pg_temp.put('order', 'c3', 'c2', '[{"type": "human", "id": "b", "content": "B"}]');
-- docs/architecture.md#where-messages-and-states-meet: what left the state stays in the log.
SELECT pg_temp.log('order'), pg_temp.refs('order', 'c2');
SELECT message_id FROM threadmem.message_list('order');
SELECT pg_temp.put('order', 'c4', 'c3', '[]');
SELECT message_count FROM threadmem.thread_get('order');

-- docs/architecture.md#state-documents: only the thread's own graph refers: in a subgraph the same messages are plain state, and no messages of the log.
SELECT pg_temp.put('sub', 'c1', NULL, '[{"type": "human", "id": "a", "content": "private"}]', 'messages', 'n:1'), pg_temp.put('sub', 'c2', 'c1', '[{"type": "human", "id": "a", "content": "private"}, {"type": "ai", "id": "b", "content": "thought"}]', 'messages', 'n:1');
SELECT (SELECT count(*) FROM threadmem.message_list('sub')) AS messages, count(*) FILTER (WHERE concat(snapshot, patch) ~ 'private') AS plain, count(seen) AS seen FROM threadmem_data.checkpoints WHERE tenant_id = 'checkpoint messages' AND thread_id = 'sub';
-- ... and only the channel messages, or those that the thread's graph declares with add_messages.
SELECT graph_id FROM threadmem.graph_define('two channels', '{"channels": {"messages": {"reducer": "add_messages"}, "drafts": {"reducer": "add_messages"}, "list": {"reducer": "append"}}}');
SELECT thread_id FROM threadmem.thread_create('declared', graph_id => 'two channels');
SELECT pg_temp.put(thread, channel, NULL, '[{"type": "human", "id": "a", "content": "A"}]', channel) FROM unnest('{declared,undeclared}'::text[]) thread, unnest('{messages,drafts,list}'::text[]) channel;
SELECT thread_id, checkpoint_id, snapshot -> 'refs' AS refs, snapshot -> 'values' AS "values" FROM threadmem_data.checkpoints WHERE tenant_id = 'checkpoint messages' AND thread_id ~ 'declared' ORDER BY 1, seq;
-- A message in two channels is one message of the log; each channel has its list.
SELECT threadmem.checkpoint_put('declared', '{"id": "n", "channel_values": {"drafts": [{"type": "human", "id": "b", "content": "B"}, {"type": "human", "id": "c", "content": "C"}], "messages": [{"type": "human", "id": "c", "content": "C"}, {"type": "human", "id": "a", "content": "A"}]}, "channel_versions": {"drafts": 2, "messages": 2}}', NULL, NULL, 'messages') IS NULL AS not_put;
SELECT pg_temp.log('declared'), pg_temp.refs('declared', 'n');
SELECT checkpoint -> 'channel_values' AS "values" FROM threadmem.checkpoint_get('declared');

-- docs/architecture.md#state-documents: an array with anything that is no message is plain state, and so is all that is no array; [] is a list, null a value, and absent neither.
SELECT list, pg_temp.put('plain', 'c' || n, 'c' || n - 1, list) FROM unnest(ARRAY['[]', 'null', '{}', '"text"', '5', '[1]', '[[]]', '[{}]', '[{"type": "human", "content": "A"}, "text"]', '[{"type": "human", "content": "A"}, null]',
    '[{"type": "human", "content": "A"}, {"type": "wizard", "content": "A"}]', '[{"type": "human", "id": "a", "content": "A"}, {"no": "role"}]', '{"__delta__": []}', '{"type": "human", "content": "one message"}']::jsonb[]) WITH ORDINALITY l (list, n);
SELECT string_agg(checkpoint_id, ' ' ORDER BY seq) FILTER (WHERE snapshot -> 'refs' IS NOT NULL) AS refer, count(*) FILTER (WHERE snapshot -> 'values' IS NOT NULL) AS plain, (SELECT count(*) FROM pg_temp.log('plain')) AS messages
  FROM threadmem_data.checkpoints WHERE tenant_id = 'checkpoint messages' AND thread_id = 'plain';
-- An id that can be none makes it plain state as well; null and the empty one are as none.
SELECT pg_temp.put('plain', 'd' || n, NULL, jsonb_build_array(jsonb_build_object('type', 'human', 'content', 'A', 'id', id))) FROM unnest(ARRAY[to_jsonb(repeat('i', 256)), '"a\nb"', '5', '["a"]', 'null', '""']::jsonb[]) WITH ORDINALITY u (id, n);
SELECT pg_temp.log('plain');
SELECT string_agg(checkpoint_id, ' ' ORDER BY seq) AS refer FROM threadmem_data.checkpoints WHERE tenant_id = 'checkpoint messages' AND thread_id = 'plain' AND checkpoint_id ~ '^d' AND snapshot -> 'refs' IS NOT NULL;
-- From messages to plain state and back: the log keeps what it had, and what comes back is what was there.
SELECT pg_temp.put('back', 'c1', NULL, '[{"type": "human", "id": "a", "content": "A"}]'), pg_temp.put('back', 'c2', 'c1', '["plain"]'), pg_temp.put('back', 'c3', 'c2', '[{"type": "human", "id": "a", "content": "A"}, {"type": "human", "content": "no id"}]'), pg_temp.put('back', 'c4', 'c3', 'null'), pg_temp.put('back', 'c5', 'c4', '[{"type": "human", "content": "no id"}]');
SELECT pg_temp.log('back');
SELECT checkpoint_id, checkpoint -> 'channel_values' AS "values" FROM threadmem.checkpoint_list('back');

-- docs/architecture.md#messages-in-a-state: what message_add stored is taken over by the state, not stored twice: the same bytes are the same revision.
SELECT thread_id FROM unnest('{taken,kept}'::text[]) id, threadmem.thread_create(id);
SELECT message_id, body FROM threadmem.message_add('taken', 'user', 'hello', message_id => 'a');
SELECT body AS generated FROM threadmem.message_add('taken', 'assistant', 'hi') \gset
SELECT pg_temp.put('taken', 'c1', NULL, jsonb_build_array('{"id": "a", "role": "user", "content": "hello"}'::jsonb, :'generated'::jsonb, '{"type": "ai", "id": "c", "content": "new"}'::jsonb));
SELECT pg_temp.log('taken');
-- In another shape they are a new revision of the same message.
SELECT pg_temp.put('taken', 'c2', 'c1', '[{"type": "human", "id": "a", "content": "hello"}]');
SELECT pg_temp.log('taken');
-- The speaker, the time, metadata and the like that a message had beside its body stay its own; a body says what it says.
SELECT seq FROM threadmem.message_add('kept', 'user', 'hello', message_id => 'a', sender_id => 'ann', run_id => 'r1', name => 'Ann', metadata => '{"k": 1}', event_at => '2001-01-01');
SELECT pg_temp.put('kept', 'c1', NULL, '[{"type": "human", "id": "a", "content": "hello", "name": "Other", "metadata": {"l": 2}}]');
SELECT rev, sender_id, run_id, name, metadata, event_at = '2001-01-01' AS same_time FROM threadmem.message_revisions('kept', 'a');
SELECT * FROM threadmem.threadmem_verify();
-- What is new with a checkpoint was said when that was made (ts), unless it says itself; an edit keeps its message's time. What is no time, or ahead, is now.
CREATE FUNCTION pg_temp.put_at(id text, parent text, ts jsonb, list jsonb) RETURNS SETOF text LANGUAGE plpgsql AS
$$DECLARE began timestamptz := clock_timestamp();
BEGIN
    PERFORM threadmem.checkpoint_put('timed', jsonb_build_object('v', 4, 'id', id, 'ts', ts, 'channel_values', jsonb_build_object('messages', list), 'channel_versions', jsonb_build_object('messages', id)), NULL, NULL, parent);
    RETURN QUERY SELECT concat_ws(' ', regexp_replace(name, '^.{36}$', '(generated)'), CASE WHEN at BETWEEN began AND clock_timestamp() THEN 'now' ELSE to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') END)
        FROM (SELECT message_id, event_at FROM threadmem.message_list('timed') WHERE created_at >= began UNION ALL SELECT 'last of all', last_message_at FROM threadmem.thread_get('timed')) t (name, at);
END$$;
SELECT pg_temp.put_at('c1', NULL, '"2001-01-01T10:00:00.123456+00:00"', '[{"type": "human", "id": "a", "content": "a"}, {"type": "ai", "id": "b", "content": "b", "created_at": "2000-12-31T23:00:00Z"}]');
SELECT pg_temp.put_at('c2', 'c1', '"2001-01-02T10:00:00Z"', '[{"type": "human", "id": "a", "content": "an edit"}, {"type": "ai", "id": "c", "content": "c"}, {"type": "ai", "content": "without an id"}]');
SELECT n, pg_temp.put_at('d' || n, 'c2', ts, jsonb_build_array(jsonb_build_object('type', 'ai', 'id', 'd' || n, 'content', 'd'))) FROM unnest('{"\"2999-01-01T00:00:00Z\"", "\"yesterday\"", "1e9", null, "\"\""}'::jsonb[]) WITH ORDINALITY AS t (ts, n) ORDER BY n;
SELECT * FROM threadmem.threadmem_verify();
