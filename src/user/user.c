/*
 * user/user.c: users and groups (docs/contracts.md#users).
 */
#include "user/user.h"

#include "pgtime.h"
#include "utils/builtins.h"

static const char *const kinds[] = {"user", "group", NULL};

PG_FUNCTION_INFO_V1(threadmem_user_create);
PG_FUNCTION_INFO_V1(threadmem_user_get);
PG_FUNCTION_INFO_V1(threadmem_user_update);
PG_FUNCTION_INFO_V1(threadmem_user_list);
PG_FUNCTION_INFO_V1(threadmem_user_count);

enum
{
	CREATE_USER_ID,
	CREATE_KIND,
	CREATE_EMAIL,
	CREATE_FIRST_NAME,
	CREATE_LAST_NAME,
	CREATE_TIME_ZONE,
	CREATE_METADATA,
	CREATE_IF_EXISTS,
	CREATE_CREATED_AT
};

static Stmt user_insert = {
	"INSERT INTO threadmem_data.users AS u"
	" (tenant_id, user_id, kind, email, first_name, last_name, time_zone, metadata, created_at, updated_at)"
	" SELECT $1, $2, coalesce($3, 'user'), $4, $5, $6, $7, coalesce($8, '{}'), coalesce($9, n), n FROM clock_timestamp() AS n"
	" ON CONFLICT (tenant_id, user_id) DO NOTHING RETURNING " USER_COLUMNS,
	"ttttttjz"};
static Stmt user_get = {"SELECT " USER_COLUMNS " FROM threadmem_data.users u"
						" WHERE u.tenant_id = $1 AND u.user_id = $2",
						"t"};
static Stmt user_require_stmt = {
	"SELECT 1 FROM threadmem_data.users u WHERE u.tenant_id = $1 AND u.user_id = $2"
	" FOR KEY SHARE",
	"t"};
static Stmt user_lock_known_stmt = {
	.sql = "SELECT 1 FROM threadmem_data.users u WHERE u.tenant_id = $1"
		   " AND u.user_id = ANY ($2) ORDER BY u.user_id FOR KEY SHARE",
	.types = "T",
	.everybody = true};
static Stmt user_summarize_stmt = {
	"UPDATE threadmem_data.users u SET summary = $3, summarized_at = clock_timestamp(),"
	" updated_at = clock_timestamp() WHERE u.tenant_id = $1 AND u.user_id = $2"
	" AND u.summary IS DISTINCT FROM $3",
	"tt"};
static Stmt user_forget_summaries_stmt = {
	.sql = "UPDATE threadmem_data.users u SET summary = NULL, summarized_at = NULL,"
		   " updated_at = clock_timestamp() WHERE u.tenant_id = $1 AND u.user_id = ANY ($2)"
		   " AND u.summarized_at IS NOT NULL",
	.types = "T",
	.everybody = true};
static Stmt user_update = {
	"UPDATE threadmem_data.users u SET"
	" email = CASE WHEN 'email' = ANY ($8) THEN NULL ELSE coalesce($3, email) END,"
	" first_name = CASE WHEN 'first_name' = ANY ($8) THEN NULL ELSE coalesce($4, first_name) END,"
	" last_name = CASE WHEN 'last_name' = ANY ($8) THEN NULL ELSE coalesce($5, last_name) END,"
	" time_zone = CASE WHEN 'time_zone' = ANY ($8) THEN NULL ELSE coalesce($6, time_zone) END,"
	" summary = CASE WHEN 'summary' = ANY ($8) THEN NULL ELSE coalesce($10, summary) END,"
	" summarized_at = CASE WHEN 'summary' = ANY ($8) OR $10 IS NOT NULL THEN NULL"
	" ELSE summarized_at END,"
	" metadata = threadmem.json_remove_keys(metadata || coalesce($7, '{}'), coalesce($9, '{}')),"
	" updated_at = clock_timestamp()"
	" WHERE u.tenant_id = $1 AND u.user_id = $2 RETURNING " USER_COLUMNS,
	"tttttjTTt"};

void
user_summarize(Call *call, NullableDatum user_id, NullableDatum summary)
{
	query_exec(call, &user_summarize_stmt, (NullableDatum[]){user_id, summary});
}

void
user_forget_summaries(Call *call, NullableDatum user_ids)
{
	query_exec(call, &user_forget_summaries_stmt, &user_ids);
}

/* IANA names only in spirit: what the server knows is what times can later be shown in. */
static void
guard_time_zone(NullableDatum zone)
{
	if (!zone.isnull && pg_tzset(TextDatumGetCString(zone.value)) == NULL)
		error_bad_input("time_zone", "\"%s\" is not a time zone of this server.",
						TextDatumGetCString(zone.value));
}

void
user_require(Call *call, NullableDatum user_id)
{
	if (!user_id.isnull && !query_first(call, &user_require_stmt, &user_id))
		error_no_parent("user", text_or_null(user_id));
}

void
user_lock_known(Call *call, NullableDatum user_ids)
{
	query_exec(call, &user_lock_known_stmt, &user_ids);
}

void
user_require_known(Call *call, NullableDatum user_id)
{
	if (!query_first(call, &user_get, &user_id))
		error_not_found("user", text_or_null(user_id));
}

void
user_require_own(Call *call, NullableDatum user_id)
{
	char *narrowed = text_or_null(query_narrowed_to());

	user_require_known(call, user_id);
	if (narrowed && strcmp(narrowed, text_or_null(user_id)) != 0)
		error_not_found("user", text_or_null(user_id));
}

Datum
threadmem_user_create(PG_FUNCTION_ARGS)
{
	static const Creation creation = {&user_insert, &user_get, "user", "user",
									  "Use user_update(), or if_exists => 'do_nothing'."};
	NullableDatum row[CREATE_IF_EXISTS + 1];
	Call call;

	query_begin(&call, fcinfo);
	memcpy(row, fcinfo->args, sizeof(row));
	row[CREATE_IF_EXISTS] = fcinfo->args[CREATE_CREATED_AT];
	guard_choice("kind", row[CREATE_KIND], kinds);
	guard_time_zone(row[CREATE_TIME_ZONE]);
	return query_create(&call, &creation, row, fcinfo->args[CREATE_IF_EXISTS]);
}

enum
{
	GET_USER_ID,
	GET_MISSING_OK
};

Datum
threadmem_user_get(PG_FUNCTION_ARGS)
{
	Call call;

	query_begin(&call, fcinfo);
	return query_get(&call, &user_get, fcinfo->args, fcinfo->args[GET_MISSING_OK], "user",
					 text_or_null(fcinfo->args[GET_USER_ID]));
}

enum
{
	UPDATE_USER_ID,
	UPDATE_EMAIL,
	UPDATE_FIRST_NAME,
	UPDATE_LAST_NAME,
	UPDATE_TIME_ZONE,
	UPDATE_METADATA,
	UPDATE_CLEAR,
	UPDATE_REMOVE_KEYS,
	UPDATE_SUMMARY
};

Datum
threadmem_user_update(PG_FUNCTION_ARGS)
{
	static const char *const clearable[] = {"email",     "first_name", "last_name",
											"time_zone", "summary",    NULL};
	Call call;

	query_begin(&call, fcinfo);
	guard_time_zone(fcinfo->args[UPDATE_TIME_ZONE]);
	guard_choices("clear", fcinfo->args[UPDATE_CLEAR], clearable);
	return query_one(&call, &user_update, fcinfo->args, "user",
					 text_or_null(fcinfo->args[UPDATE_USER_ID]));
}

/* user_list and user_count share the conditions; the first two arguments are kind and search. */
static void
add_conditions(Built *built, NullableDatum kind, NullableDatum search)
{
	guard_choice("kind", kind, kinds);
	built_add(built, " WHERE u.tenant_id = $1");
	built_when(built, " AND u.kind = $%d", 't', kind);
	built_when(built,
			   " AND position(lower($%d) IN lower(concat_ws(' ', u.user_id, u.first_name,"
			   " u.last_name, u.email))) > 0",
			   't', search);
}

enum
{
	LIST_KIND,
	LIST_SEARCH,
	LIST_SORT_BY,
	LIST_SORT_ORDER,
	LIST_MAX_ROWS,
	LIST_AFTER_ID,
	LIST_PAGE_NUMBER,
	LIST_PAGE_SIZE,
	LIST_AFTER_POSITION
};

Datum
threadmem_user_list(PG_FUNCTION_ARGS)
{
	static const char *const sorts[] = {"created_at", "updated_at", "user_id", "email", NULL};
	static const ListSort columns[] = {{"z", {"created_at"}},
									   {"z", {"updated_at"}},
									   {""},
									   {"t", {"left(coalesce(email, ''), " SORT_TEXT ")"}}};
	NullableDatum *args = fcinfo->args;
	Listing page = {
		.list = "user_list", .table = "threadmem_data.users", .key = "user_id", .noun = "user"};
	Built built;
	Call call;

	query_begin(&call, fcinfo);
	page.sort = &columns[guard_choice("sort_by", args[LIST_SORT_BY], sorts)];
	page_read(&page, args[LIST_SORT_ORDER], args[LIST_MAX_ROWS], args[LIST_AFTER_ID],
			  args[LIST_AFTER_POSITION]);
	page_by_number(&page, args[LIST_PAGE_NUMBER], args[LIST_PAGE_SIZE]);
	built_begin(&built, "SELECT " USER_COLUMNS);
	built_add(&built, page_column(&page, &built));
	built_add(&built, " FROM threadmem_data.users u");
	add_conditions(&built, args[LIST_KIND], args[LIST_SEARCH]);
	page_add(&call, &page, &built);
	return built_set(&call, &built);
}

Datum
threadmem_user_count(PG_FUNCTION_ARGS)
{
	Built built;
	Call call;

	query_begin(&call, fcinfo);
	built_begin(&built, "SELECT count(*)::integer FROM threadmem_data.users u");
	add_conditions(&built, fcinfo->args[LIST_KIND], fcinfo->args[LIST_SEARCH]);
	return built_scalar(&call, &built);
}
