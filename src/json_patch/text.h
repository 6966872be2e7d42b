/*
 * json_patch/text.h: JSON text read and written, as core does it, but so that it can be cancelled.
 */
#ifndef JSON_PATCH_TEXT_H
#define JSON_PATCH_TEXT_H

#include "threadmem/threadmem.h"

/* A text as jsonb, palloc'd; the errors are those of jsonb's input function. */
extern Jsonb *json_of_text(const char *json);

/* The text of a container, a document of a single scalar included; palloc'd. */
extern char *json_text(JsonbContainer *container);

#endif
