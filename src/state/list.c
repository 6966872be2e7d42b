/*
 * state/list.c: message_list(), which shows the log or what the state holds.
 *
 * A state has its own order: a message may have come back at its old place, or have been cut off.
 * So its pages go by message id or position only. Rows are those of the revisions that the state
 * holds, with what the log has that it has not seen.
 *
 * A page costs what it shows, wherever it lies. The list is not spelled out: from the place of the
 * cursor on, part after part of it is asked for the revisions that the filters let pass, until
 * there are enough. Where no state has seen anything yet, the list is the log, and a place in it is
 * the message's seq; that serves as a place in a list, too, once there is one.
 */
#include "state/state.h"

#include "miscadmin.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(threadmem_message_list);

/* A part of a list that is looked through at once, when the filters let little pass. */
#define PART_MAX 16384

/* Revisions between two runs that are read with them. */
#define NEAR 8

/* Where in the list a message stands whose seq is $6 and whose place was $7, and what is below. */
static Stmt state_place_near = {
	"SELECT coalesce(max(m.place) FILTER (WHERE m.seq = $6 AND m.place <= $7),"
	" min(m.place) FILTER (WHERE m.seq = $6)),"
	" coalesce(max(m.place) FILTER (WHERE m.seq < $6), 0)"
	" FROM (SELECT i.seq, r.place + 1 + i.rev - r.first AS place"
	" FROM unnest($3, $4, $5) AS r (first, last, place), LATERAL (SELECT o.rev, o.seq"
	" FROM threadmem_data.messages o WHERE o.tenant_id = $1 AND o.thread_id = $2"
	" AND o.rev BETWEEN r.first AND r.last OFFSET 0) i) m",
	"tLLLll"};
static Stmt state_seq_of = {"SELECT m.seq FROM threadmem_data.messages m WHERE m.tenant_id = $1"
							" AND m.thread_id = $2 AND m.rev = $3",
							"tl"};
static Stmt state_live_at = {
	"SELECT m.message_id FROM threadmem_data.messages m WHERE m.tenant_id = $1"
	" AND m.thread_id = $2 AND m.seq = $3 AND m.state = 'live'",
	"tl"};
static Stmt state_revisions_of_id = {
	"SELECT m.rev FROM threadmem_data.messages m WHERE m.tenant_id = $1 AND m.thread_id = $2"
	" AND m.message_id = $3",
	"tt"};
static Stmt state_in_log = {"SELECT m.seq FROM threadmem_data.messages m WHERE m.tenant_id = $1"
							" AND m.thread_id = $2 AND m.message_id = $3 AND m.state = 'live'"
							" AND m.status = 'completed'",
							"tt"};

/* A page on its way. Places count from 1 here; those of the log are seqs. */
typedef struct StatePage
{
	Call *call;
	const MessageListing *listing;
	HeldKind kind;
	HeldList held;
	int64 low; /* it lies between these */
	int64 high;
	int rows; /* found so far: one more than asked for tells that there is more */
	int64 *places;
	int64 *revs;
} StatePage;

static RevPlaces
places_of_message(const StatePage *page, NullableDatum message_id)
{
	NullableDatum key[] = {page->listing->thread_id, message_id};
	RevList own = {.count = (int)query_exec(page->call, &state_revisions_of_id, key)};
	const Referral *drafts = page->held.drafts;
	ReferredDraft *draft = drafts ? referral_draft_of(drafts, text_or_null(message_id)) : NULL;

	own.revs = palloc_extended(sizeof(int64) *
								   (own.count + list_length(drafts ? drafts->drafts : NIL) + 1),
							   MCXT_ALLOC_HUGE);
	for (int i = 0; i < own.count; i++)
		own.revs[i] = row_int64(i + 1, 1);
	for (; draft; draft = referral_draft(drafts, draft->old_rev))
		own.revs[own.count++] = draft->draft.rev;
	return held_places(&page->held, &own);
}

/* P0002 when the list does not have it. */
static int64
place_of_id(const StatePage *page, NullableDatum message_id)
{
	NullableDatum key[] = {page->listing->thread_id, message_id};
	RevPlaces places;

	if (page->kind == HELD_LOG && query_first(page->call, &state_in_log, key))
		return row_int64(1, 1);
	if (page->kind == HELD_LIST)
	{
		places = places_of_message(page, message_id);
		if (places.count > 0)
			return places.list[0].place + 1;
	}
	error_no_cursor("message", text_or_null(message_id));
}

static bool
stands_at(const StatePage *page, int64 seq, int64 place)
{
	NullableDatum key[] = {page->listing->thread_id, ARG_NULL};
	int64 rev;

	if (place < 1 || place > page->held.total)
		return false;
	held_slice(&page->held, place - 1, 1, &rev);
	key[1] = ARG(Int64GetDatum(rev));
	return query_first(page->call, &state_seq_of, key) && row_int64(1, 1) == seq;
}

/* Of the places of a live message, the last one that is not after another, else the first; or 0. */
static int64
place_of_live(const StatePage *page, int64 seq, int64 not_after)
{
	NullableDatum key[] = {page->listing->thread_id, ARG(Int64GetDatum(seq))};
	RevPlaces places;
	int64 best = 0;

	if (!query_first(page->call, &state_live_at, key))
		return 0;
	places = places_of_message(page, row_column(1, 1));
	rev_places_sort(&places);
	for (int i = 0; i < places.count; i++)
		if (i == 0 || places.list[i].place < not_after)
			best = places.list[i].place + 1;
	return best;
}

/*
 * Where a position is now: rows are beyond it in the direction up or down. What was said to a
 * position may have been replaced, which keeps its seq, moved up by what went before it, or have
 * gone; then the message said last before it stands for it. What had no row has no seq, but where
 * it stood.
 */
static int64
place_of_position(const StatePage *page, int64 seq, int64 place, bool up)
{
	NullableDatum args[6] = {page->listing->thread_id};
	HeldRuns all;
	int64 live;

	if (page->kind == HELD_LOG)
		return seq;
	if (seq == 0)
		return place;
	if (stands_at(page, seq, place))
		return place;
	live = place_of_live(page, seq, place);
	if (live > 0)
		return live;
	all = held_runs(&page->held, 0, page->held.total);
	rev_bounds(all.runs, all.count, &args[1]);
	args[3] = rev_array(all.places, all.count);
	args[4] = ARG(Int64GetDatum(seq));
	args[5] = ARG(Int64GetDatum(place));
	query_first(page->call, &state_place_near, args);
	if (!row_column(1, 1).isnull)
		return row_int64(1, 1);
	return row_int64(1, 2) + (up ? 0 : 1);
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

/* The place that a page goes on from, or none. */
static int64
place_of_cursor(const StatePage *page, const MessageCursor *cursor, bool up, int64 none)
{
	Order order = state_order(page->listing);
	NullableDatum values[2];

	message_cursor_check(cursor);
	if (!cursor->seq.isnull)
		error_bad_input("view", "The state has an order of its own; page by an id or a position.");
	if (!cursor->id.isnull)
		return place_of_id(page, cursor->id);
	if (cursor->position.isnull)
		return none;
	order_read(&order, psprintf("%s_position", cursor->way), cursor->position, values);
	return place_of_position(page, DatumGetInt64(values[1].value), DatumGetInt64(values[0].value),
							 up);
}

/* What is asked of the rows of a page, in table alias o. */
static void
add_filters(Built *built, const MessageListing *listing)
{
	built_when(built, " AND o.role = $%d", 't', listing->role);
	built_when(built, " AND o.run_id = $%d", 't', listing->run_id);
	built_contains(built, "o.metadata", listing->metadata);
	built_add(built, " AND o.body IS NOT NULL");
}

static void
find_in_log(StatePage *page)
{
	Built built;

	built_begin(&built,
				"SELECT o.seq, o.rev FROM threadmem_data.messages o WHERE o.tenant_id = $1");
	built_when(&built, " AND o.thread_id = $%d", 't', page->listing->thread_id);
	built_add(&built, " AND o.state = 'live' AND o.status = 'completed'");
	built_when(&built, " AND o.seq > $%d", 'l', ARG(Int64GetDatum(page->low)));
	built_when(&built, " AND o.seq < $%d", 'l', ARG(Int64GetDatum(page->high)));
	add_filters(&built, page->listing);
	built_when(&built,
			   page->listing->descending ? " ORDER BY 1 DESC LIMIT $%d" : " ORDER BY 1 LIMIT $%d",
			   'l', ARG(Int64GetDatum(page->listing->max_rows + 1)));
	page->rows = (int)built_exec(page->call, &built);
	for (int i = 0; i < page->rows; i++)
	{
		page->places[i] = row_int64(i + 1, 1);
		page->revs[i] = row_int64(i + 1, 2);
	}
}

/* Runs near each other are read as one, with what lies between: each look-up costs more than it. */
static RevRuns
near_each_other(const HeldRuns *part)
{
	RevRuns out = {0};

	for (int i = 0; i < part->count; i++)
	{
		RevRun run = part->runs[i];
		int64 last = out.count > 0 ? out.runs[out.count - 1].last : PG_INT64_MAX;

		CHECK_FOR_INTERRUPTS();
		if (run.first > last && run.first - last <= NEAR)
			run.first = last + 1;
		rev_runs_add(&out, run.first, run.last);
	}
	return out;
}

/* Those of a part that were found, in the page's direction, as long as it has room. */
static void
take_found(StatePage *page, const HeldRuns *part, const RevList *found)
{
	bool down = page->listing->descending;

	for (int i = 0; i < part->count; i++)
	{
		int at = down ? part->count - 1 - i : i;
		const RevRun *run = &part->runs[at];
		int begin = rev_sorted_from(found, run->first);
		int count = rev_sorted_from(found, run->last + 1) - begin;

		CHECK_FOR_INTERRUPTS();
		for (int k = 0; k < count && page->rows <= page->listing->max_rows; k++, page->rows++)
		{
			int64 rev = found->revs[begin + (down ? count - 1 - k : k)];

			page->places[page->rows] = part->places[at] + 1 + rev - run->first;
			page->revs[page->rows] = rev;
		}
	}
}

/* Of a part of the list, what no row has. */
static void
add_drafts(const StatePage *page, Built *built, const HeldRuns *part)
{
	RevRuns runs = {0};
	NullableDatum args[2];
	RevList revs;

	for (int i = 0; i < part->count && page->held.drafts; i++)
		rev_runs_add(&runs, part->runs[i].first, part->runs[i].last);
	revs = rev_runs_spelled(&runs);
	if (!held_drafts(&page->held, revs.revs, revs.revs, revs.count, args))
		return;
	built_when(built, " UNION ALL SELECT o.unnest FROM " HELD_DRAFTS_BEGIN("$%d"), 'L', args[0]);
	built_when(built, HELD_DRAFTS_END("$%d") " AS o WHERE true", 'j', args[1]);
	add_filters(built, page->listing);
}

/* Between two places of the list. */
static void
find_in_part(StatePage *page, int64 low, int64 high)
{
	HeldRuns part = held_runs(&page->held, low, high - 1);
	RevRuns near = near_each_other(&part);
	RevList found = {0};
	NullableDatum bounds[2];
	Built built;

	rev_bounds(near.runs, near.count, bounds);
	built_begin(&built, "SELECT m.rev FROM unnest(");
	built_when(&built, "$%d, ", 'L', bounds[0]);
	built_when(&built,
			   "$%d) AS r (first, last), LATERAL (SELECT o.rev"
			   " FROM threadmem_data.messages o WHERE o.tenant_id = $1",
			   'L', bounds[1]);
	built_when(&built, " AND o.thread_id = $%d AND o.rev BETWEEN r.first AND r.last", 't',
			   page->listing->thread_id);
	add_filters(&built, page->listing);
	built_add(&built, " OFFSET 0) m");
	add_drafts(page, &built, &part);
	found.count = (int)built_exec(page->call, &built);
	found.revs = palloc(sizeof(int64) * Max(found.count, 1));
	for (int i = 0; i < found.count; i++)
		found.revs[i] = row_int64(i + 1, 1);
	found = rev_sorted(&found);
	take_found(page, &part, &found);
}

/* The next part is larger: what the filters let pass is far apart then. */
static void
find_in_list(StatePage *page)
{
	int64 size = page->listing->max_rows + 1;

	while (page->rows <= page->listing->max_rows && page->low + 1 < page->high)
	{
		int64 part = Min(size, page->high - page->low - 1);

		CHECK_FOR_INTERRUPTS();
		if (page->listing->descending)
		{
			find_in_part(page, page->high - 1 - part, page->high);
			page->high -= part;
		}
		else
		{
			find_in_part(page, page->low, page->low + 1 + part);
			page->low += part;
		}
		size = Min(4 * size, PART_MAX);
	}
}

static void
find_page(StatePage *page)
{
	const MessageListing *listing = page->listing;
	bool down = listing->descending;
	int64 end = page->kind == HELD_LOG ? PG_INT64_MAX : page->held.total + 1;
	int64 after = place_of_cursor(page, &listing->after, !down, down ? end : 0);
	int64 before = place_of_cursor(page, &listing->before, down, down ? 0 : end);

	page->low = Max(down ? before : after, 0);
	page->high = Min(down ? after : before, end);
	page->places = palloc(sizeof(int64) * (listing->max_rows + 1));
	page->revs = palloc(sizeof(int64) * (listing->max_rows + 1));
	if (listing->max_rows == 0)
		return;
	if (page->kind == HELD_LOG)
		find_in_log(page);
	else
		find_in_list(page);
}

static Datum
return_page(StatePage *page)
{
	Order order = state_order(page->listing);
	int count = Min(page->rows, page->listing->max_rows);
	bool more = page->rows > count;
	NullableDatum drafts[2];
	Built built;

	built_begin(&built, "SELECT " MESSAGE_COLUMNS ", ");
	built_add(&built, order_column(&order, &built, "m.place, coalesce(m.seq, 0)"));
	built_when(&built, ", $%d FROM (SELECT l.place, o.* FROM unnest(", 'b',
			   ARG(BoolGetDatum(more)));
	built_when(&built, "$%d, ", 'L', rev_array(page->places, count));
	built_when(&built,
			   "$%d) AS l (place, rev), LATERAL (SELECT o.* FROM threadmem_data.messages o"
			   " WHERE o.tenant_id = $1",
			   'L', rev_array(page->revs, count));
	built_when(&built, " AND o.thread_id = $%d AND o.rev = l.rev OFFSET 0) o", 't',
			   page->listing->thread_id);
	if (held_drafts(&page->held, page->revs, page->places, count, drafts))
	{
		built_when(&built, " UNION ALL SELECT * FROM " HELD_DRAFTS_BEGIN("$%d"), 'L', drafts[0]);
		built_when(&built, HELD_DRAFTS_END("$%d") " AS d", 'j', drafts[1]);
	}
	built_add(&built, ") m ORDER BY m.place");
	built_add(&built, page->listing->descending ? " DESC" : "");
	query_open_set(page->call);
	if (count > 0)
		built_add_to_set(page->call, &built);
	return query_close_set(page->call);
}

Datum
threadmem_message_list(PG_FUNCTION_ARGS)
{
	MessageListing listing;
	ThreadRow thread;
	Call call;
	StatePage page;

	query_begin(&call, fcinfo);
	if (!message_listing(&listing, fcinfo->args))
		return message_list_log(&call, &listing);
	page = (StatePage){.call = &call, .listing = &listing};
	thread_row_read(&call, listing.thread_id, &thread);
	page.kind = state_held(&call, listing.thread_id, &thread, &page.held);
	find_page(&page);
	return return_page(&page);
}
