/*
 * message_refer.c: a list of messages in a state, as revisions of the thread's log.
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
#include "message.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"

#include "threadmem_json.h"

/* OFFSET 0 keeps the inner select one of its own: an index scan over each run. */
#define OVER_RUNS(column) \
	"SELECT m.rev, m." column " FROM unnest($3, $4) AS r (first, last)," \
	" LATERAL (SELECT i.rev, i." column " FROM threadmem.messages i WHERE i.tenant_id = $1" \
	" AND i.thread_id = $2 AND i.rev BETWEEN r.first AND r.last AND i." column \
	" IS NOT NULL OFFSET 0) AS m"

static Stmt hashes = {OVER_RUNS("body_hash"), "tLL"};
static Stmt bodies = {OVER_RUNS("body"), "tLL"};
/* Id by id (OFFSET 0): for the order alone the planner would read the whole thread. */
static Stmt by_ids = {
	"SELECT m.message_id, m.rev, m.seq, m.state, m.body_hash FROM unnest($3) AS i (message_id),"
	" LATERAL (SELECT * FROM threadmem.messages o WHERE o.tenant_id = $1 AND o.thread_id = $2"
	" AND o.message_id = i.message_id OFFSET 0) m ORDER BY m.message_id, m.rev",
	"tT"};

typedef struct Element
{
	Jsonb *body;
	char *message_id; /* NULL without one */
	char hash[HASH_BYTES];
	int64 rev; /* 0 while it has none */
	ReferredDraft *draft;
	bool made; /* the draft is this element's own, not numbered yet */
} Element;

/* The draft of a body, and the newest one of an id; drafts without an id are nobody else's. */
typedef struct DraftByHash
{
	char hash[HASH_BYTES]; /* hash key */
	ReferredDraft *draft;
} DraftByHash;

typedef struct DraftById
{
	char message_id[ID_MAX_BYTES + 1]; /* hash key */
	ReferredDraft *draft;
} DraftById;

/* The places of a hash in the parent's list. */
typedef struct KnownHash
{
	char hash[HASH_BYTES]; /* hash key */
	int first;             /* the next one to take */
} KnownHash;

int
rev_runs(const RevList *list, RevRun **runs)
{
	int count = 0;

	*runs = palloc_extended(sizeof(RevRun) * Max(list->count, 1), MCXT_ALLOC_HUGE);
	for (int i = 0; i < list->count; i++)
		if (count > 0 && (*runs)[count - 1].last + 1 == list->revs[i])
			(*runs)[count - 1].last++;
		else
			(*runs)[count++] = (RevRun){list->revs[i], list->revs[i]};
	return count;
}

NullableDatum
rev_array(const int64 *revs, int count)
{
	Datum *values = palloc_extended(sizeof(Datum) * Max(count, 1), MCXT_ALLOC_HUGE);

	for (int i = 0; i < count; i++)
		values[i] = Int64GetDatum(revs[i]);
	return ARG(PointerGetDatum(
		construct_array(values, count, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE)));
}

/* Runs a statement over the runs of a list; its rows are the last statement's. */
static uint64
exec_over(Call *call, Stmt *stmt, NullableDatum thread_id, const RevList *list)
{
	RevRun *runs;
	int count = rev_runs(list, &runs);
	int64 *bounds = palloc_extended(sizeof(int64) * Max(count, 1) * 2, MCXT_ALLOC_HUGE);
	NullableDatum args[3] = {thread_id};

	if (list->count == 0)
		return 0;
	for (int i = 0; i < count; i++)
	{
		bounds[i] = runs[i].first;
		bounds[count + i] = runs[i].last;
	}
	args[1] = rev_array(bounds, count);
	args[2] = rev_array(bounds + count, count);
	return query_exec(call, stmt, args);
}

void
message_bodies(Call *call, NullableDatum thread_id, const RevList *list,
			   void (*take)(int64 rev, Jsonb *body, void *context), void *context)
{
	uint64 rows = exec_over(call, &bodies, thread_id, list);
	SPITupleTable *table = SPI_tuptable;

	for (uint64 row = 1; row <= rows; row++)
		take(table_int64(table, row, 1), table_jsonb(table, row, 2, JSON_ROOT_OBJECT), context);
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
read_hashes(Referral *referral, const RevList *parent)
{
	HASHCTL ctl = {
		.keysize = sizeof(int64), .entrysize = sizeof(StoredHash), .hcxt = CurrentMemoryContext};
	HTAB *stored = hash_create("revisions of a list", Max(parent->count, 16), &ctl,
							   HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	uint64 rows = exec_over(referral->call, &hashes, referral->thread_id, parent);

	for (uint64 row = 1; row <= rows; row++)
	{
		int64 rev = row_int64(row, 1);
		StoredHash *entry = hash_search(stored, &rev, HASH_ENTER, NULL);

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
	HTAB *known = hash_create("bodies of a list", Max(parent->count, 16), &ctl,
							  HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);

	for (int i = parent->count - 1; i >= 0; i--)
	{
		StoredHash *entry = hash_search(stored, &parent->revs[i], HASH_FIND, NULL);
		KnownHash *place;
		bool found;

		if (!entry)
			continue;
		place = hash_search(known, entry->hash, HASH_ENTER, &found);
		next[i] = found ? place->first : -1;
		place->first = i;
	}
	return known;
}

static void
match_parent(Referral *referral, Element *elements, int count, const RevList *parent)
{
	HTAB *stored = read_hashes(referral, parent);
	int *next = palloc_extended(sizeof(int) * Max(parent->count, 1), MCXT_ALLOC_HUGE);
	HTAB *known = index_parent(stored, parent, next);

	for (int i = 0; i < count; i++)
	{
		Element *element = &elements[i];
		KnownHash *place = hash_search(known, element->hash, HASH_FIND, NULL);

		if (!place || place->first < 0)
			continue;
		element->rev = parent->revs[place->first];
		if (!element->message_id)
			place->first = next[place->first];
	}
	hash_destroy(known);
	hash_destroy(stored);
	pfree(next);
}

/* A revision of the log with the id of an element. */
typedef struct Revision
{
	char *message_id;
	int64 rev;
	int64 seq;
	bool deleted;
	bool erased;
	char hash[HASH_BYTES];
} Revision;

typedef struct Revisions
{
	int count;
	Revision *rows; /* by message_id, then rev */
} Revisions;

static Revisions
read_revisions(Referral *referral, const Element *elements, int count)
{
	Datum *ids = palloc_extended(sizeof(Datum) * Max(count, 1), MCXT_ALLOC_HUGE);
	NullableDatum args[2] = {referral->thread_id};
	Revisions found = {0};
	int wanted = 0;

	for (int i = 0; i < count; i++)
		if (elements[i].rev == 0 && elements[i].message_id)
			ids[wanted++] = CStringGetTextDatum(elements[i].message_id);
	if (wanted == 0)
		return found;
	args[1] = text_array(ids, wanted);
	found.count = (int)query_exec(referral->call, &by_ids, args);
	found.rows = palloc_extended(sizeof(Revision) * Max(found.count, 1), MCXT_ALLOC_HUGE);
	for (int i = 0; i < found.count; i++)
	{
		Revision *revision = &found.rows[i];
		char *state = row_text(i + 1, 4);

		revision->message_id = row_text(i + 1, 1);
		revision->rev = row_int64(i + 1, 2);
		revision->seq = row_int64(i + 1, 3);
		revision->deleted = strcmp(state, "deleted") == 0;
		revision->erased = strcmp(state, "erased") == 0;
		memset(revision->hash, 0, HASH_BYTES);
		if (!table_column(SPI_tuptable, i + 1, 5).isnull)
			memcpy(revision->hash, table_bytes(SPI_tuptable, i + 1, 5, HASH_BYTES), HASH_BYTES);
	}
	return found;
}

/* The first revision of an id, NULL when there is none. */
static Revision *
find_revision(const Revisions *revisions, const char *message_id)
{
	int low = 0;
	int high = revisions->count;

	while (low < high)
	{
		int middle = (low + high) / 2;

		if (strcmp(revisions->rows[middle].message_id, message_id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < revisions->count && strcmp(revisions->rows[low].message_id, message_id) == 0)
		return &revisions->rows[low];
	return NULL;
}

static void
create_draft_tables(Referral *referral)
{
	HASHCTL hashes_ctl = {
		.keysize = HASH_BYTES, .entrysize = sizeof(DraftByHash), .hcxt = CurrentMemoryContext};
	HASHCTL ids_ctl = {
		.keysize = ID_MAX_BYTES + 1, .entrysize = sizeof(DraftById), .hcxt = CurrentMemoryContext};

	referral->by_hash = hash_create("new messages by their bytes", 16, &hashes_ctl,
									HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	referral->by_id = hash_create("new messages by their ids", 16, &ids_ctl,
								  HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
}

/* A draft of the element's message, NULL when it is none; all but its numbers. */
static ReferredDraft *
make_draft(const Element *element)
{
	ReferredDraft *made = palloc0(sizeof(ReferredDraft));
	MessageDraft *draft = &made->draft;

	if (!shape_read_softly(element->body, &draft->shape))
		return NULL;
	guard_body(element->body);
	draft->given_id = element->message_id != NULL;
	if (!draft->given_id)
		draft->shape.message_id = TextDatumGetCString(id_generate("message"));
	draft->body = element->body;
	draft->in_memory = true;
	draft->by_checkpoint = true;
	draft->state = "live";
	memcpy(made->hash, element->hash, HASH_BYTES);
	return made;
}

/* An erased message stays erased, whatever comes under its id; else the newest revision counts. */
static void
match_revision(Element *element, ReferredDraft *made, const Revisions *revisions)
{
	Revision *revision = find_revision(revisions, element->message_id);
	Revision *end = revisions->rows + revisions->count;

	for (; revision && revision < end && strcmp(revision->message_id, element->message_id) == 0;
		 revision++)
	{
		if (revision->erased || memcmp(revision->hash, element->hash, HASH_BYTES) == 0)
			element->rev = revision->rev;
		made->old_rev = revision->rev;
		made->draft.seq = revision->seq;
		if (revision->deleted)
			made->draft.state = "deleted";
	}
}

/* The drafts of a list that turned out to be none must not be found by another's elements. */
static void
forget_drafts(Referral *referral, const Element *elements, int count)
{
	for (int i = 0; i < count; i++)
		if (elements[i].made)
			hash_search(referral->by_hash, elements[i].hash, HASH_REMOVE, NULL);
}

static bool
match_element(Referral *referral, Element *element, const Revisions *revisions)
{
	DraftByHash *same = hash_search(referral->by_hash, element->hash, HASH_FIND, NULL);
	ReferredDraft *made;

	CHECK_FOR_INTERRUPTS();
	if (same && element->message_id)
	{
		element->draft = same->draft;
		return true;
	}
	made = make_draft(element);
	if (!made)
		return false;
	if (element->message_id)
		match_revision(element, made, revisions);
	if (element->rev != 0)
		return true;
	element->draft = made;
	element->made = true;
	same = hash_search(referral->by_hash, element->hash, HASH_ENTER, NULL);
	same->draft = made;
	return true;
}

/* False when an element is no message. */
static bool
match_rest(Referral *referral, Element *elements, int count)
{
	Revisions revisions = read_revisions(referral, elements, count);

	for (int i = 0; i < count; i++)
		if (elements[i].rev == 0 && !match_element(referral, &elements[i], &revisions))
		{
			forget_drafts(referral, elements, count);
			return false;
		}
	return true;
}

/* Two revisions of a message that both come now share their place. */
static void
place_draft(Referral *referral, ReferredDraft *made)
{
	MessageDraft *draft = &made->draft;
	bool found;
	DraftById *same = hash_search(referral->by_id, draft->shape.message_id, HASH_ENTER, &found);

	if (found)
	{
		made->old_rev = same->draft->draft.rev;
		draft->seq = same->draft->draft.seq;
	}
	else if (draft->seq == 0)
		draft->seq = referral->head->seq + referral->places++;
	same->draft = made;
	draft->rev = referral->head->rev + list_length(referral->drafts);
	draft->user_id = referral->head->user_id;
	message_index(draft);
	referral->drafts = lappend(referral->drafts, made);
}

bool
message_refer(Referral *referral, JsonbContainer *array, const RevList *parent, RevList *list)
{
	int count;
	Element *elements = read_elements(array, &count);

	if (!elements)
		return false;
	if (!referral->by_hash)
		create_draft_tables(referral);
	match_parent(referral, elements, count, parent);
	if (!match_rest(referral, elements, count))
		return false;
	list->count = count;
	list->revs = palloc_extended(sizeof(int64) * Max(count, 1), MCXT_ALLOC_HUGE);
	for (int i = 0; i < count; i++)
	{
		if (elements[i].made)
			place_draft(referral, elements[i].draft);
		list->revs[i] = elements[i].draft ? elements[i].draft->draft.rev : elements[i].rev;
	}
	return true;
}
