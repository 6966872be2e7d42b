/*
 * shape/text.c: what of a message a person reads.
 *
 * Content is a string or a list of parts; a part has its words under one of four keys, whichever
 * system made it.  Tool calls, keys and encoded files are no words.
 */
#include "shape/part.h"

#include <ctype.h>
#include <limits.h>

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "threadmem/threadmem.h"

/* The longest word that to_tsvector indexes; it gives a NOTICE for every longer one. */
#define WORD_MAX_BYTES 2046

PG_FUNCTION_INFO_V1(threadmem_message_text);
PG_FUNCTION_INFO_V1(threadmem_message_said);
PG_FUNCTION_INFO_V1(threadmem_message_content);

typedef struct Words
{
	StringInfoData text;
	int limit;
	bool full;
	bool said; /* by its speaker alone */
} Words;

static void add_words(Words *words, JsonbValue *value);

/* AI SDK messages have parts, OpenAI's tool items an output, LlamaIndex' blocks. */
JsonbValue *
shape_content_value(JsonbContainer *body)
{
	static const char *const keys[] = {"content", "parts", "output"};
	const char *within;
	JsonbContainer *fields = shape_fields(body, &within);
	JsonbValue *value;

	for (int i = 0; i < lengthof(keys); i++)
	{
		value = json_given(fields, keys[i]);
		if (value)
			return export_content(value);
	}
	value = export_text(fields);
	if (!value && json_as_array(json_given(fields, "blocks")))
		value = json_given(fields, "blocks");
	return value ? value : json_field(fields, "content");
}

static void
add_line(Words *words, const char *bytes, int length)
{
	bool first = words->text.len == 0;
	int room = words->limit - words->text.len - (first ? 0 : 1);

	if (length == 0)
		return;
	if (length > room)
	{
		words->full = true;
		length = room > 0 ? pg_mbcliplen(bytes, length, room) : 0;
	}
	if (length > 0 && !first)
		appendStringInfoChar(&words->text, '\n');
	appendBinaryStringInfo(&words->text, bytes, length);
}

/*
 * What a program gave or an application told the model, in the message of somebody else: Anthropic
 * has the outputs of tools in the user's messages, those of its own tools and the AI SDK in the
 * assistant's, and Pydantic AI the system prompt in the first request, and its own wish for another
 * answer in a later one.
 */
static bool
is_of_program(const Part *part)
{
	static const char *const types[] = {"system-prompt", "retry-prompt", NULL};

	return part->kind == PART_ANSWER || part->kind == PART_SCREEN ||
		   text_ends_with(part->type, "tool_result") ||
		   (part->type && text_is_one_of(part->type, types));
}

/*
 * OpenAI wraps text as {"value"}, the AI SDK a tool's output as {"type", "value"}, Bedrock a
 * guarded text as {"text"}. Thoughts are not said, and of a file only what is written beside it is
 * words.
 */
static void
add_part(Words *words, JsonbContainer *object)
{
	static const char *const keys[] = {"text", "refusal", "transcript", "content", "output"};
	JsonbValue *value = NULL;
	Part part;

	part_read(object, &part);
	if (part.kind == PART_THOUGHT || (words->said && is_of_program(&part)))
		return;
	for (int i = 0; value == NULL && i < (part.kind == PART_MEDIA ? 3 : lengthof(keys)); i++)
		value = json_given(part.inner, keys[i]);
	if (json_as_object(value))
		value = part_given(json_as_object(value), "value", "text");
	if (value && !json_as_object(value))
		add_words(words, value);
}

static void
add_parts(Words *words, JsonbContainer *parts)
{
	JsonbIterator *it = JsonbIteratorInit(parts);
	JsonbValue part;

	(void)JsonbIteratorNext(&it, &part, false);
	while (!words->full && JsonbIteratorNext(&it, &part, true) == WJB_ELEM)
		add_words(words, &part);
}

static void
add_words(Words *words, JsonbValue *value)
{
	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	if (value->type == jbvString)
		add_line(words, value->val.string.val, value->val.string.len);
	else if (json_as_array(value))
		add_parts(words, json_as_array(value));
	else if (json_as_object(value))
		add_part(words, json_as_object(value));
}

/* What OpenAI's chat form says beside an empty content: a refusal, or what was spoken. */
static void
add_beside(Words *words, JsonbContainer *fields)
{
	JsonbContainer *audio = json_as_object(json_given(fields, "audio"));
	JsonbValue *said = json_given(fields, "refusal");

	if (!said)
		said = json_given(audio, "transcript");
	if (said)
		add_words(words, said);
}

static text *
text_of(Jsonb *body, int limit, bool said)
{
	Words words = {.limit = limit, .said = said};
	JsonbValue *content = shape_content_value(&body->root);
	JsonbContainer *fields;
	const char *within;

	if (JsonContainerIsObject(&body->root) && shape_is_thought(&body->root))
		return NULL;
	if (content && content->type == jbvString && content->val.string.len > 0 &&
		content->val.string.len <= limit)
		return cstring_to_text_with_len(content->val.string.val, content->val.string.len);
	initStringInfo(&words.text);
	if (content)
		add_words(&words, content);
	if (words.text.len == 0 && !words.full && JsonContainerIsObject(&body->root))
	{
		fields = shape_fields(&body->root, &within);
		add_beside(&words, fields);
		add_beside(&words, json_as_object(json_given(fields, "additional_kwargs")));
	}
	return words.text.len > 0 ? cstring_to_text_with_len(words.text.data, words.text.len) : NULL;
}

text *
shape_text(Jsonb *body, int limit)
{
	return text_of(body, limit, false);
}

/* What is called output, and nothing else, is no person's. */
text *
shape_said(Jsonb *body, int limit)
{
	const char *within;
	JsonbContainer *fields = shape_fields(&body->root, &within);
	bool is_output = json_given(fields, "output") && !part_given(fields, "content", "parts");

	return is_output ? NULL : text_of(body, limit, true);
}

bool
shape_has_words(JsonbValue *value)
{
	Words words = {.limit = MAX_MULTIBYTE_CHAR_LEN};

	initStringInfo(&words.text);
	add_words(&words, value);
	return words.text.len > 0;
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* A run of a script without spaces is no matter of the parser's, however long it is. */
static bool
ends_piece(const char *at)
{
	return is_space(*at) || script_begins(at);
}

/*
 * The length of the next piece of text that can be indexed. An overlong one is cut after a
 * character beyond ASCII; where there is none it is encoded data, *skip says how much of it, and
 * the length is 0.
 */
static int
next_piece(const char *at, const char *end, int *skip)
{
	int length = 0;
	int cut = 0;

	while (at + length < end && !ends_piece(at + length))
	{
		int width = IS_HIGHBIT_SET(at[length]) ? pg_mblen(at + length) : 1;

		if (length + width > WORD_MAX_BYTES)
		{
			if (cut == 0)
				while (at + *skip < end && !is_space(at[*skip]) && !IS_HIGHBIT_SET(at[*skip]))
					(*skip)++;
			return cut;
		}
		length += width;
		if (width > 1)
			cut = length;
	}
	return length;
}

/* Runs of spaces count as one word to the parser, and too long ones likewise. */
static void
copy_pieces(StringInfo to, const char *at, const char *end)
{
	while (at < end)
	{
		int skip = 0;
		int length;

		if (is_space(*at))
		{
			at++;
			continue;
		}
		length = script_begins(at) ? (int)(script_end(at, end) - at) : next_piece(at, end, &skip);
		if (length > 0 && to->len > 0)
			appendStringInfoChar(to, ' ');
		appendBinaryStringInfo(to, at, length);
		at += length + skip;
	}
}

/* Whether the markup that may begin here ends before it is too long for the parser, too. */
static bool
markup_is_short(const char *at, const char *end)
{
	char quote = '\0';

	if (at[1] == '!' || pg_strncasecmp(at + 1, "script", 6) == 0 ||
		pg_strncasecmp(at + 1, "style", 5) == 0)
		return false;
	if (!isalpha((unsigned char)at[1]) && at[1] != '/' && at[1] != '?')
		return true;
	end = Min(end, at + WORD_MAX_BYTES);
	for (at++; at < end; at++)
	{
		if (quote)
			quote = *at == quote ? '\0' : quote;
		else if (*at == '"' || *at == '\'')
			quote = *at;
		else if (*at == '>')
			return true;
	}
	return false;
}

void
shape_blank_markup(char *at, const char *end)
{
	for (; (at = memchr(at, '<', end - at)) != NULL; at++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!markup_is_short(at, end))
			*at = ' ';
	}
}

text *
shape_search_words(const char *bytes, int length)
{
	StringInfoData found;
	text *folded;

	initStringInfo(&found);
	if (length > SEARCH_PREFIX_BYTES)
		length = pg_mbcliplen(bytes, length, SEARCH_PREFIX_BYTES);
	folded = script_fold(bytes, length);
	bytes = VARDATA(folded);
	copy_pieces(&found, bytes, bytes + VARSIZE(folded) - VARHDRSZ);
	pfree(folded);
	shape_blank_markup(found.data, found.data + found.len);
	return cstring_to_text_with_len(found.data, found.len);
}

text *
shape_search_text(Jsonb *body)
{
	text *words = shape_text(body, SEARCH_PREFIX_BYTES);

	return words ? shape_search_words(VARDATA_ANY(words), VARSIZE_ANY_EXHDR(words))
				 : shape_search_words("", 0);
}

Datum
threadmem_message_text(PG_FUNCTION_ARGS)
{
	text *words = shape_text(PG_GETARG_JSONB_P(0), INT_MAX);

	if (words == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(words);
}

Datum
threadmem_message_said(PG_FUNCTION_ARGS)
{
	text *words = shape_said(PG_GETARG_JSONB_P(0), INT_MAX);

	if (words == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(words);
}

Datum
threadmem_message_content(PG_FUNCTION_ARGS)
{
	JsonbValue *content = shape_content_value(&PG_GETARG_JSONB_P(0)->root);

	if (content == NULL)
		PG_RETURN_NULL();
	PG_RETURN_JSONB_P(json_own(content));
}
