-- Assistants: made, read, changed under a version, listed, searched and counted; bad input changes nothing.
\set SHOW_CONTEXT never
\pset null (null)
SET threadmem.tenant = 'assistant test';

-- All that an assistant has; tools and documents are kept to the digit.
SELECT assistant_id, graph_id, name, description, model, instructions, tools, tool_resources, config, metadata, version
  FROM threadmem.assistant_create('a1', 'agent', 'Helper', 'Helps', 'openai/gpt-4o', 'Be kind.',
         '[{"type": "function", "function": {"name": "f"}}]', '{"file_search": {"vector_store_ids": ["v1"]}}',
         '{"configurable": {"top_p": 1.10}}', '{"team": "blue", "tags": ["x", "y"]}');
SELECT assistant_id, graph_id, name, description, model, instructions, tools, tool_resources, config, metadata, version
  FROM threadmem.assistant_create('a2');
SELECT assistant_id, tools, config FROM threadmem.assistant_create('a3', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
SELECT assistant_id, name, config FROM threadmem.assistant_get('a1');

-- Generated ids have the form of the setting.
SELECT assistant_id ~ '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$' AS uuid7
  FROM threadmem.assistant_create();
SET threadmem.id_format = 'prefixed';
SELECT assistant_id ~ '^asst_[0-9A-Za-z]{22}$' AS prefixed FROM threadmem.assistant_create();
RESET threadmem.id_format;
DELETE FROM threadmem_data.assistants WHERE assistant_id !~ '^a[1-3]$';

-- An id that exists: an error, or the stored row as it was.
SELECT threadmem.assistant_create('a1', name => 'Other');
SELECT assistant_id, name, version FROM threadmem.assistant_create('a1', name => 'Other', if_exists => 'do_nothing');
SELECT assistant_id, name FROM threadmem.assistant_create('a4', name => 'Untitled', if_exists => 'do_nothing');

-- Bad input.
SELECT threadmem.assistant_create('bad', tools => '{}');
SELECT threadmem.assistant_create('bad', config => '[]');
SELECT threadmem.assistant_create('bad', graph_id => '');
SELECT threadmem.assistant_create('bad', if_exists => 'update');
\set VERBOSITY sqlstate
SELECT threadmem.assistant_create('bad', tools => '"text"');
SELECT threadmem.assistant_create('bad', tools => 'null');
SELECT threadmem.assistant_create('bad', tool_resources => '[]');
SELECT threadmem.assistant_create('bad', metadata => '1');
SELECT threadmem.assistant_create('');
SELECT threadmem.assistant_create(repeat('x', 256));
SELECT threadmem.assistant_create(E'a\nb');
SELECT threadmem.assistant_create('bad', graph_id => repeat('x', 256));
\set VERBOSITY default
SELECT threadmem.assistant_get('bad');
SELECT threadmem.assistant_get(NULL);

-- Update: what is given is replaced, metadata is merged, every change is a new version.
SELECT name, model, instructions, version
  FROM threadmem.assistant_update('a1', name => 'Guide', model => 'claude', clear => '{instructions,description}');
SELECT tools, tool_resources, config, version
  FROM threadmem.assistant_update('a1', tools => '[]', tool_resources => '{}', config => '{"recursion_limit": 5}');
SELECT metadata, version FROM threadmem.assistant_update('a1', metadata => '{"tags": null, "n": {"a": 1}}');
SELECT metadata, version FROM threadmem.assistant_update('a1', metadata => '{"n": {"b": 2}}', remove_keys => '{tags,absent}');
SELECT graph_id, name, version FROM threadmem.assistant_update('a1', graph_id => 'other', name => 'x', clear => '{graph_id,name}');
SELECT assistant_id, graph_id, name, description, model, instructions, tools, tool_resources, config, metadata, version,
       updated_at > created_at AS moved FROM threadmem.assistant_get('a1');

-- Compare and set.
SELECT name, version FROM threadmem.assistant_update('a1', name => 'Sixth', expected_version => 6);
SELECT threadmem.assistant_update('a1', name => 'Lost', expected_version => 6);
SELECT name, version FROM threadmem.assistant_get('a1');

-- Updates that are refused.
SELECT threadmem.assistant_update('nobody', name => 'x');
SELECT threadmem.assistant_update('nobody', name => 'x', expected_version => 1);
SELECT threadmem.assistant_update('a1', clear => '{version}');
\set VERBOSITY sqlstate
SELECT threadmem.assistant_update('a1', tools => '{}');
SELECT threadmem.assistant_update('a1', remove_keys => '{null}');
SELECT threadmem.assistant_update('a1', metadata => '[]');
SELECT threadmem.assistant_update(NULL, name => 'x');
\set VERBOSITY default
SELECT name, version FROM threadmem.assistant_get('a1');

-- Lists.
SELECT count((threadmem.assistant_create('b' || to_char(i, 'FM00'), graph_id => 'g' || i % 2, name => to_char(26 - i, '"Bot "FM00'),
                                         metadata => jsonb_build_object('i', i, 'odd', i % 2 = 1))).assistant_id)
  FROM generate_series(1, 25) AS i;
SELECT string_agg(assistant_id, ' ') FROM threadmem.assistant_list();
SELECT string_agg(assistant_id, ' ') FROM threadmem.assistant_list('assistant_id', 'asc', 3);
SELECT string_agg(assistant_id, ' ') FROM threadmem.assistant_list('assistant_id', 'asc', 3, after_id => 'a3');
SELECT string_agg(assistant_id, ' ') FROM threadmem.assistant_list('updated_at', max_rows => 1);
SELECT string_agg(assistant_id, ' ') FROM threadmem.assistant_list('name', 'asc', 6);
SELECT string_agg(assistant_id, ' ') FROM threadmem.assistant_list('name', 'asc', 2, after_id => 'a3');
SELECT string_agg(assistant_id, ' ') FROM threadmem.assistant_list('name', max_rows => 3);
SELECT string_agg(assistant_id, ' ') FROM threadmem.assistant_list('graph_id', max_rows => 3, after_id => 'b01');
SELECT string_agg(assistant_id, ' ') FROM threadmem.assistant_list(max_rows => 3, after_id => 'b03');
SELECT string_agg(assistant_id, ' ') FROM threadmem.assistant_list(page_number => 6, page_size => 5);
SELECT count(*) FROM threadmem.assistant_list(page_number => 7, page_size => 5);
SELECT count(*) FROM threadmem.assistant_list(max_rows => 0);
SELECT count(*) FROM threadmem.assistant_list(NULL, NULL, NULL, NULL, NULL, NULL);
SELECT threadmem.assistant_list(after_id => 'nobody');
SELECT threadmem.assistant_list('model');
\set VERBOSITY sqlstate
SELECT threadmem.assistant_list(max_rows => 1001);
SELECT threadmem.assistant_list(max_rows => -1);
SELECT threadmem.assistant_list(sort_order => 'up');
SELECT threadmem.assistant_list(page_number => 0);
SELECT threadmem.assistant_list(page_number => 1, after_id => 'a1');
\set VERBOSITY default

-- Search: every condition given must hold.
SELECT string_agg(assistant_id, ' ') FROM threadmem.assistant_search('{"odd": true}', sort_order => 'asc', max_rows => 4);
SELECT string_agg(assistant_id, ' ') FROM threadmem.assistant_search('{"i": 7}');
SELECT string_agg(assistant_id, ' ') FROM threadmem.assistant_search('{"n": {"b": 2}}');
SELECT count(*) FROM threadmem.assistant_search('{}', max_rows => 1000);
SELECT count(*) FROM threadmem.assistant_search('{"i": "7"}');
SELECT string_agg(assistant_id, ' ') FROM threadmem.assistant_search(graph_id => 'g0', name => 'bOT 2', sort_by => 'assistant_id', sort_order => 'asc');
SELECT count(*) FROM threadmem.assistant_search(name => '%');
SELECT string_agg(assistant_id, ' ') FROM threadmem.assistant_search(graph_id => 'g0', max_rows => 3, skip => 2);
SELECT string_agg(assistant_id, ' ') FROM threadmem.assistant_search(graph_id => 'g0', max_rows => 3, after_id => 'b20');
-- A cursor need not meet the conditions: it is a place in the order.
SELECT string_agg(assistant_id, ' ') FROM threadmem.assistant_search(graph_id => 'g0', max_rows => 3, after_id => 'b21');
SELECT count(*) FROM threadmem.assistant_search(skip => 2147483647);
SELECT count(*) FROM threadmem.assistant_search(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
SELECT threadmem.assistant_count(), threadmem.assistant_count('{"odd": true}'), threadmem.assistant_count(graph_id => 'g0'),
       threadmem.assistant_count('{"odd": true}', 'g0'), threadmem.assistant_count(name => 'BOT');
SELECT threadmem.assistant_search(skip => -1);
SELECT threadmem.assistant_search(skip => 1, after_id => 'a1');
\set VERBOSITY sqlstate
SELECT threadmem.assistant_search('[]');
SELECT threadmem.assistant_count('"x"');
SELECT threadmem.assistant_search(graph_id => '');
SELECT threadmem.assistant_search(sort_by => '');
SELECT threadmem.assistant_search(after_id => 'nobody');
\set VERBOSITY default

-- The index on metadata serves the search below the policy of an ordinary role.
INSERT INTO threadmem_data.assistants (tenant_id, assistant_id, metadata)
SELECT 'assistant test 3', i, jsonb_build_object('i', i) FROM generate_series(1, 5000) AS i;
VACUUM ANALYZE threadmem_data.assistants;
CREATE FUNCTION pg_temp.plan(query text) RETURNS json LANGUAGE plpgsql AS
$$DECLARE plan json; BEGIN EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan; RETURN plan; END$$;
SET client_min_messages = warning;
RESET client_min_messages;
SET ROLE threadmem_runner; -- as whom the statements run
SET threadmem.tenant = 'assistant test 3';
SELECT pg_temp.plan($$SELECT 1 FROM threadmem_data.assistants WHERE threadmem.tenant_keys(tenant_id, metadata) OPERATOR(threadmem.@@) threadmem.tenant_query('assistant test 3', '{"i": 7}'::jsonb)$$)::text
       ~ '"Index Name": "assistants_metadata"' AS by_index;
SELECT string_agg(assistant_id, ' ') FROM threadmem.assistant_search('{"i": 7}');
RESET ROLE;

-- Another tenant has the same ids for other assistants, and sees none of these.
SET threadmem.tenant = 'assistant test 2';
SELECT threadmem.assistant_count();
SELECT assistant_id, name FROM threadmem.assistant_create('a1', name => 'Foreign');
\set VERBOSITY sqlstate
SELECT threadmem.assistant_get('a2');
SELECT threadmem.assistant_update('a2', name => 'x');
SELECT threadmem.assistant_list(after_id => 'a2');

-- What is new was not changed yet.
SELECT count(*) AS created, count(*) FILTER (WHERE a.created_at <> a.updated_at) AS changed FROM generate_series(1, 300) n, threadmem.assistant_create('new ' || n) a;
