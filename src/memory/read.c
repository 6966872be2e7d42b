/*
 * memory/read.c: the rows that are ranked.
 *
 * What a user said last is read through two indexes: by the owner of a thread and time, and by the
 * sender in threads of others and time. What has a word is found by the index of words, and what
 * stands beside it is read from its thread. Which of them a search takes: memory/search.c.
 *
 * No time grows with what the user pastes into a message: the newest are read up to a budget of
 * bytes of search vectors (threadmem.memory_budget), and what is found up to as many: those with a
 * rare word first, then, since the newest may be few, those with a word that is not in too many.
 * How a text is put (whether it asks, who speaks) is looked at for as many bytes again; of what is
 * over them only the words tell. Bytes are those of a value when it is read: stored it may take a
 * hundredth. Episodes have no index of words: they are read without a budget.
 */
#include "memory/read.h"

#include "access/detoast.h"
#include "access/htup_details.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#define NEWEST(which, in_memory) \
	"(SELECT " MESSAGE_ROW(in_memory) " FROM threadmem_data.messages m WHERE " which \
									  " AND m.event_at <= $3 ORDER BY m.event_at DESC LIMIT $4)"
static Stmt memory_read_messages = {
	"SELECT m.* FROM (" NEWEST(OF_OWNER, "m.in_memory") " UNION ALL " NEWEST(
		OF_SENDER, "m.in_sender_memory") ") m ORDER BY m.event_at DESC LIMIT $4",
	"tzl", .keyed = true};
static Stmt memory_read_episodes = {
	"SELECT " EPISODE_ROW
	" FROM threadmem_data.episodes e WHERE e.tenant_id = $1 AND e.user_id = $2"
	" AND e.event_at <= $3 ORDER BY e.event_at DESC LIMIT $4",
	"tzl", .keyed = true};
/*
 * Neighbours by seq, which deleted messages leave gaps in: what is lost is a neighbour's credit. In
 * threads of others they are what the user said itself. Those of two that were found near each
 * other come twice: rare words are seldom so. The bounds are computed where they are no condition:
 * subtraction may fail, so below a policy what it says is asked after the rows are read, of all the
 * thread.
 */
/* clang-format off */
static Stmt memory_find_messages = {
	"SELECT m.*, abs(m.seq - f.seq) FROM"
	" (SELECT c.thread_id, c.seq, c.seq - $6 AS low, c.seq + " CppAsString2(REACH) " AS high"
	" FROM threadmem_data.messages c WHERE c.tenant_id = $1 AND (c.user_id = $2 OR c.sender_id = $2) AND c.state = 'live'"
	" AND c.event_at <= $3" HAS_WORDS("c.", "$4", "NULL", "$2")
	" ORDER BY c.event_at DESC LIMIT $5) f CROSS JOIN LATERAL"
	" (SELECT " MESSAGE_ROW("CASE WHEN m.user_id = $2 THEN m.in_memory ELSE m.in_sender_memory END") " FROM threadmem_data.messages m WHERE m.tenant_id = $1"
	" AND m.thread_id = f.thread_id AND m.seq BETWEEN f.low AND f.high AND m.state = 'live'"
	" AND (m.user_id = $2 OR m.sender_id = $2) AND m.event_at <= $3 OFFSET 0) m",
	"tzqll", .by_words = true};
static Stmt memory_messages_beside = {
	"SELECT m.*, abs(m.seq - f.seq) FROM"
	" (SELECT u.thread_id, u.seq, u.seq - " CppAsString2(REACH) " AS low, u.seq + " CppAsString2(REACH) " AS high"
	" FROM unnest($4, $5) AS u (thread_id, seq)) f CROSS JOIN LATERAL"
	" (SELECT " MESSAGE_ROW("CASE WHEN m.user_id = $2 THEN m.in_memory ELSE m.in_sender_memory END") " FROM threadmem_data.messages m WHERE m.tenant_id = $1"
	" AND m.thread_id = f.thread_id AND m.seq BETWEEN f.low AND f.high AND m.state = 'live'"
	" AND (m.user_id = $2 OR m.sender_id = $2) AND m.event_at <= $3 OFFSET 0) m",
	"tzTL"};
/* clang-format on */

/* Rows */

static bool
is_of_thread(const Remembered *item, const char *thread_id)
{
	text *id;

	if (!thread_id || item->nulls[THREAD_ID] || !item->nulls[EPISODE_ID])
		return false;
	id = DatumGetTextPP(item->values[THREAD_ID]);
	return VARSIZE_ANY_EXHDR(id) == strlen(thread_id) &&
		   memcmp(VARDATA_ANY(id), thread_id, strlen(thread_id)) == 0;
}

/* What is not as its writer left it is not remembered. */
static bool
is_sound(const Remembered *item)
{
	bool is_named =
		!item->nulls[EPISODE_ID] || !(item->nulls[THREAD_ID] || item->nulls[MESSAGE_ID]);

	return is_named && !item->nulls[METADATA] && !item->nulls[EVENT_AT];
}

void
reading_take(MemoryReading *reading, uint64 count, bool sampled)
{
	SPITupleTable *rows = SPI_tuptable;
	char *asking = text_or_null(reading->query->thread_id);

	reading->room += (int)count;
	reading->items =
		reading->items
			? repalloc_huge(reading->items, sizeof(Remembered) * Max(reading->room, 1))
			: palloc_extended(sizeof(Remembered) * Max(reading->room, 1), MCXT_ALLOC_HUGE);
	for (uint64 i = 0; i < count; i++)
	{
		Remembered *item = &reading->items[reading->count];

		CHECK_FOR_INTERRUPTS();
		heap_deform_tuple(rows->vals[i], rows->tupdesc, item->values, item->nulls);
		item->sampled = sampled;
		item->line = NULL;
		item->words = NULL;
		item->length = 0;
		if (!is_sound(item))
			continue;
		if (reading->query->from_seq > 0 && is_of_thread(item, asking) &&
			DatumGetInt64(item->values[SEQ]) >= reading->query->from_seq)
			continue;
		reading->count++;
	}
}

static Size
budget_of_bytes(void)
{
	return (Size)setting_memory_budget * 1024;
}

/* How much it takes to read what may be stored compressed and elsewhere. */
static Size
bytes_of(const Remembered *item, int column)
{
	return item->nulls[column] ? 0 : toast_raw_datum_size(item->values[column]);
}

/* How many rows so many bytes of search vectors do for, of those from one on. */
static int
end_of_budget(const MemoryReading *reading, int from, Size *left)
{
	int end = from;

	for (; end < reading->count; end++)
	{
		Size bytes = bytes_of(&reading->items[end], SEARCH);

		if (bytes > *left)
			break;
		*left -= bytes;
	}
	return end;
}

/* Of the newest, from one on. */
static void
keep_budget(MemoryReading *reading, int from)
{
	int end = end_of_budget(reading, from, &reading->newest);

	if (end == reading->count)
		return;
	reading->until = ARG(reading->items[end].values[EVENT_AT]);
	reading->count = end;
	reading->more = reading->cut = true;
}

void
reading_begin(MemoryReading *reading, Call *call, const MemoryQuery *query)
{
	NullableDatum end = query->as_of.isnull ? ARG(TimestampTzGetDatum(DT_NOEND)) : query->as_of;

	*reading = (MemoryReading){.call = call,
							   .query = query,
							   .end = end,
							   .until = end,
							   .newest = budget_of_bytes(),
							   .older = budget_of_bytes(),
							   .texts = budget_of_bytes()};
	filters_read(&reading->filters, query->filters);
}

void
reading_newest(MemoryReading *reading, int rows, bool ranked)
{
	NullableDatum args[] = {reading->query->user_id, reading->until, ARG(Int64GetDatum(rows))};
	uint64 count = query_exec(reading->call, &memory_read_messages, args);
	int from = reading->count;

	reading->more = count == (uint64)rows;
	reading_take(reading, count, true);
	if (reading->more && reading->count > from)
		reading->until = ARG(reading->items[reading->count - 1].values[EVENT_AT]);
	if (ranked)
		keep_budget(reading, from);
}

void
reading_added(MemoryReading *reading)
{
	NullableDatum args[] = {reading->query->user_id, reading->end, ARG(Int64GetDatum(READ_ROWS))};

	reading_take(reading, query_exec(reading->call, &memory_read_episodes, args), true);
}

NullableDatum
reading_any_of(List *words, bool begin)
{
	StringInfoData query;
	ListCell *cell;

	initStringInfo(&query);
	foreach (cell, words)
	{
		appendStringInfoString(&query, query.len > 0 ? " | '" : "'");
		for (const char *c = lfirst(cell); *c; c++)
		{
			if (*c == '\'' || *c == '\\')
				appendStringInfoChar(&query, *c);
			appendStringInfoChar(&query, *c);
		}
		appendStringInfoString(
			&query,
			begin || script_is_letter(lfirst(cell), (int)strlen(lfirst(cell))) ? "':*" : "'");
	}
	return ARG(DirectFunctionCall1(tsqueryin, CStringGetDatum(query.data)));
}

static int
compare_apart(const void *a, const void *b)
{
	int64 x = DatumGetInt64(((const Remembered *)a)->values[APART]);
	int64 y = DatumGetInt64(((const Remembered *)b)->values[APART]);

	return x != y ? (x < y ? -1 : 1) : reading_compare_newest(a, b);
}

/* Where the budget does not do, those found come before all neighbours, and the nearest first. */
static bool
keep_nearest(MemoryReading *reading, int from)
{
	Size left = reading->older;
	bool whole = end_of_budget(reading, from, &left) == reading->count;

	if (!whole)
	{
		qsort(reading->items + from, reading->count - from, sizeof(Remembered), compare_apart);
		left = reading->older;
		reading->count = end_of_budget(reading, from, &left);
	}
	reading->older = left;
	return whole;
}

static bool
find(MemoryReading *reading, NullableDatum words, NullableDatum until, int rows, int before)
{
	NullableDatum args[] = {reading->query->user_id, until, words, ARG(Int64GetDatum(rows)),
							ARG(Int64GetDatum(before))};
	int from = reading->count;

	reading_take(reading, query_exec(reading->call, &memory_find_messages, args), false);
	return keep_nearest(reading, from);
}

bool
reading_found(MemoryReading *reading, List *words, NullableDatum until, int rows, int before)
{
	return find(reading, reading_any_of(words, false), until, rows, before);
}

bool
reading_alike(MemoryReading *reading, List *beginnings, int rows, int before)
{
	return find(reading, reading_any_of(beginnings, true), reading->end, rows, before);
}

void
reading_beside(MemoryReading *reading, NullableDatum thread_ids, NullableDatum seqs)
{
	NullableDatum args[] = {reading->query->user_id, reading->end, thread_ids, seqs};
	int from = reading->count;

	reading_take(reading, query_exec(reading->call, &memory_messages_beside, args), false);
	(void)keep_nearest(reading, from);
}

void
reading_words(MemoryReading *reading, const struct RankTerms *terms, int from)
{
	for (int i = from; i < reading->count; i++)
	{
		Remembered *item = &reading->items[i];
		TSVector words;

		CHECK_FOR_INTERRUPTS();
		if (item->nulls[SEARCH])
			continue;
		words = DatumGetTSVector(item->values[SEARCH]);
		item->length = words->size;
		item->words = rank_words(terms, words);
		if ((Pointer)words != DatumGetPointer(item->values[SEARCH]))
			pfree(words);
	}
}

bool
reading_affords_text(MemoryReading *reading, const Remembered *item)
{
	Size bytes = bytes_of(item, item->nulls[CONTENT] ? BODY : CONTENT);

	if (bytes > reading->texts)
		return false;
	reading->texts -= bytes;
	return true;
}
