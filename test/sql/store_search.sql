-- Searches of the store: by filter, words and embedding, page by page; lists of namespaces.
\set SHOW_CONTEXT never
\pset null (null)
SET TIME ZONE 'UTC';
SET threadmem.tenant = 'store search';
CREATE FUNCTION pg_temp.keys(filter jsonb) RETURNS text LANGUAGE sql AS $$SELECT string_agg(key, ' ' ORDER BY key COLLATE "C") FROM threadmem.store_search('{f}', filter)$$;

-- A filter: numbers as numbers, text as text, nothing else is greater or less.
SELECT count(threadmem.store_put('{f}', key, value)) FROM (VALUES ('int', '{"x": 10}'::jsonb), ('two', '{"x": 2}'), ('float', '{"x": 2.0}'), ('big', '{"x": 9007199254740993}'), ('text10', '{"x": "10"}'), ('text2', '{"x": "2"}'),
    ('A', '{"x": "A"}'), ('a', '{"x": "a"}'), ('true', '{"x": true}'), ('false', '{"x": false}'), ('null', '{"x": null}'), ('none', '{"y": 1}'), ('list', '{"x": [1, 2.0]}'), ('empty', '{"x": {}}'),
    ('object', '{"x": {"a": 1, "b": {"c": 2, "d": [1]}}}'), ('one', '{"x": 1, "y": 1}'), ('$x', '{"$x": 1}')) v (key, value);
SELECT f AS filter, pg_temp.keys(f) FROM unnest(ARRAY[NULL, '{}', '{"x": 2}', '{"x": 2.00}', '{"x": "2"}', '{"x": true}', '{"x": 1}', '{"x": null}', '{"x": [1.0, 2]}', '{"x": [1]}', '{"x": {}}', '{"x": {"a": 1}}', '{"x": {"b": {"c": 2}}}', '{"x": {"b": {"c": 3}}}',
    '{"x": 1, "y": 1}', '{"x": {"$eq": 2}}', '{"x": {"$eq": {"a": 1}}}', '{"x": {"$eq": null}}', '{"x": {"$ne": 2}}', '{"x": {"$ne": null}}', '{"x": {"$gt": 2}}', '{"x": {"$gte": 2}}', '{"x": {"$lt": 10}}', '{"x": {"$lte": 10}}', '{"x": {"$gt": "10"}}',
    '{"x": {"$lt": "2"}}', '{"x": {"$gte": "A", "$lt": "a"}}', '{"x": {"$gt": false}}', '{"x": {"$gte": null}}', '{"x": {"$lt": [3]}}', '{"x": {"$gte": 2, "$lt": 10, "$ne": 2}}', '{"x": {"$gt": 1}, "y": {"$gt": 0}}', '{"z": {"$ne": 1}}', '{"z": {"$lt": 1}}',
    '{"x": {"$gt": 9007199254740992}}']::jsonb[]) f;
SELECT threadmem.store_search('{f}', '{"x": {"$in": [1]}}');
SELECT threadmem.store_search('{f}', '{"x": {"$gt": 1, "y": 2}}');
SELECT threadmem.store_search('{f}', '{"$x": 1}');
SELECT threadmem.store_search('{f}', '{"x": {"b": {"c": {"$gt": 1}}}}');
SELECT threadmem.store_search('{f}', '{"x": [{"$eq": 1}]}');
SELECT count(*) FROM threadmem.store_search('{f}', '{"x": {"b": {"$ref": 1}}}');
SELECT threadmem.store_search('{f}', '[]');

-- A prefix is labels, not letters; what was put last comes first, the page goes on where it stood.
SELECT count(threadmem.store_put(n, k, jsonb_build_object('k', k))) FROM (VALUES ('{p}'::text[], 'root'), ('{p,a}', '1'), ('{p,a,b}', '2'), ('{p,ab}', '3'), ('{pa}', '4'), ('{p,b}', '5'), ('{p,a}', '6')) v (n, k);
SELECT prefix, (SELECT string_agg(key, ' ') FROM threadmem.store_search(prefix)) FROM unnest(ARRAY['{p}', '{"p","a"}', '{"p","a","b"}', '{"x"}', '{"p","a","b","c"}']) p (v), LATERAL (SELECT v::text[]) q (prefix);
SELECT key FROM threadmem.store_put('{p,a}', '1', '{"k": "again"}');
SELECT string_agg(key, ' ') FROM threadmem.store_search('{p}');
SELECT string_agg(key, ' ') FROM threadmem.store_search('{p,ab}');
SELECT count(*) FROM threadmem.store_search(max_rows => 100), (SELECT count(*) FROM threadmem.store_items) a (n);
SELECT key, score, has_more FROM threadmem.store_search('{p}', max_rows => 2, skip => 1);
SELECT count(*) FROM threadmem.store_search('{p}', max_rows => 0);
SELECT threadmem.store_search('{p.q}');
SELECT threadmem.store_search('{p}', max_rows => 1001);
SELECT threadmem.store_search('{p}', skip => -1);

-- Page by page, whatever it is sorted by: each once, in the order of one page with all.
CREATE FUNCTION pg_temp.pages(asked text, size integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE r record; found text := ''; pos text; more boolean;
BEGIN
    LOOP
        more := false;
        FOR r IN EXECUTE format('SELECT key, position, has_more FROM threadmem.store_search(%s, max_rows => %s, after_position => %L)', asked, size, pos) LOOP
            found := found || ' ' || r.key; pos := r.position; more := r.has_more;
        END LOOP;
        EXIT WHEN NOT more;
        found := found || ' |';
    END LOOP;
    RETURN found;
END$$;
SELECT count(threadmem.store_put(ARRAY['w', 'n' || i % 3], 'k' || i, jsonb_build_object('text', CASE i % 4 WHEN 0 THEN 'green tea' WHEN 1 THEN 'tea and tennis' WHEN 2 THEN 'tennis tea tea' ELSE 'nothing' END), embeddings => CASE WHEN i % 5 > 0 THEN ARRAY[i % 3, 1] END))
  FROM generate_series(1, 12) i;
-- In one transaction, so that many were put at one time.
UPDATE threadmem_data.store_items SET updated_at = '2026-01-01'::timestamptz + length(key) * interval '1 s' WHERE tenant_id = 'store search' AND path ^@ 'w';
SELECT asked, pg_temp.pages(asked, size) FROM unnest(ARRAY['''{w}''', '''{w,n1}''', '''{w}'', query => ''tea or tennis''', '''{w}'', embedding => ''{2,1}''', '''{w}'', query => ''tennis'', embedding => ''{2,1}''']) asked, unnest('{3,100}'::integer[]) size;
-- A position is of one order, and needs no row.
SELECT position AS by_time FROM threadmem.store_search('{w}', max_rows => 1) \gset
SELECT threadmem.store_search('{w}', query => 'tea', after_position => :'by_time');
SELECT threadmem.store_search('{w}', after_position => 'none');
SELECT count(threadmem.store_delete(namespace, key)) FROM threadmem.store_search('{w}', max_rows => 1);
SELECT key FROM threadmem.store_search('{w}', max_rows => 1, after_position => :'by_time');

-- Words: any of them, all of what is indexed, in any language's script; not those of keys.
SELECT key FROM threadmem.store_put('{i}', 'all', '{"title": "mountains", "deep": {"notes": ["lakes", {"more": "rivers"}]}, "year": 1984, "mountain": "x"}');
SELECT key FROM threadmem.store_put('{i}', 'some', '{"title": "mountains", "deep": {"notes": ["lakes", {"more": "rivers"}, "seas"]}, "year": 1985}', indexed => '{title,deep.notes[1],deep.notes[-1]}');
SELECT key FROM threadmem.store_put('{i}', 'none', '{"title": "mountains lakes rivers seas 1984"}', indexed => '{}');
SELECT q, (SELECT string_agg(key, ' ' ORDER BY key) FROM threadmem.store_search('{i}', query => q)) FROM unnest('{mountain,MOUNTAINS,lake,river,sea,1984,notes,title,"Which rivers and lakes?"}'::text[]) q;
SELECT count(threadmem.store_put('{i}', p, '{"a": {"b": ["one", {"c": "two"}], "d": "three"}, "e": "four"}', indexed => ARRAY[p])) FROM unnest('{$,a,a.b,a.b[0],a.b[*],a.b[*].c,a.*,*,a.b[7],a.b[-2],a.x,e.x,a.b.c}'::text[]) p;
SELECT key AS indexed, search FROM threadmem_data.store_items WHERE path = 'i' AND tenant_id = 'store search' AND value ? 'e' ORDER BY key COLLATE "C";
SELECT count(threadmem.store_delete(namespace, key)) FROM threadmem.store_search('{i}', '{"e": "four"}');
SELECT threadmem.store_put('{i}', 'path', '{}', indexed => ARRAY[p]) FROM unnest('{a..b}'::text[]) p;
\set VERBOSITY sqlstate
SELECT threadmem.store_put('{i}', 'path', '{}', indexed => '{""}');
SELECT threadmem.store_put('{i}', 'path', '{}', indexed => '{a.}');
SELECT threadmem.store_put('{i}', 'path', '{}', indexed => '{"a["}');
SELECT threadmem.store_put('{i}', 'path', '{}', indexed => '{"a[x]"}');
SELECT threadmem.store_put('{i}', 'path', '{}', indexed => '{"a[-]"}');
SELECT threadmem.store_put('{i}', 'path', '{}', indexed => '{"a[1"}');
SELECT threadmem.store_put('{i}', 'path', '{}', indexed => '{"a[1]b"}');
SELECT threadmem.store_put('{i}', 'path', '{}', indexed => '{"a[99999999999]"}');
SELECT threadmem.store_put('{i}', 'path', '{}', indexed => '{"{a,b}"}');
SELECT threadmem.store_put('{i}', 'path', '{}', indexed => '{NULL}');
\set VERBOSITY default
-- The better the more of them; a question of stop words alone is none.
SELECT key, score IS NULL AS unscored FROM threadmem.store_search('{i}', query => 'which of the', max_rows => 2);
SELECT key FROM threadmem.store_search('{i}', query => 'rivers, mountains or 1984') LIMIT 1;
-- Scripts without spaces, a single letter too.
SELECT count(threadmem.store_put('{cjk}', k, jsonb_build_object('t', t))) FROM (VALUES ('tea', '彼女は緑茶が好きです'), ('tennis', '毎週日曜日にテニスをします'), ('thai', 'ฉันชอบดื่มชาเขียวตอนเช้า'), ('korean', '그녀는 녹차를 좋아한다')) v (k, t);
SELECT q, (SELECT string_agg(key, ' ' ORDER BY key) FROM threadmem.store_search('{cjk}', query => q)) FROM unnest('{緑茶,テニス,日曜日,ชาเขียว,녹차,茶,犬}'::text[]) q;
-- Beyond what is read whole, an index of words leads there: in one namespace, in many, in all.
SELECT count(threadmem.store_put(ARRAY['many', CASE WHEN i % 2 = 0 THEN 'even' ELSE 'odd' END], 'k' || i, jsonb_build_object('text', CASE WHEN i % 400 = 7 THEN 'a rare zebra' ELSE 'a common horse' END))) FROM generate_series(1, 1200) i;
SELECT count(threadmem.store_put('{many}', 'other', '{"text": "zebra"}'));
SELECT prefix, (SELECT string_agg(key, ' ' ORDER BY key) FROM threadmem.store_search(prefix, query => 'zebra')) FROM (VALUES ('{many,odd}'::text[]), ('{many,even}'), ('{many}'), ('{}')) v (prefix);
SELECT count(*), bool_and(has_more) FROM threadmem.store_search('{many}', query => 'horse', max_rows => 1000);

-- Embeddings: the nearest of an item counts; of another length is an error.
SELECT count(threadmem.store_put('{e}', key, '{}', embeddings => e)) FROM (VALUES ('east', '{{1,0}}'::float8[]), ('north', '{0,2}'), ('both', '{{0.1,3},{5,0.1}}'), ('west', '{-1,0}'), ('nowhere', NULL)) v (key, e);
SELECT key, round(score::numeric, 3) AS score FROM threadmem.store_search('{e}', embedding => '{1,0}');
SELECT threadmem.store_search('{e}', embedding => '{1,0,0}');
SELECT threadmem.store_search('{e}', embedding => '{0,0}');
SELECT threadmem.store_search('{e}', embedding => '{{1,0}}');

-- Namespaces, in the order of their labels.
SELECT count(threadmem.store_put(n, 'k', '{}')) FROM unnest(ARRAY['{"l","b","x","notes"}', '{"l","a","notes"}', '{"l","a-b","prefs"}', '{"l","a","x","notes"}', '{"l"}', '{"l","b","x","prefs"}', '{"lz"}']) u (v), LATERAL (SELECT v::text[]) w (n);
SELECT namespace, has_more FROM threadmem.store_list_namespaces('{l}');
SELECT namespace FROM threadmem.store_list_namespaces('{l,*,x}');
SELECT namespace FROM threadmem.store_list_namespaces('{*,b}');
SELECT namespace FROM threadmem.store_list_namespaces(suffix => '{notes}');
SELECT namespace FROM threadmem.store_list_namespaces('{l}', '{x,*}');
SELECT namespace FROM threadmem.store_list_namespaces('{l}', '{x,*}', max_depth => 2);
SELECT namespace FROM threadmem.store_list_namespaces('{l}', max_depth => 2);
SELECT namespace FROM threadmem.store_list_namespaces(max_depth => 1);
SELECT namespace, has_more FROM threadmem.store_list_namespaces('{l}', max_rows => 2, skip => 1);
SELECT count(*) FROM (SELECT FROM threadmem.store_list_namespaces('{l}', max_rows => 0) UNION ALL SELECT FROM threadmem.store_list_namespaces('{none}')) n;
CREATE FUNCTION pg_temp.all_pages(depth bigint, size bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE r record; found text := ''; pos text; more boolean;
BEGIN
    LOOP
        more := false;
        FOR r IN SELECT * FROM threadmem.store_list_namespaces('{l}', max_depth => depth, max_rows => size, after_position => pos) LOOP
            found := found || ' ' || array_to_string(r.namespace, '.'); pos := r.position; more := r.has_more;
        END LOOP;
        EXIT WHEN NOT more;
    END LOOP;
    RETURN found;
END$$;
SELECT depth, pg_temp.all_pages(depth, 1) = pg_temp.all_pages(depth, 100) AS same, pg_temp.all_pages(depth, 2) FROM unnest('{NULL,1,2,3,4}'::bigint[]) depth;
-- One that is emptied is gone.
SELECT threadmem.store_delete('{l,a,notes}', 'k');
SELECT namespace FROM threadmem.store_list_namespaces('{l,a}');
SELECT threadmem.store_list_namespaces(max_depth => 0);
SELECT threadmem.store_list_namespaces('{a.b}');
SELECT threadmem.store_list_namespaces(suffix => '{""}');
SELECT threadmem.store_list_namespaces(after_position => 'none');
SELECT sum(deleted) > 0 AS gone FROM threadmem.tenant_delete('store search', 1000);
SELECT sum(deleted) > 0 AS gone FROM threadmem.tenant_delete('store search', 1000);
