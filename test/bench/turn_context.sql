-- Contexts of a short thread and of a long one, from the log and from the state: see turn.
\set ON_ERROR_STOP on
\pset format unaligned
\pset tuples_only on
CREATE EXTENSION threadmem;
SELECT set_config('bench.messages', :'messages', false), set_config('bench.calls', :'calls', false) \g /dev/null
CREATE TABLE figures (at serial, what text, value numeric, peer numeric, bound numeric);
CREATE TABLE times (side text, ms float8);
CREATE FUNCTION words(n integer) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(translate(substr(md5(w::text), 1, 4 + w % 6), '0123456789', 'ghijklmnop'), ' ')
	  FROM (SELECT (hashint8(n * 1000 + i) & 511) * (hashint8(i * 1000 + n) & 511) / 512 FROM generate_series(1, 66) i) AS v (w) $$;
CREATE TABLE said AS SELECT i, jsonb_build_object('role', CASE i % 2 WHEN 0 THEN 'user' ELSE 'assistant' END, 'content', words(i % 1000)) AS message
  FROM generate_series(0, :messages - 1) i;

-- The same messages as a log; as a log that was folded into the state 1,000 at a time; as turns of which every
-- hundredth was edited since, so that the state's list has gaps.
CREATE PROCEDURE talk(which text, messages integer) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM threadmem.thread_create(kind || ' ' || which) FROM unnest('{log,state,edited}'::text[]) kind;
	FOR part IN 0 .. (messages - 1) / 1000 LOOP
		PERFORM threadmem.message_add_batch(kind || ' ' || which, b.batch)
		   FROM (VALUES ('log'), ('state'), ('edited')) AS k (kind),
		        (SELECT jsonb_agg(message ORDER BY i) AS batch FROM said WHERE i BETWEEN part * 1000 AND least(part * 1000 + 999, messages - 1)) b;
		PERFORM threadmem.thread_fold('state ' || which), threadmem.thread_fold('edited ' || which);
		COMMIT;
	END LOOP;
	PERFORM threadmem.message_update('edited ' || which, message_id, content => 'edited')
	   FROM (SELECT message_id FROM threadmem_data.messages WHERE thread_id = 'edited ' || which AND seq % 100 = 50) m;
	PERFORM threadmem.thread_fold('edited ' || which);
	COMMIT;
END $$;
CALL talk('short', 100);
CALL talk('long', current_setting('bench.messages')::integer);
VACUUM ANALYZE;

CREATE FUNCTION took(side text, statement text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ' || statement INTO plan;
	INSERT INTO times VALUES (side, (plan #>> '{0,Execution Time}')::float8);
END $$;
CREATE PROCEDURE compare(kind text) LANGUAGE plpgsql AS $$
BEGIN
	FOR n IN 0 .. current_setting('bench.calls')::integer LOOP
		PERFORM took('peer', format('SELECT role, content FROM threadmem.message_context(%L, 4000)', kind || ' short'));
		PERFORM took('ours', format('SELECT role, content FROM threadmem.message_context(%L, 4000)', kind || ' long'));
		-- the first call makes the plans
		IF n = 0 THEN DELETE FROM times; END IF;
	END LOOP;
	INSERT INTO figures (what, value, peer, bound)
	SELECT format('context from the %s of %s messages, ms; peer: of 100', kind, current_setting('bench.messages')),
	       (percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE side = 'ours'))::numeric,
	       (percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE side = 'peer'))::numeric, 1.5 FROM times;
	DELETE FROM times;
END $$;
CALL compare('log');
CALL compare('state');
CALL compare('edited');
SELECT format('%-64s %10s %10s %8s  %s', what, round(value, 3), round(peer, 3), round(value / peer, 2),
              CASE WHEN value / peer <= bound THEN 'ok <= ' ELSE 'MISSED <= ' END || bound) FROM figures ORDER BY at;
SELECT 'MISSED ' || count(*) FILTER (WHERE value / peer > bound) FROM figures;
