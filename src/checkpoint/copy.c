/*
 * checkpoint/copy.c: the checkpoints of a thread under another id, all or some of them.
 *
 * Ids, numbers and so the chain stay as they are: only the thread's id differs. Where only some are
 * copied, rows whose parent is not among them get their whole state, read from the source.
 *
 * A copy up to a checkpoint has that and its ancestors by parent_checkpoint_id, and of every other
 * namespace what ran under an ancestor (metadata.parents says so). What ran under the checkpoint
 * itself came after it, as did its writes. An ancestor with a greater id stays behind: it would be
 * the head of the copy.
 */
#include "checkpoint/checkpoint.h"

#include "user/user.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"

PG_FUNCTION_INFO_V1(threadmem_checkpoint_copy_thread);

/* IS TRUE keeps the list of what is copied a hash table. */
static Stmt checkpoint_copy_checkpoints = {
	"INSERT INTO threadmem_data.checkpoints (tenant_id, thread_id, seq, base_seq, parent_seq, state_bytes,"
	" created_at, checkpoint_ns, checkpoint_id, parent_checkpoint_id, run_id, seen, next_rev, next_change, patch, snapshot,"
	" metadata) SELECT c.tenant_id, $3, c.seq, c.base_seq, c.parent_seq, c.state_bytes, c.created_at,"
	" c.checkpoint_ns, c.checkpoint_id, c.parent_checkpoint_id, c.run_id, c.seen, c.next_rev,"
	" c.next_change, c.patch, c.snapshot,"
	" CASE WHEN $4 AND c.metadata ->> 'thread_id' = $2"
	" THEN c.metadata || jsonb_build_object('thread_id', $3) ELSE c.metadata END"
	" FROM threadmem_data.checkpoints c WHERE c.tenant_id = $1 AND c.thread_id = $2"
	" AND ($5 IS NULL OR (c.seq IN (SELECT unnest($5))) IS TRUE) ORDER BY c.seq",
	"ttbL"};
#define COPY_WRITES \
	"INSERT INTO threadmem_data.checkpoint_writes (tenant_id, thread_id, checkpoint_ns, checkpoint_id," \
	" task_id, idx, task_path, channel, value) SELECT w.tenant_id, $3, w.checkpoint_ns," \
	" w.checkpoint_id, w.task_id, w.idx, w.task_path, w.channel, w.value" \
	" FROM threadmem_data.checkpoint_writes w WHERE w.tenant_id = $1 AND w.thread_id = $2"
static Stmt checkpoint_copy_writes = {COPY_WRITES, "tt"};
/* $4: whose own writes stay behind. */
static Stmt checkpoint_copy_some_writes = {
	COPY_WRITES
	" AND ((w.checkpoint_ns, w.checkpoint_id) IN (SELECT c.checkpoint_ns, c.checkpoint_id"
	" FROM threadmem_data.checkpoints c WHERE c.tenant_id = $1 AND c.thread_id = $3)) IS TRUE"
	" AND (w.checkpoint_ns = '' AND w.checkpoint_id = $4) IS NOT TRUE",
	"ttt"};
static Stmt checkpoint_copy_values = {
	"INSERT INTO threadmem_data.thread_values (tenant_id, thread_id, \"values\")"
	" SELECT v.tenant_id, $3, v.\"values\" FROM threadmem_data.thread_values v"
	" WHERE v.tenant_id = $1 AND v.thread_id = $2",
	"tt"};
static Stmt checkpoint_count_rows = {"SELECT count(*) FROM threadmem_data.checkpoints c"
									 " WHERE c.tenant_id = $1 AND c.thread_id = $2",
									 "t"};
static Stmt checkpoint_has_content = {
	"SELECT 1 FROM threadmem_data.messages m WHERE m.tenant_id = $1 AND m.thread_id = $2"
	" UNION ALL SELECT 1 FROM threadmem_data.checkpoints c WHERE c.tenant_id = $1 AND c.thread_id = $2"
	" UNION ALL SELECT 1 FROM threadmem_data.checkpoint_writes w"
	" WHERE w.tenant_id = $1 AND w.thread_id = $2 LIMIT 1",
	"t"};

static Stmt checkpoint_family = {
	"SELECT c.seq, c.checkpoint_ns, c.checkpoint_id, c.parent_checkpoint_id,"
	" c.metadata #>> '{parents,\"\"}', c.seen FROM threadmem_data.checkpoints c"
	" WHERE c.tenant_id = $1 AND c.thread_id = $2 ORDER BY c.checkpoint_ns, c.checkpoint_id",
	"t"};
static Stmt checkpoint_copied_orphans = {
	"SELECT c.seq, c.snapshot IS NULL FROM threadmem_data.checkpoints c"
	" WHERE c.tenant_id = $1 AND c.thread_id = $2 AND c.parent_seq IS NOT NULL"
	" AND NOT EXISTS (SELECT 1 FROM threadmem_data.checkpoints p WHERE p.tenant_id = $1"
	" AND p.thread_id = $2 AND p.seq = c.parent_seq) ORDER BY c.seq",
	"t"};
static Stmt checkpoint_held = {
	"SELECT range_agg(c.seen) FROM threadmem_data.checkpoints c WHERE c.tenant_id = $1"
	" AND c.thread_id = $2 AND c.checkpoint_ns = '' AND (c.seq IN (SELECT unnest($3))) IS TRUE",
	"tL"};
/* From the head on: who knows nothing said after a place of the log. */
static Stmt checkpoint_roots = {
	"SELECT c.checkpoint_id, c.parent_checkpoint_id, coalesce(c.seen && l.revs, false)"
	" FROM threadmem_data.checkpoints c, (SELECT coalesce(range_agg(int8range(m.rev, m.rev, '[]')), '{}')"
	" FROM threadmem_data.messages m WHERE m.tenant_id = $1 AND m.thread_id = $2 AND m.seq > $3) AS l (revs)"
	" WHERE c.tenant_id = $1 AND c.thread_id = $2 AND c.checkpoint_ns = ''"
	" ORDER BY c.checkpoint_id",
	"tl"};

/* A row of the source, by namespace and id. */
typedef struct CopyRow
{
	int64 seq;
	char *checkpoint_ns;
	char *checkpoint_id;
	char *parent_checkpoint_id; /* NULL for none */
	char *under;                /* the root checkpoint it ran under, NULL for none */
	NullableDatum seen;
	bool knows_later; /* has seen what was said after the place */
	bool met;         /* on the way from the last one up */
	bool taken;
} CopyRow;

static CopyRow *
read_family(Call *call, NullableDatum thread_id, int *count)
{
	CopyRow *rows;

	*count = (int)query_exec(call, &checkpoint_family, &thread_id);
	rows = palloc_extended(sizeof(CopyRow) * Max(*count, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (int i = 0; i < *count; i++)
	{
		rows[i].seq = row_int64(i + 1, 1);
		rows[i].checkpoint_ns = row_text(i + 1, 2);
		rows[i].checkpoint_id = row_text(i + 1, 3);
		rows[i].parent_checkpoint_id = row_text_or_null(i + 1, 4);
		rows[i].under = row_text_or_null(i + 1, 5);
		rows[i].seen = row_column(i + 1, 6);
	}
	return rows;
}

static int
compare_keys(const void *a, const void *b)
{
	const CopyRow *x = a;
	const CopyRow *y = b;
	int order = strcmp(x->checkpoint_ns, y->checkpoint_ns);

	return order ? order : strcmp(x->checkpoint_id, y->checkpoint_id);
}

/* NULL for an id that is null or not stored. */
static CopyRow *
find_root(CopyRow *rows, int count, char *checkpoint_id)
{
	CopyRow key = {.checkpoint_ns = "", .checkpoint_id = checkpoint_id};

	return checkpoint_id ? bsearch(&key, rows, count, sizeof(CopyRow), compare_keys) : NULL;
}

static void
take_ancestors(CopyRow *rows, int count, CopyRow *last)
{
	for (CopyRow *row = last; row && !row->met;
		 row = find_root(rows, count, row->parent_checkpoint_id))
	{
		row->met = true;
		row->taken = row <= last;
	}
	for (int i = 0; i < count; i++)
	{
		CopyRow *under = rows[i].checkpoint_ns[0] ? find_root(rows, count, rows[i].under) : NULL;

		rows[i].taken |= under && under->met && under != last;
	}
}

/* Of the rows taken, only the newest of each namespace. */
static void
leave_history(CopyRow *rows, int count)
{
	CopyRow *newest = NULL;

	for (int i = 0; i < count; i++)
	{
		if (!rows[i].taken)
			continue;
		if (newest && strcmp(newest->checkpoint_ns, rows[i].checkpoint_ns) == 0)
			newest->taken = false;
		newest = &rows[i];
	}
}

static RevList
seqs_taken(const CopyRow *rows, int count)
{
	RevList seqs = {.revs = palloc_extended(sizeof(int64) * Max(count, 1), MCXT_ALLOC_HUGE)};

	for (int i = 0; i < count; i++)
		if (rows[i].taken)
			seqs.revs[seqs.count++] = rows[i].seq;
	return seqs;
}

/* Nothing for null. */
static NullableDatum
multirange_of(NullableDatum seen)
{
	RevRuns none = {0};

	return seen.isnull ? seen_after(ARG_NULL, &none) : seen;
}

void
checkpoint_extent(Call *call, NullableDatum thread_id, NullableDatum checkpoint_id, bool history,
				  CopyExtent *extent)
{
	int count;
	CopyRow *rows = read_family(call, thread_id, &count);
	CopyRow *last = find_root(rows, count, text_or_null(checkpoint_id));
	NullableDatum taken[2] = {thread_id};

	if (!checkpoint_id.isnull && !last)
		error_not_found("checkpoint", text_or_null(checkpoint_id));
	extent->last = checkpoint_id;
	extent->last_seq = last ? last->seq : 0;
	extent->seen = multirange_of(last ? last->seen : ARG_NULL);
	if (last)
		take_ancestors(rows, count, last);
	else
		for (int i = 0; i < count; i++)
			rows[i].taken = true;
	if (!history)
		leave_history(rows, count);
	extent->rows = seqs_taken(rows, count);
	checkpoint_keep_for_deltas(call, thread_id, &extent->rows);
	qsort(extent->rows.revs, extent->rows.count, sizeof(int64), compare_int64);
	taken[1] = rev_array(extent->rows.revs, extent->rows.count);
	query_first(call, &checkpoint_held, taken);
	extent->held = multirange_of(row_column(1, 1));
}

NullableDatum
checkpoint_before(Call *call, NullableDatum thread_id, int64 place)
{
	NullableDatum args[] = {thread_id, ARG(Int64GetDatum(place))};
	int count = (int)query_exec(call, &checkpoint_roots, args);
	CopyRow *rows = palloc0(sizeof(CopyRow) * Max(count, 1));
	CopyRow *row;

	for (int i = 0; i < count; i++)
	{
		rows[i].checkpoint_ns = "";
		rows[i].checkpoint_id = row_text(i + 1, 1);
		rows[i].parent_checkpoint_id = row_text_or_null(i + 1, 2);
		rows[i].knows_later = row_bool(i + 1, 3);
	}
	row = count > 0 ? &rows[count - 1] : NULL;
	while (row && row->knows_later && !row->met)
	{
		row->met = true;
		row = find_root(rows, count, row->parent_checkpoint_id);
	}
	return row && !row->met ? ARG_TEXT(row->checkpoint_id) : ARG_NULL;
}

/* Rows of the copy whose parents stayed behind. */
static void
free_copied_orphans(Call *call, NullableDatum source, NullableDatum target)
{
	int count = (int)query_exec(call, &checkpoint_copied_orphans, &target);
	int64 *seqs = palloc(sizeof(int64) * Max(count, 1));
	bool *patched = palloc(sizeof(bool) * Max(count, 1));

	for (int i = 0; i < count; i++)
	{
		seqs[i] = row_int64(i + 1, 1);
		patched[i] = row_bool(i + 1, 2);
	}
	for (int i = 0; i < count; i++)
	{
		ChainState state;

		CHECK_FOR_INTERRUPTS();
		if (!patched[i])
			continue;
		query_push();
		chain_read_row(call, source, seqs[i], &state);
		chain_write(call, target, seqs[i], state.document);
		query_pop();
	}
	chain_cut(call, target, seqs, count);
}

void
checkpoint_copy(Call *call, NullableDatum source, NullableDatum target, bool with_id)
{
	NullableDatum args[] = {source, target, ARG(BoolGetDatum(with_id)), ARG_NULL};

	query_exec(call, &checkpoint_copy_checkpoints, args);
	query_exec(call, &checkpoint_copy_writes, args);
	query_exec(call, &checkpoint_copy_values, args);
	thread_row_note_head(call, target, ARG_NULL);
}

void
checkpoint_copy_some(Call *call, NullableDatum source, NullableDatum target,
					 const CopyExtent *extent)
{
	NullableDatum rows[] = {source, target, ARG(BoolGetDatum(true)),
							rev_array(extent->rows.revs, extent->rows.count)};
	NullableDatum writes[] = {source, target, extent->last};

	query_exec(call, &checkpoint_copy_checkpoints, rows);
	query_exec(call, &checkpoint_copy_some_writes, writes);
	free_copied_orphans(call, source, target);
	if (extent->last.isnull)
		query_exec(call, &checkpoint_copy_values, rows);
	thread_row_note_head(call, target, ARG_NULL);
}

/*
 * Both are locked in the order of their ids, and a target that is not there is made in its turn.
 * False when the source has gone: then it is not made.
 */
static bool
lock_both(Call *call, NullableDatum source, NullableDatum target, ThreadRow *target_thread)
{
	bool target_first = strcmp(text_or_null(target), text_or_null(source)) < 0;
	bool made = false;
	ThreadRow thread;

	if (!query_narrowed_to().isnull)
		user_lock_known(call, text_array((Datum[]){query_narrowed_to().value}, 1));
	if (target_first)
		made = thread_row_lock_or_create(call, target, target_thread);
	if (!thread_row_try_lock(call, source, &thread))
	{
		if (made)
			thread_row_release(call, target);
		return false;
	}
	if (!target_first)
		thread_row_lock_or_create(call, target, target_thread);
	return true;
}

enum
{
	COPY_THREAD_ID,
	COPY_NEW_THREAD_ID
};

Datum
threadmem_checkpoint_copy_thread(PG_FUNCTION_ARGS)
{
	NullableDatum source = fcinfo->args[COPY_THREAD_ID];
	NullableDatum target = fcinfo->args[COPY_NEW_THREAD_ID];
	ThreadRow thread;
	Call call;

	query_begin(&call, fcinfo);
	if (!lock_both(&call, source, target, &thread))
		return query_count(&call, 0);
	if (query_first(&call, &checkpoint_has_content, &target))
		error_exists("thread", text_or_null(target),
					 "It has messages or checkpoints; choose another id for the copy.");
	thread_row_clear_tombstone(&call, target);
	message_copy(&call, source, target, ARG_TEXT(thread.user_id), NULL);
	checkpoint_copy(&call, source, target, false);
	thread_row_take_counters(&call, source, target);
	query_first(&call, &checkpoint_count_rows, &target);
	return query_count(&call, row_int64(1, 1));
}
