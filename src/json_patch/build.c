/*
 * json_patch/build.c: builds documents of nodes.
 *
 * Core's pushJsonbValue unpacks every container that is put into another, and writes it anew at the
 * end, none of which can be cancelled.  A node of a container is its place in the document it comes
 * from.
 */
#include "json_patch/build.h"

#include "miscadmin.h"

#define LEVEL_ROOM 8

/* A container that is being filled. */
typedef struct JsonLevel
{
	struct JsonLevel *outer;
	JsonNodeKind kind;
	JsonItems *items;
	JsonItem next; /* the key of the member to come */
	bool sorted;   /* its keys came in order */
} JsonLevel;

static int
compare_keys(const JsonItem *a, const JsonItem *b)
{
	return key_compare(a->key, a->key_length, b->key, b->key_length);
}

static void
add(JsonBuilder *builder, JsonNode value)
{
	JsonLevel *level = builder->open;

	if (!level)
	{
		builder->root = value;
		return;
	}
	level->next.value = value;
	if (level->kind == NODE_OBJECT && level->items->count > 0)
		level->sorted &=
			compare_keys(items_at(level->items, level->items->count - 1), &level->next) < 0;
	items_insert(level->items, level->items->count, level->next);
}

static void
open_level(JsonBuilder *builder, JsonNodeKind kind)
{
	JsonLevel *level = palloc0(sizeof(JsonLevel));

	level->outer = builder->open;
	level->kind = kind;
	level->items = items_new(LEVEL_ROOM);
	level->sorted = true;
	builder->open = level;
}

/* A member that is sorted: of equal keys by the order in which they came. */
typedef struct Member
{
	const JsonItem *item;
	int place;
} Member;

static int
compare_members(const void *a, const void *b)
{
	const Member *x = a;
	const Member *y = b;
	int order = compare_keys(x->item, y->item);

	CHECK_FOR_INTERRUPTS();
	return order ? order : x->place - y->place;
}

/* In jsonb's order of keys, the last of equal ones. */
static JsonItems *
sorted_items(JsonItems *items)
{
	int count = items->count;
	JsonItems *sorted = items_new(count);
	Member *members = palloc_extended(sizeof(Member) * count, MCXT_ALLOC_HUGE);

	for (int i = 0; i < count; i++)
		members[i] = (Member){items_at(items, i), i};
	qsort(members, count, sizeof(Member), compare_members);
	for (int i = 0; i < count; i++)
		if (i + 1 == count || compare_keys(members[i].item, members[i + 1].item) != 0)
			items_insert(sorted, sorted->count, *members[i].item);
	pfree(members);
	items_free(items);
	return sorted;
}

static void
close_level(JsonBuilder *builder)
{
	JsonLevel *level = builder->open;

	if (!level->sorted)
		level->items = sorted_items(level->items);
	builder->open = level->outer;
	add(builder, node_of_items(level->kind, level->items));
	pfree(level);
}

/* A document that is a single scalar has it wrapped in an array, which must not come along. */
static JsonNode
node_of(const JsonbValue *value)
{
	if (value->type == jbvBinary && JsonContainerIsScalar(value->val.binary.data))
		return node_of_root(value->val.binary.data);
	return node_of_value(value);
}

void
json_push(JsonBuilder *builder, JsonbIteratorToken token, const JsonbValue *value)
{
	CHECK_FOR_INTERRUPTS();
	switch (token)
	{
	case WJB_BEGIN_ARRAY:
		open_level(builder, NODE_ARRAY);
		break;
	case WJB_BEGIN_OBJECT:
		open_level(builder, NODE_OBJECT);
		break;
	case WJB_KEY:
		builder->open->next.key = value->val.string.val;
		builder->open->next.key_length = value->val.string.len;
		break;
	case WJB_VALUE:
	case WJB_ELEM:
		add(builder, node_of(value));
		break;
	case WJB_END_ARRAY:
	case WJB_END_OBJECT:
		close_level(builder);
		break;
	default:
		elog(ERROR, "unexpected token of jsonb: %d", token);
	}
}

static JsonbValue
string_value(const char *string)
{
	JsonbValue value = {.type = jbvString};

	value.val.string.val = unconstify(char *, string);
	value.val.string.len = strlen(string);
	return value;
}

void
json_put(JsonBuilder *builder, const char *key, const JsonbValue *value)
{
	JsonbValue name = string_value(key);

	json_push(builder, WJB_KEY, &name);
	json_push(builder, WJB_VALUE, value);
}

void
json_put_text(JsonBuilder *builder, const char *key, const char *value)
{
	JsonbValue string = string_value(value);

	json_put(builder, key, &string);
}

Jsonb *
json_built(JsonBuilder *builder)
{
	Assert(!builder->open);
	return node_write(&builder->root);
}
