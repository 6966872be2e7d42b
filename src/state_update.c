/*
 * state_update.c: a state changed as a node would have changed it.
 *
 * The rules are those of LangGraph's updateState and bulkUpdateState, contracts/langgraph.md
 * section 3: what as_node may be, whose writes apply first, which step and parent comes out.
 */
#include "state.h"

#include "reducer.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "threadmem_json.h"

PG_FUNCTION_INFO_V1(threadmem_thread_update_state);

#define NULL_TASK_ID "00000000-0000-0000-0000-000000000000"

static Stmt pending_writes = {
	"SELECT w.task_id, w.channel, w.value FROM threadmem.checkpoint_writes w"
	" WHERE w.tenant_id = $1 AND w.thread_id = $2 AND w.checkpoint_ns = $3"
	" AND w.checkpoint_id = $4 ORDER BY w.task_path, w.task_id, w.idx",
	"ttt"};

typedef struct PendingWrite
{
	char *task_id;
	char *channel;
	Jsonb *value;
} PendingWrite;

/* All updates of one channel in a superstep. */
typedef struct ChannelUpdates
{
	char *channel;
	List *updates;
} ChannelUpdates;

static void
add_update(List **channels, const char *channel, Jsonb *value)
{
	ChannelUpdates *found = NULL;
	ListCell *cell;

	foreach (cell, *channels)
		if (strcmp(((ChannelUpdates *)lfirst(cell))->channel, channel) == 0)
			found = lfirst(cell);
	if (!found)
	{
		found = palloc0(sizeof(ChannelUpdates));
		found->channel = pstrdup(channel);
		*channels = lappend(*channels, found);
	}
	found->updates = lappend(found->updates, value);
}

static void
write_channels(Superstep *step, List *channels)
{
	ListCell *cell;

	foreach (cell, channels)
	{
		ChannelUpdates *channel = lfirst(cell);
		int count = list_length(channel->updates);
		Jsonb **updates = palloc(sizeof(Jsonb *) * count);

		for (int i = 0; i < count; i++)
			updates[i] = list_nth(channel->updates, i);
		if (is_internal_channel(channel->channel, (int)strlen(channel->channel)))
		{
			JsonNode node = node_of_root(&updates[count - 1]->root);

			superstep_set(step, channel->channel, &node);
		}
		else
			superstep_write(step, channel->channel, updates, count);
	}
}

static bool
lives_one_step(const char *channel)
{
	return strcmp(channel, "__start__") == 0 || strcmp(channel, "__pregel_tasks") == 0 ||
		   strncmp(channel, "branch:", 7) == 0 || strncmp(channel, "start:", 6) == 0;
}

/* What was to run next is over with this step. */
static void
end_step(Superstep *step)
{
	JsonItems *values = step->parts.values ? items_read(step->parts.values) : items_new(1);

	for (int i = 0; i < values->count; i++)
	{
		JsonItem *item = items_at(values, i);
		char *channel = pnstrdup(item->key, item->key_length);

		if (lives_one_step(channel) && !items_get(step->changed, channel, item->key_length))
			superstep_set(step, channel, NULL);
	}
}

static void
trigger(Superstep *step, const char *node)
{
	JsonNode null = {.kind = NODE_NULL};

	if (strcmp(node, "__end__") != 0)
		superstep_set(step, psprintf("branch:to:%s", node), &null);
}

/* LangGraph's name of the channel in which a node waits for several. */
static char *
join_channel(JsonbContainer *starts, const char *to)
{
	StringInfoData name;

	initStringInfo(&name);
	for (int i = 0; i < (int)JsonContainerSize(starts); i++)
		appendStringInfo(&name, "%s%s",
						 i ? "+" : "join:", json_as_text(getIthJsonbValueFromContainer(starts, i)));
	appendStringInfo(&name, ":%s", to);
	return name.data;
}

/* One more of those that the channel waits for has written. */
static void
arrive(Superstep *step, const char *channel, const char *node)
{
	Jsonb *before = superstep_value(step, channel);
	JsonItems *names =
		before && JB_ROOT_IS_ARRAY(before) ? items_read(&before->root) : items_new(2);
	JsonNode value;

	if (before && JB_ROOT_IS_ARRAY(before) && state_names(&before->root, node, (int)strlen(node)))
		return;
	items_append(names, NULL, node_of_string(node, (int)strlen(node)));
	value = node_of_items(NODE_ARRAY, names);
	superstep_set(step, channel, &value);
}

static void
follow_edge(Superstep *step, JsonbContainer *edge, const char *node)
{
	JsonbContainer *starts = json_as_array(getIthJsonbValueFromContainer(edge, 0));
	char *from = json_as_text(getIthJsonbValueFromContainer(edge, 0));
	char *to = json_as_text(getIthJsonbValueFromContainer(edge, 1));

	if (from && strcmp(from, node) == 0)
		trigger(step, to);
	else if (starts && strcmp(to, "__end__") != 0 && state_names(starts, node, (int)strlen(node)))
		arrive(step, join_channel(starts, to), node);
}

/* The edges of the graph that leave a node. */
static void
follow_edges(Superstep *step, const char *node)
{
	JsonbContainer *edges =
		step->graph ? json_as_array(json_field(&step->graph->root, "edges")) : NULL;
	int count = edges ? (int)JsonContainerSize(edges) : 0;

	for (int i = 0; i < count; i++)
		follow_edge(step, json_as_array(getIthJsonbValueFromContainer(edges, i)), node);
}

/* A node that has run is in versions_seen, with the channels it has seen. */
static void
mark_seen(Superstep *step, const char *node, const char *channel)
{
	int length = (int)strlen(node);
	JsonNode *before = items_get(step->nodes, node, length);
	JsonItems *versions = before && node_is_object(before) ? node_open(before) : items_new(2);
	JsonNode *version = channel ? items_get(step->versions, channel, (int)strlen(channel)) : NULL;

	if (version)
		items_put(versions, pstrdup(channel), (int)strlen(channel), *version);
	items_put(step->nodes, pstrdup(node), length, node_of_items(NODE_OBJECT, versions));
}

static List *
read_pending(Superstep *step)
{
	NullableDatum key[] = {step->thread_id, step->checkpoint_ns, ARG_TEXT(step->checkpoint_id)};
	List *writes = NIL;
	uint64 rows = step->checkpoint_id ? query_exec(step->call, &pending_writes, key) : 0;

	for (uint64 row = 1; row <= rows; row++)
	{
		PendingWrite *write = palloc(sizeof(PendingWrite));

		write->task_id = row_text(row, 1);
		write->channel = row_text(row, 2);
		write->value = row_jsonb(row, 3, JSON_ROOT_ANY);
		writes = lappend(writes, write);
	}
	return writes;
}

static bool
is_signal(const char *channel)
{
	return strcmp(channel, "__error__") == 0 || strcmp(channel, "__interrupt__") == 0 ||
		   strcmp(channel, "__scheduled__") == 0 || strcmp(channel, "__resume__") == 0 ||
		   strcmp(channel, "__return__") == 0 || strcmp(channel, "__no_writes__") == 0;
}

/* Whether a task has done something: that it failed, waits or was scheduled does not count. */
static bool
has_output(List *writes, const char *task_id)
{
	ListCell *cell;

	foreach (cell, writes)
	{
		PendingWrite *write = lfirst(cell);

		if (strcmp(write->task_id, task_id) == 0 && strcmp(write->channel, "__error__") != 0 &&
			strcmp(write->channel, "__interrupt__") != 0 &&
			strcmp(write->channel, "__scheduled__") != 0)
			return true;
	}
	return false;
}

static bool
is_of(const PendingWrite *write, List *task_ids)
{
	ListCell *cell;

	foreach (cell, task_ids)
		if (strcmp(lfirst(cell), write->task_id) == 0)
			return true;
	return false;
}

/* Applies the writes of these tasks as one superstep, in the order of their paths. */
static void
apply_writes(Superstep *step, List *writes, List *task_ids)
{
	List *channels = NIL;
	ListCell *cell;

	foreach (cell, writes)
	{
		PendingWrite *write = lfirst(cell);

		if (is_of(write, task_ids) && !is_signal(write->channel))
			add_update(&channels, write->channel, write->value);
	}
	write_channels(step, channels);
}

/* The task has run: its node has seen what triggered it, and a join waits anew. */
static void
finish(Superstep *step, const StateTask *task)
{
	JsonNode nobody = node_of_items(NODE_ARRAY, items_new(1));

	mark_seen(step, task->name, task->trigger);
	if (task->trigger && strncmp(task->trigger, "join:", 5) == 0)
		superstep_set(step, task->trigger, &nobody);
}

/*
 * What tasks of this checkpoint have written already is part of the state that is updated; all says
 * that those without writes count as having run, too. What has no task comes before.
 */
static void
apply_pending(Superstep *step, bool all)
{
	List *writes = read_pending(step);
	List *done = NIL;
	List *tasks;
	ListCell *cell;
	bool any = false;

	if (!step->checkpoint_id || (writes == NIL && !all))
		return;
	apply_writes(step, writes, list_make1(NULL_TASK_ID));
	tasks =
		state_tasks(step->state.document, step->checkpoint_id, text_or_null(step->checkpoint_ns),
					checkpoint_step(step->metadata) + 1, NULL);
	foreach (cell, tasks)
	{
		StateTask *task = lfirst(cell);

		/* where the checkpoint's id is no uuid, tasks have no ids and nobody wrote for them */
		if (!all && !(task->id && has_output(writes, task->id)))
			continue;
		finish(step, task);
		if (task->id)
			done = lappend(done, task->id);
		any = true;
	}
	apply_writes(step, writes, done);
	if (any)
		end_step(step);
}

static bool
has_node(const Superstep *step, const char *node)
{
	JsonbContainer *nodes =
		step->graph ? json_as_array(json_field(&step->graph->root, "nodes")) : NULL;
	int count = nodes ? (int)JsonContainerSize(nodes) : 0;

	if (count == 0 || strcmp(node, "__start__") == 0)
		return true;
	for (int i = 0; i < count; i++)
	{
		char *name = json_as_text(getIthJsonbValueFromContainer(nodes, i));

		if (name && strcmp(name, node) == 0)
			return true;
	}
	return false;
}

/* The node that ran last: with the single greatest version seen; __start__ when none has run. */
static char *
infer_node(const Superstep *step)
{
	JsonNode best = {.kind = NODE_NULL};
	char *node = NULL;
	bool tie = false;

	for (int i = 0; i < step->nodes->count; i++)
	{
		JsonItem *item = items_at(step->nodes, i);
		char *name = pnstrdup(item->key, item->key_length);
		JsonItems *versions;

		if (!node_is_object(&item->value) || strcmp(name, "__interrupt__") == 0)
			continue;
		versions = node_open(&item->value);
		for (int k = 0; k < versions->count; k++)
		{
			JsonNode *version = &items_at(versions, k)->value;

			if (!node || version_is_later(version, &best))
			{
				best = *version;
				node = name;
				tie = false;
			}
			else if (!version_is_later(&best, version))
				tie = true;
		}
	}
	if (tie)
		error_bad_input("as_node", "Ambiguous update, specify as_node: several nodes ran last.");
	return node ? node : pstrdup("__start__");
}

static bool
is_nothing(Jsonb *values)
{
	JsonbValue value;

	return !values || (JB_ROOT_IS_SCALAR(values) && JsonbExtractScalar(&values->root, &value) &&
					   value.type == jbvNull);
}

/* A key that the graph does not declare is ignored, as LangGraph does it. */
static bool
is_declared(const Superstep *step, const char *channel)
{
	JsonbContainer *channels =
		step->graph ? json_as_object(json_field(&step->graph->root, "channels")) : NULL;

	return !channels || JsonContainerSize(channels) == 0 || json_field(channels, channel);
}

static void
gather_values(const Superstep *step, const StateUpdate *update, List **channels)
{
	JsonItems *items;

	if (is_nothing(update->values))
		return;
	if (!JB_ROOT_IS_OBJECT(update->values))
		error_bad_input("input", "It must be an object of channels and their updates.");
	items = items_read(&update->values->root);
	for (int i = 0; i < items->count; i++)
	{
		JsonItem *item = items_at(items, i);
		char *channel = pnstrdup(item->key, item->key_length);

		if (is_declared(step, channel))
			add_update(channels, channel, node_write(&item->value));
	}
}

static void
write_as_nodes(Superstep *step, List *updates, NullableDatum next)
{
	List *channels = NIL;
	Datum *nodes;
	int count = text_list(next, &nodes);
	ListCell *cell;

	foreach (cell, updates)
	{
		StateUpdate *update = lfirst(cell);

		if (!has_node(step, update->as_node))
			error_bad_input("as_node", "Node \"%s\" does not exist.", update->as_node);
		gather_values(step, update, &channels);
		mark_seen(step, update->as_node, NULL);
	}
	write_channels(step, channels);
	end_step(step);
	for (int i = 0; i < count; i++)
		trigger(step, TextDatumGetCString(nodes[i]));
	if (next.isnull)
		foreach (cell, updates)
			follow_edges(step, ((StateUpdate *)lfirst(cell))->as_node);
}

/* Nodes to run then, as the caller names them. */
static void
check_next(const Superstep *step, NullableDatum next)
{
	Datum *nodes;
	int count = text_list(next, &nodes);

	for (int i = 0; i < count; i++)
	{
		char *node = TextDatumGetCString(nodes[i]);

		if (strcmp(node, "__start__") == 0 ||
			(strcmp(node, "__end__") != 0 && !has_node(step, node)))
			error_bad_input("next", "Node \"%s\" does not exist.", node);
	}
}

static void
require_single(List *updates, const char *what)
{
	if (list_length(updates) > 1)
		error_bad_input("updates", "%s takes one update.", what);
}

static char *
store_update(Superstep *step, NullableDatum run_id)
{
	return superstep_store(step, run_id.isnull ? "update" : "loop",
						   checkpoint_step(step->metadata) + 1, ARG_TEXT(step->checkpoint_id),
						   run_id);
}

static char *
store_input(Superstep *step, const StateUpdate *update, NullableDatum run_id)
{
	JsonNode values;
	int64 number = step->checkpoint_id ? checkpoint_step(step->metadata) + 1 : -1;

	if (is_nothing(update->values))
		error_bad_input("input", "An update as __input__ has values.");
	values = node_of_root(&update->values->root);
	superstep_set(step, "__start__", &values);
	return superstep_store(step, "input", number, ARG_TEXT(step->checkpoint_id), run_id);
}

/* A sibling: under the same parent, with the same values and versions. */
static char *
store_copy(Superstep *step, NullableDatum run_id)
{
	JsonItems *refs;

	if (!step->checkpoint_id)
		error_not_found("checkpoint", NULL);
	if (step->parts.values)
		step->values = items_read(step->parts.values);
	refs = step->parts.refs ? items_read(step->parts.refs) : items_new(1);
	for (int i = 0; i < refs->count; i++)
	{
		GivenList *list = palloc(sizeof(GivenList));

		list->channel = pnstrdup(items_at(refs, i)->key, items_at(refs, i)->key_length);
		list->list = document_list(&step->parts, list->channel, items_at(refs, i)->key_length);
		step->lists = lappend(step->lists, list);
	}
	return superstep_store(step, "fork", checkpoint_step(step->metadata) + 1, step->parent, run_id);
}

static bool
is_as(const StateUpdate *update, const char *node)
{
	return update->as_node && strcmp(update->as_node, node) == 0;
}

/* as_node of every update, found out for a single one. */
static void
name_nodes(Superstep *step, List *updates)
{
	ListCell *cell;

	foreach (cell, updates)
	{
		StateUpdate *update = lfirst(cell);

		if (update->as_node)
			continue;
		if (list_length(updates) > 1)
			error_bad_input("updates", "Each of several updates needs as_node.");
		update->as_node = infer_node(step);
	}
}

/* What a copy is updated with: values [[values, as_node]]. */
static List *
updates_of_copy(Jsonb *values)
{
	int count = values && JB_ROOT_IS_ARRAY(values) && !JB_ROOT_IS_SCALAR(values)
					? (int)JB_ROOT_COUNT(values)
					: 0;
	List *updates = NIL;

	for (int i = 0; i < count; i++)
	{
		JsonbContainer *pair = json_as_array(getIthJsonbValueFromContainer(&values->root, i));
		StateUpdate *update = palloc0(sizeof(StateUpdate));

		if (!pair || JsonContainerSize(pair) != 2)
			error_bad_input("input", "An update as __copy__ is an array of [values, as_node].");
		update->values = json_own(getIthJsonbValueFromContainer(pair, 0));
		update->as_node = json_as_text(getIthJsonbValueFromContainer(pair, 1));
		updates = lappend(updates, update);
	}
	return updates;
}

static char *
superstep(Call *call, NullableDatum thread_id, NullableDatum checkpoint_ns,
		  NullableDatum checkpoint_id, List *updates, NullableDatum next, NullableDatum run_id)
{
	StateUpdate *first = linitial(updates);
	Superstep step;
	char *made;
	List *more;

	superstep_begin(&step, call, thread_id, checkpoint_ns, checkpoint_id);
	check_next(&step, next);
	if (is_nothing(first->values) && !first->as_node)
	{
		require_single(updates, "An empty checkpoint");
		return store_update(&step, run_id);
	}
	if (is_nothing(first->values) && is_as(first, "__end__"))
	{
		require_single(updates, "Ending the tasks");
		apply_pending(&step, true);
		return store_update(&step, run_id);
	}
	if (is_as(first, "__copy__"))
	{
		require_single(updates, "A copy");
		more = updates_of_copy(first->values);
		made = store_copy(&step, run_id);
		if (more == NIL)
			return made;
		return superstep(call, thread_id, checkpoint_ns, ARG_TEXT(made), more, next, run_id);
	}
	if (is_as(first, "__input__"))
	{
		require_single(updates, "Input");
		return store_input(&step, first, run_id);
	}
	if (checkpoint_id.isnull)
		apply_pending(&step, false);
	name_nodes(&step, updates);
	write_as_nodes(&step, updates, next);
	return store_update(&step, run_id);
}

List *
state_updates(Jsonb *document)
{
	List *updates = NIL;

	if (JB_ROOT_COUNT(document) == 0)
		error_bad_input("updates", "There are none.");
	for (int i = 0; i < (int)JB_ROOT_COUNT(document); i++)
	{
		JsonbContainer *given = json_as_object(getIthJsonbValueFromContainer(&document->root, i));
		StateUpdate *update = palloc0(sizeof(StateUpdate));
		JsonbValue *values = given ? json_field(given, "values") : NULL;
		JsonbValue *as_node = given ? json_given(given, "as_node") : NULL;

		if (!given || (as_node && as_node->type != jbvString))
			error_bad_input("updates", "Element %d must be {\"values\", \"as_node\"}.", i);
		update->values = values ? json_own(values) : NULL;
		update->as_node = json_as_text(as_node);
		updates = lappend(updates, update);
	}
	return updates;
}

enum
{
	UPDATE_THREAD_ID,
	UPDATE_INPUT,
	UPDATE_AS_NODE,
	UPDATE_UPDATES,
	UPDATE_CHECKPOINT_ID,
	UPDATE_NEXT,
	UPDATE_RUN_ID,
	UPDATE_CHECKPOINT_NS
};

static List *
read_updates(NullableDatum *args)
{
	StateUpdate *update = palloc0(sizeof(StateUpdate));

	if (!args[UPDATE_UPDATES].isnull)
	{
		if (!args[UPDATE_INPUT].isnull || !args[UPDATE_AS_NODE].isnull)
			error_bad_input("updates", "Give either input and as_node, or updates.");
		return state_updates(DatumGetJsonbP(args[UPDATE_UPDATES].value));
	}
	if (!args[UPDATE_INPUT].isnull)
		update->values = DatumGetJsonbP(args[UPDATE_INPUT].value);
	update->as_node = text_or_null(args[UPDATE_AS_NODE]);
	return list_make1(update);
}

char *
state_update(Call *call, NullableDatum thread_id, NullableDatum checkpoint_ns,
			 NullableDatum checkpoint_id, List *updates, NullableDatum next, NullableDatum run_id)
{
	Head head;

	head_lock(call, thread_id, &head);
	head_check_free(call, thread_id, run_id);
	if (checkpoint_id.isnull && VARSIZE_ANY_EXHDR(DatumGetPointer(checkpoint_ns.value)) == 0)
		state_fold(call, thread_id, run_id);
	return superstep(call, thread_id, checkpoint_ns, checkpoint_id, updates, next, run_id);
}

Datum
threadmem_thread_update_state(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	NullableDatum ns;
	Datum values[3];
	bool nulls[3] = {false, false, false};
	List *updates;
	char *made;
	Call call;

	query_begin(&call, fcinfo);
	ns = ns_or_root(args[UPDATE_CHECKPOINT_NS]);
	updates = read_updates(args);
	made = state_update(&call, args[UPDATE_THREAD_ID], ns, args[UPDATE_CHECKPOINT_ID], updates,
						args[UPDATE_NEXT], args[UPDATE_RUN_ID]);
	values[0] = args[UPDATE_THREAD_ID].value;
	values[1] = ns.value;
	values[2] = CStringGetTextDatum(made);
	return query_made_row(&call, values, nulls);
}
