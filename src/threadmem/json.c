/*
 * threadmem/json.c: the few readers of native jsonb that rooms share.
 */
#include "threadmem/json.h"

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

/* Nearly all are small, and for those core has a way that needs no memory. */
bool
numeric_int64(Numeric value, int64 *number)
{
	bool is_large = false;
	Datum given = NumericGetDatum(value);
	Datum scale = DirectFunctionCall1(numeric_min_scale, given);

	if (DatumGetInt32(scale) > 0)
		return false;
	*number = numeric_int4_opt_error(value, &is_large);
	if (!is_large)
		return true;
	if (DatumGetBool(DirectFunctionCall2(numeric_lt, given,
										 NumericGetDatum(int64_to_numeric(PG_INT64_MIN)))) ||
		DatumGetBool(DirectFunctionCall2(numeric_gt, given,
										 NumericGetDatum(int64_to_numeric(PG_INT64_MAX)))))
		return false;
	*number = DatumGetInt64(DirectFunctionCall1(numeric_int8, given));
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
