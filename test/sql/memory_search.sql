-- What memory_search finds, and what it never does.
\set SHOW_CONTEXT never
\pset null (null)
SET TIME ZONE 'UTC';
SET threadmem.tenant = 'memory search';
SELECT user_id FROM threadmem.user_create('ann', time_zone => 'America/New_York');
-- The contents found, best first.
CREATE FUNCTION pg_temp.found(query text, filters jsonb DEFAULT NULL, max_rows int DEFAULT 3, as_of timestamptz DEFAULT NULL) RETURNS SETOF text LANGUAGE sql AS
$$SELECT content FROM threadmem.memory_search('ann', query, max_rows => $3, filters => $2, as_of => $4)$$;
SELECT c.thread_id, count(*) FROM (VALUES
    ('trip', '[{"role": "user", "name": "Ann", "content": "I went to Lisbon with my sister.", "created_at": "2023-05-07T10:00:00Z", "metadata": {"m": 1}},
               {"role": "user", "name": "Ben", "content": "Wow! Where did you stay?", "created_at": "2023-05-07T10:01:00Z"},
               {"role": "user", "name": "Ann", "content": "At a small hotel near the river.", "created_at": "2023-05-07T10:02:00Z"},
               {"role": "user", "name": "Ben", "content": "Sounds great!", "created_at": "2023-05-07T10:03:00Z"}]'),
    ('dog', '[{"role": "user", "name": "Ben", "content": "I bought a puppy, her name is Luna.", "created_at": "2023-06-01T03:30:00Z"},
              {"role": "user", "name": "Ann", "content": "How cute! Is a puppy much work?", "created_at": "2023-06-01T03:31:00Z"},
              {"role": "user", "name": "Ben", "content": "Yes, I get up at five every day.", "created_at": "2023-06-01T03:32:00Z"}]'),
    ('work', '[{"role": "user", "name": "Ann", "content": "We painted the office, it was work for a week.", "created_at": "2023-07-20T12:00:00Z"},
               {"role": "user", "name": "Ann", "content": "My photos of it are in the shared folder.", "created_at": "2023-07-20T12:01:00Z"},
               {"role": "tool", "content": "secret tool output about zebras", "created_at": "2023-07-20T12:02:00Z"},
               {"role": "assistant", "content": "I have filed them.", "created_at": "2023-07-20T12:03:00Z"}]')) v (t, m),
    threadmem.thread_create(v.t, user_id => 'ann') c, threadmem.message_add_batch(v.t, v.m::jsonb, ignore_roles => '{tool}') GROUP BY c.thread_id ORDER BY c.thread_id;

-- Other forms of a word; the answer beside the words; a name; words missing.
SELECT * FROM pg_temp.found('Who goes to Lisbon?', max_rows => 1);
SELECT * FROM pg_temp.found('Which hotel in Lisbon did Ann stay at?', max_rows => 1);
SELECT * FROM pg_temp.found('What did Ben buy?', max_rows => 1);
SELECT * FROM pg_temp.found('Where are the pictures?', max_rows => 1);
SELECT * FROM pg_temp.found('puppy work', max_rows => 2);
-- A question names the kind, the answer the thing.
SELECT * FROM pg_temp.found('Who has a pet?', max_rows => 2);
-- When and where are answered by times and places.
SELECT user_id FROM threadmem.user_create('tom');
SELECT count(*) FROM unnest('{The roof was mended last week.,The roof was mended near home.,The roof was mended with great care.}'::text[]) WITH ORDINALITY AS u(said, n), LATERAL threadmem.thread_create('roof' || n, user_id => 'tom',
    messages => jsonb_build_array(jsonb_build_object('role', 'user', 'content', said, 'created_at', format('2023-01-0%sT00:00:00Z', n)))) c;
SELECT q, (SELECT content FROM threadmem.memory_search('tom', q, max_rows => 1)) FROM unnest('{How was the roof mended?,When was the roof mended?,And where was the roof mended?}'::text[]) AS q;
-- A word that the user never used is found by what begins with the same five letters, hyphens left out; one that it did use by itself; numbers are no words.
SELECT user_id FROM threadmem.user_create('ned');
SELECT count(threadmem.thread_create('ned' || n, user_id => 'ned', messages => jsonb_build_array(jsonb_build_object('role', 'user', 'content', said)))) FROM unnest('{I study psychology in Ghent.,My self-care is swimming.,The internet was down.,I was an intern.,Its number is 123456.,Моя бабушкина книга.}'::text[]) WITH ORDINALITY AS u(said, n);
SELECT q, (SELECT array_agg(content ORDER BY content) FROM threadmem.memory_search('ned', q)) AS found FROM unnest('{psychologist,selfcare,intern,interview,inte,123457,бабушкой}'::text[]) AS q;
-- However much was said since.
SELECT count(*) FROM threadmem.thread_create('ned since', user_id => 'ned', messages => (SELECT jsonb_agg(jsonb_build_object('role', 'user', 'content', 'nothing new ' || i)) FROM generate_series(1, 100) i));
SELECT content FROM threadmem.memory_search('ned', 'a psychologist');
SELECT content FROM threadmem.memory_search('ned', 'nothing about psychologists', max_rows => 1);
-- The lines of a query are asked as the last messages of a thread are: the last one is the question.
CREATE TEMP TABLE lines AS SELECT content, score FROM threadmem.memory_search('tom', E'My roof leaks.\r\n\nWas it mended last week?\n \t\nI do not know. Who has mended it with care?\n');
SELECT thread_id FROM threadmem.thread_create('asking', user_id => 'tom', messages => '[{"role": "user", "content": "My roof leaks."}, {"role": "assistant", "content": "Was it mended last week?"}, {"role": "user", "content": "I do not know. Who has mended it with care?"}]');
SELECT count(*), count(*) FILTER (WHERE a1 = 'episode' AND b IS NOT NULL) AS same FROM threadmem.memory_search('tom', thread_id => 'asking') a (a1, a2, a3, a4, a5, a6, a7, a8, a9, content, b1, b2, b3, score) FULL JOIN lines b USING (content, score);
DROP TABLE lines;
SELECT count(*) > 0 AS deleted FROM threadmem.thread_delete('asking', keep_memory => false);
SELECT count(*) FROM threadmem.memory_search('tom', E'\n \r\n');
-- Dates count where the user lives: the evening of 31 May in New York.
SELECT * FROM pg_temp.found('What happened on May 31?', max_rows => 1);
SELECT * FROM pg_temp.found('in July 2023', max_rows => 4);
-- What memory was told to ignore is not found, but what stands beside it is.
SELECT * FROM pg_temp.found('zebras');
-- Filters; they choose among what is found and do not change the order.
SELECT * FROM pg_temp.found('work', '{"thread_ids": ["work", "none"]}');
SELECT * FROM pg_temp.found('filed photos', '{"roles": ["ai"]}');
SELECT * FROM pg_temp.found('work', '{"until": "2023-06-15T00:00:00Z", "since": null}');
SELECT * FROM pg_temp.found('work', '{"since": "2023-06-15T00:00:00Z"}');
SELECT * FROM pg_temp.found('Lisbon hotel', '{"metadata": {"m": 1}}');
SELECT * FROM pg_temp.found('work', as_of => '2023-07-01');
SELECT * FROM pg_temp.found('work', max_rows => 0);
-- A hit tells all about itself.
\x
SELECT kind, source, episode_id, thread_id, seq, role, name, content, event_at, metadata, score > 0 AS scored FROM threadmem.memory_search('ann', 'Lisbon', 'auto', 'rrf', 1);
\x

-- Errors, one each.
SELECT * FROM threadmem.memory_search('nobody', 'x');
SELECT * FROM threadmem.memory_search(NULL, 'x');
SELECT * FROM threadmem.memory_search('ann', thread_id => 'none');
SELECT * FROM threadmem.memory_search('ann', 'x', scope => 'everything');
SELECT * FROM threadmem.memory_search('ann', 'x', scope => 'thread_summaries');
SELECT * FROM threadmem.memory_search('ann', 'x', scope => 'observations');
SELECT * FROM threadmem.memory_search('ann', 'x', reranker => 'best');
SELECT * FROM threadmem.memory_search('ann', 'x', reranker => 'cross_encoder');
SELECT * FROM threadmem.memory_search('ann', 'x', max_rows => 1001);
SELECT * FROM pg_temp.found('x', '[]');
SELECT * FROM pg_temp.found('x', '{"thread_id": "work"}');
SELECT * FROM pg_temp.found('x', '{"roles": "user"}');
SELECT * FROM pg_temp.found('x', '{"roles": ["nobody"]}');
SELECT * FROM pg_temp.found('x', '{"since": "yesterday"}');
SELECT * FROM pg_temp.found('x', '{"metadata": [1]}');

-- Without a word to look for, the newest: no query, none in it, stop words only. Not found at all: nothing.
SELECT * FROM pg_temp.found(NULL, max_rows => 2);
SELECT count(*) FROM unnest('{"", " ?!", "who is it and what was that", "¿…?"}'::text[]) q, pg_temp.found(q, max_rows => 2) f;
SELECT * FROM pg_temp.found(NULL, '{"thread_ids": ["dog"]}', max_rows => 2, as_of => '2023-06-01T03:31:00Z');
SELECT * FROM pg_temp.found('xylophone');
-- A query of 10,000 words: the rare ones count. A very long one, and one of one very long word, raise nothing.
SELECT * FROM pg_temp.found((SELECT string_agg('word' || i, ' ') FROM generate_series(1, 9998) i) || ' puppy Luna', max_rows => 1);
SELECT * FROM pg_temp.found((SELECT string_agg('lisbon puppy office word' || i, ' ') FROM generate_series(1, 2500) i), max_rows => 1);
SELECT count(*) FROM pg_temp.found(repeat('x', 1000000));
-- Other scripts: words between spaces, and whole runs without.
SELECT message_id FROM threadmem.message_add('work', 'user', 'ذهبت إلى مدينة لشبونة', message_id => 'ar', event_at => '2023-08-01') m;
SELECT message_id FROM threadmem.message_add('work', 'user', '東京 に行きました？', message_id => 'ja', event_at => '2023-08-02');
SELECT * FROM pg_temp.found('أين لشبونة؟', max_rows => 1);
SELECT * FROM pg_temp.found('東京', max_rows => 1);
SELECT * FROM pg_temp.found('大阪');
-- Tables of English words are for English only.
SET threadmem.search_config = 'pg_catalog.simple';
SELECT * FROM pg_temp.found('bought May', max_rows => 1);
SELECT * FROM pg_temp.found('buy');
SELECT * FROM pg_temp.found('pet');
RESET threadmem.search_config;

-- A thread's own query: its last messages, which are no answers themselves. The last one is the question ...
SELECT thread_id FROM threadmem.thread_create('ask', user_id => 'ann', messages => '[{"role": "user", "content": "We talked about the puppy Luna."}, {"role": "assistant", "content": "Yes."}, {"role": "user", "content": "Where did Ann stay in Lisbon?"}]');
SELECT content FROM threadmem.memory_search('ann', thread_id => 'ask', max_rows => 1);
-- ... but one that says too little is about what was said before.
SELECT seq FROM threadmem.message_add_batch('ask', '[{"role": "assistant", "content": "At a hotel."}, {"role": "user", "content": "And when was that?"}]');
SELECT content FROM threadmem.memory_search('ann', thread_id => 'ask', max_rows => 2);
SET threadmem.memory_query_messages = 1;
SELECT content FROM threadmem.memory_search('ann', thread_id => 'ask', max_rows => 1);
RESET threadmem.memory_query_messages;
-- What was said before a question decides between equals, the newer of which came first else. Small talk does not: its words stand anywhere.
SELECT user_id FROM threadmem.user_create('kim');
SELECT count(*) FROM (VALUES ('boat', '{The blue paint of the boat is dry.,"Yes, the weather helped."}'::text[]), ('door', '{The blue paint of the door is dry.,"Yes, the sunshine helped."}'),
    ('rain', '{The weather is bad.,Rainy weather again.,What weather!,Weather for ducks.,I like such weather.,This is a very long talk.}'), ('rest', '{One.,Two.,Three.,Four.,Five.,Six.}')) v (t, said),
    LATERAL threadmem.thread_create(t, user_id => 'kim', messages => (SELECT jsonb_agg(jsonb_build_object('role', 'user', 'content', s, 'created_at', CASE t WHEN 'boat' THEN '2023-01-01T00:00:00Z' ELSE '2023-01-02T00:00:00Z' END)) FROM unnest(said) s)) c;
BEGIN;
SELECT thread_id FROM threadmem.thread_create('kim asks', user_id => 'kim', messages => '[{"role": "user", "content": "Is the blue paint dry?"}]');
SELECT content FROM threadmem.memory_search('kim', thread_id => 'kim asks', max_rows => 1);
ROLLBACK;
BEGIN;
SELECT thread_id FROM threadmem.thread_create('kim asks', user_id => 'kim', messages => '[{"role": "user", "content": "I was at the boat."}, {"role": "user", "content": "Is the blue paint dry?"}]');
SELECT content FROM threadmem.memory_search('kim', thread_id => 'kim asks', max_rows => 1);
ROLLBACK;
BEGIN;
SELECT thread_id FROM threadmem.thread_create('kim asks', user_id => 'kim', messages => '[{"role": "user", "content": "I was out in the weather."}, {"role": "user", "content": "Is the blue paint dry?"}]');
SELECT content FROM threadmem.memory_search('kim', thread_id => 'kim asks', max_rows => 1);
ROLLBACK;
-- Of a question that leaves much open, context decides more than a tie: this one has only words that half of the messages have.
SELECT user_id FROM threadmem.user_create('lee');
SELECT count(*) FROM unnest('{The house with the cellar has a garden.,"The house has a garden, a garden of roses.",The house has a garden too.,This house has a garden.,That house has a garden.,Their house has a garden.,Every house has a garden.,His house has a garden.,Two.,Three.,Four.,Five.,Six.,Seven.,Eight.,Nine.}'::text[])
    WITH ORDINALITY AS u(said, n), LATERAL threadmem.thread_create('house' || n, user_id => 'lee', messages => jsonb_build_array(jsonb_build_object('role', 'user', 'content', said, 'created_at', '2023-01-01T00:00:00Z'))) c;
SELECT thread_id FROM threadmem.thread_create('lee asks', user_id => 'lee', messages => '[{"role": "user", "content": "It is about the cellar."}, {"role": "user", "content": "Has the house a garden?"}]');
SELECT content FROM threadmem.memory_search('lee', thread_id => 'lee asks', max_rows => 2);
-- A bare line asks again what was said before it, and the less of it that says less: here a long talk is not found.
BEGIN;
SELECT thread_id FROM threadmem.thread_create('kim asks', user_id => 'kim', messages => '[{"role": "user", "content": "Is the blue paint of the boat dry?"}, {"role": "user", "content": "A long talk about ducks."}, {"role": "user", "content": "Tell me more about it."}]');
SELECT content FROM threadmem.memory_search('kim', thread_id => 'kim asks', max_rows => 3);
ROLLBACK;
-- A question of which no word is known leaves all to what was said before it.
BEGIN;
SELECT thread_id FROM threadmem.thread_create('kim asks', user_id => 'kim', messages => '[{"role": "user", "content": "It is about the boat."}, {"role": "user", "content": "Which yacht varnish sticks?"}]');
SELECT content FROM threadmem.memory_search('kim', thread_id => 'kim asks', max_rows => 1);
ROLLBACK;
-- What the thread said before its query is found; with a query given, all of it may be.
SELECT content FROM threadmem.memory_search('ann', 'When did we talk about the puppy?', thread_id => 'ask', max_rows => 1);
SELECT seq FROM threadmem.message_add('ask', 'user', 'Who talked about Luna?');
SET threadmem.memory_query_messages = 1;
SELECT content FROM threadmem.memory_search('ann', thread_id => 'ask', max_rows => 1);
RESET threadmem.memory_query_messages;
-- A thread without messages asks nothing: the newest.
SELECT thread_id FROM threadmem.thread_create('empty', user_id => 'ann');
SELECT content FROM threadmem.memory_search('ann', thread_id => 'empty', filters => '{"thread_ids": ["dog"]}', max_rows => 1);
-- Backdated and equal times: order and ties are the event's, then the arrival's, then the place in the thread.
SELECT user_id FROM threadmem.user_create('tim');
SELECT thread_id FROM threadmem.thread_create('same', user_id => 'tim', messages => (SELECT jsonb_agg(jsonb_build_object('role', 'user', 'content', 'number ' || i, 'id', i::text, 'created_at', '2024-01-01T00:00:00Z')) FROM generate_series(1, 5) i));
SELECT message_id FROM threadmem.message_add('same', 'user', 'number 6', message_id => '6', event_at => '2023-01-01');
SELECT string_agg(message_id, ' ') FROM threadmem.memory_search('tim');
SELECT string_agg(message_id, ' ') FROM threadmem.memory_search('tim', '', max_rows => 2);
SELECT string_agg(message_id, ' ') AS first, count(DISTINCT score) FROM (SELECT * FROM threadmem.memory_search('tim', 'number', max_rows => 2)) s;
-- A fork has the same messages once more; they are found once.
SELECT thread_id FROM threadmem.thread_fork('dog', message_id => (SELECT message_id FROM threadmem.message_last('dog', 1)), new_thread_id => 'dog2');
SELECT count(*), count(DISTINCT f) FROM pg_temp.found('puppy', max_rows => 20) f;

-- Of more messages than are read at once (5,000): where a word is common the newest, and of the older ones those with a rare word, and their neighbours.
SELECT user_id FROM threadmem.user_create('big');
SELECT count(*) FROM generate_series(1, 53) t, LATERAL threadmem.thread_create('big' || t, user_id => 'big') c, LATERAL (SELECT count(*) FROM threadmem.message_add_batch(c.thread_id,
    (SELECT jsonb_agg(jsonb_build_object('role', 'user', 'created_at', to_char(timestamp '2020-01-01' + t * interval '1 day' + i * interval '1 minute', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       'content', CASE WHEN t = 2 AND i = 50 THEN 'Where is the narwhal?' WHEN t = 2 AND i = 51 THEN 'Behind the house.' ELSE 'talk ' || t || ' about it' END)) FROM generate_series(1, 100) i))) m;
SELECT count(*), min(event_at) > '2020-01-04' AS newest FROM threadmem.memory_search('big', 'talk', max_rows => 1000);
SELECT user_id FROM threadmem.user_create('big''s neighbour');
SELECT thread_id FROM threadmem.thread_create('big0', user_id => 'big''s neighbour', messages => '[{"role": "user", "content": "The narwhal is mine.", "created_at": "2020-01-01T00:00:00Z"}]');
SELECT seq, content FROM threadmem.memory_search('big', 'the talk of a narwhal', max_rows => 2);
SELECT count(*) FROM threadmem.memory_search('big', 'narwhal', max_rows => 1000) WHERE content ~ 'mine';
SELECT count(*) FROM threadmem.memory_search('big', 'narwhal', as_of => '2020-01-03 00:49Z');
SELECT count(*), min(event_at) FROM threadmem.memory_search('big', as_of => '2020-01-03', max_rows => 1000);

-- What an index finds is ranked as if all was read: over a hundred words that nobody said make the search read all, and change nothing else.
SELECT user_id FROM threadmem.user_create('sam');
SELECT count(*) FROM generate_series(1, 20) t, LATERAL threadmem.thread_create('sam' || t, user_id => 'sam', messages => (SELECT jsonb_agg(jsonb_build_object('role', 'user', 'id', format('%s-%s', t, i),
    'created_at', to_char(timestamp '2020-01-01' + t * interval '1 day' + i * interval '1 minute', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'content', format('%s item%s of topic%s%s', CASE WHEN i = t THEN 'Harbour' WHEN i = t + 2 THEN 'Lighthouse' WHEN i = 2 * t THEN 'Harbour lighthouse' ELSE 'Plain talk' END, i, t, CASE i % 3 WHEN 0 THEN '?' ELSE '' END))) FROM generate_series(1, 50) i)) c;
SELECT count(*) AS found, count(*) FILTER (WHERE f.message_id = w.message_id AND abs(f.score / w.score - 1) < 1e-9) AS as_if_all_was_read
  FROM threadmem.memory_search('sam', 'the lighthouse of the harbour', max_rows => 200) WITH ORDINALITY f
  FULL JOIN threadmem.memory_search('sam', 'the lighthouse of the harbour' || (SELECT string_agg(' absent' || i, '') FROM generate_series(1, 101) i), max_rows => 200) WITH ORDINALITY w USING (ordinality);
-- And only what is found is read, with its neighbours: here of 5,300 messages, in threads of a hundred.
CREATE FUNCTION pg_temp.rows_read(query text) RETURNS numeric LANGUAGE plpgsql AS
$$DECLARE was numeric; BEGIN was := (SELECT sum(seq_tup_read + idx_tup_fetch) FROM pg_stat_xact_all_tables WHERE schemaname = 'threadmem_data'); PERFORM threadmem.memory_search('big', query);
  RETURN (SELECT sum(seq_tup_read + idx_tup_fetch) FROM pg_stat_xact_all_tables WHERE schemaname = 'threadmem_data') - was; END$$;
SELECT pg_temp.rows_read('narwhal') BETWEEN 50 AND 150 AS of_a_rare_word, pg_temp.rows_read('talk') > 5000 AS of_a_word_of_all, pg_temp.rows_read('narwhal 2020') > 5000 AS with_a_date;

-- Fifty users of one vocabulary, and another tenant with the same ids: nobody is given another's, below row security or not.
SELECT count(*) FROM (SELECT threadmem.user_create('u' || u) FROM generate_series(1, 50) u) s;
SELECT count(*) FROM (SELECT threadmem.thread_create('u' || u || '/' || t, user_id => 'u' || u, messages => (SELECT jsonb_agg(jsonb_build_object('role', 'user', 'name', 'u' || u,
    'content', format('the red house of u%s has %s doors and a garden', u, t * i))) FROM generate_series(1, 4) i)) FROM generate_series(1, 50) u, generate_series(1, 2) t) s;
SELECT count(*) FROM (SELECT threadmem.memory_add_data('u' || u, format('the red house of u%s was sold', u)) FROM generate_series(1, 50) u) s;
SET threadmem.tenant = 'memory search b';
SELECT count(*) FROM (SELECT threadmem.user_create('u' || u), threadmem.thread_create('u' || u || '/1', user_id => 'u' || u, messages => '[{"role": "user", "content": "the red house of another tenant"}]') FROM generate_series(1, 50) u) s;
SET threadmem.tenant = 'memory search';
CREATE ROLE regress_memory;
SELECT threadmem.grant_access('regress_memory', 'read', joins => true), threadmem.tenant_bind('regress_memory', 'memory search');
CREATE FUNCTION pg_temp.leaks(OUT found bigint, OUT foreign_text bigint) LANGUAGE sql AS
$$SELECT count(*), count(*) FILTER (WHERE content !~ ('the red house of u' || u || '\M'))
    FROM generate_series(1, 50) u, LATERAL (SELECT content FROM threadmem.memory_search('u' || u, 'Which red house of u7 has a garden?') UNION ALL SELECT content FROM threadmem.memory_search('u' || u)) h$$;
SELECT * FROM pg_temp.leaks();
SET ROLE regress_memory;
SELECT * FROM pg_temp.leaks();
-- Narrowed to one user, the others are not there.
SET threadmem.user_id = 'u7';
SELECT count(*) FROM threadmem.memory_search('u7', 'red house');
SELECT count(*) FROM threadmem.memory_search('u8', 'red house');
SELECT count(*), count(DISTINCT user_id) FROM threadmem.episodes;
RESET threadmem.user_id;
RESET ROLE;
SELECT threadmem.tenant_bind('regress_memory');
DROP OWNED BY regress_memory;
DROP ROLE regress_memory;

-- Of long messages only what the query asks for is kept, and their texts are looked at one by one: 60 of 80 kB take no memory to speak of, whether they have the words or not.
SELECT user_id FROM threadmem.user_create('long');
SELECT thread_id, (SELECT count(*) FROM threadmem.message_add_batch(thread_id, (SELECT jsonb_agg(jsonb_build_object('role', 'user', 'id', 'm' || i, 'content', 'My cat. ' || said || CASE i WHEN 30 THEN ' narwhal' WHEN 10 THEN ' walrus' WHEN 59 THEN ' walrus' ELSE '' END)) FROM generate_series(1, 60) i)))
  FROM (SELECT string_agg('word' || i, ' ') AS said FROM generate_series(1, 9000) i) s, threadmem.thread_create('long', user_id => 'long');
\c
SET threadmem.tenant = 'memory search';
-- The most memory that this process has had, in kB; that of the server, and of the plans, it has had before.
CREATE FUNCTION pg_temp.peak() RETURNS bigint LANGUAGE sql AS $$SELECT coalesce(substring(pg_read_file('/proc/self/status', 0, 10000, true) FROM 'VmHWM:\s*(\d+)')::bigint, 0)$$;
SELECT count(length(search) + length(body::text)) FROM threadmem_data.messages WHERE tenant_id = 'memory search' AND user_id = 'long';
SELECT count(*) FROM threadmem.memory_search('big', 'cats', max_rows => 1);
CREATE TEMP TABLE peak AS SELECT pg_temp.peak();
SELECT message_id, length(content) FROM threadmem.memory_search('long', 'cats and the narwhal', max_rows => 1);
SELECT count(*) FROM threadmem.memory_search('long', 'none of them', max_rows => 1);
SELECT pg_temp.peak() - peak < 3000 AS "little memory" FROM peak;
-- Nor does a block take what it has no room for.
SELECT thread_id FROM threadmem.thread_create('long now', user_id => 'long', messages => '[{"role": "user", "content": "a cat?"}]');
SELECT threadmem.thread_context('long now', 50000);
SELECT pg_temp.peak() - peak < 5000 AS "little memory" FROM peak;

-- Past the budget of bytes (here of 7 messages) older ones are found by a word that few of the newest have, the rarest first; and of a word that all have the newest.
CREATE FUNCTION pg_temp.found(query text) RETURNS text LANGUAGE sql AS
$$SELECT string_agg(message_id, ' ' ORDER BY seq DESC) FROM threadmem.memory_search('long', query, max_rows => 100) WHERE query <> 'cat' OR seq > 50$$;
SELECT pg_temp.found('walrus'), pg_temp.found('narwhal'), pg_temp.found('narwhal or walrus'), pg_temp.found('cat');
SET threadmem.memory_budget = '1MB';
SELECT pg_temp.found('walrus'), pg_temp.found('narwhal'), pg_temp.found('narwhal or walrus'), pg_temp.found('cat');
SELECT thread_id FROM threadmem.thread_create('asked', user_id => 'long', messages => jsonb_build_array(jsonb_build_object('role', 'user', 'content', jsonb_build_array(jsonb_build_object('type', 'text', 'text', 'Where is the lemur?'),
    jsonb_build_object('type', 'image_url', 'image_url', jsonb_build_object('url', 'data:image/png;base64,' || repeat('QUJD', 300000))))), jsonb_build_object('role', 'user', 'content', 'Behind the house.')));
-- Nor is a text looked at that is larger: what follows is no answer to a question then.
CREATE TEMP TABLE found AS SELECT score FROM threadmem.memory_search('long', 'lemur', max_rows => 9) WHERE content ~ 'Behind';
RESET threadmem.memory_budget;
SELECT s.score > found.score AS answers FROM threadmem.memory_search('long', 'lemur', max_rows => 9) s, found WHERE content ~ 'Behind';
