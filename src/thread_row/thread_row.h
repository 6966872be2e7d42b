/*
 * thread_row/thread_row.h: the thread's row. Every write inside a thread first takes this row's
 * lock (FOR NO KEY UPDATE, by head_lock or by one of the updates), so that seq and rev are exact
 * and writers of one thread queue up. Nothing outside this room writes threads, their participants'
 * owner or tombstones.
 *
 * The order of locks, which every call keeps, so that no two of them can wait for each other:
 *
 *  1. users and assistants that the call names (owner, participant, sender, whose run it is), FOR
 *     KEY SHARE; the one that it deletes, FOR UPDATE. Nobody waits for one and holds another FOR
 *     UPDATE.
 *  2. threads in the order of the bytes of their ids. An id that is to be made counts as a thread.
 *     Whom a thread names is not locked once the thread is: who deletes a user or an assistant
 *     locks the threads concerned, too, and then looks again.
 *  3. what is inside a thread, in any order, since nobody else is there; tombstones last, and what
 *     is not waited for (SKIP LOCKED) whenever.
 *
 * What was read before a lock is read again under it.
 */
#ifndef HEAD_H
#define HEAD_H

#include "query/query.h"

/*
 * The status of a thread now; t is "t." or "". Runs expire without anybody writing it, so the row
 * says how long its status holds, and what comes then follows: no other table is asked.
 */
#define THREAD_STATUS(t) \
	"CASE WHEN " t "busy_until > clock_timestamp() THEN 'busy'" \
	" WHEN " t "waits_until > clock_timestamp() THEN 'interrupted'" \
	" WHEN coalesce(" t "busy_until, " t "waits_until) IS NOT NULL THEN 'error'" \
	" ELSE " t "status END"

/* A count as integer; null for what no thread has, which must not end a list. */
#define INTEGER_OF(column) \
	"(CASE WHEN " column " BETWEEN 0 AND 2147483647 THEN " column " END)::integer"

/* The columns of the view threadmem.threads, from table alias t. */
#define THREAD_COLUMNS \
	"t.thread_id, t.user_id, t.assistant_id, t.assistant_pinned, t.graph_id, t.title," \
	" " THREAD_STATUS( \
		"t.") "," \
			  " t.metadata, t.config, t.tool_resources, " INTEGER_OF("t.version") ", " INTEGER_OF( \
				  "t.live_messages") ", t.last_message_at," \
									 " t.state_updated_at, t.expires_at, t.ttl_strategy, t.forked_from, t.created_at, t.updated_at"

/* What a lock or an append tells. Strings are palloc'd, NULL where the column is. */
typedef struct Head
{
	char *user_id;
	char *assistant_id;
	bool assistant_pinned;
	int64 seq; /* the next free one; after head_append the first one taken */
	int64 rev;
	int64 version;
	int64 live_messages;
	int64 checkpoint; /* the next free number */
	char *graph_id;
	bool implicit; /* made by head_enter() and not changed since */
	int64 run;     /* the next free number */
	char *status;  /* as it holds now */
	int64 change;  /* the next free number */
} Head;

/* The columns thread_create gives; thread_id is never null. */
typedef struct NewHead
{
	NullableDatum thread_id;
	NullableDatum user_id;
	NullableDatum assistant_id;
	NullableDatum assistant_pinned;
	NullableDatum graph_id;
	NullableDatum title;
	NullableDatum metadata;
	NullableDatum config;
	NullableDatum tool_resources;
	NullableDatum expires_at;
	NullableDatum ttl_strategy;
} NewHead;

/* What thread_update may change; nulls leave the column, clear empties it. */
typedef struct HeadChange
{
	NullableDatum thread_id;
	NullableDatum metadata; /* merged at its top level */
	NullableDatum remove_keys;
	NullableDatum set_metadata; /* replaces */
	NullableDatum title;
	NullableDatum user_id;
	NullableDatum assistant_id;
	NullableDatum graph_id;
	NullableDatum config;
	NullableDatum tool_resources;
	NullableDatum expires_at;
	NullableDatum ttl_strategy;
	NullableDatum clear; /* text[]: title, user_id, assistant_id, graph_id, ttl */
} HeadChange;

/* P0002 when the thread is not there (or hidden). */
extern void head_require(Call *call, NullableDatum thread_id);
extern void head_lock(Call *call, NullableDatum thread_id, Head *head);
/* As head_lock, and false when the thread is not there. */
extern bool head_try_lock(Call *call, NullableDatum thread_id, Head *head);
/*
 * As head_lock, and makes the thread when it is not there; whether it did. Who may not bring a
 * deleted one back asks head_refuse_late() as well.
 */
extern bool head_enter(Call *call, NullableDatum thread_id, Head *head);
/*
 * Takes an id by an empty row, so that it is locked before other threads are; false when it is
 * taken. head_release takes the row away again, and the id stays this transaction's.
 */
extern bool head_reserve(Call *call, NullableDatum thread_id);
extern void head_release(Call *call, NullableDatum thread_id);
/*
 * Locks all threads that a statement gives in the order of their ids. When it returns, whatever it
 * gives then is locked; 40001 when that cannot be had.
 */
extern void head_lock_all(Call *call, Stmt *list, NullableDatum *args);
/* P0002 while a tombstone stands, for writers that continue something that is not there. */
extern void head_refuse_late(Call *call, NullableDatum thread_id);
extern void head_unearth(Call *call, NullableDatum thread_id);
/* A tombstone, for a thread whose row may stay. */
extern void head_bury(Call *call, NullableDatum thread_id, const Head *head);
/* Keeps the thread from being deleted, and nothing else: for writers that need no numbers. */
extern void head_hold(Call *call, NullableDatum thread_id);
/* The row without a lock; head_peek gives false when the thread is not there. */
extern void head_read(Call *call, NullableDatum thread_id, Head *head);
extern bool head_peek(Call *call, NullableDatum thread_id, Head *head);

/* Locks and takes count places and revisions. */
extern void head_append(Call *call, NullableDatum thread_id, int64 count, Head *head);
/* Locks and takes one revision for an edit of a message. */
extern void head_revise(Call *call, NullableDatum thread_id, Head *head);
/* Counts live messages that came or went; takes so many numbers of changes. */
extern void head_count(Call *call, NullableDatum thread_id, int64 messages, int64 changes);
/* Takes a number for changes of messages; the caller holds the lock. */
extern int64 head_take_change(Call *call, NullableDatum thread_id);

/* What a checkpoint takes of the counters and does to the live messages. */
typedef struct HeadStep
{
	int64 checkpoints;
	int64 places;
	int64 revisions;
	int64 messages; /* live ones that came, less those that went */
	int64 changes;  /* of messages, numbers taken */
	bool by_hand; /* no run's step: moves state_updated_at, not updated_at (langgraph.md section 2)
				   */
} HeadStep;

/* Counts a change of the state; the caller holds the lock. */
extern void head_step(Call *call, NullableDatum thread_id, const HeadStep *step);
/* The head as that leaves it, for who goes on under the same lock. */
extern void head_advance(Head *head, const HeadStep *step);

/* What runs do to the thread's row. */
typedef struct HeadRuns
{
	int64 runs; /* numbers taken */
	const char *status;
	NullableDatum busy_until;
	NullableDatum waits_until;
	NullableDatum metadata; /* merged at its top level */
	NullableDatum config;   /* replaces */
	NullableDatum graph_id; /* for a thread without one */
} HeadRuns;

/* The caller holds the lock. */
extern void head_set_runs(Call *call, NullableDatum thread_id, const HeadRuns *runs);
/* A lease goes on: the thread is busy for as long. */
extern void head_stay_busy(Call *call, NullableDatum thread_id, NullableDatum busy_until);
/*
 * Who changes the state by hand may not do it below a run: 55006 while one is queued, in progress
 * or cancelling. With run_id it must be the one at work: P0002, or 55000 with its status. The
 * caller holds the lock.
 */
extern void head_check_free(Call *call, NullableDatum thread_id, NullableDatum run_id);

/* False when the id exists; else a tombstone of the id is cleared. */
extern bool head_insert(Call *call, const NewHead *row);
/* The changed row is the last statement's row, with a new version. The caller holds the lock. */
extern void head_update(Call *call, const HeadChange *change);
/* Copies the row under a new id; false when that exists. The caller holds the source's lock. */
extern bool head_copy(Call *call, NullableDatum source, NullableDatum target, bool with_state);
/* What the row says of its messages, counted anew. */
typedef struct HeadCount
{
	NullableDatum messages; /* live ones */
	NullableDatum last_message_at;
	NullableDatum next_seq;
} HeadCount;

extern void head_recount(Call *call, NullableDatum thread_id, const HeadCount *count);
/* Takes the counters of another thread whose messages and checkpoints were copied. */
extern void head_take_counters(Call *call, NullableDatum source, NullableDatum target);
/*
 * Deletes the row with all that hangs on it and leaves a tombstone. The caller holds the lock; a
 * session narrowed to another user than the owner is 42501.
 */
extern void head_delete(Call *call, NullableDatum thread_id, const Head *head);
/* Tombstones whose time is over go along with a deletion, once a call: no job has to do it. */
extern void head_sweep(Call *call);

/*
 * To the channel threadmem, at commit, when threadmem.notify is on: messages have come, the newest
 * has this seq; a run has got this status.
 */
extern void head_notify_message(Call *call, NullableDatum thread_id, int64 seq);
extern void head_notify_run(Call *call, NullableDatum thread_id, NullableDatum run_id,
							const char *status);

/* Takes the time limit away; the caller holds the lock. */
extern void head_end_ttl(Call *call, NullableDatum thread_id);
/* Takes an assistant that is going out of every thread. */
extern void head_detach(Call *call, NullableDatum assistant_id);

#endif
