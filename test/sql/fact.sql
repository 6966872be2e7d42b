-- fact: entities and facts: what is there, what they end, what they are refused.
\pset null (null)
SET TIME ZONE 'UTC';
SET datestyle = ISO;
SET threadmem.tenant = 'fact';
SET search_path = threadmem, public;
SELECT user_id FROM user_create('ada', first_name => 'Ada', last_name => 'Byron');
SELECT user_id FROM user_create('team', kind => 'group');
-- A fact as it is shown, without what is made at random or told by the clock.
CREATE FUNCTION pg_temp.shown(f threadmem.facts) RETURNS text LANGUAGE sql AS $$
    SELECT format('%s -%s-> %s: %s [%s, %s) %s', f.source, f.name, f.target, f.fact, to_char(f.valid_at, 'YYYY-MM-DD'), to_char(f.invalid_at, 'YYYY-MM-DD'),
                  CASE WHEN f.expired_at IS NULL THEN 'current' ELSE 'expired' END) $$;
CREATE FUNCTION pg_temp.all_of(u text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT pg_temp.shown(f) FROM threadmem.facts f WHERE f.user_id = u ORDER BY f.created_at, f.fact $$;
-- The user's own entity is there before anything is.
SELECT entity_id, name, label, is_user FROM memory_get_entity('ada', 'ada');
SELECT entity_id, name, label, is_user FROM memory_get_entity('team', 'team');
-- One after the other: the earlier ends where the later begins.
SELECT pg_temp.shown(f) FROM memory_add_fact('ada', 'LIVES_IN', 'Ada lives in Berlin', 'Berlin', valid_at => '2020-01-01', fact_id => 'berlin', target_label => 'City') f;
SELECT pg_temp.shown(f) FROM memory_add_fact('ada', 'LIVES_IN', 'Ada lives in Paris', 'Paris', valid_at => '2022-01-01', fact_id => 'paris') f;
SELECT * FROM pg_temp.all_of('ada');
-- What became known later and began between the two ends where the second begins, and ends the first.
SELECT pg_temp.shown(f) FROM memory_add_fact('ada', 'LIVES_IN', 'Ada lives in Rome', 'Rome', valid_at => '2021-01-01', fact_id => 'rome') f;
SELECT * FROM pg_temp.all_of('ada');
-- The same sentence of the same two, whatever its capitals and spaces, is the same fact.
SELECT fact_id, extractor FROM memory_add_fact('ada', 'LIVES_IN', '  ada LIVES in   paris ', 'paris', valid_at => '2022-06-01', extractor => 'rules');
-- True again after it was over: another fact.
SELECT pg_temp.shown(f) FROM memory_add_fact('ada', 'LIVES_IN', 'Ada lives in Berlin', 'Berlin', valid_at => '2023-01-01') f;
SELECT * FROM pg_temp.all_of('ada');
-- A stated end closes what is open, at that date; said in the same words it closes the fact itself.
SELECT pg_temp.shown(f) FROM memory_add_fact('ada', 'WORKS_AT', 'Ada works at ACME', 'ACME', fact_id => 'acme') f;
SELECT pg_temp.shown(f) FROM memory_add_fact('ada', 'WORKS_AT', 'Ada left ACME', 'ACME', invalid_at => '2024-05-01') f;
SELECT pg_temp.shown(f) FROM memory_get_fact('ada', 'acme') f;
SELECT pg_temp.shown(f) FROM memory_add_fact('ada', 'HAS_PET', 'Ada has a cat', 'Tom', fact_id => 'cat') f;
SELECT pg_temp.shown(f) FROM memory_add_fact('ada', 'HAS_PET', 'Ada has a cat', 'Tom', invalid_at => '2024-06-01') f;
SELECT count(*) FROM memory_facts('ada', name => 'HAS_PET', include_expired => true);
-- Another relation, another source and no relation at all contradict nothing; what is named does.
SELECT pg_temp.shown(f) FROM memory_add_fact('ada', 'LIKES', 'Ada likes tea', 'tea', valid_at => '2020-01-01', contradicts => 'none', fact_id => 'tea') f;
SELECT pg_temp.shown(f) FROM memory_add_fact('ada', 'LIKES', 'Ada likes cake', 'cake', valid_at => '2021-01-01', contradicts => 'none') f;
SELECT pg_temp.shown(f) FROM memory_add_fact('ada', 'DISLIKES', 'Ada cannot stand tea', 'tea', valid_at => '2022-01-01', contradicts => 'none', contradicted_ids => '{tea,tea}') f;
SELECT pg_temp.shown(f) FROM memory_get_fact('ada', 'tea') f;
SELECT pg_temp.shown(f) FROM memory_add_fact('ada', 'LIVES_IN', 'Bob lives in Oslo', 'Oslo', 'Bob', valid_at => '2024-01-01', fact_id => 'oslo') f;
SELECT pg_temp.shown(f) FROM memory_add_fact('ada', 'DIED', 'Bob died', 'heaven', 'bob', valid_at => '2024-02-01', contradicts => 'source') f;
SELECT pg_temp.shown(f) FROM memory_get_fact('ada', 'oslo') f;
-- What has no valid_at ends none and is ended by none.
SELECT pg_temp.shown(f) FROM memory_add_fact('ada', 'SPEAKS', 'Ada speaks English', 'English', fact_id => 'english') f;
SELECT pg_temp.shown(f) FROM memory_add_fact('ada', 'SPEAKS', 'Ada speaks French', 'French', valid_at => '2020-01-01', fact_id => 'french') f;
SELECT pg_temp.shown(f) FROM memory_add_fact('ada', 'SPEAKS', 'Ada speaks Latin', 'Latin', fact_id => 'latin') f;
SELECT count(*) FROM memory_facts('ada', name => 'SPEAKS');
-- As of: half-open, on both axes.
SELECT d::date, (SELECT string_agg(target, ',') FROM memory_facts('ada', name => 'LIVES_IN', as_of => d)) AS lives_in
  FROM unnest('{2019-12-31,2020-01-01,2020-12-31,2021-01-01,2021-12-31,2022-01-01,2023-01-01,2026-01-01}'::timestamptz[]) d ORDER BY d;
SELECT fact_id FROM memory_add_fact('team', 'MEETS_ON', 'The team meets on Monday', 'Monday', valid_at => '2024-01-01', created_at => '2024-01-08', fact_id => 'monday');
SELECT fact_id FROM memory_add_fact('team', 'MEETS_ON', 'The team meets on Friday', 'Friday', valid_at => '2024-03-01', created_at => '2024-04-08', fact_id => 'friday');
SELECT k::date AS known, v::date AS held, (SELECT string_agg(target, ',') FROM memory_facts('team', as_of => v, known_at => k)) AS meets_on
  FROM unnest('{2024-01-07,2024-01-08,2024-04-07,2024-04-08}'::timestamptz[]) k, unnest('{2023-12-31,2024-02-01,2024-03-15}'::timestamptz[]) v ORDER BY k, v;
-- Edited: what it said stays known. Taken back: it never held.
SELECT pg_temp.shown(f) FROM memory_update_fact('team', 'friday', fact => 'The team meets on Fridays', attributes => '{"hour": 9.50, "gone": null}', metadata => '{"a": 1}', confidence => 0.5) f;
SELECT rev, fact, attributes, confidence, replaced_at IS NULL AS now FROM memory_fact_history('team', 'friday');
SELECT rev, invalid_at::date, replaced_at::date FROM memory_fact_history('team', 'monday');
SELECT expired_at IS NOT NULL AS taken_back FROM memory_update_fact('team', 'friday', expired_at => now());
SELECT count(*) FROM memory_facts('team');
SELECT count(*) FROM memory_facts('team', include_expired => true);
SELECT pg_temp.shown(f) FROM memory_update_fact('team', 'friday', clear => '{expired_at,confidence}', remove_keys => '{a}') f;
SELECT pg_temp.shown(f) FROM memory_update_fact('team', 'friday', invalid_at => '2030-01-01') f;
SELECT pg_temp.shown(f) FROM memory_update_fact('team', 'friday', clear => '{invalid_at}') f;
-- A future end is known at once, and until then it holds.
SELECT pg_temp.shown(f) FROM memory_add_fact('team', 'RENTS', 'The team rents a room', 'room 7', valid_at => '2024-01-01', invalid_at => 'tomorrow'::timestamptz + interval '1 year', fact_id => 'room') f WHERE invalid_at IS NULL;
SELECT count(*) FROM memory_facts('team', name => 'RENTS');
-- Entities.
SELECT name, label, stated FROM threadmem_data.entities WHERE tenant_id = 'fact' AND user_id = 'ada' ORDER BY name;
\set VERBOSITY terse
SELECT name, label, summary, attributes FROM memory_add_entity('ada', 'Tom', 'Cat', 'Grey.', '{"age": 3}');
SELECT name FROM memory_update_entity('ada', (SELECT entity_id FROM memory_entities('ada', search => 'Oslo')), name => 'TOM');
\set VERBOSITY default
SELECT name, label, summary, attributes FROM memory_add_entity('ada', ' TOM', 'Cat', 'Grey.', '{"age": 3}', if_exists => 'do_nothing');
SELECT name, label, summary, attributes FROM memory_add_entity('ada', 'Tom', 'Cat', 'Grey.', '{"age": 3}', if_exists => 'update');
SELECT name, label, summary, attributes FROM memory_add_entity('ada', 'Tom', attributes => '{"age": null, "color": "grey"}', if_exists => 'update', entity_id => 'ignored');
SELECT name FROM memory_add_entity('ada', 'ada byron');
SELECT name FROM memory_add_entity('ada', 'Somebody', entity_id => 'ada');
SELECT name, label FROM memory_add_entity('ada', 'Eve', 'Person', entity_id => 'eve');
SELECT name FROM memory_add_entity('ada', 'Another', entity_id => 'eve');
SELECT name, label, metadata FROM memory_update_entity('ada', 'eve', name => 'Eva', metadata => '{"k": 1.0}', clear => '{label}');
SELECT rev, name, label, replaced_at IS NULL AS now FROM memory_entity_history('ada', 'eve');
SELECT rev, name, replaced_at IS NULL AS now FROM memory_entity_history('ada', 'ada');
SELECT name FROM memory_update_entity('ada', 'eve', name => 'EVA');
SELECT name FROM memory_update_entity('ada', 'ada', name => 'x');
SELECT name FROM memory_update_entity('ada', 'nobody', name => 'x');
SELECT name FROM memory_entities('ada', label => 'City', sort_by => 'name');
SELECT name, is_user FROM memory_entities('ada', search => 'a', sort_by => 'name', sort_order => 'asc', max_rows => 3);
WITH first AS (SELECT * FROM memory_entities('ada', sort_by => 'name', sort_order => 'asc', max_rows => 3))
SELECT n.name FROM memory_entities('ada', sort_by => 'name', sort_order => 'asc', max_rows => 2, after_position => (SELECT position FROM first ORDER BY name DESC LIMIT 1)) n;
-- Lists in pages.
SELECT fact, has_more FROM memory_facts('ada', entity_id => 'ada', sort_by => 'valid_at', sort_order => 'asc', max_rows => 3);
SELECT fact FROM memory_facts('ada', entity_id => 'ada', sort_by => 'valid_at', sort_order => 'asc', max_rows => 2,
    after_position => (SELECT position FROM memory_facts('ada', entity_id => 'ada', sort_by => 'valid_at', sort_order => 'asc', max_rows => 3) OFFSET 2));
SELECT fact FROM memory_facts('ada', name => 'LIVES_IN', include_expired => true, sort_by => 'valid_at');
-- Around an entity.
SELECT name, depth FROM jsonb_to_recordset(memory_subgraph('ada') -> 'entities') AS e (name text, depth integer) ORDER BY depth, name;
SELECT name, depth FROM jsonb_to_recordset(memory_subgraph('ada', '{eve}', depth => 3) -> 'entities') AS e (name text, depth integer) ORDER BY depth, name;
SELECT fact_id FROM memory_add_fact('ada', 'KNOWS', 'Eva knows Bob', 'Bob', source_id => 'eve', fact_id => 'knows');
SELECT name, depth FROM jsonb_to_recordset(memory_subgraph('ada', '{eve}', depth => 2) -> 'entities') AS e (name text, depth integer) ORDER BY depth, name;
SELECT fact FROM jsonb_to_recordset(memory_subgraph('ada', '{eve}', depth => 2) -> 'facts') AS f (fact text) ORDER BY fact;
SELECT s -> 'truncated' AS truncated, jsonb_array_length(s -> 'entities') AS entities, jsonb_array_length(s -> 'facts') AS facts
  FROM (VALUES (memory_subgraph('ada')), (memory_subgraph('ada', max_entities => 2)), (memory_subgraph('ada', max_facts => 1)), (memory_subgraph('ada', max_facts => 0))) v (s);
-- Deleting a fact leaves its entities; an entity takes its facts; the user's own stays.
SELECT memory_delete_fact('ada', 'knows');
SELECT memory_delete_fact('ada', 'knows');
SELECT memory_delete_entity('ada', (SELECT entity_id FROM memory_entities('ada', search => 'Bob')));
SELECT count(*) FROM memory_facts('ada', include_expired => true, max_rows => 100) WHERE 'Bob' IN (source, target);
SELECT memory_delete_entity('ada', 'ada');
SELECT memory_delete_entity('ada', 'nobody');
-- Refused, and nothing is changed.
SELECT count(*) AS facts FROM threadmem_data.facts WHERE tenant_id = 'fact' \gset
SELECT memory_add_fact('nobody', 'X', 'x', 'y');
SELECT memory_add_fact('ada', 'X', 'x');
SELECT memory_add_fact('ada', 'X', 'x', 'y', target_id => 'eve');
SELECT memory_add_fact('ada', 'X', 'x', target_id => 'nobody');
SELECT memory_add_fact('ada', 'X', 'x', ' ');
SELECT memory_add_fact('ada', '', 'x', 'y');
SELECT memory_add_fact('ada', 'X', repeat('x', 10001), 'y');
SELECT memory_add_fact('ada', 'X', 'x', 'y', valid_at => '2024-01-02', invalid_at => '2024-01-01');
SELECT memory_add_fact('ada', 'X', 'x', 'y', valid_at => '2024-01-01', invalid_at => '2024-01-01');
SELECT memory_add_fact('ada', 'X', 'x', 'y', valid_at => 'infinity');
SELECT memory_add_fact('ada', 'X', 'x', 'y', confidence => 1.1);
SELECT memory_add_fact('ada', 'X', 'x', 'y', confidence => 'NaN');
SELECT memory_add_fact('ada', 'X', 'x', 'y', attributes => '[]');
SELECT memory_add_fact('ada', 'X', 'x', 'y', contradicts => 'all');
SELECT memory_add_fact('ada', 'X', 'x', 'y', contradicted_ids => '{berlin,nobody}');
SELECT memory_add_fact('ada', 'X', 'x', 'y', fact_id => 'berlin');
SELECT memory_add_fact('ada', 'X', 'x', 'y', thread_id => 't');
SELECT memory_add_fact('ada', 'X', 'x', 'y', thread_id => 't', message_id => 'm');
SELECT memory_add_fact('ada', 'X', 'x', 'y', episode_id => 'e');
SELECT memory_update_fact('ada', 'berlin', valid_at => '2030-01-01');
SELECT memory_update_fact('ada', 'berlin', clear => '{fact}');
SELECT memory_update_fact('ada', 'nobody', fact => 'x');
SELECT memory_get_fact('ada', 'nobody');
SELECT count(*) FROM memory_get_fact('ada', 'nobody', missing_ok => true);
SELECT memory_fact_history('ada', 'nobody');
SELECT memory_facts('nobody');
SELECT memory_subgraph('ada', '{nobody}');
SELECT memory_subgraph('ada', depth => 4);
SELECT count(*) = :facts AS as_before FROM threadmem_data.facts WHERE tenant_id = 'fact';
SELECT count(*) FROM threadmem_verify();
SELECT kind, deleted FROM user_delete('ada') WHERE kind = 'facts';
SELECT count(*) FROM threadmem_data.entities WHERE tenant_id = 'fact' AND user_id = 'ada';
SELECT count(*) > 0 AS left FROM tenant_delete('fact');
