/*
 * query/plan.h: how kept statements are planned; and judged before they run; for the query room
 * alone.
 */
#ifndef QUERY_PLAN_H
#define QUERY_PLAN_H

#include "query/query.h"

/* From now on, the planner plans our statements as query/plan.c says. */
extern void plan_take_hooks(void);

/* And does not know the ids and times of a table: query/statistics.c. */
extern void plan_hide_values(void);

/* Whether a column has an id: its name ends so. */
extern bool plan_is_id(Oid table, int column);

/* 55000 when the library and the catalog are of two versions. */
extern void query_check_version(void);

/* 54001 when the stack has not room for all that a question can ever take: query/probe.c. */
extern void query_probe_words(TSQuery words);

#endif
