-- A long list of messages: a step costs what it changes, and a page of the state what it shows.
\set SHOW_CONTEXT never
SET threadmem.tenant = 'state list';
CREATE FUNCTION pg_temp.fill(thread text, n int) RETURNS bigint LANGUAGE sql AS
$$SELECT count(*) FROM threadmem.thread_create(thread, messages => (SELECT jsonb_agg(jsonb_build_object('id', 'm' || i, 'role', CASE i % 2 WHEN 0 THEN 'assistant' ELSE 'user' END, 'content', 'hello ' || i, 'metadata', jsonb_build_object('third', i % 3 = 0))) FROM generate_series(1, n) i))$$;
SELECT pg_temp.fill('log', 3000), pg_temp.fill('one run', 3000), pg_temp.fill('holes', 3000);
SELECT count(threadmem.thread_fold(t)) FROM unnest('{one run,holes}'::text[]) t;
SELECT count(k) FROM threadmem.thread_update_state('holes', jsonb_build_object('messages', (SELECT jsonb_agg(jsonb_build_object('type', 'remove', 'id', 'm' || i * 10)) FROM generate_series(1, 300) i))) k;
ANALYZE threadmem_data.messages;

-- Rows of messages that a call reads, the second time it is made.
CREATE FUNCTION pg_temp.reads(call text) RETURNS bigint LANGUAGE plpgsql AS
$$DECLARE before bigint;
BEGIN
    FOR i IN 1 .. 2 LOOP
        before := (SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_all_tables WHERE relid = 'threadmem_data.messages'::regclass);
        EXECUTE 'SELECT count(*) FROM threadmem.' || call;
    END LOOP;
    RETURN (SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_all_tables WHERE relid = 'threadmem_data.messages'::regclass) - before;
END$$;
CREATE TEMP TABLE pages AS SELECT t AS thread, o AS way, (SELECT position FROM threadmem.message_list(t, 1000, o, view => 'state') OFFSET 500 LIMIT 1) AS there FROM unnest('{log,one run,holes}'::text[]) t, unnest('{asc,desc}'::text[]) o;
SELECT call FROM pages, unnest(ARRAY['', ', after_id => ''m1501''', ', before_id => ''m1501''', ', after_position => ' || quote_literal(there), ', before_position => ' || quote_literal(there), ', role => ''user''', ', metadata => ''{"third": true}''',
    ', after_id => ''m1501'', before_position => ' || quote_literal(there), ', include_deleted => true']) more, LATERAL (SELECT format('message_list(%L, 20, %L, view => ''state''%s)', thread, way, more) AS call) c WHERE pg_temp.reads(call) > 150;
-- A position whose message was edited, or moved up.
SELECT count(e) AS edited, count(d) AS deleted FROM threadmem.message_update('one run', 'm501', 'edited') e, threadmem.message_delete('one run', 'm7') d;
SELECT pg_temp.reads(format('message_list(''one run'', 20, %L, view => ''state'', after_position => %L)', way, there)) < 150 FROM pages WHERE thread = 'one run';

-- Pages of every size, put together, are the list, whatever it is made of; with filters, what they let pass of it.
SELECT thread_id FROM threadmem.checkpoint_put('mixed', jsonb_build_object('id', 'c1', 'v', 4, 'channel_versions', '{"messages": 1}'::jsonb, 'versions_seen', '{}'::jsonb, 'channel_values', jsonb_build_object('messages',
    (SELECT jsonb_agg(jsonb_build_object('id', 'x' || i, 'type', CASE i % 3 WHEN 0 THEN 'ai' ELSE 'human' END, 'content', 'text ' || i)) FROM generate_series(1, 60) i))));
SELECT p.checkpoint_id FROM threadmem.checkpoint_get('mixed') g, threadmem.checkpoint_put('mixed', jsonb_set(jsonb_set(g.checkpoint, '{channel_values,messages}', (SELECT jsonb_agg(m ORDER BY n % 4, n) || jsonb_agg(m ORDER BY n) FILTER (WHERE n % 7 = 0) FROM jsonb_array_elements(g.checkpoint #> '{channel_values,messages}') WITH ORDINALITY e (m, n) WHERE n % 5 > 0)),
    '{id}', '"c2"') || '{"channel_versions": {"messages": 2}}', parent_checkpoint_id => 'c1') p;
SELECT seq FROM threadmem.message_add('mixed', 'user', 'said meanwhile', message_id => 'y');
SELECT count(u) AS edited, count(d) AS deleted, count(e) AS erased FROM threadmem.message_update('mixed', 'x9', 'edited') u, threadmem.message_delete('mixed', 'x13') d, threadmem.message_erase('mixed', 'x14') e;
CREATE FUNCTION pg_temp.walk(thread text, way text, size int, more text) RETURNS text[] LANGUAGE plpgsql AS
$$DECLARE found text[] := '{}'; part text[]; there text; goes_on boolean := true; listed text;
BEGIN
    WHILE goes_on LOOP
        EXECUTE format('SELECT array_agg(message_id ORDER BY n), (array_agg(position ORDER BY n DESC))[1], bool_or(has_more) FROM threadmem.message_list(%L, %s, %L, view => ''state'', after_position => %L%s) WITH ORDINALITY AS l (thread_id, message_id, seq, rev, role, origin_role, name, content, text, sender_id, user_id, assistant_id, run_id, tool_call_id, status, state, metadata, body, event_at, created_at, id_from, edited_at, position, has_more, n)', thread, size, way, there, more) INTO part, there, goes_on;
        found := found || part;
    END LOOP;
    RETURN found;
END$$;
SELECT count(*), bool_and(found = CASE way WHEN 'asc' THEN listed ELSE (SELECT array_agg(id ORDER BY n DESC) FROM unnest(listed) WITH ORDINALITY u (id, n)) END) AS same, max(cardinality(listed)) AS longest, min(cardinality(listed)) AS shortest
  FROM unnest('{mixed,log,holes}'::text[], '{1,97,100}'::int[]) AS t (thread, size), unnest('{asc,desc}'::text[]) way, unnest('{"", "assistant"}'::text[]) role,
    LATERAL pg_temp.walk(thread, way, size, CASE WHEN role <> '' THEN format(', role => %L', role) ELSE '' END) found,
    LATERAL (SELECT array_agg(m ->> 'id' ORDER BY n) AS listed FROM threadmem.thread_state(thread) s, jsonb_array_elements(s."values" -> 'messages') WITH ORDINALITY e (m, n)
              WHERE role = '' OR coalesce(m ->> 'type', m ->> 'role') IN ('ai', role)) l;
SELECT array_agg(message_id) FROM threadmem.message_list('mixed', 60, view => 'state');
-- A position goes on where it stood: before and after its message was edited, moved up, came to the end, and went.
CREATE TEMP TABLE there AS SELECT o AS way, (SELECT position FROM threadmem.message_list('mixed', 60, o, view => 'state') WHERE message_id = 'x26') AS there FROM unnest('{asc,desc}'::text[]) o;
CREATE FUNCTION pg_temp.on_from() RETURNS TABLE (way text, after text[], before text[]) LANGUAGE sql AS
$$SELECT way, (SELECT array_agg(message_id) FROM threadmem.message_list('mixed', 4, way, view => 'state', after_position => there)), (SELECT array_agg(message_id) FROM threadmem.message_list('mixed', 4, way, view => 'state', before_position => there)) FROM there$$;
SELECT * FROM pg_temp.on_from();
SELECT count(e) AS edited, count(d) AS deleted FROM threadmem.message_update('mixed', 'x26', 'edited') e, threadmem.message_delete('mixed', 'x16') d;
SELECT * FROM pg_temp.on_from();
SELECT count(d) AS deleted FROM threadmem.message_delete('mixed', 'x26') d;
SELECT * FROM pg_temp.on_from();
-- What the log alone has: no state, or one that wants no messages. A position of the one serves in the other.
SELECT graph_id FROM threadmem.graph_define('plain', '{"channels": {"n": {}}}');
SELECT count(k) FROM threadmem.thread_create('plain', graph_id => 'plain', messages => '[{"role": "user", "id": "a", "content": "x"}]') k;
SELECT count(*) FROM threadmem.message_list('plain', view => 'state');
SELECT count(s) AS started FROM threadmem.message_start('log', message_id => 'open') s;
SELECT message_id, has_more FROM threadmem.message_list('log', 1, 'desc', view => 'state');
SELECT message_id FROM threadmem.message_list('log', view => 'state', after_id => 'open');
SELECT message_id FROM threadmem.message_list('plain', view => 'state', after_id => 'a');
SELECT count(*) FROM threadmem.message_list('log', 0, view => 'state');
SELECT threadmem.thread_fold('log') IS NOT NULL AS folded;
SELECT way, array_agg(message_id) FROM pages, LATERAL threadmem.message_list('log', 2, way, view => 'state', after_position => there) WHERE thread = 'log' GROUP BY way ORDER BY way;

-- An update locks the thread and reads the head of its state and the chain of that once, also when what was said meanwhile goes in first. Of each table how often a call looks into it, the second time it is made.
CREATE FUNCTION pg_temp.looks(call text, before_call text DEFAULT 'SELECT') RETURNS text LANGUAGE plpgsql AS
$$DECLARE before jsonb;
BEGIN
    FOR i IN 1 .. 2 LOOP
        EXECUTE before_call;
        before := (SELECT jsonb_object_agg(relname, seq_scan + coalesce(idx_scan, 0)) FROM pg_stat_xact_all_tables WHERE schemaname = 'threadmem_data');
        EXECUTE 'SELECT threadmem.' || call;
    END LOOP;
    RETURN (SELECT string_agg(relname || ' ' || seq_scan + coalesce(idx_scan, 0) - (before ->> relname)::bigint, ', ' ORDER BY relname) FROM pg_stat_xact_all_tables WHERE schemaname = 'threadmem_data' AND relname IN ('threads', 'checkpoints'));
END$$;
SELECT pg_temp.looks($$thread_update_state('holes', '{"n": 1}')$$);
SELECT pg_temp.looks($$thread_update_state('holes', '{"messages": {"type": "ai", "content": "answer"}}')$$, $$SELECT threadmem.message_add('holes', 'user', 'question')$$);

-- A reply on another branch looks at what the branches differ in.
SELECT checkpoint ->> 'checkpoint_id' AS fork FROM threadmem.thread_history('one run', 1, fields => '{checkpoint}') \gset
SELECT reply, pg_temp.reads(format($$thread_update_state('one run', %L, checkpoint_id => %L)$$, reply, :'fork')) < 100 AS few FROM unnest('{"{\"n\": 1}", "{\"messages\": {\"type\": \"ai\", \"content\": \"beside\"}}"}'::text[]) reply;
-- A message may stand in a list in two wordings: the last one counts, also on another branch that has both, or has them the other way round, or one of them alone.
CREATE FUNCTION pg_temp.put(id text, parent text, wordings text[]) RETURNS text LANGUAGE sql AS
$$SELECT checkpoint_id FROM threadmem.checkpoint_put('twice', jsonb_build_object('id', id, 'v', 4, 'channel_versions', jsonb_build_object('messages', id), 'versions_seen', '{}'::jsonb, 'channel_values', jsonb_build_object('messages',
    (SELECT jsonb_agg(jsonb_build_object('id', split_part(w, ' ', 1), 'type', 'human', 'content', w) ORDER BY n) FROM unnest(wordings) WITH ORDINALITY u (w, n)))), parent_checkpoint_id => parent)$$;
CREATE FUNCTION pg_temp.live() RETURNS text[] LANGUAGE sql AS $$SELECT array_agg(body ->> 'content' ORDER BY seq) FROM threadmem.message_list('twice')$$;
SELECT pg_temp.put('c1', NULL, '{a 1,b 1,a 2,c 1}'), pg_temp.live();
SELECT pg_temp.put('c2', 'c1', '{a 1,b 1,a 2,c 1,d 1}'), pg_temp.live();
SELECT pg_temp.put('c3', 'c1', '{a 1,b 1,c 1}'), pg_temp.live();
SELECT pg_temp.put('c4', 'c1', '{a 2,b 1,a 1,c 1}'), pg_temp.live();
SELECT pg_temp.put('c5', 'c2', '{a 1,b 1,a 2,c 1,d 1,b 2}'), pg_temp.live();
SELECT pg_temp.put('c6', 'c3', '{b 1,c 1,a 1}'), pg_temp.live();
SELECT pg_temp.put('c7', 'c5', '{b 2,a 1,c 1,d 1,b 1}'), pg_temp.live();
-- An update meets a message at all places where it stands, as LangGraph's add_messages does: the last is replaced, all are removed.
SELECT pg_temp.put('d1', NULL, '{a 1,b 1,a 1,c 1}');
CREATE FUNCTION pg_temp.held(thread text) RETURNS text[] LANGUAGE sql AS $$SELECT array_agg(body ->> 'content') FROM threadmem.message_list(thread, view => 'state')$$;
SELECT count(threadmem.thread_update_state('twice', '{"messages": {"id": "a", "type": "human", "content": "a 3"}}')), pg_temp.held('twice');
SELECT pg_temp.put('e1', 'd1', '{a 1,b 1,a 1,c 1}');
SELECT count(threadmem.thread_update_state('twice', '{"messages": {"id": "a", "type": "remove"}}')), pg_temp.held('twice');

-- A step does not spell out the list: where a state speaks of 1,900,000 messages, of which few are there, it takes no memory for them.
SELECT pg_temp.fill('huge', 50);
SELECT count(threadmem.thread_fold('huge'));
UPDATE threadmem_data.messages SET rev = rev + 1899900, seq = seq + 1899900 WHERE tenant_id = 'state list' AND thread_id = 'huge' AND rev > 20;
UPDATE threadmem_data.threads SET next_rev = 1900001, next_seq = 1900001 WHERE tenant_id = 'state list' AND thread_id = 'huge';
UPDATE threadmem_data.checkpoints SET snapshot = jsonb_set(snapshot, '{refs,messages}', '[[1, 1900000]]'), seen = '{[1,1900001)}' WHERE tenant_id = 'state list' AND thread_id = 'huge';
\c
SET threadmem.tenant = 'state list';
-- The most memory that this process has had, in kB.
CREATE FUNCTION pg_temp.peak() RETURNS bigint LANGUAGE sql AS $$SELECT coalesce(substring(pg_read_file('/proc/self/status', 0, 10000, true) FROM 'VmHWM:\s*(\d+)')::bigint, 0)$$;
CREATE FUNCTION pg_temp.turn(thread text) RETURNS bigint LANGUAGE sql AS
$$SELECT count(threadmem.message_add(thread, 'user', 'question')); SELECT count(threadmem.thread_update_state(thread, '{"messages": {"type": "ai", "content": "answer"}}')); SELECT count(threadmem.thread_update_state(thread, '{"n": 1}'));
  SELECT count(threadmem.thread_update_state(thread, '{"messages": [{"type": "ai", "id": "m3", "content": "other"}, {"type": "remove", "id": "m5"}]}')); SELECT count(threadmem.message_delete(thread, 'm6')); SELECT count(threadmem.thread_fold(thread));
  SELECT count(*) FROM threadmem.message_list(thread, 10, view => 'state'); SELECT count(*) FROM threadmem.message_list(thread, 10, 'desc', view => 'state'); SELECT count(*) FROM threadmem.message_context(thread, max_messages => 10)$$;
SELECT pg_temp.turn('one run');
CREATE TEMP TABLE peak AS SELECT pg_temp.peak();
SELECT pg_temp.turn('huge');
SELECT pg_temp.peak() - peak < 8000 AS "no more memory" FROM peak;
-- A list of 100,000 runs costs a few times its document, and not more with every look at it.
SELECT count(threadmem.thread_fold('many runs')) FROM threadmem.thread_create('many runs', messages => '[{"role": "user", "content": "first"}, {"role": "user", "content": "last"}]');
UPDATE threadmem_data.messages SET rev = 200001, seq = 200001 WHERE tenant_id = 'state list' AND thread_id = 'many runs' AND rev = 2;
UPDATE threadmem_data.threads SET next_rev = 200002, next_seq = 200002 WHERE tenant_id = 'state list' AND thread_id = 'many runs';
UPDATE threadmem_data.checkpoints SET snapshot = jsonb_set(snapshot, '{refs,messages}', (SELECT jsonb_agg(jsonb_build_array(2 * i + 1, 2 * i + 1)) FROM generate_series(0, 100000) i)), seen = '{[1,200002)}' WHERE tenant_id = 'state list' AND thread_id = 'many runs';
\c
SET threadmem.tenant = 'state list';
CREATE FUNCTION pg_temp.peak() RETURNS bigint LANGUAGE sql AS $$SELECT coalesce(substring(pg_read_file('/proc/self/status', 0, 10000, true) FROM 'VmHWM:\s*(\d+)')::bigint, 0)$$;
SELECT count(threadmem.thread_update_state('one run', '{"n": 2}'));
CREATE TEMP TABLE peak AS SELECT pg_temp.peak();
SELECT count(threadmem.thread_update_state('many runs', '{"n": 1}'));
SELECT pg_temp.peak() - peak < 30000 AS "little more memory" FROM peak;
