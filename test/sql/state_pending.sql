-- What a state has taken in of the log is not asked for again; what changes later is, wherever it stands.
SET threadmem.tenant = 'state pending';
CREATE FUNCTION pg_temp.state(t text) RETURNS text LANGUAGE sql AS
$$SELECT coalesce(string_agg(format('%s=%s', m.e ->> 'id', m.e ->> 'content'), ' ' ORDER BY m.n), 'nothing')
    FROM threadmem.thread_state(t) s, jsonb_array_elements(s."values" -> 'messages') WITH ORDINALITY m (e, n)$$;
-- Rows of messages that a statement reads.
CREATE FUNCTION pg_temp.rows_read(sql text, OUT count bigint) LANGUAGE plpgsql AS
$$DECLARE
    look text := 'SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_all_tables WHERE relid = ''threadmem_data.messages''::regclass';
    before bigint;
BEGIN
    EXECUTE look INTO before;
    EXECUTE sql;
    EXECUTE look INTO count;
    count := count - before;
END$$;
CREATE FUNCTION pg_temp.fill(t text, first int, last int) RETURNS bigint LANGUAGE sql AS
$$SELECT count(*) FROM threadmem.message_add_batch(t, (SELECT jsonb_agg(jsonb_build_object('role', 'user', 'id', 'm' || i, 'content', 'hello')) FROM generate_series(first, last) i))$$;
-- A put as LangGraph makes it: a list of messages.
CREATE FUNCTION pg_temp.put(t text, id text, parent text, run text, messages jsonb) RETURNS text LANGUAGE sql AS
$$SELECT checkpoint_id FROM threadmem.checkpoint_put(t, jsonb_build_object('v', 4, 'id', id, 'channel_values', jsonb_build_object('messages', messages), 'channel_versions', jsonb_build_object('messages', id)), jsonb_build_object('run_id', run), parent_checkpoint_id => parent)$$;

-- Five threads hold 40 messages. Of 'none' nothing went; of the others 400 were deleted, in a row, between those that stay, or
-- before any state saw them, or came by 400 edits. 'idle' has a state that was to take in 400, and 'empty' none: both have lost them.
SELECT count(thread_id) FROM unnest('{none,row,other,unseen,edits,idle,empty}'::text[]) t, threadmem.thread_create(t);
SELECT pg_temp.fill('none', 401, 440), pg_temp.fill('row', 1, 440), pg_temp.fill('other', 1, 440), pg_temp.fill('unseen', 1, 440), pg_temp.fill('edits', 401, 440), pg_temp.fill('empty', 1, 400);
SELECT count(threadmem.thread_fold(t)) FROM unnest('{none,row,other}'::text[]) t;
SELECT count((threadmem.thread_update_state('idle', '{"messages": {"type": "ai", "id": "x", "content": "x"}}')).checkpoint_id);
SELECT pg_temp.fill('idle', 1, 400);
SELECT count((threadmem.message_delete('row', 'm' || i)).rev), count((threadmem.message_delete('unseen', 'm' || i)).rev), count((threadmem.message_delete('idle', 'm' || i)).rev), count((threadmem.message_delete('empty', 'm' || i)).rev) FROM generate_series(1, 400) i;
SELECT count((threadmem.message_delete('other', 'm' || i)).rev) FROM generate_series(1, 440) i WHERE i % 11 > 0;
SELECT count((threadmem.message_update('edits', 'm' || 401 + i % 40, 'hello ' || i)).rev) FROM generate_series(1, 400) i;
-- A fold takes them in, or finds that there is nothing; from then on none of them is read.
SELECT t, threadmem.thread_fold(t) IS NOT NULL AS folded FROM unnest('{none,row,other,unseen,edits,idle,empty}'::text[]) t;
SELECT t, pg_temp.rows_read(format('SELECT threadmem.thread_fold(%L)', t)) AS fold,
       pg_temp.rows_read(format('SELECT count(*) FROM threadmem.message_context(%L, 20)', t)) = pg_temp.rows_read($$SELECT count(*) FROM threadmem.message_context('none', 20)$$) AS window,
       pg_temp.rows_read(format('SELECT count(*) FROM threadmem.message_list(%L, view => ''state'')', t)) = pg_temp.rows_read($$SELECT count(*) FROM threadmem.message_list('none', view => 'state')$$) AS list,
       pg_temp.rows_read(format('SELECT threadmem.thread_update_state(%L, ''{"n": 2}'')', t)) AS update
  FROM unnest('{none,row,other,unseen,edits}'::text[]) t;
SELECT t, pg_temp.rows_read(format('SELECT threadmem.thread_fold(%L)', t)) AS fold, pg_temp.rows_read(format('SELECT count(*) FROM threadmem.message_context(%L, 20)', t)) AS window,
       pg_temp.rows_read(format('SELECT threadmem.thread_update_state(%L, ''{"n": 2}'')', t)) AS update FROM unnest('{idle,empty}'::text[]) t;
SELECT count(*), min(pg_temp.state(t)) = max(pg_temp.state(t)) AS same FROM unnest('{none,row,unseen}'::text[]) t;
-- What comes next costs what came.
SELECT t, pg_temp.rows_read(format('SELECT threadmem.message_delete(%L, ''m440'')', t)) AS delete, pg_temp.rows_read(format('SELECT threadmem.thread_fold(%L)', t)) AS fold, pg_temp.rows_read(format('SELECT threadmem.thread_fold(%L)', t)) AS again FROM unnest('{none,row}'::text[]) t;
-- Twice as many that are pending are twice as many rows, whatever the state has seen.
SELECT pg_temp.fill(t, 1001, 1200) FROM unnest('{row,idle,empty}'::text[]) t;
CREATE TEMP TABLE few AS SELECT t, pg_temp.rows_read(format('SELECT threadmem.thread_fold(%L)', t)) AS rows FROM unnest('{row,idle,empty}'::text[]) t;
SELECT pg_temp.fill(t, 2001, 2400) FROM unnest('{row,idle,empty}'::text[]) t;
SELECT t, rows, pg_temp.rows_read(format('SELECT threadmem.thread_fold(%L)', t)) AS twice FROM few;
-- A stream that a fold went past comes in when it ends, and not when it fails.
SELECT thread_id FROM threadmem.thread_create('stream');
SELECT message_id, status FROM threadmem.message_start('stream', message_id => 's'), threadmem.message_append('stream', 's', 1, 'so') a;
SELECT message_id, status FROM threadmem.message_start('stream', message_id => 'f');
SELECT seq FROM threadmem.message_add('stream', 'user', 'hello', message_id => 'm');
SELECT threadmem.thread_fold('stream') IS NOT NULL AS folded, pg_temp.state('stream');
SELECT threadmem.thread_fold('stream') IS NULL AS idle;
SELECT status FROM threadmem.message_complete('stream', 's');
SELECT status FROM threadmem.message_fail('stream', 'f');
SELECT pg_temp.state('stream'), threadmem.thread_fold('stream') IS NOT NULL AS folded, pg_temp.state('stream');

-- A message that a list has again is pending again: its deletion, and what was said in its place meanwhile.
SELECT thread_id FROM threadmem.thread_create('again', messages => '[{"role": "user", "id": "a", "content": "a"}, {"role": "user", "id": "b", "content": "b"}]');
SELECT threadmem.thread_fold('again') IS NOT NULL AS folded;
SELECT count((threadmem.thread_update_state('again', '{"messages": [{"type": "remove", "id": "b", "content": ""}]}')).checkpoint_id);
SELECT state FROM threadmem.message_delete('again', 'a');
SELECT rev FROM threadmem.message_update('again', 'b', 'b changed');
SELECT pg_temp.state('again'), threadmem.thread_fold('again') IS NOT NULL AS folded, threadmem.thread_fold('again') IS NULL AS idle, pg_temp.state('again');
SELECT checkpoint_id AS head FROM threadmem.checkpoint_get('again') \gset
SELECT pg_temp.put('again', 'a', NULL, 'r', '[]') = 'a' AS no_head, pg_temp.put('again', 'g1', :'head', 'r', '[{"role": "user", "id": "a", "content": "a"}, {"role": "user", "id": "b", "content": "b"}]') AS head;
SELECT checkpoint #> '{channel_values,messages}' AS stored, pg_temp.state('again'), threadmem.thread_fold('again') IS NOT NULL AS folded, pg_temp.state('again'), threadmem.thread_fold('again') IS NULL AS idle FROM threadmem.checkpoint_get('again');
-- So is another wording of what was deleted, by either door.
SELECT count((threadmem.thread_update_state('again', '{"messages": [{"type": "ai", "id": "a", "content": "a anew"}]}')).checkpoint_id);
SELECT jsonb_array_length(checkpoint #> '{channel_values,messages}') AS stored, pg_temp.state('again'), threadmem.thread_fold('again') IS NOT NULL AS folded FROM threadmem.checkpoint_get('again');

-- What is live again though it is not new: an edit that a run's branch took in, when that has gone; and in a fork.
SELECT thread_id FROM threadmem.thread_create('live', messages => '[{"role": "user", "id": "m", "content": "one"}]');
SELECT threadmem.thread_fold('live') AS c1 \gset
SELECT rev FROM threadmem.message_update('live', 'm', 'two');
SELECT pg_temp.put('live', 'g1', :'c1', 'run', '[{"role": "user", "id": "m", "content": "two"}]');
SELECT pg_temp.put('live', 'g2', :'c1', 'other', '[{"role": "user", "id": "m", "content": "one"}]');
SELECT pg_temp.state('live'), threadmem.thread_fold('live') IS NULL AS idle;
SELECT thread_id FROM threadmem.thread_copy('live', 'taken');
SELECT threadmem.checkpoint_delete_for_runs('{run}', 'live'), pg_temp.state('live'), threadmem.thread_fold('live') IS NOT NULL AS folded, pg_temp.state('live');
SELECT seq FROM threadmem.message_add('taken', 'user', 'later', message_id => 'later');
SELECT pg_temp.put('taken', 'g3', 'g2', 'other', '[{"role": "user", "id": "m", "content": "two"}, {"role": "user", "id": "later", "content": "later"}]');
SELECT thread_id FROM threadmem.thread_fork('taken', message_id => 'm', new_thread_id => 'forked');
SELECT checkpoint_id, pg_temp.state('forked'), threadmem.thread_fold('forked') IS NOT NULL AS folded, pg_temp.state('forked') FROM threadmem.checkpoint_get('forked');
SELECT * FROM threadmem.threadmem_verify();

-- Messages that were edited, and then deleted, before a state took either in: it holds the first wording, and none is left, be they few or most of the thread.
SELECT count(thread_id) FROM unnest('{some,most}'::text[]) t, threadmem.thread_create(t);
SELECT pg_temp.fill(t, 1, 1000) FROM unnest('{some,most}'::text[]) t;
SELECT count(threadmem.thread_fold(t)) FROM unnest('{some,most}'::text[]) t;
SELECT count((threadmem.message_update(t, 'm' || i, 'hello again')).rev) FROM unnest('{some,most}'::text[]) t, generate_series(1, 800, 5) i WHERE t = 'most' OR i < 100;
SELECT count((threadmem.message_delete(t, 'm' || i)).rev) FROM unnest('{some,most}'::text[]) t, generate_series(1, 780) i WHERE t = 'most' OR i < 90;
SELECT t, count(*), string_agg(l.message_id || ' ' || l.text, ', ') FILTER (WHERE l.text <> 'hello') AS edited FROM unnest('{some,most}'::text[]) t, threadmem.message_list(t, 1000, view => 'state') l GROUP BY t ORDER BY t;
SELECT t, count(*) FROM unnest('{some,most}'::text[]) t, threadmem.message_context(t) GROUP BY t ORDER BY t;
SELECT count(threadmem.thread_fold(t)) FROM unnest('{some,most}'::text[]) t;
SELECT t, count(*), string_agg(l.message_id || ' ' || l.text, ', ') FILTER (WHERE l.text <> 'hello') AS edited FROM unnest('{some,most}'::text[]) t, threadmem.message_list(t, 1000, view => 'state') l GROUP BY t ORDER BY t;
SELECT * FROM threadmem.threadmem_verify();
