/*
 * query/plan.c: a thread is found by its key, whatever the statistics say.
 *
 * A plan is kept for the session, and made when a table may have no statistics yet, or those of a
 * few rows; then a thread looks as if it were one row, and every index as good as another. So where
 * a statement gives the thread of a table's rows, by a value or by another table, only the indexes
 * are left that its ids lead deepest into: a list of threads by their time costs as little as the
 * key while there are few, and the session would go down it until the next ANALYZE. Likewise what
 * has an id within its thread is not looked for among all that the thread has.
 *
 * What it buys, in pages touched of a thread of 10,000 messages (test/bench/plan): before there are
 * statistics, in a session that began with empty tables and in a new one, a turn takes 91 and 92
 * with it, 2,812 and 4,257 without; a page in the middle of a state 75 and 907; a window after
 * 2,000 deletions 351 and 3,916; a heartbeat before 2,000 queued runs 22 and 202. It grows with the
 * thread. After ANALYZE there is no difference. Autovacuum is no stand-in: it comes once a minute,
 * to a table that has changed enough, and a restored or a bulk-loaded database is asked at once.
 * Forbidding sequential scans and sorts instead changes none of these figures, since what is taken
 * is the wrong index. It is what a statement marked as keyed needs, statistics or not: the memory
 * of a small user takes 8 pages with it, 3,979 without.
 *
 * Likewise what a statement looks for by words, where it says so, is found by the index of words:
 * nothing tells the planner how many rows have them (query/statistics.c says why), and all of a
 * tenant's rows, or all of a user's, are never fewer.
 */
#include "query/plan.h"

#include "query/runner.h"

#include "access/stratnum.h"
#include "catalog/pg_am.h"
#include "jit/jit.h"
#include "utils/lsyscache.h"
#include "utils/plancache.h"

/* PostgreSQL 15's own header has a prototype without arguments. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/plancat.h"
#include "optimizer/planner.h"
#pragma GCC diagnostic pop

static planner_hook_type next_planner;
static get_relation_info_hook_type next_relation_info;

/* What holds while a plan is made; each time put back, for a hook has to leave no trace. */
typedef struct Ways
{
	bool by_key;   /* indexes are left out: see above */
	bool by_words; /* of the others, too, where words are asked for */
	bool seqscan;
	bool sort;
	bool jit;
} Ways;

static bool by_key;
static bool by_words;
static const Ways *outside; /* while a statement of ours is planned: what holds for others */

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
typedef enum ColumnBound
{
	UNBOUND,
	RANGE,
	ONE
} ColumnBound;

static bool
is_column(Node *node, const Var *column)
{
	return IsA(node, Var) && ((Var *)node)->varno == column->varno &&
		   ((Var *)node)->varattno == column->varattno;
}

/* A value of another row of the statement serves as well, but may be any number of values. */
static ColumnBound
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

static ColumnBound
bound_in(PlannerInfo *root, const List *conditions, const Var *column, Oid family)
{
	ColumnBound bound = UNBOUND;
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
		ColumnBound bound = bound_in(root, conditions, &column, index->opfamily[i]);

		if (bound == RANGE)
			return ids * 2 + 1;
		if (bound == UNBOUND)
			break;
		if (plan_is_id(table, index->indexkeys[i]))
			ids = i + 1;
	}
	return ids * 2 + (i > ids && i == index->nkeycolumns && index->unique);
}

/* Whether a statement gives the thread of a table's rows by this index, or by a key a row. */
static bool
gives_key(PlannerInfo *root, const List *conditions, const IndexOptInfo *index, AttrNumber thread)
{
	for (int i = 0; i < index->nkeycolumns; i++)
	{
		Var column = {.varno = index->rel->relid, .varattno = index->indexkeys[i]};

		if (bound_in(root, conditions, &column, index->opfamily[i]) == UNBOUND)
			return false;
		if (index->indexkeys[i] == thread)
			return true;
	}
	return index->unique;
}

/* The ways to what has one thread or, of users and the like, one key. */
static bool
is_way(PlannerInfo *root, const List *conditions, const IndexOptInfo *index, Oid table,
	   AttrNumber thread)
{
	return index->relam == BTREE_AM_OID &&
		   (leads_to_thread(index, table, thread) ||
			(index->unique && gives_key(root, conditions, index, thread)));
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

/* A policy's subquery has a thread by the row that it is asked for. */
static void
keep_ways(PlannerInfo *root, Oid table, bool is_parent, RelOptInfo *rel)
{
	AttrNumber thread;
	List *conditions;
	List *kept = NIL;
	bool given = false;
	int most = 0;
	ListCell *cell;

	if (next_relation_info)
		next_relation_info(root, table, is_parent, rel);
	if (!by_key || !is_ours(table))
		return;
	thread = get_attnum(table, "thread_id");
	conditions = conditions_in((Node *)root->parse->jointree);
	if (by_words && keep_way_by_words(root, conditions, rel))
		return;
	foreach (cell, rel->indexlist)
	{
		IndexOptInfo *index = lfirst(cell);

		if (!is_way(root, conditions, index, table, thread) ||
			!predicate_implied_by(index->indpred, conditions, false))
			continue;
		given |= gives_key(root, conditions, index, thread);
		most = Max(most, depth(root, conditions, index, table));
	}
	if (!given)
		return;
	foreach (cell, rel->indexlist)
	{
		IndexOptInfo *index = lfirst(cell);

		if (is_way(root, conditions, index, table, thread) &&
			depth(root, conditions, index, table) >= most)
			kept = lappend(kept, index);
	}
	if (kept)
		rel->indexlist = kept;
	/* While the rest of this statement is planned: what is not used yet looks empty. */
	enable_seqscan = enable_sort = false;
}

static void
set_ways(const Ways *ways)
{
	by_key = ways->by_key;
	by_words = ways->by_words;
	enable_seqscan = ways->seqscan;
	enable_sort = ways->sort;
	jit_enabled = ways->jit;
}

/*
 * How to plan a statement of ours. Without jit: what is planned for every call would be compiled
 * for every call, and what sorts although it must not costs so much that it would be, too.
 */
static Ways
ways_for(const Stmt *stmt, const Ways *session)
{
	Ways ways = *session;

	ways.by_key = !stmt->custom;
	ways.by_words = stmt->by_words;
	ways.jit = false;
	if (stmt->keyed || stmt->by_words)
		ways.seqscan = ways.sort = false;
	return ways;
}

/* The planner is given the text of the plan's source, not a copy. */
static bool
is_of(const Stmt *stmt, const char *sql)
{
	const CachedPlanSource *source = linitial(SPI_plan_get_plan_sources(stmt->plan));

	return source->query_string == sql;
}

/*
 * What a statement of ours calls may be run to be planned (a function of a policy), and plan others
 * within: these as if there were no statement around them.
 */
static PlannedStmt *
plan(Query *query, const char *sql, int options, ParamListInfo values)
{
	const Stmt *stmt = runner_stmt();
	bool is_ours = stmt && is_of(stmt, sql);
	planner_hook_type make = next_planner ? next_planner : standard_planner;
	const Ways before = {by_key, by_words, enable_seqscan, enable_sort, jit_enabled};
	const Ways *outer = outside;
	Ways ways = outside ? *outside : before;
	PlannedStmt *made;

	if (!is_ours && !outside)
		return make(query, sql, options, values);
	PG_TRY();
	{
		Ways session = ways;

		outside = is_ours ? &session : NULL;
		if (is_ours)
			ways = ways_for(stmt, &session);
		set_ways(&ways);
		made = make(query, sql, options, values);
	}
	PG_FINALLY();
	{
		outside = outer;
		set_ways(&before);
	}
	PG_END_TRY();
	return made;
}

void
plan_take_hooks(void)
{
	static bool taken;

	if (taken)
		return;
	next_planner = planner_hook;
	planner_hook = plan;
	next_relation_info = get_relation_info_hook;
	get_relation_info_hook = keep_ways;
	plan_hide_values();
	taken = true;
}
