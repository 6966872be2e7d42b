/*
 * message/words.c: a text as lexemes, and what a person asks as a query over them.
 *
 * PostgreSQL's parser cuts words where there is a space, and its dictionaries give their lexemes.
 * Of a run of a script without spaces (shape/script.c) the lexemes are every two neighbours, each
 * at a place of its own, and the last character beside the last two: then every character of a text
 * begins a lexeme.
 *
 *     text       we meet at 病院前 today
 *     lexemes    meet:2 病院:4 院前:5 前:5 today:6
 *     query      病院 is the lexeme, 病院前 the phrase of two of them, 病 each lexeme that it
 * begins
 *
 * So what is found is a part of the run, whatever its words are, and the rank is PostgreSQL's.
 *
 * A search vector keeps 255 places of a lexeme and numbers them up to 16,383, which is little for a
 * long text of this kind. Where it is not all, LONG_MARK is among the lexemes, and a run is found
 * there by its neighbours in any place. Texts without such a run, and queries, are PostgreSQL's own
 * matter alone.
 */
#include "message/message.h"

#include "catalog/namespace.h"
#include "miscadmin.h"
#include "tsearch/ts_utils.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/regproc.h"

#include "threadmem/threadmem.h"

Oid
message_search_config(void)
{
#if PG_VERSION_NUM >= 160000
	List *names = stringToQualifiedNameList(setting_search_config, NULL);
#else
	List *names = stringToQualifiedNameList(setting_search_config);
#endif

	if (list_length(names) != 2 || strcmp(strVal(linitial(names)), "pg_temp") == 0 ||
		isTempNamespace(get_namespace_oid(strVal(linitial(names)), true)))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("invalid value for setting \"threadmem.search_config\""),
						errdetail("\"%s\" is not the name of a configuration with its schema.",
								  setting_search_config)));
	return get_ts_config_oid(names, false);
}

static bool
has_run(const char *bytes, int length)
{
	return script_find(bytes, bytes + length) < bytes + length;
}

/* Runs */

static void
begin_words(ParsedText *words, int length)
{
	*words = (ParsedText){.lenwords = Max(length / 3, 4)};
	words->words = palloc(sizeof(ParsedWord) * words->lenwords);
}

static void
add_word(ParsedText *words, char *lexeme, int length, uint16 flags)
{
	if (words->curwords == words->lenwords)
	{
		words->lenwords *= 2;
		words->words = repalloc(words->words, sizeof(ParsedWord) * words->lenwords);
	}
	words->words[words->curwords++] = (ParsedWord){
		.word = lexeme, .len = length, .flags = flags, .pos.pos = LIMITPOS(words->pos)};
}

/* Two characters, or one with nothing behind it. */
static char *
join_letters(const char *first, int first_length, const char *second, int second_length)
{
	char *joined = palloc(first_length + second_length + 1);

	memcpy(joined, first, first_length);
	memcpy(joined + first_length, second, second_length);
	joined[first_length + second_length] = '\0';
	return joined;
}

/* In a query the last character is one with what stands before it, and one alone begins lexemes. */
static void
add_run(ParsedText *words, const char *at, const char *end, bool asks)
{
	int length;
	int next_length;
	const char *letter = script_letter(&at, end, &length);
	const char *next;
	bool alone = at >= end;

	words->pos += alone;
	for (; (next = script_letter(&at, end, &next_length)) != NULL;
		 letter = next, length = next_length)
	{
		words->pos++;
		add_word(words, join_letters(letter, length, next, next_length), length + next_length, 0);
	}
	if (alone || !asks)
		add_word(words, join_letters(letter, length, "", 0), length, asks ? TSL_PREFIX : 0);
}

static void
parse_words(Oid config, ParsedText *words, char *at, const char *end, bool asks)
{
	while (at < end)
	{
		char *run = unconstify(char *, script_find(at, end));

		CHECK_FOR_INTERRUPTS();
		if (script_has_words(at, run))
			parsetext(config, words, at, (int)(run - at));
		if (run == end)
			return;
		at = unconstify(char *, script_end(run, end));
		add_run(words, run, at, asks);
	}
}

/* Search vectors */

static bool
lacks_places(TSVector words, int last)
{
	if (last >= MAXENTRYPOS - 1)
		return true;
	for (int i = 0; i < words->size; i++)
		if (POSDATALEN(words, ARRPTR(words) + i) >= MAXNUMPOS - 1)
			return true;
	return false;
}

static Datum
mark_long(TSVector words)
{
	ParsedText mark;

	begin_words(&mark, 0);
	add_word(&mark, pstrdup(LONG_MARK), strlen(LONG_MARK), 0);
	return DirectFunctionCall2(tsvector_concat, TSVectorGetDatum(words),
							   TSVectorGetDatum(make_tsvector(&mark)));
}

static Datum
lexemes_of(text *said, bool asks)
{
	char *bytes = VARDATA_ANY(said);
	int length = (int)VARSIZE_ANY_EXHDR(said);
	ParsedText words;
	TSVector vector;
	int last;

	if (!has_run(bytes, length))
		return DirectFunctionCall2(to_tsvector_byid, ObjectIdGetDatum(message_search_config()),
								   PointerGetDatum(said));
	begin_words(&words, length);
	parse_words(message_search_config(), &words, bytes, bytes + length, asks);
	last = words.pos;
	vector = make_tsvector(&words);
	return !asks && lacks_places(vector, last) ? mark_long(vector) : TSVectorGetDatum(vector);
}

Datum
message_lexemes_of(Jsonb *body)
{
	return lexemes_of(shape_search_text(body), false);
}

Datum
message_lexemes(const char *words)
{
	return lexemes_of(shape_search_words(words, (int)strlen(words)), false);
}

Datum
message_lexemes_asked(const char *words)
{
	return lexemes_of(shape_search_words(words, (int)strlen(words)), true);
}

/* Queries */

/* Places are told apart as far as they are numbered; the words behind stand each by itself. */
static bool
begins_place(const ParsedText *words, int i)
{
	return i == 0 || words->words[i].pos.pos != words->words[i - 1].pos.pos ||
		   words->words[i].pos.pos == MAXENTRYPOS - 1;
}

/* Where each place begins among the words; so many. */
static int
find_places(const ParsedText *words, int *places)
{
	int count = 0;

	for (int i = 0; i < words->curwords; i++)
		if (begins_place(words, i))
			places[count++] = i;
	return count;
}

/* The words at one place are one word in several ways, and a way may have several lexemes. */
static void
push_place(TSQueryParserState state, const ParsedText *words, int at)
{
	bool other_way = false;

	do
	{
		int way = at;

		do
		{
			const ParsedWord *word = &words->words[at];

			pushValue(state, word->word, word->len, 0, (word->flags & TSL_PREFIX) != 0);
			if (at > way)
				pushOperator(state, OP_AND, 0);
			at++;
		} while (at < words->curwords && !begins_place(words, at) &&
				 words->words[at].nvariant == words->words[way].nvariant);
		if (other_way)
			pushOperator(state, OP_OR, 0);
		other_way = true;
	} while (at < words->curwords && !begins_place(words, at));
}

/* Halved, so that the query is not as deep as it is long. */
static void
push_places(TSQueryParserState state, const ParsedText *words, const int *places, int count,
			int8 operator)
{
	int half = count / 2;

	CHECK_FOR_INTERRUPTS();
	if (count == 1)
	{
		push_place(state, words, *places);
		return;
	}
	push_places(state, words, places, half, operator);
	push_places(state, words, places + half, count - half, operator);
	if (operator== OP_PHRASE)
		pushOperator(state, OP_PHRASE,
					 words->words[places[half]].pos.pos - words->words[places[half - 1]].pos.pos);
	else
		pushOperator(state, operator, 0);
}

/* A word between spaces, or what is quoted: as websearch_to_tsquery() has it, a phrase. */
static void
push_words(Datum config, TSQueryParserState state, char *token, int length, int16 weight,
		   bool prefix)
{
	ParsedText words;
	int *places;
	int count;

	begin_words(&words, length);
	parse_words(DatumGetObjectId(config), &words, token, token + length, true);
	places = palloc(sizeof(int) * (words.curwords + 1));
	count = find_places(&words, places);
	if (count == 0)
	{
		pushStop(state);
		return;
	}
	push_places(state, &words, places, count, OP_PHRASE);
	if (count > 1 && has_run(token, length))
	{
		pushValue(state, LONG_MARK, strlen(LONG_MARK), 0, false);
		push_places(state, &words, places, count, OP_AND);
		pushOperator(state, OP_AND, 0);
		pushOperator(state, OP_OR, 0);
	}
}

Datum
message_search_query(Datum words)
{
	text *given = DatumGetTextPP(words);
	text *asked = script_fold(VARDATA_ANY(given), (int)VARSIZE_ANY_EXHDR(given));
	Datum config = ObjectIdGetDatum(message_search_config());

	if (!has_run(VARDATA_ANY(asked), (int)VARSIZE_ANY_EXHDR(asked)))
		return DirectFunctionCall2(websearch_to_tsquery_byid, config, PointerGetDatum(asked));
#if PG_VERSION_NUM >= 160000
	return TSQueryGetDatum(
		parse_tsquery(text_to_cstring(asked), push_words, config, P_TSQ_WEB, NULL));
#else
	return TSQueryGetDatum(parse_tsquery(text_to_cstring(asked), push_words, config, P_TSQ_WEB));
#endif
}
