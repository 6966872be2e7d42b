-- Statements that run as threadmem_runner, and fail.
SET client_min_messages = warning;
CREATE ROLE regress_runner;
SELECT threadmem.grant_access('regress_runner');
SET threadmem.tenant = 'query_runner';
SELECT user_id FROM threadmem.user_create('u');
SET ROLE regress_runner;
SET threadmem.user_id = 'u'; -- who may not make assistants
\set VERBOSITY terse

-- The error leaves nothing of the statement behind, whatever runs between it and the end of its transaction.
BEGIN;
SAVEPOINT s;
SELECT * FROM threadmem.assistant_create();
ROLLBACK TO s;
SELECT relname, pg_stat_get_xact_numscans(oid) FROM pg_class WHERE relname = 'pg_class' ORDER BY 1;
SELECT count(*) > 0 AS other_work FROM pg_proc WHERE pronamespace = 'threadmem'::regnamespace AND pg_stat_get_xact_function_calls(oid) IS NULL;
SELECT count(*) AS threads FROM threadmem.thread_list();
ROLLBACK;
SELECT count(*) AS threads FROM threadmem.thread_list();

-- The same in a function that catches errors at different depths of the stack, and who it runs as afterwards.
CREATE FUNCTION pg_temp.caught(depth integer, times integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    errors integer := 0;
BEGIN
    IF depth > 0 THEN
        RETURN pg_temp.caught(depth - 1, times);
    END IF;
    FOR i IN 1 .. times LOOP
        BEGIN
            PERFORM threadmem.assistant_create('a');
        EXCEPTION WHEN insufficient_privilege THEN
            errors := errors + (current_user = 'regress_runner' AND threadmem.current_tenant() = 'query_runner')::integer;
        END;
    END LOOP;
    RETURN errors;
END $$;
SELECT depth, pg_temp.caught(depth, 20) AS errors FROM unnest('{0,1,5,50}'::integer[]) depth;
SELECT count(*) AS threads FROM threadmem.thread_list();

RESET ROLE;
DROP OWNED BY regress_runner;
DROP ROLE regress_runner;
