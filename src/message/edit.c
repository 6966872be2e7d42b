/*
 * message/edit.c: what happens to a message after it was stored: a new revision, deletion.
 *
 * A revision is never changed. An edit stores the new body under the next rev with the same seq and
 * leaves the old one as superseded; metadata belongs to the message, not to the body, and changes
 * in place. All take the lock of the thread's row first, so a message found live stays live.
 */
#include "message/message.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "message/row.h"
#include "threadmem/threadmem.h"

PG_FUNCTION_INFO_V1(threadmem_message_update);
PG_FUNCTION_INFO_V1(threadmem_message_revisions);

#define FIND_LIVE \
	"SELECT m.seq, m.rev, m.status, m.body," \
	" m.body_hash, m.run_id, m.edited_at FROM threadmem_data.messages m WHERE m.tenant_id = $1" \
	" AND m.thread_id = $2 AND m.message_id = $3 AND m.state = 'live'"
static Stmt message_find_live_stmt = {FIND_LIVE, "tt"};
static Stmt message_lock_live_stmt = {FIND_LIVE " FOR NO KEY UPDATE", "tt"};
static Stmt message_supersede = {"UPDATE threadmem_data.messages m SET state = 'superseded'"
								 " WHERE m.tenant_id = $1 AND m.thread_id = $2 AND m.rev = $3",
								 "tl"};
static Stmt message_set_deleted_stmt = {
	"UPDATE threadmem_data.messages m SET state = 'deleted', change = $4"
	" WHERE m.tenant_id = $1 AND m.thread_id = $2 AND m.rev = $3"
	" RETURNING " MESSAGE_COLUMNS,
	"tll"};
#define MERGED(metadata, given, removed) \
	"threadmem.json_remove_keys(" metadata " || coalesce(" given ", '{}'), coalesce(" removed \
	", '{}'))"
static Stmt message_set_metadata = {
	"UPDATE threadmem_data.messages m SET metadata = " MERGED(
		"metadata", "$4",
		"$5") ", edited_at = coalesce($6, edited_at)"
			  " WHERE m.tenant_id = $1 AND m.thread_id = $2 AND m.rev = $3 RETURNING " MESSAGE_COLUMNS_NOW,
	"tljTz"};
static Stmt message_has_metadata = {
	"SELECT 1 FROM threadmem_data.messages m WHERE m.tenant_id = $1 AND m.thread_id = $2"
	" AND m.rev = $3 AND m.metadata @> $4",
	"tlj"};
/* What is being streamed is not searched before it ends. */
static Stmt message_replace_stream = {
	"UPDATE threadmem_data.messages m SET body = $4, body_hash = $5, metadata = " MERGED(
		"metadata || $6", "$7",
		"$8") ", role = $9, origin_role = $10, name = coalesce($11, name),"
			  " tool_call_id = coalesce($12, tool_call_id), edited_at = coalesce($13, edited_at),"
			  " id_from = CASE WHEN id_from = 'generated' THEN id_from ELSE coalesce($14, id_from) END"
			  " WHERE m.tenant_id = $1 AND m.thread_id = $2 AND m.rev = $3 RETURNING " MESSAGE_COLUMNS_NOW,
	"tljxjjTttttzt"};
/*
 * The last stays, empty: pieces go on counting from it. One of a number that was given before is
 * refused then, and is not taken for a new one; and one that waited for this lock, whose statement
 * sees the pieces as they were, has one before it still.
 */
#define PIECES(alias) \
	" " alias ".tenant_id = $1 AND " alias ".thread_id = $2 AND " alias ".message_id = $3"
static Stmt message_empty_pieces = {
	"WITH last AS (SELECT max(l.chunk_no) AS no FROM threadmem_data.message_chunks l WHERE" PIECES("l") "), gone AS (DELETE FROM threadmem_data.message_chunks g USING last WHERE" PIECES(
		"g") " AND g.chunk_no < last.no) UPDATE threadmem_data.message_chunks c SET delta = '', so_far = 0,"
			 " half = NULL FROM last WHERE" PIECES("c") " AND c.chunk_no = last.no",
	"tt"};
/*
 * What the body does not say of itself stays as it was. A generated id stays one, though who
 * changes a body sends it back.
 */
static Stmt message_insert_revision = {
	INSERT_MESSAGE
	", change, edited_at)"
	" SELECT tenant_id, thread_id, $4, seq, event_at, $5, message_id, $6, $7, coalesce($8, name),"
	" coalesce($9, sender_id), user_id, coalesce($10, assistant_id), coalesce($11, run_id),"
	" coalesce($12, tool_call_id), $13, in_memory, in_sender_memory, $14,"
	" " MERGED(
		"metadata || $19", "$17",
		"$18") ", $15, $16, $20, $21,"
			   " CASE WHEN id_from = 'generated' THEN id_from ELSE coalesce($23, id_from) END, $22,"
			   " coalesce($24, edited_at)"
			   " FROM threadmem_data.messages WHERE tenant_id = $1 AND thread_id = $2 AND rev = $3"
			   " RETURNING " MESSAGE_COLUMNS,
	"tllzttttttttxjvjTjtbltz"};
/* In whatever state, since what is off the branch may come back. */
static Stmt message_leave_memory_stmt = {
	"WITH o AS (UPDATE threadmem_data.messages m"
	" SET in_memory = m.in_memory AND ($4 IS NULL OR m.user_id = $4) IS NOT TRUE,"
	" in_sender_memory = m.in_sender_memory AND ($4 IS NULL OR m.sender_id = $4) IS NOT TRUE"
	" WHERE m.tenant_id = $1 AND m.thread_id = $2 AND ($3 IS NULL OR m.event_at >= $3)"
	" AND ($5 IS NULL OR m.event_at < $5)"
	" AND ((m.in_memory AND ($4 IS NULL OR m.user_id = $4))"
	" OR (m.in_sender_memory AND ($4 IS NULL OR m.sender_id = $4)))"
	" RETURNING m.state = 'live' AND threadmem.message_text(m.body) IS NOT NULL AS was_known)"
	" SELECT count(*) FROM o WHERE o.was_known",
	"tztz"};
static Stmt message_set_owner_stmt = {
	"UPDATE threadmem_data.messages SET user_id = $3,"
	" in_memory = CASE WHEN sender_id = $3 THEN in_sender_memory ELSE in_memory END"
	" WHERE tenant_id = $1 AND thread_id = $2 AND user_id IS DISTINCT FROM $3",
	"tt"};
static Stmt message_revisions = {"SELECT " MESSAGE_COLUMNS_NOW
								 " FROM threadmem_data.messages m WHERE m.tenant_id = $1"
								 " AND m.thread_id = $2 AND m.message_id = $3 ORDER BY m.rev",
								 "tt"};

static void
read_live(Call *call, Stmt *stmt, NullableDatum thread_id, NullableDatum message_id,
		  LiveMessage *live)
{
	NullableDatum args[] = {thread_id, message_id};
	NullableDatum hash;

	if (!query_first(call, stmt, args))
		message_not_found(call, thread_id, message_id);
	live->seq = row_int64(1, 1);
	live->rev = row_int64(1, 2);
	live->status = row_text(1, 3);
	live->body = row_jsonb_softly(1, 4, JSON_ROOT_OBJECT);
	hash = row_column(1, 5);
	live->hash = hash.isnull ? (Datum)0 : hash.value;
	live->run_id = row_column(1, 6);
	live->edited_at = row_column(1, 7);
}

void
message_find_live(Call *call, NullableDatum thread_id, NullableDatum message_id, LiveMessage *live)
{
	read_live(call, &message_find_live_stmt, thread_id, message_id, live);
}

void
message_lock_live(Call *call, NullableDatum thread_id, NullableDatum message_id, LiveMessage *live)
{
	read_live(call, &message_lock_live_stmt, thread_id, message_id, live);
}

Jsonb *
message_live_body(const LiveMessage *live)
{
	if (!live->body)
		error_damaged("body", "is not a JSON object");
	return live->body;
}

bool
message_is_live_body(const MessageDraft *draft, const LiveMessage *live)
{
	return live->hash && DatumGetBool(DirectFunctionCall2(byteaeq, draft->hash, live->hash));
}

enum
{
	UPDATE_THREAD_ID,
	UPDATE_MESSAGE_ID,
	UPDATE_CONTENT,
	UPDATE_BODY,
	UPDATE_METADATA,
	UPDATE_REMOVE_KEYS,
	UPDATE_EXPECTED_REV,
	UPDATE_PARTS,
	UPDATE_EDITED_AT,
	UPDATE_EXPECTED_METADATA
};

/* The new body of an update, NULL when it only changes metadata. */
static Jsonb *
new_body(NullableDatum *args, const LiveMessage *live)
{
	JsonbValue parts;

	if (!args[UPDATE_BODY].isnull + !args[UPDATE_CONTENT].isnull + !args[UPDATE_PARTS].isnull > 1)
		error_bad_input("body", "Give either a whole message, or its content, or its parts.");
	if (!args[UPDATE_BODY].isnull)
		return DatumGetJsonbP(args[UPDATE_BODY].value);
	if (!args[UPDATE_CONTENT].isnull)
		return shape_with_content(message_live_body(live), text_or_null(args[UPDATE_CONTENT]));
	if (!args[UPDATE_PARTS].isnull)
	{
		JsonbToJsonbValue(DatumGetJsonbP(args[UPDATE_PARTS].value), &parts);
		return shape_with_parts(message_live_body(live), &parts);
	}
	return NULL;
}

/* The arguments of insert_revision. */
static void
revision_args(NullableDatum *args, NullableDatum thread_id, int64 old_rev,
			  const MessageDraft *draft, NullableDatum metadata, NullableDatum remove_keys,
			  NullableDatum edited_at)
{
	const MessageShape *shape = &draft->shape;
	NullableDatum row[] = {
		thread_id,
		ARG(Int64GetDatum(old_rev)),
		ARG(Int64GetDatum(draft->rev)),
		ARG(TimestampTzGetDatum(GetCurrentTimestamp())),
		ARG_TEXT(shape->role),
		ARG_TEXT(shape->origin_role),
		ARG_TEXT(shape->name),
		ARG_TEXT(shape->sender_id),
		ARG_TEXT(shape->assistant_id),
		ARG_TEXT(shape->run_id),
		ARG_TEXT(shape->tool_call_id),
		ARG_TEXT(shape->status),
		ARG(draft->hash),
		ARG(JsonbPGetDatum(draft->body)),
		ARG(draft->search),
		metadata,
		remove_keys,
		ARG(JsonbPGetDatum(shape->metadata)),
		ARG_TEXT(draft->state),
		ARG(BoolGetDatum(draft->by_checkpoint)),
		draft->change == 0 ? ARG_NULL : ARG(Int64GetDatum(draft->change)),
		ARG_TEXT(draft->id_from),
		edited_at,
	};

	memcpy(args, row, sizeof(row));
}

void
message_revise(Call *call, NullableDatum thread_id, int64 old_rev, const MessageDraft *draft)
{
	NullableDatum args[STMT_MAX_ARGS];

	revision_args(args, thread_id, old_rev, draft, ARG_NULL, ARG_NULL, ARG_NULL);
	query_exec(call, &message_insert_revision, args);
}

static Datum
store_revision(Call *call, NullableDatum *args, const LiveMessage *live, MessageDraft *draft)
{
	NullableDatum thread_id = args[UPDATE_THREAD_ID];
	NullableDatum old[] = {thread_id, ARG(Int64GetDatum(live->rev))};
	NullableDatum row[STMT_MAX_ARGS];
	ThreadRow thread;

	thread_row_take_revisions(call, thread_id, 1, &thread);
	query_exec(call, &message_supersede, old);
	draft->rev = thread.rev;
	revision_args(row, thread_id, live->rev, draft, args[UPDATE_METADATA], args[UPDATE_REMOVE_KEYS],
				  args[UPDATE_EDITED_AT]);
	return query_one(call, &message_insert_revision, row, "message", draft->shape.message_id);
}

void
message_put_edit(Call *call, NullableDatum thread_id, const MessageDraft *draft)
{
	NullableDatum old[] = {thread_id, ARG(Int64GetDatum(draft->old_rev))};
	NullableDatum row[STMT_MAX_ARGS];

	query_exec(call, &message_supersede, old);
	revision_args(row, thread_id, draft->old_rev, draft, ARG_NULL, ARG_NULL, ARG_NULL);
	query_add_to_set(call, &message_insert_revision, row);
}

static void
check_expected(Call *call, NullableDatum *args, const LiveMessage *live)
{
	NullableDatum contains[] = {args[UPDATE_THREAD_ID], ARG(Int64GetDatum(live->rev)),
								args[UPDATE_EXPECTED_METADATA]};
	char *message_id = text_or_null(args[UPDATE_MESSAGE_ID]);

	if (!args[UPDATE_EXPECTED_REV].isnull &&
		DatumGetInt64(args[UPDATE_EXPECTED_REV].value) != live->rev)
		error_stale("message was changed meanwhile",
					"Read the message again and repeat the change.",
					"message_id \"%s\" has revision " INT64_FORMAT ".", message_id, live->rev);
	if (!args[UPDATE_EXPECTED_METADATA].isnull &&
		!query_first(call, &message_has_metadata, contains))
		error_state("message has other metadata",
					"Read the message; what it has now may be newer than what was to be written.",
					"message_id is \"%s\".", message_id);
}

/*
 * Who transcribes speech guesses several times a second: each guess takes the place of what came
 * before, pieces too, and is no revision, for nobody said it.
 */
static Datum
replace_stream(Call *call, NullableDatum *args, const ThreadRow *thread, LiveMessage *live,
			   const MessageDraft *draft)
{
	const MessageShape *shape = &draft->shape;
	NullableDatum row[] = {
		args[UPDATE_THREAD_ID],
		ARG(Int64GetDatum(live->rev)),
		ARG(JsonbPGetDatum(draft->body)),
		ARG(draft->hash),
		ARG(JsonbPGetDatum(shape->metadata)),
		args[UPDATE_METADATA],
		args[UPDATE_REMOVE_KEYS],
		ARG_TEXT(shape->role),
		ARG_TEXT(shape->origin_role),
		ARG_TEXT(shape->name),
		ARG_TEXT(shape->tool_call_id),
		args[UPDATE_EDITED_AT],
		ARG_TEXT(draft->id_from),
	};

	thread_row_check_run(call, args[UPDATE_THREAD_ID], thread, live->run_id);
	message_lock_live(call, args[UPDATE_THREAD_ID], args[UPDATE_MESSAGE_ID], live);
	query_exec(call, &message_empty_pieces, args);
	return query_one(call, &message_replace_stream, row, "message", NULL);
}

static Datum
set_metadata(Call *call, NullableDatum *args, const LiveMessage *live)
{
	NullableDatum row[] = {args[UPDATE_THREAD_ID], ARG(Int64GetDatum(live->rev)),
						   args[UPDATE_METADATA], args[UPDATE_REMOVE_KEYS], args[UPDATE_EDITED_AT]};

	thread_row_count(call, args[UPDATE_THREAD_ID], 0, 0);
	return query_one(call, &message_set_metadata, row, "message", NULL);
}

/* Platforms deliver edits in any order, and more than once: theirs is the time that counts. */
static bool
is_late(const NullableDatum *args, const LiveMessage *live)
{
	return !args[UPDATE_EDITED_AT].isnull && !live->edited_at.isnull &&
		   DatumGetTimestampTz(args[UPDATE_EDITED_AT].value) <
			   DatumGetTimestampTz(live->edited_at.value);
}

Datum
threadmem_message_update(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	Call call;
	ThreadRow thread;
	LiveMessage live;
	Jsonb *body;
	MessageDraft draft;

	query_begin(&call, fcinfo);
	message_lock_senders(&call, args[UPDATE_BODY], ARG_NULL);
	thread_row_lock(&call, args[UPDATE_THREAD_ID], &thread);
	message_find_live(&call, args[UPDATE_THREAD_ID], args[UPDATE_MESSAGE_ID], &live);
	body = new_body(args, &live);
	if (is_late(args, &live))
		return message_return(&call, args[UPDATE_THREAD_ID], live.rev);
	check_expected(&call, args, &live);
	if (!body)
		return set_metadata(&call, args, &live);
	message_draft_for(&draft, "body", body, text_or_null(args[UPDATE_MESSAGE_ID]));
	guard_body(draft.body);
	if (args[UPDATE_BODY].isnull)
		draft.id_from = NULL;
	if (strcmp(live.status, "in_progress") == 0)
		return replace_stream(&call, args, &thread, &live, &draft);
	if (message_is_live_body(&draft, &live))
		return set_metadata(&call, args, &live);
	return store_revision(&call, args, &live, &draft);
}

enum
{
	THREAD_ID,
	MESSAGE_ID
};

Datum
threadmem_message_revisions(PG_FUNCTION_ARGS)
{
	Call call;

	query_begin(&call, fcinfo);
	query_open_set(&call);
	if (query_add_to_set(&call, &message_revisions, fcinfo->args) == 0)
		error_not_found("message", text_or_null(fcinfo->args[MESSAGE_ID]));
	return query_close_set(&call);
}

/* What has arrived would be lost, and its writer goes on writing. */
static void
check_not_streaming(const LiveMessage *live, const char *message_id)
{
	if (strcmp(live->status, "in_progress") == 0)
		error_state("message is still being streamed",
					"Call message_complete() or message_fail() first.", "message_id is \"%s\".",
					message_id);
}

SPITupleTable *
message_set_deleted(Call *call, NullableDatum thread_id, NullableDatum message_id)
{
	NullableDatum args[] = {thread_id, ARG_NULL, ARG_NULL};
	ThreadRow thread;
	LiveMessage live;

	thread_row_lock(call, thread_id, &thread);
	message_find_live(call, thread_id, message_id, &live);
	check_not_streaming(&live, text_or_null(message_id));
	thread_row_count(call, thread_id, -1, 1);
	args[1] = ARG(Int64GetDatum(live.rev));
	args[2] = ARG(Int64GetDatum(thread.change));
	query_first(call, &message_set_deleted_stmt, args);
	return SPI_tuptable;
}

int64
message_leave_memory(Call *call, NullableDatum thread_id, NullableDatum since, NullableDatum before,
					 NullableDatum user_id)
{
	NullableDatum args[] = {thread_id, since, user_id, before};

	query_first(call, &message_leave_memory_stmt, args);
	return row_int64(1, 1);
}

void
message_set_owner(Call *call, NullableDatum thread_id, NullableDatum user_id)
{
	NullableDatum args[] = {thread_id, user_id};

	query_exec(call, &message_set_owner_stmt, args);
}
