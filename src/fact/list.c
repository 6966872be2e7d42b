/*
 * fact/list.c: facts and entities of a memory in pages, and what they said before.
 */
#include "fact/row.h"

#include "utils/builtins.h"

#include "user/user.h"

PG_FUNCTION_INFO_V1(threadmem_memory_facts);
PG_FUNCTION_INFO_V1(threadmem_memory_fact_history);
PG_FUNCTION_INFO_V1(threadmem_memory_entities);
PG_FUNCTION_INFO_V1(threadmem_memory_entity_history);

static Stmt fact_versions = {
	"SELECT " FACT_COLUMNS ", f.rev, f.replaced_at FROM threadmem_data.fact_revisions f"
	" WHERE f.tenant_id = $1 AND f.user_id = $2 AND f.fact_id = $3 UNION ALL SELECT " FACT_COLUMNS
	", f.rev, NULL FROM threadmem_data.facts f WHERE f.tenant_id = $1 AND f.user_id = $2"
	" AND f.fact_id = $3 ORDER BY 18",
	"tt"};
static Stmt entity_versions = {
	"SELECT " ENTITY_COLUMNS ", e.rev, e.replaced_at FROM threadmem_data.entity_revisions e"
	" WHERE e.tenant_id = $1 AND e.user_id = $2 AND e.entity_id = $3 UNION ALL SELECT " ENTITY_COLUMNS
	", e.rev, NULL FROM threadmem_data.entities e WHERE e.tenant_id = $1 AND e.user_id = $2"
	" AND e.entity_id = $3 UNION ALL SELECT " USER_AS_ENTITY
	", 1, NULL FROM threadmem_data.users u WHERE u.tenant_id = $1 AND u.user_id = $2"
	" AND u.user_id = $3 ORDER BY 11",
	"tt"};

/* What both tables of facts have, but for what only one does. */
#define FIELDS \
	"f.user_id, f.fact_id, f.source_id, f.name, f.target_id, f.fact, f.valid_at, f.invalid_at," \
	" f.created_at, f.expired_at, f.updated_at, f.attributes, f.metadata, f.extractor, f.confidence"

/*
 * Of two tables a page is merged in the order of their indexes only where the conditions stand
 * outside of the union: what has its own is planned for itself, without the order, and all of a
 * user's facts are read and sorted. Nothing is updated before it is created, which is where the
 * indexes begin.
 */
#define KNOWN \
	" FROM (SELECT f.tenant_id, " FIELDS ", timestamptz 'infinity' AS replaced_at" \
	" FROM threadmem_data.facts f UNION ALL SELECT f.tenant_id, " FIELDS ", f.replaced_at" \
	" FROM threadmem_data.fact_revisions f) f WHERE f.tenant_id = $1 AND f.user_id = $2" \
	" AND f.created_at <= $%d AND f.updated_at <= $%d AND f.replaced_at > $%d"

void
fact_from(Built *built, const FactTimes *times)
{
	int known = built_arg(built, 'z', times->known_at);
	int held = built_arg(built, 'z', times->as_of);

	built_add(built, times->known_at.isnull
						 ? " FROM threadmem_data.facts f WHERE f.tenant_id = $1 AND f.user_id = $2"
						 : psprintf(KNOWN, known, known, known));
	if (!times->all)
		built_add(
			built,
			psprintf(" AND (f.expired_at IS NULL OR f.invalid_at IS NOT NULL OR f.expired_at >"
					 " coalesce($%d, statement_timestamp())) AND (f.valid_at IS NULL OR"
					 " f.valid_at <= coalesce($%d, statement_timestamp())) AND (f.invalid_at"
					 " IS NULL OR f.invalid_at > coalesce($%d, statement_timestamp()))",
					 known, held, held));
}

enum
{
	FACTS_USER_ID,
	FACTS_ENTITY_ID,
	FACTS_NAME,
	FACTS_AS_OF,
	FACTS_KNOWN_AT,
	FACTS_INCLUDE_EXPIRED,
	FACTS_SORT_BY,
	FACTS_SORT_ORDER,
	FACTS_MAX_ROWS,
	FACTS_AFTER_POSITION
};

/* The end of a select list: a row's position, of what the list is sorted by. */
static void
add_position(const Order *order, Built *built)
{
	StringInfoData columns;

	initStringInfo(&columns);
	for (int i = 0; i < ORDER_COLUMNS && order->columns[i]; i++)
		appendStringInfo(&columns, "%s%s", i ? ", " : "", order->columns[i]);
	built_add(built, order_column(order, built, columns.data));
}

/* Adds the order of a list, and from where on. */
static void
add_page(Order *order, Built *built, NullableDatum after, NullableDatum rows)
{
	NullableDatum place[ORDER_COLUMNS];

	if (!after.isnull)
	{
		order_read(order, "after_position", after, place);
		order_go_on(order, built, place, false);
	}
	order_add(order, built);
	built_page(built, int64_or(rows, DEFAULT_ROWS), 0);
}

static bool
is_descending(NullableDatum sort_order)
{
	static const char *const orders[] = {"desc", "asc", NULL};

	return guard_choice("sort_order", sort_order, orders) == 0;
}

Datum
threadmem_memory_facts(PG_FUNCTION_ARGS)
{
	static const char *const sorts[] = {"created_at", "valid_at", "fact_id", NULL};
	static const Order orders[] = {
		{.types = "zt", .columns = {"f.created_at", "f.fact_id"}},
		{.types = "zt", .columns = {"coalesce(f.valid_at, '-infinity')", "f.fact_id"}},
		{.types = "t", .columns = {"f.fact_id"}}};
	NullableDatum *args = fcinfo->args;
	FactTimes times = {args[FACTS_AS_OF], args[FACTS_KNOWN_AT],
					   bool_or(args[FACTS_INCLUDE_EXPIRED], false)};
	int sort;
	Order order;
	Built built;
	Call call;

	query_begin(&call, fcinfo);
	sort = guard_choice("sort_by", args[FACTS_SORT_BY], sorts);
	order = orders[sort];
	order.descending = is_descending(args[FACTS_SORT_ORDER]);
	order.list = psprintf("memory_facts %s %s", sorts[sort], text_or_null(args[FACTS_USER_ID]));
	user_require_known(&call, args[FACTS_USER_ID]);
	built_begin(&built, "SELECT " FACT_COLUMNS ", ");
	built_arg(&built, 't', args[FACTS_USER_ID]);
	add_position(&order, &built);
	fact_from(&built, &times);
	if (!args[FACTS_ENTITY_ID].isnull)
	{
		int entity = built_arg(&built, 't', args[FACTS_ENTITY_ID]);

		built_add(&built,
				  psprintf(" AND (f.source_id = $%d OR f.target_id = $%d)", entity, entity));
	}
	built_when(&built, " AND f.name = $%d", 't', args[FACTS_NAME]);
	add_page(&order, &built, args[FACTS_AFTER_POSITION], args[FACTS_MAX_ROWS]);
	return built_set(&call, &built);
}

enum
{
	HISTORY_USER_ID,
	HISTORY_ID
};

static Datum
list_versions(FunctionCallInfo fcinfo, Stmt *versions, const char *noun)
{
	Call call;

	query_begin(&call, fcinfo);
	query_open_set(&call);
	if (query_add_to_set(&call, versions, fcinfo->args) == 0)
		error_not_found(noun, text_or_null(fcinfo->args[HISTORY_ID]));
	return query_close_set(&call);
}

Datum
threadmem_memory_fact_history(PG_FUNCTION_ARGS)
{
	return list_versions(fcinfo, &fact_versions, "fact");
}

Datum
threadmem_memory_entity_history(PG_FUNCTION_ARGS)
{
	return list_versions(fcinfo, &entity_versions, "entity");
}

enum
{
	ENTITIES_USER_ID,
	ENTITIES_SEARCH,
	ENTITIES_LABEL,
	ENTITIES_SORT_BY,
	ENTITIES_SORT_ORDER,
	ENTITIES_MAX_ROWS,
	ENTITIES_AFTER_POSITION
};

Datum
threadmem_memory_entities(PG_FUNCTION_ARGS)
{
	static const char *const sorts[] = {"created_at", "updated_at", "name", "entity_id", NULL};
	static const Order orders[] = {
		{.types = "zt", .columns = {"e.created_at", "e.entity_id"}},
		{.types = "zt", .columns = {"e.updated_at", "e.entity_id"}},
		{.types = "tt", .columns = {"left(e.name, " SORT_TEXT ")", "e.entity_id"}},
		{.types = "t", .columns = {"e.entity_id"}}};
	NullableDatum *args = fcinfo->args;
	int sort;
	Order order;
	Built built;
	Call call;

	query_begin(&call, fcinfo);
	sort = guard_choice("sort_by", args[ENTITIES_SORT_BY], sorts);
	order = orders[sort];
	order.descending = is_descending(args[ENTITIES_SORT_ORDER]);
	order.list =
		psprintf("memory_entities %s %s", sorts[sort], text_or_null(args[ENTITIES_USER_ID]));
	user_require_known(&call, args[ENTITIES_USER_ID]);
	built_begin(&built, "SELECT e.*, ");
	built_arg(&built, 't', args[ENTITIES_USER_ID]);
	add_position(&order, &built);
	built_add(&built,
			  " FROM (SELECT " ENTITY_COLUMNS
			  " FROM threadmem_data.entities e WHERE e.tenant_id = $1"
			  " AND e.user_id = $2 UNION ALL SELECT " USER_AS_ENTITY " FROM threadmem_data.users u"
			  " WHERE u.tenant_id = $1 AND u.user_id = $2) e (user_id, entity_id, name, label,"
			  " summary, attributes, metadata, is_user, created_at, updated_at) WHERE true");
	built_when(&built, " AND position(lower($%d) IN lower(e.name)) > 0", 't',
			   args[ENTITIES_SEARCH]);
	built_when(&built, " AND e.label = $%d", 't', args[ENTITIES_LABEL]);
	add_page(&order, &built, args[ENTITIES_AFTER_POSITION], args[ENTITIES_MAX_ROWS]);
	return built_set(&call, &built);
}
