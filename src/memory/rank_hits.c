/*
 * memory/rank_hits.c: where the words of a query are, and how much that says.
 *
 * How rare a word is, and how long a line, is of all that the user has (RankQuery.known): lines
 * that were not read have none of the words, or as many as those that were read whatever they say.
 */
#include "memory/rank_work.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/memutils.h"

/* BM25: how fast repetition saturates, and how much length tells against a message. */
#define SATURATION 0.9
#define LENGTH_SHARE 0.4

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
			const char *lexeme = STRPTR(words) + entry->pos;
			const RankSlot *slot = terms_slot_said(&rank->terms, lexeme, entry->len);

			if (!slot->lexeme)
				slot = terms_slot_alike(&rank->terms, lexeme, entry->len);
			if (slot->lexeme)
				add_hit(&rank->terms.items[slot->term], i, rank->lines[i].sampled,
						word_times(words, entry));
		}
	}
}

/* What only begins like a word counts where the word itself is nowhere. */
static void
drop_alike(Rank *rank)
{
	for (int i = 0; i < rank->terms.count; i++)
	{
		RankTerm *term = &rank->terms.items[i];

		if (term->like >= 0 && rank->terms.items[term->like].hit_count > 0)
			term->hit_count = term->sampled = 0;
	}
}

double
rank_idf(double all, double having)
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
	term->idf = (1 - THREAD_IDF_SHARE) * rank_idf(rank->all, lines_having(rank, term)) +
				THREAD_IDF_SHARE * rank_idf(rank->threads, threads);
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

void
rank_begin(Rank *rank, const RankQuery *query, RankLine *lines, int count)
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
	drop_alike(rank);
}

void
rank_weigh(Rank *rank)
{
	for (int i = 0; i < rank->terms.count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		weigh_hits(rank, &rank->terms.items[i]);
	}
	drop_common(rank);
}
