/*
 * extract/known.c: where in a memory the entities are that a text names.
 *
 * Looking for the name of each entity in the text takes as long as there are entities. So it goes
 * the other way: from each word of the text on, the index on names tells which begin with it, at
 * most a few, and of those the text holds some. A name of one word is the first of its range; one
 * of several words is found by its first two, which seldom many have in common. A script without
 * spaces has no words, so there every two letters may begin a name.
 */
#include "extract/job.h"

#include <ctype.h>

#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#define RANGES_MAX 2000

typedef struct Ranges
{
	Datum lows[RANGES_MAX];
	Datum highs[RANGES_MAX];
	int count;
} Ranges;

/* What is no ASCII is a letter, but for the quotes, dashes and spaces that Unicode has. */
static bool
in_word(const char *at)
{
	unsigned char first = (unsigned char)at[0];
	unsigned char second = (unsigned char)at[1];

	if (first < 0x80)
		return isalnum(first) != 0;
	return pg_mblen(at) == 1 ||
		   !(first == 0xc2 || (first == 0xe2 && (second == 0x80 || second == 0x81)));
}

static void
add_range(Ranges *ranges, const char *from, const char *to, const char *above)
{
	char *low = pnstrdup(from, to - from);

	if (ranges->count == RANGES_MAX)
		return;
	ranges->lows[ranges->count] = CStringGetTextDatum(low);
	ranges->highs[ranges->count++] = CStringGetTextDatum(psprintf("%s%s", low, above));
}

static const char *
end_of_word(const char *at, const char *end)
{
	while (at < end && in_word(at) && !script_begins(at))
		at += pg_mblen(at);
	return at;
}

/* What follows a name in the index, where it ends or another sign than a letter comes: below '0'.
 */
static const char *
add_word(Ranges *ranges, const char *at, const char *end)
{
	const char *stop = end_of_word(at, end);
	const char *second = stop;

	add_range(ranges, at, stop, "0");
	while (second < end && !in_word(second))
		second += pg_mblen(second);
	if (second < end && !script_begins(second))
		add_range(ranges, at, end_of_word(second, end), "0");
	return stop;
}

static const char *
add_letters(Ranges *ranges, const char *at, const char *end)
{
	const char *stop = script_end(at, end);

	while (at < stop)
	{
		const char *next = at + pg_mblen(at);

		add_range(ranges, at, next < stop ? next + pg_mblen(next) : next, "\xf4\x8f\xbf\xbf");
		at = next;
	}
	return stop;
}

void
known_ranges(const char *key, NullableDatum *lows, NullableDatum *highs)
{
	Ranges *ranges = palloc0(sizeof(Ranges));
	const char *end = key + strlen(key);

	while (key < end && ranges->count < RANGES_MAX)
		if (!in_word(key))
			key += pg_mblen(key);
		else if (script_begins(key))
			key = add_letters(ranges, key, end);
		else
			key = add_word(ranges, key, end);
	*lows = text_array(ranges->lows, ranges->count);
	*highs = text_array(ranges->highs, ranges->count);
}
