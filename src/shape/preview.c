/*
 * shape/preview.c: the first words that were said in a message, for a list.
 *
 * A body may be megabytes, most of them a file, and a list wants a line of it.  What is stored
 * apart can be read from its beginning for as far as one asks, and jsonb has first the entries of a
 * container, then its values in their order.  So of a large body the first bytes are read alone,
 * and what lies in them is a document of its own: strings end where the bytes do, and what comes
 * later is not there.  Only when that has no words, since a file stands first, the whole body is
 * read.
 */
#include "shape/shape.h"

#include "access/detoast.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"

#include "json_patch/json_patch.h"

PG_FUNCTION_INFO_V1(threadmem_message_preview);

#define HEAD_BYTES 65536
#define PREVIEW_CHARACTERS 200

static JsonNode head_of(JsonbContainer *container, const char *end);

/* Cuts a value where the bytes end; false when nothing of it is there. */
static bool
cut_value(JsonNode *value, const char *end)
{
	const char *at = value->data;
	bool is_whole = value->kind == NODE_NULL || value->kind == NODE_FALSE ||
					value->kind == NODE_TRUE || at + value->length <= end;

	if (is_whole)
		return true;
	if (value->kind == NODE_STRING && at < end)
	{
		value->length = pg_mbcliplen(at, (int)(end - at), (int)(end - at));
		return true;
	}
	if (value->kind != NODE_BINARY || at + offsetof(JsonbContainer, children) > end)
		return false;
	*value = head_of(node_container(value), end);
	return true;
}

static bool
has_key(const JsonItem *member, const char *end)
{
	return member->key + member->key_length <= end;
}

/* What of a container lies before the end. */
static JsonNode
head_of(JsonbContainer *container, const char *end)
{
	bool is_object = JsonContainerIsObject(container);
	Size entries = (Size)JsonContainerSize(container) * (is_object ? 2 : 1);
	JsonItems *items;
	int count = 0;

	check_stack_depth();
	if (entries > (Size)(end - (const char *)container->children) / sizeof(JEntry))
		items = items_new(0);
	else
		items = items_read(container);
	for (; count < items->count; count++)
		if ((is_object && !has_key(items_at(items, count), end)) ||
			!cut_value(&items_at(items, count)->value, end))
			break;
	items_truncate(items, count);
	return node_of_items(is_object ? NODE_OBJECT : NODE_ARRAY, items);
}

/* NULL for no words in the first bytes of a large body. */
static text *
head_text(Datum body, int limit)
{
	struct varlena *head = PG_DETOAST_DATUM_SLICE(body, 0, HEAD_BYTES);
	JsonbContainer *root = (JsonbContainer *)VARDATA(head);
	JsonNode node;

	if (!JsonContainerIsObject(root))
		return NULL;
	node = head_of(root, VARDATA(head) + VARSIZE(head) - VARHDRSZ);
	return shape_said(node_write(&node), limit);
}

Datum
threadmem_message_preview(PG_FUNCTION_ARGS)
{
	Datum body = PG_GETARG_DATUM(0);
	int limit = PREVIEW_CHARACTERS * pg_database_encoding_max_length();
	text *words = NULL;

	if (toast_raw_datum_size(body) > HEAD_BYTES)
		words = head_text(body, limit);
	if (!words)
		words = shape_said(DatumGetJsonbP(body), limit);
	if (!words)
		PG_RETURN_NULL();
	SET_VARSIZE(words, VARHDRSZ + pg_mbcharcliplen(VARDATA(words), VARSIZE(words) - VARHDRSZ,
												   PREVIEW_CHARACTERS));
	PG_RETURN_TEXT_P(words);
}
