-- The queue: run_claim gives the run that has been due for longest and is the next of its thread, whatever has come and gone before; and
-- neither it nor any other call on a run looks at those that wait behind others.
\set SHOW_CONTEXT never
SET threadmem.tenant = 'run queue';
SET client_min_messages = warning;

-- What the next claim has to give, by its definition, from all rows there are.
CREATE FUNCTION pg_temp.expected() RETURNS text LANGUAGE sql AS $$
    SELECT q.thread_id || ' ' || q.run_id FROM threadmem_data.runs q
     WHERE q.tenant_id = 'run queue' AND q.status = 'queued' AND q.due_at <= clock_timestamp() AND q.expires_at > clock_timestamp()
       AND NOT EXISTS (SELECT FROM threadmem_data.runs o WHERE o.tenant_id = q.tenant_id AND o.thread_id = q.thread_id AND o.run_id <> q.run_id
           AND o.completed_at IS NULL AND least(o.lease_until, o.expires_at) > clock_timestamp() AND (o.status <> 'queued' OR (o.due_at, o.seq) < (q.due_at, q.seq)))
     ORDER BY q.due_at, q.thread_id, q.seq LIMIT 1$$;
-- The rule of src/run/claim.c: the runs that are blocked for longer than the one before them lives, or for nothing. And those at work that
-- run_expire() would see too late.
CREATE FUNCTION pg_temp.broken() RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM (SELECT q.*, lag(q.expires_at, 1, w.until) OVER (PARTITION BY q.thread_id ORDER BY q.due_at, q.seq) AS until FROM threadmem_data.runs q
        LEFT JOIN (SELECT o.thread_id, least(o.lease_until, o.expires_at) AS until FROM threadmem_data.runs o
            WHERE o.tenant_id = 'run queue' AND o.status IN ('in_progress', 'requires_action', 'cancelling')) w USING (thread_id)
        WHERE q.tenant_id = 'run queue' AND q.status = 'queued') q WHERE q.blocked_until IS NOT NULL AND (q.blocked_until <= q.until) IS NOT TRUE$$;
CREATE FUNCTION pg_temp.unwatched() RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM threadmem_data.runs WHERE tenant_id = 'run queue' AND status IN ('in_progress', 'requires_action', 'cancelling')
       AND (blocked_until <= least(lease_until, expires_at)) IS NOT TRUE$$;
-- What the rows of the threads tell of their runs: until when they are busy, or wait for outputs. And runs whose time was over before a call
-- on their thread, which has to write that down.
CREATE FUNCTION pg_temp.wrong() RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM threadmem_data.threads t, LATERAL (SELECT max(least(o.lease_until, o.expires_at)) FILTER (WHERE o.status <> 'requires_action') AS busy,
            max(o.expires_at) FILTER (WHERE o.status = 'requires_action') AS waits
        FROM threadmem_data.runs o WHERE o.tenant_id = t.tenant_id AND o.thread_id = t.thread_id AND o.completed_at IS NULL) r
     WHERE t.tenant_id = 'run queue' AND (t.busy_until, t.waits_until) IS DISTINCT FROM (r.busy, r.waits)$$;
CREATE FUNCTION pg_temp.forgotten(thread text) RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM threadmem_data.runs WHERE tenant_id = 'run queue' AND thread_id = thread AND completed_at IS NULL AND least(lease_until, expires_at) <= clock_timestamp()$$;
-- Time goes on: whatever is still to come is so much nearer. In thousands of seconds, so that the test's own time makes no difference.
CREATE FUNCTION pg_temp.wait(n integer) RETURNS void LANGUAGE sql AS $$
    UPDATE threadmem_data.runs SET created_at = created_at - s, due_at = due_at - s, expires_at = expires_at - s, lease_until = lease_until - s, blocked_until = blocked_until - s
      FROM (VALUES (n * 1000 * interval '1 second')) v (s) WHERE tenant_id = 'run queue' AND completed_at IS NULL;
    UPDATE threadmem_data.threads SET busy_until = busy_until - s, waits_until = waits_until - s
      FROM (VALUES (n * 1000 * interval '1 second')) v (s) WHERE tenant_id = 'run queue'$$;
CREATE FUNCTION pg_temp.some(n integer) RETURNS integer LANGUAGE sql AS $$SELECT floor(random() * n)::integer$$;

-- Anything, in any order: 2,200 calls on five threads, then on one whose line is longer than what is read of it at once.
CREATE TEMP TABLE done (what text, result text);
CREATE PROCEDURE pg_temp.do_something(n integer) LANGUAGE plpgsql AS $$
DECLARE
    thread text := 't' || pg_temp.some(CASE WHEN n <= 1200 THEN 5 ELSE 1 END);
    run text := (SELECT run_id FROM threadmem_data.runs WHERE tenant_id = 'run queue' AND thread_id = thread AND completed_at IS NULL
        ORDER BY status = 'queued', random() LIMIT 1);
    lease interval := (1 + pg_temp.some(6)) * 1000 * interval '1 second';
    what text := (ARRAY['create', 'create', 'create', 'create', 'create', 'later', 'later', 'make way', 'claim', 'claim', 'claim', 'claim', 'start', 'complete', 'complete',
        'complete', 'ask', 'ask', 'answer', 'answer', 'go on', 'beat', 'beat', 'cancel', 'cancel any', 'fail', 'expire', 'expire all', 'wait', 'wait', 'wait'])[1 + pg_temp.some(31)];
    hope text;
    got text;
BEGIN
    IF what LIKE '% any' THEN
        run := (SELECT run_id FROM threadmem_data.runs WHERE tenant_id = 'run queue' AND thread_id = thread AND status = 'queued' ORDER BY random() LIMIT 1);
    END IF;
    CASE split_part(what, ' ', 1)
        WHEN 'create' THEN PERFORM threadmem.run_create(thread, run_id => 'r' || n, expires_in => (1 + pg_temp.some(12)) * 1000 * interval '1 second');
        WHEN 'later' THEN PERFORM threadmem.run_create(thread, run_id => 'r' || n, after_seconds => pg_temp.some(10) * 1000, expires_in => (1 + pg_temp.some(12)) * 1000 * interval '1 second');
        WHEN 'make' THEN PERFORM threadmem.run_create(thread, run_id => 'r' || n, strategy => (ARRAY['interrupt', 'rollback', 'reject', 'reject'])[1 + pg_temp.some(4)]);
        WHEN 'claim' THEN
            hope := pg_temp.expected();
            got := (SELECT thread_id || ' ' || run_id FROM threadmem.run_claim('w', lease));
            IF got IS DISTINCT FROM hope THEN
                RAISE WARNING 'call % claimed % and not %', n, got, hope;
            END IF;
        WHEN 'start' THEN PERFORM threadmem.run_start(thread, lease => lease);
        WHEN 'go' THEN PERFORM threadmem.run_start(thread, run, lease => lease);
        WHEN 'complete' THEN PERFORM threadmem.run_complete(thread, run);
        WHEN 'ask' THEN PERFORM threadmem.run_require_action(thread, run, '[{"id": "c"}]');
        WHEN 'answer' THEN PERFORM threadmem.run_submit_tool_outputs(thread, run, '[{"tool_call_id": "c", "output": "x"}]');
        WHEN 'beat' THEN PERFORM threadmem.run_heartbeat(thread, run, lease => lease);
        WHEN 'cancel' THEN PERFORM threadmem.run_cancel(thread, run);
        WHEN 'fail' THEN PERFORM threadmem.run_fail(thread, run);
        WHEN 'expire' THEN
            IF what = 'expire' THEN PERFORM threadmem.run_expire(thread, run); ELSE PERFORM threadmem.run_expire(); END IF;
        WHEN 'wait' THEN PERFORM pg_temp.wait(pg_temp.some(3));
    END CASE;
    INSERT INTO done VALUES (what, coalesce(got, 'ok'));
    IF what NOT IN ('claim', 'wait') AND pg_temp.forgotten(thread) > 0 THEN
        RAISE WARNING 'call % (%) has forgotten a run', n, what;
    END IF;
    IF what = 'expire all' AND (SELECT sum(pg_temp.forgotten('t' || t)) FROM generate_series(0, 4) t) > 0 THEN
        RAISE WARNING 'call % has not found what is over', n;
    END IF;
EXCEPTION WHEN object_in_use OR object_not_in_prerequisite_state OR no_data_found OR invalid_parameter_value THEN
    INSERT INTO done VALUES (what, 'refused');
END $$;
SELECT count(threadmem.thread_create('t' || n)) AS threads FROM generate_series(0, 4) n;
DO $$
DECLARE
    blocked bigint := 0;
    longest bigint := 0;
BEGIN
    PERFORM setseed(0.15);
    FOR n IN 1 .. 2200 LOOP
        CALL pg_temp.do_something(n);
        IF pg_temp.broken() + pg_temp.unwatched() + pg_temp.wrong() > 0 THEN
            RAISE EXCEPTION 'call % broke the rule (%, %) or misled (%): %', n, pg_temp.broken(), pg_temp.unwatched(), pg_temp.wrong(), (SELECT what FROM done OFFSET n - 1);
        END IF;
        IF n % 50 = 0 THEN
            COMMIT;
        END IF;
        blocked := blocked + (SELECT count(*) FROM threadmem_data.runs WHERE tenant_id = 'run queue' AND blocked_until > clock_timestamp());
        longest := longest + (SELECT (count(*) > 8)::int FROM threadmem_data.runs WHERE tenant_id = 'run queue' AND thread_id = 't0' AND completed_at IS NULL);
    END LOOP;
    INSERT INTO done VALUES ('blocked', blocked), ('longest', longest);
END $$;
-- All of it happened, and often.
SELECT what, count(*) FILTER (WHERE result <> 'refused') > 3 AS often FROM done WHERE what NOT IN ('blocked', 'longest') GROUP BY what ORDER BY what;
SELECT count(*) FILTER (WHERE what = 'claim' AND result LIKE 't%') > 100 AS claimed, count(*) FILTER (WHERE what = 'claim' AND result = 'ok') > 20 AS none,
       max(result) FILTER (WHERE what = 'blocked')::bigint > 2000 AS blocked,
       max(result) FILTER (WHERE what = 'longest')::bigint > 100 AS long FROM done;
SELECT sum(deleted) > 0 AS deleted FROM generate_series(0, 4) n, LATERAL threadmem.thread_delete('t' || n, keep_memory => false);

-- What calls read does not grow with the runs that wait: behind one at work, each behind one of its own thread, for a time to come, or for
-- nothing any more; counted over the table and its indexes.
CREATE PROCEDURE pg_temp.fill(size integer) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('threadmem.tenant', 'run queue ' || size, false);
    PERFORM threadmem.thread_create(t) FROM unnest('{busy,later}'::text[]) t;
    PERFORM threadmem.run_create('busy', run_id => 'first'), threadmem.run_start('busy', lease => '1 day');
    FOR n IN 1 .. size LOOP
        PERFORM threadmem.run_create('busy', run_id => 'r' || n);
        PERFORM threadmem.run_create('behind ' || n, run_id => 'first', if_not_exists => 'create'), threadmem.run_start('behind ' || n, lease => '1 day');
        PERFORM threadmem.run_create('behind ' || n, run_id => 'second');
        PERFORM threadmem.run_create('later', run_id => 'r' || n, after_seconds => 4000 + n);
        PERFORM threadmem.run_create('later ' || n, run_id => 'r', after_seconds => 4000 + n, if_not_exists => 'create');
        PERFORM threadmem.run_create('over ' || n, run_id => 'r', expires_in => '1 microsecond', if_not_exists => 'create');
        PERFORM threadmem.run_create('past', run_id => 'r' || n, if_not_exists => 'create'), threadmem.run_cancel('past', 'r' || n);
        COMMIT;
    END LOOP;
    PERFORM threadmem.run_create('past', run_id => 'over', expires_in => '1 microsecond');
END $$;
CREATE FUNCTION pg_temp.reads() RETURNS numeric LANGUAGE sql AS $$
    SELECT sum(pg_stat_get_xact_tuples_returned(oid)) + pg_stat_get_xact_tuples_fetched('threadmem_data.runs'::regclass)
      FROM (SELECT 'threadmem_data.runs'::regclass::oid UNION ALL SELECT indexrelid FROM pg_index WHERE indrelid = 'threadmem_data.runs'::regclass) r (oid)$$;
CREATE FUNCTION pg_temp.read_by(size integer, call text) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    before numeric := pg_temp.reads();
BEGIN
    PERFORM set_config('threadmem.tenant', 'run queue ' || size, false);
    BEGIN
        EXECUTE call;
        RAISE EXCEPTION 'undone' USING ERRCODE = 'object_in_use';
    EXCEPTION WHEN object_in_use THEN NULL;
    END;
    RETURN pg_temp.reads() - before;
END $$;
CREATE PROCEDURE pg_temp.fill_others(size integer) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('threadmem.tenant', 'run queue ' || size, false);
    PERFORM threadmem.assistant_create(a, graph_id => 'of ' || a) FROM unnest('{a,b}'::text[]) a;
    FOR n IN 1 .. size - 1 LOOP
        PERFORM threadmem.run_create('of a ' || n, 'a', run_id => 'r', if_not_exists => 'create');
        PERFORM threadmem.run_create('at work ' || n, run_id => 'r', if_not_exists => 'create'), threadmem.run_start('at work ' || n, 'r', lease => '1 second');
        PERFORM threadmem.run_heartbeat('at work ' || n, 'r', lease => '1 day');
        UPDATE threadmem_data.runs SET blocked_until = blocked_until - interval '2 seconds' WHERE tenant_id = 'run queue ' || size AND thread_id = 'at work ' || n;
        COMMIT;
    END LOOP;
    PERFORM threadmem.run_expire();
    COMMIT;
END $$;
CALL pg_temp.fill(20);
CALL pg_temp.fill(500);
CALL pg_temp.fill_others(21);
CALL pg_temp.fill_others(501);
VACUUM threadmem_data.runs;
SELECT call, small > 0 AS counted, large <= small * 1.5 + 5 AS flat, CASE WHEN large > small * 1.5 + 5 THEN small || ', ' || large END AS short
  FROM unnest(ARRAY[
    'threadmem.run_claim()',
    'threadmem.run_create(''busy'')',
    'threadmem.run_create(''busy'', strategy => ''reject'')',
    'threadmem.run_create(''later'')',
    'threadmem.run_create(''later'', after_seconds => 8000)',
    'threadmem.run_create(''past'')',
    'threadmem.run_create(''later''), threadmem.run_claim()',
    'threadmem.run_create(''over 1''), threadmem.run_claim()',
    'threadmem.run_heartbeat(''busy'', ''first'')',
    'threadmem.run_step_add(''busy'', ''first'')',
    'threadmem.run_complete(''busy'', ''first'')',
    'threadmem.run_complete(''busy'', ''first''), threadmem.run_claim()',
    'threadmem.run_complete(''busy'', ''first''), threadmem.run_start(''busy'')',
    'threadmem.run_complete(''behind 7'', ''first''), threadmem.run_claim()',
    'threadmem.run_require_action(''busy'', ''first'', ''[{"id": "c"}]''), threadmem.run_submit_tool_outputs(''busy'', ''first'', ''[{"tool_call_id": "c", "output": "x"}]'')',
    'threadmem.run_cancel(''busy'', ''r10'')',
    'threadmem.run_fail(''later'', ''r10'')',
    'threadmem.run_expire(''busy'', ''r10'')',
    'threadmem.run_expire(''busy'')',
    'threadmem.run_list(''busy'', status => ''in_progress'')',
    'threadmem.thread_update_state(''busy'', ''{"k": 1}'')']) call,
  LATERAL (SELECT pg_temp.read_by(20, 'SELECT ' || call) AS small, pg_temp.read_by(500, 'SELECT ' || call) AS large) r;
-- Nor with those of other assistants, or at work and not over, once they have been looked at.
SELECT call, large - small AS more FROM unnest(ARRAY[
    'threadmem.run_claim(assistant_id => ''b'')',
    'threadmem.run_claim(graph_id => ''of b'')',
    'threadmem.run_claim(assistant_id => ''b'', graph_id => ''of b'')',
    'threadmem.run_expire()']) call,
  LATERAL (SELECT pg_temp.read_by(21, 'SELECT ' || call) AS small, pg_temp.read_by(501, 'SELECT ' || call) AS large) r;

-- Nor with those that are over and of which nobody has written it down, nor with those that come after such and are over as well, while not
-- many others are queued; and the order is the same as ever. One that comes after such and is not over is the first.
CREATE PROCEDURE pg_temp.fill_over(size integer) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('threadmem.tenant', 'run queue ' || size, false);
    PERFORM threadmem.assistant_create(a, graph_id => 'of ' || a) FROM unnest('{a,b}'::text[]) a;
    PERFORM threadmem.run_create('over ' || n, run_id => run, if_not_exists => 'create') FROM unnest('{r,s}'::text[]) run, generate_series(1, size) n;
    PERFORM threadmem.run_create('freed', run_id => run, if_not_exists => 'create') FROM unnest('{r,live}'::text[]) run;
    UPDATE threadmem_data.runs SET blocked_until = CASE WHEN blocked_until IS NOT NULL THEN clock_timestamp() END,
        expires_at = CASE run_id WHEN 'live' THEN expires_at WHEN 'r' THEN clock_timestamp() - interval '1 hour' ELSE clock_timestamp() END
     WHERE tenant_id = 'run queue ' || size; -- of each thread one, before the second of any
    PERFORM threadmem.run_create('live ' || n, CASE WHEN n = 3 THEN 'b' ELSE 'a' END, run_id => 'r', if_not_exists => 'create') FROM generate_series(1, 4) n;
    PERFORM threadmem.run_create('live 1', run_id => 'next');
    COMMIT;
    -- who waits longest has the longest time
    UPDATE threadmem_data.runs SET expires_at = expires_at + (9 - right(thread_id, 1)::integer) * interval '1 hour' WHERE tenant_id = 'run queue ' || size AND thread_id ~ '^live';
END $$;
CALL pg_temp.fill_over(30);
CALL pg_temp.fill_over(3000);
VACUUM threadmem_data.runs;
CREATE FUNCTION pg_temp.pages() RETURNS numeric LANGUAGE sql AS $$
    SELECT sum(pg_stat_get_xact_blocks_fetched(indexrelid)) FROM pg_index WHERE indexrelid::regclass::text ~ 'runs_(queue|of_|blocked)' $$;
CREATE FUNCTION pg_temp.claims(size integer) RETURNS TABLE (n integer, thread_id text, run_id text, pages numeric) LANGUAGE plpgsql AS $$
DECLARE
    before numeric;
BEGIN
    PERFORM set_config('threadmem.tenant', 'run queue ' || size, false);
    FOREACH n IN ARRAY '{1,2,3,4,5,6}'::integer[] LOOP
        before := pg_temp.pages();
        SELECT c.thread_id, c.run_id INTO claims.thread_id, claims.run_id
          FROM threadmem.run_claim('w', assistant_id => CASE n WHEN 3 THEN 'a' END, graph_id => CASE n WHEN 2 THEN 'of b' END) c;
        pages := pg_temp.pages() - before;
        RETURN NEXT;
    END LOOP;
END $$;
SELECT n, thread_id, run_id, pages < 30 AS few, CASE WHEN pages >= 30 THEN pages END AS pages FROM pg_temp.claims(30);
SELECT n, thread_id, run_id, pages < 30 AS few, CASE WHEN pages >= 30 THEN pages END AS pages FROM pg_temp.claims(3000);
-- Where many others are, it goes past them, and writes down more; and frees what comes after those that are over.
SET threadmem.tenant = 'run queue 3000';
SELECT count(threadmem.run_create('more ' || n, run_id => 'r', if_not_exists => 'create')) FROM generate_series(1, 100) n;
SELECT count(threadmem.run_create('late', run_id => run, if_not_exists => 'create', expires_in => e * interval '1 day')) FROM (VALUES ('r', 1), ('live', 2)) AS v (run, e);
UPDATE threadmem_data.runs SET expires_at = CASE run_id WHEN 'live' THEN expires_at ELSE clock_timestamp() END, due_at = due_at - interval '1 day',
    created_at = created_at - interval '1 day', blocked_until = CASE WHEN blocked_until IS NOT NULL THEN clock_timestamp() END
 WHERE tenant_id = 'run queue 3000' AND thread_id = 'late';
SELECT count(*) AS before FROM threadmem_data.runs WHERE tenant_id = 'run queue 3000' AND status = 'expired' \gset
SELECT thread_id FROM threadmem.run_claim('w');
SELECT count(*) - :before AS written FROM threadmem_data.runs WHERE tenant_id = 'run queue 3000' AND status = 'expired';

-- A heartbeat touches no index: it is the update that comes most often.
SET threadmem.tenant = 'run queue 500';
CREATE PROCEDURE pg_temp.beat() LANGUAGE plpgsql AS $$
BEGIN
    FOR n IN 1 .. 500 LOOP
        PERFORM threadmem.run_heartbeat('behind ' || n, 'first', lease => '2 days');
        COMMIT;
    END LOOP;
END $$;
SET stats_fetch_consistency = none;
CREATE TEMP VIEW updates AS SELECT n_tup_hot_upd AS hot, n_tup_upd AS every FROM pg_stat_user_tables WHERE relid = 'threadmem_data.runs'::regclass;
SELECT pg_stat_force_next_flush();
SELECT hot, every FROM updates \gset
CALL pg_temp.beat();
SELECT pg_stat_force_next_flush();
SELECT every - :every AS updates, hot - :hot >= 0.95 * (every - :every) AS hot FROM updates;
SELECT count(*) AS tenants FROM unnest('{20,21,30,500,501,3000}'::text[]) size, LATERAL (SELECT set_config('threadmem.tenant', 'run queue ' || size, false)) t
 WHERE (SELECT sum(deleted) > 0 FROM threadmem.tenant_delete('run queue ' || size));
