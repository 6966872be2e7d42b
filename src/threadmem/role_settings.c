/*
 * threadmem/role_settings.c: what ALTER ROLE or ALTER DATABASE says of a setting that only
 * superusers change, held against the connection string.
 *
 * A session begins before the library is loaded. Until then a setting of ours is a placeholder, and
 * of two that set it the server keeps one: a value in the startup packet (PGOPTIONS) outranks that
 * of the role. When the library comes, and says that only superusers set it, that value is refused
 * with a warning, and the setting has its default, as if nobody had said anything of the role. So
 * the catalog is asked once more, as the server did when the session began. Nothing of that is
 * needed where shared_preload_libraries names the library: then the connection is refused.
 */
#include "threadmem/threadmem.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/parallel.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_db_role_setting.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/rel.h"

static const char *const held[] = {"threadmem.require_tenant", "threadmem.max_body",
								   "threadmem.token_counter"};

/* SAVE only lets it pass in parallel mode: what comes from a role is not undone by a transaction.
 */
static void
hold(const char *entry, GucSource source)
{
	for (int i = 0; i < lengthof(held); i++)
	{
		size_t length = strlen(held[i]);

		if (pg_strncasecmp(entry, held[i], length) == 0 && entry[length] == '=')
			(void)set_config_option(held[i], entry + length + 1, PGC_SUSET, source, GUC_ACTION_SAVE,
									true, 0, false);
	}
}

static void
hold_entries(HeapTuple tuple, TupleDesc desc, GucSource source)
{
	bool isnull;
	Datum entries = heap_getattr(tuple, Anum_pg_db_role_setting_setconfig, desc, &isnull);
	Datum *texts;
	int count;

	if (isnull)
		return;
	deconstruct_array(DatumGetArrayTypeP(entries), TEXTOID, -1, false, TYPALIGN_INT, &texts, NULL,
					  &count);
	for (int i = 0; i < count; i++)
		hold(TextDatumGetCString(texts[i]), source);
}

static void
hold_settings_of(Relation settings, Oid database, Oid role, GucSource source)
{
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple tuple;

	ScanKeyInit(&keys[0], Anum_pg_db_role_setting_setdatabase, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(database));
	ScanKeyInit(&keys[1], Anum_pg_db_role_setting_setrole, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(role));
	scan = systable_beginscan(settings, DbRoleSettingDatidRolidIndexId, true, NULL, 2, keys);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
		hold_entries(tuple, RelationGetDescr(settings), source);
	systable_endscan(scan);
}

/* A worker has the settings of its leader; before there is a database there is no placeholder. */
void
settings_of_role(void)
{
	Oid role;
	Relation settings;

	if (!IsTransactionState() || !OidIsValid(MyDatabaseId) || IsParallelWorker())
		return;
	role = GetAuthenticatedUserId();
	settings = table_open(DbRoleSettingRelationId, AccessShareLock);
	hold_settings_of(settings, MyDatabaseId, role, PGC_S_DATABASE_USER);
	hold_settings_of(settings, InvalidOid, role, PGC_S_USER);
	hold_settings_of(settings, MyDatabaseId, InvalidOid, PGC_S_DATABASE);
	hold_settings_of(settings, InvalidOid, InvalidOid, PGC_S_GLOBAL);
	table_close(settings, AccessShareLock);
}
