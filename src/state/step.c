/*
 * state/step.c: one superstep: channels written through their reducers, and a checkpoint made.
 *
 * The list of messages is never read as a whole. An update speaks of a few ids: the bodies that the
 * list has under these ids are reduced with it as if they were the list, and the outcome is put
 * back in place. So a step costs what it changes, not what the conversation has become.
 */
#include "state/state.h"

#include "graph/graph.h"
#include "reducer/reducer.h"

#include "catalog/pg_collation.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

#include "threadmem/threadmem.h"

/* Id by id (OFFSET 0): as ANY the planner takes it for a filter over the whole thread. */
static Stmt state_revisions_of_ids = {
	"SELECT m.rev FROM unnest($3) AS i (message_id), LATERAL (SELECT o.rev FROM threadmem_data.messages o"
	" WHERE o.tenant_id = $1 AND o.thread_id = $2 AND o.message_id = i.message_id OFFSET 0) m",
	"tT"};

static void
stand_on(Superstep *step, const Neighbour *parent, const ChainState *state)
{
	step->parent = *parent;
	step->state = *state;
	step->parts = state->document ? document_parts(state->document) : (StateParts){0};
	step->versions = step->parts.versions ? items_read(step->parts.versions) : items_new(8);
	step->nodes = step->parts.seen ? items_read(step->parts.seen) : items_new(4);
	step->values = items_new(4);
	step->lists = names_new();
	step->changed = items_new(4);
	/* writers count on by one with each checkpoint: no branch is beyond the number of checkpoints
	 */
	step->version = version_after(step->versions, step->thread.checkpoint);
	step->referral =
		(Referral){.call = step->call, .thread_id = step->thread_id, .thread = &step->thread};
}

/* Begins on the parent. */
static void
begin_on(Superstep *step, const Neighbour *parent)
{
	ChainState state = {0};

	if (parent->checkpoint_id)
		chain_read(step->call, step->thread_id, parent->seq, parent->base_seq, &state);
	stand_on(step, parent, &state);
}

static void
restore_channel(Superstep *step, const char *channel, const JsonNode *value)
{
	RevRuns list;

	if (ns_is_root(step->checkpoint_ns) &&
		strcmp(graph_reducer(step->graph, channel, NULL), "add_messages") == 0 &&
		delta_refer(&step->referral, value, &list))
		superstep_set_list(step, channel, &list);
	else
		superstep_set(step, channel, value);
}

/* The parent's delta channels get a value, which what is made here then has. */
static void
restore_deltas(Superstep *step)
{
	Jsonb *metadata = step->parent.metadata;
	JsonItems *stored = step->parts.values ? items_read(step->parts.values) : items_new(1);
	JsonItems *values;

	if (!step->parent.checkpoint_id || !metadata)
		return;
	step->has_deltas = json_field(&metadata->root, "counters_since_delta_snapshot") != NULL;
	if (step->has_deltas)
	{
		values =
			delta_values(step->call, step->thread_id, step->checkpoint_ns,
						 step->parent.parent_checkpoint_id, metadata, &step->parts, step->graph);
		for (int i = 0; i < values->count; i++)
			restore_channel(step,
							pnstrdup(items_at(values, i)->key, items_at(values, i)->key_length),
							&items_at(values, i)->value);
	}
	for (int i = 0; i < stored->count; i++)
	{
		JsonItem *item = items_at(stored, i);
		JsonbValue *whole = node_is_object(&item->value)
								? delta_snapshot_value(node_container(&item->value))
								: NULL;
		JsonNode node;

		CHECK_FOR_INTERRUPTS();
		if (!whole)
			continue;
		node = node_of_value(whole);
		step->has_deltas = true;
		restore_channel(step, pnstrdup(item->key, item->key_length), &node);
	}
}

static void
find_parent(Superstep *step, NullableDatum checkpoint_id, Neighbour *parent)
{
	bool any = neighbour_latest(step->call, step->thread_id, step->checkpoint_ns, &step->latest);

	*parent = step->latest;
	if (!checkpoint_id.isnull &&
		!neighbour_of(step->call, step->thread_id, step->checkpoint_ns, checkpoint_id, parent))
		error_not_found("checkpoint", text_or_null(checkpoint_id));
	if (!any && !ns_is_root(step->checkpoint_ns))
		ereport(ERROR, (errcode(ERRCODE_NO_DATA_FOUND), errmsg("namespace not found"),
						errdetail("checkpoint_ns is \"%s\".", text_or_null(step->checkpoint_ns)),
						errhint("A subgraph has a state to update once it has a checkpoint.")));
}

void
superstep_begin(Superstep *step, Call *call, const ThreadRow *thread, NullableDatum thread_id,
				NullableDatum checkpoint_ns, NullableDatum checkpoint_id)
{
	Neighbour parent;

	*step = (Superstep){
		.call = call, .thread_id = thread_id, .checkpoint_ns = checkpoint_ns, .thread = *thread};
	step->graph = graph_in_namespace(graph_definition(call, ARG_TEXT(thread->graph_id)),
									 text_or_null(checkpoint_ns));
	find_parent(step, checkpoint_id, &parent);
	begin_on(step, &parent);
	restore_deltas(step);
}

void
superstep_begin_known(Superstep *step, Call *call, const ThreadRow *thread, NullableDatum thread_id,
					  const Neighbour *latest)
{
	*step = (Superstep){.call = call,
						.thread_id = thread_id,
						.checkpoint_ns = ARG_TEXT(""),
						.thread = *thread,
						.latest = *latest};
	step->graph = graph_definition(call, ARG_TEXT(thread->graph_id));
	begin_on(step, latest);
	restore_deltas(step);
}

/* Its version stays above all of the thread, and in their form. */
void
superstep_stand_alone(Superstep *step)
{
	Neighbour none = {.parent_checkpoint_id = ARG_NULL, .seen = ARG_NULL};
	ChainState nothing = {0};
	JsonNode version = step->version;

	stand_on(step, &none, &nothing);
	step->version = version;
}

static void
set_version(Superstep *step, const char *channel)
{
	char *name = pstrdup(channel);

	items_put(step->versions, name, (int)strlen(name), step->version);
	items_put(step->changed, name, (int)strlen(name), step->version);
}

/* What was said of a channel before in this step no longer counts. */
static void
forget(Superstep *step, const char *channel)
{
	NameEntry *given = names_find(step->lists, channel, (int)strlen(channel));
	int index;

	if (given)
		given->value = NULL;
	if (items_find(step->values, channel, (int)strlen(channel), &index))
		items_remove(step->values, index);
}

void
superstep_set(Superstep *step, const char *channel, const JsonNode *value)
{
	forget(step, channel);
	if (value)
		items_put(step->values, pstrdup(channel), (int)strlen(channel), *value);
	set_version(step, channel);
}

void
superstep_set_list(Superstep *step, const char *channel, const RevRuns *list)
{
	RevRuns *given = palloc(sizeof(RevRuns));
	char *name = pstrdup(channel);

	forget(step, channel);
	*given = *list;
	names_add(step->lists, name, (int)strlen(name))->value = given;
	set_version(step, channel);
}

bool
superstep_list(Superstep *step, const char *channel, RevRuns *list)
{
	int length = (int)strlen(channel);
	NameEntry *given = names_find(step->lists, channel, length);
	JsonNode node;

	*list = (RevRuns){0};
	if (given && given->value)
	{
		*list = *(RevRuns *)given->value;
		return true;
	}
	if (items_get(step->changed, channel, length) ||
		!document_list_node(&step->parts, channel, length, &node))
		return false;
	*list = JsonContainerSize(step->parts.refs) == 1 ? *chain_revisions(&step->state)
													 : list_of_node(&node);
	return true;
}

static Jsonb *
list_value(Superstep *step, const RevRuns *list)
{
	JsonNode node;

	if (!referred_messages(&step->referral, list, body_cache(step->call), &node))
		error_state_unwritable(step->thread_id, 0);
	return node_write(&node);
}

Jsonb *
superstep_value(Superstep *step, const char *channel)
{
	int length = (int)strlen(channel);
	JsonNode *changed = items_get(step->values, channel, length);
	JsonbValue value;
	RevRuns list;

	if (changed)
		return node_write(changed);
	if (superstep_list(step, channel, &list))
		return list_value(step, &list);
	if (items_get(step->changed, channel, length) || !step->parts.values ||
		!getKeyJsonValueFromContainer(step->parts.values, channel, length, &value))
		return NULL;
	return json_own(&value);
}

/* The drafts of a message, made earlier in this step: the newest first. */
static void
add_drafts(Superstep *step, const char *message_id, RevList *found, int *room)
{
	ReferredDraft *draft = referral_draft_of(&step->referral, message_id);

	for (; draft; draft = referral_draft(&step->referral, draft->old_rev))
	{
		if (found->count == *room)
			found->revs = repalloc_huge(found->revs, sizeof(int64) * (*room *= 2));
		found->revs[found->count++] = draft->draft.rev;
	}
}

/* The revisions of messages, stored and made in this step. */
static RevList
revisions_of_messages(Superstep *step, NullableDatum ids)
{
	NullableDatum args[2] = {step->thread_id};
	Names *names = names_new();
	RevList found = {0};
	int distinct = 0;
	int room;
	Datum *each;
	int count = text_list(ids, &each);

	for (int i = 0; i < count; i++)
		if (names_take(names, TextDatumGetCString(each[i])))
			each[distinct++] = each[i];
	args[1] = text_array(each, distinct);
	room = (distinct > 0 ? (int)query_exec(step->call, &state_revisions_of_ids, args) : 0) + 1;
	found.revs = palloc_extended(sizeof(int64) * room, MCXT_ALLOC_HUGE);
	for (int i = 1; i < room; i++)
		found.revs[found.count++] = row_int64(i, 1);
	for (int i = 0; i < distinct; i++)
		add_drafts(step, TextDatumGetCString(each[i]), &found, &room);
	return found;
}

/* Where a list has messages with one of these ids, in its order. */
static RevPlaces
places_of_messages(Superstep *step, const RevRuns *list, NullableDatum ids)
{
	RevList revs = revisions_of_messages(step, ids);
	RevPlaces places = rev_places(&revs, list);

	rev_places_sort(&places);
	return places;
}

static RevRuns
revisions_at(const RevPlaces *places)
{
	RevRuns list = {0};

	for (int i = 0; i < places->count; i++)
		rev_runs_add(&list, places->list[i].rev, places->list[i].rev);
	return list;
}

/*
 * The places of each message in the outcome of a reducer, in order, as chains through next: each is
 * taken by one that was in the list before, and what is left is new.
 */
typedef struct ReducedList
{
	RevList *revs; /* 0 for one that is taken */
	Names *first;  /* place of a message, as &place_of[i] */
	int *place_of;
	int *next;
} ReducedList;

static char *
id_of_element(Jsonb *array, int i)
{
	JsonbValue *element = getIthJsonbValueFromContainer(&array->root, i);

	return element ? shape_message_id(element->val.binary.data) : NULL;
}

static ReducedList
index_outcome(Jsonb *array, RevList *revs)
{
	Size size = sizeof(int) * (revs->count + 1);
	ReducedList outcome = {.revs = revs,
						   .first = names_new(),
						   .place_of = palloc_extended(size, MCXT_ALLOC_HUGE),
						   .next = palloc_extended(size, MCXT_ALLOC_HUGE)};

	for (int i = revs->count - 1; i >= 0; i--)
	{
		char *id = id_of_element(array, i);
		NameEntry *entry;

		CHECK_FOR_INTERRUPTS();
		if (!id)
			continue;
		entry = names_add(outcome.first, id, (int)strlen(id));
		outcome.next[i] = entry->value ? *(int *)entry->value : -1;
		outcome.place_of[i] = i;
		entry->value = &outcome.place_of[i];
	}
	return outcome;
}

/* The revision that the outcome has of a message, 0 when it is gone; it is taken out of outcome. */
static int64
take_revision(ReducedList *outcome, const char *message_id)
{
	NameEntry *entry = names_find(outcome->first, message_id, (int)strlen(message_id));
	int place = entry && entry->value ? *(int *)entry->value : -1;
	int64 rev;

	if (place < 0)
		return 0;
	entry->value = outcome->next[place] < 0 ? NULL : &outcome->place_of[outcome->next[place]];
	rev = outcome->revs->revs[place];
	outcome->revs->revs[place] = 0;
	return rev;
}

/* Puts the outcome of the named messages back into the list: in place, gone, or at the end. */
static RevRuns
put_back(const RevRuns *list, RevPlaces *named, Jsonb *bodies, Jsonb *reduced, RevList *revs)
{
	ReducedList outcome = index_outcome(reduced, revs);
	RevRuns out;

	for (int i = 0; i < named->count; i++)
	{
		char *id = id_of_element(bodies, i);

		CHECK_FOR_INTERRUPTS();
		named->list[i].rev = id ? take_revision(&outcome, id) : 0;
	}
	out = rev_runs_changed(list, named);
	for (int i = 0; i < revs->count; i++)
		if (revs->revs[i] != 0)
			rev_runs_add(&out, revs->revs[i], revs->revs[i]);
	return out;
}

/* The new drafts from a place on whose ids no update names have them from the reducer. */
static void
mark_generated(Referral *referral, int place, NullableDatum ids)
{
	Names *named = names_of_list(ids);

	for (int i = place; i < list_length(referral->drafts); i++)
	{
		MessageDraft *draft = &((ReferredDraft *)list_nth(referral->drafts, i))->draft;

		if (!names_has(named, draft->shape.message_id))
			draft->id_from = ID_FROM_THREADMEM;
	}
}

/* The list that is written to, empty where the channel has nothing yet. False for a plain value. */
static bool
list_to_write(Superstep *step, const char *channel, const Jsonb *initial, RevRuns *list)
{
	if (superstep_list(step, channel, list))
		return true;
	return ns_is_root(step->checkpoint_ns) && JB_ROOT_COUNT(initial) == 0 &&
		   !superstep_value(step, channel);
}

/*
 * add_messages on a referred list. False when an element is no message to the log: then the channel
 * is plain state, and is reduced as such.
 */
static bool
write_messages(Superstep *step, const char *channel, const Jsonb *initial, Jsonb **updates,
			   int count)
{
	RevRuns list;
	RevPlaces named;
	RevRuns before;
	RevList revs;
	Jsonb *bodies;
	Jsonb *outcome;
	NullableDatum ids;
	bool removes_all;
	int drafts;

	if (!list_to_write(step, channel, initial, &list) ||
		!reducer_message_ids(updates, count, &ids, &removes_all))
		return false;
	if (removes_all)
		list = (RevRuns){0};
	named = places_of_messages(step, &list, ids);
	before = revisions_at(&named);
	bodies = list_value(step, &before);
	/* an erased body stands in the list, but not among the bodies */
	if (JB_ROOT_COUNT(bodies) != named.count)
		return false;
	outcome = reduce_channel(channel, "add_messages", bodies, updates, count);
	drafts = list_length(step->referral.drafts);
	if (!message_refer(&step->referral, &outcome->root, &before, &revs))
		return false;
	mark_generated(&step->referral, drafts, ids);
	list = put_back(&list, &named, bodies, outcome, &revs);
	superstep_set_list(step, channel, &list);
	return true;
}

void
superstep_write(Superstep *step, const char *channel, Jsonb **updates, int count)
{
	Jsonb *initial;
	const char *reducer = graph_reducer(step->graph, channel, &initial);
	Jsonb *value;
	JsonNode node;

	CHECK_FOR_INTERRUPTS();
	if (step->has_deltas && strcmp(reducer, "last_value") == 0 &&
		delta_is_open(step->parent.metadata, channel) &&
		!document_has(&step->parts, channel, (int)strlen(channel)))
		error_bad_input_hint(
			"input", "Declare its reducer in graph_define() of the thread's graph.",
			"Channel \"%s\" is a delta channel, and how it reduces is not known.", channel);
	if (strcmp(reducer, "add_messages") == 0 &&
		write_messages(step, channel, initial, updates, count))
		return;
	value = superstep_value(step, channel);
	value = reduce_channel(channel, reducer, value ? value : initial, updates, count);
	if (!value)
		return;
	node = node_of_root(&value->root);
	superstep_set(step, channel, &node);
}

/* ISO 8601 in UTC, as LangGraph writes ts. */
static char *
timestamp_text(void)
{
	Datum now = TimestampTzGetDatum(GetCurrentTimestamp());
	Datum utc = DirectFunctionCall2(timestamptz_zone, CStringGetTextDatum("UTC"), now);
	Datum format = CStringGetTextDatum("YYYY-MM-DD\"T\"HH24:MI:SS.US\"+00:00\"");

	return TextDatumGetCString(
		DirectFunctionCall2Coll(timestamp_to_char, C_COLLATION_OID, utc, format));
}

static Jsonb *
checkpoint_of(Superstep *step, const char *checkpoint_id)
{
	JsonItems *checkpoint = items_new(6);
	JsonNode root = node_of_items(NODE_OBJECT, checkpoint);
	Jsonb *written;

	items_put(checkpoint, "v", 1, node_of_int64(4));
	items_put(checkpoint, "id", 2, node_of_text(checkpoint_id));
	items_put(checkpoint, "ts", 2, node_of_text(timestamp_text()));
	items_put(checkpoint, "channel_values", 14, node_of_items(NODE_OBJECT, step->values));
	items_put(checkpoint, "channel_versions", 16, node_of_items(NODE_OBJECT, step->versions));
	items_put(checkpoint, "versions_seen", 13, node_of_items(NODE_OBJECT, step->nodes));
	written = node_write_or_null(&root);
	if (!written)
		error_state_unwritable(step->thread_id, 0);
	return written;
}

/* The channels that have a value in what is made here. */
static Names *
stored_channels(const Superstep *step)
{
	Names *names = names_new();

	for (int i = 0; i < step->changed->count; i++)
	{
		JsonItem *channel = items_at(step->changed, i);
		NameEntry *list = names_find(step->lists, channel->key, channel->key_length);

		CHECK_FOR_INTERRUPTS();
		if ((list && list->value) || items_get(step->values, channel->key, channel->key_length))
			(void)names_add(names, channel->key, channel->key_length);
	}
	return names;
}

/* What the caller gives; how the delta channels stand he cannot say. */
static JsonItems *
metadata_given(const Superstep *step)
{
	static const char *const own[] = {"counters_since_delta_snapshot", "delta_writes_versioned"};
	JsonItems *metadata = step->metadata ? items_read(&step->metadata->root) : items_new(4);
	int index;

	for (int i = 0; i < lengthof(own); i++)
		if (items_find(metadata, own[i], (int)strlen(own[i]), &index))
			(void)items_remove(metadata, index);
	return metadata;
}

/*
 * What a person adds to the state carries nothing of the run before; only where it belongs. What
 * tells of the checkpoint itself wins over what the caller gives, as LangGraph has it.
 */
static Jsonb *
metadata_of(const Superstep *step, const char *source, int64 number, NullableDatum run_id)
{
	JsonItems *metadata = metadata_given(step);
	JsonNode root = node_of_items(NODE_OBJECT, metadata);
	Jsonb *before = step->parent.metadata;
	JsonbValue *parents = before ? json_field(&before->root, "parents") : NULL;
	JsonbValue *versioned = before ? json_field(&before->root, "delta_writes_versioned") : NULL;

	items_put(metadata, "step", 4, node_of_int64(number));
	items_put(metadata, "source", 6, node_of_text(source));
	items_put(metadata, "parents", 7,
			  parents ? node_of_value(parents) : node_of_items(NODE_OBJECT, items_new(1)));
	if (step->has_deltas)
		items_put(metadata, "counters_since_delta_snapshot", 29,
				  delta_counters(before, stored_channels(step)));
	if (versioned)
		items_put(metadata, "delta_writes_versioned", 22, node_of_value(versioned));
	if (!run_id.isnull)
		items_put(metadata, "run_id", 6, node_of_text(text_or_null(run_id)));
	return node_write(&root);
}

/* The new one comes under the checkpoint that the superstep is built on, or beside it. */
static void
compose_step(Superstep *step, const char *source, int64 number, NullableDatum run_id, bool beside,
			 Put *put, Composition *composition)
{
	char *checkpoint_id = checkpoint_id_generate(step->latest.checkpoint_id, number);
	JsonNode changed = node_of_items(NODE_OBJECT, step->changed);

	*put = (Put){.call = step->call,
				 .thread_id = step->thread_id,
				 .checkpoint_ns = step->checkpoint_ns,
				 .parent_checkpoint_id = ARG_TEXT(step->parent.checkpoint_id),
				 .by_hand = run_id.isnull,
				 .is_fenced = step->metadata != NULL,
				 .takes_pending = step->takes_pending,
				 .seen = step->seen,
				 .thread = step->thread,
				 .parent = step->parent,
				 .latest = step->latest,
				 .parent_state = step->state};
	put->metadata = ARG(JsonbPGetDatum(metadata_of(step, source, number, run_id)));
	given_read(&put->given, ARG(JsonbPGetDatum(checkpoint_of(step, checkpoint_id))),
			   ARG(JsonbPGetDatum(node_write(&changed))));
	if (beside)
	{
		put->parent_checkpoint_id = step->parent.parent_checkpoint_id;
		put->parent = (Neighbour){0};
		put_find(put);
	}
	else
		put_known(put);
	*composition = put_composition(put);
	composition->referral = step->referral;
	composition->referral.thread = &put->thread;
	composition->lists = step->lists;
	composition->graph = step->graph;
	composition->copied = beside ? &step->parts : NULL;
	compose(composition);
}

static char *
store_step(Superstep *step, Put *put, Composition *composition)
{
	put_store(put, composition);
	step->thread = put->thread;
	step->latest = put->own; /* a generated id is the greatest */
	step->made = put->own_state;
	return put->given.checkpoint_id;
}

void
superstep_go_on(Superstep *step)
{
	step->unwritten = true;
	stand_on(step, &step->latest, &step->made);
}

char *
superstep_store(Superstep *step, const char *source, int64 number, NullableDatum run_id)
{
	Put put;
	Composition composition;

	compose_step(step, source, number, run_id, false, &put, &composition);
	return store_step(step, &put, &composition);
}

char *
superstep_store_if_fits(Superstep *step, const char *source, int64 number, NullableDatum run_id)
{
	Put put;
	Composition composition;

	compose_step(step, source, number, run_id, false, &put, &composition);
	return put_fits(&put, &composition) ? store_step(step, &put, &composition) : NULL;
}

char *
superstep_store_beside(Superstep *step, int64 number, NullableDatum run_id)
{
	Put put;
	Composition composition;

	compose_step(step, "fork", number, run_id, true, &put, &composition);
	return store_step(step, &put, &composition);
}
