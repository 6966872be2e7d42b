/*
 * checkpoint/bodies.c: the bodies of messages, for writing states out.
 *
 * A list of a state is stored as runs of revisions, and what a run says is not believed: the bodies
 * that exist are read, kept in the order of their revisions, and a run is as long as what is found
 * of it.  So a damaged row that speaks of millions costs what the thread has.
 */
#include "checkpoint/checkpoint.h"

#include "miscadmin.h"
#include "utils/memutils.h"

/* Bodies up to this size share blocks of memory: each by itself would take up to twice its bytes.
 */
#define SHARED_BYTES (8 * 1024)
#define BLOCK_BYTES (64 * 1024)

typedef struct CachedBody
{
	int64 rev;
	JsonbContainer *body;
} CachedBody;

struct BodyCache
{
	Call *call;
	MemoryContext memory; /* of what is below */
	Size bytes;           /* of the bodies */
	char *block;          /* where the next small one goes */
	Size left;            /* in it */
	char *thread_id;      /* whose bodies these are */
	RevSet asked;         /* what has been read, if it was there */
	CachedBody *list;
	int count;
	int room;
	bool sorted; /* by rev, each once */
};

BodyCache *
body_cache(Call *call)
{
	BodyCache *cache = palloc0(sizeof(BodyCache));

	cache->call = call;
	cache->memory = AllocSetContextCreate(CurrentMemoryContext, "threadmem message bodies",
										  ALLOCSET_DEFAULT_SIZES);
	cache->sorted = true;
	return cache;
}

static void
forget_bodies(BodyCache *cache)
{
	MemoryContextReset(cache->memory);
	*cache = (BodyCache){.call = cache->call, .memory = cache->memory, .sorted = true};
}

void
body_cache_trim(BodyCache *cache)
{
	if (cache->bytes > STATE_MAX_BYTES)
		forget_bodies(cache);
}

static void
turn_to_thread(BodyCache *cache, const char *thread_id)
{
	if (cache->thread_id && strcmp(cache->thread_id, thread_id) == 0)
		return;
	forget_bodies(cache);
	cache->thread_id = MemoryContextStrdup(cache->memory, thread_id);
}

static void
make_room(BodyCache *cache)
{
	if (cache->count < cache->room)
		return;
	cache->room = Max(2 * cache->room, 64);
	if (cache->list)
		cache->list = repalloc_huge(cache->list, sizeof(CachedBody) * cache->room);
	else
		cache->list = MemoryContextAllocHuge(cache->memory, sizeof(CachedBody) * cache->room);
}

static void *
room_for(BodyCache *cache, Size size)
{
	char *room;

	if (size > SHARED_BYTES)
		return MemoryContextAllocHuge(cache->memory, size);
	size = MAXALIGN(size);
	if (cache->left < size)
	{
		cache->left = Max(SHARED_BYTES, Min(cache->bytes, BLOCK_BYTES));
		cache->block = MemoryContextAlloc(cache->memory, cache->left);
	}
	room = cache->block;
	cache->block += size;
	cache->left -= size;
	return room;
}

/* A large one that was expanded into the cache's memory stays where it is. */
static JsonbContainer *
kept(BodyCache *cache, Jsonb *body, bool own)
{
	Size size = VARSIZE(body) - VARHDRSZ;
	JsonbContainer *copy;

	if (own && size > SHARED_BYTES)
		return &body->root;
	copy = room_for(cache, size);
	memcpy(copy, &body->root, size);
	if (own)
		pfree(body);
	return copy;
}

static void
keep_body(int64 rev, Jsonb *body, bool own, void *context)
{
	BodyCache *cache = context;

	make_room(cache);
	cache->bytes += VARSIZE(body);
	cache->sorted &= cache->count == 0 || cache->list[cache->count - 1].rev < rev;
	cache->list[cache->count++] = (CachedBody){rev, kept(cache, body, own)};
}

void
body_cache_add(BodyCache *cache, NullableDatum thread_id, int64 rev, Jsonb *body)
{
	turn_to_thread(cache, text_or_null(thread_id));
	keep_body(rev, body, false, cache);
}

/* Notes what is read now; the set lives as long as the cache. */
static void
note_asked(BodyCache *cache, const RevSet *more)
{
	int count = cache->asked.count;
	RevRun *runs = MemoryContextAllocHuge(cache->memory, sizeof(RevRun) * (count + more->count));

	if (count > 0)
		memcpy(runs, cache->asked.runs, sizeof(RevRun) * count);
	memcpy(runs + count, more->runs, sizeof(RevRun) * more->count);
	if (count > 0)
		pfree(cache->asked.runs);
	cache->asked = rev_set(runs, count + more->count);
}

bool
body_cache_fill(BodyCache *cache, NullableDatum thread_id, const RevRuns *list, bool known_to_fit)
{
	BodyReader reader = {STATE_MAX_BYTES, known_to_fit, cache->memory, keep_body, cache};
	RevSet wanted = rev_set_of(list);
	RevSet missing;
	bool fits = true;

	turn_to_thread(cache, text_or_null(thread_id));
	missing = rev_set_minus(&wanted, &cache->asked);
	if (missing.count > 0)
	{
		fits = message_bodies(cache->call, thread_id, &missing, &reader);
		if (fits)
			note_asked(cache, &missing);
	}
	pfree(wanted.runs);
	pfree(missing.runs);
	return fits;
}

static int
compare_bodies(const void *a, const void *b)
{
	const CachedBody *x = a;
	const CachedBody *y = b;

	CHECK_FOR_INTERRUPTS();
	return x->rev < y->rev ? -1 : x->rev > y->rev;
}

static void
sort_bodies(BodyCache *cache)
{
	int count = 0;

	if (cache->sorted)
		return;
	qsort(cache->list, cache->count, sizeof(CachedBody), compare_bodies);
	for (int i = 0; i < cache->count; i++)
		if (count == 0 || cache->list[count - 1].rev != cache->list[i].rev)
			cache->list[count++] = cache->list[i];
	cache->count = count;
	cache->sorted = true;
}

/* The first body whose revision is not before this one. */
static int
body_from(const BodyCache *cache, int64 rev)
{
	return lower_bound_int64(cache->list, sizeof(CachedBody), offsetof(CachedBody, rev),
							 cache->count, rev);
}

RevRuns
body_cache_there(BodyCache *cache, const RevSet *set)
{
	RevRuns there = {0};

	sort_bodies(cache);
	for (int i = 0; i < set->count; i++)
		for (int at = body_from(cache, set->runs[i].first);
			 at < cache->count && cache->list[at].rev <= set->runs[i].last; at++)
		{
			CHECK_FOR_INTERRUPTS();
			rev_runs_add(&there, cache->list[at].rev, cache->list[at].rev);
		}
	return there;
}

JsonNode
document_messages(const RevRuns *list, BodyCache *cache)
{
	JsonItems *items = items_new(Max(list->count, 1));

	sort_bodies(cache);
	for (int i = 0; i < list->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		for (int at = body_from(cache, list->runs[i].first);
			 at < cache->count && cache->list[at].rev <= list->runs[i].last; at++)
		{
			CHECK_FOR_INTERRUPTS();
			items_append(items, NULL, node_of_root(cache->list[at].body));
		}
	}
	return node_of_items(NODE_ARRAY, items);
}
