/*
 * format/format.c: threads and messages as other systems' APIs give them.
 *
 * A whole document is one jsonb value, so a page has 1,000 messages at most, as everywhere; only
 * the systems whose threads carry their messages get all of them.
 */
#include "dialect/dialect.h"

#include "memory/memory.h"
#include "message/message.h"
#include "state/state.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(threadmem_thread_format);
PG_FUNCTION_INFO_V1(threadmem_message_format);
PG_FUNCTION_INFO_V1(threadmem_memory_get);

#define PAGE_DEFAULT_ROWS ROWS_MAX

static Stmt format_get_thread = {
	"SELECT t.user_id, t.graph_id, " THREAD_STATUS(
		"t.") ", t.metadata, t.config,"
			  " t.tool_resources, t.live_messages, t.created_at, t.updated_at,"
			  " t.state_updated_at FROM threadmem_data.threads t"
			  " WHERE t.tenant_id = $1 AND t.thread_id = $2",
	"t"};
/* An owner whose row is hidden from this session is still named by its id. */
static Stmt format_participants = {
	"SELECT p.user_id, u.email, nullif(concat_ws(' ', u.first_name, u.last_name), '')"
	" FROM (SELECT t.user_id, 0 AS place, t.created_at AS joined_at FROM threadmem_data.threads t"
	" WHERE t.tenant_id = $1 AND t.thread_id = $2 AND t.user_id IS NOT NULL"
	" UNION ALL SELECT o.participant_id, 1, o.joined_at FROM threadmem_data.thread_participants o"
	" WHERE o.tenant_id = $1 AND o.thread_id = $2 AND o.kind = 'user'"
	" AND o.participant_id IS DISTINCT FROM o.owner_id) p"
	" LEFT JOIN threadmem_data.users u ON u.tenant_id = $1 AND u.user_id = p.user_id"
	" ORDER BY p.place, p.joined_at, p.user_id",
	"t"};
/* The thread's row, read once. */
typedef struct FormattedThread
{
	char *thread_id;
	char *user_id;
	char *graph_id;
	char *status;
	Jsonb *metadata;
	Jsonb *config;
	Jsonb *tool_resources;
	int64 live_messages;
	TimestampTz created_at;
	TimestampTz updated_at;
	NullableDatum state_updated_at;
} FormattedThread;

/* Which messages; max_rows below 0 is all of them. */
typedef struct MessageSelection
{
	NullableDatum thread_id;
	NullableDatum message_id;
	NullableDatum after_seq;
	NullableDatum before_seq;
	bool descending;
	int64 max_rows;
} MessageSelection;

/* LangGraph's threads hold LangChain's messages, so either name is right. */
static DialectId
read_dialect(NullableDatum dialect)
{
	static const char *const names[] = {"langgraph", "langchain", "entities", "zep",
										"backboard", "openai",    NULL};
	static const char *const not_built[] = {"anthropic", "responses", "ai_sdk", NULL};
	char *name = text_or_null(dialect);
	int choice;

	for (int i = 0; name && not_built[i]; i++)
		if (strcmp(name, not_built[i]) == 0)
			error_not_supported(psprintf("dialect \"%s\"", name),
								"Client libraries convert from OpenAI's or LangChain's form.");
	choice = guard_choice("dialect", dialect, names);
	return choice > 0 ? choice - 1 : DIALECT_LANGCHAIN;
}

static TimestampTz
row_time(uint64 row, int column)
{
	return DatumGetTimestampTz(row_datum(row, column));
}

static void
read_thread(Call *call, NullableDatum thread_id, FormattedThread *thread)
{
	thread->thread_id = text_or_null(thread_id);
	if (!query_first(call, &format_get_thread, &thread_id))
		error_not_found("thread", thread->thread_id);
	thread->user_id = row_text_or_null(1, 1);
	thread->graph_id = row_text_or_null(1, 2);
	thread->status = row_text(1, 3);
	thread->metadata = row_jsonb(1, 4, JSON_ROOT_OBJECT);
	thread->config = row_jsonb(1, 5, JSON_ROOT_OBJECT);
	thread->tool_resources = row_jsonb(1, 6, JSON_ROOT_OBJECT);
	thread->live_messages = row_int64(1, 7);
	thread->created_at = row_time(1, 8);
	thread->updated_at = row_time(1, 9);
	thread->state_updated_at = row_column(1, 10);
}

static void
read_message(DialectMessage *message, char *thread_id, uint64 row)
{
	message->thread_id = thread_id;
	message->message_id = row_text(row, 1);
	message->role = row_text(row, 2);
	message->origin_role = row_text_or_null(row, 3);
	message->name = row_text_or_null(row, 4);
	message->sender_id = row_text_or_null(row, 5);
	message->assistant_id = row_text_or_null(row, 6);
	message->run_id = row_text_or_null(row, 7);
	message->tool_call_id = row_text_or_null(row, 8);
	message->status = row_text(row, 9);
	message->metadata = row_jsonb(row, 10, JSON_ROOT_OBJECT);
	message->body = row_jsonb(row, 11, JSON_ROOT_OBJECT);
	message->event_at = row_time(row, 12);
	dialect_read_form(message);
}

/* One row more than a page holds: it tells whether another page follows. */
static uint64
select_messages(Call *call, const MessageSelection *wanted)
{
	Built built;

	built_begin(&built,
				"SELECT m.message_id, m.role, m.origin_role, m.name, m.sender_id,"
				" m.assistant_id, m.run_id, m.tool_call_id, " MESSAGE_STATUS_NOW
				", m.metadata, " MESSAGE_BODY_NOW ", m.event_at FROM threadmem_data.messages m"
				" WHERE m.tenant_id = $1 AND m.state = 'live'");
	built_when(&built, " AND m.thread_id = $%d", 't', wanted->thread_id);
	built_when(&built, " AND m.message_id = $%d", 't', wanted->message_id);
	built_when(&built, wanted->descending ? " AND m.seq < $%d" : " AND m.seq > $%d", 'l',
			   wanted->after_seq);
	built_when(&built, wanted->descending ? " AND m.seq > $%d" : " AND m.seq < $%d", 'l',
			   wanted->before_seq);
	built_add(&built, wanted->descending ? " ORDER BY m.seq DESC" : " ORDER BY m.seq");
	if (wanted->max_rows >= 0)
		built_when(&built, " LIMIT $%d", 'l', ARG(Int64GetDatum(wanted->max_rows + 1)));
	return built_exec(call, &built);
}

/* The first rows of the last statement as an array. */
static void
put_messages(JsonBuilder *out, DialectId dialect, char *thread_id, uint64 rows)
{
	DialectMessage message;

	json_push(out, WJB_BEGIN_ARRAY, NULL);
	for (uint64 row = 1; row <= rows; row++)
	{
		CHECK_FOR_INTERRUPTS();
		read_message(&message, thread_id, row);
		dialect_put_message(out, dialect, &message);
	}
	json_push(out, WJB_END_ARRAY, NULL);
}

/* Every message of a thread under a key. */
static uint64
put_all_messages(Call *call, JsonBuilder *out, DialectId dialect, const FormattedThread *thread)
{
	MessageSelection wanted = {
		ARG_TEXT(thread->thread_id), ARG_NULL, ARG_NULL, ARG_NULL, false, -1};
	uint64 rows = select_messages(call, &wanted);

	json_put_key(out, "messages");
	put_messages(out, dialect, thread->thread_id, rows);
	return rows;
}

/* What LangGraph knows of the graph is in the metadata. */
static void
put_metadata_with_graph(JsonBuilder *out, const FormattedThread *thread)
{
	json_put_key(out, "metadata");
	json_push(out, WJB_BEGIN_OBJECT, NULL);
	json_put_members(out, &thread->metadata->root);
	dialect_put_given_text(out, "graph_id", thread->graph_id);
	json_push(out, WJB_END_OBJECT, NULL);
}

static void
put_langgraph(Call *call, JsonBuilder *out, const FormattedThread *thread)
{
	NullableDatum thread_id = ARG_TEXT(thread->thread_id);
	Jsonb *values;
	Jsonb *interrupts;

	json_put_text(out, "thread_id", thread->thread_id);
	dialect_put_iso(out, "created_at", thread->created_at);
	dialect_put_iso(out, "updated_at", thread->updated_at);
	if (!thread->state_updated_at.isnull)
		dialect_put_iso(out, "state_updated_at",
						DatumGetTimestampTz(thread->state_updated_at.value));
	put_metadata_with_graph(out, thread);
	json_put_text(out, "status", thread->status);
	json_put_document(out, "config", thread->config);
	state_latest(call, thread_id, ARG_NULL, &values, &interrupts);
	if (!values || !interrupts)
		error_state_unreadable(thread_id);
	if (JB_ROOT_COUNT(values) > 0)
		json_put_document(out, "values", values);
	json_put_document(out, "interrupts", interrupts);
}

static void
put_participants(Call *call, JsonBuilder *out, const FormattedThread *thread)
{
	NullableDatum thread_id = ARG_TEXT(thread->thread_id);
	uint64 rows = query_exec(call, &format_participants, &thread_id);

	json_put_key(out, "participants");
	json_push(out, WJB_BEGIN_ARRAY, NULL);
	for (uint64 row = 1; row <= rows; row++)
	{
		json_push(out, WJB_BEGIN_OBJECT, NULL);
		json_put_text(out, "id", row_text(row, 1));
		dialect_put_text(out, "email", row_text_or_null(row, 2));
		dialect_put_text(out, "name", row_text_or_null(row, 3));
		json_push(out, WJB_END_OBJECT, NULL);
	}
	json_push(out, WJB_END_ARRAY, NULL);
}

static void
put_openai(JsonBuilder *out, const FormattedThread *thread, const char *metadata_key)
{
	json_put_text(out, "id", thread->thread_id);
	json_put_text(out, "object", "thread");
	dialect_put_epoch(out, "created_at", thread->created_at);
	json_put_document(out, metadata_key, thread->metadata);
	json_put_document(out, "tool_resources", thread->tool_resources);
}

/* Zep's thread and the answer of its thread.get in one; both name the time. */
static void
put_zep(Call *call, JsonBuilder *out, const FormattedThread *thread)
{
	uint64 rows;

	json_put_text(out, "thread_id", thread->thread_id);
	dialect_put_text(out, "user_id", thread->user_id);
	dialect_put_iso(out, "created_at", thread->created_at);
	dialect_put_iso(out, "thread_created_at", thread->created_at);
	rows = put_all_messages(call, out, DIALECT_ZEP, thread);
	json_put_int64(out, "row_count", rows);
	json_put_int64(out, "total_count", rows);
}

static void
put_backboard(Call *call, JsonBuilder *out, const FormattedThread *thread)
{
	json_put_text(out, "thread_id", thread->thread_id);
	dialect_put_iso(out, "created_at", thread->created_at);
	put_all_messages(call, out, DIALECT_BACKBOARD, thread);
	json_put_document(out, "metadata_", thread->metadata);
}

static void
put_thread(Call *call, JsonBuilder *out, DialectId dialect, const FormattedThread *thread)
{
	switch (dialect)
	{
	case DIALECT_LANGCHAIN:
		put_langgraph(call, out, thread);
		break;
	case DIALECT_ENTITIES:
		put_openai(out, thread, "meta_data");
		put_participants(call, out, thread);
		break;
	case DIALECT_ZEP:
		put_zep(call, out, thread);
		break;
	case DIALECT_BACKBOARD:
		put_backboard(call, out, thread);
		break;
	default:
		put_openai(out, thread, "metadata");
	}
}

enum
{
	FORMATTED_THREAD_ID,
	FORMATTED_DIALECT
};

Datum
threadmem_thread_format(PG_FUNCTION_ARGS)
{
	JsonBuilder out = {0};
	DialectId dialect;
	FormattedThread thread;
	Call call;

	query_begin(&call, fcinfo);
	dialect = read_dialect(fcinfo->args[FORMATTED_DIALECT]);
	read_thread(&call, fcinfo->args[FORMATTED_THREAD_ID], &thread);
	json_push(&out, WJB_BEGIN_OBJECT, NULL);
	put_thread(&call, &out, dialect, &thread);
	json_push(&out, WJB_END_OBJECT, NULL);
	return query_jsonb(&call, json_built(&out));
}

enum
{
	FORMAT_THREAD_ID,
	FORMAT_DIALECT,
	FORMAT_MAX_ROWS,
	FORMAT_SORT_ORDER,
	FORMAT_AFTER_ID,
	FORMAT_BEFORE_ID,
	FORMAT_MESSAGE_ID,
	FORMAT_AFTER_POSITION,
	FORMAT_BEFORE_POSITION
};

static void
read_page(Call *call, NullableDatum *args, MessageSelection *wanted)
{
	static const char *const orders[] = {"asc", "desc", NULL};
	NullableDatum max_rows = args[FORMAT_MAX_ROWS];
	MessageCursor after = {"after", args[FORMAT_AFTER_ID], ARG_NULL, args[FORMAT_AFTER_POSITION]};
	MessageCursor before = {"before", args[FORMAT_BEFORE_ID], ARG_NULL,
							args[FORMAT_BEFORE_POSITION]};

	wanted->thread_id = args[FORMAT_THREAD_ID];
	wanted->message_id = ARG_NULL;
	wanted->descending = guard_choice("sort_order", args[FORMAT_SORT_ORDER], orders) == 1;
	wanted->after_seq = message_cursor(call, wanted->thread_id, wanted->descending, &after);
	wanted->before_seq = message_cursor(call, wanted->thread_id, wanted->descending, &before);
	wanted->max_rows = int64_or(max_rows, PAGE_DEFAULT_ROWS);
}

static void
put_one_message(Call *call, JsonBuilder *out, DialectId dialect, const FormattedThread *thread,
				NullableDatum message_id)
{
	MessageSelection wanted = {
		ARG_TEXT(thread->thread_id), message_id, ARG_NULL, ARG_NULL, false, 1};
	DialectMessage message;

	if (select_messages(call, &wanted) == 0)
		message_not_found(call, wanted.thread_id, message_id);
	read_message(&message, thread->thread_id, 1);
	dialect_put_message(out, dialect, &message);
}

/* What stands around the messages in the answer of Zep's thread.get. */
static void
put_zep_page(JsonBuilder *out, const FormattedThread *thread, uint64 rows)
{
	json_push(out, WJB_BEGIN_OBJECT, NULL);
	json_put_key(out, "messages");
	put_messages(out, DIALECT_ZEP, thread->thread_id, rows);
	json_put_int64(out, "row_count", rows);
	json_put_int64(out, "total_count", thread->live_messages);
	dialect_put_iso(out, "thread_created_at", thread->created_at);
	dialect_put_text(out, "user_id", thread->user_id);
	json_push(out, WJB_END_OBJECT, NULL);
}

static void
put_openai_page(JsonBuilder *out, const FormattedThread *thread, uint64 rows, bool has_more)
{
	json_push(out, WJB_BEGIN_OBJECT, NULL);
	json_put_text(out, "object", "list");
	json_put_key(out, "data");
	put_messages(out, DIALECT_OPENAI, thread->thread_id, rows);
	dialect_put_text(out, "first_id", rows > 0 ? row_text(1, 1) : NULL);
	dialect_put_text(out, "last_id", rows > 0 ? row_text(rows, 1) : NULL);
	json_put_bool(out, "has_more", has_more);
	json_push(out, WJB_END_OBJECT, NULL);
}

static void
put_page(Call *call, JsonBuilder *out, DialectId dialect, const FormattedThread *thread,
		 const MessageSelection *wanted)
{
	uint64 found = select_messages(call, wanted);
	uint64 rows = Min(found, (uint64)wanted->max_rows);

	if (dialect == DIALECT_ZEP)
		put_zep_page(out, thread, rows);
	else if (dialect == DIALECT_OPENAI)
		put_openai_page(out, thread, rows, found > rows);
	else
		put_messages(out, dialect, thread->thread_id, rows);
}

Datum
threadmem_message_format(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	JsonBuilder out = {0};
	DialectId dialect;
	FormattedThread thread;
	MessageSelection wanted;
	Call call;

	query_begin(&call, fcinfo);
	dialect = read_dialect(args[FORMAT_DIALECT]);
	read_thread(&call, args[FORMAT_THREAD_ID], &thread);
	read_page(&call, args, &wanted);
	if (args[FORMAT_MESSAGE_ID].isnull)
		put_page(&call, &out, dialect, &thread, &wanted);
	else
		put_one_message(&call, &out, dialect, &thread, args[FORMAT_MESSAGE_ID]);
	return query_jsonb(&call, json_built(&out));
}

/* The newest, oldest first. */
static void
put_last_messages(Call *call, JsonBuilder *out, char *thread_id, int64 max_rows)
{
	MessageSelection wanted = {ARG_TEXT(thread_id), ARG_NULL, ARG_NULL, ARG_NULL, true, max_rows};
	uint64 rows = Min(select_messages(call, &wanted), (uint64)max_rows);
	DialectMessage message;

	json_put_key(out, "messages");
	json_push(out, WJB_BEGIN_ARRAY, NULL);
	for (uint64 row = rows; row >= 1; row--)
	{
		read_message(&message, thread_id, row);
		dialect_put_message(out, DIALECT_ZEP, &message);
	}
	json_push(out, WJB_END_ARRAY, NULL);
}

enum
{
	GET_SESSION_ID,
	GET_MAX_ROWS,
	GET_MISSING_OK
};

Datum
threadmem_memory_get(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	BlockRequest request = {args[GET_SESSION_ID], ARG_NULL, ARG_NULL, ARG_NULL, ARG_NULL};
	JsonBuilder out = {0};
	ThreadRow thread;
	Call call;

	query_begin(&call, fcinfo);
	if (bool_or(args[GET_MISSING_OK], false) &&
		!thread_row_try_read(&call, args[GET_SESSION_ID], &thread))
		return query_null(&call);
	json_push(&out, WJB_BEGIN_OBJECT, NULL);
	dialect_put_text(&out, "context", block_write(&call, &request));
	put_last_messages(&call, &out, text_or_null(args[GET_SESSION_ID]),
					  int64_or(args[GET_MAX_ROWS], DEFAULT_ROWS));
	json_push(&out, WJB_END_OBJECT, NULL);
	return query_jsonb(&call, json_built(&out));
}
