/*
 * context/source.c: reads the messages of a window, from the end of a thread or from its beginning.
 *
 * Nothing is read before it is needed: pages begin small and grow, so that a window costs what is
 * in it and not what the thread has. The order is that of the state where there is one; then a
 * message's place is its place in the list, else it is its seq.
 *
 * Nor is anything held longer. A window without limits has all of a thread, and its bodies stand
 * beside the answer that is made of them: so the first KEPT_BYTES of a window stay in memory, which
 * is all of most windows; a message after them is let go when it has been counted, and read again
 * when it is answered with. A body is expanded only while it is looked at.
 */
#include "context/context.h"

#include "access/htup_details.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "state/state.h"

#define FIRST_PAGE 32
#define LAST_PAGE 1024
/* All of the head is looked at anew with each of its pages, so these go on growing. */
#define LAST_HEAD_PAGE (1 << 24)
#define KEPT_BYTES ((Size)1024 * 1024)

/* As ItemColumn has them, behind the place and the revision. */
#define COLUMNS "m.rev, " BUT_REV
#define BUT_REV "m.message_id, m.seq, m.role, m.name, m.tool_call_id, m.body, m.id_from, m.run_id"
/* Roles that no model knows go before none; of the log only what came whole. */
#define OF_LOG \
	"SELECT m.seq, " COLUMNS " FROM threadmem_data.messages m WHERE m.tenant_id = $1" \
	" AND m.thread_id = $2 AND m.state = 'live' AND m.status = 'completed' AND m.role <> 'other'"
#define IS_SYSTEM(column) column " IN ('system', 'developer')"

static Stmt context_older_of_log = {
	OF_LOG " AND m.seq < $3 AND NOT ($4 AND " IS_SYSTEM("m.role") ")"
																  " ORDER BY m.seq DESC LIMIT $5",
	"tlbl"};
static Stmt context_head_of_log = {
	OF_LOG " AND m.seq > $3 AND NOT ($4 AND " IS_SYSTEM("m.role") ")"
																  " ORDER BY m.seq LIMIT $5",
	"tlbl"};
/*
 * The orders are asked for because one index alone has them: so the plan does not depend on what
 * the table's statistics were when it was made.
 */
static Stmt context_system_of_log = {OF_LOG " AND " IS_SYSTEM("m.role") " ORDER BY m.role", "t"};
#define OF_LIST \
	"SELECT l.place, " COLUMNS " FROM unnest($3) WITH ORDINALITY AS l (rev, place)," \
	" LATERAL (SELECT i.* FROM threadmem_data.messages i WHERE i.tenant_id = $1 AND i.thread_id = $2" \
	" AND i.rev BETWEEN l.rev AND l.rev ORDER BY i.rev LIMIT 1) m WHERE" FOR_MODELS
#define FOR_MODELS \
	" m.body IS NOT NULL AND m.status <> 'in_progress' AND m.role <> 'other' AND NOT ($4 AND " IS_SYSTEM( \
		"m.role") ")"
static Stmt context_of_list = {OF_LIST " ORDER BY l.place", "tLb"};
/* The same with what no row has. */
static Stmt context_of_list_with_drafts = {
	OF_LIST " UNION ALL SELECT m.unnest, ($3)[m.unnest], " BUT_REV
			" FROM " HELD_DRAFTS("$5", "$6") " AS m WHERE" FOR_MODELS " ORDER BY 1",
	"tLbLj"};
static Stmt context_system_revs = {
	"SELECT m.rev FROM threadmem_data.messages m WHERE m.tenant_id = $1 AND m.thread_id = $2"
	" AND " IS_SYSTEM("m.role") " ORDER BY m.role",
	"t"};

static SPITupleTable
table_of(const ThreadSource *source, WindowItem *item)
{
	return (SPITupleTable){.tupdesc = source->columns, .vals = &item->row, .numvals = 1};
}

NullableDatum
source_column(const ThreadSource *source, WindowItem *item, ItemColumn column)
{
	SPITupleTable table = table_of(source, item);

	return table_column(&table, 1, column);
}

Jsonb *
source_body(const ThreadSource *source, WindowItem *item)
{
	SPITupleTable table = table_of(source, item);

	return item->body ? item->body : table_jsonb_softly(&table, 1, ITEM_BODY, JSON_ROOT_OBJECT);
}

static void
close_body(OpenBody *open)
{
	open->item = NULL;
	MemoryContextReset(open->memory);
}

void
source_free(ThreadSource *source, WindowItem *item)
{
	for (int i = 0; i < lengthof(source->open); i++)
		if (source->open[i].item == item)
			close_body(&source->open[i]);
	heap_freetuple(item->row);
	item->row = NULL;
	item->body = NULL;
}

MemoryContext
source_memory(ThreadSource *source)
{
	for (int i = 0; i < lengthof(source->open); i++)
		close_body(&source->open[i]);
	return source->open[0].memory;
}

static OpenBody *
open_body(ThreadSource *source, WindowItem *item)
{
	OpenBody *open = &source->open[source->turn ^= 1];
	MemoryContext before = MemoryContextSwitchTo(open->memory);

	close_body(open);
	open->body = source_body(source, item);
	if (open->body)
		shape_tools(item->role, open->body, &open->tools);
	open->item = item;
	MemoryContextSwitchTo(before);
	return open;
}

static OpenBody *
find_open(ThreadSource *source, WindowItem *item)
{
	for (int i = 0; i < lengthof(source->open); i++)
		if (source->open[i].item == item)
			return &source->open[i];
	return open_body(source, item);
}

/* What the choice and an answer of ours have to know; most messages have none of it. */
static const MessageTools *
tools_of(const MessageTools *tools, NullableDatum tool_call_id)
{
	static const MessageTools none;
	MessageTools *out;
	ListCell *cell;

	if (tools->calls == NIL && !tools->is_answer && !tools->is_reasoning)
		return &none;
	out = palloc(sizeof(MessageTools));
	*out = (MessageTools){.form = tools->form,
						  .is_answer = tools->is_answer,
						  .is_reasoning = tools->is_reasoning,
						  .is_item = tools->is_item};
	foreach (cell, tools->calls)
	{
		const MessageCall *call = lfirst(cell);
		MessageCall *own = palloc0(sizeof(MessageCall));

		own->id = call->id ? pstrdup(call->id) : NULL;
		own->name = call->name ? pstrdup(call->name) : NULL;
		own->item = call->item ? pstrdup(call->item) : NULL;
		own->answered = call->answered;
		out->calls = lappend(out->calls, own);
	}
	foreach (cell, tools->answers)
		out->answers = lappend(out->answers, pstrdup(lfirst(cell)));
	/* who names the call beside the body means the same */
	if (out->is_answer && out->answers == NIL && !tool_call_id.isnull)
		out->answers = list_make1(text_or_null(tool_call_id));
	return out;
}

/* They are few, and the items many. */
static const char *
one_of(Names *names, Datum string)
{
	text *name = DatumGetTextPP(string);
	NameEntry *known = names_find(names, VARDATA_ANY(name), (int)VARSIZE_ANY_EXHDR(name));

	if (!known)
		known = names_add(names, text_to_cstring(name), (int)VARSIZE_ANY_EXHDR(name));
	return known->bytes;
}

/* Keeps the body as well, while there is room for it. */
static void
keep_body(ThreadSource *source, WindowItem *item, Jsonb *body)
{
	Size size = item->row->t_len + VARSIZE(body);

	if (source->kept + size > KEPT_BYTES)
		return;
	source->kept += size;
	item->body = palloc(VARSIZE(body));
	memcpy(item->body, body, VARSIZE(body));
}

/* False for a row without a message. */
static bool
read_row(ThreadSource *source, WindowItem *item, const SPITupleTable *table, int row)
{
	NullableDatum run_id = table_column(table, row, ITEM_RUN_ID);
	OpenBody *open;

	CHECK_FOR_INTERRUPTS();
	*item = (WindowItem){.place = table_int64(table, row, ITEM_PLACE),
						 .rev = table_int64(table, row, ITEM_REV),
						 .role = one_of(source->roles, table_datum(table, row, ITEM_ROLE)),
						 .run_id = run_id.isnull ? NULL : one_of(source->runs, run_id.value),
						 .tokens = -1,
						 .row = heap_copytuple(table->vals[row - 1])};
	open = open_body(source, item);
	if (!open->body)
	{
		source_free(source, item);
		return false;
	}
	item->tools = tools_of(&open->tools, table_column(table, row, ITEM_TOOL_CALL_ID));
	keep_body(source, item, open->body);
	return true;
}

/* The rows of the last statement, which become items when they are asked for. */
static ItemPage
page_of(ThreadSource *source, uint64 rows)
{
	ItemPage page = {.table = SPI_tuptable, .rows = (int)rows};

	if (!source->columns)
		source->columns = CreateTupleDescCopy(SPI_tuptable->tupdesc);
	page.items = palloc_extended(sizeof(WindowItem) * Max(rows, 1), MCXT_ALLOC_HUGE);
	return page;
}

/* NULL when there are no more; then the rows are gone. */
static WindowItem *
page_next(ThreadSource *source, ItemPage *page)
{
	while (page->read < page->rows)
	{
		WindowItem *item = &page->items[page->read++];
		int row = page->backwards ? page->rows - page->read + 1 : page->read;

		if (read_row(source, item, page->table, row))
			return item;
	}
	if (page->table)
		query_free_table(page->table);
	*page = (ItemPage){0};
	return NULL;
}

/* Messages of a list, oldest first; their places are those among these. */
static ItemPage
read_revs(ThreadSource *source, const int64 *revs, int count, bool skip_system)
{
	NullableDatum args[5] = {source->thread_id, rev_array(revs, count),
							 ARG(BoolGetDatum(skip_system))};
	bool drafts = held_drafts(&source->held, revs, NULL, count, &args[3]);
	ItemPage page =
		page_of(source, query_exec(source->call,
								   drafts ? &context_of_list_with_drafts : &context_of_list, args));

	pfree(DatumGetPointer(args[1].value));
	return page;
}

void
source_reread(ThreadSource *source, WindowItem **items, int count)
{
	int64 *revs = palloc(sizeof(int64) * Max(count, 1));
	ItemPage page;

	for (int i = 0; i < count; i++)
		revs[i] = items[i]->rev;
	page = read_revs(source, revs, count, false);
	for (int row = 1; row <= page.rows; row++)
		items[table_int64(page.table, row, ITEM_PLACE) - 1]->row =
			heap_copytuple(page.table->vals[row - 1]);
	query_free_table(page.table);
	pfree(page.items);
	pfree(revs);
}

/* The part of the list from one place to another; system messages are read by themselves. */
static ItemPage
read_places(ThreadSource *source, int64 begin, int64 end)
{
	int count = (int)(end - begin);
	int64 *revs = palloc(sizeof(int64) * Max(count, 1));
	ItemPage page;

	held_slice(&source->held, begin, count, revs);
	page = read_revs(source, revs, count, source->keep_system);
	page.begin = begin;
	pfree(revs);
	return page;
}

static int
next_page(int *rows, int last)
{
	int page = *rows;

	*rows = Min(page, last / 2) * 2;
	return page;
}

/* False at the beginning of the thread. */
static bool
read_older(ThreadSource *source)
{
	int rows = next_page(&source->page_rows, LAST_PAGE);
	int64 end = DatumGetInt64(source->before.value);
	int64 begin = Max(end - rows, 0);
	NullableDatum args[] = {source->thread_id, source->before,
							ARG(BoolGetDatum(source->keep_system)), ARG(Int64GetDatum(rows))};

	if (source->from_state && end == 0)
		return false;
	if (source->from_state)
	{
		source->page = read_places(source, begin, end);
		source->page.backwards = true;
	}
	else
	{
		source->page = page_of(source, query_exec(source->call, &context_older_of_log, args));
		if (source->page.rows == 0)
			return false;
		begin = table_int64(source->page.table, source->page.rows, ITEM_PLACE);
	}
	source->before = ARG(Int64GetDatum(begin));
	return true;
}

/* In a list an item's place is given from where its page begins. */
static WindowItem *
next_item(ThreadSource *source, ItemPage *page)
{
	int64 begin = page->begin;
	WindowItem *item = page_next(source, page);

	if (item && source->from_state)
		item->place += begin - 1;
	return item;
}

/* A page of the list may come out empty, when all of it is system messages or erased. */
static WindowItem *
older(WindowSource *window)
{
	ThreadSource *source = (ThreadSource *)window;
	WindowItem *item;

	do
		item = next_item(source, &source->page);
	while (!item && read_older(source));
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
	WindowItem *item;
	ItemPage page;
	bool more;

	if (source->from_state)
	{
		rows = (int)Min(rows, source->held.total - after);
		page = read_places(source, after, after + rows);
		after += rows;
		more = after < source->held.total;
	}
	else
	{
		page = page_of(source, query_exec(source->call, &context_head_of_log, args));
		if (page.rows > 0)
			after = table_int64(page.table, page.rows, ITEM_PLACE);
		more = page.rows == rows;
	}
	source->after = ARG(Int64GetDatum(after));
	while ((item = next_item(source, &page)) != NULL)
		*items = lappend(*items, item);
	return more;
}

static int64
count(WindowSource *window, WindowItem *item)
{
	ThreadSource *source = (ThreadSource *)window;
	OpenBody *open = find_open(source, item);
	MemoryContext before = MemoryContextSwitchTo(open->memory);
	int64 tokens;

	CHECK_FOR_INTERRUPTS();
	tokens = counter_count(&source->counter, shape_prompt(open->body, &open->tools));
	MemoryContextSwitchTo(before);
	if (!item->body)
		source_free(source, item);
	return tokens;
}

void
source_open(ThreadSource *source, Call *call, NullableDatum thread_id, bool keep_system)
{
	ThreadRow thread;

	memset(source, 0, sizeof(ThreadSource));
	source->window = (WindowSource){older, more_of_head, count};
	source->call = call;
	source->thread_id = thread_id;
	source->keep_system = keep_system;
	source->page_rows = source->head_rows = FIRST_PAGE;
	thread_row_read(call, thread_id, &thread);
	source->total = thread.live_messages;
	counter_open(&source->counter);
	source->roles = names_new();
	source->runs = names_new();
	for (int i = 0; i < lengthof(source->open); i++)
		source->open[i].memory =
			AllocSetContextCreate(CurrentMemoryContext, "threadmem body", ALLOCSET_DEFAULT_SIZES);
	source->from_state = state_held(call, thread_id, &thread, &source->held) == HELD_LIST;
	if (source->from_state)
		source->total = source->held.total;
	source->before = ARG(Int64GetDatum(source->from_state ? source->held.total : PG_INT64_MAX));
	source->after = ARG(Int64GetDatum(0));
}

/* Each is counted when it is read, and let go then. */
static List *
counted_items(ThreadSource *source, ItemPage page, const int64 *places)
{
	List *items = NIL;
	WindowItem *item;

	while ((item = page_next(source, &page)) != NULL)
	{
		if (places)
			item->place = places[item->place - 1];
		item->tokens = count(&source->window, item);
		items = lappend(items, item);
	}
	return items;
}

static bool
is_system(const char *role)
{
	return strcmp(role, "system") == 0 || strcmp(role, "developer") == 0;
}

/* The revisions of all system messages, with those of drafts. */
static RevList
system_revs(ThreadSource *source)
{
	List *drafts = source->held.drafts ? source->held.drafts->drafts : NIL;
	RevList revs = {.count =
						(int)query_exec(source->call, &context_system_revs, &source->thread_id)};
	ListCell *cell;

	revs.revs = palloc(sizeof(int64) * (revs.count + list_length(drafts) + 1));
	for (int i = 0; i < revs.count; i++)
		revs.revs[i] = row_int64(i + 1, 1);
	query_free_rows();
	foreach (cell, drafts)
	{
		const MessageDraft *draft = &((ReferredDraft *)lfirst(cell))->draft;

		if (is_system(draft->shape.role))
			revs.revs[revs.count++] = draft->rev;
	}
	return revs;
}

/* The thread has few of them, and the list may be long. */
static List *
system_of_state(ThreadSource *source)
{
	RevList known = system_revs(source);
	RevPlaces held;
	int64 *revs;
	int64 *places;

	if (known.count == 0)
		return NIL;
	held = held_places(&source->held, &known);
	rev_places_sort(&held);
	revs = palloc(sizeof(int64) * Max(held.count, 1));
	places = palloc(sizeof(int64) * Max(held.count, 1));
	for (int i = 0; i < held.count; i++)
	{
		revs[i] = held.list[i].rev;
		places[i] = held.list[i].place;
	}
	return counted_items(source, read_revs(source, revs, held.count, false), places);
}

List *
source_system(ThreadSource *source)
{
	if (source->from_state)
		return system_of_state(source);
	return counted_items(
		source,
		page_of(source, query_exec(source->call, &context_system_of_log, &source->thread_id)),
		NULL);
}
