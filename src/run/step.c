/*
 * run/step.c: what a run did, step by step.
 */
#include "run/run.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(threadmem_run_step_add);
PG_FUNCTION_INFO_V1(threadmem_run_steps);

#define KEY " WHERE s.tenant_id = $1 AND s.thread_id = $2 AND s.run_id = $3"

static Stmt run_last = {
	"SELECT coalesce(max(s.step_no), 0)::int8 FROM threadmem_data.run_steps s" KEY, "tt"};
static Stmt run_status_of_stmt = {
	"SELECT s.status FROM threadmem_data.run_steps s" KEY " AND s.step_no = $4", "ttl"};
static Stmt run_require_run = {"SELECT 1 FROM threadmem_data.runs r WHERE r.tenant_id = $1"
							   " AND r.thread_id = $2 AND r.run_id = $3",
							   "tt"};
static Stmt run_add = {
	"INSERT INTO threadmem_data.run_steps AS s (tenant_id, thread_id, run_id, type, status, step_no,"
	" name, message_id, tool_call_id, details, metadata, error, usage, created_at, completed_at)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, coalesce($10, '{}'), coalesce($11, '{}'), $12,"
	" $13, $14, CASE WHEN $5 <> 'in_progress' THEN $14 END)"
	" ON CONFLICT (tenant_id, thread_id, run_id, step_no) DO UPDATE SET status = excluded.status,"
	" name = coalesce($7, s.name), message_id = coalesce($8, s.message_id),"
	" tool_call_id = coalesce($9, s.tool_call_id), details = s.details || coalesce($10, '{}'),"
	" metadata = s.metadata || coalesce($11, '{}'), error = coalesce($12, s.error),"
	" usage = coalesce($13, s.usage), completed_at = excluded.completed_at"
	" RETURNING " RUN_STEP_COLUMNS,
	"ttttltttjjjjz"};

enum
{
	STEP_THREAD_ID,
	STEP_RUN_ID,
	STEP_TYPE,
	STEP_STATUS,
	STEP_NO,
	STEP_COLUMNS = 12
};

/* The next number, or one that is there; a step that has ended stays as it is. */
static void
number_step(Call *call, NullableDatum *row)
{
	int64 next;

	query_first(call, &run_last, row);
	next = row_int64(1, 1) + 1;
	if (next > PG_INT32_MAX)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("run has too many steps"),
						errdetail("run_id is \"%s\".", text_or_null(row[STEP_RUN_ID]))));
	if (row[STEP_NO].isnull)
		row[STEP_NO] = ARG(Int64GetDatum(next));
	else if (DatumGetInt64(row[STEP_NO].value) < 1 || DatumGetInt64(row[STEP_NO].value) > next)
		error_bad_input("step_no", "It must be from 1 to " INT64_FORMAT ", not " INT64_FORMAT ".",
						next, DatumGetInt64(row[STEP_NO].value));
}

static void
check_open(Call *call, NullableDatum *row)
{
	NullableDatum key[] = {row[STEP_THREAD_ID], row[STEP_RUN_ID], row[STEP_NO]};
	char *status;

	if (!query_first(call, &run_status_of_stmt, key))
		return;
	status = row_text(1, 1);
	if (strcmp(status, "in_progress") != 0 && strcmp(status, text_or_null(row[STEP_STATUS])) != 0)
		error_state("step of a run is over", "Add another step.",
					"run_id \"%s\", step_no " INT64_FORMAT " is %s.",
					text_or_null(row[STEP_RUN_ID]), DatumGetInt64(row[STEP_NO].value), status);
}

Datum
threadmem_run_step_add(PG_FUNCTION_ARGS)
{
	static const char *const types[] = {"tool_calls", "message_creation", "node", NULL};
	static const char *const statuses[] = {"completed", "in_progress", "failed",
										   "cancelled", "expired",     NULL};
	NullableDatum row[STEP_COLUMNS + 1];
	RunWork work;
	Call call;
	Run run;

	query_begin(&call, fcinfo);
	memcpy(row, fcinfo->args, sizeof(NullableDatum) * STEP_COLUMNS);
	row[STEP_TYPE] = ARG_TEXT(types[guard_choice("type", row[STEP_TYPE], types)]);
	row[STEP_STATUS] = ARG_TEXT(statuses[guard_choice("status", row[STEP_STATUS], statuses)]);
	run_begin(&work, &call, row[STEP_THREAD_ID]);
	thread_row_check_run(&call, row[STEP_THREAD_ID], &work.thread, row[STEP_RUN_ID]);
	run_read(&work, row[STEP_RUN_ID], &run);
	number_step(&call, row);
	check_open(&call, row);
	row[STEP_COLUMNS] = ARG(TimestampTzGetDatum(work.now));
	run_update_thread(&work);
	return query_one(&call, &run_add, row, "run", NULL);
}

enum
{
	STEPS_THREAD_ID,
	STEPS_RUN_ID,
	STEPS_MAX_ROWS,
	STEPS_SORT_ORDER,
	STEPS_AFTER_NO,
	STEPS_AFTER_POSITION
};

/* A step that was being done when its run expired is expired, too. */
Datum
threadmem_run_steps(PG_FUNCTION_ARGS)
{
	static const char *const orders[] = {"asc", "desc", NULL};
	NullableDatum *args = fcinfo->args;
	Order order = {.types = "i", .columns = {"s.step_no"}};
	NullableDatum step_no = args[STEPS_AFTER_NO];
	Built built;
	Call call;

	query_begin(&call, fcinfo);
	order.descending = guard_choice("sort_order", args[STEPS_SORT_ORDER], orders) == 1;
	order.list = psprintf("run_steps %s %s %s", orders[order.descending],
						  text_or_null(args[STEPS_THREAD_ID]), text_or_null(args[STEPS_RUN_ID]));
	if (!step_no.isnull)
		step_no.value = Int32GetDatum((int32)DatumGetInt64(step_no.value));
	order_give_one("after_position", args[STEPS_AFTER_POSITION], "after_no", step_no);
	if (!args[STEPS_AFTER_POSITION].isnull)
		order_read(&order, "after_position", args[STEPS_AFTER_POSITION], &step_no);
	built_begin(&built, "SELECT " RUN_STEP_COLUMNS_WITH(
							"CASE WHEN " RUN_HAS_EXPIRED
							" AND s.status = 'in_progress' THEN 'expired' ELSE s.status END") ", ");
	built_arg(&built, 't', args[STEPS_THREAD_ID]);
	built_arg(&built, 't', args[STEPS_RUN_ID]);
	built_add(&built, order_column(&order, &built, "s.step_no"));
	built_add(&built, " FROM threadmem_data.run_steps s JOIN threadmem_data.runs r"
					  " USING (tenant_id, thread_id, run_id) WHERE s.tenant_id = $1"
					  " AND s.thread_id = $2 AND s.run_id = $3");
	if (!step_no.isnull)
		order_go_on(&order, &built, &step_no, false);
	order_add(&order, &built);
	built_page(&built, int64_or(args[STEPS_MAX_ROWS], DEFAULT_ROWS), 0);
	query_open_set(&call);
	if (built_add_to_set(&call, &built) == 0 && !query_first(&call, &run_require_run, args))
		error_not_found("run", text_or_null(args[STEPS_RUN_ID]));
	return query_close_set(&call);
}
