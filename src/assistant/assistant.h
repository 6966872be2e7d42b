/*
 * assistant/assistant.h: assistants, the configured agents that threads and runs are pinned to.
 */
#ifndef ASSISTANT_H
#define ASSISTANT_H

#include "query/query.h"

/* The columns of the view threadmem.assistants, from table alias a. */
#define ASSISTANT_COLUMNS \
	"a.assistant_id, a.graph_id, a.name, a.description, a.model, a.instructions, a.tools, " \
	"a.tool_resources, a.config, a.metadata, a.version, a.created_at, a.updated_at"

/*
 * Locks the assistant's row FOR KEY SHARE against deletion meanwhile; 23503 when there is none. An
 * SQL null passes.
 */
extern void assistant_require(Call *call, NullableDatum assistant_id);

/* What a run takes of its assistant, palloc'd; NULL where there is no graph_id. */
typedef struct Assistant
{
	char *assistant_id;
	char *graph_id;
	Jsonb *config;
	Jsonb *metadata;
} Assistant;

/* Locks and reads an assistant; false when there is none. */
extern bool assistant_find(Call *call, NullableDatum assistant_id, Assistant *assistant);

/*
 * The default assistant of a graph, whose id follows from the graph's as LangGraph's does; it is
 * made when it is not there. 42501 for a session that may not make it.
 */
extern void assistant_of_graph(Call *call, NullableDatum graph_id, Assistant *assistant);

#endif
