/*
 * message/batch.c: many messages at once: appended, or saved again as a client has them all.
 *
 * A client that saves its whole list after every turn means: what is there stays, what has grown is
 * an edit, what is new comes at the end. What is not in its list is not touched, and the order of
 * the log stays.
 */
#include "message/row.h"

PG_FUNCTION_INFO_V1(threadmem_message_add_batch);

enum
{
	BATCH_THREAD_ID,
	BATCH_MESSAGES,
	BATCH_IGNORE_ROLES,
	BATCH_RUN_ID,
	BATCH_IF_EXISTS
};

/* Without an id it would be appended with every call. */
static void
check_ids(const MessageDraft *drafts, int count)
{
	for (int i = 0; i < count; i++)
		if (!drafts[i].given_id)
			error_bad_input_hint("messages",
								 "Give each message an id of its own, so that saving it again "
								 "finds it.",
								 "messages[%d] has no id.", i);
}

Datum
threadmem_message_add_batch(PG_FUNCTION_ARGS)
{
	static const char *const choices[] = {"raise", "update", NULL};
	NullableDatum args[STMT_MAX_ARGS];
	NullableDatum thread_id = fcinfo->args[BATCH_THREAD_ID];
	MessageDraft *drafts;
	bool saves;
	Call call;
	int count;

	query_begin(&call, fcinfo);
	saves = guard_choice("if_exists", fcinfo->args[BATCH_IF_EXISTS], choices) == 1;
	drafts = message_drafts("messages", DatumGetJsonbP(fcinfo->args[BATCH_MESSAGES].value),
							fcinfo->args[BATCH_IGNORE_ROLES], &count);
	if (saves)
		check_ids(drafts, count);
	for (int i = 0; i < count; i++)
	{
		drafts[i].saves = saves;
		if (!fcinfo->args[BATCH_RUN_ID].isnull)
			drafts[i].shape.run_id = text_or_null(fcinfo->args[BATCH_RUN_ID]);
	}
	message_lock_senders(&call, fcinfo->args[BATCH_MESSAGES], ARG_NULL);
	message_lock_exported(&call, drafts, count);
	message_place(&call, thread_id, drafts, count, true);
	query_open_set(&call);
	for (int i = 0; i < count; i++)
	{
		if (drafts[i].old_rev != 0)
			message_put_edit(&call, thread_id, &drafts[i]);
		else
			query_add_to_set(&call, message_row_of_draft(args, thread_id, &drafts[i]), args);
	}
	return query_close_set(&call);
}
