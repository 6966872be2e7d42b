/*
 * admin/verify.c: whether what the writers keep true by hand is true.
 *
 * Counters and the log are computed again by one statement over all threads. States are restored,
 * each from its own snapshot, as checkpoint/chain.c does it; but where that raises, here a finding
 * is written down and the next row has its turn. Rows are taken in the order of seq: parents come
 * first, so one look at the parent tells where a chain ends and whether it holds.
 */
#include "admin/verify.h"

#include "checkpoint/checkpoint.h"
#include "json_patch/json_patch.h"
#include "store/store.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/multirangetypes.h"
#include "utils/typcache.h"

#include "threadmem/threadmem.h"

PG_FUNCTION_INFO_V1(threadmem_threadmem_verify);

/*
 * $2 null is every thread of the tenant. The messages of each are gone through by its own look at
 * the index: a plan made for few threads joined all messages of the tenant anew for each of them.
 */
static Stmt admin_counters = {
	"SELECT t.thread_id, p.problem, $1 FROM threadmem_data.threads t, LATERAL ("
	"SELECT count(*) FILTER (WHERE m.state = 'live') AS live,"
	" coalesce(max(m.seq), 0) AS seq, coalesce(max(m.rev), 0) AS rev,"
	" coalesce(max(m.change), 0) AS change,"
	" count(DISTINCT m.seq) AS places, count(DISTINCT m.message_id) AS ids,"
	" count(DISTINCT m.message_id) FILTER (WHERE m.state = 'live') AS live_ids,"
	" coalesce(bool_or(m.user_id IS DISTINCT FROM t.user_id), false) AS other_owner,"
	" coalesce(bool_or(coalesce(m.rev < 1 OR m.seq < 1 OR NOT threadmem.is_object(m.metadata)"
	" OR NOT coalesce(threadmem.is_object(m.body) AND octet_length(m.body_hash) = 32,"
	" m.body IS NULL AND m.body_hash IS NULL AND m.state IN ('erased', 'superseded')), true)),"
	" false) AS damaged"
	" FROM threadmem_data.messages m WHERE m.tenant_id = $1 AND m.thread_id = t.thread_id) m,"
	" LATERAL (VALUES"
	" (t.live_messages <> m.live, 'live_messages is not the number of live messages'),"
	/* Messages may have gone with a branch of checkpoints, or with a run. */
	" (t.next_seq <= m.seq OR (t.next_checkpoint = 1 AND t.next_run = 1"
	" AND t.next_seq <> m.seq + 1), 'next_seq does not follow the last message'),"
	" (t.next_rev <= m.rev, 'next_rev is taken'),"
	" (t.next_rev <= t.extracted_rev, 'extracted_rev is not there yet'),"
	" (t.next_change <= m.change, 'next_change is taken'),"
	" (EXISTS (SELECT 1 FROM threadmem_data.checkpoints c WHERE c.tenant_id = $1"
	" AND c.thread_id = t.thread_id AND (c.next_rev > t.next_rev OR c.next_change > t.next_change)),"
	" 'a checkpoint has taken in what is still to come'),"
	" (EXISTS (SELECT 1 FROM threadmem_data.checkpoints c WHERE c.tenant_id = $1"
	" AND c.thread_id = t.thread_id AND c.seq >= t.next_checkpoint), 'next_checkpoint is taken'),"
	" (t.next_checkpoint = 1 AND t.next_run = 1 AND m.places <> m.seq, 'seq has a gap'),"
	" (m.ids <> m.places, 'a place has two messages or a message two places'),"
	" (m.live_ids <> m.live, 'a message has two live revisions'),"
	" (m.other_owner, 'a message has another owner than the thread'),"
	" (EXISTS (SELECT 1 FROM threadmem_data.thread_participants h WHERE h.tenant_id = $1"
	" AND h.thread_id = t.thread_id AND h.owner_id IS DISTINCT FROM t.user_id),"
	" 'a participant has another owner than the thread'),"
	" (m.damaged, 'a message is damaged: its number, metadata, body or hash'),"
	" (NOT coalesce(threadmem.is_object(t.metadata) AND threadmem.is_object(t.config)"
	" AND threadmem.is_object(t.tool_resources), false),"
	" 'the thread is damaged: its metadata, config or tool_resources'),"
	" (EXISTS (SELECT 1 FROM threadmem_data.checkpoints c WHERE c.tenant_id = $1"
	" AND c.thread_id = t.thread_id AND threadmem.is_object(c.metadata) IS NOT TRUE),"
	" 'the metadata of a checkpoint is damaged'),"
	" (EXISTS (SELECT 1 FROM threadmem_data.runs r WHERE r.tenant_id = $1"
	" AND r.thread_id = t.thread_id AND NOT coalesce(threadmem.is_object(r.metadata)"
	" AND threadmem.is_object(r.config) AND threadmem.is_object(r.kwargs), false)),"
	" 'the metadata, config or kwargs of a run are damaged'),"
	" (EXISTS (SELECT 1 FROM threadmem_data.message_chunks c WHERE c.tenant_id = $1"
	" AND c.thread_id = t.thread_id AND NOT EXISTS (SELECT 1 FROM threadmem_data.messages s"
	" WHERE s.tenant_id = $1 AND s.thread_id = c.thread_id AND s.message_id = c.message_id"
	" AND s.status = 'in_progress')), 'chunks without a message that is being streamed')"
	" ) AS p (found, problem) WHERE t.tenant_id = $1 AND ($2 IS NULL OR t.thread_id = $2)"
	" AND p.found ORDER BY 1, 2",
	"t"};
/* No foreign key holds what is in a thread to it: an archive has no order for them. */
#define OR_OF(kind, table) \
	" UNION ALL SELECT o.thread_id, '" kind "' FROM threadmem_data." table \
	" o WHERE o.tenant_id = $1"
static Stmt admin_orphans = {
	"SELECT DISTINCT o.thread_id, o.kind || ' without their thread', $1 FROM ("
	"SELECT j.thread_id, 'jobs of memory' AS kind FROM threadmem_data.memory_jobs j"
	" WHERE j.tenant_id = $1 AND j.thread_id IS NOT NULL" OR_OF("messages", "messages") OR_OF(
		"chunks", "message_chunks") OR_OF("checkpoints", "checkpoints")
		OR_OF("writes", "checkpoint_writes") OR_OF("values", "thread_values") OR_OF(
			"runs", "runs") OR_OF("run_steps", "run_steps") OR_OF("run_tombstones",
																  "run_tombstones")
			OR_OF("participants", "thread_participants") OR_OF(
				"memory blocks",
				"memory_blocks") " AND o.thread_id <> ''"
								 ") o WHERE NOT EXISTS (SELECT 1 FROM threadmem_data.threads t"
								 " WHERE t.tenant_id = $1 AND t.thread_id = o.thread_id) ORDER BY 1, 2",
	""};
static Stmt admin_items = {
	"SELECT NULL, format('item \"%s\" of namespace \"%s\": %s', s.key,"
	" array_to_string(p.labels, '.'), w.problem), $1 FROM threadmem_data.store_items s,"
	" LATERAL (SELECT " STORE_NAMESPACE ") AS p (labels), LATERAL (VALUES"
	" ('' = ANY (p.labels) OR strpos(s.path, '.') > 0, 'its namespace is damaged'),"
	" ((s.user_id = ANY (p.labels)) IS FALSE, 'its user is none of its namespace'),"
	" (threadmem.is_object(s.value) IS NOT TRUE, 'its value is damaged')) AS w (found, problem)"
	" WHERE s.tenant_id = $1 AND w.found ORDER BY s.path, s.key",
	""};
#define NO_ROW(table, alias, id) \
	"NOT EXISTS (SELECT 1 FROM threadmem_data." table " o WHERE o.tenant_id = $1" \
	" AND o.user_id = " alias ".user_id AND o." id " = " alias "." id ")"
static Stmt admin_episodes = {
	"SELECT DISTINCT NULL, format('revisions of episode \"%s\" of user \"%s\" are without it',"
	" r.episode_id, r.user_id), $1 FROM threadmem_data.episode_revisions r WHERE r.tenant_id = $1"
	" AND " NO_ROW("episodes", "r", "episode_id") " ORDER BY 2",
	""};
static Stmt admin_memberships = {
	"SELECT NULL, format('%s \"%s\" in group \"%s\": %s', m.kind, m.member_id, m.group_id, w.problem), $1"
	" FROM threadmem_data.group_members m, LATERAL (VALUES (NOT EXISTS (SELECT 1 FROM"
	" threadmem_data.users u WHERE u.tenant_id = $1 AND u.user_id = m.group_id AND u.kind = 'group'),"
	" 'there is no such group'), (NOT EXISTS (SELECT 1 FROM threadmem_data.users u"
	" WHERE u.tenant_id = $1 AND m.kind = 'user' AND u.user_id = m.member_id UNION ALL SELECT 1"
	" FROM threadmem_data.assistants a WHERE a.tenant_id = $1 AND m.kind = 'assistant'"
	" AND a.assistant_id = m.member_id), 'there is no such member')) AS w (found, problem)"
	" WHERE m.tenant_id = $1 AND w.found ORDER BY 2",
	""};
static Stmt admin_blocks = {
	"SELECT NULL, format('memory block \"%s\" of %s: %s', w.label, CASE w.user_id WHEN '' THEN"
	" format('thread \"%s\"', w.thread_id) ELSE format('user \"%s\"', w.user_id) END, w.problem), $1"
	" FROM (SELECT b.user_id, b.thread_id, b.label, 'it is without the user'"
	" FROM threadmem_data.memory_blocks b WHERE b.tenant_id = $1 AND b.user_id <> ''"
	" AND NOT EXISTS (SELECT 1 FROM threadmem_data.users u WHERE u.tenant_id = $1"
	" AND u.user_id = b.user_id) UNION ALL SELECT DISTINCT r.user_id, r.thread_id, r.label,"
	" 'its revisions are without it' FROM threadmem_data.memory_block_revisions r"
	" WHERE r.tenant_id = $1 AND NOT EXISTS (SELECT 1 FROM threadmem_data.memory_blocks b"
	" WHERE b.tenant_id = $1 AND b.user_id = r.user_id AND b.thread_id = r.thread_id"
	" AND b.label = r.label)) w (user_id, thread_id, label, problem) ORDER BY 2",
	""};
/* What is no tenant's: for a session that may know of all. */
static Stmt admin_of_roles = {
	"SELECT NULL, format('role \"%s\" is a member of \"%s\": it can read the rows of every tenant',"
	" m.member::regrole, m.roleid::regrole), NULL FROM pg_auth_members m"
	" WHERE m.roleid IN (to_regrole('" RUNNER_ROLE "'), to_regrole('" READER_ROLE "'))"
	" UNION ALL SELECT NULL, format('tenant_roles names role \"%s\", which does not exist:"
	" unbind it, or the next role of that name is bound', b.role_name), b.tenant_id"
	" FROM threadmem_data.tenant_roles b WHERE $1 IS NOT NULL"
	" AND NOT EXISTS (SELECT 1 FROM pg_roles r WHERE r.rolname = b.role_name) ORDER BY 2",
	""};
static Stmt admin_threads_with_state = {
	"SELECT c.thread_id FROM threadmem_data.checkpoints c WHERE c.tenant_id = $1 UNION"
	" SELECT v.thread_id FROM threadmem_data.thread_values v WHERE v.tenant_id = $1 ORDER BY 1",
	""};
static Stmt admin_rows_of = {
	"SELECT c.seq, c.base_seq, c.parent_seq, c.snapshot IS NOT NULL, c.checkpoint_ns,"
	" c.checkpoint_id, c.parent_checkpoint_id, c.seen FROM threadmem_data.checkpoints c"
	" WHERE c.tenant_id = $1 AND c.thread_id = $2 ORDER BY c.seq",
	"t"};
static Stmt admin_revision_runs = {
	"SELECT min(r.rev), max(r.rev) FROM (SELECT m.rev,"
	" m.rev - row_number() OVER (ORDER BY m.rev) AS run FROM threadmem_data.messages m"
	" WHERE m.tenant_id = $1 AND m.thread_id = $2 AND m.rev > 0) AS r GROUP BY r.run ORDER BY 1",
	"t"};
/* The snapshot comes first. Row by row (OFFSET 0): ANY may become a filter over the whole thread.
 */
static Stmt admin_chain_of = {
	"SELECT c.document FROM unnest($3) AS s (seq),"
	" LATERAL (SELECT o.seq, coalesce(o.snapshot, o.patch) AS document"
	" FROM threadmem_data.checkpoints o WHERE o.tenant_id = $1 AND o.thread_id = $2"
	" AND o.seq = s.seq OFFSET 0) c ORDER BY c.seq",
	"tL"};
static Stmt admin_values_of = {"SELECT v.\"values\" FROM threadmem_data.thread_values v"
							   " WHERE v.tenant_id = $1 AND v.thread_id = $2",
							   "t"};

/* Runs of revisions, in order and apart. */
typedef struct VerifiedRuns
{
	int count;
	RevRun *runs;
} VerifiedRuns;

typedef struct VerifiedRow
{
	int64 seq;
	int64 base_seq;
	int64 parent_seq; /* 0 for none */
	bool is_snapshot;
	char *checkpoint_ns;
	char *checkpoint_id;
	char *parent_checkpoint_id; /* NULL for none */
	bool has_seen;
	VerifiedRuns seen;
	const struct VerifiedRow *parent; /* NULL when its row is not there */
	const struct VerifiedRow *base;   /* the snapshot at the end of its chain, NULL for none */
	bool restored;
} VerifiedRow;

/* The thread at hand. */
typedef struct Verifier
{
	Call *call;
	NullableDatum thread_id;
	MemoryContext thread; /* what is known of it */
	MemoryContext one;    /* a row's state */
	VerifiedRow *rows;    /* by seq */
	int count;
	VerifiedRuns revisions; /* that are stored */
} Verifier;

/* Runs a statement about the thread. SPI goes back to its own memory, we go to ours. */
static uint64
read_rows(const Verifier *v, Stmt *stmt, NullableDatum *args, MemoryContext context)
{
	uint64 rows = query_exec(v->call, stmt, args);

	MemoryContextSwitchTo(context);
	return rows;
}

static bool
is_root(const VerifiedRow *row)
{
	return row->checkpoint_ns[0] == '\0';
}

static void
report(const Verifier *v, const char *problem)
{
	Datum values[] = {v->thread_id.value, CStringGetTextDatum(problem), v->call->tenant};
	bool nulls[] = {false, false, false};

	query_put(v->call, values, nulls, lengthof(values));
}

static void
report_row(const Verifier *v, const VerifiedRow *row, const char *problem)
{
	const char *of = is_root(row) ? "" : psprintf(" of \"%s\"", row->checkpoint_ns);

	report(v, psprintf("checkpoint \"%s\"%s: %s", row->checkpoint_id, of, problem));
}

/* An end that is open is damage, too, and must not be taken for a number. */
static VerifiedRuns
runs_of_seen(NullableDatum seen)
{
	TypeCacheEntry *type = lookup_type_cache(INT8MULTIRANGEOID, TYPECACHE_MULTIRANGE_INFO)->rngtype;
	RangeType **ranges;
	int32 count;
	VerifiedRuns out;

	multirange_deserialize(type, DatumGetMultirangeTypeP(seen.value), &count, &ranges);
	out = (VerifiedRuns){count, palloc_extended(sizeof(RevRun) * Max(count, 1), MCXT_ALLOC_HUGE)};
	for (int i = 0; i < count; i++)
	{
		RangeBound lower;
		RangeBound upper;
		bool empty;

		CHECK_FOR_INTERRUPTS();
		range_deserialize(type, ranges[i], &lower, &upper, &empty);
		out.runs[i].first = lower.infinite ? PG_INT64_MIN : DatumGetInt64(lower.val);
		out.runs[i].last = upper.infinite ? PG_INT64_MAX : DatumGetInt64(upper.val) - 1;
	}
	return out;
}

static bool
covers(const VerifiedRuns *runs, RevRun run)
{
	int low = lower_bound_int64(runs->runs, sizeof(RevRun), offsetof(RevRun, last), runs->count,
								run.first);

	return low < runs->count && runs->runs[low].first <= run.first &&
		   run.last <= runs->runs[low].last;
}

static bool
covers_all(const VerifiedRuns *runs, const VerifiedRuns *others)
{
	for (int i = 0; i < others->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!covers(runs, others->runs[i]))
			return false;
	}
	return true;
}

static void
read_state_row(VerifiedRow *out, uint64 row)
{
	NullableDatum seen = row_column(row, 8);

	*out = (VerifiedRow){
		.seq = row_int64(row, 1),
		.base_seq = row_int64(row, 2),
		.parent_seq = row_int64(row, 3),
		.is_snapshot = row_bool(row, 4),
		.checkpoint_ns = row_text(row, 5),
		.checkpoint_id = row_text(row, 6),
		.parent_checkpoint_id = row_text_or_null(row, 7),
		.has_seen = !seen.isnull,
	};
	if (out->has_seen)
		out->seen = runs_of_seen(seen);
}

static void
read_thread(Verifier *v)
{
	uint64 count = read_rows(v, &admin_rows_of, &v->thread_id, v->thread);

	v->count = (int)count;
	v->rows = palloc_extended(sizeof(VerifiedRow) * Max(count, 1), MCXT_ALLOC_HUGE);
	for (uint64 i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		read_state_row(&v->rows[i], i + 1);
	}
	query_free_rows();
	count = read_rows(v, &admin_revision_runs, &v->thread_id, v->thread);
	v->revisions.count = (int)count;
	v->revisions.runs = palloc_extended(sizeof(RevRun) * Max(count, 1), MCXT_ALLOC_HUGE);
	for (uint64 i = 0; i < count; i++)
		v->revisions.runs[i] = (RevRun){row_int64(i + 1, 1), row_int64(i + 1, 2)};
	query_free_rows();
}

static void
verify_parent(const Verifier *v, VerifiedRow *row)
{
	VerifiedRow key = {.seq = row->parent_seq};
	const VerifiedRow *parent;

	if (row->parent_seq == 0)
		return;
	parent = row->parent = bsearch(&key, v->rows, v->count, sizeof(VerifiedRow), compare_int64);
	if (!parent)
		report_row(v, row, "the row of its parent is missing");
	else if (!row->parent_checkpoint_id ||
			 strcmp(parent->checkpoint_id, row->parent_checkpoint_id) != 0 ||
			 strcmp(parent->checkpoint_ns, row->checkpoint_ns) != 0)
		report_row(v, row, "parent_seq is the row of another checkpoint");
}

/*
 * What a row has seen follows from its parent as it was then. One that was put again may have seen
 * more since; its children were given snapshots at that, and are not held to it.
 */
static void
verify_seen(const Verifier *v, const VerifiedRow *row)
{
	const VerifiedRow *parent = row->parent;

	if (!is_root(row))
	{
		if (row->has_seen)
			report_row(v, row, "seen is not null in a subgraph's namespace");
		return;
	}
	if (!row->has_seen)
		report_row(v, row, "seen is null");
	else if (parent && is_root(parent) && !row->is_snapshot &&
			 !covers_all(&row->seen, &parent->seen))
		report_row(v, row, "seen lacks a revision that its parent has seen");
}

/* The numbers of the rows that a state consists of. */
static NullableDatum
seqs_of(const VerifiedRow *row)
{
	RevList list = {0};
	int count = 1;

	for (const VerifiedRow *one = row; one != row->base; one = one->parent)
		count++;
	list.revs = palloc_extended(sizeof(int64) * count, MCXT_ALLOC_HUGE);
	for (const VerifiedRow *one = row; list.count < count; one = one->parent)
		list.revs[list.count++] = one->seq;
	return rev_array(list.revs, list.count);
}

/*
 * Gives NULL and says why when a patch does not apply. The error may be caught without a
 * subtransaction: applying and writing work in memory alone. They hold no lock, pin no buffer and
 * run no SQL, and all they read has been detoasted before, so nothing but memory is left behind.
 * What is no fault of the document (a cancelled query, the memory at an end) is raised again.
 */
static Jsonb *
apply_patches(Jsonb *snapshot, Jsonb **patches, int count, char **fault)
{
	MemoryContext context = CurrentMemoryContext;
	Jsonb *volatile document = NULL;

	PG_TRY();
	{
		JsonTree *tree = json_tree_parse(&snapshot->root);

		for (int i = 0; i < count; i++)
			json_tree_apply(tree, patches[i]);
		document = json_tree_serialize(tree);
	}
	PG_CATCH();
	{
		ErrorData *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		if (error->sqlerrcode != ERRCODE_INVALID_PARAMETER_VALUE &&
			error->sqlerrcode != ERRCODE_PROGRAM_LIMIT_EXCEEDED)
			PG_RE_THROW();
		FlushErrorState();
		*fault = error->detail ? error->detail : error->message;
	}
	PG_END_TRY();
	return document;
}

static Jsonb *
restore(const Verifier *v, const VerifiedRow *row, char **fault)
{
	NullableDatum args[] = {v->thread_id, seqs_of(row)};
	int count = (int)read_rows(v, &admin_chain_of, args, v->one);
	Jsonb **documents = palloc_extended(sizeof(Jsonb *) * Max(count, 1), MCXT_ALLOC_HUGE);

	bool whole = count > 0;

	for (int i = 0; i < count; i++)
	{
		documents[i] = row_jsonb_softly(i + 1, 1, i == 0 ? JSON_ROOT_OBJECT : JSON_ROOT_ANY);
		whole &= documents[i] != NULL;
	}
	query_free_rows();
	if (!whole)
	{
		*fault = "A row of its chain has no document.";
		return NULL;
	}
	return apply_patches(documents[0], documents + 1, count - 1, fault);
}

/* The state of a row; NULL, with a finding, when it cannot be restored. */
static Jsonb *
verify_chain(const Verifier *v, VerifiedRow *row)
{
	Jsonb *document;
	char *fault;

	row->base = row->is_snapshot ? row : row->parent ? row->parent->base : NULL;
	if (!row->base)
	{
		report_row(v, row, "its chain does not reach a snapshot");
		return NULL;
	}
	if (row->base_seq > row->base->seq)
		report_row(v, row, "base_seq lies behind the snapshot that it needs");
	if (!row->is_snapshot && !row->parent->restored)
	{
		report_row(v, row, "it needs the state of a checkpoint whose patch does not apply");
		return NULL;
	}
	document = restore(v, row, &fault);
	row->restored = document != NULL;
	if (!row->restored)
		report_row(v, row, psprintf("its patch does not apply: %s", fault));
	return document;
}

/* The runs of all channels, in no order; false when they are none. */
static bool
read_refs(JsonbContainer *refs, VerifiedRuns *out)
{
	JsonItems *channels = refs ? items_read(refs) : items_new(1);
	RevRuns list = {0};

	for (int i = 0; i < channels->count; i++)
		if (!list_read(&items_at(channels, i)->value, &list))
			return false;
	*out = (VerifiedRuns){.count = list.count, .runs = list.runs};
	return true;
}

static void
verify_refs(const Verifier *v, const VerifiedRow *row, Jsonb *document)
{
	VerifiedRuns held;

	if (!read_refs(document_parts(document).refs, &held))
		report_row(v, row, "its lists of messages are not runs of revisions");
	else
	{
		if (!covers_all(&v->revisions, &held))
			report_row(v, row, "it refers to a revision that is not stored");
		if (row->has_seen && !covers_all(&row->seen, &held))
			report_row(v, row, "seen lacks a revision that it holds");
	}
}

/* document is the state of the head, NULL when there is none. */
static void
verify_values(const Verifier *v, Jsonb *document)
{
	NullableDatum thread_id = v->thread_id;
	Jsonb *scalars = document ? document_scalars(document) : NULL;
	bool there = read_rows(v, &admin_values_of, &thread_id, v->one) > 0;
	Jsonb *stored = there ? row_jsonb_softly(1, 1, JSON_ROOT_OBJECT) : NULL;

	query_free_rows();
	if (there && !document)
		report(v, "thread_values has a row without a checkpoint");
	else if (there != (scalars != NULL) || (there && !(stored && document_same(stored, scalars))))
		report(v, "thread_values is not what the latest checkpoint says");
}

static const VerifiedRow *
find_head(const Verifier *v)
{
	const VerifiedRow *head = NULL;

	for (int i = 0; i < v->count; i++)
		if (is_root(&v->rows[i]) &&
			(!head || strcmp(v->rows[i].checkpoint_id, head->checkpoint_id) > 0))
			head = &v->rows[i];
	return head;
}

static void
verify_row(const Verifier *v, VerifiedRow *row, bool is_head)
{
	Jsonb *document;

	verify_parent(v, row);
	verify_seen(v, row);
	document = verify_chain(v, row);
	if (!document)
		return;
	verify_refs(v, row, document);
	if (is_head)
		verify_values(v, document);
}

static void
verify_thread(Verifier *v)
{
	const VerifiedRow *head;

	read_thread(v);
	head = find_head(v);
	MemoryContextSwitchTo(v->one);
	for (int i = 0; i < v->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		verify_row(v, &v->rows[i], &v->rows[i] == head);
		MemoryContextReset(v->one);
	}
	if (!head)
		verify_values(v, NULL);
	MemoryContextReset(v->one);
	MemoryContextReset(v->thread);
}

static void
verify_states(Call *call, NullableDatum thread_id)
{
	Verifier v = {.call = call, .thread_id = thread_id};
	MemoryContext all = CurrentMemoryContext;

	v.thread = AllocSetContextCreate(all, "verified thread", ALLOCSET_DEFAULT_SIZES);
	v.one = AllocSetContextCreate(all, "verified checkpoint", ALLOCSET_DEFAULT_SIZES);
	if (thread_id.isnull)
	{
		uint64 count = query_exec(call, &admin_threads_with_state, NULL);
		SPITupleTable *threads = SPI_tuptable;

		for (uint64 i = 0; i < count; i++)
		{
			v.thread_id = table_column(threads, i + 1, 1);
			verify_thread(&v);
		}
	}
	else
		verify_thread(&v);
}

static void
verify_tenants(Call *call, bool all)
{
	NullableDatum every_thread = ARG_NULL;

	if (all || query_is_free())
		query_add_to_set(call, &admin_of_roles, NULL);
	for (bool more = query_first_tenant(call, all); more; more = query_next_tenant(call, all))
	{
		query_push();
		query_add_to_set(call, &admin_counters, &every_thread);
		query_add_to_set(call, &admin_orphans, NULL);
		query_add_to_set(call, &admin_items, NULL);
		verify_facts(call);
		query_add_to_set(call, &admin_episodes, NULL);
		query_add_to_set(call, &admin_memberships, NULL);
		query_add_to_set(call, &admin_blocks, NULL);
		verify_states(call, every_thread);
		query_pop();
	}
}

enum
{
	VERIFY_THREAD_ID,
	VERIFY_ALL_TENANTS
};

Datum
threadmem_threadmem_verify(PG_FUNCTION_ARGS)
{
	NullableDatum thread_id = fcinfo->args[VERIFY_THREAD_ID];
	bool all = bool_or(fcinfo->args[VERIFY_ALL_TENANTS], false);
	Call call;

	if (all)
		query_begin_all(&call, fcinfo);
	else
		query_begin(&call, fcinfo);
	if (all && !thread_id.isnull)
		error_bad_input("all_tenants", "A thread is one of this tenant's.");
	if (!thread_id.isnull)
		thread_row_require(&call, thread_id);
	query_open_set(&call);
	if (thread_id.isnull)
		verify_tenants(&call, all);
	else
	{
		query_add_to_set(&call, &admin_counters, &thread_id);
		verify_states(&call, thread_id);
	}
	return query_close_set(&call);
}
