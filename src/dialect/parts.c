/*
 * dialect/parts.c: content and tool calls, the two things that systems nest differently.
 *
 * What has the wanted form already is copied, so that nothing of it is lost; arguments of tool
 * calls stay the text the model wrote wherever the dialect takes text.
 */
#include "dialect/dialect.h"

#include <limits.h>

#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"

#include "json_patch/json_patch.h"

void
dialect_put_words(JsonBuilder *out, const DialectMessage *message)
{
	text *words = shape_text(message->body, INT_MAX);

	json_put_text(out, "content", words ? text_to_cstring(words) : "");
}

static bool
is_text_part(JsonbContainer *part)
{
	char *type = json_as_text(json_given(part, "type"));

	return type && (strcmp(type, "text") == 0 || strcmp(type, "input_text") == 0 ||
					strcmp(type, "output_text") == 0);
}

static void
put_openai_text(JsonBuilder *out, const char *words, JsonbValue *annotations)
{
	json_push(out, WJB_BEGIN_OBJECT, NULL);
	json_put_text(out, "type", "text");
	json_put_key(out, "text");
	json_push(out, WJB_BEGIN_OBJECT, NULL);
	json_put_text(out, "value", words);
	if (annotations)
		json_put(out, "annotations", annotations);
	else
		json_put_empty(out, "annotations", true);
	json_push(out, WJB_END_OBJECT, NULL);
	json_push(out, WJB_END_OBJECT, NULL);
}

/* Bedrock's and Gemini's parts have no type, Pydantic AI's a part_kind: the words of one of those.
 */
static JsonbValue *
untyped_words(JsonbContainer *part)
{
	static const char *const kinds[] = {"text", "user-prompt", "system-prompt", NULL};
	char *kind = json_as_text(json_given(part, "part_kind"));
	JsonbValue *words = json_given(part, kind ? "content" : "text");

	if (!part || json_given(part, "type") || json_given(part, "thought") ||
		(kind && !text_is_one_of(kind, kinds)))
		return NULL;
	return words && words->type == jbvString ? words : NULL;
}

/* Those calls are given as calls. */
static bool
is_untyped_call(JsonbContainer *part)
{
	static const char *const keys[] = {"toolUse", "functionCall", "function_call"};
	static const char *const kinds[] = {"tool-call", "builtin-tool-call", NULL};
	char *kind = json_as_text(json_given(part, "part_kind"));

	for (int i = 0; i < lengthof(keys) && !json_given(part, "type"); i++)
		if (json_as_object(json_given(part, keys[i])))
			return true;
	return kind && text_is_one_of(kind, kinds);
}

static void
put_openai_part(JsonBuilder *out, JsonbValue *part)
{
	JsonbContainer *object = json_as_object(part);
	JsonbValue *untyped = untyped_words(object);
	char *words = json_as_text(object ? json_given(object, "text") : part);

	if (is_untyped_call(object))
		return;
	if (untyped)
		put_openai_text(out, json_as_text(untyped), NULL);
	else if (words && (!object || is_text_part(object)))
		put_openai_text(out, words, json_given(object, "annotations"));
	else
		json_push(out, WJB_ELEM, part);
}

/* The parts of a list, or the only one that stands in the place of a list. */
static void
put_parts(JsonBuilder *out, JsonbValue *content, void (*put)(JsonBuilder *, JsonbValue *))
{
	JsonbContainer *parts = json_as_array(content);

	for (uint32 i = 0; parts && i < JsonContainerSize(parts); i++)
		put(out, getIthJsonbValueFromContainer(parts, i));
	if (shape_is_part(content))
		put(out, content);
}

void
dialect_put_openai_content(JsonBuilder *out, const DialectMessage *message)
{
	JsonbValue *content = shape_content_value(&message->body->root);

	json_put_key(out, "content");
	json_push(out, WJB_BEGIN_ARRAY, NULL);
	if (content && content->type == jbvString && content->val.string.len > 0)
		put_openai_part(out, content);
	put_parts(out, content, put_openai_part);
	json_push(out, WJB_END_ARRAY, NULL);
}

/* A part whose text is OpenAI's object gets the text itself; all else stays. */
static void
put_langchain_part(JsonBuilder *out, JsonbValue *part)
{
	JsonbContainer *object = json_as_object(part);
	JsonbValue *value = json_given(json_as_object(json_given(object, "text")), "value");
	JsonbValue *untyped = untyped_words(object);

	if (is_untyped_call(object))
		return;
	if (untyped)
	{
		json_push(out, WJB_BEGIN_OBJECT, NULL);
		json_put_text(out, "type", "text");
		json_put(out, "text", untyped);
		json_push(out, WJB_END_OBJECT, NULL);
		return;
	}
	if (!value || value->type != jbvString)
	{
		json_push(out, WJB_ELEM, part);
		return;
	}
	json_push(out, WJB_BEGIN_OBJECT, NULL);
	json_put_members(out, object);
	json_put(out, "text", value);
	json_push(out, WJB_END_OBJECT, NULL);
}

void
dialect_put_langchain_content(JsonBuilder *out, const DialectMessage *message)
{
	JsonbValue *content = shape_content_value(&message->body->root);

	if (content && content->type == jbvString)
		json_put(out, "content", content);
	else if (!json_as_array(content) && !shape_is_part(content))
		json_put_text(out, "content", "");
	else
	{
		json_put_key(out, "content");
		json_push(out, WJB_BEGIN_ARRAY, NULL);
		put_parts(out, content, put_langchain_part);
		json_push(out, WJB_END_ARRAY, NULL);
	}
}

/* One call of a tool.  Its arguments are an object (LangChain) or text (all others). */
typedef struct ToolCall
{
	JsonbValue *element; /* as it came; NULL when the message itself is the call */
	bool is_langchain;
	char *id;
	char *name;
	JsonbValue *args;
	char *arguments;
} ToolCall;

static ToolCall *
read_call(JsonbContainer *object, JsonbValue *element)
{
	JsonbContainer *function = json_as_object(json_given(object, "function"));
	JsonbContainer *source = function ? function : object;
	ToolCall *call = palloc0(sizeof(ToolCall));
	JsonbValue *given = json_given(source, "args");

	call->element = element;
	call->is_langchain = !function && given;
	call->id = json_as_text(json_given(object, "id"));
	if (json_given(object, "call_id"))
		call->id = json_as_text(json_given(object, "call_id"));
	else if (json_given(object, "callId"))
		call->id = json_as_text(json_given(object, "callId"));
	call->name = json_as_text(json_given(source, "name"));
	if (!given)
		given = json_given(source, "arguments");
	if (json_as_object(given))
		call->args = given;
	else
		call->arguments = json_as_text(given);
	return call;
}

static List *
add_calls(List *calls, JsonbContainer *array)
{
	for (uint32 i = 0; array && i < JsonContainerSize(array); i++)
	{
		JsonbValue *element = getIthJsonbValueFromContainer(array, i);

		CHECK_FOR_INTERRUPTS();
		if (json_as_object(element))
			calls = lappend(calls, read_call(json_as_object(element), element));
	}
	return calls;
}

/* Of the forms that keep calls in parts without a type, of AG-UI's, and beside the content. */
static List *
add_untyped_calls(List *calls, const DialectMessage *message)
{
	MessageTools tools;
	ListCell *cell;

	shape_tools(message->role, message->body, &tools);
	if (tools.form != CALLS_BEDROCK && tools.form != CALLS_GEMINI && tools.form != CALLS_PYDANTIC &&
		tools.form != CALLS_AG_UI && tools.form != CALLS_INTERACTION &&
		!json_given(message->fields, "toolInvocations"))
		return calls;
	foreach (cell, tools.calls)
	{
		const MessageCall *given = lfirst(cell);
		ToolCall *call = palloc0(sizeof(ToolCall));

		call->id = shape_is_place(given->id) ? NULL : given->id;
		call->name = given->name;
		call->arguments = given->arguments;
		calls = lappend(calls, call);
	}
	return calls;
}

/* LangChain has calls twice, in its own form and in the model's; the latter only when alone. */
static List *
find_calls(const DialectMessage *message)
{
	JsonbContainer *fields = message->fields;
	JsonbContainer *kwargs = json_as_object(json_given(fields, "additional_kwargs"));
	char *type = json_as_text(json_given(fields, "type"));
	List *calls = add_calls(NIL, json_as_array(json_given(fields, "tool_calls")));

	calls = add_calls(calls, json_as_array(json_given(fields, "invalid_tool_calls")));
	if (calls == NIL)
		calls = add_calls(NIL, json_as_array(json_given(kwargs, "tool_calls")));
	if (calls == NIL && type && strcmp(type, "function_call") == 0)
		calls = list_make1(read_call(fields, NULL));
	return calls == NIL ? add_untyped_calls(calls, message) : calls;
}

static char *
value_text(JsonbValue *value)
{
	return json_text(&json_own(value)->root);
}

static char *
arguments_text(const ToolCall *call)
{
	if (call->args)
		return value_text(call->args);
	return call->arguments ? call->arguments : pstrdup("");
}

static void
put_openai_call(JsonBuilder *out, const ToolCall *call)
{
	if (call->element && !call->is_langchain && !call->args)
	{
		json_push(out, WJB_ELEM, call->element);
		return;
	}
	json_push(out, WJB_BEGIN_OBJECT, NULL);
	dialect_put_text(out, "id", call->id);
	json_put_text(out, "type", "function");
	json_put_key(out, "function");
	json_push(out, WJB_BEGIN_OBJECT, NULL);
	dialect_put_text(out, "name", call->name);
	json_put_text(out, "arguments", arguments_text(call));
	json_push(out, WJB_END_OBJECT, NULL);
	json_push(out, WJB_END_OBJECT, NULL);
}

void
dialect_put_openai_calls(JsonBuilder *out, const DialectMessage *message)
{
	List *calls = find_calls(message);
	ListCell *cell;

	if (calls == NIL)
		return;
	json_put_key(out, "tool_calls");
	json_push(out, WJB_BEGIN_ARRAY, NULL);
	foreach (cell, calls)
		put_openai_call(out, lfirst(cell));
	json_push(out, WJB_END_ARRAY, NULL);
}

/*
 * The object that a text of arguments holds, NULL when it holds none.  Models write much that is no
 * JSON, and one such call must not hide the whole thread.  No subtransaction is needed to go on
 * after the error (and none is allowed in parallel mode): the parser takes no lock, no buffer and
 * no catalog entry, it only allocates.
 */
static Jsonb *
parse_arguments(const char *arguments)
{
	MemoryContext context = CurrentMemoryContext;
	Jsonb *volatile document = NULL;

	PG_TRY();
	{
		document = json_of_text(arguments);
	}
	PG_CATCH();
	{
		int category = ERRCODE_TO_CATEGORY(geterrcode());

		if (category != ERRCODE_DATA_EXCEPTION && category != ERRCODE_PROGRAM_LIMIT_EXCEEDED)
			PG_RE_THROW();
		MemoryContextSwitchTo(context);
		FlushErrorState();
	}
	PG_END_TRY();
	return document && JB_ROOT_IS_OBJECT(document) ? document : NULL;
}

/* The arguments as LangChain wants them, NULL when they are no JSON object. */
static JsonbValue *
find_args(const ToolCall *call)
{
	Jsonb *parsed = NULL;
	JsonbValue *args;

	if (call->args)
		return call->args;
	if (call->arguments)
		parsed = parse_arguments(call->arguments);
	if (!parsed)
		return NULL;
	args = palloc(sizeof(JsonbValue));
	JsonbToJsonbValue(parsed, args);
	return args;
}

static void
put_langchain_call(JsonBuilder *out, const ToolCall *call, JsonbValue *args)
{
	if (call->element && call->is_langchain)
	{
		json_push(out, WJB_ELEM, call->element);
		return;
	}
	json_push(out, WJB_BEGIN_OBJECT, NULL);
	dialect_put_text(out, "id", call->id);
	dialect_put_text(out, "name", call->name);
	if (args)
		json_put(out, "args", args);
	else if (call->name || !call->element)
		json_put_text(out, "args", arguments_text(call));
	else /* no function at all (OpenAI's custom tools): the whole of it */
		json_put_text(out, "args", value_text(call->element));
	if (!args)
		json_put_null(out, "error");
	json_put_text(out, "type", args ? "tool_call" : "invalid_tool_call");
	json_push(out, WJB_END_OBJECT, NULL);
}

static void
put_langchain_list(JsonBuilder *out, const char *key, List *calls, bool valid)
{
	ListCell *cell;

	json_put_key(out, key);
	json_push(out, WJB_BEGIN_ARRAY, NULL);
	foreach (cell, calls)
	{
		ToolCall *call = lfirst(cell);
		JsonbValue *args = find_args(call);

		CHECK_FOR_INTERRUPTS();
		if ((args != NULL) == valid)
			put_langchain_call(out, call, args);
	}
	json_push(out, WJB_END_ARRAY, NULL);
}

void
dialect_put_langchain_calls(JsonBuilder *out, const DialectMessage *message)
{
	List *calls = find_calls(message);

	put_langchain_list(out, "tool_calls", calls, true);
	put_langchain_list(out, "invalid_tool_calls", calls, false);
}

bool
dialect_has_foreign_calls(JsonbContainer *fields)
{
	JsonbContainer *calls = json_as_array(json_field(fields, "tool_calls"));
	JsonbContainer *invalid = json_as_array(json_field(fields, "invalid_tool_calls"));
	JsonbContainer *kwargs = json_as_object(json_field(fields, "additional_kwargs"));
	int count = calls ? (int)JsonContainerSize(calls) : 0;

	for (int i = 0; i < count; i++)
	{
		JsonbContainer *call = json_as_object(getIthJsonbValueFromContainer(calls, i));

		CHECK_FOR_INTERRUPTS();
		if (call && !json_field(call, "args"))
			return true;
	}
	return count == 0 && !(invalid && JsonContainerSize(invalid) > 0) && kwargs &&
		   json_as_array(json_field(kwargs, "tool_calls"));
}
