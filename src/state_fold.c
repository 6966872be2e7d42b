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
#include "utils/array.h"
#include "utils/builtins.h"

#include "threadmem_json.h"

PG_FUNCTION_INFO_V1(threadmem_thread_fold);

/*
 * What is unseen is found by revision, gap by gap: a message that is still being streamed leaves
 * one behind which everything may be seen.
 */
static Stmt unseen = {
	"SELECT f.rev, o.revs, o.seen FROM unnest('{[1,)}' - $3) AS gap (revs),"
	" LATERAL (SELECT m.rev, m.seq, m.message_id FROM threadmem.messages m"
	" WHERE m.tenant_id = $1 AND m.thread_id = $2 AND m.rev >= lower(gap.revs)"
	" AND m.rev < coalesce(upper(gap.revs), 9223372036854775807)"
	" AND m.state = 'live' AND m.status = 'completed' OFFSET 0) f,"
	" LATERAL (SELECT array_agg(o.rev) AS revs, bool_or(o.rev <@ $3) AS seen FROM threadmem.messages o"
	" WHERE o.tenant_id = $1 AND o.thread_id = $2 AND o.message_id = f.message_id OFFSET 0) o"
	" ORDER BY f.seq",
	"tm"};
static Stmt deleted = {
	"SELECT o.rev FROM threadmem.messages d, LATERAL (SELECT i.rev FROM threadmem.messages i"
	" WHERE i.tenant_id = $1 AND i.thread_id = $2 AND i.message_id = d.message_id OFFSET 0) o"
	" WHERE d.tenant_id = $1 AND d.thread_id = $2 AND d.state = 'deleted'",
	"t"};
static Stmt messages_of = {
	"SELECT count(DISTINCT m.message_id) FROM threadmem.messages m WHERE m.tenant_id = $1"
	" AND m.thread_id = $2 AND m.rev = ANY ($3)",
	"tL"};
static Stmt has_writes = {
	"SELECT 1 FROM threadmem.checkpoint_writes w WHERE w.tenant_id = $1 AND w.thread_id = $2"
	" AND w.checkpoint_ns = '' AND w.checkpoint_id = $3 LIMIT 1",
	"tt"};

static int
place_in(const RevList *list, int64 rev)
{
	for (int i = 0; i < list->count; i++)
		if (list->revs[i] == rev)
			return i;
	return -1;
}

static void
remove_at(RevList *list, int place)
{
	memmove(&list->revs[place], &list->revs[place + 1], sizeof(int64) * (list->count - place - 1));
	list->count--;
}

static bool
take_deletions(Call *call, NullableDatum thread_id, RevList *list)
{
	uint64 rows = query_exec(call, &deleted, &thread_id);
	bool changed = false;

	for (uint64 row = 1; row <= rows; row++)
	{
		int place;

		while ((place = place_in(list, row_int64(row, 1))) >= 0)
		{
			remove_at(list, place);
			changed = true;
		}
	}
	return changed;
}

/* The place of one of a message's revisions in the list, -1 for none. */
static int
place_of_message(const RevList *list, NullableDatum revisions)
{
	Datum *revs;
	int count;
	int place = -1;

	deconstruct_array(DatumGetArrayTypeP(revisions.value), INT8OID, sizeof(int64), FLOAT8PASSBYVAL,
					  TYPALIGN_DOUBLE, &revs, NULL, &count);
	for (int i = 0; i < count && place < 0; i++)
		place = place_in(list, DatumGetInt64(revs[i]));
	return place;
}

/* A copy of a list with room for more. */
static RevList
room_for(const RevList *list, uint64 more)
{
	RevList out = {.count = list->count};

	out.revs = palloc_extended(sizeof(int64) * (list->count + more), MCXT_ALLOC_HUGE);
	if (list->count > 0)
		memcpy(out.revs, list->revs, sizeof(int64) * list->count);
	return out;
}

bool
state_pending(Call *call, NullableDatum thread_id, NullableDatum seen, RevList *list)
{
	RevList none = {0};
	NullableDatum held = seen.isnull ? seen_after(seen, &none) : seen;
	NullableDatum args[] = {thread_id, held};
	uint64 rows = query_exec(call, &unseen, args);
	RevList out = *list;
	bool changed = false;

	if (rows > 0)
		out = room_for(list, rows);
	for (uint64 row = 1; row <= rows; row++)
	{
		int64 rev = row_int64(row, 1);
		int place = place_of_message(&out, row_column(row, 2));

		if (place >= 0)
			out.revs[place] = rev;
		else if (!row_bool(row, 3))
			out.revs[out.count++] = rev;
		else
			continue;
		changed = true;
	}
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
	uint64 rows;

	if (query_first(call, &unseen, args))
		return false;
	rows = query_exec(call, &deleted, &thread_id);
	for (uint64 row = 1; row <= rows; row++)
	{
		int64 rev = row_int64(row, 1);

		for (int i = 0; i < count; i++)
			if (runs[i].first <= rev && rev <= runs[i].last)
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

static int
compare_revs(const void *a, const void *b)
{
	int64 left = *(const int64 *)a;
	int64 right = *(const int64 *)b;

	return left < right ? -1 : left > right;
}

/* The revisions of one list that another one has not; both are in order then. */
static void
add_difference(RevList *out, const RevList *list, const RevList *other)
{
	qsort(other->revs, other->count, sizeof(int64), compare_revs);
	for (int i = 0; i < list->count; i++)
		if (other->count == 0 ||
			!bsearch(&list->revs[i], other->revs, other->count, sizeof(int64), compare_revs))
			out->revs[out->count++] = list->revs[i];
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

char *
state_fold(Call *call, NullableDatum thread_id, NullableDatum run_id)
{
	Superstep step;
	RevList list;

	superstep_begin(&step, call, thread_id, ARG_TEXT(""), ARG_NULL);
	if (step.checkpoint_id)
	{
		NullableDatum key[] = {thread_id, ARG_TEXT(step.checkpoint_id)};

		if (query_first(call, &has_writes, key))
			return NULL;
	}
	if (!state_takes_log(&step.parts, step.graph, &list) ||
		!state_pending(call, thread_id, step.seen, &list))
		return NULL;
	superstep_set_list(&step, "messages", &list);
	return superstep_store(&step, "update", checkpoint_step(step.metadata) + 1,
						   ARG_TEXT(step.checkpoint_id), run_id);
}

Datum
threadmem_thread_fold(PG_FUNCTION_ARGS)
{
	Call call;
	char *checkpoint_id;

	query_begin(&call, fcinfo);
	checkpoint_id = state_fold(&call, fcinfo->args[0], ARG_NULL);
	return query_return(&call, ARG_TEXT(checkpoint_id), false, -1);
}
