-- Graph definitions: defined, defined anew, read, listed, deleted when nothing names them; a bad one is refused.
\set SHOW_CONTEXT never
SET threadmem.tenant = 'graph test';

SELECT graph_id, definition FROM threadmem.graph_define('empty');
SELECT graph_id, definition FROM threadmem.graph_define('none', NULL);
SELECT graph_id, definition
  FROM threadmem.graph_define('chat', '{"channels": {"messages": {"reducer": "add_messages"}, "n": {"reducer": "add", "default": 1.10}},
                                        "nodes": ["plan", "act"], "edges": [["__start__", "plan"], ["plan", "act"], ["act", "__end__"]]}');
SELECT definition FROM threadmem.graph_get('chat');

-- An edge from several nodes waits for all of them.
SELECT definition FROM threadmem.graph_define('join', '{"nodes": ["a", "b", "c"], "edges": [["__start__", "a"], ["__start__", "b"], [["a", "b"], "c"], [["a", "c"], "__end__"]]}');

-- Defined anew, the definition is replaced and the time of creation stays.
SELECT created_at AS before FROM threadmem.graph_get('chat') \gset
SELECT definition, created_at = :'before' AS same, updated_at > created_at AS moved
  FROM threadmem.graph_define('chat', '{"nodes": ["only"]}');

-- Bad definitions and ids.
SELECT threadmem.graph_define('chat', '{"channels": {"n": {"reducer": "multiply"}}}');
\set VERBOSITY sqlstate
SELECT threadmem.graph_define('chat', '{"vertices": []}');
SELECT threadmem.graph_define('chat', '[]');
SELECT threadmem.graph_define('chat', 'null');
SELECT threadmem.graph_define('chat', '{"channels": []}');
SELECT threadmem.graph_define('chat', '{"channels": {"n": {"reducers": "add"}}}');
SELECT threadmem.graph_define('chat', '{"nodes": [1]}');
SELECT threadmem.graph_define('chat', '{"nodes": ["a"], "edges": [["a"]]}');
SELECT threadmem.graph_define('chat', '{"nodes": ["a"], "edges": [["a", "b"]]}');
SELECT threadmem.graph_define('chat', '{"nodes": ["a"], "edges": [[1, "a"]]}');
SELECT threadmem.graph_define('chat', '{"nodes": ["a", "b"], "edges": [[[], "a"]]}');
SELECT threadmem.graph_define('chat', '{"nodes": ["a", "b"], "edges": [[["b", 1], "a"]]}');
SELECT threadmem.graph_define('chat', '{"nodes": ["a", "b"], "edges": [[["b", "b"], "a"]]}');
SELECT threadmem.graph_define('chat', '{"nodes": ["a", "b"], "edges": [[["b", "__start__"], "a"]]}');
SELECT threadmem.graph_define('chat', '{"nodes": ["a", "b", "c+d"], "edges": [[["b", "c+d"], "a"]]}');
SELECT threadmem.graph_define('chat', '{"nodes": ["a:", "b", "c"], "edges": [[["b", "c"], "a:"]]}');
SELECT threadmem.graph_define('');
SELECT threadmem.graph_define(repeat('x', 256));
SELECT threadmem.graph_define(E'a\x01');
SELECT threadmem.graph_define(NULL);
\set VERBOSITY default
SELECT definition FROM threadmem.graph_get('chat');
SELECT threadmem.graph_get('unknown');

-- Lists.
SELECT string_agg(graph_id, ' ') FROM threadmem.graph_list();
SELECT string_agg(graph_id, ' ') FROM threadmem.graph_list('asc', 2);
SELECT string_agg(graph_id, ' ') FROM threadmem.graph_list('asc', 2, after_id => 'none');
SELECT string_agg(graph_id, ' ') FROM threadmem.graph_list(page_number => 2, page_size => 2);
SELECT count(*) FROM threadmem.graph_list(NULL, NULL, NULL, NULL, NULL);
SELECT threadmem.graph_list(after_id => 'unknown');
\set VERBOSITY sqlstate
SELECT threadmem.graph_list('up');
SELECT threadmem.graph_list(max_rows => 1001);
SELECT threadmem.graph_list(page_number => 0);
\set VERBOSITY default

-- An assistant may name a graph that was never defined, and keeps one that was from being deleted.
SELECT assistant_id, graph_id FROM threadmem.assistant_create('a1', graph_id => 'in code');
SELECT assistant_id, graph_id FROM threadmem.assistant_create('a2', graph_id => 'chat');
SELECT threadmem.graph_delete('chat');
SELECT assistant_id, graph_id FROM threadmem.assistant_update('a2', clear => '{graph_id}');
SELECT threadmem.graph_delete('chat');
SELECT threadmem.graph_delete('chat');
SELECT threadmem.graph_delete('in code');

-- A tenant has its own graphs.
SET threadmem.tenant = 'graph test 2';
SELECT count(*) FROM threadmem.graph_list();
\set VERBOSITY sqlstate
SELECT threadmem.graph_get('empty');
SELECT threadmem.graph_delete('empty');
\set VERBOSITY default

-- What is new was not changed yet.
SELECT count(*) AS created, count(*) FILTER (WHERE g.created_at <> g.updated_at) AS changed FROM generate_series(1, 300) n, threadmem.graph_define('new ' || n) g;

-- The default of a channel is the user's own value: kept to the digit, however large or deep; the rest is read strictly.
SELECT definition FROM threadmem.graph_define('digits', '{"channels": {"n": {"default": 1e400}, "m": {"reducer": "add", "default": 123456789012345678901234567890.10}}}') \gset
SELECT definition #> '{channels,m,default}' AS m, (definition #>> '{channels,n,default}')::numeric = 1e400 AS n FROM threadmem.graph_get('digits');
SELECT thread_id FROM threadmem.thread_create('digits', graph_id => 'digits');
SELECT checkpoint_ns FROM threadmem.thread_update_state('digits', '{"n": 1}');
SELECT "values" -> 'm' AS m FROM threadmem.thread_state('digits');
SELECT length(definition::text) AS bytes FROM threadmem.graph_define('deep', ('{"channels": {"a": {"default": ' || repeat('[', 3000) || repeat(']', 3000) || '}}}')::jsonb);
\set VERBOSITY sqlstate
SELECT threadmem.graph_define('deep', '{"channels": {"a": {"default": 1, "defaults": 1}}}');
SELECT threadmem.graph_define('deep', '{"channels": {"a": {"default": 1, "reducer": 1}}}');
SELECT threadmem.graph_define('deep', '{"nodes": [1e400]}');
\set VERBOSITY default

-- A node that runs a graph of its own: its definition, level within level, read as strictly, with defaults as they are.
SELECT (definition #>> '{subgraphs,child,subgraphs,inner,channels,n,default}')::numeric = 1e400 AS kept FROM threadmem.graph_define('nested', '{"nodes": ["child", "other"], "subgraphs": {"child": {"nodes": ["inner"], "subgraphs": {"inner": {"channels": {"n": {"default": 1e400}}}}}, "other": {}}}');
SELECT count(*) FROM threadmem.graph_define('nested', '{"subgraphs": {"any": {}}}');
\set VERBOSITY terse
SELECT threadmem.graph_define('nested', '{"subgraphs": []}');
SELECT threadmem.graph_define('nested', '{"subgraphs": {"child": 1}}');
SELECT threadmem.graph_define('nested', '{"subgraphs": {"": {}}}');
SELECT threadmem.graph_define('nested', '{"subgraphs": {"a|b": {}}}');
\set VERBOSITY default
SELECT threadmem.graph_define('nested', '{"nodes": ["child"], "subgraphs": {"chidl": {}}}');
SELECT threadmem.graph_define('nested', '{"subgraphs": {"child": {"subgraphs": {"inner": {"channels": {"n": {"reducer": "sum"}}}}}}}');
SELECT threadmem.graph_define('nested', '{"subgraphs": {"child": {"nodes": ["a"], "edges": [["a", "b"]]}}}');
SELECT threadmem.graph_define('nested', '{"subgraphs": {"a:b": {}}}');
SELECT definition FROM threadmem.graph_get('nested');
