/*
 * threadmem/function.c: functions of the application's, by name.
 *
 * They are called between statements, as whoever calls us. The search_path of our functions is
 * pinned, so a name without schema would mean something else; and what is behind pg_temp may be
 * anybody's.
 */
#include "threadmem/threadmem.h"

#include "catalog/namespace.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_proc.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "parser/parse_func.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/varlena.h"

static char *
list_of_types(const Oid *types, int count)
{
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; i < count; i++)
		appendStringInfo(&list, "%s%s", i > 0 ? ", " : "", format_type_be(types[i]));
	return list.data;
}

static Oid
find_function(const char *name, const Oid *types, int count, const char **wrong)
{
	List *names = NIL;
	List *parts;
	ListCell *cell;
	Oid function;

	*wrong = NULL;
	if (!SplitIdentifierString(pstrdup(name), '.', &parts))
		*wrong = "is no name of a function.";
	else if (list_length(parts) != 2)
		*wrong = "is not a name with a schema.";
	else if (strcmp(linitial(parts), "pg_temp") == 0 ||
			 isTempNamespace(get_namespace_oid(linitial(parts), true)))
		*wrong = "is of a temporary schema.";
	if (*wrong)
		return InvalidOid;
	foreach (cell, parts)
		names = lappend(names, makeString(lfirst(cell)));
	function = LookupFuncName(names, count, types, true);
	if (!OidIsValid(function))
		*wrong = psprintf("is no function that takes (%s).", list_of_types(types, count));
	return function;
}

static bool
gives(Oid function, Oid result)
{
	HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Form_pg_proc proc;
	bool good;

	if (!HeapTupleIsValid(tuple))
		return false;
	proc = (Form_pg_proc)GETSTRUCT(tuple);
	good = proc->prokind == PROKIND_FUNCTION && !proc->proretset && proc->prorettype == result;
	ReleaseSysCache(tuple);
	return good;
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

const char *
function_open(FmgrInfo *opened, const char *name, const Oid *types, int count, Oid result)
{
	const char *wrong;
	Oid function;

	if (InSecurityRestrictedOperation())
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("\"%s\" cannot be called in a security-restricted operation", name),
						errhint("Not from an index, a materialized view or maintenance.")));
	function = find_function(name, types, count, &wrong);
	if (wrong)
		return wrong;
	if (!gives(function, result))
		return psprintf("does not return %s.", format_type_be(result));
	check_permission(function);
	fmgr_info(function, opened);
	return NULL;
}
