/*
 * state/match.c: the question of a search whether a thread's values contain something.
 *
 * Asked in a statement for one row after the other, so what thread_values keeps is looked at first:
 * most threads are in or out by that, and their states are not read. The values are those that the
 * latest checkpoint itself has, for that is what thread_values speaks of.
 */
#include "state/show.h"

#include "graph/graph.h"

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "json_patch/json_patch.h"

PG_FUNCTION_INFO_V1(threadmem_state_matches);

#define LATEST "(" LATEST_CHECKPOINT("c.seq, c.base_seq", "''") ")"
static Stmt state_head_of = {
	"SELECT t.graph_id, c.seq, c.base_seq, v.\"values\" FROM threadmem_data.threads t"
	" LEFT JOIN LATERAL " LATEST " c ON true LEFT JOIN threadmem_data.thread_values v"
	" ON v.tenant_id = $1 AND v.thread_id = $2 WHERE t.tenant_id = $1 AND t.thread_id = $2",
	"t"};

enum
{
	MATCH_THREAD_ID,
	MATCH_VALUES_MATCH
};

/* False when a kept value is another; else what is left to look for in the state. */
static bool
match_kept(Jsonb *kept, Jsonb *match, JsonItems **left)
{
	JsonItems *wanted = items_read(&match->root);

	*left = items_new(Max(wanted->count, 1));
	for (int i = 0; i < wanted->count; i++)
	{
		JsonItem *item = items_at(wanted, i);
		JsonItems *one = items_new(1);
		JsonNode node = node_of_items(NODE_OBJECT, one);
		JsonbValue found;

		if (!kept ||
			!getKeyJsonValueFromContainer(&kept->root, item->key, item->key_length, &found))
		{
			items_insert(*left, (*left)->count, *item);
			continue;
		}
		items_insert(one, 0, *item);
		if (!json_contains(kept, node_write(&node)))
			return false;
	}
	return true;
}

/* Only the channels in question are put together: the messages of a long thread cost much. */
static NullableDatum
fields_of(const JsonItems *match)
{
	Datum *fields = palloc(sizeof(Datum) * match->count);

	for (int i = 0; i < match->count; i++)
	{
		JsonItem *item = items_at(match, i);

		fields[i] = CStringGetTextDatum(psprintf("values.%.*s", item->key_length, item->key));
	}
	return text_array(fields, match->count);
}

typedef struct MatchQuestion
{
	StateReader *reader;
	const StateRow *row;
	NullableDatum graph_id;
	JsonItems *match;
	bool matches;
} MatchQuestion;

static void
match_state(void *context)
{
	MatchQuestion *question = context;
	StateReader *reader = question->reader;
	JsonNode node = node_of_items(NODE_OBJECT, question->match);
	Jsonb *values;

	reader->graph = graph_definition(reader->call, question->graph_id);
	reader->bodies = body_cache(reader->call);
	reader_ask(reader, fields_of(question->match));
	values = snapshot_own_values(reader, question->row);
	question->matches = values && json_contains(values, node_write(&node));
}

/* A state that cannot be read matches nothing. */
static bool
match_thread(Call *call, NullableDatum thread_id, Jsonb *match)
{
	StateReader reader = {.call = call, .thread_id = thread_id};
	StateRow row = {.checkpoint_ns = ARG_TEXT("")};
	NullableDatum graph_id;
	JsonItems *left;

	if (!query_first(call, &state_head_of, &thread_id))
		return false;
	if (row_column(1, 2).isnull)
		return JB_ROOT_COUNT(match) == 0;
	graph_id = row_column(1, 1);
	row.seq = row_int64(1, 2);
	row.base_seq = row_int64(1, 3);
	if (!match_kept(row_jsonb_softly(1, 4, JSON_ROOT_OBJECT), match, &left))
		return false;
	if (left->count == 0)
		return true;
	{
		MatchQuestion question = {&reader, &row, graph_id, left, false};

		return query_softly(match_state, &question,
							psprintf("state of thread \"%s\"", text_or_null(thread_id))) &&
			   question.matches;
	}
}

Datum
threadmem_state_matches(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	Call call;
	bool matches;

	query_begin(&call, fcinfo);
	matches =
		match_thread(&call, args[MATCH_THREAD_ID], DatumGetJsonbP(args[MATCH_VALUES_MATCH].value));
	return query_return(&call, ARG(BoolGetDatum(matches)), true, sizeof(bool));
}
