-- Scripts without spaces: a part of a run is found as a word is, with every operator, and what was edited, deleted or erased is not.
\set SHOW_CONTEXT never
\pset null (null)
SET threadmem.tenant = 'message scripts';
SELECT user_id FROM threadmem.user_create('mei');
SELECT thread_id FROM threadmem.thread_create('t', user_id => 'mei', messages =>
    '[{"id": "han", "role": "user", "content": "我的猫叫咪咪，今年三岁。明天去北京出差"}, {"id": "kana", "role": "user", "content": "病院は機能していない"},
     {"id": "thai", "role": "user", "content": "ฉันชอบแมวมาก ราคา500บาท"}, {"id": "latin", "role": "user", "content": "iPhone15を買ったので、東京タワーの写真をInstagramに2枚アップした"},
     {"id": "hangul", "role": "user", "content": "고양이가 소파에서 자고 있어요. 물 주세요"}, {"id": "half", "role": "user", "content": "ｱｲｽｸﾘｰﾑとﾊﾞﾅﾅ"},
     {"id": "rare", "role": "user", "content": "𠮷野家で𩸽を食べた"}, {"id": "full", "role": "user", "content": "ＩＢＭの㈱サーバー　１２３"},
     {"id": "lao", "role": "user", "content": "ຂ້ອຍມັກແມວ"}, {"id": "khmer", "role": "user", "content": "ខ្ញុំស្រលាញ់ឆ្មា។"}, {"id": "myanmar", "role": "user", "content": "ကျွန်တော် ကြောင်ချစ်တယ်။"},
     {"id": "parts", "role": "user", "content": [{"type": "text", "text": "パリの"}, {"type": "text", "text": "天気は晴れ"}]}, {"id": "english", "role": "user", "content": "The cats — “running” cats — are fine"}]');
CREATE FUNCTION pg_temp.found(words text) RETURNS text LANGUAGE sql AS
$$SELECT string_agg(message_id, ' ' ORDER BY seq) FROM threadmem.message_search(words)$$;

-- One character, two, three and more, and what crosses a border of words; never characters that stand apart, or the other way round.
SELECT words, pg_temp.found(words) FROM unnest('{猫,京,岁,病院,北京,叫咪咪,去北京出差,京北,猫咪,年明,叫今,病気,は機能,แมว,แ,ว,มากๆ,ชอบแมว,แมวชอบ}'::text[]) WITH ORDINALITY AS w (words, n) ORDER BY n;
-- Beside Latin letters and digits.
SELECT words, pg_temp.found(words) FROM unnest('{iPhone15,iphone15を,15を買,東京タワー,Instagram,instagramに2枚,2枚,3枚,500,500บาท,ราคา500,ราคา 500,タワー写真,タワー 写真}'::text[]) WITH ORDINALITY AS w (words, n) ORDER BY n;
-- Words with particles, and the other scripts.
SELECT words, pg_temp.found(words) FROM unnest('{고양이,고양,고양이가,이고양,물,소파,ແມວ,ມັກແມວ,ឆ្មា,ស្រលាញ់,ကြောင်,ချစ်}'::text[]) WITH ORDINALITY AS w (words, n) ORDER BY n;
-- Half and full width, squares, letters taken apart, characters beyond the first plane, and one that chooses a form. How wide they are is another matter.
\pset format unaligned
SELECT words, pg_temp.found(words) FROM unnest(ARRAY['アイス', 'ｱｲｽ', 'バナナ', 'ﾅﾅ', 'ＩＢＭ', 'ibm', '株', '123', '１２３', '𠮷', '𠮷野家', '野家', '𩸽を', normalize('고양이', NFD), normalize('バナナ', NFD), '東' || U&'\+0E0100' || '京', '病' || U&'\200B' || '院']) WITH ORDINALITY AS w (words, n) ORDER BY n;
\pset format aligned
-- All words, a phrase, or, without; also as they are typed in full width.
SELECT words, pg_temp.found(words) FROM unnest('{猫 北京,北京 猫,猫 病院,猫　北京,猫、北京,猫 or 病院,猫 -北京,-猫 -北京 -ฉันชอบ -の,猫 －病院,"\"北京出差\"","\"北京 出差\"","\"咪咪 今年\"","＂今年三岁＂","\"iphone15 を買った\"","\"三岁 明天\"","\"The cats running\"",時間：東京,「東京」,東京？,東京!,東京 & 写真,(東京),"東京''",東京:*}'::text[]) WITH ORDINALITY AS w (words, n) ORDER BY n;
-- A name with a dot, a tag, an address.
SELECT count(*) FROM threadmem.message_add_batch('t', '[{"id": "dot", "role": "user", "content": "スティーブ・ジョブズ <b>会社</b>"}, {"id": "url", "role": "user", "content": "https://ja.wikipedia.org/wiki/京都 を見て"}]');
SELECT words, pg_temp.found(words) FROM unnest('{スティーブ・ジョブズ,ジョブズ,会社,ja.wikipedia.org,京都,都を}'::text[]) WITH ORDINALITY AS w (words, n) ORDER BY n;
-- Parts of a content are apart; punctuation alone is no word.
SET client_min_messages = warning;
SELECT words, pg_temp.found(words) FROM unnest('{パリの天,パリ 天気,、,。？！,「」,ー,の}'::text[]) WITH ORDINALITY AS w (words, n) ORDER BY n;
RESET client_min_messages;
-- Best first: the word said oftener.
SELECT count(*) FROM threadmem.message_add('t', 'user', '東京、東京、東京だ', message_id => 'often');
SELECT string_agg(message_id, ' ') FROM threadmem.message_search('東京');
-- Another text has the lexemes that PostgreSQL gives it.
SELECT search = to_tsvector('english', 'The cats — “running” cats — are fine') FROM threadmem_data.messages WHERE message_id = 'english';
SELECT search FROM threadmem_data.messages WHERE message_id = 'thai';
-- A configuration without stems, too.
SET threadmem.search_config = 'pg_catalog.simple';
SELECT pg_temp.found('北京'), pg_temp.found('The 東京');
RESET threadmem.search_config;

-- Edited, streamed, deleted, erased.
SELECT seq FROM threadmem.message_update('t', 'han', '明天去上海出差');
SELECT pg_temp.found('北京'), pg_temp.found('上海'), pg_temp.found('咪咪');
SELECT seq FROM threadmem.message_start('t', message_id => 'stream');
SELECT threadmem.message_append('t', 'stream', 1, '我们明天在天安'), threadmem.message_append('t', 'stream', 2, '门见面');
SELECT seq FROM threadmem.message_complete('t', 'stream');
SELECT pg_temp.found('天安门'), pg_temp.found('安门');
SELECT state FROM threadmem.message_delete('t', 'han');
SELECT state FROM threadmem.message_erase('t', 'stream');
SELECT pg_temp.found('上海'), pg_temp.found('天安门');
SELECT count(*) FROM threadmem.threadmem_verify();

-- Long: every message is taken; the first 100,000 bytes are found, and there, behind what places are numbered, the parts of a word in any place.
SELECT thread_id FROM threadmem.thread_create('long', user_id => 'mei');
SELECT seq FROM threadmem.message_add('long', 'user', '开头的词' || (SELECT string_agg(chr(20000 + i * 7919 % 15000), '' ORDER BY i) FROM generate_series(1, 33000) i) || '尾巴的词语' || repeat('远', 400) || '太远了', message_id => 'different');
SELECT seq FROM threadmem.message_add('long', 'user', repeat('今天天气很好', 3000) || '尾巴', message_id => 'same');
SELECT seq FROM threadmem.message_add('long', 'user', repeat('มาก', 300) || 'แมว', message_id => 'many');
SELECT seq FROM threadmem.message_add('long', 'user', (SELECT string_agg(chr(131072 + i), '' ORDER BY i) FROM generate_series(0, 40000) i), message_id => 'rare');
SELECT seq FROM threadmem.message_add('long', 'user', repeat('ｶﾞ', 40000), message_id => 'half');
SELECT seq FROM threadmem.message_add('long', 'user', (SELECT string_agg('x' || chr(20000 + i), '' ORDER BY i) FROM generate_series(1, 15000) i), message_id => 'mixed');
SELECT words, pg_temp.found(words) FROM unnest('{开头的词,尾巴的词语,"\"尾巴的词语\"",尾巴,太远了,很好今天,气天,กแมว,มากมากแมว,แมวมาก,ガガガ}'::text[]) WITH ORDINALITY AS w (words, n) ORDER BY n;
-- A dump of the vector gives the vector again.
SELECT count(*), bool_and(search = search::text::tsvector) FROM threadmem_data.messages WHERE tenant_id = threadmem.current_tenant();
-- A long question is one word as well, or refused as one of any script is.
SELECT string_agg(message_id, ' ') FROM threadmem.message_search((SELECT left(threadmem.message_text(body), 20000) FROM threadmem.message_list('long', max_rows => 1)));
SELECT count(*) FROM threadmem.message_search(repeat('猫狗', 20000));
