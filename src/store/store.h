/*
 * store/store.h: the long-term store (docs/concepts.md#store): documents under a namespace and a
 * key, for what agents keep beside conversations.
 *
 *  label      one element of a namespace
 *  path       a namespace as one text: its labels joined by U+0001, which no label has
 *  prefix     the first labels of a namespace: its items, and those of all namespaces below
 *  item       a document, with its namespace and key
 *  expired    past its time to live: nobody reads it, and the next sweep deletes it
 *
 * An item is no part of a thread, and its row is its only lock. A person whose it is is locked
 * before it (user_lock_known()), so that it does not outlive a deletion of that person; of several
 * items the lock goes by path and key.
 */
#ifndef STORE_H
#define STORE_H

#include "query/query.h"

#define STORE_NAMESPACE "string_to_array(s.path, E'\\x01')"

/* The columns of the view threadmem.store_items, from table alias s. */
#define STORE_COLUMNS \
	STORE_NAMESPACE ", s.key, s.value, s.user_id, s.ttl_minutes, s.expires_at," \
					" s.created_at, s.updated_at"

/* All items that are a user's; how many. */
extern int64 store_forget_user(Call *call, NullableDatum user_id);

/* Deletes so many items that have expired, the longest over first; how many. */
extern int64 store_sweep(Call *call, int64 max_rows);

#endif
