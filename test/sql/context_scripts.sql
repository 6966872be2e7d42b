-- The default counter of tokens knows scripts of which one character is a token or more.
SET threadmem.tenant = 'context scripts';
SELECT thread_id FROM threadmem.thread_create('t');
CREATE FUNCTION pg_temp.tokens(said text) RETURNS bigint LANGUAGE plpgsql AS
$$DECLARE counted bigint;
BEGIN
    PERFORM threadmem.message_add('t', 'user', said);
    SELECT tokens INTO counted FROM threadmem.message_context('t', max_messages => 1) LIMIT 1;
    RETURN counted;
END$$;
SELECT name, length(said), pg_temp.tokens(said) FROM (VALUES (1, 'English', repeat('abcd', 100)), (2, 'Russian', repeat('привет, ', 50)), (3, 'Han', repeat('今天天气', 100)), (4, 'kana', repeat('アイスは', 100)),
    (5, 'Hangul', repeat('고양이가', 100)), (6, 'Hangul with spaces', repeat('고양이 ', 100)), (7, 'Thai', repeat('แมวม', 100)), (8, 'Lao', repeat('ແມວມ', 100)), (9, 'Khmer', repeat('ឆ្មា', 100)), (10, 'Myanmar', repeat('ကြော', 100)),
    (11, 'Tibetan', repeat('བོད་', 100)), (12, 'half width', repeat('ｱｲｽｸ', 100)), (13, 'full width', repeat('ＡＢ１２', 100)), (14, 'rare Han', repeat('𠮷𩸽𠮷𩸽', 100)), (15, 'punctuation', repeat('、。「」', 100)),
    (16, 'emoji', repeat('🐱👍😀✨', 100)), (17, 'emoji of several', repeat('👍🏽', 100)), (18, 'mixed', repeat('iPhone を', 100)), (19, 'dashes', repeat('a — b', 80)), (20, 'Hindi', repeat('नमस्ते ', 50)), (21, 'one', '猫'), (22, 'one letter', 'a'), (23, 'five letters', 'abcde')) v (n, name, said) ORDER BY n;
-- A window of Chinese holds what a model takes.
SELECT thread_id FROM threadmem.thread_create('window', messages => (SELECT jsonb_agg(jsonb_build_object('role', CASE WHEN g % 2 = 1 THEN 'user' ELSE 'assistant' END, 'content', repeat('今天天气很好我们去公园散步吧', 30))) FROM generate_series(1, 40) g));
SELECT sum(length(content)) AS characters, sum(tokens) AS tokens FROM threadmem.message_context('window', max_tokens => 4000);
