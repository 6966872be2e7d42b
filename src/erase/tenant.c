/*
 * erase/tenant.c: a tenant leaves.
 *
 * In parts, each a transaction of its own if the caller will: threads first, each whole, in the
 * order of their ids (thread_row/thread_row.h); when none is left, what lies in no thread, and what
 * a damage left behind without its thread. Nothing remembers between two parts: what is there says
 * what is to do.
 */
#include "thread/thread.h"

#include "miscadmin.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(threadmem_tenant_delete);

static Stmt erase_next_threads = {
	"SELECT t.thread_id FROM threadmem_data.threads t WHERE t.tenant_id = $1"
	" ORDER BY t.thread_id LIMIT $2 FOR UPDATE",
	"l"};

#define REST_OF(table) \
	{ \
		"DELETE FROM threadmem_data." table " d WHERE d.tenant_id = $1 AND d.ctid = ANY (ARRAY(" \
		"SELECT e.ctid FROM threadmem_data." table " e WHERE e.tenant_id = $1 LIMIT $2))", \
			"l" \
	}

/* Named as threadmem_stats() does it; of the first five some go with their threads. */
#define KINDS 29
static const char *const kinds[KINDS] = {"participants",
										 "messages",
										 "checkpoints",
										 "runs",
										 "episodes",
										 "users",
										 "assistants",
										 "graphs",
										 "chunks",
										 "writes",
										 "context_templates",
										 "tombstones",
										 "notify_channels",
										 "values",
										 "run_steps",
										 "run_tombstones",
										 "store_items",
										 "entities",
										 "facts",
										 "entity_revisions",
										 "fact_revisions",
										 "entity_episodes",
										 "fact_episodes",
										 "ontologies",
										 "memory_jobs",
										 "memory_blocks",
										 "memory_block_revisions",
										 "memberships",
										 "episode_revisions"};
static Stmt erase_rest[KINDS] = {
	REST_OF("thread_participants"),
	REST_OF("messages"),
	REST_OF("checkpoints"),
	REST_OF("runs"),
	REST_OF("episodes"),
	REST_OF("users"),
	REST_OF("assistants"),
	REST_OF("graphs"),
	REST_OF("message_chunks"),
	REST_OF("checkpoint_writes"),
	REST_OF("context_templates"),
	REST_OF("thread_tombstones"),
	REST_OF("notify_channels"),
	REST_OF("thread_values"),
	REST_OF("run_steps"),
	REST_OF("run_tombstones"),
	REST_OF("store_items"),
	REST_OF("entities"),
	REST_OF("facts"),
	REST_OF("entity_revisions"),
	REST_OF("fact_revisions"),
	REST_OF("entity_episodes"),
	REST_OF("fact_episodes"),
	REST_OF("ontologies"),
	REST_OF("memory_jobs"),
	REST_OF("memory_blocks"),
	REST_OF("memory_block_revisions"),
	REST_OF("group_members"),
	REST_OF("episode_revisions"),
};

static void
delete_threads(Call *call, int64 max_rows, Deletions *deletions)
{
	NullableDatum limit = ARG(Int64GetDatum(max_rows));
	uint64 count = query_exec(call, &erase_next_threads, &limit);
	SPITupleTable *rows = SPI_tuptable;

	for (uint64 i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		query_push();
		thread_remove(call, table_column(rows, i + 1, 1), false, deletions);
		query_pop();
	}
}

static void
put_deleted(Call *call, const char *kind, int64 deleted)
{
	if (deleted > 0)
		thread_put_deletion(call, kind, deleted, 0);
}

enum
{
	DELETE_TENANT_ID,
	DELETE_MAX_ROWS
};

Datum
threadmem_tenant_delete(PG_FUNCTION_ARGS)
{
	int64 left = int64_or(fcinfo->args[DELETE_MAX_ROWS], ROWS_MAX);
	Deletions gone = {0};
	Call call;

	query_begin(&call, fcinfo);
	query_act_for(&call, fcinfo->args[DELETE_TENANT_ID]);
	delete_threads(&call, left, &gone);
	left -= gone.threads;
	query_open_set(&call);
	put_deleted(&call, "threads", gone.threads);
	for (int i = 0; i < KINDS; i++)
	{
		const int64 with_threads[KINDS] = {gone.participants, gone.messages, gone.checkpoints,
										   gone.runs, gone.episodes};
		NullableDatum limit = ARG(Int64GetDatum(left));
		int64 deleted = left > 0 ? (int64)query_exec(&call, &erase_rest[i], &limit) : 0;

		put_deleted(&call, kinds[i], with_threads[i] + deleted);
		left -= deleted;
	}
	return query_close_set(&call);
}
