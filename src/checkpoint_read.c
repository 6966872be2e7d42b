/*
 * checkpoint_read.c: checkpoints as their writers gave them.
 */
#include "checkpoint.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

#include "threadmem_json.h"

PG_FUNCTION_INFO_V1(threadmem_checkpoint_get);
PG_FUNCTION_INFO_V1(threadmem_checkpoint_list);

#define ROW_COLUMNS \
	"c.thread_id, c.checkpoint_ns, c.checkpoint_id, c.parent_checkpoint_id, c.metadata," \
	" c.created_at, c.seq, c.base_seq"

static Stmt get = {"SELECT " ROW_COLUMNS " FROM threadmem.checkpoints c WHERE c.tenant_id = $1"
				   " AND c.thread_id = $2 AND c.checkpoint_ns = $3 AND c.checkpoint_id = $4",
				   "ttt"};
static Stmt get_latest = {
	"SELECT " ROW_COLUMNS " FROM threadmem.checkpoints c WHERE c.tenant_id = $1"
	" AND c.thread_id = $2 AND c.checkpoint_ns = $3 ORDER BY c.checkpoint_id DESC LIMIT 1",
	"tt"};
static Stmt pending = {
	"SELECT coalesce(jsonb_agg(jsonb_build_array(w.task_id, w.channel, w.value)"
	" ORDER BY w.task_path, w.task_id, w.idx), '[]') FROM threadmem.checkpoint_writes w"
	" WHERE w.tenant_id = $1 AND w.thread_id = $2 AND w.checkpoint_ns = $3"
	" AND w.checkpoint_id = $4",
	"ttt"};
static Stmt sends = {
	"SELECT jsonb_agg(w.value ORDER BY w.task_path, w.task_id, w.idx)"
	" FROM threadmem.checkpoint_writes w WHERE w.tenant_id = $1 AND w.thread_id = $2"
	" AND w.checkpoint_ns = $3 AND w.checkpoint_id = $4 AND w.channel = '__pregel_tasks'",
	"ttt"};

typedef struct CheckpointRow
{
	NullableDatum key[3]; /* thread, namespace, id */
	NullableDatum parent_checkpoint_id;
	NullableDatum metadata;
	NullableDatum created_at;
	int64 seq;
	int64 base_seq;
} CheckpointRow;

static void
read_row(CheckpointRow *out, uint64 row)
{
	for (int i = 0; i < 3; i++)
		out->key[i] = row_column(row, i + 1);
	out->parent_checkpoint_id = row_column(row, 4);
	out->metadata = row_column(row, 5);
	out->created_at = row_column(row, 6);
	out->seq = row_int64(row, 7);
	out->base_seq = row_int64(row, 8);
}

/* Before version 4 what a node sent stood in the writes of the parent alone. */
static Jsonb *
read_sends(Call *call, const CheckpointRow *row, Jsonb *document)
{
	StateParts parts = document_parts(document);
	JsonbValue *version = json_field(parts.rest, "v");
	NullableDatum key[] = {row->key[0], row->key[1], row->parent_checkpoint_id};

	if (row->parent_checkpoint_id.isnull || !version || version->type != jbvNumeric ||
		DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow,
										   NumericGetDatum(version->val.numeric))) >= 4)
		return NULL;
	query_first(call, &sends, key);
	return row_jsonb_or_null(1, 1, JSON_ROOT_ARRAY);
}

/* The columns of threadmem.checkpoint. */
static void
write_row(Call *call, CheckpointRow *row, BodyCache *cache, Datum *values, bool *nulls)
{
	ChainState state;
	StateParts parts;
	RevRun *runs;
	int count;
	Jsonb *sent;

	chain_read(call, row->key[0], row->seq, row->base_seq, &state);
	parts = document_parts(state.document);
	count = document_all_runs(&parts, &runs);
	body_cache_fill(cache, row->key[0], runs, count);
	sent = read_sends(call, row, state.document);
	for (int i = 0; i < 3; i++)
		values[i] = row->key[i].value;
	values[3] = row->parent_checkpoint_id.value;
	values[4] = JsonbPGetDatum(
		document_checkpoint(state.document, TextDatumGetCString(row->key[2].value), cache, sent));
	values[5] = row->metadata.value;
	query_first(call, &pending, row->key);
	values[6] = row_datum(1, 1);
	values[7] = row->created_at.value;
	memset(nulls, 0, 8 * sizeof(bool));
	nulls[3] = row->parent_checkpoint_id.isnull;
}

enum
{
	GET_THREAD_ID,
	GET_CHECKPOINT_NS,
	GET_CHECKPOINT_ID
};

Datum
threadmem_checkpoint_get(PG_FUNCTION_ARGS)
{
	NullableDatum key[] = {fcinfo->args[GET_THREAD_ID], fcinfo->args[GET_CHECKPOINT_NS],
						   fcinfo->args[GET_CHECKPOINT_ID]};
	CheckpointRow row;
	Datum values[8];
	bool nulls[8];
	Call call;

	query_begin(&call, fcinfo);
	if (key[1].isnull)
		key[1] = ARG_TEXT("");
	if (!query_first(&call, key[2].isnull ? &get_latest : &get, key))
		return query_null(&call);
	read_row(&row, 1);
	write_row(&call, &row, body_cache(&call), values, nulls);
	return query_made_row(&call, values, nulls);
}

enum
{
	LIST_THREAD_ID,
	LIST_CHECKPOINT_NS,
	LIST_CHECKPOINT_ID,
	LIST_METADATA,
	LIST_BEFORE_ID,
	LIST_MAX_ROWS,
	LIST_AFTER_ID,
	LIST_AFTER_THREAD_ID,
	LIST_AFTER_NS
};

/* Rows after the one that the cursor names; what it does not name is that of the list itself. */
static void
add_cursor(Built *built, NullableDatum *args)
{
	NullableDatum thread =
		args[LIST_AFTER_THREAD_ID].isnull ? args[LIST_THREAD_ID] : args[LIST_AFTER_THREAD_ID];
	NullableDatum ns = args[LIST_AFTER_NS].isnull ? args[LIST_CHECKPOINT_NS] : args[LIST_AFTER_NS];
	int id;

	if (args[LIST_AFTER_ID].isnull)
		return;
	id = built_arg(built, 't', args[LIST_AFTER_ID]);
	if (thread.isnull || ns.isnull)
		error_bad_input("after_id", "Where several threads or namespaces are listed, give"
									" after_thread_id and after_ns as well.");
	built_add(built, psprintf(" AND c.checkpoint_id <= $%d AND (c.checkpoint_id < $%d"
							  " OR (c.thread_id, c.checkpoint_ns) > ($%d, $%d))",
							  id, id, built_arg(built, 't', thread), built_arg(built, 't', ns)));
}

static void
build_list(Built *built, NullableDatum *args)
{
	NullableDatum max_rows = args[LIST_MAX_ROWS];

	built_begin(built,
				"SELECT " ROW_COLUMNS " FROM threadmem.checkpoints c WHERE c.tenant_id = $1");
	built_when(built, " AND c.thread_id = $%d", 't', args[LIST_THREAD_ID]);
	built_when(built, " AND c.checkpoint_ns = $%d", 't', args[LIST_CHECKPOINT_NS]);
	built_when(built, " AND c.checkpoint_id = $%d", 't', args[LIST_CHECKPOINT_ID]);
	built_contains(built, "c.metadata", args[LIST_METADATA]);
	built_when(built, " AND c.checkpoint_id < $%d", 't', args[LIST_BEFORE_ID]);
	add_cursor(built, args);
	built_add(built, " ORDER BY c.checkpoint_id DESC, c.thread_id, c.checkpoint_ns");
	built_page(built, max_rows.isnull ? DEFAULT_ROWS : DatumGetInt32(max_rows.value), 0);
}

Datum
threadmem_checkpoint_list(PG_FUNCTION_ARGS)
{
	Built built;
	BodyCache *cache;
	CheckpointRow *rows;
	uint64 count;
	Call call;

	query_begin(&call, fcinfo);
	query_open_set(&call);
	cache = body_cache(&call);
	build_list(&built, fcinfo->args);
	count = built_exec(&call, &built);
	rows = palloc_extended(sizeof(CheckpointRow) * Max(count, 1), MCXT_ALLOC_HUGE);
	for (uint64 i = 0; i < count; i++)
		read_row(&rows[i], i + 1);
	for (uint64 i = 0; i < count; i++)
	{
		Datum values[8];
		bool nulls[8];

		CHECK_FOR_INTERRUPTS();
		query_push();
		write_row(&call, &rows[i], cache, values, nulls);
		query_put(&call, values, nulls);
		query_pop();
	}
	return query_close_set(&call);
}
