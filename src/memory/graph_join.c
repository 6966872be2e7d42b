/*
 * memory/graph_join.c: the facts and entities of one memory or several that answer a query, in one
 * order.
 *
 * Of facts that answer about as well, at least NEAR_BEST of the best, those that hold come first,
 * and those that are over behind them; then, in the same order, what answers less. So "where does
 * Ada live" gives the city of today first, and "did Ada live in Berlin" still gives Berlin when she
 * does not. What is reached over facts and not found by a word comes last, the nearest first.
 *
 * Each memory is read and searched by itself, since what is rare in one is common in another, and
 * one after the other, since each may be large: what is not freed is what may be among the first of
 * the whole. How good the best is, is known behind the last. But among those that hold, and among
 * those that are over, the order is the same whatever it will be; so the first of either are kept.
 */
#include "memory/graph.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/timestamp.h"

#define NEAR_BEST 0.75

/* Something found, while its memory is at hand. */
typedef struct Candidate
{
	NullableDatum *fields;
	const GraphPlace *place;
	bool is_user;
} Candidate;

/* One memory's search, and what it leaves. */
typedef struct Gathering
{
	const MemoryGraph *graph;
	const GraphAsked *asked;
	Datum owner;
	MemoryContext outer;
} Gathering;

/* By score where there is one, then the nearest; then the newest. */
static int
compare_found(const NullableDatum *a, const GraphPlace *x, const NullableDatum *b,
			  const GraphPlace *y)
{
	TimestampTz at = graph_time(a, GRAPH_CREATED_AT, DT_NOBEGIN);
	TimestampTz other = graph_time(b, GRAPH_CREATED_AT, DT_NOBEGIN);

	CHECK_FOR_INTERRUPTS();
	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	if (x->distance != y->distance)
		return x->distance < y->distance ? -1 : 1;
	if (at != other)
		return at > other ? -1 : 1;
	return strcmp(text_or_null(a[GRAPH_ID]), text_or_null(b[GRAPH_ID]));
}

static int
compare_candidates(const void *a, const void *b)
{
	const Candidate *x = a;
	const Candidate *y = b;

	return compare_found(x->fields, x->place, y->fields, y->place);
}

/* Whether it is one; where no word is asked for all are. */
static bool
is_found(const MemoryGraph *graph, const GraphPlace *place)
{
	return place->may_give &&
		   (!graph->asked || place->score > 0 || place->distance < DISTANCE_NONE);
}

static NullableDatum *
copy_fields(const Candidate *found, int kind)
{
	int count = kind == KIND_FACT ? FACT_FIELDS : ENTITY_FIELDS;
	NullableDatum *fields = palloc(sizeof(NullableDatum) * count);

	for (int i = 0; i < count; i++)
	{
		bool is_time = i == GRAPH_CREATED_AT ||
					   (kind == KIND_FACT && i >= FACT_VALID_AT && i <= FACT_EXPIRED_AT);

		fields[i] = found->fields[i];
		if (!fields[i].isnull && !is_time)
			fields[i].value = datumCopy(fields[i].value, false, -1);
	}
	return fields;
}

static MemoryHit *
hit_of(const Gathering *gathering, const Candidate *found, int kind)
{
	MemoryHit *hit = palloc0(sizeof(MemoryHit));

	hit->kind = kind;
	hit->owner_id = TextDatumGetCString(gathering->owner);
	hit->fields = copy_fields(found, kind);
	hit->is_user = found->is_user;
	hit->place = *found->place;
	return hit;
}

/* The first of those that hold, and of those that do not. */
static List *
keep_first(const Gathering *gathering, Candidate *found, int count, int kind, List *hits)
{
	MemoryContext before;
	int kept[] = {0, 0};

	qsort(found, count, sizeof(Candidate), compare_candidates);
	before = MemoryContextSwitchTo(gathering->outer);
	for (int i = 0; i < count; i++)
		if (kept[found[i].place->current]++ < gathering->asked->most)
			hits = lappend(hits, hit_of(gathering, &found[i], kind));
	MemoryContextSwitchTo(before);
	return hits;
}

static List *
keep_facts(const Gathering *gathering, List *hits)
{
	const MemoryGraph *graph = gathering->graph;
	Candidate *found =
		palloc_extended(sizeof(Candidate) * (graph->fact_count + 1), MCXT_ALLOC_HUGE);
	int count = 0;

	for (int i = 0; i < graph->fact_count; i++)
		if (is_found(graph, &graph->facts[i].place))
			found[count++] = (Candidate){graph->facts[i].fields, &graph->facts[i].place};
	return keep_first(gathering, found, count, KIND_FACT, hits);
}

static List *
keep_entities(const Gathering *gathering, List *hits)
{
	const MemoryGraph *graph = gathering->graph;
	Candidate *found =
		palloc_extended(sizeof(Candidate) * (graph->entity_count + 1), MCXT_ALLOC_HUGE);
	int count = 0;

	for (int i = 0; i < graph->entity_count; i++)
		if (is_found(graph, &graph->entities[i].place))
			found[count++] = (Candidate){graph->entities[i].fields, &graph->entities[i].place,
										 graph->entities[i].is_user};
	return keep_first(gathering, found, count, KIND_ENTITY, hits);
}

/* The whole */

/* 0 about as good as the best, 1 less, 2 merely reached; all alike where no word is asked for. */
static int
band_of(const GraphPlace *place, double best)
{
	if (place->score <= 0)
		return 2;
	return place->score >= best * NEAR_BEST ? 0 : 1;
}

static int
compare_hits(const ListCell *a, const ListCell *b)
{
	const MemoryHit *x = lfirst(a);
	const MemoryHit *y = lfirst(b);
	int order;

	if (x->band != y->band)
		return x->band - y->band;
	if (x->place.current != y->place.current)
		return x->place.current ? -1 : 1;
	order = compare_found(x->fields, &x->place, y->fields, &y->place);
	return order ? order : x->at - y->at;
}

/* One order; of two alike in all the one of the earlier memory. */
static List *
best_of(List *hits, bool asked, int most)
{
	double best = 0;
	ListCell *cell;

	foreach (cell, hits)
		best = Max(best, ((MemoryHit *)lfirst(cell))->place.score);
	foreach (cell, hits)
	{
		MemoryHit *hit = lfirst(cell);

		hit->at = foreach_current_index(cell);
		hit->band = band_of(&hit->place, best);
		hit->relevance = !asked ? 1 : best > 0 ? hit->place.score / best : 0;
	}
	list_sort(hits, compare_hits);
	return list_truncate(hits, most);
}

/* Entities that are named, and which of them were there. */
typedef struct Named
{
	Datum *ids;
	bool *known;
	int count;
} Named;

static Named
named_by(const GraphAsked *asked)
{
	Named named;
	Datum *ids;
	int count = text_list(asked->origin_ids, &ids);

	named.ids = palloc(sizeof(Datum) * (count + 1));
	named.known = palloc0(sizeof(bool) * (count + 1));
	named.count = count;
	for (int i = 0; i < count; i++)
		named.ids[i] = ids[i];
	if (!asked->center_id.isnull)
		named.ids[named.count++] = asked->center_id.value;
	return named;
}

static void
look_for_named(const MemoryGraph *graph, Named *named)
{
	for (int i = 0; i < named->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!named->known[i])
			named->known[i] = graph_entity(graph, ARG(named->ids[i])) != NULL;
	}
}

static void
require_named(const Named *named)
{
	for (int i = 0; i < named->count; i++)
		if (!named->known[i])
			error_not_found("entity", TextDatumGetCString(named->ids[i]));
}

void
graph_find_in(Call *call, const MemoryQuery *query, List *owners, const GraphAsked *asked,
			  List **facts, List **entities)
{
	MemoryContext outer = CurrentMemoryContext;
	Named named = named_by(asked);
	MemoryGraph graph;
	ListCell *cell;

	*facts = *entities = NIL;
	foreach (cell, owners)
	{
		MemoryQuery wanted = *query;
		Gathering gathering = {&graph, asked, PointerGetDatum(lfirst(cell)), outer};

		wanted.user_id = ARG(gathering.owner);
		query_push();
		graph_read(call, &wanted, &graph);
		look_for_named(&graph, &named);
		graph_search(&graph, asked);
		if (asked->kinds & KIND_FACT)
			*facts = keep_facts(&gathering, *facts);
		if (asked->kinds & KIND_ENTITY)
			*entities = keep_entities(&gathering, *entities);
		query_pop();
		MemoryContextSwitchTo(outer);
	}
	require_named(&named);
	*facts = best_of(*facts, graph.asked, asked->most);
	*entities = best_of(*entities, graph.asked, asked->most);
}

/* Hits */

char *
hit_text(const MemoryHit *hit)
{
	NullableDatum summary;

	if (hit->kind == KIND_EPISODE)
		return hit->episode->content;
	if (hit->kind == KIND_FACT)
		return text_or_null(hit->fields[FACT_TEXT]);
	summary = hit->fields[ENTITY_SUMMARY];
	return psprintf("%s%s%s", text_or_null(hit->fields[ENTITY_NAME]), summary.isnull ? "" : ": ",
					summary.isnull ? "" : text_or_null(summary));
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
		hit->owner_id = episode->owner_id;
		hit->episode = episode;
		hit->score = episode->score;
		hit->relevance = best > 0 ? episode->score / best : 1;
		hits = lappend(hits, hit);
	}
	return hits;
}
