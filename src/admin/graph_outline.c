/*
 * admin/graph_outline.c: of many states, only what tells their tasks and their messages.
 *
 * To restore every state of a history would cost its bytes for each of them. But the values of most
 * channels are of no interest here, so they are left out of the documents, and operations on them
 * out of the patches, before these are applied: what remains is the versions, the lists of
 * revisions and the channels that trigger nodes. A list of messages that is a plain value (as in a
 * subgraph) keeps its length only, every element being true. Rows are read in the order of their
 * numbers, parents first, so that each outline is its parent's and one patch, whatever the branch.
 */
#include "admin/graph.h"

#include "json_patch/json_patch.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "threadmem/threadmem.h"

static Stmt admin_rows_between = {
	"SELECT c.seq, c.parent_seq, c.patch, c.snapshot FROM threadmem_data.checkpoints c"
	" WHERE c.tenant_id = $1 AND c.thread_id = $2 AND c.seq BETWEEN $3 AND $4"
	" AND c.checkpoint_ns = $5 ORDER BY c.seq",
	"tllt"};

/* A row of a stretch of the chain. */
typedef struct OutlineLink
{
	int64 seq;
	int64 parent_seq;
	uint64 row;
	bool is_base;
	bool needed;
	Jsonb *outline;
} OutlineLink;

/* Rows that lie together, and the outlines wanted of them. */
typedef struct OutlineStretch
{
	OutlineLink *links; /* by seq */
	int count;
	MemoryContext memory; /* for outlines that are wanted */
} OutlineStretch;

static const JsonNode counted = {.kind = NODE_TRUE};

/* A list of messages without the messages. */
static JsonNode
outline_of_list(const JsonNode *value)
{
	int count;
	JsonItems *items;

	if (!node_is_array(value))
		return *value;
	count = (int)JsonContainerSize(node_container(value));
	items = items_new(Max(count, 1));
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		items_append(items, NULL, counted);
	}
	return node_of_items(NODE_ARRAY, items);
}

static bool
is_messages(const char *channel, int length)
{
	return length == 8 && memcmp(channel, "messages", 8) == 0;
}

static JsonNode
outline_of_values(const JsonNode *values)
{
	JsonItems *all = node_is_object(values) ? items_read(node_container(values)) : items_new(1);
	JsonItems *kept = items_new(4);

	for (int i = 0; i < all->count; i++)
	{
		JsonItem item = *items_at(all, i);

		CHECK_FOR_INTERRUPTS();
		if (is_messages(item.key, item.key_length))
			item.value = outline_of_list(&item.value);
		else if (!state_triggers(item.key, item.key_length))
			continue;
		items_insert(kept, kept->count, item);
	}
	return node_of_items(NODE_OBJECT, kept);
}

static JsonNode
outline_of_document(const JsonNode *document)
{
	JsonItems *parts =
		node_is_object(document) ? items_read(node_container(document)) : items_new(1);
	JsonNode *values = items_get(parts, "values", 6);
	int rest;

	if (values)
		*values = outline_of_values(values);
	if (items_find(parts, "rest", 4, &rest))
		items_remove(parts, rest);
	return node_of_items(NODE_OBJECT, parts);
}

/* One operation: its path in tokens, the third with all that follows. */
typedef struct OutlineOperation
{
	JsonItems *members;
	const char *tokens[3];
	int lengths[3];
	int depth; /* how many tokens, 4 for more than three */
} OutlineOperation;

static void
read_path(OutlineOperation *operation, const char *path, int length)
{
	const char *end = path + length;

	while (path < end && operation->depth < 3)
	{
		const char *token = path + 1;
		const char *stop = memchr(token, '/', end - token);

		operation->tokens[operation->depth] = token;
		operation->lengths[operation->depth++] = (int)((stop ? stop : end) - token);
		path = stop ? stop : end;
	}
	if (path < end)
		operation->depth = 4;
}

static void
read_operation(OutlineOperation *operation, JsonbContainer *container)
{
	JsonNode *path;

	memset(operation, 0, sizeof(*operation));
	operation->members = items_read(container);
	path = items_get(operation->members, "path", 4);
	if (path && path->kind == NODE_STRING)
		read_path(operation, path->data, (int)path->length);
}

static bool
token_is(const OutlineOperation *operation, int token, const char *name)
{
	return operation->depth > token && operation->lengths[token] == (int)strlen(name) &&
		   memcmp(operation->tokens[token], name, operation->lengths[token]) == 0;
}

/* Within a plain list of messages it changes the length or nothing. */
static bool
keep_in_values(OutlineOperation *operation, JsonNode *value)
{
	if (!token_is(operation, 1, "messages"))
		return state_triggers(operation->tokens[1], operation->lengths[1]);
	if (value)
		*value = operation->depth == 2 ? outline_of_list(value) : counted;
	return operation->depth <= 3;
}

/* Whether an operation matters to an outline; it is changed to do to the outline what it does. */
static bool
keep_operation(OutlineOperation *operation)
{
	JsonNode *value = items_get(operation->members, "value", 5);
	bool in_values = token_is(operation, 0, "values");

	if (in_values && operation->depth > 1)
		return keep_in_values(operation, value);
	if (in_values && value)
		*value = outline_of_values(value);
	else if (operation->depth == 0 && value)
		*value = outline_of_document(value);
	return !token_is(operation, 0, "rest");
}

/* NULL when nothing of it matters. */
static Jsonb *
outline_of_patch(Jsonb *patch)
{
	JsonItems *operations = items_read(&patch->root);
	JsonItems *kept = items_new(4);
	JsonNode root = node_of_items(NODE_ARRAY, kept);

	for (int i = 0; i < operations->count; i++)
	{
		JsonNode *node = &items_at(operations, i)->value;
		OutlineOperation operation;

		CHECK_FOR_INTERRUPTS();
		if (!node_is_object(node))
			continue;
		read_operation(&operation, node_container(node));
		if (keep_operation(&operation))
			items_append(kept, NULL, node_of_items(NODE_OBJECT, operation.members));
	}
	return kept->count > 0 ? node_write(&root) : NULL;
}

static Jsonb *
apply(Jsonb *parent, Jsonb *patch)
{
	Jsonb *changes = outline_of_patch(patch);
	JsonTree *tree;

	if (!changes)
		return parent;
	tree = json_tree_parse(&parent->root);
	json_tree_apply(tree, changes);
	return json_tree_serialize(tree);
}

static OutlineLink *
find_link(const OutlineStretch *stretch, int64 seq)
{
	return bsearch(&seq, stretch->links, stretch->count, sizeof(OutlineLink), compare_int64);
}

static void
read_links(OutlineStretch *stretch, uint64 rows)
{
	stretch->count = (int)rows;
	stretch->links = palloc_extended(sizeof(OutlineLink) * Max(rows, 1), MCXT_ALLOC_HUGE);
	for (int i = 0; i < stretch->count; i++)
		stretch->links[i] = (OutlineLink){.seq = row_int64(i + 1, 1),
										  .parent_seq = row_int64(i + 1, 2),
										  .row = i + 1,
										  .is_base = table_column(SPI_tuptable, i + 1, 3).isnull};
}

/* Rows of other branches that lie between are not worth restoring. */
static void
mark_needed(OutlineStretch *stretch, Outline **outlines, int count)
{
	for (int i = 0; i < count; i++)
	{
		OutlineLink *link = find_link(stretch, outlines[i]->seq);

		while (link && !link->needed)
		{
			link->needed = true;
			link = link->is_base ? NULL : find_link(stretch, link->parent_seq);
		}
	}
}

static Jsonb *
copy_into(MemoryContext memory, Jsonb *document)
{
	Jsonb *copy = MemoryContextAllocHuge(memory, VARSIZE(document));

	memcpy(copy, document, VARSIZE(document));
	return copy;
}

/* Its parent comes before it in the stretch. */
static void
restore(const OutlineStretch *stretch, OutlineLink *link)
{
	OutlineLink *parent = link->is_base ? NULL : find_link(stretch, link->parent_seq);
	Jsonb *stored = link->is_base ? row_jsonb_softly(link->row, 4, JSON_ROOT_OBJECT)
								  : row_jsonb_softly(link->row, 3, JSON_ROOT_ARRAY);

	if (stored && link->is_base)
	{
		JsonNode root = node_of_root(&stored->root);

		root = outline_of_document(&root);
		link->outline = copy_into(stretch->memory, node_write(&root));
	}
	else if (stored && parent && parent->outline)
	{
		link->outline = apply(parent->outline, stored);
		if (link->outline != parent->outline)
			link->outline = copy_into(stretch->memory, link->outline);
	}
}

static void
restore_needed(OutlineStretch *stretch)
{
	MemoryContext round = CurrentMemoryContext;
	MemoryContext one =
		AllocSetContextCreate(round, "outline of a checkpoint", ALLOCSET_DEFAULT_SIZES);

	MemoryContextSwitchTo(one);
	for (int i = 0; i < stretch->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (stretch->links[i].needed)
			restore(stretch, &stretch->links[i]);
		MemoryContextReset(one);
	}
	MemoryContextSwitchTo(round);
}

/* args: the thread, the numbers of the first and the last row, the namespace. */
static void
read_stretch(Call *call, NullableDatum *args, Outline **outlines, int count)
{
	OutlineStretch stretch = {.memory = CurrentMemoryContext};

	query_push();
	read_links(&stretch, query_exec(call, &admin_rows_between, args));
	mark_needed(&stretch, outlines, count);
	restore_needed(&stretch);
	for (int i = 0; i < count; i++)
	{
		OutlineLink *link = find_link(&stretch, outlines[i]->seq);

		outlines[i]->document = link ? link->outline : NULL;
	}
	query_pop();
}

static int
compare_outlines(const void *a, const void *b)
{
	int64 left = (*(Outline *const *)a)->seq;
	int64 right = (*(Outline *const *)b)->seq;

	return left < right ? -1 : left > right;
}

/* One scan for all rows whose chains overlap, which most often are all there are. */
void
outlines_read(Call *call, NullableDatum thread_id, NullableDatum checkpoint_ns, Outline **outlines,
			  int count)
{
	int first = 0;

	qsort(outlines, count, sizeof(Outline *), compare_outlines);
	while (first < count)
	{
		int64 from = outlines[first]->base_seq;
		int next = first + 1;
		NullableDatum args[] = {thread_id, ARG_NULL, ARG_NULL, checkpoint_ns};

		for (; next < count && outlines[next]->base_seq <= outlines[next - 1]->seq; next++)
			from = Min(from, outlines[next]->base_seq);
		args[1] = ARG(Int64GetDatum(from));
		args[2] = ARG(Int64GetDatum(outlines[next - 1]->seq));
		read_stretch(call, args, outlines + first, next - first);
		first = next;
	}
}

int
outline_messages(const Outline *outline, const RevSet *gone)
{
	StateParts parts = document_parts(outline->document);
	JsonbContainer *plain = json_as_array(json_field(parts.values, "messages"));
	RevRuns list;
	RevRuns left;

	if (plain)
		return (int)JsonContainerSize(plain);
	if (!document_list(&parts, "messages", 8, &list))
		return -1;
	left = rev_runs_minus(&list, gone);
	rev_runs_free(&list);
	rev_runs_free(&left);
	return (int)left.total;
}
