/*
 * store/filter.c: which values a filter lets through.
 *
 * LangGraph's stores disagree here, and none of them says it; so: numbers compare as numbers and
 * text by its bytes, what is of two types is neither equal nor greater nor less (true is not 1, "1"
 * is not 1), an object in a filter is contained in the value, and a field that is not there is
 * unequal to everything, null too.
 */
#include "store/item.h"

#include "miscadmin.h"

#include "json_patch/json_patch.h"

PG_FUNCTION_INFO_V1(threadmem_store_matches);

typedef enum Comparison
{
	COMPARE_EQ,
	COMPARE_NE,
	COMPARE_GT,
	COMPARE_GTE,
	COMPARE_LT,
	COMPARE_LTE,
	COMPARE_NONE
} Comparison;

static const char *const names[] = {"$eq", "$ne", "$gt", "$gte", "$lt", "$lte", NULL};

static Comparison
comparison_of(const JsonbValue *key)
{
	int i = 0;

	while (names[i] && (strlen(names[i]) != key->val.string.len ||
						memcmp(names[i], key->val.string.val, key->val.string.len) != 0))
		i++;
	return i;
}

/* Goes through the members of an object; false behind the last one. */
static bool
next_member(JsonbIterator **it, JsonbValue *key, JsonbValue *value)
{
	CHECK_FOR_INTERRUPTS();
	if (JsonbIteratorNext(it, key, true) != WJB_KEY)
		return false;
	(void)JsonbIteratorNext(it, value, true);
	return true;
}

static JsonbIterator *
members_of(JsonbContainer *object)
{
	JsonbIterator *it = JsonbIteratorInit(object);
	JsonbValue all;

	(void)JsonbIteratorNext(&it, &all, true);
	return it;
}

static bool
begins_with_dollar(const JsonbValue *key)
{
	return key->val.string.len > 0 && key->val.string.val[0] == '$';
}

/* An object with operators, any of which makes all its keys such. */
static bool
has_operators(const JsonbValue *wanted)
{
	JsonbContainer *object = json_as_object(wanted);
	JsonbIterator *it = object ? members_of(object) : NULL;
	JsonbValue key;
	JsonbValue value;

	while (it && next_member(&it, &key, &value))
		if (begins_with_dollar(&key))
			return true;
	return false;
}

pg_noreturn static void
error_operator(const JsonbValue *key, const char *problem)
{
	error_bad_input("filter", "\"%s\" %s", pnstrdup(key->val.string.val, key->val.string.len),
					problem);
}

/* What a field is compared with: operators, or a value that has none anywhere in it. */
static void
guard_wanted(const JsonbValue *wanted)
{
	bool operators = has_operators(wanted);
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue key;

	if (wanted->type != jbvBinary)
		return;
	it = JsonbIteratorInit(wanted->val.binary.data);
	(void)JsonbIteratorNext(&it, &key, true);
	while ((token = JsonbIteratorNext(&it, &key, operators)) != WJB_DONE)
	{
		CHECK_FOR_INTERRUPTS();
		if (token != WJB_KEY)
			continue;
		if (operators && comparison_of(&key) == COMPARE_NONE)
			error_operator(&key, "is none of: $eq, $ne, $gt, $gte, $lt, $lte.");
		if (!operators && comparison_of(&key) != COMPARE_NONE)
			error_operator(&key, "stands deeper than right below a field.");
	}
}

void
guard_filter(NullableDatum filter)
{
	JsonbIterator *it;
	JsonbValue key;
	JsonbValue wanted;

	if (filter.isnull)
		return;
	it = members_of(&DatumGetJsonbP(filter.value)->root);
	while (next_member(&it, &key, &wanted))
	{
		if (begins_with_dollar(&key))
			error_operator(&key, "stands in the place of a field.");
		guard_wanted(&wanted);
	}
}

static bool
holds(const JsonbValue *value, Comparison comparison, const JsonbValue *operand)
{
	int order;

	if (comparison == COMPARE_EQ)
		return value && json_is_equal(value, operand);
	if (comparison == COMPARE_NE)
		return !value || !json_is_equal(value, operand);
	if (!value || !json_compare(value, operand, &order))
		return false;
	switch (comparison)
	{
	case COMPARE_GT:
		return order > 0;
	case COMPARE_GTE:
		return order >= 0;
	case COMPARE_LT:
		return order < 0;
	default:
		return order <= 0;
	}
}

/* What a filter says of one field. */
static bool
meets(JsonbValue *value, JsonbValue *wanted)
{
	JsonbIterator *it;
	JsonbValue key;
	JsonbValue operand;

	if (!has_operators(wanted))
	{
		if (value && json_as_object(wanted))
			return json_as_object(value) && json_contains(json_own(value), json_own(wanted));
		return value && json_is_equal(value, wanted);
	}
	it = members_of(wanted->val.binary.data);
	while (next_member(&it, &key, &operand))
		if (!holds(value, comparison_of(&key), &operand))
			return false;
	return true;
}

Datum
threadmem_store_matches(PG_FUNCTION_ARGS)
{
	JsonbContainer *document = &PG_GETARG_JSONB_P(0)->root;
	JsonbIterator *it = members_of(&PG_GETARG_JSONB_P(1)->root);
	JsonbValue key;
	JsonbValue wanted;

	if (!JsonContainerIsObject(document))
	{
		warn_damaged("value");
		PG_RETURN_BOOL(false);
	}
	while (next_member(&it, &key, &wanted))
	{
		JsonbValue *value =
			getKeyJsonValueFromContainer(document, key.val.string.val, key.val.string.len, NULL);

		if (!meets(value, &wanted))
			PG_RETURN_BOOL(false);
	}
	PG_RETURN_BOOL(true);
}
