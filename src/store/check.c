/*
 * store/check.c: the constraint of the table of items.
 */
#include "query/query.h"

#include "store/item.h"

PG_FUNCTION_INFO_V1(threadmem_check_store_item);

/* The arguments of check_store_item(). */
enum
{
	PATH,
	KEY,
	VALUE,
	EMBEDDINGS,
	TTL,
	EXPIRES_AT,
	SWEEP_AT,
	CREATED_AT,
	UPDATED_AT
};

static void
check_length(FunctionCallInfo fcinfo, int arg, const char *column, Size most)
{
	Size length = PG_ARGISNULL(arg) ? 1 : VARSIZE_ANY_EXHDR(PG_GETARG_TEXT_PP(arg));

	check_that(length >= 1 && length <= most, column, "has a length that it cannot have");
}

static void
check_ttl(FunctionCallInfo fcinfo)
{
	double minutes = PG_ARGISNULL(TTL) ? 1 : PG_GETARG_FLOAT8(TTL);

	check_that(minutes > 0 && minutes <= TTL_MAX_MINUTES, "ttl_minutes", "is out of range");
	check_that(PG_ARGISNULL(TTL) == PG_ARGISNULL(EXPIRES_AT), "expires_at",
			   "is there with ttl_minutes, and only then");
	check_that(PG_ARGISNULL(TTL) == PG_ARGISNULL(SWEEP_AT), "sweep_at",
			   "is there with ttl_minutes, and only then");
}

Datum
threadmem_check_store_item(PG_FUNCTION_ARGS)
{
	static const char *const times[] = {"expires_at", "sweep_at", "created_at", "updated_at"};

	check_length(fcinfo, PATH, "path", PATH_MAX_BYTES);
	check_length(fcinfo, KEY, "key", KEY_MAX_BYTES);
	check_object(fcinfo, VALUE, "value");
	check_embeddings(fcinfo, EMBEDDINGS, "embeddings");
	check_ttl(fcinfo);
	for (int i = 0; i < lengthof(times); i++)
		check_time(fcinfo, EXPIRES_AT + i, times[i]);
	PG_RETURN_BOOL(true);
}
