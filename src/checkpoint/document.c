/*
 * checkpoint/document.c: reading state documents, and writing them out as checkpoints.
 */
#include "checkpoint/checkpoint.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/multirangetypes.h"
#include "utils/numeric.h"
#include "utils/typcache.h"

#include "threadmem/threadmem.h"

/* What takes no time worth speaking of, whether the revisions are there or not. */
#define LONG_LIST (64 * 1024)

/* Revisions in a list: more messages than 255 MB hold (checkpoint/bytes.c counts 160 for each). */
#define LIST_MAX (2 * 1024 * 1024)

pg_noreturn static void
error_too_long(void)
{
	ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					errmsg("list of messages of a state is too long"),
					errdetail("It refers to more than %d revisions.", LIST_MAX),
					errhint("threadmem_verify() lists what is damaged.")));
}

StateParts
document_parts(Jsonb *document)
{
	JsonbContainer *root = &document->root;

	return (StateParts){
		.rest = json_as_object(json_field(root, "rest")),
		.refs = json_as_object(json_field(root, "refs")),
		.values = json_as_object(json_field(root, "values")),
		.versions = json_as_object(json_field(root, "versions")),
		.seen = json_as_object(json_field(root, "seen")),
	};
}

bool
document_has(const StateParts *parts, const char *channel, int length)
{
	JsonbValue value;

	return (parts->values &&
			getKeyJsonValueFromContainer(parts->values, channel, length, &value)) ||
		   (parts->refs && getKeyJsonValueFromContainer(parts->refs, channel, length, &value));
}

/* Who may write the table may write anything into it; that must not bring the server down. */
static void
error_bad_refs(void)
{
	ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED), errmsg("state of a checkpoint is damaged"),
					errdetail("Its refs are no runs of revisions."),
					errhint("threadmem_verify() lists what cannot be restored.")));
}

static bool
is_same(const JsonNode *a, const JsonNode *b)
{
	return a->length == b->length && memcmp(a->data, b->data, a->length) == 0;
}

static bool
read_number(const JsonNode *node, int64 *number)
{
	return node->kind == NODE_NUMBER &&
		   numeric_int64(DatumGetNumeric(PointerGetDatum(node->data)), number);
}

/*
 * A list has as many runs as messages where every other one was deleted, and is read with every
 * call on the state: so nothing is allocated for one. Many are of one revision; making a number of
 * it is what reading a run costs.
 */
static void
read_ends(const JsonNode *node, JsonNode *first, JsonNode *last)
{
	JsonReader reader;

	if (!node_is_array(node) || JsonContainerSize(node_container(node)) != 2)
		error_bad_refs();
	reader = json_reader(node_container(node));
	*first = json_reader_next(&reader);
	*last = json_reader_next(&reader);
}

static RevRun
read_run(const JsonNode *node)
{
	JsonNode first;
	JsonNode last;
	RevRun out;

	read_ends(node, &first, &last);
	if (!read_number(&first, &out.first))
		error_bad_refs();
	out.last = out.first;
	if (!is_same(&first, &last) && !read_number(&last, &out.last))
		error_bad_refs();
	if (out.first < 1 || out.first > out.last || out.last > COUNT_MAX)
		error_bad_refs();
	return out;
}

/* Adds the runs of a list. */
static void
append_runs(RevRuns *list, const JsonNode *node)
{
	JsonReader reader;
	int64 own = 0;

	if (!node_is_array(node))
		error_bad_refs();
	reader = json_reader(node_container(node));
	for (uint32 i = 0; i < JsonContainerSize(node_container(node)); i++)
	{
		JsonNode item = json_reader_next(&reader);
		RevRun run = read_run(&item);

		CHECK_FOR_INTERRUPTS();
		own += run.last - run.first + 1;
		if (own > LIST_MAX)
			error_too_long();
		rev_runs_add(list, run.first, run.last);
	}
}

bool
document_list(const StateParts *parts, const char *channel, int length, RevRuns *list)
{
	JsonbValue value;
	JsonNode runs;

	*list = (RevRuns){0};
	if (!parts->refs || !getKeyJsonValueFromContainer(parts->refs, channel, length, &value))
		return false;
	runs = node_of_value(&value);
	append_runs(list, &runs);
	return true;
}

RevRuns
document_revisions(const StateParts *parts)
{
	JsonItems *channels = parts->refs ? items_read(parts->refs) : items_new(1);
	RevRuns list = {0};

	for (int i = 0; i < channels->count; i++)
		append_runs(&list, &items_at(channels, i)->value);
	items_free(channels);
	return list;
}

/* Whether a channel's list has no more runs, and no more revisions, than matters. */
static bool
is_short(const JsonNode *node)
{
	JsonReader reader;
	int64 total = 0;

	if (!node_is_array(node))
		error_bad_refs();
	reader = json_reader(node_container(node));
	for (uint32 i = 0; i < JsonContainerSize(node_container(node)) && total <= LONG_LIST; i++)
	{
		JsonNode item = json_reader_next(&reader);
		JsonNode first;
		JsonNode last;
		RevRun run;

		read_ends(&item, &first, &last);
		if (is_same(&first, &last))
			total++;
		else
		{
			run = read_run(&item);
			total += run.last - run.first + 1;
		}
	}
	return total <= LONG_LIST;
}

/* As a rule there is one channel of messages. */
static bool
is_short_channel(const StateParts *parts)
{
	JsonReader reader = json_reader(parts->refs);
	JsonNode list;

	(void)json_reader_next(&reader);
	list = json_reader_next(&reader);
	return is_short(&list);
}

/* Asked of every state that is read, so runs of one revision are not made into numbers for it. */
bool
document_is_long(const StateParts *parts, int64 *greatest)
{
	RevRuns list;

	if (!parts->refs || (JsonContainerSize(parts->refs) == 1 && is_short_channel(parts)))
		return false;
	list = document_revisions(parts);
	*greatest = 0;
	for (int i = 0; i < list.count; i++)
		*greatest = Max(*greatest, list.runs[i].last);
	rev_runs_free(&list);
	return list.total > LONG_LIST;
}

static JsonItems *
object_of(JsonbContainer *container)
{
	return container ? items_read(container) : items_new(4);
}

/* The values of all channels: those stored here, and the lists of messages. */
static JsonItems *
write_values(const StateParts *parts, BodyCache *cache)
{
	JsonItems *values = object_of(parts->values);
	JsonItems *channels = object_of(parts->refs);

	for (int i = 0; i < channels->count; i++)
	{
		JsonItem *channel = items_at(channels, i);
		RevRuns list = {0};

		append_runs(&list, &channel->value);
		items_put(values, channel->key, channel->key_length, document_messages(&list, cache));
	}
	return values;
}

static JsonNode
latest_version(const JsonItems *versions)
{
	JsonNode latest = {.kind = NODE_NULL};

	for (int i = 0; i < versions->count; i++)
	{
		JsonNode *version = &items_at(versions, i)->value;

		CHECK_FOR_INTERRUPTS();
		if (latest.kind == NODE_NULL || version_is_later(version, &latest))
			latest = *version;
	}
	return latest;
}

static void
put_text(JsonItems *object, const char *key, JsonNode value)
{
	items_put(object, key, (int)strlen(key), value);
}

Jsonb *
document_checkpoint(Jsonb *document, const char *checkpoint_id, BodyCache *cache, Jsonb *sends)
{
	StateParts parts = document_parts(document);
	JsonItems *checkpoint = object_of(parts.rest);
	JsonItems *values = write_values(&parts, cache);
	JsonItems *versions = object_of(parts.versions);
	JsonNode root;

	if (sends)
	{
		put_text(values, "__pregel_tasks", node_of_root(&sends->root));
		put_text(versions, "__pregel_tasks", latest_version(versions));
	}
	put_text(checkpoint, "id", node_of_text(checkpoint_id));
	put_text(checkpoint, "channel_values", node_of_items(NODE_OBJECT, values));
	if (parts.versions)
		put_text(checkpoint, "channel_versions", node_of_items(NODE_OBJECT, versions));
	if (parts.seen)
		put_text(checkpoint, "versions_seen", node_of_items(NODE_OBJECT, items_read(parts.seen)));
	root = node_of_items(NODE_OBJECT, checkpoint);
	return node_write_or_null(&root);
}

bool
is_internal_channel(const char *channel, int length)
{
	static const char *const prefixes[] = {"__", "branch:", "start:", "join:"};

	for (int i = 0; i < lengthof(prefixes); i++)
		if (length >= (int)strlen(prefixes[i]) &&
			memcmp(channel, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

/* Equal numbers are kept alike: their lengths differ by how they are written only below the limit.
 */
bool
is_kept_scalar(const JsonNode *value)
{
	return value->kind < NODE_BINARY && value->length <= SCALAR_MAX_BYTES;
}

Jsonb *
document_scalars(Jsonb *document)
{
	JsonItems *values = object_of(document_parts(document).values);
	JsonItems *scalars = items_new(4);
	JsonNode root = node_of_items(NODE_OBJECT, scalars);

	for (int i = 0; i < values->count; i++)
	{
		JsonItem *value = items_at(values, i);

		CHECK_FOR_INTERRUPTS();
		if (is_kept_scalar(&value->value) && !is_internal_channel(value->key, value->key_length))
			items_insert(scalars, scalars->count, *value);
	}
	return scalars->count > 0 ? node_write(&root) : NULL;
}

static RangeType *
range_of(TypeCacheEntry *type, int64 first, int64 last)
{
	RangeBound lower = {.val = Int64GetDatum(first), .inclusive = true, .lower = true};
	RangeBound upper = {.val = Int64GetDatum(last + 1)};

#if PG_VERSION_NUM >= 160000
	return make_range(type, &lower, &upper, false, NULL);
#else
	return make_range(type, &lower, &upper, false);
#endif
}

static NullableDatum
add_ranges(NullableDatum seen, const RevRun *runs, int count)
{
	TypeCacheEntry *type = lookup_type_cache(INT8MULTIRANGEOID, TYPECACHE_MULTIRANGE_INFO)->rngtype;
	RangeType **old = NULL;
	RangeType **ranges;
	int32 old_count = 0;

	if (!seen.isnull)
		multirange_deserialize(type, DatumGetMultirangeTypeP(seen.value), &old_count, &old);
	ranges = palloc_extended(sizeof(RangeType *) * (old_count + count + 1), MCXT_ALLOC_HUGE);
	for (int i = 0; i < old_count; i++)
		ranges[i] = old[i];
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		ranges[old_count + i] = range_of(type, runs[i].first, runs[i].last);
	}
	return ARG(MultirangeTypePGetDatum(
		make_multirange(INT8MULTIRANGEOID, type, old_count + count, ranges)));
}

static RevSet
set_of_seen(NullableDatum seen)
{
	TypeCacheEntry *type = lookup_type_cache(INT8MULTIRANGEOID, TYPECACHE_MULTIRANGE_INFO)->rngtype;
	RangeType **ranges;
	int32 count;
	RevRuns out = {0};

	multirange_deserialize(type, DatumGetMultirangeTypeP(seen.value), &count, &ranges);
	for (int32 i = 0; i < count; i++)
	{
		RangeBound lower;
		RangeBound upper;
		bool empty;

		CHECK_FOR_INTERRUPTS();
		range_deserialize(type, ranges[i], &lower, &upper, &empty);
		rev_runs_add(&out, lower.infinite ? 0 : DatumGetInt64(lower.val),
					 upper.infinite ? PG_INT64_MAX - 1 : DatumGetInt64(upper.val) - 1);
	}
	return rev_set_of(&out);
}

/* As a rule it has seen all but what is new: only that becomes ranges. */
NullableDatum
seen_after(NullableDatum seen, const RevRuns *list)
{
	RevSet held = rev_set_of(list);

	if (!seen.isnull)
	{
		RevSet before = set_of_seen(seen);

		held = rev_set_minus(&held, &before);
		if (held.count == 0)
			return seen;
	}
	return add_ranges(seen, held.runs, held.count);
}

NullableDatum
seen_of(const RevSet *set)
{
	return add_ranges(ARG_NULL, set->runs, set->count);
}
