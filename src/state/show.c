/*
 * state/show.c: one state as LangGraph's thread API gives it
 * (docs/contracts.md#a-state-as-langgraphs-api-gives-it).
 *
 * The state of the latest checkpoint is more than what is stored: what tasks have written already
 * is applied to it, and so is what the log has and no checkpoint has seen. A state asked for by its
 * id, and every one of a history, is what the checkpoint says.
 */
#include "state/show.h"

#include "dialect/dialect.h"
#include "graph/graph.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/timestamp.h"

#include "threadmem/threadmem.h"

static Stmt state_by_id = {CHECKPOINT_BY_ID(STATE_ROW_COLUMNS, "$4"), "ttt"};
static Stmt state_latest_row = {LATEST_CHECKPOINT(STATE_ROW_COLUMNS, "$3"), "tt"};
/*
 * Of these namespaces those that there are. The order within a namespace decides for its index,
 * whatever the statistics.
 */
static Stmt state_namespaces_there = {
	"SELECT n.ns FROM unnest($3) AS n (ns) CROSS JOIN LATERAL (SELECT 1 FROM"
	" threadmem_data.checkpoints c WHERE c.tenant_id = $1 AND c.thread_id = $2"
	" AND c.checkpoint_ns = n.ns ORDER BY c.checkpoint_id LIMIT 1) c",
	"tT"};

static const char *const column_names[] = {
	[SNAPSHOT_VALUES] = "values",
	[SNAPSHOT_NEXT] = "next",
	[SNAPSHOT_TASKS] = "tasks",
	[SNAPSHOT_METADATA] = "metadata",
	[SNAPSHOT_CREATED_AT] = "created_at",
	[SNAPSHOT_CHECKPOINT] = "checkpoint",
	[SNAPSHOT_PARENT] = "parent_checkpoint",
	[SNAPSHOT_INTERRUPTS] = "interrupts",
	[SNAPSHOT_CHECKPOINT_ID] = "checkpoint_id",
	[SNAPSHOT_PARENT_ID] = "parent_checkpoint_id",
	[SNAPSHOT_COLUMNS] = NULL,
};

void
state_row_read(StateRow *out, uint64 row)
{
	out->checkpoint_ns = row_column(row, 1);
	out->checkpoint_id = row_text(row, 2);
	out->parent_checkpoint_id = row_column(row, 3);
	out->metadata = row_jsonb_softly(row, 4, JSON_ROOT_OBJECT);
	out->created_at = row_column(row, 5);
	out->seq = row_int64(row, 6);
	out->base_seq = row_int64(row, 7);
	out->seen = row_column(row, 8);
	out->taken = (Taken){row_int64(row, 9), row_int64(row, 10)};
	out->fits = state_bytes_fit(row_int64(row, 11));
	out->is_latest = false;
}

bool
state_row_find(Call *call, NullableDatum *key, StateRow *out)
{
	bool latest = key[2].isnull;

	if (!query_first(call, latest ? &state_latest_row : &state_by_id, key))
		return false;
	state_row_read(out, 1);
	out->is_latest = latest;
	return true;
}

/* The channel that a field names, NULL when it is a column. */
static const char *
channel_of_field(const char *field)
{
	return strncmp(field, "values.", 7) == 0 ? field + 7 : NULL;
}

void
reader_ask(StateReader *reader, NullableDatum fields)
{
	Datum *given;
	int count = text_list(fields, &given);
	bool all_channels = fields.isnull;

	reader->channels = names_new();
	memset(reader->wanted, fields.isnull, sizeof(reader->wanted));
	for (int i = 0; i < count; i++)
	{
		char *field = TextDatumGetCString(given[i]);
		const char *channel = channel_of_field(field);
		int column =
			channel ? SNAPSHOT_VALUES : guard_choice("fields", ARG(given[i]), column_names);

		reader->wanted[column] = true;
		if (channel)
			(void)names_take(reader->channels, channel);
		all_channels |= !channel && column == SNAPSHOT_VALUES;
	}
	if (all_channels)
		reader->channels = NULL;
}

static JsonNode
config_node(const StateReader *reader, const char *checkpoint_ns, const char *checkpoint_id)
{
	JsonItems *config = items_new(3);

	items_put(config, "thread_id", 9, node_of_text(text_or_null(reader->thread_id)));
	items_put(config, "checkpoint_ns", 13, node_of_text(checkpoint_ns));
	if (checkpoint_id)
		items_put(config, "checkpoint_id", 13, node_of_text(checkpoint_id));
	return node_of_items(NODE_OBJECT, config);
}

/* Of a state that is written as a part of another. */
static void
free_columns(const StateSnapshot *snapshot)
{
	for (int i = 0; i < SNAPSHOT_COLUMNS; i++)
		if (i != SNAPSHOT_CREATED_AT && !snapshot->nulls[i])
			pfree(DatumGetPointer(snapshot->values[i]));
}

/* The subgraph that a task runs: its config, or its whole state when that is asked for. */
static void
put_subgraph(const StateReading *reading, const StateTask *task, JsonItems *out)
{
	char *child = state_task_ns(task, text_or_null(reading->row->checkpoint_ns));
	NullableDatum key[] = {reading->reader->thread_id, ARG_TEXT(child), ARG_NULL};
	JsonNode null = {.kind = NODE_NULL};
	StateSnapshot snapshot;
	StateRow row;

	items_put(out, "checkpoint", 10, null);
	items_put(out, "state", 5, null);
	if (!names_has(reading->subgraphs, child))
		return;
	if (!reading->reader->subgraphs)
	{
		items_put(out, "checkpoint", 10, config_node(reading->reader, child, NULL));
		return;
	}
	(void)state_row_find(reading->reader->call, key, &row);
	items_put(out, "state", 5, snapshot_read(reading->reader, &row, &snapshot));
	free_columns(&snapshot);
}

static void
append_all(JsonItems *list, const JsonNode *array)
{
	JsonItems *items =
		array->kind == NODE_ARRAY ? node_items(array) : items_read(node_container(array));

	for (int i = 0; i < items->count; i++)
		items_append(list, NULL, items_at(items, i)->value);
}

/* What a task's pending writes say: its error, its interrupts, its result. */
static void
put_outcome(const StateReading *reading, const StateTask *task, JsonItems *out)
{
	JsonNode null = {.kind = NODE_NULL};
	JsonItems *interrupts = items_new(1);
	JsonItems *result = items_new(2);
	JsonNode error = null;
	ListCell *cell;

	foreach (cell, writes_of(reading->writes, task->id))
	{
		const TaskWrite *write = lfirst(cell);
		const char *channel = write->channel;
		JsonNode stored = node_of_root(&write->value->root);
		JsonNode value = dialect_plain(&stored);

		CHECK_FOR_INTERRUPTS();
		if (strcmp(channel, "__error__") == 0)
			error = value;
		else if (strcmp(channel, "__interrupt__") == 0 && node_is_array(&value))
			append_all(interrupts, &value);
		else if (strcmp(channel, "__interrupt__") == 0)
			items_append(interrupts, NULL, value);
		else if (!is_internal_channel(channel, (int)strlen(channel)) &&
				 !dialect_is_undefined(&stored))
			items_put(result, channel, (int)strlen(channel), value);
	}
	items_put(out, "error", 5, error);
	items_put(out, "interrupts", 10, node_of_items(NODE_ARRAY, interrupts));
	items_put(out, "result", 6, result->count ? node_of_items(NODE_OBJECT, result) : null);
}

static JsonNode
path_node(const StateTask *task)
{
	JsonItems *path = items_new(3);

	items_append(path, NULL, node_of_text(task->push < 0 ? "__pregel_pull" : "__pregel_push"));
	if (task->push < 0)
		items_append(path, NULL, node_of_text(task->name));
	else
	{
		items_append(path, NULL, node_of_int64(task->push));
		items_append(path, NULL, (JsonNode){.kind = NODE_FALSE});
	}
	return node_of_items(NODE_ARRAY, path);
}

static JsonNode
task_node(const StateReading *reading, const StateTask *task)
{
	JsonItems *out = items_new(8);

	items_put(out, "id", 2, node_of_text(task->id));
	items_put(out, "name", 4, node_of_text(task->name));
	items_put(out, "path", 4, path_node(task));
	put_outcome(reading, task, out);
	if (task->id)
		put_subgraph(reading, task, out);
	return node_of_items(NODE_OBJECT, out);
}

/* The namespaces of the tasks' subgraphs that there are: asked for together, of a thousand tasks.
 */
static Names *
subgraphs_of(const StateReading *reading)
{
	Datum *wanted = palloc(sizeof(Datum) * (list_length(reading->tasks) + 1));
	Names *there = names_new();
	NullableDatum key[] = {reading->reader->thread_id, ARG_NULL};
	int count = 0;
	uint64 rows;
	ListCell *cell;

	foreach (cell, reading->tasks)
	{
		const StateTask *task = lfirst(cell);
		char *child =
			task->id ? state_task_ns(task, text_or_null(reading->row->checkpoint_ns)) : NULL;

		if (child && strlen(child) <= NS_MAX_BYTES)
			wanted[count++] = CStringGetTextDatum(child);
	}
	if (count == 0)
		return there;
	key[1] = text_array(wanted, count);
	rows = query_exec(reading->reader->call, &state_namespaces_there, key);
	for (uint64 row = 1; row <= rows; row++)
		(void)names_take(there, row_text(row, 1));
	return there;
}

static JsonNode
tasks_node(StateReading *reading)
{
	JsonItems *tasks = items_new(Max(list_length(reading->tasks), 1));
	ListCell *cell;

	reading->subgraphs = subgraphs_of(reading);
	foreach (cell, reading->tasks)
	{
		CHECK_FOR_INTERRUPTS();
		items_append(tasks, NULL, task_node(reading, lfirst(cell)));
	}
	return node_of_items(NODE_ARRAY, tasks);
}

/* All interrupts of the tasks. */
static JsonNode
interrupts_node(const JsonNode *tasks)
{
	JsonItems *all = items_new(1);

	for (int i = 0; i < node_items(tasks)->count; i++)
	{
		JsonNode *task = &items_at(node_items(tasks), i)->value;
		JsonNode *own = items_get(node_items(task), "interrupts", 10);

		for (int k = 0; k < node_items(own)->count; k++)
			items_append(all, NULL, items_at(node_items(own), k)->value);
	}
	return node_of_items(NODE_ARRAY, all);
}

static NullableDatum
next_of(const StateReading *reading)
{
	MemoryContext before = MemoryContextSwitchTo(reading->reader->results);
	Datum *names = palloc(sizeof(Datum) * Max(list_length(reading->tasks), 1));
	NullableDatum next;
	int count = 0;
	ListCell *cell;

	foreach (cell, reading->tasks)
	{
		StateTask *task = lfirst(cell);

		if (!reading->row->is_latest || !task->done)
			names[count++] = CStringGetTextDatum(task->name);
	}
	next = text_array(names, count);
	MemoryContextSwitchTo(before);
	return next;
}

static Datum
created_at(const StateReading *reading)
{
	TimestampTz time;

	if (document_time(reading->parts.rest, &time))
		return TimestampTzGetDatum(time);
	return reading->row->created_at.value;
}

static void
put_jsonb(const StateReader *reader, StateSnapshot *snapshot, int column, const JsonNode *node)
{
	MemoryContext before = MemoryContextSwitchTo(reader->results);

	snapshot->values[column] = JsonbPGetDatum(node_write(node));
	snapshot->nulls[column] = false;
	MemoryContextSwitchTo(before);
}

/* A list goes on without what is too large; who asks for one state is told. */
static void
leave_out(const StateReader *reader, StateSnapshot *snapshot, int column)
{
	if (!reader->cuts)
		error_state_unreadable(reader->thread_id);
	snapshot->nulls[column] = true;
	snapshot->left_out = true;
}

static void
put_large(const StateReader *reader, StateSnapshot *snapshot, int column, const JsonNode *node)
{
	MemoryContext before = MemoryContextSwitchTo(reader->results);
	Jsonb *document = node_write_or_null(node);

	MemoryContextSwitchTo(before);
	snapshot->nulls[column] = !document;
	snapshot->values[column] = JsonbPGetDatum(document);
	if (!document)
		leave_out(reader, snapshot, column);
}

/* Where columns are left out, it says which. */
static JsonNode
metadata_node(const StateReader *reader, Jsonb *metadata, const StateSnapshot *snapshot)
{
	static const int large[] = {SNAPSHOT_VALUES, SNAPSHOT_TASKS, SNAPSHOT_INTERRUPTS};
	JsonItems *items = metadata ? items_read(&metadata->root) : items_new(1);
	JsonItems *left_out = items_new(lengthof(large));

	items_put(items, "thread_id", 9, node_of_text(text_or_null(reader->thread_id)));
	for (int i = 0; i < lengthof(large) && snapshot->left_out; i++)
		if (snapshot->nulls[large[i]])
			items_append(left_out, NULL, node_of_text(column_names[large[i]]));
	if (left_out->count > 0)
		items_put(items, "left_out", 8, node_of_items(NODE_ARRAY, left_out));
	return node_of_items(NODE_OBJECT, items);
}

/* {"": ..., "<ns>": ...} for a subgraph: where it stands in the graphs around it. */
static void
put_checkpoint_map(const StateReading *reading, JsonNode *config)
{
	Jsonb *metadata = reading->row->metadata;
	JsonbContainer *parents =
		metadata ? json_as_object(json_field(&metadata->root, "parents")) : NULL;
	char *ns = text_or_null(reading->row->checkpoint_ns);
	JsonItems *map;

	if (!parents || JsonContainerSize(parents) == 0)
		return;
	map = items_read(parents);
	items_put(map, ns, (int)strlen(ns), node_of_text(reading->row->checkpoint_id));
	items_put(node_items(config), "checkpoint_map", 14, node_of_items(NODE_OBJECT, map));
}

/* The snapshot as one JSON object, as a nested state is. */
static JsonNode
nested(const StateReading *reading, const JsonNode *nodes, const StateSnapshot *snapshot)
{
	JsonItems *out = items_new(8);
	JsonItems *next = items_new(2);
	ListCell *cell;
	char *time;

	foreach (cell, reading->tasks)
	{
		StateTask *task = lfirst(cell);

		if (!reading->row->is_latest || !task->done)
			items_append(next, NULL, node_of_text(task->name));
	}
	time = JsonEncodeDateTime(NULL, snapshot->values[SNAPSHOT_CREATED_AT], TIMESTAMPTZOID, NULL);
	items_put(out, "values", 6, nodes[SNAPSHOT_VALUES]);
	items_put(out, "next", 4, node_of_items(NODE_ARRAY, next));
	items_put(out, "tasks", 5, nodes[SNAPSHOT_TASKS]);
	items_put(out, "metadata", 8, nodes[SNAPSHOT_METADATA]);
	items_put(out, "created_at", 10, node_of_text(time));
	items_put(out, "checkpoint", 10, nodes[SNAPSHOT_CHECKPOINT]);
	items_put(out, "parent_checkpoint", 17, nodes[SNAPSHOT_PARENT]);
	items_put(out, "interrupts", 10, nodes[SNAPSHOT_INTERRUPTS]);
	items_put(out, "checkpoint_id", 13, node_of_text(reading->row->checkpoint_id));
	items_put(out, "parent_checkpoint_id", 20,
			  node_of_text(text_or_null(reading->row->parent_checkpoint_id)));
	return node_of_items(NODE_OBJECT, out);
}

static void
open_reading(StateReading *reading, StateReader *reader, const StateRow *row)
{
	memset(reading, 0, sizeof(*reading));
	reading->reader = reader;
	reading->row = row;
	reading->graph = graph_in_namespace(reader->graph, text_or_null(row->checkpoint_ns));
	chain_read(reader->call, reader->thread_id, row->seq, row->base_seq, &reading->chain);
	reading->parts = document_parts(reading->chain.document);
	reading->writes =
		writes_read(reader->call, reader->thread_id, row->checkpoint_ns, row->checkpoint_id);
	reading->tasks =
		state_tasks(reading->chain.document, row->checkpoint_id, text_or_null(row->checkpoint_ns),
					checkpoint_step(row->metadata) + 1, reading->writes);
}

Jsonb *
snapshot_own_values(StateReader *reader, const StateRow *row)
{
	StateReading reading = {
		.reader = reader,
		.row = row,
		.graph = graph_in_namespace(reader->graph, text_or_null(row->checkpoint_ns))};
	JsonNode values;

	chain_read(reader->call, reader->thread_id, row->seq, row->base_seq, &reading.chain);
	reading.parts = document_parts(reading.chain.document);
	if (!values_read(&reading))
		return NULL;
	values = values_node(&reading);
	return node_write_or_null(&values);
}

/* LangGraph's older names for what stands in the checkpoints as well, which its users still read.
 */
static void
put_ids(const StateReader *reader, const StateRow *row, StateSnapshot *snapshot)
{
	MemoryContext before = MemoryContextSwitchTo(reader->results);

	snapshot->values[SNAPSHOT_CHECKPOINT_ID] = CStringGetTextDatum(row->checkpoint_id);
	snapshot->nulls[SNAPSHOT_CHECKPOINT_ID] = false;
	snapshot->nulls[SNAPSHOT_PARENT_ID] = row->parent_checkpoint_id.isnull;
	if (!row->parent_checkpoint_id.isnull)
		snapshot->values[SNAPSHOT_PARENT_ID] =
			CStringGetTextDatum(text_or_null(row->parent_checkpoint_id));
	MemoryContextSwitchTo(before);
}

JsonNode
snapshot_read(StateReader *reader, const StateRow *row, StateSnapshot *snapshot)
{
	JsonNode nodes[SNAPSHOT_COLUMNS];
	JsonNode null = {.kind = NODE_NULL};
	StateReading reading;
	char *parent = text_or_null(row->parent_checkpoint_id);
	char *ns = text_or_null(row->checkpoint_ns);

	check_stack_depth();
	*snapshot = (StateSnapshot){.left_out = false};
	open_reading(&reading, reader, row);
	nodes[SNAPSHOT_VALUES] = node_of_items(NODE_OBJECT, items_new(1));
	if (reader->wanted[SNAPSHOT_VALUES])
	{
		if (values_read(&reading))
			nodes[SNAPSHOT_VALUES] = values_node(&reading);
		else
			leave_out(reader, snapshot, SNAPSHOT_VALUES);
	}
	nodes[SNAPSHOT_TASKS] = tasks_node(&reading);
	nodes[SNAPSHOT_CHECKPOINT] = config_node(reader, ns, row->checkpoint_id);
	put_checkpoint_map(&reading, &nodes[SNAPSHOT_CHECKPOINT]);
	nodes[SNAPSHOT_PARENT] = parent ? config_node(reader, ns, parent) : null;
	nodes[SNAPSHOT_INTERRUPTS] = interrupts_node(&nodes[SNAPSHOT_TASKS]);
	if (!snapshot->nulls[SNAPSHOT_VALUES])
		put_large(reader, snapshot, SNAPSHOT_VALUES, &nodes[SNAPSHOT_VALUES]);
	put_large(reader, snapshot, SNAPSHOT_TASKS, &nodes[SNAPSHOT_TASKS]);
	put_large(reader, snapshot, SNAPSHOT_INTERRUPTS, &nodes[SNAPSHOT_INTERRUPTS]);
	nodes[SNAPSHOT_METADATA] = metadata_node(reader, row->metadata, snapshot);
	put_jsonb(reader, snapshot, SNAPSHOT_METADATA, &nodes[SNAPSHOT_METADATA]);
	put_jsonb(reader, snapshot, SNAPSHOT_CHECKPOINT, &nodes[SNAPSHOT_CHECKPOINT]);
	snapshot->nulls[SNAPSHOT_PARENT] = true;
	if (parent)
		put_jsonb(reader, snapshot, SNAPSHOT_PARENT, &nodes[SNAPSHOT_PARENT]);
	snapshot->values[SNAPSHOT_NEXT] = next_of(&reading).value;
	snapshot->nulls[SNAPSHOT_NEXT] = false;
	snapshot->values[SNAPSHOT_CREATED_AT] = created_at(&reading);
	snapshot->nulls[SNAPSHOT_CREATED_AT] = false;
	put_ids(reader, row, snapshot);
	return nested(&reading, nodes, snapshot);
}

void
snapshot_unread(StateReader *reader, const StateRow *row, StateSnapshot *snapshot)
{
	JsonNode config = config_node(reader, text_or_null(row->checkpoint_ns), row->checkpoint_id);
	JsonNode metadata;

	memset(snapshot->nulls, true, sizeof(snapshot->nulls));
	snapshot->left_out = true;
	metadata = metadata_node(reader, NULL, snapshot);
	put_jsonb(reader, snapshot, SNAPSHOT_CHECKPOINT, &config);
	put_jsonb(reader, snapshot, SNAPSHOT_METADATA, &metadata);
	snapshot->values[SNAPSHOT_CREATED_AT] = row->created_at.value;
	snapshot->nulls[SNAPSHOT_CREATED_AT] = row->created_at.isnull;
	put_ids(reader, row, snapshot);
}

void
snapshot_empty(StateReader *reader, bool with_log, StateSnapshot *snapshot)
{
	JsonItems *values = items_new(1);
	JsonNode node = node_of_items(NODE_OBJECT, values);
	JsonNode none = node_of_items(NODE_ARRAY, items_new(1));
	StateParts nothing = {0};
	RevRuns list;

	*snapshot = (StateSnapshot){.left_out = false};
	memset(snapshot->nulls, true, sizeof(snapshot->nulls));
	if (with_log && reader_wants_channel(reader, "messages", 8) &&
		state_takes_log(&nothing, reader->graph, &list) &&
		state_pending(reader->call, reader->thread_id, ARG_NULL, NOTHING_TAKEN, &list))
	{
		if (body_cache_fill(reader->bodies, reader->thread_id, &list, false))
		{
			JsonNode messages = document_messages(&list, reader->bodies);

			items_put(values, "messages", 8, dialect_value_on_wire(&messages, true));
			put_large(reader, snapshot, SNAPSHOT_VALUES, &node);
		}
		else
			leave_out(reader, snapshot, SNAPSHOT_VALUES);
	}
	else
		put_jsonb(reader, snapshot, SNAPSHOT_VALUES, &node);
	put_jsonb(reader, snapshot, SNAPSHOT_TASKS, &none);
	put_jsonb(reader, snapshot, SNAPSHOT_INTERRUPTS, &none);
	snapshot->values[SNAPSHOT_NEXT] = next_of(&(StateReading){.reader = reader}).value;
	snapshot->nulls[SNAPSHOT_NEXT] = false;
}

void
snapshot_leave_out(const StateReader *reader, StateSnapshot *snapshot)
{
	for (int i = 0; i < SNAPSHOT_COLUMNS; i++)
		snapshot->nulls[i] |= !reader->wanted[i];
}

void
reader_open(StateReader *reader, Call *call, NullableDatum thread_id, NullableDatum fields)
{
	*reader = (StateReader){.call = call, .thread_id = thread_id};
	reader_ask(reader, fields);
	thread_row_read(call, thread_id, &reader->thread);
	reader->graph = graph_definition(call, ARG_TEXT(reader->thread.graph_id));
	reader->bodies = body_cache(call);
	reader->results = CurrentMemoryContext;
}
