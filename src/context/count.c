/*
 * context/count.c: what a text costs.
 *
 * Every model cuts text into tokens in its own way, so an application may name a function that
 * does. It is called with the rights of who asks for the context.
 */
#include "context/context.h"

#include "catalog/namespace.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "parser/parse_func.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/varlena.h"

#define SETTING "threadmem.token_counter"

pg_noreturn static void
error_counter(const char *wrong)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("invalid value for setting \"%s\"", SETTING),
					errdetail("\"%s\" %s", setting_token_counter, wrong),
					errhint("Name a function (text) RETURNS integer, with its schema.")));
}

/*
 * The search_path of our functions is pinned, so a name without schema would mean something else. A
 * function of the session's own schema is refused: the setting is a superuser's, what is behind
 * pg_temp anybody's.
 */
static Oid
find_function(void)
{
	Oid types[] = {TEXTOID};
	List *names = NIL;
	List *parts;
	ListCell *cell;
	Oid function;

	if (!SplitIdentifierString(pstrdup(setting_token_counter), '.', &parts))
		error_counter("is no name of a function.");
	if (list_length(parts) != 2)
		error_counter("is not a name with a schema.");
	foreach (cell, parts)
		names = lappend(names, makeString(lfirst(cell)));
	if (strcmp(linitial(parts), "pg_temp") == 0 ||
		isTempNamespace(get_namespace_oid(linitial(parts), true)))
		error_counter("is of a temporary schema.");
	function = LookupFuncName(names, 1, types, true);
	if (!OidIsValid(function))
		error_counter("is no function that takes one text.");
	return function;
}

static void
check_function(Oid function)
{
	HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Form_pg_proc proc;
	bool good;

	if (!HeapTupleIsValid(tuple))
		error_counter("is no function that takes one text.");
	proc = (Form_pg_proc)GETSTRUCT(tuple);
	good = proc->prokind == PROKIND_FUNCTION && !proc->proretset && proc->prorettype == INT4OID;
	ReleaseSysCache(tuple);
	if (!good)
		error_counter("does not return an integer.");
}

static void
check_permission(Oid function)
{
#if PG_VERSION_NUM >= 160000
	AclResult result = object_aclcheck(ProcedureRelationId, function, GetUserId(), ACL_EXECUTE);
#else
	AclResult result = pg_proc_aclcheck(function, GetUserId(), ACL_EXECUTE);
#endif

	if (result != ACLCHECK_OK)
		aclcheck_error(result, OBJECT_FUNCTION, get_func_name(function));
	InvokeFunctionExecuteHook(function);
}

void
counter_open(TokenCounter *counter)
{
	Oid function;

	memset(counter, 0, sizeof(TokenCounter));
	if (*setting_token_counter == '\0')
		return;
	if (InSecurityRestrictedOperation())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("\"%s\" cannot be called in a security-restricted operation", SETTING),
				 errhint("Not from an index, a materialized view or maintenance.")));
	function = find_function();
	check_function(function);
	check_permission(function);
	counter->name = setting_token_counter;
	fmgr_info(function, &counter->function);
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
