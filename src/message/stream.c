/*
 * message/stream.c: an answer that arrives in pieces.
 *
 * message_start takes the message's place in the thread; the deltas are rows of their own, because
 * appending to the body would write it again for every token; message_complete folds them into the
 * body and removes them. A delta holds the message's row FOR SHARE, completion updates that row,
 * and a deletion of the thread locks it: no delta can slip in behind the fold and be lost, or
 * behind the deletion and stay. Chunks count from 1. A repeated chunk is nothing new, so every call
 * may be retried.
 *
 * The end of its run ends a stream, too: run/state.c says so to message_fail_of_runs(). A run ends
 * by its lease without a word, and who reads must not wait for one who writes that down; so the
 * lists ask streamed_status() and streamed_body() what to show of a message in_progress.
 */
#include "message/message.h"

#include <limits.h>

#include "catalog/pg_collation.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "json_patch/json_patch.h"
#include "threadmem/threadmem.h"

PG_FUNCTION_INFO_V1(threadmem_message_start);
PG_FUNCTION_INFO_V1(threadmem_message_append);
PG_FUNCTION_INFO_V1(threadmem_message_append_json);
PG_FUNCTION_INFO_V1(threadmem_message_complete);
PG_FUNCTION_INFO_V1(threadmem_message_fail);
PG_FUNCTION_INFO_V1(threadmem_message_chunks);
PG_FUNCTION_INFO_V1(threadmem_streamed_status);
PG_FUNCTION_INFO_V1(threadmem_streamed_body);

#define IS_STREAM \
	" m.tenant_id = $1 AND m.thread_id = $2 AND m.message_id = $3 AND m.state = 'live'"
#define CONTENT_TYPE "jsonb_typeof(threadmem.message_content(m.body))"
#define RUN_IS_OVER(run_id) \
	" coalesce((SELECT " THREAD_ROW_RUN_IS_OVER( \
		"r") " FROM threadmem_data.runs r" \
			 " WHERE r.tenant_id = $1 AND r.thread_id = $2 AND r.run_id = " run_id "), false)"
static Stmt message_lock_streaming = {"SELECT m.status, " CONTENT_TYPE ", m.run_id, t.next_run"
									  " FROM threadmem_data.threads t, threadmem_data.messages m"
									  " WHERE t.tenant_id = $1 AND t.thread_id = $2 AND" IS_STREAM
									  " FOR SHARE OF m",
									  "tt"};
/*
 * What nearly every chunk is: the next, of a text that is being streamed. One statement does it,
 * for one costs half of two; no row when it is something else, and then the others tell what. None
 * of them locks the thread: this one may have the message by then, and it comes before that.
 */
#define APPEND_NEXT(fence) \
	{ \
		"INSERT INTO threadmem_data.message_chunks" \
		" (tenant_id, thread_id, message_id, chunk_no, delta, so_far)" \
		" SELECT $1, $2, $3, $4, $5, c.so_far + octet_length($5)" \
		" FROM threadmem_data.messages m, threadmem_data.message_chunks c WHERE" IS_STREAM \
		" AND m.status = 'in_progress' AND " fence " AND " CONTENT_TYPE \
		" IS DISTINCT FROM 'array' AND c.tenant_id = $1 AND c.thread_id = $2" \
		" AND c.message_id = $3 AND c.chunk_no = $4 - 1 AND c.half IS NULL" \
		" AND c.so_far + octet_length($5) <= $6 FOR SHARE OF m" \
		" ON CONFLICT (tenant_id, thread_id, message_id, chunk_no) DO NOTHING", \
			"ttltl" \
	}
static Stmt message_append_next = APPEND_NEXT("NOT" RUN_IS_OVER("m.run_id"));
/*
 * The same of a stream that names no run, a fifth cheaper: one table less is made ready. A join
 * with the runs instead of a query of its own saves nothing.
 */
static Stmt message_append_next_of_none = APPEND_NEXT("m.run_id IS NULL");
static Stmt message_last_chunk = {
	"SELECT c.chunk_no::int8, c.so_far, (SELECT b.half FROM threadmem_data.message_chunks b"
	" WHERE b.tenant_id = $1 AND b.thread_id = $2 AND b.message_id = $3 AND b.chunk_no = $4 - 1)"
	" FROM threadmem_data.message_chunks c"
	" WHERE c.tenant_id = $1 AND c.thread_id = $2 AND c.message_id = $3"
	" ORDER BY c.chunk_no DESC LIMIT 1",
	"ttl"};
static Stmt message_same_chunk = {
	"SELECT c.delta = $5 AND c.half IS NOT DISTINCT FROM $6 FROM threadmem_data.message_chunks c"
	" WHERE c.tenant_id = $1 AND c.thread_id = $2 AND c.message_id = $3"
	" AND c.chunk_no = $4",
	"ttltt"};
static Stmt message_insert_chunk = {
	"INSERT INTO threadmem_data.message_chunks"
	" (tenant_id, thread_id, message_id, chunk_no, delta, half, so_far)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7)"
	" ON CONFLICT (tenant_id, thread_id, message_id, chunk_no) DO NOTHING",
	"ttlttl"};
static Stmt message_chunks_taken = {
	"WITH gone AS (DELETE FROM threadmem_data.message_chunks c"
	" WHERE c.tenant_id = $1 AND c.thread_id = $2 AND c.message_id = $3"
	" RETURNING c.chunk_no, c.delta, c.half)"
	" SELECT string_agg(g.delta, '' ORDER BY g.chunk_no) || CASE WHEN max(g.chunk_no)"
	" FILTER (WHERE g.half IS NOT NULL) = max(g.chunk_no) THEN $4 ELSE '' END FROM gone g",
	"ttt"};
/* A whole body may say more than the start knew; what it does not say stays. */
static Stmt message_finish = {
	"UPDATE threadmem_data.messages m SET status = $4, body = $5, body_hash = $6, search = $7,"
	" metadata = metadata || $8 || coalesce($9, '{}'), role = $10, origin_role = $11,"
	" name = coalesce($12, name), tool_call_id = coalesce($13, tool_call_id), change = $14,"
	" id_from = CASE WHEN id_from = 'generated' THEN id_from ELSE coalesce($15, id_from) END"
	" WHERE m.tenant_id = $1 AND m.thread_id = $2 AND m.rev = $3 RETURNING " MESSAGE_COLUMNS,
	"tltjxvjjttttlt"};

static Stmt message_open_of_runs = {
	"SELECT m.message_id FROM threadmem_data.messages m WHERE m.tenant_id = $1"
	" AND m.thread_id = $2 AND m.state = 'live' AND m.status = 'in_progress'"
	" AND (m.run_id IN (SELECT unnest($3))) IS TRUE ORDER BY m.seq",
	"tT"};
static Stmt message_fail_damaged = {
	"UPDATE threadmem_data.messages m SET status = 'failed', change = $4"
	" WHERE m.tenant_id = $1 AND m.thread_id = $2 AND m.rev = $3",
	"tll"};
static Stmt message_run_is_over = {"SELECT" RUN_IS_OVER("$3"), "tt"};
static Stmt message_so_far = {
	.sql = "SELECT string_agg(c.delta, '' ORDER BY c.chunk_no)," RUN_IS_OVER(
		"$4") ", max(c.chunk_no) FILTER (WHERE c.half IS NOT NULL) = max(c.chunk_no)"
			  " FROM threadmem_data.message_chunks c"
			  " WHERE c.tenant_id = $1 AND c.thread_id = $2 AND c.message_id = $3",
	.types = "ttt",
	.keyed = true};

enum
{
	START_THREAD_ID,
	START_ROLE,
	START_MESSAGE_ID,
	START_NAME,
	START_SENDER_ID,
	START_ASSISTANT_ID,
	START_RUN_ID,
	START_METADATA
};

Datum
threadmem_message_start(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	MessageArguments given;
	Call call;

	query_begin(&call, fcinfo);
	for (int i = 0; i < sizeof(given) / sizeof(NullableDatum); i++)
		((NullableDatum *)&given)[i] = ARG_NULL;
	given.role = args[START_ROLE].isnull ? ARG_TEXT("assistant") : args[START_ROLE];
	given.content = ARG_TEXT("");
	given.message_id = args[START_MESSAGE_ID];
	given.name = args[START_NAME];
	given.sender_id = args[START_SENDER_ID];
	given.assistant_id = args[START_ASSISTANT_ID];
	given.run_id = args[START_RUN_ID];
	given.metadata = args[START_METADATA];
	return message_add_one(&call, args[START_THREAD_ID], &given, "in_progress");
}

/* The arguments of message_append(), message_complete() and message_fail(), as far as they differ.
 */
enum
{
	STREAM_THREAD_ID,
	STREAM_MESSAGE_ID,
	APPEND_CHUNK_NO,
	APPEND_DELTA,
	CHUNK_HALF, /* these two of the statements */
	CHUNK_SO_FAR,
	COMPLETE_BODY = APPEND_CHUNK_NO,
	COMPLETE_METADATA,
	FAIL_REASON = COMPLETE_BODY,
	FAIL_METADATA
};

/* A chunk that is not the next one: seen before (a retry), seen otherwise, or a gap. */
static Datum
judge_chunk(Call *call, NullableDatum *args, int64 last)
{
	int64 chunk_no = DatumGetInt64(args[APPEND_CHUNK_NO].value);

	if (chunk_no > last)
		error_bad_input("chunk_no",
						"Chunk " INT64_FORMAT " of message \"%s\" comes after chunk " INT64_FORMAT
						".",
						chunk_no, text_or_null(args[STREAM_MESSAGE_ID]), last);
	if (!query_first(call, &message_same_chunk, args) || !row_bool(1, 1))
		ereport(ERROR, (errcode(ERRCODE_UNIQUE_VIOLATION), errmsg("chunk exists already"),
						errdetail("Chunk " INT64_FORMAT
								  " of message_id \"%s\" was stored with another text.",
								  chunk_no, text_or_null(args[STREAM_MESSAGE_ID])),
						errhint("Number every new chunk one higher.")));
	return query_count(call, last);
}

/*
 * Streams that named no run when this session began to append to them, by a hash. A guess at which
 * statement will do: both are right by themselves, and what one misses the others find.
 */
static uint64 streams_of_none[64];

static uint64
hash_of_stream(NullableDatum *args)
{
	Datum hashes[2];

	for (int i = 0; i < lengthof(hashes); i++)
		hashes[i] = DirectFunctionCall2Coll(hashtextextended, C_COLLATION_OID,
											args[STREAM_THREAD_ID + i].value, Int64GetDatum(0));
	return hash_combine64(DatumGetUInt64(hashes[0]), DatumGetUInt64(hashes[1]));
}

static Stmt *
append_next(NullableDatum *args)
{
	uint64 hash = hash_of_stream(args);

	return streams_of_none[hash % lengthof(streams_of_none)] == hash ? &message_append_next_of_none
																	 : &message_append_next;
}

static void
note_stream(NullableDatum *args, bool names_run)
{
	uint64 hash = hash_of_stream(args);

	streams_of_none[hash % lengthof(streams_of_none)] = names_run ? 0 : hash;
}

static void
require_streaming(Call *call, NullableDatum *args)
{
	char *message_id = text_or_null(args[STREAM_MESSAGE_ID]);
	NullableDatum run_id;
	ThreadRow thread;
	char *status;
	char *type;

	if (!query_first(call, &message_lock_streaming, args))
	{
		thread_row_require(call, args[STREAM_THREAD_ID]);
		message_not_found(call, args[STREAM_THREAD_ID], args[STREAM_MESSAGE_ID]);
	}
	status = row_text(1, 1);
	type = row_text_or_null(1, 2);
	run_id = row_column(1, 3);
	thread.run = row_int64(1, 4);
	if (strcmp(status, "in_progress") != 0)
		error_state("message is not being streamed", "Start another message with message_start().",
					"message_id \"%s\" is %s.", message_id, status);
	if (type && strcmp(type, "array") == 0)
		error_state("content of the message is not text",
					"Give the whole body to message_complete().",
					"message_id \"%s\" has content of parts.", message_id);
	thread_row_check_run(call, args[STREAM_THREAD_ID], &thread, run_id);
	note_stream(args, !run_id.isnull);
}

/* Refused here, where the writer can still end the message, and not when the text is joined. */
static int64
length_with(Datum delta, int64 so_far)
{
	int64 limit = (int64)setting_max_body * 1024;

	so_far += VARSIZE_ANY_EXHDR(DatumGetTextPP(delta));
	if (so_far > limit)
		error_too_large("streamed message", (Size)so_far, (Size)limit, "threadmem.max_body");
	return so_far;
}

/* The text of the piece, and the half with which it ends, after the half with which the last did.
 */
static void
read_piece(NullableDatum *chunk, NullableDatum piece, bool is_json, NullableDatum before)
{
	char *half = NULL;

	chunk[APPEND_DELTA] = piece;
	if (is_json)
		chunk[APPEND_DELTA].value =
			shape_piece("piece", text_or_null(piece), text_or_null(before), &half);
	else if (!before.isnull && VARSIZE_ANY_EXHDR(DatumGetTextPP(piece.value)) == 0)
		half = text_or_null(before);
	else if (!before.isnull)
		chunk[APPEND_DELTA].value = shape_after_half("delta", piece.value, text_or_null(before));
	chunk[CHUNK_HALF] = text_arg(half);
}

static Datum
append(Call *call, NullableDatum *args, bool is_json)
{
	NullableDatum chunk[] = {args[STREAM_THREAD_ID],
							 args[STREAM_MESSAGE_ID],
							 args[APPEND_CHUNK_NO],
							 ARG_NULL,
							 ARG_NULL,
							 ARG_NULL};
	NullableDatum before = ARG_NULL;
	int64 last = 0;
	int64 so_far = 0;

	require_streaming(call, args);
	if (query_first(call, &message_last_chunk, chunk))
	{
		last = row_int64(1, 1);
		so_far = row_int64(1, 2);
		before = row_column(1, 3);
	}
	read_piece(chunk, args[APPEND_DELTA], is_json, before);
	if (DatumGetInt64(chunk[APPEND_CHUNK_NO].value) != last + 1)
		return judge_chunk(call, chunk, last);
	chunk[CHUNK_SO_FAR] = ARG(Int64GetDatum(length_with(chunk[APPEND_DELTA].value, so_far)));
	/* another writer of the same number may have come first; then its bytes are what counts */
	if (query_exec(call, &message_insert_chunk, chunk) == 0)
		return judge_chunk(call, chunk, last + 1);
	return query_count(call, last + 1);
}

static int64
chunk_number(NullableDatum *args)
{
	int64 chunk_no = DatumGetInt64(args[APPEND_CHUNK_NO].value);

	if (chunk_no < 1)
		error_bad_input("chunk_no", "Chunks count from 1.");
	return chunk_no;
}

Datum
threadmem_message_append(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	NullableDatum chunk[] = {args[STREAM_THREAD_ID], args[STREAM_MESSAGE_ID], args[APPEND_CHUNK_NO],
							 args[APPEND_DELTA],
							 ARG(Int64GetDatum((int64)setting_max_body * 1024))};
	int64 chunk_no;
	Call call;

	query_begin(&call, fcinfo);
	chunk_no = chunk_number(args);
	if (chunk_no > 1 && query_exec(&call, append_next(args), chunk) > 0)
		return query_count(&call, chunk_no);
	return append(&call, args, false);
}

Datum
threadmem_message_append_json(PG_FUNCTION_ARGS)
{
	Call call;

	query_begin(&call, fcinfo);
	chunk_number(fcinfo->args);
	return append(&call, fcinfo->args, true);
}

/*
 * Removes the chunks; what they said together, NULL when none came. Half a character at the end
 * will never be a whole one: what says so takes its place.
 */
static char *
take_chunks(Call *call, NullableDatum *ids)
{
	NullableDatum args[] = {ids[STREAM_THREAD_ID], ids[STREAM_MESSAGE_ID],
							ARG_TEXT(shape_replacement())};

	query_exec(call, &message_chunks_taken, args);
	return row_text_or_null(1, 1);
}

/* The body with all chunks behind the text it had. */
static Jsonb *
folded_body(Jsonb *body, const char *chunks)
{
	text *before = shape_text(body, INT_MAX);

	if (!chunks)
		return body;
	return shape_with_content(body,
							  before ? psprintf("%s%s", text_to_cstring(before), chunks) : chunks);
}

/* Ends the stream with a body; the message is the last statement's row. */
static void
write_end(Call *call, NullableDatum *ids, int64 change, const LiveMessage *live,
		  MessageDraft *draft, const char *status, NullableDatum metadata)
{
	const MessageShape *shape = &draft->shape;
	NullableDatum row[] = {
		ids[STREAM_THREAD_ID],
		ARG(Int64GetDatum(live->rev)),
		ARG_TEXT(status),
		ARG(JsonbPGetDatum(draft->body)),
		ARG(draft->hash),
		ARG(draft->search),
		ARG(JsonbPGetDatum(shape->metadata)),
		metadata,
		ARG_TEXT(shape->role),
		ARG_TEXT(shape->origin_role),
		ARG_TEXT(shape->name),
		ARG_TEXT(shape->tool_call_id),
		ARG(Int64GetDatum(change)),
		ARG_TEXT(draft->id_from),
	};

	thread_row_notify_message(call, ids[STREAM_THREAD_ID], live->seq);
	query_first(call, &message_finish, row);
}

static Datum
finish_stream(Call *call, NullableDatum *ids, const ThreadRow *thread, const LiveMessage *live,
			  MessageDraft *draft, const char *status, NullableDatum metadata)
{
	thread_row_count(call, ids[STREAM_THREAD_ID], 0, 1);
	write_end(call, ids, thread->change, live, draft, status, metadata);
	return query_row(call);
}

/* Locks the thread and then the message against appends; false when the stream has ended before. */
static bool
lock_stream(Call *call, NullableDatum *ids, ThreadRow *thread, LiveMessage *live)
{
	thread_row_lock(call, ids[STREAM_THREAD_ID], thread);
	message_lock_live(call, ids[STREAM_THREAD_ID], ids[STREAM_MESSAGE_ID], live);
	return strcmp(live->status, "in_progress") == 0;
}

static void
error_other_end(NullableDatum *ids, const LiveMessage *live)
{
	error_state("message is not being streamed", "Use message_update() to change it.",
				"message_id \"%s\" is %s.", text_or_null(ids[STREAM_MESSAGE_ID]), live->status);
}

Datum
threadmem_message_complete(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	bool given = !args[COMPLETE_BODY].isnull;
	bool open;
	Call call;
	ThreadRow thread;
	LiveMessage live;
	MessageDraft draft;
	char *chunks;
	Jsonb *body;

	query_begin(&call, fcinfo);
	open = lock_stream(&call, args, &thread, &live);
	if (!open && strcmp(live.status, "completed") != 0)
		error_other_end(args, &live);
	if (!open && !given)
		return message_return(&call, args[STREAM_THREAD_ID], live.rev);
	if (open)
		thread_row_check_run(&call, args[STREAM_THREAD_ID], &thread, live.run_id);
	chunks = open ? take_chunks(&call, args) : NULL;
	body = given ? DatumGetJsonbP(args[COMPLETE_BODY].value)
				 : folded_body(message_live_body(&live), chunks);
	message_draft_for(&draft, "body", body, text_or_null(args[STREAM_MESSAGE_ID]));
	if (given)
		guard_body(draft.body);
	else
		draft.id_from = NULL;
	if (!open)
	{
		if (!message_is_live_body(&draft, &live))
			error_other_end(args, &live);
		return message_return(&call, args[STREAM_THREAD_ID], live.rev);
	}
	return finish_stream(&call, args, &thread, &live, &draft, "completed", args[COMPLETE_METADATA]);
}

/* OpenAI's place for why an answer is not whole. */
static Jsonb *
with_reason(Jsonb *body, const char *reason)
{
	JsonBuilder details = {0};
	JsonbValue value;

	if (!reason)
		return body;
	json_push(&details, WJB_BEGIN_OBJECT, NULL);
	json_put_text(&details, "reason", reason);
	json_push(&details, WJB_END_OBJECT, NULL);
	JsonbToJsonbValue(json_built(&details), &value);
	return shape_with(body, "incomplete_details", &value);
}

static bool
has_chunks(Call *call, NullableDatum *ids)
{
	NullableDatum args[] = {ids[STREAM_THREAD_ID], ids[STREAM_MESSAGE_ID], ARG_NULL};

	return query_first(call, &message_last_chunk, args);
}

/* What has arrived is kept: it was said. */
Datum
threadmem_message_fail(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	Call call;
	ThreadRow thread;
	LiveMessage live;
	MessageDraft draft;
	Jsonb *body;

	query_begin(&call, fcinfo);
	if (!lock_stream(&call, args, &thread, &live))
	{
		if (strcmp(live.status, "failed") != 0)
			error_other_end(args, &live);
		/* pieces that a damaged body kept from being joined are there still */
		if (!has_chunks(&call, args))
			return message_return(&call, args[STREAM_THREAD_ID], live.rev);
	}
	body = folded_body(message_live_body(&live), take_chunks(&call, args));
	message_draft_for(&draft, "body", with_reason(body, text_or_null(args[FAIL_REASON])),
					  text_or_null(args[STREAM_MESSAGE_ID]));
	draft.id_from = NULL;
	return finish_stream(&call, args, &thread, &live, &draft, "failed", args[FAIL_METADATA]);
}

/* A stream that ends with its run. */
typedef struct RunEnd
{
	Call *call;
	MemoryContext memory; /* that the draft is in */
	NullableDatum *ids;
	const LiveMessage *live;
	const char *reason;
	MessageDraft draft;
} RunEnd;

static void
draft_end(void *context)
{
	RunEnd *end = context;
	char *chunks = take_chunks(end->call, end->ids);
	Jsonb *body;

	MemoryContextSwitchTo(end->memory);
	body = folded_body(message_live_body(end->live), chunks);
	message_draft_for(&end->draft, "body", with_reason(body, end->reason),
					  text_or_null(end->ids[STREAM_MESSAGE_ID]));
	end->draft.id_from = NULL;
}

/* A damaged body must not keep a run from ending: then it stays as it is, and the pieces too. */
void
message_end_stream(Call *call, NullableDatum *ids, const char *reason)
{
	RunEnd end = {.call = call, .memory = CurrentMemoryContext, .ids = ids, .reason = reason};
	int64 change = thread_row_take_change(call, ids[STREAM_THREAD_ID]);
	LiveMessage live;

	message_lock_live(call, ids[STREAM_THREAD_ID], ids[STREAM_MESSAGE_ID], &live);
	end.live = &live;
	if (query_softly(draft_end, &end,
					 psprintf("message \"%s\"", text_or_null(ids[STREAM_MESSAGE_ID]))))
		write_end(call, ids, change, &live, &end.draft, "failed", ARG_NULL);
	else
		query_exec(call, &message_fail_damaged,
				   (NullableDatum[]){ids[STREAM_THREAD_ID], ARG(Int64GetDatum(live.rev)),
									 ARG(Int64GetDatum(change))});
}

void
message_fail_of_runs(Call *call, NullableDatum thread_id, NullableDatum run_ids, const char *reason)
{
	uint64 count = query_exec(call, &message_open_of_runs, (NullableDatum[]){thread_id, run_ids});
	SPITupleTable *rows = SPI_tuptable;

	for (uint64 i = 1; i <= count; i++)
	{
		NullableDatum ids[] = {thread_id, table_column(rows, i, 1)};

		CHECK_FOR_INTERRUPTS();
		message_end_stream(call, ids, reason);
	}
}

enum
{
	STATUS_THREAD_ID,
	STATUS_RUN_ID
};

Datum
threadmem_streamed_status(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	bool over = false;
	Call call;

	if (!args[STATUS_RUN_ID].isnull)
	{
		query_connect(&call);
		query_first(&call, &message_run_is_over, args);
		over = row_bool(1, 1);
		query_pop();
	}
	PG_RETURN_TEXT_P(cstring_to_text(over ? "failed" : "in_progress"));
}

/* The last of streamed_body()'s arguments; those before are the statement's. */
#define STREAMED_BODY 3

Datum
threadmem_streamed_body(PG_FUNCTION_ARGS)
{
	MemoryContext caller = CurrentMemoryContext;
	char *chunks;
	Jsonb *body;
	bool over;
	Call call;

	if (PG_ARGISNULL(STREAMED_BODY))
		PG_RETURN_NULL();
	body = PG_GETARG_JSONB_P(STREAMED_BODY);
	if (!JB_ROOT_IS_OBJECT(body))
		PG_RETURN_JSONB_P(body);
	query_connect(&call);
	query_first(&call, &message_so_far, fcinfo->args);
	MemoryContextSwitchTo(caller);
	chunks = row_text_or_null(1, 1);
	over = row_bool(1, 2);
	if (over && row_bool(1, 3))
		chunks = psprintf("%s%s", chunks, shape_replacement());
	query_pop();
	MemoryContextSwitchTo(caller);
	PG_RETURN_JSONB_P(with_reason(folded_body(body, chunks), over ? "run_expired" : NULL));
}

enum
{
	CHUNKS_THREAD_ID,
	CHUNKS_MESSAGE_ID,
	CHUNKS_AFTER_NO,
	CHUNKS_MAX_ROWS,
	CHUNKS_AFTER_POSITION
};

/* A message that has ended has none left, unless it is damaged; that there is no such message is
 * another thing. */
Datum
threadmem_message_chunks(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	Order order = {.types = "i", .columns = {"c.chunk_no"}};
	NullableDatum after = args[CHUNKS_AFTER_NO];
	LiveMessage live;
	Built built;
	Call call;

	query_begin(&call, fcinfo);
	order.list = psprintf("message_chunks %s %s", text_or_null(args[CHUNKS_THREAD_ID]),
						  text_or_null(args[CHUNKS_MESSAGE_ID]));
	if (!after.isnull)
		after.value = Int32GetDatum((int32)DatumGetInt64(after.value));
	order_give_one("after_position", args[CHUNKS_AFTER_POSITION], "after_no", after);
	if (!args[CHUNKS_AFTER_POSITION].isnull)
		order_read(&order, "after_position", args[CHUNKS_AFTER_POSITION], &after);
	built_begin(&built, "SELECT c.thread_id, c.message_id, c.chunk_no, c.delta, ");
	built_arg(&built, 't', args[CHUNKS_THREAD_ID]);
	built_arg(&built, 't', args[CHUNKS_MESSAGE_ID]);
	built_add(&built, order_column(&order, &built, "c.chunk_no"));
	built_add(&built, " FROM threadmem_data.message_chunks c WHERE c.tenant_id = $1"
					  " AND c.thread_id = $2 AND c.message_id = $3");
	if (!after.isnull)
		order_go_on(&order, &built, &after, false);
	order_add(&order, &built);
	built_page(&built, int64_or(args[CHUNKS_MAX_ROWS], ROWS_MAX), 0);
	query_open_set(&call);
	if (built_add_to_set(&call, &built) == 0)
		message_find_live(&call, args[CHUNKS_THREAD_ID], args[CHUNKS_MESSAGE_ID], &live);
	return query_close_set(&call);
}
