/*
 * query_leakproof.c: @> and @@ that may be used below a row security policy.
 *
 * PostgreSQL runs a condition that could leak a row's content through an error only after the
 * policy, never as an index condition, and its own @> and @@ are not marked leakproof: under a
 * policy every search becomes a sequential scan.  Neither of the two raises an error that depends
 * on the data (only on memory and stack), so these wrappers are marked.
 */
#include "threadmem.h"

#include "tsearch/ts_utils.h"
#include "utils/builtins.h"

#include "json_patch_contains.h"

PG_FUNCTION_INFO_V1(threadmem_jsonb_contains);
PG_FUNCTION_INFO_V1(threadmem_tsvector_matches);

Datum
threadmem_jsonb_contains(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(json_contains(PG_GETARG_JSONB_P(0), PG_GETARG_JSONB_P(1)));
}

Datum
threadmem_tsvector_matches(PG_FUNCTION_ARGS)
{
	return ts_match_vq(fcinfo);
}
