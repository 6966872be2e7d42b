/*
 * json_patch/json_patch.h: JSON documents compared, and changed by JSON Patches (RFC 6902).
 *
 * A JsonTree is a document that can be changed many times and written once.  It lives in the memory
 * context that is current when it is parsed; the base must live as long.  What the patches add is
 * copied, so a patch may go as soon as it has been applied.
 */
#ifndef JSON_PATCH_H
#define JSON_PATCH_H

#include "threadmem/threadmem.h"

typedef struct JsonTree JsonTree;

extern JsonTree *json_tree_parse(JsonbContainer *base);

/* 22023 when an operation fails; the tree is then of no further use. */
extern void json_tree_apply(JsonTree *tree, Jsonb *patch);

/* The document as it is now; the tree may be changed further. */
extern Jsonb *json_tree_serialize(JsonTree *tree);

/* Gives its memory back before its context does; not the base. */
extern void json_tree_free(JsonTree *tree);

/* The patch that makes the new document of the old one, to the byte. */
extern Jsonb *json_diff(Jsonb *old, Jsonb *new);

#include "json_patch/build.h"
#include "json_patch/contains.h"
#include "json_patch/text.h"
#include "json_patch/tree.h"

#endif
