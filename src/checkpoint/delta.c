/*
 * checkpoint/delta.c: what restores LangGraph's delta channels.
 *
 * A delta channel is left out of the state. Its value is that of the nearest ancestor whose state
 * has it, the seed, with all that was written since. So the walk goes from the checkpoint's parent
 * upwards, by parent_checkpoint_id, until every channel asked for has its seed; the writes of the
 * ancestor with the seed count, since they came after it.
 */
#include "checkpoint/checkpoint.h"

#include "dialect/dialect.h"

#include "miscadmin.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(threadmem_checkpoint_delta_history);

static Stmt checkpoint_delta_by_id = {CHECKPOINT_BY_ID("c.parent_checkpoint_id", "$4"), "ttt"};
static Stmt checkpoint_delta_latest = {LATEST_CHECKPOINT("c.parent_checkpoint_id", "$3"), "tt"};
static Stmt checkpoint_writes_of = {
	WRITES_OF_CHECKPOINT(
		"w.channel, jsonb_build_array(w.task_id, w.channel, w.value)") " AND (w.channel IN (SELECT unnest($5))) IS TRUE"
																	   " ORDER BY w.task_path DESC, w.task_id DESC, w.idx DESC",
	"tttT"};

typedef struct DeltaChannel
{
	char *name;
	List *writes; /* newest first */
	bool has_seed;
	JsonNode seed;
} DeltaChannel;

typedef struct DeltaWalk
{
	AncestorWalk up;
	NullableDatum names;
	Names *by_name; /* Lists of DeltaChannel: one may be asked for twice */
	DeltaChannel *channels;
	int count;
	int open;    /* channels without a seed yet */
	bool stored; /* seeds have bodies as they are stored, not as LangChain's loader takes them */
	BodyCache *bodies;
} DeltaWalk;

static void
collect_writes(DeltaWalk *walk)
{
	NullableDatum *key = walk->up.key;
	NullableDatum args[] = {key[0], key[1], key[2], walk->names};
	uint64 rows = query_exec(walk->up.call, &checkpoint_writes_of, args);

	for (uint64 row = 1; row <= rows; row++)
	{
		char *name = row_text(row, 1);
		NameEntry *asked = names_find(walk->by_name, name, (int)strlen(name));
		ListCell *cell;
		Jsonb *write;
		MemoryContext round = MemoryContextSwitchTo(walk->up.memory);

		write = row_jsonb(row, 2, JSON_ROOT_ANY);

		CHECK_FOR_INTERRUPTS();
		foreach (cell, asked ? (List *)asked->value : NIL)
		{
			DeltaChannel *channel = lfirst(cell);

			if (!channel->has_seed)
				channel->writes = lappend(channel->writes, write);
		}
		MemoryContextSwitchTo(round);
	}
}

static bool
find_seed(DeltaWalk *walk, const StateParts *parts, const char *name, JsonNode *seed)
{
	JsonbValue value;
	int length = (int)strlen(name);
	RevRuns list;

	if (parts->values && getKeyJsonValueFromContainer(parts->values, name, length, &value))
		*seed = node_of_value(&value);
	else if (!document_list(parts, name, length, &list))
		return false;
	else if (!body_cache_fill(walk->bodies, walk->up.key[0], &list, false))
		error_state_unreadable(walk->up.key[0]);
	else
		*seed = document_messages(&list, walk->bodies);
	if (!walk->stored && document_has_objects(parts, name, length))
		*seed = dialect_value_constructed(seed);
	return true;
}

/* The state that the seed stands in goes with the round. */
static void
keep_seed(DeltaWalk *walk, DeltaChannel *channel)
{
	MemoryContext round = MemoryContextSwitchTo(walk->up.memory);

	channel->has_seed = true;
	channel->seed = node_of_root(&node_write(&channel->seed)->root);
	MemoryContextSwitchTo(round);
}

static void
visit(DeltaWalk *walk)
{
	StateParts parts = document_parts(walk->up.state.document);

	collect_writes(walk);
	for (int i = 0; i < walk->count; i++)
	{
		DeltaChannel *channel = &walk->channels[i];

		CHECK_FOR_INTERRUPTS();
		if (channel->has_seed || !find_seed(walk, &parts, channel->name, &channel->seed))
			continue;
		keep_seed(walk, channel);
		walk->open--;
	}
}

static JsonNode
write_channel(const DeltaChannel *channel)
{
	JsonItems *object = items_new(2);
	JsonItems *writes = items_new(Max(list_length(channel->writes), 1));

	for (int i = list_length(channel->writes) - 1; i >= 0; i--)
		items_append(writes, NULL, node_of_root(&((Jsonb *)list_nth(channel->writes, i))->root));
	if (channel->has_seed)
		items_append(object, "seed", channel->seed);
	items_append(object, "writes", node_of_items(NODE_ARRAY, writes));
	return node_of_items(NODE_OBJECT, object);
}

static Jsonb *
write_channels(const DeltaWalk *walk)
{
	JsonItems *object = items_new(Max(walk->count, 1));
	JsonNode root = node_of_items(NODE_OBJECT, object);

	for (int i = 0; i < walk->count; i++)
	{
		DeltaChannel *channel = &walk->channels[i];

		items_put(object, channel->name, (int)strlen(channel->name), write_channel(channel));
	}
	return node_write(&root);
}

enum
{
	DELTA_THREAD_ID,
	DELTA_CHANNELS,
	DELTA_CHECKPOINT_NS,
	DELTA_CHECKPOINT_ID
};

/* From the checkpoint with this parent upwards. */
static void
begin_walk(DeltaWalk *walk, Call *call, NullableDatum thread_id, NullableDatum ns,
		   NullableDatum parent_checkpoint_id, NullableDatum channels)
{
	Datum *names;

	walk_begin(&walk->up, call, thread_id, ns, parent_checkpoint_id);
	walk->names = channels;
	walk->stored = false;
	walk->count = walk->open = text_list(walk->names, &names);
	walk->channels = palloc0(sizeof(DeltaChannel) * Max(walk->count, 1));
	walk->by_name = names_new();
	for (int i = 0; i < walk->count; i++)
	{
		DeltaChannel *channel = &walk->channels[i];
		NameEntry *entry;

		channel->name = TextDatumGetCString(names[i]);
		entry = names_add(walk->by_name, channel->name, (int)strlen(channel->name));
		entry->value = lappend(entry->value, channel);
	}
	walk->bodies = body_cache(call);
}

static void
go_up(DeltaWalk *walk)
{
	bool there = true;

	while (walk->open > 0 && there)
	{
		query_push();
		there = walk_up(&walk->up);
		if (there)
			visit(walk);
		query_pop();
	}
}

DeltaHistory *
delta_histories(Call *call, NullableDatum thread_id, NullableDatum checkpoint_ns,
				NullableDatum parent_checkpoint_id, NullableDatum channels, int *count)
{
	DeltaHistory *histories;
	DeltaWalk walk;

	begin_walk(&walk, call, thread_id, checkpoint_ns, parent_checkpoint_id, channels);
	walk.stored = true;
	go_up(&walk);
	*count = walk.count;
	histories = palloc0(sizeof(DeltaHistory) * Max(walk.count, 1));
	for (int i = 0; i < walk.count; i++)
	{
		const DeltaChannel *channel = &walk.channels[i];
		DeltaHistory *history = &histories[i];

		history->channel = channel->name;
		history->seed = channel->has_seed ? node_write(&channel->seed) : NULL;
		history->writes = palloc(sizeof(Jsonb *) * (list_length(channel->writes) + 1));
		for (int k = list_length(channel->writes) - 1; k >= 0; k--)
		{
			Jsonb *write = list_nth(channel->writes, k);

			CHECK_FOR_INTERRUPTS();
			history->writes[history->count++] =
				json_own(getIthJsonbValueFromContainer(&write->root, 2));
		}
	}
	return histories;
}

Datum
threadmem_checkpoint_delta_history(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	DeltaWalk walk;
	bool there;
	Call call;

	query_begin(&call, fcinfo);
	{
		NullableDatum key[] = {args[DELTA_THREAD_ID], ns_or_root(args[DELTA_CHECKPOINT_NS]),
							   args[DELTA_CHECKPOINT_ID]};

		there = query_first(
			&call, key[2].isnull ? &checkpoint_delta_latest : &checkpoint_delta_by_id, key);
		begin_walk(&walk, &call, key[0], key[1], there ? row_column(1, 1) : ARG_NULL,
				   args[DELTA_CHANNELS]);
	}
	go_up(&walk);
	return query_jsonb(&call, write_channels(&walk));
}
