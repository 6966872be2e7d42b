/*
 * memory/filter.h: the filters of memory_search().
 */
#ifndef MEMORY_FILTER_H
#define MEMORY_FILTER_H

#include "memory/graph_filter.h"

#include "datatype/timestamp.h"

/* What memory gives only when filters name it, and does not take for a query. */
#define MEMORY_UNSAID_ROLES "system", "developer", "tool", "function", "platform"

/* What filters allow; none allows all. */
typedef struct MemoryFilters
{
	Names *thread_ids; /* NULL: any */
	Names *roles;      /* NULL: but MEMORY_UNSAID_ROLES */
	TimestampTz since;
	TimestampTz until;
	Jsonb *metadata;
	GraphFilters graph;
} MemoryFilters;

/*
 * Reads {"thread_ids", "roles", "since", "until", "metadata"} and the keys of GraphFilters; all are
 * optional, others 22023.
 */
extern void filters_read(MemoryFilters *filters, NullableDatum document);

/* Whether what was said in a thread, by a role, then, with this metadata is allowed. */
extern bool filters_pass(const MemoryFilters *filters, NullableDatum thread_id, NullableDatum role,
						 TimestampTz event_at, Datum metadata);

/* Whether an episode that something comes from is of one of the threads, and as graph_filter has
 * it. */
extern bool filters_pass_origin(const MemoryFilters *filters, NullableDatum thread_id,
								NullableDatum message_id, NullableDatum episode_id,
								NullableDatum metadata);
extern bool filters_ask_origin(const MemoryFilters *filters);

#endif
