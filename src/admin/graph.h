/*
 * admin/graph.h: the drawing of a history, within the room admin.
 */
#ifndef ADMIN_GRAPH_H
#define ADMIN_GRAPH_H

#include "state/state.h"

/* A line leads nowhere. */
#define GRAPH_NO_PARENT (-1)

typedef struct GraphRow
{
	char mark;        /* what stands for it in the drawing */
	int parent;       /* a later row, or GRAPH_NO_PARENT; past the last: it is not in the drawing */
	const char *text; /* beside the mark */
	List *notes;      /* more lines of text below it */
} GraphRow;

/* The lines of the drawing, top to bottom; goes_on: there are rows that are not in it. */
extern List *graph_draw(const GraphRow *rows, int count, bool goes_on);

/* What a checkpoint says in short. The caller fills the first two, from its row. */
typedef struct Outline
{
	int64 seq;
	int64 base_seq;
	Jsonb *document; /* of its state document what tells tasks and messages; NULL: not restorable */
} Outline;

/* Restores the outlines of checkpoints of one namespace. */
extern void outlines_read(Call *call, NullableDatum thread_id, NullableDatum checkpoint_ns,
						  Outline **outlines, int count);

/* How many messages an outline has, -1 for none of the name; not those whose bodies are gone. */
extern int outline_messages(const Outline *outline, const RevSet *gone);

#endif
