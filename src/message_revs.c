/*
 * message_revs.c: lists and sets of revisions.
 *
 * Revisions are numbers, and a conversation has long runs of adjacent ones. So a set of them is a
 * sorted array of runs: as a rule one or two, however long the conversation is, where a hash table
 * would have an entry for each message. What a call asks of a list is about few messages; these are
 * sorted and the list is gone over once, and most of it lies outside of their range.
 */
#include "message.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"

static bool
follows(const RevList *list, int i)
{
	return i > 0 && list->revs[i - 1] + 1 == list->revs[i];
}

int
rev_runs(const RevList *list, RevRun **runs)
{
	int count = 0;

	for (int i = 0; i < list->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		count += !follows(list, i);
	}
	*runs = palloc_extended(sizeof(RevRun) * Max(count, 1), MCXT_ALLOC_HUGE);
	count = 0;
	for (int i = 0; i < list->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (follows(list, i))
			(*runs)[count - 1].last++;
		else
			(*runs)[count++] = (RevRun){list->revs[i], list->revs[i]};
	}
	return count;
}

NullableDatum
rev_array(const int64 *revs, int count)
{
	Datum *values = palloc_extended(sizeof(Datum) * Max(count, 1), MCXT_ALLOC_HUGE);

	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		values[i] = Int64GetDatum(revs[i]);
	}
	return ARG(PointerGetDatum(
		construct_array(values, count, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE)));
}

static int
compare_runs(const void *a, const void *b)
{
	const RevRun *x = a;
	const RevRun *y = b;

	CHECK_FOR_INTERRUPTS();
	return x->first < y->first ? -1 : x->first > y->first;
}

/* Runs in order, those that touch made one. */
static int
unite(RevRun *runs, int count)
{
	int united = 0;

	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (united > 0 && runs[i].first - 1 <= runs[united - 1].last)
			runs[united - 1].last = Max(runs[united - 1].last, runs[i].last);
		else
			runs[united++] = runs[i];
	}
	return united;
}

RevSet
rev_set(RevRun *runs, int count)
{
	qsort(runs, count, sizeof(RevRun), compare_runs);
	return (RevSet){unite(runs, count), runs};
}

RevSet
rev_set_of(const RevList *list)
{
	RevRun *runs;
	int count = rev_runs(list, &runs);

	return rev_set(runs, count);
}

/* The first run that does not end before a revision. */
static int
run_from(const RevSet *set, int64 rev)
{
	int low = 0;
	int high = set->count;

	while (low < high)
	{
		int middle = low + (high - low) / 2;

		if (set->runs[middle].last < rev)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool
rev_set_meets(const RevSet *set, int64 first, int64 last)
{
	int at;

	if (set->count == 0 || last < set->runs[0].first || first > set->runs[set->count - 1].last)
		return false;
	at = run_from(set, first);
	return at < set->count && set->runs[at].first <= last;
}

bool
rev_set_has(const RevSet *set, int64 rev)
{
	return rev_set_meets(set, rev, rev);
}

RevSet
rev_set_minus(const RevSet *set, const RevSet *other)
{
	RevSet out = {
		.runs = palloc_extended(sizeof(RevRun) * (set->count + other->count + 1), MCXT_ALLOC_HUGE)};
	int at = 0;

	for (int i = 0; i < set->count; i++)
	{
		RevRun left = set->runs[i];

		while (at < other->count && other->runs[at].last < left.first)
			at++;
		for (int k = at; k < other->count && other->runs[k].first <= left.last; k++)
		{
			CHECK_FOR_INTERRUPTS();
			if (left.first < other->runs[k].first)
				out.runs[out.count++] = (RevRun){left.first, other->runs[k].first - 1};
			left.first = other->runs[k].last + 1;
		}
		if (left.first <= left.last)
			out.runs[out.count++] = left;
	}
	return out;
}

static int
compare_places(const void *a, const void *b)
{
	const RevPlace *x = a;
	const RevPlace *y = b;

	CHECK_FOR_INTERRUPTS();
	return x->rev < y->rev ? -1 : x->rev > y->rev;
}

static RevPlace *
find_place(const RevPlaces *places, int64 rev)
{
	RevPlace key = {.rev = rev};

	if (places->count == 0 || rev < places->list[0].rev ||
		rev > places->list[places->count - 1].rev)
		return NULL;
	return bsearch(&key, places->list, places->count, sizeof(RevPlace), compare_places);
}

RevPlaces
rev_places(const RevList *asked, const RevList *list)
{
	RevPlaces places = {
		.list = palloc_extended(sizeof(RevPlace) * Max(asked->count, 1), MCXT_ALLOC_HUGE)};

	for (int i = 0; i < asked->count; i++)
		places.list[i] = (RevPlace){asked->revs[i], -1, -1};
	qsort(places.list, asked->count, sizeof(RevPlace), compare_places);
	for (int i = 0; i < asked->count; i++)
		if (places.count == 0 || places.list[places.count - 1].rev != places.list[i].rev)
			places.list[places.count++] = places.list[i];
	for (int i = 0; i < list->count && places.count > 0; i++)
	{
		RevPlace *place = find_place(&places, list->revs[i]);

		CHECK_FOR_INTERRUPTS();
		if (!place)
			continue;
		place->last = i;
		place->first = place->first < 0 ? i : place->first;
	}
	return places;
}

int
rev_first_place(const RevPlaces *places, int64 rev)
{
	const RevPlace *place = find_place(places, rev);

	return place ? place->first : -1;
}

int
rev_last_place(const RevPlaces *places, int64 rev)
{
	const RevPlace *place = find_place(places, rev);

	return place ? place->last : -1;
}
