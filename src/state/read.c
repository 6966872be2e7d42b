/*
 * state/read.c: the state of a thread, and its history.
 */
#include "state/show.h"

#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(threadmem_thread_state);
PG_FUNCTION_INFO_V1(threadmem_thread_history);

#define HISTORY_ROWS 10

static Jsonb *
document_of(const StateSnapshot *snapshot, int column)
{
	return snapshot->nulls[column] ? NULL : DatumGetJsonbP(snapshot->values[column]);
}

/* {task: its interrupts}, as LangGraph's threads have them; a state has them all in one list. */
static Jsonb *
interrupts_by_task(Jsonb *tasks)
{
	JsonItems *map = items_new(1);
	JsonNode root = node_of_items(NODE_OBJECT, map);
	JsonItems *items = items_read(&tasks->root);

	for (int i = 0; i < items->count; i++)
	{
		JsonbContainer *task = node_container(&items_at(items, i)->value);
		JsonbContainer *interrupts = json_as_array(json_field(task, "interrupts"));
		char *id = json_as_text(json_field(task, "id"));

		CHECK_FOR_INTERRUPTS();
		if (id && interrupts && JsonContainerSize(interrupts) > 0)
			items_put(map, id, (int)strlen(id), node_of_root(interrupts));
	}
	return node_write(&root);
}

void
state_latest(Call *call, NullableDatum thread_id, NullableDatum fields, Jsonb **values,
			 Jsonb **interrupts)
{
	NullableDatum key[] = {thread_id, ARG_TEXT(""), ARG_NULL};
	StateSnapshot snapshot;
	StateReader reader;
	StateRow row;

	reader_open(&reader, call, thread_id, fields);
	reader.cuts = true;
	if (state_row_find(call, key, &row))
		snapshot_read(&reader, &row, &snapshot);
	else
		snapshot_empty(&reader, true, &snapshot);
	*values = document_of(&snapshot, SNAPSHOT_VALUES);
	*interrupts = document_of(&snapshot, SNAPSHOT_TASKS);
	if (*interrupts)
		*interrupts = interrupts_by_task(*interrupts);
}

enum
{
	STATE_THREAD_ID,
	STATE_CHECKPOINT_ID,
	STATE_CHECKPOINT_NS,
	STATE_SUBGRAPHS,
	STATE_FIELDS
};

/* What a state is put together from goes before the row is made of it. */
Datum
threadmem_thread_state(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	MemoryContext results;
	NullableDatum key[3];
	StateSnapshot snapshot;
	StateReader reader;
	StateRow row;
	Call call;

	query_begin(&call, fcinfo);
	key[0] = args[STATE_THREAD_ID];
	key[1] = ns_or_root(args[STATE_CHECKPOINT_NS]);
	key[2] = args[STATE_CHECKPOINT_ID];
	results = CurrentMemoryContext;
	query_push();
	reader_open(&reader, &call, key[0], args[STATE_FIELDS]);
	reader.results = results;
	reader.subgraphs = bool_or(args[STATE_SUBGRAPHS], false);
	if (state_row_find(&call, key, &row))
		snapshot_read(&reader, &row, &snapshot);
	else
		snapshot_empty(&reader, key[2].isnull && ns_is_root(key[1]), &snapshot);
	query_pop();
	snapshot_leave_out(&reader, &snapshot);
	return query_made_row(&call, snapshot.values, snapshot.nulls, SNAPSHOT_COLUMNS);
}

bool
state_has_next(Call *call, NullableDatum thread_id)
{
	NullableDatum key[] = {thread_id, ARG_TEXT(""), ARG_NULL};
	Datum next = CStringGetTextDatum("next");
	StateSnapshot snapshot;
	StateReader reader;
	StateRow row;

	reader_open(&reader, call, thread_id, text_array(&next, 1));
	if (!state_row_find(call, key, &row))
		return false;
	snapshot_read(&reader, &row, &snapshot);
	return ARR_NDIM(DatumGetArrayTypeP(snapshot.values[SNAPSHOT_NEXT])) > 0;
}

enum
{
	HISTORY_THREAD_ID,
	HISTORY_MAX_ROWS,
	HISTORY_BEFORE_ID,
	HISTORY_METADATA,
	HISTORY_CHECKPOINT_NS,
	HISTORY_CHECKPOINT_ID,
	HISTORY_FIELDS,
	HISTORY_AFTER_POSITION,
	HISTORY_BEFORE_POSITION
};

/* The newest comes first, so what is before an id, for LangGraph, is what the list has after it. */
static Order
history_order(NullableDatum *args)
{
	return (Order){.list = psprintf("thread_history %s %s", text_or_null(args[HISTORY_THREAD_ID]),
									text_or_null(ns_or_root(args[HISTORY_CHECKPOINT_NS]))),
				   .types = "t",
				   .columns = {"c.checkpoint_id"},
				   .descending = true};
}

static void
add_cursor(Built *built, const Order *order, const char *argument, NullableDatum position)
{
	NullableDatum id;

	if (position.isnull)
		return;
	order_read(order, argument, position, &id);
	order_go_on(order, built, &id, false);
}

static void
build_history(Built *built, const Order *order, NullableDatum *args)
{
	NullableDatum max_rows = args[HISTORY_MAX_ROWS];

	built_begin(built, "SELECT " STATE_ROW_COLUMNS CHECKPOINTS_OF("$3"));
	built_arg(built, 't', args[HISTORY_THREAD_ID]);
	built_arg(built, 't', ns_or_root(args[HISTORY_CHECKPOINT_NS]));
	built_when(built, " AND c.checkpoint_id = $%d", 't', args[HISTORY_CHECKPOINT_ID]);
	order_give_one("before_position", args[HISTORY_BEFORE_POSITION], "before_id",
				   args[HISTORY_BEFORE_ID]);
	built_when(built, " AND c.checkpoint_id < $%d", 't', args[HISTORY_BEFORE_ID]);
	add_cursor(built, order, "after_position", args[HISTORY_AFTER_POSITION]);
	add_cursor(built, order, "before_position", args[HISTORY_BEFORE_POSITION]);
	built_contains(built, "c.metadata", args[HISTORY_METADATA]);
	order_add(order, built);
	built_page(built, int64_or(max_rows, HISTORY_ROWS), 0);
}

typedef struct HistoryRow
{
	StateReader *reader;
	const StateRow *row;
	const Order *order;
	bool has_more;
} HistoryRow;

/* A row of the list: the columns of the snapshot, where the list goes on and whether it does. */
static void
put_snapshot(const HistoryRow *past, StateSnapshot *snapshot)
{
	NullableDatum id = ARG_TEXT(past->row->checkpoint_id);
	Datum values[SNAPSHOT_COLUMNS + 2];
	bool nulls[SNAPSHOT_COLUMNS + 2] = {false};

	snapshot_leave_out(past->reader, snapshot);
	memcpy(values, snapshot->values, sizeof(snapshot->values));
	memcpy(nulls, snapshot->nulls, sizeof(snapshot->nulls));
	values[SNAPSHOT_COLUMNS] = order_position(past->order, &id).value;
	values[SNAPSHOT_COLUMNS + 1] = BoolGetDatum(past->has_more);
	query_put(past->reader->call, values, nulls, lengthof(values));
}

static void
put_past(void *context)
{
	HistoryRow *past = context;
	StateSnapshot snapshot;

	past->reader->results = CurrentMemoryContext;
	snapshot_read(past->reader, past->row, &snapshot);
	put_snapshot(past, &snapshot);
}

static void
put_unread(const HistoryRow *past)
{
	StateSnapshot snapshot;

	past->reader->results = CurrentMemoryContext;
	snapshot_unread(past->reader, past->row, &snapshot);
	put_snapshot(past, &snapshot);
}

/* It walks all branches, in the order of ids; not the chain of parents. */
Datum
threadmem_thread_history(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	StateRow *rows;
	StateReader reader;
	Order order;
	Built built;
	uint64 count;
	bool has_more;
	Call call;

	query_begin(&call, fcinfo);
	query_open_set(&call);
	reader_open(&reader, &call, args[HISTORY_THREAD_ID], args[HISTORY_FIELDS]);
	reader.cuts = true;
	order = history_order(args);
	build_history(&built, &order, args);
	count = built_exec(&call, &built);
	rows = palloc(sizeof(StateRow) * Max(count, 1));
	for (uint64 i = 0; i < count; i++)
		state_row_read(&rows[i], i + 1);
	has_more = count > 0 && row_bool(1, STATE_ROW_HAS_MORE);
	for (uint64 i = 0; i < count; i++)
	{
		HistoryRow past = {&reader, &rows[i], &order, has_more};

		CHECK_FOR_INTERRUPTS();
		body_cache_trim(reader.bodies);
		if (query_softly(put_past, &past,
						 psprintf("state of checkpoint \"%s\"", rows[i].checkpoint_id)))
			continue;
		put_unread(&past);
		reader.bodies = body_cache(&call); /* of this one there may be half */
	}
	return query_close_set(&call);
}
