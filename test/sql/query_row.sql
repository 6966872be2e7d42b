-- Views that an update has changed under a session whose library is that of before: it makes no row of them, by a statement, by hand or in a set.
SET threadmem.tenant = 'query row';
SET client_min_messages = warning;
\set SHOW_CONTEXT never
SELECT thread_id, message_count FROM threadmem.thread_create('t', messages => '[{"role": "user", "content": "hello"}]');
SELECT checkpoint_id <> '' AS updated FROM threadmem.thread_update_state('t', '{"n": 1}');
BEGIN;
DO $$
DECLARE
    changed integer := 0;
    view regclass;
BEGIN
    FOR view IN SELECT c.oid FROM pg_class c WHERE c.relnamespace = 'threadmem'::regnamespace AND c.relkind = 'v' LOOP
        EXECUTE format('CREATE OR REPLACE VIEW %s AS SELECT v.*, NULL::jsonb AS regress_added FROM (%s) v', view, rtrim(pg_get_viewdef(view), ';'));
        changed := changed + 1;
    END LOOP;
    IF changed < 30 THEN
        RAISE EXCEPTION 'only % views', changed;
    END IF;
END$$;
SAVEPOINT changed;
SELECT thread_id, message_count FROM threadmem.thread_get('t');
ROLLBACK TO changed;
\set VERBOSITY terse
SELECT seq, content FROM threadmem.message_add('t', 'user', 'again');
ROLLBACK TO changed;
SELECT checkpoint_id FROM threadmem.thread_update_state('t', '{"n": 1}');
ROLLBACK TO changed;
SELECT values -> 'n' AS n FROM threadmem.thread_state('t');
ROLLBACK TO changed;
SELECT thread_id, title FROM threadmem.thread_list();
ROLLBACK TO changed;
SELECT content FROM threadmem.message_last('t');
ROLLBACK TO changed;
SELECT content FROM threadmem.message_context('t');
ROLLBACK TO changed;
SELECT kind, rows FROM threadmem.threadmem_stats() WHERE rows > 0;
ROLLBACK TO changed;
SELECT kind, deleted FROM threadmem.thread_delete('t', false) WHERE deleted > 0;
ROLLBACK;
SELECT thread_id, message_count FROM threadmem.thread_get('t');
SELECT kind, deleted FROM threadmem.thread_delete('t', false) WHERE deleted > 0;
