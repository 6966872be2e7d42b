/*
 * query/page.c: the end of every list of what a tenant has: order, cursor, number of rows.
 *
 * A page starts after a row (keyset: after_position has what it is sorted by, after_id names it and
 * it is looked up) or after a number of rows (skip, or page_number and page_size).  The key always
 * breaks ties, so that no row is shown twice or never.
 */
#include "query/query.h"

#include "utils/builtins.h"

static const char *const orders[] = {"desc", "asc", NULL};

void
page_read(Listing *page, NullableDatum sort_order, NullableDatum max_rows, NullableDatum after_id,
		  NullableDatum after_position)
{
	order_give_one("after_position", after_position, "after_id", after_id);
	page->descending = guard_choice("sort_order", sort_order, orders) == 0;
	page->max_rows = int64_or(max_rows, DEFAULT_ROWS);
	page->after_id = after_id;
	page->after_position = after_position;
	page->skip = 0;
	page->order = (Order){0};
}

void
page_by_number(Listing *page, NullableDatum page_number, NullableDatum page_size)
{
	if (!page_size.isnull)
		page->max_rows = DatumGetInt64(page_size.value);
	if (page_number.isnull)
		return;
	order_give_one("page_number", page_number, "after_id", page->after_id);
	order_give_one("page_number", page_number, "after_position", page->after_position);
	page->skip = (DatumGetInt64(page_number.value) - 1) * page->max_rows;
}

/* Made once a call, when its room has said all. */
static const Order *
order_of(Listing *page)
{
	Order *order = &page->order;
	int count = (int)strlen(page->sort->types);

	if (order->list)
		return order;
	order->types = psprintf("%st", page->sort->types);
	for (int i = 0; i < count; i++)
		order->columns[i] = page->sort->columns[i];
	order->columns[count] = page->key;
	order->descending = page->descending;
	order->list = psprintf("%s by %s %s", page->list, order->columns[0], orders[!page->descending]);
	return order;
}

static char *
columns_of(const Order *order)
{
	StringInfoData out;

	initStringInfo(&out);
	for (int i = 0; order->types[i]; i++)
		appendStringInfo(&out, "%s%s", i > 0 ? ", " : "", order->columns[i]);
	return out.data;
}

char *
page_column(Listing *page, Built *built)
{
	const Order *order = order_of(page);

	return psprintf(", %s", order_column(order, built, columns_of(order)));
}

/* A cursor has to exist, else the page would be empty and the caller would take it for the end. */
static void
look_up(Call *call, const Listing *page, const Order *order, NullableDatum *values)
{
	Built probe;

	built_begin(&probe,
				psprintf("SELECT %s FROM %s WHERE tenant_id = $1", columns_of(order), page->table));
	built_when(&probe, psprintf(" AND %s = $%%d", page->key), 't', page->after_id);
	if (!built_first(call, &probe))
		error_no_cursor(page->noun, text_or_null(page->after_id));
	for (int i = 0; order->types[i]; i++)
		values[i] = row_column(1, i + 1);
}

void
page_add(Call *call, Listing *page, Built *built)
{
	NullableDatum values[ORDER_COLUMNS];
	const Order *order = order_of(page);

	if (!page->after_position.isnull)
		order_read(order, "after_position", page->after_position, values);
	else if (!page->after_id.isnull)
		look_up(call, page, order, values);
	if (!page->after_position.isnull || !page->after_id.isnull)
		order_go_on(order, built, values, false);
	order_add(order, built);
	built_page(built, page->max_rows, page->skip);
}
