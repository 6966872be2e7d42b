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
 *     score = (sum of weight x credit + pairs + dates) x exp(prior) x exp(fit of the thread)
 *
 * The constants were measured on public conversations; all of them lie on a plateau (a factor of
 * two either way changes little), except that the credit after a match should stay near 0.65.
 * Nothing here touches a table: memory/read.c brings the lines.
 */
#include "memory/rank_query.h"

#include <ctype.h>
#include <math.h>

#include "miscadmin.h"
#include "tsearch/ts_utils.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* BM25: how fast repetition saturates, and how much length tells against a message. */
#define SATURATION 0.9
#define LENGTH_SHARE 0.4
/* A word often used in one thread is a topic, a word of every thread is not. */
#define THREAD_IDF_SHARE 0.5

/* The credit of a match for the messages around it, by distance; more after one that asks. */
static const double shares[] = {0.25, 0.3, 1.0, 0.7, 0.4}; /* two before to two after */
#define AFTER_QUESTION 0.2
#define APART_MAX 8 /* places between two that are read one after the other */

/*
 * Context of a question that says as much as one word that occurs once; it falls with a power of
 * what the question says. A line before a bare one is asked in full if it says so many words.
 */
#define CONTEXT_WEIGHT 0.04
#define CONTEXT_POWER 3
#define CONTEXT_MAX 0.5
#define ASKED_FULL 3.0

#define PAIR_WEIGHT 0.2
#define PAIR_IN_QUERY 2 /* places apart at most */
#define PAIR_IN_LINE 3
#define DATE_WEIGHT 0.5

#define TELLS 1.0 /* times n / (n + 5) of n different words: long answers gain nothing more */
#define TELLS_HALF 5.0
#define FIRST_PERSON 0.2
#define PERSON_BYTES 1000 /* of a long text its beginning shows who speaks */
#define ASKS 0.15
#define ANSWERS 0.2
#define SPEAKER 0.3

#define THREAD_WEIGHT 1.0
#define THREAD_BEST 3 /* messages of a thread that tell how well it fits */

#define TERMS_MAX 64       /* of a long query those that are rarest count */
#define LOOKED_FOR_MAX 100 /* lexemes: to begin, an index takes the square of their number */
#define DOUBTED 1.5        /* standard deviations of what a sample has, which may be chance */

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
	double *credit; /* of the term at work, by line */
	int *credited;  /* the lines that have some */
	int credited_count;
} Rank;

/* Matches */

static void
add_hit(RankTerm *term, int line, bool sampled, double often)
{
	if (term->hit_count > 0 && term->hits[term->hit_count - 1].line == line)
	{
		term->hits[term->hit_count - 1].strength += often;
		return;
	}
	if (term->hit_count == term->hit_room)
	{
		term->hit_room = Max(16, 2 * term->hit_room);
		term->hits = term->hits ? repalloc(term->hits, sizeof(RankHit) * term->hit_room)
								: palloc(sizeof(RankHit) * term->hit_room);
	}
	term->sampled += sampled;
	term->hits[term->hit_count++] = (RankHit){.line = line, .strength = often};
}

static void
find_hits(Rank *rank)
{
	for (int i = 0; i < rank->count; i++)
	{
		TSVector words = rank->lines[i].words;

		CHECK_FOR_INTERRUPTS();
		for (int w = 0; words && w < words->size; w++)
		{
			const WordEntry *entry = ARRPTR(words) + w;
			const RankSlot *slot =
				terms_slot_said(&rank->terms, STRPTR(words) + entry->pos, entry->len);

			if (slot->lexeme)
				add_hit(&rank->terms.items[slot->term], i, rank->lines[i].sampled,
						word_times(words, entry));
		}
	}
}

static double
idf(double all, double having)
{
	return log(1 + (Max(all, having) - having + 0.5) / (having + 0.5));
}

/* Of a user whose lines were not all read, as many as were found or the sample lets expect. */
static double
lines_having(const Rank *rank, const RankTerm *term)
{
	if (rank->query->found)
		return term->hit_count;
	return Max((double)term->hit_count, term->sampled * rank->all / Max(rank->sampled, 1));
}

/* Strength of each hit, by how rare the term is, how often it occurs and how long the line is. */
static void
weigh_hits(Rank *rank, RankTerm *term)
{
	int threads = 0;

	for (int i = 0; i < term->hit_count; i++)
		threads += i == 0 || rank->lines[term->hits[i].line].thread !=
								 rank->lines[term->hits[i - 1].line].thread;
	term->idf = (1 - THREAD_IDF_SHARE) * idf(rank->all, lines_having(rank, term)) +
				THREAD_IDF_SHARE * idf(rank->threads, threads);
	for (int i = 0; i < term->hit_count; i++)
	{
		const RankLine *line = &rank->lines[term->hits[i].line];
		double often = term->hits[i].strength;
		double length = line->length / rank->mean_length;

		term->hits[i].strength = term->idf * often * (SATURATION + 1) /
								 (often + SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * length));
	}
}

static int
compare_rarity(const void *a, const void *b)
{
	const RankTerm *x = *(const RankTerm *const *)a;
	const RankTerm *y = *(const RankTerm *const *)b;

	if (x->idf != y->idf)
		return x->idf < y->idf ? 1 : -1;
	return x < y ? -1 : x > y;
}

/* Of more terms than TERMS_MAX the rarest that occur at all. */
static void
drop_common(Rank *rank)
{
	RankTerm **order = palloc(sizeof(RankTerm *) * Max(rank->terms.count, 1));
	int count = 0;

	for (int i = 0; i < rank->terms.count; i++)
		if (rank->terms.items[i].hit_count > 0)
			order[count++] = &rank->terms.items[i];
	qsort(order, count, sizeof(RankTerm *), compare_rarity);
	for (int i = TERMS_MAX; i < count; i++)
		order[i]->dropped = true;
}

/* Credit */

static void
read_traits(const Rank *rank, const RankLine *line, RankTraits *traits)
{
	int said = word_length_said(line->text, line->text_length);

	traits->asks = word_asks_near_end(line->text, line->text_length);
	traits->ends_asking = word_ends_asking(line->text, said);
	traits->person = rank->query->english ? word_person(line->text, Min(said, PERSON_BYTES)) : 0;
}

static const RankTraits *
traits_of(Rank *rank, int i)
{
	RankTraits *traits = &rank->traits[i];
	RankLine *line = &rank->lines[i];
	MemoryContext before;

	CHECK_FOR_INTERRUPTS();
	if (traits->known)
		return traits;
	traits->known = true;
	before = MemoryContextSwitchTo(rank->each);
	if (rank->query->read_text(rank->query->reader, line))
		read_traits(rank, line, traits);
	line->text = NULL;
	MemoryContextSwitchTo(before);
	MemoryContextReset(rank->each);
	return traits;
}

/* Of a thread of another not all was read, and what comes next may be of another day. */
static bool
are_beside(const RankLine *line, const RankLine *next)
{
	return line->thread == next->thread && next->place - line->place <= APART_MAX &&
		   line->place - next->place <= APART_MAX;
}

/* The credit of hits for the lines around them, each line the greatest once, times weight. */
static void
spread(Rank *rank, const RankHit *hits, int count, double weight)
{
	for (int h = 0; h < count; h++)
		for (int d = -REACH; d <= REACH; d++)
		{
			int at = hits[h].line + d;
			double share = shares[d + REACH];

			if (at < 0 || at >= rank->count ||
				!are_beside(&rank->lines[hits[h].line], &rank->lines[at]))
				continue;
			if (d == 1 && traits_of(rank, hits[h].line)->asks)
				share += AFTER_QUESTION;
			if (rank->credit[at] == 0)
				rank->credited[rank->credited_count++] = at;
			rank->credit[at] = Max(rank->credit[at], share * hits[h].strength);
		}
	for (int i = 0; i < rank->credited_count; i++)
	{
		rank->lines[rank->credited[i]].score += weight * rank->credit[rank->credited[i]];
		rank->credit[rank->credited[i]] = 0;
	}
	rank->credited_count = 0;
}

static bool
are_near(TSVector words, const WordPlace *a, const WordPlace *b)
{
	const WordEntry *first = word_find(words, a->lexeme, a->length);
	const WordEntry *second = word_find(words, b->lexeme, b->length);
	int i = 0;
	int j = 0;

	if (!first || !second)
		return false;
	while (i < POSDATALEN(words, first) && j < POSDATALEN(words, second))
	{
		int apart =
			WEP_GETPOS(POSDATAPTR(words, first)[i]) - WEP_GETPOS(POSDATAPTR(words, second)[j]);

		if (abs(apart) <= PAIR_IN_LINE)
			return true;
		if (apart < 0)
			i++;
		else
			j++;
	}
	return false;
}

/* A term of the query that is looked for, NULL for names and what was dropped. */
static const RankTerm *
term_of(const Rank *rank, const WordPlace *place)
{
	const RankSlot *slot = terms_slot(&rank->terms, place->lexeme, place->length);
	const RankTerm *term = slot->lexeme ? &rank->terms.items[slot->term] : NULL;

	return term && !term->dropped ? term : NULL;
}

static void
add_pair(Rank *rank, const WordPlace *a, const WordPlace *b)
{
	const RankTerm *term = term_of(rank, a);
	RankHit *near;
	int count = 0;

	if (!term || !term_of(rank, b) || b->position - a->position > PAIR_IN_QUERY ||
		(a->length == b->length && memcmp(a->lexeme, b->lexeme, a->length) == 0))
		return;
	near = palloc(sizeof(RankHit) * Max(term->hit_count, 1));
	for (int i = 0; i < term->hit_count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (are_near(rank->lines[term->hits[i].line].words, a, b))
			near[count++] = (RankHit){.line = term->hits[i].line};
	}
	for (int i = 0; i < count; i++)
		near[i].strength = idf(rank->all, count);
	spread(rank, near, count, PAIR_WEIGHT);
	pfree(near);
}

static void
add_pairs(Rank *rank)
{
	TSVector words = rank->query->lines[rank->query->line_count - 1].words;
	int pairs = 0;
	int count;
	WordPlace *places = word_places(words, &count);

	for (int i = 1; i < count && pairs < TERMS_MAX; i++)
		if (term_of(rank, &places[i - 1]) && term_of(rank, &places[i]))
		{
			add_pair(rank, &places[i - 1], &places[i]);
			pairs++;
		}
}

static bool
is_of_date(const struct pg_tm *day, const NamedDate *date)
{
	return (date->year == 0 || date->year == day->tm_year) &&
		   (date->month == 0 || date->month == day->tm_mon) &&
		   (date->day == 0 || date->day == day->tm_mday);
}

/*
 * The date a message was said on, where the user lives. No credit for its neighbours, which have
 * the same one, and none by length: else "Take care!" of the right month came first.
 */
static void
add_date(Rank *rank, const NamedDate *date)
{
	int *fits = palloc(sizeof(int) * Max(rank->count, 1));
	int count = 0;

	for (int i = 0; i < rank->count; i++)
	{
		struct pg_tm day;
		fsec_t fraction;
		int offset;

		CHECK_FOR_INTERRUPTS();
		if (timestamp2tm(rank->lines[i].event_at, &offset, &day, &fraction, NULL,
						 rank->query->zone) == 0 &&
			is_of_date(&day, date))
			fits[count++] = i;
	}
	for (int i = 0; i < count; i++)
		rank->lines[fits[i]].score += DATE_WEIGHT * idf(rank->all, count);
	pfree(fits);
}

static void
add_dates(Rank *rank)
{
	ListCell *cell;

	foreach (cell,
			 word_dates(rank->query->lines[rank->query->line_count - 1].text, rank->query->english))
		add_date(rank, lfirst(cell));
}

/* Context */

static void
credit_term(Rank *rank, const RankTerm *term, double share)
{
	if (!term->dropped)
		spread(rank, term->hits, term->hit_count, term->weight * share);
}

/* How much each line of the query says, in words that occur once; what is of a kind adds nothing.
 */
static double *
says(const Rank *rank)
{
	double once =
		(1 - THREAD_IDF_SHARE) * idf(rank->all, 1) + THREAD_IDF_SHARE * idf(rank->threads, 1);
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
			credit_term(rank, &rank->terms.items[i], weights[rank->terms.items[i].asked]);
}

/* Priors */

/* What speaks for a message besides its words. */
static double
prior(Rank *rank, int i)
{
	const RankLine *line = &rank->lines[i];
	const RankTraits *traits = traits_of(rank, i);
	double length = line->length;
	bool follows = i > 0 && are_beside(&rank->lines[i - 1], line);

	return TELLS * length / (length + TELLS_HALF) + FIRST_PERSON * traits->person -
		   (traits->ends_asking ? ASKS : 0) +
		   (follows && traits_of(rank, i - 1)->asks ? ANSWERS : 0) +
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

/*
 * How long a line is, of all that the user has: of those with words none is missing where all were
 * found, and the others that were read stand for the others; else the sample stands for all.
 */
static double
mean_length(const Rank *rank)
{
	double with = 0;
	double others = 0;
	int with_count = 0;
	int other_count = 0;
	double rest;

	for (int i = 0; i < rank->count; i++)
		if (rank->query->found && rank->lines[i].words)
		{
			with += rank->lines[i].length;
			with_count++;
		}
		else if (rank->query->found || rank->lines[i].sampled)
		{
			others += rank->lines[i].length;
			other_count++;
		}
	rest = rank->query->found ? rank->all - with_count : other_count;
	return Max(1, with + rest * others / Max(1, other_count)) / Max(1, with_count + rest);
}

static void
begin(Rank *rank, const RankQuery *query, RankLine *lines, int count)
{
	*rank = (Rank){.query = query, .lines = lines, .count = count};
	for (int i = 0; i < count; i++)
	{
		lines[i].score = 0;
		rank->sampled += lines[i].sampled;
	}
	rank->all = Max(query->known, count);
	rank->threads = count > 0 ? lines[count - 1].thread + 1 : 0;
	if (query->found)
		rank->threads = Max(rank->threads, query->known_threads);
	rank->mean_length = mean_length(rank);
	rank->each =
		AllocSetContextCreate(CurrentMemoryContext, "threadmem text", ALLOCSET_DEFAULT_SIZES);
	rank->traits = palloc0(sizeof(RankTraits) * Max(count, 1));
	rank->credit = palloc0(sizeof(double) * Max(count, 1));
	rank->credited = palloc(sizeof(int) * Max(count, 1));
	terms_read(&rank->terms, query);
	find_hits(rank);
}

void
rank_lines(const RankQuery *query, RankLine *lines, int count)
{
	Rank rank;

	begin(&rank, query, lines, count);
	for (int i = 0; i < rank.terms.count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		weigh_hits(&rank, &rank.terms.items[i]);
	}
	drop_common(&rank);
	if (rank.terms.bare)
		weigh_asked(&rank);
	for (int i = 0; i < rank.terms.count; i++)
		if (!term_is_context(&rank.terms, &rank.terms.items[i]))
			credit_term(&rank, &rank.terms.items[i], 1.0);
	add_pairs(&rank);
	add_dates(&rank);
	if (!rank.terms.bare && rank.terms.newest > 0)
		add_context(&rank);
	apply_priors(&rank);
}

List *
rank_all_words(const RankQuery *query, RankLine *lines, int count, double *share)
{
	List *words = NIL;
	double hits = 0;
	Rank rank;

	if (word_dates(query->lines[query->line_count - 1].text, query->english) != NIL)
		return NIL;
	begin(&rank, query, lines, count);
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

/* Of what is asked: neither context nor what is of a kind is a reason to look further. */
List *
rank_rare_words(const RankQuery *query, RankLine *lines, int count, double above, double most)
{
	List *rare = NIL;
	Rank rank;

	begin(&rank, query, lines, count);
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
