-- Bodies and hashes that no function wrote: constraints keep them out, and where those are dropped a message is refused, or left out of a list, and the server stays up.
SET threadmem.tenant = 'message damaged';
SELECT thread_id FROM threadmem.thread_create('t');
SELECT message_id FROM threadmem.message_add('t', 'user', 'hello', message_id => 'a');
SELECT message_id FROM threadmem.message_add('t', 'user', 'you there', message_id => 'b');
SELECT message_id FROM threadmem.message_start('t', message_id => 's');

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
    $$UPDATE threadmem_data.messages SET body = NULL$$,
    $$UPDATE threadmem_data.messages SET body = '"x"'$$,
    $$UPDATE threadmem_data.messages SET body_hash = NULL$$,
    $$UPDATE threadmem_data.messages SET body_hash = '\x01'$$,
    $$UPDATE threadmem_data.messages SET state = 'erased'$$,
    $$UPDATE threadmem_data.messages SET state = 'x'$$,
    $$UPDATE threadmem_data.messages SET status = 'x'$$,
    $$UPDATE threadmem_data.messages SET metadata = '[]'$$,
    $$UPDATE threadmem_data.messages SET rev = 0$$,
    $$UPDATE threadmem_data.messages SET seq = -1$$,
    $$UPDATE threadmem_data.messages SET event_at = 'infinity'$$,
    $$UPDATE threadmem_data.messages SET embedding = '{{1,2},{3,4}}'$$,
    $$UPDATE threadmem_data.messages SET embedding = '{NULL}'$$]) change;
UPDATE threadmem_data.messages SET body = '[]' WHERE tenant_id = 'message damaged';

-- One that is erased has lost the bodies of all its revisions.
BEGIN;
SELECT message_id FROM threadmem.message_update('t', 'a', content => 'hello you');
SELECT state FROM threadmem.message_erase('t', 'a');
SELECT rev, state, body, body_hash FROM threadmem_data.messages WHERE tenant_id = 'message damaged' AND message_id = 'a' ORDER BY rev;
ROLLBACK;

-- What a call on a thread with such rows gives: XX001, or the rest.
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
INSERT INTO calls VALUES ($$message_update('t', 'a', content => 'x')$$), ($$message_update('t', 'a', body => '{"role": "user", "content": "x"}')$$), ($$message_delete('t', 'a')$$),
    ($$message_complete('t', 's')$$), ($$message_fail('t', 's')$$), ($$message_format('t', 'openai')$$), ($$thread_format('t', 'langgraph')$$), ($$thread_state('t')$$),
    ($$thread_update_state('t', '{"messages": {"role": "user", "content": "x", "id": "a"}}')$$),
    ($$checkpoint_put('t', '{"id": "c", "channel_values": {"messages": [{"role": "user", "content": "hello", "id": "a"}]}, "channel_versions": {"messages": 1}}')$$);
BEGIN;
ALTER TABLE threadmem_data.messages DROP CONSTRAINT messages_sound;
SAVEPOINT s;
UPDATE threadmem_data.messages SET body = NULL WHERE tenant_id = 'message damaged' AND message_id <> 'b';
SELECT call, pg_temp.try(call) FROM calls;
SELECT message_id FROM threadmem.message_context('t');
ROLLBACK TO s;
UPDATE threadmem_data.messages SET body = '"x"' WHERE tenant_id = 'message damaged' AND message_id <> 'b';
SELECT call, pg_temp.try(call) FROM calls;
SELECT message_id FROM threadmem.message_context('t');
ROLLBACK TO s;
UPDATE threadmem_data.messages SET body_hash = NULL WHERE tenant_id = 'message damaged';
SELECT call, pg_temp.try(call) FROM calls;
ROLLBACK TO s;
-- Too short, and so long that it is stored elsewhere.
UPDATE threadmem_data.messages SET body_hash = '\x01' WHERE tenant_id = 'message damaged';
SELECT call, pg_temp.try(call) FROM calls;
ROLLBACK TO s;
UPDATE threadmem_data.messages SET body_hash = (SELECT string_agg(sha256(i::text::bytea), '') FROM generate_series(1, 400) i) WHERE tenant_id = 'message damaged';
SELECT call, pg_temp.try(call) FROM calls;
SELECT problem FROM threadmem.threadmem_verify('t') WHERE problem ~ 'damaged';
ROLLBACK;
SELECT count(*) > 0 AS gone FROM threadmem.thread_delete('t');
