\set n random(1, :threads)
WITH m AS MATERIALIZED (
    SELECT gen_random_uuid()::text AS id, clock_timestamp() AS now, CAST(:content AS text) AS content,
           to_tsvector('pg_catalog.english', CAST(:content AS text)) AS search
), h AS (
    UPDATE threadmem_data.threads t SET next_seq = next_seq + 1, next_rev = next_rev + 1,
        live_messages = live_messages + 1,
        last_message_at = greatest(t.last_message_at, m.now), updated_at = greatest(t.updated_at, m.now),
        updated_hour = date_trunc('hour', greatest(t.updated_at, m.now), 'UTC')
    FROM m WHERE t.tenant_id = '' AND t.thread_id = 't' || :n
    RETURNING t.thread_id, t.user_id, t.next_seq - 1 AS seq, t.next_rev - 1 AS rev
)
INSERT INTO threadmem_data.messages (tenant_id, thread_id, rev, seq, event_at, created_at, message_id, role, user_id,
    status, in_memory, body_hash, metadata, body, search)
SELECT '', h.thread_id, h.rev, h.seq, m.now, m.now, m.id, 'user', h.user_id, 'completed', true,
    sha256(convert_to(m.content, 'UTF8')), '{}',
    jsonb_build_object('id', m.id, 'role', 'user', 'content', m.content), m.search
FROM h, m
RETURNING message_id, seq;
