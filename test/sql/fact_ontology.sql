-- fact_ontology: declared types, and what a strict ontology refuses.
\pset null (null)
SET threadmem.tenant = 'ontology';
SET search_path = threadmem, public;
SELECT user_id FROM user_create('ada');
SELECT user_id FROM user_create('bob');
SELECT memory_get_ontology();
SELECT memory_get_ontology('ada');
-- Without one, or with one that is not strict, everything goes.
SELECT label FROM memory_add_entity('ada', 'Rex', 'Dog', attributes => '{"age": 3}');
SELECT jsonb_object_keys(memory_set_ontology('{"entities": {"City": {"description": "a town", "attributes": {"population": "number", "name": "text", "capital": "boolean", "more": "any"}}}, "facts": {"LIKES": {"many": true}}}'));
SELECT label FROM memory_add_entity('ada', 'Tom', 'Cat', attributes => '{"age": 3}');
-- Of a relation with many, none ends another.
SELECT name, invalid_at IS NULL AS holds FROM memory_add_fact('ada', 'LIKES', 'Ada likes tea', 'tea', valid_at => '2024-01-01', fact_id => 'tea');
SELECT name, invalid_at IS NULL AS holds FROM memory_add_fact('ada', 'LIKES', 'Ada likes cake', 'cake', valid_at => '2024-02-01');
SELECT invalid_at IS NULL AS holds FROM memory_get_fact('ada', 'tea');
SELECT count(*) FROM memory_add_fact('ada', 'LIKES', 'Ada gave up tea', 'tea', invalid_at => '2024-03-01');
SELECT invalid_at IS NULL AS holds FROM memory_get_fact('ada', 'tea');
-- Strict, of one user; the others have the tenant's.
SELECT jsonb_typeof(memory_set_ontology('{"strict": true, "entities": {"City": {"attributes": {"population": "number", "name": "text", "capital": "boolean", "more": "any"}}, "Person": {}},
    "facts": {"LIVES_IN": {"sources": ["User", "Person"], "targets": ["City"], "attributes": {"since": "text"}}}}', 'ada'));
SELECT label FROM memory_add_entity('ada', 'Lyon', 'City', attributes => '{"population": 520000.50, "name": null, "capital": false, "more": [1]}');
SELECT memory_add_entity('ada', 'Felix', 'Cat');
SELECT memory_add_entity('ada', 'Paris', 'City', attributes => '{"population": "many"}');
SELECT memory_add_entity('ada', 'Paris', 'City', attributes => '{"river": "Seine"}');
SELECT label FROM memory_add_entity('ada', 'Something');
SELECT memory_update_entity('ada', (SELECT entity_id FROM memory_entities('ada', search => 'Something')), label => 'Cat');
SELECT memory_update_entity('ada', (SELECT entity_id FROM memory_entities('ada', search => 'Lyon')), attributes => '{"capital": "no"}');
SELECT name, target FROM memory_add_fact('ada', 'LIVES_IN', 'Ada lives in Lyon', 'Lyon', attributes => '{"since": "May"}');
SELECT memory_add_fact('ada', 'LIVES_IN', 'Ada lives in Something', 'Something');
SELECT memory_add_fact('ada', 'LIVES_IN', 'Rex lives in Lyon', 'Lyon', 'Rex');
SELECT memory_add_fact('ada', 'LIVES_IN', 'Ada lives in Rome', 'Rome', target_label => 'Cat');
SELECT memory_add_fact('ada', 'LIVES_IN', 'Ada lives in Rome', 'Rome');
SELECT target FROM memory_add_fact('ada', 'LIVES_IN', 'Ada lives in Rome', 'Rome', target_label => 'City');
SELECT memory_add_fact('ada', 'LIKES', 'Ada likes tea', 'tea');
SELECT memory_add_fact('ada', 'LIVES_IN', 'x', 'Lyon', attributes => '{"until": "June"}');
SELECT label FROM memory_add_entity('bob', 'Felix', 'Cat');
SELECT memory_get_ontology('ada') -> 'strict' AS own, memory_get_ontology('bob') -> 'strict' AS tenants, memory_get_ontology('bob') = memory_get_ontology() AS same;
SELECT memory_delete_ontology('ada');
SELECT memory_delete_ontology('ada');
SELECT memory_get_ontology('ada') = memory_get_ontology() AS same;
-- Refused.
SELECT memory_set_ontology('[]');
SELECT memory_set_ontology('{"types": {}}');
SELECT memory_set_ontology('{"strict": 1}');
SELECT memory_set_ontology('{"entities": []}');
SELECT memory_set_ontology('{"entities": {"": {}}}');
SELECT memory_set_ontology('{"entities": {"City": []}}');
SELECT memory_set_ontology('{"entities": {"City": {"sources": []}}}');
SELECT memory_set_ontology('{"entities": {"City": {"attributes": {"a": "int"}}}}');
SELECT memory_set_ontology('{"facts": {"LIKES": {"sources": [1]}}}');
SELECT memory_set_ontology('{"facts": {"LIKES": {"many": "yes"}}}');
SELECT memory_set_ontology(jsonb_build_object('entities', (SELECT jsonb_object_agg('t' || i, '{}'::jsonb) FROM generate_series(1, 201) i)));
SELECT memory_set_ontology('{}', 'nobody');
SELECT memory_get_ontology('nobody');
SET threadmem.user_id = 'ada';
SELECT memory_set_ontology('{}', 'ada');
SELECT memory_delete_ontology();
SELECT memory_get_ontology() IS NOT NULL AS seen;
RESET threadmem.user_id;
SELECT memory_delete_ontology();
SELECT memory_get_ontology();
SELECT count(*) > 0 AS left FROM tenant_delete('ontology');
