/*
 * extract/rules.c: facts that a sentence says in so many words.
 *
 * This understands nothing. A small closed list of what people say of themselves in English, "I
 * live in", "my dog is called", is looked for at the beginning of a clause; what follows is taken
 * as a name, by its capitals, or as the few words up to where the clause breaks off. And who says
 * "my wife" has one. Questions are left alone, what stands in quotation marks, sentences with an if
 * or a perhaps, and all that the list does not have. The confidence of a rule says how much its
 * form leaves open; how often all of them are right was measured (docs/concepts.md#extraction).
 */
#include "extract/rules.h"

#include <ctype.h>

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "json_patch/json_patch.h"

PG_FUNCTION_INFO_V1(threadmem_memory_extract_rules);

#define PHRASE_WORDS 6

typedef enum Target
{
	A_NAME,  /* words with capitals */
	A_DATE,  /* words up to a break, the first with a capital: it is no weekday */
	A_PHRASE /* words up to a break */
} Target;

typedef struct Rule
{
	const char *words; /* "|" between those of one place; "#" a relative, "@" an animal, "*" any;
						">" a last word that is of what follows already */
	const char *name;  /* of the relation; "#" the word that stood there */
	const char *says;  /* behind who says it */
	Target target;
	bool many;   /* the source may have several at once */
	bool begins; /* a time in the sentence is when it began */
	bool ends;   /* it is over */
	bool always; /* it has no time */
	bool event;  /* it has happened, and has the time that is told, if any */
	int percent; /* of confidence */
} Rule;

#define NAMED(words, name, says, ...) \
	{ \
		words, name, says, A_NAME, __VA_ARGS__ \
	}
#define DATED(words, name, says, ...) \
	{ \
		words, name, says, A_DATE, __VA_ARGS__ \
	}
#define PHRASE(words, name, says, ...) \
	{ \
		words, name, says, A_PHRASE, __VA_ARGS__ \
	}
#define HAPPENED(words, name, says) \
	{ \
		"i|we " words, name, says, A_PHRASE, .many = true, .event = true, .percent = 80 \
	}
/* Also with have in between, which is no other fact. */
#define DONE(words, name, says) HAPPENED(words, name, says), HAPPENED("have " words, name, says)
static const Rule rules[] = {
	NAMED("my name is", "IS_CALLED", "is called", .always = true, .percent = 90),
	NAMED("i live|reside in", "LIVES_IN", "lives in", .percent = 90),
	NAMED("i am living in", "LIVES_IN", "lives in", .percent = 90),
	NAMED("i moved|relocated to", "LIVES_IN", "lives in", .begins = true, .percent = 90),
	NAMED("i have moved|relocated to", "LIVES_IN", "lives in", .begins = true, .percent = 90),
	NAMED("i no longer live in", "LIVES_IN", "lives in", .ends = true, .percent = 90),
	NAMED("i do not live in", "LIVES_IN", "lives in", .ends = true, .percent = 80),
	NAMED("i used to live in", "LIVES_IN", "lives in", .ends = true, .percent = 80),
	NAMED("i was born in", "BORN_IN", "was born in", .always = true, .percent = 90),
	DATED("my birthday is on", "BORN_ON", "was born on", .always = true, .percent = 90),
	DATED("my birthday is", "BORN_ON", "was born on", .always = true, .percent = 80),
	DATED("i was born on", "BORN_ON", "was born on", .always = true, .percent = 90),
	NAMED("i am|come from", "IS_FROM", "is from", .always = true, .percent = 90),
	NAMED("i work at|for", "WORKS_AT", "works at", .percent = 90),
	NAMED("i am working at|for", "WORKS_AT", "works at", .percent = 90),
	NAMED("i started working at|for", "WORKS_AT", "works at", .begins = true, .percent = 90),
	NAMED("i got a job at", "WORKS_AT", "works at", .begins = true, .percent = 90),
	NAMED("i no longer work at|for", "WORKS_AT", "works at", .ends = true, .percent = 90),
	NAMED("i do not work at|for", "WORKS_AT", "works at", .ends = true, .percent = 80),
	NAMED("i used to work at|for", "WORKS_AT", "works at", .ends = true, .percent = 80),
	PHRASE("i work as a|an", "WORKS_AS", "works as", .percent = 80),
	PHRASE("i started a new job as a|an", "WORKS_AS", "works as", .begins = true, .percent = 80),
	NAMED("my # is named|called", "HAS_#", "has a # called", .many = true, .percent = 90),
	NAMED("my # name is", "HAS_#", "has a # called", .many = true, .percent = 90),
	NAMED("my #", "HAS_#", "has a # called", .many = true, .percent = 80),
	NAMED("my @ is named|called", "HAS_@", "has a @ called", .many = true, .percent = 90),
	NAMED("my @ name is", "HAS_@", "has a @ called", .many = true, .percent = 90),
	NAMED("my @", "HAS_@", "has a @ called", .many = true, .percent = 80),
	NAMED("i have|got|adopted a|an @ named|called", "HAS_@", "has a @ called", .many = true,
		  .percent = 90),
	NAMED("i have got|adopted a|an @ named|called", "HAS_@", "has a @ called", .many = true,
		  .percent = 90),
	PHRASE("i am allergic to", "ALLERGIC_TO", "is allergic to", .many = true, .percent = 90),
	PHRASE("i have an allergy to", "ALLERGIC_TO", "is allergic to", .many = true, .percent = 90),
	NAMED("i speak", "SPEAKS", "speaks", .many = true, .percent = 80),
	PHRASE("i am learning|studying", "LEARNS", "is learning", .many = true, .percent = 80),
	PHRASE("i play", "PLAYS", "plays", .many = true, .percent = 80),
	PHRASE("my favorite|favourite|fave * is", "FAVORITE_*", "has as favorite *", .percent = 80),
	PHRASE("i am a big|huge fan of", "LIKES", "likes", .many = true, .percent = 80),
	PHRASE("i am a fan of", "LIKES", "likes", .many = true, .percent = 80),
	PHRASE("i am passionate about", "LIKES", "likes", .many = true, .percent = 80),
	PHRASE("i am into", "LIKES", "likes", .many = true, .percent = 80),
	PHRASE("i love|like|enjoy|adore", "LIKES", "likes", .many = true, .percent = 80),
	PHRASE("i do love|like|enjoy|adore", "LIKES", "likes", .many = true, .percent = 80),
	PHRASE("i have always loved|liked|enjoyed", "LIKES", "likes", .many = true, .percent = 80),
	PHRASE("i love|like to", "LIKES", "likes to", .many = true, .percent = 80),
	PHRASE("i hate|dislike", "DISLIKES", "dislikes", .many = true, .percent = 80),
	PHRASE("i do not like|enjoy", "DISLIKES", "dislikes", .many = true, .percent = 80),
	PHRASE("i can not stand", "DISLIKES", "dislikes", .many = true, .percent = 80),
	PHRASE("i no longer like|enjoy", "LIKES", "likes", .many = true, .ends = true, .percent = 80),
	DONE("visited", "VISITED", "visited"),
	HAPPENED("went to", "VISITED", "went to"),
	HAPPENED("have been to", "VISITED", "has been to"),
	DONE("attended", "ATTENDED", "attended"),
	DONE("joined", "JOINED", "joined"),
	DONE("signed up for", "JOINED", "signed up for"),
	DONE("enrolled in", "JOINED", "enrolled in"),
	DONE("volunteered at", "VOLUNTEERED_AT", "volunteered at"),
	DONE("participated|competed in", "TOOK_PART_IN", "took part in"),
	HAPPENED("took part in", "TOOK_PART_IN", "took part in"),
	DONE("bought|purchased|ordered", "BOUGHT", "bought"),
	DONE("adopted", "ADOPTED", "adopted"),
	DONE("launched|started my", "STARTED", "started their"),
	DONE("opened my", "OPENED", "opened their"),
	DONE("finished|completed my", "FINISHED", "finished their"),
	DONE("lost my", "LOST", "lost their"),
	DONE("quit my", "QUIT", "quit their"),
	DONE("launched", "STARTED", "started"),
	DONE("opened", "OPENED", "opened"),
	DONE("started", "STARTED", "started"),
	HAPPENED("began", "STARTED", "started"),
	DONE("finished|completed", "FINISHED", "finished"),
	DONE("painted|drew|wrote|built|baked|cooked|designed|created|made", "MADE", "made"),
	DONE("tried", "TRIED", "tried"),
	DONE("found >a|an", "FOUND", "found"),
	DONE("passed", "PASSED", "passed"),
	DONE("won", "WON", "won"),
	DONE("watched", "WATCHED", "watched"),
	DONE("explored", "EXPLORED", "explored"),
	DONE("learned|learnt about", "LEARNED_ABOUT", "learned about"),
	DONE("celebrated", "CELEBRATED", "celebrated"),
	DONE("hosted|organized", "HOSTED", "hosted"),
	DONE("applied to|for", "APPLIED_TO", "applied to"),
	DONE("set up >a|an", "SET_UP", "set up"),
	HAPPENED("had >a|an", "HAD", "had"),
	HAPPENED("got >a|an", "GOT", "got"),
	HAPPENED("took >a|an", "TOOK", "took"),
	HAPPENED("took up", "STARTED", "started"),
	HAPPENED("ran >a|an", "RAN", "ran"),
	HAPPENED("have got >a|an", "HAS", "has"),
	DONE("met", "MET", "met")};

static const char *const relatives[] = {
	"wife",        "husband",  "partner", "girlfriend", "boyfriend", "fiance",    "mother",
	"mom",         "mum",      "father",  "dad",        "sister",    "brother",   "son",
	"daughter",    "cousin",   "aunt",    "uncle",      "niece",     "nephew",    "grandmother",
	"grandfather", "grandma",  "grandpa", "friend",     "boss",      "colleague", "neighbor",
	"neighbour",   "roommate", NULL};
static const char *const animals[] = {"dog",    "cat",     "puppy",  "kitten", "horse", "rabbit",
									  "parrot", "hamster", "turtle", "pet",    NULL};
/* Said in between, and change nothing. */
static const char *const fillers[] = {"just",     "really",    "also",       "still",      "now",
									  "actually", "currently", "recently",   "absolutely", "always",
									  "finally",  "mostly",    "definitely", "totally",    NULL};
/* A clause may begin behind these. */
static const char *const openers[] = {"and", "but", "so", "because", "well", "yes", "yeah", "oh",
									  "hi",  "hey", "no", "since",   "wow",  "now", "also", NULL};
/* Behind a time as well: last Friday I went. */
static const char *const whens[] = {
	"yesterday", "today", "last",   "this",    "on",        "the",      "other",  "a",
	"few",       "two",   "three",  "couple",  "of",        "day",      "days",   "night",
	"week",      "weeks", "month",  "months",  "weekend",   "year",     "years",  "ago",
	"morning",   "in",    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
	"sunday",    "fri",   "sat",    "sun",     NULL};
/* A sentence with one of these is not what was so, or not what the speaker says. */
static const char *const doubts[] = {
	"if",   "unless",  "imagine", "suppose", "pretend", "said",   "kidding",  "joking", "maybe",
	"wish", "perhaps", "whether", "wished",  "never",   "almost", "supposed", NULL};
/* A phrase ends before these. */
static const char *const breaks[] = {
	"and",     "but",        "because",  "when",   "which",   "that",     "so",    "if",
	"since",   "as",         "who",      "while",  "though",  "or",       "too",   "now",
	"anymore", "especially", "although", "with",   "for",     "through",  "where", "even",
	"cause",   "'cause",     "much",     "lately", "without", "together", NULL};
/* And is none when it begins with these, which stand for what was said before, or has those. */
static const char *const pointers[] = {
	"it",    "that", "this",  "these", "those",  "you",    "your",       "him",  "her",     "them",
	"his",   "hers", "their", "its",   "my",     "our",    "how",        "what", "when",    "where",
	"why",   "to",   "the",   "one",   "some",   "all",    "everything", "both", "about",   "same",
	"us",    "me",   "who",   "if",    "myself", "there",  "every",      "each", "another", "hear",
	"think", "say",  "know",  "be",    "more",   "sure",   "up",         "out",  "off",     "over",
	"back",  "many", "most",  "such",  "any",    "anyone", "someone",    "lots", "tons",    "by",
	"from",  "in",   "on",    "at",    "off",    "with",   "for",        NULL};
static const char *const own[] = {
	"my",  "our", "your",  "me",   "myself", "you", "us", "this",  "it",    "them",      "him",
	"her", "his", "their", "they", "these",  "i",   "we", "those", "there", "ourselves", NULL};
/* Of what has happened it may be the one that both know; no part of its name. */
static const char *const articles[] = {"a", "an", "the", "some", "another", "this", "these", NULL};
/* No end of a phrase. */
static const char *const dangling[] = {
	"a",      "an",   "the", "of",  "to",  "is",  "was", "are", "were", "more",  "some", "very",
	"really", "just", "and", "not", "lot", "bit", "few", "new", "good", "great", "for",  NULL};
/* As the end of a phrase they say nothing, or what is no event: had a good time. */
static const char *const vague[] = {
	"thing", "things",   "stuff",      "something", "one",     "ones",    "way",     "ways",
	"time",  "times",    "blast",      "ball",      "chance",  "feeling", "problem", "question",
	"idea",  "look",     "day",        "week",      "weekend", "step",    "steps",   "break",
	"bunch", "surprise", "difference", "sense",     "point",   "effort",  "ton",     "fun",
	"hard",  "first",    "early",      NULL};
/* Where somebody is something, and since when, is no part of what they are; nor of what happened.
 */
static const char *const places[] = {"in", "at", "on", "last", "yesterday", "today", NULL};
static const char *const edges[] = {
	"in",   "at",    "on",      "last",   "yesterday", "today", "one",   "recently", "during",
	"from", "after", "before",  "over",   "to",        "by",    "about", "until",    "tonight",
	"next", "near",  "around",  "again",  "the",       "he",    "she",   "called",   "named",
	"is",   "was",   "are",     "were",   "has",       "had",   "will",  "two",      "three",
	"few",  "into",  "outside", "myself", "other",     "using", "after", NULL};
/* Whom one has, when one says my before them, and what one of them is. */
static const char *const kin[][2] = {{"wife", "wife"},
									 {"husband", "husband"},
									 {"partner", "partner"},
									 {"girlfriend", "girlfriend"},
									 {"boyfriend", "boyfriend"},
									 {"fiance", "fiance"},
									 {"kids", "child"},
									 {"children", "child"},
									 {"son", "son"},
									 {"sons", "son"},
									 {"daughter", "daughter"},
									 {"daughters", "daughter"},
									 {"sister", "sister"},
									 {"sisters", "sister"},
									 {"brother", "brother"},
									 {"brothers", "brother"},
									 {"dog", "dog"},
									 {"dogs", "dog"},
									 {"pup", "dog"},
									 {"pups", "dog"},
									 {"cat", "cat"},
									 {"cats", "cat"}};
/* Before others the word may be part of one that means something else, my dog food. */
static const char *const behind_kin[] = {"and", "is",   "are", "has",   "have", "will",  "who",
										 "go",  "goes", "got", "loves", "to",   "love",  "with",
										 "at",  "in",   "on",  "for",   "too",  "like",  "likes",
										 "or",  "so",   "can", "gets",  "made", "being", NULL};
/* Who is meant may be no more, or not yet, where the sentence has one of these. */
static const char *const gone[] = {"ex",   "died", "passed", "late", "childhood", "former",
								   "used", "miss", "dream",  "lost", "future",    "wait",
								   "law",  "kid",  "young",  "if",   NULL};
static const char *const prepositions[] = {"for",  "about", "in",  "into", "on", "around",
										   "with", "at",    "to",  "of",   "up", "out",
										   "more", "over",  "off", "from", NULL};
static const char *const none[] = {NULL};
/* Small words in names, as in Bank of the West. */
static const char *const inner[] = {"of", "the", "de", "la", "du", "del", "von", "van", NULL};
/* Capitals that begin no name. */
static const char *const no_names[] = {"i",      "monday",   "tuesday", "wednesday", "thursday",
									   "friday", "saturday", "sunday",  NULL};

/* A rule that has been found: the words that it begins and ends before, and the one of its list. */
typedef struct Match
{
	const Rule *rule;
	int from;
	int to;
	const char *kind;
} Match;

static bool
is_of(const char *key, const char *alternatives)
{
	size_t length = strlen(key);

	for (const char *at = alternatives; *at && *at != ' '; at += strcspn(at, "| "))
	{
		at += *at == '|';
		if (strncmp(at, key, length) == 0 && strchr("| ", at[length]))
			return true;
	}
	return false;
}

/* The word without the s of its owner: sister's name. */
static char *
without_owner(const char *key)
{
	size_t length = strlen(key);

	return pnstrdup(key, length > 2 && strcmp(key + length - 2, "'s") == 0 ? length - 2 : length);
}

static bool
word_fits(const Word *word, const char *place, Match *match)
{
	const char *const *list = *place == '#' ? relatives : *place == '@' ? animals : NULL;
	char *key;

	if (*place == '*')
		match->kind = word->key;
	if (list == NULL)
		return *place == '*' || is_of(word->key, place);
	key = without_owner(word->key);
	if (!text_is_one_of(key, list))
		return false;
	match->kind = key;
	return true;
}

/* Whether the words from one on are those of the rule. */
static bool
rule_fits(const Words *words, int from, int end, const Rule *rule, Match *match)
{
	const char *place = rule->words;
	int kept = 0;
	int i = from;

	*match = (Match){.rule = rule, .from = from};
	while (*place)
	{
		bool keeps = *place == '>';

		if (i >= end || (i > from && words->list[i - 1].stop))
			return false;
		if (!word_fits(&words->list[i], place + keeps, match))
		{
			if (i == from || !text_is_one_of(words->list[i].key, fillers))
				return false;
			i++;
			continue;
		}
		if (keeps)
			kept = i;
		i++;
		place += strcspn(place, " ");
		place += *place == ' ';
	}
	while (i < end && !words->list[i - 1].stop && text_is_one_of(words->list[i].key, fillers))
		i++;
	match->to = kept ? kept : i;
	return i < end && words->list[i - 1].stop == '\0';
}

static bool
has_capital(const Word *word)
{
	return isupper((unsigned char)*word->from) && !text_is_one_of(word->key, no_names) &&
		   strncmp(word->key, "i'", 2) != 0;
}

/* Behind the last word of a name; from when there is none. */
static int
end_of_name(const Words *words, int from, int end)
{
	int last = from;

	for (int i = from; i < end; i++)
	{
		if (has_capital(&words->list[i]))
			last = i + 1;
		else if (i == from || !text_is_one_of(words->list[i].key, inner))
			break;
		if (words->list[i].stop)
			break;
	}
	return last;
}

/* A gerund that goes on behind the phrase, caring for, or an adjective, a safe, warm place. */
static bool
is_cut(const Words *words, int last, int end)
{
	const Word *word = &words->list[last - 1];
	const char *gerund = strstr(word->key, "ing");

	if (gerund && strcmp(gerund, "ing") == 0 && !word->stop && last < end &&
		text_is_one_of(words->list[last].key, prepositions))
		return true;
	return word->stop == ',' && text_is_one_of(word[-1].key, articles);
}

/* Behind the last word of a phrase; from when there is none. */
static int
end_of_phrase(const Words *words, int from, int end, const Rule *rule)
{
	const char *const *before = rule->event ? edges : rule->many ? none : places;
	int last;

	if (text_is_one_of(words->list[from].key, pointers) ||
		(rule->target == A_DATE && !has_capital(&words->list[from])))
		return from;
	for (last = from; last < end && !text_is_one_of(words->list[last].key, breaks) &&
					  !text_is_one_of(words->list[last].key, before);
		 last++)
		if (last - from >= PHRASE_WORDS || text_is_one_of(words->list[last].key, own))
			return from;
		else if (words->list[last].stop)
		{
			last++;
			break;
		}
	while (last > from && text_is_one_of(words->list[last - 1].key, dangling))
		last--;
	if (last == from || text_is_one_of(words->list[last - 1].key, vague) ||
		is_cut(words, last, end))
		return from;
	return last;
}

/* Text with each # and the like replaced. */
static char *
with_kind(const char *pattern, const char *kind, bool upper)
{
	StringInfoData made;

	initStringInfo(&made);
	for (; *pattern; pattern++)
		if (kind == NULL || !strchr("#@*", *pattern))
			appendStringInfoChar(&made, *pattern);
		else
			for (const char *at = kind; *at; at++)
				appendStringInfoChar(&made, upper ? pg_toupper((unsigned char)*at) : *at);
	return made.data;
}

static JsonNode
node_of_time(TimestampTz time)
{
	struct pg_tm tm;
	fsec_t microseconds;
	char written[MAXDATELEN + 1];

	if (timestamp2tm(time, NULL, &tm, &microseconds, NULL, NULL) != 0)
		return node_of_text("");
	EncodeDateTime(&tm, microseconds, false, 0, NULL, USE_ISO_DATES, written);
	return node_of_text(psprintf("%sZ", written));
}

static JsonNode
node_of_percent(int percent)
{
	JsonbValue *value = palloc(sizeof(JsonbValue));

	value->type = jbvNumeric;
	value->val.numeric = int64_div_fast_to_numeric(percent, 2);
	return node_of_value(value);
}

static void
put(JsonItems *object, const char *key, JsonNode value)
{
	items_put(object, key, (int)strlen(key), value);
}

/* What a sentence is about: who says it, and when. */
typedef struct Said
{
	NullableDatum speaker;
	bool dated;
	TimestampTz at;
} Said;

static void
add_times(JsonItems *fact, const Words *words, const Match *match, int end, const Said *said)
{
	TimestampTz time;

	const Rule *rule = match->rule;
	bool tells = rule->begins || rule->ends || rule->event;

	if (!said->dated || rule->always || (rule->many && !rule->ends && !rule->event))
		return;
	if (!tells || !words_time(words, match->from, end, said->at, &time))
	{
		if (rule->event)
			return;
		time = said->at;
	}
	put(fact, rule->ends ? "invalid_at" : "valid_at", node_of_time(time));
}

/* Its sentence is the speaker's name, what the rule says, and words. */
static void
add_fact(JsonItems *facts, const Words *words, const Match *match, int end, const Said *said,
		 const char *predicate, const char *target)
{
	const Rule *rule = match->rule;
	char *speaker = text_or_null(said->speaker);
	JsonItems *fact = items_new(8);

	if (speaker)
		put(fact, "source", node_of_text(speaker));
	put(fact, "name", node_of_text(with_kind(rule->name, match->kind, true)));
	put(fact, "target", node_of_text(target));
	put(fact, "fact", node_of_text(psprintf("%s %s", speaker ? speaker : "The user", predicate)));
	add_times(fact, words, match, end, said);
	put(fact, "confidence", node_of_percent(rule->percent));
	if (rule->many && !rule->ends)
		put(fact, "contradicts", node_of_text("none"));
	items_append(facts, NULL, node_of_items(NODE_OBJECT, fact));
}

/* What follows takes it back: I love tea no more. */
static bool
is_over(const Words *words, int from, int end)
{
	for (int i = from; i < end && !words->list[i - 1].stop; i++)
		if (strcmp(words->list[i].key, "anymore") == 0 ||
			(strcmp(words->list[i].key, "more") == 0 &&
			 (strcmp(words->list[i - 1].key, "any") == 0 ||
			  strcmp(words->list[i - 1].key, "no") == 0)))
			return true;
	return false;
}

/* Where the clause of a word begins: at a break, a small word, or a time; -1 within one. */
static int
clause_at(const Words *words, int i, int from)
{
	int first = i;
	int whole;

	while (first > from && words->list[first - 1].stop == '\0' &&
		   text_is_one_of(words->list[first - 1].key, whens))
		first--;
	if (first > from && words->list[first - 1].stop == '\0' &&
		!text_is_one_of(words->list[first - 1].key, openers))
		return -1;
	for (whole = first; whole > from; whole--) /* Last week, I */
		if (!text_is_one_of(words->list[whole - 1].key, whens) &&
			!text_is_one_of(words->list[whole - 1].key, openers))
			return first;
	return from;
}

static bool
has_one_of(const Words *words, int from, int end, const char *const *list)
{
	for (int i = from; i < end; i++)
		if (text_is_one_of(words->list[i].key, list))
			return true;
	return false;
}

static char *
written(const Words *words, int from, int last)
{
	const char *at = words->list[from].from;

	return pnstrdup(at, words->list[last - 1].to - at);
}

/* The fact of a clause, by the first rule that it has one by. */
static bool
read_clause(JsonItems *facts, const Words *words, int i, int from, int end, const Said *said)
{
	int begin = clause_at(words, i, from);

	for (int r = 0; begin >= 0 && r < lengthof(rules); r++)
	{
		const Rule *rule = &rules[r];
		bool named = rule->target == A_NAME;
		char *target;
		Match match;
		int first;
		int last;

		if (!rule_fits(words, i, end, rule, &match))
			continue;
		for (first = match.to; rule->event && first < end - 1 && !words->list[first].stop &&
							   text_is_one_of(words->list[first].key, articles);)
			first++;
		last = named ? end_of_name(words, first, end) : end_of_phrase(words, first, end, rule);
		if (last == first || (!rule->ends && is_over(words, last, end)))
			continue;
		match.from = begin;
		target = written(words, match.to, last);
		add_fact(facts, words, &match, end, said,
				 psprintf("%s %s", with_kind(rule->says, match.kind, false),
						  named ? without_owner(target) : target),
				 named ? without_owner(target) : written(words, first, last));
		return true;
	}
	return false;
}

/* Who says "my sister" has one. */
static void
read_mine(JsonItems *facts, const Words *words, int i, int from, int end, const Said *said)
{
	static const Rule has = {.name = "HAS_#", .says = "has", .many = true, .percent = 80};
	const Word *word = i + 1 < end ? &words->list[i + 1] : NULL;
	Match match = {.rule = &has, .from = i};
	char *key;

	if (word == NULL || strcmp(words->list[i].key, "my") != 0 || words->list[i].stop ||
		has_one_of(words, from, end, gone))
		return;
	key = without_owner(word->key);
	if (strcmp(key, word->key) == 0 && !word->stop && i + 2 < end &&
		!text_is_one_of(words->list[i + 2].key, behind_kin))
		return;
	for (int k = 0; k < lengthof(kin); k++)
		if (strcmp(kin[k][0], key) == 0)
		{
			bool many = strcmp(kin[k][0], kin[k][1]) != 0 && key[strlen(key) - 1] != 'p';

			match.kind = kin[k][1];
			add_fact(facts, words, &match, end, said, psprintf("has %s%s", many ? "" : "a ", key),
					 key);
		}
}

/* The facts of a sentence, one a clause. */
static void
read_sentence(JsonItems *facts, const Words *words, int from, int end, const Said *said)
{
	if (has_one_of(words, from, end, doubts))
		return;
	for (int i = from; i < end; i++)
		if (!words->list[i].quoted && !read_clause(facts, words, i, from, end, said))
			read_mine(facts, words, i, from, end, said);
}

static void
read_sentences(JsonItems *facts, const Words *words, const Said *said)
{
	int from = 0;

	for (int i = 0; i < words->count; i++)
	{
		char stop = words->list[i].stop;

		CHECK_FOR_INTERRUPTS();
		if (stop != '.' && stop != '?')
			continue;
		if (stop == '.')
			read_sentence(facts, words, from, i + 1, said);
		from = i + 1;
	}
}

enum
{
	RULES_CONTENT,
	RULES_EVENT_AT,
	RULES_SPEAKER,
	RULES_ROLE
};

/* Touches no table: what it gives is what a model would answer. */
Datum
threadmem_memory_extract_rules(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	char *role = text_or_null(args[RULES_ROLE]);
	JsonItems *facts;
	JsonItems *document;
	JsonNode root;
	Said said;
	Words words;
	Call call;

	query_begin(&call, fcinfo);
	facts = items_new(4);
	document = items_new(1);
	said = (Said){.speaker = args[RULES_SPEAKER],
				  .dated = !args[RULES_EVENT_AT].isnull,
				  .at = DatumGetTimestampTz(args[RULES_EVENT_AT].value)};
	if (role == NULL || strcmp(role, "user") == 0)
	{
		words = words_of(text_or_null(args[RULES_CONTENT]));
		read_sentences(facts, &words, &said);
	}
	put(document, "facts", node_of_items(NODE_ARRAY, facts));
	root = node_of_items(NODE_OBJECT, document);
	return query_jsonb(&call, node_write(&root));
}
