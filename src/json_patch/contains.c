/*
 * json_patch/contains.c: @> without its square.
 *
 * Core looks for each scalar of an array among all elements of the other, and for no interrupt: two
 * arrays of 20,000 take it two seconds a row. Here they are looked up by hash. What an array has of
 * objects and arrays may be contained in several others, so that each is compared with each; but
 * that can be cancelled.
 */
#include "json_patch/contains.h"

#include "miscadmin.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

#include "json_patch/tree.h"
#include "threadmem/threadmem.h"

/* The scalars of an array. Numbers by value: 1.10 is 1.1. */
typedef struct Scalars
{
	Names *strings;
	Names *numbers;
	bool others[NODE_TRUE + 1]; /* by kind */
} Scalars;

static bool contains(JsonbContainer *whole, JsonbContainer *part);

static char *
text_of_number(const JsonNode *node)
{
	return numeric_normalize(unconstify(void *, node->data));
}

static void
read_scalars(Scalars *scalars, const JsonItems *items)
{
	*scalars = (Scalars){names_new(), names_new(), {false}};
	for (int i = 0; i < items->count; i++)
	{
		const JsonNode *node = &items_at(items, i)->value;

		CHECK_FOR_INTERRUPTS();
		if (node->kind == NODE_STRING)
			(void)names_add(scalars->strings, node->data, node->length);
		else if (node->kind == NODE_NUMBER)
			(void)names_take(scalars->numbers, text_of_number(node));
		else if (node->kind <= NODE_TRUE)
			scalars->others[node->kind] = true;
	}
}

static bool
has_scalar(const Scalars *scalars, const JsonNode *node)
{
	if (node->kind == NODE_STRING)
		return names_find(scalars->strings, node->data, node->length) != NULL;
	if (node->kind == NODE_NUMBER)
		return names_has(scalars->numbers, text_of_number(node));
	return scalars->others[node->kind];
}

static bool
any_contains(const JsonItems *items, const JsonNode *part)
{
	for (int i = 0; i < items->count; i++)
	{
		const JsonNode *node = &items_at(items, i)->value;

		CHECK_FOR_INTERRUPTS();
		if (node->kind == NODE_BINARY && contains(node_container(node), node_container(part)))
			return true;
	}
	return false;
}

static bool
array_contains(JsonbContainer *whole, JsonbContainer *part)
{
	MemoryContext memory =
		AllocSetContextCreate(CurrentMemoryContext, "elements of arrays", ALLOCSET_SMALL_SIZES);
	MemoryContext before = MemoryContextSwitchTo(memory);
	JsonItems *items = items_read(whole);
	JsonItems *parts = items_read(part);
	bool has_all = true;
	Scalars scalars;

	read_scalars(&scalars, items);
	for (int i = 0; i < parts->count && has_all; i++)
	{
		const JsonNode *node = &items_at(parts, i)->value;

		CHECK_FOR_INTERRUPTS();
		has_all =
			node->kind == NODE_BINARY ? any_contains(items, node) : has_scalar(&scalars, node);
	}
	MemoryContextSwitchTo(before);
	MemoryContextDelete(memory);
	return has_all;
}

static bool
value_contains(const JsonNode *whole, const JsonNode *part)
{
	if (whole->kind != part->kind)
		return false;
	if (whole->kind == NODE_BINARY)
		return contains(node_container(whole), node_container(part));
	if (whole->kind == NODE_NUMBER)
		return DatumGetBool(DirectFunctionCall2(numeric_eq, PointerGetDatum(whole->data),
												PointerGetDatum(part->data)));
	return node_same(whole, part);
}

static bool
object_contains(JsonbContainer *whole, JsonbContainer *part)
{
	JsonItems *parts;
	bool has_all = true;

	if (JsonContainerSize(whole) < JsonContainerSize(part))
		return false;
	parts = items_read(part);
	for (int i = 0; i < parts->count && has_all; i++)
	{
		const JsonItem *item = items_at(parts, i);
		JsonbValue found;
		JsonNode node;

		CHECK_FOR_INTERRUPTS();
		has_all = getKeyJsonValueFromContainer(whole, item->key, item->key_length, &found) != NULL;
		if (!has_all)
			break;
		node = node_of_value(&found);
		has_all = value_contains(&node, &item->value);
	}
	items_free(parts);
	return has_all;
}

/* A document that is a single scalar contains no array, but an array contains it. */
static bool
contains(JsonbContainer *whole, JsonbContainer *part)
{
	check_stack_depth();
	if (JsonContainerIsObject(whole) != JsonContainerIsObject(part) ||
		(JsonContainerIsScalar(whole) && !JsonContainerIsScalar(part)))
		return false;
	return JsonContainerIsObject(part) ? object_contains(whole, part) : array_contains(whole, part);
}

bool
json_contains(Jsonb *whole, Jsonb *part)
{
	return contains(&whole->root, &part->root);
}

/* What of a value is within the number of values left; an empty container is a part of any. */
static JsonNode
sample_of(const JsonNode *node, int *left)
{
	JsonItems *items;
	JsonItems *some;

	check_stack_depth();
	--*left;
	if (node->kind != NODE_BINARY)
		return *node;
	items = items_read(node_container(node));
	some = items_new(Max(Min(items->count, *left), 1));
	for (int i = 0; i<items->count && * left> 0; i++)
	{
		JsonItem item = *items_at(items, i);

		item.value = sample_of(&item.value, left);
		items_insert(some, some->count, item);
	}
	return node_of_items(node_is_object(node) ? NODE_OBJECT : NODE_ARRAY, some);
}

Jsonb *
json_sample(Jsonb *document, int values)
{
	JsonNode root = node_of_root(&document->root);
	JsonNode sample = sample_of(&root, &values);

	return values > 0 ? NULL : node_write(&sample);
}
