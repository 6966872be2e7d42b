/*
 * message/check.c: the constraints of the tables of messages and of their chunks.
 */
#include "query/query.h"

#include "utils/builtins.h"

#include "message/message.h"

PG_FUNCTION_INFO_V1(threadmem_check_message);
PG_FUNCTION_INFO_V1(threadmem_check_message_chunk);

/* The arguments of check_message(). */
enum
{
	STATUS,
	STATE,
	REV,
	SEQ,
	CHANGE,
	EVENT_AT,
	CREATED_AT,
	BODY_HASH,
	METADATA,
	BODY,
	EMBEDDING,
	ID_FROM
};

static bool
is_state(FunctionCallInfo fcinfo, const char *state)
{
	return !PG_ARGISNULL(STATE) && strcmp(text_to_cstring(PG_GETARG_TEXT_PP(STATE)), state) == 0;
}

/* An erased message has lost its bodies, those of earlier revisions too, and no hash is kept. */
static void
check_body(FunctionCallInfo fcinfo)
{
	bool gone = PG_ARGISNULL(BODY);

	check_that(gone ? is_state(fcinfo, "erased") || is_state(fcinfo, "superseded")
					: !is_state(fcinfo, "erased"),
			   "body", "is null exactly when the message is erased");
	check_that(PG_ARGISNULL(BODY_HASH) == gone, "body_hash", "is null exactly when body is");
	check_object(fcinfo, BODY, "body");
	check_bytes(fcinfo, BODY_HASH, "body_hash", HASH_BYTES);
}

Datum
threadmem_check_message(PG_FUNCTION_ARGS)
{
	static const char *const statuses[] = {"completed", "in_progress", "incomplete", "failed",
										   NULL};
	static const char *const states[] = {"live",    "superseded", "off_branch",
										 "deleted", "erased",     NULL};

	static const char *const sources[] = {ID_FROM_BODY, ID_FROM_ARGUMENT, ID_FROM_THREADMEM, NULL};

	check_choice(fcinfo, STATUS, "status", statuses);
	check_choice(fcinfo, STATE, "state", states);
	check_choice(fcinfo, ID_FROM, "id_from", sources);
	check_number(fcinfo, REV, "rev", 1);
	check_number(fcinfo, SEQ, "seq", 1);
	check_number(fcinfo, CHANGE, "change", 1);
	check_that(!PG_ARGISNULL(CHANGE) || !is_state(fcinfo, "deleted"), "change",
			   "is not null when the message is deleted");
	check_time(fcinfo, EVENT_AT, "event_at");
	check_time(fcinfo, CREATED_AT, "created_at");
	check_body(fcinfo);
	check_object(fcinfo, METADATA, "metadata");
	check_embedding(fcinfo, EMBEDDING, "embedding");
	PG_RETURN_BOOL(true);
}

/* The arguments of check_message_chunk(). */
enum
{
	CHUNK_NO,
	SO_FAR,
	HALF
};

/* A high surrogate in hexadecimal digits. */
static bool
is_half(const text *half)
{
	char digits[5] = {0};

	if (VARSIZE_ANY_EXHDR(half) != 4)
		return false;
	memcpy(digits, VARDATA_ANY(half), 4);
	return digits[0] == 'd' && strchr("89ab", digits[1]) && strspn(digits, "0123456789abcdef") == 4;
}

Datum
threadmem_check_message_chunk(PG_FUNCTION_ARGS)
{
	check_number(fcinfo, CHUNK_NO, "chunk_no", 1);
	check_number(fcinfo, SO_FAR, "so_far", 0);
	check_that(PG_ARGISNULL(HALF) || is_half(PG_GETARG_TEXT_PP(HALF)), "half",
			   "is a high surrogate in four hexadecimal digits");
	PG_RETURN_BOOL(true);
}
