-- Assistants, threads and runs that no function wrote: constraints keep them out, and where those are dropped a run is refused.
SET threadmem.tenant = 'run damaged';
SELECT assistant_id FROM threadmem.assistant_create('a', config => '{"configurable": {"x": 1}}');
SELECT thread_id FROM threadmem.thread_create('t', assistant_id => 'a');
SELECT run_id FROM threadmem.run_create('t', run_id => 'r');

-- What the columns must not be.
CREATE FUNCTION pg_temp.refused(change text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE what text; name text;
BEGIN
    EXECUTE change || CASE WHEN change ~ '^UPDATE own' THEN '' ELSE ' WHERE tenant_id = current_setting(''threadmem.tenant'')' END;
    RETURN 'let in';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS what = PG_EXCEPTION_DETAIL, name = CONSTRAINT_NAME;
    RETURN concat_ws(': ', SQLSTATE, CASE WHEN name = '' THEN what ELSE name END);
END $$;
SELECT change, pg_temp.refused(change) FROM unnest(ARRAY[
    $$UPDATE threadmem_data.assistants SET config = '[1]'$$,
    $$UPDATE threadmem_data.assistants SET tools = '{}'$$,
    $$UPDATE threadmem_data.assistants SET version = 0$$,
    $$UPDATE threadmem_data.threads SET config = '[1]'$$,
    $$UPDATE threadmem_data.threads SET metadata = '1'$$,
    $$UPDATE threadmem_data.threads SET assistant_pinned = true, assistant_id = NULL$$,
    $$UPDATE threadmem_data.threads SET status = 'x'$$,
    $$UPDATE threadmem_data.threads SET ttl_strategy = 'x'$$,
    $$UPDATE threadmem_data.threads SET live_messages = -1$$,
    $$UPDATE threadmem_data.threads SET live_messages = 10000000$$,
    $$UPDATE threadmem_data.threads SET next_run = 0$$,
    $$UPDATE threadmem_data.threads SET created_at = 'infinity'$$,
    $$UPDATE threadmem_data.runs SET status = 'x'$$,
    $$UPDATE threadmem_data.runs SET strategy = 'x'$$,
    $$UPDATE threadmem_data.runs SET awaits = '{NULL}'$$,
    $$UPDATE threadmem_data.runs SET awaits = '{{a,b},{c,d}}'$$,
    $$UPDATE threadmem_data.runs SET actions = -1$$,
    $$UPDATE threadmem_data.runs SET usage = '5'$$,
    $$UPDATE threadmem_data.runs SET due_at = 'infinity'$$]) change;

CREATE FUNCTION pg_temp.try(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text; detail text;
BEGIN
    EXECUTE format('SELECT string_agg(q::text, '' '') FROM (SELECT * FROM threadmem.%s) q', call) INTO answer;
    RAISE EXCEPTION USING ERRCODE = 'RW000'; -- what it did is undone

EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RETURN CASE WHEN SQLSTATE = 'RW000' THEN 'answered' ELSE concat_ws(': ', SQLSTATE, SQLERRM, detail) END;
END $$;
BEGIN;
ALTER TABLE threadmem_data.assistants DROP CONSTRAINT assistants_documents;
ALTER TABLE threadmem_data.threads DROP CONSTRAINT threads_sound;
ALTER TABLE threadmem_data.runs DROP CONSTRAINT runs_sound;
SAVEPOINT s;
UPDATE threadmem_data.assistants SET config = (SELECT jsonb_agg(i) FROM generate_series(1, 400) i) WHERE tenant_id = 'run damaged';
SELECT pg_temp.try($$run_create('t', run_id => 'r2')$$);
ROLLBACK TO s;
UPDATE threadmem_data.threads SET config = '[1, 2]' WHERE tenant_id = 'run damaged';
SELECT pg_temp.try($$run_create('t', run_id => 'r2')$$);
ROLLBACK TO s;
UPDATE threadmem_data.threads SET assistant_pinned = true, assistant_id = NULL WHERE tenant_id = 'run damaged';
SELECT pg_temp.try($$run_create('t', 'a', run_id => 'r2')$$), pg_temp.try($$thread_update('t', assistant_id => 'a')$$);
ROLLBACK TO s;
UPDATE threadmem_data.runs SET status = 'no such status' WHERE tenant_id = 'run damaged';
SELECT pg_temp.try($$run_start('t', 'r')$$), pg_temp.try($$run_list('t')$$), pg_temp.try($$run_cancel('t', 'r')$$);
ROLLBACK;
SELECT count(*) > 0 AS gone FROM threadmem.thread_delete('t');
