/*
 * thread/thread.c: the thread as a whole: create, read, change, delete, who takes part.
 *
 * The row itself belongs to thread_row/thread_row.c, the messages to message/message.c; here is
 * what concerns both. Whoever is named (user, assistant, participant) is locked FOR KEY SHARE, so
 * that a deletion at the same time either sees the thread or is seen by it.
 */
#include "thread/thread.h"

#include "assistant/assistant.h"
#include "checkpoint/checkpoint.h"
#include "document/document.h"
#include "extract/extract.h"
#include "fact/fact.h"
#include "memory/memory.h"
#include "message/message.h"
#include "state/state.h"
#include "user/user.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "thread/participants.h"
#include "threadmem/threadmem.h"

PG_FUNCTION_INFO_V1(threadmem_thread_create);
PG_FUNCTION_INFO_V1(threadmem_thread_get);
PG_FUNCTION_INFO_V1(threadmem_thread_gone);
PG_FUNCTION_INFO_V1(threadmem_thread_update);
PG_FUNCTION_INFO_V1(threadmem_thread_set_metadata);
PG_FUNCTION_INFO_V1(threadmem_thread_set_ttl);
PG_FUNCTION_INFO_V1(threadmem_thread_delete);
PG_FUNCTION_INFO_V1(threadmem_thread_prune);

static Stmt thread_get = {"SELECT " THREAD_COLUMNS " FROM threadmem_data.threads t"
						  " WHERE t.tenant_id = $1 AND t.thread_id = $2",
						  "t"};
static Stmt thread_gone = {
	"SELECT i.thread_id FROM (SELECT DISTINCT thread_id FROM unnest($2) thread_id) i"
	" WHERE NOT EXISTS (SELECT 1 FROM threadmem_data.threads t WHERE t.tenant_id = $1"
	" AND t.thread_id = i.thread_id) ORDER BY i.thread_id COLLATE \"C\"",
	"T", .keyed = true};
static Stmt thread_has_metadata = {"SELECT 1 FROM threadmem_data.threads t WHERE t.tenant_id = $1"
								   " AND t.thread_id = $2 AND t.metadata @> $3",
								   "tj"};
static Stmt thread_count_contents = {
	"SELECT (SELECT count(*) FROM threadmem_data.messages m WHERE m.tenant_id = $1 AND m.thread_id = $2"
	" AND m.state <> 'superseded'), (SELECT count(*) FROM threadmem_data.thread_participants p"
	" WHERE p.tenant_id = $1 AND p.thread_id = $2), (SELECT count(*) FROM threadmem_data.checkpoints c"
	" WHERE c.tenant_id = $1 AND c.thread_id = $2), (SELECT count(*) FROM threadmem_data.runs r"
	" WHERE r.tenant_id = $1 AND r.thread_id = $2)",
	"t"};

Datum
thread_return(Call *call, NullableDatum thread_id)
{
	return query_one(call, &thread_get, &thread_id, "thread", text_or_null(thread_id));
}

/* A time to live as its columns; minutes count from now. */
static void
set_ttl(ThreadTtl *ttl, const TtlDocument *given)
{
	TimestampTz expiry = GetCurrentTimestamp() + given->minutes * 60 * USECS_PER_SEC;

	ttl->expires_at = ARG(TimestampTzGetDatum(expiry));
	ttl->strategy = ARG_TEXT(given->keep_latest ? "keep_latest" : "delete");
	ttl->minutes = ARG(Int64GetDatum(given->minutes));
	ttl->refresh = ARG(BoolGetDatum(given->refresh));
}

static void
read_ttl(NullableDatum document, ThreadTtl *ttl)
{
	TtlDocument given;

	*ttl = (ThreadTtl){ARG_NULL, ARG_NULL, ARG_NULL, ARG_NULL};
	if (document.isnull)
		return;
	document_read_ttl(DatumGetJsonbP(document.value), &given);
	set_ttl(ttl, &given);
}

enum
{
	CREATE_THREAD_ID,
	CREATE_USER_ID,
	CREATE_ASSISTANT_ID,
	CREATE_ASSISTANT_PINNED,
	CREATE_GRAPH_ID,
	CREATE_TITLE,
	CREATE_PARTICIPANT_IDS,
	CREATE_METADATA,
	CREATE_CONFIG,
	CREATE_TOOL_RESOURCES,
	CREATE_MESSAGES,
	CREATE_TTL,
	CREATE_IF_EXISTS,
	CREATE_SUPERSTEPS,
	CREATE_CREATED_AT,
	CREATE_IN_MEMORY,
	CREATE_ARCHIVED,
	CREATE_IF_DELETED
};

/* Before the thread is there, since somebody may wait for its id. */
static void
hold_named(Call *call, const NewThreadRow *row, NullableDatum *args)
{
	Datum *elements;
	int count = text_list(args[CREATE_PARTICIPANT_IDS], &elements);

	user_require(call, row->user_id);
	for (int i = 0; i < count; i++)
		user_require(call, ARG(elements[i]));
	message_lock_senders(call, args[CREATE_MESSAGES], ARG_NULL);
	message_lock_senders(call, args[CREATE_SUPERSTEPS], ARG_NULL);
	assistant_require(call, row->assistant_id);
}

static void
add_messages(Call *call, NullableDatum thread_id, NullableDatum messages)
{
	MessageDraft *drafts;
	int count;

	if (messages.isnull)
		return;
	drafts = message_drafts("messages", DatumGetJsonbP(messages.value), ARG_NULL, &count);
	message_lock_exported(call, drafts, count);
	message_place(call, thread_id, drafts, count, false);
	message_store(call, thread_id, drafts, count);
}

/* [{"updates": [{"values" or "command", "as_node"}]}]: each a checkpoint on the one before. */
static void
run_supersteps(Call *call, NullableDatum thread_id, NullableDatum supersteps)
{
	static const char *const keys[] = {"updates", NULL};
	Jsonb *steps = supersteps.isnull ? NULL : DatumGetJsonbP(supersteps.value);
	int count = steps ? (int)JB_ROOT_COUNT(steps) : 0;

	for (int i = 0; i < count; i++)
	{
		JsonbContainer *step = json_as_object(getIthJsonbValueFromContainer(&steps->root, i));
		JsonbValue *updates = step ? json_field(step, "updates") : NULL;

		if (step)
			guard_keys("supersteps", step, psprintf("Element %d", i), keys);
		if (!json_as_array(updates))
			error_bad_input("supersteps", "Element %d must be {\"updates\": [...]}.", i);
		state_update(call, thread_id, ARG_TEXT(""), ARG_NULL, state_updates(json_own(updates)),
					 ARG_NULL, ARG_NULL, ARG_NULL);
	}
}

/* LangGraph's clients name the graph in metadata. */
static NullableDatum
graph_id_of(NullableDatum metadata)
{
	JsonbContainer *object = metadata.isnull ? NULL : &DatumGetJsonbP(metadata.value)->root;
	char *graph_id = json_as_text(json_field(object, "graph_id"));

	return graph_id && id_is_good(graph_id, (int)strlen(graph_id)) ? ARG_TEXT(graph_id) : ARG_NULL;
}

static NullableDatum
lexemes_of(NullableDatum title)
{
	return title.isnull ? title : ARG(message_lexemes(text_or_null(title)));
}

static void
read_new_thread_row(NewThreadRow *row, NullableDatum *args)
{
	static const char *const if_deleted[] = {"create", "raise", NULL};

	row->thread_id = args[CREATE_THREAD_ID];
	if (row->thread_id.isnull)
		row->thread_id = ARG(id_generate("thread"));
	row->user_id = args[CREATE_USER_ID];
	if (row->user_id.isnull)
		row->user_id = query_narrowed_to();
	row->assistant_id = args[CREATE_ASSISTANT_ID];
	row->assistant_pinned = args[CREATE_ASSISTANT_PINNED];
	row->graph_id = args[CREATE_GRAPH_ID];
	if (row->graph_id.isnull)
		row->graph_id = graph_id_of(args[CREATE_METADATA]);
	row->title = args[CREATE_TITLE];
	row->metadata = args[CREATE_METADATA];
	row->config = args[CREATE_CONFIG];
	row->tool_resources = args[CREATE_TOOL_RESOURCES];
	read_ttl(args[CREATE_TTL], &row->ttl);
	row->created_at = args[CREATE_CREATED_AT];
	row->in_memory = args[CREATE_IN_MEMORY];
	row->search = lexemes_of(row->title);
	row->archived = args[CREATE_ARCHIVED];
	row->refuses_deleted = guard_choice("if_deleted", args[CREATE_IF_DELETED], if_deleted) == 1;
	if (row->assistant_id.isnull && bool_or(row->assistant_pinned, false))
		error_bad_input("assistant_pinned", "There is no assistant to pin; give assistant_id.");
}

/* False when the id is taken by a row that is still there; one that may not be seen is taken, too.
 */
static bool
insert_thread_row(Call *call, const NewThreadRow *row, bool raise)
{
	for (int i = 0; i < TRIES_MAX; i++)
	{
		if (thread_row_insert(call, row))
			return true;
		if (raise)
			break;
		if (query_first(call, &thread_get, (NullableDatum[]){row->thread_id}))
			return false;
	}
	error_exists("thread", text_or_null(row->thread_id),
				 "Choose another id, or use if_exists => 'do_nothing'.");
}

/* The stored row as it is, but the supersteps of the call still run (LangGraph). */
static Datum
return_existing(Call *call, NullableDatum thread_id, NullableDatum supersteps)
{
	run_supersteps(call, thread_id, supersteps);
	return thread_return(call, thread_id);
}

Datum
threadmem_thread_create(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	NewThreadRow row;
	Call call;
	bool raise;

	query_begin(&call, fcinfo);
	raise = query_raises(args[CREATE_IF_EXISTS]);
	read_new_thread_row(&row, args);
	hold_named(&call, &row, args);
	if (!insert_thread_row(&call, &row, raise))
		return return_existing(&call, row.thread_id, args[CREATE_SUPERSTEPS]);
	thread_add_participants(&call, row.thread_id, row.user_id, args[CREATE_PARTICIPANT_IDS]);
	add_messages(&call, row.thread_id, args[CREATE_MESSAGES]);
	run_supersteps(&call, row.thread_id, args[CREATE_SUPERSTEPS]);
	return thread_return(&call, row.thread_id);
}

enum
{
	GET_THREAD_ID,
	GET_MISSING_OK
};

Datum
threadmem_thread_get(PG_FUNCTION_ARGS)
{
	Call call;

	query_begin(&call, fcinfo);
	return query_get(&call, &thread_get, fcinfo->args, fcinfo->args[GET_MISSING_OK], "thread",
					 text_or_null(fcinfo->args[GET_THREAD_ID]));
}

/* For a narrowed session the threads of others would be gone, and a sweep would follow. */
Datum
threadmem_thread_gone(PG_FUNCTION_ARGS)
{
	Call call;

	query_begin(&call, fcinfo);
	query_require_free(true);
	return query_set(&call, &thread_gone, fcinfo->args);
}

/* What the thread has to be like for a change: the caller says what it has seen. Nulls: anything.
 */
typedef struct Expected
{
	NullableDatum version;
	NullableDatum seq;
	NullableDatum metadata;
} Expected;

static void
check_expected(Call *call, const ThreadRow *thread, NullableDatum thread_id,
			   const Expected *expected)
{
	NullableDatum contains[] = {thread_id, expected->metadata};
	char *id = text_or_null(thread_id);

	if (!expected->version.isnull && DatumGetInt64(expected->version.value) != thread->version)
		error_stale("thread was changed meanwhile", "Read the thread again and repeat the change.",
					"thread_id \"%s\" has version " INT64_FORMAT ", expected was " INT64_FORMAT ".",
					id, thread->version, DatumGetInt64(expected->version.value));
	if (!expected->seq.isnull && DatumGetInt64(expected->seq.value) < thread->seq - 1)
		error_state("something was said in the thread meanwhile",
					"Read it, and decide again with its seq.",
					"thread_id \"%s\" has seq " INT64_FORMAT ", expected was " INT64_FORMAT ".", id,
					thread->seq - 1, DatumGetInt64(expected->seq.value));
	if (!expected->metadata.isnull && !query_first(call, &thread_has_metadata, contains))
		error_state("thread has other metadata",
					"Read the thread; what it has now may be newer than what was to be written.",
					"thread_id is \"%s\".", id);
}

static void
check_pin(const ThreadRow *thread, const ThreadRowChange *change)
{
	char *assistant_id = text_or_null(change->assistant_id);

	if (!thread->assistant_pinned)
		return;
	if ((assistant_id && strcmp(assistant_id, thread->assistant_id) != 0) ||
		text_list_has(change->clear, "assistant_id"))
		error_state("assistant of the thread is pinned", "Create another thread for it.",
					"thread_id \"%s\" is bound to assistant_id \"%s\".",
					text_or_null(change->thread_id), thread->assistant_id);
}

/*
 * Who is narrowed to one user may not make threads another's, nor another's its own; and who only
 * takes part may not let a thread expire, nor say what its owner's memory has.
 */
static void
check_owner(const ThreadRow *thread, const ThreadRowChange *change)
{
	char *user_id = text_or_null(change->user_id);
	bool hands_over = (user_id && (!thread->user_id || strcmp(user_id, thread->user_id) != 0)) ||
					  text_list_has(change->clear, "user_id");
	bool expires = !change->ttl.expires_at.isnull || text_list_has(change->clear, "ttl");

	if (hands_over && !query_narrowed_to().isnull)
		error_denied("handed over", "thread", text_or_null(change->thread_id),
					 "Use a session that is not narrowed by threadmem.user_id.");
	if (!change->in_memory.isnull)
		thread_row_require_own(change->thread_id, thread, "kept out of memory",
							   "Only its owner says what is remembered.");
	if (expires)
		thread_row_require_own(change->thread_id, thread, "given a time to live",
							   "Only its owner lets a thread expire.");
}

/* What was said is no memory any more, nor is what was drawn from it. */
static void
leave_memory(Call *call, NullableDatum thread_id)
{
	message_leave_memory(call, thread_id, ARG_NULL, ARG_NULL, ARG_NULL);
	fact_forget_messages(call, thread_id, ARG_NULL);
	extract_forget_thread(call, thread_id);
}

static Datum
change_thread(Call *call, ThreadRowChange *change, const Expected *expected)
{
	bool ownerless = text_list_has(change->clear, "user_id");
	ThreadRow thread;

	user_require(call, change->user_id);
	if (!bool_or(change->in_memory, true))
		fact_lock_summarized(call, change->thread_id, ARG_NULL);
	assistant_require(call, change->assistant_id);
	thread_row_lock(call, change->thread_id, &thread);
	check_expected(call, &thread, change->thread_id, expected);
	check_pin(&thread, change);
	check_owner(&thread, change);
	thread_row_update(call, change);
	if (change->user_id.isnull && !ownerless && bool_or(change->in_memory, true))
		return query_row(call);
	if (!bool_or(change->in_memory, true))
		leave_memory(call, change->thread_id);
	if (!change->user_id.isnull || ownerless)
	{
		NullableDatum owner_id = ownerless ? ARG_NULL : change->user_id;

		thread_set_participants_owner(call, change->thread_id, owner_id);
		message_set_owner(call, change->thread_id, owner_id);
	}
	return thread_return(call, change->thread_id);
}

static ThreadRowChange
no_change(NullableDatum thread_id)
{
	ThreadRowChange change;

	for (int i = 0; i < sizeof(change) / sizeof(NullableDatum); i++)
		((NullableDatum *)&change)[i] = ARG_NULL;
	change.thread_id = thread_id;
	return change;
}

enum
{
	UPDATE_THREAD_ID,
	UPDATE_METADATA,
	UPDATE_REMOVE_KEYS,
	UPDATE_TITLE,
	UPDATE_USER_ID,
	UPDATE_ASSISTANT_ID,
	UPDATE_GRAPH_ID,
	UPDATE_CONFIG,
	UPDATE_TOOL_RESOURCES,
	UPDATE_TTL,
	UPDATE_CLEAR,
	UPDATE_EXPECTED_VERSION,
	UPDATE_IN_MEMORY,
	UPDATE_ARCHIVED,
	UPDATE_EXPECTED_SEQ,
	UPDATE_EXPECTED_METADATA
};

Datum
threadmem_thread_update(PG_FUNCTION_ARGS)
{
	static const char *const clearable[] = {"title",    "user_id", "assistant_id",
											"graph_id", "ttl",     NULL};
	NullableDatum *args = fcinfo->args;
	ThreadRowChange change = no_change(args[UPDATE_THREAD_ID]);
	Expected expected = {args[UPDATE_EXPECTED_VERSION], args[UPDATE_EXPECTED_SEQ],
						 args[UPDATE_EXPECTED_METADATA]};
	Call call;

	query_begin(&call, fcinfo);
	guard_choices("clear", args[UPDATE_CLEAR], clearable);
	change.metadata = args[UPDATE_METADATA];
	change.remove_keys = args[UPDATE_REMOVE_KEYS];
	change.title = args[UPDATE_TITLE];
	change.user_id = args[UPDATE_USER_ID];
	change.assistant_id = args[UPDATE_ASSISTANT_ID];
	change.graph_id = args[UPDATE_GRAPH_ID];
	change.config = args[UPDATE_CONFIG];
	change.tool_resources = args[UPDATE_TOOL_RESOURCES];
	change.clear = args[UPDATE_CLEAR];
	change.in_memory = args[UPDATE_IN_MEMORY];
	change.search = lexemes_of(change.title);
	change.archived = args[UPDATE_ARCHIVED];
	read_ttl(args[UPDATE_TTL], &change.ttl);
	return change_thread(&call, &change, &expected);
}

enum
{
	SET_THREAD_ID,
	SET_METADATA,
	SET_EXPECTED_VERSION
};

Datum
threadmem_thread_set_metadata(PG_FUNCTION_ARGS)
{
	ThreadRowChange change = no_change(fcinfo->args[SET_THREAD_ID]);
	Expected expected = {fcinfo->args[SET_EXPECTED_VERSION], ARG_NULL, ARG_NULL};
	Call call;

	query_begin(&call, fcinfo);
	change.set_metadata = fcinfo->args[SET_METADATA];
	return change_thread(&call, &change, &expected);
}

enum
{
	TTL_THREAD_ID,
	TTL_MINUTES,
	TTL_STRATEGY,
	TTL_REFRESH,
	TTL_EXPECTED_SEQ
};

Datum
threadmem_thread_set_ttl(PG_FUNCTION_ARGS)
{
	static const char *const strategies[] = {"delete", "keep_latest", NULL};
	NullableDatum minutes = fcinfo->args[TTL_MINUTES];
	ThreadRowChange change = no_change(fcinfo->args[TTL_THREAD_ID]);
	Expected expected = {ARG_NULL, fcinfo->args[TTL_EXPECTED_SEQ], ARG_NULL};
	TtlDocument ttl = {.minutes = int64_or(minutes, 0),
					   .refresh = bool_or(fcinfo->args[TTL_REFRESH], false)};
	Call call;

	query_begin(&call, fcinfo);
	ttl.keep_latest = guard_choice("strategy", fcinfo->args[TTL_STRATEGY], strategies) == 1;
	if (minutes.isnull)
		change.clear = text_array((Datum[]){CStringGetTextDatum("ttl")}, 1);
	else if (ttl.minutes < 1 || ttl.minutes > TTL_MAX_MINUTES)
		error_bad_input("minutes", "It must be from 1 to %d, not " INT64_FORMAT ".",
						TTL_MAX_MINUTES, ttl.minutes);
	else
		set_ttl(&change.ttl, &ttl);
	return change_thread(&call, &change, &expected);
}

void
thread_remove(Call *call, NullableDatum thread_id, bool keep_memory, Deletions *deletions)
{
	ThreadRow thread;

	thread_row_lock(call, thread_id, &thread);
	query_exec(call, &thread_count_contents, &thread_id);
	deletions->messages += row_int64(1, 1);
	deletions->participants += row_int64(1, 2);
	deletions->checkpoints += row_int64(1, 3);
	deletions->runs += row_int64(1, 4);
	deletions->threads++;
	if (keep_memory)
	{
		deletions->kept_messages += memory_keep_thread(call, thread_id, &thread);
		extract_keep_thread(call, thread_id);
	}
	else
		deletions->episodes += memory_forget_thread(call, thread_id, &thread);
	thread_row_delete(call, thread_id, &thread);
}

void
thread_put_deletion(Call *call, const char *kind, int64 deleted, int64 kept)
{
	Datum values[] = {CStringGetTextDatum(kind), count_datum(deleted), count_datum(kept)};
	bool nulls[] = {false, false, false};

	query_put(call, values, nulls, lengthof(values));
}

static void
put_count(Call *call, const char *kind, int64 deleted)
{
	thread_put_deletion(call, kind, deleted, 0);
}

Datum
thread_return_deletions(Call *call, const Deletions *deletions)
{
	query_open_set(call);
	put_count(call, "users", deletions->users);
	put_count(call, "assistants", deletions->assistants);
	put_count(call, "threads", deletions->threads);
	put_count(call, "participants", deletions->participants);
	thread_put_deletion(call, "messages", deletions->messages, deletions->kept_messages);
	put_count(call, "checkpoints", deletions->checkpoints);
	put_count(call, "runs", deletions->runs);
	put_count(call, "erased_messages", deletions->erased_messages);
	put_count(call, "episodes", deletions->episodes);
	put_count(call, "facts", deletions->facts);
	put_count(call, "store_items", deletions->store_items);
	return query_close_set(call);
}

enum
{
	DELETE_THREAD_ID,
	DELETE_KEEP_MEMORY,
	DELETE_EXPECTED_SEQ
};

Datum
threadmem_thread_delete(PG_FUNCTION_ARGS)
{
	NullableDatum thread_id = fcinfo->args[DELETE_THREAD_ID];
	bool keep = bool_or(fcinfo->args[DELETE_KEEP_MEMORY], setting_keep_memory);
	Expected expected = {ARG_NULL, fcinfo->args[DELETE_EXPECTED_SEQ], ARG_NULL};
	ThreadRow thread;
	Deletions deletions = {0};
	Call call;

	query_begin(&call, fcinfo);
	fact_lock_summarized(&call, thread_id, ARG_NULL);
	if (!expected.seq.isnull)
	{
		thread_row_lock(&call, thread_id, &thread);
		check_expected(&call, &thread, thread_id, &expected);
	}
	thread_remove(&call, thread_id, keep, &deletions);
	thread_row_sweep_tombstones(&call);
	return thread_return_deletions(&call, &deletions);
}

enum
{
	PRUNE_THREAD_IDS,
	PRUNE_STRATEGY
};

Datum
threadmem_thread_prune(PG_FUNCTION_ARGS)
{
	static const char *const strategies[] = {"delete", "keep_latest", NULL};
	Deletions deletions = {0};
	int64 pruned = 0;
	bool deletes;
	Datum *ids;
	int count;
	Call call;

	query_begin(&call, fcinfo);
	deletes = guard_choice("strategy", fcinfo->args[PRUNE_STRATEGY], strategies) == 0;
	count = text_list_sorted(fcinfo->args[PRUNE_THREAD_IDS], &ids);
	for (int i = 0; i < count; i++)
	{
		ThreadRow thread;

		CHECK_FOR_INTERRUPTS();
		query_push();
		if (thread_row_try_lock(&call, ARG(ids[i]), &thread))
		{
			if (deletes)
				thread_remove(&call, ARG(ids[i]), false, &deletions);
			else
				checkpoint_keep_latest(&call, ARG(ids[i]), 1);
			pruned++;
		}
		query_pop();
	}
	thread_row_sweep_tombstones(&call);
	return query_count(&call, pruned);
}
