/*
 * store/batch.c: several operations in one call, as LangGraph's stores take them.
 *
 * All are read before the first is carried out, so that a bad one changes nothing. Then come those
 * that read, in their order, then renewals, then what is written: of one item the last one counts,
 * and items are locked in the order of their paths and keys, their persons before them, so that two
 * batches wait for each other in one way only.
 */
#include "store/item.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "user/user.h"

PG_FUNCTION_INFO_V1(threadmem_store_batch);

#define SEARCH_ROWS 10 /* LangGraph's own defaults */
#define LIST_ROWS 100

typedef enum OperationKind
{
	GET,
	PUT,
	DELETE,
	TOUCH,
	SEARCH,
	LIST
} OperationKind;

typedef struct Operation
{
	OperationKind kind;
	int number;   /* from 0 */
	StorePut put; /* path and key of the others, too */
	bool refresh;
	StoreSearch search;
	NamespaceSearch list;
	NullableDatum answer;
} Operation;

static void
tell_number(void *number)
{
	errcontext("operation %d of store_batch", *(int *)number);
}

#define error_bad_operation(...) error_bad_input("operations", __VA_ARGS__)

/* Members of an operation; a null stands for none. */

static NullableDatum
text_of(JsonbContainer *object, const char *key)
{
	JsonbValue *value = json_given(object, key);

	if (value && value->type != jbvString)
		error_bad_operation("\"%s\" must be a string.", key);
	return ARG_TEXT(json_as_text(value));
}

static NullableDatum
document_of(JsonbContainer *object, const char *key)
{
	JsonbValue *value = json_given(object, key);

	if (value && !json_as_object(value))
		error_bad_operation("\"%s\" must be a JSON object.", key);
	return value ? ARG(JsonbPGetDatum(json_own(value))) : ARG_NULL;
}

static bool
bool_of(JsonbContainer *object, const char *key)
{
	JsonbValue *value = json_given(object, key);

	if (value && value->type != jbvBool)
		error_bad_operation("\"%s\" must be true or false.", key);
	return value && value->val.boolean;
}

static int64
number_of(JsonbContainer *object, const char *key, int64 least, int64 most, int64 otherwise)
{
	JsonbValue *value = json_given(object, key);
	int64 number = otherwise;

	if (value && (!json_int64(value, &number) || number < least || number > most))
		error_bad_operation("\"%s\" must be a whole number from " INT64_FORMAT " to " INT64_FORMAT
							".",
							key, least, most);
	return number;
}

static NullableDatum
labels_in(JsonbContainer *object, const char *key)
{
	JsonbValue *value = json_given(object, key);
	JsonbContainer *array = json_as_array(value);
	List *labels = NIL;

	if (value && !array)
		error_bad_operation("\"%s\" must be an array of strings.", key);
	if (!array)
		return ARG_NULL;
	for (uint32 i = 0; i < JsonContainerSize(array); i++)
	{
		char *label = json_as_text(getIthJsonbValueFromContainer(array, i));

		CHECK_FOR_INTERRUPTS();
		if (!label)
			error_bad_operation("\"%s\" must be an array of strings.", key);
		labels = lappend(labels, label);
	}
	return text_array_of(labels);
}

static double
double_of(const JsonbValue *value, const char *key)
{
	if (!value || value->type != jbvNumeric)
		error_bad_operation("\"%s\" has what is no number.", key);
	return DatumGetFloat8(
		DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(value->val.numeric)));
}

/* Puts the numbers of an array behind those that are there; how many. */
static int
add_numbers(JsonbContainer *array, const char *key, Datum **numbers, int count)
{
	int length = JsonContainerSize(array);

	*numbers = repalloc_huge(*numbers, sizeof(Datum) * (count + length + 1));
	for (int i = 0; i < length; i++)
	{
		CHECK_FOR_INTERRUPTS();
		(*numbers)[count + i] =
			Float8GetDatum(double_of(getIthJsonbValueFromContainer(array, i), key));
	}
	return length;
}

/* An array of numbers, or of such arrays, checked as the argument of that name is. */
static NullableDatum
vectors_of(JsonbContainer *object, const char *key)
{
	JsonbValue *value = json_given(object, key);
	JsonbContainer *array = json_as_array(value);
	Datum *numbers = palloc(sizeof(Datum));
	int lengths[] = {0, 0};
	int bounds[] = {1, 1};
	Datum vectors;
	bool is_list;

	if (value && !array)
		error_bad_operation("\"%s\" must be an array.", key);
	if (!array)
		return ARG_NULL;
	is_list = JsonContainerSize(array) > 0 &&
			  json_as_array(getIthJsonbValueFromContainer(array, 0)) != NULL;
	if (!is_list)
		lengths[0] = add_numbers(array, key, &numbers, 0);
	for (int i = 0; is_list && i < JsonContainerSize(array); i++)
	{
		JsonbContainer *vector = json_as_array(getIthJsonbValueFromContainer(array, i));
		int length = vector ? add_numbers(vector, key, &numbers, i * lengths[1]) : -1;

		if (length < 0 || (i > 0 && length != lengths[1]))
			error_bad_operation("\"%s\" must have vectors of one length.", key);
		lengths[0]++;
		lengths[1] = length;
	}
	vectors = PointerGetDatum(construct_md_array(numbers, NULL, is_list ? 2 : 1, lengths, bounds,
												 FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL,
												 TYPALIGN_DOUBLE));
	guard_argument(key, FLOAT8ARRAYOID, vectors);
	return embedding_real(ARG(vectors));
}

/* Operations */

static void
read_name(Operation *op, JsonbContainer *object)
{
	op->put.path = path_of_item("operations", labels_in(object, "namespace"));
	op->put.key = text_of(object, "key");
	if (op->put.key.isnull)
		error_bad_operation("\"key\" is missing.");
	guard_key("operations", op->put.key);
}

/* null: all of it; false: nothing. */
static NullableDatum
index_of(JsonbContainer *object)
{
	JsonbValue *value = json_given(object, "index");

	if (value && value->type == jbvBool && !value->val.boolean)
		return text_array(NULL, 0);
	return labels_in(object, "index");
}

static void
read_put(Operation *op, JsonbContainer *object)
{
	JsonbValue *ttl = json_given(object, "ttl");

	read_name(op, object);
	op->put.value = document_of(object, "value");
	if (op->put.value.isnull)
	{
		op->kind = DELETE;
		return;
	}
	op->put.ttl = ttl ? ARG(Float8GetDatum(double_of(ttl, "ttl"))) : ARG_NULL;
	op->put.embeddings = vectors_of(object, "embeddings");
	store_draft(&op->put, labels_in(object, "namespace"), index_of(object));
}

static void
read_search(Operation *op, JsonbContainer *object)
{
	op->search = (StoreSearch){.prefix = labels_in(object, "namespace_prefix"),
							   .filter = document_of(object, "filter"),
							   .query = text_of(object, "query"),
							   .embedding = vectors_of(object, "embedding"),
							   .max_rows = number_of(object, "limit", 0, ROWS_MAX, SEARCH_ROWS),
							   .skip = number_of(object, "offset", 0, PG_INT32_MAX, 0),
							   .after_position = ARG_NULL};
	guard_filter(op->search.filter);
	(void)path_of("operations", op->search.prefix);
}

static void
read_condition(Operation *op, JsonbContainer *condition)
{
	static const char *const keys[] = {"match_type", "path", NULL};
	static const char *const types[] = {"prefix", "suffix", NULL};
	List *labels;

	guard_keys("operations", condition, "a condition", keys);
	labels = labels_of("operations", labels_in(condition, "path"));
	if (guard_choice("operations", text_of(condition, "match_type"), types) == 0)
		op->list.prefixes = lappend(op->list.prefixes, labels);
	else
		op->list.suffixes = lappend(op->list.suffixes, labels);
}

static void
read_list(Operation *op, JsonbContainer *object)
{
	JsonbValue *value = json_given(object, "match_conditions");
	JsonbContainer *conditions = json_as_array(value);

	op->list = (NamespaceSearch){.max_depth = number_of(object, "max_depth", 1, PG_INT32_MAX, 0),
								 .max_rows = number_of(object, "limit", 0, ROWS_MAX, LIST_ROWS),
								 .skip = number_of(object, "offset", 0, PG_INT32_MAX, 0),
								 .after_position = ARG_NULL};
	if (value && !conditions)
		error_bad_operation("\"match_conditions\" must be an array.");
	for (uint32 i = 0; conditions && i < JsonContainerSize(conditions); i++)
	{
		JsonbContainer *condition = json_as_object(getIthJsonbValueFromContainer(conditions, i));

		CHECK_FOR_INTERRUPTS();
		if (!condition)
			error_bad_operation("\"match_conditions\" must have objects.");
		read_condition(op, condition);
	}
}

static void
read_operation(Operation *op, JsonbContainer *object)
{
	static const char *const kinds[] = {
		"get", "put", "delete", "touch", "search", "list_namespaces", NULL};
	static const char *const get[] = {"op", "namespace", "key", "refresh_ttl", NULL};
	static const char *const put[] = {"op",  "namespace", "key",        "value",
									  "ttl", "index",     "embeddings", NULL};
	static const char *const name[] = {"op", "namespace", "key", NULL};
	static const char *const search[] = {"op",     "namespace_prefix", "filter",
										 "query",  "embedding",        "limit",
										 "offset", "refresh_ttl",      NULL};
	static const char *const list[] = {"op",    "match_conditions", "max_depth",
									   "limit", "offset",           NULL};
	static const char *const *const keys[] = {get, put, name, name, search, list};

	if (!object)
		error_bad_operation("It must be a JSON object.");
	if (!json_given(object, "op"))
		error_bad_operation("\"op\" is missing.");
	op->kind = guard_choice("operations", text_of(object, "op"), kinds);
	guard_keys("operations", object, kinds[op->kind], keys[op->kind]);
	op->refresh = bool_of(object, "refresh_ttl");
	if (op->kind == PUT)
		read_put(op, object);
	else if (op->kind == SEARCH)
		read_search(op, object);
	else if (op->kind == LIST)
		read_list(op, object);
	else
		read_name(op, object);
}

static Operation *
read_operations(JsonbContainer *array, int count)
{
	Operation *ops = palloc0_array(Operation, count + 1);
	ErrorContextCallback context = {.callback = tell_number, .previous = error_context_stack};

	if (count > ROWS_MAX)
		error_bad_operation("There are %d, of at most %d.", count, ROWS_MAX);
	error_context_stack = &context;
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		context.arg = &ops[i].number;
		ops[i].number = i + 1;
		ops[i].put.user_id = ops[i].answer = ARG_NULL;
		read_operation(&ops[i], json_as_object(getIthJsonbValueFromContainer(array, i)));
	}
	error_context_stack = context.previous;
	return ops;
}

/* What is to be renewed: two lists of text datums, as long as each other. */
typedef struct Renewals
{
	Datum *paths;
	Datum *keys;
	int count;
} Renewals;

static void
add_renewals(Renewals *renewals, const Datum *paths, const Datum *keys, int count)
{
	Size room = sizeof(Datum) * (renewals->count + count + 1);

	renewals->paths = renewals->paths ? repalloc(renewals->paths, room) : palloc(room);
	renewals->keys = renewals->keys ? repalloc(renewals->keys, room) : palloc(room);
	memcpy(renewals->paths + renewals->count, paths, sizeof(Datum) * count);
	memcpy(renewals->keys + renewals->count, keys, sizeof(Datum) * count);
	renewals->count += count;
}

static void
search_items(Call *call, Operation *op, Renewals *renewals)
{
	Built built;
	Datum *paths;
	Datum *keys;
	int count;

	built_begin(&built,
				"SELECT coalesce(jsonb_agg(to_jsonb(r) - '{position,has_more}'::text[]), '[]'),"
				" array_agg(array_to_string(r.namespace, E'\\x01')), array_agg(r.key) FROM (");
	store_search_add(call, &built, &op->search);
	built_add(
		&built,
		") r (namespace, key, value, user_id, ttl_minutes, expires_at, created_at, updated_at, score, position, has_more)");
	built_first(call, &built);
	op->answer = row_column(1, 1);
	if (!op->refresh)
		return;
	count = text_list(row_column(1, 2), &paths);
	text_list(row_column(1, 3), &keys);
	add_renewals(renewals, paths, keys, count);
}

static void
list_namespaces(Call *call, Operation *op)
{
	bool has_more;
	List *paths = store_namespaces(call, &op->list, &has_more);
	JsonbParseState *state = NULL;
	const ListCell *cell;
	JsonbValue *all;

	pushJsonbValue(&state, WJB_BEGIN_ARRAY, NULL);
	foreach (cell, paths)
	{
		const ListCell *label;

		pushJsonbValue(&state, WJB_BEGIN_ARRAY, NULL);
		foreach (label, path_labels(lfirst(cell)))
		{
			JsonbValue string = {
				.type = jbvString,
				.val.string = {.len = (int)strlen(lfirst(label)), .val = lfirst(label)}};

			pushJsonbValue(&state, WJB_ELEM, &string);
		}
		pushJsonbValue(&state, WJB_END_ARRAY, NULL);
	}
	all = pushJsonbValue(&state, WJB_END_ARRAY, NULL);
	op->answer = ARG(JsonbPGetDatum(JsonbValueToJsonb(all)));
}

static void
read_all(Call *call, Operation *ops, int count)
{
	Renewals renewals = {0};

	for (int i = 0; i < count; i++)
	{
		Operation *op = &ops[i];

		CHECK_FOR_INTERRUPTS();
		if (op->kind == GET)
			op->answer = store_read(call, op->put.path, op->put.key);
		else if (op->kind == SEARCH)
			search_items(call, op, &renewals);
		else if (op->kind == LIST)
			list_namespaces(call, op);
		if (op->kind == TOUCH || (op->kind == GET && op->refresh))
			add_renewals(&renewals, &op->put.path.value, &op->put.key.value, 1);
	}
	if (renewals.count > 0)
		store_renew(call, text_array(renewals.paths, renewals.count),
					text_array(renewals.keys, renewals.count));
}

static int
compare_texts(Datum a, Datum b)
{
	text *x = DatumGetTextPP(a);
	text *y = DatumGetTextPP(b);
	int order =
		memcmp(VARDATA_ANY(x), VARDATA_ANY(y), Min(VARSIZE_ANY_EXHDR(x), VARSIZE_ANY_EXHDR(y)));

	return order ? order : (int)VARSIZE_ANY_EXHDR(x) - (int)VARSIZE_ANY_EXHDR(y);
}

static int
compare_names(const Operation *a, const Operation *b)
{
	int order = compare_texts(a->put.path.value, b->put.path.value);

	return order ? order : compare_texts(a->put.key.value, b->put.key.value);
}

static int
compare_writes(const void *a, const void *b)
{
	const Operation *x = *(Operation *const *)a;
	const Operation *y = *(Operation *const *)b;
	int order = compare_names(x, y);

	CHECK_FOR_INTERRUPTS();
	return order ? order : x->number - y->number;
}

static void
lock_persons(Call *call, Operation **writes, int count)
{
	Datum *persons = palloc_array(Datum, count + 1);
	int known = 0;

	for (int i = 0; i < count; i++)
		if (!writes[i]->put.user_id.isnull)
			persons[known++] = writes[i]->put.user_id.value;
	if (known > 0)
		user_lock_known(call, text_array(persons, known));
}

static void
write_all(Call *call, Operation *ops, int count)
{
	Operation **writes = palloc_array(Operation *, count + 1);
	int written = 0;

	for (int i = 0; i < count; i++)
		if (ops[i].kind == PUT || ops[i].kind == DELETE)
			writes[written++] = &ops[i];
	qsort(writes, written, sizeof(Operation *), compare_writes);
	lock_persons(call, writes, written);
	for (int i = 0; i < written; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (i + 1 < written && compare_names(writes[i], writes[i + 1]) == 0)
			continue;
		if (writes[i]->kind == PUT)
			store_write(call, &writes[i]->put);
		else
			store_remove(call, writes[i]->put.path, writes[i]->put.key);
		query_free_rows();
	}
}

Datum
threadmem_store_batch(PG_FUNCTION_ARGS)
{
	JsonbContainer *array;
	Operation *ops;
	int count;
	Call call;

	query_begin(&call, fcinfo);
	array = &DatumGetJsonbP(fcinfo->args[0].value)->root;
	count = JsonContainerSize(array);
	ops = read_operations(array, count);
	read_all(&call, ops, count);
	write_all(&call, ops, count);
	query_open_set(&call);
	for (int i = 0; i < count; i++)
		query_put(&call, &ops[i].answer.value, &ops[i].answer.isnull, 1);
	return query_close_set(&call);
}
