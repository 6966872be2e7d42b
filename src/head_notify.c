/*
 * head_notify.c: tells who listens that a thread has something new (threadmem.notify).
 *
 * Off by default: a server hands notifications out one commit at a time, and any role may listen.
 * So a payload has ids only, and says no more than where to look; what counts is what
 * message_list(after_seq) and run_get() say, which miss nothing. PostgreSQL sends it at commit, and
 * once where a transaction says the same twice.
 */
#include "head.h"

#include "commands/async.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "json_patch_build.h"
#include "threadmem_json.h"

#define CHANNEL "threadmem"

static void
begin(JsonBuilder *payload, Call *call, NullableDatum thread_id)
{
	json_push(payload, WJB_BEGIN_OBJECT, NULL);
	json_put_text(payload, "tenant", TextDatumGetCString(call->tenant));
	json_put_text(payload, "thread_id", text_or_null(thread_id));
}

/* Ids are at most 255 bytes, so that it never comes near the 8,000 that a payload may have. */
static void
send(JsonBuilder *payload)
{
	Jsonb *built;

	json_push(payload, WJB_END_OBJECT, NULL);
	built = json_built(payload);
	Async_Notify(CHANNEL, JsonbToCString(NULL, &built->root, VARSIZE(built)));
}

void
head_notify_message(Call *call, NullableDatum thread_id, int64 seq)
{
	JsonBuilder payload = {0};
	JsonbValue number = {.type = jbvNumeric};

	if (!setting_notify)
		return;
	number.val.numeric = DatumGetNumeric(DirectFunctionCall1(int8_numeric, Int64GetDatum(seq)));
	begin(&payload, call, thread_id);
	json_put(&payload, "seq", &number);
	send(&payload);
}

void
head_notify_run(Call *call, NullableDatum thread_id, NullableDatum run_id, const char *status)
{
	JsonBuilder payload = {0};

	if (!setting_notify)
		return;
	begin(&payload, call, thread_id);
	json_put_text(&payload, "run_id", text_or_null(run_id));
	json_put_text(&payload, "status", status);
	send(&payload);
}
