-- checkpoint: the chain of states of a thread, and what tasks wrote between them.

CREATE FUNCTION threadmem.check_checkpoint(
    seq bigint, base_seq bigint, parent_seq bigint, next_rev bigint, next_change bigint, created_at timestamptz, checkpoint_ns text, metadata jsonb,
    seen int8multirange, patch jsonb, snapshot jsonb) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_check_checkpoint' LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.check_checkpoint(bigint, bigint, bigint, bigint, bigint, timestamptz, text, jsonb, int8multirange, jsonb, jsonb) IS
$$The constraint of the table checkpoints: whether a row is as the functions write it and read it.
One function, because a constraint is read from its text with every statement.
Arguments: the columns of that name, nulls too (which NOT NULL judges).
Errors:
  23514: names the column$$;

CREATE TABLE threadmem_data.checkpoints (
    tenant_id            text COLLATE "C" NOT NULL DEFAULT threadmem.current_tenant(),
    thread_id            text COLLATE "C" NOT NULL,
    seq                  bigint NOT NULL,
    base_seq             bigint NOT NULL,
    parent_seq           bigint,
    created_at           timestamptz NOT NULL,
    checkpoint_ns        text COLLATE "C" NOT NULL,
    checkpoint_id        text COLLATE "C" NOT NULL,
    parent_checkpoint_id text COLLATE "C",
    run_id               text COLLATE "C",
    metadata             jsonb NOT NULL DEFAULT '{}',
    state_bytes          bigint NOT NULL CONSTRAINT checkpoints_bytes CHECK (state_bytes OPERATOR(pg_catalog.>=) 0),
    seen                 int8multirange,
    next_rev             bigint NOT NULL DEFAULT 1,
    next_change          bigint NOT NULL DEFAULT 1,
    patch                jsonb,
    snapshot             jsonb,
    PRIMARY KEY (tenant_id, thread_id, checkpoint_ns, checkpoint_id),
    CONSTRAINT checkpoints_sound CHECK (threadmem.check_checkpoint(seq, base_seq, parent_seq, next_rev, next_change, created_at, checkpoint_ns,
        metadata, seen, patch, snapshot))
);
CREATE UNIQUE INDEX checkpoints_chain ON threadmem_data.checkpoints (tenant_id, thread_id, seq);
CREATE INDEX checkpoints_run ON threadmem_data.checkpoints (tenant_id, run_id, thread_id) WHERE run_id IS NOT NULL;
COMMENT ON TABLE threadmem_data.checkpoints IS
$$Checkpoints: each the change against its parent, or now and then the whole state. Messages are referred to, not
copied. Written by functions only.$$;
COMMENT ON COLUMN threadmem_data.checkpoints.seq IS 'Number of the checkpoint in its thread, over all namespaces; a parent''s is smaller.';
COMMENT ON COLUMN threadmem_data.checkpoints.base_seq IS 'No row before this one is needed to restore the state.';
COMMENT ON COLUMN threadmem_data.checkpoints.parent_seq IS
$$The parent's row; null when the parent is not stored, whatever parent_checkpoint_id says.$$;
COMMENT ON COLUMN threadmem_data.checkpoints.checkpoint_ns IS 'Empty for the thread''s own graph, node:task_id for a subgraph.';
COMMENT ON COLUMN threadmem_data.checkpoints.checkpoint_id IS 'Order is by bytes: the greatest is the latest.';
COMMENT ON COLUMN threadmem_data.checkpoints.run_id IS 'metadata''s run_id, if it is an id.';
COMMENT ON COLUMN threadmem_data.checkpoints.state_bytes IS
$$Bytes of the state as jsonb with its messages written out: so many at most, for an erased message is still
counted.$$;
COMMENT ON COLUMN threadmem_data.checkpoints.seen IS
$$Revisions of messages that this checkpoint or an ancestor has held; null in a subgraph's namespace.$$;
COMMENT ON COLUMN threadmem_data.checkpoints.next_rev IS
$$The first revision that it has not taken in: of those before only what has changed since can be pending.$$;
COMMENT ON COLUMN threadmem_data.checkpoints.next_change IS 'The first change of a message (messages.change) that it has not taken in.';
COMMENT ON COLUMN threadmem_data.checkpoints.patch IS 'JSON Patch (RFC 6902) that makes this state document from the parent''s.';
COMMENT ON COLUMN threadmem_data.checkpoints.snapshot IS
$$The whole state document: values, versions, seen, refs (runs of revisions by channel) and rest.$$;

CREATE TABLE threadmem_data.checkpoint_writes (
    tenant_id     text COLLATE "C" NOT NULL DEFAULT threadmem.current_tenant(),
    thread_id     text COLLATE "C" NOT NULL,
    checkpoint_ns text COLLATE "C" NOT NULL,
    checkpoint_id text COLLATE "C" NOT NULL,
    task_id       text COLLATE "C" NOT NULL,
    idx           integer NOT NULL,
    task_path     text COLLATE "C" NOT NULL DEFAULT '',
    channel       text COLLATE "C" NOT NULL,
    value         jsonb NOT NULL,
    PRIMARY KEY (tenant_id, thread_id, checkpoint_ns, checkpoint_id, task_id, idx),
    CONSTRAINT checkpoint_writes_numbers CHECK (idx OPERATOR(pg_catalog.>=) -4)
);
COMMENT ON TABLE threadmem_data.checkpoint_writes IS
$$What tasks wrote that started from a checkpoint; they may come before it. Applied in the order of task_path,
task_id and idx.$$;
COMMENT ON COLUMN threadmem_data.checkpoint_writes.idx IS 'Position in its batch; __error__ -1, __scheduled__ -2, __interrupt__ -3, __resume__ -4.';

CREATE TABLE threadmem_data.thread_values (
    tenant_id text COLLATE "C" NOT NULL DEFAULT threadmem.current_tenant(),
    thread_id text COLLATE "C" NOT NULL,
    "values"  jsonb NOT NULL,
    PRIMARY KEY (tenant_id, thread_id),
    CONSTRAINT thread_values_documents CHECK (threadmem.is_object("values"))
);
-- Never HOT: all there is to change is searched. A step that leaves the scalars as they are does not write the row.
CREATE INDEX thread_values_search ON threadmem_data.thread_values USING gin (threadmem.tenant_keys(tenant_id, "values") threadmem.tenant_keys);
ALTER INDEX threadmem_data.thread_values_search ALTER COLUMN 1 SET STATISTICS 0;
COMMENT ON TABLE threadmem_data.thread_values IS
$$The scalars up to 256 bytes at the top of each thread's latest state, for search by values. Written by functions
only.$$;

ALTER TABLE threadmem_data.checkpoints ENABLE ROW LEVEL SECURITY;
ALTER TABLE threadmem_data.checkpoint_writes ENABLE ROW LEVEL SECURITY;
ALTER TABLE threadmem_data.thread_values ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON threadmem_data.checkpoints
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
           AND threadmem.sees_thread(thread_id));
COMMENT ON POLICY own_rows ON threadmem_data.checkpoints IS 'The checkpoints of the threads this session sees.';
CREATE POLICY own_rows ON threadmem_data.checkpoint_writes
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
           AND threadmem.sees_thread(thread_id));
COMMENT ON POLICY own_rows ON threadmem_data.checkpoint_writes IS 'The writes of the threads this session sees.';
CREATE POLICY own_rows ON threadmem_data.thread_values
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
           AND threadmem.sees_thread(thread_id));
COMMENT ON POLICY own_rows ON threadmem_data.thread_values IS 'The values of the threads this session sees.';
SELECT pg_catalog.pg_extension_config_dump('threadmem_data.checkpoints', '');
SELECT pg_catalog.pg_extension_config_dump('threadmem_data.checkpoint_writes', '');
SELECT pg_catalog.pg_extension_config_dump('threadmem_data.thread_values', '');

CREATE FUNCTION threadmem.checkpoint_document(thread_id text, checkpoint_ns text, checkpoint_id text) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'threadmem_checkpoint_document' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.checkpoint_document(text, text, text) IS
$$A checkpoint with the values of all its channels, as its writer gave it.
The column checkpoint of the view checkpoints. Null when it is not stored and, with a warning, when it is
damaged or over 255 MB: checkpoint_get() tells the error.
Arguments:
  thread_id, checkpoint_ns, checkpoint_id: of the checkpoint
Errors:
  22023: bad input$$;

CREATE FUNCTION threadmem.checkpoint_pending_writes(thread_id text, checkpoint_ns text, checkpoint_id text) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'threadmem_checkpoint_pending_writes' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.checkpoint_pending_writes(text, text, text) IS
$$What tasks wrote at a checkpoint, [[task_id, channel, value]] in the order in which they apply.
The column pending_writes of the view checkpoints. Null, with a warning, when they are damaged or over 255 MB.
Arguments:
  thread_id, checkpoint_ns, checkpoint_id: of the checkpoint
Errors:
  22023: bad input$$;

CREATE VIEW threadmem.checkpoints WITH (security_barrier = true) AS
    SELECT c.thread_id, c.checkpoint_ns, c.checkpoint_id, c.parent_checkpoint_id,
           threadmem.checkpoint_document(c.thread_id, c.checkpoint_ns, c.checkpoint_id) AS checkpoint, c.metadata,
           threadmem.checkpoint_pending_writes(c.thread_id, c.checkpoint_ns, c.checkpoint_id) AS pending_writes,
           c.run_id, c.created_at, NULL::text[] AS left_out, NULL::jsonb AS lists, NULL::text AS mark
      FROM threadmem_data.checkpoints c, (VALUES (1)) AS one;
ALTER VIEW threadmem.checkpoints OWNER TO threadmem_runner;
COMMENT ON VIEW threadmem.checkpoints IS
$$The checkpoints of this tenant, as checkpoint_get gives them: checkpoint and pending_writes are restored where
they are asked for. left_out is of checkpoint_list: what of a row cannot be read. lists and mark are of calls that
ask for them: lists of messages by their revisions, and what to give as held the next time. For joins; read only.$$;

CREATE VIEW threadmem.listed_checkpoint WITH (security_invoker = true) AS
    SELECT c.*, ''::text AS position, false AS has_more FROM threadmem.checkpoints c WHERE false;
COMMENT ON VIEW threadmem.listed_checkpoint IS
$$One checkpoint of a list; position is where the next page goes on (after_position), has_more whether there is one,
on every row. Has no rows: the type of a result.$$;
CREATE VIEW threadmem.checkpoint_key WITH (security_invoker = true) AS
    SELECT ''::text AS thread_id, ''::text AS checkpoint_ns, ''::text AS checkpoint_id WHERE false;
COMMENT ON VIEW threadmem.checkpoint_key IS 'What names a checkpoint. Has no rows: the type of a result.';
CREATE VIEW threadmem.stored_checkpoint WITH (security_invoker = true) AS
    SELECT k.*, '{}'::jsonb AS lists, ''::text AS mark FROM threadmem.checkpoint_key k WHERE false;
COMMENT ON VIEW threadmem.stored_checkpoint IS
$$What names a checkpoint that was put; and, for who gave lists, the revisions in its lists of messages and what to give
as held. Has no rows: the type of a result.$$;

CREATE FUNCTION threadmem.checkpoint_put(
    thread_id text, checkpoint jsonb, metadata jsonb DEFAULT NULL, new_versions jsonb DEFAULT NULL,
    parent_checkpoint_id text DEFAULT NULL, checkpoint_ns text DEFAULT '', lists jsonb DEFAULT NULL,
    held text DEFAULT NULL) RETURNS threadmem.stored_checkpoint
    AS 'MODULE_PATHNAME', 'threadmem_checkpoint_put' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.checkpoint_put(text, jsonb, jsonb, jsonb, text, text, jsonb, text) IS
$$Stores a LangGraph checkpoint; the thread is made when it is not there.
A channel that is not in channel_versions is absent. An id put again gets the new checkpoint and metadata and
keeps its parent. Messages of the channel messages are stored once and referred to. Many in one transaction:
each goes past all that the transaction made of the thread's row and its values before, so more than some
hundreds are committed in between.
Arguments:
  thread_id: of the thread
  checkpoint: {"id", "ts", "channel_values", "channel_versions", "versions_seen", ...}. Versions may be numbers
    from -2^62 to 2^62 and text of any kind (of which the number of 32 digits with which LangGraph's begins is
    within that); an id of more than 218 bytes has to leave room for one above it. ts is the event_at of messages
    that are new and do not say theirs, unless it is no time or one to come: then that is now
  metadata: a JSON object; a number in its step is a whole one in the range of versions
  new_versions: {channel: version} names the channels that changed, null all; one of these without a value is
    stored as absent. Every other channel of channel_versions has the value of the parent if its version is the
    same there; else, if a checkpoint of the namespace brought this version in, the value given here, or without
    one that of the newest such checkpoint; else none
  parent_checkpoint_id: the checkpoint it follows; null: none
  checkpoint_ns: the namespace, '' for the thread's own graph
  lists: {channel: [[first, last], {message}, ...]} in place of values: lists of messages, in order, as runs of
    revisions that the parent's list of the channel has, and messages. With it, '{}' too, the result has the lists of
    the new checkpoint, {channel: {"runs": [[first, last]]}} (null where a message in them was erased), and its mark
  held: the mark of the parent, which runs in lists are of
Errors:
  P0002: the parent was deleted with its thread
  55000: the run that metadata names as run_id is over, or was deleted and another has the thread
  TM001: lists goes by what the parent has no more, or never had (another mark, other revisions, no such list, messages
    of another form): put the values
  22023: a malformed checkpoint, an id, version or step that cannot be counted on; lists that are none, or of a channel
    that is not new or has a value as well
  54000: a message over threadmem.max_body, or a state over 255 MB with its messages written out; then nothing
    is stored
Answers: LangGraph BaseCheckpointSaver.put.$$;

CREATE FUNCTION threadmem.checkpoint_put_writes(
    thread_id text, checkpoint_id text, task_id text, writes jsonb, task_path text DEFAULT '',
    checkpoint_ns text DEFAULT '', run_id text DEFAULT NULL) RETURNS integer
    AS 'MODULE_PATHNAME', 'threadmem_checkpoint_put_writes' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.checkpoint_put_writes(text, text, text, jsonb, text, text, text) IS
$$Stores what a task wrote that started from a checkpoint; returns how many rows were stored or replaced.
A batch of __error__, __scheduled__, __interrupt__ and __resume__ only replaces what is there; any other keeps
what is there under the same task and place.
Arguments:
  thread_id: of the thread
  checkpoint_id: of the checkpoint, which may come later
  task_id: of the task
  writes: [[channel, value]]
  task_path: where the task stands in the graph
  checkpoint_ns: the namespace, '' for the thread's own graph
  run_id: of the run that writes; the checkpoint may be of another
Errors:
  P0002: the checkpoint was deleted with its thread
  55000: the run is over, or was deleted and another has the thread
  22023: bad input
  54000: the writes of the checkpoint are over 247 MB together
Answers: LangGraph BaseCheckpointSaver.put_writes.$$;

CREATE FUNCTION threadmem.checkpoint_get(
    thread_id text, checkpoint_ns text DEFAULT '', checkpoint_id text DEFAULT NULL,
    missing_ok boolean DEFAULT true, held text DEFAULT NULL) RETURNS SETOF threadmem.checkpoints
    AS 'MODULE_PATHNAME', 'threadmem_checkpoint_get' LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 1
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.checkpoint_get(text, text, text, boolean, text) IS
$$One checkpoint of a namespace with its pending writes; the latest when no id is given.
The latest has the greatest id by bytes.
Arguments:
  thread_id: of the thread
  checkpoint_ns: the namespace, '' for the thread's own graph
  checkpoint_id: null: the latest
  missing_ok: no row when there is none (default), else an error
  held: '', or the mark of another checkpoint of the namespace whose messages the caller has. Then lists of messages
    are not among the values but in lists, {channel: {"runs", "new", "messages"}}: runs [[first, last]] of revisions are
    the list in its order, messages the bodies of the revisions in new, each once, by revision. What the other
    checkpoint has in the channel is not new; where that is not as it was, all is. What is in runs, not new, and not had
    either is an erased message's, and is left out
Errors:
  P0002: none, with missing_ok false
  22023: bad input
  54000: it is too large for jsonb
Answers: LangGraph BaseCheckpointSaver.get_tuple.$$;

CREATE FUNCTION threadmem.checkpoint_list(
    thread_id text DEFAULT NULL, checkpoint_ns text DEFAULT NULL, checkpoint_id text DEFAULT NULL,
    metadata jsonb DEFAULT NULL, before_id text DEFAULT NULL, max_rows bigint DEFAULT 20,
    after_id text DEFAULT NULL, after_thread_id text DEFAULT NULL, after_ns text DEFAULT NULL,
    after_position text DEFAULT NULL, before_position text DEFAULT NULL,
    apart boolean DEFAULT false) RETURNS SETOF threadmem.listed_checkpoint
    AS 'MODULE_PATHNAME', 'threadmem_checkpoint_list' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.checkpoint_list(text, text, text, jsonb, text, bigint, text, text, text, text, text, boolean) IS
$$Checkpoints of a thread, a namespace, or all, newest id first, then by thread and namespace, in pages.
What is too large for jsonb, or damaged, is null in its row, and left_out names it.
Arguments:
  thread_id, checkpoint_ns, checkpoint_id: of these only; null is any
  metadata: containment: exactly, types matter
  before_id: ids less than this one by bytes, which need not exist
  max_rows: rows of a page, 0 to 1,000
  after_id, after_thread_id, after_ns: the keys of the last row of the page before; the latter two where several
    threads or namespaces are listed
  after_position: the position of the last row of the page before; that row may be gone
  before_position: as before_id, of a row
  apart: true: lists of messages are in lists, as checkpoint_get() has them with held; what a row before on the page
    has in the same form is not new
Errors:
  22023: bad input, or a position of another list
Answers: LangGraph BaseCheckpointSaver.list.$$;

CREATE FUNCTION threadmem.checkpoint_delta_history(
    thread_id text, channels text[], checkpoint_ns text DEFAULT '', checkpoint_id text DEFAULT NULL) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'threadmem_checkpoint_delta_history' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.checkpoint_delta_history(text, text[], text, text) IS
$$What restores delta channels at a checkpoint: {channel: {"writes": [[task_id, channel, value]], "seed": value}}.
The writes are those of its ancestors, oldest first, back to the nearest one whose state has the channel: that
value is the seed, and its own writes count. No such ancestor, no seed; the checkpoint's own writes do not
count.
Arguments:
  thread_id: of the thread
  channels: their names
  checkpoint_ns: the namespace, '' for the thread's own graph
  checkpoint_id: null: the latest
Errors:
  22023: bad input
  54000: it is too large for jsonb
Answers: LangGraph BaseCheckpointSaver.get_delta_channel_history.$$;

CREATE FUNCTION threadmem.checkpoint_copy_thread(thread_id text, new_thread_id text) RETURNS integer
    AS 'MODULE_PATHNAME', 'threadmem_checkpoint_copy_thread' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.checkpoint_copy_thread(text, text) IS
$$Copies all checkpoints of a thread, their writes and its messages under the same ids to a thread that has none yet.
Returns how many checkpoints; 0 when there is no such thread.
Arguments:
  thread_id: of the source
  new_thread_id: of the copy, which is created when it is not there
Errors:
  23505: the new thread has messages or checkpoints
  22023: bad input
Answers: LangGraph BaseCheckpointSaver.copy_thread.$$;

CREATE FUNCTION threadmem.checkpoint_delete_thread(thread_id text) RETURNS integer
    AS 'MODULE_PATHNAME', 'threadmem_checkpoint_delete_thread' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.checkpoint_delete_thread(text) IS
$$Deletes all checkpoints of a thread, their writes, and the messages that came with them alone.
A thread that nothing else was put into goes as well. A tombstone stops late writers (threadmem.tombstone_ttl)
until thread_create() or a checkpoint without parent. Returns how many checkpoints; 0 when there is no such
thread.
Arguments:
  thread_id: of the thread
Errors:
  22023: bad input
  42501: not the owner's session
Answers: LangGraph BaseCheckpointSaver.delete_thread.$$;

CREATE FUNCTION threadmem.checkpoint_delete_for_runs(run_ids text[], thread_id text DEFAULT NULL) RETURNS integer
    AS 'MODULE_PATHNAME', 'threadmem_checkpoint_delete_for_runs' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.checkpoint_delete_for_runs(text[], text) IS
$$Deletes the checkpoints of some runs with their writes; returns how many.
What is left keeps its state, and what others than these runs added to the log stays live. A checkpoint stays
whose writes a delta channel of a later one needs.
Arguments:
  run_ids: run_id in the metadata of the checkpoints
  thread_id: in one thread; null: in all
Errors:
  22023: bad input
Answers: LangGraph BaseCheckpointSaver.delete_for_runs.$$;

CREATE FUNCTION threadmem.checkpoint_prune(
    thread_ids text[], strategy text DEFAULT 'keep_latest', keep bigint DEFAULT 1) RETURNS integer
    AS 'MODULE_PATHNAME', 'threadmem_checkpoint_prune' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.checkpoint_prune(text[], text, bigint) IS
$$Thins out checkpoints to the newest of each namespace; returns how many went.
Unknown threads are skipped.
Arguments:
  thread_ids: of the threads
  strategy: keep_latest keeps the newest ones of every namespace with their state and writes, and the ancestors
    that their delta channels need; revisions of messages go that are neither live nor part of a state kept.
    delete is checkpoint_delete_thread() for each
  keep: how many of a namespace stay, from 1
Errors:
  22023: bad input
  42501: not the owner's session
Answers: LangGraph BaseCheckpointSaver.prune.$$;
