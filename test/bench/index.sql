-- Whether each index of threads and messages pays: the calls that scan it, and its share of the log that an insert
-- writes (what it takes of the processor is lost in the noise). For psql in a private cluster: bash test/cluster psql -X -q -A -t -F '  ' -f "$PWD/test/bench/index.sql"
SET synchronous_commit = off;
SET client_min_messages = warning;
SELECT threadmem.user_create('u'), threadmem.assistant_create('a') \g /dev/null
SELECT count(threadmem.thread_create('t' || i, user_id => 'u', assistant_id => CASE WHEN i % 10 = 0 THEN 'a' END, metadata => jsonb_build_object('topic', i % 50), ttl => CASE WHEN i % 20 = 0 THEN '{"ttl": 60}'::jsonb END,
	messages => (SELECT jsonb_agg(jsonb_build_object('role', CASE WHEN j = 1 THEN 'system' WHEN j % 2 = 0 THEN 'user' ELSE 'assistant' END, 'content', 'words number ' || j || ' of thread ' || i)) FROM generate_series(1, 20) j)))
  FROM generate_series(1, 2000) i \g /dev/null
-- As they are when they were not all talked in at once.
UPDATE threadmem_data.threads SET updated_at = greatest(updated_at - hours, created_at - hours), updated_hour = updated_hour - hours FROM (SELECT thread_id AS id, substr(thread_id, 2)::integer * interval '1 hour' AS hours FROM threadmem_data.threads) h WHERE id = thread_id;
VACUUM ANALYZE;

CREATE TABLE kept_threads AS SELECT * FROM threadmem_data.threads; CREATE TABLE kept_messages AS SELECT * FROM threadmem_data.messages LIMIT 4000;
CREATE TABLE calls (call text);
INSERT INTO calls VALUES ('thread_get(''t7'')'), ('thread_list()'), ('thread_list(sort_by => ''updated_at'')'), ('thread_list(user_id => ''u'')'), ('thread_search(metadata => ''{"topic": 7}'')'), ('thread_search(user_id => ''u'')'),
	('thread_search(sort_by => ''updated_at'')'), ('thread_search(assistant_id => ''a'')'), ('user_threads(''u'')'), ('thread_purge_expired()'), ('assistant_delete(''a'')'), ('message_add(''t7'', ''user'', ''hello'')'), ('message_add(''t7'', ''user'', ''hello'', message_id => ''x'')'),
	('message_list(''t7'')'), ('message_list(''t7'', view => ''state'')'), ('message_get(''t7'', (SELECT message_id FROM threadmem_data.messages WHERE thread_id = ''t7'' AND rev = 3))'), ('message_context(''t7'', 200)'), ('message_search(''number'', thread_id => ''t7'')'), ('message_search(''number'')'),
	('memory_search(''u'', ''number'')'), ('message_delete(''t7'', ''x'')'), ('thread_fold(''t7'')'), ('thread_update_state(''t7'', ''{"n": 1}'')'), ('message_context(''t7'', 200)'), ('thread_state(''t7'')'), ('run_create(''t7'', run_id => ''r'')'), ('run_start(''t7'', ''r'')'), ('run_complete(''t7'', ''r'')'), ('user_delete(''u'')');
CREATE TABLE scans (call text, name text);
CREATE FUNCTION scanned() RETURNS TABLE (name name, n bigint) LANGUAGE sql AS $$ SELECT indexrelname, pg_stat_get_xact_numscans(indexrelid) FROM pg_stat_user_indexes WHERE schemaname = 'threadmem_data' AND relname IN ('threads', 'messages') $$;
CREATE PROCEDURE call_all() LANGUAGE plpgsql AS $$
DECLARE c record; before jsonb;
BEGIN
	FOR c IN SELECT * FROM calls LOOP
		BEGIN
			before := (SELECT jsonb_object_agg(name, n) FROM scanned());
			EXECUTE 'SELECT count(*) FROM threadmem.' || c.call;
			INSERT INTO scans SELECT regexp_replace(c.call, '\(SELECT.*\)\)', 'an id)'), name FROM scanned() WHERE n > (before ->> name::text)::bigint;
		EXCEPTION WHEN OTHERS THEN RAISE WARNING '%: %', c.call, SQLERRM;
		END;
		COMMIT;
	END LOOP;
END $$;
CALL call_all();

-- Each index is left out of the same inserts in turn.
CREATE TABLE costs (tbl text, name text, bytes bigint);
CREATE FUNCTION insert_without(tbl text, name text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE began bigint;
BEGIN
	IF name <> '' THEN EXECUTE format('DROP INDEX threadmem_data.%I', name); END IF;
	began := pg_current_wal_insert_lsn() - '0/0'::pg_lsn;
	FOR i IN 1 .. 2 LOOP
		EXECUTE format('INSERT INTO threadmem_data.%s SELECT (r).* FROM (SELECT jsonb_populate_record(t, jsonb_build_object(''thread_id'', ''copy%s '' || thread_id)) AS r FROM kept_%1$s t) x', tbl, i);
	END LOOP;
	RAISE SQLSTATE 'UNDO1' USING MESSAGE = pg_current_wal_insert_lsn() - '0/0'::pg_lsn - began;
EXCEPTION WHEN SQLSTATE 'UNDO1' THEN
	INSERT INTO costs VALUES (tbl, name, SQLERRM::bigint);
END $$;
CREATE PROCEDURE cost_all() LANGUAGE plpgsql AS $$
DECLARE i record;
BEGIN
	-- the first to touch a page after a checkpoint logs all of it
	PERFORM insert_without('threads', ''), insert_without('messages', '');
	DELETE FROM costs;
	COMMIT;
	FOR i IN SELECT relname AS tbl, indexrelname AS name FROM pg_stat_user_indexes JOIN pg_index USING (indexrelid) WHERE schemaname = 'threadmem_data' AND relname IN ('threads', 'messages') AND NOT indisprimary
			 UNION ALL VALUES ('threads', ''), ('messages', '') ORDER BY 1, 2 LOOP
		PERFORM insert_without(i.tbl, i.name);
		COMMIT;
	END LOOP;
END $$;
CALL cost_all();
SELECT i.relname, i.indexrelname, to_char(pg_relation_size(indexrelid) / 1024, 'FM999,990') || ' kB', coalesce(round(100 - 100.0 * w.bytes / a.bytes, 1) || ' % of the log', 'the key'),
       coalesce((SELECT string_agg(DISTINCT call, '; ') FROM scans s WHERE s.name = i.indexrelname), 'no call')
  FROM pg_stat_user_indexes i LEFT JOIN costs w ON (w.tbl, w.name) = (i.relname, i.indexrelname)
       LEFT JOIN costs a ON (a.tbl, a.name) = (i.relname, '')
 WHERE schemaname = 'threadmem_data' AND relname IN ('threads', 'messages') ORDER BY 1, 2;
