-- memory_working: what a model keeps at hand of a user or of a thread: small texts with a label, which it edits itself.

CREATE TABLE threadmem_data.memory_blocks (
    tenant_id   text COLLATE "C" NOT NULL DEFAULT threadmem.current_tenant(),
    user_id     text COLLATE "C" NOT NULL,
    thread_id   text COLLATE "C" NOT NULL,
    label       text COLLATE "C" NOT NULL,
    value       text NOT NULL,
    description text,
    max_characters integer NOT NULL,
    version     integer NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, user_id, thread_id, label),
    CONSTRAINT memory_blocks_numbers CHECK (version OPERATOR(pg_catalog.>=) 1 AND max_characters OPERATOR(pg_catalog.>=) 1),
    CONSTRAINT memory_blocks_one CHECK ((user_id OPERATOR(pg_catalog.<>) '') OPERATOR(pg_catalog.<>) (thread_id OPERATOR(pg_catalog.<>) '')),
    CONSTRAINT memory_blocks_size CHECK (pg_catalog.length(value) OPERATOR(pg_catalog.<=) max_characters),
    CONSTRAINT memory_blocks_times CHECK (pg_catalog.isfinite(created_at) AND pg_catalog.isfinite(updated_at))
);
CREATE INDEX memory_blocks_thread ON threadmem_data.memory_blocks (tenant_id, thread_id) WHERE thread_id OPERATOR(pg_catalog.<>) '';
-- A label is somebody's word, which estimates must not keep when it is deleted.
ALTER TABLE threadmem_data.memory_blocks ALTER COLUMN label SET STATISTICS 0;
COMMENT ON TABLE threadmem_data.memory_blocks IS
$$Working memory: texts of a bounded size that stand in every context block of a user, or of one thread. What does
not apply is '', so that both can be the key. Written by the memory_block_ functions.$$;
COMMENT ON COLUMN threadmem_data.memory_blocks.max_characters IS 'As long as value may be.';
COMMENT ON COLUMN threadmem_data.memory_blocks.version IS '1 when created, one more with every change.';
COMMENT ON COLUMN threadmem_data.memory_blocks.updated_at IS 'Since when it says this; what it said before is in memory_block_revisions.';
ALTER TABLE threadmem_data.memory_blocks ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON threadmem_data.memory_blocks
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
           AND (threadmem.current_user_id() IS NULL
                OR user_id OPERATOR(pg_catalog.=) threadmem.current_user_id()
                OR (thread_id OPERATOR(pg_catalog.<>) '' AND threadmem.sees_thread(thread_id))));
COMMENT ON POLICY own_rows ON threadmem_data.memory_blocks IS
$$The rows of this tenant; a narrowed session sees those of its own user and of the threads that it sees.$$;
CREATE POLICY group_rows ON threadmem_data.memory_blocks FOR SELECT
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant() AND threadmem.shares_memory(user_id));
COMMENT ON POLICY group_rows ON threadmem_data.memory_blocks IS 'A narrowed session reads those of its user''s groups.';
SELECT pg_catalog.pg_extension_config_dump('threadmem_data.memory_blocks', '');

CREATE TABLE threadmem_data.memory_block_revisions (
    tenant_id   text COLLATE "C" NOT NULL DEFAULT threadmem.current_tenant(),
    user_id     text COLLATE "C" NOT NULL,
    thread_id   text COLLATE "C" NOT NULL,
    label       text COLLATE "C" NOT NULL,
    version     integer NOT NULL,
    value       text NOT NULL,
    description text,
    max_characters integer NOT NULL,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    replaced_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, user_id, thread_id, label, version),
    CONSTRAINT memory_block_revisions_numbers CHECK (version OPERATOR(pg_catalog.>=) 1 AND max_characters OPERATOR(pg_catalog.>=) 1),
    CONSTRAINT memory_block_revisions_times CHECK (pg_catalog.isfinite(created_at) AND pg_catalog.isfinite(updated_at) AND pg_catalog.isfinite(replaced_at))
);
CREATE INDEX memory_block_revisions_thread ON threadmem_data.memory_block_revisions (tenant_id, thread_id) WHERE thread_id OPERATOR(pg_catalog.<>) '';
ALTER TABLE threadmem_data.memory_block_revisions ALTER COLUMN label SET STATISTICS 0;
COMMENT ON TABLE threadmem_data.memory_block_revisions IS 'What blocks of working memory said before they were changed: each from updated_at to replaced_at.';
ALTER TABLE threadmem_data.memory_block_revisions ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON threadmem_data.memory_block_revisions
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
           AND (threadmem.current_user_id() IS NULL
                OR user_id OPERATOR(pg_catalog.=) threadmem.current_user_id()
                OR (thread_id OPERATOR(pg_catalog.<>) '' AND threadmem.sees_thread(thread_id))));
COMMENT ON POLICY own_rows ON threadmem_data.memory_block_revisions IS
$$The rows of this tenant; a narrowed session sees those of its own user and of the threads that it sees.$$;
CREATE POLICY group_rows ON threadmem_data.memory_block_revisions FOR SELECT
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant() AND threadmem.shares_memory(user_id));
COMMENT ON POLICY group_rows ON threadmem_data.memory_block_revisions IS 'A narrowed session reads those of its user''s groups.';
SELECT pg_catalog.pg_extension_config_dump('threadmem_data.memory_block_revisions', '');

CREATE VIEW threadmem.memory_blocks WITH (security_barrier = true) AS
    SELECT nullif(b.user_id, '') AS user_id, nullif(b.thread_id, '') AS thread_id, b.label, b.value, b.description,
           b.max_characters, b.version, b.created_at, b.updated_at
      FROM threadmem_data.memory_blocks b, (VALUES (1)) AS one;
ALTER VIEW threadmem.memory_blocks OWNER TO threadmem_runner;
COMMENT ON VIEW threadmem.memory_blocks IS
$$Blocks of working memory, of a user (user_id) or of a thread (thread_id), as memory_block_get gives them. For joins;
read only.$$;
CREATE VIEW threadmem.memory_block_version WITH (security_invoker = true) AS
    SELECT c.*, NULL::timestamptz AS replaced_at FROM threadmem.memory_blocks c WHERE false;
COMMENT ON VIEW threadmem.memory_block_version IS
$$What a block of working memory said from updated_at until replaced_at, null for what it says now. Has no rows: the
type of a result.$$;

CREATE FUNCTION threadmem.memory_block_set(
    label text, value text DEFAULT NULL, user_id text DEFAULT NULL, thread_id text DEFAULT NULL,
    max_characters bigint DEFAULT NULL, description text DEFAULT NULL, expected_version bigint DEFAULT NULL) RETURNS threadmem.memory_blocks
    AS 'MODULE_PATHNAME', 'threadmem_memory_block_set' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_block_set(text, text, text, text, bigint, text, bigint) IS
$$Writes a block of working memory of a user or of a thread: it is made, or what is given of it is changed.
thread_context() shows the blocks of the thread and of its user on every turn, whole. What a block said before stays
in memory_block_history(); what changes nothing makes no version. Who edits what he has read gives its version, and
nobody's change is lost.
Arguments:
  label: what the model knows it by, as persona or human: 1 to 255 bytes
  value: the text; null leaves it, of a new block empty
  user_id: of the user or group
  thread_id: or of the thread
  max_characters: as long as the text may be, 1 to 50,000; null leaves it, of a new block 2,000
  description: what belongs into it, for the model; null leaves it, an empty text empties it
  expected_version: change it only if it still has this version; 0: only make it
Errors:
  23503: no such user
  P0002: no such thread, or no block where a version is expected
  TM001: it has another version than expected
  22023: bad input
  54000: the text is longer than the block may be, or a 101st block
Answers: Letta's core memory blocks.$$;

CREATE FUNCTION threadmem.memory_block_get(label text, user_id text DEFAULT NULL, thread_id text DEFAULT NULL, missing_ok boolean DEFAULT false) RETURNS SETOF threadmem.memory_blocks
    AS 'MODULE_PATHNAME', 'threadmem_memory_block_get' LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 1
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_block_get(text, text, text, boolean) IS
$$One block of working memory.
Arguments:
  label: of the block
  user_id: of the user or group
  thread_id: or of the thread
  missing_ok: no row, and no error, when there is none
Errors:
  P0002: no such block
  22023: bad input
Answers: Letta blocks.retrieve.$$;

CREATE FUNCTION threadmem.memory_block_list(user_id text DEFAULT NULL, thread_id text DEFAULT NULL) RETURNS SETOF threadmem.memory_blocks
    AS 'MODULE_PATHNAME', 'threadmem_memory_block_list' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_block_list(text, text) IS
$$All blocks of working memory of a user or of a thread, by their labels; there are 100 at most.
Arguments:
  user_id: of the user or group
  thread_id: or of the thread
Errors:
  P0002: no such user or thread
  22023: bad input
Answers: Letta agents.blocks.list.$$;

CREATE FUNCTION threadmem.memory_block_history(label text, user_id text DEFAULT NULL, thread_id text DEFAULT NULL) RETURNS SETOF threadmem.memory_block_version
    AS 'MODULE_PATHNAME', 'threadmem_memory_block_history' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_block_history(text, text, text) IS
$$All that a block of working memory ever said, the first first.
Arguments:
  label: of the block
  user_id: of the user or group
  thread_id: or of the thread
Errors:
  P0002: no such block
  22023: bad input$$;

CREATE FUNCTION threadmem.memory_block_delete(label text, user_id text DEFAULT NULL, thread_id text DEFAULT NULL, expected_version bigint DEFAULT NULL) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_memory_block_delete' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_block_delete(text, text, text, bigint) IS
$$Deletes a block of working memory and all that it ever said.
Arguments:
  label: of the block
  user_id: of the user or group
  thread_id: or of the thread
  expected_version: delete it only if it still has this version
Errors:
  P0002: no such user, thread or block
  TM001: it has another version than expected
  22023: bad input
Answers: Letta blocks.delete.$$;

CREATE VIEW threadmem.memory_statistic WITH (security_invoker = true) AS
    SELECT ''::text AS kind, 0 AS rows, 0::bigint AS bytes, NULL::timestamptz AS first_at, NULL::timestamptz AS last_at WHERE false;
COMMENT ON VIEW threadmem.memory_statistic IS
$$How much is remembered of one kind, in rows and in bytes as they are stored, and of when the first and the last is. Has
no rows: the type of a result.$$;

CREATE FUNCTION threadmem.memory_stats(user_id text) RETURNS SETOF threadmem.memory_statistic
    AS 'MODULE_PATHNAME', 'threadmem_memory_stats' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_stats(text) IS
$$What is remembered of a user or a group, counted: one row for each kind.
Kinds are messages (of its threads, and its own in others'), episodes (added data and what is left of deleted
threads), entities, facts, memory_blocks and groups (that it belongs to, which have memories of their own). Times are
those of events, of entities and facts when memory learned of them, of blocks when they were last changed, of groups
when it joined.
Arguments:
  user_id: of the user or group
Errors:
  P0002: no such user
  22023: bad input$$;
