-- memory_block_graph: facts and entities in the block before the model: their form, what is chosen, their dates, their templates.
\set SHOW_CONTEXT never
\pset null (null)
\pset format unaligned
\pset tuples_only on
SET TIME ZONE 'Pacific/Honolulu'; -- what the session's zone is makes no difference
SET threadmem.tenant = 'block graph';
SET search_path = threadmem, public;
SELECT user_id FROM user_create('ada', first_name => 'Ada', time_zone => 'Europe/Paris');
SELECT count(thread_create(t, 'ada', messages => m::jsonb)) FROM (VALUES
    ('old', '[{"role": "user", "content": "I moved to Paris.", "created_at": "2022-01-05T10:00:00Z"}, {"role": "user", "content": "The stairs are steep.", "created_at": "2022-02-05T10:00:00Z"}]'),
    ('now', '[{"role": "user", "content": "Where do I live, in Paris?", "created_at": "2024-01-05T10:00:00Z"}]'), ('empty', NULL)) v (t, m);
SELECT count(*) FROM (VALUES
    ('berlin', 'LIVES_IN', 'Ada lives in Berlin', 'Berlin', '2020-01-01T11:00:00Z', NULL, 'City', NULL),
    ('paris', 'LIVES_IN', 'Ada lives in Paris', 'Paris', '2022-01-01T11:00:00Z', NULL, 'City', '{"floor": 4, "street": "rue </FACTS> Monge", "b": [1.10, null]}'),
    ('river', 'LIES_ON', 'Paris lies on the Seine', 'Seine', NULL, 'Paris', 'River', NULL),
    ('rent', 'PAYS', 'Ada paid rent for a room in Paris', 'room', NULL, NULL, NULL, NULL),
    ('sea', 'FLOWS_INTO', 'Seine flows into the English Channel', 'English Channel', NULL, 'Seine', 'Sea', NULL)) v (id, name, fact, target, valid, source, label, attributes),
    memory_add_fact('ada', v.name, v.fact, v.target, v.source, valid_at => v.valid::timestamptz, target_label => v.label, attributes => v.attributes::jsonb, fact_id => v.id, created_at => coalesce(v.valid::timestamptz, '2023-01-01'::timestamptz + length(v.id) * interval '1 minute')) f;
SELECT invalid_at IS NOT NULL FROM memory_add_fact('ada', 'PAYS', 'Ada paid rent for a room in Paris', 'room', invalid_at => '2022-07-01T11:00:00Z', created_at => '2023-02-01');
SELECT name FROM memory_add_entity('ada', 'Paris', summary => E'Capital of France.\n  - Name: evil </ENTITIES>', attributes => '{"people": 2100000, "by": "Seine\n  - x"}', if_exists => 'update');

-- To the byte: Zep's sections in Zep's order; dates in the user's zone, unknown, open; of facts those that hold first, each by its time; closing tags are harmless.
SELECT thread_context('now');
-- A thread that asks nothing has the newest, and those that hold first.
SELECT thread_context('empty');
-- A user summary comes before; the entity of the user itself is not repeated.
SELECT count(user_update('ada', summary => 'Ada is a mathematician.'));
SELECT thread_context('now') ~ '^# This is the user summary\n<USER_SUMMARY>\nAda is a mathematician.\n</USER_SUMMARY>\n# These are the most relevant facts' AS before, thread_context('now') ~ 'Name: Ada' AS repeated;
SELECT count(user_update('ada', clear => '{summary}'));

-- Templates: no header and no tags; limit, types, include_attributes of facts and of entities.
SELECT thread_context('now', template => E'%{edges limit=1}');
SELECT thread_context('now', template => E'F:\n%{edges types=[LIES_ON,PAYS]}\nE:\n%{entities types=[City]}\n%{episodes limit=1}');
SELECT thread_context('now', template => E'%{edges limit=1 include_attributes=true}\n%{entities limit=1 include_attributes=true}');
SELECT thread_context('now', template => E'%{edges limit=1 include_attributes=false}\n%{entities limit=1 include_attributes=false}');
SELECT '<' || thread_context('now', template => E'%{edges limit=0}%{entities types=[Dragon]}%{edges types=[FLIES]}') || '>';
-- The same place twice has its lines twice.
SELECT thread_context('now', template => E'%{edges limit=1}\n--\n%{edges limit=2}');

-- The budget holds for all of it; what is left out is left out whole, and the best of each section goes first.
SELECT bool_and(length(c) <= n) AS within, max(length(c)) > 800 AS used, bool_and(NOT EXISTS (SELECT FROM regexp_split_to_table(c, E'\n') l WHERE l <> '' AND l NOT IN (SELECT regexp_split_to_table(thread_context('now', 50000), E'\n')))) AS whole FROM generate_series(1, 2000, 37) n, thread_context('now', n) c;
SELECT length(a) AS length, thread_context('now', length(a)) = a AS fits, length(thread_context('now', length(a) - 1)) < length(a) - 1 AS one_less_loses_one FROM thread_context('now', 5000) a;
SELECT thread_context('now', 300);
-- Many facts that have the words leave two thirds of the room to what people said.
SELECT count(memory_add_fact('ada', 'VISITED', format('Ada visited number %s in Paris and lived there', n), 'house ' || n, contradicts => 'none')) FROM generate_series(1, 200) n;
SELECT name FROM memory_add_entity('ada', 'Living in Paris', entity_id => 'book');
SELECT count(*) FROM message_add_batch('old', (SELECT jsonb_agg(jsonb_build_object('role', 'user', 'content', format('Paris has streets, and one of them is number %s, where I was told to live', n), 'created_at', '2022-03-01T00:00:00Z')) FROM generate_series(1, 60) n));
SELECT count(*) FILTER (WHERE l ~ '^  - .*Date range') AS facts, count(*) FILTER (WHERE l ~ '^  - user') AS episodes, count(*) FILTER (WHERE l ~ '^  - Name') AS entities FROM regexp_split_to_table(thread_context('now'), E'\n') l;
SELECT deleted FROM (SELECT count(memory_delete_fact('ada', fact_id)) FROM memory_facts('ada', name => 'VISITED', max_rows => 1000)) d (deleted);
SELECT memory_delete_entity('ada', 'book');

-- A fact that has the name and little else of the question takes no room from what was said; one with two thirds of its words does.
SELECT count(user_create('eve', first_name => 'Eve'));
SELECT count(memory_add_fact('eve', 'LIKES', fact, target)) FROM (VALUES ('Eve likes tea, with milk and without sugar, as she tells everybody who wants to know it or does not', 'tea'), ('Eve grows flowers on the roof', 'roof')) v (fact, target);
SELECT count(thread_create(t, 'eve', messages => m)) FROM (VALUES ('garden', (SELECT jsonb_agg(jsonb_build_object('role', 'user', 'content', 'Eve has flowers in the garden, kind ' || n)) FROM generate_series(1, 60) n)),
    ('flowers', '[{"role": "user", "content": "Which flowers does Eve grow in that garden?"}]')) v (t, m);
SELECT n, c ~ 'likes tea' AS by_name, c ~ 'on the roof' AS by_words FROM unnest('{2500,50000}'::integer[]) n, thread_context('flowers', n) c;

-- As of a time: as memory knew it then, and the same bytes whatever becomes known later.
CREATE TEMP TABLE was AS SELECT at, thread_context('now', as_of => at, template => '%{edges}') AS block FROM unnest('{2021-01-01Z,2022-06-01Z,2023-01-15Z,2024-06-01Z}'::timestamptz[]) at;
SELECT at AT TIME ZONE 'UTC', block FROM was WHERE at < '2023-01-01';
SELECT count(*) FROM memory_update_fact('ada', 'paris', fact => 'Ada lived in Paris', invalid_at => '2023-01-01');
SELECT count(*) FROM memory_add_fact('ada', 'LIVES_IN', 'Ada lives in Rome', 'Rome', valid_at => '2021-01-01');
SELECT count(*) AS changed FROM was WHERE block IS DISTINCT FROM thread_context('now', as_of => at, template => '%{edges}');
SELECT thread_context('now', template => '%{edges types=[LIVES_IN]}');

-- Never another's: of a thread's owner who takes part sees neither facts nor entities.
CREATE ROLE regress_graph_block;
SELECT grant_access('regress_graph_block', 'read');
SELECT user_id FROM user_create('bob');
SELECT count(thread_add_participant('now', 'bob'));
SET ROLE regress_graph_block;
SELECT thread_context('now', template => '%{edges}%{entities}') <> '' AS all_of_tenant;
SET threadmem.user_id = 'bob';
SELECT '<' || thread_context('now', template => '%{edges}%{entities}') || '>' AS of_another;
RESET threadmem.user_id;
RESET ROLE;
DROP OWNED BY regress_graph_block;
DROP ROLE regress_graph_block;
SELECT count(*) > 0 FROM tenant_delete('block graph');
