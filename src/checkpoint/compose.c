/*
 * checkpoint/compose.c: the state document of a checkpoint that comes in.
 *
 * A writer gives the values of the channels that changed, and the versions of all. Which value an
 * unchanged channel has is found by its version: as a rule the parent has the same one. When it
 * does not (LangGraph's "__copy__" makes a sibling of a checkpoint under that one's parent), the
 * newest checkpoint of the namespace with this version decides whether the value is known; then the
 * writer's own value counts if it gave one, since branches may use one number twice.
 */
#include "checkpoint/checkpoint.h"

#include "graph/graph.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "threadmem/threadmem.h"

/* Rows whose patch or snapshot may be the one that brought a version in; $4 channel, $5 version. */
static Stmt checkpoint_with_version = {
	"SELECT c.seq, c.parent_seq FROM threadmem_data.checkpoints c"
	" WHERE c.tenant_id = $1 AND c.thread_id = $2 AND c.checkpoint_ns = $3"
	" AND (c.snapshot -> 'versions' -> $4 = $5 OR c.patch @> $6 OR c.patch @>"
	" jsonb_build_array(jsonb_build_object('path', '/versions', 'value', jsonb_build_object($4, $5)))"
	" OR c.patch @> jsonb_build_array(jsonb_build_object('path', '', 'value',"
	" jsonb_build_object('versions', jsonb_build_object($4, $5)))))"
	" ORDER BY c.checkpoint_id DESC",
	"tttjj"};

static Stmt checkpoint_is_object = {"SELECT m.body ? 'lc' FROM threadmem_data.messages m"
									" WHERE m.tenant_id = $1 AND m.thread_id = $2 AND m.rev = $3"
									" AND m.body IS NOT NULL",
									"tl"};

typedef struct Composer
{
	Composition *out;
	StateParts parent;
	Names *channels; /* those of messages beside "messages" */
	JsonItems *refs;
	List *lists; /* RevRuns of the refs, NULL for one that stays as the parent has it */
	bool changes;
	JsonItems *values;
	JsonItems *objects; /* names */
	bool apart;         /* not all revisions of the parent's lists are its messages */
} Composer;

static JsonbContainer *
given_object(Jsonb *checkpoint, const char *key)
{
	JsonbValue *value = json_field(&checkpoint->root, key);

	if (value && !json_as_object(value))
		error_bad_input("checkpoint", "\"%s\" must be an object, and is of type %s.", key,
						JsonbTypeName(value));
	return json_as_object(value);
}

static void
check_versions(const char *argument, JsonbContainer *versions)
{
	JsonItems *items = versions ? items_read(versions) : items_new(1);

	for (int i = 0; i < items->count; i++)
	{
		JsonItem *item = items_at(items, i);

		CHECK_FOR_INTERRUPTS();
		if (item->value.kind != NODE_NUMBER && item->value.kind != NODE_STRING)
			error_bad_input(argument, "The version of channel \"%.*s\" is no number and no string.",
							item->key_length, item->key);
	}
}

void
given_read(GivenCheckpoint *given, NullableDatum checkpoint, NullableDatum new_versions)
{
	memset(given, 0, sizeof(*given));
	given->checkpoint = DatumGetJsonbP(checkpoint.value);
	given->checkpoint_id = json_as_text(json_field(&given->checkpoint->root, "id"));
	if (!given->checkpoint_id)
		error_bad_input("checkpoint", "\"id\" must be a string.");
	guard_id("checkpoint", given->checkpoint_id, (int)strlen(given->checkpoint_id));
	given->values = given_object(given->checkpoint, "channel_values");
	given->versions = given_object(given->checkpoint, "channel_versions");
	given->seen = given_object(given->checkpoint, "versions_seen");
	check_versions("checkpoint", given->versions);
	if (new_versions.isnull)
		return;
	given->new_versions = &DatumGetJsonbP(new_versions.value)->root;
	check_versions("new_versions", given->new_versions);
}

const TimestampTz *
given_time(const GivenCheckpoint *given)
{
	TimestampTz *time = palloc(sizeof(TimestampTz));

	if (!document_time(&given->checkpoint->root, time) || *time > GetCurrentTimestamp())
		return NULL;
	return time;
}

static bool
has_key(JsonbContainer *object, const JsonItem *item, JsonNode *value)
{
	JsonbValue found;

	if (!object || !getKeyJsonValueFromContainer(object, item->key, item->key_length, &found))
		return false;
	if (value)
		*value = node_of_value(&found);
	return true;
}

/* Only the thread's own graph refers: what subgraphs say among themselves is not the conversation.
 */
static bool
is_messages(const Composer *composer, const JsonItem *channel)
{
	static const char messages[] = "messages";
	int length = channel->key_length;

	return ns_is_root(composer->out->checkpoint_ns) &&
		   ((length == strlen(messages) && memcmp(channel->key, messages, length) == 0) ||
			names_find(composer->channels, channel->key, length));
}

static void
put_ref(Composer *composer, const JsonItem *channel, const RevRuns *list, JsonNode node)
{
	composer->lists = lappend(composer->lists, unconstify(RevRuns *, list));
	composer->changes |= list != NULL;
	items_insert(composer->refs, composer->refs->count,
				 (JsonItem){.key = channel->key, .key_length = channel->key_length, .value = node});
}

/* All that the parent holds; first asked for when a list is another than the parent's. */
static const RevRuns *
held_before(Composer *composer)
{
	if (composer->out->parent)
		composer->out->before = *chain_revisions(composer->out->parent);
	return &composer->out->before;
}

/* The stored ones of a list that others have not, of which one is what the list was. */
static void
add_news(RevRuns *out, const Composer *composer, const RevRuns *list, const RevRuns *was,
		 const RevRuns *others)
{
	RevRuns gone;
	RevRuns more;
	RevSet held;
	RevRuns news;

	rev_runs_between(was, list, &gone, &more);
	held = rev_set_near(others, &more);
	news = rev_runs_minus(&more, &held);
	for (int i = 0; i < news.count; i++)
		rev_runs_add(out, news.runs[i].first,
					 Min(news.runs[i].last, composer->out->referral.thread->rev - 1));
}

static void
put_list(Composer *composer, const JsonItem *channel, const RevRuns *list)
{
	Composition *out = composer->out;
	bool takes_log = channel->key_length == (int)strlen("messages") &&
					 memcmp(channel->key, "messages", channel->key_length) == 0;
	const RevRuns *before = held_before(composer);
	JsonNode node = {.kind = NODE_NULL};
	RevRuns was = *before;

	if (composer->apart)
		document_list(&composer->parent, channel->key, channel->key_length, &was);
	document_list_node(&composer->parent, channel->key, channel->key_length, &node);
	add_news(&out->news, composer, list, &was, before);
	if (takes_log && composer->apart)
		add_news(&out->again, composer, list, &was, &was);
	put_ref(composer, channel, list, node_of_list(list, &node, rev_runs_same(&was, list)));
}

static RevRuns *
own_list(const RevRuns *list)
{
	RevRuns *own = palloc(sizeof(RevRuns));

	*own = *list;
	return own;
}

static void
put_value(Composer *composer, const JsonItem *channel, const JsonNode *value)
{
	Referral *referral = &composer->out->referral;
	RevRuns list;
	RevList referred;

	document_list(&composer->parent, channel->key, channel->key_length, &list);
	if (node_is_array(value) && is_messages(composer, channel) &&
		message_refer(referral, node_container(value), &list, &referred))
	{
		list = rev_runs_of(&referred);
		put_list(composer, channel, own_list(&list));
	}
	else
		items_insert(
			composer->values, composer->values->count,
			(JsonItem){.key = channel->key, .key_length = channel->key_length, .value = *value});
}

static void
note_objects(Composer *composer, const JsonItem *channel)
{
	for (int i = 0; i < composer->objects->count; i++)
	{
		const JsonNode *name = &items_at(composer->objects, i)->value;

		if ((int)name->length == channel->key_length &&
			memcmp(name->data, channel->key, channel->key_length) == 0)
			return;
	}
	items_append(composer->objects, NULL, node_of_string(channel->key, channel->key_length));
}

/* Whether the first message of a list that is not erased is in the form of LangChain's loader. */
static bool
begins_with_object(const Composer *composer, const RevRuns *list)
{
	const Referral *referral = &composer->out->referral;

	for (int i = 0; i < list->count; i++)
		for (int64 rev = list->runs[i].first; rev <= list->runs[i].last; rev++)
		{
			NullableDatum key[] = {referral->thread_id, ARG(Int64GetDatum(rev))};

			CHECK_FOR_INTERRUPTS();
			if (query_first(referral->call, &checkpoint_is_object, key))
				return row_bool(1, 1);
		}
	return true;
}

/*
 * What the thread door makes of a channel of messages are objects; but where a graph has put
 * messages there that are none, that is what it wants.
 */
static bool
has_objects(const Composer *composer, const JsonItem *channel)
{
	static const char messages[] = "messages";
	const StateParts *parent = &composer->parent;
	int length = channel->key_length;
	RevRuns list;

	if (!(length == strlen(messages) && memcmp(channel->key, messages, length) == 0) &&
		!names_find(composer->channels, channel->key, length))
		return false;
	if (document_has_objects(parent, channel->key, length))
		return true;
	return !document_list(parent, channel->key, length, &list) ||
		   begins_with_object(composer, &list);
}

/* As another state document has it, which refers to the same thread's messages. */
static void
take_over(Composer *composer, const JsonItem *channel, const StateParts *parts)
{
	JsonNode value;
	RevRuns list;

	if (document_has_objects(parts, channel->key, channel->key_length))
		note_objects(composer, channel);
	if (parts == &composer->parent && has_key(parts->refs, channel, &value))
		put_ref(composer, channel, NULL, value);
	else if (document_list(parts, channel->key, channel->key_length, &list))
		put_list(composer, channel, own_list(&list));
	else if (has_key(parts->values, channel, &value))
		items_insert(
			composer->values, composer->values->count,
			(JsonItem){.key = channel->key, .key_length = channel->key_length, .value = value});
}

static bool
same_version(const StateParts *parts, const JsonItem *channel)
{
	JsonNode version;

	return has_key(parts->versions, channel, &version) && node_same(&version, &channel->value);
}

/* [{"path": "/versions/<channel>", "value": version}] */
static Jsonb *
version_operation(const JsonItem *channel)
{
	JsonItems *operation = items_new(2);
	JsonItems *operations = items_new(1);
	JsonNode root = node_of_items(NODE_ARRAY, operations);
	StringInfoData path;

	initStringInfo(&path);
	appendStringInfoString(&path, "/versions/");
	for (int i = 0; i < channel->key_length; i++)
		if (channel->key[i] == '~' || channel->key[i] == '/')
			appendStringInfoString(&path, channel->key[i] == '~' ? "~0" : "~1");
		else
			appendStringInfoChar(&path, channel->key[i]);
	items_append(operation, "path", node_of_string(path.data, path.len));
	items_append(operation, "value", channel->value);
	items_append(operations, NULL, node_of_items(NODE_OBJECT, operation));
	return node_write(&root);
}

static bool
row_has_version(Composer *composer, const JsonItem *channel, int64 seq)
{
	const Referral *referral = &composer->out->referral;
	ChainState state;
	StateParts parts;

	chain_read_row(referral->call, referral->thread_id, seq, &state);
	parts = document_parts(state.document);
	return same_version(&parts, channel);
}

/* Whether a row brought a version in, rather than having it from its parent (0: none). */
static bool
brought_version(Composer *composer, const JsonItem *channel, int64 seq, int64 parent_seq)
{
	bool brought;

	CHECK_FOR_INTERRUPTS();
	query_push();
	brought = row_has_version(composer, channel, seq) &&
			  (parent_seq == 0 || !row_has_version(composer, channel, parent_seq));
	query_pop();
	return brought;
}

/* The parts of the newest checkpoint that brought a version of a channel in; false when none did.
 */
static bool
find_version(Composer *composer, const JsonItem *channel, StateParts *parts)
{
	Composition *out = composer->out;
	NullableDatum args[] = {
		out->referral.thread_id, out->checkpoint_ns,
		ARG(PointerGetDatum(cstring_to_text_with_len(channel->key, channel->key_length))),
		ARG(JsonbPGetDatum(node_write(&channel->value))),
		ARG(JsonbPGetDatum(version_operation(channel)))};
	uint64 count = query_exec(out->referral.call, &checkpoint_with_version, args);
	int64 *rows = palloc(sizeof(int64) * Max(count, 1) * 2);
	ChainState state;

	for (uint64 i = 0; i < count; i++)
	{
		rows[2 * i] = row_int64(i + 1, 1);
		rows[2 * i + 1] = row_int64(i + 1, 2);
	}
	for (uint64 i = 0; i < count; i++)
		if (brought_version(composer, channel, rows[2 * i], rows[2 * i + 1]))
		{
			chain_read_row(out->referral.call, out->referral.thread_id, rows[2 * i], &state);
			*parts = document_parts(state.document);
			return true;
		}
	return false;
}

/* A list that goes by the parent's is in the form of the parent's. */
static void
put_given_list(Composer *composer, const JsonItem *channel, const JsonNode *given)
{
	RevRuns list;

	if (!is_messages(composer, channel))
		error_list_lost(composer->out->referral.thread_id, "The channel is none of messages.");
	list = given_list(composer->out, &composer->parent, channel, given);
	if (document_has_objects(&composer->parent, channel->key, channel->key_length))
		note_objects(composer, channel);
	put_list(composer, channel, own_list(&list));
}

static void
resolve(Composer *composer, const JsonItem *channel)
{
	const GivenCheckpoint *given = composer->out->given;
	bool is_new = !given->new_versions || has_key(given->new_versions, channel, NULL);
	JsonNode value;
	bool has_value = has_key(given->values, channel, &value);
	StateParts other;
	Names *lists = composer->out->lists;
	NameEntry *ready = lists ? names_find(lists, channel->key, channel->key_length) : NULL;

	CHECK_FOR_INTERRUPTS();
	if (composer->out->copied
			? document_has_objects(composer->out->copied, channel->key, channel->key_length)
			: lists && is_new && has_objects(composer, channel))
		note_objects(composer, channel);
	if (ready && ready->value)
	{
		put_list(composer, channel, ready->value);
		return;
	}
	if (is_new)
	{
		if (has_key(given->lists, channel, &value))
			put_given_list(composer, channel, &value);
		else if (has_value)
			put_value(composer, channel, &value);
	}
	else if (same_version(&composer->parent, channel))
		take_over(composer, channel, &composer->parent);
	else if (find_version(composer, channel, &other))
	{
		if (has_value)
			put_value(composer, channel, &value);
		else
			take_over(composer, channel, &other);
	}
}

static bool
is_own_key(const JsonItem *item)
{
	static const char *const keys[] = {"id", "channel_values", "channel_versions", "versions_seen"};

	for (int i = 0; i < lengthof(keys); i++)
		if (item->key_length == (int)strlen(keys[i]) &&
			memcmp(item->key, keys[i], item->key_length) == 0)
			return true;
	return false;
}

static JsonItems *
rest_of(Jsonb *checkpoint)
{
	JsonItems *all = items_read(&checkpoint->root);
	JsonItems *rest = items_new(all->count + 1);

	for (int i = 0; i < all->count; i++)
		if (!is_own_key(items_at(all, i)))
			items_insert(rest, rest->count, *items_at(all, i));
	return rest;
}

static void
put_part(JsonItems *document, const char *key, JsonItems *part)
{
	if (part->count > 0)
		items_append(document, key, node_of_items(NODE_OBJECT, part));
}

/* Keys in jsonb's order: by length, then by bytes. */
static Jsonb *
assemble(const Composer *composer)
{
	const GivenCheckpoint *given = composer->out->given;
	JsonItems *document = items_new(6);
	JsonNode root = node_of_items(NODE_OBJECT, document);
	Jsonb *written;

	put_part(document, "refs", composer->refs);
	put_part(document, "rest", rest_of(given->checkpoint));
	if (given->seen)
		items_append(document, "seen", node_of_items(NODE_OBJECT, items_read(given->seen)));
	put_part(document, "values", composer->values);
	if (composer->objects->count > 0)
		items_append(document, "objects", node_of_items(NODE_ARRAY, composer->objects));
	if (given->versions)
		items_append(document, "versions", node_of_items(NODE_OBJECT, items_read(given->versions)));
	written = node_write_or_null(&root);
	if (!written)
		error_state_unwritable(composer->out->referral.thread_id, 0);
	return written;
}

/* As a rule there is one list, or all are the parent's. */
static void
finish_lists(Composer *composer)
{
	Composition *out = composer->out;
	int before = composer->parent.refs ? JsonContainerSize(composer->parent.refs) : 0;

	out->kept = !composer->changes && composer->refs->count == before;
	if (out->kept)
		return;
	(void)held_before(composer);
	for (int i = 0; i < composer->refs->count; i++)
	{
		RevRuns *list = list_nth(composer->lists, i);
		RevRuns kept;

		if (!list)
		{
			kept = list_of_node(&items_at(composer->refs, i)->value);
			list = &kept;
		}
		if (composer->refs->count == 1)
			out->list = *list;
		else
			rev_runs_join(&out->list, list);
	}
}

/* The channels beside "messages" that are of messages. */
static Names *
message_channels(const Composition *out)
{
	const Referral *referral = &out->referral;
	JsonbContainer *channels =
		out->graph ? json_as_object(json_field(&out->graph->root, "channels")) : NULL;
	JsonItems *declared = channels ? items_read(channels) : items_new(1);
	Names *names = names_new();

	if (ns_is_root(out->checkpoint_ns))
		return names_of_list(
			graph_message_channels(referral->call, ARG_TEXT(referral->thread->graph_id)));
	for (int i = 0; i < declared->count; i++)
	{
		JsonItem *channel = items_at(declared, i);
		JsonbContainer *object =
			node_is_object(&channel->value) ? node_container(&channel->value) : NULL;
		char *reducer = object ? json_as_text(json_field(object, "reducer")) : NULL;

		CHECK_FOR_INTERRUPTS();
		if (reducer && strcmp(reducer, "add_messages") == 0)
			(void)names_add(names, channel->key, channel->key_length);
	}
	return names;
}

void
compose(Composition *out)
{
	Composer composer = {
		.out = out, .refs = items_new(2), .values = items_new(8), .objects = items_new(1)};
	JsonItems *channels = out->given->versions ? items_read(out->given->versions) : items_new(1);

	if (out->parent)
		composer.parent = document_parts(out->parent->document);
	composer.apart = composer.parent.refs && (JsonContainerSize(composer.parent.refs) > 1 ||
											  !json_field(composer.parent.refs, "messages"));
	composer.channels = message_channels(out);
	for (int i = 0; i < channels->count; i++)
		resolve(&composer, items_at(channels, i));
	finish_lists(&composer);
	if (!composer.apart)
		out->again = out->news;
	out->document = assemble(&composer);
}
