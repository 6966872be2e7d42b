/*
 * checkpoint/lists.c: lists of messages by their revisions, for clients that have the messages.
 *
 * A client that was given a state, or put one, has its messages already; from one step to the next
 * a few come. So it may ask for a state's lists as the runs of revisions that they consist of, with
 * the bodies of those only that it has not got, and put a list as such runs and new messages.
 *
 * What it has stays right because the body of a revision changes in two ways only: it is erased, or
 * its stream ends. Both take a number of the thread (change).  So the mark of a checkpoint says
 * when its row was made, up to which number its messages were read, which its lists are, and its
 * id; whoever shows it has what was there then. A row of the same id that was made at another time
 * is one of another life of the thread, whose revisions are other messages.
 *
 * The base of what is put is the parent alone. So all else is as if the whole list had come.
 */
#include "checkpoint/checkpoint.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "dialect/dialect.h"
#include "threadmem/threadmem.h"

static Stmt checkpoint_held = {CHECKPOINT_BY_ID("c.created_at, c.seq, c.base_seq", "$4"), "ttt"};

/* Of a part of a document, as it is stored. */
static uint64
hash_of_part(Jsonb *document, const char *part, uint64 seed)
{
	JsonbValue *value = json_field(&document->root, part);

	if (!value || value->type != jbvBinary)
		return seed;
	return DatumGetUInt64(hash_any_extended((const unsigned char *)value->val.binary.data,
											value->val.binary.len, seed));
}

char *
mark_of(TimestampTz created_at, int64 change, Jsonb *document, const char *checkpoint_id)
{
	uint64 lists = hash_of_part(document, "objects", hash_of_part(document, "refs", 0));

	return psprintf(INT64_FORMAT "." INT64_FORMAT "." UINT64_FORMAT ".%s", created_at, change,
					lists, checkpoint_id);
}

/* Where the id begins in a mark; NULL for what is none. */
static const char *
id_in_mark(const char *mark)
{
	const char *at = mark;

	for (int dots = 0; at && dots < 3; dots++)
	{
		at = strchr(at, '.');
		at = at ? at + 1 : NULL;
	}
	return at;
}

/*
 * Revisions of channels whose bodies somebody has. A body that is given in the form that a channel
 * has in one state takes the place of the same in the form of another: so those count that are in
 * the form of the last.
 */
typedef struct HeldList
{
	bool objects;
	RevSet revisions;
} HeldList;

struct HeldLists
{
	MemoryContext memory;
	Names *lists; /* HeldList, by thread and channel */
};

HeldLists *
held_lists(void)
{
	HeldLists *held = palloc(sizeof(HeldLists));

	held->memory = CurrentMemoryContext;
	held->lists = names_new();
	return held;
}

static StringInfoData
key_of_list(NullableDatum thread_id, const JsonItem *channel)
{
	StringInfoData key;

	initStringInfo(&key);
	appendStringInfoString(&key, text_or_null(thread_id));
	appendStringInfoChar(&key, '\1');
	appendBinaryStringInfo(&key, channel->key, channel->key_length);
	return key;
}

static bool
is_objects(const StateParts *parts, const JsonItem *channel)
{
	return document_has_objects(parts, channel->key, channel->key_length);
}

static JsonItems *
lists_in(const StateParts *parts)
{
	return parts->refs ? items_read(parts->refs) : items_new(1);
}

/* The key has to live as long as the names. */
static void
add_list(HeldLists *held, NullableDatum thread_id, const StateParts *parts, const JsonItem *channel)
{
	MemoryContext context = MemoryContextSwitchTo(held->memory);
	StringInfoData key = key_of_list(thread_id, channel);
	NameEntry *entry = names_add(held->lists, key.data, key.len);
	bool objects = is_objects(parts, channel);
	RevRuns list = list_of_node(&channel->value);
	HeldList *before = entry->value;
	HeldList *now = palloc(sizeof(HeldList));

	for (int i = 0; before && before->objects == objects && i < before->revisions.count; i++)
		rev_runs_add(&list, before->revisions.runs[i].first, before->revisions.runs[i].last);
	*now = (HeldList){objects, rev_set_of(&list)};
	entry->value = now;
	MemoryContextSwitchTo(context);
}

void
held_add(HeldLists *held, NullableDatum thread_id, Jsonb *document)
{
	StateParts parts = document_parts(document);
	JsonItems *channels = lists_in(&parts);

	for (int i = 0; i < channels->count; i++)
		add_list(held, thread_id, &parts, items_at(channels, i));
}

void
held_find(HeldLists *held, Call *call, NullableDatum *key, const char *mark, int64 change)
{
	const char *id = id_in_mark(mark);
	NullableDatum args[] = {key[0], key[1], id ? ARG_TEXT(id) : ARG_NULL};
	TimestampTz created_at;
	ChainState state;

	if (!id || !query_first(call, &checkpoint_held, args))
		return;
	created_at = row_int64(1, 1);
	chain_read(call, key[0], row_int64(1, 2), row_int64(1, 3), &state);
	if (strcmp(mark, mark_of(created_at, change, state.document, id)) == 0)
		held_add(held, key[0], state.document);
}

static JsonNode
node_of_runs(const RevRun *runs, int count)
{
	JsonItems *items = items_new(Max(count, 1));

	for (int i = 0; i < count; i++)
	{
		JsonItems *ends = items_new(2);

		CHECK_FOR_INTERRUPTS();
		items_append(ends, NULL, node_of_int64(runs[i].first));
		items_append(ends, NULL, node_of_int64(runs[i].last));
		items_append(items, NULL, node_of_items(NODE_ARRAY, ends));
	}
	return node_of_items(NODE_ARRAY, items);
}

/* The revisions of a list that are not held. */
static RevSet
new_in(const HeldLists *held, NullableDatum thread_id, const StateParts *parts,
	   const JsonItem *channel, const RevRuns *list)
{
	StringInfoData key = key_of_list(thread_id, channel);
	NameEntry *entry = names_find(held->lists, key.data, key.len);
	const HeldList *known = entry ? entry->value : NULL;
	RevSet all = rev_set_of(list);

	if (!known || known->objects != is_objects(parts, channel))
		return all;
	return rev_set_minus(&all, &known->revisions);
}

/*
 * The revisions of erased messages are in no run where they are met. One in a list that is held was
 * met before, and who has that list has not got it.
 */
static JsonNode
write_list(const RevRuns *list, const RevSet *wanted, bool objects, BodyCache *cache)
{
	JsonItems *object = items_new(3);
	RevRuns there = body_cache_there(cache, wanted);
	RevSet found = rev_set_of(&there);
	RevSet erased = rev_set_minus(wanted, &found);
	RevRuns rest = rev_runs_minus(list, &erased);
	JsonNode messages = document_messages(&there, cache);

	items_append(object, "new", node_of_runs(there.runs, there.count));
	items_append(object, "runs", node_of_runs(rest.runs, rest.count));
	items_append(object, "messages", objects ? dialect_value_constructed(&messages) : messages);
	return node_of_items(NODE_OBJECT, object);
}

Jsonb *
document_lists(Jsonb *document, NullableDatum thread_id, const HeldLists *held, BodyCache *cache,
			   bool fits)
{
	StateParts parts = document_parts(document);
	JsonItems *channels = lists_in(&parts);
	JsonNode root = node_of_items(NODE_OBJECT, channels);

	for (int i = 0; i < channels->count; i++)
	{
		JsonItem *channel = items_at(channels, i);
		RevRuns list = list_of_node(&channel->value);
		RevSet wanted = new_in(held, thread_id, &parts, channel, &list);
		RevRuns runs = {.count = wanted.count, .room = wanted.count, .runs = wanted.runs};

		if (!body_cache_fill(cache, thread_id, &runs, fits))
			return NULL;
		channel->value = write_list(&list, &wanted, is_objects(&parts, channel), cache);
	}
	return node_write_or_null(&root);
}

/* What was put, for who put it: the lists of its checkpoint. */
static Jsonb *
runs_of_document(Jsonb *document)
{
	StateParts parts = document_parts(document);
	JsonItems *channels = lists_in(&parts);
	JsonNode root = node_of_items(NODE_OBJECT, channels);

	for (int i = 0; i < channels->count; i++)
	{
		JsonItem *channel = items_at(channels, i);
		RevRuns list = list_of_node(&channel->value);
		JsonItems *object = items_new(1);

		items_append(object, "runs", node_of_runs(list.runs, list.count));
		channel->value = node_of_items(NODE_OBJECT, object);
	}
	return node_write(&root);
}

Datum
put_return(const Put *put, const Composition *composition)
{
	const Neighbour *own = &put->own;
	Datum values[] = {put->thread_id.value, put->checkpoint_ns.value,
					  CStringGetTextDatum(own->checkpoint_id), 0, 0};
	bool nulls[] = {false, false, false, true, true};

	if (put->given.lists)
	{
		values[4] = CStringGetTextDatum(mark_of(own->created_at, put->thread.change,
												composition->document, own->checkpoint_id));
		nulls[4] = false;
	}
	/* whoever gives one to an erased message must not take it for what is stored */
	if (put->given.lists && !composition->referral.met_erased)
	{
		values[3] = JsonbPGetDatum(runs_of_document(composition->document));
		nulls[3] = false;
	}
	return query_made_row(put->call, values, nulls, lengthof(values));
}

static bool
is_message(const JsonNode *element)
{
	return node_is_object(element);
}

/* The elements of a list; 22023 for what is neither a run nor an object. Whether it has runs. */
static bool
check_list(const JsonItem *channel)
{
	JsonReader reader;
	bool has_runs = false;

	if (!node_is_array(&channel->value))
		error_bad_input("lists", "The list of channel \"%.*s\" is no array.", channel->key_length,
						channel->key);
	reader = json_reader(node_container(&channel->value));
	for (uint32 i = 0; i < JsonContainerSize(node_container(&channel->value)); i++)
	{
		JsonNode element = json_reader_next(&reader);
		RevRun run;

		CHECK_FOR_INTERRUPTS();
		if (is_message(&element))
			continue;
		if (!list_read_run(&element, &run))
			error_bad_input("lists",
							"Element %u of channel \"%.*s\" is neither [first, last], two"
							" revisions, nor a message.",
							i, channel->key_length, channel->key);
		has_runs = true;
	}
	return has_runs;
}

static bool
has_member(JsonbContainer *object, const JsonItem *item)
{
	JsonbValue value;

	return object && getKeyJsonValueFromContainer(object, item->key, item->key_length, &value);
}

void
given_lists_read(GivenCheckpoint *given, NullableDatum lists)
{
	JsonItems *channels;

	if (lists.isnull)
		return;
	given->lists = &DatumGetJsonbP(lists.value)->root;
	channels = items_read(given->lists);
	for (int i = 0; i < channels->count; i++)
	{
		JsonItem *channel = items_at(channels, i);

		if (!has_member(given->versions, channel) ||
			(given->new_versions && !has_member(given->new_versions, channel)))
			error_bad_input("lists", "Channel \"%.*s\" has no new version.", channel->key_length,
							channel->key);
		if (has_member(given->values, channel))
			error_bad_input("lists", "Channel \"%.*s\" has a value as well.", channel->key_length,
							channel->key);
		given->lists_have_runs |= check_list(channel);
	}
}

void
error_list_lost(NullableDatum thread_id, const char *problem)
{
	error_stale("messages that a list goes by are others by now",
				"Put the channel's value in channel_values, without lists.",
				"thread_id is \"%s\". %s", text_or_null(thread_id), problem);
}

void
put_check_held(const Put *put, NullableDatum held)
{
	const Neighbour *parent = &put->parent;

	if (!put->given.lists_have_runs)
		return;
	if (held.isnull)
		error_bad_input("held", "Runs of revisions need the mark of the parent.");
	if (parent->seq == 0)
		error_list_lost(put->thread_id, "The parent is not stored.");
	if (strcmp(text_or_null(held), mark_of(parent->created_at, put->thread.change,
										   put->parent_state.document, parent->checkpoint_id)) != 0)
		error_list_lost(put->thread_id, "The parent has another mark.");
}

/* The messages among the elements, which are new to the parent's list. */
static RevList
refer_messages(Composition *out, const JsonNode *given, bool objects)
{
	JsonReader reader = json_reader(node_container(given));
	JsonItems *messages = items_new(8);
	JsonNode array = node_of_items(NODE_ARRAY, messages);
	RevRuns none = {0};
	RevList referred = {0};

	for (uint32 i = 0; i < JsonContainerSize(node_container(given)); i++)
	{
		JsonNode element = json_reader_next(&reader);

		CHECK_FOR_INTERRUPTS();
		if (!is_message(&element))
			continue;
		if (objects && dialect_value_constructed(&element).data != element.data)
			error_list_lost(out->referral.thread_id,
							"A message is of another form than the parent's.");
		items_append(messages, NULL, element);
	}
	if (messages->count > 0 &&
		!message_refer(&out->referral, &node_write(&array)->root, &none, &referred))
		error_bad_input("lists", "An object in it is no message.");
	return referred;
}

/* A run that the parent's list has. */
static RevRun
known_run(const Composition *out, const RevSet *held, const JsonNode *element)
{
	RevRun run;
	RevSet asked = {1, &run};

	if (!list_read_run(element, &run) || rev_set_minus(&asked, held).count > 0)
		error_list_lost(out->referral.thread_id, "The parent's list has other revisions.");
	return run;
}

RevRuns
given_list(Composition *out, const StateParts *parent, const JsonItem *channel,
		   const JsonNode *given)
{
	JsonReader reader = json_reader(node_container(given));
	bool objects = document_has_objects(parent, channel->key, channel->key_length);
	RevList messages = refer_messages(out, given, objects);
	int next = 0;
	RevRuns list = {0};
	RevRuns before;
	RevSet held;

	document_list(parent, channel->key, channel->key_length, &before);
	held = rev_set_of(&before);
	for (uint32 i = 0; i < JsonContainerSize(node_container(given)); i++)
	{
		JsonNode element = json_reader_next(&reader);
		RevRun run;

		CHECK_FOR_INTERRUPTS();
		if (is_message(&element))
			run.first = run.last = messages.revs[next++];
		else
			run = known_run(out, &held, &element);
		rev_runs_add(&list, run.first, run.last);
		list_check_length(&list);
	}
	return list;
}
