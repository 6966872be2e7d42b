/*
 * state_list.c: message_list(), which shows the log or what the state holds.
 *
 * A state has its own order: a message may have come back at its old place, or have been cut off.
 * So its pages go by message id only. Rows are those of the revisions that the state holds, with
 * what the log has that it has not seen.
 */
#include "state.h"

#include "graph.h"

#include "miscadmin.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(threadmem_message_list);

static Stmt head_row = {"SELECT c.seq, c.base_seq, c.seen, NOT isempty(c.seen)"
						" FROM threadmem_data.checkpoints c"
						" WHERE c.tenant_id = $1 AND c.thread_id = $2 AND c.checkpoint_ns = ''"
						" ORDER BY c.checkpoint_id DESC LIMIT 1",
						"t"};
/* Where in the list a message stands whose seq is $4 and whose place was $5, and what is below. */
static Stmt place_near = {
	"SELECT coalesce(max(l.place) FILTER (WHERE m.seq = $4 AND l.place <= $5),"
	" min(l.place) FILTER (WHERE m.seq = $4)),"
	" coalesce(max(l.place) FILTER (WHERE m.seq < $4), 0)"
	" FROM unnest($3) WITH ORDINALITY AS l (rev, place) JOIN threadmem_data.messages m USING (rev)"
	" WHERE m.tenant_id = $1 AND m.thread_id = $2",
	"tLll"};
static Stmt revisions_of = {
	"SELECT m.rev FROM threadmem_data.messages m WHERE m.tenant_id = $1 AND m.thread_id = $2"
	" AND m.message_id = $3",
	"tt"};

/*
 * The head of the thread's state, which may be none, and what it has seen; its graph. next is the
 * revision after all that exist: asked for last, so that it is after those of the state.
 */
static Jsonb *
read_head(Call *call, NullableDatum thread_id, StateParts *parts, NullableDatum *seen, int64 *next)
{
	ChainState state;
	Head head;

	*seen = ARG_NULL;
	*parts = (StateParts){0};
	if (query_first(call, &head_row, &thread_id))
	{
		int64 seq = row_int64(1, 1);
		int64 base_seq = row_int64(1, 2);

		if (row_bool(1, 4))
			*seen = row_column(1, 3);
		chain_read(call, thread_id, seq, base_seq, &state);
		*parts = document_parts(state.document);
	}
	head_read(call, thread_id, &head);
	*next = head.rev;
	return graph_definition(call, ARG_TEXT(head.graph_id));
}

static void
number_places(HeldList *held)
{
	held->total = 0;
	held->places = palloc_extended(sizeof(int64) * Max(held->count, 1), MCXT_ALLOC_HUGE);
	for (int i = 0; i < held->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		held->places[i] = held->total;
		held->total += held->runs[i].last - held->runs[i].first + 1;
	}
}

void
held_slice(const HeldList *held, int64 place, int count, int64 *revs)
{
	int low = 0;
	int high = held->count - 1;

	while (low < high)
	{
		int middle = (low + high + 1) / 2;

		if (held->places[middle] <= place)
			low = middle;
		else
			high = middle - 1;
	}
	for (int i = 0; i < count; i++, place++)
	{
		while (place - held->places[low] > held->runs[low].last - held->runs[low].first)
			low++;
		revs[i] = held->runs[low].first + place - held->places[low];
	}
}

/* The runs of a damaged row may speak of more than there is. */
static int
clip_runs(RevRun *runs, int count, int64 next)
{
	int kept = 0;

	for (int i = 0; i < count; i++)
		if (runs[i].first < next)
			runs[kept++] = (RevRun){runs[i].first, Min(runs[i].last, next - 1)};
	return kept;
}

static void
clip_list(RevList *list, int64 next)
{
	int kept = 0;

	for (int i = 0; i < list->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (list->revs[i] < next)
			list->revs[kept++] = list->revs[i];
	}
	list->count = kept;
}

/* As a rule all is folded in, and the list can stay as it is stored. */
bool
state_held(Call *call, NullableDatum thread_id, HeldList *held)
{
	StateParts parts;
	NullableDatum seen;
	int64 next;
	Jsonb *graph = read_head(call, thread_id, &parts, &seen, &next);
	RevList list;

	if (seen.isnull)
		return false;
	held->count = document_runs(&parts, "messages", 8, &held->runs);
	if (held->count > 0)
		held->count = clip_runs(held->runs, held->count, next);
	if (held->count < 0 || !state_is_settled(call, thread_id, seen, held->runs, held->count))
	{
		if (!state_takes_log(&parts, graph, &list))
			return false;
		clip_list(&list, next);
		state_pending(call, thread_id, seen, &list);
		held->count = rev_runs(&list, &held->runs);
	}
	number_places(held);
	return true;
}

/* What the latest state holds; of a thread without one, its log. */
static RevList
held(Call *call, NullableDatum thread_id)
{
	StateParts parts;
	NullableDatum seen;
	int64 next;
	Jsonb *graph = read_head(call, thread_id, &parts, &seen, &next);
	RevList list;

	if (!state_takes_log(&parts, graph, &list))
		return list;
	clip_list(&list, next);
	state_pending(call, thread_id, seen, &list);
	return list;
}

/* The place of a message in the list, from 1; null for null, P0002 when the list does not have it.
 */
static NullableDatum
place_of(Call *call, NullableDatum thread_id, const RevList *list, NullableDatum message_id)
{
	NullableDatum key[] = {thread_id, message_id};
	RevList own = {0};
	RevPlaces places;

	if (message_id.isnull)
		return ARG_NULL;
	own.count = (int)query_exec(call, &revisions_of, key);
	own.revs = palloc_extended(sizeof(int64) * (own.count + 1), MCXT_ALLOC_HUGE);
	for (int i = 0; i < own.count; i++)
		own.revs[i] = row_int64(i + 1, 1);
	places = rev_places(&own, list);
	for (int i = 0; i < own.count; i++)
	{
		int place = rev_first_place(&places, own.revs[i]);

		if (place >= 0)
			return ARG(Int64GetDatum(place + 1));
	}
	error_no_cursor("message", text_or_null(message_id));
}

static Order
state_order(const MessageListing *listing)
{
	return (Order){
		.list = psprintf("message_list state %s %s", listing->descending ? "desc" : "asc",
						 text_or_null(listing->thread_id)),
		.types = "ll",
	};
}

/*
 * The place that a page goes on from: rows are beyond it in the direction up or down. What was
 * said to a position may have been replaced, which keeps its seq, moved up by what went before it,
 * or have gone; then the message said last before it stands for it.
 */
static NullableDatum
cursor(Call *call, const MessageListing *listing, const RevList *list, const MessageCursor *cursor,
	   bool up)
{
	NullableDatum key[] = {listing->thread_id, ARG_NULL, ARG_NULL, ARG_NULL};
	NullableDatum values[2];
	Order order = state_order(listing);

	message_cursor_check(cursor);
	if (!cursor->seq.isnull)
		error_bad_input("view", "The state has an order of its own; page by an id or a position.");
	if (cursor->position.isnull)
		return place_of(call, listing->thread_id, list, cursor->id);
	order_read(&order, psprintf("%s_position", cursor->way), cursor->position, values);
	key[1] = rev_array(list->revs, list->count);
	key[2] = values[1];
	key[3] = values[0];
	query_first(call, &place_near, key);
	if (!row_column(1, 1).isnull)
		return row_column(1, 1);
	return ARG(Int64GetDatum(row_int64(1, 2) + (up ? 0 : 1)));
}

static Datum
list_state(Call *call, const MessageListing *listing)
{
	const char *way = listing->descending ? " ORDER BY place DESC" : " ORDER BY place";
	NullableDatum thread_id = listing->thread_id;
	RevList list = held(call, thread_id);
	NullableDatum after = cursor(call, listing, &list, &listing->after, !listing->descending);
	NullableDatum before = cursor(call, listing, &list, &listing->before, listing->descending);
	Order order = state_order(listing);
	Built built;
	int page;

	built_begin(&built, "SELECT " MESSAGE_COLUMNS ", ");
	built_add(&built, order_column(&order, &built, "m.place, m.seq"));
	built_add(&built, ", count(*) OVER () > ");
	page = built_arg(&built, 'l', ARG(Int64GetDatum(listing->max_rows)));
	appendStringInfo(
		&built.sql,
		"$%d FROM (SELECT m.*, l.place FROM unnest($%d) WITH ORDINALITY AS l (rev, place)"
		" JOIN threadmem_data.messages m USING (rev) WHERE m.tenant_id = $1"
		" AND m.body IS NOT NULL",
		page, built_arg(&built, 'L', rev_array(list.revs, list.count)));
	built_when(&built, " AND m.thread_id = $%d", 't', thread_id);
	built_when(&built, listing->descending ? " AND place < $%d" : " AND place > $%d", 'l', after);
	built_when(&built, listing->descending ? " AND place > $%d" : " AND place < $%d", 'l', before);
	built_when(&built, " AND m.role = $%d", 't', listing->role);
	built_when(&built, " AND m.run_id = $%d", 't', listing->run_id);
	built_contains(&built, "m.metadata", listing->metadata);
	built_add(&built, way);
	built_when(&built, " LIMIT $%d) m", 'l', ARG(Int64GetDatum(listing->max_rows + 1)));
	appendStringInfo(&built.sql, "%s LIMIT $%d", way, page);
	query_open_set(call);
	built_add_to_set(call, &built);
	return query_close_set(call);
}

Datum
threadmem_message_list(PG_FUNCTION_ARGS)
{
	MessageListing listing;
	Call call;

	query_begin(&call, fcinfo);
	if (!message_listing(&listing, fcinfo->args))
		return message_list_log(&call, &listing);
	return list_state(&call, &listing);
}
