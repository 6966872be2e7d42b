/*
 * query/sweep.c: work that is due in many tenants, so much of it in one call.
 *
 * First every tenant is asked since when something waits in it. Those in which something does are
 * served by that, the longest first, each with its share of what is left: as many rows as there
 * are, divided by the tenants still to be served. What one does not need the next ones have, and
 * who took its whole share is served again while rows are left. So a tenant with a million rows
 * holds up none with ten; and where there are more tenants than rows, those that the call did not
 * come to have waited the longest the next time. Nothing has to be remembered between two calls.
 *
 * A function cannot commit. So each tenant's part is a subtransaction: an error in one takes back
 * that part and leaves the others'. A cancelled call has done nothing, which is why it is bounded.
 */
#include "query/query.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

typedef struct Part
{
	NullableDatum tenant_id;
	TimestampTz since;
	int64 count;    /* done, or in a survey found */
	bool is_hungry; /* may have more to do than its share was */
	char *sqlstate; /* of the error that ended it, NULL for none */
} Part;

typedef struct Parts
{
	Part *parts;
	int count;
	int room;
} Parts;

/* A part's work, in its subtransaction. */
typedef struct Serving
{
	Call *call;
	const Sweep *sweep;
	int64 share;
	int64 done;
} Serving;

static void
add_part(Call *call, Parts *found, MemoryContext memory)
{
	MemoryContext spi;
	Part *part;

	if (row_column(1, 1).isnull)
		return;
	spi = MemoryContextSwitchTo(memory);
	if (found->count == found->room)
	{
		found->room = Max(16, found->room * 2);
		found->parts = found->parts ? repalloc_huge(found->parts, sizeof(Part) * found->room)
									: palloc(sizeof(Part) * found->room);
	}
	part = &found->parts[found->count++];
	*part = (Part){.tenant_id = ARG_TEXT(call->acting),
				   .since = DatumGetTimestampTz(row_datum(1, 1)),
				   .count = row_int64(1, 2),
				   .is_hungry = true};
	MemoryContextSwitchTo(spi);
}

static Parts
find_parts(Call *call, Stmt *due, NullableDatum *args)
{
	MemoryContext memory = CurrentMemoryContext;
	Parts found = {0};

	for (bool more = query_first_tenant(call, true); more; more = query_next_tenant(call, true))
	{
		query_push();
		query_first(call, due, args);
		add_part(call, &found, memory);
		query_pop();
	}
	return found;
}

/* By time; tenants were found in the order of their names, which decides between equal ones. */
static int
compare_parts(const void *a, const void *b)
{
	const Part *left = a;
	const Part *right = b;

	CHECK_FOR_INTERRUPTS();
	if (left->since != right->since)
		return left->since < right->since ? -1 : 1;
	return strcmp(TextDatumGetCString(left->tenant_id.value),
				  TextDatumGetCString(right->tenant_id.value));
}

static void
work_on(void *context)
{
	Serving *serving = context;

	serving->done = serving->sweep->work(serving->call, serving->share, serving->sweep->context);
}

static int64
serve(Serving *serving, Part *part)
{
	char *tenant = text_or_null(part->tenant_id);

	CHECK_FOR_INTERRUPTS();
	query_go_to_tenant(serving->call, tenant);
	serving->done = 0;
	part->sqlstate = query_apart(work_on, serving, psprintf("the part of tenant \"%s\"", tenant));
	if (part->sqlstate)
		serving->done = 0;
	part->count += serving->done;
	part->is_hungry = !part->sqlstate && serving->done >= serving->share;
	return serving->done;
}

static int
count_hungry(const Parts *found)
{
	int count = 0;

	for (int i = 0; i < found->count; i++)
		count += found->parts[i].is_hungry;
	return count;
}

/* One round through those that have more to do; gives what is left of the rows. */
static int64
serve_round(Call *call, const Sweep *sweep, Parts *found, int64 left)
{
	int waiting = count_hungry(found);

	for (int i = 0; i < found->count && left > 0; i++)
	{
		Serving serving = {.call = call, .sweep = sweep};

		if (!found->parts[i].is_hungry)
			continue;
		serving.share = (left + waiting - 1) / waiting;
		waiting--;
		left -= serve(&serving, &found->parts[i]);
	}
	return left;
}

/* One row for each, but for those that were served and had nothing that could be done. */
static Datum
give_parts(Call *call, const Parts *found)
{
	query_open_set(call);
	for (int i = 0; i < found->count; i++)
	{
		const Part *part = &found->parts[i];
		Datum values[] = {part->tenant_id.value, count_datum(part->count),
						  TimestampTzGetDatum(part->since),
						  part->sqlstate ? CStringGetTextDatum(part->sqlstate) : (Datum)0};
		bool nulls[] = {false, false, false, !part->sqlstate};

		if (part->count > 0 || part->is_hungry || part->sqlstate)
			query_put(call, values, nulls, lengthof(values));
	}
	return query_close_set(call);
}

Datum
query_sweep(Call *call, const Sweep *sweep)
{
	Parts found = find_parts(call, sweep->due, sweep->args);
	int64 left = sweep->max_rows;

	if (found.count > 0)
		qsort(found.parts, found.count, sizeof(Part), compare_parts);
	for (int i = 0; i < found.count; i++)
		found.parts[i].count = 0;
	while (left > 0 && count_hungry(&found) > 0)
		left = serve_round(call, sweep, &found, left);
	return give_parts(call, &found);
}

Datum
query_survey(Call *call, Stmt *due, NullableDatum *args)
{
	Parts found = find_parts(call, due, args);

	if (found.count > 0)
		qsort(found.parts, found.count, sizeof(Part), compare_parts);
	return give_parts(call, &found);
}
