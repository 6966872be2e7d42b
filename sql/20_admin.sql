-- admin: how much there is, and whether it is whole.

CREATE TYPE threadmem.statistic AS (kind text, rows bigint, bytes bigint);
COMMENT ON TYPE threadmem.statistic IS 'How many rows of a kind this tenant has, and their size in bytes without indexes and dead rows.';
CREATE TYPE threadmem.finding AS (thread_id text, problem text);
COMMENT ON TYPE threadmem.finding IS 'One thing that is wrong with a thread.';

CREATE FUNCTION threadmem.threadmem_stats() RETURNS SETOF threadmem.statistic
    AS 'MODULE_PATHNAME', 'threadmem_threadmem_stats' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.threadmem_stats() IS 'Rows and bytes of this tenant by kind. Reads every row. Errors: none of its own.';

CREATE FUNCTION threadmem.threadmem_verify(thread_id text DEFAULT NULL) RETURNS SETOF threadmem.finding
    AS 'MODULE_PATHNAME', 'threadmem_threadmem_verify' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.threadmem_verify(text) IS 'Computes again what the functions keep true (counters, order, owners) of one thread, or of all of this tenant; no row means all is well. Reads every message. Errors: P0002 no such thread.';
