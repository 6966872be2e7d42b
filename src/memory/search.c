/*
 * memory/search.c: how much of what a user said is read for a query, and that in the order of its
 * score.
 *
 * SAMPLE_ROWS of the newest are all there is of many users. Of the others they are a sample: who
 * speaks, how long a message is, and how common each word of the query is. Then there are two ways
 * to go on, and that is taken which reads less.
 *
 * Where the words are rare enough, all messages that have one are found by the index of words,
 * with their neighbours. All that is ranked is there then, whatever the user has said: what is not
 * read would have scored nothing, and only how much there is of it matters (count_messages). The
 * time follows what is found.
 *
 * Where they are common, or a date is asked for, the newest READ_ROWS messages are read whole. Of
 * a user with more than that, they tell which words of the query are rare, and of the older ones
 * only those are read that have such a word (the newest OLDER_ROWS of them) and their neighbours.
 * So the time has a bound, and the price is that common words and dates alone find nothing that is
 * so old.
 *
 * Where the query has an embedding, those of all messages are compared with it, as many as have
 * room in the budget (memory/vector.c), and what is nearest is read with its neighbours, however
 * old it is.
 */
#include "memory/read.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#define SAMPLE_ROWS 50
#define FOUND_ROWS 500
#define OLDER_ROWS 500
#define NEAR_ROWS 100 /* or as many as are asked for */
/* Messages that are read one after the other in the time of one that is found with its neighbours.
 */
#define FOUND_COST 5
/* Lines that have a rare word; and a word to look for behind these, where the budget was short. */
#define RARE_SHARE 0.02
#define SOME_SHARE 0.25
#define SPEAKERS_MAX 64

/* About how much the user has said, in how many threads: of more than 32 as many as there
 * were, since the first, if they came as the newest did. So is what it said in threads of others
 * counted. */
static Stmt memory_count_messages = {
	"SELECT n.messages * f.factor + o.messages, n.threads * f.factor FROM (SELECT coalesce(sum(t.rest), 0)"
	"::float8 AS messages, (count(*) FILTER (WHERE t.rest > 0))::float8 AS threads,"
	" count(*) AS read, extract(epoch FROM max(t.created_at))::float8 AS newest,"
	" extract(epoch FROM min(t.created_at))::float8 AS oldest"
	" FROM (SELECT live_messages - CASE WHEN thread_id = $3 THEN $4 ELSE 0 END AS rest, created_at"
	" FROM threadmem_data.threads"
	" WHERE tenant_id = $1 AND user_id = $2 ORDER BY created_at DESC LIMIT 32) t) n, LATERAL"
	" (SELECT CASE WHEN n.read < 32 OR n.newest <= n.oldest THEN 1 ELSE (n.newest -"
	" (SELECT extract(epoch FROM t.created_at)::float8 FROM threadmem_data.threads t WHERE t.tenant_id = $1"
	" AND t.user_id = $2 ORDER BY t.created_at LIMIT 1)) / (n.newest - n.oldest) END AS factor) f,"
	" (SELECT count(*) * CASE WHEN count(*) < 32 OR max(s.said) <= min(s.said) THEN 1 ELSE (max(s.said) -"
	" (SELECT extract(epoch FROM m.event_at)::float8 FROM threadmem_data.messages m WHERE " OF_SENDER
	" ORDER BY m.event_at LIMIT 1)) / (max(s.said) - min(s.said)) END AS messages"
	" FROM (SELECT extract(epoch FROM m.event_at)::float8 AS said FROM threadmem_data.messages m WHERE " OF_SENDER
	" ORDER BY m.event_at DESC LIMIT 32) s) o",
	"ttl", .keyed = true};
static Stmt memory_zone_of = {
	"SELECT u.time_zone FROM threadmem_data.users u WHERE u.tenant_id = $1"
	" AND u.user_id = $2",
	"t"};

/* Lines */

/* A speaker's number, -1 for none or one too many. */
static int
speaker_of(MemoryReading *reading, const Remembered *item)
{
	ListCell *cell;

	if (item->nulls[SPEAKER])
		return -1;
	foreach (cell, reading->speakers)
		if (reading_compare_texts(PointerGetDatum(lfirst(cell)), item->values[SPEAKER]) == 0)
			return foreach_current_index(cell);
	if (list_length(reading->speakers) == SPEAKERS_MAX)
		return -1;
	reading->speakers = lappend(reading->speakers, DatumGetPointer(item->values[SPEAKER]));
	return list_length(reading->speakers) - 1;
}

static bool
read_text(void *reader, RankLine *line)
{
	MemoryReading *reading = reader;
	const Remembered *item = line->row;
	text *said;

	if (!reading_affords_text(reading, item))
		return false;
	said = reading_text(reading, item);
	line->text = said ? VARDATA_ANY(said) : "";
	line->text_length = said ? (int)VARSIZE_ANY_EXHDR(said) : 0;
	return true;
}

static void
make_line(MemoryReading *reading, int i, RankLine *line)
{
	Remembered *item = &reading->items[i];

	*line = (RankLine){
		.words = item->words,
		.length = item->length,
		.place = item->nulls[SEQ] ? 0 : DatumGetInt64(item->values[SEQ]),
		.speaker = speaker_of(reading, item),
		.sampled = item->sampled,
		.answers = DatumGetBool(item->values[ANSWERS]),
		.row = item,
		.event_at = DatumGetTimestampTz(item->values[EVENT_AT]),
	};
	if (i > 0)
		line->thread = line[-1].thread + (reading_compare_threads(item - 1, item) != 0);
}

static RankLine *
make_lines(MemoryReading *reading)
{
	RankLine *lines = palloc_extended(sizeof(RankLine) * Max(reading->count, 1), MCXT_ALLOC_HUGE);

	reading_sort(reading);
	for (int i = 0; i < reading->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		make_line(reading, i, &lines[i]);
		reading->items[i].line = &lines[i];
	}
	return lines;
}

/* The query */

pg_tz *
reading_zone(Call *call, NullableDatum user_id)
{
	char *zone = query_first(call, &memory_zone_of, &user_id) ? row_text_or_null(1, 1) : NULL;
	pg_tz *known = zone ? pg_tzset(zone) : NULL;

	return known ? known : pg_tzset("UTC");
}

/* The word tables are of English lexemes; a configuration made from english says so in its name. */
static bool
is_english(void)
{
	const char *name = strrchr(setting_search_config, '.');

	return strstr(name ? name : setting_search_config, "english") != NULL;
}

void
reading_query(RankQuery *rank, const MemoryQuery *query)
{
	ListCell *cell;

	*rank = (RankQuery){.english = is_english(), .read_text = read_text};
	rank->lines = palloc0(sizeof(RankQueryLine) * (list_length(query->lines) + 1));
	rank->lines[0].text = ""; /* of a query that is an embedding alone */
	foreach (cell, query->lines)
	{
		CHECK_FOR_INTERRUPTS();
		rank->lines[rank->line_count++] = (RankQueryLine){
			.text = lfirst(cell), .words = DatumGetTSVector(message_lexemes_asked(lfirst(cell)))};
	}
	rank->line_count = Max(rank->line_count, 1);
}

static void
read_speakers(RankQuery *rank, List *speakers)
{
	ListCell *cell;

	rank->speakers = palloc(sizeof(TSVector) * (list_length(speakers) + 1));
	rank->speaker_count = 0;
	foreach (cell, speakers)
		rank->speakers[rank->speaker_count++] = DatumGetTSVector(
			message_lexemes_asked(TextDatumGetCString(PointerGetDatum(lfirst(cell)))));
}

static int
keep_scored(MemoryReading *reading)
{
	int kept = 0;

	for (int i = 0; i < reading->count; i++)
		if (reading->items[i].line->score > 0)
			reading->items[kept++] = reading->items[i];
	return kept;
}

/* The lines anew, with rows from one on. */
static RankLine *
add_lines(MemoryReading *reading, const struct RankTerms *terms, int from)
{
	reading_words(reading, terms, from);
	return make_lines(reading);
}

/* The ways */

/* What there is of the user, beside what was added, which was read. */
static void
count_known(MemoryReading *reading, RankQuery *rank)
{
	NullableDatum args[] = {reading->query->user_id, reading->query->thread_id,
							ARG(Int64GetDatum(reading->query->asked))};

	(void)query_first(reading->call, &memory_count_messages, args);
	rank->known = DatumGetFloat8(row_datum(1, 1));
	rank->known_threads = DatumGetFloat8(row_datum(1, 2));
	for (int i = 0; i < reading->count; i++)
		if (!reading->items[i].nulls[EPISODE_ID])
		{
			rank->known++;
			rank->known_threads +=
				i == 0 || reading_compare_threads(&reading->items[i - 1], &reading->items[i]) != 0;
		}
}

/* What is older and has a rare word of the query. */
static RankLine *
add_older(MemoryReading *reading, RankQuery *rank, const struct RankTerms *terms, RankLine *lines)
{
	List *rare = rank_rare_words(rank, lines, reading->count, -1, RARE_SHARE);
	List *some =
		reading->cut ? rank_rare_words(rank, lines, reading->count, RARE_SHARE, SOME_SHARE) : NIL;
	int read = reading->count;

	if (rare != NIL)
		(void)reading_found(reading, rare, reading->until, OLDER_ROWS, REACH);
	if (some != NIL)
		(void)reading_found(reading, some, reading->until, OLDER_ROWS, REACH);
	return reading->count == read ? lines : add_lines(reading, terms, read);
}

static RankLine *
add_newest(MemoryReading *reading, RankQuery *rank, const struct RankTerms *terms, RankLine *lines)
{
	int read = reading->count;

	if (!reading->cut)
	{
		reading_newest(reading, READ_ROWS - SAMPLE_ROWS, true);
		lines = add_lines(reading, terms, read);
	}
	if (reading->more)
		return add_older(reading, rank, terms, lines);
	rank->known = 0;
	return lines;
}

/* Where they are not rare at all, the sample was of something else. */
static RankLine *
add_found(MemoryReading *reading, RankQuery *rank, const struct RankTerms *terms, List *words)
{
	int read = reading->count;
	List *alike;
	RankLine *lines;
	bool whole;
	int found = 0;

	/* in the sample as well: of what it begins in the middle of, what stands before is needed; and
	 * one before those that get credit, which may ask what they answer */
	whole = reading_found(reading, words, reading->end, FOUND_ROWS, REACH + 1);
	lines = add_lines(reading, terms, read);
	alike = rank_beginnings(rank, lines, reading->count);
	if (alike != NIL)
	{
		read = reading->count;
		whole &= reading_alike(reading, alike, FOUND_ROWS, REACH + 1);
		lines = add_lines(reading, terms, read);
	}
	for (int i = 0; i < reading->count; i++)
		found += lines[i].words != NULL;
	rank->found = whole && found < FOUND_ROWS;
	if (found < FOUND_ROWS)
		return lines;
	return add_newest(reading, rank, terms, lines);
}

/* The lines anew, with more of what the user said than the sample: see above. */
static RankLine *
read_on(MemoryReading *reading, RankQuery *rank, const struct RankTerms *terms, RankLine *lines)
{
	double share;
	List *words;

	count_known(reading, rank);
	read_speakers(rank, reading->speakers);
	words = reading->cut ? NIL : rank_all_words(rank, lines, reading->count, &share);
	if (words != NIL && share * rank->known * FOUND_COST <= Min(rank->known, READ_ROWS))
		return add_found(reading, rank, terms, words);
	return add_newest(reading, rank, terms, lines);
}

static bool
has_any_word(const MemoryReading *reading)
{
	for (int i = 0; i < reading->count; i++)
		if (reading->items[i].words)
			return true;
	return false;
}

/* The lines with their embeddings', and those that are near: see above. */
static RankLine *
add_near(MemoryReading *reading, RankQuery *rank, const struct RankTerms *terms, RankLine *lines)
{
	int read = reading->count;
	MemoryVectors vectors;

	vectors_read(&vectors, reading->call, reading->query, rank_named_words(rank));
	rank->is_near = vectors.rows.count > 0;
	rank->alike = vectors.alike;
	vectors_place(&vectors, reading);
	if (reading->more && (rank_trusts_near(rank) || !has_any_word(reading)))
	{
		vectors_add(&vectors, reading, Max(NEAR_ROWS, reading->query->max_rows));
		lines = add_lines(reading, terms, read);
		vectors_place(&vectors, reading);
	}
	return lines;
}

static void
level_scores(MemoryReading *reading, double known)
{
	for (int i = 0; i < reading->count; i++)
		reading->items[i].line->score *= rank_level(known);
}

static int
compare_scores(const void *a, const void *b)
{
	const Remembered *x = a;
	const Remembered *y = b;

	if (x->line->score != y->line->score)
		return x->line->score < y->line->score ? 1 : -1;
	return reading_compare_newest(a, b);
}

static List *
newest(Call *call, const MemoryQuery *query)
{
	MemoryReading reading;

	reading_begin(&reading, call, query);
	reading_newest(&reading, READ_ROWS, false);
	reading_added(&reading);
	qsort(reading.items, reading.count, sizeof(Remembered), reading_compare_newest);
	return reading_first(&reading);
}

/* The best by words and embedding; the newest where there is neither. */
static List *
best_of(Call *call, const MemoryQuery *query)
{
	RankQuery rank;
	MemoryReading reading;
	RankLine *lines;
	struct RankTerms *terms;

	reading_query(&rank, query);
	if (!rank_has_words(&rank) && query->embedding.isnull)
		return newest(call, query);
	if (rank_has_dates(&rank))
		rank.zone = reading_zone(call, query->user_id);
	terms = rank_terms(&rank);
	reading_begin(&reading, call, query);
	reading_newest(&reading, SAMPLE_ROWS, true);
	reading_added(&reading);
	rank.reader = &reading;
	lines = add_lines(&reading, terms, 0);
	if (reading.more && rank_has_words(&rank))
		lines = read_on(&reading, &rank, terms, lines);
	read_speakers(&rank, reading.speakers);
	if (!query->embedding.isnull)
		lines = add_near(&reading, &rank, terms, lines);
	if (!rank_has_words(&rank) && !rank.is_near)
		return newest(call, query);
	rank_lines(&rank, lines, reading.count);
	if (query->among_others)
		level_scores(&reading, Max(rank.known, reading.count));
	reading.count = keep_scored(&reading);
	qsort(reading.items, reading.count, sizeof(Remembered), compare_scores);
	return reading_first(&reading);
}

List *
memory_find(Call *call, const MemoryQuery *query)
{
	List *found = best_of(call, query);

	reading_name_speakers(call, found);
	return found;
}
