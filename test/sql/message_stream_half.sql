-- A piece of a stream may end in the middle of a character: its half waits for the other one, and nothing is lost or doubled.
\set SHOW_CONTEXT never
\pset null (null)
SET threadmem.tenant = 'half test';
SELECT thread_id FROM threadmem.thread_create('t');
CREATE FUNCTION pg_temp.stream(id text, VARIADIC pieces json[]) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM threadmem.message_start('t', message_id => id);
    FOR i IN 1 .. cardinality(pieces) LOOP
        PERFORM threadmem.message_append_json('t', id, i, pieces[i]);
    END LOOP;
    RETURN (SELECT text FROM threadmem.message_get('t', id));
END$$;
CREATE FUNCTION pg_temp.pieces(id text) RETURNS SETOF text LANGUAGE sql AS
$$SELECT concat_ws(' ', chunk_no, '"' || delta || '"', so_far, half) FROM threadmem_data.message_chunks WHERE tenant_id = 'half test' AND message_id = id ORDER BY chunk_no$$;

-- The half is part of no text until the other comes.
SELECT pg_temp.stream('m', '"cut \ud83d"');
SELECT * FROM pg_temp.pieces('m');
SELECT threadmem.message_append_json('t', 'm', 2, ' "\ude00 whole"'), text FROM threadmem.message_get('t', 'm');
SELECT text FROM threadmem.message_get('t', 'm');
SELECT * FROM pg_temp.pieces('m');
SELECT chunk_no, delta FROM threadmem.message_chunks('t', 'm');
-- The same again changes nothing, of each; another half is another text.
SELECT threadmem.message_append_json('t', 'm', 1, '"cut \uD83D"'), threadmem.message_append_json('t', 'm', 2, '"\ude00 whole"');
\set VERBOSITY terse
SELECT threadmem.message_append_json('t', 'm', 1, '"cut \ud83c"');
SELECT threadmem.message_append_json('t', 'm', 1, '"cut "');
SELECT threadmem.message_append('t', 'm', 1, 'cut ');
SELECT threadmem.message_append_json('t', 'm', 4, '"gap"');
SELECT threadmem.message_append_json('t', 'm', 0, '"x"');
\set VERBOSITY default
-- Text may follow text of either form.
SELECT threadmem.message_append('t', 'm', 3, ', plain'), threadmem.message_append_json('t', 'm', 4, '" and \"quoted\" \n\u00e9"');
SELECT content FROM threadmem.message_complete('t', 'm');

-- Halves in every place: alone in a piece, before an empty one, both at once, after a whole one, in pieces that hold nothing else.
SELECT pg_temp.stream('alone', '"\ud83d"', '"\ude00"'), pg_temp.stream('both', '"\ud83d\ude00\ud83d"', '"\ude01\ud83d"', '"\ude02"'), pg_temp.stream('whole', '"😀"', '"\ud83d\ude00"', '"x"');
SELECT * FROM pg_temp.pieces('both');
SELECT pg_temp.stream('escaped', '"a\\ud83d"', '"\\ude00"'), pg_temp.stream('blank', e' \t\n"a\\ud83d" \n', '"\ude00"'), pg_temp.stream('empty', '""', '"x"', '""');

-- What is half and has no other one: refused, or U+FFFD as the setting says; the piece can be given anew.
\set VERBOSITY terse
SELECT pg_temp.stream('low', '"\ude00 first"');
SELECT pg_temp.stream('middle', '"a \ud83d b"');
SELECT pg_temp.stream('nul', '"a\u0000"');
SELECT pg_temp.stream('two', '"a\ud83d\ud83d"');
SELECT pg_temp.stream('waits', '"a\ud83d"');
SELECT threadmem.message_append_json('t', 'waits', 2, '"b"');
SELECT threadmem.message_append('t', 'waits', 2, 'b');
SELECT threadmem.message_append_json('t', 'waits', 2, '""'), threadmem.message_append('t', 'waits', 3, ''); -- it waits on
SELECT threadmem.message_append_json('t', 'waits', 4, '"\ude00 b"'), threadmem.message_append_json('t', 'waits', 5, '"c"');
SELECT text FROM threadmem.message_get('t', 'waits');
SET threadmem.bad_unicode = replace;
SELECT pg_temp.stream('low', '"\ude00 first"'), pg_temp.stream('middle', '"a \ud83d b"'), pg_temp.stream('nul', '"a\u0000"'), pg_temp.stream('two', '"a\ud83d\ud83d"', '"\ude00"'), pg_temp.stream('late', '"a\ud83d"', '"b"');
SELECT pg_temp.stream('plain', '"a\ud83d"');
SELECT threadmem.message_append('t', 'plain', 2, 'b'), threadmem.message_append('t', 'plain', 2, 'b'), threadmem.message_append('t', 'plain', 3, 'c');
SELECT text FROM threadmem.message_get('t', 'plain');
RESET threadmem.bad_unicode;
SELECT threadmem.message_append_json('t', 'm', 1, '1');
SELECT pg_temp.stream('number', '1');
SELECT pg_temp.stream('null', 'null');
SELECT pg_temp.stream('object', '{"a": "b"}');
SELECT pg_temp.stream('list', '["a"]');
SELECT threadmem.message_append_json('t', 'waits', 6, 'no json');
SELECT threadmem.message_append_json('t', 'nothing', 1, '"x"');
SELECT threadmem.message_append_json('nowhere', 'm', 1, '"x"');
SELECT threadmem.message_append_json('t', 'm', 5, '"x"');
\set VERBOSITY default

-- At the end of the message a half is lost for good and says so: completed, failed, with its run, and as it is read when the lease is over.
CREATE FUNCTION pg_temp.shown(id text) RETURNS text LANGUAGE sql AS $$SELECT concat_ws(' ', status, content) FROM threadmem.message_get('t', id)$$;
SELECT pg_temp.stream('done', '"end\ud83d"'), pg_temp.stream('failed', '"end\ud83d"'), pg_temp.stream('given', '"end\ud83d"');
SELECT content FROM threadmem.message_complete('t', 'done');
SELECT content FROM threadmem.message_fail('t', 'failed');
SELECT content FROM threadmem.message_complete('t', 'given', '{"role": "assistant", "content": "end😀"}');
SELECT status FROM threadmem.run_create('t', run_id => 'r') UNION ALL SELECT status FROM threadmem.run_start('t', 'r');
SELECT seq > 0 AS started FROM threadmem.message_start('t', message_id => 'of run', run_id => 'r');
SELECT threadmem.message_append_json('t', 'of run', 1, '"end\ud83d"');
SELECT pg_temp.shown('of run');
UPDATE threadmem_data.runs SET lease_until = now() - interval '1 second' WHERE tenant_id = 'half test';
SELECT pg_temp.shown('of run');
SELECT status FROM threadmem.run_expire('t');
SELECT pg_temp.shown('of run');

-- A copy and an export have it; a row that no function wrote is kept out.
SELECT pg_temp.stream('copied', '"a\ud83d"');
SELECT thread_id FROM threadmem.thread_copy('t', 'copy');
SELECT threadmem.message_append_json('copy', 'copied', 2, '"\ude00"');
SELECT text FROM threadmem.message_get('copy', 'copied');
SELECT text FROM threadmem.message_get('t', 'copied');
SELECT user_id FROM threadmem.user_create('ann');
SELECT count(threadmem.thread_update('copy', user_id => 'ann')), count(threadmem.thread_update('t', user_id => 'ann'));
SELECT e ->> 'delta' AS delta, e ->> 'half' AS half FROM threadmem.user_export('ann') e WHERE e ->> 'object' = 'chunk' AND e ->> 'message_id' = 'copied' ORDER BY e ->> 'thread_id' COLLATE "C", e ->> 'chunk_no';
\set VERBOSITY terse
UPDATE threadmem_data.message_chunks SET half = 'de00' WHERE tenant_id = 'half test';
\set VERBOSITY default
SET threadmem.max_body = '1kB';
SELECT length(pg_temp.stream('large', to_json(repeat('x', 600))));
\set VERBOSITY sqlstate
SELECT threadmem.message_append_json('t', 'large', 2, to_json(repeat('x', 600)));
\set VERBOSITY default
RESET threadmem.max_body;
SELECT * FROM threadmem.threadmem_verify();
