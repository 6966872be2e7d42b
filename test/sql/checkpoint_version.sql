-- What is counted on: versions of channels and steps. What cannot be is refused by checkpoint_put; each version made is after all before, in LangGraph's order: numbers by value, text by its bytes.
\set SHOW_CONTEXT never
\pset null (null)
SET threadmem.tenant = 'checkpoint version';
CREATE FUNCTION pg_temp.outcome(call text) RETURNS text LANGUAGE plpgsql AS
$$DECLARE message text; detail text;
BEGIN EXECUTE call; RETURN 'ok'; EXCEPTION WHEN OTHERS THEN GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL; RETURN concat_ws(': ', SQLSTATE, message, detail); END$$;
CREATE FUNCTION pg_temp.put(thread text, versions jsonb, metadata jsonb DEFAULT '{"step": 1}', new_versions jsonb DEFAULT NULL) RETURNS text LANGUAGE sql AS
$$SELECT pg_temp.outcome(format('SELECT threadmem.checkpoint_put(%L, %L, %L, %L)', thread, jsonb_build_object('v', 4, 'id', '1f0a1b2c-3d4e-6f00-8000-aabbccddeeff', 'channel_values', '{"x": 1, "branch:to:a": null}'::jsonb, 'channel_versions', versions, 'versions_seen', '{"a": {}}'::jsonb), metadata, new_versions))$$;

-- The door. LangGraph writes whole numbers, its Python savers text that begins with 32 digits; a saver of one's own any text.
CREATE TABLE pg_temp.given AS SELECT n, version::jsonb AS version FROM unnest(ARRAY['1', '0', '-1', '2.5', '-2.5', '1e3', '1e-300', '9007199254740993', '4611686018427387904', '-4611686018427387904', '4611686018427387904.5', '4611686018427387905', '-4611686018427387905', '9223372036854775806', '9223372036854775807', '9223372036854775808', '-9223372036854775808', '-9223372036854775809', '1e30', '-1e30', '1e300', '1e100000',
    '"00000000000000000000000000000001.0.5"', '"00000000000000000000000000000007.0243798848838515"', '"00000000000004611686018427387904.0.1"', '"00000000000004611686018427387905.0.1"', '"00000000000009223372036854775807.0.1"', '"99999999999999999999999999.0.1"', '"99999999999999999999999999999999.0.1"', '"1."',
    '""', '"5"', '"5.0.1"', '"abc"', '"zz.1"', '"20240101123045123456"', '"01ARZ3NDEKTSV4RRFFQ69G5FAV"', '"1f0a1b2c-3d4e-6f00-8000-aabbccddeeff"', '"-1"', '" 1.5"', '"\u0001"', '"\udbff\udfff"', '"é.00000000000000000000000000000003.0.0000000000000001"', '"é.00000000000004611686018427387904.0.0000000000000001"', '"é.99999999999999999999999999999999.0.0000000000000001"', '"é.3.0.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"']) WITH ORDINALITY u (version, n);
SELECT left(version::text, 60) AS version, pg_temp.put('t' || n, jsonb_build_object('x', version, 'branch:to:a', version)) FROM pg_temp.given ORDER BY n;
SELECT pg_temp.put('t1', '{"x": 1, "branch:to:a": 1}', new_versions => '{"x": 1e30}') AS new_versions;
-- ... a text far too long for anybody to count in is one all the same
SELECT pg_temp.put('long', jsonb_build_object('x', repeat('z', 100000)));
SELECT count(*) AS threads FROM threadmem_data.threads WHERE tenant_id = 'checkpoint version' AND thread_id IN (SELECT 't' || n FROM pg_temp.given);

-- Two updates after each: the newest state has them, both of versions after those before, and only numbers follow numbers.
CREATE FUNCTION pg_temp.version(thread text) RETURNS jsonb LANGUAGE sql AS $$SELECT checkpoint #> '{channel_versions,x}' FROM threadmem.checkpoint_get(thread)$$;
CREATE FUNCTION pg_temp.is_after(a jsonb, b jsonb) RETURNS boolean LANGUAGE sql AS
$$SELECT jsonb_typeof(a) = jsonb_typeof(b) AND CASE jsonb_typeof(a) WHEN 'number' THEN a::numeric > b::numeric ELSE a #>> '{}' > b #>> '{}' COLLATE "C" END$$;
CREATE TABLE pg_temp.made AS SELECT n, version AS v0, NULL::jsonb AS v1, NULL::jsonb AS v2, NULL::jsonb AS v3, ''::text AS states FROM pg_temp.given WHERE 't' || n IN (SELECT thread_id FROM threadmem_data.threads WHERE tenant_id = 'checkpoint version');
SELECT count(threadmem.thread_update_state('t' || n, '{"x": 2}', 'a')) FROM pg_temp.made;
UPDATE pg_temp.made SET v1 = pg_temp.version('t' || n), states = states || (SELECT "values"::text || next::text FROM threadmem.thread_state('t' || n));
SELECT count(threadmem.thread_update_state('t' || n, '{"x": 3}', 'a')) FROM pg_temp.made;
UPDATE pg_temp.made SET v2 = pg_temp.version('t' || n), states = states || (SELECT "values"::text || next::text FROM threadmem.thread_state('t' || n));
SELECT count(threadmem.thread_update_state('t' || n, '{"x": 4}', 'a')) FROM pg_temp.made;
UPDATE pg_temp.made SET v3 = pg_temp.version('t' || n), states = states || (SELECT "values"::text || next::text FROM threadmem.thread_state('t' || n));
SELECT left(v0::text, 20) AS v0, pg_temp.is_after(v1, v0) AND pg_temp.is_after(v2, v1) AND pg_temp.is_after(v3, v2) AS after, regexp_replace(v3 #>> '{}', '\.\d{16}$', '.CLOCK') AS v3, length(v3::text) = length(v2::text) AS grows_not, states FROM pg_temp.made ORDER BY n;

-- Steps. metadata is the caller's own but for a number there.
CREATE FUNCTION pg_temp.steps(text, OUT put text, OUT next text, OUT after_next text) LANGUAGE plpgsql AS
$$BEGIN put := pg_temp.put('step', '{"x": 1}', format('{"step": %s}', $1)::jsonb);
IF put <> 'ok' THEN RETURN; END IF;
PERFORM threadmem.thread_update_state('step', '{"x": 2}', 'a'); SELECT metadata ->> 'step' INTO next FROM threadmem.thread_state('step');
PERFORM threadmem.thread_update_state('step', '{"x": 3}', 'a'); SELECT metadata ->> 'step' INTO after_next FROM threadmem.thread_state('step');
PERFORM threadmem.thread_delete('step', false); END$$;
SELECT step, s.* FROM unnest(ARRAY['0', '-1', '1.0', '1e3', '4611686018427387904', '-4611686018427387904', 'null', '"x"', '"3"', 'true', '[1]',
    '1.5', '4611686018427387905', '-4611686018427387905', '9223372036854775807', '-9223372036854775808', '1e30', '-1e30', '1e300', '1e-3']) step, pg_temp.steps(step) s;

-- A row may hold what the door refuses. Readers read on, all of the tenant's threads; a step that is none is not there; after a number that is the last one there is no next, and nothing is lost in saying so.
CREATE FUNCTION pg_temp.damaged(change text, OUT wrong text[], OUT updated text, OUT x text, OUT next text) LANGUAGE plpgsql AS
$$BEGIN PERFORM pg_temp.put('raw', '{"x": 1, "branch:to:a": 1}');
EXECUTE format($q$UPDATE threadmem_data.checkpoints SET %s WHERE tenant_id = 'checkpoint version' AND thread_id = 'raw'$q$, change);
wrong := ARRAY(SELECT o FROM unnest(ARRAY['thread_state(''raw'')', 'thread_history(''raw'')', 'thread_search(fields => ''{thread_id,values,interrupts}'')', 'checkpoint_get(''raw'')', 'thread_graph(''raw'')', 'message_context(''raw'')']) call, pg_temp.outcome('SELECT threadmem.' || call) o WHERE o <> 'ok');
updated := pg_temp.outcome($q$SELECT threadmem.thread_update_state('raw', '{"x": 2}', 'a')$q$);
SELECT "values" ->> 'x', metadata ->> 'step' INTO x, next FROM threadmem.thread_state('raw');
PERFORM threadmem.thread_delete('raw', false); END$$;
SELECT pg_temp.put('fine', '{"x": 1}');
SELECT step, d.* FROM unnest(ARRAY['1.5', '9223372036854775807', '-9223372036854775808', '9223372036854775808', '1e30', '1e300', '-1e300', '"x"', '{}']) step, pg_temp.damaged(format($$metadata = '{"step": %s}'$$, step)) d;
SELECT version, d.* FROM unnest(ARRAY['9223372036854775806', '9223372036854775807', '-9223372036854775808', '1e30', '-1e300', '"00000000000009223372036854775806.0.1"', '"00000000000009223372036854775807.0.1"', '"99999999999999999999999999999999.0.1"', 'null', 'true']) version, pg_temp.damaged(format($$snapshot = jsonb_set(snapshot, '{versions,x}', '%s')$$, version)) d;
-- So with runs of revisions up to the end of what can be counted.
CREATE FUNCTION pg_temp.refs(refs text, OUT state text, OUT updated text) LANGUAGE plpgsql AS
$$BEGIN PERFORM pg_temp.put('raw', '{"x": 1}');
UPDATE threadmem_data.checkpoints SET snapshot = snapshot || format('{"refs": {"messages": %s}}', refs)::jsonb WHERE tenant_id = 'checkpoint version' AND thread_id = 'raw';
state := pg_temp.outcome($q$SELECT threadmem.thread_state('raw')$q$); updated := pg_temp.outcome($q$SELECT threadmem.thread_update_state('raw', '{"x": 2}', 'a')$q$);
PERFORM threadmem.thread_delete('raw', false); END$$;
SELECT refs, r.* FROM unnest(ARRAY['[[9223372036854775807, 9223372036854775807]]', '[[9223372036854775800, 9223372036854775807]]', '[[1, 9223372036854775807]]', '[[1e30, 1e30]]', '[[1.5, 1.5]]', '[[-9223372036854775808, 1]]']) refs, pg_temp.refs(refs) r;
-- The counters of a row stay where they can be counted on.
SELECT column_name, pg_temp.outcome(format($$UPDATE threadmem_data.threads SET %I = 9223372036854775807 WHERE tenant_id = 'checkpoint version' AND thread_id = 't1'$$, column_name)) FROM unnest(ARRAY['next_seq', 'next_rev', 'next_checkpoint', 'next_run', 'version']) column_name;
SELECT * FROM threadmem.threadmem_verify();
SELECT count(*) > 0 AS deleted FROM (SELECT threadmem.thread_delete(thread_id, false) FROM threadmem_data.threads WHERE tenant_id = 'checkpoint version') d;
