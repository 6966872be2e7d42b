-- A tenant that has a row in every table, in as many states as there are; and "healthy", which must
-- be found by every list whatever is wrong with the others.
\set ON_ERROR_STOP 1
\set QUIET 1
CREATE EXTENSION threadmem;
CREATE SCHEMA rows;
BEGIN;
SELECT threadmem.user_create('uf', email => 'u@f', time_zone => 'Europe/Rome', metadata => '{"k": 1}'),
       threadmem.user_update('uf', summary => 'Likes words.'), threadmem.user_create('healthy');
SELECT threadmem.graph_define('gf', '{"channels": {"messages": {"reducer": "add_messages"}, "n": {"default": 1}, "list": {"reducer": "append"}}, "nodes": ["a", "b"], "edges": [["__start__", "a"], ["a", "b"]]}'),
       threadmem.graph_define('healthy');
SELECT threadmem.assistant_create('af', graph_id => 'gf', tools => '[{"type": "x"}]', config => '{"configurable": {"a": 1}}'), threadmem.assistant_create('healthy');
SELECT threadmem.context_template_create('tf', 'Known: %{user_summary} %{episodes limit=5}'), threadmem.context_template_create('healthy', 'x');
SELECT threadmem.thread_create('healthy', user_id => 'healthy', metadata => '{"k": 1}', messages => '[{"role": "user", "content": "hello healthy", "id": "healthy"}]');
SELECT threadmem.thread_create(t, user_id => 'uf', assistant_id => 'af', assistant_pinned => t = 'fz', graph_id => 'gf', metadata => '{"k": 1}', ttl => '{"ttl": 5}')
  FROM unnest('{fz,fq,fw,fa,fx}'::text[]) t;
SELECT threadmem.thread_update_state('healthy', '{"n": 2, "list": [1, 2]}');
UPDATE threadmem_data.threads SET expires_at = now() - interval '1 day' WHERE thread_id = 'fx';
SELECT threadmem.thread_add_participant('fz', 'af', kind => 'assistant'), threadmem.thread_add_participant('fz', 'healthy');
SELECT threadmem.message_add('fz', 'system', 'be kind', message_id => 'm0');
SELECT threadmem.message_add('fz', 'user', 'hello', message_id => 'm1', sender_id => 'uf', tool_call_id => 'c0', name => 'Ann', metadata => '{"k": 1}');
SELECT threadmem.message_add('fz', 'user', 'said and taken back', message_id => 'gone'), threadmem.message_delete('fz', 'gone');
SELECT threadmem.message_add('fz', 'user', 'a secret', message_id => 'secret'), threadmem.message_erase('fz', 'secret');
SELECT threadmem.message_update('fz', 'm1', content => 'hello you');
SELECT threadmem.message_start('fz', message_id => 'm2'), threadmem.message_append('fz', 'm2', 1, 'abc');
SELECT threadmem.thread_update_state('fz', '{"n": 1, "messages": {"type": "ai", "content": "yo", "id": "a1"}}');
SELECT threadmem.thread_update_state('fz', '{"n": 2, "list": [1, 2], "messages": {"type": "human", "content": "more words about nothing", "id": "h1"}}');
SELECT threadmem.message_add('fz', 'assistant', 'hello again', message_id => 'm3');
SELECT threadmem.checkpoint_put('fz', '{"id": "c1", "v": 3, "channel_values": {"n": 1, "text": "some words that fill the state so that a patch is smaller than all of it, and some more of them"}, "channel_versions": {"n": 1, "text": 1}}', metadata => '{"step": 0, "run_id": "r0"}', checkpoint_ns => 'sub:1'),
       threadmem.checkpoint_put('fz', '{"id": "c2", "v": 3, "channel_values": {"n": 2}, "channel_versions": {"n": 2, "text": 1}}', new_versions => '{"n": 2}', metadata => '{"step": 1, "parents": {"": "c9"}}', parent_checkpoint_id => 'c1', checkpoint_ns => 'sub:1');
SELECT threadmem.checkpoint_put_writes('fz', (SELECT max(checkpoint_id) FROM threadmem_data.checkpoints WHERE thread_id = 'fz' AND checkpoint_ns = ''), '11111111-1111-5111-8111-111111111111', '[["n", 5], ["__pregel_tasks", {"node": "a"}]]'),
       threadmem.checkpoint_put_writes('fz', 'c1', 't1', '[["__interrupt__", [{"value": 1}]]]', checkpoint_ns => 'sub:1');
SELECT threadmem.run_create('fz', run_id => 'r0', input => '{"x": 1}', kwargs => '{"y": 1}'), threadmem.run_start('fz', 'r0', 'w'),
       threadmem.run_step_add('fz', 'r0', message_id => 'm1', details => '{"a": 1}', usage => '{"b": 2}', error => '"none"'), threadmem.run_complete('fz', 'r0', usage => '{"t": 1}', result => '{"z": 1}');
SELECT threadmem.run_create('fq', run_id => 'r1', input => '{"x": 1}'), threadmem.message_add('fq', 'user', 'do it', message_id => 'm1');
SELECT threadmem.run_create('fw', run_id => 'r2'), threadmem.run_start('fw', 'r2', 'w'), threadmem.run_step_add('fw', 'r2', status => 'in_progress');
SELECT threadmem.run_create('fa', run_id => 'r3'), threadmem.run_start('fa', 'r3', 'w'), threadmem.run_require_action('fa', 'r3', '[{"id": "call1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]', worker => 'w');
SELECT threadmem.run_create('ft', run_id => 'gone', if_not_exists => 'create'), threadmem.run_start('ft', 'gone'), threadmem.run_create('ft', run_id => 'next', strategy => 'rollback');
SELECT threadmem.memory_add_data('uf', 'The cat is called Tom', episode_id => 'e1', metadata => '{"k": 1}'), threadmem.memory_add_data('uf', '{"color": "blue"}', type => 'json', episode_id => 'e2'),
       threadmem.memory_add_data('healthy', 'hello healthy', episode_id => 'healthy');
SELECT threadmem.store_put('{of,uf}', 'k', '{"n": 1, "text": "some words"}', 60, embeddings => '{{1,2,3},{3,2,1}}'), threadmem.store_put('{of}', 'gone', '{}', 1, embeddings => '{1,2,3}'),
       threadmem.store_put('{healthy}', 'healthy', '{"n": 2, "text": "healthy words"}');
UPDATE threadmem_data.store_items SET user_id = 'uf' WHERE key = 'k';
UPDATE threadmem_data.store_items SET expires_at = now() - interval '1 day', sweep_at = now() - interval '1 day' WHERE key = 'gone';
SELECT threadmem.memory_set_embedding('uf', '{1,2,3}', thread_id => 'fz', message_id => 'm1'), threadmem.memory_set_embedding('uf', '{3,2,1}', episode_id => 'e1');
SELECT threadmem.thread_create('dead', user_id => 'uf', messages => '[{"role": "user", "content": "last words"}]');
SELECT threadmem.thread_delete('dead');
SELECT threadmem.user_create('team', 'group'), threadmem.group_add_member('team', 'uf'), threadmem.group_add_member('team', assistant_id => 'af'),
       threadmem.user_create('healthy team', 'group'), threadmem.group_add_member('healthy team', 'healthy');
SELECT threadmem.memory_set_ontology('{"facts": {"LIKES": {"many": true}}}'), threadmem.memory_set_ontology('{"strict": false}', 'uf');
SELECT threadmem.memory_add_entity('uf', 'Tom', 'Cat', summary => 'a cat', attributes => '{"age": 3}', metadata => '{"k": 1}', episode_id => 'e1', entity_id => 'tom'),
       threadmem.memory_update_entity('uf', 'tom', summary => 'an old cat'), threadmem.memory_add_entity('healthy', 'a healthy one');
SELECT threadmem.memory_add_fact('uf', 'LIVES_IN', 'Tom lives in ' || city, city, 'Tom', valid_at => since, attributes => '{"since": 1.5}', metadata => '{"k": 1}', thread_id => 'fz', message_id => 'm1',
       confidence => 0.5, extractor => 'rules', fact_id => city) FROM (VALUES ('Lyon', '2020-01-01'::timestamptz), ('Nice', '2022-01-01')) v (city, since);
SELECT threadmem.memory_update_fact('uf', 'Nice', confidence => 0.9), threadmem.memory_add_fact('uf', 'LIKES', 'Tom likes fish', 'fish', 'Tom', episode_id => 'e1', fact_id => 'fish'),
       threadmem.memory_add_fact('healthy', 'IS', 'the healthy one is healthy', 'healthy');
SELECT threadmem.memory_update_episode('uf', 'e2', '{"color": "green"}');
SELECT threadmem.memory_block_set('human', value, 'uf', description => 'who it is'), threadmem.memory_block_set('task', value, thread_id => 'fz'), threadmem.memory_block_set('healthy', value, 'healthy')
  FROM unnest('{tea,"green tea"}'::text[]) value;
SELECT count(*) FROM threadmem.memory_claim('w'); -- and one that failed, and will be tried again
SELECT threadmem.memory_fail(user_id, job_id, 'w', 'the model is busy') FROM (SELECT user_id, job_id FROM threadmem.memory_claim('w', 5) LIMIT 1) j;
SELECT threadmem.notify_channel() IS NOT NULL AS has_channel;
SELECT threadmem.tenant_bind('pg_monitor', 'healthy'), threadmem.tenant_bind('pg_signal_backend', 'other');
COMMIT;
