/*
 * threadmem_json.c: the few readers and builders of native jsonb that rooms share.
 */
#include "threadmem_json.h"

#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

JsonbValue *
json_field(JsonbContainer *object, const char *key)
{
	if (object == NULL || !JsonContainerIsObject(object))
		return NULL;
	return getKeyJsonValueFromContainer(object, key, strlen(key), NULL);
}

JsonbValue *
json_given(JsonbContainer *object, const char *key)
{
	JsonbValue *value = json_field(object, key);

	return value && value->type != jbvNull ? value : NULL;
}

JsonbContainer *
json_as_object(const JsonbValue *value)
{
	if (value == NULL || value->type != jbvBinary || !JsonContainerIsObject(value->val.binary.data))
		return NULL;
	return value->val.binary.data;
}

JsonbContainer *
json_as_array(const JsonbValue *value)
{
	if (value == NULL || value->type != jbvBinary || !JsonContainerIsArray(value->val.binary.data))
		return NULL;
	return value->val.binary.data;
}

char *
json_as_text(const JsonbValue *value)
{
	if (value == NULL || value->type != jbvString)
		return NULL;
	return pnstrdup(value->val.string.val, value->val.string.len);
}

static bool
is_within(Numeric value, int64 least, int64 greatest)
{
	Datum number = NumericGetDatum(value);

	return DatumGetBool(
			   DirectFunctionCall2(numeric_ge, number, NumericGetDatum(int64_to_numeric(least)))) &&
		   DatumGetBool(DirectFunctionCall2(numeric_le, number,
											NumericGetDatum(int64_to_numeric(greatest))));
}

/* Nearly all are small, and for those core has a way that needs no memory. */
bool
numeric_int64(Numeric value, int64 *number)
{
	bool is_large = false;
	Datum scale = DirectFunctionCall1(numeric_min_scale, NumericGetDatum(value));

	if (DatumGetInt32(scale) > 0)
		return false;
	*number = numeric_int4_opt_error(value, &is_large);
	if (!is_large)
		return true;
	if (!is_within(value, PG_INT64_MIN, PG_INT64_MAX))
		return false;
	*number = DatumGetInt64(DirectFunctionCall1(numeric_int8, NumericGetDatum(value)));
	return true;
}

bool
json_int64(const JsonbValue *value, int64 *number)
{
	return value && value->type == jbvNumeric && numeric_int64(value->val.numeric, number);
}

Jsonb *
json_own(JsonbValue *value)
{
	return JsonbValueToJsonb(value);
}

/* The only caller of pushJsonbValue, whose type changes in PostgreSQL 19. */
void
json_push(JsonBuilder *builder, JsonbIteratorToken token, JsonbValue *value)
{
	builder->root = pushJsonbValue(&builder->state, token, value);
}

static JsonbValue
string_value(const char *string)
{
	JsonbValue value = {.type = jbvString};

	value.val.string.val = unconstify(char *, string);
	value.val.string.len = strlen(string);
	return value;
}

/* A document that is a single scalar has it wrapped in an array, which must not come along. */
void
json_put(JsonBuilder *builder, const char *key, JsonbValue *value)
{
	JsonbValue name = string_value(key);
	JsonbValue scalar;

	if (value->type == jbvBinary && JsonbExtractScalar(value->val.binary.data, &scalar))
		value = &scalar;
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
	return JsonbValueToJsonb(builder->root);
}
