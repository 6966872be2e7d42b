/*
 * run/state.c: what a run may become, and what that makes of its thread.
 *
 * The thread's status follows from its runs: busy while one is queued, in progress or cancelling;
 * else interrupted while one waits for outputs of tools; else what the last one that ended left.
 * That one is always known when the status is written, for it ended in this call. A run ends by
 * itself when its lease or its time is over; who locks the thread next writes it down first, and
 * the thread's row says until when its status holds, so that reading functions need nobody to.
 */
#include "run/run.h"

#include "message/message.h"

#include "datatype/timestamp.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

#define MAX_YEARS 10

static Stmt run_get_stmt = {
	"SELECT " RUN_COLUMNS " FROM threadmem_data.runs r" RUNS_OF_THREAD " AND r.run_id = $3", "tt"};
static Stmt run_read_run = {
	"SELECT r.status, r.worker, r.seq, r.actions, r.due_at,"
	" r.lease_until, r.awaits, r.required_action FROM threadmem_data.runs r" RUNS_OF_THREAD
	" AND r.run_id = $3",
	"tt"};
static Stmt run_any_expired_stmt = {"SELECT 1 FROM threadmem_data.runs r" RUNS_OF_THREAD
									" AND r.status = 'queued' AND r.expires_at <= $3 UNION ALL"
									" SELECT 1 FROM threadmem_data.runs r" RUNS_OF_THREAD
									" AND " RUN_IS_WORKING " AND " RUN_DEADLINE " <= $3 LIMIT 1",
									"tz"};
/*
 * Two statements in one, each by an index of its own. The queued ones are found by their time:
 * there may be thousands, and ids to find them by would be compared with each of them.
 */
#define EXPIRE \
	"UPDATE threadmem_data.runs r SET status = 'expired', completed_at = " RUN_DEADLINE "," \
	" updated_at = $3, blocked_until = NULL" RUNS_OF_THREAD
#define EXPIRED \
	" RETURNING r.run_id, (SELECT true FROM threadmem_data.run_steps s WHERE s.tenant_id = $1" \
	" AND s.thread_id = $2 AND s.run_id = r.run_id AND s.status = 'in_progress' LIMIT 1)"
#define EXPIRE_QUEUED EXPIRE " AND r.status = 'queued' AND r.expires_at <= $4" EXPIRED
static Stmt run_expire_queued = {EXPIRE_QUEUED, "tzz"};
static Stmt run_expire = {"WITH working AS (" EXPIRE " AND " RUN_IS_WORKING EXPIRED
						  "), queued AS (" EXPIRE_QUEUED
						  ") SELECT * FROM working UNION ALL SELECT * FROM queued",
						  "tzz"};
static Stmt run_some_expired = {
	"SELECT r.expires_at FROM threadmem_data.runs r" RUNS_OF_THREAD
	" AND r.status = 'queued' AND r.expires_at <= $3 ORDER BY r.expires_at OFFSET $4 LIMIT 1",
	"tzl"};
static Stmt run_move_stmt = {
	"UPDATE threadmem_data.runs r SET status = $4, updated_at = $5,"
	" started_at = CASE $4 WHEN 'in_progress' THEN coalesce(r.started_at, $5)"
	" ELSE r.started_at END, completed_at = CASE WHEN $6 THEN $5 END,"
	" worker = coalesce($7, r.worker), lease_until = $8, usage = coalesce($9, r.usage),"
	" error = coalesce($10, r.error), result = coalesce($11, r.result),"
	" incomplete_reason = $12, required_action = coalesce($13, r.required_action),"
	" actions = r.actions + CASE WHEN $13 IS NULL THEN 0 ELSE 1 END,"
	" awaits = coalesce($14, r.awaits), blocked_until = CASE WHEN $4 IN (" WORKING ")"
	" THEN least($8, r.expires_at) END" RUNS_OF_THREAD " AND r.run_id = $3 RETURNING " RUN_COLUMNS,
	"tttzbtzjjjtjT"};
/* What was still being done when the run ended; it ended as it did. */
static Stmt run_end_steps = {
	"UPDATE threadmem_data.run_steps s SET completed_at = $4, status = $5 WHERE s.tenant_id = $1"
	" AND s.thread_id = $2 AND s.run_id = $3 AND s.status = 'in_progress'",
	"ttzt"};
static Stmt run_lock_if_free = {"SELECT 1 FROM threadmem_data.threads t WHERE t.tenant_id = $1"
								" AND t.thread_id = $2 FOR NO KEY UPDATE SKIP LOCKED",
								"t"};
RunChange
run_no_change(void)
{
	return (RunChange){ARG_NULL, ARG_NULL, ARG_NULL, ARG_NULL,
					   ARG_NULL, ARG_NULL, ARG_NULL, ARG_NULL};
}

static RunStatus
status_of_steps(RunStatus status)
{
	switch (status)
	{
	case RUN_FAILED:
	case RUN_EXPIRED:
	case RUN_CANCELLED:
		return status;
	case RUN_INTERRUPTED:
		return RUN_CANCELLED;
	default:
		return RUN_COMPLETED;
	}
}

static void
note_end(RunWork *work, NullableDatum run_id, RunStatus status)
{
	NullableDatum args[] = {work->thread_id, run_id, ARG(TimestampTzGetDatum(work->now)),
							ARG_TEXT(run_status_name(status_of_steps(status)))};

	work->ended = status;
	work->goes_on = false;
	query_exec(work->call, &run_end_steps, args);
}

static void
end_streams(RunWork *work, NullableDatum run_ids, RunStatus status)
{
	message_fail_of_runs(work->call, work->thread_id, run_ids,
						 psprintf("run_%s", run_status_name(status)));
}

bool
run_any_expired(Call *call, NullableDatum thread_id)
{
	NullableDatum now = ARG(TimestampTzGetDatum(GetCurrentTimestamp()));

	return query_first(call, &run_any_expired_stmt, (NullableDatum[]){thread_id, now});
}

/* The rows of the last statement: runs, and which have steps that end with them. */
static void
note_expired(RunWork *work, uint64 count)
{
	SPITupleTable *rows = SPI_tuptable;
	Datum *ids = palloc(sizeof(Datum) * Max(count, 1));

	for (uint64 i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		ids[i] = table_datum(rows, i + 1, 1);
		if (table_bool(rows, i + 1, 2))
			note_end(work, ARG(ids[i]), RUN_EXPIRED);
		thread_row_notify_run(work->call, work->thread_id, ARG(ids[i]),
							  run_status_name(RUN_EXPIRED));
	}
	work->expired = text_array(ids, (int)count);
	end_streams(work, work->expired, RUN_EXPIRED);
	work->ended = RUN_EXPIRED;
	work->goes_on = false;
	work->changed = true;
}

/* The one at work, and so many of the queued ones, those first that were over first. */
static void
expire_runs(RunWork *work, int64 most)
{
	NullableDatum args[] = {work->thread_id, ARG(TimestampTzGetDatum(work->now)),
							ARG(Int64GetDatum(most - 1))};
	const ActiveRun *at_work = run_at_work(work);
	bool working = at_work && at_work->deadline <= work->now;

	if (!run_line_has_all(work, most) && query_first(work->call, &run_some_expired, args))
	{
		args[2] = row_column(1, 1);
		work->line.stale = true;
	}
	else
	{
		args[2] = args[1];
		run_line_drop_expired(work);
	}
	note_expired(work, query_exec(work->call, working ? &run_expire : &run_expire_queued, args));
}

bool
run_try_lock(Call *call, NullableDatum thread_id)
{
	return query_first(call, &run_lock_if_free, &thread_id);
}

void
run_begin_with(RunWork *work, Call *call, NullableDatum thread_id, int64 most)
{
	*work = (RunWork){
		.call = call,
		.thread_id = thread_id,
		.ended = RUN_QUEUED,
		.row = {.metadata = ARG_NULL, .config = ARG_NULL, .graph_id = ARG_NULL},
		.expired = ARG_NULL,
		.line.stale = true,
	};
	thread_row_lock(call, thread_id, &work->thread);
	work->now = GetCurrentTimestamp();
	if (run_line_has_expired(work))
		expire_runs(work, most);
}

void
run_begin(RunWork *work, Call *call, NullableDatum thread_id)
{
	run_begin_with(work, call, thread_id, PG_INT64_MAX);
}

/* Of a thread that no run keeps busy or waiting. */
static const char *
status_after(const RunWork *work)
{
	switch (work->ended)
	{
	case RUN_INTERRUPTED:
		return "interrupted";
	case RUN_COMPLETED:
		return work->goes_on ? "interrupted" : "idle";
	case RUN_FAILED:
	case RUN_EXPIRED:
		return "error";
	default:
		return "idle";
	}
}

static NullableDatum
later_of(NullableDatum one, NullableDatum other)
{
	if (one.isnull || other.isnull)
		return one.isnull ? other : one;
	return DatumGetTimestampTz(one.value) > DatumGetTimestampTz(other.value) ? one : other;
}

void
run_update_thread(RunWork *work)
{
	ThreadRowRuns *row = &work->row;
	const ActiveRun *at_work;
	NullableDatum until;
	bool asks;

	if (!work->changed)
		return;
	run_renew_blocks(work);
	at_work = run_at_work(work);
	asks = at_work && at_work->status == RUN_REQUIRES_ACTION;
	until = at_work ? ARG(TimestampTzGetDatum(at_work->deadline)) : ARG_NULL;
	row->waits_until = asks ? until : ARG_NULL;
	row->busy_until = later_of(asks ? ARG_NULL : until, run_last_expiry(work));
	row->status = !row->busy_until.isnull    ? "busy"
				  : !row->waits_until.isnull ? "interrupted"
											 : status_after(work);
	thread_row_set_runs(work->call, work->thread_id, row);
	work->changed = false;
}

Datum
run_get(Call *call, NullableDatum *key, NullableDatum missing_ok)
{
	return query_get(call, &run_get_stmt, key, missing_ok, "run", text_or_null(key[1]));
}

void
run_add_to_set(Call *call, NullableDatum *key)
{
	query_add_to_set(call, &run_get_stmt, key);
}

Datum
run_end(RunWork *work, NullableDatum run_id)
{
	run_update_thread(work);
	if (work->written && work->written_id.value == run_id.value)
		return query_row_of(work->call, work->written);
	return run_get(work->call, (NullableDatum[]){work->thread_id, run_id}, ARG_NULL);
}

void
run_note_written(RunWork *work, NullableDatum run_id, uint64 rows)
{
	work->written_id = run_id;
	work->written = rows > 0 ? SPI_tuptable : NULL;
}

/* What it has asked for, the line does not have. */
void
run_read(RunWork *work, NullableDatum run_id, Run *run)
{
	NullableDatum key[] = {work->thread_id, run_id};
	const ActiveRun *active = run_in_line(work, run_id);

	if (active && active->actions == 0)
	{
		*run = (Run){.run_id = run_id,
					 .status = active->status,
					 .worker = active->worker,
					 .seq = active->seq,
					 .due_at = ARG(TimestampTzGetDatum(active->due_at)),
					 .lease_until = active->lease_until,
					 .awaits = ARG_NULL};
		return;
	}
	if (!query_first(work->call, &run_read_run, key))
		error_not_found("run", text_or_null(run_id));
	run->run_id = run_id;
	run->status = run_status_of(row_text(1, 1));
	run->worker = row_text_or_null(1, 2);
	run->seq = row_int64(1, 3);
	run->actions = row_int64(1, 4);
	run->due_at = row_column(1, 5);
	run->lease_until = row_column(1, 6);
	run->awaits = row_column(1, 7);
	run->required_action = row_jsonb_or_null(1, 8, JSON_ROOT_ANY);
}

void
run_check_worker(const Run *run, NullableDatum worker)
{
	char *name = text_or_null(worker);

	if (name && run->worker && strcmp(name, run->worker) != 0)
		error_state("run is another worker's", "Stop working on it.",
					"run_id is \"%s\", its worker is \"%s\", not \"%s\".",
					text_or_null(run->run_id), run->worker, name);
}

void
run_move(RunWork *work, Run *run, RunStatus status, const RunChange *change)
{
	bool over = run_is_over(status);
	NullableDatum args[] = {work->thread_id,
							run->run_id,
							ARG_TEXT(run_status_name(status)),
							ARG(TimestampTzGetDatum(work->now)),
							ARG(BoolGetDatum(over)),
							change->worker,
							change->lease_until,
							change->usage,
							change->error,
							change->result,
							change->incomplete_reason,
							change->required_action,
							change->awaits};

	run_note_written(work, run->run_id, query_exec(work->call, &run_move_stmt, args));
	thread_row_notify_run(work->call, work->thread_id, run->run_id, run_status_name(status));
	if (run->status == RUN_QUEUED && over)
	{
		work->place_due = DatumGetTimestampTz(run->due_at.value);
		work->place_seq = run->seq;
	}
	run_line_move(work, run->seq, status, change);
	run->status = status;
	work->changed = true;
	if (over)
	{
		note_end(work, run->run_id, status);
		end_streams(work, text_array(&run->run_id.value, 1), status);
	}
}

void
run_become(RunWork *work, Run *run, RunStatus status, const RunChange *change)
{
	if (run_may_become(run, status))
		run_move(work, run, status, change);
}

NullableDatum
run_time_from(const char *argument, TimestampTz point, NullableDatum interval, int default_seconds)
{
	Interval most = {.month = 12 * MAX_YEARS};
	Interval none = {0};
	Interval usual = {.time = default_seconds * USECS_PER_SEC};
	Datum given = interval.isnull ? IntervalPGetDatum(&usual) : interval.value;

	if (!DatumGetBool(DirectFunctionCall2(interval_gt, given, IntervalPGetDatum(&none))) ||
		DatumGetBool(DirectFunctionCall2(interval_gt, given, IntervalPGetDatum(&most))))
		error_bad_input_hint(argument, "A bare number counts seconds, not milliseconds.",
							 "It must be more than nothing and at most %d years.", MAX_YEARS);
	return ARG(DirectFunctionCall2(timestamptz_pl_interval, TimestampTzGetDatum(point), given));
}
