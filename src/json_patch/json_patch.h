/*
 * json_patch/json_patch.h: JSON documents compared, and changed by JSON Patches (RFC 6902).
 *
 * No tables and no statements here, and nothing of the rest of the extension: documents come in and
 * go out as jsonb.  Equal means equal bytes, so that 1.10 is not 1.1, but for the operation
 * test, which RFC 6902 lets compare numbers by their value, and for json_contains().
 *
 * A JsonTree is a document that can be changed many times and written once.  It lives in the memory
 * context that is current when it is parsed; the base must live as long.  What the patches add is
 * copied, so a patch may go as soon as it has been applied.
 *
 * Other rooms put documents together of nodes (json_patch/tree.h), or member by member
 * (json_patch/build.h).
 */
#ifndef JSON_PATCH_H
#define JSON_PATCH_H

#include "threadmem/threadmem.h"

typedef struct JsonTree JsonTree;

extern JsonTree *json_tree_parse(JsonbContainer *base);

/* 22023 for what is no patch, or when an operation fails; the tree is then of no further use. */
extern void json_tree_apply(JsonTree *tree, Jsonb *patch);

/* The document as it is now, palloc'd; the tree may be changed further. 54000 beyond jsonb. */
extern Jsonb *json_tree_serialize(JsonTree *tree);

/* Gives its memory back before its context does; not the base. */
extern void json_tree_free(JsonTree *tree);

/* The patch that makes the new document of the old one, to the byte; palloc'd. */
extern Jsonb *json_diff(Jsonb *old, Jsonb *new);

#include "json_patch/build.h"
#include "json_patch/compare.h"
#include "json_patch/contains.h"
#include "json_patch/text.h"
#include "json_patch/tree.h"

#endif
