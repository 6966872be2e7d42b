-- A write that names a run is refused when the run is over, whoever noted it, or was deleted and another has the thread; another system's run id passes.
\set SHOW_CONTEXT never
\pset null (null)
SET threadmem.tenant = 'fence test';
CREATE FUNCTION pg_temp.try(call text) RETURNS text LANGUAGE plpgsql AS
$$DECLARE d text;
BEGIN EXECUTE 'SELECT count(*) FROM threadmem.' || call; RETURN 'done';
EXCEPTION WHEN OTHERS THEN GET STACKED DIAGNOSTICS d = PG_EXCEPTION_DETAIL; RETURN concat_ws(' ', SQLSTATE, SQLERRM || ':', d); END$$;
-- Every write that may name a run; each is undone.
CREATE FUNCTION pg_temp.writes(thread text, run text, OUT call text, OUT outcome text) RETURNS SETOF record LANGUAGE plpgsql AS
$$BEGIN
    FOREACH call IN ARRAY ARRAY['message_add(%1$L, ''assistant'', ''x'', run_id => %2$L)', 'message_add(%1$L, body => ''{"role": "assistant", "content": "x", "run_id": "%2$s"}'')', 'message_add_batch(%1$L, ''[{"role": "user", "content": "x"}, {"role": "user", "content": "y", "run_id": "%2$s"}]'')',
        'message_add_batch(%1$L, ''[{"role": "user", "content": "x"}]'', run_id => %2$L)', 'message_start(%1$L, run_id => %2$L)', 'run_step_add(%1$L, %2$L)', 'thread_update_state(%1$L, ''{"n": 1}'', ''agent'', run_id => %2$L)',
        'checkpoint_put(%1$L, ''{"id": "1f", "channel_values": {"n": 1}, "channel_versions": {"n": 1}}'', ''{"run_id": "%2$s"}'')', 'checkpoint_put(%1$L, ''{"id": "1f", "channel_values": {"n": 1}, "channel_versions": {"n": 1}}'', ''{"run_id": "%2$s"}'', checkpoint_ns => ''sub'')', 'checkpoint_put_writes(%1$L, ''1e'', ''task'', ''[["n", 1]]'', run_id => %2$L)'] LOOP
        outcome := NULL;
        BEGIN
            outcome := pg_temp.try(format(call, thread, run));
            RAISE EXCEPTION 'undone';
        EXCEPTION WHEN raise_exception THEN NULL; END;
        call := substring(call FROM '^\w+');
        RETURN NEXT;
    END LOOP;
END$$;
CREATE FUNCTION pg_temp.outcomes(thread text, run text, OUT outcome text, OUT calls text) RETURNS SETOF record LANGUAGE sql AS
$$SELECT w.outcome, string_agg(DISTINCT w.call, ', ') FROM pg_temp.writes(thread, run) w GROUP BY 1 ORDER BY 1$$;
CREATE FUNCTION pg_temp.at_work(thread text, run text) RETURNS text LANGUAGE sql AS
$$SELECT (threadmem.run_create(thread, run_id => run)).status || ' ' || (threadmem.run_start(thread, run, worker => run)).status$$;

-- The run at work, and an id that is nobody's, in a thread with runs and in one without.
SELECT thread_id FROM threadmem.thread_create('t');
SELECT thread_id FROM threadmem.thread_create('none');
SELECT pg_temp.at_work('t', 'r1');
SELECT * FROM pg_temp.outcomes('t', 'r1');
SELECT * FROM pg_temp.outcomes('t', 'foreign');
SELECT * FROM pg_temp.outcomes('none', 'r1');
-- Queued, cancelling or waiting it is not over.
SELECT status FROM threadmem.run_create('t', run_id => 'q');
SELECT outcome, calls FROM pg_temp.outcomes('t', 'q') WHERE outcome ~ '^(done|55000 run is over)';
SELECT status FROM threadmem.run_cancel('t', 'r1');
SELECT outcome FROM pg_temp.outcomes('t', 'r1');
-- A stream of it, and messages that are stored before it ends.
SELECT seq FROM threadmem.message_start('t', message_id => 's', run_id => 'r1');
SELECT threadmem.message_append('t', 's', 1, 'a'), threadmem.message_append('t', 's', 2, 'b');
SELECT seq FROM threadmem.message_add('t', 'assistant', 'x', message_id => 'm', run_id => 'r1');
SELECT checkpoint_id FROM threadmem.checkpoint_put('t', '{"id": "1e", "channel_values": {"n": 1}, "channel_versions": {"n": 1}}', '{"run_id": "r1"}');

-- Past its lease, and nobody has written that down.
UPDATE threadmem_data.runs SET lease_until = now() - interval '1 second' WHERE tenant_id = 'fence test' AND run_id = 'r1';
SELECT * FROM pg_temp.outcomes('t', 'r1');
SELECT pg_temp.try($$message_append('t', 's', 3, 'c')$$), pg_temp.try($$message_append('t', 's', 2, 'b')$$), pg_temp.try($$message_complete('t', 's')$$);
-- What is stored is no write: a retry gets what there is.
SELECT seq FROM threadmem.message_add('t', 'assistant', 'x', message_id => 'm', run_id => 'r1');
SELECT checkpoint_id FROM threadmem.checkpoint_put('t', '{"id": "1e", "channel_values": {"n": 1}, "channel_versions": {"n": 1}}', '{"run_id": "r1"}');
SELECT pg_temp.try($$checkpoint_put('t', '{"id": "1e", "channel_values": {"n": 2}, "channel_versions": {"n": 2}}', '{"run_id": "r1"}')$$);
-- Others write on; a message of the thread that names no run, too.
SELECT pg_temp.try($$message_add('t', 'user', 'y')$$), pg_temp.try($$checkpoint_put_writes('t', '1e', 'task', '[["n", 1]]')$$);
-- Over in every way.
SELECT run_id, status FROM threadmem.run_expire('t', 'r1');
SELECT outcome FROM pg_temp.outcomes('t', 'r1');
SELECT status FROM threadmem.run_start('t', 'q');
SELECT status FROM threadmem.run_complete('t', 'q');
SELECT outcome FROM pg_temp.outcomes('t', 'q');
SELECT pg_temp.at_work('t', 'f'), (threadmem.run_fail('t', 'f')).status;
SELECT pg_temp.at_work('t', 'i'), (threadmem.run_interrupt('t', 'i')).status;
SELECT (threadmem.run_create('t', run_id => 'c')).status, (threadmem.run_cancel('t', 'c')).status;
SELECT r, outcome, calls FROM unnest('{f,i,c}'::text[]) r, pg_temp.outcomes('t', r);
-- A run of the same name in another thread is another run.
SELECT pg_temp.at_work('none', 'f');
SELECT outcome FROM pg_temp.outcomes('none', 'f');
-- A copy has no runs: what its messages name is over and done with there.
SELECT thread_id FROM threadmem.thread_copy('t', 'copy');
SELECT outcome FROM pg_temp.outcomes('copy', 'f');

-- Rolled back: as long as another has the thread, and while the tombstone stands.
SELECT thread_id FROM threadmem.thread_create('b');
SELECT pg_temp.at_work('b', 'r1');
SELECT seq FROM threadmem.message_start('b', message_id => 's', run_id => 'r1');
SELECT status FROM threadmem.run_create('b', run_id => 'r2', strategy => 'rollback');
SELECT * FROM pg_temp.outcomes('b', 'r1');
SELECT status FROM threadmem.run_start('b', 'r2');
SELECT outcome FROM pg_temp.outcomes('b', 'r1');
SELECT pg_temp.try($$message_append('b', 's', 1, 'c')$$), pg_temp.try($$message_complete('b', 's')$$);
SELECT outcome FROM pg_temp.outcomes('b', 'r2');
UPDATE threadmem_data.run_tombstones SET deleted_at = now() - interval '25 hours' WHERE tenant_id = 'fence test';
SELECT * FROM pg_temp.outcomes('b', 'r1');
UPDATE threadmem_data.run_tombstones SET deleted_at = now() WHERE tenant_id = 'fence test';
SELECT status FROM threadmem.run_complete('b', 'r2');
SELECT * FROM pg_temp.outcomes('b', 'r1');
-- The id taken again is the new run's; rolled back again it is gone again.
SELECT pg_temp.at_work('b', 'r1');
SELECT outcome FROM pg_temp.outcomes('b', 'r1');
SELECT status FROM threadmem.run_create('b', run_id => 'r3', strategy => 'rollback');
SELECT outcome FROM pg_temp.outcomes('b', 'r1');
-- Old ones go with the next, and all with their thread.
UPDATE threadmem_data.run_tombstones SET deleted_at = now() - interval '25 hours' WHERE tenant_id = 'fence test';
SELECT status FROM threadmem.run_create('b', run_id => 'r4', strategy => 'rollback');
SELECT run_id FROM threadmem_data.run_tombstones WHERE tenant_id = 'fence test';
SELECT * FROM threadmem.threadmem_verify();
SELECT sum(deleted) FROM threadmem.thread_delete('b');
SELECT count(*) FROM threadmem_data.run_tombstones WHERE tenant_id = 'fence test';
