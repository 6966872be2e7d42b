/*
 * context/count.c: what a text costs.
 *
 * Every model cuts text into tokens in its own way, so an application may name a function that
 * does. It is called with the rights of who asks for the context.
 */
#include "context/context.h"

#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"

#define SETTING "threadmem.token_counter"

pg_noreturn static void
error_counter(const char *wrong)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("invalid value for setting \"%s\"", SETTING),
					errdetail("\"%s\" %s", setting_token_counter, wrong),
					errhint("Name a function (text) RETURNS integer, with its schema.")));
}

void
counter_open(TokenCounter *counter)
{
	Oid types[] = {TEXTOID};
	const char *wrong;

	memset(counter, 0, sizeof(TokenCounter));
	if (*setting_token_counter == '\0')
		return;
	wrong =
		function_open(&counter->function, setting_token_counter, types, lengthof(types), INT4OID);
	if (wrong)
		error_counter(wrong);
	counter->name = setting_token_counter;
}

int64
counter_count(TokenCounter *counter, text *prompt)
{
	LOCAL_FCINFO(fcinfo, 1);
	Datum count;

	if (!counter->name)
		return script_tokens(VARDATA_ANY(prompt), (int)VARSIZE_ANY_EXHDR(prompt));
	InitFunctionCallInfoData(*fcinfo, &counter->function, 1, DEFAULT_COLLATION_OID, NULL, NULL);
	fcinfo->args[0] = ARG(PointerGetDatum(prompt));
	count = FunctionCallInvoke(fcinfo);
	if (fcinfo->isnull)
		error_counter("gave null instead of a count.");
	if (DatumGetInt32(count) < 0)
		error_counter("gave a count below 0.");
	return DatumGetInt32(count);
}
