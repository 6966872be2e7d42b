/*
 * checkpoint/erase.c: messages taken out of everything that checkpoints hold.
 *
 * Lists of messages refer to the log, so there is nothing of it to take out. But the words may
 * stand as plain state as well: in the writes of tasks, in the input of a run (__start__), in a
 * subgraph's list, in metadata. There a message is known by its id; one without an id is taken to
 * be the same when it has the same role and content, since before a graph gives it its id nothing
 * else tells what it is.
 *
 * A state that changes changes the patches of its children. So from the last row to the first each
 * such state is written whole, and its children's before it; then from the first to the last they
 * are linked again as changes.  Who is whose child, and on whose state others are based, is kept in
 * memory: to ask for it row by row would go over all rows each time.
 */
#include "checkpoint/checkpoint.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "threadmem/threadmem.h"

static Stmt checkpoint_bodies = {
	"SELECT m.body FROM unnest($3) AS i (message_id), LATERAL (SELECT o.body"
	" FROM threadmem_data.messages o WHERE o.tenant_id = $1 AND o.thread_id = $2"
	" AND o.message_id = i.message_id AND o.body IS NOT NULL OFFSET 0) m",
	"tT"};
static Stmt checkpoint_writes = {
	"SELECT w.checkpoint_ns, w.checkpoint_id, w.task_id, w.idx, w.value"
	" FROM threadmem_data.checkpoint_writes w WHERE w.tenant_id = $1 AND w.thread_id = $2",
	"t"};
static Stmt checkpoint_set_write = {
	"UPDATE threadmem_data.checkpoint_writes w SET value = $7 WHERE w.tenant_id = $1"
	" AND w.thread_id = $2 AND w.checkpoint_ns = $3 AND w.checkpoint_id = $4 AND w.task_id = $5"
	" AND w.idx = $6",
	"ttttij"};
static Stmt checkpoint_rows = {
	"SELECT c.seq, c.base_seq, c.metadata, c.parent_seq, c.snapshot IS NOT NULL"
	" FROM threadmem_data.checkpoints c WHERE c.tenant_id = $1 AND c.thread_id = $2 ORDER BY c.seq",
	"t"};
static Stmt checkpoint_set_metadata = {
	"UPDATE threadmem_data.checkpoints c SET metadata = $4"
	" WHERE c.tenant_id = $1 AND c.thread_id = $2 AND c.seq = $3",
	"tlj"};

/* What a revision of the message says. */
typedef struct SaidText
{
	const char *role;
	JsonNode content;
} SaidText;

struct Eraser
{
	Call *call;
	NullableDatum thread_id;
	Names *message_ids;
	Names *said; /* Lists of SaidText, by the bytes of the content */
};

/* A row of the chain while states change. */
typedef struct ErasedRow
{
	int64 seq;
	int64 base_seq;
	int64 parent_seq;
	bool whole;
	bool changed; /* to be linked again */
	int based;    /* rows after it that have it as their base */
	int child;    /* the first one, -1 for none */
	int sibling;  /* the next child of its parent */
} ErasedRow;

typedef struct ErasedRows
{
	int count;
	ErasedRow *list; /* by seq */
} ErasedRows;

static JsonNode
content_of(JsonbContainer *body)
{
	JsonbValue *content = shape_content_value(body);

	return content ? node_of_value(content) : (JsonNode){.kind = NODE_NULL};
}

static const char *
bytes_of(const JsonNode *node)
{
	return node->length > 0 ? node->data : "";
}

static bool
is_said(const Eraser *eraser, const char *role, const JsonNode *content)
{
	NameEntry *entry = names_find(eraser->said, bytes_of(content), (int)content->length);
	ListCell *cell;

	foreach (cell, entry ? (List *)entry->value : NIL)
	{
		const SaidText *said = lfirst(cell);

		if (strcmp(said->role, role) == 0 && node_same(&said->content, content))
			return true;
	}
	return false;
}

static void
read_said(Eraser *eraser, NullableDatum message_ids)
{
	NullableDatum key[] = {eraser->thread_id, message_ids};
	int count = (int)query_exec(eraser->call, &checkpoint_bodies, key);

	eraser->said = names_new();
	for (int i = 0; i < count; i++)
	{
		Jsonb *body = row_jsonb(i + 1, 1, JSON_ROOT_OBJECT);
		MessageShape shape;

		NameEntry *entry;
		JsonNode content;
		SaidText *said;

		CHECK_FOR_INTERRUPTS();
		if (!shape_read_softly(body, &shape))
			continue;
		content = content_of(&body->root);
		if (is_said(eraser, shape.role, &content))
			continue;
		said = palloc(sizeof(SaidText));
		*said = (SaidText){shape.role, content};
		entry = names_add(eraser->said, bytes_of(&content), (int)content.length);
		entry->value = lappend(entry->value, said);
	}
}

static bool
is_message(const Eraser *eraser, const JsonNode *node)
{
	JsonbContainer *body;
	char *message_id;
	MessageShape shape;
	JsonNode content;

	if (!node_is_object(node))
		return false;
	body = node_container(node);
	message_id = shape_message_id(body);
	if (message_id && !names_has(eraser->message_ids, message_id))
		return false;
	content = content_of(body);
	return shape_read_softly(node_write(node), &shape) &&
		   (message_id || is_said(eraser, shape.role, &content));
}

/*
 * Takes the message out of a value; false when it is not there. In a list the element goes, any
 * other place has no messages then.
 */
static bool
scrub(const Eraser *eraser, JsonNode *node)
{
	bool is_array = node_is_array(node);
	bool changed = false;
	JsonItems *items;

	check_stack_depth();
	if (node->kind != NODE_BINARY)
		return false;
	if (is_message(eraser, node))
	{
		*node = node_of_items(NODE_ARRAY, items_new(1));
		return true;
	}
	items = items_read(node_container(node));
	for (int i = items->count - 1; i >= 0; i--)
	{
		JsonNode *value = &items_at(items, i)->value;

		CHECK_FOR_INTERRUPTS();
		if (is_array && is_message(eraser, value))
			items_remove(items, i);
		else if (!scrub(eraser, value))
			continue;
		changed = true;
	}
	if (changed)
		*node = node_of_items(is_array ? NODE_ARRAY : NODE_OBJECT, items);
	else
		items_free(items);
	return changed;
}

Jsonb *
eraser_scrubbed(const Eraser *eraser, Jsonb *document)
{
	JsonNode root = node_of_root(&document->root);

	return scrub(eraser, &root) ? node_write(&root) : NULL;
}

static void
erase_from_writes(Eraser *eraser)
{
	uint64 count = query_exec(eraser->call, &checkpoint_writes, &eraser->thread_id);
	SPITupleTable *table = SPI_tuptable;

	for (uint64 i = 0; i < count; i++)
	{
		NullableDatum args[6] = {eraser->thread_id};
		Jsonb *value;

		CHECK_FOR_INTERRUPTS();
		for (int column = 1; column <= 5; column++)
			args[column] = table_column(table, i + 1, column);
		query_push();
		value = eraser_scrubbed(eraser, table_jsonb(table, i + 1, 5, JSON_ROOT_ANY));
		args[5] = ARG(JsonbPGetDatum(value));
		if (value)
			query_exec(eraser->call, &checkpoint_set_write, args);
		query_pop();
	}
}

static ErasedRow *
find_row(const ErasedRows *chain, int64 seq)
{
	return bsearch(&seq, chain->list, chain->count, sizeof(ErasedRow), compare_int64);
}

/* Another row becomes what a row is based on, or it itself. */
static void
set_base(const ErasedRows *chain, ErasedRow *row, int64 base_seq, int by)
{
	ErasedRow *base = base_seq < row->seq ? find_row(chain, base_seq) : NULL;

	if (base)
		base->based += by;
	row->base_seq = base_seq;
}

static void
make_whole(const ErasedRows *chain, ErasedRow *row)
{
	set_base(chain, row, row->base_seq, -1);
	row->base_seq = row->seq;
	row->whole = row->changed = true;
}

static ErasedRows
read_chain(const SPITupleTable *table, int count)
{
	ErasedRows chain = {count, palloc_extended(sizeof(ErasedRow) * Max(count, 1), MCXT_ALLOC_HUGE)};

	for (int i = 0; i < count; i++)
		chain.list[i] = (ErasedRow){.seq = table_int64(table, i + 1, 1),
									.base_seq = table_int64(table, i + 1, 2),
									.parent_seq = table_int64(table, i + 1, 4),
									.whole = table_bool(table, i + 1, 5),
									.child = -1,
									.sibling = -1};
	for (int i = count - 1; i >= 0; i--)
	{
		ErasedRow *row = &chain.list[i];
		ErasedRow *parent = row->parent_seq < row->seq ? find_row(&chain, row->parent_seq) : NULL;

		CHECK_FOR_INTERRUPTS();
		set_base(&chain, row, row->base_seq, 1);
		if (!parent)
			continue;
		row->sibling = parent->child;
		parent->child = i;
	}
	return chain;
}

static void
erase_from_state(Eraser *eraser, const ErasedRows *chain, ErasedRow *row)
{
	ChainState state;
	Jsonb *document;

	chain_read(eraser->call, eraser->thread_id, row->seq, row->base_seq, &state);
	document = eraser_scrubbed(eraser, state.document);
	if (!document)
		return;
	for (int i = row->child; i >= 0; i = chain->list[i].sibling)
	{
		ErasedRow *child = &chain->list[i];

		if (child->whole)
			continue;
		chain_materialise(eraser->call, eraser->thread_id, child->seq);
		make_whole(chain, child);
	}
	chain_write(eraser->call, eraser->thread_id, row->seq, document);
	make_whole(chain, row);
}

static void
erase_from_metadata(Eraser *eraser, int64 seq, Jsonb *metadata)
{
	Jsonb *clean = eraser_scrubbed(eraser, metadata);
	NullableDatum args[] = {eraser->thread_id, ARG(Int64GetDatum(seq)), ARG(JsonbPGetDatum(clean))};

	if (clean)
		query_exec(eraser->call, &checkpoint_set_metadata, args);
}

/* A row on whose whole state others are based stays whole. */
static void
link_again(Eraser *eraser, const ErasedRows *chain, ErasedRow *row)
{
	int64 base_seq = 0;

	CHECK_FOR_INTERRUPTS();
	if (row->changed && row->based == 0)
		base_seq = chain_relink(eraser->call, eraser->thread_id, row->seq);
	if (base_seq != 0)
		set_base(chain, row, base_seq, 1);
}

static void
erase_from_states(Eraser *eraser)
{
	int count = (int)query_exec(eraser->call, &checkpoint_rows, &eraser->thread_id);
	SPITupleTable *table = SPI_tuptable;
	ErasedRows chain = read_chain(table, count);

	for (int i = count - 1; i >= 0; i--)
	{
		CHECK_FOR_INTERRUPTS();
		query_push();
		erase_from_state(eraser, &chain, &chain.list[i]);
		erase_from_metadata(eraser, chain.list[i].seq,
							table_jsonb(table, i + 1, 3, JSON_ROOT_OBJECT));
		query_pop();
	}
	for (int i = 0; i < count; i++)
		link_again(eraser, &chain, &chain.list[i]);
}

Eraser *
eraser_new(Call *call, NullableDatum thread_id, NullableDatum message_ids)
{
	Eraser *eraser = palloc0(sizeof(Eraser));

	eraser->call = call;
	eraser->thread_id = thread_id;
	eraser->message_ids = names_of_list(message_ids);
	read_said(eraser, message_ids);
	return eraser;
}

void
checkpoint_erase_messages(Call *call, NullableDatum thread_id, NullableDatum message_ids)
{
	Eraser *eraser = eraser_new(call, thread_id, message_ids);

	erase_from_writes(eraser);
	erase_from_states(eraser);
}
