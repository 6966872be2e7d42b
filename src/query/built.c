/*
 * query/built.c: statements put together from the conditions a call gives.
 *
 * The text has no values in it, so the number of different texts is the number of combinations of
 * filters an application uses: few.  A session that uses more than are kept plans the one that it
 * has not used for longest again.  Never one that is being executed: what a statement calls (a
 * policy, a function in one) may call us in turn, with as many other texts as it likes.  So a
 * statement is looked up and executed in one step, and counts the executions it is in.
 */
#include "query/query.h"

#include "common/hashfn.h"
#include "lib/ilist.h"
#include "utils/memutils.h"

#define KEPT_MAX 200
#define NO_PAGE PG_INT64_MAX /* as page_rows: all rows are wanted */

typedef struct Kept
{
	dlist_node node;
	uint32 hash;
	int uses;              /* executions under way, one inside the other */
	MemoryContext context; /* has this and the texts */
	Stmt stmt;
} Kept;

static dlist_head kept = DLIST_STATIC_INIT(kept); /* the one used last comes first */
static int kept_count;

void
built_begin(Built *built, const char *sql)
{
	initStringInfo(&built->sql);
	appendStringInfoString(&built->sql, sql);
	built->count = 0;
	built->types[0] = '\0';
	built->custom = false;
	built->keyed = false;
	built->by_words = false;
	built->page_rows = NO_PAGE;
}

void
built_add(Built *built, const char *sql)
{
	appendStringInfoString(&built->sql, sql);
}

int
built_arg(Built *built, char type, NullableDatum value)
{
	Assert(built->count < STMT_MAX_ARGS);
	built->types[built->count] = type;
	built->types[built->count + 1] = '\0';
	built->args[built->count++] = value;
	return built->count + 1; /* $1 is the tenant */
}

void
built_when(Built *built, const char *sql, char type, NullableDatum value)
{
	const char *mark = strstr(sql, "$%d");

	if (value.isnull)
		return;
	Assert(mark);
	appendBinaryStringInfo(&built->sql, sql, (int)(mark - sql));
	appendStringInfo(&built->sql, "$%d%s", built_arg(built, type, value), mark + 3);
}

void
built_contains(Built *built, const char *column, NullableDatum document)
{
	built_when(built, psprintf(" AND threadmem.jsonb_contains(%s, $%%d)", column), 'j', document);
}

void
built_keys(Built *built, const char *has_keys, NullableDatum document)
{
	Jsonb *sample = document.isnull ? NULL : keys_of_document(DatumGetJsonbP(document.value));

	if (!sample)
		return;
	built->custom = true;
	built_when(built, has_keys, 'j', ARG(JsonbPGetDatum(sample)));
}

/*
 * A plan that is kept and does not know how many rows are wanted is made for a tenth of them all,
 * and sorts the table for a page of twenty.  One text for every number would be too many texts.  So
 * the text has the next of a few numbers, and an outer LIMIT has the one that was asked for.
 *
 * One row more is read: it tells whether another page follows.  That is known when all are read, so
 * the statement says false on every row, and where it is true the rows are changed (mark_row()).  A
 * window that counts them would cost a quarter of a short page.
 */
void
built_page(Built *built, int64 rows, int64 skip)
{
	static const int sizes[] = {1, 20, 100, ROWS_MAX};
	char *list = built->sql.data;
	int size = 0;

	while (size < lengthof(sizes) - 1 && sizes[size] < rows)
		size++;
	initStringInfo(&built->sql);
	appendStringInfo(&built->sql, "SELECT *, false FROM (%s LIMIT %d", list, sizes[size] + 1);
	if (skip > 0)
		built_when(built, " OFFSET $%d", 'l', ARG(Int64GetDatum(skip)));
	built_when(built, ") page LIMIT $%d", 'l', ARG(Int64GetDatum(rows + 1)));
	built->page_rows = rows;
}

static Kept *
find(const Built *built, uint32 hash)
{
	dlist_iter iter;

	dlist_foreach(iter, &kept)
	{
		Kept *entry = dlist_container(Kept, node, iter.cur);

		if (entry->hash == hash && strcmp(entry->stmt.sql, built->sql.data) == 0 &&
			strcmp(entry->stmt.types, built->types) == 0)
			return entry;
	}
	return NULL;
}

static Kept *
oldest_unused(void)
{
	dlist_iter iter;

	dlist_reverse_foreach(iter, &kept)
	{
		Kept *entry = dlist_container(Kept, node, iter.cur);

		if (entry->uses == 0)
			return entry;
	}
	return NULL;
}

static void
forget(Kept *entry)
{
	dlist_delete(&entry->node);
	kept_count--;
	if (entry->stmt.plan)
		SPI_freeplan(entry->stmt.plan);
	MemoryContextDelete(entry->context);
}

/* It is the caller's until it is whole: an error on the way leaves nothing behind. */
static Kept *
make(const Built *built, uint32 hash)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "threadmem built statement",
												  ALLOCSET_SMALL_SIZES);
	Kept *entry = MemoryContextAllocZero(context, sizeof(Kept));

	entry->hash = hash;
	entry->context = context;
	entry->stmt.sql = MemoryContextStrdup(context, built->sql.data);
	entry->stmt.types = MemoryContextStrdup(context, built->types);
	entry->stmt.custom = built->custom;
	entry->stmt.keyed = built->keyed;
	entry->stmt.by_words = built->by_words;
	MemoryContextSetParent(context, TopMemoryContext);
	dlist_push_head(&kept, &entry->node);
	kept_count++;
	return entry;
}

static Kept *
find_or_make(const Built *built)
{
	uint32 hash = hash_bytes((const unsigned char *)built->sql.data, built->sql.len);
	Kept *entry = find(built, hash);

	if (entry)
	{
		dlist_move_head(&kept, &entry->node);
		return entry;
	}
	while (kept_count >= KEPT_MAX && (entry = oldest_unused()) != NULL)
		forget(entry);
	return make(built, hash);
}

static uint64
run(Call *call, Built *built, uint64 (*execute)(Call *, Stmt *, NullableDatum *))
{
	Kept *volatile entry = find_or_make(built);
	uint64 rows;

	entry->uses++;
	PG_TRY();
	{
		rows = execute(call, &entry->stmt, built->args);
	}
	PG_FINALLY();
	{
		entry->uses--;
	}
	PG_END_TRY();
	return rows;
}

/* A row that the executor made ends where its last column does; here a bool that is false. */
static void
mark_row(void *row, Size length)
{
	char *last = (char *)row + length - 1;

	Assert(*last == false);
	*last = true;
}

uint64
built_exec(Call *call, Built *built)
{
	int64 rows = run(call, built, query_exec);

	if (rows <= built->page_rows)
		return rows;
	for (int64 i = 0; i < built->page_rows; i++)
		mark_row(SPI_tuptable->vals[i]->t_data, SPI_tuptable->vals[i]->t_len);
	return built->page_rows;
}

bool
built_first(Call *call, Built *built)
{
	return built_exec(call, built) > 0;
}

Datum
built_scalar(Call *call, Built *built)
{
	return query_first_value(call, built_exec(call, built));
}

uint64
built_add_to_set(Call *call, Built *built)
{
	int64 rows = run(call, built, query_add_to_set);

	if (rows <= built->page_rows)
		return rows;
	query_cut_set(call, built->page_rows, mark_row);
	return built->page_rows;
}

Datum
built_set(Call *call, Built *built)
{
	query_open_set(call);
	built_add_to_set(call, built);
	return query_close_set(call);
}
