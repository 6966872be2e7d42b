/*
 * run/line.c: the runs of a thread that are not over, in the order in which they have their turn:
 * the one at work, then the queued ones by (due_at, seq).
 *
 * Of most threads that is the whole of it, a run or two; so the front of the line is read at once
 * and every question answered from that. Only where more wait than it holds an index is asked for
 * what lies further back.
 */
#include "run/run.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

#define QUEUED_OF_THREAD \
	" FROM threadmem_data.runs r WHERE r.tenant_id = $1 AND r.thread_id = $2" \
	" AND r.status = 'queued'"

/* As many as LINE_FRONT. */
static Stmt run_front_of = {
	"SELECT r.run_id, r.status, r.due_at, r.seq, r.expires_at, " RUN_DEADLINE ", r.blocked_until"
	" FROM threadmem_data.runs r WHERE r.tenant_id = $1 AND r.thread_id = $2 AND " RUN_IS_ACTIVE
	" ORDER BY (r.status = 'queued'), r.due_at, r.seq LIMIT 8",
	"t"};
static Stmt run_first_expiry = {
	"SELECT r.expires_at" QUEUED_OF_THREAD " ORDER BY r.expires_at LIMIT 1", "t"};
static Stmt run_last_expiry_stmt = {
	"SELECT r.expires_at" QUEUED_OF_THREAD " ORDER BY r.expires_at DESC LIMIT 1", "t"};
static Stmt run_before = {
	"SELECT r.expires_at" QUEUED_OF_THREAD
	" AND (r.due_at, r.seq) < ($3, $4) ORDER BY r.due_at DESC, r.seq DESC LIMIT 1",
	"tzl"};
static Stmt run_behind = {"SELECT r.run_id, r.due_at, r.seq, r.blocked_until" QUEUED_OF_THREAD
						  " AND (r.due_at, r.seq) > ($3, $4) ORDER BY r.due_at, r.seq LIMIT 1",
						  "tzl"};
static Stmt run_block_stmt = {
	"UPDATE threadmem_data.runs r SET blocked_until = $4 WHERE r.tenant_id = $1"
	" AND r.thread_id = $2 AND r.run_id = $3 AND r.status = 'queued'"
	" AND r.blocked_until IS DISTINCT FROM $4",
	"ttz"};

const RunLine *
run_line(RunWork *work)
{
	RunLine *line = &work->line;

	if (!line->stale)
		return line;
	line->count = (int)query_exec(work->call, &run_front_of, &work->thread_id);
	for (int i = 0; i < line->count; i++)
		line->runs[i] = (ActiveRun){.run_id = ARG(row_datum(i + 1, 1)),
									.status = run_status_of(row_text(i + 1, 2)),
									.due_at = DatumGetTimestampTz(row_datum(i + 1, 3)),
									.seq = row_int64(i + 1, 4),
									.expires_at = DatumGetTimestampTz(row_datum(i + 1, 5)),
									.deadline = DatumGetTimestampTz(row_datum(i + 1, 6)),
									.blocked_until = row_column(i + 1, 7)};
	line->stale = false;
	return line;
}

static bool
is_whole(const RunLine *line)
{
	return line->count < LINE_FRONT;
}

const ActiveRun *
run_at_work(RunWork *work)
{
	const RunLine *line = run_line(work);

	return line->count > 0 && line->runs[0].status != RUN_QUEUED ? &line->runs[0] : NULL;
}

const ActiveRun *
run_next(RunWork *work)
{
	const RunLine *line = run_line(work);
	int at = run_at_work(work) ? 1 : 0;

	return at < line->count ? &line->runs[at] : NULL;
}

bool
run_line_has_expired(RunWork *work)
{
	const RunLine *line = run_line(work);

	for (int i = 0; i < line->count; i++)
		if (line->runs[i].deadline <= work->now)
			return true;
	return !is_whole(line) && query_first(work->call, &run_first_expiry, &work->thread_id) &&
		   DatumGetTimestampTz(row_datum(1, 1)) <= work->now;
}

NullableDatum
run_last_expiry(RunWork *work)
{
	const RunLine *line = run_line(work);
	const ActiveRun *last = NULL;

	if (!is_whole(line))
		return query_first(work->call, &run_last_expiry_stmt, &work->thread_id) ? row_column(1, 1)
																				: ARG_NULL;
	for (int i = 0; i < line->count; i++)
		if (line->runs[i].status == RUN_QUEUED &&
			(!last || line->runs[i].expires_at > last->expires_at))
			last = &line->runs[i];
	return last ? ARG(TimestampTzGetDatum(last->expires_at)) : ARG_NULL;
}

/* Whether a queued run has its turn before a place. */
static bool
comes_before(const ActiveRun *run, TimestampTz due_at, int64 seq)
{
	return run->due_at < due_at || (run->due_at == due_at && run->seq < seq);
}

NullableDatum
run_blocked_until(RunWork *work, TimestampTz due_at, int64 seq)
{
	NullableDatum place[] = {work->thread_id, ARG(TimestampTzGetDatum(due_at)),
							 ARG(Int64GetDatum(seq))};
	const RunLine *line = run_line(work);
	const ActiveRun *until = run_at_work(work);

	if (!is_whole(line) && query_first(work->call, &run_before, place))
		return row_column(1, 1);
	for (int i = 0; i < line->count && is_whole(line); i++)
		if (line->runs[i].status == RUN_QUEUED && comes_before(&line->runs[i], due_at, seq))
			until = &line->runs[i];
	return until ? ARG(TimestampTzGetDatum(until->deadline)) : ARG_NULL;
}

void
run_block(RunWork *work, NullableDatum run_id, TimestampTz due_at, int64 seq)
{
	query_exec(work->call, &run_block_stmt,
			   (NullableDatum[]){work->thread_id, run_id, run_blocked_until(work, due_at, seq)});
}

/* The first queued run behind a place; false when there is none. */
static bool
find_behind(RunWork *work, TimestampTz due_at, int64 seq, ActiveRun *run)
{
	NullableDatum place[] = {work->thread_id, ARG(TimestampTzGetDatum(due_at)),
							 ARG(Int64GetDatum(seq))};
	const RunLine *line = run_line(work);

	for (int i = 0; i < line->count && is_whole(line); i++)
	{
		*run = line->runs[i];
		if (run->status == RUN_QUEUED && run->seq != seq && !comes_before(run, due_at, seq))
			return true;
	}
	if (is_whole(line) || !query_first(work->call, &run_behind, place))
		return false;
	*run = (ActiveRun){.run_id = ARG(row_datum(1, 1)),
					   .due_at = DatumGetTimestampTz(row_datum(1, 2)),
					   .seq = row_int64(1, 3),
					   .blocked_until = row_column(1, 4)};
	return true;
}

/*
 * Keeps the rule of run/claim.c after a change: the next run is not blocked for longer than there
 * is one at work; and the one behind a place that was taken or left looks at who is before it now.
 */
void
run_renew_blocks(RunWork *work)
{
	const ActiveRun *next = run_next(work);
	const ActiveRun *at_work = run_at_work(work);
	ActiveRun run;

	if (next && !next->blocked_until.isnull &&
		(!at_work || DatumGetTimestampTz(next->blocked_until.value) > at_work->deadline))
		run_block(work, next->run_id, next->due_at, next->seq);
	if (work->place_seq > 0 && find_behind(work, work->place_due, work->place_seq, &run) &&
		run.seq != next->seq && !run.blocked_until.isnull)
		run_block(work, run.run_id, run.due_at, run.seq);
}
