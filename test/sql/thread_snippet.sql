-- Where the words of thread_search() were found, in scripts with and without spaces: [found] in a part of the text, a title whole.
\set SHOW_CONTEXT never
\pset null (null)
\pset format unaligned
SET threadmem.tenant = 'thread snippet';
CREATE FUNCTION pg_temp.find(query text) RETURNS TABLE (thread_id text, snippet text) LANGUAGE sql AS
$$SELECT thread_id, translate(snippet, E'\x02\x03', '[]') FROM threadmem.thread_search(query => query, sort_by => 'thread_id', sort_order => 'asc')$$;
CREATE FUNCTION pg_temp.finds(VARIADIC queries text[]) RETURNS TABLE (query text, thread_id text, snippet text) LANGUAGE sql AS
$$SELECT q, f.* FROM unnest(queries) WITH ORDINALITY w (q, n) LEFT JOIN LATERAL pg_temp.find(q) f ON true ORDER BY n, 2$$;
SELECT count(threadmem.thread_create(id, messages => jsonb_build_array(jsonb_build_object('role', 'user', 'content', content)))) FROM (VALUES
    ('han', '我的猫叫咪咪，今年三岁。明天去北京出差'), ('kana', E'iPhone15を買ったので、\n東京タワーの写真をInstagramに2枚アップした。'), ('thai', 'ฉันชอบแมวมาก ราคา500บาท'), ('hangul', '고양이가 소파에서 자고 있어요. 물 주세요'),
    ('half', 'ｱｲｽｸﾘｰﾑとﾊﾞﾅﾅ（ＩＢＭ）'), ('nfd', normalize('バナナと고양이', NFD) || '病' || U&'\200B' || '院'), ('rare', '𠮷野家で𩸽を食べた'), ('html', 'See <a href="https://ja.wikipedia.org/wiki/京都">京都</a> & <b>cats</b>, 5% of "dogs"'), ('latin', 'The cats — “running” cats — are fine')) v (id, content);
-- Chinese, Japanese beside Latin letters, Thai, Korean; one character, a part of a run, a phrase.
SELECT * FROM pg_temp.finds('猫', '北京', '叫咪咪', '京北', '"北京出差"', '猫 北京', '猫 -北京', '猫 or タワー', '東京タワー', 'iphone15を買った', '"iphone15 を買った"', 'instagram 東京', 'instagram', '2枚', 'タ');
SELECT * FROM pg_temp.finds('แมว', 'ชอบแมว', 'ราคา500', '500', '고양', '고양이가', '"고양이가 소파"', '물', '𠮷野家', '𩸽');
-- As it was written, whichever form that is, with its punctuation.
SELECT * FROM pg_temp.finds('アイス', 'ﾊﾞﾅﾅ', 'ibm', '고양이', '病院', '京都', 'cats', 'dogs', 'running');
SELECT count(threadmem.thread_create(id, messages => jsonb_build_array(jsonb_build_object('role', 'user', 'content', content)))) FROM (VALUES
    ('as less', 'if a <b then\n  quokka < 3 && "x"<y <!-- wombat --> numbat'), ('as script', '<script>let quokka = "<style>";</script> numbat'), ('as stop', 'quokka，numbat！dingo：wombat'), ('as width', 'Ｑｕｏｋｋａ ㌔１２ｋｍ，数え、ﾊﾞｽ'), ('as nfd', normalize('ガイドと한국어 quokka', NFD)),
    ('as joined', U&'ｶ\FF9Eﾗｽ と か\3099quokka'), ('as tag', 'see <b class="x">quokka</b> &amp; <i>numbat</i>'), ('as mail', 'to quokka@example.org, see http://example.org/numbat?x=<1>&y=2 or numbat/wombat'), ('as mark', U&'quo\0002kka \0003numbat\0001'), ('as long', '<' || repeat('wombat，', 700) || '< quokka > ' || repeat(' ＜wombat＞', 300))) v (id, content);
SELECT * FROM pg_temp.finds('quokka', 'numbat', 'wombat -script', '"quokka numbat"', 'キロ', '12km', 'バス', 'ガイド', '한국어', 'ガラス', 'が', 'km', 'example.org', 'dingo');
-- A title is there whole; the marks are nobody else's.
SELECT count(threadmem.thread_create(id, title => title)) FROM (VALUES ('t1', repeat('今天天气很好，', 60) || '去上海'), ('t2', E'上\x02海 \x03上海 Shanghai trip')) v (id, title);
SELECT thread_id, length(snippet), right(snippet, 12) FROM pg_temp.find('上海') WHERE thread_id = 't1';
SELECT * FROM pg_temp.finds('上海 trip', 'shanghai');
-- Of a long text a part around the find, whatever has no space in it; most of what is asked for, where it stands together.
SELECT count(threadmem.thread_create(id, messages => jsonb_build_array(jsonb_build_object('role', 'user', 'content', content)))) FROM (VALUES
    ('long begin', '首尔' || repeat('今天天气很好', 3000)), ('long middle', repeat('今天天气很好', 1000) || '首尔' || repeat('今天天气很好', 1000)), ('long end', repeat('今天天气很好', 1000) || '首尔'),
    ('long mixed', repeat('x國', 9000) || 'busan首尔'), ('long thai', repeat('มาก', 3000) || 'หมา' || repeat('มาก', 3000)), ('long words', repeat('Wort ', 3000) || 'Seoul首尔 ' || repeat('Wort ', 3000)),
    ('long latin', 'Incheon ' || repeat(repeat('é', 1000) || ' ', 50)), ('long url', repeat('http://' || repeat('a', 1900) || ' ', 20) || 'Incheon'), ('long apart', '釜山' || repeat('很好', 500) || '釜山和大邱' || repeat('很好', 500) || '大邱'), ('long repeated', repeat('大田', 16000)), ('long behind', repeat('很冷', 10000) || '釜谷洞')) v (id, content);
SELECT f.* FROM pg_temp.finds('首尔', 'busan', 'หมา', 'wort seoul') f WHERE thread_id <> 'long mixed' OR query = 'busan';
SELECT * FROM pg_temp.finds('釜山 大邱', '釜谷洞');
SELECT query, thread_id, length(snippet) BETWEEN 140 AND 500 AS of_a_length FROM pg_temp.finds('今天天气', 'x', 'incheon', '大田', '田大', 'มาก', 'aaa or incheon') WHERE thread_id LIKE 'long%';
SELECT length(snippet), snippet LIKE '[大田大田%大田]' FROM pg_temp.find('大田大');
-- What was edited, deleted or erased is not shown.
SELECT count(*) FROM threadmem.message_update('han', (SELECT message_id FROM threadmem.message_list('han')), '明天去大阪出差');
SELECT * FROM pg_temp.finds('北京出差', '大阪');
SELECT count(*) FROM threadmem.message_delete('han', (SELECT message_id FROM threadmem.message_list('han')));
SELECT count(*) FROM threadmem.message_erase('kana', (SELECT message_id FROM threadmem.message_list('kana')));
SELECT * FROM pg_temp.finds('大阪', '出差', '東京', 'instagram');
SELECT DISTINCT problem FROM threadmem.threadmem_verify();
