/*
 * query/check.c: what constraints ask of a row.
 *
 * A constraint is asked whenever its row changes, whichever column it was: a message that leaves
 * its branch must not be fetched and unpacked only to see that its body is an object still. So
 * these look at the first bytes alone, where the kind of a jsonb and the dimensions of an array
 * stand.
 */
#include "query/check.h"

#include "access/detoast.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/multirangetypes.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

PG_FUNCTION_INFO_V1(threadmem_is_object);
PG_FUNCTION_INFO_V1(threadmem_is_array);
PG_FUNCTION_INFO_V1(threadmem_is_embedding);

/* The first bytes of a value behind its length, at whatever alignment; false when it has fewer. */
static bool
read_start(Datum value, void *start, int size)
{
	struct varlena *stored = (struct varlena *)DatumGetPointer(value);

	if (VARATT_IS_COMPRESSED(stored) || VARATT_IS_EXTERNAL(stored))
		stored = PG_DETOAST_DATUM_SLICE(value, 0, size);
	if (VARSIZE_ANY_EXHDR(stored) < size)
		return false;
	memcpy(start, VARDATA_ANY(stored), size);
	return true;
}

static bool
is_object(Datum document)
{
	uint32 header;

	return read_start(document, &header, sizeof(header)) && (header & JB_FOBJECT);
}

/* A scalar is stored as an array of one. */
static bool
is_array(Datum document)
{
	uint32 header;

	return read_start(document, &header, sizeof(header)) &&
		   (header & (JB_FARRAY | JB_FSCALAR)) == JB_FARRAY;
}

/* How an array begins, that has one dimension at least. */
typedef struct ArrayStart
{
	int ndim;
	int32 dataoffset; /* 0 without nulls */
	Oid elemtype;
	int lengths[2]; /* the second only where there are two */
} ArrayStart;

static bool
read_array_start(Datum array, ArrayStart *start, int dimensions)
{
	return read_start(array, start, offsetof(ArrayStart, lengths) + dimensions * sizeof(int)) &&
		   start->ndim == dimensions && start->dataoffset == 0;
}

static bool
is_embedding(Datum array)
{
	ArrayStart start;

	return read_array_start(array, &start, 1) && start.lengths[0] <= EMBEDDING_MAX;
}

static bool
is_list_of_embeddings(Datum array)
{
	ArrayStart start;

	return read_array_start(array, &start, 2) && start.lengths[0] <= EMBEDDINGS_MAX &&
		   start.lengths[1] <= EMBEDDING_MAX;
}

Datum
threadmem_is_object(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(is_object(PG_GETARG_DATUM(0)));
}

Datum
threadmem_is_array(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(is_array(PG_GETARG_DATUM(0)));
}

Datum
threadmem_is_embedding(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(is_embedding(PG_GETARG_DATUM(0)));
}

void
check_that(bool holds, const char *column, const char *rule)
{
	if (!holds)
		ereport(ERROR, (errcode(ERRCODE_CHECK_VIOLATION), errmsg("row would be damaged"),
						errdetail("Column \"%s\" %s.", column, rule),
						errhint("Write through the functions of threadmem."),
						err_generic_string(PG_DIAG_COLUMN_NAME, column)));
}

void
check_object(FunctionCallInfo fcinfo, int arg, const char *column)
{
	check_that(PG_ARGISNULL(arg) || is_object(PG_GETARG_DATUM(arg)), column,
			   "must be a JSON object");
}

void
check_array(FunctionCallInfo fcinfo, int arg, const char *column)
{
	check_that(PG_ARGISNULL(arg) || is_array(PG_GETARG_DATUM(arg)), column, "must be a JSON array");
}

void
check_bytes(FunctionCallInfo fcinfo, int arg, const char *column, int length)
{
	check_that(PG_ARGISNULL(arg) ||
				   toast_raw_datum_size(PG_GETARG_DATUM(arg)) == (Size)(length + VARHDRSZ),
			   column, "must have the length of its kind");
}

void
check_embedding(FunctionCallInfo fcinfo, int arg, const char *column)
{
	check_that(PG_ARGISNULL(arg) || is_embedding(PG_GETARG_DATUM(arg)), column,
			   "must be an embedding");
}

void
check_embeddings(FunctionCallInfo fcinfo, int arg, const char *column)
{
	check_that(PG_ARGISNULL(arg) || is_embedding(PG_GETARG_DATUM(arg)) ||
				   is_list_of_embeddings(PG_GETARG_DATUM(arg)),
			   column, "must be embeddings");
}

void
check_number(FunctionCallInfo fcinfo, int arg, const char *column, int64 least)
{
	check_that(PG_ARGISNULL(arg) || PG_GETARG_INT64(arg) >= least, column,
			   least > 0 ? "counts from 1" : "must not be negative");
	check_that(PG_ARGISNULL(arg) || PG_GETARG_INT64(arg) <= COUNT_MAX, column,
			   "leaves no room to count on");
}

void
check_time(FunctionCallInfo fcinfo, int arg, const char *column)
{
	check_that(PG_ARGISNULL(arg) || !TIMESTAMP_NOT_FINITE(PG_GETARG_TIMESTAMPTZ(arg)), column,
			   "must be finite");
}

void
check_choice(FunctionCallInfo fcinfo, int arg, const char *column, const char *const *choices)
{
	text *given = PG_ARGISNULL(arg) ? NULL : PG_GETARG_TEXT_PP(arg);

	for (; given && *choices; choices++)
		if (VARSIZE_ANY_EXHDR(given) == strlen(*choices) &&
			memcmp(VARDATA_ANY(given), *choices, strlen(*choices)) == 0)
			return;
	check_that(given == NULL, column, "has a value that it cannot have");
}

void
check_revisions(FunctionCallInfo fcinfo, int arg, const char *column)
{
	TypeCacheEntry *type = lookup_type_cache(INT8MULTIRANGEOID, TYPECACHE_MULTIRANGE_INFO)->rngtype;
	MultirangeType *seen = PG_ARGISNULL(arg) ? NULL : PG_GETARG_MULTIRANGE_P(arg);
	RangeBound first;
	RangeBound last;
	RangeBound other;

	if (!seen || MultirangeIsEmpty(seen))
		return;
	multirange_get_bounds(type, seen, 0, &first, &other);
	multirange_get_bounds(type, seen, seen->rangeCount - 1, &other, &last);
	check_that(!first.infinite && DatumGetInt64(first.val) >= 1 && !last.infinite, column,
			   "must be finite, and counts from 1");
}
