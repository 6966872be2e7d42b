/*
 * thread_search.c: lists of threads. One set of filters serves thread_list, thread_search,
 * thread_count and user_threads; each call's statement has only the conditions it gives.
 */
#include "head.h"

#include "user.h"

#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(threadmem_thread_list);
PG_FUNCTION_INFO_V1(threadmem_thread_search);
PG_FUNCTION_INFO_V1(threadmem_thread_count);
PG_FUNCTION_INFO_V1(threadmem_user_threads);

/* The columns of threadmem.thread: what fields may name, and what stands for one left out. */
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
	{"status", "t.status", "text"},
	{"metadata", "t.metadata", "jsonb"},
	{"config", "t.config", "jsonb"},
	{"tool_resources", "t.tool_resources", "jsonb"},
	{"version", "t.version", "bigint"},
	{"message_count", "t.live_messages", "bigint"},
	{"last_message_at", "t.last_message_at", "timestamptz"},
	{"state_updated_at", "t.state_updated_at", "timestamptz"},
	{"expires_at", "t.expires_at", "timestamptz"},
	{"ttl_strategy", "t.ttl_strategy", "text"},
	{"forked_from", "t.forked_from", "text"},
	{"created_at", "t.created_at", "timestamptz"},
	{"updated_at", "t.updated_at", "timestamptz"},
};

/* What may be sorted by, and as which never-null columns; updated_at through its indexed hour. */
static const char *const sort_names[] = {"created_at",       "updated_at", "thread_id",
										 "user_id",          "status",     "last_message_at",
										 "state_updated_at", NULL};
static const char *const sort_columns[] = {
	"created_at",
	"updated_hour, updated_at",
	"thread_id",
	"coalesce(user_id, '')",
	"status",
	"coalesce(last_message_at, '-infinity')",
	"coalesce(state_updated_at, '-infinity')",
};

typedef struct Filters
{
	NullableDatum thread_ids;
	NullableDatum metadata;
	NullableDatum status;
	NullableDatum user_id;
	NullableDatum assistant_id;
	NullableDatum participant_id;
	NullableDatum graph_id;
	NullableDatum created_since;
	NullableDatum created_until;
	NullableDatum updated_since;
	NullableDatum updated_until;
} Filters;

#define FILTER_COUNT ((int)(sizeof(Filters) / sizeof(NullableDatum)))

static Filters
no_filters(void)
{
	Filters filters;

	for (int i = 0; i < FILTER_COUNT; i++)
		((NullableDatum *)&filters)[i] = ARG_NULL;
	return filters;
}

/* Whoever owns a thread takes part in it. */
static void
add_participant(Built *built, NullableDatum participant_id)
{
	int number;

	if (participant_id.isnull)
		return;
	number = built_arg(built, 't', participant_id);
	appendStringInfo(&built->sql,
					 " AND t.thread_id IN (SELECT o.thread_id FROM threadmem.threads o"
					 " WHERE o.tenant_id = $1 AND o.user_id = $%d UNION ALL"
					 " SELECT p.thread_id FROM threadmem.thread_participants p"
					 " WHERE p.tenant_id = $1 AND p.participant_id = $%d)",
					 number, number);
}

static void
add_filters(Built *built, const Filters *filters)
{
	static const char *const statuses[] = {"idle", "busy", "interrupted", "error", NULL};

	guard_choice("status", filters->status, statuses);
	built_add(built, " FROM threadmem.threads t WHERE t.tenant_id = $1");
	built_when(built, " AND t.thread_id = ANY ($%d)", 'T', filters->thread_ids);
	built_when(built, " AND t.metadata OPERATOR(threadmem.@>) $%d", 'j', filters->metadata);
	built_when(built, " AND t.status = $%d", 't', filters->status);
	built_when(built, " AND t.user_id = $%d", 't', filters->user_id);
	built_when(built, " AND t.assistant_id = $%d", 't', filters->assistant_id);
	add_participant(built, filters->participant_id);
	built_when(built, " AND t.graph_id = $%d", 't', filters->graph_id);
	built_when(built, " AND t.created_at >= $%d", 'z', filters->created_since);
	built_when(built, " AND t.created_at < $%d", 'z', filters->created_until);
	/* the hour is what the index has; the second condition is exact */
	built_when(built, " AND t.updated_hour >= date_trunc('hour', $%d, 'UTC')", 'z',
			   filters->updated_since);
	built_when(built, " AND t.updated_at >= $%d", 'z', filters->updated_since);
	built_when(built, " AND t.updated_at < $%d", 'z', filters->updated_until);
}

/* The select list, with nulls for what the caller did not ask for; thread_id always comes. */
static void
add_columns(Built *built, NullableDatum fields)
{
	const char *names[lengthof(columns) + 1];

	for (int i = 0; i < lengthof(columns); i++)
		names[i] = columns[i].name;
	names[lengthof(columns)] = NULL;
	guard_choices("fields", fields, names);
	for (int i = 0; i < lengthof(columns); i++)
		if (fields.isnull || i == 0 || text_list_has(fields, names[i]))
			appendStringInfo(&built->sql, "%s%s", i ? ", " : "", columns[i].expression);
		else
			appendStringInfo(&built->sql, ", NULL::%s", columns[i].type);
}

/* A list of threads: its filters and its page are all that differs. */
static Datum
return_threads(Call *call, const Filters *filters, Listing *page, NullableDatum sort_by,
			   NullableDatum fields)
{
	Built built;

	page->table = "threadmem.threads";
	page->key = "thread_id";
	page->noun = "thread";
	page->sort = sort_columns[guard_choice("sort_by", sort_by, sort_names)];
	built_begin(&built, "SELECT ");
	add_columns(&built, fields);
	add_filters(&built, filters);
	page_add(call, page, &built);
	return query_set(call, built_stmt(&built), built.args);
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
	LIST_PAGE_SIZE
};

Datum
threadmem_thread_list(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	Filters filters = no_filters();
	Listing page;
	Call call;

	query_begin(&call, fcinfo);
	filters.user_id = args[LIST_USER_ID];
	filters.assistant_id = args[LIST_ASSISTANT_ID];
	filters.participant_id = args[LIST_PARTICIPANT_ID];
	page_read(&page, args[LIST_SORT_ORDER], args[LIST_MAX_ROWS], args[LIST_AFTER_ID]);
	page_by_number(&page, args[LIST_PAGE_NUMBER], args[LIST_PAGE_SIZE]);
	return return_threads(&call, &filters, &page, args[LIST_SORT_BY], ARG_NULL);
}

enum
{
	SEARCH_SORT_BY = sizeof(Filters) / sizeof(NullableDatum),
	SEARCH_SORT_ORDER,
	SEARCH_MAX_ROWS,
	SEARCH_SKIP,
	SEARCH_AFTER_ID,
	SEARCH_FIELDS
};

Datum
threadmem_thread_search(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	Filters filters;
	Listing page;
	Call call;

	query_begin(&call, fcinfo);
	memcpy(&filters, args, sizeof(filters));
	page_read(&page, args[SEARCH_SORT_ORDER], args[SEARCH_MAX_ROWS], args[SEARCH_AFTER_ID]);
	if (!args[SEARCH_SKIP].isnull)
		page.skip = DatumGetInt32(args[SEARCH_SKIP].value);
	return return_threads(&call, &filters, &page, args[SEARCH_SORT_BY], args[SEARCH_FIELDS]);
}

Datum
threadmem_thread_count(PG_FUNCTION_ARGS)
{
	Filters filters;
	Built built;
	Call call;

	query_begin(&call, fcinfo);
	memcpy(&filters, fcinfo->args, sizeof(filters));
	built_begin(&built, "SELECT count(*)");
	add_filters(&built, &filters);
	return query_scalar(&call, built_stmt(&built), built.args);
}

Datum
threadmem_user_threads(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	Filters filters = no_filters();
	Listing page;
	Call call;

	query_begin(&call, fcinfo);
	user_require_known(&call, args[0]);
	filters.participant_id = args[0];
	page_read(&page, args[1], args[2], args[3]);
	return return_threads(&call, &filters, &page, ARG_NULL, ARG_NULL);
}
