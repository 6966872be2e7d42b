/*
 * admin/help.c: a function of ours as text, from the catalog and its comment.
 */
#include "query/query.h"

#include "utils/formatting.h"
#include "utils/varlena.h"

PG_FUNCTION_INFO_V1(threadmem_help);

#define NEAR_NAMES 5

/* Of each function of the name, the one for an id of type uuid last. A default without its cast is
 * what the caller would write. */
static Stmt admin_help_of = {
	"SELECT string_agg(format(E'threadmem.%s(%s)\nRETURNS %s\n\n%s', p.proname, a.list,"
	" pg_get_function_result(p.oid), obj_description(p.oid, 'pg_proc')), E'\n\n'"
	" ORDER BY 'uuid'::regtype = ANY (p.proargtypes), p.pronargs)"
	" FROM pg_proc p, LATERAL (SELECT coalesce(string_agg(E'\n    ' || concat_ws(' ',"
	" p.proargnames[n], format_type(p.proargtypes[n - 1], NULL), 'DEFAULT '"
	" || regexp_replace(pg_get_function_arg_default(p.oid, n), '::[a-z ]+(\\[\\])?$', '')),"
	" ',' ORDER BY n), '') AS list FROM generate_series(1, p.pronargs) n) a"
	" WHERE $1 IS NOT NULL AND p.pronamespace = 'threadmem'::regnamespace AND p.proname = $2",
	"t"};
static Stmt admin_help_names = {
	"SELECT h.name FROM threadmem.help() h WHERE $1 IS NOT NULL GROUP BY 1 ORDER BY 1", ""};

typedef struct NearName
{
	char *name;
	int distance;
} NearName;

/* thread_copy of "Threadmem.Thread_Copy(text)". */
static char *
plain_name(const char *given)
{
	char *name = asc_tolower(given, strlen(given));
	char *end;

	if (strncmp(name, "threadmem.", 10) == 0)
		name += 10;
	end = strchr(name, '(');
	if (end)
		*end = '\0';
	return name;
}

/* Whether all words of what was asked for are in a name, in any order: copy_thread, copy. */
static bool
has_words(const char *name, const char *asked)
{
	char *words = pstrdup(asked);
	char *rest;

	for (char *word = strtok_r(words, "_ ", &rest); word; word = strtok_r(NULL, "_ ", &rest))
		if (!strstr(name, word))
			return false;
	return true;
}

static int
by_distance(const ListCell *a, const ListCell *b)
{
	const NearName *one = lfirst(a);
	const NearName *other = lfirst(b);

	return one->distance != other->distance ? one->distance - other->distance
											: strcmp(one->name, other->name);
}

/* The names that have its words, then those that are a few letters from it; NULL for none. */
static char *
near_names(Call *call, const char *asked)
{
	int length = (int)strlen(asked);
	List *found = NIL;
	StringInfoData names;
	uint64 rows;

	rows = query_exec(call, &admin_help_names, NULL);
	for (uint64 row = 1; row <= rows; row++)
	{
		NearName *near = palloc(sizeof(NearName));

		near->name = row_text(row, 1);
		near->distance = has_words(near->name, asked)
							 ? -1
							 : varstr_levenshtein(near->name, (int)strlen(near->name), asked,
												  length, 1, 1, 1, true);
		if (near->distance <= 1 + length / 4)
			found = lappend(found, near);
	}
	if (found == NIL)
		return NULL;
	list_sort(found, by_distance);
	initStringInfo(&names);
	for (int i = 0; i < list_length(found) && i < NEAR_NAMES; i++)
		appendStringInfo(&names, "%s%s", i ? ", " : "", ((NearName *)list_nth(found, i))->name);
	return names.data;
}

Datum
threadmem_help(PG_FUNCTION_ARGS)
{
	Call call;
	char *name;
	char *found;
	char *near;
	NullableDatum arg;

	query_begin(&call, fcinfo);
	name = plain_name(text_or_null(fcinfo->args[0]));
	if (strlen(name) < 1 || strlen(name) >= NAMEDATALEN)
		error_bad_input("function_name", "A name has 1 to %d bytes, this one has %zu.",
						NAMEDATALEN - 1, strlen(name));
	arg = ARG_TEXT(name);
	query_first(&call, &admin_help_of, &arg);
	found = row_text_or_null(1, 1);
	if (found)
		return query_return(&call, ARG_TEXT(found), false, -1);
	near = near_names(&call, name);
	ereport(ERROR, (errcode(ERRCODE_NO_DATA_FOUND), errmsg("function not found"),
					errdetail("threadmem has no function \"%s\".", name),
					errhint("%sSELECT * FROM threadmem.help() lists all.",
							near ? psprintf("It may be one of: %s. ", near) : "")));
}
