-- What is not to be remembered: threads that are kept out of memory, and what a user wants forgotten while the conversations stay.
\set SHOW_CONTEXT never
\set VERBOSITY default
\pset null (null)
SET TIME ZONE 'UTC';
SET threadmem.tenant = 'forget test';
CREATE FUNCTION pg_temp.remembered(of_user text DEFAULT 'ann') RETURNS text LANGUAGE sql AS
$$SELECT string_agg(coalesce(thread_id, source) || ': ' || content, ', ' ORDER BY thread_id NULLS FIRST, seq, content COLLATE "C") FROM threadmem.memory_episodes(of_user, 1000)$$;
SELECT count(threadmem.user_create(u)) FROM unnest('{ann,bob}'::text[]) u;

-- Kept out: whoever stores it, by whatever call; it reads memory, and is not read.
SELECT thread_id, in_memory FROM unnest('{open,private}'::text[]) t, LATERAL threadmem.thread_create(t, user_id => 'ann', in_memory => t = 'open', messages => jsonb_build_array(jsonb_build_object('role', 'user', 'content', 'sailing, ' || t, 'id', 'first')));
SELECT seq FROM threadmem.message_add('private', 'user', 'sailing added', in_memory => true);
SELECT seq FROM threadmem.message_add_batch('private', '[{"role": "user", "content": "sailing in a batch"}, {"role": "assistant", "content": "sailing too", "id": "a"}]');
SELECT seq FROM threadmem.message_start('private', message_id => 's');
SELECT threadmem.message_append('private', 's', 1, 'sailing in pieces');
SELECT status FROM threadmem.message_complete('private', 's');
SELECT rev FROM threadmem.message_update('private', 'a', 'sailing edited');
SELECT count(threadmem.thread_update_state('private', '{"messages": [{"type": "human", "content": "sailing in a state", "id": "h"}]}', as_node => '__start__'));
SELECT count(threadmem.thread_update_state('private', '{"messages": [{"type": "human", "content": "sailing in a state, edited", "id": "h"}]}', as_node => '__start__'));
SELECT count(*) FROM threadmem.checkpoint_put('private', '{"v": 4, "id": "ff000000-0000-6000-8000-000000000001", "ts": "2026-01-01T00:00:00Z", "channel_values": {"messages": [{"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "HumanMessage"], "kwargs": {"content": "sailing by a saver", "id": "h1"}}]}, "channel_versions": {"messages": 9}, "versions_seen": {}}', '{"source": "loop", "step": 0}', '{"messages": 9}');
SELECT count(*) > 0 AS said FROM threadmem.message_list('private');
SELECT pg_temp.remembered();
SELECT thread_id, content FROM threadmem.memory_search('ann', 'sailing');
SELECT threadmem.thread_context('private') ~ 'sailing, open' AS reads, threadmem.thread_context('open') ~ 'private|batch|state' AS is_read;
-- So do copies and forks, and nothing of it stays when it is deleted.
SELECT thread_id, in_memory FROM threadmem.thread_copy('private', 'private copy');
SELECT thread_id, in_memory FROM threadmem.thread_fork('private copy', message_id => (SELECT message_id FROM threadmem.message_last('private copy', 1)), new_thread_id => 'private fork');
SELECT seq > 0 AS added FROM threadmem.message_add('private fork', 'user', 'sailing after the fork');
SELECT pg_temp.remembered();
SELECT kept FROM unnest('{private,private copy,private fork}'::text[]) t, LATERAL threadmem.thread_delete(t, keep_memory => true) WHERE kind = 'messages';
SELECT pg_temp.remembered();

-- What was remembered goes with thread_update, and does not come back; what is said later is remembered when the thread is let in again.
SELECT in_memory, version FROM threadmem.thread_update('open', in_memory => false);
SELECT seq FROM threadmem.message_add('open', 'user', 'meanwhile');
SELECT pg_temp.remembered();
SELECT in_memory FROM threadmem.thread_update('open', title => 'as it was');
SELECT in_memory FROM threadmem.thread_update('open', in_memory => true);
SELECT seq FROM threadmem.message_add('open', 'user', 'from now on');
SELECT pg_temp.remembered();
SELECT thread_id FROM threadmem.thread_search(fields => '{in_memory}');
SELECT user_id, in_memory FROM threadmem.thread_update('open', user_id => 'bob', in_memory => false);
SELECT pg_temp.remembered('ann'), pg_temp.remembered('bob');
SELECT in_memory FROM threadmem.thread_update('nowhere', in_memory => false);
-- Of a thread of another user nobody who only takes part says so.
SELECT count(*) FROM threadmem.thread_create('shared', user_id => 'ann', participant_ids => '{bob}');
SET threadmem.user_id = 'bob';
SELECT in_memory FROM threadmem.thread_update('shared', in_memory => false);
SELECT in_memory FROM threadmem.thread_update('open', in_memory => true);
RESET threadmem.user_id;
SELECT sum(deleted) > 0 AS deleted FROM threadmem.thread_delete('open', keep_memory => false);

-- Forgotten by thread, by time, and all; the messages stay.
SELECT count(*) FROM generate_series(1, 4) t, LATERAL threadmem.thread_create('t' || t, user_id => 'ann', messages => jsonb_build_array(
    jsonb_build_object('role', 'user', 'id', '1', 'content', 'early ' || t, 'created_at', '2024-01-0' || t || 'T00:00:00Z'), jsonb_build_object('role', 'assistant', 'id', '2', 'content', 'late ' || t, 'created_at', '2025-01-0' || t || 'T00:00:00Z')));
SELECT count(*) FROM threadmem.thread_create('b1', user_id => 'bob', messages => '[{"role": "user", "content": "bob''s", "sender_id": "ann"}]');
SELECT source FROM threadmem.memory_add_data('ann', 'added', event_at => '2024-01-01', episode_id => 'e') UNION ALL SELECT source FROM threadmem.memory_add_data('ann', 'added later', event_at => '2025-01-02', episode_id => 'f');
SELECT kept FROM threadmem.thread_delete('t4') WHERE kind = 'messages';
SELECT pg_temp.remembered();
SELECT threadmem.memory_forget('ann', thread_id => 't1');
SELECT pg_temp.remembered();
SELECT seq, text FROM threadmem.message_list('t1');
SELECT seq FROM threadmem.message_update('t1', '1', 'early 1, edited');
SELECT seq FROM threadmem.message_add('t1', 'user', 'said afterwards');
SELECT threadmem.memory_forget('ann', '2024-01-03 00:00Z');
SELECT pg_temp.remembered();
SELECT threadmem.memory_forget('ann', '2024-06-01', thread_id => 't4');
SELECT pg_temp.remembered();
SELECT threadmem.memory_forget('ann', thread_id => 't1');
-- Again there is nothing to forget, but for what was said in a thread of another; nor is there of none.
SELECT threadmem.memory_forget('ann', thread_id => 't1'), threadmem.memory_forget('ann', thread_id => 'b1'), threadmem.memory_forget('ann', thread_id => 'nowhere'), threadmem.memory_forget('ann', '-infinity');
SELECT threadmem.memory_forget('ann');
SELECT pg_temp.remembered('ann'), pg_temp.remembered('bob');
SELECT message_count FROM threadmem.thread_get('t3');
SELECT threadmem.memory_forget('nobody');
SELECT threadmem.memory_forget(NULL);
SELECT threadmem.memory_forget('ann', thread_id => '');
-- A message that a state left behind, and shows again, was forgotten, too.
SELECT count(threadmem.thread_create('branch', user_id => 'ann'));
SELECT checkpoint_id AS first FROM threadmem.thread_update_state('branch', '{"messages": [{"type": "human", "content": "before", "id": "1"}]}', as_node => '__start__') \gset
SELECT count(threadmem.thread_update_state('branch', '{"messages": [{"type": "ai", "content": "on the branch", "id": "2"}]}', as_node => 'agent'));
SELECT checkpoint_id AS second FROM threadmem.checkpoint_get('branch') \gset
SELECT count(threadmem.thread_update_state('branch', '{"messages": [{"type": "ai", "content": "on another", "id": "3"}]}', as_node => 'agent', checkpoint_id => :'first'));
SELECT threadmem.memory_forget('ann', thread_id => 'branch');
SELECT count(threadmem.thread_update_state('branch', '{"messages": [{"type": "human", "content": "back", "id": "4"}]}', as_node => '__start__', checkpoint_id => :'second'));
SELECT text FROM threadmem.message_list('branch');
SELECT pg_temp.remembered();
-- A narrowed session forgets its own.
SET threadmem.user_id = 'bob';
SELECT threadmem.memory_forget('ann');
SELECT threadmem.memory_forget('bob');
RESET threadmem.user_id;
SELECT pg_temp.remembered('ann'), pg_temp.remembered('bob');

-- Since a time, or between two: what was said, what was added, what was drawn from either or stated then, what was written at hand.
SET threadmem.tenant = 'since test';
SELECT count(threadmem.user_create('ann'));
SELECT count(threadmem.thread_create('days', 'ann', messages => (SELECT jsonb_agg(jsonb_build_object('role', 'user', 'id', 'd' || d, 'content', 'day ' || d, 'created_at', format('2026-01-0%sT12:00:00Z', d))) FROM generate_series(1, 5) d)));
SELECT count(threadmem.memory_add_data('ann', 'added on day ' || d, event_at => format('2026-01-0%s 12:00Z', d)::timestamptz, episode_id => 'e' || d)) FROM generate_series(1, 5) d;
SELECT count(threadmem.memory_add_fact('ann', 'LIKES', 'Ann likes ' || d, 'thing ' || d, thread_id => 'days', message_id => 'd' || d, contradicts => 'none', created_at => format('2026-01-0%s 12:00Z', d)::timestamptz)) FROM generate_series(1, 5) d;
SELECT count(threadmem.memory_add_fact('ann', 'HAS', 'Ann has ' || d, 'gift ' || d, contradicts => 'none', created_at => format('2026-01-0%s 12:00Z', d)::timestamptz)) FROM generate_series(1, 5) d;
CREATE FUNCTION pg_temp.known() RETURNS text LANGUAGE sql AS
$$SELECT concat_ws('; ', pg_temp.remembered(), (SELECT string_agg(fact, ', ' ORDER BY fact) FROM threadmem.memory_facts('ann')), (SELECT string_agg(name, ', ' ORDER BY name) FROM threadmem.memory_entities('ann') WHERE NOT is_user))$$;
SELECT threadmem.memory_forget('ann', since => '2026-01-03 12:00Z', before => '2026-01-03 12:00Z');
SELECT threadmem.memory_forget('ann', since => '2026-01-05 12:00:01Z'), pg_temp.known();
SELECT threadmem.memory_forget('ann', since => '2026-01-05 12:00Z'), pg_temp.known();
SELECT threadmem.memory_forget('ann', since => '2026-01-04 12:00Z', thread_id => 'days'), pg_temp.known();
SELECT threadmem.memory_forget('ann', since => '2026-01-02Z', before => '2026-01-03 12:00Z'), pg_temp.known();
SELECT count(*) FROM threadmem.message_list('days');
SELECT count(threadmem.memory_block_set('human', v, 'ann')) FROM unnest('{one,two}'::text[]) v;
SELECT threadmem.memory_forget('ann', since => 'infinity'), count(*) FROM threadmem.memory_block_history('human', 'ann');
SELECT threadmem.memory_forget('ann', since => '2026-01-06Z');
SELECT count(*) AS revisions FROM threadmem_data.memory_block_revisions WHERE tenant_id = 'since test';
SELECT label FROM threadmem.memory_block_list('ann');

-- Counted by kind.
SELECT count(threadmem.memory_block_set('human', 'three', 'ann')), count(threadmem.user_create('club', 'group')), count(threadmem.group_add_member('club', 'ann'));
SELECT count(*) FROM threadmem.thread_create('talk', 'club', messages => '[{"role": "user", "content": "I sing.", "sender_id": "ann", "created_at": "2026-02-01T12:00:00Z"}, {"role": "user", "content": "I do not.", "created_at": "2026-02-02T12:00:00Z"}]');
SELECT kind, rows, bytes > 0 AS has_bytes, CASE WHEN kind ~ 'block|group' THEN NULL ELSE first_at END AS first_at, CASE WHEN kind ~ 'block|group' THEN NULL ELSE last_at END AS last_at FROM threadmem.memory_stats('ann');
SELECT kind, rows FROM threadmem.memory_stats('club');
SELECT (SELECT sum(rows) FROM threadmem.memory_stats('ann') WHERE kind IN ('messages', 'episodes')) = count(*) AS as_listed FROM threadmem.memory_episodes('ann', 1000);
SELECT threadmem.memory_stats('nobody');
SELECT count(*) > 0 AS deleted FROM threadmem.tenant_delete('since test');
SET threadmem.tenant = 'forget test';
