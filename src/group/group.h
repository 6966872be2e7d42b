/*
 * group/group.h: who belongs to a group, whose memory is then the member's to read.
 *
 *  group   a user of kind group (user/user.h): threads and memory are its own as a user's are
 *  member  a user that is no group, or an assistant
 */
#ifndef GROUP_H
#define GROUP_H

#include "query/query.h"

/* Most groups that one belongs to: a search goes through each. */
#define GROUPS_MAX 100

/* The groups of a user and those of an assistant (of Datum: text), by their ids; nulls pass. */
extern List *group_list(Call *call, NullableDatum user_id, NullableDatum assistant_id);

/* A user, as member or as group, or an assistant that is being deleted. */
extern void group_forget_user(Call *call, NullableDatum user_id);
extern void group_forget_assistant(Call *call, NullableDatum assistant_id);

#endif
