/*
 * dialect/json.c: keys and values as APIs write them, times above all.
 */
#include "dialect/dialect.h"

#include "utils/timestamp.h"

void
dialect_put_text(JsonBuilder *out, const char *key, const char *value)
{
	if (value)
		json_put_text(out, key, value);
	else
		json_put_null(out, key);
}

void
dialect_put_given_text(JsonBuilder *out, const char *key, const char *value)
{
	if (value)
		json_put_text(out, key, value);
}

/* Whole seconds, cut towards the past: -0.5 is in the second before the epoch. */
void
dialect_put_epoch(JsonBuilder *out, const char *key, TimestampTz time)
{
	const int64 epoch = (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY;
	int64 seconds = time / USECS_PER_SEC;

	if (TIMESTAMP_NOT_FINITE(time))
		json_put_null(out, key);
	else
		json_put_int64(out, key, seconds - (time % USECS_PER_SEC < 0 ? 1 : 0) + epoch);
}

/* Always in UTC and to the microsecond; the server's own output follows DateStyle and TimeZone. */
void
dialect_put_iso(JsonBuilder *out, const char *key, TimestampTz time)
{
	struct pg_tm tm;
	fsec_t microseconds;

	if (TIMESTAMP_NOT_FINITE(time) || timestamp2tm(time, NULL, &tm, &microseconds, NULL, NULL) != 0)
		json_put_null(out, key);
	else
		json_put_text(out, key,
					  psprintf("%04d-%02d-%02dT%02d:%02d:%02d.%06d+00:00", tm.tm_year, tm.tm_mon,
							   tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, microseconds));
}
