/*
 * state/held.c: the messages that the latest state holds, as a list whose parts are found by place.
 */
#include "state/state.h"

#include "graph/graph.h"

#include "miscadmin.h"

static Stmt state_head_row = {
	LATEST_CHECKPOINT(
		"c.seq, c.base_seq, c.seen, NOT isempty(c.seen), c.next_rev, c.next_change, c.metadata",
		"''"),
	"t"};

/* The head of a thread's state, which may be none. */
typedef struct StateHead
{
	StateParts parts;
	NullableDatum seen; /* null where it has seen nothing */
	Taken taken;
	Jsonb *graph;
	Jsonb *metadata;
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
		out.metadata = row_jsonb_softly(1, 7, JSON_ROOT_OBJECT);
		chain_read(call, thread_id, seq, base_seq, &state);
		out.parts = document_parts(state.document);
	}
	out.next = thread->rev;
	out.settled = taken_all(out.taken, thread);
	out.graph = graph_definition(call, ARG_TEXT(thread->graph_id));
	return out;
}

/* Runs of a list that is read already that make a part. */
#define PART_RUNS 64

static HeldList
held_new(int parts)
{
	return (HeldList){.memory = CurrentMemoryContext,
					  .parts = palloc_extended(sizeof(HeldPart) * Max(parts, 1), MCXT_ALLOC_HUGE)};
}

static void
add_part(HeldList *held, const ListPiece *piece, const RevRuns *runs)
{
	held->parts[held->count++] = (HeldPart){.place = held->total, .piece = *piece, .runs = *runs};
	held->total += piece->total;
}

static void
add_runs(HeldList *held, const RevRuns *runs)
{
	ListPiece piece = list_piece_of(runs->runs, runs->count);

	add_part(held, &piece, runs);
}

static HeldList
held_of_runs(const RevRuns *list)
{
	HeldList held = held_new(list->count / PART_RUNS + 1);

	for (int i = 0; i < list->count; i += PART_RUNS)
	{
		RevRuns part = {.count = Min(PART_RUNS, list->count - i), .runs = list->runs + i};

		CHECK_FOR_INTERRUPTS();
		add_runs(&held, &part);
	}
	return held;
}

/* The runs of a damaged row may speak of more than there is. */
static void
add_clipped(HeldList *held, const ListPiece *piece, int64 next)
{
	RevRuns list = {0};
	RevRuns out = {0};

	list_open(piece, &list);
	for (int i = 0; i < list.count; i++)
		rev_runs_add(&out, list.runs[i].first, Min(list.runs[i].last, next - 1));
	if (out.count > 0)
		add_runs(held, &out);
}

/* As it stands in the state; who shows a part of it opens no more. */
static HeldList
held_of_node(const JsonNode *node, int64 next)
{
	ListPieces list = list_pieces(node);
	HeldList held = held_new(list.count);
	RevRuns unread = {0};

	for (int i = 0; i < list.count; i++)
		if (list.pieces[i].greatest < next)
			add_part(&held, &list.pieces[i], &unread);
		else
			add_clipped(&held, &list.pieces[i], next);
	pfree(list.pieces);
	return held;
}

static const RevRuns *
runs_of(const HeldList *held, HeldPart *part)
{
	MemoryContext before = MemoryContextSwitchTo(held->memory);

	if (part->runs.count == 0)
		list_open(&part->piece, &part->runs);
	MemoryContextSwitchTo(before);
	return &part->runs;
}

static HeldList
held_with_pending(Call *call, NullableDatum thread_id, const StateHead *head,
				  const HeldList *in_state)
{
	RevRuns list = {0};

	for (int i = 0; i < in_state->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		rev_runs_join(&list, runs_of(in_state, &in_state->parts[i]));
	}
	state_pending(call, thread_id, head->seen, head->taken, &list);
	return held_of_runs(&list);
}

HeldKind
state_held(Call *call, NullableDatum thread_id, const ThreadRow *thread, HeldList *held)
{
	StateHead head = read_head(call, thread_id, thread);
	JsonNode list;

	*held = (HeldList){0};
	if (!state_takes_log_as(&head.parts, head.graph, &list))
	{
		/* they are in writes of tasks, and no list has them: the log would not be what it holds */
		if (delta_is_open(head.metadata, "messages"))
			error_not_supported(
				"a list of messages that a delta channel holds",
				"thread_state() shows them; thread_fold(thread_id) with what is pending, or "
				"thread_update_state(thread_id) without values, takes them in.");
		return HELD_NOTHING;
	}
	if (head.seen.isnull)
		return HELD_LOG;
	*held = list.kind == NODE_NULL ? held_new(0) : held_of_node(&list, head.next);
	/* as a rule all is folded in */
	if (!head.settled)
		*held = held_with_pending(call, thread_id, &head, held);
	return HELD_LIST;
}

/* The part that has a place. */
static int
part_at(const HeldList *held, int64 place)
{
	int low = 0;
	int high = held->count - 1;

	while (low < high)
	{
		int middle = low + (high - low + 1) / 2;

		if (held->parts[middle].place <= place)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

/* Adds what of a part lies between two places. */
static void
cut_part(const HeldList *held, HeldPart *part, int64 begin, int64 end, HeldRuns *out)
{
	const RevRuns *runs = runs_of(held, part);
	int64 at = part->place;

	for (int i = 0; i < runs->count && at < end; i++)
	{
		RevRun run = runs->runs[i];
		int64 next = at + run.last - run.first + 1;
		int64 from = Max(begin, at);

		if (next > begin)
		{
			out->runs[out->count] =
				(RevRun){run.first + from - at, Min(run.last, run.first + end - 1 - at)};
			out->places[out->count++] = from;
		}
		at = next;
	}
}

HeldRuns
held_runs(const HeldList *held, int64 begin, int64 end)
{
	HeldRuns out = {0};
	int first = part_at(held, begin);
	int after = first;
	int room = 1;

	for (; begin < end && after < held->count && held->parts[after].place < end; after++)
	{
		CHECK_FOR_INTERRUPTS();
		room += runs_of(held, &held->parts[after])->count;
	}
	out.runs = palloc_extended(sizeof(RevRun) * room, MCXT_ALLOC_HUGE);
	out.places = palloc_extended(sizeof(int64) * room, MCXT_ALLOC_HUGE);
	for (int i = first; i < after; i++)
		cut_part(held, &held->parts[i], begin, end, &out);
	return out;
}

void
held_slice(const HeldList *held, int64 place, int count, int64 *revs)
{
	HeldRuns part = held_runs(held, place, place + count);
	int next = 0;

	for (int i = 0; i < part.count; i++)
		for (int64 rev = part.runs[i].first; rev <= part.runs[i].last; rev++)
			revs[next++] = rev;
	pfree(part.runs);
	pfree(part.places);
}

RevPlaces
held_places(const HeldList *held, const RevList *asked)
{
	RevList sorted = rev_sorted(asked);
	RevPlaces places = {0};

	for (int i = 0; i < held->count && sorted.count > 0; i++)
	{
		HeldPart *part = &held->parts[i];
		int at = rev_sorted_from(&sorted, part->piece.lowest);

		CHECK_FOR_INTERRUPTS();
		if (at < sorted.count && sorted.revs[at] <= part->piece.greatest)
			rev_places_add(&places, &sorted, runs_of(held, part), part->place);
	}
	rev_places_by_rev(&places);
	return places;
}
