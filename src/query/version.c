/*
 * query/version.c: whether the library and its catalog are of one version.
 *
 * A package that is upgraded puts a newer library beside catalogs that nobody has updated yet, and
 * a session that was open meanwhile keeps the older one.  Both are told where a call begins, before
 * a statement fails on a column that is not there.
 */
#include "query/plan.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_extension.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"

/* The catalog's, NULL where the functions belong to no extension. */
static char *
version_of_catalog(void)
{
	Relation catalog = table_open(ExtensionRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple tuple;
	char *version = NULL;

	ScanKeyInit(&key, Anum_pg_extension_extname, BTEqualStrategyNumber, F_NAMEEQ,
				CStringGetDatum("threadmem"));
	scan = systable_beginscan(catalog, ExtensionNameIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		bool isnull;
		Datum value =
			heap_getattr(tuple, Anum_pg_extension_extversion, RelationGetDescr(catalog), &isnull);

		if (!isnull)
			version = TextDatumGetCString(value);
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return version;
}

/* By their numbers: 1.10 is newer than 1.9. */
static int
compare_versions(const char *a, const char *b)
{
	while (*a && *b)
	{
		long x = strtol(a, (char **)&a, 10);
		long y = strtol(b, (char **)&b, 10);

		if (x != y)
			return x < y ? -1 : 1;
		a += *a == '.';
		b += *b == '.';
		if ((*a && !isdigit((unsigned char)*a)) || (*b && !isdigit((unsigned char)*b)))
			return strcmp(a, b);
	}
	return *a ? 1 : *b ? -1 : 0;
}

void
query_check_version(void)
{
	char *catalog = version_of_catalog();
	int order = catalog ? compare_versions(THREADMEM_VERSION, catalog) : 0;

	if (order == 0)
		return;
	ereport(
		ERROR,
		(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
		 errmsg("library and catalog of threadmem are of two versions"),
		 errdetail("The library is of version %s, the catalog of %s.", THREADMEM_VERSION, catalog),
		 order > 0 ? errhint("ALTER EXTENSION threadmem UPDATE;")
				   : errhint("Install the library of version %s, then connect anew.", catalog)));
}
