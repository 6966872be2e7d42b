/*
 * user/user.h: users and groups, the owners of threads and of what is remembered.
 *
 * The row of a user is locked before any thread's (thread_row/thread_row.h).  Who names a user in
 * what he writes keeps it from being deleted until he commits.
 */
#ifndef USER_H
#define USER_H

#include "query/query.h"

/* The columns of the view threadmem.users, from table alias u. */
#define USER_COLUMNS \
	"u.user_id, u.kind, u.email, u.first_name, u.last_name, u.time_zone, u.summary, " \
	"u.metadata, u.created_at, u.updated_at"

/*
 * Locks the user's row FOR KEY SHARE, so that it cannot be deleted meanwhile; 23503 when there is
 * none. An SQL null passes.
 */
extern void user_require(Call *call, NullableDatum user_id);

/* The same for those of a text[] that are users; the others are only names. */
extern void user_lock_known(Call *call, NullableDatum user_ids);

/* P0002 when there is no such user: for a call about the user; takes no lock. */
extern void user_require_known(Call *call, NullableDatum user_id);

/* The same for a call that changes something of it: a group that a narrowed session may read is not
 * its to change. */
extern void user_require_own(Call *call, NullableDatum user_id);

/* Sets the summary that a model made of the user, whose row is locked. */
extern void user_summarize(Call *call, NullableDatum user_id, NullableDatum summary);

/* Empties such summaries; those that applications set stay. */
extern void user_forget_summaries(Call *call, NullableDatum user_ids);

#endif
