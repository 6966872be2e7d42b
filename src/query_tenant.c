/*
 * query_tenant.c: whose rows this session works on.
 *
 * A role bound by tenant_bind() has its tenant from the table tenant_roles and nothing it can SET
 * changes that; any other role has it from the setting.  Policies ask on every statement, so the
 * answer is kept for a pair of users.  tenant_bind() sends a relcache invalidation for the table,
 * which reaches every session with its commit, and every question here takes in what has come: a
 * transaction that is open does not hold a binding off.
 *
 * An answer counts for later questions only when it has been read whole and no invalidation came
 * meanwhile.  The look-up takes the newest snapshot: with the statement's own, a binding committed
 * after that snapshot but before the invalidation was read would be missed for the rest of the
 * session.  In parallel mode no newer snapshot can be taken, so there an answer counts for the
 * statement: a policy asks about every row of a scan.
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

typedef struct Binding
{
	Oid session_user;
	Oid current_user;
	bool bound;
	char tenant[TENANT_MAX_BYTES + 1];
} Binding;

static Binding known;            /* counts when it is valid */
static bool known_is_valid;      /* until an invalidation comes */
static TimestampTz known_within; /* only in parallel mode of the statement begun then; 0 for all */

static Oid bindings; /* tenant_roles */
static uint64 invalidations;

static void
forget_binding(Datum arg, Oid relation)
{
	if (relation != InvalidOid && relation != bindings)
		return;
	known_is_valid = false;
	invalidations++;
}

static void
watch_bindings(void)
{
	static bool watching;

	bindings = get_relname_relid("tenant_roles", get_namespace_oid("threadmem", false));
	if (!watching)
		CacheRegisterRelcacheCallback(forget_binding, (Datum)0);
	watching = true;
}

/* The session's own binding comes first: SET ROLE must not lead out of it. */
static void
read_binding(Binding *binding)
{
	static const char *sql = "SELECT tenant_id FROM threadmem.tenant_roles"
							 " WHERE role_name OPERATOR(pg_catalog.=) ANY (ARRAY[$1, $2])"
							 " ORDER BY (role_name OPERATOR(pg_catalog.=) $1) DESC LIMIT 1";
	static SPIPlanPtr plan;
	Oid types[] = {OIDOID, OIDOID};
	Datum values[] = {ObjectIdGetDatum(binding->session_user),
					  ObjectIdGetDatum(binding->current_user)};

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
	binding->bound = SPI_processed > 0;
	if (binding->bound)
		strlcpy(binding->tenant, row_text(1, 1), sizeof(binding->tenant));
	SPI_finish();
}

/* An error on the way (a caller can bring one about) leaves what is known as it was: not valid. */
static void
look_up(Binding *binding)
{
	bool parallel = IsInParallelMode();
	uint64 before;

	known_is_valid = false;
	watch_bindings();
	LockRelationOid(bindings, AccessShareLock); /* reads pending invalidations */
	before = invalidations;
	if (!parallel)
		PushActiveSnapshot(GetLatestSnapshot());
	read_binding(binding);
	if (!parallel)
		PopActiveSnapshot();
	known = *binding;
	known_within = parallel ? GetCurrentStatementStartTimestamp() : 0;
	known_is_valid = before == invalidations;
}

static bool
is_known(Oid session_user, Oid current_user)
{
	AcceptInvalidationMessages();
	return known_is_valid && known.session_user == session_user &&
		   known.current_user == current_user &&
		   (known_within == 0 ||
			(IsInParallelMode() && known_within == GetCurrentStatementStartTimestamp()));
}

Datum
query_tenant(void)
{
	Binding binding = {.session_user = GetSessionUserId(), .current_user = GetUserId()};
	const char *tenant;

	if (is_known(binding.session_user, binding.current_user))
		binding = known;
	else
		look_up(&binding);
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
