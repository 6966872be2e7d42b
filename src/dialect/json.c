/*
 * dialect/json.c: keys and values as APIs write them, times above all, and what JavaScript has as
 * undefined.
 */
#include "dialect/dialect.h"

#include "miscadmin.h"
#include "utils/timestamp.h"

void
dialect_put_text(JsonBuilder *out, const char *key, const char *value)
{
	if (value)
		json_put_text(out, key, value);
	else
		json_put_null(out, key);
}

void
dialect_put_given_text(JsonBuilder *out, const char *key, const char *value)
{
	if (value)
		json_put_text(out, key, value);
}

/* Whole seconds, cut towards the past: -0.5 is in the second before the epoch. */
void
dialect_put_epoch(JsonBuilder *out, const char *key, TimestampTz time)
{
	const int64 epoch = (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY;
	int64 seconds = time / USECS_PER_SEC;

	if (TIMESTAMP_NOT_FINITE(time))
		json_put_null(out, key);
	else
		json_put_int64(out, key, seconds - (time % USECS_PER_SEC < 0 ? 1 : 0) + epoch);
}

/* Always in UTC and to the microsecond; the server's own output follows DateStyle and TimeZone. */
void
dialect_put_iso(JsonBuilder *out, const char *key, TimestampTz time)
{
	struct pg_tm tm;
	fsec_t microseconds;

	if (TIMESTAMP_NOT_FINITE(time) || timestamp2tm(time, NULL, &tm, &microseconds, NULL, NULL) != 0)
		json_put_null(out, key);
	else
		json_put_text(out, key,
					  psprintf("%04d-%02d-%02dT%02d:%02d:%02d.%06d+00:00", tm.tm_year, tm.tm_mon,
							   tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, microseconds));
}

bool
dialect_is_undefined(const JsonNode *node)
{
	JsonbContainer *object =
		node_is_object(node) && node->kind == NODE_BINARY ? node_container(node) : NULL;
	char *type =
		object && json_field(object, "lc") ? json_as_text(json_field(object, "type")) : NULL;

	return type && strcmp(type, "undefined") == 0;
}

static bool
has_bytes(const JsonNode *node, const char *word)
{
	const char *at = node->data;
	const char *end = at + node->length;
	long length = (long)strlen(word);

	for (; end - at >= length && (at = memchr(at, *word, end - at)) != NULL; at++)
		if (end - at >= length && memcmp(at, word, length) == 0)
			return true;
	return false;
}

/* What has neither, by its bytes, is passed through as it stands. */
JsonNode
dialect_defined(const JsonNode *node, JsonItems *(*fields_of)(JsonbContainer *message))
{
	bool is_object = node_is_object(node);
	JsonItems *items;

	check_stack_depth();
	if (node->kind != NODE_BINARY ||
		(!has_bytes(node, "undefined") && !(fields_of && has_bytes(node, "constructor"))))
		return *node;
	if (dialect_is_undefined(node))
		return (JsonNode){.kind = NODE_NULL};
	if (fields_of && is_object && shape_constructor_type(node_container(node)))
		items = fields_of(node_container(node));
	else
		items = items_read(node_container(node));
	for (int i = items->count - 1; i >= 0; i--)
	{
		JsonNode *value = &items_at(items, i)->value;

		CHECK_FOR_INTERRUPTS();
		if (is_object && dialect_is_undefined(value))
			items_remove(items, i);
		else
			*value = dialect_defined(value, fields_of);
	}
	return node_of_items(is_object ? NODE_OBJECT : NODE_ARRAY, items);
}
