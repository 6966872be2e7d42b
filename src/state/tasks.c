/*
 * state/tasks.c: what a state has to run next (docs/contracts.md#what-runs-next).
 *
 * A node runs when a channel that triggers it has a value with a newer version than the node has
 * seen. The channels say by their names whom they trigger: "__start__" the node of that name,
 * "branch:to:x" the node x, "join:a+b:x" the node x as soon as a and b have both written. Sends
 * (channel __pregel_tasks) are tasks of their own. So this needs no graph, only the state.
 */
#include "state/state.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/numeric.h"

#include "threadmem/threadmem.h"

/* The node that a channel triggers, NULL for none. */
static char *
node_of_channel(const char *channel)
{
	const char *last = strrchr(channel, ':');

	if (strcmp(channel, "__start__") == 0)
		return pstrdup(channel);
	if (strncmp(channel, "branch:to:", 10) == 0)
		return pstrdup(channel + 10);
	if (strncmp(channel, "join:", 5) == 0 && last > channel + 4)
		return pstrdup(last + 1);
	return NULL;
}

bool
state_triggers(const char *channel, int length)
{
	char *name = pnstrdup(channel, length);
	bool triggers = strcmp(name, "__pregel_tasks") == 0 || node_of_channel(name) != NULL;

	pfree(name);
	return triggers;
}

Names *
state_names(JsonbContainer *array)
{
	Names *names = names_new();
	JsonItems *items = items_read(array);

	for (int i = 0; i < items->count; i++)
	{
		JsonNode *node = &items_at(items, i)->value;

		if (node->kind == NODE_STRING)
			(void)names_add(names, node->data, (int)node->length);
	}
	items_free(items);
	return names;
}

/* A join waits until all have written that its name lists: join:a+b:x. */
static bool
is_complete(const char *channel, const JsonNode *value)
{
	const char *name = channel + strlen("join:");
	const char *end = strrchr(channel, ':');
	Names *written;

	if (strncmp(channel, "join:", 5) != 0)
		return true;
	if (!node_is_array(value))
		return false;
	written = state_names(node_container(value));
	while (name < end)
	{
		const char *stop = memchr(name, '+', end - name);

		CHECK_FOR_INTERRUPTS();
		if (!stop)
			stop = end;
		if (!names_find(written, name, (int)(stop - name)))
			return false;
		name = stop + 1;
	}
	return true;
}

static bool
get(JsonbContainer *object, const char *key, JsonNode *value)
{
	JsonbValue found;

	if (!object || !getKeyJsonValueFromContainer(object, key, (int)strlen(key), &found))
		return false;
	*value = node_of_value(&found);
	return true;
}

static bool
is_triggered(const StateParts *parts, const char *channel, const char *node)
{
	JsonNode value;
	JsonNode version;
	JsonNode seen;
	JsonbContainer *versions = json_as_object(json_field(parts->seen, node));

	if (!get(parts->values, channel, &value) || !is_complete(channel, &value) ||
		!get(parts->versions, channel, &version))
		return false;
	return !get(versions, channel, &seen) || version_is_later(&version, &seen);
}

/* LangGraph's id of a task: a uuid of the array's JSON, as JavaScript writes it. */
static char *
task_id(const StateTask *task, const char *checkpoint_id, const char *checkpoint_ns, int64 step)
{
	StringInfoData name;
	char *id;

	initStringInfo(&name);
	appendStringInfoChar(&name, '[');
	escape_json(&name, *checkpoint_ns ? psprintf("%s|%s", checkpoint_ns, task->name) : task->name);
	appendStringInfo(&name, ",\"" INT64_FORMAT "\",", step);
	escape_json(&name, task->name);
	if (task->push >= 0)
		appendStringInfo(&name, ",\"__pregel_push\",\"%d\"]", task->push);
	else
	{
		appendStringInfoString(&name, ",\"__pregel_pull\",[");
		escape_json(&name, task->trigger);
		appendStringInfoString(&name, "]]");
	}
	id = uuid_of_name(name.data, checkpoint_id);
	pfree(name.data);
	return id;
}

char *
state_task_ns(const StateTask *task, const char *checkpoint_ns)
{
	return psprintf("%s%s%s:%s", checkpoint_ns, *checkpoint_ns ? "|" : "", task->name, task->id);
}

static void
add_task(List **tasks, const char *name, char *trigger, int push)
{
	StateTask *task = palloc0(sizeof(StateTask));

	CHECK_FOR_INTERRUPTS();
	task->name = pstrdup(name);
	task->trigger = trigger;
	task->push = push;
	*tasks = lappend(*tasks, task);
}

static void
add_sends(List **tasks, const StateParts *parts)
{
	JsonbContainer *sends = json_as_array(json_field(parts->values, "__pregel_tasks"));
	int count = sends ? (int)JsonContainerSize(sends) : 0;

	for (int i = 0; i < count; i++)
	{
		JsonbContainer *send = json_as_object(getIthJsonbValueFromContainer(sends, i));
		JsonbContainer *kwargs = send ? json_as_object(json_field(send, "kwargs")) : NULL;
		char *node = send ? json_as_text(json_field(kwargs ? kwargs : send, "node")) : NULL;

		if (node)
			add_task(tasks, node, NULL, i);
	}
}

static int
by_name(const ListCell *a, const ListCell *b)
{
	const StateTask *x = lfirst(a);
	const StateTask *y = lfirst(b);

	CHECK_FOR_INTERRUPTS();
	if ((x->push < 0) != (y->push < 0))
		return x->push < 0 ? 1 : -1;
	return x->push >= 0 ? x->push - y->push : strcmp(x->name, y->name);
}

/* A node that several channels trigger runs once, for the first of them. */
static void
add_triggered(List **tasks, const StateParts *parts)
{
	JsonItems *versions = parts->versions ? items_read(parts->versions) : items_new(1);
	Names *nodes = names_new();

	for (int i = 0; i < versions->count; i++)
	{
		JsonItem *item = items_at(versions, i);
		char *channel = pnstrdup(item->key, item->key_length);
		char *node = node_of_channel(channel);

		CHECK_FOR_INTERRUPTS();
		if (node && is_triggered(parts, channel, node) && names_take(nodes, node))
			add_task(tasks, node, channel, -1);
	}
}

List *
state_tasks(Jsonb *document, const char *checkpoint_id, const char *checkpoint_ns, int64 step,
			const TaskWrites *writes)
{
	StateParts parts = document_parts(document);
	List *tasks = NIL;
	ListCell *cell;

	add_sends(&tasks, &parts);
	add_triggered(&tasks, &parts);
	list_sort(tasks, by_name);
	foreach (cell, tasks)
	{
		StateTask *task = lfirst(cell);

		CHECK_FOR_INTERRUPTS();
		task->id = task_id(task, checkpoint_id, checkpoint_ns, step);
		task->done = writes && writes_have_output(writes, task->id);
	}
	return tasks;
}
