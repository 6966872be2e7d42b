/*
 * query/statistics.c: what the planner may know of rows that a call may not see.
 *
 * The server's statistics are of a table, so over all tenants: its most common values and the
 * bounds of its histograms are ids and times of whoever has most rows. A statement that is planned
 * for the values of a call would take another way for an id that is common with others than for
 * one that nobody has, and the number of pages it reads tells which. So our statements are planned
 * as if ids and times had no known values; how many different ones there are is left. The tenant's
 * own column keeps its values: a call names no tenant but its own.
 */
#include "query/plan.h"

#include "catalog/pg_statistic.h"
#include "catalog/pg_type.h"
#include "query/runner.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

/* PostgreSQL 15's own header has a prototype without arguments. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#include "utils/selfuncs.h"
#pragma GCC diagnostic pop

static get_relation_stats_hook_type next_hook;

bool
plan_is_id(Oid table, int column)
{
	char *name = column > 0 ? get_attname(table, (AttrNumber)column, true) : NULL;

	return text_ends_with(name, "_id");
}

/* Whether the planner may know the values of a column. */
static bool
is_told(Oid table, AttrNumber column)
{
	if (plan_is_id(table, column))
		return strcmp(get_attname(table, column, false), "tenant_id") == 0;
	return get_atttype(table, column) != TIMESTAMPTZOID;
}

static bool
hide_values(PlannerInfo *root, RangeTblEntry *table, AttrNumber column, VariableStatData *known)
{
	HeapTuple row;
	Form_pg_statistic statistic;
	int16 *kinds[STATISTIC_NUM_SLOTS];

	if (next_hook && next_hook(root, table, column, known))
		return true;
	if (!runner_tenant() || table->rtekind != RTE_RELATION || is_told(table->relid, column))
		return false;
	row = SearchSysCacheCopy3(STATRELATTINH, ObjectIdGetDatum(table->relid), Int16GetDatum(column),
							  BoolGetDatum(table->inh));
	if (!HeapTupleIsValid(row))
		return false;
	statistic = (Form_pg_statistic)GETSTRUCT(row);
	kinds[0] = &statistic->stakind1;
	kinds[1] = &statistic->stakind2;
	kinds[2] = &statistic->stakind3;
	kinds[3] = &statistic->stakind4;
	kinds[4] = &statistic->stakind5;
	for (int i = 0; i < lengthof(kinds); i++)
		if (*kinds[i] != STATISTIC_KIND_CORRELATION)
			*kinds[i] = 0;
	known->statsTuple = row;
	known->freefunc = heap_freetuple;
	return true;
}

void
plan_hide_values(void)
{
	static bool hooked;

	if (hooked)
		return;
	next_hook = get_relation_stats_hook;
	get_relation_stats_hook = hide_values;
	hooked = true;
}
