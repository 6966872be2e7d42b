/*
 * memory/graph.h: facts and entities as a search finds them, for this room.
 *
 *  known     what memory knew at the time that is asked for, read whole (memory/graph.c)
 *  current   a fact that held then
 *  found     by a word of the query or, an entity, by a name that is nearly one
 *  reached   over facts, from the entities found and from the user's own; its distance is how many
 */
#ifndef MEMORY_GRAPH_H
#define MEMORY_GRAPH_H

#include "memory/filter.h"
#include "memory/memory.h"

#define DISTANCE_NONE 1000000 /* it is not reached */

/* The columns of the rows. */
enum
{
	FACT_ID,
	FACT_SOURCE_ID,
	FACT_TARGET_ID,
	FACT_NAME,
	FACT_TEXT,
	FACT_VALID_AT,
	FACT_INVALID_AT,
	FACT_CREATED_AT,
	FACT_EXPIRED_AT,
	FACT_ATTRIBUTES,
	FACT_METADATA,
	FACT_SEARCH,
	FACT_FIELDS
};

enum
{
	ENTITY_ID,
	ENTITY_NAME,
	ENTITY_LABEL,
	ENTITY_SUMMARY,
	ENTITY_ATTRIBUTES,
	ENTITY_METADATA,
	ENTITY_CREATED_AT,
	ENTITY_SEARCH,
	ENTITY_FIELDS
};

/* What facts and entities have in common where they are ranked. */
typedef struct GraphPlace
{
	double score; /* by the words; 0: not found */
	int band;     /* how well it answers, 0 best */
	int distance;
	int mentions;    /* episodes that it comes from */
	bool has_origin; /* one of these passes the filters */
	bool may_give;
} GraphPlace;

typedef struct KnownFact
{
	NullableDatum fields[FACT_FIELDS];
	int ends[2]; /* source and target among the entities, -1 for one that is not there */
	bool current;
	bool taken_back;
	GraphPlace place;
} KnownFact;

typedef struct KnownEntity
{
	NullableDatum fields[ENTITY_FIELDS];
	bool is_user;
	GraphPlace place;
} KnownEntity;

/* Everything that a user's memory knows as a graph. */
typedef struct MemoryGraph
{
	Call *call;
	const MemoryQuery *query;
	MemoryFilters filters;
	KnownFact *facts;
	int fact_count;
	KnownEntity *entities;
	int entity_count;
	Names *ids;  /* of entities */
	bool asked;  /* there is a word to look for */
	bool counts; /* mentions are known */
} MemoryGraph;

/* Something found: one of the three. */
typedef struct MemoryHit
{
	int kind;
	Episode *episode;
	KnownFact *fact;
	KnownEntity *entity;
	double relevance; /* of the best of its kind, which has 1; of what is merely reached 0 */
	double score;     /* orders the answer */
} MemoryHit;

/* Episodes, as they are ranked. */
extern List *hits_of_episodes(List *episodes);

/* What is told of it in words. */
extern char *hit_text(const MemoryHit *hit);

/*
 * Reads what a user's memory knows (as of the query's time, if it has one) and looks for the query
 * in it. origin_ids: where to set out instead of what is found; null: not said. P0002 for one that
 * is not there.
 */
extern void graph_search(Call *call, const MemoryQuery *query, NullableDatum origin_ids,
						 MemoryGraph *graph);

/* The best of it that the filters let through (of MemoryHit), best first. */
extern List *graph_best_facts(MemoryGraph *graph, int most);
extern List *graph_best_entities(MemoryGraph *graph, int most);

/* What it does first: the rows, and which of them the filters let through (memory/graph.c). */
extern void graph_read(Call *call, const MemoryQuery *query, MemoryGraph *graph);
/* A time of a row, or what stands for it where it has none. */
extern TimestampTz graph_time(const NullableDatum *fields, int which, TimestampTz otherwise);

/* An entity by its id, NULL for none. */
extern KnownEntity *graph_entity(const MemoryGraph *graph, NullableDatum id);

/* Distances anew, from one entity, however far. */
extern void graph_measure(MemoryGraph *graph, KnownEntity *from);

/* Counts the episodes that everything comes from, if that is not done yet. */
extern void graph_count_mentions(MemoryGraph *graph);

#endif
