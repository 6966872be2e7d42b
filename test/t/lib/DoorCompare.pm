# Tables and functions of the test's database: names of checkpoints, what they have to be, and the comparison.
package DoorCompare;

use strict;
use warnings;

our $GRAPH = '{"channels": {"messages": {"reducer": "add_messages"}, "count": {"reducer": "add", "default": 0},'
	. ' "log": {"reducer": "append"}, "marks": {"reducer": "union"}, "topic": {}, "lang": {"default": "en"}},'
	. ' "nodes": ["a", "b", "c"], "edges": [["__start__", "a"], ["b", "a"], ["c", "b"]]}';

our $SQL = q{
CREATE TABLE named (
    thread text, name text, id text COLLATE "C", doc text, metadata jsonb, PRIMARY KEY (thread, name), UNIQUE (thread, id));
CREATE TABLE point (thread text, name text, state jsonb, raw jsonb, PRIMARY KEY (thread, name));
CREATE TABLE erased (thread text, words text);
CREATE TABLE present (thread text PRIMARY KEY, state jsonb, log jsonb, log_with_ended jsonb, view jsonb);

-- What statements do.

CREATE FUNCTION id_of(text, text) RETURNS text LANGUAGE sql STABLE AS
    'SELECT id FROM named WHERE (thread, name) = ($1, $2)';

CREATE FUNCTION task_of(text, text, node text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT t ->> 'id' FROM threadmem.thread_state($1, id_of($1, $2)) s, jsonb_array_elements(s.tasks) t WHERE t ->> 'name' = node
$$;

CREATE FUNCTION rest_of(c threadmem.checkpoints) RETURNS text LANGUAGE sql AS $$
    SELECT (c.checkpoint - 'channel_values')::text
$$;

-- Its name, and that of the one before it if it came with the same call. What channels have new versions has them
-- above all that the thread has had.
CREATE FUNCTION came(thread text, name text, fold text, id text, how text DEFAULT 'door') RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    c threadmem.checkpoints := threadmem.checkpoint_get(thread, '', id);
    low jsonb;
BEGIN
    IF fold IS NOT NULL THEN
        PERFORM came(thread, fold, NULL, l.checkpoint_id, how)
        FROM threadmem.checkpoint_list(thread, '', max_rows => 1, before_id => id) l;
    END IF;
    SELECT jsonb_object_agg(v.key, v.value) INTO low
    FROM jsonb_each(c.checkpoint -> 'channel_versions') v
    WHERE v.value::text::numeric <= (
        SELECT max(o.value::text::numeric) FROM named n, jsonb_each(n.doc::jsonb -> 'channel_versions') o
        WHERE n.thread = came.thread)
    AND NOT EXISTS (
        SELECT FROM named n WHERE n.thread = came.thread AND n.doc::jsonb -> 'channel_versions' -> v.key = v.value);
    IF how = 'door' AND low IS NOT NULL THEN
        RAISE 'versions % are not above all of the thread', low;
    END IF;
    IF how <> 'late' AND id <= (SELECT max(n.id) FROM named n WHERE n.thread = came.thread) THEN
        RAISE 'the new checkpoint % is not the latest', id;
    END IF;
    INSERT INTO named VALUES (thread, name, id, rest_of(c), c.metadata);
END $$;

CREATE FUNCTION folded(thread text, name text, id text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF (id IS NULL) <> (name IS NULL) THEN
        RAISE 'thread_fold returned %, expected %', id, name;
    ELSIF id IS NOT NULL THEN
        PERFORM came(thread, name, NULL, id);
    END IF;
END $$;

CREATE FUNCTION refused(statement text, state text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    got text := 'no error';
BEGIN
    BEGIN
        EXECUTE statement;
    EXCEPTION WHEN OTHERS THEN
        got := SQLSTATE;
    END;
    IF got <> state THEN
        RAISE 'the call gave %, expected %', got, state;
    END IF;
END $$;

CREATE FUNCTION expect_point(text, text, text, integer, text, text, jsonb, jsonb) RETURNS void LANGUAGE sql AS $$
    INSERT INTO point VALUES ($1, $2,
        jsonb_build_object('parent', id_of($1, $3), 'step', $4, 'source', $5, 'next', $6, 'values', $7), $8)
    ON CONFLICT (thread, name) DO UPDATE SET state = excluded.state, raw = excluded.raw
$$;

CREATE FUNCTION forget(thread_id text, names text[]) RETURNS void LANGUAGE sql AS $$
    DELETE FROM point WHERE thread = thread_id AND name = ANY (names)
$$;

CREATE FUNCTION forget_thread(thread_id text) RETURNS void LANGUAGE sql AS $$
    DELETE FROM point WHERE thread = thread_id;
    DELETE FROM named WHERE thread = thread_id;
    DELETE FROM present WHERE thread = thread_id;
    DELETE FROM erased WHERE thread = thread_id;
$$;

CREATE FUNCTION copied(text, text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO named SELECT $2, name, id, doc, NULL FROM named WHERE thread = $1;
    INSERT INTO point SELECT $2, name, state, raw FROM point WHERE thread = $1;
    INSERT INTO erased SELECT $2, words FROM erased WHERE thread = $1;
$$;

-- A LangGraph client: it knows a checkpoint, makes one with other values of it, and gives the saver the values of
-- the channels that changed, or all.
CREATE FUNCTION client_id(thread_id text, name text, how text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    last text := (SELECT max(id) FROM named WHERE thread = thread_id);
    ticks text := lpad(to_hex((extract(epoch FROM clock_timestamp()) * 10000000)::bigint + 122192928000000000), 15, '0');
    id text := substr(ticks, 1, 8) || '-' || substr(ticks, 9, 4) || '-6' || substr(ticks, 13, 3) || '-8001-c11e47000000';
BEGIN
    IF how = 'late' THEN
        RETURN '0-' || name;
    ELSIF how = 'odd' AND last NOT LIKE 'zz%' THEN
        RETURN 'zz';
    ELSIF id > last IS NOT FALSE THEN
        RETURN id;
    END IF;
    RETURN CASE WHEN last ~ '[.]' THEN regexp_replace(last, '[.][^.]*$', '') ELSE last END || '.' || id;
END $$;

CREATE FUNCTION client_put(thread text, name text, parent text, step integer, changed jsonb, given jsonb, how text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    base jsonb := (threadmem.checkpoint_get(thread, '', id_of(thread, parent))).checkpoint;
    versions jsonb := coalesce(base -> 'channel_versions', '{}');
    version bigint := (SELECT coalesce(max(value::text::bigint), 0) + 1 FROM jsonb_each(versions));
    bumped jsonb := (SELECT coalesce(jsonb_object_agg(c, version), '{}') FROM jsonb_array_elements_text(changed) c);
    key threadmem.stored_checkpoint;
BEGIN
    key := threadmem.checkpoint_put(thread, jsonb_build_object(
        'v', 4, 'id', client_id(thread, name, how), 'ts', clock_timestamp(), 'channel_versions', versions || bumped,
        'versions_seen', coalesce(base -> 'versions_seen', '{}'), 'channel_values', given),
        jsonb_build_object('source', 'loop', 'step', step, 'parents', '{}'::jsonb), new_versions => bumped,
        parent_checkpoint_id => id_of(thread, parent));
    PERFORM came(thread, name, NULL, key.checkpoint_id, how);
END $$;

-- What is compared.

CREATE FUNCTION sorted(text[]) RETURNS text LANGUAGE sql AS
    'SELECT array_agg(n ORDER BY n COLLATE "C")::text FROM unnest($1) n';

CREATE FUNCTION brief(s threadmem.state_snapshot) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('parent', s.parent_checkpoint ->> 'checkpoint_id', 'step', (s.metadata ->> 'step')::integer,
        'source', s.metadata ->> 'source', 'next', sorted(s.next), 'values', s."values")
$$;
CREATE FUNCTION brief(s threadmem.listed_state) RETURNS jsonb LANGUAGE sql AS $$
    SELECT brief(jsonb_populate_record(NULL::threadmem.state_snapshot, to_jsonb(s)))
$$;

-- next is not compared where the rules do not say it.
CREATE FUNCTION given(got jsonb, expected jsonb) RETURNS jsonb LANGUAGE sql AS
    $$ SELECT CASE WHEN expected ->> 'next' = 'any' THEN got || '{"next": "any"}' ELSE got END $$;

CREATE FUNCTION raw_of(c threadmem.checkpoints) RETURNS jsonb LANGUAGE sql AS $$
    SELECT '{"count": 0, "log": [], "marks": [], "lang": "en", "messages": []}' || coalesce(jsonb_object_agg(key, value), '{}')
    FROM jsonb_each(c.checkpoint -> 'channel_values') WHERE key IN ('count', 'log', 'marks', 'topic', 'lang', 'messages')
$$;

-- Without what only other branches have: message_siblings() and its tests are for these.
CREATE FUNCTION log_of(thread text, ended boolean, view text) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(CASE WHEN ended THEN jsonb_build_array(m.message_id, m.state, m.body)
        ELSE jsonb_build_array(m.message_id, m.body) END ORDER BY n), '[]')
    FROM threadmem.message_list(thread, 1000, include_deleted => ended, view => view) WITH ORDINALITY
        AS m (thread_id, message_id, seq, rev, role, origin_role, name, content, text, sender_id, user_id, assistant_id, run_id,
            tool_call_id, status, state, metadata, body, event_at, created_at, id_from, edited_at, position, has_more, n)
    WHERE m.state <> 'off_branch'
$$;

-- Of its owner, since no application reads a table.
CREATE VIEW stored_row AS
    SELECT thread_id, m::text AS stored FROM threadmem_data.messages m
    UNION ALL SELECT thread_id, c::text FROM threadmem_data.checkpoints c
    UNION ALL SELECT thread_id, w::text FROM threadmem_data.checkpoint_writes w;

CREATE FUNCTION compared() RETURNS TABLE (how text, thread text, name text, expected text, got text) LANGUAGE sql STABLE AS $$
    SELECT d.how, n.thread, n.name, d.expected, d.got
    FROM named n JOIN point p USING (thread, name), threadmem.checkpoint_get(n.thread, '', n.id) c,
        LATERAL (VALUES
            ('state by id', p.state::text, given(brief(threadmem.thread_state(n.thread, n.id)), p.state)::text),
            ('checkpoint', p.raw::text, raw_of(c)::text),
            ('versions and what else it has', n.doc, rest_of(c)),
            ('metadata', n.metadata::text, CASE WHEN n.metadata IS NOT NULL THEN c.metadata::text END)) AS d (how, expected, got)
    UNION ALL
    SELECT 'gone', n.thread, n.name, NULL, c.checkpoint::text
    FROM named n, threadmem.checkpoint_get(n.thread, '', n.id) c
    WHERE c.checkpoint_id IS NOT NULL AND NOT EXISTS (SELECT FROM point p WHERE (p.thread, p.name) = (n.thread, n.name))
    UNION ALL
    SELECT 'history', t.thread, d.name, d.expected::text, given(d.got, d.expected)::text
    FROM present t, LATERAL (
        SELECT e.name, e.state AS expected, h.state AS got
        FROM (SELECT p.name, p.state, row_number() OVER (ORDER BY n.id DESC) AS place
              FROM named n JOIN point p USING (thread, name) WHERE n.thread = t.thread) e
        FULL JOIN (SELECT brief(s) AS state, row_number() OVER () AS place
                   FROM threadmem.thread_history(t.thread, 1000) s) h USING (place)) d
    UNION ALL
    SELECT 'latest state', t.thread, NULL, t.state::text,
        given(jsonb_build_object('next', sorted(s.next), 'values', s."values"), t.state)::text
    FROM present t, threadmem.thread_state(t.thread) s
    UNION ALL
    SELECT 'log', thread, NULL, log::text, log_of(thread, false, 'log')::text FROM present
    UNION ALL
    SELECT 'log with what has ended', thread, NULL, log_with_ended::text, log_of(thread, true, 'log')::text FROM present
    UNION ALL
    SELECT 'messages of the state', thread, NULL, view::text, log_of(thread, false, 'state')::text FROM present
    UNION ALL
    SELECT 'erased words are still there', e.thread, NULL, NULL, e.words || ' in ' || t.stored
    FROM erased e JOIN stored_row t ON t.thread_id = e.thread
    WHERE strpos(t.stored, e.words) > 0
    UNION ALL
    SELECT 'threadmem_verify', v.thread_id, NULL, NULL, v.problem FROM threadmem.threadmem_verify() v
$$;

CREATE FUNCTION difference() RETURNS TABLE (how text, thread text, name text, expected text, got text) LANGUAGE sql AS
    'SELECT * FROM compared() WHERE expected IS DISTINCT FROM got LIMIT 1';
};

1;
