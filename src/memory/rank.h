/*
 * memory/rank.h: the ranking of what is remembered, for the file that reads the rows.
 */
#ifndef MEMORY_RANK_H
#define MEMORY_RANK_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "nodes/pg_list.h"
#include "pgtime.h"
#include "tsearch/ts_type.h"

/* How far from a line that has a word its neighbours get credit. */
#define REACH 2

/* Something said (or added): rank_lines() takes them ordered by thread, then by place. */
typedef struct RankLine
{
	TSVector words;   /* what rank_words() keeps of its lexemes, NULL for none */
	int length;       /* how many it has */
	int thread;       /* number of its thread, from 0 without gaps */
	int64 place;      /* in its thread */
	int speaker;      /* number of its speaker, -1 for none */
	bool answers;     /* false: only lends its neighbours what it says */
	bool sampled;     /* read whatever it says; the others were looked for by a word */
	const char *text; /* while it is looked at */
	int text_length;
	void *row; /* the caller's */
	TimestampTz event_at;
	bool compared; /* it has an embedding, which stands so many deviations from what the query's is
					  to all */
	double z;
	double score; /* set by rank_lines(): 0 for what has nothing to do with the query */
} RankLine;

/* One line of a query: its text and that text's lexemes. */
typedef struct RankQueryLine
{
	const char *text;
	TSVector words;
} RankQueryLine;

typedef struct RankQuery
{
	RankQueryLine *lines; /* the newest last */
	int line_count;
	TSVector *speakers; /* lexemes of the speakers' names */
	int speaker_count;
	/* What it takes is freed behind it; false: the text is too much to be looked at. */
	bool (*read_text)(void *reader, RankLine *line);
	void *reader;
	bool english; /* whether the word tables hold */
	pg_tz *zone;  /* the user's, where it has dates */
	/* Of a user whose lines were not all read, about how many there are, and threads; else 0. */
	double known;
	double known_threads;
	bool found; /* of those not read, none has a word of the query or stands beside one that has */
	bool is_near; /* lines have embeddings that were compared with the query's */
	double alike; /* how surely those of lines said together are alike: deviations from chance */
} RankQuery;

/* What the query looks for, whoever speaks; the query has to stay. */
struct RankTerms;
extern struct RankTerms *rank_terms(const RankQuery *query);
/*
 * What of a search vector that is, NULL for nothing: of a long text a small part, so that the rest
 * need not be kept until all are read.
 */
extern TSVector rank_words(const struct RankTerms *terms, TSVector words);

/* Whether there is anything in the query to look for. */
extern bool rank_has_words(const RankQuery *query);

/* Whether it names a day, a month or a year. */
extern bool rank_has_dates(const RankQuery *query);

/* Whether embeddings count, where any word counts. */
extern bool rank_trusts_near(const RankQuery *query);

/* Scores every line. */
extern void rank_lines(const RankQuery *query, RankLine *lines, int count);

/*
 * What scores are multiplied with to compare with those of another collection, by how many lines
 * this one has: one line's own word weighs as much in a small one as in a large one.
 */
extern double rank_level(double known);

/*
 * All words of the query, a List of char *, and at least what share of the lines has each, in sum.
 * NIL where they are too many to be looked for, or not all: a date is none.
 */
extern List *rank_all_words(const RankQuery *query, RankLine *lines, int count, double *share);

/* Beginnings of words of the query that no line has, for the words that begin like them. */
extern List *rank_beginnings(const RankQuery *query, RankLine *lines, int count);

/* Words of the query that are of the speakers' names, a List of char *. */
extern List *rank_named_words(const RankQuery *query);

/* The words of the query that more than one share of the lines has and at most the other: a List of
 * char *. */
extern List *rank_rare_words(const RankQuery *query, RankLine *lines, int count, double above,
							 double most);

/* A lexeme in a search vector, NULL when it is not there. */
extern const WordEntry *word_find(TSVector words, const char *lexeme, int length);
/* The first that does not stand before a lexeme; behind the last for none. */
extern const WordEntry *word_first(TSVector words, const char *lexeme, int length);
/* How often it occurs. */
extern int word_times(TSVector words, const WordEntry *entry);

/*
 * The first five letters of a lexeme, hyphens left out; how many bytes, 0 where it has fewer. It
 * has BEGINNING_BYTES of room.
 */
#define BEGINNING_BYTES 32
extern int word_beginning(const char *lexeme, int length, char *beginning);

/* An occurrence of a lexeme in a text. */
typedef struct WordPlace
{
	int position;
	const char *lexeme;
	int length;
} WordPlace;

/* The lexemes of a text as they stand in it. */
extern WordPlace *word_places(TSVector words, int *count);

/* Whether a text asks at its very end. */
extern bool word_ends_asking(const char *said, int length);
/* The same near its end, so that the next message answers. */
extern bool word_asks_near_end(const char *said, int length);
/* The length of a text without the note in square brackets that stands for an image. */
extern int word_length_said(const char *said, int length);

/* English: what the stemmer does not know (memory/words.c). */
extern bool word_frames_questions(const char *lexeme, int length);

/* Calls take with each other form of the lexeme. */
extern void word_forms(const char *lexeme, int length,
					   void (*take)(const char *form, int length, void *context), void *context);

/* "when" or "where" where a question begins with it, NULL for none. */
extern const char *word_of_question(const char *said, int *length);

#define WORD_KINDS_MAX 160
#define WORD_MEMBERS_MAX 40

/* Calls take with each member of the kind that a word names (memory/words_kinds.c); false: none. */
extern bool word_members(const char *lexeme, int length,
						 void (*take)(const char *member, int length, void *context),
						 void *context);

/* (I - you) / (I + you + 1): facts are told in the first person, reactions in the second. */
extern double word_person(const char *said, int length);

/* A date that a text names; what it leaves open is 0. */
typedef struct NamedDate
{
	int year;
	int month;
	int day;
} NamedDate;

/* Of NamedDate; months by name in English only. */
extern List *word_dates(const char *said, bool english);

#endif
