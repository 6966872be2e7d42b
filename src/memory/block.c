/*
 * memory/block.c: the block that is put before the model (docs/contracts.md#the-context-block).
 *
 * Its query is the last messages of the thread, its answers come from all that the thread's user
 * ever said, and from what groups remember.  The text of a template, the user summary and working
 * memory stand always and are never cut; what they leave of the budget goes to episodes, facts and
 * entities, the best first.  One that does not fit is left out whole and the next is tried.  Of two
 * episodes that score alike the shorter leaves more room for others, so the score is divided by a
 * power of the length.  Scores of several lists do not compare.  So the lists are gone through side
 * by side, one fact for every two episodes and one entity for every four: a fact is short, and what
 * people said is what they said, whatever was made of it.  What has less than two thirds of the
 * query's words, which a name alone finds, or what facts led to, comes last, if there is room: with
 * their names alone 13 facts of 4 people took 1.4 of 100 answers out of the block; with half of the
 * words 127 facts took 0.4, and 2,000 random ones 0.6; with two thirds neither.  What was chosen is
 * shown in time order, so that the reader can follow change, of facts those that hold first.
 */
#include "memory/block.h"

#include "memory/line.h"
#include "memory/rank.h"
#include "memory/working.h"

#include <math.h>

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#define BLOCK_DEFAULT_CHARACTERS 2500
#define BLOCK_MAX_CHARACTERS 50000
/* Lines are seldom shorter: the ranker is asked for as many as could fill the budget. */
#define LINE_CHARACTERS 25
/* How much the length of an episode tells against it. */
#define LENGTH_POWER 0.3
/* Facts and entities that have fewer of the query's words are as what no word found. */
#define FOUND_SHARE (2.0 / 3)
#define REACHED_PLACE 1000000 /* from here on these */

PG_FUNCTION_INFO_V1(threadmem_thread_context);

/* An owner whose row is hidden from this session has no summary here, and UTC. */
static Stmt memory_get_owner = {
	"SELECT t.user_id, u.time_zone, u.summary, t.assistant_id FROM threadmem_data.threads t"
	" LEFT JOIN threadmem_data.users u ON u.tenant_id = $1 AND u.user_id = t.user_id"
	" WHERE t.tenant_id = $1 AND t.thread_id = $2",
	"t"};

/* What may be shown at a place of the block, best first. */
typedef struct BlockLine
{
	const MemoryHit *hit;
	int characters;
	double worth; /* of an episode: by which it is chosen */
	int place;    /* among all that may be shown: the least is tried first */
} BlockLine;

typedef struct BlockLines
{
	const BlockPart *part;
	BlockLine *lines;
	int count;
	int tried;
	BlockLine **chosen;
	int chosen_count;
} BlockLines;

typedef struct UserBlock
{
	char *user_id;
	List *owners; /* whose memories are looked into: the user's, and of groups */
	List *asked;  /* lexemes of each line of the query */
	char *summary;
	char *working; /* of the user and of the thread */
	pg_tz *zone;
	List *parts;      /* of BlockPart */
	List *lines;      /* of BlockLines: of the parts that have any */
	bool whole_lines; /* they end with a line break, and the block does not */
	int room;         /* characters left */
} UserBlock;

static BlockPart *
section(BlockPlace place, const char *before, const char *behind)
{
	BlockPart *part = palloc(sizeof(BlockPart));

	*part = (BlockPart){place, before, behind, BLOCK_LIMIT_MAX};
	part->attributes = place == PLACE_ENTITIES;
	return part;
}

/* The block without template: Zep's sections in Zep's order; an empty one is not shown. */
static List *
sections(void)
{
	return list_make5(
		section(PLACE_SUMMARY, "# This is the user summary\n<USER_SUMMARY>\n",
				"\n</USER_SUMMARY>\n"),
		section(PLACE_WORKING, "# These are the blocks of working memory\n<MEMORY_BLOCKS>\n",
				"\n</MEMORY_BLOCKS>\n"),
		section(PLACE_EDGES,
				"# These are the most relevant facts and their valid date ranges\n"
				"# format: FACT (Date range: from - to)\n<FACTS>\n",
				"\n</FACTS>\n"),
		section(PLACE_ENTITIES, "# These are the most relevant entities\n<ENTITIES>\n",
				"\n</ENTITIES>\n"),
		section(PLACE_EPISODES, "# These are the most relevant episodes\n<EPISODES>\n",
				"\n</EPISODES>\n"));
}

static void
read_owner(Call *call, NullableDatum thread_id, UserBlock *block)
{
	NullableDatum user_id;
	char *zone;

	if (!query_first(call, &memory_get_owner, &thread_id))
		error_not_found("thread", text_or_null(thread_id));
	block->user_id = row_text_or_null(1, 1);
	if (block->user_id == NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("thread has no user"),
						errdetail("thread_id is \"%s\".", text_or_null(thread_id)),
						errhint("What is remembered belongs to a user: give the thread one with "
								"thread_update(user_id)."),
						err_generic_string(PG_DIAG_COLUMN_NAME, "thread_id")));
	zone = row_text_or_null(1, 2);
	block->zone = zone ? pg_tzset(zone) : NULL;
	if (block->zone == NULL) /* a zone that this server does not know any more, too */
		block->zone = pg_tzset("GMT");
	block->summary = line_of_prose(row_text_or_null(1, 3));
	user_id = row_column(1, 1);
	block->owners =
		lcons(DatumGetPointer(user_id.value), group_list(call, user_id, row_column(1, 4)));
	block->working = working_lines(call, ARG_TEXT(block->user_id), thread_id);
}

/* What a place says whatever was found, NULL for nothing. */
static const char *
fixed_text(const UserBlock *block, const BlockPart *part)
{
	return part->place == PLACE_SUMMARY   ? block->summary
		   : part->place == PLACE_WORKING ? block->working
										  : NULL;
}

static void
read_template(Call *call, NullableDatum template, UserBlock *block)
{
	char *given = text_or_null(template);

	if (given == NULL)
	{
		block->parts = sections();
		block->whole_lines = true;
		block->room++;
	}
	else if (strstr(given, TEMPLATE_VARIABLE))
		block->parts = template_parse(given);
	else
	{
		guard_id("template", given, strlen(given));
		block->parts = template_parse(template_read(call, template));
	}
}

/* What stands whatever was found; it must not be cut, and takes its room first. */
static void
reserve(UserBlock *block, int max_characters)
{
	ListCell *cell;

	foreach (cell, block->parts)
	{
		const BlockPart *part = lfirst(cell);

		if (part->place == PLACE_TEXT)
			block->room -= pg_mbstrlen(part->before);
		else if (fixed_text(block, part))
			block->room -= pg_mbstrlen(part->before) + pg_mbstrlen(fixed_text(block, part)) +
						   pg_mbstrlen(part->behind);
	}
	if (block->room < 0)
		ereport(
			ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("context block is too large"),
			 errdetail("Without episodes it has %d characters, max_characters is %d.",
					   max_characters - block->room, max_characters),
			 errhint("Raise max_characters, or shorten the user summary or the memory blocks.")));
}

static bool
shows(const UserBlock *block, BlockPlace place)
{
	ListCell *cell;

	foreach (cell, block->parts)
	{
		const BlockPart *part = lfirst(cell);

		if (part->place == place && part->limit > 0)
			return true;
	}
	return false;
}

static char *
line_of(const UserBlock *block, const BlockPart *part, const MemoryHit *hit)
{
	if (hit->kind == KIND_EPISODE)
		return line_of_episode(hit->episode, block->zone);
	if (hit->kind == KIND_FACT)
		return line_of_fact(hit->fields, part->attributes, block->zone);
	return line_of_entity(hit->fields, part->attributes);
}

/* What its line takes, 0 when it has none; which is made again when it is chosen. */
static int
characters_of(const UserBlock *block, const BlockPart *part, const MemoryHit *hit,
			  MemoryContext each)
{
	MemoryContext before = MemoryContextSwitchTo(each);
	char *line = line_of(block, part, hit);
	int characters = line ? pg_mbstrlen(line) : 0;

	MemoryContextSwitchTo(before);
	MemoryContextReset(each);
	return characters;
}

/* Whether it belongs there; of the user itself, and of no group, the summary tells. */
static bool
belongs(const UserBlock *block, const BlockPart *part, const MemoryHit *hit)
{
	NullableDatum type;

	if (hit->kind == KIND_EPISODE)
		return true;
	if (hit->kind == KIND_ENTITY &&
		(hit->relevance == 0 || (hit->is_user && strcmp(hit->owner_id, block->user_id) == 0)))
		return false;
	type = hit->fields[hit->kind == KIND_FACT ? (int)FACT_NAME : (int)ENTITY_LABEL];
	return !part->types || (!type.isnull && names_has(part->types, text_or_null(type)));
}

/* Of the words of the line that it has most of; 1 where nothing is asked. */
static double
share_of_query(const UserBlock *block, TSVector words)
{
	double most = block->asked ? 0 : 1;
	ListCell *cell;

	foreach (cell, block->asked)
	{
		TSVector asked = lfirst(cell);
		const WordEntry *entries = ARRPTR(asked);
		int had = 0;

		for (int i = 0; i < asked->size; i++)
			if (word_find(words, STRPTR(asked) + entries[i].pos, entries[i].len))
				had++;
		most = Max(most, (double)had / asked->size);
	}
	return most;
}

/* Whether it may take room from what people said. */
static bool
is_found(const UserBlock *block, const MemoryHit *hit)
{
	NullableDatum words;

	if (hit->kind == KIND_EPISODE || hit->relevance == 0)
		return hit->relevance > 0;
	words = hit->fields[hit->kind == KIND_FACT ? (int)FACT_SEARCH : (int)ENTITY_SEARCH];
	if (words.isnull)
		words = ARG(message_lexemes(hit_text(hit)));
	return share_of_query(block, DatumGetTSVector(words.value)) >= FOUND_SHARE;
}

static int
place_of(const UserBlock *block, const MemoryHit *hit, int at)
{
	if (!is_found(block, hit))
		return REACHED_PLACE + at;
	switch (hit->kind)
	{
	case KIND_FACT:
		return 2 * at;
	case KIND_ENTITY:
		return 4 * at;
	default:
		return at;
	}
}

/* What it is worth its room; of those found alike the order of the rank holds. */
static int
compare_worth(const void *a, const void *b)
{
	const BlockLine *x = a;
	const BlockLine *y = b;

	if (x->worth != y->worth)
		return x->worth < y->worth ? 1 : -1;
	return x->place - y->place;
}

static void
add_lines(UserBlock *block, const BlockPart *part, List *hits, MemoryContext each)
{
	BlockLines *lines = palloc0(sizeof(BlockLines));
	ListCell *cell;

	lines->part = part;
	lines->lines = palloc(sizeof(BlockLine) * (list_length(hits) + 1));
	lines->chosen = palloc(sizeof(BlockLine *) * (list_length(hits) + 1));
	foreach (cell, hits)
	{
		BlockLine line = {.hit = lfirst(cell)};

		CHECK_FOR_INTERRUPTS();
		if (!belongs(block, part, line.hit))
			continue;
		line.characters = characters_of(block, part, line.hit, each);
		line.place = lines->count;
		if (line.hit->kind == KIND_EPISODE)
			line.worth = line.hit->score / pow(Max(line.characters, 1), LENGTH_POWER);
		if (line.characters > 0)
			lines->lines[lines->count++] = line;
	}
	qsort(lines->lines, lines->count, sizeof(BlockLine), compare_worth);
	for (int i = 0; i < lines->count; i++)
		lines->lines[i].place = place_of(block, lines->lines[i].hit, i + 1);
	block->lines = lappend(block->lines, lines);
}

/* The newest, where the thread says nothing that could be looked for. */
static void
find_lines(Call *call, const BlockRequest *request, UserBlock *block)
{
	MemoryQuery query = {.user_id = ARG_TEXT(block->user_id),
						 .as_of = request->as_of,
						 .filters = ARG_NULL,
						 .embedding = request->embedding,
						 .max_rows = block->room / LINE_CHARACTERS + 1,
						 .max_characters = Max(block->room, 1)};
	GraphAsked asked = {.kinds = (shows(block, PLACE_EDGES) ? KIND_FACT : 0) |
								 (shows(block, PLACE_ENTITIES) ? KIND_ENTITY : 0),
						.most = INT_MAX,
						.origin_ids = ARG_NULL,
						.center_id = ARG_NULL};
	MemoryContext each =
		AllocSetContextCreate(CurrentMemoryContext, "threadmem line", ALLOCSET_DEFAULT_SIZES);
	List *hits[] = {[PLACE_EDGES] = NIL, [PLACE_ENTITIES] = NIL, [PLACE_EPISODES] = NIL};
	ListCell *cell;

	memory_thread_query(call, request->thread_id, &query);
	foreach (cell, query.lines)
	{
		TSVector words = DatumGetTSVector(message_lexemes(lfirst(cell)));

		if (words->size > 0)
			block->asked = lappend(block->asked, words);
	}
	if (shows(block, PLACE_EPISODES))
		hits[PLACE_EPISODES] = hits_of_episodes(memory_find_in(call, &query, block->owners));
	if (asked.kinds)
		graph_find_in(call, &query, block->owners, &asked, &hits[PLACE_EDGES],
					  &hits[PLACE_ENTITIES]);
	foreach (cell, block->parts)
	{
		const BlockPart *part = lfirst(cell);

		if (part->place >= PLACE_EDGES && part->place <= PLACE_EPISODES)
			add_lines(block, part, hits[part->place], each);
	}
}

/* The next to be tried of all lists, NULL when there is none. */
static BlockLines *
next_lines(const UserBlock *block)
{
	BlockLines *next = NULL;
	ListCell *cell;

	foreach (cell, block->lines)
	{
		BlockLines *lines = lfirst(cell);

		if (lines->tried < lines->count && lines->chosen_count < lines->part->limit &&
			(!next || lines->lines[lines->tried].place < next->lines[next->tried].place))
			next = lines;
	}
	return next;
}

/* Every line but the first of its list has a line break before it. */
static void
choose(UserBlock *block)
{
	BlockLines *from;

	while ((from = next_lines(block)) != NULL)
	{
		BlockLine *line = &from->lines[from->tried++];
		int frame = pg_mbstrlen(from->part->before) + pg_mbstrlen(from->part->behind);
		int cost = line->characters + (from->chosen_count == 0 ? frame : 1);

		CHECK_FOR_INTERRUPTS();
		if (cost > block->room)
			continue;
		block->room -= cost;
		from->chosen[from->chosen_count++] = line;
	}
}

/* By time; then, so that the order is never left to chance, by thread, place and id. */
static int
compare_episodes(const Episode *x, const Episode *y)
{
	int order;

	if (x->event_at != y->event_at)
		return x->event_at < y->event_at ? -1 : 1;
	order = strcmp(x->thread_id ? x->thread_id : "", y->thread_id ? y->thread_id : "");
	if (order == 0 && x->seq != y->seq)
		order = x->seq < y->seq ? -1 : 1;
	if (order == 0)
		order = strcmp(x->episode_id ? x->episode_id : "", y->episode_id ? y->episode_id : "");
	return order;
}

static int
compare_facts(const MemoryHit *x, const MemoryHit *y)
{
	TimestampTz a = graph_time(x->fields, FACT_VALID_AT, DT_NOBEGIN);
	TimestampTz b = graph_time(y->fields, FACT_VALID_AT, DT_NOBEGIN);

	if (x->place.current != y->place.current)
		return x->place.current ? -1 : 1;
	if (a != b)
		return a < b ? -1 : 1;
	a = graph_time(x->fields, GRAPH_CREATED_AT, DT_NOBEGIN);
	b = graph_time(y->fields, GRAPH_CREATED_AT, DT_NOBEGIN);
	if (a != b)
		return a < b ? -1 : 1;
	return strcmp(text_or_null(x->fields[GRAPH_ID]), text_or_null(y->fields[GRAPH_ID]));
}

/* Of one list; entities stay in their order, the best first. */
static int
compare_lines(const void *a, const void *b)
{
	const BlockLine *x = *(const BlockLine *const *)a;
	const BlockLine *y = *(const BlockLine *const *)b;

	if (x->hit->kind == KIND_EPISODE)
		return compare_episodes(x->hit->episode, y->hit->episode);
	if (x->hit->kind == KIND_FACT)
		return compare_facts(x->hit, y->hit);
	return x->place - y->place;
}

static void
append_lines(StringInfo to, const UserBlock *block, const BlockPart *part)
{
	ListCell *cell;

	foreach (cell, block->lines)
	{
		const BlockLines *lines = lfirst(cell);

		if (lines->part != part || lines->chosen_count == 0)
			continue;
		qsort(lines->chosen, lines->chosen_count, sizeof(BlockLine *), compare_lines);
		appendStringInfoString(to, part->before);
		for (int i = 0; i < lines->chosen_count; i++)
			appendStringInfo(to, "%s%s", i > 0 ? "\n" : "",
							 line_of(block, part, lines->chosen[i]->hit));
		appendStringInfoString(to, part->behind);
	}
}

static char *
write_parts(const UserBlock *block)
{
	StringInfoData to;
	ListCell *cell;

	initStringInfo(&to);
	foreach (cell, block->parts)
	{
		const BlockPart *part = lfirst(cell);

		if (part->place == PLACE_TEXT)
			appendStringInfoString(&to, part->before);
		else if (fixed_text(block, part))
			appendStringInfo(&to, "%s%s%s", part->before, fixed_text(block, part), part->behind);
		else
			append_lines(&to, block, part);
	}
	if (block->whole_lines && to.len > 0)
		to.data[--to.len] = '\0';
	return to.data;
}

static int
read_max_characters(NullableDatum given)
{
	int max = int64_or(given, BLOCK_DEFAULT_CHARACTERS);

	if (max < 1 || max > BLOCK_MAX_CHARACTERS)
		error_bad_input("max_characters", "It must be from 1 to %d, not %d.", BLOCK_MAX_CHARACTERS,
						max);
	return max;
}

char *
block_write(Call *call, const BlockRequest *request)
{
	int max_characters = read_max_characters(request->max_characters);
	UserBlock block = {.room = max_characters};

	read_owner(call, request->thread_id, &block);
	read_template(call, request->template, &block);
	reserve(&block, max_characters);
	if (shows(&block, PLACE_EPISODES) || shows(&block, PLACE_EDGES) ||
		shows(&block, PLACE_ENTITIES))
		find_lines(call, request, &block);
	choose(&block);
	return write_parts(&block);
}

enum
{
	CONTEXT_THREAD_ID,
	CONTEXT_MAX_CHARACTERS,
	CONTEXT_TEMPLATE,
	CONTEXT_AS_OF,
	CONTEXT_MODE,
	CONTEXT_EMBEDDING
};

Datum
threadmem_thread_context(PG_FUNCTION_ARGS)
{
	static const char *const modes[] = {"basic", "summary", NULL};
	NullableDatum *args = fcinfo->args;
	BlockRequest request = {args[CONTEXT_THREAD_ID], args[CONTEXT_MAX_CHARACTERS],
							args[CONTEXT_TEMPLATE], args[CONTEXT_AS_OF]};
	NullableDatum block_text;
	Call call;

	query_begin(&call, fcinfo);
	request.embedding = embedding_real(args[CONTEXT_EMBEDDING]);
	if (guard_choice("mode", args[CONTEXT_MODE], modes) > 0)
		error_not_supported("context mode \"summary\"",
							"No language model runs here; use mode => 'basic'.");
	block_text = ARG(CStringGetTextDatum(block_write(&call, &request)));
	return query_return(&call, block_text, false, -1);
}
