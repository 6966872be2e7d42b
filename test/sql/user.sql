-- Users and groups: made, read, changed, listed and counted; bad input is one error and changes nothing.
\set SHOW_CONTEXT never
\pset null (null)
SET TIME ZONE 'UTC';
SET threadmem.tenant = 'user test';

-- All that a user has.
SELECT user_id, kind, email, first_name, last_name, time_zone, metadata,
       created_at = updated_at OR created_at < updated_at AS in_order, now() - created_at < '1 min' AS fresh
  FROM threadmem.user_create('u1', 'user', 'ada@example.org', 'Ada', 'Lovelace', 'Europe/London', '{"plan": "pro", "n": 1.10}');
SELECT user_id, kind, email, first_name, last_name, time_zone, metadata FROM threadmem.user_create('u2');
SELECT user_id, kind, metadata FROM threadmem.user_create('team', kind => 'group', metadata => '{}');
SELECT user_id, kind, email, time_zone, metadata FROM threadmem.user_get('u1');

-- Null is "not given".
SELECT user_id, kind, metadata FROM threadmem.user_create('u3', NULL, NULL, NULL, NULL, NULL, NULL, NULL);

-- Generated ids have the form of the setting.
SELECT user_id ~ '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$' AS uuid7
  FROM threadmem.user_create();
SET threadmem.id_format = 'prefixed';
SELECT user_id ~ '^user_[0-9A-Za-z]{22}$' AS prefixed FROM threadmem.user_create(email => 'g@example.org');
RESET threadmem.id_format;
SELECT threadmem.user_count();
DELETE FROM threadmem_data.users WHERE user_id NOT IN ('u1', 'u2', 'u3', 'team');

-- An id that exists: an error, or the stored row as it was.
SELECT threadmem.user_create('u1', first_name => 'Eve');
SELECT threadmem.user_create('u1', first_name => 'Eve', if_exists => 'raise');
SELECT user_id, first_name, metadata FROM threadmem.user_create('u1', first_name => 'Eve', if_exists => 'do_nothing');
SELECT user_id, first_name FROM threadmem.user_create('u4', first_name => 'Dee', if_exists => 'do_nothing');
SELECT threadmem.user_create('u5', if_exists => 'replace');

-- Bounds of an id: 1 to 255 bytes, bytes and not characters; no control characters; all else is kept.
SELECT octet_length((threadmem.user_create(id)).user_id) AS bytes
  FROM unnest(ARRAY['x', repeat('x', 255), repeat('€', 85)]) AS id;
SELECT threadmem.user_create('');
SELECT threadmem.user_create(repeat('x', 256));
SELECT threadmem.user_create(repeat('€', 85) || 'x');
SELECT threadmem.user_create(E'a\tb');
SELECT threadmem.user_create(E'a\u007f');
CREATE TEMP VIEW odd_ids AS SELECT unnest(ARRAY[' ', 'a''b"c\d;--$1', '%', U&'\+01F600', 'U1']) AS id;
SELECT count(*) FROM odd_ids WHERE (threadmem.user_create(id)).user_id = id;
SELECT count(*) FROM odd_ids, threadmem.user_get(id) u WHERE u.user_id = id;
DELETE FROM threadmem_data.users WHERE user_id !~ '^(u[1-4]|team)$';

-- Other bad input.
SELECT threadmem.user_create('bad', kind => 'robot');
SELECT threadmem.user_create('bad', time_zone => 'Mars/Olympus');
SELECT threadmem.user_create('bad', metadata => '[]');
\set VERBOSITY sqlstate
SELECT threadmem.user_create('bad', metadata => 'null');
SELECT threadmem.user_create('bad', metadata => '"text"');
SELECT threadmem.user_create('bad', kind => '');
SELECT threadmem.user_create('bad', if_exists => 'RAISE');
SELECT threadmem.user_create('bad', time_zone => '');
\set VERBOSITY default
SELECT threadmem.user_get('bad');
SELECT threadmem.user_get(NULL);

-- Update changes what is given and nothing else.
SELECT user_id, email, first_name, last_name, time_zone, metadata FROM threadmem.user_update('u1', email => 'ada@example.com');
SELECT user_id, email, first_name, last_name, time_zone, metadata FROM threadmem.user_update('u1');
SELECT email, first_name, last_name, time_zone
  FROM threadmem.user_update('u1', first_name => 'Augusta', time_zone => 'UTC', clear => '{email,last_name}');
-- What is both given and cleared is cleared.
SELECT first_name, time_zone FROM threadmem.user_update('u1', first_name => 'Ada', clear => '{first_name,time_zone}');
SELECT first_name FROM threadmem.user_update('u1', first_name => 'Ada', clear => '{}');
SELECT updated_at > created_at AS moved FROM threadmem.user_get('u1');

-- The summary is prose, kept as given.
SELECT summary FROM threadmem.user_update('u1', summary => E'Ada writes programs.\nShe likes </tags>.');
SELECT summary, first_name FROM threadmem.user_update('u1', last_name => 'King');
SELECT summary FROM threadmem.user_get('u1');
SELECT summary FROM threadmem.user_update('u1', clear => '{summary,last_name}');

-- Metadata is merged at its top level; null stores null; remove_keys takes out, also what was just given.
SELECT metadata FROM threadmem.user_update('u1', metadata => '{"deep": {"a": 1, "b": 2}, "n": null}');
SELECT metadata FROM threadmem.user_update('u1', metadata => '{"deep": {"c": 3}}');
SELECT metadata FROM threadmem.user_update('u1', remove_keys => '{plan,absent}');
SELECT metadata FROM threadmem.user_update('u1', metadata => '{"x": 1, "y": 2}', remove_keys => '{x}');
SELECT metadata FROM threadmem.user_update('u1', metadata => '{}', remove_keys => '{}');
SELECT metadata FROM threadmem.user_update('u1', metadata => '{"": "empty key", "é": "ü"}');

-- Updates that are refused change nothing.
SELECT threadmem.user_update('nobody', email => 'x');
SELECT threadmem.user_update('u1', clear => '{email,user_id}');
SELECT threadmem.user_update('u1', remove_keys => '{a,null}');
\set VERBOSITY sqlstate
SELECT threadmem.user_update('u1', metadata => '1');
SELECT threadmem.user_update('u1', remove_keys => '{{a,b}}');
SELECT threadmem.user_update('u1', email => 'x', clear => ARRAY[NULL]);
SELECT threadmem.user_update('u1', email => 'x', time_zone => 'Mars/Olympus');
SELECT threadmem.user_update('', email => 'x');
SELECT threadmem.user_update(NULL, email => 'x');
\set VERBOSITY default
SELECT user_id, email, first_name, last_name, time_zone, metadata FROM threadmem.user_get('u1');

-- Lists, newest first unless told otherwise; users without email sort as ''.
SELECT count((threadmem.user_create('p' || to_char(i, 'FM00'), email => to_char(26 - i, '"p"FM00') || '@example.org', last_name => 'Page')).user_id)
  FROM generate_series(1, 25) AS i;
SELECT string_agg(user_id, ' ') FROM threadmem.user_list();
SELECT string_agg(user_id, ' ') FROM threadmem.user_list(sort_order => 'asc');
SELECT string_agg(user_id, ' ') FROM threadmem.user_list(sort_by => 'user_id', sort_order => 'asc', max_rows => 3);
SELECT string_agg(user_id, ' ') FROM threadmem.user_list(sort_by => 'user_id', max_rows => 3);
SELECT string_agg(user_id, ' ') FROM threadmem.user_list(sort_by => 'email', max_rows => 3);
SELECT string_agg(user_id, ' ') FROM threadmem.user_list(sort_by => 'email', sort_order => 'asc', max_rows => 7);
SELECT (threadmem.user_update('p07', last_name => 'Moved')).user_id;
SELECT string_agg(user_id, ' ') FROM threadmem.user_list(sort_by => 'updated_at', max_rows => 2);

-- By cursor: the next page begins where the last one ended, under every order.
SELECT string_agg(user_id, ' ') FROM threadmem.user_list(max_rows => 3, after_id => 'p06');
SELECT string_agg(user_id, ' ') FROM threadmem.user_list(max_rows => 3, after_id => 'p06', sort_order => 'asc');
SELECT string_agg(user_id, ' ') FROM threadmem.user_list(sort_by => 'user_id', max_rows => 3, after_id => 'team');
SELECT string_agg(user_id, ' ') FROM threadmem.user_list(sort_by => 'email', sort_order => 'asc', max_rows => 3, after_id => 'u4');
SELECT string_agg(user_id, ' ') FROM threadmem.user_list(sort_by => 'email', max_rows => 3, after_id => 'p25');
SELECT count(*) FROM threadmem.user_list(after_id => 'u1');
-- Users of the same time are in the order of their ids.
UPDATE threadmem_data.users SET created_at = '2000-01-01' WHERE user_id ~ '^u[1-4]$';
SELECT string_agg(user_id, ' ') FROM threadmem.user_list(max_rows => 2, after_id => 'team');
SELECT string_agg(user_id, ' ') FROM threadmem.user_list(max_rows => 2, after_id => 'u3');
SELECT threadmem.user_list(after_id => 'nobody');

-- By page number.
SELECT string_agg(user_id, ' ') FROM threadmem.user_list(page_number => 1, page_size => 4);
SELECT string_agg(user_id, ' ') FROM threadmem.user_list(page_number => 2, page_size => 4);
SELECT string_agg(user_id, ' ') FROM threadmem.user_list(page_number => 8, page_size => 4);
SELECT count(*) FROM threadmem.user_list(page_number => 9, page_size => 4);
SELECT count(*) FROM threadmem.user_list(page_number => 2147483647, page_size => 1000);
SELECT count(*) FROM threadmem.user_list(page_number => 2);
SELECT count(*) FROM threadmem.user_list(page_size => 5);
SELECT threadmem.user_list(page_number => 2, after_id => 'u1');

-- Bounds of a page.
SELECT count(*) FROM threadmem.user_list(max_rows => 0);
SELECT count(*) FROM threadmem.user_list(max_rows => 1000);
SELECT count(*) FROM threadmem.user_list(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
SELECT threadmem.user_list(max_rows => 1001);
SELECT threadmem.user_list(page_number => 0, page_size => 10);
\set VERBOSITY sqlstate
SELECT threadmem.user_list(max_rows => -1);
SELECT threadmem.user_list(page_size => 0);
SELECT threadmem.user_list(page_size => 1001);
SELECT threadmem.user_list(page_number => -2147483648);
SELECT threadmem.user_list(sort_by => 'metadata');
SELECT threadmem.user_list(sort_by => 'email; DROP TABLE threadmem_data.users');
SELECT threadmem.user_list(sort_order => 'DESC');
SELECT threadmem.user_list(after_id => '');
\set VERBOSITY default

-- Filters: kind, and a part of id, names or email in any case, taken literally.
SELECT string_agg(user_id, ' ') FROM threadmem.user_list(kind => 'group');
SELECT string_agg(user_id, ' ') FROM threadmem.user_list(search => 'ADA');
SELECT string_agg(user_id, ' ') FROM threadmem.user_list(search => 'P01@Example');
SELECT string_agg(user_id, ' ') FROM threadmem.user_list(search => 'moved', kind => 'user');
SELECT count(*) FROM threadmem.user_list(search => '%');
SELECT threadmem.user_count(), threadmem.user_count('group'), threadmem.user_count(search => 'page'),
       threadmem.user_count('group', 'page'), threadmem.user_count(search => '');

-- Another tenant has the same id for another user, and sees none of these.
SET threadmem.tenant = 'user test 2';
SELECT threadmem.user_count();
SELECT threadmem.user_get('u1');
SELECT user_id, first_name FROM threadmem.user_create('u1', first_name => 'Other');
\set VERBOSITY sqlstate
SELECT threadmem.user_update('u2', email => 'x');
SELECT threadmem.user_list(after_id => 'u2');
\set VERBOSITY default
SET threadmem.tenant = 'user test';
SELECT first_name FROM threadmem.user_get('u1');

-- Who is new was not changed yet.
SELECT count(*) AS created, count(*) FILTER (WHERE u.created_at <> u.updated_at) AS changed FROM generate_series(1, 300) n, threadmem.user_create('new ' || n) u;
