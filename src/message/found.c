/*
 * message/found.c: a text in which what a query finds is marked, cut to the part that shows most.
 *
 * It is shown as it was written, and looked through in the form that lexemes have: of each byte of
 * that form it is known which character it comes from.
 *
 * ts_headline() finds what PostgreSQL's parser takes for a word. To it a run of a script without
 * spaces (shape/script.c) is one, of any length, that no query asks for. So a text with such runs
 * is taken apart: in the runs the terms of the query are looked for, and what stands between is
 * ts_headline()'s. A term is what a phrase of neighbours (message/words.c) was made of:
 *
 *     query      '病院' <-> '院前' & 'home'
 *     term       病院前
 *     marked     我们去[病院前] and then [home]
 *
 * A window then goes over the finds, as wide as a line of a list has room for, and stays where it
 * has most different ones. What a text has no space in is no longer than that, either. A long text
 * that only has the neighbours of a term in any place shows how it begins.
 */
#include "message/message.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "tsearch/ts_utils.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

/* In columns, of which most characters of runs take two: all that is shown, and the finds in it. */
#define SHOWN_WIDTH 300
#define FINDS_WIDTH 200

/* In bytes: so long a word is not cut by the edge of what is shown, where it ends at a space. */
#define CUT_WORD_BYTES 20

/* More at once might have a word that the parser leaves out. */
#define PIECE_BYTES 2000

typedef struct Term
{
	const char *bytes; /* letters of a run */
	int length;
	struct Term *next; /* that begins with the same two letters, or one */
	int count;         /* in the window; of any word, too */
} Term;

typedef struct Find
{
	int begin; /* in what is shown, as all below */
	int end;
	int column; /* of its beginning */
	Term *of;
} Find;

typedef struct Found
{
	TSQuery query;
	Names *terms;   /* by how they begin */
	Names *words;   /* by what they are */
	bool has_words; /* it asks for some */
	const char *shown;
	int length;
	const char *form; /* in which it is looked through */
	int *places;      /* of its bytes in what is shown, and of its end */
	Find *finds;      /* in the order of their beginnings */
	int count;
	int room;
} Found;

/* The query */

static Term *
term_new(const char *bytes, int length)
{
	Term *term = palloc0(sizeof(Term));

	term->bytes = bytes;
	term->length = length;
	return term;
}

static int
last_letter(const Term *term)
{
	int last = 0;

	for (int at = 0; at < term->length; at += pg_mblen(term->bytes + at))
		last = at;
	return last;
}

/* Where one ends with the letter that the other begins with, the other becomes both. */
static void
join_terms(Term *left, Term *right)
{
	int shared = left->length - last_letter(left);
	int before = left->length - shared;
	char *both;

	if (before == 0 || right->length <= shared ||
		memcmp(left->bytes + before, right->bytes, shared) != 0)
		return;
	both = palloc(before + right->length);
	memcpy(both, left->bytes, before);
	memcpy(both + before, right->bytes, right->length);
	right->bytes = both;
	right->length += before;
	left->length = 0;
}

static bool
is_mark_of_long(const Found *found, const QueryItem *item)
{
	return item->type == QI_VAL &&
		   strcmp(GETOPERAND(found->query) + item->qoperand.distance, LONG_MARK) == 0;
}

/* From left to right; a word is a term without letters. */
static List *
read_terms(Found *found, const QueryItem *item, List *terms)
{
	int before;

	check_stack_depth();
	if (item->type == QI_VAL)
	{
		const char *lexeme = GETOPERAND(found->query) + item->qoperand.distance;
		int length = item->qoperand.length;

		found->has_words |= script_has_words(lexeme, lexeme + length);
		return lappend(terms, term_new(lexeme, script_first(lexeme, length) > 0 ? length : 0));
	}
	if (item->qoperator.oper == OP_NOT || is_mark_of_long(found, item + item->qoperator.left))
		return terms;
	terms = read_terms(found, item + item->qoperator.left, terms);
	before = list_length(terms);
	terms = read_terms(found, item + 1, terms);
	if (item->qoperator.oper == OP_PHRASE && item->qoperator.distance == 1 && before > 0 &&
		before < list_length(terms))
		join_terms(list_nth(terms, before - 1), list_nth(terms, before));
	return terms;
}

static void
read_query(Found *found)
{
	List *terms = NIL;
	ListCell *cell;

	found->terms = names_new();
	found->words = names_new();
	if (found->query->size > 0)
		terms = read_terms(found, GETQUERY(found->query), NIL);
	foreach (cell, terms)
	{
		Term *term = lfirst(cell);
		int begins = term->length > 0 ? pg_mblen(term->bytes) : 0;
		NameEntry *entry;

		if (term->length == 0)
			continue;
		if (begins < term->length)
			begins += pg_mblen(term->bytes + begins);
		entry = names_add(found->terms, term->bytes, begins);
		term->next = entry->value;
		entry->value = term;
	}
}

/* Between two places of the form; of a character that has several bytes there all is found. */
static void
add_find(Found *found, int begin, int end, Term *of)
{
	const int *places = found->places;

	while (places[end] == places[end - 1])
		end++;
	if (found->count == found->room)
	{
		found->room = Max(2 * found->room, 16);
		found->finds = found->finds ? repalloc(found->finds, sizeof(Find) * found->room)
									: palloc(sizeof(Find) * found->room);
	}
	found->finds[found->count++] = (Find){places[begin], places[end], 0, of};
}

/* Runs */

/* The letters of a run alone: what nobody sees between them is no part of a term. */
typedef struct Letters
{
	StringInfoData bytes;
	int *places; /* of each in the form */
} Letters;

static Letters
letters_of(const Found *found, const char *run, const char *end)
{
	Letters letters = {.places = palloc(sizeof(int) * (end - run + 1))};
	const char *letter;
	int length;

	initStringInfo(&letters.bytes);
	while ((letter = script_letter(&run, end, &length)) != NULL)
	{
		for (int i = 0; i < length; i++)
			letters.places[letters.bytes.len + i] = (int)(letter - found->form) + i;
		appendBinaryStringInfo(&letters.bytes, letter, length);
	}
	return letters;
}

/* The longest term of those that begin here. */
static void
look_up(Found *found, const Letters *letters, int at, int begins)
{
	const char *bytes = letters->bytes.data + at;
	NameEntry *entry = names_find(found->terms, bytes, begins);
	Term *longest = NULL;

	for (Term *term = entry ? entry->value : NULL; term; term = term->next)
		if ((!longest || term->length > longest->length) &&
			term->length <= letters->bytes.len - at &&
			memcmp(bytes, term->bytes, term->length) == 0)
			longest = term;
	if (longest)
		add_find(found, letters->places[at], letters->places[at + longest->length - 1] + 1,
				 longest);
}

static void
add_run(Found *found, const char *run, const char *end)
{
	Letters letters = letters_of(found, run, end);
	int length;

	for (int at = 0; at < letters.bytes.len; at += length)
	{
		int next;

		CHECK_FOR_INTERRUPTS();
		length = pg_mblen(letters.bytes.data + at);
		next = at + length;
		look_up(found, &letters, at, length);
		if (next < letters.bytes.len)
			look_up(found, &letters, at, length + pg_mblen(letters.bytes.data + next));
	}
	pfree(letters.bytes.data);
	pfree(letters.places);
}

/* Words */

static Term *
word_of(Found *found, const char *bytes, int length)
{
	NameEntry *entry = names_add(found->words, bytes, length);

	if (!entry->value)
		entry->value = term_new(bytes, length);
	return entry->value;
}

/* The words as they were indexed, byte for byte where they are. */
static text *
parsed_form(const char *at, const char *end)
{
	char *words = pnstrdup(at, end - at);

	script_blank_stops(words, words + (end - at));
	shape_blank_markup(words, words + (end - at));
	return cstring_to_text_with_len(words, (int)(end - at));
}

static void
add_words(Found *found, const char *words, const char *end)
{
	Datum marked = DirectFunctionCall4(
		ts_headline_byid_opt, ObjectIdGetDatum(message_search_config()),
		PointerGetDatum(parsed_form(words, end)), TSQueryGetDatum(found->query),
		CStringGetTextDatum("HighlightAll=true, StartSel=" FOUND_BEGIN ", StopSel=" FOUND_END));
	char *at = TextDatumGetCString(marked);
	int place = (int)(words - found->form);
	char *mark;

	for (; (mark = strpbrk(at, FOUND_BEGIN FOUND_END)) != NULL; at = mark + 1)
	{
		int length = (int)(mark - at);

		if (*mark == FOUND_END[0])
			add_find(found, place, place + length, word_of(found, at, length));
		place += length;
	}
}

/* Where a piece of words ends: at a space, where there is one. */
static const char *
end_of_piece(const char *at, const char *end)
{
	const char *cut = at + pg_mbcliplen(at, (int)(end - at), PIECE_BYTES);

	if (cut < end)
		for (const char *space = cut; space > at; space--)
			if (*space == ' ')
				return space;
	return cut;
}

static void
add_between(Found *found, const char *at, const char *end)
{
	while (found->has_words && at < end)
	{
		const char *cut = end_of_piece(at, end);

		CHECK_FOR_INTERRUPTS();
		if (script_has_words(at, cut))
			add_words(found, at, cut);
		at = cut;
	}
}

/* Spaces as the parser's words would have them: one for all. Marks go with them. */
static char *
one_space_for_all(const char *bytes, int length)
{
	char *shown = pnstrdup(bytes, length);
	char *to = shown;

	for (const char *from = shown; *from; from++)
		if ((unsigned char)*from > ' ' && *from != '\x7f')
			*to++ = *from;
		else if (to > shown && to[-1] != ' ')
			*to++ = ' ';
	if (to > shown && to[-1] == ' ')
		to--;
	*to = '\0';
	return shown;
}

static void
find_all(Found *found)
{
	const char *at = found->form = script_fold_placed(found->shown, found->length, &found->places);
	const char *end = at + strlen(at);

	while (at < end)
	{
		const char *run = script_find(at, end);

		CHECK_FOR_INTERRUPTS();
		add_between(found, at, run);
		at = script_end(run, end);
		add_run(found, run, at);
	}
}

/* The window */

/* ASCII is told by itself: a window is looked for in all of a long text. */
static int
width_of(const char *at)
{
	return IS_HIGHBIT_SET(*at) ? Max(pg_dsplen(at), 1) : 1;
}

static int
bytes_of(const char *at)
{
	return IS_HIGHBIT_SET(*at) ? pg_mblen(at) : 1;
}

/* So many columns the text has. */
static int
number_columns(Found *found)
{
	const char *bytes = found->shown;
	int column = 0;

	for (int at = 0, i = 0; at < found->length; at += bytes_of(bytes + at))
	{
		for (; i < found->count && found->finds[i].begin <= at; i++)
			found->finds[i].column = column;
		column += width_of(bytes + at);
	}
	return column;
}

/* The first and the last find of the smallest window that has most different ones. */
static void
choose_finds(const Found *found, const Find **first, const Find **last)
{
	const Find *finds = found->finds;
	int different = 0;
	int most = 0;

	for (int i = 0, from = 0; i < found->count; i++)
	{
		different += finds[i].of->count++ == 0;
		for (; finds[from].of->count > 1 || finds[i].column - finds[from].column > FINDS_WIDTH;
			 from++)
			different -= --finds[from].of->count == 0;
		if (different > most)
		{
			most = different;
			*first = &finds[from];
			*last = &finds[i];
		}
	}
}

static int
place_of_column(const Found *found, int column)
{
	const char *bytes = found->shown;
	int at = 0;

	while (at < found->length && (column -= width_of(bytes + at)) >= 0)
		at += bytes_of(bytes + at);
	return at;
}

static int
after_cut_word(const char *bytes, int begin, int limit)
{
	if (begin > 0 && bytes[begin - 1] != ' ')
		for (int at = begin; at < Min(limit, begin + CUT_WORD_BYTES); at++)
			if (bytes[at] == ' ')
				return at + 1;
	return begin;
}

static int
before_cut_word(const char *bytes, int end, int limit)
{
	if (bytes[end] != '\0' && bytes[end] != ' ')
		for (int at = end - 1; at >= Max(limit, end - CUT_WORD_BYTES); at--)
			if (bytes[at] == ' ')
				return at;
	return end;
}

/* Of what the finds leave of the window one half is before them, where the text has so much. */
static void
place_window(Found *found, int *begin, int *end)
{
	static const Find none = {0};
	int columns = number_columns(found);
	const Find *first = &none;
	const Find *last = &none;
	int column;

	choose_finds(found, &first, &last);
	column = first->column - (SHOWN_WIDTH - (last->column - first->column)) / 2;
	column = Max(Min(column, columns - SHOWN_WIDTH), 0);
	*begin = place_of_column(found, column);
	*end = place_of_column(found, column + SHOWN_WIDTH);
	*begin = after_cut_word(found->shown, *begin, first->begin);
	*end = before_cut_word(found->shown, *end, last->end);
}

/* Finds with nothing between them are one to who sees them. */
static text *
marked_part(const Found *found, int begin, int end)
{
	const Find *finds = found->finds;
	const char *bytes = found->shown;
	StringInfoData part;
	int at = begin;

	initStringInfo(&part);
	for (int i = 0; i < found->count; i++)
	{
		int from = Max(finds[i].begin, begin);
		int to = finds[i].end;

		for (; i + 1 < found->count && finds[i + 1].begin <= to; i++)
			to = Max(to, finds[i + 1].end);
		to = Min(to, end);
		if (from >= to)
			continue;
		appendBinaryStringInfo(&part, bytes + at, from - at);
		appendStringInfoString(&part, FOUND_BEGIN);
		appendBinaryStringInfo(&part, bytes + from, to - from);
		appendStringInfoString(&part, FOUND_END);
		at = to;
	}
	appendBinaryStringInfo(&part, bytes + at, end - at);
	return cstring_to_text_with_len(part.data, part.len);
}

text *
message_found(const char *bytes, int length, TSQuery query, bool whole)
{
	Found found = {.query = query};
	int begin = 0;
	int end;

	if (length > SEARCH_PREFIX_BYTES) /* what is behind is not found */
		length = pg_mbcliplen(bytes, length, SEARCH_PREFIX_BYTES);
	found.shown = one_space_for_all(bytes, length);
	end = found.length = (int)strlen(found.shown);
	read_query(&found);
	find_all(&found);
	if (!whole)
		place_window(&found, &begin, &end);
	return marked_part(&found, begin, end);
}
