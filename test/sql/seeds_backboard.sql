-- The calls of the Backboard seed run as they are: a thread under an assistant for life, its messages, lists, delete.
\set SHOW_CONTEXT never
\pset null (null)
SET threadmem.tenant = 'backboard';

SELECT assistant_id, name FROM threadmem.assistant_create('asst_1', name => 'Support', instructions => 'Help.');
SELECT assistant_id, name FROM threadmem.assistant_create('asst_2', name => 'Sales');

-- Create thread: only under an assistant that exists, and bound to it.
SELECT thread_id, assistant_id, assistant_pinned FROM threadmem.thread_create('t1', assistant_id => 'asst_1', assistant_pinned => true);
SELECT threadmem.thread_create('t2', assistant_id => 'asst_9', assistant_pinned => true);
SELECT threadmem.thread_create('t2', assistant_pinned => true);
SELECT threadmem.thread_update('t1', assistant_id => 'asst_2');
SELECT threadmem.thread_update('t1', clear => '{assistant_id}');

-- Add message with send_to_llm false, with metadata and an attachment.
SELECT message_id, role, content FROM threadmem.message_add('t1', body => '{"message_id": "m1", "role": "user", "content": "Where is my order?",
    "status": "COMPLETED", "metadata_": {"order": 10.50}, "attachments": [{"document_id": "d1"}], "created_at": "2025-03-01T09:00:00.000000+00:00"}');
SELECT message_id, role, content FROM threadmem.message_add('t1', 'assistant', 'On its way.', message_id => 'm2', metadata => '{"tokens": 3}');
SELECT message_id, role, content FROM threadmem.message_add('t1', body => '{"message_id": "m3", "role": "assistant", "content": "", "status": "REQUIRES_ACTION",
    "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "track", "arguments": "{\"order\": 10.50}"}}], "created_at": "2025-03-01T09:00:01+00:00"}');

-- Get: the thread with all its messages. What came in its form is given as it came.
SELECT jsonb_pretty(doc - 'created_at' #- '{messages,1,created_at}') FROM threadmem.thread_format('t1', 'backboard') AS doc;
SELECT doc->'messages'->0 = '{"message_id": "m1", "role": "user", "content": "Where is my order?", "status": "COMPLETED",
    "metadata_": {"order": 10.50}, "attachments": [{"document_id": "d1"}], "created_at": "2025-03-01T09:00:00.000000+00:00"}' AS as_it_came,
       (doc->>'created_at')::timestamptz = t.created_at AS created
  FROM threadmem.thread_format('t1', 'backboard') AS doc, threadmem.thread_get('t1') AS t;

-- List: of the account, of one assistant; skip and limit.
SELECT count(threadmem.thread_create('a' || n, assistant_id => 'asst_1', assistant_pinned => true)) FROM generate_series(1, 4) AS n;
SELECT count(threadmem.thread_create('b' || n, assistant_id => 'asst_2', assistant_pinned => true)) FROM generate_series(1, 2) AS n;
SELECT thread_id, assistant_id FROM threadmem.thread_list();
SELECT thread_id FROM threadmem.thread_list(assistant_id => 'asst_2');
SELECT thread_id FROM threadmem.thread_search(assistant_id => 'asst_1', max_rows => 2, skip => 1);
SELECT thread_id FROM threadmem.thread_search(assistant_id => 'asst_1', max_rows => 2, skip => 5);
SELECT thread_id FROM threadmem.thread_search(assistant_id => 'asst_9');
SELECT threadmem.thread_search(skip => -1);

-- Delete: the thread with its messages, once.
SELECT * FROM threadmem.thread_delete('t1') WHERE deleted > 0;
SELECT threadmem.thread_delete('t1');
SELECT count(*) FROM threadmem_data.messages WHERE tenant_id = 'backboard';

-- Delete assistant: its threads go with it when asked, else they stay without one.
SELECT * FROM threadmem.assistant_delete('asst_1', cascade => true) WHERE deleted > 0;
SELECT thread_id, assistant_id FROM threadmem.thread_list();
SELECT * FROM threadmem.assistant_delete('asst_2') WHERE deleted > 0;
SELECT thread_id, assistant_id, assistant_pinned FROM threadmem.thread_list();
