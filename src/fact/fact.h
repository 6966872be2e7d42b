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
#define FACT_COLUMNS \
	"f.user_id, f.fact_id, f.source_id, " NAME_OF_ENTITY("f.user_id", "f.source_id") ", f.name, f.target_id, " NAME_OF_ENTITY( \
		"f.user_id", \
		"f.target_id") ", f.fact, f.valid_at, f.invalid_at, f.created_at, f.expired_at, f.updated_at," \
					   " f.attributes, f.metadata, f.extractor, f.confidence"

/* The columns of the view threadmem.entities, from table alias e and, of a user, from u. */
#define ENTITY_COLUMNS \
	"e.user_id, e.entity_id, e.name, e.label, e.summary, e.attributes, e.metadata, false," \
	" e.created_at, e.updated_at"
#define USER_AS_ENTITY \
	"u.user_id, u.user_id, " NAME_OF_USER \
	", CASE u.kind WHEN 'group' THEN 'Group' ELSE 'User' END," \
	" u.summary, '{}'::jsonb, u.metadata, true, u.created_at, u.updated_at"

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

/*
 * What came from messages of a thread (ids null: from all of it), or from episodes, named by two
 * arrays of one length: they are no episodes any more. Facts and entities that nothing supports go
 * with them, whosever they are; what they ended stays ended.
 */
extern void fact_forget_messages(Call *call, NullableDatum thread_id, NullableDatum message_ids);
extern void fact_forget_episodes(Call *call, NullableDatum user_ids, NullableDatum episode_ids);

/* The thread's messages are now the newest episodes of that name; what has none is forgotten. */
extern void fact_keep_thread(Call *call, NullableDatum thread_id);

/*
 * What one user's memory knows from before a time, and of a thread, where they are given; all that
 * it knows where neither is.
 */
extern void fact_forget(Call *call, NullableDatum user_id, NullableDatum thread_id,
						NullableDatum before);

/* All of a user: facts and entities; how many of both. */
extern int64 fact_delete_user(Call *call, NullableDatum user_id);

#endif
