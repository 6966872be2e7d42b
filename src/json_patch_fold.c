/*
 * json_patch_fold.c: the aggregate that applies one patch after the other to one document.
 *
 * Its state is a jsonb in expanded form (utils/expandeddatum.h) that holds a JsonTree: the document
 * is parsed with the first row and written with the last.  The state of no rows is the JSON null in
 * plain form.  So to the outside the step is a pure function of jsonb, and may be called as one.
 */
#include "json_patch.h"

#include "utils/expandeddatum.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(threadmem_json_patch_fold_step);
PG_FUNCTION_INFO_V1(threadmem_json_patch_fold_result);

typedef struct Fold
{
	ExpandedObjectHeader header;
	JsonTree *tree;
	Jsonb *flat; /* written for who wants the plain form, until the next step */
} Fold;

static Size
fold_size(ExpandedObjectHeader *header)
{
	Fold *fold = (Fold *)header;

	if (fold->flat == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(header->eoh_context);

		fold->flat = json_tree_serialize(fold->tree);
		MemoryContextSwitchTo(old);
	}
	return VARSIZE(fold->flat);
}

static void
fold_flatten(ExpandedObjectHeader *header, void *result, Size allocated_size)
{
	Fold *fold = (Fold *)header;

	Assert(fold->flat && allocated_size == VARSIZE(fold->flat));
	memcpy(result, fold->flat, allocated_size);
}

static const ExpandedObjectMethods fold_methods = {fold_size, fold_flatten};

/* The fold that a state is, NULL for a plain jsonb. */
static Fold *
fold_of(Datum state)
{
	ExpandedObjectHeader *header;

	if (!VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(state)))
		return NULL;
	header = DatumGetEOHP(state);
	return header->eoh_methods == &fold_methods ? (Fold *)header : NULL;
}

static bool
is_json_null(Jsonb *document)
{
	JsonbValue value;

	return JsonbExtractScalar(&document->root, &value) && value.type == jbvNull;
}

static Fold *
fold_begin(FunctionCallInfo fcinfo)
{
	Jsonb *state = PG_GETARG_JSONB_P(0);
	MemoryContext parent = CurrentMemoryContext;
	MemoryContext own;
	MemoryContext old;
	Fold *fold;

	(void)AggCheckCallContext(fcinfo, &parent);
	own = AllocSetContextCreate(parent, "JSON patch fold", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(own);
	fold = palloc0(sizeof(Fold));
	EOH_init_header(&fold->header, &fold_methods, own);
	state = (Jsonb *)DatumGetJsonbPCopy(PG_GETARG_DATUM(is_json_null(state) ? 1 : 0));
	fold->tree = json_tree_parse(&state->root);
	MemoryContextSwitchTo(old);
	return fold;
}

Datum
threadmem_json_patch_fold_step(PG_FUNCTION_ARGS)
{
	Fold *fold = fold_of(PG_GETARG_DATUM(0));

	if (fold == NULL)
		fold = fold_begin(fcinfo);
	if (fold->flat)
		pfree(fold->flat);
	fold->flat = NULL;
	json_tree_apply(fold->tree, PG_GETARG_JSONB_P(2));
	return EOHPGetRWDatum(&fold->header);
}

Datum
threadmem_json_patch_fold_result(PG_FUNCTION_ARGS)
{
	Fold *fold = fold_of(PG_GETARG_DATUM(0));
	Jsonb *state;

	if (fold)
		PG_RETURN_JSONB_P(json_tree_serialize(fold->tree));
	state = PG_GETARG_JSONB_P(0);
	if (is_json_null(state))
		PG_RETURN_NULL();
	PG_RETURN_JSONB_P(state);
}
