/*
 * thread_row/notify.c: tells who listens that a thread has something new (threadmem.notify).
 *
 * Off by default: a server hands notifications out one commit at a time, and any role may listen.
 * So a payload has ids only, and says no more than where to look; what counts is what
 * message_list(after_seq) and run_get() say, which miss nothing. PostgreSQL sends it at commit, and
 * once where a transaction says the same twice.
 */
#include "thread_row/thread_row.h"

#include "commands/async.h"
#include "utils/builtins.h"

#include "json_patch/json_patch.h"
#include "threadmem/threadmem.h"

PG_FUNCTION_INFO_V1(threadmem_notify_channel);

#define CHANNEL_PREFIX "threadmem_"

static Stmt thread_row_channel = {
	"SELECT c.channel FROM threadmem_data.notify_channels c WHERE c.tenant_id = $1", ""};
static Stmt thread_row_make_channel = {
	"INSERT INTO threadmem_data.notify_channels (tenant_id, channel)"
	" VALUES ($1, $2) ON CONFLICT (tenant_id) DO NOTHING",
	"t"};

/*
 * The tenant's channel. Any role may LISTEN to what it can name, so the name is a secret: only who
 * works for the tenant is told. Made once, with the first notification or by who wants to listen.
 */
static char *
channel_of_tenant(Call *call)
{
	NullableDatum name;

	if (query_first(call, &thread_row_channel, NULL))
		return row_text(1, 1);
	name = ARG_TEXT(psprintf(CHANNEL_PREFIX "%s", random_hex()));
	query_exec(call, &thread_row_make_channel, &name);
	query_first(call, &thread_row_channel, NULL);
	return row_text(1, 1);
}

Datum
threadmem_notify_channel(PG_FUNCTION_ARGS)
{
	Call call;

	query_begin(&call, fcinfo);
	return query_return(&call, ARG_TEXT(channel_of_tenant(&call)), false, -1);
}

static void
begin_payload(JsonBuilder *payload, NullableDatum thread_id)
{
	json_push(payload, WJB_BEGIN_OBJECT, NULL);
	json_put_text(payload, "thread_id", text_or_null(thread_id));
}

/* Ids are at most 255 bytes, so that it never comes near the 8,000 that a payload may have. */
static void
send_payload(Call *call, JsonBuilder *payload)
{
	Jsonb *built;

	json_push(payload, WJB_END_OBJECT, NULL);
	built = json_built(payload);
	Async_Notify(channel_of_tenant(call), JsonbToCString(NULL, &built->root, VARSIZE(built)));
}

void
thread_row_notify_message(Call *call, NullableDatum thread_id, int64 seq)
{
	JsonBuilder payload = {0};

	if (!setting_notify)
		return;
	begin_payload(&payload, thread_id);
	json_put_int64(&payload, "seq", seq);
	send_payload(call, &payload);
}

void
thread_row_notify_run(Call *call, NullableDatum thread_id, NullableDatum run_id, const char *status)
{
	JsonBuilder payload = {0};

	if (!setting_notify)
		return;
	begin_payload(&payload, thread_id);
	json_put_text(&payload, "run_id", text_or_null(run_id));
	json_put_text(&payload, "status", status);
	send_payload(call, &payload);
}
