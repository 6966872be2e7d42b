-- The conversations of bench.msg as users, threads and messages, through the functions an application uses. The
-- copies that the harness makes of them (users that are in the way) get their rows directly.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS threadmem CASCADE;
CREATE EXTENSION threadmem;
CREATE TEMP VIEW own AS SELECT * FROM bench.msg WHERE user_id !~ '^copy[0-9]+/';
SELECT count(threadmem.user_create(user_id)) FROM (SELECT DISTINCT user_id FROM bench.msg) u;
SELECT count(threadmem.thread_create(thread_id, user_id => user_id)) FROM (SELECT DISTINCT user_id, thread_id FROM own ORDER BY 1, 2) t;
SELECT count(*) FROM (
    SELECT thread_id, jsonb_agg(jsonb_build_object('role', 'user', 'name', speaker, 'content', content, 'metadata', jsonb_build_object('ref', ref),
           'created_at', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) ORDER BY seq) AS messages
      FROM own GROUP BY thread_id) t, threadmem.message_add_batch(thread_id, messages);
CREATE TEMP TABLE copies AS SELECT DISTINCT substring(user_id FROM '^copy[0-9]+/') AS copy FROM bench.msg WHERE user_id ~ '^copy[0-9]+/';
INSERT INTO threadmem_data.threads (thread_id, user_id, next_seq, next_rev, live_messages, created_at, updated_at, updated_hour)
SELECT copy || thread_id, copy || user_id, next_seq, next_rev, live_messages, created_at, updated_at, updated_hour FROM threadmem_data.threads, copies;
-- In the order of their times, so that no two rows of a user lie beside each other.
CREATE TEMP TABLE said AS TABLE threadmem_data.messages;
DELETE FROM threadmem_data.messages WHERE EXISTS (SELECT FROM copies);
INSERT INTO threadmem_data.messages (thread_id, rev, seq, event_at, created_at, message_id, role, name, user_id, status, metadata, body, body_hash, search)
SELECT copy || thread_id, rev, seq, event_at, created_at, message_id, role, name, copy || user_id, status, metadata, body, body_hash, search
  FROM said, (TABLE copies UNION ALL SELECT '' WHERE EXISTS (SELECT FROM copies)) c ORDER BY event_at, seq, copy;
DO $$BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'bench_memory') THEN CREATE ROLE bench_memory LOGIN; END IF; END$$;
SELECT threadmem.grant_access('bench_memory');
GRANT USAGE ON SCHEMA bench TO bench_memory;
GRANT SELECT ON bench.msg TO bench_memory;
VACUUM ANALYZE threadmem_data.threads;
VACUUM (ANALYZE, INDEX_CLEANUP ON) threadmem_data.messages;
