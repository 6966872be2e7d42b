/*
 * memory/block.h: the block that is put before the model, and the templates that shape it.
 */
#ifndef MEMORY_BLOCK_H
#define MEMORY_BLOCK_H

#include "memory/memory.h"

#include "nodes/pg_list.h"

/* limit=N of a template's variable. */
#define BLOCK_LIMIT_MAX 1000

/* Begins a variable of a template; no id of one has it. */
#define TEMPLATE_VARIABLE "%{"

/* What stands at a place of the block. */
typedef enum BlockPlace
{
	PLACE_TEXT,
	PLACE_SUMMARY,
	PLACE_EDGES,
	PLACE_ENTITIES,
	PLACE_EPISODES,
	PLACE_WORKING
} BlockPlace;

typedef struct BlockPart
{
	BlockPlace place;
	const char *before; /* the text of PLACE_TEXT; else what stands before what is not empty */
	const char *behind; /* what stands behind it then */
	int limit;          /* at most so many lines */
	Names *types;       /* of facts, or labels of entities; NULL: any */
	bool attributes;    /* are shown */
} BlockPart;

/* The parts (of BlockPart) of a template; 22023 where it breaks the rules of its language. */
extern List *template_parse(const char *template);

/* The text of a stored template; P0002. */
extern char *template_read(Call *call, NullableDatum template_id);

#endif
