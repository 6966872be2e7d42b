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

/* The columns of the rows, which begin alike. */
enum
{
	GRAPH_ID,
	GRAPH_CREATED_AT,
	GRAPH_FIELDS
};

enum
{
	FACT_SOURCE_ID = GRAPH_FIELDS,
	FACT_TARGET_ID,
	FACT_NAME,
	FACT_TEXT,
	FACT_VALID_AT,
	FACT_INVALID_AT,
	FACT_EXPIRED_AT,
	FACT_ATTRIBUTES,
	FACT_METADATA,
	FACT_SEARCH,
	FACT_FIELDS
};

enum
{
	ENTITY_NAME = GRAPH_FIELDS,
	ENTITY_LABEL,
	ENTITY_SUMMARY,
	ENTITY_ATTRIBUTES,
	ENTITY_METADATA,
	ENTITY_SEARCH,
	ENTITY_FIELDS
};

/* What facts and entities have in common where they are ranked. */
typedef struct GraphPlace
{
	double score;    /* by the words, one scale for all memories; 0: not found */
	bool current;    /* it holds; an entity always does */
	int distance;    /* from what was found */
	int apart;       /* from the centre that was asked for */
	int mentions;    /* episodes that it comes from */
	bool has_origin; /* one of these passes the filters */
	bool may_give;
} GraphPlace;

typedef struct KnownFact
{
	NullableDatum fields[FACT_FIELDS];
	int ends[2]; /* source and target among the entities, -1 for one that is not there */
	bool taken_back;
	GraphPlace place;
} KnownFact;

typedef struct KnownEntity
{
	NullableDatum fields[ENTITY_FIELDS];
	bool is_user;
	GraphPlace place;
} KnownEntity;

/* Everything that one memory knows as a graph. */
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
	int *first;  /* of an entity, its first way; of one more, the end */
	int *ways;   /* facts */
	int *queue;  /* entities that were reached, the nearest first */
	int reached;
} MemoryGraph;

/* What is asked of it beside the query. */
typedef struct GraphAsked
{
	int kinds;
	int most;                 /* of each kind */
	NullableDatum origin_ids; /* text[]: where to set out instead of what is found; null: there */
	NullableDatum center_id;  /* from which the hits' places are apart; null: none */
	bool mentions;            /* are counted */
} GraphAsked;

/* Something found: an episode, a fact or an entity. */
typedef struct MemoryHit
{
	int kind;
	const char *owner_id; /* whose memory it is of */
	Episode *episode;
	NullableDatum *fields; /* of a fact, or of an entity */
	bool is_user;          /* the entity is the owner itself */
	GraphPlace place;      /* of both */
	int band;              /* how well it answers, 0 best */
	int at;                /* its place in the list, for as long as that is sorted */
	double relevance;      /* of the best of its kind, which has 1; of what is merely reached 0 */
	double score;          /* orders the answer */
} MemoryHit;

/*
 * Facts and entities of some memories (owners: of Datum, text) that answer a query and pass its
 * filters, as far as they are asked for; of MemoryHit, best first (memory/graph_join.c). P0002 for
 * an origin or a centre that is in none of the memories.
 */
extern void graph_find_in(Call *call, const MemoryQuery *query, List *owners,
						  const GraphAsked *asked, List **facts, List **entities);

/* Episodes, as they are ranked. */
extern List *hits_of_episodes(List *episodes);

/* What is told of it in words. */
extern char *hit_text(const MemoryHit *hit);

/* The parts of it, for one memory */

/* Reads the rows, and which of them the filters let through (memory/graph.c). */
extern void graph_read(Call *call, const MemoryQuery *query, MemoryGraph *graph);
/* A time of a row, or what stands for it where it has none. */
extern TimestampTz graph_time(const NullableDatum *fields, int which, TimestampTz otherwise);
/* An entity by its id, NULL for none. */
extern KnownEntity *graph_entity(const MemoryGraph *graph, NullableDatum id);
/* Counts the episodes that everything comes from, if that is not done yet. */
extern void graph_count_mentions(MemoryGraph *graph);

/* Looks for the query in what was read (memory/graph_find.c). */
extern void graph_search(MemoryGraph *graph, const GraphAsked *asked);

/* Ways (memory/graph_ways.c): nothing is reached; an entity is, the nearest first; and what facts
 * that were not taken back lead to, as far as that. */
extern void graph_stay(MemoryGraph *graph);
extern void graph_reach(MemoryGraph *graph, KnownEntity *entity, int distance);
extern void graph_walk(MemoryGraph *graph, int farthest);

#endif
