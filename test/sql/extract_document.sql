-- extract: what models answer: fenced, in prose, cut off, of another shape, with names and types that are not known.
\set SHOW_CONTEXT always
\pset null (null)
SET TIME ZONE 'UTC';
SET datestyle = ISO;
SET threadmem.tenant = 'extract document';
SET search_path = threadmem, public;
SELECT user_id FROM user_create('ada', first_name => 'Ada', last_name => 'Lovelace');
SELECT episode_id FROM memory_add_data('ada', 'Ada lives in Lyon', episode_id => 'e', event_at => '2024-05-01');
SELECT episode_id FROM memory_claim('w');
-- Answers to the one job that there is: those that are taken are taken back.
CREATE FUNCTION pg_temp.job() RETURNS text LANGUAGE sql AS $$SELECT job_id FROM threadmem.memory_jobs$$;
CREATE FUNCTION pg_temp.give(document text) RETURNS text LANGUAGE sql AS $$SELECT threadmem.memory_complete('ada', pg_temp.job(), 'w', document)$$;
\set VERBOSITY default
BEGIN;
SELECT pg_temp.give('{}'), (SELECT count(*) FROM memory_facts('ada')) AS facts;
ROLLBACK;
BEGIN;
SELECT pg_temp.give(E'<think>The user {Ada} lives in {a city}.</think>\n```\n{ "facts": null, "entities": [{"name": "Lyon", "label": null}] }\n```\nDone: } { ] [');
SELECT name, label FROM memory_entities('ada') WHERE NOT is_user;
ROLLBACK;
BEGIN;
SELECT pg_temp.give('{"facts": [{"name": "BORN", "target": "1815", "source": "ada lovelace", "fact": "Ada was born in 1815", "valid_at": "1815-12-10T08:00:00+01:00", "attributes": {"n": [1.10, 1e400, {"deep": -0.0}]}, "contradicts": "none"},
 {"name": "KNOWS", "target": "Babbage", "target_label": "Person", "source": "ada", "fact": "Ada knows Babbage", "confidence": 1}], "entities": [{"name": "ADA  LOVELACE", "summary": "A mathematician."}]}');
ROLLBACK;
BEGIN;
SELECT pg_temp.give('{"facts": [{"name": "BORN", "target": "1815", "source": "ada lovelace", "fact": "Ada was born in 1815", "valid_at": "1815-12-10T08:00:00+01:00", "attributes": {"n": [1.10, 123456789012345678901234567890.5, {"deep": -0.0}]}, "contradicts": "none"},
 {"name": "KNOWS", "target": "Babbage", "target_label": "Person", "source": "ada", "fact": "Ada knows Babbage", "confidence": 1}], "entities": [{"name": "ADA  LOVELACE", "summary": "A mathematician."}]}');
SELECT source_id, name, target, valid_at, attributes, extractor, confidence FROM memory_facts('ada', sort_by => 'valid_at');
SELECT summary FROM user_get('ada');
ROLLBACK;
-- No JSON, or not all of it: which line, which byte of it.
SELECT pg_temp.give('');
SELECT pg_temp.give('I found nothing.');
SELECT pg_temp.give('[]');
SELECT pg_temp.give('"facts"');
SELECT pg_temp.give(E'Sure:\n```json\n{"facts": [{"name": "LIVES_IN", "target": "Lyon",\n  "fact": "Ada lives in');
SELECT pg_temp.give(E'{"facts": [\n{"name": "A", "target": "b", "fact": "c"},\n]}');
SELECT pg_temp.give('{"facts": [], "facts": []}');
SELECT pg_temp.give('{"facts": [] "entities": []}');
SELECT pg_temp.give($${'facts': []}$$);
SELECT pg_temp.give(E'{"facts": []}\nOr rather:\n {"facts": [{}]}');
SELECT pg_temp.give('{"facts": [{"name": "\u0000", "target": "b", "fact": "c"}]}');
SET threadmem.bad_unicode = 'replace';
BEGIN;
SELECT pg_temp.give('{"facts": [{"name": "A\u0000", "target": "b\ud800", "fact": "c"}]}');
SELECT name = U&'A\FFFD' AS name, target = U&'b\FFFD' AS target FROM memory_facts('ada');
ROLLBACK;
RESET threadmem.bad_unicode;
-- Another shape: where.
SELECT pg_temp.give('{"facts": {}}');
SELECT pg_temp.give('{"facts": ["Ada lives in Lyon"]}');
SELECT pg_temp.give('{"facts": [{"name": "A", "target": "b", "fact": "c"}, {"name": "A", "target": "b"}]}');
SELECT pg_temp.give('{"facts": [{"name": "A", "target": null, "fact": "c"}]}');
SELECT pg_temp.give('{"facts": [{"name": "A", "target": "b", "fact": "c", "when": "now"}]}');
SELECT pg_temp.give('{"facts": [{"name": "A", "target": "b", "fact": 1}]}');
SELECT pg_temp.give('{"facts": [{"name": "A", "target": "b", "fact": "c", "attributes": []}]}');
SELECT pg_temp.give('{"facts": [{"name": "A", "target": "b", "fact": "c", "confidence": "high"}]}');
SELECT pg_temp.give('{"facts": [{"name": "A", "target": "b", "fact": "c", "contradicted_ids": ["x", 1]}]}');
SELECT pg_temp.give('{"entities": [{}]}');
SELECT pg_temp.give('{"entities": [true]}');
SELECT pg_temp.give('{"nodes": []}');
SELECT pg_temp.give('{"summary": ["a"]}');
-- The shape is right, and it is none: what in it.
SELECT pg_temp.give('{"entities": [{"name": "x"}], "facts": [{"name": "A", "target": "b", "fact": "c"}, {"name": "", "target": "b", "fact": "c"}]}');
SELECT pg_temp.give('{"facts": [{"name": "A", "target": "b", "fact": "c", "valid_at": "last Friday"}]}');
SELECT pg_temp.give('{"facts": [{"name": "A", "target": "b", "fact": "c", "valid_at": "2024-05-02", "invalid_at": "2024-05-01"}]}');
SELECT pg_temp.give('{"facts": [{"name": "A", "target": "b", "fact": "c", "confidence": 1.5}]}');
SELECT pg_temp.give('{"facts": [{"name": "A", "target": "b", "fact": "c", "contradicts": "everything"}]}');
SELECT pg_temp.give('{"facts": [{"name": "A", "target": "b", "fact": "c", "contradicted_ids": ["nothing"]}]}');
SELECT pg_temp.give('{"facts": [{"name": "A", "target": "b", "fact": "c", "contradicted_ids": [""]}]}');
SELECT pg_temp.give('{"entities": [{"name": "ada", "attributes": {"born": 1815}}]}');
SELECT pg_temp.give('{"entities": [{"name": " "}]}');
SELECT count(memory_set_ontology('{"strict": true, "entities": {"City": {}}, "facts": {"LIVES_IN": {"targets": ["City"]}}}', 'ada'));
SELECT pg_temp.give('{"entities": [{"name": "Tom", "label": "Cat"}]}');
SELECT pg_temp.give('{"facts": [{"name": "HAS", "target": "Tom", "fact": "Ada has Tom"}]}');
SELECT pg_temp.give('{"facts": [{"name": "LIVES_IN", "target": "Lyon", "fact": "Ada lives in Lyon"}]}');
SELECT memory_complete('ada', pg_temp.job(), 'w', '{"facts": [{"name": "LIVES_IN", "target": "Lyon", "target_label": "City", "fact": "Ada lives in Lyon"}]}', '');
SELECT memory_complete('ada', pg_temp.job(), 'w', NULL);
SET threadmem.max_body = '1kB';
SELECT memory_complete('ada', pg_temp.job(), 'w', repeat(' ', 1025));
RESET threadmem.max_body;
-- Nothing of all that was kept, and the job is where it was.
SELECT (SELECT count(*) FROM memory_facts('ada')) AS facts, (SELECT count(*) FROM memory_entities('ada')) AS entities, (SELECT summary FROM user_get('ada')) AS summary, (SELECT status FROM memory_jobs) AS job;
SELECT pg_temp.give('{"facts": [{"name": "LIVES_IN", "target": "Lyon", "target_label": "City", "fact": "Ada lives in Lyon"}]}');
SELECT fact, extractor, confidence FROM memory_facts('ada');
