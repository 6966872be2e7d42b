/*
 * graph/graph.c: graph definitions (docs/contracts.md#graphs-and-channels).
 */
#include "graph/graph.h"

#include "document/document.h"
#include "json_patch/json_patch.h"
#include "miscadmin.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(threadmem_graph_define);
PG_FUNCTION_INFO_V1(threadmem_graph_get);
PG_FUNCTION_INFO_V1(threadmem_graph_list);
PG_FUNCTION_INFO_V1(threadmem_graph_delete);

/*
 * The time of a change comes from the row to be inserted: ON CONFLICT calls no clock
 * (docs/architecture.md#rules-that-are-checked).
 */
static Stmt graph_define = {
	"INSERT INTO threadmem_data.graphs AS g (tenant_id, graph_id, definition, created_at, updated_at)"
	" SELECT $1, $2, coalesce($3, '{}'), n, n FROM clock_timestamp() AS n ON CONFLICT (tenant_id, graph_id) DO UPDATE"
	" SET definition = excluded.definition, updated_at = excluded.updated_at"
	" RETURNING " GRAPH_COLUMNS,
	"tj"};
static Stmt graph_get = {"SELECT " GRAPH_COLUMNS " FROM threadmem_data.graphs g"
						 " WHERE g.tenant_id = $1 AND g.graph_id = $2",
						 "t"};
static Stmt graph_user_of = {
	"SELECT a.assistant_id FROM threadmem_data.assistants a"
	" WHERE a.tenant_id = $1 AND a.graph_id = $2 ORDER BY a.assistant_id LIMIT 1",
	"t"};
static Stmt graph_message_channels_stmt = {
	"SELECT array_agg(c.key) FROM threadmem_data.graphs g,"
	" LATERAL jsonb_each(CASE jsonb_typeof(g.definition -> 'channels') WHEN 'object'"
	" THEN g.definition -> 'channels' ELSE '{}' END) AS c"
	" WHERE g.tenant_id = $1 AND g.graph_id = $2 AND c.value ->> 'reducer' = 'add_messages'",
	"t"};
static Stmt graph_delete = {
	"DELETE FROM threadmem_data.graphs g WHERE g.tenant_id = $1 AND g.graph_id = $2", "t"};

/* The default of a channel is the user's, and may be what the reader of definitions cannot hold. */
static void
leave_out_defaults(JsonNode *definition)
{
	JsonNode *channels;
	JsonNode *graphs;

	check_stack_depth();
	if (!node_is_object(definition))
		return;
	channels = items_get(node_open(definition), "channels", 8);
	graphs = items_get(node_items(definition), "subgraphs", 9);
	for (int i = 0; channels && node_is_object(channels) && i < node_open(channels)->count; i++)
	{
		JsonNode *channel = &items_at(node_items(channels), i)->value;

		CHECK_FOR_INTERRUPTS();
		if (node_is_object(channel) && items_get(node_open(channel), "default", 7))
			items_put(node_items(channel), "default", 7, (JsonNode){.kind = NODE_NULL});
	}
	for (int i = 0; graphs && node_is_object(graphs) && i < node_open(graphs)->count; i++)
		leave_out_defaults(&items_at(node_items(graphs), i)->value);
}

static Jsonb *
without_defaults(Jsonb *definition)
{
	JsonNode root = node_of_root(&definition->root);

	leave_out_defaults(&root);
	return node_write(&root);
}

/* All but graph_list() have the id first. */
enum
{
	GRAPH_ID,
	DEFINE_DEFINITION,
	GET_MISSING_OK = DEFINE_DEFINITION
};

Datum
threadmem_graph_define(PG_FUNCTION_ARGS)
{
	Call call;

	query_begin(&call, fcinfo);
	if (!fcinfo->args[DEFINE_DEFINITION].isnull)
		document_check_graph(
			without_defaults(DatumGetJsonbP(fcinfo->args[DEFINE_DEFINITION].value)));
	return query_one(&call, &graph_define, fcinfo->args, "graph",
					 text_or_null(fcinfo->args[GRAPH_ID]));
}

Datum
threadmem_graph_get(PG_FUNCTION_ARGS)
{
	Call call;

	query_begin(&call, fcinfo);
	return query_get(&call, &graph_get, fcinfo->args, fcinfo->args[GET_MISSING_OK], "graph",
					 text_or_null(fcinfo->args[GRAPH_ID]));
}

enum
{
	LIST_SORT_ORDER,
	LIST_MAX_ROWS,
	LIST_AFTER_ID,
	LIST_PAGE_NUMBER,
	LIST_PAGE_SIZE,
	LIST_AFTER_POSITION
};

Datum
threadmem_graph_list(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	static const ListSort created = {"z", {"created_at"}};
	Listing page = {.list = "graph_list",
					.table = "threadmem_data.graphs",
					.key = "graph_id",
					.noun = "graph",
					.sort = &created};
	Built built;
	Call call;

	query_begin(&call, fcinfo);
	page_read(&page, args[LIST_SORT_ORDER], args[LIST_MAX_ROWS], args[LIST_AFTER_ID],
			  args[LIST_AFTER_POSITION]);
	page_by_number(&page, args[LIST_PAGE_NUMBER], args[LIST_PAGE_SIZE]);
	built_begin(&built, "SELECT " GRAPH_COLUMNS);
	built_add(&built, page_column(&page, &built));
	built_add(&built, " FROM threadmem_data.graphs g WHERE g.tenant_id = $1");
	page_add(&call, &page, &built);
	return built_set(&call, &built);
}

/* Row security hides a row from DELETE without a word; that is not the same as no such graph. */
static void
error_not_deleted(Call *call, NullableDatum *args)
{
	char *id = text_or_null(args[GRAPH_ID]);

	if (!query_first(call, &graph_get, args))
		error_not_found("graph", id);
	error_denied("deleted", "graph", id, "A session narrowed to one user only reads graphs.");
}

/*
 * A courtesy, not a foreign key: an assistant made at the same moment may still name the graph,
 * as it may name one that never was.
 */
Datum
threadmem_graph_delete(PG_FUNCTION_ARGS)
{
	Call call;

	query_begin(&call, fcinfo);
	if (query_first(&call, &graph_user_of, fcinfo->args))
		error_state("graph is in use", "Give the assistant another graph_id, or delete it first.",
					"graph_id is \"%s\", assistant_id is \"%s\".",
					text_or_null(fcinfo->args[GRAPH_ID]), row_text(1, 1));
	if (query_exec(&call, &graph_delete, fcinfo->args) == 0)
		error_not_deleted(&call, fcinfo->args);
	return query_done(&call);
}

NullableDatum
graph_message_channels(Call *call, NullableDatum graph_id)
{
	if (graph_id.isnull || !query_first(call, &graph_message_channels_stmt, &graph_id))
		return ARG_NULL;
	return row_column(1, 1);
}

Jsonb *
graph_definition(Call *call, NullableDatum graph_id)
{
	if (graph_id.isnull || !query_first(call, &graph_get, &graph_id))
		return NULL;
	return row_jsonb(1, 2, JSON_ROOT_OBJECT);
}

/* The node of a part of a namespace: <node>:<task>. Another call in one task adds |1, and so on. */
static char *
node_of_part(const char *part, int length)
{
	int end = length;

	while (end > 0 && part[end - 1] != ':')
		end--;
	if (end > 0)
		return pnstrdup(part, end - 1);
	return (int)strspn(part, "0123456789") >= length ? NULL : pnstrdup(part, length);
}

Jsonb *
graph_in_namespace(Jsonb *definition, const char *checkpoint_ns)
{
	JsonbContainer *graph = definition ? &definition->root : NULL;
	JsonbValue *declared = NULL;

	if (*checkpoint_ns == '\0')
		return definition;
	while (*checkpoint_ns && graph)
	{
		int length = (int)strcspn(checkpoint_ns, "|");
		char *node = node_of_part(checkpoint_ns, length);

		CHECK_FOR_INTERRUPTS();
		if (node)
		{
			declared = json_field(json_as_object(json_field(graph, "subgraphs")), node);
			graph = json_as_object(declared);
		}
		checkpoint_ns += length + (checkpoint_ns[length] ? 1 : 0);
	}
	return graph && declared ? json_own(declared) : NULL;
}
