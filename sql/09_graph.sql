-- graph: what the state of an agent consists of.

CREATE TABLE threadmem_data.graphs (
    tenant_id   text COLLATE "C" NOT NULL DEFAULT threadmem.current_tenant(),
    graph_id    text COLLATE "C" NOT NULL,
    definition  jsonb NOT NULL DEFAULT '{}',
    created_at  timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    updated_at  timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    PRIMARY KEY (tenant_id, graph_id),
    CONSTRAINT graphs_documents CHECK (threadmem.is_object(definition)),
    CONSTRAINT graphs_times CHECK (pg_catalog.isfinite(created_at) AND pg_catalog.isfinite(updated_at))
);
COMMENT ON TABLE threadmem_data.graphs IS
$$Graph definitions: channels with their reducers and defaults, nodes and edges. Written by the graph_ functions.
A graph_id elsewhere may name a graph that is not here: it has the empty definition.$$;
COMMENT ON COLUMN threadmem_data.graphs.tenant_id IS 'Whose graph it is; '''' is the default tenant.';
ALTER TABLE threadmem_data.graphs ENABLE ROW LEVEL SECURITY;
CREATE POLICY read_rows ON threadmem_data.graphs FOR SELECT
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant());
COMMENT ON POLICY read_rows ON threadmem_data.graphs IS 'The graphs of this tenant, for a narrowed session as well.';
CREATE POLICY insert_rows ON threadmem_data.graphs FOR INSERT
    WITH CHECK (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
                AND threadmem.current_user_id() IS NULL);
COMMENT ON POLICY insert_rows ON threadmem_data.graphs IS 'A session narrowed to a user defines no graphs.';
CREATE POLICY update_rows ON threadmem_data.graphs FOR UPDATE
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant())
    WITH CHECK (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
                AND threadmem.current_user_id() IS NULL);
COMMENT ON POLICY update_rows ON threadmem_data.graphs IS 'A session narrowed to a user changes no graph, but may lock one with FOR KEY SHARE.';
CREATE POLICY delete_rows ON threadmem_data.graphs FOR DELETE
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
           AND threadmem.current_user_id() IS NULL);
COMMENT ON POLICY delete_rows ON threadmem_data.graphs IS 'A session narrowed to a user deletes no graphs.';
SELECT pg_catalog.pg_extension_config_dump('threadmem_data.graphs', '');

CREATE VIEW threadmem.graphs WITH (security_barrier = true) AS
    SELECT g.graph_id, g.definition, g.created_at, g.updated_at
      FROM threadmem_data.graphs g, (VALUES (1)) AS one;
ALTER VIEW threadmem.graphs OWNER TO threadmem_runner;
COMMENT ON VIEW threadmem.graphs IS 'The graphs of this tenant, as graph_get gives them. For joins; read only.';

CREATE VIEW threadmem.listed_graph WITH (security_invoker = true) AS
    SELECT c.*, ''::text AS position, false AS has_more FROM threadmem.graphs c WHERE false;
COMMENT ON VIEW threadmem.listed_graph IS
$$One graph of a list; position is where the next page goes on (after_position), has_more whether there is one, on
every row. Has no rows: the type of a result.$$;

CREATE FUNCTION threadmem.graph_define(graph_id text, definition jsonb DEFAULT '{}') RETURNS threadmem.graphs
    AS 'MODULE_PATHNAME', 'threadmem_graph_define' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.graph_define(text, jsonb) IS
$$Defines a graph, or defines it anew: the definition replaces the one stored.
It is optional: without one every channel has the reducer last_value, and messages add_messages.
Arguments:
  graph_id: 1 to 255 bytes
  definition: {"channels": {name: {"reducer", "default"}}, "nodes": [name], "edges": [[from, to]],
    "subgraphs": {node: definition}}, each optional. A reducer is last_value (default), add_messages, append, add,
    merge, union, or opaque for what only the application's code knows: updates in SQL are refused then; a default is
    any JSON. An edge may come from __start__ and lead to __end__; [[from, ...], to] waits for all of them
Errors:
  22023: a bad definition (names the place) or id
  42501: a session narrowed by threadmem.user_id
Answers: what LangGraph keeps in code as StateGraph.$$;

CREATE FUNCTION threadmem.graph_get(graph_id text, missing_ok boolean DEFAULT false) RETURNS SETOF threadmem.graphs
    AS 'MODULE_PATHNAME', 'threadmem_graph_get' LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 1
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.graph_get(text, boolean) IS
$$One graph definition.
Arguments:
  graph_id: of the graph
  missing_ok: no row, and no error, when there is none
Errors:
  P0002: the graph was never defined
  22023: bad input
Answers: LangGraph assistants.get_graph.$$;

CREATE FUNCTION threadmem.graph_list(
    sort_order text DEFAULT 'desc', max_rows bigint DEFAULT 20, after_id text DEFAULT NULL,
    page_number bigint DEFAULT NULL, page_size bigint DEFAULT NULL,
    after_position text DEFAULT NULL) RETURNS SETOF threadmem.listed_graph
    AS 'MODULE_PATHNAME', 'threadmem_graph_list' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.graph_list(text, bigint, text, bigint, bigint, text) IS
$$Graph definitions by time of creation, newest first, in pages.
Arguments:
  sort_order: desc or asc
  max_rows: rows of a page, 0 to 1,000
  after_id: the id of the last row of the page before, which must exist
  page_number: from 1, with page_size, instead of these
  page_size: rows of a page, 1 to 1,000
  after_position: the position of the last row of the page before; that row may be gone
Errors:
  P0002: unknown after_id
  22023: bad input, or a position of another list or order$$;

CREATE FUNCTION threadmem.graph_delete(graph_id text) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_graph_delete' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.graph_delete(text) IS
$$Deletes a graph definition that no assistant names.
Threads that name it go on with the empty definition.
Arguments:
  graph_id: of the graph
Errors:
  P0002: no such graph
  55000: an assistant names it
  42501: a session narrowed by threadmem.user_id
  22023: bad input$$;
