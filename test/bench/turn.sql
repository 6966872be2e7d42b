-- Threads that have been talked in for a while, in threadmem and in plain tables: see turn.
\set ON_ERROR_STOP on
CREATE EXTENSION threadmem;
SELECT setseed(0.42) \g /dev/null
CREATE TABLE word AS
SELECT i, translate(left(md5(i::text), 4 + i % 6), '0123456789', 'etaoinshrd') AS word FROM generate_series(0, 4999) i;
-- The peer stores as much: tables of the same columns, with the same indexes. What threadmem sees to by locks (nothing
-- comes into a thread that goes) an application leaves to foreign keys; row security and constraints it has none.
CREATE TABLE threads (LIKE threadmem_data.threads INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING STORAGE INCLUDING COMPRESSION) WITH (fillfactor = 80);
CREATE TABLE messages (LIKE threadmem_data.messages INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING STORAGE INCLUDING COMPRESSION,
                       FOREIGN KEY (tenant_id, thread_id) REFERENCES threads) WITH (fillfactor = 80);
CREATE TABLE message_chunks (LIKE threadmem_data.message_chunks INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING STORAGE INCLUDING COMPRESSION,
                             FOREIGN KEY (tenant_id, thread_id) REFERENCES threads);
CREATE TABLE runs (LIKE threadmem_data.runs INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING STORAGE INCLUDING COMPRESSION,
                   FOREIGN KEY (tenant_id, thread_id) REFERENCES threads) WITH (fillfactor = 80);
CREATE TABLE checkpoints (LIKE threadmem_data.checkpoints INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING STORAGE INCLUDING COMPRESSION,
                          FOREIGN KEY (tenant_id, thread_id) REFERENCES threads);
CREATE TABLE said AS
SELECT p.t, p.i, CASE p.i % 2 WHEN 0 THEN 'user' ELSE 'assistant' END AS role, string_agg(word, ' ') AS content
FROM (SELECT t, i, (5000 * random() ^ 3)::int % 5000 AS pick FROM generate_series(1, :threads) t, generate_series(0, 39) i, generate_series(1, 66) w) p
JOIN word ON word.i = pick GROUP BY p.t, p.i;
SELECT threadmem.thread_create('t' || t) FROM generate_series(1, :threads) t \g /dev/null
SELECT threadmem.message_add_batch('t' || t, jsonb_agg(jsonb_build_object('role', role, 'content', content) ORDER BY i)) FROM said GROUP BY t \g /dev/null
-- Both sides are called as an application's role: a superuser, of whom no right is asked, is not what applications are.
CREATE ROLE app LOGIN;
SELECT threadmem.grant_access('app', 'write') \g /dev/null
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA threadmem TO app; -- the peer's indexes call some
GRANT SELECT, INSERT, UPDATE, DELETE ON threads, messages, message_chunks, runs, checkpoints TO app;
INSERT INTO threads SELECT * FROM threadmem_data.threads;
INSERT INTO messages SELECT * FROM threadmem_data.messages ORDER BY thread_id, rev;
VACUUM ANALYZE;
