-- What threadmem does, as calls and their answers. From this directory it also runs in a database of
-- yours that has the extension: psql -d DATABASE -f demo.sql. It needs a superuser; all it makes is
-- rolled back at the end.
\set ON_ERROR_STOP on
\set QUIET on
\pset footer off
\pset null '-'
SET client_min_messages = warning;
BEGIN;
SET LOCAL threadmem.tenant = 'threadmem demo';
-- Every query below is shown before its result.
\set ECHO queries

\echo '== Zep: a user, a thread, messages'
SELECT user_id, first_name, email FROM threadmem.user_create('user123',
    email => 'jane@example.com', first_name => 'Jane', last_name => 'Smith');
SELECT thread_id, user_id, status FROM threadmem.thread_create('thread456', user_id => 'user123');
SELECT seq, role, name, event_at AT TIME ZONE 'UTC' AS said FROM threadmem.message_add_batch('thread456', '[
    {"role": "user", "name": "Jane", "created_at": "2025-06-01T06:12:00Z",
     "content": "Who was Octavia Butler?"},
    {"role": "assistant", "name": "AI Assistant", "created_at": "2025-06-01T06:12:10Z",
     "content": "Octavia Estelle Butler was an American science fiction author."},
    {"role": "user", "name": "Jane", "created_at": "2025-06-01T06:13:00Z",
     "content": "Which books of hers were made into films?"}]');
\echo '-- thread.get: all, a page, the newest'
SELECT seq, name, threadmem.message_text(body) AS text FROM threadmem.message_list('thread456');
SELECT seq, has_more FROM threadmem.message_list('thread456', max_rows => 2);
SELECT seq, name FROM threadmem.message_last('thread456', 1);
\echo '-- thread.list_all'
SELECT thread_id, message_count FROM threadmem.thread_list(page_number => 1, page_size => 10);
SELECT threadmem.thread_count();

\echo
\echo '== Retries: the same message id with the same bytes is stored once'
SELECT seq FROM threadmem.message_add('thread456', 'assistant', 'Kindred became a series.', message_id => 'answer-1');
SELECT seq FROM threadmem.message_add('thread456', 'assistant', 'Kindred became a series.', message_id => 'answer-1');
\echo '-- An edit is a new revision in the same place; the old one stays'
SELECT seq, rev FROM threadmem.message_update('thread456', 'answer-1', 'Kindred became a television series in 2022.');
SELECT seq, rev, state, content FROM threadmem.message_revisions('thread456', 'answer-1');

\echo
\echo '== Backboard: threads under an assistant'
SELECT assistant_id, name, model FROM threadmem.assistant_create('support', name => 'Support', model => 'gpt-4o');
SELECT thread_id AS ticket FROM threadmem.thread_create(assistant_id => 'support', assistant_pinned => true) \gset
SELECT seq, role, content FROM threadmem.message_add(:'ticket', 'user', 'My order has not arrived.');
SELECT status, message_count FROM threadmem.thread_list(assistant_id => 'support');
SELECT * FROM threadmem.thread_delete(:'ticket');

\echo
\echo '== Entities: participants, and a thread that its API returned'
\set ECHO none
\set page `cat data/entities_messages.json`
CREATE TEMP TABLE page ON COMMIT DROP AS SELECT :'page'::jsonb AS messages;
\set ECHO queries
SELECT user_id FROM threadmem.user_create('user_8tYOlZFZ36TDirMUbGvJ9g', first_name => 'Francis');
SELECT thread_id, metadata FROM threadmem.thread_create('thread_Vg3trkDAYOJM7CSwOfN9TN',
    participant_ids => ARRAY['user_8tYOlZFZ36TDirMUbGvJ9g'], metadata => '{"topic": ""}');
SELECT count(*) AS added FROM threadmem.message_add_batch('thread_Vg3trkDAYOJM7CSwOfN9TN', (SELECT messages FROM page));
SELECT thread_id FROM threadmem.user_threads('user_8tYOlZFZ36TDirMUbGvJ9g');
\echo '-- The first five and the last five'
SELECT seq, role, sender_id, left(threadmem.message_text(body), 50) AS text
    FROM threadmem.message_list('thread_Vg3trkDAYOJM7CSwOfN9TN', max_rows => 5);
SELECT seq, role, sender_id, left(threadmem.message_text(body), 50) AS text
    FROM threadmem.message_last('thread_Vg3trkDAYOJM7CSwOfN9TN', 5);
\echo '-- Every field of every message came back as it was, in the order it was given'
SELECT jsonb_agg(body ORDER BY seq) = (SELECT messages FROM page) AS same
    FROM threadmem.message_list('thread_Vg3trkDAYOJM7CSwOfN9TN');

\echo
\echo '== LangGraph: create, search, copy'
SELECT status, metadata FROM threadmem.thread_create('f15d70a1-27d4-4793-a897-de5609920b7d',
    graph_id => 'agent', metadata => '{"graph_id": "agent"}', messages => '[
    {"type": "human", "id": "8701f3be", "content": "hello"},
    {"type": "ai", "id": "4d8ea561", "content": "Hello! How can I assist you today?", "tool_calls": []}]');
SELECT status, message_count FROM threadmem.thread_get('f15d70a1-27d4-4793-a897-de5609920b7d');
SELECT thread_id FROM threadmem.thread_search(status => 'idle', metadata => '{"graph_id": "agent"}');
SELECT thread_id FROM threadmem.thread_search(status => 'idle', sort_by => 'created_at', sort_order => 'desc', max_rows => 2);
SELECT message_count, metadata FROM threadmem.thread_copy('f15d70a1-27d4-4793-a897-de5609920b7d', 'the copy');
SELECT seq, role, origin_role, content FROM threadmem.message_list('the copy');

\echo
\echo '== Streaming: an answer that arrives in pieces'
SELECT seq, status FROM threadmem.message_start('thread456', message_id => 'answer-2');
SELECT threadmem.message_append('thread456', 'answer-2', 1, 'Her Earthseed novels ');
SELECT threadmem.message_append('thread456', 'answer-2', 2, 'have not been filmed.');
\echo '-- A piece sent twice is stored once'
SELECT threadmem.message_append('thread456', 'answer-2', 2, 'have not been filmed.');
SELECT seq, status, content FROM threadmem.message_complete('thread456', 'answer-2');

\echo
\echo '== Search: every message, as soon as it is committed'
SELECT thread_id, seq, threadmem.message_text(body) AS text FROM threadmem.message_search('films -series', user_id => 'user123');

\echo
\echo '== Tenants: another one sees nothing, whatever it asks'
CREATE ROLE threadmem_demo_app;
SELECT threadmem.grant_access('threadmem_demo_app', 'write'), threadmem.tenant_bind('threadmem_demo_app', 'another tenant');
SET LOCAL ROLE threadmem_demo_app;
SELECT threadmem.current_tenant(), threadmem.thread_count();
SELECT count(*) AS found FROM threadmem.message_search('films');
SELECT count(*) AS rows_of_the_table FROM threadmem.messages;
RESET ROLE;

\echo
\echo '== Delete and erase'
SELECT state, content FROM threadmem.message_delete('thread456', 'answer-1');
SELECT state, content FROM threadmem.message_erase('thread456', 'answer-1');
SELECT * FROM threadmem.user_delete('user123');
\echo '-- Counters, order and owners, computed again: no row means that all is well'
SELECT * FROM threadmem.threadmem_verify();
\set ECHO none
ROLLBACK;
\echo
\echo 'Done. The README has the first steps for a database of your own.'
