-- A streamed message takes its place at once and arrives in numbered pieces; every call may be repeated, and nothing is lost, doubled or out of order.
\set SHOW_CONTEXT never
\pset null (null)
SET TIME ZONE 'UTC';
SET threadmem.tenant = 'stream test';
SELECT user_id FROM threadmem.user_create('ann');
SELECT thread_id FROM threadmem.thread_create('t', user_id => 'ann');

-- The thread, its counters against what its messages say, and the pieces that are there.
CREATE FUNCTION pg_temp.thread(OUT message text) RETURNS SETOF text LANGUAGE sql AS
$$SELECT format('%s/%s %s %s %s: %s', seq, rev, message_id, status, state, coalesce(threadmem.message_text(body), '-'))
    FROM (SELECT * FROM threadmem_data.messages WHERE tenant_id = 'stream test' AND thread_id = 't' ORDER BY rev) m
  UNION ALL
  SELECT format('chunks %s', coalesce(string_agg(message_id || chunk_no || ' ' || delta, ', ' ORDER BY message_id, chunk_no), 'none'))
    FROM threadmem_data.message_chunks WHERE tenant_id = 'stream test'
  UNION ALL
  SELECT 'counters are wrong' FROM threadmem_data.threads t
   WHERE tenant_id = 'stream test' AND (live_messages, next_seq, next_rev) IS DISTINCT FROM
         (SELECT (count(*) FILTER (WHERE state = 'live'), max(seq) + 1, max(rev) + 1)
            FROM threadmem_data.messages m WHERE m.tenant_id = t.tenant_id AND m.thread_id = t.thread_id)$$;

-- Started: in its place with all it was told, without words.
\x
SELECT message_id, seq, rev, role, origin_role, name, content, sender_id, user_id, assistant_id, run_id, status, state, metadata, body
  FROM threadmem.message_start('t', 'ai', 'm', 'bot', 's', 'a', 'r', '{"k": 1, "l": 1}');
\x
SELECT thread_id FROM threadmem.thread_create('generated');
SELECT role, status, body ->> 'id' = message_id AS id_in_body FROM threadmem.message_start('generated');
SELECT role, message_id FROM threadmem.message_start('generated', NULL, 'null role');
-- What comes meanwhile has the places behind it.
SELECT seq FROM threadmem.message_add('t', 'user', 'meanwhile', message_id => 'n');
-- Started again it is the same; under another's id, or otherwise, it is not.
SELECT seq, rev, status FROM threadmem.message_start('t', 'ai', 'm', 'bot', 's', 'a', 'r', '{"k": 1, "l": 1}');
SELECT threadmem.message_start('t', 'user', 'm');
\set VERBOSITY sqlstate
SELECT threadmem.message_start('t', 'assistant', 'n');
SELECT threadmem.message_start('t', 'wizard');
SELECT threadmem.message_start('t', 'assistant', '');
SELECT threadmem.message_start('nowhere');
\set VERBOSITY default

-- Pieces are numbered from 1; the number of the last one comes back. The same again is nothing new.
SELECT threadmem.message_append('t', 'm', 1, 'The quick ');
SELECT threadmem.message_append('t', 'm', 2, 'brown ');
SELECT threadmem.message_append('t', 'm', 2, 'brown ');
SELECT threadmem.message_append('t', 'm', 1, 'The quick ');
SELECT threadmem.message_append('t', 'm', 3, '');
SELECT threadmem.message_append('t', 'm', 3, '');
SELECT threadmem.message_append('t', 'm', 2, 'red ');
SELECT threadmem.message_append('t', 'm', 5, 'fox');
SELECT threadmem.message_append('t', 'm', 0, 'fox');
\set VERBOSITY sqlstate
SELECT threadmem.message_append('t', 'm', 3, ' ');
SELECT threadmem.message_append('t', 'm', -1, 'fox');
SELECT threadmem.message_append('t', 'm', 2147483647, 'fox');
\set VERBOSITY default
SELECT threadmem.message_append('t', 'm', 4, 'fox');
SELECT threadmem.message_append('t', 'nothing', 1, 'x');
SELECT threadmem.message_append('nowhere', 'm', 1, 'x');
SELECT threadmem.message_append('t', 'n', 1, 'x');
SELECT pg_temp.thread();
-- Until it is complete it is listed without words, and not found.
SELECT message_id, status, content FROM threadmem.message_list('t');
SELECT count(*) FROM threadmem.message_search('fox');

-- Completed: the pieces joined, found by their words; metadata is merged.
\x
SELECT message_id, seq, rev, role, origin_role, name, content, sender_id, status, metadata, body FROM threadmem.message_complete('t', 'm', metadata => '{"l": 2, "usage": {"n": 1.10}}');
\x
SELECT pg_temp.thread();
SELECT message_id FROM threadmem.message_search('quick fox');
-- Again it gives the same; another end, or another piece, is refused.
SELECT seq, rev, content, metadata FROM threadmem.message_complete('t', 'm', metadata => '{"again": true}');
SELECT seq, rev FROM threadmem.message_complete('t', 'm', body => '{"id": "m", "role": "ai", "name": "bot", "content": "The quick brown fox"}');
SELECT threadmem.message_complete('t', 'm', body => '{"role": "ai", "content": "A lazy dog"}');
SELECT threadmem.message_append('t', 'm', 5, '!');
\set VERBOSITY sqlstate
SELECT threadmem.message_append('t', 'm', 4, 'fox');
SELECT threadmem.message_fail('t', 'm');
SELECT threadmem.message_complete('t', 'nothing');
SELECT threadmem.message_complete('nowhere', 'm');
\set VERBOSITY default
-- Now it is a message as every other one: the same bytes are a repetition, an edit is a revision.
SELECT seq, rev FROM threadmem.message_add('t', body => '{"id": "m", "role": "ai", "name": "bot", "content": "The quick brown fox"}');
SELECT rev, status, content FROM threadmem.message_update('t', 'm', 'A lazy dog');
SELECT pg_temp.thread();

-- Completed with a whole body: it counts, the pieces do not.
SELECT seq FROM threadmem.message_start('t', message_id => 'b');
SELECT threadmem.message_append('t', 'b', 1, 'draft');
SELECT threadmem.message_complete('t', 'b', body => '{"id": "other", "role": "assistant", "content": "final"}');
\set VERBOSITY sqlstate
SELECT threadmem.message_complete('t', 'b', body => '{"role": "wizard", "content": "final"}');
SELECT threadmem.message_complete('t', 'b', body => '[]');
SELECT threadmem.message_complete('t', 'b', metadata => '[]');
\set VERBOSITY default
SELECT pg_temp.thread() OFFSET 3;
SELECT status, content, body FROM threadmem.message_complete('t', 'b', body => '{"role": "assistant", "content": "final", "status": "in_progress", "tool_calls": [{"id": "c"}]}');
SELECT count(*) FROM threadmem.message_search('draft');
-- Completed without a piece it is empty; it keeps its place.
SELECT seq FROM threadmem.message_start('t', message_id => 'e');
SELECT status, content FROM threadmem.message_complete('t', 'e');
SELECT pg_temp.thread() OFFSET 3;

-- Failed: what has arrived is kept, with the reason.
SELECT seq FROM threadmem.message_start('t', message_id => 'f', metadata => '{"k": 1}');
SELECT threadmem.message_append('t', 'f', 1, 'half a sen');
SELECT threadmem.message_append('t', 'f', 2, 'tence');
SELECT status, content, metadata, body FROM threadmem.message_fail('t', 'f', 'max_tokens', '{"l": 2}');
SELECT status, content, metadata, body -> 'incomplete_details' AS details FROM threadmem.message_fail('t', 'f', 'another reason', '{"m": 3}');
SELECT message_id FROM threadmem.message_search('sentence');
SELECT threadmem.message_complete('t', 'f');
\set VERBOSITY sqlstate
SELECT threadmem.message_complete('t', 'f', body => '{"role": "assistant", "content": "whole"}');
SELECT threadmem.message_append('t', 'f', 3, '!');
SELECT threadmem.message_fail('t', 'nothing');
SELECT threadmem.message_fail('nowhere', 'f');
\set VERBOSITY default
-- Without a piece and without a reason.
SELECT seq FROM threadmem.message_start('t', message_id => 'g');
SELECT status, content, body FROM threadmem.message_fail('t', 'g');
SELECT pg_temp.thread() OFFSET 3;

-- It is not deleted while its writer goes on; only once it has ended.
SELECT seq FROM threadmem.message_start('t', message_id => 'd');
SELECT threadmem.message_append('t', 'd', 1, 'secret');
SELECT threadmem.message_delete('t', 'd');
SELECT threadmem.message_append('t', 'd', 2, ' and more');
SELECT status, content FROM threadmem.message_complete('t', 'd');
SELECT state FROM threadmem.message_delete('t', 'd');
\set VERBOSITY sqlstate
SELECT threadmem.message_append('t', 'd', 3, '!');
SELECT threadmem.message_complete('t', 'd');
SELECT threadmem.message_fail('t', 'd');
\set VERBOSITY default
-- Erased it may be at any time, and its pieces with it.
SELECT state, body FROM threadmem.message_erase('t', 'd');
SELECT seq FROM threadmem.message_start('t', message_id => 'x');
SELECT threadmem.message_append('t', 'x', 1, 'secret');
SELECT state, status, body FROM threadmem.message_erase('t', 'x');
\set VERBOSITY sqlstate
SELECT threadmem.message_append('t', 'x', 2, 'more');
SELECT threadmem.message_complete('t', 'x');
\set VERBOSITY default
SELECT pg_temp.thread() OFFSET 6;

-- A message of another system that arrived unfinished is ended with its own words, not without any.
SELECT status, content FROM threadmem.message_add('t', body => '{"id": "i", "role": "assistant", "content": "so far", "status": "in_progress"}');
SELECT status, content FROM threadmem.message_fail('t', 'i', 'cancelled');

-- Pieces that are too much together, and their message, come to an end all the same.
SELECT seq FROM threadmem.message_start('t', message_id => 'l');
CREATE FUNCTION pg_temp.outcome(call text) RETURNS text LANGUAGE plpgsql AS
$$BEGIN EXECUTE call; RETURN 'done'; EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE; END$$;
SET threadmem.max_body = '1kB';
CREATE TEMP TABLE outcomes AS
SELECT n, pg_temp.outcome(format('SELECT threadmem.message_append(''t'', ''l'', %s, repeat(''x'', 400))', n)) AS outcome FROM generate_series(1, 4) AS n
UNION ALL SELECT 5, pg_temp.outcome('SELECT threadmem.message_complete(''t'', ''l'')');
SELECT outcome, count(*) > 0 AS seen FROM outcomes WHERE n = 1 OR outcome <> 'done' AND outcome <> '22023' GROUP BY outcome ORDER BY outcome;
SELECT pg_temp.outcome('SELECT threadmem.message_fail(''t'', ''l'', ''max_body'')') IN ('done', '55000') AS ended;
RESET threadmem.max_body;
SELECT status <> 'in_progress' AS ended FROM threadmem.message_get('t', 'l');
SELECT count(*) AS chunks FROM threadmem_data.message_chunks WHERE tenant_id = 'stream test';

-- 2,000 pieces, and characters of several bytes.
SELECT seq FROM threadmem.message_start('t', message_id => '2000');
SELECT max(threadmem.message_append('t', '2000', n, CASE WHEN n % 2 = 0 THEN 'é' ELSE '😀 ' END)) FROM generate_series(1, 2000) AS n;
SELECT content #>> '{}' = repeat('😀 é', 1000) AS whole FROM threadmem.message_complete('t', '2000');
SELECT left(message, 40) AS message FROM pg_temp.thread() WHERE message ~ '^counters| 2000 ';

-- A whole body at the end may say more than the start knew: role, name, metadata.
SELECT status FROM threadmem.message_start('t', message_id => 'more', metadata => '{"a": 1, "b": 1}');
SELECT role, origin_role, name, status, metadata, content
FROM threadmem.message_complete('t', 'more', '{"role": "ai", "name": "Nexa", "content": "done", "metadata": {"b": 2}}', metadata => '{"c": 3}');

-- The runs are not looked at for a piece of what names none; for others they are, whatever a session took them for.
CREATE FUNCTION pg_temp.looked() RETURNS bigint LANGUAGE sql AS $$ SELECT pg_stat_get_xact_blocks_fetched('threadmem_data.runs_pkey'::regclass) $$;
CREATE FUNCTION pg_temp.looks(message text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    before bigint;
BEGIN
    PERFORM threadmem.message_append('runs', message, 1, 'a');
    before := pg_temp.looked();
    PERFORM threadmem.message_append('runs', message, 2, 'b'), threadmem.message_append('runs', message, 3, 'c');
    RETURN pg_temp.looked() > before;
END $$;
SELECT status FROM threadmem.run_create('runs', run_id => 'r', if_not_exists => 'create');
SELECT status FROM threadmem.run_start('runs', 'r');
SELECT id, pg_temp.looks(id) FROM unnest('{of none,of a run,of another}'::text[]) id,
  LATERAL (SELECT threadmem.message_start('runs', message_id => id, run_id => CASE id WHEN 'of a run' THEN 'r' WHEN 'of another' THEN 'foreign' END) OFFSET 0) s;
UPDATE threadmem_data.messages SET run_id = 'r' WHERE tenant_id = 'stream test' AND thread_id = 'runs' AND message_id = 'of none';
UPDATE threadmem_data.runs SET lease_until = now() - interval '1 second' WHERE tenant_id = 'stream test' AND thread_id = 'runs';
SELECT id, pg_temp.outcome(format('SELECT threadmem.message_append(''runs'', %L, 4, ''d'')', id)) FROM unnest('{of none,of a run,of another}'::text[]) id;

-- Each piece is a statement, and each statement reads the constraint of its table from its text: that is short.
SELECT count(*), sum(length(conbin)) < 1000 AS short FROM pg_constraint WHERE conrelid = 'threadmem_data.message_chunks'::regclass AND contype = 'c';
