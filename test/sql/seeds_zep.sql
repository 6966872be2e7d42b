-- The calls of the Zep seed run as they are: user, thread, list_all by page, add and get messages, delete; sessions too.
\set SHOW_CONTEXT never
\pset null (null)
SET threadmem.tenant = 'zep';

-- user.add, thread.create
SELECT user_id, email, first_name, last_name
  FROM threadmem.user_create(user_id => 'user123', email => 'jane.smith@example.com', first_name => 'Jane', last_name => 'Smith');
SELECT thread_id, user_id, status FROM threadmem.thread_create(thread_id => 'thread_1', user_id => 'user123');

-- The user must exist first, and an id is taken once.
SELECT threadmem.thread_create(thread_id => 'thread_2', user_id => 'nobody');
SELECT threadmem.thread_create(thread_id => 'thread_1', user_id => 'user123');

-- thread.add_messages, with every role, told not to remember what the assistant says.
SELECT message_id, seq, role, origin_role, name, content
  FROM threadmem.message_add_batch(thread_id => 'thread_1', ignore_roles => '{assistant}', messages => '[
    {"uuid": "m1", "role": "user", "name": "Jane", "content": "Who was Octavia Butler?", "created_at": "2024-06-01T10:00:00Z"},
    {"uuid": "m2", "role": "assistant", "name": "AI Assistant", "content": "Octavia Estelle Butler was an American author.", "created_at": "2024-06-01T10:00:00Z"},
    {"uuid": "m3", "role": "user", "name": "Jane", "content": "Which books of hers became movies?", "created_at": "2024-06-01T10:00:00Z", "metadata": {"weight": 1.10}},
    {"uuid": "m4", "role": "norole", "content": "(the line was bad)"},
    {"uuid": "m5", "role": "function", "name": "movies", "content": "Kindred"},
    {"uuid": "m6", "role": "tool", "name": "movies", "content": "none"},
    {"uuid": "m7", "role": "system", "content": "Be brief."}]');
SELECT message_id FROM threadmem_data.messages WHERE tenant_id = 'zep' AND NOT in_memory;
SELECT message_id FROM threadmem.message_add_batch('thread_1', '[{"role": "user", "content": "one"}, {"role": "bot", "content": "two"}]');
SELECT message_id FROM threadmem.message_add_batch('nowhere', '[{"role": "user", "content": "one"}]');

-- thread.get: oldest first, newest n, and pages that go on behind a message or a number.
SELECT jsonb_path_query_array(doc, '$.messages[*].uuid') AS uuids, doc->'row_count' AS row_count, doc->'total_count' AS total_count,
       doc->>'user_id' AS user_id, (doc->>'thread_created_at')::timestamptz = t.created_at AS created
  FROM threadmem.thread_format('thread_1', 'zep') AS doc, threadmem.thread_get('thread_1') AS t;
SELECT message_id FROM threadmem.message_last('thread_1', 2);
SELECT message_id, has_more FROM threadmem.message_list('thread_1', max_rows => 3);
SELECT message_id, has_more FROM threadmem.message_list('thread_1', max_rows => 4, after_seq => 3);
SELECT message_id, has_more FROM threadmem.message_list('thread_1', max_rows => 2, after_id => 'm3');
SELECT jsonb_path_query_array(doc, '$.messages[*].uuid') AS uuids, doc->'row_count' AS row_count, doc->'total_count' AS total_count
  FROM threadmem.message_format('thread_1', 'zep', max_rows => 2, after_id => 'm3') AS doc;

-- Each message is given back as it was sent.
SELECT threadmem.message_format('thread_1', 'zep', message_id => 'm3')::text =
       '{"uuid": "m3", "role": "user", "name": "Jane", "content": "Which books of hers became movies?", "created_at": "2024-06-01T10:00:00Z", "metadata": {"weight": 1.10}}'::jsonb::text AS same;
SELECT threadmem.message_format('thread_1', 'zep', message_id => 'm4') - 'created_at' AS message;

-- thread.message.update: metadata only.
SELECT metadata FROM threadmem.message_update('thread_1', 'm3', metadata => '{"mood": "curious"}');
SELECT threadmem.message_format('thread_1', 'zep', message_id => 'm3')->'metadata' AS metadata;

-- thread.list_all(page_size, page_number), user.get_threads
SELECT count(threadmem.thread_create('thread_' || n, user_id => 'user123')) FROM generate_series(2, 5) AS n;
SELECT thread_id FROM threadmem.thread_list(page_size => 2, page_number => 1);
SELECT thread_id FROM threadmem.thread_list(page_size => 2, page_number => 3);
SELECT thread_id FROM threadmem.thread_list(page_size => 2, page_number => 4);
SELECT thread_id FROM threadmem.thread_list(page_size => 3, page_number => 1, sort_by => 'thread_id', sort_order => 'asc');
SELECT threadmem.thread_count() AS total_count;
SELECT thread_id FROM threadmem.user_threads('user123');
SELECT threadmem.thread_list(page_size => 2, page_number => 0);

-- thread.delete; the second time there is none.
SELECT * FROM threadmem.thread_delete('thread_1') WHERE deleted > 0;
SELECT threadmem.thread_delete('thread_1');
SELECT threadmem.thread_format('thread_1', 'zep');

-- The same with sessions, and the older form of a message: role is the name, role_type the role.
SELECT thread_id, user_id FROM threadmem.session_create(session_id => 's1', user_id => 'user123', metadata => '{"from": "web"}');
SELECT thread_id, user_id FROM threadmem.memory_add_session('s2', 'user123');
SELECT message_id, role, name FROM threadmem.session_add_messages('s1', '[
    {"uuid": "a", "role_type": "user", "role": "Jane", "content": "Hello"},
    {"uuid": "b", "role_type": "assistant", "role": "AI Assistant", "content": "Hi Jane"}]');
SELECT message_id, content, has_more FROM threadmem.session_messages(session_id => 's1', max_rows => 1);
SELECT message - 'created_at' AS message FROM jsonb_array_elements(threadmem.message_format('s1', 'zep')->'messages') AS message;
SELECT thread_id, metadata FROM threadmem.session_update(session_id => 's1', metadata => '{"closed": true}');
SELECT thread_id, metadata FROM threadmem.session_get(session_id => 's1');
SELECT thread_id FROM threadmem.session_list(page_size => 2, page_number => 1);
SELECT * FROM threadmem.session_delete(session_id => 's1') WHERE deleted > 0;
SELECT threadmem.session_get('s1');
SELECT threadmem.session_get(NULL);
SELECT threadmem.session_add_messages('', '[]');

-- user.delete takes the threads with it.
SELECT * FROM threadmem.user_delete('user123') WHERE deleted > 0;
SELECT threadmem.thread_count() AS total_count;
