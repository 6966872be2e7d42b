/*
 * message/revs.c: lists and sets of revisions.
 *
 * Revisions are numbers, and a conversation has long runs of adjacent ones. So a list is kept as
 * the runs that it consists of, as a rule one or two however long it is, and what a step does to it
 * costs as many runs and never as many messages. A set is the same in order, without gaps of none:
 * what one has and the other has not is found by going along both. What a call asks of a list is
 * about few messages; these are sorted, and each run finds those that are its own.
 */
#include "message/message.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"

void
rev_runs_add(RevRuns *list, int64 first, int64 last)
{
	if (first > last)
		return;
	list->total += last - first + 1;
	if (list->count > 0 && list->runs[list->count - 1].last + 1 == first)
	{
		list->runs[list->count - 1].last = last;
		return;
	}
	if (list->count == list->room)
	{
		list->room = Max(2 * list->room, 8);
		list->runs = list->runs ? repalloc_huge(list->runs, sizeof(RevRun) * list->room)
								: palloc_extended(sizeof(RevRun) * list->room, MCXT_ALLOC_HUGE);
	}
	list->runs[list->count++] = (RevRun){first, last};
}

void
rev_runs_join(RevRuns *list, const RevRuns *more)
{
	for (int i = 0; i < more->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		rev_runs_add(list, more->runs[i].first, more->runs[i].last);
	}
}

void
rev_runs_free(RevRuns *list)
{
	if (list->runs)
		pfree(list->runs);
	list->runs = NULL;
}

RevRuns
rev_runs_of(const RevList *list)
{
	RevRuns out = {0};

	for (int i = 0; i < list->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		rev_runs_add(&out, list->revs[i], list->revs[i]);
	}
	return out;
}

RevList
rev_runs_spelled(const RevRuns *list)
{
	RevList out = {.revs = palloc_extended(sizeof(int64) * Max(list->total, 1), MCXT_ALLOC_HUGE)};

	for (int i = 0; i < list->count; i++)
		for (int64 rev = list->runs[i].first; rev <= list->runs[i].last; rev++)
		{
			CHECK_FOR_INTERRUPTS();
			out.revs[out.count++] = rev;
		}
	return out;
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

void
rev_bounds(const RevRun *runs, int count, NullableDatum *args)
{
	int64 *bounds = palloc_extended(sizeof(int64) * Max(count, 1) * 2, MCXT_ALLOC_HUGE);

	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		bounds[i] = runs[i].first;
		bounds[count + i] = runs[i].last;
	}
	args[0] = rev_array(bounds, count);
	args[1] = rev_array(bounds + count, count);
	pfree(bounds);
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
	qsort(runs, count, sizeof(RevRun), compare_int64);
	return (RevSet){unite(runs, count), runs};
}

RevSet
rev_set_of(const RevRuns *list)
{
	RevRun *runs = palloc_extended(sizeof(RevRun) * Max(list->count, 1), MCXT_ALLOC_HUGE);

	if (list->count > 0)
		memcpy(runs, list->runs, sizeof(RevRun) * list->count);
	return rev_set(runs, list->count);
}

/* The first run that does not end before a revision. */
static int
run_from(const RevSet *set, int64 rev)
{
	return lower_bound_int64(set->runs, sizeof(RevRun), offsetof(RevRun, last), set->count, rev);
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

RevRuns
rev_runs_minus(const RevRuns *list, const RevSet *gone)
{
	RevRuns out = {0};

	for (int i = 0; i < list->count; i++)
	{
		RevRun left = list->runs[i];

		CHECK_FOR_INTERRUPTS();
		for (int at = run_from(gone, left.first);
			 at < gone->count && gone->runs[at].first <= left.last; at++)
		{
			rev_runs_add(&out, left.first, gone->runs[at].first - 1);
			left.first = gone->runs[at].last + 1;
		}
		rev_runs_add(&out, left.first, left.last);
	}
	return out;
}

static int
compare_by_rev(const void *a, const void *b)
{
	const RevPlace *x = a;
	const RevPlace *y = b;

	CHECK_FOR_INTERRUPTS();
	if (x->rev != y->rev)
		return x->rev < y->rev ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

static int
compare_by_place(const void *a, const void *b)
{
	const RevPlace *x = a;
	const RevPlace *y = b;

	CHECK_FOR_INTERRUPTS();
	return x->place < y->place ? -1 : x->place > y->place;
}

/* In order, and each once. */
static RevList
sorted(const RevList *asked)
{
	RevList out = {.revs = palloc_extended(sizeof(int64) * Max(asked->count, 1), MCXT_ALLOC_HUGE)};

	if (asked->count == 0)
		return out;
	memcpy(out.revs, asked->revs, sizeof(int64) * asked->count);
	qsort(out.revs, asked->count, sizeof(int64), compare_int64);
	for (int i = 0; i < asked->count; i++)
		if (out.count == 0 || out.revs[out.count - 1] != out.revs[i])
			out.revs[out.count++] = out.revs[i];
	return out;
}

/* The first number in order that is not below another. */
static int
number_from(const RevList *list, int64 rev)
{
	if (list->count == 0 || list->revs[list->count - 1] < rev)
		return list->count;
	return lower_bound_int64(list->revs, sizeof(int64), 0, list->count, rev);
}

static void
add_place(RevPlaces *places, int *room, int64 rev, int64 place)
{
	if (places->count == *room)
	{
		*room *= 2;
		places->list = repalloc_huge(places->list, sizeof(RevPlace) * *room);
	}
	places->list[places->count++] = (RevPlace){rev, place};
}

RevPlaces
rev_places(const RevList *asked, const RevRuns *list)
{
	RevList wanted = sorted(asked);
	int room = Max(wanted.count, 1);
	RevPlaces places = {.list = palloc_extended(sizeof(RevPlace) * room, MCXT_ALLOC_HUGE)};
	int64 begin = 0;

	for (int i = 0; i < list->count && wanted.count > 0; i++)
	{
		const RevRun *run = &list->runs[i];

		CHECK_FOR_INTERRUPTS();
		for (int k = number_from(&wanted, run->first);
			 k < wanted.count && wanted.revs[k] <= run->last; k++)
			add_place(&places, &room, wanted.revs[k], begin + wanted.revs[k] - run->first);
		begin += run->last - run->first + 1;
	}
	qsort(places.list, places.count, sizeof(RevPlace), compare_by_rev);
	return places;
}

void
rev_places_sort(RevPlaces *places)
{
	qsort(places->list, places->count, sizeof(RevPlace), compare_by_place);
}

/* The first entry that is not before a revision. */
static int
entry_from(const RevPlaces *places, int64 rev)
{
	return lower_bound_int64(places->list, sizeof(RevPlace), offsetof(RevPlace, rev), places->count,
							 rev);
}

int64
rev_first_place(const RevPlaces *places, int64 rev)
{
	int at = entry_from(places, rev);

	return at < places->count && places->list[at].rev == rev ? places->list[at].place : -1;
}

int64
rev_last_place(const RevPlaces *places, int64 rev)
{
	int after = entry_from(places, rev + 1);

	return after > 0 && places->list[after - 1].rev == rev ? places->list[after - 1].place : -1;
}

RevRuns
rev_runs_changed(const RevRuns *list, const RevPlaces *changes)
{
	RevRuns out = {0};
	int64 begin = 0;
	int next = 0;

	for (int i = 0; i < list->count; i++)
	{
		RevRun left = list->runs[i];
		int64 end = begin + left.last - left.first + 1;

		CHECK_FOR_INTERRUPTS();
		for (; next < changes->count && changes->list[next].place < end; next++)
		{
			int64 old = list->runs[i].first + changes->list[next].place - begin;
			int64 new = changes->list[next].rev;

			rev_runs_add(&out, left.first, old - 1);
			if (new != 0)
				rev_runs_add(&out, new, new);
			left.first = old + 1;
		}
		rev_runs_add(&out, left.first, left.last);
		begin = end;
	}
	return out;
}

static RevRuns
copy_of(const RevRuns *list)
{
	RevRuns out = {0};

	rev_runs_join(&out, list);
	return out;
}

/* Takes away what both begin with; begin is the first run that is left of each. */
static void
cut_beginning(RevRuns *a, RevRuns *b, int *begin_a, int *begin_b)
{
	while (*begin_a < a->count && *begin_b < b->count)
	{
		RevRun *x = &a->runs[*begin_a];
		RevRun *y = &b->runs[*begin_b];
		int64 next = Min(x->last, y->last) + 1;

		CHECK_FOR_INTERRUPTS();
		if (x->first != y->first)
			break;
		x->first = y->first = next;
		*begin_a += x->last < next;
		*begin_b += y->last < next;
	}
}

static void
cut_end(RevRuns *a, RevRuns *b, int begin_a, int begin_b)
{
	while (a->count > begin_a && b->count > begin_b)
	{
		RevRun *x = &a->runs[a->count - 1];
		RevRun *y = &b->runs[b->count - 1];
		int64 before = Max(x->first, y->first) - 1;

		CHECK_FOR_INTERRUPTS();
		if (x->last != y->last)
			break;
		x->last = y->last = before;
		a->count -= x->first > before;
		b->count -= y->first > before;
	}
}

static RevRuns
rest_from(const RevRuns *list, int begin)
{
	RevRuns out = {0};

	for (int i = begin; i < list->count; i++)
		rev_runs_add(&out, list->runs[i].first, list->runs[i].last);
	return out;
}

void
rev_runs_between(const RevRuns *a, const RevRuns *b, RevRuns *of_a, RevRuns *of_b)
{
	RevRuns left = copy_of(a);
	RevRuns right = copy_of(b);
	int begin_left = 0;
	int begin_right = 0;

	cut_beginning(&left, &right, &begin_left, &begin_right);
	cut_end(&left, &right, begin_left, begin_right);
	*of_a = rest_from(&left, begin_left);
	*of_b = rest_from(&right, begin_right);
	rev_runs_free(&left);
	rev_runs_free(&right);
}
