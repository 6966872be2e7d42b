/*
 * query/install.c: what the install script needs C for.  It runs before there is a role to switch
 * to, so all of it as the installing superuser.
 */
#include "query/query.h"
#include "query/runner.h"

#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(threadmem_install_roles);
PG_FUNCTION_INFO_V1(threadmem_install_tables);

/* A role stays when the extension goes, so the next one, also of another database, finds it. */
static void
judge_role(const char *name)
{
	char *members;

	if (row_bool(1, 1))
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("role \"%s\" exists already and is no role of this extension", name),
				 errdetail("It can log in, or has an attribute that gives rights of its own."),
				 errhint("Rename that role, or: ALTER ROLE %s NOLOGIN NOSUPERUSER NOCREATEDB "
						 "NOCREATEROLE NOREPLICATION NOBYPASSRLS;",
						 name)));
	members = row_text_or_null(1, 2);
	if (members)
		ereport(WARNING, (errmsg("role \"%s\" has members: %s", name, members),
						  errdetail("They can read the rows of every tenant."),
						  errhint("REVOKE %s FROM them.", name)));
}

static void
make_role(const char *name)
{
	if (query_as_caller(psprintf(
			"SELECT rolcanlogin OR rolsuper OR rolcreatedb OR rolcreaterole"
			" OR rolreplication OR rolbypassrls, (SELECT string_agg(m.member::regrole::text,"
			" ', ' ORDER BY m.member::regrole::text) FROM pg_auth_members m"
			" WHERE m.roleid = r.oid) FROM pg_roles r WHERE rolname = '%s'",
			name)) > 0)
		judge_role(name);
	else
		query_as_caller(psprintf("CREATE ROLE %s NOLOGIN", name));
}

Datum
threadmem_install_roles(PG_FUNCTION_ARGS)
{
	query_push();
	make_role(RUNNER_ROLE);
	make_role(READER_ROLE);
	query_pop();
	PG_RETURN_BOOL(true);
}

static void
execute_each(const char *sql)
{
	SPITupleTable *rows;

	query_as_caller(sql);
	rows = SPI_tuptable;
	for (uint64 i = 0; i < rows->numvals; i++)
		query_as_caller(TextDatumGetCString(table_datum(rows, i + 1, 1)));
}

/*
 * lz4 takes a fifth of pglz's time for the same size, but a server may have been built without it:
 * only C knows.  What people wrote has no statistics: the planner's estimates would tell of it.
 * Such a column is a document, a vector, or text that is no id (those are COLLATE "C").
 */
static void
set_columns(void)
{
#ifdef USE_LZ4
	const char *compression = "lz4";
#else
	const char *compression = "default";
#endif

	execute_each(psprintf(
		"SELECT format('ALTER TABLE %%s %%s', c.oid::regclass, string_agg(w.what, ', ' ORDER BY a.attnum))"
		" FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
		" JOIN pg_type t ON t.oid = a.atttypid, LATERAL ("
		"SELECT format('ALTER COLUMN %%I SET COMPRESSION %s', a.attname) WHERE a.attstorage = 'x'"
		" UNION ALL SELECT format('ALTER COLUMN %%I SET STATISTICS 0', a.attname)"
		" WHERE t.typname IN ('jsonb', 'tsvector', 'bytea', '_float4')"
		" OR t.typname = 'text' AND a.attcollation <> 'pg_catalog.\"C\"'::regcollation) w (what)"
		" WHERE c.relnamespace = 'threadmem_data'::regnamespace AND c.relkind = 'r'"
		" AND a.attnum > 0 AND NOT a.attisdropped GROUP BY c.oid",
		compression));
}

/* tenant_id leads every table but tenant_roles, which is about roles. */
static void
let_reader_see_tenants(void)
{
	execute_each(
		"SELECT format('GRANT SELECT (tenant_id) ON %1$s TO " READER_ROLE "; "
		"CREATE POLICY every_tenant ON %1$s FOR SELECT TO " READER_ROLE " USING (true); "
		"COMMENT ON POLICY every_tenant ON %1$s IS %2$L', c.oid::regclass,"
		" 'tenant_list() asks which tenants there are; the role may read no other column.')"
		" FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = 1"
		" WHERE c.relnamespace = 'threadmem_data'::regnamespace AND c.relkind = 'r'"
		" AND a.attname = 'tenant_id' AND NOT EXISTS (SELECT 1 FROM pg_policy p"
		" WHERE p.polrelid = c.oid AND p.polname = 'every_tenant')");
}

Datum
threadmem_install_tables(PG_FUNCTION_ARGS)
{
	query_push();
	set_columns();
	let_reader_see_tenants();
	query_pop();
	PG_RETURN_BOOL(true);
}
