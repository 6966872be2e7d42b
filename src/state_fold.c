/*
 * state_fold.c: what was said meanwhile comes into the state.
 *
 * message_add() writes no checkpoint. What the log has and the head of the state has not seen is
 * pending: new messages, changed ones that the head's list has, and deletions. Before the state
 * goes on, an update checkpoint takes it in, so that an agent always sees what a person said. Not
 * while tasks of the head have written something: a new head would lose that.
 */
#include "state.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "threadmem_json.h"

PG_FUNCTION_INFO_V1(threadmem_thread_fold);

/*
 * What is unseen is found by revision, gap by gap: a message that is still being streamed leaves
 * one behind which everything may be seen. A gap's ends are made into columns first: lower() is
 * not leakproof, so below the policies it is asked row by row and leads into no index.
 */
static Stmt unseen = {
	"SELECT f.rev, o.revs, o.seen FROM (SELECT lower(u), coalesce(upper(u), 9223372036854775807)"
	" FROM unnest('{[1,)}' - $3) u OFFSET 0) AS gap (low, high),"
	" LATERAL (SELECT m.rev, m.seq, m.message_id FROM threadmem_data.messages m"
	" WHERE m.tenant_id = $1 AND m.thread_id = $2 AND m.rev >= gap.low"
	" AND m.rev < gap.high"
	" AND m.state = 'live' AND m.status = 'completed' OFFSET 0) f,"
	" LATERAL (SELECT array_agg(o.rev) AS revs, bool_or(o.rev <@ $3) AS seen FROM threadmem_data.messages o"
	" WHERE o.tenant_id = $1 AND o.thread_id = $2 AND o.message_id = f.message_id OFFSET 0) o"
	" ORDER BY f.seq",
	"tm"};
static Stmt deleted = {
	"SELECT o.rev FROM threadmem_data.messages d, LATERAL (SELECT i.rev FROM threadmem_data.messages i"
	" WHERE i.tenant_id = $1 AND i.thread_id = $2 AND i.message_id = d.message_id OFFSET 0) o"
	" WHERE d.tenant_id = $1 AND d.thread_id = $2 AND d.state = 'deleted'",
	"t"};
static Stmt messages_of = {
	"SELECT count(DISTINCT m.message_id) FROM unnest($3) AS r (rev), LATERAL (SELECT o.message_id"
	" FROM threadmem_data.messages o WHERE o.tenant_id = $1 AND o.thread_id = $2 AND o.rev = r.rev"
	" OFFSET 0) m",
	"tL"};
static Stmt has_writes = {
	"SELECT 1 FROM threadmem_data.checkpoint_writes w WHERE w.tenant_id = $1 AND w.thread_id = $2"
	" AND w.checkpoint_ns = '' AND w.checkpoint_id = $3 LIMIT 1",
	"tt"};

/* What is pending for a list, read: messages with all their revisions. */
typedef struct Unseen
{
	int count;
	int64 *revs; /* the live one of each message */
	bool *known; /* whether another one has been seen */
	RevList all; /* of all messages, in turn */
	int *ends;   /* where those of a message end in it */
} Unseen;

static void
add_revisions(Unseen *unseen_rows, Datum array, int *room)
{
	RevList *all = &unseen_rows->all;
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

static Unseen
read_unseen(Call *call, NullableDatum thread_id, NullableDatum seen)
{
	NullableDatum args[] = {thread_id, seen};
	int count = (int)query_exec(call, &unseen, args);
	int room = count + 1;
	Unseen out = {
		.count = count,
		.revs = palloc_extended(sizeof(int64) * room, MCXT_ALLOC_HUGE),
		.known = palloc_extended(sizeof(bool) * room, MCXT_ALLOC_HUGE),
		.all.revs = palloc_extended(sizeof(int64) * room, MCXT_ALLOC_HUGE),
		.ends = palloc_extended(sizeof(int) * room, MCXT_ALLOC_HUGE),
	};

	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		out.revs[i] = row_int64(i + 1, 1);
		add_revisions(&out, row_datum(i + 1, 2), &room);
		out.known[i] = row_bool(i + 1, 3);
		out.ends[i] = out.all.count;
	}
	return out;
}

/* A list with what is unseen: in place of the message's own, else at the end. */
static bool
take_unseen(const Unseen *rows, RevList *list)
{
	RevPlaces places = rev_places(&rows->all, list);
	RevList out = {.count = list->count};
	bool changed = false;
	int k = 0;

	out.revs = palloc_extended(sizeof(int64) * (list->count + rows->count + 1), MCXT_ALLOC_HUGE);
	if (list->count > 0)
		memcpy(out.revs, list->revs, sizeof(int64) * list->count);
	for (int i = 0; i < rows->count; i++)
	{
		int place = -1;

		CHECK_FOR_INTERRUPTS();
		for (; k < rows->ends[i]; k++)
			if (place < 0)
				place = rev_first_place(&places, rows->all.revs[k]);
		if (place < 0 && rows->known[i])
			continue;
		out.revs[place < 0 ? out.count++ : place] = rows->revs[i];
		changed = true;
	}
	*list = out;
	return changed;
}

static RevSet
read_deleted(Call *call, NullableDatum thread_id)
{
	RevList revs = {.count = (int)query_exec(call, &deleted, &thread_id)};

	revs.revs = palloc_extended(sizeof(int64) * (revs.count + 1), MCXT_ALLOC_HUGE);
	for (int i = 0; i < revs.count; i++)
		revs.revs[i] = row_int64(i + 1, 1);
	return rev_set_of(&revs);
}

static bool
take_deletions(Call *call, NullableDatum thread_id, RevList *list)
{
	RevSet gone = read_deleted(call, thread_id);
	RevList out = {0};

	if (gone.count == 0)
		return false;
	out.revs = palloc_extended(sizeof(int64) * (list->count + 1), MCXT_ALLOC_HUGE);
	for (int i = 0; i < list->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!rev_set_has(&gone, list->revs[i]))
			out.revs[out.count++] = list->revs[i];
	}
	if (out.count == list->count)
		return false;
	*list = out;
	return true;
}

bool
state_pending(Call *call, NullableDatum thread_id, NullableDatum seen, RevList *list)
{
	RevList none = {0};
	Unseen rows = read_unseen(call, thread_id, seen.isnull ? seen_after(seen, &none) : seen);
	RevList out = *list;
	bool changed = rows.count > 0 && take_unseen(&rows, &out);

	changed |= take_deletions(call, thread_id, &out);
	if (changed)
		*list = out;
	return changed;
}

bool
state_is_settled(Call *call, NullableDatum thread_id, NullableDatum seen, const RevRun *runs,
				 int count)
{
	NullableDatum args[] = {thread_id, seen};
	RevSet gone;

	if (query_first(call, &unseen, args))
		return false;
	gone = read_deleted(call, thread_id);
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (rev_set_meets(&gone, runs[i].first, runs[i].last))
			return false;
	}
	return true;
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
state_takes_log(const StateParts *parts, Jsonb *graph, RevList *list)
{
	*list = (RevList){0};
	if (parts->refs && json_field(parts->refs, "messages"))
	{
		*list = document_list(parts, "messages", 8);
		return true;
	}
	if (parts->versions && json_field(parts->versions, "messages"))
		return false;
	return has_messages(graph);
}

/* The revisions of one list that another one has not. */
static void
add_difference(RevList *out, const RevList *list, const RevList *other)
{
	RevSet set = rev_set_of(other);

	for (int i = 0; i < list->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!rev_set_has(&set, list->revs[i]))
			out->revs[out->count++] = list->revs[i];
	}
}

int64
state_waiting(Call *call, NullableDatum thread_id, Jsonb *graph, const StateParts *parts,
			  NullableDatum seen)
{
	RevList before;
	RevList after;
	RevList changed = {0};
	NullableDatum args[] = {thread_id, ARG_NULL};

	if (!state_takes_log(parts, graph, &before))
		return 0;
	after = before;
	if (!state_pending(call, thread_id, seen, &after))
		return 0;
	changed.revs =
		palloc_extended(sizeof(int64) * (before.count + after.count + 1), MCXT_ALLOC_HUGE);
	add_difference(&changed, &before, &after);
	add_difference(&changed, &after, &before);
	args[1] = rev_array(changed.revs, changed.count);
	query_first(call, &messages_of, args);
	return row_int64(1, 1);
}

Fold
state_fold(Call *call, NullableDatum thread_id, NullableDatum run_id)
{
	Fold fold = {NULL};
	Superstep step;

	superstep_begin(&step, call, thread_id, ARG_TEXT(""), ARG_NULL);
	if (step.checkpoint_id)
	{
		NullableDatum key[] = {thread_id, ARG_TEXT(step.checkpoint_id)};

		if (query_first(call, &has_writes, key))
			return fold;
	}
	if (!state_takes_log(&step.parts, step.graph, &fold.list) ||
		!state_pending(call, thread_id, step.seen, &fold.list))
		return fold;
	superstep_set_list(&step, "messages", &fold.list);
	fold.checkpoint_id = superstep_store_if_fits(
		&step, "update", checkpoint_step(step.metadata) + 1, ARG_TEXT(step.checkpoint_id), run_id);
	fold.too_large = !fold.checkpoint_id;
	return fold;
}

Datum
threadmem_thread_fold(PG_FUNCTION_ARGS)
{
	Call call;
	Fold fold;

	query_begin(&call, fcinfo);
	fold = state_fold(&call, fcinfo->args[0], ARG_NULL);
	if (fold.too_large)
		error_state_unwritable(fcinfo->args[0], 0);
	return query_return(&call, ARG_TEXT(fold.checkpoint_id), false, -1);
}
