/*
 * checkpoint/check.c: the constraint of the table of checkpoints.
 */
#include "query/query.h"

PG_FUNCTION_INFO_V1(threadmem_check_checkpoint);

/* The arguments of check_checkpoint(). */
enum
{
	SEQ,
	BASE_SEQ,
	PARENT_SEQ,
	NEXT_REV,
	NEXT_CHANGE,
	CREATED_AT,
	CHECKPOINT_NS,
	METADATA,
	SEEN,
	PATCH,
	SNAPSHOT
};

/* A chain is read back from a row to base_seq, by numbers that fall. */
static void
check_chain(FunctionCallInfo fcinfo)
{
	check_number(fcinfo, SEQ, "seq", 1);
	check_number(fcinfo, BASE_SEQ, "base_seq", 1);
	check_number(fcinfo, PARENT_SEQ, "parent_seq", 1);
	check_that(PG_ARGISNULL(PARENT_SEQ) || PG_ARGISNULL(SEQ) ||
				   PG_GETARG_INT64(PARENT_SEQ) < PG_GETARG_INT64(SEQ),
			   "parent_seq", "must be less than seq");
	check_that(PG_ARGISNULL(BASE_SEQ) || PG_ARGISNULL(SEQ) ||
				   PG_GETARG_INT64(BASE_SEQ) <= PG_GETARG_INT64(SEQ),
			   "base_seq", "must not be greater than seq");
	check_that(PG_ARGISNULL(SNAPSHOT) != PG_ARGISNULL(PATCH), "snapshot",
			   "and patch: one of them is null, and only one");
	check_that(PG_ARGISNULL(PATCH) || !PG_ARGISNULL(PARENT_SEQ), "patch",
			   "must be null where parent_seq is");
}

Datum
threadmem_check_checkpoint(PG_FUNCTION_ARGS)
{
	bool is_root =
		!PG_ARGISNULL(CHECKPOINT_NS) && VARSIZE_ANY_EXHDR(PG_GETARG_TEXT_PP(CHECKPOINT_NS)) == 0;

	check_chain(fcinfo);
	check_number(fcinfo, NEXT_REV, "next_rev", 1);
	check_number(fcinfo, NEXT_CHANGE, "next_change", 1);
	check_time(fcinfo, CREATED_AT, "created_at");
	check_object(fcinfo, METADATA, "metadata");
	check_that(PG_ARGISNULL(SEEN) != is_root, "seen", "is null exactly in a subgraph's namespace");
	check_revisions(fcinfo, SEEN, "seen");
	check_array(fcinfo, PATCH, "patch");
	check_object(fcinfo, SNAPSHOT, "snapshot");
	PG_RETURN_BOOL(true);
}
