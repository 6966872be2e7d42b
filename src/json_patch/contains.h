/*
 * json_patch/contains.h: whether one document contains another.
 */
#ifndef JSON_PATCH_CONTAINS_H
#define JSON_PATCH_CONTAINS_H

#include "threadmem/threadmem.h"

/* As the operator @>. */
extern bool json_contains(Jsonb *whole, Jsonb *part);

/* A part of the document with no more than so many values, palloc'd; NULL when it has no more
 * itself. */
extern Jsonb *json_sample(Jsonb *document, int values);

#endif
