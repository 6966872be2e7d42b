/*
 * thread/search.c: lists of threads. One set of filters serves thread_list, thread_search,
 * thread_count and user_threads; each call's statement has only the conditions it gives.
 */
#include "thread/find.h"

#include "message/message.h"
#include "state/state.h"
#include "user/user.h"

#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(threadmem_thread_list);
PG_FUNCTION_INFO_V1(threadmem_thread_search);
PG_FUNCTION_INFO_V1(threadmem_thread_count);
PG_FUNCTION_INFO_V1(threadmem_user_threads);

/* The columns of threadmem.threads: what fields may name, and what stands for one left out. */
static const struct
{
	const char *name;
	const char *expression;
	const char *type;
} columns[] = {
	{"thread_id", "t.thread_id", "text"},
	{"user_id", "t.user_id", "text"},
	{"assistant_id", "t.assistant_id", "text"},
	{"assistant_pinned", "t.assistant_pinned", "boolean"},
	{"graph_id", "t.graph_id", "text"},
	{"title", "t.title", "text"},
	{"status", THREAD_STATUS("t."), "text"},
	{"metadata", "t.metadata", "jsonb"},
	{"config", "t.config", "jsonb"},
	{"tool_resources", "t.tool_resources", "jsonb"},
	{"version", INTEGER_OF("t.version"), "integer"},
	{"message_count", INTEGER_OF("t.live_messages"), "integer"},
	{"last_message_at", "t.last_message_at", "timestamptz"},
	{"state_updated_at", "t.state_updated_at", "timestamptz"},
	{"expires_at", THREAD_EXPIRY, "timestamptz"},
	{"ttl_strategy", "t.ttl_strategy", "text"},
	{"ttl_minutes", "t.ttl_minutes", "integer"},
	{"ttl_refresh", "t.ttl_refresh", "boolean"},
	{"in_memory", "t.in_memory", "boolean"},
	{"archived", "t.archived", "boolean"},
	{"forked_from", "t.forked_from", "text"},
	{"created_at", "t.created_at", "timestamptz"},
	{"updated_at", "t.updated_at", "timestamptz"},
};

/* What may be sorted by, and as which never-null columns; updated_at through its indexed hour. */
static const char *const sort_names[] = {"created_at",       "updated_at", "thread_id",
										 "user_id",          "status",     "last_message_at",
										 "state_updated_at", NULL};
static const ListSort sort_columns[] = {
	{"z", {"created_at"}},
	{"zz", {"updated_hour", "updated_at"}},
	{""},
	{"t", {"coalesce(user_id, '')"}},
	{"t", {THREAD_STATUS("")}},
	{"z", {"coalesce(last_message_at, '-infinity')"}},
	{"z", {"coalesce(state_updated_at, '-infinity')"}},
};

typedef struct ThreadFilters
{
	NullableDatum thread_ids;
	NullableDatum metadata;
	NullableDatum values_match;
	NullableDatum status;
	NullableDatum user_id;
	NullableDatum assistant_id;
	NullableDatum participant_id;
	NullableDatum graph_id;
	NullableDatum created_since;
	NullableDatum created_until;
	NullableDatum updated_since;
	NullableDatum updated_until;
	NullableDatum archived;
	NullableDatum query;
} ThreadFilters;

#define FILTER_COUNT ((int)(sizeof(ThreadFilters) / sizeof(NullableDatum)))

static ThreadFilters
no_filters(void)
{
	ThreadFilters filters;

	for (int i = 0; i < FILTER_COUNT; i++)
		((NullableDatum *)&filters)[i] = ARG_NULL;
	return filters;
}

/* One more than FEW. */
#define FEW 500
static Stmt thread_of_participant = {
	.sql = "(SELECT o.thread_id FROM threadmem_data.threads o WHERE o.tenant_id = $1"
		   " AND o.user_id = $2 ORDER BY o.created_at, o.thread_id LIMIT 501) UNION ALL"
		   " (SELECT p.thread_id FROM threadmem_data.thread_participants p WHERE p.tenant_id = $1"
		   " AND p.participant_id = $2 ORDER BY p.kind, p.thread_id LIMIT 501) LIMIT 501",
	.types = "t",
	.keyed = true};

/*
 * Whoever owns a thread takes part in it. Few threads are named, so that they are read by their
 * ids; who takes part in many is asked for at each thread in the order of the list, whose page is
 * soon full. The planner cannot know which it is.
 */
static void
add_participant(Call *call, Built *built, NullableDatum participant_id)
{
	Datum ids[FEW + 1];
	uint64 count;
	int number;

	if (participant_id.isnull)
		return;
	count = query_exec(call, &thread_of_participant, &participant_id);
	if (count <= FEW)
	{
		for (uint64 i = 0; i < count; i++)
			ids[i] = row_datum(i + 1, 1);
		built_when(built, " AND t.thread_id = ANY ($%d)", 'T', text_array(ids, (int)count));
		return;
	}
	number = built_arg(built, 't', participant_id);
	appendStringInfo(
		&built->sql,
		" AND (t.user_id = $%d OR (SELECT true FROM threadmem_data.thread_participants p"
		" WHERE p.tenant_id = $1 AND p.thread_id = t.thread_id"
		" AND p.participant_id = $%d LIMIT 1)) IS TRUE",
		number, number);
}

/*
 * The threads that have the words in their title or in a live message.  They are found once, by the
 * indexes of words, whatever the list is sorted by: what is found in a message may be any thread.
 */
static NullableDatum
threads_with(Call *call, Datum words, NullableDatum user_id)
{
	bool has_keys = message_query_has_keys(words);
	Datum *ids;
	Built built;
	uint64 count;

	built_begin(&built, "SELECT t.thread_id FROM threadmem_data.threads t WHERE t.tenant_id = $1"
						" AND t.search @@ $2");
	built.by_words = has_keys;
	built_arg(&built, 'q', ARG(words));
	built_arg(&built, 't', user_id);
	built_add(&built,
			  has_keys ? HAS_TITLE("t.", "$2", "$3") : " AND ($3 IS NULL OR t.user_id = $3)");
	built_add(&built, " UNION SELECT m.thread_id FROM threadmem_data.messages m"
					  " WHERE m.tenant_id = $1 AND m.state = 'live' AND m.search @@ $2");
	built_add(&built, has_keys ? HAS_WORDS("m.", "$2", "NULL", "$3")
							   : " AND ($3 IS NULL OR m.user_id = $3)");
	count = built_exec(call, &built);
	ids = palloc_extended(sizeof(Datum) * Max(count, 1), MCXT_ALLOC_HUGE);
	for (uint64 i = 0; i < count; i++)
		ids[i] = row_datum(i + 1, 1);
	return text_array(ids, (int)count);
}

static void
add_query(Call *call, Built *built, const ThreadFilters *filters)
{
	if (!filters->query.isnull)
		built_when(
			built, " AND t.thread_id = ANY ($%d)", 'T',
			threads_with(call, message_search_query(filters->query.value), filters->user_id));
}

static void
add_filters(Call *call, Built *built, const ThreadFilters *filters, ValuesFilter *values)
{
	static const char *const statuses[] = {"idle", "busy", "interrupted", "error", NULL};

	guard_choice("status", filters->status, statuses);
	values_filter_read(values, call, filters->values_match);
	values_filter_add_from(values, built);
	built_add(built, " WHERE t.tenant_id = $1");
	built_when(built, " AND t.thread_id = ANY ($%d)", 'T', filters->thread_ids);
	add_query(call, built, filters);
	if (!filters->archived.isnull)
		built_add(built, DatumGetBool(filters->archived.value) ? " AND t.archived"
															   : " AND NOT t.archived");
	built_contains(built, "t.metadata", filters->metadata);
	if (values->candidates.isnull)
		built_keys(built, HAS_KEYS("t.", "metadata", "$%d"), filters->metadata);
	built_when(built, " AND " THREAD_STATUS("t.") " = $%d", 't', filters->status);
	if (!filters->status.isnull && strcmp(text_or_null(filters->status), "interrupted") == 0)
		built_add(built, " AND t.waiting"); /* which has an index */
	built_when(built, " AND t.user_id = $%d", 't', filters->user_id);
	built_when(built, " AND t.assistant_id = $%d", 't', filters->assistant_id);
	add_participant(call, built, filters->participant_id);
	built_when(built, " AND t.graph_id = $%d", 't', filters->graph_id);
	built_when(built, " AND t.created_at >= $%d", 'z', filters->created_since);
	built_when(built, " AND t.created_at < $%d", 'z', filters->created_until);
	/* the hour is what the index has; the second condition is exact */
	built_when(built, " AND t.updated_hour >= date_trunc('hour', $%d, 'UTC')", 'z',
			   filters->updated_since);
	built_when(built, " AND t.updated_at >= $%d", 'z', filters->updated_since);
	built_when(built, " AND t.updated_at < $%d", 'z', filters->updated_until);
	values_filter_add(values, built);
}

/* A list of threads: its filters and its page are all that differs. */
typedef struct ThreadSearch
{
	Call *call;
	ThreadFilters filters;
	Listing page;
	NullableDatum sort_by;
	NullableDatum fields;
	Extraction *paths; /* NULL for none */
} ThreadSearch;

/* The select list, with nulls for what the caller did not ask for; thread_id always comes. */
static void
add_columns(Built *built, NullableDatum fields)
{
	for (int i = 0; i < lengthof(columns); i++)
		if (fields.isnull || i == 0 || text_list_has(fields, columns[i].name))
			appendStringInfo(&built->sql, "%s%s", i ? ", " : "", columns[i].expression);
		else
			appendStringInfo(&built->sql, ", NULL::%s", columns[i].type);
}

/* The statement, whose select list has further columns at its end. */
static void
build_search(ThreadSearch *search, Built *built, const char *further)
{
	Listing *page = &search->page;
	ValuesFilter values;

	page->table = "threadmem_data.threads";
	page->key = "thread_id";
	page->noun = "thread";
	page->sort = &sort_columns[guard_choice("sort_by", search->sort_by, sort_names)];
	built_begin(built, "SELECT ");
	add_columns(built, search->fields);
	built_add(built, further);
	built_add(built, page_column(page, built));
	add_filters(search->call, built, &search->filters, &values);
	page_add(search->call, page, built);
}

/* The columns of threadmem.listed_thread after those of threadmem.threads. */
enum
{
	LISTED_PREVIEW = lengthof(columns),
	LISTED_POSITION,
	LISTED_HAS_MORE,
	LISTED_COLUMNS
};

/* The rows of a page, so many columns each, one behind the other: they outlive the statement. */
static uint64
read_rows(ThreadSearch *search, const char *further, int count, NullableDatum **rows)
{
	Built built;
	uint64 found;

	build_search(search, &built, further);
	found = built_exec(search->call, &built);
	*rows = palloc(sizeof(NullableDatum) * Max(found, 1) * count);
	for (uint64 i = 0; i < found; i++)
		for (int k = 0; k < count; k++)
			(*rows)[i * count + k] = row_column(i + 1, k + 1);
	return found;
}

/* Of each thread, whose id is the first of its columns. */
static char **
previews_of(Call *call, const NullableDatum *rows, uint64 count, int columns_each)
{
	Datum *ids = palloc(sizeof(Datum) * Max(count, 1));

	for (uint64 i = 0; i < count; i++)
		ids[i] = rows[i * columns_each].value;
	return message_previews(call, text_array(ids, (int)count));
}

static Datum
return_previews(ThreadSearch *search, const char *further)
{
	NullableDatum *rows;
	uint64 count;
	char **previews;

	query_open_set(search->call);
	count = read_rows(search, further, LISTED_COLUMNS, &rows);
	previews = previews_of(search->call, rows, count, LISTED_COLUMNS);
	for (uint64 i = 0; i < count; i++)
	{
		NullableDatum *row = &rows[i * LISTED_COLUMNS];
		Datum values[LISTED_COLUMNS];
		bool nulls[LISTED_COLUMNS];

		row[LISTED_PREVIEW] = ARG_TEXT(previews[i]);
		for (int k = 0; k < LISTED_COLUMNS; k++)
		{
			values[k] = row[k].value;
			nulls[k] = row[k].isnull;
		}
		query_put(search->call, values, nulls, LISTED_COLUMNS);
	}
	return query_close_set(search->call);
}

static Datum
return_threads(ThreadSearch *search, NullableDatum with_preview)
{
	static const char further[] = ", NULL::text";
	Built built;

	if (bool_or(with_preview, false))
		return return_previews(search, further);
	build_search(search, &built, further);
	return built_set(search->call, &built);
}

enum
{
	LIST_USER_ID,
	LIST_ASSISTANT_ID,
	LIST_PARTICIPANT_ID,
	LIST_SORT_BY,
	LIST_SORT_ORDER,
	LIST_MAX_ROWS,
	LIST_AFTER_ID,
	LIST_PAGE_NUMBER,
	LIST_PAGE_SIZE,
	LIST_AFTER_POSITION,
	LIST_ARCHIVED,
	LIST_WITH_PREVIEW
};

Datum
threadmem_thread_list(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	Call call;
	ThreadSearch search = {.call = &call, .filters = no_filters(), .fields = ARG_NULL};

	query_begin(&call, fcinfo);
	search.filters.user_id = args[LIST_USER_ID];
	search.filters.assistant_id = args[LIST_ASSISTANT_ID];
	search.filters.participant_id = args[LIST_PARTICIPANT_ID];
	search.filters.archived = args[LIST_ARCHIVED];
	search.sort_by = args[LIST_SORT_BY];
	search.page.list = "thread_list";
	page_read(&search.page, args[LIST_SORT_ORDER], args[LIST_MAX_ROWS], args[LIST_AFTER_ID],
			  args[LIST_AFTER_POSITION]);
	page_by_number(&search.page, args[LIST_PAGE_NUMBER], args[LIST_PAGE_SIZE]);
	return return_threads(&search, args[LIST_WITH_PREVIEW]);
}

enum
{
	SEARCH_SORT_BY = sizeof(ThreadFilters) / sizeof(NullableDatum),
	SEARCH_SORT_ORDER,
	SEARCH_MAX_ROWS,
	SEARCH_SKIP,
	SEARCH_AFTER_ID,
	SEARCH_FIELDS,
	SEARCH_PATHS,
	SEARCH_AFTER_POSITION
};

/* The columns of threadmem.found_thread after those of threadmem.threads. */
enum
{
	FOUND_VALUES = lengthof(columns),
	FOUND_INTERRUPTS,
	FOUND_EXTRACTED,
	FOUND_LEFT_OUT,
	FOUND_PREVIEW,
	FOUND_SNIPPET,
	FOUND_POSITION,
	FOUND_HAS_MORE,
	FOUND_COLUMNS
};

/* Paths lead into these, whether or not they are asked for as columns. */
#define PATH_COLUMNS ", t.metadata, t.config"

enum
{
	PATH_METADATA = lengthof(columns),
	PATH_CONFIG,
	PATH_POSITION,
	PATH_HAS_MORE,
	PATH_END
};

/* The fields, each once. */
static NullableDatum
read_fields(NullableDatum fields)
{
	const char *names[FOUND_EXTRACTED + 2];
	Datum *distinct;
	int count;

	for (int i = 0; i < lengthof(columns); i++)
		names[i] = columns[i].name;
	names[FOUND_VALUES] = "values";
	names[FOUND_INTERRUPTS] = "interrupts";
	names[FOUND_EXTRACTED] = "preview";
	names[FOUND_EXTRACTED + 1] = NULL;
	guard_choices("fields", fields, names);
	if (fields.isnull)
		return fields;
	count = text_list_sorted(fields, &distinct);
	return text_array(distinct, count);
}

/* What thread_state() has to show of each thread; NIL for nothing. */
static List *
state_fields(const ThreadSearch *search)
{
	List *fields = NIL;

	if (text_list_has(search->fields, "values"))
		fields = lappend(fields, "values");
	if (text_list_has(search->fields, "interrupts"))
		fields = lappend(fields, "interrupts");
	return extraction_fields(search->paths, fields);
}

/* A column that was asked for and has nothing is too large. */
static void
put_document(Datum *values, bool *nulls, int column, bool wanted, Jsonb *document, List **left_out)
{
	static const char *const names[] = {[FOUND_VALUES] = "values",
										[FOUND_INTERRUPTS] = "interrupts",
										[FOUND_EXTRACTED] = "extracted"};

	nulls[column] = !wanted || !document;
	values[column] = nulls[column] ? (Datum)0 : JsonbPGetDatum(document);
	if (wanted && !document)
		*left_out = lappend(*left_out, unconstify(char *, names[column]));
}

static Jsonb *
given(NullableDatum document)
{
	return document.isnull ? NULL : DatumGetJsonbP(document.value);
}

typedef struct StateRead
{
	const ThreadSearch *search;
	NullableDatum thread_id;
	NullableDatum fields;
	Extractable *parts;
	MemoryContext memory; /* that the values are to outlive the reading in */
} StateRead;

static Jsonb *
kept(Jsonb *document)
{
	return document ? DatumGetJsonbPCopy(JsonbPGetDatum(document)) : NULL;
}

static void
read_latest(void *context)
{
	StateRead *read = context;
	Jsonb *values;
	Jsonb *interrupts;

	state_latest(read->search->call, read->thread_id, read->fields, &values, &interrupts);
	MemoryContextSwitchTo(read->memory);
	read->parts->values = kept(values);
	read->parts->interrupts = kept(interrupts);
}

/* A state that cannot be read is null, and only its own. */
static void
read_state(const ThreadSearch *search, NullableDatum thread_id, NullableDatum fields,
		   Extractable *parts)
{
	StateRead read = {search, thread_id, fields, parts, CurrentMemoryContext};

	(void)query_softly(read_latest, &read,
					   psprintf("state of thread \"%s\"", text_or_null(thread_id)));
}

/* One thread of the page; its state is read once, for the columns and for the paths. */
static void
put_found(const ThreadSearch *search, NullableDatum *row, NullableDatum states,
		  NullableDatum preview, NullableDatum words)
{
	NullableDatum snippet =
		words.isnull ? words : message_snippet(search->call, row[0], words.value);
	Extractable parts = {.metadata = given(row[PATH_METADATA]), .config = given(row[PATH_CONFIG])};
	bool wants_values = text_list_has(search->fields, "values");
	bool wants_interrupts = text_list_has(search->fields, "interrupts");
	List *left_out = NIL;
	Datum values[FOUND_COLUMNS];
	bool nulls[FOUND_COLUMNS];

	for (int i = 0; i < lengthof(columns); i++)
	{
		values[i] = row[i].value;
		nulls[i] = row[i].isnull;
	}
	if (!states.isnull)
		read_state(search, row[0], states, &parts);
	parts.of_state = !states.isnull;
	put_document(values, nulls, FOUND_VALUES, wants_values, parts.values, &left_out);
	put_document(values, nulls, FOUND_INTERRUPTS, wants_interrupts, parts.interrupts, &left_out);
	put_document(values, nulls, FOUND_EXTRACTED, search->paths != NULL,
				 search->paths ? extraction_take(search->paths, &parts) : NULL, &left_out);
	nulls[FOUND_LEFT_OUT] = left_out == NIL;
	values[FOUND_LEFT_OUT] = left_out ? text_array_of(left_out).value : (Datum)0;
	values[FOUND_PREVIEW] = preview.value;
	nulls[FOUND_PREVIEW] = preview.isnull;
	values[FOUND_SNIPPET] = snippet.value;
	nulls[FOUND_SNIPPET] = snippet.isnull;
	values[FOUND_POSITION] = row[PATH_POSITION].value;
	nulls[FOUND_POSITION] = row[PATH_POSITION].isnull;
	values[FOUND_HAS_MORE] = row[PATH_HAS_MORE].value;
	nulls[FOUND_HAS_MORE] = row[PATH_HAS_MORE].isnull;
	query_put(search->call, values, nulls, FOUND_COLUMNS);
}

/* Rows with what is not in the table of threads: the page first, then what its rows have elsewhere.
 */
static Datum
return_found(ThreadSearch *search, List *fields)
{
	NullableDatum states = fields ? text_array_of(fields) : ARG_NULL;
	NullableDatum words = search->filters.query;
	char **previews = NULL;
	NullableDatum *rows;
	uint64 count;

	query_open_set(search->call);
	count = read_rows(search, PATH_COLUMNS, PATH_END, &rows);
	if (text_list_has(search->fields, "preview"))
		previews = previews_of(search->call, rows, count, PATH_END);
	if (!words.isnull && count > 0)
		words = ARG(message_search_query(words.value));
	for (uint64 i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		query_push();
		put_found(search, &rows[i * PATH_END], states, previews ? ARG_TEXT(previews[i]) : ARG_NULL,
				  words);
		query_pop();
	}
	return query_close_set(search->call);
}

Datum
threadmem_thread_search(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	Call call;
	ThreadSearch search = {.call = &call};
	List *fields;
	Built built;

	query_begin(&call, fcinfo);
	memcpy(&search.filters, args, sizeof(search.filters));
	search.sort_by = args[SEARCH_SORT_BY];
	search.page.list = "thread_search";
	page_read(&search.page, args[SEARCH_SORT_ORDER], args[SEARCH_MAX_ROWS], args[SEARCH_AFTER_ID],
			  args[SEARCH_AFTER_POSITION]);
	if (!args[SEARCH_SKIP].isnull)
		search.page.skip = DatumGetInt64(args[SEARCH_SKIP].value);
	search.fields = read_fields(args[SEARCH_FIELDS]);
	search.paths = extraction_read(args[SEARCH_PATHS]);
	fields = state_fields(&search);
	if (fields || search.paths || !search.filters.query.isnull ||
		text_list_has(search.fields, "preview"))
		return return_found(&search, fields);
	build_search(&search, &built,
				 ", NULL::jsonb, NULL::jsonb, NULL::jsonb, NULL::text[], NULL::text, NULL::text");
	return built_set(&call, &built);
}

Datum
threadmem_thread_count(PG_FUNCTION_ARGS)
{
	ValuesFilter values;
	ThreadFilters filters;
	Built built;
	Call call;

	query_begin(&call, fcinfo);
	memcpy(&filters, fcinfo->args, sizeof(filters));
	built_begin(&built, "SELECT count(*)::integer");
	add_filters(&call, &built, &filters, &values);
	return built_scalar(&call, &built);
}

enum
{
	USER_THREADS_USER_ID,
	USER_THREADS_SORT_ORDER,
	USER_THREADS_MAX_ROWS,
	USER_THREADS_AFTER_ID,
	USER_THREADS_AFTER_POSITION,
	USER_THREADS_ARCHIVED,
	USER_THREADS_WITH_PREVIEW
};

Datum
threadmem_user_threads(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	Call call;
	ThreadSearch search = {
		.call = &call, .filters = no_filters(), .sort_by = ARG_NULL, .fields = ARG_NULL};

	query_begin(&call, fcinfo);
	user_require_known(&call, args[USER_THREADS_USER_ID]);
	search.filters.participant_id = args[USER_THREADS_USER_ID];
	search.filters.archived = args[USER_THREADS_ARCHIVED];
	search.page.list = psprintf("user_threads %s", text_or_null(args[USER_THREADS_USER_ID]));
	page_read(&search.page, args[USER_THREADS_SORT_ORDER], args[USER_THREADS_MAX_ROWS],
			  args[USER_THREADS_AFTER_ID], args[USER_THREADS_AFTER_POSITION]);
	return return_threads(&search, args[USER_THREADS_WITH_PREVIEW]);
}
