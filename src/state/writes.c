/*
 * state/writes.c: what tasks wrote after a checkpoint, and updates gathered by their channels.
 */
#include "state/state.h"

#include "reducer/reducer.h"

#include "miscadmin.h"

static Stmt state_of_checkpoint = {
	WRITES_OF_CHECKPOINT("w.task_id, w.channel, w.value") " ORDER BY w.task_path, w.task_id, w.idx",
	"ttt"};

TaskWrites *
writes_read(Call *call, NullableDatum thread_id, NullableDatum checkpoint_ns,
			const char *checkpoint_id)
{
	NullableDatum key[] = {thread_id, checkpoint_ns, ARG_TEXT(checkpoint_id)};
	TaskWrites *writes = palloc(sizeof(TaskWrites));

	writes->count = (int)query_exec(call, &state_of_checkpoint, key);
	writes->list = palloc_extended(sizeof(TaskWrite) * Max(writes->count, 1), MCXT_ALLOC_HUGE);
	writes->tasks = names_new();
	for (int i = 0; i < writes->count; i++)
	{
		TaskWrite *write = &writes->list[i];
		NameEntry *task;

		write->task_id = row_text(i + 1, 1);
		write->channel = row_text(i + 1, 2);
		write->value = row_jsonb(i + 1, 3, JSON_ROOT_ANY);
		write->applies = false;
		task = names_add(writes->tasks, write->task_id, (int)strlen(write->task_id));
		task->value = lappend(task->value, write);
	}
	return writes;
}

List *
writes_of(const TaskWrites *writes, const char *task_id)
{
	NameEntry *task = task_id ? names_find(writes->tasks, task_id, (int)strlen(task_id)) : NULL;

	return task ? task->value : NIL;
}

void
writes_mark(const TaskWrites *writes, const char *task_id)
{
	ListCell *cell;

	foreach (cell, writes_of(writes, task_id))
		((TaskWrite *)lfirst(cell))->applies = true;
}

bool
writes_have_output(const TaskWrites *writes, const char *task_id)
{
	ListCell *cell;

	foreach (cell, writes_of(writes, task_id))
	{
		const char *channel = ((TaskWrite *)lfirst(cell))->channel;

		if (strcmp(channel, "__error__") != 0 && strcmp(channel, "__interrupt__") != 0 &&
			strcmp(channel, "__scheduled__") != 0 && strcmp(channel, "__resume__") != 0)
			return true;
	}
	return false;
}

GatheredUpdates *
gathered_new(void)
{
	GatheredUpdates *gathered = palloc(sizeof(GatheredUpdates));

	gathered->channels = NIL;
	gathered->names = names_new();
	return gathered;
}

void
gather(GatheredUpdates *gathered, const char *channel, Jsonb *update)
{
	char *name = pstrdup(channel);
	NameEntry *entry = names_add(gathered->names, name, (int)strlen(name));
	ChannelUpdates *updates = entry->value;

	if (!updates)
	{
		updates = palloc0(sizeof(ChannelUpdates));
		updates->channel = name;
		entry->value = updates;
		gathered->channels = lappend(gathered->channels, updates);
	}
	if (update)
		updates->updates = lappend(updates->updates, update);
}

Jsonb **
gathered_updates(const ChannelUpdates *channel, int *count)
{
	Jsonb **updates;
	int i = 0;
	ListCell *cell;

	*count = list_length(channel->updates);
	updates = palloc(sizeof(Jsonb *) * Max(*count, 1));
	foreach (cell, channel->updates)
		updates[i++] = lfirst(cell);
	return updates;
}

const char *
graph_reducer(Jsonb *graph, const char *channel, Jsonb **initial)
{
	JsonbContainer *channels = graph ? json_as_object(json_field(&graph->root, "channels")) : NULL;
	JsonbContainer *declared = channels ? json_as_object(json_field(channels, channel)) : NULL;
	JsonbValue *given = declared ? json_field(declared, "default") : NULL;
	char *reducer = declared ? json_as_text(json_field(declared, "reducer")) : NULL;

	if (!reducer)
		reducer = !declared && strcmp(channel, "messages") == 0 ? "add_messages" : "last_value";
	if (initial)
		*initial = given ? json_own(given) : reducer_default(reducer);
	return reducer;
}
