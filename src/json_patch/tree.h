/*
 * json_patch/tree.h: the nodes of a JSON document that can be changed.
 *
 * A node that nobody has opened points into the document it comes from, and is copied through as it
 * stands when the document is written.  An opened container has a list of its items instead: they
 * are JsonItems, each with its key where the container is an object.
 *
 * Nodes are passed by value and copy nothing: what one points into (a document, a string) has to
 * live until the document is written.  Lists are palloc'd in the context that is current.
 */
#ifndef JSON_PATCH_TREE_H
#define JSON_PATCH_TREE_H

#include "threadmem/threadmem.h"

typedef enum JsonNodeKind
{
	NODE_NULL,
	NODE_FALSE,
	NODE_TRUE,
	NODE_NUMBER, /* data is a numeric */
	NODE_STRING,
	NODE_BINARY, /* data is a JsonbContainer, untouched */
	NODE_OBJECT, /* opened: data is a JsonItems */
	NODE_ARRAY,
	NODE_MADE /* an array to be written, and for nothing else: data is a JsonMade */
} JsonNodeKind;

typedef struct JsonNode
{
	JsonNodeKind kind;
	uint32 length; /* bytes of data; none in an opened container */
	const void *data;
} JsonNode;

typedef struct JsonItem
{
	const char *key; /* of an object's member */
	int key_length;
	JsonNode value;
} JsonItem;

/*
 * The items of a container, in order (json_patch/items.c).  A block is a piece of them; one that
 * was read from a document, and has not been changed within, is a single block.
 */
typedef struct JsonBlock
{
	int start; /* index of its first item */
	int count;
	int room;
	JsonItem *slots;
} JsonBlock;

typedef struct JsonItems
{
	int count;
	int blocks;
	int room; /* for blocks */
	int near; /* the block that was looked into last */
	JsonBlock *directory;
	JsonBlock single; /* the directory of a list that has one block */
} JsonItems;

/* The block with this index, which is below the count. */
extern const JsonBlock *items_seek(const JsonItems *items, int index);

static inline JsonItem *
items_at(const JsonItems *items, int index)
{
	const JsonBlock *block = &items->directory[items->near];

	if (index < block->start || index - block->start >= block->count)
		block = items_seek(items, index);
	return &block->slots[index - block->start];
}

static inline JsonItems *
node_items(const JsonNode *node)
{
	return unconstify(void *, node->data);
}

static inline JsonbContainer *
node_container(const JsonNode *node)
{
	return unconstify(void *, node->data);
}

static inline bool
node_is_object(const JsonNode *node)
{
	return node->kind == NODE_OBJECT ||
		   (node->kind == NODE_BINARY && JsonContainerIsObject(node_container(node)));
}

static inline bool
node_is_array(const JsonNode *node)
{
	return node->kind == NODE_ARRAY ||
		   (node->kind == NODE_BINARY && JsonContainerIsArray(node_container(node)));
}

/* Of the root of a document, a value read from one by core's functions, a number, bytes, a list. */
extern JsonNode node_of_root(JsonbContainer *root);
extern JsonNode node_of_value(const JsonbValue *value);
extern JsonNode node_of_int64(int64 value);
extern JsonNode node_of_string(const char *bytes, int length);
/* Of a C string; NULL is the JSON null. */
extern JsonNode node_of_text(const char *string);
extern JsonNode node_of_items(JsonNodeKind kind, JsonItems *items);

/*
 * An array whose elements are what a function makes of these items. They are made when they are
 * measured, and those that are kept no longer then are made again when they are written.
 */
typedef struct JsonMade
{
	JsonItems *items;
	JsonNode (*make)(const JsonNode *item);
	int kept; /* the first so many are in nodes, between measure and write */
	JsonNode *nodes;
	MemoryContext memory; /* of the nodes and of what they point to */
} JsonMade;

extern JsonNode node_of_made(JsonItems *items, JsonNode (*make)(const JsonNode *item));

/* The same bytes: 1.10 is not 1.1.  Not for opened containers. */
extern bool node_same(const JsonNode *a, const JsonNode *b);

/*
 * Goes once through the entries of a container, which hold lengths and now and then an offset: as
 * many as it has, of an object its keys before its values.
 */
typedef struct JsonReader
{
	const JsonbContainer *container;
	const char *base;
	uint32 next;
	uint32 offset;
} JsonReader;

extern JsonReader json_reader(const JsonbContainer *container);
extern JsonNode json_reader_next(JsonReader *reader);

/* Makes a list of the items of a container; opening a node does it once. */
extern JsonItems *items_read(JsonbContainer *container);
extern JsonItems *node_open(JsonNode *node);

extern JsonItems *items_new(int room);
/* A list of the one item, in memory of the caller's, that is not to be changed. */
extern void items_of_one(JsonItems *items, JsonItem *item);
extern void items_free(JsonItems *items);
extern void items_insert(JsonItems *items, int index, JsonItem item);
extern void items_append(JsonItems *items, const char *key, JsonNode value);
extern JsonNode items_remove(JsonItems *items, int index);
extern void items_truncate(JsonItems *items, int count);

/* jsonb's order of keys: by length, then by bytes. */
extern int key_compare(const char *a, int a_length, const char *b, int b_length);

/* Where the key is, or, when it is not there, where it belongs. */
extern bool items_find(const JsonItems *items, const char *key, int length, int *index);

/* A member of an object's items: put in its place, or looked up (NULL when not there). */
extern void items_put(JsonItems *object, const char *key, int length, JsonNode value);
extern JsonNode *items_get(const JsonItems *object, const char *key, int length);
/* Members, each where it is missing; they come in jsonb's order. */
extern void items_put_missing(JsonItems *object, const JsonItem *members, int count);

/* Writes a node as a document, palloc'd. What jsonb cannot hold is 54000, or NULL, before it is
 * written. */
extern Jsonb *node_write(const JsonNode *node);
extern Jsonb *node_write_or_null(const JsonNode *node);

#endif
