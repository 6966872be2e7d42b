/*
 * memory/block.c: the block that is put before the model (docs/contracts.md#the-context-block).
 *
 * Its query is the last messages of the thread, its answers come from all that the thread's user
 * ever said.  The text of a template and the user summary stand always and are never cut; what they
 * leave of the budget goes to episodes, the best first.  One that does not fit is left out whole
 * and the next is tried.  Of two that score alike the shorter leaves more room for others, so the
 * score is divided by a power of the length.  What was chosen is shown in time order, so that the
 * reader can follow change.
 */
#include "memory/block.h"

#include "memory/line.h"

#include <math.h>

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#define BLOCK_DEFAULT_CHARACTERS 2500
#define BLOCK_MAX_CHARACTERS 50000
/* Lines are seldom shorter: the ranker is asked for as many as could fill the budget. */
#define LINE_CHARACTERS 25
#define LENGTH_POWER 0.3

PG_FUNCTION_INFO_V1(threadmem_thread_context);

/* An owner whose row is hidden from this session has no summary here, and UTC. */
static Stmt memory_get_owner = {
	"SELECT t.user_id, u.time_zone, u.summary FROM threadmem_data.threads t"
	" LEFT JOIN threadmem_data.users u ON u.tenant_id = $1 AND u.user_id = t.user_id"
	" WHERE t.tenant_id = $1 AND t.thread_id = $2",
	"t"};

typedef struct BlockLine
{
	const Episode *episode;
	int characters;
	double worth; /* by which they are chosen */
	int place;    /* in the rank */
} BlockLine;

typedef struct UserBlock
{
	char *user_id;
	char *summary;
	pg_tz *zone;
	List *parts;      /* of BlockPart */
	bool whole_lines; /* they end with a line break, and the block does not */
	int room;         /* characters left */
	BlockLine *lines; /* best first */
	int count;
} UserBlock;

static BlockPart *
section(BlockPlace place, const char *before, const char *behind)
{
	BlockPart *part = palloc(sizeof(BlockPart));

	*part = (BlockPart){place, before, behind, BLOCK_LIMIT_MAX};
	return part;
}

/* The block without template: Zep's sections in Zep's order; an empty one is not shown. */
static List *
sections(void)
{
	return list_make4(
		section(PLACE_SUMMARY, "# This is the user summary\n<USER_SUMMARY>\n",
				"\n</USER_SUMMARY>\n"),
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
		else if (part->place == PLACE_SUMMARY && block->summary)
			block->room -=
				pg_mbstrlen(part->before) + pg_mbstrlen(block->summary) + pg_mbstrlen(part->behind);
	}
	if (block->room < 0)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("context block is too large"),
				 errdetail("Without episodes it has %d characters, max_characters is %d.",
						   max_characters - block->room, max_characters),
				 errhint("Raise max_characters, or shorten the user summary.")));
}

static bool
shows_episodes(const UserBlock *block)
{
	ListCell *cell;

	foreach (cell, block->parts)
	{
		const BlockPart *part = lfirst(cell);

		if (part->place == PLACE_EPISODES && part->limit > 0)
			return true;
	}
	return false;
}

/* What its line takes, 0 when it has none; which is made again when it is chosen. */
static int
characters_of(const UserBlock *block, const Episode *episode, MemoryContext each)
{
	MemoryContext before = MemoryContextSwitchTo(each);
	char *line = line_of_episode(episode, block->zone);
	int characters = line ? pg_mbstrlen(line) : 0;

	MemoryContextSwitchTo(before);
	MemoryContextReset(each);
	return characters;
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
	MemoryContext each =
		AllocSetContextCreate(CurrentMemoryContext, "threadmem line", ALLOCSET_DEFAULT_SIZES);
	List *episodes;
	ListCell *cell;

	memory_thread_query(call, request->thread_id, &query);
	episodes = memory_find(call, &query);
	block->lines = palloc(sizeof(BlockLine) * Max(list_length(episodes), 1));
	foreach (cell, episodes)
	{
		BlockLine line = {.episode = lfirst(cell), .place = foreach_current_index(cell)};

		line.characters = characters_of(block, line.episode, each);
		line.worth = line.episode->score / pow(Max(line.characters, 1), LENGTH_POWER);
		if (line.characters > 0)
			block->lines[block->count++] = line;
	}
	qsort(block->lines, block->count, sizeof(BlockLine), compare_worth);
}

/* By time; then, so that the order is never left to chance, by thread, place and id. */
static int
compare_lines(const void *a, const void *b)
{
	const Episode *x = (*(const BlockLine *const *)a)->episode;
	const Episode *y = (*(const BlockLine *const *)b)->episode;
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

/* Every line but the first has a line break before it. */
static int
choose(UserBlock *block, const BlockPart *part, BlockLine **chosen)
{
	int frame = pg_mbstrlen(part->before) + pg_mbstrlen(part->behind);
	int count = 0;

	for (int i = 0; i < block->count && count < part->limit; i++)
	{
		BlockLine *line = &block->lines[i];
		int cost = line->characters + (count == 0 ? frame : 1);

		if (cost > block->room)
			continue;
		block->room -= cost;
		chosen[count++] = line;
	}
	return count;
}

static void
append_episodes(StringInfo to, UserBlock *block, const BlockPart *part)
{
	BlockLine **chosen = palloc(sizeof(BlockLine *) * Max(block->count, 1));
	int count = choose(block, part, chosen);

	if (count == 0)
		return;
	qsort(chosen, count, sizeof(BlockLine *), compare_lines);
	appendStringInfoString(to, part->before);
	for (int i = 0; i < count; i++)
		appendStringInfo(to, "%s%s", i > 0 ? "\n" : "",
						 line_of_episode(chosen[i]->episode, block->zone));
	appendStringInfoString(to, part->behind);
}

/* Facts and entities are none yet. */
static char *
write_parts(UserBlock *block)
{
	StringInfoData to;
	ListCell *cell;

	initStringInfo(&to);
	foreach (cell, block->parts)
	{
		const BlockPart *part = lfirst(cell);

		if (part->place == PLACE_TEXT)
			appendStringInfoString(&to, part->before);
		else if (part->place == PLACE_SUMMARY && block->summary)
			appendStringInfo(&to, "%s%s%s", part->before, block->summary, part->behind);
		else if (part->place == PLACE_EPISODES)
			append_episodes(&to, block, part);
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
	if (shows_episodes(&block))
		find_lines(call, request, &block);
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
