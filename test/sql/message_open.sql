-- While a message is being streamed every reader shows the text so far, and its pieces can be read; it ends with its run, whether that is written down yet or not.
\set SHOW_CONTEXT never
\pset null (null)
SET threadmem.tenant = 'open test';
CREATE FUNCTION pg_temp.at_work(thread text, run text) RETURNS text LANGUAGE sql AS
$$SELECT (threadmem.run_create(thread, run_id => run)).status || ' ' || (threadmem.run_start(thread, run, worker => run)).status$$;
-- A message as each reader has it: once when they agree.
CREATE FUNCTION pg_temp.reads(thread text, message text, OUT shown text, OUT readers text) RETURNS SETOF record LANGUAGE sql AS
$$SELECT shown, string_agg(reader, ', ' ORDER BY reader) FROM (
    SELECT 'get' AS reader, concat_ws(' | ', m.status, m.content, m.text, m.body - 'id' - 'role') AS shown FROM threadmem.message_get(thread, message) m
    UNION ALL SELECT 'list', concat_ws(' | ', m.status, m.content, m.text, m.body - 'id' - 'role') FROM threadmem.message_list(thread) m WHERE message_id = message
    UNION ALL SELECT 'last', concat_ws(' | ', m.status, m.content, m.text, m.body - 'id' - 'role') FROM threadmem.message_last(thread) m WHERE message_id = message
    UNION ALL SELECT 'revisions', concat_ws(' | ', m.status, m.content, m.text, m.body - 'id' - 'role') FROM threadmem.message_revisions(thread, message) m
    UNION ALL SELECT 'view', concat_ws(' | ', m.status, m.content, m.text, m.body - 'id' - 'role') FROM threadmem.messages m WHERE thread_id = thread AND message_id = message) r GROUP BY 1 ORDER BY 1$$;
-- What is stored of it.
CREATE FUNCTION pg_temp.stored(thread text) RETURNS SETOF text LANGUAGE sql AS
$$SELECT concat_ws(' ', message_id, m.status, m.body - 'id' - 'role', 'pieces ' || (SELECT count(*) FROM threadmem_data.message_chunks c WHERE (c.tenant_id, c.thread_id, c.message_id) = (m.tenant_id, m.thread_id, m.message_id)))
    FROM threadmem_data.messages m WHERE tenant_id = 'open test' AND thread_id = thread ORDER BY seq$$;

-- The text so far.
SELECT thread_id FROM threadmem.thread_create('t');
SELECT seq FROM threadmem.message_start('t', message_id => 'm');
SELECT * FROM pg_temp.reads('t', 'm');
SELECT threadmem.message_append('t', 'm', 1, 'Hello '), threadmem.message_append('t', 'm', 2, 'wor'), threadmem.message_append('t', 'm', 3, 'é😀');
SELECT * FROM pg_temp.reads('t', 'm');
SELECT threadmem.message_format('t', 'openai', message_id => 'm') -> 'content', threadmem.message_format('t', 'zep', message_id => 'm') -> 'content', threadmem.message_format('t', 'openai') #> '{data,0,status}';
-- The pieces after a number; none after the last, none beyond.
SELECT * FROM threadmem.message_chunks('t', 'm');
SELECT chunk_no, delta FROM threadmem.message_chunks('t', 'm', 2);
SELECT chunk_no FROM threadmem.message_chunks('t', 'm', 0, 2);
SELECT chunk_no FROM threadmem.message_chunks('t', 'm', after_position => (SELECT position FROM threadmem.message_chunks('t', 'm', max_rows => 1)));
SELECT count(*) FROM threadmem.message_chunks('t', 'm', 3);
SELECT count(*) FROM threadmem.message_chunks('t', 'm', 2147483647);
SELECT count(*) FROM threadmem.message_chunks('t', 'm', max_rows => 0);
SELECT chunk_no, delta FROM threadmem.chunks WHERE thread_id = 't' ORDER BY 1;
SELECT threadmem.message_chunks('t', 'nothing');
SELECT threadmem.message_chunks('nowhere', 'm');
SELECT threadmem.message_chunks('t', 'm', max_rows => 1001);
SELECT threadmem.message_chunks('t', 'm', 1, after_position => 'x');
SELECT threadmem.message_chunks('t', 'm', after_position => 'x');
SELECT threadmem.message_chunks('t', 'm', after_no => 2147483648);
-- It has ended: no pieces, and the content is all of them.
SELECT content FROM threadmem.message_complete('t', 'm');
SELECT count(*) FROM threadmem.message_chunks('t', 'm', 1);
SELECT * FROM pg_temp.reads('t', 'm');
-- Behind the text that another system's message began with; a LangChain message; one of parts, which no piece changes.
SELECT status FROM threadmem.message_add('t', body => '{"id": "i", "role": "assistant", "content": "so far", "status": "in_progress"}');
SELECT threadmem.message_append('t', 'i', 1, ' and on');
SELECT * FROM pg_temp.reads('t', 'i');
SELECT status FROM threadmem.message_add('t', body => '{"id": "l", "type": "ai", "content": "lc", "status": "in_progress"}');
SELECT threadmem.message_append('t', 'l', 1, ' on');
SELECT * FROM pg_temp.reads('t', 'l');
SELECT status FROM threadmem.message_add('t', body => '{"id": "p", "role": "assistant", "content": [{"type": "text", "text": "part"}], "status": "in_progress"}');
SELECT * FROM pg_temp.reads('t', 'p');
-- The text so far of a thread's copy is its own.
SELECT thread_id FROM threadmem.thread_copy('t', 'copy');
SELECT threadmem.message_append('copy', 'i', 2, ' alone');
SELECT text FROM threadmem.message_get('copy', 'i');
SELECT text FROM threadmem.message_get('t', 'i');

-- Past its lease: every reader has it failed with what came, though nobody has written that down; so has the next run, who does.
SELECT thread_id FROM threadmem.thread_create('r');
SELECT pg_temp.at_work('r', 'one');
SELECT seq FROM threadmem.message_start('r', message_id => 'a', run_id => 'one', metadata => '{"k": 1}');
SELECT threadmem.message_append('r', 'a', 1, 'half a sen'), threadmem.message_append('r', 'a', 2, 'tence');
SELECT seq FROM threadmem.message_start('r', message_id => 'b', run_id => 'one');
SELECT seq FROM threadmem.message_start('r', message_id => 'no run');
SELECT threadmem.message_append('r', 'no run', 1, 'stays');
UPDATE threadmem_data.runs SET lease_until = now() - interval '1 second' WHERE tenant_id = 'open test' AND run_id = 'one';
SELECT * FROM pg_temp.reads('r', 'a');
SELECT * FROM pg_temp.stored('r');
SELECT pg_temp.at_work('r', 'two');
SELECT * FROM pg_temp.stored('r');
SELECT * FROM pg_temp.reads('r', 'a');
SELECT message_id, metadata FROM threadmem.message_search('sentence');
SELECT threadmem.message_append('r', 'a', 3, 'late');
SELECT threadmem.message_complete('r', 'a');
SELECT status FROM threadmem.message_fail('r', 'a', 'late');
-- Every other way in which a run ends.
CREATE FUNCTION pg_temp.ends(run text, how text) RETURNS text LANGUAGE plpgsql AS
$$BEGIN
    PERFORM pg_temp.at_work('r', run);
    PERFORM threadmem.message_append('r', message_id, 1, 'of ' || run) FROM threadmem.message_start('r', message_id => run, run_id => run);
    EXECUTE format('SELECT count(*) FROM threadmem.%s', how);
    RETURN (SELECT concat_ws(' ', r.status, m.status, m.text, m.body #>> '{incomplete_details,reason}') FROM threadmem.run_get('r', run) r, threadmem.message_get('r', run) m);
END$$;
SELECT status FROM threadmem.run_fail('r', 'two');
SELECT pg_temp.ends('failed', $$run_fail('r', 'failed', '{"message": "boom"}')$$);
SELECT pg_temp.ends('cancelling', $$run_cancel('r', 'cancelling')$$);
SELECT status FROM threadmem.run_cancel('r', 'cancelling', confirm => true);
SELECT status, text FROM threadmem.message_get('r', 'cancelling');
SELECT pg_temp.ends('interrupted', $$run_interrupt('r', 'interrupted')$$);
SELECT pg_temp.ends('expired', $$run_expire('r', 'expired')$$);
SELECT pg_temp.ends('completed', $$run_complete('r', 'completed')$$);
SELECT pg_temp.ends('incomplete', $$run_complete('r', 'incomplete', incomplete_reason => 'max_tokens')$$);
SELECT pg_temp.ends('replaced', $$run_create('r', strategy => 'interrupt', run_id => 'next')$$);
SELECT status FROM threadmem.run_cancel('r', 'next');
SELECT pg_temp.ends('waits', $$run_require_action('r', 'waits', '[{"id": "c"}]')$$);
-- A message that ended before stays as it is.
SELECT status FROM threadmem.message_complete('r', 'waits');
SELECT status FROM threadmem.run_cancel('r', 'waits', confirm => true);
SELECT status, text FROM threadmem.message_get('r', 'waits');
SELECT status FROM threadmem.message_get('r', 'no run');
SELECT * FROM threadmem.threadmem_verify();
-- A damaged one does not keep its run from ending, and loses none of its pieces: they can be read, and are joined once it is repaired.
SELECT pg_temp.at_work('r', 'damaged');
SELECT seq > 0 AS started FROM threadmem.message_start('r', message_id => 'd', run_id => 'damaged');
SELECT threadmem.message_append('r', 'd', 1, 'was '), threadmem.message_append('r', 'd', 2, 'said');
BEGIN;
ALTER TABLE threadmem_data.messages DROP CONSTRAINT messages_sound;
UPDATE threadmem_data.messages SET body = '[7]' WHERE tenant_id = 'open test' AND message_id = 'd';
SELECT status FROM threadmem.run_fail('r', 'damaged');
SELECT status, body FROM threadmem_data.messages WHERE tenant_id = 'open test' AND message_id = 'd';
SELECT chunk_no, delta FROM threadmem.message_chunks('r', 'd');
SELECT problem FROM threadmem.threadmem_verify('r') ORDER BY 1;
SELECT thread_id FROM threadmem.thread_copy('r', 'copied');
SELECT chunk_no, delta FROM threadmem.message_chunks('copied', 'd');
UPDATE threadmem_data.messages SET body = '{"id": "d", "role": "assistant", "content": ""}' WHERE tenant_id = 'open test' AND message_id = 'd';
SELECT status, text, body -> 'incomplete_details' AS why FROM threadmem.message_fail('r', 'd', 'repaired');
SELECT status, text FROM threadmem.message_fail('r', 'd', 'again');
SELECT count(*) FROM threadmem.message_chunks('r', 'd');
SELECT status, text FROM threadmem.message_fail('copied', 'd');
SELECT * FROM threadmem.threadmem_verify();
ROLLBACK;
SELECT status FROM threadmem.message_get('r', 'd');
UPDATE threadmem_data.messages SET body = '{"role": 7}' WHERE tenant_id = 'open test' AND message_id = 'd';
SELECT status FROM threadmem.run_fail('r', 'damaged');
SELECT status, body FROM threadmem.message_get('r', 'd');
