/*
 * memory/graph_filter.c: what the filters of memory_search() say of facts and entities.
 */
#include "memory/graph_filter.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "json_patch/json_patch.h"
#include "shape/shape.h"

#define LISTED_MAX 256 /* elements of a list, as Zep allows */

typedef enum Comparison
{
	IS_EQUAL,
	IS_UNEQUAL,
	IS_GREATER,
	IS_LESS,
	IS_GREATER_EQUAL,
	IS_LESS_EQUAL,
	IS_NOTHING,
	IS_SOMETHING,
	CONTAINS,
	IS_AMONG
} Comparison;

static const struct
{
	const char *name;
	Comparison comparison;
} operators[] = {
	{"=", IS_EQUAL},         {"<>", IS_UNEQUAL},       {">", IS_GREATER},
	{"<", IS_LESS},          {">=", IS_GREATER_EQUAL}, {"<=", IS_LESS_EQUAL},
	{"IS NULL", IS_NOTHING}, {"is_null", IS_NOTHING},  {"IS NOT NULL", IS_SOMETHING},
	{"CONTAINS", CONTAINS},  {"IN", IS_AMONG},
};

typedef struct Condition
{
	Comparison comparison;
	JsonbValue *key; /* a string: which member of a document */
	JsonbValue *value;
	TimestampTz time;
} Condition;

/* All of it, or any; groups within groups. */
typedef struct ConditionGroup
{
	bool any;
	List *conditions;
	List *groups;
} ConditionGroup;

/* Reading */

pg_noreturn static void
error_filter(const char *key, const char *problem)
{
	error_bad_input("filters", "\"%s\" %s", key, problem);
}

static JsonbContainer *
array_of(const char *key, JsonbValue *value, const char *problem)
{
	JsonbContainer *array = json_as_array(value);

	if (!array)
		error_filter(key, problem);
	if (JsonContainerSize(array) > LISTED_MAX)
		error_filter(key, psprintf("has more than %d elements.", LISTED_MAX));
	return array;
}

static void
read_names(const char *key, JsonbValue *value, void *field)
{
	JsonbContainer *array = array_of(key, value, "must be an array of texts.");
	Names *names = names_new();

	for (uint32 i = 0; i < JsonContainerSize(array); i++)
	{
		char *name = json_as_text(getIthJsonbValueFromContainer(array, i));

		if (!name)
			error_filter(key, "must be an array of texts.");
		(void)names_take(names, name);
	}
	*(Names **)field = names;
}

static Comparison
read_operator(const char *key, JsonbContainer *condition)
{
	char *name = json_as_text(json_field(condition, "comparison_operator"));

	for (int i = 0; name && i < lengthof(operators); i++)
		if (strcmp(operators[i].name, name) == 0)
			return operators[i].comparison;
	error_filter(key, "needs a comparison_operator: =, <>, >, <, >=, <=, IS NULL, IS NOT NULL,"
					  " CONTAINS or IN.");
}

static bool
takes_value(Comparison comparison)
{
	return comparison != IS_NOTHING && comparison != IS_SOMETHING;
}

static Condition *
read_time(const char *key, JsonbValue *value)
{
	static const char *const keys[] = {"comparison_operator", "date", NULL};
	JsonbContainer *object = json_as_object(value);
	Condition *condition = palloc0(sizeof(Condition));
	JsonbValue *date;
	char *wrong;

	if (!object)
		error_filter(key, "must be an array of arrays of conditions.");
	guard_keys("filters", object, key, keys);
	condition->comparison = read_operator(key, object);
	date = json_given(object, "date");
	if (condition->comparison == CONTAINS || condition->comparison == IS_AMONG)
		error_filter(key, "is a time, which contains nothing and is in nothing.");
	if (takes_value(condition->comparison) != (date != NULL))
		error_filter(key, date ? "compares with a date that its operator does not take."
							   : "compares with no date.");
	wrong = date ? shape_time(key, date, &condition->time) : NULL;
	if (wrong)
		error_bad_input("filters", "%s", wrong);
	return condition;
}

static void
read_times(const char *key, JsonbValue *value, void *field)
{
	JsonbContainer *all = array_of(key, value, "must be an array of arrays of conditions.");
	List *alternatives = NIL;

	for (uint32 i = 0; i < JsonContainerSize(all); i++)
	{
		JsonbContainer *some = array_of(key, getIthJsonbValueFromContainer(all, i),
										"must be an array of arrays of conditions.");
		List *conditions = NIL;

		for (uint32 j = 0; j < JsonContainerSize(some); j++)
		{
			CHECK_FOR_INTERRUPTS();
			conditions =
				lappend(conditions, read_time(key, getIthJsonbValueFromContainer(some, j)));
		}
		alternatives = lappend(alternatives, conditions);
	}
	*(TimeFilter *)field = (TimeFilter){true, alternatives};
}

/* A scalar; where it is in a list, that. */
static void
guard_value(const char *key, Comparison comparison, JsonbValue *value)
{
	if (takes_value(comparison) != (value != NULL))
		error_filter(key, value ? "has a property_value that its operator does not take."
								: "needs a property_value.");
	if (value && comparison == IS_AMONG)
		(void)array_of(key, value, "needs an array as property_value of IN.");
	else if (value && value->type == jbvBinary)
		error_filter(key, "needs text, a number or a boolean as property_value.");
}

static Condition *
read_condition(const char *key, JsonbValue *given)
{
	static const char *const keys[] = {"comparison_operator", "property_name", "property_value",
									   NULL};
	JsonbContainer *object = json_as_object(given);
	Condition *condition = palloc0(sizeof(Condition));

	if (!object)
		error_filter(key, "must have conditions that are objects.");
	guard_keys("filters", object, key, keys);
	condition->comparison = read_operator(key, object);
	condition->key = json_given(object, "property_name");
	condition->value = json_given(object, "property_value");
	if (!condition->key || condition->key->type != jbvString)
		error_filter(key, "needs a text as property_name.");
	guard_value(key, condition->comparison, condition->value);
	return condition;
}

static List *
read_conditions(const char *key, JsonbValue *value)
{
	JsonbContainer *array = array_of(key, value, "must have its conditions in an array.");
	List *conditions = NIL;

	for (uint32 i = 0; i < JsonContainerSize(array); i++)
	{
		CHECK_FOR_INTERRUPTS();
		conditions =
			lappend(conditions, read_condition(key, getIthJsonbValueFromContainer(array, i)));
	}
	return conditions;
}

static void
read_properties(const char *key, JsonbValue *value, void *field)
{
	ConditionGroup *group = palloc0(sizeof(ConditionGroup));

	group->conditions = read_conditions(key, value);
	*(ConditionGroup **)field = group;
}

static void
read_group(const char *key, JsonbValue *value, void *field)
{
	static const char *const keys[] = {"type", "filters", "groups", NULL};
	JsonbContainer *object = json_as_object(value);
	ConditionGroup *group = palloc0(sizeof(ConditionGroup));
	JsonbValue *part;
	char *type;

	check_stack_depth();
	if (!object)
		error_filter(key, "must be an object, as its groups.");
	guard_keys("filters", object, key, keys);
	type = json_as_text(json_field(object, "type"));
	if (!type || (strcmp(type, "and") != 0 && strcmp(type, "or") != 0))
		error_filter(key, "needs a type: and, or.");
	group->any = type[0] == 'o';
	part = json_given(object, "filters");
	if (part)
		group->conditions = read_conditions(key, part);
	part = json_given(object, "groups");
	if (part)
	{
		JsonbContainer *groups = array_of(key, part, "must have its groups in an array.");

		for (uint32 i = 0; i < JsonContainerSize(groups); i++)
		{
			void *inner;

			read_group(key, getIthJsonbValueFromContainer(groups, i), &inner);
			group->groups = lappend(group->groups, inner);
		}
	}
	*(ConditionGroup **)field = group;
}

static const struct GraphKey
{
	const char *name;
	int kinds; /* what it is about */
	void (*read)(const char *key, JsonbValue *value, void *field);
	size_t field;
} graph_keys[] = {
	{"node_labels", KIND_FACT | KIND_ENTITY, read_names, offsetof(GraphFilters, labels)},
	{"exclude_node_labels", KIND_FACT | KIND_ENTITY, read_names,
	 offsetof(GraphFilters, other_labels)},
	{"edge_types", KIND_FACT, read_names, offsetof(GraphFilters, types)},
	{"exclude_edge_types", KIND_FACT, read_names, offsetof(GraphFilters, other_types)},
	{"edge_uuids", KIND_FACT, read_names, offsetof(GraphFilters, fact_ids)},
	{"episode_uuids", KIND_EPISODE | KIND_FACT | KIND_ENTITY, read_names,
	 offsetof(GraphFilters, episode_ids)},
	{"source_node_uuids", KIND_FACT, read_names, offsetof(GraphFilters, sources)},
	{"target_node_uuids", KIND_FACT, read_names, offsetof(GraphFilters, targets)},
	{"connected_node_uuids", KIND_FACT, read_names, offsetof(GraphFilters, ends)},
	{"created_at", KIND_EPISODE | KIND_FACT | KIND_ENTITY, read_times,
	 offsetof(GraphFilters, times[FILTER_CREATED_AT])},
	{"valid_at", KIND_FACT, read_times, offsetof(GraphFilters, times[FILTER_VALID_AT])},
	{"invalid_at", KIND_FACT, read_times, offsetof(GraphFilters, times[FILTER_INVALID_AT])},
	{"expired_at", KIND_FACT, read_times, offsetof(GraphFilters, times[FILTER_EXPIRED_AT])},
	{"property_filters", KIND_FACT | KIND_ENTITY, read_properties,
	 offsetof(GraphFilters, attributes)},
	{"episode_metadata_filters", KIND_EPISODE | KIND_FACT | KIND_ENTITY, read_group,
	 offsetof(GraphFilters, episode_facts)},
	{"roles", KIND_EPISODE},
	{"since", KIND_EPISODE},
	{"until", KIND_EPISODE},
};

static const struct GraphKey *
key_of(const char *name)
{
	for (int i = 0; i < lengthof(graph_keys); i++)
		if (strcmp(graph_keys[i].name, name) == 0)
			return &graph_keys[i];
	return NULL;
}

bool
graph_filter_read(GraphFilters *filters, const char *name, JsonbValue *value)
{
	const struct GraphKey *key = key_of(name);

	if (!key || !key->read)
		return false;
	key->read(name, value, (char *)filters + key->field);
	return true;
}

void
graph_filter_guard(NullableDatum document, int kinds)
{
	JsonbIterator *it;
	JsonbValue name;
	JsonbValue value;

	if (document.isnull)
		return;
	it = JsonbIteratorInit(&DatumGetJsonbP(document.value)->root);
	(void)JsonbIteratorNext(&it, &name, false);
	while (JsonbIteratorNext(&it, &name, true) == WJB_KEY)
	{
		const struct GraphKey *key = key_of(pnstrdup(name.val.string.val, name.val.string.len));

		(void)JsonbIteratorNext(&it, &value, true);
		if (key && value.type != jbvNull && !(key->kinds & kinds))
			error_filter(key->name, "is about nothing that the scope has.");
	}
}

/* Passing */

static bool
is_allowed(const Names *wanted, const Names *unwanted, NullableDatum value)
{
	return (!wanted || names_find_text(wanted, value)) &&
		   !(unwanted && names_find_text(unwanted, value));
}

static bool
order_meets(int order, Comparison comparison)
{
	switch (comparison)
	{
	case IS_EQUAL:
		return order == 0;
	case IS_UNEQUAL:
		return order != 0;
	case IS_GREATER:
		return order > 0;
	case IS_LESS:
		return order < 0;
	case IS_GREATER_EQUAL:
		return order >= 0;
	case IS_LESS_EQUAL:
		return order <= 0;
	default:
		return false;
	}
}

static bool
time_meets(NullableDatum time, const Condition *condition)
{
	if (!takes_value(condition->comparison))
		return time.isnull == (condition->comparison == IS_NOTHING);
	return !time.isnull &&
		   order_meets(timestamptz_cmp_internal(DatumGetTimestampTz(time.value), condition->time),
					   condition->comparison);
}

bool
graph_filter_time(const GraphFilters *filters, FilterTime which, NullableDatum time)
{
	ListCell *cell;

	foreach (cell, filters->times[which].alternatives)
	{
		bool all = true;
		ListCell *inner;

		foreach (inner, (List *)lfirst(cell))
			all = all && time_meets(time, lfirst(inner));
		if (all)
			return true;
	}
	return !filters->times[which].given;
}

/* Whether an array has the value among its elements. */
static bool
is_element(JsonbContainer *array, const JsonbValue *value)
{
	for (uint32 i = 0; i < JsonContainerSize(array); i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (json_is_equal(getIthJsonbValueFromContainer(array, i), value))
			return true;
	}
	return false;
}

/* A text a part of it, an array an element. */
static bool
has_part(const JsonbValue *whole, const JsonbValue *part)
{
	JsonbContainer *array = json_as_array(whole);

	if (array)
		return is_element(array, part);
	return whole->type == jbvString && part->type == jbvString &&
		   strstr(json_as_text(whole), json_as_text(part)) != NULL;
}

static bool
value_meets(const JsonbValue *value, const Condition *condition)
{
	bool is_there = value && value->type != jbvNull;
	int order;

	if (!takes_value(condition->comparison))
		return is_there == (condition->comparison == IS_SOMETHING);
	if (!is_there)
		return false;
	switch (condition->comparison)
	{
	case IS_EQUAL:
		return json_is_equal(value, condition->value);
	case IS_UNEQUAL:
		return !json_is_equal(value, condition->value);
	case CONTAINS:
		return has_part(value, condition->value);
	case IS_AMONG:
		return is_element(json_as_array(condition->value), value);
	default:
		return json_compare(value, condition->value, &order) &&
			   order_meets(order, condition->comparison);
	}
}

/* A group of nothing is met. */
static bool
group_meets(JsonbContainer *document, const ConditionGroup *group)
{
	bool any = group->conditions == NIL && group->groups == NIL;
	bool all = true;
	ListCell *cell;

	check_stack_depth();
	foreach (cell, group->conditions)
	{
		const Condition *condition = lfirst(cell);
		JsonbValue *value =
			JsonContainerIsObject(document)
				? getKeyJsonValueFromContainer(document, condition->key->val.string.val,
											   condition->key->val.string.len, NULL)
				: NULL;
		bool meets = value_meets(value, condition);

		any |= meets;
		all &= meets;
	}
	foreach (cell, group->groups)
	{
		bool meets = group_meets(document, lfirst(cell));

		any |= meets;
		all &= meets;
	}
	return group->any ? any : all;
}

static bool
document_meets(NullableDatum document, const ConditionGroup *group)
{
	Jsonb *known = document.isnull ? json_empty_object() : DatumGetJsonbP(document.value);

	return !group || group_meets(&known->root, group);
}

static bool
ends_pass(const GraphFilters *filters, const GraphItem *item)
{
	if (filters->sources && !names_find_text(filters->sources, item->ends[0]))
		return false;
	if (filters->targets && !names_find_text(filters->targets, item->ends[1]))
		return false;
	return !filters->ends || names_find_text(filters->ends, item->ends[0]) ||
		   names_find_text(filters->ends, item->ends[1]);
}

bool
graph_filter_passes(const GraphFilters *filters, const GraphItem *item)
{
	for (int i = 0; i < item->label_count; i++)
		if (!is_allowed(filters->labels, filters->other_labels, item->labels[i]))
			return false;
	if (!graph_filter_time(filters, FILTER_CREATED_AT, item->times[FILTER_CREATED_AT]) ||
		!document_meets(item->attributes, filters->attributes))
		return false;
	if (item->kind != KIND_FACT)
		return true;
	for (int i = FILTER_VALID_AT; i < FILTER_TIMES; i++)
		if (!graph_filter_time(filters, i, item->times[i]))
			return false;
	return is_allowed(filters->types, filters->other_types, item->type) &&
		   is_allowed(filters->fact_ids, NULL, item->id) && ends_pass(filters, item);
}

bool
graph_filter_asks_episodes(const GraphFilters *filters)
{
	return filters->episode_ids || filters->episode_facts;
}

bool
graph_filter_has_episode(const GraphFilters *filters, NullableDatum message_id,
						 NullableDatum episode_id, NullableDatum metadata)
{
	if (filters->episode_ids && !names_find_text(filters->episode_ids, message_id) &&
		!names_find_text(filters->episode_ids, episode_id))
		return false;
	return document_meets(metadata, filters->episode_facts);
}
