/*
 * shape/time.c: the time a writer gives a message, as ISO 8601 text or as an epoch number.
 *
 * The server's own parser is not used: it follows DateStyle and TimeZone, so that the same message
 * would get another time in another session, and it takes "now" and "infinity".  Here a time
 * without zone is UTC.  Read is the extended form, YYYY-MM-DD, optionally followed by T or a space,
 * hh:mm[:ss[.fraction]] and Z or an offset; what is finer than a microsecond is rounded.
 *
 * A number is seconds. JavaScript's clock counts milliseconds, and one of today's read as seconds
 * lies in the year 57,000: what can be no second of the years 1 to 9999 is read as milliseconds,
 * and refused when it is none of these either.
 */
#include "shape/shape.h"

#include <ctype.h>

#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

/* The epoch seconds of 0001-01-01 and 10000-01-01, between which a time lies. */
#define EPOCH_SECONDS_MIN INT64CONST(-62135596800)
#define EPOCH_SECONDS_END INT64CONST(253402300800)
#define MILLISECONDS 1000 /* in a second */
#define POSTGRES_EPOCH_SECONDS ((int64)(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY)

static Datum
calculate(PGFunction function, Datum left, int64 right)
{
	return DirectFunctionCall2(function, left, NumericGetDatum(int64_to_numeric(right)));
}

static int
compare(Datum left, int64 right)
{
	return DatumGetInt32(calculate(numeric_cmp, left, right));
}

static bool
in_range(TimestampTz time)
{
	return time >= (EPOCH_SECONDS_MIN - POSTGRES_EPOCH_SECONDS) * USECS_PER_SEC &&
		   time < (EPOCH_SECONDS_END - POSTGRES_EPOCH_SECONDS) * USECS_PER_SEC;
}

/* In numeric: float8 has no room for today's microseconds. */
static bool
from_epoch(Datum number, TimestampTz *time)
{
	bool is_seconds =
		compare(number, EPOCH_SECONDS_MIN) >= 0 && compare(number, EPOCH_SECONDS_END) < 0;
	int64 per_second = is_seconds ? 1 : MILLISECONDS;

	if (compare(number, EPOCH_SECONDS_MIN * per_second) < 0 ||
		compare(number, EPOCH_SECONDS_END * per_second) >= 0)
		return false;
	number = calculate(numeric_mul, number, USECS_PER_SEC / per_second);
	number = DirectFunctionCall2(numeric_round, number, Int32GetDatum(0));
	number = calculate(numeric_sub, number, POSTGRES_EPOCH_SECONDS * USECS_PER_SEC);
	*time = DatumGetInt64(DirectFunctionCall1(numeric_int8, number));
	return in_range(*time);
}

static bool
take(const char **at, const char *any)
{
	if (**at == '\0' || strchr(any, **at) == NULL)
		return false;
	(*at)++;
	return true;
}

/* Exactly count digits of a number within bounds. */
static bool
take_number(const char **at, int count, int least, int most, int *number)
{
	*number = 0;
	while (count-- > 0)
	{
		if (**at < '0' || **at > '9')
			return false;
		*number = *number * 10 + *(*at)++ - '0';
	}
	return *number >= least && *number <= most;
}

static bool
take_date(const char **at, struct pg_tm *tm)
{
	return take_number(at, 4, 1, 9999, &tm->tm_year) && take(at, "-") &&
		   take_number(at, 2, 1, MONTHS_PER_YEAR, &tm->tm_mon) && take(at, "-") &&
		   take_number(at, 2, 1, day_tab[isleap(tm->tm_year)][tm->tm_mon - 1], &tm->tm_mday);
}

static bool
take_fraction(const char **at, fsec_t *microseconds)
{
	fsec_t unit = USECS_PER_SEC / 10;

	if (!isdigit((unsigned char)**at))
		return false;
	for (; unit > 0 && isdigit((unsigned char)**at); unit /= 10)
		*microseconds += unit * (*(*at)++ - '0');
	if (unit == 0 && **at >= '5' && **at <= '9')
		(*microseconds)++;
	while (isdigit((unsigned char)**at))
		(*at)++;
	return true;
}

/* Second 60 is a leap second, and the first of the next minute. */
static bool
take_clock(const char **at, struct pg_tm *tm, fsec_t *microseconds)
{
	if (!take_number(at, 2, 0, 23, &tm->tm_hour) || !take(at, ":") ||
		!take_number(at, 2, 0, 59, &tm->tm_min))
		return false;
	if (!take(at, ":"))
		return true;
	if (!take_number(at, 2, 0, 60, &tm->tm_sec))
		return false;
	return !take(at, ".,") || take_fraction(at, microseconds);
}

/* The offset in seconds west of Greenwich, as the server counts. */
static bool
take_zone(const char **at, int *west)
{
	int sign = **at == '-' ? 1 : -1;
	int hours;
	int minutes = 0;

	if (**at == '\0' || take(at, "Zz"))
		return true;
	if (!take(at, "+-") || !take_number(at, 2, 0, 15, &hours))
		return false;
	if ((take(at, ":") || **at != '\0') && !take_number(at, 2, 0, 59, &minutes))
		return false;
	*west = sign * (hours * SECS_PER_HOUR + minutes * SECS_PER_MINUTE);
	return true;
}

static bool
from_text(const char *at, TimestampTz *time)
{
	struct pg_tm tm = {0};
	fsec_t microseconds = 0;
	int west = 0;

	if (!take_date(&at, &tm))
		return false;
	if (take(&at, "Tt ") && !(take_clock(&at, &tm, &microseconds) && take_zone(&at, &west)))
		return false;
	return *at == '\0' && tm2timestamp(&tm, microseconds, &west, time) == 0 && in_range(*time);
}

char *
shape_time(const char *key, JsonbValue *value, TimestampTz *time)
{
	char *string;

	if (value->type == jbvNumeric)
		return from_epoch(NumericGetDatum(value->val.numeric), time)
				   ? NULL
				   : psprintf("\"%s\" as epoch seconds or milliseconds is not in the years 1 to"
							  " 9999.",
							  key);
	if (value->type != jbvString)
		return psprintf("\"%s\" must be ISO 8601 text or epoch seconds (or milliseconds).", key);
	string = pnstrdup(value->val.string.val, value->val.string.len);
	if (from_text(string, time))
		return NULL;
	return psprintf("\"%s\" is \"%s\", which is not an ISO 8601 time.", key, string);
}
