/*
 * query_plan.h: how kept statements are planned; for the query room alone.
 */
#ifndef QUERY_PLAN_H
#define QUERY_PLAN_H

#include "query.h"

/* Before a statement that is prepared runs, and after it; gives what to end. */
extern int plan_begin(Stmt *stmt);
extern void plan_end(int level);

#endif
