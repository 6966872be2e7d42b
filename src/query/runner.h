/*
 * query/runner.h: our statements run as threadmem_runner, everything else as the caller.
 *
 * The role threadmem_runner is the only one with rights on the tables. Around each statement, and
 * around nothing else, the current user is switched to it, as pg_cron and Citus do it; so no
 * application has a right on a table, and yet what it brings (a token counter, a cast of an
 * argument) runs with its own rights. A SECURITY DEFINER function could not tell who called it when
 * an application's own definer does.
 *
 * With it goes the search path: what a statement names without a schema (a type in a cast, an
 * operator) is looked up along it when the statement is planned, and a role's own would run as
 * threadmem_runner. Functions pin it in the catalog; those that policies call for every row cannot
 * pay for that, so it is pinned where the switch is.
 *
 * The pin takes 0.6 of the 8.1 microseconds of the processor of a thread_get, the dearest share of
 * any call: without SET on the function, so that each statement pins it, 8.0, with neither 7.5.
 * Statements that are qualified throughout would not do instead: a plan is kept with the path it
 * was made under, and a session that changes its path, as PostgREST's do in each transaction, would
 * have every statement analysed and planned again. Nor does PushOverrideSearchPath(), which is gone
 * in 17: until it is popped, it holds in the functions as well that set a path of their own.
 */
#ifndef QUERY_RUNNER_H
#define QUERY_RUNNER_H

#include "threadmem/threadmem.h"

typedef enum RunAs
{
	AS_RUNNER,
	AS_READER
} RunAs;

/*
 * A statement of ours that runs: the policies ask it whose rows they are to show, since the current
 * user tells them nothing then.
 */
typedef struct Running
{
	Oid caller; /* and its security context, to be set again */
	int context;
	const char *tenant;
	const struct Stmt *stmt; /* NULL: none that was prepared by query/query.c */
	int level;    /* of the transaction: an error that is caught ends what began above it */
	int settings; /* level of settings to go back to, 0 when none was in the way */
	struct Running *outer;
} Running;

/* The statement of a tenant that runs, and is planned if it has to be: query/plan.c; NULL for none.
 */
extern const struct Stmt *runner_stmt(void);

extern Running *runner_begin(const char *tenant, RunAs as);
extern void runner_end(Running *running);

/* The tenant of the statement of ours that runs, NULL when the user's own code does. */
extern const char *runner_tenant(void);

/* Who called: the current user, or while a statement of ours runs who called that. */
extern Oid runner_caller(void);

#endif
