-- What a caller may say that it has seen of a thread, and what then is refused.
SET threadmem.tenant = 'thread_expected';
SET search_path = pg_catalog, pg_temp;
SELECT count(*) FROM threadmem.user_create('u');
SELECT count(*) FROM unnest('{a,quiet,empty}'::text[]) t, threadmem.thread_create(t, user_id => 'u', metadata => '{"status": "open", "turns": 1.0}');
SELECT count(*) FROM threadmem.message_add('a', 'user', 'thanks', message_id => 'm1');
SELECT count(*) FROM threadmem.message_add('quiet', 'user', 'thanks', message_id => 'm1');
SELECT count(*) FROM threadmem.message_add('a', 'user', 'one more thing');
-- expected_seq: the greatest seq that was seen
SELECT metadata FROM threadmem.thread_update('a', metadata => '{"closed": true}', expected_seq => 1);
SELECT count(*) FROM threadmem.thread_set_ttl('a', 5, expected_seq => 1);
SELECT count(*) FROM threadmem.thread_delete('a', expected_seq => 1);
SELECT count(*) FROM threadmem.thread_update('empty', title => 'x', expected_seq => -1);
SELECT metadata, version FROM threadmem.thread_get('a');
-- an edit and a deletion are nothing that was said, and of what is not said yet there may be more
SELECT count(*) FROM threadmem.message_update('quiet', 'm1', content => 'many thanks');
SELECT metadata FROM threadmem.thread_update('quiet', metadata => '{"closed": true}', expected_seq => 1);
SELECT metadata FROM threadmem.thread_update('empty', metadata => '{"closed": true}', expected_seq => 0);
SELECT ttl_minutes FROM threadmem.thread_set_ttl('quiet', 5, expected_seq => 1);
SELECT count(*) FROM threadmem.message_delete('quiet', 'm1');
SELECT kind, deleted FROM threadmem.thread_delete('quiet', keep_memory => false, expected_seq => 1) WHERE deleted > 0;
SELECT count(*) FROM threadmem.thread_delete('no', expected_seq => 1);
-- expected_metadata: contained in what is stored; numbers compare as numbers, as @> has it
SELECT metadata FROM threadmem.thread_update('a', metadata => '{"status": "closed"}', expected_metadata => '{"status": "waiting"}');
SELECT metadata FROM threadmem.thread_update('a', metadata => '{"status": "closed"}', expected_metadata => '{"status": "open", "turns": 1}');
SELECT metadata FROM threadmem.thread_update('a', metadata => '{"status": "open"}', expected_metadata => '{"status": "open"}');
SELECT metadata FROM threadmem.thread_update('a', title => 'any', expected_metadata => '{}');
SELECT count(*) FROM threadmem.thread_update('a', title => 'any', expected_metadata => '[]');
-- a client that saves again what was deleted elsewhere
SELECT count(*) FROM threadmem.thread_create('quiet', user_id => 'u', if_exists => 'do_nothing', if_deleted => 'raise',
    messages => '[{"id": "1", "role": "user", "content": "my locker code is 4711"}]');
SELECT count(*) FROM threadmem.message_search('locker');
SELECT count(*) FROM threadmem.thread_create('quiet', if_deleted => 'never');
SELECT count(*) FROM threadmem.thread_create('new', user_id => 'u', if_deleted => 'raise');
SELECT thread_id FROM threadmem.thread_create('a', if_exists => 'do_nothing', if_deleted => 'raise');
BEGIN;
SET LOCAL threadmem.tombstone_ttl = 0;
SELECT thread_id FROM threadmem.thread_create('quiet', user_id => 'u', if_deleted => 'raise');
ROLLBACK;
SELECT thread_id FROM threadmem.thread_create('quiet', user_id => 'u');
SELECT thread_id FROM threadmem.thread_create('quiet', if_exists => 'do_nothing', if_deleted => 'raise');
-- as sessions
SELECT count(*) FROM threadmem.session_delete('new', expected_seq => 0);
SELECT count(*) FROM threadmem.session_create('new', if_deleted => 'raise');
SELECT count(*) FROM threadmem.memory_add_session('new', if_deleted => 'raise');
SELECT title FROM threadmem.session_update('a', title => 'closed', expected_seq => 1);
