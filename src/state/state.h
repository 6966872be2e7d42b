/*
 * state/state.h: the thread door: states changed by updates, without LangGraph
 * (docs/contracts.md#updates-of-a-state).
 *
 * A superstep is one new checkpoint: the values of its parent, changed by updates through the
 * reducers of their channels. What it writes is a whole LangGraph checkpoint, so a LangGraph client
 * may go on from it: the nodes to run next stand in channels "branch:to:<node>" and "__start__",
 * which live for one step.
 *
 * What the words mean, beside those of message/message.h and checkpoint/checkpoint.h:
 *
 *  thread door   thread_update_state(), thread_state() and what belongs to them: updates go through
 *                reducers, and what was said meanwhile comes into the state first
 *  fold          what is pending in the log becomes part of the state, by an update checkpoint of
 *                its own (state/fold.c); who only reads the latest state sees it as if it had
 *  held          what a list of messages in a state has
 *  task          a node to run next: one that a channel triggers, or a send (state/tasks.c)
 *  writes        of a task: what it wrote after a checkpoint, in checkpoint_writes; applied where
 *                the latest state is shown, and when it is updated
 *  snapshot      one state as LangGraph's API gives it (threadmem.state_snapshot), which is not the
 *                column of that name, where the chain has a whole document
 *  on the wire   as LangGraph's server sends it: messages with the fields of LangChain's classes
 *
 * Functions that take a thread's lock say so; the others only read, and show one snapshot of the
 * database, as STABLE functions do.
 */
#ifndef STATE_H
#define STATE_H

#include "checkpoint/checkpoint.h"
#include "state/writes.h"

/* An update as a node would have written it; as_node NULL when it is not said. */
typedef struct StateUpdate
{
	Jsonb *values; /* NULL or the JSON null: none; of a command perhaps [[channel, update]] */
	char *as_node;
	bool is_command; /* that a node returned */
	List *nodes;     /* char *: to run next, as the command says, beside those of the edges */
	List *sends;     /* Jsonb: {"node", "args"} */
} StateUpdate;

/* What a superstep is built on and what it changes. */
typedef struct Superstep
{
	Call *call;
	NullableDatum thread_id;
	NullableDatum checkpoint_ns;
	ThreadRow thread;
	Jsonb *graph;     /* definition, NULL without one */
	Neighbour parent; /* checkpoint_id NULL for none */
	Neighbour latest;
	ChainState state; /* of the parent */
	StateParts parts;
	bool unwritten;      /* no task has written to the parent: found out already */
	bool takes_pending;  /* all that was pending for the parent is in */
	RevRuns seen;        /* what the new one has seen beside its lists */
	ChainState made;     /* what was stored as the latest */
	JsonItems *versions; /* channel_versions of the new one */
	JsonItems *nodes;    /* versions_seen of the new one */
	JsonItems *values;   /* of the channels that change */
	JsonItems *changed;  /* their versions */
	Names *lists;        /* RevRuns: what channels of messages become, NULL for no longer */
	bool has_deltas;     /* of the parent's channels some are deltas, which are restored here */
	Jsonb *metadata;     /* that the caller gives the new one, NULL for none */
	Referral referral;
	JsonNode version; /* that channels get in this step */
} Superstep;

/*
 * Begins a superstep on a checkpoint, by default the latest; a thread may have none yet. The caller
 * has locked it. P0002 for no such checkpoint or namespace.
 */
extern void superstep_begin(Superstep *step, Call *call, const ThreadRow *thread,
							NullableDatum thread_id, NullableDatum checkpoint_ns,
							NullableDatum checkpoint_id);

/* Then on none: what is stored is the first of another line, and becomes the head. */
extern void superstep_stand_alone(Superstep *step);

/* The same on the latest one of the thread's own graph, which the caller has read; or none. */
extern void superstep_begin_known(Superstep *step, Call *call, const ThreadRow *thread,
								  NullableDatum thread_id, const Neighbour *latest);

/* The value of a channel at this point, NULL for none. */
extern Jsonb *superstep_value(Superstep *step, const char *channel);

/* The updates of one channel in this superstep, in their order, through its reducer. */
extern void superstep_write(Superstep *step, const char *channel, Jsonb **updates, int count);

/* Sets a channel to a value (NULL: none), with a new version. */
extern void superstep_set(Superstep *step, const char *channel, const JsonNode *value);

/* A channel of messages becomes this list. */
extern void superstep_set_list(Superstep *step, const char *channel, const RevRuns *list);

/* The list of a channel of messages at this point; false when it is no such channel. */
extern bool superstep_list(Superstep *step, const char *channel, RevRuns *list);

/* Stores the new checkpoint; its id. source is input, update or loop. */
extern char *superstep_store(Superstep *step, const char *source, int64 number,
							 NullableDatum run_id);

/* The same, but NULL, and nothing stored, when the state would be too large. */
extern char *superstep_store_if_fits(Superstep *step, const char *source, int64 number,
									 NullableDatum run_id);

/* The same under the parent's own parent, with source fork. */
extern char *superstep_store_beside(Superstep *step, int64 number, NullableDatum run_id);

/* Begins the next superstep on what was stored. */
extern void superstep_go_on(Superstep *step);

/* The reducer of a channel, and its default (NULL for none), as the graph says. */
extern const char *graph_reducer(Jsonb *graph, const char *channel, Jsonb **initial);

/*
 * The delta channels (state/delta.c) of a checkpoint that it has no value of itself, with what they
 * hold; those with a reducer that is not known are not among them.
 */
extern JsonItems *delta_values(Call *call, NullableDatum thread_id, NullableDatum checkpoint_ns,
							   NullableDatum parent_checkpoint_id, Jsonb *metadata,
							   const StateParts *parts, Jsonb *graph);
/* Whether the metadata of a checkpoint count the writes of a channel. */
extern bool delta_is_open(Jsonb *metadata, const char *channel);
/* What a marker of LangGraph's has as the value of a delta channel; NULL for any other object. */
extern JsonbValue *delta_snapshot_value(JsonbContainer *value);
/* Whether a state has its messages in writes or in such a marker, and so no list of them. */
extern bool delta_has_messages(Jsonb *metadata, const StateParts *parts);
/* The counters of the next checkpoint, after those in metadata; of stored channels from 0. */
extern JsonNode delta_counters(Jsonb *metadata, Names *stored);

/*
 * What messages that writes brought are in the log: revisions, and drafts of what it does not have;
 * without those that a person deleted. False when the value is no list of messages.
 */
extern bool delta_refer(Referral *referral, const JsonNode *value, RevRuns *list);
/* A list of revisions and drafts as an array of bodies; false when it is too large. */
extern bool referred_messages(const Referral *referral, const RevRuns *list, BodyCache *bodies,
							  JsonNode *messages);

/* One of the tasks that a state has to run next. */
typedef struct StateTask
{
	char *id;
	char *name;
	char *trigger; /* the channel */
	int push;      /* its place among the sends, -1 for a node triggered by a channel */
	bool done;     /* has writes */
} StateTask;

/* The strings of an array. */
extern Names *state_names(JsonbContainer *array);

/* The tasks of a checkpoint; writes are those after it, NULL where none count. */
extern List *state_tasks(Jsonb *document, const char *checkpoint_id, const char *checkpoint_ns,
						 int64 step, const TaskWrites *writes);

/* The namespace of the subgraph that a task with an id may run. */
extern char *state_task_ns(const StateTask *task, const char *checkpoint_ns);

/* Whether the value of a channel decides what there is to run next. */
extern bool state_triggers(const char *channel, int length);

/* The nodes and edges of a graph, NULL for none, for one superstep. */
typedef struct Edges Edges;
extern Edges *edges_read(Jsonb *graph); /* the graph has to stay */

/* Whether a graph may have a node: one that does not list its nodes has any. */
extern bool edges_have_node(const Edges *edges, const char *node);

/* The node, or those that the edges from one lead to, are to run next. */
extern void edges_trigger(Superstep *step, const char *node);
extern void edges_follow(Edges *edges, Superstep *step, const char *node);

/* What the log has that a state has not. */
typedef struct Pending
{
	int count;
	int64 *revs; /* the live one of each message */
	bool *known; /* whether another one has been seen */
	RevList all; /* of all messages, in turn */
	int *ends;   /* where those of a message end in it */
	RevSet gone; /* all revisions of those deleted */
} Pending;

/* Of a state that has seen and taken that much. */
extern Pending pending_read(Call *call, NullableDatum thread_id, NullableDatum seen, Taken taken);

/* What is put at which place, of those that a list has (all); more is what comes behind it. */
extern RevPlaces pending_changes(const Pending *pending, const RevPlaces *places, RevRuns *more);

/* Takes it into the state's list; false when that changes nothing. */
extern bool state_pending(Call *call, NullableDatum thread_id, NullableDatum seen, Taken taken,
						  RevRuns *list);

/*
 * The same of an ancestor of the head and of what the log has before a place; and all that the log
 * has there that a state has not seen, whatever became of it.
 */
extern bool state_pending_before(Call *call, NullableDatum thread_id, const Neighbour *ancestor,
								 int64 seq, RevRuns *list);
extern RevRuns state_log_before(Call *call, NullableDatum thread_id, NullableDatum seen, int64 seq);

/* A part of a list, from a place on, which counts from 0. */
typedef struct HeldPart
{
	int64 place;
	ListPiece piece;
	RevRuns runs; /* none until it is opened */
} HeldPart;

/* A list of which what is at a place is found without reading it all (state/held.c). */
typedef struct HeldList
{
	int64 total;
	int count;
	int room;
	HeldPart *parts;
	MemoryContext memory;
	const Referral *drafts; /* of revisions that no row has; NULL: all have one */
} HeldList;

/* So many revisions of the list from a place on. */
extern void held_slice(const HeldList *held, int64 place, int count, int64 *revs);

/* Runs, and the place of the first revision of each. */
typedef struct HeldRuns
{
	int count;
	RevRun *runs;
	int64 *places;
} HeldRuns;

/* From one place to before another. */
extern HeldRuns held_runs(const HeldList *held, int64 begin, int64 end);

/* As rev_places(). */
extern RevPlaces held_places(const HeldList *held, const RevList *asked);

/*
 * Those of some revisions that are drafts, as two arguments of a statement: their keys (NULL: which
 * they are of these, from 1), and their rows. False when none is.
 */
extern bool held_drafts(const HeldList *held, const int64 *revs, const int64 *keys, int count,
						NullableDatum *args);
/* Both as a table, whose columns are unnest, the key, and those of messages. */
#define HELD_DRAFTS(keys, rows) HELD_DRAFTS_BEGIN(keys) HELD_DRAFTS_END(rows)
#define HELD_DRAFTS_BEGIN(keys) "ROWS FROM (unnest(" keys "),"
#define HELD_DRAFTS_END(rows) " jsonb_populate_recordset(NULL::threadmem_data.messages, " rows "))"

/* What the messages of a thread's latest state are, with what is pending. */
typedef enum HeldKind
{
	HELD_NOTHING, /* none of the log's */
	HELD_LOG,     /* no state has seen one: all of the log that is live and completed, by seq */
	HELD_LIST
} HeldKind;

/* Fills the list where there is one. P0002 for no such thread. */
extern HeldKind state_held(Call *call, NullableDatum thread_id, const ThreadRow *thread,
						   HeldList *held);

/*
 * Values of a thread's latest state, as thread_state() shows them, and its interrupts as {task:
 * interrupts}. fields are those of thread_state(); what they do not name is empty, what is too
 * large is NULL. P0002 for no such thread.
 */
extern void state_latest(Call *call, NullableDatum thread_id, NullableDatum fields, Jsonb **values,
						 Jsonb **interrupts);

/*
 * One superstep of updates (of StateUpdate) on a checkpoint, by default the latest, into which the
 * log goes first; the id of the new one. Takes the thread's lock. P0002 for no such thread,
 * checkpoint or namespace, 22023 for updates that cannot be. next are the nodes to run then, null:
 * as the graph's edges say. metadata (null: none) are kept with it. 55006 while the thread is busy
 * with another run.
 */
extern char *state_update(Call *call, NullableDatum thread_id, NullableDatum checkpoint_ns,
						  NullableDatum checkpoint_id, List *updates, NullableDatum next,
						  NullableDatum run_id, NullableDatum metadata);

/*
 * [{"values" or "command", "as_node"}] as updates (state/command.c); 22023 for anything else, a key
 * that is not known above all.
 */
extern List *state_updates(Jsonb *document);

/*
 * Whether the log goes into a state of the thread's own graph: its messages are a list of the
 * log's, given here, or not there yet, though the graph has them.
 */
extern bool state_takes_log(const StateParts *parts, Jsonb *graph, RevRuns *list);
/* The same, with the list as it stands in the document, or of kind NODE_NULL. */
extern bool state_takes_log_as(const StateParts *parts, Jsonb *graph, JsonNode *list);

/* The same of a superstep's own list, which may come from a delta channel. */
extern bool superstep_takes_log(Superstep *step, RevRuns *list);

/*
 * The newest checkpoint on the head's way from before the message at a place of the log; or with
 * it, and knowing nothing later. Null for none.
 */
extern NullableDatum state_before(Call *call, NullableDatum thread_id, const ThreadRow *thread,
								  int64 seq, bool with);

/* How many messages of the log a state waits for: new, changed or deleted since. */
extern int64 state_waiting(Call *call, NullableDatum thread_id, Jsonb *graph,
						   const StateParts *parts, NullableDatum seen, Taken taken);

/*
 * Folds it into an update checkpoint, unless the head has writes; takes the thread's lock, P0002.
 * run_id: the run that needs it, with which it goes.
 */
typedef struct Fold
{
	char *checkpoint_id; /* NULL when none was made */
	bool too_large;      /* and nothing stored, for the state would be */
} Fold;

extern Fold state_fold(Call *call, NullableDatum thread_id, const ThreadRow *thread,
					   NullableDatum run_id);
/* The same by a superstep that was begun on the latest checkpoint. */
extern Fold superstep_fold(Superstep *step, NullableDatum run_id);

/*
 * Before the state goes on elsewhere: all that was said since the latest checkpoint is taken into
 * one below it, which then is the end of the branch that is left. That is also what no state holds:
 * an answer that failed, and one that is being streamed, which ends so. Tasks that have written to
 * the latest checkpoint do not hinder it: that one stays as it is. The thread is locked; its
 * numbers are renewed.
 */
extern void state_leave(Call *call, NullableDatum thread_id, ThreadRow *thread);

/* Whether the latest state has nodes to run next. P0002 for no such thread. */
extern bool state_has_next(Call *call, NullableDatum thread_id);

#endif
