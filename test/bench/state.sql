-- The thread door, measured: see state.
\set ON_ERROR_STOP on
\pset format unaligned
\pset tuples_only on
CREATE EXTENSION threadmem;
SELECT set_config('bench.turns', :'turns', false), set_config('bench.threads', :'threads', false), set_config('bench.rounds', :'rounds', false) \g /dev/null
CREATE TABLE figures (at serial, what text, value numeric, peer numeric, bound numeric, ratio boolean);
CREATE TABLE times (side text, ms float8);

-- The server's time of one statement, that of planning its call left out; worked() takes that of the
-- processor, so that other work on the machine does not count (Linux).
CREATE FUNCTION took(side text, statement text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
	EXECUTE 'EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ' || statement INTO plan;
	INSERT INTO times VALUES (side, (plan #>> '{0,Execution Time}')::float8);
END $$;
CREATE FUNCTION worked(statement text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE before float8 := split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::float8;
BEGIN
	PERFORM took('peer', statement);
	INSERT INTO times VALUES ('ours', (split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::float8 - before) / 1e6);
END $$;
CREATE FUNCTION figure(what text, bound numeric, of_ratio boolean) RETURNS void LANGUAGE sql AS $$
	INSERT INTO figures (what, value, peer, bound, ratio)
	SELECT what, (percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE side = 'ours'))::numeric,
	       (percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE side = 'peer'))::numeric, bound, of_ratio FROM times;
	DELETE FROM times $$;

-- A turn: a question of 500 bytes that comes as a message, an answer that comes as an update.
-- Made-up words, 500 of them, used unevenly.
CREATE FUNCTION words(n integer) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(translate(substr(md5(w::text), 1, 4 + w % 6), '0123456789', 'ghijklmnop'), ' ')
	  FROM (SELECT (hashint8(n * 1000 + i) & 511) * (hashint8(i * 1000 + n) & 511) / 512 FROM generate_series(1, 75) i) AS v (w) $$;
CREATE FUNCTION answer(thread text, n integer) RETURNS text LANGUAGE sql AS $$
	SELECT format('SELECT threadmem.thread_update_state(%L, %L, ''model'')', thread,
	              jsonb_build_object('count', 1, 'topic', format('topic %s', n), 'messages', jsonb_build_array(jsonb_build_object('type', 'ai', 'content', words(n))))) $$;
SELECT threadmem.graph_define('chat', '{"channels": {"messages": {"reducer": "add_messages"}, "count": {"reducer": "add", "default": 0}, "topic": {}},
                                        "nodes": ["model"], "edges": [["__start__", "model"], ["model", "__end__"]]}') \g /dev/null
CREATE PROCEDURE talk(thread text, turns integer) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM threadmem.thread_create(thread, graph_id => 'chat');
	FOR n IN 1 .. turns LOOP
		PERFORM threadmem.message_add(thread, 'user', words(n));
		EXECUTE answer(thread, n);
		COMMIT;
	END LOOP;
END $$;
CALL talk('long', current_setting('bench.turns')::integer);
CALL talk('short', 9);
VACUUM ANALYZE;

-- Every round is a turn more for the long one; the short one begins anew.
DO $$
BEGIN
	FOR n IN 1 .. current_setting('bench.rounds')::integer LOOP
		CALL talk('short ' || n, 9);
		PERFORM threadmem.message_add('short ' || n, 'user', words(n)), threadmem.message_add('long', 'user', words(n));
		COMMIT;
		PERFORM took('peer', answer('short ' || n, n));
		COMMIT;
		PERFORM took('ours', answer('long', n));
		COMMIT;
	END LOOP;
	PERFORM figure(format('update at turn %s, against turn 10', current_setting('bench.turns')), 1.5, true);
	FOR n IN 1 .. current_setting('bench.rounds')::integer LOOP
		PERFORM took('peer', 'SELECT next FROM threadmem.thread_history(''short'', 10, fields => ''{next,tasks,metadata,checkpoint,parent_checkpoint,created_at}'')');
		PERFORM took('ours', 'SELECT next FROM threadmem.thread_history(''long'', 10, fields => ''{next,tasks,metadata,checkpoint,parent_checkpoint,created_at}'')');
	END LOOP;
	PERFORM figure('history of 10 without values, ms; peer: of the short one', 2, false);
END $$;

-- A copy, against the bytes that it adds: none of them in space that was free before.
VACUUM (FULL, ANALYZE);
CHECKPOINT;
SELECT pg_current_wal_insert_lsn() AS wal, sum(pg_total_relation_size(oid)) AS bytes FROM pg_class WHERE relnamespace = 'threadmem_data'::regnamespace AND relkind = 'r' \gset
SELECT worked('SELECT threadmem.thread_copy(''long'', ''copy'')') \g /dev/null
SELECT figure(format('copy of %s turns, ms of the processor; peer: of the clock', current_setting('bench.turns')), 250, false) \g /dev/null
INSERT INTO figures (what, value, peer, bound, ratio)
	SELECT 'WAL of the copy against its bytes', pg_current_wal_insert_lsn() - :'wal', sum(pg_total_relation_size(oid)) - :bytes, 1.2, true
	  FROM pg_class WHERE relnamespace = 'threadmem_data'::regnamespace AND relkind = 'r';
SELECT worked('SELECT threadmem.thread_fork(''long'', message_id => ' || quote_literal(message_id) || ', new_thread_id => ''fork'')') FROM threadmem.message_list('long', 1, 'desc') \g /dev/null
SELECT figure('fork at the last message, likewise', 250, false) \g /dev/null

-- Threads of a few users with a topic each, put into the tables directly from one that was made by its function.
CALL talk('model', 1);
INSERT INTO threadmem_data.threads (tenant_id, thread_id, user_id, graph_id, next_seq, next_rev, next_checkpoint, created_at, updated_at, updated_hour, state_updated_at, metadata)
	SELECT t.tenant_id, 't' || n, NULL, t.graph_id, 1, 1, t.next_checkpoint, t.created_at + n * interval '1 s', t.updated_at, t.updated_hour, t.state_updated_at, jsonb_build_object('n', n)
	  FROM threadmem_data.threads t, generate_series(1, :threads) n WHERE t.thread_id = 'model';
INSERT INTO threadmem_data.thread_values (tenant_id, thread_id, "values")
	SELECT v.tenant_id, 't' || n, v."values" || jsonb_build_object('topic', 'topic ' || n / 10, 'half', n % 2, 'kind', n % 1000, 'sort', n % 100, 'tenth', n % 10) FROM threadmem_data.thread_values v, generate_series(1, :threads) n WHERE v.thread_id = 'model';
VACUUM ANALYZE threadmem_data.threads, threadmem_data.thread_values;
CREATE ROLE reader;
SELECT threadmem.grant_access('reader', 'read'), threadmem.tenant_bind('reader', '') \g /dev/null
GRANT INSERT ON times TO reader;
SET ROLE reader;
DO $$
BEGIN
	FOR n IN 1 .. current_setting('bench.rounds')::integer LOOP
		PERFORM took('ours', format('SELECT thread_id FROM threadmem.thread_search(values_match => jsonb_build_object(''topic'', %L))', 'topic ' || n * 7));
	END LOOP;
END $$;
RESET ROLE;
SELECT figure(format('search by a scalar among %s threads as a policy role, ms', :threads), 5, false) \g /dev/null
CREATE PROCEDURE find(what text, name text, max_value numeric) LANGUAGE plpgsql AS $$
BEGIN
	SET LOCAL ROLE reader;
	FOR n IN 1 .. current_setting('bench.rounds')::integer LOOP
		PERFORM took('ours', format('SELECT thread_id FROM threadmem.thread_search(values_match => ''{"%s": 1}'')', name));
	END LOOP;
	RESET ROLE;
	PERFORM figure(format('the same, that %s of them have, ms', what), max_value, false);
END $$;
CALL find('a thousandth', 'kind', 5);
CALL find('a hundredth', 'sort', 5);
CALL find('a tenth', 'tenth', 5);
CALL find('half', 'half', NULL);

SELECT format('%-72s %10s %10s %8s  %s', what, round(value, 3), coalesce(round(peer, 3)::text, ''), CASE WHEN ratio THEN round(value / peer, 2)::text ELSE '' END,
              CASE WHEN bound IS NULL THEN '' WHEN CASE WHEN ratio THEN value / peer ELSE value END <= bound THEN 'ok <= ' || bound ELSE 'MISSED <= ' || bound END) FROM figures ORDER BY at;
SELECT 'MISSED ' || count(*) FILTER (WHERE CASE WHEN ratio THEN value / peer ELSE value END > bound) FROM figures;
