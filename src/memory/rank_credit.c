/*
 * memory/rank_credit.c: what was found in a line counts for the lines beside it.
 *
 * A line takes a word once, from the nearest place (the maximum, not the sum). Whatever else
 * singles lines out is spread in the same way: rank_spread() takes any hits.
 */
#include "memory/rank_work.h"

#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* The credit of a match for the messages around it, by distance; more after one that asks. */
static const double shares[] = {0.25, 0.3, 1.0, 0.7, 0.4}; /* two before to two after */
#define AFTER_QUESTION 0.2
#define APART_MAX 8 /* places between two that are read one after the other */

#define PAIR_WEIGHT 0.2
#define PAIR_IN_QUERY 2 /* places apart at most */
#define PAIR_IN_LINE 3
#define DATE_WEIGHT 0.5

#define PERSON_BYTES 1000 /* of a long text its beginning shows who speaks */

static void
read_traits(const Rank *rank, const RankLine *line, RankTraits *traits)
{
	int said = word_length_said(line->text, line->text_length);

	traits->asks = word_asks_near_end(line->text, line->text_length);
	traits->ends_asking = word_ends_asking(line->text, said);
	traits->person = rank->query->english ? word_person(line->text, Min(said, PERSON_BYTES)) : 0;
}

const RankTraits *
rank_traits(Rank *rank, int i)
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
bool
rank_are_beside(const RankLine *line, const RankLine *next)
{
	return line->thread == next->thread && next->place - line->place <= APART_MAX &&
		   line->place - next->place <= APART_MAX;
}

void
rank_spread(Rank *rank, const RankHit *hits, int count, double weight)
{
	for (int h = 0; h < count; h++)
		for (int d = -REACH; d <= REACH; d++)
		{
			int at = hits[h].line + d;
			double share = shares[d + REACH];

			if (at < 0 || at >= rank->count ||
				!rank_are_beside(&rank->lines[hits[h].line], &rank->lines[at]))
				continue;
			if (d == 1 && rank_traits(rank, hits[h].line)->asks)
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

void
rank_credit(Rank *rank, const RankTerm *term, double share)
{
	if (!term->dropped)
		rank_spread(rank, term->hits, term->hit_count, term->weight * share);
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
		near[i].strength = rank_idf(rank->all, count);
	rank_spread(rank, near, count, PAIR_WEIGHT);
	pfree(near);
}

void
rank_credit_pairs(Rank *rank)
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
		rank->lines[fits[i]].score += DATE_WEIGHT * rank_idf(rank->all, count);
	pfree(fits);
}

static List *
dates_of(const RankQuery *query)
{
	return word_dates(query->lines[query->line_count - 1].text, query->english);
}

bool
rank_has_dates(const RankQuery *query)
{
	return dates_of(query) != NIL;
}

void
rank_credit_dates(Rank *rank)
{
	ListCell *cell;

	foreach (cell, dates_of(rank->query))
		add_date(rank, lfirst(cell));
}
