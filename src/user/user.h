/*
 * user/user.h: users and groups, the owners of threads and of what is remembered.
 */
#ifndef USER_H
#define USER_H

#include "query/query.h"

/* The columns of the view threadmem.users, from table alias u. */
#define USER_COLUMNS \
	"u.user_id, u.kind, u.email, u.first_name, u.last_name, u.time_zone, u.summary, " \
	"u.metadata, u.created_at, u.updated_at"

/* Locks the user's row FOR KEY SHARE, so that it cannot be deleted meanwhile; none is 23503. */
extern void user_require(Call *call, NullableDatum user_id);

/* The same for those of a text[] that are users; the others are only names. */
extern void user_lock_known(Call *call, NullableDatum user_ids);

/* P0002 when there is no such user: for a call about the user; takes no lock. */
extern void user_require_known(Call *call, NullableDatum user_id);

#endif
