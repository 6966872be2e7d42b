/*
 * thread_row/fence.c: whether a writer may still write.
 *
 * A worker that stalls past its lease, or whose run was taken back, does not know it, and goes on
 * writing into a thread where another works by then. So each write that names a run asks here, the
 * thread being locked, and the answer stands until the transaction ends. Runs have a room of their
 * own; here is only what a writer has to know of them. A run that was deleted leaves its id for as
 * long as a deleted thread does: an id that was never a run of ours is another system's, and none
 * of our business.
 */
#include "thread_row/thread_row.h"

#include "utils/timestamp.h"

#define OF_RUN(alias) \
	" WHERE " alias ".tenant_id = $1 AND " alias ".thread_id = $2 AND " alias ".run_id = $3"
#define ONE_OF_THREAD \
	" FROM threadmem_data.runs r WHERE r.tenant_id = $1 AND r.thread_id = $2 AND r.status "

static Stmt thread_row_at_work = {
	"(SELECT r.run_id" ONE_OF_THREAD
	"IN ('in_progress', 'cancelling') AND least(r.lease_until, r.expires_at) > $3)"
	" UNION ALL (SELECT r.run_id" ONE_OF_THREAD
	"= 'queued' AND r.expires_at > $3 ORDER BY r.expires_at LIMIT 1) LIMIT 1",
	"tz"};
static Stmt thread_row_status_of_run = {
	"SELECT CASE WHEN r.completed_at IS NULL AND least(r.lease_until, r.expires_at)"
	" <= clock_timestamp() THEN 'expired' ELSE r.status END,"
	" " THREAD_ROW_RUN_IS_OVER("r") " FROM threadmem_data.runs r" OF_RUN("r"),
	"tt"};
static Stmt thread_row_was_replaced = {
	"SELECT 1 FROM threadmem_data.run_tombstones d" OF_RUN(
		"d") " AND d.deleted_at >= $4 AND EXISTS (SELECT 1" ONE_OF_THREAD
			 "IN ('queued', 'in_progress', 'requires_action', 'cancelling')"
			 " AND NOT " THREAD_ROW_RUN_IS_OVER("r") ")",
	"ttz"};
static Stmt thread_row_bury_runs_stmt = {
	"INSERT INTO threadmem_data.run_tombstones AS d (tenant_id, thread_id, run_id, deleted_at)"
	" SELECT $1, $2, r.run_id, $4 FROM threadmem_data.runs r WHERE r.tenant_id = $1"
	" AND r.thread_id = $2 AND (r.run_id IN (SELECT unnest($3))) IS TRUE"
	" ON CONFLICT (tenant_id, thread_id, run_id) DO UPDATE SET deleted_at = excluded.deleted_at",
	"tTz"};
pg_noreturn static void
error_over(NullableDatum thread_id, NullableDatum run_id, const char *what)
{
	error_state("run is over", "Stop working on it: the thread goes on without it.",
				"thread_id is \"%s\", run_id \"%s\" %s.", text_or_null(thread_id),
				text_or_null(run_id), what);
}

void
thread_row_check_run(Call *call, NullableDatum thread_id, const ThreadRow *thread,
					 NullableDatum run_id)
{
	NullableDatum args[] = {thread_id, run_id, ARG_NULL};

	if (run_id.isnull || thread->run == 1)
		return;
	if (query_first(call, &thread_row_status_of_run, args))
	{
		if (row_bool(1, 2))
			error_over(thread_id, run_id, psprintf("is %s", row_text(1, 1)));
		return;
	}
	args[2] = thread_row_oldest_tombstone();
	if (query_first(call, &thread_row_was_replaced, args))
		error_over(thread_id, run_id, "was deleted, and another run has the thread");
}

void
thread_row_check_free(Call *call, NullableDatum thread_id, NullableDatum run_id)
{
	NullableDatum now = ARG(TimestampTzGetDatum(GetCurrentTimestamp()));
	NullableDatum args[] = {thread_id, run_id, thread_row_oldest_tombstone()};
	char *thread = text_or_null(thread_id);
	char *run = text_or_null(run_id);
	char *status;

	if (!run)
	{
		if (query_first(call, &thread_row_at_work, (NullableDatum[]){thread_id, now}))
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_IN_USE), errmsg("thread is busy"),
					 errdetail("thread_id is \"%s\", run_id is \"%s\".", thread, row_text(1, 1)),
					 errhint("Wait for its run, or give the id of the run in progress.")));
		return;
	}
	if (!query_first(call, &thread_row_status_of_run, args))
	{
		if (query_first(call, &thread_row_was_replaced, args))
			error_over(thread_id, run_id, "was deleted, and another run has the thread");
		error_not_found("run", run);
	}
	status = row_text(1, 1);
	if (strcmp(status, "in_progress") != 0 && strcmp(status, "cancelling") != 0)
		error_state("run is not in progress", "Leave run_id out, or start the run.",
					"thread_id is \"%s\", run_id \"%s\" is %s.", thread, run, status);
}

void
thread_row_bury_runs(Call *call, NullableDatum thread_id, NullableDatum run_ids)
{
	NullableDatum now = ARG(TimestampTzGetDatum(GetCurrentTimestamp()));

	query_exec(call, &thread_row_bury_runs_stmt, (NullableDatum[]){thread_id, run_ids, now});
	thread_row_sweep_tombstones(call);
}
