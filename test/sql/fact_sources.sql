-- fact_sources: where facts come from, and what goes when that goes.
\pset null (null)
SET TIME ZONE 'UTC';
SET datestyle = ISO;
SET threadmem.tenant = 'sources';
SET search_path = threadmem, public;
SELECT user_id FROM user_create('ada');
SELECT user_id FROM user_create('bob');
SELECT thread_id FROM thread_create('t', 'ada');
SELECT message_id FROM message_add('t', 'user', 'I moved to Lyon', message_id => 'm1', event_at => '2024-05-01');
SELECT message_id FROM message_add('t', 'user', 'My cat is called Tom', message_id => 'm2', event_at => '2024-06-01');
SELECT message_id FROM message_add('t', 'user', 'Lyon is lovely', message_id => 'm3', event_at => '2024-07-01', sender_id => 'bob');
SELECT message_id FROM message_add('t', 'user', 'not remembered', message_id => 'm4', in_memory => false);
SELECT episode_id FROM memory_add_data('ada', 'Ada has a cat, Tom', episode_id => 'e1', event_at => '2024-08-01');
-- Each fact names what says it; the same said twice has both.
CREATE FUNCTION pg_temp.draw() RETURNS SETOF text LANGUAGE sql AS $$
    SELECT fact_id FROM threadmem.memory_add_fact('ada', 'LIVES_IN', 'Ada lives in Lyon', 'Lyon', thread_id => 't', message_id => 'm1', fact_id => 'lyon', valid_at => '2024-05-01')
    UNION ALL SELECT fact_id FROM threadmem.memory_add_fact('ada', 'LIVES_IN', 'Ada lives in Lyon', 'Lyon', thread_id => 't', message_id => 'm3')
    UNION ALL SELECT fact_id FROM threadmem.memory_add_fact('ada', 'HAS_PET', 'Ada has Tom', 'Tom', thread_id => 't', message_id => 'm2', fact_id => 'tom')
    UNION ALL SELECT fact_id FROM threadmem.memory_add_fact('ada', 'IS_A', 'Tom is a cat', 'cat', 'Tom', episode_id => 'e1', fact_id => 'cat')
    UNION ALL SELECT fact_id FROM threadmem.memory_add_fact('ada', 'LIKES', 'Ada likes tea', 'tea', fact_id => 'tea') $$;
CREATE FUNCTION pg_temp.known() RETURNS TABLE (facts text, entities text) LANGUAGE sql AS $$
    SELECT (SELECT string_agg(fact_id, ' ' ORDER BY fact_id) FROM threadmem.memory_facts('ada', include_expired => true)),
           (SELECT string_agg(name, ' ' ORDER BY name) FROM threadmem.memory_entities('ada', sort_by => 'name') WHERE NOT is_user) $$;
SELECT pg_temp.draw();
SELECT * FROM pg_temp.known();
SELECT message_id, episode_id, content, has_more FROM memory_sources('ada', 'lyon');
SELECT message_id, has_more FROM memory_sources('ada', 'lyon', max_rows => 1);
SELECT message_id FROM memory_sources('ada', 'lyon', after_position => (SELECT position FROM memory_sources('ada', 'lyon', max_rows => 1)));
SELECT message_id, episode_id FROM memory_sources('ada', entity_id => (SELECT entity_id FROM memory_entities('ada', search => 'Tom')));
SELECT count(*) FROM memory_sources('ada', 'tea');
SELECT memory_sources('ada', 'nobody');
SELECT memory_sources('ada', 'lyon', 'x');
SELECT memory_sources('ada');
-- Only what is in this memory can be named.
SELECT memory_add_fact('ada', 'X', 'x', 'y', thread_id => 't', message_id => 'm4');
SELECT memory_add_fact('bob', 'X', 'x', 'y', thread_id => 't', message_id => 'm1');
SELECT fact_id FROM memory_add_fact('bob', 'LIKES', 'Bob likes Lyon', 'Lyon', thread_id => 't', message_id => 'm3', fact_id => 'bobs');
SELECT memory_add_fact('ada', 'X', 'x', 'y', thread_id => 't', message_id => 'm1', episode_id => 'e1');
-- One of two sources goes: the fact stays. The last goes: it goes, and the entity that nothing else mentions.
BEGIN;
SELECT state FROM message_delete('t', 'm1');
SELECT * FROM pg_temp.known();
SELECT state FROM message_erase('t', 'm3');
SELECT * FROM pg_temp.known();
SELECT count(*) AS of_bob FROM memory_facts('bob');
ROLLBACK;
BEGIN;
SELECT state FROM message_delete('t', 'm2');
SELECT * FROM pg_temp.known();
SELECT memory_delete_episode('ada', 'e1');
SELECT * FROM pg_temp.known();
ROLLBACK;
-- What an episode ended stays ended; what was stated stays, and is stated by being said without a source.
BEGIN;
SELECT message_id FROM message_add('t', 'user', 'I moved to Nice', message_id => 'm5', event_at => '2024-09-01');
SELECT fact_id FROM memory_add_fact('ada', 'LIVES_IN', 'Ada lives in Nice', 'Nice', valid_at => '2024-09-01', thread_id => 't', message_id => 'm5', fact_id => 'nice');
SELECT state FROM message_delete('t', 'm5');
SELECT invalid_at, expired_at IS NOT NULL AS expired FROM memory_get_fact('ada', 'lyon');
SELECT fact_id FROM memory_add_fact('ada', 'HAS_PET', 'Ada has Tom', 'Tom');
SELECT state FROM message_delete('t', 'm2');
SELECT * FROM pg_temp.known();
ROLLBACK;
-- A thread that is deleted: kept, its facts come from the episodes that are kept; else they go with it.
BEGIN;
SELECT kind, deleted, kept FROM thread_delete('t') WHERE kind = 'messages';
SELECT * FROM pg_temp.known();
SELECT message_id, episode_id IS NOT NULL AS kept, source FROM memory_sources('ada', 'lyon');
SELECT count(*) AS of_bob FROM memory_sources('bob', 'bobs');
SELECT count(*) FROM threadmem_verify();
SELECT thread_id FROM thread_create('t', 'ada');
SELECT message_id FROM message_add('t', 'user', 'I moved to Lyon', message_id => 'm1');
SELECT state FROM message_delete('t', 'm1');
SELECT * FROM pg_temp.known();
SELECT memory_forget('ada', thread_id => 't');
SELECT * FROM pg_temp.known();
SELECT count(*) AS of_bob FROM memory_facts('bob');
ROLLBACK;
BEGIN;
SELECT kind, deleted, kept FROM thread_delete('t', keep_memory => false) WHERE kind = 'messages';
SELECT * FROM pg_temp.known();
SELECT count(*) AS of_bob FROM memory_facts('bob');
SELECT count(*) FROM threadmem_verify();
ROLLBACK;
-- Forgotten: of a thread, from before a time, all.
BEGIN;
SELECT memory_forget('ada', before => '2024-05-15');
SELECT * FROM pg_temp.known();
SELECT memory_forget('ada', before => '2024-07-15');
SELECT * FROM pg_temp.known();
SELECT memory_forget('ada', before => '2100-01-01');
SELECT * FROM pg_temp.known();
ROLLBACK;
BEGIN;
SELECT memory_forget('ada');
SELECT * FROM pg_temp.known();
SELECT count(*) AS of_bob FROM memory_facts('bob');
SELECT count(*) FROM threadmem_verify();
ROLLBACK;
-- Who is deleted takes what it said, also out of the memory of others.
SELECT user_id FROM user_create('eve');
SELECT message_id FROM message_add('t', 'user', 'Tom is mine', message_id => 'm6', sender_id => 'eve');
SELECT fact_id FROM memory_add_fact('ada', 'OWNS', 'Eve owns Tom', 'Tom', 'Eve', thread_id => 't', message_id => 'm6', fact_id => 'eves');
SELECT kind, deleted FROM user_delete('eve') WHERE kind IN ('erased_messages', 'facts');
SELECT * FROM pg_temp.known();
-- A session narrowed to a user sees its own; what its deletions take from others' memory is told to nobody.
SET threadmem.user_id = 'bob';
SELECT count(*) FROM memory_facts('bob');
SELECT count(*) FROM facts;
SELECT memory_facts('ada');
SELECT memory_add_fact('ada', 'X', 'x', 'y');
SET threadmem.user_id = 'ada';
SELECT state FROM message_delete('t', 'm3');
RESET threadmem.user_id;
SELECT count(*) AS of_bob FROM memory_facts('bob');
SELECT * FROM pg_temp.known();
-- Exported with the user.
SELECT o ->> 'object' AS object, count(*) FROM user_export('ada') o WHERE o ->> 'object' ~ 'fact|entity|ontology' GROUP BY 1 ORDER BY 1;
SELECT count(*) > 0 AS left FROM tenant_delete('sources');
SELECT count(*) FROM threadmem_data.fact_episodes WHERE tenant_id = 'sources';
