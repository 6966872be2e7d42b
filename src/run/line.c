/*
 * run/line.c: the runs of a thread that are not over, in the order in which they have their turn:
 * the one at work, then the queued ones by (due_at, seq).
 *
 * Of most threads that is the whole of it, a run or two; so the front of the line is read at once
 * and every question answered from that, and what a call does to a run is done to the line as well.
 * Only where more wait than it holds an index is asked for what lies further back.
 */
#include "run/run.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

#define QUEUED_OF_THREAD \
	" FROM threadmem_data.runs r WHERE r.tenant_id = $1 AND r.thread_id = $2" \
	" AND r.status = 'queued'"

/* As many as LINE_FRONT. */
static Stmt run_front_of = {
	"SELECT r.run_id, r.status, r.due_at, r.seq, r.expires_at, " RUN_DEADLINE ", r.blocked_until,"
	" r.worker, r.actions, r.lease_until"
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
									.blocked_until = row_column(i + 1, 7),
									.worker = row_text_or_null(i + 1, 8),
									.actions = row_int64(i + 1, 9),
									.lease_until = row_column(i + 1, 10)};
	line->stale = false;
	return line;
}

static bool
is_whole(const RunLine *line)
{
	return line->count < LINE_FRONT;
}

bool
run_line_has_all(RunWork *work, int64 most)
{
	return most == PG_INT64_MAX || (is_whole(run_line(work)) && run_line(work)->count <= most);
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

void
run_line_drop_expired(RunWork *work)
{
	RunLine *line = &work->line;
	int kept = 0;

	line->stale |= !is_whole(line);
	for (int i = 0; i < line->count && !line->stale; i++)
		if (line->runs[i].deadline > work->now)
			line->runs[kept++] = line->runs[i];
	line->count = kept;
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

static void
put_into(RunLine *line, int at, const ActiveRun *run)
{
	memmove(&line->runs[at + 1], &line->runs[at], sizeof(ActiveRun) * (line->count - at));
	line->runs[at] = *run;
	line->count++;
}

/* One that is queued. Where the line is not whole then, it is read again. */
void
run_line_take(RunWork *work, const ActiveRun *run)
{
	RunLine *line = &work->line;
	int at = 0;

	line->stale |= line->count + 1 >= LINE_FRONT;
	if (line->stale)
		return;
	while (at < line->count && (line->runs[at].status != RUN_QUEUED ||
								comes_before(&line->runs[at], run->due_at, run->seq)))
		at++;
	put_into(line, at, run);
}

/* As the statement of run_move() has it; what goes back into the queue is read again. */
void
run_line_move(RunWork *work, int64 seq, RunStatus status, const RunChange *change)
{
	RunLine *line = &work->line;
	ActiveRun run;
	int at = 0;

	while (at < line->count && line->runs[at].seq != seq)
		at++;
	line->stale |= !is_whole(line) || at == line->count || status == RUN_QUEUED;
	if (line->stale)
		return;
	run = line->runs[at];
	line->count--;
	memmove(&line->runs[at], &line->runs[at + 1], sizeof(ActiveRun) * (line->count - at));
	if (run_is_over(status))
		return;
	run.status = status;
	run.lease_until = change->lease_until;
	run.deadline = run.lease_until.isnull
					   ? run.expires_at
					   : Min(DatumGetTimestampTz(run.lease_until.value), run.expires_at);
	run.blocked_until = ARG(TimestampTzGetDatum(run.deadline));
	run.worker = change->worker.isnull ? run.worker : text_or_null(change->worker);
	run.actions += change->required_action.isnull ? 0 : 1;
	put_into(line, 0, &run);
}

const ActiveRun *
run_in_line(RunWork *work, NullableDatum run_id)
{
	const RunLine *line = run_line(work);
	char *id = text_or_null(run_id);

	for (int i = 0; i < line->count; i++)
		if (strcmp(text_or_null(line->runs[i].run_id), id) == 0)
			return &line->runs[i];
	return NULL;
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
