-- Checkpoints that no function wrote: constraints keep them out, and where those are dropped a state is XX001, a list has the rest.
SET threadmem.tenant = 'checkpoint damaged';
SELECT checkpoint_id FROM threadmem.checkpoint_put('t', '{"v": 4, "id": "c1", "channel_values": {"n": 1, "messages": [{"role": "user", "content": "hi", "id": "m1"}]}, "channel_versions": {"n": 1, "messages": 1}}', metadata => '{"step": 0}');
SELECT checkpoint_id FROM threadmem.checkpoint_put('other', '{"v": 4, "id": "c1", "channel_values": {"n": 5}, "channel_versions": {"n": 1}}');
CREATE TEMP VIEW own AS SELECT * FROM threadmem_data.checkpoints WHERE tenant_id = 'checkpoint damaged' AND thread_id = 't';

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
    $$UPDATE own SET snapshot = '[1]'$$,
    $$UPDATE own SET snapshot = NULL$$,
    $$UPDATE own SET patch = '[]'$$,
    $$UPDATE own SET snapshot = NULL, patch = '{}', parent_seq = 0$$,
    $$UPDATE own SET snapshot = NULL, patch = '[]'$$,
    $$UPDATE own SET metadata = '[1]'$$,
    $$UPDATE own SET seen = NULL$$,
    $$UPDATE own SET seen = '{[1,)}'$$,
    $$UPDATE own SET seen = '{(,3)}'$$,
    $$UPDATE own SET seen = '{[0,3)}'$$,
    $$UPDATE own SET base_seq = 0$$,
    $$UPDATE own SET base_seq = 2$$,
    $$UPDATE own SET seq = -1$$,
    $$UPDATE own SET parent_seq = 7$$,
    $$UPDATE own SET created_at = '-infinity'$$,
    $$UPDATE threadmem_data.thread_values SET "values" = '[]'$$]) change;
-- An index of the first bytes: also where the document is stored elsewhere.
UPDATE own SET metadata = (SELECT jsonb_object_agg(i, md5(i::text)) FROM generate_series(1, 4000) i);
UPDATE own SET run_id = 'r';
UPDATE own SET metadata = (SELECT jsonb_agg(md5(i::text)) FROM generate_series(1, 4000) i);
UPDATE own SET metadata = '{"step": 0}', run_id = NULL;

CREATE FUNCTION pg_temp.try(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text; detail text;
BEGIN
    EXECUTE format('SELECT string_agg(q::text, '' '') FROM (SELECT * FROM threadmem.%s) q', call) INTO answer;
    RAISE EXCEPTION USING ERRCODE = 'RW000'; -- what it did is undone

EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RETURN CASE WHEN SQLSTATE = 'RW000' THEN 'answered' ELSE concat_ws(': ', SQLSTATE, SQLERRM, detail) END;
END $$;
CREATE TEMP TABLE calls (call text);
INSERT INTO calls VALUES ($$checkpoint_get('t')$$), ($$thread_state('t')$$), ($$thread_update_state('t', '{"n": 2}')$$), ($$thread_fold('t')$$), ($$message_list('t', view => 'state')$$), ($$thread_copy('t', 'copy')$$),
    ($$checkpoint_delta_history('t', '{n}')$$), ($$checkpoint_prune('{t}')$$), ($$thread_graph('t')$$), ($$thread_delete('t')$$);
-- Lists have every thread, whatever one of them is.
CREATE FUNCTION pg_temp.lists() RETURNS TABLE (list text, thread_id text, n text) LANGUAGE sql AS $$
    SELECT 'checkpoint_list', l.thread_id, l.checkpoint -> 'channel_values' ->> 'n' FROM threadmem.checkpoint_list() l UNION ALL
    SELECT 'thread_search', s.thread_id, s."values" ->> 'n' FROM threadmem.thread_search(fields => '{thread_id,values,interrupts}') s UNION ALL
    SELECT 'values_match', s.thread_id, NULL FROM threadmem.thread_search(values_match => '{"messages": []}') s
$$;
SELECT * FROM pg_temp.lists() ORDER BY 1, 2;
BEGIN;
ALTER TABLE threadmem_data.checkpoints DROP CONSTRAINT checkpoints_sound;
ALTER TABLE threadmem_data.checkpoints ALTER metadata DROP NOT NULL;
SET LOCAL client_min_messages = error; -- a list warns of what it cannot read
SAVEPOINT s;
UPDATE own SET metadata = NULL;
SELECT call, pg_temp.try(call) FROM calls;
SELECT * FROM pg_temp.lists() ORDER BY 1, 2;
ROLLBACK TO s;
UPDATE own SET metadata = '[1, {"a": 2}]';
SELECT call, pg_temp.try(call) FROM calls;
SELECT * FROM pg_temp.lists() ORDER BY 1, 2;
ROLLBACK TO s;
UPDATE own SET metadata = '{"step": 1e300}';
SELECT call, pg_temp.try(call) FROM calls;
SELECT * FROM pg_temp.lists() ORDER BY 1, 2;
ROLLBACK TO s;
UPDATE own SET snapshot = '[1]';
SELECT call, pg_temp.try(call) FROM calls;
SELECT * FROM pg_temp.lists() ORDER BY 1, 2;
ROLLBACK TO s;
UPDATE own SET snapshot = jsonb_set(snapshot, '{versions}', '{"n": null, "messages": {}}');
SELECT call, pg_temp.try(call) FROM calls;
ROLLBACK TO s;
UPDATE own SET snapshot = jsonb_set(snapshot, '{refs,messages}', '[[9223372036854775807, 9223372036854775807]]');
SELECT call, pg_temp.try(call) FROM calls;
SELECT * FROM pg_temp.lists() ORDER BY 1, 2;
ROLLBACK TO s;
UPDATE own SET snapshot = jsonb_set(snapshot, '{refs,messages}', '[[1, 20000000]]');
SELECT call, pg_temp.try(call) FROM calls;
SELECT * FROM pg_temp.lists() ORDER BY 1, 2;
ROLLBACK;
-- The list says which it could not read, and verify what is wrong.
BEGIN;
ALTER TABLE threadmem_data.checkpoints DROP CONSTRAINT checkpoints_sound;
UPDATE own SET snapshot = '[1]', metadata = '[]';
SELECT thread_id, checkpoint_id, checkpoint IS NULL AS unread FROM threadmem.checkpoint_list();
SELECT checkpoint, metadata, "values", position IS NOT NULL AS goes_on FROM threadmem.thread_history('t');
SELECT problem FROM threadmem.threadmem_verify('t');
ROLLBACK;
SELECT count(*) > 0 AS gone FROM unnest('{t,other}'::text[]) t, threadmem.thread_delete(t);
