/*
 * memory/words.c: words and texts: lexemes of a search vector, what English says and its stemmer
 * does not know, dates, questions.
 *
 * The tables hold lexemes, as the english configuration makes them, so a look-up needs no
 * dictionary. A configuration of another language has no use for them; what is not English here is
 * said beside it.
 */
#include "memory/rank.h"

#include <ctype.h>

#include "tsearch/ts_utils.h"

/* Words that say what kind of answer is wanted, not what it is about. */
static const char framing[] = " kind type sort name mani much often long accord mention describ say"
							  " exampl way thing time ";

/*
 * Forms that no suffix joins (go, went, gone), and the clippings that everybody uses (photo, kid).
 * Groups end with a bar.
 */
static const char forms[] =
	"|"
	" aris aros arisen | awak awok awoken | bear bore born | beat beaten |"
	" becom becam | begin began begun | bend bent | bite bit bitten | bleed bled |"
	" blow blew blown | break broke broken | bring brought | build built | burn burnt |"
	" buy bought | catch caught | choos chose chosen | come came | creep crept |"
	" deal dealt | dig dug | draw drew drawn | dream dreamt | drink drank drunk |"
	" drive drove driven | eat ate eaten | fall fell fallen | feed fed | feel felt |"
	" fight fought | find found | flee fled | fli flew flown |"
	" forbid forbad forbidden | forget forgot forgotten | forgiv forgav forgiven |"
	" freez froze frozen | get got gotten | give gave given | go went gone |"
	" grind ground | grow grew grown | hang hung | hear heard | hide hid hidden |"
	" hold held | keep kept | kneel knelt | know knew known | lay laid | lead led |"
	" lean leant | leap leapt | learn learnt | leav left | lend lent | lie lain |"
	" light lit | lose lost loss | make made | mean meant | meet met | pay paid |"
	" ride rode ridden | ring rang rung | rise rose risen | run ran | say said |"
	" see saw seen | seek sought | sell sold | send sent | sew sewn |"
	" shake shook shaken | shine shone | shoot shot | show shown |"
	" shrink shrank shrunk | sing sang sung | sink sank sunk | sit sat | sleep slept |"
	" slide slid | speak spoke spoken | spend spent | spin spun | stand stood |"
	" steal stole stolen | stick stuck | sting stung | strike struck |"
	" swear swore sworn | sweep swept | swim swam swum | swing swung |"
	" take took taken | teach taught | tear tore torn | tell told | think thought |"
	" throw threw thrown | understand understood | wake woke woken | wear wore worn |"
	" weav wove woven | weep wept | win won | wind wound |"
	" withdraw withdrew withdrawn | write wrote written | child children kid |"
	" person peopl | man men | woman women | foot feet | tooth teeth | goos gees |"
	" mous mice | life live | wife wive | leaf leav | half halv | shelf shelv |"
	" knife knive | pictur pic photo photograph photographi | doctor doc | busi biz |"
	" birthday bday | inform info | mother mom mum mommi | father dad daddi |"
	" grandmoth grandma granni | grandfath grandpa | bicycl bike | televis tv |"
	" telephon phone | refriger fridg | veterinarian vet | laboratori lab |"
	" examin exam | advertis ad | applic app | brother bro | sister sis |"
	" mathemat math | univers uni | puppi pup |";

/* The next place of a lexeme in a table of words between spaces, NULL for none. */
static const char *
find_word(const char *table, const char *lexeme, int length)
{
	for (const char *at = table + 1; (at = strchr(at, lexeme[0])) != NULL; at++)
		if (at[-1] == ' ' && strncmp(at, lexeme, length) == 0 && at[length] == ' ')
			return at;
	return NULL;
}

bool
word_frames_questions(const char *lexeme, int length)
{
	return find_word(framing, lexeme, length) != NULL;
}

/* Every word of the group around a place but the word itself. */
static void
take_group(const char *at, int length, void (*take)(const char *, int, void *), void *context)
{
	const char *word = at;

	while (word[-1] != '|')
		word--;
	while (*++word != '|')
	{
		int end = (int)strcspn(word, " ");

		if (word != at)
			take(word, end, context);
		word += end;
	}
}

void
word_forms(const char *lexeme, int length,
		   void (*take)(const char *form, int length, void *context), void *context)
{
	for (const char *at = forms; (at = find_word(at, lexeme, length)) != NULL; at++)
		take_group(at, length, take, context);
}

/* The quotation marks of Unicode's general punctuation end a word; other letters beyond ASCII do
 * not. */
static inline bool
is_letter(const char *at, const char *end)
{
	unsigned char c = (unsigned char)*at;

	if (c == 0xe2 && at + 1 < end && (unsigned char)at[1] == 0x80)
		return false;
	return (unsigned char)((c | 0x20) - 'a') < 26 || (unsigned char)(c - '0') < 10 || c == '_' ||
		   IS_HIGHBIT_SET(c);
}

/* Runs over the words of a text: the next one, NULL at the end. */
static const char *
next_word(const char **at, const char *end, int *length)
{
	const char *word;

	while (*at < end && !is_letter(*at, end))
		*at += (unsigned char)**at == 0xe2 && *at + 2 < end ? 3 : 1;
	word = *at;
	while (*at < end && is_letter(*at, end))
		(*at)++;
	*length = (int)(*at - word);
	return *length > 0 ? word : NULL;
}

static bool
is_one_of(const char *word, int length, const char *const *words)
{
	for (; *words; words++)
		if (strlen(*words) == length && pg_strncasecmp(word, *words, length) == 0)
			return true;
	return false;
}

double
word_person(const char *said, int length)
{
	static const char *const first[] = {"i", "my", "me", "we", "our", NULL};
	static const char *const second[] = {"you", "your", "yours", "u", NULL};
	const char *end = said + length;
	const char *word;
	int mine = 0;
	int yours = 0;

	while ((word = next_word(&said, end, &length)) != NULL)
	{
		if (length > 5 || !strchr("imwoyuIMWOYU", *word)) /* most words, at once */
			continue;
		mine += is_one_of(word, length, first);
		yours += is_one_of(word, length, second);
	}
	return (double)(mine - yours) / (mine + yours + 1);
}

#define BEGINNING_WORDS 2 /* "And when was that?" */

const char *
word_of_question(const char *said, int *length)
{
	static const char *const asking[] = {"when", "where", NULL};
	const char *end = said + strlen(said);
	const char *word;

	for (int i = 0; i < BEGINNING_WORDS && (word = next_word(&said, end, length)) != NULL; i++)
		if (is_one_of(word, *length, asking))
			return word;
	return NULL;
}

#define DATE_WORDS 2 /* a day or year may stand so many words from its month */
#define QUERY_WORDS 1000

typedef struct TextWord
{
	const char *at;
	int length;
} TextWord;

/* A number with or without English's ending (7th), 0 for none. */
static int
number_of(const TextWord *word)
{
	static const char *const endings[] = {"st", "nd", "rd", "th", NULL};
	int digits = 0;
	int number = 0;

	while (digits < word->length && digits < 4 && isdigit((unsigned char)word->at[digits]))
		number = number * 10 + word->at[digits++] - '0';
	return digits == word->length || is_one_of(word->at + digits, word->length - digits, endings)
			   ? number
			   : 0;
}

static bool
is_year(int number)
{
	return number >= 1990 && number <= 2100;
}

/* 1 to 12, by the name or its first three letters; 0 for none. */
static int
month_of(const TextWord *word)
{
	static const char *const months[] = {"january",   "february", "march",    "april",
										 "may",       "june",     "july",     "august",
										 "september", "october",  "november", "december"};

	for (int i = 0; i < lengthof(months); i++)
		if ((word->length == 3 || word->length == strlen(months[i])) &&
			pg_strncasecmp(word->at, months[i], word->length) == 0)
			return i + 1;
	return 0;
}

static List *
add_date(List *dates, int year, int month, int day)
{
	NamedDate *date = palloc(sizeof(NamedDate));

	*date = (NamedDate){.year = year, .month = month, .day = day};
	return lappend(dates, date);
}

/* "may" and "march" are verbs, too: without a number they take a word before that dates have. */
static bool
may_be_verb(const TextWord *words, int i, bool numbered)
{
	static const char *const verbs[] = {"may", "mar", "march", NULL};
	static const char *const before[] = {"in", "of", "during", "since", "by", "until", NULL};

	if (i == 0 && is_one_of(words[i].at, words[i].length, verbs + 0) && words[i].length == 3 &&
		pg_strncasecmp(words[i].at, "may", 3) == 0)
		return true;
	return is_one_of(words[i].at, words[i].length, verbs) && !numbered &&
		   (i == 0 || !is_one_of(words[i - 1].at, words[i - 1].length, before));
}

/* A month, and with it the days and years beside it: each is a date of its own. */
static List *
add_month(List *dates, const TextWord *words, int count, int i)
{
	int month = month_of(&words[i]);
	List *beside = NIL;

	for (int near = Max(0, i - DATE_WORDS); near < count && near <= i + DATE_WORDS; near++)
	{
		int number = number_of(&words[near]);

		if (number >= 1 && number <= 31)
			beside = add_date(beside, 0, month, number);
		else if (is_year(number))
			beside = add_date(beside, number, month, 0);
	}
	if (may_be_verb(words, i, beside != NIL))
		return dates;
	return list_concat(add_date(dates, 0, month, 0), beside);
}

List *
word_dates(const char *said, bool english)
{
	const char *end = said + strlen(said);
	List *dates = NIL;
	TextWord *words = palloc(QUERY_WORDS * sizeof(TextWord));
	int count = 0;

	while (count < QUERY_WORDS &&
		   (words[count].at = next_word(&said, end, &words[count].length)) != NULL)
		count++;
	for (int i = 0; i < count; i++)
		if (english && month_of(&words[i]) != 0)
			dates = add_month(dates, words, count, i);
		else if (is_year(number_of(&words[i])))
			dates = add_date(dates, number_of(&words[i]), 0, 0);
	return dates;
}

#define ASKING_BYTES 40 /* from the end */

/* The marks of a question in Latin, East Asian and Arabic script. */
static const char *const question_marks[] = {"?", "\xef\xbc\x9f", "\xd8\x9f"};

bool
word_ends_asking(const char *said, int length)
{
	for (int i = 0; i < lengthof(question_marks); i++)
	{
		int mark = (int)strlen(question_marks[i]);

		if (length >= mark && memcmp(said + length - mark, question_marks[i], mark) == 0)
			return true;
	}
	return false;
}

bool
word_asks_near_end(const char *said, int length)
{
	for (int end = length; end > 0 && end > length - ASKING_BYTES; end--)
		if (word_ends_asking(said, end))
			return true;
	return false;
}

/* What was said, without the note in square brackets that writers put behind it for an image. */
int
word_length_said(const char *said, int length)
{
	while (length > 0 && isspace((unsigned char)said[length - 1]))
		length--;
	if (length > 0 && said[length - 1] == ']')
		for (int i = length - 1; i > 0; i--)
			if (said[i] == '[')
			{
				length = i;
				break;
			}
	while (length > 0 && isspace((unsigned char)said[length - 1]))
		length--;
	return length;
}

const WordEntry *
word_first(TSVector words, const char *lexeme, int length)
{
	int low = 0;
	int high = words->size;

	while (low < high)
	{
		int middle = (low + high) / 2;
		const WordEntry *entry = ARRPTR(words) + middle;

		if (tsCompareString(STRPTR(words) + entry->pos, entry->len, (char *)lexeme, length, false) <
			0)
			low = middle + 1;
		else
			high = middle;
	}
	return ARRPTR(words) + low;
}

const WordEntry *
word_find(TSVector words, const char *lexeme, int length)
{
	const WordEntry *entry = words ? word_first(words, lexeme, length) : NULL;

	return entry && entry < ARRPTR(words) + words->size && entry->len == length &&
				   memcmp(STRPTR(words) + entry->pos, lexeme, length) == 0
			   ? entry
			   : NULL;
}

#define BEGINNING_LETTERS 5

/* Numbers and addresses that begin alike are no forms of one word. */
int
word_beginning(const char *lexeme, int length, char *beginning)
{
	int letters = 0;
	int bytes = 0;

	for (int i = 0; i < length && bytes < BEGINNING_BYTES; i++)
	{
		bool is_next = ((unsigned char)lexeme[i] & 0xc0) != 0x80; /* of UTF-8 */

		if (lexeme[i] == '-')
			continue;
		if (is_next && letters == BEGINNING_LETTERS)
			return bytes;
		if (!IS_HIGHBIT_SET(lexeme[i]) && !isalpha((unsigned char)lexeme[i]))
			return 0;
		letters += is_next;
		beginning[bytes++] = lexeme[i];
	}
	return letters == BEGINNING_LETTERS ? bytes : 0;
}

int
word_times(TSVector words, const WordEntry *entry)
{
	return Max(1, POSDATALEN(words, entry));
}

static int
compare_places(const void *a, const void *b)
{
	return ((const WordPlace *)a)->position - ((const WordPlace *)b)->position;
}

/* The lexemes of a line of the query as they stand in it. */
WordPlace *
word_places(TSVector words, int *count)
{
	WordPlace *places;
	int room = 1;

	*count = 0;
	for (int i = 0; words && i < words->size; i++)
		room += word_times(words, ARRPTR(words) + i);
	places = palloc(sizeof(WordPlace) * room);
	for (int i = 0; words && i < words->size; i++)
	{
		const WordEntry *entry = ARRPTR(words) + i;

		for (int p = 0; p < POSDATALEN(words, entry); p++)
			places[(*count)++] = (WordPlace){.position = WEP_GETPOS(POSDATAPTR(words, entry)[p]),
											 .lexeme = STRPTR(words) + entry->pos,
											 .length = entry->len};
	}
	qsort(places, *count, sizeof(WordPlace), compare_places);
	return places;
}
