-- The settings hold what they promise: bounds, id formats, and an identity judged where it is used.
LOAD 'threadmem';
SELECT name, setting, unit, context FROM pg_settings WHERE name LIKE 'threadmem.%' ORDER BY name COLLATE "C";
\set VERBOSITY sqlstate
SET threadmem.id_format = 'serial';
SET threadmem.bad_unicode = 'drop';
SET threadmem.max_body = 0;
SET threadmem.max_body = '256MB';
SET threadmem.tombstone_ttl = -1;
SET threadmem.unknown = 1;
-- Nobody lifts the limit that guards against him.
CREATE ROLE settings_app;
SET ROLE settings_app;
SET threadmem.max_body = '64MB';
RESET ROLE;
DROP ROLE settings_app;
\set VERBOSITY default

-- uuid: version 7, in the order they were made; prefixed: the noun and 22 base62 characters.
SELECT user_id ~ '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$' AS uuid7
FROM threadmem.user_create();
SELECT user_id AS first FROM threadmem.user_create() \gset
SELECT pg_sleep(0.002) \gset
SELECT user_id > :'first' COLLATE "C" AS ordered FROM threadmem.user_create();
SET threadmem.id_format = 'prefixed';
SELECT user_id ~ '^user_[0-9A-Za-z]{22}$' AS user FROM threadmem.user_create();
SELECT assistant_id ~ '^asst_[0-9A-Za-z]{22}$' AS assistant FROM threadmem.assistant_create();
SELECT thread_id FROM threadmem.thread_create('settings');
SELECT thread_id ~ '^thread_[0-9A-Za-z]{22}$' AS thread FROM threadmem.thread_copy('settings');
SELECT message_id ~ '^message_[0-9A-Za-z]{22}$' AS message, body->>'id' = message_id AS same FROM threadmem.message_add('settings', 'user', 'hello');
RESET threadmem.id_format;

-- A tenant or user that cannot be is an error wherever it is used, never another tenant.
SET threadmem.tenant = '0123456789012345678901234567890123456789012345678901234567890123';
SELECT threadmem.current_tenant();
SELECT threadmem.user_count();
SET threadmem.tenant = E'a\tb';
SELECT threadmem.current_tenant();
SET threadmem.tenant = '012345678901234567890123456789012345678901234567890123456789012';
SELECT length(threadmem.current_tenant()), threadmem.user_count();
RESET threadmem.tenant;
SELECT threadmem.current_tenant() = '' AS default_tenant, threadmem.current_user_id() IS NULL AS not_narrowed;
SET threadmem.user_id = E'\x01';
SELECT threadmem.current_user_id();
RESET threadmem.user_id;

-- The extension lives in its own schema, which nobody else may call into before grant_access.
SELECT nspname, has_schema_privilege('public', oid, 'USAGE') AS public FROM pg_namespace WHERE nspname = 'threadmem';
SELECT deleted FROM threadmem.thread_delete('settings') WHERE kind = 'threads';
