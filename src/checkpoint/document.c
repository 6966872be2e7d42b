/*
 * checkpoint/document.c: reading state documents, and writing them out as checkpoints.
 */
#include "checkpoint/checkpoint.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/multirangetypes.h"
#include "utils/typcache.h"

#include "dialect/dialect.h"
#include "threadmem/threadmem.h"

StateParts
document_parts(Jsonb *document)
{
	JsonbContainer *root = &document->root;

	return (StateParts){
		.rest = json_as_object(json_field(root, "rest")),
		.refs = json_as_object(json_field(root, "refs")),
		.values = json_as_object(json_field(root, "values")),
		.objects = json_as_array(json_field(root, "objects")),
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

bool
document_has_objects(const StateParts *parts, const char *channel, int length)
{
	int count = parts->objects ? (int)JsonContainerSize(parts->objects) : 0;

	for (int i = 0; i < count; i++)
	{
		JsonbValue *name = getIthJsonbValueFromContainer(parts->objects, i);

		CHECK_FOR_INTERRUPTS();
		if (name->type == jbvString && name->val.string.len == length &&
			memcmp(name->val.string.val, channel, length) == 0)
			return true;
	}
	return false;
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

	for (int i = 0; cache && i < channels->count; i++)
	{
		JsonItem *channel = items_at(channels, i);
		RevRuns list = list_of_node(&channel->value);

		items_put(values, channel->key, channel->key_length, document_messages(&list, cache));
	}
	for (int i = 0; parts->objects && i < values->count; i++)
	{
		JsonItem *channel = items_at(values, i);

		CHECK_FOR_INTERRUPTS();
		if (document_has_objects(parts, channel->key, channel->key_length))
			channel->value = dialect_value_constructed(&channel->value);
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
document_time(JsonbContainer *checkpoint, TimestampTz *time)
{
	JsonbValue *ts = json_field(checkpoint, "ts");

	return ts && ts->type == jbvString && !shape_time("ts", ts, time);
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

RevSet
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
