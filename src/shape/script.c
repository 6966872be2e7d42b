/*
 * shape/script.c: the scripts that write no spaces, or, as Hangul, hang onto a word what belongs to
 * it.
 *
 * A parser that takes a word to end at a space finds none there. So every two neighbours of a run
 * of such characters are a word to us (message/words.c), and no dictionary is asked. One character
 * of these scripts says as much as several letters; tokenizers take it for one token or more, and
 * the counter of windows (context/count.c) goes by the table here.
 *
 * Characters that are the same to their readers are made the same before (NFKC): full-width letters
 * are ASCII's, half-width kana the full ones, what was taken apart is put together.
 *
 * Only where the database is UTF8; elsewhere no text has such a run.
 */
#include "shape/shape.h"

#include <ctype.h>

#include "common/unicode_norm.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

/* The first byte of the first script in the table, and of all after it. */
#define FIRST_BYTE 0xe0
#define CHARACTERS_PER_TOKEN 4

typedef enum ScriptUse
{
	SCRIPT_RUN,  /* its words are found by two neighbours */
	SCRIPT_FOLD, /* a part of runs that has another form */
	SCRIPT_STOP, /* parts sentences, and so words */
	SCRIPT_SKIP, /* nothing a reader sees */
	SCRIPT_NONE  /* only costs tokens */
} ScriptUse;

typedef struct Script
{
	pg_wchar first;
	pg_wchar last;
	ScriptUse use;
	int quarters; /* of a token, for a character: docs/limits.md#what-counts-as-a-token */
} Script;

/* In order. What of a block is punctuation is left out or costs only. */
static const Script scripts[] = {
	{0x0e00, 0x0e3e, SCRIPT_RUN, 3},     /* Thai */
	{0x0e3f, 0x0e3f, SCRIPT_NONE, 3},    /* its coin */
	{0x0e40, 0x0e4e, SCRIPT_RUN, 3},     /* Thai */
	{0x0e4f, 0x0e4f, SCRIPT_NONE, 3},    /* bullet */
	{0x0e50, 0x0e59, SCRIPT_RUN, 3},     /* digits */
	{0x0e5a, 0x0e7f, SCRIPT_NONE, 3},    /* ends of verses */
	{0x0e80, 0x0eff, SCRIPT_RUN, 8},     /* Lao */
	{0x0f00, 0x0f0c, SCRIPT_RUN, 8},     /* Tibetan */
	{0x0f0d, 0x0f14, SCRIPT_NONE, 8},    /* ends of sentences */
	{0x0f15, 0x0fff, SCRIPT_RUN, 8},     /* Tibetan */
	{0x1000, 0x1049, SCRIPT_RUN, 6},     /* Myanmar */
	{0x104a, 0x104b, SCRIPT_NONE, 6},    /* ends of sentences */
	{0x104c, 0x109f, SCRIPT_RUN, 6},     /* Myanmar */
	{0x1100, 0x11ff, SCRIPT_FOLD, 4},    /* Hangul in letters */
	{0x1780, 0x17d3, SCRIPT_RUN, 6},     /* Khmer */
	{0x17d4, 0x17d6, SCRIPT_NONE, 6},    /* ends of sentences */
	{0x17d7, 0x17d7, SCRIPT_RUN, 6},     /* says a word again */
	{0x17d8, 0x17db, SCRIPT_NONE, 6},    /* and so on; its coin */
	{0x17dc, 0x17ff, SCRIPT_RUN, 6},     /* Khmer */
	{0x1950, 0x19df, SCRIPT_RUN, 8},     /* Tai Le, New Tai Lue */
	{0x1a20, 0x1aaf, SCRIPT_RUN, 8},     /* Tai Tham */
	{0x1b00, 0x1b7f, SCRIPT_RUN, 8},     /* Balinese */
	{0x200b, 0x200d, SCRIPT_SKIP, 4},    /* may break, may not, joins */
	{0x2060, 0x2060, SCRIPT_SKIP, 4},    /* may not */
	{0x2600, 0x27bf, SCRIPT_NONE, 8},    /* pictures */
	{0x2b00, 0x2bff, SCRIPT_NONE, 8},    /* stars and arrows */
	{0x2e80, 0x2fdf, SCRIPT_FOLD, 4},    /* radicals of Han */
	{0x3000, 0x3002, SCRIPT_STOP, 4},    /* space, comma, full stop */
	{0x3003, 0x3004, SCRIPT_NONE, 4},    /* marks */
	{0x3005, 0x3007, SCRIPT_RUN, 4},     /* says a character again, nought */
	{0x3008, 0x3020, SCRIPT_NONE, 4},    /* brackets */
	{0x3021, 0x302f, SCRIPT_RUN, 4},     /* digits, tones */
	{0x3030, 0x3030, SCRIPT_NONE, 4},    /* a dash */
	{0x3031, 0x303c, SCRIPT_RUN, 4},     /* say kana again */
	{0x303d, 0x303f, SCRIPT_NONE, 4},    /* marks */
	{0x3040, 0x3098, SCRIPT_RUN, 4},     /* Hiragana */
	{0x3099, 0x309c, SCRIPT_FOLD, 4},    /* marks that make another kana */
	{0x309d, 0x309f, SCRIPT_RUN, 4},     /* Hiragana */
	{0x30a0, 0x30a0, SCRIPT_NONE, 4},    /* a dash */
	{0x30a1, 0x30fa, SCRIPT_RUN, 4},     /* Katakana */
	{0x30fb, 0x30fb, SCRIPT_NONE, 4},    /* a dot between names */
	{0x30fc, 0x312f, SCRIPT_RUN, 4},     /* Katakana, Bopomofo */
	{0x3130, 0x318f, SCRIPT_FOLD, 4},    /* Hangul in letters */
	{0x3190, 0x31ff, SCRIPT_RUN, 4},     /* Bopomofo, strokes, Katakana */
	{0x3200, 0x33ff, SCRIPT_FOLD, 8},    /* circles, squares */
	{0x3400, 0x4dbf, SCRIPT_RUN, 12},    /* Han, rare */
	{0x4dc0, 0x4dff, SCRIPT_NONE, 8},    /* hexagrams */
	{0x4e00, 0x9fff, SCRIPT_RUN, 4},     /* Han */
	{0xa000, 0xa4cf, SCRIPT_RUN, 8},     /* Yi */
	{0xa960, 0xa97f, SCRIPT_FOLD, 4},    /* Hangul in letters */
	{0xa980, 0xa9df, SCRIPT_RUN, 8},     /* Javanese */
	{0xa9e0, 0xa9ff, SCRIPT_RUN, 8},     /* Myanmar */
	{0xaa60, 0xaadf, SCRIPT_RUN, 8},     /* Myanmar, Tai Viet */
	{0xac00, 0xd7a3, SCRIPT_RUN, 4},     /* Hangul */
	{0xd7b0, 0xd7ff, SCRIPT_FOLD, 4},    /* Hangul in letters */
	{0xf900, 0xfaff, SCRIPT_FOLD, 8},    /* Han a second time */
	{0xfe00, 0xfe0f, SCRIPT_SKIP, 4},    /* choose a picture */
	{0xfe30, 0xfe4f, SCRIPT_NONE, 4},    /* upright punctuation */
	{0xff01, 0xff01, SCRIPT_STOP, 4},    /* ! */
	{0xff02, 0xff0b, SCRIPT_FOLD, 4},    /* ASCII, full width */
	{0xff0c, 0xff0c, SCRIPT_STOP, 4},    /* , */
	{0xff0d, 0xff19, SCRIPT_FOLD, 4},    /* ASCII, full width */
	{0xff1a, 0xff1b, SCRIPT_STOP, 4},    /* : ; */
	{0xff1c, 0xff1e, SCRIPT_FOLD, 4},    /* ASCII, full width */
	{0xff1f, 0xff1f, SCRIPT_STOP, 4},    /* ? */
	{0xff20, 0xff60, SCRIPT_FOLD, 4},    /* ASCII, full width */
	{0xff61, 0xff61, SCRIPT_STOP, 6},    /* full stop, half width */
	{0xff62, 0xff63, SCRIPT_NONE, 6},    /* brackets */
	{0xff64, 0xff65, SCRIPT_STOP, 6},    /* comma, dot */
	{0xff66, 0xffdc, SCRIPT_FOLD, 6},    /* kana and Hangul, half width */
	{0x1aff0, 0x1b16f, SCRIPT_RUN, 12},  /* kana, rare */
	{0x1f000, 0x1faff, SCRIPT_NONE, 8},  /* pictures */
	{0x20000, 0x2f7ff, SCRIPT_RUN, 12},  /* Han, rare */
	{0x2f800, 0x2fa1f, SCRIPT_FOLD, 12}, /* Han a second time */
	{0x2fa20, 0x3fffd, SCRIPT_RUN, 12},  /* Han, rare */
	{0xe0100, 0xe01ef, SCRIPT_SKIP, 4},  /* choose a form of Han */
};

/* NULL for a character of any other script. */
static const Script *
script_of(pg_wchar character)
{
	int low = 0;
	int high = lengthof(scripts);

	while (low < high)
	{
		int middle = (low + high) / 2;

		if (character > scripts[middle].last)
			low = middle + 1;
		else if (character < scripts[middle].first)
			high = middle;
		else
			return &scripts[middle];
	}
	return NULL;
}

static bool
knows_scripts(void)
{
	return GetDatabaseEncoding() == PG_UTF8;
}

/* The script of the character that begins here, in a database that has them. */
static const Script *
script_at(const char *at)
{
	const unsigned char *bytes = (const unsigned char *)at;

	return *bytes < FIRST_BYTE ? NULL : script_of(utf8_to_unicode(bytes));
}

static int
width_at(const char *at)
{
	return pg_utf_mblen((const unsigned char *)at);
}

static bool
is_use(const char *at, ScriptUse use)
{
	const Script *script = script_at(at);

	return script && script->use == use;
}

/* The next character that begins with FIRST_BYTE or more. */
static const char *
next_high(const char *at, const char *end)
{
	while (at < end && (unsigned char)*at < FIRST_BYTE)
		at++;
	return at;
}

bool
script_begins(const char *at)
{
	return (unsigned char)*at >= FIRST_BYTE && knows_scripts() && is_use(at, SCRIPT_RUN);
}

const char *
script_find(const char *at, const char *end)
{
	if (!knows_scripts())
		return end;
	while ((at = next_high(at, end)) < end && !is_use(at, SCRIPT_RUN))
		at += width_at(at);
	return at;
}

const char *
script_letter(const char **at, const char *end, int *length)
{
	const char *letter = *at;

	if (letter >= end || !is_use(letter, SCRIPT_RUN))
		return NULL;
	*length = width_at(letter);
	*at += *length;
	while (*at < end && is_use(*at, SCRIPT_SKIP))
		*at += width_at(*at);
	return letter;
}

const char *
script_end(const char *at, const char *end)
{
	int length;

	while (script_letter(&at, end, &length))
		;
	return at;
}

int
script_first(const char *lexeme, int length)
{
	return knows_scripts() && length > 0 && is_use(lexeme, SCRIPT_RUN) ? width_at(lexeme) : 0;
}

bool
script_is_letter(const char *lexeme, int length)
{
	return length > 0 && script_first(lexeme, length) == length;
}

bool
script_is_word(const char *letter)
{
	pg_wchar character = utf8_to_unicode((const unsigned char *)letter);

	return (character >= 0x3400 && character <= 0x9fff) || character >= 0x20000;
}

/* U+2000 to U+2BFF are punctuation and signs. */
bool
script_has_words(const char *at, const char *end)
{
	while (at < end)
	{
		pg_wchar character;

		if (!IS_HIGHBIT_SET(*at))
		{
			if (isalnum((unsigned char)*at++))
				return true;
			continue;
		}
		if (!knows_scripts())
			return true;
		character = utf8_to_unicode((const unsigned char *)at);
		if ((character < 0x2000 || character > 0x2bff) && !script_at(at))
			return true;
		at += width_at(at);
	}
	return false;
}

/* Folding */

/* The end of what is folded together: runs with all that has another form. */
static const char *
end_of_forms(const char *at, const char *end)
{
	while (at < end &&
		   (is_use(at, SCRIPT_RUN) || is_use(at, SCRIPT_FOLD) || is_use(at, SCRIPT_SKIP)))
		at += width_at(at);
	return at;
}

static void
append_folded(StringInfo to, const char *at, const char *end)
{
	pg_wchar *given = palloc(sizeof(pg_wchar) * (end - at + 1));
	unsigned char bytes[MAX_MULTIBYTE_CHAR_LEN];
	pg_wchar *folded;
	int count = 0;

	for (; at < end; at += width_at(at))
		given[count++] = utf8_to_unicode((const unsigned char *)at);
	given[count] = 0;
	folded = unicode_normalize(UNICODE_NFKC, given);
	for (pg_wchar *character = folded; *character; character++)
	{
		unicode_to_utf8(*character, bytes);
		appendBinaryStringInfo(to, (char *)bytes, pg_utf_mblen(bytes));
	}
	pfree(folded);
	pfree(given);
}

static const char *
find_form(const char *at, const char *end)
{
	while ((at = next_high(at, end)) < end && !is_use(at, SCRIPT_FOLD) && !is_use(at, SCRIPT_STOP))
		at += width_at(at);
	return at;
}

/* What begins here with another form or none; where it ends. */
static const char *
append_form(StringInfo to, const char *at, const char *end)
{
	const char *until = end_of_forms(at, end);

	if (until > at && find_form(at, until) < until)
		append_folded(to, at, until);
	else if (until > at)
		appendBinaryStringInfo(to, at, (int)(until - at));
	else if (until < end)
	{
		until += width_at(at);
		if (is_use(at, SCRIPT_STOP))
			appendStringInfoChar(to, ' ');
		else
			appendBinaryStringInfo(to, at, (int)(until - at));
	}
	return until;
}

text *
script_fold(const char *bytes, int length)
{
	const char *at = bytes;
	const char *end = bytes + length;
	StringInfoData folded;

	if (!knows_scripts() || find_form(bytes, end) == end)
		return cstring_to_text_with_len(bytes, length);
	initStringInfo(&folded);
	while (at < end)
	{
		const char *run = next_high(at, end);

		CHECK_FOR_INTERRUPTS();
		appendBinaryStringInfo(&folded, at, (int)(run - at));
		at = append_form(&folded, run, end);
	}
	return cstring_to_text_with_len(folded.data, folded.len);
}

/* A text being folded that remembers where its bytes come from. */
typedef struct PlacedText
{
	StringInfoData text;
	const char *given;
	int *places;
	int room;
} PlacedText;

/* Of the bytes since begin: each comes from the next one, or all from one character. */
static void
place_bytes(PlacedText *placed, int begin, const char *from, bool in_turn)
{
	if (placed->text.len >= placed->room)
	{
		placed->room = 2 * placed->text.len + 1;
		placed->places = repalloc_huge(placed->places, sizeof(int) * (Size)placed->room);
	}
	for (int i = begin; i < placed->text.len; i++)
		placed->places[i] = (int)(from - placed->given) + (in_turn ? i - begin : 0);
}

static void
append_as_given(PlacedText *placed, const char *at, const char *end)
{
	int begin = placed->text.len;

	appendBinaryStringInfo(&placed->text, at, (int)(end - at));
	place_bytes(placed, begin, at, true);
}

static void
append_unit(PlacedText *placed, const char *at, const char *end)
{
	int begin = placed->text.len;

	append_folded(&placed->text, at, end);
	place_bytes(placed, begin, at, false);
}

/* Whether a character becomes one with what stands before it. */
static bool
joins(const char *at, const char *character, const char *end)
{
	StringInfoData both;
	StringInfoData parts;
	bool same;

	if (!is_use(character, SCRIPT_FOLD))
		return false;
	initStringInfo(&both);
	initStringInfo(&parts);
	append_folded(&both, at, end);
	append_folded(&parts, at, character);
	append_folded(&parts, character, end);
	same = both.len == parts.len && memcmp(both.data, parts.data, both.len) == 0;
	pfree(both.data);
	pfree(parts.data);
	return !same;
}

/* Unit by unit; should that not be what they are together, all of them are one. */
static void
append_units(PlacedText *placed, const char *at, const char *end)
{
	int begin = placed->text.len;
	StringInfoData together;

	initStringInfo(&together);
	append_folded(&together, at, end);
	for (const char *unit = at, *next; unit < end; unit = next)
	{
		CHECK_FOR_INTERRUPTS();
		next = unit + width_at(unit);
		while (next < end && joins(unit, next, next + width_at(next)))
			next += width_at(next);
		append_unit(placed, unit, next);
	}
	if (placed->text.len - begin != together.len ||
		memcmp(placed->text.data + begin, together.data, together.len) != 0)
	{
		placed->text.len = begin;
		append_unit(placed, at, end);
	}
	pfree(together.data);
}

char *
script_fold_placed(const char *bytes, int length, int **places)
{
	const char *at = bytes;
	const char *end = bytes + length;
	PlacedText placed = {.given = bytes, .places = palloc(sizeof(int)), .room = 1};

	initStringInfo(&placed.text);
	while (at < end)
	{
		const char *run = knows_scripts() ? next_high(at, end) : end;
		const char *until = end_of_forms(run, end);

		CHECK_FOR_INTERRUPTS();
		if (until == run && run < end)
			until += width_at(run);
		append_as_given(&placed, at, run);
		if (find_form(run, until) < until && !is_use(run, SCRIPT_STOP))
			append_units(&placed, run, until);
		else
			append_as_given(&placed, run, until);
		at = until;
	}
	place_bytes(&placed, placed.text.len, end, true);
	placed.places[placed.text.len] = length;
	*places = placed.places;
	return placed.text.data;
}

void
script_blank_stops(char *at, const char *end)
{
	while (knows_scripts() && (at = unconstify(char *, next_high(at, end))) < end)
	{
		int width = width_at(at);

		if (is_use(at, SCRIPT_STOP))
			memset(at, ' ', width);
		at += width;
	}
}

/* Tokens */

/* Characters of other encodings that take several bytes are all but all of these scripts. */
static int64
quarters_of_encoding(const char *at, const char *end)
{
	int64 quarters = 0;

	while (at < end)
	{
		int width = IS_HIGHBIT_SET(*at) ? pg_mblen(at) : 1;

		quarters += width > 1 ? CHARACTERS_PER_TOKEN : 1;
		at += width;
	}
	return quarters;
}

static int64
quarters_of_scripts(const char *at, const char *end)
{
	int64 quarters = 0;

	while (at < end)
	{
		const Script *script;

		if ((unsigned char)*at < FIRST_BYTE)
		{
			quarters += (*at & 0xc0) != 0x80;
			at++;
			continue;
		}
		script = script_at(at);
		quarters += script ? script->quarters : 1;
		at += width_at(at);
	}
	return quarters;
}

int64
script_tokens(const char *bytes, int length)
{
	int64 quarters = knows_scripts() ? quarters_of_scripts(bytes, bytes + length)
									 : quarters_of_encoding(bytes, bytes + length);

	return (quarters + CHARACTERS_PER_TOKEN - 1) / CHARACTERS_PER_TOKEN;
}
