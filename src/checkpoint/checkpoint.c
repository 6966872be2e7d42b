/*
 * checkpoint/checkpoint.c: what comes in through the saver door: checkpoints and the writes of
 * tasks.
 *
 * A put locks the thread's row, reads the parent's state, makes its own document of it and of what
 * changed, and stores the difference. The latest checkpoint of the thread's own graph (namespace
 * '') is the head: only a put that becomes the head changes which messages are live.
 */
#include "checkpoint/checkpoint.h"

#include "common/pg_prng.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "threadmem/threadmem.h"

PG_FUNCTION_INFO_V1(threadmem_checkpoint_put);
PG_FUNCTION_INFO_V1(threadmem_checkpoint_put_writes);

#define NEIGHBOUR(which) \
	"c.checkpoint_id, c.seq, c.base_seq, c.parent_seq, c.parent_checkpoint_id, c.seen," \
	" c.metadata, c.state_bytes, c.next_rev, c.next_change, c.created_at, '" which "'"

/* The row itself, its parent's, and the latest; a union has no order, so each says which it is. */
static Stmt checkpoint_neighbours = {
	CHECKPOINT_BY_ID(NEIGHBOUR("own"), "$4") " UNION ALL " CHECKPOINT_BY_ID(
		NEIGHBOUR("parent"), "$5") " UNION ALL (" LATEST_CHECKPOINT(NEIGHBOUR("latest"), "$3") ")",
	"tttt"};
static Stmt checkpoint_neighbour_by_id = {CHECKPOINT_BY_ID(NEIGHBOUR("parent"), "$4"), "ttt"};
static Stmt checkpoint_neighbour_latest = {LATEST_CHECKPOINT(NEIGHBOUR("latest"), "$3"), "tt"};
static Stmt checkpoint_insert = {
	"INSERT INTO threadmem_data.checkpoints (tenant_id, thread_id, seq, base_seq, patch, snapshot,"
	" metadata, run_id, seen, parent_seq, state_bytes, parent_checkpoint_id, checkpoint_ns,"
	" next_rev, next_change, checkpoint_id, created_at)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
	"tlljjjtmllttlltz"};
static Stmt checkpoint_replace = {
	"UPDATE threadmem_data.checkpoints c SET base_seq = $4, patch = $5, snapshot = $6, metadata = $7,"
	" run_id = $8, seen = $9, parent_seq = $10, state_bytes = $11, next_rev = $14, next_change = $15"
	" WHERE c.tenant_id = $1 AND c.thread_id = $2 AND c.seq = $3",
	"tlljjjtmllttll"};
static Stmt checkpoint_take_stmt = {
	"UPDATE threadmem_data.checkpoints c SET next_rev = $4, next_change = $5"
	" WHERE c.tenant_id = $1 AND c.thread_id = $2 AND c.checkpoint_ns = '' AND c.checkpoint_id = $3",
	"ttll"};
static Stmt checkpoint_set_values_stmt = {
	"INSERT INTO threadmem_data.thread_values AS v (tenant_id, thread_id, \"values\")"
	" VALUES ($1, $2, $3) ON CONFLICT (tenant_id, thread_id) DO UPDATE"
	" SET \"values\" = excluded.\"values\"",
	"tj"};
static Stmt checkpoint_drop_values = {
	"DELETE FROM threadmem_data.thread_values v WHERE v.tenant_id = $1 AND v.thread_id = $2", "t"};
static Stmt checkpoint_has_checkpoint = {CHECKPOINT_BY_ID("1", "$4"), "ttt"};
#define INSERT_WRITE \
	"INSERT INTO threadmem_data.checkpoint_writes AS w (tenant_id, thread_id, checkpoint_ns," \
	" checkpoint_id, task_id, idx, task_path, channel, value)" \
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)" \
	" ON CONFLICT (tenant_id, thread_id, checkpoint_ns, checkpoint_id, task_id, idx) DO "
static Stmt checkpoint_keep_write = {INSERT_WRITE "NOTHING", "ttttittj"};
static Stmt checkpoint_replace_write = {INSERT_WRITE
										"UPDATE SET task_path = excluded.task_path,"
										" channel = excluded.channel, value = excluded.value",
										"ttttittj"};

static Stmt checkpoint_bytes_of_writes = {
	WRITES_OF_CHECKPOINT("coalesce(sum(threadmem.json_bytes(w.value) + octet_length(w.task_id)"
						 " + octet_length(w.channel) + $5), 0)::int8"),
	"tttl"};

enum
{
	PUT_THREAD_ID,
	PUT_CHECKPOINT,
	PUT_METADATA,
	PUT_NEW_VERSIONS,
	PUT_PARENT_CHECKPOINT_ID,
	PUT_CHECKPOINT_NS,
	PUT_LISTS,
	PUT_HELD
};

static void
read_neighbour(Neighbour *neighbour, uint64 row)
{
	neighbour->checkpoint_id = row_text(row, 1);
	neighbour->seq = row_int64(row, 2);
	neighbour->base_seq = row_int64(row, 3);
	neighbour->parent_seq = row_column(row, 4);
	neighbour->parent_checkpoint_id = row_column(row, 5);
	neighbour->seen = row_column(row, 6);
	neighbour->metadata = row_jsonb(row, 7, JSON_ROOT_OBJECT);
	neighbour->state_bytes = row_int64(row, 8);
	neighbour->taken = (Taken){row_int64(row, 9), row_int64(row, 10)};
	neighbour->created_at = row_int64(row, 11);
}

bool
neighbour_latest(Call *call, NullableDatum thread_id, NullableDatum checkpoint_ns,
				 Neighbour *neighbour)
{
	NullableDatum key[] = {thread_id, checkpoint_ns};

	*neighbour = (Neighbour){.parent_checkpoint_id = ARG_NULL, .seen = ARG_NULL};
	if (!query_first(call, &checkpoint_neighbour_latest, key))
		return false;
	read_neighbour(neighbour, 1);
	return true;
}

bool
neighbour_of(Call *call, NullableDatum thread_id, NullableDatum checkpoint_ns,
			 NullableDatum checkpoint_id, Neighbour *neighbour)
{
	NullableDatum key[] = {thread_id, checkpoint_ns, checkpoint_id};

	*neighbour = (Neighbour){.parent_checkpoint_id = ARG_NULL, .seen = ARG_NULL};
	if (checkpoint_id.isnull || !query_first(call, &checkpoint_neighbour_by_id, key))
		return false;
	read_neighbour(neighbour, 1);
	return true;
}

/* A row that is there keeps its stored parent, whatever the caller says now. */
static void
find_stored_parent(Put *put)
{
	put->parent_checkpoint_id = put->own.parent_checkpoint_id;
	neighbour_of(put->call, put->thread_id, put->checkpoint_ns, put->parent_checkpoint_id,
				 &put->parent);
}

static void
find_neighbours(Put *put)
{
	NullableDatum args[] = {put->thread_id, put->checkpoint_ns, ARG_TEXT(put->given.checkpoint_id),
							put->parent_checkpoint_id};
	uint64 rows = query_exec(put->call, &checkpoint_neighbours, args);

	for (uint64 row = 1; row <= rows; row++)
	{
		char *which = row_text(row, 12);

		if (strcmp(which, "own") == 0)
			read_neighbour(&put->own, row);
		else if (strcmp(which, "parent") == 0)
			read_neighbour(&put->parent, row);
		else
			read_neighbour(&put->latest, row);
	}
	if (put->own.seq != 0)
		find_stored_parent(put);
}

/* A subgraph's first checkpoint has no parent of its own, but names the one it runs under. */
static bool
continues(const Put *put)
{
	JsonbContainer *parents =
		json_as_object(json_field(&DatumGetJsonbP(put->metadata.value)->root, "parents"));

	return !put->parent_checkpoint_id.isnull ||
		   (!ns_is_root(put->checkpoint_ns) && parents && JsonContainerSize(parents) > 0);
}

static void
refuse_late(Put *put)
{
	if (put->own.seq != 0 || put->parent.seq != 0)
		return;
	if (continues(put))
		thread_row_refuse_late(put->call, put->thread_id);
	else
		thread_row_clear_tombstone(put->call, put->thread_id);
}

/* metadata's run_id, when it is an id. */
static NullableDatum
run_id_of(NullableDatum metadata)
{
	char *run_id = json_as_text(json_field(&DatumGetJsonbP(metadata.value)->root, "run_id"));

	return run_id && id_is_good(run_id, (int)strlen(run_id)) ? ARG_TEXT(run_id) : ARG_NULL;
}

/* A retry changes nothing, and needs no children of its own document. */
static bool
is_repeated(Put *put, const Composition *composition)
{
	ChainState own;

	if (put->own.seq == 0 || !document_same(put->own.metadata, DatumGetJsonbP(put->metadata.value)))
		return false;
	chain_read(put->call, put->thread_id, put->own.seq, put->own.base_seq, &own);
	return document_same(own.document, composition->document);
}

bool
taken_all(Taken taken, const ThreadRow *thread)
{
	return taken.rev >= thread->rev && taken.change >= thread->change;
}

Taken
taken_of(const Neighbour *neighbour)
{
	return neighbour->seq != 0 ? neighbour->taken : NOTHING_TAKEN;
}

void
checkpoint_take(Call *call, NullableDatum thread_id, Neighbour *neighbour, const ThreadRow *thread)
{
	NullableDatum row[] = {thread_id, ARG_TEXT(neighbour->checkpoint_id),
						   ARG(Int64GetDatum(thread->rev)), ARG(Int64GetDatum(thread->change))};

	query_exec(call, &checkpoint_take_stmt, row);
	neighbour->taken = (Taken){thread->rev, thread->change};
}

/* What changes with the checkpoint itself may be pending for it: that has the head's next number.
 */
static Taken
taken_by(const Put *put, const Composition *composition)
{
	Taken before = taken_of(&put->parent);

	if (!put->takes_pending && !taken_all(before, &put->thread))
		return before;
	return (Taken){put->thread.rev + list_length(composition->referral.drafts), put->thread.change};
}

static const RevRuns *
revisions_known(const Composition *composition)
{
	RevRuns *own;

	if (composition->kept)
		return composition->parent ? composition->parent->revisions : NULL;
	own = palloc(sizeof(RevRuns));
	*own = composition->list;
	return own;
}

/* The row that a put becomes, and how it stores its state. */
static void
link_row(Put *put, const Composition *composition, NullableDatum seen, ChainLink *link)
{
	int64 seq = put->own.seq != 0 ? put->own.seq : put->thread.checkpoint;
	TimestampTz created_at = put->own.seq != 0 ? put->own.created_at : GetCurrentTimestamp();
	/* a parent that came later is no base */
	const ChainState *parent = put->parent.seq < seq ? composition->parent : NULL;

	chain_link(parent, composition->document, seq, link);
	put->own = (Neighbour){
		.checkpoint_id = put->given.checkpoint_id,
		.seq = seq,
		.base_seq = link->base_seq,
		.state_bytes = composition->bytes,
		.parent_seq = parent ? ARG(Int64GetDatum(put->parent.seq)) : ARG_NULL,
		.parent_checkpoint_id = put->parent_checkpoint_id,
		.seen = seen,
		.taken = taken_by(put, composition),
		.metadata = DatumGetJsonbP(put->metadata.value),
		.created_at = created_at,
	};
	put->own_state = (ChainState){.seq = seq,
								  .base_seq = link->base_seq,
								  .compressed = link->compressed,
								  .replayed = link->replayed,
								  .document = composition->document,
								  .revisions = revisions_known(composition)};
}

static void
write_row(Put *put, const Composition *composition, NullableDatum seen)
{
	bool exists = put->own.seq != 0;
	ChainLink link;

	if (exists)
		chain_free_children(put->call, put->thread_id, put->own.seq);
	link_row(put, composition, seen, &link);
	{
		NullableDatum row[] = {
			put->thread_id,
			ARG(Int64GetDatum(put->own.seq)),
			ARG(Int64GetDatum(link.base_seq)),
			link.patch,
			link.snapshot,
			put->metadata,
			run_id_of(put->metadata),
			seen,
			put->own.parent_seq,
			ARG(Int64GetDatum(composition->bytes)),
			put->parent_checkpoint_id,
			put->checkpoint_ns,
			ARG(Int64GetDatum(put->own.taken.rev)),
			ARG(Int64GetDatum(put->own.taken.change)),
			ARG_TEXT(put->given.checkpoint_id),
			ARG(TimestampTzGetDatum(put->own.created_at)),
		};

		query_exec(put->call, exists ? &checkpoint_replace : &checkpoint_insert, row);
	}
}

void
checkpoint_set_values(Call *call, NullableDatum thread_id, Jsonb *document)
{
	Jsonb *scalars = document ? document_scalars(document) : NULL;
	NullableDatum row[] = {thread_id, ARG(JsonbPGetDatum(scalars))};

	query_exec(call, scalars ? &checkpoint_set_values_stmt : &checkpoint_drop_values, row);
}

/* As a rule a step changes no scalar. */
static void
keep_values_true(Put *put, const Composition *composition, bool switches)
{
	Jsonb *scalars = document_scalars(composition->document);
	Jsonb *before =
		switches || !composition->parent ? NULL : document_scalars(put->parent_state.document);

	if (!scalars && !before && put->latest.seq == 0)
		return;
	if (!scalars && !before && !switches)
		return;
	if (!scalars || !before || !document_same(scalars, before))
		checkpoint_set_values(put->call, put->thread_id, composition->document);
}

Composition
put_composition(Put *put)
{
	return (Composition){
		.referral = {.call = put->call,
					 .thread_id = put->thread_id,
					 .thread = &put->thread,
					 .said = given_time(&put->given)},
		.checkpoint_ns = put->checkpoint_ns,
		.given = &put->given,
		.parent = put->parent.seq != 0 ? &put->parent_state : NULL,
	};
}

void
put_find(Put *put)
{
	find_neighbours(put);
	refuse_late(put);
	if (put->parent.seq != 0)
		chain_read(put->call, put->thread_id, put->parent.seq, put->parent.base_seq,
				   &put->parent_state);
}

void
put_known(Put *put)
{
	refuse_late(put);
}

/*
 * What the new checkpoint has seen: its parent's, which has seen what it holds, what it holds
 * besides, and what came and went within the step, which must not be taken for news of the log.
 */
static NullableDatum
seen_by(const Put *put, Composition *composition)
{
	NullableDatum seen = put->parent.seq ? put->parent.seen : ARG_NULL;
	const RevRuns *more = seen.isnull ? composition_list(composition) : &composition->news;
	int64 drafted = put->thread.rev;
	RevRuns drafts = {0};

	rev_runs_add(&drafts, drafted, drafted + list_length(composition->referral.drafts) - 1);
	seen = seen_after(seen_after(seen, more), &drafts);
	return put->seen.count > 0 ? seen_after(seen, &put->seen) : seen;
}

typedef struct LatestList
{
	const Put *put;
	MemoryContext memory; /* that the list is in */
	RevRuns list;
} LatestList;

static void
read_latest_list(void *context)
{
	LatestList *latest_list = context;
	const Put *put = latest_list->put;
	ChainState state;
	StateParts parts;
	RevRuns list;

	chain_read(put->call, put->thread_id, put->latest.seq, put->latest.base_seq, &state);
	parts = document_parts(state.document);
	list = document_revisions(&parts);
	MemoryContextSwitchTo(latest_list->memory);
	rev_runs_join(&latest_list->list, &list);
}

/* The list of a head that another branch takes over from. Who goes round a damaged one may. */
static void
find_list_before(const Put *put, Move *move, LatestList *before)
{
	*before = (LatestList){.put = put, .memory = CurrentMemoryContext};
	if (move->is_head && move->switches && put->latest.seq != 0 &&
		query_softly(read_latest_list, before,
					 psprintf("state of checkpoint \"%s\"", put->latest.checkpoint_id)))
		move->list_before = &before->list;
}

/* What is pending for it is pending still, or is not asked for by numbers. */
static bool
needs_no_renewal(const Put *put)
{
	Taken before = taken_of(&put->parent);

	return put->takes_pending || (before.rev == 1 && before.change == 1);
}

static void
store(Put *put, Composition *composition)
{
	bool root = ns_is_root(put->checkpoint_ns);
	NullableDatum seen = root ? seen_by(put, composition) : ARG_NULL;
	bool is_head = root && (put->latest.seq == 0 ||
							strcmp(put->given.checkpoint_id, put->latest.checkpoint_id) >= 0);
	Move move = {
		.seen_before = put->latest.seq ? put->latest.seen : ARG_NULL,
		.seen_after = seen,
		.is_head = is_head,
		.switches = put->latest.seq != put->parent.seq,
		.list = &composition->list,
		.news = &composition->news,
		.again = needs_no_renewal(put) ? NULL : &composition->again,
	};
	ThreadRowStep step = {.checkpoints = put->own.seq == 0, .by_hand = put->by_hand};
	LatestList before;

	if (move.switches || composition->referral.drafts != NIL)
		move.list = composition_list(composition);
	find_list_before(put, &move, &before);
	if (root)
		message_move(&composition->referral, &move, &step);
	thread_row_step(put->call, put->thread_id, &step);
	write_row(put, composition, seen);
	if (is_head)
		keep_values_true(put, composition, move.switches);
	if (is_head && put->thread.asks && strcmp(put->thread.asks, put->given.checkpoint_id) < 0)
		thread_row_note_head(put->call, put->thread_id, ARG_TEXT(put->given.checkpoint_id));
	thread_row_advance(&put->thread, &step);
}

void
put_store(Put *put, Composition *composition)
{
	if (is_repeated(put, composition))
		return;
	if (put->is_fenced)
		thread_row_check_run(put->call, put->thread_id, &put->thread, run_id_of(put->metadata));
	if (composition->bytes == 0 && !put_fits(put, composition))
		error_state_unwritable(put->thread_id, composition->bytes);
	store(put, composition);
}

Datum
checkpoint_return_key(Call *call, NullableDatum thread_id, NullableDatum checkpoint_ns,
					  const char *checkpoint_id)
{
	Datum values[] = {thread_id.value, checkpoint_ns.value, CStringGetTextDatum(checkpoint_id)};
	bool nulls[] = {false, false, false};

	return query_made_row(call, values, nulls, lengthof(values));
}

NullableDatum
ns_or_root(NullableDatum checkpoint_ns)
{
	return checkpoint_ns.isnull ? ARG_TEXT("") : checkpoint_ns;
}

static void
read_put(Put *put, Call *call, NullableDatum *args)
{
	put->call = call;
	put->is_fenced = true;
	put->thread_id = args[PUT_THREAD_ID];
	put->checkpoint_ns = ns_or_root(args[PUT_CHECKPOINT_NS]);
	put->parent_checkpoint_id = args[PUT_PARENT_CHECKPOINT_ID];
	put->metadata = args[PUT_METADATA];
	if (put->metadata.isnull)
		put->metadata = ARG(DirectFunctionCall1(jsonb_in, CStringGetDatum("{}")));
	given_read(&put->given, args[PUT_CHECKPOINT], args[PUT_NEW_VERSIONS]);
	given_lists_read(&put->given, args[PUT_LISTS]);
	if (!checkpoint_id_has_next(put->given.checkpoint_id))
		error_bad_input("checkpoint", "No id can follow its \"id\": take one that sorts lower.");
	versions_guard("checkpoint", put->given.versions);
	versions_guard("new_versions", put->given.new_versions);
	step_guard(DatumGetJsonbP(put->metadata.value));
}

Datum
threadmem_checkpoint_put(PG_FUNCTION_ARGS)
{
	Put put = {0};
	Composition composition;
	Call call;

	query_begin(&call, fcinfo);
	read_put(&put, &call, fcinfo->args);
	message_lock_senders(&call, fcinfo->args[PUT_CHECKPOINT], ARG_NULL);
	message_lock_senders(&call, fcinfo->args[PUT_LISTS], ARG_NULL);
	thread_row_lock_or_create(&call, put.thread_id, &put.thread);
	put_find(&put);
	put_check_held(&put, fcinfo->args[PUT_HELD]);
	composition = put_composition(&put);
	compose(&composition);
	put_store(&put, &composition);
	return put_return(&put, &composition);
}

/* The place of a write in its batch, or that of its channel; *special tells which. */
static int
index_of(const char *channel, int position, bool *special)
{
	static const char *const channels[] = {"__error__", "__scheduled__", "__interrupt__",
										   "__resume__"};

	for (int i = 0; i < lengthof(channels); i++)
		if (strcmp(channel, channels[i]) == 0)
		{
			*special = true;
			return -1 - i;
		}
	*special = false;
	return position;
}

enum
{
	WRITES_THREAD_ID,
	WRITES_CHECKPOINT_ID,
	WRITES_TASK_ID,
	WRITES_WRITES,
	WRITES_TASK_PATH,
	WRITES_CHECKPOINT_NS,
	WRITES_RUN_ID
};

typedef struct CheckpointWrite
{
	char *channel;
	Jsonb *value;
	int idx;
} CheckpointWrite;

static void
read_given_write(CheckpointWrite *write, JsonbValue *element, int position, bool *special)
{
	JsonbContainer *pair = json_as_array(element);

	write->channel = NULL;
	if (pair && JsonContainerSize(pair) == 2)
		write->channel = json_as_text(getIthJsonbValueFromContainer(pair, 0));
	if (!write->channel)
		error_bad_input("writes", "Element %d must be an array of a channel's name and a value.",
						position);
	write->value = json_own(getIthJsonbValueFromContainer(pair, 1));
	write->idx = index_of(write->channel, position, special);
}

/* Whether all are of special channels, so that the batch replaces what is there. */
static CheckpointWrite *
read_given_writes(Jsonb *document, int *count, bool *all_special)
{
	CheckpointWrite *writes;

	*count = JB_ROOT_COUNT(document);
	*all_special = true;
	writes = palloc_extended(sizeof(CheckpointWrite) * Max(*count, 1), MCXT_ALLOC_HUGE);
	for (int i = 0; i < *count; i++)
	{
		bool special;

		CHECK_FOR_INTERRUPTS();
		read_given_write(&writes[i], getIthJsonbValueFromContainer(&document->root, i), i,
						 &special);
		*all_special &= special;
	}
	return writes;
}

/*
 * pending_writes shows all writes of a checkpoint as one document, so their sum has a limit. To add
 * it up with every batch would make many small ones quadratic. So a batch does it with the chance
 * that its bytes are of LOOK_BYTES, and a large one always: once in so many bytes on the average,
 * however they come; to get past the spare above the limit unseen is beyond all odds.
 */
#define LOOK_BYTES (256 * 1024)
#define WRITE_SPARE_BYTES 64
#define WRITES_MAX_BYTES (STATE_MAX_BYTES - 32 * LOOK_BYTES)

static void
check_room(Call *call, NullableDatum *key, const CheckpointWrite *writes, int count)
{
	NullableDatum args[] = {key[0], key[1], key[2], ARG(Int64GetDatum(WRITE_SPARE_BYTES))};
	int64 bytes = 0;

	for (int i = 0; i < count; i++)
		bytes += VARSIZE(writes[i].value) + WRITE_SPARE_BYTES;
	if (bytes < LOOK_BYTES * pg_prng_double(&pg_global_prng_state))
		return;
	query_first(call, &checkpoint_bytes_of_writes, args);
	bytes = row_int64(1, 1);
	if (bytes > WRITES_MAX_BYTES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("writes of a checkpoint are too large"),
				 errdetail("thread_id is \"%s\", checkpoint_id is \"%s\". With these they"
						   " have " INT64_FORMAT " bytes, the limit is %d.",
						   text_or_null(key[0]), text_or_null(key[2]), bytes, WRITES_MAX_BYTES),
				 errhint("Put a checkpoint that has taken them in, or keep large values"
						 " elsewhere.")));
}

static bool
asks(const CheckpointWrite *writes, int count)
{
	for (int i = 0; i < count; i++)
		if (strcmp(writes[i].channel, "__interrupt__") == 0 ||
			strcmp(writes[i].channel, "__error__") == 0)
			return true;
	return false;
}

/* Only tasks of the head, or of one still to come, say how the thread is. */
static void
note_writes(Call *call, NullableDatum *key)
{
	Neighbour latest;

	if (!neighbour_latest(call, key[0], key[1], &latest) ||
		strcmp(text_or_null(key[2]), latest.checkpoint_id) >= 0)
		thread_row_note_head(call, key[0], key[2]);
}

Datum
threadmem_checkpoint_put_writes(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	NullableDatum key[] = {args[WRITES_THREAD_ID], ns_or_root(args[WRITES_CHECKPOINT_NS]),
						   args[WRITES_CHECKPOINT_ID]};
	int stored = 0;
	int count;
	bool replaces;
	CheckpointWrite *writes;
	ThreadRow thread;
	Call call;

	query_begin(&call, fcinfo);
	writes = read_given_writes(DatumGetJsonbP(args[WRITES_WRITES].value), &count, &replaces);
	thread_row_lock_or_create(&call, key[0], &thread);
	if (!query_first(&call, &checkpoint_has_checkpoint, key))
		thread_row_refuse_late(&call, key[0]);
	thread_row_check_run(&call, key[0], &thread, args[WRITES_RUN_ID]);
	for (int i = 0; i < count; i++)
	{
		NullableDatum row[] = {
			key[0],
			key[1],
			key[2],
			args[WRITES_TASK_ID],
			ARG(Int32GetDatum(writes[i].idx)),
			args[WRITES_TASK_PATH].isnull ? ARG_TEXT("") : args[WRITES_TASK_PATH],
			ARG_TEXT(writes[i].channel),
			ARG(JsonbPGetDatum(writes[i].value)),
		};

		stored += (int)query_exec(
			&call, replaces ? &checkpoint_replace_write : &checkpoint_keep_write, row);
	}
	check_room(&call, key, writes, count);
	if (ns_is_root(key[1]) &&
		(asks(writes, count) || (thread.asks && strcmp(thread.asks, text_or_null(key[2])) == 0)))
		note_writes(&call, key);
	return query_return(&call, ARG(Int32GetDatum(stored)), true, sizeof(int32));
}
