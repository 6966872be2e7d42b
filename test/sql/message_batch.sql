-- Many messages at once, saved again and again by a client that has them all.
\set SHOW_CONTEXT never
\set VERBOSITY default
\pset null (null)
SET TIME ZONE 'UTC';
SET threadmem.tenant = 'batch test';
CREATE FUNCTION pg_temp.log(of_thread text DEFAULT 't') RETURNS text LANGUAGE sql AS
$$SELECT string_agg(format('%s:%s/%s %s', seq, message_id, rev, text), ', ' ORDER BY seq) FROM threadmem.message_list(of_thread, max_rows => 1000)$$;
SELECT count(*) FROM unnest('{ann}'::text[]) u, threadmem.user_create(u), LATERAL threadmem.thread_create('t', user_id => u);

-- The AI SDK's onFinish: what is there stays, what has grown is an edit at its place, what is new comes at the end.
SELECT seq, message_id, rev FROM threadmem.message_add_batch('t', '[{"id": "u1", "role": "user", "parts": [{"type": "text", "text": "weather?"}]}, {"id": "a1", "role": "assistant", "parts": [{"type": "tool-w", "toolCallId": "c1", "state": "approval-requested", "input": {}}]}]', if_exists => 'update');
SELECT seq, message_id, rev, state FROM threadmem.message_add_batch('t', '[{"id": "u1", "role": "user", "parts": [{"type": "text", "text": "weather?"}]}, {"id": "a1", "role": "assistant", "parts": [{"type": "tool-w", "toolCallId": "c1", "state": "output-available", "input": {}, "output": 4}, {"type": "text", "text": "4 degrees"}]}, {"id": "u2", "role": "user", "parts": [{"type": "text", "text": "thanks"}]}]', if_exists => 'update');
SELECT pg_temp.log(), message_count FROM threadmem.thread_get('t');
SELECT rev, state FROM threadmem.message_revisions('t', 'a1');
-- Saved once more nothing happens; in another order the log's stays, and what is left out stays as well.
SELECT seq, message_id, rev FROM threadmem.message_add_batch('t', '[{"id": "u2", "role": "user", "parts": [{"type": "text", "text": "thanks"}]}, {"id": "u1", "role": "user", "parts": [{"type": "text", "text": "weather?"}]}]', if_exists => 'update');
SELECT seq, message_id, rev FROM threadmem.message_add_batch('t', '[{"id": "u3", "role": "user", "content": "new"}, {"id": "u1", "role": "user", "content": "weather today?"}, {"id": "u3", "role": "user", "content": "new"}, {"id": "u1", "role": "user", "content": "weather today?"}]', if_exists => 'update');
SELECT pg_temp.log();
-- Back to an earlier wording is an edit, too; metadata of the message stay, the body's are merged; other forms have other ids.
SELECT metadata FROM threadmem.message_update('t', 'u1', metadata => '{"mine": 1}');
SELECT rev, metadata FROM threadmem.message_add_batch('t', '[{"id": "u1", "role": "user", "parts": [{"type": "text", "text": "weather?"}], "metadata": {"theirs": 2}}]', if_exists => 'update');
SELECT seq, rev FROM threadmem.message_add_batch('t', '[{"uuid": "z", "role": "user", "content": "Zep"}, {"type": "human", "id": "l", "content": "LangChain"}, {"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "AIMessage"], "kwargs": {"id": "k", "content": "constructor"}}]', if_exists => 'update');
SELECT seq, rev FROM threadmem.session_add_messages('t', '[{"uuid": "z", "role": "user", "content": "Zep, edited"}, {"type": "human", "id": "l", "content": "LangChain, edited"}, {"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "AIMessage"], "kwargs": {"id": "k", "content": "constructor, edited"}}]', if_exists => 'update');
SELECT pg_temp.log();
-- The state takes the edits in; memory has the newest wording, and what is kept out of it stays out.
SELECT count(threadmem.thread_update_state('t', '{"messages": [{"type": "ai", "id": "s", "content": "in the state"}]}', as_node => 'agent'));
SELECT count(*) FROM threadmem.message_add_batch('t', '[{"type": "ai", "id": "s", "content": "in the state, edited"}, {"role": "user", "id": "u3", "content": "newer"}, {"role": "user", "id": "q", "content": "quiet"}]', ignore_roles => '{user}', if_exists => 'update');
SELECT count(*) FROM threadmem.message_add_batch('t', '[{"role": "user", "id": "q", "content": "quiet, edited"}]', if_exists => 'update');
SELECT string_agg(m ->> 'content', ', ') FROM threadmem.thread_state('t'), jsonb_array_elements(values -> 'messages') m WHERE m ->> 'id' IN ('s', 'u3', 'q');
SELECT string_agg(content, ', ' ORDER BY content COLLATE "C") FROM threadmem.memory_episodes('ann', 1000);
-- What a person deleted or erased stays so; what streams, is another branch's or has no id is refused, and nothing is stored.
SELECT state FROM threadmem.message_delete('t', 'u2') UNION ALL SELECT state FROM threadmem.message_erase('t', 'z');
SELECT message_id, state, text FROM threadmem.message_add_batch('t', '[{"id": "u2", "role": "user", "content": "thanks again"}, {"uuid": "z", "role": "user", "content": "Zep again"}, {"id": "u4", "role": "user", "content": "next"}]', if_exists => 'update');
SELECT status FROM threadmem.message_start('t', message_id => 'open');
SELECT message_id FROM threadmem.message_add_batch('t', '[{"id": "u5", "role": "user", "content": "lost"}, {"id": "open", "role": "assistant", "content": "half"}]', if_exists => 'update');
SELECT message_id FROM threadmem.message_add_batch('t', '[{"id": "u5", "role": "user", "content": "lost"}, {"role": "user", "content": "no id"}]', if_exists => 'update');
SELECT message_id FROM threadmem.message_add_batch('t', '[{"id": "u5", "role": "user", "content": "one"}, {"id": "u5", "role": "user", "content": "two"}]', if_exists => 'update');
SELECT message_id FROM threadmem.message_add_batch('t', '[{"id": "u1", "role": "user", "content": "other"}]');
SELECT message_id FROM threadmem.message_add_batch('t', '[{"id": "u1", "role": "user", "content": "other"}]', if_exists => 'do_nothing');
SELECT message_id FROM threadmem.message_add_batch('nowhere', '[{"id": "u1", "role": "user", "content": "other"}]', if_exists => 'update');
SELECT count(*) FROM threadmem.message_add_batch('t', '[]', if_exists => 'update');
SELECT status FROM threadmem.message_fail('t', 'open');
SELECT count(*) FROM (SELECT threadmem.thread_create('branch')) c;
SELECT checkpoint_id AS first FROM threadmem.thread_update_state('branch', '{"messages": [{"type": "human", "content": "before", "id": "1"}]}', as_node => '__start__') \gset
SELECT count(threadmem.thread_update_state('branch', '{"messages": [{"type": "ai", "content": "left behind", "id": "2"}]}', as_node => 'agent'));
SELECT count(threadmem.thread_update_state('branch', '{"messages": [{"type": "ai", "content": "on another", "id": "3"}]}', as_node => 'agent', checkpoint_id => :'first'));
SELECT message_id, state FROM threadmem.message_add_batch('branch', '[{"type": "ai", "content": "left behind", "id": "2"}, {"type": "ai", "content": "on another, edited", "id": "3"}]', if_exists => 'update');
SELECT message_id, state FROM threadmem.message_add_batch('branch', '[{"type": "ai", "content": "left behind, edited", "id": "2"}]', if_exists => 'update');
SELECT pg_temp.log('branch');
SELECT pg_temp.log();
SELECT * FROM threadmem.threadmem_verify('t');
-- A run that is over saves nothing, edits alone neither.
SELECT run_id FROM threadmem.run_create('branch', run_id => 'over');
SELECT status FROM threadmem.run_cancel('branch', 'over');
SELECT message_id FROM threadmem.message_add_batch('branch', '[{"type": "ai", "content": "from a dead worker", "id": "3"}]', run_id => 'over', if_exists => 'update');
SELECT pg_temp.log('branch');
