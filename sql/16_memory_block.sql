-- memory_block: the block that is put before the model, and its templates.

CREATE TABLE threadmem_data.context_templates (
    tenant_id   text COLLATE "C" NOT NULL DEFAULT threadmem.current_tenant(),
    template_id text COLLATE "C" NOT NULL,
    template    text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    updated_at  timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    PRIMARY KEY (tenant_id, template_id),
    CONSTRAINT context_templates_times CHECK (pg_catalog.isfinite(created_at) AND pg_catalog.isfinite(updated_at))
);
COMMENT ON TABLE threadmem_data.context_templates IS 'Templates of the context block. Written by the context_template_ functions, which check them.';
ALTER TABLE threadmem_data.context_templates ENABLE ROW LEVEL SECURITY;
CREATE POLICY read_rows ON threadmem_data.context_templates FOR SELECT
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant());
COMMENT ON POLICY read_rows ON threadmem_data.context_templates IS 'The templates of this tenant, for a narrowed session as well.';
CREATE POLICY insert_rows ON threadmem_data.context_templates FOR INSERT
    WITH CHECK (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
                AND threadmem.current_user_id() IS NULL);
COMMENT ON POLICY insert_rows ON threadmem_data.context_templates IS 'A session narrowed to a user makes no templates.';
CREATE POLICY update_rows ON threadmem_data.context_templates FOR UPDATE
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant())
    WITH CHECK (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
                AND threadmem.current_user_id() IS NULL);
COMMENT ON POLICY update_rows ON threadmem_data.context_templates IS 'A session narrowed to a user changes no template.';
CREATE POLICY delete_rows ON threadmem_data.context_templates FOR DELETE
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
           AND threadmem.current_user_id() IS NULL);
COMMENT ON POLICY delete_rows ON threadmem_data.context_templates IS 'A session narrowed to a user deletes no templates.';
SELECT pg_catalog.pg_extension_config_dump('threadmem_data.context_templates', '');

CREATE VIEW threadmem.context_templates WITH (security_barrier = true) AS
    SELECT t.template_id, t.template, t.created_at, t.updated_at
      FROM threadmem_data.context_templates t, (VALUES (1)) AS one;
ALTER VIEW threadmem.context_templates OWNER TO threadmem_runner;
COMMENT ON VIEW threadmem.context_templates IS 'The templates of this tenant, as context_template_get gives them. For joins; read only.';
CREATE VIEW threadmem.listed_context_template WITH (security_invoker = true) AS
    SELECT c.*, ''::text AS position, false AS has_more FROM threadmem.context_templates c WHERE false;
COMMENT ON VIEW threadmem.listed_context_template IS
$$One template of a list; position is where the next page goes on (after_position), has_more whether there is one, on
every row. Has no rows: the type of a result.$$;

CREATE FUNCTION threadmem.context_template_create(template_id text, template text, if_exists text DEFAULT 'raise') RETURNS threadmem.context_templates
    AS 'MODULE_PATHNAME', 'threadmem_context_template_create' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.context_template_create(text, text, text) IS
$$Stores a template that shapes the block of thread_context().
Arguments:
  template_id: 1 to 100 bytes, without %{
  template: 1 to 1,200 characters of text in which the variables %{user_summary}, %{memory_blocks}, %{edges},
    %{entities} and %{episodes} stand for what they name. Options: limit=N (0 to 1,000; for the last three), and
    types=[A,B] and include_attributes=true or false for edges and entities
  if_exists: raise, or do_nothing: the stored row unchanged
Errors:
  23505: the id exists
  22023: bad input, with the character where the template is wrong
  0A000: Zep's variables observations and thread_summaries
  42501: a session narrowed by threadmem.user_id
Answers: Zep context.create_context_template.$$;

CREATE FUNCTION threadmem.context_template_get(template_id text, missing_ok boolean DEFAULT false) RETURNS SETOF threadmem.context_templates
    AS 'MODULE_PATHNAME', 'threadmem_context_template_get' LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 1
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.context_template_get(text, boolean) IS
$$One template of the context block.
Arguments:
  template_id: of the template
  missing_ok: no row, and no error, when there is none
Errors:
  P0002: no such template
  22023: bad input
Answers: Zep context.get_context_template.$$;

CREATE FUNCTION threadmem.context_template_list(
    sort_by text DEFAULT 'created_at', sort_order text DEFAULT 'desc', max_rows bigint DEFAULT 20,
    after_id text DEFAULT NULL, page_number bigint DEFAULT NULL, page_size bigint DEFAULT NULL,
    after_position text DEFAULT NULL)
    RETURNS SETOF threadmem.listed_context_template
    AS 'MODULE_PATHNAME', 'threadmem_context_template_list' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.context_template_list(text, text, bigint, text, bigint, bigint, text) IS
$$Templates of the context block, newest first, in pages.
Arguments:
  sort_by: created_at, updated_at or template_id
  sort_order: desc or asc
  max_rows: rows of a page, 0 to 1,000
  after_id: the id of the last row of the page before, which must exist
  page_number: from 1, with page_size, instead of these
  page_size: rows of a page, 1 to 1,000
  after_position: the position of the last row of the page before; that row may be gone
Errors:
  P0002: unknown after_id
  22023: bad input, or a position of another list or order
Answers: Zep context.list_context_templates.$$;

CREATE FUNCTION threadmem.context_template_update(template_id text, template text) RETURNS threadmem.context_templates
    AS 'MODULE_PATHNAME', 'threadmem_context_template_update' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.context_template_update(text, text) IS
$$Replaces the text of a template.
Arguments:
  template_id: of the template
  template: as in context_template_create()
Errors:
  P0002: no such template
  22023: bad input
  0A000: as context_template_create()
  42501: a session narrowed by threadmem.user_id
Answers: Zep context.update_context_template.$$;

CREATE FUNCTION threadmem.context_template_delete(template_id text) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_context_template_delete' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.context_template_delete(text) IS
$$Deletes a template of the context block.
Arguments:
  template_id: of the template
Errors:
  P0002: no such template
  42501: a session narrowed by threadmem.user_id
  22023: bad input
Answers: Zep context.delete_context_template.$$;

CREATE FUNCTION threadmem.thread_context(
    thread_id text, max_characters bigint DEFAULT 2500, template text DEFAULT NULL,
    as_of timestamptz DEFAULT NULL, mode text DEFAULT 'basic', embedding double precision[] DEFAULT NULL) RETURNS text
    AS 'MODULE_PATHNAME', 'threadmem_thread_context' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.thread_context(text, bigint, text, timestamptz, text, double precision[]) IS
$$The block to put before the model on every turn: the user's summary, working memory, and what is known that matters now.
The query is the thread's last messages (threadmem.memory_query_messages), which are not repeated. Messages of
system, developer, tool, function and platform are neither query nor found. Where the query has
no words to look for and no embedding, the newest stand instead. Empty sections are left out, and an empty block is an empty
text. The summary (user_update), working memory (memory_block_set(): the user's blocks, then the
thread's, by label) and a template's text are never cut; what was said to groups that the user or the thread's assistant
belongs to (group_add_member()) is searched with the user's own. Episodes, facts and entities as memory_search()
finds them fill the rest, the best for their length first, a fact for every two episodes, an entity for every
four and last the facts that no word found; one that does not fit is left out whole and the next is tried.
They are shown in time order, of facts those that hold first, times in the user's time zone, else UTC; what is
not known of the time of a fact is "date unknown" and "present". What people wrote is untrusted: in it "</"
becomes "<\/", and a line break is followed by four spaces, so that nothing in it ends a section or begins an
item. The same data gives the same bytes.
Arguments:
  thread_id: of the thread, which has a user
  max_characters: 1 to 50,000, for the whole block; characters and not bytes
  template: the id of a context template, or one itself (a text with a variable in it); each of its variables is
    filled by itself
  as_of: as if nothing said or known later were known; summary and working memory are the present ones
  mode: basic
  embedding: that of the thread's last messages; what is near to it counts as in memory_search()
Errors:
  P0002: no such thread or template
  22023: bad input, or a thread without user
  54000: the summary, working memory and the template alone are longer than max_characters
  0A000: mode summary
Answers: Zep thread.get_user_context.$$;
