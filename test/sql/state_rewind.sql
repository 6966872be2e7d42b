-- Back to before a message in the same thread; what is left behind is an alternative, and can be made current again.
SET threadmem.tenant = 'state rewind';
SET search_path = threadmem, public;
CREATE FUNCTION pg_temp.word(id text, words text) RETURNS text LANGUAGE sql AS $$SELECT id || coalesce('=' || nullif(words, id), '')$$;
-- The window; where the log or the state has something else, all three.
CREATE FUNCTION pg_temp.log(t text) RETURNS text LANGUAGE sql AS
$$SELECT CASE WHEN shown = log AND shown = state THEN shown ELSE format('window: %s, log: %s, state: %s', shown, log, state) END FROM
    (SELECT coalesce(string_agg(pg_temp.word(message_id, content), ' '), 'nothing') FROM message_context(t)) w (shown),
    (SELECT coalesce(string_agg(pg_temp.word(message_id, text), ' ' ORDER BY seq), 'nothing') FROM message_list(t)) l (log),
    (SELECT coalesce(string_agg(pg_temp.word(message_id, text), ' '), 'nothing') FROM message_list(t, view => 'state')) s (state)$$;
CREATE FUNCTION pg_temp.say(t text, ids text) RETURNS text LANGUAGE plpgsql AS
$$BEGIN
    PERFORM message_add(t, CASE WHEN i LIKE 'a%' THEN 'assistant' ELSE 'user' END, i, message_id => i) FROM unnest(string_to_array(ids, ' ')) i;
    RETURN pg_temp.log(t);
END$$;
-- An answer as an agent gives it: by the state.
CREATE FUNCTION pg_temp.answer(t text, i text, at text DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS
$$BEGIN
    PERFORM thread_update_state(t, jsonb_build_object('messages', jsonb_build_object('role', 'assistant', 'content', i, 'id', i)), as_node => 'model', checkpoint_id => at);
    RETURN pg_temp.log(t);
END$$;
CREATE FUNCTION pg_temp.rewind(t text, i text, words text DEFAULT NULL, before boolean DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS
$$BEGIN
    PERFORM thread_rewind(t, i, words, new_message_id => words, before_message => before);
    RETURN pg_temp.log(t);
END$$;
CREATE FUNCTION pg_temp.siblings(t text, i text) RETURNS text LANGUAGE sql AS
$$SELECT string_agg(CASE WHEN is_current THEN format('[%s]', pg_temp.word(message_id, text)) ELSE pg_temp.word(message_id, text) END, ' ' ORDER BY place)
    FROM message_siblings(t, i) WITH ORDINALITY s (thread_id, message_id, seq, rev, role, origin_role, name, content, text, sender_id, user_id, assistant_id,
        run_id, tool_call_id, status, state, metadata, body, event_at, created_at, id_from, edited_at, checkpoint_id, is_current, place)$$;

-- Ask, answer, edit the question, regenerate, and back to the first version: as a chat does it, by message_add alone.
SELECT thread_id FROM thread_create('chat');
SELECT pg_temp.say('chat', 'q1 a1 q2 a2');
SELECT pg_temp.rewind('chat', 'q2', 'q2b'), pg_temp.say('chat', 'a2b'), pg_temp.siblings('chat', 'q2'), pg_temp.siblings('chat', 'q2b');
SELECT pg_temp.rewind('chat', 'a2b'), pg_temp.say('chat', 'a2c'), pg_temp.siblings('chat', 'a2b'), pg_temp.siblings('chat', 'q1');
SELECT pg_temp.rewind('chat', 'q2'), pg_temp.siblings('chat', 'q2'), pg_temp.siblings('chat', 'a2'), pg_temp.siblings('chat', 'a2c');
SELECT pg_temp.say('chat', 'q3'), pg_temp.rewind('chat', 'q2b'), pg_temp.rewind('chat', 'a2b'), pg_temp.rewind('chat', 'q2');
SELECT message_count FROM thread_get('chat');
-- The first message as well.
SELECT pg_temp.rewind('chat', 'q1', 'q1b'), pg_temp.siblings('chat', 'q1b'), pg_temp.rewind('chat', 'q1b'), pg_temp.siblings('chat', 'q1');
SELECT pg_temp.say('chat', 'q1c a1c'), pg_temp.siblings('chat', 'q1'), pg_temp.rewind('chat', 'q3'), pg_temp.siblings('chat', 'q1');
SELECT * FROM threadmem_verify('chat');
-- A list with what is gone has what only other branches have, each message once.
SELECT message_id, state FROM message_list('chat', include_deleted => true);
SELECT string_agg(message_id, ' ' ORDER BY seq), bool_or(has_more) FROM message_list('chat', 3, include_deleted => true, after_id => 'q2');

-- The same with states: an agent's answers, and whatever else its state holds goes back too.
SELECT thread_id FROM thread_create('agent');
SELECT pg_temp.say('agent', 'q1'), pg_temp.answer('agent', 'a1');
SELECT (thread_update_state('agent', '{"mood": "good"}', as_node => 'model')).checkpoint_ns, pg_temp.say('agent', 'q2'), pg_temp.answer('agent', 'a2');
SELECT (thread_update_state('agent', '{"mood": "bad"}', as_node => 'model')).checkpoint_ns;
SELECT pg_temp.rewind('agent', 'q2', 'q2b');
SELECT "values" -> 'mood' AS mood, pg_temp.answer('agent', 'a2b'), pg_temp.siblings('agent', 'q2') FROM thread_state('agent');
SELECT pg_temp.rewind('agent', 'a2');
SELECT "values" -> 'mood' AS mood FROM thread_state('agent');
SELECT pg_temp.rewind('agent', 'q1');
SELECT "values", next, pg_temp.say('agent', 'q1b'), pg_temp.answer('agent', 'a1b') FROM thread_state('agent');
SELECT * FROM threadmem_verify('agent');

-- What is in the middle of two states is as the log has it; an earlier message that was reworded stays so, a deleted one away.
SELECT thread_id FROM thread_create('middle');
SELECT pg_temp.answer('middle', 'a0'), pg_temp.say('middle', 'q1 a1 q2 a2 q3'), pg_temp.answer('middle', 'a3');
SELECT status, pg_temp.log('middle') FROM message_start('middle', message_id => 'a4');
SELECT message_append('middle', 'a4', 1, 'so far'), (message_fail('middle', 'a4')).status, pg_temp.say('middle', 'q5');
SELECT rev FROM message_update('middle', 'q1', 'reworded') UNION ALL SELECT rev FROM message_update('middle', 'a0', 'reworded') UNION ALL SELECT rev FROM message_delete('middle', 'a1');
SELECT pg_temp.rewind('middle', 'q5'), pg_temp.rewind('middle', 'a2');
SELECT pg_temp.rewind('middle', 'a3'), pg_temp.rewind('middle', 'q1'), pg_temp.rewind('middle', 'q5');
SELECT * FROM threadmem_verify('middle');

-- before_message: a repeated call does not bring the message back, and one that is current is left alone. Nothing is left where nothing is done.
SELECT thread_id FROM thread_create('repeated');
SELECT pg_temp.say('repeated', 'q1 a1');
SELECT checkpoint_id, left_checkpoint_id FROM thread_rewind('repeated', 'a1', before_message => false);
SELECT pg_temp.rewind('repeated', 'a1', before => true), pg_temp.rewind('repeated', 'a1', before => true), pg_temp.rewind('repeated', 'a1', before => false), pg_temp.rewind('repeated', 'a1', before => false);
SELECT pg_temp.rewind('repeated', 'a1', 'a1b'), count(*) FROM thread_history('repeated', 100);
SELECT pg_temp.rewind('repeated', 'a1', 'a1b'), count(*) FROM thread_history('repeated', 100);
SELECT pg_temp.rewind('repeated', 'q1', 'q1b'), pg_temp.rewind('repeated', 'a1', 'a1c'), pg_temp.siblings('repeated', 'a1'), pg_temp.siblings('repeated', 'q1b');
-- What it did is told; the branch that was left is current again by its checkpoint, and the present one is where it is.
SELECT message_id, left_checkpoint_id AS left FROM thread_rewind('repeated', 'q1') \gset r_
SELECT :'r_message_id', pg_temp.log('repeated'), pg_temp.say('repeated', 'q1d');
SELECT (thread_rewind('repeated', 'q1', checkpoint_id => :'r_left')).message_id, pg_temp.log('repeated');
SELECT (thread_rewind('repeated', s.message_id, checkpoint_id => s.checkpoint_id)).left_checkpoint_id, pg_temp.log('repeated') FROM message_siblings('repeated', 'q1') s WHERE is_current;

-- The same id in other words on another branch, as LangGraph's clients edit: two alternatives, each with its branch.
SELECT thread_id FROM thread_create('same id');
SELECT pg_temp.answer('same id', 'a0');
SELECT checkpoint ->> 'checkpoint_id' AS start FROM thread_state('same id') \gset
SELECT pg_temp.say('same id', 'q1'), pg_temp.answer('same id', 'a1');
SELECT (thread_update_state('same id', '{"messages": {"role": "user", "id": "q1", "content": "other"}}', as_node => '__start__', checkpoint_id => :'start')).checkpoint_ns, pg_temp.answer('same id', 'a1b'), pg_temp.siblings('same id', 'q1');
SELECT (thread_rewind('same id', 'q1', checkpoint_id => s.checkpoint_id)).message_id, pg_temp.log('same id'), pg_temp.siblings('same id', 'q1') FROM message_siblings('same id', 'q1') s WHERE NOT is_current;
SELECT message_id, state, text FROM message_list('same id', include_deleted => true);
-- One that was reworded where it stands is one.
SELECT rev IS NOT NULL AS edited, pg_temp.rewind('same id', 'a1'), pg_temp.siblings('same id', 'a0') FROM message_update('same id', 'a0', 'reworded');

-- The wording: by whom the message was said; in parts, or a whole message of any form; an id is generated.
SELECT user_id FROM user_create('ada');
SELECT thread_id FROM thread_create('wording', user_id => 'ada');
SELECT message_id FROM message_add('wording', 'human', 'one', message_id => 'q1', name => 'Ada', sender_id => 'ada', in_memory => false);
SELECT message_id = 'q1' AS same, left_checkpoint_id IS NOT NULL AS left FROM thread_rewind('wording', 'q1', 'two');
SELECT role, origin_role, name, sender_id, user_id, text, body ->> 'id' = message_id AS has_id FROM message_list('wording');
SELECT message_id FROM thread_rewind('wording', 'q1', parts => '[{"type": "text", "text": "three"}]', new_message_id => 'q3');
SELECT message_id, role, sender_id, content FROM message_list('wording');
SELECT message_id FROM thread_rewind('wording', 'q3', body => '{"type": "human", "id": "q4", "content": "four"}');
SELECT message_id, role, origin_role, sender_id, body FROM message_list('wording');
SELECT text, is_current, state FROM message_siblings('wording', 'q1');
-- What was deleted or erased is no alternative, and nothing to go back to.
SELECT (message_delete('wording', 'q4')).state, (thread_rewind('wording', 'q3')).message_id, (message_erase('wording', 'q3')).state;
SELECT string_agg(text, ' ') FROM message_siblings('wording', 'q1');

-- A run that is not over is not pulled from under its feet; its tasks' questions stay where they were asked.
SELECT thread_id FROM thread_create('busy');
SELECT pg_temp.say('busy', 'q1'), (run_create('busy', run_id => 'r')).status, (run_start('busy', 'r')).status;
\set VERBOSITY sqlstate
SELECT thread_rewind('busy', 'q1');
\set VERBOSITY default
SELECT status FROM run_complete('busy', 'r');
SELECT pg_temp.rewind('busy', 'q1', 'q1b');

-- A graph that does not want messages: its values go back, and the log with them.
SELECT graph_id FROM graph_define('bare', '{"channels": {"n": {"reducer": "add", "default": 0}}}');
SELECT thread_id FROM thread_create('bare', graph_id => 'bare');
SELECT count(checkpoint_id) FROM thread_update_state('bare', '{"n": 1}', as_node => 'x');
SELECT pg_temp.say('bare', 'q1');
SELECT count(checkpoint_id) FROM thread_update_state('bare', '{"n": 1}', as_node => 'x');
SELECT pg_temp.say('bare', 'q2 a2');
SELECT pg_temp.rewind('bare', 'q2'), pg_temp.say('bare', 'q2b');
SELECT "values", pg_temp.siblings('bare', 'q2') FROM thread_state('bare');

-- A thread of LangGraph's, whose versions are strings: before its first message it begins anew, in its form.
SELECT checkpoint_id FROM checkpoint_put('langgraph', '{"v": 4, "id": "1ef", "channel_values": {"messages": [{"type": "human", "id": "h1", "content": "h1"}], "n": 1}, "channel_versions": {"messages": "00000000000000000000000000000007.0.4", "n": "00000000000000000000000000000007.0.4"}}');
SELECT pg_temp.rewind('langgraph', 'h1', 'h1b'), thread_fold('langgraph') IS NOT NULL AS folded;
SELECT jsonb_typeof(checkpoint #> '{channel_versions,messages}'), parent_checkpoint_id IS NULL AS root, checkpoint #> '{channel_values,n}' AS n, pg_temp.rewind('langgraph', 'h1') FROM checkpoint_get('langgraph');
-- The input of the turn that is gone is not put in again; before an answer of that turn the question stands, and the agent is next.
SELECT graph_id FROM graph_define('agent', '{"nodes": ["model"], "edges": [["__start__", "model"], ["model", "__end__"]]}');
SELECT thread_id FROM thread_create('turns', graph_id => 'agent');
SELECT checkpoint_ns FROM thread_update_state('turns', '{"messages": [{"role": "user", "content": "q1", "id": "q1"}]}', as_node => '__input__');
SELECT checkpoint_ns FROM thread_update_state('turns', '{"messages": [{"role": "user", "content": "q1", "id": "q1"}]}', as_node => '__start__');
SELECT pg_temp.answer('turns', 'a1'), (thread_update_state('turns', '{"messages": [{"role": "user", "content": "q2", "id": "q2"}]}', as_node => '__input__')).checkpoint_ns;
SELECT checkpoint_ns FROM thread_update_state('turns', '{"messages": [{"role": "user", "content": "q2", "id": "q2"}]}', as_node => '__start__');
SELECT pg_temp.answer('turns', 'a2'), pg_temp.rewind('turns', 'a2');
SELECT next, pg_temp.rewind('turns', 'q2') FROM thread_state('turns');
SELECT next, pg_temp.rewind('turns', 'q1') FROM thread_state('turns');
SELECT next, pg_temp.log('turns') FROM thread_state('turns');

-- Errors.
\set VERBOSITY terse
SELECT thread_rewind('none', 'q1');
SELECT thread_rewind('chat', 'none');
SELECT thread_rewind('chat', NULL);
SELECT thread_rewind('wording', 'q3');
SELECT thread_rewind('wording', 'q4');
SELECT thread_rewind('chat', 'q1', checkpoint_id => 'none');
SELECT thread_rewind('agent', 'a1b', checkpoint_id => :'r_left');
SELECT thread_rewind('repeated', 'q1d', checkpoint_id => :'r_left');
SELECT thread_rewind('chat', 'q1', 'x', parts => '[]');
SELECT thread_rewind('chat', 'q1', 'x', before_message => false);
SELECT thread_rewind('chat', 'q1', new_message_id => 'x');
SELECT thread_rewind('chat', 'q1', 'x', new_message_id => 'q1');
SELECT thread_rewind('chat', 'q1', body => '{}');
SELECT message_siblings('none', 'q1');
SELECT message_siblings('chat', 'none');
SELECT message_siblings('wording', 'q3');
SELECT pg_temp.log('chat');

-- What only writes of a delta channel brought is gone back of, too.
SELECT count(*) FROM (VALUES (checkpoint_put('delta', '{"v":4,"id":"1f000000-0000-6000-8000-000000000001","channel_values":{"messages":[{"type":"human","id":"q1","content":"q1"}]},"channel_versions":{"messages":1},"versions_seen":{}}', '{"source":"loop","step":0,"parents":{}}')::text),
    (checkpoint_put_writes('delta', '1f000000-0000-6000-8000-000000000001', 't1', '[["messages",[{"type":"ai","id":"a1","content":"a1"}]]]')::text),
    (checkpoint_put('delta', '{"v":4,"id":"1f000000-0000-6000-8000-000000000002","channel_values":{},"channel_versions":{"messages":2},"versions_seen":{}}', '{"source":"loop","step":1,"parents":{},"counters_since_delta_snapshot":{"messages":[1,1]}}', '{"messages":2}', '1f000000-0000-6000-8000-000000000001')::text),
    (checkpoint_put_writes('delta', '1f000000-0000-6000-8000-000000000002', 't2', '[["messages",[{"type":"ai","id":"a2","content":"a2"}]]]')::text),
    (checkpoint_put('delta', '{"v":4,"id":"1f000000-0000-6000-8000-000000000003","channel_values":{},"channel_versions":{"messages":3},"versions_seen":{}}', '{"source":"loop","step":2,"parents":{},"counters_since_delta_snapshot":{"messages":[2,2]}}', '{"messages":3}', '1f000000-0000-6000-8000-000000000002')::text)) v;
SELECT thread_fold('delta');
SELECT message_id FROM message_add('delta', 'user', 'q2', message_id => 'q2');
SELECT thread_fold('delta') IS NOT NULL AS folded;
SELECT pg_temp.log('delta');
SELECT message_id FROM thread_rewind('delta', 'q2', 'changed', new_message_id => 'q2b');
SELECT pg_temp.log('delta');
SELECT message_id FROM thread_rewind('delta', 'a2', 'changed', new_message_id => 'a2b');
SELECT pg_temp.log('delta');
SELECT message_id FROM thread_rewind('delta', 'a1', 'changed', new_message_id => 'a1b');
SELECT pg_temp.log('delta');
SELECT message_id FROM thread_rewind('delta', 'q2');
SELECT pg_temp.log('delta');
SELECT * FROM threadmem_verify();
