/*
 * memory/rank_work.h: a ranking at work, for the files that do it: rank_hits.c finds where words
 * are and tells how much that says, rank_credit.c gives it to the lines around, rank_near.c has
 * what embeddings say, rank.c does the whole.
 */
#ifndef MEMORY_RANK_WORK_H
#define MEMORY_RANK_WORK_H

#include "memory/rank_query.h"

#define TERMS_MAX 64 /* of a long query those that are rarest count */
/* A word often used in one thread is a topic, a word of every thread is not. */
#define THREAD_IDF_SHARE 0.5

/* What of a line's text matters, read when first asked for. */
typedef struct RankTraits
{
	bool known;
	bool asks; /* near its end: the next message answers */
	bool ends_asking;
	double person;
} RankTraits;

typedef struct Rank
{
	const RankQuery *query;
	RankLine *lines;
	int count;
	double mean_length;
	double all;     /* lines the user has */
	double sampled; /* of which were read */
	double threads;
	RankTraits *traits;
	MemoryContext each; /* what one text takes */
	RankTerms terms;
	double near;    /* how much embeddings count, 0 to 1 */
	double *credit; /* of the term at work, by line */
	int *credited;  /* the lines that have some */
	int credited_count;
} Rank;

/* Finds where the terms are, and what there is of the user; nothing has a score yet. */
extern void rank_begin(Rank *rank, const RankQuery *query, RankLine *lines, int count);
/* What each hit says, and which terms of too many do not count. */
extern void rank_weigh(Rank *rank);
/* How much it says that so many of all have something. */
extern double rank_idf(double all, double having);

/* The text of a line is looked at once, when first asked for. */
extern const RankTraits *rank_traits(Rank *rank, int line);
/* Whether one line was said right after the other. */
extern bool rank_are_beside(const RankLine *line, const RankLine *next);
/* Adds to the scores of the lines around each hit: what it says, weighted. */
extern void rank_credit(Rank *rank, const RankTerm *term, double share);
/* So does whatever else singles lines out: each line takes the greatest once, times weight. */
extern void rank_spread(Rank *rank, const RankHit *hits, int count, double weight);
/* And of words and dates of the question that are there together. */
extern void rank_credit_pairs(Rank *rank);
extern void rank_credit_dates(Rank *rank);
/* And of embeddings, when all words have given theirs. */
extern void rank_credit_near(Rank *rank);
/* What the embedding of a line is to what it says by itself. */
extern double rank_near_prior(const Rank *rank, int line);

#endif
