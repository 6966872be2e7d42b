/*
 * json_patch/match.c: the longest common subsequence of two stretches of arrays.
 *
 * First each distinct value gets a number, so that comparing two elements is comparing two numbers;
 * this reads every byte once.  Then the greedy algorithm of Myers ("An O(ND) Difference Algorithm
 * and Its Variations", 1986) looks for the way from (0, 0) to (n, m) with the fewest steps to the
 * right (an old element goes) and down (a new one comes); a step along a diagonal k = x - y, where
 * the elements are equal, is free.  reach[k] is the furthest x on diagonal k after d paid steps.
 * What it was before each d is kept, to walk the way back.
 *
 * The search is bounded: by DIFFERENCES_MAX paid steps (its memory is their square) and by
 * STEPS_MAX comparisons.  Beyond, no element stays, which is always right but may not be the
 * shortest; the caller weighs it against replacing the array.
 */
#include "json_patch/match.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#define DIFFERENCES_MAX 1000
#define STEPS_MAX (4 * 1024 * 1024)

/* A hash table with open addressing; a value's number is the place where it is. */
typedef struct MatchValues
{
	const JsonNode **slots;
	uint32 *hashes;
	uint32 mask;
} MatchValues;

static int
number_of(MatchValues *values, const JsonNode *node)
{
	uint32 hash = hash_combine(hash_bytes(node->data, node->length), node->kind);
	uint32 at = hash & values->mask;

	while (values->slots[at] && (values->hashes[at] != hash || !node_same(values->slots[at], node)))
		at = (at + 1) & values->mask;
	values->slots[at] = node;
	values->hashes[at] = hash;
	return at;
}

static int *
number_all(MatchValues *values, const MatchStretch *stretch)
{
	int *numbers = palloc((stretch->count + 1) * sizeof(int));

	for (int i = 0; i < stretch->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		numbers[i] = number_of(values, &items_at(stretch->items, stretch->start + i)->value);
	}
	return numbers;
}

static MatchValues
make_values(int count)
{
	uint32 size = 16;

	while (size < (uint32)count * 2)
		size *= 2;
	return (MatchValues){
		.slots = MemoryContextAllocExtended(CurrentMemoryContext, size * sizeof(JsonNode *),
											MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO),
		.hashes = MemoryContextAllocExtended(CurrentMemoryContext, size * sizeof(uint32),
											 MCXT_ALLOC_HUGE),
		.mask = size - 1};
}

typedef struct MatchSearch
{
	const int *a;
	const int *b;
	int n;
	int m;
	int *reach; /* in its middle is diagonal 0 */
	int **before;
	int steps;
} MatchSearch;

/* The diagonal from which d steps come to diagonal k. */
static int
came_from(const int *reach, int d, int k)
{
	return k == -d || (k != d && reach[k - 1] < reach[k + 1]) ? k + 1 : k - 1;
}

/* Advances each diagonal by one paid step and the free ones after it; true at the goal. */
static bool
advance(MatchSearch *search, int d)
{
	for (int k = -d; k <= d; k += 2)
	{
		int from = came_from(search->reach, d, k);
		int x = search->reach[from] + (from < k ? 1 : 0);
		int y = x - k;

		CHECK_FOR_INTERRUPTS();
		for (search->steps++; x < search->n && y < search->m && search->a[x] == search->b[y];
			 search->steps++)
			x++, y++;
		search->reach[k] = x;
		if (x >= search->n && y >= search->m)
			return true;
	}
	return false;
}

static void
walk_back(const MatchSearch *search, int d, MatchStretch *old, MatchStretch *new)
{
	int x = search->n;
	int y = search->m;

	for (; d >= 0; d--)
	{
		const int *reach = search->before[d] + d + 1;
		int from = came_from(reach, d, x - y);
		int from_y = reach[from] - from;

		while (x > reach[from] && y > from_y)
			old->stays[--x] = new->stays[--y] = true;
		x = reach[from];
		y = from_y;
	}
}

static void
find_way(MatchSearch *search, int most, MatchStretch *old, MatchStretch *new)
{
	search->reach = (int *)palloc0((2 * most + 3) * sizeof(int)) + most + 1;
	search->before = palloc((most + 1) * sizeof(int *));
	for (int d = 0; d <= most && search->steps < STEPS_MAX; d++)
	{
		CHECK_FOR_INTERRUPTS();
		search->before[d] = palloc((2 * d + 3) * sizeof(int));
		memcpy(search->before[d], search->reach - d - 1, (2 * d + 3) * sizeof(int));
		if (advance(search, d))
		{
			walk_back(search, d, old, new);
			return;
		}
	}
}

/* No more can be common than occurs on the other side at all. */
static int
count_common(const int *a, int n, const int *b, int m, const MatchValues *values)
{
	bool *there = MemoryContextAllocExtended(CurrentMemoryContext, values->mask + 1,
											 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	int common = 0;

	for (int i = 0; i < m; i++)
	{
		CHECK_FOR_INTERRUPTS();
		there[b[i]] = true;
	}
	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		common += there[a[i]];
	}
	return common;
}

static void
match_stretches(MatchStretch *old, MatchStretch *new)
{
	MatchValues values = make_values(old->count + new->count);
	MatchSearch way = {.a = number_all(&values, old), .n = old->count, .m = new->count};
	int common;
	int least;

	way.b = number_all(&values, new);
	common = Min(count_common(way.a, way.n, way.b, way.m, &values),
				 count_common(way.b, way.m, way.a, way.n, &values));
	least = way.n + way.m - 2 * common;
	if (common > 0 && least <= DIFFERENCES_MAX)
		find_way(&way, Min(way.n + way.m, DIFFERENCES_MAX), old, new);
}

/*
 * Of one element against one the caller knows that they differ: not to read them again keeps deep
 * documents that have one change linear.
 */
void
match_elements(MatchStretch *old, MatchStretch *new)
{
	MemoryContext own;
	MemoryContext caller;

	old->stays = palloc0(old->count + 1);
	new->stays = palloc0(new->count + 1);
	if (old->count == 0 || new->count == 0 || (old->count == 1 && new->count == 1))
		return;
	own = AllocSetContextCreate(CurrentMemoryContext, "JSON diff", ALLOCSET_DEFAULT_SIZES);
	caller = MemoryContextSwitchTo(own);
	match_stretches(old, new);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(own);
}
