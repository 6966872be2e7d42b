-- What is tried: every column that a bad value fits in, with the bad values of its type.
\set ON_ERROR_STOP 1
\set QUIET 1
CREATE TABLE rows.calls (id integer GENERATED ALWAYS AS IDENTITY, line text, many boolean GENERATED ALWAYS AS (line LIKE 'many: %') STORED,
    call text GENERATED ALWAYS AS (substr(line, strpos(line, ' ') + 1)) STORED);
\copy rows.calls (line) FROM 'test/deep/rows.d/calls' WITH (DELIMITER E'\x01')

-- The tables of the extension, wherever they stand.
CREATE VIEW rows.tables AS SELECT unnest(extconfig)::regclass AS rel FROM pg_extension WHERE extname = 'threadmem';

CREATE TABLE rows.hostile (type regtype, value text);
INSERT INTO rows.hostile
SELECT type::regtype, value FROM (VALUES
    ('jsonb', $$'null'$$), ('jsonb', $$'1'$$), ('jsonb', $$'[]'$$), ('jsonb', $$'{}'$$), ('jsonb', $$'"x"'$$), ('jsonb', $$'[1, [2], {"a": null}]'$$),
    ('jsonb', $$'{"step": 1e300, "parents": 1, "run_id": 1, "channels": 1, "nodes": {"a": 1}, "edges": "x", "role": 1, "content": 5, "configurable": [1]}'$$),
    ('jsonb', $$'{"channels": {"messages": 1, "n": {"reducer": 5, "default": null}, "list": {"reducer": "none such"}}, "nodes": [1, null], "edges": [["a"], 5, [1, 2]]}'$$),
    ('jsonb', $$'{"refs": {"messages": [[1, 1]]}, "values": 1, "versions": {"n": null, "messages": {}}, "seen": [1], "rest": {"v": "x"}}'$$),
    ('jsonb', $$'{"refs": {"messages": {}}, "values": {"__pregel_tasks": [1]}, "versions": {"__pregel_tasks": {}, "branch:to:a": []}}'$$),
    ('jsonb', $$'{"refs": {"messages": [[1, 20000000]]}, "values": {}, "versions": {"messages": 1}}'$$),
    ('jsonb', $$'{"refs": {"messages": [[1, 1e30], [1, 2]]}, "values": {}, "versions": {"messages": 1e30}}'$$),
    ('jsonb', $$'{"refs": {"messages": [[9223372036854775807, 9223372036854775807]]}, "values": {}, "versions": {"messages": 9223372036854775807}}'$$),
    ('jsonb', $$'[{"op": "add", "path": "/refs", "value": 3}]'$$), ('jsonb', $$'[{"op": "replace", "path": "", "value": null}]'$$),
    ('jsonb', $$'[{"op": "add", "path": "/refs", "value": {"messages": [[1, 20000000]]}}]'$$), ('jsonb', $$'[{"op": "remove", "path": "/none"}, 5]'$$),
    ('bytea', $$''$$), ('bytea', $$'\x01'$$), ('bytea', $$decode(repeat('ab', 9000), 'hex')$$),
    ('bigint', '0'), ('bigint', '-5'), ('bigint', '9000000'), ('bigint', '9223372036854775807'), ('bigint', '-9223372036854775808'),
    ('double precision', $$'NaN'$$), ('double precision', $$'infinity'$$), ('double precision', '-1'), ('double precision', '1e308'),
    ('integer', '0'), ('integer', '-5'), ('integer', '2147483647'), ('integer', '-2147483648'),
    ('boolean', 'true'), ('boolean', 'false'),
    ('text', $$''$$), ('text', $$repeat('x', 3000)$$), ('text', $$'in_progress'$$), ('text', $$E'a\x01b'$$),
    ('timestamptz', $$'infinity'$$), ('timestamptz', $$'-infinity'$$), ('timestamptz', $$'4713-01-01 BC'$$), ('timestamptz', $$'294276-12-31 23:59:59'$$),
    ('tsvector', $$''$$), ('tsvector', $$'x:1A y:16383'$$),
    ('int8multirange', $$'{}'$$), ('int8multirange', $$'{[0,99999)}'$$), ('int8multirange', $$'{(,)}'$$), ('int8multirange', $$'{[-5,3)}'$$), ('int8multirange', $$'{[9223372036854775806,)}'$$),
    ('real[]', $$'{}'$$), ('real[]', $$'{NULL}'$$), ('real[]', $$'{NaN,1,2}'$$), ('real[]', $$'{{1,2},{3,4}}'$$), ('real[]', $$'{1}'$$),
    ('text[]', $$'{}'$$), ('text[]', $$'{NULL}'$$), ('text[]', $$'{{a,b},{c,d}}'$$), ('text[]', $$'{x}'$$)) v (type, value);

-- A column of a key is changed in one row, which is enough for a number and leaves texts alone.
CREATE TABLE rows.cases AS
SELECT row_number() OVER (ORDER BY c.relname, a.attnum, h.value) AS id, t.rel, a.attname, h.value,
       EXISTS (SELECT FROM pg_index i WHERE i.indrelid = t.rel AND i.indisunique AND a.attnum = ANY (i.indkey)) AS unique_
  FROM rows.tables t JOIN pg_class c ON c.oid = t.rel JOIN pg_attribute a ON a.attrelid = t.rel AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_index k ON k.indrelid = t.rel AND k.indisprimary AND a.attnum = ANY (k.indkey)
  CROSS JOIN LATERAL (SELECT value FROM rows.hostile WHERE type = a.atttypid UNION ALL SELECT 'NULL' WHERE k.indrelid IS NULL) h
 WHERE (a.attname <> 'tenant_id' OR c.relname = 'tenant_roles') AND NOT (k.indrelid IS NOT NULL AND a.atttypid = 'text'::regtype);
-- What there is at least, so that a catalog that is read wrongly is not a test of nothing.
CREATE VIEW rows.short AS
SELECT format('only %s %s, not %s', has, what, least) AS gap FROM (VALUES
    ('tables', 31, (SELECT count(*) FROM rows.tables)), ('tables with cases', 31, (SELECT count(DISTINCT rel) FROM rows.cases)),
    ('columns', 270, (SELECT count(DISTINCT (rel, attname)) FROM rows.cases)), ('cases', 1882, (SELECT count(*) FROM rows.cases)),
    ('calls', 259, (SELECT count(*) FROM rows.calls))) v (what, least, has) WHERE has < least;
CREATE TABLE rows.outcomes (id bigint, broken integer, call text, state text, message text);

-- The test has a case for every column, and a call for every function that reads or writes.
CREATE VIEW rows.gaps AS
SELECT format('no hostile value for column %s.%s of type %s', t.rel, a.attname, a.atttypid::regtype) AS gap
  FROM rows.tables t JOIN pg_attribute a ON a.attrelid = t.rel AND a.attnum > 0 AND NOT a.attisdropped
 WHERE a.atttypid <> 'name'::regtype AND NOT EXISTS (SELECT FROM rows.hostile h WHERE h.type = a.atttypid)
UNION ALL
SELECT format('no call of %s', p.oid::regprocedure) FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
  JOIN pg_extension x ON x.oid = d.refobjid AND x.extname = 'threadmem'
 WHERE p.provolatile <> 'i' AND p.proname NOT IN ('current_tenant', 'current_user_id', 'install_tables', 'install_roles', 'json_accept', 'channel_reduce', 'channel_superstep')
   AND NOT EXISTS (SELECT FROM rows.calls c WHERE strpos(c.call, format('threadmem.%s(', p.proname)) > 0);

-- Runs the calls, each undone, and gives those that must not end as they did: an internal error; for a list any error, or the healthy row lost.
CREATE FUNCTION rows.try_calls() RETURNS TABLE (call text, state text, message text) LANGUAGE plpgsql AS $$
DECLARE
    c record;
    answer text;
BEGIN
    FOR c IN SELECT * FROM rows.calls ORDER BY id LOOP
        BEGIN
            RAISE NOTICE '%', c.call;
            answer := NULL;
            EXECUTE format('SELECT string_agg(q::text, '' '') FROM (%s) q', c.call) INTO answer;
            RAISE EXCEPTION USING ERRCODE = 'RW000';
        EXCEPTION WHEN OTHERS THEN
            call := c.call;
            GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT;
            IF state = 'RW000' THEN
                IF c.many AND coalesce(answer, '') !~ 'healthy' THEN
                    message := 'the healthy row is lost';
                    RETURN NEXT;
                END IF;
            ELSIF (state LIKE 'XX%' AND state <> 'XX001') OR c.many THEN
                RETURN NEXT;
            END IF;
        END;
    END LOOP;
END $$;

-- Breaks the rows of one case.
CREATE FUNCTION rows.break(c rows.cases) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE broken integer;
BEGIN
    EXECUTE format('UPDATE %s t SET %I = %s WHERE strpos(t::text, ''healthy'') = 0 %s', c.rel, c.attname, c.value,
        CASE WHEN c.unique_ THEN format('AND t.ctid = (SELECT o.ctid FROM %s o WHERE strpos(o::text, ''healthy'') = 0 AND o.%I IS DISTINCT FROM %s LIMIT 1)', c.rel, c.attname, c.value)
             ELSE format('AND t.%I::text IS DISTINCT FROM (%s)::text', c.attname, c.value) END);
    GET DIAGNOSTICS broken = ROW_COUNT;
    IF c.rel = 'threadmem_data.tenant_roles'::regclass THEN -- sessions keep what they read until they are told
        PERFORM threadmem.tenant_bind('nobody');
    END IF;
    IF broken = 0 THEN -- null when it is the value of every row already
        EXECUTE format('SELECT CASE WHEN count(*) FILTER (WHERE t.%I::text IS NOT DISTINCT FROM (%s)::text) = 0 THEN 0 END FROM %s t', c.attname, c.value, c.rel) INTO broken;
    END IF;
    RETURN broken;
END $$;

-- One case: break, call, undo, write down.
CREATE PROCEDURE rows.run(case_id bigint) LANGUAGE plpgsql AS $$
DECLARE
    c rows.cases;
    found rows.outcomes[];
    count integer;
BEGIN
    SELECT * INTO c FROM rows.cases WHERE id = case_id;
    BEGIN
        count := rows.break(c);
        SELECT array_agg(ROW(case_id, count, t.call, t.state, t.message)::rows.outcomes) INTO found FROM rows.try_calls() t;
        RAISE EXCEPTION USING ERRCODE = 'RW001';
    EXCEPTION
        WHEN SQLSTATE 'RW001' OR unique_violation THEN -- another row has it
            NULL;
        WHEN OTHERS THEN
            found := found || ROW(case_id, 0, 'UPDATE', SQLSTATE, SQLERRM)::rows.outcomes;
    END;
    INSERT INTO rows.outcomes VALUES (case_id, count);
    INSERT INTO rows.outcomes SELECT * FROM unnest(found);
END $$;

-- With the constraints: which of the cases are let in.
CREATE PROCEDURE rows.refuse() LANGUAGE plpgsql AS $$
DECLARE
    c rows.cases;
    let_in integer;
BEGIN
    FOR c IN SELECT * FROM rows.cases ORDER BY id LOOP
        let_in := 0;
        BEGIN
            let_in := rows.break(c);
            RAISE EXCEPTION USING ERRCODE = 'RW001';
        EXCEPTION WHEN OTHERS THEN
            IF SQLSTATE = 'RW001' THEN
                INSERT INTO rows.outcomes VALUES (c.id, let_in);
            END IF;
        END;
    END LOOP;
END $$;
