/*
 * json_patch/text.c: JSON text read and written.
 *
 * Core's jsonb_in and JsonbToCString do the same, but look for no interrupt, and a text of 60 MB
 * takes them seconds.  Reading is core's own parser with other actions; it checks the syntax and
 * raises the errors.
 */
#include "json_patch/text.h"

#include "common/jsonapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/jsonfuncs.h"

#include "json_patch/build.h"

#define PIECE_BYTES (64 * 1024) /* of a long string that is escaped */

/* Actions of the parser give nothing before PostgreSQL 16. */
#if PG_VERSION_NUM >= 160000
#define ACTION JsonParseErrorType
#define ACTION_DONE return JSON_SUCCESS
#else
#define ACTION void
#define ACTION_DONE return
#endif

static ACTION
begin_object(void *state)
{
	json_push(state, WJB_BEGIN_OBJECT, NULL);
	ACTION_DONE;
}

static ACTION
end_object(void *state)
{
	json_push(state, WJB_END_OBJECT, NULL);
	ACTION_DONE;
}

static ACTION
begin_array(void *state)
{
	json_push(state, WJB_BEGIN_ARRAY, NULL);
	ACTION_DONE;
}

static ACTION
end_array(void *state)
{
	json_push(state, WJB_END_ARRAY, NULL);
	ACTION_DONE;
}

static JsonbValue
string_value(char *string)
{
	JsonbValue value = {.type = jbvString};
	size_t length = strlen(string);

	if (length > JENTRY_OFFLENMASK)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("string too long to represent as jsonb string"),
						errdetail("Due to an implementation restriction, jsonb strings cannot"
								  " exceed %d bytes.",
								  JENTRY_OFFLENMASK)));
	value.val.string.val = string;
	value.val.string.len = (int)length;
	return value;
}

static ACTION
begin_member(void *state, char *name, bool isnull)
{
	JsonbValue key = string_value(name);

	json_push(state, WJB_KEY, &key);
	ACTION_DONE;
}

static ACTION
take_scalar(void *state, char *token, JsonTokenType type)
{
	JsonbValue value = {.type = jbvNull};

	if (type == JSON_TOKEN_STRING)
		value = string_value(token);
	else if (type == JSON_TOKEN_NUMBER)
	{
		value.type = jbvNumeric;
		value.val.numeric = DatumGetNumeric(DirectFunctionCall3(
			numeric_in, CStringGetDatum(token), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
	}
	else if (type != JSON_TOKEN_NULL)
	{
		value.type = jbvBool;
		value.val.boolean = type == JSON_TOKEN_TRUE;
	}
	json_push(state, WJB_VALUE, &value);
	ACTION_DONE;
}

Jsonb *
json_of_text(const char *json)
{
	JsonBuilder builder = {0};
	JsonSemAction actions = {.semstate = &builder,
							 .object_start = begin_object,
							 .object_end = end_object,
							 .array_start = begin_array,
							 .array_end = end_array,
							 .object_field_start = begin_member,
							 .scalar = take_scalar};
	char *text_of_json = unconstify(char *, json);
	int length = (int)strlen(json);
#if PG_VERSION_NUM >= 170000
	JsonLexContext *lex =
		makeJsonLexContextCstringLen(NULL, text_of_json, length, GetDatabaseEncoding(), true);
#else
	JsonLexContext *lex =
		makeJsonLexContextCstringLen(text_of_json, length, GetDatabaseEncoding(), true);
#endif

	pg_parse_json_or_ereport(lex, &actions);
	return json_built(&builder);
}

static void
put_string(StringInfo out, const char *bytes, int length)
{
	StringInfoData piece;

	initStringInfo(&piece);
	appendStringInfoChar(out, '"');
	for (int done = 0; done < length; done += PIECE_BYTES)
	{
		char *raw = pnstrdup(bytes + done, Min(length - done, PIECE_BYTES));

		CHECK_FOR_INTERRUPTS();
		resetStringInfo(&piece);
		escape_json(&piece, raw);
		appendBinaryStringInfo(out, piece.data + 1, piece.len - 2);
		pfree(raw);
	}
	appendStringInfoChar(out, '"');
	pfree(piece.data);
}

static void
put_value(StringInfo out, const JsonbValue *value)
{
	if (value->type == jbvString)
		put_string(out, value->val.string.val, value->val.string.len);
	else if (value->type == jbvNumeric)
		appendStringInfoString(out, DatumGetCString(DirectFunctionCall1(
										numeric_out, NumericGetDatum(value->val.numeric))));
	else if (value->type == jbvBool)
		appendStringInfoString(out, value->val.boolean ? "true" : "false");
	else
		appendStringInfoString(out, "null");
}

char *
json_text(JsonbContainer *container)
{
	JsonbIterator *it = JsonbIteratorInit(container);
	JsonbIteratorToken token;
	JsonbValue value;
	bool first = true; /* nothing stands before it in its container */
	bool scalar = JsonContainerIsScalar(container);
	StringInfoData out;

	initStringInfo(&out);
	while ((token = JsonbIteratorNext(&it, &value, false)) != WJB_DONE)
	{
		bool ends = token == WJB_END_ARRAY || token == WJB_END_OBJECT;

		CHECK_FOR_INTERRUPTS();
		if (!first && !ends)
			appendStringInfoString(&out, ", ");
		first = token == WJB_BEGIN_ARRAY || token == WJB_BEGIN_OBJECT || token == WJB_KEY;
		if (token == WJB_BEGIN_OBJECT || token == WJB_END_OBJECT)
			appendStringInfoChar(&out, ends ? '}' : '{');
		else if (token == WJB_KEY)
		{
			put_string(&out, value.val.string.val, value.val.string.len);
			appendStringInfoString(&out, ": ");
		}
		else if (token == WJB_ELEM || token == WJB_VALUE)
			put_value(&out, &value);
		else if (!scalar)
			appendStringInfoChar(&out, ends ? ']' : '[');
	}
	return out.data;
}
