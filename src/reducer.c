/*
 * reducer.c: the reducers, and one superstep of a channel.
 */
#include "reducer.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "threadmem_json.h"

PG_FUNCTION_INFO_V1(threadmem_channel_reduce);
PG_FUNCTION_INFO_V1(threadmem_channel_superstep);
PG_FUNCTION_INFO_V1(threadmem_channel_default);

JsonbValue
reducer_value(Jsonb *document)
{
	JsonbValue value;

	/* A document that is a scalar is an array of one within. */
	if (!JB_ROOT_IS_SCALAR(document) || !JsonbExtractScalar(&document->root, &value))
		JsonbToJsonbValue(document, &value);
	return value;
}

int
reducer_elements(Jsonb *document, JsonbValue **elements)
{
	JsonbValue root = reducer_value(document);
	JsonbContainer *array = json_as_array(&root);
	JsonbIterator *it;
	JsonbValue value;
	int count = 0;

	*elements = MemoryContextAllocHuge(
		CurrentMemoryContext, sizeof(JsonbValue) * (array ? Max(JsonContainerSize(array), 1) : 1));
	if (array == NULL)
	{
		**elements = root;
		return 1;
	}
	it = JsonbIteratorInit(array);
	(void)JsonbIteratorNext(&it, &value, false);
	while (JsonbIteratorNext(&it, &value, true) == WJB_ELEM)
	{
		CHECK_FOR_INTERRUPTS();
		(*elements)[count++] = value;
	}
	return count;
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
	bool is_array = JB_ROOT_IS_ARRAY(current) && !JB_ROOT_IS_SCALAR(current);

	guard_kind(reducer, "current", current, is_array, "an array");
}

static Jsonb *
concatenate(Jsonb *left, Jsonb *right)
{
	return DatumGetJsonbP(
		DirectFunctionCall2(jsonb_concat, JsonbPGetDatum(left), JsonbPGetDatum(right)));
}

static Jsonb *
reduce_last_value(Jsonb *current, Jsonb *update)
{
	return update;
}

/* To concatenate is to append what is no array as one element, null and objects included. */
static Jsonb *
reduce_append(Jsonb *current, Jsonb *update)
{
	guard_array("append", current);
	return concatenate(current, update);
}

static JsonbValue
joined(const JsonbValue *left, const JsonbValue *right)
{
	JsonbValue both = {.type = jbvString};
	int length = left->val.string.len;

	both.val.string.len = length + right->val.string.len;
	both.val.string.val = palloc(both.val.string.len + 1);
	memcpy(both.val.string.val, left->val.string.val, length);
	memcpy(both.val.string.val + length, right->val.string.val, right->val.string.len);
	return both;
}

/* As operator.add of Python, which LangGraph's users write: what can be added is of one type. */
static Jsonb *
reduce_add(Jsonb *current, Jsonb *update)
{
	JsonbValue left = reducer_value(current);
	JsonbValue right = reducer_value(update);

	if (json_as_array(&left) && json_as_array(&right))
		return concatenate(current, update);
	if (left.type == jbvNumeric && right.type == jbvNumeric)
		left.val.numeric = DatumGetNumeric(DirectFunctionCall2(
			numeric_add, NumericGetDatum(left.val.numeric), NumericGetDatum(right.val.numeric)));
	else if (left.type == jbvString && right.type == jbvString)
		left = joined(&left, &right);
	else
		error_bad_input("update",
						"add needs two numbers, two strings or two arrays; the channel's value is "
						"of type %s, the update of type %s.",
						JsonbTypeName(&left), JsonbTypeName(&right));
	return json_own(&left);
}

static Jsonb *
reduce_merge(Jsonb *current, Jsonb *update)
{
	guard_kind("merge", "current", current, JB_ROOT_IS_OBJECT(current), "an object");
	guard_kind("merge", "update", update, JB_ROOT_IS_OBJECT(update), "an object");
	return concatenate(current, update);
}

/* Doubles that the channel's value has already are its own affair and stay. */
static Jsonb *
reduce_union(Jsonb *current, Jsonb *update)
{
	JsonBuilder builder = {0};
	JsonbValue *held;
	JsonbValue *given;
	int held_count = reducer_elements(current, &held);
	int given_count = reducer_elements(update, &given);
	HTAB *set;

	guard_array("union", current);
	set = reducer_set(held_count + given_count);
	json_push(&builder, WJB_BEGIN_ARRAY, NULL);
	for (int i = 0; i < held_count + given_count; i++)
	{
		JsonbValue *value = i < held_count ? &held[i] : &given[i - held_count];
		ReducerKey key = reducer_key(value);
		bool found;

		CHECK_FOR_INTERRUPTS();
		reducer_enter(set, &key, &found);
		if (i < held_count || !found)
			json_push(&builder, WJB_ELEM, value);
	}
	json_push(&builder, WJB_END_ARRAY, NULL);
	hash_destroy(set);
	return json_built(&builder);
}

typedef struct Reducer
{
	Jsonb *(*reduce)(Jsonb *current, Jsonb *update);
	const char *initial; /* JSON, NULL for none */
} Reducer;

/* The names are those that graph definitions may use; see document_check_graph(). */
static const Reducer *
find_reducer(Datum name)
{
	static const char *const names[] = {"last_value", "add_messages", "append", "add",
										"merge",      "union",        NULL};
	static const Reducer reducers[] = {{reduce_last_value, NULL}, {reduce_messages, "[]"},
									   {reduce_append, "[]"},     {reduce_add, "0"},
									   {reduce_merge, "{}"},      {reduce_union, "[]"}};

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

/*
 * What an Overwrite holds, NULL for any other update.  JavaScript writes {"__overwrite__": value},
 * Python's dataclass becomes {"type": "__overwrite__", "value": value}.
 */
JsonbValue *
overwrite_value(Jsonb *update)
{
	JsonbContainer *object = JB_ROOT_IS_OBJECT(update) ? &update->root : NULL;
	JsonbValue *value = json_field(object, "__overwrite__");
	char *type = json_as_text(json_field(object, "type"));

	if (value == NULL && type && strcmp(type, "__overwrite__") == 0)
		value = json_field(object, "value");
	return value;
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
reduce_in_turn(const char *channel, const Reducer *reducer, Jsonb *current, Jsonb **updates,
			   int count)
{
	ErrorContextCallback callback = {error_context_stack, name_channel,
									 unconstify(char *, channel)};

	error_context_stack = &callback;
	for (int i = 0; i < count; i++)
		current = reducer->reduce(current, updates[i]);
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
	return reduce_in_turn(channel, reducer, current, updates, count);
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
	Jsonb *current = PG_ARGISNULL(1) ? NULL : PG_GETARG_JSONB_P(1);
	JsonbValue *overwrite;
	Jsonb *update;

	guard_required(fcinfo, 0, "reducer");
	guard_required(fcinfo, 2, "update");
	reducer = find_reducer(PG_GETARG_DATUM(0));
	update = PG_GETARG_JSONB_P(2);
	overwrite = reducer->reduce == reduce_last_value ? NULL : overwrite_value(update);
	if (overwrite)
		PG_RETURN_JSONB_P(json_own(overwrite));
	PG_RETURN_JSONB_P(reducer->reduce(current ? current : initial_value(reducer), update));
}

Datum
threadmem_channel_superstep(PG_FUNCTION_ARGS)
{
	Jsonb *current = PG_ARGISNULL(2) ? NULL : PG_GETARG_JSONB_P(2);
	JsonbValue *elements;
	Jsonb **updates;
	Jsonb *list;
	int count;

	guard_required(fcinfo, 0, "channel");
	guard_required(fcinfo, 1, "reducer");
	guard_required(fcinfo, 3, "updates");
	list = PG_GETARG_JSONB_P(3);
	if (!JB_ROOT_IS_ARRAY(list) || JB_ROOT_IS_SCALAR(list))
		error_bad_input("updates", "It must be a JSON array.");
	count = reducer_elements(list, &elements);
	updates = palloc(sizeof(Jsonb *) * Max(count, 1));
	for (int i = 0; i < count; i++)
		updates[i] = json_own(&elements[i]);
	current = superstep(text_to_cstring(PG_GETARG_TEXT_PP(0)), find_reducer(PG_GETARG_DATUM(1)),
						current, updates, count);
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
