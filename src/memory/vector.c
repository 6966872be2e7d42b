/*
 * memory/vector.c: embeddings, where a model elsewhere makes them: what is near to a query's.
 *
 * An embedding is an array beside the text it was made of. A search that brings one compares it
 * with those of what the user said last, as many as have room in threadmem.memory_budget, without
 * an index: one of all users' vectors would give the nearest of everybody's, and hardly any of one
 * user's, and some thousand products take milliseconds. What comes of it is for each line by how
 * many deviations its cosine differs from the mean (z). memory/rank_near.c makes it part of the
 * score.
 *
 * Whether the embeddings tell anything is told by themselves, in the same pass: of a model those of
 * two lines that follow each other in a thread are more alike than those of any two. How surely, in
 * deviations of what the means of so many pairs differ by chance, is `alike`. It is computed anew
 * by each search: the vectors are there, and it costs a tenth of what reading them takes. Of a few
 * dozens the pairs of chance are all that do not stand near each other. Of more they are made on
 * the way: every vector is compared with one of those that were kept and takes its place, so that
 * each is in two pairs, as it is in two of neighbours: one that is near to everything, of which
 * models have some, is so in both.
 *
 * A name in a question draws it to all lines that have the name, whatever else they say, and these
 * are seldom what is asked for. What the name does is known: the difference of the mean of the
 * lines that have it and the mean of the others. That direction is taken out of the query's
 * embedding.
 */
#include "memory/read.h"

#include <math.h>

#include "common/pg_prng.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "user/user.h"

PG_FUNCTION_INFO_V1(threadmem_memory_set_embedding);

#define LANES 8
#define KEPT_MAX 128    /* vectors that others are compared with by chance */
#define APART_MIN 8     /* lines between them, of a few */
#define NAMED_ROWS 1000 /* the newest, of which the direction of names is taken */
#define NAMED_MIN 10    /* a mean of fewer is of what they say */

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
#define VECTOR_ROW \
	"SELECT m.thread_id, m.seq, m.search @@ $5, true, NULL::text, NULL::text, m.role, m.event_at, m.created_at," \
	" NULL::text, NULL::jsonb, m.message_id, NULL::text, m.metadata, NULL::text, m.embedding"
#define VECTORS(which, in_memory) \
	"(" VECTOR_ROW " FROM threadmem_data.messages m WHERE " which " AND " in_memory \
	" AND m.event_at <= $3 AND m.embedding IS NOT NULL" \
	" ORDER BY m.event_at DESC LIMIT $4)"
static Stmt memory_vectors_of_messages = {
	"SELECT m.* FROM (" VECTORS(OF_OWNER, "m.in_memory") " UNION ALL " VECTORS(
		OF_SENDER, "m.in_sender_memory") ") m ORDER BY m.event_at DESC LIMIT $4",
	"tzlq", .keyed = true};
static Stmt memory_vectors_of_episodes = {
	"SELECT e.thread_id, e.seq, e.search @@ $5, true, NULL::text, NULL::text, e.role, e.event_at, e.created_at,"
	" NULL::text, NULL::jsonb, e.message_id, e.episode_id, e.metadata, NULL::text, e.embedding"
	" FROM threadmem_data.episodes e WHERE e.tenant_id = $1 AND e.user_id = $2 AND e.event_at <= $3"
	" AND e.embedding IS NOT NULL ORDER BY e.event_at DESC LIMIT $4",
	"tzlq", .keyed = true};

/* Of so many numbers. */
typedef struct Moments
{
	double count;
	double sum;
	double squares;
} Moments;

/* A query's embedding, and what is known of those that were compared with it. All have length 1. */
typedef struct Comparison
{
	int dimensions;
	float4 *query;
	float4 *now;  /* the vector at work */
	float4 *last; /* the one before */
	float4 *kept; /* one behind the other */
	int kept_count;
	int kept_room;
	bool few; /* all are kept */
	pg_prng_state chance;
	Moments all;
	Moments beside;
	Moments apart; /* two by chance */
} Comparison;

static void
moments_add(Moments *of, double number)
{
	of->count++;
	of->sum += number;
	of->squares += number * number;
}

static double
mean_of(const Moments *of)
{
	return of->sum / Max(of->count, 1);
}

static double
deviation_of(const Moments *of)
{
	double mean = mean_of(of);

	return sqrt(Max(0, of->squares / Max(of->count, 1) - mean * mean));
}

/* In sums that do not wait for each other, for the compiler to do them at once. */
static double
product(const float4 *a, const float4 *b, int length)
{
	float4 sums[LANES] = {0};
	double sum = 0;

	for (; length >= LANES; length -= LANES, a += LANES, b += LANES)
		for (int lane = 0; lane < LANES; lane++)
			sums[lane] += a[lane] * b[lane];
	for (int i = 0; i < length; i++)
		sum += a[i] * b[i];
	for (int lane = 0; lane < LANES; lane++)
		sum += sums[lane];
	return sum;
}

/* Gives it length 1; false for what has none. */
static bool
normalize(float4 *vector, int length)
{
	double squares = product(vector, vector, length);
	float4 scale = (float4)(1 / sqrt(squares));

	if (!(squares > 0) || isinf(squares) || isinf(scale))
		return false;
	for (int i = 0; i < length; i++)
		vector[i] *= scale;
	return true;
}

pg_noreturn static void
refuse_dimensions(const Comparison *comparison, const Remembered *item, int dimensions)
{
	char *id = item->nulls[EPISODE_ID]
				   ? psprintf("message_id \"%s\" of thread_id \"%s\"",
							  TextDatumGetCString(item->values[MESSAGE_ID]),
							  TextDatumGetCString(item->values[THREAD_ID]))
				   : psprintf("episode_id \"%s\"", TextDatumGetCString(item->values[EPISODE_ID]));

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("embeddings differ in dimensions"),
			 errdetail("That of the query has %d, that of %s has %d.", comparison->dimensions, id,
					   dimensions),
			 errhint("One model makes what is compared: set the other anew, or remove it, with "
					 "memory_set_embedding.")));
}

static int
dimensions_of(const ArrayType *array)
{
	return ARR_HASNULL(array) ? 0 : ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
}

/* Reads its vector; false for one that is not compared, as the filters leave it out. */
static bool
read_vector(Comparison *comparison, const MemoryReading *rows, const Remembered *item)
{
	ArrayType *array = DatumGetArrayTypeP(item->values[EMBEDDING]);
	int dimensions = dimensions_of(array);
	bool fits = dimensions == comparison->dimensions;

	if (!fits && reading_may_give(rows, item))
		refuse_dimensions(comparison, item, dimensions);
	if (fits)
		memcpy(comparison->now, ARR_DATA_PTR(array), sizeof(float4) * dimensions);
	if ((Pointer)array != DatumGetPointer(item->values[EMBEDDING]))
		pfree(array);
	return fits && normalize(comparison->now, dimensions);
}

static void
comparison_begin(Comparison *comparison, Datum embedding, int rows)
{
	ArrayType *array = DatumGetArrayTypeP(embedding);
	int dimensions = dimensions_of(array);
	Size bytes = sizeof(float4) * dimensions;

	*comparison = (Comparison){.dimensions = dimensions,
							   .query = palloc(bytes),
							   .now = palloc(bytes),
							   .last = palloc(bytes),
							   .kept_room = Max(1, Min(KEPT_MAX, rows)),
							   .few = rows <= KEPT_MAX};
	comparison->kept = palloc(bytes * comparison->kept_room);
	memcpy(comparison->query, ARR_DATA_PTR(array), bytes);
	(void)normalize(comparison->query, dimensions);
	pg_prng_seed(&comparison->chance, 0);
}

/* Names */

static bool
is_named(const Remembered *item)
{
	return !item->nulls[NAMED] && DatumGetBool(item->values[NAMED]);
}

/* Takes out of the query what it has of the direction of names. */
static void
leave_names(Comparison *comparison, const MemoryReading *rows)
{
	int length = comparison->dimensions;
	float4 *sums[] = {palloc0(sizeof(float4) * length), palloc0(sizeof(float4) * length)};
	int counts[] = {0, 0};
	double share;

	for (int i = 0; i < Min(rows->count, NAMED_ROWS); i++)
	{
		bool named = is_named(&rows->items[i]);

		CHECK_FOR_INTERRUPTS();
		if (!read_vector(comparison, rows, &rows->items[i]))
			continue;
		counts[named]++;
		for (int at = 0; at < length; at++)
			sums[named][at] += comparison->now[at];
	}
	if (Min(counts[false], counts[true]) < NAMED_MIN)
		return;
	for (int at = 0; at < length; at++)
		sums[true][at] = sums[true][at] / counts[true] - sums[false][at] / counts[false];
	if (!normalize(sums[true], length))
		return;
	share = product(comparison->query, sums[true], length);
	for (int at = 0; at < length; at++)
		comparison->query[at] -= (float4)share * sums[true][at];
	(void)normalize(comparison->query, length);
}

/* The pass */

static void
keep(Comparison *comparison)
{
	int length = comparison->dimensions;
	const float4 *now = comparison->now;
	int place = comparison->kept_count;

	if (comparison->kept_count < comparison->kept_room)
	{
		for (int i = 0; comparison->few && i < place - APART_MIN; i++)
			moments_add(&comparison->apart,
						product(comparison->kept + (Size)length * i, now, length));
		comparison->kept_count++;
	}
	else
	{
		place = (int)pg_prng_uint64_range(&comparison->chance, 0, comparison->kept_room - 1);
		moments_add(&comparison->apart,
					product(comparison->kept + (Size)length * place, now, length));
	}
	memcpy(comparison->kept + (Size)length * place, now, sizeof(float4) * length);
}

static void
compare(Comparison *comparison, Remembered *item, const Remembered *before)
{
	float4 *now = comparison->now;

	item->z = product(comparison->query, now, comparison->dimensions);
	moments_add(&comparison->all, item->z);
	if (before && reading_compare_threads(before, item) == 0)
		moments_add(&comparison->beside, product(comparison->last, now, comparison->dimensions));
	keep(comparison);
	comparison->now = comparison->last;
	comparison->last = now;
}

static double
alike_of(const Comparison *comparison)
{
	const Moments *beside = &comparison->beside;
	const Moments *apart = &comparison->apart;
	double deviation = deviation_of(apart);

	if (beside->count < 2 || apart->count < 2 || deviation <= 0)
		return 0;
	return (mean_of(beside) - mean_of(apart)) /
		   (deviation * sqrt(1 / beside->count + 1 / apart->count));
}

/* Those that were compared, newest first; by z of all. */
static void
compare_all(Comparison *comparison, MemoryReading *rows)
{
	double deviation;
	double mean;
	int kept = 0;

	for (int i = 0; i < rows->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!read_vector(comparison, rows, &rows->items[i]))
			continue;
		rows->items[kept] = rows->items[i];
		compare(comparison, &rows->items[kept], kept > 0 ? &rows->items[kept - 1] : NULL);
		kept++;
	}
	rows->count = kept;
	mean = mean_of(&comparison->all);
	deviation = deviation_of(&comparison->all);
	for (int i = 0; i < kept; i++)
		rows->items[i].z = deviation > 0 ? (rows->items[i].z - mean) / deviation : 0;
}

void
vectors_read(MemoryVectors *vectors, Call *call, const MemoryQuery *query, List *names)
{
	MemoryReading *rows = &vectors->rows;
	int64 bytes = (int64)sizeof(float4) * dimensions_of(DatumGetArrayTypeP(query->embedding.value));
	int64 most = Max(1, (int64)setting_memory_budget * 1024 / bytes);
	NullableDatum args[] = {query->user_id, ARG_NULL, ARG(Int64GetDatum(most)),
							names == NIL ? ARG_NULL : reading_any_of(names, false)};
	Comparison comparison;

	reading_begin(rows, call, query);
	args[1] = rows->end;
	reading_take(rows, query_exec(call, &memory_vectors_of_messages, args), true);
	reading_take(rows, query_exec(call, &memory_vectors_of_episodes, args), true);
	comparison_begin(&comparison, query->embedding.value, rows->count);
	if (names != NIL)
		leave_names(&comparison, rows);
	compare_all(&comparison, rows);
	vectors->alike = alike_of(&comparison);
	reading_sort(rows);
}

/* Both are by place. */
void
vectors_place(MemoryVectors *vectors, MemoryReading *reading)
{
	MemoryReading *rows = &vectors->rows;
	int at = 0;

	for (int i = 0; i < rows->count; i++)
	{
		Remembered *row = &rows->items[i];

		while (at < reading->count && reading_compare_places(&reading->items[at], row) < 0)
			at++;
		row->line = NULL;
		if (at == reading->count || reading_compare_places(&reading->items[at], row) != 0)
			continue;
		row->line = reading->items[at].line;
		row->line->compared = true;
		row->line->z = row->z;
	}
}

static int
compare_nearness(const void *a, const void *b)
{
	const Remembered *x = *(Remembered *const *)a;
	const Remembered *y = *(Remembered *const *)b;

	CHECK_FOR_INTERRUPTS();
	return x->z != y->z ? (x->z < y->z ? 1 : -1) : reading_compare_newest(x, y);
}

/* Rows of episodes have all been read that a search looks at. */
void
vectors_add(MemoryVectors *vectors, MemoryReading *reading, int rows)
{
	Remembered **near =
		palloc_extended(sizeof(Remembered *) * Max(vectors->rows.count, 1), MCXT_ALLOC_HUGE);
	Datum *threads;
	int64 *seqs;
	int count = 0;

	for (int i = 0; i < vectors->rows.count; i++)
		if (!vectors->rows.items[i].line && vectors->rows.items[i].nulls[EPISODE_ID])
			near[count++] = &vectors->rows.items[i];
	qsort(near, count, sizeof(Remembered *), compare_nearness);
	count = Min(count, rows);
	if (count == 0)
		return;
	threads = palloc(sizeof(Datum) * count);
	seqs = palloc(sizeof(int64) * count);
	for (int i = 0; i < count; i++)
	{
		threads[i] = near[i]->values[THREAD_ID];
		seqs[i] = DatumGetInt64(near[i]->values[SEQ]);
	}
	reading_beside(reading, text_array(threads, count), rev_array(seqs, count));
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
	user_require_own(&call, args[SET_USER_ID]);
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
