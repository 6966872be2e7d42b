/*
 * checkpoint/read.c: checkpoints as their writers gave them.
 */
#include "checkpoint/checkpoint.h"

#include "access/detoast.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

#include "threadmem/threadmem.h"

PG_FUNCTION_INFO_V1(threadmem_checkpoint_get);
PG_FUNCTION_INFO_V1(threadmem_checkpoint_list);
PG_FUNCTION_INFO_V1(threadmem_checkpoint_document);
PG_FUNCTION_INFO_V1(threadmem_checkpoint_pending_writes);

#define ROW_COLUMNS \
	"c.thread_id, c.checkpoint_ns, c.checkpoint_id, c.parent_checkpoint_id, c.metadata," \
	" c.run_id, c.created_at, c.seq, c.base_seq, c.state_bytes"
#define ROW_HAS_MORE 11 /* the column of a list behind those */

static Stmt checkpoint_get = {CHECKPOINT_BY_ID(ROW_COLUMNS, "$4"), "ttt"};
static Stmt checkpoint_get_latest = {LATEST_CHECKPOINT(ROW_COLUMNS, "$3"), "tt"};
/* Values that are stored apart are not read before their sum is known. */
static Stmt checkpoint_pending = {
	WRITES_OF_CHECKPOINT("w.task_id, w.channel, w.value") " ORDER BY w.task_path, w.task_id, w.idx",
	"ttt"};
static Stmt checkpoint_sends = {
	WRITES_OF_CHECKPOINT(
		"w.value") " AND w.channel = '__pregel_tasks' ORDER BY w.task_path, w.task_id, w.idx",
	"ttt"};

typedef struct CheckpointRow
{
	NullableDatum key[3]; /* thread, namespace, id */
	NullableDatum parent_checkpoint_id;
	NullableDatum metadata;
	NullableDatum run_id;
	NullableDatum created_at;
	int64 seq;
	int64 base_seq;
	int64 state_bytes;
} CheckpointRow;

static void
read_row(CheckpointRow *out, uint64 row)
{
	for (int i = 0; i < 3; i++)
		out->key[i] = row_column(row, i + 1);
	out->parent_checkpoint_id = row_column(row, 4);
	out->metadata = row_column(row, 5);
	out->run_id = row_column(row, 6);
	out->created_at = row_column(row, 7);
	out->seq = row_int64(row, 8);
	out->base_seq = row_int64(row, 9);
	out->state_bytes = row_int64(row, 10);
}

/*
 * The writes that a statement finds, with all its columns or the value alone, which is the last.
 * NULL when they are too many bytes: a pointer to a value tells how large it is.
 */
static Jsonb *
read_writes(Call *call, Stmt *stmt, NullableDatum *key, int columns)
{
	int count = (int)query_exec(call, stmt, key);
	SPITupleTable *table = SPI_tuptable;
	JsonItems *writes = items_new(Max(count, 1));
	JsonNode root = node_of_items(NODE_ARRAY, writes);
	int64 bytes = 0;

	for (int row = 1; row <= count; row++)
	{
		NullableDatum value = table_column(table, row, columns);

		bytes += value.isnull ? 0 : (int64)toast_raw_datum_size(value.value);
	}
	for (int row = 1; row <= count && bytes <= STATE_MAX_BYTES; row++)
	{
		Jsonb *stored = table_jsonb_softly(table, row, columns, JSON_ROOT_ANY);
		JsonNode value = stored ? node_of_root(&stored->root) : (JsonNode){.kind = NODE_NULL};
		JsonItems *write;

		CHECK_FOR_INTERRUPTS();
		if (columns > 1)
		{
			write = items_new(columns);
			items_append(write, NULL, node_of_text(text_or_null(table_column(table, row, 1))));
			items_append(write, NULL, node_of_text(text_or_null(table_column(table, row, 2))));
			items_append(write, NULL, value);
			value = node_of_items(NODE_ARRAY, write);
		}
		items_append(writes, NULL, value);
	}
	return bytes <= STATE_MAX_BYTES ? node_write_or_null(&root) : NULL;
}

/* Before version 4 what a node sent stood in the writes of the parent alone. False: too large. */
static bool
read_sends(Call *call, const CheckpointRow *row, Jsonb *document, Jsonb **sent)
{
	StateParts parts = document_parts(document);
	JsonbValue *version = json_field(parts.rest, "v");
	NullableDatum key[] = {row->key[0], row->key[1], row->parent_checkpoint_id};

	*sent = NULL;
	if (row->parent_checkpoint_id.isnull || !version || version->type != jbvNumeric ||
		DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow,
										   NumericGetDatum(version->val.numeric))) >= 4)
		return true;
	*sent = read_writes(call, &checkpoint_sends, key, 1);
	if (!*sent)
		return false;
	if (JB_ROOT_COUNT(*sent) == 0)
		*sent = NULL;
	return true;
}

/* How checkpoints are read, one after the other. */
typedef struct Reading
{
	Call *call;
	BodyCache *cache;
	HeldLists *held; /* lists of messages come apart, without what this has; NULL: they do not */
	int64 change;    /* the thread's next number, for the mark of a row; 0: nobody asks for it */
} Reading;

/* What is read of a row. */
typedef struct Restored
{
	Jsonb *checkpoint; /* NULL when it is too large */
	Jsonb *lists;      /* those that come apart */
	char *mark;
} Restored;

static bool
read_bodies(const Reading *reading, const CheckpointRow *row, Jsonb *document, Jsonb **lists)
{
	StateParts parts = document_parts(document);
	bool fits = state_bytes_fit(row->state_bytes);
	RevRuns list;

	if (reading->held)
	{
		*lists = document_lists(document, row->key[0], reading->held, reading->cache, fits);
		return *lists != NULL;
	}
	list = document_revisions(&parts);
	return body_cache_fill(reading->cache, row->key[0], &list, fits);
}

static void
read_checkpoint(const Reading *reading, CheckpointRow *row, Restored *out)
{
	const char *id = text_or_null(row->key[2]);
	ChainState state;
	Jsonb *sent;

	*out = (Restored){NULL};
	chain_read(reading->call, row->key[0], row->seq, row->base_seq, &state);
	if (!read_bodies(reading, row, state.document, &out->lists) ||
		!read_sends(reading->call, row, state.document, &sent))
		return;
	if (reading->held)
		held_add(reading->held, row->key[0], state.document);
	if (reading->change > 0)
		out->mark = mark_of(row->created_at.value, reading->change, state.document, id);
	out->checkpoint =
		document_checkpoint(state.document, id, reading->held ? NULL : reading->cache, sent);
}

/* The columns of threadmem.checkpoints; a document that is too large is left out. */
enum
{
	OUT_CHECKPOINT = 4,
	OUT_METADATA,
	OUT_PENDING_WRITES,
	OUT_RUN_ID,
	OUT_CREATED_AT,
	OUT_LEFT_OUT,
	OUT_LISTS,
	OUT_MARK,
	OUT_COLUMNS
};

static void
put_document(NullableDatum *out, int column, Jsonb *document, List **left_out)
{
	static const char *const names[] = {
		[OUT_CHECKPOINT] = "checkpoint", [OUT_PENDING_WRITES] = "pending_writes"};

	out[column] = document ? ARG(JsonbPGetDatum(document)) : ARG_NULL;
	if (!document)
		*left_out = lappend(*left_out, unconstify(char *, names[column]));
}

static void
make_row(const Reading *reading, CheckpointRow *row, Datum *values, bool *nulls)
{
	NullableDatum out[OUT_COLUMNS] = {row->key[0], row->key[1], row->key[2],
									  row->parent_checkpoint_id};
	List *left_out = NIL;
	Restored restored;

	read_checkpoint(reading, row, &restored);
	put_document(out, OUT_CHECKPOINT, restored.checkpoint, &left_out);
	out[OUT_METADATA] = row->metadata;
	put_document(out, OUT_PENDING_WRITES,
				 read_writes(reading->call, &checkpoint_pending, row->key, 3), &left_out);
	out[OUT_RUN_ID] = row->run_id;
	out[OUT_CREATED_AT] = row->created_at;
	out[OUT_LEFT_OUT] = left_out ? text_array_of(left_out) : ARG_NULL;
	out[OUT_LISTS] = restored.lists ? ARG(JsonbPGetDatum(restored.lists)) : ARG_NULL;
	out[OUT_MARK] = restored.mark ? ARG_TEXT(restored.mark) : ARG_NULL;
	for (int i = 0; i < OUT_COLUMNS; i++)
	{
		values[i] = out[i].value;
		nulls[i] = out[i].isnull;
	}
}

enum
{
	GET_THREAD_ID,
	GET_CHECKPOINT_NS,
	GET_CHECKPOINT_ID,
	GET_MISSING_OK,
	GET_HELD
};

/* Lists apart, for who has the messages of a checkpoint with this mark ('': of none). */
static void
read_apart(Reading *reading, const CheckpointRow *row, NullableDatum held)
{
	ThreadRow thread;
	NullableDatum key[] = {row->key[0], row->key[1]};

	thread_row_read(reading->call, key[0], &thread);
	reading->held = held_lists();
	held_find(reading->held, reading->call, key, text_or_null(held), thread.change);
	reading->change = thread.change;
}

Datum
threadmem_checkpoint_get(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	NullableDatum key[] = {args[GET_THREAD_ID], ns_or_root(args[GET_CHECKPOINT_NS]),
						   args[GET_CHECKPOINT_ID]};
	NullableDatum missing_ok = args[GET_MISSING_OK];
	CheckpointRow row;
	Datum values[OUT_COLUMNS];
	bool nulls[OUT_COLUMNS];
	Reading reading = {0};
	Call call;

	query_begin(&call, fcinfo);
	if (!query_first(&call, key[2].isnull ? &checkpoint_get_latest : &checkpoint_get, key))
	{
		if (!bool_or(missing_ok, true))
			error_not_found("checkpoint", text_or_null(key[2]));
		return query_no_row(&call);
	}
	read_row(&row, 1);
	reading = (Reading){.call = &call, .cache = body_cache(&call)};
	if (!args[GET_HELD].isnull)
		read_apart(&reading, &row, args[GET_HELD]);
	make_row(&reading, &row, values, nulls);
	if (!nulls[OUT_LEFT_OUT])
		error_state_unreadable(key[0]);
	return query_made_row(&call, values, nulls, OUT_COLUMNS);
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
	LIST_AFTER_NS,
	LIST_AFTER_POSITION,
	LIST_BEFORE_POSITION,
	LIST_APART
};

static const Order list_order = {.list = "checkpoint_list",
								 .types = "ttt",
								 .columns = {"c.checkpoint_id", "c.thread_id", "c.checkpoint_ns"},
								 .turn = 1,
								 .descending = true};

/* Rows after a place in the list; what an id does not say of it is as the list has it. */
static void
add_after(Built *built, NullableDatum *args)
{
	NullableDatum place[] = {args[LIST_AFTER_ID], args[LIST_AFTER_THREAD_ID], args[LIST_AFTER_NS]};

	order_give_one("after_position", args[LIST_AFTER_POSITION], "after_id", place[0]);
	if (!args[LIST_AFTER_POSITION].isnull)
		order_read(&list_order, "after_position", args[LIST_AFTER_POSITION], place);
	else if (place[0].isnull)
		return;
	if (place[1].isnull)
		place[1] = args[LIST_THREAD_ID];
	if (place[2].isnull)
		place[2] = args[LIST_CHECKPOINT_NS];
	if (place[1].isnull || place[2].isnull)
		error_bad_input("after_id", "Where several threads or namespaces are listed, give"
									" after_thread_id and after_ns as well, or after_position.");
	order_go_on(&list_order, built, place, false);
}

/* Only ids below one, of whatever thread. */
static void
add_before(Built *built, NullableDatum *args)
{
	NullableDatum place[] = {args[LIST_BEFORE_ID], ARG_NULL, ARG_NULL};

	order_give_one("before_position", args[LIST_BEFORE_POSITION], "before_id", place[0]);
	if (!args[LIST_BEFORE_POSITION].isnull)
		order_read(&list_order, "before_position", args[LIST_BEFORE_POSITION], place);
	built_when(built, " AND c.checkpoint_id < $%d", 't', place[0]);
}

static void
build_list(Built *built, NullableDatum *args)
{
	NullableDatum max_rows = args[LIST_MAX_ROWS];

	built_begin(built,
				"SELECT " ROW_COLUMNS " FROM threadmem_data.checkpoints c WHERE c.tenant_id = $1");
	built_when(built, " AND c.thread_id = $%d", 't', args[LIST_THREAD_ID]);
	built_when(built, " AND c.checkpoint_ns = $%d", 't', args[LIST_CHECKPOINT_NS]);
	built_when(built, " AND c.checkpoint_id = $%d", 't', args[LIST_CHECKPOINT_ID]);
	built_contains(built, "c.metadata", args[LIST_METADATA]);
	add_before(built, args);
	add_after(built, args);
	order_add(&list_order, built);
	built_page(built, int64_or(max_rows, DEFAULT_ROWS), 0);
}

/* What a list has behind the columns of a checkpoint. */
enum
{
	LISTED_POSITION = OUT_COLUMNS,
	LISTED_HAS_MORE,
	LISTED_COLUMNS
};

/* The place of a row, whose key is thread, namespace and id. */
static void
put_listed(Call *call, const CheckpointRow *row, bool has_more, Datum *values, bool *nulls)
{
	NullableDatum place[] = {row->key[2], row->key[0], row->key[1]};

	values[LISTED_POSITION] = order_position(&list_order, place).value;
	values[LISTED_HAS_MORE] = BoolGetDatum(has_more);
	nulls[LISTED_POSITION] = nulls[LISTED_HAS_MORE] = false;
	query_put(call, values, nulls, LISTED_COLUMNS);
}

typedef struct ListedCheckpoint
{
	Reading *reading;
	CheckpointRow *row;
	bool has_more;
} ListedCheckpoint;

static void
put_row(void *context)
{
	ListedCheckpoint *listed = context;
	Datum values[LISTED_COLUMNS];
	bool nulls[LISTED_COLUMNS];

	make_row(listed->reading, listed->row, values, nulls);
	put_listed(listed->reading->call, listed->row, listed->has_more, values, nulls);
}

static const char *
describe(const CheckpointRow *row)
{
	return psprintf("checkpoint \"%s\" of thread \"%s\"", text_or_null(row->key[2]),
					text_or_null(row->key[0]));
}

/* A row that cannot be read is in the list all the same. */
static void
put_key(Call *call, const CheckpointRow *row, bool has_more)
{
	Datum values[LISTED_COLUMNS] = {row->key[0].value, row->key[1].value, row->key[2].value};
	bool nulls[LISTED_COLUMNS] = {false};

	for (int i = 0; i < OUT_COLUMNS; i++)
		nulls[i] = i >= lengthof(row->key);
	nulls[OUT_LEFT_OUT] = false;
	values[OUT_LEFT_OUT] =
		text_array_of(list_make3("checkpoint", "metadata", "pending_writes")).value;
	put_listed(call, row, has_more, values, nulls);
}

/* One column of a row of the view, which a row that cannot be read must not end: it is null then.
 */
typedef struct CheckpointPart
{
	Call *call;
	NullableDatum *key;
	Jsonb *document; /* in the caller's memory; NULL for none */
} CheckpointPart;

static void
keep_part(CheckpointPart *part, Jsonb *document)
{
	MemoryContext spi;

	if (!document)
		error_state_unreadable(part->key[0]);
	spi = MemoryContextSwitchTo(part->call->caller);
	part->document = DatumGetJsonbPCopy(JsonbPGetDatum(document));
	MemoryContextSwitchTo(spi);
}

static void
part_document(void *context)
{
	CheckpointPart *part = context;
	Reading reading = {.call = part->call, .cache = body_cache(part->call)};
	CheckpointRow row;
	Restored restored;

	if (!query_first(part->call, &checkpoint_get, part->key))
		return;
	read_row(&row, 1);
	read_checkpoint(&reading, &row, &restored);
	keep_part(part, restored.checkpoint);
}

static void
part_writes(void *context)
{
	CheckpointPart *part = context;

	keep_part(part, read_writes(part->call, &checkpoint_pending, part->key, 3));
}

static Datum
return_part(FunctionCallInfo fcinfo, void (*work)(void *))
{
	CheckpointRow row = {.key = {fcinfo->args[0], fcinfo->args[1], fcinfo->args[2]}};
	Call call;
	CheckpointPart part = {.call = &call, .key = fcinfo->args};

	query_begin(&call, fcinfo);
	(void)query_softly(work, &part, describe(&row));
	return part.document ? query_jsonb(&call, part.document) : query_null(&call);
}

Datum
threadmem_checkpoint_document(PG_FUNCTION_ARGS)
{
	return return_part(fcinfo, part_document);
}

Datum
threadmem_checkpoint_pending_writes(PG_FUNCTION_ARGS)
{
	return return_part(fcinfo, part_writes);
}

Datum
threadmem_checkpoint_list(PG_FUNCTION_ARGS)
{
	Built built;
	Reading reading = {0};
	CheckpointRow *rows;
	uint64 count;
	bool has_more;
	Call call;

	query_begin(&call, fcinfo);
	query_open_set(&call);
	reading = (Reading){.call = &call,
						.cache = body_cache(&call),
						.held = bool_or(fcinfo->args[LIST_APART], false) ? held_lists() : NULL};
	build_list(&built, fcinfo->args);
	count = built_exec(&call, &built);
	rows = palloc_extended(sizeof(CheckpointRow) * Max(count, 1), MCXT_ALLOC_HUGE);
	for (uint64 i = 0; i < count; i++)
		read_row(&rows[i], i + 1);
	has_more = count > 0 && row_bool(1, ROW_HAS_MORE);
	for (uint64 i = 0; i < count; i++)
	{
		ListedCheckpoint listed = {&reading, &rows[i], has_more};

		CHECK_FOR_INTERRUPTS();
		body_cache_trim(reading.cache);
		if (query_softly(put_row, &listed, describe(&rows[i])))
			continue;
		put_key(&call, &rows[i], has_more);
		reading.cache = body_cache(&call); /* of this one there may be half */
		if (reading.held)
			reading.held = held_lists(); /* nor is it known whether they went out */
	}
	return query_close_set(&call);
}
