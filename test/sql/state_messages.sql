-- What docs/architecture.md#where-messages-and-states-meet says, sentence by sentence, in both orders where order matters.
\set SHOW_CONTEXT never
\pset null (null)
SET threadmem.tenant = 'state messages';
SELECT graph_id FROM threadmem.graph_define('g', '{"channels": {"messages": {"reducer": "add_messages"}, "n": {"reducer": "add", "default": 0}}, "nodes": ["a", "b", "c"], "edges": [["__start__", "a"], ["a", "b"], ["a", "c"]]}');
-- Messages by words: 'a b:two -c' are the ids a and b, b with another content, and c removed; and back.
CREATE FUNCTION pg_temp.msgs(words text) RETURNS jsonb LANGUAGE sql AS
$$SELECT coalesce(jsonb_agg(CASE WHEN w ~ '^-' THEN jsonb_build_object('type', 'remove', 'id', substr(w, 2)) ELSE jsonb_build_object('type', 'human', 'id', split_part(w, ':', 1), 'content', coalesce(nullif(split_part(w, ':', 2), ''), w)) END ORDER BY n), '[]') FROM regexp_split_to_table(nullif(words, ''), ' ') WITH ORDINALITY u (w, n)$$;
CREATE FUNCTION pg_temp.words("values" jsonb) RETURNS text LANGUAGE sql AS
$$SELECT string_agg(concat_ws(':', m ->> 'id', nullif(m ->> 'content', m ->> 'id')), ' ' ORDER BY n) FROM jsonb_array_elements("values" -> 'messages') WITH ORDINALITY e (m, n)$$;
-- The n-th checkpoint that the thread got.
CREATE FUNCTION pg_temp.at(thread text, n text) RETURNS text LANGUAGE sql AS
$$SELECT checkpoint_id FROM (SELECT checkpoint_id, row_number() OVER (ORDER BY seq) FROM threadmem_data.checkpoints WHERE tenant_id = threadmem.current_tenant() AND thread_id = thread AND checkpoint_ns = '') c (checkpoint_id, n) WHERE c.n = nullif($2, '')::int$$;
CREATE FUNCTION pg_temp.update(thread text, words text, at text DEFAULT NULL, run text DEFAULT NULL) RETURNS text LANGUAGE sql AS
$$SELECT checkpoint_id FROM threadmem.thread_update_state(thread, jsonb_build_object('messages', pg_temp.msgs(words)), 'a', checkpoint_id => at, run_id => run)$$;
CREATE FUNCTION pg_temp.put(thread text, id text, words text, parent text) RETURNS text LANGUAGE sql AS
$$SELECT checkpoint_id FROM threadmem.checkpoint_put(thread, jsonb_build_object('v', 4, 'id', id, 'channel_values', jsonb_build_object('messages', pg_temp.msgs(words)), 'channel_versions', jsonb_build_object('messages', 1000)), '{"source": "loop", "step": 99}', NULL, parent)$$;
CREATE FUNCTION pg_temp.write(thread text, task text, writes jsonb) RETURNS int LANGUAGE sql AS
$$SELECT threadmem.checkpoint_put_writes(thread, s.checkpoint ->> 'checkpoint_id', t ->> 'id', writes) FROM threadmem.thread_state(thread) s, jsonb_array_elements(s.tasks) t WHERE t ->> 'name' = task$$;
-- Does one thing after the other to a thread. After each: the latest state, what its checkpoint says, the log, and how many checkpoints there are. update@2 is an update of the second one; put, put@2 and root are puts of a LangGraph client under the latest, the second and no parent.
CREATE FUNCTION pg_temp.run(t text, VARIADIC things text[]) RETURNS TABLE (did text, state text, stored text, log text, of bigint) LANGUAGE plpgsql AS
$$DECLARE verb text; at text; rest text; a text; b text;
BEGIN
    FOREACH did IN ARRAY things LOOP
        verb := split_part(split_part(did, ' ', 1), '@', 1); at := pg_temp.at(t, split_part(split_part(did, ' ', 1), '@', 2));
        rest := nullif(substr(did, strpos(did || ' ', ' ') + 1), ''); a := split_part(rest, ' ', 1); b := nullif(substr(rest, length(a) + 2), '');
        CASE verb
            WHEN 'make' THEN
                PERFORM threadmem.thread_create(t, graph_id => 'g');
                IF rest IS NOT NULL THEN PERFORM pg_temp.update(t, rest); END IF;
            WHEN 'add' THEN PERFORM threadmem.message_add(t, 'user', coalesce(b, a), message_id => a);
            WHEN 'edit' THEN PERFORM threadmem.message_update(t, a, b);
            WHEN 'delete' THEN PERFORM threadmem.message_delete(t, a);
            WHEN 'erase' THEN PERFORM threadmem.message_erase(t, a);
            WHEN 'stream' THEN PERFORM threadmem.message_start(t, message_id => a), threadmem.message_append(t, a, 1, b);
            WHEN 'complete' THEN PERFORM threadmem.message_complete(t, a);
            WHEN 'fail' THEN PERFORM threadmem.message_fail(t, a);
            WHEN 'update' THEN PERFORM pg_temp.update(t, rest, at);
            WHEN 'run' THEN PERFORM threadmem.run_create(t, run_id => a), threadmem.run_start(t, a), pg_temp.update(t, b, run => a), threadmem.run_complete(t, a);
            WHEN 'as' THEN PERFORM threadmem.thread_update_state(t, b::jsonb, nullif(a, 'null'));
            WHEN 'fold' THEN did := did || CASE WHEN threadmem.thread_fold(t) IS NULL THEN ': nothing' ELSE '' END;
            WHEN 'put' THEN PERFORM pg_temp.put(t, a, b, coalesce(at, (SELECT c.checkpoint_id FROM threadmem.checkpoint_get(t) c)));
            WHEN 'root' THEN PERFORM pg_temp.put(t, a, b, NULL);
            WHEN 'write' THEN PERFORM pg_temp.write(t, a, b::jsonb);
            WHEN 'delete_for_run' THEN PERFORM threadmem.checkpoint_delete_for_runs(ARRAY[a], t);
            WHEN 'prune' THEN PERFORM threadmem.thread_prune(ARRAY[t], 'keep_latest');
            WHEN 'delete_thread' THEN PERFORM threadmem.checkpoint_delete_thread(t);
            WHEN 'look' THEN NULL;
        END CASE;
        state := pg_temp.words((threadmem.thread_state(t))."values");
        stored := (SELECT pg_temp.words("values") FROM threadmem.thread_history(t, 1));
        log := (SELECT string_agg(concat_ws(':', message_id, nullif(content #>> '{}', message_id)), ' ' ORDER BY seq) FROM threadmem.message_list(t));
        of := (SELECT count(*) FROM threadmem.thread_history(t, 100));
        RETURN NEXT;
    END LOOP;
END$$;
CREATE FUNCTION pg_temp.rows(thread text) RETURNS text LANGUAGE sql AS
$$SELECT string_agg(format('%s/%s %s %s %s', seq, rev, message_id, state, threadmem.message_text(body)), E'\n' ORDER BY rev) FROM threadmem_data.messages WHERE tenant_id = threadmem.current_tenant() AND thread_id = thread$$;

-- Seen: the parent's, and the revisions of its own; what left the list stays seen, a branch has not seen the other.
SELECT * FROM pg_temp.run('seen', 'make x y', 'update -x z y:new', 'update@1 branch', 'update -y');
SELECT metadata -> 'step' AS step, seen FROM threadmem_data.checkpoints WHERE tenant_id = 'state messages' AND thread_id = 'seen' ORDER BY seq;
-- Pending: live messages that the head has not seen, in their order; message_add writes no checkpoint.
SELECT * FROM pg_temp.run('new', 'make q', 'add x', 'add y', 'fold', 'fold');
-- ... completed ones only: one being streamed comes when it is complete, in its order among those that wait; at the end, when those behind it were folded.
SELECT * FROM pg_temp.run('stream1', 'make q', 'stream s words', 'add x', 'complete s', 'fold');
SELECT * FROM pg_temp.run('stream2', 'make q', 'stream s words', 'add x', 'fold', 'complete s', 'fold');
-- ... one that a checkpoint brings whole is not streamed any more.
SELECT * FROM pg_temp.run('stream4', 'make q', 'stream s words', 'put z1 q s:whole', 'fold');
SELECT count(*) AS chunks FROM threadmem_data.message_chunks WHERE tenant_id = 'state messages' AND thread_id = 'stream4';
-- ... one that failed never.
SELECT * FROM pg_temp.run('stream3', 'make q', 'stream s words', 'fail s', 'fold');
-- ... changed ones in place: changed before the fold and after it, twice; on top of the state and of what waits.
SELECT * FROM pg_temp.run('edit', 'make q r', 'edit q Q', 'fold', 'edit q Q2', 'edit q Q3', 'fold', 'add x', 'edit x X', 'add y', 'fold', 'edit q Q4', 'update z');
-- ... its metadata is not the message.
SELECT (threadmem.message_update('edit', 'r', metadata => '{"k": 1}')).metadata, threadmem.thread_fold('edit');
-- ... deleted ones: not yet seen, seen, changed and not yet folded, changed and folded.
SELECT * FROM pg_temp.run('gone', 'make q r s t', 'add x', 'delete x', 'fold', 'delete q', 'fold', 'edit r R', 'delete r', 'fold', 'edit s S', 'fold', 'delete s', 'fold');
-- ... all of it at once.
SELECT * FROM pg_temp.run('all', 'make a b c', 'add x', 'delete b', 'edit c C', 'add y', 'delete x', 'fold');

-- The latest state shows them, one asked for by its id does not, be it the latest.
SELECT * FROM pg_temp.run('all', 'add z');
SELECT pg_temp.words(s."values") AS by_id FROM threadmem.thread_state('all', pg_temp.at('all', '2')) s;
-- The next update folds first: what was said before it stands before what it brings, what is said after it behind.
SELECT * FROM pg_temp.run('before', 'make q', 'add said', 'update x');
SELECT * FROM pg_temp.run('after', 'make q', 'update x', 'add said', 'fold');
-- ... into an update checkpoint of its own, which leaves what is to run.
SELECT t, metadata -> 'step' AS step, metadata -> 'source' AS source, pg_temp.words("values") AS messages, next FROM unnest('{before,after}'::text[]) t, threadmem.thread_history(t);
-- ... so that the update may speak of what was said: change it, remove it.
SELECT * FROM pg_temp.run('before', 'add m1', 'add m2', 'update -m1 m2:changed');
-- ... edit and update, delete and update: in either order the later one holds.
SELECT * FROM pg_temp.run('order1', 'make q r', 'edit q by-hand', 'update q:by-node', 'delete r', 'update x');
SELECT * FROM pg_temp.run('order2', 'make q r', 'update q:by-node', 'edit q by-hand', 'fold', 'update x', 'delete r', 'fold');
-- ... every kind of update folds: null, __end__, __copy__, a node that says nothing of messages, __input__; the first one of a thread as well.
SELECT * FROM pg_temp.run('kinds', 'make', 'add m0', 'as null', 'add m1', 'as __end__', 'add m2', 'as __copy__', 'add m3', 'as b {"n": 1}', 'add m4', 'as __input__ {}');
SELECT metadata -> 'step' AS step, metadata -> 'source' AS source, pg_temp.words("values") AS messages, next FROM threadmem.thread_history('kinds', 100);
-- ... not one on an older checkpoint: it goes with the branch that is left.
SELECT * FROM pg_temp.run('older', 'make q', 'update x', 'add said', 'update@1 y', 'fold');
-- No fold while tasks of the head have written: interrupts and finished siblings stay, whichever came first; once they are taken in it is folded.
SELECT * FROM pg_temp.run('wait1', 'make q', 'add said', 'write b [["n", 5]]', 'write c [["__interrupt__", [{"id": "i", "value": "sure?"}]]]', 'fold');
SELECT * FROM pg_temp.run('wait2', 'make q', 'write b [["n", 5]]', 'write c [["__interrupt__", [{"id": "i", "value": "sure?"}]]]', 'add said', 'fold');
SELECT t, interrupts, next, "values" -> 'n' AS n FROM unnest('{wait1,wait2}'::text[]) t, threadmem.thread_state(t);
SELECT * FROM pg_temp.run('wait1', 'update x', 'update y');
SELECT * FROM pg_temp.run('wait2', 'delete q', 'edit said better', 'update x', 'fold');
SELECT t, interrupts, "values" -> 'n' AS n FROM unnest('{wait1,wait2}'::text[]) t, threadmem.thread_state(t);

-- A trimmed list or RemoveMessage changes the state only; the log keeps the message; it is not pending again, not even when it is edited, before or after.
SELECT * FROM pg_temp.run('trim', 'make q r s', 'update -q', 'fold', 'put z1 s', 'fold', 'edit q edited', 'fold', 'edit s edited', 'update -s', 'fold');
-- ... it may come back by an update, and go again with all others.
SELECT * FROM pg_temp.run('trim', 'update q:back', 'update -__remove_all__', 'fold');
-- message_delete changes both log and state; of a trimmed message the log only.
SELECT * FROM pg_temp.run('both', 'make q r', 'update -q', 'delete q', 'fold', 'delete r', 'fold');
-- A thread with messages and no checkpoint has its log as state, with neither the empty one.
SELECT * FROM pg_temp.run('log', 'make', 'add x', 'add y', 'edit x X', 'delete y');
SELECT "values", next, tasks, metadata, checkpoint FROM threadmem.thread_state('log');
SELECT * FROM pg_temp.run('log', 'delete x');
SELECT to_jsonb(s) FROM threadmem.thread_state('log') s;

-- Branch switch: what only the branch left behind has goes off, what the new one has is live again, in its wording; there, back and there again.
SELECT * FROM pg_temp.run('branch', 'make q r', 'update one r:R1', 'update@1 two', 'update@2 three', 'update@3 four', 'update@1 five');
SELECT pg_temp.rows('branch');
-- ... what a person said belongs to the branch it was said on, folded or not.
SELECT * FROM pg_temp.run('branch', 'add said', 'update@2 six', 'fold', 'update@3 seven', 'update@8 eight');
-- ... so does an edit.
SELECT * FROM pg_temp.run('edits1', 'make q', 'update one', 'edit q edited', 'update@1 two', 'fold', 'update@2 three', 'update@4 four');
SELECT * FROM pg_temp.run('edits2', 'make q', 'update one', 'update@1 two', 'edit q edited', 'update@2 three', 'fold', 'update@3 four');
-- ... also where the branches have other words for it.
SELECT * FROM pg_temp.run('edits3', 'make q', 'update q:R', 'edit q by-hand', 'update@1 two', 'update@2 three', 'fold', 'update@3 four');
-- ... a message that a branch has trimmed goes and comes with it; of several wordings that a branch has seen the one in its list comes back.
SELECT * FROM pg_temp.run('trimmed', 'make q', 'update x', 'update -x y', 'update@1 other', 'update@3 back');
SELECT * FROM pg_temp.run('reworded', 'make q', 'update q:R', 'update q:q', 'update@1 q:S', 'update@3 back');
-- ... words of a third branch stay off when one goes on.
SELECT * FROM pg_temp.run('three', 'make q', 'update q:A', 'update@1 q:B', 'update@1 q:C', 'update q:C2', 'update@3 two', 'update q:B2');
SELECT pg_temp.rows('reworded'), pg_temp.rows('three');
-- ... a copy of the head is a branch with the same messages; one of an older checkpoint is a switch.
SELECT * FROM pg_temp.run('copied', 'make q', 'update one', 'as __copy__');
SELECT checkpoint_ns FROM threadmem.thread_update_state('copied', NULL, '__copy__', checkpoint_id => pg_temp.at('copied', '1'));
SELECT * FROM pg_temp.run('copied', 'look');
-- Deleted and erased never revive, by a switch there or back, on whichever branch it was done.
SELECT * FROM pg_temp.run('never', 'make q r s', 'update one two', 'delete q', 'delete one', 'erase r', 'erase two', 'update@1 other', 'update@2 back', 'update@3 there', 'delete s', 'update@2 again', 'fold');
SELECT pg_temp.words(a."values") AS first, pg_temp.words(b."values") AS second FROM threadmem.thread_state('never', pg_temp.at('never', '1')) a, threadmem.thread_state('never', pg_temp.at('never', '2')) b;
-- A re-put of a deleted message leaves it deleted in the log: deleted then put, put then deleted, by a node and by a client, in the same words and in others; the next step takes it out of the state.
SELECT * FROM pg_temp.run('reput1', 'make q r', 'delete q', 'update q', 'update q:other', 'put z1 q r', 'put z2 q:again r', 'fold');
SELECT * FROM pg_temp.run('reput2', 'make q r', 'put z1 q:client r', 'delete q', 'put@1 z1 q:client r', 'put z2 q r', 'fold');
SELECT pg_temp.rows('reput1'), pg_temp.rows('reput2');
-- A put that is not the new head changes no message, neither with new ones nor with other words.
SELECT * FROM pg_temp.run('late', 'make q r', 'root 0 q:late r x', 'put@2 1 r y');
SELECT pg_temp.rows('late'), pg_temp.words("values") AS late FROM threadmem.thread_state('late', '0');
-- A list that has a message twice: the last one is the log's, be it new or not.
SELECT * FROM pg_temp.run('twice', 'make q', 'put z1 q:new q', 'put z2 q:other q:last');
SELECT pg_temp.rows('twice');
-- Deletion of a run's checkpoints is a move when the head goes, and none when another goes; of one thread, or of all.
SELECT * FROM pg_temp.run('run1', 'make q', 'run r1 by-run q:R');
SELECT source, step, run_id FROM threadmem.thread_history('run1'), jsonb_to_record(metadata) AS m (source text, step int, run_id text);
SELECT * FROM pg_temp.run('run1', 'delete_for_run r1');
SELECT * FROM pg_temp.run('run2', 'make q', 'run r1 by-run q:R', 'update after', 'delete_for_run r1');
SELECT source, step, run_id FROM threadmem.thread_history('run2'), jsonb_to_record(metadata) AS m (source text, step int, run_id text);
SELECT * FROM pg_temp.run('run1', 'run r2 again'), pg_temp.run('run2', 'run r2 again') b (did2, state2, stored2, log2, of2);
SELECT threadmem.checkpoint_delete_for_runs('{r2,r1}');
SELECT * FROM pg_temp.run('run1', 'look') UNION ALL SELECT * FROM pg_temp.run('run2', 'look');
-- ... what was said after it and what was deleted meanwhile stay.
SELECT * FROM pg_temp.run('run1', 'run r3 more', 'add said', 'delete q', 'delete_for_run r3', 'fold');
-- Prune drops revisions that are neither live nor in a state kept: superseded ones, those off the branch; not the log, not what is trimmed, not what is pending.
SELECT * FROM pg_temp.run('prune', 'make q r s', 'update one r:R1', 'update@1 two', 'update -s q:Q1', 'edit r by-hand', 'add said');
SELECT pg_temp.rows('prune');
SELECT * FROM pg_temp.run('prune', 'prune');
SELECT pg_temp.rows('prune');
SELECT * FROM pg_temp.run('prune', 'fold');

-- checkpoint_delete_thread removes checkpoints, writes and the bodies only they hold; what was put by hand stays, and so does a thread made by hand.
SELECT * FROM pg_temp.run('emptied', 'make q', 'add said', 'update x said:reworded', 'write b [["n", 1]]', 'delete_thread');
SELECT pg_temp.rows('emptied'), (SELECT count(*) FROM threadmem_data.checkpoint_writes WHERE tenant_id = 'state messages' AND thread_id = 'emptied') AS writes;
SELECT * FROM pg_temp.run('emptied', 'update again');
SELECT * FROM pg_temp.run('emptied2', 'make', 'add x', 'add y', 'update x:X y:Y', 'delete x', 'erase y', 'delete_thread');
SELECT pg_temp.rows('emptied2');
-- ... one that only checkpoints made goes, and a tombstone stops late writers.
SELECT * FROM pg_temp.run('implicit', 'root 1 q');
SELECT threadmem.checkpoint_delete_thread('implicit');
\set VERBOSITY terse
SELECT threadmem.thread_state('implicit');
SELECT pg_temp.put('implicit', '2', 'q', '1');
SELECT threadmem.checkpoint_put_writes('implicit', '1', 'task', '[["n", 1]]');
\set VERBOSITY default
SELECT * FROM pg_temp.run('implicit', 'root 3 new');
-- user_delete deletes the user's threads, and erases what the user said elsewhere: in the state or pending.
SELECT user_id FROM unnest('{ann,bob}'::text[]) u, threadmem.user_create(u);
SELECT a.user_id, b.user_id FROM threadmem.thread_create('of ann', user_id => 'ann') a, threadmem.thread_create('of bob', user_id => 'bob', graph_id => 'g') b;
SELECT seq FROM threadmem.message_add('of bob', 'user', 'secret', message_id => 'm1', sender_id => 'ann');
SELECT * FROM pg_temp.run('of bob', 'add q', 'update x');
SELECT seq FROM threadmem.message_add('of bob', 'user', 'secret', message_id => 'm2', sender_id => 'ann');
SELECT kind, deleted FROM threadmem.user_delete('ann') WHERE kind = 'threads';
SELECT * FROM pg_temp.run('of bob', 'look', 'fold');
-- message_erase: out of every revision, write, __start__, state and subgraph.
CREATE FUNCTION pg_temp.said(word text) RETURNS text LANGUAGE sql AS
$$SELECT format('messages %s checkpoints %s writes %s values %s', (SELECT count(*) FROM threadmem_data.messages x WHERE tenant_id = t AND x::text ~ word), (SELECT count(*) FROM threadmem_data.checkpoints x WHERE tenant_id = t AND x::text ~ word), (SELECT count(*) FROM threadmem_data.checkpoint_writes x WHERE tenant_id = t AND x::text ~ word), (SELECT count(*) FROM threadmem_data.thread_values x WHERE tenant_id = t AND x::text ~ word)) FROM threadmem.current_tenant() t$$;
SELECT * FROM pg_temp.run('erase', 'make', 'as __input__ {"messages": [{"type": "human", "content": "zebra"}, {"type": "human", "content": "horse"}]}', 'update s:zebra h:horse', 'write b [["messages", [{"type": "human", "id": "s", "content": "zebra 2"}]]]', 'update h:horse', 'edit s zebra 3');
SELECT checkpoint_id FROM threadmem.checkpoint_put('erase', '{"id": "1", "channel_values": {"messages": [{"type": "human", "id": "s", "content": "zebra"}]}, "channel_versions": {"messages": 1}}', checkpoint_ns => 'b:1');
SELECT pg_temp.said('zebra') AS zebra, pg_temp.said('horse') AS horse;
SELECT * FROM pg_temp.run('erase', 'erase s');
SELECT pg_temp.said('zebra') AS zebra, pg_temp.said('horse') AS horse;
SELECT metadata -> 'step' AS step, pg_temp.words("values") AS messages FROM threadmem.thread_history('erase');
-- ... the id stays erased: put later by a node, a client or a person, in whatever words, states omit it and no byte is kept; the others keep their places.
SELECT * FROM pg_temp.run('erase', 'update a s:zebra b', 'put z1 s:zebra a h:horse b', 'update c s:other', 'add s zebra', 'update -a', 'fold');
-- ... erased before any state saw it; with a change of it pending; off the branch.
SELECT * FROM pg_temp.run('erase2', 'make q', 'add x zebra', 'erase x', 'fold', 'edit q zebra', 'erase q', 'fold', 'update y:zebra', 'update@1 z', 'erase y', 'update@2 back');
SELECT pg_temp.said('zebra') AS zebra;
-- Messages that stand only in what tasks wrote are not in the log.
SELECT * FROM pg_temp.run('writes', 'make q', 'write b [["messages", [{"type": "ai", "id": "w", "content": "written"}]]]', 'update x');
-- After all that chains and counters are right.
SELECT * FROM threadmem.threadmem_verify();
SELECT thread_id FROM threadmem_data.threads t WHERE tenant_id = 'state messages' AND live_messages <> (SELECT count(*) FROM threadmem_data.messages m WHERE m.tenant_id = t.tenant_id AND m.thread_id = t.thread_id AND state = 'live');
