-- A copy of a thread has all of its checkpoints, writes and messages, under the same ids, and lives its own life.
\set SHOW_CONTEXT never
\pset null (null)
SET threadmem.tenant = 'checkpoint copy';
CREATE FUNCTION pg_temp.msgs(words text) RETURNS jsonb LANGUAGE sql AS
$$SELECT coalesce(jsonb_agg(jsonb_build_object('type', 'human', 'id', split_part(w, ':', 1), 'content', split_part(w, ':', 2)) ORDER BY n), '[]') FROM regexp_split_to_table(nullif(words, ''), ' ') WITH ORDINALITY u (w, n)$$;
CREATE FUNCTION pg_temp.put(thread text, id text, parent text, words text, n int, metadata jsonb DEFAULT '{}', ns text DEFAULT '') RETURNS text LANGUAGE sql AS
$$SELECT checkpoint_id FROM threadmem.checkpoint_put(thread, jsonb_build_object('v', 4, 'id', id, 'channel_values', jsonb_build_object('messages', pg_temp.msgs(words), 'long', repeat('x', 2000), 'n', n), 'channel_versions', jsonb_build_object('messages', id, 'n', id, 'long', 1)), metadata, NULL, parent, ns)$$;
-- All that a thread has, but for its id: checkpoints in their order, writes, revisions, scalars. Two threads with the same digest are the same.
CREATE FUNCTION pg_temp.digest(thread text) RETURNS text LANGUAGE sql AS
$$SELECT md5(concat((SELECT string_agg((to_jsonb(c) - 'thread_id')::text, chr(10) ORDER BY seq) FROM threadmem_data.checkpoints c WHERE tenant_id = threadmem.current_tenant() AND thread_id = thread),
    (SELECT string_agg((to_jsonb(w) - 'thread_id')::text, chr(10) ORDER BY checkpoint_ns, checkpoint_id, task_id, idx) FROM threadmem_data.checkpoint_writes w WHERE tenant_id = threadmem.current_tenant() AND thread_id = thread),
    (SELECT string_agg((to_jsonb(m) - 'thread_id' - 'user_id')::text, chr(10) ORDER BY rev) FROM threadmem_data.messages m WHERE tenant_id = threadmem.current_tenant() AND thread_id = thread),
    (SELECT string_agg((to_jsonb(v) - 'thread_id')::text, chr(10)) FROM threadmem_data.thread_values v WHERE tenant_id = threadmem.current_tenant() AND thread_id = thread),
    (SELECT jsonb_build_array(next_seq, next_rev, next_checkpoint, live_messages, last_message_at) FROM threadmem_data.threads WHERE tenant_id = threadmem.current_tenant() AND thread_id = thread)))$$;
CREATE FUNCTION pg_temp.read(thread text) RETURNS text LANGUAGE sql AS
$$SELECT md5(string_agg(concat_ws(' ', checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint, metadata, pending_writes, created_at), chr(10) ORDER BY checkpoint_ns, checkpoint_id)) FROM threadmem.checkpoint_list(thread, max_rows => 1000)$$;

-- Two branches, a subgraph, writes of all kinds, patches and whole states, messages that are edited, deleted, erased, off the branch and being streamed.
SELECT user_id FROM unnest('{ann,bob}'::text[]) id, threadmem.user_create(id);
SELECT thread_id FROM threadmem.thread_create('source', user_id => 'ann', title => 'of ann');
SELECT seq FROM threadmem.message_add('source', 'user', 'by hand', message_id => 'p');
SELECT pg_temp.put('source', 'c1', NULL, 'a:one b:two d:three e:secret', 1, '{"run_id": "r1", "thread_id": "source", "k": {"thread_id": "source"}}'), pg_temp.put('source', 'c2', 'c1', 'a:one b:two,edited d:three e:secret', 2, '{"run_id": "r1"}'), pg_temp.put('source', 'c3', 'c1', 'a:one b:two d:three f:fork', 3), pg_temp.put('source', 'c4', 'missing', 'b:two', 4), pg_temp.put('source', 'c5', 'c3', 'a:one b:two f:fork', 5);
SELECT pg_temp.put('source', 's1', NULL, 'x:sub', 1, '{"parents": {"": "c1"}}', 'n:1'), pg_temp.put('source', 's2', 's1', 'x:sub y:sub', 2, '{"parents": {"": "c1"}}', 'n:1');
SELECT threadmem.checkpoint_put_writes('source', 'c1', 'task', '[["n", 2], ["__error__", "e"]]', '~path'), threadmem.checkpoint_put_writes('source', 's1', 'task', '[["x", null]]', checkpoint_ns => 'n:1'), threadmem.checkpoint_put_writes('source', 'early', 'task', '[["n", 9]]');
SELECT (threadmem.message_delete('source', 'd')).state AS d, (threadmem.message_erase('source', 'e')).state AS e, (threadmem.message_start('source', message_id => 's')).status AS s, threadmem.message_append('source', 's', 1, 'chunk');

-- docs/contracts.md#a-checkpointer: copy_thread: everything incl. writes, same ids and order, metadata equal; it answers how many checkpoints.
SELECT threadmem.checkpoint_copy_thread('source', 'copy');
SELECT pg_temp.digest('source') = pg_temp.digest('copy') AS same_rows, pg_temp.read('source') = pg_temp.read('copy') AS same_read, count(*), count(DISTINCT checkpoint_ns) AS namespaces FROM threadmem.checkpoint_list('copy');
SELECT metadata FROM threadmem.checkpoint_get('copy', '', 'c1');
SELECT user_id, title, message_count FROM threadmem.thread_get('copy');
SELECT message_id, status, content FROM threadmem.message_list('copy');
-- docs/contracts.md#a-checkpointer: afterwards the two are independent: chain, log, stream, values; either can be deleted.
SELECT pg_temp.digest('source') AS source \gset
SELECT pg_temp.put('copy', 'c6', 'c2', 'a:one b:two,edited g:onward', 6), pg_temp.put('copy', 'c1', NULL, 'a:changed', 1, '{"thread_id": "copy", "k": {"thread_id": "copy"}}'), threadmem.message_append('copy', 's', 2, ' two'), threadmem.checkpoint_put_writes('copy', 'early', 'task', '[["__error__", 9]]');
SELECT pg_temp.digest('source') = :'source' AS untouched, (SELECT string_agg(message_id, ' ' ORDER BY seq) FROM threadmem.message_list('copy')) AS copy, (SELECT string_agg(message_id, ' ' ORDER BY seq) FROM threadmem.message_list('source')) AS source;
SELECT pg_temp.read('copy') AS copy \gset
SELECT pg_temp.put('source', 'c6', 'c5', 'z:other', 7);
SELECT sum(deleted) > 0 AS deleted FROM threadmem.thread_delete('source');
SELECT pg_temp.read('copy') = :'copy' AS untouched;
-- A copy of the copy, and on from there.
SELECT threadmem.checkpoint_copy_thread('copy', 'copy 2');
SELECT pg_temp.digest('copy') = pg_temp.digest('copy 2') AS same_rows;
SELECT pg_temp.put('copy 2', 'c7', 'c6', 'a:one b:two,edited g:onward h:more', 7);
SELECT content #>> '{}' AS last FROM threadmem.message_last('copy 2', 1);

-- docs/contracts.md#a-checkpointer: copy_thread: of a missing source nothing, not even a thread.
SELECT threadmem.checkpoint_copy_thread('unknown', 'copy 3');
SELECT count(*) FROM threadmem_data.threads WHERE tenant_id = 'checkpoint copy' AND thread_id = 'copy 3';
-- Into a thread that is there and empty: it keeps its owner, who owns the messages then, and its title.
SELECT thread_id FROM threadmem.thread_create('empty', user_id => 'bob', title => 'of bob');
SELECT threadmem.checkpoint_copy_thread('copy', 'empty');
SELECT user_id, title, (SELECT array_agg(DISTINCT m.user_id) FROM threadmem_data.messages m WHERE tenant_id = 'checkpoint copy' AND m.thread_id = 'empty') AS owners FROM threadmem.thread_get('empty');
SELECT pg_temp.read('copy') = pg_temp.read('empty') AS same_read;
-- 23505 where there is something: messages, checkpoints or writes, and so the thread itself.
SELECT thread_id FROM threadmem.thread_create('message');
SELECT seq FROM threadmem.message_add('message', 'user', 'hello');
SELECT pg_temp.put('checkpoint', 'c1', NULL, '', 1), threadmem.checkpoint_put_writes('writes', 'c1', 'task', '[["n", 9]]');
SELECT threadmem.checkpoint_copy_thread('copy', 'message');
\set VERBOSITY sqlstate
SELECT threadmem.checkpoint_copy_thread('copy', 'checkpoint');
SELECT threadmem.checkpoint_copy_thread('copy', 'writes');
SELECT threadmem.checkpoint_copy_thread('copy', 'copy');
SELECT threadmem.checkpoint_copy_thread('', 'x');
SELECT threadmem.checkpoint_copy_thread('copy', repeat('x', 256));
\set VERBOSITY default
SELECT (SELECT count(*) FROM threadmem.checkpoint_list('message')) AS message, (SELECT count(*) FROM threadmem.checkpoint_list('checkpoint')) AS checkpoint, (SELECT count(*) FROM threadmem.checkpoint_list('writes')) AS writes;
-- A thread with messages and no checkpoint, and one with neither.
SELECT threadmem.checkpoint_copy_thread('message', 'copy 4'), thread_id FROM threadmem.thread_create('neither');
SELECT threadmem.checkpoint_copy_thread('neither', 'copy 5');
SELECT content FROM threadmem.message_list('copy 4');
-- To the id of a deleted thread: its tombstone goes.
SELECT threadmem.checkpoint_copy_thread('copy', 'source');
SELECT threadmem.checkpoint_put_writes('source', 'new', 'task', '[["n", 9]]');
-- Of another tenant's thread of this id nothing.
SET threadmem.tenant = 'checkpoint copy 2';
SELECT threadmem.checkpoint_copy_thread('copy', 'copy 6');
SELECT * FROM threadmem.threadmem_verify();
SET threadmem.tenant = 'checkpoint copy';

-- docs/contracts.md#threads: thread_copy has all of it too, and puts its own id into the metadata of checkpoints.
SELECT forked_from, message_count FROM threadmem.thread_copy('copy', 'copy 7');
SELECT count(*), array_agg(metadata ->> 'thread_id') FILTER (WHERE metadata ? 'thread_id') AS thread_id, array_agg(metadata #>> '{k,thread_id}') FILTER (WHERE metadata ? 'k') AS deeper FROM threadmem.checkpoint_list('copy 7');
SELECT count(*) AS same FROM threadmem.checkpoint_list('copy') a JOIN threadmem.checkpoint_list('copy 7') b USING (checkpoint_ns, checkpoint_id) WHERE a.checkpoint = b.checkpoint AND a.pending_writes = b.pending_writes AND a.metadata - 'thread_id' = b.metadata - 'thread_id';
SELECT * FROM threadmem.threadmem_verify();
