/*
 * store/search.c: items below a prefix, by what was put last or by what answers best.
 *
 * What is compared is all that lies below the prefix and meets the filter; the sort keeps the page.
 * Words lead to an index where there is more than that takes, and what was put last in a single
 * namespace stands in one. Vectors are compared one by one: an index over those of all namespaces
 * would give the nearest of everybody's, and hardly any of one's.
 */
#include "store/item.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(threadmem_store_search);
PG_FUNCTION_INFO_V1(threadmem_store_similarity);

/* So many items are read in the time that the index of words takes. */
#define WALKED_ROWS 500
/* Of reciprocal rank (Cormack, Clarke and Buettcher 2009): two scores do not compare, ranks do. */
#define RANK_OFFSET "60"

#define BELOW " WHERE s.tenant_id = $1 AND s.path >= $2 AND s.path < $3"
/* The first and the last namespace of a range, and how many items it has, counted so far. */
static Stmt store_extent = {
	"SELECT (SELECT s.path FROM threadmem_data.store_items s" BELOW " ORDER BY s.path LIMIT 1),"
	" (SELECT s.path FROM threadmem_data.store_items s" BELOW " ORDER BY s.path DESC LIMIT 1),"
	" (SELECT count(*) FROM (SELECT 1 FROM threadmem_data.store_items s" BELOW " LIMIT $4) AS r)",
	"ttl", .keyed = true};

/* Vectors */

/* Its vectors, one behind the other; NULL for an array that is none of ours. */
static const float4 *
numbers_of(ArrayType *array, int *vectors, int *length)
{
	bool is_list = ARR_NDIM(array) == 2;

	if ((ARR_NDIM(array) != 1 && !is_list) || ARR_HASNULL(array))
		return NULL;
	*vectors = is_list ? ARR_DIMS(array)[0] : 1;
	*length = ARR_DIMS(array)[is_list ? 1 : 0];
	return (const float4 *)ARR_DATA_PTR(array);
}

static double
cosine_of(const float4 *a, const float4 *b, int length)
{
	double product = 0;
	double squares_a = 0;
	double squares_b = 0;

	for (int i = 0; i < length; i++)
	{
		product += (double)a[i] * b[i];
		squares_a += (double)a[i] * a[i];
		squares_b += (double)b[i] * b[i];
	}
	return product / sqrt(squares_a * squares_b);
}

Datum
threadmem_store_similarity(PG_FUNCTION_ARGS)
{
	int vectors;
	int length;
	int one;
	int asked;
	const float4 *stored = numbers_of(PG_GETARG_ARRAYTYPE_P(0), &vectors, &length);
	const float4 *query = numbers_of(PG_GETARG_ARRAYTYPE_P(1), &one, &asked);
	double best = -1;

	if (!stored || !query)
	{
		warn_damaged("embeddings");
		PG_RETURN_FLOAT4(-1);
	}
	if (length != asked)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("embeddings differ in dimensions"),
				 errdetail("That of the query has %d, that of an item has %d.", asked, length),
				 errhint("One model makes what is compared: put the other items anew, or search "
						 "where they are not."),
				 err_generic_string(PG_DIAG_COLUMN_NAME, "embedding")));
	for (int i = 0; i < vectors; i++)
		best = Max(best, cosine_of(stored + (Size)i * length, query, length));
	PG_RETURN_FLOAT4((float4)best);
}

/* The statement */

/* What the rows of a search are sorted by. */
typedef enum Ranking
{
	BY_TIME,
	BY_WORDS,
	BY_VECTOR,
	BY_BOTH
} Ranking;

static const char *const rankings[] = {"newest", "words", "embedding", "words and embedding"};

typedef struct SearchPlan
{
	NullableDatum words; /* a tsquery */
	NullableDatum embedding;
	Ranking ranking;
	int words_at; /* the numbers of the arguments */
	int embedding_at;
	Order order;
} SearchPlan;

static SearchPlan
plan_of(Built *built, const StoreSearch *search)
{
	SearchPlan plan = {.words = store_question(search->query), .embedding = search->embedding};

	plan.ranking =
		(plan.words.isnull ? BY_TIME : BY_WORDS) | (plan.embedding.isnull ? BY_TIME : BY_VECTOR);
	if (!plan.words.isnull)
		plan.words_at = built_arg(built, 'q', plan.words);
	if (!plan.embedding.isnull)
		plan.embedding_at = built_arg(built, 'F', plan.embedding);
	plan.order = (Order){.list = psprintf("store_search by %s", rankings[plan.ranking]),
						 .types = "ztt",
						 .columns = {"s.updated_at", "s.path", "s.key"},
						 .turn = 1,
						 .descending = true};
	if (plan.ranking != BY_TIME)
	{
		plan.order.types = "fztt";
		memmove(plan.order.columns + 1, plan.order.columns, 3 * sizeof(char *));
		plan.order.columns[0] = "s.score";
		plan.order.turn = 2;
	}
	return plan;
}

/* The place of a row in one of two lists, as a share of its score; 0 for one that is not in it. */
static char *
share_of(const char *is_in, const char *rank)
{
	return psprintf("CASE WHEN %s THEN 1.0 / (" RANK_OFFSET
					" + row_number() OVER (ORDER BY (%s) DESC,"
					" %s DESC, s.updated_at DESC, s.path, s.key)) ELSE 0 END",
					is_in, is_in, rank);
}

static void
add_score(Built *built, const SearchPlan *plan)
{
	char *rank = psprintf("ts_rank(s.search, $%d)", plan->words_at);
	char *near = psprintf("threadmem.store_similarity(s.embeddings, $%d)", plan->embedding_at);

	if (plan->ranking == BY_WORDS)
		built_add(built, rank);
	else if (plan->ranking == BY_VECTOR)
		built_add(built, near);
	else if (plan->ranking == BY_BOTH)
		appendStringInfo(&built->sql, "(%s + %s)::real",
						 share_of(psprintf("s.search @@ $%d", plan->words_at), rank),
						 share_of("s.embeddings IS NOT NULL", near));
	else
		built_add(built, "NULL::real");
}

static void
add_question(Built *built, const SearchPlan *plan)
{
	if (plan->ranking == BY_WORDS)
		appendStringInfo(&built->sql, " AND s.search @@ $%d", plan->words_at);
	else if (plan->ranking == BY_VECTOR)
		built_add(built, " AND s.embeddings IS NOT NULL");
	else if (plan->ranking == BY_BOTH)
		appendStringInfo(&built->sql, " AND (s.search @@ $%d OR s.embeddings IS NOT NULL)",
						 plan->words_at);
}

/* By the index of words, within one namespace where it is one. */
static void
add_keys(Built *built, const SearchPlan *plan, NullableDatum path)
{
	built->by_words = true;
	appendStringInfo(&built->sql,
					 " AND threadmem.tenant_keys(s.tenant_id, s.search, ARRAY[s.path, s.user_id])"
					 " OPERATOR(threadmem.@@) threadmem.tenant_query($1, $%d, ARRAY[$%d, NULL])",
					 plan->words_at, built_arg(built, 't', path));
}

/* Which rows are looked at, and how they are found. */
static void
add_range(Call *call, Built *built, const SearchPlan *plan, NullableDatum prefix)
{
	NullableDatum args[] = {prefix, ARG_NULL, ARG(Int64GetDatum(WALKED_ROWS + 1))};
	NullableDatum only = ARG_NULL;
	bool is_short = false;

	if (!prefix.isnull)
	{
		char *first;
		char *last;

		args[1] = path_end(prefix);
		query_first(call, &store_extent, args);
		first = row_text_or_null(1, 1);
		last = row_text_or_null(1, 2);
		is_short = row_int64(1, 3) <= WALKED_ROWS;
		if (first && last && strcmp(first, last) == 0)
			only = ARG_TEXT(first);
	}
	built_when(built, " AND s.path = $%d", 't', only);
	if (only.isnull && !prefix.isnull)
	{
		built_when(built, " AND s.path >= $%d", 't', prefix);
		built_when(built, " AND s.path < $%d", 't', args[1]);
	}
	if (plan->ranking == BY_WORDS && !is_short)
		add_keys(built, plan, only);
}

/* A plan is made for the number that stands in the text: the next of a few. */
static void
add_limit(Built *built, int64 rows, int64 skip)
{
	static const int sizes[] = {2, 11, 21, 101, ROWS_MAX + 1};
	int size = 0;

	while (size < lengthof(sizes) - 1 && sizes[size] < rows)
		size++;
	appendStringInfo(&built->sql, " LIMIT %d", sizes[size]);
	if (skip > 0)
		built_when(built, " OFFSET $%d", 'l', ARG(Int64GetDatum(skip)));
}

void
store_search_add(Call *call, Built *built, const StoreSearch *search)
{
	NullableDatum prefix = path_of("namespace_prefix", search->prefix);
	NullableDatum place[ORDER_COLUMNS];
	SearchPlan plan;
	int more;

	guard_filter(search->filter);
	plan = plan_of(built, search);
	built_add(built, "SELECT " STORE_COLUMNS ", s.score, ");
	built_add(built,
			  order_column(&plan.order, built,
						   plan.ranking == BY_TIME ? "s.updated_at, s.path, s.key"
												   : "s.score, s.updated_at, s.path, s.key"));
	more = built_arg(built, 'l', ARG(Int64GetDatum(search->max_rows)));
	appendStringInfo(&built->sql, ", count(*) OVER () > $%d FROM (", more);
	built_add(built, "SELECT * FROM (SELECT * FROM (SELECT s.*, ");
	add_score(built, &plan);
	built_add(built, " AS score FROM threadmem_data.store_items s WHERE s.tenant_id = $1");
	add_range(call, built, &plan, prefix);
	built_add(built, " AND " STORE_LIVE);
	built_when(built, " AND threadmem.store_matches(s.value, $%d)", 'j', search->filter);
	add_question(built, &plan);
	built_add(built, ") s WHERE true");
	if (!search->after_position.isnull)
	{
		order_read(&plan.order, "after_position", search->after_position, place);
		order_go_on(&plan.order, built, place, false);
	}
	order_add(&plan.order, built);
	add_limit(built, search->max_rows + 1, search->skip);
	built_when(built, ") s LIMIT $%d) s", 'l', ARG(Int64GetDatum(search->max_rows + 1)));
	order_add(&plan.order, built);
	appendStringInfo(&built->sql, " LIMIT $%d", more);
}

enum
{
	SEARCH_PREFIX,
	SEARCH_FILTER,
	SEARCH_QUERY,
	SEARCH_EMBEDDING,
	SEARCH_MAX_ROWS,
	SEARCH_SKIP,
	SEARCH_AFTER_POSITION
};

Datum
threadmem_store_search(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	StoreSearch search = {.prefix = args[SEARCH_PREFIX],
						  .filter = args[SEARCH_FILTER],
						  .query = args[SEARCH_QUERY],
						  .max_rows = int64_or(args[SEARCH_MAX_ROWS], DEFAULT_ROWS),
						  .skip = int64_or(args[SEARCH_SKIP], 0),
						  .after_position = args[SEARCH_AFTER_POSITION]};
	Built built;
	Call call;

	query_begin(&call, fcinfo);
	search.embedding = embedding_real(args[SEARCH_EMBEDDING]);
	built_begin(&built, "");
	store_search_add(&call, &built, &search);
	return built_set(&call, &built);
}
