/*
 * memory/rank_query.h: the terms of a query, for the ranking.
 */
#ifndef MEMORY_RANK_QUERY_H
#define MEMORY_RANK_QUERY_H

#include "memory/rank.h"

/* A line that has a term, and how strongly. */
typedef struct Hit
{
	int line;
	double strength; /* at first how often */
} Hit;

/* A word of the query with its other forms, or what is of the kind that a word names. */
typedef struct Term
{
	double weight;
	int asked; /* the line of the query */
	double idf;
	Hit *hits; /* ordered by line */
	int hit_count;
	int hit_room;
	int sampled;        /* hits in lines that were not looked for */
	const char *lexeme; /* NULL for a kind */
	int length;
	bool dropped;
} Term;

/* Which term a lexeme belongs to: an open hash table. */
typedef struct Slot
{
	const char *lexeme; /* NULL: free */
	int length;
	int term;
} Slot;

typedef struct Terms
{
	const RankQuery *query;
	int newest; /* line of the query */
	bool bare;  /* it says too little: what was said before it is asked as well */
	Term *items;
	int count;
	Slot *slots;
	uint32 mask;
	bool *named; /* speakers that the query names */
	int named_count;
} Terms;

extern void terms_read(Terms *terms, const RankQuery *query);

/* The slot of a lexeme, or the free one where it would be. */
extern Slot *terms_slot(const Terms *terms, const char *lexeme, int length);

/* Whether the term is of a line before the newest, and that one is a question by itself. */
extern bool term_is_context(const Terms *terms, const Term *term);

#endif
