/*
 * run/claim.c: the queue of a tenant.
 *
 * A run may be claimed when it is due, has not expired, and nothing of its thread comes first: no
 * run at work, no queued one with an earlier place (due_at, seq). Whoever polls the queue must not
 * look at those that wait for others, for there may be many thousands. So a run that comes after
 * another carries a time, blocked_until, and stands in another index than those that do not:
 *
 * - Of each queued run that has a queued one before it, blocked_until is null or not later than the
 *   expiry of the one right before it; of the first of a thread, null or not later than the
 *   deadline of the run at work, and null where there is none.
 *
 * Null is always right: who claims looks at the thread before it takes a run, and notes then what
 * that run comes after. The times are what makes a run seen again when others go without a word,
 * by their lease or their expiry. Where somebody does something, it is he who keeps the rule, under
 * the lock of the thread: a run that comes in notes what is before it (run/create.c);
 * run_update_thread() sees to the run behind one that came or went between others, and to the
 * first. A heartbeat puts a deadline off and leaves the times alone: a claim that comes upon one
 * that is over puts it off.
 *
 * So a claim first frees those whose time has come, then goes down the queue of those that nothing
 * blocks. On the way it writes down some of what has expired, which would be in its way for ever.
 *
 * Both orders have what has expired before what came later, and passing over tens of thousands
 * takes a millisecond. So while there is such, a claim first looks whether no more than some dozens
 * are queued that have not expired, which an index by the expiry tells: then it takes them from
 * there and sorts them. Else it goes down both all the same, and writes down more, so that what is
 * passed over all in all costs no more than writing it down.
 */
#include "run/run.h"

#include "miscadmin.h"
#include "utils/timestamp.h"

#include "json_patch/json_patch.h"

PG_FUNCTION_INFO_V1(threadmem_run_claim);

#define PAGE 100           /* runs that one statement gives */
#define FEW 100            /* runs that are sorted rather than looked for */
#define EXPIRED_AT_ONCE 10 /* runs of a thread that are written down as expired at once */
#define EXPIRED_PAGE 10    /* threads whose runs are written down while they are in the way */
#define EXPIRED_FEW 2      /* ... and while they are not */

#define RUNS "threadmem_data.runs"
/* Those that have not expired, found by their expiry: when they are few. */
#define LIVE \
	"(SELECT q.* FROM threadmem_data.runs q WHERE q.tenant_id = $1 AND q.status = 'queued'" \
	" AND q.expires_at > $5 ORDER BY q.expires_at OFFSET 0)"
/* The first page of those that are blocked no longer, $5 being now. */
#define OVERDUE(from, and) \
	"(SELECT r.blocked_until, r.thread_id, r.seq, r.run_id, r.due_at FROM " from \
	" r WHERE r.tenant_id = $1 AND r.status = 'queued' AND r.blocked_until <= $5" \
	" AND (r.blocked_until, r.thread_id, r.seq) > ($2, $3, $4) AND r.expires_at > $5" and \
		" ORDER BY r.blocked_until, r.thread_id, r.seq LIMIT 100)"
#define EXPIRED(columns, which) \
	"SELECT " columns " FROM threadmem_data.runs e WHERE e.tenant_id = $1 AND e.status = 'queued'" \
	" AND e.expires_at <= $5 ORDER BY e.expires_at " which
/* Some that have expired; where these are all, those that are blocked no longer as well. */
static Stmt run_lapsed = {
	.sql = "(" EXPIRED("NULL, e.thread_id, NULL, NULL, NULL", "LIMIT 10") ") UNION ALL " OVERDUE(
		RUNS, " AND NOT EXISTS (" EXPIRED("1", "OFFSET 9 LIMIT 1") ")"),
	.types = "ztlz",
	.keyed = true};
static Stmt run_overdue = {.sql = OVERDUE(RUNS, ""), .types = "ztlz", .keyed = true};
static Stmt run_overdue_of_few = {.sql = OVERDUE(LIVE, ""), .types = "ztlz", .keyed = true};
/* Whether more than FEW have not expired, blocked or not. */
static Stmt run_many_wait = {
	.sql = "SELECT 1 FROM threadmem_data.runs r WHERE r.tenant_id = $1 AND r.status = 'queued'"
		   " AND r.expires_at > $2 ORDER BY r.expires_at OFFSET 100 LIMIT 1",
	.types = "z",
	.keyed = true};
/* Of all, of an assistant (and a graph), of a graph: each by an index of its own. */
#define QUEUE(from, of) \
	{ \
		.sql = "SELECT r.due_at, r.thread_id, r.seq, r.run_id, r.due_at FROM " from \
			   " r WHERE r.tenant_id = $1 AND r.status = 'queued' AND r.blocked_until IS NULL" \
			   " AND r.due_at <= $5 AND (r.due_at, r.thread_id, r.seq) > ($2, $3, $4)" \
			   " AND r.expires_at > $5" of " ORDER BY r.due_at, r.thread_id, r.seq LIMIT 100", \
		.types = "ztlztt", .keyed = true \
	}
#define OF_ASSISTANT " AND r.assistant_id = $6 AND ($7 IS NULL OR r.graph_id = $7)"
#define OF_GRAPH " AND r.graph_id = $7"
static Stmt run_queue = QUEUE(RUNS, "");
static Stmt run_queue_of_assistant = QUEUE(RUNS, OF_ASSISTANT);
static Stmt run_queue_of_graph = QUEUE(RUNS, OF_GRAPH);
/* The same of few that have not expired, whosever. */
static Stmt run_queue_of_few =
	QUEUE(LIVE, " AND ($6 IS NULL OR r.assistant_id = $6) AND ($7 IS NULL OR r.graph_id = $7)");
/* Whether the run is still where the page says; another worker may have come first. */
static Stmt run_lock_if_waiting = {
	"SELECT 1 FROM threadmem_data.threads t WHERE t.tenant_id = $1 AND t.thread_id = $2"
	" AND EXISTS (SELECT 1 FROM threadmem_data.runs r WHERE r.tenant_id = $1 AND r.thread_id = $2"
	" AND r.run_id = $3 AND r.status = 'queued' AND (r.blocked_until > $4) IS NOT TRUE)"
	" FOR NO KEY UPDATE SKIP LOCKED",
	"ttz"};
enum
{
	CLAIM_WORKER,
	CLAIM_LEASE,
	CLAIM_ASSISTANT_ID,
	CLAIM_GRAPH_ID
};

/* A place in one of the two lists: a time, a thread, a number in it. */
typedef struct QueuePlace
{
	NullableDatum part[3];
} QueuePlace;

/* A run of one of them. */
typedef struct QueuedRun
{
	NullableDatum thread_id;
	NullableDatum run_id;
	TimestampTz due_at;
	int64 seq;
} QueuedRun;

#define PLACE_FIRST \
	((QueuePlace){{ARG(TimestampTzGetDatum(DT_NOBEGIN)), ARG_TEXT(""), ARG(Int64GetDatum(0))}})

static NullableDatum
time_now(void)
{
	return ARG(TimestampTzGetDatum(GetCurrentTimestamp()));
}

/* A run that nobody can start would stand before all others of the queue: it ends. */
static void
fail_unstarted(RunWork *work, Run *run)
{
	const char *message = "With what was said meanwhile the state is too large.";
	RunChange change = run_no_change();
	JsonItems *error = items_new(2);
	JsonNode root = node_of_items(NODE_OBJECT, error);

	items_append(error, "code", node_of_text("state_too_large"));
	items_append(error, "message", node_of_text(message));
	change.error = ARG(JsonbPGetDatum(node_write(&root)));
	run_move(work, run, RUN_FAILED, &change);
}

/* Starts a run of a thread that is locked, and gives it, if it is the next one. */
static bool
claim(RunWork *work, NullableDatum *args, int64 seq)
{
	const ActiveRun *next = run_next(work);
	bool started;
	Run run;

	if (!next || next->seq != seq || next->due_at > work->now || run_at_work(work))
		return false;
	run_read(work, next->run_id, &run);
	started = run_start(work, &run, args[CLAIM_WORKER], args[CLAIM_LEASE]);
	if (!started)
		fail_unstarted(work, &run);
	run_update_thread(work);
	if (started)
		run_add_to_set(work->call, (NullableDatum[]){work->thread_id, run.run_id});
	return started;
}

/*
 * Looks at the thread of a run that waits, unless another session writes to it: claims the run when
 * that is wanted (args), else notes what it comes after. True when it has claimed it.
 */
static bool
look_at_run(Call *call, NullableDatum *args, const QueuedRun *run)
{
	bool claimed = false;
	RunWork work;

	query_push();
	if (query_first(call, &run_lock_if_waiting,
					(NullableDatum[]){run->thread_id, run->run_id, time_now()}))
	{
		run_begin(&work, call, run->thread_id);
		claimed = args && claim(&work, args, run->seq);
		if (!claimed)
			run_block(&work, run->run_id, run->due_at, run->seq);
		run_update_thread(&work);
	}
	query_pop();
	return claimed;
}

static void
expire_some(Call *call, NullableDatum thread_id)
{
	RunWork work;

	query_push();
	if (run_try_lock(call, thread_id))
	{
		run_begin_with(&work, call, thread_id, EXPIRED_AT_ONCE);
		run_update_thread(&work);
	}
	query_pop();
}

/* A row of either page: a time, the rest of the place, the run. */
static QueuedRun
read_waiting(const SPITupleTable *rows, uint64 row, QueuePlace *place)
{
	for (int c = 0; c < lengthof(place->part); c++)
		place->part[c] = table_column(rows, row, c + 1);
	return (QueuedRun){.thread_id = place->part[1],
					   .run_id = table_column(rows, row, 4),
					   .due_at = DatumGetTimestampTz(table_datum(rows, row, 5)),
					   .seq = table_int64(rows, row, 3)};
}

/* Frees a page of those that are blocked no longer; false when it was the last. */
static bool
free_page(Call *call, const SPITupleTable *rows, uint64 begin, uint64 count, QueuePlace *place)
{
	for (uint64 i = begin; i <= count; i++)
	{
		QueuedRun run = read_waiting(rows, i, place);

		CHECK_FOR_INTERRUPTS();
		look_at_run(call, NULL, &run);
	}
	return count - begin + 1 == PAGE;
}

/*
 * One page of what time has changed, from a place on; false at the end. few: it is best to go past
 * what has expired, for few others are queued.
 */
static bool
free_overdue(Call *call, QueuePlace *place, bool *few)
{
	NullableDatum args[] = {place->part[0], place->part[1], place->part[2], time_now()};
	uint64 count = query_exec(call, &run_lapsed, args);
	SPITupleTable *rows = SPI_tuptable;
	uint64 expired = 0;
	bool more;

	while (expired < count && table_column(rows, expired + 1, 4).isnull)
		expired++;
	*few = false;
	if (expired < EXPIRED_PAGE)
		more = free_page(call, rows, expired + 1, count, place);
	else
	{
		*few = !query_first(call, &run_many_wait, &args[3]);
		count = query_exec(call, *few ? &run_overdue_of_few : &run_overdue, args);
		more = free_page(call, SPI_tuptable, 1, count, place);
	}
	if (*few)
		expired = EXPIRED_FEW;
	for (uint64 i = 1; i <= expired; i++)
	{
		CHECK_FOR_INTERRUPTS();
		expire_some(call, table_column(rows, i, 2));
	}
	return more;
}

/* The statement that is best for what is asked. */
static Stmt *
queue_for(NullableDatum *args, bool few)
{
	if (few)
		return &run_queue_of_few;
	if (!args[CLAIM_ASSISTANT_ID].isnull)
		return &run_queue_of_assistant;
	return args[CLAIM_GRAPH_ID].isnull ? &run_queue : &run_queue_of_graph;
}

/* One page of the queue; false at its end. */
static bool
claim_from_page(Call *call, NullableDatum *args, Stmt *queue, QueuePlace *place, bool *claimed)
{
	NullableDatum page[] = {place->part[0], place->part[1],           place->part[2],
							time_now(),     args[CLAIM_ASSISTANT_ID], args[CLAIM_GRAPH_ID]};
	uint64 count = query_exec(call, queue, page);
	SPITupleTable *rows = SPI_tuptable;

	for (uint64 i = 1; i <= count && !*claimed; i++)
	{
		QueuedRun run = read_waiting(rows, i, place);

		CHECK_FOR_INTERRUPTS();
		*claimed = look_at_run(call, args, &run);
	}
	return count == PAGE && !*claimed;
}

Datum
threadmem_run_claim(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	QueuePlace overdue_place = PLACE_FIRST;
	bool claimed = false;
	bool more = true;
	bool few;
	Call call;

	query_begin(&call, fcinfo);
	run_guard_worker(args[CLAIM_WORKER]);
	(void)run_time_from("lease", 0, args[CLAIM_LEASE], LEASE_SECONDS);
	query_open_set(&call);
	while (more && !claimed)
	{
		QueuePlace place = PLACE_FIRST;

		more = free_overdue(&call, &overdue_place, &few);
		while (claim_from_page(&call, args, queue_for(args, few), &place, &claimed))
			;
	}
	return query_close_set(&call);
}
