-- extract: what grammar alone says.
\pset null (null)
SET TIME ZONE 'Asia/Tokyo'; -- times are told in UTC, whatever the session's zone
SET datestyle = German;
SET search_path = threadmem, public;
CREATE FUNCTION pg_temp.drawn(said text) RETURNS TABLE (name text, fact text, target text, at text, confidence text, contradicts text) LANGUAGE sql AS $$
    SELECT f ->> 'name', f ->> 'fact', f ->> 'target', coalesce(f ->> 'valid_at', 'until ' || (f ->> 'invalid_at')), f ->> 'confidence', f ->> 'contradicts'
      FROM jsonb_array_elements(threadmem.memory_extract_rules(said, '2024-05-15 10:00:00.5+00', 'Ada') -> 'facts') f $$;
-- One a rule.
SELECT s.said, d.* FROM unnest(ARRAY['My name is Ada Lovelace, nice to meet you.', 'I live in Lyon.', 'Well, I''m living in San Francisco now!', 'I moved to New York.', 'I''ve just moved to Nice',
    'I no longer live in Lyon.', 'I don’t live in Lyon anymore', 'I was born in Aix', 'I''m from Den Haag', 'I come from Bank of the West', 'I work at Acme', 'I''m working for Acme', 'I started working at Acme',
    'I got a job at Acme', 'I no longer work for Acme', 'I do not work at Acme', 'I work as a nurse in London', 'I started a new job as an Analyst last week', 'My sister is called Ann', 'My sister''s name is Ann',
    'My sister Ann''s car', 'My dog is named Max', 'My dog''s name is Max', 'My dog Max is here', 'I have a cat named Tom', 'I''ve adopted a cat called Tom', 'I''ve got a cat called Tom', 'My favorite book is Dune',
    'I''m a huge fan of pottery', 'I really love hiking', 'I hate cold coffee', 'I don''t like cold coffee', 'I can''t stand rain', 'I no longer enjoy chess']) WITH ORDINALITY s (said, n)
  LEFT JOIN LATERAL pg_temp.drawn(s.said) d ON true ORDER BY s.n;
SELECT s.said, d.* FROM unnest(ARRAY['My birthday is May 3rd', 'My birthday is on May 3rd', 'I was born on May 3rd', 'I used to live in Lyon', 'I used to work at Acme until last year', 'I''m allergic to peanuts and milk', 'I speak Welsh', 'I''m learning Welsh',
    'I play the drums', 'I play chess on Mondays', 'I''m a fan of old films', 'I''m into chess', 'I''m passionate about maps', 'I do love maps', 'I''ve always liked maps', 'I love to read maps', 'I can''t stand maps',
    'Yesterday I went to a map fair with Ann', 'Last Fri, we went to the map fair', 'I visited Nice in June', 'I''ve been to Nice', 'We attended a wedding last weekend', 'I signed up for a sewing class', 'I''ve enrolled in evening classes', 'I volunteered at the shelter today', 'I competed in a sack race',
    'We bought another boat', 'I''ve just adopted another kitten', 'I opened my shop last month', 'I''ve finished my thesis', 'I lost my job last week', 'I quit my job', 'I started selling maps two years ago', 'I made this lamp yesterday', 'I tried sailing', 'I took a sewing class', 'I took up sailing', 'I ran a marathon last night',
    'We found an old map', 'I passed the driving test', 'I watched The Map last night', 'We hosted a small dinner', 'I set up a workshop', 'I had an interview on Friday', 'I''ve got a boat', 'I met an old sailor', 'I learned about knots']) WITH ORDINALITY s (said, n)
  LEFT JOIN LATERAL pg_temp.drawn(s.said) d ON true ORDER BY s.n;
-- Who is called mine is there, in whatever clause: unless it is gone, to come, or part of another word.
SELECT s.said, d.name, d.fact FROM unnest(ARRAY['We celebrated my daughter''s birthday', 'I sailed with my wife', 'My pups are asleep', 'My partner and I sail', 'Remember my kids?', 'My ex husband sails', 'I lost my dog', 'I miss my dog', 'My dog died', 'When I was a kid my dog was Rex', 'I used to walk my dog', 'My dog food business', 'My future wife sails',
    'My son in law sails', 'I can''t wait for the day I walk my dog', 'If my wife sails', 'Your wife sails', 'my']) WITH ORDINALITY s (said, n) LEFT JOIN LATERAL pg_temp.drawn(s.said) d ON true ORDER BY s.n;
-- What stands in quotation marks, under a condition, in doubt, in the mouth of others, or is over, and phrases that say nothing: no facts.
SELECT s, d.fact FROM unnest(ARRAY['"I live in Paris", is the first line', 'The song goes “I live in Paris”', 'I live in Paris, said Ann', 'If you ask, I love tea', 'Maybe I love tea', 'Unless it rains, I love walks', 'I wish I lived in Paris', 'Imagine I moved to Paris', 'I love tea no more', 'I love tea, just kidding',
    'I never went to Paris', 'I almost bought a boat', 'I will visit Paris', 'I want to visit Paris', 'I could have visited Paris', 'I haven''t visited Paris', 'I didn''t like Paris', 'I''d have bought a boat', 'I had a good time', 'I took a look', 'I made something', 'I made it', 'I made sure', 'I love the smell', 'I love caring for people', 'I bought a red, old boat',
    'I started thinking about it', 'We''ve got to go', 'I''ve got a question', 'The man I met bought a boat', 'When I bought a boat', 'I bought my friend''s boat', 'I had to go', 'My birthday is tomorrow', 'My birthday is Friday', 'I''m studying hard', 'I''m learning a ton', 'I finished first', 'I had a lot of fun']) s, pg_temp.drawn(s) d;
-- Behind a quotation it goes on, and in the next line where one was not closed.
SELECT d.fact FROM pg_temp.drawn(E'"Hm", I live in Nice.\n"I live in Rome\nI live in Lyon') d;
-- Several; behind a comma, a picture and small words; not in questions, wishes and what others say.
SELECT d.fact FROM pg_temp.drawn(E'Hi! I live in Lyon and I work at Acme, I love tea 🎉 I like milk\nMy wife Ann says hello.') d;
SELECT s, d.fact FROM unnest(ARRAY['Do I live in Paris?', 'I live in Paris?!', 'I would like tea', 'I''d love some tea', 'I love it', 'I love that you came', 'I love how it looks', 'I love to see you', 'I love my boat',
    'I like the way that this goes on and on', 'She said I live in Paris', 'I live in a house', 'My boat is here', 'I love walking your dog', 'I love every single one of the many things', 'My name is', 'I live in', '', '?', '...', 'My sister I love']) s, pg_temp.drawn(s) d;
-- When: counted from when it was said.
SELECT s, d.at FROM unnest(ARRAY['yesterday', 'today', 'last week', 'last month', 'last year', 'last Friday', 'on Wednesday', 'on Thursday', 'in June', 'in May', 'in March 2020', 'in 2019', 'since 1999', 'two years ago', 'a month ago', '10 days ago', '3 weeks ago',
    'last night', 'last weekend', 'last Tues', 'on Wed', 'last Su', 'some time ago', '999 years ago', 'next year', 'in Rome']) s, pg_temp.drawn('I moved to Nice ' || s) d;
SELECT said::date, f ->> 'valid_at' AS last_weekend FROM generate_series('2024-05-10'::timestamptz, '2024-05-13', '1 day') said, jsonb_array_elements(memory_extract_rules('I visited Nice last weekend', said) -> 'facts') f;
SELECT memory_extract_rules('I moved to Nice on the last day of the month, a month ago', '2024-03-31 12:00Z') -> 'facts' -> 0 ->> 'valid_at' AS short_month;
-- Without a time there is none; nobody but a user says anything; who is not named is the user.
SELECT memory_extract_rules('I moved to Nice yesterday');
SELECT memory_extract_rules('I live in Nice', role => 'assistant'), memory_extract_rules('I live in Nice', role => 'user') -> 'facts' -> 0 ->> 'fact' AS of_user, memory_extract_rules('');
SELECT memory_extract_rules(NULL);
SELECT memory_extract_rules('I live in Nice', 'infinity');
-- It is an answer like any other: nothing claimed is left out.
SET threadmem.tenant = 'extract rules';
SET TIME ZONE 'UTC';
SET datestyle = ISO;
SELECT user_id FROM user_create('ada', first_name => 'Ada');
SELECT count(message_add(t, 'user', said, event_at => at)) FROM thread_create('t', 'ada') AS c (t), (VALUES ('I live in Lyon', '2023-01-01'::timestamptz), ('I like tea', '2023-02-01'), ('I moved to Nice last month', '2024-03-15'), ('I like milk', '2024-04-01')) v (said, at);
SELECT memory_complete(c.user_id, c.job_id, 'rules', memory_extract_rules(c.content, c.event_at, c.name, c.role)::text, 'rules') FROM generate_series(1, 5) n, LATERAL (SELECT * FROM memory_claim('rules' || left(n::text, 0))) c;
SELECT source_id, name, target, valid_at, invalid_at, extractor, confidence FROM memory_facts('ada', include_expired => true, sort_by => 'created_at', sort_order => 'asc');
SELECT * FROM memory_status('ada');
