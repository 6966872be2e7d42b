/*
 * reducer/reducer.c: the reducers, and one superstep of a channel.
 *
 * A superstep may bring thousands of updates for one channel.  To reduce them in turn would write
 * the channel's value anew for each, which is quadratic in time and memory; so a reducer takes all
 * of them at once, and its outcome is the one of taking them one by one.
 */
#include "reducer/reducer.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "json_patch/json_patch.h"
#include "threadmem/threadmem.h"

PG_FUNCTION_INFO_V1(threadmem_channel_reduce);
PG_FUNCTION_INFO_V1(threadmem_channel_superstep);
PG_FUNCTION_INFO_V1(threadmem_channel_default);

static bool
is_array(Jsonb *document)
{
	return JB_ROOT_IS_ARRAY(document) && !JB_ROOT_IS_SCALAR(document);
}

static void
guard_kind(const char *reducer, const char *argument, Jsonb *value, bool right, const char *kind)
{
	JsonbValue root = reducer_value(value);

	if (!right)
		error_bad_input(argument, "%s needs %s here, not a value of type %s.", reducer, kind,
						JsonbTypeName(&root));
}

static void
guard_array(const char *reducer, Jsonb *current)
{
	guard_kind(reducer, "current", current, is_array(current), "an array");
}

/* A list, or an object, that grows; what is put in must outlive it. */
static JsonItems *
grow(Jsonb *document)
{
	return items_read(&document->root);
}

static Jsonb *
grown(JsonNodeKind kind, JsonItems *items)
{
	JsonNode root = node_of_items(kind, items);
	Jsonb *document = node_write(&root);

	items_free(items);
	return document;
}

static Jsonb *
reduce_last_value(Jsonb *current, Jsonb **updates, int count)
{
	return updates[count - 1];
}

/* What is no array counts as one element, null and objects included. */
static JsonItems *
elements_of(Jsonb *update)
{
	JsonItems *one;

	if (is_array(update))
		return items_read(&update->root);
	one = items_new(1);
	items_append(one, NULL, node_of_root(&update->root));
	return one;
}

static Jsonb *
reduce_append(Jsonb *current, Jsonb **updates, int count)
{
	JsonItems *list;

	guard_array("append", current);
	list = grow(current);
	for (int i = 0; i < count; i++)
	{
		JsonItems *more = elements_of(updates[i]);

		for (int k = 0; k < more->count; k++)
		{
			CHECK_FOR_INTERRUPTS();
			items_append(list, NULL, items_at(more, k)->value);
		}
		items_free(more);
	}
	return grown(NODE_ARRAY, list);
}

static JsonbValue
sum(JsonbValue left, Jsonb **updates, int count)
{
	for (int i = 0; i < count; i++)
	{
		Numeric before = left.val.numeric;
		JsonbValue right = reducer_value(updates[i]);

		CHECK_FOR_INTERRUPTS();
		left.val.numeric = DatumGetNumeric(DirectFunctionCall2(numeric_add, NumericGetDatum(before),
															   NumericGetDatum(right.val.numeric)));
		if (i > 0)
			pfree(before);
	}
	return left;
}

static JsonbValue
joined(JsonbValue left, Jsonb **updates, int count)
{
	StringInfoData all;

	initStringInfo(&all);
	appendBinaryStringInfo(&all, left.val.string.val, left.val.string.len);
	for (int i = 0; i < count; i++)
	{
		JsonbValue right = reducer_value(updates[i]);

		CHECK_FOR_INTERRUPTS();
		appendBinaryStringInfo(&all, right.val.string.val, right.val.string.len);
	}
	left.val.string.val = all.data;
	left.val.string.len = all.len;
	return left;
}

/* As operator.add of Python, which LangGraph's users write: what can be added is of one type. */
static Jsonb *
reduce_add(Jsonb *current, Jsonb **updates, int count)
{
	JsonbValue left = reducer_value(current);
	bool addable = is_array(current) || left.type == jbvNumeric || left.type == jbvString;

	for (int i = 0; i < count; i++)
	{
		JsonbValue right = reducer_value(updates[i]);

		CHECK_FOR_INTERRUPTS();
		if (!addable || left.type != right.type || is_array(current) != is_array(updates[i]))
			error_bad_input("update",
							"add needs two numbers, two strings or two arrays; the channel's value "
							"is of type %s, the update of type %s.",
							JsonbTypeName(&left), JsonbTypeName(&right));
	}
	if (is_array(current))
		return reduce_append(current, updates, count);
	left = left.type == jbvNumeric ? sum(left, updates, count) : joined(left, updates, count);
	return json_own(&left);
}

static Jsonb *
reduce_merge(Jsonb *current, Jsonb **updates, int count)
{
	JsonItems *object;

	guard_kind("merge", "current", current, JB_ROOT_IS_OBJECT(current), "an object");
	object = grow(current);
	for (int i = 0; i < count; i++)
	{
		JsonItems *more;

		guard_kind("merge", "update", updates[i], JB_ROOT_IS_OBJECT(updates[i]), "an object");
		more = items_read(&updates[i]->root);
		for (int k = 0; k < more->count; k++)
		{
			JsonItem *item = items_at(more, k);

			CHECK_FOR_INTERRUPTS();
			items_put(object, item->key, item->key_length, item->value);
		}
		items_free(more);
	}
	return grown(NODE_OBJECT, object);
}

static ReducerKey
key_of_node(const JsonNode *node)
{
	return (ReducerKey){node->kind, (int)node->length, node->data ? node->data : ""};
}

/* Doubles that the channel's value has already stay. */
static Jsonb *
reduce_union(Jsonb *current, Jsonb **updates, int count)
{
	JsonItems *list;
	HTAB *set;
	ReducerKey key;
	bool found;

	guard_array("union", current);
	list = grow(current);
	set = reducer_set(list->count + count);
	for (int i = 0; i < list->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		key = key_of_node(&items_at(list, i)->value);
		reducer_entry(set, &key, &found);
	}
	for (int i = 0; i < count; i++)
	{
		JsonItems *more = elements_of(updates[i]);

		for (int k = 0; k < more->count; k++)
		{
			JsonNode value = items_at(more, k)->value;

			CHECK_FOR_INTERRUPTS();
			key = key_of_node(&value);
			reducer_entry(set, &key, &found);
			if (!found)
				items_append(list, NULL, value);
		}
		items_free(more);
	}
	hash_destroy(set);
	return grown(NODE_ARRAY, list);
}

/* Whatever the code of an application does: nothing but an Overwrite can be done without it. */
static Jsonb *
reduce_opaque(Jsonb *current, Jsonb **updates, int count)
{
	error_bad_input_hint("updates", "An update {\"__overwrite__\": value} replaces the value.",
						 "How the channel reduces is known to the application's code only.");
}

typedef struct Reducer
{
	Jsonb *(*reduce)(Jsonb *current, Jsonb **updates, int count); /* of one or more */
	const char *initial;                                          /* JSON, NULL for none */
} Reducer;

/* The names are those that graph definitions may use; see document_check_graph(). */
static const Reducer *
find_reducer(Datum name)
{
	static const char *const names[] = {"last_value", "add_messages", "append", "add",
										"merge",      "union",        "opaque", NULL};
	static const Reducer reducers[] = {{reduce_last_value, NULL}, {reduce_messages, "[]"},
									   {reduce_append, "[]"},     {reduce_add, "0"},
									   {reduce_merge, "{}"},      {reduce_union, "[]"},
									   {reduce_opaque, NULL}};

	StaticAssertStmt(lengthof(names) == lengthof(reducers) + 1, "each name has its reducer");
	return &reducers[guard_choice("reducer", ARG(name), names)];
}

static Jsonb *
initial_value(const Reducer *reducer)
{
	if (reducer->initial == NULL)
		return NULL;
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(reducer->initial)));
}

/* The only Overwrite of a step. */
static JsonbValue *
find_overwrite(const char *channel, Jsonb **updates, int count)
{
	JsonbValue *found = NULL;

	for (int i = 0; i < count; i++)
	{
		JsonbValue *value = overwrite_value(updates[i]);

		CHECK_FOR_INTERRUPTS();
		if (value && found)
			error_bad_input("updates",
							"Channel \"%s\" can receive only one Overwrite value per step.",
							channel);
		found = value ? value : found;
	}
	return found;
}

static void
name_channel(void *channel)
{
	errcontext("channel \"%s\"", (const char *)channel);
}

static Jsonb *
reduce_named(const char *channel, const Reducer *reducer, Jsonb *current, Jsonb **updates,
			 int count)
{
	ErrorContextCallback callback = {error_context_stack, name_channel,
									 unconstify(char *, channel)};

	error_context_stack = &callback;
	current = reducer->reduce(current, updates, count);
	error_context_stack = callback.previous;
	return current;
}

/* To last_value an Overwrite is a value as any other: there is no reducer to pass by. */
static Jsonb *
superstep(const char *channel, const Reducer *reducer, Jsonb *current, Jsonb **updates, int count)
{
	JsonbValue *overwrite;

	if (current == NULL)
		current = initial_value(reducer);
	if (reducer->reduce == reduce_last_value)
	{
		if (count > 1)
			error_bad_input(
				"updates", "Channel \"%s\": LastValue can only receive one value per step, not %d.",
				channel, count);
		return count ? updates[0] : current;
	}
	overwrite = find_overwrite(channel, updates, count);
	if (overwrite)
		return json_own(overwrite);
	if (count == 0)
		return current;
	return reduce_named(channel, reducer, current, updates, count);
}

Jsonb *
reduce_channel(const char *channel, const char *reducer, Jsonb *current, Jsonb **updates, int count)
{
	return superstep(channel, find_reducer(CStringGetTextDatum(reducer)), current, updates, count);
}

Jsonb *
reducer_default(const char *reducer)
{
	return initial_value(find_reducer(CStringGetTextDatum(reducer)));
}

/* The arguments of channel_reduce() and channel_superstep(). */
enum
{
	REDUCE_REDUCER,
	REDUCE_CURRENT,
	REDUCE_UPDATE
};

enum
{
	SUPERSTEP_CHANNEL,
	SUPERSTEP_REDUCER,
	SUPERSTEP_CURRENT,
	SUPERSTEP_UPDATES
};

static void
guard_required(FunctionCallInfo fcinfo, int argument, const char *name)
{
	if (PG_ARGISNULL(argument))
		error_bad_input(name, "It is required and must not be null.");
}

Datum
threadmem_channel_reduce(PG_FUNCTION_ARGS)
{
	const Reducer *reducer;
	Jsonb *current = PG_ARGISNULL(REDUCE_CURRENT) ? NULL : PG_GETARG_JSONB_P(REDUCE_CURRENT);
	JsonbValue *overwrite;
	Jsonb *update;

	guard_required(fcinfo, REDUCE_REDUCER, "reducer");
	guard_required(fcinfo, REDUCE_UPDATE, "update");
	reducer = find_reducer(PG_GETARG_DATUM(REDUCE_REDUCER));
	update = PG_GETARG_JSONB_P(REDUCE_UPDATE);
	overwrite = reducer->reduce == reduce_last_value ? NULL : overwrite_value(update);
	if (overwrite)
		PG_RETURN_JSONB_P(json_own(overwrite));
	PG_RETURN_JSONB_P(reducer->reduce(current ? current : initial_value(reducer), &update, 1));
}

Datum
threadmem_channel_superstep(PG_FUNCTION_ARGS)
{
	Jsonb *current = PG_ARGISNULL(SUPERSTEP_CURRENT) ? NULL : PG_GETARG_JSONB_P(SUPERSTEP_CURRENT);
	JsonbValue *elements;
	Jsonb **updates;
	Jsonb *list;
	int count;

	guard_required(fcinfo, SUPERSTEP_CHANNEL, "channel");
	guard_required(fcinfo, SUPERSTEP_REDUCER, "reducer");
	list = PG_ARGISNULL(SUPERSTEP_UPDATES) ? NULL : PG_GETARG_JSONB_P(SUPERSTEP_UPDATES);
	if (list && (!JB_ROOT_IS_ARRAY(list) || JB_ROOT_IS_SCALAR(list)))
		error_bad_input("updates", "It must be a JSON array.");
	count = list ? reducer_elements(list, &elements) : 0;
	updates = palloc(sizeof(Jsonb *) * Max(count, 1));
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		updates[i] = json_own(&elements[i]);
	}
	current = superstep(text_to_cstring(PG_GETARG_TEXT_PP(SUPERSTEP_CHANNEL)),
						find_reducer(PG_GETARG_DATUM(SUPERSTEP_REDUCER)), current, updates, count);
	if (current == NULL)
		PG_RETURN_NULL();
	PG_RETURN_JSONB_P(current);
}

Datum
threadmem_channel_default(PG_FUNCTION_ARGS)
{
	Jsonb *initial = initial_value(find_reducer(PG_GETARG_DATUM(0)));

	if (initial == NULL)
		PG_RETURN_NULL();
	PG_RETURN_JSONB_P(initial);
}
