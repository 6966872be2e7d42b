/*
 * state/show.h: one state as LangGraph's thread API gives it, within the room state.
 */
#ifndef STATE_SHOW_H
#define STATE_SHOW_H

#include "state/state.h"

/* The columns of threadmem.state_snapshot. */
enum
{
	SNAPSHOT_VALUES,
	SNAPSHOT_NEXT,
	SNAPSHOT_TASKS,
	SNAPSHOT_METADATA,
	SNAPSHOT_CREATED_AT,
	SNAPSHOT_CHECKPOINT,
	SNAPSHOT_PARENT,
	SNAPSHOT_INTERRUPTS,
	SNAPSHOT_CHECKPOINT_ID,
	SNAPSHOT_PARENT_ID,
	SNAPSHOT_COLUMNS
};

typedef struct StateSnapshot
{
	Datum values[SNAPSHOT_COLUMNS];
	bool nulls[SNAPSHOT_COLUMNS];
	bool left_out; /* values, tasks or interrupts are null, for jsonb cannot hold them */
} StateSnapshot;

/* What a call asks for, and what its snapshots share. */
typedef struct StateReader
{
	Call *call;
	NullableDatum thread_id;
	ThreadRow thread;
	Jsonb *graph;
	BodyCache *bodies;
	MemoryContext results; /* of the columns of a snapshot, which may outlive all else */
	bool wanted[SNAPSHOT_COLUMNS];
	Names *channels; /* those asked for, NULL: all */
	bool subgraphs;
	bool cuts; /* a list: leaves out what is too large, rather than to fail */
} StateReader;

typedef struct StateRow
{
	NullableDatum checkpoint_ns;
	char *checkpoint_id;
	NullableDatum parent_checkpoint_id;
	Jsonb *metadata; /* NULL when it is no object */
	NullableDatum created_at;
	int64 seq;
	int64 base_seq;
	NullableDatum seen;
	Taken taken;
	bool fits;      /* the state with its messages, as far as its own row knows */
	bool is_latest; /* asked for as such */
} StateRow;

/* A state being read. */
typedef struct StateReading
{
	StateReader *reader;
	const StateRow *row;
	Jsonb *graph; /* of its namespace; NULL: not declared */
	ChainState chain;
	StateParts parts;
	TaskWrites *writes; /* NULL: they do not count */
	JsonItems *values;  /* channels and their values */
	List *tasks;
	Names *subgraphs; /* namespaces of the tasks' that there are, while the tasks are written */
} StateReading;

/*
 * Reads the channels of a state and what applies to them into reading->values. False when they are
 * too large to be put together.
 */
extern bool values_read(StateReading *reading);
/* Those of them that are asked for, as one object. */
extern JsonNode values_node(StateReading *reading);

/* Whether a channel is asked for: with values as a whole, or as values.<channel>. */
extern bool reader_wants_channel(const StateReader *reader, const char *channel, int length);

/* Asks for these fields, a text[] (null: all). */
extern void reader_ask(StateReader *reader, NullableDatum fields);

/* 22023 for fields that are none, P0002 for no such thread. */
extern void reader_open(StateReader *reader, Call *call, NullableDatum thread_id,
						NullableDatum fields);

/* A row of the last statement, whose columns are these. */
#define STATE_ROW_COLUMNS \
	"c.checkpoint_ns, c.checkpoint_id, c.parent_checkpoint_id, c.metadata, c.created_at," \
	" c.seq, c.base_seq, c.seen, c.next_rev, c.next_change, c.state_bytes"

/* The column of a list behind those. */
#define STATE_ROW_HAS_MORE 12

extern void state_row_read(StateRow *out, uint64 row); /* is_latest is the caller's to say */
/* The row of a key: thread, namespace, id, which is null for the latest. False for none. */
extern bool state_row_find(Call *call, NullableDatum *key, StateRow *out);

/* The state of a row: the columns of a snapshot, and the whole as one object. 54000: too large. */
extern JsonNode snapshot_read(StateReader *reader, const StateRow *row, StateSnapshot *snapshot);

/*
 * The values that a checkpoint itself has, without what tasks or others wrote after it; NULL when
 * they are too large.
 */
extern Jsonb *snapshot_own_values(StateReader *reader, const StateRow *row);

/* Where there is no checkpoint: the log, for who asks for the latest of the thread's own graph. */
extern void snapshot_empty(StateReader *reader, bool with_log, StateSnapshot *snapshot);

/* One that cannot be read: which it is, and in metadata that all else is left out. */
extern void snapshot_unread(StateReader *reader, const StateRow *row, StateSnapshot *snapshot);

/* Columns that were not asked for become null. */
extern void snapshot_leave_out(const StateReader *reader, StateSnapshot *snapshot);

#endif
