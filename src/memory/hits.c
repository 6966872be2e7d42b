/*
 * memory/hits.c: memory_search(): episodes, facts and entities that answer a query.
 */
#include "memory/rerank.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "user/user.h"

PG_FUNCTION_INFO_V1(threadmem_memory_search);

#define OWNERS_MAX 100 /* each memory is searched by itself */

static Stmt memory_assistant_of = {"SELECT t.assistant_id FROM threadmem_data.threads t"
								   " WHERE t.tenant_id = $1 AND t.thread_id = $2",
								   "t"};

enum
{
	SEARCH_USER_ID,
	SEARCH_QUERY,
	SEARCH_SCOPE,
	SEARCH_RERANKER,
	SEARCH_MAX_ROWS,
	SEARCH_FILTERS,
	SEARCH_THREAD_ID,
	SEARCH_AS_OF,
	SEARCH_EMBEDDING,
	SEARCH_CENTER_ENTITY_ID,
	SEARCH_MMR_LAMBDA,
	SEARCH_ORIGIN_IDS,
	SEARCH_USER_IDS,
	SEARCH_INCLUDE_GROUPS
};

static int
read_scope(NullableDatum scope)
{
	static const char *const scopes[] = {"episodes",         "edges",        "nodes", "auto",
										 "thread_summaries", "observations", NULL};
	static const int kinds[] = {KIND_EPISODE, KIND_FACT, KIND_ENTITY,
								KIND_EPISODE | KIND_FACT | KIND_ENTITY};
	int choice = guard_choice("scope", scope, scopes);

	if (choice >= lengthof(kinds))
		error_not_supported(psprintf("scope \"%s\"", scopes[choice]), "Use auto.");
	return kinds[choice];
}

/* Of the kinds asked for, in the order of the rank. */
static List *
find_hits(Call *call, const MemoryQuery *query, List *owners, const GraphAsked *asked)
{
	List *episodes = NIL;
	List *facts = NIL;
	List *entities = NIL;

	if (asked->kinds & KIND_EPISODE)
		episodes = hits_of_episodes(memory_find_in(call, query, owners));
	if (asked->kinds == KIND_EPISODE)
		return episodes;
	graph_find_in(call, query, owners, asked, &facts, &entities);
	return rerank_join(episodes, facts, entities);
}

/* Rows */

/* The columns of threadmem.memory_hit. */
enum
{
	HIT_KIND,
	HIT_SOURCE,
	HIT_EPISODE_ID,
	HIT_THREAD_ID,
	HIT_MESSAGE_ID,
	HIT_SEQ,
	HIT_ROLE,
	HIT_NAME,
	HIT_SENDER_ID,
	HIT_CONTENT,
	HIT_EVENT_AT,
	HIT_CREATED_AT,
	HIT_METADATA,
	HIT_SCORE,
	HIT_FACT_ID,
	HIT_SOURCE_ID,
	HIT_TARGET_ID,
	HIT_VALID_AT,
	HIT_INVALID_AT,
	HIT_EXPIRED_AT,
	HIT_ENTITY_ID,
	HIT_LABEL,
	HIT_ATTRIBUTES,
	HIT_USER_ID,
	HIT_COLUMNS
};

static void
fill_episode(NullableDatum *row, const Episode *episode)
{
	row[HIT_KIND] = ARG_TEXT("episode");
	row[HIT_SOURCE] = ARG_TEXT(episode->source);
	row[HIT_EPISODE_ID] = ARG_TEXT(episode->episode_id);
	row[HIT_THREAD_ID] = ARG_TEXT(episode->thread_id);
	row[HIT_MESSAGE_ID] = ARG_TEXT(episode->message_id);
	row[HIT_SEQ] = episode->seq > 0 ? ARG(Int64GetDatum(episode->seq)) : ARG_NULL;
	row[HIT_ROLE] = ARG_TEXT(episode->role);
	row[HIT_NAME] = ARG_TEXT(episode->name);
	row[HIT_SENDER_ID] = ARG_TEXT(episode->sender_id);
	row[HIT_CONTENT] = ARG_TEXT(episode->content);
	row[HIT_EVENT_AT] = ARG(TimestampTzGetDatum(episode->event_at));
	row[HIT_CREATED_AT] = ARG(TimestampTzGetDatum(episode->created_at));
	row[HIT_METADATA] = ARG(JsonbPGetDatum(episode->metadata));
}

static void
fill_fact(NullableDatum *row, const NullableDatum *fields)
{
	row[HIT_KIND] = ARG_TEXT("fact");
	row[HIT_NAME] = fields[FACT_NAME];
	row[HIT_CONTENT] = fields[FACT_TEXT];
	row[HIT_CREATED_AT] = fields[GRAPH_CREATED_AT];
	row[HIT_METADATA] = fields[FACT_METADATA];
	row[HIT_FACT_ID] = fields[GRAPH_ID];
	row[HIT_SOURCE_ID] = fields[FACT_SOURCE_ID];
	row[HIT_TARGET_ID] = fields[FACT_TARGET_ID];
	row[HIT_VALID_AT] = fields[FACT_VALID_AT];
	row[HIT_INVALID_AT] = fields[FACT_INVALID_AT];
	row[HIT_EXPIRED_AT] = fields[FACT_EXPIRED_AT];
	row[HIT_ATTRIBUTES] = fields[FACT_ATTRIBUTES];
}

static void
fill_entity(NullableDatum *row, const NullableDatum *fields)
{
	row[HIT_KIND] = ARG_TEXT("entity");
	row[HIT_NAME] = fields[ENTITY_NAME];
	row[HIT_CONTENT] = fields[ENTITY_SUMMARY];
	row[HIT_CREATED_AT] = fields[GRAPH_CREATED_AT];
	row[HIT_METADATA] = fields[ENTITY_METADATA];
	row[HIT_ENTITY_ID] = fields[GRAPH_ID];
	row[HIT_LABEL] = fields[ENTITY_LABEL];
	row[HIT_ATTRIBUTES] = fields[ENTITY_ATTRIBUTES];
}

static void
put_hit(Call *call, const MemoryHit *hit)
{
	NullableDatum row[HIT_COLUMNS];
	Datum values[HIT_COLUMNS];
	bool nulls[HIT_COLUMNS];

	for (int i = 0; i < HIT_COLUMNS; i++)
		row[i] = ARG_NULL;
	row[HIT_SCORE] = ARG(Float8GetDatum(hit->score));
	row[HIT_USER_ID] = ARG_TEXT(hit->owner_id);
	if (hit->kind == KIND_EPISODE)
		fill_episode(row, hit->episode);
	else if (hit->kind == KIND_FACT)
		fill_fact(row, hit->fields);
	else
		fill_entity(row, hit->fields);
	for (int i = 0; i < HIT_COLUMNS; i++)
	{
		values[i] = row[i].value;
		nulls[i] = row[i].isnull;
	}
	query_put(call, values, nulls, HIT_COLUMNS);
}

static const char *
whole_query(const MemoryQuery *query)
{
	StringInfoData lines;
	ListCell *cell;

	initStringInfo(&lines);
	foreach (cell, query->lines)
		appendStringInfo(&lines, "%s%s", lines.len > 0 ? "\n" : "", (char *)lfirst(cell));
	return lines.data;
}

/* A text is asked as the messages of a thread are: what stands in its last line is the question. */
static List *
lines_of(char *said)
{
	List *lines = NIL;
	char *rest = NULL;

	for (char *line = strtok_r(said, "\r\n", &rest); line; line = strtok_r(NULL, "\r\n", &rest))
	{
		CHECK_FOR_INTERRUPTS();
		if (line[strspn(line, " \t")] != '\0')
			lines = lappend(lines, line);
	}
	return lines;
}

/* Whose groups are looked into as well: the thread's, whoever asks in it. */
static NullableDatum
assistant_of(Call *call, NullableDatum thread_id)
{
	if (thread_id.isnull || !query_first(call, &memory_assistant_of, &thread_id))
		return ARG_NULL;
	return row_column(1, 1);
}

/* Whose memories, each once (of Datum: text). */
static List *
read_owners(Call *call, NullableDatum *args)
{
	bool with_groups = bool_or(args[SEARCH_INCLUDE_GROUPS], false);
	NullableDatum assistant_id = ARG_NULL;
	Names *known = names_new();
	List *owners = NIL;
	List *groups = NIL;
	ListCell *cell;
	Datum *ids;
	int count = text_list(args[SEARCH_USER_IDS], &ids);

	if (args[SEARCH_USER_ID].isnull == (count == 0))
		error_bad_input(count > 0 ? "user_ids" : "user_id",
						"Give either user_id or user_ids, whose memory it is.");
	if (count > OWNERS_MAX)
		error_bad_input("user_ids", "It has %d elements, and %d are allowed.", count, OWNERS_MAX);
	if (count == 0)
		ids = &args[SEARCH_USER_ID].value;
	if (with_groups)
		assistant_id = assistant_of(call, args[SEARCH_THREAD_ID]);
	for (int i = 0; i < Max(count, 1); i++)
	{
		user_require_known(call, ARG(ids[i]));
		if (names_take(known, TextDatumGetCString(ids[i])))
			owners = lappend(owners, DatumGetPointer(ids[i]));
		if (with_groups)
			groups = list_concat(groups, group_list(call, ARG(ids[i]), assistant_id));
	}
	foreach (cell, groups)
		if (names_take(known, TextDatumGetCString(PointerGetDatum(lfirst(cell)))))
			owners = lappend(owners, lfirst(cell));
	return owners;
}

Datum
threadmem_memory_search(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	MemoryQuery query = {.as_of = args[SEARCH_AS_OF],
						 .filters = args[SEARCH_FILTERS],
						 .thread_id = args[SEARCH_THREAD_ID]};
	int max_rows = int64_or(args[SEARCH_MAX_ROWS], DEFAULT_ROWS);
	GraphAsked asked = {.origin_ids = args[SEARCH_ORIGIN_IDS]};
	Reranking reranking;
	List *owners;
	List *hits;
	Call call;

	query_begin(&call, fcinfo);
	query.embedding = embedding_real(args[SEARCH_EMBEDDING]);
	asked.kinds = read_scope(args[SEARCH_SCOPE]);
	reranking_read(&reranking, args[SEARCH_RERANKER], args[SEARCH_CENTER_ENTITY_ID],
				   args[SEARCH_MMR_LAMBDA], asked.kinds);
	reranking_ask(&reranking, &asked);
	graph_filter_guard(query.filters, asked.kinds);
	owners = read_owners(&call, args);
	if (!query.thread_id.isnull)
		memory_thread_query(&call, query.thread_id, &query);
	if (!args[SEARCH_QUERY].isnull)
		query.lines = lines_of(text_or_null(args[SEARCH_QUERY]));
	query.max_rows = asked.most = reranking_rows(&reranking, max_rows);
	reranking.query = whole_query(&query);
	hits = rerank(&reranking, find_hits(&call, &query, owners, &asked));
	query_open_set(&call);
	for (int i = 0; i < Min(list_length(hits), max_rows); i++)
		put_hit(&call, list_nth(hits, i));
	return query_close_set(&call);
}
