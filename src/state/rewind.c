/*
 * state/rewind.c: back to before a message of the thread, and to one that was left behind.
 *
 * What a person edits or asks for anew is a message, of which only the id is at hand. Before it
 * means: the newest state on its branch that knows nothing said from there on, with what the log
 * has more up to there (an answer that came without a state, an earlier message that was reworded
 * since). A checkpoint with that becomes the head, and the log follows. What the thread had become
 * is taken into a checkpoint first, so that nothing falls between the branches.
 *
 * A message that is not on the head's branch is on others. The newest checkpoint that has seen it
 * is the end of one, and a child of that, with the same state, makes it current.
 */
#include "state/state.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "threadmem/threadmem.h"

PG_FUNCTION_INFO_V1(threadmem_thread_rewind);

static Stmt state_message_place = {
	"SELECT m.seq, m.state = 'live', m.role, m.origin_role, m.name, m.sender_id, m.assistant_id,"
	" m.tool_call_id, m.in_memory FROM threadmem_data.messages m WHERE m.tenant_id = $1"
	" AND m.thread_id = $2 AND m.message_id = $3 AND m.state IN ('live', 'off_branch')" MESSAGE_NOT_ENDED
	" ORDER BY m.state = 'live' DESC, m.rev DESC LIMIT 1",
	"tt"};
#define HAS_SEEN_MESSAGE \
	" EXISTS (SELECT 1 FROM threadmem_data.messages m WHERE m.tenant_id = $1 AND m.thread_id = $2" \
	" AND m.message_id = $4 AND m.rev <@ c.seen)"
static Stmt state_end_of_branch = {
	"SELECT c.checkpoint_id" CHECKPOINTS_OF("$3") " AND" HAS_SEEN_MESSAGE
												  " ORDER BY c.checkpoint_id DESC LIMIT 1",
	"ttt"};
static Stmt state_is_on_branch = {
	"SELECT" HAS_SEEN_MESSAGE CHECKPOINTS_OF("$3") " AND c.checkpoint_id = $5", "tttt"};
enum
{
	REWIND_THREAD_ID,
	REWIND_MESSAGE_ID,
	REWIND_CONTENT,
	REWIND_BODY,
	REWIND_PARTS,
	REWIND_NEW_MESSAGE_ID,
	REWIND_CHECKPOINT_ID,
	REWIND_BEFORE
};

/* One call under way; the thread is locked. */
typedef struct Rewind
{
	Call *call;
	NullableDatum *args;
	NullableDatum thread_id;
	ThreadRow thread;
	int64 seq; /* of the message */
	bool is_live;
	MessageArguments said; /* by whom, for a new wording */
	char *head;            /* NULL for none */
	char *left;            /* end of the branch that was left; NULL for none */
} Rewind;

/* P0002 for a message that is on no branch. */
static void
find_message(Rewind *rewind)
{
	NullableDatum role;

	if (!query_first(rewind->call, &state_message_place, rewind->args))
		message_not_found(rewind->call, rewind->thread_id, rewind->args[REWIND_MESSAGE_ID]);
	for (int i = 0; i < sizeof(rewind->said) / sizeof(NullableDatum); i++)
		((NullableDatum *)&rewind->said)[i] = ARG_NULL;
	rewind->seq = row_int64(1, 1);
	rewind->is_live = row_bool(1, 2);
	role = row_column(1, 4);
	rewind->said.role = role.isnull ? row_column(1, 3) : role;
	rewind->said.name = row_column(1, 5);
	rewind->said.sender_id = row_column(1, 6);
	rewind->said.assistant_id = row_column(1, 7);
	rewind->said.tool_call_id = row_column(1, 8);
	rewind->said.in_memory = row_column(1, 9);
}

static bool
has_wording(const Rewind *rewind)
{
	return !rewind->args[REWIND_CONTENT].isnull || !rewind->args[REWIND_BODY].isnull ||
		   !rewind->args[REWIND_PARTS].isnull;
}

static void
check_arguments(const Rewind *rewind)
{
	NullableDatum *args = rewind->args;

	if (!args[REWIND_CONTENT].isnull + !args[REWIND_BODY].isnull + !args[REWIND_PARTS].isnull > 1)
		error_bad_input("body", "Give either a whole message, or its content, or its parts.");
	if (has_wording(rewind) && !bool_or(args[REWIND_BEFORE], true))
		error_bad_input("before_message", "A new wording comes before the message, in its place.");
	if (!has_wording(rewind) && !args[REWIND_NEW_MESSAGE_ID].isnull)
		error_bad_input("new_message_id", "There is no new message: give its content.");
}

/* The new wording, by whom the message is; a whole message says that itself. */
static void
draft_wording(Rewind *rewind, MessageDraft *draft)
{
	NullableDatum *args = rewind->args;
	MessageArguments given = rewind->said;

	given.message_id = args[REWIND_NEW_MESSAGE_ID];
	given.content = args[REWIND_CONTENT];
	given.parts = args[REWIND_PARTS];
	given.body = args[REWIND_BODY];
	if (!given.body.isnull)
		given.role = given.tool_call_id = ARG_NULL;
	message_draft_call(draft, &given);
}

/* The end of the branch that is asked for; NULL when that is the head's. */
static char *
find_branch(Rewind *rewind)
{
	NullableDatum asked = rewind->args[REWIND_CHECKPOINT_ID];
	NullableDatum key[] = {rewind->thread_id, ARG_TEXT(""), rewind->args[REWIND_MESSAGE_ID], asked};

	if (asked.isnull && rewind->is_live)
		return NULL;
	if (asked.isnull)
	{
		if (!query_first(rewind->call, &state_end_of_branch, key))
			message_not_found(rewind->call, rewind->thread_id, rewind->args[REWIND_MESSAGE_ID]);
		return row_text(1, 1);
	}
	if (rewind->is_live && rewind->head && strcmp(rewind->head, text_or_null(asked)) == 0)
		return NULL;
	if (!query_first(rewind->call, &state_is_on_branch, key))
		error_not_found("checkpoint", text_or_null(asked));
	if (!row_bool(1, 1))
		error_bad_input("checkpoint_id", "Its branch does not have message \"%s\".",
						text_or_null(rewind->args[REWIND_MESSAGE_ID]));
	return text_or_null(asked);
}

static void
store_head(Rewind *rewind, Superstep *step)
{
	rewind->head =
		superstep_store(step, "update", checkpoint_step(step->parent.metadata) + 1, ARG_NULL);
	rewind->thread = step->thread;
}

static void
go_to(Rewind *rewind, const char *checkpoint_id)
{
	Superstep step;

	superstep_begin(&step, rewind->call, &rewind->thread, rewind->thread_id, ARG_TEXT(""),
					ARG_TEXT(checkpoint_id));
	store_head(rewind, &step);
}

/* The input of the run in which the message was said would say it again. */
static void
drop_input(Superstep *step)
{
	Jsonb *input = superstep_value(step, "__start__");

	if (input && JB_ROOT_IS_OBJECT(input) && json_given(&input->root, "messages"))
		superstep_set(step, "__start__", NULL);
}

/*
 * From the head to what its branch was before a place in the log. A new line begins with an empty
 * list, whose version shows the next writer in which form this thread has them.
 */
static void
go_before(Rewind *rewind)
{
	NullableDatum parent =
		state_before(rewind->call, rewind->thread_id, &rewind->thread, rewind->seq, false);
	Superstep step;
	RevRuns list = {0};

	superstep_begin(&step, rewind->call, &rewind->thread, rewind->thread_id, ARG_TEXT(""), parent);
	if (parent.isnull)
		superstep_stand_alone(&step);
	step.seen = state_log_before(rewind->call, rewind->thread_id, step.parent.seen, rewind->seq);
	if (superstep_takes_log(&step, &list) &&
		(state_pending_before(rewind->call, rewind->thread_id, &step.parent, rewind->seq, &list) ||
		 parent.isnull))
		superstep_set_list(&step, "messages", &list);
	drop_input(&step);
	step.takes_pending = true;
	store_head(rewind, &step);
}

/* Takes the end of the thread as it is into a checkpoint. */
static void
leave(Rewind *rewind)
{
	Neighbour left;

	state_leave(rewind->call, rewind->thread_id, &rewind->thread);
	if (neighbour_latest(rewind->call, rewind->thread_id, ARG_TEXT(""), &left))
		rewind->left = left.checkpoint_id;
}

static void
move(Rewind *rewind)
{
	NullableDatum *args = rewind->args;
	char *branch = find_branch(rewind);
	bool before = bool_or(args[REWIND_BEFORE],
						  has_wording(rewind) || (!branch && args[REWIND_CHECKPOINT_ID].isnull));

	if (!branch && !before)
		return;
	leave(rewind);
	if (branch)
		go_to(rewind, branch);
	if (before)
		go_before(rewind);
}

static Datum
answer(Rewind *rewind, const char *message_id)
{
	Datum values[] = {rewind->thread_id.value, CStringGetTextDatum(message_id),
					  rewind->head ? CStringGetTextDatum(rewind->head) : (Datum)0,
					  rewind->left ? CStringGetTextDatum(rewind->left) : (Datum)0};
	bool nulls[] = {false, false, !rewind->head, !rewind->left};

	return query_made_row(rewind->call, values, nulls, lengthof(values));
}

/*
 * Who said the message is locked before the thread, and it is read again then. A call that is
 * repeated with the id of its new message finds that, and changes nothing.
 */
Datum
threadmem_thread_rewind(PG_FUNCTION_ARGS)
{
	Call call;
	Rewind rewind = {
		.call = &call, .args = fcinfo->args, .thread_id = fcinfo->args[REWIND_THREAD_ID]};
	Neighbour latest;
	MessageDraft draft;

	query_begin(&call, fcinfo);
	check_arguments(&rewind);
	thread_row_require(&call, rewind.thread_id);
	find_message(&rewind);
	if (has_wording(&rewind))
	{
		draft_wording(&rewind, &draft);
		message_lock_senders(&call, rewind.args[REWIND_BODY], rewind.said.sender_id);
	}
	thread_row_lock(&call, rewind.thread_id, &rewind.thread);
	thread_row_check_free(&call, rewind.thread_id, ARG_NULL);
	find_message(&rewind);
	if (neighbour_latest(&call, rewind.thread_id, ARG_TEXT(""), &latest))
		rewind.head = latest.checkpoint_id;
	if (has_wording(&rewind) && message_is_said(&call, rewind.thread_id, &draft))
		return answer(&rewind, draft.shape.message_id);
	move(&rewind);
	if (!has_wording(&rewind))
		return answer(&rewind, text_or_null(rewind.args[REWIND_MESSAGE_ID]));
	message_place(&call, rewind.thread_id, &draft, 1, false);
	message_store(&call, rewind.thread_id, &draft, 1);
	return answer(&rewind, draft.shape.message_id);
}
