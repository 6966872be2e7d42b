-- 10,000 texts of about 500 bytes, of 5,000 made-up words used as unevenly as words are. The word needle
-- stands in one of 2,000 texts.
SELECT setseed(0.42) \g /dev/null
CREATE TABLE word AS
SELECT i, translate(left(md5(i::text), 4 + i % 6), '0123456789', 'etaoinshrd') AS word FROM generate_series(0, 4999) i;
ALTER TABLE word ADD PRIMARY KEY (i);
CREATE TABLE sample AS
SELECT p.i, CASE WHEN p.i % 2000 = 1000 THEN 'needle ' ELSE '' END || string_agg(word, ' ') AS content
FROM (SELECT i, (5000 * random() ^ 3)::int % 5000 AS pick FROM generate_series(1, 10000) i, generate_series(1, 66) w) p
JOIN word ON word.i = pick GROUP BY p.i;
