/*
 * memory/vector.c: what words do not find: embeddings, where a model elsewhere makes them.
 *
 * An embedding is an array beside the text it was made of, so a database without pgvector can be
 * given one and holds it. Only a search needs pgvector, for the distance: what the user said last
 * is compared, as much as has room in threadmem.memory_budget, without an index (one of all users'
 * vectors would give the nearest of everybody's, and hardly any of one user's; and some thousand
 * distances take milliseconds). What pgvector has is
 * looked up by every search that brings an embedding and called by its oid, never by a name in a
 * statement: no kept plan knows of it, so it may come and go while sessions live.
 *
 * The list of the nearest and that of the best by their words are fused by reciprocal rank
 * (Cormack, Clarke and Buettcher 2009): the two scores do not compare, but the ranks do.
 */
#include "memory/read.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/memutils.h"

#include "user/user.h"

PG_FUNCTION_INFO_V1(threadmem_memory_set_embedding);

/* Of each list; more when more rows are asked for. */
#define LIST_ROWS 100
#define RANK_OFFSET 60
#define DISTANCE_BYTES ((Size)64 * 1024)

/* $6 null: whatever it says. */
static Stmt memory_set_message = {
	"UPDATE threadmem_data.messages m SET embedding = $5 WHERE m.tenant_id = $1 AND m.thread_id = $2"
	" AND m.message_id = $3 AND m.state = 'live'"
	" AND ((m.user_id = $4 AND m.in_memory) OR (m.sender_id = $4 AND m.in_sender_memory))"
	" AND threadmem.message_text(m.body) IS NOT NULL"
	" RETURNING coalesce(threadmem.message_text(m.body) = $6, true)",
	"tttFt"};
static Stmt memory_set_episode = {
	"UPDATE threadmem_data.episodes e SET embedding = $4 WHERE e.tenant_id = $1 AND e.user_id = $2"
	" AND e.episode_id = $3 RETURNING coalesce(e.content = $5, true)",
	"ttFt"};
#define NEAR(which, in_memory) \
	"(SELECT " MESSAGE_ROW(in_memory) ", m.embedding FROM threadmem_data.messages m WHERE " which \
									  " AND " in_memory \
									  " AND m.event_at <= $3 AND m.embedding IS NOT NULL" \
									  " ORDER BY m.event_at DESC LIMIT $4)"
static Stmt memory_near_messages = {
	"SELECT m.* FROM (" NEAR(OF_OWNER, "m.in_memory") " UNION ALL " NEAR(
		OF_SENDER, "m.in_sender_memory") ") m ORDER BY m.event_at DESC LIMIT $4",
	"tzl", .keyed = true};
static Stmt memory_near_episodes = {
	"SELECT " EPISODE_ROW ", e.embedding FROM threadmem_data.episodes e WHERE e.tenant_id = $1"
	" AND e.user_id = $2 AND e.event_at <= $3 AND e.embedding IS NOT NULL"
	" ORDER BY e.event_at DESC LIMIT $4",
	"tzl", .keyed = true};
/* In the schema of the extension: what bears these names elsewhere is another's. */
static Stmt memory_pgvector = {
	"SELECT c.castfunc, o.oprcode::oid FROM pg_catalog.pg_extension e"
	" JOIN pg_catalog.pg_type t ON t.typname = 'vector' AND t.typnamespace = e.extnamespace"
	" JOIN pg_catalog.pg_cast c ON c.castsource = 'real[]'::regtype AND c.casttarget = t.oid"
	" JOIN pg_catalog.pg_operator o ON o.oprname = '<=>' AND o.oprleft = t.oid"
	" AND o.oprright = t.oid AND o.oprnamespace = e.extnamespace WHERE e.extname = 'vector'",
	"", .keyed = true};

/* Distances from the embedding of a query. */
typedef struct VectorMeasure
{
	FmgrInfo cast; /* of real[] to vector */
	FmgrInfo distance;
	Datum query; /* a vector */
	int dimensions;
	MemoryContext each; /* what one distance takes */
} VectorMeasure;

static int
dimensions_of(Datum embedding)
{
	ArrayType *array = DatumGetArrayTypeP(embedding);

	return ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
}

static Datum
vector_of(VectorMeasure *measure, Datum embedding)
{
	return FunctionCall3(&measure->cast, embedding, Int32GetDatum(-1), BoolGetDatum(false));
}

static void
measure_begin(VectorMeasure *measure, Call *call, Datum embedding)
{
	if (!query_first(call, &memory_pgvector, NULL))
		error_not_supported("a search by embedding without pgvector",
							"Install pgvector and create it here: CREATE EXTENSION vector.");
	fmgr_info(DatumGetObjectId(row_datum(1, 1)), &measure->cast);
	fmgr_info(DatumGetObjectId(row_datum(1, 2)), &measure->distance);
	measure->query = vector_of(measure, embedding);
	measure->dimensions = dimensions_of(embedding);
	/* as large as what it keeps when it is reset: else every distance asks the system for memory */
	measure->each = AllocSetContextCreate(CurrentMemoryContext, "threadmem distance",
										  DISTANCE_BYTES, DISTANCE_BYTES, DISTANCE_BYTES);
}

pg_noreturn static void
refuse_dimensions(const VectorMeasure *measure, const Remembered *item, int dimensions)
{
	char *id = item->nulls[EPISODE_ID]
				   ? psprintf("message_id \"%s\" of thread_id \"%s\"",
							  TextDatumGetCString(item->values[MESSAGE_ID]),
							  TextDatumGetCString(item->values[THREAD_ID]))
				   : psprintf("episode_id \"%s\"", TextDatumGetCString(item->values[EPISODE_ID]));

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("embeddings differ in dimensions"),
			 errdetail("That of the query has %d, that of %s has %d.", measure->dimensions, id,
					   dimensions),
			 errhint("One model makes what is compared: set the other anew, or remove it, with "
					 "memory_set_embedding.")));
}

/* Read from where it is stored once only: that takes longer than the rest. */
static double
distance_of(VectorMeasure *measure, const Remembered *item)
{
	MemoryContext before = MemoryContextSwitchTo(measure->each);
	Datum embedding = PointerGetDatum(DatumGetArrayTypeP(item->values[EMBEDDING]));
	double distance;

	if (dimensions_of(embedding) != measure->dimensions)
		refuse_dimensions(measure, item, dimensions_of(embedding));
	distance = DatumGetFloat8(
		FunctionCall2(&measure->distance, measure->query, vector_of(measure, embedding)));
	MemoryContextSwitchTo(before);
	MemoryContextReset(measure->each);
	return distance;
}

static int
compare_distances(const void *a, const void *b)
{
	const Remembered *x = a;
	const Remembered *y = b;
	int order = float8_cmp_internal(x->distance, y->distance);

	CHECK_FOR_INTERRUPTS();
	return order ? order : reading_compare_newest(a, b);
}

/* The nearest episodes, nearest first. */
static List *
nearest(Call *call, const MemoryQuery *query)
{
	MemoryReading reading;
	VectorMeasure measure;
	NullableDatum args[3];
	int64 rows;
	int kept = 0;

	measure_begin(&measure, call, query->embedding.value);
	reading_begin(&reading, call, query);
	args[0] = query->user_id;
	args[1] = reading.until;
	rows = (int64)setting_memory_budget * 1024 / ((int64)sizeof(float4) * measure.dimensions);
	args[2] = ARG(Int64GetDatum(Max(rows, 1)));
	reading_take(&reading, query_exec(call, &memory_near_messages, args), true);
	reading_take(&reading, query_exec(call, &memory_near_episodes, args), true);
	for (int i = 0; i < reading.count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!reading_may_give(&reading, &reading.items[i]))
			continue;
		reading.items[kept] = reading.items[i];
		reading.items[kept].distance = distance_of(&measure, &reading.items[kept]);
		kept++;
	}
	reading.count = kept;
	qsort(reading.items, reading.count, sizeof(Remembered), compare_distances);
	return reading_first(&reading);
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* The same, or the same message in a copy of its thread. */
static bool
is_same(const Episode *a, const Episode *b)
{
	return a->event_at == b->event_at && same_text(a->message_id, b->message_id) &&
		   (a->message_id || same_text(a->episode_id, b->episode_id)) &&
		   strcmp(a->content, b->content) == 0;
}

/* An episode of one list or both. */
typedef struct FusedEpisode
{
	Episode *episode;
	double score;
	int place; /* decides between equal scores: by words first, then by distance */
} FusedEpisode;

/* Adds a list to the count items there are; how many then. */
static int
join_list(FusedEpisode *items, int count, List *ranked)
{
	int known = count;
	ListCell *cell;

	foreach (cell, ranked)
	{
		FusedEpisode joined = {.episode = lfirst(cell),
							   .score = 1.0 / (RANK_OFFSET + 1 + foreach_current_index(cell)),
							   .place = count};
		int at = 0;

		while (at < known && !is_same(items[at].episode, joined.episode))
			at++;
		if (at < known)
			items[at].score += joined.score;
		else
			items[count++] = joined;
	}
	return count;
}

static int
compare_fused(const void *a, const void *b)
{
	const FusedEpisode *x = a;
	const FusedEpisode *y = b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return x->place - y->place;
}

static List *
fuse(List *said, List *near, int max_rows)
{
	FusedEpisode *items =
		palloc(sizeof(FusedEpisode) * (list_length(said) + list_length(near) + 1));
	int count = join_list(items, join_list(items, 0, said), near);
	List *best = NIL;

	qsort(items, count, sizeof(FusedEpisode), compare_fused);
	for (int i = 0; i < Min(count, max_rows); i++)
	{
		items[i].episode->score = items[i].score;
		best = lappend(best, items[i].episode);
	}
	return best;
}

List *
memory_find(Call *call, const MemoryQuery *query)
{
	MemoryQuery wanted = *query;
	bool has_words;
	List *said;
	List *near = NIL;

	if (!query->embedding.isnull)
	{
		wanted.max_rows = Max(query->max_rows, LIST_ROWS);
		near = nearest(call, &wanted);
	}
	said = memory_rank(call, &wanted, &has_words);
	if (near == NIL && !has_words)
		said = memory_newest(call, query);
	else if (!query->embedding.isnull)
		said = fuse(said, near, query->max_rows);
	reading_name_speakers(call, said);
	return said;
}

/* Storage */

enum
{
	SET_USER_ID,
	SET_EMBEDDING,
	SET_THREAD_ID,
	SET_MESSAGE_ID,
	SET_EPISODE_ID,
	SET_EXPECTED
};

static void
guard_target(NullableDatum *args)
{
	if (args[SET_THREAD_ID].isnull != args[SET_MESSAGE_ID].isnull)
		error_bad_input(args[SET_THREAD_ID].isnull ? "thread_id" : "message_id",
						"A message has both, thread_id and message_id.");
	if (args[SET_THREAD_ID].isnull == args[SET_EPISODE_ID].isnull)
		error_bad_input("episode_id",
						"Give either episode_id, or thread_id and message_id of a message.");
}

/* The thread's lock first, as every write within a thread. */
static void
set_of_message(Call *call, NullableDatum *args)
{
	NullableDatum row[] = {args[SET_THREAD_ID], args[SET_MESSAGE_ID], args[SET_USER_ID],
						   embedding_real(args[SET_EMBEDDING]), args[SET_EXPECTED]};
	ThreadRow thread;

	thread_row_lock(call, row[0], &thread);
	if (!query_first(call, &memory_set_message, row))
		error_not_found("message", text_or_null(row[1]));
}

static void
set_of_episode(Call *call, NullableDatum *args)
{
	NullableDatum row[] = {args[SET_USER_ID], args[SET_EPISODE_ID],
						   embedding_real(args[SET_EMBEDDING]), args[SET_EXPECTED]};

	if (!query_first(call, &memory_set_episode, row))
		error_not_found("episode", text_or_null(row[1]));
}

Datum
threadmem_memory_set_embedding(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	bool of_message = args[SET_EPISODE_ID].isnull;
	Call call;

	query_begin(&call, fcinfo);
	guard_target(args);
	user_require_known(&call, args[SET_USER_ID]);
	if (of_message)
		set_of_message(&call, args);
	else
		set_of_episode(&call, args);
	if (!row_bool(1, 1))
		error_stale("the text is another by now",
					"Read it anew, as memory_without_embedding gives it, and embed that.",
					"%s is \"%s\".", of_message ? "message_id" : "episode_id",
					text_or_null(args[of_message ? SET_MESSAGE_ID : SET_EPISODE_ID]));
	return query_done(&call);
}
