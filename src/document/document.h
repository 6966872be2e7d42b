/*
 * document/document.h: strict reading of our own option documents.
 *
 * Every key that is not known, every value of the wrong type and every name twice is 22023, with
 * the place in DETAIL.  What users store as their own state never comes through here: the parser
 * behind it keeps numbers as double precision only.
 */
#ifndef DOCUMENT_H
#define DOCUMENT_H

#include "threadmem/threadmem.h"

typedef struct TtlDocument
{
	int64 minutes;
	bool refresh;     /* with every write the time begins anew */
	bool keep_latest; /* keep the thread and its newest checkpoint, instead of deleting all */
} TtlDocument;

/* {"ttl": minutes, "strategy": "delete" (default) or "keep_latest", "refresh": false (default)}, as
 * LangGraph writes it but for the last, or the minutes alone. 22023. */
extern void document_read_ttl(Jsonb *document, TtlDocument *ttl);

/*
 * {"channels": {name: {"reducer": last_value (default), add_messages, append, add, merge, union or
 *                                  opaque, "default": any}},
 *  "nodes": [name], "edges": [[from, to] or [[from, ...], to]],
 *  "subgraphs": {node: the definition of the graph that it runs}}
 * where an edge may also come from __start__ and lead to __end__, and one from several nodes waits
 * for all of them. All keys are optional. A default is the user's own value and must have been
 * replaced by null.
 */
extern void document_check_graph(Jsonb *definition);

/*
 * What a language model drew from an episode, wherever in its answer: the one JSON object of it,
 *
 * {"entities": [{"name", "label", "summary", "attributes"}],
 *  "facts": [{"source", "name", "target", "fact", "source_label", "target_label", "valid_at",
 *             "invalid_at", "attributes", "confidence", "contradicts", "contradicted_ids"}],
 *  "summary": of the user}
 *
 * where nulls and all keys but an entity's name and a fact's name, fact and target may be missing.
 * 22023 names the place; the argument is "document".
 */
extern Jsonb *document_read_extraction(const char *given);

#endif
