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

enum
{
	LEVEL_READ,
	LEVEL_WRITE,
	LEVEL_ADMIN
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
 * administration is a list of its own.  Those behind the leakproof operators are for the statements
 * of the extension alone: whoever else may call them can ask rows that a policy hides from him.
 * With $3 the views are there too.
 */
#define FUNCTIONS \
	"(SELECT p.proacl AS acl," \
	" format('threadmem.%I(%s)', p.proname, pg_get_function_identity_arguments(p.oid)) AS what," \
	" CASE WHEN p.proname = ANY ('{tenant_bind,grant_access,revoke_access,access_list,tenant_list,tenant_export,tenant_delete}') THEN 2" \
	" WHEN p.provolatile = 'v' THEN 1 ELSE 0 END AS level" \
	" FROM pg_depend d JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass" \
	" AND e.oid = d.refobjid AND e.extname = 'threadmem' AND d.deptype = 'e'" \
	" JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND p.oid = d.objid" \
	" WHERE p.prokind = 'f' AND NOT p.proleakproof AND p.proname !~ '^(install_|keys_|tenant_query$)') o"
static Stmt tenant_objects_of_level = {
	"SELECT coalesce(string_agg(o.what, ', ' ORDER BY o.what), '') FROM " FUNCTIONS
	" WHERE $1 IS NOT NULL AND o.level BETWEEN $2 AND $3",
	"ii"};
#define VIEWS \
	"(SELECT c.relacl AS acl, c.oid::regclass::text AS what FROM pg_class c" \
	" JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'" \
	" JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'threadmem'" \
	" WHERE d.refclassid = 'pg_extension'::regclass AND 'security_barrier=true' = ANY (c.reloptions)) v"
/* All of them, or with $2 those that the role was granted. */
static Stmt tenant_views = {
	"SELECT string_agg(v.what, ', ' ORDER BY v.what) FROM " VIEWS " WHERE $1 IS NOT NULL"
	" AND ($2 IS NULL OR EXISTS (SELECT FROM aclexplode(v.acl) g JOIN pg_roles r ON r.oid = g.grantee"
	" WHERE r.rolname = $2))",
	"t"};
/* Who gave the role what it is not to have, above level $3 or views, and alone can take it. */
static Stmt tenant_other_grantors = {
	"SELECT string_agg(DISTINCT quote_ident(r.rolname), ', ')"
	" FROM (SELECT o.acl, o.level >= $3 AS above FROM " FUNCTIONS
	" UNION ALL SELECT v.acl, NOT $4 FROM " VIEWS ") h, aclexplode(h.acl) g"
	" JOIN pg_roles r ON r.oid = g.grantor WHERE $1 IS NOT NULL"
	" AND g.grantee = to_regrole(quote_ident($2)) AND (h.above OR g.is_grantable AND $3 <= 2)",
	"tib"};

static char *
names_between(Call *call, int from, int to)
{
	NullableDatum args[] = {ARG(Int32GetDatum(from)), ARG(Int32GetDatum(to))};

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

/*
 * Takes what a lower level does not have, and from whom the role passed it on to.  PostgreSQL lets
 * everybody take back only what he gave, without a word about the rest.
 */
static void
take_above(Call *call, NullableDatum role_name, int from, bool keeps_views)
{
	char *role = text_or_null(role_name);
	const char *whose = psprintf("FROM %s CASCADE", quote_identifier(role));
	NullableDatum args[] = {role_name, ARG(Int32GetDatum(from)), ARG(BoolGetDatum(keeps_views))};
	char *views = keeps_views ? NULL : view_names(call, role_name);
	char *names = names_between(call, from, LEVEL_ADMIN);
	char *grantors;

	if (views)
		query_as_caller(psprintf("REVOKE ALL ON %s %s", views, whose));
	if (*names)
		query_as_caller(psprintf("REVOKE ALL ON FUNCTION %s %s", names, whose));
	if (from == LEVEL_READ)
		query_as_caller(psprintf("REVOKE ALL ON SCHEMA threadmem %s", whose));
	else if (from <= LEVEL_ADMIN)
	{
		names = names_between(call, LEVEL_READ, from - 1);
		query_as_caller(psprintf("REVOKE GRANT OPTION FOR ALL ON FUNCTION %s %s", names, whose));
		query_as_caller(psprintf("REVOKE GRANT OPTION FOR ALL ON SCHEMA threadmem %s", whose));
		names = view_names(call, role_name);
		if (names)
			query_as_caller(psprintf("REVOKE GRANT OPTION FOR ALL ON %s %s", names, whose));
	}
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
	static const char *const levels[] = {"read", "write", "admin", NULL};
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
	take_above(&call, fcinfo->args[GRANT_ROLE_NAME], level + 1, joins);
	query_as_caller(psprintf("GRANT USAGE ON SCHEMA threadmem TO %s", to));
	query_as_caller(psprintf("GRANT EXECUTE ON FUNCTION %s TO %s",
							 names_between(&call, LEVEL_READ, level), to));
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
	take_above(&call, fcinfo->args[0], LEVEL_READ, false);
	return query_done(&call);
}

/* A bound role without grants is there as well: what it may is another's to give. */
static Stmt tenant_access_of_roles = {
	"SELECT r.rolname::text, CASE r.level WHEN 2 THEN 'admin' WHEN 1 THEN 'write' WHEN 0 THEN 'read' END,"
	" r.joins, b.tenant_id, coalesce(b.any_tenant, false)"
	" FROM (SELECT coalesce(g.rolname, n.role_name) AS rolname, g.level, coalesce(g.joins, false) AS joins"
	" FROM threadmem_data.tenant_roles n FULL JOIN (SELECT a.rolname, max(x.level) AS level,"
	" bool_or(x.joins) AS joins FROM (SELECT l.grantee, NULL::integer AS level, true AS joins"
	" FROM pg_class c, aclexplode(c.relacl) l WHERE c.relnamespace = 'threadmem'::regnamespace"
	" AND c.relname = 'threads' AND l.privilege_type = 'SELECT' UNION ALL"
	" SELECT l.grantee, CASE p.proname WHEN 'tenant_bind' THEN 2 WHEN 'thread_create' THEN 1 ELSE 0 END,"
	" false FROM pg_proc p, aclexplode(p.proacl) l WHERE p.pronamespace = 'threadmem'::regnamespace"
	" AND p.proname IN ('tenant_bind', 'thread_create', 'thread_get')) x"
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

	query_begin(&call, fcinfo);
	query_open_set(&call);
	for (bool more = query_first_tenant(&call, true); more; more = query_next_tenant(&call, true))
		query_put(&call, &call.tenant, nulls, 1);
	return query_close_set(&call);
}
