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

static void
make_room(RevRuns *list, int count)
{
	if (list->count + count <= list->room)
		return;
	list->room = Max(2 * list->room, list->count + Max(count, 8));
	list->runs = list->runs ? repalloc_huge(list->runs, sizeof(RevRun) * list->room)
							: palloc_extended(sizeof(RevRun) * list->room, MCXT_ALLOC_HUGE);
}

void
rev_runs_add(RevRuns *list, int64 first, int64 last)
{
	if (first > last)
		return;
	list->total += last - first + 1;
	list->greatest = Max(list->greatest, last);
	if (list->count > 0 && list->runs[list->count - 1].last + 1 == first)
	{
		list->runs[list->count - 1].last = last;
		return;
	}
	if (list->count == list->room)
		make_room(list, 1);
	list->runs[list->count++] = (RevRun){first, last};
}

/* Only the first run of them may go on where the list ends. */
void
rev_runs_join(RevRuns *list, const RevRuns *more)
{
	int64 first = more->count > 0 ? more->runs[0].last - more->runs[0].first + 1 : 0;

	if (more->count == 0)
		return;
	make_room(list, more->count);
	rev_runs_add(list, more->runs[0].first, more->runs[0].last);
	memcpy(list->runs + list->count, more->runs + 1, sizeof(RevRun) * (more->count - 1));
	list->count += more->count - 1;
	list->total += more->total - first;
	list->greatest = Max(list->greatest, more->greatest);
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

RevSet
rev_set_near(const RevRuns *list, const RevRuns *others)
{
	int64 lowest = PG_INT64_MAX;
	int64 greatest = 0;
	RevRuns near = {0};

	for (int i = 0; i < others->count; i++)
	{
		lowest = Min(lowest, others->runs[i].first);
		greatest = Max(greatest, others->runs[i].last);
	}
	for (int i = 0; i < list->count && lowest <= list->greatest; i++)
		if (list->runs[i].last >= lowest && list->runs[i].first <= greatest)
			rev_runs_add(&near, list->runs[i].first, list->runs[i].last);
	return rev_set(near.runs, near.count);
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

/* The same from where another one was found: a list is in order as a rule, or nearly so. */
static int
run_near(const RevSet *set, int near, int64 rev)
{
	if (near > 0 && set->runs[near - 1].last >= rev)
		return run_from(set, rev);
	if (near == set->count || set->runs[near].last >= rev)
		return near;
	if (near + 1 == set->count || set->runs[near + 1].last >= rev)
		return near + 1;
	return run_from(set, rev);
}

RevRuns
rev_runs_minus(const RevRuns *list, const RevSet *gone)
{
	RevRuns out = {0};
	int at = 0;

	for (int i = 0; i < list->count; i++)
	{
		RevRun left = list->runs[i];

		CHECK_FOR_INTERRUPTS();
		for (at = run_near(gone, at, left.first);
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

RevList
rev_sorted(const RevList *asked)
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

int
rev_sorted_from(const RevList *list, int64 rev)
{
	if (list->count == 0 || list->revs[list->count - 1] < rev)
		return list->count;
	return lower_bound_int64(list->revs, sizeof(int64), 0, list->count, rev);
}

static void
add_place(RevPlaces *places, int64 rev, int64 place)
{
	if (places->count == places->room)
	{
		places->room = Max(2 * places->room, 8);
		places->list = places->list
						   ? repalloc_huge(places->list, sizeof(RevPlace) * places->room)
						   : palloc_extended(sizeof(RevPlace) * places->room, MCXT_ALLOC_HUGE);
	}
	places->list[places->count++] = (RevPlace){rev, place};
}

void
rev_places_add(RevPlaces *places, const RevList *sorted, const RevRuns *list, int64 place)
{
	int64 lowest = sorted->count > 0 ? sorted->revs[0] : PG_INT64_MAX;
	int64 greatest = sorted->count > 0 ? sorted->revs[sorted->count - 1] : 0;

	for (int i = 0; i < list->count; i++)
	{
		const RevRun *run = &list->runs[i];
		int at = run->last < lowest || run->first > greatest ? sorted->count
															 : rev_sorted_from(sorted, run->first);

		CHECK_FOR_INTERRUPTS();
		for (; at < sorted->count && sorted->revs[at] <= run->last; at++)
			add_place(places, sorted->revs[at], place + sorted->revs[at] - run->first);
		place += run->last - run->first + 1;
	}
}

void
rev_places_by_rev(RevPlaces *places)
{
	qsort(places->list, places->count, sizeof(RevPlace), compare_by_rev);
}

RevPlaces
rev_places(const RevList *asked, const RevRuns *list)
{
	RevList sorted = rev_sorted(asked);
	RevPlaces places = {0};

	/* what is new is in no list: none is gone through for it */
	if (sorted.count > 0 && sorted.revs[0] <= list->greatest)
		rev_places_add(&places, &sorted, list, 0);
	rev_places_by_rev(&places);
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

	if (changes->count == 0)
	{
		rev_runs_join(&out, list);
		return out;
	}
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
part_of(const RevRuns *list, int begin, int end)
{
	RevRuns out = {0};

	for (int i = begin; i < end; i++)
		rev_runs_add(&out, list->runs[i].first, list->runs[i].last);
	return out;
}

static bool
same_run(const RevRun *a, const RevRun *b)
{
	return a->first == b->first && a->last == b->last;
}

/* Runs that are compared at once: as a rule all are the same but the last. */
#define MANY 64

int
rev_runs_same(const RevRuns *a, const RevRuns *b)
{
	int shorter = Min(a->count, b->count);
	int same = 0;

	while (same + MANY <= shorter &&
		   memcmp(&a->runs[same], &b->runs[same], sizeof(RevRun) * MANY) == 0)
		same += MANY;
	while (same < shorter && same_run(&a->runs[same], &b->runs[same]))
		same++;
	return same;
}

/* Whole runs that are the same are passed over first: as a rule all but the last. */
void
rev_runs_between(const RevRuns *a, const RevRuns *b, RevRuns *of_a, RevRuns *of_b)
{
	int shorter = Min(a->count, b->count);
	int same = rev_runs_same(a, b);
	int end = 0;
	int begin_left = 0;
	int begin_right = 0;
	RevRuns left;
	RevRuns right;

	while (end < shorter - same &&
		   same_run(&a->runs[a->count - 1 - end], &b->runs[b->count - 1 - end]))
		end++;
	left = part_of(a, same, a->count - end);
	right = part_of(b, same, b->count - end);
	cut_beginning(&left, &right, &begin_left, &begin_right);
	cut_end(&left, &right, begin_left, begin_right);
	*of_a = part_of(&left, begin_left, left.count);
	*of_b = part_of(&right, begin_right, right.count);
	rev_runs_free(&left);
	rev_runs_free(&right);
}
