/*
 * graph/graph.h: graph definitions: the channels of an agent's state, with their reducers.
 *
 * Nothing requires a graph: an assistant's or a thread's graph_id may name one that was never
 * defined here, because LangGraph applications keep their graphs in code.  A room that needs a
 * definition reads it and takes none for the empty one.
 */
#ifndef GRAPH_H
#define GRAPH_H

#include "query/query.h"

/* The columns of the view threadmem.graphs, from table alias g. */
#define GRAPH_COLUMNS "g.graph_id, g.definition, g.created_at, g.updated_at"

/* A definition, palloc'd; NULL when there is none, and for an SQL null. */
extern Jsonb *graph_definition(Call *call, NullableDatum graph_id);

/*
 * The definition of the graph that runs in a namespace: that of the thread's own in '', else of the
 * subgraph of the nodes that it names. NULL where that is not declared.
 */
extern Jsonb *graph_in_namespace(Jsonb *definition, const char *checkpoint_ns);

/* The channels that a graph declares with the reducer add_messages, a text[]; null for none. */
extern NullableDatum graph_message_channels(Call *call, NullableDatum graph_id);

#endif
