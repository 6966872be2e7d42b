/*
 * message/message.h: the log of a thread: its messages, every body that they ever had, and how the
 * states of the thread refer to them.
 *
 * A message has its place in the log (seq), its id, and one revision (rev) for each of its bodies.
 * A revision is a row.  Its body changes only while it is streamed and when it is erased; an edit
 * is another revision with the same seq.  The state of a row (messages.state) is
 *
 *  live        what the log shows; of a message at most one revision is live
 *  superseded  another revision took its place
 *  off_branch  only checkpoints that are not on the way to the head have it
 *  deleted     by a person: the body is kept
 *  erased      by a person: the body is gone, and whatever comes under the id is not stored
 *
 * A checkpoint (room checkpoint) does not copy messages.  Its lists are revisions in an order, kept
 * as runs of adjacent ones (RevRuns).  It holds those in its lists, and has seen those that it or
 * an ancestor holds.  The head is the newest checkpoint of the thread's own namespace; the log
 * follows it (message/move.c).  What the log has and the head has not seen is pending.
 *
 * Whoever writes here has the lock of the thread's row (thread_row_lock() or one of its updates)
 * before it looks at a message. Only message_append() has no more than the message's, FOR SHARE: it
 * takes no number, and who ends the stream, or deletes the thread, locks the message too.
 */
#ifndef MESSAGE_H
#define MESSAGE_H

#include "thread_row/thread_row.h"
#include "shape/shape.h"

#include "nodes/pg_list.h"

#include "json_patch/json_patch.h"
#include "threadmem/threadmem.h"

/* The columns of the view threadmem.messages, from table alias m, with these for what is read out
 * of the body. */
#define MESSAGE_COLUMNS \
	MESSAGE_COLUMNS_WITH("threadmem.message_content(m.body)", "threadmem.message_text(m.body)")
#define MESSAGE_COLUMNS_WITH(content, text) MESSAGE_COLUMNS_OF(content, text, "m.status", "m.body")
/*
 * The same for who reads: what is being streamed has the text that has come, and has failed when
 * its run is over, whoever has written that down.
 */
#define IF_STREAMED(streamed, else) \
	"CASE WHEN m.status = 'in_progress' THEN threadmem." streamed " ELSE " else " END"
#define MESSAGE_STATUS_NOW IF_STREAMED("streamed_status(m.thread_id, m.run_id)", "m.status")
#define MESSAGE_BODY_NOW \
	IF_STREAMED("streamed_body(m.thread_id, m.message_id, m.run_id, m.body)", "m.body")
#define MESSAGE_COLUMNS_NOW MESSAGE_COLUMNS_READ(MESSAGE_BODY_NOW)
/* Where m is a subquery that gives these columns and is not pulled up: the text is joined once. */
#define MESSAGE_ROW_NOW "m.*, " MESSAGE_BODY_NOW " AS body_now"
#define MESSAGE_COLUMNS_OF_ROW_NOW MESSAGE_COLUMNS_READ("m.body_now")
#define MESSAGE_COLUMNS_READ(body) \
	MESSAGE_COLUMNS_OF("threadmem.message_content(" body ")", "threadmem.message_text(" body ")", \
					   MESSAGE_STATUS_NOW, body)
#define MESSAGE_COLUMNS_OF(content, text, status, body) \
	"m.thread_id, m.message_id, m.seq, m.rev, m.role, m.origin_role, m.name," \
	" " content ", " text ", m.sender_id, m.user_id, m.assistant_id," \
	" m.run_id, m.tool_call_id, " status ", m.state, m.metadata, " body \
	", m.event_at, m.created_at, m.id_from, m.edited_at"

/* Of revisions from m: that nobody deleted or erased the message, on whatever branch. */
#define MESSAGE_NOT_ENDED \
	" AND NOT EXISTS (SELECT 1 FROM threadmem_data.messages d WHERE d.tenant_id = m.tenant_id" \
	" AND d.thread_id = m.thread_id AND d.message_id = m.message_id" \
	" AND d.state IN ('deleted', 'erased'))"

/* Said by who does not own the thread: the index messages_sender has no other. */
#define SENT_TO_OTHERS(alias) \
	alias "sender_id IS NOT NULL AND (" alias "user_id = " alias "sender_id) IS NOT TRUE"

/*
 * A message on its way in. message_draft reads it from any shape, message_place gives it its number
 * (or the revision it repeats), and it is stored by message_store or by a statement with RETURNING.
 */
#define HASH_BYTES 32 /* of sha256 */

/*
 * Who put the id into the body (messages.id_from).  A model gets the writer's body: one that it did
 * not write an id into goes without (context/context.c).
 */
#define ID_FROM_BODY "body"
#define ID_FROM_ARGUMENT "argument"
#define ID_FROM_THREADMEM "generated"

typedef struct MessageDraft
{
	Jsonb *body; /* with an id */
	MessageShape shape;
	bool in_memory;
	bool given_id;              /* the writer chose the id, so it may be there already */
	const char *id_from;        /* ID_FROM_...; NULL for a revision: as before */
	bool repeated;              /* stored before, or earlier in this call, with the same bytes */
	struct MessageDraft *first; /* the earlier one of this call */
	bool saves;                 /* a stored message of this id is edited, where it differs */
	int64 old_rev;              /* the revision of which it is an edit, 0: none */
	const char *state;
	int64 change; /* 0 for none */
	bool by_checkpoint;
	Datum hash;
	Datum search;
	int64 seq;
	int64 rev;
	char *user_id; /* the thread's owner */
} MessageDraft;

/*
 * Reads the draft; argument is what errors name. 22023 for what is no message. How large the body
 * may be is for the caller to check, when the draft has it with its id: guard_body().
 */
extern void message_draft(MessageDraft *draft, const char *argument, Jsonb *body);

/* As message_draft, for a message whose id is known: a body without an id gets it. */
extern void message_draft_for(MessageDraft *draft, const char *argument, Jsonb *body,
							  const char *message_id);

/* The arguments of message_add after the thread's id, in the order of its declaration in SQL. */
typedef struct MessageArguments
{
	NullableDatum role;
	NullableDatum content;
	NullableDatum body;
	NullableDatum message_id;
	NullableDatum name;
	NullableDatum sender_id;
	NullableDatum assistant_id;
	NullableDatum run_id;
	NullableDatum tool_call_id;
	NullableDatum tool_calls;
	NullableDatum attachments;
	NullableDatum metadata;
	NullableDatum event_at;
	NullableDatum in_memory;
	NullableDatum parts; /* content as a jsonb array */
} MessageArguments;

/* The message that they say, which is to be checked and stored yet. 22023, 54000. */
extern void message_draft_call(MessageDraft *draft, const MessageArguments *given);
/* Whether it was stored before, byte for byte; 23505 when its id is another's. The thread is
 * locked. */
extern bool message_is_said(Call *call, NullableDatum thread_id, MessageDraft *draft);

/* Adds one message and ends the call with its row; status NULL is what the body says. */
extern Datum message_add_one(Call *call, NullableDatum thread_id, const MessageArguments *given,
							 const char *status);

/*
 * Locks the users among the senders of what comes in: that one, and those that a document names.
 * Before any thread is locked.
 */
extern void message_lock_senders(Call *call, NullableDatum document, NullableDatum sender_id);
/* The same of drafts in the form of an export, which has no key of ours for them. */
extern void message_lock_exported(Call *call, const MessageDraft *drafts, int count);

/*
 * Locks the thread and numbers the drafts. One that repeats a stored message byte for byte is left
 * as it is; one whose id is taken by other bytes is 23505, and nothing is stored. With asks, a run
 * that a draft names must be one that may still write (55000); a room that has the run knows.
 */
extern void message_place(Call *call, NullableDatum thread_id, MessageDraft *drafts, int count,
						  bool asks);

/* When a draft was said by its writer's clock; without one that is now, and later than any time. */
extern TimestampTz message_said(const MessageDraft *draft);

/* Stores what message_place did not find. */
extern void message_store(Call *call, NullableDatum thread_id, MessageDraft *drafts, int count);

/*
 * The drafts of a jsonb array of messages in any shape, in order; so many.  Roles to be ignored (a
 * text[]) are stored, but not in_memory. 22023, and 54000 for a body over threadmem.max_body.
 */
extern MessageDraft *message_drafts(const char *argument, Jsonb *messages,
									NullableDatum ignore_roles, int *count);

/* Stores a draft as a revision; what its body does not say of itself stays as old_rev has it. */
extern void message_revise(Call *call, NullableDatum thread_id, int64 old_rev,
						   const MessageDraft *draft);

/* Sets search vector, lexeme count and hash from the body. */
extern void message_index(MessageDraft *draft);

/* Ends the call with the row of a revision. */
extern Datum message_return(Call *call, NullableDatum thread_id, int64 rev);

/* A person's words as a tsquery in the configuration of the search vectors; 22023 when the setting
 * names none with its schema. */
extern Datum message_search_query(Datum words);

/*
 * A lexeme that no text has, of a long one. In a query it stands beside the neighbours of a phrase,
 * in any place, instead of the phrase.
 */
#define LONG_MARK "\x01"

extern Oid message_search_config(void);
/* Whether what matches has one of its words, so that the index of words leads to it. */
extern bool message_query_has_keys(Datum words);

/*
 * How the last thing begins that was said in each of these threads (text[]) by a user or an
 * assistant, the first characters of its text; NULL where there is none among the newest messages.
 */
extern char **message_previews(Call *call, NullableDatum thread_ids);

/*
 * The place in a thread where the words of a tsquery are found, a text: its title, else what is
 * found best in the message that ranks highest. Null when they are in none. What is found stands
 * between two characters that the rest has not.
 */
#define FOUND_BEGIN "\x02"
#define FOUND_END "\x03"
extern NullableDatum message_snippet(Call *call, NullableDatum thread_id, Datum words);
/*
 * A text as it was written, but for its spaces, with its marks: no more of it than a part around
 * what is found, or the whole.
 */
extern text *message_found(const char *bytes, int length, TSQuery query, bool whole);

/* The lexemes of a text, a tsvector as messages have it, and those of a message. */
extern Datum message_lexemes(const char *words);
extern Datum message_lexemes_of(Jsonb *body);
/*
 * Those of what is looked for in others'. A lexeme of one character of a script without spaces
 * (script_is_letter()) stands for all that begin with it.
 */
extern Datum message_lexemes_asked(const char *words);

/* The live revision of a message. */
typedef struct LiveMessage
{
	int64 seq;
	int64 rev;
	char *status;
	NullableDatum run_id;
	Jsonb *body; /* NULL when there is no object in the row: it can still be deleted */
	Datum hash;  /* 0 when there is none */
	NullableDatum edited_at;
} LiveMessage;

/* P0002 when no revision of the message is live. */
extern void message_find_live(Call *call, NullableDatum thread_id, NullableDatum message_id,
							  LiveMessage *live);
/* The same, and waits for those who add chunks to it. */
extern void message_lock_live(Call *call, NullableDatum thread_id, NullableDatum message_id,
							  LiveMessage *live);
/* P0002, which tells what became of a message that is there and not live. */
pg_noreturn extern void message_not_found(Call *call, NullableDatum thread_id,
										  NullableDatum message_id);
/* The body, XX001 when it is damaged. */
extern Jsonb *message_live_body(const LiveMessage *live);
/* Whether the draft has the same bytes. */
extern bool message_is_live_body(const MessageDraft *draft, const LiveMessage *live);

/*
 * Ends the streams of runs (a text[]) that are over: they have failed, with what came and with
 * the reason. The thread is locked.
 */
extern void message_fail_of_runs(Call *call, NullableDatum thread_id, NullableDatum run_ids,
								 const char *reason);

/* Where a page of messages begins or ends: by one of these, or none. */
typedef struct MessageCursor
{
	const char *way; /* "after", "before": what the arguments' names begin with */
	NullableDatum id;
	NullableDatum seq;
	NullableDatum position;
} MessageCursor;

/*
 * The seq that a cursor names, null for none. A message serves in whatever state; P0002 for an id
 * that the thread does not have.
 */
extern NullableDatum message_cursor(Call *call, NullableDatum thread_id, bool descending,
									const MessageCursor *cursor);
/* More than one way to say it is 22023. */
extern void message_cursor_check(const MessageCursor *cursor);

/* What message_list() is asked for, as far as both views take it. */
typedef struct MessageListing
{
	NullableDatum thread_id;
	int32 max_rows;
	bool descending;
	MessageCursor after;
	MessageCursor before;
	NullableDatum role;
	NullableDatum run_id;
	NullableDatum metadata;
	bool include_deleted; /* of the log */
} MessageListing;

/* Reads the arguments of message_list(); whether the view is the state's. */
extern bool message_listing(MessageListing *listing, NullableDatum *args);
/* Ends the call with the page of the log. */
extern Datum message_list_log(Call *call, const MessageListing *listing);

/* Some revisions one by one, in an order; one may come twice. */
typedef struct RevList
{
	int count;
	int64 *revs;
} RevList;

typedef struct RevRun
{
	int64 first;
	int64 last;
} RevRun;

/*
 * A list of messages as the runs of adjacent revisions that it consists of, in its order
 * (message/revs.c): as a rule few, however long the conversation is. One may come twice.
 */
typedef struct RevRuns
{
	int count;
	int room;
	int64 total;    /* revisions */
	int64 greatest; /* no revision in it is above */
	RevRun *runs;
} RevRuns;

/* Adds these at the end, unless first is after last. */
extern void rev_runs_add(RevRuns *list, int64 first, int64 last);
/* Adds another list at the end. */
extern void rev_runs_join(RevRuns *list, const RevRuns *more);
extern void rev_runs_free(RevRuns *list);
extern RevRuns rev_runs_of(const RevList *list);
/* All of them one by one. */
extern RevList rev_runs_spelled(const RevRuns *list);

extern NullableDatum rev_array(const int64 *revs, int count);
/* Runs as two arguments of a statement: where they begin, and where they end. */
extern void rev_bounds(const RevRun *runs, int count, NullableDatum *args);

/* Runs in order, which do not touch. */
typedef struct RevSet
{
	int count;
	RevRun *runs;
} RevSet;

/* Takes over the runs, which may be in any order, and overlap. */
extern RevSet rev_set(RevRun *runs, int count);
extern RevSet rev_set_of(const RevRuns *list);
/* Those runs of a list that others may meet: enough to tell what these have in common with it. */
extern RevSet rev_set_near(const RevRuns *list, const RevRuns *others);
extern bool rev_set_has(const RevSet *set, int64 rev);
/* Whether it has any of these. */
extern bool rev_set_meets(const RevSet *set, int64 first, int64 last);
extern RevSet rev_set_minus(const RevSet *set, const RevSet *other);
/* What is left of a list, in its order, without those of a set. */
extern RevRuns rev_runs_minus(const RevRuns *list, const RevSet *gone);

/* A place in a list, from 0, and what stands there. */
typedef struct RevPlace
{
	int64 rev;
	int64 place;
} RevPlace;

/* Where a list has the revisions asked for; by revision, one that comes twice by place. */
typedef struct RevPlaces
{
	int count;
	int room;
	RevPlace *list;
} RevPlaces;

extern RevPlaces rev_places(const RevList *asked, const RevRuns *list);
/* The same of a list that is gone through in parts: what is asked in order and each once, */
extern RevList rev_sorted(const RevList *asked);
/* of which this is the first that is not below another; */
extern int rev_sorted_from(const RevList *sorted, int64 rev);
/* then where a part has it that begins at a place; and in the end these by revision. */
extern void rev_places_add(RevPlaces *places, const RevList *sorted, const RevRuns *list,
						   int64 place);
extern void rev_places_by_rev(RevPlaces *places);
/* -1: nowhere, or not asked. */
extern int64 rev_first_place(const RevPlaces *places, int64 rev);
extern int64 rev_last_place(const RevPlaces *places, int64 rev);
/* The same places in the order of the list. */
extern void rev_places_sort(RevPlaces *places);

/* With how many runs both begin. */
extern int rev_runs_same(const RevRuns *a, const RevRuns *b);
/* What is left of two lists without that with which both begin, and that with which both end. */
extern void rev_runs_between(const RevRuns *a, const RevRuns *b, RevRuns *of_a, RevRuns *of_b);

/* The list with others at some places, in order; what becomes 0 goes. */
extern RevRuns rev_runs_changed(const RevRuns *list, const RevPlaces *changes);

/* Bodies that are wanted, and who takes them. */
typedef struct BodyReader
{
	int64 limit; /* bytes of all, each with the spare ones */
	bool fits;   /* a list that is known to be within it, and is not asked for its bytes first */
	MemoryContext memory; /* into which they are expanded */
	/* Whose it is: a body that is not the taker's own goes when it returns. */
	void (*take)(int64 rev, Jsonb *body, bool own, void *context);
	void *context;
} BodyReader;

/*
 * Gives the body of every revision of the set that has one, in no order, and of no more than a
 * portion at a time. False when they have more bytes than the limit; then none is expanded, unless
 * it was said to fit and does not.
 */
extern bool message_bodies(Call *call, NullableDatum thread_id, const RevSet *set,
						   const BodyReader *reader);

/*
 * What a message may take in a state beyond its body: its place in the list, and the keys that it
 * gets as LangGraph's server sends it (additional_kwargs and such; state/values.c).
 */
#define ELEMENT_SPARE_BYTES 160

/* Adjacent revisions that a list holds so many times more than another; less where it is below 0.
 */
typedef struct RevStretch
{
	int64 first;
	int64 last;
	int64 times;
} RevStretch;

/* The bytes of their bodies, as they are stored, with the spare ones; none are read. */
extern int64 message_bytes(Call *call, NullableDatum thread_id, const RevStretch *stretches,
						   int count);

/*
 * The lists of messages of one checkpoint on their way in (message/refer.c). The thread is locked;
 * drafts are the messages that no revision has yet, numbered from the head's next ones.
 */
typedef struct Referral
{
	Call *call;
	NullableDatum thread_id;
	const ThreadRow *thread;
	const TimestampTz *said; /* when, of messages that do not say it; NULL: now */
	int64 places;            /* taken so far */
	bool without_deleted;    /* leaves out what a person deleted */
	List *drafts;            /* of ReferredDraft */
	Names *by_hash;
	Names *by_id;    /* the newest draft of a message */
	bool met_erased; /* an element stands for an erased message */
} Referral;

typedef struct ReferredDraft
{
	MessageDraft draft;
	int64 old_rev; /* of the same message, 0 when it is new */
	char hash[HASH_BYTES];
} ReferredDraft;

/* The draft that has a revision, and the newest one of a message; NULL for none. */
extern ReferredDraft *referral_draft(const Referral *referral, int64 rev);
extern ReferredDraft *referral_draft_of(const Referral *referral, const char *message_id);
/*
 * A draft that will not be stored as a row of the table, an object: without what only a stored one
 * has (rev, state, created_at; of a message that is new, seq, and an id that it would get).
 */
extern JsonNode referral_row(const Referral *referral, const ReferredDraft *draft);

/*
 * Finds the revision of every element, and makes drafts for those that have none: by id and bytes
 * among all revisions of the thread, without an id by bytes among those of the parent's list, in
 * order. False, and nothing changed, when an element is no message.
 */
extern bool message_refer(Referral *referral, JsonbContainer *array, const RevRuns *parent,
						  RevList *list);

/*
 * Ends the stream of a message as failed, with what has come and a reason, where one is given. The
 * ids are those of the thread and the message. The caller holds the thread's lock; this takes one
 * of its numbers of changes. A message whose body is damaged keeps it.
 */
extern void message_end_stream(Call *call, NullableDatum *ids, const char *reason);

/* What a new head of the state does to the log (message/move.c). */
typedef struct Move
{
	NullableDatum seen_before; /* int8multirange: by the head that was; null when there was none */
	NullableDatum seen_after;
	bool is_head;        /* else the log stays as it is, and what is new lies off the branch */
	bool switches;       /* the head that was is not the parent */
	const RevRuns *list; /* all that the new head holds */
	const RevRuns *news; /* those that its parent does not hold */
	/* stored before, and new to the list that the log goes into; NULL when that asks for all */
	const RevRuns *again;
	const RevRuns *list_before; /* where it switches: of the head that was; NULL: not known */
} Move;

/* Stores the drafts, and sets the state of every revision that the move changes; counts into step.
 */
extern void message_move(Referral *referral, const Move *move, ThreadRowStep *step);

/*
 * Deletes the rows of revisions that are neither live, deleted nor erased, nor in the
 * int8multirange held, nor what the head has seen of a message changed since.
 */
extern void message_drop_unheld(Call *call, NullableDatum thread_id, NullableDatum held,
								NullableDatum seen);

/*
 * For when all checkpoints go: deletes the rows that came with checkpoints alone, and makes the
 * rest live again; counts into step. False when no message is left.
 */
extern bool message_drop_by_checkpoint(Call *call, NullableDatum thread_id, ThreadRowStep *step);

/*
 * The revisions in an int8multirange that others than these runs (a text[]) made, not checkpoints,
 * of messages that are live; an int8[]. They are made live again once a head has gone.
 */
extern NullableDatum message_live_of_others(Call *call, NullableDatum thread_id,
											NullableDatum run_ids, NullableDatum revisions);
extern void message_keep_live(Call *call, NullableDatum thread_id, NullableDatum revs);

/*
 * Takes what runs (a text[]) said out of the log. Checkpoints of theirs are gone already; gone is
 * what these had seen (int8multirange or null). What a checkpoint that is left holds stays there,
 * deleted.
 */
extern void message_drop_of_runs(Call *call, NullableDatum thread_id, NullableDatum run_ids,
								 NullableDatum gone);

/* Which messages a copy takes. */
typedef struct MessageExtent
{
	NullableDatum held;  /* int8multirange: by any of its checkpoints */
	NullableDatum seen;  /* int8multirange: by the last one */
	NullableDatum place; /* the log up to here, null: as the last one has it */
} MessageExtent;

/* Copies revisions and chunks under the same numbers; NULL: all. Both rows are locked. */
extern void message_copy(Call *call, NullableDatum source, NullableDatum target,
						 NullableDatum owner_id, const MessageExtent *extent);

/*
 * Locks the thread and takes a live message out of its log; its row as the view messages has it.
 * P0002, and 55000 while it is being streamed.
 */
extern SPITupleTable *message_set_deleted(Call *call, NullableDatum thread_id,
										  NullableDatum message_id);

/*
 * What was said in a thread since a time and before another (nulls: all of it) is remembered of one
 * user (null: of nobody) no more, and stays in the log; how many texts that were. The caller holds
 * the lock.
 */
extern int64 message_leave_memory(Call *call, NullableDatum thread_id, NullableDatum since,
								  NullableDatum before, NullableDatum user_id);

/* Counts the messages of a thread that has got some of another's. */
extern void message_recount(Call *call, NullableDatum thread_id);

/* The thread has another owner, or none. */
extern void message_set_owner(Call *call, NullableDatum thread_id, NullableDatum user_id);

#endif
