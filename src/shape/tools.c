/*
 * shape/tools.c: the calls of tools in a message, the calls that it answers, and what of all this a
 * model reads.
 *
 * Calls stand in "tool_calls" (OpenAI, LangChain, Entities, Backboard), in "function_call" (older
 * OpenAI), in parts of the content (Anthropic, the AI SDK, LangChain's standard blocks), or are
 * messages of their own (OpenAI's items). Some systems say one call at two places: an id counts
 * once. Answers are messages of a tool, items that end with _output, or parts; the AI SDK puts the
 * output into the part that has the call.
 */
#include "shape/shape.h"

#include <limits.h>

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "json_patch/json_patch.h"
#include "threadmem/threadmem.h"

PG_FUNCTION_INFO_V1(threadmem_message_prompt);

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

static char *
text_of(JsonbContainer *object, const char *key)
{
	char *string = json_as_text(json_given(object, key));

	return string && *string ? string : NULL;
}

static char *
type_of(JsonbContainer *object)
{
	return text_of(object, "type");
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

static JsonbValue *
first_given(JsonbContainer *object, const char *a, const char *b)
{
	JsonbValue *value = json_given(object, a);

	return value ? value : json_given(object, b);
}

/* An element of tool_calls: OpenAI's has its name within "function" or "custom". */
static void
read_call(MessageTools *tools, JsonbContainer *object)
{
	JsonbContainer *inner = json_as_object(first_given(object, "function", "custom"));
	JsonbContainer *source = inner ? inner : object;
	JsonbValue *arguments = first_given(source, "args", "arguments");

	if (json_given(object, "args") && !inner)
		tools->form = CALLS_LANGCHAIN;
	add_call(tools, text_of(object, "id"), text_of(source, "name"),
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
	char *name = text_of(part, "toolName");
	JsonbValue *output = first_given(part, "output", "result");
	JsonbValue whole = {.type = jbvBinary, .val.binary.data = part};
	MessageCall *call;

	if (!name && strlen(type) > strlen("tool-"))
		name = pstrdup(type + strlen("tool-"));
	call = add_call(tools, text_of(part, "toolCallId"), name, first_given(part, "input", "args"));
	call->answered = strncmp(state, "output-", 7) == 0 || strcmp(state, "result") == 0;
	if (!output)
		output = json_given(part, "errorText");
	if (output && !shape_has_words(&whole))
		call->output = value_text(output);
}

/* The forms in which a part is a call. */
typedef enum PartCall
{
	PART_NO_CALL,
	PART_TOOL_USE,   /* Anthropic */
	PART_TOOL_CALL,  /* LangChain's standard blocks */
	PART_SDK_CALL,   /* the AI SDK, for the model */
	PART_INVOCATION, /* for the screen: the older ones have it all in an object of their own */
	PART_SCREEN
} PartCall;

static PartCall
part_call(JsonbContainer *part, const char *type)
{
	JsonbContainer *invocation = json_as_object(json_given(part, "toolInvocation"));

	if (is_word(type, "tool_use"))
		return PART_TOOL_USE;
	if (is_word(type, "tool_call"))
		return PART_TOOL_CALL;
	if (is_word(type, "tool-call"))
		return PART_SDK_CALL;
	if (!text_of(invocation ? invocation : part, "state"))
		return PART_NO_CALL;
	if (is_word(type, "tool-invocation") && invocation)
		return PART_INVOCATION;
	return is_word(type, "dynamic-tool") || strncmp(type, "tool-", 5) == 0 ? PART_SCREEN
																		   : PART_NO_CALL;
}

static void
read_part_call(MessageTools *tools, JsonbContainer *part, const char *type)
{
	JsonbContainer *invocation = json_as_object(json_given(part, "toolInvocation"));

	switch (part_call(part, type))
	{
	case PART_TOOL_USE:
		add_call(tools, text_of(part, "id"), text_of(part, "name"), json_given(part, "input"));
		tools->form = CALLS_ANTHROPIC;
		break;
	case PART_TOOL_CALL:
		add_call(tools, text_of(part, "id"), text_of(part, "name"), json_given(part, "args"));
		break;
	case PART_SDK_CALL:
		add_call(tools, text_of(part, "toolCallId"), text_of(part, "toolName"),
				 first_given(part, "input", "args"));
		break;
	case PART_INVOCATION:
		read_screen_part(tools, invocation, "", text_of(invocation, "state"));
		break;
	case PART_SCREEN:
		read_screen_part(tools, part, is_word(type, "dynamic-tool") ? "" : type,
						 text_of(invocation ? invocation : part, "state"));
		break;
	case PART_NO_CALL:
		break;
	}
}

static void
read_part_answer(MessageTools *tools, JsonbContainer *part, const char *type)
{
	char *id = NULL;

	if (is_word(type, "tool_result"))
		id = text_of(part, "tool_use_id");
	else if (is_word(type, "tool-result"))
		id = text_of(part, "toolCallId");
	else
		return;
	tools->is_answer = true;
	if (id)
		tools->answers = lappend(tools->answers, id);
}

/* Some messages of the AI SDK have both, content as text and the parts. */
static JsonbContainer *
find_parts(Jsonb *body)
{
	const char *within;
	JsonbContainer *parts = json_as_array(shape_content_value(&body->root));

	if (parts)
		return parts;
	return json_as_array(json_given(shape_fields(&body->root, &within), "parts"));
}

static void
read_parts(MessageTools *tools, JsonbContainer *parts, bool calls)
{
	for (uint32 i = 0; parts && i < JsonContainerSize(parts); i++)
	{
		JsonbContainer *part = json_as_object(getIthJsonbValueFromContainer(parts, i));
		char *type = part ? type_of(part) : NULL;

		CHECK_FOR_INTERRUPTS();
		if (type && calls)
			read_part_call(tools, part, type);
		if (type)
			read_part_answer(tools, part, type);
	}
}

/* A tool that the model's host runs has its outcome in the same item, and no number of a call. */
static void
read_item(MessageTools *tools, JsonbContainer *fields)
{
	char *type = type_of(fields);

	tools->is_reasoning = is_word(type, "reasoning");
	if (!text_ends_with(type, "_call") || !text_of(fields, "call_id"))
		return;
	tools->is_item = true;
	tools->form = CALLS_ITEM;
	add_call(tools, text_of(fields, "call_id"), text_of(fields, "name"),
			 first_given(fields, "arguments", "input"));
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
is_langchain(JsonbContainer *body, JsonbContainer *fields)
{
	return body != fields || is_word(type_of(fields), "ai") ||
		   is_word(type_of(fields), "AIMessageChunk");
}

static void
read_assistant(MessageTools *tools, Jsonb *body, JsonbContainer *fields)
{
	JsonbContainer *kwargs = json_as_object(json_given(fields, "additional_kwargs"));
	JsonbContainer *function;

	read_parts(tools, find_parts(body), true);
	read_calls(tools, json_as_array(json_given(fields, "tool_calls")));
	read_calls(tools, json_as_array(json_given(fields, "invalid_tool_calls")));
	if (tools->calls == NIL)
		read_calls(tools, json_as_array(json_given(kwargs, "tool_calls")));
	function = json_as_object(json_given(fields, "function_call"));
	if (!function)
		function = json_as_object(json_given(kwargs, "function_call"));
	if (tools->calls == NIL && function)
		read_call(tools, function);
	read_item(tools, fields);
	if (is_langchain(&body->root, fields))
		tools->form = CALLS_LANGCHAIN;
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
		read_assistant(tools, body, fields);
		return;
	}
	read_parts(tools, find_parts(body), false);
	if (strcmp(role, "tool") != 0 && strcmp(role, "function") != 0)
		return;
	tools->is_answer = true;
	id = text_of(fields, "tool_call_id");
	if (!id)
		id = text_of(fields, "call_id");
	if (id)
		tools->answers = lappend(tools->answers, id);
}

/* What it costs a model is not in its bytes. */
static bool
is_media(JsonbContainer *part)
{
	static const char *const kinds[] = {"image", "audio", "video", "file", "screenshot"};
	char *type = type_of(part);

	for (int i = 0; type && i < lengthof(kinds); i++)
		if (strstr(type, kinds[i]))
			return true;
	return is_word(type_of(json_as_object(json_given(part, "source"))), "base64");
}

static bool
is_call(JsonbContainer *part)
{
	char *type = type_of(part);

	return type && part_call(part, type) != PART_NO_CALL;
}

/* Also where the text is empty. */
static bool
has_text(JsonbContainer *part)
{
	static const char *const keys[] = {"text", "refusal", "content", "output"};

	for (int i = 0; i < lengthof(keys); i++)
	{
		JsonbValue *value = json_given(part, keys[i]);

		if (value)
			return value->type == jbvString;
	}
	return false;
}

static void
add_text(StringInfo out, const char *string)
{
	if (!string || !*string)
		return;
	if (out->len > 0)
		appendStringInfoChar(out, '\n');
	appendStringInfoString(out, string);
}

/* Structured outputs, thoughts and the like; the words that stand beside them are there already. */
static void
add_wordless(StringInfo out, JsonbValue *value)
{
	JsonbContainer *array = json_as_array(value);
	JsonbContainer *object = json_as_object(value);

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	for (uint32 i = 0; array && i < JsonContainerSize(array); i++)
		add_wordless(out, getIthJsonbValueFromContainer(array, i));
	if (array || value->type == jbvString || value->type == jbvNull)
		return;
	if (object)
	{
		JsonbContainer *inner = json_as_array(first_given(object, "content", "output"));

		if (is_media(object) || is_call(object) || has_text(object))
			return;
		for (uint32 i = 0; inner && i < JsonContainerSize(inner); i++)
			add_wordless(out, getIthJsonbValueFromContainer(inner, i));
		if (inner || shape_has_words(value))
			return;
	}
	add_text(out, value_text(value));
}

/* Of parts whose words stand in the content as well. */
static void
add_wordless_parts(StringInfo out, Jsonb *body, const JsonbValue *content)
{
	JsonbContainer *parts = find_parts(body);

	if (json_as_array(content))
		return;
	for (uint32 i = 0; parts && i < JsonContainerSize(parts); i++)
		add_wordless(out, getIthJsonbValueFromContainer(parts, i));
}

text *
shape_prompt(Jsonb *body, const MessageTools *tools)
{
	text *words = shape_text(body, INT_MAX);
	JsonbValue *content = shape_content_value(&body->root);
	StringInfoData out;
	ListCell *cell;

	if (words && content->type == jbvString && tools->calls == NIL && !find_parts(body))
		return words;
	initStringInfo(&out);
	if (words)
		appendBinaryStringInfo(&out, VARDATA_ANY(words), VARSIZE_ANY_EXHDR(words));
	if (content)
		add_wordless(&out, content);
	add_wordless_parts(&out, body, content);
	foreach (cell, tools->calls)
	{
		const MessageCall *call = lfirst(cell);

		CHECK_FOR_INTERRUPTS();
		add_text(&out, call->name);
		add_text(&out, call->arguments);
		add_text(&out, call->output);
	}
	if (tools->calls == NIL && (!content || content->type == jbvNull) && !is_media(&body->root))
		add_text(&out, json_text(&body->root));
	return cstring_to_text_with_len(out.data, out.len);
}

static void
put_result(JsonBuilder *out, const MessageCall *call, const char *content)
{
	json_put_text(out, "role", "user");
	json_put_key(out, "content");
	json_push(out, WJB_BEGIN_ARRAY, NULL);
	json_push(out, WJB_BEGIN_OBJECT, NULL);
	json_put_text(out, "type", "tool_result");
	json_put_text(out, "tool_use_id", call->id);
	json_put_text(out, "content", content);
	json_put_bool(out, "is_error", true);
	json_push(out, WJB_END_OBJECT, NULL);
	json_push(out, WJB_END_ARRAY, NULL);
}

/* A call without id is one of OpenAI's older ones, which a function answers by its name. */
static void
put_answer(JsonBuilder *out, CallForm form, const MessageCall *call, const char *content)
{
	json_put_text(out, form == CALLS_LANGCHAIN ? "type" : "role", call->id ? "tool" : "function");
	if (call->id)
		json_put_text(out, "tool_call_id", call->id);
	if (call->name && (form == CALLS_LANGCHAIN || !call->id))
		json_put_text(out, "name", call->name);
	if (form == CALLS_LANGCHAIN && call->id)
		json_put_text(out, "status", "error");
	json_put_text(out, "content", content);
}

Jsonb *
shape_answer(CallForm form, const MessageCall *call, const char *content)
{
	JsonBuilder out = {0};

	json_push(&out, WJB_BEGIN_OBJECT, NULL);
	if (form == CALLS_ANTHROPIC && call->id)
		put_result(&out, call, content);
	else if (form == CALLS_ITEM)
	{
		json_put_text(&out, "type", "function_call_output");
		json_put_text(&out, "call_id", call->id);
		json_put_text(&out, "output", content);
	}
	else
		put_answer(&out, form, call, content);
	json_push(&out, WJB_END_OBJECT, NULL);
	return json_built(&out);
}

Datum
threadmem_message_prompt(PG_FUNCTION_ARGS)
{
	Jsonb *body = PG_GETARG_JSONB_P(0);
	MessageShape shape;
	MessageTools tools;

	if (!shape_read_softly(body, &shape) || shape.role == NULL)
		PG_RETURN_NULL();
	shape_tools(shape.role, body, &tools);
	PG_RETURN_TEXT_P(shape_prompt(body, &tools));
}
