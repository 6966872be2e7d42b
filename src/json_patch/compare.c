/*
 * json_patch/compare.c: values of documents compared, as filters do.
 */
#include "json_patch/compare.h"

#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

bool
json_compare(const JsonbValue *a, const JsonbValue *b, int *order)
{
	if (a->type != b->type || (a->type != jbvNumeric && a->type != jbvString))
		return false;
	if (a->type == jbvNumeric)
	{
		*order = DatumGetInt32(DirectFunctionCall2(numeric_cmp, NumericGetDatum(a->val.numeric),
												   NumericGetDatum(b->val.numeric)));
		return true;
	}
	*order =
		memcmp(a->val.string.val, b->val.string.val, Min(a->val.string.len, b->val.string.len));
	if (*order == 0)
		*order = a->val.string.len - b->val.string.len;
	return true;
}

bool
json_is_equal(const JsonbValue *a, const JsonbValue *b)
{
	int order;

	if (a->type != b->type)
		return false;
	switch (a->type)
	{
	case jbvNull:
		return true;
	case jbvBool:
		return a->val.boolean == b->val.boolean;
	case jbvBinary:
		return compareJsonbContainers(a->val.binary.data, b->val.binary.data) == 0;
	default:
		return json_compare(a, b, &order) && order == 0;
	}
}
