/*
 * assistant/assistant.c: assistants (docs/contracts.md#assistants).
 */
#include "assistant/assistant.h"

#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(threadmem_assistant_create);
PG_FUNCTION_INFO_V1(threadmem_assistant_get);
PG_FUNCTION_INFO_V1(threadmem_assistant_update);
PG_FUNCTION_INFO_V1(threadmem_assistant_list);
PG_FUNCTION_INFO_V1(threadmem_assistant_search);
PG_FUNCTION_INFO_V1(threadmem_assistant_count);

/* In which LangGraph's servers name the default assistants of graphs. */
#define NAMESPACE_GRAPH "6ba7b821-9dad-11d1-80b4-00c04fd430c8"

/* The first ten arguments of assistant_create and assistant_update are the same; all have the id.
 */
enum
{
	ASSISTANT_ID,
	ASSISTANT_GRAPH_ID,
	ASSISTANT_NAME,
	ASSISTANT_DESCRIPTION,
	ASSISTANT_MODEL,
	ASSISTANT_INSTRUCTIONS,
	ASSISTANT_TOOLS,
	ASSISTANT_TOOL_RESOURCES,
	ASSISTANT_CONFIG,
	ASSISTANT_METADATA,
	CREATE_IF_EXISTS,
	CREATE_CREATED_AT,
	UPDATE_CLEAR = CREATE_IF_EXISTS,
	UPDATE_REMOVE_KEYS,
	UPDATE_EXPECTED_VERSION,
	GET_MISSING_OK = ASSISTANT_ID + 1
};

static Stmt assistant_insert = {
	"INSERT INTO threadmem_data.assistants AS a"
	" (tenant_id, assistant_id, graph_id, name, description, model, instructions,"
	" tools, tool_resources, config, metadata, created_at, updated_at)"
	" SELECT $1, $2, $3, $4, $5, $6, $7, coalesce($8, '[]'), coalesce($9, '{}'), coalesce($10, '{}'),"
	" coalesce($11, '{}'), coalesce($12, n), n FROM clock_timestamp() AS n"
	" ON CONFLICT (tenant_id, assistant_id) DO NOTHING RETURNING " ASSISTANT_COLUMNS,
	"ttttttjjjjz"};
static Stmt assistant_get = {"SELECT " ASSISTANT_COLUMNS " FROM threadmem_data.assistants a"
							 " WHERE a.tenant_id = $1 AND a.assistant_id = $2",
							 "t"};
static Stmt assistant_get_version = {"SELECT a.version::bigint FROM threadmem_data.assistants a"
									 " WHERE a.tenant_id = $1 AND a.assistant_id = $2",
									 "t"};
static Stmt assistant_require_stmt = {
	"SELECT 1 FROM threadmem_data.assistants a"
	" WHERE a.tenant_id = $1 AND a.assistant_id = $2 FOR KEY SHARE",
	"t"};
static Stmt assistant_find_stmt = {
	"SELECT a.assistant_id, a.graph_id, a.config, a.metadata"
	" FROM threadmem_data.assistants a WHERE a.tenant_id = $1 AND a.assistant_id = $2"
	" FOR KEY SHARE",
	"t"};
static Stmt assistant_insert_default = {
	"INSERT INTO threadmem_data.assistants AS a"
	" (tenant_id, assistant_id, graph_id, name, metadata, created_at, updated_at)"
	" SELECT $1, $2, $3, $3, '{\"created_by\": \"system\"}', n, n FROM clock_timestamp() AS n"
	" ON CONFLICT (tenant_id, assistant_id) DO NOTHING",
	"tt"};
static Stmt assistant_update = {
	"UPDATE threadmem_data.assistants a SET"
	" graph_id = CASE WHEN 'graph_id' = ANY ($12) THEN NULL ELSE coalesce($3, graph_id) END,"
	" name = CASE WHEN 'name' = ANY ($12) THEN NULL ELSE coalesce($4, name) END,"
	" description = CASE WHEN 'description' = ANY ($12) THEN NULL ELSE coalesce($5, description) "
	"END,"
	" model = CASE WHEN 'model' = ANY ($12) THEN NULL ELSE coalesce($6, model) END,"
	" instructions = CASE WHEN 'instructions' = ANY ($12) THEN NULL ELSE coalesce($7, "
	"instructions) END,"
	" tools = coalesce($8, tools), tool_resources = coalesce($9, tool_resources),"
	" config = coalesce($10, config),"
	" metadata = CASE WHEN $11 IS NULL AND $13 IS NULL THEN metadata ELSE" /* as a thread's */
	" threadmem.json_remove_keys(metadata || coalesce($11, '{}'), coalesce($13, '{}')) END,"
	" version = version + 1, updated_at = clock_timestamp()"
	" WHERE a.tenant_id = $1 AND a.assistant_id = $2 AND a.version = coalesce($14, a.version)"
	" RETURNING " ASSISTANT_COLUMNS,
	"ttttttjjjjTTl"};

void
assistant_require(Call *call, NullableDatum assistant_id)
{
	if (!assistant_id.isnull && !query_first(call, &assistant_require_stmt, &assistant_id))
		error_no_parent("assistant", text_or_null(assistant_id));
}

bool
assistant_find(Call *call, NullableDatum assistant_id, Assistant *assistant)
{
	if (!query_first(call, &assistant_find_stmt, &assistant_id))
		return false;
	assistant->assistant_id = row_text(1, 1);
	assistant->graph_id = row_text_or_null(1, 2);
	assistant->config = row_jsonb(1, 3, JSON_ROOT_OBJECT);
	assistant->metadata = row_jsonb(1, 4, JSON_ROOT_OBJECT);
	return true;
}

void
assistant_of_graph(Call *call, NullableDatum graph_id, Assistant *assistant)
{
	char *id = uuid_of_name(text_or_null(graph_id), NAMESPACE_GRAPH);
	NullableDatum row[] = {ARG_TEXT(id), graph_id};

	for (int i = 0; i < TRIES_MAX; i++)
	{
		if (assistant_find(call, row[0], assistant))
			return;
		if (!query_narrowed_to().isnull)
			error_denied("made", "assistant", id,
						 "Make it once in a session that is not narrowed by threadmem.user_id.");
		query_exec(call, &assistant_insert_default, row);
	}
	error_no_parent("assistant", id);
}

Datum
threadmem_assistant_create(PG_FUNCTION_ARGS)
{
	static const Creation creation = {&assistant_insert, &assistant_get, "assistant", "asst",
									  "Use assistant_update(), or if_exists => 'do_nothing'."};
	NullableDatum row[CREATE_IF_EXISTS + 1];
	Call call;

	query_begin(&call, fcinfo);
	memcpy(row, fcinfo->args, sizeof(row));
	row[CREATE_IF_EXISTS] = fcinfo->args[CREATE_CREATED_AT];
	return query_create(&call, &creation, row, fcinfo->args[CREATE_IF_EXISTS]);
}

Datum
threadmem_assistant_get(PG_FUNCTION_ARGS)
{
	Call call;

	query_begin(&call, fcinfo);
	return query_get(&call, &assistant_get, fcinfo->args, fcinfo->args[GET_MISSING_OK], "assistant",
					 text_or_null(fcinfo->args[ASSISTANT_ID]));
}

/* The update found no row: there is none, or another writer was faster. */
static void
error_not_updated(Call *call, NullableDatum *args)
{
	char *id = text_or_null(args[ASSISTANT_ID]);

	if (!query_first(call, &assistant_get_version, args))
		error_not_found("assistant", id);
	error_stale("assistant has another version", "Read it again, then repeat the change.",
				"assistant_id is \"%s\", version is " INT64_FORMAT
				", expected_version is " INT64_FORMAT ".",
				id, row_int64(1, 1), DatumGetInt64(args[UPDATE_EXPECTED_VERSION].value));
}

Datum
threadmem_assistant_update(PG_FUNCTION_ARGS)
{
	static const char *const clearable[] = {"graph_id", "name",         "description",
											"model",    "instructions", NULL};
	Call call;

	query_begin(&call, fcinfo);
	guard_choices("clear", fcinfo->args[UPDATE_CLEAR], clearable);
	if (!query_first(&call, &assistant_update, fcinfo->args))
		error_not_updated(&call, fcinfo->args);
	return query_row(&call);
}

static const char *const sorts[] = {"created_at", "updated_at", "assistant_id",
									"graph_id",   "name",       NULL};
static const ListSort sort_columns[] = {{"z", {"created_at"}},
										{"z", {"updated_at"}},
										{""},
										{"t", {"coalesce(graph_id, '')"}},
										{"t", {"left(coalesce(name, ''), " SORT_TEXT ")"}}};

static void
listing_begin(Listing *page, const char *list, NullableDatum sort_by)
{
	*page = (Listing){.list = list,
					  .table = "threadmem_data.assistants",
					  .key = "assistant_id",
					  .noun = "assistant"};
	page->sort = &sort_columns[guard_choice("sort_by", sort_by, sorts)];
}

enum
{
	LIST_SORT_BY,
	LIST_SORT_ORDER,
	LIST_MAX_ROWS,
	LIST_AFTER_ID,
	LIST_PAGE_NUMBER,
	LIST_PAGE_SIZE,
	LIST_AFTER_POSITION
};

Datum
threadmem_assistant_list(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	Listing page;
	Built built;
	Call call;

	query_begin(&call, fcinfo);
	listing_begin(&page, "assistant_list", args[LIST_SORT_BY]);
	page_read(&page, args[LIST_SORT_ORDER], args[LIST_MAX_ROWS], args[LIST_AFTER_ID],
			  args[LIST_AFTER_POSITION]);
	page_by_number(&page, args[LIST_PAGE_NUMBER], args[LIST_PAGE_SIZE]);
	built_begin(&built, "SELECT " ASSISTANT_COLUMNS);
	built_add(&built, page_column(&page, &built));
	built_add(&built, " FROM threadmem_data.assistants a WHERE a.tenant_id = $1");
	page_add(&call, &page, &built);
	return built_set(&call, &built);
}

enum
{
	SEARCH_METADATA,
	SEARCH_GRAPH_ID,
	SEARCH_NAME,
	SEARCH_SORT_BY,
	SEARCH_SORT_ORDER,
	SEARCH_MAX_ROWS,
	SEARCH_SKIP,
	SEARCH_AFTER_ID,
	SEARCH_AFTER_POSITION
};

/* assistant_search and assistant_count have their first three arguments in common. */
static void
add_conditions(Built *built, NullableDatum *args)
{
	built_add(built, " FROM threadmem_data.assistants a WHERE a.tenant_id = $1");
	built_contains(built, "a.metadata", args[SEARCH_METADATA]);
	built_keys(built, HAS_KEYS("a.", "metadata", "$%d"), args[SEARCH_METADATA]);
	built_when(built, " AND a.graph_id = $%d", 't', args[SEARCH_GRAPH_ID]);
	built_when(built, " AND position(lower($%d) IN lower(a.name)) > 0", 't', args[SEARCH_NAME]);
}

static void
read_skip(Listing *page, NullableDatum skip)
{
	page->skip = int64_or(skip, 0);
	if (page->skip > 0)
	{
		order_give_one("skip", skip, "after_id", page->after_id);
		order_give_one("skip", skip, "after_position", page->after_position);
	}
}

Datum
threadmem_assistant_search(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	Listing page;
	Built built;
	Call call;

	query_begin(&call, fcinfo);
	listing_begin(&page, "assistant_search", args[SEARCH_SORT_BY]);
	page_read(&page, args[SEARCH_SORT_ORDER], args[SEARCH_MAX_ROWS], args[SEARCH_AFTER_ID],
			  args[SEARCH_AFTER_POSITION]);
	read_skip(&page, args[SEARCH_SKIP]);
	built_begin(&built, "SELECT " ASSISTANT_COLUMNS);
	built_add(&built, page_column(&page, &built));
	add_conditions(&built, args);
	page_add(&call, &page, &built);
	return built_set(&call, &built);
}

Datum
threadmem_assistant_count(PG_FUNCTION_ARGS)
{
	Built built;
	Call call;

	query_begin(&call, fcinfo);
	built_begin(&built, "SELECT count(*)::integer");
	add_conditions(&built, fcinfo->args);
	return built_scalar(&call, &built);
}
