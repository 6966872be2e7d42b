\set n :client_id * :threads / :clients + random(1, :threads / :clients)
SELECT message_id FROM threadmem.message_add('t' || :n, 'user', 'how does the weather of tomorrow compare with that of yesterday, and what should a careful person who walks to work every morning take along when the forecast cannot be trusted any further than the next hill');
SELECT run_id FROM threadmem.run_create('t' || :n) \gset
SELECT status FROM threadmem.run_start('t' || :n, :run_id);
SELECT message_id FROM threadmem.message_start('t' || :n, run_id => :run_id) \gset
SELECT threadmem.message_append('t' || :n, :message_id, :chunk, 'some words more ');
SELECT seq FROM threadmem.message_complete('t' || :n, :message_id);
SELECT status FROM threadmem.run_complete('t' || :n, :run_id, usage => '{"total_tokens": 300}');
SELECT role, content FROM threadmem.message_context('t' || :n, 4000);
