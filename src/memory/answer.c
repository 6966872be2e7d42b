/*
 * memory/answer.c: the rows that answer, as episodes: those that filters and their writers let
 * through, each once, and with the names of who said them.
 */
#include "memory/read.h"

#include "memory/line.h"

#include "miscadmin.h"
#include "tsearch/ts_utils.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

static Stmt memory_names_of = {
	"SELECT u.user_id, concat_ws(' ', u.first_name, u.last_name) FROM threadmem_data.users u"
	" WHERE u.tenant_id = $1 AND u.user_id = ANY ($2) AND coalesce(u.first_name, u.last_name) <> ''",
	"T", .keyed = true};

static NullableDatum
column_of(const Remembered *item, int column)
{
	return (NullableDatum){.value = item->values[column], .isnull = item->nulls[column]};
}

bool
reading_may_give(const MemoryReading *reading, const Remembered *item)
{
	return DatumGetBool(item->values[ANSWERS]) &&
		   filters_pass(&reading->filters, column_of(item, THREAD_ID), column_of(item, ROLE),
						DatumGetTimestampTz(item->values[EVENT_AT]), item->values[METADATA]) &&
		   graph_filter_time(&reading->filters.graph, FILTER_CREATED_AT,
							 column_of(item, CREATED_AT)) &&
		   graph_filter_has_episode(&reading->filters.graph, column_of(item, MESSAGE_ID),
									column_of(item, EPISODE_ID), column_of(item, METADATA));
}

static bool
have_one(TSVector lexemes, TSVector of)
{
	for (int i = 0, j = 0; i < lexemes->size && j < of->size;)
	{
		WordEntry *a = ARRPTR(lexemes) + i;
		WordEntry *b = ARRPTR(of) + j;
		int order =
			tsCompareString(STRPTR(lexemes) + a->pos, a->len, STRPTR(of) + b->pos, b->len, false);

		if (order == 0)
			return true;
		i += order < 0;
		j += order > 0;
	}
	return false;
}

/* The index has all words of a message. What tools gave beside its words was not looked for. */
static bool
is_found_by_said(const MemoryReading *reading, const Remembered *item, const text *said)
{
	text *all;

	if (!item->words || item->nulls[BODY] || reading->filters.roles ||
		!reading->query->embedding.isnull)
		return true;
	all = shape_text(DatumGetJsonbP(item->values[BODY]), SEARCH_PREFIX_BYTES);
	return VARSIZE_ANY_EXHDR(all) == VARSIZE_ANY_EXHDR(said) ||
		   have_one(item->words, DatumGetTSVector(message_lexemes(text_to_cstring(said))));
}

text *
reading_text(const MemoryReading *reading, const Remembered *item)
{
	Jsonb *body;
	text *said;

	if (!item->nulls[CONTENT])
		return DatumGetTextPP(item->values[CONTENT]);
	if (item->nulls[BODY])
		return NULL;
	body = DatumGetJsonbP(item->values[BODY]);
	said = reading->filters.roles ? shape_text(body, SEARCH_PREFIX_BYTES)
								  : shape_said(body, SEARCH_PREFIX_BYTES);
	if ((Pointer)body != DatumGetPointer(item->values[BODY]))
		pfree(body);
	return said;
}

static char *
column_text(const Remembered *item, int column)
{
	return item->nulls[column] ? NULL : TextDatumGetCString(item->values[column]);
}

static Episode *
episode_of(const Remembered *item, const text *said)
{
	Episode *episode = palloc0(sizeof(Episode));

	episode->source = column_text(item, SOURCE);
	episode->episode_id = column_text(item, EPISODE_ID);
	episode->thread_id = column_text(item, THREAD_ID);
	episode->message_id = column_text(item, MESSAGE_ID);
	episode->seq = item->nulls[SEQ] ? 0 : DatumGetInt64(item->values[SEQ]);
	episode->role = column_text(item, ROLE);
	episode->sender_id = column_text(item, SENDER_ID);
	episode->name = column_text(item, SPEAKER);
	episode->content = text_to_cstring(said);
	episode->event_at = DatumGetTimestampTz(item->values[EVENT_AT]);
	episode->created_at = DatumGetTimestampTz(item->values[CREATED_AT]);
	episode->metadata = DatumGetJsonbP(item->values[METADATA]);
	episode->score = item->line ? item->line->score : 0;
	return episode;
}

/* A copy or a fork of a thread has the same messages once more; one of them is enough. */
static bool
is_repeated(List *episodes, const Remembered *item, const text *said)
{
	char *message_id = column_text(item, MESSAGE_ID);
	ListCell *cell;

	if (!message_id)
		return false;
	foreach (cell, episodes)
	{
		const Episode *other = lfirst(cell);

		if (other->message_id && other->event_at == DatumGetTimestampTz(item->values[EVENT_AT]) &&
			strcmp(other->message_id, message_id) == 0 &&
			strlen(other->content) == VARSIZE_ANY_EXHDR(said) &&
			memcmp(other->content, VARDATA_ANY(said), VARSIZE_ANY_EXHDR(said)) == 0)
			return true;
	}
	return false;
}

/* Whether it is one that was not found before; it is kept if it is not too long. */
static bool
take_episode(const MemoryReading *reading, const Remembered *item, List **episodes,
			 MemoryContext each)
{
	const MemoryQuery *query = reading->query;
	MemoryContext before = MemoryContextSwitchTo(each);
	text *said = reading_text(reading, item);
	bool is_found =
		said && !is_repeated(*episodes, item, said) && is_found_by_said(reading, item, said);
	bool is_wanted = is_found && (query->max_characters == 0 ||
								  line_characters(text_to_cstring(said)) <= query->max_characters);

	MemoryContextSwitchTo(before);
	if (is_wanted)
		*episodes = lappend(*episodes, episode_of(item, said));
	MemoryContextReset(each);
	return is_found;
}

List *
reading_first(MemoryReading *reading)
{
	MemoryContext each =
		AllocSetContextCreate(CurrentMemoryContext, "threadmem text", ALLOCSET_DEFAULT_SIZES);
	List *episodes = NIL;
	int found = 0;

	for (int i = 0; i < reading->count && found < reading->query->max_rows; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (reading_may_give(reading, &reading->items[i]))
			found += take_episode(reading, &reading->items[i], &episodes, each);
	}
	return episodes;
}

static bool
is_nameless(const Episode *episode)
{
	return episode->sender_id && strcmp(episode->name, episode->sender_id) == 0;
}

void
reading_name_speakers(Call *call, List *episodes)
{
	Names *names = names_new();
	List *senders = NIL;
	NullableDatum ids;
	uint64 count;
	ListCell *cell;

	foreach (cell, episodes)
	{
		Episode *episode = lfirst(cell);

		if (is_nameless(episode) && names_take(names, episode->sender_id))
			senders = lappend(senders, episode->sender_id);
	}
	if (senders == NIL)
		return;
	ids = text_array_of(senders);
	count = query_exec(call, &memory_names_of, &ids);
	for (uint64 i = 1; i <= count; i++)
		foreach (cell, episodes)
		{
			Episode *episode = lfirst(cell);

			CHECK_FOR_INTERRUPTS();
			if (is_nameless(episode) && strcmp(episode->sender_id, row_text(i, 1)) == 0)
				episode->name = row_text(i, 2);
		}
}
