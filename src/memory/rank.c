/*
 * memory/rank.c: which of all that a user ever said answers a question.
 *
 * A question names things with words; the answer stands in the message that has the words, or
 * beside it. So every word of the query gives credit to the messages that hold it (BM25, as rare as
 * it is among this user's messages and threads) and, discounted, to their neighbours in the thread;
 * a message takes a word once, from the nearest place (the maximum, not the sum). What is of a kind
 * that the query names (memory/rank_query.c) is such a word, too. Two neighbouring words of the
 * query that are near each other in a message count once more, and so does the date the query
 * names. The sum says how well the words fit. It is multiplied by what speaks for a message
 * whatever its words: it tells something (many different words, in the first person) and does not
 * merely ask, it follows upon a question, its speaker is the one the query names; and at last by
 * how well the rest of its thread fits.
 *
 * A query may have several lines, the last messages of a thread. The newest is the question; what
 * was said before it is context, and weighs by how much the question leaves open ("Context" below).
 * Where the newest line is no question by itself ("And when was that?") those before it are asked.
 *
 *     score = (sum of weight x credit + pairs + dates + embeddings) x exp(prior) x exp(fit of the
 *             thread)
 *
 * Where there are embeddings, how near a line's is to the query's is one more word, which every
 * line has more or less of (memory/rank_near.c).
 *
 * The constants were measured on public conversations; all of them lie on a plateau (a factor of
 * two either way changes little), except that the credit after a match should stay near 0.65.
 * Nothing here touches a table: memory/search.c brings the lines.
 */
#include "memory/rank_work.h"

#include <math.h>

#include "miscadmin.h"

/*
 * Context of a question that says as much as one word that occurs once; it falls with a power of
 * what the question says. A line before a bare one is asked in full if it says so many words.
 */
#define CONTEXT_WEIGHT 0.04
#define CONTEXT_POWER 3
#define CONTEXT_MAX 0.5
#define ASKED_FULL 3.0

#define TELLS 1.0 /* times n / (n + 5) of n different words: long answers gain nothing more */
#define TELLS_HALF 5.0
#define FIRST_PERSON 0.2
#define ASKS 0.15
#define ANSWERS 0.2
#define SPEAKER 0.3

#define THREAD_WEIGHT 1.0
#define THREAD_BEST 3 /* messages of a thread that tell how well it fits */

#define LOOKED_FOR_MAX 100 /* lexemes: to begin, an index takes the square of their number */
#define DOUBTED 1.5        /* standard deviations of what a sample has, which may be chance */

/* Context */

/* How much each line of the query says, in words that occur once; what is of a kind adds nothing.
 */
static double *
says(const Rank *rank)
{
	double once = (1 - THREAD_IDF_SHARE) * rank_idf(rank->all, 1) +
				  THREAD_IDF_SHARE * rank_idf(rank->threads, 1);
	double *said = palloc0(sizeof(double) * rank->query->line_count);

	for (int i = 0; i < rank->terms.count; i++)
	{
		const RankTerm *term = &rank->terms.items[i];

		if (term->lexeme && !term->is_part && term->hit_count > 0)
			said[term->asked] += term->weight * term->idf / once;
	}
	return said;
}

/* When lines before the newest are asked in its stead: those less that say less, as small talk. */
static void
weigh_asked(Rank *rank)
{
	const double *said = says(rank);
	double most = 0;

	for (int i = 0; i < rank->terms.newest; i++)
		most = Max(most, Min(said[i], ASKED_FULL));
	for (int i = 0; i < rank->terms.count; i++)
	{
		RankTerm *term = &rank->terms.items[i];

		if (term->asked < rank->terms.newest && most > 0)
			term->weight *= Min(1, said[term->asked] / most);
	}
}

/*
 * How much oftener than by chance the words of each line of the query stand where the question
 * itself has found something: their hits' mean score, against the mean of all lines.
 */
static double *
company(const Rank *rank)
{
	double *found = palloc0(sizeof(double) * rank->query->line_count);
	double *weight = palloc0(sizeof(double) * rank->query->line_count);
	double all = 0;

	for (int i = 0; i < rank->count; i++)
		all += rank->lines[i].score / (rank->query->found ? rank->all : rank->count);
	for (int i = 0; i < rank->terms.count; i++)
	{
		const RankTerm *term = &rank->terms.items[i];

		CHECK_FOR_INTERRUPTS();
		if (term->dropped || term->hit_count == 0)
			continue;
		for (int h = 0; h < term->hit_count; h++)
			found[term->asked] +=
				term->idf * rank->lines[term->hits[h].line].score / term->hit_count;
		weight[term->asked] += term->idf;
	}
	for (int i = 0; i < rank->query->line_count; i++)
		if (all == 0) /* nothing that could tell: all there is to go by */
			found[i] = 2;
		else
			found[i] = weight[i] > 0 ? found[i] / weight[i] / all : 0;
	return found;
}

/*
 * What was said before the question weighs the more the less the question says itself, and only
 * where both go together: small talk stands by itself, at random places of what is remembered.
 */
static void
add_context(Rank *rank)
{
	double own = says(rank)[rank->terms.newest];
	double weight = Min(CONTEXT_MAX, CONTEXT_WEIGHT / pow(Max(own, 0.1), CONTEXT_POWER));
	double *weights = company(rank);

	for (int i = 0; i < rank->terms.newest; i++)
		weights[i] = weight * Max(0, Min(1, weights[i] - 1));
	for (int i = 0; i < rank->terms.count; i++)
		if (term_is_context(&rank->terms, &rank->terms.items[i]))
			rank_credit(rank, &rank->terms.items[i], weights[rank->terms.items[i].asked]);
}

/* Priors */

/* What speaks for a message besides its words. */
static double
prior(Rank *rank, int i)
{
	const RankLine *line = &rank->lines[i];
	const RankTraits *traits = rank_traits(rank, i);
	double length = line->length;
	bool follows = i > 0 && rank_are_beside(&rank->lines[i - 1], line);

	return TELLS * length / (length + TELLS_HALF) + FIRST_PERSON * traits->person -
		   (traits->ends_asking ? ASKS : 0) +
		   (follows && rank_traits(rank, i - 1)->asks ? ANSWERS : 0) + rank_near_prior(rank, i) +
		   (rank->terms.named_count == 1 && line->speaker >= 0 && rank->terms.named[line->speaker]
				? SPEAKER
				: 0);
}

/* The mean of the best scores among lines [from, until) of one thread. */
static double
thread_fit(const Rank *rank, int from, int until)
{
	double best[THREAD_BEST + 1] = {0};
	double sum = 0;

	for (int i = from; i < until; i++)
	{
		int at = THREAD_BEST;

		best[at] = rank->lines[i].score;
		for (; at > 0 && best[at] > best[at - 1]; at--)
		{
			double lower = best[at - 1];

			best[at - 1] = best[at];
			best[at] = lower;
		}
	}
	for (int i = 0; i < THREAD_BEST; i++)
		sum += best[i];
	return sum / THREAD_BEST;
}

static int
end_of_thread(const Rank *rank, int from)
{
	int until = from;

	while (until < rank->count && rank->lines[until].thread == rank->lines[from].thread)
		until++;
	return until;
}

static void
apply_priors(Rank *rank)
{
	double top = 0;

	for (int i = 0; i < rank->count; i++)
		if (!rank->lines[i].answers)
			rank->lines[i].score = 0;
		else if (rank->lines[i].score > 0)
			rank->lines[i].score *= exp(prior(rank, i));
	for (int from = 0, until; from < rank->count; from = until)
	{
		until = end_of_thread(rank, from);
		top = Max(top, thread_fit(rank, from, until));
	}
	for (int from = 0, until; top > 0 && from < rank->count; from = until)
	{
		double lift;

		until = end_of_thread(rank, from);
		lift = exp(THREAD_WEIGHT * thread_fit(rank, from, until) / top);
		for (int i = from; i < until; i++)
			rank->lines[i].score *= lift;
	}
}

/* The whole */

bool
rank_has_words(const RankQuery *query)
{
	for (int i = 0; i < query->line_count; i++)
		if (query->lines[i].words && query->lines[i].words->size > 0)
			return true;
	return false;
}

void
rank_lines(const RankQuery *query, RankLine *lines, int count)
{
	Rank rank;

	rank_begin(&rank, query, lines, count);
	rank_weigh(&rank);
	if (rank.terms.bare)
		weigh_asked(&rank);
	for (int i = 0; i < rank.terms.count; i++)
		if (!term_is_context(&rank.terms, &rank.terms.items[i]))
			rank_credit(&rank, &rank.terms.items[i], 1.0);
	rank_credit_pairs(&rank);
	rank_credit_dates(&rank);
	if (!rank.terms.bare && rank.terms.newest > 0)
		add_context(&rank);
	rank_credit_near(&rank);
	apply_priors(&rank);
}

double
rank_level(double known)
{
	return 1 / rank_idf(Max(known, 1), 1);
}

List *
rank_all_words(const RankQuery *query, RankLine *lines, int count, double *share)
{
	List *words = NIL;
	double hits = 0;
	Rank rank;

	if (rank_has_dates(query))
		return NIL;
	rank_begin(&rank, query, lines, count);
	for (int i = 0; i < rank.terms.count; i++)
		if (!rank.terms.items[i].is_part)
			hits += rank.terms.items[i].hit_count;
	*share = Max(0, hits - DOUBTED * sqrt(hits)) / Max(count, 1);
	for (uint32 i = 0; i <= rank.terms.mask; i++)
	{
		const RankSlot *slot = &rank.terms.slots[i];

		if (slot->lexeme && !rank.terms.items[slot->term].is_part)
			words = lappend(words, pnstrdup(slot->lexeme, slot->length));
		if (list_length(words) > LOOKED_FOR_MAX)
			return NIL;
	}
	return words;
}

List *
rank_beginnings(const RankQuery *query, RankLine *lines, int count)
{
	List *beginnings = NIL;
	Rank rank;

	rank_begin(&rank, query, lines, count);
	for (uint32 i = 0; i <= rank.terms.mask; i++)
	{
		const RankSlot *slot = &rank.terms.beginnings[i];

		if (slot->lexeme && rank.terms.items[rank.terms.items[slot->term].like].hit_count == 0)
			beginnings = lappend(beginnings, pnstrdup(slot->lexeme, slot->length));
	}
	return beginnings;
}

/* Of what is asked: neither context nor what is of a kind is a reason to look further. */
List *
rank_rare_words(const RankQuery *query, RankLine *lines, int count, double above, double most)
{
	List *rare = NIL;
	Rank rank;

	rank_begin(&rank, query, lines, count);
	for (uint32 i = 0; i <= rank.terms.mask && list_length(rare) < TERMS_MAX; i++)
	{
		const RankSlot *slot = &rank.terms.slots[i];
		const RankTerm *term = &rank.terms.items[slot->term];

		if (slot->lexeme && term->lexeme && !term->is_part && !term_is_context(&rank.terms, term) &&
			term->hit_count > above * count && term->hit_count <= most * count)
			rare = lappend(rare, pnstrdup(slot->lexeme, slot->length));
	}
	return rare;
}
