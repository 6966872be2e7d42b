/*
 * memory/read.c: the rows that are ranked, and those that were found.
 *
 * What a user said last is read through two indexes: by the owner of a thread and time, and by the
 * sender in threads of others and time. SAMPLE_ROWS messages of both are all there is of many
 * users. Of the others it is a sample: who speaks, how long a message is, and how common each word
 * of the query is. Then there are two ways to go on, and that is taken which reads less.
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
 * Nor does the time grow with what the user pastes into a message: the newest are read up to a
 * budget of bytes of search vectors (threadmem.memory_budget), and the older ones up to as many:
 * those with a rare word first, then, since the newest may be few, those with a word that is not
 * in too many. How a text is put (whether it asks, who speaks) is looked at for as many bytes
 * again; of what is over them only the words tell. Bytes are those of a value when it is read:
 * stored it may take a hundredth. Episodes have no index of words: they are read without a budget.
 */
#include "memory/read.h"

#include "memory/line.h"

#include "access/detoast.h"
#include "access/htup_details.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#define SAMPLE_ROWS 50
#define READ_ROWS 5000
#define FOUND_ROWS 500
#define OLDER_ROWS 500
/* Messages that are read one after the other in the time of one that is found with its neighbours.
 */
#define FOUND_COST 5
/* Lines that have a rare word; and a word to look for behind these, where the budget was short. */
#define RARE_SHARE 0.02
#define SOME_SHARE 0.25
#define SPEAKERS_MAX 64

#define NEWEST(which, in_memory) \
	"(SELECT " MESSAGE_ROW(in_memory) " FROM threadmem_data.messages m WHERE " which \
									  " AND m.event_at <= $3 ORDER BY m.event_at DESC LIMIT $4)"
static Stmt memory_read_messages = {
	"SELECT m.* FROM (" NEWEST(OF_OWNER, "m.in_memory") " UNION ALL " NEWEST(
		OF_SENDER, "m.in_sender_memory") ") m ORDER BY m.event_at DESC LIMIT $4",
	"tzl", .keyed = true};
static Stmt memory_read_episodes = {
	"SELECT " EPISODE_ROW
	" FROM threadmem_data.episodes e WHERE e.tenant_id = $1 AND e.user_id = $2"
	" AND e.event_at <= $3 ORDER BY e.event_at DESC LIMIT $4",
	"tzl", .keyed = true};
/*
 * Neighbours by seq, which deleted messages leave gaps in: what is lost is a neighbour's credit. In
 * threads of others they are what the user said itself.
 * Those found come before all neighbours, and the nearest before others: the budget may not do. The
 * bounds are computed where they are no condition: subtraction may fail, so below a policy what
 * it says is asked after the rows are read, of all the thread.
 */
/* clang-format off */
static Stmt memory_find_messages = {
	"SELECT m.* FROM (SELECT c.thread_id, c.seq, c.seq - $6 AS low, c.seq + " CppAsString2(REACH) " AS high, c.event_at"
	" FROM threadmem_data.messages c WHERE c.tenant_id = $1 AND (c.user_id = $2 OR c.sender_id = $2) AND c.state = 'live'"
	" AND c.event_at <= $3" HAS_WORDS("c.", "$4", "NULL", "$2")
	" ORDER BY c.event_at DESC LIMIT $5) f CROSS JOIN LATERAL"
	" (SELECT " MESSAGE_ROW("CASE WHEN m.user_id = $2 THEN m.in_memory ELSE m.in_sender_memory END") " FROM threadmem_data.messages m WHERE m.tenant_id = $1"
	" AND m.thread_id = f.thread_id AND m.seq BETWEEN f.low AND f.high AND m.state = 'live'"
	" AND (m.user_id = $2 OR m.sender_id = $2) AND m.event_at <= $3 OFFSET 0) m"
	" ORDER BY abs(m.seq - f.seq), f.event_at DESC, m.seq DESC",
	"tzqll", .by_words = true};
/* clang-format on */
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

/* Rows */

static bool
is_of_thread(const Remembered *item, const char *thread_id)
{
	text *id;

	if (!thread_id || item->nulls[THREAD_ID] || !item->nulls[EPISODE_ID])
		return false;
	id = DatumGetTextPP(item->values[THREAD_ID]);
	return VARSIZE_ANY_EXHDR(id) == strlen(thread_id) &&
		   memcmp(VARDATA_ANY(id), thread_id, strlen(thread_id)) == 0;
}

/* What is not as its writer left it is not remembered. */
static bool
is_sound(const Remembered *item)
{
	bool is_named =
		!item->nulls[EPISODE_ID] || !(item->nulls[THREAD_ID] || item->nulls[MESSAGE_ID]);

	return is_named && !item->nulls[METADATA] && !item->nulls[EVENT_AT];
}

void
reading_take(MemoryReading *reading, uint64 count, bool sampled)
{
	SPITupleTable *rows = SPI_tuptable;
	char *asking = text_or_null(reading->query->thread_id);

	reading->room += (int)count;
	reading->items =
		reading->items
			? repalloc_huge(reading->items, sizeof(Remembered) * Max(reading->room, 1))
			: palloc_extended(sizeof(Remembered) * Max(reading->room, 1), MCXT_ALLOC_HUGE);
	for (uint64 i = 0; i < count; i++)
	{
		Remembered *item = &reading->items[reading->count];

		CHECK_FOR_INTERRUPTS();
		heap_deform_tuple(rows->vals[i], rows->tupdesc, item->values, item->nulls);
		item->sampled = sampled;
		item->line = NULL;
		item->words = NULL;
		item->length = 0;
		if (!is_sound(item))
			continue;
		if (reading->query->from_seq > 0 && is_of_thread(item, asking) &&
			DatumGetInt64(item->values[SEQ]) >= reading->query->from_seq)
			continue;
		reading->count++;
	}
}

static Size
budget_of_bytes(void)
{
	return (Size)setting_memory_budget * 1024;
}

/* How much it takes to read what may be stored compressed and elsewhere. */
static Size
bytes_of(const Remembered *item, int column)
{
	return item->nulls[column] ? 0 : toast_raw_datum_size(item->values[column]);
}

/* How many rows so many bytes of search vectors do for, of those from one on. */
static int
end_of_budget(const MemoryReading *reading, int from, Size *left)
{
	int end = from;

	for (; end < reading->count; end++)
	{
		Size bytes = bytes_of(&reading->items[end], SEARCH);

		if (bytes > *left)
			break;
		*left -= bytes;
	}
	return end;
}

/* Of the newest, from one on. */
static void
keep_budget(MemoryReading *reading, int from)
{
	int end = end_of_budget(reading, from, &reading->newest);

	if (end == reading->count)
		return;
	reading->until = ARG(reading->items[end].values[EVENT_AT]);
	reading->count = end;
	reading->more = reading->cut = true;
}

/* The time after which nothing is asked for. */
static NullableDatum
end_of(const MemoryQuery *query)
{
	return query->as_of.isnull ? ARG(TimestampTzGetDatum(DT_NOEND)) : query->as_of;
}

void
reading_begin(MemoryReading *reading, Call *call, const MemoryQuery *query)
{
	*reading = (MemoryReading){.call = call,
							   .query = query,
							   .until = end_of(query),
							   .newest = budget_of_bytes(),
							   .older = budget_of_bytes(),
							   .texts = budget_of_bytes()};
	filters_read(&reading->filters, query->filters);
}

/* The newest rows before those that were read; none over the budget where they are ranked. */
static void
read_newest(MemoryReading *reading, int rows, bool ranked)
{
	NullableDatum args[] = {reading->query->user_id, reading->until, ARG(Int64GetDatum(rows))};
	uint64 count = query_exec(reading->call, &memory_read_messages, args);
	int from = reading->count;

	reading->more = count == (uint64)rows;
	reading_take(reading, count, true);
	if (reading->more && reading->count > from)
		reading->until = ARG(reading->items[reading->count - 1].values[EVENT_AT]);
	if (ranked)
		keep_budget(reading, from);
}

/* What was added, or is of threads that are gone: it has no index of words. */
static void
read_added(MemoryReading *reading)
{
	NullableDatum args[] = {reading->query->user_id, end_of(reading->query),
							ARG(Int64GetDatum(READ_ROWS))};

	reading_take(reading, query_exec(reading->call, &memory_read_episodes, args), true);
}

/* Any of the words, as they stand in the search vectors. */
static Datum
any_of(List *words)
{
	StringInfoData query;
	ListCell *cell;

	initStringInfo(&query);
	foreach (cell, words)
	{
		appendStringInfoString(&query, query.len > 0 ? " | '" : "'");
		for (const char *c = lfirst(cell); *c; c++)
		{
			if (*c == '\'' || *c == '\\')
				appendStringInfoChar(&query, *c);
			appendStringInfoChar(&query, *c);
		}
		appendStringInfoString(
			&query, script_is_letter(lfirst(cell), (int)strlen(lfirst(cell))) ? "':*" : "'");
	}
	return DirectFunctionCall1(tsqueryin, CStringGetDatum(query.data));
}

/*
 * What is not newer than until and has one of these words, with so many messages before it and
 * REACH after; whether the budget did.
 */
static bool
read_found(MemoryReading *reading, List *words, int rows, int before)
{
	NullableDatum args[] = {reading->query->user_id, reading->until, ARG(any_of(words)),
							ARG(Int64GetDatum(rows)), ARG(Int64GetDatum(before))};
	int from = reading->count;
	int until;

	reading_take(reading, query_exec(reading->call, &memory_find_messages, args), false);
	until = reading->count;
	reading->count = end_of_budget(reading, from, &reading->older);
	return reading->count == until;
}

/* Of the search vectors of all rows from one on, each of which is read from where it is stored
 * once. */
static void
read_words(MemoryReading *reading, const struct RankTerms *terms, int from)
{
	for (int i = from; i < reading->count; i++)
	{
		Remembered *item = &reading->items[i];
		TSVector words;

		CHECK_FOR_INTERRUPTS();
		if (item->nulls[SEARCH])
			continue;
		words = DatumGetTSVector(item->values[SEARCH]);
		item->length = words->size;
		item->words = rank_words(terms, words);
		if ((Pointer)words != DatumGetPointer(item->values[SEARCH]))
			pfree(words);
	}
}

/* By thread and place: the live ones, those of deleted threads, and each of the rest by itself. */
static int
kind_of(const Remembered *item)
{
	return item->nulls[EPISODE_ID] ? 0 : item->nulls[THREAD_ID] ? 2 : 1;
}

static int
compare_texts(Datum a, Datum b)
{
	text *x = DatumGetTextPP(a);
	text *y = DatumGetTextPP(b);
	int order =
		memcmp(VARDATA_ANY(x), VARDATA_ANY(y), Min(VARSIZE_ANY_EXHDR(x), VARSIZE_ANY_EXHDR(y)));

	return order ? order : (int)VARSIZE_ANY_EXHDR(x) - (int)VARSIZE_ANY_EXHDR(y);
}

static int
compare_threads(const Remembered *a, const Remembered *b)
{
	int kind = kind_of(a);
	int id = kind == 2 ? EPISODE_ID : THREAD_ID;

	return kind != kind_of(b) ? kind - kind_of(b) : compare_texts(a->values[id], b->values[id]);
}

static int
compare_seq(const Remembered *a, const Remembered *b)
{
	int64 x = a->nulls[SEQ] ? 0 : DatumGetInt64(a->values[SEQ]);
	int64 y = b->nulls[SEQ] ? 0 : DatumGetInt64(b->values[SEQ]);

	return x < y ? -1 : x > y;
}

static int
compare_places(const void *a, const void *b)
{
	int thread = compare_threads(a, b);

	return thread ? thread : compare_seq(a, b);
}

static int
compare_times(Datum a, Datum b)
{
	TimestampTz x = DatumGetTimestampTz(a);
	TimestampTz y = DatumGetTimestampTz(b);

	return x < y ? -1 : x > y;
}

int
reading_compare_newest(const void *a, const void *b)
{
	const Remembered *x = a;
	const Remembered *y = b;
	int order = compare_times(y->values[EVENT_AT], x->values[EVENT_AT]);

	CHECK_FOR_INTERRUPTS();
	if (order == 0)
		order = compare_times(y->values[CREATED_AT], x->values[CREATED_AT]);
	if (order == 0)
		order = compare_threads(x, y);
	return order ? order : compare_seq(y, x);
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

/* Lines */

/* A speaker's number, -1 for none or one too many. */
static int
speaker_of(MemoryReading *reading, const Remembered *item)
{
	ListCell *cell;

	if (item->nulls[SPEAKER])
		return -1;
	foreach (cell, reading->speakers)
		if (compare_texts(PointerGetDatum(lfirst(cell)), item->values[SPEAKER]) == 0)
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
	Size bytes = bytes_of(item, item->nulls[CONTENT] ? BODY : CONTENT);
	text *said;

	if (bytes > reading->texts)
		return false;
	reading->texts -= bytes;
	said = reading_text(item);
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
		line->thread = line[-1].thread + (compare_threads(item - 1, item) != 0);
}

/* The same row once, of those that two statements gave. */
static void
drop_repeated(MemoryReading *reading)
{
	int kept = 0;

	for (int i = 0; i < reading->count; i++)
		if (kept == 0 || compare_places(&reading->items[kept - 1], &reading->items[i]) != 0)
			reading->items[kept++] = reading->items[i];
		else
			reading->items[kept - 1].sampled |= reading->items[i].sampled;
	reading->count = kept;
}

static int
compare_placed(const void *a, const void *b)
{
	return compare_places(*(Remembered *const *)a, *(Remembered *const *)b);
}

/* By place. They are large: what is sorted is where they are, and oldest first it mostly is. */
static void
sort_places(MemoryReading *reading)
{
	Remembered **order =
		palloc_extended(sizeof(Remembered *) * Max(reading->count, 1), MCXT_ALLOC_HUGE);
	Remembered *sorted =
		palloc_extended(sizeof(Remembered) * Max(reading->room, 1), MCXT_ALLOC_HUGE);

	for (int i = 0; i < reading->count; i++)
		order[i] = &reading->items[reading->count - 1 - i];
	qsort(order, reading->count, sizeof(Remembered *), compare_placed);
	for (int i = 0; i < reading->count; i++)
		sorted[i] = *order[i];
	pfree(order);
	pfree(reading->items);
	reading->items = sorted;
}

static RankLine *
make_lines(MemoryReading *reading)
{
	RankLine *lines = palloc_extended(sizeof(RankLine) * Max(reading->count, 1), MCXT_ALLOC_HUGE);

	sort_places(reading);
	drop_repeated(reading);
	for (int i = 0; i < reading->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		make_line(reading, i, &lines[i]);
		reading->items[i].line = &lines[i];
	}
	return lines;
}

/* The query */

static pg_tz *
read_zone(Call *call, NullableDatum user_id)
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

static void
read_query(RankQuery *rank, const MemoryQuery *query)
{
	ListCell *cell;

	*rank = (RankQuery){.english = is_english(), .read_text = read_text};
	rank->lines = palloc0(sizeof(RankQueryLine) * (list_length(query->lines) + 1));
	foreach (cell, query->lines)
	{
		CHECK_FOR_INTERRUPTS();
		rank->lines[rank->line_count++] = (RankQueryLine){
			.text = lfirst(cell), .words = DatumGetTSVector(message_lexemes_asked(lfirst(cell)))};
	}
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
	read_words(reading, terms, from);
	return make_lines(reading);
}

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
		if (kind_of(&reading->items[i]) != 0)
		{
			rank->known++;
			rank->known_threads +=
				i == 0 || compare_threads(&reading->items[i - 1], &reading->items[i]) != 0;
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
		read_found(reading, rare, OLDER_ROWS, REACH);
	if (some != NIL)
		read_found(reading, some, OLDER_ROWS, REACH);
	return reading->count == read ? lines : add_lines(reading, terms, read);
}

static RankLine *
add_newest(MemoryReading *reading, RankQuery *rank, const struct RankTerms *terms, RankLine *lines)
{
	int read = reading->count;

	if (!reading->cut)
	{
		read_newest(reading, READ_ROWS - SAMPLE_ROWS, true);
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
	NullableDatum until = reading->until;
	RankLine *lines;
	bool whole;
	int found = 0;

	/* in the sample as well: of what it begins in the middle of, what stands before is needed; and
	 * one before those that get credit, which may ask what they answer */
	reading->until = end_of(reading->query);
	whole = read_found(reading, words, FOUND_ROWS, REACH + 1);
	lines = add_lines(reading, terms, read);
	for (int i = 0; i < reading->count; i++)
		found += lines[i].words != NULL;
	rank->found = whole && found < FOUND_ROWS;
	if (found < FOUND_ROWS)
		return lines;
	reading->until = until;
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

List *
memory_rank(Call *call, const MemoryQuery *query, bool *has_words)
{
	RankQuery rank;
	MemoryReading reading;
	RankLine *lines;
	struct RankTerms *terms;

	read_query(&rank, query);
	*has_words = rank_has_words(&rank);
	if (!*has_words)
		return NIL;
	rank.zone = read_zone(call, query->user_id);
	terms = rank_terms(&rank);
	reading_begin(&reading, call, query);
	read_newest(&reading, SAMPLE_ROWS, true);
	read_added(&reading);
	rank.reader = &reading;
	lines = add_lines(&reading, terms, 0);
	if (reading.more)
		lines = read_on(&reading, &rank, terms, lines);
	read_speakers(&rank, reading.speakers);
	rank_lines(&rank, lines, reading.count);
	reading.count = keep_scored(&reading);
	qsort(reading.items, reading.count, sizeof(Remembered), compare_scores);
	return reading_first(&reading);
}

List *
memory_newest(Call *call, const MemoryQuery *query)
{
	MemoryReading reading;

	reading_begin(&reading, call, query);
	read_newest(&reading, READ_ROWS, false);
	read_added(&reading);
	qsort(reading.items, reading.count, sizeof(Remembered), reading_compare_newest);
	return reading_first(&reading);
}
