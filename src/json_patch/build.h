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
/* A key, whose value is pushed next. */
extern void json_put_key(JsonBuilder *builder, const char *key);
/* A key and its value. */
extern void json_put(JsonBuilder *builder, const char *key, const JsonbValue *value);
extern void json_put_null(JsonBuilder *builder, const char *key);
extern void json_put_text(JsonBuilder *builder, const char *key, const char *value);
extern void json_put_int64(JsonBuilder *builder, const char *key, int64 value);
extern void json_put_bool(JsonBuilder *builder, const char *key, bool value);
extern void json_put_document(JsonBuilder *builder, const char *key, Jsonb *value);
extern void json_put_empty(JsonBuilder *builder, const char *key, bool array);
/* The members of an object, inside one that is open; members put after them outweigh them. */
extern void json_put_members(JsonBuilder *builder, JsonbContainer *object);

/* The document, palloc'd; what jsonb cannot hold is 54000. */
extern Jsonb *json_built(JsonBuilder *builder);
/* The same as a value, to be put into another. */
extern JsonbValue json_built_value(JsonBuilder *builder);
extern Jsonb *json_empty_object(void);

/* A C string as a value, which is not copied. */
extern JsonbValue json_text_value(const char *string);

#endif
