/*
 * memory/rank_near.c: what embeddings say of the lines, beside their words.
 *
 * The nearness of a line's embedding to the query's is one more word, which every line has more or
 * less of: in deviations from the mean of all lines (z) it compares with what a word gives, and it
 * is spread over neighbours as words are. Ranks do not compare so: a list by embeddings puts a line
 * as far up whether it is near or only nearer than the rest, and of some models, and of anything
 * that is no model, the rest is all there is.
 *
 * So it counts only as far as two things say that it tells something. Embeddings of what was said
 * together have to be alike, more than by chance: they are of every model, and not of noise
 * (RankQuery.alike). And the query's has to be near where its words are, which it is not when it
 * was made by another model, or of another text: the mean z of the lines that are best by words is
 * what both agree on. Where no word of the query was ever said there is nothing to agree with and
 * nothing to be spoilt: the embedding decides alone.
 *
 * A line without an embedding would stand behind all others of its words. It takes what its words
 * make likely: as much as the best by words have, by how well its own do.
 */
#include "memory/rank_work.h"

#include <math.h>

#include "miscadmin.h"

#define NEAR_WEIGHT 0.7
#define NEAR_PRIOR 0.1
#define ALIKE 5.0 /* deviations; models that were tried have 13 and more, noise less than 3 */
#define BEST 10   /* lines by words that tell */
/* By chance it is 0.4 and more of one question in six, of a model's of nineteen in twenty. */
#define AGREES_FROM 0.4
#define AGREES_WHOLLY 0.8

/* What the lines that are best by their words have. */
typedef struct Agreement
{
	double words; /* mean score by words */
	double z;     /* mean of those that have an embedding */
} Agreement;

static Agreement
agreement(const Rank *rank)
{
	const RankLine *best[BEST];
	int count = 0;
	int compared = 0;
	Agreement all = {0};

	for (int i = 0; i < rank->count; i++)
	{
		const RankLine *line = &rank->lines[i];
		int at;

		if (count == BEST && best[BEST - 1]->score >= line->score)
			continue;
		at = count < BEST ? count++ : BEST - 1;
		for (; at > 0 && best[at - 1]->score < line->score; at--)
			best[at] = best[at - 1];
		best[at] = line;
	}
	while (count > 0 && best[count - 1]->score <= 0)
		count--;
	for (int i = 0; i < count; i++)
	{
		all.words += best[i]->score / count;
		all.z += best[i]->compared ? best[i]->z : 0;
		compared += best[i]->compared;
	}
	all.z /= Max(compared, 1);
	return all;
}

bool
rank_trusts_near(const RankQuery *query)
{
	return query->is_near && query->alike >= ALIKE;
}

static double
weight_of(const Rank *rank, const Agreement *all)
{
	if (all->words == 0)
		return 1;
	if (!rank_trusts_near(rank->query))
		return 0;
	return Min(1, Max(0, (all->z - AGREES_FROM) / (AGREES_WHOLLY - AGREES_FROM)));
}

/* Where it decides alone every line that has one is an answer, if a bad one. */
static double
strength_of(const RankLine *line, const Agreement *all)
{
	return all->words > 0 || !line->compared ? line->z : log1p(exp(line->z));
}

void
rank_credit_near(Rank *rank)
{
	Agreement all;
	RankHit *hits;
	int count = 0;

	if (!rank->query->is_near)
		return;
	all = agreement(rank);
	rank->near = weight_of(rank, &all);
	if (rank->near == 0)
		return;
	hits = palloc(sizeof(RankHit) * Max(rank->count, 1));
	for (int i = 0; i < rank->count; i++)
	{
		RankLine *line = &rank->lines[i];

		CHECK_FOR_INTERRUPTS();
		if (!line->compared)
			line->z = all.words > 0 ? all.z * Min(1, line->score / all.words) : 0;
		hits[count] = (RankHit){.line = i, .strength = strength_of(line, &all)};
		count += hits[count].strength > 0;
	}
	rank_spread(rank, hits, count, NEAR_WEIGHT * rank->near);
	pfree(hits);
}

double
rank_near_prior(const Rank *rank, int line)
{
	return NEAR_PRIOR * rank->near * rank->lines[line].z;
}
