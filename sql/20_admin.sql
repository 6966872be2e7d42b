-- admin: how much there is, and whether it is whole.

CREATE TYPE threadmem.statistic AS (kind text, rows bigint, bytes bigint);
COMMENT ON TYPE threadmem.statistic IS 'How many rows of a kind this tenant has, and their size in bytes without indexes and dead rows.';
CREATE TYPE threadmem.storage AS (kind text, channel text, rows bigint, bytes bigint);
COMMENT ON TYPE threadmem.storage IS 'How much of a kind a thread has: rows, and bytes as they are stored, without indexes, row headers and dead rows.';
CREATE TYPE threadmem.finding AS (thread_id text, problem text);
COMMENT ON TYPE threadmem.finding IS 'One thing that is wrong with a thread.';

CREATE FUNCTION threadmem.threadmem_stats() RETURNS SETOF threadmem.statistic
    AS 'MODULE_PATHNAME', 'threadmem_threadmem_stats' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.threadmem_stats() IS 'Rows and bytes of this tenant by kind. Reads every row. Errors: none of its own.';

CREATE FUNCTION threadmem.threadmem_verify(thread_id text DEFAULT NULL) RETURNS SETOF threadmem.finding
    AS 'MODULE_PATHNAME', 'threadmem_threadmem_verify' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.threadmem_verify(text) IS 'Computes again what the functions keep true (counters, order, owners, links and states of checkpoints, values for search) of one thread, or of all of this tenant; no row means all is well. Reads every message and restores every checkpoint; what cannot be restored is a finding, not an error. Errors: P0002 no such thread.';

CREATE FUNCTION threadmem.thread_storage(thread_id text) RETURNS SETOF threadmem.storage
    AS 'MODULE_PATHNAME', 'threadmem_thread_storage' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.thread_storage(text) IS 'Where a thread''s space goes. total is the sum of messages (bodies, each once), search (their search vectors), chunks, checkpoints and pending_writes (by channel). Parts of checkpoints are metadata, snapshots and patches; channel_values tells how much of snapshots and patches each channel takes, rows being the checkpoints that store its value or a change of it. Messages in a state are numbers there. Errors: P0002 no such thread. Answers LangGraph GET /threads/{id}/storage: total_bytes is total; checkpoints and pending_writes {count, bytes} are rows and bytes of these kinds, checkpoints without the bytes of channel_values; channel_values.by_channel {versions, bytes} are rows and bytes.';
