/*
 * tenant.c: which role works for which tenant, and what a role may do.
 */
#include "query.h"

#include "catalog/namespace.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(threadmem_tenant_bind);
PG_FUNCTION_INFO_V1(threadmem_grant_access);
PG_FUNCTION_INFO_V1(threadmem_install_compression);

enum
{
	LEVEL_READ,
	LEVEL_WRITE,
	LEVEL_ADMIN
};

static Stmt bind = {
	"INSERT INTO threadmem.tenant_roles (tenant_id, role_name) VALUES ($3, to_regrole(quote_ident($2)))"
	" ON CONFLICT (role_name) DO UPDATE SET tenant_id = excluded.tenant_id",
	"tt"};
static Stmt unbind = {
	"DELETE FROM threadmem.tenant_roles WHERE role_name = to_regrole(quote_ident($2)) AND $1 IS NOT NULL",
	"t"};

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
	/* Row security would let an unbinding change nothing without a word. */
	if (!has_bypassrls_privilege(GetUserId()))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("permission denied to bind roles"),
				 errhint("Only superusers bind roles to tenants.")));
	query_exec(&call, fcinfo->args[1].isnull ? &unbind : &bind, fcinfo->args);
	CacheInvalidateRelcacheByRelid(
		get_relname_relid("tenant_roles", get_namespace_oid("threadmem", false)));
	return query_void(&call);
}

/* An administrator may pass on what it was given. */
static void
grant(const char *what, const char *role, int level)
{
	char *sql = psprintf("GRANT %s TO %s%s", what, quote_identifier(role),
						 level == LEVEL_ADMIN ? " WITH GRANT OPTION" : "");

	if (SPI_execute(sql, false, 0) != SPI_OK_UTILITY)
		elog(ERROR, "could not execute \"%s\"", sql);
}

/* Grants a privilege on each of the objects that a statement names. */
static void
grant_each(Call *call, Stmt *names, int level, const char *privilege, const char *role)
{
	NullableDatum arg = ARG(Int32GetDatum(level));
	uint64 count = query_exec(call, names, &arg);
	SPITupleTable *rows = SPI_tuptable;

	for (uint64 i = 0; i < count; i++)
		grant(psprintf("%s%s", privilege, TextDatumGetCString(table_datum(rows, i + 1, 1))), role,
			  level);
}

/* Reading functions are those that are not VOLATILE; administration is a list of its own. */
static Stmt functions_of_level = {
	"SELECT format('threadmem.%I(%s)', p.proname, pg_get_function_identity_arguments(p.oid))"
	" FROM pg_proc p WHERE p.pronamespace = 'threadmem'::regnamespace AND $1 IS NOT NULL"
	" AND CASE WHEN p.proname = ANY ('{tenant_bind,grant_access,install_compression}') THEN 2"
	" WHEN p.provolatile = 'v' THEN 1 ELSE 0 END <= $2 ORDER BY 1",
	"i"};
/* Who writes tenant_roles decides over every tenant. */
static Stmt tables_to_write = {
	"SELECT c.oid::regclass::text FROM pg_class c"
	" WHERE c.relnamespace = 'threadmem'::regnamespace AND c.relkind = 'r' AND $1 IS NOT NULL"
	" AND $2 >= CASE c.relname WHEN 'tenant_roles' THEN 2 ELSE 1 END ORDER BY 1",
	"i"};

Datum
threadmem_grant_access(PG_FUNCTION_ARGS)
{
	static const char *const levels[] = {"read", "write", "admin", NULL};
	Call call;
	char *role;
	int level;

	query_begin(&call, fcinfo);
	role = text_or_null(fcinfo->args[0]);
	guard_role(role);
	level = fcinfo->args[1].isnull ? LEVEL_WRITE : guard_choice("level", fcinfo->args[1], levels);
	grant("USAGE ON SCHEMA threadmem", role, level);
	grant("SELECT ON ALL TABLES IN SCHEMA threadmem", role, level);
	grant_each(&call, &tables_to_write, level, "INSERT, UPDATE, DELETE ON ", role);
	grant_each(&call, &functions_of_level, level, "EXECUTE ON FUNCTION ", role);
	return query_void(&call);
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
		if (SPI_execute(TextDatumGetCString(table_datum(rows, i + 1, 1)), false, 0) !=
			SPI_OK_UTILITY)
			elog(ERROR, "could not set compression");
	return query_void(&call);
#else
	PG_RETURN_NULL();
#endif
}
