-- What grows, and the calls that are looked at as it does: for test/bench/scale, which times them, and
-- test/t/019_scale.pl, which counts what they do. :unit is a thousandth of the messages of the largest thread.
CREATE EXTENSION threadmem;
SELECT set_config('bench.unit', :'unit', false) \g /dev/null
SET synchronous_commit = off;

-- A call at one of its sizes. Those of one name are compared: what is flat must cost the same at each size, what is
-- linear by as much more as there is more of it. before and after are not looked at; what is undone is rolled back,
-- so that it is the same again the next time; %n is another number each time.
CREATE TABLE calls (at serial PRIMARY KEY, name text, sizes text, size integer, kind text, tenant text, call text, before text, after text, undone boolean);

-- cases NAME SIZES NUMBERS KIND CALL: @ is the size.
CREATE FUNCTION cases(name text, of text, numbers integer[], kind text, call text, before text DEFAULT '', after text DEFAULT '',
                      undone boolean DEFAULT false, tenant text DEFAULT '') RETURNS void LANGUAGE sql AS $$
	INSERT INTO calls (name, sizes, size, kind, tenant, call, before, after, undone)
	SELECT name, of, size, kind, replace(tenant, '@', size::text), replace(call, '@', size::text), replace(before, '@', size::text), replace(after, '@', size::text), undone FROM unnest(numbers) size $$;

CREATE FUNCTION also(statement text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN IF statement <> '' THEN EXECUTE statement; END IF; END $$;

-- Twelve words of six letters each, of five hundred, and the needle or no needle.
CREATE FUNCTION words(i integer, needle boolean) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(translate(substr(md5((abs(hashint8(i * 1000 + w)) % 500)::text), 1, 6), '0123456789', 'ghijklmnop'), ' ') || CASE WHEN needle THEN ' needle' ELSE ' common' END
	  FROM generate_series(1, 12) w $$;

-- A thread of n messages m1, m2, ..., of its own user; twenty of them have the needle, wherever they are.
CREATE PROCEDURE talk(thread text, n integer, fold boolean) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM threadmem.user_create('of ' || thread), threadmem.thread_create(thread, user_id => 'of ' || thread);
	FOR part IN 0 .. (n - 1) / 1000 LOOP
		PERFORM threadmem.message_add_batch(thread, (SELECT jsonb_agg(jsonb_build_object('id', 'm' || i, 'role', CASE WHEN i % 2 = 0 THEN 'assistant' ELSE 'user' END,
		                                             'content', words(i, i % greatest(n / 20, 1) = 0)) ORDER BY i) FROM generate_series(part * 1000 + 1, least(part * 1000 + 1000, n)) i));
		COMMIT;
		IF fold THEN
			PERFORM threadmem.thread_fold(thread);
			COMMIT;
		END IF;
	END LOOP;
END $$;

-- Messages of a thread.
SELECT ARRAY[100, 100 * unit, 1000 * unit] AS messages FROM (SELECT current_setting('bench.unit')::integer AS unit) u \gset
CALL talk('s' || (:'messages'::integer[])[1], (:'messages'::integer[])[1], true);
CALL talk('s' || (:'messages'::integer[])[2], (:'messages'::integer[])[2], true);
CALL talk('s' || (:'messages'::integer[])[3], (:'messages'::integer[])[3], true);
SELECT cases(name, 'messages', :'messages', kind, call, before, after, undone) FROM (VALUES
	('update of the state', 'flat', $$SELECT threadmem.thread_update_state('s@', '{"n": %n}')$$, '', '', false),
	('turn: message_add and the answer', 'flat', $$SELECT threadmem.message_add('s@', 'user', 'question %n'), threadmem.thread_update_state('s@', '{"messages": {"type": "ai", "content": "answer %n"}}')$$, '', '', false),
	('state, its list aside', 'flat', $$SELECT threadmem.thread_state('s@', fields => '{values.n,next,tasks,metadata,checkpoint,created_at}')$$, '', '', false),
	('state', 'linear', $$SELECT threadmem.thread_state('s@')$$, '', '', false),
	('page of 20 of the log', 'flat', $$SELECT threadmem.message_list('s@', 20)$$, '', '', false),
	('page of 20 of the log, newest first', 'flat', $$SELECT threadmem.message_list('s@', 20, 'desc')$$, '', '', false),
	('page of 20 of the state', 'flat', $$SELECT threadmem.message_list('s@', 20, view => 'state')$$, '', '', false),
	('page of 20 of the state, newest first', 'flat', $$SELECT threadmem.message_list('s@', 20, 'desc', view => 'state')$$, '', '', false),
	('page of 20 of the state, in its middle', 'flat', $$SELECT threadmem.message_list('s@', 20, after_id => 'm' || @ / 2, view => 'state')$$, '', '', false),
	('window of 200 tokens', 'flat', $$SELECT threadmem.message_context('s@', 200)$$, '', '', false),
	('window of 200 tokens, both ends', 'flat', $$SELECT threadmem.message_context('s@', 200, strategy => 'middle')$$, '', '', false),
	('fold with nothing to do', 'flat', $$SELECT threadmem.thread_fold('s@')$$, '', '', false),
	('run_create', 'flat', $$SELECT threadmem.run_create('s@', run_id => 'c%n')$$, '', $$SELECT threadmem.run_start('s@', 'c%n'), threadmem.run_complete('s@', 'c%n')$$, false),
	('run_start', 'flat', $$SELECT threadmem.run_start('s@', 's%n')$$, $$SELECT threadmem.run_create('s@', run_id => 's%n')$$, $$SELECT threadmem.run_complete('s@', 's%n')$$, false),
	('run_claim', 'flat', $$SELECT threadmem.run_claim('w')$$, $$SELECT threadmem.run_create('s@', run_id => 'q%n')$$, $$SELECT threadmem.run_complete('s@', 'q%n')$$, false),
	('run_complete', 'flat', $$SELECT threadmem.run_complete('s@', 'e%n')$$, $$SELECT threadmem.run_create('s@', run_id => 'e%n'), threadmem.run_start('s@', 'e%n')$$, '', false),
	('search in the thread, found 20 times', 'flat', $$SELECT threadmem.message_search('needle', thread_id => 's@')$$, '', '', false),
	('search in the thread, a word of all', 'linear', $$SELECT threadmem.message_search('common', thread_id => 's@')$$, '', '', false),
	('memory of its user, found 20 times', 'flat', $$SELECT threadmem.memory_search('of s@', 'needle')$$, '', '', false),
	('memory of its user, a word of all', 'linear', $$SELECT threadmem.memory_search('of s@', 'common')$$, '', '', false)
) AS c (name, kind, call, before, after, undone) \g /dev/null
-- Others to be deleted: what is undone leaves its rows dead until the next VACUUM, in the way of whoever asks for that user's memory.
CALL talk('d' || (:'messages'::integer[])[1], (:'messages'::integer[])[1], true);
CALL talk('d' || (:'messages'::integer[])[2], (:'messages'::integer[])[2], true);
CALL talk('d' || (:'messages'::integer[])[3], (:'messages'::integer[])[3], true);
SELECT cases('thread_delete', 'messages', :'messages', 'linear', $$SELECT threadmem.thread_delete('d@')$$, undone => true),
       cases('thread_delete with the memory', 'messages', :'messages', 'linear', $$SELECT threadmem.thread_delete('d@', keep_memory => false)$$, undone => true) \g /dev/null

-- Messages deleted from a thread that keeps as many: its oldest, its newest, every other one.
SELECT 200 * current_setting('bench.unit')::integer AS gone \gset
CALL talk('old0', :gone, true);
CALL talk('new0', :gone, true);
CALL talk('eve0', :gone, true);
CALL talk(format('old%s', :gone), 2 * :gone, true);
CALL talk(format('new%s', :gone), 2 * :gone, true);
CALL talk(format('eve%s', :gone), 2 * :gone, true);
CREATE PROCEDURE forget(thread text, first integer, last integer, step integer DEFAULT 1, fold boolean DEFAULT true) LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN first .. last BY step LOOP
		PERFORM threadmem.message_delete(thread, 'm' || i);
		COMMIT;
	END LOOP;
	IF fold THEN PERFORM threadmem.thread_fold(thread); END IF;
END $$;
CALL forget(format('old%s', :gone), 1, :gone);
CALL forget(format('new%s', :gone), :gone + 1, 2 * :gone);
CALL forget(format('eve%s', :gone), 1, 2 * :gone, 2);
SELECT cases(name || which, 'deleted', ARRAY[0, :gone], 'flat', replace(call, '$', substr(which, 3, 3) || '@'))
  FROM unnest('{", oldest gone",", newest gone",", every other gone"}'::text[]) which,
       (VALUES ('window of 1,000 tokens', $$SELECT threadmem.message_context('$', 1000)$$),
               ('page of 20 of the log', $$SELECT threadmem.message_list('$', 20)$$),
               ('page of 20 of the state', $$SELECT threadmem.message_list('$', 20, view => 'state')$$),
               ('fold with nothing to do', $$SELECT threadmem.thread_fold('$')$$),
               ('update of the state', $$SELECT threadmem.thread_update_state('$', '{"n": %n}')$$),
               ('message_add', $$SELECT threadmem.message_add('$', 'user', 'question %n')$$)) AS c (name, call) \g /dev/null
-- The turn where every other one is gone, and what no state has taken in yet: half of a thread.
SELECT ARRAY[:gone / 10, :gone] AS unfolded \gset
CALL talk('unf' || (:'unfolded'::integer[])[1], 2 * (:'unfolded'::integer[])[1], true);
CALL talk('unf' || (:'unfolded'::integer[])[2], 2 * (:'unfolded'::integer[])[2], true);
CALL forget('unf' || (:'unfolded'::integer[])[1], 1, 2 * (:'unfolded'::integer[])[1], 2, false);
CALL forget('unf' || (:'unfolded'::integer[])[2], 1, 2 * (:'unfolded'::integer[])[2], 2, false);
SELECT cases('window of 1,000 tokens, deletions pending', 'deleted', :'unfolded', 'linear', $$SELECT threadmem.message_context('unf@', 1000)$$),
       cases('page of 20 of the state, deletions pending', 'deleted', :'unfolded', 'linear', $$SELECT threadmem.message_list('unf@', 20, view => 'state')$$),
       cases('turn, every other gone', 'deleted', ARRAY[0, :gone], 'shown', $$SELECT threadmem.message_add('eve@', 'user', 'question %n'), threadmem.thread_update_state('eve@', '{"messages": {"type": "ai", "content": "answer %n"}}')$$) \g /dev/null

-- Tasks of a fan-out, each with a write of its own.
SELECT ARRAY[unit, 10 * unit, 20 * unit] AS tasks FROM (SELECT current_setting('bench.unit')::integer AS unit) u \gset
SELECT threadmem.graph_define('fan', '{"channels": {"out": {"reducer": "add"}}, "nodes": ["w"]}') \g /dev/null
SELECT threadmem.thread_create('f' || n, graph_id => 'fan') FROM unnest(:'tasks'::integer[]) n \g /dev/null
SELECT threadmem.checkpoint_put('f' || n, jsonb_build_object('id', '1f0a1b2c-3d4e-6f00-8000-aabbccddeeff', 'v', 4, 'ts', '2025-01-01T00:00:00Z', 'versions_seen', '{}'::jsonb,
	'channel_values', jsonb_build_object('__pregel_tasks', (SELECT jsonb_agg(jsonb_build_object('node', 'w', 'args', i)) FROM generate_series(1, n) i), 'out', '[]'::jsonb),
	'channel_versions', '{"__pregel_tasks": 1, "out": 1}'::jsonb), '{"step": 0, "source": "loop"}') FROM unnest(:'tasks'::integer[]) n \g /dev/null
SELECT count(threadmem.checkpoint_put_writes('f' || n, '1f0a1b2c-3d4e-6f00-8000-aabbccddeeff', t ->> 'id', '[["out", [1]]]'))
  FROM unnest(:'tasks'::integer[]) n, threadmem.thread_state('f' || n) s, jsonb_array_elements(to_jsonb(s) -> 'tasks') t \g /dev/null
SELECT cases(name, 'tasks', :'tasks', kind, call, undone => true) FROM (VALUES
	('state with written tasks', 'linear', $$SELECT threadmem.thread_state('f@')$$),
	('update over written tasks', 'linear', $$SELECT threadmem.thread_update_state('f@', '{"n": %n}')$$),
	('writes of one task more', 'flat', $$SELECT threadmem.checkpoint_put_writes('f@', '1f0a1b2c-3d4e-6f00-8000-aabbccddeeff', 'late', '[["out", [1]]]')$$)
) AS c (name, kind, call) \g /dev/null

-- Queued runs: in a tenant where they wait in one line behind a run in progress, and in one where each hundred have a
-- thread of their own; likewise those that are over and of which nobody has written it down. And runs at work. Beside
-- them an idle thread.
SELECT ARRAY[unit, 200 * unit] AS queued FROM (SELECT current_setting('bench.unit')::integer AS unit) u \gset
CREATE PROCEDURE queue(tenant text, n integer, threads integer) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('threadmem.tenant', tenant, false);
	PERFORM threadmem.thread_create('idle');
	FOR i IN 1 .. n LOOP
		PERFORM threadmem.run_create('line' || i % threads, run_id => 'r' || i, if_not_exists => 'create', expires_in => '10 days');
		IF i = 1 AND threads = 1 THEN
			PERFORM threadmem.run_start('line0', 'r1', lease => '10 days');
		END IF;
		COMMIT;
	END LOOP;
	PERFORM set_config('threadmem.tenant', '', false);
END $$;
CALL queue('blocked' || (:'queued'::integer[])[1], (:'queued'::integer[])[1], 1);
CALL queue('blocked' || (:'queued'::integer[])[2], (:'queued'::integer[])[2], 1);
CALL queue('ready' || (:'queued'::integer[])[1], (:'queued'::integer[])[1], greatest((:'queued'::integer[])[1] / 100, 1) + 1);
CALL queue('ready' || (:'queued'::integer[])[2], (:'queued'::integer[])[2], greatest((:'queued'::integer[])[2] / 100, 1) + 1);
CALL queue('late' || (:'queued'::integer[])[1], (:'queued'::integer[])[1], 1);
CALL queue('late' || (:'queued'::integer[])[2], (:'queued'::integer[])[2], 1);
CALL queue('over' || 10 * (:'queued'::integer[])[1], 10 * (:'queued'::integer[])[1], 10 * (:'queued'::integer[])[1]);
CALL queue('over' || (:'queued'::integer[])[2], (:'queued'::integer[])[2], (:'queued'::integer[])[2]);
UPDATE threadmem_data.runs SET expires_at = clock_timestamp(), blocked_until = least(blocked_until, clock_timestamp()) WHERE tenant_id ~ '^(late|over)' AND status = 'queued';
CALL queue('working' || (:'queued'::integer[])[1], (:'queued'::integer[])[1], (:'queued'::integer[])[1]);
CALL queue('working' || (:'queued'::integer[])[2], (:'queued'::integer[])[2], (:'queued'::integer[])[2]);
SELECT set_config('threadmem.tenant', 'working' || n, false), (SELECT count(threadmem.run_start('line' || i, lease => '10 days')) FROM generate_series(0, n - 1) i) FROM unnest(:'queued'::integer[]) n \g /dev/null
RESET threadmem.tenant;
SELECT cases('run_create, all before it over', 'queued', :'queued', 'linear', $$SELECT threadmem.run_create('line0', run_id => 'c%n')$$, undone => true, tenant => 'late@'),
       cases('run_claim, all before it over', 'queued', ARRAY[10 * (:'queued'::integer[])[1], (:'queued'::integer[])[2]], 'flat', $$SELECT threadmem.run_claim('w')$$, $$SELECT threadmem.run_create('idle', run_id => 'o%n')$$, $$SELECT threadmem.run_complete('idle', 'o%n')$$, tenant => 'over@'),
       cases('run_expire, none of them over', 'at work', :'queued', 'flat', $$SELECT threadmem.run_expire()$$, tenant => 'working@') \g /dev/null
SELECT cases(name, 'queued', :'queued', 'flat', call, before, after, false, tenant) FROM (VALUES
	('run_claim, all behind one thread', 'blocked@', $$SELECT threadmem.run_claim('w')$$, '', ''),
	('run_claim, of many threads', 'ready@', $$SELECT threadmem.run_claim('w')$$, '', 'undo'),
	('run_claim of another assistant', 'ready@', $$SELECT threadmem.run_claim('w', assistant_id => 'b')$$, '', ''),
	('run_claim of another graph', 'ready@', $$SELECT threadmem.run_claim('w', graph_id => 'b')$$, '', ''),
	('run_create behind them', 'blocked@', $$SELECT threadmem.run_create('line0', run_id => 'c%n')$$, '', $$SELECT threadmem.run_cancel('line0', 'c%n')$$),
	('run_create beside them', 'blocked@', $$SELECT threadmem.run_create('idle', run_id => 'c%n')$$, '', $$SELECT threadmem.run_start('idle', 'c%n'), threadmem.run_complete('idle', 'c%n')$$),
	('run_start beside them', 'blocked@', $$SELECT threadmem.run_start('idle', 's%n')$$, $$SELECT threadmem.run_create('idle', run_id => 's%n')$$, $$SELECT threadmem.run_complete('idle', 's%n')$$),
	('run_complete beside them', 'blocked@', $$SELECT threadmem.run_complete('idle', 'e%n')$$, $$SELECT threadmem.run_create('idle', run_id => 'e%n'), threadmem.run_start('idle', 'e%n')$$, ''),
	('run_complete before them', 'blocked@', $$SELECT threadmem.run_complete('line0', 'r1')$$, '', 'undo'),
	('run_heartbeat before them', 'blocked@', $$SELECT threadmem.run_heartbeat('line0', 'r1', lease => '10 days')$$, '', '')
) AS c (name, tenant, call, before, after) \g /dev/null
UPDATE calls SET undone = true, after = '' WHERE after = 'undo';

-- Threads of others that a user takes part in, and another in ten of them. Up to 500 are read by their ids, so the smaller size is beyond that.
SELECT ARRAY[600, 200 * unit] AS parts FROM (SELECT current_setting('bench.unit')::integer AS unit) u \gset
CREATE PROCEDURE take_part(tenant text, n integer) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('threadmem.tenant', tenant, false);
	PERFORM threadmem.user_create(id) FROM unnest('{owner,many,few}'::text[]) id;
	FOR i IN 1 .. n LOOP
		PERFORM threadmem.thread_create('part' || i, user_id => 'owner', participant_ids => CASE WHEN i % (n / 10) = 0 THEN '{many,few}'::text[] ELSE '{many}' END);
		COMMIT;
	END LOOP;
	PERFORM set_config('threadmem.tenant', '', false);
END $$;
CALL take_part('parts' || (:'parts'::integer[])[1], (:'parts'::integer[])[1]);
CALL take_part('parts' || (:'parts'::integer[])[2], (:'parts'::integer[])[2]);
SELECT cases('thread_list of who takes part in ten', 'threads', :'parts', 'flat', $$SELECT threadmem.thread_list(participant_id => 'few', max_rows => 10)$$, tenant => 'parts@'),
       cases('thread_list of who takes part in all', 'threads', :'parts', 'flat', $$SELECT threadmem.thread_list(participant_id => 'many', max_rows => 10)$$, tenant => 'parts@') \g /dev/null

-- A user's messages, in threads of a hundred.
SELECT ARRAY[100, 100 * unit, 1000 * unit] AS said FROM (SELECT current_setting('bench.unit')::integer AS unit) u \gset
CREATE PROCEDURE say(n integer) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM threadmem.user_create('u' || n);
	FOR part IN 0 .. (n - 1) / 100 LOOP
		PERFORM threadmem.thread_create('u' || n || ' ' || part, user_id => 'u' || n,
			messages => (SELECT jsonb_agg(jsonb_build_object('role', 'user', 'content', words(i, i % greatest(n / 20, 1) = 0)) ORDER BY i) FROM generate_series(part * 100 + 1, least(part * 100 + 100, n)) i));
		COMMIT;
	END LOOP;
END $$;
CALL say(1);
CALL say((:'said'::integer[])[1]);
CALL say((:'said'::integer[])[2]);
CALL say((:'said'::integer[])[3]);
-- And in a thread of another, among as many of others.
CREATE PROCEDURE say_elsewhere(n integer) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM threadmem.user_create('p' || n), threadmem.user_create('host of p' || n);
	FOR part IN 0 .. (n - 1) / 100 LOOP
		PERFORM threadmem.thread_create('p' || n || ' ' || part, user_id => 'host of p' || n, messages => (SELECT jsonb_agg(m ORDER BY i, s) FROM generate_series(part * 100 + 1, least(part * 100 + 100, n)) i, generate_series(1, 2) s,
			LATERAL jsonb_build_object('role', 'user', 'content', words(i, i % greatest(n / 20, 1) = 0), 'sender_id', CASE s WHEN 1 THEN 'p' || n ELSE 'other' END) m));
		COMMIT;
	END LOOP;
END $$;
CALL say_elsewhere((:'said'::integer[])[1]);
CALL say_elsewhere((:'said'::integer[])[2]);
CALL say_elsewhere((:'said'::integer[])[3]);
CREATE TABLE middle AS SELECT 'u' || n AS user_id, (SELECT position FROM threadmem.memory_episodes('u' || n, 1, n / 2)) AS place FROM unnest(:'said'::integer[]) n;
SELECT cases('memory_search of who takes part, 20 times', 'of a user', :'said', 'flat', $$SELECT threadmem.memory_search('p@', 'needle')$$),
       cases('memory_episodes of who takes part', 'of a user', :'said', 'flat', $$SELECT threadmem.memory_episodes('p@')$$),
       cases('memory_episodes', 'of a user', :'said', 'flat', $$SELECT threadmem.memory_episodes('u@')$$),
       cases('memory_episodes, in the middle', 'of a user', :'said', 'flat', $$SELECT threadmem.memory_episodes('u@', after_position => (SELECT place FROM middle WHERE user_id = 'u@'))$$),
       cases('memory_without_embedding', 'of a user', :'said', 'flat', $$SELECT threadmem.memory_without_embedding('u@')$$) \g /dev/null
SELECT cases('memory_search, beside one message', 'of a user', ARRAY[1, (:'said'::integer[])[2]], 'shown', $$SELECT threadmem.memory_search('u@', 'needle')$$),
       cases('memory_search, found 20 times', 'of a user', :'said', 'flat', $$SELECT threadmem.memory_search('u@', 'needle')$$),
       cases('memory_search, twelve words', 'of a user', :'said', 'linear', $$SELECT threadmem.memory_search('u@', '$$ || words(7, true) || $$')$$) \g /dev/null
VACUUM ANALYZE;
