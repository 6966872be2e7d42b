/*
 * shape/accept.c: JSON text that jsonb would refuse for one character.
 *
 * Models and tools do write \u0000 and halves of surrogate pairs; jsonb holds neither.  Such
 * escapes are found here, all other mistakes of syntax are left to jsonb's own parser.
 */
#include "shape/shape.h"

#include <ctype.h>

#include "miscadmin.h"
#include "utils/builtins.h"

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

Datum
shape_accept(Datum json)
{
	char *document = TextDatumGetCString(json);
	char *bad = document;

	while ((bad = find_bad_escape(bad)) != NULL)
	{
		if (setting_bad_unicode == UNICODE_ERROR)
			error_bad_input_hint("document",
								 "Set threadmem.bad_unicode to replace to have U+FFFD in place of "
								 "such characters.",
								 "jsonb cannot hold the escape %.*s at byte %zu.", ESCAPE_BYTES,
								 bad, (size_t)(bad - document) + 1);
		memcpy(bad, "\\ufffd", ESCAPE_BYTES);
		bad += ESCAPE_BYTES;
	}
	return JsonbPGetDatum(json_of_text(document));
}

Datum
threadmem_json_accept(PG_FUNCTION_ARGS)
{
	return shape_accept(PG_GETARG_DATUM(0));
}
