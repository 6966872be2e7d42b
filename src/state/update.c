/*
 * state/update.c: a state changed as a node would have changed it.
 *
 * The rules are those of LangGraph's updateState and bulkUpdateState
 * (docs/contracts.md#updates-of-a-state): what as_node may be, whose writes apply first, which step
 * and parent comes out.
 */
#include "state/state.h"

#include "reducer/reducer.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "threadmem/threadmem.h"

PG_FUNCTION_INFO_V1(threadmem_thread_update_state);

static void
write_channels(Superstep *step, const GatheredUpdates *gathered)
{
	ListCell *cell;

	foreach (cell, gathered->channels)
	{
		ChannelUpdates *channel = lfirst(cell);
		int count;
		Jsonb **updates = gathered_updates(channel, &count);

		CHECK_FOR_INTERRUPTS();
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

		CHECK_FOR_INTERRUPTS();
		if (lives_one_step(channel) && !items_get(step->changed, channel, item->key_length))
			superstep_set(step, channel, NULL);
	}
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

static bool
is_signal(const char *channel)
{
	return strcmp(channel, "__error__") == 0 || strcmp(channel, "__interrupt__") == 0 ||
		   strcmp(channel, "__scheduled__") == 0 || strcmp(channel, "__resume__") == 0 ||
		   strcmp(channel, "__return__") == 0 || strcmp(channel, "__no_writes__") == 0;
}

/* Applies the writes that are marked as one superstep, in the order of their paths. */
static void
apply_marked(Superstep *step, TaskWrites *writes)
{
	GatheredUpdates *gathered = gathered_new();

	for (int i = 0; i < writes->count; i++)
	{
		TaskWrite *write = &writes->list[i];

		if (write->applies && !is_signal(write->channel))
			gather(gathered, write->channel, write->value);
		write->applies = false;
	}
	write_channels(step, gathered);
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

/* How channels of a subgraph reduce, and what runs next in it, is nowhere but in its definition. */
static void
require_graph(const Superstep *step)
{
	if (!ns_is_root(step->checkpoint_ns) && !step->graph)
		error_bad_input_hint("checkpoint_ns",
							 "Declare it in graph_define(), {\"subgraphs\": {node: definition}}, of"
							 " the thread's graph.",
							 "What graph runs in \"%s\" is not known.",
							 text_or_null(step->checkpoint_ns));
}

/*
 * What tasks of this checkpoint have written already is part of the state that is updated; all says
 * that those without writes count as having run, too. What has no task comes before.
 */
static void
apply_pending(Superstep *step, bool all)
{
	TaskWrites *writes;
	ListCell *cell;
	bool any = false;

	if (!step->parent.checkpoint_id || (step->unwritten && !all))
		return;
	writes =
		writes_read(step->call, step->thread_id, step->checkpoint_ns, step->parent.checkpoint_id);
	if (writes->count == 0 && !all)
		return;
	if (writes->count > 0)
		require_graph(step);
	writes_mark(writes, NULL_TASK_ID);
	apply_marked(step, writes);
	foreach (cell, state_tasks(step->state.document, step->parent.checkpoint_id,
							   text_or_null(step->checkpoint_ns),
							   checkpoint_step(step->parent.metadata) + 1, writes))
	{
		StateTask *task = lfirst(cell);

		/* where the checkpoint's id is no uuid, tasks have no ids and nobody wrote for them */
		if (!all && !task->done)
			continue;
		finish(step, task);
		writes_mark(writes, task->id);
		any = true;
	}
	apply_marked(step, writes);
	if (any)
		end_step(step);
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

			CHECK_FOR_INTERRUPTS();
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

/* [[channel, update], ...]: a channel may be named several times. */
static void
gather_pairs(const Superstep *step, JsonbContainer *pairs, GatheredUpdates *gathered)
{
	for (int i = 0; i < (int)JsonContainerSize(pairs); i++)
	{
		JsonbContainer *pair = json_as_array(getIthJsonbValueFromContainer(pairs, i));
		char *channel = json_as_text(getIthJsonbValueFromContainer(pair, 0));

		CHECK_FOR_INTERRUPTS();
		if (is_declared(step, channel))
			gather(gathered, channel, json_own(getIthJsonbValueFromContainer(pair, 1)));
	}
}

static void
gather_values(const Superstep *step, const StateUpdate *update, GatheredUpdates *gathered)
{
	JsonItems *items;

	if (is_nothing(update->values))
		return;
	if (update->is_command && JsonContainerIsArray(&update->values->root))
	{
		gather_pairs(step, &update->values->root, gathered);
		return;
	}
	if (!JB_ROOT_IS_OBJECT(update->values))
		error_bad_input("input", "It must be an object of channels and their updates.");
	items = items_read(&update->values->root);
	for (int i = 0; i < items->count; i++)
	{
		JsonItem *item = items_at(items, i);
		char *channel = pnstrdup(item->key, item->key_length);

		CHECK_FOR_INTERRUPTS();
		if (is_declared(step, channel))
			gather(gathered, channel, node_write(&item->value));
	}
}

/* Nothing can be told to run next that is no node. */
static void
require_node(const Edges *edges, const char *argument, const char *node)
{
	if (strcmp(node, "__start__") == 0 ||
		(strcmp(node, "__end__") != 0 && !edges_have_node(edges, node)))
		error_bad_input(argument, "Node \"%s\" does not exist.", node);
}

/* What a command sends joins what other nodes of this step have sent. */
static void
add_sends(Superstep *step, const List *sends)
{
	Jsonb *before = superstep_value(step, "__pregel_tasks");
	JsonItems *all = before && JB_ROOT_IS_ARRAY(before) ? items_read(&before->root)
														: items_new(list_length(sends));
	JsonNode node = node_of_items(NODE_ARRAY, all);
	ListCell *cell;

	foreach (cell, sends)
		items_append(all, NULL, node_of_root(&((Jsonb *)lfirst(cell))->root));
	if (sends != NIL)
		superstep_set(step, "__pregel_tasks", &node);
}

/* Where commands lead to. */
static void
go(Superstep *step, const Edges *edges, List *updates)
{
	List *sends = NIL;
	ListCell *cell;
	ListCell *each;

	foreach (cell, updates)
	{
		const StateUpdate *update = lfirst(cell);

		foreach (each, update->nodes)
		{
			CHECK_FOR_INTERRUPTS();
			require_node(edges, "updates", lfirst(each));
			edges_trigger(step, lfirst(each));
		}
		foreach (each, update->sends)
		{
			Jsonb *send = lfirst(each);
			char *node = json_as_text(json_field(&send->root, "node"));

			CHECK_FOR_INTERRUPTS();
			require_node(edges, "updates", node);
			if (strcmp(node, "__end__") == 0)
				error_bad_input("updates", "Nothing can be sent to %s.", node);
			sends = lappend(sends, send);
		}
	}
	add_sends(step, sends);
}

static void
write_as_nodes(Superstep *step, List *updates, NullableDatum next)
{
	GatheredUpdates *gathered = gathered_new();
	Edges *edges = edges_read(step->graph);
	Datum *nodes;
	int count = text_list(next, &nodes);
	ListCell *cell;

	foreach (cell, updates)
	{
		StateUpdate *update = lfirst(cell);

		CHECK_FOR_INTERRUPTS();
		if (!edges_have_node(edges, update->as_node))
			error_bad_input("as_node", "Node \"%s\" does not exist.", update->as_node);
		gather_values(step, update, gathered);
		mark_seen(step, update->as_node, NULL);
	}
	write_channels(step, gathered);
	end_step(step);
	for (int i = 0; i < count; i++)
		edges_trigger(step, TextDatumGetCString(nodes[i]));
	if (next.isnull)
		foreach (cell, updates)
			edges_follow(edges, step, ((StateUpdate *)lfirst(cell))->as_node);
	go(step, edges, updates);
}

/* Nodes to run then, as the caller names them. */
static void
check_next(const Superstep *step, NullableDatum next)
{
	Edges *edges = edges_read(step->graph);
	Datum *nodes;
	int count = text_list(next, &nodes);

	for (int i = 0; i < count; i++)
		require_node(edges, "next", TextDatumGetCString(nodes[i]));
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
						   checkpoint_step(step->parent.metadata) + 1, run_id);
}

static char *
store_input(Superstep *step, const StateUpdate *update, NullableDatum run_id)
{
	JsonNode values;
	int64 number = step->parent.checkpoint_id ? checkpoint_step(step->parent.metadata) + 1 : -1;

	if (is_nothing(update->values))
		error_bad_input("input", "An update as __input__ has values.");
	values = node_of_root(&update->values->root);
	superstep_set(step, "__start__", &values);
	return superstep_store(step, "input", number, run_id);
}

/* A sibling: under the same parent, with the same values and versions. */
static char *
store_copy(Superstep *step, NullableDatum run_id)
{
	JsonItems *values;
	JsonItems *refs;

	if (!step->parent.checkpoint_id)
		error_not_found("checkpoint", NULL);
	values = step->parts.values ? items_read(step->parts.values) : items_new(1);
	for (int i = 0; i < values->count; i++)
		if (!items_get(step->values, items_at(values, i)->key, items_at(values, i)->key_length))
			items_put(step->values, items_at(values, i)->key, items_at(values, i)->key_length,
					  items_at(values, i)->value);
	refs = step->parts.refs ? items_read(step->parts.refs) : items_new(1);
	for (int i = 0; i < refs->count; i++)
	{
		JsonItem *channel = items_at(refs, i);
		RevRuns *list = palloc(sizeof(RevRuns));

		document_list(&step->parts, channel->key, channel->key_length, list);
		names_add(step->lists, channel->key, channel->key_length)->value = list;
	}
	return superstep_store_beside(step, checkpoint_step(step->parent.metadata) + 1, run_id);
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

		CHECK_FOR_INTERRUPTS();
		if (!pair || JsonContainerSize(pair) != 2)
			error_bad_input("input", "An update as __copy__ is an array of [values, as_node].");
		update->values = json_own(getIthJsonbValueFromContainer(pair, 0));
		update->as_node = json_as_text(getIthJsonbValueFromContainer(pair, 1));
		updates = lappend(updates, update);
	}
	return updates;
}

static char *
superstep(Superstep *step, bool on_latest, List *updates, NullableDatum next, NullableDatum run_id)
{
	static const char *const no_nodes[] = {"__input__", "__end__", "__copy__", NULL};
	StateUpdate *first = linitial(updates);
	char *made;
	List *more;

	check_next(step, next);
	if (first->is_command && first->as_node && text_is_one_of(first->as_node, no_nodes))
		error_bad_input("updates", "%s returns no command.", first->as_node);
	if (is_nothing(first->values) && !first->as_node && !first->is_command)
	{
		require_single(updates, "An empty checkpoint");
		return store_update(step, run_id);
	}
	if (is_nothing(first->values) && is_as(first, "__end__"))
	{
		require_single(updates, "Ending the tasks");
		apply_pending(step, true);
		return store_update(step, run_id);
	}
	if (is_as(first, "__copy__"))
	{
		require_single(updates, "A copy");
		more = updates_of_copy(first->values);
		made = store_copy(step, run_id);
		if (more == NIL)
			return made;
		superstep_go_on(step);
		return superstep(step, false, more, next, run_id);
	}
	if (is_as(first, "__input__"))
	{
		require_single(updates, "Input");
		return store_input(step, first, run_id);
	}
	require_graph(step);
	if (on_latest)
		apply_pending(step, false);
	name_nodes(step, updates);
	write_as_nodes(step, updates, next);
	return store_update(step, run_id);
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
	UPDATE_CHECKPOINT_NS,
	UPDATE_METADATA
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

/*
 * Whether it begins a branch: at the checkpoint as it is, the latest as well, without what was said
 * since. Only a run that goes on from its own latest step begins none.
 */
static bool
begins_branch(Call *call, NullableDatum thread_id, NullableDatum checkpoint_ns,
			  NullableDatum checkpoint_id, NullableDatum run_id)
{
	Neighbour latest;

	if (checkpoint_id.isnull || !ns_is_root(checkpoint_ns))
		return false;
	if (run_id.isnull || !neighbour_latest(call, thread_id, checkpoint_ns, &latest))
		return true;
	return strcmp(latest.checkpoint_id, text_or_null(checkpoint_id)) != 0;
}

char *
state_update(Call *call, NullableDatum thread_id, NullableDatum checkpoint_ns,
			 NullableDatum checkpoint_id, List *updates, NullableDatum next, NullableDatum run_id,
			 NullableDatum metadata)
{
	Superstep step;
	ThreadRow thread;

	thread_row_lock(call, thread_id, &thread);
	thread_row_check_free(call, thread_id, run_id);
	if (begins_branch(call, thread_id, checkpoint_ns, checkpoint_id, run_id))
		state_leave(call, thread_id, &thread);
	superstep_begin(&step, call, &thread, thread_id, checkpoint_ns, checkpoint_id);
	if (checkpoint_id.isnull && ns_is_root(checkpoint_ns) &&
		superstep_fold(&step, run_id).checkpoint_id)
		superstep_go_on(&step);
	if (!metadata.isnull)
		step.metadata = DatumGetJsonbP(metadata.value);
	return superstep(&step, checkpoint_id.isnull, updates, next, run_id);
}

Datum
threadmem_thread_update_state(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	NullableDatum ns;
	List *updates;
	char *made;
	Call call;

	query_begin(&call, fcinfo);
	ns = ns_or_root(args[UPDATE_CHECKPOINT_NS]);
	updates = read_updates(args);
	message_lock_senders(&call, args[UPDATE_INPUT], ARG_NULL);
	message_lock_senders(&call, args[UPDATE_UPDATES], ARG_NULL);
	made = state_update(&call, args[UPDATE_THREAD_ID], ns, args[UPDATE_CHECKPOINT_ID], updates,
						args[UPDATE_NEXT], args[UPDATE_RUN_ID], args[UPDATE_METADATA]);
	return checkpoint_return_key(&call, args[UPDATE_THREAD_ID], ns, made);
}
