/*
 * run/create.c: a run comes into the queue of its thread.
 *
 * Assistants are locked before the thread, as everywhere; so whose run it is has to be known
 * first. What the thread's own assistant is may change between the look and the lock: then the run
 * is one that was asked for before the change.
 */
#include "run/run.h"

#include "graph/graph.h"
#include "message/message.h"
#include "user/user.h"

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

#include "json_patch/json_patch.h"

PG_FUNCTION_INFO_V1(threadmem_run_create);

enum
{
	CREATE_THREAD_ID,
	CREATE_ASSISTANT_ID,
	CREATE_INPUT,
	CREATE_STRATEGY,
	CREATE_RUN_ID,
	CREATE_GRAPH_ID,
	CREATE_MESSAGES,
	CREATE_KWARGS,
	CREATE_METADATA,
	CREATE_CONFIG,
	CREATE_AFTER_SECONDS,
	CREATE_EXPIRES_IN,
	CREATE_IF_NOT_EXISTS,
	CREATE_IF_EXISTS,
	CREATE_ARGUMENTS
};

static const char *const strategies[] = {"enqueue", "reject", "interrupt", "rollback", NULL};

enum
{
	ENQUEUE,
	REJECT,
	INTERRUPT,
	ROLLBACK
};

static Stmt run_exists = {"SELECT 1 FROM threadmem_data.runs r" RUNS_OF_THREAD " AND r.run_id = $3",
						  "tt"};
/* Put in order behind OFFSET 0: an index that gives it holds all runs there ever were. */
static Stmt run_active = {"SELECT a.run_id FROM (SELECT r.run_id, r.seq FROM threadmem_data.runs r"
						  " WHERE r.tenant_id = $1 AND r.thread_id = $2 AND " RUN_IS_ACTIVE
						  " OFFSET 0) a ORDER BY a.seq",
						  "t"};
static Stmt run_documents_of_thread = {
	"SELECT t.metadata, t.config, t.updated_at"
	" FROM threadmem_data.threads t WHERE t.tenant_id = $1 AND t.thread_id = $2",
	"t"};
static Stmt run_last_due = {
	"SELECT max(r.due_at) FROM threadmem_data.runs r WHERE r.tenant_id = $1"
	" AND r.thread_id = $2 AND r.status = 'queued' AND r.due_at = r.created_at",
	"t"};
static Stmt run_insert = {
	"INSERT INTO threadmem_data.runs AS r (tenant_id, thread_id, run_id, seq, status, strategy,"
	" assistant_id, graph_id, created_at, updated_at, due_at, blocked_until, expires_at, input,"
	" kwargs, metadata, config) VALUES ($1, $2, $3, $4, 'queued', $5, $6, $7, $8, $8, $9, $10, $11,"
	" $12, coalesce($13, '{}'), $14, $15) RETURNING " RUN_COLUMNS,
	"ttltttzzzzjjjj"};

/* An object's keys over those of another; below configurable likewise, where both have objects. */
static void
merge_over(JsonItems *into, Jsonb *document, const char *deep)
{
	JsonItems *items = document ? items_read(&document->root) : items_new(1);

	for (int i = 0; i < items->count; i++)
	{
		JsonItem *item = items_at(items, i);
		JsonNode *there = items_get(into, item->key, item->key_length);

		if (deep && there && node_is_object(there) && node_is_object(&item->value) &&
			item->key_length == (int)strlen(deep) && memcmp(item->key, deep, item->key_length) == 0)
		{
			JsonItems *below = node_open(there);
			JsonItems *over = items_read(node_container(&item->value));

			for (int k = 0; k < over->count; k++)
				items_put(below, items_at(over, k)->key, items_at(over, k)->key_length,
						  items_at(over, k)->value);
		}
		else
			items_put(into, item->key, item->key_length, item->value);
	}
}

static NullableDatum
merged(Jsonb *first, Jsonb *second, NullableDatum third, const char *deep)
{
	JsonItems *items = items_new(8);
	JsonNode root = node_of_items(NODE_OBJECT, items);

	merge_over(items, first, deep);
	merge_over(items, second, deep);
	merge_over(items, third.isnull ? NULL : DatumGetJsonbP(third.value), deep);
	return ARG(JsonbPGetDatum(node_write(&root)));
}

/* Finds whose run it is; makes the default assistant of a graph. */
static void
find_assistant(Call *call, NullableDatum *args, Assistant *assistant)
{
	NullableDatum assistant_id = args[CREATE_ASSISTANT_ID];
	NullableDatum graph_id = args[CREATE_GRAPH_ID];
	ThreadRow thread;

	if (assistant_id.isnull && graph_id.isnull &&
		thread_row_try_read(call, args[CREATE_THREAD_ID], &thread))
	{
		assistant_id = ARG_TEXT(thread.assistant_id);
		graph_id = ARG_TEXT(thread.graph_id);
		if (!assistant_id.isnull)
			graph_id = ARG_NULL;
	}
	if (!assistant_id.isnull && !assistant_find(call, assistant_id, assistant))
	{
		if (!graph_definition(call, assistant_id))
			error_no_parent("assistant", text_or_null(assistant_id));
		assistant_of_graph(call, assistant_id, assistant);
	}
	else if (assistant_id.isnull && !graph_id.isnull)
		assistant_of_graph(call, graph_id, assistant);
	if (!args[CREATE_ASSISTANT_ID].isnull && !args[CREATE_GRAPH_ID].isnull &&
		(!assistant->graph_id ||
		 strcmp(assistant->graph_id, text_or_null(args[CREATE_GRAPH_ID])) != 0))
		error_bad_input("graph_id", "Assistant \"%s\" runs another graph.",
						assistant->assistant_id);
}

static void
check_pin(const ThreadRow *thread, NullableDatum thread_id, const Assistant *assistant)
{
	if (thread->assistant_pinned &&
		(!assistant->assistant_id || strcmp(assistant->assistant_id, thread->assistant_id) != 0))
		error_state("assistant of the thread is pinned", "Create another thread for it.",
					"thread_id \"%s\" is bound to assistant_id \"%s\".", text_or_null(thread_id),
					thread->assistant_id);
}

/* Locks the thread, which if_not_exists => 'create' makes; whether it did. */
static bool
enter_thread(RunWork *work, Call *call, NullableDatum thread_id, NullableDatum if_not_exists)
{
	static const char *const choices[] = {"reject", "create", NULL};
	bool creates = guard_choice("if_not_exists", if_not_exists, choices) == 1;
	NewThreadRow row = thread_row_new(thread_id, query_narrowed_to());
	bool made = false;

	for (int i = 0; creates && !made && i < TRIES_MAX; i++)
	{
		if (thread_row_try_lock(call, thread_id, &work->thread))
			break;
		user_require(call, row.user_id);
		made = thread_row_insert(call, &row);
	}
	run_begin(work, call, thread_id);
	return made;
}

/* What the strategy does to the runs that are not over. */
static void
make_way(RunWork *work, int strategy)
{
	RunChange change = run_no_change();
	Datum *run_ids;
	uint64 count;
	Run run;

	if (strategy == ENQUEUE || run_line(work)->count == 0)
		return;
	if (strategy == REJECT)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_IN_USE), errmsg("thread is busy"),
						errdetail("thread_id is \"%s\", its run_id \"%s\" is not over.",
								  text_or_null(work->thread_id),
								  text_or_null(run_line(work)->runs[0].run_id)),
						errhint("Wait for it, or create the run with another strategy.")));
	count = query_exec(work->call, &run_active, &work->thread_id);
	run_ids = palloc(sizeof(Datum) * count);
	for (uint64 i = 0; i < count; i++)
		run_ids[i] = row_datum(i + 1, 1);
	if (strategy == ROLLBACK)
		run_roll_back(work, text_array(run_ids, (int)count));
	else
		for (uint64 i = 0; i < count; i++)
		{
			run_read(work, ARG(run_ids[i]), &run);
			run_become(work, &run, run.status == RUN_IN_PROGRESS ? RUN_INTERRUPTED : RUN_CANCELLED,
					   &change);
		}
}

/* Which agent it is, as the metadata of its threads and runs tell it. */
static Jsonb *
ids_of(const Assistant *assistant)
{
	JsonItems *ids = items_new(2);
	JsonNode root = node_of_items(NODE_OBJECT, ids);

	if (assistant->graph_id)
		items_put(ids, "graph_id", 8, node_of_text(assistant->graph_id));
	if (assistant->assistant_id)
		items_put(ids, "assistant_id", 12, node_of_text(assistant->assistant_id));
	return node_write(&root);
}

/* The thread tells which agent works on it, unless it is busy with another one's run. */
static void
note_on_thread(RunWork *work, const Assistant *assistant, NullableDatum metadata,
			   NullableDatum config)
{
	work->changed = true;
	work->row.runs = 1;
	if (strcmp(work->thread.status, "busy") == 0)
		return;
	work->row.metadata = merged(ids_of(assistant), NULL, metadata, NULL);
	work->row.config = config;
	work->row.graph_id = ARG_TEXT(assistant->graph_id);
}

static TimestampTz
due_time(NullableDatum after_seconds, TimestampTz now)
{
	int32 seconds = (int32)int64_or(after_seconds, 0);

	if (seconds < 0)
		error_bad_input("after_seconds", "It must not be negative, and is %d.", seconds);
	return now + seconds * USECS_PER_SEC;
}

/*
 * A clock that went back does not put a run before one that was there already. The thread's row
 * tells that it did: whatever happens to a run is noted there.
 */
static TimestampTz
due_after_others(RunWork *work, TimestampTz due, NullableDatum updated_at)
{
	NullableDatum last;

	if (due != work->now || DatumGetTimestampTz(updated_at.value) <= work->now)
		return due;
	query_first(work->call, &run_last_due, &work->thread_id);
	last = row_column(1, 1);
	return last.isnull ? due : Max(due, DatumGetTimestampTz(last.value));
}

static void
insert_run(RunWork *work, NullableDatum *args, const Assistant *assistant, bool made_thread)
{
	TimestampTz due = due_time(args[CREATE_AFTER_SECONDS], work->now);
	NullableDatum expires =
		run_time_from("expires_in", due, args[CREATE_EXPIRES_IN], EXPIRY_SECONDS);
	int strategy = guard_choice("strategy", args[CREATE_STRATEGY], strategies);
	Jsonb *metadata;
	Jsonb *config;

	query_first(work->call, &run_documents_of_thread, &work->thread_id);
	metadata = row_jsonb(1, 1, JSON_ROOT_OBJECT);
	config = row_jsonb(1, 2, JSON_ROOT_OBJECT);
	/* LangGraph notes the agent on the thread before it merges the run's */
	metadata = DatumGetJsonbP(merged(metadata, ids_of(assistant), ARG_NULL, NULL).value);
	due = due_after_others(work, due, row_column(1, 3));
	{
		NullableDatum row[] = {
			work->thread_id,
			args[CREATE_RUN_ID],
			ARG(Int64GetDatum(work->thread.run)),
			ARG_TEXT(strategies[strategy]),
			ARG_TEXT(assistant->assistant_id),
			ARG_TEXT(assistant->graph_id),
			ARG(TimestampTzGetDatum(work->now)),
			ARG(TimestampTzGetDatum(due)),
			run_blocked_until(work, due, work->thread.run),
			expires,
			args[CREATE_INPUT],
			args[CREATE_KWARGS],
			merged(assistant->metadata, metadata, args[CREATE_METADATA], NULL),
			merged(assistant->config, config, args[CREATE_CONFIG], "configurable"),
		};

		run_note_written(work, args[CREATE_RUN_ID], query_exec(work->call, &run_insert, row));
		run_line_take(work, &(ActiveRun){.run_id = args[CREATE_RUN_ID],
										 .status = RUN_QUEUED,
										 .due_at = due,
										 .seq = work->thread.run,
										 .expires_at = DatumGetTimestampTz(expires.value),
										 .deadline = DatumGetTimestampTz(expires.value),
										 .blocked_until = row[8],
										 .lease_until = ARG_NULL});
		work->place_due = due;
		work->place_seq = work->thread.run;
		thread_row_notify_run(work->call, work->thread_id, args[CREATE_RUN_ID], "queued");
		note_on_thread(work, assistant, made_thread ? args[CREATE_METADATA] : ARG_NULL, row[13]);
	}
}

static void
add_messages(RunWork *work, NullableDatum messages, NullableDatum run_id)
{
	MessageDraft *drafts;
	int count;

	if (messages.isnull)
		return;
	drafts = message_drafts("messages", DatumGetJsonbP(messages.value), ARG_NULL, &count);
	for (int i = 0; i < count; i++)
		drafts[i].shape.run_id = text_or_null(run_id);
	message_place(work->call, work->thread_id, drafts, count, false);
	message_store(work->call, work->thread_id, drafts, count);
}

Datum
threadmem_run_create(PG_FUNCTION_ARGS)
{
	NullableDatum args[CREATE_ARGUMENTS];
	Assistant assistant = {0};
	RunWork work;
	Call call;
	bool raises;
	bool made_thread;
	int strategy;

	query_begin(&call, fcinfo);
	memcpy(args, fcinfo->args, sizeof(args));
	strategy = guard_choice("strategy", args[CREATE_STRATEGY], strategies);
	raises = query_raises(args[CREATE_IF_EXISTS]);
	(void)due_time(args[CREATE_AFTER_SECONDS], 0);
	message_lock_senders(&call, args[CREATE_MESSAGES], ARG_NULL);
	find_assistant(&call, args, &assistant);
	made_thread = enter_thread(&work, &call, args[CREATE_THREAD_ID], args[CREATE_IF_NOT_EXISTS]);
	if (args[CREATE_RUN_ID].isnull)
		args[CREATE_RUN_ID] = ARG(id_generate("run"));
	else if (query_first(&call, &run_exists,
						 (NullableDatum[]){work.thread_id, args[CREATE_RUN_ID]}))
	{
		if (raises)
			error_exists("run", text_or_null(args[CREATE_RUN_ID]),
						 "Choose another id, or use if_exists => 'do_nothing'.");
		return run_end(&work, args[CREATE_RUN_ID]);
	}
	check_pin(&work.thread, work.thread_id, &assistant);
	make_way(&work, strategy);
	insert_run(&work, args, &assistant, made_thread);
	add_messages(&work, args[CREATE_MESSAGES], args[CREATE_RUN_ID]);
	return run_end(&work, args[CREATE_RUN_ID]);
}
