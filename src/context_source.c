/*
 * context_source.c: reads the messages of a window, from the end of a thread or from its beginning.
 *
 * Nothing is read before it is needed: pages begin small and grow, so that a window costs what is
 * in it and not what the thread has. The order is that of the state where there is one; then a
 * message's place is its place in the list, else it is its seq.
 */
#include "context.h"

#include "miscadmin.h"

#include "state.h"

#define FIRST_PAGE 32
#define LAST_PAGE 1024
/* All of the head is looked at anew with each of its pages, so these go on growing. */
#define LAST_HEAD_PAGE (1 << 24)

#define COLUMNS "m.message_id, m.seq, m.role, m.name, m.tool_call_id, m.body"
/* Roles that no model knows go before none; of the log only what came whole. */
#define OF_LOG \
	"SELECT m.seq, " COLUMNS " FROM threadmem_data.messages m WHERE m.tenant_id = $1" \
	" AND m.thread_id = $2 AND m.state = 'live' AND m.status = 'completed' AND m.role <> 'other'"
#define IS_SYSTEM(column) column " IN ('system', 'developer')"

static Stmt older_of_log = {
	OF_LOG " AND m.seq < $3 AND NOT ($4 AND " IS_SYSTEM("m.role") ")"
																  " ORDER BY m.seq DESC LIMIT $5",
	"tlbl"};
static Stmt head_of_log = {
	OF_LOG " AND m.seq > $3 AND NOT ($4 AND " IS_SYSTEM("m.role") ")"
																  " ORDER BY m.seq LIMIT $5",
	"tlbl"};
/*
 * The orders are asked for because one index alone has them: so the plan does not depend on what
 * the table's statistics were when it was made.
 */
static Stmt system_of_log = {OF_LOG " AND " IS_SYSTEM("m.role") " ORDER BY m.role", "t"};
static Stmt of_list = {
	"SELECT l.place, " COLUMNS " FROM unnest($3) WITH ORDINALITY AS l (rev, place),"
	" LATERAL (SELECT i.* FROM threadmem_data.messages i WHERE i.tenant_id = $1 AND i.thread_id = $2"
	" AND i.rev BETWEEN l.rev AND l.rev ORDER BY i.rev LIMIT 1) m WHERE m.body IS NOT NULL AND m.status <> 'in_progress'"
	" AND m.role <> 'other' AND NOT ($4 AND " IS_SYSTEM("m.role") ") ORDER BY l.place",
	"tLb"};
static Stmt system_revs = {
	"SELECT m.rev FROM threadmem_data.messages m WHERE m.tenant_id = $1 AND m.thread_id = $2"
	" AND " IS_SYSTEM("m.role") " ORDER BY m.role",
	"t"};

/* NULL for a row without a message. */
static WindowItem *
read_row(uint64 row)
{
	WindowItem *item = palloc0(sizeof(WindowItem));
	ContextMessage *message = palloc(sizeof(ContextMessage));

	CHECK_FOR_INTERRUPTS();
	message->message_id = row_column(row, 2);
	message->seq = row_column(row, 3);
	message->role = row_column(row, 4);
	message->name = row_column(row, 5);
	message->tool_call_id = row_column(row, 6);
	message->body = row_jsonb_softly(row, 7, JSON_ROOT_OBJECT);
	if (!message->body)
		return NULL;
	item->place = row_int64(row, 1);
	item->role = row_text(row, 4);
	item->tokens = -1;
	item->message = message;
	shape_tools(item->role, message->body, &item->tools);
	/* who names the call beside the body means the same */
	if (item->tools.is_answer && item->tools.answers == NIL && !message->tool_call_id.isnull)
		item->tools.answers = list_make1(text_or_null(message->tool_call_id));
	return item;
}

static List *
read_rows(uint64 rows)
{
	List *items = NIL;

	for (uint64 row = 1; row <= rows; row++)
	{
		WindowItem *item = read_row(row);

		if (item)
			items = lappend(items, item);
	}
	return items;
}

/* Messages of the list, oldest first; places are those of their revisions in it. */
static List *
read_revs(ThreadSource *source, const int64 *revs, const int64 *places, int count, bool skip_system)
{
	NullableDatum args[] = {source->thread_id, rev_array(revs, count),
							ARG(BoolGetDatum(skip_system))};
	List *items = read_rows(query_exec(source->call, &of_list, args));
	ListCell *cell;

	foreach (cell, items)
	{
		WindowItem *item = lfirst(cell);

		item->place = places[item->place - 1];
	}
	return items;
}

/* The part of the list from one place to another; system messages are read by themselves. */
static List *
read_places(ThreadSource *source, int64 begin, int64 end)
{
	int count = (int)(end - begin);
	int64 *revs = palloc(sizeof(int64) * Max(count, 1));
	int64 *places = palloc(sizeof(int64) * Max(count, 1));

	held_slice(&source->held, begin, count, revs);
	for (int i = 0; i < count; i++)
		places[i] = begin + i;
	return read_revs(source, revs, places, count, source->keep_system);
}

static int
next_page(int *rows, int last)
{
	int page = *rows;

	*rows = Min(page, last / 2) * 2;
	return page;
}

/* A page of the list may come out empty, when all of it is system messages or erased. */
static void
read_older(ThreadSource *source)
{
	int rows = next_page(&source->page_rows, LAST_PAGE);
	NullableDatum args[] = {source->thread_id, source->before,
							ARG(BoolGetDatum(source->keep_system)), ARG(Int64GetDatum(rows))};

	if (!source->from_state)
	{
		source->page = read_rows(query_exec(source->call, &older_of_log, args));
		if (source->page != NIL)
			source->before = ARG(Int64GetDatum(((WindowItem *)llast(source->page))->place));
		return;
	}
	while (source->page == NIL && DatumGetInt64(source->before.value) > 0)
	{
		int64 end = DatumGetInt64(source->before.value);
		int64 begin = Max(end - rows, 0);

		source->page = list_reversed(read_places(source, begin, end));
		source->before = ARG(Int64GetDatum(begin));
	}
}

static WindowItem *
older(WindowSource *window)
{
	ThreadSource *source = (ThreadSource *)window;
	WindowItem *item;

	if (source->page == NIL)
		read_older(source);
	if (source->page == NIL)
		return NULL;
	item = linitial(source->page);
	source->page = list_delete_first(source->page);
	return item;
}

static bool
more_of_head(WindowSource *window, List **items)
{
	ThreadSource *source = (ThreadSource *)window;
	int rows = next_page(&source->head_rows, LAST_HEAD_PAGE);
	int64 after = DatumGetInt64(source->after.value);
	NullableDatum args[] = {source->thread_id, source->after,
							ARG(BoolGetDatum(source->keep_system)), ARG(Int64GetDatum(rows))};
	List *page;

	if (source->from_state)
	{
		rows = (int)Min(rows, source->held.list.total - after);
		page = read_places(source, after, after + rows);
		source->after = ARG(Int64GetDatum(after + rows));
		*items = list_concat(*items, page);
		return after + rows < source->held.list.total;
	}
	page = read_rows(query_exec(source->call, &head_of_log, args));
	*items = list_concat(*items, page);
	if (page != NIL)
		source->after = ARG(Int64GetDatum(((WindowItem *)llast(page))->place));
	return list_length(page) == rows;
}

static int64
count(WindowSource *window, WindowItem *item)
{
	ThreadSource *source = (ThreadSource *)window;

	CHECK_FOR_INTERRUPTS();
	return counter_count(&source->counter, shape_prompt(item->message->body, &item->tools));
}

void
source_open(ThreadSource *source, Call *call, NullableDatum thread_id, bool keep_system)
{
	Head head;

	memset(source, 0, sizeof(ThreadSource));
	source->window = (WindowSource){older, more_of_head, count};
	source->call = call;
	source->thread_id = thread_id;
	source->keep_system = keep_system;
	source->page_rows = source->head_rows = FIRST_PAGE;
	head_read(call, thread_id, &head);
	source->total = head.live_messages;
	counter_open(&source->counter);
	source->from_state = state_held(call, thread_id, &source->held) == HELD_LIST;
	if (source->from_state)
		source->total = source->held.list.total;
	source->before =
		ARG(Int64GetDatum(source->from_state ? source->held.list.total : PG_INT64_MAX));
	source->after = ARG(Int64GetDatum(0));
}

static int
compare_revs(const void *a, const void *b)
{
	int64 left = *(const int64 *)a;
	int64 right = *(const int64 *)b;

	return left < right ? -1 : left > right;
}

static int
first_from(const int64 *known, int count, int64 rev)
{
	int low = 0;

	while (low < count)
	{
		int middle = (low + count) / 2;

		if (known[middle] < rev)
			low = middle + 1;
		else
			count = middle;
	}
	return low;
}

/* A revision may stand in a list twice, though seldom does: then both places count. */
static int
count_in_runs(const HeldList *held, const int64 *known, int count, int64 *revs, int64 *places)
{
	int found = 0;

	for (int run = 0; run < held->list.count; run++)
		for (int i = first_from(known, count, held->list.runs[run].first);
			 i < count && known[i] <= held->list.runs[run].last; i++)
		{
			if (revs)
			{
				revs[found] = known[i];
				places[found] = held->places[run] + known[i] - held->list.runs[run].first;
			}
			found++;
		}
	return found;
}

/* The thread has few of them, and the list may be long. */
static List *
system_of_state(ThreadSource *source)
{
	int rows = (int)query_exec(source->call, &system_revs, &source->thread_id);
	int64 *known = palloc(sizeof(int64) * Max(rows, 1));
	int64 *revs;
	int64 *places;
	int held;

	for (int row = 1; row <= rows; row++)
		known[row - 1] = row_int64(row, 1);
	if (rows == 0)
		return NIL;
	qsort(known, rows, sizeof(int64), compare_revs);
	held = count_in_runs(&source->held, known, rows, NULL, NULL);
	revs = palloc(sizeof(int64) * Max(held, 1));
	places = palloc(sizeof(int64) * Max(held, 1));
	(void)count_in_runs(&source->held, known, rows, revs, places);
	return read_revs(source, revs, places, held, false);
}

List *
source_system(ThreadSource *source)
{
	List *items = source->from_state
					  ? system_of_state(source)
					  : read_rows(query_exec(source->call, &system_of_log, &source->thread_id));
	ListCell *cell;

	foreach (cell, items)
	{
		WindowItem *item = lfirst(cell);

		item->tokens = count(&source->window, item);
	}
	return items;
}
