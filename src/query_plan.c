/*
 * query_plan.c: a thread is found by its key, whatever the statistics say.
 *
 * A plan is kept for the session, and made when a table may have no statistics yet, or those of a
 * few rows; then a thread looks as if it were one row, and every way as good as another. What
 * belongs to one thread is read by its key. So its plan is made without sequential scans, without
 * sorts where an index gives the order, and without the indexes that lead to a thread by way of
 * all others of the tenant: a list of threads by their time costs as little as the key while there
 * are few, and the session would go down it for ever. Likewise what has an id within its thread is
 * not looked for among all that the thread has.
 *
 * Likewise what a statement looks for by words, where it says so, is found by the index of words:
 * nothing tells the planner how many rows have them (query_statistics.c says why), and all of a
 * tenant's rows, or all of a user's, are never fewer.
 */
#include "query_plan.h"

#include "access/stratnum.h"
#include "catalog/namespace.h"
#include "catalog/pg_am.h"
#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/plancache.h"

/* PostgreSQL 15's own header has a prototype without arguments. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#include "optimizer/optimizer.h"
#include "optimizer/plancat.h"
#pragma GCC diagnostic pop

static get_relation_info_hook_type next_hook;
static bool hooked;
static bool by_thread; /* a statement about one thread is being planned */
static bool by_words;  /* one that looks for words */

bool
plan_is_id(Oid table, int column)
{
	char *name = column > 0 ? get_attname(table, (AttrNumber)column, true) : NULL;

	return name && strlen(name) > 3 && strcmp(name + strlen(name) - 3, "_id") == 0;
}

/*
 * Whether the thread stands in an index behind nothing but other ids, each of which a statement
 * gives when it uses the index at all.
 */
static bool
leads_to_thread(const IndexOptInfo *index, Oid table, AttrNumber thread)
{
	for (int i = 0; i < index->nkeycolumns; i++)
	{
		if (index->indexkeys[i] == thread)
			return true;
		if (!plan_is_id(table, index->indexkeys[i]))
			return false;
	}
	return false;
}

static bool
is_ours(Oid table)
{
	char *schema = get_namespace_name(get_rel_namespace(table));

	return schema && strcmp(schema, "threadmem_data") == 0;
}

/* How a statement bounds a column: not at all, within a range or by several values, by one. */
typedef enum Bound
{
	UNBOUND,
	RANGE,
	ONE
} Bound;

static bool
is_column(Node *node, const Var *column)
{
	return IsA(node, Var) && ((Var *)node)->varno == column->varno &&
		   ((Var *)node)->varattno == column->varattno;
}

/* A value of another row of the statement serves as well, but may be any number of values. */
static Bound
bound_by(PlannerInfo *root, Node *condition, const Var *column, Oid family)
{
	bool is_list = IsA(condition, ScalarArrayOpExpr);
	List *args;
	Node *value;
	int strategy;

	if (!is_list && !IsA(condition, OpExpr))
		return UNBOUND;
	args = is_list ? ((ScalarArrayOpExpr *)condition)->args : ((OpExpr *)condition)->args;
	if (list_length(args) != 2 || (is_list && !((ScalarArrayOpExpr *)condition)->useOr))
		return UNBOUND;
	strategy = get_op_opfamily_strategy(
		is_list ? ((ScalarArrayOpExpr *)condition)->opno : ((OpExpr *)condition)->opno, family);
	value = is_column(linitial(args), column) ? llast(args)
			: is_column(llast(args), column)  ? linitial(args)
											  : NULL;
	if (strategy == 0 || !value || bms_is_member(column->varno, pull_varnos(root, value)))
		return UNBOUND;
	return strategy == BTEqualStrategyNumber && !is_list && !contain_var_clause(value) ? ONE
																					   : RANGE;
}

/* The conditions that all have to hold: of a list of tables, and of joins below it. */
static List *
conditions_in(Node *from)
{
	List *conditions = NIL;
	ListCell *cell;

	if (IsA(from, JoinExpr))
	{
		JoinExpr *join = (JoinExpr *)from;

		return list_concat(list_concat(conditions_in(join->larg), conditions_in(join->rarg)),
						   (List *)join->quals);
	}
	if (!IsA(from, FromExpr))
		return NIL;
	foreach (cell, ((FromExpr *)from)->fromlist)
		conditions = list_concat(conditions, conditions_in(lfirst(cell)));
	return list_concat(conditions, (List *)((FromExpr *)from)->quals);
}

static Bound
bound_in(PlannerInfo *root, const List *conditions, const Var *column, Oid family)
{
	Bound bound = UNBOUND;
	ListCell *cell;

	foreach (cell, conditions)
		bound = Max(bound, bound_by(root, lfirst(cell), column, family));
	return bound;
}

/*
 * How far into an index a statement's conditions lead: ids that it gives count most, then a number
 * within what they name (a revision, a place) that is given or bounded. Other columns do not: the
 * order of another index may be worth more than they are.
 */
static int
depth(PlannerInfo *root, const List *conditions, const IndexOptInfo *index, Oid table)
{
	int ids = 0;
	int i = 0;

	for (; i < index->nkeycolumns && index->indexkeys[i] > 0; i++)
	{
		Var column = {.varno = index->rel->relid, .varattno = index->indexkeys[i]};
		Bound bound = bound_in(root, conditions, &column, index->opfamily[i]);

		if (bound == RANGE)
			return ids * 2 + 1;
		if (bound == UNBOUND)
			break;
		if (plan_is_id(table, index->indexkeys[i]))
			ids = i + 1;
	}
	return ids * 2 + (i > ids && i == index->nkeycolumns && index->unique);
}

/* A condition on the table with the operator that an index answers. */
static bool
is_asked(PlannerInfo *root, Node *condition, const IndexOptInfo *index)
{
	return IsA(condition, OpExpr) &&
		   get_op_opfamily_strategy(((OpExpr *)condition)->opno, index->opfamily[0]) > 0 &&
		   bms_is_member(index->rel->relid, pull_varnos(root, condition));
}

static bool
keep_way_by_words(PlannerInfo *root, const List *conditions, RelOptInfo *rel)
{
	ListCell *cell;
	ListCell *asked;

	foreach (cell, rel->indexlist)
	{
		IndexOptInfo *index = lfirst(cell);

		if (index->relam != GIN_AM_OID)
			continue;
		foreach (asked, conditions)
			if (is_asked(root, lfirst(asked), index))
			{
				rel->indexlist = list_make1(index);
				return true;
			}
	}
	return false;
}

static void
keep_ways(PlannerInfo *root, Oid table, bool is_parent, RelOptInfo *rel)
{
	AttrNumber thread;
	List *conditions;
	List *kept = NIL;
	int most = 0;
	ListCell *cell;

	if (next_hook)
		next_hook(root, table, is_parent, rel);
	if (!by_thread || !is_ours(table))
		return;
	thread = get_attnum(table, "thread_id");
	conditions = conditions_in((Node *)root->parse->jointree);
	if (by_words && keep_way_by_words(root, conditions, rel))
		return;
	foreach (cell, rel->indexlist)
	{
		IndexOptInfo *index = lfirst(cell);

		if (index->relam == BTREE_AM_OID && leads_to_thread(index, table, thread) &&
			predicate_implied_by(index->indpred, conditions, false))
			most = Max(most, depth(root, conditions, index, table));
	}
	foreach (cell, rel->indexlist)
	{
		IndexOptInfo *index = lfirst(cell);

		if (leads_to_thread(index, table, thread) && depth(root, conditions, index, table) >= most)
			kept = lappend(kept, index);
	}
	if (kept)
		rel->indexlist = kept;
}

#if PG_VERSION_NUM < 170000
#define SearchPathMatchesCurrentEnvironment OverrideSearchPathMatchesCurrent
#endif

/*
 * Whether the plan that there is will be used: row security makes another for every role, and the
 * first temporary table of a session changes the search path.
 */
static bool
has_plan(const CachedPlanSource *source)
{
	return source->is_valid && source->gplan && source->gplan->is_valid &&
		   SearchPathMatchesCurrentEnvironment(source->search_path) &&
		   (!source->dependsOnRLS || source->rewriteRoleId == GetUserId()) &&
		   (!source->gplan->dependsOnRole || source->gplan->planRoleId == GetUserId());
}

static int
switch_off(const char *const *settings, int count)
{
	int level = NewGUCNestLevel();

	for (int i = 0; i < count; i++)
		(void)set_config_option(settings[i], "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
								true, 0, false);
	return level;
}

/* Here and not when it runs: what it calls then has plans of its own. */
static void
plan_by_index(Stmt *stmt)
{
	/* jit: what has to sort all the same costs so much then that it would be compiled */
	static const char *const ways[] = {"jit", "enable_seqscan", "enable_sort"};
	int level = switch_off(ways, lengthof(ways));
	/* a policy's function may be called to be planned, and call us */
	bool outer_thread = by_thread;
	bool outer_words = by_words;

	if (!hooked)
	{
		next_hook = get_relation_info_hook;
		get_relation_info_hook = keep_ways;
		hooked = true;
	}
	by_thread = stmt->of_thread || stmt->by_words; /* what is joined to words, by its thread */
	by_words = stmt->by_words;
	PG_TRY();
	{
		ReleaseCachedPlan(SPI_plan_get_cached_plan(stmt->plan), CurrentResourceOwner);
	}
	PG_FINALLY();
	{
		by_thread = outer_thread;
		by_words = outer_words;
	}
	PG_END_TRY();
	AtEOXact_GUC(true, level);
}

/* What is planned for every call is not compiled for every call. */
int
plan_begin(Stmt *stmt)
{
	static const char *const jit[] = {"jit"};

	if (stmt->custom)
		return switch_off(jit, lengthof(jit));
	if ((stmt->keyed || stmt->of_thread || stmt->by_words) &&
		!has_plan(linitial(SPI_plan_get_plan_sources(stmt->plan))))
		plan_by_index(stmt);
	return 0;
}

void
plan_end(int level)
{
	if (level > 0)
		AtEOXact_GUC(true, level);
}
