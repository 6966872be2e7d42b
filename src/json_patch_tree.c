/*
 * json_patch_tree.c: reading jsonb's binary form into nodes, and lists of items that change.
 */
#include "json_patch_tree.h"

#include "utils/memutils.h"

#define ITEMS_MAX ((int)(MaxAllocSize / sizeof(JsonItem)))
#define ITEMS_SPARE 8 /* who opens a container is likely to add to it */

/* Numbers and containers are aligned: the padding before them counts as part of their entry. */
static JsonNode
aligned_node(JsonNodeKind kind, const char *base, uint32 offset, uint32 length)
{
	uint32 start = INTALIGN(offset);

	return (JsonNode){.kind = kind, .length = length - (start - offset), .data = base + start};
}

static JsonNode
node_of_entry(JEntry entry, const char *base, uint32 offset, uint32 length)
{
	switch (entry & JENTRY_TYPEMASK)
	{
	case JENTRY_ISNULL:
		return (JsonNode){.kind = NODE_NULL};
	case JENTRY_ISBOOL_FALSE:
		return (JsonNode){.kind = NODE_FALSE};
	case JENTRY_ISBOOL_TRUE:
		return (JsonNode){.kind = NODE_TRUE};
	case JENTRY_ISNUMERIC:
		return aligned_node(NODE_NUMBER, base, offset, length);
	case JENTRY_ISCONTAINER:
		return aligned_node(NODE_BINARY, base, offset, length);
	default:
		return node_of_string(base + offset, length);
	}
}

/* Goes once through the entries of a container, which hold lengths and now and then an offset. */
typedef struct Reader
{
	const JsonbContainer *container;
	const char *base;
	uint32 next;
	uint32 offset;
} Reader;

static Reader
reader_begin(const JsonbContainer *container)
{
	uint32 entries = JsonContainerSize(container) * (JsonContainerIsObject(container) ? 2 : 1);

	return (Reader){.container = container, .base = (const char *)&container->children[entries]};
}

static JsonNode
reader_next(Reader *reader)
{
	JEntry entry = reader->container->children[reader->next++];
	uint32 start = reader->offset;

	JBE_ADVANCE_OFFSET(reader->offset, entry);
	return node_of_entry(entry, reader->base, start, reader->offset - start);
}

JsonNode
node_of_root(JsonbContainer *root)
{
	int entries = JsonContainerSize(root) * (JsonContainerIsObject(root) ? 2 : 1);
	Reader reader = reader_begin(root);

	if (JsonContainerIsScalar(root))
		return reader_next(&reader);
	return (JsonNode){.kind = NODE_BINARY,
					  .length = offsetof(JsonbContainer, children) + entries * sizeof(JEntry) +
								getJsonbOffset(root, entries),
					  .data = root};
}

JsonNode
node_of_value(const JsonbValue *value)
{
	switch (value->type)
	{
	case jbvNull:
		return (JsonNode){.kind = NODE_NULL};
	case jbvBool:
		return (JsonNode){.kind = value->val.boolean ? NODE_TRUE : NODE_FALSE};
	case jbvNumeric:
		return (JsonNode){.kind = NODE_NUMBER,
						  .length = VARSIZE_ANY(value->val.numeric),
						  .data = value->val.numeric};
	case jbvString:
		return node_of_string(value->val.string.val, value->val.string.len);
	default:
		Assert(value->type == jbvBinary);
		return (JsonNode){
			.kind = NODE_BINARY, .length = value->val.binary.len, .data = value->val.binary.data};
	}
}

JsonNode
node_of_string(const char *bytes, int length)
{
	return (JsonNode){.kind = NODE_STRING, .length = length, .data = bytes};
}

JsonNode
node_of_items(JsonNodeKind kind, JsonItems *items)
{
	return (JsonNode){.kind = kind, .data = items};
}

bool
node_same(const JsonNode *a, const JsonNode *b)
{
	Assert(a->kind <= NODE_BINARY && b->kind <= NODE_BINARY);
	return a->kind == b->kind && a->length == b->length &&
		   (a->length == 0 || memcmp(a->data, b->data, a->length) == 0);
}

JsonItems *
items_new(int room)
{
	JsonItems *items = palloc(sizeof(JsonItems));

	items->count = items->gap = 0;
	items->room = Min(room, ITEMS_MAX);
	items->slots = palloc(items->room * sizeof(JsonItem));
	return items;
}

void
items_free(JsonItems *items)
{
	pfree(items->slots);
	pfree(items);
}

JsonItems *
items_read(JsonbContainer *container)
{
	int count = JsonContainerSize(container);
	JsonItems *items = items_new(count + ITEMS_SPARE);
	Reader reader = reader_begin(container);

	for (int i = 0; i < count && JsonContainerIsObject(container); i++)
	{
		JsonNode key = reader_next(&reader);

		items->slots[i].key = key.data;
		items->slots[i].key_length = key.length;
	}
	for (int i = 0; i < count; i++)
		items->slots[i].value = reader_next(&reader);
	items->count = items->gap = count;
	return items;
}

JsonItems *
node_open(JsonNode *node)
{
	if (node->kind == NODE_BINARY)
	{
		bool is_object = node_is_object(node);

		*node =
			node_of_items(is_object ? NODE_OBJECT : NODE_ARRAY, items_read(node_container(node)));
	}
	return node_items(node);
}

static void
move_gap(JsonItems *items, int to)
{
	JsonItem *slots = items->slots;
	int hole = items->room - items->count;

	if (to < items->gap)
		memmove(slots + to + hole, slots + to, (items->gap - to) * sizeof(JsonItem));
	else
		memmove(slots + items->gap, slots + items->gap + hole,
				(to - items->gap) * sizeof(JsonItem));
	items->gap = to;
}

static void
make_room(JsonItems *items)
{
	if (items->count < items->room)
		return;
	if (items->room >= ITEMS_MAX)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("number of jsonb array elements exceeds the maximum allowed (%d)",
							   ITEMS_MAX)));
	/* All slots are taken, so the gap may as well be at the end. */
	items->gap = items->count;
	items->room = items->room > ITEMS_MAX / 2 ? ITEMS_MAX : Max(items->room * 2, ITEMS_SPARE);
	items->slots = repalloc(items->slots, items->room * sizeof(JsonItem));
}

void
items_insert(JsonItems *items, int index, JsonItem item)
{
	make_room(items);
	move_gap(items, index);
	items->slots[items->gap++] = item;
	items->count++;
}

void
items_append(JsonItems *items, const char *key, JsonNode value)
{
	items_insert(items, items->count,
				 (JsonItem){.key = key, .key_length = key ? strlen(key) : 0, .value = value});
}

JsonNode
items_remove(JsonItems *items, int index)
{
	JsonNode value = items_at(items, index)->value;

	move_gap(items, index + 1);
	items->gap--;
	items->count--;
	return value;
}

void
items_truncate(JsonItems *items, int count)
{
	move_gap(items, items->count);
	items->count = items->gap = count;
}

int
key_compare(const char *a, int a_length, const char *b, int b_length)
{
	if (a_length != b_length)
		return a_length > b_length ? 1 : -1;
	return memcmp(a, b, a_length);
}

bool
items_find(const JsonItems *items, const char *key, int length, int *index)
{
	int low = 0;
	int high = items->count;

	while (low < high)
	{
		int middle = low + (high - low) / 2;
		const JsonItem *item = items_at(items, middle);
		int order = key_compare(item->key, item->key_length, key, length);

		if (order == 0)
		{
			*index = middle;
			return true;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*index = low;
	return false;
}

void
items_put(JsonItems *object, const char *key, int length, JsonNode value)
{
	int index;

	if (items_find(object, key, length, &index))
		items_at(object, index)->value = value;
	else
		items_insert(object, index, (JsonItem){.key = key, .key_length = length, .value = value});
}

JsonNode *
items_get(const JsonItems *object, const char *key, int length)
{
	int index;

	return items_find(object, key, length, &index) ? &items_at(object, index)->value : NULL;
}
