/*
 * admin_verify.c: whether what the writers keep true by hand is true.
 *
 * Counters and the log are computed again by one statement over all threads. States are restored,
 * each from its own snapshot, as checkpoint_chain.c does it; but where that raises, here a finding
 * is written down and the next row has its turn. Rows are taken in the order of seq: parents come
 * first, so one look at the parent tells where a chain ends and whether it holds.
 */
#include "checkpoint.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "json_patch.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/multirangetypes.h"
#include "utils/numeric.h"
#include "utils/typcache.h"

#include "threadmem_json.h"

PG_FUNCTION_INFO_V1(threadmem_threadmem_verify);

/* $2 null is every thread of the tenant. */
static Stmt counters = {
	"WITH t AS (SELECT * FROM threadmem.threads WHERE tenant_id = $1"
	" AND ($2 IS NULL OR thread_id = $2)),"
	" m AS (SELECT m.thread_id, count(*) FILTER (WHERE m.state = 'live') AS live,"
	" coalesce(sum(length(m.search)) FILTER (WHERE m.state = 'live'), 0) AS terms,"
	" max(m.seq) AS seq, max(m.rev) AS rev, count(DISTINCT m.seq) AS places,"
	" count(DISTINCT m.message_id) AS ids,"
	" count(DISTINCT m.message_id) FILTER (WHERE m.state = 'live') AS live_ids,"
	" bool_or(m.user_id IS DISTINCT FROM t.user_id) AS other_owner"
	" FROM threadmem.messages m JOIN t USING (thread_id) WHERE m.tenant_id = $1 GROUP BY 1)"
	" SELECT t.thread_id, p.problem FROM t LEFT JOIN m USING (thread_id), LATERAL (VALUES"
	" (t.live_messages <> coalesce(m.live, 0), 'live_messages is not the number of live messages'),"
	" (t.live_terms <> coalesce(m.terms, 0), 'live_terms is not the sum of the search vectors'),"
	/* Where there were checkpoints, messages may have gone with their branch. */
	" (t.next_seq <= coalesce(m.seq, 0) OR (t.next_checkpoint = 1"
	" AND t.next_seq <> coalesce(m.seq, 0) + 1), 'next_seq does not follow the last message'),"
	" (t.next_rev <= coalesce(m.rev, 0), 'next_rev is taken'),"
	" (EXISTS (SELECT 1 FROM threadmem.checkpoints c WHERE c.tenant_id = $1"
	" AND c.thread_id = t.thread_id AND c.seq >= t.next_checkpoint), 'next_checkpoint is taken'),"
	" (t.next_checkpoint = 1 AND coalesce(m.places <> m.seq, false), 'seq has a gap'),"
	" (coalesce(m.ids <> m.places, false), 'a place has two messages or a message two places'),"
	" (coalesce(m.live_ids <> m.live, false), 'a message has two live revisions'),"
	" (coalesce(m.other_owner, false), 'a message has another owner than the thread'),"
	" (EXISTS (SELECT 1 FROM threadmem.message_chunks c WHERE c.tenant_id = $1"
	" AND c.thread_id = t.thread_id AND NOT EXISTS (SELECT 1 FROM threadmem.messages s"
	" WHERE s.tenant_id = $1 AND s.thread_id = c.thread_id AND s.message_id = c.message_id"
	" AND s.status = 'in_progress')), 'chunks without a message that is being streamed')"
	" ) AS p (found, problem) WHERE p.found ORDER BY 1, 2",
	"t"};
static Stmt threads_with_state = {
	"SELECT c.thread_id FROM threadmem.checkpoints c WHERE c.tenant_id = $1 UNION"
	" SELECT v.thread_id FROM threadmem.thread_values v WHERE v.tenant_id = $1 ORDER BY 1",
	""};
static Stmt rows_of = {
	"SELECT c.seq, c.base_seq, c.parent_seq, c.snapshot IS NOT NULL, c.checkpoint_ns,"
	" c.checkpoint_id, c.parent_checkpoint_id, c.seen FROM threadmem.checkpoints c"
	" WHERE c.tenant_id = $1 AND c.thread_id = $2 ORDER BY c.seq",
	"t"};
static Stmt revision_runs = {
	"SELECT min(r.rev), max(r.rev) FROM (SELECT m.rev,"
	" m.rev - row_number() OVER (ORDER BY m.rev) AS run FROM threadmem.messages m"
	" WHERE m.tenant_id = $1 AND m.thread_id = $2) AS r GROUP BY r.run ORDER BY 1",
	"t"};
/* The snapshot comes first. */
static Stmt chain_of = {
	"SELECT coalesce(c.snapshot, c.patch) FROM threadmem.checkpoints c"
	" WHERE c.tenant_id = $1 AND c.thread_id = $2 AND c.seq = ANY ($3) ORDER BY c.seq",
	"tL"};
static Stmt values_of = {"SELECT v.\"values\" FROM threadmem.thread_values v"
						 " WHERE v.tenant_id = $1 AND v.thread_id = $2",
						 "t"};

/* Runs of revisions, in order and apart. */
typedef struct Runs
{
	int count;
	RevRun *runs;
} Runs;

typedef struct StateRow
{
	int64 seq;
	int64 base_seq;
	int64 parent_seq; /* 0 for none */
	bool is_snapshot;
	char *checkpoint_ns;
	char *checkpoint_id;
	char *parent_checkpoint_id; /* NULL for none */
	bool has_seen;
	Runs seen;
	const struct StateRow *parent; /* NULL when its row is not there */
	const struct StateRow *base;   /* the snapshot at the end of its chain, NULL for none */
	bool restored;
} StateRow;

/* The thread at hand. */
typedef struct Verifier
{
	Call *call;
	NullableDatum thread_id;
	MemoryContext thread; /* what is known of it */
	MemoryContext one;    /* a row's state */
	StateRow *rows;       /* by seq */
	int count;
	Runs revisions; /* that are stored */
} Verifier;

/* Runs a statement about the thread; SPI leaves its own memory context behind. */
static uint64
read_rows(const Verifier *v, Stmt *stmt, NullableDatum *args, MemoryContext context)
{
	uint64 rows = query_exec(v->call, stmt, args);

	MemoryContextSwitchTo(context);
	return rows;
}

static void
report(const Verifier *v, const char *problem)
{
	Datum values[] = {v->thread_id.value, CStringGetTextDatum(problem)};
	bool nulls[] = {false, false};

	query_put(v->call, values, nulls);
}

static void
report_row(const Verifier *v, const StateRow *row, const char *problem)
{
	if (is_root(row))
		report(v, psprintf("checkpoint \"%s\": %s", row->checkpoint_id, problem));
	else
		report(v, psprintf("checkpoint \"%s\" of \"%s\": %s", row->checkpoint_id,
						   row->checkpoint_ns, problem));
}

