-- memory_owners: facts and entities of several memories in one search: whose each is, one scale, ways, rerankers, filters, times, the block.
\set SHOW_CONTEXT never
\pset null (null)
SET TIME ZONE 'UTC';
SET datestyle = ISO;
SET threadmem.tenant = 'memory owners';
SET search_path = threadmem, public;
SELECT count(user_create(u, first_name => initcap(u))) FROM unnest('{ann,ben,zoe}'::text[]) u;
SELECT count(user_create(g, 'group')) FROM unnest('{club,team,lore}'::text[]) g;
SELECT summary FROM user_update('club', summary => 'The club plays in the old mill.');
SELECT assistant_id FROM assistant_create('guide');
SELECT count(group_add_member('club', u)) FROM unnest('{ann,ben}'::text[]) u;
SELECT count(group_add_member('lore', assistant_id => 'guide'));
-- Ann knows much of gardens and one thing of a piano, the club little, and of pianos two things, of which one is over.
SELECT count(memory_add_fact('ann', 'GROWS', format('Ann grows plant number %s in the garden', n), 'plant ' || n, contradicts => 'none', fact_id => 'g' || n, created_at => '2024-01-01Z')) FROM generate_series(1, 200) n;
SELECT count(*) FROM (VALUES
    ('ann', 'piano', 'OWNS', 'Ann owns a black piano', 'black piano', NULL, '2020-01-01Z', '2024-02-01Z', 'Instrument'),
    ('ann', 'maker', 'MADE_BY', 'The black piano was made by Bechstein', 'Bechstein', 'black piano', NULL, '2024-02-02Z', 'Company'),
    ('ann', 'city', 'SEAT_IN', 'Bechstein has its seat in Berlin', 'Berlin', 'Bechstein', NULL, '2024-02-03Z', 'City'),
    ('club', 'piano', 'RENTS', 'The club rents a white piano', 'white piano', NULL, '2021-01-01Z', '2024-03-01Z', 'Instrument'),
    ('club', 'mill', 'MEETS_IN', 'The club meets in the mill', 'mill', NULL, '2021-01-01Z', '2024-03-02Z', 'Place'),
    ('club', 'miller', 'OWNED_BY', 'The mill belongs to Berlin', 'Berlin', 'mill', NULL, '2024-03-03Z', 'City'),
    ('team', 'song', 'SINGS', 'The team sings without a piano', 'song', NULL, '2021-01-01Z', '2024-04-01Z', NULL),
    ('zoe', 'secret', 'HATES', 'Zoe hates the piano', 'piano of Zoe', NULL, '2021-01-01Z', '2024-05-01Z', NULL),
    ('lore', 'legend', 'TELLS', 'The legend tells of a piano under the lake', 'legend', NULL, '2021-01-01Z', '2024-06-01Z', NULL)) v (u, id, name, fact, target, source, valid, created, label),
    memory_add_fact(v.u, v.name, v.fact, v.target, v.source, valid_at => v.valid::timestamptz, created_at => v.created::timestamptz, target_label => v.label, fact_id => v.id) f;
SELECT invalid_at::date FROM memory_add_fact('club', 'OWNED', 'The club owned a grand piano', 'grand piano', valid_at => '2010-01-01Z', invalid_at => '2020-01-01Z', fact_id => 'grand', created_at => '2024-03-04Z');
SELECT count(thread_create('meeting', 'club', participant_ids => '{ann}', messages => '[{"role": "user", "content": "We rent the white piano.", "id": "m", "created_at": "2024-03-01T00:00:00Z"}]')), count(thread_create('home', 'ann', messages => '[{"role": "user", "content": "My piano is black.", "id": "m", "created_at": "2024-03-01T00:00:00Z"}]'));
SELECT count(*) FROM memory_add_fact('club', 'RENTS', 'The club rents a white piano', 'white piano', thread_id => 'meeting', message_id => 'm', fact_id => 'piano');
CREATE FUNCTION pg_temp.found(users text[], query text, scope text DEFAULT 'edges', max_rows int DEFAULT 20, filters jsonb DEFAULT NULL, reranker text DEFAULT 'rrf', center text DEFAULT NULL, origin text[] DEFAULT NULL, as_of timestamptz DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(user_id || ':' || CASE kind WHEN 'fact' THEN fact_id WHEN 'entity' THEN name ELSE content END, ' | ' ORDER BY n)
      FROM (SELECT row_number() OVER () AS n, h.* FROM memory_search(user_ids => users, query => query, scope => scope, max_rows => max_rows, filters => filters, reranker => reranker, center_entity_id => center, origin_ids => origin, as_of => as_of) h) h $$;
CREATE FUNCTION pg_temp.id(u text, n text) RETURNS text LANGUAGE sql AS $$ SELECT entity_id FROM memory_entities(u, search => n) WHERE name = n $$;

-- Whose each is; the same in any order of the memories; never one of a memory that was not named.
SELECT pg_temp.found('{ann,club}', 'piano', max_rows => 3), pg_temp.found('{club,ann}', 'piano', max_rows => 3);
SELECT pg_temp.found('{team,club,ann}', 'piano', 'nodes', max_rows => 4);
SELECT user_id, kind, fact_id, source_id, target_id = pg_temp.id(user_id, 'white piano') AS target, name, content, valid_at, attributes, created_at FROM memory_search(user_ids => '{ann,club}', query => 'white piano', scope => 'edges', max_rows => 1);
SELECT user_id, kind, entity_id = pg_temp.id(user_id, 'white piano') AS entity, name, label, attributes, metadata FROM memory_search(user_ids => '{ann,club}', query => 'white piano', scope => 'nodes', max_rows => 1);
SELECT user_id, fact_id FROM memory_search('ann', 'piano', 'edges', include_groups => true, max_rows => 2);
SELECT string_agg(DISTINCT user_id || ' ' || kind, ', ' ORDER BY user_id || ' ' || kind) FROM memory_search('ann', 'piano', 'auto', include_groups => true);
-- An id is one memory's: of two things of one id both are found.
SELECT count(*), count(DISTINCT user_id) FROM memory_search(user_ids => '{ann,club}', query => 'piano', scope => 'edges', filters => '{"edge_uuids": ["piano"]}');
-- One scale: a word that one fact has weighs about as much in a small memory as in a large one (mmr with lambda 1 shows how relevant each is).
SELECT user_id, fact_id, score > 0.75 AS about_as_good FROM memory_search(user_ids => '{ann,team,lore}', query => 'piano', scope => 'edges', reranker => 'mmr', mmr_lambda => 1, max_rows => 4) WHERE score > 0 ORDER BY 1, 2;
-- Of what answers about as well the ones that hold come first, whosever they are.
SELECT pg_temp.found('{club,team}', 'grand piano', max_rows => 1), pg_temp.found('{club,team}', 'piano', max_rows => 3);
-- The first n are those of a longer answer, whatever is good in one memory and bad in the other, holds or is over.
SELECT count(memory_add_fact(CASE n % 2 WHEN 0 THEN 'ben' ELSE 'team' END, 'R' || n, format('thing %s %s %s', n, CASE WHEN n % 3 = 0 THEN 'harp' END, CASE WHEN n % 5 = 0 OR n % 2 = 0 AND n % 7 = 0 THEN 'harp flute' END), 'target ' || n, valid_at => '2020-01-01Z', invalid_at => CASE WHEN n % 4 < 2 THEN '2021-01-01Z'::timestamptz END, fact_id => 'n' || n, created_at => '2024-01-01Z'::timestamptz + n * interval '1 hour')) FROM generate_series(1, 120) n;
SELECT count(*) AS looked_at, count(*) FILTER (WHERE pg_temp.found('{ben,team}', q, s, n) IS DISTINCT FROM array_to_string((string_to_array(pg_temp.found('{ben,team}', q, s, 1000), ' | '))[:n], ' | ')) AS wrong
  FROM unnest('{harp,harp flute,flute thing,xylophone}'::text[]) q, unnest('{edges,nodes}'::text[]) s, generate_series(1, 40, 3) n;

-- Ways begin at each memory's own node, and at what is found in it; the two Berlins are two.
SELECT pg_temp.found('{ann,club}', 'xylophone', filters => '{"exclude_edge_types": ["GROWS"]}'), pg_temp.found('{club,team}', 'xylophone', 'nodes');
SELECT pg_temp.found('{ann,club}', 'xylophone', origin => ARRAY[pg_temp.id('ann', 'Berlin')], max_rows => 3), pg_temp.found('{ann,club}', 'xylophone', origin => ARRAY['club', pg_temp.id('ann', 'Berlin')], max_rows => 4);
SELECT pg_temp.found('{ann,club}', 'xylophone', origin => '{ann,team}');
-- Rerankers: near to an entity of one memory, mentions, other than those before, a function that is told whose each is.
SELECT pg_temp.found('{ann,club}', 'piano', 'edges', 3, reranker => 'node_distance', center => pg_temp.id('club', 'mill')), pg_temp.found('{ann,club}', 'piano Berlin', 'nodes', 2, reranker => 'node_distance', center => pg_temp.id('ann', 'Bechstein'));
SELECT pg_temp.found('{ann,club}', 'piano', reranker => 'node_distance', center => 'team');
SELECT pg_temp.found('{ann,club}', 'piano', 'edges', 1, reranker => 'episode_mentions'), pg_temp.found('{ann,team}', 'piano', 'edges', 1, reranker => 'episode_mentions') <> 'club:piano' AS not_of_others;
SELECT pg_temp.found('{club,lore,team}', 'piano', 'edges', 3, reranker => 'mmr') IS NOT NULL AS mmr;
CREATE FUNCTION public.prefers_lore(query text, documents jsonb) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_object_agg(d ->> 'id', 9) FROM jsonb_array_elements(documents) d WHERE d ->> 'user_id' = 'lore' $$;
SELECT pg_temp.found('{ann,club,lore}', 'piano', 'edges', 1, reranker => 'public.prefers_lore'), pg_temp.found('{ann,club,lore}', 'piano', 'auto', 1, reranker => 'public.prefers_lore');
DROP FUNCTION public.prefers_lore;
-- Filters hold in each memory; times too.
SELECT pg_temp.found('{ann,club}', 'piano', filters => '{"edge_types": ["OWNS", "MEETS_IN", "OWNED"]}'), pg_temp.found('{ann,club}', 'Berlin', 'nodes', filters => '{"node_labels": ["City"]}'), pg_temp.found('{ann,club}', 'piano', filters => '{"thread_ids": ["meeting", "home"]}'), pg_temp.found('{ann,club}', 'piano', 'auto', filters => '{"episode_uuids": ["m"]}', max_rows => 4);
SELECT pg_temp.found('{ann,club}', 'piano', as_of => '2024-02-15Z', max_rows => 2), pg_temp.found('{ann,club}', 'piano', as_of => '2015-01-01Z') IS NULL AS nothing_known;
-- What came from an episode of later is from none yet.
SELECT count(memory_add_fact('team', 'HAS', 'The team has a cello', 'cello', thread_id => 'later', message_id => 'm', fact_id => 'cello', created_at => '2024-01-01Z')) FROM thread_create('later', 'team', messages => '[{"role": "user", "content": "A cello!", "id": "m", "created_at": "2025-01-01T00:00:00Z"}]');
SELECT pg_temp.found('{team}', 'cello', filters => '{"thread_ids": ["later"]}'), pg_temp.found('{team}', 'cello', filters => '{"thread_ids": ["later"]}', as_of => '2024-06-01Z') AS then;

-- A long way is walked once: a chain of 300 facts, from its end.
SELECT count(memory_add_fact('zoe', 'LEADS_TO', format('Stone %s leads to stone %s', n, n + 1), 'stone ' || n + 1, 'stone ' || n, contradicts => 'none', created_at => '2023-01-01Z')) FROM generate_series(1, 300) n;
SELECT name, round(1 / score) - 1 AS apart FROM memory_search(user_ids => '{zoe,team}', query => 'stone 1 stone 301', scope => 'nodes', reranker => 'node_distance', max_rows => 1000, center_entity_id => pg_temp.id('zoe', 'stone 301')) WHERE name IN ('stone 1', 'stone 301') ORDER BY 2;

-- The block of Ann's thread has what her club knows, and the club's own node; with the guide it has what the guide's groups know.
SELECT count(thread_create('ask' || coalesce(a, ''), 'ann', a, messages => '[{"role": "user", "content": "Where is a piano for the club?", "created_at": "2024-07-01T00:00:00Z"}]')) FROM unnest('{NULL,guide}'::text[]) a;
SELECT thread_context('ask', template => E'%{edges limit=5 types=[OWNS,RENTS,OWNED,MEETS_IN,TELLS,SINGS,HATES]}\n--\n%{entities types=[Instrument,Group,User]}');
SELECT thread_context('askguide', template => E'%{edges limit=5 types=[TELLS,SINGS,HATES]}');
SELECT thread_context('ask', as_of => '2024-02-15Z', template => E'%{edges types=[OWNS,RENTS,OWNED,MEETS_IN,TELLS,SINGS,HATES]}');

-- So has a search for such a thread, that asks for groups.
SELECT t, g, (SELECT string_agg(DISTINCT user_id, ' ' ORDER BY user_id) FROM memory_search('ann', 'piano', 'auto', thread_id => t, include_groups => g)) FROM unnest('{ask,askguide}'::text[]) t, unnest('{f,t}'::boolean[]) g ORDER BY 1, 2;
SELECT memory_search('ann', 'piano', 'auto', thread_id => 'nowhere', include_groups => true);

-- A narrowed session has what its policy lets it read: a member's what the club knows, and nothing of whom it does not know.
CREATE ROLE regress_owners;
SELECT grant_access('regress_owners', 'read');
SET ROLE regress_owners;
SET threadmem.user_id = 'ben';
SELECT pg_temp.found('{ben,club}', 'piano club'), pg_temp.found('{club}', 'piano', 'nodes', 3);
SELECT string_agg(DISTINCT user_id || ' ' || kind, ', ' ORDER BY user_id || ' ' || kind) FROM memory_search('ben', 'piano harp', 'auto', include_groups => true);
SELECT pg_temp.found('{ben,team}', 'piano');
SELECT pg_temp.found('{ben,club}', 'piano', origin => ARRAY['ann']);
SET threadmem.user_id = 'zoe';
SELECT pg_temp.found('{zoe,club}', 'piano');
SELECT pg_temp.found('{zoe,lore}', 'piano', max_rows => 2);
RESET ROLE;
RESET threadmem.user_id;
SELECT group_remove_member('club', 'ben');
SET ROLE regress_owners;
SET threadmem.user_id = 'ben';
SELECT count(*) FROM memory_search('ben', 'piano', 'auto', include_groups => true) WHERE user_id <> 'ben';
SELECT pg_temp.found('{ben,club}', 'piano');
RESET threadmem.user_id;
RESET ROLE;
DROP OWNED BY regress_owners;
DROP ROLE regress_owners;
SELECT count(*) > 0 AS gone FROM tenant_delete('memory owners');
