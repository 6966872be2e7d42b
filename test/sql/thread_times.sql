-- The times of a thread: those that an import brings, and its time to live.
\set SHOW_CONTEXT never
\set VERBOSITY default
\pset null (null)
SET TIME ZONE 'UTC';
SET threadmem.tenant = 'times test';

-- An import keeps its times: created_at is taken, and last_message_at is when the newest message was said, not when it came.
SELECT thread_id, created_at, last_message_at, updated_at > '2025-06-01' AS updated FROM threadmem.thread_create('i2024', created_at => '2024-01-01 09:00Z', messages => '[{"id": "1", "role": "user", "content": "a", "created_at": "2024-03-01T10:00:00Z"}, {"id": "2", "role": "assistant", "content": "b", "created_at": "2024-03-01T10:00:05Z"}]');
SELECT thread_id, created_at > '2025-06-01' AS now, last_message_at FROM threadmem.thread_create('i2025', messages => '[{"id": "1", "role": "user", "content": "out of order", "created_at": 1740823200}, {"id": "2", "role": "user", "content": "older", "created_at": "2023-01-01T00:00:00Z"}]');
SELECT thread_id FROM threadmem.session_create('i2023', created_at => '2023-05-05 05:00Z');
SELECT seq, event_at FROM threadmem.message_add_batch('i2023', '[{"uuid": "z1", "role_type": "user", "role": "Ann", "content": "Zep", "created_at": "2023-05-05T05:05:05Z"}]');
SELECT seq FROM threadmem.message_add('i2023', 'user', 'older', event_at => '2022-01-01Z');
SELECT thread_id, created_at > '2025-06-01' AS now FROM threadmem.thread_create('istate', supersteps => '[{"updates": [{"values": {"messages": [{"id": "s1", "role": "user", "content": "a", "created_at": "2021-01-01T00:00:00Z"}, {"id": "s2", "role": "assistant", "content": "b", "created_at": "2021-01-01T00:00:01Z"}]}, "as_node": "__start__"}]}]');
SELECT thread_id, created_at > '2025-06-01' AS created_now, last_message_at FROM threadmem.thread_list(sort_by => 'last_message_at', max_rows => 1000) WHERE thread_id ~ '^i' ORDER BY last_message_at DESC;
SELECT array_agg(thread_id) FROM threadmem.thread_list(max_rows => 1000) WHERE thread_id ~ '^i20';
-- A copy and a fork have the source's; what is said next is now; a writer's clock that is ahead is not believed.
SELECT c.last_message_at, f.last_message_at FROM threadmem.thread_copy('i2024', 'icopy') c, threadmem.thread_fork('i2024', message_id => '1', new_thread_id => 'ifork') f;
SELECT seq FROM threadmem.message_add('i2024', 'user', 'back again');
SELECT seq FROM threadmem.message_add('ifork', 'user', 'from the future', event_at => '2999-01-01Z');
SELECT thread_id, last_message_at BETWEEN updated_at - interval '1 minute' AND updated_at AS now FROM unnest('{i2024,ifork}'::text[]) t, threadmem.thread_get(t);
SELECT seq FROM threadmem.message_add('ifork', 'user', 'the first of all', event_at => '4713-01-01 BC');
-- One that is there keeps its time; infinity is none.
SELECT created_at FROM threadmem.thread_create('i2024', created_at => '2020-01-01Z', if_exists => 'do_nothing');
SELECT threadmem.thread_create('inever', created_at => 'infinity');
SELECT threadmem.user_create('inever', created_at => '-infinity');
SELECT threadmem.assistant_create('inever', created_at => 'infinity');
SELECT u.created_at, u.updated_at > '2025-06-01' AS updated, a.created_at, a.updated_at > '2025-06-01' AS updated FROM threadmem.user_create('i', created_at => '2019-02-03Z') u, threadmem.assistant_create('i', created_at => '2019-02-04Z') a;
SELECT sum(deleted) > 0 AS deleted FROM unnest('{i2024,i2025,i2023,istate,icopy,ifork}'::text[]) t, threadmem.thread_delete(t);

-- A time to live counts from the call, or, with refresh, from the last write, which need not touch it.
CREATE FUNCTION pg_temp.minutes(expires_at timestamptz) RETURNS numeric LANGUAGE sql AS $$SELECT round(extract(epoch FROM expires_at - now()) / 60)$$;
CREATE FUNCTION pg_temp.pass(minutes integer) RETURNS void LANGUAGE sql AS -- as if so much time went by
$$UPDATE threadmem_data.threads SET expires_at = expires_at - make_interval(mins => minutes), updated_at = updated_at - make_interval(mins => minutes), state_updated_at = state_updated_at - make_interval(mins => minutes), busy_until = busy_until - make_interval(mins => minutes)
   WHERE tenant_id = 'times test' AND ttl_minutes IS NOT NULL$$;
CREATE FUNCTION pg_temp.left_over() RETURNS text LANGUAGE sql AS
$$SELECT string_agg(thread_id || ' ' || coalesce(pg_temp.minutes(expires_at)::text, 'rests'), ', ' ORDER BY thread_id) FROM threadmem.thread_list(max_rows => 1000) WHERE ttl_minutes IS NOT NULL$$;
SELECT thread_id, pg_temp.minutes(expires_at) AS minutes, ttl_strategy, ttl_minutes, ttl_refresh FROM unnest('{fixed,used,unused,state,run,stream,edit}'::text[]) t, LATERAL threadmem.thread_create(t, ttl => jsonb_build_object('ttl', 60, 'refresh', t <> 'fixed'), messages => '[{"id": "1", "role": "user", "content": "x"}]');
SELECT pg_temp.pass(59);
SELECT pg_temp.left_over();
SELECT count(*) FROM unnest('{fixed,used}'::text[]) t, LATERAL threadmem.message_add(t, 'user', 'I am here');
SELECT count(threadmem.thread_update_state('state', '{"n": 1}', as_node => '__start__'));
SELECT count(*) FROM threadmem.run_create('run') c, LATERAL threadmem.run_start('run', c.run_id, lease => '2 hours');
SELECT count(*) FROM threadmem.message_start('stream', message_id => 's');
SELECT rev FROM threadmem.message_update('edit', '1', 'y');
SELECT pg_temp.left_over();
SELECT pg_temp.pass(2);
SELECT threadmem.thread_purge_expired();
SELECT pg_temp.left_over();
SELECT pg_temp.minutes(expires_at) FROM threadmem.thread_search(thread_ids => '{used}', fields => '{expires_at}');
-- A thread that a run keeps busy is in use, whatever else was written.
SELECT pg_temp.pass(60);
SELECT threadmem.thread_purge_expired();
SELECT thread_id, status FROM threadmem.thread_list(max_rows => 1000) WHERE ttl_minutes IS NOT NULL;
SELECT pg_temp.pass(60);
SELECT threadmem.thread_purge_expired();
SELECT pg_temp.left_over();

-- keep_latest begins again with the next write, with refresh or without, and rests until then.
SELECT count(*) FROM unnest('{kept,renewed}'::text[]) t, LATERAL threadmem.thread_create(t, ttl => jsonb_build_object('ttl', 60, 'strategy', 'keep_latest', 'refresh', t = 'renewed'));
CREATE FUNCTION pg_temp.step() RETURNS bigint LANGUAGE sql AS
$$SELECT count(threadmem.thread_update_state(t, '{"n": 1}', as_node => '__start__')) FROM unnest('{kept,renewed}'::text[]) t, generate_series(1, 3)$$;
CREATE FUNCTION pg_temp.steps() RETURNS text LANGUAGE sql AS
$$SELECT string_agg(t || ' ' || (SELECT count(*) FROM threadmem.checkpoint_list(t)), ', ') FROM unnest('{kept,renewed}'::text[]) t$$;
SELECT pg_temp.step(), pg_temp.pass(61);
SELECT threadmem.thread_purge_expired(), pg_temp.steps(), pg_temp.left_over();
SELECT threadmem.thread_purge_expired(), pg_temp.pass(600);
SELECT threadmem.thread_purge_expired(), pg_temp.left_over();
SELECT pg_temp.step(), pg_temp.left_over();
SELECT pg_temp.steps(), pg_temp.pass(59), pg_temp.step();
SELECT pg_temp.left_over();
SELECT pg_temp.pass(2);
SELECT threadmem.thread_purge_expired(), pg_temp.steps(), pg_temp.left_over();
SELECT pg_temp.pass(59);
SELECT threadmem.thread_purge_expired(), pg_temp.steps(), pg_temp.left_over();
-- A message begins it, too; a copy has the same time; it is taken away, and given anew.
SELECT count(*) FROM unnest('{kept,renewed}'::text[]) t, LATERAL threadmem.message_add(t, 'user', 'again');
SELECT thread_id, pg_temp.minutes(expires_at) AS minutes, ttl_strategy, ttl_minutes, ttl_refresh FROM threadmem.thread_copy('renewed', 'renewed copy') UNION ALL
SELECT thread_id, pg_temp.minutes(expires_at), ttl_strategy, ttl_minutes, ttl_refresh FROM threadmem.thread_set_ttl('kept') UNION ALL
SELECT thread_id, pg_temp.minutes(expires_at), ttl_strategy, ttl_minutes, ttl_refresh FROM threadmem.thread_update('renewed', clear => '{ttl}');
SELECT count(*) FROM unnest('{kept,renewed}'::text[]) t, LATERAL threadmem.message_add(t, 'user', 'for ever');
SELECT pg_temp.left_over();
SELECT pg_temp.minutes(expires_at), ttl_strategy, ttl_minutes, ttl_refresh FROM threadmem.thread_set_ttl('kept', 5256000, refresh => true);
SELECT pg_temp.minutes(expires_at), ttl_strategy, ttl_minutes, ttl_refresh FROM threadmem.thread_set_ttl('kept', 5);
SELECT pg_temp.minutes(expires_at), ttl_strategy, ttl_minutes, ttl_refresh FROM threadmem.thread_update('kept', ttl => '{"ttl": 7, "refresh": true, "strategy": "keep_latest"}');
SELECT threadmem.thread_update('kept', ttl => '{"ttl": 7, "refresh": "yes"}');
SELECT threadmem.thread_update('kept', ttl => '{"ttl": 7, "refreshed": true}');
SELECT threadmem.thread_create('never', ttl => '{"refresh": true}');
UPDATE threadmem_data.threads SET ttl_minutes = 0 WHERE thread_id = 'kept' AND tenant_id = 'times test';

-- A message's own time is read in other spellings, too; what is none in another system's is the application's.
SELECT count(*) FROM threadmem.thread_create('spelled');
SELECT message_id, event_at FROM threadmem.message_add_batch('spelled', '[{"id": "ours", "role": "user", "content": "a", "event_at": "2024-05-01T10:00:00Z", "timestamp": 1}, {"id": "ai sdk", "role": "user", "createdAt": "2024-05-02T10:00:00.500Z", "parts": [{"type": "text", "text": "b"}]},
  {"id": "milliseconds", "role": "user", "content": "c", "createdAt": 1714730400000}, {"id": "google adk", "author": "agent", "content": {"role": "model", "parts": [{"text": "d"}]}, "timestamp": 1714816800.5},
  {"kind": "response", "id": "pydantic ai", "parts": [{"part_kind": "text", "content": "e"}], "timestamp": "2024-05-05T10:00:00Z"}, {"id": "contract first", "role": "user", "content": "f", "createdAt": "2024-05-07T10:00:00Z", "created_at": "2024-05-06T10:00:00Z"}]');
SELECT event_at = created_at AS now, body ->> 'timestamp' AS kept FROM threadmem.message_add('spelled', body => '{"role": "user", "content": "g", "createdAt": null, "timestamp": "half past ten"}');
SELECT threadmem.message_add('spelled', body => '{"role": "user", "content": "h", "event_at": "yesterday"}');
SELECT event_at FROM threadmem.message_add('spelled', body => '{"role": "user", "content": "i", "createdAt": "2024-05-02T10:00:00Z"}', event_at => '2024-05-08Z');
