/*
 * json_patch/diff.c: the JSON Patch that makes one document of another.
 *
 * Both documents are walked together.  What has the same bytes is skipped by memcmp, without being
 * read: 1.10 is not 1.1, so that the patch restores every digit.  The members of two objects are
 * sorted, so one pass tells which went, came or changed.  In arrays the elements at the beginning
 * and at the end that are the same are left alone, and for the stretch between match_elements()
 * tells which stay.  Between two that stay, the old and the new ones are taken in pairs, each pair
 * compared in its turn, and what one side has left over goes or comes.
 *
 * A pair of containers can always be dealt with by replacing the old one as well.  So after each
 * pair the bytes of its operations are weighed against those of that one operation, up to the root:
 * a patch is never larger than the one that replaces the whole document.  What a pair has cost can
 * only grow, so the walk of a container ends where replacing it has become cheaper; else a deep
 * document, each of whose changes is named by a long path, would fill the memory first.
 *
 * The patch is the same whenever the documents are: no hash or address decides its order.
 */
#include "json_patch/json_patch.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"

#include "json_patch/match.h"

typedef struct Diff
{
	StringInfoData path; /* to the pair at hand */
	JsonItems *patch;
	Size bytes; /* of the patch */
} Diff;

/* Where the operations of a container begin, and what replacing it takes instead. */
typedef struct Mark
{
	int count;
	Size bytes;
	Size replacing;
} Mark;

static void diff_pair(Diff *diff, const JsonNode *old, const JsonNode *new);

/* RFC 6901 section 3: ~ becomes ~0 and / becomes ~1. Gives the length to go back to. */
static int
path_push(Diff *diff, const char *key, int length)
{
	int before = diff->path.len;

	appendStringInfoChar(&diff->path, '/');
	for (int i = 0; i < length; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (key[i] == '~' || key[i] == '/')
			appendStringInfoString(&diff->path, key[i] == '~' ? "~0" : "~1");
		else
			appendStringInfoChar(&diff->path, key[i]);
	}
	return before;
}

static int
path_push_index(Diff *diff, int index)
{
	int before = diff->path.len;

	appendStringInfo(&diff->path, "/%d", index);
	return before;
}

static void
path_pop(Diff *diff, int before)
{
	diff->path.len = before;
	diff->path.data[before] = '\0';
}

/* The bytes of an operation in jsonb's form, with its entry in the patch. */
static Size
operation_size(const Diff *diff, const char *op, const JsonNode *value)
{
	int members = value ? 3 : 2;
	Size size = sizeof(uint32) + 2 * members * sizeof(JEntry) + strlen("oppath") + strlen(op) +
				diff->path.len;

	if (value)
	{
		size += strlen("value");
		size = value->kind == NODE_STRING ? size : INTALIGN(size);
		size += value->length;
	}
	return INTALIGN(size) + sizeof(JEntry);
}

/* Members in jsonb's order. */
static void
emit(Diff *diff, const char *op, const JsonNode *value)
{
	JsonItems *operation = items_new(3);
	const char *path = pnstrdup(diff->path.data, diff->path.len);

	items_append(operation, "op", node_of_text(op));
	items_append(operation, "path", node_of_string(path, diff->path.len));
	if (value)
		items_append(operation, "value", *value);
	items_append(diff->patch, NULL, node_of_items(NODE_OBJECT, operation));
	diff->bytes += operation_size(diff, op, value);
}

static void
emit_member(Diff *diff, const char *op, const JsonItem *item, const JsonNode *value)
{
	int before = path_push(diff, item->key, item->key_length);

	emit(diff, op, value);
	path_pop(diff, before);
}

/* Sizes are rounded up, by less than an int in the end. */
static bool
is_too_large(const Diff *diff, const Mark *mark)
{
	return diff->bytes - mark->bytes + ALIGNOF_INT > mark->replacing;
}

static void
diff_object(Diff *diff, const JsonItems *old, const JsonItems *new, const Mark *mark)
{
	int i = 0;
	int j = 0;

	while ((i < old->count || j < new->count) && !is_too_large(diff, mark))
	{
		const JsonItem *a = i < old->count ? items_at(old, i) : NULL;
		const JsonItem *b = j < new->count ? items_at(new, j) : NULL;
		int order = !a ? 1 : !b ? -1 : key_compare(a->key, a->key_length, b->key, b->key_length);

		CHECK_FOR_INTERRUPTS();
		i += order <= 0;
		j += order >= 0;
		if (order < 0)
			emit_member(diff, "remove", a, NULL);
		else if (order > 0)
			emit_member(diff, "add", b, &b->value);
		else if (!node_same(&a->value, &b->value))
		{
			int before = path_push(diff, a->key, a->key_length);

			diff_pair(diff, &a->value, &b->value);
			path_pop(diff, before);
		}
	}
}

/* Where the elements differ: without the beginning and the end that are the same. */
static void
trim(MatchStretch *old, MatchStretch *new)
{
	int shorter = Min(old->count, new->count);
	int start = 0;
	int end = 0;

	for (; start < shorter &&
		   node_same(&items_at(old->items, start)->value, &items_at(new->items, start)->value);
		 start++)
		CHECK_FOR_INTERRUPTS();
	for (; end < shorter - start && node_same(&items_at(old->items, old->count - 1 - end)->value,
											  &items_at(new->items, new->count - 1 - end)->value);
		 end++)
		CHECK_FOR_INTERRUPTS();
	old->start = new->start = start;
	old->count -= start + end;
	new->count -= start + end;
}

static const JsonNode *
element(const MatchStretch *stretch, int index)
{
	return &items_at(stretch->items, stretch->start + index)->value;
}

/* From index on, how many go or come until one stays. */
static int
run_length(const MatchStretch *stretch, int index)
{
	int length = 0;

	for (; index + length < stretch->count && !stretch->stays[index + length]; length++)
		CHECK_FOR_INTERRUPTS();
	return length;
}

/* The elements between two that stay; at is where they are in the array as patched so far. */
static void
diff_run(Diff *diff, const MatchStretch *old, int i, int gone, const MatchStretch *new, int j,
		 int come, const Mark *mark)
{
	bool at_end = old->start + i + gone == old->items->count;
	int at = new->start + j;

	for (int k = 0; k < Max(gone, come) && !is_too_large(diff, mark); k++)
	{
		int before;

		CHECK_FOR_INTERRUPTS();
		if (k >= gone && at_end)
			before = path_push(diff, "-", 1);
		else
			before = path_push_index(diff, at + Min(k, come));
		if (k >= come)
			emit(diff, "remove", NULL);
		else if (k >= gone)
			emit(diff, "add", element(new, j + k));
		else
			diff_pair(diff, element(old, i + k), element(new, j + k));
		path_pop(diff, before);
	}
}

static void
diff_array(Diff *diff, const JsonItems *old_items, const JsonItems *new_items, const Mark *mark)
{
	MatchStretch old = {.items = old_items, .count = old_items->count};
	MatchStretch new = {.items = new_items, .count = new_items->count};
	int i = 0;
	int j = 0;

	trim(&old, &new);
	match_elements(&old, &new);
	while ((i < old.count || j < new.count) && !is_too_large(diff, mark))
	{
		int gone = run_length(&old, i);
		int come = run_length(&new, j);

		CHECK_FOR_INTERRUPTS();
		diff_run(diff, &old, i, gone, &new, j, come, mark);
		/* And the pair that stays. */
		i += gone + 1;
		j += come + 1;
	}
	pfree(old.stays);
	pfree(new.stays);
}

static void
diff_pair(Diff *diff, const JsonNode *old, const JsonNode *new)
{
	Mark mark = {diff->patch->count, diff->bytes, operation_size(diff, "replace", new)};
	bool objects = node_is_object(old) && node_is_object(new);
	JsonItems *old_items;
	JsonItems *new_items;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	if (node_same(old, new))
		return;
	if (!objects && !(node_is_array(old) && node_is_array(new)))
	{
		emit(diff, "replace", new);
		return;
	}
	old_items = items_read(node_container(old));
	new_items = items_read(node_container(new));
	if (objects)
		diff_object(diff, old_items, new_items, &mark);
	else
		diff_array(diff, old_items, new_items, &mark);
	items_free(old_items);
	items_free(new_items);
	if (!is_too_large(diff, &mark))
		return;
	items_truncate(diff->patch, mark.count);
	diff->bytes = mark.bytes;
	emit(diff, "replace", new);
}

Jsonb *
json_diff(Jsonb *old, Jsonb *new)
{
	Diff diff = {.patch = items_new(8)};
	JsonNode old_root = node_of_root(&old->root);
	JsonNode new_root = node_of_root(&new->root);
	JsonNode patch = node_of_items(NODE_ARRAY, diff.patch);

	initStringInfo(&diff.path);
	diff_pair(&diff, &old_root, &new_root);
	return node_write(&patch);
}
