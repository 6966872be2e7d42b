/*
 * extract/extract.h: what others draw from what was said (docs/concepts.md#extraction).
 *
 * No model runs in the server. A worker claims an episode of a user, asks whatever model it likes,
 * and gives what that answered; facts and entities are added as an application would.
 *
 *  episode   a live message of a user's thread that is in its memory, or a row of episodes
 *  waiting   an episode that no extractor has had; nobody writes that down for each: a thread knows
 *            how far they are (thread_row/extract.c), an episode for itself
 *  job       an episode that a worker has claimed. Of a user there is at most one that is open, so
 *            what it says is drawn from in the order in which it came
 *  open      claimed, or to be tried once more (retry); not failed, and not done
 *
 * Locks: the user's row, FOR NO KEY UPDATE, by whoever claims or ends; then the thread's; then what
 * is drawn; the job comes last. Who deletes a thread or a message takes its jobs along below the
 * thread's lock alone, and last as well.
 *
 * What a worker says when it fails may quote its episode, and all that it was given beside it: what
 * was said before, entities, summaries. So whatever memory forgets of a user, no error of the
 * user's jobs outlives it.
 */
#ifndef EXTRACT_H
#define EXTRACT_H

#include "message/message.h"

/*
 * A thread goes, whose messages memory has kept as episodes: those wait that did before. Its jobs
 * go with its row.
 */
extern void extract_keep_thread(Call *call, NullableDatum thread_id);

/* Messages are deleted, or erased: their jobs go, and what the owner's other jobs say of failures.
 */
extern void extract_forget_messages(Call *call, NullableDatum thread_id, NullableDatum message_ids);

/* What is said in a thread is no memory any more: extract_forget() of its owner. */
extern void extract_forget_thread(Call *call, NullableDatum thread_id);

/*
 * Of users, whose memory has forgotten something: what their jobs say of failures goes, and those
 * that are at rest with an episode that is no memory any more. One that is claimed stays, so that
 * its worker is told.
 */
extern void extract_forget(Call *call, NullableDatum user_ids);

/* All of a user; how many jobs. */
extern int64 extract_forget_user(Call *call, NullableDatum user_id);

#endif
