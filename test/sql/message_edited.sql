-- Edits that come late or twice, receipts that go back, and guesses at what somebody is saying.
SET threadmem.tenant = 'message_edited';
SET search_path = pg_catalog, pg_temp;
CREATE VIEW pg_temp.now AS SELECT message_id, seq, status, content, metadata, edited_at AT TIME ZONE 'UTC' AS edited_at FROM threadmem.message_list('t');
SELECT count(*) FROM threadmem.user_create('u');
SELECT count(*) FROM threadmem.thread_create('t', user_id => 'u');
SELECT count(*) FROM threadmem.message_add('t', 'user', 'meet at 9', message_id => 'm');
-- An edit that is older than the newest changes nothing, whatever it would have changed, and says what stands.
SELECT content FROM threadmem.message_update('t', 'm', content => 'meet at 11', edited_at => '2026-05-01 10:02:00.000002Z');
SELECT content, metadata FROM threadmem.message_update('t', 'm', content => 'meet at 10', metadata => '{"a": 1}', edited_at => '2026-05-01 10:02:00.000001Z');
SELECT content FROM threadmem.message_update('t', 'm', content => 'meet at 10', edited_at => '2026-05-01 12:01+02');
SELECT content FROM threadmem.message_update('t', 'm', parts => '[{"type": "text", "text": "meet"}]', expected_rev => 77, edited_at => '2026-05-01 10:01Z');
-- The same delivery again is the same; another of the same time came later, and clocks of whole seconds have such.
SELECT count(*) FROM threadmem.message_update('t', 'm', content => 'meet at 11', edited_at => '2026-05-01 10:02:00.000002Z');
SELECT count(*) FROM threadmem.message_revisions('t', 'm');
SELECT content FROM threadmem.message_update('t', 'm', content => 'meet at 12', edited_at => '2026-05-01 10:02:00.000002Z');
-- An edit of metadata is one, too (an unfurled link); one without a time is applied, and leaves the time that counts.
SELECT content FROM threadmem.message_update('t', 'm', metadata => '{"unfurled": true}', edited_at => '2026-05-01 10:05Z');
SELECT content FROM threadmem.message_update('t', 'm', content => 'late', edited_at => '2026-05-01 10:04Z');
SELECT content FROM threadmem.message_update('t', 'm', content => 'by staff');
SELECT content FROM threadmem.message_update('t', 'm', content => 'late', edited_at => '2026-05-01 10:04Z');
SELECT content FROM threadmem.message_update('t', 'm', body => '{"role": "user", "content": "newer"}', edited_at => '2026-05-01 10:06Z');
SELECT content, edited_at AT TIME ZONE 'UTC' AS edited_at FROM threadmem.message_revisions('t', 'm');
SELECT count(*) FROM threadmem.message_update('t', 'm', content => 'x', edited_at => 'infinity');
SELECT count(*) FROM threadmem.message_update('t', 'no', content => 'x', edited_at => '2026-05-01 10:06Z');
-- a copy keeps the time
SELECT count(*) FROM threadmem.thread_copy('t', 'copy');
SELECT content FROM threadmem.message_update('copy', 'm', content => 'late', edited_at => '2026-05-01 10:04Z');

-- A receipt that comes late: read stays read.
SELECT metadata FROM threadmem.message_add('t', 'assistant', 'door 7', message_id => 'n', metadata => '{"status": "sent"}');
SELECT metadata FROM threadmem.message_update('t', 'n', metadata => '{"status": "read"}', expected_metadata => '{"status": "sent"}');
SELECT metadata FROM threadmem.message_update('t', 'n', metadata => '{"status": "delivered"}', expected_metadata => '{"status": "sent"}');
SELECT metadata FROM threadmem.message_update('t', 'n', content => 'door 8', expected_metadata => '{"status": "sent"}');
SELECT content, metadata FROM threadmem.message_update('t', 'n', content => 'door 8', expected_metadata => '{"status": "read"}');
SELECT count(*) FROM threadmem.message_update('t', 'n', content => 'door 8', expected_metadata => '"read"');

-- Speech: each guess takes the place of the one before, pieces too; lists show it, and its place is that of the beginning.
SELECT seq, status FROM threadmem.message_start('t', 'user', message_id => 'v', sender_id => 'u');
SELECT content, status FROM threadmem.message_update('t', 'v', content => 'wreck a nice', metadata => '{"confidence": 0.40}');
SELECT threadmem.message_append('t', 'v', 1, ' beach');
SELECT content FROM threadmem.message_get('t', 'v');
SELECT threadmem.message_append('t', 'v', 3, ' beach');
SELECT content, status, metadata FROM threadmem.message_update('t', 'v', metadata => '{"vad": true}', remove_keys => '{confidence}');
SELECT count(*) FROM threadmem.message_add('t', 'assistant', 'Mhm.', message_id => 'b');
SELECT content, status FROM threadmem.message_update('t', 'v', content => 'recognise', edited_at => '2026-05-01 10:00:02Z');
SELECT content, status FROM threadmem.message_update('t', 'v', content => 'recon', edited_at => '2026-05-01 10:00:01Z');
SELECT count(*) FROM threadmem.message_chunks('t', 'v');
SELECT message_id, content, status FROM threadmem.message_list('t', after_id => 'n');
SELECT count(*) FROM threadmem.message_search('recognise or beach');
SELECT content FROM threadmem.message_context('t') WHERE message_id = 'v';
-- Pieces go on counting: one that was given before is none of the new words.
SELECT threadmem.message_append('t', 'v', 1, ' beach');
SELECT threadmem.message_append('t', 'v', 2, ' spee');
SELECT content, status, seq FROM threadmem.message_complete('t', 'v');
SELECT content, status FROM threadmem.message_revisions('t', 'v');
SELECT message_id FROM threadmem.message_search('recognise');
SELECT count(*) FROM threadmem.memory_search('u', 'beach') WHERE content ~ 'beach';
-- Then it is a message as others are.
SELECT content, status FROM threadmem.message_update('t', 'v', content => 'recognise speech');
SELECT content, status FROM threadmem.message_revisions('t', 'v');
-- Cut off: it ends as what was heard, and stands in the window.
SELECT count(*) FROM threadmem.message_start('t', message_id => 'cut');
SELECT threadmem.message_append('t', 'cut', 1, 'Your parcel is in Lyon, and tomorrow it will');
SELECT content, status, metadata FROM threadmem.message_complete('t', 'cut', body => '{"role": "assistant", "content": "Your parcel is in Lyon"}', metadata => '{"interrupted": true}');
SELECT content FROM threadmem.message_context('t') WHERE message_id = 'cut';
-- The run that streams it must not be over.
SELECT run_id FROM threadmem.run_create('t', run_id => 'r');
SELECT status FROM threadmem.run_start('t', 'r');
SELECT count(*) FROM threadmem.message_start('t', message_id => 'w', run_id => 'r');
SELECT content FROM threadmem.message_update('t', 'w', content => 'so');
UPDATE threadmem_data.runs SET lease_until = clock_timestamp() - interval '1 second' WHERE tenant_id = 'message_edited';
SELECT content FROM threadmem.message_update('t', 'w', content => 'so late');
UPDATE threadmem_data.runs SET lease_until = clock_timestamp() + interval '1 hour' WHERE tenant_id = 'message_edited';
-- An edit that comes late gives what stands, with the pieces that came.
SELECT threadmem.message_append('t', 'w', 1, ' far');
SELECT content FROM threadmem.message_update('t', 'w', metadata => '{}', edited_at => '2026-05-01 10:02Z');
SELECT content FROM threadmem.message_update('t', 'w', content => 'later', edited_at => '2026-05-01 10:01Z');
SELECT status FROM threadmem.run_complete('t', 'r');
SELECT status FROM threadmem.message_get('t', 'w');
-- what the run's end made of it
SELECT content, status FROM threadmem.message_update('t', 'w', content => 'so what');
SELECT * FROM pg_temp.now;
