-- Embeddings: what is near to the query's counts as one more word does, where embeddings and words agree.
\set SHOW_CONTEXT never
\pset null (null)
SET TIME ZONE 'UTC';
SET client_min_messages = warning;
SET threadmem.tenant = 'memory vector';
SELECT user_id FROM threadmem.user_create('ann');
SELECT user_id FROM threadmem.user_create('ben');
-- What has been found, best first.
CREATE FUNCTION pg_temp.found(query text, embedding real[], filters jsonb DEFAULT NULL, max_rows int DEFAULT 4, as_of timestamptz DEFAULT NULL, user_id text DEFAULT 'ann') RETURNS SETOF text LANGUAGE sql AS
$$SELECT coalesce(message_id, episode_id) FROM threadmem.memory_search($6, query, max_rows => $4, filters => $3, as_of => $5, embedding => $2)$$;
-- Which have one, whoever's.
CREATE FUNCTION pg_temp.embedded(OUT thread_id text, OUT id text, OUT embedding real[]) RETURNS SETOF record LANGUAGE sql AS
$$SELECT thread_id, coalesce(message_id, episode_id), embedding FROM threadmem.episodes WHERE embedding IS NOT NULL ORDER BY 1, 2$$;
SELECT c.thread_id, count(*) FROM (VALUES
    ('trip', '[{"role": "user", "id": "t1", "content": "I went to Lisbon with my sister.", "created_at": "2023-05-07T10:00:00Z", "metadata": {"m": 1}},
               {"role": "assistant", "id": "t2", "content": "At a small hotel near the river.", "created_at": "2023-05-07T10:02:00Z"}]'),
    ('dog', '[{"role": "user", "id": "d1", "content": "I bought a puppy, her name is Luna.", "created_at": "2023-06-01T03:30:00Z"},
              {"role": "tool", "id": "d2", "content": "ignored", "created_at": "2023-06-01T03:31:00Z"},
              {"role": "user", "id": "d3", "content": "", "created_at": "2023-06-01T03:32:00Z"}]')) v (t, m),
    threadmem.thread_create(v.t, user_id => 'ann') c, threadmem.message_add_batch(v.t, v.m::jsonb, ignore_roles => '{tool}') GROUP BY c.thread_id ORDER BY c.thread_id;
SELECT episode_id FROM threadmem.memory_add_data('ann', 'drinks green tea', episode_id => 'tea', event_at => '2023-04-01');

-- A worker is given what has none, the oldest first: nothing that memory ignores, nothing without text.
SELECT source, episode_id, thread_id, message_id, content FROM threadmem.memory_without_embedding('ann');
SELECT message_id FROM threadmem.memory_without_embedding('ann', 2);
SELECT count(*) FROM threadmem.memory_without_embedding('ann', 0);
SELECT threadmem.memory_set_embedding('ann', '{1,0,0}', 'trip', 't1');
SELECT threadmem.memory_set_embedding('ann', '{0.6,0.8,0}', 'trip', 't2', expected_content => 'At a small hotel near the river.');
SELECT threadmem.memory_set_embedding('ann', '{0,0,5}', episode_id => 'tea', expected_content => 'drinks green tea');
SELECT message_id FROM threadmem.memory_without_embedding('ann');
SELECT * FROM pg_temp.embedded();
-- Set again it is another; without one it is removed.
SELECT threadmem.memory_set_embedding('ann', '{0,1,0}', 'trip', 't2');
SELECT threadmem.memory_set_embedding('ann', thread_id => 'trip', message_id => 't1');
SELECT threadmem.memory_set_embedding('ann', NULL, episode_id => 'tea');
SELECT * FROM pg_temp.embedded();
-- What is constant is the same for every row.
SELECT id, threadmem.memory_set_embedding('ann', array_fill(1::real, '{1000}'), 'trip', id) FROM unnest('{t2,t1,t2}'::text[]) id;
SELECT id, cardinality(embedding), embedding[1000] FROM pg_temp.embedded() WHERE thread_id = 'trip';
SELECT threadmem.memory_set_embedding('ann', '{0,1,0}', 'trip', 't2');
SELECT threadmem.memory_set_embedding('ann', '{1,0,0}', 'trip', 't1'), threadmem.memory_set_embedding('ann', '{0,0,5}', episode_id => 'tea');
-- Bad input, and what is not there, change nothing.
SELECT threadmem.memory_set_embedding('ann', '{1}');
SELECT threadmem.memory_set_embedding('ann', '{1}', 'trip');
SELECT threadmem.memory_set_embedding('ann', '{1}', message_id => 't1');
SELECT threadmem.memory_set_embedding('ann', '{1}', 'trip', 't1', 'tea');
SELECT threadmem.memory_set_embedding(NULL, '{1}', 'trip', 't1');
SELECT threadmem.memory_set_embedding('nobody', '{1}', 'trip', 't1');
SELECT threadmem.memory_set_embedding('ann', '{1}', 'none', 't1');
SELECT threadmem.memory_set_embedding('ann', '{1}', 'trip', 'none');
SELECT threadmem.memory_set_embedding('ann', '{1}', episode_id => 'none');
SELECT threadmem.memory_set_embedding('ben', '{1}', 'trip', 't1');
SELECT threadmem.memory_set_embedding('ben', '{1}', episode_id => 'tea');
SELECT threadmem.memory_set_embedding('ann', '{1}', 'dog', 'd2');
SELECT threadmem.memory_set_embedding('ann', '{1}', 'dog', 'd3');
SELECT threadmem.memory_set_embedding('ann', '{1}', 'trip', 't1', expected_content => 'I went to Porto.');
SELECT threadmem.memory_set_embedding('ann', '{1}', episode_id => 'tea', expected_content => 'coffee');
SELECT threadmem.memory_set_embedding('ann', '{}', 'trip', 't1');
SELECT threadmem.memory_set_embedding('ann', '{{1,0},{0,1}}', 'trip', 't1');
SELECT threadmem.memory_set_embedding('ann', '{1,NULL}', 'trip', 't1');
SELECT threadmem.memory_set_embedding('ann', '{1,NaN}', 'trip', 't1');
SELECT threadmem.memory_set_embedding('ann', '{-Infinity,1}', 'trip', 't1');
SELECT threadmem.memory_set_embedding('ann', '{0,0,0}', 'trip', 't1');
SELECT threadmem.memory_set_embedding('ann', '{1e-20}', 'trip', 't1');
SELECT threadmem.memory_set_embedding('ann', '{1e20}', 'trip', 't1');
SELECT threadmem.memory_set_embedding('ann', array_fill(1::real, '{16001}'), 'trip', 't1');
SELECT * FROM threadmem.memory_without_embedding('nobody');
SELECT * FROM threadmem.memory_without_embedding('ann', 1001);
SELECT * FROM pg_temp.embedded();

-- It belongs to the text: an edit has none, the revision before keeps its own; metadata are no text.
SELECT rev FROM threadmem.message_update('trip', 't1', metadata => '{"seen": true}');
SELECT rev FROM threadmem.message_update('trip', 't2', content => 'At a large hotel.');
SELECT * FROM pg_temp.embedded();
SELECT rev, state, embedding FROM threadmem_data.messages WHERE thread_id = 'trip' AND tenant_id = 'memory vector' ORDER BY rev;
SELECT message_id, content FROM threadmem.memory_without_embedding('ann') WHERE thread_id = 'trip';
SELECT threadmem.memory_set_embedding('ann', '{0.6,0.8,0}', 'trip', 't2'), threadmem.memory_set_embedding('ann', '{0,0.8,0.6}', 'dog', 'd1');
-- A stream has no text until it ends.
SELECT message_id FROM threadmem.message_start('dog', 'user', 's');
SELECT threadmem.memory_set_embedding('ann', '{1,0,0}', 'dog', 's');
SELECT content FROM threadmem.message_complete('dog', 's', '{"role": "user", "content": "She sleeps."}');
SELECT message_id FROM threadmem.message_delete('dog', 's');
-- A copy has the same texts, and a fork.
SELECT thread_id FROM threadmem.thread_copy('trip', 'trip2');
SELECT thread_id FROM threadmem.thread_fork('dog', message_id => 'd1', new_thread_id => 'dog2');
SELECT * FROM pg_temp.embedded();
-- Erased it is gone from every revision; what memory keeps of a deleted thread has it still.
SELECT state FROM threadmem.message_erase('trip2', 't2');
SELECT count(*) FROM threadmem_data.messages WHERE tenant_id = 'memory vector' AND thread_id = 'trip2' AND message_id = 't2' AND embedding IS NOT NULL;
SELECT count(*) > 0 AS deleted FROM threadmem.thread_delete('trip2');
SELECT thread_id, source, message_id, embedding FROM threadmem.episodes WHERE thread_id = 'trip2';
SELECT count(*) > 0 AS deleted FROM threadmem.thread_delete('dog2', keep_memory => false);
-- Neither a message nor an export shows it; what a thread takes is told.
SELECT count(*) > 5 AS rows, count(*) FILTER (WHERE e::text ~ 'embedding') AS with_embedding FROM threadmem.user_export('ann') e;
SELECT kind, rows, bytes > 0 AS has_bytes FROM threadmem.thread_storage('trip') WHERE kind IN ('embeddings', 'search', 'total');

-- Without one embeddings change nothing.
SELECT message_id, score > 1 AS by_words FROM threadmem.memory_search('ann', 'hotel') WHERE message_id = 't2';
-- By its embedding alone what is nearest, whatever its length: t1, t2, d1, tea; a copy of t1 that memory kept is the same text once.
SELECT * FROM pg_temp.found(NULL, '{2,0,0}', max_rows => 10);
SELECT * FROM pg_temp.found(NULL, '{0,0,1}', max_rows => 2);
-- Of so few nobody can tell whether embeddings mean anything: the words decide alone.
SELECT * FROM pg_temp.found('puppy', '{1,0,0}');
-- Words that nobody said find nothing by themselves, and an embedding does.
SELECT * FROM pg_temp.found('xylophone', NULL);
SELECT * FROM pg_temp.found('xylophone', '{1,0,0}', max_rows => 1);
-- Filters and as_of hold for what is near, and for the newest where there is neither.
SELECT * FROM pg_temp.found(NULL, '{1,0,0}', '{"thread_ids": ["dog"]}');
SELECT * FROM pg_temp.found('puppy', '{1,0,0}', '{"roles": ["ai"]}');
SELECT * FROM pg_temp.found(NULL, '{1,0,0}', '{"metadata": {"m": 1}, "thread_ids": ["trip"]}');
SELECT * FROM pg_temp.found(NULL, '{1,0,0}', '{"since": "2023-05-07T10:02:00Z", "until": "2023-06-01T03:30:00Z"}');
SELECT * FROM pg_temp.found('puppy', '{0,0.8,0.6}', as_of => '2023-05-01');
SELECT * FROM pg_temp.found(NULL, '{0,0.8,0.6}', as_of => '2023-01-01');
SELECT * FROM pg_temp.found('puppy', '{1,0,0}', max_rows => 0);
-- Deleted, edited and erased: gone.
BEGIN;
SELECT threadmem.memory_delete_episode('ann', episode_id) FROM threadmem.memory_episodes('ann') WHERE source = 'deleted_thread';
SELECT message_id FROM threadmem.message_delete('dog', 'd1');
SELECT rev FROM threadmem.message_update('trip', 't2', content => 'On a boat.');
SELECT state FROM threadmem.message_erase('trip', 't1');
SELECT * FROM pg_temp.found(NULL, '{1,0,0}');
ROLLBACK;
-- What a thread asks itself is no answer; the embedding stands for its last messages.
SELECT thread_id FROM threadmem.thread_create('ask', user_id => 'ann', messages => '[{"role": "user", "id": "q", "content": "What was that lodging again?"}]');
SELECT threadmem.memory_set_embedding('ann', '{0.6,0.8,0}', 'ask', 'q');
SELECT message_id FROM threadmem.memory_search('ann', thread_id => 'ask', embedding => '{0.6,0.8,0}', max_rows => 2);
SELECT threadmem.thread_context('ask', 150);
SELECT threadmem.thread_context('ask', 150, embedding => '{0.6,0.8,0}');
SELECT threadmem.thread_get_user_context('ask', 150, embedding => '{0.6,0.8,0}') = threadmem.thread_context('ask', 150, embedding => '{0.6,0.8,0}') AS same;
-- A template has the same episodes.
SELECT threadmem.thread_context('ask', 100, '%{episodes limit=1}', embedding => '{0.6,0.8,0}');
-- Dimensions that differ are an error that names both, unless the filters leave the other out.
SELECT threadmem.memory_set_embedding('ann', '{1,0}', 'dog', 'd1');
SELECT * FROM pg_temp.found('puppy', '{1,0,0}');
SELECT count(*) FROM pg_temp.found('puppy', '{1,0,0}', '{"thread_ids": ["trip"]}');
SELECT * FROM pg_temp.found('puppy', '{1,0}', '{"thread_ids": ["dog"]}');
SELECT threadmem.memory_set_embedding('ann', '{0,0.8,0.6}', 'dog', 'd1'), threadmem.memory_set_embedding('ann', '{1}', episode_id => 'tea');
SELECT threadmem.thread_context('ask', embedding => '{1,0,0}');
SELECT threadmem.memory_set_embedding('ann', '{0,0,5}', episode_id => 'tea');
-- The embedding of a query is checked as every other.
SELECT * FROM threadmem.memory_search('ann', embedding => '{}');
SELECT * FROM threadmem.memory_search('ann', embedding => '{0,0}');
SELECT * FROM threadmem.memory_search('ann', embedding => '{1,NULL}');
SELECT * FROM threadmem.memory_search('ann', embedding => array_fill(1::real, '{16001}'));
SELECT threadmem.thread_context('ask', embedding => '{NaN}');
SELECT * FROM threadmem.memory_search('nobody', embedding => '{1,0,0}');


-- Eight talks of six lines: what is said there is of one matter, and so are its embeddings. gauss makes numbers as random as md5 is.
CREATE FUNCTION pg_temp.gauss(seed text, length int) RETURNS real[] LANGUAGE sql AS
$$SELECT array_agg(((SELECT sum(get_byte(decode(md5(seed || i), 'hex'), b)) FROM generate_series(0, 11) b) - 1530) / 256.0 ORDER BY i)::real[] FROM generate_series(1, length) i$$;
CREATE FUNCTION pg_temp.plus(a real[], b real[], times real DEFAULT 1) RETURNS real[] LANGUAGE sql AS
$$SELECT array_agg(x + times * y ORDER BY i)::real[] FROM unnest(a, b) WITH ORDINALITY u (x, y, i)$$;
CREATE FUNCTION pg_temp.about(matter int, seed text) RETURNS real[] LANGUAGE sql AS
$$SELECT pg_temp.plus(pg_temp.gauss('matter ' || matter, 32), pg_temp.gauss(seed, 32), 0.7)$$;
SELECT user_id FROM threadmem.user_create('fan');
SELECT count(threadmem.thread_create('talk' || t, user_id => 'fan', messages => (SELECT jsonb_agg(jsonb_build_object('role', 'user', 'id', t || '-' || i, 'content', format('number %s of %s', (ARRAY['one', 'two', 'three', 'four', 'five', 'six'])[i], (ARRAY['sailing', 'painting', 'baking', 'chess', 'gardening', 'cycling', 'singing', 'fishing'])[t]),
    'created_at', format('2024-%s-01T00:0%s:00Z', to_char(t, 'FM00'), i)) ORDER BY i) FROM generate_series(1, 6) i))) FROM generate_series(1, 8) t;
-- In the last talk one line has the matter of the fifth, and no word of it.
SELECT content FROM threadmem.message_update('talk8', '8-4', content => 'roses need water');
CREATE FUNCTION pg_temp.embed(which text DEFAULT '.', noise boolean DEFAULT false) RETURNS bigint LANGUAGE sql AS
$$SELECT count(threadmem.memory_set_embedding('fan', CASE WHEN noise THEN pg_temp.gauss(m, 32) ELSE pg_temp.about(CASE m WHEN '8-4' THEN 5 ELSE t END, m) END, 'talk' || t, m))
    FROM generate_series(1, 8) t, generate_series(1, 6) i, LATERAL (SELECT t || '-' || i AS m) s WHERE m ~ which$$;
CREATE FUNCTION pg_temp.ranked(query text, embedding real[], OUT ids text, OUT scores float8[]) LANGUAGE sql AS
$$SELECT string_agg(message_id, ' ' ORDER BY n), array_agg(score ORDER BY n) FROM threadmem.memory_search('fan', query, max_rows => 12, embedding => $2) WITH ORDINALITY r (kind, source, episode_id, thread_id, message_id, seq, role, name, sender_id, content, event_at, created_at, metadata, score, n)$$;
SELECT pg_temp.embed();
-- Words and embedding agree: what no word finds is found, beside what the words find.
SELECT ids FROM pg_temp.ranked('gardening', NULL);
SELECT ids FROM pg_temp.ranked('gardening', pg_temp.about(5, 'query'));
SELECT ids FROM pg_temp.ranked(NULL, pg_temp.about(5, 'query'));
-- A line that has the rarest word stays first, whatever is near to the query.
SELECT ids FROM pg_temp.ranked('roses', pg_temp.about(5, 'query'));
-- The query's embedding comes from another model: they agree by chance at most, and what the words find stays first.
SELECT count(*), count(*) FILTER (WHERE a = b) > 4 AS mostly_same, count(*) FILTER (WHERE b.ids ~ '^(5-\d ?){6}') AS words_first FROM generate_series(1, 8) i, pg_temp.ranked('gardening', NULL) a, pg_temp.ranked('gardening', pg_temp.gauss('other ' || i, 32)) b;
-- Half of them have one: those that have none stand where their words put them.
SELECT count(threadmem.memory_set_embedding('fan', NULL, thread_id, message_id)) FROM threadmem.memory_episodes('fan', 100) WHERE seq % 2 = 1;
SELECT ids FROM pg_temp.ranked('gardening', pg_temp.about(5, 'query'));
-- All are noise, as no model makes it: nothing changes, to the last digit.
SELECT pg_temp.embed(noise => true);
SELECT count(*), count(*) FILTER (WHERE a = b) AS same FROM generate_series(1, 8) i, unnest('{gardening,number,"six painting",roses}'::text[]) q, pg_temp.ranked(q, NULL) a, pg_temp.ranked(q, pg_temp.gauss('query ' || i, 32)) b;
-- Of a copied embedding all are alike: no line is nearer than another.
SELECT count(threadmem.memory_set_embedding('fan', '{1,2,3}', thread_id, message_id)) FROM threadmem.memory_episodes('fan', 100);
SELECT a = b AS same FROM pg_temp.ranked('gardening', NULL) a, pg_temp.ranked('gardening', '{3,2,1}') b;
SELECT ids FROM pg_temp.ranked(NULL, '{3,2,1}');

-- A name draws an embedding to all lines that have it, whatever they say. What it does is taken out of the query's where its words have the name too.
SELECT user_id FROM threadmem.user_create('pat');
SELECT count(threadmem.thread_create('chat' || t, user_id => 'pat', messages => (SELECT jsonb_agg(jsonb_build_object('role', 'user', 'id', t || '-' || i, 'name', CASE WHEN i % 2 = 1 THEN 'Pat' ELSE 'Zoe' END,
    'content', CASE WHEN i = 3 THEN 'well Zoe that is so' ELSE format('this is line %s', i) END, 'created_at', format('2024-%s-01T00:0%s:00Z', to_char(t, 'FM00'), i)) ORDER BY i) FROM generate_series(1, 6) i))) FROM generate_series(1, 12) t;
SELECT count(threadmem.memory_set_embedding('pat', pg_temp.plus(pg_temp.about(t, m), pg_temp.gauss('Zoe', 32), CASE i WHEN 3 THEN 3 ELSE 0 END), 'chat' || t, m)) FROM generate_series(1, 12) t, generate_series(1, 6) i, LATERAL (SELECT t || '-' || i AS m) s;
SELECT array_agg(id) FROM pg_temp.found(NULL, pg_temp.plus(pg_temp.about(7, 'query'), pg_temp.gauss('Zoe', 32), 3), user_id => 'pat', max_rows => 5) id;
SELECT array_agg(id) FROM pg_temp.found('xylophone of Zoe', pg_temp.plus(pg_temp.about(7, 'query'), pg_temp.gauss('Zoe', 32), 3), user_id => 'pat', max_rows => 5) id;

-- Of a user who said more than is read at first, what is near is read however old it is, and what stands beside it.
SELECT user_id FROM threadmem.user_create('old');
SELECT count(threadmem.thread_create('days' || t, user_id => 'old', messages => (SELECT jsonb_agg(jsonb_build_object('role', 'user', 'id', t || '-' || i, 'content', format('day %s was good', t * 10 + i),
    'created_at', '2020-01-01'::timestamptz + t * interval '1 day' + i * interval '1 minute') ORDER BY i) FROM generate_series(1, 10) i))) FROM generate_series(1, 30) t;
SELECT content FROM threadmem.message_update('days29', '29-5', content => 'once more of zebras');
SELECT count(threadmem.memory_set_embedding('old', pg_temp.about(CASE t WHEN 29 THEN 2 ELSE t END, m), 'days' || t, m)) FROM generate_series(1, 30) t, generate_series(1, 10) i, LATERAL (SELECT t || '-' || i AS m) s;
SELECT array_agg(id) FROM pg_temp.found('zebras', NULL, user_id => 'old', max_rows => 8) id;
SELECT id ~ '^(2|29)-' AS of_the_matter, count(*) FROM pg_temp.found('zebras', pg_temp.about(2, 'query'), user_id => 'old', max_rows => 15) id GROUP BY 1;
SELECT id ~ '^(2|29)-' AS of_the_matter, count(*) FROM pg_temp.found(NULL, pg_temp.about(2, 'query'), user_id => 'old', max_rows => 15) id GROUP BY 1;
SELECT id ~ '^(2|29)-' AS of_the_matter, count(*) FROM pg_temp.found('xylophone', pg_temp.about(2, 'query'), user_id => 'old', max_rows => 15) id GROUP BY 1;

-- Fifty users with the same embeddings, one of them in another tenant too: nobody is given another's, below row security or not.
SELECT count(*) FROM (SELECT threadmem.user_create('u' || u), threadmem.thread_create('t' || u, user_id => 'u' || u, messages => (SELECT jsonb_agg(jsonb_build_object('role', 'user', 'id', i::text, 'content', format('u%s says %s', u, i))) FROM generate_series(1, 3) i)) FROM generate_series(1, 50) u) s;
SELECT count(*) FROM (SELECT threadmem.memory_set_embedding('u' || u, ARRAY[i, 1], 't' || u, i::text), threadmem.memory_add_data('u' || u, format('u%s knows %s', u, i), episode_id => 'e' || i) FROM generate_series(1, 50) u, generate_series(1, 3) i) s;
SELECT count(*) FROM (SELECT threadmem.memory_set_embedding('u' || u, ARRAY[i, 2], episode_id => 'e' || i) FROM generate_series(1, 50) u, generate_series(1, 3) i) s;
SET threadmem.tenant = 'memory vector b';
SELECT user_id FROM threadmem.user_create('u7');
SELECT thread_id FROM threadmem.thread_create('t7', user_id => 'u7', messages => '[{"role": "user", "id": "1", "content": "u7 of another tenant"}]');
SELECT threadmem.memory_set_embedding('u7', '{1,1}', 't7', '1');
SELECT content FROM threadmem.memory_search('u7', embedding => '{1,1}');
SET threadmem.tenant = 'memory vector';
CREATE ROLE regress_vector;
SELECT threadmem.grant_access('regress_vector', 'write', joins => true), threadmem.tenant_bind('regress_vector', 'memory vector');
CREATE FUNCTION pg_temp.leaks(OUT found bigint, OUT foreign_text bigint) LANGUAGE sql AS
$$SELECT count(*), count(*) FILTER (WHERE content !~ ('^u' || u || ' (says|knows) \d$'))
    FROM generate_series(1, 50) u, threadmem.memory_search('u' || u, embedding => '{1,1}')$$;
SELECT * FROM pg_temp.leaks();
SET ROLE regress_vector;
SET threadmem.tenant = 'memory vector b';
SELECT * FROM pg_temp.leaks();
-- Narrowed to one user the others are not there, to be read or to be set.
SET threadmem.user_id = 'u7';
SELECT count(*) FROM threadmem.memory_search('u7', embedding => '{1,1}');
SELECT count(*) FROM threadmem.memory_search('u8', embedding => '{1,1}');
SELECT threadmem.memory_set_embedding('u7', '{3,1}', 't7', '1');
SELECT threadmem.memory_set_embedding('u8', '{3,1}', 't8', '1');
SELECT count(*), count(DISTINCT user_id) FROM threadmem.episodes WHERE embedding IS NOT NULL;
RESET threadmem.user_id;
RESET ROLE;
SET threadmem.tenant = 'memory vector';

-- Fewer rows are the first of more.
SELECT user_id FROM threadmem.user_create('big');
SELECT thread_id FROM threadmem.thread_create('big', user_id => 'big', messages => (SELECT jsonb_agg(jsonb_build_object('role', 'user', 'id', i::text, 'content', 'number ' || i)) FROM generate_series(1, 300) i));
SELECT count(*) FROM (SELECT threadmem.memory_set_embedding('big', ARRAY[1, i], 'big', i::text) FROM generate_series(1, 300) i) s;
SELECT count(*), min(seq), max(seq), bool_and(seq = row_number) AS by_distance FROM (SELECT seq, row_number() OVER () FROM threadmem.memory_search('big', embedding => '{1,0}', max_rows => 250)) s;
SELECT count(*) FROM threadmem.memory_search('big', 'number', embedding => '{1,0}', max_rows => 1000);
SELECT string_agg(message_id, ' ') = (SELECT string_agg(message_id, ' ') FROM (SELECT message_id FROM threadmem.memory_search('big', 'number', embedding => '{1,0}', max_rows => 100) LIMIT 5) s) AS same
  FROM threadmem.memory_search('big', 'number', embedding => '{1,0}', max_rows => 5);
-- One that is stored out of its row is compared as well, and is stored whole.
SELECT threadmem.memory_set_embedding('ben', array_fill(0.5::real, '{16000}'), episode_id => episode_id) FROM threadmem.memory_add_data('ben', 'long', episode_id => 'long');
SELECT content FROM threadmem.memory_search('ben', embedding => array_fill(1::real, '{16000}'));
-- Compared are the newest that have room in the budget, here 16 of messages; two more stand beside them.
SELECT user_id FROM threadmem.user_create('wide');
SELECT thread_id FROM threadmem.thread_create('wide', user_id => 'wide', messages => (SELECT jsonb_agg(jsonb_build_object('role', 'user', 'id', i::text, 'content', 'number ' || i, 'created_at', format('2024-01-%sT00:00:00Z', to_char(i, 'FM00')))) FROM generate_series(1, 20) i));
SELECT count(*) FROM (SELECT threadmem.memory_set_embedding('wide', array_fill(1::real, '{16000}'), 'wide', i::text) FROM generate_series(1, 20) i) s;
SELECT count(*), min(seq) FROM threadmem.memory_search('wide', embedding => array_fill(1::real, '{16000}'));
SET threadmem.memory_budget = '1MB';
SELECT count(*), min(seq) FROM threadmem.memory_search('wide', embedding => array_fill(1::real, '{16000}'));
RESET threadmem.memory_budget;
SELECT threadmem.tenant_bind('regress_vector');
DROP OWNED BY regress_vector;
DROP ROLE regress_vector;
