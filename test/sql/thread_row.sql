-- The thread's row: places without gaps whatever happens in the thread, times that never go back, updates that stay HOT, tombstones that do not pile up.
\set SHOW_CONTEXT never
\pset null (null)
SET TIME ZONE 'UTC';
SET threadmem.tenant = 'thread row test';
SELECT thread_id FROM threadmem.thread_create('t');

-- Everything that can happen to messages, good and bad: the places and the revisions are gapless, the counters are true.
CREATE FUNCTION pg_temp.try(call text) RETURNS text LANGUAGE plpgsql AS
$$BEGIN EXECUTE 'SELECT ' || call; RETURN 'done'; EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE; END$$;
CREATE FUNCTION pg_temp.head(thread text, OUT next_seq bigint, OUT next_rev bigint, OUT version bigint, OUT live_messages bigint, OUT true_to_messages boolean, OUT hour_fits boolean)
LANGUAGE sql AS
$$SELECT next_seq, next_rev, version, live_messages,
         (next_seq - 1, next_seq - 1, next_rev - 1, next_rev - 1, live_messages) IS NOT DISTINCT FROM
             (SELECT (count(DISTINCT seq), coalesce(max(seq), 0), count(*), coalesce(max(rev), 0), count(*) FILTER (WHERE state = 'live'))
                FROM threadmem_data.messages m WHERE m.tenant_id = t.tenant_id AND m.thread_id = t.thread_id),
         updated_hour = date_trunc('hour', updated_at, 'UTC') AND updated_at >= created_at AND (last_message_at IS NULL OR updated_at >= last_message_at)
    FROM threadmem_data.threads t WHERE tenant_id = threadmem.current_tenant() AND thread_id = thread$$;
SELECT * FROM pg_temp.head('t');
CREATE FUNCTION pg_temp.run(calls text[], OUT call text, OUT outcome text, OUT head text) RETURNS SETOF record LANGUAGE plpgsql AS
$$BEGIN
    FOREACH call IN ARRAY calls LOOP
        outcome := pg_temp.try('threadmem.' || call);
        SELECT format('seq %s, rev %s, version %s, live %s%s%s', h.next_seq, h.next_rev, h.version, h.live_messages, CASE WHEN NOT h.true_to_messages THEN ', NOT TRUE' END, CASE WHEN NOT h.hour_fits THEN ', OTHER HOUR' END)
          INTO head FROM pg_temp.head('t') h;
        RETURN NEXT;
    END LOOP;
END$$;
SELECT * FROM pg_temp.run(ARRAY[
    $$message_add('t', 'user', 'one word', message_id => '1')$$, $$message_add('t', 'user', 'one word', message_id => '1')$$, $$message_add('t', 'user', 'another', message_id => '1')$$,
    $$message_add_batch('t', '[{"id": "2", "role": "user", "content": "two"}, {"id": "1", "role": "user", "content": "one word"}, {"id": "3", "role": "user", "content": "three"}]')$$,
    $$message_add_batch('t', '[{"id": "4", "role": "user", "content": "four"}, {"role": "user"}]')$$, $$message_add_batch('t', '[{"id": "4", "role": "user", "content": "four"}, {"id": "1", "role": "user", "content": "x"}]')$$,
    $$message_update('t', '1', 'more words than before')$$, $$message_update('t', '1', 'more words than before')$$, $$message_update('t', '1', metadata => '{"m": 1}')$$, $$message_update('t', '1', 'x', expected_rev => 1)$$,
    $$message_start('t', message_id => '5')$$, $$message_add('t', 'user', 'six', message_id => '6')$$, $$message_append('t', '5', 1, 'streamed words')$$, $$message_append('t', '5', 3, 'gap')$$, $$message_complete('t', '5')$$,
    $$message_delete('t', '2')$$, $$message_delete('t', '2')$$, $$message_erase('t', '1')$$, $$message_erase('t', '1')$$, $$message_erase('t', '2')$$,
    $$message_start('t', message_id => '7')$$, $$message_append('t', '7', 1, 'lost')$$, $$message_fail('t', '7')$$, $$message_start('t', message_id => '8')$$, $$message_erase('t', '8')$$,
    $$message_add('t', 'user', 'one word', message_id => '1')$$, $$message_add('t', 'user', 'nine', message_id => '9')$$, $$thread_update('t', title => 'x')$$, $$thread_update('t', title => 'y', expected_version => 1)$$,
    $$thread_set_metadata('t', '{}')$$, $$thread_set_ttl('t', 5)$$, $$thread_copy('t', 'copy')$$, $$message_add('t', 'user', 'ten', message_id => '10')$$]);
SELECT * FROM pg_temp.head('copy');
-- The check can fail.
BEGIN;
UPDATE threadmem_data.threads SET next_seq = next_seq + 1, updated_hour = updated_hour - interval '1 hour' WHERE tenant_id = 'thread row test' AND thread_id = 't';
SELECT * FROM pg_temp.head('t');
ROLLBACK;

-- What is a change of the thread moves updated_at forward; only a message moves last_message_at; reading moves neither.
SELECT count(threadmem.user_create(u)) FROM unnest('{ann,bob}'::text[]) u;
CREATE FUNCTION pg_temp.moves(calls text[]) RETURNS TABLE (call text, updated boolean, message boolean, version boolean) LANGUAGE plpgsql AS
$$DECLARE was threadmem_data.threads; now threadmem_data.threads;
BEGIN
    FOREACH call IN ARRAY calls LOOP
        SELECT * INTO was FROM threadmem_data.threads WHERE tenant_id = 'thread row test' AND thread_id = 'times';
        EXECUTE 'SELECT count(*) FROM threadmem.' || call;
        SELECT * INTO now FROM threadmem_data.threads WHERE tenant_id = 'thread row test' AND thread_id = 'times';
        updated := now.updated_at > was.updated_at;
        message := now.last_message_at IS DISTINCT FROM was.last_message_at;
        version := now.version > was.version;
        RETURN NEXT;
    END LOOP;
END$$;
SELECT thread_id FROM threadmem.thread_create('times');
SELECT * FROM pg_temp.moves(ARRAY[$$message_add('times', 'user', 'x', message_id => 'm', event_at => '2001-01-01')$$, $$message_add('times', 'user', 'x', message_id => 'm')$$, $$message_add_batch('times', '[{"role": "user", "content": "y"}]')$$, $$message_add_batch('times', '[]')$$,
    $$message_update('times', 'm', 'z')$$, $$message_delete('times', 'm')$$, $$message_erase('times', 'm')$$, $$message_start('times', message_id => 's')$$, $$message_append('times', 's', 1, 'x')$$, $$message_complete('times', 's')$$,
    $$thread_update('times', title => 'x')$$, $$thread_set_metadata('times', '{}')$$, $$thread_add_participant('times', 'ann')$$, $$thread_remove_participant('times', 'ann')$$,
    $$thread_get('times')$$, $$message_list('times')$$, $$thread_copy('times', 'times2')$$]);
-- Over the end of an hour, and never back: a clock that is behind the row leaves the row's times.
UPDATE threadmem_data.threads SET updated_at = '2001-01-01 10:59:59', updated_hour = '2001-01-01 10:00', last_message_at = '2001-01-01 10:59:59', created_at = '2001-01-01' WHERE tenant_id = 'thread row test' AND thread_id = 'times';
SELECT updated_at > now() - interval '1 min' AS now FROM threadmem.thread_update('times', title => 'now');
SELECT hour_fits FROM pg_temp.head('times');
UPDATE threadmem_data.threads SET updated_at = '2101-01-01 10:30', updated_hour = '2101-01-01 10:00', last_message_at = '2101-01-01 10:20' WHERE tenant_id = 'thread row test' AND thread_id = 'times';
SELECT seq > 0 AS added FROM threadmem.message_add('times', 'user', 'x');
SELECT updated_at, last_message_at FROM threadmem.thread_get('times');
SELECT hour_fits FROM pg_temp.head('times');
-- The hour is that of UTC, in whichever zone the session is.
SET TIME ZONE 'Asia/Kolkata';
SELECT thread_id FROM threadmem.thread_create('zone', title => 'x');
SELECT hour_fits FROM pg_temp.head('zone');
SELECT thread_id FROM threadmem.thread_update('zone', title => 'y');
SELECT hour_fits FROM pg_temp.head('zone');
SET TIME ZONE 'UTC';

-- 200 appends, each in a transaction of its own: the row's updates stay on its page (HOT).
SELECT thread_id FROM threadmem.thread_create('hot', metadata => jsonb_build_object('some', repeat('x', 200)));
SELECT pg_stat_force_next_flush();
SELECT pg_stat_get_tuples_updated(r) AS updated, pg_stat_get_tuples_hot_updated(r) AS hot FROM (SELECT 'threadmem_data.threads'::regclass) AS x (r) \gset before_
DO $$BEGIN FOR i IN 1..200 LOOP PERFORM threadmem.message_add('hot', 'user', 'message ' || i); COMMIT; END LOOP; END$$;
SELECT pg_stat_force_next_flush();
SELECT updated >= 200 AS counted, hot >= 0.95 * updated AS are_hot
  FROM (SELECT pg_stat_get_tuples_updated(r) - :before_updated AS updated, pg_stat_get_tuples_hot_updated(r) - :before_hot AS hot FROM (SELECT 'threadmem_data.threads'::regclass) AS x (r)) AS d;

-- Tombstones whose time is over go with the next deletion, at most 100 at once, of this tenant only.
SELECT count(threadmem.thread_create('dead' || i)) FROM generate_series(1, 130) AS i;
SELECT sum(deleted) FROM generate_series(1, 120) AS i, threadmem.thread_delete('dead' || i);
SELECT count(*) FROM threadmem_data.thread_tombstones WHERE tenant_id = 'thread row test';
SET threadmem.tenant = 'head test 2';
SELECT thread_id FROM threadmem.thread_create('dead1');
SELECT sum(deleted) FROM threadmem.thread_delete('dead1');
SET threadmem.tenant = 'thread row test';
UPDATE threadmem_data.thread_tombstones SET deleted_at = now() - interval '23 hours 50 minutes' WHERE tenant_id ^@ 'thread row test';
SELECT sum(deleted) FROM threadmem.thread_delete('dead121');
SELECT count(*) FROM threadmem_data.thread_tombstones WHERE tenant_id = 'thread row test';
UPDATE threadmem_data.thread_tombstones SET deleted_at = now() - interval '24 hours 10 minutes' WHERE tenant_id ^@ 'thread row test' AND thread_id <> 'dead121';
SELECT sum(deleted) FROM threadmem.thread_delete('dead122');
SELECT count(*) FROM threadmem_data.thread_tombstones WHERE tenant_id = 'thread row test';
SELECT sum(deleted) FROM threadmem.thread_delete('dead123');
SELECT thread_id FROM threadmem_data.thread_tombstones WHERE tenant_id = 'thread row test' ORDER BY 1;
SELECT thread_id FROM threadmem_data.thread_tombstones WHERE tenant_id = 'head test 2';
-- The time is a setting.
SET threadmem.tombstone_ttl = '1h';
UPDATE threadmem_data.thread_tombstones SET deleted_at = now() - interval '2 hours' WHERE tenant_id = 'thread row test' AND thread_id = 'dead121';
SELECT sum(deleted) FROM threadmem.thread_delete('dead124');
SELECT thread_id FROM threadmem_data.thread_tombstones WHERE tenant_id = 'thread row test' ORDER BY 1;
RESET threadmem.tombstone_ttl;

-- A tenant's channel is made once, is the same for all of its sessions and nobody else's, and cannot be guessed.
SET threadmem.tenant = 'thread row test';
SELECT threadmem.notify_channel() AS channel \gset
SELECT :'channel' ~ '^threadmem_[0-9a-f]{32}$' AS random, threadmem.notify_channel() = :'channel' AS stays;
SET threadmem.tenant = 'head test 2';
SELECT threadmem.notify_channel() <> :'channel' AS another;
DELETE FROM threadmem_data.notify_channels WHERE tenant_id ~ '^head test';
RESET threadmem.tenant;
