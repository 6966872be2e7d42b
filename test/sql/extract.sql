-- extract: what a worker gets, what it hands back, and how far it is.
\set SHOW_CONTEXT never
\set VERBOSITY terse
\pset null (null)
SET TIME ZONE 'UTC';
SET datestyle = ISO;
SET threadmem.tenant = 'extract';
SET search_path = threadmem, public;
SELECT user_id FROM user_create('ada', first_name => 'Ada');
SELECT user_id FROM user_create('bob');
SELECT memory_status('ada');
SELECT memory_claim('w');
SELECT thread_id FROM thread_create('t', 'ada');
SELECT thread_id FROM thread_create('other', 'ada');
SELECT thread_id FROM thread_create('bobs', 'bob');
SELECT seq FROM message_add('t', 'system', 'be kind', message_id => 's', in_memory => false);
SELECT seq FROM message_add('t', 'user', 'I moved to Lyon', message_id => 'm1', event_at => '2024-05-01', name => 'Ada');
SELECT seq FROM message_add('other', 'user', 'I have a cat', message_id => 'o1');
SELECT seq FROM message_add('t', 'assistant', 'How nice', message_id => 'm2');
SELECT seq FROM message_add('bobs', 'user', 'I like tea', message_id => 'b1');
SELECT episode_id FROM memory_add_data('ada', 'Ada has two children', episode_id => 'e1', event_at => '2020-01-01');
SELECT count(memory_set_ontology('{"facts": {"LIKES": {"many": true}}}'));
SELECT 'ada', * FROM memory_status('ada') UNION ALL SELECT 'bob', * FROM memory_status('bob');

-- Of each user one, what arrived first, with what was said before it; the user's next when that is done.
SELECT user_id, attempts, thread_id, message_id, episode_id, source, role, name, content, ontology, user_name, summary, entities, jsonb_array_length(neighbours) AS neighbours, neighbours #>> '{0,content}' AS before
  FROM memory_claim('w1', max_rows => 10);
SELECT count(*) FROM memory_claim('w2', max_rows => 10);
SELECT user_id, message_id, status, worker, attempts, error FROM memory_jobs ORDER BY 1;
SELECT 'ada', * FROM memory_status('ada') UNION ALL SELECT 't', * FROM memory_status('ada', 't') UNION ALL SELECT 'other', * FROM memory_status('ada', 'other')
 UNION ALL SELECT 'm1', * FROM memory_status('ada', 't', 'm1') UNION ALL SELECT 'm2', * FROM memory_status('ada', 't', 'm2') UNION ALL SELECT 's', * FROM memory_status('ada', 't', 's')
 UNION ALL SELECT 'e1', * FROM memory_status('ada', episode_id => 'e1');
CREATE FUNCTION pg_temp.job(u text) RETURNS text LANGUAGE sql AS $$SELECT job_id FROM threadmem.memory_jobs WHERE user_id = u AND status IN ('claimed', 'retry')$$;
CREATE FUNCTION pg_temp.done(u text, worker text, document text) RETURNS text LANGUAGE sql AS $$SELECT threadmem.memory_complete(u, pg_temp.job(u), worker, document)$$;
SELECT memory_complete('ada', pg_temp.job('ada'), 'w1', $$Here is what I found:
```json
{"entities": [{"name": "Lyon", "label": "City", "summary": "A town in France", "attributes": {"people": 522250.10, "big": 12345678901234567890123, "small": 1.10}}],
 "facts": [{"source": null, "name": "LIVES_IN", "target": "lyon", "fact": "Ada lives in Lyon", "valid_at": "2024-05-01", "confidence": 0.75, "attributes": {"since": 1.50}}],
 "summary": "Ada, of Lyon."}
```
That is all {I think}.$$, 'some-model');
SELECT name, label, summary, attributes FROM memory_entities('ada', search => 'lyon');
SELECT source, name, target, fact, valid_at, attributes, extractor, confidence FROM memory_facts('ada');
SELECT thread_id, message_id FROM memory_sources('ada', (SELECT fact_id FROM memory_facts('ada')));
SELECT summary FROM user_get('ada');
SELECT * FROM memory_status('ada', 't', 'm1');
-- The order is that of arrival, over threads and data.
SELECT thread_id, message_id, episode_id, jsonb_path_query_array(entities, '$[*].name') AS known, summary FROM memory_claim('w1');
SELECT pg_temp.done('ada', 'w1', '{"facts": [{"name": "HAS", "target": "a cat", "fact": "Ada has a cat"}]}');
SELECT thread_id, message_id FROM memory_claim('w1');
SELECT pg_temp.done('ada', 'w1', '{}');
SELECT episode_id, source, content, event_at FROM memory_claim('w1');
SELECT pg_temp.done('ada', 'w1', '{"facts": [{"name": "HAS", "target": "children", "fact": "Ada has two children", "contradicts": "none"}]}');
SELECT episode_id FROM memory_sources('ada', (SELECT fact_id FROM memory_facts('ada') WHERE target = 'children'));
SELECT count(*) FROM memory_claim('w1');
SELECT 'ada', * FROM memory_status('ada') UNION ALL SELECT 't', * FROM memory_status('ada', 't') UNION ALL SELECT 's', * FROM memory_status('ada', 't', 's') UNION ALL SELECT 'e1', * FROM memory_status('ada', episode_id => 'e1');
SELECT t.thread_id, t.extract_at IS NULL AS idle, t.extracted_rev FROM threadmem_data.threads t WHERE t.tenant_id = 'extract' AND t.user_id = 'ada' ORDER BY t.thread_id;
-- What is said now waits again, and so does what is edited; what was claimed and then edited is gone.
SELECT seq FROM message_add('t', 'user', 'I moved to Nice', message_id => 'm3');
SELECT message_id FROM memory_claim('w1');
SELECT rev FROM message_update('t', 'm3', 'I moved to Nice in June');
SELECT pg_temp.done('ada', 'w1', '{"facts": [{"name": "LIVES_IN", "target": "Nice", "fact": "Ada lives in Nice"}]}');
SELECT count(*) FROM memory_facts('ada', name => 'LIVES_IN');
SELECT message_id, content FROM memory_claim('w1');
SELECT pg_temp.done('ada', 'w1', '{}');
SELECT status, pending FROM memory_status('ada', 't', 'm3');
-- Of what was edited goes what it says no more; what it says still is the same fact as before.
CREATE TEMP TABLE was AS SELECT fact_id, target FROM memory_facts('ada');
SELECT rev FROM message_update('t', 'm1', 'I moved to Lyon, France');
SELECT rev FROM message_update('other', 'o1', 'I have a dog');
SELECT message_id, content FROM memory_claim('w1');
SELECT pg_temp.done('ada', 'w1', '{"facts": [{"name": "LIVES_IN", "target": "Lyon", "fact": "Ada lives in Lyon"}, {"name": "IN", "source": "Lyon", "target": "France", "fact": "Lyon is in France"}]}');
SELECT message_id, content FROM memory_claim('w1');
SELECT pg_temp.done('ada', 'w1', '{"facts": [{"name": "HAS", "target": "a dog", "fact": "Ada has a dog"}]}');
SELECT f.target, f.fact_id = w.fact_id AS same FROM memory_facts('ada') f LEFT JOIN was w USING (target) ORDER BY f.target;
SELECT name FROM memory_entities('ada', sort_by => 'name', sort_order => 'asc');

-- A worker that fails: it comes again when it may, the rest waits for it; then it has failed, and the next comes.
SELECT pg_temp.done('bob', 'w1', '{}');
SELECT seq FROM message_add('bobs', 'user', 'a puzzle', message_id => 'b2');
SELECT seq FROM message_add('bobs', 'user', 'an answer', message_id => 'b3');
SELECT message_id, attempts FROM memory_claim('w1', max_attempts => 2);
SELECT memory_fail('bob', pg_temp.job('bob'), 'w1', 'the model is busy', retry_after => '1 hour');
SELECT count(*) FROM memory_claim('w1');
SELECT * FROM memory_status('bob', 'bobs', 'b2');
SELECT memory_fail('bob', pg_temp.job('bob'), 'w1', 'again');
UPDATE threadmem_data.memory_jobs SET lease_until = now() WHERE status = 'retry';
SELECT message_id, attempts FROM memory_claim('w2');
SELECT memory_fail('bob', pg_temp.job('bob'), 'w1', 'not mine');
SELECT memory_fail('bob', pg_temp.job('bob'), 'w2', 'the model is still busy');
SELECT * FROM memory_status('bob', 'bobs', 'b2');
SELECT * FROM memory_status('bob');
SELECT message_id, attempts FROM memory_claim('w1');
SELECT memory_fail('bob', pg_temp.job('bob'), 'w1', 'cannot', retry => false);
SELECT 'b3', * FROM memory_status('bob', 'bobs', 'b3') UNION ALL SELECT 'bob', * FROM memory_status('bob');
-- What failed waits again when it is edited.
SELECT rev FROM message_update('bobs', 'b3', 'an answer to it');
SELECT message_id FROM memory_claim('w1');
SELECT pg_temp.done('bob', 'w1', '{}');
SELECT status, failed FROM memory_status('bob', 'bobs', 'b3');
-- A worker that is silent: its lease ends, another gets it, and the first is told so; at last it has failed.
SELECT seq FROM message_add('bobs', 'user', 'tea with milk', message_id => 'b4');
SELECT message_id, attempts, lease_until > now() + interval '50 seconds' AS leased FROM memory_claim('w1', lease => '1 minute', max_attempts => 2);
UPDATE threadmem_data.memory_jobs SET lease_until = now() WHERE status = 'claimed';
SELECT 'b4', * FROM memory_status('bob', 'bobs', 'b4');
SELECT message_id, attempts FROM memory_claim('w2');
SELECT pg_temp.done('bob', 'w1', '{"facts": [{"name": "LIKES", "target": "tea", "fact": "Bob likes tea"}]}');
UPDATE threadmem_data.memory_jobs SET lease_until = now() WHERE status = 'claimed';
SELECT message_id, attempts FROM memory_claim('w2');
SELECT 'b4', * FROM memory_status('bob', 'bobs', 'b4');
SELECT count(*) FROM memory_facts('bob');

-- A message that is being streamed is waited for; what comes behind it in its thread as well.
SELECT message_id FROM message_start('bobs', message_id => 'b5');
SELECT seq FROM message_add('bobs', 'user', 'behind it', message_id => 'b6');
SELECT count(*) FROM memory_claim('w1');
SELECT message_append('bobs', 'b5', 1, 'the words');
SELECT status FROM message_complete('bobs', 'b5');
UPDATE threadmem_data.threads SET extract_at = now() WHERE thread_id = 'bobs';
SELECT message_id, content FROM memory_claim('w1');
SELECT pg_temp.done('bob', 'w1', '{}');
SELECT message_id FROM memory_claim('w1');
SELECT pg_temp.done('bob', 'w1', '{}');

-- Deleted, forgotten: it is not claimed, and what was claimed is gone. A thread that goes leaves what waited in it.
SELECT count(message_add('bobs', 'user', x, message_id => x)) FROM unnest('{c1,c2,c3,c4,c5}'::text[]) x;
SELECT message_id FROM memory_claim('w1');
SELECT state FROM message_delete('bobs', 'c1');
SELECT pg_temp.job('bob');
SELECT state FROM message_erase('bobs', 'c2');
SELECT message_id FROM memory_claim('w1');
SELECT memory_forget('bob');
SELECT pg_temp.done('bob', 'w1', '{"facts": [{"name": "LIKES", "target": "tea", "fact": "Bob likes tea"}]}');
SELECT count(*) FROM memory_facts('bob');
SELECT count(*) FROM memory_claim('w1');
SELECT count(message_add('bobs', 'user', x, message_id => x)) FROM unnest('{d1,d2,d3}'::text[]) x;
SELECT message_id FROM memory_claim('w1');
SELECT pg_temp.done('bob', 'w1', '{}');
SELECT message_id FROM memory_claim('w1');
SELECT kept FROM thread_delete('bobs') WHERE kind = 'messages';
SELECT pg_temp.job('bob');
SELECT source, content, thread_id FROM memory_claim('w1');
SELECT pg_temp.done('bob', 'w1', '{}');
SELECT content FROM memory_claim('w1');
SELECT pg_temp.done('bob', 'w1', '{}');
SELECT content FROM memory_claim('w1');
SELECT pg_temp.done('bob', 'w1', '{}');
SELECT memory_status('bob');
-- A copy is as far as its original.
SELECT thread_id FROM thread_copy('t', 'copy');
SELECT count(*) FROM memory_claim('w1');
-- Users take turns: one with much to do does not keep the others waiting.
SELECT count(message_add('t', 'user', x)) FROM unnest('{x1,x2,x3}'::text[]) x;
SELECT thread_id FROM thread_create('bobs', 'bob');
SELECT count(message_add('bobs', 'user', x)) FROM unnest('{y1,y2}'::text[]) x;
SELECT u.n, c.user_id, c.content, pg_temp.done(c.user_id, 'w1', '{}') FROM generate_series(1, 6) u(n), LATERAL (SELECT * FROM memory_claim('w1' || left(u.n::text, 0))) c;

-- A narrowed session works for its own user.
SELECT count(message_add(t, 'user', 'more')) FROM unnest('{t,bobs}'::text[]) t;
SET threadmem.user_id = 'bob';
SELECT user_id FROM memory_claim('w1', max_rows => 10);
SELECT memory_status('ada');
SELECT memory_complete('ada', 'x', 'w1', '{}');
RESET threadmem.user_id;
SELECT user_id FROM memory_claim('w1', max_rows => 10);
-- All goes with the user.
SELECT deleted FROM user_delete('bob') WHERE kind = 'users';
SELECT user_id, status FROM memory_jobs;
SELECT threadmem_verify();

-- Bad input.
\set VERBOSITY default
SELECT memory_claim(NULL);
SELECT memory_claim('');
SELECT memory_claim('w', max_rows => -1);
SELECT memory_claim('w', lease => '-1 second');
SELECT memory_claim('w', max_attempts => 0);
SELECT memory_claim('w', neighbours => 101);
SELECT memory_complete('ada', 'nobody', 'w', '{}');
SELECT memory_complete('nobody', 'x', 'w1', '{}');
SELECT memory_fail('ada', 'nobody', 'w', 'x');
SELECT memory_fail('ada', pg_temp.job('ada'), 'w1', repeat('x', 10001));
SELECT memory_status('nobody');
SELECT memory_status('ada', 'nothing');
SELECT memory_status('ada', message_id => 'm1');
SELECT memory_status('ada', 't', 'nothing');
SELECT memory_status('ada', 't', episode_id => 'e1');
SELECT memory_status('ada', episode_id => 'nothing');
SELECT user_id, status FROM memory_jobs;

-- Of a large memory a worker is told the entities that the text names, wherever its words begin, then those of the newest facts.
SET threadmem.tenant = 'extract many';
SELECT count(user_create('eva')), count(thread_create('t', 'eva'));
SELECT count(memory_add_entity('eva', 'Place ' || n)) FROM generate_series(1, 300) n;
SELECT count(memory_add_entity('eva', name)) FROM unnest('{Zed,"New York","New Yorkshire",C++,O''Brien,"Acme Inc.",Élan,東京,Ann}'::text[]) name;
SELECT count(memory_add_fact('eva', 'KNOWS', 'Eva knows ' || name, name, contradicts => 'none')) FROM unnest('{Place 200,Place 300}'::text[]) name;
SELECT seq FROM message_add('t', 'user', 'In  New York, “zed” and O''Brien''s sister of ACME Inc. read about C++ with Élan; 彼は東京にいる. Annapolis!', message_id => 'm');
SELECT jsonb_array_length(entities) AS told, jsonb_path_query_array(entities, '$[0 to 6].name') AS named, jsonb_path_query_array(entities, '$[7 to 8].name') AS recent FROM memory_claim('w');
SELECT memory_complete('eva', job_id, 'w', '{}') FROM memory_jobs WHERE user_id = 'eva' AND status = 'claimed';
SELECT episode_id FROM memory_add_data('eva', '東', episode_id => 'e');
SELECT jsonb_array_length(entities) AS told FROM memory_claim('w');
