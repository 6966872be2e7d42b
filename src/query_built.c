/*
 * query_built.c: statements put together from the conditions a call gives.
 *
 * The text has no values in it, so the number of different texts is the number of combinations of
 * filters an application uses: few.  A session that uses more than the table holds starts over.
 */
#include "query.h"

#include "utils/hsearch.h"
#include "common/hashfn.h"
#include "utils/memutils.h"

#define BUILT_MAX 200

typedef struct Kept
{
	const char *sql; /* hash key, by text; in kept_context */
	Stmt stmt;
} Kept;

static HTAB *kept;
static MemoryContext kept_context;

static uint32
hash_sql(const void *key, Size size)
{
	const char *sql = *(const char *const *)key;

	return hash_bytes((const unsigned char *)sql, (int)strlen(sql));
}

static int
match_sql(const void *a, const void *b, Size size)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
create_kept(void)
{
	HASHCTL ctl = {
		.keysize = sizeof(char *), .entrysize = sizeof(Kept), .hash = hash_sql, .match = match_sql};

	kept_context = AllocSetContextCreate(TopMemoryContext, "threadmem built statements",
										 ALLOCSET_DEFAULT_SIZES);
	ctl.hcxt = kept_context;
	kept = hash_create("threadmem built statements", BUILT_MAX, &ctl,
					   HASH_ELEM | HASH_FUNCTION | HASH_COMPARE | HASH_CONTEXT);
}

static void
drop_kept(void)
{
	HASH_SEQ_STATUS scan;
	Kept *entry;

	hash_seq_init(&scan, kept);
	while ((entry = hash_seq_search(&scan)) != NULL)
		if (entry->stmt.plan)
			SPI_freeplan(entry->stmt.plan);
	kept = NULL;
	MemoryContextDelete(kept_context);
}

void
built_begin(Built *built, const char *sql)
{
	initStringInfo(&built->sql);
	appendStringInfoString(&built->sql, sql);
	built->count = 0;
	built->types[0] = '\0';
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

/*
 * How many rows contain or match something depends on what; inside one thread the thread's index is
 * the way in any case.
 */
static bool
wants_custom_plan(const char *sql)
{
	return strstr(sql, "OPERATOR(threadmem.@") && !strstr(sql, "thread_id = $");
}

Stmt *
built_stmt(Built *built)
{
	const char *sql = built->sql.data;
	Kept *entry;
	bool found;

	if (kept && hash_get_num_entries(kept) >= BUILT_MAX)
		drop_kept();
	if (!kept)
		create_kept();
	entry = hash_search(kept, &sql, HASH_FIND, NULL);
	if (entry)
		return &entry->stmt;
	sql = MemoryContextStrdup(kept_context, sql);
	entry = hash_search(kept, &sql, HASH_ENTER, &found);
	entry->stmt = (Stmt){.sql = sql,
						 .types = MemoryContextStrdup(kept_context, built->types),
						 .custom = wants_custom_plan(sql)};
	return &entry->stmt;
}
