/*
 * fact/row.h: what the files of this room share.
 */
#ifndef FACT_ROW_H
#define FACT_ROW_H

#include "fact/fact.h"

#include "utils/timestamp.h"

#define NAME_MAX_BYTES 1000 /* of an entity; a btree key holds 2,704 */
#define FACT_MAX_BYTES 10000

/* One of the two that a fact joins. */
typedef struct FactEnd
{
	const char *what; /* "source" or "target", for errors */
	NullableDatum name;
	NullableDatum id; /* given, or found */
	NullableDatum label;
	char *shown; /* its name */
	bool is_user;
} FactEnd;

/* What a call says of when it was, else now. */
static inline NullableDatum
time_at_hand(NullableDatum given)
{
	return given.isnull ? ARG(TimestampTzGetDatum(GetCurrentTimestamp())) : given;
}

/* 22023 for an empty text, or one of more bytes. */
extern void guard_words(const char *argument, NullableDatum value, int most);

/*
 * Finds or makes both entities, and locks those that are there against deletion; each is mentioned
 * by the origin. now is the time at hand, or that of an import.
 */
extern void ends_resolve(Call *call, const FactOwner *owner, FactEnd *ends, int count,
						 const FactOrigin *origin, NullableDatum now);

/* An entity, its facts and all they ever said go (fact/forget.c). */
extern void entity_remove(Call *call, NullableDatum user_id, NullableDatum entity_id);
/* A fact and all it ever said; false when there is none. */
extern bool fact_remove(Call *call, NullableDatum user_id, NullableDatum fact_id);

/*
 * Types (fact/ontology.c): a user's own, else the tenant's, null for none. 22023 where they are
 * strict and do not have what is given.
 */
#define ONTOLOGY_OF_USER \
	"(SELECT o.ontology FROM threadmem_data.ontologies o WHERE o.tenant_id = $1" \
	" AND (o.user_id = '' OR o.user_id = $2) ORDER BY o.user_id DESC LIMIT 1)"
extern Ontology *ontology_read(Jsonb *stored);
extern void ontology_check_entity(const Ontology *ontology, NullableDatum label,
								  NullableDatum attributes);
extern void ontology_check_fact(const Ontology *ontology, NullableDatum name, const FactEnd *source,
								const FactEnd *target, NullableDatum attributes);
/* Whether a source may have several of the relation at once. */
extern bool ontology_has_many(const Ontology *ontology, NullableDatum name);

/* A fact about to be stored. */
typedef struct FactDraft
{
	NullableDatum fact_id;
	NullableDatum name;
	NullableDatum fact;
	FactEnd source;
	FactEnd target;
	NullableDatum valid_at;
	NullableDatum invalid_at;
	NullableDatum expired_at;
	NullableDatum now; /* when memory learns of it */
} FactDraft;

/* Which of the facts around a new one contradict it. */
enum
{
	CONTRADICTS_RELATION,
	CONTRADICTS_SOURCE,
	CONTRADICTS_NONE
};
/* Which of them a fact asks for, which has passed, or may: an ontology's "many" is none. */
extern int fact_contradicts(const FactOwner *owner, const FactGiven *given);
/*
 * What a new fact may repeat, or contradict by its mode, and what the caller names (fact/retire.c);
 * 23503 for a name that is not there.
 */
extern List *fact_near(Call *call, const FactOwner *owner, const FactDraft *draft, int mode,
					   NullableDatum named);
/* The newest of them that says the same, null for none. */
extern NullableDatum fact_same(const List *candidates, const FactDraft *draft);
/* What the draft contradicts ends, or ends the draft. */
extern void fact_retire(Call *call, const FactOwner *owner, FactDraft *draft,
						const List *candidates);
/* A fact is over since one time, as memory learns at another. */
extern void fact_end(Call *call, NullableDatum user_id, NullableDatum fact_id,
					 NullableDatum invalid_at, NullableDatum now);
/* What it says now becomes a revision. */
extern void fact_archive(Call *call, NullableDatum user_id, NullableDatum fact_id,
						 NullableDatum now);

#endif
