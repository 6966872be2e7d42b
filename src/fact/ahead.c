/*
 * fact/ahead.c: the locks of several facts at once.
 *
 * One fact locks what it touches in the order that all keep: entities by id, then facts by id.
 * Several, one after the other, would lock in the order in which somebody said them, and a deletion
 * in another thread of the user, which keeps the order and does not hold the user, could wait for
 * them while they wait for it. So what all of them may touch is locked before the first is added.
 * What is not there yet is nobody else's.
 */
#include "fact/row.h"

#include "miscadmin.h"
#include "utils/builtins.h"

/* Those of the names $3, and those that the message $4, $5 mentions. */
static Stmt ahead_lock_entities = {
	"SELECT 1 FROM threadmem_data.entities e WHERE e.tenant_id = $1 AND e.user_id = $2"
	" AND e.entity_id = ANY (ARRAY(SELECT n.entity_id FROM threadmem_data.entities n"
	" WHERE n.tenant_id = $1 AND n.user_id = $2 AND n.name_key = ANY ($3)) || ARRAY(SELECT"
	" s.entity_id FROM threadmem_data.entity_episodes s WHERE s.tenant_id = $1 AND s.user_id = $2"
	" AND s.thread_id = $4 AND s.thread_id <> '' AND s.message_id = $5))"
	" ORDER BY e.entity_id FOR NO KEY UPDATE",
	"tTtt"};
/* A name as find_end() has it, or '' for the user itself. */
#define ID_OF(name) \
	"CASE WHEN " name " = '' THEN $2 ELSE (SELECT n.entity_id FROM threadmem_data.entities n" \
	" WHERE n.tenant_id = $1 AND n.user_id = $2 AND n.name_key = " name ") END"
/* Those of a pair, those of a source and a relation ('': of any), those named, those of a message.
 */
#define OF_SOURCE \
	"LATERAL (SELECT c.fact_id FROM threadmem_data.facts c WHERE c.tenant_id = $1" \
	" AND c.user_id = $2 AND c.source_id = i.source_id"
static Stmt ahead_lock_facts = {
	"SELECT 1 FROM threadmem_data.facts f WHERE f.tenant_id = $1 AND f.user_id = $2"
	" AND f.fact_id = ANY (ARRAY(SELECT l.fact_id FROM unnest($3, $4) k (source, target),"
	" LATERAL (SELECT " ID_OF("k.source") " AS source_id, " ID_OF(
		"k.target") " AS target_id"
					" OFFSET 0) i, " OF_SOURCE
					" AND c.target_id = i.target_id OFFSET 0) l UNION ALL"
					" SELECT l.fact_id FROM unnest($5, $6) k (source, relation), LATERAL (SELECT " ID_OF(
						"k.source") " AS source_id OFFSET 0) i, " OF_SOURCE
									" AND (k.relation = '' OR c.name = k.relation) OFFSET 0)"
									" l UNION ALL SELECT s.fact_id FROM threadmem_data.fact_episodes s WHERE s.tenant_id = $1"
									" AND s.user_id = $2 AND s.thread_id = $8 AND s.thread_id <> '' AND s.message_id = $9)"
									" || $7) ORDER BY f.fact_id FOR NO KEY UPDATE",
	"tTTTTTtt"};

/* What is to be locked, by names: entities, the pairs that facts join, sources with relations. */
typedef struct Ahead
{
	const FactOwner *owner;
	List *names; /* of char *, as all of these */
	List *pairs[2];
	List *relations[2];
	List *fact_ids;
} Ahead;

static char *
key_of(Ahead *ahead, NullableDatum name)
{
	char *key;

	if (entity_is_owner(ahead->owner, name))
		return "";
	key = words_key(text_or_null(name));
	ahead->names = lappend(ahead->names, key);
	return key;
}

static void
add_two(List **lists, char *source, char *beside)
{
	lists[0] = lappend(lists[0], source);
	lists[1] = lappend(lists[1], beside);
}

/* What fact_same() and fact_retire() may look at. */
static void
add_fact(Ahead *ahead, const FactGiven *given)
{
	char *source = key_of(ahead, given->source);
	Datum *ids;
	int count = text_list(given->contradicted_ids, &ids);
	int mode = fact_contradicts(ahead->owner, given);

	add_two(ahead->pairs, source, key_of(ahead, given->target));
	if (mode != CONTRADICTS_NONE)
		add_two(ahead->relations, source,
				mode == CONTRADICTS_RELATION ? text_or_null(given->name) : "");
	for (int i = 0; i < count; i++)
		ahead->fact_ids = lappend(ahead->fact_ids, TextDatumGetCString(ids[i]));
}

void
fact_lock_ahead(Call *call, const FactOwner *owner, const FactsAhead *all)
{
	Ahead ahead = {owner};
	ListCell *cell;

	foreach (cell, all->entities)
		(void)key_of(&ahead, ((const EntityGiven *)lfirst(cell))->name);
	foreach (cell, all->facts)
	{
		CHECK_FOR_INTERRUPTS();
		add_fact(&ahead, lfirst(cell));
	}
	query_exec(call, &ahead_lock_entities,
			   (NullableDatum[]){owner->user_id, text_array_of(ahead.names), all->thread_id,
								 all->message_id});
	query_exec(call, &ahead_lock_facts,
			   (NullableDatum[]){owner->user_id, text_array_of(ahead.pairs[0]),
								 text_array_of(ahead.pairs[1]), text_array_of(ahead.relations[0]),
								 text_array_of(ahead.relations[1]), text_array_of(ahead.fact_ids),
								 all->thread_id, all->message_id});
}
