-- A fold that has nothing to do costs nothing, and one for who only reads leaves alone whoever is at work.
SELECT count(thread_id) FROM unnest('{none,said,waits,busy}'::text[]) t, threadmem.thread_create(t, messages => '[{"role": "user", "content": "hello", "message_id": "m1"}]');
SELECT t, threadmem.thread_fold(t, at_rest => true) IS NOT NULL AS folded FROM unnest('{said,waits,busy}'::text[]) t;
-- Nothing to fold: no lock is taken and no transaction is begun, also where that had to be found out first.
BEGIN;
SELECT threadmem.thread_fold('said'), threadmem.thread_fold('said', at_rest => true), threadmem.thread_fold('said', at_rest => NULL);
SELECT pg_current_xact_id_if_assigned() IS NULL AS written_nothing;
COMMIT;
-- A node is to run next: who is at work with it would leave the fold beside its own checkpoint.
SELECT count((threadmem.thread_update_state('waits', '{"x": 1}', 'a', next => '{b}')).checkpoint_id);
SELECT count(run_id) FROM threadmem.graph_define('g'), threadmem.run_create('busy', 'g');
SELECT count((threadmem.message_add(t, 'user', 'meanwhile', message_id => 'm2')).seq) FROM unnest('{said,waits,busy}'::text[]) t;
SELECT t, threadmem.thread_fold(t, at_rest => true) IS NOT NULL AS folded, next FROM unnest('{none,said,waits,busy}'::text[]) t, threadmem.thread_state(t) ORDER BY t;
SELECT t, threadmem.thread_fold(t) IS NOT NULL AS folded FROM unnest('{none,said,waits,busy}'::text[]) t ORDER BY t;
SELECT threadmem.thread_fold('nobody', at_rest => true);
