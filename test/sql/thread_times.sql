-- The times of a thread: those that an import brings.
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
