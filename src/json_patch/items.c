/*
 * json_patch/items.c: the items of a container, in an order that changes.
 *
 * A patch, or a step that writes many channels, may put each item at another place, so a list must
 * take one anywhere without moving all that stand behind it.  The items lie in blocks of at most
 * BLOCK_ITEMS: a change moves items of its own block, and counts on where the later blocks start.
 * For n changes of n items that is n * BLOCK_ITEMS / 2 moves of items at most, done by memmove, and
 * n * n / BLOCK_ITEMS additions, which for a million items take as long again; a balanced tree
 * would need neither and makes every read slower.  What is only read or appended to, and nearly all
 * is, stays one array: what came out of a document is a single block of any size, and is cut into
 * small ones by the first change within it.
 *
 * The block of the last access is remembered: a loop over all items finds each at once.
 */
#include "json_patch/tree.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#define ITEMS_MAX ((int)(MaxAllocSize / sizeof(JsonItem)))
#define BLOCK_ITEMS 512
#define ROOM_MIN 8

static void
items_begin(JsonItems *items, JsonItem *slots, int room, int count)
{
	*items = (JsonItems){.count = count, .blocks = 1, .room = 1};
	items->single = (JsonBlock){.count = count, .room = room, .slots = slots};
	items->directory = &items->single;
}

JsonItems *
items_new(int room)
{
	JsonItems *items = palloc(sizeof(JsonItems));

	room = Min(room, ITEMS_MAX);
	items_begin(items, palloc(room * sizeof(JsonItem)), room, 0);
	return items;
}

void
items_of_one(JsonItems *items, JsonItem *item)
{
	items_begin(items, item, 1, 1);
}

void
items_free(JsonItems *items)
{
	for (int i = 0; i < items->blocks; i++)
		pfree(items->directory[i].slots);
	if (items->directory != &items->single)
		pfree(items->directory);
	pfree(items);
}

const JsonBlock *
items_seek(const JsonItems *items, int index)
{
	int low = 0;
	int high = items->blocks - 1;
	int *near = unconstify(int *, &items->near);

	if (*near < high && items->directory[*near + 1].start == index)
		low = high = *near + 1;
	while (low < high)
	{
		int middle = low + (high - low + 1) / 2;

		if (items->directory[middle].start <= index)
			low = middle;
		else
			high = middle - 1;
	}
	*near = low;
	return &items->directory[low];
}

/* Room in the directory for more blocks after one. */
static void
open_directory(JsonItems *items, int at, int more)
{
	MemoryContext memory = GetMemoryChunkContext(items);

	if (items->blocks + more > items->room)
	{
		int room = Max(2 * items->room, items->blocks + more);
		JsonBlock *directory = MemoryContextAlloc(memory, room * sizeof(JsonBlock));

		memcpy(directory, items->directory, items->blocks * sizeof(JsonBlock));
		if (items->directory != &items->single)
			pfree(items->directory);
		items->directory = directory;
		items->room = room;
	}
	memmove(&items->directory[at + 1 + more], &items->directory[at + 1],
			(items->blocks - at - 1) * sizeof(JsonBlock));
	items->blocks += more;
}

static void
new_block(JsonItems *items, int at, int start, int count)
{
	MemoryContext memory = GetMemoryChunkContext(items);

	items->directory[at] =
		(JsonBlock){.start = start,
					.count = count,
					.room = BLOCK_ITEMS,
					.slots = MemoryContextAlloc(memory, BLOCK_ITEMS * sizeof(JsonItem))};
}

/* Makes a block into ones that are half full. */
static void
split(JsonItems *items, int at)
{
	JsonBlock whole = items->directory[at];
	int half = BLOCK_ITEMS / 2;
	int pieces = (whole.count + half - 1) / half;

	open_directory(items, at, pieces - 1);
	for (int i = 0; i < pieces; i++)
	{
		int from = i * half;
		int count = Min(half, whole.count - from);

		CHECK_FOR_INTERRUPTS();
		new_block(items, at + i, whole.start + from, count);
		memcpy(items->directory[at + i].slots, whole.slots + from, count * sizeof(JsonItem));
	}
	pfree(whole.slots);
}

/* The block of an item that is to be moved away from, small enough for that. */
static JsonBlock *
block_to_change(JsonItems *items, int index)
{
	(void)items_seek(items, index);
	if (items->directory[items->near].count > BLOCK_ITEMS)
	{
		split(items, items->near);
		(void)items_seek(items, index);
	}
	return &items->directory[items->near];
}

static void
count_on(JsonItems *items, int by)
{
	items->count += by;
	for (int i = items->near + 1; i < items->blocks; i++)
		items->directory[i].start += by;
}

/* The last block, with room for one item more. */
static JsonBlock *
block_to_append(JsonItems *items)
{
	int last = items->blocks - 1;
	JsonBlock *block = &items->directory[last];

	if (block->count < block->room)
		;
	else if (block->room < BLOCK_ITEMS)
	{
		block->room = Min(Max(2 * block->room, ROOM_MIN), BLOCK_ITEMS);
		block->slots = repalloc(block->slots, block->room * sizeof(JsonItem));
	}
	else
	{
		open_directory(items, last, 1);
		new_block(items, ++last, items->count, 0);
	}
	items->near = last;
	return &items->directory[last];
}

/* The block in which an item is to be inserted, with room for it. */
static JsonBlock *
block_to_insert(JsonItems *items, int index)
{
	JsonBlock *block;

	if (index == items->count)
		return block_to_append(items);
	block = block_to_change(items, index);
	if (block->count == block->room && block->room == BLOCK_ITEMS)
	{
		split(items, items->near);
		return block_to_change(items, index);
	}
	if (block->count == block->room)
	{
		block->room = Min(Max(2 * block->room, ROOM_MIN), BLOCK_ITEMS);
		block->slots = repalloc(block->slots, block->room * sizeof(JsonItem));
	}
	return block;
}

void
items_insert(JsonItems *items, int index, JsonItem item)
{
	JsonBlock *block;
	int place;

	if (items->count >= ITEMS_MAX)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("number of jsonb array elements exceeds the maximum allowed (%d)",
							   ITEMS_MAX)));
	block = block_to_insert(items, index);
	place = index - block->start;
	memmove(&block->slots[place + 1], &block->slots[place],
			(block->count - place) * sizeof(JsonItem));
	block->slots[place] = item;
	block->count++;
	count_on(items, 1);
}

void
items_append(JsonItems *items, const char *key, JsonNode value)
{
	items_insert(items, items->count,
				 (JsonItem){.key = key, .key_length = key ? strlen(key) : 0, .value = value});
}

/* A list keeps one block, which may be empty. */
static void
drop_block(JsonItems *items, int at)
{
	pfree(items->directory[at].slots);
	items->blocks--;
	memmove(&items->directory[at], &items->directory[at + 1],
			(items->blocks - at) * sizeof(JsonBlock));
	items->near = 0;
}

JsonNode
items_remove(JsonItems *items, int index)
{
	bool last = index == items->count - 1;
	JsonBlock *block =
		last ? &items->directory[items->near = items->blocks - 1] : block_to_change(items, index);
	int place = index - block->start;
	JsonNode value = block->slots[place].value;

	block->count--;
	memmove(&block->slots[place], &block->slots[place + 1],
			(block->count - place) * sizeof(JsonItem));
	count_on(items, -1);
	if (block->count == 0 && items->blocks > 1)
		drop_block(items, items->near);
	return value;
}

void
items_truncate(JsonItems *items, int count)
{
	while (items->blocks > 1 && items->directory[items->blocks - 1].start >= count)
		drop_block(items, items->blocks - 1);
	items->directory[items->blocks - 1].count = count - items->directory[items->blocks - 1].start;
	items->count = count;
}

int
key_compare(const char *a, int a_length, const char *b, int b_length)
{
	if (a_length != b_length)
		return a_length > b_length ? 1 : -1;
	return memcmp(a, b, a_length);
}

/* The block where a key is or belongs: the last one that does not begin after it. */
static const JsonBlock *
block_of_key(const JsonItems *items, const char *key, int length)
{
	int low = 0;
	int high = items->blocks - 1;

	while (low < high)
	{
		int middle = low + (high - low + 1) / 2;
		const JsonItem *first = items->directory[middle].slots;

		if (key_compare(first->key, first->key_length, key, length) <= 0)
			low = middle;
		else
			high = middle - 1;
	}
	return &items->directory[low];
}

bool
items_find(const JsonItems *items, const char *key, int length, int *index)
{
	const JsonBlock *block = block_of_key(items, key, length);
	int low = 0;
	int high = block->count;

	while (low < high)
	{
		int middle = low + (high - low) / 2;
		const JsonItem *item = &block->slots[middle];
		int order = key_compare(item->key, item->key_length, key, length);

		if (order == 0)
		{
			*index = block->start + middle;
			return true;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*index = block->start + low;
	return false;
}

void
items_put(JsonItems *object, const char *key, int length, JsonNode value)
{
	int index;

	if (items_find(object, key, length, &index))
		items_at(object, index)->value = value;
	else
		items_insert(object, index, (JsonItem){.key = key, .key_length = length, .value = value});
}

JsonNode *
items_get(const JsonItems *object, const char *key, int length)
{
	int index;

	return items_find(object, key, length, &index) ? &items_at(object, index)->value : NULL;
}

/* How many of these members, which come in jsonb's order, an object of one block has not. */
static int
count_missing(const JsonBlock *block, const JsonItem *members, int count)
{
	int missing = 0;

	for (int i = 0, at = 0; i < count; i++)
	{
		int order = 1;

		while (at < block->count &&
			   (order = key_compare(block->slots[at].key, block->slots[at].key_length,
									members[i].key, members[i].key_length)) < 0)
			at++;
		missing += order != 0 || at == block->count;
	}
	return missing;
}

/* From the end: each member that is there moves once, to its new place. */
void
items_put_missing(JsonItems *object, const JsonItem *members, int count)
{
	JsonBlock *block = &object->directory[0];
	int missing = object->blocks == 1 ? count_missing(block, members, count) : 0;
	int to = block->count + missing;

	if (object->blocks > 1 || to > block->room)
	{
		for (int i = 0; i < count; i++)
			if (!items_get(object, members[i].key, members[i].key_length))
				items_put(object, members[i].key, members[i].key_length, members[i].value);
		return;
	}
	for (int at = block->count - 1, i = count - 1; i >= 0 && to > at + 1;)
	{
		int order = at < 0 ? -1
						   : key_compare(block->slots[at].key, block->slots[at].key_length,
										 members[i].key, members[i].key_length);

		if (order == 0)
			i--;
		else
			block->slots[--to] = order > 0 ? block->slots[at--] : members[i--];
	}
	block->count += missing;
	object->count += missing;
}
