/*
 * memory/rerank.c: the order in which what was found is given: Zep's rerankers, by Zep's names.
 *
 *  rrf               the order of the rank; lists of several kinds are joined by reciprocal rank
 *                    (Cormack, Clarke and Buettcher 2009), since their scores do not compare
 *  mmr               each next one answers well and says other things than those before it
 *                    (Carbonell and Goldstein 1998): greedily, the best of lambda x relevance -
 *                    (1 - lambda) x likeness; two are alike by the words that they share
 *  node_distance     the nearest to an entity first, over facts however many; in a memory that does
 *                    not have the entity nothing is near
 *  episode_mentions  what most episodes say first
 *  a function        of the application's, a cross-encoder say (memory/rerank_function.c)
 *
 * Where a reranker finds two equal, the order of the rank stands.
 */
#include "memory/rerank.h"

#include <math.h>

#include "miscadmin.h"
#include "tsearch/ts_utils.h"
#include "utils/builtins.h"

#define RANK_OFFSET 60
#define RERANK_ROWS 50    /* that are looked at, where fewer are asked for */
#define COMPARED_ROWS 200 /* the square of it is compared; what is behind follows as it is */

/* What is asked */

static void
guard_only_with(const char *argument, NullableDatum value, bool with, const char *reranker)
{
	if (!value.isnull && !with)
		error_bad_input(argument, "It goes with reranker \"%s\" alone.", reranker);
}

void
reranking_read(Reranking *reranking, NullableDatum reranker, NullableDatum entity_id,
			   NullableDatum lambda, int kinds)
{
	static const char *const names[] = {"rrf",           "mmr", "node_distance", "episode_mentions",
										"cross_encoder", NULL};
	char *name = text_or_null(reranker);

	*reranking = (Reranking){.entity_id = entity_id,
							 .lambda = lambda.isnull ? 0.5 : DatumGetFloat8(lambda.value)};
	if (name && strchr(name, '.'))
		rerank_open_function(reranking, name);
	else
		reranking->reranker = guard_choice("reranker", reranker, names);
	if (reranking->reranker == RERANK_CROSS_ENCODER)
		error_not_supported("reranker \"cross_encoder\"",
							"No model runs here; name a function that asks one.");
	guard_only_with("center_entity_id", entity_id, reranking->reranker == RERANK_NODE_DISTANCE,
					"node_distance");
	guard_only_with("mmr_lambda", lambda, reranking->reranker == RERANK_MMR, "mmr");
	if (!(reranking->lambda >= 0 && reranking->lambda <= 1))
		error_bad_input("mmr_lambda", "It must be from 0 to 1.");
	if (reranking->reranker == RERANK_NODE_DISTANCE && entity_id.isnull)
		error_bad_input("center_entity_id", "Reranker \"node_distance\" needs it.");
	if ((reranking->reranker == RERANK_NODE_DISTANCE ||
		 reranking->reranker == RERANK_EPISODE_MENTIONS) &&
		kinds & KIND_EPISODE)
		error_bad_input("reranker", "\"%s\" orders edges and nodes, not episodes.", name);
}

int
reranking_rows(const Reranking *reranking, int max_rows)
{
	return reranking->reranker == RERANK_RRF ? max_rows : Max(max_rows, RERANK_ROWS);
}

void
reranking_ask(const Reranking *reranking, GraphAsked *asked)
{
	asked->center_id = reranking->entity_id;
	asked->mentions = reranking->reranker == RERANK_EPISODE_MENTIONS;
}

/* Orders */

static int
compare_hits(const ListCell *a, const ListCell *b)
{
	const MemoryHit *x = lfirst(a);
	const MemoryHit *y = lfirst(b);

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return x->at - y->at;
}

/* By score; those that have the same stay in their order. */
static List *
sorted(List *hits)
{
	ListCell *cell;

	foreach (cell, hits)
		((MemoryHit *)lfirst(cell))->at = foreach_current_index(cell);
	list_sort(hits, compare_hits);
	return hits;
}

static void
score_places(List *hits)
{
	ListCell *cell;

	foreach (cell, hits)
		((MemoryHit *)lfirst(cell))->score = 1.0 / (RANK_OFFSET + 1 + foreach_current_index(cell));
}

List *
rerank_join(List *episodes, List *facts, List *entities)
{
	score_places(episodes);
	score_places(facts);
	score_places(entities);
	return sorted(list_concat(list_concat(episodes, facts), entities));
}

/* Diversity */

/* What share of their lexemes two texts have in common: the cosine of two sets. */
static double
likeness(TSVector a, TSVector b)
{
	int i = 0;
	int j = 0;
	int common = 0;

	while (i < a->size && j < b->size)
	{
		const WordEntry *x = &ARRPTR(a)[i];
		const WordEntry *y = &ARRPTR(b)[j];
		int order = tsCompareString(STRPTR(a) + x->pos, x->len, STRPTR(b) + y->pos, y->len, false);

		common += order == 0;
		i += order <= 0;
		j += order >= 0;
	}
	return common > 0 ? common / sqrt((double)a->size * b->size) : 0;
}

static List *
by_marginal_relevance(const Reranking *reranking, List *hits)
{
	int count = Min(list_length(hits), COMPARED_ROWS);
	TSVector *words = palloc(sizeof(TSVector) * (count + 1));
	double *alike = palloc0(sizeof(double) * (count + 1)); /* to the likest of those taken */
	bool *taken = palloc0(sizeof(bool) * (count + 1));
	List *order = NIL;

	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		words[i] = DatumGetTSVector(message_lexemes(hit_text(list_nth(hits, i))));
	}
	for (int round = 0; round < count; round++)
	{
		int best = -1;

		CHECK_FOR_INTERRUPTS();
		for (int i = 0; i < count; i++)
		{
			MemoryHit *hit = list_nth(hits, i);

			if (taken[i])
				continue;
			hit->score = reranking->lambda * hit->relevance - (1 - reranking->lambda) * alike[i];
			if (best < 0 || hit->score > ((MemoryHit *)list_nth(hits, best))->score)
				best = i;
		}
		taken[best] = true;
		order = lappend(order, list_nth(hits, best));
		for (int i = 0; i < count; i++)
			if (!taken[i])
				alike[i] = Max(alike[i], likeness(words[i], words[best]));
	}
	for (int i = count; i < list_length(hits); i++)
	{
		((MemoryHit *)list_nth(hits, i))->score = -1;
		order = lappend(order, list_nth(hits, i));
	}
	return order;
}

/* The graph */

static List *
by_distance(List *hits)
{
	ListCell *cell;

	foreach (cell, hits)
	{
		MemoryHit *hit = lfirst(cell);

		hit->score = hit->place.apart == DISTANCE_NONE ? 0 : 1.0 / (1 + hit->place.apart);
	}
	return sorted(hits);
}

static List *
by_mentions(List *hits)
{
	ListCell *cell;

	foreach (cell, hits)
		((MemoryHit *)lfirst(cell))->score = ((MemoryHit *)lfirst(cell))->place.mentions;
	return sorted(hits);
}

List *
rerank(const Reranking *reranking, List *hits)
{
	switch (reranking->reranker)
	{
	case RERANK_MMR:
		return by_marginal_relevance(reranking, hits);
	case RERANK_NODE_DISTANCE:
		return by_distance(hits);
	case RERANK_EPISODE_MENTIONS:
		return by_mentions(hits);
	case RERANK_FUNCTION:
		rerank_by_function(reranking, hits);
		return sorted(hits);
	default:
		return hits;
	}
}
