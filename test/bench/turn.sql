-- Threads that have been talked in for a while, in threadmem and in plain tables: see turn.
\set ON_ERROR_STOP on
CREATE EXTENSION threadmem;
SELECT setseed(0.42) \g /dev/null
CREATE TABLE word AS
SELECT i, translate(left(md5(i::text), 4 + i % 6), '0123456789', 'etaoinshrd') AS word FROM generate_series(0, 4999) i;
-- As an application makes them that needs no more than a turn does: the order within a thread, a state of the run,
-- what full-text search and a window by tokens need.
CREATE TABLE threads (thread_id text PRIMARY KEY, status text NOT NULL DEFAULT 'idle', next_seq bigint NOT NULL DEFAULT 1,
                      updated_at timestamptz NOT NULL DEFAULT now()) WITH (fillfactor = 80);
CREATE TABLE messages (message_id uuid PRIMARY KEY DEFAULT gen_random_uuid(), thread_id text NOT NULL REFERENCES threads, seq bigint NOT NULL,
                       role text NOT NULL, status text NOT NULL, body jsonb NOT NULL, search tsvector, created_at timestamptz NOT NULL DEFAULT now(),
                       UNIQUE (thread_id, seq));
CREATE INDEX ON messages USING gin (search);
CREATE TABLE chunks (message_id uuid REFERENCES messages, chunk_no integer, delta text NOT NULL, PRIMARY KEY (message_id, chunk_no));
CREATE TABLE runs (run_id uuid PRIMARY KEY DEFAULT gen_random_uuid(), thread_id text NOT NULL REFERENCES threads, status text NOT NULL,
                   usage jsonb, created_at timestamptz NOT NULL DEFAULT now(), started_at timestamptz, completed_at timestamptz) WITH (fillfactor = 80);
CREATE INDEX ON runs (thread_id) WHERE status IN ('queued', 'in_progress');
CREATE TABLE said AS
SELECT p.t, p.i, CASE p.i % 2 WHEN 0 THEN 'user' ELSE 'assistant' END AS role, string_agg(word, ' ') AS content
FROM (SELECT t, i, (5000 * random() ^ 3)::int % 5000 AS pick FROM generate_series(1, :threads) t, generate_series(0, 39) i, generate_series(1, 66) w) p
JOIN word ON word.i = pick GROUP BY p.t, p.i;
SELECT threadmem.thread_create('t' || t) FROM generate_series(1, :threads) t \g /dev/null
SELECT threadmem.message_add_batch('t' || t, jsonb_agg(jsonb_build_object('role', role, 'content', content) ORDER BY i)) FROM said GROUP BY t \g /dev/null
INSERT INTO threads (thread_id, next_seq) SELECT 't' || t, 41 FROM generate_series(1, :threads) t;
INSERT INTO messages (thread_id, seq, role, status, body, search)
SELECT 't' || t, i + 1, role, 'completed', jsonb_build_object('role', role, 'content', content), to_tsvector('pg_catalog.english', content) FROM said ORDER BY t, i;
VACUUM ANALYZE;
