-- Scripts without spaces: what was said is remembered by parts of runs, one character too, whatever else the user said.
\set SHOW_CONTEXT never
\pset null (null)
SET threadmem.tenant = 'memory scripts';
SELECT count(threadmem.user_create(u)) FROM unnest('{mei,aki,many,som}'::text[]) u;
SELECT c.thread_id FROM (VALUES
    ('cat', 'mei', '[{"role": "user", "name": "小明", "content": "我的猫叫咪咪，今年三岁"}, {"role": "assistant", "content": "好可爱！"}]'),
    ('work', 'mei', '[{"role": "user", "name": "小红", "content": "明天去北京出差，住在王府井"}, {"role": "assistant", "content": "一路顺风。"}]'),
    ('ill', 'aki', '[{"role": "user", "content": "昨日iPhone15を買った"}, {"role": "user", "content": "この病院は機能していない"}]'),
    ('hot', 'som', '[{"role": "user", "content": "ฉันชอบแมวมาก"}]'), ('dog', 'som', '[{"role": "user", "content": "บ้านฉันมีหมา2ตัว"}]')) v (t, u, m),
    threadmem.thread_create(v.t, user_id => v.u, messages => v.m::jsonb) c ORDER BY v.t;
CREATE FUNCTION pg_temp.first(who text, query text) RETURNS text LANGUAGE sql AS
$$SELECT content FROM threadmem.memory_search(who, query, max_rows => 1)$$;
-- A word whose neighbours are others is found by its one character, which in a word of two counts nothing.
SELECT q, pg_temp.first('mei', q) FROM unnest('{猫,咪咪,我的猫叫什么名字？,北京,京,谁去北京？,小明的猫,王府井,狗,它多大？猫几岁,京都}'::text[]) WITH ORDINALITY AS w (q, n) ORDER BY n;
SELECT q, pg_temp.first('aki', q) FROM unnest('{病院,院,iphone15,何を買った？,ｉＰｈｏｎｅ１５}'::text[]) WITH ORDINALITY AS w (q, n) ORDER BY n;
SELECT q, pg_temp.first('som', q) FROM unnest('{แมว,หมา,2ตัว,ตัว,มีหมากี่ตัว}'::text[]) WITH ORDINALITY AS w (q, n) ORDER BY n;
-- Added data; a deleted thread's texts; the block of a thread, whose last message is the query; the newest where there is no word.
SELECT content FROM threadmem.memory_add_data('mei', '她喜欢喝乌龙茶');
SELECT count(*) FROM threadmem.thread_delete('work');
SELECT q, pg_temp.first('mei', q) FROM unnest('{乌龙茶,茶,出差}'::text[]) WITH ORDINALITY AS w (q, n) ORDER BY n;
SELECT thread_id FROM threadmem.thread_create('asks', user_id => 'mei', messages => '[{"role": "user", "content": "猫几岁了"}]');
SELECT position('三岁' IN c::text) > 0 AS has_it FROM threadmem.thread_context('asks') c;
SELECT content FROM threadmem.memory_search('mei', '？！、', max_rows => 1);
-- Of a user who said much, by the index: words of two and of one character, and beside what many messages have.
SELECT count(*) FROM generate_series(1, 40) g, threadmem.thread_create('many' || g, user_id => 'many',
    messages => (SELECT jsonb_agg(jsonb_build_object('role', 'user', 'content', CASE WHEN g = 7 AND i = 3 THEN '把钥匙放在鞋柜里了' ELSE '今天的天气怎么样，第' || g * 10 + i || '次' END)) FROM generate_series(1, 10) i));
SELECT q, pg_temp.first('many', q) FROM unnest('{钥匙,匙,鞋柜,柜,今天鞋柜的天气}'::text[]) WITH ORDINALITY AS w (q, n) ORDER BY n;
SELECT count(*) > 0 FROM threadmem.memory_search('many', '天');
-- So among long messages, whose words are looked up the other way round.
SELECT seq FROM threadmem.message_add('many1', 'user', (SELECT string_agg(chr(20000 + i), '' ORDER BY i) FROM generate_series(1, 9000) i) || '钢琴课');
SELECT length(content) FROM threadmem.memory_search('many', '钢琴', max_rows => 1);
SELECT length(content) FROM threadmem.memory_search('many', '琴', max_rows => 1);
