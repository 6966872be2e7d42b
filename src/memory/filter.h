/*
 * memory/filter.h: the filters of memory_search().
 */
#ifndef MEMORY_FILTER_H
#define MEMORY_FILTER_H

#include "threadmem/threadmem.h"

#include "datatype/timestamp.h"

/* What filters allow; none allows all. */
typedef struct Filters
{
	Names *thread_ids; /* NULL: any */
	Names *roles;
	TimestampTz since;
	TimestampTz until;
	Jsonb *metadata;
} Filters;

/* Reads {"thread_ids", "roles", "since", "until", "metadata"}; all are optional, others 22023. */
extern void filters_read(Filters *filters, NullableDatum document);

extern bool filters_pass(const Filters *filters, NullableDatum thread_id, NullableDatum role,
						 TimestampTz event_at, Datum metadata);

#endif
