/*
 * memory/working.c: blocks of working memory, which a model keeps of a user or of a thread and
 * edits itself.
 *
 * A block is small and always before the model, so it has a limit and is never cut: what does not
 * fit is refused when it is written, and the model is told. Whoever writes one holds the row of its
 * user or thread, so versions count without a gap and the number of blocks is exact.
 */
#include "memory/working.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "fact/fact.h"
#include "memory/line.h"
#include "user/user.h"

#define WORKING_CHARACTERS 2000
#define WORKING_MAX_CHARACTERS 50000
#define WORKING_MAX_BLOCKS 100

PG_FUNCTION_INFO_V1(threadmem_memory_block_set);
PG_FUNCTION_INFO_V1(threadmem_memory_block_get);
PG_FUNCTION_INFO_V1(threadmem_memory_block_list);
PG_FUNCTION_INFO_V1(threadmem_memory_block_history);
PG_FUNCTION_INFO_V1(threadmem_memory_block_delete);

/* The columns of the view threadmem.memory_blocks, from table alias b. */
#define BLOCK_COLUMNS \
	"nullif(b.user_id, ''), nullif(b.thread_id, ''), b.label, b.value, b.description," \
	" b.max_characters, b.version, b.created_at, b.updated_at"
/* $2 and $3 are user and thread, one of them ''. */
#define OF_PLACE(alias) \
	" WHERE " alias ".tenant_id = $1 AND " alias ".user_id = $2 AND " alias ".thread_id = $3"
#define ONE(alias) OF_PLACE(alias) " AND " alias ".label = $4"

static Stmt working_get = {"SELECT " BLOCK_COLUMNS " FROM threadmem_data.memory_blocks b" ONE("b"),
						   "ttt"};
static Stmt working_list = {"SELECT " BLOCK_COLUMNS " FROM threadmem_data.memory_blocks b" OF_PLACE(
								"b") " ORDER BY b.label",
							"tt"};
static Stmt working_count = {"SELECT count(*) FROM threadmem_data.memory_blocks b" OF_PLACE("b"),
							 "tt"};
static Stmt working_insert = {
	"INSERT INTO threadmem_data.memory_blocks AS b (tenant_id, user_id, thread_id, label, value,"
	" description, max_characters, created_at, updated_at) SELECT $1, $2, $3, $4, coalesce($5, ''),"
	" nullif($6, ''), $7, n, n FROM clock_timestamp() AS n"
	" RETURNING " BLOCK_COLUMNS,
	"tttttl"};
static Stmt working_differs = {
	"SELECT 1 FROM threadmem_data.memory_blocks b" ONE(
		"b") " AND (b.value <> $5"
			 " OR b.description IS DISTINCT FROM CASE WHEN $6 IS NULL THEN b.description ELSE nullif($6, '')"
			 " END OR b.max_characters <> $7)",
	"tttttl"};
static Stmt working_archive = {
	"INSERT INTO threadmem_data.memory_block_revisions (tenant_id, user_id, thread_id, label, version,"
	" value, description, max_characters, created_at, updated_at, replaced_at) SELECT b.tenant_id,"
	" b.user_id, b.thread_id, b.label, b.version, b.value, b.description, b.max_characters,"
	" b.created_at, b.updated_at, greatest(b.updated_at, clock_timestamp())"
	" FROM threadmem_data.memory_blocks b" ONE("b"),
	"ttt"};
static Stmt working_update = {
	"UPDATE threadmem_data.memory_blocks b SET value = coalesce($5, b.value),"
	" description = CASE WHEN $6 IS NULL THEN b.description ELSE nullif($6, '') END,"
	" max_characters = $7, version = b.version + 1, updated_at = (SELECT r.replaced_at"
	" FROM threadmem_data.memory_block_revisions r" ONE("r") " AND r.version = b.version)" ONE(
		"b") " RETURNING " BLOCK_COLUMNS,
	"tttttl"};
static Stmt working_history = {
	"SELECT " BLOCK_COLUMNS ", b.replaced_at FROM (SELECT r.user_id, r.thread_id, r.label, r.value,"
	" r.description, r.max_characters, r.version, r.created_at, r.updated_at, r.replaced_at"
	" FROM threadmem_data.memory_block_revisions r" ONE(
		"r") " UNION ALL SELECT o.user_id,"
			 " o.thread_id, o.label, o.value, o.description, o.max_characters, o.version, o.created_at,"
			 " o.updated_at, NULL FROM threadmem_data.memory_blocks o" ONE(
				 "o") ") b ORDER BY b.version",
	"ttt"};
static Stmt working_delete_revisions = {
	"DELETE FROM threadmem_data.memory_block_revisions r" ONE("r"), "ttt"};
static Stmt working_delete = {"DELETE FROM threadmem_data.memory_blocks b" ONE("b"), "ttt"};
static Stmt working_shown = {
	"SELECT b.label, b.description, b.value FROM threadmem_data.memory_blocks b WHERE b.tenant_id = $1"
	" AND ((b.user_id = $2 AND b.thread_id = '') OR (b.user_id = '' AND b.thread_id = $3))"
	" ORDER BY b.thread_id, b.label",
	"tt"};
/* Written since $3 and before $4. */
#define WRITTEN(alias) \
	"($3 IS NULL OR " alias ".updated_at >= $3) AND ($4 IS NULL OR " alias ".updated_at < $4)"
static Stmt working_forget_revisions = {
	"DELETE FROM threadmem_data.memory_block_revisions r WHERE r.tenant_id = $1 AND r.user_id = $2"
	" AND ((" WRITTEN(
		"r") ") OR EXISTS (SELECT 1 FROM threadmem_data.memory_blocks b"
			 " WHERE b.tenant_id = $1 AND b.user_id = $2 AND b.label = r.label AND " WRITTEN(
				 "b") "))",
	"tzz", .newest = true};
static Stmt working_forget_blocks = {
	"DELETE FROM threadmem_data.memory_blocks b WHERE b.tenant_id = $1 AND b.user_id = $2"
	" AND " WRITTEN("b"),
	"tzz", .newest = true};

/* Which block a call is about. */
typedef struct BlockKey
{
	NullableDatum user_id; /* or '' */
	NullableDatum thread_id;
	NullableDatum label;
} BlockKey;

static BlockKey
read_place(NullableDatum user_id, NullableDatum thread_id)
{
	if (user_id.isnull == thread_id.isnull)
		error_bad_input(user_id.isnull ? "user_id" : "thread_id",
						"Give either user_id or thread_id, whose block it is.");
	return (BlockKey){user_id.isnull ? ARG_TEXT("") : user_id,
					  thread_id.isnull ? ARG_TEXT("") : thread_id, ARG_NULL};
}

static BlockKey
read_key(NullableDatum label, NullableDatum user_id, NullableDatum thread_id)
{
	BlockKey key = read_place(user_id, thread_id);
	char *name = text_or_null(label);

	guard_id("label", name, (int)strlen(name));
	key.label = label;
	return key;
}

/* The row of its user or thread; false when there is no such user. */
static bool
lock_place(Call *call, NullableDatum user_id, NullableDatum thread_id)
{
	ThreadRow thread;
	FactOwner owner;

	if (user_id.isnull)
		thread_row_lock(call, thread_id, &thread);
	return user_id.isnull || owner_find_lock(call, user_id, &owner);
}

pg_noreturn static void
error_no_block(const BlockKey *key)
{
	ereport(ERROR, (errcode(ERRCODE_NO_DATA_FOUND), errmsg("memory block not found"),
					errdetail("label is \"%s\".", text_or_null(key->label)),
					errhint("Check the label, whose block it is, and the tenant and user of this "
							"session."),
					err_generic_string(PG_DIAG_SCHEMA_NAME, "threadmem"),
					err_generic_string(PG_DIAG_TABLE_NAME, "memory_blocks"),
					err_generic_string(PG_DIAG_COLUMN_NAME, "label")));
}

static void
check_version(const BlockKey *key, int64 version, NullableDatum expected)
{
	if (!expected.isnull && DatumGetInt64(expected.value) != version)
		error_stale("memory block was changed meanwhile", "Read it again, then repeat the change.",
					"label \"%s\" has version " INT64_FORMAT ", expected was " INT64_FORMAT ".",
					text_or_null(key->label), version, DatumGetInt64(expected.value));
}

static void
guard_size(const char *value, int64 limit)
{
	int characters = pg_mbstrlen(value);

	if (characters > limit)
		ereport(
			ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("memory block is too large"),
			 errdetail("It has %d characters, the limit is " INT64_FORMAT ".", characters, limit),
			 errhint("Shorten it, or raise its max_characters."),
			 err_generic_string(PG_DIAG_COLUMN_NAME, "value")));
}

enum
{
	SET_LABEL,
	SET_VALUE,
	SET_USER_ID,
	SET_THREAD_ID,
	SET_MAX_CHARACTERS,
	SET_DESCRIPTION,
	SET_EXPECTED_VERSION
};

static Datum
make_block(Call *call, const BlockKey *key, NullableDatum *row, NullableDatum expected)
{
	if (int64_or(expected, 0) != 0)
		error_no_block(key);
	query_first(call, &working_count, row);
	if (row_int64(1, 1) >= WORKING_MAX_BLOCKS)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("too many memory blocks"),
						errdetail("There are " INT64_FORMAT ", the limit is %d.", row_int64(1, 1),
								  WORKING_MAX_BLOCKS)));
	query_first(call, &working_insert, row);
	return query_row(call);
}

static Datum
change_block(Call *call, NullableDatum *row)
{
	Stmt *answer = &working_get;

	if (query_first(call, &working_differs, row))
	{
		query_exec(call, &working_archive, row);
		answer = &working_update;
	}
	query_first(call, answer, row);
	return query_row(call);
}

Datum
threadmem_memory_block_set(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	BlockKey key;
	NullableDatum value = args[SET_VALUE];
	int64 limit = int64_or(args[SET_MAX_CHARACTERS], WORKING_CHARACTERS);
	bool known;
	Call call;

	query_begin(&call, fcinfo);
	key = read_key(args[SET_LABEL], args[SET_USER_ID], args[SET_THREAD_ID]);
	if (limit < 1 || limit > WORKING_MAX_CHARACTERS)
		error_bad_input("max_characters", "It must be from 1 to %d, not " INT64_FORMAT ".",
						WORKING_MAX_CHARACTERS, limit);
	if (!args[SET_DESCRIPTION].isnull)
		guard_size(text_or_null(args[SET_DESCRIPTION]), WORKING_CHARACTERS);
	if (!lock_place(&call, args[SET_USER_ID], args[SET_THREAD_ID]))
		error_no_parent("user", text_or_null(args[SET_USER_ID]));
	known =
		query_first(&call, &working_get, (NullableDatum[]){key.user_id, key.thread_id, key.label});
	if (known)
	{
		check_version(&key, row_int64(1, 7), args[SET_EXPECTED_VERSION]);
		if (args[SET_MAX_CHARACTERS].isnull)
			limit = row_int64(1, 6);
		if (value.isnull)
			value = row_column(1, 4);
	}
	if (!value.isnull)
		guard_size(text_or_null(value), limit);
	{
		NullableDatum row[] = {key.user_id, key.thread_id,         key.label,
							   value,       args[SET_DESCRIPTION], ARG(Int64GetDatum(limit))};

		return known ? change_block(&call, row)
					 : make_block(&call, &key, row, args[SET_EXPECTED_VERSION]);
	}
}

enum
{
	GET_LABEL,
	GET_USER_ID,
	GET_THREAD_ID,
	GET_MISSING_OK
};

Datum
threadmem_memory_block_get(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	BlockKey key;
	Call call;

	query_begin(&call, fcinfo);
	key = read_key(args[GET_LABEL], args[GET_USER_ID], args[GET_THREAD_ID]);
	query_open_set(&call);
	if (query_add_to_set(&call, &working_get,
						 (NullableDatum[]){key.user_id, key.thread_id, key.label}) == 0 &&
		!bool_or(args[GET_MISSING_OK], false))
		error_no_block(&key);
	return query_close_set(&call);
}

enum
{
	LIST_USER_ID,
	LIST_THREAD_ID
};

Datum
threadmem_memory_block_list(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	BlockKey key;
	Call call;

	query_begin(&call, fcinfo);
	key = read_place(args[LIST_USER_ID], args[LIST_THREAD_ID]);
	if (args[LIST_USER_ID].isnull)
		thread_row_require(&call, args[LIST_THREAD_ID]);
	else
		user_require_known(&call, args[LIST_USER_ID]);
	return query_set(&call, &working_list, (NullableDatum[]){key.user_id, key.thread_id});
}

Datum
threadmem_memory_block_history(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	BlockKey key;
	Call call;

	query_begin(&call, fcinfo);
	key = read_key(args[GET_LABEL], args[GET_USER_ID], args[GET_THREAD_ID]);
	query_open_set(&call);
	if (query_add_to_set(&call, &working_history,
						 (NullableDatum[]){key.user_id, key.thread_id, key.label}) == 0)
		error_no_block(&key);
	return query_close_set(&call);
}

enum
{
	DELETE_LABEL,
	DELETE_USER_ID,
	DELETE_THREAD_ID,
	DELETE_EXPECTED_VERSION
};

Datum
threadmem_memory_block_delete(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	BlockKey key;
	Call call;

	query_begin(&call, fcinfo);
	key = read_key(args[DELETE_LABEL], args[DELETE_USER_ID], args[DELETE_THREAD_ID]);
	if (!lock_place(&call, args[DELETE_USER_ID], args[DELETE_THREAD_ID]))
		error_not_found("user", text_or_null(args[DELETE_USER_ID]));
	{
		NullableDatum row[] = {key.user_id, key.thread_id, key.label};

		if (!query_first(&call, &working_get, row))
			error_no_block(&key);
		check_version(&key, row_int64(1, 7), args[DELETE_EXPECTED_VERSION]);
		query_exec(&call, &working_delete_revisions, row);
		query_exec(&call, &working_delete, row);
	}
	return query_done(&call);
}

/* One that says nothing is not shown. */
char *
working_lines(Call *call, NullableDatum user_id, NullableDatum thread_id)
{
	uint64 count = query_exec(call, &working_shown, (NullableDatum[]){user_id, thread_id});
	StringInfoData lines;

	initStringInfo(&lines);
	for (uint64 i = 1; i <= count; i++)
	{
		char *line = line_of_block(row_text(i, 1), row_text_or_null(i, 2), row_text(i, 3));

		CHECK_FOR_INTERRUPTS();
		if (line)
			appendStringInfo(&lines, "%s%s", lines.len > 0 ? "\n" : "", line);
	}
	return lines.len > 0 ? lines.data : NULL;
}

void
working_forget(Call *call, NullableDatum user_id, NullableDatum since, NullableDatum before)
{
	NullableDatum args[] = {user_id, since, before};

	query_exec(call, &working_forget_revisions, args);
	query_exec(call, &working_forget_blocks, args);
}
