/*
 * erase/erase.c: what has to be gone.
 *
 * Deleting a user is one transaction: the threads it owns with all inside, its participation in
 * others, what it said there, and its row. The user's row is locked first, against who names it;
 * then all threads that this affects in the order of their ids (thread_row/thread_row.h).
 */
#include "assistant/assistant.h"
#include "checkpoint/checkpoint.h"
#include "extract/extract.h"
#include "fact/fact.h"
#include "group/group.h"
#include "memory/memory.h"
#include "message/message.h"
#include "run/run.h"
#include "store/store.h"
#include "thread/thread.h"
#include "user/user.h"

#include "miscadmin.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(threadmem_user_delete);
PG_FUNCTION_INFO_V1(threadmem_assistant_delete);
PG_FUNCTION_INFO_V1(threadmem_message_delete);
PG_FUNCTION_INFO_V1(threadmem_message_erase);
PG_FUNCTION_INFO_V1(threadmem_thread_purge_expired);
PG_FUNCTION_INFO_V1(threadmem_tenants_purge_expired);

#define PURGE_ROWS 1000

static Stmt erase_lock_user = {
	"SELECT 1 FROM threadmem_data.users u WHERE u.tenant_id = $1 AND u.user_id = $2"
	" FOR UPDATE",
	"t"};
/* All threads that a deletion affects: whose it is, where it takes part, what it said. */
#define AFFECTED(owner, kind, more) \
	"SELECT u.thread_id FROM (SELECT o.thread_id FROM threadmem_data.threads o" \
	" WHERE o.tenant_id = $1 AND o." owner " = $2" \
	" UNION SELECT p.thread_id FROM threadmem_data.thread_participants p WHERE p.tenant_id = $1" \
	" AND p.participant_id = $2 AND p.kind = '" kind "'" more ") u ORDER BY u.thread_id"
static Stmt erase_affected_by_user = {
	AFFECTED("user_id", "user",
			 " UNION SELECT m.thread_id FROM threadmem_data.messages m"
			 " WHERE m.tenant_id = $1 AND m.sender_id = $2 AND " SENT_TO_OTHERS("m.")),
	"t", .newest = true};
static Stmt erase_affected_by_assistant = {AFFECTED("assistant_id", "assistant", ""), "t",
										   .newest = true};
static Stmt erase_owned_threads = {
	"SELECT t.thread_id FROM threadmem_data.threads t WHERE t.tenant_id = $1"
	" AND t.user_id = $2 ORDER BY t.thread_id",
	"t"};
static Stmt erase_said_elsewhere_stmt = {
	"SELECT m.thread_id, array_agg(DISTINCT m.message_id), count(DISTINCT m.message_id)"
	" FROM threadmem_data.messages m WHERE m.tenant_id = $1 AND m.sender_id = $2"
	" AND " SENT_TO_OTHERS(
		"m.") " AND m.state <> 'erased' GROUP BY m.thread_id ORDER BY m.thread_id",
	"t"};
static Stmt erase_leave_threads = {
	"DELETE FROM threadmem_data.thread_participants p WHERE p.tenant_id = $1"
	" AND p.participant_id = $2 AND p.kind = $3",
	"tt"};
static Stmt erase_delete_user = {
	"DELETE FROM threadmem_data.users u WHERE u.tenant_id = $1 AND u.user_id = $2", "t"};
static Stmt erase_lock_assistant = {
	"SELECT 1 FROM threadmem_data.assistants a WHERE a.tenant_id = $1"
	" AND a.assistant_id = $2 FOR UPDATE",
	"t"};
static Stmt erase_assistant_threads = {
	"SELECT t.thread_id FROM threadmem_data.threads t WHERE t.tenant_id = $1"
	" AND t.assistant_id = $2 ORDER BY t.thread_id",
	"t"};
static Stmt erase_delete_assistant = {
	"DELETE FROM threadmem_data.assistants a WHERE a.tenant_id = $1"
	" AND a.assistant_id = $2",
	"t"};
static Stmt erase_stored = {
	"SELECT coalesce(sum(CASE m.state WHEN 'live' THEN 1 ELSE 0 END), 0)::int8,"
	" max(m.rev) FROM unnest($3) AS i (message_id), LATERAL (SELECT o.state, o.rev"
	" FROM threadmem_data.messages o WHERE o.tenant_id = $1 AND o.thread_id = $2"
	" AND o.message_id = i.message_id OFFSET 0) m HAVING count(*) > 0",
	"tT"};
/* One message at a time: a list of ids is a filter over the whole thread, and gone over each row.
 */
static Stmt erase_erase = {
	"UPDATE threadmem_data.messages m SET body = NULL, body_hash = NULL, search = NULL, metadata = '{}',"
	" embedding = NULL, name = NULL, sender_id = NULL, origin_role = NULL, tool_call_id = NULL,"
	" status = CASE status WHEN 'in_progress' THEN 'incomplete' ELSE status END,"
	" state = CASE WHEN m.rev = (SELECT max(o.rev) FROM threadmem_data.messages o"
	" WHERE o.tenant_id = $1 AND o.thread_id = $2 AND o.message_id = $3)"
	" THEN 'erased' ELSE 'superseded' END"
	" WHERE m.tenant_id = $1 AND m.thread_id = $2 AND m.message_id = $3",
	"tt"};
static Stmt erase_chunks = {
	"DELETE FROM threadmem_data.message_chunks c WHERE c.tenant_id = $1"
	" AND c.thread_id = $2 AND (c.message_id IN (SELECT unnest($3))) IS TRUE",
	"tT"};
static Stmt erase_expired = {
	"SELECT t.thread_id, t.ttl_strategy = 'keep_latest' FROM threadmem_data.threads t"
	" WHERE t.tenant_id = $1 AND t.expires_at <= clock_timestamp()"
	" AND (NOT t.ttl_refresh OR (" THREAD_EXPIRY " <= clock_timestamp()"
	" AND coalesce(t.busy_until <= clock_timestamp(), true)))"
	" AND ($3 IS NULL OR t.user_id = $3) ORDER BY t.expires_at LIMIT $2 FOR UPDATE SKIP LOCKED",
	"lt"};
/* The time of what is renewed by use may be an old one: the purge writes the new one down. */
static Stmt erase_first_expired = {
	"SELECT least((SELECT min(t.expires_at) FROM threadmem_data.threads t"
	" WHERE t.tenant_id = $1 AND t.expires_at <= clock_timestamp()),"
	" (SELECT min(s.sweep_at) FROM threadmem_data.store_items s"
	" WHERE s.tenant_id = $1 AND s.sweep_at <= clock_timestamp())), 0::int8",
	""};
/*
 * Removes bodies and everything personal from every revision of messages, in one pass through the
 * thread, which is locked. Gives the newest revision, or 0 when none of them is there.
 */
static int64
erase_messages(Call *call, NullableDatum thread_id, NullableDatum message_ids)
{
	NullableDatum key[] = {thread_id, message_ids};
	int64 live;
	int64 rev;
	Datum *ids;
	int count = text_list(message_ids, &ids);

	if (!query_first(call, &erase_stored, key))
		return 0;
	live = row_int64(1, 1);
	rev = row_int64(1, 2);
	checkpoint_erase_messages(call, thread_id, message_ids);
	run_erase_messages(call, thread_id, message_ids);
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		query_exec(call, &erase_erase, (NullableDatum[]){thread_id, ARG(ids[i])});
	}
	query_exec(call, &erase_chunks, key);
	memory_forget_messages(call, thread_id, message_ids);
	thread_row_count(call, thread_id, -live, 1); /* for who holds the bodies by revision */
	return rev;
}

/* The arguments of message_delete() and message_erase(). */
enum
{
	ERASE_THREAD_ID,
	ERASE_MESSAGE_ID
};

/* What memory drew from it goes as well: that is why it is here and not with the log. */
Datum
threadmem_message_delete(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	NullableDatum message_ids;
	SPITupleTable *deleted;
	Call call;

	query_begin(&call, fcinfo);
	message_ids = text_array(&args[ERASE_MESSAGE_ID].value, 1);
	fact_lock_summarized(&call, args[ERASE_THREAD_ID], message_ids);
	deleted = message_set_deleted(&call, args[ERASE_THREAD_ID], args[ERASE_MESSAGE_ID]);
	fact_forget_messages(&call, args[ERASE_THREAD_ID], message_ids);
	extract_forget_messages(&call, args[ERASE_THREAD_ID], message_ids);
	return query_row_of(&call, deleted);
}

Datum
threadmem_message_erase(PG_FUNCTION_ARGS)
{
	char *message_id = text_or_null(fcinfo->args[ERASE_MESSAGE_ID]);
	NullableDatum message_ids;
	ThreadRow thread;
	Call call;
	int64 rev;

	query_begin(&call, fcinfo);
	message_ids = text_array(&fcinfo->args[ERASE_MESSAGE_ID].value, 1);
	fact_lock_summarized(&call, fcinfo->args[ERASE_THREAD_ID], message_ids);
	thread_row_lock(&call, fcinfo->args[ERASE_THREAD_ID], &thread);
	rev = erase_messages(&call, fcinfo->args[ERASE_THREAD_ID], message_ids);
	if (rev == 0)
		error_not_found("message", message_id);
	return message_return(&call, fcinfo->args[ERASE_THREAD_ID], rev);
}

/* Deletes the threads a statement lists; they are locked. */
static void
delete_threads(Call *call, Stmt *list, NullableDatum owner, Deletions *deletions)
{
	uint64 count = query_exec(call, list, &owner);
	SPITupleTable *rows = SPI_tuptable;

	for (uint64 i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		thread_remove(call, table_column(rows, i + 1, 1), false, deletions);
	}
}

static void
erase_said_elsewhere(Call *call, NullableDatum user_id, Deletions *deletions)
{
	uint64 count = query_exec(call, &erase_said_elsewhere_stmt, &user_id);
	SPITupleTable *rows = SPI_tuptable;

	for (uint64 i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		erase_messages(call, table_column(rows, i + 1, 1), table_column(rows, i + 1, 2));
		deletions->erased_messages += table_int64(rows, i + 1, 3);
	}
}

Datum
threadmem_user_delete(PG_FUNCTION_ARGS)
{
	NullableDatum user_id = fcinfo->args[0];
	NullableDatum part[] = {user_id, ARG_TEXT("user")};
	Deletions deletions = {0};
	Call call;

	query_begin(&call, fcinfo);
	if (!query_first(&call, &erase_lock_user, &user_id))
		error_not_found("user", text_or_null(user_id));
	/* it would not see what the user said in threads it has left, and leave it behind */
	if (!query_narrowed_to().isnull)
		error_denied("deleted", "user", text_or_null(user_id),
					 "Use a session that is not narrowed by threadmem.user_id.");
	thread_row_lock_all(&call, &erase_affected_by_user, &user_id);
	/* first: else each thread would look for what only its messages say */
	deletions.facts = fact_delete_user(&call, user_id);
	delete_threads(&call, &erase_owned_threads, user_id, &deletions);
	erase_said_elsewhere(&call, user_id, &deletions);
	deletions.participants += query_exec(&call, &erase_leave_threads, part);
	group_forget_user(&call, user_id);
	deletions.episodes += memory_forget_user(&call, user_id);
	extract_forget_user(&call, user_id);
	deletions.store_items = store_forget_user(&call, user_id);
	deletions.users = query_exec(&call, &erase_delete_user, &user_id);
	thread_row_sweep_tombstones(&call);
	return thread_return_deletions(&call, &deletions);
}

enum
{
	ASSISTANT_ID,
	ASSISTANT_CASCADE
};

/* Its threads stay without it, unless cascade: then they go, as Backboard's do. */
Datum
threadmem_assistant_delete(PG_FUNCTION_ARGS)
{
	NullableDatum assistant_id = fcinfo->args[ASSISTANT_ID];
	NullableDatum part[] = {assistant_id, ARG_TEXT("assistant")};
	bool cascade = bool_or(fcinfo->args[ASSISTANT_CASCADE], false);
	Deletions deletions = {0};
	Call call;

	query_begin(&call, fcinfo);
	if (!query_first(&call, &erase_lock_assistant, &assistant_id))
		error_not_found("assistant", text_or_null(assistant_id));
	thread_row_lock_all(&call, &erase_affected_by_assistant, &assistant_id);
	if (cascade)
		delete_threads(&call, &erase_assistant_threads, assistant_id, &deletions);
	else
		thread_row_detach_assistant(&call, assistant_id);
	deletions.participants += query_exec(&call, &erase_leave_threads, part);
	group_forget_assistant(&call, assistant_id);
	deletions.assistants = query_exec(&call, &erase_delete_assistant, &assistant_id);
	if (deletions.assistants == 0)
		error_denied("deleted", "assistant", text_or_null(assistant_id),
					 "A session narrowed to one user does not change assistants.");
	thread_row_sweep_tombstones(&call);
	return thread_return_deletions(&call, &deletions);
}

/* States are large and threads many: what one took is freed with it. */
static void
keep_latest(Call *call, NullableDatum thread_id)
{
	query_push();
	checkpoint_keep_latest(call, thread_id, 1);
	thread_row_rest_ttl(call, thread_id);
	query_pop();
}

/*
 * A thread that somebody is writing to is skipped and comes with the next purge; a narrowed session
 * deletes its own. keep_latest has done its work once only the newest checkpoints are left, so the
 * time limit rests until there are others.
 */
static uint64
purge_expired(Call *call, int64 max_rows, Deletions *deletions)
{
	NullableDatum args[] = {ARG(Int64GetDatum(max_rows)), query_narrowed_to()};
	SPITupleTable *found;
	uint64 count;
	uint64 items;

	thread_row_renew_ttls(call, max_rows);
	count = query_exec(call, &erase_expired, args);
	found = SPI_tuptable;
	for (uint64 i = 0; i < count; i++)
	{
		NullableDatum thread_id = table_column(found, i + 1, 1);

		CHECK_FOR_INTERRUPTS();
		if (table_bool(found, i + 1, 2))
			keep_latest(call, thread_id);
		else
			thread_remove(call, thread_id, false, deletions);
	}
	thread_row_sweep_tombstones(call);
	items = store_sweep(call, max_rows - (int64)count);
	return count + items;
}

Datum
threadmem_thread_purge_expired(PG_FUNCTION_ARGS)
{
	Deletions deletions = {0};
	Call call;

	query_begin(&call, fcinfo);
	return query_count(
		&call, (int64)purge_expired(&call, int64_or(fcinfo->args[0], PURGE_ROWS), &deletions));
}

static int64
purge_tenant(Call *call, int64 most, void *context)
{
	Deletions deletions = {0};

	return (int64)purge_expired(call, most, &deletions);
}

Datum
threadmem_tenants_purge_expired(PG_FUNCTION_ARGS)
{
	Sweep sweep = {.due = &erase_first_expired,
				   .work = purge_tenant,
				   .max_rows = int64_or(fcinfo->args[0], PURGE_ROWS)};
	Call call;

	query_begin_all(&call, fcinfo);
	return query_sweep(&call, &sweep);
}
