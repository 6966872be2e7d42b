/*
 * checkpoint_erase.c: a message taken out of everything that checkpoints hold.
 *
 * Lists of messages refer to the log, so there is nothing of it to take out. But the words may
 * stand as plain state as well: in the writes of tasks, in the input of a run (__start__), in a
 * subgraph's list, in metadata. There a message is known by its id; one without an id is taken to
 * be the same when it has the same role and content, since before a graph gives it its id nothing
 * else tells what it is.
 *
 * A state that changes changes the patches of its children. So from the last row to the first each
 * such state is written whole, and its children's before it; then from the first to the last they
 * are linked again as changes.
 */
#include "checkpoint.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "threadmem_json.h"

static Stmt bodies = {"SELECT m.body FROM threadmem.messages m WHERE m.tenant_id = $1"
					  " AND m.thread_id = $2 AND m.message_id = $3 AND m.body IS NOT NULL",
					  "tt"};
static Stmt writes = {
	"SELECT w.checkpoint_ns, w.checkpoint_id, w.task_id, w.idx, w.value"
	" FROM threadmem.checkpoint_writes w WHERE w.tenant_id = $1 AND w.thread_id = $2",
	"t"};
static Stmt set_write = {
	"UPDATE threadmem.checkpoint_writes w SET value = $7 WHERE w.tenant_id = $1"
	" AND w.thread_id = $2 AND w.checkpoint_ns = $3 AND w.checkpoint_id = $4 AND w.task_id = $5"
	" AND w.idx = $6",
	"ttttij"};
static Stmt rows = {"SELECT c.seq, c.base_seq, c.metadata FROM threadmem.checkpoints c"
					" WHERE c.tenant_id = $1 AND c.thread_id = $2 ORDER BY c.seq DESC",
					"t"};
static Stmt set_metadata = {"UPDATE threadmem.checkpoints c SET metadata = $4"
							" WHERE c.tenant_id = $1 AND c.thread_id = $2 AND c.seq = $3",
							"tlj"};

/* What a revision of the message says. */
typedef struct Said
{
	const char *role;
	JsonNode content;
} Said;

struct Eraser
{
	Call *call;
	NullableDatum thread_id;
	char *message_id;
	Said *said;
	int count;
	MemoryContext memory; /* for changed */
	RevList changed;      /* rows to be linked again */
};

static JsonNode
content_of(JsonbContainer *body)
{
	JsonbValue *content = shape_content_value(body);

	return content ? node_of_value(content) : (JsonNode){.kind = NODE_NULL};
}

static void
read_said(Eraser *eraser)
{
	NullableDatum key[] = {eraser->thread_id, ARG_TEXT(eraser->message_id)};
	int count = (int)query_exec(eraser->call, &bodies, key);

	eraser->said = palloc(sizeof(Said) * Max(count, 1));
	for (int i = 0; i < count; i++)
	{
		Jsonb *body = row_jsonb(i + 1, 1, JSON_ROOT_OBJECT);
		MessageShape shape;

		if (!shape_read_softly(body, &shape))
			continue;
		eraser->said[eraser->count].role = shape.role;
		eraser->said[eraser->count++].content = content_of(&body->root);
	}
}

static bool
was_said(const Eraser *eraser, const char *role, JsonbContainer *body)
{
	JsonNode content = content_of(body);

	for (int i = 0; i < eraser->count; i++)
		if (strcmp(eraser->said[i].role, role) == 0 &&
			node_same(&eraser->said[i].content, &content))
			return true;
	return false;
}

static bool
is_message(const Eraser *eraser, const JsonNode *node)
{
	JsonbContainer *body;
	char *message_id;
	MessageShape shape;

	if (!node_is_object(node))
		return false;
	body = node_container(node);
	message_id = shape_message_id(body);
	if (message_id && strcmp(message_id, eraser->message_id) != 0)
		return false;
	return shape_read_softly(node_write(node), &shape) &&
		   (message_id || was_said(eraser, shape.role, body));
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
	uint64 count = query_exec(eraser->call, &writes, &eraser->thread_id);
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
			query_exec(eraser->call, &set_write, args);
		query_pop();
	}
}

static void
note_changed(Eraser *eraser, int64 seq)
{
	RevList *changed = &eraser->changed;
	Size room = sizeof(int64) * (changed->count + 1);

	for (int i = 0; i < changed->count; i++)
		if (changed->revs[i] == seq)
			return;
	changed->revs = changed->revs ? repalloc_huge(changed->revs, room)
								  : MemoryContextAlloc(eraser->memory, room);
	changed->revs[changed->count++] = seq;
}

static void
erase_from_state(Eraser *eraser, int64 seq, int64 base_seq)
{
	ChainState state;
	RevList children;
	Jsonb *document;

	chain_read(eraser->call, eraser->thread_id, seq, base_seq, &state);
	document = eraser_scrubbed(eraser, state.document);
	if (!document)
		return;
	children = chain_free_children(eraser->call, eraser->thread_id, seq);
	for (int i = 0; i < children.count; i++)
		note_changed(eraser, children.revs[i]);
	note_changed(eraser, seq);
	chain_write(eraser->call, eraser->thread_id, seq, document);
}

static void
erase_from_metadata(Eraser *eraser, int64 seq, Jsonb *metadata)
{
	Jsonb *clean = eraser_scrubbed(eraser, metadata);
	NullableDatum args[] = {eraser->thread_id, ARG(Int64GetDatum(seq)), ARG(JsonbPGetDatum(clean))};

	if (clean)
		query_exec(eraser->call, &set_metadata, args);
}

static int
compare_seqs(const void *a, const void *b)
{
	int64 x = *(const int64 *)a;
	int64 y = *(const int64 *)b;

	return x < y ? -1 : x > y;
}

static void
erase_from_states(Eraser *eraser)
{
	uint64 count = query_exec(eraser->call, &rows, &eraser->thread_id);
	SPITupleTable *table = SPI_tuptable;

	for (uint64 i = 0; i < count; i++)
	{
		int64 seq = table_int64(table, i + 1, 1);
		int64 base = table_int64(table, i + 1, 2);
		Jsonb *metadata = table_jsonb(table, i + 1, 3, JSON_ROOT_OBJECT);

		CHECK_FOR_INTERRUPTS();
		query_push();
		erase_from_state(eraser, seq, base);
		erase_from_metadata(eraser, seq, metadata);
		query_pop();
	}
	qsort(eraser->changed.revs, eraser->changed.count, sizeof(int64), compare_seqs);
	for (int i = 0; i < eraser->changed.count; i++)
		chain_relink(eraser->call, eraser->thread_id, eraser->changed.revs[i]);
}

Eraser *
eraser_new(Call *call, NullableDatum thread_id, NullableDatum message_id)
{
	Eraser *eraser = palloc0(sizeof(Eraser));

	eraser->call = call;
	eraser->thread_id = thread_id;
	eraser->message_id = text_or_null(message_id);
	eraser->memory = CurrentMemoryContext;
	read_said(eraser);
	return eraser;
}

void
checkpoint_erase_message(Call *call, NullableDatum thread_id, NullableDatum message_id)
{
	Eraser *eraser = eraser_new(call, thread_id, message_id);

	erase_from_writes(eraser);
	erase_from_states(eraser);
}
