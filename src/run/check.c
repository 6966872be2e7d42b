/*
 * run/check.c: the constraint of the table of runs.
 */
#include "query/query.h"

#include "utils/array.h"

#include "run/run.h"

PG_FUNCTION_INFO_V1(threadmem_check_run);

/* The arguments of check_run(). */
enum
{
	SEQ,
	STATUS,
	STRATEGY,
	ACTIONS,
	AWAITS,
	LEASE_UNTIL,
	EXPIRES_AT,
	CREATED_AT,
	DUE_AT,
	BLOCKED_UNTIL,
	STARTED_AT,
	COMPLETED_AT,
	UPDATED_AT,
	KWARGS,
	METADATA,
	CONFIG,
	REQUIRED_ACTION,
	USAGE
};

static void
check_list(FunctionCallInfo fcinfo, int arg, const char *column)
{
	ArrayType *list = PG_ARGISNULL(arg) ? NULL : PG_GETARG_ARRAYTYPE_P(arg);

	check_that(!list || (ARR_NDIM(list) <= 1 && !array_contains_nulls(list)), column,
			   "must be a list without nulls");
}

Datum
threadmem_check_run(PG_FUNCTION_ARGS)
{
	static const char *const strategies[] = {"enqueue", "reject", "interrupt", "rollback", NULL};
	static const char *const times[] = {"lease_until",  "expires_at",    "created_at",
										"due_at",       "blocked_until", "started_at",
										"completed_at", "updated_at"};
	static const char *const objects[] = {"kwargs", "metadata", "config", "required_action",
										  "usage"};
	const char *statuses[RUN_STATUSES + 1] = {NULL};

	for (int i = 0; i < RUN_STATUSES; i++)
		statuses[i] = run_status_name(i);
	check_number(fcinfo, SEQ, "seq", 1);
	check_choice(fcinfo, STATUS, "status", statuses);
	check_choice(fcinfo, STRATEGY, "strategy", strategies);
	check_number(fcinfo, ACTIONS, "actions", 0);
	check_list(fcinfo, AWAITS, "awaits");
	for (int i = 0; i < lengthof(times); i++)
		check_time(fcinfo, LEASE_UNTIL + i, times[i]);
	for (int i = 0; i < lengthof(objects); i++)
		check_object(fcinfo, KWARGS + i, objects[i]);
	PG_RETURN_BOOL(true);
}
