/*
 * json_patch/json_patch.c: applies JSON Patches (RFC 6902) to a document.
 *
 * The document becomes a tree that is opened only where a pointer leads; json_patch/write.c copies
 * the rest.  An operation gives a Fault, so that asking and doing share one way.  A change is made
 * in place, and a failing patch leaves nothing behind: the tree is dropped with the error and the
 * document was never touched (RFC 6902 section 5).
 *
 * Two choices that the RFC leaves open: the whole document cannot be removed, since there is no
 * document without a value, and a move to where the value is changes nothing.
 */
#include "json_patch/json_patch.h"

#include "access/detoast.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "json_patch/operation.h"

PG_FUNCTION_INFO_V1(threadmem_json_diff);
PG_FUNCTION_INFO_V1(threadmem_json_patch_apply);
PG_FUNCTION_INFO_V1(threadmem_json_patch_test);
PG_FUNCTION_INFO_V1(threadmem_json_bytes);

#define COMPACT_MIN (1024 * 1024)

struct JsonTree
{
	MemoryContext owner;   /* the caller's */
	MemoryContext context; /* of the nodes and of what patches brought */
	JsonNode root;
	Size adopted; /* bytes that patches brought; some may have been replaced since */
	Size limit;   /* when to find out */
};

static MemoryContext
make_context(MemoryContext owner)
{
	return AllocSetContextCreate(owner, "JSON tree", ALLOCSET_DEFAULT_SIZES);
}

JsonTree *
json_tree_parse(JsonbContainer *base)
{
	JsonTree *tree = palloc0(sizeof(JsonTree));

	tree->owner = CurrentMemoryContext;
	tree->context = make_context(tree->owner);
	tree->root = node_of_root(base);
	tree->limit = Max(COMPACT_MIN, 2 * (Size)tree->root.length);
	return tree;
}

Jsonb *
json_tree_serialize(JsonTree *tree)
{
	return node_write(&tree->root);
}

void
json_tree_free(JsonTree *tree)
{
	MemoryContextDelete(tree->context);
	pfree(tree);
}

static const void *
adopt_bytes(JsonTree *tree, const void *bytes, uint32 length)
{
	tree->adopted += length;
	return memcpy(MemoryContextAlloc(tree->context, length), bytes, length);
}

static JsonNode
adopt(JsonTree *tree, JsonNode node)
{
	if (node.length > 0)
		node.data = adopt_bytes(tree, node.data, node.length);
	return node;
}

/*
 * A value that is added again elsewhere.  An opened one is written out: the copies must not share
 * what can be changed, and a patch that doubles its document again and again meets jsonb's limit
 * here instead of filling the memory with nodes.
 */
static JsonNode
copy_of(JsonTree *tree, const JsonNode *node)
{
	MemoryContext old;
	Jsonb *written;

	if (node->kind < NODE_OBJECT)
		return *node;
	old = MemoryContextSwitchTo(tree->context);
	written = node_write(node);
	MemoryContextSwitchTo(old);
	tree->adopted += VARSIZE(written);
	return node_of_root(&written->root);
}

/*
 * A value set at every step leaves a dead one behind each time.  When more bytes have come than
 * twice the document has, the tree is written out and begun anew, so memory stays within a constant
 * of the document and the cost within a constant of what came.
 */
static void
compact(JsonTree *tree)
{
	MemoryContext fresh = make_context(tree->owner);
	MemoryContext old = MemoryContextSwitchTo(fresh);
	Jsonb *written = json_tree_serialize(tree);

	MemoryContextSwitchTo(old);
	MemoryContextDelete(tree->context);
	tree->context = fresh;
	tree->root = node_of_root(&written->root);
	tree->adopted = 0;
	tree->limit = Max(COMPACT_MIN, 2 * (Size)VARSIZE(written));
}

static JsonItems *
open_node(JsonTree *tree, JsonNode *node)
{
	MemoryContext old = MemoryContextSwitchTo(tree->context);
	JsonItems *items = node_open(node);

	MemoryContextSwitchTo(old);
	return items;
}

/* Where in a container a token points to. */
static Fault
locate(JsonTree *tree, JsonNode *container, Slice token, int *index)
{
	JsonItems *items;
	Fault fault;

	if (!node_is_object(container) && !node_is_array(container))
		return FAULT_SCALAR_PARENT;
	items = open_node(tree, container);
	if (container->kind == NODE_OBJECT)
		return items_find(items, token.bytes, token.length, index) ? FAULT_NONE : FAULT_NO_MEMBER;
	if (token.length == 1 && token.bytes[0] == '-')
	{
		*index = items->count;
		return FAULT_NO_ELEMENT;
	}
	fault = pointer_index(token, index);
	return fault != FAULT_NONE || *index < items->count ? fault : FAULT_NO_ELEMENT;
}

/* Follows a pointer up to its last token; the root has neither parent nor token. */
static Fault
find_parent(JsonTree *tree, Slice pointer, JsonNode **parent, Slice *token)
{
	*parent = NULL;
	while (pointer.length > 0)
	{
		JsonNode *child = &tree->root;

		CHECK_FOR_INTERRUPTS();
		if (*parent)
		{
			int index;
			Fault fault = locate(tree, *parent, *token, &index);

			if (fault == FAULT_NO_MEMBER || fault == FAULT_NO_ELEMENT)
				return FAULT_NO_PARENT;
			if (fault != FAULT_NONE)
				return fault;
			child = &items_at(node_items(*parent), index)->value;
		}
		*parent = child;
		*token = pointer_next(&pointer);
	}
	return FAULT_NONE;
}

static Fault
patch_find(JsonTree *tree, Slice pointer, JsonNode **node)
{
	JsonNode *parent;
	Slice token;
	int index;
	Fault fault = find_parent(tree, pointer, &parent, &token);

	*node = &tree->root;
	if (fault != FAULT_NONE || parent == NULL)
		return fault;
	fault = locate(tree, parent, token, &index);
	if (fault == FAULT_NONE)
		*node = &items_at(node_items(parent), index)->value;
	return fault;
}

/* RFC 6902 section 4.1: sets a member, inserts before an element, or becomes the document. */
static Fault
patch_add(JsonTree *tree, Slice path, JsonNode value)
{
	JsonItem item = {.value = value};
	JsonNode *parent;
	Slice token;
	int index;
	Fault fault = find_parent(tree, path, &parent, &token);

	if (fault != FAULT_NONE)
		return fault;
	if (parent == NULL)
	{
		tree->root = value;
		return FAULT_NONE;
	}
	fault = locate(tree, parent, token, &index);
	if (fault == FAULT_NONE && parent->kind == NODE_OBJECT)
	{
		items_at(node_items(parent), index)->value = value;
		return FAULT_NONE;
	}
	if (fault == FAULT_NO_ELEMENT && index > node_items(parent)->count)
		return FAULT_BEYOND_END;
	if (fault == FAULT_INDEX || fault == FAULT_SCALAR_PARENT)
		return fault;
	if (fault == FAULT_NO_MEMBER)
		item = (JsonItem){adopt_bytes(tree, token.bytes, token.length), token.length, value};
	items_insert(node_items(parent), index, item);
	return FAULT_NONE;
}

static Fault
patch_remove(JsonTree *tree, Slice path, JsonNode *value)
{
	JsonNode *parent;
	Slice token;
	int index;
	Fault fault = find_parent(tree, path, &parent, &token);

	if (fault == FAULT_NONE)
		fault = parent ? locate(tree, parent, token, &index) : FAULT_ROOT;
	if (fault == FAULT_NONE)
		*value = items_remove(node_items(parent), index);
	return fault;
}

static Fault
patch_replace(JsonTree *tree, Slice path, JsonNode value)
{
	JsonNode *node;
	Fault fault = patch_find(tree, path, &node);

	if (fault == FAULT_NONE)
		*node = value;
	return fault;
}

/* RFC 6902 section 4.4: from must not be a proper prefix of path. */
static Fault
patch_move(JsonTree *tree, PatchOperation *operation)
{
	Slice from = operation->from;
	Slice path = operation->path;
	JsonNode *node;
	JsonNode value;
	Fault fault = patch_find(tree, from, &node);

	operation->in_from = true;
	if (fault != FAULT_NONE || slice_equal(from, path))
		return fault;
	if (path.length > from.length && path.bytes[from.length] == '/' &&
		memcmp(path.bytes, from.bytes, from.length) == 0)
		return FAULT_OWN_CHILD;
	fault = patch_remove(tree, from, &value);
	if (fault != FAULT_NONE)
		return fault;
	operation->in_from = false;
	return patch_add(tree, path, value);
}

static Fault
patch_copy(JsonTree *tree, PatchOperation *operation)
{
	JsonNode *node;
	Fault fault = patch_find(tree, operation->from, &node);

	operation->in_from = fault != FAULT_NONE;
	return operation->in_from ? fault : patch_add(tree, operation->path, copy_of(tree, node));
}

/*
 * RFC 6902 section 4.6, which is jsonb's own idea of equality: numbers by their value (1.10 is
 * 1.1), objects without regard to order.
 */
static bool
same_value(const JsonNode *a, const JsonNode *b)
{
	if (node_same(a, b))
		return true;
	if (a->kind != b->kind)
		return false;
	if (a->kind == NODE_NUMBER)
		return DatumGetBool(
			DirectFunctionCall2(numeric_eq, PointerGetDatum(a->data), PointerGetDatum(b->data)));
	return a->kind == NODE_BINARY &&
		   compareJsonbContainers(node_container(a), node_container(b)) == 0;
}

static Fault
patch_test(JsonTree *tree, const PatchOperation *operation)
{
	JsonNode *node;
	JsonNode flat;
	Fault fault = patch_find(tree, operation->path, &node);

	if (fault != FAULT_NONE)
		return fault;
	flat = *node;
	if (node->kind >= NODE_OBJECT)
		flat = node_of_root(&node_write(node)->root);
	return same_value(&flat, &operation->value) ? FAULT_NONE : FAULT_DIFFERS;
}

static Fault
apply_operation(JsonTree *tree, PatchOperation *operation)
{
	JsonNode removed;

	switch (operation->kind)
	{
	case OPERATION_ADD:
		return patch_add(tree, operation->path, adopt(tree, operation->value));
	case OPERATION_REMOVE:
		return patch_remove(tree, operation->path, &removed);
	case OPERATION_REPLACE:
		return patch_replace(tree, operation->path, adopt(tree, operation->value));
	case OPERATION_MOVE:
		return patch_move(tree, operation);
	case OPERATION_COPY:
		return patch_copy(tree, operation);
	default:
		return patch_test(tree, operation);
	}
}

/* The first fault of a patch, with the operation it is in. */
static Fault
apply_patch(JsonTree *tree, Jsonb *patch, PatchOperation *operation)
{
	JsonItems *operations = operations_of(patch);

	memset(operation, 0, sizeof(*operation));
	if (operations == NULL)
		return FAULT_NO_PATCH;
	for (int i = 0; i < operations->count; i++)
	{
		Fault fault = operation_read(operations, i, operation);

		CHECK_FOR_INTERRUPTS();
		if (tree->adopted > tree->limit)
			compact(tree);
		if (fault == FAULT_NONE)
			fault = apply_operation(tree, operation);
		if (fault != FAULT_NONE)
			return fault;
	}
	return FAULT_NONE;
}

void
json_tree_apply(JsonTree *tree, Jsonb *patch)
{
	PatchOperation operation;
	Fault fault = apply_patch(tree, patch, &operation);

	if (fault != FAULT_NONE)
		fault_raise(fault, &operation);
}

Datum
threadmem_json_diff(PG_FUNCTION_ARGS)
{
	PG_RETURN_JSONB_P(json_diff(PG_GETARG_JSONB_P(0), PG_GETARG_JSONB_P(1)));
}

Datum
threadmem_json_patch_apply(PG_FUNCTION_ARGS)
{
	JsonTree *tree = json_tree_parse(&PG_GETARG_JSONB_P(0)->root);
	Jsonb *patch = PG_GETARG_JSONB_P(1);

	patch_check(patch);
	json_tree_apply(tree, patch);
	PG_RETURN_JSONB_P(json_tree_serialize(tree));
}

Datum
threadmem_json_patch_test(PG_FUNCTION_ARGS)
{
	JsonTree *tree = json_tree_parse(&PG_GETARG_JSONB_P(0)->root);
	Jsonb *patch = PG_GETARG_JSONB_P(1);
	PatchOperation operation;

	patch_check(patch);
	PG_RETURN_BOOL(apply_patch(tree, patch, &operation) == FAULT_NONE);
}

/* Told by the header or the pointer of what is stored: nothing is read or expanded for it. */
Datum
threadmem_json_bytes(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64((int64)toast_raw_datum_size(PG_GETARG_DATUM(0)));
}
