/*
 * query/check.h: the parts of the functions that the constraints of the busy tables ask.
 *
 * The executor reads a constraint's expression from its text whenever a statement writes, so what
 * a constraint costs is its nodes: as expressions, those of threads and messages made message_add
 * a third slower. Hence one function for a table, which is told the columns that our code relies
 * on and raises 23514 with the name of the one that is wrong. Null passes: whether a column may be
 * null says its NOT NULL. Wide values are judged by their first bytes.
 */
#ifndef QUERY_CHECK_H
#define QUERY_CHECK_H

#include "threadmem/threadmem.h"

extern void check_object(FunctionCallInfo fcinfo, int arg, const char *column);
extern void check_array(FunctionCallInfo fcinfo, int arg, const char *column);
extern void check_bytes(FunctionCallInfo fcinfo, int arg, const char *column, int length);
extern void check_embedding(FunctionCallInfo fcinfo, int arg, const char *column);
/* The same of several, in a second dimension. */
extern void check_embeddings(FunctionCallInfo fcinfo, int arg, const char *column);
/* An int8 of at least this. */
extern void check_number(FunctionCallInfo fcinfo, int arg, const char *column, int64 least);
/* A finite point in time. */
extern void check_time(FunctionCallInfo fcinfo, int arg, const char *column);
/* One of these texts, which end with NULL. */
extern void check_choice(FunctionCallInfo fcinfo, int arg, const char *column,
						 const char *const *choices);
/* Finite ranges of revisions, which count from 1. */
extern void check_revisions(FunctionCallInfo fcinfo, int arg, const char *column);
extern void check_that(bool holds, const char *column, const char *rule);

#endif
