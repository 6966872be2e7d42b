/*
 * store/store.c: single items: put, read, renewed, deleted, swept.
 *
 * When an item expires stands in no index, so that a renewal, which may come with every read,
 * changes the row in place. The sweep finds rows by sweep_at, the time at which they would have
 * expired unrenewed; what it finds that was renewed meanwhile is given another.
 */
#include "store/item.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/float.h"

#include "user/user.h"

PG_FUNCTION_INFO_V1(threadmem_store_put);
PG_FUNCTION_INFO_V1(threadmem_store_get);
PG_FUNCTION_INFO_V1(threadmem_store_delete);
PG_FUNCTION_INFO_V1(threadmem_store_touch);
PG_FUNCTION_INFO_V1(threadmem_store_purge_expired);

#define SWEEP_ROWS 1000

/*
 * What has expired is not there: who puts it anew makes another. A writer that had to wait took its
 * time before the other's, and what is put last comes first.
 */
static Stmt store_upsert = {
	"INSERT INTO threadmem_data.store_items AS s (tenant_id, path, key, user_id, value, search,"
	" embeddings, ttl_minutes, expires_at, sweep_at, created_at, updated_at)"
	" SELECT $1, $2, $3, $4, $5, $6, $7, $8, e, e, n, n FROM clock_timestamp() AS n,"
	" LATERAL (SELECT n + $8 * '1 minute'::interval) AS x (e)"
	" ON CONFLICT (tenant_id, path, key) DO UPDATE SET"
	" user_id = excluded.user_id, value = excluded.value, search = excluded.search,"
	" embeddings = excluded.embeddings, ttl_minutes = excluded.ttl_minutes,"
	" expires_at = excluded.expires_at, sweep_at = excluded.sweep_at,"
	" created_at = CASE WHEN s.expires_at <= excluded.updated_at THEN excluded.created_at"
	" ELSE s.created_at END, updated_at = greatest(s.updated_at, excluded.updated_at)"
	" RETURNING " STORE_COLUMNS,
	"tttjvFd"};
#define ONE_ITEM \
	" FROM threadmem_data.store_items s WHERE s.tenant_id = $1 AND s.path = $2 AND s.key = $3"
static Stmt store_get = {"SELECT " STORE_COLUMNS ONE_ITEM " AND " STORE_LIVE, "tt"};
static Stmt store_get_document = {"SELECT to_jsonb(ROW(" STORE_COLUMNS
								  ")::threadmem.store_items)" ONE_ITEM " AND " STORE_LIVE,
								  "tt"};
static Stmt store_delete = {"DELETE" ONE_ITEM " RETURNING " STORE_LIVE, "tt"};
/* In whatever order, since it waits for nobody: who is writing an item renews it as it is. */
static Stmt store_renew_stmt = {
	"UPDATE threadmem_data.store_items s SET"
	" expires_at = clock_timestamp() + s.ttl_minutes * '1 minute'::interval FROM (SELECT l.tenant_id,"
	" l.path, l.key FROM (SELECT DISTINCT * FROM unnest($2, $3)) AS i (path, key),"
	" LATERAL (SELECT s.tenant_id, s.path, s.key FROM threadmem_data.store_items s"
	" WHERE s.tenant_id = $1 AND s.path = i.path AND s.key = i.key AND s.ttl_minutes BETWEEN 0 AND 5256000"
	" AND " STORE_LIVE " FOR UPDATE SKIP LOCKED) l) k WHERE s.tenant_id = $1"
	" AND s.tenant_id = k.tenant_id AND s.path = k.path AND s.key = k.key",
	"TT"};
static Stmt store_forget = {
	"DELETE FROM threadmem_data.store_items s WHERE s.tenant_id = $1 AND s.user_id = $2", "t",
	.newest = true};
#define DUE(kind) \
	"(SELECT s.ctid FROM threadmem_data.store_items s WHERE s.tenant_id = $1" \
	" AND s.sweep_at <= clock_timestamp() AND " kind \
	" ORDER BY s.sweep_at LIMIT $2 FOR UPDATE SKIP LOCKED)"
static Stmt store_sweep_later = {
	"UPDATE threadmem_data.store_items s SET sweep_at = s.expires_at"
	" WHERE s.tenant_id = $1 AND s.ctid = ANY (ARRAY" DUE(STORE_LIVE) ")",
	"l"};
static Stmt store_sweep_now = {
	"DELETE FROM threadmem_data.store_items s WHERE s.tenant_id = $1 AND s.ctid = ANY (ARRAY" DUE(
		"s.expires_at <= clock_timestamp()") ")",
	"l"};

pg_noreturn static void
error_no_item(NullableDatum path, NullableDatum key)
{
	ereport(ERROR,
			(errcode(ERRCODE_NO_DATA_FOUND), errmsg("item not found"),
			 errdetail("namespace is \"%s\", key is \"%s\".", path_shown(path), text_or_null(key)),
			 errhint("Check both, and the tenant and user of this session. What has expired "
					 "is not found, either."),
			 err_generic_string(PG_DIAG_SCHEMA_NAME, "threadmem"),
			 err_generic_string(PG_DIAG_TABLE_NAME, "store_items"),
			 err_generic_string(PG_DIAG_COLUMN_NAME, "key")));
}

/* The element of the namespace that the setting names, null where it has fewer. */
static NullableDatum
person_of(NullableDatum labels)
{
	Datum *elements;
	int count = text_list(labels, &elements);

	if (setting_store_user == 0 || setting_store_user > count)
		return ARG_NULL;
	return ARG(elements[setting_store_user - 1]);
}

static void
guard_person(NullableDatum user_id)
{
	char *narrowed = text_or_null(query_narrowed_to());

	if (narrowed && !user_id.isnull && strcmp(narrowed, text_or_null(user_id)) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("item may not be stored"),
				 errdetail("Its namespace is that of user_id \"%s\".", text_or_null(user_id)),
				 errhint("Use a session that is not narrowed to another user by "
						 "threadmem.user_id."),
				 err_generic_string(PG_DIAG_SCHEMA_NAME, "threadmem"),
				 err_generic_string(PG_DIAG_TABLE_NAME, "store_items"),
				 err_generic_string(PG_DIAG_COLUMN_NAME, "namespace")));
}

static void
guard_ttl(NullableDatum ttl)
{
	double minutes = ttl.isnull ? 1 : DatumGetFloat8(ttl.value);

	if (!(minutes > 0 && minutes <= TTL_MAX_MINUTES))
		error_bad_input("ttl_minutes", "It must be more than 0, and at most %d.", TTL_MAX_MINUTES);
}

static void
guard_value(NullableDatum value)
{
	Size bytes = VARSIZE_ANY(DatumGetPointer(value.value));
	Size limit = (Size)setting_max_body * 1024;

	if (bytes > limit)
		error_too_large("value", bytes, limit, "threadmem.max_body");
}

void
store_draft(StorePut *put, NullableDatum labels, NullableDatum indexed)
{
	char *root;

	put->path = path_of_item("namespace", labels);
	root = path_first(text_or_null(put->path), 1);
	if (strcmp(root, "langgraph") == 0)
		error_bad_input("namespace", "Its first label must not be \"langgraph\".");
	guard_key("key", put->key);
	guard_ttl(put->ttl);
	guard_value(put->value);
	put->user_id = person_of(labels);
	guard_person(put->user_id);
	put->search = ARG(store_words(DatumGetJsonbP(put->value.value), indexed));
}

void
store_write(Call *call, const StorePut *put)
{
	NullableDatum row[] = {put->path,   put->key,        put->user_id, put->value,
						   put->search, put->embeddings, put->ttl};

	query_exec(call, &store_upsert, row);
}

enum
{
	PUT_NAMESPACE,
	PUT_KEY,
	PUT_VALUE,
	PUT_TTL,
	PUT_INDEXED,
	PUT_EMBEDDINGS
};

Datum
threadmem_store_put(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	StorePut put = {.key = args[PUT_KEY], .value = args[PUT_VALUE], .ttl = args[PUT_TTL]};
	Call call;

	query_begin(&call, fcinfo);
	put.embeddings = embedding_real(args[PUT_EMBEDDINGS]);
	store_draft(&put, args[PUT_NAMESPACE], args[PUT_INDEXED]);
	if (!put.user_id.isnull)
		user_lock_known(&call, text_array(&put.user_id.value, 1));
	store_write(&call, &put);
	return query_row(&call);
}

enum
{
	ITEM_NAMESPACE,
	ITEM_KEY,
	ITEM_MISSING_OK
};

/* Path and key of the arguments of a call. */
static void
read_key(NullableDatum *args, NullableDatum *key)
{
	key[0] = path_of_item("namespace", args[ITEM_NAMESPACE]);
	key[1] = args[ITEM_KEY];
	guard_key("key", key[1]);
}

Datum
threadmem_store_get(PG_FUNCTION_ARGS)
{
	NullableDatum key[2];
	Call call;

	query_begin(&call, fcinfo);
	read_key(fcinfo->args, key);
	if (query_first(&call, &store_get, key))
		return query_row(&call);
	if (!bool_or(fcinfo->args[ITEM_MISSING_OK], false))
		error_no_item(key[0], key[1]);
	return query_no_row(&call);
}

NullableDatum
store_read(Call *call, NullableDatum path, NullableDatum key)
{
	NullableDatum args[] = {path, key};

	return query_first(call, &store_get_document, args) ? row_column(1, 1) : ARG_NULL;
}

bool
store_remove(Call *call, NullableDatum path, NullableDatum key)
{
	NullableDatum args[] = {path, key};

	return query_first(call, &store_delete, args) && row_bool(1, 1);
}

Datum
threadmem_store_delete(PG_FUNCTION_ARGS)
{
	NullableDatum key[2];
	Call call;
	bool was_there;

	query_begin(&call, fcinfo);
	read_key(fcinfo->args, key);
	was_there = store_remove(&call, key[0], key[1]);
	return query_return(&call, ARG(BoolGetDatum(was_there)), true, sizeof(bool));
}

int64
store_renew(Call *call, NullableDatum paths, NullableDatum keys)
{
	NullableDatum args[] = {paths, keys};

	return (int64)query_exec(call, &store_renew_stmt, args);
}

Datum
threadmem_store_touch(PG_FUNCTION_ARGS)
{
	NullableDatum key[2];
	Call call;
	bool renewed;

	query_begin(&call, fcinfo);
	read_key(fcinfo->args, key);
	renewed = store_renew(&call, text_array(&key[0].value, 1), text_array(&key[1].value, 1)) > 0;
	return query_return(&call, ARG(BoolGetDatum(renewed)), true, sizeof(bool));
}

int64
store_forget_user(Call *call, NullableDatum user_id)
{
	return (int64)query_exec(call, &store_forget, &user_id);
}

int64
store_sweep(Call *call, int64 max_rows)
{
	NullableDatum limit = ARG(Int64GetDatum(max_rows));

	query_exec(call, &store_sweep_later, &limit);
	return (int64)query_exec(call, &store_sweep_now, &limit);
}

Datum
threadmem_store_purge_expired(PG_FUNCTION_ARGS)
{
	Call call;

	query_begin(&call, fcinfo);
	return query_count(&call, store_sweep(&call, int64_or(fcinfo->args[0], SWEEP_ROWS)));
}
