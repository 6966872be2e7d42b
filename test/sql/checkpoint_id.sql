-- Ids of checkpoints that the extension makes: always after the head by bytes, whatever the head's, so that no update is lost; and never too long.
\set SHOW_CONTEXT never
\pset null (null)
SET threadmem.tenant = 'checkpoint id';
CREATE FUNCTION pg_temp.outcome(call text) RETURNS text LANGUAGE plpgsql AS
$$DECLARE message text; detail text;
BEGIN EXECUTE call; RETURN 'ok'; EXCEPTION WHEN OTHERS THEN GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL; RETURN concat_ws(': ', SQLSTATE, message, left(detail, 60)); END$$;
CREATE FUNCTION pg_temp.head(thread text) RETURNS text LANGUAGE sql AS $$SELECT checkpoint_id FROM threadmem.checkpoint_get(thread)$$;
-- A head, then four updates: the new id is after the one before, by itself and as the head; the newest state is that of the update; group 4 of its uuid is the step.
CREATE FUNCTION pg_temp.follow(id text, OUT put text, OUT lost int, OUT last text, OUT bytes int) LANGUAGE plpgsql AS
$$DECLARE before text := $1; made text; state jsonb;
BEGIN lost := 0; put := pg_temp.outcome(format('SELECT threadmem.checkpoint_put(''t'', jsonb_build_object(''id'', %L, ''channel_values'', ''{"x": 0}''::jsonb, ''channel_versions'', ''{"x": 1}''::jsonb), ''{"step": 0}'')', $1));
IF put <> 'ok' THEN RETURN; END IF;
FOR i IN 1..4 LOOP
    SELECT checkpoint_id INTO made FROM threadmem.thread_update_state('t', jsonb_build_object('x', i), 'a');
    SELECT "values" INTO state FROM threadmem.thread_state('t');
    IF NOT (made COLLATE "C" > before AND pg_temp.head('t') = made AND state = jsonb_build_object('x', i) AND octet_length(made) <= 255 AND right(made, 36) ~ format('^[0-9a-f]{8}-[0-9a-f]{4}-6[0-9a-f]{3}-800%s-', i)) THEN lost := lost + 1; END IF;
    before := made;
END LOOP;
last := regexp_replace(regexp_replace(made, '(\d|[0-9a-f]{8}-[0-9a-f]{4}-6[0-9a-f]{3}-[89a-f][0-9a-f]{3}-)?[0-9a-f]{12}$', 'UUID'), '^(.{8}).*(.{5})$', '\1...\2'); bytes := octet_length(made);
PERFORM threadmem.thread_delete('t', false); END$$;
CREATE TABLE pg_temp.heads (n serial, name text, id text);
INSERT INTO pg_temp.heads (name, id) VALUES
    ('a uuid of 2023', '1ee00000-0000-6000-8000-aabbccddeeff'), ('of the far future', 'fe0a1b2c-3d4e-6f00-8000-aabbccddeeff'), ('upper case', 'AF0A1B2C-3D4E-6F00-8000-AABBCCDDEEFF'), ('in both', 'fF0A1b2C-3d4E-6f00-8000-AabBccDdEeff'),
    ('without dashes', 'ff0a1b2c3d4e6f008000aabbccddeeff'), ('with some', 'ff0a1b2c-3d4e6f008000aabbccddeeff'), ('the greatest', 'ffffffff-ffff-6fff-bfff-ffffffffffff'), ('one before', 'ffffffff-ffff-6ffe-bfff-ffffffffffff'), ('the greatest in upper case', 'FFFFFFFF-FFFF-6FFF-BFFF-FFFFFFFFFFFF'),
    ('of version 7', 'ff8f0000-0000-7000-8000-000000000000'), ('of version 4', 'ffffffff-0000-4000-8000-000000000000'), ('no uuid', 'z'), ('a dot', '.'), ('dots', 'z.z..'), ('a uuid after a dot', 'z.1ee00000-0000-6000-8000-aabbccddeeff'), ('the greatest after a dot', 'z.ffffffff-ffff-6fff-bfff-ffffffffffff'),
    ('of the future after a dot', 'z.fe0a1b2c-3d4e-6f00-8000-aabbccddeeff'), ('without dashes after a dot', 'z.ff0a1b2c3d4e6f008000aabbccddeeff'), ('the least', ' '), ('218 bytes', repeat('z', 218)), ('219', repeat('z', 219)), ('255', repeat('z', 255)), ('255, the last uuid at its end', repeat('z', 218) || '.ffffffff-ffff-6fff-bfff-ffffffffffff'),
    ('255, a uuid without dashes at its end', repeat('z', 222) || '.ffffffffffff6fff8000aabbccddeeff'), ('255 and the last ASCII', repeat('~', 255)), ('the last of two bytes', repeat(U&'\07ff', 127)), ('before the surrogates', repeat(U&'\d7ff', 85)), ('the last of three bytes', repeat(U&'\ffff', 85)), ('one before the last of all', repeat(U&'\+10fffe', 63)),
    ('a character across byte 218', repeat('z', 217) || repeat(U&'\00e9', 19)), ('the last ASCII across it', repeat('~', 216) || repeat(U&'\ffff', 13)), ('one that can be raised, then the last', 'z' || repeat(U&'\+10ffff', 63)), ('54 of the last, then another', repeat(U&'\+10ffff', 54) || repeat('z', 39)),
    ('54 of the last, then one across', repeat(U&'\+10ffff', 54) || repeat(U&'\ffff', 13)), ('218 bytes of the last', repeat(U&'\+10ffff', 54) || 'zz'), ('216 bytes of the last', repeat(U&'\+10ffff', 54)), ('220 bytes of the last', repeat(U&'\+10ffff', 55)), ('252 bytes of the last', repeat(U&'\+10ffff', 63)), ('the very last id', repeat(U&'\+10ffff', 63) || U&'\ffff'),
    ('a control character', repeat('z', 254) || U&'\007f');
SELECT name, octet_length(id) AS given, f.* FROM pg_temp.heads, pg_temp.follow(id) f ORDER BY n;
-- ... and where the head is of a subgraph.
SELECT thread_id FROM threadmem.graph_define('g', '{"subgraphs": {"a": {}}}') g, threadmem.thread_create('sub', graph_id => g.graph_id);
SELECT checkpoint_id FROM threadmem.checkpoint_put('sub', jsonb_build_object('id', 'ffffffff-ffff-6fff-bfff-ffffffffffff', 'channel_values', '{"x": 0}'::jsonb, 'channel_versions', '{"x": 1}'::jsonb), '{"step": 0}', checkpoint_ns => 'a:1');
SELECT count(threadmem.thread_update_state('sub', '{"x": 1}', 'a', checkpoint_ns => 'a:1'));
SELECT "values" FROM threadmem.thread_state('sub', checkpoint_ns => 'a:1');
-- A row may have been written past the door: the update says so.
UPDATE threadmem_data.checkpoints SET checkpoint_id = repeat(U&'\+10ffff', 63) WHERE tenant_id = 'checkpoint id' AND thread_id = 'sub' AND checkpoint_id LIKE '%.%';
SELECT regexp_replace(pg_temp.outcome($$SELECT threadmem.thread_update_state('sub', '{"x": 2}', 'a', checkpoint_ns => 'a:1')$$), '".*', '...');
SELECT * FROM threadmem.threadmem_verify();
SELECT sum(deleted) > 0 AS deleted FROM threadmem.thread_delete('sub', false);
