/*
 * json_patch/aggregate.c: the aggregate that applies one patch after the other to one document.
 *
 * The state is a JsonTree in the aggregate's own memory: the document is parsed with the first row
 * and written for every result, which leaves the tree as it is (a window asks after each row).
 */
#include "json_patch/json_patch.h"

#include "json_patch/operation.h"

PG_FUNCTION_INFO_V1(threadmem_json_patch_fold_step);
PG_FUNCTION_INFO_V1(threadmem_json_patch_fold_result);

static JsonTree *
fold_begin(MemoryContext own, Datum base)
{
	MemoryContext caller = MemoryContextSwitchTo(own);
	Jsonb *document = DatumGetJsonbPCopy(base);
	JsonTree *tree = json_tree_parse(&document->root);

	MemoryContextSwitchTo(caller);
	return tree;
}

Datum
threadmem_json_patch_fold_step(PG_FUNCTION_ARGS)
{
	JsonTree *tree = PG_ARGISNULL(0) ? NULL : (JsonTree *)PG_GETARG_POINTER(0);
	MemoryContext own;

	if (!AggCheckCallContext(fcinfo, &own))
		error_not_supported("json_patch_fold_step() by itself", "Use json_patch_fold().");
	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2))
	{
		if (!tree)
			tree = fold_begin(own, PG_GETARG_DATUM(1));
		patch_check(PG_GETARG_JSONB_P(2));
		json_tree_apply(tree, PG_GETARG_JSONB_P(2));
	}
	if (!tree)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(tree);
}

Datum
threadmem_json_patch_fold_result(PG_FUNCTION_ARGS)
{
	if (!AggCheckCallContext(fcinfo, NULL))
		error_not_supported("json_patch_fold_result() by itself", "Use json_patch_fold().");
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_JSONB_P(json_tree_serialize((JsonTree *)PG_GETARG_POINTER(0)));
}
