/*
 * run/run.h: who works on a thread now (docs/contracts.md#runs).
 *
 * A run is one turn of an agent on a thread. What it may become next stands in one table
 * (run/status.c). Whoever changes a run calls run_begin(), which locks the thread's row and writes
 * down which runs have expired meanwhile; then run_read(), run_move() or run_become(); and
 * run_end() or run_update_thread(), which leave the thread's status as the rule has it. Reading
 * functions judge the expiry themselves, so nothing has to be woken for it.
 *
 *  active    not over: queued, in progress, waiting for outputs of tools, or cancelling
 *  at work   active and not queued; a unique index lets a thread have one such run
 *  line      the active runs of a thread in the order of their turns: the one at work, then the
 *            queued ones by their places (due_at, seq)
 *  lease     until when the worker has promised to be heard of: run_start(), run_heartbeat()
 *  deadline  the end of the lease, or of the run's own time (expires_at) when that comes first; a
 *            queued run has no lease
 *  expired   past its deadline, whether its row says so yet or not
 *  blocked   queued behind another, and so not looked at by who polls the queue: see run/claim.c
 */
#ifndef RUN_H
#define RUN_H

#include "assistant/assistant.h"
#include "thread_row/thread_row.h"

typedef enum RunStatus
{
	RUN_QUEUED,
	RUN_IN_PROGRESS,
	RUN_REQUIRES_ACTION,
	RUN_CANCELLING,
	RUN_INTERRUPTED, /* this one and all that follow are final */
	RUN_COMPLETED,
	RUN_INCOMPLETE,
	RUN_FAILED,
	RUN_CANCELLED,
	RUN_EXPIRED,
	RUN_STATUSES
} RunStatus;

/* The runs r of a thread. */
#define RUNS_OF_THREAD " WHERE r.tenant_id = $1 AND r.thread_id = $2"

/* Conditions on a row of runs; the lists are those of the indexes runs_active and runs_working. */
#define RUN_IS_ACTIVE "r.status IN ('queued', 'in_progress', 'requires_action', 'cancelling')"
#define WORKING "'in_progress', 'requires_action', 'cancelling'"
#define RUN_IS_WORKING "r.status IN (" WORKING ")"
#define RUN_DEADLINE "least(r.lease_until, r.expires_at)"
#define RUN_HAS_EXPIRED "(" RUN_IS_ACTIVE " AND " RUN_DEADLINE " <= clock_timestamp())"
#define RUN_STATUS_NOW "CASE WHEN " RUN_HAS_EXPIRED " THEN 'expired' ELSE r.status END"

/* The columns of the view threadmem.runs, from table alias r. */
#define RUN_COLUMNS \
	"r.thread_id, r.run_id, r.seq, " RUN_STATUS_NOW ", r.strategy, r.assistant_id, r.graph_id," \
	" r.input, r.kwargs, r.metadata, r.config," \
	" CASE WHEN r.status = 'requires_action' AND NOT " RUN_HAS_EXPIRED " THEN r.required_action" \
	" END, r.result, r.error, r.usage, r.incomplete_reason, r.worker, r.lease_until," \
	" r.expires_at, r.created_at, r.due_at, r.started_at," \
	" CASE WHEN " RUN_HAS_EXPIRED " THEN " RUN_DEADLINE " ELSE r.completed_at END, r.updated_at"

/* The columns of the view threadmem.steps, from table alias s. */
#define RUN_STEP_COLUMNS_WITH(status) \
	"s.thread_id, s.run_id, s.step_no, s.type, " status ", s.name, s.message_id, s.tool_call_id," \
	" s.details, s.metadata, s.error, s.usage, s.created_at, s.completed_at"
#define RUN_STEP_COLUMNS RUN_STEP_COLUMNS_WITH("s.status")

/* A run that is not over, as far as its place in the line of its thread needs it. */
typedef struct ActiveRun
{
	NullableDatum run_id;
	RunStatus status;
	TimestampTz due_at;
	int64 seq;
	TimestampTz expires_at;
	TimestampTz deadline; /* the end of its lease when that comes first */
	NullableDatum blocked_until;
	char *worker;
	int64 actions;
	NullableDatum lease_until;
} ActiveRun;

/* Those of a thread in their order (run/line.c); there are more only when it is full. */
#define LINE_FRONT 8

typedef struct RunLine
{
	bool stale; /* the call has changed something since */
	int count;
	ActiveRun runs[LINE_FRONT];
} RunLine;

/* A thread whose runs are being changed; it is locked. */
typedef struct RunWork
{
	Call *call;
	NullableDatum thread_id;
	ThreadRow thread;
	TimestampTz now;
	bool changed;          /* the thread's status may be another */
	RunStatus ended;       /* the last run that ended in this call; RUN_QUEUED for none */
	bool goes_on;          /* ... and left nodes to run next */
	ThreadRowRuns row;     /* what else the thread's row gets */
	NullableDatum expired; /* those that were written down at first, a text[]; null for none */
	RunLine line;
	TimestampTz place_due; /* the place in the line that a run took or left */
	int64 place_seq;       /* 0 for none */
	/* The run written last, and its row as calls give it; NULL for none. */
	NullableDatum written_id;
	SPITupleTable *written;
} RunWork;

/* A run as far as its transitions need it. */
typedef struct Run
{
	NullableDatum run_id;
	RunStatus status;
	char *worker;
	int64 seq;
	int64 actions;
	NullableDatum due_at;
	NullableDatum lease_until;
	NullableDatum awaits; /* text[] */
	Jsonb *required_action;
} Run;

/* What a transition writes beside the status; nulls leave the column. */
typedef struct RunChange
{
	NullableDatum worker;
	NullableDatum lease_until; /* cleared when null */
	NullableDatum usage;
	NullableDatum error;
	NullableDatum result;
	NullableDatum incomplete_reason;
	NullableDatum required_action;
	NullableDatum awaits;
} RunChange;

/* As it is stored. */
extern const char *run_status_name(RunStatus status);
/* XX001 for what is none. */
extern RunStatus run_status_of(const char *name);
/* Whether nothing can follow it. */
extern bool run_is_over(RunStatus status);
/* All null; a designated initialiser would leave zeros that are no nulls. */
extern RunChange run_no_change(void);

/* Locks the thread and writes down which of its runs have expired; P0002 for no such thread. */
extern void run_begin(RunWork *work, Call *call, NullableDatum thread_id);
/* The same, but for no more than so many, the first to expire. */
extern void run_begin_with(RunWork *work, Call *call, NullableDatum thread_id, int64 most);
/* Whether there are such runs, without a lock. */
extern bool run_any_expired(Call *call, NullableDatum thread_id);
/* Locks the thread if no other session writes to it and it is there; run_begin() may follow. */
extern bool run_try_lock(Call *call, NullableDatum thread_id);
/* Writes the thread's status, if anything changed. */
extern void run_update_thread(RunWork *work);
/* The same, and ends the call with the run. */
extern Datum run_end(RunWork *work, NullableDatum run_id);

/*
 * Ends the call with a run; key is thread_id and run_id. P0002 when there is none and missing_ok
 * is not true.
 */
extern Datum run_get(Call *call, NullableDatum *key, NullableDatum missing_ok);
/* The run as a row of the call's set; no row when there is none. */
extern void run_add_to_set(Call *call, NullableDatum *key);

/* Fills run; P0002 when there is none. */
extern void run_read(RunWork *work, NullableDatum run_id, Run *run);
/* False for the status it has already; 55000, naming both, for one that it may not become. */
extern bool run_may_become(const Run *run, RunStatus status);
/* 55000 when a worker is named and the run is another's. */
extern void run_check_worker(const Run *run, NullableDatum worker);
/* Writes a transition that run_may_become() has allowed. */
extern void run_move(RunWork *work, Run *run, RunStatus status, const RunChange *change);
/* run_may_become() and run_move(). */
extern void run_become(RunWork *work, Run *run, RunStatus status, const RunChange *change);

/* A time so long from a point; 22023 for nothing, less, or more than ten years. */
extern NullableDatum run_time_from(const char *argument, TimestampTz point, NullableDatum interval,
								   int default_seconds);
#define LEASE_SECONDS 300
#define EXPIRY_SECONDS 86400

/* What a statement with RETURNING RUN_COLUMNS has just written. */
extern void run_note_written(RunWork *work, NullableDatum run_id, uint64 rows);

/* The line, read when the call has changed something since; it lives in work. */
extern const RunLine *run_line(RunWork *work);
/* The line as it is when a run has come into it, or has got another status. */
extern void run_line_take(RunWork *work, const ActiveRun *run);
extern void run_line_move(RunWork *work, int64 seq, RunStatus status, const RunChange *change);
/* One of those at the front of the line; NULL for none. */
extern const ActiveRun *run_in_line(RunWork *work, NullableDatum run_id);
/* The run at work; NULL for none. */
extern const ActiveRun *run_at_work(RunWork *work);
/* The first queued one, due or not; NULL for none. */
extern const ActiveRun *run_next(RunWork *work);
/* Whether one of them is past its deadline. */
extern bool run_line_has_expired(RunWork *work);
/* Whether these are all that could be past it, or more than so many are wanted. */
extern bool run_line_has_all(RunWork *work, int64 most);
/* All that are past it have been written down. */
extern void run_line_drop_expired(RunWork *work);
/* When the last queued one expires; null for none. */
extern NullableDatum run_last_expiry(RunWork *work);
/* Until when a queued run of this place is blocked, see run/claim.c; null for the next one. */
extern NullableDatum run_blocked_until(RunWork *work, TimestampTz due_at, int64 seq);
/* Writes that down for a queued run of this place. */
extern void run_block(RunWork *work, NullableDatum run_id, TimestampTz due_at, int64 seq);
/* Writes it down for the runs behind what this call has changed. */
extern void run_renew_blocks(RunWork *work);

/* 22023 for a worker's name that is no id; null passes. */
extern void run_guard_worker(NullableDatum worker);
/*
 * queued to in_progress. What was said meanwhile goes into the state as the run's first step:
 * rolled back, it waits again. False, and nothing has changed, when the state would be too large.
 */
extern bool run_start(RunWork *work, Run *run, NullableDatum worker, NullableDatum lease);

/* Removes runs (a text[]) with their checkpoints and messages, as if they had not been. */
extern void run_roll_back(RunWork *work, NullableDatum run_ids);

/*
 * Takes messages (a text[] of ids) out of what runs and their steps hold; their bodies are still
 * there to compare. The thread is locked.
 */
extern void run_erase_messages(Call *call, NullableDatum thread_id, NullableDatum message_ids);

#endif
