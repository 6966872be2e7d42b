/*
 * memory/owners.c: one search in several memories: a user's, and those of groups.
 *
 * Each memory is searched by itself, as if it were the only one: what is rare and what is common
 * is another thing in each, and a group's five notes are not to vanish among a user's ten thousand
 * messages. The weight of a word that one line has grows with the logarithm of how much there is,
 * so the scores of each are divided by that (rank_level()), and are compared then. What is found
 * is copied out of each search before the next, which takes as much memory again.
 */
#include "memory/memory.h"

#include "miscadmin.h"
#include "utils/builtins.h"

/* An episode, and how many were found before it. */
typedef struct FoundEpisode
{
	Episode *episode;
	int place;
} FoundEpisode;

static char *
copy_text(const char *string)
{
	return string ? pstrdup(string) : NULL;
}

static Episode *
copy_episode(const Episode *found, Datum owner)
{
	Episode *episode = palloc(sizeof(Episode));

	*episode = *found;
	episode->owner_id = TextDatumGetCString(owner);
	episode->source = copy_text(found->source);
	episode->episode_id = copy_text(found->episode_id);
	episode->thread_id = copy_text(found->thread_id);
	episode->message_id = copy_text(found->message_id);
	episode->role = copy_text(found->role);
	episode->sender_id = copy_text(found->sender_id);
	episode->name = copy_text(found->name);
	episode->content = copy_text(found->content);
	episode->metadata = DatumGetJsonbPCopy(JsonbPGetDatum(found->metadata));
	return episode;
}

/* Not in a memory before: what a member said in the group's thread is in both. No id has a line
 * break. */
static bool
is_new(Names *known, const Episode *episode, Datum owner)
{
	NameEntry *entry;
	char *key;

	if (!episode->message_id)
		return true;
	key = psprintf("%s\n%s\n%s", episode->source, episode->thread_id, episode->message_id);
	entry = names_add(known, key, (int)strlen(key));
	if (!entry->value)
		entry->value = DatumGetPointer(owner);
	return entry->value == DatumGetPointer(owner);
}

static List *
find_of(Call *call, const MemoryQuery *query, Datum owner, bool among_others, Names *known)
{
	MemoryQuery wanted = *query;
	MemoryContext outer = CurrentMemoryContext;
	List *copies = NIL;
	ListCell *cell;
	List *found;

	wanted.user_id = ARG(owner);
	wanted.among_others = among_others;
	query_push();
	found = memory_find(call, &wanted);
	MemoryContextSwitchTo(outer);
	foreach (cell, found)
	{
		CHECK_FOR_INTERRUPTS();
		if (is_new(known, lfirst(cell), owner))
			copies = lappend(copies, copy_episode(lfirst(cell), owner));
	}
	query_pop();
	MemoryContextSwitchTo(outer);
	return copies;
}

/* Without words all have one score: the newest first. */
static int
compare_found(const void *a, const void *b)
{
	const FoundEpisode *x = a;
	const FoundEpisode *y = b;

	CHECK_FOR_INTERRUPTS();
	if (x->episode->score != y->episode->score)
		return x->episode->score > y->episode->score ? -1 : 1;
	if (x->episode->event_at != y->episode->event_at)
		return x->episode->event_at > y->episode->event_at ? -1 : 1;
	return x->place - y->place;
}

static List *
best_of(List *found, int max_rows)
{
	int count = list_length(found);
	FoundEpisode *items = palloc(sizeof(FoundEpisode) * Max(count, 1));
	List *best = NIL;

	for (int i = 0; i < count; i++)
		items[i] = (FoundEpisode){list_nth(found, i), i};
	qsort(items, count, sizeof(FoundEpisode), compare_found);
	for (int i = 0; i < Min(count, max_rows); i++)
		best = lappend(best, items[i].episode);
	return best;
}

List *
memory_find_in(Call *call, const MemoryQuery *query, List *owners)
{
	bool among_others = list_length(owners) > 1;
	Names *known = names_new();
	List *found = NIL;
	ListCell *cell;

	foreach (cell, owners)
	{
		CHECK_FOR_INTERRUPTS();
		found = list_concat(
			found, find_of(call, query, PointerGetDatum(lfirst(cell)), among_others, known));
	}
	return among_others ? best_of(found, query->max_rows) : found;
}
