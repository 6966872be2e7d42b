/*
 * shape/prompt.c: what of a message a model reads.
 *
 * That is its words, its calls of tools, and the JSON of what has no words.  Files and what only
 * the provider can read are left out: they cost a model something, but not by their bytes.
 */
#include "shape/part.h"

#include <limits.h>

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "json_patch/json_patch.h"
#include "threadmem/threadmem.h"

PG_FUNCTION_INFO_V1(threadmem_message_prompt);

/* Also where the text is empty. */
static bool
has_text(JsonbContainer *part)
{
	static const char *const keys[] = {"text", "refusal", "transcript", "content", "output"};

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

static void add_wordless(StringInfo out, JsonbValue *value);

static void
add_wordless_part(StringInfo out, JsonbContainer *object, JsonbValue *value)
{
	JsonbContainer *inner;
	Part part;

	part_read(object, &part);
	if (part.kind == PART_MEDIA || part.kind == PART_CALL || part.kind == PART_SCREEN ||
		part.kind == PART_STEP)
		return;
	if (part.kind != PART_THOUGHT)
	{
		inner = json_as_array(part_given(part.inner, "content", "output"));
		if (has_text(part.inner))
			return;
		for (uint32 i = 0; inner && i < JsonContainerSize(inner); i++)
			add_wordless(out, getIthJsonbValueFromContainer(inner, i));
		if (inner || shape_has_words(value))
			return;
	}
	add_text(out, part_json(value));
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
	if (object)
		add_wordless_part(out, object, value);
	else if (!array && value->type != jbvString && value->type != jbvNull)
		add_text(out, part_json(value));
}

/* Of parts whose words stand in the content as well. */
static void
add_wordless_parts(StringInfo out, Jsonb *body, const JsonbValue *content)
{
	JsonbContainer *parts = shape_parts(body);

	if (json_as_array(content))
		return;
	for (uint32 i = 0; parts && i < JsonContainerSize(parts); i++)
		add_wordless(out, getIthJsonbValueFromContainer(parts, i));
}

/* What a server of OpenAI's chat form gives beside the content, and takes back. */
static void
add_thought(StringInfo out, JsonbValue *thought)
{
	if (thought)
		add_text(out, thought->type == jbvString ? json_as_text(thought) : part_json(thought));
}

text *
shape_prompt(Jsonb *body, const MessageTools *tools)
{
	text *words = shape_text(body, INT_MAX);
	JsonbValue *content = shape_content_value(&body->root);
	JsonbValue whole = {.type = jbvBinary, .val.binary.data = &body->root};
	const char *within;
	JsonbContainer *fields = shape_fields(&body->root, &within);
	bool is_thought = shape_is_thought(fields);
	JsonbValue *thought = is_thought ? NULL : shape_thought(fields);
	StringInfoData out;
	ListCell *cell;

	if (words && content && content->type == jbvString && tools->calls == NIL && !thought &&
		!shape_parts(body))
		return words;
	initStringInfo(&out);
	if (words)
		appendBinaryStringInfo(&out, VARDATA_ANY(words), VARSIZE_ANY_EXHDR(words));
	if (content && !is_thought)
		add_wordless(&out, content);
	add_wordless_parts(&out, body, content);
	add_thought(&out, thought);
	foreach (cell, tools->calls)
	{
		const MessageCall *call = lfirst(cell);

		CHECK_FOR_INTERRUPTS();
		add_text(&out, call->name);
		add_text(&out, call->arguments);
		add_text(&out, call->output);
	}
	if (is_thought ||
		(out.len == 0 && tools->calls == NIL && (!content || content->type == jbvNull) &&
		 part_kind(&body->root) != PART_MEDIA))
		add_text(&out, part_json(&whole));
	return cstring_to_text_with_len(out.data, out.len);
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
