/*
 * memory/rank_query.h: the terms of a query, for the ranking.
 */
#ifndef MEMORY_RANK_QUERY_H
#define MEMORY_RANK_QUERY_H

#include "memory/rank.h"

/* A line that has a term, and how strongly. */
typedef struct RankHit
{
	int line;
	double strength; /* at first how often */
} RankHit;

/* A word of the query with its other forms, or what is of the kind that a word names. */
typedef struct RankTerm
{
	double weight;
	int asked; /* the line of the query */
	double idf;
	RankHit *hits; /* ordered by line */
	int hit_count;
	int hit_room;
	int sampled;        /* hits in lines that were not looked for */
	const char *lexeme; /* NULL for a kind */
	int length;
	bool is_cut;  /* it may be halves of two words */
	bool is_part; /* of one that is cut, or begins like one: no reason to look further */
	int like;     /* the term whose first letters it has, counts where that has no hit; else -1 */
	bool dropped;
} RankTerm;

/* Which term a lexeme belongs to: an open hash table. */
typedef struct RankSlot
{
	const char *lexeme; /* NULL: free */
	int length;
	int term;
} RankSlot;

typedef struct RankTerms
{
	const RankQuery *query;
	int newest; /* line of the query */
	bool bare;  /* it says too little: what was said before it is asked as well */
	RankTerm *items;
	int count;
	RankSlot *slots;
	uint32 mask;
	RankSlot *beginnings; /* by their first letters, as large */
	uint64 initials;      /* a bit of each letter that one begins with */
	bool has_letters;     /* lexemes that stand for all that begin with them */
	bool *named;          /* speakers that the query names */
	int named_count;
} RankTerms;

/* Fills terms from a query, which has to stay. */
extern void terms_read(RankTerms *terms, const RankQuery *query);

/* The slot of a lexeme, or the free one where it would be. */
extern RankSlot *terms_slot(const RankTerms *terms, const char *lexeme, int length);
/* That of a lexeme of what was said: its own, or that of a letter which it begins with. */
extern const RankSlot *terms_slot_said(const RankTerms *terms, const char *lexeme, int length);

/* That of the words that begin alike; one without lexeme: there are none. */
extern const RankSlot *terms_slot_alike(const RankTerms *terms, const char *lexeme, int length);

/* Whether the term is of a line before the newest, and that one is a question by itself. */
extern bool term_is_context(const RankTerms *terms, const RankTerm *term);

#endif
