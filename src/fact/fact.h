/*
 * fact/fact.h: what is known of a user as a graph (docs/concepts.md#facts).
 *
 *  entity     somebody or something; the user itself is one, under its own id, and has no row here
 *  fact       a sentence that joins two entities, source and target, in a relation (its name)
 *  valid      of a time in the world: from valid_at until before invalid_at; null is unknown, open
 *  known      of a time of memory: from created_at on; expired_at is when it learned of an end
 *  to end     a fact: it gets an invalid_at; to take it back: an expired_at without
 *  episode    where a fact or an entity comes from: a message of a thread, or an episode of memory
 *  stated     said by an application itself: it stays without any episode
 *  ontology   which types of entities and facts there are (fact/ontology.c)
 *
 * Locks: the user's row, FOR NO KEY UPDATE, by whoever adds or changes; so of two facts that
 * contradict each other the second sees the first. Behind it, and behind the thread's row where a
 * message is named, entities by id, then facts by id. Who deletes episodes holds a thread and not
 * the user: he locks what might go, and looks again whether anything still supports it.
 */
#ifndef FACT_H
#define FACT_H

#include "message/message.h"

/* An entity's name as it is shown: of the user's own, that of its row. */
#define NAME_OF_USER "coalesce(nullif(concat_ws(' ', u.first_name, u.last_name), ''), u.user_id)"
#define NAME_OF_ENTITY(user_id, entity_id) \
	"coalesce((SELECT n.name FROM threadmem_data.entities n WHERE n.tenant_id = $1" \
	" AND n.user_id = " user_id " AND n.entity_id = " entity_id "), (SELECT " NAME_OF_USER \
	" FROM threadmem_data.users u WHERE u.tenant_id = $1 AND u.user_id = " user_id \
	" AND u.user_id = " entity_id "))"

/* The columns of the view threadmem.facts, from table alias f: facts or fact_revisions. */
#define FACT_COLUMNS_NAMED(source, target) \
	"f.user_id, f.fact_id, f.source_id, " source ", f.name, f.target_id, " target \
	", f.fact, f.valid_at, f.invalid_at, f.created_at, f.expired_at, f.updated_at, f.attributes," \
	" f.metadata, f.extractor, f.confidence"
#define FACT_COLUMNS \
	FACT_COLUMNS_NAMED(NAME_OF_ENTITY("f.user_id", "f.source_id"), \
					   NAME_OF_ENTITY("f.user_id", "f.target_id"))

/* The columns of the view threadmem.entities, from table alias e and, of a user, from u. */
#define ENTITY_COLUMNS \
	"e.user_id, e.entity_id, e.name, e.label, e.summary, e.attributes, e.metadata, false," \
	" e.created_at, e.updated_at"
#define USER_AS_ENTITY \
	"u.user_id, u.user_id, " NAME_OF_USER \
	", CASE u.kind WHEN 'group' THEN 'Group' ELSE 'User' END," \
	" u.summary, '{}'::jsonb, u.metadata, true, u.created_at, u.updated_at"

/* What the rooms behind this one add: a user's memory locked, where it comes from, what it says */

/* What a call says of where something comes from; all null: it is stated. */
typedef struct FactOrigin
{
	NullableDatum thread_id;
	NullableDatum message_id;
	NullableDatum episode_id;
	NullableDatum event_at;
	bool stated;
} FactOrigin;

/* Which types there are, NULL for none declared; as read, for one call. */
typedef struct Ontology Ontology;

/* A user whose memory is changed: its row, locked. */
typedef struct FactOwner
{
	NullableDatum user_id;
	char *name;
	bool is_group;
	Ontology *ontology;
} FactOwner;

/* Locks the user and reads its ontology; 23503. */
extern void owner_lock(Call *call, NullableDatum user_id, FactOwner *owner);
/* The same; false where there is no such user, or it is not the session's to change. */
extern bool owner_find_lock(Call *call, NullableDatum user_id, FactOwner *owner);
/* The lock alone; false where somebody holds it, and for no such user. */
extern bool owner_try_lock(Call *call, NullableDatum user_id);

/* A name or a sentence as it is compared: small letters, single spaces; palloc'd. */
extern char *words_key(const char *words);

/* Locks what the origin names, which has to be in this user's memory; 23503, 22023. */
extern void origin_lock(Call *call, const FactOwner *owner, NullableDatum thread_id,
						NullableDatum message_id, NullableDatum episode_id, FactOrigin *origin);

/* What somebody says that is a fact: a null is unknown, or the default of memory_add_fact(). */
typedef struct FactGiven
{
	NullableDatum name;
	NullableDatum fact;
	NullableDatum target;
	NullableDatum source;
	NullableDatum target_id;
	NullableDatum source_id;
	NullableDatum valid_at;
	NullableDatum invalid_at;
	NullableDatum created_at;
	NullableDatum expired_at;
	NullableDatum attributes;
	NullableDatum metadata;
	NullableDatum target_label;
	NullableDatum source_label;
	NullableDatum contradicts;
	NullableDatum contradicted_ids;
	NullableDatum extractor;
	NullableDatum confidence;
	NullableDatum fact_id;
} FactGiven;

/* 22023 for what is none, whatever memory has. */
extern void fact_guard(const FactGiven *given);
/*
 * Adds it, which has passed, or supports the one that says the same; its id, and the row of the
 * last statement is the fact. 23503 for an entity or
 * a fact that is named and not there, 23505, 22023 for what a strict ontology does not have.
 */
extern NullableDatum fact_add(Call *call, const FactOwner *owner, const FactOrigin *origin,
							  const FactGiven *given);

/* The same of an entity. */
typedef struct EntityGiven
{
	NullableDatum name;
	NullableDatum label;
	NullableDatum summary;
	NullableDatum attributes;
	NullableDatum metadata;
	NullableDatum created_at;
	NullableDatum entity_id;
} EntityGiven;

typedef enum EntityExists
{
	ENTITY_RAISE,
	ENTITY_KEEP,
	ENTITY_UPDATE
} EntityExists;

/*
 * Several that are to be added one after the other, of EntityGiven and FactGiven by names: all that
 * they may touch is locked in the order above, and what an edited message said (nulls: of none).
 */
typedef struct FactsAhead
{
	List *entities;
	List *facts;
	NullableDatum thread_id;
	NullableDatum message_id;
} FactsAhead;

extern void fact_lock_ahead(Call *call, const FactOwner *owner, const FactsAhead *all);

extern void entity_guard(const EntityGiven *given);
extern NullableDatum entity_add(Call *call, const FactOwner *owner, const FactOrigin *origin,
								const EntityGiven *given, EntityExists exists);
/* The summary of the user itself, as an episode has it. */
extern void owner_describe(Call *call, const FactOwner *owner, const FactOrigin *origin,
						   NullableDatum summary);
/* Whether a name is that of the user itself: null, its own, or its id. */
extern bool entity_is_owner(const FactOwner *owner, NullableDatum name);

/*
 * Facts of the user $2 as e that memory knew at one time and that held at another, as text; nulls
 * are now. all: whether they held or not. What has not changed since is read from facts alone.
 */
typedef struct FactTimes
{
	NullableDatum as_of;
	NullableDatum known_at;
	bool all;
} FactTimes;

/* Adds "FROM ... f WHERE ..." for them to a statement whose $2 is the user's id. */
extern void fact_from(Built *built, const FactTimes *times);

/* What a fact is found by, a tsvector: what it says, its relation and the names that it joins. */
extern NullableDatum fact_lexemes(const char *fact, const char *relation, const char *source,
								  const char *target);
/* The same of an entity; its summary may be null. */
static inline NullableDatum
entity_lexemes(const char *name, NullableDatum summary)
{
	char *more = text_or_null(summary);

	return ARG(message_lexemes(psprintf("%s. %s", name, more ? more : "")));
}

/*
 * What came from messages of a thread (ids null: from all of it), or from episodes, named by two
 * arrays of one length: they are no episodes any more. Facts and entities that nothing supports go
 * with them, whosever they are; what they ended stays ended.
 */
extern void fact_forget_messages(Call *call, NullableDatum thread_id, NullableDatum message_ids);
extern void fact_forget_episodes(Call *call, NullableDatum user_ids, NullableDatum episode_ids);

/*
 * Locks the users whose summaries come from such messages, since users are locked before threads:
 * to be called before the thread is locked.
 */
extern void fact_lock_summarized(Call *call, NullableDatum thread_id, NullableDatum message_ids);

/*
 * A message says something else than it did: what was drawn from it for a user, but not stated, is
 * said by it no more. What it says now is added between these two; the rest goes with the second,
 * unless something else supports it.
 */
typedef struct FactsUnsaid
{
	NullableDatum facts[2]; /* users and ids */
	NullableDatum entities[2];
} FactsUnsaid;

extern void fact_unsay(Call *call, NullableDatum user_id, NullableDatum thread_id,
					   NullableDatum message_id, FactsUnsaid *unsaid);
extern void fact_prune(Call *call, FactsUnsaid *unsaid);

/* The thread's messages are now the newest episodes of that name; what has none is forgotten. */
extern void fact_keep_thread(Call *call, NullableDatum thread_id);

/*
 * What one user's memory knows since a time and from before another, and of a thread, where they
 * are given; all that it knows where none is.
 */
extern void fact_forget(Call *call, NullableDatum user_id, NullableDatum thread_id,
						NullableDatum since, NullableDatum before);

/* All of a user: facts and entities; how many of both. */
extern int64 fact_delete_user(Call *call, NullableDatum user_id);

#endif
