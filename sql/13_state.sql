-- state: the thread door: states read and changed without LangGraph.

-- What a fold has to take in: changes since the last.
CREATE INDEX messages_changed ON threadmem_data.messages (tenant_id, thread_id, change) WHERE change IS NOT NULL;

CREATE VIEW threadmem.state_snapshot WITH (security_invoker = true) AS
    SELECT '{}'::jsonb AS "values", '{}'::text[] AS next, '{}'::jsonb AS tasks, '{}'::jsonb AS metadata,
           NULL::timestamptz AS created_at, NULL::jsonb AS checkpoint, NULL::jsonb AS parent_checkpoint,
           '{}'::jsonb AS interrupts, NULL::text AS checkpoint_id, NULL::text AS parent_checkpoint_id WHERE false;
COMMENT ON VIEW threadmem.state_snapshot IS
$$The state of a thread at a checkpoint, in LangGraph's shape; to_jsonb() gives the JSON. checkpoint is null, and
values are empty, where there is none; checkpoint_id and parent_checkpoint_id are those of checkpoint and
parent_checkpoint. Has no rows: the type of a result.$$;
CREATE VIEW threadmem.listed_state WITH (security_invoker = true) AS
    SELECT s.*, ''::text AS position, false AS has_more FROM threadmem.state_snapshot s WHERE false;
COMMENT ON VIEW threadmem.listed_state IS
$$One state of a history of a list; position is where the next page goes on (after_position), has_more whether there
is one, on every row. Has no rows: the type of a result.$$;

CREATE FUNCTION threadmem.thread_update_state(
    thread_id text, input jsonb DEFAULT NULL, as_node text DEFAULT NULL, updates jsonb DEFAULT NULL,
    checkpoint_id text DEFAULT NULL, next text[] DEFAULT NULL, run_id text DEFAULT NULL,
    checkpoint_ns text DEFAULT '', metadata jsonb DEFAULT NULL) RETURNS threadmem.checkpoint_key
    AS 'MODULE_PATHNAME', 'threadmem_thread_update_state' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.thread_update_state(text, jsonb, text, jsonb, text, text[], text, text, jsonb) IS
$$Makes a new checkpoint as a node would have written it, or a branch at an older one; returns its key.
What was said in the log meanwhile is folded in first; where that alone would make the state too large, in one
checkpoint with the update, which may take messages out.
Arguments:
  thread_id: of the thread
  input: {channel: update}, which go through the reducers of the thread's graph; null without as_node makes an
    empty step
  as_node: the node that is to have written it, by default the one that ran last. Also __input__ (input waits in
    __start__), __start__ (as the graph's input), __end__ with null input (pending tasks end), __copy__ (a
    sibling of the checkpoint)
  updates: [{"values", "as_node"}], several updates in one superstep, instead of input; in place of values
    "command": {"update": values, "goto": nodes or sends {"node", "input"} to run next beside the edges' nodes}
  checkpoint_id: build on this one as it is, which makes a branch: what was said until now, folded or not, stays
    with the branch that is left. That holds of the latest one too, unless run_id goes on from it
  next: the nodes to run then, by default those that the graph's edges lead to
  run_id: the run in progress, whose checkpoint (source loop) it becomes
  checkpoint_ns: the namespace, '' for the thread's own graph; that of a subgraph needs its definition in the
    graph's, unless nothing is written
  metadata: kept in the checkpoint's metadata, for filters of thread_history() and checkpoint_list(). What tells of
    the checkpoint itself wins: source, step, parents, what delta channels count, and run_id where it is given
Errors:
  P0002: no such thread, checkpoint or run
  55006: a run of the thread is queued, in progress or cancelling and run_id is not given
  55000: run_id is not in progress, or the run that metadata names is over
  22023: no such node, ambiguous as_node, two values for a last_value channel, a message removed that is not
    there, a key of updates that is not known, a command that resumes, a subgraph that is not declared, bad input
  54000: a state over 255 MB with its messages, or a version or id in the chain, written by hand, that none can
    follow
  22003: a sum out of range
Answers: LangGraph threads.update_state.$$;

CREATE FUNCTION threadmem.thread_fold(thread_id text, at_rest boolean DEFAULT false) RETURNS text
    AS 'MODULE_PATHNAME', 'threadmem_thread_fold' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.thread_fold(text, boolean) IS
$$Takes what the log has and the latest state has not seen into an update checkpoint; returns its id.
That is new, changed and deleted messages. Null when there is nothing, which locks and writes nothing, or tasks of
the latest checkpoint have pending writes. A LangGraph client calls it before it resumes; thread_update_state() does
so itself.
Arguments:
  thread_id: of the thread
  at_rest: true, for who only reads: not while nodes are to run next or the thread is busy, since who is at work
    puts the next checkpoint beside this one, and what was folded stays with the branch that is left
Errors:
  P0002: no such thread
  54000: the state would be over 255 MB; then take messages out of it by thread_update_state() with
    RemoveMessage, or by message_delete()
  22023: bad input$$;

CREATE VIEW threadmem.rewound_thread WITH (security_invoker = true) AS
    SELECT ''::text AS thread_id, ''::text AS message_id, NULL::text AS checkpoint_id,
           NULL::text AS left_checkpoint_id WHERE false;
COMMENT ON VIEW threadmem.rewound_thread IS
$$What thread_rewind() did. message_id is the new wording's, else the message's; checkpoint_id the latest now;
left_checkpoint_id the end of the branch that was left, null where none was. Has no rows: the type of a result.$$;

CREATE FUNCTION threadmem.thread_rewind(
    thread_id text, message_id text, content text DEFAULT NULL, body jsonb DEFAULT NULL, parts jsonb DEFAULT NULL,
    new_message_id text DEFAULT NULL, checkpoint_id text DEFAULT NULL, before_message boolean DEFAULT NULL)
    RETURNS threadmem.rewound_thread
    AS 'MODULE_PATHNAME', 'threadmem_thread_rewind' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.thread_rewind(text, text, text, jsonb, jsonb, text, text, boolean) IS
$$Goes back to before a message in the same thread, with a new wording of it if one is given; or to another branch.
What is said from there on is kept, on the branch that is left: message_siblings() lists it. The state goes back
to what it was then; what no state had seen yet, and earlier messages that were reworded since, are as the log
has them. The first message of a thread will do, and so will a thread without any checkpoint.
A message of another branch makes that branch current, with all that followed there.
Arguments:
  thread_id: of the thread
  message_id: of the message
  content: the new wording, said by whom the message is, which is added in its place
  body: or a whole message
  parts: or its content where it is an array of parts
  new_message_id: of the new wording; null generates one. The call repeated with it changes nothing
  checkpoint_id: the branch, as message_siblings() gives it; null: the present one, or the newest that has the
    message
  before_message: true goes to before the message also on another branch, so that a repeated call does not bring
    it back; false makes its branch current, and does nothing on the present one. Null: before, unless the message
    is on another branch and no wording is given
Errors:
  P0002: no such thread or checkpoint, or no such message on any branch
  55006: a run of the thread is queued, in progress or cancelling
  23505: another message has new_message_id
  22023: a branch without the message, more than one wording, bad input
  54000: a state over 255 MB with its messages, or a body over threadmem.max_body
Answers: edit and regenerate of chat interfaces, the branch switcher of LangGraph's chat.$$;

CREATE VIEW threadmem.sibling_message WITH (security_invoker = true) AS
    SELECT c.*, NULL::text AS checkpoint_id, false AS is_current FROM threadmem.messages c WHERE false;
COMMENT ON VIEW threadmem.sibling_message IS
$$One of the alternatives in a place of a thread. checkpoint_id is the newest end of a branch that has it, null
where there is no checkpoint yet; is_current tells the one that the log shows. Has no rows: the type of a result.$$;

CREATE FUNCTION threadmem.message_siblings(thread_id text, message_id text) RETURNS SETOF threadmem.sibling_message
    AS 'MODULE_PATHNAME', 'threadmem_message_siblings' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.message_siblings(text, text) IS
$$The alternatives in the place of a message, itself among them, as they were said: what "2 of 3" counts.
They are what comes behind the same message on every branch: other wordings of a question, other answers to it.
thread_rewind() with the id of one makes its branch current. What was deleted is left out.
Arguments:
  thread_id: of the thread
  message_id: of the message, on whatever branch
Errors:
  P0002: no such message on any branch
  22023: bad input
Answers: the branches of a message in LangGraph's useStream, sibling messages of chat interfaces.$$;

CREATE FUNCTION threadmem.thread_state(
    thread_id text, checkpoint_id text DEFAULT NULL, checkpoint_ns text DEFAULT '',
    subgraphs boolean DEFAULT false, fields text[] DEFAULT NULL) RETURNS threadmem.state_snapshot
    AS 'MODULE_PATHNAME', 'threadmem_thread_state' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.thread_state(text, text, text, boolean, text[]) IS
$$The state of a thread: values, nodes to run next, tasks with errors, interrupts and results, metadata.
The latest has what tasks have written already and what the log has that no checkpoint has seen; a thread
without checkpoint has its log as messages. Where there is no such checkpoint the state is empty.
Arguments:
  thread_id: of the thread
  checkpoint_id: at this checkpoint; null: the latest
  checkpoint_ns: of one of its subgraphs; '' for the thread's own graph
  subgraphs: nests the states of subgraphs into the tasks
  fields: columns wanted, values.<channel> for single ones; the others are null
Errors:
  P0002: no such thread
  22023: bad input
  54000: what was asked for is too large for jsonb
Answers: LangGraph threads.get_state.$$;

CREATE FUNCTION threadmem.thread_state(
    thread_uuid uuid, checkpoint_id text DEFAULT NULL, checkpoint_ns text DEFAULT '',
    subgraphs boolean DEFAULT false, fields text[] DEFAULT NULL) RETURNS SETOF threadmem.state_snapshot
    LANGUAGE sql STABLE PARALLEL RESTRICTED ROWS 1
    BEGIN ATOMIC SELECT * FROM threadmem.thread_state(thread_uuid::text, checkpoint_id, checkpoint_ns, subgraphs, fields); END;
COMMENT ON FUNCTION threadmem.thread_state(uuid, text, text, boolean, text[]) IS
$$thread_state() for an id of type uuid, as the application's own tables have it.
It has an argument's name of its own for those who choose functions by the names of arguments (PostgREST).
Arguments: as those of thread_state(), with thread_uuid for thread_id.
Errors:
  P0002: as there
  22023: as there
  54000: as there$$;

CREATE FUNCTION threadmem.thread_history(
    thread_id text, max_rows bigint DEFAULT 10, before_id text DEFAULT NULL, metadata jsonb DEFAULT NULL,
    checkpoint_ns text DEFAULT '', checkpoint_id text DEFAULT NULL, fields text[] DEFAULT NULL,
    after_position text DEFAULT NULL, before_position text DEFAULT NULL) RETURNS SETOF threadmem.listed_state
    AS 'MODULE_PATHNAME', 'threadmem_thread_history' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.thread_history(text, bigint, text, jsonb, text, text, text[], text, text) IS
$$The states of a thread, newest checkpoint id first, over all branches of one namespace.
What each checkpoint says, without pending writes. Values, tasks or interrupts that are too large for jsonb, or
damaged, are null, and left_out in metadata names them.
Arguments:
  thread_id: of the thread
  max_rows: rows of a page, 0 to 1,000
  before_id: ids less than this one, which need not exist
  metadata: containment: exactly, types matter
  checkpoint_ns: the namespace, '' for the thread's own graph
  checkpoint_id: this one only
  fields: as in thread_state()
  after_position, before_position: go on after the row of this position; a list from the newest on does not tell
    them apart
Errors:
  P0002: no such thread
  22023: bad input, or a position of another list
Answers: LangGraph threads.get_history.$$;

CREATE FUNCTION threadmem.thread_diff(
    thread_id text, from_id text, to_id text, checkpoint_ns text DEFAULT '') RETURNS jsonb
    AS 'MODULE_PATHNAME', 'threadmem_thread_diff' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.thread_diff(text, text, text, text) IS
$$What differs between the values at two checkpoints of a thread, of any branch, as a JSON Patch (RFC 6902).
It makes those at to_id of those at from_id, as json_diff() gives it.
Arguments:
  thread_id: of the thread
  from_id, to_id: of the checkpoints
  checkpoint_ns: the namespace, '' for the thread's own graph
Errors:
  P0002: no such thread or checkpoint
  22023: bad input
  54000: values too large for jsonb$$;

CREATE FUNCTION threadmem.state_matches(thread_id text, values_match jsonb) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_state_matches' LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.state_matches(text, jsonb) IS
$$Whether the values that the latest checkpoint of a thread has contain these.
What thread_search(values_match) asks of states. What tasks have written since and what the log has more does
not count. A thread without checkpoint has no values, an unknown one matches nothing, and so do values too large
for jsonb.
Arguments:
  thread_id: of the thread
  values_match: containment: exactly, types matter
Errors:
  22023: bad input$$;

-- Of the log as well; it stands here because of the view state.
CREATE FUNCTION threadmem.message_list(
    thread_id text, max_rows bigint DEFAULT 20, sort_order text DEFAULT 'asc', after_id text DEFAULT NULL,
    after_seq bigint DEFAULT NULL, before_id text DEFAULT NULL, before_seq bigint DEFAULT NULL,
    role text DEFAULT NULL, run_id text DEFAULT NULL, metadata jsonb DEFAULT NULL,
    include_deleted boolean DEFAULT false, view text DEFAULT 'log',
    after_position text DEFAULT NULL, before_position text DEFAULT NULL) RETURNS SETOF threadmem.listed_message
    AS 'MODULE_PATHNAME', 'threadmem_message_list' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.message_list(text, bigint, text, text, bigint, text, bigint, text, text, jsonb, boolean, text, text, text) IS
$$A page of a thread's messages by seq, oldest first; view 'state' lists what the latest state holds.
Arguments:
  thread_id: of the thread
  max_rows: rows of the page, 0 to 1,000; has_more on every row tells whether another page follows
  sort_order: asc or desc
  after_id, after_seq, after_position: begin behind this message, in the order of the list
  before_id, before_seq, before_position: stop before this one
  role: this role only, in any system's spelling
  run_id: of this run only
  metadata: containment: exactly, types matter
  include_deleted: also deleted and erased messages, and those that only other branches have (state off_branch)
  view: log, or state: what the latest state holds, with what it has not seen yet, in the state's order. That
    pages by positions and ids; where the message of a position is gone from the state, the one said last before
    it stands for it. What only writes of a delta channel have brought yet comes without rev, state and created_at,
    a new message also without seq
Errors:
  P0002: no such thread, or no such message in it
  22023: bad input, or a position of another list or order
  0A000: with view state, a delta channel messages whose reducer the thread's graph does not declare
Answers: OpenAI messages.list, Entities list_messages, Zep thread.get(limit, cursor).$$;

CREATE FUNCTION threadmem.message_list(
    thread_uuid uuid, max_rows bigint DEFAULT 20, sort_order text DEFAULT 'asc', after_id text DEFAULT NULL,
    after_seq bigint DEFAULT NULL, before_id text DEFAULT NULL, before_seq bigint DEFAULT NULL,
    role text DEFAULT NULL, run_id text DEFAULT NULL, metadata jsonb DEFAULT NULL,
    include_deleted boolean DEFAULT false, view text DEFAULT 'log',
    after_position text DEFAULT NULL, before_position text DEFAULT NULL) RETURNS SETOF threadmem.listed_message
    LANGUAGE sql STABLE PARALLEL RESTRICTED
    BEGIN ATOMIC SELECT * FROM threadmem.message_list(thread_uuid::text, max_rows, sort_order, after_id, after_seq, before_id,
        before_seq, role, run_id, metadata, include_deleted, view, after_position, before_position); END;
COMMENT ON FUNCTION threadmem.message_list(uuid, bigint, text, text, bigint, text, bigint, text, text, jsonb, boolean, text, text, text) IS
$$message_list() for an id of type uuid, as the application's own tables have it.
It has an argument's name of its own for those who choose functions by the names of arguments (PostgREST).
Arguments: as those of message_list(), with thread_uuid for thread_id.
Errors:
  P0002: as there
  22023: as there
  0A000: as there$$;
