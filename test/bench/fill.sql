-- Fills threads and messages of a tenant directly; see fill in test/bench/run.
SELECT pg_get_indexdef('threadmem_data.messages_search'::regclass) AS search_index \gset
BEGIN;
DROP INDEX threadmem_data.messages_search;
SET LOCAL session_replication_role = replica; -- the rows are right: no check of their keys
INSERT INTO threadmem_data.threads (tenant_id, thread_id, metadata, next_seq, next_rev, live_messages,
    last_message_at, created_at, updated_at, updated_hour)
SELECT :'tenant', 't' || i, jsonb_build_object('topic', i % 500, 'language', 'en'),
    :messages / :threads + 1, :messages / :threads + 1, :messages / :threads,
    now(), at, at, date_trunc('hour', at, 'UTC')
FROM generate_series(1, :threads) i, LATERAL (SELECT now() - i * interval '1 minute' AS at) x;
CREATE TEMPORARY TABLE body ON COMMIT DROP AS
SELECT i, content, to_tsvector('pg_catalog.english', content) AS search FROM sample;
INSERT INTO threadmem_data.messages (tenant_id, thread_id, rev, seq, event_at, created_at, message_id, role, status,
    body_hash, body, search)
SELECT :'tenant', 't' || (1 + n % :threads), 1 + n / :threads, 1 + n / :threads, at, at, id, 'user', 'completed',
    sha256(id::bytea), jsonb_build_object('id', id, 'role', 'user', 'content', content), search
FROM generate_series(0, :messages - 1) n
CROSS JOIN LATERAL (SELECT now() - (:messages - n) * interval '1 second' AS at, gen_random_uuid()::text AS id) x
JOIN body ON body.i = 1 + (n::bigint * 7919) % 10000;
:search_index;
COMMIT;
VACUUM ANALYZE threadmem_data.threads, threadmem_data.messages;
