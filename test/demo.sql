-- What threadmem does: calls, each with its answer. In a database of yours that has the extension, a
-- superuser runs it from this directory with psql -d DATABASE -f demo.sql. All of it is rolled back.
\set ON_ERROR_STOP on
\set QUIET on
\pset tuples_only on
\pset null '-'
SET client_min_messages = warning;
SET TimeZone = 'UTC';
BEGIN;
SET LOCAL threadmem.tenant = 'threadmem demo';
\set ECHO queries

\echo '== Zep: a user, a thread, messages'
SELECT user_id, first_name, email FROM threadmem.user_create('user123', email => 'jane@example.com', first_name => 'Jane');
SELECT thread_id, user_id, status FROM threadmem.thread_create('thread456', user_id => 'user123');
SELECT seq, role, name, event_at FROM threadmem.message_add_batch('thread456', '[
    {"role": "user", "name": "Jane", "created_at": "2025-06-01T06:12:00Z",
     "content": "Who was Octavia Butler?"},
    {"role": "assistant", "name": "AI Assistant", "created_at": "2025-06-01T06:12:10Z",
     "content": "Octavia Estelle Butler was an American science fiction author."},
    {"role": "user", "name": "Jane", "created_at": "2025-06-01T06:13:00Z",
     "content": "Which books of hers were made into films?"}]');
\echo '-- thread.get: a page, and the newest'
SELECT seq, name, threadmem.message_text(body), has_more FROM threadmem.message_list('thread456', max_rows => 2);
SELECT seq, name, threadmem.message_text(body) FROM threadmem.message_last('thread456', 1);
\echo '-- The answer of thread.get, as a Zep client expects it'
SELECT threadmem.message_format('thread456', 'zep', max_rows => 1) - 'thread_created_at';
\echo '-- thread.list_all'
SELECT thread_id, message_count FROM threadmem.thread_list(page_number => 1, page_size => 10);
\echo '-- The older names: add_session, add, get_session_messages, delete'
SELECT thread_id, metadata FROM threadmem.memory_add_session('session789', user_id => 'user123', metadata => '{"foo": "bar"}');
SELECT seq, role, origin_role, name FROM threadmem.session_add_messages('session789',
    '[{"role": "Jane", "role_type": "user", "content": "Hello again."}]');
SELECT seq, content FROM threadmem.session_messages('session789');
SELECT kind, deleted FROM threadmem.session_delete('session789') WHERE deleted > 0;

\echo '== A retry is harmless: the same id with the same message is stored once'
SELECT seq, content FROM threadmem.message_add('thread456', 'assistant', 'Kindred.', message_id => 'answer-1');
SELECT seq, content FROM threadmem.message_add('thread456', 'assistant', 'Kindred.', message_id => 'answer-1');
\echo '-- An edit is a new revision in the same place, and the old one stays'
SELECT seq, rev FROM threadmem.message_update('thread456', 'answer-1', 'Kindred, as a television series.');
SELECT seq, rev, state, content FROM threadmem.message_revisions('thread456', 'answer-1');

\echo '== Backboard: threads under an assistant'
SELECT assistant_id, name, model FROM threadmem.assistant_create('support', name => 'Support', model => 'gpt-4o');
SELECT assistant_id, assistant_pinned FROM threadmem.thread_create('ticket', assistant_id => 'support', assistant_pinned => true);
SELECT seq, role, content FROM threadmem.message_add('ticket', 'user', 'My order has not arrived.');
SELECT thread_id, message_count FROM threadmem.thread_list(assistant_id => 'support');
\echo '-- get thread: with its messages'
SELECT message->'role', message->'content'
    FROM jsonb_array_elements(threadmem.thread_format('ticket', 'backboard')->'messages') AS message;
SELECT kind, deleted FROM threadmem.thread_delete('ticket') WHERE deleted > 0;

\echo '== Entities: participants, and a thread of 20 messages as its API gave it'
\set ECHO none
\set page `cat data/entities_messages.json`
CREATE TEMP TABLE page ON COMMIT DROP AS SELECT :'page'::jsonb AS messages;
\set ECHO queries
SELECT user_id FROM threadmem.user_create('user_8tYOlZFZ36TDirMUbGvJ9g', first_name => 'Francis');
SELECT thread_id, metadata FROM threadmem.thread_create('thread_Vg3trkDAYOJM7CSwOfN9TN',
    participant_ids => '{user_8tYOlZFZ36TDirMUbGvJ9g}', metadata => '{"topic": ""}');
SELECT count(*) FROM threadmem.message_add_batch('thread_Vg3trkDAYOJM7CSwOfN9TN', (SELECT messages FROM page));
SELECT thread_id FROM threadmem.user_threads('user_8tYOlZFZ36TDirMUbGvJ9g');
SELECT seq, role, left(sender_id, 9), left(threadmem.message_text(body), 60)
    FROM threadmem.message_list('thread_Vg3trkDAYOJM7CSwOfN9TN', max_rows => 1000);
\echo '-- get_thread, and list_messages: is every field of every message as it was, in the same order?'
SELECT threadmem.thread_format('thread_Vg3trkDAYOJM7CSwOfN9TN', 'entities') - 'created_at';
SELECT threadmem.message_format('thread_Vg3trkDAYOJM7CSwOfN9TN', 'entities') = (SELECT messages FROM page);

\echo '== LangGraph: create, get, search, copy'
SELECT status, metadata FROM threadmem.thread_create('f15d70a1-27d4-4793-a897-de5609920b7d',
    graph_id => 'agent', metadata => '{"graph_id": "agent"}', messages => '[
    {"type": "human", "id": "8701f3be", "content": "hello"},
    {"type": "ai", "id": "4d8ea561", "content": "Hello! How can I assist you today?", "tool_calls": []}]');
SELECT status, message_count FROM threadmem.thread_get('f15d70a1-27d4-4793-a897-de5609920b7d');
SELECT thread_id FROM threadmem.thread_search(status => 'idle', metadata => '{"graph_id": "agent"}', max_rows => 1);
SELECT thread_id FROM threadmem.thread_search(sort_by => 'created_at', sort_order => 'desc');
SELECT metadata FROM threadmem.thread_copy('f15d70a1-27d4-4793-a897-de5609920b7d', 'the copy');
\echo '-- The values of the copy, as a LangGraph client expects them'
SELECT jsonb_array_elements(threadmem.thread_format('the copy', 'langgraph')->'values'->'messages');

\echo '== Checkpoints: an agent''s state, each step stored as what it changes'
SELECT graph_id FROM threadmem.graph_define('trip', '{"channels": {"messages": {"reducer": "add_messages"}, "places": {"reducer": "append"}},
    "nodes": ["plan", "book"], "edges": [["__start__", "plan"], ["plan", "book"], ["book", "__end__"]]}');
SELECT thread_id FROM threadmem.thread_create('lyon', graph_id => 'trip', supersteps => '[
    {"updates": [{"as_node": "__start__", "values": {"messages": [{"type": "human", "id": "q", "content": "Plan a day in Lyon."}]}}]},
    {"updates": [{"as_node": "plan", "values": {"places": ["Fourvière"], "messages": [{"type": "ai", "id": "a", "content": "The theatre first."}]}}]}]');
SELECT next, "values" -> 'places' AS places, jsonb_array_length("values" -> 'messages') AS messages FROM threadmem.thread_state('lyon');
\echo '-- Somebody else speaks meanwhile, and the state shows it'
SELECT seq FROM threadmem.message_add('lyon', 'user', 'And lunch?');
SELECT jsonb_array_length("values" -> 'messages') AS messages FROM threadmem.thread_state('lyon');
\echo '-- Back to the question, and another way from there: a branch'
SELECT checkpoint_ns = '' AS made FROM threadmem.thread_update_state('lyon', '{"places": ["Croix-Rousse"]}', 'plan',
    checkpoint_id => (SELECT checkpoint ->> 'checkpoint_id' FROM threadmem.thread_history('lyon') WHERE metadata @> '{"step": 0}'));
SELECT metadata ->> 'step' AS step, next, "values" -> 'places' AS places, jsonb_array_length("values" -> 'messages') AS messages
  FROM threadmem.thread_history('lyon');

\echo '-- The history with its branches, for a person in psql'
SELECT * FROM threadmem.thread_graph('lyon');
\echo '-- Another thread that begins where this one had its question, and a search by what states hold'
SELECT thread_id, message_count FROM threadmem.thread_fork('lyon', message_id => 'q', new_thread_id => 'another day');
SELECT thread_id, extracted FROM threadmem.thread_search(values_match => '{"places": ["Croix-Rousse"]}', paths => '{"place": "values.places[-1]"}');

\echo '== Edit a question, regenerate an answer, and back: the window and the alternatives at every step'
SELECT thread_id FROM threadmem.thread_create('edits');
SELECT seq FROM threadmem.message_add_batch('edits', '[{"role": "user", "id": "question", "content": "A day in Lyon?"},
    {"role": "assistant", "id": "answer", "content": "The theatre."}, {"role": "user", "id": "thanks", "content": "Thanks."}]');
\echo '-- Edited: what was said since stays on the branch that is left'
SELECT message_id FROM threadmem.thread_rewind('edits', 'question', 'Two days in Lyon?', new_message_id => 'edited');
SELECT seq FROM threadmem.message_add('edits', 'assistant', 'Theatre, then the park.', message_id => 'other answer');
SELECT string_agg(content, ' ') AS window FROM threadmem.message_context('edits');
SELECT message_id, text, is_current FROM threadmem.message_siblings('edits', 'edited');
\echo '-- Regenerated: back to before the answer'
SELECT message_id FROM threadmem.thread_rewind('edits', 'other answer');
SELECT seq FROM threadmem.message_add('edits', 'assistant', 'The park, then the theatre.');
SELECT string_agg(content, ' ') AS window FROM threadmem.message_context('edits');
SELECT text, is_current FROM threadmem.message_siblings('edits', 'other answer');
\echo '-- Back to the first version'
SELECT message_id FROM threadmem.thread_rewind('edits', 'question');
SELECT string_agg(content, ' ') AS window FROM threadmem.message_context('edits');
SELECT message_id, is_current FROM threadmem.message_siblings('edits', 'question');

\echo '== Runs: a worker takes the next one, asks for a tool, gets its output, and answers'
SELECT status FROM threadmem.run_create('lyon', run_id => 'run-1', messages => '[{"role": "user", "content": "Is it dry tomorrow?"}]');
SELECT thread_id, run_id, status FROM threadmem.run_claim('worker 1', lease => '1 minute');
SELECT status FROM threadmem.thread_get('lyon');
SELECT seq FROM threadmem.message_add('lyon', run_id => 'run-1', body => '{"role": "assistant", "content": null, "tool_calls": [
    {"id": "call-1", "type": "function", "function": {"name": "weather", "arguments": "{\"place\": \"Lyon\"}"}}]}');
SELECT status, required_action FROM threadmem.run_require_action('lyon', 'run-1', '[{"id": "call-1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}]');
SELECT status FROM threadmem.run_submit_tool_outputs('lyon', 'run-1', '[{"tool_call_id": "call-1", "output": "dry, 24 degrees"}]');
SELECT status FROM threadmem.run_start('lyon', 'run-1', 'worker 1');
\echo '-- What goes before the model: within 60 tokens, the call together with its output'
SELECT role, tokens, left(coalesce(content, body #>> '{tool_calls,0,function,name}'), 40) AS content FROM threadmem.message_context('lyon', max_tokens => 60);
SELECT seq FROM threadmem.message_add('lyon', 'assistant', 'Yes, and warm.', run_id => 'run-1');
SELECT status FROM threadmem.run_complete('lyon', 'run-1');

\echo '== Streaming: an answer that arrives in pieces, one of them twice'
SELECT seq, status FROM threadmem.message_start('thread456', message_id => 'answer-2');
SELECT threadmem.message_append('thread456', 'answer-2', 1, 'Her Earthseed novels ');
SELECT threadmem.message_append('thread456', 'answer-2', 2, 'have not been filmed.');
SELECT threadmem.message_append('thread456', 'answer-2', 2, 'have not been filmed.');
SELECT seq, status, content FROM threadmem.message_complete('thread456', 'answer-2');

\echo '== Search: words in the messages of a user'
SELECT thread_id, seq, threadmem.message_text(body) FROM threadmem.message_search('films -kindred', user_id => 'user123');

\echo '== Memory: whatever the user said in any thread, for the one that asks now'
SELECT thread_id, left(content, 60) AS content FROM threadmem.memory_search('user123', 'Which film was made of a book?', max_rows => 3);
SELECT thread_id FROM threadmem.thread_create('today', 'user123', messages => '[{"role": "user", "name": "Jane", "content": "Who wrote Kindred again?"}]');
\a
SELECT threadmem.thread_context('today');
\a

\echo '== Tenants: a role bound to another one finds nothing, by function or in a view'
CREATE ROLE threadmem_demo_app;
SELECT threadmem.grant_access('threadmem_demo_app', 'write', joins => true), threadmem.tenant_bind('threadmem_demo_app', 'another tenant');
SET LOCAL ROLE threadmem_demo_app;
SELECT threadmem.current_tenant(), threadmem.thread_count();
SELECT count(*) FROM threadmem.message_search('films');
SELECT count(*) FROM threadmem.messages;
RESET ROLE;
\echo

\echo '== Deleted, erased, and a user with all that is stored of it'
SELECT state, content FROM threadmem.message_delete('thread456', 'answer-1');
SELECT state, content FROM threadmem.message_erase('thread456', 'answer-1');
SELECT kind, deleted FROM threadmem.user_delete('user123') WHERE deleted > 0;
\echo '-- How many things are wrong with what is stored?'
SELECT count(*) FROM threadmem.threadmem_verify();
\set ECHO none
ROLLBACK;
\echo '== Done. README.md shows the first steps in a database of your own.'
