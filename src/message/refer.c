/*
 * message/refer.c: a list of messages in a state, as revisions of the thread's log.
 *
 * The bodies in a state are those of the log, so a checkpoint holds numbers instead. Which ones is
 * found by bytes: the sha256 of every element is looked up among the revisions that the parent's
 * list has, which one statement reads without their bodies. In a conversation that leaves the few
 * messages of the last step. Of those, one with an id is looked up among all revisions with this id
 * (an earlier wording may have come back, or a branch may hold it), and what is not there is new.
 *
 * An element without an id cannot be told from another with the same bytes. It takes the first
 * revision of the parent's list with these bytes that no element before it has taken.
 */
#include "message/message.h"

#include "access/detoast.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/json.h"
#include "utils/timestamp.h"

#include "threadmem/threadmem.h"

/* Messages that are read at once; a list of more is asked for its bytes before. */
#define PORTION 10000

/* OFFSET 0 keeps the inner select one of its own: an index scan over each run. */
#define OVER_RUNS(column) \
	"SELECT m.rev, m." column " FROM unnest($3, $4) AS r (first, last)," \
	" LATERAL (SELECT i.rev, i." column " FROM threadmem_data.messages i WHERE i.tenant_id = $1" \
	" AND i.thread_id = $2 AND i.rev BETWEEN r.first AND r.last AND i." column \
	" IS NOT NULL OFFSET 0) AS m"

static Stmt message_hashes = {OVER_RUNS("body_hash"), "tLL"};
static Stmt message_bodies_stmt = {OVER_RUNS("body"), "tLL"};
static Stmt message_bytes_of = {
	"SELECT coalesce(sum((threadmem.json_bytes(m.body) + $6) * r.times), 0)::int8"
	" FROM unnest($3, $4, $5) AS r (first, last, times), LATERAL (SELECT i.body"
	" FROM threadmem_data.messages i WHERE i.tenant_id = $1 AND i.thread_id = $2"
	" AND i.rev BETWEEN r.first AND r.last AND i.body IS NOT NULL OFFSET 0) AS m",
	"tLLLl"};
/* Id by id (OFFSET 0): for the order alone the planner would read the whole thread. */
static Stmt message_by_ids = {
	"SELECT m.message_id, m.rev, m.seq, m.state, m.body_hash FROM unnest($3) AS i (message_id),"
	" LATERAL (SELECT * FROM threadmem_data.messages o WHERE o.tenant_id = $1 AND o.thread_id = $2"
	" AND o.message_id = i.message_id OFFSET 0) m ORDER BY m.message_id, m.rev",
	"tT"};

typedef struct Element
{
	Jsonb *body;
	char *message_id; /* NULL without one */
	char hash[HASH_BYTES];
	int64 rev; /* 0 while it has none */
	ReferredDraft *draft;
	bool made;    /* the draft is this element's own, not numbered yet */
	bool deleted; /* a person deleted the message */
} Element;

/* The places of a hash in the parent's list. */
typedef struct KnownHash
{
	char hash[HASH_BYTES]; /* hash key */
	int first;             /* the next one to take */
} KnownHash;

/* Runs a statement over the runs of a set; its rows are the last statement's. */
static uint64
exec_over(Call *call, Stmt *stmt, NullableDatum thread_id, const RevSet *set)
{
	NullableDatum args[3] = {thread_id};

	if (set->count == 0)
		return 0;
	rev_bounds(set->runs, set->count, &args[1]);
	return query_exec(call, stmt, args);
}

int64
message_bytes(Call *call, NullableDatum thread_id, const RevStretch *stretches, int count)
{
	int64 *columns = palloc_extended(sizeof(int64) * Max(count, 1) * 3, MCXT_ALLOC_HUGE);
	NullableDatum args[5] = {thread_id};

	if (count == 0)
		return 0;
	for (int i = 0; i < count; i++)
	{
		columns[i] = stretches[i].first;
		columns[count + i] = stretches[i].last;
		columns[2 * count + i] = stretches[i].times;
	}
	for (int c = 0; c < 3; c++)
		args[c + 1] = rev_array(columns + c * count, count);
	args[4] = ARG(Int64GetDatum(ELEMENT_SPARE_BYTES));
	query_first(call, &message_bytes_of, args);
	return row_int64(1, 1);
}

/*
 * Of what is read at once, the rows tell how large it is. Of more, the bytes are asked for first,
 * since what is stored in line would be taken before it is known.
 */
static bool
is_long_and_large(Call *call, NullableDatum thread_id, const RevSet *set, int64 limit)
{
	RevStretch *stretches =
		palloc_extended(sizeof(RevStretch) * Max(set->count, 1), MCXT_ALLOC_HUGE);
	int64 length = 0;

	for (int i = 0; i < set->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		stretches[i] = (RevStretch){set->runs[i].first, set->runs[i].last, 1};
		length += set->runs[i].last - set->runs[i].first + 1;
	}
	return length > PORTION && message_bytes(call, thread_id, stretches, set->count) > limit;
}

/* A body that is stored apart has not been read yet: its pointer tells how large it is. */
static int64
bytes_found(const SPITupleTable *table, uint64 rows)
{
	int64 bytes = 0;

	for (uint64 row = 1; row <= rows; row++)
		bytes += (int64)toast_raw_datum_size(table_datum(table, row, 2)) + ELEMENT_SPARE_BYTES;
	return bytes;
}

/* How far a set has been gone through. */
typedef struct Portion
{
	RevSet part; /* what comes now */
	int run;
	int64 next;
} Portion;

static bool
next_portion(const RevSet *set, Portion *portion)
{
	int64 left = PORTION;

	portion->part.count = 0;
	for (; left > 0 && portion->run < set->count; portion->run++)
	{
		RevRun run = set->runs[portion->run];

		run.first = Max(run.first, portion->next);
		portion->next = Min(run.last - run.first, left - 1) + run.first + 1;
		left -= portion->next - run.first;
		portion->part.runs[portion->part.count++] = (RevRun){run.first, portion->next - 1};
		if (portion->next <= run.last)
			break;
	}
	return portion->part.count > 0;
}

static void
take_bodies(const BodyReader *reader, const SPITupleTable *table, uint64 rows)
{
	for (uint64 row = 1; row <= rows; row++)
	{
		MemoryContext before = MemoryContextSwitchTo(reader->memory);
		Jsonb *body = table_jsonb(table, row, 2, JSON_ROOT_OBJECT);
		bool own = PointerGetDatum(body) != table_datum(table, row, 2);

		CHECK_FOR_INTERRUPTS();
		MemoryContextSwitchTo(before);
		reader->take(table_int64(table, row, 1), body, own, reader->context);
	}
}

bool
message_bodies(Call *call, NullableDatum thread_id, const RevSet *set, const BodyReader *reader)
{
	Portion portion = {.part.runs = palloc(sizeof(RevRun) * Min(set->count + 1, PORTION))};
	int64 bytes = 0;

	if (!reader->fits && is_long_and_large(call, thread_id, set, reader->limit))
		return false;
	while (next_portion(set, &portion))
	{
		uint64 rows = exec_over(call, &message_bodies_stmt, thread_id, &portion.part);

		bytes += bytes_found(SPI_tuptable, rows);
		if (bytes > reader->limit)
			return false;
		take_bodies(reader, SPI_tuptable, rows);
		query_free_rows();
	}
	return true;
}

/* NULL when an element is no object. */
static Element *
read_elements(JsonbContainer *array, int *count)
{
	Element *elements;
	JsonbIterator *iterator = JsonbIteratorInit(array);
	JsonbValue value;
	JsonbIteratorToken token;
	int i = 0;

	*count = JsonContainerSize(array);
	elements = palloc_extended(sizeof(Element) * Max(*count, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		Element *element = &elements[i];

		if (token != WJB_ELEM)
			continue;
		if (!json_as_object(&value))
			return NULL;
		CHECK_FOR_INTERRUPTS();
		element->body = json_own(&value);
		element->message_id = shape_message_id(&element->body->root);
		memcpy(element->hash, VARDATA_ANY(DatumGetPointer(shape_hash(element->body))), HASH_BYTES);
		i++;
	}
	return elements;
}

typedef struct StoredHash
{
	int64 rev; /* hash key */
	char hash[HASH_BYTES];
} StoredHash;

static HTAB *
read_hashes(Referral *referral, const RevRuns *parent)
{
	HASHCTL ctl = {
		.keysize = sizeof(int64), .entrysize = sizeof(StoredHash), .hcxt = CurrentMemoryContext};
	RevSet set = rev_set_of(parent);
	uint64 rows = exec_over(referral->call, &message_hashes, referral->thread_id, &set);
	HTAB *stored = hash_create("revisions of a list", Max(rows, 16), &ctl,
							   HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);

	for (uint64 row = 1; row <= rows; row++)
	{
		int64 rev = row_int64(row, 1);
		StoredHash *entry = hash_search(stored, &rev, HASH_ENTER, NULL);

		CHECK_FOR_INTERRUPTS();
		memcpy(entry->hash, table_bytes(SPI_tuptable, row, 2, HASH_BYTES), HASH_BYTES);
	}
	return stored;
}

/* The places of each hash in the parent's list, in order, as chains through next. */
static HTAB *
index_parent(HTAB *stored, const RevList *parent, int *next)
{
	HASHCTL ctl = {
		.keysize = HASH_BYTES, .entrysize = sizeof(KnownHash), .hcxt = CurrentMemoryContext};
	HTAB *known = hash_create("bodies of a list", Max(hash_get_num_entries(stored), 16), &ctl,
							  HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);

	for (int i = parent->count - 1; i >= 0; i--)
	{
		StoredHash *entry = hash_search(stored, &parent->revs[i], HASH_FIND, NULL);
		KnownHash *place;
		bool found;

		CHECK_FOR_INTERRUPTS();
		if (!entry)
			continue;
		place = hash_search(known, entry->hash, HASH_ENTER, &found);
		next[i] = found ? place->first : -1;
		place->first = i;
	}
	return known;
}

static void
match_parent(Referral *referral, Element *elements, int count, const RevRuns *parent)
{
	HTAB *stored = read_hashes(referral, parent);
	RevList list = rev_runs_spelled(parent);
	int *next = palloc_extended(sizeof(int) * Max(list.count, 1), MCXT_ALLOC_HUGE);
	HTAB *known = index_parent(stored, &list, next);

	for (int i = 0; i < count; i++)
	{
		Element *element = &elements[i];
		KnownHash *place = hash_search(known, element->hash, HASH_FIND, NULL);

		CHECK_FOR_INTERRUPTS();
		if (!place || place->first < 0)
			continue;
		element->rev = list.revs[place->first];
		if (!element->message_id)
			place->first = next[place->first];
	}
	hash_destroy(known);
	hash_destroy(stored);
	pfree(next);
	pfree(list.revs);
}

/* What the log has under the id of an element. */
typedef struct Known
{
	int64 newest; /* revision, 0 for none */
	int64 seq;
	int64 erased; /* the newest erased one, 0 for none */
	bool deleted;
} Known;

typedef struct KnownBytes
{
	const Known *message;
	char hash[HASH_BYTES];
} KnownBytes;

/*
 * The revisions of a message may be as many as the elements that have its id, so each element finds
 * its own by id and bytes, and does not go over them.
 */
typedef struct Revisions
{
	Names *messages; /* Known, by id */
	Names *bytes;    /* the newest revision, by KnownBytes */
} Revisions;

static Datum *
wanted_ids(const Revisions *revisions, const Element *elements, int count, int *wanted)
{
	Datum *ids = palloc_extended(sizeof(Datum) * Max(count, 1), MCXT_ALLOC_HUGE);

	*wanted = 0;
	for (int i = 0; i < count; i++)
	{
		char *id = elements[i].message_id;
		NameEntry *entry;

		if (elements[i].rev != 0 || !id)
			continue;
		entry = names_add(revisions->messages, id, (int)strlen(id));
		if (entry->value)
			continue;
		entry->value = palloc0(sizeof(Known));
		ids[(*wanted)++] = CStringGetTextDatum(id);
	}
	return ids;
}

static void
know_bytes(const Revisions *revisions, const Known *message, uint64 row)
{
	KnownBytes *key = palloc(sizeof(KnownBytes));
	int64 *rev = palloc(sizeof(int64));

	key->message = message;
	memcpy(key->hash, table_bytes(SPI_tuptable, row, 5, HASH_BYTES), HASH_BYTES);
	*rev = row_int64(row, 2);
	names_add(revisions->bytes, (char *)key, sizeof(KnownBytes))->value = rev;
}

static Revisions
read_revisions(Referral *referral, const Element *elements, int count)
{
	NullableDatum args[2] = {referral->thread_id};
	Revisions revisions = {names_new(), names_new()};
	int wanted;
	Datum *ids = wanted_ids(&revisions, elements, count, &wanted);
	uint64 rows = 0;

	args[1] = text_array(ids, wanted);
	if (wanted > 0)
		rows = query_exec(referral->call, &message_by_ids, args);
	for (uint64 row = 1; row <= rows; row++)
	{
		char *id = row_text(row, 1);
		char *state = row_text(row, 4);
		Known *message = names_find(revisions.messages, id, (int)strlen(id))->value;

		CHECK_FOR_INTERRUPTS();
		message->newest = row_int64(row, 2);
		message->seq = row_int64(row, 3);
		message->deleted |= strcmp(state, "deleted") == 0;
		if (strcmp(state, "erased") == 0)
			message->erased = message->newest;
		if (!table_column(SPI_tuptable, row, 5).isnull)
			know_bytes(&revisions, message, row);
	}
	return revisions;
}

ReferredDraft *
referral_draft(const Referral *referral, int64 rev)
{
	int64 place = rev - referral->thread->rev;

	if (place < 0 || place >= list_length(referral->drafts))
		return NULL;
	return list_nth(referral->drafts, (int)place);
}

ReferredDraft *
referral_draft_of(const Referral *referral, const char *message_id)
{
	NameEntry *entry =
		referral->by_id ? names_find(referral->by_id, message_id, (int)strlen(message_id)) : NULL;

	return entry ? entry->value : NULL;
}

static void
put_text(JsonItems *row, const char *column, const char *value)
{
	if (value)
		items_put(row, column, (int)strlen(column), node_of_text(value));
}

JsonNode
referral_row(const Referral *referral, const ReferredDraft *made)
{
	const MessageDraft *draft = &made->draft;
	const MessageShape *shape = &draft->shape;
	JsonItems *row = items_new(16);

	put_text(row, "thread_id", text_or_null(referral->thread_id));
	put_text(row, "message_id", draft->given_id ? shape->message_id : NULL);
	put_text(row, "role", shape->role);
	put_text(row, "origin_role", shape->origin_role);
	put_text(row, "name", shape->name);
	put_text(row, "sender_id", shape->sender_id);
	put_text(row, "user_id", draft->user_id);
	put_text(row, "assistant_id", shape->assistant_id);
	put_text(row, "run_id", shape->run_id);
	put_text(row, "tool_call_id", shape->tool_call_id);
	put_text(row, "status", shape->status);
	put_text(row, "id_from", draft->id_from);
	if (draft->seq < referral->thread->seq)
		items_put(row, "seq", 3, node_of_int64(draft->seq));
	if (shape->has_event_at)
		put_text(
			row, "event_at",
			JsonEncodeDateTime(NULL, TimestampTzGetDatum(shape->event_at), TIMESTAMPTZOID, NULL));
	items_put(row, "metadata", 8, node_of_root(&shape->metadata->root));
	items_put(row, "body", 4, node_of_root(&draft->body->root));
	return node_of_items(NODE_OBJECT, row);
}

/* A draft of the element's message, NULL when it is none; all but its numbers. */
static ReferredDraft *
make_draft(const Referral *referral, const Element *element)
{
	ReferredDraft *made = palloc0(sizeof(ReferredDraft));
	MessageDraft *draft = &made->draft;

	if (!shape_read_softly(element->body, &draft->shape))
		return NULL;
	if (referral->said && !draft->shape.has_event_at)
	{
		draft->shape.has_event_at = true;
		draft->shape.event_at = *referral->said;
	}
	draft->given_id = element->message_id != NULL;
	if (!draft->given_id)
		draft->shape.message_id = TextDatumGetCString(id_generate("message"));
	draft->id_from = draft->given_id ? ID_FROM_BODY : ID_FROM_THREADMEM;
	draft->body = element->body;
	draft->in_memory = true;
	draft->by_checkpoint = true;
	draft->state = "live";
	memcpy(made->hash, element->hash, HASH_BYTES);
	return made;
}

/* An erased message stays erased, whatever comes under its id; else the newest revision counts. */
static void
match_revision(Referral *referral, Element *element, ReferredDraft *made,
			   const Revisions *revisions)
{
	const char *id = element->message_id;
	const Known *message = names_find(revisions->messages, id, (int)strlen(id))->value;
	KnownBytes key = {message};
	NameEntry *same;

	memcpy(key.hash, element->hash, HASH_BYTES);
	same = names_find(revisions->bytes, (char *)&key, sizeof(KnownBytes));
	element->rev = Max(message->erased, same ? *(int64 *)same->value : 0);
	referral->met_erased |= element->rev != 0 && element->rev == message->erased;
	made->old_rev = message->newest;
	made->draft.seq = message->seq;
	if (message->deleted)
		made->draft.state = "deleted";
}

/* A draft that gets no number must not be found by another list's elements. */
static void
forget_draft(Referral *referral, const Element *element)
{
	if (element->made)
		names_find(referral->by_hash, element->hash, HASH_BYTES)->value = NULL;
}

static bool
match_element(Referral *referral, Element *element, const Revisions *revisions)
{
	NameEntry *same = names_find(referral->by_hash, element->hash, HASH_BYTES);
	ReferredDraft *made;

	CHECK_FOR_INTERRUPTS();
	if (same && same->value && element->message_id)
	{
		element->draft = same->value;
		return true;
	}
	made = make_draft(referral, element);
	if (!made)
		return false;
	if (element->message_id)
		match_revision(referral, element, made, revisions);
	if (element->rev != 0)
		return true;
	element->draft = made;
	element->made = true;
	names_add(referral->by_hash, made->hash, HASH_BYTES)->value = made;
	return true;
}

static bool
is_deleted(const Revisions *revisions, const char *message_id)
{
	return message_id &&
		   ((Known *)names_find(revisions->messages, message_id, (int)strlen(message_id))->value)
			   ->deleted;
}

/* False when an element is no message. */
static bool
match_rest(Referral *referral, Element *elements, int count)
{
	Revisions revisions = read_revisions(referral, elements, count);

	for (int i = 0; i < count; i++)
	{
		Element *element = &elements[i];

		if (element->rev != 0)
			continue;
		element->deleted = is_deleted(&revisions, element->message_id);
		if (match_element(referral, element, &revisions))
			continue;
		for (int k = 0; k < i; k++)
			forget_draft(referral, &elements[k]);
		return false;
	}
	return true;
}

/* Two revisions of a message that both come now share their place. */
static void
place_draft(Referral *referral, ReferredDraft *made)
{
	MessageDraft *draft = &made->draft;
	char *id = draft->shape.message_id;
	NameEntry *same = names_add(referral->by_id, id, (int)strlen(id));
	ReferredDraft *earlier = same->value;

	if (earlier)
	{
		made->old_rev = earlier->draft.rev;
		draft->seq = earlier->draft.seq;
	}
	else if (draft->seq == 0)
		draft->seq = referral->thread->seq + referral->places++;
	same->value = made;
	draft->rev = referral->thread->rev + list_length(referral->drafts);
	draft->user_id = referral->thread->user_id;
	draft->in_memory &= referral->thread->in_memory;
	referral->drafts = lappend(referral->drafts, made);
}

bool
message_refer(Referral *referral, JsonbContainer *array, const RevRuns *parent, RevList *list)
{
	int count;
	Element *elements = read_elements(array, &count);

	if (!elements)
		return false;
	if (!referral->by_hash)
	{
		referral->by_hash = names_new();
		referral->by_id = names_new();
	}
	match_parent(referral, elements, count, parent);
	if (!match_rest(referral, elements, count))
		return false;
	list->count = 0;
	list->revs = palloc_extended(sizeof(int64) * Max(count, 1), MCXT_ALLOC_HUGE);
	for (int i = 0; i < count; i++)
	{
		Element *element = &elements[i];

		CHECK_FOR_INTERRUPTS();
		if (element->deleted && referral->without_deleted)
		{
			forget_draft(referral, element);
			continue;
		}
		if (element->made)
			place_draft(referral, element->draft);
		list->revs[list->count++] = element->draft ? element->draft->draft.rev : element->rev;
	}
	return true;
}
