/*
 * extract/status.c: how far extraction is, of a message, a thread, an episode or a user.
 *
 * What waits is counted as a claim would find it: behind extracted_rev, of the threads that wait.
 */
#include "extract/job.h"

#include "user/user.h"

PG_FUNCTION_INFO_V1(threadmem_memory_status);

/* The places that are asked for: the thread $3, the message $4 of it, the episode $5, or all. */
#define OF_PLACE \
	"j.tenant_id = $1 AND j.user_id = $2 AND ($3 IS NULL OR j.thread_id = $3)" \
	" AND ($4 IS NULL OR j.message_id = $4) AND ($5 IS NULL OR j.episode_id = $5)"
static Stmt status_get = {
	.sql =
		"SELECT CASE WHEN s.claimed > 0 THEN 'claimed' WHEN s.waiting > 0 THEN 'pending'"
		" WHEN s.failed > 0 THEN 'failed' WHEN s.done THEN 'done' ELSE 'none' END,"
		" (s.waiting - s.claimed)::integer, s.claimed::integer, s.failed::integer, s.attempts,"
		" s.error FROM (SELECT j.*, w.waiting, d.done FROM (SELECT"
		" count(*) FILTER (WHERE j.status = 'claimed' AND j.lease_until > clock_timestamp())"
		" AS claimed, count(*) FILTER (WHERE j.status = 'failed') AS failed,"
		" (array_agg(j.attempts ORDER BY j.claimed_at DESC))[1] AS attempts,"
		" (array_agg(j.error ORDER BY j.claimed_at DESC) FILTER (WHERE j.error IS NOT NULL))[1]"
		" AS error FROM threadmem_data.memory_jobs j WHERE " OF_PLACE ") j, LATERAL (SELECT"
		" (SELECT count(*) FROM threadmem_data.threads t, LATERAL (SELECT m.rev FROM"
		" threadmem_data.messages m WHERE m.tenant_id = $1 AND m.thread_id = t.thread_id"
		" AND m.rev > t.extracted_rev AND " WAITS
		" AND ($4 IS NULL OR m.message_id = $4) OFFSET 0) m"
		" WHERE t.tenant_id = $1 AND t.user_id = $2 AND t.extract_at IS NOT NULL"
		" AND ($3 IS NULL OR t.thread_id = $3) AND $5 IS NULL)"
		" + (SELECT count(*) FROM threadmem_data.episodes e WHERE e.tenant_id = $1"
		" AND e.user_id = $2 AND e.extract_at IS NOT NULL AND (e.thread_id IS NULL"
		" OR e.owner_id = e.user_id) AND ($5 IS NULL OR e.episode_id = $5)"
		" AND $3 IS NULL) AS waiting) w, LATERAL (SELECT"
		" EXISTS (SELECT 1 FROM threadmem_data.threads t WHERE t.tenant_id = $1 AND t.user_id = $2"
		" AND t.extracted_rev > 0 AND ($3 IS NULL OR t.thread_id = $3) AND $5 IS NULL"
		" AND ($4 IS NULL OR EXISTS (SELECT 1 FROM threadmem_data.messages m WHERE m.tenant_id = $1"
		" AND m.thread_id = t.thread_id AND m.message_id = $4 AND m.rev <= t.extracted_rev AND " WAITS
		"))) OR EXISTS (SELECT 1 FROM threadmem_data.episodes e WHERE e.tenant_id = $1"
		" AND e.user_id = $2 AND e.extract_at IS NULL AND (e.thread_id IS NULL"
		" OR e.owner_id = e.user_id) AND ($5 IS NULL OR e.episode_id = $5)"
		" AND $3 IS NULL) AS done) d) s",
	.types = "tttt",
	.keyed = true};
static Stmt status_thread = {"SELECT 1 FROM threadmem_data.threads t WHERE t.tenant_id = $1"
							 " AND t.user_id = $2 AND t.thread_id = $3",
							 "tt"};
static Stmt status_message = {"SELECT 1 FROM threadmem_data.messages m WHERE m.tenant_id = $1"
							  " AND m.thread_id = $2 AND m.message_id = $3 AND m.state = 'live'",
							  "tt"};
static Stmt status_episode = {"SELECT 1 FROM threadmem_data.episodes e WHERE e.tenant_id = $1"
							  " AND e.user_id = $2 AND e.episode_id = $3",
							  "tt"};

enum
{
	STATUS_USER_ID,
	STATUS_THREAD_ID,
	STATUS_MESSAGE_ID,
	STATUS_EPISODE_ID
};

static void
require(Call *call, Stmt *stmt, NullableDatum of, NullableDatum id, const char *noun)
{
	if (!id.isnull && !query_first(call, stmt, (NullableDatum[]){of, id}))
		error_not_found(noun, text_or_null(id));
}

Datum
threadmem_memory_status(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	Call call;

	query_begin(&call, fcinfo);
	if (args[STATUS_THREAD_ID].isnull && !args[STATUS_MESSAGE_ID].isnull)
		error_bad_input("thread_id", "A message is named by its thread_id and its message_id.");
	if (!args[STATUS_THREAD_ID].isnull && !args[STATUS_EPISODE_ID].isnull)
		error_bad_input("episode_id", "Give either a thread or an episode.");
	user_require_known(&call, args[STATUS_USER_ID]);
	require(&call, &status_thread, args[STATUS_USER_ID], args[STATUS_THREAD_ID], "thread");
	require(&call, &status_message, args[STATUS_THREAD_ID], args[STATUS_MESSAGE_ID], "message");
	require(&call, &status_episode, args[STATUS_USER_ID], args[STATUS_EPISODE_ID], "episode");
	return query_one(&call, &status_get, args, "user", text_or_null(args[STATUS_USER_ID]));
}
