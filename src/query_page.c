/*
 * query_page.c: the end of every list: order, cursor, number of rows.
 *
 * A page starts after a row (keyset: after_id names the row, its sort value is looked up) or after
 * a number of rows (skip, or page_number and page_size).  The key always breaks ties, so that no
 * row is shown twice or never.
 */
#include "query.h"

#include "utils/builtins.h"

static const char *const orders[] = {"desc", "asc", NULL};

void
page_read(Listing *page, NullableDatum order, NullableDatum max_rows, NullableDatum after_id)
{
	page->descending = guard_choice("sort_order", order, orders) == 0;
	page->max_rows = max_rows.isnull ? DEFAULT_ROWS : DatumGetInt32(max_rows.value);
	page->after_id = after_id;
	page->skip = 0;
}

void
page_by_number(Listing *page, NullableDatum page_number, NullableDatum page_size)
{
	if (!page_size.isnull)
		page->max_rows = DatumGetInt32(page_size.value);
	if (page_number.isnull)
		return;
	if (!page->after_id.isnull)
		error_bad_input("page_number", "Give either a page number or after_id, not both.");
	page->skip = ((int64)DatumGetInt32(page_number.value) - 1) * page->max_rows;
}

/* A cursor has to exist, else the page would be empty and the caller would take it for the end. */
static void
add_cursor(Call *call, const Listing *page, Built *built)
{
	Built probe;
	char *clause;

	built_begin(&probe, psprintf("SELECT 1 FROM %s WHERE tenant_id = $1", page->table));
	built_when(&probe, psprintf(" AND %s = $%%d", page->key), 't', page->after_id);
	if (!built_first(call, &probe))
		error_not_found(page->noun, text_or_null(page->after_id));
	clause = psprintf(" AND (%s, %s) %c (SELECT %s, %s FROM %s WHERE tenant_id = $1 AND %s = $%%d)",
					  page->sort, page->key, page->descending ? '<' : '>', page->sort, page->key,
					  page->table, page->key);
	built_when(built, clause, 't', page->after_id);
}

/* Every column of the sort goes the same way; a comma in parentheses is a function's. */
static void
add_order(const Listing *page, Built *built)
{
	const char *way = page->descending ? " DESC" : "";
	int depth = 0;

	built_add(built, " ORDER BY ");
	for (const char *c = page->sort; *c; c++)
	{
		depth += (*c == '(') - (*c == ')');
		if (*c == ',' && depth == 0)
			built_add(built, way);
		appendStringInfoChar(&built->sql, *c);
	}
	built_add(built, psprintf("%s, %s%s", way, page->key, way));
}

void
page_add(Call *call, Listing *page, Built *built)
{
	if (!page->after_id.isnull)
		add_cursor(call, page, built);
	add_order(page, built);
	built_page(built, page->max_rows, page->skip);
}
