/*
 * shape/tools.c: the calls of tools in a message, and the calls that it answers.
 *
 * Calls stand in "tool_calls" (OpenAI, LangChain, Entities, Backboard; "toolCalls" of AG-UI), in
 * "function_call" (older OpenAI), in parts of the content (shape/part.c), or are messages of their
 * own (OpenAI's items). Some systems say one call at two places: an id counts once. Answers are
 * messages of a tool, items that end with _output, or parts; the AI SDK puts the output into the
 * part that has the call.
 *
 * Gemini's calls need no id: an answer then belongs to the call of its name, and of several to the
 * one at its place among them. So both get an id made of name and place, which never leaves.
 */
#include "shape/part.h"

#include "miscadmin.h"

#include "json_patch/json_patch.h"
#include "threadmem/threadmem.h"

#define PLACE_MARK '\x01' /* no id begins so */

static char *
value_text(JsonbValue *value)
{
	if (value == NULL)
		return NULL;
	if (value->type == jbvString)
		return json_as_text(value);
	return json_text(&json_own(value)->root);
}

static bool
is_word(const char *a, const char *b)
{
	return a && strcmp(a, b) == 0;
}

bool
shape_is_place(const char *id)
{
	return id && *id == PLACE_MARK;
}

const char *
shape_place_name(const char *id)
{
	return strchr(id, ' ') + 1;
}

char *
shape_place(const char *name, int number)
{
	return psprintf("%c%d %s", PLACE_MARK, number, name);
}

int
shape_next_place(Names *places, const char *name)
{
	NameEntry *entry = names_add(places, name, (int)strlen(name));
	intptr_t number = (intptr_t)entry->value;

	entry->value = (void *)(number + 1);
	return (int)number;
}

/* A call that is said twice is there once. */
static MessageCall *
add_call(MessageTools *tools, char *id, char *name, JsonbValue *arguments)
{
	MessageCall *call;
	NameEntry *known = NULL;

	if (id && !tools->ids)
		tools->ids = names_new();
	if (id)
		known = names_add(tools->ids, id, (int)strlen(id));
	if (known && known->value)
		return known->value;
	call = palloc0(sizeof(MessageCall));
	call->id = id;
	call->name = name;
	call->arguments = value_text(arguments);
	tools->calls = lappend(tools->calls, call);
	if (known)
		known->value = call;
	return call;
}

/* An element of tool_calls: OpenAI's has its name within "function" or "custom". */
static void
read_call(MessageTools *tools, JsonbContainer *object)
{
	JsonbContainer *inner = json_as_object(part_given(object, "function", "custom"));
	JsonbContainer *source = inner ? inner : object;
	JsonbValue *arguments = part_given(source, "args", "arguments");

	if (json_given(object, "args") && !inner)
		tools->form = CALLS_LANGCHAIN;
	add_call(tools, part_text(object, "id"), part_text(source, "name"),
			 arguments ? arguments : json_given(source, "input"));
}

static void
read_calls(MessageTools *tools, JsonbContainer *array)
{
	for (uint32 i = 0; array && i < JsonContainerSize(array); i++)
	{
		JsonbContainer *object = json_as_object(getIthJsonbValueFromContainer(array, i));

		CHECK_FOR_INTERRUPTS();
		if (object)
			read_call(tools, object);
	}
}

/* A part of the AI SDK's messages for the screen: call and output in one. */
static void
read_screen_part(MessageTools *tools, JsonbContainer *part, const char *type, const char *state)
{
	char *name = part_text(part, "toolName");
	JsonbValue *output = part_given(part, "output", "result");
	JsonbValue whole = {.type = jbvBinary, .val.binary.data = part};
	MessageCall *call;

	if (!name && strlen(type) > strlen("tool-"))
		name = pstrdup(type + strlen("tool-"));
	call = add_call(tools, part_text(part, "toolCallId"), name, part_given(part, "input", "args"));
	call->answered = strncmp(state, "output-", 7) == 0 || strcmp(state, "result") == 0;
	if (!output)
		output = json_given(part, "errorText");
	if (output && !shape_has_words(&whole))
		call->output = value_text(output);
}

/* The first ones stood beside the content. */
static void
read_invocations(MessageTools *tools, JsonbContainer *array)
{
	for (uint32 i = 0; array && i < JsonContainerSize(array); i++)
	{
		JsonbContainer *invocation = json_as_object(getIthJsonbValueFromContainer(array, i));

		CHECK_FOR_INTERRUPTS();
		if (invocation && part_text(invocation, "state"))
			read_screen_part(tools, invocation, "", part_text(invocation, "state"));
	}
}

/* The older ones have it all in an object of their own. */
static void
read_screen(MessageTools *tools, JsonbContainer *part, const char *type)
{
	JsonbContainer *invocation = json_as_object(json_given(part, "toolInvocation"));

	if (is_word(type, "tool-invocation") && invocation)
		read_screen_part(tools, invocation, "", part_text(invocation, "state"));
	else
		read_screen_part(tools, part, is_word(type, "dynamic-tool") ? "" : type,
						 part_text(part, "state"));
}

/* What parts of one message are numbered by. */
typedef struct PartPlaces
{
	Names *calls;
	Names *answers;
} PartPlaces;

static char *
id_by_place(Names **places, const Part *part)
{
	if (part->id || !part->name || part->form != CALLS_GEMINI)
		return part->id;
	if (!*places)
		*places = names_new();
	return shape_place(part->name, shape_next_place(*places, part->name));
}

static void
read_answer(MessageTools *tools, Names **places, const Part *part)
{
	char *id = id_by_place(places, part);

	tools->is_answer = true;
	if (id)
		tools->answers = lappend(tools->answers, id);
}

static void
read_part(MessageTools *tools, PartPlaces *places, JsonbContainer *object, const Part *part,
		  bool calls)
{
	if (part->kind == PART_ANSWER)
		read_answer(tools, &places->answers, part);
	else if (part->kind == PART_SCREEN && calls)
		read_screen(tools, object, part->type);
	else if (part->kind == PART_CALL && calls)
	{
		add_call(tools, id_by_place(&places->calls, part), part->name, part->input);
		tools->form = part->form;
	}
}

/* Some messages of the AI SDK have both, content as text and the parts. */
JsonbContainer *
shape_parts(Jsonb *body)
{
	const char *within;
	JsonbContainer *parts = json_as_array(shape_content_value(&body->root));

	if (parts)
		return parts;
	return json_as_array(json_given(shape_fields(&body->root, &within), "parts"));
}

/* What a stream leaves that broke off as the text began. */
static bool
is_empty_text(JsonbContainer *part)
{
	JsonbValue *value = json_given(part, "text");

	return value && value->type == jbvString && value->val.string.len == 0;
}

static void
read_parts(MessageTools *tools, JsonbContainer *parts, bool calls)
{
	PartPlaces places = {NULL, NULL};
	int thoughts = 0;
	int steps = 0;

	for (uint32 i = 0; parts && i < JsonContainerSize(parts); i++)
	{
		JsonbContainer *object = json_as_object(getIthJsonbValueFromContainer(parts, i));
		Part part;

		CHECK_FOR_INTERRUPTS();
		if (!object)
			continue;
		part_read(object, &part);
		thoughts += part.kind == PART_THOUGHT;
		steps += part.kind == PART_STEP || (part.kind == PART_WORDS && is_empty_text(object));
		read_part(tools, &places, object, &part, calls);
	}
	tools->is_reasoning = thoughts > 0 && thoughts + steps == JsonContainerSize(parts);
}

static bool
has_string_content(JsonbContainer *fields)
{
	return part_text(fields, "content") != NULL;
}

/* Many servers say the same twice, as a text and in pieces. */
JsonbValue *
shape_thought(JsonbContainer *fields)
{
	static const char *const keys[] = {"reasoning_content", "reasoning", "thinking",
									   "reasoning_details"};
	JsonbContainer *kwargs = json_as_object(json_given(fields, "additional_kwargs"));

	for (int i = 0; i < lengthof(keys); i++)
	{
		JsonbValue *value = json_given(fields, keys[i]);

		if (value && (json_as_array(value) || part_text(fields, keys[i])))
			return value;
	}
	return kwargs && part_text(kwargs, "reasoning_content")
			   ? json_given(kwargs, "reasoning_content")
			   : NULL;
}

/* Thoughts that came alone, beside a content that never came. */
static bool
is_thought_alone(JsonbContainer *fields)
{
	if (has_string_content(fields) || json_as_array(json_given(fields, "content")))
		return false;
	return shape_thought(fields) && !json_given(fields, "parts") && !json_given(fields, "refusal");
}

/* A tool that the model's host runs has its outcome in the same item, and no number of a call. */
static void
read_item(MessageTools *tools, JsonbContainer *fields)
{
	char *type = part_text(fields, "type");
	JsonbValue whole = {.type = jbvBinary, .val.binary.data = fields};
	MessageCall *call;

	tools->is_reasoning &= !has_string_content(fields);
	tools->is_reasoning |=
		shape_is_thought(fields) || (tools->calls == NIL && is_thought_alone(fields));
	if (is_word(type, "mcp_approval_request"))
	{
		tools->form = CALLS_APPROVAL;
		add_call(tools, part_text(fields, "id"), part_text(fields, "name"),
				 json_given(fields, "arguments"));
	}
	if (!text_ends_with(type, "_call") || !part_given(fields, "call_id", "callId"))
		return;
	tools->is_item = true;
	tools->form = json_given(fields, "call_id") ? CALLS_ITEM : CALLS_AGENTS_JS;
	call = add_call(tools, json_as_text(part_given(fields, "call_id", "callId")),
					part_text(fields, "name"), part_given(fields, "arguments", "input"));
	call->item = type;
	if (!call->arguments)
		call->arguments = part_json(&whole);
}

/* What the model's host answered itself, within the message that calls. */
static void
mark_own_answers(MessageTools *tools)
{
	Names *answered = tools->answers ? names_new() : NULL;
	ListCell *cell;

	foreach (cell, tools->answers)
		(void)names_take(answered, lfirst(cell));
	foreach (cell, answered ? tools->calls : NIL)
	{
		MessageCall *call = lfirst(cell);

		call->answered |= call->id && names_has(answered, call->id);
	}
	tools->answers = NIL;
	tools->is_answer = false;
}

/* Only where the fields are LangChain's own; "type" alone may be that of an item. */
static bool
is_langchain(JsonbContainer *fields, const char *within)
{
	return (within && !is_word(within, "content")) || is_word(part_text(fields, "type"), "ai") ||
		   is_word(part_text(fields, "type"), "AIMessageChunk");
}

static void
read_assistant(MessageTools *tools, Jsonb *body, JsonbContainer *fields, const char *within)
{
	JsonbContainer *kwargs = json_as_object(json_given(fields, "additional_kwargs"));
	JsonbContainer *function;

	read_parts(tools, shape_parts(body), true);
	read_calls(tools, json_as_array(json_given(fields, "tool_calls")));
	read_invocations(tools, json_as_array(json_given(fields, "toolInvocations")));
	if (json_given(fields, "toolCalls"))
		tools->form = CALLS_AG_UI;
	read_calls(tools, json_as_array(json_given(fields, "toolCalls")));
	read_calls(tools, json_as_array(json_given(fields, "invalid_tool_calls")));
	if (tools->calls == NIL)
		read_calls(tools, json_as_array(json_given(kwargs, "tool_calls")));
	function = json_as_object(json_given(fields, "function_call"));
	if (!function)
		function = json_as_object(json_given(kwargs, "function_call"));
	if (tools->calls == NIL && function)
		read_call(tools, function);
	read_item(tools, fields);
	if (is_langchain(fields, within))
		tools->form = CALLS_LANGCHAIN;
	tools->is_reasoning &= tools->calls == NIL;
	mark_own_answers(tools);
}

void
shape_tools(const char *role, Jsonb *body, MessageTools *tools)
{
	const char *within;
	JsonbContainer *fields = shape_fields(&body->root, &within);
	char *id;

	memset(tools, 0, sizeof(MessageTools));
	if (strcmp(role, "assistant") == 0)
	{
		read_assistant(tools, body, fields, within);
		return;
	}
	read_parts(tools, shape_parts(body), false);
	tools->is_reasoning = false;
	if (strcmp(role, "tool") != 0 && strcmp(role, "function") != 0)
		return;
	tools->is_answer = true;
	id = shape_answered_id(fields);
	if (id)
		tools->answers = lappend(tools->answers, id);
}
