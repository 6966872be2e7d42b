/*
 * tenant/tenant.c: which role works for which tenant, and what a role may do.
 *
 * Grants are given and taken as the caller, who must have them to pass on.  No role ever gets a
 * right on a table.
 */
#include "query/query.h"

#include "catalog/namespace.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(threadmem_tenant_bind);
PG_FUNCTION_INFO_V1(threadmem_grant_access);
PG_FUNCTION_INFO_V1(threadmem_revoke_access);
PG_FUNCTION_INFO_V1(threadmem_access_list);
PG_FUNCTION_INFO_V1(threadmem_tenant_list);

/* Each has what the one before it has, but for the operator, who has some of several. */
enum
{
	LEVEL_NONE = -1,
	LEVEL_READ,
	LEVEL_WRITE,
	LEVEL_ADMIN,
	LEVEL_OPERATOR
};

static Stmt tenant_bind = {
	"INSERT INTO threadmem_data.tenant_roles (role_name, tenant_id, any_tenant)"
	" SELECT $2::name, $3, $4 WHERE $1 IS NOT NULL ON CONFLICT (role_name)"
	" DO UPDATE SET tenant_id = excluded.tenant_id, any_tenant = excluded.any_tenant",
	"ttb"};
static Stmt tenant_unbind = {"DELETE FROM threadmem_data.tenant_roles"
							 " WHERE role_name = $2::name AND $1 IS NOT NULL",
							 "t"};

static void
guard_role(const char *role)
{
	if (!OidIsValid(get_role_oid(role, true)))
		error_bad_input_hint(
			"role_name", psprintf("Create it first: CREATE ROLE %s LOGIN;", quote_identifier(role)),
			"Role \"%s\" does not exist.", role);
}

enum
{
	BIND_ROLE_NAME,
	BIND_TENANT_ID,
	BIND_ANY_TENANT
};

/* A role that is gone can be unbound: its name would bind who is made under it next. */
Datum
threadmem_tenant_bind(PG_FUNCTION_ARGS)
{
	Call call;
	bool any_tenant = bool_or(fcinfo->args[BIND_ANY_TENANT], false);
	bool is_bound = !fcinfo->args[BIND_TENANT_ID].isnull;
	NullableDatum args[] = {fcinfo->args[BIND_ROLE_NAME], fcinfo->args[BIND_TENANT_ID],
							ARG(BoolGetDatum(any_tenant))};

	query_begin(&call, fcinfo);
	if (is_bound && any_tenant)
		error_bad_input("any_tenant", "A role that is bound to a tenant is not free to choose.");
	if (is_bound || any_tenant)
		guard_role(text_or_null(fcinfo->args[BIND_ROLE_NAME]));
	if (!has_bypassrls_privilege(GetUserId()))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("permission denied to bind roles"),
				 errhint("Only superusers bind roles to tenants.")));
	query_exec(&call, is_bound || any_tenant ? &tenant_bind : &tenant_unbind, args);
	CacheInvalidateRelcacheByRelid(
		get_relname_relid("tenant_roles", get_namespace_oid("threadmem_data", false)));
	return query_done(&call);
}

/*
 * What of the extension a level has: reading functions are those that are not VOLATILE, the
 * administration is a list of its own, and so is what an operator needs: nothing that gives a body,
 * and of what is about all tenants nothing that is an administrator's to pass on. Those behind the
 * leakproof operators are for the statements of the extension alone: whoever else may call them can
 * ask rows that a policy hides from him.
 */
#define FUNCTIONS \
	"(SELECT p.proacl AS acl," \
	" format('threadmem.%I(%s)', p.proname, pg_get_function_identity_arguments(p.oid)) AS what," \
	" p.proname ~ '^tenants_' OR p.proname = ANY" \
	" ('{tenant_list,threadmem_stats,threadmem_verify,help}') AS operates," \
	" CASE WHEN p.proname ~ '^tenants_' THEN 3" \
	" WHEN p.proname = ANY ('{tenant_bind,grant_access,revoke_access,access_list,tenant_list,tenant_export,tenant_delete}') THEN 2" \
	" WHEN p.provolatile = 'v' THEN 1 ELSE 0 END AS level" \
	" FROM pg_depend d JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass" \
	" AND e.oid = d.refobjid AND e.extname = 'threadmem' AND d.deptype = 'e'" \
	" JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND p.oid = d.objid" \
	" WHERE p.prokind = 'f' AND NOT p.proleakproof AND p.proname !~ '^(install_|keys_|tenant_query$)') o"
#define HAS_IT(level) " CASE WHEN " level " = 3 THEN o.operates ELSE o.level <= " level " END"
#define GRANTED(acl, role) \
	" EXISTS (SELECT FROM aclexplode(" acl ") g JOIN pg_roles r ON r.oid = g.grantee" \
	" WHERE r.rolname = " role ")"
/* All that a level has; or of what role $3 was granted what it has ($4), or has not. */
static Stmt tenant_objects_of_level = {
	"SELECT coalesce(string_agg(o.what, ', ' ORDER BY o.what), '') FROM " FUNCTIONS
	" WHERE $1 IS NOT NULL AND" HAS_IT("$2") " = $4 AND ($3 IS NULL OR" GRANTED("o.acl", "$3") ")",
	"itb"};
#define VIEWS \
	"(SELECT c.relacl AS acl, c.oid::regclass::text AS what FROM pg_class c" \
	" JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'" \
	" JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'threadmem'" \
	" WHERE d.refclassid = 'pg_extension'::regclass AND 'security_barrier=true' = ANY (c.reloptions)) v"
/* All of them, or with $2 those that the role was granted. */
static Stmt tenant_views = {"SELECT string_agg(v.what, ', ' ORDER BY v.what) FROM " VIEWS
							" WHERE $1 IS NOT NULL"
							" AND ($2 IS NULL OR" GRANTED("v.acl", "$2") ")",
							"t"};
/* Who gave the role what it is not to have, beyond level $3 or views, and alone can take it. */
static Stmt tenant_other_grantors = {
	"SELECT string_agg(DISTINCT quote_ident(r.rolname), ', ')"
	" FROM (SELECT o.acl, NOT" HAS_IT(
		"$3") " AS beyond FROM " FUNCTIONS " UNION ALL SELECT v.acl, NOT $4 FROM " VIEWS
			  ") h, aclexplode(h.acl) g"
			  " JOIN pg_roles r ON r.oid = g.grantor WHERE $1 IS NOT NULL"
			  " AND g.grantee = to_regrole(quote_ident($2)) AND (h.beyond OR g.is_grantable AND $3 <> 2)",
	"tib"};

/* The functions of a level; with a role those it was granted, of the level or beyond it. */
static char *
function_names(Call *call, int level, NullableDatum granted_to, bool beyond)
{
	NullableDatum args[] = {ARG(Int32GetDatum(level)), granted_to, ARG(BoolGetDatum(!beyond))};

	query_first(call, &tenant_objects_of_level, args);
	return row_text(1, 1);
}

/* NULL for none. */
static char *
view_names(Call *call, NullableDatum granted_to)
{
	query_first(call, &tenant_views, &granted_to);
	return row_text_or_null(1, 1);
}

static void
take_grant_options(Call *call, NullableDatum role_name, int level, const char *whose)
{
	char *names = function_names(call, level, role_name, false);
	char *views = view_names(call, role_name);

	if (*names)
		query_as_caller(psprintf("REVOKE GRANT OPTION FOR ALL ON FUNCTION %s %s", names, whose));
	query_as_caller(psprintf("REVOKE GRANT OPTION FOR ALL ON SCHEMA threadmem %s", whose));
	if (views)
		query_as_caller(psprintf("REVOKE GRANT OPTION FOR ALL ON %s %s", views, whose));
}

/*
 * Takes what a level does not have, and from whom the role passed it on to.  PostgreSQL lets
 * everybody take back only what he gave, without a word about the rest.
 */
static void
take_beyond(Call *call, NullableDatum role_name, int level, bool keeps_views)
{
	char *role = text_or_null(role_name);
	const char *whose = psprintf("FROM %s CASCADE", quote_identifier(role));
	NullableDatum args[] = {role_name, ARG(Int32GetDatum(level)), ARG(BoolGetDatum(keeps_views))};
	char *views = keeps_views ? NULL : view_names(call, role_name);
	char *names = function_names(call, level, role_name, true);
	char *grantors;

	if (views)
		query_as_caller(psprintf("REVOKE ALL ON %s %s", views, whose));
	if (*names)
		query_as_caller(psprintf("REVOKE ALL ON FUNCTION %s %s", names, whose));
	if (level == LEVEL_NONE)
		query_as_caller(psprintf("REVOKE ALL ON SCHEMA threadmem %s", whose));
	else if (level != LEVEL_ADMIN)
		take_grant_options(call, role_name, level, whose);
	query_first(call, &tenant_other_grantors, args);
	grantors = row_text_or_null(1, 1);
	if (grantors)
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("role \"%s\" has access that another role gave it", role),
						errdetail("Granted by: %s.", grantors),
						errhint("Only who granted it takes it: SET ROLE, then "
								"revoke_access('%s').",
								role)));
}

enum
{
	GRANT_ROLE_NAME,
	GRANT_LEVEL,
	GRANT_JOINS
};

Datum
threadmem_grant_access(PG_FUNCTION_ARGS)
{
	static const char *const levels[] = {"read", "write", "admin", "operator", NULL};
	Call call;
	char *role;
	const char *to;
	int level;
	bool joins = bool_or(fcinfo->args[GRANT_JOINS], false);

	query_begin(&call, fcinfo);
	role = text_or_null(fcinfo->args[GRANT_ROLE_NAME]);
	guard_role(role);
	level = fcinfo->args[GRANT_LEVEL].isnull
				? LEVEL_WRITE
				: guard_choice("level", fcinfo->args[GRANT_LEVEL], levels);
	to = psprintf("%s%s", quote_identifier(role), level == LEVEL_ADMIN ? " WITH GRANT OPTION" : "");
	if (level == LEVEL_OPERATOR && joins)
		error_bad_input("joins", "An operator reads no row.");
	take_beyond(&call, fcinfo->args[GRANT_ROLE_NAME], level, joins);
	query_as_caller(psprintf("GRANT USAGE ON SCHEMA threadmem TO %s", to));
	query_as_caller(psprintf("GRANT EXECUTE ON FUNCTION %s TO %s",
							 function_names(&call, level, ARG_NULL, false), to));
	if (joins)
		query_as_caller(psprintf("GRANT SELECT ON %s TO %s", view_names(&call, ARG_NULL), to));
	return query_done(&call);
}

Datum
threadmem_revoke_access(PG_FUNCTION_ARGS)
{
	Call call;

	query_begin(&call, fcinfo);
	guard_role(text_or_null(fcinfo->args[0]));
	take_beyond(&call, fcinfo->args[0], LEVEL_NONE, false);
	return query_done(&call);
}

/* A bound role without grants is there as well: what it may is another's to give. */
static Stmt tenant_access_of_roles = {
	"SELECT r.rolname::text, CASE r.level WHEN 3 THEN 'operator' WHEN 2 THEN 'admin' WHEN 1 THEN 'write' WHEN 0 THEN 'read' END,"
	" r.joins, b.tenant_id, coalesce(b.any_tenant, false)"
	" FROM (SELECT coalesce(g.rolname, n.role_name) AS rolname, g.level, coalesce(g.joins, false) AS joins"
	" FROM threadmem_data.tenant_roles n FULL JOIN (SELECT a.rolname, max(x.level) AS level,"
	" bool_or(x.joins) AS joins FROM (SELECT l.grantee, NULL::integer AS level, true AS joins"
	" FROM pg_class c, aclexplode(c.relacl) l WHERE c.relnamespace = 'threadmem'::regnamespace"
	" AND c.relname = 'threads' AND l.privilege_type = 'SELECT' UNION ALL"
	" SELECT l.grantee, CASE p.proname WHEN '" OPERATORS_FUNCTION "' THEN 3"
	" WHEN 'tenant_bind' THEN 2 WHEN 'thread_create' THEN 1 ELSE 0 END,"
	" false FROM pg_proc p, aclexplode(p.proacl) l WHERE p.pronamespace = 'threadmem'::regnamespace"
	" AND p.proname IN ('" OPERATORS_FUNCTION "', 'tenant_bind', 'thread_create', 'thread_get')) x"
	" JOIN pg_roles a ON a.oid = x.grantee WHERE a.rolname <> 'threadmem_runner' AND NOT a.rolsuper"
	" GROUP BY 1) g ON g.rolname = n.role_name) r"
	" LEFT JOIN threadmem_data.tenant_roles b ON b.role_name = r.rolname"
	" WHERE $1 IS NOT NULL ORDER BY 1",
	""};

Datum
threadmem_access_list(PG_FUNCTION_ARGS)
{
	Call call;

	query_begin(&call, fcinfo);
	return query_set(&call, &tenant_access_of_roles, NULL);
}

Datum
threadmem_tenant_list(PG_FUNCTION_ARGS)
{
	bool nulls[] = {false};
	Call call;

	if (query_is_operator())
		query_begin_all(&call, fcinfo);
	else
	{
		query_begin(&call, fcinfo);
		query_require_free(false);
	}
	query_open_set(&call);
	for (bool more = query_first_tenant(&call, true); more; more = query_next_tenant(&call, true))
		query_put(&call, &call.tenant, nulls, 1);
	return query_close_set(&call);
}
