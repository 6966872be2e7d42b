/*
 * query/tenant.c: whose rows this session works on.
 *
 * Three users say whose: the one that logged in (session_user), the role of SET ROLE, and the user
 * at entry, which differs from the role inside an application's SECURITY DEFINER function. Each has
 * what tenant_bind() gave to it by name or to a role whose privileges it inherits. Superusers have
 * every role's privileges, so one among the three counts as nothing. Bindings that differ are
 * refused, and once a database has any binding so is who has none and was not set free by name.
 * Where nobody is bound, the setting says it.
 *
 * Policies ask for every row, so the answer is kept for the three, and given up with any change of
 * the table (tenant_bind() sends its invalidation with its commit), of a role or of a membership.
 * A row that a subscription or a restore brings sends none, so no answer is kept for longer than a
 * second.
 * The look-up takes the newest snapshot: with the statement's own, a binding committed after that
 * snapshot but before the invalidation was read would be missed for the rest of the session. It may
 * fail at any point (a cancel, no memory); so it writes into a value of its own, which becomes the
 * answer only whole, and only when no change came meanwhile.
 */
#include "query/query.h"
#include "query/runner.h"

#include "access/parallel.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_proc.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(threadmem_current_tenant);
PG_FUNCTION_INFO_V1(threadmem_current_user_id);

typedef enum Access
{
	ACCESS_SET,     /* nobody is bound, or these are free: the setting says which tenant */
	ACCESS_BOUND,   /* to the tenant */
	ACCESS_REFUSED, /* others are bound, these are not */
	ACCESS_TORN     /* bound to two tenants */
} Access;

#define ASKED 3

typedef struct Binding
{
	Oid asked[ASKED]; /* session_user, the role of SET ROLE, the user at entry */
	Access access;
	char tenant[TENANT_MAX_BYTES + 1];
	NameData by; /* the role that binds, or that is refused */
	NameData by_other;
	TimestampTz since; /* the statement that looked it up began */
	TimestampTz lasts; /* so long, in microseconds; one found in parallel mode for that statement */
} Binding;

#define LASTS USECS_PER_SEC

/* A pool that changes roles with every transaction comes back to the same few. */
#define KEPT 16

static Binding kept[KEPT];
static int kept_count; /* as many are valid */
static int kept_next;
static uint64 changes; /* how often something was changed that a binding goes by */
static Oid bindings;   /* the table tenant_roles */

static void
forget_by_relation(Datum arg, Oid relation)
{
	if (relation == InvalidOid || relation == bindings)
	{
		kept_count = 0;
		changes++;
	}
}

static void
forget_by_role(Datum arg, int cache, uint32 hash)
{
	kept_count = 0;
	changes++;
}

static void
watch_bindings(void)
{
	static bool watching;

	bindings = get_relname_relid("tenant_roles", get_namespace_oid("threadmem_data", false));
	if (watching)
		return;
	CacheRegisterRelcacheCallback(forget_by_relation, (Datum)0);
	CacheRegisterSyscacheCallback(AUTHOID, forget_by_role, (Datum)0);
	CacheRegisterSyscacheCallback(AUTHMEMROLEMEM, forget_by_role, (Datum)0);
	CacheRegisterSyscacheCallback(DATABASEOID, forget_by_role, (Datum)0); /* pg_database_owner */
	watching = true;
}

/* One row: what role, a tenant or none (set free), for one of the three. */
static void
bind_by(Binding *found, Oid user, const char *role_name, const char *tenant, bool *is_free)
{
	Oid role = get_role_oid(role_name, true);

	if (!OidIsValid(role))
		return;
	if (!tenant)
	{
		*is_free |= role == user;
		return;
	}
	if (!has_privs_of_role(user, role))
		return;
	if (found->access != ACCESS_BOUND)
	{
		guard_tenant(tenant, (int)strlen(tenant));
		found->access = ACCESS_BOUND;
		strlcpy(found->tenant, tenant, sizeof(found->tenant));
		namestrcpy(&found->by, role_name);
	}
	else if (strcmp(found->tenant, tenant) != 0)
	{
		found->access = ACCESS_TORN;
		namestrcpy(&found->by_other, role_name);
	}
}

static uint64
read_bindings(void)
{
	static const char *sql =
		"SELECT role_name::pg_catalog.text, tenant_id FROM threadmem_data.tenant_roles"
		" ORDER BY role_name";
	static SPIPlanPtr plan;

	if (!plan)
	{
		SPIPlanPtr fresh = SPI_prepare(sql, 0, NULL);

		if (!fresh || SPI_keepplan(fresh) != 0)
			elog(ERROR, "could not prepare the look-up of tenants");
		plan = fresh;
	}
	if (SPI_execute_plan(plan, NULL, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not look up the tenant");
	return SPI_processed;
}

static void
judge(Binding *found, uint64 rows)
{
	bool any_bound = false;
	bool any_free = false;
	bool any_user = false;

	for (int i = 0; i < ASKED; i++)
	{
		if (superuser_arg(found->asked[i]))
			continue;
		any_user = true;
		for (uint64 row = 1; row <= rows && found->access != ACCESS_TORN; row++)
		{
			char *tenant = row_text_or_null(row, 2);

			CHECK_FOR_INTERRUPTS();
			any_bound |= tenant != NULL;
			bind_by(found, found->asked[i], row_text(row, 1), tenant, &any_free);
		}
		if (found->access == ACCESS_SET)
			namestrcpy(&found->by, GetUserNameFromId(found->asked[i], false));
	}
	if (found->access == ACCESS_SET && any_user && any_bound && !any_free)
		found->access = ACCESS_REFUSED;
}

void
query_error_row_security(void)
{
	ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					errmsg("threadmem does not work with row_security off"),
					errhint("SET row_security = on;")));
}

static void
look_up_binding(Binding *found)
{
	Running *running;
	bool parallel = IsInParallelMode(); /* there no newer snapshot can be taken */
	uint64 rows;

	if (!row_security)
		query_error_row_security();
	found->since = GetCurrentStatementStartTimestamp();
	found->lasts = parallel ? 0 : LASTS;
	if (!parallel)
		PushActiveSnapshot(GetLatestSnapshot());
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	running = runner_begin("", AS_RUNNER);
	rows = read_bindings();
	runner_end(running);
	judge(found, rows);
	SPI_finish();
	if (!parallel)
		PopActiveSnapshot();
}

pg_noreturn static void
error_unbound(const Binding *binding)
{
	if (binding->access == ACCESS_TORN)
		ereport(
			ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("role is bound to two tenants"),
			 errdetail("Roles \"%s\" and \"%s\", whose privileges this session has, are bound to "
					   "different ones.",
					   NameStr(binding->by), NameStr(binding->by_other)),
			 errhint("A role has the bindings of all roles whose privileges it inherits.")));
	ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					errmsg("role \"%s\" is bound to no tenant", NameStr(binding->by)),
					errdetail("Other roles of this database are bound, and it was not set free."),
					errhint("A superuser binds it with tenant_bind, or sets it free: "
							"tenant_bind('%s', any_tenant => true).",
							NameStr(binding->by))));
}

static Binding *
find_kept(const Binding *found)
{
	for (int i = 0; i < kept_count; i++)
		if (memcmp(kept[i].asked, found->asked, sizeof(found->asked)) == 0)
			return &kept[i];
	return NULL;
}

/* The clock may have been set back. */
static bool
is_fresh(const Binding *binding)
{
	TimestampTz age = GetCurrentStatementStartTimestamp() - binding->since;

	return age >= 0 && age <= binding->lasts;
}

static void
keep(const Binding *found)
{
	Binding *place = find_kept(found);

	if (!place)
	{
		if (kept_count == 0)
			kept_next = 0;
		place = &kept[kept_next];
		kept_next = (kept_next + 1) % KEPT;
		kept_count = Max(kept_count, kept_next == 0 ? KEPT : kept_next);
	}
	*place = *found;
}

/* The answer for these three, from what is kept or anew. */
static const Binding *
find_binding(Binding *found)
{
	const Binding *known;
	uint64 seen;

	AcceptInvalidationMessages(); /* an open transaction does not hold a binding off */
	found->asked[0] = GetSessionUserId();
	found->asked[1] = GetOuterUserId();
	found->asked[2] = runner_caller();
	known = find_kept(found);
	if (known && is_fresh(known))
		return known;
	watch_bindings();
	LockRelationOid(bindings, AccessShareLock); /* reads pending invalidations */
	seen = changes;
	look_up_binding(found);
	if (seen == changes)
		keep(found);
	return found;
}

static const char *
setting_of_tenant(void)
{
	if (setting_require_tenant && setting_tenant[0] == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("no tenant is set"),
				 errhint("threadmem.require_tenant is on: SET threadmem.tenant first, or bind "
						 "the role with tenant_bind.")));
	return setting_tenant;
}

/* Who sets another tenant than the bound one is told so, once for each that is set. */
static void
tell_ignored(const char *bound)
{
	static char told[TENANT_MAX_BYTES + 1];

	if (setting_tenant[0] == '\0' || strcmp(setting_tenant, bound) == 0 ||
		strncmp(setting_tenant, told, TENANT_MAX_BYTES) == 0 || IsParallelWorker())
		return;
	strlcpy(told, setting_tenant, sizeof(told));
	ereport(NOTICE, (errmsg("threadmem.tenant is ignored"),
					 errdetail("This session is bound to tenant \"%s\".", bound)));
}

/* The name as text, taken out of what was found while that is there. */
static Datum
tenant_of_caller(void)
{
	Binding found = {.access = ACCESS_SET};
	const Binding *binding = find_binding(&found);
	const char *tenant;
	Datum out;

	if (binding->access == ACCESS_REFUSED || binding->access == ACCESS_TORN)
		error_unbound(binding);
	tenant = binding->access == ACCESS_BOUND ? binding->tenant : setting_of_tenant();
	guard_tenant(tenant, (int)strlen(tenant));
	out = CStringGetTextDatum(tenant);
	if (binding->access == ACCESS_BOUND)
		tell_ignored(tenant);
	return out;
}

Datum
query_tenant(void)
{
	const char *tenant = runner_tenant();

	return tenant ? CStringGetTextDatum(tenant) : tenant_of_caller();
}

bool
query_is_free(void)
{
	Binding found = {.access = ACCESS_SET};

	return query_narrowed_to().isnull && !runner_tenant() &&
		   find_binding(&found)->access == ACCESS_SET;
}

static void
require_not_narrowed(void)
{
	if (!query_narrowed_to().isnull)
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("permission denied for a session narrowed to one user"),
						errhint("RESET threadmem.user_id;")));
}

/* What nobody has but by grant_access(role, 'operator'). */
static bool
has_operators_grant(Oid user)
{
	Oid function =
		GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum(OPERATORS_FUNCTION),
						PointerGetDatum(buildoidvector(NULL, 0)),
						ObjectIdGetDatum(get_namespace_oid("threadmem", false)));

	return OidIsValid(function) && DatumGetBool(DirectFunctionCall3(
									   has_function_privilege_id_id, ObjectIdGetDatum(user),
									   ObjectIdGetDatum(function), CStringGetTextDatum("EXECUTE")));
}

bool
query_is_operator(void)
{
	Binding found = {.access = ACCESS_SET};
	Oid user = runner_caller();
	Access access;

	if (!query_narrowed_to().isnull || runner_tenant())
		return false;
	access = find_binding(&found)->access;
	if (superuser_arg(user))
		return access == ACCESS_SET;
	return (access == ACCESS_SET || access == ACCESS_REFUSED) && has_operators_grant(user);
}

void
query_require_operator(void)
{
	require_not_narrowed();
	if (!query_is_operator())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for other tenants"),
				 errdetail("Role \"%s\" is no operator, or its session is bound to a tenant.",
						   GetUserNameFromId(runner_caller(), false)),
				 errhint("A superuser makes a role one that is bound to none: "
						 "grant_access(role_name, 'operator').")));
}

void
query_require_free(bool own_tenant)
{
	require_not_narrowed();
	if (!own_tenant && !query_is_free())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for other tenants"),
				 errdetail("This session is bound to tenant \"%s\".",
						   TextDatumGetCString(query_tenant())),
				 errhint("A superuser, or a role that is bound to none, may work for them.")));
}

Datum
threadmem_current_tenant(PG_FUNCTION_ARGS)
{
	return query_tenant();
}

NullableDatum
query_narrowed_to(void)
{
	const Stmt *running = runner_stmt();

	if (setting_user_id[0] == '\0' || (running && running->everybody))
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
