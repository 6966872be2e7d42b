/*
 * checkpoint/checkpoint.h: the chain of states of a thread (docs/architecture.md#the-chain), for
 * the files of this room and the rooms after it.
 *
 * A state document is a checkpoint as its writer gave it, in one jsonb:
 *
 *   {"rest": {"v", "ts", ...},              every key of the checkpoint that is not below
 *
 *    "refs": {channel: [[1, 5], [3, 3]]},   channels of messages: runs of revisions, in order;
 *                                           many short ones as strings (checkpoint/list.c)
 *
 *    "values": {channel: value},            all other channels that have a value
 *
 *    "objects": [channel],                  those of messages that LangGraph takes for its objects
 *
 *    "versions": {channel: version},        channel_versions, as given
 *
 *    "seen": {node: {channel: version}}}    versions_seen, as given
 *
 * Its id is not in it, nor what it did not have. Rows hold the document or the JSON Patch
 * that makes it from the parent's.
 *
 * What the words mean, beside those of message/message.h (revision, seen, pending):
 *
 *  head          the latest checkpoint of the root namespace: the greatest by its id
 *  chain         a row and its ancestors by parent_seq, back to the one that holds its whole
 *                document, which is its base (base_seq)
 *  parent        by parent_checkpoint_id what the writer says, stored or not; by parent_seq the
 *                row that the patch was made against, whose number is always smaller
 *  saver door    checkpoint_put() and checkpoint_put_writes(): what a LangGraph checkpointer has
 *                comes in as it is; nothing is reduced and nothing folded.  The other door is the
 *                room state
 *  neighbours    of a checkpoint that is put: the row of its id, its parent's, and the latest
 *  compose       make a state document of a given checkpoint
 *  taken         how far in the log a state has looked, see Taken
 *  orphan        a row that stays while its parent goes
 *  delta channel one that LangGraph leaves out of the state; its value is made of the writes of
 *                the ancestors (checkpoint/delta.c)
 *
 * What holds: a row has a patch or a snapshot (the whole document).  Nothing takes away what a
 * state is made of: orphans, and rows whose base is put again, get their whole document first.
 * seen of a row of the root has all of its parent's and all revisions of its own lists, as far as
 * the parent was not put again.  thread_values is what the head's document says.  Writers hold the
 * lock of the thread's row.
 *
 * Here and in the rooms after it: what a function gives lives in the memory that is current when
 * it is called, where nothing else is said; and one that is given the Call runs statements, so the
 * rows of the statement before (row_column() and the like) are gone then.
 */
#ifndef CHECKPOINT_H
#define CHECKPOINT_H

#include "message/message.h"

#include "json_patch/json_patch.h" /* nodes: documents are put together without copying their parts */

/* The task of what was written outside of any. */
#define NULL_TASK_ID "00000000-0000-0000-0000-000000000000"

/*
 * Statements on the checkpoints c of one namespace: $1 is the tenant, $2 the thread, and $3 the
 * namespace; each begins with the columns that it gives. The latest is the greatest by its id.
 */
#define CHECKPOINTS_OF(ns) \
	" FROM threadmem_data.checkpoints c WHERE c.tenant_id = $1 AND c.thread_id = $2" \
	" AND c.checkpoint_ns = " ns
#define CHECKPOINT_BY_ID(columns, id) \
	"SELECT " columns CHECKPOINTS_OF("$3") " AND c.checkpoint_id = " id
#define LATEST_CHECKPOINT(columns, ns) \
	"SELECT " columns CHECKPOINTS_OF(ns) " ORDER BY c.checkpoint_id DESC LIMIT 1"

/* The writes w of the checkpoint $4 of such a namespace. */
#define WRITES_OF_CHECKPOINT(columns) \
	"SELECT " columns " FROM threadmem_data.checkpoint_writes w WHERE w.tenant_id = $1" \
	" AND w.thread_id = $2 AND w.checkpoint_ns = $3 AND w.checkpoint_id = $4"

/* A state document restored from the chain. */
typedef struct ChainState
{
	int64 seq;
	int64 base_seq;    /* of the snapshot it came from */
	double compressed; /* to which share of its bytes that was, as it is stored */
	Size replayed;     /* stored bytes of the patches since */
	Jsonb *document;
	const RevRuns *revisions; /* that the document refers to, once they were asked for */
} ChainState;

/*
 * The bytes of a state as jsonb, with its messages written out as its readers give them, that
 * nothing exceeds: jsonb holds 256 MB in an array or object, and about a state stand its keys.
 */
#define STATE_MAX_BYTES (255 * 1024 * 1024)

/* 54000: for who writes such a state (bytes 0: more than can be said), and for who reads one. */
pg_noreturn extern void error_state_unwritable(NullableDatum thread_id, int64 bytes);
pg_noreturn extern void error_state_unreadable(NullableDatum thread_id);

/* Restores the state of a row; base_seq is its column. XX001 when the chain is broken. */
extern void chain_read(Call *call, NullableDatum thread_id, int64 seq, int64 base_seq,
					   ChainState *state);
/* The same for a row of which only the number is known. */
extern void chain_read_row(Call *call, NullableDatum thread_id, int64 seq, ChainState *state);

/*
 * The ancestors of a checkpoint by parent_checkpoint_id, nearest first, as far as they are stored.
 * Ids are what writers say, so a parent may have come later, and they may even form a circle: it
 * ends there.
 */
typedef struct AncestorWalk
{
	Call *call;
	MemoryContext memory; /* for what outlives a round of query_push() */
	NullableDatum key[3]; /* thread, namespace, id of the ancestor */
	NullableDatum next;   /* id of its parent */
	struct HTAB *visited;
	ChainState state; /* of the ancestor */
} AncestorWalk;

/* Begins below a checkpoint whose parent this is; null: it has none. */
extern void walk_begin(AncestorWalk *walk, Call *call, NullableDatum thread_id, NullableDatum ns,
					   NullableDatum parent_checkpoint_id);
/*
 * Goes to the next ancestor, whose key and state are in walk then; false when there is none. XX001
 * when its chain is broken.
 */
extern bool walk_up(AncestorWalk *walk);

/* How a row stores its state; either is null. */
typedef struct ChainLink
{
	int64 base_seq;
	NullableDatum patch;
	NullableDatum snapshot;
	double compressed; /* as in ChainState */
	Size replayed;
} ChainLink;

/* The link of a document under a parent (NULL: none) at seq. */
extern void chain_link(const ChainState *parent, Jsonb *document, int64 seq, ChainLink *link);

/* Gives a row the whole state, so that it no longer needs its parent. */
extern void chain_materialise(Call *call, NullableDatum thread_id, int64 seq);

/* Materialises the rows whose state is a patch on this row's; gives their numbers. */
extern RevList chain_free_children(Call *call, NullableDatum thread_id, int64 seq);

/* Writes another state into a row that no other one needs any more. */
extern void chain_write(Call *call, NullableDatum thread_id, int64 seq, Jsonb *document);

/* Leaves rows that hold their whole state without a parent. */
extern void chain_cut(Call *call, NullableDatum thread_id, const int64 *seqs, int count);

/*
 * Makes a row that holds its whole state, on which no other is based, a change of its parent again,
 * where that is worth it: its base_seq then, 0 when it stays as it is.
 */
extern int64 chain_relink(Call *call, NullableDatum thread_id, int64 seq);

/* The parts of a state document; NULL where it has none. */
typedef struct StateParts
{
	JsonbContainer *rest;
	JsonbContainer *refs;
	JsonbContainer *values;
	JsonbContainer *objects;
	JsonbContainer *versions;
	JsonbContainer *seen;
} StateParts;

/* They point into the document. */
extern StateParts document_parts(Jsonb *document);

/* Whether two documents are one to the byte. */
static inline bool
document_same(const Jsonb *a, const Jsonb *b)
{
	return VARSIZE(a) == VARSIZE(b) && memcmp(a, b, VARSIZE(a)) == 0;
}

/* When a checkpoint was made, by its writer's clock: false where it does not say. */
extern bool document_time(JsonbContainer *checkpoint, TimestampTz *time);

/* Whether a channel has a value. */
extern bool document_has(const StateParts *parts, const char *channel, int length);

/*
 * Whether the saver door gives the messages of a channel as LangChain's loader takes them, in
 * whatever form their writers have them. It is so where the thread door made the list, and stays so
 * with it; what came through the saver door goes out as it came: a graph may keep messages that are
 * no objects.
 */
extern bool document_has_objects(const StateParts *parts, const char *channel, int length);

/* The revisions of a channel of messages; false when it is none. */
extern bool document_list(const StateParts *parts, const char *channel, int length, RevRuns *list);
/* The same as it stands in the document. */
extern bool document_list_node(const StateParts *parts, const char *channel, int length,
							   JsonNode *node);

/* Whether the lists have so many revisions that it matters whether these exist; the greatest. */
extern bool document_is_long(const StateParts *parts, int64 *greatest);

/* All revisions that a document refers to, in the order of its channels. */
extern RevRuns document_revisions(const StateParts *parts);

/* The same of a state, read once. */
extern const RevRuns *chain_revisions(ChainState *state);

/* A list as it stands in a document, and read from there (checkpoint/list.c). */
extern RevRuns list_of_node(const JsonNode *node);
/* was: how another list stands that begins with the same runs, so many. */
extern JsonNode node_of_list(const RevRuns *list, const JsonNode *was, int same);
/* Adds the runs of a list; false for what is none, where it does not matter whether they can be. */
extern bool list_read(const JsonNode *node, RevRuns *list);
/* One run, [first, last]; false for what is none. */
extern bool list_read_run(const JsonNode *node, RevRun *run);
/* 54000 for a list of more messages than any state has. */
extern void list_check_length(const RevRuns *list);

/* A piece of a list, which is not opened yet. */
typedef struct ListPiece
{
	int64 total; /* revisions */
	int64 lowest;
	int64 greatest;
	JsonNode node;
} ListPiece;

typedef struct ListPieces
{
	int count;
	int64 total;
	ListPiece *pieces;
} ListPieces;

extern ListPieces list_pieces(const JsonNode *node);
/* What is to be said of runs, of which there is one at least; without a node. */
extern ListPiece list_piece_of(const RevRun *runs, int count);
/* Adds the runs of a piece. */
extern void list_open(const ListPiece *piece, RevRuns *list);

/*
 * Bodies by revision, for writing checkpoints out; one that was read is not read again. It lives in
 * the memory context in which it is made.
 */
typedef struct BodyCache BodyCache;
extern BodyCache *body_cache(Call *call);
/*
 * False when what is not there yet has more than STATE_MAX_BYTES: then it is not read. A list that
 * is all a state holds fits when the state does, so that its messages are read once.
 */
extern bool body_cache_fill(BodyCache *cache, NullableDatum thread_id, const RevRuns *list,
							bool known_to_fit);
/* Whether what a row says of its state's bytes (state_bytes) shows that it fits. */
extern bool state_bytes_fit(int64 bytes);
/* Between two states of a list: lets go of bodies when they have become many. */
extern void body_cache_trim(BodyCache *cache);

/* Those of a set that have a body, which has been read. */
extern RevRuns body_cache_there(BodyCache *cache, const RevSet *set);

/* A body that is not stored yet. */
extern void body_cache_add(BodyCache *cache, NullableDatum thread_id, int64 rev, Jsonb *body);

/* A list as an array of bodies, which have been read; what is not there is left out. */
extern JsonNode document_messages(const RevRuns *list, BodyCache *cache);

/*
 * A checkpoint as its writer gave it, NULL when jsonb cannot hold it. sends: values of
 * __pregel_tasks of the parent, or NULL. Without a cache it goes without its lists of messages.
 */
extern Jsonb *document_checkpoint(Jsonb *document, const char *checkpoint_id, BodyCache *cache,
								  Jsonb *sends);

/*
 * Bodies that somebody has, by revision (checkpoint/lists.c): those of the lists of documents that
 * are added. It lives in the memory in which it is made.
 */
typedef struct HeldLists HeldLists;
extern HeldLists *held_lists(void);
extern void held_add(HeldLists *held, NullableDatum thread_id, Jsonb *document);
/*
 * Adds those of the checkpoint of a mark, of a thread and namespace; change is the next number of
 * the thread. Nothing, where they are not what they were.
 */
extern void held_find(HeldLists *held, Call *call, NullableDatum *key, const char *mark,
					  int64 change);
/*
 * {channel: {"new", "runs", "messages"}} of a document's lists: which revisions, and of those that
 * are not held the bodies. fits: as body_cache_fill() has it. NULL when that is too large.
 */
extern Jsonb *document_lists(Jsonb *document, NullableDatum thread_id, const HeldLists *held,
							 BodyCache *cache, bool fits);
/* What a checkpoint is known by to who has its messages. */
extern char *mark_of(TimestampTz created_at, int64 change, Jsonb *document,
					 const char *checkpoint_id);

/* Whether version a is after b, as LangGraph compares them: numbers by value, strings by bytes. */
extern bool version_is_later(const JsonNode *a, const JsonNode *b);

/* 22023 for versions of channels, and a step in metadata, that cannot be counted on. */
extern void versions_guard(const char *argument, JsonbContainer *versions);
extern void step_guard(Jsonb *metadata);

/* A version after all of these (members of an object), and after the number least. */
extern JsonNode version_after(const JsonItems *versions, int64 least);

/* The step in the metadata of a checkpoint, -1 where there is none. */
extern int64 checkpoint_step(Jsonb *metadata);

/* Whether a channel is LangGraph's own and no value of the thread. */
extern bool is_internal_channel(const char *channel, int length);

/* Whether thread_values keeps a value of a channel: a scalar that is not too long. */
#define SCALAR_MAX_BYTES 256 /* of its jsonb form */
extern bool is_kept_scalar(const JsonNode *value);

/* The scalars at the top of a state for thread_values; NULL for a state that has none. */
extern Jsonb *document_scalars(Jsonb *document);

/* What a checkpoint has seen: its parent's multirange (or null) and the revisions it holds. */
extern NullableDatum seen_after(NullableDatum seen, const RevRuns *list);
/* A set as an int8multirange, and back. */
extern RevSet set_of_seen(NullableDatum seen);
extern NullableDatum seen_of(const RevSet *set);

/* A checkpoint as a caller gives it; containers are NULL where it has none. */
typedef struct GivenCheckpoint
{
	Jsonb *checkpoint;
	char *checkpoint_id;
	JsonbContainer *values;
	JsonbContainer *versions;
	JsonbContainer *seen;
	JsonbContainer *new_versions; /* NULL: every channel is new */
	JsonbContainer *lists; /* in place of values: runs of the parent's revisions, and messages */
	bool lists_have_runs;
} GivenCheckpoint;

/* When it was made, by its writer's clock; NULL where that is ahead, or it does not say. */
extern const TimestampTz *given_time(const GivenCheckpoint *given);

/* 22023 for what is no checkpoint. */
extern void given_read(GivenCheckpoint *given, NullableDatum checkpoint,
					   NullableDatum new_versions);
/* Adds lists, which may be null; 22023 for what are none, or not of channels that are new. */
extern void given_lists_read(GivenCheckpoint *given, NullableDatum lists);

/* The state document of a given checkpoint, and the messages that it refers to. */
typedef struct Composition
{
	Referral referral;
	NullableDatum checkpoint_ns;
	const GivenCheckpoint *given;
	ChainState *parent; /* NULL for none */
	Jsonb *document;
	bool kept;      /* it holds what the parent holds, and what these are was not asked: */
	RevRuns before; /* all revisions that the parent holds */
	RevRuns list;   /* and that it holds */
	RevRuns news;   /* stored ones among them that the parent does not hold */
	RevRuns again;  /* those of the messages that the parent's messages do not have */
	Names *lists;   /* RevRuns: new lists of channels, in place of values; NULL for none at all */
	const StateParts *copied; /* what the lists and values are a copy of; NULL: of nothing */
	Jsonb *graph; /* of a subgraph's namespace, where there are lists; NULL: not known */
	int64 bytes;  /* of the state with its messages written out, once put_fits() was asked */
} Composition;

/* Fills document and the lists of revisions; the rest is set. Writes nothing. */
extern void compose(Composition *composition);

/*
 * The list of a channel of messages that came as runs of the parent's revisions and messages. 22023
 * for what is no message, TM001 for what the parent's list has not.
 */
extern RevRuns given_list(Composition *composition, const StateParts *parent,
						  const JsonItem *channel, const JsonNode *given);
/* TM001: what lists go by is not what the caller takes it for. */
pg_noreturn extern void error_list_lost(NullableDatum thread_id, const char *problem);

/* All that a composition holds, also where it was kept. */
extern const RevRuns *composition_list(Composition *composition);

/*
 * Keeps the newest checkpoints of every namespace and what they need. Returns how many went. P0002;
 * takes the thread's lock.
 */
extern int64 checkpoint_keep_latest(Call *call, NullableDatum thread_id, int64 keep);

/*
 * Deletes the checkpoints of runs (a text[]) in one thread, which it locks; the log follows where
 * the head goes. Returns how many went, 0 when there is no such thread.
 */
extern int64 checkpoint_delete_runs(Call *call, NullableDatum thread_id, NullableDatum run_ids);

/*
 * Takes messages out of documents: by their ids (a text[]), or by what they say where one has none.
 * Their bodies have to be there still.
 */
typedef struct Eraser Eraser;
/* Reads the bodies; it lives in the memory that is current. */
extern Eraser *eraser_new(Call *call, NullableDatum thread_id, NullableDatum message_ids);
/* The document without the messages, NULL when it has none of them. */
extern Jsonb *eraser_scrubbed(const Eraser *eraser, Jsonb *document);

/* Takes messages out of all states, writes and metadata; the bodies are still there to compare. */
extern void checkpoint_erase_messages(Call *call, NullableDatum thread_id,
									  NullableDatum message_ids);

/* Copies all checkpoints, writes and values; both threads are locked. with_id also puts the new id
 * into their metadata. */
extern void checkpoint_copy(Call *call, NullableDatum source, NullableDatum target, bool with_id);

/* Which checkpoints a copy takes. */
typedef struct CopyExtent
{
	NullableDatum last; /* id of the root's last one, null: all */
	int64 last_seq;
	NullableDatum seen; /* by that: the revisions that its log may have */
	NullableDatum held; /* what any row of the root may refer to */
	RevList rows;       /* the numbers of the rows */
} CopyExtent;

/*
 * Those up to a checkpoint of the root namespace (null: all), which is the greatest then, or
 * without history the newest of each namespace among them, and whatever delta channels need. P0002.
 */
extern void checkpoint_extent(Call *call, NullableDatum thread_id, NullableDatum checkpoint_id,
							  bool history, CopyExtent *extent);

/* The newest on the head's way that has seen no message after this seq; null when there is none. */
extern NullableDatum checkpoint_before(Call *call, NullableDatum thread_id, int64 place);

/* Copies these; thread_values only where the head comes along. */
extern void checkpoint_copy_some(Call *call, NullableDatum source, NullableDatum target,
								 const CopyExtent *extent);

/* Adds the rows whose writes the delta channels of these rows consist of. */
extern void checkpoint_keep_for_deltas(Call *call, NullableDatum thread_id, RevList *rows);

/*
 * What delta channels consist of at the checkpoint with this parent: the value at the nearest
 * ancestor that has one, bodies as they are stored (NULL: none), and the writes since, oldest
 * first.
 */
typedef struct DeltaHistory
{
	char *channel;
	Jsonb *seed;
	Jsonb **writes;
	int count;
} DeltaHistory;
extern DeltaHistory *delta_histories(Call *call, NullableDatum thread_id,
									 NullableDatum checkpoint_ns,
									 NullableDatum parent_checkpoint_id, NullableDatum channels,
									 int *count);

/* Drops revisions that the log does not show and no state holds. */
extern void checkpoint_drop_unheld(Call *call, NullableDatum thread_id);

/* Makes thread_values what the head's document says; NULL when there is no head. */
extern void checkpoint_set_values(Call *call, NullableDatum thread_id, Jsonb *document);

/*
 * How far a state has taken in the log: which revisions and which changes of messages are the first
 * that it has not (the columns next_rev and next_change). What comes before is not asked for again:
 *
 *  - A message whose deletion has a lower number has no revision in the list.
 *  - A live revision with a lower number, which has not changed since (messages.change), has been
 *    seen; or another one of its message has, and none of them is in the list.
 *
 * A checkpoint keeps it from its parent, and has all if its parent had all. So whatever makes a
 * revision live without being the newest, completes or deletes it takes a new number for it; and so
 * does a list that has an old revision again of a message that was deleted or changed meanwhile.
 */
typedef struct Taken
{
	int64 rev;
	int64 change;
} Taken;

#define NOTHING_TAKEN ((Taken){1, 1})

/* A row beside the one that is put; seq 0 when there is none. */
typedef struct Neighbour
{
	char *checkpoint_id;
	int64 seq;
	int64 base_seq;
	int64 state_bytes;
	NullableDatum parent_seq;
	NullableDatum parent_checkpoint_id;
	NullableDatum seen;
	Taken taken;
	Jsonb *metadata;
	TimestampTz created_at;
} Neighbour;

/* Whether that is all that the thread has. */
extern bool taken_all(Taken taken, const ThreadRow *thread);
/* NOTHING_TAKEN where there is no such row. */
extern Taken taken_of(const Neighbour *neighbour);
/* Writes down that a checkpoint of the thread's own graph has all; the thread is locked. */
extern void checkpoint_take(Call *call, NullableDatum thread_id, Neighbour *neighbour,
							const ThreadRow *thread);

/* The newest row of a namespace, and one by its id; false, and all of it zero, for none. */
extern bool neighbour_latest(Call *call, NullableDatum thread_id, NullableDatum checkpoint_ns,
							 Neighbour *neighbour);
extern bool neighbour_of(Call *call, NullableDatum thread_id, NullableDatum checkpoint_ns,
						 NullableDatum checkpoint_id, Neighbour *neighbour);

/* A checkpoint on its way in; the thread is locked. The caller fills all but the last five. */
typedef struct Put
{
	Call *call;
	NullableDatum thread_id;
	NullableDatum checkpoint_ns;
	NullableDatum parent_checkpoint_id;
	NullableDatum metadata;
	GivenCheckpoint given;
	bool by_hand;       /* an update of the state, not a step of a run */
	bool is_fenced;     /* nobody has asked whether the run it names may write */
	bool takes_pending; /* it has all that was pending for its parent */
	RevRuns seen;       /* stored revisions that it has seen beside those in its lists */
	ThreadRow thread;
	Neighbour own; /* the same id put before; once it is stored, the row */
	Neighbour parent;
	Neighbour latest;
	ChainState parent_state;
	ChainState own_state; /* once it is stored */
} Put;

/* Reads the neighbours and the parent's state; P0002 for a late writer. */
extern void put_find(Put *put);
/* The same for a new id, whose neighbours and parent's state the caller has read. */
extern void put_known(Put *put);

/* The composition of a put that has been found. */
extern Composition put_composition(Put *put);

/* Whether a reader could have the state as jsonb (checkpoint/bytes.c). */
extern bool put_fits(const Put *put, Composition *composition);

/*
 * Stores what was composed, with all that follows from it; a retry changes nothing. The put is then
 * what is stored, and the head as that leaves it. 54000 for a state that is too large.
 */
extern void put_store(Put *put, Composition *composition);

/* TM001 when lists of messages are given and the parent is not that of the mark. */
extern void put_check_held(const Put *put, NullableDatum held);

/* Ends the call with what was stored. */
extern Datum put_return(const Put *put, const Composition *composition);

/* Ends the call with the key of a checkpoint: thread_id, checkpoint_ns, checkpoint_id. */
extern Datum checkpoint_return_key(Call *call, NullableDatum thread_id, NullableDatum checkpoint_ns,
								   const char *checkpoint_id);

/*
 * The root namespace '' is that of the thread's own graph, all others are those of subgraphs. An
 * argument may be null for it.
 */
extern NullableDatum ns_or_root(NullableDatum checkpoint_ns);
static inline bool
ns_is_root(NullableDatum checkpoint_ns)
{
	return VARSIZE_ANY_EXHDR(DatumGetPointer(checkpoint_ns.value)) == 0;
}

#endif
