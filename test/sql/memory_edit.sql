-- Added data is edited, with history; what it said before goes where it goes.
\set SHOW_CONTEXT never
\pset null (null)
SET TIME ZONE 'UTC';
SET threadmem.tenant = 'edit test';
SELECT count(threadmem.user_create(u)) FROM unnest('{ann,ben}'::text[]) u;
SELECT count(threadmem.memory_add_data('ann', 'Ann likes tea', event_at => '2026-01-01Z', metadata => '{"a": 1, "b": 1.10}', source_description => 'crm', episode_id => 'e'));
SELECT count(threadmem.memory_add_data('ann', 'Ann (user): I like tea', 'message', '2026-01-02Z', episode_id => 'm')), count(threadmem.memory_add_data('ann', '{"drink": "tea"}', 'json', '2026-01-03Z', episode_id => 'j'));
SELECT threadmem.memory_set_embedding('ann', '{1,2}', episode_id => 'e');
SELECT count(threadmem.memory_add_fact('ann', 'LIKES', 'Ann likes tea', 'tea', episode_id => 'e'));

-- What is not given stays, the embedding as well until the text is another.
SELECT content, event_at, metadata, source_description, embedding FROM threadmem.memory_update_episode('ann', 'e', metadata => '{"a": 2, "c": null}', remove_keys => '{b}');
SELECT content, event_at, metadata, source_description, embedding FROM threadmem.memory_update_episode('ann', 'e', 'Ann likes coffee', expected_rev => 2);
SELECT event_at, source_description FROM threadmem.memory_update_episode('ann', 'e', event_at => '2026-01-05Z', source_description => 'call');
SELECT rev, content, event_at, metadata, source_description, replaced_at IS NULL AS now FROM threadmem.memory_episode_history('ann', 'e');
SELECT name, role, content FROM threadmem.memory_update_episode('ann', 'm', 'Anna (assistant): You like coffee');
SELECT content FROM threadmem.memory_update_episode('ann', 'j', '{"drink": "coffee"}');
SELECT episode_id FROM threadmem.memory_search('ann', 'coffee') ORDER BY event_at;
SELECT episode_id FROM threadmem.memory_search('ann', 'tea');
SELECT fact FROM threadmem.memory_facts('ann');
UPDATE threadmem_data.episodes SET extract_at = NULL WHERE tenant_id = 'edit test';
SELECT count(threadmem.memory_update_episode('ann', 'm', metadata => '{}')) AS kept, count(threadmem.memory_update_episode('ann', 'j', '{"drink": "water"}')) AS edited;
SELECT episode_id FROM threadmem_data.episodes WHERE tenant_id = 'edit test' AND extract_at IS NOT NULL;

-- What is refused changes nothing.
SELECT threadmem.memory_update_episode('ann', 'none', 'x');
SELECT threadmem.memory_update_episode('ann', 'e', 'x', expected_rev => 3);
SELECT threadmem.memory_update_episode('ann', 'e', '  ');
SELECT threadmem.memory_update_episode('ann', 'm', 'no colon');
SELECT threadmem.memory_update_episode('ann', 'j', '{');
SELECT threadmem.memory_update_episode('ann', 'e', metadata => '[]');
SELECT threadmem.memory_episode_history('ann', 'none');
SELECT count(threadmem.thread_create('t', 'ann', messages => '[{"role": "user", "content": "gone", "id": "1"}]'));
SELECT count(*) > 0 AS deleted FROM threadmem.thread_delete('t');
\set VERBOSITY terse
SELECT threadmem.memory_update_episode('ann', episode_id, 'x') FROM threadmem.memory_episodes('ann') WHERE source = 'deleted_thread';
\set VERBOSITY default
SELECT count(*) FROM threadmem.memory_episode_history('ann', 'e');
SET threadmem.user_id = 'ben';
SELECT threadmem.memory_update_episode('ann', 'e', 'x');
SELECT threadmem.memory_episode_history('ann', 'e');
RESET threadmem.user_id;

-- Edited while a worker has it: what it says now waits for the next claim.
SELECT count(threadmem.memory_add_data('ben', 'Ben likes tea', episode_id => 'claimed'));
SELECT job_id FROM threadmem.memory_claim('w', 100) WHERE user_id = 'ben' \gset
SELECT count(threadmem.memory_update_episode('ben', 'claimed', 'Ben likes cake'));
SELECT threadmem.memory_complete('ben', :'job_id', 'w', '{}');
SELECT status, pending FROM threadmem.memory_status('ben');
SELECT job_id, content FROM threadmem.memory_claim('w', 100) WHERE user_id = 'ben' \gset
SELECT :'content' AS content, threadmem.memory_complete('ben', :'job_id', 'w', '{}');
SELECT status FROM threadmem.memory_status('ben');
SELECT threadmem.memory_delete_episode('ben', 'claimed');
-- Exported, verified, deleted with the episode, forgotten.
SELECT e ->> 'episode_id' AS episode, e ->> 'rev' AS rev, e ->> 'content' AS content FROM threadmem.user_export('ann') e WHERE e ->> 'object' = 'episode_revision' ORDER BY 1, 2;
BEGIN;
UPDATE threadmem_data.episode_revisions SET episode_id = 'x' WHERE tenant_id = 'edit test' AND episode_id = 'm';
SELECT problem FROM threadmem.threadmem_verify();
ROLLBACK;
SELECT threadmem.memory_delete_episode('ann', 'j');
SELECT episode_id, count(*) FROM threadmem_data.episode_revisions WHERE tenant_id = 'edit test' GROUP BY 1 ORDER BY 1;
SELECT threadmem.memory_forget('ann', since => '2026-01-04Z', before => '2026-01-06Z');
SELECT episode_id, count(*) FROM threadmem_data.episode_revisions WHERE tenant_id = 'edit test' GROUP BY 1 ORDER BY 1;
SELECT count(*) > 0 AS deleted FROM threadmem.user_delete('ann');
SELECT count(*) FROM threadmem_data.episode_revisions WHERE tenant_id = 'edit test';
