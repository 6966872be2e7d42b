/*
 * run/action.c: a run asks for outputs of tools, and gets them.
 *
 * Outputs come one by one or all at once, and more than once when a client repeats its call. Each
 * is a message whose id follows from the run, from how often it has asked, and from the tool call;
 * so the log tells a repetition from another output, whatever has become of the run since.
 */
#include "run/run.h"

#include "message/message.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "json_patch/json_patch.h"
#include "threadmem/threadmem.h"

PG_FUNCTION_INFO_V1(threadmem_run_require_action);
PG_FUNCTION_INFO_V1(threadmem_run_submit_tool_outputs);

/* Names of outputs' messages are made in it; no one else uses it. */
#define OUTPUT_NAMESPACE "7d1f6a52-4f5e-5c0f-9c6b-3b1a0c7e2d94"

/* The id of a tool call, in whose spelling ever. */
static char *
call_id(JsonbContainer *call)
{
	static const char *const keys[] = {"id", "tool_call_id", "toolCallId"};
	char *id = NULL;

	for (int i = 0; call && i < lengthof(keys) && !id; i++)
		id = json_as_text(json_field(call, keys[i]));
	return id;
}

/* The ids of an array of tool calls, a text[]. */
static NullableDatum
call_ids(Jsonb *calls)
{
	int count = (int)JB_ROOT_COUNT(calls);
	Datum *ids = palloc(sizeof(Datum) * Max(count, 1));
	Names *seen = names_new();

	if (count == 0)
		error_bad_input("tool_calls", "There are none.");
	for (int i = 0; i < count; i++)
	{
		JsonbContainer *call = json_as_object(getIthJsonbValueFromContainer(&calls->root, i));
		char *id = call_id(call);

		if (!id)
			error_bad_input("tool_calls", "Element %d has no id.", i);
		guard_call_id("tool_calls", id, (int)strlen(id));
		if (!names_take(seen, id))
			error_bad_input("tool_calls", "The id \"%s\" comes twice.", id);
		ids[i] = CStringGetTextDatum(id);
	}
	return text_array(ids, count);
}

/* As OpenAI gives it. */
static Jsonb *
action_of(Jsonb *calls)
{
	JsonItems *submit = items_new(1);
	JsonItems *action = items_new(2);
	JsonNode root = node_of_items(NODE_OBJECT, action);

	items_put(submit, "tool_calls", 10, node_of_root(&calls->root));
	items_put(action, "type", 4, node_of_text("submit_tool_outputs"));
	items_put(action, "submit_tool_outputs", 19, node_of_items(NODE_OBJECT, submit));
	return node_write(&root);
}

/* The tool calls that a run asked for last. */
static JsonbContainer *
asked_calls(const Run *run)
{
	JsonbContainer *action = run->required_action ? &run->required_action->root : NULL;

	return json_as_array(
		json_field(json_as_object(json_field(action, "submit_tool_outputs")), "tool_calls"));
}

static bool
asks_the_same(const Run *run, Jsonb *calls)
{
	JsonbContainer *asked = asked_calls(run);
	JsonNode before;
	JsonNode now = node_of_root(&calls->root);

	if (!asked)
		return false;
	before = node_of_root(asked);
	return node_same(&before, &now);
}

enum
{
	REQUIRE_THREAD_ID,
	REQUIRE_RUN_ID,
	REQUIRE_TOOL_CALLS,
	REQUIRE_USAGE,
	REQUIRE_WORKER
};

Datum
threadmem_run_require_action(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	RunChange change = run_no_change();
	Jsonb *calls;
	RunWork work;
	Call call;
	Run run;

	query_begin(&call, fcinfo);
	calls = DatumGetJsonbP(args[REQUIRE_TOOL_CALLS].value);
	change.awaits = call_ids(calls);
	change.required_action = ARG(JsonbPGetDatum(action_of(calls)));
	change.usage = args[REQUIRE_USAGE];
	run_begin(&work, &call, args[REQUIRE_THREAD_ID]);
	run_read(&work, args[REQUIRE_RUN_ID], &run);
	run_check_worker(&run, args[REQUIRE_WORKER]);
	if (run_may_become(&run, RUN_REQUIRES_ACTION))
		run_move(&work, &run, RUN_REQUIRES_ACTION, &change);
	else if (!asks_the_same(&run, calls))
		error_state("run waits for other tool calls", "Submit their outputs first.",
					"run_id is \"%s\".", text_or_null(args[REQUIRE_RUN_ID]));
	return run_end(&work, args[REQUIRE_RUN_ID]);
}

/* The tool calls that the run asked for, by their ids; of two with one id the first. */
static Names *
read_asked(const Run *run)
{
	JsonbContainer *asked = asked_calls(run);
	int count = asked ? (int)JsonContainerSize(asked) : 0;
	Names *calls = names_new();

	for (int i = 0; i < count; i++)
	{
		JsonbContainer *call = json_as_object(getIthJsonbValueFromContainer(asked, i));
		char *id = call_id(call);
		NameEntry *name = id ? names_add(calls, id, (int)strlen(id)) : NULL;

		if (name && !name->value)
			name->value = call;
	}
	return calls;
}

/* The function's name, where the call says it. */
static JsonbValue *
name_of_call(JsonbContainer *call)
{
	JsonbValue *name = json_field(call, "name");

	if (!name)
		name = json_field(json_as_object(json_field(call, "function")), "name");
	return name && name->type == jbvString && name->val.string.len > 0 ? name : NULL;
}

/* What came as output, as the content of a message: text as it is, anything else as JSON text. */
static JsonNode
content_of(JsonbValue *output)
{
	if (output->type == jbvString || output->type == jbvNull)
		return node_of_value(output);
	return node_of_text(json_text(&json_own(output)->root));
}

/* {"tool_call_id", "output"} as a tool message, with all else that it says. */
static JsonNode
message_of(const Run *run, JsonbContainer *given, JsonbContainer *call, const char *id)
{
	static const char *const replaced[] = {"output", "id", "tool_call_id", "toolCallId"};
	JsonbValue *output = json_field(given, "output");
	JsonbValue *name = name_of_call(call);
	JsonItems *body = items_read(given);
	int place;

	if (!output)
		output = json_field(given, "content");
	if (!output)
		error_bad_input("outputs", "The output of \"%s\" is missing.", id);
	for (int i = 0; i < lengthof(replaced); i++)
		if (items_find(body, replaced[i], (int)strlen(replaced[i]), &place))
			items_remove(body, place);
	items_put(body, "role", 4, node_of_text("tool"));
	items_put(body, "content", 7, content_of(output));
	items_put(body, "tool_call_id", 12, node_of_text(id));
	if (name && !items_get(body, "name", 4))
		items_put(body, "name", 4, node_of_value(name));
	items_put(body, "id", 2,
			  node_of_text(uuid_of_name(
				  psprintf("%s/" INT64_FORMAT "/%s", text_or_null(run->run_id), run->actions, id),
				  OUTPUT_NAMESPACE)));
	return node_of_items(NODE_OBJECT, body);
}

/* All outputs as messages, and the ids of their tool calls. */
static Jsonb *
messages_of(const Run *run, Jsonb *outputs, NullableDatum *ids)
{
	int count = (int)JB_ROOT_COUNT(outputs);
	Datum *given = palloc(sizeof(Datum) * Max(count, 1));
	JsonItems *list = items_new(Max(count, 1));
	JsonNode root = node_of_items(NODE_ARRAY, list);
	Names *asked = read_asked(run);
	Names *seen = names_new();

	for (int i = 0; i < count; i++)
	{
		JsonbContainer *output = json_as_object(getIthJsonbValueFromContainer(&outputs->root, i));
		char *id = output ? json_as_text(json_field(output, "tool_call_id")) : NULL;
		NameEntry *call;

		if (!id)
			id = call_id(output);
		if (!id)
			error_bad_input("outputs", "Element %d must be {\"tool_call_id\", \"output\"}.", i);
		call = names_find(asked, id, (int)strlen(id));
		if (!call)
			error_bad_input("outputs", "Run \"%s\" did not ask for tool_call_id \"%s\".",
							text_or_null(run->run_id), id);
		if (!names_take(seen, id))
			error_bad_input("outputs", "The output of \"%s\" comes twice.", id);
		given[i] = CStringGetTextDatum(id);
		items_append(list, NULL, message_of(run, output, call->value, id));
	}
	*ids = text_array(given, count);
	return node_write(&root);
}

/* The calls that are still without an output. */
static NullableDatum
left_after(NullableDatum awaits, NullableDatum ids, int *left)
{
	Datum *waiting;
	int count = text_list(awaits, &waiting);
	Datum *out = palloc(sizeof(Datum) * Max(count, 1));
	Names *given = names_of_list(ids);

	*left = 0;
	for (int i = 0; i < count; i++)
	{
		text *id = DatumGetTextPP(waiting[i]);

		CHECK_FOR_INTERRUPTS();
		if (!names_find(given, VARDATA_ANY(id), VARSIZE_ANY_EXHDR(id)))
			out[(*left)++] = waiting[i];
	}
	return text_array(out, *left);
}

/*
 * Stores what is new. A run that does not wait any more takes nothing new, but a repetition is no
 * error.
 */
static void
store_outputs(RunWork *work, Run *run, MessageDraft *drafts, int count)
{
	for (int i = 0; i < count; i++)
		drafts[i].shape.run_id = text_or_null(run->run_id);
	message_place(work->call, work->thread_id, drafts, count, false);
	for (int i = 0; i < count; i++)
		if (!drafts[i].repeated && run->status != RUN_REQUIRES_ACTION)
			(void)run_may_become(run, run->status == RUN_QUEUED ? RUN_REQUIRES_ACTION : RUN_QUEUED);
	message_store(work->call, work->thread_id, drafts, count);
}

enum
{
	SUBMIT_THREAD_ID,
	SUBMIT_RUN_ID,
	SUBMIT_OUTPUTS
};

Datum
threadmem_run_submit_tool_outputs(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	RunChange change = run_no_change();
	NullableDatum ids;
	MessageDraft *drafts;
	RunWork work;
	Call call;
	Run run;
	int count;
	int left;

	query_begin(&call, fcinfo);
	message_lock_senders(&call, args[SUBMIT_OUTPUTS], ARG_NULL);
	run_begin(&work, &call, args[SUBMIT_THREAD_ID]);
	run_read(&work, args[SUBMIT_RUN_ID], &run);
	if (run.actions == 0)
		(void)run_may_become(&run, RUN_QUEUED);
	drafts = message_drafts("outputs",
							messages_of(&run, DatumGetJsonbP(args[SUBMIT_OUTPUTS].value), &ids),
							ARG_NULL, &count);
	store_outputs(&work, &run, drafts, count);
	if (run.status == RUN_REQUIRES_ACTION && count > 0)
	{
		change.awaits = left_after(run.awaits, ids, &left);
		run_move(&work, &run, left > 0 ? RUN_REQUIRES_ACTION : RUN_QUEUED, &change);
	}
	return run_end(&work, args[SUBMIT_RUN_ID]);
}
