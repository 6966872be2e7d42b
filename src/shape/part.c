/*
 * shape/part.c: the kinds of parts in each system's words, and what of a part is encoded data.
 *
 * Most systems say the kind in "type" (Pydantic AI in "part_kind", and in "kind" for files,
 * LlamaIndex in "block_type");
 * Bedrock and Gemini give it as the key of the part's only object.
 */
#include "shape/part.h"

#include <ctype.h>

#include "miscadmin.h"

#include "json_patch/json_patch.h"
#include "threadmem/threadmem.h"

/* Base64 from here on; no word is as long. */
#define ENCODED_BYTES 512

typedef struct KindName
{
	const char *name;
	PartKind kind;
	CallForm form;
} KindName;

static const KindName by_type[] = {
	{"tool_use", PART_CALL, CALLS_ANTHROPIC},
	{"tool_call", PART_CALL, CALLS_OPENAI}, /* LangChain's standard blocks */
	{"tool-call", PART_CALL, CALLS_AI_SDK}, /* and Pydantic AI's */
	{"function_call", PART_CALL, CALLS_INTERACTION},
	{"builtin-tool-call", PART_CALL, CALLS_PYDANTIC},
	{"tool_result", PART_ANSWER, CALLS_ANTHROPIC},
	{"tool-result", PART_ANSWER, CALLS_AI_SDK},
	{"function_result", PART_ANSWER, CALLS_INTERACTION},
	{"tool-return", PART_ANSWER, CALLS_PYDANTIC},
	{"retry-prompt", PART_ANSWER, CALLS_PYDANTIC},
	{"builtin-tool-return", PART_ANSWER, CALLS_PYDANTIC},
	{"thinking", PART_THOUGHT, CALLS_OPENAI},
	{"thought", PART_THOUGHT, CALLS_OPENAI},
	{"redacted_thinking", PART_THOUGHT, CALLS_OPENAI},
	{"reasoning", PART_THOUGHT, CALLS_OPENAI},
	{"reasoning_text", PART_THOUGHT, CALLS_OPENAI},
	{"reasoning_content", PART_THOUGHT, CALLS_OPENAI},
	{"thoughts", PART_THOUGHT, CALLS_OPENAI}, /* ChatGPT's contents */
	{"reasoning_recap", PART_THOUGHT, CALLS_OPENAI},
	{"step-start", PART_STEP, CALLS_OPENAI},
};

static const KindName by_key[] = {
	{"toolUse", PART_CALL, CALLS_BEDROCK},
	{"toolResult", PART_ANSWER, CALLS_BEDROCK},
	{"functionCall", PART_CALL, CALLS_GEMINI},
	{"function_call", PART_CALL, CALLS_GEMINI},
	{"functionResponse", PART_ANSWER, CALLS_GEMINI},
	{"function_response", PART_ANSWER, CALLS_GEMINI},
	{"reasoningContent", PART_THOUGHT, CALLS_BEDROCK},
	{"guardContent", PART_WORDS, CALLS_BEDROCK},
	{"citationsContent", PART_WORDS, CALLS_BEDROCK},
	{"searchResult", PART_WORDS, CALLS_BEDROCK},
	{"inlineData", PART_MEDIA, CALLS_GEMINI},
	{"inline_data", PART_MEDIA, CALLS_GEMINI},
	{"fileData", PART_MEDIA, CALLS_GEMINI},
	{"file_data", PART_MEDIA, CALLS_GEMINI},
	{"image", PART_MEDIA, CALLS_BEDROCK},
	{"document", PART_MEDIA, CALLS_BEDROCK},
	{"video", PART_MEDIA, CALLS_BEDROCK},
	{"audio", PART_MEDIA, CALLS_BEDROCK},
};

char *
part_text(JsonbContainer *object, const char *key)
{
	char *string = json_as_text(json_given(object, key));

	return string && *string ? string : NULL;
}

JsonbValue *
part_given(JsonbContainer *object, const char *a, const char *b)
{
	JsonbValue *value = json_given(object, a);

	return value ? value : json_given(object, b);
}

static char *
first_text(JsonbContainer *object, const char *const *keys)
{
	char *string = NULL;

	for (; *keys && !string; keys++)
		string = part_text(object, *keys);
	return string;
}

/* What it costs a model is not in its bytes. */
static bool
is_media_type(const char *type)
{
	static const char *const kinds[] = {"image",      "audio", "video",  "file",
										"screenshot", "media", "binary", "-url"};

	for (int i = 0; type && i < lengthof(kinds); i++)
		if (strstr(type, kinds[i]))
			return true;
	return false;
}

/* A file of whatever form: bytes, and what they are of. */
static bool
is_file(JsonbContainer *object)
{
	static const char *const bytes[] = {"data", "bytes", "blob", NULL};
	static const char *const media[] = {"mimeType", "mime_type", "mediaType", "media_type", NULL};
	JsonbContainer *source = json_as_object(json_given(object, "source"));
	char *type = first_text(object, media);
	char *of_source = source ? part_text(source, "type") : NULL;

	return (first_text(object, bytes) && type && strncmp(type, "text/", 5) != 0) ||
		   (of_source && strcmp(of_source, "base64") == 0);
}

bool
shape_is_part(const JsonbValue *content)
{
	JsonbContainer *object = json_as_object(content);

	return object && part_text(object, "type");
}

static const KindName *
find_kind(JsonbContainer *object, const char *type)
{
	for (int i = 0; type && i < lengthof(by_type); i++)
		if (strcmp(by_type[i].name, type) == 0)
			return &by_type[i];
	for (int i = 0; !type && i < lengthof(by_key); i++)
		if (json_as_object(json_given(object, by_key[i].name)))
			return &by_key[i];
	return NULL;
}

/* The older ones have it all in an object of their own. */
static bool
is_screen(JsonbContainer *object, const char *type)
{
	JsonbContainer *invocation = json_as_object(json_given(object, "toolInvocation"));

	if (!type || strncmp(type, "tool-", 5) != 0 || !invocation)
		invocation = object;
	return type && part_text(invocation, "state") &&
		   (strcmp(type, "dynamic-tool") == 0 || strncmp(type, "tool-", 5) == 0);
}

/* Bedrock's documents may be given as text. */
static bool
is_written(JsonbContainer *file)
{
	JsonbContainer *source = json_as_object(json_given(file, "source"));

	return source && part_given(source, "text", "content");
}

static bool
is_true(const JsonbValue *value)
{
	return value && value->type == jbvBool && value->val.boolean;
}

void
part_read(JsonbContainer *object, Part *part)
{
	static const char *const types[] = {"type",         "part_kind",  "kind",
										"content_type", "block_type", NULL};
	static const char *const ids[] = {"toolCallId", "tool_call_id", "toolUseId", "tool_use_id",
									  "call_id",    "id",           NULL};
	static const char *const names[] = {"toolName", "tool_name", "name", NULL};
	char *type = first_text(object, types);
	const KindName *kind = find_kind(object, type);

	*part = (Part){.type = type, .inner = object};
	if (kind && !type)
		part->inner = json_as_object(json_given(object, kind->name));
	if (kind && kind->kind == PART_MEDIA && is_written(part->inner))
		return;
	if (kind)
	{
		part->kind = kind->kind;
		part->form = kind->form;
	}
	else if (is_screen(object, type))
		part->kind = PART_SCREEN;
	else if (type && strncmp(type, "data-", 5) == 0)
		part->kind = PART_STEP;
	else if (is_media_type(type) || is_file(object))
		part->kind = PART_MEDIA;
	else if (is_true(json_field(object, "thought")))
		part->kind = PART_THOUGHT;
	if (part->kind != PART_CALL && part->kind != PART_ANSWER)
		return;
	if (part->form == CALLS_AI_SDK && json_given(object, "part_kind"))
		part->form = CALLS_PYDANTIC;
	part->id = first_text(part->inner, ids);
	part->name = first_text(part->inner, names);
	part->input = part_given(part->inner, "input", "args");
	if (!part->input)
		part->input = part_given(part->inner, "arguments", "tool_kwargs");
	/* Pydantic AI asks the model itself again by one that names no tool. */
	if (strcmp(type ? type : "", "retry-prompt") == 0 && !part->name)
		part->kind = PART_WORDS;
}

PartKind
part_kind(JsonbContainer *object)
{
	Part part;

	part_read(object, &part);
	return part.kind;
}

/* What only the provider can read, or no one: signed or encrypted thoughts, files as text. */
static bool
is_encoded(const JsonbValue *value)
{
	if (value->type != jbvString || value->val.string.len < ENCODED_BYTES)
		return false;
	if (strncmp(value->val.string.val, "data:", 5) == 0)
		return true;
	for (int i = 0; i < value->val.string.len; i++)
	{
		unsigned char c = value->val.string.val[i];

		if (!isalnum(c) && c != '+' && c != '/' && c != '-' && c != '_' && c != '=')
			return false;
	}
	return true;
}

static bool
is_sealed(const JsonbValue *key, const JsonbValue *value)
{
	static const char *const keys[] = {"signature",         "thoughtSignature", "thought_signature",
									   "encrypted_content", "encryptedValue",   "encrypted_value",
									   "redactedContent",   "redacted_content", "encryptedContent"};

	for (int i = 0; value->type == jbvString && i < lengthof(keys); i++)
		if (key->val.string.len == strlen(keys[i]) &&
			memcmp(key->val.string.val, keys[i], key->val.string.len) == 0)
			return true;
	return false;
}

static bool
is_unread(const JsonbValue *value)
{
	JsonbContainer *object = json_as_object(value);

	return object ? part_kind(object) == PART_MEDIA : is_encoded(value);
}

/* Copies a value, an element or a member's, without what is not read. */
static void
put_read(JsonBuilder *out, JsonbIteratorToken token, JsonbValue *value)
{
	bool is_object = json_as_object(value) != NULL;
	JsonbIterator *it;
	JsonbValue key;
	JsonbValue member;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	if (value->type != jbvBinary)
	{
		json_push(out, token, value);
		return;
	}
	it = JsonbIteratorInit(value->val.binary.data);
	(void)JsonbIteratorNext(&it, &key, false);
	json_push(out, is_object ? WJB_BEGIN_OBJECT : WJB_BEGIN_ARRAY, NULL);
	while ((token = JsonbIteratorNext(&it, &member, true)) == WJB_KEY || token == WJB_ELEM)
	{
		if (token == WJB_KEY)
		{
			key = member;
			(void)JsonbIteratorNext(&it, &member, true);
		}
		if (is_unread(&member) || (is_object && is_sealed(&key, &member)))
			continue;
		if (is_object)
			json_push(out, WJB_KEY, &key);
		put_read(out, is_object ? WJB_VALUE : WJB_ELEM, &member);
	}
	json_push(out, is_object ? WJB_END_OBJECT : WJB_END_ARRAY, NULL);
}

char *
part_json(JsonbValue *value)
{
	JsonBuilder out = {0};

	if (value->type != jbvBinary)
		return json_text(&json_own(value)->root);
	put_read(&out, WJB_VALUE, value);
	return json_text(&json_built(&out)->root);
}
