/*
 * memory/rerank.h: the order in which what was found is given.
 */
#ifndef MEMORY_RERANK_H
#define MEMORY_RERANK_H

#include "memory/graph.h"

typedef enum Reranker
{
	RERANK_RRF,
	RERANK_MMR,
	RERANK_NODE_DISTANCE,
	RERANK_EPISODE_MENTIONS,
	RERANK_CROSS_ENCODER,
	RERANK_FUNCTION
} Reranker;

/* What a call asks for; the order of the rank where it asks for nothing. */
typedef struct Reranking
{
	Reranker reranker;
	const char *query;       /* for a function */
	NullableDatum entity_id; /* from which distances are measured */
	double lambda;           /* how much an answer counts against being another than those before */
	FmgrInfo function;
	const char *name; /* of it */
} Reranking;

/* Reads the arguments; 22023 where they do not go together, or with what is asked for. */
extern void reranking_read(Reranking *reranking, NullableDatum reranker, NullableDatum entity_id,
						   NullableDatum lambda, int kinds);

/* How many hits it has to see, so that the first so many are right. */
extern int reranking_rows(const Reranking *reranking, int max_rows);

/* What it has to know of facts and entities. */
extern void reranking_ask(const Reranking *reranking, GraphAsked *asked);

/* Lists (of MemoryHit) of one kind each, joined: best first, each scored by its places. */
extern List *rerank_join(List *episodes, List *facts, List *entities);

/* The hits in their order. */
extern List *rerank(const Reranking *reranking, List *hits);

/* The hook (memory/rerank_function.c): scores of hits by a function of the application's. */
extern void rerank_open_function(Reranking *reranking, const char *name);
extern void rerank_by_function(const Reranking *reranking, List *hits);

#endif
