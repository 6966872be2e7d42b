/*
 * thread/find.h: the parts of a search for threads, within the room thread: what values have to
 * contain, and what is taken out of a row.
 */
#ifndef THREAD_FIND_H
#define THREAD_FIND_H

#include "query/query.h"

/*
 * What a filter by values asks for: kept scalars are looked up in thread_values, the rest is
 * compared with the states of the threads that remain. Any of them is null when there is none.
 */
typedef struct ValuesFilter
{
	NullableDatum kept;       /* jsonb: scalars that thread_values has, if the thread has them */
	NullableDatum certain;    /* jsonb: those of them that are no default of a graph */
	NullableDatum candidates; /* text[]: the threads that have these; null: too many to list */
	NullableDatum defaults;   /* text[]: the channels of the others */
	NullableDatum graphs;     /* text[]: the graphs that have one of them by default */
	NullableDatum rest;       /* jsonb */
	bool impossible;          /* asks for what is no value of a thread */
} ValuesFilter;

/* Looks up the candidates and the graphs; values_match null: it filters nothing. */
extern void values_filter_read(ValuesFilter *filter, Call *call, NullableDatum values_match);

/* The table of threads, as t: all of them, or the candidates. */
extern void values_filter_add_from(const ValuesFilter *filter, Built *built);
/* The conditions on t. */
extern void values_filter_add(const ValuesFilter *filter, Built *built);

/* Paths into a row: {alias: "values.messages[-1].content"}. */
typedef struct Extraction Extraction;

/* NULL for no paths; 22023 for bad ones. */
extern Extraction *extraction_read(NullableDatum paths);

/* Adds to a list of text what thread_state() has to show for it. */
extern List *extraction_fields(const Extraction *extraction, List *fields);

/* What a row can be asked for. */
typedef struct Extractable
{
	Jsonb *values;
	Jsonb *metadata;
	Jsonb *config;
	Jsonb *interrupts;
	bool of_state; /* values and interrupts were read: NULL is then what is too large */
} Extractable;

/* NULL when what a path leads into, or all it takes, is too large. */
extern Jsonb *extraction_take(const Extraction *extraction, const Extractable *row);

#endif
