# Tables and functions of the test's database: the truth, and the comparison of all of it with what threadmem
# gives. A row of the truth and a checkpoint are compared as arrays of their fields.
package ChainCompare;

use strict;
use warnings;

our @FIELDS = qw(thread_id checkpoint_ns checkpoint_id parent_checkpoint_id checkpoint metadata pending_writes);

our $SQL = q{
CREATE TABLE truth (
    thread_id text COLLATE "C", ns text COLLATE "C", id text COLLATE "C",
    parent text, state text, metadata text, pending text, PRIMARY KEY (thread_id, ns, id));
CREATE TABLE gone (thread_id text, ns text, id text, PRIMARY KEY (thread_id, ns, id));
CREATE TABLE retired (thread_id text);
CREATE TABLE touched (thread_id text, message_id text);

-- What statements do.

CREATE FUNCTION expect(got text, expected text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF got IS DISTINCT FROM expected THEN
        RAISE 'the call returned %, expected %', got, expected;
    END IF;
END $$;
CREATE FUNCTION expect(got bigint, expected text) RETURNS void LANGUAGE sql AS
    'SELECT expect(got::text, expected)';
CREATE FUNCTION expect(got threadmem.stored_checkpoint, expected text) RETURNS void LANGUAGE sql AS
    'SELECT expect((got.thread_id, got.checkpoint_ns, got.checkpoint_id)::text, expected)';
CREATE FUNCTION expect(got jsonb, expected jsonb) RETURNS void LANGUAGE sql AS
    'SELECT expect(got::text, expected::text)';

CREATE FUNCTION refused(statement text, state text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    got text := 'no error';
BEGIN
    BEGIN
        EXECUTE statement;
    EXCEPTION WHEN OTHERS THEN
        got := SQLSTATE;
    END;
    PERFORM expect(got, state);
END $$;

CREATE FUNCTION attempt(statement text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
EXCEPTION WHEN no_data_found OR unique_violation OR object_not_in_prerequisite_state OR invalid_parameter_value THEN
    NULL;
END $$;

-- What is written down.

CREATE FUNCTION remember(text, text, text, text, text, text, text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO truth VALUES ($1, $2, $3, $4, $5::jsonb::text, $6::jsonb::text, $7::jsonb::text)
    ON CONFLICT (thread_id, ns, id) DO UPDATE SET state = excluded.state, metadata = excluded.metadata
$$;

CREATE FUNCTION remember_writes(text, text, text, text) RETURNS void LANGUAGE sql AS $$
    UPDATE truth SET pending = $4::jsonb::text WHERE (thread_id, ns, id) = ($1, $2, $3)
$$;

CREATE FUNCTION remember_copy(text, text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO truth SELECT $2, ns, id, parent, state, metadata, pending FROM truth WHERE thread_id = $1;
    INSERT INTO touched SELECT $2, message_id FROM touched WHERE thread_id = $1;
$$;

CREATE FUNCTION forget(thread text, namespaces text[], ids text[]) RETURNS void LANGUAGE sql AS $$
    WITH deleted AS (
        DELETE FROM truth USING unnest(namespaces, ids) AS d (d_ns, d_id)
        WHERE thread_id = thread AND ns = d_ns AND id = d_id RETURNING thread_id, ns, id)
    INSERT INTO gone SELECT * FROM deleted ON CONFLICT DO NOTHING
$$;

CREATE FUNCTION tidy() RETURNS void LANGUAGE sql AS $$
    DELETE FROM gone WHERE thread_id IN (SELECT thread_id FROM retired);
    DELETE FROM touched WHERE thread_id IN (SELECT thread_id FROM retired);
    DELETE FROM retired;
$$;

-- What is compared.

CREATE FUNCTION fields(t truth) RETURNS text[] LANGUAGE sql AS
    'SELECT ARRAY[t.thread_id, t.ns, t.id, t.parent, t.state, t.metadata, t.pending]';
CREATE FUNCTION fields(c threadmem.checkpoints) RETURNS text[] LANGUAGE sql AS
    'SELECT ARRAY[c.thread_id, c.checkpoint_ns, c.checkpoint_id, c.parent_checkpoint_id, c.checkpoint::text,
        c.metadata::text, c.pending_writes::text]';
CREATE FUNCTION fields(c threadmem.listed_checkpoint) RETURNS text[] LANGUAGE sql AS
    'SELECT ARRAY[c.thread_id, c.checkpoint_ns, c.checkpoint_id, c.parent_checkpoint_id, c.checkpoint::text,
        c.metadata::text, c.pending_writes::text]';

-- id null: the latest. An error is a difference like others.
CREATE FUNCTION get(t truth, id text) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
DECLARE
    c threadmem.checkpoints;
BEGIN
    c := threadmem.checkpoint_get(t.thread_id, t.ns, id);
    RETURN fields(c);
EXCEPTION WHEN OTHERS THEN
    RETURN ARRAY[t.thread_id, t.ns, t.id, t.parent, SQLERRM];
END $$;

-- Null: of all threads, of all namespaces.
CREATE FUNCTION pages(thread text, ns text, size integer) RETURNS SETOF threadmem.listed_checkpoint LANGUAGE plpgsql STABLE AS $$
DECLARE
    last threadmem.listed_checkpoint;
    on_page integer;
BEGIN
    LOOP
        on_page := 0;
        FOR last IN SELECT * FROM threadmem.checkpoint_list(thread, ns, max_rows => size, after_position => last.position)
        LOOP
            RETURN NEXT last;
            on_page := on_page + 1;
        END LOOP;
        EXIT WHEN on_page < size;
    END LOOP;
END $$;

CREATE FUNCTION listed(thread text, namespace text, size integer) RETURNS TABLE (expected text[], got text[])
LANGUAGE sql STABLE AS $$
    SELECT fields(t), fields(l.c)
    FROM (SELECT t, row_number() OVER (ORDER BY id DESC, thread_id, ns) AS place FROM truth t
          WHERE thread_id = coalesce(thread, thread_id) AND ns = coalesce(namespace, ns)) t
    FULL JOIN (SELECT c, row_number() OVER () AS place FROM pages(thread, namespace, size) c) l USING (place)
    ORDER BY place
$$;

CREATE FUNCTION filtered(filter jsonb, before text) RETURNS TABLE (expected text[], got text[])
LANGUAGE sql STABLE AS $$
    SELECT fields(t), fields(l.c)
    FROM (SELECT t, row_number() OVER (ORDER BY id DESC, thread_id, ns) AS place FROM truth t
          WHERE id < before AND metadata::jsonb @> filter) t
    FULL JOIN (SELECT c, row_number() OVER () AS place
               FROM threadmem.checkpoint_list(metadata => filter, before_id => before, max_rows => 1000) c) l USING (place)
    ORDER BY place
$$;

-- Messages of the latest states (but those touched) that the log does not show so. A list that has an element
-- unknown to the log is no list of messages.
CREATE VIEW not_live AS
    WITH latest AS (
        SELECT DISTINCT ON (thread_id) thread_id, state::jsonb -> 'channel_values' -> 'messages' AS list
        FROM truth WHERE ns = '' ORDER BY thread_id, id DESC),
    element AS (
        SELECT thread_id, body, place, CASE jsonb_typeof(body -> 'id') WHEN 'string' THEN body ->> 'id'
            ELSE coalesce(body -> 'kwargs', body -> 'data') ->> 'id' END AS id
        FROM (SELECT * FROM latest WHERE jsonb_typeof(list) = 'array') l,
            jsonb_array_elements(list) WITH ORDINALITY AS e (body, place)),
    last AS (
        SELECT DISTINCT ON (thread_id, id) thread_id, id, body
        FROM element WHERE id <> '' ORDER BY thread_id, id, place DESC)
    SELECT thread_id, id, body::text FROM last l
    WHERE (thread_id, id) NOT IN (SELECT thread_id, message_id FROM touched)
    AND NOT EXISTS (
        SELECT FROM threadmem_data.messages m
        WHERE m.thread_id = l.thread_id AND m.message_id = l.id AND m.state = 'live' AND m.body::text = l.body::text)
    AND NOT EXISTS (
        SELECT FROM element e WHERE e.thread_id = l.thread_id AND NOT EXISTS (
            SELECT FROM threadmem_data.messages m WHERE m.thread_id = e.thread_id AND m.body::text = e.body::text));

CREATE VIEW stored_twice AS
    SELECT thread_id, message_id, count(*)::text FROM threadmem_data.messages
    WHERE (thread_id, message_id) NOT IN (SELECT thread_id, message_id FROM touched)
    GROUP BY thread_id, message_id, body_hash HAVING count(*) > 1;

-- Everything. Stable, and so read row by row: the first difference is told before what fails after it.
CREATE FUNCTION compared(few integer, many integer, run text, place integer)
RETURNS TABLE (how text, expected text[], got text[]) LANGUAGE sql STABLE AS $$
    SELECT 'by id', fields(t), get(t, t.id) FROM truth t
    UNION ALL
    SELECT 'the latest', fields(t), get(t, NULL) FROM truth t
    WHERE NOT EXISTS (SELECT FROM truth o WHERE (o.thread_id, o.ns) = (t.thread_id, t.ns) AND o.id > t.id)
    UNION ALL
    SELECT 'deleted', NULL, fields(c) FROM gone g, threadmem.checkpoint_get(g.thread_id, g.ns, g.id) c
    WHERE c.checkpoint_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM truth t WHERE (t.thread_id, t.ns, t.id) = (g.thread_id, g.ns, g.id))
    UNION ALL
    SELECT 'listed', l.* FROM listed(NULL, NULL, many) l
    UNION ALL
    SELECT 'listed by thread', l.*
    FROM (SELECT thread_id FROM truth GROUP BY 1 ORDER BY 1 OFFSET place % 4 LIMIT 1) t, listed(t.thread_id, NULL, few) l
    UNION ALL
    SELECT 'listed by namespace', l.*
    FROM (SELECT DISTINCT thread_id, ns FROM truth) t, listed(t.thread_id, t.ns, few) l
    UNION ALL
    SELECT 'filtered', l.*
    FROM (SELECT id FROM truth ORDER BY id OFFSET place LIMIT 1) t, filtered(jsonb_build_object('run_id', run), t.id) l
    UNION ALL
    SELECT 'a body is stored twice', NULL, ARRAY[thread_id, message_id, count] FROM stored_twice
    UNION ALL
    SELECT 'the log does not follow the state', NULL, ARRAY[thread_id, id, body] FROM not_live
    UNION ALL
    SELECT 'threadmem_verify', NULL, ARRAY[v.thread_id, v.problem] FROM threadmem.threadmem_verify() v
$$;

-- The first difference and its field.
CREATE FUNCTION difference(few integer, many integer, run text, place integer)
RETURNS TABLE (how text, thread_id text, ns text, id text, field integer, expected text, got text) LANGUAGE sql AS $$
    SELECT how, w[1], w[2], w[3], i, expected[i], got[i]
    FROM compared(few, many, run, place), coalesce(expected, got) w,
        LATERAL (SELECT min(i) AS i FROM generate_series(1, 7) i WHERE expected[i] IS DISTINCT FROM got[i]) f
    WHERE expected IS DISTINCT FROM got LIMIT 1
$$;
};

# Who else does all this: a role that is bound to a tenant.
our $ROLE = q{
CREATE ROLE app LOGIN;
SELECT threadmem.grant_access('app', 'admin'), threadmem.tenant_bind('app', 'shop');
GRANT ALL ON ALL TABLES IN SCHEMA public TO app;
};

1;
