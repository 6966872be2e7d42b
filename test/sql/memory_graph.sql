-- memory_graph: facts and entities among what memory_search finds: by words, by names, along facts; filters, rerankers, the hook.
\set SHOW_CONTEXT never
\pset null (null)
SET TIME ZONE 'UTC';
SET datestyle = ISO;
SET threadmem.tenant = 'memory graph';
SET search_path = threadmem, public;
SELECT user_id FROM user_create('ada', first_name => 'Ada', last_name => 'Byron');
SELECT user_id FROM user_create('bob');
SELECT count(thread_create(t, 'ada', messages => m::jsonb)) FROM (VALUES
    ('home', '[{"id": "m1", "role": "user", "content": "I moved to Paris in 2022.", "created_at": "2022-01-05T10:00:00Z", "metadata": {"topic": "home", "page": 7}}, {"id": "m2", "role": "user", "content": "Paris is where I live now, really.", "created_at": "2022-02-05T10:00:00Z"}]'),
    ('work', '[{"id": "m1", "role": "user", "content": "I started at ACME.", "created_at": "2023-01-05T10:00:00Z", "metadata": {"topic": "work"}}]')) v (t, m);
SELECT count(*) FROM (VALUES
    ('berlin', 'LIVES_IN', 'Ada lives in Berlin', 'Berlin', NULL, '2020-01-01', 'City', '{"rent": 900, "tags": ["big", "east"]}'),
    ('paris', 'LIVES_IN', 'Ada lives in Paris', 'Paris', NULL, '2022-01-01', 'City', '{"rent": 1500.50, "note": "near the river"}'),
    ('cat', 'HAS_PET', 'Ada has a cat called Tom', 'Tom', NULL, '2019-01-01', 'Cat', '{"sure": true}'),
    ('food', 'EATS', 'Tom eats Whiskas', 'Whiskas', 'Tom', '2019-02-01', 'Product', '{}'),
    ('maker', 'MADE_BY', 'Whiskas is made by Mars', 'Mars', 'Whiskas', NULL, 'Company', '{}'),
    ('seat', 'SEAT_IN', 'Mars has its seat in McLean', 'McLean', 'Mars', NULL, 'City', '{}')) v (id, name, fact, target, source, valid, label, attributes),
    memory_add_fact('ada', v.name, v.fact, v.target, v.source, valid_at => v.valid::timestamptz, target_label => v.label, attributes => v.attributes::jsonb, fact_id => v.id, created_at => coalesce(v.valid::timestamptz, '2024-01-01'::timestamptz + length(v.id) * interval '1 minute'), metadata => jsonb_build_object('n', v.id)) f;
SELECT count(*) FROM (VALUES ('paris', 'LIVES_IN', 'Ada lives in Paris', 'Paris', 'home', 'm1'), ('paris', 'LIVES_IN', 'Ada lives in Paris', 'Paris', 'home', 'm2'), ('acme', 'WORKS_AT', 'Ada works at ACME', 'ACME', 'work', 'm1')) v (id, name, fact, target, t, m),
    memory_add_fact('ada', v.name, v.fact, v.target, thread_id => v.t, message_id => v.m, fact_id => v.id) f;
SELECT fact_id FROM memory_add_fact('bob', 'LIVES_IN', 'Bob lives in Paris, too', 'Paris', fact_id => 'bobs');
SELECT name FROM memory_update_entity('ada', (SELECT entity_id FROM memory_entities('ada', search => 'Mars')), summary => 'A company that makes chocolate and food for animals.');
-- What is found, best first: ids of facts, names of entities, texts of messages.
CREATE FUNCTION pg_temp.found(query text, scope text DEFAULT 'edges', filters jsonb DEFAULT NULL, max_rows int DEFAULT 20, reranker text DEFAULT 'rrf', as_of timestamptz DEFAULT NULL, center text DEFAULT NULL, lambda float8 DEFAULT NULL, origin text[] DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(CASE kind WHEN 'fact' THEN fact_id WHEN 'entity' THEN name ELSE content END, ' | ' ORDER BY n)
      FROM memory_search('ada', query, scope => scope, filters => filters, max_rows => max_rows, reranker => reranker, as_of => as_of, center_entity_id => center, mmr_lambda => lambda, origin_ids => origin) WITH ORDINALITY h (kind, source, episode_id, thread_id, message_id, seq, role, name, sender_id, content, event_at, created_at, metadata, score, fact_id, source_id, target_id, valid_at, invalid_at, expired_at, entity_id, label, attributes, n) $$;
CREATE FUNCTION pg_temp.id(n text) RETURNS text LANGUAGE sql AS $$ SELECT entity_id FROM memory_entities('ada', search => n) $$;

-- Facts by their words and by the names that they join. Of those that answer as well, the one that holds comes first; asked for itself the other does.
SELECT pg_temp.found('Where does Ada live?', max_rows => 2);
SELECT pg_temp.found('Berlin', max_rows => 1);
SELECT pg_temp.found('Does she have a pet?', max_rows => 1);
SELECT pg_temp.found('chocolate', 'nodes', max_rows => 1);
SELECT pg_temp.found('Whiskas', 'nodes', max_rows => 1);
\x
SELECT kind, source, name, content, label, fact_id, source_id, target_id = pg_temp.id('Paris') AS target, valid_at, invalid_at, expired_at, attributes, metadata, event_at, created_at, score > 0 AS scored FROM memory_search('ada', 'Paris', 'edges', max_rows => 1);
SELECT kind, name, content, label, entity_id = pg_temp.id('Mars') AS entity, fact_id, attributes, metadata, score > 0 AS scored FROM memory_search('ada', 'chocolate', 'nodes', max_rows => 1);
\x
-- Behind what the words find, what facts lead to from the entities found: three steps.
SELECT pg_temp.found('Whiskas');
SELECT pg_temp.found('McLean', 'nodes');
-- From where the application says, and no other place.
SELECT pg_temp.found('xylophone', origin => ARRAY[pg_temp.id('McLean')]);
SELECT pg_temp.found('xylophone', 'nodes', origin => '{ada}', max_rows => 3);
-- No word that anything has: what is known of the user itself. No word at all: the newest, current ones first.
SELECT pg_temp.found('xylophone', max_rows => 3);
SELECT pg_temp.found('?!', max_rows => 2), pg_temp.found(NULL, 'nodes', max_rows => 1);
-- Of all kinds at once, by their places; each kind as in its own list.
SELECT kind, count(*), count(DISTINCT score) FROM memory_search('ada', 'Paris', 'auto') GROUP BY kind ORDER BY kind;
SELECT kind FROM memory_search('ada', 'Paris', 'auto', max_rows => 3);
-- Never another user's.
SELECT string_agg(fact_id, ',') FROM memory_search('bob', 'Paris Ada Whiskas', 'edges');
-- As memory knew it: nothing that was added later, and what was ended later held.
SELECT fact_id, invalid_at::date, expired_at::date FROM memory_search('ada', 'Where does Ada live?', 'edges', max_rows => 2, as_of => '2021-06-01');
SELECT fact_id, invalid_at::date, expired_at::date FROM memory_search('ada', 'Where does Ada live?', 'edges', max_rows => 2, as_of => '2022-01-01');
SELECT pg_temp.found('Mars', 'nodes', as_of => '2023-12-31') AS then, pg_temp.found('chocolate', 'nodes', max_rows => 1, as_of => '2024-06-01') AS before_it_was_said;
-- A fact that was taken back is found by nobody, but who asks for it.
SELECT expired_at IS NOT NULL AS taken_back FROM memory_update_fact('ada', 'acme', expired_at => now());
SELECT pg_temp.found('ACME', max_rows => 1) IS DISTINCT FROM 'acme' AS hidden, pg_temp.found('ACME', filters => '{"expired_at": [[{"comparison_operator": "IS NOT NULL"}]]}', max_rows => 1);
SELECT expired_at IS NULL AS given_back FROM memory_update_fact('ada', 'acme', clear => '{expired_at}');

-- Filters of Zep, each.
SELECT pg_temp.found('Ada Tom Whiskas', filters => '{"edge_types": ["EATS", "HAS_PET"]}'), pg_temp.found('Ada Tom Whiskas', filters => '{"exclude_edge_types": ["LIVES_IN", "HAS_PET", "SEAT_IN"]}');
SELECT pg_temp.found('Whiskas Mars', 'nodes', '{"node_labels": ["Company", "City"]}'), pg_temp.found('Ada', 'nodes', '{"exclude_node_labels": ["City", "Cat", "Product"]}');
SELECT pg_temp.found('Tom Whiskas', filters => '{"node_labels": ["Cat", "Product"]}'), pg_temp.found('Tom Whiskas', filters => '{"exclude_node_labels": ["User", "City"]}');
SELECT pg_temp.found('Ada', filters => '{"edge_uuids": ["cat", "food", "none"]}');
SELECT pg_temp.found('Ada', filters => '{"source_node_uuids": ["ada"], "edge_types": ["HAS_PET"]}'), pg_temp.found('Tom', filters => jsonb_build_object('target_node_uuids', ARRAY[pg_temp.id('Tom')])), pg_temp.found('Tom', filters => jsonb_build_object('connected_node_uuids', ARRAY[pg_temp.id('Tom')]));
SELECT pg_temp.found('Ada', filters => '{"episode_uuids": ["m2"]}'), pg_temp.found('Ada', 'nodes', filters => '{"episode_uuids": ["m2"]}'), pg_temp.found('Ada', filters => '{"thread_ids": ["work"]}'), pg_temp.found('where I live', 'episodes', '{"episode_uuids": ["m1"]}');
SELECT pg_temp.found('Ada', filters => '{"metadata": {"n": "cat"}}');
-- Times: one of the lists holds whole; what is not there meets IS NULL alone.
SELECT op, pg_temp.found('Ada', filters => jsonb_build_object('valid_at', jsonb_build_array(jsonb_build_array(jsonb_strip_nulls(jsonb_build_object('comparison_operator', op, 'date', CASE WHEN op NOT LIKE '%ull' AND op NOT LIKE 'IS%' THEN '2020-01-01T00:00:00Z' END))))))
  FROM unnest('{=,<>,>,<,>=,<=,IS NULL,is_null,IS NOT NULL}'::text[]) WITH ORDINALITY o (op, n) ORDER BY n;
SELECT pg_temp.found('Ada', filters => '{"valid_at": [[{"comparison_operator": ">", "date": "2019-01-15T00:00:00Z"}, {"comparison_operator": "<", "date": "2020-06-01T00:00:00Z"}], [{"comparison_operator": "=", "date": "2022-01-01T00:00:00Z"}]]}');
SELECT pg_temp.found('Ada', filters => '{"invalid_at": [[{"comparison_operator": "IS NOT NULL"}]]}'), pg_temp.found('Ada', filters => '{"created_at": [[{"comparison_operator": ">", "date": "2024-06-01T00:00:00Z"}]]}'), pg_temp.found('Ada', filters => '{"created_at": []}') IS NULL AS none_of_none, pg_temp.found('Ada', filters => '{"edge_types": ["HAS_PET"], "created_at": [[]]}');
-- Attributes, and the metadata of the episodes that something comes from.
SELECT f, pg_temp.found('Ada', filters => jsonb_build_object('property_filters', f)) FROM unnest(ARRAY['[{"comparison_operator": "=", "property_name": "rent", "property_value": 900.0}]', '[{"comparison_operator": "<>", "property_name": "rent", "property_value": 900}]',
    '[{"comparison_operator": ">", "property_name": "rent", "property_value": 900}]', '[{"comparison_operator": ">=", "property_name": "rent", "property_value": 900}, {"comparison_operator": "<", "property_name": "rent", "property_value": 1000}]', '[{"comparison_operator": "<=", "property_name": "rent", "property_value": "900"}]',
    '[{"comparison_operator": "IS NOT NULL", "property_name": "rent"}]', '[{"comparison_operator": "CONTAINS", "property_name": "note", "property_value": "river"}]', '[{"comparison_operator": "CONTAINS", "property_name": "tags", "property_value": "east"}]',
    '[{"comparison_operator": "IN", "property_name": "rent", "property_value": [1, 900]}]', '[{"comparison_operator": "=", "property_name": "sure", "property_value": true}]', '[{"comparison_operator": "=", "property_name": "sure", "property_value": 1}]']::jsonb[]) WITH ORDINALITY o (f, n) ORDER BY n;
SELECT pg_temp.found('Ada', filters => '{"property_filters": [{"comparison_operator": "IS NULL", "property_name": "rent"}], "edge_types": ["LIVES_IN", "EATS"]}');
SELECT g, pg_temp.found('Ada', filters => jsonb_build_object('episode_metadata_filters', g)) AS edges, pg_temp.found('ACME Paris', 'nodes', jsonb_build_object('episode_metadata_filters', g)) AS nodes, pg_temp.found('I', 'episodes', jsonb_build_object('episode_metadata_filters', g)) AS episodes
  FROM unnest(ARRAY['{"type": "and", "filters": [{"comparison_operator": "=", "property_name": "topic", "property_value": "home"}, {"comparison_operator": ">", "property_name": "page", "property_value": 6}]}',
    '{"type": "or", "filters": [{"comparison_operator": "=", "property_name": "topic", "property_value": "work"}], "groups": [{"type": "and", "filters": [{"comparison_operator": "=", "property_name": "topic", "property_value": "home"}, {"comparison_operator": "=", "property_name": "page", "property_value": 8}]}]}']::jsonb[]) g;
-- Wrong ones, and those about nothing that is asked for.
SELECT pg_temp.found('Ada', 'nodes', '{"edge_types": ["X"]}');
SELECT pg_temp.found('Ada', 'edges', '{"since": "2024-01-01T00:00:00Z"}');
SELECT pg_temp.found('Ada', 'episodes', '{"node_labels": ["X"]}');
SELECT pg_temp.found('Ada', 'auto', '{"edge_types": ["HAS_PET"]}') IS NOT NULL AS auto_has_all;
SELECT pg_temp.found('Ada', filters => '{"edge_type": ["X"]}');
SELECT pg_temp.found('Ada', filters => '{"edge_types": "X"}');
SELECT pg_temp.found('Ada', filters => '{"edge_types": [1]}');
SELECT pg_temp.found('Ada', filters => jsonb_build_object('edge_uuids', ARRAY(SELECT i::text FROM generate_series(1, 257) i)));
SELECT pg_temp.found('Ada', filters => '{"valid_at": [{"comparison_operator": "="}]}');
SELECT pg_temp.found('Ada', filters => '{"valid_at": [[{"comparison_operator": "=="}]]}');
SELECT pg_temp.found('Ada', filters => '{"valid_at": [[{"comparison_operator": "="}]]}');
SELECT pg_temp.found('Ada', filters => '{"valid_at": [[{"comparison_operator": "IS NULL", "date": "2024-01-01T00:00:00Z"}]]}');
SELECT pg_temp.found('Ada', filters => '{"valid_at": [[{"comparison_operator": "CONTAINS", "date": "2024-01-01T00:00:00Z"}]]}');
SELECT pg_temp.found('Ada', filters => '{"valid_at": [[{"comparison_operator": "=", "date": "soon"}]]}');
SELECT pg_temp.found('Ada', filters => '{"property_filters": [{"comparison_operator": "=", "property_value": 1}]}');
SELECT pg_temp.found('Ada', filters => '{"property_filters": [{"comparison_operator": "=", "property_name": "a"}]}');
SELECT pg_temp.found('Ada', filters => '{"property_filters": [{"comparison_operator": "=", "property_name": "a", "property_value": [1]}]}');
SELECT pg_temp.found('Ada', filters => '{"property_filters": [{"comparison_operator": "IN", "property_name": "a", "property_value": 1}]}');
SELECT pg_temp.found('Ada', filters => '{"property_filters": [{"comparison_operator": "=", "property_name": "a", "value": 1}]}');
SELECT pg_temp.found('Ada', filters => '{"episode_metadata_filters": {"type": "not"}}');
SELECT pg_temp.found('Ada', filters => '{"episode_metadata_filters": {"type": "and", "groups": [{}]}}');
\set VERBOSITY terse
SELECT pg_temp.found('Ada', filters => ('{"episode_metadata_filters": ' || repeat('{"type": "or", "groups": [', 100000) || repeat(']}', 100000) || '}')::jsonb);
\set VERBOSITY default

-- Rerankers.
SELECT pg_temp.found('Ada', reranker => 'node_distance', center => pg_temp.id('McLean')), pg_temp.found('Ada', 'nodes', reranker => 'node_distance', center => pg_temp.id('Tom'), max_rows => 4);
SELECT pg_temp.found('Ada', reranker => 'episode_mentions', max_rows => 2), pg_temp.found('Ada', 'nodes', reranker => 'episode_mentions', max_rows => 3);
SELECT f.fact_id FROM (VALUES ('Bob likes green tea in the morning', 'tea'), ('Bob likes green tea in the evening', 'tea'), ('Bob likes a cup of tea and cake', 'cake')) v (f, t), memory_add_fact('bob', 'LIKES', v.f, v.t, contradicts => 'none', fact_id => v.f) f;
SELECT l, (SELECT string_agg(fact_id, ' | ' ORDER BY score DESC) FROM memory_search('bob', 'green tea', 'edges', 'mmr', 3, mmr_lambda => l)) FROM unnest('{1,0.3}'::float8[]) l;
SELECT pg_temp.found('Ada', reranker => 'node_distance');
SELECT pg_temp.found('Ada', reranker => 'node_distance', center => 'nobody');
SELECT pg_temp.found('Ada', 'auto', reranker => 'node_distance', center => 'ada');
SELECT pg_temp.found('Ada', 'episodes', reranker => 'episode_mentions');
SELECT pg_temp.found('Ada', center => 'ada');
SELECT pg_temp.found('Ada', lambda => 0.5);
SELECT pg_temp.found('Ada', reranker => 'mmr', lambda => 1.5);
SELECT pg_temp.found('Ada', reranker => 'mmr', lambda => 'NaN');
SELECT pg_temp.found('Ada', reranker => 'cross_encoder');
SELECT pg_temp.found('Ada', origin => '{ada,nobody}');
-- The hook: sees the first so many, decides about order alone; an even opinion changes nothing.
CREATE SCHEMA graph_hook;
CREATE FUNCTION graph_hook.longest(query text, documents jsonb) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_object_agg(d->>'id', length(d->>'content')) FROM jsonb_array_elements(documents) d $$;
CREATE FUNCTION graph_hook.even(query text, documents jsonb) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_object_agg(d->>'id', 0.5) FROM jsonb_array_elements(documents) d $$;
CREATE FUNCTION graph_hook.silent(query text, documents jsonb) RETURNS jsonb LANGUAGE sql AS $$ SELECT '{}'::jsonb $$;
CREATE FUNCTION graph_hook.shows(query text, documents jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE '% % %', current_user, query, documents; RETURN '{}'; END $$;
CREATE FUNCTION graph_hook.raises(query text, documents jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the encoder is asleep' USING ERRCODE = '57P03'; END $$;
CREATE FUNCTION graph_hook.foreigner(query text, documents jsonb) RETURNS jsonb LANGUAGE sql AS $$ SELECT '{"1": 1, "99": 1}'::jsonb $$;
CREATE FUNCTION graph_hook.odd(query text, documents jsonb) RETURNS jsonb LANGUAGE sql AS $$ SELECT '{"01": 1}'::jsonb $$;
CREATE FUNCTION graph_hook.nothing(query text, documents jsonb) RETURNS jsonb LANGUAGE sql AS $$ SELECT NULL::jsonb WHERE false $$;
CREATE FUNCTION graph_hook.list(query text, documents jsonb) RETURNS jsonb LANGUAGE sql AS $$ SELECT '[1]'::jsonb $$;
CREATE FUNCTION graph_hook.words(query text, documents jsonb) RETURNS jsonb LANGUAGE sql AS $$ SELECT '{"1": "good"}'::jsonb $$;
CREATE FUNCTION graph_hook.huge(query text, documents jsonb) RETURNS jsonb LANGUAGE sql AS $$ SELECT '{"1": 1e400}'::jsonb $$;
CREATE FUNCTION graph_hook.plain(query text, documents jsonb) RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$;
CREATE FUNCTION graph_hook.one(query text) RETURNS jsonb LANGUAGE sql AS $$ SELECT '{}'::jsonb $$;
SELECT pg_temp.found('Ada lives', reranker => 'graph_hook.longest', max_rows => 2), pg_temp.found('Paris', 'auto', reranker => 'graph_hook.longest', max_rows => 2);
SELECT r, pg_temp.found('Ada lives', reranker => r) = pg_temp.found('Ada lives') AS as_before FROM unnest('{graph_hook.even,graph_hook.silent}'::text[]) r;
SELECT pg_temp.found('Paris', reranker => 'graph_hook.shows', max_rows => 1, filters => '{"edge_uuids": ["paris", "berlin"]}');
SELECT pg_temp.found('xylophone', 'episodes', reranker => 'graph_hook.raises') IS NULL AS not_called_for_nothing;
SELECT pg_temp.found('Paris', reranker => 'graph_hook.raises');
SELECT pg_temp.found('Paris', reranker => 'graph_hook.foreigner');
SELECT pg_temp.found('Paris', reranker => 'graph_hook.odd');
SELECT pg_temp.found('Paris', reranker => 'graph_hook.nothing');
SELECT pg_temp.found('Paris', reranker => 'graph_hook.list');
SELECT pg_temp.found('Paris', reranker => 'graph_hook.words');
SELECT pg_temp.found('Paris', reranker => 'graph_hook.huge');
SELECT pg_temp.found('Paris', reranker => 'graph_hook.plain');
SELECT pg_temp.found('Paris', reranker => 'graph_hook.one');
SELECT pg_temp.found('Paris', reranker => 'graph_hook.none');
SELECT pg_temp.found('Paris', reranker => 'pg_temp.found');
SELECT pg_temp.found('Paris', reranker => 'a.b.c');
SELECT pg_temp.found('Paris', reranker => 'best');
-- It runs with the rights of who asks: it may be called, and does no more than its caller may.
CREATE ROLE regress_graph;
SELECT grant_access('regress_graph', 'read');
GRANT USAGE ON SCHEMA graph_hook TO regress_graph;
REVOKE EXECUTE ON FUNCTION graph_hook.even FROM PUBLIC;
CREATE FUNCTION graph_hook.peeps(query text, documents jsonb) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('1', count(*)) FROM threadmem_data.facts $$;
SET ROLE regress_graph;
SELECT fact_id FROM memory_search('ada', 'Paris', 'edges', 'graph_hook.shows', 1, filters => '{"edge_uuids": ["paris"]}');
SELECT fact_id FROM memory_search('ada', 'Paris', 'edges', 'graph_hook.even', 1);
SELECT fact_id FROM memory_search('ada', 'Paris', 'edges', 'graph_hook.peeps', 1);
-- A session that is narrowed to another user finds nothing, and learns nothing.
SET threadmem.user_id = 'bob';
SELECT fact_id FROM memory_search('ada', 'Paris', 'edges');
SELECT fact_id FROM memory_search('bob', 'Paris', 'edges', max_rows => 1);
RESET threadmem.user_id;
RESET ROLE;
DROP OWNED BY regress_graph;
DROP ROLE regress_graph;
-- Names that are nearly one, where pg_trgm is installed, in whatever schema.
SELECT pg_temp.found('Wiskas', 'nodes', max_rows => 1) IS DISTINCT FROM 'Whiskas' AS not_by_words;
CREATE SCHEMA elsewhere;
CREATE EXTENSION pg_trgm SCHEMA elsewhere;
SELECT pg_temp.found('What is Wiskas?', 'nodes', max_rows => 1), pg_temp.found('What is Wiskas?', max_rows => 2);
DROP EXTENSION pg_trgm;
SELECT pg_temp.found('Wiskas', 'nodes', max_rows => 1) IS DISTINCT FROM 'Whiskas' AS not_by_words;
\set VERBOSITY terse
DROP SCHEMA elsewhere;
DROP SCHEMA graph_hook CASCADE;
SELECT count(*) > 0 AS gone FROM tenant_delete('memory graph');
