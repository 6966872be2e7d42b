/*
 * state/command.c: updates of a superstep as documents, and the commands among them.
 *
 * A command is what a node of LangGraph's may return in place of values: {"update", "goto"}. Its
 * update is the values, an object or [[channel, update], ...], its goto the nodes to run next
 * beside those that the edges lead to: names, and sends {"node", "input"}, which give a node an
 * input of its own. What it resumes with is an answer for a run, and no part of an update.
 */
#include "state/state.h"

#include "miscadmin.h"

#include "threadmem/threadmem.h"

static const char argument[] = "updates";

/* [[channel, update], ...] */
static bool
is_pairs(const JsonbValue *value)
{
	JsonbContainer *array = json_as_array(value);

	for (int i = 0; array && i < (int)JsonContainerSize(array); i++)
	{
		JsonbContainer *pair = json_as_array(getIthJsonbValueFromContainer(array, i));

		CHECK_FOR_INTERRUPTS();
		if (!pair || JsonContainerSize(pair) != 2 ||
			getIthJsonbValueFromContainer(pair, 0)->type != jbvString)
			return false;
	}
	return array != NULL;
}

/* {"node", "input"}, or "args", as LangGraph.js has it inside. */
static Jsonb *
read_send(JsonbContainer *given, const char *what)
{
	static const char *const keys[] = {"node", "input", "args", NULL};
	JsonbValue *input = json_field(given, "input");
	JsonItems *send = items_new(2);
	JsonNode root = node_of_items(NODE_OBJECT, send);
	char *node = json_as_text(json_field(given, "node"));

	guard_keys(argument, given, psprintf("A send of %s", what), keys);
	if (!input)
		input = json_field(given, "args");
	if (!node)
		error_bad_input(argument, "A send of %s must be {\"node\", \"input\"}.", what);
	items_put(send, "node", 4, node_of_text(node));
	items_put(send, "args", 4, input ? node_of_value(input) : (JsonNode){.kind = NODE_NULL});
	return node_write(&root);
}

static void
add_goal(StateUpdate *update, const JsonbValue *goal, const char *what)
{
	JsonbContainer *send = json_as_object(goal);

	if (send)
		update->sends = lappend(update->sends, read_send(send, what));
	else if (goal->type == jbvString)
		update->nodes = lappend(update->nodes, json_as_text(goal));
	else
		error_bad_input(argument, "\"goto\" of %s must name nodes, or send to them.", what);
}

static void
read_command(StateUpdate *update, JsonbContainer *command, const char *what)
{
	static const char *const keys[] = {"update", "goto", "resume", NULL};
	JsonbValue *values = json_given(command, "update");
	JsonbValue *goals = json_given(command, "goto");
	JsonbContainer *list = json_as_array(goals);

	guard_keys(argument, command, psprintf("The command of %s", what), keys);
	if (json_given(command, "resume"))
		error_bad_input_hint(argument, "Give it to the run that goes on: run_create(kwargs).",
							 "The command of %s resumes, which an update does not.", what);
	if (values && !json_as_object(values) && !is_pairs(values))
		error_bad_input(argument,
						"\"update\" of %s must be an object of channels, or [[channel, update]].",
						what);
	update->is_command = true;
	update->values = values ? json_own(values) : NULL;
	if (goals && !list)
		add_goal(update, goals, what);
	for (int i = 0; list && i < (int)JsonContainerSize(list); i++)
	{
		CHECK_FOR_INTERRUPTS();
		add_goal(update, getIthJsonbValueFromContainer(list, i), what);
	}
}

static StateUpdate *
read_update(JsonbContainer *given, int i)
{
	static const char *const keys[] = {"values", "as_node", "command", NULL};
	const char *what = psprintf("Element %d", i);
	StateUpdate *update = palloc0(sizeof(StateUpdate));
	JsonbValue *values = given ? json_field(given, "values") : NULL;
	JsonbValue *command = given ? json_given(given, "command") : NULL;
	JsonbValue *as_node = given ? json_given(given, "as_node") : NULL;

	if (!given || (as_node && as_node->type != jbvString) || (command && !json_as_object(command)))
		error_bad_input(argument, "%s must be {\"values\" or \"command\", \"as_node\"}.", what);
	guard_keys(argument, given, what, keys);
	if (command && values && values->type != jbvNull)
		error_bad_input(argument, "%s has either values or a command.", what);
	update->as_node = json_as_text(as_node);
	if (command)
		read_command(update, json_as_object(command), psprintf("element %d", i));
	else
		update->values = values ? json_own(values) : NULL;
	return update;
}

List *
state_updates(Jsonb *document)
{
	List *updates = NIL;

	if (JB_ROOT_COUNT(document) == 0)
		error_bad_input(argument, "There are none.");
	for (int i = 0; i < (int)JB_ROOT_COUNT(document); i++)
	{
		CHECK_FOR_INTERRUPTS();
		updates = lappend(
			updates,
			read_update(json_as_object(getIthJsonbValueFromContainer(&document->root, i)), i));
	}
	return updates;
}
