/*
 * query_install.c: what the install script needs C for.  It runs before there is a role to switch
 * to, so all of it as the installing superuser.
 */
#include "query.h"
#include "query_runner.h"

#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(threadmem_install_runner);
PG_FUNCTION_INFO_V1(threadmem_install_columns);

/* A role stays when the extension goes, so the next one, also of another database, finds it. */
static void
judge_runner(void)
{
	char *members;

	if (row_bool(1, 1))
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("role \"%s\" exists already and is no role of this extension", RUNNER_ROLE),
				 errdetail("It can log in, or has an attribute that gives rights of its own."),
				 errhint("Rename that role, or: ALTER ROLE %s NOLOGIN NOSUPERUSER NOCREATEDB "
						 "NOCREATEROLE NOREPLICATION NOBYPASSRLS;",
						 RUNNER_ROLE)));
	members = row_text_or_null(1, 2);
	if (members)
		ereport(WARNING, (errmsg("role \"%s\" has members: %s", RUNNER_ROLE, members),
						  errdetail("They can read and write the rows of every tenant."),
						  errhint("REVOKE %s FROM them.", RUNNER_ROLE)));
}

Datum
threadmem_install_runner(PG_FUNCTION_ARGS)
{
	query_push();
	if (query_as_caller(
			"SELECT rolcanlogin OR rolsuper OR rolcreatedb OR rolcreaterole"
			" OR rolreplication OR rolbypassrls, (SELECT string_agg(m.member::regrole::text,"
			" ', ' ORDER BY m.member::regrole::text) FROM pg_auth_members m"
			" WHERE m.roleid = r.oid) FROM pg_roles r WHERE rolname = '" RUNNER_ROLE "'") > 0)
		judge_runner();
	else
		query_as_caller("CREATE ROLE " RUNNER_ROLE " NOLOGIN");
	query_pop();
	PG_RETURN_VOID();
}

/*
 * lz4 takes a fifth of pglz's time for the same size, but a server may have been built without it:
 * only C knows.  What people wrote has no statistics: the planner's estimates would tell of it.
 * Such a column is a document, a vector, or text that is no id (those are COLLATE "C").
 */
Datum
threadmem_install_columns(PG_FUNCTION_ARGS)
{
#ifdef USE_LZ4
	const char *compression = "lz4";
#else
	const char *compression = "default";
#endif
	SPITupleTable *rows;

	query_push();
	query_as_caller(psprintf(
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
	rows = SPI_tuptable;
	for (uint64 i = 0; i < rows->numvals; i++)
		query_as_caller(TextDatumGetCString(table_datum(rows, i + 1, 1)));
	query_pop();
	PG_RETURN_VOID();
}
