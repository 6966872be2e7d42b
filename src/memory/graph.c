/*
 * memory/graph.c: what one memory knows as a graph, read whole.
 *
 * All that is known of one user is read, the newest GRAPH_ROWS of facts and of entities, by their
 * indexes: of most users that is little, and facts are short. So words, filters and the way from
 * one entity to the next are looked at in memory (memory/graph_find.c), and none of them needs an
 * index of its own.
 */
#include "memory/graph.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "fact/fact.h"
#include "json_patch/json_patch.h"

#define GRAPH_ROWS 10000

#define FACT_ROW(search) \
	"f.fact_id, f.created_at, f.source_id, f.target_id, f.name, f.fact, f.valid_at, f.invalid_at," \
	" f.expired_at, f.attributes, f.metadata, " search
#define ENTITY_ROW(search) \
	"e.entity_id, e.created_at, e.name, e.label, e.summary, e.attributes, e.metadata, " search
#define USER_ROW \
	"SELECT u.user_id, u.created_at, " NAME_OF_USER \
	", CASE u.kind WHEN 'group' THEN 'Group' ELSE 'User' END, u.summary, '{}'::jsonb, u.metadata," \
	" NULL::tsvector FROM threadmem_data.users u" \
	" WHERE u.tenant_id = $1 AND u.user_id = $2"

static Stmt graph_facts = {
	"SELECT " FACT_ROW("f.search") " FROM threadmem_data.facts f"
								   " WHERE f.tenant_id = $1 AND f.user_id = $2"
								   " ORDER BY f.created_at DESC, f.fact_id"
								   " LIMIT $3",
	"tl", .keyed = true};
/* As they were said at a time. */
static Stmt graph_facts_then = {
	"SELECT " FACT_ROW(
		"f.search") " FROM threadmem_data.facts f WHERE f.tenant_id = $1"
					" AND f.user_id = $2 AND f.updated_at <= $4 UNION ALL"
					" SELECT " FACT_ROW(
						"NULL::tsvector") " FROM threadmem_data.fact_revisions f WHERE f.tenant_id = $1 AND f.user_id = $2"
										  " AND f.updated_at <= $4 AND f.replaced_at > $4 ORDER BY created_at DESC, fact_id LIMIT $3",
	"tlz", .keyed = true};
static Stmt graph_entities = {
	USER_ROW " UNION ALL (SELECT " ENTITY_ROW(
		"e.search") " FROM threadmem_data.entities e WHERE e.tenant_id = $1 AND e.user_id = $2"
					" ORDER BY e.created_at DESC, e.entity_id LIMIT $3)",
	"tl", .keyed = true};
static Stmt graph_entities_then = {
	USER_ROW " UNION ALL (SELECT " ENTITY_ROW(
		"e.search") " FROM threadmem_data.entities e WHERE e.tenant_id = $1 AND e.user_id = $2"
					" AND e.updated_at <= $4 UNION ALL SELECT " ENTITY_ROW(
						"NULL::tsvector") " FROM threadmem_data.entity_revisions e WHERE e.tenant_id = $1 AND e.user_id = $2"
										  " AND e.updated_at <= $4 AND e.replaced_at > $4 ORDER BY created_at DESC, entity_id LIMIT $3)",
	"tlz", .keyed = true};
/* What things come from: an episode that is in the user's memory. */
#define ORIGINS(is_fact, table, id) \
	"SELECT " is_fact ", s." id ", coalesce(m.thread_id, e.thread_id), coalesce(m.message_id," \
	" e.message_id), e.episode_id, coalesce(m.metadata, e.metadata) FROM threadmem_data." table \
	" s LEFT JOIN LATERAL (SELECT l.* FROM threadmem_data.messages l WHERE l.tenant_id = $1" \
	" AND l.thread_id = s.thread_id AND l.message_id = s.message_id AND l.state = 'live'" \
	" AND ((l.user_id = $2 AND l.in_memory) OR (l.sender_id = $2 AND l.in_sender_memory))" \
	" OFFSET 0) m ON true LEFT JOIN LATERAL (SELECT k.* FROM threadmem_data.episodes k" \
	" WHERE k.tenant_id = $1 AND k.user_id = $2 AND k.episode_id = s.episode_id OFFSET 0) e" \
	" ON true WHERE s.tenant_id = $1 AND s.user_id = $2 AND ($3 IS NULL OR s.event_at <= $3)" \
	" AND (m.thread_id IS NOT NULL OR e.episode_id IS NOT NULL)"
static Stmt graph_origins = {ORIGINS("true", "fact_episodes", "fact_id") " UNION ALL " ORIGINS(
								 "false", "entity_episodes", "entity_id"),
							 "tz", .keyed = true};

/* Rows */

/* Whether it is as its writer left it: what is not is not remembered. */
static bool
take_row(uint64 row, NullableDatum *fields, int count, const int *needed, int needed_count)
{
	for (int i = 0; i < count; i++)
		fields[i] = table_column(SPI_tuptable, row, i + 1);
	for (int i = 0; i < needed_count; i++)
		if (fields[needed[i]].isnull)
			return false;
	return true;
}

static uint64
read_rows(MemoryGraph *graph, Stmt *now, Stmt *then)
{
	NullableDatum args[] = {graph->query->user_id, ARG(Int64GetDatum(GRAPH_ROWS)),
							graph->query->as_of};

	return query_exec(graph->call, args[2].isnull ? now : then, args);
}

static void
keep_under(Names *ids, NullableDatum id, void *row)
{
	text *bytes = DatumGetTextPP(id.value);

	names_add(ids, VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes))->value = row;
}

KnownEntity *
graph_entity(const MemoryGraph *graph, NullableDatum id)
{
	NameEntry *entry = names_find_text(graph->ids, id);

	return entry ? entry->value : NULL;
}

static void
read_entities(MemoryGraph *graph)
{
	static const int needed[] = {GRAPH_ID, ENTITY_NAME, ENTITY_ATTRIBUTES, ENTITY_METADATA,
								 GRAPH_CREATED_AT};
	uint64 count = read_rows(graph, &graph_entities, &graph_entities_then);

	graph->ids = names_new();
	graph->entities =
		palloc_extended(sizeof(KnownEntity) * (count + 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (uint64 i = 1; i <= count; i++)
	{
		KnownEntity *entity = &graph->entities[graph->entity_count];

		CHECK_FOR_INTERRUPTS();
		if (!take_row(i, entity->fields, ENTITY_FIELDS, needed, lengthof(needed)))
			continue;
		entity->place.current = true;
		entity->is_user = strcmp(text_or_null(entity->fields[GRAPH_ID]),
								 text_or_null(graph->query->user_id)) == 0;
		keep_under(graph->ids, entity->fields[GRAPH_ID], entity);
		graph->entity_count++;
	}
}

TimestampTz
graph_time(const NullableDatum *fields, int which, TimestampTz otherwise)
{
	return fields[which].isnull ? otherwise : DatumGetTimestampTz(fields[which].value);
}

/* Whether a time of a row is there and has come. */
static bool
has_come(const KnownFact *fact, int which, TimestampTz now)
{
	return !fact->fields[which].isnull && DatumGetTimestampTz(fact->fields[which].value) <= now;
}

/* Whether it held at a time of which memory is asked, as it knew then. */
static void
judge(const MemoryGraph *graph, KnownFact *fact)
{
	TimestampTz now = graph->query->as_of.isnull ? GetCurrentStatementStartTimestamp()
												 : DatumGetTimestampTz(graph->query->as_of.value);

	fact->taken_back = fact->fields[FACT_INVALID_AT].isnull && has_come(fact, FACT_EXPIRED_AT, now);
	fact->place.current =
		!fact->taken_back && !has_come(fact, FACT_INVALID_AT, now) &&
		(fact->fields[FACT_VALID_AT].isnull || has_come(fact, FACT_VALID_AT, now));
}

static void
read_facts(MemoryGraph *graph)
{
	static const int needed[] = {GRAPH_ID,  FACT_SOURCE_ID,   FACT_TARGET_ID,  FACT_NAME,
								 FACT_TEXT, GRAPH_CREATED_AT, FACT_ATTRIBUTES, FACT_METADATA};
	uint64 count = read_rows(graph, &graph_facts, &graph_facts_then);

	graph->facts =
		palloc_extended(sizeof(KnownFact) * (count + 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (uint64 i = 1; i <= count; i++)
	{
		KnownFact *fact = &graph->facts[graph->fact_count];

		CHECK_FOR_INTERRUPTS();
		if (!take_row(i, fact->fields, FACT_FIELDS, needed, lengthof(needed)))
			continue;
		for (int end = 0; end < 2; end++)
		{
			KnownEntity *entity = graph_entity(graph, fact->fields[FACT_SOURCE_ID + end]);

			fact->ends[end] = entity ? (int)(entity - graph->entities) : -1;
		}
		judge(graph, fact);
		graph->fact_count++;
	}
}

/* Filters */

static void
take_origin(MemoryGraph *graph, uint64 row, Names *fact_ids)
{
	NullableDatum id = row_column(row, 2);
	NameEntry *entry = names_find_text(row_bool(row, 1) ? fact_ids : graph->ids, id);
	GraphPlace *place;

	if (!entry)
		return;
	place = row_bool(row, 1) ? &((KnownFact *)entry->value)->place
							 : &((KnownEntity *)entry->value)->place;
	place->mentions++;
	place->has_origin |=
		filters_pass_origin(&graph->filters, row_column(row, 3), row_column(row, 4),
							row_column(row, 5), row_column(row, 6));
}

void
graph_count_mentions(MemoryGraph *graph)
{
	Names *fact_ids = names_new();
	uint64 count;

	if (graph->counts)
		return;
	graph->counts = true;
	for (int i = 0; i < graph->fact_count; i++)
		keep_under(fact_ids, graph->facts[i].fields[GRAPH_ID], &graph->facts[i]);
	count = query_exec(graph->call, &graph_origins,
					   (NullableDatum[]){graph->query->user_id, graph->query->as_of});
	for (uint64 i = 1; i <= count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		take_origin(graph, i, fact_ids);
	}
}

static bool
has_metadata(const MemoryGraph *graph, NullableDatum metadata)
{
	return !graph->filters.metadata ||
		   json_contains(DatumGetJsonbP(metadata.value), graph->filters.metadata);
}

static NullableDatum
label_of(const MemoryGraph *graph, int entity)
{
	return entity < 0 ? ARG_NULL : graph->entities[entity].fields[ENTITY_LABEL];
}

static bool
may_give_fact(const MemoryGraph *graph, const KnownFact *fact)
{
	const NullableDatum *fields = fact->fields;
	GraphItem item = {.kind = KIND_FACT,
					  .id = fields[GRAPH_ID],
					  .type = fields[FACT_NAME],
					  .ends = {fields[FACT_SOURCE_ID], fields[FACT_TARGET_ID]},
					  .labels = {label_of(graph, fact->ends[0]), label_of(graph, fact->ends[1])},
					  .label_count = 2,
					  .times = {fields[GRAPH_CREATED_AT], fields[FACT_VALID_AT],
								fields[FACT_INVALID_AT], fields[FACT_EXPIRED_AT]},
					  .attributes = fields[FACT_ATTRIBUTES]};

	/* what never held is of interest to who asks when memory learned of that */
	if (fact->taken_back && !graph->filters.graph.times[FILTER_EXPIRED_AT].given)
		return false;
	return has_metadata(graph, fields[FACT_METADATA]) &&
		   graph_filter_passes(&graph->filters.graph, &item);
}

static bool
may_give_entity(const MemoryGraph *graph, const KnownEntity *entity)
{
	GraphItem item = {.kind = KIND_ENTITY,
					  .id = entity->fields[GRAPH_ID],
					  .labels = {entity->fields[ENTITY_LABEL]},
					  .label_count = 1,
					  .times = {entity->fields[GRAPH_CREATED_AT], ARG_NULL, ARG_NULL, ARG_NULL},
					  .attributes = entity->fields[ENTITY_ATTRIBUTES]};

	return has_metadata(graph, entity->fields[ENTITY_METADATA]) &&
		   graph_filter_passes(&graph->filters.graph, &item);
}

static void
apply_filters(MemoryGraph *graph)
{
	bool ask_origin = filters_ask_origin(&graph->filters);

	if (ask_origin)
		graph_count_mentions(graph);
	for (int i = 0; i < graph->fact_count; i++)
	{
		KnownFact *fact = &graph->facts[i];

		CHECK_FOR_INTERRUPTS();
		fact->place.may_give =
			(!ask_origin || fact->place.has_origin) && may_give_fact(graph, fact);
	}
	for (int i = 0; i < graph->entity_count; i++)
	{
		KnownEntity *entity = &graph->entities[i];

		CHECK_FOR_INTERRUPTS();
		entity->place.may_give =
			(!ask_origin || entity->place.has_origin) && may_give_entity(graph, entity);
	}
}

void
graph_read(Call *call, const MemoryQuery *query, MemoryGraph *graph)
{
	*graph = (MemoryGraph){.call = call, .query = query};
	filters_read(&graph->filters, query->filters);
	read_entities(graph);
	read_facts(graph);
	apply_filters(graph);
}
