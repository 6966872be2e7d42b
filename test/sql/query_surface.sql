-- What programs see: numbers as drivers send them, rows that generators read, questions that do not raise, errors told apart by their fields.
\set SHOW_CONTEXT never
\pset null (null)
SET threadmem.tenant = 'query surface';
SELECT user_id FROM threadmem.user_create('u');
SELECT thread_id, version, message_count, pg_typeof(version), pg_typeof(message_count) FROM threadmem.thread_create('0190e4a2-0000-7000-8000-000000000001', user_id => 'u');
SELECT thread_id FROM threadmem.thread_create('t', user_id => 'u');
SELECT seq, content, text FROM threadmem.message_add('t', 'user', 'hello', message_id => 'm');
SELECT status FROM threadmem.run_create('t', graph_id => 'g', run_id => 'r');

-- A number may be a bigint, of whatever size, and is judged by its name.
SELECT (SELECT count(*) FROM threadmem.message_list('t', max_rows => 5::bigint)) AS page, (SELECT count(*) FROM threadmem.message_context('t', max_tokens => 4000::bigint, max_messages => 10::smallint)) AS context;
SELECT threadmem.message_list('t', max_rows => 5000000000);
SELECT threadmem.thread_search(skip => 5000000000);
SELECT threadmem.message_context('t', max_tokens => 5000000000);
SELECT threadmem.thread_set_ttl('t', 5000000000);
SELECT threadmem.message_list('t', after_seq => 5000000000);
SELECT threadmem.run_create('t', after_seconds => -3000000000);
SELECT title FROM threadmem.thread_update('t', title => 'x', expected_version => 5000000000);
-- An embedding may be of doubles, reals or integers; it is stored as real.
SELECT threadmem.memory_set_embedding('u', '{0.1,0.2}'::double precision[], thread_id => 't', message_id => 'm');
SELECT threadmem.memory_set_embedding('u', '{0.1,0.2}'::real[], thread_id => 't', message_id => 'm'), threadmem.memory_set_embedding('u', ARRAY[1, 2], thread_id => 't', message_id => 'm');
SELECT threadmem.memory_set_embedding('u', (SELECT array_agg(n::numeric / 10) FROM generate_series(1, 2) n), thread_id => 't', message_id => 'm');
SELECT embedding, pg_typeof(embedding) FROM threadmem.episodes WHERE message_id = 'm';
SELECT threadmem.memory_set_embedding('u', '{1,1e300}', thread_id => 't', message_id => 'm');
SELECT threadmem.memory_set_embedding('u', '{1,NaN}', thread_id => 't', message_id => 'm');
SELECT embedding FROM threadmem.episodes WHERE message_id = 'm';
-- Minutes alone are a time to live.
SELECT round(extract(epoch FROM expires_at - now()) / 60) AS minutes, ttl_strategy FROM threadmem.thread_update('t', ttl => '60');
SELECT threadmem.thread_update('t', ttl => '0');
SELECT threadmem.thread_update('t', ttl => '1.5');
SELECT expires_at FROM threadmem.thread_update('t', clear => '{ttl}');
-- A patch is jsonb for those who look at types; what is none is refused inside, the whole of it before anything is done.
PREPARE p AS SELECT threadmem.json_patch_apply('{}', $1), threadmem.json_patch_test('{}', $2), (SELECT threadmem.json_patch_fold('{}', $3));
SELECT parameter_types FROM pg_prepared_statements WHERE name = 'p';
SELECT threadmem.json_patch_apply('{}', '[{"op": "remove", "path": "/a"}, {"op": "no"}]');
SELECT threadmem.json_patch_test('{}', '[{"op": "remove", "path": "/a"}, {"op": "no"}]');
SELECT threadmem.json_patch_fold('{}', '{"op": "no"}');

-- Content as parts, alone, beside a body that leaves the role to the arguments, and in an update.
SELECT role, content, text FROM threadmem.message_add('t', 'user', parts => '[{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]');
SELECT role, content, body - 'id' AS body FROM threadmem.message_add('t', 'user', body => '{"content": [{"type": "text", "text": "hi"}]}');
SELECT role, content, body - 'id' AS body FROM threadmem.message_add('t', 'user', 'same', body => '{"role": "user", "content": "same", "more": 1.10}');
SELECT role, content, body - 'id' AS body FROM threadmem.message_add('t', 'assistant', body => '{"more": 1}', tool_calls => '[{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]');
SELECT threadmem.message_add('t', 'user', body => '{"role": "assistant", "content": "x"}');
SELECT threadmem.message_add('t', 'user', 'y', body => '{"content": "x"}');
SELECT threadmem.message_add('t', 'user', 'x', parts => '[]');
SELECT threadmem.message_add('t', 'user', parts => '"words"');
SELECT threadmem.message_add('t', 'user', body => '{"type": "human", "content": "x"}');
SELECT threadmem.message_add('t', 'user', body => '["x"]');
SELECT threadmem.message_add('t', 'user');
SELECT content, text, rev > seq AS revised FROM threadmem.message_update('t', 'm', parts => '[{"type": "text", "text": "hello again"}]');
SELECT threadmem.message_update('t', 'm', 'x', parts => '[]');
SELECT content FROM threadmem.message_last('t', 100) WHERE message_id = 'm';

-- Where the application's ids are of type uuid they join without a cast; a parameter of no type is text.
CREATE TEMP TABLE chats (id uuid, owner text);
INSERT INTO chats VALUES ('0190e4a2-0000-7000-8000-000000000001', 'u'), ('0190e4a2-0000-7000-8000-000000000002', 'u');
SELECT c.id, t.thread_id, t.user_id FROM chats c LEFT JOIN LATERAL threadmem.thread_get(c.id, missing_ok => true) t ON true ORDER BY 1;
SELECT proname, proretset, prosqlbody IS NOT NULL AS sql FROM pg_proc WHERE pronamespace = 'threadmem'::regnamespace AND proargtypes[0] = 'uuid'::regtype ORDER BY 1;
-- Each says what that of text says.
CREATE FUNCTION pg_temp.same(called text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE of_uuid text; of_text text;
BEGIN
    EXECUTE format('SELECT jsonb_agg(r)::text FROM threadmem.%I(%L::uuid) r', called, '0190e4a2-0000-7000-8000-000000000001') INTO of_uuid;
    EXECUTE format('SELECT jsonb_agg(r)::text FROM threadmem.%I(%L) r', called, '0190e4a2-0000-7000-8000-000000000001') INTO of_text;
    RETURN of_uuid = of_text;
END$$;
SELECT seq FROM threadmem.message_add('0190e4a2-0000-7000-8000-000000000001', 'user', 'of a uuid');
SELECT status FROM threadmem.run_create('0190e4a2-0000-7000-8000-000000000001', graph_id => 'g');
SELECT user_id FROM threadmem.user_create('0190e4a2-0000-7000-8000-000000000001');
SELECT title FROM threadmem.thread_update('0190e4a2-0000-7000-8000-000000000001', title => 'of a uuid', user_id => '0190e4a2-0000-7000-8000-000000000001');
SELECT assistant_id FROM threadmem.assistant_create('0190e4a2-0000-7000-8000-000000000001');
SELECT proname, pg_temp.same(proname) FROM pg_proc WHERE pronamespace = 'threadmem'::regnamespace AND proargtypes[0] = 'uuid'::regtype ORDER BY 1;
PREPARE untyped AS SELECT thread_id FROM threadmem.thread_get($1);
SELECT parameter_types FROM pg_prepared_statements WHERE name = 'untyped';

-- Nothing there: an error, or with missing_ok no row, in every such function. Null is the default.
CREATE FUNCTION pg_temp.ask(called regprocedure, missing_ok text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE n bigint;
BEGIN
    EXECUTE format('SELECT count(r) FROM (SELECT %s(%s%s) r) q', called::regproc,
        (SELECT string_agg(format('%I => %L', name, CASE WHEN type = 'uuid'::regtype THEN '0190e4a2-0000-7000-8000-000000000003' WHEN ord = required THEN 'none' WHEN type = 'text[]'::regtype THEN '{t}' WHEN name = 'user_id' THEN 'u' ELSE 't' END), ', ')
           FROM (SELECT name, type, ord, pronargs - pronargdefaults AS required FROM pg_proc, unnest(proargnames, proargtypes::oid[]) WITH ORDINALITY AS a (name, type, ord) WHERE oid = called) a WHERE ord <= required OR name = 'user_id'),
        ', missing_ok => ' || missing_ok) INTO n;
    RETURN n;
EXCEPTION WHEN no_data_found THEN RETURN SQLSTATE;
END$$;
SELECT f.oid::regprocedure AS called, pg_temp.ask(f.oid, 'NULL') AS asked, pg_temp.ask(f.oid, 'false') AS refused, pg_temp.ask(f.oid, 'true') AS missing
  FROM pg_proc f WHERE pronamespace = 'threadmem'::regnamespace AND 'missing_ok' = ANY (proargnames) ORDER BY f.oid::regprocedure::text COLLATE "C";
SELECT c.thread_id, t.status FROM unnest('{t,gone}'::text[]) c (thread_id) LEFT JOIN LATERAL threadmem.thread_get(c.thread_id, missing_ok => true) t ON true ORDER BY 1;
SELECT threadmem.thread_get('gone', true);
SELECT * FROM threadmem.thread_gone('{t,gone,gone,"Gone 2",0190e4a2-0000-7000-8000-000000000001}');
SELECT * FROM threadmem.thread_gone('{}');
SELECT * FROM threadmem.thread_gone(NULL);
SELECT * FROM threadmem.thread_gone('{t,NULL}');
SET threadmem.user_id = 'u';
SELECT * FROM threadmem.thread_gone('{t}');
RESET threadmem.user_id;

-- The fields of an error: view and key of what is not there or there already, the argument that is bad.
CREATE FUNCTION pg_temp.told(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE s text; t text; c text; k text;
BEGIN
    EXECUTE statement;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS s = SCHEMA_NAME, t = TABLE_NAME, c = COLUMN_NAME, k = CONSTRAINT_NAME;
    RETURN concat_ws(' ', SQLSTATE, concat_ws('.', nullif(s, ''), nullif(t, ''), nullif(c, '')), nullif(k, ''));
END$$;
SELECT statement, pg_temp.told('SELECT threadmem.' || statement) FROM unnest(ARRAY[
    $$user_get('nope')$$, $$assistant_get('nope')$$, $$graph_get('nope')$$, $$thread_get('nope')$$, $$message_get('t', 'nope')$$, $$run_get('t', 'nope')$$, $$context_template_get('nope')$$, $$memory_get_episode('u', 'nope')$$,
    $$checkpoint_get('t', '', 'nope', false)$$, $$thread_remove_participant('t', 'nope')$$, $$message_list('nope')$$, $$message_list('t', after_id => 'nope')$$, $$thread_list(after_id => 'nope')$$,
    $$user_create('u')$$, $$thread_create('t')$$, $$message_add('t', 'user', 'other', message_id => 'm')$$, $$run_create('t', run_id => 'r')$$,
    $$thread_create('x', user_id => 'nope')$$, $$thread_create('x', assistant_id => 'nope')$$,
    $$message_last('nope', -1)$$, $$thread_get('')$$, $$thread_get(NULL)$$, $$message_list('t', sort_order => 'up')$$, $$thread_create('x', metadata => '[]')$$, $$thread_create('x', ttl => '{}')$$, $$run_start('t', lease => '-1 s')$$,
    $$thread_update('t', title => 'x', expected_version => 99)$$, $$assistant_update('0190e4a2-0000-7000-8000-000000000001', name => 'x', expected_version => 99)$$, $$message_update('t', 'm', 'x', expected_rev => 99)$$,
    $$memory_set_embedding('u', '{1}', 't', 'm', expected_content => 'other')$$, $$run_complete('t', 'r')$$]) WITH ORDINALITY u (statement, n) ORDER BY n;
-- What people do, and how it came about.
SELECT threadmem.thread_create('x', metadata => '[]');
SELECT threadmem.thread_create('x', metadata => to_jsonb('{"a": 1}'::text));
SELECT threadmem.thread_create('x', messages => to_jsonb('[{"role": "user"}]'::text));
SELECT threadmem.thread_create('x', metadata => '"words"');
SELECT threadmem.run_start('t', lease => '9000000000');
SELECT threadmem.channel_superstep('c', 'append', '[1]', NULL);

-- Counts are numbers in JavaScript, and what only does something says so.
SELECT pg_typeof(tokens), pg_typeof(used_tokens), pg_typeof(dropped_messages) FROM threadmem.message_context('t', max_messages => 1);
SELECT pg_typeof(threadmem.thread_count()), pg_typeof(threadmem.user_count()), pg_typeof(threadmem.checkpoint_prune('{t}'));
SELECT (threadmem.graph_define('of nobody')).graph_id, threadmem.graph_delete('of nobody');
SELECT (threadmem.context_template_create('c', 'x')).template_id, threadmem.context_template_delete('c');
-- One shape for calls and for joins.
SELECT (SELECT jsonb_agg(g) FROM threadmem.thread_get('t') g) = (SELECT jsonb_agg(v) FROM threadmem.threads v WHERE thread_id = 't') AS threads, (SELECT jsonb_agg(g) FROM threadmem.message_get('t', 'm') g) = (SELECT jsonb_agg(v) FROM threadmem.messages v WHERE message_id = 'm' AND state = 'live') AS messages,
       (SELECT jsonb_agg(g) FROM threadmem.run_get('t', 'r') g) = (SELECT jsonb_agg(v) FROM threadmem.runs v WHERE run_id = 'r') AS runs, (SELECT jsonb_agg(g) FROM threadmem.user_get('u') g) = (SELECT jsonb_agg(v) FROM threadmem.users v WHERE user_id = 'u') AS users;
SELECT status FROM threadmem.run_cancel('t', 'r');
SELECT checkpoint_id <> '' AS stepped FROM threadmem.thread_update_state('t', '{"n": 1.10}');
SELECT threadmem.checkpoint_put_writes('t', checkpoint_id, 'task', '[["n", 2.20]]') FROM threadmem.checkpoint_get('t');
SELECT to_jsonb(g) = to_jsonb(v) AS checkpoints, v.checkpoint #>> '{channel_values,n}' AS n, v.pending_writes #>> '{0,2}' AS write FROM threadmem.checkpoint_get('t') g JOIN threadmem.checkpoints v USING (thread_id, checkpoint_ns, checkpoint_id);
SELECT threadmem.checkpoint_document('t', '', 'none'), threadmem.checkpoint_pending_writes('t', '', 'none');
SELECT template_id FROM threadmem.context_template_create('c', 'x');
SELECT (SELECT jsonb_agg(g) FROM threadmem.context_template_get('c') g) = (SELECT jsonb_agg(v) FROM threadmem.context_templates v) AS templates;
-- What no function has written costs its own column and no list, of calls and of joins.
BEGIN;
SET LOCAL client_min_messages = error;
ALTER TABLE threadmem_data.threads DROP CONSTRAINT threads_sound;
ALTER TABLE threadmem_data.checkpoints DROP CONSTRAINT checkpoints_sound;
UPDATE threadmem_data.threads SET version = 9223372036854775807, live_messages = -9223372036854775808 WHERE tenant_id = 'query surface' AND thread_id = 't';
UPDATE threadmem_data.checkpoints SET snapshot = '5', patch = '5' WHERE tenant_id = 'query surface';
SELECT thread_id, version, message_count FROM threadmem.thread_list() ORDER BY thread_id;
SELECT thread_id, version, message_count FROM threadmem.threads ORDER BY thread_id;
SELECT count(*), count(checkpoint) AS restored, count(pending_writes) AS with_writes FROM threadmem.checkpoints;
ROLLBACK;
-- A thread that would count further than an integer is refused.
UPDATE threadmem_data.threads SET version = 2147483648 WHERE tenant_id = 'query surface' AND thread_id = 't';
