/*
 * memory/graph_filter.h: what the filters of memory_search() say of facts and entities: Zep's
 * search_filters, by Zep's names, in which an edge is a fact and a node an entity.
 *
 * Each key is about some kinds of what is found and leaves the others alone. What is not there (an
 * attribute, the end of a fact that holds) meets IS NULL and no other comparison.
 */
#ifndef MEMORY_GRAPH_FILTER_H
#define MEMORY_GRAPH_FILTER_H

#include "threadmem/threadmem.h"

/* What is found, each a bit. */
enum
{
	KIND_EPISODE = 1,
	KIND_FACT = 2,
	KIND_ENTITY = 4
};

/* The times that filters compare. */
typedef enum FilterTime
{
	FILTER_CREATED_AT,
	FILTER_VALID_AT,
	FILTER_INVALID_AT,
	FILTER_EXPIRED_AT,
	FILTER_TIMES
} FilterTime;

struct ConditionGroup;

/* One of these Lists of conditions holds in whole; given it may be none of none. */
typedef struct TimeFilter
{
	bool given;
	List *alternatives;
} TimeFilter;

/* A null allows all. */
typedef struct GraphFilters
{
	Names *labels;
	Names *other_labels; /* not these */
	Names *types;
	Names *other_types;
	Names *fact_ids;
	Names *episode_ids; /* of messages, or of episodes that are none */
	Names *sources;
	Names *targets;
	Names *ends; /* either of both */
	TimeFilter times[FILTER_TIMES];
	struct ConditionGroup *attributes;    /* of the thing itself */
	struct ConditionGroup *episode_facts; /* of the metadata of an episode that it comes from */
} GraphFilters;

/* A fact or an entity, as far as filters ask. */
typedef struct GraphItem
{
	int kind;
	NullableDatum id;
	NullableDatum type;      /* of a fact */
	NullableDatum ends[2];   /* ids of its entities */
	NullableDatum labels[2]; /* of both, or of the entity itself */
	int label_count;
	NullableDatum times[FILTER_TIMES];
	NullableDatum attributes;
} GraphItem;

/* Reads a key into the filters; false for one that is none of Zep's. */
extern bool graph_filter_read(GraphFilters *filters, const char *key, JsonbValue *value);

/* 22023 for a key of the document that is about none of the kinds asked for. */
extern void graph_filter_guard(NullableDatum document, int kinds);

/* Whether the filters let an item pass, wherever it comes from. */
extern bool graph_filter_passes(const GraphFilters *filters, const GraphItem *item);

/* Whether it matters where it comes from, and whether an episode is such a place. */
extern bool graph_filter_asks_episodes(const GraphFilters *filters);
extern bool graph_filter_has_episode(const GraphFilters *filters, NullableDatum message_id,
									 NullableDatum episode_id, NullableDatum metadata);

/* Whether a time is as the filters want it. */
extern bool graph_filter_time(const GraphFilters *filters, FilterTime which, NullableDatum time);

#endif
