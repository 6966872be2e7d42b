/*
 * dialect/json.c: keys and values as APIs write them, times above all.
 */
#include "dialect/dialect.h"

#include "utils/numeric.h"
#include "utils/timestamp.h"

void
dialect_put_key(JsonBuilder *out, const char *key)
{
	JsonbValue name = {.type = jbvString};

	name.val.string.val = unconstify(char *, key);
	name.val.string.len = strlen(key);
	json_push(out, WJB_KEY, &name);
}

void
dialect_put_null(JsonBuilder *out, const char *key)
{
	JsonbValue none = {.type = jbvNull};

	json_put(out, key, &none);
}

void
dialect_put_text(JsonBuilder *out, const char *key, const char *value)
{
	if (value)
		json_put_text(out, key, value);
	else
		dialect_put_null(out, key);
}

void
dialect_put_given_text(JsonBuilder *out, const char *key, const char *value)
{
	if (value)
		json_put_text(out, key, value);
}

void
dialect_put_int64(JsonBuilder *out, const char *key, int64 value)
{
	JsonbValue number = {.type = jbvNumeric};

	number.val.numeric = int64_to_numeric(value);
	json_put(out, key, &number);
}

void
dialect_put_bool(JsonBuilder *out, const char *key, bool value)
{
	JsonbValue boolean = {.type = jbvBool};

	boolean.val.boolean = value;
	json_put(out, key, &boolean);
}

void
dialect_put_document(JsonBuilder *out, const char *key, Jsonb *value)
{
	JsonbValue document;

	JsonbToJsonbValue(value, &document);
	json_put(out, key, &document);
}

void
dialect_put_empty(JsonBuilder *out, const char *key, bool array)
{
	dialect_put_key(out, key);
	json_push(out, array ? WJB_BEGIN_ARRAY : WJB_BEGIN_OBJECT, NULL);
	json_push(out, array ? WJB_END_ARRAY : WJB_END_OBJECT, NULL);
}

void
dialect_put_members(JsonBuilder *out, JsonbContainer *object)
{
	JsonbIterator *it = JsonbIteratorInit(object);
	JsonbIteratorToken token;
	JsonbValue value;

	(void)JsonbIteratorNext(&it, &value, false);
	while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_END_OBJECT)
		json_push(out, token, &value);
}

/* Whole seconds, cut towards the past: -0.5 is in the second before the epoch. */
void
dialect_put_epoch(JsonBuilder *out, const char *key, TimestampTz time)
{
	const int64 epoch = (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY;
	int64 seconds = time / USECS_PER_SEC;

	if (TIMESTAMP_NOT_FINITE(time))
		dialect_put_null(out, key);
	else
		dialect_put_int64(out, key, seconds - (time % USECS_PER_SEC < 0 ? 1 : 0) + epoch);
}

/* Always in UTC and to the microsecond; the server's own output follows DateStyle and TimeZone. */
void
dialect_put_iso(JsonBuilder *out, const char *key, TimestampTz time)
{
	struct pg_tm tm;
	fsec_t microseconds;

	if (TIMESTAMP_NOT_FINITE(time) || timestamp2tm(time, NULL, &tm, &microseconds, NULL, NULL) != 0)
		dialect_put_null(out, key);
	else
		json_put_text(out, key,
					  psprintf("%04d-%02d-%02dT%02d:%02d:%02d.%06d+00:00", tm.tm_year, tm.tm_mon,
							   tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, microseconds));
}
