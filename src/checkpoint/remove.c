/*
 * checkpoint/remove.c: taking checkpoints away.
 *
 * Which rows go is said in one way for all: those of some runs, or all, but for those that are
 * kept. Three things must not happen. A state that is kept must not lose its base: rows whose
 * parent goes are given their whole state first. A delta channel must not lose its writes: its
 * value is not in the state but in the writes of the ancestors, so these are kept back to the one
 * that has the channel's value. And the log must not show what no head holds: when the head goes,
 * that is a move to the latest one left.
 */
#include "checkpoint/checkpoint.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "threadmem/threadmem.h"

PG_FUNCTION_INFO_V1(threadmem_checkpoint_delete_thread);
PG_FUNCTION_INFO_V1(threadmem_checkpoint_delete_for_runs);
PG_FUNCTION_INFO_V1(threadmem_checkpoint_prune);

/*
 * $3 run ids or null for all rows, $4 the seqs kept. Either may be thousands: IS TRUE makes a hash
 * table of each, where = ANY is asked one by one.
 */
#define GOES(c) \
	"(($3 IS NULL OR (" c ".run_id IN (SELECT unnest($3))) IS TRUE)" \
	" AND (" c ".seq IN (SELECT unnest($4))) IS NOT TRUE)"
#define OF_THREAD(c) c ".tenant_id = $1 AND " c ".thread_id = $2"

static Stmt checkpoint_any_goes = {
	"SELECT 1 FROM threadmem_data.checkpoints c WHERE " OF_THREAD("c") " AND " GOES("c") " LIMIT 1",
	"tTL"};
/* The parent is asked for one by one, by its number. */
static Stmt checkpoint_orphans = {
	"SELECT c.seq, c.snapshot IS NULL FROM threadmem_data.checkpoints c WHERE " OF_THREAD("c") " AND NOT " GOES(
		"c") " AND (SELECT " GOES("p") " FROM threadmem_data.checkpoints p WHERE " OF_THREAD("p") " AND p.seq = c.parent_seq)"
																								  " ORDER BY c.seq",
	"tTL"};
/* IS TRUE keeps the list of what goes a hash table of its own. */
static Stmt checkpoint_drop_writes = {
	"DELETE FROM threadmem_data.checkpoint_writes w WHERE " OF_THREAD(
		"w") " AND ((w.checkpoint_ns, w.checkpoint_id) IN (SELECT c.checkpoint_ns, c.checkpoint_id"
			 " FROM threadmem_data.checkpoints c WHERE " OF_THREAD("c") " AND " GOES(
				 "c") ")) IS TRUE",
	"tTL"};
static Stmt checkpoint_drop_rows = {
	"DELETE FROM threadmem_data.checkpoints c WHERE " OF_THREAD("c") " AND " GOES("c"), "tTL"};
static Stmt checkpoint_head_of = {LATEST_CHECKPOINT("c.seq, c.base_seq, c.seen", "''"), "t"};
static Stmt checkpoint_newest = {
	"SELECT n.seq FROM (SELECT c.seq, row_number() OVER (PARTITION BY c.checkpoint_ns"
	" ORDER BY c.checkpoint_id DESC) AS place FROM threadmem_data.checkpoints c"
	" WHERE " OF_THREAD("c") ") AS n WHERE n.place <= $3",
	"tl"};
static Stmt checkpoint_has_deltas = {
	"SELECT 1 FROM threadmem_data.checkpoints c WHERE " OF_THREAD(
		"c") " AND c.metadata ? 'counters_since_delta_snapshot' LIMIT 1",
	"t"};
static Stmt checkpoint_delta_rows = {
	"SELECT c.seq, c.base_seq, p.seq, " GOES(
		"c") ", CASE jsonb_typeof(c.metadata -> 'counters_since_delta_snapshot') WHEN 'object'"
			 " THEN ARRAY(SELECT jsonb_object_keys(c.metadata -> 'counters_since_delta_snapshot'))"
			 " END FROM threadmem_data.checkpoints c LEFT JOIN threadmem_data.checkpoints p ON " OF_THREAD(
				 "p") " AND p.checkpoint_ns = c.checkpoint_ns"
					  " AND p.checkpoint_id = c.parent_checkpoint_id"
					  " WHERE " OF_THREAD("c") " ORDER BY c.seq",
	"tTL"};
static Stmt checkpoint_root_rows = {
	"SELECT c.seq, c.base_seq FROM threadmem_data.checkpoints c"
	" WHERE " OF_THREAD("c") " AND c.checkpoint_ns = '' ORDER BY c.seq",
	"t"};
static Stmt checkpoint_seen_by_runs = {
	"SELECT range_agg(c.seen) FILTER (WHERE c.is_own) - coalesce(range_agg(c.seen)"
	" FILTER (WHERE NOT c.is_own), '{}') FROM (SELECT c.seen,"
	" (c.run_id IN (SELECT unnest($3))) IS TRUE AS is_own FROM threadmem_data.checkpoints c"
	" WHERE " OF_THREAD("c") ") AS c",
	"tT"};
static Stmt checkpoint_threads_of_runs = {
	"SELECT DISTINCT c.thread_id FROM threadmem_data.checkpoints c"
	" WHERE c.tenant_id = $1 AND c.run_id = ANY ($2) AND ($3 IS NULL OR c.thread_id = $3)"
	" ORDER BY c.thread_id",
	"Tt"};
static Stmt checkpoint_all_writes = {
	"DELETE FROM threadmem_data.checkpoint_writes w WHERE w.tenant_id = $1 AND w.thread_id = $2",
	"t"};

/* One thread from which checkpoints go; it is locked. */
typedef struct Removal
{
	Call *call;
	NullableDatum thread_id;
	ThreadRow thread;
	NullableDatum run_ids; /* null: every row that is not kept */
	int64 *kept;
	int count;
	int room;
} Removal;

/* A row that is not kept yet. */
static void
keep_row(Removal *removal, int64 seq)
{
	if (removal->count == removal->room)
	{
		removal->room = Max(2 * removal->room, 64);
		removal->kept = removal->kept ? repalloc_huge(removal->kept, sizeof(int64) * removal->room)
									  : palloc(sizeof(int64) * removal->room);
	}
	removal->kept[removal->count++] = seq;
}

/* The arguments that GOES needs. */
static void
fill_args(const Removal *removal, NullableDatum *args)
{
	args[0] = removal->thread_id;
	args[1] = removal->run_ids;
	args[2] = rev_array(removal->kept, removal->count);
}

/* A row as far as delta channels concern it. */
typedef struct DeltaRow
{
	int64 seq;
	int64 base_seq;
	int64 parent_seq; /* by parent_checkpoint_id, so it may be greater; 0 when not stored */
	bool goes;
	NullableDatum own; /* its delta channels, a text[] */
	List *wanted;      /* channels whose writes here some row after it needs */
	Names *names;      /* the same */
} DeltaRow;

static DeltaRow *
read_delta_rows(Removal *removal, int *count)
{
	NullableDatum args[3];
	DeltaRow *rows;

	fill_args(removal, args);
	*count = (int)query_exec(removal->call, &checkpoint_delta_rows, args);
	rows = palloc_extended(sizeof(DeltaRow) * Max(*count, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (int i = 0; i < *count; i++)
	{
		rows[i].seq = row_int64(i + 1, 1);
		rows[i].base_seq = row_int64(i + 1, 2);
		rows[i].parent_seq = row_int64(i + 1, 3);
		rows[i].goes = row_bool(i + 1, 4);
		rows[i].own = row_column(i + 1, 5);
	}
	return rows;
}

static bool
want(DeltaRow *row, char *channel)
{
	if (!row->names)
		row->names = names_new();
	if (!names_take(row->names, channel))
		return false;
	row->wanted = lappend(row->wanted, channel);
	return true;
}

/* Passes on to a row's parent the channels that have no value here; false when that is no news. */
static bool
pass_on(Removal *removal, const DeltaRow *row, DeltaRow *parent)
{
	MemoryContext memory = CurrentMemoryContext;
	List *channels = list_copy(row->wanted);
	Datum *own;
	int count = row->goes ? 0 : text_list(row->own, &own);
	bool news = false;
	ChainState state;
	StateParts parts;
	ListCell *cell;

	for (int i = 0; i < count; i++)
		channels = lappend(channels, TextDatumGetCString(own[i]));
	if (!parent || channels == NIL)
		return false;
	CHECK_FOR_INTERRUPTS();
	query_push();
	chain_read(removal->call, removal->thread_id, row->seq, row->base_seq, &state);
	parts = document_parts(state.document);
	MemoryContextSwitchTo(memory);
	foreach (cell, channels)
	{
		char *channel = lfirst(cell);

		if (!document_has(&parts, channel, (int)strlen(channel)))
			news |= want(parent, channel);
	}
	query_pop();
	return news;
}

/*
 * Keeps the rows whose writes the delta channels of rows that stay consist of. From the last row to
 * the first each tells its parent what is wanted; a parent that came after its child has had its
 * turn, so it is told at once, and its parents in turn, as long as it is news.
 */
static void
keep_for_deltas(Removal *removal)
{
	DeltaRow *rows;
	int count;

	if (!query_first(removal->call, &checkpoint_has_deltas, &removal->thread_id))
		return;
	rows = read_delta_rows(removal, &count);
	for (int i = count - 1; i >= 0; i--)
	{
		DeltaRow *row = &rows[i];
		DeltaRow *parent;
		bool news;

		do
		{
			parent = bsearch(&row->parent_seq, rows, count, sizeof(DeltaRow), compare_int64);
			news = pass_on(removal, row, parent);
			row = parent;
		} while (news && parent >= &rows[i]);
	}
	for (int i = 0; i < count; i++)
		if (rows[i].goes && rows[i].wanted != NIL)
			keep_row(removal, rows[i].seq);
}

void
checkpoint_keep_for_deltas(Call *call, NullableDatum thread_id, RevList *rows)
{
	Removal removal = {.call = call,
					   .thread_id = thread_id,
					   .run_ids = ARG_NULL,
					   .kept = rows->count > 0 ? rows->revs : NULL,
					   .count = rows->count,
					   .room = rows->count};

	keep_for_deltas(&removal);
	rows->revs = removal.kept;
	rows->count = removal.count;
}

/* The rows that stay and lose their parent, each with whether its state is a patch. */
typedef struct OrphanRows
{
	int count;
	int64 *seqs;
	bool *patched;
} OrphanRows;

static OrphanRows
read_orphans(Removal *removal)
{
	NullableDatum args[3];
	OrphanRows out;

	fill_args(removal, args);
	out.count = (int)query_exec(removal->call, &checkpoint_orphans, args);
	out.seqs = palloc(sizeof(int64) * Max(out.count, 1));
	out.patched = palloc(sizeof(bool) * Max(out.count, 1));
	for (int i = 0; i < out.count; i++)
	{
		out.seqs[i] = row_int64(i + 1, 1);
		out.patched[i] = row_bool(i + 1, 2);
	}
	return out;
}

/* What stays of a chain must not need what goes. */
static void
free_orphans(Removal *removal)
{
	OrphanRows found = read_orphans(removal);

	for (int i = 0; i < found.count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (found.patched[i])
			chain_materialise(removal->call, removal->thread_id, found.seqs[i]);
	}
	chain_cut(removal->call, removal->thread_id, found.seqs, found.count);
}

/* The latest checkpoint of the thread's own graph; seq 0 when there is none. */
typedef struct HeadState
{
	int64 seq;
	NullableDatum seen;
	Jsonb *document;
} HeadState;

static HeadState
read_latest(Removal *removal)
{
	HeadState latest = {.seen = ARG_NULL};
	ChainState state;

	if (!query_first(removal->call, &checkpoint_head_of, &removal->thread_id))
		return latest;
	latest.seq = row_int64(1, 1);
	latest.seen = row_column(1, 3);
	chain_read(removal->call, removal->thread_id, latest.seq, row_int64(1, 2), &state);
	latest.document = state.document;
	return latest;
}

/* The log follows when the head has gone; the numbers of the thread move in any case. */
static void
move_head(Removal *removal, const HeadState *before)
{
	HeadState after = read_latest(removal);
	RevRuns list = {0};
	Referral referral = {
		.call = removal->call, .thread_id = removal->thread_id, .thread = &removal->thread};
	ThreadRowStep step = {0};
	Move move = {.seen_before = before->seen, .is_head = true, .switches = true, .list = &list};

	if (after.seq != before->seq)
	{
		if (after.document)
		{
			StateParts parts = document_parts(after.document);

			list = document_revisions(&parts);
		}
		move.news = &(RevRuns){0};
		move.seen_after = after.seq ? after.seen : seen_after(ARG_NULL, &(RevRuns){0});
		message_move(&referral, &move, &step);
		checkpoint_set_values(removal->call, removal->thread_id, after.document);
		thread_row_note_head(removal->call, removal->thread_id, ARG_NULL);
	}
	thread_row_step(removal->call, removal->thread_id, &step);
}

/* How many rows went. */
static int64
remove_rows(Removal *removal)
{
	NullableDatum args[3];
	HeadState before;
	int64 count;

	keep_for_deltas(removal);
	free_orphans(removal);
	fill_args(removal, args);
	if (!query_first(removal->call, &checkpoint_any_goes, args))
		return 0;
	before = read_latest(removal);
	query_exec(removal->call, &checkpoint_drop_writes, args);
	count = (int64)query_exec(removal->call, &checkpoint_drop_rows, args);
	move_head(removal, &before);
	return count;
}

/* Revisions that many states hold: runs that are united when there is no more room. */
typedef struct HeldRevisions
{
	RevSet set;
	int room;
} HeldRevisions;

static void
hold(HeldRevisions *holding, const RevRuns *list)
{
	if (holding->set.count + list->count > holding->room)
	{
		holding->set = rev_set(holding->set.runs, holding->set.count);
		holding->room = Max(holding->room, 2 * (holding->set.count + list->count));
		holding->set.runs = repalloc_huge(holding->set.runs, sizeof(RevRun) * holding->room);
	}
	if (list->count > 0)
		memcpy(holding->set.runs + holding->set.count, list->runs, sizeof(RevRun) * list->count);
	holding->set.count += list->count;
}

static RevSet
revisions_held(Call *call, NullableDatum thread_id)
{
	uint64 count = query_exec(call, &checkpoint_root_rows, &thread_id);
	int64 *rows = palloc_extended(sizeof(int64) * Max(count, 1) * 2, MCXT_ALLOC_HUGE);
	HeldRevisions holding = {.set.runs = palloc(sizeof(RevRun))};

	for (uint64 i = 0; i < count; i++)
	{
		rows[2 * i] = row_int64(i + 1, 1);
		rows[2 * i + 1] = row_int64(i + 1, 2);
	}
	for (uint64 i = 0; i < count; i++)
	{
		ChainState state;
		StateParts parts;
		RevRuns list;

		CHECK_FOR_INTERRUPTS();
		query_push();
		chain_read(call, thread_id, rows[2 * i], rows[2 * i + 1], &state);
		parts = document_parts(state.document);
		list = document_revisions(&parts);
		hold(&holding, &list);
		query_pop();
	}
	return rev_set(holding.set.runs, holding.set.count);
}

void
checkpoint_drop_unheld(Call *call, NullableDatum thread_id)
{
	RevSet held = revisions_held(call, thread_id);

	message_drop_unheld(call, thread_id, seen_of(&held),
						query_first(call, &checkpoint_head_of, &thread_id) ? row_column(1, 3)
																		   : ARG_NULL);
}

int64
checkpoint_keep_latest(Call *call, NullableDatum thread_id, int64 keep)
{
	Removal removal = {.call = call, .thread_id = thread_id, .run_ids = ARG_NULL};
	NullableDatum args[] = {thread_id, ARG(Int64GetDatum(keep))};
	uint64 rows;
	int64 count;

	thread_row_lock(call, thread_id, &removal.thread);
	rows = query_exec(call, &checkpoint_newest, args);
	for (uint64 row = 1; row <= rows; row++)
		keep_row(&removal, row_int64(row, 1));
	count = remove_rows(&removal);
	if (rows > 0)
		checkpoint_drop_unheld(call, thread_id);
	return count;
}

/*
 * The row of a thread goes as well when it was made by checkpoints and nothing but them was in it;
 * else what was added by message_add() stays, and is live again.
 */
static int64
delete_checkpoints(Call *call, NullableDatum thread_id)
{
	Removal removal = {.call = call, .thread_id = thread_id, .run_ids = ARG_NULL};
	NullableDatum args[3];
	ThreadRowStep step = {0};
	int64 count;

	if (!thread_row_try_lock(call, thread_id, &removal.thread))
		return 0;
	fill_args(&removal, args);
	query_exec(call, &checkpoint_all_writes, &thread_id);
	count = (int64)query_exec(call, &checkpoint_drop_rows, args);
	checkpoint_set_values(call, thread_id, NULL);
	thread_row_note_head(call, thread_id, ARG_NULL);
	if (message_drop_by_checkpoint(call, thread_id, &step) || !removal.thread.implicit)
	{
		thread_row_put_tombstone(call, thread_id, &removal.thread);
		thread_row_step(call, thread_id, &step);
	}
	else
		thread_row_delete(call, thread_id, &removal.thread);
	return count;
}

Datum
threadmem_checkpoint_delete_thread(PG_FUNCTION_ARGS)
{
	Call call;
	int64 count;

	query_begin(&call, fcinfo);
	count = delete_checkpoints(&call, fcinfo->args[0]);
	thread_row_sweep_tombstones(&call);
	return query_count(&call, count);
}

enum
{
	PRUNE_THREAD_IDS,
	PRUNE_STRATEGY,
	PRUNE_KEEP
};

Datum
threadmem_checkpoint_prune(PG_FUNCTION_ARGS)
{
	static const char *const strategies[] = {"keep_latest", "delete", NULL};
	NullableDatum *args = fcinfo->args;
	int32 keep = (int32)int64_or(args[PRUNE_KEEP], 1);
	int64 removed = 0;
	bool deletes;
	Datum *ids;
	int count;
	Call call;

	query_begin(&call, fcinfo);
	deletes = guard_choice("strategy", args[PRUNE_STRATEGY], strategies) == 1;
	if (keep < 1)
		error_bad_input("keep", "It must be at least 1, not %d.", keep);
	count = text_list_sorted(args[PRUNE_THREAD_IDS], &ids);
	for (int i = 0; i < count; i++)
	{
		ThreadRow thread;

		CHECK_FOR_INTERRUPTS();
		query_push();
		if (deletes)
			removed += delete_checkpoints(&call, ARG(ids[i]));
		else if (thread_row_try_lock(&call, ARG(ids[i]), &thread))
			removed += checkpoint_keep_latest(&call, ARG(ids[i]), keep);
		query_pop();
	}
	if (deletes)
		thread_row_sweep_tombstones(&call);
	return query_count(&call, removed);
}

/*
 * What others added to the log was not these runs', though a state of theirs may have been the
 * first to hold it: it stays, for the next state to take in.
 */
int64
checkpoint_delete_runs(Call *call, NullableDatum thread_id, NullableDatum run_ids)
{
	Removal removal = {.call = call, .thread_id = thread_id, .run_ids = run_ids};
	NullableDatum args[] = {thread_id, run_ids};
	NullableDatum gone;
	NullableDatum live;
	int64 count;

	if (!thread_row_try_lock(call, thread_id, &removal.thread))
		return 0;
	query_first(call, &checkpoint_seen_by_runs, args);
	gone = row_column(1, 1);
	live = gone.isnull ? gone : message_live_of_others(call, thread_id, run_ids, gone);
	count = remove_rows(&removal);
	message_keep_live(call, thread_id, live);
	return count;
}

enum
{
	DELETE_RUN_IDS,
	DELETE_THREAD_ID
};

Datum
threadmem_checkpoint_delete_for_runs(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	int64 removed = 0;
	char **threads;
	uint64 count;
	Call call;

	query_begin(&call, fcinfo);
	count = query_exec(&call, &checkpoint_threads_of_runs, args);
	threads = palloc(sizeof(char *) * Max(count, 1));
	for (uint64 i = 0; i < count; i++)
		threads[i] = row_text(i + 1, 1);
	for (uint64 i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		query_push();
		removed += checkpoint_delete_runs(&call, ARG_TEXT(threads[i]), args[DELETE_RUN_IDS]);
		query_pop();
	}
	return query_count(&call, removed);
}
