-- message: bodies, revisions, streaming, search.

CREATE FUNCTION threadmem.check_message(
    status text, state text, rev bigint, seq bigint, change bigint, event_at timestamptz, created_at timestamptz, body_hash bytea, metadata jsonb,
    body jsonb, embedding real[], id_from text) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_check_message' LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.check_message(text, text, bigint, bigint, bigint, timestamptz, timestamptz, bytea, jsonb, jsonb, real[], text) IS
$$The constraint of the table messages: whether a row is as the functions write it and read it.
One function, because a constraint is read from its text with every statement.
Arguments: the columns of that name, nulls too (which NOT NULL judges).
Errors:
  23514: names the column$$;

CREATE TABLE threadmem_data.messages (
    tenant_id    text COLLATE "C" NOT NULL DEFAULT threadmem.current_tenant(),
    thread_id    text COLLATE "C" NOT NULL,
    rev          bigint NOT NULL,
    seq          bigint NOT NULL,
    event_at     timestamptz NOT NULL,
    created_at   timestamptz NOT NULL,
    message_id   text COLLATE "C" NOT NULL,
    role         text COLLATE "C" NOT NULL,
    origin_role  text COLLATE "C",
    name         text,
    sender_id    text COLLATE "C",
    user_id      text COLLATE "C",
    assistant_id text COLLATE "C",
    run_id       text COLLATE "C",
    tool_call_id text COLLATE "C",
    status       text COLLATE "C" NOT NULL,
    state        text COLLATE "C" NOT NULL DEFAULT 'live',
    change       bigint,
    in_memory    boolean NOT NULL DEFAULT true,
    in_sender_memory boolean NOT NULL DEFAULT true,
    by_checkpoint boolean NOT NULL DEFAULT false,
    id_from      text COLLATE "C" NOT NULL DEFAULT 'body',
    body_hash    bytea,
    metadata     jsonb NOT NULL DEFAULT '{}',
    body         jsonb,
    search       tsvector,
    embedding    real[],
    edited_at    timestamptz,
    PRIMARY KEY (tenant_id, thread_id, rev),
    CONSTRAINT messages_sound CHECK (threadmem.check_message(status, state, rev, seq, change, event_at, created_at, body_hash, metadata, body, embedding, id_from))
) WITH (fillfactor = 80);
-- Metadata and embeddings change in place, and HOT: no index covers them, and a page has room for another version (fillfactor). An edit, a
-- deletion, a switch of branches and the end of a stream cannot be HOT: they change what is searched. All but the last change state, by which
-- three indexes leave out what is not live; the last brings the words (search). But for the edit, change is new, by which states find them.
-- Pages, windows and searches go by place, the state by revision (the key), callers by id; what a user said in threads of others by sender: its
-- memory reads the newest that are live, its deletion all. What has no sender, or its thread's owner, is not in it.
CREATE UNIQUE INDEX messages_order ON threadmem_data.messages (tenant_id, thread_id, seq) WHERE state OPERATOR(pg_catalog.=) 'live';
CREATE INDEX messages_ids ON threadmem_data.messages (tenant_id, thread_id, message_id, rev);
CREATE INDEX messages_sender ON threadmem_data.messages (tenant_id, sender_id, state, event_at)
    WHERE sender_id IS NOT NULL AND (user_id OPERATOR(pg_catalog.=) sender_id) IS NOT TRUE;
CREATE INDEX messages_streamed ON threadmem_data.messages (tenant_id, thread_id, seq)
    WHERE status OPERATOR(pg_catalog.=) 'in_progress' AND state OPERATOR(pg_catalog.=) 'live'; -- which end with their run
CREATE INDEX messages_search ON threadmem_data.messages USING gin (threadmem.tenant_keys(tenant_id, search, ARRAY[thread_id, user_id, sender_id]) threadmem.tenant_keys)
    WITH (gin_pending_list_limit = 256) WHERE state OPERATOR(pg_catalog.=) 'live'; -- every search reads what is pending
ALTER INDEX threadmem_data.messages_search ALTER COLUMN 1 SET STATISTICS 0;
COMMENT ON TABLE threadmem_data.messages IS
$$Message bodies, each stored once under its revision; lists, search and checkpoints refer to them. Written by
functions only.$$;
COMMENT ON COLUMN threadmem_data.messages.rev IS 'Revision, counted through the thread; an edit is a new one with the same seq.';
COMMENT ON COLUMN threadmem_data.messages.seq IS 'Place in the thread: gapless in the order of arrival, given under the lock of the thread''s row.';
COMMENT ON COLUMN threadmem_data.messages.body IS 'The message verbatim, in its writer''s shape; null once erased.';
COMMENT ON COLUMN threadmem_data.messages.body_hash IS 'sha256 of body''s bytes: tells a retry from another message with the same id.';
COMMENT ON COLUMN threadmem_data.messages.origin_role IS 'The writer''s spelling of the role, where it is not the canonical one.';
COMMENT ON COLUMN threadmem_data.messages.sender_id IS 'The speaker, free text; need not be a user. What one that is said is in its memory, too.';
COMMENT ON COLUMN threadmem_data.messages.user_id IS 'The thread''s owner.';
COMMENT ON COLUMN threadmem_data.messages.event_at IS 'When it was said, by the writer''s clock; created_at is the server''s. Neither is the order.';
COMMENT ON COLUMN threadmem_data.messages.state IS 'live, superseded (by a newer revision), off_branch, deleted (body kept) or erased (body gone).';
COMMENT ON COLUMN threadmem_data.messages.change IS
$$Number, counted through the thread, of the last thing that happened to this revision after it came and that a
state takes in: it was deleted, its stream ended, it became live again. Null: nothing did.$$;
COMMENT ON COLUMN threadmem_data.messages.in_memory IS
$$False when it is not remembered of the thread's owner: its writer, or its thread, said so, or memory was told to
forget it.$$;
COMMENT ON COLUMN threadmem_data.messages.in_sender_memory IS
$$The same of its sender, where that is another user than the owner; of what the owner said it is as in_memory.$$;
COMMENT ON COLUMN threadmem_data.messages.by_checkpoint IS 'It came with a checkpoint alone, and goes when all checkpoints are deleted.';
COMMENT ON COLUMN threadmem_data.messages.id_from IS
$$Who put the id into the body: its writer (body), the call (argument) or threadmem (generated). What goes before a
model has only the writer's.$$;
COMMENT ON COLUMN threadmem_data.messages.edited_at IS
$$When its writer made the newest edit that says so, by the writer's clock: older ones that come later are left out.$$;
COMMENT ON COLUMN threadmem_data.messages.search IS
$$Lexemes of the first 100,000 bytes of the text (setting threadmem.search_config); of scripts without spaces every
two neighbouring characters, and the last one of a run.$$;
-- Numbers of a model hardly compress; and out of the row they are in nobody's way.
ALTER TABLE threadmem_data.messages ALTER COLUMN embedding SET STORAGE EXTERNAL;
COMMENT ON COLUMN threadmem_data.messages.embedding IS
$$What a model made of the text of this revision; set by memory_set_embedding, shown by the view episodes.
No index: a search compares what one user said.$$;

CREATE FUNCTION threadmem.check_message_chunk(chunk_no bigint, so_far bigint, half text) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_check_message_chunk' LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.check_message_chunk(bigint, bigint, text) IS
$$The constraint of the table message_chunks: whether a row is as the functions write it and read it.
One function, because a constraint is read from its text with every statement.
Arguments: the columns of that name, nulls too (which NOT NULL judges).
Errors:
  23514: names the column$$;

CREATE TABLE threadmem_data.message_chunks (
    tenant_id  text COLLATE "C" NOT NULL DEFAULT threadmem.current_tenant(),
    thread_id  text COLLATE "C" NOT NULL,
    message_id text COLLATE "C" NOT NULL,
    chunk_no   integer NOT NULL,
    so_far     bigint NOT NULL,
    delta      text NOT NULL,
    half       text COLLATE "C",
    PRIMARY KEY (tenant_id, thread_id, message_id, chunk_no),
    CONSTRAINT message_chunks_sound CHECK (threadmem.check_message_chunk(chunk_no, so_far, half))
);
COMMENT ON TABLE threadmem_data.message_chunks IS
$$Deltas of messages that are being streamed, numbered from 1; message_complete and message_fail fold and remove
them.$$;

COMMENT ON COLUMN threadmem_data.message_chunks.so_far IS 'Bytes of this delta and all before it.';
COMMENT ON COLUMN threadmem_data.message_chunks.half IS
$$The high surrogate that the piece ended with, four hexadecimal digits: no text yet, it waits for the next piece.$$;

ALTER TABLE threadmem_data.messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE threadmem_data.message_chunks ENABLE ROW LEVEL SECURITY;
-- Reading trusts user_id, so writing asks the thread itself.
CREATE POLICY own_rows ON threadmem_data.messages
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
           AND threadmem.sees_owned(thread_id, user_id))
    WITH CHECK (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant() AND threadmem.names_owner(thread_id, user_id));
COMMENT ON POLICY own_rows ON threadmem_data.messages IS
$$The rows of this tenant; a narrowed session those of threads its user owns or takes part in.$$;
CREATE POLICY own_rows ON threadmem_data.message_chunks
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
           AND threadmem.sees_thread(thread_id));
COMMENT ON POLICY own_rows ON threadmem_data.message_chunks IS 'The chunks of the threads this session sees.';
SELECT pg_catalog.pg_extension_config_dump('threadmem_data.messages', '');
SELECT pg_catalog.pg_extension_config_dump('threadmem_data.message_chunks', '');

-- Of every message that is being streamed, the lists and the view ask these two what to show.
CREATE FUNCTION threadmem.streamed_status(thread_id text, run_id text) RETURNS text
    AS 'MODULE_PATHNAME', 'threadmem_streamed_status' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.streamed_status(text, text) IS
$$The status of a message that is being streamed: failed when its run is over, else in_progress.
For the view messages; message_get() and the lists have asked it.
Arguments:
  thread_id, run_id: of the message; null for no run
Errors:
  22023: threadmem.user_id is no id$$;
CREATE FUNCTION threadmem.streamed_body(thread_id text, message_id text, run_id text, body jsonb) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'threadmem_streamed_body' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.streamed_body(text, text, text, jsonb) IS
$$The body of a message that is being streamed, with the text that has come so far.
For the view messages; message_get() and the lists have asked it. Once its run is over it says so (incomplete_details),
as message_fail() would.
Arguments:
  thread_id, message_id, run_id: of the message; null for no run
  body: as it was started
Errors:
  22023: threadmem.user_id is no id$$;

CREATE VIEW threadmem.messages WITH (security_barrier = true) AS
    SELECT m.thread_id, m.message_id, m.seq, m.rev, m.role, m.origin_role, m.name,
           threadmem.message_content(CASE WHEN m.status OPERATOR(pg_catalog.=) 'in_progress'
               THEN threadmem.streamed_body(m.thread_id, m.message_id, m.run_id, m.body) ELSE m.body END) AS content,
           coalesce(threadmem.message_text(CASE WHEN m.status OPERATOR(pg_catalog.=) 'in_progress'
               THEN threadmem.streamed_body(m.thread_id, m.message_id, m.run_id, m.body) ELSE m.body END), one.nothing) AS text,
           m.sender_id, m.user_id, m.assistant_id, m.run_id, m.tool_call_id,
           CASE WHEN m.status OPERATOR(pg_catalog.=) 'in_progress' THEN threadmem.streamed_status(m.thread_id, m.run_id)
                ELSE m.status END AS status, m.state, m.metadata,
           CASE WHEN m.status OPERATOR(pg_catalog.=) 'in_progress'
               THEN threadmem.streamed_body(m.thread_id, m.message_id, m.run_id, m.body) ELSE m.body END AS body,
           m.event_at, m.created_at, m.id_from, m.edited_at
      FROM threadmem_data.messages m, (SELECT NULL::text AS nothing) AS one; -- what is null at times, sqlc has to be told
ALTER VIEW threadmem.messages OWNER TO threadmem_runner;
COMMENT ON VIEW threadmem.messages IS
$$Every revision of the messages of this tenant that the session sees, as message_get gives them; state live is
what message_list shows. For joins; read only.$$;

CREATE VIEW threadmem.listed_message WITH (security_invoker = true) AS
    SELECT c.*, ''::text AS position, false AS has_more FROM threadmem.messages c WHERE false;
COMMENT ON VIEW threadmem.listed_message IS
$$One message of a page; position is where the next page goes on (after_position), has_more whether there is one, on
every row. Has no rows: the type of a result.$$;
CREATE VIEW threadmem.found_message WITH (security_invoker = true) AS
    SELECT c.*, 0::real AS rank, ''::text AS position, false AS has_more FROM threadmem.messages c WHERE false;
COMMENT ON VIEW threadmem.found_message IS
$$One message of a search; rank is ts_rank's, higher is better; position is where the next page goes on
(after_position), has_more whether there is one, on every row. Has no rows: the type of a result.$$;

CREATE VIEW threadmem.chunks WITH (security_barrier = true) AS
    SELECT c.thread_id, c.message_id, c.chunk_no, c.delta FROM threadmem_data.message_chunks c, (VALUES (1)) AS one;
ALTER VIEW threadmem.chunks OWNER TO threadmem_runner;
COMMENT ON VIEW threadmem.chunks IS
$$The pieces of messages that are being streamed, of this tenant and as far as the session sees. For joins; read
only.$$;
CREATE VIEW threadmem.listed_chunk WITH (security_invoker = true) AS
    SELECT c.*, ''::text AS position, false AS has_more FROM threadmem.chunks c WHERE false;
COMMENT ON VIEW threadmem.listed_chunk IS
$$One piece of a streamed message; position is where the next page goes on (after_position), has_more whether there
is one, on every row. Has no rows: the type of a result.$$;

CREATE FUNCTION threadmem.message_add(
    thread_id text, role text DEFAULT NULL, content text DEFAULT NULL, body jsonb DEFAULT NULL,
    message_id text DEFAULT NULL, name text DEFAULT NULL, sender_id text DEFAULT NULL,
    assistant_id text DEFAULT NULL, run_id text DEFAULT NULL, tool_call_id text DEFAULT NULL,
    tool_calls jsonb DEFAULT NULL, attachments jsonb DEFAULT NULL, metadata jsonb DEFAULT NULL,
    event_at timestamptz DEFAULT NULL, in_memory boolean DEFAULT true, parts jsonb DEFAULT NULL) RETURNS threadmem.messages
    AS 'MODULE_PATHNAME', 'threadmem_message_add' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.message_add(text, text, text, jsonb, text, text, text, text, text, text, jsonb, jsonb, jsonb, timestamptz, boolean,
    jsonb) IS
$$Appends a message to a thread: role and content, or a whole message in any system's form.
Call it in FROM: SELECT (message_add(...)).* appends once for every column. Many in one transaction: each goes
past all that the transaction made of the thread's row before, so for more than some hundreds
message_add_batch() is the call.
Arguments:
  thread_id: of the thread
  role: user, assistant, system, developer, tool, function, platform or other, or a system's own word for one of
    them, as human or ai
  content: the text
  body: a whole message in any system's form (docs/contracts.md) or a plain one, stored verbatim; what it does
    not say of role, content, tool_calls and attachments the arguments may
  message_id: 1 to 255 bytes, generated when neither it nor the body gives one; the body gets it, and id_from
    tells whose it is. The same id with the same bytes again changes nothing and returns the first
  name: the speaker's name
  sender_id: the speaker, free text; where it is a user, what it says is in its memory, too
  assistant_id, run_id: whose message it is; need not exist. A run of the thread must not be over
  tool_call_id: of a tool message: the call that it answers, an id in tool_calls of the assistant's message,
    however long. Without it a warning tells that models refuse such a message; Zep and Entities write them, so
    it is stored
  tool_calls, attachments: JSON arrays in the writer's form
  metadata: a JSON object
  event_at: when it was said, else now; order is always seq
  in_memory: false keeps it out of memory, the owner's and the sender's
  parts: the content where it is an array of parts
Errors:
  P0002: no such thread
  23505: the id belongs to another message
  55000: the run is over, or was deleted and another has the thread
  22023: bad input
  54000: a body over threadmem.max_body
Answers: Entities create_message, OpenAI messages.create, Backboard add message with send_to_llm false.$$;

CREATE FUNCTION threadmem.message_add_batch(
    thread_id text, messages jsonb, ignore_roles text[] DEFAULT NULL, run_id text DEFAULT NULL,
    if_exists text DEFAULT 'raise') RETURNS SETOF threadmem.messages
    AS 'MODULE_PATHNAME', 'threadmem_message_add_batch' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.message_add_batch(text, jsonb, text[], text, text) IS
$$Appends an array of messages in order, all or none; returns a row for each.
Arguments:
  thread_id: of the thread
  messages: a JSON array of messages in any of the forms message_add() takes as body
  ignore_roles: messages of these roles are stored and listed, but kept out of memory
  run_id: the run they belong to, where they do not say it themselves
  if_exists: raise, or update, for clients that save their whole list again and again: each message has an id; one
    that is there unchanged is left, one that has changed becomes a new revision at its place, the rest is
    appended; what is not in the list stays, and so does what was deleted or erased (state tells)
Errors:
  P0002: no such thread
  23505: an id belongs to another message
  55000: a run is over, or was deleted and another has the thread; a message that has changed is still streaming
  22023: bad input; DETAIL names the element
  54000: a body over threadmem.max_body
Answers: Zep thread.add_messages (without its limit of 30), OpenAI conversations.items.create.$$;

CREATE FUNCTION threadmem.message_get(thread_id text, message_id text, missing_ok boolean DEFAULT false) RETURNS SETOF threadmem.messages
    AS 'MODULE_PATHNAME', 'threadmem_message_get' LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 1
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.message_get(text, text, boolean) IS
$$One live message.
message_revisions() shows those that are deleted or off branch, too.
Arguments:
  thread_id: of the thread
  message_id: of the message
  missing_ok: no row, and no error, when there is none
Errors:
  P0002: none; tells when it was deleted, erased or is off branch
  22023: bad input
Answers: OpenAI messages.retrieve, Entities get_message, Zep thread.message.get.$$;

CREATE FUNCTION threadmem.message_last(thread_id text, max_rows bigint DEFAULT 20) RETURNS SETOF threadmem.messages
    AS 'MODULE_PATHNAME', 'threadmem_message_last' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.message_last(text, bigint) IS
$$The newest messages of a thread, the oldest of them first: what a chat window shows.
Arguments:
  thread_id: of the thread
  max_rows: how many, 0 to 1,000
Errors:
  P0002: no such thread
  22023: bad input
Answers: Zep thread.get(lastn), OpenAI Agents session.get_items(limit).$$;

CREATE FUNCTION threadmem.message_last(thread_uuid uuid, max_rows bigint DEFAULT 20) RETURNS SETOF threadmem.messages
    LANGUAGE sql STABLE PARALLEL RESTRICTED
    BEGIN ATOMIC SELECT * FROM threadmem.message_last(thread_uuid::text, max_rows); END;
COMMENT ON FUNCTION threadmem.message_last(uuid, bigint) IS
$$message_last() for an id of type uuid, as the application's own tables have it.
It has an argument's name of its own for those who choose functions by the names of arguments (PostgREST).
Arguments: as those of message_last(), with thread_uuid for thread_id.
Errors:
  P0002: as there
  22023: as there$$;

CREATE FUNCTION threadmem.message_update(
    thread_id text, message_id text, content text DEFAULT NULL, body jsonb DEFAULT NULL, metadata jsonb DEFAULT NULL,
    remove_keys text[] DEFAULT NULL, expected_rev bigint DEFAULT NULL, parts jsonb DEFAULT NULL,
    edited_at timestamptz DEFAULT NULL, expected_metadata jsonb DEFAULT NULL) RETURNS threadmem.messages
    AS 'MODULE_PATHNAME', 'threadmem_message_update' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.message_update(text, text, text, jsonb, jsonb, text[], bigint, jsonb, timestamptz, jsonb) IS
$$Changes a message: its content, which makes a new revision at the same seq, or its metadata.
The old revision stays readable in message_revisions(). Of a message that is being streamed the new content takes the
place of all that came so far, as a guess of what somebody is saying does: no revision of it stays, message_append()
goes on behind it with the next number, and message_complete() gives the final words.
Arguments:
  thread_id: of the thread
  message_id: of the message
  content: the new text
  body: a whole message in its place; its metadata is merged as the argument's
  metadata: merged at its top level (null stores null)
  remove_keys: keys taken out of metadata
  expected_rev: refuse when the message has another revision by now
  parts: the new content where it is an array of parts
  edited_at: when its writer made the edit. One that is older than the newest that said so changes nothing, and the
    message comes back as it is: platforms deliver edits in any order
  expected_metadata: refuse when the metadata do not contain this object any more
Errors:
  P0002: no such message
  TM001: it has another revision than expected
  55000: it has other metadata than expected; or it is being streamed by a run that is over
  22023: bad input
  54000: a body over threadmem.max_body
Answers: OpenAI messages.update and Zep thread.message.update (metadata), Entities update_message.$$;

CREATE FUNCTION threadmem.message_revisions(thread_id text, message_id text) RETURNS SETOF threadmem.messages
    AS 'MODULE_PATHNAME', 'threadmem_message_revisions' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.message_revisions(text, text) IS
$$Every revision of a message in whatever state, oldest first.
Arguments:
  thread_id: of the thread
  message_id: of the message
Errors:
  P0002: no such message
  22023: bad input$$;

CREATE FUNCTION threadmem.message_search(
    query text, user_id text DEFAULT NULL, thread_id text DEFAULT NULL, role text DEFAULT NULL,
    since timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL, max_rows bigint DEFAULT 20,
    skip bigint DEFAULT 0,
    after_position text DEFAULT NULL) RETURNS SETOF threadmem.found_message
    AS 'MODULE_PATHNAME', 'threadmem_message_search' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.message_search(text, text, text, text, timestamptz, timestamptz, bigint, bigint, text) IS
$$Messages that match words, best first, then newest.
The first 100,000 bytes of a message's text are searched, for words, and in scripts without spaces for any part. A
program that has no user (user_id null) searches everybody's messages, unless the session is narrowed by
threadmem.user_id.
Arguments:
  query: websearch syntax: all words, "a phrase", or, -without
  user_id: threads of this owner; null is no filter
  thread_id: this thread only
  role: this role only
  since, until: bound event_at, until exclusive
  max_rows: rows of a page, 0 to 1,000
  skip: rows left out before the first
  after_position: the position of the last row of the page before; that row may be gone
Errors:
  22023: bad input, or a position of another list$$;

CREATE FUNCTION threadmem.message_start(
    thread_id text, role text DEFAULT 'assistant', message_id text DEFAULT NULL, name text DEFAULT NULL,
    sender_id text DEFAULT NULL, assistant_id text DEFAULT NULL, run_id text DEFAULT NULL,
    metadata jsonb DEFAULT NULL) RETURNS threadmem.messages
    AS 'MODULE_PATHNAME', 'threadmem_message_start' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.message_start(text, text, text, text, text, text, text, jsonb) IS
$$Starts a message that will arrive in pieces.
It takes its place in the thread with status in_progress and empty content; message_append() adds pieces. When its run
ends first, it ends as message_fail() would end it.
Arguments:
  thread_id: of the thread
  role: as in message_add()
  message_id: 1 to 255 bytes, generated when null
  name, sender_id, assistant_id, run_id, metadata: as in message_add()
Errors:
  P0002: no such thread
  23505: the id belongs to another message
  55000: the run is over, or was deleted and another has the thread
  22023: bad input
Answers: Entities save_assistant_message_chunk, OpenAI thread.message.created.$$;

CREATE FUNCTION threadmem.message_append(thread_id text, message_id text, chunk_no bigint, delta text) RETURNS integer
    AS 'MODULE_PATHNAME', 'threadmem_message_append' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.message_append(text, text, bigint, text) IS
$$Adds a piece of text to a streamed message; returns the number of the last piece stored.
Meanwhile message_get() and the lists show the text so far, and message_chunks() gives the pieces. A run that ends
ends the message, as message_fail() would.
Arguments:
  thread_id: of the thread
  message_id: of the message
  chunk_no: counts from 1 without gaps; the same number with the same text again changes nothing
  delta: the text
Errors:
  P0002: no such message
  23505: the number was stored with another text
  22023: a gap, or the piece before, of message_append_json(), ended with half of a character (with
    threadmem.bad_unicode replace that half becomes U+FFFD)
  55000: the message is not being streamed, its content is not text, or its run is over
  54000: all pieces together are over threadmem.max_body$$;

CREATE FUNCTION threadmem.message_append_json(thread_id text, message_id text, chunk_no bigint, piece json) RETURNS integer
    AS 'MODULE_PATHNAME', 'threadmem_message_append_json' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.message_append_json(text, text, bigint, json) IS
$$Adds a piece of text as a JSON string, which may end in the middle of a character, to a streamed message.
For writers in JavaScript and Java, whose strings can be cut between the two halves of a character such as an emoji:
JSON.stringify(piece) carries such a half, text does not. The half at the end of a piece waits for the next one,
and is part of no text until then; at the end of the message it becomes U+FFFD. Returns the number of the last piece
stored; else as message_append().
Arguments:
  thread_id: of the thread
  message_id: of the message
  chunk_no: counts from 1 without gaps; the same number with the same piece again changes nothing
  piece: a JSON string
Errors:
  P0002: no such message
  23505: the number was stored with another text
  22023: a gap, no JSON string, or U+0000 or half of a character elsewhere than at the end of a piece (with
    threadmem.bad_unicode replace they become U+FFFD)
  55000: the message is not being streamed, its content is not text, or its run is over
  54000: all pieces together are over threadmem.max_body$$;

CREATE FUNCTION threadmem.message_chunks(
    thread_id text, message_id text, after_no bigint DEFAULT NULL, max_rows bigint DEFAULT 1000,
    after_position text DEFAULT NULL) RETURNS SETOF threadmem.listed_chunk
    AS 'MODULE_PATHNAME', 'threadmem_message_chunks' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.message_chunks(text, text, bigint, bigint, text) IS
$$The pieces of a message that is being streamed, from a number on: what a page that is loaded again goes on with.
No rows: nothing has come since or, when message_get() shows another status than in_progress, the message has ended;
then the pieces are gone, and its content has all of them. (Of a message whose stored body was damaged as its run
ended they stay, until it is repaired and message_fail() joins them.)
Arguments:
  thread_id: of the thread
  message_id: of the message
  after_no: pieces after this number; 0 or null: from the first
  max_rows: pieces of a page, 0 to 1,000
  after_position: the position of the last row of the page before, instead of after_no
Errors:
  P0002: no such message
  22023: bad input, or a position of another list$$;

CREATE FUNCTION threadmem.message_complete(
    thread_id text, message_id text, body jsonb DEFAULT NULL, metadata jsonb DEFAULT NULL) RETURNS threadmem.messages
    AS 'MODULE_PATHNAME', 'threadmem_message_complete' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.message_complete(text, text, jsonb, jsonb) IS
$$Ends a streamed message: its content becomes the pieces joined.
Called again it returns the message.
Arguments:
  thread_id: of the thread
  message_id: of the message
  body: the whole message, when the writer has it (tool calls, usage), instead of the pieces
  metadata: merged
Errors:
  P0002: no such message
  55000: it failed or was completed otherwise, or its run is over
  22023: bad input
  54000: over threadmem.max_body$$;

CREATE FUNCTION threadmem.message_fail(
    thread_id text, message_id text, reason text DEFAULT NULL, metadata jsonb DEFAULT NULL) RETURNS threadmem.messages
    AS 'MODULE_PATHNAME', 'threadmem_message_fail' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.message_fail(text, text, text, jsonb) IS
$$Ends a streamed message that did not come whole; what has arrived is kept as its content.
Its status becomes failed. Called again it returns the message, and joins pieces that a damaged body kept apart.
Arguments:
  thread_id: of the thread
  message_id: of the message
  reason: kept as incomplete_details
  metadata: merged
Errors:
  P0002: no such message
  55000: it was completed
  22023: bad input$$;
