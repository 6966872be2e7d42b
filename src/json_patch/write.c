/*
 * json_patch/write.c: writes nodes in jsonb's binary form.
 *
 * Core has one way to put a container into another: it unpacks it and builds every value anew.
 * Here an untouched container is copied as it stands, since its bytes do not depend on where they
 * lie, so that to change one value of a document costs little more than to copy the document.  The
 * form is the one utils/jsonb.h describes and, byte for byte, the one core writes: a container is
 * its header, one entry for each child (an object's keys, then its values), and the children, of
 * which numbers and containers begin at a multiple of four.  An entry holds the child's length, or
 * in every 32nd place the offset of its end.
 */
#include "json_patch/tree.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/memutils.h"

/* For the array that a scalar root is wrapped in, and the byte with which StringInfo ends. */
#define ROOT_SPARE (4 * sizeof(JEntry))

#define PIECE (1024 * 1024)

/* Elements that are made once, and the bytes that they may take. */
#define KEPT 16384
#define KEPT_BYTES ((Size)8 * 1024 * 1024)

static void
pad(StringInfo out)
{
	static const char zeros[ALIGNOF_INT] = {0};

	appendBinaryStringInfo(out, zeros, INTALIGN(out->len) - out->len);
}

/* The children of a container that is being gone through. */
typedef struct Children
{
	const JsonItems *items;
	JsonMade *made;     /* NULL: they are what they are */
	MemoryContext each; /* what one that is made takes, and is not kept */
} Children;

static Children
children_begin(const JsonNode *node)
{
	JsonMade *made = node->kind == NODE_MADE ? unconstify(void *, node->data) : NULL;

	if (!made)
		return (Children){.items = node_items(node)};
	return (Children){made->items, made,
					  AllocSetContextCreate(CurrentMemoryContext, "threadmem json element",
											ALLOCSET_DEFAULT_SIZES)};
}

/* Those that are measured are kept until they are written, as many as there is room for. */
static void
children_keep(const Children *children)
{
	JsonMade *made = children->made;

	if (!made)
		return;
	made->kept = 0;
	made->memory = AllocSetContextCreate(CurrentMemoryContext, "threadmem json elements",
										 ALLOCSET_DEFAULT_SIZES);
	made->nodes =
		MemoryContextAlloc(made->memory, sizeof(JsonNode) * Min(made->items->count + 1, KEPT));
}

static bool
keeps(const JsonMade *made)
{
	return made->kept < KEPT && MemoryContextMemAllocated(made->memory, false) < KEPT_BYTES;
}

/* The next one, for as long as it is looked at. */
static JsonNode
child_at(const Children *children, int index)
{
	JsonMade *made = children->made;
	JsonNode value = items_at(children->items, index)->value;
	MemoryContext before;

	if (!made)
		return value;
	if (index < made->kept)
		return made->nodes[index];
	if (index == made->kept && keeps(made))
	{
		before = MemoryContextSwitchTo(made->memory);
		value = made->nodes[made->kept++] = made->make(&value);
	}
	else
	{
		MemoryContextReset(children->each);
		before = MemoryContextSwitchTo(children->each);
		value = made->make(&value);
	}
	MemoryContextSwitchTo(before);
	return value;
}

static void
children_end(const Children *children)
{
	if (children->each)
		MemoryContextDelete(children->each);
}

static void
children_drop(const Children *children)
{
	JsonMade *made = children->made;

	if (!made)
		return;
	made->kept = 0;
	MemoryContextDelete(made->memory);
}

/*
 * The bytes a node will have, as write_node() makes them, so that the buffer never grows; fits
 * becomes false when there is a container in it that jsonb cannot hold, before anything is written.
 */
static Size
measure(const JsonNode *node, bool *fits)
{
	bool is_object = node->kind == NODE_OBJECT;
	const JsonItems *items;
	Children children;
	Size head;
	Size size;

	if (node->kind < NODE_OBJECT)
		return node->length;
	check_stack_depth();
	children = children_begin(node);
	children_keep(&children);
	items = children.items;
	head = size = sizeof(uint32) + (Size)items->count * (is_object ? 2 : 1) * sizeof(JEntry);
	for (int i = 0; i < items->count && is_object; i++)
		size += items_at(items, i)->key_length;
	for (int i = 0; i < items->count; i++)
	{
		JsonNode value = child_at(&children, i);

		CHECK_FOR_INTERRUPTS();
		if (value.kind == NODE_NUMBER || value.kind >= NODE_BINARY)
			size = INTALIGN(size);
		size += measure(&value, fits);
	}
	children_end(&children);
	*fits &= size - head <= JENTRY_OFFLENMASK;
	return size;
}

/* A container whose entries are being filled in. */
typedef struct Writer
{
	StringInfo out;
	int entries; /* where they begin */
	int next;
	uint32 total; /* bytes of children so far */
} Writer;

static void
put_word(StringInfo out, int at, uint32 word)
{
	memcpy(out->data + at, &word, sizeof(word));
}

static void
put_entry(Writer *writer, uint32 type, uint32 length)
{
	JEntry entry = type | length;

	writer->total += length;
	Assert(writer->total <= JENTRY_OFFLENMASK); /* measured before */
	if (writer->next % JB_OFFSET_STRIDE == 0)
		entry = type | writer->total | JENTRY_HAS_OFF;
	put_word(writer->out, writer->entries + writer->next++ * sizeof(JEntry), entry);
}

/* In pieces, so that a copy of hundreds of megabytes can be cancelled. */
static void
append_bytes(StringInfo out, const char *bytes, uint32 length)
{
	for (uint32 done = 0; done < length; done += PIECE)
	{
		CHECK_FOR_INTERRUPTS();
		appendBinaryStringInfo(out, bytes + done, Min(length - done, PIECE));
	}
}

static void write_items(StringInfo out, const JsonNode *node, uint32 flags);

static uint32
write_node(StringInfo out, const JsonNode *node)
{
	switch (node->kind)
	{
	case NODE_NULL:
		return JENTRY_ISNULL;
	case NODE_FALSE:
		return JENTRY_ISBOOL_FALSE;
	case NODE_TRUE:
		return JENTRY_ISBOOL_TRUE;
	case NODE_STRING:
		append_bytes(out, node->data, node->length);
		return JENTRY_ISSTRING;
	case NODE_NUMBER:
		pad(out);
		appendBinaryStringInfo(out, node->data, node->length);
		return JENTRY_ISNUMERIC;
	case NODE_BINARY:
		pad(out);
		append_bytes(out, node->data, node->length);
		return JENTRY_ISCONTAINER;
	case NODE_OBJECT:
		write_items(out, node, JB_FOBJECT);
		return JENTRY_ISCONTAINER;
	default:
		write_items(out, node, JB_FARRAY);
		return JENTRY_ISCONTAINER;
	}
}

static void
write_items(StringInfo out, const JsonNode *node, uint32 flags)
{
	Children children = children_begin(node);
	const JsonItems *items = children.items;
	bool is_object = flags & JB_FOBJECT;
	Size bytes = (Size)items->count * (is_object ? 2 : 1) * sizeof(JEntry);
	Writer writer = {.out = out};

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	pad(out);
	enlargeStringInfo(out, sizeof(uint32) + bytes);
	put_word(out, out->len, items->count | flags);
	writer.entries = out->len + sizeof(uint32);
	out->len = writer.entries + bytes;
	for (int i = 0; i < items->count && is_object; i++)
	{
		const JsonItem *item = items_at(items, i);

		CHECK_FOR_INTERRUPTS();
		appendBinaryStringInfo(out, item->key, item->key_length);
		put_entry(&writer, JENTRY_ISSTRING, item->key_length);
	}
	for (int i = 0; i < items->count; i++)
	{
		JsonNode value = child_at(&children, i);
		int start = out->len;
		uint32 type = write_node(out, &value);

		CHECK_FOR_INTERRUPTS();
		put_entry(&writer, type, out->len - start);
	}
	children_end(&children);
	children_drop(&children);
}

/* A scalar is written as an array of itself with a flag. */
static void
write_root(StringInfo out, const JsonNode *node)
{
	JsonItem item = {.value = *node};
	JsonItems items;
	JsonNode wrapped = node_of_items(NODE_ARRAY, &items);

	items_of_one(&items, &item);
	if (node->kind < NODE_BINARY)
		write_items(out, &wrapped, JB_FARRAY | JB_FSCALAR);
	else
		(void)write_node(out, node);
}

Jsonb *
node_write_or_null(const JsonNode *node)
{
	bool fits = true;
	Size size = VARHDRSZ + ROOT_SPARE + measure(node, &fits);
	StringInfoData out = {.maxlen = (int)size, .len = VARHDRSZ};

	if (!fits || size > MaxAllocSize)
		return NULL;
	out.data = palloc(size);
	write_root(&out, node);
	SET_VARSIZE(out.data, out.len);
	return (Jsonb *)out.data;
}

Jsonb *
node_write(const JsonNode *node)
{
	Jsonb *document = node_write_or_null(node);

	if (!document)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("document is too large for jsonb"),
				 errdetail("An array or object in it would have more than %d bytes.",
						   JENTRY_OFFLENMASK),
				 errhint("Ask for less at once, or keep large values elsewhere.")));
	return document;
}
