-- A channel whose reducer only the application's code knows: SQL refuses what it cannot do right.
SELECT graph_id FROM threadmem.graph_define('g', '{"channels": {"messages": {"reducer": "add_messages"}, "tags": {"reducer": "opaque", "default": []}, "bare": {"reducer": "opaque"}}}');
SELECT thread_id FROM threadmem.thread_create('t', graph_id => 'g');
SELECT threadmem.thread_update_state('t', '{"tags": "a"}', 'n');
SELECT threadmem.thread_update_state('t', '{"bare": 1}', 'n');
SELECT "values" FROM threadmem.thread_state('t');
SELECT thread_id FROM threadmem.thread_update_state('t', '{"tags": {"__overwrite__": ["a"]}, "messages": {"role": "user", "content": "hi", "id": "m"}}', 'n');
SELECT "values" ->> 'tags' AS tags, "values" -> 'bare' AS bare FROM threadmem.thread_state('t');
-- What tasks have written to it is not shown, unless it replaces the value.
SELECT threadmem.checkpoint_put_writes('t', (threadmem.thread_update_state('t', NULL, 'n', next => '{n}')).checkpoint_id, '00000000-0000-0000-0000-000000000000', '[["tags", "b"], ["bare", {"__overwrite__": 7}]]');
SELECT "values" ->> 'tags' AS tags, "values" -> 'bare' AS bare FROM threadmem.thread_state('t');
SELECT threadmem.channel_default('opaque') IS NULL AS absent, threadmem.channel_reduce('opaque', '1', '{"__overwrite__": 2}');
SELECT threadmem.channel_reduce('opaque', '1', '2');
SELECT threadmem.channel_superstep('c', 'opaque', '1', '[2]');
