/*
 * state/held.c: the messages that the latest state holds, as a list whose parts are found by place.
 *
 * Those of an open delta channel are in writes of tasks. They are referred to as the next superstep
 * would do it, which is not made: what no row has is a draft then, under a number that no row has.
 */
#include "state/state.h"

#include "graph/graph.h"

#include "miscadmin.h"
#include "utils/builtins.h"

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
	int room = Max(parts, 1);

	return (HeldList){.memory = CurrentMemoryContext,
					  .room = room,
					  .parts = palloc_extended(sizeof(HeldPart) * room, MCXT_ALLOC_HUGE)};
}

static void
add_part(HeldList *held, const ListPiece *piece, const RevRuns *runs)
{
	if (held->count == held->room)
		held->parts = repalloc_huge(held->parts, sizeof(HeldPart) * (held->room *= 2));
	held->parts[held->count++] = (HeldPart){.place = held->total, .piece = *piece, .runs = *runs};
	held->total += piece->total;
}

static void
add_runs(HeldList *held, const RevRuns *runs)
{
	ListPiece piece = list_piece_of(runs->runs, runs->count);

	add_part(held, &piece, runs);
}

/* Runs that nobody has made pieces of. */
static void
add_parts(HeldList *held, const RevRuns *list)
{
	for (int i = 0; i < list->count; i += PART_RUNS)
	{
		RevRuns part = {.count = Min(PART_RUNS, list->count - i), .runs = list->runs + i};

		CHECK_FOR_INTERRUPTS();
		add_runs(held, &part);
	}
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

/* What tasks have written to the channel since, which is shown in the latest state. */
static void
write_marked(Superstep *step, TaskWrites *writes)
{
	GatheredUpdates *gathered = gathered_new();
	ListCell *cell;

	for (int i = 0; i < writes->count; i++)
	{
		TaskWrite *write = &writes->list[i];

		if (write->applies && strcmp(write->channel, "messages") == 0)
			gather(gathered, write->channel, write->value);
		write->applies = false;
	}
	foreach (cell, gathered->channels)
	{
		int count;
		Jsonb **updates = gathered_updates(lfirst(cell), &count);

		superstep_write(step, "messages", updates, count);
	}
}

/* Writes without a task apply first, as in state/values.c. */
static void
write_of_tasks(Superstep *step)
{
	const Neighbour *head = &step->parent;
	TaskWrites *writes =
		writes_read(step->call, step->thread_id, step->checkpoint_ns, head->checkpoint_id);
	ListCell *cell;

	if (writes->count == 0)
		return;
	writes_mark(writes, NULL_TASK_ID);
	write_marked(step, writes);
	foreach (cell, state_tasks(step->state.document, head->checkpoint_id, "",
							   checkpoint_step(head->metadata) + 1, writes))
		writes_mark(writes, ((StateTask *)lfirst(cell))->id);
	write_marked(step, writes);
}

/* An Overwrite makes the list a plain value of the superstep. */
static bool
list_of_superstep(Superstep *step, RevRuns *list)
{
	Jsonb *value;
	JsonNode node;

	if (superstep_list(step, "messages", list))
		return true;
	value = superstep_value(step, "messages");
	if (!value)
		return false;
	node = node_of_root(&value->root);
	return delta_refer(&step->referral, &node, list);
}

/* The messages that a superstep on the latest state would begin with. */
static HeldKind
held_of_writes(Call *call, NullableDatum thread_id, const ThreadRow *thread, HeldList *held)
{
	Superstep *step = palloc(sizeof(Superstep));
	Neighbour head;
	RevRuns list;

	neighbour_latest(call, thread_id, ARG_TEXT(""), &head);
	superstep_begin_known(step, call, thread, thread_id, &head);
	if (superstep_list(step, "messages", &list) &&
		state_pending(call, thread_id, head.seen, taken_of(&head), &list))
		superstep_set_list(step, "messages", &list);
	write_of_tasks(step);
	if (!list_of_superstep(step, &list))
	{
		if (!superstep_value(step, "messages"))
			error_not_supported("a list of messages whose reducer is not declared",
								"Declare channel \"messages\" in graph_define() of the thread's "
								"graph, with add_messages.");
		return HELD_NOTHING;
	}
	*held = held_new(list.count / PART_RUNS + 1);
	add_parts(held, &list);
	held->drafts = &step->referral;
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

bool
held_drafts(const HeldList *held, const int64 *revs, const int64 *keys, int count,
			NullableDatum *args)
{
	JsonItems *rows = items_new(1);
	JsonNode root = node_of_items(NODE_ARRAY, rows);
	RevList drafts = {0};

	if (!held->drafts)
		return false;
	drafts.revs = palloc_extended(sizeof(int64) * Max(count, 1), MCXT_ALLOC_HUGE);
	for (int i = 0; i < count; i++)
	{
		const ReferredDraft *draft = referral_draft(held->drafts, revs[i]);

		CHECK_FOR_INTERRUPTS();
		if (!draft)
			continue;
		drafts.revs[drafts.count++] = keys ? keys[i] : i + 1;
		items_append(rows, NULL, referral_row(held->drafts, draft));
	}
	if (drafts.count == 0)
		return false;
	args[0] = rev_array(drafts.revs, drafts.count);
	args[1] = ARG(JsonbPGetDatum(node_write(&root)));
	return true;
}

/* What is pending changes few parts as a rule; the others stay as they are, unread. */
static void
add_changed(HeldList *out, const HeldList *in_state, HeldPart *part, RevPlaces *changes,
			const RevSet *gone)
{
	int64 end = part->place + part->piece.total;
	RevPlaces own = {.list = changes->list};
	RevRuns runs;

	for (; own.count < changes->count && own.list[own.count].place < end; own.count++)
		own.list[own.count].place -= part->place;
	changes->list += own.count;
	changes->count -= own.count;
	if (own.count == 0 && !rev_set_meets(gone, part->piece.lowest, part->piece.greatest))
	{
		add_part(out, &part->piece, &part->runs);
		return;
	}
	runs = rev_runs_changed(runs_of(in_state, part), &own);
	runs = rev_runs_minus(&runs, gone);
	add_parts(out, &runs);
}

static HeldList
held_with_pending(Call *call, NullableDatum thread_id, const StateHead *head,
				  const HeldList *in_state)
{
	Pending pending = pending_read(call, thread_id, head->seen, head->taken);
	RevPlaces places = held_places(in_state, &pending.all);
	RevRuns more = {0};
	RevPlaces changes = pending_changes(&pending, &places, &more);
	HeldList held = held_new(in_state->count + 1);

	more = rev_runs_minus(&more, &pending.gone);
	for (int i = 0; i < in_state->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		add_changed(&held, in_state, &in_state->parts[i], &changes, &pending.gone);
	}
	add_parts(&held, &more);
	return held;
}

HeldKind
state_held(Call *call, NullableDatum thread_id, const ThreadRow *thread, HeldList *held)
{
	StateHead head = read_head(call, thread_id, thread);
	JsonNode list;

	*held = (HeldList){0};
	if (!state_takes_log_as(&head.parts, head.graph, &list))
		return delta_has_messages(head.metadata, &head.parts)
				   ? held_of_writes(call, thread_id, thread, held)
				   : HELD_NOTHING;
	if (head.seen.isnull)
		return HELD_LOG;
	*held = list.kind == NODE_NULL ? held_new(0) : held_of_node(&list, head.next);
	/* as a rule all is folded in */
	if (!head.settled)
		*held = held_with_pending(call, thread_id, &head, held);
	return HELD_LIST;
}
