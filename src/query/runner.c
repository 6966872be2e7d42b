/*
 * query/runner.c: the switch to threadmem_runner and back.
 *
 * What a statement sets off may come back to us (an application's trigger behind a foreign key on
 * 15 to 17, a policy of an administrator), as somebody else and for another tenant, and may fail
 * and be caught there. So the statements that run are a list, and an end of a transaction or
 * subtransaction takes off it what had begun inside: PostgreSQL itself puts the user back then. An
 * error has left the stack of who ran them by that time; so the list lies elsewhere.
 */
#include "query/runner.h"
#include "query/query.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/plancache.h"
#include "utils/syscache.h"

static const char *const names[] = {RUNNER_ROLE, READER_ROLE};

static Running *running_now;
static Oid roles[lengthof(names)];

static void
forget_roles(Datum arg, int cache, uint32 hash)
{
	memset(roles, 0, sizeof(roles));
}

static void
end_running(void)
{
	Running *ended = running_now;

	running_now = ended->outer;
	pfree(ended);
}

static void
end_transaction(XactEvent event, void *arg)
{
	running_now = NULL;
}

static void
end_subtransaction(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg)
{
	if (event != SUBXACT_EVENT_ABORT_SUB)
		return;
	while (running_now && running_now->level >= GetCurrentTransactionNestLevel())
		end_running();
}

static Oid
find_role(RunAs as)
{
	static bool watching;

	if (!watching)
	{
		CacheRegisterSyscacheCallback(AUTHOID, forget_roles, (Datum)0);
		RegisterXactCallback(end_transaction, NULL);
		RegisterSubXactCallback(end_subtransaction, NULL);
		watching = true;
	}
	if (!OidIsValid(roles[as]))
		roles[as] = get_role_oid(names[as], true);
	if (!OidIsValid(roles[as]))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("role \"%s\" does not exist", names[as]),
				 errhint("A superuser makes it again: CREATE ROLE %s NOLOGIN, then grants it "
						 "what the install script does.",
						 names[as])));
	return roles[as];
}

static void
set_for_now(const char *setting, const char *value)
{
	(void)set_config_option(setting, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
							false);
}

/*
 * Settings of the session that would have a say in our statements: what their names mean, and what
 * is told of their plans. A plan made for the values of a call is made from statistics over all
 * tenants, and its estimates tell how common an id of another tenant is.
 */
static int
pin_settings(void)
{
	static const char *path = "pg_catalog, pg_temp";
	static const char *const prints[] = {"debug_print_parse", "debug_print_rewritten",
										 "debug_print_plan"};
	bool is_pinned = strcmp(namespace_search_path, path) == 0;
	bool prints_any = Debug_print_parse || Debug_print_rewritten || Debug_print_plan;
	int level;

	if (is_pinned && !prints_any && plan_cache_mode == PLAN_CACHE_MODE_AUTO)
		return 0;
	level = NewGUCNestLevel();
	if (!is_pinned)
		set_for_now("search_path", path);
	for (int i = 0; prints_any && i < lengthof(prints); i++)
		set_for_now(prints[i], "off");
	set_for_now("plan_cache_mode", "auto");
	return level;
}

Running *
runner_begin(const char *tenant, RunAs as)
{
	Oid role = OidIsValid(roles[as]) ? roles[as] : find_role(as);
	Running *running = MemoryContextAlloc(TopTransactionContext, sizeof(Running));

	GetUserIdAndSecContext(&running->caller, &running->context);
	running->tenant = tenant;
	running->stmt = NULL;
	running->level = GetCurrentTransactionNestLevel();
	running->settings = pin_settings();
	running->outer = running_now;
	running_now = running;
	SetUserIdAndSecContext(role, running->context | SECURITY_LOCAL_USERID_CHANGE);
	return running;
}

void
runner_end(Running *running)
{
	int settings;

	Assert(running == running_now);
	SetUserIdAndSecContext(running->caller, running->context);
	settings = running->settings;
	end_running();
	if (settings > 0)
		AtEOXact_GUC(true, settings);
}

static bool
is_running(void)
{
	return running_now && GetUserId() == roles[AS_RUNNER];
}

const struct Stmt *
runner_stmt(void)
{
	return is_running() ? running_now->stmt : NULL;
}

const char *
runner_tenant(void)
{
	return is_running() ? running_now->tenant : NULL;
}

/* Ours within ours: who called the first of them. */
Oid
runner_caller(void)
{
	Running *inner = running_now;

	if (!is_running())
		return GetUserId();
	while (inner->caller == roles[AS_RUNNER] && inner->outer)
		inner = inner->outer;
	return inner->caller;
}
