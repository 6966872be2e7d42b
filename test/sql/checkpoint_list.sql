-- How a list of messages stands in a state: runs of revisions, and where many short ones follow each other, strings of them.
\set SHOW_CONTEXT never
\pset null (null)
SET threadmem.tenant = 'checkpoint list';
CREATE PROCEDURE pg_temp.talk(thread text, n integer) LANGUAGE plpgsql AS
$$BEGIN
    PERFORM threadmem.thread_create(thread);
    PERFORM threadmem.message_add_batch(thread, (SELECT jsonb_agg(jsonb_build_object('id', 'm' || i, 'role', 'user', 'content', 'word ' || i) ORDER BY i) FROM generate_series(1, n) i));
    PERFORM threadmem.thread_fold(thread);
END$$;
CREATE FUNCTION pg_temp.newest(thread text) RETURNS threadmem_data.checkpoints LANGUAGE sql AS
$$SELECT * FROM threadmem_data.checkpoints WHERE tenant_id = 'checkpoint list' AND thread_id = thread ORDER BY seq DESC LIMIT 1$$;
-- What the state holds, by each who reads it: all say the same.
CREATE FUNCTION pg_temp.held(thread text) RETURNS text LANGUAGE plpgsql AS
$$DECLARE whole text[]; up text[] := '{}'; down text[] := '{}'; at text; page text[]; by_id boolean := true;
BEGIN
    SELECT array_agg(m ->> 'id' ORDER BY n) INTO whole FROM threadmem.thread_state(thread) s, jsonb_array_elements(s."values" -> 'messages') WITH ORDINALITY e (m, n);
    LOOP
        SELECT array_agg(message_id ORDER BY n), (array_agg(l.position ORDER BY n DESC))[1] INTO page, at FROM threadmem.message_list(thread, 7, view => 'state', after_position => at) WITH ORDINALITY l (thread_id, message_id, seq, rev, role, origin_role, name, content, text, sender_id, user_id, assistant_id, run_id, tool_call_id, status, state, metadata, body, event_at, created_at, id_from, edited_at, position, has_more, n);
        EXIT WHEN page IS NULL;
        up := up || page;
    END LOOP;
    at := NULL;
    LOOP
        SELECT array_agg(l.message_id ORDER BY l.n DESC) INTO page FROM (SELECT message_id, row_number() OVER () AS n FROM threadmem.message_list(thread, 7, 'desc', view => 'state', after_id => at)) l;
        EXIT WHEN page IS NULL;
        down := page || down;
        at := page[1];
    END LOOP;
    IF whole IS DISTINCT FROM up THEN RETURN format('state %s, pages %s', whole, up); END IF;
    IF whole IS DISTINCT FROM down THEN RETURN format('state %s, pages by id %s', whole, down); END IF;
    IF whole IS DISTINCT FROM (SELECT array_agg(message_id ORDER BY n) FROM (SELECT message_id, row_number() OVER () AS n FROM threadmem.message_context(thread)) w) THEN RETURN 'the window is another'; END IF;
    IF whole IS DISTINCT FROM (SELECT array_agg(coalesce(m #>> '{kwargs,id}', m ->> 'id') ORDER BY n) FROM threadmem.checkpoint_get(thread) c, jsonb_array_elements(c.checkpoint #> '{channel_values,messages}') WITH ORDINALITY e (m, n)) THEN RETURN 'the checkpoint is another'; END IF;
    RETURN concat(cardinality(whole), ', ', whole[1], ' to ', whole[cardinality(whole)], ', ', left(md5(whole::text), 8));
END$$;
SET threadmem.snapshot_ratio = 0;

-- Few are as they were; from four short runs on they are a string, with how many, the lowest and the greatest before the runs.
CALL pg_temp.talk('few', 20);
CREATE FUNCTION pg_temp.changed(call text, thread text DEFAULT 'few', OUT list jsonb, OUT held text) LANGUAGE plpgsql AS
$$BEGIN
    EXECUTE call;
    PERFORM threadmem.thread_fold(thread);
    list := (pg_temp.newest(thread)).snapshot #> '{refs,messages}';
    held := pg_temp.held(thread);
END$$;
SELECT gone, c.* FROM unnest(ARRAY[3, 4, 9, 12, 20, 10]) gone, pg_temp.changed(format('SELECT threadmem.message_delete(''few'', ''m%s'')', gone)) c;
-- An edit stands in the place of what it replaces, a message put in again where it is put.
SELECT * FROM pg_temp.changed($$SELECT threadmem.message_update('few', 'm7', content => 'other')$$);
SELECT count(threadmem.checkpoint_put('few', jsonb_build_object('v', 4, 'id', 'z1', 'channel_values', jsonb_build_object('messages', (SELECT jsonb_agg(body ORDER BY seq DESC) || jsonb_agg(body ORDER BY seq) FILTER (WHERE seq < 4) FROM threadmem.message_list('few', 1000))), 'channel_versions', '{"messages": "9"}'::jsonb), parent_checkpoint_id => (pg_temp.newest('few')).checkpoint_id));
SELECT (pg_temp.newest('few')).snapshot #> '{refs,messages}' AS list;
SELECT string_agg(m ->> 'id', ' ' ORDER BY n) FROM threadmem.checkpoint_get('few') c, jsonb_array_elements(c.checkpoint #> '{channel_values,messages}') WITH ORDINALITY e (m, n);
SELECT * FROM threadmem.threadmem_verify('few');

-- Many: some dozens a string, and a tenth of what they were.
CALL pg_temp.talk('many', 1000);
SELECT count(threadmem.message_delete('many', 'm' || i)) FROM generate_series(1, 1000) i WHERE i % 3 = 0 OR i % 7 = 0;
SELECT held FROM pg_temp.changed('SELECT', 'many');
SELECT octet_length(list::text) < 3000 AS small, count(*) BETWEEN 10 AND 40 AS pieces, sum(CASE jsonb_typeof(piece) WHEN 'string' THEN split_part(piece #>> '{}', ',', 1)::integer ELSE (piece ->> 1)::integer - (piece ->> 0)::integer + 1 END) AS messages
  FROM (SELECT (pg_temp.newest('many')).snapshot #> '{refs,messages}') s (list), jsonb_array_elements(list) piece GROUP BY list;
-- A message that goes, comes or changes is a change of one piece; the others stay where they are.
SET threadmem.snapshot_ratio = 100;
CREATE FUNCTION pg_temp.change(call text, OUT pieces bigint, OUT small boolean, OUT held text) LANGUAGE plpgsql AS
$$BEGIN
    held := (pg_temp.changed(call, 'many')).held;
    SELECT count(*), max(octet_length(op::text)) < 500 INTO pieces, small FROM jsonb_array_elements((pg_temp.newest('many')).patch) op WHERE op ->> 'path' ~ '^/refs/messages';
END$$;
SELECT * FROM pg_temp.change($$SELECT threadmem.message_delete('many', 'm500')$$);
SELECT * FROM pg_temp.change($$SELECT threadmem.message_update('many', 'm11', content => 'other')$$);
SELECT * FROM pg_temp.change($$SELECT threadmem.message_add('many', 'user', 'more', message_id => 'm1001')$$);
SELECT * FROM pg_temp.change($$SELECT threadmem.thread_update_state('many', '{"messages": [{"type": "remove", "id": "m2"}, {"type": "ai", "id": "m500", "content": "again"}], "n": 1}')$$);
SELECT * FROM pg_temp.change($$SELECT threadmem.thread_update_state('many', '{"n": 2}')$$);
-- What is pending is in every page, too, and the system's messages are found wherever they stand.
SELECT count(threadmem.message_delete('many', 'm' || i)) FROM generate_series(100, 110) i WHERE i % 3 <> 0 AND i % 7 <> 0;
SELECT count(threadmem.message_add('many', 'system', 'be kind', message_id => 'rule'));
SELECT message_id FROM threadmem.message_list('many', 3, view => 'state', after_id => 'm97');
SELECT message_id, role FROM threadmem.message_context('many', max_messages => 3, keep_system => true);
SELECT held FROM pg_temp.changed('SELECT', 'many');
SELECT message_id, role FROM threadmem.message_context('many', max_messages => 3, keep_system => true);
-- A copy and a branch have the same lists.
SELECT count(threadmem.thread_copy('many', 'copy'));
SELECT pg_temp.held('many') = pg_temp.held('copy') AS same;
SELECT * FROM threadmem.threadmem_verify();

-- Who may write the table may write anything. What is no list is an error or, where the list is not read, not met; never more than the row says of itself.
CALL pg_temp.talk('raw', 3);
CREATE FUNCTION pg_temp.outcome(call text) RETURNS text LANGUAGE plpgsql AS
$$BEGIN EXECUTE call; RETURN 'ok'; EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE; END$$;
CREATE PROCEDURE pg_temp.update() LANGUAGE plpgsql AS
$$BEGIN
    PERFORM threadmem.message_add('raw', 'user', 'x', message_id => 'x');
    PERFORM threadmem.thread_update_state('raw', '{"messages": {"type": "ai", "content": "x"}}');
    RAISE SQLSTATE 'UNDO1';
EXCEPTION WHEN SQLSTATE 'UNDO1' THEN NULL;
END$$;
CREATE FUNCTION pg_temp.damaged(list text, OUT state text, OUT page text, OUT shown text, OUT checkpoint text, OUT updated text, OUT problem text) LANGUAGE plpgsql AS
$$BEGIN
    UPDATE threadmem_data.checkpoints SET snapshot = jsonb_set(snapshot, '{refs,messages}', jsonb_build_array(list)) WHERE tenant_id = 'checkpoint list' AND thread_id = 'raw' AND seq = (pg_temp.newest('raw')).seq;
    state := pg_temp.outcome('SELECT threadmem.thread_state(''raw'')');
    page := pg_temp.outcome('SELECT threadmem.message_list(''raw'', view => ''state'')');
    shown := pg_temp.outcome('SELECT threadmem.message_context(''raw'')');
    checkpoint := pg_temp.outcome('SELECT threadmem.checkpoint_get(''raw'')');
    updated := pg_temp.outcome('CALL pg_temp.update()');
    problem := (SELECT string_agg(regexp_replace(v.problem, '^checkpoint "[^"]*": ', ''), ', ') FROM threadmem.threadmem_verify('raw') v);
END$$;
SELECT list, d.* FROM unnest(ARRAY['3,1-3:0~2', '3,1-3:0,1,1', '3,1-3:2,-1,-1', '', 'x', '3', '3,1-3', '3,1-3:', ':0', ',-:', '3,1-3:0~', '3,1-3:0~2,', '3,1-3:0~2x', '3,1-3:0~2 ', ' 3,1-3:0~2', '3,1-3:0~2,,', '3,1-3:--1', '3,1-3:0~-2', '2,1-3:0~2', '4,1-3:0~2', '3,1-2:0~2', '3,2-3:0~2', '3,1-3:-1~2', '3,0-3:1~2', '0,1-3:0',
    '3,1-3:0~4611686018427387904', '3,1-3:99999999999999999999', '3,1-4611686018427387904:0,4611686018427387903,1', '20000000,1-20000000:0~19999999', '4611686018427387904,1-4611686018427387904:0~4611686018427387903', '9223372036854775807,1-9223372036854775807:0', '3,1-9:0,1,7', '1900000,1-1900000:0~1899999']) list, pg_temp.damaged(list) d;
SELECT count(*) > 0 AS gone FROM unnest('{few,many,copy,raw}'::text[]) t, threadmem.thread_delete(t);
