/*
 * memory/place.c: where what is remembered stands: in a thread, and in time.
 */
#include "memory/read.h"

#include "miscadmin.h"
#include "utils/timestamp.h"

/* By thread and place: the live ones, those of deleted threads, and each of the rest by itself. */
static int
kind_of(const Remembered *item)
{
	return item->nulls[EPISODE_ID] ? 0 : item->nulls[THREAD_ID] ? 2 : 1;
}

int
reading_compare_texts(Datum a, Datum b)
{
	text *x = DatumGetTextPP(a);
	text *y = DatumGetTextPP(b);
	int order =
		memcmp(VARDATA_ANY(x), VARDATA_ANY(y), Min(VARSIZE_ANY_EXHDR(x), VARSIZE_ANY_EXHDR(y)));

	return order ? order : (int)VARSIZE_ANY_EXHDR(x) - (int)VARSIZE_ANY_EXHDR(y);
}

int
reading_compare_threads(const Remembered *a, const Remembered *b)
{
	int kind = kind_of(a);
	int id = kind == 2 ? EPISODE_ID : THREAD_ID;

	return kind != kind_of(b) ? kind - kind_of(b)
							  : reading_compare_texts(a->values[id], b->values[id]);
}

static int
compare_seq(const Remembered *a, const Remembered *b)
{
	int64 x = a->nulls[SEQ] ? 0 : DatumGetInt64(a->values[SEQ]);
	int64 y = b->nulls[SEQ] ? 0 : DatumGetInt64(b->values[SEQ]);

	return x < y ? -1 : x > y;
}

int
reading_compare_places(const void *a, const void *b)
{
	int thread = reading_compare_threads(a, b);

	return thread ? thread : compare_seq(a, b);
}

static int
compare_times(Datum a, Datum b)
{
	TimestampTz x = DatumGetTimestampTz(a);
	TimestampTz y = DatumGetTimestampTz(b);

	return x < y ? -1 : x > y;
}

int
reading_compare_newest(const void *a, const void *b)
{
	const Remembered *x = a;
	const Remembered *y = b;
	int order = compare_times(y->values[EVENT_AT], x->values[EVENT_AT]);

	CHECK_FOR_INTERRUPTS();
	if (order == 0)
		order = compare_times(y->values[CREATED_AT], x->values[CREATED_AT]);
	if (order == 0)
		order = reading_compare_threads(x, y);
	return order ? order : compare_seq(y, x);
}

/* Of those that two statements gave. */
static void
drop_repeated(MemoryReading *reading)
{
	int kept = 0;

	for (int i = 0; i < reading->count; i++)
		if (kept == 0 || reading_compare_places(&reading->items[kept - 1], &reading->items[i]) != 0)
			reading->items[kept++] = reading->items[i];
		else
			reading->items[kept - 1].sampled |= reading->items[i].sampled;
	reading->count = kept;
}

static int
compare_placed(const void *a, const void *b)
{
	return reading_compare_places(*(Remembered *const *)a, *(Remembered *const *)b);
}

/* By place. They are large: what is sorted is where they are, and oldest first it mostly is. */
static void
sort_places(MemoryReading *reading)
{
	Remembered **order =
		palloc_extended(sizeof(Remembered *) * Max(reading->count, 1), MCXT_ALLOC_HUGE);
	Remembered *sorted =
		palloc_extended(sizeof(Remembered) * Max(reading->room, 1), MCXT_ALLOC_HUGE);

	for (int i = 0; i < reading->count; i++)
		order[i] = &reading->items[reading->count - 1 - i];
	qsort(order, reading->count, sizeof(Remembered *), compare_placed);
	for (int i = 0; i < reading->count; i++)
		sorted[i] = *order[i];
	pfree(order);
	pfree(reading->items);
	reading->items = sorted;
}

void
reading_sort(MemoryReading *reading)
{
	sort_places(reading);
	drop_repeated(reading);
}
