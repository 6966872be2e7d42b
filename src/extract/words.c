/*
 * extract/words.c: the words of an English text, and the times that they tell.
 */
#include "extract/rules.h"

#include <ctype.h>

#include "mb/pg_wchar.h"
#include "utils/datetime.h"
#include "utils/formatting.h"
#include "utils/timestamp.h"

#define WEEK_DAYS 7

static bool
is_letter(const char *at)
{
	return isalnum((unsigned char)*at) || (*at & 0x80) || *at == '\'' ||
		   (*at == '-' && isalnum((unsigned char)at[1]));
}

/* What stands between two words. */
static char
stop_of(const char *from, const char *to)
{
	char stop = '\0';

	for (; from < to; from++)
		if (strchr(".!;:\n()", *from))
			return '.';
		else if (*from == '?')
			return '?';
		else if (strchr(",-\"", *from))
			stop = ',';
	return stop;
}

/* Short forms, and what they stand for: the last word of it, behind the first. */
static const char *const short_forms[][3] = {
	{"i'm", "i", "am"},         {"i've", "i", "have"},     {"don't", "do", "not"},
	{"can't", "can", "not"},    {"cannot", "can", "not"},  {"name's", "name", "is"},
	{"doesn't", "does", "not"}, {"i'd", "i", "would"},     {"i'll", "i", "will"},
	{"we're", "we", "are"},     {"we've", "we", "have"},   {"we'd", "we", "would"},
	{"didn't", "did", "not"},   {"haven't", "have", "not"}};

static void
add_word(Words *words, const char *from, const char *to, bool quoted)
{
	char *key = asc_tolower(from, to - from);

	for (int i = 0; i < lengthof(short_forms); i++)
		if (strcmp(key, short_forms[i][0]) == 0)
		{
			words->list[words->count++] =
				(Word){pstrdup(short_forms[i][1]), from, to, '\0', quoted};
			key = pstrdup(short_forms[i][2]);
		}
	words->list[words->count++] = (Word){key, from, to, '\0', quoted};
}

/* Typographic marks as those of typewriters; dashes and pictures between words are a break. */
static char *
plain_text(const char *written)
{
	char *plain = pstrdup(written);
	char *to = plain;

	for (const char *from = written; *from; from++)
		if (strncmp(from, "\xe2\x80\x99", 3) == 0)
		{
			*to++ = '\'';
			from += 2;
		}
		else if (strncmp(from, "\xe2\x80\x9c", 3) == 0 || strncmp(from, "\xe2\x80\x9d", 3) == 0)
		{
			*to++ = '"';
			from += 2;
		}
		else if (strncmp(from, "\xe2\x80\x93", 3) == 0 || strncmp(from, "\xe2\x80\x94", 3) == 0)
		{
			*to++ = ',';
			from += 2;
		}
		else if (GetDatabaseEncoding() == PG_UTF8 && pg_utf_mblen((const unsigned char *)from) == 4)
		{
			*to++ = ',';
			from += 3;
		}
		else
			*to++ = *from;
	*to = '\0';
	return plain;
}

Words
words_of(const char *written)
{
	const char *at = plain_text(written);
	Words words = {palloc_extended(sizeof(Word) * (strlen(at) + 2), MCXT_ALLOC_HUGE), 0};
	bool quoted = false;

	while (*at)
	{
		const char *from;

		for (from = at; *at && !is_letter(at); at++)
			quoted = *at == '"' ? !quoted : *at == '\n' ? false : quoted;
		if (words.count > 0)
			words.list[words.count - 1].stop = *at ? stop_of(from, at) : '.';
		if (words.count > 0 && strchr(pnstrdup(from, at - from), '?'))
			words.list[words.count - 1].stop = '?';
		for (from = at; *at && is_letter(at); at++)
			;
		if (at > from)
			add_word(&words, from, at, quoted);
	}
	if (words.count > 0 && words.list[words.count - 1].stop == '\0')
		words.list[words.count - 1].stop = '.';
	return words;
}

/* Times */

/* The place of a word in a list that ends with NULL, -1 for none. */
static int
index_in(const char *const *list, const char *key)
{
	for (int i = 0; list[i]; i++)
		if (strcmp(list[i], key) == 0)
			return i;
	return -1;
}

static int
number_of(const char *key)
{
	static const char *const numbers[] = {"a",   "one",   "two",   "three", "four", "five",
										  "six", "seven", "eight", "nine",  "ten",  NULL};
	int place = index_in(numbers, key);

	if (place >= 0)
		return Max(place, 1);
	return strspn(key, "0123456789") == strlen(key) && strlen(key) <= 4 ? atoi(key) : 0;
}

static int
month_of(const char *key)
{
	static const char *const names[] = {"january",  "february", "march",  "april",     "may",
										"june",     "july",     "august", "september", "october",
										"november", "december", NULL};

	return index_in(names, key) + 1;
}

/* Also by its beginning: Fri. */
static int
weekday_of(const char *key)
{
	static const char *const names[] = {"sunday",   "monday", "tuesday",  "wednesday",
										"thursday", "friday", "saturday", NULL};
	size_t length = strlen(key);

	for (int i = 0; length >= 3 && names[i]; i++)
		if (strncmp(names[i], key, length) == 0)
			return i;
	return -1;
}

static bool
is_year(const char *key)
{
	return strlen(key) == 4 && number_of(key) >= 1900 && number_of(key) < 2100;
}

/* A day so many months away; of the last days of a month the 28th, which all have. */
static int
months_away(int day, int number)
{
	int year;
	int month;
	int of_month;

	j2date(day, &year, &month, &of_month);
	number += year * MONTHS_PER_YEAR + month - 1;
	return date2j(number / MONTHS_PER_YEAR, number % MONTHS_PER_YEAR + 1, Min(of_month, 28));
}

/* So many of a unit before a day, -1 where it is none. */
static int
units_before(int day, int number, const char *unit)
{
	static const char *const units[] = {"day",    "days", "week",  "weeks", "month",
										"months", "year", "years", NULL};
	int place = index_in(units, unit) / 2;

	if (index_in(units, unit) < 0 || number <= 0 || number > 200)
		return -1;
	if (place < 2)
		return day - number * (place == 0 ? 1 : WEEK_DAYS);
	return months_away(day, -number * (place == 2 ? 1 : MONTHS_PER_YEAR));
}

/* The beginning of a month, the last one before a day unless a year says which. */
static int
begin_of_month(int day, int month, const char *year)
{
	int said_year;
	int said_month;
	int said_day;

	j2date(day, &said_year, &said_month, &said_day);
	if (year && is_year(year))
		return date2j(number_of(year), month, 1);
	return date2j(said_year - (month > said_month ? 1 : 0), month, 1);
}

/* The day that is told at a word, -1 for none. */
static int
day_at(const Words *words, int i, int to, int day)
{
	const char *key = words->list[i].key;
	const char *next = i + 1 < to ? words->list[i + 1].key : "";
	const char *third = i + 2 < to ? words->list[i + 2].key : "";
	bool in = strcmp(key, "in") == 0 || strcmp(key, "since") == 0;
	bool last = strcmp(key, "last") == 0;

	if (strcmp(key, "yesterday") == 0)
		return day - 1;
	if (last && strcmp(next, "night") == 0)
		return day - 1;
	if (strcmp(key, "today") == 0)
		return day;
	if (in && is_year(next))
		return date2j(number_of(next), 1, 1);
	if (in && month_of(next))
		return begin_of_month(day, month_of(next), third);
	if ((last || strcmp(key, "on") == 0) && weekday_of(next) >= 0)
		return day - 1 - (j2day(day - 1) - weekday_of(next) + WEEK_DAYS) % WEEK_DAYS;
	if (last && strcmp(next, "weekend") == 0) /* its Saturday, on Sundays that of a week ago */
		return day - 1 - (j2day(day) == 0 ? WEEK_DAYS : j2day(day));
	if (last && strcmp(next, "day") != 0)
		return units_before(day, 1, next);
	return strcmp(third, "ago") == 0 ? units_before(day, number_of(key), next) : -1;
}

bool
words_time(const Words *words, int from, int to, TimestampTz said, TimestampTz *time)
{
	struct pg_tm tm = {0};
	int west = 0;
	fsec_t microseconds;
	int today;

	if (timestamp2tm(said, NULL, &tm, &microseconds, NULL, NULL) != 0)
		return false;
	today = date2j(tm.tm_year, tm.tm_mon, tm.tm_mday);
	for (int i = from; i < to; i++)
	{
		int day = day_at(words, i, to, today);

		if (day < 0)
			continue;
		tm = (struct pg_tm){0};
		j2date(day, &tm.tm_year, &tm.tm_mon, &tm.tm_mday);
		return tm2timestamp(&tm, 0, &west, time) == 0;
	}
	return false;
}
