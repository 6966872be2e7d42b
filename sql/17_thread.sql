-- thread: the thread as a whole.

CREATE VIEW threadmem.deletion_count WITH (security_invoker = true) AS
    SELECT ''::text AS kind, 0 AS deleted, 0 AS kept WHERE false;
COMMENT ON VIEW threadmem.deletion_count IS
$$How many rows of a kind a deletion took away; kept: of how many of them, messages, the text stays in a user's
memory. Has no rows: the type of a result.$$;
CREATE VIEW threadmem.found_thread WITH (security_invoker = true) AS
    SELECT c.*, NULL::jsonb AS "values", NULL::jsonb AS interrupts, NULL::jsonb AS extracted, NULL::text[] AS left_out,
           NULL::text AS preview, NULL::text AS snippet,
           ''::text AS position, false AS has_more FROM threadmem.threads c WHERE false;
COMMENT ON VIEW threadmem.found_thread IS
$$One thread as thread_search finds it: the columns of threadmem.threads, what it was asked for of the state,
left_out (what of that is too large for jsonb, or damaged), position, where the next page goes on (after_position),
and has_more, whether there is one, on every row. Has no rows: the type of a result.$$;

CREATE FUNCTION threadmem.thread_create(
    thread_id text DEFAULT NULL, user_id text DEFAULT NULL, assistant_id text DEFAULT NULL,
    assistant_pinned boolean DEFAULT false, graph_id text DEFAULT NULL, title text DEFAULT NULL,
    participant_ids text[] DEFAULT NULL, metadata jsonb DEFAULT NULL, config jsonb DEFAULT NULL,
    tool_resources jsonb DEFAULT NULL, messages jsonb DEFAULT NULL, ttl jsonb DEFAULT NULL,
    if_exists text DEFAULT 'raise', supersteps jsonb DEFAULT NULL, created_at timestamptz DEFAULT NULL,
    in_memory boolean DEFAULT true, archived boolean DEFAULT false,
    if_deleted text DEFAULT 'create') RETURNS threadmem.threads
    AS 'MODULE_PATHNAME', 'threadmem_thread_create' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.thread_create(text, text, text, boolean, text, text, text[], jsonb, jsonb, jsonb, jsonb, jsonb, text, jsonb, timestamptz,
    boolean, boolean, text) IS
$$Creates a thread, with participants, messages, a time to live, and supersteps of its state.
Arguments:
  thread_id: 1 to 255 bytes, generated when null
  user_id: owns it, by default the user the session is narrowed to
  assistant_id: of an assistant
  assistant_pinned: binds assistant_id for life
  graph_id: metadata's graph_id when null
  title: free text
  participant_ids: users
  metadata, config, tool_resources: JSON objects
  messages: an array as message_add_batch() takes it
  ttl: {"ttl": minutes, "strategy": "delete" or "keep_latest", "refresh": true}, or the minutes alone; 1 to
    5,256,000; the rest as in thread_set_ttl()
  if_exists: raise, or do_nothing: an existing thread unchanged, but for the supersteps
  supersteps: [{"updates": [{"values" or "command", "as_node"}]}] run through thread_update_state(), one checkpoint each
  created_at: of one that is imported, else now; last_message_at follows from when its messages were said
  in_memory: false: it reads its user's memory, and nothing said in it becomes memory, whoever stores it
  archived: true: put aside from the beginning, for an import
  if_deleted: create, or raise: P0002 while the tombstone of a deleted thread stands (threadmem.tombstone_ttl), for
    clients that save again what they still have
Errors:
  P0002: the thread was deleted, and if_deleted is raise
  23505: the id exists
  23503: no such user or assistant
  22023: bad input
  54000: a message over threadmem.max_body
  22003: a sum of supersteps out of range
  42501: the id is that of another user's thread
  55006: supersteps for a thread that is there and busy; then nothing is stored
Answers: LangGraph threads.create, Zep thread.create, Backboard create thread, Entities create_thread, OpenAI
    threads.create.$$;

CREATE FUNCTION threadmem.thread_get(thread_id text, missing_ok boolean DEFAULT false) RETURNS SETOF threadmem.threads
    AS 'MODULE_PATHNAME', 'threadmem_thread_get' LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 1
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.thread_get(text, boolean) IS
$$One thread; thread_format() gives it with its messages in another system's form.
Arguments:
  thread_id: of the thread
  missing_ok: no row, and no error, when there is none
Errors:
  P0002: no such thread
  22023: bad input
Answers: LangGraph threads.get, Entities get_thread, OpenAI threads.retrieve.$$;

CREATE FUNCTION threadmem.thread_get(thread_uuid uuid, missing_ok boolean DEFAULT false) RETURNS SETOF threadmem.threads
    LANGUAGE sql STABLE PARALLEL RESTRICTED ROWS 1
    BEGIN ATOMIC SELECT * FROM threadmem.thread_get(thread_uuid::text, missing_ok); END;
COMMENT ON FUNCTION threadmem.thread_get(uuid, boolean) IS
$$thread_get() for an id of type uuid, as the application's own tables have it.
It has an argument's name of its own for those who choose functions by the names of arguments (PostgREST).
Arguments: as those of thread_get(), with thread_uuid for thread_id.
Errors:
  P0002: as there
  22023: as there$$;

CREATE FUNCTION threadmem.thread_gone(thread_ids text[]) RETURNS SETOF text
    AS 'MODULE_PATHNAME', 'threadmem_thread_gone' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.thread_gone(text[]) IS
$$Which of these ids no thread has (any more), each once, in the order of their bytes.
For a sweep of the application's own rows, which cannot have a foreign key to a thread.
Arguments:
  thread_ids: the ids
Errors:
  22023: bad input
  42501: a session narrowed by threadmem.user_id, to which other users' threads would seem gone$$;

CREATE FUNCTION threadmem.thread_update(
    thread_id text, metadata jsonb DEFAULT NULL, remove_keys text[] DEFAULT NULL, title text DEFAULT NULL,
    user_id text DEFAULT NULL, assistant_id text DEFAULT NULL, graph_id text DEFAULT NULL,
    config jsonb DEFAULT NULL, tool_resources jsonb DEFAULT NULL, ttl jsonb DEFAULT NULL,
    clear text[] DEFAULT NULL, expected_version bigint DEFAULT NULL, in_memory boolean DEFAULT NULL,
    archived boolean DEFAULT NULL, expected_seq bigint DEFAULT NULL, expected_metadata jsonb DEFAULT NULL) RETURNS threadmem.threads
    AS 'MODULE_PATHNAME', 'threadmem_thread_update' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.thread_update(text, jsonb, text[], text, text, text, text, jsonb, jsonb, jsonb, text[], bigint, boolean,
    boolean, bigint, jsonb) IS
$$Changes the fields of a thread that are given.
Arguments:
  thread_id: of the thread
  metadata: merged at its top level (null stores null)
  remove_keys: keys taken out of metadata
  title, assistant_id, graph_id: the new value; null leaves the old
  user_id: hands the thread over (not from a session narrowed to a user)
  config, tool_resources: replaced
  ttl: as in thread_create(), from now
  clear: fields to be emptied: title, user_id, assistant_id, graph_id, ttl
  expected_version: refuse when the thread has another version by now
  in_memory: false takes all that was said in it, and was drawn from that, out of memory, and what will be; true: what
    is said from now on is remembered, and what was taken out stays out
  archived: true puts the thread aside: lists, searches and counts leave it out unless asked. Nothing else goes by it:
    it is read and written as ever, and stays put aside; false takes it out again
  expected_seq: refuse when something was said after this seq, the greatest when the caller looked; edits do not count
  expected_metadata: refuse when the metadata do not contain this object any more
Errors:
  P0002: no such thread
  23503: no such user or assistant
  TM001: it has another version than expected
  55000: its assistant is pinned; something was said meanwhile; its metadata are others than expected
  22023: bad input
  42501: a session narrowed to one user hands no thread over, and takes none of others out of memory
Answers: LangGraph threads.update, Entities and OpenAI thread update.$$;

CREATE FUNCTION threadmem.thread_set_metadata(thread_id text, metadata jsonb, expected_version bigint DEFAULT NULL) RETURNS threadmem.threads
    AS 'MODULE_PATHNAME', 'threadmem_thread_set_metadata' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.thread_set_metadata(text, jsonb, bigint) IS
$$Replaces a thread's metadata.
Arguments:
  thread_id: of the thread
  metadata: a JSON object
  expected_version: refuse when the thread has another version by now
Errors:
  P0002: no such thread
  TM001: it has another version than expected
  22023: not an object
Answers: Entities PUT threads/{id}/metadata.$$;

CREATE FUNCTION threadmem.thread_set_ttl(thread_id text, minutes bigint DEFAULT NULL, strategy text DEFAULT 'delete',
    refresh boolean DEFAULT false, expected_seq bigint DEFAULT NULL) RETURNS threadmem.threads
    AS 'MODULE_PATHNAME', 'threadmem_thread_set_ttl' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.thread_set_ttl(text, bigint, text, boolean, bigint) IS
$$Lets a thread expire in so many minutes from now.
thread_purge_expired() carries it out.
Arguments:
  thread_id: of the thread
  minutes: 1 to 5,256,000; null takes the limit away
  strategy: what expiry does: delete, or keep_latest: the thread stays with its newest checkpoints, and its time
    begins anew with the next write
  refresh: true: every write begins it anew (what moves updated_at or state_updated_at; not the pieces of a
    stream), and a thread that a run keeps busy does not expire; false: it counts from this call
  expected_seq: as in thread_update()
Errors:
  P0002: no such thread
  55000: something was said meanwhile
  22023: bad input
  42501: not the owner's session
Answers: LangGraph ttl.$$;

CREATE FUNCTION threadmem.thread_copy(
    thread_id text, new_thread_id text DEFAULT NULL, checkpoint_id text DEFAULT NULL,
    history boolean DEFAULT true) RETURNS threadmem.threads
    AS 'MODULE_PATHNAME', 'threadmem_thread_copy' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.thread_copy(text, text, text, boolean) IS
$$A copy of a thread with the same ids and numbers: whole, up to a checkpoint, or without history.
Its participants, every message, checkpoint and pending write, its working memory; metadata gains thread_id, as LangGraph does it.
Runs are not copied, and of one that is archived the copy is not. The two are independent afterwards.
Arguments:
  thread_id: of the source
  new_thread_id: of the copy; generated when null
  checkpoint_id: only up to this checkpoint of the thread's own graph: its ancestors with what ran under them in
    other namespaces, the messages they have seen, no pending writes of its own
  history: false: only the newest checkpoint of each namespace, and no earlier revisions that nothing shows
Errors:
  P0002: no such thread or checkpoint
  23505: the new id exists
  22023: bad input
  42501: a session narrowed to another user than its owner
Answers: LangGraph threads.copy.$$;

CREATE FUNCTION threadmem.thread_fork(
    thread_id text, checkpoint_id text DEFAULT NULL, message_id text DEFAULT NULL,
    new_thread_id text DEFAULT NULL) RETURNS threadmem.threads
    AS 'MODULE_PATHNAME', 'threadmem_thread_fork' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.thread_fork(text, text, text, text) IS
$$Another thread that begins as this one was at a checkpoint or a message.
forked_from names the source; the two are independent afterwards. To go on in the same thread from an older
checkpoint, use thread_update_state(checkpoint_id).
Arguments:
  thread_id: of the source
  checkpoint_id: as thread_copy() up to it
  message_id: or a live message: the log up to and with it, and the newest state of the present branch that
    knows nothing said later; what that state has not seen is pending
  new_thread_id: generated when null
Errors:
  P0002: no such thread, checkpoint or message
  23505: the new id exists
  22023: bad input, or not exactly one of checkpoint_id and message_id
  42501: a session narrowed to another user than its owner
Answers: the fork of Letta conversations and of chat interfaces.$$;

CREATE FUNCTION threadmem.thread_delete(thread_id text, keep_memory boolean DEFAULT NULL, expected_seq bigint DEFAULT NULL) RETURNS SETOF threadmem.deletion_count
    AS 'MODULE_PATHNAME', 'threadmem_thread_delete' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.thread_delete(text, boolean, bigint) IS
$$Deletes a thread with all inside; its texts stay in its user's memory (kept counts them) unless keep_memory is false.
Tells how much of each kind went. What its owner's memory has stays, and of other users what they said in it; it is
found by memory_search() and thread_context(), as Zep has it, until memory_forget() or user_delete(). A tombstone
stops late writers for a day (threadmem.tombstone_ttl); thread_create() may use the id again at once.
Arguments:
  thread_id: of the thread
  keep_memory: true: what memory has of the thread stays, as episodes; false: memory forgets the thread; null goes by
    the setting threadmem.keep_memory (on)
  expected_seq: as in thread_update()
Errors:
  P0002: no such thread
  55000: something was said meanwhile
  42501: not the owner's session
  22023: bad input
Answers: LangGraph, Zep, Backboard, Entities and OpenAI thread delete.$$;

CREATE FUNCTION threadmem.thread_prune(thread_ids text[], strategy text DEFAULT 'delete') RETURNS integer
    AS 'MODULE_PATHNAME', 'threadmem_thread_prune' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.thread_prune(text[], text) IS
$$Deletes many threads, or thins them out to their latest state; returns how many it met.
Unknown ids are skipped.
Arguments:
  thread_ids: of the threads
  strategy: delete is thread_delete(keep_memory => false) for each; keep_latest keeps the thread, its messages in the
    log and the newest checkpoint of every namespace, as checkpoint_prune() does
Errors:
  22023: bad input
  42501: not the owner's session
Answers: LangGraph threads.prune.$$;

CREATE FUNCTION threadmem.thread_add_participant(thread_id text, participant_id text, kind text DEFAULT 'user', role text DEFAULT 'member')
    RETURNS threadmem.participants
    AS 'MODULE_PATHNAME', 'threadmem_thread_add_participant' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.thread_add_participant(text, text, text, text) IS
$$Lets a user or an assistant take part in a thread, or changes its role.
Arguments:
  thread_id: of the thread
  participant_id: of the user or assistant
  kind: user or assistant
  role: free text
Errors:
  P0002: no such thread
  23503: no such user or assistant
  22023: bad input
  42501: not the owner's session
Answers: Entities participants.$$;

CREATE FUNCTION threadmem.thread_remove_participant(thread_id text, participant_id text, kind text DEFAULT 'user') RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_thread_remove_participant' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.thread_remove_participant(text, text, text) IS
$$Ends the participation of a user or an assistant.
The owner is changed by thread_update().
Arguments:
  thread_id: of the thread
  participant_id: of the user or assistant
  kind: user or assistant
Errors:
  P0002: no such thread or participant
  22023: bad input$$;

CREATE FUNCTION threadmem.thread_participants(thread_id text) RETURNS SETOF threadmem.participants
    AS 'MODULE_PATHNAME', 'threadmem_thread_participants' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.thread_participants(text) IS
$$Who takes part in a thread: its owner, then the others as they joined.
Arguments:
  thread_id: of the thread
Errors:
  P0002: no such thread
  22023: bad input$$;

CREATE FUNCTION threadmem.thread_list(
    user_id text DEFAULT NULL, assistant_id text DEFAULT NULL, participant_id text DEFAULT NULL,
    sort_by text DEFAULT 'created_at', sort_order text DEFAULT 'desc', max_rows bigint DEFAULT 20,
    after_id text DEFAULT NULL, page_number bigint DEFAULT NULL, page_size bigint DEFAULT NULL,
    after_position text DEFAULT NULL, archived boolean DEFAULT false, with_preview boolean DEFAULT false) RETURNS SETOF threadmem.listed_thread
    AS 'MODULE_PATHNAME', 'threadmem_thread_list' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.thread_list(text, text, text, text, text, bigint, text, bigint, bigint, text, boolean, boolean) IS
$$Threads, newest first, in pages: all, or those of a user, an assistant or a participant.
A filter that is null is none: for the threads of one user call user_threads(), which refuses null. The total is
thread_count().
Arguments:
  user_id: owned by this user
  assistant_id: of this assistant
  participant_id: in which this user takes part (owners do)
  sort_by: created_at, updated_at, thread_id, user_id, status, last_message_at or state_updated_at
  sort_order: desc or asc
  max_rows: rows of a page, 0 to 1,000
  after_id: the id of the last row of the page before, which must exist
  page_number: from 1, with page_size, instead of these
  page_size: rows of a page, 1 to 1,000
  after_position: the position of the last row of the page before; that row may be gone
  archived: false: without those put aside by thread_update(); true: only these; null: all
  with_preview: preview is how the last thing begins that a user or an assistant said, the first 200 characters of its
    text (message_preview()): of a message that is coming, the text so far; deleted ones and those without words are
    passed over. Null where there is none among the last 10 messages. One look into each thread of the page
Errors:
  P0002: unknown after_id
  22023: bad input, or a position of another list or order
Answers: Zep thread.list_all, Backboard list threads.$$;


CREATE FUNCTION threadmem.thread_search(
    thread_ids text[] DEFAULT NULL, metadata jsonb DEFAULT NULL, values_match jsonb DEFAULT NULL, status text DEFAULT NULL, user_id text DEFAULT NULL,
    assistant_id text DEFAULT NULL, participant_id text DEFAULT NULL, graph_id text DEFAULT NULL,
    created_since timestamptz DEFAULT NULL, created_until timestamptz DEFAULT NULL,
    updated_since timestamptz DEFAULT NULL, updated_until timestamptz DEFAULT NULL, archived boolean DEFAULT false, query text DEFAULT NULL,
    sort_by text DEFAULT 'created_at', sort_order text DEFAULT 'desc', max_rows bigint DEFAULT 20,
    skip bigint DEFAULT 0, after_id text DEFAULT NULL, fields text[] DEFAULT NULL, paths jsonb DEFAULT NULL,
    after_position text DEFAULT NULL) RETURNS SETOF threadmem.found_thread
    AS 'MODULE_PATHNAME', 'threadmem_thread_search' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.thread_search(text[], jsonb, jsonb, text, text, text, text, text, timestamptz, timestamptz, timestamptz, timestamptz,
    boolean, text, text, text, bigint, bigint, text, text[], jsonb, text) IS
$$Threads that meet every filter given, words too, in pages; with values, interrupts or single paths of each state.
A filter that is null is none, also user_id: a program that has no user sees everybody's, unless the session is
narrowed by threadmem.user_id. Values, interrupts or extracted that are too large for jsonb, or damaged, are
null, and left_out names them; the other threads come as ever.
Arguments:
  thread_ids: these; unknown ids are skipped
  metadata: containment: exactly, types matter; {} matches all
  values_match: the same in the values that the latest checkpoint has, without pending writes and what the log
    has more; a thread without checkpoint has none. A filter by scalars up to 256 bytes is answered from an
    index, any other reads the states of the threads that meet the rest
  status: idle, busy, interrupted or error
  user_id, assistant_id, participant_id, graph_id: as in thread_list()
  created_since, created_until, updated_since, updated_until: the until bounds are exclusive
  archived: false: without those put aside by thread_update(), also where thread_ids names them; true: only these;
    null: all
  query: words that are in the title, or in a live message, as message_search() takes them ("exact phrase", or,
    -without). snippet is then where: the title, else of the message that ranks highest no more than 300 columns
    (a Chinese character takes two), as it was written but for its spaces; what was found stands between the
    characters U+0002 and U+0003, which are nowhere else in it. The order is as ever sort_by
  sort_by, sort_order: as in thread_list()
  max_rows: rows of a page, 0 to 1,000
  skip: rows left out before the first
  after_id: of the last row of the page before
  fields: the columns wanted; the others come as null, thread_id always comes. values and interrupts come only
    when fields names them: the state of each row is read for them. values are as thread_state() shows them,
    interrupts an object from each task that waits to its own; preview, only when named too, is as in thread_list()
  paths: {alias: path} with at most 10 takes single values out of each row into extracted. A path begins with
    values, metadata, config or interrupts and goes on with .name or [number], negative from the end, as in
    values.messages[-1].content; one that leads nowhere gives null
  after_position: the position of the last row of the page before; that row may be gone
Errors:
  P0002: unknown after_id
  22023: bad input, or a position of another list or order
Answers: LangGraph threads.search.$$;

CREATE FUNCTION threadmem.thread_count(
    thread_ids text[] DEFAULT NULL, metadata jsonb DEFAULT NULL, values_match jsonb DEFAULT NULL, status text DEFAULT NULL, user_id text DEFAULT NULL,
    assistant_id text DEFAULT NULL, participant_id text DEFAULT NULL, graph_id text DEFAULT NULL,
    created_since timestamptz DEFAULT NULL, created_until timestamptz DEFAULT NULL,
    updated_since timestamptz DEFAULT NULL, updated_until timestamptz DEFAULT NULL, archived boolean DEFAULT false, query text DEFAULT NULL)
    RETURNS integer
    AS 'MODULE_PATHNAME', 'threadmem_thread_count' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.thread_count(text[], jsonb, jsonb, text, text, text, text, text, timestamptz, timestamptz, timestamptz, timestamptz,
    boolean, text) IS
$$How many threads thread_search() would find.
Arguments: as those of thread_search() of these names.
Errors:
  22023: bad input
Answers: LangGraph threads.count, total_count of Zep thread.list_all.$$;

CREATE FUNCTION threadmem.user_threads(user_id text, sort_order text DEFAULT 'desc', max_rows bigint DEFAULT 20, after_id text DEFAULT NULL,
    after_position text DEFAULT NULL, archived boolean DEFAULT false, with_preview boolean DEFAULT false) RETURNS SETOF threadmem.listed_thread
    AS 'MODULE_PATHNAME', 'threadmem_user_threads' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.user_threads(text, text, bigint, text, text, boolean, boolean) IS
$$The threads a user owns or takes part in, newest first, in pages.
Arguments:
  user_id: of the user
  sort_order: desc or asc
  max_rows: rows of a page, 0 to 1,000
  after_id, after_position, archived, with_preview: as in thread_list()
Errors:
  P0002: no such user or after_id
  22023: bad input
Answers: Zep user.get_threads, Entities list_threads.$$;

CREATE FUNCTION threadmem.user_threads(user_uuid uuid, sort_order text DEFAULT 'desc', max_rows bigint DEFAULT 20, after_id text DEFAULT NULL,
    after_position text DEFAULT NULL, archived boolean DEFAULT false, with_preview boolean DEFAULT false) RETURNS SETOF threadmem.listed_thread
    LANGUAGE sql STABLE PARALLEL RESTRICTED
    BEGIN ATOMIC SELECT * FROM threadmem.user_threads(user_uuid::text, sort_order, max_rows, after_id, after_position, archived, with_preview); END;
COMMENT ON FUNCTION threadmem.user_threads(uuid, text, bigint, text, text, boolean, boolean) IS
$$user_threads() for an id of type uuid, as the application's own tables have it.
It has an argument's name of its own for those who choose functions by the names of arguments (PostgREST).
Arguments: as those of user_threads(), with user_uuid for user_id.
Errors:
  P0002: as there
  22023: as there$$;
