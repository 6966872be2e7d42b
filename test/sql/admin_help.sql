-- help(): one row a function, by concept; help(name): one function as text.
SELECT concept, count(*) > 0 AS has, min(name COLLATE "C") AS first FROM threadmem.help() WITH ORDINALITY GROUP BY concept ORDER BY min(ordinality);
SELECT name FROM threadmem.help() GROUP BY name HAVING count(*) > 1;
SELECT * FROM threadmem.help() WHERE name IN ('user_threads', 'message_list', 'memory_get', 'thread_state', 'thread_copy', 'run_claim', 'tenant_list');
-- What serves the extension itself is not there, and comes by its name.
SELECT count(*) FROM threadmem.help() WHERE name ~ '^(check_|is_|keys_|tenant_keys)';
\pset format unaligned
\t
SELECT threadmem.help('thread_copy');
SELECT threadmem.help('run_claim');
SELECT threadmem.help('is_object');
SELECT threadmem.help('current_tenant');
SELECT threadmem.help('json_patch_fold');
-- Both forms of one name, that for uuid last; with schema, arguments and in any case.
SELECT threadmem.help('Threadmem.USER_GET(text, boolean)');
SELECT threadmem.help('help') = threadmem.help('help()'), count(*) FROM regexp_matches(threadmem.help('help'), '^RETURNS', 'gn');
-- Every function is shown, none empty.
SELECT count(*) FROM threadmem.help() WHERE coalesce(threadmem.help(name), '') !~ ('^threadmem\.' || name || '\(.*\nErrors:');
\t
\pset format aligned
-- Unknown: what comes near by words, then by letters.
SELECT threadmem.help('copy_thread');
SELECT threadmem.help('thread_cpy');
SELECT threadmem.help('prune');
SELECT threadmem.help('thread');
SELECT threadmem.help('no such thing');
SELECT threadmem.help('');
SELECT threadmem.help(repeat('x', 100000));
SELECT threadmem.help(NULL);
-- For every role that may read.
SET client_min_messages = error;
CREATE ROLE regress_help;
SET ROLE regress_help;
SELECT count(*) FROM threadmem.help();
RESET ROLE;
SELECT threadmem.grant_access('regress_help', 'read');
SET ROLE regress_help;
SELECT count(*) > 100 AS list, length(threadmem.help('thread_get')) > 100 AS one FROM threadmem.help();
RESET ROLE;
DROP OWNED BY regress_help;
DROP ROLE regress_help;
RESET client_min_messages;
