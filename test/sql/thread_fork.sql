-- thread_copy up to a checkpoint and without history, thread_fork.
SET threadmem.tenant = 'thread fork';
CREATE FUNCTION pg_temp.show(thread text) RETURNS SETOF text LANGUAGE sql AS
$$SELECT format('log: %s', string_agg(format('%s=%s', m.message_id, m.body ->> 'content'), ' ' ORDER BY m.seq)) FROM threadmem.message_list(thread) m
  UNION ALL SELECT format('now: %s', (SELECT string_agg(format('%s=%s', e ->> 'id', e ->> 'content'), ' ') FROM jsonb_array_elements(s."values" -> 'messages') e)) FROM threadmem.thread_state(thread) s
  UNION ALL SELECT format('%s %s: %s', h.checkpoint ->> 'checkpoint_id', coalesce(' after ' || (h.parent_checkpoint ->> 'checkpoint_id'), ''),
                          (SELECT string_agg(format('%s=%s', e ->> 'id', e ->> 'content'), ' ') FROM jsonb_array_elements(h."values" -> 'messages') e)) FROM threadmem.thread_history(thread, 100) h$$;
CREATE FUNCTION pg_temp.put(thread text, id text, parent text, messages text, ns text DEFAULT '', metadata jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS
$$SELECT checkpoint_id FROM threadmem.checkpoint_put(thread, jsonb_build_object('v', 4, 'id', id, 'channel_values',
    jsonb_build_object('at', id, 'messages', (SELECT jsonb_agg(jsonb_build_object('role', 'user', 'id', split_part(m, '=', 1), 'content', split_part(m, '=', 2)) ORDER BY n) FROM unnest(string_to_array(messages, ' ')) WITH ORDINALITY AS x (m, n))),
    'channel_versions', jsonb_build_object('at', id, 'messages', id)), metadata, checkpoint_ns => ns, parent_checkpoint_id => parent)$$;
CREATE FUNCTION pg_temp.rows(thread text) RETURNS TABLE (ns text, id text, parent text, holds text, writes bigint) LANGUAGE sql AS
$$SELECT c.checkpoint_ns, c.checkpoint_id, c.parent_checkpoint_id, CASE WHEN c.snapshot IS NULL THEN 'patch' ELSE 'state' END,
         (SELECT count(*) FROM threadmem_data.checkpoint_writes w WHERE (w.tenant_id, w.thread_id, w.checkpoint_ns, w.checkpoint_id) = (c.tenant_id, c.thread_id, c.checkpoint_ns, c.checkpoint_id))
    FROM threadmem_data.checkpoints c WHERE c.tenant_id = threadmem.current_tenant() AND c.thread_id = thread ORDER BY 1, 2$$;

-- A thread with two branches, 3 and 4 after 2; an edit after 2; writes everywhere; subgraphs under 1 and 2; one namespace that goes on under each.
SELECT thread_id FROM threadmem.thread_create('t', title => 'talk', metadata => '{"a": 1}', messages => '[{"role": "user", "id": "q", "content": "ask"}]');
SELECT pg_temp.put('t', '1', NULL, 'q=ask'), pg_temp.put('t', '2', '1', 'q=ask a=one l=' || repeat('x', 30)), pg_temp.put('t', '3', '2', 'q=ask a=three'), pg_temp.put('t', '4', '2', 'q=ask a=four b=more');
SELECT pg_temp.put('t', 's1', NULL, 'x=1', 'node:1', '{"parents": {"": "1"}}'), pg_temp.put('t', 's2', NULL, 'x=2', 'node:2', '{"parents": {"": "2"}}'),
       pg_temp.put('t', 'k1', NULL, 'w=' || repeat('x', 3000), 'kept', '{"parents": {"": "1"}}'), pg_temp.put('t', 'k3', 'k1', 'x=3 w=' || repeat('x', 3000), 'kept', '{"parents": {"": "3"}}'), pg_temp.put('t', 'k4', 'k3', 'x=4 w=' || repeat('x', 3000), 'kept', '{"parents": {"": "2"}}'),
       pg_temp.put('t', 'o', NULL, 'x=other', 'other');
SELECT count(threadmem.checkpoint_put_writes('t', id, 'task', '[["at", "later"]]', checkpoint_ns => ns)) FROM (SELECT ns, id FROM pg_temp.rows('t')) AS r;
SELECT seq FROM threadmem.message_add('t', 'user', 'after all', message_id => 'c');
SELECT pg_temp.show('t');
SELECT * FROM pg_temp.rows('t');

-- Up to 2: 1 and 2 with what ran under 1, not the writes of 2; the log as it was with 2 as the head.
SELECT thread_id, title, metadata, message_count, forked_from, last_message_at IS NOT NULL AS said FROM threadmem.thread_copy('t', 'to 2', '2');
SELECT pg_temp.show('to 2');
SELECT * FROM pg_temp.rows('to 2');
SELECT "values" FROM threadmem_data.thread_values WHERE tenant_id = threadmem.current_tenant() AND thread_id = 'to 2';
-- Up to the branch that was left: its wording comes back. What ran under 2 is an ancestor's now, and its chain lost no state.
SELECT message_count FROM threadmem.thread_fork('t', '3', new_thread_id => 'to 3');
SELECT pg_temp.show('to 3');
SELECT * FROM pg_temp.rows('to 3');
SELECT checkpoint #>> '{channel_values,messages,0,content}' FROM threadmem.checkpoint_get('to 3', 'kept', 'k4');
-- Up to the latest: what no checkpoint has seen stays behind.
SELECT message_count FROM threadmem.thread_copy('t', 'to 4', '4');
SELECT pg_temp.show('to 4');
-- Without history: as a copy that is pruned at once, with the writes of the latest; together with a checkpoint: that one alone.
SELECT message_count FROM threadmem.thread_copy('t', 'bare', history => false);
SELECT pg_temp.show('bare');
SELECT * FROM pg_temp.rows('bare');
SELECT thread_id FROM threadmem.thread_copy('t', 'pruned');
SELECT threadmem.thread_prune('{pruned}', 'keep_latest');
SELECT count(*) AS differences FROM (SELECT 'bare', r.* FROM pg_temp.rows('bare') r EXCEPT SELECT 'bare', r.* FROM pg_temp.rows('pruned') r) AS d;
SELECT (SELECT array_agg(row(rev, state) ORDER BY rev) FROM threadmem_data.messages WHERE tenant_id = threadmem.current_tenant() AND thread_id = 'bare') = (SELECT array_agg(row(rev, state) ORDER BY rev) FROM threadmem_data.messages WHERE tenant_id = threadmem.current_tenant() AND thread_id = 'pruned') AS same_messages;
SELECT message_count FROM threadmem.thread_copy('t', 'bare 3', '3', false);
SELECT pg_temp.show('bare 3');
SELECT * FROM pg_temp.rows('bare 3');

-- At a message: the log up to it, the newest state that knows nothing later; the rest is pending.
SELECT message_count FROM threadmem.thread_fork('t', message_id => 'q', new_thread_id => 'at q');
SELECT pg_temp.show('at q');
SELECT message_count FROM threadmem.thread_fork('t', message_id => 'a', new_thread_id => 'at a');
SELECT pg_temp.show('at a');
SELECT message_count FROM threadmem.thread_fork('t', message_id => 'b', new_thread_id => 'at b');
SELECT pg_temp.show('at b');
SELECT message_count FROM threadmem.thread_fork('t', message_id => 'c', new_thread_id => 'at c');
SELECT pg_temp.show('at c');
SELECT count(*) AS writes FROM pg_temp.rows('at c') WHERE writes > 0 AND ns = '';
-- A log without checkpoints, or whose first checkpoint knows too much: the log alone.
SELECT thread_id FROM threadmem.thread_create('l', messages => '[{"role": "user", "id": "1", "content": "one"}, {"role": "user", "id": "2", "content": "two"}, {"role": "user", "id": "3", "content": "three"}]');
SELECT rev FROM threadmem.message_update('l', '2', 'TWO');
SELECT message_count, state_updated_at FROM threadmem.thread_fork('l', message_id => '2', new_thread_id => 'l 2');
SELECT pg_temp.show('l 2'), (SELECT count(*) FROM threadmem.message_revisions('l 2', '2')) AS revisions;
SELECT seq FROM threadmem.message_add('l 2', 'user', 'new three', message_id => '3');
SELECT threadmem.thread_fold('l') IS NOT NULL AS folded;
SELECT message_count, state_updated_at FROM threadmem.thread_fork('l', message_id => '1', new_thread_id => 'l 1');
SELECT pg_temp.show('l 1');

-- What a person did since stays done: a message deleted after the checkpoint is deleted in the copy, one that is erased is gone from its states; an edit since is not yet made.
SELECT thread_id FROM threadmem.thread_create('p');
SELECT pg_temp.put('p', '1', NULL, 'd=deleted e=erased u=before k=kept');
SELECT rev FROM threadmem.message_update('p', 'u', 'after');
SELECT state FROM threadmem.message_delete('p', 'd');
SELECT count(*) FROM threadmem.message_erase('p', 'e');
SELECT pg_temp.put('p', '2', '1', 'u=again k=kept n=new');
SELECT thread_id FROM threadmem.thread_fork('p', '1', new_thread_id => 'p 1');
SELECT pg_temp.show('p 1');
SELECT message_id, state FROM threadmem.message_list('p 1', include_deleted => true);
-- Deleted in a wording that the checkpoint has not seen.
SELECT pg_temp.put('p', '3', '2', 'u=other k=kept n=newer');
SELECT state FROM threadmem.message_delete('p', 'n');
SELECT thread_id FROM threadmem.thread_fork('p', '2', new_thread_id => 'p 2');
SELECT pg_temp.show('p 2');
-- A message that is being streamed comes with its chunks; one said after the point does not.
SELECT status FROM threadmem.message_start('p', 'assistant', message_id => 'stream');
SELECT threadmem.message_append('p', 'stream', 1, 'so far');
SELECT s.thread_id, c.thread_id FROM threadmem.thread_fork('p', message_id => 'stream', new_thread_id => 'p s') s, threadmem.thread_fork('p', '3', new_thread_id => 'p 3') c;
SELECT thread_id, count(*) FROM threadmem_data.message_chunks WHERE tenant_id = threadmem.current_tenant() GROUP BY 1 ORDER BY 1;
SELECT body ->> 'content' AS content, status FROM threadmem.message_complete('p s', 'stream');

-- Delta channels: the ancestors whose writes they consist of come along, with or without history.
SELECT count(*) FROM (VALUES ('1', NULL, '{"d": "seed"}'), ('2', '1', '{}'), ('3', '2', '{}')) AS v (id, parent, channels),
    threadmem.checkpoint_put('d', jsonb_build_object('v', 4, 'id', id, 'channel_values', channels::jsonb, 'channel_versions', jsonb_build_object('d', id)), CASE WHEN id > '1' THEN '{"counters_since_delta_snapshot": {"d": [1, 1]}}'::jsonb ELSE '{}' END, parent_checkpoint_id => parent) p;
SELECT count(threadmem.checkpoint_put_writes('d', id, 'task', jsonb_build_array(jsonb_build_array('d', 'write ' || id)))) FROM unnest('{1,2,3}'::text[]) id;
SELECT thread_id FROM threadmem.thread_copy('d', 'd 3', '3', false);
SELECT * FROM pg_temp.rows('d 3');
SELECT threadmem.checkpoint_delta_history('d 3', '{d}', '', '3') = threadmem.checkpoint_delta_history('d', '{d}', '', '3') AS same;
-- A delta channel of messages: what its writes brought after the message is not in the fork, whether the log has it by then or not, and the same of a rewind.
SELECT count(*) FROM (VALUES (1, '{"messages": [{"type": "human", "id": "h1", "content": "1"}]}'), (2, '{}'), (3, '{}')) AS v (n, channels),
    threadmem.checkpoint_put('dm', jsonb_build_object('v', 4, 'id', n::text, 'channel_values', channels::jsonb, 'channel_versions', jsonb_build_object('messages', n)), CASE WHEN n > 1 THEN '{"counters_since_delta_snapshot": {"messages": [1, 1]}}'::jsonb ELSE '{}' END, parent_checkpoint_id => nullif(n - 1, 0)::text) p;
SELECT count(threadmem.checkpoint_put_writes('dm', n::text, 't', jsonb_build_array(jsonb_build_array('messages', message)))) FROM (VALUES (1, '{"type": "ai", "id": "a1", "content": "2"}'::jsonb), (2, '{"type": "human", "id": "h2", "content": "3"}'), (3, '{"type": "ai", "id": "later", "content": "4"}')) AS v (n, message);
SELECT seq FROM threadmem.message_add('dm', 'user', 'said', message_id => 's');
SELECT count(threadmem.thread_copy('dm', id)) FROM unnest('{dm back,dm branch}'::text[]) id;
SELECT (SELECT array_agg(x) FROM threadmem.thread_fork('dm', message_id => 'h1', new_thread_id => 'dm h1') f, pg_temp.show(f.thread_id) x), (SELECT array_agg(x) FROM threadmem.thread_fork('dm', message_id => 's', new_thread_id => 'dm s') f, pg_temp.show(f.thread_id) x);
SELECT checkpoint_id IS NOT NULL AS gone_back FROM threadmem.thread_rewind('dm back', 's');
SELECT array_agg(x) FROM (SELECT x FROM pg_temp.show('dm back') x LIMIT 2) x;
-- What was said is in the branch that was left, and not in the other.
SELECT checkpoint_ns FROM threadmem.thread_update_state('dm branch', '{"messages": [{"role": "user", "id": "z", "content": "zed"}]}', 'n', checkpoint_id => '2');
SELECT regexp_replace(x, '^[0-9a-f.-]{36,}  after', 'made after') FROM pg_temp.show('dm branch') x;
SELECT threadmem.thread_update_state('dm', '{"messages": []}', 'n') IS NOT NULL AS taken_in;
SELECT (SELECT array_agg(x) FROM (SELECT x FROM threadmem.thread_fork('dm', message_id => id, new_thread_id => 'dm 2 ' || id) f, pg_temp.show(f.thread_id) x LIMIT 2) x) FROM unnest('{h1,s,a1,h2}'::text[]) id;
SELECT checkpoint_id IS NOT NULL AS gone_back FROM threadmem.thread_rewind('dm', 'h2');
SELECT array_agg(x) FROM (SELECT x FROM pg_temp.show('dm') x LIMIT 2) x;
SELECT checkpoint_id IS NOT NULL AS gone_back FROM threadmem.thread_rewind('dm', 'a1');
SELECT array_agg(x) FROM (SELECT x FROM pg_temp.show('dm') x LIMIT 2) x;

-- Both are independent afterwards: each goes on, each is deleted without the other.
SELECT checkpoint_ns FROM threadmem.thread_update_state('to 3', '{"messages": [{"role": "user", "id": "z", "content": "zed"}]}', 'n');
SELECT checkpoint_ns FROM threadmem.thread_update_state('t', '{"messages": [{"role": "user", "id": "z", "content": "other zed"}]}', 'n');
SELECT array_agg(message_id || '=' || content ORDER BY seq) FROM threadmem.message_list('to 3');
SELECT sum(deleted) > 0 AS deleted FROM threadmem.thread_delete('t');
SELECT array_agg(message_id || '=' || content ORDER BY seq) FROM threadmem.message_list('to 3');
SELECT sum(deleted) > 0 AS deleted FROM threadmem.thread_delete('to 3');
SELECT pg_temp.show('to 2');
-- Circles and parents that are not there end the way.
SELECT pg_temp.put('c', '1', '2', 'm=1'), pg_temp.put('c', '2', '1', 'm=2'), pg_temp.put('c', '3', '3', 'm=3'), pg_temp.put('c', '4', 'gone', 'm=4');
SELECT id, (SELECT array_agg(r.id) FROM threadmem.thread_fork('c', id, new_thread_id => 'c ' || id) f, pg_temp.rows(f.thread_id) r) FROM unnest('{1,3,4}'::text[]) id;
SELECT message_count, (SELECT count(*) FROM pg_temp.rows('c m')) FROM threadmem.thread_fork('c', message_id => 'm', new_thread_id => 'c m');
-- A parent that came after its child: its messages come for it alone, off the branch.
SELECT pg_temp.put('late', '2', '1', 'b=two'), pg_temp.put('late', '1', NULL, 'a=one'), pg_temp.put('late', '3', '2', 'b=two c=three');
SELECT message_count FROM threadmem.thread_fork('late', '3', new_thread_id => 'late 3');
SELECT pg_temp.show('late 3');
SELECT message_count FROM threadmem.thread_fork('late', message_id => 'b', new_thread_id => 'late b');
SELECT pg_temp.show('late b');
-- Errors leave nothing.
SELECT threadmem.thread_fork('c', 'nothing', new_thread_id => 'e');
SELECT threadmem.thread_copy('c', 'e', 'nothing');
SELECT threadmem.thread_fork('c', message_id => 'nothing', new_thread_id => 'e');
SELECT threadmem.thread_fork('p', message_id => 'd', new_thread_id => 'e');
SELECT threadmem.thread_fork('nobody', '1', new_thread_id => 'e');
SELECT threadmem.thread_fork('c', '1', 'm', 'e');
SELECT threadmem.thread_fork('c', new_thread_id => 'e');
SELECT threadmem.thread_fork('c', '1', new_thread_id => 'p');
SELECT threadmem.thread_copy('c', 'p', history => false);
SELECT threadmem.thread_get('e');
-- A session narrowed to a user forks what it sees, and owns what it made of its own.
SELECT user_id FROM threadmem.user_create('ann');
SELECT thread_id FROM threadmem.thread_create('own', 'ann', messages => '[{"role": "user", "id": "1", "content": "mine"}]');
SET threadmem.user_id = 'ann';
SELECT user_id, message_count FROM threadmem.thread_fork('own', message_id => '1', new_thread_id => 'own 1');
RESET threadmem.user_id;
SELECT * FROM threadmem.threadmem_verify();
