/*
 * json_patch/tree.c: reading jsonb's binary form into nodes.
 */
#include "json_patch/tree.h"

#include "miscadmin.h"
#include "utils/numeric.h"

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

JsonReader
json_reader(const JsonbContainer *container)
{
	uint32 entries = JsonContainerSize(container) * (JsonContainerIsObject(container) ? 2 : 1);

	return (JsonReader){.container = container,
						.base = (const char *)&container->children[entries]};
}

JsonNode
json_reader_next(JsonReader *reader)
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
	JsonReader reader = json_reader(root);

	if (JsonContainerIsScalar(root))
		return json_reader_next(&reader);
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
node_of_int64(int64 value)
{
	Numeric number = int64_to_numeric(value);

	return (JsonNode){.kind = NODE_NUMBER, .length = VARSIZE(number), .data = number};
}

JsonNode
node_of_string(const char *bytes, int length)
{
	return (JsonNode){.kind = NODE_STRING, .length = length, .data = bytes};
}

JsonNode
node_of_text(const char *string)
{
	return string ? node_of_string(string, (int)strlen(string)) : (JsonNode){.kind = NODE_NULL};
}

JsonNode
node_of_items(JsonNodeKind kind, JsonItems *items)
{
	return (JsonNode){.kind = kind, .data = items};
}

JsonNode
node_of_made(JsonItems *items, JsonNode (*make)(const JsonNode *item))
{
	JsonMade *made = palloc(sizeof(JsonMade));

	*made = (JsonMade){.items = items, .make = make};
	return (JsonNode){.kind = NODE_MADE, .data = made};
}

bool
node_same(const JsonNode *a, const JsonNode *b)
{
	Assert(a->kind <= NODE_BINARY && b->kind <= NODE_BINARY);
	return a->kind == b->kind && a->length == b->length &&
		   (a->length == 0 || memcmp(a->data, b->data, a->length) == 0);
}

JsonItems *
items_read(JsonbContainer *container)
{
	int count = JsonContainerSize(container);
	JsonItems *items = items_new(count + ITEMS_SPARE);
	JsonItem *slots = items->single.slots;
	JsonReader reader = json_reader(container);

	for (int i = 0; i < count && JsonContainerIsObject(container); i++)
	{
		JsonNode key = json_reader_next(&reader);

		CHECK_FOR_INTERRUPTS();
		slots[i].key = key.data;
		slots[i].key_length = key.length;
	}
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		slots[i].value = json_reader_next(&reader);
	}
	items->count = items->single.count = count;
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
