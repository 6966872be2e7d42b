/*
 * state/writes.h: what tasks wrote after a checkpoint, and updates gathered by their channels.
 *
 * A fan-out has thousands of tasks, and each asks for its own writes; a step writes thousands of
 * channels, and each asks for its own updates.  So both are looked up by name: to search the list
 * for each of them takes minutes where it is longest.
 */
#ifndef STATE_WRITES_H
#define STATE_WRITES_H

#include "query/query.h"
#include "threadmem/threadmem.h"

typedef struct TaskWrite
{
	char *task_id;
	char *channel;
	Jsonb *value;
	bool applies; /* marked by who applies some of them */
} TaskWrite;

typedef struct TaskWrites
{
	int count;
	TaskWrite *list; /* in the order in which they apply */
	Names *tasks;    /* the same by task: Lists of TaskWrite */
} TaskWrites;

/* All writes after a checkpoint; none when there are none. */
extern TaskWrites *writes_read(Call *call, NullableDatum thread_id, NullableDatum checkpoint_ns,
							   const char *checkpoint_id);

/* Those of a task, in order; NIL also for a task without an id. */
extern List *writes_of(const TaskWrites *writes, const char *task_id);
/* Marks them as those that apply. */
extern void writes_mark(const TaskWrites *writes, const char *task_id);

/* Whether a task has done something: that it failed, waits, got an answer or was scheduled does not
 * count. */
extern bool writes_have_output(const TaskWrites *writes, const char *task_id);

/* All updates of one channel in a superstep, in their order. */
typedef struct ChannelUpdates
{
	char *channel;
	List *updates; /* of Jsonb */
} ChannelUpdates;

typedef struct GatheredUpdates
{
	List *channels; /* of ChannelUpdates, in the order in which they were named first */
	Names *names;
} GatheredUpdates;

extern GatheredUpdates *gathered_new(void);
/* NULL: only names the channel. */
extern void gather(GatheredUpdates *gathered, const char *channel, Jsonb *update);
/* The updates as an array, and how many. */
extern Jsonb **gathered_updates(const ChannelUpdates *channel, int *count);

#endif
