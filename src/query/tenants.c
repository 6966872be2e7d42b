/*
 * query/tenants.c: what an operator does for other tenants than the session's.
 *
 * Below the policies everybody sees one tenant, superusers too, so what is about all of them takes
 * each in turn: the statements that follow act for it. Which there are, threadmem_reader sees; it
 * may read tenant_id alone and goes along the keys, a probe of every table for each tenant.
 */
#include "query/query.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#define OR_OF(table) \
	", (SELECT min(x.tenant_id) FROM threadmem_data." table " x WHERE x.tenant_id >= $2)"
#define OF_THREADS \
	OR_OF("threads") \
	OR_OF("thread_participants") OR_OF("thread_tombstones") OR_OF("notify_channels")
#define OF_CONTENTS \
	OR_OF("messages") \
	OR_OF("message_chunks") \
	OR_OF("checkpoints") \
	OR_OF("checkpoint_writes") \
	OR_OF("thread_values") OR_OF("runs") OR_OF("run_steps") OR_OF("run_tombstones")
static Stmt query_tenant_from = {
	.sql = "SELECT least(NULL::text" OR_OF("users") OR_OF("assistants") OR_OF("graphs")
		OR_OF("group_members") OF_THREADS OF_CONTENTS OR_OF("episodes") OR_OF("memory_jobs")
			OR_OF("context_templates") OR_OF("store_items") OR_OF("entities") OR_OF("facts")
				OR_OF("ontologies") OR_OF("entity_revisions") OR_OF("fact_revisions")
					OR_OF("entity_episodes") OR_OF("fact_episodes") OR_OF("memory_blocks")
						OR_OF("episode_revisions")
							OR_OF("memory_block_revisions") ") WHERE $1 IS NOT NULL",
	.types = "t",
	.every_tenant = true};

void
query_go_to_tenant(Call *call, const char *tenant)
{
	MemoryContext before = MemoryContextSwitchTo(call->caller);

	call->acting = pstrdup(tenant);
	call->tenant = CStringGetTextDatum(call->acting);
	MemoryContextSwitchTo(before);
}

void
query_act_for(Call *call, NullableDatum tenant_id)
{
	const char *tenant = text_or_null(tenant_id);

	query_require_free(strcmp(tenant, call->acting) == 0);
	query_go_to_tenant(call, tenant);
}

static bool
go_to_next(Call *call, const char *from)
{
	NullableDatum args[] = {ARG_TEXT(from)};
	char *tenant;

	CHECK_FOR_INTERRUPTS();
	query_push();
	query_exec(call, &query_tenant_from, args);
	tenant = row_text_or_null(1, 1);
	if (tenant)
		query_go_to_tenant(call, tenant);
	query_pop();
	return tenant != NULL;
}

bool
query_first_tenant(Call *call, bool all)
{
	return !all || go_to_next(call, "");
}

/* Nothing lies between a text and the same with the least character behind it. */
bool
query_next_tenant(Call *call, bool all)
{
	return all && go_to_next(call, psprintf("%s\1", call->acting));
}
