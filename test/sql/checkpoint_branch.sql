-- The log shows the branch of the head; what was deleted, erased, edited or streamed meanwhile stays what it is.
\set SHOW_CONTEXT never
\pset null (null)
SET threadmem.tenant = 'checkpoint branch';
-- Messages from words: 'a:one b:two' are ids and contents.
CREATE FUNCTION pg_temp.msgs(words text) RETURNS jsonb LANGUAGE sql AS
$$SELECT coalesce(jsonb_agg(jsonb_build_object('type', 'human', 'id', split_part(w, ':', 1), 'content', split_part(w, ':', 2)) ORDER BY n), '[]') FROM regexp_split_to_table(nullif(words, ''), ' ') WITH ORDINALITY u (w, n)$$;
-- Puts a checkpoint with these messages; answers the log it leaves: id:words of the live messages.
CREATE FUNCTION pg_temp.put(thread text, id text, parent text, words text, ns text DEFAULT '') RETURNS text LANGUAGE plpgsql AS
$$BEGIN
    PERFORM threadmem.checkpoint_put(thread, jsonb_build_object('v', 4, 'id', id, 'channel_values', jsonb_build_object('messages', pg_temp.msgs(words)), 'channel_versions', jsonb_build_object('messages', id)), NULL, NULL, parent, ns);
    RETURN (SELECT string_agg(message_id || ':' || (content #>> '{}'), ' ' ORDER BY seq) FROM threadmem.message_list(thread));
END$$;
CREATE FUNCTION pg_temp.log(thread text) RETURNS SETOF text LANGUAGE sql AS
$$SELECT format('%s/%s %s %s%s %s', seq, rev, message_id, state, CASE WHEN by_checkpoint THEN '+' END, threadmem.message_text(body)) FROM threadmem_data.messages WHERE tenant_id = threadmem.current_tenant() AND thread_id = thread ORDER BY rev$$;
CREATE FUNCTION pg_temp.state(thread text, id text DEFAULT NULL) RETURNS text LANGUAGE sql AS
$$SELECT string_agg(concat_ws(':', m ->> 'id', m ->> 'content'), ' ' ORDER BY n) FROM threadmem.checkpoint_get(thread, '', id) c, jsonb_array_elements(c.checkpoint #> '{channel_values,messages}') WITH ORDINALITY e (m, n)$$;

-- docs/architecture.md#branches: a fork under an older checkpoint becomes the head: what only the branch left behind had goes off the branch.
SELECT pg_temp.put('fork', 'c1', NULL, 'h1:hello'), pg_temp.put('fork', 'c2', 'c1', 'h1:hello a2:hi'), pg_temp.put('fork', 'c3', 'c2', 'h1:hello a2:hi h3:more');
SELECT pg_temp.put('fork', 'c4', 'c1', 'h1:hello b2:hey');
SELECT pg_temp.log('fork');
SELECT id, pg_temp.state('fork', id) FROM unnest('{c1,c2,c3,c4}'::text[]) id;
-- ... going on there changes nothing more; going back revives what was there, and in its place.
SELECT pg_temp.put('fork', 'c5', 'c4', 'h1:hello b2:hey b3:on') AS onward, pg_temp.put('fork', 'c6', 'c3', 'h1:hello a2:hi h3:more h4:back') AS back;
SELECT pg_temp.log('fork');
-- ... lists, search and single messages show the branch of the head only; a message off it is not edited and not deleted.
SELECT (SELECT string_agg(content #>> '{}', ' ' ORDER BY seq) FROM threadmem.message_last('fork', 3)) AS last, (SELECT string_agg(message_id, ' ') FROM threadmem.message_search('hey or hi') WHERE thread_id = 'fork') AS found, (SELECT string_agg(state, ' ') FROM threadmem.message_revisions('fork', 'b2')) AS b2;
\set VERBOSITY sqlstate
SELECT threadmem.message_get('fork', 'b2');
SELECT threadmem.message_update('fork', 'b2', 'edited');
SELECT threadmem.message_delete('fork', 'b2');
\set VERBOSITY default
-- ... from the middle of a branch: what came after it does not come back; and to a root of its own: nothing does.
SELECT pg_temp.put('fork', 'c7', 'c2', 'h1:hello a2:hi n:new') AS middle, pg_temp.put('fork', 'd1', NULL, 'r:root') AS root, pg_temp.put('fork', 'd2', 'c5', 'h1:hello b2:hey b3:on') AS other;
SELECT message_count FROM threadmem.thread_get('fork');
-- An edit on one branch is not the wording of the other; each gets its own back.
SELECT pg_temp.put('reword', 'c1', NULL, 'a:one b:two'), pg_temp.put('reword', 'c2', 'c1', 'a:one b:two,edited'), pg_temp.put('reword', 'c3', 'c1', 'a:one,forked b:two'), pg_temp.put('reword', 'c4', 'c2', 'a:one b:two,edited'), pg_temp.put('reword', 'c5', 'c3', 'a:one,forked b:two');
SELECT pg_temp.log('reword');
-- A copy of the head, a sibling under the same parent, with the same messages: the log stays.
SELECT pg_temp.put('sibling', 'c1', NULL, 'a:one'), pg_temp.put('sibling', 'c2', 'c1', 'a:one b:two'), pg_temp.put('sibling', 'c3', 'c1', 'a:one b:two');
SELECT pg_temp.log('sibling');
-- What the state of a branch had trimmed the log of this branch still has.
SELECT pg_temp.put('trim', 'c1', NULL, 'a:one b:two'), pg_temp.put('trim', 'c2', 'c1', 'b:two c:three'), pg_temp.put('trim', 'c3', 'c1', 'a:one b:two x:four'), pg_temp.put('trim', 'c4', 'c2', 'c:three');

-- docs/architecture.md#branches: a put that is not the new head changes no message; what is new in it can be read in its state only.
SELECT pg_temp.put('late', 'c5', NULL, 'a:one b:two') AS head, pg_temp.put('late', 'c3', NULL, 'a:one,other x:late') AS older, pg_temp.put('late', 'c4', 'c3', 'a:one,other x:late y:later') AS its_child, pg_temp.put('late', 'c6', 'c5', 'a:one b:two c:three') AS head;
SELECT pg_temp.log('late');
SELECT pg_temp.state('late', 'c3') AS c3, pg_temp.state('late', 'c4') AS c4;
SELECT pg_temp.put('late', 'c7', 'c4', 'a:one,other x:late y:later z:now') AS its_turn;
-- Nor does a subgraph's.
SELECT pg_temp.put('late', 'd1', NULL, 'a:one,inside s:sub', 'n:1');
-- The head put again: what it says now is the log; an older one put again changes the log no more than its first put.
SELECT pg_temp.put('again', 'c1', NULL, 'a:one'), pg_temp.put('again', 'c2', 'c1', 'a:one b:two'), pg_temp.put('again', 'c2', 'c1', 'a:one b:two,better c:three'), pg_temp.put('again', 'c2', 'c1', 'a:one'), pg_temp.put('again', 'c1', NULL, 'a:changed z:old');
SELECT pg_temp.log('again');
SELECT pg_temp.state('again', 'c1') AS c1, pg_temp.state('again', 'c2') AS c2;

-- docs/architecture.md#branches: what message_add stored and no state has seen stays live on every branch.
SELECT thread_id FROM threadmem.thread_create('people');
SELECT seq FROM threadmem.message_add('people', 'user', 'before', message_id => 'p1');
SELECT pg_temp.put('people', 'c1', NULL, 'a:one'), pg_temp.put('people', 'c2', 'c1', 'a:one b:two');
SELECT seq FROM threadmem.message_add('people', 'user', 'between', message_id => 'p2');
SELECT pg_temp.put('people', 'c3', 'c1', 'a:one x:three');
-- Taken into a state of one branch it goes with that branch.
SELECT threadmem.checkpoint_put('people', jsonb_build_object('id', 'c4', 'channel_values', jsonb_build_object('messages', pg_temp.msgs('a:one x:three') || '{"id": "p2", "role": "user", "content": "between"}'), 'channel_versions', '{"messages": "c4"}'::jsonb), NULL, NULL, 'c3') IS NULL AS not_put;
SELECT pg_temp.put('people', 'c5', 'c2', 'a:one b:two');
SELECT pg_temp.log('people');

-- docs/architecture.md#branches: a message that a person deleted stays deleted in the log while the state holds it; put again, and on every branch.
SELECT pg_temp.put('deleted', 'c1', NULL, 'a:one b:two');
SELECT state FROM threadmem.message_delete('deleted', 'a');
SELECT pg_temp.put('deleted', 'c2', 'c1', 'a:one b:two c:three') AS held, pg_temp.put('deleted', 'c3', 'c2', 'a:one,reworded b:two') AS reworded, pg_temp.put('deleted', 'c4', 'c1', 'a:one b:two d:four') AS forked, pg_temp.put('deleted', 'c5', 'c3', 'b:two') AS gone, pg_temp.put('deleted', 'c6', 'c5', 'b:two a:one') AS back, pg_temp.put('deleted', 'c6', 'c5', 'a:one,again b:two') AS again;
SELECT pg_temp.log('deleted');
SELECT pg_temp.state('deleted', 'c1') AS c1, pg_temp.state('deleted', 'c3') AS c3, pg_temp.state('deleted', 'c6') AS c6;
SELECT message_count FROM threadmem.thread_get('deleted');

-- docs/architecture.md#branches: an erased message stays erased whatever comes under its id: states omit it, those before and those after, and no bytes of it are kept.
SELECT pg_temp.put('erased', 'c1', NULL, 'a:one s:secret b:two'), pg_temp.put('erased', 'c2', 'c1', 'a:one s:secret,too b:two');
SELECT state, content, body FROM threadmem.message_erase('erased', 's');
SELECT pg_temp.state('erased', 'c1') AS c1, pg_temp.state('erased', 'c2') AS c2;
SELECT pg_temp.put('erased', 'c3', 'c2', 'a:one s:secret b:two c:three') AS same_bytes, pg_temp.put('erased', 'c4', 'c3', 's:secret,new a:one') AS other_bytes, pg_temp.put('erased', 'c5', 'c1', 's:secret d:four') AS forked;
SELECT pg_temp.log('erased');
SELECT id, pg_temp.state('erased', id) FROM unnest('{c3,c4,c5}'::text[]) id;
SELECT (SELECT count(*) FROM threadmem_data.messages m WHERE m::text ~ 'secret' AND tenant_id = 'checkpoint branch') + (SELECT count(*) FROM threadmem_data.checkpoints c WHERE c::text ~ 'secret' AND tenant_id = 'checkpoint branch') AS kept;

-- docs/architecture.md#branches: what a person changed and no state has seen stays live, until the state takes it in.
SELECT pg_temp.put('edited', 'c1', NULL, 'a:one b:two');
SELECT rev FROM threadmem.message_update('edited', 'a', 'corrected');
SELECT pg_temp.put('edited', 'c2', 'c1', 'a:one b:two c:three') AS unseen, pg_temp.state('edited') AS state;
SELECT pg_temp.put('edited', 'c3', 'c1', 'a:one x:four') AS forked;
SELECT pg_temp.put('edited', 'c4', 'c3', 'a:corrected x:four') AS taken_in, pg_temp.put('edited', 'c5', 'c4', 'a:corrected,twice x:four') AS changed, pg_temp.put('edited', 'c6', 'c2', 'a:one b:two c:three') AS other_branch;
SELECT pg_temp.log('edited');

-- ... also where the branches know other wordings of the message, and where an older one comes back; what the writer says anew is newer than the edit.
SELECT pg_temp.put('edited2', 'c1', NULL, 'a:one b:two'), pg_temp.put('edited2', 'c2', 'c1', 'a:reworded b:two');
SELECT rev FROM threadmem.message_update('edited2', 'a', 'corrected');
SELECT pg_temp.put('edited2', 'c3', 'c1', 'a:one b:two x:three') AS forked, pg_temp.put('edited2', 'c4', 'c3', 'a:reworded b:two x:three') AS older_wording, pg_temp.put('edited2', 'c5', 'c4', 'a:anew b:two x:three') AS anew;
SELECT pg_temp.log('edited2');

-- A message that is being streamed is ended by the checkpoint that brings it whole.
SELECT thread_id FROM threadmem.thread_create('stream');
SELECT message_id FROM threadmem.message_start('stream', message_id => 's');
SELECT threadmem.message_append('stream', 's', 1, 'half');
SELECT pg_temp.put('stream', 'c1', NULL, 'h:hello') AS untouched;
SELECT pg_temp.put('stream', 'c2', 'c1', 'h:hello s:whole') AS whole;
SELECT rev, state, status, content FROM threadmem.message_revisions('stream', 's');
SELECT count(*) FROM threadmem_data.message_chunks WHERE tenant_id = 'checkpoint branch';
\set VERBOSITY sqlstate
SELECT threadmem.message_append('stream', 's', 2, 'late');
\set VERBOSITY default
SELECT content, status FROM threadmem.message_complete('stream', 's');
-- Not by one that is not the head.
SELECT message_id FROM threadmem.message_start('stream', message_id => 't');
SELECT threadmem.message_append('stream', 't', 1, 'half');
SELECT pg_temp.put('stream', 'b1', NULL, 't:other') AS not_head;
SELECT threadmem.message_append('stream', 't', 2, ' and half');
SELECT content, status FROM threadmem.message_complete('stream', 't');

-- Both branches have seen both wordings: the log shows the one that the new head lists.
SELECT pg_temp.put('seen', '1', NULL, 'm:one'), pg_temp.put('seen', '2', '1', 'm:two'), pg_temp.put('seen', '3', '2', 'm:one'), pg_temp.put('seen', '4', '2', 'm:two'), pg_temp.put('seen', '5', '3', 'm:one n:more'), pg_temp.put('seen', '6', '4', 'm:two');
-- A long series of forks leaves the counters exact.
SELECT count(pg_temp.put('many', to_char(n, 'FM000'), CASE WHEN n > 1 THEN to_char(n - 1 - (n * 7919 % 5) % (n - 1), 'FM000') END, (SELECT string_agg('m' || m || ':' || (m * n % 3), ' ') FROM generate_series(n % 7 + 1, n % 7 + 5) m))) FROM generate_series(1, 120) n;
SELECT * FROM threadmem.threadmem_verify();
