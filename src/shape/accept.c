/*
 * shape/accept.c: JSON text that jsonb would refuse for one character.
 *
 * Models and tools do write \u0000 and halves of surrogate pairs; jsonb holds neither.  Such
 * escapes are found here, all other mistakes of syntax are left to jsonb's own parser.
 */
#include "shape/shape.h"

#include <ctype.h>

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/formatting.h"

#include "json_patch/json_patch.h"

PG_FUNCTION_INFO_V1(threadmem_json_accept);

#define ESCAPE_BYTES 6 /* \uXXXX */

/* The code unit of an escape, -1 where none begins. */
static int
code_unit(const char *at)
{
	int unit = 0;

	if (at[0] != '\\' || at[1] != 'u')
		return -1;
	for (int i = 2; i < ESCAPE_BYTES; i++)
	{
		if (!isxdigit((unsigned char)at[i]))
			return -1;
		unit =
			unit * 16 + (isdigit((unsigned char)at[i]) ? at[i] - '0' : (at[i] | 0x20) - 'a' + 10);
	}
	return unit;
}

static bool
is_high_surrogate(int unit)
{
	return unit >= 0xd800 && unit <= 0xdbff;
}

static bool
is_low_surrogate(int unit)
{
	return unit >= 0xdc00 && unit <= 0xdfff;
}

/* The first escape at or after this place that jsonb cannot hold, NULL when there is none. */
static char *
find_bad_escape(char *at)
{
	while ((at = strchr(at, '\\')) != NULL)
	{
		int unit = code_unit(at);

		CHECK_FOR_INTERRUPTS();
		if (is_high_surrogate(unit) && is_low_surrogate(code_unit(at + ESCAPE_BYTES)))
			at += 2 * ESCAPE_BYTES;
		else if (unit == 0 || is_high_surrogate(unit) || is_low_surrogate(unit))
			return at;
		else if (at[1] == '\0')
			return NULL;
		else
			at += 2; /* so that the second of two backslashes begins nothing */
	}
	return NULL;
}

#define HINT_REPLACE \
	"Set threadmem.bad_unicode to replace to have U+FFFD in place of such characters."

static void
replace_bad_escape(const char *argument, const char *document, char *bad)
{
	if (setting_bad_unicode == UNICODE_ERROR)
		error_bad_input_hint(argument, HINT_REPLACE,
							 "jsonb cannot hold the escape %.*s at byte %zu.", ESCAPE_BYTES, bad,
							 (size_t)(bad - document) + 1);
	memcpy(bad, "\\ufffd", ESCAPE_BYTES);
}

void
shape_mend(const char *argument, char *json)
{
	for (char *bad = json; (bad = find_bad_escape(bad)) != NULL; bad += ESCAPE_BYTES)
		replace_bad_escape(argument, json, bad);
}

Datum
shape_accept(Datum json)
{
	char *document = TextDatumGetCString(json);

	shape_mend("document", document);
	return JsonbPGetDatum(json_of_text(document));
}

/* The JSON without the blanks around it; 22023 when it is no string. */
static char *
json_string(const char *argument, const char *json)
{
	size_t length;

	json += strspn(json, " \t\r\n");
	length = strlen(json);
	while (length > 0 && strchr(" \t\r\n", json[length - 1]))
		length--;
	if (length < 2 || json[0] != '"' || json[length - 1] != '"')
		error_bad_input(argument, "It must be a JSON string.");
	return pnstrdup(json, length);
}

Datum
shape_piece(const char *argument, const char *json, const char *before, char **half)
{
	char *string = json_string(argument, json);
	char *bad;
	JsonbValue value;

	*half = NULL;
	if (before)
		string = psprintf("\"\\u%s%s", before, string + 1);
	for (bad = string; (bad = find_bad_escape(bad)) != NULL; bad += ESCAPE_BYTES)
	{
		if (is_high_surrogate(code_unit(bad)) && strcmp(bad + ESCAPE_BYTES, "\"") == 0)
		{
			*half = asc_tolower(bad + 2, ESCAPE_BYTES - 2);
			strcpy(bad, "\"");
			break;
		}
		replace_bad_escape(argument, string, bad);
	}
	if (!JsonbExtractScalar(&json_of_text(string)->root, &value) || value.type != jbvString)
		error_bad_input(argument, "It must be a JSON string.");
	return PointerGetDatum(cstring_to_text_with_len(value.val.string.val, value.val.string.len));
}

Datum
shape_after_half(const char *argument, Datum piece, const char *before)
{
	if (setting_bad_unicode == UNICODE_ERROR)
		error_bad_input_hint(argument, HINT_REPLACE,
							 "The piece before ended with half of a character, \\u%s, and this one "
							 "does not begin with the other half.",
							 before);
	return CStringGetTextDatum(psprintf("%s%s", shape_replacement(), TextDatumGetCString(piece)));
}

/* Where the database has no such character, what conversions write. */
const char *
shape_replacement(void)
{
	return GetDatabaseEncoding() == PG_UTF8 ? "\xef\xbf\xbd" : "?";
}

Datum
threadmem_json_accept(PG_FUNCTION_ARGS)
{
	return shape_accept(PG_GETARG_DATUM(0));
}
