/*
 * checkpoint_copy.c: all checkpoints of a thread under another id.
 *
 * Ids, numbers and so the chain stay as they are: only the thread's id differs.
 */
#include "checkpoint.h"

#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(threadmem_checkpoint_copy_thread);

static Stmt copy_checkpoints = {
	"INSERT INTO threadmem.checkpoints (tenant_id, thread_id, seq, base_seq, parent_seq, created_at,"
	" checkpoint_ns, checkpoint_id, parent_checkpoint_id, run_id, seen, patch, snapshot, metadata)"
	" SELECT c.tenant_id, $3, c.seq, c.base_seq, c.parent_seq, c.created_at, c.checkpoint_ns,"
	" c.checkpoint_id, c.parent_checkpoint_id, c.run_id, c.seen, c.patch, c.snapshot,"
	" CASE WHEN $4 AND c.metadata ->> 'thread_id' = $2"
	" THEN c.metadata || jsonb_build_object('thread_id', $3) ELSE c.metadata END"
	" FROM threadmem.checkpoints c WHERE c.tenant_id = $1 AND c.thread_id = $2 ORDER BY c.seq",
	"ttb"};
static Stmt copy_writes = {
	"INSERT INTO threadmem.checkpoint_writes (tenant_id, thread_id, checkpoint_ns, checkpoint_id,"
	" task_id, idx, task_path, channel, value) SELECT w.tenant_id, $3, w.checkpoint_ns,"
	" w.checkpoint_id, w.task_id, w.idx, w.task_path, w.channel, w.value"
	" FROM threadmem.checkpoint_writes w WHERE w.tenant_id = $1 AND w.thread_id = $2",
	"tt"};
static Stmt copy_values = {"INSERT INTO threadmem.thread_values (tenant_id, thread_id, \"values\")"
						   " SELECT v.tenant_id, $3, v.\"values\" FROM threadmem.thread_values v"
						   " WHERE v.tenant_id = $1 AND v.thread_id = $2",
						   "tt"};
static Stmt count = {"SELECT count(*) FROM threadmem.checkpoints c"
					 " WHERE c.tenant_id = $1 AND c.thread_id = $2",
					 "t"};
static Stmt has_content = {
	"SELECT 1 FROM threadmem.messages m WHERE m.tenant_id = $1 AND m.thread_id = $2"
	" UNION ALL SELECT 1 FROM threadmem.checkpoints c WHERE c.tenant_id = $1 AND c.thread_id = $2"
	" UNION ALL SELECT 1 FROM threadmem.checkpoint_writes w"
	" WHERE w.tenant_id = $1 AND w.thread_id = $2 LIMIT 1",
	"t"};

void
checkpoint_copy(Call *call, NullableDatum source, NullableDatum target, bool with_id)
{
	NullableDatum args[] = {source, target, ARG(BoolGetDatum(with_id))};

	query_exec(call, &copy_checkpoints, args);
	query_exec(call, &copy_writes, args);
	query_exec(call, &copy_values, args);
}

/*
 * Rows that are there are locked in the order of their ids, so that two copies cannot deadlock;
 * only then is a target made that is not. False when the source has gone.
 */
static bool
lock_both(Call *call, NullableDatum source, NullableDatum target, Head *target_head)
{
	bool source_first = strcmp(text_or_null(source), text_or_null(target)) < 0;
	Head head;
	bool there;

	if (!source_first)
		head_try_lock(call, target, &head);
	there = head_try_lock(call, source, &head);
	if (there)
		head_enter(call, target, target_head);
	return there;
}

Datum
threadmem_checkpoint_copy_thread(PG_FUNCTION_ARGS)
{
	NullableDatum source = fcinfo->args[0];
	NullableDatum target = fcinfo->args[1];
	Head head;
	Call call;

	query_begin(&call, fcinfo);
	if (!lock_both(&call, source, target, &head))
		return query_int64(&call, 0);
	if (query_first(&call, &has_content, &target))
		error_exists("thread", text_or_null(target),
					 "It has messages or checkpoints; choose another id for the copy.");
	head_unearth(&call, target);
	message_copy(&call, source, target, ARG_TEXT(head.user_id));
	checkpoint_copy(&call, source, target, false);
	head_take_counters(&call, source, target);
	query_first(&call, &count, &target);
	return query_int64(&call, row_int64(1, 1));
}
