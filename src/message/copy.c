/*
 * message/copy.c: the messages of a thread under another id, and what is counted of them.
 */
#include "message/message.h"

#include "message/row.h"

/*
 * $5 null: all. Else what the checkpoints of the copy hold, with what a person deleted of that, or
 * ($6) the log up to a place, without what lies off the branch. An erased id stays erased. What the
 * last checkpoint has not seen ($7) and lies behind the place is off its branch.
 */
static Stmt message_copy_stmt = {
	INSERT_MESSAGE
	", change, embedding, edited_at)"
	" SELECT m.tenant_id, $3, m.rev, m.seq, m.event_at, m.created_at, m.message_id, m.role,"
	" m.origin_role, m.name, m.sender_id, $4, m.assistant_id, m.run_id, m.tool_call_id, m.status,"
	" CASE WHEN m.sender_id = $4 THEN m.in_sender_memory ELSE m.in_memory END, m.in_sender_memory,"
	" m.body_hash, m.metadata, m.body, m.search,"
	" CASE WHEN m.state IN ('live', 'superseded') AND NOT (m.rev <@ $7 OR coalesce(m.seq <= $6, false))"
	" THEN 'off_branch' ELSE m.state END, m.by_checkpoint, m.id_from, m.change, m.embedding, m.edited_at"
	" FROM threadmem_data.messages m WHERE m.tenant_id = $1 AND m.thread_id = $2"
	" AND ($5 IS NULL OR m.rev <@ $5 OR (m.seq <= $6 AND m.state <> 'off_branch')"
	" OR ($6 IS NULL AND m.state = 'erased') OR ($6 IS NULL AND m.state = 'deleted'"
	" AND EXISTS (SELECT 1 FROM threadmem_data.messages o WHERE o.tenant_id = $1 AND o.thread_id = $2"
	" AND o.message_id = m.message_id AND o.rev <@ $5)))",
	"tttmlm"};
static Stmt message_copy_chunks = {
	"INSERT INTO threadmem_data.message_chunks (tenant_id, thread_id, message_id, chunk_no, so_far, delta, half)"
	" SELECT c.tenant_id, $3, c.message_id, c.chunk_no, c.so_far, c.delta, c.half"
	" FROM threadmem_data.message_chunks c WHERE c.tenant_id = $1 AND c.thread_id = $2"
	" AND EXISTS (SELECT 1 FROM threadmem_data.messages m WHERE m.tenant_id = $1 AND m.thread_id = $3"
	" AND m.message_id = c.message_id)",
	"tt"};
static Stmt message_recount_stmt = {
	"SELECT count(*), max(least(m.event_at, m.created_at)),"
	" (SELECT coalesce(max(a.seq), 0) + 1 FROM threadmem_data.messages a"
	" WHERE a.tenant_id = $1 AND a.thread_id = $2) FROM threadmem_data.messages m"
	" WHERE m.tenant_id = $1 AND m.thread_id = $2 AND m.state = 'live'",
	"t"};

void
message_copy(Call *call, NullableDatum source, NullableDatum target, NullableDatum owner_id,
			 const MessageExtent *extent)
{
	NullableDatum args[] = {source,
							target,
							owner_id,
							extent ? extent->held : ARG_NULL,
							extent ? extent->place : ARG_NULL,
							extent ? extent->seen : ARG_NULL};

	query_exec(call, &message_copy_stmt, args);
	query_exec(call, &message_copy_chunks, args);
}

void
message_recount(Call *call, NullableDatum thread_id)
{
	ThreadRowCount count;

	query_first(call, &message_recount_stmt, &thread_id);
	count.messages = row_column(1, 1);
	count.last_message_at = row_column(1, 2);
	count.next_seq = row_column(1, 3);
	thread_row_recount(call, thread_id, &count);
}
