-- Lists of messages by their revisions: a client that has the messages gets and puts what changed.
\set SHOW_CONTEXT never
\pset null (null)
SET threadmem.tenant = 'checkpoint lists';
CREATE FUNCTION pg_temp.m(id text, content text DEFAULT NULL) RETURNS jsonb LANGUAGE sql AS
$$SELECT jsonb_strip_nulls(jsonb_build_object('type', 'human', 'id', id, 'content', coalesce(content, 'words of ' || id)))$$;
CREATE FUNCTION pg_temp.checkpoint(id text, version text, "values" jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS
$$SELECT jsonb_build_object('v', 4, 'id', id, 'channel_values', "values", 'channel_versions', jsonb_build_object('messages', version))$$;
-- Puts by what is given; answers the lists and whether there is a mark.
CREATE FUNCTION pg_temp.put(thread text, id text, parent text, lists jsonb, held text DEFAULT NULL, "values" jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS
$$SELECT concat_ws(' ', p.lists::text, CASE WHEN p.mark IS NOT NULL THEN 'marked' END)
    FROM threadmem.checkpoint_put(thread, pg_temp.checkpoint(id, id, "values"), '{}', jsonb_build_object('messages', id), parent, '', lists, held) p$$;
CREATE FUNCTION pg_temp.mark(thread text, id text) RETURNS text LANGUAGE sql AS
$$SELECT mark FROM threadmem.checkpoint_get(thread, '', id, held => '')$$;
-- The ids in a state's list, and what a client that holds a checkpoint gets of another.
CREATE FUNCTION pg_temp.ids(thread text, id text) RETURNS text LANGUAGE sql AS
$$SELECT string_agg(e ->> 'id', ' ' ORDER BY n) FROM threadmem.checkpoint_get(thread, '', id) c, jsonb_array_elements(c.checkpoint #> '{channel_values,messages}') WITH ORDINALITY x (e, n)$$;
CREATE FUNCTION pg_temp.since(thread text, id text, held text) RETURNS TABLE (channels text, runs jsonb, new jsonb, messages text) LANGUAGE sql AS
$$SELECT (SELECT string_agg(k, ' ') FROM jsonb_object_keys(c.checkpoint -> 'channel_values') k), l -> 'runs', l -> 'new', (SELECT string_agg(e ->> 'id', ' ' ORDER BY n) FROM jsonb_array_elements(l -> 'messages') WITH ORDINALITY x (e, n))
    FROM threadmem.checkpoint_get(thread, '', id, held => held) c, LATERAL (SELECT c.lists -> 'messages') x (l)$$;

-- A list put whole: who gives lists learns its revisions; who does not gets nothing more than before.
SELECT * FROM threadmem.checkpoint_put('t', pg_temp.checkpoint('c0', '0', '{"messages": []}'));
SELECT pg_temp.put('t', 'c1', 'c0', '{}', NULL, jsonb_build_object('messages', jsonb_build_array(pg_temp.m('a'), pg_temp.m('b'), pg_temp.m('c'))));
SELECT lists, mark FROM threadmem.checkpoint_get('t');
SELECT * FROM pg_temp.since('t', 'c1', '');
SELECT mark ~ '^[0-9]+\.[0-9]+\.[0-9]+\.c1$' AS marked FROM threadmem.checkpoint_get('t', held => '');

-- Runs of the parent's revisions and messages, in any order; one that is left out, and one twice.
SELECT pg_temp.put('t', 'c2', 'c1', jsonb_build_object('messages', jsonb_build_array('[1, 3]'::jsonb, pg_temp.m('d'))), pg_temp.mark('t', 'c1'));
SELECT pg_temp.ids('t', 'c2');
SELECT pg_temp.put('t', 'c3', 'c2', jsonb_build_object('messages', jsonb_build_array('[4, 4]'::jsonb, pg_temp.m('e'), '[1, 1]'::jsonb, pg_temp.m('b', 'reworded'), '[3, 4]'::jsonb)), pg_temp.mark('t', 'c2'));
SELECT pg_temp.ids('t', 'c3');
SELECT seq, rev, message_id, state, threadmem.message_text(body) FROM threadmem_data.messages WHERE tenant_id = 'checkpoint lists' AND thread_id = 't' ORDER BY rev;
-- A message by its id and bytes is the stored one, as when the whole list comes.
SELECT pg_temp.put('t', 'c4', 'c3', jsonb_build_object('messages', jsonb_build_array('[1, 1]'::jsonb, pg_temp.m('b'), pg_temp.m('f'))), pg_temp.mark('t', 'c3'));
SELECT pg_temp.ids('t', 'c4');
-- Messages alone go by nothing and need no mark; an empty list is one.
SELECT pg_temp.put('t', 'c5', 'c4', jsonb_build_object('messages', jsonb_build_array(pg_temp.m('g'))));
SELECT pg_temp.put('t', 'c6', 'c5', '{"messages": []}');
SELECT checkpoint -> 'channel_values' FROM threadmem.checkpoint_get('t');
-- A channel that stays is not given; its list is told all the same.
SELECT p.lists FROM threadmem.checkpoint_put('t', pg_temp.checkpoint('c3x', 'c3'), '{}', '{}', 'c3', '', '{}') p;

-- A retry changes nothing and has the same answer.
SELECT mark AS m3 FROM threadmem.checkpoint_get('t', '', 'c3', held => '') \gset
SELECT pg_temp.put('t', 'd4', 'c3', jsonb_build_object('messages', jsonb_build_array('[4, 4]'::jsonb, pg_temp.m('h'))), :'m3') FROM generate_series(1, 2);
SELECT count(*) FROM threadmem_data.messages WHERE tenant_id = 'checkpoint lists' AND thread_id = 't' AND message_id = 'h';

-- Who holds a checkpoint gets of another what that does not have; whatever cannot be gone by holds nothing.
SELECT * FROM pg_temp.since('t', 'c3', pg_temp.mark('t', 'c1'));
SELECT * FROM pg_temp.since('t', 'c3', pg_temp.mark('t', 'c3'));
SELECT * FROM pg_temp.since('t', 'c1', pg_temp.mark('t', 'c3'));
SELECT held, s.new FROM unnest('{c1,1.1.1.c1,w.x.y.z,.,...}'::text[]) held, pg_temp.since('t', 'c3', held) s;
SELECT s.new FROM pg_temp.since('t', 'c3', (SELECT mark FROM threadmem.checkpoint_get('t', held => '')) || 'x') s;
-- A list gives each body once a page, in the row that comes first.
SELECT checkpoint_id, lists #> '{messages,runs}' AS runs, lists #> '{messages,new}' AS new, jsonb_array_length(lists #> '{messages,messages}') AS bodies, checkpoint #> '{channel_values,messages}' AS value, mark FROM threadmem.checkpoint_list('t', apart => true);
SELECT count(lists) AS lists, count(checkpoint #> '{channel_values,messages}') AS "values" FROM threadmem.checkpoint_list('t');

-- What lists may not say.
CREATE FUNCTION pg_temp.refused(statement text) RETURNS text LANGUAGE plpgsql AS
$$DECLARE detail text; hint text; BEGIN EXECUTE statement; RETURN 'stored'; EXCEPTION WHEN OTHERS THEN GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT; RETURN concat_ws(' | ', SQLSTATE, SQLERRM, detail, nullif(hint, '')); END$$;
SELECT lists, pg_temp.refused(format('SELECT pg_temp.put(%L, %L, %L, %L, %L)', 't', 'e', 'c3', lists, :'m3')) FROM unnest(ARRAY['[]', '{"messages": 1}', '{"messages": {}}', '{"messages": [1]}', '{"messages": [[1]]}', '{"messages": [[2, 1]]}', '{"messages": [[1, 1.5]]}', '{"messages": [[0, 1]]}', '{"messages": [["1", "2"]]}',
    '{"messages": [[1, 99999999999999999999]]}', '{"messages": [null]}', '{"messages": ["1,1-1:0"]}', '{"messages": [{"a": 1}]}', '{"messages": [{"lc": 1}]}', '{"other": []}']) lists;
SELECT pg_temp.refused(format('SELECT pg_temp.put(%L, %L, %L, %L, NULL, %L)', 't', 'e', 'c3', '{"messages": []}', '{"messages": []}'));
SELECT pg_temp.refused($$SELECT threadmem.checkpoint_put('t', pg_temp.checkpoint('e', 'c3'), '{}', '{}', 'c3', '', '{"messages": []}')$$);
SELECT pg_temp.refused(format('SELECT pg_temp.put(%L, %L, %L, %L)', 't', 'e', 'c3', '{"messages": [[1, 1]]}'));
SELECT pg_temp.refused(format('SELECT pg_temp.put(%L, %L, %L, %L, %L)', 't', 'e', 'c3', (SELECT jsonb_build_object('messages', jsonb_agg('[1, 1]'::jsonb)) FROM generate_series(1, 2097153)), :'m3'));

-- Lost: revisions that the parent's list has not, another parent, another namespace, a thread without it, a channel of other things.
SELECT runs, pg_temp.refused(format('SELECT pg_temp.put(%L, %L, %L, %L, %L)', 't', 'e', 'c3', jsonb_build_object('messages', runs), :'m3')) FROM unnest('{"[[1, 2]]","[[2, 2]]","[[5, 7]]","[[1, 4611686018427387904]]","[[8, 8]]"}'::jsonb[]) runs;
SELECT parent, pg_temp.refused(format('SELECT pg_temp.put(%L, %L, %L, %L, %L)', 't', 'e', parent, '{"messages": [[1, 1]]}', :'m3')) FROM unnest('{c1,none,NULL}'::text[]) parent;
SELECT pg_temp.refused(format('SELECT threadmem.checkpoint_put(%L, pg_temp.checkpoint(%L, %L), %L, NULL, %L, %L, %L, %L)', 't', 'e', '1', '{}', 'c3', 'sub:1', '{"messages": [[1, 1]]}', :'m3'));
SELECT pg_temp.refused(format('SELECT pg_temp.put(%L, %L, %L, %L, %L)', 'elsewhere', 'e', 'c3', '{"messages": [[1, 1]]}', :'m3'));
SELECT pg_temp.refused(format('SELECT threadmem.checkpoint_put(%L, %L, %L, NULL, %L, %L, %L, %L)', 't', '{"id": "e", "channel_values": {}, "channel_versions": {"other": 1}}', '{}', 'c3', '', '{"other": [{"type": "human", "content": "x"}]}', :'m3'));
SELECT count(*) FROM threadmem.thread_get('elsewhere', missing_ok => true);
-- Of another tenant there is nothing.
SET threadmem.tenant = 'checkpoint lists, others';
SELECT pg_temp.refused(format('SELECT pg_temp.put(%L, %L, %L, %L, %L)', 't', 'e', 'c3', '{"messages": [[1, 1]]}', :'m3'));
SET threadmem.tenant = 'checkpoint lists';
-- An erased message: whoever holds it holds it no more; it is in no list, and whoever puts it is not told that it was stored.
SELECT state FROM threadmem.message_erase('t', 'a');
SELECT pg_temp.refused(format('SELECT pg_temp.put(%L, %L, %L, %L, %L)', 't', 'e', 'c3', '{"messages": [[4, 4]]}', :'m3'));
SELECT * FROM pg_temp.since('t', 'c3', :'m3');
SELECT pg_temp.put('t', 'd5', 'd4', jsonb_build_object('messages', jsonb_build_array('[4, 4]'::jsonb, pg_temp.m('a'))), pg_temp.mark('t', 'd4'));
SELECT * FROM pg_temp.since('t', 'd5', '');
-- A stream that ends changes its body under the same revision.
SELECT pg_temp.put('s', 'c1', NULL, NULL, NULL, jsonb_build_object('messages', jsonb_build_array(pg_temp.m('a'))));
SELECT message_id FROM threadmem.message_start('s', message_id => 'b');
SELECT threadmem.message_append('s', 'b', 1, 'so far');
SELECT pg_temp.mark('s', 'c1') AS ms \gset
SELECT status FROM threadmem.message_complete('s', 'b');
SELECT s.new FROM pg_temp.since('s', 'c1', :'ms') s;
SELECT pg_temp.refused(format('SELECT pg_temp.put(%L, %L, %L, %L, %L)', 's', 'c2', 'c1', '{"messages": [[1, 1]]}', :'ms'));

-- A checkpoint of the same id in another life of the thread is another one, though all numbers are the same.
SELECT mark AS before FROM threadmem.checkpoint_put('life', pg_temp.checkpoint('c1', '1', jsonb_build_object('messages', jsonb_build_array(pg_temp.m('a', 'one')))), '{}', lists => '{}') \gset
SELECT threadmem.checkpoint_delete_thread('life');
SELECT pg_temp.put('life', 'c1', NULL, '{}', NULL, jsonb_build_object('messages', jsonb_build_array(pg_temp.m('x', 'two'))));
SELECT s.new, s.messages FROM pg_temp.since('life', 'c1', :'before') s;
SELECT pg_temp.refused(format('SELECT pg_temp.put(%L, %L, %L, %L, %L)', 'life', 'c2', 'c1', '{"messages": [[1, 1]]}', :'before'));
-- Put again in the same life it has other revisions.
SELECT pg_temp.mark('life', 'c1') AS mark \gset
SELECT pg_temp.put('life', 'c1', NULL, '{}', NULL, jsonb_build_object('messages', jsonb_build_array(pg_temp.m('y', 'three'))));
SELECT pg_temp.refused(format('SELECT pg_temp.put(%L, %L, %L, %L, %L)', 'life', 'c2', 'c1', '{"messages": [[1, 1]]}', :'mark'));
SELECT s.new FROM pg_temp.since('life', 'c1', :'mark') s;
SELECT pg_temp.put('life', 'c2', 'c1', '{"messages": [[2, 2]]}', pg_temp.mark('life', 'c1'));
-- A copy has the same revisions; a mark is of one thread by its rows' times, which a copy has as well.
SELECT threadmem.checkpoint_copy_thread('life', 'copy');
SELECT pg_temp.put('copy', 'c3', 'c2', jsonb_build_object('messages', jsonb_build_array('[2, 2]'::jsonb, pg_temp.m('z'))), pg_temp.mark('copy', 'c2'));
SELECT pg_temp.ids('copy', 'c3');

-- What came by SQL is folded in as objects, and stays so when a client goes by its revisions.
SELECT thread_id FROM threadmem.thread_create('sql');
SELECT message_id FROM threadmem.message_add('sql', 'user', 'hello', message_id => 'u');
SELECT threadmem.thread_fold('sql') AS folded \gset
SELECT lists #>> '{messages,messages,0,kwargs,content}' AS object, body FROM threadmem.checkpoint_get('sql', held => ''), threadmem.message_get('sql', 'u');
SELECT checkpoint_id AS folded, mark AS held FROM threadmem.checkpoint_get('sql', held => '') \gset
SELECT pg_temp.refused(format('SELECT pg_temp.put(%L, %L, %L, %L, %L)', 'sql', :'folded' || '1', :'folded', jsonb_build_object('messages', jsonb_build_array('[1, 1]'::jsonb, pg_temp.m('plain'))), :'held'));
SELECT p.lists FROM threadmem.checkpoint_put('sql', pg_temp.checkpoint(:'folded' || '1', '9'), '{}', NULL, :'folded', '', '{"messages": [[1, 1], {"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "AIMessage"], "kwargs": {"id": "o", "content": "object"}}]}', :'held') p;
SELECT e #>> '{kwargs,content}' AS objects FROM threadmem.checkpoint_get('sql') c, jsonb_array_elements(c.checkpoint #> '{channel_values,messages}') e;
SELECT message_id, state FROM threadmem_data.messages WHERE tenant_id = 'checkpoint lists' AND thread_id = 'sql' ORDER BY rev;
-- In another form they are not held, and another form is given.
SELECT pg_temp.put('sql', :'folded' || '2', :'folded' || '1', NULL, NULL, (SELECT jsonb_build_object('messages', jsonb_agg(m.body ORDER BY m.seq)) FROM threadmem.message_list('sql') m));
SELECT s.new FROM pg_temp.since('sql', :'folded' || '2', pg_temp.mark('sql', :'folded' || '1')) s;
-- In a list of checkpoints as well, whatever was given in another form before.
SELECT pg_temp.put('sql', :'folded' || '3', :'folded' || '1', '{"messages": [[1, 1]]}', pg_temp.mark('sql', :'folded' || '1'));
SELECT lists #> '{messages,runs}' AS runs, lists #> '{messages,new}' AS new, lists #>> '{messages,messages,0,type}' AS first FROM threadmem.checkpoint_list('sql', apart => true);

-- The same lists whole and by revisions: the same states, log and revisions, step by step, with edits, removals, branches and messages without an id.
CREATE FUNCTION pg_temp.revisions(runs jsonb) RETURNS TABLE (place bigint, rev bigint) LANGUAGE sql AS
$$SELECT row_number() OVER (ORDER BY n, r), r FROM jsonb_array_elements(runs) WITH ORDINALITY x (run, n), generate_series((run ->> 0)::bigint, (run ->> 1)::bigint) r$$;
CREATE FUNCTION pg_temp.both(thread text, id text, parent text, list jsonb) RETURNS void LANGUAGE plpgsql AS
$$DECLARE held record; had jsonb; given jsonb := '[]'; e jsonb; found record; used bigint[] := '{}';
BEGIN
    PERFORM pg_temp.put(thread || ' whole', id, parent, NULL, NULL, jsonb_build_object('messages', list));
    SELECT c.lists -> 'messages' AS lists, c.mark INTO held FROM threadmem.checkpoint_get(thread || ' parts', '', coalesce(parent, 'none'), held => '') c;
    SELECT jsonb_agg(jsonb_build_array(l.place, l.rev, b.e) ORDER BY l.place) INTO had FROM pg_temp.revisions(held.lists -> 'runs') l JOIN pg_temp.revisions(held.lists -> 'new') n USING (rev) JOIN jsonb_array_elements(held.lists -> 'messages') WITH ORDINALITY b (e, place) ON b.place = n.place;
    FOR e IN SELECT x FROM jsonb_array_elements(list) WITH ORDINALITY y (x, n) ORDER BY n LOOP
        SELECT (p ->> 0)::bigint AS place, p -> 1 AS rev INTO found FROM jsonb_array_elements(had) WITH ORDINALITY z (p, n) WHERE p -> 2 = e AND (e ? 'id' OR (p ->> 0)::bigint <> ALL (used)) ORDER BY n LIMIT 1;
        used := used || coalesce(found.place, 0);
        given := given || jsonb_build_array(CASE WHEN found.rev IS NULL THEN e ELSE jsonb_build_array(found.rev, found.rev) END);
    END LOOP;
    PERFORM pg_temp.put(thread || ' parts', id, parent, jsonb_build_object('messages', given), held.mark);
END$$;
CREATE FUNCTION pg_temp.all_of(thread text) RETURNS TABLE (what text) LANGUAGE sql AS
$$SELECT concat_ws(' ', seq, rev, CASE WHEN body ? 'id' THEN message_id END, state, body, change) FROM threadmem_data.messages WHERE tenant_id = threadmem.current_tenant() AND thread_id = thread
  UNION ALL SELECT concat_ws(' ', seq, base_seq, checkpoint_id, parent_checkpoint_id, state_bytes, seen, next_rev, next_change, patch, snapshot) FROM threadmem_data.checkpoints WHERE tenant_id = threadmem.current_tenant() AND thread_id = thread$$;
SELECT setseed(0.19);
DO $$DECLARE list jsonb; lists jsonb := '{}'; parent text; t text; place integer;
BEGIN
    FOR run IN 1 .. 8 LOOP
        lists := '{}'; parent := NULL; t := 'random ' || run;
        FOR step IN 1 .. 30 LOOP
            list := coalesce(lists -> parent, '[]');
            FOR op IN 1 .. 1 + (random() * 2)::integer LOOP
                place := (random() * (jsonb_array_length(list) + 1) - 0.5)::integer;
                list := CASE (random() * 9)::integer
                    WHEN 0 THEN list - place
                    WHEN 1 THEN CASE WHEN place < jsonb_array_length(list) AND list -> place ? 'id' THEN jsonb_set(list, ARRAY[place::text, 'content'], to_jsonb('edit ' || (random() * 3)::integer)) ELSE list END
                    WHEN 2 THEN list || pg_temp.m(NULL, 'same ' || (random() * 2)::integer)
                    WHEN 3 THEN list || pg_temp.m('m' || (random() * 40)::integer)
                    WHEN 4 THEN CASE WHEN place < jsonb_array_length(list) THEN list || (list -> place) ELSE list END
                    ELSE list || pg_temp.m('n' || run || step || op) END;
            END LOOP;
            PERFORM pg_temp.both(t, to_char(step, 'FM000'), parent, list);
            lists := lists || jsonb_build_object(to_char(step, 'FM000'), list);
            parent := CASE WHEN random() < 0.2 THEN to_char(1 + (random() * (step - 1))::integer, 'FM000') ELSE to_char(step, 'FM000') END;
        END LOOP;
    END LOOP;
END$$;
SELECT n, (SELECT count(*) > 60 FROM pg_temp.all_of('random ' || n || ' whole')) AS has_some, (SELECT count(*) FROM (SELECT * FROM pg_temp.all_of('random ' || n || ' whole') EXCEPT ALL SELECT * FROM pg_temp.all_of('random ' || n || ' parts')) d) AS only_whole,
       (SELECT count(*) FROM (SELECT * FROM pg_temp.all_of('random ' || n || ' parts') EXCEPT ALL SELECT * FROM pg_temp.all_of('random ' || n || ' whole')) d) AS only_parts FROM generate_series(1, 8) n;
SELECT count(*) FROM threadmem.threadmem_verify();
