/*
 * state/fold.c: what was said meanwhile comes into the state.
 *
 * message_add() writes no checkpoint. What the log has and the head of the state has not seen is
 * pending: new messages, changed ones that the head's list has, and deletions. Before the state
 * goes on, an update checkpoint takes it in, so that an agent always sees what a person said. Not
 * while tasks of the head have written something: a new head would lose that.
 */
#include "state/state.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/multirangetypes.h"

#include "threadmem/threadmem.h"

PG_FUNCTION_INFO_V1(threadmem_thread_fold);

/*
 * What has changed since a number ($5), gone through once: revisions before the first one that was
 * not taken in ($4) that are unseen ($3) all the same, and messages that were deleted, with how
 * many they are and what the thread has.
 */
static Stmt state_changed = {
	"SELECT array_agg(m.rev) FILTER (WHERE m.state = 'live' AND m.status = 'completed'"
	" AND m.rev < $4 AND NOT m.rev <@ $3), array_agg(m.message_id) FILTER (WHERE m.state = 'deleted'),"
	" CASE WHEN count(*) FILTER (WHERE m.state = 'deleted') > 100 THEN"
	" 8 * count(*) FILTER (WHERE m.state = 'deleted') > (SELECT o.rev FROM threadmem_data.messages o"
	" WHERE o.tenant_id = $1 AND o.thread_id = $2 ORDER BY o.rev DESC LIMIT 1) ELSE false END"
	" FROM threadmem_data.messages m WHERE m.tenant_id = $1 AND m.thread_id = $2 AND m.change >= $5",
	"tmll"};
/*
 * What is unseen is found by revision, gap by gap from the first one that was not taken in ($4): a
 * message that is still being streamed leaves one behind which everything may be seen. Those before
 * it are known ($5). A gap's ends are made into columns first: lower() is not leakproof, so below
 * the policies it is asked row by row and leads into no index.
 */
static Stmt state_unseen = {
	"SELECT f.rev, o.revs, o.seen FROM (SELECT n.* FROM"
	" (SELECT lower(u), coalesce(upper(u), 9223372036854775807)"
	" FROM unnest(int8multirange(int8range($4, NULL)) - $3) u OFFSET 0) AS gap (low, high),"
	" LATERAL (SELECT m.rev, m.seq, m.message_id FROM threadmem_data.messages m"
	" WHERE m.tenant_id = $1 AND m.thread_id = $2 AND m.rev >= gap.low"
	" AND m.rev < gap.high"
	" AND m.state = 'live' AND m.status = 'completed' OFFSET 0) n"
	" UNION ALL SELECT c.* FROM unnest($5) AS w (rev), LATERAL (SELECT s.rev, s.seq, s.message_id"
	" FROM threadmem_data.messages s WHERE s.tenant_id = $1 AND s.thread_id = $2 AND s.rev = w.rev"
	" OFFSET 0) c) f,"
	" LATERAL (SELECT array_agg(o.rev) AS revs, bool_or(o.rev <@ $3) AS seen FROM threadmem_data.messages o"
	" WHERE o.tenant_id = $1 AND o.thread_id = $2 AND o.message_id = f.message_id OFFSET 0) o"
	" ORDER BY f.seq",
	"tmlL"};
/* Where nothing has been seen, all that is live: what is not is not looked at. */
static Stmt state_whole_log = {
	"SELECT m.rev FROM threadmem_data.messages m WHERE m.tenant_id = $1 AND m.thread_id = $2"
	" AND m.state = 'live' AND m.status = 'completed' ORDER BY m.seq",
	"t"};
/* All revisions of messages; of many with IS TRUE, so that their ids are a hash table. */
static Stmt state_revisions_of = {
	"SELECT array_agg(o.rev) FROM unnest($3) AS d (message_id), LATERAL (SELECT i.rev"
	" FROM threadmem_data.messages i WHERE i.tenant_id = $1 AND i.thread_id = $2"
	" AND i.message_id = d.message_id OFFSET 0) o",
	"tT"};
static Stmt state_revisions_of_many = {
	"SELECT array_agg(i.rev) FROM threadmem_data.messages i WHERE i.tenant_id = $1"
	" AND i.thread_id = $2 AND (i.message_id IN (SELECT unnest($3))) IS TRUE",
	"tT"};
static Stmt state_messages_of = {
	"SELECT count(DISTINCT m.message_id) FROM unnest($3, $4) AS r (first, last),"
	" LATERAL (SELECT o.message_id FROM threadmem_data.messages o WHERE o.tenant_id = $1"
	" AND o.thread_id = $2 AND o.rev BETWEEN r.first AND r.last OFFSET 0) m",
	"tLL"};
static Stmt state_has_writes = {
	"SELECT 1 FROM threadmem_data.checkpoint_writes w WHERE w.tenant_id = $1 AND w.thread_id = $2"
	" AND w.checkpoint_ns = '' AND w.checkpoint_id = $3 LIMIT 1",
	"tt"};

/*
 * What the log shows and a state has not seen, whatever became of it: gap by gap as above, but from
 * the first on, for what failed before the state took the rest in is in a gap for ever.
 */
static Stmt state_unseen_log = {
	"SELECT n.rev, CASE WHEN n.status = 'in_progress' THEN n.message_id END FROM (SELECT w.* FROM"
	" (SELECT lower(u), coalesce(upper(u), 9223372036854775807)"
	" FROM unnest(int8multirange(int8range(1, NULL)) - coalesce($3, '{}')) u OFFSET 0) AS gap (low, high),"
	" LATERAL (SELECT m.rev, m.status, m.message_id FROM threadmem_data.messages m"
	" WHERE m.tenant_id = $1 AND m.thread_id = $2 AND m.rev >= gap.low AND m.rev < gap.high"
	" AND m.state = 'live' OFFSET 0) w) n ORDER BY n.rev",
	"tm"};

/* What the log has before a place ($4) and a state has not seen, as state_unseen gives it. */
static Stmt state_unseen_before = {
	"SELECT n.rev, o.revs, o.seen FROM (SELECT m.rev, m.seq, m.message_id FROM threadmem_data.messages m"
	" WHERE m.tenant_id = $1 AND m.thread_id = $2 AND m.state = 'live' AND m.status = 'completed'"
	" AND m.seq < $4 AND NOT m.rev <@ coalesce($3, '{}') OFFSET 0) n,"
	" LATERAL (SELECT array_agg(o.rev) AS revs, bool_or(o.rev <@ coalesce($3, '{}')) AS seen"
	" FROM threadmem_data.messages o WHERE o.tenant_id = $1 AND o.thread_id = $2"
	" AND o.message_id = n.message_id OFFSET 0) o ORDER BY n.seq",
	"tml"};
static Stmt state_log_before_stmt = {
	"SELECT m.rev FROM threadmem_data.messages m WHERE m.tenant_id = $1 AND m.thread_id = $2"
	" AND m.state = 'live' AND m.seq < $4 AND NOT m.rev <@ coalesce($3, '{}') ORDER BY m.rev",
	"tml"};

static void
add_revisions(RevList *all, Datum array, int *room)
{
	Datum *revs;
	int count;

	deconstruct_array(DatumGetArrayTypeP(array), INT8OID, sizeof(int64), FLOAT8PASSBYVAL,
					  TYPALIGN_DOUBLE, &revs, NULL, &count);
	if (all->count + count > *room)
	{
		*room = Max(2 * *room, all->count + count);
		all->revs = repalloc_huge(all->revs, sizeof(int64) * *room);
	}
	for (int i = 0; i < count; i++)
		all->revs[all->count++] = DatumGetInt64(revs[i]);
	pfree(revs);
}

/* A message of which nothing was seen is looked for nowhere, so it needs no other revisions. */
static void
read_unseen(Pending *pending, uint64 count, bool has_seen)
{
	int room = (int)count + 1;

	pending->count = (int)count;
	pending->revs = palloc_extended(sizeof(int64) * room, MCXT_ALLOC_HUGE);
	pending->known = palloc_extended(sizeof(bool) * room, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	pending->ends = palloc_extended(sizeof(int) * room, MCXT_ALLOC_HUGE);
	pending->all = (RevList){.revs = palloc_extended(sizeof(int64) * room, MCXT_ALLOC_HUGE)};
	for (int i = 0; i < pending->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		pending->revs[i] = row_int64(i + 1, 1);
		if (has_seen)
		{
			add_revisions(&pending->all, row_datum(i + 1, 2), &room);
			pending->known[i] = row_bool(i + 1, 3);
		}
		pending->ends[i] = pending->all.count;
	}
}

static RevSet
read_deleted(Call *call, NullableDatum thread_id, NullableDatum message_ids, bool many)
{
	NullableDatum args[] = {thread_id, message_ids};
	RevList revs = {.revs = palloc(sizeof(int64))};
	RevRuns runs;
	int room = 1;

	query_first(call, many ? &state_revisions_of_many : &state_revisions_of, args);
	if (!row_column(1, 1).isnull)
		add_revisions(&revs, row_datum(1, 1), &room);
	revs = rev_sorted(&revs);
	runs = rev_runs_of(&revs);
	return rev_set_of(&runs);
}

Pending
pending_read(Call *call, NullableDatum thread_id, NullableDatum seen, Taken taken)
{
	Pending pending = {0};
	NullableDatum args[] = {thread_id, seen, ARG(Int64GetDatum(taken.rev)),
							ARG(Int64GetDatum(taken.change))};
	NullableDatum deleted;
	bool many;

	if (seen.isnull || MultirangeIsEmpty(DatumGetMultirangeTypeP(seen.value)))
	{
		read_unseen(&pending, query_exec(call, &state_whole_log, args), false);
		query_free_rows();
		return pending;
	}
	query_first(call, &state_changed, args);
	args[3] = row_column(1, 1);
	deleted = row_column(1, 2);
	many = row_bool(1, 3);
	read_unseen(&pending, query_exec(call, &state_unseen, args), true);
	query_free_rows();
	if (!deleted.isnull)
		pending.gone = read_deleted(call, thread_id, deleted, many);
	return pending;
}

/* The place of the first revision of a message that a list has, -1 for none. */
static int64
place_among(const RevPlaces *places, const int64 *revs, int count)
{
	int64 place = -1;

	for (int i = 0; i < count && place < 0; i++)
		place = rev_first_place(places, revs[i]);
	return place;
}

RevPlaces
pending_changes(const Pending *pending, const RevPlaces *places, RevRuns *more)
{
	RevPlaces changes = {
		.list = palloc_extended(sizeof(RevPlace) * (pending->count + 1), MCXT_ALLOC_HUGE)};
	int begin = 0;

	for (int i = 0; i < pending->count; begin = pending->ends[i++])
	{
		int64 place = place_among(places, pending->all.revs + begin, pending->ends[i] - begin);

		CHECK_FOR_INTERRUPTS();
		if (place >= 0)
			changes.list[changes.count++] = (RevPlace){pending->revs[i], place};
		else if (!pending->known[i])
			rev_runs_add(more, pending->revs[i], pending->revs[i]);
	}
	rev_places_sort(&changes);
	return changes;
}

static bool
take_unseen(const Pending *pending, RevRuns *list)
{
	RevPlaces places;
	RevPlaces changes;
	RevRuns more = {0};

	if (pending->count == 0)
		return false;
	places = rev_places(&pending->all, list);
	changes = pending_changes(pending, &places, &more);
	*list = rev_runs_changed(list, &changes);
	rev_runs_join(list, &more);
	return changes.count > 0 || more.count > 0;
}

static bool
take_deletions(const Pending *pending, RevRuns *list)
{
	RevRuns out;
	bool changed;

	if (pending->gone.count == 0)
		return false;
	out = rev_runs_minus(list, &pending->gone);
	changed = out.total < list->total;
	*list = out;
	return changed;
}

static bool
take(const Pending *pending, RevRuns *list)
{
	RevRuns out = *list;
	bool changed = take_unseen(pending, &out);

	changed |= take_deletions(pending, &out);
	if (changed)
		*list = out;
	return changed;
}

bool
state_pending(Call *call, NullableDatum thread_id, NullableDatum seen, Taken taken, RevRuns *list)
{
	Pending pending = pending_read(call, thread_id, seen, taken);

	return take(&pending, list);
}

bool
state_pending_before(Call *call, NullableDatum thread_id, const Neighbour *ancestor, int64 seq,
					 RevRuns *list)
{
	NullableDatum args[] = {thread_id, ancestor->seen, ARG(Int64GetDatum(seq))};
	Taken taken = taken_of(ancestor);
	NullableDatum changed[] = {thread_id, ancestor->seen, ARG(Int64GetDatum(taken.rev)),
							   ARG(Int64GetDatum(taken.change))};
	Pending pending = {0};
	NullableDatum deleted;
	bool many;

	query_first(call, &state_changed, changed);
	deleted = row_column(1, 2);
	many = row_bool(1, 3);
	read_unseen(&pending, query_exec(call, &state_unseen_before, args), true);
	query_free_rows();
	if (!deleted.isnull)
		pending.gone = read_deleted(call, thread_id, deleted, many);
	return take(&pending, list);
}

RevRuns
state_log_before(Call *call, NullableDatum thread_id, NullableDatum seen, int64 seq)
{
	NullableDatum args[] = {thread_id, seen, ARG(Int64GetDatum(seq))};
	uint64 count = query_exec(call, &state_log_before_stmt, args);
	RevRuns out = {0};

	for (uint64 row = 1; row <= count; row++)
	{
		CHECK_FOR_INTERRUPTS();
		rev_runs_add(&out, row_int64(row, 1), row_int64(row, 1));
	}
	return out;
}

/* A graph that declares its channels without messages does not want any. */
static bool
has_messages(Jsonb *graph)
{
	JsonbContainer *channels = graph ? json_as_object(json_field(&graph->root, "channels")) : NULL;

	if (!channels || JsonContainerSize(channels) == 0)
		return true;
	return json_field(channels, "messages") &&
		   strcmp(graph_reducer(graph, "messages", NULL), "add_messages") == 0;
}

bool
state_takes_log_as(const StateParts *parts, Jsonb *graph, JsonNode *list)
{
	*list = (JsonNode){.kind = NODE_NULL};
	if (document_list_node(parts, "messages", 8, list))
		return true;
	if (parts->versions && json_field(parts->versions, "messages"))
		return false;
	return has_messages(graph);
}

bool
state_takes_log(const StateParts *parts, Jsonb *graph, RevRuns *list)
{
	JsonNode node;
	bool takes = state_takes_log_as(parts, graph, &node);

	*list = node.kind == NODE_NULL ? (RevRuns){0} : list_of_node(&node);
	return takes;
}

/* Adds what one list has and another one has not. */
static void
add_difference(RevRuns *out, const RevRuns *list, const RevRuns *other)
{
	RevSet set = rev_set_of(other);
	RevRuns more = rev_runs_minus(list, &set);

	rev_runs_join(out, &more);
}

int64
state_waiting(Call *call, NullableDatum thread_id, Jsonb *graph, const StateParts *parts,
			  NullableDatum seen, Taken taken)
{
	RevRuns before;
	RevRuns after;
	RevRuns changed = {0};
	NullableDatum args[3] = {thread_id};

	if (!state_takes_log(parts, graph, &before))
		return 0;
	after = before;
	if (!state_pending(call, thread_id, seen, taken, &after))
		return 0;
	add_difference(&changed, &before, &after);
	add_difference(&changed, &after, &before);
	rev_bounds(changed.runs, changed.count, &args[1]);
	query_first(call, &state_messages_of, args);
	return row_int64(1, 1);
}

bool
superstep_takes_log(Superstep *step, RevRuns *list)
{
	JsonNode node;

	return superstep_list(step, "messages", list) ||
		   state_takes_log_as(&step->parts, step->graph, &node);
}

/*
 * The list with what is pending, false when it has it all. To have found that out is written down,
 * lest it be found out again.
 */
static bool
take_pending(Superstep *step, RevRuns *list)
{
	Taken taken = taken_of(&step->parent);

	if (taken_all(taken, &step->thread) || !superstep_takes_log(step, list))
		return false;
	if (state_pending(step->call, step->thread_id, step->parent.seen, taken, list))
		return true;
	if (step->parent.checkpoint_id)
	{
		checkpoint_take(step->call, step->thread_id, &step->parent, &step->thread);
		step->latest = step->parent;
	}
	return false;
}

/*
 * What is too large for a state of its own stays set in the superstep: the updates may take
 * messages out, and it is what they make of it that has to fit. Then it is not known to have all.
 */
Fold
superstep_fold(Superstep *step, NullableDatum run_id)
{
	NullableDatum key[] = {step->thread_id, ARG_TEXT(step->parent.checkpoint_id)};
	Fold fold = {NULL};
	RevRuns list;

	step->unwritten =
		!step->parent.checkpoint_id || !query_first(step->call, &state_has_writes, key);
	if (!step->unwritten || !take_pending(step, &list))
		return fold;
	superstep_set_list(step, "messages", &list);
	step->takes_pending = true;
	fold.checkpoint_id =
		superstep_store_if_fits(step, "update", checkpoint_step(step->parent.metadata) + 1, run_id);
	step->takes_pending = false;
	fold.too_large = !fold.checkpoint_id;
	return fold;
}

/* Where there is nothing to fold, two rows tell, and the state is not read. */
Fold
state_fold(Call *call, NullableDatum thread_id, const ThreadRow *thread, NullableDatum run_id)
{
	Neighbour latest;
	Superstep step;

	if (neighbour_latest(call, thread_id, ARG_TEXT(""), &latest) &&
		taken_all(taken_of(&latest), thread))
		return (Fold){NULL};
	superstep_begin_known(&step, call, thread, thread_id, &latest);
	return superstep_fold(&step, run_id);
}

/* What the log has beyond a state. Streams among it are ended. */
static RevRuns
end_log(Call *call, NullableDatum thread_id, NullableDatum seen, ThreadRow *thread)
{
	NullableDatum args[] = {thread_id, seen};
	uint64 count = query_exec(call, &state_unseen_log, args);
	RevRuns unseen = {0};
	List *streams = NIL;
	ListCell *cell;

	for (uint64 row = 1; row <= count; row++)
	{
		char *stream = row_text_or_null(row, 2);

		CHECK_FOR_INTERRUPTS();
		rev_runs_add(&unseen, row_int64(row, 1), row_int64(row, 1));
		if (stream)
			streams = lappend(streams, stream);
	}
	foreach (cell, streams)
		message_end_stream(call, (NullableDatum[]){thread_id, ARG_TEXT((char *)lfirst(cell))},
						   NULL);
	if (streams != NIL)
		thread_row_lock(call, thread_id, thread);
	return unseen;
}

void
state_leave(Call *call, NullableDatum thread_id, ThreadRow *thread)
{
	Neighbour latest;
	Superstep step;
	RevRuns unseen;
	RevRuns list;

	neighbour_latest(call, thread_id, ARG_TEXT(""), &latest);
	unseen = end_log(call, thread_id, latest.seen, thread);
	if (unseen.count == 0)
		return;
	superstep_begin_known(&step, call, thread, thread_id, &latest);
	if (superstep_takes_log(&step, &list) &&
		state_pending(call, thread_id, latest.seen, taken_of(&latest), &list))
		superstep_set_list(&step, "messages", &list);
	step.takes_pending = true;
	step.seen = unseen;
	superstep_store(&step, "update", checkpoint_step(latest.metadata) + 1, ARG_NULL);
	*thread = step.thread;
}

/*
 * Nobody is at work on a state: nothing is to run next, and no run is. Who is at work would put his
 * next checkpoint beside the fold, not on it, and what was folded would be left with that branch.
 */
static bool
at_rest(const Superstep *step)
{
	const Neighbour *parent = &step->parent;

	if (strcmp(step->thread.status, "busy") == 0)
		return false;
	return !parent->checkpoint_id ||
		   state_tasks(step->state.document, parent->checkpoint_id, "",
					   checkpoint_step(parent->metadata) + 1, NULL) == NIL;
}

/* Without a lock first: who has nothing to fold writes nothing and waits for nobody. */
Datum
threadmem_thread_fold(PG_FUNCTION_ARGS)
{
	NullableDatum thread_id = fcinfo->args[0];
	ThreadRow thread;
	Neighbour latest;
	Superstep step;
	Call call;
	Fold fold = {NULL};

	query_begin(&call, fcinfo);
	thread_row_read(&call, thread_id, &thread);
	if (!neighbour_latest(&call, thread_id, ARG_TEXT(""), &latest) ||
		!taken_all(taken_of(&latest), &thread))
	{
		thread_row_lock(&call, thread_id, &thread);
		neighbour_latest(&call, thread_id, ARG_TEXT(""), &latest);
		superstep_begin_known(&step, &call, &thread, thread_id, &latest);
		if (!bool_or(fcinfo->args[1], false) || at_rest(&step))
			fold = superstep_fold(&step, ARG_NULL);
	}
	if (fold.too_large)
		error_state_unwritable(thread_id, 0);
	return query_return(&call, ARG_TEXT(fold.checkpoint_id), false, -1);
}
