-- What is forgotten, deleted or erased is in no table any more: a marker that was said is looked for in every row.
\set SHOW_CONTEXT never
\set VERBOSITY terse
\pset null (null)
SET threadmem.tenant = 'marker';
-- The tables that have it, in the tenant of the session; of each test another.
CREATE FUNCTION pg_temp.found() RETURNS text LANGUAGE plpgsql AS $$
DECLARE name text; has boolean; list text[] := '{}';
BEGIN
    FOR name IN SELECT relname FROM pg_class WHERE relnamespace = 'threadmem_data'::regnamespace AND relkind = 'r' ORDER BY relname COLLATE "C" LOOP
        CONTINUE WHEN NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = format('threadmem_data.%I', name)::regclass AND attname = 'tenant_id');
        EXECUTE format('SELECT EXISTS (SELECT FROM threadmem_data.%I t WHERE tenant_id = $1 AND t::text ~* ''zqx'')', name) INTO has USING current_setting('threadmem.tenant');
        IF has THEN list := list || name; END IF;
    END LOOP;
    RETURN array_to_string(list, ' ');
END $$;
CREATE FUNCTION pg_temp.drawn(what text) RETURNS text LANGUAGE sql AS $$SELECT threadmem.memory_complete(user_id, job_id, 'w', what) FROM threadmem.memory_claim('w')$$;
CREATE FUNCTION pg_temp.failed(retry boolean DEFAULT false) RETURNS text LANGUAGE sql AS $$SELECT threadmem.memory_fail(user_id, job_id, 'w', 'no JSON in "the zqx of it"', retry) FROM threadmem.memory_claim('w')$$;
-- A user with it in all that is drawn: of m1, of added data e1; m2 and m3 do not say it, but the errors of their jobs do.
CREATE FUNCTION pg_temp.filled(tenant text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('threadmem.tenant', tenant, false), threadmem.user_create('ann'), threadmem.thread_create('t', 'ann'), threadmem.thread_create('other', 'ann'), threadmem.message_add('t', 'user', 'my zqx', message_id => 'm1');
    PERFORM pg_temp.drawn('{"facts": [{"name": "HAS", "target": "zqx", "fact": "Ann has a zqx"}, {"name": "HAS", "target": "other zqx", "fact": "Ann has another zqx", "valid_at": "2026-01-01"}], "entities": [{"name": "zqx", "summary": "a zqx", "attributes": {"zqx": "zqx"}}], "summary": "Ann has a zqx."}');
    PERFORM threadmem.message_add('t', 'user', 'my zqx again', message_id => 'm2');
    PERFORM pg_temp.failed();
    PERFORM threadmem.message_add('other', 'user', 'something else', message_id => 'm3');
    PERFORM pg_temp.failed(true);
    RETURN pg_temp.found();
END $$;

-- Every way that takes what was said from memory takes it from there; the first four leave the conversation.
SELECT pg_temp.filled('forget');
SELECT threadmem.memory_forget('ann'), pg_temp.found();
SELECT pg_temp.filled('forget thread');
SELECT threadmem.memory_forget('ann', thread_id => 't'), pg_temp.found();
SELECT pg_temp.filled('forget since');
SELECT threadmem.memory_forget('ann', since => now() - interval '1 hour'), pg_temp.found();
SELECT pg_temp.filled('kept out');
SELECT in_memory, pg_temp.found() FROM threadmem.thread_update('t', in_memory => false);
SELECT count(*) FROM threadmem_data.entities WHERE tenant_id = 'kept out';
SELECT pg_temp.filled('erase');
SELECT count(threadmem.message_erase('t', id)), pg_temp.found() FROM unnest('{m1,m2}'::text[]) id;
SELECT pg_temp.found();
SELECT pg_temp.filled('delete thread');
SELECT sum(deleted) > 0 AS deleted FROM threadmem.thread_delete('t', keep_memory => false);
SELECT pg_temp.found();
SELECT pg_temp.filled('delete user');
SELECT sum(deleted) > 0 AS deleted FROM threadmem.user_delete('ann');
SELECT pg_temp.found();
-- A deleted message stays as its row alone, until it is erased.
SELECT pg_temp.filled('delete message');
SELECT state FROM unnest('{m1,m2}'::text[]) id, LATERAL threadmem.message_delete('t', id);
SELECT pg_temp.found();
-- A thread that goes and is remembered takes along what was said of its jobs; what is remembered then goes by itself.
SELECT pg_temp.filled('keep memory');
SELECT kept FROM threadmem.thread_delete('t') WHERE kind = 'messages';
SELECT pg_temp.found();
SELECT count(threadmem.memory_delete_episode('ann', episode_id)) FROM threadmem.memory_episodes('ann') WHERE source = 'deleted_thread';
SELECT pg_temp.found();

-- An episode that is no message, what it said before, and the error of its job.
SET threadmem.tenant = 'episode';
SELECT count(threadmem.user_create('ann')), count(threadmem.memory_add_data('ann', 'the zqx', episode_id => 'e1')), count(threadmem.memory_update_episode('ann', 'e1', 'the zqx, edited'));
SELECT pg_temp.failed(), pg_temp.found();
SELECT threadmem.memory_delete_episode('ann', 'e1'), pg_temp.found();
SELECT * FROM threadmem.memory_status('ann');
-- Who has claimed what goes is told so, and what it was told before is gone; what is at rest goes with its episode.
SELECT count(threadmem.memory_add_data('ann', 'the zqx', episode_id => 'e2'));
SELECT pg_temp.failed(true);
UPDATE threadmem_data.memory_jobs SET lease_until = now() WHERE tenant_id = 'episode';
SELECT attempts FROM threadmem.memory_claim('w');
SELECT status, error FROM threadmem_data.memory_jobs WHERE tenant_id = 'episode';
SELECT threadmem.memory_delete_episode('ann', 'e2');
SELECT status, error FROM threadmem_data.memory_jobs WHERE tenant_id = 'episode';
SELECT threadmem.memory_complete('ann', job_id, 'w', '{"facts": [{"name": "HAS", "target": "zqx", "fact": "Ann has a zqx"}]}') FROM threadmem.memory_jobs;
SELECT pg_temp.found();
-- What another still has stays with them: Ann forgets, Bob's memory of his thread does not.
SET threadmem.tenant = 'memory marker two';
SELECT count(threadmem.user_create(u)) FROM unnest('{ann,bob}'::text[]) u;
SELECT count(*) FROM threadmem.thread_create('bobs', 'bob', messages => '[{"role": "user", "content": "my zqx", "sender_id": "ann"}]');
SELECT pg_temp.failed(), threadmem.memory_forget('ann'), pg_temp.found();
SELECT threadmem.memory_forget('bob'), pg_temp.found();

-- An entity that another message mentions stays, and says again what it said before; what came later may have been made of it.
SET threadmem.tenant = 'described';
SELECT count(threadmem.user_create('ann')), count(threadmem.thread_create('t', 'ann')), count(threadmem.memory_add_entity('ann', 'Rex', 'Dog', 'a dog', '{"legs": 4}', entity_id => 'rex'));
CREATE FUNCTION pg_temp.says(id text, document text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM threadmem.message_add('t', 'user', 'of Rex', message_id => id);
    RETURN pg_temp.drawn(document);
END $$;
SELECT pg_temp.says('m1', '{"entities": [{"name": "Rex"}], "facts": [{"name": "HAS", "target": "Rex", "fact": "Ann has Rex"}]}'), pg_temp.says('m2', '{"entities": [{"name": "rex", "summary": "a zqx dog", "attributes": {"zqx": true}}]}'), pg_temp.says('m3', '{"entities": [{"name": "Rex", "summary": "a big zqx dog"}]}');
SELECT threadmem.memory_update_entity('ann', 'rex', label => 'Pet') IS NOT NULL AS edited, pg_temp.found();
SELECT summary, attributes FROM threadmem.memory_entity_history('ann', 'rex');
SELECT state FROM threadmem.message_erase('t', 'm2');
SELECT pg_temp.found();
SELECT name, label, summary, attributes FROM threadmem.memory_entity_history('ann', 'rex');
SELECT count(*) FROM threadmem.memory_search('ann', 'dog', scope => 'nodes');
SELECT count(*) AS wrong FROM threadmem.threadmem_verify();
-- One that a message made, and another mentions, has nothing to fall back to; so has one that was stated in what is forgotten.
SELECT pg_temp.says('m4', '{"entities": [{"name": "Tom", "summary": "a zqx", "attributes": {"a": "zqx"}}]}'), pg_temp.says('m5', '{"entities": [{"name": "Tom"}]}');
SELECT state FROM threadmem.message_delete('t', 'm4');
SELECT name, summary, attributes FROM threadmem.memory_entities('ann', search => 'tom');
SELECT count(threadmem.memory_add_entity('ann', 'Kim', summary => 'zqx')), count(threadmem.memory_add_entity('ann', 'Kim', thread_id => 't', message_id => 'm5', if_exists => 'do_nothing'));
UPDATE threadmem_data.entity_episodes SET event_at = '2020-01-01' WHERE tenant_id = 'described' AND message_id = 'm5';
SELECT threadmem.memory_forget('ann', since => now() - interval '1 hour'), pg_temp.found();
SELECT name, summary FROM threadmem.memory_entities('ann', search => 'kim');
-- An edited message describes anew.
SELECT pg_temp.says('m6', '{"entities": [{"name": "Pia", "summary": "a zqx"}]}'), pg_temp.says('m7', '{"entities": [{"name": "Pia"}]}');
SELECT rev > 0 AS edited FROM threadmem.message_update('t', 'm6', 'of Pia');
SELECT pg_temp.drawn('{"entities": [{"name": "Pia", "summary": "a friend"}]}'), pg_temp.found();
SELECT name, summary FROM threadmem.memory_entity_history('ann', (SELECT entity_id FROM threadmem.memory_entities('ann', search => 'pia')));
-- The summary of the user: of what it comes from; one that says it anew is of that alone, and what the application set stays.
SET threadmem.tenant = 'summary';
SELECT count(threadmem.user_create('ann')), count(threadmem.thread_create('t', 'ann'));
SELECT pg_temp.says('m1', '{"summary": "zqx"}'), pg_temp.says('m2', '{"entities": [{"name": "ann", "summary": "zqx, and more"}]}'), pg_temp.says('m3', '{}');
SELECT message_id FROM threadmem.memory_sources('ann', entity_id => 'ann');
SELECT count(*) AS wrong FROM threadmem.threadmem_verify();
SELECT state FROM threadmem.message_delete('t', 'm3');
SELECT summary FROM threadmem.user_get('ann');
SELECT state FROM threadmem.message_delete('t', 'm1');
SELECT summary, pg_temp.found() FROM threadmem.user_get('ann');
SELECT pg_temp.says('m4', '{"summary": "zqx"}');
SELECT summary FROM threadmem.user_update('ann', summary => 'as told');
SELECT state FROM threadmem.message_delete('t', 'm4');
SELECT summary FROM threadmem.user_get('ann');
SELECT threadmem.memory_forget('ann'), (SELECT summary FROM threadmem.user_get('ann'));
