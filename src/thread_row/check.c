/*
 * thread_row/check.c: the constraint of the table of threads.
 */
#include "query/query.h"

PG_FUNCTION_INFO_V1(threadmem_check_thread);

/* The arguments of check_thread(). */
enum
{
	STATUS,
	TTL_STRATEGY,
	TTL_MINUTES,
	EXPIRES_AT,
	ASSISTANT_PINNED,
	ASSISTANT_ID,
	NEXT_SEQ,
	NEXT_REV,
	NEXT_CHECKPOINT,
	NEXT_RUN,
	NEXT_CHANGE,
	VERSION,
	LIVE_MESSAGES,
	CREATED_AT,
	UPDATED_AT,
	METADATA,
	CONFIG,
	TOOL_RESOURCES,
	HEAD_STATUS,
	HEAD_STATUS_OF
};

/* What is shown as integer. */
static void
check_count(FunctionCallInfo fcinfo, int arg, const char *column, int64 least)
{
	check_number(fcinfo, arg, column, least);
	check_that(PG_ARGISNULL(arg) || PG_GETARG_INT64(arg) <= PG_INT32_MAX, column,
			   "must be an integer");
}

/* How many live messages there are bounds what is read of a thread. */
static void
check_counters(FunctionCallInfo fcinfo)
{
	check_number(fcinfo, NEXT_SEQ, "next_seq", 1);
	check_number(fcinfo, NEXT_REV, "next_rev", 1);
	check_number(fcinfo, NEXT_CHECKPOINT, "next_checkpoint", 1);
	check_number(fcinfo, NEXT_RUN, "next_run", 1);
	check_number(fcinfo, NEXT_CHANGE, "next_change", 1);
	check_count(fcinfo, VERSION, "version", 1);
	check_count(fcinfo, LIVE_MESSAGES, "live_messages", 0);
	check_that(PG_ARGISNULL(LIVE_MESSAGES) || PG_ARGISNULL(NEXT_SEQ) ||
				   PG_GETARG_INT64(LIVE_MESSAGES) < PG_GETARG_INT64(NEXT_SEQ),
			   "live_messages", "must be less than next_seq");
}

Datum
threadmem_check_thread(PG_FUNCTION_ARGS)
{
	static const char *const statuses[] = {"idle", "busy", "interrupted", "error", NULL};
	static const char *const of_heads[] = {"interrupted", "error", NULL};
	static const char *const strategies[] = {"delete", "keep_latest", NULL};

	check_choice(fcinfo, STATUS, "status", statuses);
	check_choice(fcinfo, TTL_STRATEGY, "ttl_strategy", strategies);
	check_that(PG_ARGISNULL(ASSISTANT_PINNED) || !PG_GETARG_BOOL(ASSISTANT_PINNED) ||
				   !PG_ARGISNULL(ASSISTANT_ID),
			   "assistant_pinned", "must not be true without an assistant_id");
	check_choice(fcinfo, HEAD_STATUS, "head_status", of_heads);
	check_that(PG_ARGISNULL(HEAD_STATUS) == PG_ARGISNULL(HEAD_STATUS_OF), "head_status_of",
			   "is null exactly where head_status is");
	check_counters(fcinfo);
	check_that(PG_ARGISNULL(TTL_MINUTES) || (PG_GETARG_INT64(TTL_MINUTES) >= 1 &&
											 PG_GETARG_INT64(TTL_MINUTES) <= TTL_MAX_MINUTES),
			   "ttl_minutes", "must be a time to live");
	check_time(fcinfo, EXPIRES_AT, "expires_at");
	check_time(fcinfo, CREATED_AT, "created_at");
	check_time(fcinfo, UPDATED_AT, "updated_at");
	check_object(fcinfo, METADATA, "metadata");
	check_object(fcinfo, CONFIG, "config");
	check_object(fcinfo, TOOL_RESOURCES, "tool_resources");
	PG_RETURN_BOOL(true);
}
