/*
 * assistant.h: assistants, the configured agents that threads and runs are pinned to.
 */
#ifndef ASSISTANT_H
#define ASSISTANT_H

#include "query.h"

/* The columns of the composite threadmem.assistant, from table alias a. */
#define ASSISTANT_COLUMNS \
	"a.assistant_id, a.graph_id, a.name, a.description, a.model, a.instructions, a.tools, " \
	"a.tool_resources, a.config, a.metadata, a.version, a.created_at, a.updated_at"

/* Locks the assistant's row FOR KEY SHARE against deletion meanwhile; none is 23503. */
extern void assistant_require(Call *call, NullableDatum assistant_id);

#endif
