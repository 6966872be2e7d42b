/*
 * memory/forget.c: what a person wants forgotten, though the conversations stay.
 *
 * What is remembered of living threads is their messages, so these are marked, of the owner's all
 * and of others' what the user said; the rest is rows of episodes, which go.
 */
#include "memory/memory.h"

#include "miscadmin.h"
#include "utils/timestamp.h"

#include "extract/extract.h"
#include "fact/fact.h"
#include "memory/working.h"
#include "user/user.h"

PG_FUNCTION_INFO_V1(threadmem_memory_forget);

static Stmt memory_threads_of_user = {
	"SELECT f.thread_id FROM (SELECT t.thread_id FROM threadmem_data.threads t WHERE t.tenant_id = $1"
	" AND t.user_id = $2 UNION SELECT m.thread_id FROM threadmem_data.messages m WHERE m.tenant_id = $1"
	" AND m.sender_id = $2 AND " SENT_TO_OTHERS(
		"m.") ") f"
			  " WHERE $3 IS NULL OR f.thread_id = $3 ORDER BY f.thread_id",
	"tt", .newest = true};
static Stmt memory_forget_episodes = {
	"WITH gone AS (DELETE FROM threadmem_data.episodes e WHERE e.tenant_id = $1 AND e.user_id = $2"
	" AND ($3 IS NULL OR e.thread_id = $3) AND ($4 IS NULL OR e.event_at < $4)"
	" AND ($5 IS NULL OR e.event_at >= $5) RETURNING e.episode_id),"
	" old AS (DELETE FROM threadmem_data.episode_revisions r USING gone g WHERE r.tenant_id = $1"
	" AND r.user_id = $2 AND r.episode_id = g.episode_id) SELECT count(*) FROM gone",
	"ttzz"};

static void
guard_span(NullableDatum since, NullableDatum before)
{
	if (!since.isnull && !before.isnull &&
		DatumGetTimestampTz(since.value) >= DatumGetTimestampTz(before.value))
		error_bad_input("since", "It is not earlier than before.");
}

enum
{
	FORGET_USER_ID,
	FORGET_BEFORE,
	FORGET_THREAD_ID,
	FORGET_SINCE
};

Datum
threadmem_memory_forget(PG_FUNCTION_ARGS)
{
	NullableDatum before = fcinfo->args[FORGET_BEFORE];
	NullableDatum since = fcinfo->args[FORGET_SINCE];
	NullableDatum args[] = {fcinfo->args[FORGET_USER_ID], fcinfo->args[FORGET_THREAD_ID], before,
							since};
	SPITupleTable *threads;
	FactOwner owner;
	int64 forgotten = 0;
	uint64 count;
	Call call;

	query_begin(&call, fcinfo);
	guard_span(since, before);
	user_require_own(&call, args[0]);
	owner_lock(&call, args[0], &owner); /* who draws from it meanwhile adds nothing of what goes */
	thread_row_lock_all(&call, &memory_threads_of_user, args);
	count = query_exec(&call, &memory_threads_of_user, args);
	threads = SPI_tuptable;
	for (uint64 i = 1; i <= count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		forgotten += message_leave_memory(&call, table_column(threads, i, 1), since, before,
										  fcinfo->args[FORGET_USER_ID]);
	}
	fact_forget(&call, args[0], args[1], since, before);
	if (args[1].isnull)
		working_forget(&call, args[0], since, before);
	query_first(&call, &memory_forget_episodes, args);
	forgotten += row_int64(1, 1);
	extract_forget(&call, text_array(&args[0].value, 1));
	return query_count(&call, forgotten);
}
