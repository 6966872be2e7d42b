/*
 * erase/prune.c: threads that nobody has touched for long, in every tenant.
 *
 * Which there are is found by the hour of their last change, the part of its time that has an
 * index. A thread that is thinned out already is met again by every call, for nothing says that it
 * was; it costs a look at the keys of its checkpoints, and what must stay of one for its delta
 * channels is tried again. Neither counts: the search goes on behind it.
 */
#include "checkpoint/checkpoint.h"
#include "thread/thread.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(threadmem_tenants_prune_threads);

#define IS_OLD \
	" FROM threadmem_data.threads t WHERE t.tenant_id = $1 AND t.updated_hour <= $2" \
	" AND greatest(t.updated_at, t.state_updated_at) <= $2" \
	" AND coalesce(t.busy_until <= clock_timestamp(), true)"
static Stmt erase_first_old = {"SELECT min(t.updated_hour), 0::int8 FROM threadmem_data.threads t"
							   " WHERE t.tenant_id = $1 AND t.updated_hour <= $2",
							   "z"};
static Stmt erase_old = {"SELECT t.thread_id, t.updated_hour" IS_OLD
						 " ORDER BY t.updated_hour, t.thread_id LIMIT $3 FOR UPDATE SKIP LOCKED",
						 "zl"};
/* Of those behind a place, which have checkpoints to spare. */
static Stmt erase_old_with_more = {
	"SELECT t.thread_id, t.updated_hour" IS_OLD
	" AND t.updated_hour >= $5 AND (t.updated_hour, t.thread_id) > ($5, $6)"
	" AND EXISTS (SELECT FROM threadmem_data.checkpoints c WHERE c.tenant_id = $1"
	" AND c.thread_id = t.thread_id GROUP BY c.checkpoint_ns HAVING count(*) > $4)"
	" ORDER BY t.updated_hour, t.thread_id LIMIT $3 FOR UPDATE OF t SKIP LOCKED",
	"zllzt"};

typedef struct Pruning
{
	NullableDatum since; /* threads that nobody has touched since then */
	NullableDatum keep;  /* so many checkpoints; null: none, nor the thread */
} Pruning;

static int64
delete_old(Call *call, int64 most, void *context)
{
	const Pruning *pruning = context;
	Deletions deletions = {0};
	uint64 count =
		query_exec(call, &erase_old, (NullableDatum[]){pruning->since, ARG(Int64GetDatum(most))});
	SPITupleTable *rows = SPI_tuptable;

	for (uint64 i = 1; i <= count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		query_push();
		thread_remove(call, table_column(rows, i, 1), false, &deletions);
		query_pop();
	}
	thread_row_sweep_tombstones(call);
	return (int64)count;
}

/* How many of these threads had something to spare. */
static int64
thin_out(Call *call, const SPITupleTable *rows, uint64 count, int64 keep)
{
	int64 thinned = 0;

	for (uint64 i = 1; i <= count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		query_push();
		thinned += checkpoint_keep_latest(call, table_column(rows, i, 1), keep) > 0;
		query_pop();
	}
	return thinned;
}

static int64
thin_out_old(Call *call, int64 most, void *context)
{
	const Pruning *pruning = context;
	NullableDatum hour = ARG(TimestampTzGetDatum(DT_NOBEGIN));
	NullableDatum thread_id = ARG_TEXT("");
	int64 thinned = 0;
	uint64 count;

	do
	{
		SPITupleTable *rows;

		count = query_exec(call, &erase_old_with_more,
						   (NullableDatum[]){pruning->since, ARG(Int64GetDatum(most - thinned)),
											 pruning->keep, hour, thread_id});
		rows = SPI_tuptable;
		if (count > 0)
		{
			thread_id = table_column(rows, count, 1);
			hour = table_column(rows, count, 2);
		}
		thinned += thin_out(call, rows, count, DatumGetInt64(pruning->keep.value));
	} while (thinned < most && count > 0);
	return thinned;
}

enum
{
	PRUNE_UNTOUCHED_SINCE,
	PRUNE_STRATEGY,
	PRUNE_KEEP,
	PRUNE_MAX_ROWS
};

Datum
threadmem_tenants_prune_threads(PG_FUNCTION_ARGS)
{
	static const char *const strategies[] = {"keep_latest", "delete", NULL};
	NullableDatum *args = fcinfo->args;
	int64 keep = int64_or(args[PRUNE_KEEP], 1);
	Pruning pruning = {args[PRUNE_UNTOUCHED_SINCE], ARG(Int64GetDatum(keep))};
	Sweep sweep = {.due = &erase_first_old,
				   .args = &pruning.since,
				   .context = &pruning,
				   .max_rows = int64_or(args[PRUNE_MAX_ROWS], ROWS_MAX)};
	Call call;

	query_begin_all(&call, fcinfo);
	sweep.work =
		guard_choice("strategy", args[PRUNE_STRATEGY], strategies) == 1 ? delete_old : thin_out_old;
	if (keep < 1)
		error_bad_input("keep", "It must be at least 1, not " INT64_FORMAT ".", keep);
	if (DatumGetTimestampTz(pruning.since.value) > GetCurrentTimestamp())
		error_bad_input("untouched_since", "It is in the future.");
	return query_sweep(&call, &sweep);
}
