/*
 * thread/thread.h: the thread as a whole: create, change, search, copy, fork, delete.
 *
 * The room stands this late because its calls need nearly all others. The thread's row is
 * thread_row's, the messages are message's, and so on; of tables of its own it has only
 * thread_participants. Here is what the rooms after it need.
 */
#ifndef THREAD_H
#define THREAD_H

#include "thread_row/thread_row.h"

/* What a deletion took away, by kind; threadmem.deletion_count gives it as rows. */
typedef struct Deletions
{
	int64 users;
	int64 assistants;
	int64 threads;
	int64 participants;
	int64 messages;      /* revisions of one message count once */
	int64 kept_messages; /* whose texts stay in memory as episodes */
	int64 checkpoints;
	int64 runs;
	int64 erased_messages;
	int64 episodes; /* that memory kept beside messages */
	int64 facts;    /* and entities */
	int64 store_items;
} Deletions;

/*
 * Deletes a thread with all inside and leaves a tombstone; keep_memory: its owner's messages
 * become episodes, else memory forgets what it has of it. P0002; 42501 for who does not own it.
 */
extern void thread_remove(Call *call, NullableDatum thread_id, bool keep_memory,
						  Deletions *deletions);

/* Ends the call with the row of a thread. P0002. */
extern Datum thread_return(Call *call, NullableDatum thread_id);

/* A row of the set that is open: so many of a kind, and of how many memory keeps the text. */
extern void thread_put_deletion(Call *call, const char *kind, int64 deleted, int64 kept);

/* Ends the call with the counts, one row a kind. */
extern Datum thread_return_deletions(Call *call, const Deletions *deletions);

#endif
