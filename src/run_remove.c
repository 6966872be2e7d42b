/*
 * run_remove.c: what goes with a run that is rolled back.
 */
#include "run.h"

#include "checkpoint.h"

#define KEY " WHERE r.tenant_id = $1 AND r.thread_id = $2"

static Stmt seen_by = {"SELECT range_agg(c.seen) FROM threadmem.checkpoints c"
					   " WHERE c.tenant_id = $1 AND c.thread_id = $2 AND c.run_id = ANY ($3)",
					   "tT"};
static Stmt drop_runs = {"DELETE FROM threadmem.runs r" KEY " AND r.run_id = ANY ($3)", "tT"};

/* The revisions that only these runs' checkpoints have seen are found before the rows go. */
void
run_roll_back(RunWork *work, NullableDatum run_ids)
{
	NullableDatum args[] = {work->thread_id, run_ids};
	NullableDatum gone;

	query_first(work->call, &seen_by, args);
	gone = row_column(1, 1);
	checkpoint_delete_runs(work->call, work->thread_id, run_ids);
	message_drop_of_runs(work->call, work->thread_id, run_ids, gone);
	query_exec(work->call, &drop_runs, args);
	work->changed = true;
}
