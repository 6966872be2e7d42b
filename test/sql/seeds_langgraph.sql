-- The calls of the LangGraph seed run as they are: create, copy, get, search, count, update, delete.
\set SHOW_CONTEXT never
\pset null (null)
SET threadmem.tenant = 'langgraph';

-- threads.create(thread_id, metadata, graph_id, if_exists)
SELECT thread_id, status, metadata, graph_id, config
  FROM threadmem.thread_create('f15d70a1-27d4-4793-a897-de5609920b7d', metadata => '{"owner": {"id": 7, "tier": 1.10}}', graph_id => 'agent');
SELECT thread_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' AS uuid FROM threadmem.thread_create();
SELECT threadmem.thread_create('f15d70a1-27d4-4793-a897-de5609920b7d', if_exists => 'raise');
SELECT metadata FROM threadmem.thread_create('f15d70a1-27d4-4793-a897-de5609920b7d', metadata => '{"new": 1}', if_exists => 'do_nothing');

-- threads.get: the row as its API gives it; values are absent until there is a state.
SELECT doc - 'created_at' - 'updated_at' AS thread,
       (doc->>'created_at')::timestamptz = t.created_at AND (doc->>'updated_at')::timestamptz = t.updated_at AS times,
       doc->>'created_at' ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$' AS iso_8601
  FROM threadmem.thread_get('f15d70a1-27d4-4793-a897-de5609920b7d') AS t, threadmem.thread_format(t.thread_id) AS doc;

-- With messages in it, as the seed's page shows them, its values are equal to the page's.
SELECT count(*) FROM threadmem.message_add_batch('f15d70a1-27d4-4793-a897-de5609920b7d', '[
    {"content": "hello", "additional_kwargs": {}, "response_metadata": {}, "type": "human", "name": null, "id": "8701f3be-959c-4b7c-852f-c2160699b4ab", "example": false},
    {"content": "Hello! How can I assist you today?", "additional_kwargs": {}, "response_metadata": {}, "type": "ai", "name": null,
     "id": "4d8ea561-7ca1-409a-99f7-6b67af3e1aa3", "example": false, "tool_calls": [], "invalid_tool_calls": [], "usage_metadata": null}]');
SELECT threadmem.thread_format('f15d70a1-27d4-4793-a897-de5609920b7d')->'values' = '{"messages": [
    {"content": "hello", "additional_kwargs": {}, "response_metadata": {}, "type": "human", "name": null, "id": "8701f3be-959c-4b7c-852f-c2160699b4ab", "example": false},
    {"content": "Hello! How can I assist you today?", "additional_kwargs": {}, "response_metadata": {}, "type": "ai", "name": null,
     "id": "4d8ea561-7ca1-409a-99f7-6b67af3e1aa3", "example": false, "tool_calls": [], "invalid_tool_calls": [], "usage_metadata": null}]}' AS equal;

-- threads.copy: another id, the same messages under the same ids; independent afterwards.
SELECT thread_id, graph_id, metadata FROM threadmem.thread_copy('f15d70a1-27d4-4793-a897-de5609920b7d', 'copy');
SELECT threadmem.thread_format('copy')->'values' = threadmem.thread_format('f15d70a1-27d4-4793-a897-de5609920b7d')->'values' AS same_values;
SELECT seq FROM threadmem.message_add('copy', 'user', 'only here');
SELECT thread_id, message_count FROM threadmem.thread_search(thread_ids => '{copy,f15d70a1-27d4-4793-a897-de5609920b7d,unknown}', sort_by => 'thread_id', sort_order => 'asc');
SELECT threadmem.thread_copy('unknown');

-- threads.search(metadata, status, sort_by, sort_order, limit, offset)
SELECT count(threadmem.thread_create('t' || n, metadata => jsonb_build_object('n', n, 'even', n % 2 = 0))) FROM generate_series(1, 5) AS n;
SELECT thread_id FROM threadmem.thread_search(metadata => '{"owner": {"id": 7}}', sort_by => 'thread_id', sort_order => 'asc');
SELECT thread_id FROM threadmem.thread_search(metadata => '{"n": "2"}');
SELECT thread_id FROM threadmem.thread_search(metadata => '{"even": true}', status => 'idle');
SELECT thread_id FROM threadmem.thread_search(status => 'busy');
SELECT threadmem.thread_search(status => 'sleeping');
SELECT thread_id FROM threadmem.thread_search(metadata => '{"even": false}', sort_by => 'thread_id', sort_order => 'desc', max_rows => 2);
SELECT thread_id FROM threadmem.thread_search(metadata => '{"even": false}', sort_by => 'thread_id', sort_order => 'desc', max_rows => 2, skip => 2);
SELECT thread_id FROM threadmem.thread_search(metadata => '{"n": 1}', fields => '{metadata}');
SELECT thread_id, metadata, status FROM threadmem.thread_search(metadata => '{"n": 1}', fields => '{metadata}');
SELECT array_agg(thread_id) AS newest_first FROM threadmem.thread_search(thread_ids => '{t1,t2,t3}');
SELECT title FROM threadmem.thread_update('t1', title => 'changed');
SELECT array_agg(thread_id) AS last_changed_first FROM threadmem.thread_search(thread_ids => '{t1,t2,t3}', sort_by => 'updated_at');
SELECT threadmem.thread_search(sort_by => 'title');
SELECT threadmem.thread_search(max_rows => 1001);

-- threads.count
SELECT threadmem.thread_count() AS all, threadmem.thread_count(metadata => '{"even": true}') AS even, threadmem.thread_count(status => 'error') AS error;

-- threads.update: a shallow merge in which null is a value.
SELECT metadata FROM threadmem.thread_update('t2', metadata => '{"even": null, "owner": {"a": 1}}');
SELECT metadata FROM threadmem.thread_update('t2', metadata => '{"owner": {"b": 2}}');
SELECT threadmem.thread_update('unknown', metadata => '{}');

-- threads.delete, twice.
SELECT * FROM threadmem.thread_delete('t2') WHERE deleted > 0;
SELECT threadmem.thread_delete('t2');
\set VERBOSITY sqlstate
SELECT threadmem.thread_delete('t2');
SELECT threadmem.thread_get('t2');
\set VERBOSITY default
-- Created again it starts empty.
SELECT thread_id, metadata, message_count FROM threadmem.thread_create('t2');
