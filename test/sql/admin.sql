-- threadmem_verify finds whatever is wrong with a thread, and threadmem_stats counts what there is.
SET threadmem.tenant = 'admin test';
SELECT thread_id FROM threadmem.thread_create('whole', messages => '[{"role": "user", "content": "one"}, {"role": "assistant", "content": "two"}]');
SELECT thread_id FROM threadmem.thread_copy('whole', 'broken');
SELECT rev FROM threadmem.message_update('broken', (SELECT message_id FROM threadmem.message_last('broken', 1)), 'three');
SELECT kind, rows, bytes > 0 AS has_bytes FROM threadmem.threadmem_stats();
SELECT * FROM threadmem.threadmem_verify();

-- Each kind of damage is named, and only where it is.
BEGIN;
UPDATE threadmem.threads SET live_messages = 7, live_terms = 7, next_seq = 9, next_rev = 3 WHERE thread_id = 'broken' AND tenant_id = 'admin test';
SELECT * FROM threadmem.threadmem_verify();
SELECT * FROM threadmem.threadmem_verify('whole');
ROLLBACK;
BEGIN;
UPDATE threadmem.messages SET seq = 5, user_id = 'x' WHERE thread_id = 'broken' AND tenant_id = 'admin test' AND rev = 3;
INSERT INTO threadmem.message_chunks VALUES ('admin test', 'broken', 'nothing', 1, 4, 'lost');
SELECT * FROM threadmem.threadmem_verify('broken');
ROLLBACK;
SELECT * FROM threadmem.threadmem_verify('broken');
SELECT * FROM threadmem.threadmem_verify('unknown');
SELECT sum(deleted) FROM threadmem.thread_delete('whole');
SELECT sum(deleted) FROM threadmem.thread_delete('broken');
