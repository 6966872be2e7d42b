/*
 * run.c: runs read, started, kept alive and ended.
 */
#include "run.h"

#include "state.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(threadmem_run_get);
PG_FUNCTION_INFO_V1(threadmem_run_list);
PG_FUNCTION_INFO_V1(threadmem_run_start);
PG_FUNCTION_INFO_V1(threadmem_run_claim);
PG_FUNCTION_INFO_V1(threadmem_run_heartbeat);
PG_FUNCTION_INFO_V1(threadmem_run_complete);
PG_FUNCTION_INFO_V1(threadmem_run_fail);
PG_FUNCTION_INFO_V1(threadmem_run_interrupt);
PG_FUNCTION_INFO_V1(threadmem_run_cancel);
PG_FUNCTION_INFO_V1(threadmem_run_expire);

#define KEY " WHERE r.tenant_id = $1 AND r.thread_id = $2"

static Stmt place_of = {"SELECT r.seq FROM threadmem_data.runs r" KEY " AND r.run_id = $3", "tt"};
static Stmt working = {"SELECT r.run_id FROM threadmem_data.runs r" KEY
					   " AND r.status IN ('in_progress', 'requires_action', 'cancelling')"
					   " AND r.run_id <> $3",
					   "tt"};
static Stmt renew = {"UPDATE threadmem_data.runs r SET lease_until = greatest(r.lease_until, $4),"
					 " updated_at = $5" KEY " AND r.run_id = $3"
					 " RETURNING " RUN_DEADLINE,
					 "ttzz"};
/*
 * The queue of the tenant, page by page, and whether a thread's turn has come. Then the thread is
 * what is locked; which run is its next is asked again, since another worker may have come first.
 */
static Stmt queue = {
	"SELECT r.due_at, r.thread_id, r.seq FROM threadmem_data.runs r WHERE r.tenant_id = $1"
	" AND r.status = 'queued' AND (r.due_at, r.thread_id, r.seq) > ($2, $3, $4) AND r.due_at <= $5"
	" AND ($6 IS NULL OR r.assistant_id = $6) AND ($7 IS NULL OR r.graph_id = $7)"
	" ORDER BY r.due_at, r.thread_id, r.seq LIMIT 100",
	"ztlztt"};
static Stmt lock_if_next = {
	"SELECT 1 FROM threadmem_data.threads t WHERE t.tenant_id = $1 AND t.thread_id = $2"
	" AND NOT EXISTS (SELECT 1 FROM threadmem_data.runs r" KEY " AND " RUN_IS_ACTIVE
	" AND " RUN_DEADLINE " > $3 AND (r.status <> 'queued' OR (r.due_at, r.seq) < ($4, $5)))"
	" FOR NO KEY UPDATE SKIP LOCKED",
	"tzzl"};
static Stmt is_of = {"SELECT 1 FROM threadmem_data.runs r" KEY " AND r.run_id = $3"
					 " AND ($4 IS NULL OR r.assistant_id = $4) AND ($5 IS NULL OR r.graph_id = $5)",
					 "tttt"};
static Stmt stuck_threads = {
	"SELECT r.thread_id FROM threadmem_data.runs r WHERE r.tenant_id = $1 AND " RUN_HAS_EXPIRED
	" AND ($3 IS NULL OR r.thread_id = $3) GROUP BY r.thread_id ORDER BY r.thread_id LIMIT $2",
	"lt"};
static Stmt lock_if_free = {"SELECT 1 FROM threadmem_data.threads t WHERE t.tenant_id = $1"
							" AND t.thread_id = $2 FOR NO KEY UPDATE SKIP LOCKED",
							"t"};
static Stmt ended_now = {"SELECT " RUN_COLUMNS " FROM threadmem_data.runs r" KEY
						 " AND r.status = 'expired' AND r.updated_at = $3 ORDER BY r.seq",
						 "tz"};

Datum
threadmem_run_get(PG_FUNCTION_ARGS)
{
	Call call;

	query_begin(&call, fcinfo);
	return run_return(&call, fcinfo->args);
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
	else if (query_first(call, &place_of, (NullableDatum[]){args[LIST_THREAD_ID], args[by_id]}))
		seq = row_column(1, 1);
	else
		error_no_cursor("run", text_or_null(args[by_id]));
	order_go_on(order, built, &seq, by_id == LIST_BEFORE_ID);
}

static void
guard_status(NullableDatum status)
{
	const char *names[RUN_STATUSES + 1] = {NULL};

	for (int i = 0; i < RUN_STATUSES; i++)
		names[i] = run_status_name(i);
	(void)guard_choice("status", status, names);
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
	guard_status(args[LIST_STATUS]);
	built_begin(&built, "SELECT " RUN_COLUMNS ", ");
	built_arg(&built, 't', args[LIST_THREAD_ID]);
	built_add(&built, order_column(&order, &built, "r.seq"));
	built_add(&built, " FROM threadmem_data.runs r WHERE r.tenant_id = $1 AND r.thread_id = $2");
	built_when(&built, " AND " RUN_STATUS_NOW " = $%d", 't', args[LIST_STATUS]);
	built_contains(&built, "r.metadata", args[LIST_METADATA]);
	add_cursor(&call, &built, &order, args, LIST_AFTER_ID, LIST_AFTER_POSITION, after);
	add_cursor(&call, &built, &order, args, LIST_BEFORE_ID, LIST_BEFORE_POSITION, before);
	order_add(&order, &built);
	built_page(&built,
			   args[LIST_MAX_ROWS].isnull ? DEFAULT_ROWS : DatumGetInt32(args[LIST_MAX_ROWS].value),
			   args[LIST_SKIP].isnull ? 0 : DatumGetInt32(args[LIST_SKIP].value));
	query_open_set(&call);
	if (built_add_to_set(&call, &built) == 0)
		head_require(&call, args[LIST_THREAD_ID]);
	return query_close_set(&call);
}

static void
guard_worker(NullableDatum worker)
{
	char *name = text_or_null(worker);

	if (name)
		guard_id("worker", name, (int)strlen(name));
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
	NullableDatum key[] = {work->thread_id, run->run_id};
	char *run_id = text_or_null(run->run_id);
	NullableDatum next;

	if (query_first(work->call, &working, key))
		error_comes_first(work, row_text(1, 1));
	if (run->status != RUN_QUEUED)
		return;
	if (DatumGetTimestampTz(run->due_at.value) > work->now)
		error_state("run is not due", "Start it then, or let run_claim() do so.",
					"run_id \"%s\" is not to be started before %s.", run_id,
					timestamptz_to_str(DatumGetTimestampTz(run->due_at.value)));
	if (run_next(work, &next) && strcmp(text_or_null(next), run_id) != 0)
		error_comes_first(work, text_or_null(next));
}

/*
 * What was said meanwhile goes into the state as the run's first step: rolled back, it waits again.
 * False, and nothing has changed, when the state would be too large.
 */
static bool
start(RunWork *work, Run *run, NullableDatum worker, NullableDatum lease)
{
	RunChange change = run_no_change();

	change.lease_until = run_time_from("lease", work->now, lease, LEASE_SECONDS);
	change.worker = worker;
	if (state_fold(work->call, work->thread_id, run->run_id).too_large)
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
	RunWork work;
	Call call;
	Run run;

	query_begin(&call, fcinfo);
	guard_worker(args[START_WORKER]);
	run_begin(&work, &call, args[START_THREAD_ID]);
	if (run_id.isnull && !run_next(&work, &run_id))
		ereport(ERROR, (errcode(ERRCODE_NO_DATA_FOUND), errmsg("no run to start"),
						errdetail("thread_id \"%s\" has none that is queued and due.",
								  text_or_null(work.thread_id)),
						errhint("Create one with run_create().")));
	run_read(&work, run_id, &run);
	if (run_may_become(&run, RUN_IN_PROGRESS))
	{
		check_turn(&work, &run);
		if (!start(&work, &run, args[START_WORKER], args[START_LEASE]))
			error_state_unwritable(work.thread_id, 0);
	}
	else
		run_check_worker(&run, args[START_WORKER]);
	return run_end(&work, run_id);
}

enum
{
	CLAIM_WORKER,
	CLAIM_LEASE,
	CLAIM_ASSISTANT_ID,
	CLAIM_GRAPH_ID
};

/* Whether the next run of a thread that is locked now is one that was asked for. */
static bool
take_next(RunWork *work, NullableDatum *args, Run *run)
{
	NullableDatum key[] = {work->thread_id, ARG_NULL, args[CLAIM_ASSISTANT_ID],
						   args[CLAIM_GRAPH_ID]};

	if (!run_next(work, &key[1]) || !query_first(work->call, &is_of, key) ||
		query_first(work->call, &working, key))
		return false;
	run_read(work, key[1], run);
	return true;
}

/* A run that nobody can start would stand before all others of the queue: it ends. */
static void
fail_unstarted(RunWork *work, Run *run)
{
	const char *message = "With what was said meanwhile the state is too large.";
	RunChange change = run_no_change();
	JsonItems *error = items_new(2);
	JsonNode root = node_of_items(NODE_OBJECT, error);

	items_append(error, "code", node_of_string("state_too_large", 15));
	items_append(error, "message", node_of_string(message, strlen(message)));
	change.error = ARG(JsonbPGetDatum(node_write(&root)));
	run_move(work, run, RUN_FAILED, &change);
}

/* Claims the next run of a thread whose place in the queue is row; false when it has none. */
static bool
claim_thread(Call *call, NullableDatum *args, NullableDatum *row)
{
	NullableDatum lock[] = {row[1], ARG(TimestampTzGetDatum(GetCurrentTimestamp())), row[0],
							row[2]};
	bool started;
	RunWork work;
	Run run;

	if (!query_first(call, &lock_if_next, lock))
		return false;
	run_begin(&work, call, row[1]);
	if (!take_next(&work, args, &run))
	{
		run_settle(&work);
		return false;
	}
	started = start(&work, &run, args[CLAIM_WORKER], args[CLAIM_LEASE]);
	if (!started)
		fail_unstarted(&work, &run);
	run_settle(&work);
	if (!started)
		return false;
	run_add_to_set(call, (NullableDatum[]){row[1], run.run_id});
	return true;
}

/* Goes down the queue from a place in it to the next page's; false at its end. */
static bool
claim_from_page(Call *call, NullableDatum *args, NullableDatum *place, bool *claimed)
{
	NullableDatum page[] = {place[0],
							place[1],
							place[2],
							ARG(TimestampTzGetDatum(GetCurrentTimestamp())),
							args[CLAIM_ASSISTANT_ID],
							args[CLAIM_GRAPH_ID]};
	uint64 count = query_exec(call, &queue, page);
	SPITupleTable *rows = SPI_tuptable;

	for (uint64 i = 0; i < count && !*claimed; i++)
	{
		CHECK_FOR_INTERRUPTS();
		for (int c = 0; c < 3; c++)
			place[c] = table_column(rows, i + 1, c + 1);
		*claimed = claim_thread(call, args, place);
	}
	return count > 0 && !*claimed;
}

Datum
threadmem_run_claim(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	NullableDatum place[] = {ARG(TimestampTzGetDatum(DT_NOBEGIN)), ARG_TEXT(""),
							 ARG(Int64GetDatum(0))};
	bool claimed = false;
	Call call;

	query_begin(&call, fcinfo);
	guard_worker(args[CLAIM_WORKER]);
	(void)run_time_from("lease", 0, args[CLAIM_LEASE], LEASE_SECONDS);
	query_open_set(&call);
	while (claim_from_page(&call, args, place, &claimed))
		;
	return query_close_set(&call);
}

Datum
threadmem_run_heartbeat(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	NullableDatum row[4] = {args[0], args[1]};
	RunWork work;
	Call call;
	Run run;

	query_begin(&call, fcinfo);
	run_begin(&work, &call, args[0]);
	run_read(&work, args[1], &run);
	if (run.status != RUN_CANCELLING)
		(void)run_may_become(&run, RUN_IN_PROGRESS);
	if (run.status != RUN_CANCELLING && run.status != RUN_IN_PROGRESS)
		error_state("run is not in progress", "Start it with run_start().", "run_id \"%s\" is %s.",
					text_or_null(args[1]), run_status_name(run.status));
	run_check_worker(&run, args[2]);
	row[2] = run_time_from("lease", work.now, args[3], LEASE_SECONDS);
	row[3] = ARG(TimestampTzGetDatum(work.now));
	query_first(&call, &renew, row);
	head_stay_busy(&call, args[0], row_column(1, 1));
	return run_end(&work, args[1]);
}

/* The end of a run by its worker: from which status it may come is the table's affair. */
static Datum
finish(FunctionCallInfo fcinfo, Call *call, RunStatus status, NullableDatum worker,
	   const RunChange *change)
{
	NullableDatum *args = fcinfo->args;
	RunWork work;
	Run run;

	run_begin(&work, call, args[0]);
	run_read(&work, args[1], &run);
	run_check_worker(&run, worker);
	if (run_may_become(&run, status))
	{
		run_move(&work, &run, status, change);
		if (status == RUN_COMPLETED)
			work.goes_on = state_has_next(call, args[0]);
	}
	return run_end(&work, args[1]);
}

Datum
threadmem_run_complete(PG_FUNCTION_ARGS)
{
	RunChange change = run_no_change();
	Call call;

	query_begin(&call, fcinfo);
	change.incomplete_reason = fcinfo->args[2];
	change.usage = fcinfo->args[3];
	change.result = fcinfo->args[4];
	return finish(fcinfo, &call, fcinfo->args[2].isnull ? RUN_COMPLETED : RUN_INCOMPLETE,
				  fcinfo->args[5], &change);
}

Datum
threadmem_run_fail(PG_FUNCTION_ARGS)
{
	RunChange change = run_no_change();
	Call call;

	query_begin(&call, fcinfo);
	change.error = fcinfo->args[2];
	change.usage = fcinfo->args[3];
	return finish(fcinfo, &call, RUN_FAILED, fcinfo->args[4], &change);
}

Datum
threadmem_run_interrupt(PG_FUNCTION_ARGS)
{
	RunChange change = run_no_change();
	Call call;

	query_begin(&call, fcinfo);
	change.result = fcinfo->args[2];
	change.usage = fcinfo->args[3];
	return finish(fcinfo, &call, RUN_INTERRUPTED, fcinfo->args[4], &change);
}

/* Who asks again, or for what is on its way, gets what there is. */
Datum
threadmem_run_cancel(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	bool confirm = !args[2].isnull && DatumGetBool(args[2].value);
	RunChange change = run_no_change();
	RunWork work;
	Call call;
	Run run;

	query_begin(&call, fcinfo);
	run_begin(&work, &call, args[0]);
	run_read(&work, args[1], &run);
	if (confirm || (run.status != RUN_IN_PROGRESS && run.status != RUN_CANCELLING))
		run_become(&work, &run, RUN_CANCELLED, &change);
	else if (run.status == RUN_IN_PROGRESS)
	{
		change.lease_until = run.lease_until;
		run_move(&work, &run, RUN_CANCELLING, &change);
	}
	return run_end(&work, args[1]);
}

static Datum
expire_one(Call *call, NullableDatum *args)
{
	RunChange change = run_no_change();
	RunWork work;
	Run run;

	run_begin(&work, call, args[0]);
	run_read(&work, args[1], &run);
	query_open_set(call);
	if (run.status != RUN_EXPIRED)
		run_become(&work, &run, RUN_EXPIRED, &change);
	else if (!work.changed)
		return query_close_set(call);
	run_settle(&work);
	run_add_to_set(call, args);
	return query_close_set(call);
}

Datum
threadmem_run_expire(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	int64 rows = args[2].isnull ? ROWS_MAX : DatumGetInt32(args[2].value);
	NullableDatum wanted[] = {ARG(Int64GetDatum(rows)), args[0]};
	NullableDatum *threads;
	uint64 count;
	Call call;

	query_begin(&call, fcinfo);
	if (args[0].isnull && !args[1].isnull)
		error_bad_input("run_id", "A run is named within its thread; give thread_id.");
	if (!args[1].isnull)
		return expire_one(&call, args);
	if (!args[0].isnull)
		head_require(&call, args[0]);
	query_open_set(&call);
	count = query_exec(&call, &stuck_threads, wanted);
	threads = palloc(sizeof(NullableDatum) * Max(count, 1));
	for (uint64 i = 0; i < count; i++)
		threads[i] = row_column(i + 1, 1);
	for (uint64 i = 0; i < count; i++)
	{
		RunWork work;

		CHECK_FOR_INTERRUPTS();
		if (args[0].isnull && !query_first(&call, &lock_if_free, &threads[i]))
			continue;
		run_begin(&work, &call, threads[i]);
		run_settle(&work);
		query_add_to_set(&call, &ended_now,
						 (NullableDatum[]){threads[i], ARG(TimestampTzGetDatum(work.now))});
	}
	return query_close_set(&call);
}
