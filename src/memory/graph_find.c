/*
 * memory/graph_find.c: how well facts and entities of one memory answer a query.
 *
 * A fact is found by the words of its sentence, its relation and the names that it joins, ranked as
 * episodes are (memory/rank.c), each as a thread of its own.
 *
 * An entity is found by the words of its name and its summary; where pg_trgm is installed, also by
 * a name that is like a part of the query, misspelt say. From the best of these, and one step
 * farther from the user's own, the facts lead on for REACHED steps.
 *
 * Scores are brought to one scale for all memories, as those of episodes are.
 */
#include "memory/graph.h"

#include "catalog/pg_collation.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "fact/fact.h"
#include "memory/read.h"

#define REACHED 3
#define BEGIN_ENTITIES 5 /* found, from which to set out */
#define BEGIN_RELEVANCE 0.5
#define NAME_QUERY_BYTES 400 /* of a query, that names are compared with */
#define NAME_IS_LIKE 0.5     /* three of four letters of a short name */

/* In the extension: what bears this name elsewhere is another's. */
static Stmt graph_trigrams = {
	"SELECT p.oid FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_depend d"
	" ON d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.refobjid = e.oid"
	" AND d.deptype = 'e' AND d.classid = 'pg_catalog.pg_proc'::regclass"
	" JOIN pg_catalog.pg_proc p ON p.oid = d.objid WHERE e.extname = 'pg_trgm'"
	" AND p.proname = 'word_similarity' AND p.pronargs = 2",
	"", .keyed = true};

/* Words */

/* Facts are told by nobody, and do not ask. */
static bool
read_no_text(void *reader, RankLine *line)
{
	return false;
}

static char *
name_of(const MemoryGraph *graph, int entity)
{
	return entity < 0 ? "" : text_or_null(graph->entities[entity].fields[ENTITY_NAME]);
}

/* What an old revision is found by is not stored. */
static NullableDatum
search_of_fact(const MemoryGraph *graph, const KnownFact *fact)
{
	if (!fact->fields[FACT_SEARCH].isnull)
		return fact->fields[FACT_SEARCH];
	return fact_lexemes(text_or_null(fact->fields[FACT_TEXT]),
						text_or_null(fact->fields[FACT_NAME]), name_of(graph, fact->ends[0]),
						name_of(graph, fact->ends[1]));
}

static NullableDatum
search_of_entity(const KnownEntity *entity)
{
	const NullableDatum *fields = entity->fields;

	if (!fields[ENTITY_SEARCH].isnull)
		return fields[ENTITY_SEARCH];
	return entity_lexemes(text_or_null(fields[ENTITY_NAME]), fields[ENTITY_SUMMARY]);
}

/* Of a long one only what the query has is kept. */
static RankLine
line_of(const struct RankTerms *terms, NullableDatum search, NullableDatum stored, int i,
		TimestampTz at)
{
	TSVector words = DatumGetTSVector(search.value);
	RankLine line = {.words = rank_words(terms, words),
					 .length = words->size,
					 .thread = i,
					 .speaker = -1,
					 .answers = true,
					 .sampled = true,
					 .event_at = at};

	if (stored.isnull || (Pointer)words != DatumGetPointer(stored.value))
		pfree(words);
	return line;
}

static RankLine *
lines_new(int count)
{
	return palloc_extended(sizeof(RankLine) * (count + 1), MCXT_ALLOC_HUGE);
}

static void
rank_facts(MemoryGraph *graph, const RankQuery *rank, const struct RankTerms *terms)
{
	RankLine *lines = lines_new(graph->fact_count);

	for (int i = 0; i < graph->fact_count; i++)
	{
		const KnownFact *fact = &graph->facts[i];

		CHECK_FOR_INTERRUPTS();
		lines[i] = line_of(terms, search_of_fact(graph, fact), fact->fields[FACT_SEARCH], i,
						   graph_time(fact->fields, FACT_VALID_AT,
									  graph_time(fact->fields, GRAPH_CREATED_AT, DT_NOBEGIN)));
	}
	rank_lines(rank, lines, graph->fact_count);
	for (int i = 0; i < graph->fact_count; i++)
		graph->facts[i].place.score = lines[i].score * rank_level(graph->fact_count);
}

static double
rank_entities(MemoryGraph *graph, const RankQuery *rank, const struct RankTerms *terms)
{
	RankLine *lines = lines_new(graph->entity_count);
	double best = 0;

	for (int i = 0; i < graph->entity_count; i++)
	{
		const KnownEntity *entity = &graph->entities[i];

		CHECK_FOR_INTERRUPTS();
		lines[i] = line_of(terms, search_of_entity(entity), entity->fields[ENTITY_SEARCH], i,
						   graph_time(entity->fields, GRAPH_CREATED_AT, DT_NOBEGIN));
	}
	rank_lines(rank, lines, graph->entity_count);
	for (int i = 0; i < graph->entity_count; i++)
	{
		graph->entities[i].place.score = lines[i].score * rank_level(graph->entity_count);
		best = Max(best, graph->entities[i].place.score);
	}
	return best;
}

/* Names that are like a part of the query score as much of the best as they are like it. */
static double
rank_names(MemoryGraph *graph, double best)
{
	const char *asked = llast(graph->query->lines);
	Datum query = PointerGetDatum(
		cstring_to_text_with_len(asked, pg_mbcliplen(asked, strlen(asked), NAME_QUERY_BYTES)));
	double whole = best > 0 ? best : 1;
	FmgrInfo similarity;

	if (!query_first(graph->call, &graph_trigrams, NULL))
		return best;
	fmgr_info(DatumGetObjectId(row_datum(1, 1)), &similarity);
	for (int i = 0; i < graph->entity_count; i++)
	{
		KnownEntity *entity = &graph->entities[i];
		double like = DatumGetFloat4(FunctionCall2Coll(&similarity, DEFAULT_COLLATION_OID,
													   entity->fields[ENTITY_NAME].value, query));

		CHECK_FOR_INTERRUPTS();
		if (like < NAME_IS_LIKE)
			continue;
		entity->place.score = Max(entity->place.score, like * whole);
		best = Max(best, entity->place.score);
	}
	return best;
}

/* Whether there is any; the score of the best entity, 0 for none. */
static double
look_for_words(MemoryGraph *graph, int kinds)
{
	RankQuery rank;
	struct RankTerms *terms;

	reading_query(&rank, graph->query);
	rank.read_text = read_no_text;
	graph->asked = rank_has_words(&rank);
	if (!graph->asked)
		return 0;
	if (rank_has_dates(&rank))
		rank.zone = reading_zone(graph->call, graph->query->user_id);
	terms = rank_terms(&rank);
	if (kinds & KIND_FACT)
		rank_facts(graph, &rank, terms);
	return rank_names(graph, rank_entities(graph, &rank, terms));
}

/* Ways */

/* From what was found: the best, as far as they are good; and from the user's own. */
static void
set_out(MemoryGraph *graph, double best)
{
	for (int begun = 0; best > 0 && begun < BEGIN_ENTITIES; begun++)
	{
		KnownEntity *next = NULL;

		for (int i = 0; i < graph->entity_count; i++)
		{
			KnownEntity *entity = &graph->entities[i];

			if (entity->place.distance != 0 && entity->place.score >= best * BEGIN_RELEVANCE &&
				(!next || entity->place.score > next->place.score))
				next = entity;
		}
		if (!next)
			break;
		graph_reach(graph, next, 0);
	}
	for (int i = 0; i < graph->entity_count; i++)
		if (graph->entities[i].is_user)
			graph_reach(graph, &graph->entities[i], 1);
}

static void
set_out_from(MemoryGraph *graph, NullableDatum ids)
{
	Datum *origins;
	int count = text_list(ids, &origins);

	for (int i = 0; i < count; i++)
	{
		KnownEntity *entity = graph_entity(graph, ARG(origins[i]));

		if (entity)
			graph_reach(graph, entity, 0);
	}
}

/* How far everything is from the centre, however far. */
static void
measure(MemoryGraph *graph, NullableDatum center_id)
{
	KnownEntity *center = graph_entity(graph, center_id);

	graph_stay(graph);
	if (center)
		graph_reach(graph, center, 0);
	graph_walk(graph, DISTANCE_NONE);
	for (int i = 0; i < graph->fact_count; i++)
		graph->facts[i].place.apart = graph->facts[i].place.distance;
	for (int i = 0; i < graph->entity_count; i++)
		graph->entities[i].place.apart = graph->entities[i].place.distance;
}

void
graph_search(MemoryGraph *graph, const GraphAsked *asked)
{
	double best = look_for_words(graph, asked->kinds);

	if (asked->mentions)
		graph_count_mentions(graph);
	if (!asked->center_id.isnull)
		measure(graph, asked->center_id);
	graph_stay(graph);
	if (!asked->origin_ids.isnull)
		set_out_from(graph, asked->origin_ids);
	else if (graph->asked)
		set_out(graph, best);
	graph_walk(graph, REACHED);
}
