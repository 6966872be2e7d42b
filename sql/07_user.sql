-- user: users and groups, the owners of threads and of what is remembered.

CREATE TABLE threadmem_data.users (
    tenant_id   text COLLATE "C" NOT NULL DEFAULT threadmem.current_tenant(),
    user_id     text COLLATE "C" NOT NULL,
    kind        text COLLATE "C" NOT NULL DEFAULT 'user' CONSTRAINT users_kind CHECK (kind OPERATOR(pg_catalog.=) ANY (ARRAY['user', 'group'])),
    email       text,
    first_name  text,
    last_name   text,
    time_zone   text,
    summary     text,
    summarized_at timestamptz,
    metadata    jsonb NOT NULL DEFAULT '{}',
    created_at  timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    updated_at  timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    PRIMARY KEY (tenant_id, user_id),
    CONSTRAINT users_documents CHECK (threadmem.is_object(metadata)),
    CONSTRAINT users_times CHECK (pg_catalog.isfinite(created_at) AND pg_catalog.isfinite(updated_at))
) WITH (fillfactor = 80); -- every update is HOT: no index covers what changes
CREATE INDEX users_created ON threadmem_data.users (tenant_id, created_at, user_id);
COMMENT ON TABLE threadmem_data.users IS 'Users and groups. Written by the user_ functions.';
COMMENT ON COLUMN threadmem_data.users.tenant_id IS 'Whose user it is; '''' is the default tenant.';
COMMENT ON COLUMN threadmem_data.users.time_zone IS 'Zone in which times are shown to this user; null is UTC.';
COMMENT ON COLUMN threadmem_data.users.summary IS 'What the application knows of the user, in prose: it begins every context block.';
COMMENT ON COLUMN threadmem_data.users.summarized_at IS
$$When a model made the summary of what was said: entity_episodes has of which episodes, and it goes with the first of them
that goes. Null: it is the application's.$$;
ALTER TABLE threadmem_data.users ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON threadmem_data.users
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
           AND (threadmem.current_user_id() IS NULL
                OR user_id OPERATOR(pg_catalog.=) threadmem.current_user_id()));
COMMENT ON POLICY own_rows ON threadmem_data.users IS 'The rows of this tenant; a narrowed session sees its own user only.';
SELECT pg_catalog.pg_extension_config_dump('threadmem_data.users', '');

CREATE VIEW threadmem.users WITH (security_barrier = true) AS
    SELECT u.user_id, u.kind, u.email, u.first_name, u.last_name, u.time_zone, u.summary, u.metadata,
           u.created_at, u.updated_at
      FROM threadmem_data.users u, (VALUES (1)) AS one;
ALTER VIEW threadmem.users OWNER TO threadmem_runner;
COMMENT ON VIEW threadmem.users IS 'The users of this tenant, as user_get gives them. For joins; read only.';

CREATE VIEW threadmem.listed_user WITH (security_invoker = true) AS
    SELECT c.*, ''::text AS position, false AS has_more FROM threadmem.users c WHERE false;
COMMENT ON VIEW threadmem.listed_user IS
$$One user or group of a list; position is where the next page goes on (after_position), has_more whether there is
one, on every row. Has no rows: the type of a result.$$;

CREATE FUNCTION threadmem.user_create(
    user_id text DEFAULT NULL, kind text DEFAULT 'user', email text DEFAULT NULL,
    first_name text DEFAULT NULL, last_name text DEFAULT NULL, time_zone text DEFAULT NULL,
    metadata jsonb DEFAULT NULL, if_exists text DEFAULT 'raise', created_at timestamptz DEFAULT NULL) RETURNS threadmem.users
    AS 'MODULE_PATHNAME', 'threadmem_user_create' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.user_create(text, text, text, text, text, text, jsonb, text, timestamptz) IS
$$Creates a user or a group.
Arguments:
  user_id: 1 to 255 bytes, generated when null
  kind: user or group
  email, first_name, last_name: free text
  time_zone: a zone name of the server, as Europe/Paris
  metadata: a JSON object
  if_exists: raise, or do_nothing: the stored row unchanged
  created_at: of one that is imported, else now
Errors:
  23505: the id exists
  22023: bad input
  42501: another user than the one this session is narrowed to
Answers: Zep user.add, Entities users.create.$$;

CREATE FUNCTION threadmem.user_get(user_id text, missing_ok boolean DEFAULT false) RETURNS SETOF threadmem.users
    AS 'MODULE_PATHNAME', 'threadmem_user_get' LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 1
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.user_get(text, boolean) IS
$$One user.
Arguments:
  user_id: of the user
  missing_ok: no row, and no error, when there is none
Errors:
  P0002: no such user
  22023: bad input
Answers: Zep user.get, Entities users.retrieve.$$;

CREATE FUNCTION threadmem.user_get(user_uuid uuid, missing_ok boolean DEFAULT false) RETURNS SETOF threadmem.users
    LANGUAGE sql STABLE PARALLEL RESTRICTED ROWS 1
    BEGIN ATOMIC SELECT * FROM threadmem.user_get(user_uuid::text, missing_ok); END;
COMMENT ON FUNCTION threadmem.user_get(uuid, boolean) IS
$$user_get() for an id of type uuid, as the application's own tables have it.
It has an argument's name of its own for those who choose functions by the names of arguments (PostgREST).
Arguments: as those of user_get(), with user_uuid for user_id.
Errors:
  P0002: no such user
  22023: bad input$$;

CREATE FUNCTION threadmem.user_update(
    user_id text, email text DEFAULT NULL, first_name text DEFAULT NULL, last_name text DEFAULT NULL,
    time_zone text DEFAULT NULL, metadata jsonb DEFAULT NULL, clear text[] DEFAULT NULL,
    remove_keys text[] DEFAULT NULL, summary text DEFAULT NULL) RETURNS threadmem.users
    AS 'MODULE_PATHNAME', 'threadmem_user_update' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.user_update(text, text, text, text, text, jsonb, text[], text[], text) IS
$$Changes the fields of a user that are given.
Arguments:
  user_id: of the user
  email, first_name, last_name, time_zone: the new value; null leaves the old
  metadata: merged at its top level (null stores null)
  clear: fields to be emptied: email, first_name, last_name, time_zone, summary
  remove_keys: keys taken out of metadata
  summary: what is known of the user, in prose; thread_context() begins with it
Errors:
  P0002: no such user
  22023: bad input
Answers: Zep user.update, and the summary that Zep keeps of the user's node.$$;

CREATE FUNCTION threadmem.user_list(
    kind text DEFAULT NULL, search text DEFAULT NULL, sort_by text DEFAULT 'created_at',
    sort_order text DEFAULT 'desc', max_rows bigint DEFAULT 20, after_id text DEFAULT NULL,
    page_number bigint DEFAULT NULL, page_size bigint DEFAULT NULL,
    after_position text DEFAULT NULL) RETURNS SETOF threadmem.listed_user
    AS 'MODULE_PATHNAME', 'threadmem_user_list' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.user_list(text, text, text, text, bigint, text, bigint, bigint, text) IS
$$Users, newest first, in pages.
The total is user_count().
Arguments:
  kind: user or group
  search: a part of id, names or email in any case
  sort_by: created_at, updated_at, user_id or email (its first 200 characters)
  sort_order: desc or asc
  max_rows: rows of a page, 0 to 1,000
  after_id: the id of the last row of the page before, which must exist
  page_number: from 1, with page_size, instead of these
  page_size: rows of a page, 1 to 1,000
  after_position: the position of the last row of the page before; that row may be gone
Errors:
  P0002: unknown after_id
  22023: bad input, or a position of another list or order
Answers: Zep user.list_ordered.$$;

CREATE FUNCTION threadmem.user_count(kind text DEFAULT NULL, search text DEFAULT NULL) RETURNS integer
    AS 'MODULE_PATHNAME', 'threadmem_user_count' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.user_count(text, text) IS
$$How many users user_list() would give without pages.
Arguments:
  kind, search: as in user_list()
Errors:
  22023: bad input
Answers: total_count of Zep user.list_ordered.$$;
