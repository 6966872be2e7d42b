/*
 * state/held.c: the messages that the latest state holds, as a list whose parts are found by place.
 */
#include "state/state.h"

#include "graph/graph.h"

#include "miscadmin.h"

static Stmt state_head_row = {
	LATEST_CHECKPOINT("c.seq, c.base_seq, c.seen, NOT isempty(c.seen), c.next_rev, c.next_change",
					  "''"),
	"t"};

/* The head of a thread's state, which may be none. */
typedef struct StateHead
{
	StateParts parts;
	NullableDatum seen; /* null where it has seen nothing */
	Taken taken;
	Jsonb *graph;
	int64 next; /* the revision after all that exist */
	bool settled;
} StateHead;

/* The thread's row is asked for last, so that its numbers are after those of the state. */
static StateHead
read_head(Call *call, NullableDatum thread_id, const ThreadRow *thread)
{
	StateHead out = {.seen = ARG_NULL, .taken = NOTHING_TAKEN};
	ChainState state;

	if (query_first(call, &state_head_row, &thread_id))
	{
		int64 seq = row_int64(1, 1);
		int64 base_seq = row_int64(1, 2);

		if (row_bool(1, 4))
			out.seen = row_column(1, 3);
		out.taken = (Taken){row_int64(1, 5), row_int64(1, 6)};
		chain_read(call, thread_id, seq, base_seq, &state);
		out.parts = document_parts(state.document);
	}
	out.next = thread->rev;
	out.settled = taken_all(out.taken, thread);
	out.graph = graph_definition(call, ARG_TEXT(thread->graph_id));
	return out;
}

/* The runs of a damaged row may speak of more than there is. */
static RevRuns
clipped(const RevRuns *list, int64 next)
{
	RevRuns out = {0};

	for (int i = 0; i < list->count; i++)
		rev_runs_add(&out, list->runs[i].first, Min(list->runs[i].last, next - 1));
	return out;
}

static void
number_places(HeldList *held)
{
	int64 place = 0;

	held->places = palloc_extended(sizeof(int64) * Max(held->list.count, 1), MCXT_ALLOC_HUGE);
	for (int i = 0; i < held->list.count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		held->places[i] = place;
		place += held->list.runs[i].last - held->list.runs[i].first + 1;
	}
}

HeldKind
state_held(Call *call, NullableDatum thread_id, const ThreadRow *thread, HeldList *held)
{
	StateHead head = read_head(call, thread_id, thread);
	RevRuns list;

	*held = (HeldList){0};
	if (!state_takes_log(&head.parts, head.graph, &list))
		return HELD_NOTHING;
	if (head.seen.isnull)
		return HELD_LOG;
	held->list = clipped(&list, head.next);
	/* as a rule all is folded in */
	if (!head.settled)
		state_pending(call, thread_id, head.seen, head.taken, &held->list);
	number_places(held);
	return HELD_LIST;
}

/* The run that has a place. */
static int
run_at(const HeldList *held, int64 place)
{
	int low = 0;
	int high = held->list.count - 1;

	while (low < high)
	{
		int middle = low + (high - low + 1) / 2;

		if (held->places[middle] <= place)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

void
held_slice(const HeldList *held, int64 place, int count, int64 *revs)
{
	int run = run_at(held, place);

	for (int i = 0; i < count; i++, place++)
	{
		while (place - held->places[run] > held->list.runs[run].last - held->list.runs[run].first)
			run++;
		revs[i] = held->list.runs[run].first + place - held->places[run];
	}
}

int
held_runs(const HeldList *held, int64 begin, int64 end, RevRun **runs, int64 **places)
{
	int first = run_at(held, begin);
	int last = run_at(held, end - 1);
	int count = begin < end ? last - first + 1 : 0;

	*runs = palloc_extended(sizeof(RevRun) * Max(count, 1), MCXT_ALLOC_HUGE);
	*places = palloc_extended(sizeof(int64) * Max(count, 1), MCXT_ALLOC_HUGE);
	for (int i = 0; i < count; i++)
	{
		const RevRun *run = &held->list.runs[first + i];
		int64 at = held->places[first + i];
		int64 from = Max(begin, at);

		(*runs)[i] = (RevRun){run->first + from - at, Min(run->last, run->first + end - 1 - at)};
		(*places)[i] = from;
	}
	return count;
}
