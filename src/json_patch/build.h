/*
 * json_patch/build.h: documents built member by member.
 *
 * Values are not copied until the document is written: what they point into has to live until then.
 */
#ifndef JSON_PATCH_BUILD_H
#define JSON_PATCH_BUILD_H

#include "json_patch/tree.h"

/* Begins as {0}; the first push opens the root, json_built() ends it. */
typedef struct JsonBuilder
{
	struct JsonLevel *open; /* containers that are not closed, the innermost first */
	JsonNode root;
} JsonBuilder;

/* As core's pushJsonbValue, with the tokens of its iterators; of two equal keys the later counts.
 */
extern void json_push(JsonBuilder *builder, JsonbIteratorToken token, const JsonbValue *value);
extern void json_put(JsonBuilder *builder, const char *key, const JsonbValue *value);
extern void json_put_text(JsonBuilder *builder, const char *key, const char *value);
extern Jsonb *json_built(JsonBuilder *builder);

#endif
