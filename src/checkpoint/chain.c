/*
 * checkpoint/chain.c: how states are stored as changes.
 *
 * A row holds its state document, or the JSON Patch that makes it from the parent's. To restore a
 * state, its row and its ancestors' are read back to the nearest one that holds a document, by one
 * scan of the index over seq: parents have smaller numbers, and base_seq tells where to stop. Rows
 * of other branches and namespaces that lie between are passed over.
 *
 * When to write the whole document? A patch costs its bytes once in storage, and again whenever a
 * state after it is restored. So what has been written as patches since the last document is
 * weighed against the document itself: as soon as replaying them would cost more than r times the
 * document's bytes, the document is written, and the count begins anew. A document is paid for by
 * as many bytes of patches, so storage stays within (1 + 1 / r) of the changes alone; and to read a
 * state takes at most (1 + r) times its bytes. A row that the scan passes over costs time as well,
 * hence the fixed price of every number in between. With r = 1 (threadmem.snapshot_ratio) both
 * bounds are 2.
 *
 * Bytes are those that are stored. A large document is compressed, patches as a rule are not; and
 * to apply one takes ten times as long as to read as many bytes of a document. So of what shrinks
 * to a fifth there would be five times as many patches to go through as pay for it. But they count
 * for a quarter more than that, and for a quarter of all at least, since all of them are compressed
 * whenever it is written: what shrinks to a half alone would be written too often.
 */
#include "checkpoint/checkpoint.h"

#include "json_patch/json_patch.h"

#include "access/heaptoast.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"

/* What passing over a row costs, in bytes of patches: measured by reading rows of both kinds. */
#define ROW_COST 32

#define COMPRESSED_LEAST 0.25
#define COMPRESSING 1.25

static Stmt checkpoint_rows_back = {
	"SELECT c.seq, c.parent_seq, c.patch, c.snapshot, pg_column_size(coalesce(c.snapshot, c.patch))"
	" FROM threadmem_data.checkpoints c"
	" WHERE c.tenant_id = $1 AND c.thread_id = $2 AND c.seq BETWEEN $3 AND $4"
	" ORDER BY c.seq DESC",
	"tll"};
static Stmt checkpoint_base_of = {"SELECT c.base_seq FROM threadmem_data.checkpoints c"
								  " WHERE c.tenant_id = $1 AND c.thread_id = $2 AND c.seq = $3",
								  "tl"};
static Stmt checkpoint_write_whole = {
	"UPDATE threadmem_data.checkpoints c SET snapshot = $4, patch = NULL, base_seq = seq"
	" WHERE c.tenant_id = $1 AND c.thread_id = $2 AND c.seq = $3",
	"tlj"};
static Stmt checkpoint_write_patch = {
	"UPDATE threadmem_data.checkpoints c SET patch = $4, snapshot = NULL, base_seq = $5"
	" WHERE c.tenant_id = $1 AND c.thread_id = $2 AND c.seq = $3",
	"tljl"};
/* Not a parent that was put again and has seen what its child has not. */
static Stmt checkpoint_parent_of = {
	"SELECT c.parent_seq FROM threadmem_data.checkpoints c, LATERAL (SELECT i.seen FROM"
	" threadmem_data.checkpoints i WHERE i.tenant_id = $1 AND i.thread_id = $2 AND i.seq = c.parent_seq"
	" OFFSET 0) p WHERE c.tenant_id = $1 AND c.thread_id = $2 AND c.seq = $3"
	" AND (c.seen IS NULL OR c.seen @> p.seen)",
	"tl"};
static Stmt checkpoint_children = {
	"SELECT c.seq FROM threadmem_data.checkpoints c WHERE c.tenant_id = $1 AND c.thread_id = $2"
	" AND c.seq > $3 AND c.parent_seq = $3 AND c.snapshot IS NULL ORDER BY c.seq",
	"tl"};

static Stmt checkpoint_last_revision = {
	"SELECT m.rev FROM threadmem_data.messages m WHERE m.tenant_id = $1 AND m.thread_id = $2"
	" ORDER BY m.rev DESC LIMIT 1",
	"t"};
static Stmt checkpoint_ancestor = {
	CHECKPOINT_BY_ID("c.seq, c.base_seq, c.parent_checkpoint_id", "$4"), "ttt"};

static void
error_broken(NullableDatum thread_id, int64 seq)
{
	ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED), errmsg("chain of checkpoints is broken"),
					errdetail("thread_id is \"%s\", the row with seq " INT64_FORMAT
							  " or an ancestor of it is missing or damaged.",
							  text_or_null(thread_id), seq),
					errhint("threadmem_verify() lists what cannot be restored.")));
}

static double
share_of(int64 stored, Size bytes)
{
	return Max(Min(COMPRESSING * stored / bytes, 1.0), COMPRESSED_LEAST);
}

/* The rows of patches from a row back to its document, oldest last, and that document. */
static Jsonb *
collect(uint64 rows, int64 seq, ChainState *state, List **patches)
{
	int64 wanted = seq;

	for (uint64 row = 1; row <= rows; row++)
	{
		Jsonb *snapshot;

		if (row_int64(row, 1) != wanted)
			continue;
		snapshot = row_jsonb_or_null(row, 4, JSON_ROOT_OBJECT);
		if (snapshot)
		{
			state->base_seq = wanted;
			state->compressed = share_of(row_int64(row, 5), VARSIZE(snapshot));
			return snapshot;
		}
		*patches = lappend_int(*patches, (int)row);
		state->replayed += row_int64(row, 5);
		wanted = row_int64(row, 2);
	}
	return NULL;
}

/* One patch at a time: together they may be as large as the document. */
static void
replay(ChainState *state, const List *patches)
{
	Jsonb *base = state->document;
	JsonTree *tree = json_tree_parse(&base->root);

	for (int i = list_length(patches) - 1; i >= 0; i--)
	{
		Jsonb *patch = row_jsonb(list_nth_int(patches, i), 3, JSON_ROOT_ARRAY);

		json_tree_apply(tree, patch);
		pfree(patch);
	}
	state->document = json_tree_serialize(tree);
	json_tree_free(tree);
	pfree(base);
}

/*
 * A list says by two numbers that it has so many revisions. Before anybody goes through them all,
 * the log is asked whether there can be.
 */
static void
check_lists(Call *call, NullableDatum thread_id, const ChainState *state)
{
	StateParts parts = document_parts(state->document);
	int64 greatest;

	if (!document_is_long(&parts, &greatest))
		return;
	if (!query_first(call, &checkpoint_last_revision, &thread_id) || row_int64(1, 1) < greatest)
		ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED), errmsg("state of a checkpoint is damaged"),
						errdetail("thread_id is \"%s\", the state of seq " INT64_FORMAT
								  " refers to revisions that are not stored.",
								  text_or_null(thread_id), state->seq),
						errhint("threadmem_verify() lists what cannot be restored.")));
}

void
chain_read(Call *call, NullableDatum thread_id, int64 seq, int64 base_seq, ChainState *state)
{
	NullableDatum args[] = {thread_id, ARG(Int64GetDatum(base_seq)), ARG(Int64GetDatum(seq))};
	uint64 rows = query_exec(call, &checkpoint_rows_back, args);
	List *patches = NIL;

	*state = (ChainState){.seq = seq};
	state->document = collect(rows, seq, state, &patches);
	if (!state->document)
		error_broken(thread_id, seq);
	if (patches != NIL)
		replay(state, patches);
	query_free_rows();
	if (!JB_ROOT_IS_OBJECT(state->document))
		error_broken(thread_id, seq);
	check_lists(call, thread_id, state);
}

const RevRuns *
chain_revisions(ChainState *state)
{
	StateParts parts;
	RevRuns *revisions;

	if (state->revisions)
		return state->revisions;
	parts = document_parts(state->document);
	revisions = palloc(sizeof(RevRuns));
	*revisions = document_revisions(&parts);
	state->revisions = revisions;
	return revisions;
}

const RevRuns *
composition_list(Composition *composition)
{
	if (composition->kept && composition->parent)
		composition->before = composition->list = *chain_revisions(composition->parent);
	composition->kept = false;
	return &composition->list;
}

/* What a document or a patch will take. */
static Size
stored_bytes(const ChainState *base, const Jsonb *value)
{
	Size bytes = VARSIZE(value);

	return bytes > TOAST_TUPLE_THRESHOLD ? (Size)(bytes * base->compressed) : bytes;
}

void
chain_link(const ChainState *parent, Jsonb *document, int64 seq, ChainLink *link)
{
	Jsonb *patch = parent ? json_diff(parent->document, document) : NULL;
	Size replayed;

	*link = (ChainLink){seq, ARG_NULL, ARG(JsonbPGetDatum(document)), 1.0, 0};
	if (!patch || VARSIZE(patch) >= VARSIZE(document))
		return;
	replayed = parent->replayed + stored_bytes(parent, patch);
	if (replayed + (seq - parent->base_seq) * ROW_COST <=
		setting_snapshot_ratio * stored_bytes(parent, document))
		*link = (ChainLink){parent->base_seq, ARG(JsonbPGetDatum(patch)), ARG_NULL,
							parent->compressed, replayed};
}

void
chain_read_row(Call *call, NullableDatum thread_id, int64 seq, ChainState *state)
{
	NullableDatum key[] = {thread_id, ARG(Int64GetDatum(seq))};

	if (!query_first(call, &checkpoint_base_of, key))
		error_broken(thread_id, seq);
	chain_read(call, thread_id, seq, row_int64(1, 1), state);
}

void
chain_write(Call *call, NullableDatum thread_id, int64 seq, Jsonb *document)
{
	NullableDatum args[] = {thread_id, ARG(Int64GetDatum(seq)), ARG(JsonbPGetDatum(document))};

	query_exec(call, &checkpoint_write_whole, args);
}

void
chain_materialise(Call *call, NullableDatum thread_id, int64 seq)
{
	ChainState state;

	query_push();
	chain_read_row(call, thread_id, seq, &state);
	chain_write(call, thread_id, seq, state.document);
	query_pop();
}

RevList
chain_free_children(Call *call, NullableDatum thread_id, int64 seq)
{
	NullableDatum args[] = {thread_id, ARG(Int64GetDatum(seq))};
	RevList freed = {.count = (int)query_exec(call, &checkpoint_children, args)};

	freed.revs = palloc(sizeof(int64) * Max(freed.count, 1));
	for (int i = 0; i < freed.count; i++)
		freed.revs[i] = row_int64(i + 1, 1);
	for (int i = 0; i < freed.count; i++)
		chain_materialise(call, thread_id, freed.revs[i]);
	return freed;
}

void
chain_cut(Call *call, NullableDatum thread_id, const int64 *seqs, int count)
{
	/* one at a time, as message/move.c does and for the same reason */
	static Stmt cut = {"UPDATE threadmem_data.checkpoints c SET parent_seq = NULL"
					   " WHERE c.tenant_id = $1 AND c.thread_id = $2 AND c.seq = $3",
					   "tl"};

	for (int i = 0; i < count; i++)
	{
		NullableDatum args[] = {thread_id, ARG(Int64GetDatum(seqs[i]))};

		query_exec(call, &cut, args);
	}
}

int64
chain_relink(Call *call, NullableDatum thread_id, int64 seq)
{
	NullableDatum key[] = {thread_id, ARG(Int64GetDatum(seq))};
	NullableDatum row[] = {key[0], key[1], ARG_NULL, ARG_NULL};
	ChainState state;
	ChainState parent;
	ChainLink link;
	int64 parent_seq;

	if (!query_first(call, &checkpoint_parent_of, key))
		return 0;
	parent_seq = row_int64(1, 1);
	query_push();
	chain_read_row(call, thread_id, parent_seq, &parent);
	chain_read_row(call, thread_id, seq, &state);
	chain_link(&parent, state.document, seq, &link);
	row[2] = link.patch;
	row[3] = ARG(Int64GetDatum(link.base_seq));
	if (!link.patch.isnull)
		query_exec(call, &checkpoint_write_patch, row);
	query_pop();
	return link.patch.isnull ? 0 : link.base_seq;
}

void
walk_begin(AncestorWalk *walk, Call *call, NullableDatum thread_id, NullableDatum ns,
		   NullableDatum parent_checkpoint_id)
{
	HASHCTL ctl = {
		.keysize = sizeof(int64), .entrysize = sizeof(int64), .hcxt = CurrentMemoryContext};

	*walk = (AncestorWalk){.call = call,
						   .memory = CurrentMemoryContext,
						   .key = {thread_id, ns},
						   .next = parent_checkpoint_id};
	walk->visited = hash_create("ancestors", 64, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

bool
walk_up(AncestorWalk *walk)
{
	MemoryContext round = CurrentMemoryContext;
	bool visited;
	int64 seq;
	int64 base_seq;

	CHECK_FOR_INTERRUPTS();
	walk->key[2] = walk->next;
	if (walk->next.isnull || !query_first(walk->call, &checkpoint_ancestor, walk->key))
		return false;
	seq = row_int64(1, 1);
	base_seq = row_int64(1, 2);
	MemoryContextSwitchTo(walk->memory);
	walk->next = row_column(1, 3);
	hash_search(walk->visited, &seq, HASH_ENTER, &visited);
	MemoryContextSwitchTo(round);
	if (visited)
		return false;
	chain_read(walk->call, walk->key[0], seq, base_seq, &walk->state);
	return true;
}
