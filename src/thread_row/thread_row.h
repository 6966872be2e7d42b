/*
 * thread_row/thread_row.h: the thread's row, which is the lock and the counters of all that is
 * inside the thread.
 *
 * Every write inside a thread first takes the row's lock (FOR NO KEY UPDATE, by thread_row_lock or
 * by one of the updates), so that numbers are exact and writers of one thread queue up.  Only this
 * room writes the tables threads, thread_tombstones, run_tombstones and notify_channels.  Of what
 * is inside a thread it reads runs and participants, and deletes all together with the row.
 *
 * The row has the next free number of each kind.  A number is taken under the lock, and in a thread
 * never given twice:
 *
 *  seq         the place of a message in the order of the log
 *  rev         a revision of a message: each body that was ever stored
 *  checkpoint  a row of the chain
 *  run         the place of a run in the thread's queue
 *  change      what happened to a message after it was stored, for who polls for that
 *
 * Live messages are those that the log shows.  A tombstone says that the thread of an id was
 * deleted, or the run of an id in a thread, for as long as threadmem.tombstone_ttl.  A late writer
 * is one that goes on with a thread without knowing that it was deleted.
 *
 * The order of locks, which every call keeps, so that no two of them can wait for each other:
 *
 *  1. users and assistants that the call names (owner, participant, sender, whose run it is), FOR
 *     KEY SHARE; the one that it deletes, FOR UPDATE. Nobody waits for one and holds another FOR
 *     UPDATE.
 *  2. threads in the order of the bytes of their ids. An id that is to be made counts as a thread.
 *     Whom a thread names is not locked once the thread is: who deletes a user or an assistant
 *     locks the threads that name it, too, and then looks again.
 *  3. what is inside a thread, in any order, since nobody else is there; tombstones last, and what
 *     is not waited for (SKIP LOCKED) whenever.
 *  4. items of the store (store/store.h) by the bytes of path and key.
 *
 * What was read before a lock is read again under it.
 */
#ifndef THREAD_ROW_H
#define THREAD_ROW_H

#include "query/query.h"

/*
 * The status of a thread now; t is "t." or "". Runs expire without anybody writing it, so the row
 * says how long its status holds, and what comes then follows: no other table is asked.
 */
#define THREAD_STATUS(t) \
	"CASE WHEN " t "busy_until > clock_timestamp() THEN 'busy'" \
	" WHEN " t "waits_until > clock_timestamp() THEN 'interrupted'" \
	" WHEN coalesce(" t "busy_until, " t "waits_until) IS NOT NULL THEN 'error'" \
	" WHEN " t "head_status IS NOT NULL AND " t "next_run = 1 THEN " t "head_status" \
	" ELSE " t "status END"

/* A count as integer; null for what no thread has, which must not end a list. */
#define INTEGER_OF(column) \
	"(CASE WHEN " column " BETWEEN 0 AND 2147483647 THEN " column " END)::integer"

/* Whether a row of runs has ended, or is past its lease or its time, which nobody need have noted.
 */
#define THREAD_ROW_RUN_IS_OVER(r) \
	"(" r ".completed_at IS NOT NULL OR least(" r ".lease_until, " r ".expires_at)" \
	" <= clock_timestamp())"

/* The columns of the view threadmem.threads, from table alias t. */
#define THREAD_COLUMNS \
	"t.thread_id, t.user_id, t.assistant_id, t.assistant_pinned, t.graph_id, t.title," \
	" " THREAD_STATUS( \
		"t.") "," \
			  " t.metadata, t.config, t.tool_resources, " INTEGER_OF("t.version") ", " INTEGER_OF( \
				  "t.live_messages") ", t.last_message_at," \
									 " t.state_updated_at, " THREAD_EXPIRY \
									 ", t.ttl_strategy, t.ttl_minutes, t.ttl_refresh, t.in_memory, t.archived, t.forked_from, t.created_at, t.updated_at"

/*
 * When the thread's time is over, from table alias t; writes move it where it is to be renewed, and
 * nobody has to write that down. What no thread has must not end a list.
 */
#define THREAD_EXPIRY \
	"CASE WHEN t.ttl_refresh AND t.expires_at IS NOT NULL AND t.ttl_minutes BETWEEN 1 AND 5256000" \
	" THEN greatest(t.expires_at, least(greatest(t.updated_at, t.state_updated_at)," \
	" '2200-01-01 00:00:00Z'::timestamptz) + make_interval(mins => t.ttl_minutes))" \
	" ELSE t.expires_at END"

/* What a lock or an append tells. Strings are palloc'd, NULL where the column is. */
typedef struct ThreadRow
{
	char *user_id;
	char *assistant_id;
	bool assistant_pinned;
	int64 seq; /* the next free one; after thread_row_append the first one taken */
	int64 rev;
	int64 version;
	int64 live_messages;
	int64 checkpoint; /* the next free number */
	char *graph_id;
	bool implicit;  /* made by thread_row_lock_or_create() and not changed since */
	int64 run;      /* the next free number */
	char *status;   /* as it holds now */
	int64 change;   /* the next free number */
	bool in_memory; /* what is said here is remembered */
	char *asks;     /* the checkpoint at which a task asks or has failed; NULL: none does */
} ThreadRow;

/* A time to live; all null: none, or no change. */
typedef struct ThreadTtl
{
	NullableDatum expires_at;
	NullableDatum strategy;
	NullableDatum minutes;
	NullableDatum refresh;
} ThreadTtl;

/* The columns thread_create gives; thread_id is never null. */
typedef struct NewThreadRow
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
	ThreadTtl ttl;
	NullableDatum created_at; /* null: now */
	NullableDatum in_memory;
	NullableDatum search; /* the lexemes of the title */
	NullableDatum archived;
	bool refuses_deleted; /* P0002 while there is a tombstone of the id */
} NewThreadRow;

/* What thread_update may change; nulls leave the column, clear empties it. */
typedef struct ThreadRowChange
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
	ThreadTtl ttl;
	NullableDatum in_memory;
	NullableDatum search; /* the lexemes of the title, when that changes */
	NullableDatum archived;
	NullableDatum clear; /* text[]: title, user_id, assistant_id, graph_id, ttl */
} ThreadRowChange;

/*
 * P0002 when the thread is not there, or hidden from this session. So do all below that lock or
 * read the row, unless they give a bool.
 */
extern void thread_row_require(Call *call, NullableDatum thread_id);
extern void thread_row_lock(Call *call, NullableDatum thread_id, ThreadRow *thread);
/* As thread_row_lock, and false when the thread is not there. */
extern bool thread_row_try_lock(Call *call, NullableDatum thread_id, ThreadRow *thread);
/*
 * As thread_row_lock, and makes the thread when it is not there; whether it did. Who may not bring
 * a deleted one back asks thread_row_refuse_late() as well.
 */
extern bool thread_row_lock_or_create(Call *call, NullableDatum thread_id, ThreadRow *thread);
/*
 * Takes an id by an empty row, so that it is locked before other threads are; false when it is
 * taken. thread_row_release takes the row away again, and the id stays this transaction's.
 */
extern bool thread_row_reserve(Call *call, NullableDatum thread_id);
extern void thread_row_release(Call *call, NullableDatum thread_id);
/*
 * Locks all threads that a statement gives in the order of their ids. When it returns, whatever it
 * gives then is locked; 40001 when that cannot be had.
 */
extern void thread_row_lock_all(Call *call, Stmt *list, NullableDatum *args);
/* For late writers: P0002 while there is a tombstone that is not too old. */
extern void thread_row_refuse_late(Call *call, NullableDatum thread_id);
extern void thread_row_clear_tombstone(Call *call, NullableDatum thread_id);
/* Whether the session is not narrowed to another user than the owner, which is what thread says. */
extern bool thread_row_is_own(const ThreadRow *thread);
/* 42501 when it is: action is what the thread may not be then. */
extern void thread_row_require_own(NullableDatum thread_id, const ThreadRow *thread,
								   const char *action, const char *hint);
/*
 * A tombstone, for a thread whose row may stay. 42501 in a session narrowed to another user than
 * the owner.
 */
extern void thread_row_put_tombstone(Call *call, NullableDatum thread_id, const ThreadRow *thread);
/* The row without a lock; thread_row_try_read gives false when the thread is not there. */
extern void thread_row_read(Call *call, NullableDatum thread_id, ThreadRow *thread);
extern bool thread_row_try_read(Call *call, NullableDatum thread_id, ThreadRow *thread);

/*
 * Locks and takes count places and revisions: the first ones, the next run, and what a new message
 * has of the thread (user_id, in_memory), are set and nothing else. The newest of the messages was
 * said then, or now where that is earlier: what is imported is as old as it says.
 */
extern void thread_row_append(Call *call, NullableDatum thread_id, int64 count, TimestampTz said,
							  ThreadRow *thread);
/* Locks and takes count revisions, for edits of messages; thread->rev is the first. */
extern void thread_row_take_revisions(Call *call, NullableDatum thread_id, int64 count,
									  ThreadRow *thread);
/* Counts live messages that came or went; takes so many numbers of changes. */
extern void thread_row_count(Call *call, NullableDatum thread_id, int64 messages, int64 changes);
/* Takes a number for changes of messages, and gives it; the caller holds the lock. */
extern int64 thread_row_take_change(Call *call, NullableDatum thread_id);

/* What a checkpoint takes of the counters and does to the live messages. */
typedef struct ThreadRowStep
{
	int64 checkpoints;
	int64 places;
	int64 revisions;
	int64 messages; /* live ones that came, less those that went */
	int64 changes;  /* of messages, numbers taken */
	bool dated;     /* the newest of the places was said then, or now where that is earlier */
	TimestampTz said;
	bool by_hand; /* no run's step: moves state_updated_at, and not updated_at, as LangGraph has it
				   */
} ThreadRowStep;

/* Counts a change of the state; the caller holds the lock. */
extern void thread_row_step(Call *call, NullableDatum thread_id, const ThreadRowStep *step);
/*
 * The row says whether tasks of a checkpoint of the thread's own graph ask or have failed, which is
 * its status while it has no runs; null: those of the latest checkpoint. For a checkpoint that is
 * the latest, or will be.
 */
extern void thread_row_note_head(Call *call, NullableDatum thread_id, NullableDatum checkpoint_id);

/* The row as that leaves it, for who goes on under the same lock. */
extern void thread_row_advance(ThreadRow *thread, const ThreadRowStep *step);

/* What runs do to the thread's row. */
typedef struct ThreadRowRuns
{
	int64 runs; /* numbers taken */
	const char *status;
	NullableDatum busy_until;
	NullableDatum waits_until;
	NullableDatum metadata; /* merged at its top level */
	NullableDatum config;   /* replaces */
	NullableDatum graph_id; /* for a thread without one */
} ThreadRowRuns;

/* The caller holds the lock. */
extern void thread_row_set_runs(Call *call, NullableDatum thread_id, const ThreadRowRuns *runs);
/* A lease goes on: the thread is busy for as long. */
extern void thread_row_stay_busy(Call *call, NullableDatum thread_id, NullableDatum busy_until);
/*
 * For each write that names a run (null: it names none): 55000 when that is over, or was deleted
 * and another run of the thread is not over. What is no run passes. The caller holds the lock; an
 * attempt's number, once runs are attempted again, is asked for here as well.
 */
extern void thread_row_check_run(Call *call, NullableDatum thread_id, const ThreadRow *thread,
								 NullableDatum run_id);
/*
 * Who changes the state by hand may not do it below a run: 55006 while one is queued, in progress
 * or cancelling. With run_id it must be the one at work: P0002, or 55000 with its status. The
 * caller holds the lock.
 */
extern void thread_row_check_free(Call *call, NullableDatum thread_id, NullableDatum run_id);

/* A row of which no more is given than these. */
extern NewThreadRow thread_row_new(NullableDatum thread_id, NullableDatum user_id);
/* False when the id exists; else a tombstone of the id is cleared. */
extern bool thread_row_insert(Call *call, const NewThreadRow *row);
/* The changed row is the last statement's row, with a new version. The caller holds the lock. */
extern void thread_row_update(Call *call, const ThreadRowChange *change);
/* Copies the row under a new id; false when that exists. The caller holds the source's lock. */
extern bool thread_row_copy(Call *call, NullableDatum source, NullableDatum target,
							bool with_state);
/* What the row says of its messages, counted anew. */
typedef struct ThreadRowCount
{
	NullableDatum messages; /* live ones */
	NullableDatum last_message_at;
	NullableDatum next_seq;
} ThreadRowCount;

extern void thread_row_recount(Call *call, NullableDatum thread_id, const ThreadRowCount *count);
/* Takes the counters of another thread whose messages and checkpoints were copied. */
extern void thread_row_take_counters(Call *call, NullableDatum source, NullableDatum target);
/*
 * Deletes the row with all that hangs on it and leaves a tombstone. The caller holds the lock; a
 * session narrowed to another user than the owner is 42501.
 */
extern void thread_row_delete(Call *call, NullableDatum thread_id, const ThreadRow *thread);
/* A tombstone from before this time is none any more. */
extern NullableDatum thread_row_oldest_tombstone(void);
/* Runs (a text[]) that are about to be deleted leave their ids; those too old go, as below. */
extern void thread_row_bury_runs(Call *call, NullableDatum thread_id, NullableDatum run_ids);
/* Tombstones whose time is over go along with a deletion, once a call: no job has to do it. */
extern void thread_row_sweep_tombstones(Call *call);

/*
 * To the channel of the tenant (notify_channel()), at commit, when threadmem.notify is on: messages
 * have come, the newest has this seq; a run has got this status.
 */
extern void thread_row_notify_message(Call *call, NullableDatum thread_id, int64 seq);
extern void thread_row_notify_run(Call *call, NullableDatum thread_id, NullableDatum run_id,
								  const char *status);

/* The time limit has done its work, and begins anew with the next write; the caller holds the lock.
 */
extern void thread_row_rest_ttl(Call *call, NullableDatum thread_id);
/* Limits that were renewed by writes move on, as many at most: they are not in a purge's way then.
 */
extern void thread_row_renew_ttls(Call *call, int64 max_rows);
/* No thread names this assistant any more. The caller holds the locks of those that do. */
extern void thread_row_detach_assistant(Call *call, NullableDatum assistant_id);

/* Locks the thread, unless somebody else does; false then, and when there is none. */
extern bool thread_row_lock_to_extract(Call *call, NullableDatum thread_id);
/*
 * Extractors are through with it up to a revision, null for all; what comes behind waits since a
 * time, null for nothing. The caller holds the lock.
 */
extern void thread_row_extracted(Call *call, NullableDatum thread_id, NullableDatum rev,
								 NullableDatum waits);

#endif
