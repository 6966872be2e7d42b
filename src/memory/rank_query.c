/*
 * memory/rank_query.c: which words a query looks for, and what each weighs.
 *
 * The newest line is the question. Its words are terms, each with its irregular forms; words that
 * only frame a question weigh half, names of speakers are none but tell whose message it is. A word
 * that names a kind (sport, pet) asks for what is of that kind and hardly ever stands in the
 * answer, which names the thing: so its members (tennis, dog) are a term of their own, at less
 * weight. They are one term, so that the many members of a wide kind are as common as they are
 * together, and count little.
 *
 * Of a script without spaces two neighbours are a word, and they may be halves of two: the cat in
 * "how old is the cat" has other neighbours than in "my cat is called". So where a run is longer
 * than two, a character that is a word by itself is a term as well, at less weight, once all words
 * of the query are there.
 *
 * A word that the user never used may have been said in another form that no stemmer and no table
 * joins (psychology, psychological): the words that begin with the same five letters are a term of
 * their own, at less weight, which counts where the word itself is nowhere.
 *
 * The lines before the newest are context. What they weigh depends on what was found and is the
 * ranking's; but a newest line that is bare ("And when was that?") is no question by itself, and
 * then the lines before it are asked in its stead.
 */
#include "memory/rank_query.h"
#include "shape/shape.h"
#include "threadmem/threadmem.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "tsearch/ts_utils.h"

#define FRAME_WEIGHT 0.5
#define KIND_WEIGHT 0.7
#define PART_WEIGHT 0.5
#define ALIKE_WEIGHT 0.5
#define BARE_WORDS 1 /* a newest line of at most so many words of content is no question */
#define BARE_OWN_WEIGHT 0.5
#define FORMS_ROOM 8 /* slots for the forms of a word */

static RankSlot *
slot_of(RankSlot *slots, uint32 mask, const char *lexeme, int length)
{
	uint32 at = hash_bytes((const unsigned char *)lexeme, length) & mask;

	while (slots[at].lexeme &&
		   (slots[at].length != length || memcmp(slots[at].lexeme, lexeme, length) != 0))
		at = (at + 1) & mask;
	return &slots[at];
}

RankSlot *
terms_slot(const RankTerms *terms, const char *lexeme, int length)
{
	return slot_of(terms->slots, terms->mask, lexeme, length);
}

static uint64
initial_of(const char *lexeme)
{
	return UINT64CONST(1) << (*lexeme & 63);
}

const RankSlot *
terms_slot_alike(const RankTerms *terms, const char *lexeme, int length)
{
	static const RankSlot none;
	char beginning[BEGINNING_BYTES];
	int bytes = 0;

	if (terms->initials & initial_of(lexeme)) /* most are none, at once */
		bytes = word_beginning(lexeme, length, beginning);
	return bytes > 0 ? slot_of(terms->beginnings, terms->mask, beginning, bytes) : &none;
}

const RankSlot *
terms_slot_said(const RankTerms *terms, const char *lexeme, int length)
{
	const RankSlot *slot = terms_slot(terms, lexeme, length);
	int first = slot->lexeme || !terms->has_letters ? 0 : script_first(lexeme, length);

	return first > 0 ? terms_slot(terms, lexeme, first) : slot;
}

bool
term_is_context(const RankTerms *terms, const RankTerm *term)
{
	return !terms->bare && term->asked < terms->newest;
}

/* A lexeme that belongs to no term yet comes to the one that is made next. */
static void
take_lexeme(const char *lexeme, int length, void *context)
{
	RankTerms *terms = context;
	RankSlot *slot = terms_slot(terms, lexeme, length);

	if (slot->lexeme == NULL)
		*slot = (RankSlot){.lexeme = lexeme, .length = length, .term = terms->count};
	terms->has_letters |= script_is_letter(lexeme, length);
}

static bool
is_framing(const RankTerms *terms, const WordPlace *place)
{
	return terms->query->english && word_frames_questions(place->lexeme, place->length);
}

/* A word comes to the term it belongs to, or makes a new one with all its forms. */
static RankTerm *
add_term(RankTerms *terms, const WordPlace *place, double weight, int asked)
{
	RankSlot *slot = terms_slot(terms, place->lexeme, place->length);

	CHECK_FOR_INTERRUPTS();
	if (slot->lexeme)
	{
		if (asked == terms->newest)
			terms->items[slot->term].weight += weight;
		return &terms->items[slot->term];
	}
	take_lexeme(place->lexeme, place->length, terms);
	if (terms->query->english)
		word_forms(place->lexeme, place->length, take_lexeme, terms);
	terms->items[terms->count] = (RankTerm){.weight = weight,
											.asked = asked,
											.lexeme = place->lexeme,
											.length = place->length,
											.like = -1};
	return &terms->items[terms->count++];
}

/* Whether a word is part of a speaker's name; then he is named. */
static bool
names_speaker(const RankTerms *terms, const WordPlace *place, bool *named)
{
	bool any = false;

	CHECK_FOR_INTERRUPTS();
	for (int i = 0; i < terms->query->speaker_count; i++)
		if (word_find(terms->query->speakers[i], place->lexeme, place->length))
			any = named[i] = true;
	return any;
}

/* Whether two words are of one run that is longer than they are. */
static bool
share_letter(const WordPlace *before, const WordPlace *after)
{
	int first = script_first(before->lexeme, before->length);

	return first > 0 && first < before->length && after->position == before->position + 1 &&
		   script_first(after->lexeme, after->length) == before->length - first &&
		   memcmp(before->lexeme + first, after->lexeme, before->length - first) == 0;
}

/* Names are no words of what was said, but tell whose it is: of the last line that has any. */
static void
add_line(RankTerms *terms, int asked, double weight, bool takes_names)
{
	bool *named = palloc0(terms->query->speaker_count + 1);
	int count;
	WordPlace *places = word_places(terms->query->lines[asked].words, &count);

	for (int i = 0; i < count; i++)
		if (!names_speaker(terms, &places[i], named))
		{
			double own = is_framing(terms, &places[i]) ? weight * FRAME_WEIGHT : weight;
			RankTerm *term = add_term(terms, &places[i], own, asked);

			term->is_cut |= (i > 0 && share_letter(&places[i - 1], &places[i])) ||
							(i + 1 < count && share_letter(&places[i], &places[i + 1]));
		}
	if (!takes_names)
		return;
	terms->named_count = 0;
	for (int i = 0; i < terms->query->speaker_count; i++)
	{
		terms->named[i] = named[i];
		terms->named_count += named[i];
	}
}

/* Too few words to be a question by itself. */
static bool
is_bare(const RankTerms *terms, TSVector words)
{
	int content = 0;
	int count;
	WordPlace *places = word_places(words, &count);

	for (int i = 0; i < count; i++)
		content += !is_framing(terms, &places[i]);
	return content <= BARE_WORDS;
}

/* When a query is nothing but names, they are what is looked for. */
static void
add_names(RankTerms *terms)
{
	int count;
	WordPlace *places = word_places(terms->query->lines[terms->newest].words, &count);

	for (int i = 0; i < count; i++)
		(void)add_term(terms, &places[i], 1.0, terms->newest);
}

/* A character of a term that is a word itself; which it has in the query, behind its term's. */
static void
add_part(RankTerms *terms, const RankTerm *whole, const char *letter, int length)
{
	if (!script_is_word(letter) || terms_slot(terms, letter, length)->lexeme)
		return;
	take_lexeme(letter, length, terms);
	terms->items[terms->count++] = (RankTerm){.weight = whole->weight * PART_WEIGHT,
											  .asked = whole->asked,
											  .lexeme = letter,
											  .length = length,
											  .is_part = true,
											  .like = -1};
}

static void
add_parts(RankTerms *terms)
{
	int words = terms->count;

	for (int i = 0; i < words; i++)
	{
		RankTerm term = terms->items[i];
		int first;

		CHECK_FOR_INTERRUPTS();
		if (!term.is_cut)
			continue;
		first = script_first(term.lexeme, term.length);
		add_part(terms, &term, term.lexeme, first);
		add_part(terms, &term, term.lexeme + first, term.length - first);
	}
}

/* Of what is asked, after all words themselves: a member that is one of them stays it. */
static void
add_kinds(RankTerms *terms)
{
	int words = terms->count;

	for (int i = 0; i < words; i++)
	{
		RankTerm *term = &terms->items[i];

		CHECK_FOR_INTERRUPTS();
		if (!term_is_context(terms, term) && !term->is_part &&
			word_members(term->lexeme, term->length, take_lexeme, terms))
			terms->items[terms->count++] =
				(RankTerm){.weight = term->weight * KIND_WEIGHT, .asked = term->asked, .like = -1};
	}
}

/* Of two words that begin alike the one that comes first has both. */
static void
add_beginning(RankTerms *terms, int like)
{
	const RankTerm *term = &terms->items[like];
	char beginning[BEGINNING_BYTES];
	int bytes = word_beginning(term->lexeme, term->length, beginning);
	RankSlot *slot = slot_of(terms->beginnings, terms->mask, beginning, bytes);

	if (bytes == 0 || slot->lexeme)
		return;
	*slot = (RankSlot){.lexeme = pnstrdup(beginning, bytes), .length = bytes, .term = terms->count};
	terms->initials |= initial_of(beginning);
	terms->items[terms->count++] = (RankTerm){
		.weight = term->weight * ALIKE_WEIGHT, .asked = term->asked, .is_part = true, .like = like};
}

static void
add_beginnings(RankTerms *terms)
{
	int words = terms->count;

	for (int i = 0; i < words; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!terms->items[i].is_part)
			add_beginning(terms, i);
	}
}

/* What a time or a place is told by: "when" and "where" are no words of the search vectors. */
static void
add_question(RankTerms *terms)
{
	int length;
	const char *word = word_of_question(terms->query->lines[terms->newest].text, &length);

	if (word && word_members(word, length, take_lexeme, terms))
		terms->items[terms->count++] =
			(RankTerm){.weight = 1.0, .asked = terms->newest, .like = -1};
}

/* Room for every word of the query with its forms, and for the members of kinds. */
static void
make_room(RankTerms *terms)
{
	uint32 lexemes = 1;
	uint32 size = 64;

	for (int i = 0; i <= terms->newest; i++)
		lexemes += terms->query->lines[i].words ? terms->query->lines[i].words->size : 0;
	while (size < FORMS_ROOM * lexemes + 2 * WORD_MEMBERS_MAX * Min(lexemes + 1, WORD_KINDS_MAX))
		size *= 2;
	terms->slots = palloc0(sizeof(RankSlot) * size);
	terms->mask = size - 1;
	terms->beginnings = palloc0(sizeof(RankSlot) * size);
	terms->items = palloc(sizeof(RankTerm) * (5 * lexemes + 1));
	terms->named = palloc0(terms->query->speaker_count + 1);
}

void
terms_read(RankTerms *terms, const RankQuery *query)
{
	*terms = (RankTerms){.query = query, .newest = query->line_count - 1};
	make_room(terms);
	terms->bare = terms->newest > 0 && is_bare(terms, query->lines[terms->newest].words);
	add_line(terms, terms->newest, terms->bare ? BARE_OWN_WEIGHT : 1.0, true);
	for (int i = terms->newest - 1; i >= 0; i--)
		add_line(terms, i, 1.0, terms->bare && terms->named_count == 0);
	if (terms->count == 0)
		add_names(terms);
	add_parts(terms);
	add_beginnings(terms);
	if (query->english)
	{
		add_kinds(terms);
		add_question(terms);
	}
}

struct RankTerms *
rank_terms(const RankQuery *query)
{
	RankTerms *terms = palloc(sizeof(RankTerms));

	terms_read(terms, query);
	return terms;
}

List *
rank_named_words(const RankQuery *query)
{
	bool *named = palloc0(query->speaker_count + 1);
	RankTerms terms = {.query = query};
	List *words = NIL;

	for (int i = 0; i < query->line_count; i++)
	{
		int count;
		WordPlace *places = word_places(query->lines[i].words, &count);

		for (int p = 0; p < count; p++)
			if (names_speaker(&terms, &places[p], named))
				words = lappend(words, pnstrdup(places[p].lexeme, places[p].length));
	}
	return words;
}

/* Search vectors */

static int
compare_entries(const void *a, const void *b)
{
	const WordEntry *x = *(const WordEntry *const *)a;
	const WordEntry *y = *(const WordEntry *const *)b;

	return x < y ? -1 : x > y;
}

static bool
is_asked(const RankTerms *terms, const char *lexeme, int length)
{
	return terms_slot_said(terms, lexeme, length)->lexeme ||
		   terms_slot_alike(terms, lexeme, length)->lexeme;
}

/* Adds the entries that begin so, but those that are terms themselves; hyphens stay. */
static int
find_alike(const RankTerms *terms, TSVector words, const RankSlot *slot, const WordEntry **found)
{
	const WordEntry *entry = word_first(words, slot->lexeme, slot->length);
	int count = 0;

	for (; entry < ARRPTR(words) + words->size && entry->len >= slot->length &&
		   memcmp(STRPTR(words) + entry->pos, slot->lexeme, slot->length) == 0;
		 entry++)
		if (!terms_slot(terms, STRPTR(words) + entry->pos, entry->len)->lexeme)
			found[count++] = entry;
	return count;
}

/*
 * The terms' entries in their order: looked up in the terms, or the other way round if they are
 * many. What begins with a letter stands nowhere by itself.
 */
static int
find_entries(const RankTerms *terms, TSVector words, const WordEntry **found)
{
	int count = 0;

	if (words->size <= terms->mask || terms->has_letters)
	{
		for (const WordEntry *entry = ARRPTR(words); entry < ARRPTR(words) + words->size; entry++)
			if (is_asked(terms, STRPTR(words) + entry->pos, entry->len))
				found[count++] = entry;
		return count;
	}
	for (uint32 i = 0; i <= terms->mask; i++)
	{
		const RankSlot *slot = &terms->slots[i];
		const WordEntry *entry = slot->lexeme ? word_find(words, slot->lexeme, slot->length) : NULL;

		if (entry)
			found[count++] = entry;
		slot = &terms->beginnings[i];
		if (slot->lexeme)
			count += find_alike(terms, words, slot, found + count);
	}
	qsort(found, count, sizeof(WordEntry *), compare_entries);
	return count;
}

/* A lexeme and its places, one behind the other; where the next begins. */
static uint32
copy_entry(TSVector to, WordEntry *copy, uint32 at, TSVector words, const WordEntry *entry)
{
	uint32 places = SHORTALIGN(at + entry->len);

	*copy = *entry;
	copy->pos = at;
	memcpy(STRPTR(to) + at, STRPTR(words) + entry->pos, entry->len);
	if (!entry->haspos)
		return at + entry->len;
	memcpy(STRPTR(to) + places, _POSVECPTR(words, entry),
		   sizeof(uint16) + POSDATALEN(words, entry) * sizeof(WordEntryPos));
	return places + sizeof(uint16) + POSDATALEN(words, entry) * sizeof(WordEntryPos);
}

TSVector
rank_words(const struct RankTerms *terms, TSVector words)
{
	const WordEntry **found = palloc(sizeof(WordEntry *) * (words->size + 1));
	int count = find_entries(terms, words, found);
	Size bytes = 0;
	uint32 at = 0;
	TSVector kept = NULL;

	for (int i = 0; i < count; i++)
		bytes += SHORTALIGN(found[i]->len + 1) + sizeof(uint16) +
				 POSDATALEN(words, found[i]) * sizeof(WordEntryPos);
	if (count > 0)
	{
		kept = palloc0(CALCDATASIZE(count, bytes));
		SET_VARSIZE(kept, CALCDATASIZE(count, bytes));
		kept->size = count;
	}
	for (int i = 0; i < count; i++)
		at = copy_entry(kept, ARRPTR(kept) + i, at, words, found[i]);
	pfree(found);
	return kept;
}
