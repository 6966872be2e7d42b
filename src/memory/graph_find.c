/*
 * memory/graph_find.c: facts and entities that answer a query.
 *
 * A fact is found by the words of its sentence, its relation and the names that it joins, ranked as
 * episodes are (memory/rank.c), each as a thread of its own. Of those that answer about as well, at
 * least NEAR_BEST of the best, those that hold come first, and those that are over behind them;
 * then, in the same order, what answers less. So "where does Ada live" gives the city of today
 * first, and "did Ada live in Berlin" still gives Berlin when she does not.
 *
 * An entity is found by the words of its name and its summary; where pg_trgm is installed, also by
 * a name that is like a part of the query, misspelt say. From the best of these, and one step
 * farther from the user's own, the facts lead on for REACHED steps. What is reached like this and
 * not found by a word comes last.
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
#define NEAR_BEST 0.75
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

static RankLine
line_of(const struct RankTerms *terms, NullableDatum search, int i, TimestampTz at)
{
	TSVector words = DatumGetTSVector(search.value);

	return (RankLine){.words = rank_words(terms, words),
					  .length = words->size,
					  .thread = i,
					  .speaker = -1,
					  .answers = true,
					  .sampled = true,
					  .event_at = at};
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
	return ARG(message_lexemes(
		psprintf("%s. %s", text_or_null(fields[ENTITY_NAME]),
				 fields[ENTITY_SUMMARY].isnull ? "" : text_or_null(fields[ENTITY_SUMMARY]))));
}

static double
rank_facts(MemoryGraph *graph, const RankQuery *rank, const struct RankTerms *terms)
{
	RankLine *lines = palloc_extended(sizeof(RankLine) * (graph->fact_count + 1), MCXT_ALLOC_HUGE);
	double best = 0;

	for (int i = 0; i < graph->fact_count; i++)
	{
		const KnownFact *fact = &graph->facts[i];

		CHECK_FOR_INTERRUPTS();
		lines[i] = line_of(terms, search_of_fact(graph, fact), i,
						   graph_time(fact->fields, FACT_VALID_AT,
									  graph_time(fact->fields, FACT_CREATED_AT, DT_NOBEGIN)));
	}
	rank_lines(rank, lines, graph->fact_count);
	for (int i = 0; i < graph->fact_count; i++)
	{
		graph->facts[i].place.score = lines[i].score;
		if (graph->facts[i].place.may_give)
			best = Max(best, lines[i].score);
	}
	return best;
}

static double
rank_entities(MemoryGraph *graph, const RankQuery *rank, const struct RankTerms *terms)
{
	RankLine *lines =
		palloc_extended(sizeof(RankLine) * (graph->entity_count + 1), MCXT_ALLOC_HUGE);
	double best = 0;

	for (int i = 0; i < graph->entity_count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		lines[i] = line_of(terms, search_of_entity(&graph->entities[i]), i,
						   graph_time(graph->entities[i].fields, ENTITY_CREATED_AT, DT_NOBEGIN));
	}
	rank_lines(rank, lines, graph->entity_count);
	for (int i = 0; i < graph->entity_count; i++)
	{
		graph->entities[i].place.score = lines[i].score;
		best = Max(best, lines[i].score);
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

/* Ways */

/* One step over all facts that were not taken back; whether it reached anything. */
static bool
step(MemoryGraph *graph, int distance)
{
	bool reached = false;

	for (int i = 0; i < graph->fact_count; i++)
	{
		KnownFact *fact = &graph->facts[i];

		CHECK_FOR_INTERRUPTS();
		if (fact->taken_back)
			continue;
		for (int end = 0; end < 2; end++)
		{
			int from = fact->ends[end];
			int to = fact->ends[1 - end];

			if (from < 0 || graph->entities[from].place.distance != distance)
				continue;
			fact->place.distance = Min(fact->place.distance, distance);
			if (to < 0 || graph->entities[to].place.distance <= distance)
				continue;
			graph->entities[to].place.distance = distance + 1;
			reached = true;
		}
	}
	return reached;
}

static void
forget_distances(MemoryGraph *graph)
{
	for (int i = 0; i < graph->entity_count; i++)
		graph->entities[i].place.distance = DISTANCE_NONE;
	for (int i = 0; i < graph->fact_count; i++)
		graph->facts[i].place.distance = DISTANCE_NONE;
}

void
graph_measure(MemoryGraph *graph, KnownEntity *from)
{
	int distance = 0;

	forget_distances(graph);
	from->place.distance = 0;
	while (step(graph, distance))
		distance++;
}

/* From what was found: the best, as far as they are. */
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
		next->place.distance = 0;
	}
	for (int i = 0; i < graph->entity_count; i++)
		if (graph->entities[i].is_user)
			graph->entities[i].place.distance = Min(graph->entities[i].place.distance, 1);
}

static void
set_out_from(MemoryGraph *graph, NullableDatum origin_ids)
{
	Datum *ids;
	int count = text_list(origin_ids, &ids);

	for (int i = 0; i < count; i++)
	{
		KnownEntity *entity = graph_entity(graph, ARG(ids[i]));

		if (!entity)
			error_not_found("entity", TextDatumGetCString(ids[i]));
		entity->place.distance = 0;
	}
}

/* The whole */

/* 0 about as good as the best, 1 less, 2 merely reached, 3 nothing to do with the query. */
static int
band_of(const MemoryGraph *graph, const GraphPlace *place, double best)
{
	if (!graph->asked)
		return 0;
	if (place->score > 0)
		return place->score >= best * NEAR_BEST ? 0 : 1;
	return place->distance < DISTANCE_NONE ? 2 : 3;
}

static void
look_for_words(MemoryGraph *graph, double *best_fact, double *best_entity)
{
	RankQuery rank;
	struct RankTerms *terms;

	*best_fact = *best_entity = 0;
	reading_query(&rank, graph->query);
	rank.read_text = read_no_text;
	graph->asked = rank_has_words(&rank);
	if (!graph->asked)
		return;
	if (rank_has_dates(&rank))
		rank.zone = reading_zone(graph->call, graph->query->user_id);
	terms = rank_terms(&rank);
	*best_fact = rank_facts(graph, &rank, terms);
	*best_entity = rank_names(graph, rank_entities(graph, &rank, terms));
}

void
graph_search(Call *call, const MemoryQuery *query, NullableDatum origin_ids, MemoryGraph *graph)
{
	double best_fact;
	double best_entity;

	graph_read(call, query, graph);
	look_for_words(graph, &best_fact, &best_entity);
	forget_distances(graph);
	if (!origin_ids.isnull)
		set_out_from(graph, origin_ids);
	else if (graph->asked)
		set_out(graph, best_entity);
	for (int distance = 0; distance < REACHED; distance++)
		(void)step(graph, distance);
	for (int i = 0; i < graph->fact_count; i++)
		graph->facts[i].place.band = band_of(graph, &graph->facts[i].place, best_fact);
	for (int i = 0; i < graph->entity_count; i++)
		graph->entities[i].place.band = band_of(graph, &graph->entities[i].place, best_entity);
}

/* By score where there is one, then the nearest. */
static int
compare_places(const GraphPlace *a, const GraphPlace *b)
{
	if (a->score != b->score)
		return a->score > b->score ? -1 : 1;
	return a->distance < b->distance ? -1 : a->distance > b->distance;
}

static int
compare_fields(const NullableDatum *a, const NullableDatum *b, int created_at, int id)
{
	TimestampTz x = DatumGetTimestampTz(a[created_at].value);
	TimestampTz y = DatumGetTimestampTz(b[created_at].value);

	if (x != y)
		return x > y ? -1 : 1;
	return strcmp(text_or_null(a[id]), text_or_null(b[id]));
}

static int
compare_facts(const void *a, const void *b)
{
	const KnownFact *x = *(KnownFact *const *)a;
	const KnownFact *y = *(KnownFact *const *)b;
	int order;

	CHECK_FOR_INTERRUPTS();
	if (x->place.band != y->place.band)
		return x->place.band - y->place.band;
	if (x->current != y->current)
		return x->current ? -1 : 1;
	order = compare_places(&x->place, &y->place);
	return order ? order : compare_fields(x->fields, y->fields, FACT_CREATED_AT, FACT_ID);
}

static int
compare_entities(const void *a, const void *b)
{
	const KnownEntity *x = *(KnownEntity *const *)a;
	const KnownEntity *y = *(KnownEntity *const *)b;
	int order;

	CHECK_FOR_INTERRUPTS();
	if (x->place.band != y->place.band)
		return x->place.band - y->place.band;
	order = compare_places(&x->place, &y->place);
	return order ? order : compare_fields(x->fields, y->fields, ENTITY_CREATED_AT, ENTITY_ID);
}

static MemoryHit *
hit_of(const MemoryGraph *graph, int kind, const GraphPlace *place, double best)
{
	MemoryHit *hit = palloc0(sizeof(MemoryHit));

	hit->kind = kind;
	hit->relevance = !graph->asked ? 1 : best > 0 ? place->score / best : 0;
	return hit;
}

List *
graph_best_facts(MemoryGraph *graph, int most)
{
	KnownFact **order = palloc(sizeof(KnownFact *) * (graph->fact_count + 1));
	List *best = NIL;
	double top = 0;
	int count = 0;

	for (int i = 0; i < graph->fact_count; i++)
		if (graph->facts[i].place.may_give && graph->facts[i].place.band < 3)
			order[count++] = &graph->facts[i];
	qsort(order, count, sizeof(KnownFact *), compare_facts);
	for (int i = 0; i < count; i++)
		top = Max(top, order[i]->place.score);
	for (int i = 0; i < Min(count, most); i++)
	{
		MemoryHit *hit = hit_of(graph, KIND_FACT, &order[i]->place, top);

		hit->fact = order[i];
		best = lappend(best, hit);
	}
	return best;
}

List *
graph_best_entities(MemoryGraph *graph, int most)
{
	KnownEntity **order = palloc(sizeof(KnownEntity *) * (graph->entity_count + 1));
	List *best = NIL;
	double top = 0;
	int count = 0;

	for (int i = 0; i < graph->entity_count; i++)
		if (graph->entities[i].place.may_give && graph->entities[i].place.band < 3)
			order[count++] = &graph->entities[i];
	qsort(order, count, sizeof(KnownEntity *), compare_entities);
	for (int i = 0; i < count; i++)
		top = Max(top, order[i]->place.score);
	for (int i = 0; i < Min(count, most); i++)
	{
		MemoryHit *hit = hit_of(graph, KIND_ENTITY, &order[i]->place, top);

		hit->entity = order[i];
		best = lappend(best, hit);
	}
	return best;
}

char *
hit_text(const MemoryHit *hit)
{
	NullableDatum summary;

	if (hit->kind == KIND_EPISODE)
		return hit->episode->content;
	if (hit->kind == KIND_FACT)
		return text_or_null(hit->fact->fields[FACT_TEXT]);
	summary = hit->entity->fields[ENTITY_SUMMARY];
	return psprintf("%s%s%s", text_or_null(hit->entity->fields[ENTITY_NAME]),
					summary.isnull ? "" : ": ", summary.isnull ? "" : text_or_null(summary));
}

List *
hits_of_episodes(List *episodes)
{
	List *hits = NIL;
	ListCell *cell;

	foreach (cell, episodes)
	{
		Episode *episode = lfirst(cell);
		double best = ((Episode *)linitial(episodes))->score;
		MemoryHit *hit = palloc0(sizeof(MemoryHit));

		hit->kind = KIND_EPISODE;
		hit->episode = episode;
		hit->score = episode->score;
		hit->relevance = best > 0 ? episode->score / best : 1;
		hits = lappend(hits, hit);
	}
	return hits;
}
