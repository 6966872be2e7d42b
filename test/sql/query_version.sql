-- A library and a catalog of two versions: every call that touches a table says so before it does, with both versions and what to do; what
-- a restore, a pg_upgrade and ANALYZE need (constraints, types, defaults, pure functions) works on.
\c -
SET client_min_messages = warning;
BEGIN;
UPDATE pg_extension SET extversion = '0.9' WHERE extname = 'threadmem';
SAVEPOINT s;
SELECT threadmem.thread_get('t');
ROLLBACK TO s;
-- By its numbers: 1.10 is newer than 1.9, and than 1.0.
UPDATE pg_extension SET extversion = '1.10' WHERE extname = 'threadmem';
SAVEPOINT s;
SELECT threadmem.message_add('t', 'user', 'x');
ROLLBACK TO s;

-- All functions, with nothing given: those that do not say so touch no table, but for the tenant's policy.
CREATE FUNCTION pg_temp.answer(function regprocedure) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE (SELECT format('SELECT * FROM threadmem.%I(%s)', proname, string_agg('NULL::' || a::regtype, ', ' ORDER BY n))
             FROM pg_proc LEFT JOIN unnest(proargtypes::oid[]) WITH ORDINALITY x (a, n) ON true WHERE oid = function GROUP BY oid, proname);
    RETURN 'works';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
END $$;
SELECT proname, answer FROM pg_proc p, pg_temp.answer(p.oid) AS answer
WHERE pronamespace = 'threadmem'::regnamespace AND prokind = 'f' AND provolatile <> 'i' AND NOT proisstrict
  AND proname !~ '^install_' AND 'internal'::regtype <> ALL (proargtypes::oid[]) AND answer <> '55000' ORDER BY proname COLLATE "C";
SELECT count(*) > 80 AS many, count(*) FILTER (WHERE pg_temp.answer(oid) = '55000') > 80 AS say FROM pg_proc
WHERE pronamespace = 'threadmem'::regnamespace AND prokind = 'f' AND provolatile <> 'i' AND NOT proisstrict AND 'internal'::regtype <> ALL (proargtypes::oid[]);

-- What goes through.
SELECT threadmem.current_tenant() = '' AS tenant, threadmem.json_diff('{"a": 1}', '{"a": 2}'), threadmem.message_text('{"role": "user", "content": "words"}');
SELECT '[{"op": "add", "path": "/a", "value": 1}]'::threadmem.json_patch;
INSERT INTO threadmem_data.users (user_id) VALUES ('restored');
INSERT INTO threadmem_data.users (user_id, metadata) SELECT 'copied', metadata FROM threadmem_data.users WHERE user_id = 'restored';
ANALYZE threadmem_data.users, threadmem_data.threads, threadmem_data.messages;
REINDEX TABLE threadmem_data.messages;
ROLLBACK;
SELECT threadmem.user_count() >= 0 AS works_again;
