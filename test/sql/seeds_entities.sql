-- The Entities seed runs as it is: participants, ids of a user's threads, and 20 real messages given back in order with every field equal.
\set SHOW_CONTEXT never
\pset null (null)
\getenv abs_srcdir PG_ABS_SRCDIR
\set file :abs_srcdir '/data/entities_messages.json'
\set content `cat :'file'`
SET threadmem.tenant = 'entities';
CREATE TEMP TABLE seed AS SELECT :'content'::jsonb AS messages;
SELECT jsonb_array_length(messages) AS messages FROM seed;

-- create_thread(participant_ids, meta_data): the users must exist.
SELECT user_id FROM threadmem.user_create('user_8tYOlZFZ36TDirMUbGvJ9g', first_name => 'Francis', email => 'francis@example.org');
SELECT user_id FROM threadmem.user_create('user_kmJ0dSBZWxgQTaFF1ZSbwF');
SELECT thread_id, metadata FROM threadmem.thread_create('thread_Vg3trkDAYOJM7CSwOfN9TN',
    participant_ids => '{user_8tYOlZFZ36TDirMUbGvJ9g}', metadata => '{"topic": ""}');
SELECT threadmem.thread_create('thread_x', participant_ids => '{user_8tYOlZFZ36TDirMUbGvJ9g,user_unknown}');
SELECT count(threadmem.thread_create(id, user_id => 'user_kmJ0dSBZWxgQTaFF1ZSbwF')) FROM unnest('{thread_a,thread_b}'::text[]) AS id;

-- get_thread: with its participants, the owner first.
SELECT participant_id, role FROM threadmem.thread_add_participant('thread_a', 'user_8tYOlZFZ36TDirMUbGvJ9g');
SELECT doc - 'created_at' AS thread, (doc->'created_at')::bigint = floor(extract(epoch FROM t.created_at)) AS created
  FROM threadmem.thread_list(sort_by => 'thread_id') AS t, threadmem.thread_format(t.thread_id, 'entities') AS doc;

-- list_threads(user_id): the ids of those it owns or takes part in.
SELECT array_agg(thread_id ORDER BY thread_id) AS thread_ids FROM threadmem.user_threads('user_8tYOlZFZ36TDirMUbGvJ9g');
SELECT array_agg(thread_id ORDER BY thread_id) AS thread_ids FROM threadmem.user_threads('user_kmJ0dSBZWxgQTaFF1ZSbwF');

-- create_message, 20 times: assistants that are nowhere, a sender 'tool', a call and its answer in one second.
SELECT count(*), min(seq), max(seq) FROM seed, threadmem.message_add_batch('thread_Vg3trkDAYOJM7CSwOfN9TN', messages);
SELECT assistant_id, sender_id, role, count(*) FROM threadmem.message_list('thread_Vg3trkDAYOJM7CSwOfN9TN')
 GROUP BY assistant_id, sender_id, role ORDER BY min(seq);
-- A retry of the call stores nothing.
SELECT count(*), max(seq) FROM seed, threadmem.message_add_batch('thread_Vg3trkDAYOJM7CSwOfN9TN', messages);
SELECT message_count FROM threadmem.thread_get('thread_Vg3trkDAYOJM7CSwOfN9TN');

-- list_messages: the same 20, in the same order, to the byte.
SELECT count(*) FILTER (WHERE given.message::text = got.message::text) AS equal, count(*) AS of
  FROM seed, jsonb_array_elements(messages) WITH ORDINALITY AS given(message, place)
  FULL JOIN jsonb_array_elements(threadmem.message_format('thread_Vg3trkDAYOJM7CSwOfN9TN', 'entities')) WITH ORDINALITY AS got(message, place) USING (place);
SELECT field.key, count(*) FILTER (WHERE field.value = got.message->field.key) AS equal
  FROM seed, jsonb_array_elements(messages) WITH ORDINALITY AS given(message, place)
  JOIN jsonb_array_elements(threadmem.message_format('thread_Vg3trkDAYOJM7CSwOfN9TN', 'entities')) WITH ORDINALITY AS got(message, place) USING (place),
       jsonb_each(given.message) AS field
 GROUP BY field.key ORDER BY field.key;
-- limit 20 and order asc are its defaults; desc is the other way round.
SELECT jsonb_path_query_array(threadmem.message_format('thread_Vg3trkDAYOJM7CSwOfN9TN', 'entities', max_rows => 3, sort_order => 'desc'), '$[*].id') AS newest;

-- Also when two are of one second: all of them in one.
SELECT thread_id FROM threadmem.thread_create('same_second', messages =>
    (SELECT jsonb_agg(jsonb_set(message, '{created_at}', '1726624506') ORDER BY place) FROM seed, jsonb_array_elements(messages) WITH ORDINALITY AS m(message, place)));
SELECT jsonb_path_query_array(threadmem.message_format('same_second', 'entities'), '$[*].id') = jsonb_path_query_array(messages, '$[*].id') AS in_order,
       jsonb_path_query_array(threadmem.message_format('same_second', 'entities'), '$[*].thread_id') @> '["thread_Vg3trkDAYOJM7CSwOfN9TN"]' AS still_of_the_other_thread
  FROM seed;

-- get_message; update and delete, which its server has no route for.
SELECT threadmem.message_format('thread_Vg3trkDAYOJM7CSwOfN9TN', 'entities', message_id => 'message_ok2GDPEHsN1FyFNIux5I8G');
SELECT metadata FROM threadmem.message_update('thread_Vg3trkDAYOJM7CSwOfN9TN', 'message_ok2GDPEHsN1FyFNIux5I8G', metadata => '{"seen": true}');
SELECT threadmem.message_format('thread_Vg3trkDAYOJM7CSwOfN9TN', 'entities', message_id => 'message_ok2GDPEHsN1FyFNIux5I8G')->'meta_data' AS meta_data;
SELECT message_id, state FROM threadmem.message_delete('thread_Vg3trkDAYOJM7CSwOfN9TN', 'message_ok2GDPEHsN1FyFNIux5I8G');
SELECT jsonb_array_length(threadmem.message_format('thread_Vg3trkDAYOJM7CSwOfN9TN', 'entities')) AS left;
SELECT threadmem.message_format('thread_Vg3trkDAYOJM7CSwOfN9TN', 'entities', message_id => 'message_ok2GDPEHsN1FyFNIux5I8G');

-- delete_thread: its messages and participants go with it.
SELECT * FROM threadmem.thread_delete('thread_Vg3trkDAYOJM7CSwOfN9TN') WHERE deleted > 0;
SELECT threadmem.thread_delete('thread_Vg3trkDAYOJM7CSwOfN9TN');
SELECT array_agg(thread_id ORDER BY thread_id) AS thread_ids FROM threadmem.user_threads('user_8tYOlZFZ36TDirMUbGvJ9g');
