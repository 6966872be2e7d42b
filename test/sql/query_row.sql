-- Types of results that an upgrade has changed: an attribute that was dropped takes no value, in a row, in a row made by hand, in a set.
SET threadmem.tenant = 'query row';
SET client_min_messages = warning;
BEGIN;
DO $$
DECLARE
    changed integer := 0;
    type regclass;
BEGIN
    FOR type IN SELECT c.oid FROM pg_class c WHERE c.relnamespace = 'threadmem'::regnamespace AND c.relkind = 'c' LOOP
        EXECUTE format('ALTER TYPE %s ADD ATTRIBUTE regress_dropped jsonb', type);
        EXECUTE format('ALTER TYPE %s DROP ATTRIBUTE regress_dropped', type);
        changed := changed + 1;
    END LOOP;
    IF changed < 20 THEN
        RAISE EXCEPTION 'only % types', changed;
    END IF;
END$$;
SELECT thread_id, message_count FROM threadmem.thread_create('t', messages => '[{"role": "user", "content": "hello"}]');
SELECT seq, content FROM threadmem.message_add('t', 'user', 'again');
SELECT checkpoint_id <> '' AS updated FROM threadmem.thread_update_state('t', '{"n": 1}');
SELECT values -> 'n' AS n FROM threadmem.thread_state('t');
SELECT thread_id, title FROM threadmem.thread_list();
SELECT content FROM threadmem.message_context('t');
SELECT kind, rows FROM threadmem.threadmem_stats() WHERE rows > 0;
SELECT * FROM threadmem.json_accept('{"a": 1}');
UPDATE threadmem_data.threads SET live_messages = 1 WHERE tenant_id = 'query row';
SELECT * FROM threadmem.threadmem_verify();
SELECT kind, deleted FROM threadmem.thread_delete('t', true) WHERE deleted > 0;
ROLLBACK;
