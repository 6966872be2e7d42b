/*
 * reducer/reducer.h: how updates become the value of a channel, as LangGraph's reducers do it.
 *
 * A channel holds one value of an agent's state.  A node never writes that value but an update,
 * and the reducer of the channel makes the new value from the old one and the update.  A superstep
 * is all that the nodes of one step write, which counts as simultaneous.  An Overwrite is an update
 * that passes the reducer by: its value becomes the channel's.
 *
 * All of it is native jsonb: no tables, numbers to the digit, and equal means equal bytes (1.10 is
 * not 1.1).  A value that is not there yet is a NULL pointer and counts as the reducer's default;
 * the JSON null is a value.  Results are palloc'd, or one of the documents given.  What is no
 * update for the reducer, or no name of one, is 22023.
 */
#ifndef REDUCER_H
#define REDUCER_H

#include "threadmem/threadmem.h"

#include "utils/hsearch.h"

/* What a channel holds before its first update, palloc'd; NULL for last_value: nothing. */
extern Jsonb *reducer_default(const char *reducer);

/*
 * One superstep of a channel: the updates in their order.  An Overwrite wins over its siblings;
 * last_value takes one update.  Errors are 22023 and name the channel.
 */
extern Jsonb *reduce_channel(const char *channel, const char *reducer, Jsonb *current,
							 Jsonb **updates, int count);

/* The reducer add_messages, of one update or more. */
extern Jsonb *reduce_messages(Jsonb *current, Jsonb **updates, int count);
/* The same as LangGraph's delta channels have it: to remove what is not there is nothing. */
extern Jsonb *reduce_messages_softly(Jsonb *current, Jsonb **updates, int count);

/*
 * The ids of the messages that updates of add_messages name, a text[] (empty for none), and whether
 * one of them removes all messages. False when one of the updates is an Overwrite.
 */
extern bool reducer_message_ids(Jsonb **updates, int count, NullableDatum *ids, bool *removes_all);

/* What an Overwrite holds, NULL for any other update. */
extern JsonbValue *overwrite_value(Jsonb *update);

/*
 * The constructor form of LangChain's messages, {"lc", "type", "id": [class path], "kwargs"}: the
 * fields of the message, and its class, the last of the path.  NULL for a body of another form.
 */
extern JsonbContainer *constructor_kwargs(JsonbContainer *body);
extern char *constructor_class(JsonbContainer *body);

/* Within the room. */

/* A document's value: a scalar, or a container as jbvBinary. */
extern JsonbValue reducer_value(Jsonb *document);

/* The elements of an array; any other document is its own only element.  How many. */
extern int reducer_elements(Jsonb *document, JsonbValue **elements);

/* Values by their bytes, which have to outlive the set; an entry stays where it is. */
typedef struct ReducerKey
{
	int kind; /* so that the string "1" is not the number 1 */
	int length;
	const char *bytes;
} ReducerKey;

typedef struct ReducerEntry
{
	ReducerKey key;
	int position; /* in a list */
	int first;    /* what stands before is of an earlier life and gone */
	int removed;  /* by which update, from 1; 0: it is there */
} ReducerEntry;

/* In the current memory context, for hash_destroy(). */
extern HTAB *reducer_set(int size);
extern ReducerKey reducer_key(const JsonbValue *value);

/* The entry of a key, made when there is none. */
extern ReducerEntry *reducer_entry(HTAB *set, const ReducerKey *key, bool *found);

#endif
