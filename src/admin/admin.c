/*
 * admin/admin.c: what an administrator wants to know: how much there is, and where the space goes.
 */
#include "thread_row/thread_row.h"

PG_FUNCTION_INFO_V1(threadmem_threadmem_stats);
PG_FUNCTION_INFO_V1(threadmem_thread_storage);

#define COUNT_OF(kind, table) \
	{ \
		"SELECT '" kind "', count(*), coalesce(sum(pg_column_size(x.*)), 0)::int8, $1" \
		" FROM threadmem_data." table " x WHERE x.tenant_id = $1", \
			"" \
	}

static Stmt admin_counts[] = {
	COUNT_OF("users", "users"),
	COUNT_OF("assistants", "assistants"),
	COUNT_OF("graphs", "graphs"),
	COUNT_OF("memberships", "group_members"),
	COUNT_OF("threads", "threads"),
	COUNT_OF("participants", "thread_participants"),
	COUNT_OF("messages", "messages"),
	COUNT_OF("chunks", "message_chunks"),
	COUNT_OF("checkpoints", "checkpoints"),
	COUNT_OF("writes", "checkpoint_writes"),
	COUNT_OF("runs", "runs"),
	COUNT_OF("run_steps", "run_steps"),
	COUNT_OF("values", "thread_values"),
	COUNT_OF("tombstones", "thread_tombstones"),
	COUNT_OF("run_tombstones", "run_tombstones"),
	COUNT_OF("episodes", "episodes"),
	COUNT_OF("episode_revisions", "episode_revisions"),
	COUNT_OF("entities", "entities"),
	COUNT_OF("facts", "facts"),
	COUNT_OF("entity_revisions", "entity_revisions"),
	COUNT_OF("fact_revisions", "fact_revisions"),
	COUNT_OF("entity_episodes", "entity_episodes"),
	COUNT_OF("fact_episodes", "fact_episodes"),
	COUNT_OF("ontologies", "ontologies"),
	COUNT_OF("memory_jobs", "memory_jobs"),
	COUNT_OF("memory_blocks", "memory_blocks"),
	COUNT_OF("memory_block_revisions", "memory_block_revisions"),
	COUNT_OF("store_items", "store_items"),
	COUNT_OF("context_templates", "context_templates"),
	COUNT_OF("notify_channels", "notify_channels"),
};

/*
 * A channel's share of a document is its share of the text, whose parts add up, times what the
 * document takes as it is stored, compressed. A patch speaks of a channel in the path of an
 * operation, of several in the value of one on what holds them, or of all when it replaces the
 * whole document.
 */
#define PIECES \
	"c AS (SELECT k.seq, k.snapshot, k.patch, pg_column_size(k.metadata) AS metadata," \
	" d.stored, d.stored::float8 / octet_length(coalesce(k.snapshot, k.patch)::text) AS scale" \
	" FROM threadmem_data.checkpoints k, pg_column_size(coalesce(k.snapshot, k.patch)) AS d (stored)" \
	" WHERE k.tenant_id = $1 AND k.thread_id = $2)," \
	" operation AS (SELECT c.seq, c.scale, o.value AS body," \
	" string_to_array(o.value ->> 'path', '/') AS path" \
	" FROM c, jsonb_array_elements(c.patch) o)," \
	" document AS (SELECT c.seq, c.scale, c.snapshot AS body FROM c WHERE c.snapshot IS NOT NULL" \
	" UNION ALL SELECT o.seq, o.scale, o.body -> 'value' FROM operation o WHERE o.path = '{}')," \
	" part AS (SELECT d.seq, d.scale, p.key AS name, p.value AS body" \
	" FROM document d, jsonb_each(d.body) p" \
	" UNION ALL SELECT o.seq, o.scale, o.path[2], o.body -> 'value' FROM operation o" \
	" WHERE cardinality(o.path) = 2)," \
	" piece AS (SELECT p.seq, p.name, m.key AS channel, p.scale * (octet_length(m.value::text)" \
	" + octet_length(to_jsonb(m.key)::text) + 4) AS bytes FROM part p, jsonb_each(p.body) m" \
	" UNION ALL SELECT o.seq, o.path[2], replace(replace(o.path[3], '~1', '/'), '~0', '~')," \
	" o.scale * (octet_length(o.body::text) + 2) FROM operation o WHERE cardinality(o.path) > 2)"

#define BYTES(column) "coalesce(pg_column_size(" column "), 0)"
#define RUN_BYTES \
	BYTES("r.input") \
	" + " BYTES("r.kwargs") " + " BYTES("r.metadata") " + " BYTES("r.config") " + " BYTES( \
		"r.required_action") " + " BYTES("r.result") " + " BYTES("r.error") " + " BYTES("r.usage")
#define STEP_BYTES \
	BYTES("s.details") " + " BYTES("s.metadata") " + " BYTES("s.error") " + " BYTES("s.usage")

/* Parts of another kind's bytes do not count again in the total. */
static Stmt admin_storage = {
	"WITH " PIECES ", kinds (place, is_part, kind, channel, rows, bytes) AS ("
	"SELECT 1, false, 'messages', NULL, count(*), sum(pg_column_size(m.body))"
	" FROM threadmem_data.messages m WHERE m.tenant_id = $1 AND m.thread_id = $2"
	" UNION ALL SELECT 2, false, 'search', NULL, count(m.search), sum(pg_column_size(m.search))"
	" FROM threadmem_data.messages m WHERE m.tenant_id = $1 AND m.thread_id = $2"
	" UNION ALL SELECT 3, false, 'embeddings', NULL, count(m.embedding),"
	" sum(pg_column_size(m.embedding)) FROM threadmem_data.messages m"
	" WHERE m.tenant_id = $1 AND m.thread_id = $2"
	" UNION ALL SELECT 4, false, 'chunks', NULL, count(*), sum(pg_column_size(h.delta))"
	" FROM threadmem_data.message_chunks h WHERE h.tenant_id = $1 AND h.thread_id = $2"
	" UNION ALL SELECT 5, false, 'checkpoints', NULL, count(*), sum(c.metadata + c.stored) FROM c"
	" UNION ALL SELECT 6, true, 'metadata', NULL, count(*), sum(c.metadata) FROM c"
	" UNION ALL SELECT 7, true, 'snapshots', NULL, count(*), sum(c.stored)"
	" FROM c WHERE c.snapshot IS NOT NULL"
	" UNION ALL SELECT 8, true, 'patches', NULL, count(*), sum(c.stored)"
	" FROM c WHERE c.patch IS NOT NULL"
	" UNION ALL SELECT 9, true, 'channel_values', p.channel,"
	" count(DISTINCT p.seq) FILTER (WHERE p.name <> 'versions'), sum(p.bytes)::int8"
	" FROM piece p WHERE p.name IN ('refs', 'values', 'versions') GROUP BY p.channel"
	" UNION ALL SELECT 10, false, 'pending_writes', w.channel, count(*),"
	" sum(pg_column_size(w.value)) FROM threadmem_data.checkpoint_writes w"
	" WHERE w.tenant_id = $1 AND w.thread_id = $2 GROUP BY w.channel"
	" UNION ALL SELECT 11, false, 'runs', NULL, count(*), sum(" RUN_BYTES ")"
	" FROM threadmem_data.runs r WHERE r.tenant_id = $1 AND r.thread_id = $2"
	" UNION ALL SELECT 12, false, 'run_steps', NULL, count(*), sum(" STEP_BYTES ")"
	" FROM threadmem_data.run_steps s WHERE s.tenant_id = $1 AND s.thread_id = $2)"
	" SELECT k.kind, k.channel, k.rows::integer, coalesce(k.bytes, 0) FROM (SELECT * FROM kinds UNION ALL"
	" SELECT 13, false, 'total', NULL, (sum(a.rows) FILTER"
	" (WHERE a.kind NOT IN ('search', 'embeddings')))::int8,"
	" sum(a.bytes)::int8 FROM kinds a WHERE NOT a.is_part) AS k"
	" ORDER BY k.place, k.bytes DESC, k.channel COLLATE \"C\"",
	"t"};

Datum
threadmem_threadmem_stats(PG_FUNCTION_ARGS)
{
	bool all = bool_or(fcinfo->args[0], false);
	Call call;

	if (all)
		query_begin_all(&call, fcinfo);
	else
		query_begin(&call, fcinfo);
	query_open_set(&call);
	for (bool more = query_first_tenant(&call, all); more; more = query_next_tenant(&call, all))
		for (int i = 0; i < lengthof(admin_counts); i++)
			query_add_to_set(&call, &admin_counts[i], NULL);
	return query_close_set(&call);
}

Datum
threadmem_thread_storage(PG_FUNCTION_ARGS)
{
	Call call;

	query_begin(&call, fcinfo);
	thread_row_require(&call, fcinfo->args[0]);
	return query_set(&call, &admin_storage, fcinfo->args);
}
