-- dialect: threads and messages as other systems' APIs give them, and Zep's older names.

CREATE FUNCTION threadmem.thread_format(thread_id text, dialect text DEFAULT 'langgraph') RETURNS jsonb
    AS 'MODULE_PATHNAME', 'threadmem_thread_format' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.thread_format(text, text) IS
$$A thread as another system's API gives it, in JSON.
Times are UTC: ISO 8601, or epoch seconds for entities and openai. What the system has and threadmem does not
store (Zep's second uuid) is left out.
Arguments:
  thread_id: of the thread
  dialect: langgraph or langchain (the row with the values of its latest state when there are any, its
    interrupts by task, graph_id within metadata), entities (with its users as participants, the owner first),
    zep (with all its messages and their number), backboard (with all its messages), openai
Errors:
  P0002: no such thread
  22023: unknown dialect
  54000: a state that is too large for jsonb
  0A000: anthropic, responses and ai_sdk, which have no threads of their own
Answers: LangGraph threads.get, Entities get_thread, Zep thread.get, Backboard get thread, OpenAI
    threads.retrieve.$$;

CREATE FUNCTION threadmem.message_format(
    thread_id text, dialect text, max_rows bigint DEFAULT 1000, sort_order text DEFAULT 'asc',
    after_id text DEFAULT NULL, before_id text DEFAULT NULL, message_id text DEFAULT NULL,
    after_position text DEFAULT NULL, before_position text DEFAULT NULL) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'threadmem_message_format' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.message_format(text, text, bigint, text, text, text, text, text, text) IS
$$Live messages of a thread as another system's API gives them, in JSON.
A message that came in that system's form is given as it came, with what its API adds and the metadata of now;
any other is translated: roles, tool calls, and its text where the system takes only text. Tool arguments that
are no JSON object become invalid_tool_calls of langchain.
Arguments:
  thread_id: of the thread
  dialect: langchain (or langgraph), entities and backboard give an array, zep {messages, row_count,
    total_count, thread_created_at, user_id}, openai the list {object, data, first_id, last_id, has_more} of the
    Assistants API
  max_rows: 0 to 1,000
  sort_order: asc or desc
  after_id, before_id, after_position, before_position: as in message_list(), whose positions they are
  message_id: that one message, without list around it
Errors:
  P0002: no such thread, message or cursor
  22023: unknown dialect or other bad input
  0A000: anthropic, responses and ai_sdk
Answers: LangGraph values.messages, Entities list_messages, Zep thread.get, OpenAI messages.list and
    messages.retrieve.$$;

-- Zep before version 3 calls a thread a session. The same functions under those names.
CREATE FUNCTION threadmem.session_create(
    session_id text DEFAULT NULL, user_id text DEFAULT NULL, assistant_id text DEFAULT NULL,
    assistant_pinned boolean DEFAULT false, graph_id text DEFAULT NULL, title text DEFAULT NULL,
    participant_ids text[] DEFAULT NULL, metadata jsonb DEFAULT NULL, config jsonb DEFAULT NULL,
    tool_resources jsonb DEFAULT NULL, messages jsonb DEFAULT NULL, ttl jsonb DEFAULT NULL,
    if_exists text DEFAULT 'raise', supersteps jsonb DEFAULT NULL, created_at timestamptz DEFAULT NULL,
    in_memory boolean DEFAULT true, archived boolean DEFAULT false,
    if_deleted text DEFAULT 'create') RETURNS threadmem.threads
    AS 'MODULE_PATHNAME', 'threadmem_thread_create' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.session_create(text, text, text, boolean, text, text, text[], jsonb, jsonb, jsonb, jsonb, jsonb, text, jsonb, timestamptz,
    boolean, boolean, text) IS
$$thread_create() under the name of Zep's sessions.
Arguments: as those of thread_create(), with session_id for thread_id.
Errors:
  P0002: as there
  23505: as there
  23503: as there
  22023: as there
  54000: as there
  22003: as there
  42501: as there
  55006: as there
Answers: Zep memory.add_session.$$;

CREATE FUNCTION threadmem.memory_add_session(
    session_id text DEFAULT NULL, user_id text DEFAULT NULL, assistant_id text DEFAULT NULL,
    assistant_pinned boolean DEFAULT false, graph_id text DEFAULT NULL, title text DEFAULT NULL,
    participant_ids text[] DEFAULT NULL, metadata jsonb DEFAULT NULL, config jsonb DEFAULT NULL,
    tool_resources jsonb DEFAULT NULL, messages jsonb DEFAULT NULL, ttl jsonb DEFAULT NULL,
    if_exists text DEFAULT 'raise', supersteps jsonb DEFAULT NULL, created_at timestamptz DEFAULT NULL,
    in_memory boolean DEFAULT true, archived boolean DEFAULT false,
    if_deleted text DEFAULT 'create') RETURNS threadmem.threads
    AS 'MODULE_PATHNAME', 'threadmem_thread_create' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_add_session(text, text, text, boolean, text, text, text[], jsonb, jsonb, jsonb, jsonb, jsonb, text, jsonb, timestamptz,
    boolean, boolean, text) IS
$$thread_create() under the name of Zep's memory.add_session.
Arguments: as those of thread_create(), with session_id for thread_id.
Errors:
  P0002: as there
  23505: as there
  23503: as there
  22023: as there
  54000: as there
  22003: as there
  42501: as there
  55006: as there
Answers: Zep memory.add_session.$$;

CREATE FUNCTION threadmem.session_get(session_id text, missing_ok boolean DEFAULT false) RETURNS SETOF threadmem.threads
    AS 'MODULE_PATHNAME', 'threadmem_thread_get' LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 1
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.session_get(text, boolean) IS
$$thread_get() under the name of Zep's sessions.
Arguments: as those of thread_get(), with session_id for thread_id.
Errors:
  P0002: as there
  22023: as there
Answers: Zep memory.get_session.$$;

CREATE FUNCTION threadmem.session_update(
    session_id text, metadata jsonb DEFAULT NULL, remove_keys text[] DEFAULT NULL, title text DEFAULT NULL,
    user_id text DEFAULT NULL, assistant_id text DEFAULT NULL, graph_id text DEFAULT NULL,
    config jsonb DEFAULT NULL, tool_resources jsonb DEFAULT NULL, ttl jsonb DEFAULT NULL,
    clear text[] DEFAULT NULL, expected_version bigint DEFAULT NULL, in_memory boolean DEFAULT NULL,
    archived boolean DEFAULT NULL, expected_seq bigint DEFAULT NULL, expected_metadata jsonb DEFAULT NULL) RETURNS threadmem.threads
    AS 'MODULE_PATHNAME', 'threadmem_thread_update' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.session_update(text, jsonb, text[], text, text, text, text, jsonb, jsonb, jsonb, text[], bigint, boolean,
    boolean, bigint, jsonb) IS
$$thread_update() under the name of Zep's sessions.
Arguments: as those of thread_update(), with session_id for thread_id.
Errors:
  P0002: as there
  23503: as there
  TM001: as there
  55000: as there
  22023: as there
  42501: as there
Answers: Zep memory.update_session.$$;

CREATE FUNCTION threadmem.session_delete(session_id text, keep_memory boolean DEFAULT NULL, expected_seq bigint DEFAULT NULL) RETURNS SETOF threadmem.deletion_count
    AS 'MODULE_PATHNAME', 'threadmem_thread_delete' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.session_delete(text, boolean, bigint) IS
$$thread_delete() under the name of Zep's sessions.
Arguments: as those of thread_delete(), with session_id for thread_id.
Errors:
  P0002: as there
  55000: as there
  22023: as there
  42501: as there
Answers: Zep memory.delete.$$;

CREATE FUNCTION threadmem.session_list(
    user_id text DEFAULT NULL, assistant_id text DEFAULT NULL, participant_id text DEFAULT NULL,
    sort_by text DEFAULT 'created_at', sort_order text DEFAULT 'desc', max_rows bigint DEFAULT 20,
    after_id text DEFAULT NULL, page_number bigint DEFAULT NULL, page_size bigint DEFAULT NULL,
    after_position text DEFAULT NULL, archived boolean DEFAULT false, with_preview boolean DEFAULT false) RETURNS SETOF threadmem.listed_thread
    AS 'MODULE_PATHNAME', 'threadmem_thread_list' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.session_list(text, text, text, text, text, bigint, text, bigint, bigint, text, boolean, boolean) IS
$$thread_list() under the name of Zep's sessions.
Arguments: as those of thread_list().
Errors:
  P0002: as there
  22023: as there
Answers: Zep memory.list_sessions.$$;

CREATE FUNCTION threadmem.session_add_messages(
    session_id text, messages jsonb, ignore_roles text[] DEFAULT NULL, run_id text DEFAULT NULL,
    if_exists text DEFAULT 'raise') RETURNS SETOF threadmem.messages
    AS 'MODULE_PATHNAME', 'threadmem_message_add_batch' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.session_add_messages(text, jsonb, text[], text, text) IS
$$message_add_batch() under the name of Zep's sessions.
Arguments: as those of message_add_batch(), with session_id for thread_id.
Errors:
  P0002: as there
  23505: as there
  55000: as there
  22023: as there
  54000: as there
Answers: Zep memory.add.$$;

CREATE FUNCTION threadmem.session_messages(
    session_id text, max_rows bigint DEFAULT 20, sort_order text DEFAULT 'asc', after_id text DEFAULT NULL,
    after_seq bigint DEFAULT NULL, before_id text DEFAULT NULL, before_seq bigint DEFAULT NULL,
    role text DEFAULT NULL, run_id text DEFAULT NULL, metadata jsonb DEFAULT NULL,
    include_deleted boolean DEFAULT false, view text DEFAULT 'log',
    after_position text DEFAULT NULL, before_position text DEFAULT NULL) RETURNS SETOF threadmem.listed_message
    AS 'MODULE_PATHNAME', 'threadmem_message_list' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.session_messages(text, bigint, text, text, bigint, text, bigint, text, text, jsonb, boolean, text, text, text) IS
$$message_list() under the name of Zep's sessions.
Arguments: as those of message_list(), with session_id for thread_id.
Errors:
  P0002: as there
  22023: as there
Answers: Zep memory.get_session_messages.$$;

CREATE FUNCTION threadmem.thread_get_user_context(
    thread_id text, max_characters bigint DEFAULT 2500, template_id text DEFAULT NULL,
    as_of timestamptz DEFAULT NULL, mode text DEFAULT 'basic', embedding double precision[] DEFAULT NULL) RETURNS text
    AS 'MODULE_PATHNAME', 'threadmem_thread_context' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.thread_get_user_context(text, bigint, text, timestamptz, text, double precision[]) IS
$$thread_context() under the name of Zep's thread.get_user_context.
Arguments: as those of thread_context(), with template_id for template.
Errors:
  P0002: as there
  22023: as there
  54000: as there
  0A000: as there
Answers: Zep thread.get_user_context; its field context.$$;

CREATE FUNCTION threadmem.memory_get(session_id text, max_rows bigint DEFAULT 20, missing_ok boolean DEFAULT false) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'threadmem_memory_get' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_get(text, bigint, boolean) IS
$$What Zep's memory.get gives of a session: {context, messages}.
thread_context() of it, and its newest messages, oldest first, as message_format() gives them for zep.
Arguments:
  session_id: of the thread
  max_rows: messages, 0 to 1,000; Zep's lastn
  missing_ok: null, and no error, when there is no such session
Errors:
  P0002: no such session
  22023: bad input, or a session without user
  54000: the user's summary alone is longer than the block
Answers: Zep memory.get.$$;
