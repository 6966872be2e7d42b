/*
 * thread/values.c: threads found by what their values contain.
 *
 * The table thread_values has the short scalars of every thread's latest state under a GIN index,
 * so they find the threads; objects, arrays and long strings are then looked for in the states of
 * those alone. How many threads have a scalar decides the way, and statistics know that badly or
 * not at all. So the index is asked first, for no more than a thousand threads. If these are all,
 * they are the candidates, and each is read by its key. If there are more, one in so many threads
 * is met anyway: the search goes through the threads in the order wanted and looks each one up,
 * which soon fills a page.
 *
 * A channel that nothing has written yet shows its graph's default, which thread_values does not
 * have. Where a filter asks for the default of a graph, the states of its threads are compared.
 */
#include "thread/find.h"

#include "state/state.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "json_patch/json_patch.h"
#include "threadmem/threadmem.h"

#define CANDIDATES_MAX 1000

static Stmt thread_having = {
	"SELECT v.thread_id FROM threadmem_data.thread_values v WHERE v.tenant_id = $1"
	" AND threadmem.jsonb_contains(v.\"values\", $2)" HAS_KEYS("v.", "\"values\"",
															   "$3") " LIMIT 1001",
	"jj", .custom = true};
static Stmt thread_declaring = {"SELECT g.graph_id, g.definition FROM threadmem_data.graphs g"
								" WHERE g.tenant_id = $1 AND g.definition -> 'channels' ?| $2",
								"T"};

static NullableDatum
object_or_null(JsonItems *items)
{
	JsonNode node = node_of_items(NODE_OBJECT, items);

	return items->count > 0 ? ARG(JsonbPGetDatum(node_write(&node))) : ARG_NULL;
}

/* All threads that have the scalars, null when they are more than are worth listing. */
static NullableDatum
candidates_for(Call *call, NullableDatum kept)
{
	Jsonb *keys = keys_of_document(DatumGetJsonbP(kept.value)); /* scalars always have some */
	NullableDatum args[] = {kept, ARG(JsonbPGetDatum(keys))};
	uint64 rows = query_exec(call, &thread_having, args);
	Datum *ids = palloc(sizeof(Datum) * Max(rows, 1));

	if (rows > CANDIDATES_MAX)
		return ARG_NULL;
	for (uint64 i = 0; i < rows; i++)
		ids[i] = row_datum(i + 1, 1);
	return text_array(ids, (int)rows);
}

static bool
is_default(Jsonb *definition, const JsonItem *item)
{
	JsonItems *one = items_new(1);
	JsonNode node = node_of_items(NODE_OBJECT, one);
	Jsonb *initial;
	Jsonb *wanted;

	graph_reducer(definition, pnstrdup(item->key, item->key_length), &initial);
	if (!initial)
		return false;
	items_insert(one, 0, *item);
	wanted = node_write(&node);
	items_at(one, 0)->value = node_of_root(&initial->root);
	return json_contains(node_write(&node), wanted);
}

static NullableDatum
keys_of(const JsonItems *items)
{
	Datum *names = palloc(sizeof(Datum) * Max(items->count, 1));

	for (int i = 0; i < items->count; i++)
		names[i] = PointerGetDatum(
			cstring_to_text_with_len(items_at(items, i)->key, items_at(items, i)->key_length));
	return text_array(names, items->count);
}

/* Parts the scalars: those that some graph has by default, and those that threads must have. */
static void
part_defaults(ValuesFilter *filter, Call *call, const JsonItems *kept)
{
	NullableDatum channels = keys_of(kept);
	uint64 rows = query_exec(call, &thread_declaring, &channels);
	Datum *ids = palloc(sizeof(Datum) * Max(rows, 1));
	bool *defaults = palloc0(sizeof(bool) * kept->count);
	JsonItems *parts[] = {items_new(4), items_new(4)};
	int count = 0;

	for (uint64 row = 1; row <= rows; row++)
	{
		Jsonb *definition = row_jsonb_softly(row, 2, JSON_ROOT_OBJECT);
		bool has_one = false;

		for (int i = 0; i < kept->count; i++)
		{
			CHECK_FOR_INTERRUPTS();
			if (is_default(definition, items_at(kept, i)))
				has_one = defaults[i] = true;
		}
		if (has_one)
			ids[count++] = row_datum(row, 1);
	}
	for (int i = 0; i < kept->count; i++)
		items_insert(parts[defaults[i]], parts[defaults[i]]->count, *items_at(kept, i));
	filter->certain = object_or_null(parts[false]);
	if (count == 0)
		return;
	filter->graphs = text_array(ids, count);
	filter->defaults = keys_of(parts[true]);
}

void
values_filter_read(ValuesFilter *filter, Call *call, NullableDatum values_match)
{
	JsonItems *kept = items_new(4);
	JsonItems *rest = items_new(4);
	JsonItems *wanted;

	*filter = (ValuesFilter){ARG_NULL, ARG_NULL, ARG_NULL, ARG_NULL, ARG_NULL, ARG_NULL, false};
	if (values_match.isnull)
		return;
	wanted = items_read(&DatumGetJsonbP(values_match.value)->root);
	for (int i = 0; i < wanted->count; i++)
	{
		JsonItem *item = items_at(wanted, i);
		JsonItems *part = is_kept_scalar(&item->value) ? kept : rest;

		filter->impossible |= is_internal_channel(item->key, item->key_length);
		items_insert(part, part->count, *item);
	}
	filter->kept = object_or_null(kept);
	filter->rest = object_or_null(rest);
	if (kept->count == 0 || filter->impossible)
		return;
	part_defaults(filter, call, kept);
	if (!filter->certain.isnull)
		filter->candidates = candidates_for(call, filter->certain);
}

void
values_filter_add_from(const ValuesFilter *filter, Built *built)
{
	/* a plan for candidates may be one of when the tables were empty: it is cheap to make anew */
	built->custom = !filter->candidates.isnull;
	if (filter->candidates.isnull)
		built_add(built, " FROM threadmem_data.threads t");
	else
		built_when(
			built,
			" FROM unnest($%d) AS f (found), LATERAL (SELECT h.* FROM threadmem_data.threads h"
			" WHERE h.tenant_id = $1 AND h.thread_id = f.found OFFSET 0) t",
			'T', filter->candidates);
}

/* A sub-select by key for every row met: an IN or EXISTS may be turned into a scan of all. */
#define KEPT_OF_THREAD \
	" FROM threadmem_data.thread_values v WHERE v.tenant_id = $1 AND v.thread_id = t.thread_id)"

static void
add_lookup(const ValuesFilter *filter, Built *built)
{
	built_when(built,
			   " AND ((SELECT threadmem.jsonb_contains(v.\"values\", $%d)" KEPT_OF_THREAD
			   " IS TRUE",
			   'j', filter->kept);
	if (!filter->graphs.isnull)
	{
		built_when(built, " OR ((t.graph_id = ANY ($%d)) IS TRUE", 'T', filter->graphs);
		/* whoever has them all has others; the state says whether one is there but not kept */
		built_when(built, " AND (SELECT v.\"values\" ?& $%d" KEPT_OF_THREAD " IS NOT TRUE", 'T',
				   filter->defaults);
		built_when(built, " AND threadmem.state_matches(t.thread_id, $%d))", 'j', filter->kept);
	}
	built_add(built, ")");
}

void
values_filter_add(const ValuesFilter *filter, Built *built)
{
	bool looked_up = !filter->graphs.isnull || filter->candidates.isnull;

	if (filter->impossible)
		built_add(built, " AND false");
	else if (!filter->kept.isnull && looked_up)
		add_lookup(filter, built);
	built_when(built, " AND threadmem.state_matches(t.thread_id, $%d)", 'j', filter->rest);
}
