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
add_node(JsonBuilder *builder, JsonNode value)
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
	add_node(builder, node_of_items(level->kind, level->items));
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
		add_node(builder, node_of(value));
		break;
	case WJB_END_ARRAY:
	case WJB_END_OBJECT:
		close_level(builder);
		break;
	default:
		elog(ERROR, "unexpected token of jsonb: %d", token);
	}
}

JsonbValue
json_text_value(const char *string)
{
	JsonbValue value = {.type = jbvString};

	value.val.string.val = unconstify(char *, string);
	value.val.string.len = strlen(string);
	return value;
}

void
json_put_key(JsonBuilder *builder, const char *key)
{
	JsonbValue name = json_text_value(key);

	json_push(builder, WJB_KEY, &name);
}

void
json_put(JsonBuilder *builder, const char *key, const JsonbValue *value)
{
	json_put_key(builder, key);
	json_push(builder, WJB_VALUE, value);
}

void
json_put_text(JsonBuilder *builder, const char *key, const char *value)
{
	JsonbValue string = json_text_value(value);

	json_put(builder, key, &string);
}

void
json_put_null(JsonBuilder *builder, const char *key)
{
	JsonbValue none = {.type = jbvNull};

	json_put(builder, key, &none);
}

void
json_put_int64(JsonBuilder *builder, const char *key, int64 value)
{
	JsonbValue number = {.type = jbvNumeric};

	number.val.numeric = int64_to_numeric(value);
	json_put(builder, key, &number);
}

void
json_put_bool(JsonBuilder *builder, const char *key, bool value)
{
	JsonbValue boolean = {.type = jbvBool};

	boolean.val.boolean = value;
	json_put(builder, key, &boolean);
}

void
json_put_document(JsonBuilder *builder, const char *key, Jsonb *value)
{
	JsonbValue document;

	JsonbToJsonbValue(value, &document);
	json_put(builder, key, &document);
}

void
json_put_empty(JsonBuilder *builder, const char *key, bool array)
{
	json_put_key(builder, key);
	json_push(builder, array ? WJB_BEGIN_ARRAY : WJB_BEGIN_OBJECT, NULL);
	json_push(builder, array ? WJB_END_ARRAY : WJB_END_OBJECT, NULL);
}

void
json_put_members(JsonBuilder *builder, JsonbContainer *object)
{
	JsonbIterator *it = JsonbIteratorInit(object);
	JsonbIteratorToken token;
	JsonbValue value;

	(void)JsonbIteratorNext(&it, &value, false);
	while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_END_OBJECT)
		json_push(builder, token, &value);
}

Jsonb *
json_built(JsonBuilder *builder)
{
	Assert(!builder->open);
	return node_write(&builder->root);
}

JsonbValue
json_built_value(JsonBuilder *builder)
{
	JsonbValue value;

	JsonbToJsonbValue(json_built(builder), &value);
	return value;
}

Jsonb *
json_empty_object(void)
{
	JsonBuilder builder = {0};

	json_push(&builder, WJB_BEGIN_OBJECT, NULL);
	json_push(&builder, WJB_END_OBJECT, NULL);
	return json_built(&builder);
}
