/*
 * thread/participants.h: what the rest of the room does with participants.
 */
#ifndef PARTICIPANTS_H
#define PARTICIPANTS_H

#include "thread/thread.h"

/* Users (a text[]) take part in a new thread of this owner. */
extern void thread_add_participants(Call *call, NullableDatum thread_id, NullableDatum owner_id,
									NullableDatum ids);
/* The policy of narrowed sessions trusts owner_id, so it changes with the thread's row. */
extern void thread_set_participants_owner(Call *call, NullableDatum thread_id,
										  NullableDatum owner_id);

#endif
