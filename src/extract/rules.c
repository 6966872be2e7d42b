/*
 * extract/rules.c: facts that a sentence says in so many words.
 *
 * This understands nothing. A small closed list of what people say of themselves in English, "I
 * live in", "my dog is called", is looked for at the beginning of a clause; what follows is taken
 * as a name, by its capitals, or as the few words up to where the clause breaks off. Questions are
 * left alone, and so is all that the list does not have. Each rule has the share of its facts that
 * were right in a sample of conversations as its confidence (docs/concepts.md#extraction).
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
	A_PHRASE /* words up to a break */
} Target;

typedef struct Rule
{
	const char *words; /* "|" between those of one place; "#" a relative, "@" an animal, "*" any */
	const char *name;  /* of the relation; "#" the word that stood there */
	const char *says;  /* behind who says it */
	Target target;
	bool many;   /* the source may have several at once */
	bool begins; /* a time in the sentence is when it began */
	bool ends;   /* it is over */
	bool always; /* it has no time */
	int percent; /* of confidence */
} Rule;

static const Rule rules[] = {
	{"my name is", "IS_CALLED", "is called", A_NAME, .always = true, .percent = 90},
	{"i live|reside in", "LIVES_IN", "lives in", A_NAME, .percent = 90},
	{"i am living in", "LIVES_IN", "lives in", A_NAME, .percent = 90},
	{"i moved|relocated to", "LIVES_IN", "lives in", A_NAME, .begins = true, .percent = 90},
	{"i have moved|relocated to", "LIVES_IN", "lives in", A_NAME, .begins = true, .percent = 90},
	{"i no longer live in", "LIVES_IN", "lives in", A_NAME, .ends = true, .percent = 90},
	{"i do not live in", "LIVES_IN", "lives in", A_NAME, .ends = true, .percent = 80},
	{"i was born in", "BORN_IN", "was born in", A_NAME, .always = true, .percent = 90},
	{"i am|come from", "IS_FROM", "is from", A_NAME, .always = true, .percent = 90},
	{"i work at|for", "WORKS_AT", "works at", A_NAME, .percent = 90},
	{"i am working at|for", "WORKS_AT", "works at", A_NAME, .percent = 90},
	{"i started working at|for", "WORKS_AT", "works at", A_NAME, .begins = true, .percent = 90},
	{"i got a job at", "WORKS_AT", "works at", A_NAME, .begins = true, .percent = 90},
	{"i no longer work at|for", "WORKS_AT", "works at", A_NAME, .ends = true, .percent = 90},
	{"i do not work at|for", "WORKS_AT", "works at", A_NAME, .ends = true, .percent = 80},
	{"i work as a|an", "WORKS_AS", "works as", A_PHRASE, .percent = 80},
	{"my # is named|called", "HAS_#", "has a # called", A_NAME, .many = true, .percent = 90},
	{"my # name is", "HAS_#", "has a # called", A_NAME, .many = true, .percent = 90},
	{"my #", "HAS_#", "has a # called", A_NAME, .many = true, .percent = 80},
	{"my @ is named|called", "HAS_@", "has a @ called", A_NAME, .many = true, .percent = 90},
	{"my @ name is", "HAS_@", "has a @ called", A_NAME, .many = true, .percent = 90},
	{"my @", "HAS_@", "has a @ called", A_NAME, .many = true, .percent = 80},
	{"i have|got|adopted a|an @ named|called", "HAS_@", "has a @ called", A_NAME, .many = true,
	 .percent = 90},
	{"i have got|adopted a|an @ named|called", "HAS_@", "has a @ called", A_NAME, .many = true,
	 .percent = 90},
	{"i started a new job as a|an", "WORKS_AS", "works as", A_PHRASE, .begins = true,
	 .percent = 80},
	{"my favorite|favourite|fave * is", "FAVORITE_*", "has as favorite *", A_PHRASE, .percent = 80},
	{"i am a big|huge fan of", "LIKES", "likes", A_PHRASE, .many = true, .percent = 60},
	{"i love|like|enjoy|adore", "LIKES", "likes", A_PHRASE, .many = true, .percent = 60},
	{"i hate|dislike", "DISLIKES", "dislikes", A_PHRASE, .many = true, .percent = 60},
	{"i do not like|enjoy", "DISLIKES", "dislikes", A_PHRASE, .many = true, .percent = 60},
	{"i can not stand", "DISLIKES", "dislikes", A_PHRASE, .many = true, .percent = 60},
	{"i no longer like|enjoy", "LIKES", "likes", A_PHRASE, .many = true, .ends = true,
	 .percent = 60}};

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
/* A phrase ends before these. */
static const char *const breaks[] = {
	"and",     "but",        "because",  "when",  "which",  "that",    "so",  "if",
	"since",   "as",         "who",      "while", "though", "or",      "too", "now",
	"anymore", "especially", "although", "with",  "for",    "through", NULL};
/* And is none when it begins with these, which stand for what was said before, or has those. */
static const char *const pointers[] = {
	"it",     "that",  "this",  "these", "those", "you",    "your",       "him",  "her",   "them",
	"his",    "hers",  "their", "its",   "my",    "our",    "how",        "what", "when",  "where",
	"why",    "to",    "the",   "one",   "some",  "all",    "everything", "both", "being", "having",
	"seeing", "about", "same",  "us",    "me",    "myself", "who",        "if",   NULL};
static const char *const own[] = {"my", "our", "your", "me", "myself", "you", "us", "this", NULL};
/* Where somebody is something, and since when, is no part of what they are. */
static const char *const places[] = {"in", "at", "on", "last", "yesterday", "today", NULL};
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
	int i = from;

	*match = (Match){.rule = rule, .from = from};
	while (*place)
	{
		if (i >= end || (i > from && words->list[i - 1].stop))
			return false;
		if (!word_fits(&words->list[i], place, match))
		{
			if (i == from || !text_is_one_of(words->list[i].key, fillers))
				return false;
			i++;
			continue;
		}
		i++;
		place += strcspn(place, " ");
		place += *place == ' ';
	}
	while (i < end && !words->list[i - 1].stop && text_is_one_of(words->list[i].key, fillers))
		i++;
	match->to = i;
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

static int
end_of_phrase(const Words *words, int from, int end, const char *const *before)
{
	int i = from;

	if (text_is_one_of(words->list[from].key, pointers))
		return from;
	for (; i < end && !text_is_one_of(words->list[i].key, breaks) &&
		   !text_is_one_of(words->list[i].key, before);
		 i++)
		if (i - from >= PHRASE_WORDS || text_is_one_of(words->list[i].key, own))
			return from;
		else if (words->list[i].stop)
			return i + 1;
	return i;
}

/* Text with each # and the like replaced. */
static char *
with_kind(const char *pattern, const char *kind, bool upper)
{
	StringInfoData made;

	initStringInfo(&made);
	for (; *pattern; pattern++)
		if (!strchr("#@*", *pattern))
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

	if (!said->dated || match->rule->always || (match->rule->many && !match->rule->ends))
		return;
	if (!(match->rule->begins || match->rule->ends) ||
		!words_time(words, match->from, end, said->at, &time))
		time = said->at;
	put(fact, match->rule->ends ? "invalid_at" : "valid_at", node_of_time(time));
}

static void
add_fact(JsonItems *facts, const Words *words, const Match *match, int last, int end,
		 const Said *said)
{
	const Rule *rule = match->rule;
	char *speaker = text_or_null(said->speaker);
	const char *kind = match->kind ? match->kind : "";
	const char *from = words->list[match->to].from;
	char *target = pnstrdup(from, words->list[last - 1].to - from);
	JsonItems *fact = items_new(8);

	if (rule->target == A_NAME)
		target = without_owner(target);
	if (speaker)
		put(fact, "source", node_of_text(speaker));
	put(fact, "name", node_of_text(with_kind(rule->name, kind, true)));
	put(fact, "target", node_of_text(target));
	put(fact, "fact",
		node_of_text(psprintf("%s %s %s", speaker ? speaker : "The user",
							  with_kind(rule->says, kind, false), target)));
	add_times(fact, words, match, end, said);
	put(fact, "confidence", node_of_percent(rule->percent));
	if (rule->many && !rule->ends)
		put(fact, "contradicts", node_of_text("none"));
	items_append(facts, NULL, node_of_items(NODE_OBJECT, fact));
}

/* The facts of a sentence, one a clause. */
static void
read_sentence(JsonItems *facts, const Words *words, int from, int end, const Said *said)
{
	for (int i = from; i < end; i++)
	{
		bool begins = i == from || words->list[i - 1].stop == ',' ||
					  text_is_one_of(words->list[i - 1].key, openers);
		Match match;

		for (int r = 0; begins && r < lengthof(rules); r++)
		{
			int last;

			if (!rule_fits(words, i, end, &rules[r], &match))
				continue;
			last = rules[r].target == A_NAME
					   ? end_of_name(words, match.to, end)
					   : end_of_phrase(words, match.to, end, rules[r].many ? none : places);
			if (last == match.to)
				continue;
			add_fact(facts, words, &match, last, end, said);
			break;
		}
	}
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
