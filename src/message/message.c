/*
 * message/message.c: messages on their way in.
 *
 * An append is two statements: one takes numbers from the thread's row (and its lock), one inserts.
 * Only when the writer chose an id is there something to compare with first, and then the lock has
 * to come before the look, else two retries of one call would both find nothing.
 */
#include "message/message.h"

#include "catalog/namespace.h"
#include "miscadmin.h"
#include "tsearch/ts_type.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/formatting.h"
#include "utils/hsearch.h"
#include "utils/regproc.h"
#include "utils/timestamp.h"
#include "utils/varlena.h"

#include "json_patch/json_patch.h"
#include "message/row.h"
#include "threadmem/threadmem.h"

PG_FUNCTION_INFO_V1(threadmem_message_add);

#define INSERT_VALUES \
	INSERT_MESSAGE \
	") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16," \
	" $17, $17, $18, $19, $20, $21, $22, $23, $24)"
#define INSERT_TYPES "tllzzttttttttttbxjjvtbt"

static Stmt message_insert = {INSERT_VALUES " RETURNING " MESSAGE_COLUMNS, INSERT_TYPES};
static Stmt message_insert_quietly = {INSERT_VALUES, INSERT_TYPES};
static Stmt message_same_id = {
	"SELECT m.rev, m.seq, m.state = 'erased', m.body_hash = $4, m.state, m.status"
	" FROM threadmem_data.messages m WHERE m.tenant_id = $1 AND m.thread_id = $2"
	" AND m.message_id = $3 ORDER BY m.rev DESC",
	"ttx"};
static Stmt message_get_rev = {"SELECT " MESSAGE_COLUMNS_NOW " FROM threadmem_data.messages m"
							   " WHERE m.tenant_id = $1 AND m.thread_id = $2 AND m.rev = $3",
							   "tl"};

Datum
message_return(Call *call, NullableDatum thread_id, int64 rev)
{
	NullableDatum key[] = {thread_id, ARG(Int64GetDatum(rev))};

	return query_one(call, &message_get_rev, key, "message", NULL);
}

void
message_index(MessageDraft *draft)
{
	draft->hash = shape_hash(draft->body);
	draft->search = message_lexemes_of(draft->body);
}

void
message_draft(MessageDraft *draft, const char *argument, Jsonb *body)
{
	memset(draft, 0, sizeof(*draft));
	shape_read(argument, body, &draft->shape);
	draft->in_memory = true;
	draft->state = "live";
	draft->given_id = draft->shape.message_id != NULL;
	if (!draft->given_id)
	{
		draft->shape.message_id = TextDatumGetCString(id_generate("message"));
		body = shape_with_id(body, draft->shape.message_id);
	}
	draft->id_from = draft->given_id ? ID_FROM_BODY : ID_FROM_THREADMEM;
	draft->body = body;
	message_index(draft);
}

/* Each role once, in its order; in capitals a word says what was written, in small what it is. */
static List *
distinct_roles(NullableDatum ignore_roles)
{
	Datum *roles;
	int count = text_list(ignore_roles, &roles);
	Names *seen = names_new();
	List *distinct = NIL;

	for (int i = 0; i < count; i++)
	{
		char *role = TextDatumGetCString(roles[i]);
		char *lower = asc_tolower(role, strlen(role));

		if (names_take(seen, strcmp(role, lower) == 0 ? role : psprintf("%s+", lower)))
			distinct = lappend(distinct, role);
	}
	return distinct;
}

static bool
is_ignored(const char *role, const char *origin_role, const List *ignore_roles)
{
	ListCell *cell;

	foreach (cell, ignore_roles)
	{
		char *origin;
		const char *ignored = shape_role("ignore_roles", lfirst(cell), &origin);

		/* "norole" ignores norole, not everything that is stored as other */
		if (strcmp(ignored, role) == 0 &&
			(strcmp(role, "other") != 0 ||
			 (origin && origin_role && pg_strcasecmp(origin, origin_role) == 0)))
			return true;
	}
	return false;
}

MessageDraft *
message_drafts(const char *argument, Jsonb *messages, NullableDatum ignore_roles, int *count)
{
	List *ignored = distinct_roles(ignore_roles);
	MessageDraft *drafts;

	*count = (int)JB_ROOT_COUNT(messages);
	drafts = palloc_extended(sizeof(MessageDraft) * Max(*count, 1), MCXT_ALLOC_HUGE);
	for (int i = 0; i < *count; i++)
	{
		JsonbValue *element = getIthJsonbValueFromContainer(&messages->root, i);
		MessageDraft *draft = &drafts[i];
		Jsonb *body = JsonbValueToJsonb(element);

		CHECK_FOR_INTERRUPTS();
		message_draft(draft, psprintf("%s[%d]", argument, i), body);
		guard_body(draft->body);
		draft->in_memory = !is_ignored(draft->shape.role, draft->shape.origin_role, ignored);
	}
	return drafts;
}

static void
repeat_stored(MessageDraft *draft, uint64 row)
{
	draft->repeated = true;
	draft->rev = row_int64(row, 1);
	draft->seq = row_int64(row, 2);
}

/*
 * Saved again: the live revision is what counts, and other bytes than that has are an edit. What a
 * person took away stays away, and what lies off the branch is not of this conversation.
 */
static void
match_saved(MessageDraft *draft, uint64 rows)
{
	uint64 row = 1;

	while (row < rows && strcmp(row_text(row, 5), "live") != 0)
		row++;
	if (strcmp(row_text(row, 5), "live") != 0)
	{
		for (row = 1; row < rows && strcmp(row_text(row, 5), "superseded") == 0;)
			row++;
		if (strcmp(row_text(row, 5), "off_branch") == 0 && !row_bool(row, 4))
			error_exists("message", draft->shape.message_id,
						 "A message of another branch has this id; choose another.");
		repeat_stored(draft, row);
	}
	else if (row_bool(row, 4))
		repeat_stored(draft, row);
	else if (strcmp(row_text(row, 6), "in_progress") == 0)
		error_state("message is still being streamed",
					"Call message_complete() or message_fail() first.", "message_id is \"%s\".",
					draft->shape.message_id);
	else
	{
		draft->old_rev = row_int64(row, 1);
		draft->seq = row_int64(row, 2);
	}
}

/*
 * Looks for the draft's id among the stored revisions. An erased id stays erased whatever the
 * bytes: no hash of them is kept.
 */
static void
match_stored(Call *call, NullableDatum thread_id, MessageDraft *draft)
{
	NullableDatum args[] = {thread_id, ARG_TEXT(draft->shape.message_id), ARG(draft->hash)};
	uint64 rows = query_exec(call, &message_same_id, args);

	if (draft->saves && rows > 0)
	{
		match_saved(draft, rows);
		return;
	}
	for (uint64 row = 1; row <= rows; row++)
		if (row_bool(row, 3) || row_bool(row, 4))
		{
			repeat_stored(draft, row);
			return;
		}
	if (rows > 0)
		error_exists("message", draft->shape.message_id,
					 "Another message has this id; message_update() changes it, and so does "
					 "message_add_batch(if_exists => 'update').");
}

/* Which draft of this call has an id first. */
typedef struct FirstDraft
{
	char message_id[ID_MAX_BYTES + 1]; /* hash key */
	MessageDraft *draft;
} FirstDraft;

/* The same message twice in one call is one message. */
static bool
match_earlier(HTAB *firsts, MessageDraft *draft)
{
	bool found;
	FirstDraft *first = hash_search(firsts, draft->shape.message_id, HASH_ENTER, &found);

	if (!found)
		first->draft = draft;
	else if (!DatumGetBool(DirectFunctionCall2(byteaeq, first->draft->hash, draft->hash)))
		error_exists("message", draft->shape.message_id,
					 "Two messages of this call have the same id and differ.");
	else
	{
		draft->repeated = true;
		draft->first = first->draft;
	}
	return found;
}

/* Repeats within the call take the numbers of the first, which are known only now. */
static void
number_drafts(MessageDraft *drafts, int count, const ThreadRow *thread)
{
	int64 taken = 0;

	for (int i = 0; i < count; i++)
	{
		MessageDraft *draft = &drafts[i];

		draft->user_id = thread->user_id;
		draft->in_memory &= thread->in_memory;
		if (draft->old_rev != 0)
			continue;
		if (!draft->repeated)
		{
			draft->seq = thread->seq + taken;
			draft->rev = thread->rev + taken++;
		}
	}
}

/* An edit takes a revision, and no place. */
static void
number_edits(Call *call, NullableDatum thread_id, MessageDraft *drafts, int count, int64 edits)
{
	ThreadRow thread;

	if (edits > 0)
		thread_row_take_revisions(call, thread_id, edits, &thread);
	for (int i = 0; i < count; i++)
		if (drafts[i].old_rev != 0)
			drafts[i].rev = thread.rev++;
	for (int i = 0; i < count; i++)
		if (drafts[i].first)
			drafts[i].rev = drafts[i].first->rev;
}

/* What is stored already, or twice in this call; the thread is locked. */
static void
match_drafts(Call *call, NullableDatum thread_id, MessageDraft *drafts, int count)
{
	HASHCTL ctl = {
		.keysize = ID_MAX_BYTES + 1, .entrysize = sizeof(FirstDraft), .hcxt = CurrentMemoryContext};
	HTAB *firsts =
		hash_create("messages of a call", count, &ctl, HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);

	for (int i = 0; i < count; i++)
		if (drafts[i].given_id && !match_earlier(firsts, &drafts[i]))
			match_stored(call, thread_id, &drafts[i]);
	hash_destroy(firsts);
}

/* A stream is notified when it has ended: then there is something to read. */
static void
notify_of_newest(Call *call, NullableDatum thread_id, const MessageDraft *drafts, int count)
{
	int64 newest = 0;

	for (int i = 0; i < count; i++)
		if (!drafts[i].repeated && drafts[i].old_rev == 0 &&
			strcmp(drafts[i].shape.status, "in_progress") != 0)
			newest = drafts[i].seq;
	if (newest > 0)
		thread_row_notify_message(call, thread_id, newest);
}

/* What is stored before is read again, and not written. */
static void
check_runs(Call *call, NullableDatum thread_id, const ThreadRow *thread, const MessageDraft *drafts,
		   int count)
{
	const char *passed = NULL;

	for (int i = 0; i < count; i++)
	{
		const char *run_id = drafts[i].repeated ? NULL : drafts[i].shape.run_id;

		if (!run_id || (passed && strcmp(passed, run_id) == 0))
			continue;
		thread_row_check_run(call, thread_id, thread, ARG_TEXT(run_id));
		passed = run_id;
	}
}

TimestampTz
message_said(const MessageDraft *draft)
{
	return draft->shape.has_event_at ? draft->shape.event_at : DT_NOEND;
}

void
message_place(Call *call, NullableDatum thread_id, MessageDraft *drafts, int count, bool asks)
{
	ThreadRow thread;
	bool any_given = false;
	int64 fresh = 0;
	int64 edits = 0;
	TimestampTz said = DT_NOBEGIN;

	for (int i = 0; i < count; i++)
		any_given |= drafts[i].given_id;
	if (any_given)
	{
		thread_row_lock(call, thread_id, &thread);
		match_drafts(call, thread_id, drafts, count);
	}
	for (int i = 0; i < count; i++)
		if (drafts[i].old_rev != 0)
			edits++;
		else if (!drafts[i].repeated)
		{
			fresh++;
			said = Max(said, message_said(&drafts[i]));
		}
	if (fresh > 0)
		thread_row_append(call, thread_id, fresh, said, &thread);
	else if (!any_given)
		thread_row_require(call, thread_id);
	if (asks && fresh + edits > 0)
		check_runs(call, thread_id, &thread, drafts, count);
	if (count > 0)
		number_drafts(drafts, count, &thread);
	number_edits(call, thread_id, drafts, count, edits);
	notify_of_newest(call, thread_id, drafts, count);
}

/* The arguments of insert; args has room for all of them. */
static void
insert_args(NullableDatum *args, NullableDatum thread_id, const MessageDraft *draft)
{
	const MessageShape *shape = &draft->shape;
	Datum now = TimestampTzGetDatum(GetCurrentTimestamp());
	NullableDatum row[] = {
		thread_id,
		ARG(Int64GetDatum(draft->rev)),
		ARG(Int64GetDatum(draft->seq)),
		ARG(shape->has_event_at ? TimestampTzGetDatum(shape->event_at) : now),
		ARG(now),
		ARG_TEXT(shape->message_id),
		ARG_TEXT(shape->role),
		ARG_TEXT(shape->origin_role),
		ARG_TEXT(shape->name),
		ARG_TEXT(shape->sender_id),
		ARG_TEXT(draft->user_id),
		ARG_TEXT(shape->assistant_id),
		ARG_TEXT(shape->run_id),
		ARG_TEXT(shape->tool_call_id),
		ARG_TEXT(shape->status),
		ARG(BoolGetDatum(draft->in_memory)),
		ARG(draft->hash),
		ARG(JsonbPGetDatum(shape->metadata)),
		ARG(JsonbPGetDatum(draft->body)),
		ARG(draft->search),
		ARG_TEXT(draft->state),
		ARG(BoolGetDatum(draft->by_checkpoint)),
		ARG_TEXT(draft->id_from),
	};

	memcpy(args, row, sizeof(row));
}

Stmt *
message_row_of_draft(NullableDatum *args, NullableDatum thread_id, const MessageDraft *draft)
{
	insert_args(args, thread_id, draft);
	return draft->repeated ? &message_get_rev : &message_insert;
}

void
message_store(Call *call, NullableDatum thread_id, MessageDraft *drafts, int count)
{
	NullableDatum args[STMT_MAX_ARGS];

	for (int i = 0; i < count; i++)
	{
		if (drafts[i].repeated)
			continue;
		insert_args(args, thread_id, &drafts[i]);
		query_exec(call, &message_insert_quietly, args);
	}
}

static void
put_given(JsonBuilder *builder, const char *key, NullableDatum given)
{
	if (!given.isnull)
		json_put_text(builder, key, TextDatumGetCString(given.value));
}

static void
put_document(JsonBuilder *builder, const char *key, NullableDatum document)
{
	if (!document.isnull)
		json_put_document(builder, key, DatumGetJsonbP(document.value));
}

/* The body of a message that came as single arguments. */
static Jsonb *
body_of_arguments(const MessageArguments *args)
{
	JsonBuilder builder = {0};

	char *role = text_or_null(args->role);
	char *origin;

	if (!role && !args->content.isnull)
		error_bad_input("role", "The content has no role: give one, as user or assistant, or a "
								"whole message as body.");
	if (!role)
		error_bad_input("role", "Give a role and content, or a whole message as body.");
	if (args->content.isnull && !shape_find_role(role, &origin))
		error_bad_input_hint("role", "The role comes first: message_add(thread_id, role, content).",
							 SHAPE_NOT_A_ROLE, role);
	if (args->content.isnull && args->parts.isnull && args->tool_calls.isnull &&
		args->attachments.isnull)
		error_bad_input("content", "A message has content, parts, tool calls or attachments.");
	json_push(&builder, WJB_BEGIN_OBJECT, NULL);
	put_given(&builder, "role", args->role);
	put_given(&builder, "name", args->name);
	put_given(&builder, "tool_call_id", args->tool_call_id);
	put_document(&builder, "tool_calls", args->tool_calls);
	put_document(&builder, "attachments", args->attachments);
	put_document(&builder, "content", args->parts);
	put_given(&builder, "content", args->content);
	if (args->content.isnull && args->parts.isnull)
		json_put_null(&builder, "content");
	json_push(&builder, WJB_END_OBJECT, NULL);
	return json_built(&builder);
}

/* What a body does not say itself; where it does, both have to agree, to the digit. */
static Jsonb *
with_argument(Jsonb *body, const char *argument, const char *key, JsonbValue *given)
{
	JsonbValue *said = json_given(&body->root, key);

	if (!said)
		return shape_with(body, key, given);
	if (!DatumGetBool(DirectFunctionCall2(byteaeq, JsonbPGetDatum(json_own(said)),
										  JsonbPGetDatum(json_own(given)))))
		error_bad_input(argument, "The body has another \"%s\".", key);
	return body;
}

static Jsonb *
with_text(Jsonb *body, const char *argument, const char *key, NullableDatum given)
{
	JsonbValue value;

	if (given.isnull)
		return body;
	value = json_text_value(text_or_null(given));
	return with_argument(body, argument, key, &value);
}

static Jsonb *
with_document(Jsonb *body, const char *argument, const char *key, NullableDatum given)
{
	JsonbValue value;

	if (given.isnull)
		return body;
	JsonbToJsonbValue(DatumGetJsonbP(given.value), &value);
	return with_argument(body, argument, key, &value);
}

/* A whole message stays as it came; one whose body leaves something to the arguments gets it. */
static Jsonb *
body_of_call(const MessageArguments *args)
{
	Jsonb *body;

	if (!args->content.isnull && !args->parts.isnull)
		error_bad_input("parts", "Give content as text or as parts, not both.");
	if (args->body.isnull)
		return body_of_arguments(args);
	body = DatumGetJsonbP(args->body.value);
	if (args->role.isnull && args->content.isnull && args->parts.isnull &&
		args->tool_calls.isnull && args->attachments.isnull)
		return body;
	if (!JB_ROOT_IS_OBJECT(body) || json_given(&body->root, "type"))
		error_bad_input("body", "Give either a whole message, or its role and content.");
	body = with_text(body, "role", "role", args->role);
	body = with_document(body, "tool_calls", "tool_calls", args->tool_calls);
	body = with_document(body, "attachments", "attachments", args->attachments);
	body = with_document(body, "parts", "content", args->parts);
	return with_text(body, "content", "content", args->content);
}

/* What the call says beside the body goes to the columns; the body stays as it came. */
static void
apply_arguments(MessageDraft *draft, const MessageArguments *args)
{
	MessageShape *shape = &draft->shape;

	if (!args->name.isnull)
	{
		shape->name = text_or_null(args->name);
		guard_id("name", shape->name, (int)strlen(shape->name));
	}
	if (!args->sender_id.isnull)
		shape->sender_id = text_or_null(args->sender_id);
	if (!args->assistant_id.isnull)
		shape->assistant_id = text_or_null(args->assistant_id);
	if (!args->run_id.isnull)
		shape->run_id = text_or_null(args->run_id);
	if (!args->tool_call_id.isnull)
		shape->tool_call_id = text_or_null(args->tool_call_id);
	if (!args->metadata.isnull)
		shape->metadata = DatumGetJsonbP(args->metadata.value);
	if (!args->event_at.isnull)
	{
		shape->has_event_at = true;
		shape->event_at = DatumGetTimestampTz(args->event_at.value);
	}
	if (!args->in_memory.isnull)
		draft->in_memory = DatumGetBool(args->in_memory.value);
}

void
message_draft_for(MessageDraft *draft, const char *argument, Jsonb *body, const char *message_id)
{
	MessageShape shape;

	shape_read(argument, body, &shape);
	if (!shape.message_id)
		body = shape_with_id(body, message_id);
	else if (strcmp(shape.message_id, message_id) != 0)
		error_bad_input(argument, "Its id is \"%s\", the message's is \"%s\".", shape.message_id,
						message_id);
	message_draft(draft, argument, body);
	draft->id_from = shape.message_id ? ID_FROM_BODY : ID_FROM_ARGUMENT;
}

/* Zep and Entities write answers that name no call, so they are stored; who writes one by mistake
 * hears of it here and not from a model. */
static void
warn_of_no_call(const MessageDraft *draft)
{
	MessageTools tools;

	if (strcmp(draft->shape.role, "tool") != 0 || draft->shape.tool_call_id)
		return;
	shape_tools(draft->shape.role, draft->body, &tools);
	if (tools.is_answer && tools.answers == NIL)
		ereport(WARNING,
				(errmsg("tool message without tool_call_id"),
				 errdetail("message_id is \"%s\".", draft->shape.message_id),
				 errhint("Models refuse an answer that names no call: give the id that the "
						 "call has in tool_calls.")));
}

void
message_draft_call(MessageDraft *draft, const MessageArguments *given)
{
	const char *argument = given->body.isnull ? "role" : "body";
	Jsonb *body = body_of_call(given);

	if (given->message_id.isnull)
		message_draft(draft, argument, body);
	else
		message_draft_for(draft, argument, body, text_or_null(given->message_id));
	guard_body(draft->body);
	apply_arguments(draft, given);
}

bool
message_is_said(Call *call, NullableDatum thread_id, MessageDraft *draft)
{
	if (draft->given_id)
		match_stored(call, thread_id, draft);
	return draft->repeated;
}

Datum
message_add_one(Call *call, NullableDatum thread_id, const MessageArguments *given,
				const char *status)
{
	NullableDatum args[STMT_MAX_ARGS];
	MessageDraft draft;
	Stmt *row;

	message_draft_call(&draft, given);
	if (status)
		draft.shape.status = status;
	message_lock_senders(call, given->body, given->sender_id);
	message_lock_exported(call, &draft, 1);
	message_place(call, thread_id, &draft, 1, true);
	warn_of_no_call(&draft);
	row = message_row_of_draft(args, thread_id, &draft);
	return query_one(call, row, args, "message", draft.shape.message_id);
}

enum
{
	ADD_THREAD_ID,
	ADD_REST /* MessageArguments */
};

Datum
threadmem_message_add(PG_FUNCTION_ARGS)
{
	MessageArguments given;
	Call call;

	query_begin(&call, fcinfo);
	memcpy(&given, &fcinfo->args[ADD_REST], sizeof(given));
	return message_add_one(&call, fcinfo->args[ADD_THREAD_ID], &given, NULL);
}
