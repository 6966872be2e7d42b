/*
 * threadmem/guard.c: the checks of arguments, one SQLSTATE (22023) and one sentence each.
 *
 * An argument's name says what it must be: every <noun>_id is an id, every page has the same
 * bounds, metadata is always an object.  query_begin() runs guard_argument over all arguments of a
 * call, so no function can forget it and none repeats it.
 */
#include "threadmem/threadmem.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

/* The place of the first control character, the length when there is none. */
static int
find_control(const char *bytes, int length)
{
	int i = 0;

	while (i < length && (unsigned char)bytes[i] >= 0x20 && bytes[i] != 0x7f)
		i++;
	return i;
}

static void
guard_printable(const char *argument, const char *bytes, int length)
{
	int control = find_control(bytes, length);

	if (control < length)
		error_bad_input(argument, "It has a control character at byte %d.", control + 1);
}

static bool
id_length_is_good(int length)
{
	return length >= 1 && length <= ID_MAX_BYTES;
}

bool
id_is_good(const char *bytes, int length)
{
	return id_length_is_good(length) && find_control(bytes, length) == length;
}

void
guard_id(const char *argument, const char *bytes, int length)
{
	if (!id_length_is_good(length))
		error_bad_input(argument, "An id has 1 to %d bytes, this one has %d.", ID_MAX_BYTES,
						length);
	guard_printable(argument, bytes, length);
}

void
guard_call_id(const char *argument, const char *bytes, int length)
{
	if (length == 0)
		error_bad_input(argument, "The id of a call must not be empty.");
	guard_printable(argument, bytes, length);
}

void
guard_tenant(const char *bytes, int length)
{
	if (length > TENANT_MAX_BYTES)
		error_bad_input("tenant_id", "A tenant has at most %d bytes, this one has %d.",
						TENANT_MAX_BYTES, length);
	guard_printable("tenant_id", bytes, length);
}

/* '' is the thread's own graph. */
static void
guard_ns(const char *argument, const char *bytes, int length)
{
	if (length > NS_MAX_BYTES)
		error_bad_input(argument, "A namespace has at most %d bytes, this one has %d.",
						NS_MAX_BYTES, length);
	guard_printable(argument, bytes, length);
}

/* What people send for an object or an array, and how it came about. */
static const char *
json_hint(Jsonb *document, bool object)
{
	JsonbValue scalar;

	if (object && JB_ROOT_IS_ARRAY(document) && JB_ROOT_COUNT(document) == 0)
		return "PHP encodes an empty array as []; an empty object is new stdClass there.";
	if (JB_ROOT_IS_SCALAR(document) && JsonbExtractScalar(&document->root, &scalar) &&
		scalar.type == jbvString && scalar.val.string.len > 0 &&
		strchr("{[", scalar.val.string.val[0]))
		return "It is a string with JSON in it, so it was encoded twice: by the program and by its "
			   "driver.";
	return NULL;
}

static void
guard_container(const char *argument, Datum value, bool object)
{
	Jsonb *document = DatumGetJsonbP(value);

	if (object ? !JB_ROOT_IS_OBJECT(document)
			   : !JB_ROOT_IS_ARRAY(document) || JB_ROOT_IS_SCALAR(document))
		error_bad_input_hint(argument, json_hint(document, object), "It must be a JSON %s.",
							 object ? "object" : "array");
}

/* A list of names or ids: no nulls, one dimension, ids as every id. */
static void
guard_list(const char *argument, Datum value, bool ids)
{
	ArrayType *array = DatumGetArrayTypeP(value);
	Datum *elements;
	bool *nulls;
	int count;

	if (ARR_NDIM(array) > 1)
		error_bad_input(argument, "It must have one dimension, not %d.", ARR_NDIM(array));
	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (nulls[i])
			error_bad_input(argument, "Element %d is null.", i + 1);
		if (ids)
			guard_id(argument, VARDATA_ANY(DatumGetPointer(elements[i])),
					 VARSIZE_ANY_EXHDR(DatumGetPointer(elements[i])));
	}
}

/*
 * A cosine is told by the direction: a vector without one, or one whose squares leave the range of
 * real, has a distance from nothing.
 */
static void
guard_direction(const char *argument, const float8 *numbers, int count)
{
	double squares = 0;

	for (int i = 0; i < count; i++)
	{
		float4 number = (float4)numbers[i];

		if (!isfinite(number))
			error_bad_input(argument, "Element %d is not a finite number of type real.", i + 1);
		squares += (double)number * number;
	}
	if (squares < 1e-30 || squares > 1e30)
		error_bad_input(argument, "Its length is %g; it must be from 1e-15 to 1e15.",
						sqrt(squares));
}

/* What is called embeddings may be several, a row of the array each. */
static void
guard_embedding(const char *argument, Datum value)
{
	ArrayType *array = DatumGetArrayTypeP(value);
	int dimensions = strcmp(argument, "embeddings") == 0 ? Max(ARR_NDIM(array), 1) : 1;
	int count = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	int length = count == 0 ? 0 : ARR_DIMS(array)[ARR_NDIM(array) - 1];

	if (count == 0)
		error_bad_input(argument, "It is empty.");
	if (ARR_NDIM(array) != dimensions || dimensions > 2)
		error_bad_input(argument, "It must be an array of one dimension%s.",
						dimensions > 1 ? ", or of two" : "");
	if (length > EMBEDDING_MAX)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("embedding is too large"),
						errdetail("It has %d numbers, the limit is %d.", length, EMBEDDING_MAX)));
	if (count / length > EMBEDDINGS_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("too many embeddings"),
				 errdetail("There are %d, the limit is %d.", count / length, EMBEDDINGS_MAX)));
	if (array_contains_nulls(array))
		error_bad_input(argument, "It must not have a null in it.");
	for (int i = 0; i < count; i += length)
		guard_direction(argument, (const float8 *)ARR_DATA_PTR(array) + i, length);
}

NullableDatum
embedding_real(NullableDatum given)
{
	ArrayType *array;
	Datum *numbers;
	int count;

	if (given.isnull)
		return ARG_NULL;
	array = DatumGetArrayTypeP(given.value);
	count = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	numbers = palloc(sizeof(Datum) * count);
	for (int i = 0; i < count; i++)
		numbers[i] = Float4GetDatum((float4)((const float8 *)ARR_DATA_PTR(array))[i]);
	return ARG(PointerGetDatum(construct_md_array(numbers, NULL, ARR_NDIM(array), ARR_DIMS(array),
												  (int[]){1, 1}, FLOAT4OID, sizeof(float4), true,
												  TYPALIGN_INT)));
}

static void
guard_number(const char *argument, int64 value)
{
	static const char *const pages[] = {"page_number", "page_size", NULL};
	static const char *const rows[] = {"max_rows", "page_size", NULL};
	static const char *const counts[] = {"skip", "after_seq", "before_seq", "expected_seq", NULL};
	static const char *const wide[] = {"after_seq",        "before_seq",   "expected_rev",
									   "expected_version", "expected_seq", NULL};

	if (text_is_one_of(argument, pages) && value < 1)
		error_bad_input(argument, "It must be 1 or more, not " INT64_FORMAT ".", value);
	if (text_is_one_of(argument, rows) && (value < 0 || value > ROWS_MAX))
		error_bad_input(argument, "It must be from 0 to %d, not " INT64_FORMAT ".", ROWS_MAX,
						value);
	if (text_is_one_of(argument, counts) && value < 0)
		error_bad_input(argument, "It must not be negative, and is " INT64_FORMAT ".", value);
	if (!text_is_one_of(argument, wide) && (value < PG_INT32_MIN || value > PG_INT32_MAX))
		error_bad_input(argument, INT64_FORMAT " is out of range.", value);
}

void
guard_argument(const char *name, Oid type, Datum value)
{
	static const char *const objects[] = {
		"metadata",   "config", "tool_resources", "new_versions", "values_match", "paths",
		"kwargs",     "usage",  "details",        "body",         "filters",      "definition",
		"checkpoint", "value",  "filter",         "attributes",   "ontology",     "lists",
		NULL};
	static const char *const arrays[] = {"tools",   "tool_calls", "attachments", "messages",
										 "writes",  "updates",    "parts",       "supersteps",
										 "outputs", "operations", NULL};
	static const char *const times[] = {"event_at",   "created_at", "valid_at", "invalid_at",
										"expired_at", "edited_at",  NULL};

	if (type == TEXTOID && text_ends_with(name, "_ns"))
	{
		text *ns = DatumGetTextPP(value);

		guard_ns(name, VARDATA_ANY(ns), VARSIZE_ANY_EXHDR(ns));
	}
	else if (type == TEXTOID && text_ends_with(name, "_id"))
	{
		text *id = DatumGetTextPP(value);

		if (strcmp(name, "tenant_id") == 0) /* '' is the default tenant */
			guard_tenant(VARDATA_ANY(id), VARSIZE_ANY_EXHDR(id));
		else if (strcmp(name, "tool_call_id") == 0)
			guard_call_id(name, VARDATA_ANY(id), VARSIZE_ANY_EXHDR(id));
		else
			guard_id(name, VARDATA_ANY(id), VARSIZE_ANY_EXHDR(id));
	}
	else if (type == JSONBOID &&
			 (text_is_one_of(name, objects) || text_ends_with(name, "_metadata")))
		guard_container(name, value, true);
	else if (type == JSONBOID && text_is_one_of(name, arrays))
		guard_container(name, value, false);
	else if (type == TIMESTAMPTZOID && text_is_one_of(name, times))
	{
		if (TIMESTAMP_NOT_FINITE(DatumGetTimestampTz(value)))
			error_bad_input(name, "It must be a point in time, not infinity.");
	}
	else if (type == FLOAT8ARRAYOID)
		guard_embedding(name, value);
	else if (type == TEXTARRAYOID)
		guard_list(name, value, text_ends_with(name, "_ids"));
	else if (type == INT8OID)
		guard_number(name, DatumGetInt64(value));
}

static int
find_choice(const char *argument, Datum value, const char *const *choices)
{
	char *given = TextDatumGetCString(value);
	StringInfoData list;

	for (int i = 0; choices[i]; i++)
		if (strcmp(given, choices[i]) == 0)
			return i;
	initStringInfo(&list);
	for (int i = 0; choices[i]; i++)
		appendStringInfo(&list, "%s%s", i ? ", " : "", choices[i]);
	error_bad_input(argument, "\"%s\" is none of: %s.", given, list.data);
}

int
guard_choice(const char *argument, NullableDatum value, const char *const *choices)
{
	return value.isnull ? 0 : find_choice(argument, value.value, choices);
}

void
guard_choices(const char *argument, NullableDatum list, const char *const *choices)
{
	Datum *elements;
	int count = text_list(list, &elements);

	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		find_choice(argument, elements[i], choices);
	}
}

void
guard_keys(const char *argument, JsonbContainer *object, const char *what, const char *const *keys)
{
	JsonbIterator *it = JsonbIteratorInit(object);
	StringInfoData known;
	JsonbIteratorToken token;
	JsonbValue value;

	(void)JsonbIteratorNext(&it, &value, false);
	while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_END_OBJECT)
	{
		char *key = token == WJB_KEY ? pnstrdup(value.val.string.val, value.val.string.len) : NULL;

		CHECK_FOR_INTERRUPTS();
		if (!key || text_is_one_of(key, keys))
			continue;
		initStringInfo(&known);
		for (int i = 0; keys[i]; i++)
			appendStringInfo(&known, "%s%s", i ? ", " : "", keys[i]);
		error_bad_input(argument, "%s has no key \"%s\"; it has: %s.", what, key, known.data);
	}
}

void
guard_body(Jsonb *body)
{
	Size limit = (Size)setting_max_body * 1024;

	if (VARSIZE(body) > limit)
		error_too_large("message body", VARSIZE(body), limit, "threadmem.max_body");
}
