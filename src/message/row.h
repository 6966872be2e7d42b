/*
 * message/row.h: what the statements of this room that store a row have in common.
 */
#ifndef MESSAGE_ROW_H
#define MESSAGE_ROW_H

#include "message/message.h"

/* Begins an INSERT: the columns that every row is given. Others may follow, and ")". */
#define INSERT_MESSAGE \
	"INSERT INTO threadmem_data.messages AS m (tenant_id, thread_id, rev, seq, event_at, created_at," \
	" message_id, role, origin_role, name, sender_id, user_id, assistant_id, run_id, tool_call_id," \
	" status, in_memory, in_sender_memory, body_hash, metadata, body, search, state, by_checkpoint, id_from"

/* The statement that gives the draft's row, stored now or before, and its arguments. */
extern Stmt *message_row_of_draft(NullableDatum *args, NullableDatum thread_id,
								  const MessageDraft *draft);

/* Stores the draft in the place of its old_rev, as a row of the set that is open. */
extern void message_put_edit(Call *call, NullableDatum thread_id, const MessageDraft *draft);

#endif
