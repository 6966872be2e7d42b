/*
 * memory/read.h: rows of what is remembered, and the episodes made of them, for this room.
 */
#ifndef MEMORY_READ_H
#define MEMORY_READ_H

#include "memory/memory.h"
#include "memory/filter.h"
#include "memory/rank.h"

/* The columns of both kinds of rows. */
enum
{
	THREAD_ID,
	SEQ,
	SEARCH,
	ANSWERS,
	SPEAKER,
	SENDER_ID,
	ROLE,
	EVENT_AT,
	CREATED_AT,
	CONTENT,
	BODY,
	MESSAGE_ID,
	EPISODE_ID,
	METADATA,
	SOURCE,
	EMBEDDING,         /* where a statement gives one more */
	APART = EMBEDDING, /* or, of what was found, how many places it is from that */
	COLUMNS,
	NAMED = SEARCH /* of an embedding instead: whether its text has a name of the query */
};

/* Of a message as it is remembered: whether it is. */
#define MESSAGE_ROW(in_memory) \
	"m.thread_id, m.seq, m.search, " in_memory \
	", coalesce(m.name, m.sender_id), m.sender_id, m.role," \
	" m.event_at, m.created_at, NULL::text, m.body, m.message_id, NULL::text, m.metadata," \
	" 'message'::text"
#define EPISODE_ROW \
	"e.thread_id, e.seq, e.search, true, coalesce(e.name, e.sender_id), e.sender_id, e.role," \
	" e.event_at, e.created_at, e.content, NULL::jsonb, e.message_id, e.episode_id, e.metadata," \
	" e.source"

/* A row, and the line that is ranked in its stead. */
typedef struct Remembered
{
	Datum values[COLUMNS];
	bool nulls[COLUMNS];
	RankLine *line;
	TSVector words; /* what the query has of its search vector, NULL for nothing */
	int length;     /* lexemes of that */
	double z;       /* of its embedding, see RankLine */
	bool sampled;   /* one of the newest, read whatever it says */
} Remembered;

typedef struct MemoryReading
{
	Call *call;
	const MemoryQuery *query;
	MemoryFilters filters;
	Remembered *items;
	int count;
	int room;
	List *speakers;      /* of Datum: text */
	NullableDatum end;   /* timestamptz: nothing said later is asked for */
	NullableDatum until; /* nor read, of the newest that are read next */
	bool more;           /* the user has said more than was read */
	bool cut;            /* by the budget */
	Size newest;         /* bytes of search vectors of the newest that may still be read */
	Size older;          /* of older ones */
	Size texts;          /* and of texts */
} MemoryReading;

/* Reads the filters (22023), and no row yet. */
extern void reading_begin(MemoryReading *reading, Call *call, const MemoryQuery *query);

/* The query as it is ranked, but for its zone; and the user's zone, else UTC. */
extern void reading_query(RankQuery *rank, const MemoryQuery *query);
extern pg_tz *reading_zone(Call *call, NullableDatum user_id);

/* Takes the rows of the last statement but those that are the query itself. */
extern void reading_take(MemoryReading *reading, uint64 count, bool sampled);

/* The newest before those that were read; none over the budget where they are ranked. */
#define READ_ROWS 5000
extern void reading_newest(MemoryReading *reading, int rows, bool ranked);

/* What was added, or is of threads that are gone: it has no index of words. */
extern void reading_added(MemoryReading *reading);

/*
 * The newest that are not newer than until and have one of these words (a List of char *), with so
 * many messages before each and REACH after; whether the budget did.
 */
extern bool reading_found(MemoryReading *reading, List *words, NullableDatum until, int rows,
						  int before);

/* Those that have a word which begins so, and what stands around them; whether the budget did. */
extern bool reading_alike(MemoryReading *reading, List *beginnings, int rows, int before);

/* So do these messages (text[] and int8[] of thread_id and seq). */
extern void reading_beside(MemoryReading *reading, NullableDatum thread_ids, NullableDatum seqs);

/* Any of the words, as they stand in search vectors, or of those that begin so: a tsquery. */
extern NullableDatum reading_any_of(List *words, bool begin);

/* What the query has of the search vectors of all rows from one on, each of which is read from
 * where it is stored once. */
extern void reading_words(MemoryReading *reading, const struct RankTerms *terms, int from);

/* By thread, then by place (memory/place.c), each row once. */
extern void reading_sort(MemoryReading *reading);
extern int reading_compare_threads(const Remembered *a, const Remembered *b);
extern int reading_compare_places(const void *a, const void *b);
extern int reading_compare_texts(Datum a, Datum b);

/* Whether the budget has room for its text, which is taken of it. */
extern bool reading_affords_text(MemoryReading *reading, const Remembered *item);

/* The words of a row, the first of many; NULL for none. Where no role is asked for those that were
 * said: an output of a tool is kept back, whoever's message has it. */
extern text *reading_text(const MemoryReading *reading, const Remembered *item);

/* Whether the filters, and the writer, let it be an answer. */
extern bool reading_may_give(const MemoryReading *reading, const Remembered *item);

/* For qsort: newest first; of one time the later arrival, then the later place. */
extern int reading_compare_newest(const void *a, const void *b);

/*
 * Embeddings (memory/vector.c): what the user's are to the query's, each by its z. They are rows
 * without what is not needed for that.
 */
typedef struct MemoryVectors
{
	MemoryReading rows; /* by place */
	double alike;       /* RankQuery.alike */
} MemoryVectors;

/*
 * Reads the newest that have room in the budget; names are words of the query (a List of char *)
 * that tell who, not what. Of other dimensions than the query's: 22023.
 */
extern void vectors_read(MemoryVectors *vectors, Call *call, const MemoryQuery *query, List *names);

/* Gives each line its embedding's. */
extern void vectors_place(MemoryVectors *vectors, MemoryReading *reading);

/* Reads so many of the nearest that have no line yet. */
extern void vectors_add(MemoryVectors *vectors, MemoryReading *reading, int rows);

/*
 * The first max_rows (of Episode) of the items, in their order, that may be given; each once,
 * without those that are too long.
 */
extern List *reading_first(MemoryReading *reading);

/* Gives those that have a sender and no name the name of the user, where the session sees one. */
extern void reading_name_speakers(Call *call, List *episodes);

#endif
