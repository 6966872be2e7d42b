/*
 * state/values.c: the values of a state, as LangGraph's thread API gives them.
 *
 * They are those of the checkpoint's channels, with messages as they come over the wire. To the
 * latest state comes what the log has and no checkpoint has seen, and what tasks have written.
 */
#include "state/show.h"

#include "dialect/dialect.h"
#include "reducer/reducer.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "threadmem/threadmem.h"

bool
reader_wants_channel(const StateReader *reader, const char *channel, int length)
{
	return !reader->channels || names_find(reader->channels, channel, length);
}

/* False when it is too large to be read. */
static bool
put_list(StateReading *reading, const char *channel, int length, const RevRuns *list, bool fits)
{
	BodyCache *bodies = reading->reader->bodies;

	if (!body_cache_fill(bodies, reading->reader->thread_id, list, fits))
		return false;
	items_put(reading->values, channel, length, document_messages(list, bodies));
	return true;
}

static bool
read_messages(StateReading *reading)
{
	JsonItems *channels = reading->parts.refs ? items_read(reading->parts.refs) : items_new(1);
	RevRuns list;

	for (int i = 0; i < channels->count; i++)
	{
		JsonItem *channel = items_at(channels, i);

		CHECK_FOR_INTERRUPTS();
		if (!reader_wants_channel(reading->reader, channel->key, channel->key_length))
			continue;
		document_list(&reading->parts, channel->key, channel->key_length, &list);
		if (!put_list(reading, channel->key, channel->key_length, &list, reading->row->fits))
			return false;
	}
	if (!reading->row->is_latest || !ns_is_root(reading->row->checkpoint_ns) ||
		!reader_wants_channel(reading->reader, "messages", 8) ||
		!state_takes_log(&reading->parts, reading->reader->graph, &list) ||
		!state_pending(reading->reader->call, reading->reader->thread_id, reading->row->seen,
					   reading->row->taken, &list))
		return true;
	return put_list(reading, "messages", 8, &list, false);
}

/* Channels with a reducer have their default before the first update. */
static void
add_defaults(JsonItems *values, Jsonb *graph)
{
	JsonbContainer *channels = graph ? json_as_object(json_field(&graph->root, "channels")) : NULL;
	JsonItems *declared = channels ? items_read(channels) : items_new(1);

	for (int i = 0; i < declared->count; i++)
	{
		JsonItem *channel = items_at(declared, i);
		Jsonb *initial;

		CHECK_FOR_INTERRUPTS();
		if (items_get(values, channel->key, channel->key_length))
			continue;
		graph_reducer(graph, pnstrdup(channel->key, channel->key_length), &initial);
		if (initial)
			items_put(values, channel->key, channel->key_length, node_of_root(&initial->root));
	}
}

static bool
overwrite_among(Jsonb **updates, int count)
{
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (overwrite_value(updates[i]))
			return true;
	}
	return false;
}

/*
 * Updates of one channel, as one superstep; but several values for a channel that takes one are
 * shown as if they had come in turn, for a state should be readable that cannot be gone on from.
 * An opaque channel is shown as it was, unless an Overwrite says what it is.
 */
static void
apply_updates(StateReading *reading, const char *channel, Jsonb **updates, int count)
{
	int length = (int)strlen(channel);
	JsonNode *current = items_get(reading->values, channel, length);
	Jsonb *initial;
	const char *reducer = graph_reducer(reading->graph, channel, &initial);
	Jsonb *result;

	if (strcmp(reducer, "last_value") == 0)
	{
		updates += count - 1;
		count = 1;
	}
	else if (strcmp(reducer, "opaque") == 0 && !overwrite_among(updates, count))
		return;
	result =
		reduce_channel(channel, reducer, current ? node_write(current) : initial, updates, count);
	if (result)
		items_put(reading->values, pstrdup(channel), length, node_of_root(&result->root));
}

/* Those of the writes that are marked, channel by channel. */
static void
apply_marked(StateReading *reading)
{
	GatheredUpdates *gathered = gathered_new();
	ListCell *cell;

	for (int i = 0; i < reading->writes->count; i++)
	{
		TaskWrite *write = &reading->writes->list[i];

		gather(gathered, write->channel, write->applies ? write->value : NULL);
		write->applies = false;
	}
	foreach (cell, gathered->channels)
	{
		ChannelUpdates *channel = lfirst(cell);
		int count;
		Jsonb **updates = gathered_updates(channel, &count);

		CHECK_FOR_INTERRUPTS();
		if (count > 0 && !is_internal_channel(channel->channel, (int)strlen(channel->channel)))
			apply_updates(reading, channel->channel, updates, count);
	}
}

/* Writes without a task always apply, and first; those of its tasks to the latest state only. */
static void
apply_writes(StateReading *reading)
{
	ListCell *cell;

	writes_mark(reading->writes, NULL_TASK_ID);
	apply_marked(reading);
	if (!reading->row->is_latest)
		return;
	foreach (cell, reading->tasks)
		writes_mark(reading->writes, ((StateTask *)lfirst(cell))->id);
	apply_marked(reading);
}

static bool
is_of_messages(const StateReading *reading, const char *channel, int length)
{
	return strcmp(graph_reducer(reading->graph, pnstrdup(channel, length), NULL), "add_messages") ==
		   0;
}

JsonNode
values_node(StateReading *reading)
{
	JsonItems *out = items_new(reading->values->count + 1);

	for (int i = 0; i < reading->values->count; i++)
	{
		JsonItem *item = items_at(reading->values, i);

		CHECK_FOR_INTERRUPTS();
		if (!is_internal_channel(item->key, item->key_length) &&
			reader_wants_channel(reading->reader, item->key, item->key_length) &&
			!dialect_is_undefined(&item->value))
			items_insert(out, out->count,
						 (JsonItem){.key = item->key,
									.key_length = item->key_length,
									.value = dialect_value_on_wire(
										&item->value,
										is_of_messages(reading, item->key, item->key_length))});
	}
	return node_of_items(NODE_OBJECT, out);
}

/*
 * Messages that writes brought, in the latest state, as a fold would take them in: with what is
 * pending, and without what a person deleted. False when they are too large.
 */
static bool
read_referred(StateReading *reading, JsonNode *messages)
{
	const StateReader *reader = reading->reader;
	const StateRow *row = reading->row;
	Referral referral = {
		.call = reader->call, .thread_id = reader->thread_id, .thread = &reader->thread};
	RevRuns list;

	if (!row->is_latest || !ns_is_root(row->checkpoint_ns) ||
		!delta_refer(&referral, messages, &list))
		return true;
	state_pending(reader->call, reader->thread_id, row->seen, row->taken, &list);
	return referred_messages(&referral, &list, reader->bodies, messages);
}

/* Delta channels, and those that hold the value of one in LangGraph's marker. */
static bool
read_deltas(StateReading *reading)
{
	const StateRow *row = reading->row;
	JsonItems *values =
		delta_values(reading->reader->call, reading->reader->thread_id, row->checkpoint_ns,
					 row->parent_checkpoint_id, row->metadata, &reading->parts, reading->graph);

	for (int i = 0; i < reading->values->count; i++)
	{
		JsonItem *item = items_at(reading->values, i);
		JsonbValue *whole = item->value.kind == NODE_BINARY && node_is_object(&item->value)
								? delta_snapshot_value(node_container(&item->value))
								: NULL;

		CHECK_FOR_INTERRUPTS();
		if (whole)
			items_put(values, item->key, item->key_length, node_of_value(whole));
	}
	for (int i = 0; i < values->count; i++)
	{
		JsonItem *item = items_at(values, i);

		CHECK_FOR_INTERRUPTS();
		if (item->key_length == 8 && memcmp(item->key, "messages", 8) == 0 &&
			reader_wants_channel(reading->reader, "messages", 8) &&
			is_of_messages(reading, "messages", 8) && !read_referred(reading, &item->value))
			return false;
		items_put(reading->values, item->key, item->key_length, item->value);
	}
	return true;
}

/*
 * Writes that make a value too large for jsonb. The error may be caught without a subtransaction:
 * reducers work in memory alone.
 */
static bool
apply_softly(StateReading *reading)
{
	MemoryContext context = CurrentMemoryContext;
	volatile bool fits = true;

	PG_TRY();
	{
		apply_writes(reading);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		if (geterrcode() != ERRCODE_PROGRAM_LIMIT_EXCEEDED)
			PG_RE_THROW();
		FlushErrorState();
		fits = false;
	}
	PG_END_TRY();
	return fits;
}

bool
values_read(StateReading *reading)
{
	reading->values = reading->parts.values ? items_read(reading->parts.values) : items_new(4);
	if (!read_messages(reading) || !read_deltas(reading))
		return false;
	add_defaults(reading->values, reading->graph);
	return !reading->writes || apply_softly(reading);
}
