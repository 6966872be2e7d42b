-- docs/architecture.md#branches: what was said before a branch began belongs to the branch it was said on, folded or not.
SET threadmem.tenant = 'state branch';
SET search_path = threadmem, public;
CREATE FUNCTION pg_temp.word(id text, words text) RETURNS text LANGUAGE sql AS $$SELECT id || coalesce('=' || nullif(words, id), '')$$;
-- The window; where the log or the state has something else, all three.
CREATE FUNCTION pg_temp.log(t text) RETURNS text LANGUAGE sql AS
$$SELECT CASE WHEN shown = log AND shown = state THEN shown ELSE format('window: %s, log: %s, state: %s', shown, log, state) END FROM
    (SELECT coalesce(string_agg(pg_temp.word(message_id, content), ' '), 'nothing') FROM message_context(t)) w (shown),
    (SELECT coalesce(string_agg(pg_temp.word(message_id, text), ' ' ORDER BY seq), 'nothing') FROM message_list(t)) l (log),
    (SELECT coalesce(string_agg(pg_temp.word(message_id, text), ' '), 'nothing') FROM message_list(t, view => 'state')) s (state)$$;
CREATE FUNCTION pg_temp.say(t text, ids text) RETURNS text LANGUAGE sql AS
$$SELECT string_agg(m.message_id, ' ') FROM unnest(string_to_array(ids, ' ')) i, message_add(t, CASE WHEN i LIKE 'a%' THEN 'assistant' ELSE 'user' END, i, message_id => i) m$$;
CREATE TEMP TABLE mark (thread text, name text, id text);
CREATE FUNCTION pg_temp.at(t text, place text) RETURNS text LANGUAGE sql AS $$SELECT id FROM mark WHERE thread = t AND name = place$$;
-- An update with these messages, at a mark or the latest; leaves a mark.
CREATE FUNCTION pg_temp.put(t text, ids text, new text DEFAULT NULL, at text DEFAULT NULL, run text DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS
$$DECLARE
    made text := (thread_update_state(t, (SELECT jsonb_build_object('messages', jsonb_agg(jsonb_build_object('role', 'user', 'content', i, 'id', i))) FROM unnest(string_to_array(ids, ' ')) i HAVING ids IS NOT NULL),
        as_node => CASE WHEN ids IS NOT NULL THEN 'x' END, checkpoint_id => pg_temp.at(t, at), run_id => run)).checkpoint_id;
BEGIN
    DELETE FROM mark WHERE thread = t AND name = new;
    INSERT INTO mark VALUES (t, new, made);
    RETURN pg_temp.log(t);
END$$;
-- Marks what was made before the head.
CREATE FUNCTION pg_temp.left_at(t text, place text) RETURNS void LANGUAGE sql AS
$$INSERT INTO mark SELECT t, place, max(checkpoint ->> 'checkpoint_id' COLLATE "C") FROM thread_history(t) h WHERE checkpoint ->> 'checkpoint_id' < (SELECT checkpoint ->> 'checkpoint_id' FROM thread_state(t)) COLLATE "C"$$;

-- A branch at the first state, which is the latest as well: the tail of the log stays behind, and comes back with its branch.
SELECT thread_id FROM thread_create('first');
SELECT pg_temp.put('first', NULL, 'start');
SELECT pg_temp.say('first', 'q1 a1 q2'), pg_temp.log('first');
SELECT pg_temp.put('first', 'q1b', 'b', 'start'), message_count FROM thread_get('first');
SELECT pg_temp.left_at('first', 'old');
SELECT pg_temp.say('first', 'a1b'), pg_temp.log('first');
SELECT pg_temp.put('first', NULL, 'back', 'old'), pg_temp.put('first', NULL, 'empty', 'start'), pg_temp.say('first', 'q1c'), pg_temp.log('first');
SELECT pg_temp.left_at('first', 'none'), pg_temp.put('first', 'a1c');

-- In whatever order things are said, folded, updated and branched: the windows are those of a tail that was folded.
SELECT thread_id FROM unnest('{open,folded}'::text[]) i, thread_create(i);
SELECT i, pg_temp.say(i, 'q1'), pg_temp.put(i, 'a1', 'turn 1'), pg_temp.say(i, 'q2'), pg_temp.put(i, 'a2', 'turn 2'), pg_temp.say(i, 'q3 a3') FROM unnest('{open,folded}'::text[]) i;
SELECT thread_fold('folded') IS NOT NULL AS folded;
SELECT i, pg_temp.put(i, 'q2b', 'edited', 'turn 1') FROM unnest('{open,folded}'::text[]) i;
SELECT i, pg_temp.left_at(i, 'left') FROM unnest('{open,folded}'::text[]) i;
SELECT i, pg_temp.say(i, 'a2b q3b'), pg_temp.put(i, NULL, 'again', 'edited'), pg_temp.say(i, 'a2c') FROM unnest('{open,folded}'::text[]) i;
SELECT i, pg_temp.log(i), pg_temp.put(i, NULL, 'first', 'left'), pg_temp.put(i, 'a4') FROM unnest('{open,folded}'::text[]) i;
SELECT i, pg_temp.put(i, NULL, 'x', 'turn 2'), pg_temp.put(i, NULL, 'x', 'again') FROM unnest('{open,folded}'::text[]) i;
SELECT thread_id, message_count FROM unnest('{open,folded}'::text[]) i, thread_get(i);
SELECT v.* FROM threadmem_verify('open') v UNION ALL SELECT v.* FROM threadmem_verify('folded') v;

-- What changes where it stands goes with the branch it was changed on, as when it was folded; what a person deletes is deleted on all.
SELECT thread_id FROM thread_create('changed');
SELECT pg_temp.put('changed', 'q1 a1', 'turn'), pg_temp.say('changed', 'q2 a2');
SELECT rev FROM message_update('changed', 'q1', 'reworded') UNION ALL SELECT rev FROM message_update('changed', 'q2', 'reworded') UNION ALL SELECT rev FROM message_delete('changed', 'a1');
SELECT pg_temp.log('changed'), pg_temp.put('changed', 'q2b', 'b', 'turn');
SELECT pg_temp.left_at('changed', 'left'), pg_temp.put('changed', NULL, 'c', 'left');

-- An answer that failed, and one that is still coming, stay where they were given; the one is ended with what has come.
SELECT thread_id FROM thread_create('streams');
SELECT pg_temp.put('streams', 'q1', 'asked');
SELECT status FROM message_start('streams', message_id => 'a1') UNION ALL SELECT status FROM message_start('streams', message_id => 'a2');
SELECT message_append('streams', 'a1', 1, 'half of') + message_append('streams', 'a1', 2, ' it') + message_append('streams', 'a2', 1, 'so far');
SELECT status FROM message_fail('streams', 'a1');
SELECT pg_temp.put('streams', 'a3', 'other', 'asked');
SELECT pg_temp.left_at('streams', 'left'), pg_temp.put('streams', NULL, 'back', 'left');
SELECT message_id, status, state, threadmem.message_text(body) FROM message_list('streams');
\set VERBOSITY sqlstate
SELECT message_append('streams', 'a2', 2, ' more');
\set VERBOSITY default

-- A state that waits keeps what tasks have written; what was said since is in one below it.
SELECT thread_id FROM thread_create('waits');
SELECT pg_temp.put('waits', 'q1', 'asked'), pg_temp.put('waits', 'a1', 'waits');
SELECT checkpoint_put_writes('waits', pg_temp.at('waits', 'waits'), 'task', '[["__interrupt__", "sure?"]]'), pg_temp.say('waits', 'q2');
SELECT thread_fold('waits') IS NULL AS not_folded, pg_temp.put('waits', 'q1b', 'other', 'asked');
SELECT pg_temp.left_at('waits', 'left'), pg_temp.put('waits', NULL, 'back', 'left');
SELECT jsonb_array_length(pending_writes) AS writes FROM checkpoint_get('waits', '', pg_temp.at('waits', 'waits'));

-- A run that goes on from its latest step hears what is said meanwhile; from an older one it makes a branch.
SELECT thread_id FROM thread_create('run');
SELECT pg_temp.say('run', 'q1');
SELECT status FROM run_create('run', run_id => 'r') UNION ALL SELECT status FROM run_start('run', 'r');
SELECT pg_temp.put('run', 'a1', 'step 1', run => 'r'), pg_temp.say('run', 'q2'), pg_temp.put('run', 'a2', 'step 2', 'step 1', 'r');
SELECT pg_temp.say('run', 'q3'), pg_temp.put('run', 'a2b', 'branch', 'step 1', 'r'), pg_temp.say('run', 'q4'), pg_temp.log('run');
\set VERBOSITY sqlstate
SELECT pg_temp.put('run', 'nobody', 'none', 'step 1');
\set VERBOSITY default
SELECT status FROM run_complete('run', 'r');
SELECT pg_temp.log('run'), pg_temp.put('run', NULL, 'x', 'step 2');

-- Several updates, a copy, and an update as input begin branches as well; one in a subgraph begins none.
SELECT graph_id FROM graph_define('kinds', '{"subgraphs": {"sub": {}}}');
SELECT thread_id FROM thread_create('kinds', graph_id => 'kinds');
SELECT pg_temp.put('kinds', 'q1', 'one'), pg_temp.put('kinds', 'a1', 'two'), pg_temp.say('kinds', 'q2');
SELECT thread_id FROM checkpoint_put('kinds', '{"v": 4, "id": "1", "channel_values": {"n": 1}, "channel_versions": {"n": 1}}', checkpoint_ns => 'sub');
SELECT checkpoint_ns FROM thread_update_state('kinds', '{"n": 2}', as_node => 'x', checkpoint_id => '1', checkpoint_ns => 'sub');
SELECT pg_temp.log('kinds');
SELECT count(checkpoint_id) FROM thread_update_state('kinds', checkpoint_id => pg_temp.at('kinds', 'two'), as_node => '__copy__');
SELECT pg_temp.log('kinds'), pg_temp.say('kinds', 'q3');
SELECT count(checkpoint_id) FROM thread_update_state('kinds', updates => '[{"values": {"messages": [{"role": "ai", "id": "x", "content": "x"}]}, "as_node": "x"}, {"values": {"n": 1}, "as_node": "y"}]', checkpoint_id => pg_temp.at('kinds', 'one'));
SELECT pg_temp.log('kinds'), pg_temp.say('kinds', 'q4');
SELECT count(checkpoint_id) FROM thread_update_state('kinds', '{"n": 1}', as_node => '__input__', checkpoint_id => pg_temp.at('kinds', 'one'));
SELECT pg_temp.log('kinds');

-- A graph that does not want messages: the log goes with the branches none the less.
SELECT graph_id FROM graph_define('bare', '{"channels": {"n": {"reducer": "add", "default": 0}}}');
SELECT thread_id FROM thread_create('bare', graph_id => 'bare');
SELECT count(checkpoint_id) FROM thread_update_state('bare', '{"n": 1}', as_node => 'x');
INSERT INTO mark SELECT 'bare', 'one', checkpoint ->> 'checkpoint_id' FROM thread_state('bare');
SELECT pg_temp.say('bare', 'q1 a1'), pg_temp.put('bare', NULL, 'two', 'one'), pg_temp.say('bare', 'q2'), pg_temp.log('bare');
-- Where nothing was said there is nothing to keep; a checkpoint that is not there changes nothing.
SELECT count(*) FROM thread_history('first', 100);
SELECT pg_temp.put('first', NULL, 'x', 'start');
SELECT count(*) FROM thread_history('first', 100);
SELECT pg_temp.say('first', 'q9');
\set VERBOSITY terse
SELECT thread_update_state('first', checkpoint_id => 'none');
SELECT pg_temp.log('first'), thread_fold('first') IS NOT NULL AS open;
