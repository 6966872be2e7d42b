/*
 * json_patch/match.h: which elements two arrays have in common, in order.
 */
#ifndef JSON_PATCH_MATCH_H
#define JSON_PATCH_MATCH_H

#include "json_patch/tree.h"

/* A stretch of an array, and for each element of it whether it stays. */
typedef struct MatchStretch
{
	const JsonItems *items;
	int start;
	int count;
	bool *stays;
} MatchStretch;

/*
 * Allocates and fills both stays; as many of the one are true as of the other. The first elements
 * of both differ, and the last ones.
 */
extern void match_elements(MatchStretch *old, MatchStretch *new);

#endif
