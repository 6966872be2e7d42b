/*
 * tenant.c: which role works for which tenant, and what a role may do.
 */
#include "query.h"

#include "catalog/namespace.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(threadmem_tenant_bind);
PG_FUNCTION_INFO_V1(threadmem_grant_access);
PG_FUNCTION_INFO_V1(threadmem_install_compression);

static Stmt bind = {
	"INSERT INTO threadmem.tenant_roles (tenant_id, role_name) VALUES ($3, $2::name)"
	" ON CONFLICT (role_name) DO UPDATE SET tenant_id = excluded.tenant_id",
	"tt"};
static Stmt unbind = {
	"DELETE FROM threadmem.tenant_roles WHERE role_name = $2::name AND $1 IS NOT NULL", "t"};

static void
guard_role(const char *role)
{
	if (!OidIsValid(get_role_oid(role, true)))
		error_bad_input("role_name", "Role \"%s\" does not exist.", role);
}

Datum
threadmem_tenant_bind(PG_FUNCTION_ARGS)
{
	Call call;
	char *role;

	query_begin(&call, fcinfo);
	role = text_or_null(fcinfo->args[0]);
	guard_role(role);
	if (fcinfo->args[1].isnull)
		query_exec(&call, &unbind, fcinfo->args);
	else
	{
		char *tenant = text_or_null(fcinfo->args[1]);

		guard_tenant(tenant, (int)strlen(tenant));
		query_exec(&call, &bind, fcinfo->args);
	}
	CacheInvalidateRelcacheByRelid(
		get_relname_relid("tenant_roles", get_namespace_oid("threadmem", false)));
	return query_null(&call);
}

static void
grant(const char *what, const char *role)
{
	char *sql = psprintf("GRANT %s TO %s", what, quote_identifier(role));

	if (SPI_execute(sql, false, 0) != SPI_OK_UTILITY)
		elog(ERROR, "could not execute \"%s\"", sql);
}

/*
 * Reading functions are those that are not VOLATILE; administration is a list of its own, because
 * what it does goes beyond a tenant.
 */
static Stmt functions_of_level = {
	"SELECT format('%I.%I(%s)', 'threadmem', p.proname, pg_get_function_identity_arguments(p.oid)) FROM pg_proc p"
	" WHERE p.pronamespace = 'threadmem'::regnamespace AND $1 IS NOT NULL"
	" AND CASE WHEN p.proname = ANY ('{tenant_bind,grant_access,install_compression}') THEN 2"
	" WHEN p.provolatile = 'v' THEN 1 ELSE 0 END <= $2 ORDER BY 1",
	"i"};

Datum
threadmem_grant_access(PG_FUNCTION_ARGS)
{
	static const char *const levels[] = {"read", "write", "admin", NULL};
	Call call;
	NullableDatum level;
	char *role;

	query_begin(&call, fcinfo);
	role = text_or_null(fcinfo->args[0]);
	guard_role(role);
	level = ARG(Int32GetDatum(guard_choice("level", fcinfo->args[1], levels)));
	grant("USAGE ON SCHEMA threadmem", role);
	grant("SELECT ON ALL TABLES IN SCHEMA threadmem", role);
	if (DatumGetInt32(level.value) > 0)
		grant("INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA threadmem", role);
	if (query_exec(&call, &functions_of_level, &level) > 0)
	{
		SPITupleTable *rows = SPI_tuptable;

		for (uint64 i = 0; i < rows->numvals; i++)
			grant(psprintf("EXECUTE ON FUNCTION %s", SPI_getvalue(rows->vals[i], rows->tupdesc, 1)),
				  role);
	}
	return query_null(&call);
}

/*
 * lz4 takes a fifth of pglz's time for the same size, but a server may have been built without it:
 * only C knows.  Run once by the install script.
 */
Datum
threadmem_install_compression(PG_FUNCTION_ARGS)
{
#ifdef USE_LZ4
	static Stmt wide_columns = {
		"SELECT format('ALTER TABLE %s ALTER COLUMN %I SET COMPRESSION lz4', c.oid::regclass, attname)"
		" FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
		" WHERE c.relnamespace = 'threadmem'::regnamespace AND c.relkind = 'r' AND $1 IS NOT NULL"
		" AND a.attnum > 0 AND NOT a.attisdropped AND a.attstorage = 'x'",
		""};
	Call call;
	SPITupleTable *rows;

	query_begin(&call, fcinfo);
	query_exec(&call, &wide_columns, NULL);
	rows = SPI_tuptable;
	for (uint64 i = 0; i < rows->numvals; i++)
		if (SPI_execute(SPI_getvalue(rows->vals[i], rows->tupdesc, 1), false, 0) != SPI_OK_UTILITY)
			elog(ERROR, "could not set compression");
	return query_null(&call);
#else
	PG_RETURN_NULL();
#endif
}
