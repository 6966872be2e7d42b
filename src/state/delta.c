/*
 * state/delta.c: the values of LangGraph's delta channels.
 *
 * LangGraph leaves such a channel out of a checkpoint and counts its writes since the last value
 * that is stored (metadata.counters_since_delta_snapshot): what it holds is that value with the
 * writes of the ancestors since, through the channel's reducer in one step, of which the last
 * Overwrite begins anew. The thread door reads them so. What it writes has the value itself, which
 * LangGraph takes for one to go on from, and counts anew: so the log's messages are in the state
 * again. A channel whose reducer nobody declares is left as it is.
 */
#include "state/state.h"

#include "reducer/reducer.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "threadmem/threadmem.h"

static JsonbContainer *
counters_of(Jsonb *metadata)
{
	return metadata ? json_as_object(json_field(&metadata->root, "counters_since_delta_snapshot"))
					: NULL;
}

bool
delta_is_open(Jsonb *metadata, const char *channel)
{
	JsonbContainer *counters = counters_of(metadata);

	return counters && json_field(counters, channel);
}

JsonbValue *
delta_snapshot_value(JsonbContainer *value)
{
	char *type = json_field(value, "lc") ? json_as_text(json_field(value, "type")) : NULL;

	return type && strcmp(type, "delta_snapshot") == 0 ? json_field(value, "value") : NULL;
}

bool
delta_has_messages(Jsonb *metadata, const StateParts *parts)
{
	JsonbContainer *value =
		parts->values ? json_as_object(json_field(parts->values, "messages")) : NULL;

	return delta_is_open(metadata, "messages") || (value && delta_snapshot_value(value));
}

static const char *
reducer_of(Jsonb *graph, const char *channel, Jsonb **initial)
{
	const char *reducer = graph_reducer(graph, channel, initial);

	return strcmp(reducer, "last_value") == 0 || strcmp(reducer, "opaque") == 0 ? NULL : reducer;
}

/* What a channel holds that begins with a value (NULL: none) and was written to. */
static Jsonb *
replayed(const DeltaHistory *history, const char *reducer, Jsonb *initial)
{
	Jsonb *value = history->seed;
	JsonbValue *whole =
		value && JB_ROOT_IS_OBJECT(value) ? delta_snapshot_value(&value->root) : NULL;
	int start = 0;

	if (whole)
		value = json_own(whole);
	if (!value)
		value = initial;
	for (int i = 0; i < history->count; i++)
	{
		JsonbValue *anew = overwrite_value(history->writes[i]);

		CHECK_FOR_INTERRUPTS();
		if (!anew)
			continue;
		value = anew->type == jbvNull ? initial : json_own(anew);
		start = i + 1;
	}
	if (start == history->count)
		return value;
	if (strcmp(reducer, "add_messages") == 0)
		return reduce_messages_softly(value, history->writes + start, history->count - start);
	return reduce_channel(history->channel, reducer, value, history->writes + start,
						  history->count - start);
}

/* Those of them that a state has no value of, as a text[]; null: none. */
static NullableDatum
absent_channels(Jsonb *metadata, const StateParts *parts, Jsonb *graph)
{
	JsonbContainer *counters = counters_of(metadata);
	JsonItems *channels = counters ? items_read(counters) : items_new(1);
	Datum *names = palloc(sizeof(Datum) * Max(channels->count, 1));
	int count = 0;

	for (int i = 0; i < channels->count; i++)
	{
		JsonItem *channel = items_at(channels, i);
		char *name = pnstrdup(channel->key, channel->key_length);

		CHECK_FOR_INTERRUPTS();
		if (!document_has(parts, channel->key, channel->key_length) && parts->versions &&
			json_field(parts->versions, name) && reducer_of(graph, name, NULL))
			names[count++] = CStringGetTextDatum(name);
	}
	return count > 0 ? text_array(names, count) : ARG_NULL;
}

JsonItems *
delta_values(Call *call, NullableDatum thread_id, NullableDatum checkpoint_ns,
			 NullableDatum parent_checkpoint_id, Jsonb *metadata, const StateParts *parts,
			 Jsonb *graph)
{
	NullableDatum channels = absent_channels(metadata, parts, graph);
	JsonItems *values = items_new(2);
	DeltaHistory *histories;
	int count = 0;

	if (channels.isnull)
		return values;
	histories =
		delta_histories(call, thread_id, checkpoint_ns, parent_checkpoint_id, channels, &count);
	for (int i = 0; i < count; i++)
	{
		const DeltaHistory *history = &histories[i];
		Jsonb *initial;
		const char *reducer = reducer_of(graph, history->channel, &initial);
		Jsonb *value = replayed(history, reducer, initial);

		if (value)
			items_put(values, history->channel, (int)strlen(history->channel),
					  node_of_root(&value->root));
	}
	return values;
}

JsonNode
delta_counters(Jsonb *metadata, Names *stored)
{
	JsonbContainer *counters = counters_of(metadata);
	JsonItems *channels = counters ? items_read(counters) : items_new(1);

	for (int i = 0; i < channels->count; i++)
	{
		JsonItem *channel = items_at(channels, i);
		JsonbContainer *pair =
			node_is_array(&channel->value) ? node_container(&channel->value) : NULL;
		bool anew = names_find(stored, channel->key, channel->key_length) != NULL;
		int64 numbers[] = {0, 0};
		JsonItems *counted = items_new(2);

		CHECK_FOR_INTERRUPTS();
		for (int k = 0; k < 2 && pair && !anew; k++)
			if (k < (int)JsonContainerSize(pair))
				(void)json_int64(getIthJsonbValueFromContainer(pair, k), &numbers[k]);
		items_append(counted, NULL, node_of_int64(numbers[0]));
		items_append(counted, NULL, node_of_int64(anew ? 0 : numbers[1] + 1));
		channel->value = node_of_items(NODE_ARRAY, counted);
	}
	return node_of_items(NODE_OBJECT, channels);
}

bool
delta_refer(Referral *referral, const JsonNode *value, RevRuns *list)
{
	RevRuns none = {0};
	RevList revs;
	bool refers;

	if (!node_is_array(value))
		return false;
	referral->without_deleted = true;
	refers = message_refer(referral, node_container(value), &none, &revs);
	referral->without_deleted = false;
	if (refers)
		*list = rev_runs_of(&revs);
	return refers;
}

/* What was made under this referral is not stored yet. */
static void
add_draft_bodies(const Referral *referral, const RevRun *run, BodyCache *bodies)
{
	ReferredDraft *draft;

	for (int64 rev = Max(run->first, referral->thread->rev); rev <= run->last; rev++)
	{
		CHECK_FOR_INTERRUPTS();
		draft = referral_draft(referral, rev);
		if (!draft)
			break;
		body_cache_add(bodies, referral->thread_id, rev, draft->draft.body);
	}
}

bool
referred_messages(const Referral *referral, const RevRuns *list, BodyCache *bodies,
				  JsonNode *messages)
{
	for (int i = 0; i < list->count; i++)
		add_draft_bodies(referral, &list->runs[i], bodies);
	if (!body_cache_fill(bodies, referral->thread_id, list, false))
		return false;
	*messages = document_messages(list, bodies);
	return true;
}
