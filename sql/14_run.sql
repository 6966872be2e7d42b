-- run: who works on a thread now.

CREATE FUNCTION threadmem.check_run(
    seq bigint, status text, strategy text, actions bigint, awaits text[], lease_until timestamptz, expires_at timestamptz, created_at timestamptz,
    due_at timestamptz, blocked_until timestamptz, started_at timestamptz, completed_at timestamptz, updated_at timestamptz, kwargs jsonb,
    metadata jsonb, config jsonb, required_action jsonb, usage jsonb) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_check_run' LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.check_run(bigint, text, text, bigint, text[], timestamptz, timestamptz, timestamptz, timestamptz, timestamptz,
    timestamptz, timestamptz, timestamptz, jsonb, jsonb, jsonb, jsonb, jsonb) IS
$$The constraint of the table runs: whether a row is as the functions write it and read it.
One function, because a constraint is read from its text with every statement.
Arguments: the columns of that name, nulls too (which NOT NULL judges).
Errors:
  23514: names the column$$;

CREATE TABLE threadmem_data.runs (
    tenant_id         text COLLATE "C" NOT NULL DEFAULT threadmem.current_tenant(),
    thread_id         text COLLATE "C" NOT NULL,
    run_id            text COLLATE "C" NOT NULL,
    seq               bigint NOT NULL,
    status            text COLLATE "C" NOT NULL,
    strategy          text COLLATE "C" NOT NULL,
    assistant_id      text COLLATE "C",
    graph_id          text COLLATE "C",
    worker            text COLLATE "C",
    incomplete_reason text,
    actions           bigint NOT NULL DEFAULT 0,
    awaits            text[] COLLATE "C",
    lease_until       timestamptz,
    expires_at        timestamptz NOT NULL,
    created_at        timestamptz NOT NULL,
    due_at            timestamptz NOT NULL,
    blocked_until     timestamptz,
    started_at        timestamptz,
    completed_at      timestamptz,
    updated_at        timestamptz NOT NULL,
    input             jsonb,
    kwargs            jsonb NOT NULL DEFAULT '{}',
    metadata          jsonb NOT NULL DEFAULT '{}',
    config            jsonb NOT NULL DEFAULT '{}',
    required_action   jsonb,
    result            jsonb,
    error             jsonb,
    usage             jsonb,
    PRIMARY KEY (tenant_id, thread_id, run_id),
    CONSTRAINT runs_order UNIQUE (tenant_id, thread_id, seq),
    CONSTRAINT runs_sound CHECK (threadmem.check_run(seq, status, strategy, actions, awaits, lease_until, expires_at, created_at, due_at,
        blocked_until, started_at, completed_at, updated_at, kwargs, metadata, config, required_action, usage))
) WITH (fillfactor = 80);
-- A heartbeat is HOT. A new status is not: the queue is found by it; what comes with it (usage, result, error) is in the same update. A page has
-- room for one more version of a row of 2 kB, the largest that is not stored apart; it is free again when no snapshot needs the old version, so
-- that sessions which look back long make updates of such rows leave their page.
-- What is not over, in a thread: one at work, whatever the functions do, then the queued ones (src/run/line.c); the first and the last to expire.
CREATE UNIQUE INDEX runs_working ON threadmem_data.runs (tenant_id, thread_id)
    WHERE status OPERATOR(pg_catalog.=) ANY (ARRAY['in_progress', 'requires_action', 'cancelling']);
CREATE INDEX runs_line ON threadmem_data.runs (tenant_id, thread_id, (status OPERATOR(pg_catalog.=) 'queued'), due_at, seq)
    WHERE status OPERATOR(pg_catalog.=) ANY (ARRAY['queued', 'in_progress', 'requires_action', 'cancelling']);
CREATE INDEX runs_lapse ON threadmem_data.runs (tenant_id, thread_id, expires_at) WHERE status OPERATOR(pg_catalog.=) 'queued';
-- The queue of the tenant (src/run/claim.c): what may be started, of all, of an assistant, of a graph; what comes after others, what expires.
CREATE INDEX runs_queue ON threadmem_data.runs (tenant_id, due_at, thread_id, seq, expires_at)
    WHERE status OPERATOR(pg_catalog.=) 'queued' AND blocked_until IS NULL;
CREATE INDEX runs_of_assistant ON threadmem_data.runs (tenant_id, assistant_id, due_at, thread_id, seq, expires_at)
    WHERE status OPERATOR(pg_catalog.=) 'queued' AND blocked_until IS NULL AND assistant_id IS NOT NULL;
CREATE INDEX runs_of_graph ON threadmem_data.runs (tenant_id, graph_id, due_at, thread_id, seq, expires_at)
    WHERE status OPERATOR(pg_catalog.=) 'queued' AND blocked_until IS NULL AND graph_id IS NOT NULL;
CREATE INDEX runs_blocked ON threadmem_data.runs (tenant_id, blocked_until, thread_id, seq, expires_at)
    WHERE status OPERATOR(pg_catalog.=) 'queued' AND blocked_until IS NOT NULL;
CREATE INDEX runs_expiry ON threadmem_data.runs (tenant_id, expires_at) WHERE status OPERATOR(pg_catalog.=) 'queued';
CREATE INDEX runs_watched ON threadmem_data.runs (tenant_id, blocked_until)
    WHERE status OPERATOR(pg_catalog.=) ANY (ARRAY['in_progress', 'requires_action', 'cancelling']);
COMMENT ON TABLE threadmem_data.runs IS 'Runs: an agent''s turn on a thread, waiting, at work or over. Written by functions only.';
COMMENT ON COLUMN threadmem_data.runs.seq IS 'Number of the run in its thread, in the order of creation.';
COMMENT ON COLUMN threadmem_data.runs.status IS
$$As it was last written; a run past its lease or its expiry is expired, and every function says so. OpenAI's
names, and interrupted. LangGraph: queued is pending, in_progress and cancelling running, completed and
incomplete success, failed error, expired timeout, interrupted, cancelled and requires_action interrupted.
Entities: requires_action is action_required, which raw SQL there calls pending_action. Backboard: the same
names in capitals; queued and cancelling are IN_PROGRESS, incomplete and expired FAILED, interrupted CANCELLED.$$;
COMMENT ON COLUMN threadmem_data.runs.actions IS 'How often it asked for outputs of tools.';
COMMENT ON COLUMN threadmem_data.runs.awaits IS 'Ids of the tool calls whose outputs are still to come.';
COMMENT ON COLUMN threadmem_data.runs.lease_until IS
$$Until when its worker has it, set only while there is one: the worker calls run_heartbeat before.$$;
COMMENT ON COLUMN threadmem_data.runs.due_at IS 'Not to be started before; the place in the queue.';
COMMENT ON COLUMN threadmem_data.runs.blocked_until IS
$$Set while another run of the thread comes before a queued one: no claim looks at it before that other one has
ended or this time has come. Of a run at work: run_expire() does not look whether it is over before this time,
which a heartbeat leaves as it is.$$;
COMMENT ON COLUMN threadmem_data.runs.completed_at IS 'When it ended, whichever way.';
COMMENT ON COLUMN threadmem_data.runs.required_action IS 'What it asked for last, in OpenAI''s form.';

CREATE TABLE threadmem_data.run_steps (
    tenant_id    text COLLATE "C" NOT NULL DEFAULT threadmem.current_tenant(),
    thread_id    text COLLATE "C" NOT NULL,
    run_id       text COLLATE "C" NOT NULL,
    step_no      integer NOT NULL,
    type         text COLLATE "C" NOT NULL CONSTRAINT run_steps_type CHECK (type OPERATOR(pg_catalog.=) ANY (ARRAY['message_creation', 'tool_calls', 'node'])),
    status       text COLLATE "C" NOT NULL CONSTRAINT run_steps_status
        CHECK (status OPERATOR(pg_catalog.=) ANY (ARRAY['in_progress', 'completed', 'failed', 'cancelled', 'expired'])),
    name         text,
    message_id   text COLLATE "C",
    tool_call_id text COLLATE "C",
    created_at   timestamptz NOT NULL,
    completed_at timestamptz,
    details      jsonb NOT NULL DEFAULT '{}',
    metadata     jsonb NOT NULL DEFAULT '{}',
    error        jsonb,
    usage        jsonb,
    PRIMARY KEY (tenant_id, thread_id, run_id, step_no),
    CONSTRAINT run_steps_numbers CHECK (step_no OPERATOR(pg_catalog.>=) 1),
    CONSTRAINT run_steps_times CHECK (pg_catalog.isfinite(created_at) AND pg_catalog.isfinite(completed_at)),
    CONSTRAINT run_steps_documents CHECK (threadmem.is_object(details) AND threadmem.is_object(metadata) AND threadmem.is_object(usage))
) WITH (fillfactor = 80); -- a step that ends is HOT
COMMENT ON TABLE threadmem_data.run_steps IS 'What a run did, step by step: messages made, tools called, nodes run. Written by functions only.';

ALTER TABLE threadmem_data.runs ENABLE ROW LEVEL SECURITY;
ALTER TABLE threadmem_data.run_steps ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON threadmem_data.runs
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
           AND threadmem.sees_thread(thread_id));
COMMENT ON POLICY own_rows ON threadmem_data.runs IS 'The runs of the threads this session sees.';
CREATE POLICY own_rows ON threadmem_data.run_steps
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
           AND threadmem.sees_thread(thread_id));
COMMENT ON POLICY own_rows ON threadmem_data.run_steps IS 'The steps of the threads this session sees.';
SELECT pg_catalog.pg_extension_config_dump('threadmem_data.runs', '');
SELECT pg_catalog.pg_extension_config_dump('threadmem_data.run_steps', '');

CREATE VIEW threadmem.runs WITH (security_barrier = true) AS
    SELECT r.thread_id, r.run_id, r.seq, (CASE WHEN x.expired THEN 'expired' ELSE r.status END)::text AS status, r.strategy,
           r.assistant_id, r.graph_id, r.input, r.kwargs, r.metadata, r.config,
           (CASE WHEN r.status OPERATOR(pg_catalog.=) 'requires_action' AND NOT x.expired THEN r.required_action END)::jsonb AS required_action,
           r.result, r.error, r.usage, r.incomplete_reason, r.worker, r.lease_until, r.expires_at, r.created_at, r.due_at,
           r.started_at, (CASE WHEN x.expired THEN LEAST(r.lease_until, r.expires_at) ELSE r.completed_at END)::timestamptz AS completed_at, r.updated_at
      FROM threadmem_data.runs r, LATERAL (VALUES (
           r.status OPERATOR(pg_catalog.=) ANY (ARRAY['queued', 'in_progress', 'requires_action', 'cancelling'])
           AND LEAST(r.lease_until, r.expires_at) OPERATOR(pg_catalog.<=) pg_catalog.clock_timestamp())) AS x (expired);
ALTER VIEW threadmem.runs OWNER TO threadmem_runner;
COMMENT ON VIEW threadmem.runs IS
$$The runs of this tenant that the session sees, as run_get gives them: status is what holds now. For joins; read
only.$$;
CREATE VIEW threadmem.steps WITH (security_barrier = true) AS
    SELECT s.thread_id, s.run_id, s.step_no, s.type, s.status, s.name, s.message_id, s.tool_call_id, s.details, s.metadata,
           s.error, s.usage, s.created_at, s.completed_at
      FROM threadmem_data.run_steps s, (VALUES (1)) AS one;
ALTER VIEW threadmem.steps OWNER TO threadmem_runner;
COMMENT ON VIEW threadmem.steps IS 'The steps of the runs of this tenant that the session sees, as run_steps gives them. For joins; read only.';
CREATE VIEW threadmem.active_runs WITH (security_barrier = true) AS
    SELECT r.thread_id, r.run_id, r.seq, r.status, r.assistant_id, r.graph_id, r.worker,
           r.lease_until, r.expires_at, r.created_at, r.due_at, r.started_at
      FROM threadmem_data.runs r, (VALUES (1)) AS one
     WHERE r.status OPERATOR(pg_catalog.=) ANY (ARRAY['queued', 'in_progress', 'requires_action', 'cancelling'])
       AND LEAST(r.lease_until, r.expires_at) OPERATOR(pg_catalog.>) pg_catalog.clock_timestamp();
ALTER VIEW threadmem.active_runs OWNER TO threadmem_runner;
COMMENT ON VIEW threadmem.active_runs IS
$$The runs of this tenant that are not over: queued, in_progress, requires_action or cancelling, and within their
lease and expiry.$$;
CREATE VIEW threadmem.stuck_runs WITH (security_barrier = true) AS
    SELECT r.thread_id, r.run_id, r.seq, r.status AS was, r.assistant_id, r.graph_id, r.worker,
           LEAST(r.lease_until, r.expires_at)::timestamptz AS expired_at, r.created_at, r.started_at
      FROM threadmem_data.runs r, (VALUES (1)) AS one
     WHERE r.status OPERATOR(pg_catalog.=) ANY (ARRAY['queued', 'in_progress', 'requires_action', 'cancelling'])
       AND LEAST(r.lease_until, r.expires_at) OPERATOR(pg_catalog.<=) pg_catalog.clock_timestamp();
ALTER VIEW threadmem.stuck_runs OWNER TO threadmem_runner;
COMMENT ON VIEW threadmem.stuck_runs IS
$$The runs of this tenant whose time ran out while they were in the state was: workers that died, questions nobody
answered. They are expired for every function and hold nothing up; run_expire() writes it down.$$;

CREATE VIEW threadmem.listed_run WITH (security_invoker = true) AS
    SELECT c.*, ''::text AS position, false AS has_more FROM threadmem.runs c WHERE false;
COMMENT ON VIEW threadmem.listed_run IS
$$One run of a list; position is where the next page goes on (after_position), has_more whether there is one, on
every row. Has no rows: the type of a result.$$;
CREATE VIEW threadmem.listed_run_step WITH (security_invoker = true) AS
    SELECT c.*, ''::text AS position, false AS has_more FROM threadmem.steps c WHERE false;
COMMENT ON VIEW threadmem.listed_run_step IS
$$One step of a list; position is where the next page goes on (after_position), has_more whether there is one, on
every row. Has no rows: the type of a result.$$;

CREATE FUNCTION threadmem.run_create(
    thread_id text, assistant_id text DEFAULT NULL, input jsonb DEFAULT NULL, strategy text DEFAULT 'enqueue',
    run_id text DEFAULT NULL, graph_id text DEFAULT NULL, messages jsonb DEFAULT NULL, kwargs jsonb DEFAULT NULL,
    metadata jsonb DEFAULT NULL, config jsonb DEFAULT NULL, after_seconds bigint DEFAULT 0,
    expires_in interval DEFAULT '1 day', if_not_exists text DEFAULT 'reject', if_exists text DEFAULT 'raise') RETURNS threadmem.runs
    AS 'MODULE_PATHNAME', 'threadmem_run_create' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.run_create(text, text, jsonb, text, text, text, jsonb, jsonb, jsonb, jsonb, bigint, interval, text, text) IS
$$Queues a run on a thread, with messages if wanted.
metadata and config are merged: the assistant's, the thread's, those given (config's configurable key by key); a
thread that is not busy gets the merged config, and graph_id and assistant_id in its metadata.
Arguments:
  thread_id: of the thread
  assistant_id: an assistant (not a model's name), or the id of a defined graph; without it and graph_id it is
    the thread's
  input: JSON for the worker
  strategy: what to do when another run of the thread is not over: enqueue waits for it, reject is 55006,
    interrupt ends it (interrupted, or cancelled when it was not in progress; what it wrote stays), rollback
    removes it with its checkpoints and messages
  run_id: 1 to 255 bytes, generated when null
  graph_id: alone, it stands for the graph's default assistant, which is made when it is not there (its id
    follows from the graph's, as LangGraph's does)
  messages: an array as message_add_batch() takes it, added to the log as the run's own
  kwargs: JSON for the worker
  metadata, config: JSON objects
  after_seconds: not to be started before, in seconds from now
  expires_in: when it ends as expired, counted from then; at most 10 years
  if_not_exists: reject, or create: makes the thread
  if_exists: raise, or do_nothing: returns a run that is there already
Errors:
  P0002: no such thread
  23503: no such assistant
  23505: the run exists
  55006: the thread is busy
  55000: the thread's assistant is pinned
  42501: a session narrowed to one user cannot make an assistant
  22023: bad input
  54000: a message over threadmem.max_body
Answers: LangGraph runs.create, OpenAI runs.create, Entities create_run.$$;

CREATE FUNCTION threadmem.run_get(thread_id text, run_id text, missing_ok boolean DEFAULT false) RETURNS SETOF threadmem.runs
    AS 'MODULE_PATHNAME', 'threadmem_run_get' LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 1
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.run_get(text, text, boolean) IS
$$One run; expired once its lease or its time is over, though nobody has written that down.
Arguments:
  thread_id: of the thread
  run_id: of the run
  missing_ok: no row, and no error, when there is none
Errors:
  P0002: no such run
  22023: bad input
Answers: LangGraph runs.get, OpenAI runs.retrieve, Entities retrieve_run.$$;

CREATE FUNCTION threadmem.run_list(
    thread_id text, status text DEFAULT NULL, metadata jsonb DEFAULT NULL, max_rows bigint DEFAULT 20,
    sort_order text DEFAULT 'desc', after_id text DEFAULT NULL, before_id text DEFAULT NULL, skip bigint DEFAULT 0,
    after_position text DEFAULT NULL, before_position text DEFAULT NULL) RETURNS SETOF threadmem.listed_run
    AS 'MODULE_PATHNAME', 'threadmem_run_list' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.run_list(text, text, jsonb, bigint, text, text, text, bigint, text, text) IS
$$The runs of a thread in the order of their creation, newest first by default, in pages.
Arguments:
  thread_id: of the thread
  status: this status only
  metadata: containment: exactly, types matter
  max_rows: rows of a page, 0 to 1,000
  sort_order: desc or asc
  after_id, after_position: go on after this run, in the order of the list
  before_id, before_position: end before this one
  skip: rows left out before the first
Errors:
  P0002: no such thread or run
  22023: bad input, or a position of another list or order
Answers: LangGraph runs.list, OpenAI runs.list.$$;

CREATE FUNCTION threadmem.run_list(
    thread_uuid uuid, status text DEFAULT NULL, metadata jsonb DEFAULT NULL, max_rows bigint DEFAULT 20,
    sort_order text DEFAULT 'desc', after_id text DEFAULT NULL, before_id text DEFAULT NULL, skip bigint DEFAULT 0,
    after_position text DEFAULT NULL, before_position text DEFAULT NULL) RETURNS SETOF threadmem.listed_run
    LANGUAGE sql STABLE PARALLEL RESTRICTED
    BEGIN ATOMIC SELECT * FROM threadmem.run_list(thread_uuid::text, status, metadata, max_rows, sort_order, after_id, before_id,
        skip, after_position, before_position); END;
COMMENT ON FUNCTION threadmem.run_list(uuid, text, jsonb, bigint, text, text, text, bigint, text, text) IS
$$run_list() for an id of type uuid, as the application's own tables have it.
It has an argument's name of its own for those who choose functions by the names of arguments (PostgREST).
Arguments: as those of run_list(), with thread_uuid for thread_id.
Errors:
  P0002: as there
  22023: as there$$;

CREATE FUNCTION threadmem.run_claim(
    worker text DEFAULT NULL, lease interval DEFAULT '5 minutes', assistant_id text DEFAULT NULL, graph_id text DEFAULT NULL) RETURNS SETOF threadmem.runs
    AS 'MODULE_PATHNAME', 'threadmem_run_claim' LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 1
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.run_claim(text, interval, text, text) IS
$$Gives a worker the run of this tenant that has been due for longest and is the next of its thread, and starts it.
As run_start() does; no row when there is none. Threads that another session is writing to are passed over, so
that many workers may claim at once. A run whose state would be too large fails with the code state_too_large,
and the next one is taken.
Arguments:
  worker: a name of the worker, by which run_heartbeat() and what ends the run know it
  lease: for how long the worker has it unless it calls run_heartbeat(); at most 10 years
  assistant_id, graph_id: only runs of these
Errors:
  22023: bad input
Answers: the queue of a LangGraph server.$$;

CREATE FUNCTION threadmem.run_start(
    thread_id text, run_id text DEFAULT NULL, worker text DEFAULT NULL, lease interval DEFAULT '5 minutes') RETURNS threadmem.runs
    AS 'MODULE_PATHNAME', 'threadmem_run_start' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.run_start(text, text, text, interval) IS
$$Starts a run, or the next one of a thread: queued to in_progress.
A run in requires_action that is named goes on without the outputs that are missing. What was said in the log
meanwhile is folded into the state first. Starting it again changes nothing for the same worker.
Arguments:
  thread_id: of the thread
  run_id: has to be the next one; null: the next one
  worker: a name of the worker
  lease: for how long the worker has the run unless it calls run_heartbeat(); at most 10 years
Errors:
  P0002: no such thread or run, or none is due
  55006: another run is in progress or comes first
  55000: the run is over or not due
  22023: bad input
  54000: the state would be over 255 MB with what was said$$;

CREATE FUNCTION threadmem.run_heartbeat(
    thread_id text, run_id text, worker text DEFAULT NULL, lease interval DEFAULT '5 minutes') RETURNS threadmem.runs
    AS 'MODULE_PATHNAME', 'threadmem_run_heartbeat' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.run_heartbeat(text, text, text, interval) IS
$$Renews the lease of a worker, and gives the run.
The worker keeps it for so long from now (never shorter than it has it). When its status is cancelling, the
worker stops and calls run_cancel(confirm => true).
Arguments:
  thread_id: of the thread
  run_id: of the run
  worker: when given, it must be the one that started the run
  lease: as in run_start()
Errors:
  P0002: no such run (rolled back, for one)
  55000: it is not in progress any more or another worker's
  22023: bad input$$;

CREATE FUNCTION threadmem.run_require_action(
    thread_id text, run_id text, tool_calls jsonb, usage jsonb DEFAULT NULL, worker text DEFAULT NULL) RETURNS threadmem.runs
    AS 'MODULE_PATHNAME', 'threadmem_run_require_action' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.run_require_action(text, text, jsonb, jsonb, text) IS
$$Lets a run wait for the outputs of tools, without a lease: in_progress to requires_action.
The column required_action has the calls in OpenAI's form. The same calls again change nothing.
Arguments:
  thread_id: of the thread
  run_id: of the run
  tool_calls: an array; each has an id, or tool_call_id, or toolCallId
  usage: JSON, kept
  worker: when given, it must be the one that started the run
Errors:
  P0002: no such run
  55000: illegal transition or another worker's run
  22023: no tool calls, one without id, an id twice
Answers: OpenAI required_action, Backboard REQUIRES_ACTION.$$;

CREATE FUNCTION threadmem.run_submit_tool_outputs(thread_id text, run_id text, outputs jsonb) RETURNS threadmem.runs
    AS 'MODULE_PATHNAME', 'threadmem_run_submit_tool_outputs' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.run_submit_tool_outputs(text, text, jsonb) IS
$$Gives outputs of the tool calls a run waits for; with the last one the run is queued again.
Each becomes a tool message of the run, with what else its element says (is_error, name). An output that is
there already changes nothing, at any time.
Arguments:
  thread_id: of the thread
  run_id: of the run
  outputs: [{"tool_call_id", "output"}], all or some of them
Errors:
  P0002: no such run
  55000: the run does not wait for outputs
  23505: another output for the same call
  22023: a tool call it did not ask for, an output twice, bad input; then none is stored
  54000: an output over threadmem.max_body
Answers: OpenAI runs.submitToolOutputs, Entities submit_tool_output, Backboard submit tool outputs.$$;

CREATE FUNCTION threadmem.run_complete(
    thread_id text, run_id text, incomplete_reason text DEFAULT NULL, usage jsonb DEFAULT NULL, result jsonb DEFAULT NULL,
    worker text DEFAULT NULL) RETURNS threadmem.runs
    AS 'MODULE_PATHNAME', 'threadmem_run_complete' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.run_complete(text, text, text, jsonb, jsonb, text) IS
$$Ends a run well: in_progress (or cancelling) to completed, or to incomplete.
When the state has nodes to run next, the thread is interrupted after a completed run, else idle. Completing it
again changes nothing.
Arguments:
  thread_id: of the thread
  run_id: of the run, which run_start() or run_claim() has started
  incomplete_reason: max_completion_tokens, for one: in_progress to incomplete instead
  usage, result: JSON, kept
  worker: when given, it must be the one that started the run
Errors:
  P0002: no such run
  55000: illegal transition or another worker's run
  22023: bad input$$;

CREATE FUNCTION threadmem.run_fail(
    thread_id text, run_id text, error jsonb DEFAULT NULL, usage jsonb DEFAULT NULL, worker text DEFAULT NULL) RETURNS threadmem.runs
    AS 'MODULE_PATHNAME', 'threadmem_run_fail' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.run_fail(text, text, jsonb, jsonb, text) IS
$$Ends a run badly: queued, in_progress or cancelling to failed; the thread is in error.
Arguments:
  thread_id: of the thread
  run_id: of the run
  error: kept as given, {"code", "message"} in OpenAI's last_error
  usage: JSON, kept
  worker: when given, it must be the one that started the run
Errors:
  P0002: no such run
  55000: illegal transition or another worker's run
  22023: bad input$$;

CREATE FUNCTION threadmem.run_interrupt(
    thread_id text, run_id text, result jsonb DEFAULT NULL, usage jsonb DEFAULT NULL, worker text DEFAULT NULL) RETURNS threadmem.runs
    AS 'MODULE_PATHNAME', 'threadmem_run_interrupt' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.run_interrupt(text, text, jsonb, jsonb, text) IS
$$Ends a run where somebody has to be asked: in_progress to interrupted.
The thread is interrupted, and another run resumes it (LangGraph).
Arguments:
  thread_id: of the thread
  run_id: of the run
  result: JSON, kept; may say what is asked
  usage: JSON, kept
  worker: when given, it must be the one that started the run
Errors:
  P0002: no such run
  55000: illegal transition or another worker's run
  22023: bad input$$;

CREATE FUNCTION threadmem.run_cancel(thread_id text, run_id text, confirm boolean DEFAULT false) RETURNS threadmem.runs
    AS 'MODULE_PATHNAME', 'threadmem_run_cancel' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.run_cancel(text, text, boolean) IS
$$Asks for the end of a run, or confirms it.
queued or requires_action to cancelled; in_progress to cancelling, which its worker sees in run_heartbeat() and
confirms. A worker that is gone does not have to: at the end of its lease the run is expired. Again it changes
nothing.
Arguments:
  thread_id: of the thread
  run_id: of the run
  confirm: said by the worker: cancelling to cancelled
Errors:
  P0002: no such run
  55000: illegal transition
  22023: bad input
Answers: LangGraph runs.cancel, OpenAI runs.cancel, Entities cancel_run, Backboard cancel run.$$;

CREATE FUNCTION threadmem.run_expire(thread_id text DEFAULT NULL, run_id text DEFAULT NULL, max_rows bigint DEFAULT 1000) RETURNS SETOF threadmem.runs
    AS 'MODULE_PATHNAME', 'threadmem_run_expire' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.run_expire(text, text, bigint) IS
$$Writes down what time has ended; gives the runs it expired.
With run_id: queued, in_progress, requires_action or cancelling to expired now, whatever its lease (LangGraph's
timeout). Without: what every function says already, that the runs of stuck_runs are expired; nothing needs it.
Threads that another session is writing to are passed over. Again, none.
Arguments:
  thread_id: this thread only; null: the tenant's
  run_id: this run, of thread_id
  max_rows: threads at most
Errors:
  P0002: no such thread or run
  55000: illegal transition
  22023: run_id without thread_id, bad max_rows$$;

CREATE FUNCTION threadmem.tenants_expire_runs(max_rows bigint DEFAULT 1000) RETURNS SETOF threadmem.tenant_sweep
    AS 'MODULE_PATHNAME', 'threadmem_tenants_expire_runs' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.tenants_expire_runs(bigint) IS
$$Writes down in all tenants what time has ended, as run_expire() in one.
Shares max_rows out among tenants as tenants_purge_expired() does; count is threads. Nothing needs it: what is over
reads as expired. For superusers and roles of level operator.
Arguments:
  max_rows: threads at most, of all tenants together, 0 to 1,000
Errors:
  22023: bad max_rows
  42501: no operator, a role that is bound to a tenant, or a session narrowed to one user$$;

CREATE FUNCTION threadmem.tenants_stuck_runs() RETURNS SETOF threadmem.tenant_sweep
    AS 'MODULE_PATHNAME', 'threadmem_tenants_stuck_runs' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.tenants_stuck_runs() IS
$$The tenants that have runs whose time ran out, which the view stuck_runs shows of one: workers that died.
count is the runs, due_since when the first of them was over. tenants_expire_runs() takes them off this list. For
superusers and roles of level operator.
Errors:
  42501: no operator, a role that is bound to a tenant, or a session narrowed to one user$$;

CREATE FUNCTION threadmem.run_step_add(
    thread_id text, run_id text, type text DEFAULT 'tool_calls', status text DEFAULT 'completed', step_no bigint DEFAULT NULL,
    name text DEFAULT NULL, message_id text DEFAULT NULL, tool_call_id text DEFAULT NULL, details jsonb DEFAULT NULL,
    metadata jsonb DEFAULT NULL, error jsonb DEFAULT NULL, usage jsonb DEFAULT NULL) RETURNS threadmem.steps
    AS 'MODULE_PATHNAME', 'threadmem_run_step_add' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.run_step_add(text, text, text, text, bigint, text, text, text, jsonb, jsonb, jsonb, jsonb) IS
$$Notes a step of a run that is not over, or changes one by its number.
Steps still in_progress end with the run.
Arguments:
  thread_id: of the thread
  run_id: of the run
  type: message_creation, tool_calls or node
  status: in_progress, completed, failed, cancelled or expired
  step_no: counts from 1 and is the next one when null; a number that is there already gets what is given now,
    so a step begun in_progress is ended by its number
  name: of the tool or node
  message_id, tool_call_id: what it made or called
  details, metadata, error, usage: JSON, kept
Errors:
  P0002: no such run
  55000: the run or the step is over
  22023: a gap in the numbers, bad input
Answers: OpenAI run steps, Entities actions.$$;

CREATE FUNCTION threadmem.run_steps(
    thread_id text, run_id text, max_rows bigint DEFAULT 20, sort_order text DEFAULT 'asc', after_no bigint DEFAULT NULL,
    after_position text DEFAULT NULL) RETURNS SETOF threadmem.listed_run_step
    AS 'MODULE_PATHNAME', 'threadmem_run_steps' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.run_steps(text, text, bigint, text, bigint, text) IS
$$The steps of a run in their order, in pages.
Arguments:
  thread_id: of the thread
  run_id: of the run
  max_rows: rows of a page, 0 to 1,000
  sort_order: asc or desc
  after_no: the last number of the page before
  after_position: the position of the last row of the page before
Errors:
  P0002: no such run
  22023: bad input, or a position of another list or order
Answers: OpenAI runs.steps.list.$$;
