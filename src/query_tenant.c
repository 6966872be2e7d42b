/*
 * query_tenant.c: whose rows this session works on.
 *
 * A role bound by tenant_bind() has its tenant from the table tenant_roles and nothing it can SET
 * changes that; any other role has it from the setting.  Policies ask on every statement, so the
 * binding is kept per pair of users.  tenant_bind() sends a relcache invalidation for the table,
 * which reaches every session with its commit.  The look-up takes the newest snapshot: with the
 * statement's own, a binding committed after that snapshot but before the invalidation was read
 * would be missed for the rest of the session.
 */
#include "query.h"

#include "access/parallel.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

PG_FUNCTION_INFO_V1(threadmem_current_tenant);
PG_FUNCTION_INFO_V1(threadmem_current_user_id);

static struct
{
	bool valid;
	bool watching; /* the callback is registered */
	Oid table;     /* tenant_roles */
	Oid session_user;
	Oid current_user;
	bool bound;
	char tenant[TENANT_MAX_BYTES + 1];
} binding;

static void
forget_binding(Datum arg, Oid relation)
{
	if (relation == InvalidOid || relation == binding.table)
		binding.valid = false;
}

static void
watch_bindings(void)
{
	binding.table = get_relname_relid("tenant_roles", get_namespace_oid("threadmem", false));
	if (!binding.watching)
		CacheRegisterRelcacheCallback(forget_binding, (Datum)0);
	binding.watching = true;
}

/* The session's own binding comes first: SET ROLE must not lead out of it. */
static void
look_up_binding(Oid session_user, Oid current_user)
{
	static const char *sql = "SELECT tenant_id FROM threadmem.tenant_roles"
							 " WHERE role_name OPERATOR(pg_catalog.=) ANY (ARRAY[$1, $2])"
							 " ORDER BY (role_name OPERATOR(pg_catalog.=) $1) DESC LIMIT 1";
	static SPIPlanPtr plan;
	Oid types[] = {OIDOID, OIDOID};
	Datum values[] = {ObjectIdGetDatum(session_user), ObjectIdGetDatum(current_user)};

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (!plan)
	{
		SPIPlanPtr fresh = SPI_prepare(sql, 2, types);

		if (!fresh || SPI_keepplan(fresh) != 0)
			elog(ERROR, "could not prepare the look-up of tenants");
		plan = fresh;
	}
	if (SPI_execute_plan(plan, values, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not look up the tenant");
	binding.bound = SPI_processed > 0;
	if (binding.bound)
		strlcpy(binding.tenant, row_text(1, 1), sizeof(binding.tenant));
	SPI_finish();
}

/* In parallel mode no newer snapshot can be taken: the answer is good for this call only. */
static void
refresh_binding(Oid session_user, Oid current_user)
{
	bool parallel = IsInParallelMode();

	watch_bindings();
	LockRelationOid(binding.table, AccessShareLock); /* reads pending invalidations */
	binding.valid = !parallel;
	if (!parallel)
		PushActiveSnapshot(GetLatestSnapshot());
	look_up_binding(session_user, current_user);
	if (!parallel)
		PopActiveSnapshot();
	binding.session_user = session_user;
	binding.current_user = current_user;
}

Datum
query_tenant(void)
{
	Oid session_user = GetSessionUserId();
	Oid current_user = GetUserId();
	const char *tenant;

	if (!binding.valid || binding.session_user != session_user ||
		binding.current_user != current_user)
		refresh_binding(session_user, current_user);
	tenant = binding.bound ? binding.tenant : setting_tenant;
	guard_tenant(tenant, (int)strlen(tenant));
	return CStringGetTextDatum(tenant);
}

Datum
threadmem_current_tenant(PG_FUNCTION_ARGS)
{
	return query_tenant();
}

NullableDatum
query_narrowed_to(void)
{
	if (setting_user_id[0] == '\0')
		return ARG_NULL;
	guard_id("user_id", setting_user_id, (int)strlen(setting_user_id));
	return ARG_TEXT(setting_user_id);
}

Datum
threadmem_current_user_id(PG_FUNCTION_ARGS)
{
	NullableDatum user_id = query_narrowed_to();

	fcinfo->isnull = user_id.isnull;
	return user_id.value;
}
