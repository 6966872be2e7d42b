-- threadmem_verify finds whatever is wrong with a thread, and threadmem_stats counts what there is.
SET threadmem.tenant = 'admin test';
SELECT thread_id FROM threadmem.thread_create('whole', messages => '[{"role": "user", "content": "one"}, {"role": "assistant", "content": "two"}]');
SELECT thread_id FROM threadmem.thread_copy('whole', 'broken');
SELECT rev FROM threadmem.message_update('broken', (SELECT message_id FROM threadmem.message_last('broken', 1)), 'three');
SELECT kind, rows, bytes > 0 AS has_bytes FROM threadmem.threadmem_stats();
SELECT * FROM threadmem.threadmem_verify();

-- Each kind of damage is named, and only where it is.
BEGIN;
UPDATE threadmem_data.threads SET live_messages = 7, next_seq = 9, next_rev = 3 WHERE thread_id = 'broken' AND tenant_id = 'admin test';
SELECT * FROM threadmem.threadmem_verify();
SELECT * FROM threadmem.threadmem_verify('whole');
ROLLBACK;
BEGIN;
UPDATE threadmem_data.messages SET seq = 5, user_id = 'x' WHERE thread_id = 'broken' AND tenant_id = 'admin test' AND rev = 3;
INSERT INTO threadmem_data.message_chunks VALUES ('admin test', 'broken', 'nothing', 1, 4, 'lost');
SELECT * FROM threadmem.threadmem_verify('broken');
ROLLBACK;
SELECT * FROM threadmem.threadmem_verify('broken');
SELECT * FROM threadmem.threadmem_verify('unknown');

-- States: c1 <- c2 <- c3 <- c4 with a branch b3 at c2, a subgraph, and writes that came before their checkpoint. c4 has dropped a message from its list.
\pset null (null)
CREATE FUNCTION pg_temp.put(thread text, id text, parent text, n integer, messages text, ns text DEFAULT '') RETURNS text LANGUAGE sql AS
$$SELECT checkpoint_id FROM threadmem.checkpoint_put(thread, jsonb_build_object('v', 4, 'id', id, 'channel_versions', jsonb_build_object('n', n, 'big', 1, 'messages', n),
    'channel_values', jsonb_build_object('n', n, 'big', repeat('not of interest ', 100), 'messages', (SELECT jsonb_agg(jsonb_build_object('type', 'human', 'id', m, 'content', 'I am ' || m)) FROM regexp_split_to_table(messages, ' ') m))),
    '{"step": 1}', NULL, parent, ns)$$;
SELECT pg_temp.put('states', id, parent, n, messages, ns) FROM (VALUES ('c1', NULL, 1, 'm1', ''), ('c2', 'c1', 2, 'm1 m2', ''), ('c3', 'c2', 3, 'm1 m2 m3', ''), ('c4', 'c3', 4, 'm1 m3', ''), ('b3', 'c2', 3, 'm1 m2', ''),
    ('s1', NULL, 1, 'm1', 'n:1'), ('s2', 's1', 2, 'm1', 'n:1')) AS p (id, parent, n, messages, ns);
SELECT threadmem.checkpoint_put_writes('states', 'later', 'task', '[["n", 5], ["n", 6]]');
CREATE VIEW pg_temp.rows AS SELECT * FROM threadmem_data.checkpoints WHERE tenant_id = 'admin test' AND thread_id = 'states';
SELECT seq, base_seq, parent_seq, checkpoint_id, snapshot IS NOT NULL AS is_snapshot, seen, jsonb_array_length(patch) AS operations FROM pg_temp.rows ORDER BY seq;
SELECT "values" FROM threadmem_data.thread_values WHERE tenant_id = 'admin test' AND thread_id = 'states';
SELECT * FROM threadmem.threadmem_verify();

-- A row is missing: nothing below it can be restored. Other threads are looked at as ever.
BEGIN;
DELETE FROM pg_temp.rows WHERE checkpoint_id = 'c2';
UPDATE threadmem_data.threads SET next_rev = 3 WHERE thread_id = 'broken' AND tenant_id = 'admin test';
SELECT * FROM threadmem.threadmem_verify();
SELECT threadmem.checkpoint_get('states');
ROLLBACK;
-- It is missed below a snapshot as well, which can do without it.
BEGIN;
ALTER TABLE threadmem_data.checkpoints DROP CONSTRAINT checkpoints_sound;
UPDATE pg_temp.rows SET parent_seq = -1, parent_checkpoint_id = 'c0' WHERE checkpoint_id = 'c1';
SELECT * FROM threadmem.threadmem_verify('states');
ROLLBACK;
-- A patch that does not apply, and what is no patch.
BEGIN;
UPDATE pg_temp.rows SET patch = '[{"op": "remove", "path": "/values/n"}, {"op": "remove", "path": "/values/n"}]' WHERE checkpoint_id = 'c2';
SELECT * FROM threadmem.threadmem_verify('states');
ALTER TABLE threadmem_data.checkpoints DROP CONSTRAINT checkpoints_sound;
UPDATE pg_temp.rows SET patch = '{"n": 2}' WHERE checkpoint_id = 'c2';
SELECT problem FROM threadmem.threadmem_verify('states') LIMIT 1;
ROLLBACK;
-- A link to another checkpoint, or to another namespace.
BEGIN;
UPDATE pg_temp.rows SET parent_checkpoint_id = 'b3' WHERE checkpoint_id = 'c4';
UPDATE pg_temp.rows SET parent_checkpoint_id = NULL WHERE checkpoint_id = 'b3';
SELECT * FROM threadmem.threadmem_verify('states');
ROLLBACK;
BEGIN;
UPDATE pg_temp.rows SET checkpoint_ns = 'n:2' WHERE checkpoint_id = 's1';
SELECT * FROM threadmem.threadmem_verify('states');
ROLLBACK;
-- A reader would stop short of the snapshot.
BEGIN;
UPDATE pg_temp.rows SET base_seq = 2 WHERE checkpoint_id = 'c3';
SELECT * FROM threadmem.threadmem_verify('states');
\set VERBOSITY sqlstate
SELECT threadmem.checkpoint_get('states', checkpoint_id => 'c3');
\set VERBOSITY default
ROLLBACK;
-- A list of messages that are not there, and one that is none; seen does not know them either.
BEGIN;
UPDATE pg_temp.rows SET patch = patch || '[{"op": "add", "path": "/refs/messages/-", "value": [9, 9]}]', seen = '{[1,4),[9,10)}' WHERE checkpoint_id = 'c4';
SELECT * FROM threadmem.threadmem_verify('states');
UPDATE pg_temp.rows SET seen = '{[1,4)}' WHERE checkpoint_id = 'c4';
SELECT * FROM threadmem.threadmem_verify('states');
CREATE FUNCTION pg_temp.listed(list jsonb) RETURNS text LANGUAGE plpgsql AS
$$DECLARE found text;
BEGIN
    UPDATE pg_temp.rows SET patch = jsonb_set(patch, '{-1}', jsonb_build_object('op', 'add', 'path', '/refs/messages', 'value', list)), seen = '{[1,4)}' WHERE checkpoint_id = 'c4';
    SELECT string_agg(problem, ', ') INTO found FROM threadmem.threadmem_verify('states');
    RETURN found;
END$$;
SELECT list, pg_temp.listed(list) FROM unnest(ARRAY['[]', '[[1, 1], [1, 3]]', '{}', '7', '[7]', '[[1]]', '[[2, 1]]', '[[1, "2"]]', '[[1, 2.5]]', '[[1, 1e20]]', '[[-1e20, 2]]', '[{"a": 1, "b": 2}]', '[[-5, 2]]', '[[1, 2, 3]]']::jsonb[]) AS list;
ROLLBACK;
-- What was seen: less than the state holds, less than the parent has seen, nothing, or more than there is to see.
BEGIN;
ALTER TABLE threadmem_data.checkpoints DROP CONSTRAINT checkpoints_sound;
UPDATE pg_temp.rows SET seen = '{[1,2),[4,)}' WHERE checkpoint_id = 'c2';
SELECT * FROM threadmem.threadmem_verify('states');
ROLLBACK;
BEGIN;
UPDATE pg_temp.rows SET seen = '{[1,2),[3,4)}' WHERE checkpoint_id = 'c4';
SELECT * FROM threadmem.threadmem_verify('states');
ROLLBACK;
BEGIN;
ALTER TABLE threadmem_data.checkpoints DROP CONSTRAINT checkpoints_sound;
UPDATE pg_temp.rows SET seen = NULL WHERE checkpoint_id = 'c4';
UPDATE pg_temp.rows SET seen = '{}' WHERE checkpoint_id = 's2';
SELECT * FROM threadmem.threadmem_verify('states');
ROLLBACK;
-- The next number is not free.
BEGIN;
UPDATE threadmem_data.threads SET next_checkpoint = 7 WHERE thread_id = 'states' AND tenant_id = 'admin test';
SELECT * FROM threadmem.threadmem_verify();
ROLLBACK;
BEGIN;
SELECT state FROM threadmem.message_delete('states', (SELECT message_id FROM threadmem.message_last('states', 1)));
UPDATE threadmem_data.threads SET next_change = 1 WHERE thread_id = 'states' AND tenant_id = 'admin test';
UPDATE pg_temp.rows SET next_rev = 900 WHERE checkpoint_id = 'c4';
SELECT * FROM threadmem.threadmem_verify('states');
ROLLBACK;
-- What thread_search would find by values: other ones, none, or some without a state.
BEGIN;
UPDATE threadmem_data.thread_values SET "values" = '{"n": 4.0}' WHERE thread_id = 'states' AND tenant_id = 'admin test';
SELECT * FROM threadmem.threadmem_verify('states');
DELETE FROM threadmem_data.thread_values WHERE thread_id = 'states' AND tenant_id = 'admin test';
SELECT * FROM threadmem.threadmem_verify();
INSERT INTO threadmem_data.thread_values VALUES ('admin test', 'whole', '{}');
SELECT * FROM threadmem.threadmem_verify();
ROLLBACK;

-- Nothing is wrong with what may look odd: a parent that was put again with other messages, one that came after its child, one that was pruned, a head without scalars.
BEGIN;
SELECT pg_temp.put('states', 'c2', 'c1', 2, 'm1 m4');
SELECT pg_temp.put('states', 'd2', 'd1', 2, 'm1'), pg_temp.put('states', 'd1', NULL, 1, 'm1');
SELECT * FROM threadmem.threadmem_verify('states');
SELECT checkpoint_id FROM threadmem.checkpoint_put('states', '{"id": "e", "channel_values": {"list": [1]}, "channel_versions": {"list": 1}}', '{}', NULL, 'd2');
SELECT * FROM threadmem.threadmem_verify('states');
SELECT threadmem.checkpoint_prune('{states}', keep => 2);
SELECT * FROM threadmem.threadmem_verify('states');
ROLLBACK;

-- Where the space goes: every kind of thing there is, and what each channel takes.
SELECT message_id FROM threadmem.message_start('states', message_id => 's');
SELECT threadmem.message_append('states', 's', 1, 'piece');
SELECT r.status, s.status, c.status
  FROM threadmem.run_create('states', run_id => 'run', input => '{"ask": "why"}') r, LATERAL threadmem.run_step_add('states', r.run_id, 'node', details => '{"node": "a"}') s,
       LATERAL threadmem.run_cancel('states', s.run_id) c;
CREATE TEMP TABLE storage AS SELECT * FROM threadmem.thread_storage('states');
SELECT kind, channel, rows, bytes > 0 AS has_bytes FROM storage;
-- The bytes add up: of the thread, of its checkpoints, and of the columns themselves; a channel has no byte of another.
CREATE FUNCTION pg_temp.bytes(of text) RETURNS bigint LANGUAGE sql AS 'SELECT sum(bytes)::bigint FROM storage WHERE kind = of';
SELECT pg_temp.bytes('total') = (SELECT sum(bytes) FROM storage WHERE kind IN ('messages', 'search', 'chunks', 'checkpoints', 'pending_writes', 'runs', 'run_steps')) AS total,
       pg_temp.bytes('checkpoints') = (SELECT sum(bytes) FROM storage WHERE kind IN ('metadata', 'snapshots', 'patches')) AS checkpoints,
       pg_temp.bytes('channel_values') BETWEEN 1 AND pg_temp.bytes('snapshots') + pg_temp.bytes('patches') AS channels,
       (SELECT (pg_temp.bytes('snapshots'), pg_temp.bytes('patches'), pg_temp.bytes('metadata')) = (sum(pg_column_size(snapshot)), sum(pg_column_size(patch)), sum(pg_column_size(metadata))) FROM pg_temp.rows) AS columns,
       (SELECT pg_temp.bytes('pending_writes') = sum(pg_column_size(value)) FROM threadmem_data.checkpoint_writes WHERE tenant_id = 'admin test' AND thread_id = 'states') AS writes,
       (SELECT (pg_temp.bytes('messages'), pg_temp.bytes('search')) = (sum(pg_column_size(body)), sum(pg_column_size(search))) FROM threadmem_data.messages WHERE tenant_id = 'admin test' AND thread_id = 'states') AS messages;
-- A channel's part of a snapshot and of each kind of operation, in hundreds of bytes; names are as they were before they became pointers.
BEGIN;
ALTER TABLE threadmem_data.checkpoints ALTER snapshot SET STORAGE EXTERNAL, ALTER patch SET STORAGE EXTERNAL;
CREATE FUNCTION pg_temp.shares(new_patch jsonb) RETURNS TABLE (channel text, rows integer, share bigint) LANGUAGE plpgsql AS
$$BEGIN
    UPDATE pg_temp.rows SET patch = new_patch WHERE checkpoint_id = 'c2';
    RETURN QUERY SELECT s.channel, s.rows, s.bytes / 100 FROM threadmem.thread_storage('states') s WHERE kind = 'channel_values';
END$$;
DELETE FROM pg_temp.rows WHERE checkpoint_id NOT IN ('c1', 'c2');
UPDATE pg_temp.rows SET snapshot = jsonb_build_object('values', jsonb_build_object('a/b', repeat('x', 1000), 'd', repeat('x', 3000)), 'rest', jsonb_build_object('big', repeat('x', 5000))) WHERE checkpoint_id = 'c1';
SELECT * FROM pg_temp.shares('[]');
SELECT * FROM pg_temp.shares(jsonb_build_array(jsonb_build_object('op', 'add', 'path', '/values/a~1b/~0/0', 'value', repeat('x', 2000)), jsonb_build_object('op', 'add', 'path', '/refs/m~0~1', 'value', repeat('x', 1000)), '{"op": "remove", "path": "/values/d"}'::jsonb));
SELECT * FROM pg_temp.shares(jsonb_build_array(jsonb_build_object('op', 'add', 'path', '/values', 'value', jsonb_build_object('d', repeat('x', 2000), 'e', repeat('x', 1000))), jsonb_build_object('op', 'add', 'path', '/rest/values', 'value', repeat('x', 9000)), '{"op": "remove", "path": "/refs"}'::jsonb));
SELECT * FROM pg_temp.shares(jsonb_build_array(jsonb_build_object('op', 'replace', 'path', '', 'value', jsonb_build_object('versions', jsonb_build_object('d', repeat('x', 2000)), 'values', jsonb_build_object('a/b', repeat('x', 1000)), 'seen', jsonb_build_object('d', repeat('x', 9000))))));
ROLLBACK;
-- As LangGraph's GET /threads/{id}/storage has it.
SELECT jsonb_build_object('thread_id', 'states', 'total_bytes', pg_temp.bytes('total'),
    'checkpoints', (SELECT jsonb_build_object('count', rows, 'bytes', bytes - pg_temp.bytes('channel_values')) FROM storage WHERE kind = 'checkpoints'),
    'channel_values', (SELECT jsonb_build_object('count', sum(rows), 'bytes', sum(bytes), 'by_channel', jsonb_object_agg(channel, jsonb_build_object('versions', rows, 'bytes', bytes))) FROM storage WHERE kind = 'channel_values'),
    'pending_writes', (SELECT jsonb_build_object('count', sum(rows), 'bytes', sum(bytes)) FROM storage WHERE kind = 'pending_writes'))
    @? '$ ? (@.total_bytes > 0 && @.checkpoints.count == 7 && @.checkpoints.bytes > 0 && @.channel_values.by_channel.n.versions == 7 && @.pending_writes.count == 2)' AS langgraph;
SELECT thread_id FROM threadmem.thread_create('empty');
SELECT * FROM threadmem.thread_storage('empty');
SELECT * FROM threadmem.thread_storage('unknown');
SELECT kind, rows, bytes > 0 AS has_bytes FROM threadmem.threadmem_stats() WHERE rows > 0;
-- Another tenant has none of it.
SET threadmem.tenant = 'admin test 2';
SELECT sum(rows) FROM threadmem.threadmem_stats();
SELECT thread_id FROM threadmem.thread_create('states');
SELECT sum(rows) FROM threadmem.thread_storage('states');
SELECT * FROM threadmem.threadmem_verify();
SELECT sum(deleted) FROM threadmem.thread_delete('states');
SET threadmem.tenant = 'admin test';
SELECT t, kind, deleted FROM unnest('{whole,broken,states,empty}'::text[]) t, threadmem.thread_delete(t) WHERE deleted > 0;
-- Every state is restored from its own few rows, however many the thread has.
SELECT count(*) FROM threadmem.thread_create('long') t, generate_series(1, 600) i, threadmem.thread_update_state('long', jsonb_build_object('n', i));
ANALYZE threadmem_data.checkpoints;
BEGIN;
SELECT threadmem.threadmem_verify('long');
SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) < 20000 AS few FROM pg_stat_xact_all_tables WHERE relid = 'threadmem_data.checkpoints'::regclass;
COMMIT;

-- Facts and entities: each other, the user, and what they come from.
SET threadmem.tenant = 'admin facts';
SELECT count(threadmem.user_create(u)) FROM unnest('{ada,bob}'::text[]) u;
SELECT count(threadmem.thread_create('t', 'ada', messages => '[{"id": "m", "role": "user", "content": "I live in Rome."}]')), count(threadmem.memory_add_data('ada', 'likes tea', episode_id => 'e'));
SELECT f.fact_id FROM (VALUES ('rome', 'LIVES_IN', 'Rome', 't', 'm', NULL), ('tea', 'LIKES', 'tea', NULL, NULL, 'e'), ('cat', 'HAS', 'Tom', NULL, NULL, NULL)) v (id, name, target, t, m, e),
    threadmem.memory_add_fact('ada', v.name, 'fact ' || v.id, v.target, thread_id => v.t, message_id => v.m, episode_id => v.e, fact_id => v.id) f;
SELECT count(threadmem.memory_update_fact('ada', 'cat', fact => 'fact of a cat')), count(threadmem.memory_add_entity('ada', 'Eve', entity_id => 'eve')), count(threadmem.memory_add_entity('bob', 'Zoe', entity_id => 'zoe'));
SELECT label FROM threadmem.memory_update_entity('ada', 'eve', label => 'Person');
SELECT count(*) FROM threadmem.threadmem_verify();
CREATE FUNCTION pg_temp.broken(change text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE change;
    RETURN QUERY SELECT problem FROM threadmem.threadmem_verify() WHERE thread_id IS NULL ORDER BY problem;
    RAISE EXCEPTION USING ERRCODE = 'TM999'; -- undone
EXCEPTION WHEN SQLSTATE 'TM999' THEN RETURN; END $$;
SELECT change, regexp_replace(problem, '"[0-9a-f-]{36}"', 'made') AS problem FROM unnest(ARRAY[
    $$UPDATE threadmem_data.facts SET source_id = 'none' WHERE tenant_id = 'admin facts' AND fact_id = 'tea'$$,
    $$UPDATE threadmem_data.facts SET target_id = 'none' WHERE tenant_id = 'admin facts' AND fact_id = 'tea'$$,
    $$UPDATE threadmem_data.facts SET stated = false WHERE tenant_id = 'admin facts' AND fact_id = 'cat'$$,
    $$UPDATE threadmem_data.fact_episodes SET message_id = 'none' WHERE tenant_id = 'admin facts' AND fact_id = 'rome'$$,
    $$UPDATE threadmem_data.entity_episodes SET message_id = 'none' WHERE tenant_id = 'admin facts' AND message_id <> ''$$,
    $$DELETE FROM threadmem_data.episodes WHERE tenant_id = 'admin facts'$$,
    $$DELETE FROM threadmem_data.facts WHERE tenant_id = 'admin facts' AND fact_id = 'rome'$$,
    $$DELETE FROM threadmem_data.facts WHERE tenant_id = 'admin facts' AND fact_id = 'cat'$$,
    $$DELETE FROM threadmem_data.entities WHERE tenant_id = 'admin facts' AND entity_id = 'eve'$$,
    $$DELETE FROM threadmem_data.entities WHERE tenant_id = 'admin facts' AND name = 'Rome'$$,
    $$DELETE FROM threadmem_data.users WHERE tenant_id = 'admin facts' AND user_id = 'bob'$$]) WITH ORDINALITY c (change, n), pg_temp.broken(change) problem ORDER BY n, problem COLLATE "C";
SELECT count(*) > 0 AS gone FROM threadmem.tenant_delete('admin facts');
