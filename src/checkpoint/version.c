/*
 * checkpoint/version.c: what is counted on in a chain: the versions of channels, the step.
 *
 * A version is a number, or text that sorts by its bytes. LangGraph for Python writes text that
 * begins with a number of 32 digits; a saver of its own may write any text, and each version must
 * come after all before. So the next text is of LangGraph's form where that sorts last, else the
 * greatest text followed by it; from then on only that end is counted on, and nothing grows.
 */
#include "checkpoint/checkpoint.h"

#include "common/int.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "threadmem/threadmem.h"

/* Bytes of LangGraph's form as spell() writes it. */
#define SPELLED 51

static int
compare_bytes(const JsonNode *a, const JsonNode *b)
{
	int order = memcmp(a->data, b->data, Min(a->length, b->length));

	return order ? order : (a->length > b->length) - (a->length < b->length);
}

bool
version_is_later(const JsonNode *a, const JsonNode *b)
{
	if (a->kind == NODE_NUMBER && b->kind == NODE_NUMBER)
		return DatumGetInt32(DirectFunctionCall2(numeric_cmp, PointerGetDatum(a->data),
												 PointerGetDatum(b->data))) > 0;
	return a->kind == NODE_STRING && b->kind == NODE_STRING && compare_bytes(a, b) > 0;
}

/* The number before the dot of LangGraph's form; PG_INT64_MAX for one that is greater. */
static bool
number_of_text(const JsonNode *version, int64 *number)
{
	char *spelled = pnstrdup(version->data, version->length);
	size_t digits = strspn(spelled, "0123456789");
	bool found = digits > 0 && spelled[digits] == '.';

	if (found)
		*number = strtoll(spelled, NULL, 10);
	pfree(spelled);
	return found;
}

/* The whole number at or below a number; false beyond int64. */
static bool
number_of_number(const JsonNode *version, int64 *number)
{
	Datum value = PointerGetDatum(version->data);

	return numeric_int64(DatumGetNumeric(value), number) ||
		   numeric_int64(DatumGetNumeric(DirectFunctionCall1(numeric_floor, value)), number);
}

static bool
can_be_counted_on(const JsonNode *version)
{
	int64 number;

	if (version->kind == NODE_STRING)
		return !number_of_text(version, &number) || number <= COUNT_MAX;
	return number_of_number(version, &number) && number >= -COUNT_MAX && number <= COUNT_MAX;
}

void
versions_guard(const char *argument, JsonbContainer *versions)
{
	JsonItems *items = versions ? items_read(versions) : items_new(1);

	for (int i = 0; i < items->count; i++)
	{
		JsonItem *item = items_at(items, i);

		if (!can_be_counted_on(&item->value))
			error_bad_input(argument,
							"The version of channel \"%.*s\" cannot be counted on: its number must"
							" be from " INT64_FORMAT " to " INT64_FORMAT ".",
							item->key_length, item->key, -COUNT_MAX, COUNT_MAX);
	}
}

/* The clock tells versions of two branches apart. */
static char *
spell(int64 number)
{
	return psprintf("%032lld.0.%016lld", (long long)number,
					(long long)(GetCurrentTimestamp() % INT64CONST(10000000000000000)));
}

/* Counts on at the end of a text that this function has written; NODE_NULL for another one. */
static JsonNode
count_on(const JsonNode *greatest, int64 number)
{
	int length = (int)greatest->length - SPELLED;
	const char *spelled = greatest->data;
	JsonNode end;
	int64 last;

	if (length < 1 || spelled[length - 1] != '.')
		return (JsonNode){.kind = NODE_NULL};
	end = node_of_string(spelled + length, SPELLED);
	if (!number_of_text(&end, &last) || last == PG_INT64_MAX)
		return (JsonNode){.kind = NODE_NULL};
	return node_of_text(psprintf("%.*s%s", length, spelled, spell(Max(number, last + 1))));
}

static JsonNode
text_after(const JsonNode *greatest, int64 number)
{
	JsonNode next = node_of_text(spell(number));

	if (compare_bytes(&next, greatest) > 0)
		return next;
	next = count_on(greatest, number);
	if (next.kind == NODE_STRING && compare_bytes(&next, greatest) > 0)
		return next;
	return node_of_text(
		psprintf("%.*s.%s", (int)greatest->length, (const char *)greatest->data, spell(number)));
}

/* A stored version may be one that checkpoint_put refuses. */
static void
error_no_next(const JsonItem *item)
{
	ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					errmsg("version of a channel cannot be counted on"),
					errdetail("It is that of channel \"%.*s\".", item->key_length, item->key),
					errhint("Update a checkpoint before it, or begin another thread.")));
}

JsonNode
version_after(const JsonItems *versions, int64 least)
{
	JsonNode greatest = {.kind = NODE_NULL};
	int64 next = least + 1;

	for (int i = 0; i < versions->count; i++)
	{
		JsonItem *item = items_at(versions, i);
		int64 number = 0;

		if (item->value.kind == NODE_NUMBER)
		{
			if (!number_of_number(&item->value, &number) || number == PG_INT64_MAX)
				error_no_next(item);
		}
		else if (item->value.kind == NODE_STRING)
		{
			if (!number_of_text(&item->value, &number) || number == PG_INT64_MAX)
				number = 0;
			if (greatest.kind == NODE_NULL || compare_bytes(&item->value, &greatest) > 0)
				greatest = item->value;
		}
		next = Max(next, number + 1);
	}
	return greatest.kind == NODE_NULL ? node_of_int64(next) : text_after(&greatest, next);
}

/* What no next one can follow is no step. */
int64
checkpoint_step(Jsonb *metadata)
{
	int64 step;

	if (metadata && json_int64(json_field(&metadata->root, "step"), &step) && step < PG_INT64_MAX)
		return step;
	return -1;
}

void
step_guard(Jsonb *metadata)
{
	JsonbValue *given = json_field(&metadata->root, "step");
	int64 step;

	if (given && given->type == jbvNumeric &&
		(!json_int64(given, &step) || step < -COUNT_MAX || step > COUNT_MAX))
		error_bad_input("metadata",
						"\"step\" must be a whole number from " INT64_FORMAT " to " INT64_FORMAT
						".",
						-COUNT_MAX, COUNT_MAX);
}
