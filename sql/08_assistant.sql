-- assistant: the configured agents that threads and runs are pinned to.

CREATE TABLE threadmem_data.assistants (
    tenant_id       text COLLATE "C" NOT NULL DEFAULT threadmem.current_tenant(),
    assistant_id    text COLLATE "C" NOT NULL,
    graph_id        text COLLATE "C",
    name            text,
    description     text,
    model           text,
    instructions    text,
    tools           jsonb NOT NULL DEFAULT '[]',
    tool_resources  jsonb NOT NULL DEFAULT '{}',
    config          jsonb NOT NULL DEFAULT '{}',
    metadata        jsonb NOT NULL DEFAULT '{}',
    version         integer NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    updated_at      timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    PRIMARY KEY (tenant_id, assistant_id),
    CONSTRAINT assistants_documents CHECK (threadmem.is_array(tools) AND threadmem.is_object(tool_resources) AND threadmem.is_object(config)
        AND threadmem.is_object(metadata)),
    CONSTRAINT assistants_numbers CHECK (version OPERATOR(pg_catalog.>=) 1),
    CONSTRAINT assistants_times CHECK (pg_catalog.isfinite(created_at) AND pg_catalog.isfinite(updated_at))
) WITH (fillfactor = 80);
-- Updates are HOT, but for metadata: it is searched.
CREATE INDEX assistants_created ON threadmem_data.assistants (tenant_id, created_at, assistant_id);
CREATE INDEX assistants_metadata ON threadmem_data.assistants USING gin (threadmem.tenant_keys(tenant_id, metadata) threadmem.tenant_keys);
ALTER INDEX threadmem_data.assistants_metadata ALTER COLUMN 1 SET STATISTICS 0;
COMMENT ON TABLE threadmem_data.assistants IS 'Assistants: configured agents. Written by the assistant_ functions.';
COMMENT ON COLUMN threadmem_data.assistants.tenant_id IS 'Whose assistant it is; '''' is the default tenant.';
COMMENT ON COLUMN threadmem_data.assistants.graph_id IS 'The graph it runs; may name one that was never defined here.';
COMMENT ON COLUMN threadmem_data.assistants.tools IS 'A JSON array, kept as given.';
COMMENT ON COLUMN threadmem_data.assistants.version IS '1 when created, one more with every assistant_update.';
ALTER TABLE threadmem_data.assistants ENABLE ROW LEVEL SECURITY;
CREATE POLICY read_rows ON threadmem_data.assistants FOR SELECT
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant());
COMMENT ON POLICY read_rows ON threadmem_data.assistants IS 'The assistants of this tenant, for a narrowed session as well.';
CREATE POLICY insert_rows ON threadmem_data.assistants FOR INSERT
    WITH CHECK (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
                AND threadmem.current_user_id() IS NULL);
COMMENT ON POLICY insert_rows ON threadmem_data.assistants IS 'A session narrowed to a user makes no assistants.';
CREATE POLICY update_rows ON threadmem_data.assistants FOR UPDATE
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant())
    WITH CHECK (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
                AND threadmem.current_user_id() IS NULL);
COMMENT ON POLICY update_rows ON threadmem_data.assistants IS
$$A session narrowed to a user changes no assistant, but may lock one with FOR KEY SHARE to refer to it.$$;
CREATE POLICY delete_rows ON threadmem_data.assistants FOR DELETE
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
           AND threadmem.current_user_id() IS NULL);
COMMENT ON POLICY delete_rows ON threadmem_data.assistants IS 'A session narrowed to a user deletes no assistants.';
SELECT pg_catalog.pg_extension_config_dump('threadmem_data.assistants', '');

CREATE VIEW threadmem.assistants WITH (security_barrier = true) AS
    SELECT a.assistant_id, a.graph_id, a.name, a.description, a.model, a.instructions, a.tools, a.tool_resources, a.config,
           a.metadata, a.version, a.created_at, a.updated_at
      FROM threadmem_data.assistants a, (VALUES (1)) AS one;
ALTER VIEW threadmem.assistants OWNER TO threadmem_runner;
COMMENT ON VIEW threadmem.assistants IS 'The assistants of this tenant, as assistant_get gives them. For joins; read only.';

CREATE VIEW threadmem.listed_assistant WITH (security_invoker = true) AS
    SELECT c.*, ''::text AS position, false AS has_more FROM threadmem.assistants c WHERE false;
COMMENT ON VIEW threadmem.listed_assistant IS
$$One assistant of a list; position is where the next page goes on (after_position), has_more whether there is one,
on every row. Has no rows: the type of a result.$$;

CREATE FUNCTION threadmem.assistant_create(
    assistant_id text DEFAULT NULL, graph_id text DEFAULT NULL, name text DEFAULT NULL,
    description text DEFAULT NULL, model text DEFAULT NULL, instructions text DEFAULT NULL,
    tools jsonb DEFAULT NULL, tool_resources jsonb DEFAULT NULL, config jsonb DEFAULT NULL,
    metadata jsonb DEFAULT NULL, if_exists text DEFAULT 'raise', created_at timestamptz DEFAULT NULL) RETURNS threadmem.assistants
    AS 'MODULE_PATHNAME', 'threadmem_assistant_create' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.assistant_create(text, text, text, text, text, text, jsonb, jsonb, jsonb, jsonb, text, timestamptz) IS
$$Creates an assistant of version 1.
Arguments:
  assistant_id: 1 to 255 bytes, generated when null
  graph_id: need not be defined with graph_define()
  name, description, model, instructions: free text
  tools: a JSON array
  tool_resources, config, metadata: JSON objects
  if_exists: raise, or do_nothing: the stored row unchanged
  created_at: of one that is imported, else now
Errors:
  23505: the id exists
  22023: bad input
  42501: a session narrowed by threadmem.user_id
Answers: LangGraph assistants.create, Entities and OpenAI assistants.create, Backboard create assistant.$$;

CREATE FUNCTION threadmem.assistant_get(assistant_id text, missing_ok boolean DEFAULT false) RETURNS SETOF threadmem.assistants
    AS 'MODULE_PATHNAME', 'threadmem_assistant_get' LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 1
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.assistant_get(text, boolean) IS
$$One assistant.
Arguments:
  assistant_id: of the assistant
  missing_ok: no row, and no error, when there is none
Errors:
  P0002: no such assistant
  22023: bad input
Answers: LangGraph assistants.get, Entities and OpenAI assistants.retrieve, Backboard get assistant.$$;

CREATE FUNCTION threadmem.assistant_get(assistant_uuid uuid, missing_ok boolean DEFAULT false) RETURNS SETOF threadmem.assistants
    LANGUAGE sql STABLE PARALLEL RESTRICTED ROWS 1
    BEGIN ATOMIC SELECT * FROM threadmem.assistant_get(assistant_uuid::text, missing_ok); END;
COMMENT ON FUNCTION threadmem.assistant_get(uuid, boolean) IS
$$assistant_get() for an id of type uuid, as the application's own tables have it.
It has an argument's name of its own for those who choose functions by the names of arguments (PostgREST).
Arguments: as those of assistant_get(), with assistant_uuid for assistant_id.
Errors:
  P0002: no such assistant
  22023: bad input$$;

CREATE FUNCTION threadmem.assistant_update(
    assistant_id text, graph_id text DEFAULT NULL, name text DEFAULT NULL,
    description text DEFAULT NULL, model text DEFAULT NULL, instructions text DEFAULT NULL,
    tools jsonb DEFAULT NULL, tool_resources jsonb DEFAULT NULL, config jsonb DEFAULT NULL,
    metadata jsonb DEFAULT NULL, clear text[] DEFAULT NULL, remove_keys text[] DEFAULT NULL,
    expected_version bigint DEFAULT NULL) RETURNS threadmem.assistants
    AS 'MODULE_PATHNAME', 'threadmem_assistant_update' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.assistant_update(text, text, text, text, text, text, jsonb, jsonb, jsonb, jsonb, text[], text[], bigint) IS
$$Changes the fields of an assistant that are given and adds one to its version.
Arguments:
  assistant_id: of the assistant
  graph_id, name, description, model, instructions: the new value; null leaves the old
  tools, tool_resources, config: replaced
  metadata: merged at its top level (null stores null)
  clear: fields to be emptied: graph_id, name, description, model, instructions
  remove_keys: keys taken out of metadata
  expected_version: change it only if it still has this version
Errors:
  P0002: no such assistant
  TM001: it has another version than expected
  22023: bad input
  42501: a session narrowed by threadmem.user_id
Answers: LangGraph assistants.update, Entities and OpenAI assistants.update, Backboard update assistant.$$;

CREATE FUNCTION threadmem.assistant_list(
    sort_by text DEFAULT 'created_at', sort_order text DEFAULT 'desc', max_rows bigint DEFAULT 20,
    after_id text DEFAULT NULL, page_number bigint DEFAULT NULL, page_size bigint DEFAULT NULL,
    after_position text DEFAULT NULL)
    RETURNS SETOF threadmem.listed_assistant
    AS 'MODULE_PATHNAME', 'threadmem_assistant_list' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.assistant_list(text, text, bigint, text, bigint, bigint, text) IS
$$Assistants, newest first, in pages.
The total is assistant_count().
Arguments:
  sort_by: created_at, updated_at, assistant_id, graph_id or name (its first 200 characters)
  sort_order: desc or asc
  max_rows: rows of a page, 0 to 1,000
  after_id: the id of the last row of the page before, which must exist
  page_number: from 1, with page_size, instead of these
  page_size: rows of a page, 1 to 1,000
  after_position: the position of the last row of the page before; that row may be gone
Errors:
  P0002: unknown after_id
  22023: bad input, or a position of another list or order
Answers: Entities and OpenAI assistants.list, Backboard list assistants.$$;

CREATE FUNCTION threadmem.assistant_search(
    metadata jsonb DEFAULT NULL, graph_id text DEFAULT NULL, name text DEFAULT NULL,
    sort_by text DEFAULT 'created_at', sort_order text DEFAULT 'desc', max_rows bigint DEFAULT 20,
    skip bigint DEFAULT 0, after_id text DEFAULT NULL,
    after_position text DEFAULT NULL) RETURNS SETOF threadmem.listed_assistant
    AS 'MODULE_PATHNAME', 'threadmem_assistant_search' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.assistant_search(jsonb, text, text, text, text, bigint, bigint, text, text) IS
$$Assistants that meet every condition given, in pages.
Arguments:
  metadata: contained in theirs: exactly, types matter
  graph_id: exactly
  name: a part of theirs in any case
  sort_by, sort_order, max_rows, after_id, after_position: as in assistant_list()
  skip: rows left out before the first
Errors:
  P0002: unknown after_id
  22023: bad input, or a position of another list or order
Answers: LangGraph assistants.search.$$;

CREATE FUNCTION threadmem.assistant_count(
    metadata jsonb DEFAULT NULL, graph_id text DEFAULT NULL, name text DEFAULT NULL) RETURNS integer
    AS 'MODULE_PATHNAME', 'threadmem_assistant_count' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.assistant_count(jsonb, text, text) IS
$$How many assistants assistant_search() would give without pages.
Arguments:
  metadata, graph_id, name: as in assistant_search()
Errors:
  22023: bad input
Answers: LangGraph assistants.count.$$;
