/*
 * run/run.c: runs read, started, kept alive and ended.
 */
#include "run/run.h"

#include "state/state.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(threadmem_run_get);
PG_FUNCTION_INFO_V1(threadmem_run_list);
PG_FUNCTION_INFO_V1(threadmem_run_start);
PG_FUNCTION_INFO_V1(threadmem_run_heartbeat);
PG_FUNCTION_INFO_V1(threadmem_run_complete);
PG_FUNCTION_INFO_V1(threadmem_run_fail);
PG_FUNCTION_INFO_V1(threadmem_run_interrupt);
PG_FUNCTION_INFO_V1(threadmem_run_cancel);
PG_FUNCTION_INFO_V1(threadmem_run_expire);
PG_FUNCTION_INFO_V1(threadmem_tenants_expire_runs);
PG_FUNCTION_INFO_V1(threadmem_tenants_stuck_runs);

static Stmt run_place_of = {
	"SELECT r.seq FROM threadmem_data.runs r" RUNS_OF_THREAD " AND r.run_id = $3", "tt"};
static Stmt run_renew = {
	"UPDATE threadmem_data.runs r SET lease_until = greatest(r.lease_until, $4),"
	" updated_at = $5" RUNS_OF_THREAD " AND r.run_id = $3"
	" RETURNING " RUN_DEADLINE,
	"ttzz"};
/*
 * A run at work is looked at when the lease that it began with ends, see watch_renewed(): an index
 * by the lease itself would be written by every heartbeat.
 */
#define WATCHED \
	" FROM threadmem_data.runs r WHERE r.tenant_id = $1 AND " RUN_IS_WORKING \
	" AND r.blocked_until <= $2"
static Stmt run_stuck_threads = {
	.sql = "(SELECT r.thread_id FROM threadmem_data.runs r WHERE r.tenant_id = $1"
		   " AND r.status = 'queued' AND r.expires_at <= $2 ORDER BY r.expires_at)"
		   " UNION (SELECT r.thread_id" WATCHED " AND " RUN_DEADLINE " <= $2"
		   " ORDER BY r.blocked_until) ORDER BY thread_id LIMIT $3",
	.types = "zl",
	.keyed = true};
static Stmt run_stuck = {
	.sql = "SELECT min(s.deadline), count(*) FROM (SELECT r.expires_at AS deadline"
		   " FROM threadmem_data.runs r WHERE r.tenant_id = $1 AND r.status = 'queued'"
		   " AND r.expires_at <= $2 UNION ALL SELECT " RUN_DEADLINE WATCHED " AND " RUN_DEADLINE
		   " <= $2) s",
	.types = "z",
	.keyed = true};
static Stmt run_renewed = {.sql =
							   "SELECT r.thread_id, r.run_id" WATCHED " AND " RUN_DEADLINE " > $2"
							   " ORDER BY r.blocked_until LIMIT 1000",
						   .types = "z",
						   .keyed = true};
static Stmt run_watch = {
	"UPDATE threadmem_data.runs r SET blocked_until = " RUN_DEADLINE RUNS_OF_THREAD
	" AND r.run_id = $3 AND " RUN_IS_WORKING,
	"tt"};
static Stmt run_expired = {"SELECT e.* FROM unnest($3) AS i (run_id), LATERAL (SELECT " RUN_COLUMNS
						   " FROM threadmem_data.runs r" RUNS_OF_THREAD
						   " AND r.run_id = i.run_id OFFSET 0) e ORDER BY e.seq",
						   "tT"};

enum
{
	GET_THREAD_ID,
	GET_RUN_ID,
	GET_MISSING_OK
};

Datum
threadmem_run_get(PG_FUNCTION_ARGS)
{
	Call call;

	query_begin(&call, fcinfo);
	return run_get(&call, fcinfo->args, fcinfo->args[GET_MISSING_OK]);
}

enum
{
	LIST_THREAD_ID,
	LIST_STATUS,
	LIST_METADATA,
	LIST_MAX_ROWS,
	LIST_SORT_ORDER,
	LIST_AFTER_ID,
	LIST_BEFORE_ID,
	LIST_SKIP,
	LIST_AFTER_POSITION,
	LIST_BEFORE_POSITION
};

/* Rows after or before a run, which the argument of one of these names names, or its position. */
static void
add_cursor(Call *call, Built *built, const Order *order, NullableDatum *args, int by_id,
		   int by_position, const char *const *names)
{
	NullableDatum seq;

	order_give_one(names[1], args[by_position], names[0], args[by_id]);
	if (!args[by_position].isnull)
		order_read(order, names[1], args[by_position], &seq);
	else if (args[by_id].isnull)
		return;
	else if (query_first(call, &run_place_of, (NullableDatum[]){args[LIST_THREAD_ID], args[by_id]}))
		seq = row_column(1, 1);
	else
		error_no_cursor("run", text_or_null(args[by_id]));
	order_go_on(order, built, &seq, by_id == LIST_BEFORE_ID);
}

/* Whether it is a status of a run at work, of which a thread has one: an index finds that. */
static bool
is_working(NullableDatum status)
{
	const char *names[RUN_STATUSES + 1] = {NULL};
	int given;

	for (int i = 0; i < RUN_STATUSES; i++)
		names[i] = run_status_name(i);
	given = guard_choice("status", status, names);
	return !status.isnull &&
		   (given == RUN_IN_PROGRESS || given == RUN_REQUIRES_ACTION || given == RUN_CANCELLING);
}

Datum
threadmem_run_list(PG_FUNCTION_ARGS)
{
	static const char *const orders[] = {"desc", "asc", NULL};
	static const char *const after[] = {"after_id", "after_position"};
	static const char *const before[] = {"before_id", "before_position"};
	NullableDatum *args = fcinfo->args;
	Order order = {.types = "l", .columns = {"r.seq"}};
	Built built;
	Call call;

	query_begin(&call, fcinfo);
	order.descending = guard_choice("sort_order", args[LIST_SORT_ORDER], orders) == 0;
	order.list =
		psprintf("run_list %s %s", orders[!order.descending], text_or_null(args[LIST_THREAD_ID]));
	built_begin(&built, "SELECT " RUN_COLUMNS ", ");
	built_arg(&built, 't', args[LIST_THREAD_ID]);
	built_add(&built, order_column(&order, &built, "r.seq"));
	built_add(&built, " FROM threadmem_data.runs r WHERE r.tenant_id = $1 AND r.thread_id = $2");
	built_when(&built, " AND " RUN_STATUS_NOW " = $%d", 't', args[LIST_STATUS]);
	if (is_working(args[LIST_STATUS]))
		built_add(&built,
				  " AND r.run_id = (SELECT r.run_id FROM threadmem_data.runs r" RUNS_OF_THREAD
				  " AND " RUN_IS_WORKING ")");
	built_contains(&built, "r.metadata", args[LIST_METADATA]);
	add_cursor(&call, &built, &order, args, LIST_AFTER_ID, LIST_AFTER_POSITION, after);
	add_cursor(&call, &built, &order, args, LIST_BEFORE_ID, LIST_BEFORE_POSITION, before);
	order_add(&order, &built);
	built_page(&built, int64_or(args[LIST_MAX_ROWS], DEFAULT_ROWS), int64_or(args[LIST_SKIP], 0));
	query_open_set(&call);
	if (built_add_to_set(&call, &built) == 0)
		thread_row_require(&call, args[LIST_THREAD_ID]);
	return query_close_set(&call);
}

static void
error_comes_first(RunWork *work, const char *run_id)
{
	ereport(ERROR, (errcode(ERRCODE_OBJECT_IN_USE), errmsg("another run of the thread comes first"),
					errdetail("thread_id is \"%s\", that run_id is \"%s\".",
							  text_or_null(work->thread_id), run_id),
					errhint("Runs of a thread go one after the other; start that one, or wait.")));
}

/* In the order of the queue, and one at a time. */
static void
check_turn(RunWork *work, const Run *run)
{
	char *run_id = text_or_null(run->run_id);
	const ActiveRun *at_work = run_at_work(work);
	const ActiveRun *next = run_next(work);

	if (at_work && at_work->seq != run->seq)
		error_comes_first(work, text_or_null(at_work->run_id));
	if (run->status != RUN_QUEUED)
		return;
	if (DatumGetTimestampTz(run->due_at.value) > work->now)
		error_state("run is not due", "Start it then, or let run_claim() do so.",
					"run_id \"%s\" is not to be started before %s.", run_id,
					timestamptz_to_str(DatumGetTimestampTz(run->due_at.value)));
	if (next && next->seq != run->seq)
		error_comes_first(work, text_or_null(next->run_id));
}

void
run_guard_worker(NullableDatum worker)
{
	char *name = text_or_null(worker);

	if (name)
		guard_id("worker", name, (int)strlen(name));
}

bool
run_start(RunWork *work, Run *run, NullableDatum worker, NullableDatum lease)
{
	RunChange change = run_no_change();

	change.lease_until = run_time_from("lease", work->now, lease, LEASE_SECONDS);
	change.worker = worker;
	if (state_fold(work->call, work->thread_id, &work->thread, run->run_id).too_large)
		return false;
	run_move(work, run, RUN_IN_PROGRESS, &change);
	return true;
}

enum
{
	START_THREAD_ID,
	START_RUN_ID,
	START_WORKER,
	START_LEASE
};

Datum
threadmem_run_start(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	NullableDatum run_id = args[START_RUN_ID];
	const ActiveRun *next;
	RunWork work;
	Call call;
	Run run;

	query_begin(&call, fcinfo);
	run_guard_worker(args[START_WORKER]);
	run_begin(&work, &call, args[START_THREAD_ID]);
	next = run_next(&work);
	if (run_id.isnull && next && next->due_at <= work.now)
		run_id = next->run_id;
	if (run_id.isnull)
		ereport(ERROR, (errcode(ERRCODE_NO_DATA_FOUND), errmsg("no run to start"),
						errdetail("thread_id \"%s\" has none that is queued and due.",
								  text_or_null(work.thread_id)),
						errhint("Create one with run_create().")));
	run_read(&work, run_id, &run);
	if (run_may_become(&run, RUN_IN_PROGRESS))
	{
		check_turn(&work, &run);
		if (!run_start(&work, &run, args[START_WORKER], args[START_LEASE]))
			error_state_unwritable(work.thread_id, 0);
	}
	else
		run_check_worker(&run, args[START_WORKER]);
	return run_end(&work, run_id);
}

enum
{
	HEARTBEAT_THREAD_ID,
	HEARTBEAT_RUN_ID,
	HEARTBEAT_WORKER,
	HEARTBEAT_LEASE
};

Datum
threadmem_run_heartbeat(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	NullableDatum row[4] = {args[HEARTBEAT_THREAD_ID], args[HEARTBEAT_RUN_ID]};
	RunWork work;
	Call call;
	Run run;

	query_begin(&call, fcinfo);
	run_begin(&work, &call, args[HEARTBEAT_THREAD_ID]);
	run_read(&work, args[HEARTBEAT_RUN_ID], &run);
	if (run.status != RUN_CANCELLING)
		(void)run_may_become(&run, RUN_IN_PROGRESS);
	if (run.status != RUN_CANCELLING && run.status != RUN_IN_PROGRESS)
		error_state("run is not in progress", "Start it with run_start().", "run_id \"%s\" is %s.",
					text_or_null(args[HEARTBEAT_RUN_ID]), run_status_name(run.status));
	run_check_worker(&run, args[HEARTBEAT_WORKER]);
	row[2] = run_time_from("lease", work.now, args[HEARTBEAT_LEASE], LEASE_SECONDS);
	row[3] = ARG(TimestampTzGetDatum(work.now));
	query_first(&call, &run_renew, row);
	work.line.stale = true;
	thread_row_stay_busy(&call, args[HEARTBEAT_THREAD_ID], row_column(1, 1));
	return run_end(&work, args[HEARTBEAT_RUN_ID]);
}

/* The functions that end a run begin with the same two. */
enum
{
	END_THREAD_ID,
	END_RUN_ID,
	END_OWN
};

/* The end of a run by its worker: from which status it may come is the table's affair. */
static Datum
finish(FunctionCallInfo fcinfo, Call *call, RunStatus status, NullableDatum worker,
	   const RunChange *change)
{
	NullableDatum *args = fcinfo->args;
	RunWork work;
	Run run;

	run_begin(&work, call, args[END_THREAD_ID]);
	run_read(&work, args[END_RUN_ID], &run);
	run_check_worker(&run, worker);
	if (run_may_become(&run, status))
	{
		run_move(&work, &run, status, change);
		if (status == RUN_COMPLETED)
			work.goes_on = state_has_next(call, args[END_THREAD_ID]);
	}
	return run_end(&work, args[END_RUN_ID]);
}

enum
{
	COMPLETE_INCOMPLETE_REASON = END_OWN,
	COMPLETE_USAGE,
	COMPLETE_RESULT,
	COMPLETE_WORKER
};

Datum
threadmem_run_complete(PG_FUNCTION_ARGS)
{
	RunChange change = run_no_change();
	Call call;

	query_begin(&call, fcinfo);
	change.incomplete_reason = fcinfo->args[COMPLETE_INCOMPLETE_REASON];
	change.usage = fcinfo->args[COMPLETE_USAGE];
	change.result = fcinfo->args[COMPLETE_RESULT];
	return finish(fcinfo, &call,
				  fcinfo->args[COMPLETE_INCOMPLETE_REASON].isnull ? RUN_COMPLETED : RUN_INCOMPLETE,
				  fcinfo->args[COMPLETE_WORKER], &change);
}

enum
{
	FAIL_ERROR = END_OWN,
	FAIL_USAGE,
	FAIL_WORKER
};

Datum
threadmem_run_fail(PG_FUNCTION_ARGS)
{
	RunChange change = run_no_change();
	Call call;

	query_begin(&call, fcinfo);
	change.error = fcinfo->args[FAIL_ERROR];
	change.usage = fcinfo->args[FAIL_USAGE];
	return finish(fcinfo, &call, RUN_FAILED, fcinfo->args[FAIL_WORKER], &change);
}

enum
{
	INTERRUPT_RESULT = END_OWN,
	INTERRUPT_USAGE,
	INTERRUPT_WORKER
};

Datum
threadmem_run_interrupt(PG_FUNCTION_ARGS)
{
	RunChange change = run_no_change();
	Call call;

	query_begin(&call, fcinfo);
	change.result = fcinfo->args[INTERRUPT_RESULT];
	change.usage = fcinfo->args[INTERRUPT_USAGE];
	return finish(fcinfo, &call, RUN_INTERRUPTED, fcinfo->args[INTERRUPT_WORKER], &change);
}

enum
{
	CANCEL_THREAD_ID,
	CANCEL_RUN_ID,
	CANCEL_CONFIRM
};

/* Who asks again, or for what is on its way, gets what there is. */
Datum
threadmem_run_cancel(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	bool confirm = bool_or(args[CANCEL_CONFIRM], false);
	RunChange change = run_no_change();
	RunWork work;
	Call call;
	Run run;

	query_begin(&call, fcinfo);
	run_begin(&work, &call, args[CANCEL_THREAD_ID]);
	run_read(&work, args[CANCEL_RUN_ID], &run);
	if (confirm || (run.status != RUN_IN_PROGRESS && run.status != RUN_CANCELLING))
		run_become(&work, &run, RUN_CANCELLED, &change);
	else if (run.status == RUN_IN_PROGRESS)
	{
		change.lease_until = run.lease_until;
		run_move(&work, &run, RUN_CANCELLING, &change);
	}
	return run_end(&work, args[CANCEL_RUN_ID]);
}

enum
{
	EXPIRE_THREAD_ID,
	EXPIRE_RUN_ID,
	EXPIRE_MAX_ROWS
};

static Datum
expire_one(Call *call, NullableDatum *args)
{
	RunChange change = run_no_change();
	RunWork work;
	Run run;

	run_begin(&work, call, args[EXPIRE_THREAD_ID]);
	run_read(&work, args[EXPIRE_RUN_ID], &run);
	query_open_set(call);
	if (run.status != RUN_EXPIRED)
		run_become(&work, &run, RUN_EXPIRED, &change);
	else if (!work.changed)
		return query_close_set(call);
	run_update_thread(&work);
	run_add_to_set(call, args);
	return query_close_set(call);
}

static void
expire_thread(Call *call, NullableDatum thread_id, bool gives_runs)
{
	RunWork work;

	run_begin(&work, call, thread_id);
	run_update_thread(&work);
	if (gives_runs && !work.expired.isnull)
		query_add_to_set(call, &run_expired, (NullableDatum[]){thread_id, work.expired});
}

/* Runs whose lease was over, had no heartbeat put it off, are looked at again when it ends now. */
static void
watch_renewed(Call *call, NullableDatum now)
{
	uint64 count = query_exec(call, &run_renewed, &now);
	SPITupleTable *rows = SPI_tuptable;

	for (uint64 i = 1; i <= count; i++)
	{
		NullableDatum key[] = {table_column(rows, i, 1), table_column(rows, i, 2)};

		CHECK_FOR_INTERRUPTS();
		if (run_try_lock(call, key[0]))
			query_exec(call, &run_watch, key);
	}
}

/* Those that another session writes to are passed over; how many were not. */
static int64
expire_threads(Call *call, int64 most, bool gives_runs)
{
	NullableDatum now = ARG(TimestampTzGetDatum(GetCurrentTimestamp()));
	int64 done = 0;
	uint64 count =
		query_exec(call, &run_stuck_threads, (NullableDatum[]){now, ARG(Int64GetDatum(most))});
	NullableDatum *threads = palloc(sizeof(NullableDatum) * Max(count, 1));

	for (uint64 i = 0; i < count; i++)
		threads[i] = row_column(i + 1, 1);
	for (uint64 i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!run_try_lock(call, threads[i]))
			continue;
		expire_thread(call, threads[i], gives_runs);
		done++;
	}
	watch_renewed(call, now);
	return done;
}

Datum
threadmem_run_expire(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	Call call;

	query_begin(&call, fcinfo);
	if (args[EXPIRE_THREAD_ID].isnull && !args[EXPIRE_RUN_ID].isnull)
		error_bad_input("run_id", "A run is named within its thread; give thread_id.");
	if (!args[EXPIRE_RUN_ID].isnull)
		return expire_one(&call, args);
	query_open_set(&call);
	if (args[EXPIRE_THREAD_ID].isnull)
		expire_threads(&call, int64_or(args[EXPIRE_MAX_ROWS], ROWS_MAX), true);
	else if (run_any_expired(&call, args[EXPIRE_THREAD_ID]))
		expire_thread(&call, args[EXPIRE_THREAD_ID], true);
	else
		thread_row_require(&call, args[EXPIRE_THREAD_ID]);
	return query_close_set(&call);
}

static int64
expire_in_tenant(Call *call, int64 most, void *context)
{
	return expire_threads(call, most, false);
}

Datum
threadmem_tenants_expire_runs(PG_FUNCTION_ARGS)
{
	NullableDatum now = ARG(TimestampTzGetDatum(GetCurrentTimestamp()));
	Sweep sweep = {.due = &run_stuck,
				   .args = &now,
				   .work = expire_in_tenant,
				   .max_rows = int64_or(fcinfo->args[0], ROWS_MAX)};
	Call call;

	query_begin_all(&call, fcinfo);
	return query_sweep(&call, &sweep);
}

Datum
threadmem_tenants_stuck_runs(PG_FUNCTION_ARGS)
{
	NullableDatum now = ARG(TimestampTzGetDatum(GetCurrentTimestamp()));
	Call call;

	query_begin_all(&call, fcinfo);
	return query_survey(&call, &run_stuck, &now);
}
