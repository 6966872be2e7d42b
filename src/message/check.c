/*
 * message/check.c: the constraint of the table of messages.
 */
#include "query/query.h"

#include "utils/builtins.h"

#include "message/message.h"

PG_FUNCTION_INFO_V1(threadmem_check_message);

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
