/*
 * admin.c: what an administrator wants to know: how much there is, and whether it is whole.
 */
#include "head.h"

PG_FUNCTION_INFO_V1(threadmem_threadmem_stats);
PG_FUNCTION_INFO_V1(threadmem_threadmem_verify);

#define COUNT_OF(kind, table) \
	"SELECT '" kind "', count(*), coalesce(sum(pg_column_size(x.*)), 0)::int8" \
	" FROM threadmem." table " x WHERE x.tenant_id = $1"

static Stmt stats = {
	COUNT_OF("users", "users") " UNION ALL " COUNT_OF("assistants", "assistants") " UNION ALL " COUNT_OF("graphs", "graphs") " UNION ALL " COUNT_OF(
		"threads",
		"threads") " UNION ALL " COUNT_OF("participants",
										  "thread_participants") " UNION ALL " COUNT_OF("messages",
																						"messages") " UNION ALL " COUNT_OF("chunks",
																														   "message_chunks") " UNION ALL " COUNT_OF("tombstones",
																																									"thread_tombstones"),
	""};

/*
 * Everything that the writers keep true by hand is computed again from the rows. $2 null is every
 * thread of the tenant.
 */
static Stmt verify = {
	"WITH t AS (SELECT * FROM threadmem.threads WHERE tenant_id = $1"
	" AND ($2 IS NULL OR thread_id = $2)),"
	" m AS (SELECT m.thread_id, count(*) FILTER (WHERE m.state = 'live') AS live,"
	" coalesce(sum(length(m.search)) FILTER (WHERE m.state = 'live'), 0) AS terms,"
	" max(m.seq) AS seq, max(m.rev) AS rev, count(DISTINCT m.seq) AS places,"
	" count(DISTINCT m.message_id) AS ids,"
	" count(DISTINCT m.message_id) FILTER (WHERE m.state = 'live') AS live_ids,"
	" bool_or(m.user_id IS DISTINCT FROM t.user_id) AS other_owner"
	" FROM threadmem.messages m JOIN t USING (thread_id) WHERE m.tenant_id = $1 GROUP BY 1)"
	" SELECT t.thread_id, p.problem FROM t LEFT JOIN m USING (thread_id), LATERAL (VALUES"
	" (t.live_messages <> coalesce(m.live, 0), 'live_messages is not the number of live messages'),"
	" (t.live_terms <> coalesce(m.terms, 0), 'live_terms is not the sum of the search vectors'),"
	/* Where there were checkpoints, messages may have gone with their branch. */
	" (t.next_seq <= coalesce(m.seq, 0) OR (t.next_checkpoint = 1"
	" AND t.next_seq <> coalesce(m.seq, 0) + 1), 'next_seq does not follow the last message'),"
	" (t.next_rev <= coalesce(m.rev, 0), 'next_rev is taken'),"
	" (t.next_checkpoint = 1 AND coalesce(m.places <> m.seq, false), 'seq has a gap'),"
	" (coalesce(m.ids <> m.places, false), 'a place has two messages or a message two places'),"
	" (coalesce(m.live_ids <> m.live, false), 'a message has two live revisions'),"
	" (coalesce(m.other_owner, false), 'a message has another owner than the thread'),"
	" (EXISTS (SELECT 1 FROM threadmem.message_chunks c WHERE c.tenant_id = $1"
	" AND c.thread_id = t.thread_id AND NOT EXISTS (SELECT 1 FROM threadmem.messages s"
	" WHERE s.tenant_id = $1 AND s.thread_id = c.thread_id AND s.message_id = c.message_id"
	" AND s.status = 'in_progress')), 'chunks without a message that is being streamed')"
	" ) AS p (found, problem) WHERE p.found ORDER BY 1, 2",
	"t"};

Datum
threadmem_threadmem_stats(PG_FUNCTION_ARGS)
{
	Call call;

	query_begin(&call, fcinfo);
	return query_set(&call, &stats, NULL);
}

Datum
threadmem_threadmem_verify(PG_FUNCTION_ARGS)
{
	Call call;

	query_begin(&call, fcinfo);
	if (!fcinfo->args[0].isnull)
		head_require(&call, fcinfo->args[0]);
	return query_set(&call, &verify, fcinfo->args);
}
