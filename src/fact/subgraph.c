/*
 * fact/subgraph.c: what lies around entities.
 *
 * From the entities asked for, step by step: the facts of those that the last step found lead to
 * the next. Of more than a step may look at the newest facts count. When no step is left, the facts
 * between all that were found are read, those of the nearest first.
 */
#include "fact/row.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "user/user.h"

PG_FUNCTION_INFO_V1(threadmem_memory_subgraph);

#define STEP_FACTS 5000 /* that one step looks at */
#define DEPTH_MAX 3

static Stmt subgraph_known = {
	"SELECT i.id FROM unnest($3) AS i (id) WHERE i.id <> $2 AND NOT EXISTS (SELECT 1 FROM"
	" threadmem_data.entities e WHERE e.tenant_id = $1 AND e.user_id = $2 AND e.entity_id = i.id)"
	" ORDER BY i.id LIMIT 1",
	"tT"};
static Stmt subgraph_entities = {
	"SELECT coalesce(jsonb_agg(to_jsonb(e.r) || jsonb_build_object('depth', i.depth) ORDER BY i.n),"
	" '[]') FROM unnest($3, $4) WITH ORDINALITY AS i (id, depth, n), LATERAL (SELECT"
	" ROW(" ENTITY_COLUMNS ")::threadmem.entities FROM threadmem_data.entities e WHERE"
	" e.tenant_id = $1 AND e.user_id = $2 AND e.entity_id = i.id UNION ALL SELECT"
	" ROW(" USER_AS_ENTITY ")::threadmem.entities FROM threadmem_data.users u WHERE"
	" u.tenant_id = $1 AND u.user_id = $2 AND u.user_id = i.id) e (r)",
	"tTL"};
static Stmt subgraph_compose = {
	"SELECT jsonb_build_object('entities', $2, 'facts', $3, 'truncated', $4)", "jjb"};

enum
{
	USER_ID,
	ENTITY_IDS,
	DEPTH,
	MAX_ENTITIES,
	MAX_FACTS,
	AS_OF,
	KNOWN_AT,
	INCLUDE_EXPIRED
};

typedef struct Subgraph
{
	Call *call;
	NullableDatum user_id;
	FactTimes times;
	Names *seen;
	Datum *ids; /* the nearest first */
	int64 *depths;
	int count;
	int most;
	bool truncated;
} Subgraph;

static int64
guard_range(const char *argument, NullableDatum given, int64 otherwise, int64 least, int64 most)
{
	int64 value = int64_or(given, otherwise);

	if (value < least || value > most)
		error_bad_input(
			argument, "It must be from " INT64_FORMAT " to " INT64_FORMAT ", not " INT64_FORMAT ".",
			least, most, value);
	return value;
}

static void
find(Subgraph *graph, Datum id, int64 depth)
{
	char *name = TextDatumGetCString(id);

	if (names_has(graph->seen, name))
		return;
	if (graph->count == graph->most)
	{
		graph->truncated = true;
		return;
	}
	names_take(graph->seen, name);
	graph->ids[graph->count] = id;
	graph->depths[graph->count++] = depth;
}

/* Where the facts of those from this one on lead. */
static void
step(Subgraph *graph, int from, int64 depth)
{
	NullableDatum frontier = text_array(&graph->ids[from], graph->count - from);
	Built built;
	uint64 count;
	int ids;

	built_begin(&built, "SELECT f.source_id, f.target_id");
	built_arg(&built, 't', graph->user_id);
	fact_from(&built, &graph->times);
	ids = built_arg(&built, 'T', frontier);
	built_add(&built, psprintf(" AND (f.source_id = ANY ($%d) OR f.target_id = ANY ($%d))"
							   " ORDER BY f.created_at DESC, f.fact_id LIMIT %d",
							   ids, ids, STEP_FACTS + 1));
	count = built_exec(graph->call, &built);
	if (count > STEP_FACTS)
		graph->truncated = true;
	for (uint64 i = 1; i <= Min(count, STEP_FACTS); i++)
	{
		CHECK_FOR_INTERRUPTS();
		find(graph, row_datum(i, 1), depth);
		find(graph, row_datum(i, 2), depth);
	}
}

/* A jsonb array of the facts between all that were found. */
static NullableDatum
read_facts(Subgraph *graph, int64 max_facts)
{
	Built built;
	int ids;
	int rows;

	built_begin(&built, "");
	built_arg(&built, 't', graph->user_id);
	rows = built_arg(&built, 'l', ARG(Int64GetDatum(max_facts)));
	ids = built_arg(&built, 'T', text_array(graph->ids, graph->count));
	built_add(&built,
			  psprintf("SELECT count(*) > $%d, coalesce(jsonb_agg(to_jsonb(l.r) ORDER BY"
					   " l.n) FILTER (WHERE l.n <= $%d), '[]') FROM (SELECT ROW(" FACT_COLUMNS
					   ")::threadmem.facts AS r, row_number() OVER (ORDER BY"
					   " greatest(array_position($%d, f.source_id),"
					   " array_position($%d, f.target_id)), f.created_at DESC, f.fact_id) AS n",
					   rows, rows, ids, ids));
	fact_from(&built, &graph->times);
	built_add(&built, psprintf(" AND f.source_id = ANY ($%d) AND f.target_id = ANY ($%d)"
							   " ORDER BY n LIMIT $%d + 1) l",
							   ids, ids, rows));
	built_first(graph->call, &built);
	if (row_bool(1, 1))
		graph->truncated = true;
	return row_column(1, 2);
}

/* The entities where it begins, which have to be there. */
static void
begin(Subgraph *graph, NullableDatum asked)
{
	NullableDatum args[] = {graph->user_id,
							asked.isnull ? text_array(&graph->user_id.value, 1) : asked};
	Datum *ids;
	int count = text_list(args[1], &ids);

	user_require_known(graph->call, graph->user_id);
	if (query_first(graph->call, &subgraph_known, args))
		error_not_found("entity", row_text(1, 1));
	for (int i = 0; i < count; i++)
		find(graph, ids[i], 0);
}

Datum
threadmem_memory_subgraph(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	Subgraph graph = {
		.user_id = args[USER_ID],
		.times = {args[AS_OF], args[KNOWN_AT], bool_or(args[INCLUDE_EXPIRED], false)}};
	int64 depth;
	int64 max_facts;
	NullableDatum parts[3];
	Call call;
	int from = 0;

	query_begin(&call, fcinfo);
	depth = guard_range("depth", args[DEPTH], 1, 1, DEPTH_MAX);
	graph.most = guard_range("max_entities", args[MAX_ENTITIES], 100, 1, ROWS_MAX);
	max_facts = guard_range("max_facts", args[MAX_FACTS], 200, 0, ROWS_MAX);
	graph.call = &call;
	graph.seen = names_new();
	graph.ids = palloc(sizeof(Datum) * graph.most);
	graph.depths = palloc(sizeof(int64) * graph.most);
	begin(&graph, args[ENTITY_IDS]);
	for (int64 at = 1; at <= depth && from < graph.count; at++)
	{
		int next = graph.count;

		step(&graph, from, at);
		from = next;
	}
	{
		NullableDatum found[] = {graph.user_id, text_array(graph.ids, graph.count),
								 rev_array(graph.depths, graph.count)};

		query_first(&call, &subgraph_entities, found);
	}
	parts[0] = row_column(1, 1);
	parts[1] = read_facts(&graph, max_facts);
	parts[2] = ARG(BoolGetDatum(graph.truncated));
	return query_scalar(&call, &subgraph_compose, parts);
}
