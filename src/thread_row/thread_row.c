/*
 * thread_row/thread_row.c: the thread's row.
 *
 * The time of a change is taken once a call and passed in: updated_at and updated_hour must not
 * fall on two sides of an hour. An append that waited for the lock may carry an earlier time than
 * the row; the row keeps the later one.
 */
#include "thread_row/thread_row.h"

#include "user/user.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

/* A limit that rests (keep_latest has done its work) begins with what is written next. */
#define WRITTEN(now) \
	" expires_at = CASE WHEN t.expires_at IS NULL AND t.ttl_minutes BETWEEN 1 AND 5256000" \
	" THEN " now " + make_interval(mins => t.ttl_minutes) ELSE t.expires_at END, "
/* Something came that no extractor has had (thread_row/extract.c). */
#define EXTRACT(now) " extract_at = coalesce(t.extract_at, " now "), "
#define KEY " WHERE t.tenant_id = $1 AND t.thread_id = $2"
#define TOUCH(now) \
	"updated_at = greatest(t.updated_at, " now ")," \
	" updated_hour = date_trunc('hour', greatest(t.updated_at, " now "), 'UTC')"
/* What read_row() reads, with these for the numbers that a statement takes. */
#define ROW_COLUMNS(seq, rev) \
	" t.user_id, t.assistant_id, t.assistant_pinned, " seq ", " rev "," \
	" t.version, t.live_messages, t.next_checkpoint, t.graph_id, t.implicit, t.next_run," \
	" " THREAD_STATUS("t.") ", t.next_change, t.in_memory, t.head_status_of"
#define ROW_AS_IT_IS ROW_COLUMNS("t.next_seq", "t.next_rev")
/* What a thread is created with, and what a copy takes over: it was not put aside itself. */
#define GIVEN_COLUMNS \
	"user_id, assistant_id, assistant_pinned, graph_id, title, metadata, config, tool_resources," \
	" expires_at, ttl_strategy, ttl_minutes, ttl_refresh, in_memory, search"
#define INSERT_ROW "INSERT INTO threadmem_data.threads AS t (tenant_id, thread_id, "
#define CREATED_COLUMNS ", created_at, updated_at, updated_hour)"
#define CREATED(at, now) at ", " now ", date_trunc('hour', " now ", 'UTC')"
#define UNLESS_THERE " ON CONFLICT (tenant_id, thread_id) DO NOTHING"

static Stmt thread_row_exists = {"SELECT 1 FROM threadmem_data.threads t" KEY, "t"};
static Stmt thread_row_lock_stmt = {
	"SELECT" ROW_AS_IT_IS " FROM threadmem_data.threads t" KEY " FOR NO KEY UPDATE", "t"};
static Stmt thread_row_lock_streams = {
	.sql = "SELECT 1 FROM threadmem_data.messages t" KEY
		   " AND t.status = 'in_progress' AND t.state = 'live' FOR UPDATE",
	.types = "t",
	.newest = true};
static Stmt thread_row_read_stmt = {"SELECT" ROW_AS_IT_IS " FROM threadmem_data.threads t" KEY,
									"t"};
static Stmt thread_row_append_stmt = {
	"UPDATE threadmem_data.threads t SET next_seq = next_seq + $3,"
	" next_rev = next_rev + $3, live_messages = live_messages + $3,"
	" last_message_at = greatest(last_message_at, $5)," EXTRACT("$4") WRITTEN("$4") TOUCH("$4") KEY
	" RETURNING t.user_id, t.next_seq - $3, t.next_rev - $3, t.next_run, t.in_memory",
	"tlzz"};
static Stmt thread_row_take_revisions_stmt = {
	"UPDATE threadmem_data.threads t SET next_rev = next_rev + $4," EXTRACT("$3") WRITTEN("$3")
		TOUCH("$3") KEY " RETURNING" ROW_COLUMNS("t.next_seq", "t.next_rev - $4"),
	"tzl"};
static Stmt thread_row_count_stmt = {
	"UPDATE threadmem_data.threads t SET live_messages = live_messages + $3,"
	" next_change = next_change + $4," WRITTEN("$5") TOUCH("$5") KEY,
	"tllz"};
static Stmt thread_row_step_stmt = {
	"UPDATE threadmem_data.threads t SET next_checkpoint = next_checkpoint + $3, next_seq = next_seq + $4,"
	" next_rev = next_rev + $5, live_messages = live_messages + $6,"
	" last_message_at = CASE WHEN $4 > 0 THEN greatest(last_message_at, $10) ELSE last_message_at END,"
	" state_updated_at = greatest(state_updated_at, $7), next_change = next_change + $9," EXTRACT(
		"CASE WHEN $5 > 0 THEN $7 END") WRITTEN("$7") TOUCH("CASE WHEN NOT $8 THEN $7 END") KEY,
	"tllllzblz"};
static Stmt thread_row_take_change_stmt = {
	"UPDATE threadmem_data.threads t SET next_change = next_change + 1" KEY
	" RETURNING t.next_change - 1",
	"t"};
/* Checkpoints have a room of their own, too: a task asks or has failed until it writes something.
 */
static Stmt thread_row_note_head_stmt = {
	"UPDATE threadmem_data.threads t SET head_status = h.status,"
	" head_status_of = CASE WHEN h.status IS NOT NULL THEN h.checkpoint_id END,"
	" waiting = CASE WHEN t.next_run = 1 THEN coalesce(h.status = 'interrupted', false) ELSE t.waiting END"
	" FROM (SELECT i.checkpoint_id, (SELECT CASE WHEN bool_or(k.failed) THEN 'error'"
	" WHEN bool_or(k.asks) THEN 'interrupted' END"
	" FROM (SELECT bool_or(w.channel = '__error__') AS failed,"
	" bool_or(w.channel = '__interrupt__') AS asks FROM threadmem_data.checkpoint_writes w"
	" WHERE w.tenant_id = $1 AND w.thread_id = $2 AND w.checkpoint_ns = ''"
	" AND w.checkpoint_id = i.checkpoint_id GROUP BY w.task_id"
	" HAVING bool_and(w.channel IN ('__error__', '__interrupt__', '__scheduled__', '__resume__'))) k)"
	" AS status FROM (SELECT coalesce($3, (SELECT c.checkpoint_id FROM threadmem_data.checkpoints c"
	" WHERE c.tenant_id = $1 AND c.thread_id = $2 AND c.checkpoint_ns = ''"
	" ORDER BY c.checkpoint_id DESC LIMIT 1)) AS checkpoint_id) i) h" KEY
	" AND (t.head_status IS DISTINCT FROM h.status OR t.head_status_of IS DISTINCT FROM"
	" CASE WHEN h.status IS NOT NULL THEN h.checkpoint_id END)",
	"tt"};
/*
 * What a client saw by its version has changed only when metadata, config or graph have: by their
 * bytes (*=), for 1.0 is not 1.00. Metadata that stay are set to the column itself: a value made
 * anew, were it the same, is another to the row where it is compressed, and goes into the index
 * again.
 */
#define METADATA_STAY "($7 IS NULL OR ROW(t.metadata || $7)::record *= ROW(t.metadata)::record)"
static Stmt thread_row_set_runs_stmt = {
	"UPDATE threadmem_data.threads t SET next_run = next_run + $3, status = $4, busy_until = $5,"
	" waits_until = $6, waiting = $6 IS NOT NULL OR $4 = 'interrupted', metadata = CASE WHEN " METADATA_STAY
	" THEN t.metadata"
	" ELSE t.metadata || $7 END, config = coalesce($8, t.config), graph_id = coalesce(t.graph_id, $9),"
	" implicit = t.implicit AND $3 = 0, version = version + CASE WHEN " METADATA_STAY
	" AND ($8 IS NULL OR ROW($8)::record *= ROW(t.config)::record)"
	" AND (t.graph_id IS NOT NULL OR $9 IS NULL) THEN 0 ELSE 1 END," WRITTEN("$10") TOUCH("$10")
		KEY,
	"tltzzjjtz"};
static Stmt thread_row_stay_busy_stmt = {
	"UPDATE threadmem_data.threads t SET busy_until = greatest(busy_until, $3)" KEY
	" AND t.busy_until < $3",
	"tz"};
static Stmt thread_row_insert_empty = {
	INSERT_ROW "user_id, implicit" CREATED_COLUMNS
			   " VALUES ($1, $2, $3, true, " CREATED("$4", "$4") ")" UNLESS_THERE,
	"ttz"};
static Stmt thread_row_insert_stmt = {
	INSERT_ROW GIVEN_COLUMNS
	", archived" CREATED_COLUMNS
	" VALUES ($1, $2, $3, $4, coalesce($5, false), $6, $7, coalesce($8, '{}'),"
	" coalesce($9, '{}'), coalesce($10, '{}'), $11, $12, $16, coalesce($17, false), coalesce($15, true), $18, coalesce($19, false), " CREATED(
		"coalesce($14, $13)", "$13") ")" UNLESS_THERE,
	"tttbttjjjztzzblbvb"};
static Stmt thread_row_update_stmt = {
	"UPDATE threadmem_data.threads t SET"
	" metadata = CASE WHEN coalesce($3, $5) IS NULL AND $4 IS NULL THEN t.metadata ELSE"
	" threadmem.json_remove_keys(coalesce($5, t.metadata) || coalesce($3, '{}'), coalesce($4, '{}')) END,"
	" title = CASE WHEN 'title' = ANY ($14) THEN NULL ELSE coalesce($6, t.title) END,"
	" search = CASE WHEN 'title' = ANY ($14) THEN NULL ELSE coalesce($19, t.search) END,"
	" archived = coalesce($20, t.archived),"
	" user_id = CASE WHEN 'user_id' = ANY ($14) THEN NULL ELSE coalesce($7, t.user_id) END,"
	" assistant_id = CASE WHEN 'assistant_id' = ANY ($14) THEN NULL"
	" ELSE coalesce($8, t.assistant_id) END,"
	" graph_id = CASE WHEN 'graph_id' = ANY ($14) THEN NULL ELSE coalesce($9, t.graph_id) END,"
	" config = coalesce($10, t.config), tool_resources = coalesce($11, t.tool_resources),"
	" expires_at = CASE WHEN 'ttl' = ANY ($14) THEN NULL ELSE coalesce($12, t.expires_at) END,"
	" ttl_strategy = CASE WHEN 'ttl' = ANY ($14) THEN NULL ELSE coalesce($13, t.ttl_strategy) END,"
	" in_memory = coalesce($16, t.in_memory),"
	" ttl_minutes = CASE WHEN 'ttl' = ANY ($14) THEN NULL ELSE coalesce($17, t.ttl_minutes) END,"
	" ttl_refresh = 'ttl' <> ALL (coalesce($14, '{}')) AND coalesce($18, t.ttl_refresh),"
	" implicit = false, version = version + 1, " TOUCH("$15") KEY " RETURNING " THREAD_COLUMNS,
	"tjTjttttjjztTzblbvb"};
static Stmt thread_row_copy_stmt = {
	INSERT_ROW GIVEN_COLUMNS
	", next_seq, next_rev, next_checkpoint, next_change, live_messages, last_message_at,"
	" state_updated_at, forked_from, extracted_rev, extract_at" CREATED_COLUMNS
	" SELECT $1, $3, s.user_id, s.assistant_id, s.assistant_pinned, s.graph_id, s.title,"
	" s.metadata || jsonb_build_object('thread_id', $3), s.config, s.tool_resources, s.expires_at,"
	" s.ttl_strategy, s.ttl_minutes, s.ttl_refresh, s.in_memory, s.search, s.next_seq, s.next_rev, s.next_checkpoint, s.next_change, s.live_messages,"
	" s.last_message_at, CASE WHEN $5 THEN s.state_updated_at END, s.thread_id, s.extracted_rev,"
	" s.extract_at, " CREATED(
		"$4",
		"$4") " FROM threadmem_data.threads s WHERE s.tenant_id = $1 AND s.thread_id = $2" UNLESS_THERE,
	"ttzb"};
static Stmt thread_row_take_counters_stmt = {
	"UPDATE threadmem_data.threads t SET next_seq = greatest(t.next_seq, s.next_seq),"
	" next_rev = greatest(t.next_rev, s.next_rev),"
	" next_checkpoint = greatest(t.next_checkpoint, s.next_checkpoint),"
	" next_change = greatest(t.next_change, s.next_change),"
	" live_messages = s.live_messages,"
	" last_message_at = s.last_message_at, state_updated_at = s.state_updated_at, " EXTRACT("$4")
		TOUCH("$4") " FROM threadmem_data.threads s WHERE s.tenant_id = $1 AND s.thread_id = $2"
					" AND t.tenant_id = $1 AND t.thread_id = $3",
	"ttz"};
static Stmt thread_row_recount_stmt = {"UPDATE threadmem_data.threads t SET live_messages = $3,"
									   " last_message_at = $4, next_seq = $5" KEY,
									   "tlzl"};
static Stmt thread_row_rest_ttl_stmt = {"UPDATE threadmem_data.threads t SET expires_at = NULL" KEY,
										"t"};
static Stmt thread_row_renew_ttls_stmt = {
	"UPDATE threadmem_data.threads t SET expires_at = " THREAD_EXPIRY
	" FROM (SELECT o.thread_id FROM (SELECT t.thread_id, " THREAD_EXPIRY
	" AS expiry FROM threadmem_data.threads t WHERE t.tenant_id = $1"
	" AND t.expires_at <= clock_timestamp() AND t.ttl_refresh ORDER BY t.expires_at LIMIT $2"
	" FOR NO KEY UPDATE SKIP LOCKED) o WHERE o.expiry > clock_timestamp()) o"
	" WHERE t.tenant_id = $1 AND t.thread_id = o.thread_id",
	"l"};
static Stmt thread_row_detach_assistant_stmt = {
	"UPDATE threadmem_data.threads t SET assistant_id = NULL, assistant_pinned = false,"
	" version = version + 1 WHERE t.tenant_id = $1 AND t.assistant_id = $2",
	"t"};
/*
 * All of a thread goes with its row, named here: foreign keys that cascaded would do the same, but
 * an archive has no order of data for the tables of an extension, so a parallel restore lost rows.
 */
#define ITS_ROWS " x WHERE x.tenant_id = $1 AND x.thread_id = $2)"
static Stmt thread_row_delete_stmt = {
	.sql = "WITH a AS (DELETE FROM threadmem_data.messages" ITS_ROWS
		   ", b AS (DELETE FROM threadmem_data.message_chunks" ITS_ROWS
		   ", c AS (DELETE FROM threadmem_data.checkpoints" ITS_ROWS
		   ", d AS (DELETE FROM threadmem_data.checkpoint_writes" ITS_ROWS
		   ", e AS (DELETE FROM threadmem_data.thread_values" ITS_ROWS
		   ", f AS (DELETE FROM threadmem_data.runs" ITS_ROWS
		   ", g AS (DELETE FROM threadmem_data.run_steps" ITS_ROWS
		   ", h AS (DELETE FROM threadmem_data.thread_participants" ITS_ROWS
		   ", i AS (DELETE FROM threadmem_data.run_tombstones" ITS_ROWS
		   ", j AS (DELETE FROM threadmem_data.memory_jobs" ITS_ROWS
		   ", m AS (DELETE FROM threadmem_data.memory_blocks" ITS_ROWS
		   ", n AS (DELETE FROM threadmem_data.memory_block_revisions" ITS_ROWS
		   " DELETE FROM threadmem_data.threads t" KEY,
	.types = "t",
	.newest = true};
static Stmt thread_row_put_tombstone_stmt = {
	"INSERT INTO threadmem_data.thread_tombstones AS t (tenant_id, thread_id, user_id, deleted_at)"
	" VALUES ($1, $2, coalesce($3, ''), $4) ON CONFLICT (tenant_id, thread_id, user_id) DO UPDATE"
	" SET deleted_at = excluded.deleted_at",
	"ttz"};
static Stmt thread_row_find_tombstone = {
	"SELECT 1 FROM threadmem_data.thread_tombstones t" KEY " AND t.deleted_at >= $3", "tz"};
static Stmt thread_row_clear_tombstone_stmt = {"DELETE FROM threadmem_data.thread_tombstones t" KEY,
											   "t"};
/* Those to go are found once, whatever way the rest is planned: looked for again, others would be.
 */
#define SWEEP(table, id) \
	{ \
		"WITH o AS MATERIALIZED (SELECT o.thread_id, o." id " FROM threadmem_data." table " o" \
		" WHERE o.tenant_id = $1 AND o.deleted_at < $2" \
		" ORDER BY o.deleted_at LIMIT 100 FOR UPDATE SKIP LOCKED)" \
		" DELETE FROM threadmem_data." table " t USING o WHERE t.tenant_id = $1" \
		" AND t.thread_id = o.thread_id AND t." id " = o." id, \
			"z" \
	}
static Stmt thread_row_sweep_tombstones_stmt = SWEEP("thread_tombstones", "user_id");
static Stmt thread_row_sweep_run_tombstones = SWEEP("run_tombstones", "run_id");

static NullableDatum
now_arg(void)
{
	return ARG(TimestampTzGetDatum(GetCurrentTimestamp()));
}

static void
read_row(ThreadRow *thread)
{
	thread->user_id = row_text_or_null(1, 1);
	thread->assistant_id = row_text_or_null(1, 2);
	thread->assistant_pinned = row_bool(1, 3) && thread->assistant_id;
	thread->seq = row_int64(1, 4);
	thread->rev = row_int64(1, 5);
	thread->version = row_int64(1, 6);
	thread->live_messages = row_int64(1, 7);
	thread->checkpoint = row_int64(1, 8);
	thread->graph_id = row_text_or_null(1, 9);
	thread->implicit = row_bool(1, 10);
	thread->run = row_int64(1, 11);
	thread->status = row_text(1, 12);
	thread->change = row_int64(1, 13);
	thread->in_memory = row_bool(1, 14);
	thread->asks = row_text_or_null(1, 15);
}

static void
run_on_row(Call *call, Stmt *stmt, NullableDatum *args, ThreadRow *thread)
{
	if (!query_first(call, stmt, args))
		error_not_found("thread", text_or_null(args[0]));
	if (thread)
		read_row(thread);
}

void
thread_row_require(Call *call, NullableDatum thread_id)
{
	run_on_row(call, &thread_row_exists, &thread_id, NULL);
}

void
thread_row_lock(Call *call, NullableDatum thread_id, ThreadRow *thread)
{
	run_on_row(call, &thread_row_lock_stmt, &thread_id, thread);
}

bool
thread_row_try_lock(Call *call, NullableDatum thread_id, ThreadRow *thread)
{
	if (!query_first(call, &thread_row_lock_stmt, &thread_id))
		return false;
	read_row(thread);
	return true;
}

bool
thread_row_reserve(Call *call, NullableDatum thread_id)
{
	NullableDatum row[] = {thread_id, query_narrowed_to(), now_arg()};

	return query_exec(call, &thread_row_insert_empty, row) > 0;
}

void
thread_row_release(Call *call, NullableDatum thread_id)
{
	query_exec(call, &thread_row_delete_stmt, &thread_id);
}

/* The insert may have waited for another that made the thread, and that may have gone again. */
bool
thread_row_lock_or_create(Call *call, NullableDatum thread_id, ThreadRow *thread)
{
	bool made = false;

	for (int i = 0; i < TRIES_MAX; i++)
	{
		if (thread_row_try_lock(call, thread_id, thread))
			return made;
		user_require(call, query_narrowed_to());
		made = thread_row_reserve(call, thread_id);
	}
	error_not_found("thread", text_or_null(thread_id));
}

NullableDatum
thread_row_oldest_tombstone(void)
{
	return ARG(
		TimestampTzGetDatum(GetCurrentTimestamp() - setting_tombstone_seconds * USECS_PER_SEC));
}

void
thread_row_refuse_late(Call *call, NullableDatum thread_id)
{
	NullableDatum args[] = {thread_id, thread_row_oldest_tombstone()};

	if (query_first(call, &thread_row_find_tombstone, args))
		ereport(
			ERROR,
			(errcode(ERRCODE_NO_DATA_FOUND), errmsg("thread was deleted"),
			 errdetail("thread_id is \"%s\".", text_or_null(thread_id)),
			 errhint(
				 "A checkpoint without parent, or thread_create() without if_deleted, begins it anew.")));
}

void
thread_row_clear_tombstone(Call *call, NullableDatum thread_id)
{
	query_exec(call, &thread_row_clear_tombstone_stmt, &thread_id);
}

void
thread_row_read(Call *call, NullableDatum thread_id, ThreadRow *thread)
{
	run_on_row(call, &thread_row_read_stmt, &thread_id, thread);
}

bool
thread_row_try_read(Call *call, NullableDatum thread_id, ThreadRow *thread)
{
	if (!query_first(call, &thread_row_read_stmt, &thread_id))
		return false;
	read_row(thread);
	return true;
}

void
thread_row_append(Call *call, NullableDatum thread_id, int64 count, TimestampTz said,
				  ThreadRow *thread)
{
	TimestampTz now = GetCurrentTimestamp();
	NullableDatum args[] = {thread_id, ARG(Int64GetDatum(count)), ARG(TimestampTzGetDatum(now)),
							ARG(TimestampTzGetDatum(Min(said, now)))};

	run_on_row(call, &thread_row_append_stmt, args, NULL);
	thread->user_id = row_text_or_null(1, 1);
	thread->seq = row_int64(1, 2);
	thread->rev = row_int64(1, 3);
	thread->run = row_int64(1, 4);
	thread->in_memory = row_bool(1, 5);
}

void
thread_row_take_revisions(Call *call, NullableDatum thread_id, int64 count, ThreadRow *thread)
{
	NullableDatum args[] = {thread_id, now_arg(), ARG(Int64GetDatum(count))};

	run_on_row(call, &thread_row_take_revisions_stmt, args, thread);
}

void
thread_row_count(Call *call, NullableDatum thread_id, int64 messages, int64 changes)
{
	NullableDatum args[] = {thread_id, ARG(Int64GetDatum(messages)), ARG(Int64GetDatum(changes)),
							now_arg()};

	run_on_row(call, &thread_row_count_stmt, args, NULL);
}

void
thread_row_step(Call *call, NullableDatum thread_id, const ThreadRowStep *step)
{
	TimestampTz now = GetCurrentTimestamp();
	NullableDatum args[] = {thread_id,
							ARG(Int64GetDatum(step->checkpoints)),
							ARG(Int64GetDatum(step->places)),
							ARG(Int64GetDatum(step->revisions)),
							ARG(Int64GetDatum(step->messages)),
							ARG(TimestampTzGetDatum(now)),
							ARG(BoolGetDatum(step->by_hand)),
							ARG(Int64GetDatum(step->changes)),
							ARG(TimestampTzGetDatum(step->dated ? Min(step->said, now) : now))};

	query_exec(call, &thread_row_step_stmt, args);
}

int64
thread_row_take_change(Call *call, NullableDatum thread_id)
{
	run_on_row(call, &thread_row_take_change_stmt, &thread_id, NULL);
	return row_int64(1, 1);
}

void
thread_row_note_head(Call *call, NullableDatum thread_id, NullableDatum checkpoint_id)
{
	NullableDatum args[] = {thread_id, checkpoint_id};

	(void)query_exec(call, &thread_row_note_head_stmt, args);
}

void
thread_row_advance(ThreadRow *thread, const ThreadRowStep *step)
{
	thread->checkpoint += step->checkpoints;
	thread->seq += step->places;
	thread->rev += step->revisions;
	thread->live_messages += step->messages;
	thread->change += step->changes;
}

void
thread_row_set_runs(Call *call, NullableDatum thread_id, const ThreadRowRuns *runs)
{
	NullableDatum args[] = {thread_id,
							ARG(Int64GetDatum(runs->runs)),
							ARG_TEXT(runs->status),
							runs->busy_until,
							runs->waits_until,
							runs->metadata,
							runs->config,
							runs->graph_id,
							now_arg()};

	query_exec(call, &thread_row_set_runs_stmt, args);
}

void
thread_row_stay_busy(Call *call, NullableDatum thread_id, NullableDatum busy_until)
{
	query_exec(call, &thread_row_stay_busy_stmt, (NullableDatum[]){thread_id, busy_until});
}

/*
 * The tombstone goes after the row has come: an insert that waited for a deletion of the same id
 * finds the tombstone only then.
 */
static bool
insert_over_tombstone(Call *call, Stmt *stmt, NullableDatum *args, NullableDatum thread_id,
					  bool refuses)
{
	if (query_exec(call, stmt, args) == 0)
		return false;
	if (refuses)
		thread_row_refuse_late(call, thread_id);
	query_exec(call, &thread_row_clear_tombstone_stmt, &thread_id);
	return true;
}

NewThreadRow
thread_row_new(NullableDatum thread_id, NullableDatum user_id)
{
	NewThreadRow row;

	for (int i = 0; i < sizeof(row) / sizeof(NullableDatum); i++)
		((NullableDatum *)&row)[i] = ARG_NULL;
	row.thread_id = thread_id;
	row.user_id = user_id;
	row.refuses_deleted = false;
	return row;
}

bool
thread_row_insert(Call *call, const NewThreadRow *row)
{
	NullableDatum args[] = {row->thread_id,        row->user_id,      row->assistant_id,
							row->assistant_pinned, row->graph_id,     row->title,
							row->metadata,         row->config,       row->tool_resources,
							row->ttl.expires_at,   row->ttl.strategy, now_arg(),
							row->created_at,       row->in_memory,    row->ttl.minutes,
							row->ttl.refresh,      row->search,       row->archived};

	return insert_over_tombstone(call, &thread_row_insert_stmt, args, row->thread_id,
								 row->refuses_deleted);
}

void
thread_row_update(Call *call, const ThreadRowChange *change)
{
	NullableDatum args[] = {change->thread_id,      change->metadata,
							change->remove_keys,    change->set_metadata,
							change->title,          change->user_id,
							change->assistant_id,   change->graph_id,
							change->config,         change->tool_resources,
							change->ttl.expires_at, change->ttl.strategy,
							change->clear,          now_arg(),
							change->in_memory,      change->ttl.minutes,
							change->ttl.refresh,    change->search,
							change->archived};

	run_on_row(call, &thread_row_update_stmt, args, NULL);
}

bool
thread_row_copy(Call *call, NullableDatum source, NullableDatum target, bool with_state)
{
	NullableDatum args[] = {source, target, now_arg(), ARG(BoolGetDatum(with_state))};

	return insert_over_tombstone(call, &thread_row_copy_stmt, args, target, false);
}

bool
thread_row_is_own(const ThreadRow *thread)
{
	char *narrowed = text_or_null(query_narrowed_to());

	return !narrowed || (thread->user_id && strcmp(narrowed, thread->user_id) == 0);
}

void
thread_row_require_own(NullableDatum thread_id, const ThreadRow *thread, const char *action,
					   const char *hint)
{
	if (!thread_row_is_own(thread))
		error_denied(action, "thread", text_or_null(thread_id), hint);
}

void
thread_row_put_tombstone(Call *call, NullableDatum thread_id, const ThreadRow *thread)
{
	NullableDatum tombstone[] = {thread_id, ARG_TEXT(thread->user_id), now_arg()};

	thread_row_require_own(thread_id, thread, "deleted", "Only its owner deletes a thread.");
	query_exec(call, &thread_row_put_tombstone_stmt, tombstone);
}

/*
 * The tombstone comes first: the policy of a narrowed session lets it put one only where it owns
 * the thread. Who adds chunks has a share lock on their message, and is waited for by a statement
 * of its own: the one that deletes has to see what they left.
 */
void
thread_row_delete(Call *call, NullableDatum thread_id, const ThreadRow *thread)
{
	thread_row_put_tombstone(call, thread_id, thread);
	query_exec(call, &thread_row_lock_streams, &thread_id);
	query_exec(call, &thread_row_delete_stmt, &thread_id);
}

void
thread_row_recount(Call *call, NullableDatum thread_id, const ThreadRowCount *count)
{
	NullableDatum args[] = {thread_id, count->messages, count->last_message_at, count->next_seq};

	query_exec(call, &thread_row_recount_stmt, args);
}

void
thread_row_take_counters(Call *call, NullableDatum source, NullableDatum target)
{
	NullableDatum args[] = {source, target, now_arg()};

	query_exec(call, &thread_row_take_counters_stmt, args);
}

void
thread_row_sweep_tombstones(Call *call)
{
	NullableDatum old = thread_row_oldest_tombstone();

	query_exec(call, &thread_row_sweep_tombstones_stmt, &old);
	query_exec(call, &thread_row_sweep_run_tombstones, &old);
}

void
thread_row_rest_ttl(Call *call, NullableDatum thread_id)
{
	query_exec(call, &thread_row_rest_ttl_stmt, &thread_id);
}

void
thread_row_renew_ttls(Call *call, int64 max_rows)
{
	NullableDatum limit = ARG(Int64GetDatum(max_rows));

	query_exec(call, &thread_row_renew_ttls_stmt, &limit);
}

void
thread_row_detach_assistant(Call *call, NullableDatum assistant_id)
{
	query_exec(call, &thread_row_detach_assistant_stmt, &assistant_id);
}
