/*
 * thread/copy.c: a thread under another id, whole or up to a point of its history.
 *
 * The copy has the same messages, checkpoints, writes and working memory under the same ids and
 * numbers. Up to a checkpoint means what that and its ancestors have seen, with the log as it is
 * when the checkpoint is the head. Up to a message means the log up to there, and the newest state
 * on the head's way that knows nothing said later; what that has not seen is pending.
 */
#include "thread/thread.h"

#include "checkpoint/checkpoint.h"
#include "message/message.h"
#include "state/state.h"

#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(threadmem_thread_copy);
PG_FUNCTION_INFO_V1(threadmem_thread_fork);

static Stmt thread_copy_participants = {
	"INSERT INTO threadmem_data.thread_participants"
	" (tenant_id, thread_id, kind, participant_id, owner_id, role, joined_at)"
	" SELECT tenant_id, $3, kind, participant_id, owner_id, role, joined_at"
	" FROM threadmem_data.thread_participants WHERE tenant_id = $1 AND thread_id = $2",
	"tt"};

static Stmt thread_copy_blocks = {
	"INSERT INTO threadmem_data.memory_blocks (tenant_id, user_id, thread_id, label, value,"
	" description, max_characters, version, created_at, updated_at) SELECT b.tenant_id, b.user_id, $3,"
	" b.label, b.value, b.description, b.max_characters, b.version, b.created_at, b.updated_at"
	" FROM threadmem_data.memory_blocks b WHERE b.tenant_id = $1 AND b.thread_id = $2",
	"tt"};
static Stmt thread_copy_block_revisions = {
	"INSERT INTO threadmem_data.memory_block_revisions (tenant_id, user_id, thread_id, label, value,"
	" description, max_characters, version, created_at, updated_at, replaced_at) SELECT b.tenant_id,"
	" b.user_id, $3, b.label, b.value, b.description, b.max_characters, b.version, b.created_at,"
	" b.updated_at, b.replaced_at FROM threadmem_data.memory_block_revisions b"
	" WHERE b.tenant_id = $1 AND b.thread_id = $2",
	"tt"};

/* One copy under way; the source is locked. */
typedef struct ThreadCopy
{
	Call call;
	NullableDatum source;
	NullableDatum target;
	bool reserved;
	ThreadRow thread;
} ThreadCopy;

static void
error_target_exists(NullableDatum target)
{
	error_exists("thread", text_or_null(target), "Choose another id for the copy.");
}

static void
require_own(const ThreadCopy *copy)
{
	thread_row_require_own(copy->source, &copy->thread, "copied",
						   "Only its owner copies a thread; use its session, or one that is not "
						   "narrowed by threadmem.user_id.");
}

/*
 * The source's lock keeps its row and what is inside from moving apart between the statements. Whom
 * it names is not locked: who deletes a user or an assistant waits for the thread, and then looks
 * again for what there is. A target of a lower id comes first.
 */
static void
copy_begin(ThreadCopy *copy, NullableDatum source, NullableDatum target)
{
	copy->source = source;
	copy->target = target.isnull ? ARG(id_generate("thread")) : target;
	copy->reserved = !target.isnull && strcmp(text_or_null(target), text_or_null(source)) < 0;
	if (copy->reserved)
	{
		thread_row_read(&copy->call, source, &copy->thread);
		require_own(copy);
		if (!thread_row_reserve(&copy->call, copy->target))
			error_target_exists(copy->target);
	}
	thread_row_lock(&copy->call, source, &copy->thread);
	require_own(copy);
}

static void
copy_row(ThreadCopy *copy, bool with_state)
{
	NullableDatum ids[] = {copy->source, copy->target};

	if (copy->reserved)
		thread_row_release(&copy->call, copy->target);
	if (!thread_row_copy(&copy->call, copy->source, copy->target, with_state))
		error_target_exists(copy->target);
	query_exec(&copy->call, &thread_copy_participants, ids);
	query_exec(&copy->call, &thread_copy_blocks, ids);
	query_exec(&copy->call, &thread_copy_block_revisions, ids);
}

/* NULL: all of them. */
static void
copy_messages(ThreadCopy *copy, const CopyExtent *extent, NullableDatum place)
{
	MessageExtent some = {.place = place};

	if (extent)
	{
		some.held = extent->held;
		some.seen = extent->seen;
	}
	message_copy(&copy->call, copy->source, copy->target, ARG_TEXT(copy->thread.user_id),
				 extent ? &some : NULL);
}

/* The log of the copy follows its head, as if it had moved there from nowhere. */
static void
follow_head(ThreadCopy *copy, const CopyExtent *extent)
{
	Referral referral = {.call = &copy->call, .thread_id = copy->target, .thread = &copy->thread};
	RevRuns none = {0};
	ThreadRowStep step = {0};
	Move move = {.seen_before = ARG_NULL,
				 .seen_after = extent->seen,
				 .is_head = true,
				 .switches = true,
				 .news = &none};
	ChainState state;
	StateParts parts;
	RevRuns list;

	chain_read_row(&copy->call, copy->target, extent->last_seq, &state);
	parts = document_parts(state.document);
	list = document_revisions(&parts);
	move.list = &list;
	message_move(&referral, &move, &step);
	if (step.changes > 0)
		(void)thread_row_take_change(&copy->call, copy->target);
	checkpoint_set_values(&copy->call, copy->target, state.document);
}

static Datum
copy_to_checkpoint(ThreadCopy *copy, NullableDatum checkpoint_id, bool history)
{
	CopyExtent extent;
	bool whole = checkpoint_id.isnull;

	checkpoint_extent(&copy->call, copy->source, checkpoint_id, history, &extent);
	copy_row(copy, true);
	copy_messages(copy, whole ? NULL : &extent, ARG_NULL);
	checkpoint_copy_some(&copy->call, copy->source, copy->target, &extent);
	if (!whole)
		follow_head(copy, &extent);
	if (!history)
		checkpoint_drop_unheld(&copy->call, copy->target);
	message_recount(&copy->call, copy->target);
	return thread_return(&copy->call, copy->target);
}

static Datum
copy_to_message(ThreadCopy *copy, NullableDatum message_id)
{
	RevRuns none = {0};
	CopyExtent extent = {.seen = seen_after(ARG_NULL, &none), .held = seen_after(ARG_NULL, &none)};
	NullableDatum checkpoint_id;
	LiveMessage last;

	message_find_live(&copy->call, copy->source, message_id, &last);
	checkpoint_id = state_before(&copy->call, copy->source, &copy->thread, last.seq, true);
	if (!checkpoint_id.isnull)
		checkpoint_extent(&copy->call, copy->source, checkpoint_id, true, &extent);
	copy_row(copy, !checkpoint_id.isnull);
	copy_messages(copy, &extent, ARG(Int64GetDatum(last.seq)));
	if (!checkpoint_id.isnull)
	{
		ChainState state;

		checkpoint_copy_some(&copy->call, copy->source, copy->target, &extent);
		chain_read_row(&copy->call, copy->target, extent.last_seq, &state);
		checkpoint_set_values(&copy->call, copy->target, state.document);
	}
	message_recount(&copy->call, copy->target);
	return thread_return(&copy->call, copy->target);
}

enum
{
	COPY_THREAD_ID,
	COPY_NEW_THREAD_ID,
	COPY_CHECKPOINT_ID,
	COPY_HISTORY
};

Datum
threadmem_thread_copy(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	bool history = bool_or(args[COPY_HISTORY], true);
	ThreadCopy copy;

	query_begin(&copy.call, fcinfo);
	copy_begin(&copy, args[COPY_THREAD_ID], args[COPY_NEW_THREAD_ID]);
	if (!args[COPY_CHECKPOINT_ID].isnull || !history)
		return copy_to_checkpoint(&copy, args[COPY_CHECKPOINT_ID], history);
	copy_row(&copy, true);
	copy_messages(&copy, NULL, ARG_NULL);
	checkpoint_copy(&copy.call, copy.source, copy.target, true);
	return thread_return(&copy.call, copy.target);
}

enum
{
	FORK_THREAD_ID,
	FORK_CHECKPOINT_ID,
	FORK_MESSAGE_ID,
	FORK_NEW_THREAD_ID
};

Datum
threadmem_thread_fork(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	ThreadCopy copy;

	query_begin(&copy.call, fcinfo);
	if (args[FORK_CHECKPOINT_ID].isnull == args[FORK_MESSAGE_ID].isnull)
		error_bad_input(args[FORK_CHECKPOINT_ID].isnull ? "checkpoint_id" : "message_id",
						"Give either checkpoint_id or message_id, where the fork begins.");
	copy_begin(&copy, args[FORK_THREAD_ID], args[FORK_NEW_THREAD_ID]);
	if (!args[FORK_CHECKPOINT_ID].isnull)
		return copy_to_checkpoint(&copy, args[FORK_CHECKPOINT_ID], true);
	return copy_to_message(&copy, args[FORK_MESSAGE_ID]);
}
