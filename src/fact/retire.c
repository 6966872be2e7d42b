/*
 * fact/retire.c: what a new fact does to those that are there, and they to it.
 *
 * These are the steps of Graphiti's resolution that need no language model (docs/contracts.md
 * #facts). Which facts contradict each other is no question of words here: those of one source and
 * one relation do, unless the relation may have many at once, and those that the caller names.
 * With [valid_at, invalid_at) as the time that a fact holds:
 *
 *  1. The same sentence of the same two entities is the same fact.
 *  2. A fact that is over when it comes ends those of the same two and the same relation then.
 *  3. It is expired from the start: memory learns at once that it is over.
 *  4. It ends where the first begins that contradicts it and began later, if that is before its
 * end.
 *  5. What contradicts it, overlaps it and began earlier ends where it begins.
 *
 * So in whichever order they come, two facts that contradict each other give the same intervals:
 * the earlier until the later begins. A fact without valid_at has no place in that order; it ends
 * none and is ended by none, but for 2. Facts that were taken back are not asked.
 */
#include "fact/row.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

/* expired without an end: taken back */
#define BELIEVED "(f.expired_at IS NULL OR f.invalid_at IS NOT NULL)"
/* What stands near a new fact; its sentence where it says one of the same two entities. */
#define NEAR(which) \
	"SELECT f.fact_id, f.valid_at, f.invalid_at, f.created_at, f.name = $4," \
	" f.source_id = $3 AND f.target_id = $5, CASE WHEN f.source_id = $3 AND f.target_id = $5" \
	" THEN f.fact END FROM threadmem_data.facts f WHERE f.tenant_id = $1 AND f.user_id = $2" \
	" AND " BELIEVED " AND " which
/* By the target: a user is the source of most facts, and statistics of pairs do not tell that. */
#define OF_PAIR NEAR("(f.source_id = $3) IS TRUE AND f.target_id = $5")

/* Two halves rather than an OR, since each has its index; in the order of locks. */
static Stmt fact_near_relation = {
	OF_PAIR
	" UNION ALL " NEAR("f.source_id = $3 AND f.name = $4 AND f.target_id <> $5") " ORDER BY 1",
	"tttt"};
static Stmt fact_near_source = {NEAR("f.source_id = $3") " ORDER BY 1", "tttt"};
static Stmt fact_near_pair = {OF_PAIR " ORDER BY 1", "tttt"};
static Stmt fact_near_names = {NEAR("f.fact_id = ANY ($6)") " ORDER BY 1", "ttttT"};
static Stmt fact_first_unknown = {
	"SELECT i.id FROM unnest($3) AS i (id) WHERE NOT EXISTS (SELECT 1 FROM threadmem_data.facts f"
	" WHERE f.tenant_id = $1 AND f.user_id = $2 AND f.fact_id = i.id) ORDER BY i.id LIMIT 1",
	"tT"};
/* Locked as it is read: of one that a deletion takes meanwhile nothing must stay. */
static Stmt fact_archive_stmt = {
	"INSERT INTO threadmem_data.fact_revisions (tenant_id, user_id, fact_id, rev, source_id,"
	" name, target_id, fact, valid_at, invalid_at, created_at, expired_at, updated_at, replaced_at,"
	" attributes, metadata, extractor, confidence) SELECT f.tenant_id, f.user_id, f.fact_id,"
	" f.rev, f.source_id, f.name, f.target_id, f.fact, f.valid_at, f.invalid_at, f.created_at,"
	" f.expired_at, f.updated_at, greatest(f.updated_at, $4), f.attributes, f.metadata, f.extractor,"
	" f.confidence FROM (SELECT l.* FROM threadmem_data.facts l WHERE l.tenant_id = $1"
	" AND l.user_id = $2 AND l.fact_id = $3 FOR NO KEY UPDATE) f",
	"ttz"};
static Stmt fact_end_stmt = {
	"UPDATE threadmem_data.facts f SET invalid_at = $4, expired_at = coalesce(f.expired_at,"
	" greatest(f.updated_at, $5)), rev = f.rev + 1, updated_at = greatest(f.updated_at, $5)"
	" WHERE f.tenant_id = $1 AND f.user_id = $2 AND f.fact_id = $3",
	"ttzz"};

static bool
before(NullableDatum a, NullableDatum b)
{
	return !a.isnull && !b.isnull && DatumGetTimestampTz(a.value) < DatumGetTimestampTz(b.value);
}

void
fact_archive(Call *call, NullableDatum user_id, NullableDatum fact_id, NullableDatum now)
{
	NullableDatum args[] = {user_id, fact_id, now};

	query_exec(call, &fact_archive_stmt, args);
}

void
fact_end(Call *call, NullableDatum user_id, NullableDatum fact_id, NullableDatum invalid_at,
		 NullableDatum now)
{
	NullableDatum args[] = {user_id, fact_id, invalid_at, now};

	fact_archive(call, user_id, fact_id, now);
	query_exec(call, &fact_end_stmt, args);
}

/* A fact that stands near a new one. */
typedef struct Candidate
{
	NullableDatum fact_id;
	NullableDatum valid_at;
	NullableDatum invalid_at;
	TimestampTz created_at;
	char *said;     /* NULL unless it joins the same two */
	bool same_pair; /* and the same relation */
	bool contradicts;
} Candidate;

static Candidate *
find_candidate(const List *candidates, const char *fact_id)
{
	ListCell *cell;

	foreach (cell, candidates)
	{
		Candidate *candidate = lfirst(cell);

		if (strcmp(text_or_null(candidate->fact_id), fact_id) == 0)
			return candidate;
	}
	return NULL;
}

static Candidate *
read_candidate(uint64 row, bool contradicts)
{
	Candidate *candidate = palloc(sizeof(Candidate));

	*candidate = (Candidate){.fact_id = ARG(row_datum(row, 1)),
							 .valid_at = row_column(row, 2),
							 .invalid_at = row_column(row, 3),
							 .created_at = DatumGetTimestampTz(row_datum(row, 4)),
							 .said = row_text_or_null(row, 7),
							 .same_pair = row_bool(row, 5) && row_bool(row, 6),
							 .contradicts = contradicts};
	return candidate;
}

/* Those that the caller names contradict the new one, whatever they say. */
static List *
add_named(Call *call, NullableDatum *args, NullableDatum named, List *candidates)
{
	NullableDatum given[] = {args[0], named};
	uint64 count;

	if (query_first(call, &fact_first_unknown, given))
		error_no_parent("fact", row_text(1, 1));
	count = query_exec(call, &fact_near_names, args);
	for (uint64 i = 1; i <= count; i++)
	{
		Candidate *candidate = find_candidate(candidates, row_text(i, 1));

		CHECK_FOR_INTERRUPTS();
		if (candidate)
			candidate->contradicts = true;
		else
			candidates = lappend(candidates, read_candidate(i, true));
	}
	return candidates;
}

List *
fact_near(Call *call, const FactOwner *owner, const FactDraft *draft, int mode, NullableDatum named)
{
	static Stmt *const by_mode[] = {&fact_near_relation, &fact_near_source, &fact_near_pair};
	NullableDatum args[] = {owner->user_id, draft->source.id, draft->name, draft->target.id, named};
	uint64 count = query_exec(call, by_mode[mode], args);
	List *candidates = NIL;

	for (uint64 i = 1; i <= count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		candidates = lappend(
			candidates, read_candidate(i, mode == CONTRADICTS_SOURCE ||
											  (mode == CONTRADICTS_RELATION && row_bool(i, 5))));
	}
	return named.isnull ? candidates : add_named(call, args, named, candidates);
}

NullableDatum
fact_same(const List *candidates, const FactDraft *draft)
{
	char *said = words_key(text_or_null(draft->fact));
	const Candidate *newest = NULL;
	ListCell *cell;

	foreach (cell, candidates)
	{
		const Candidate *other = lfirst(cell);
		/* over when this one began: it is true again */
		bool again = !other->invalid_at.isnull && !draft->valid_at.isnull &&
					 !before(draft->valid_at, other->invalid_at);

		CHECK_FOR_INTERRUPTS();
		if (other->said && !again && strcmp(words_key(other->said), said) == 0 &&
			(newest == NULL || other->created_at > newest->created_at))
			newest = other;
	}
	return newest ? newest->fact_id : ARG_NULL;
}

/* Step 4. */
static void
end_draft(FactDraft *draft, const List *candidates)
{
	NullableDatum first = ARG_NULL;
	ListCell *cell;

	foreach (cell, candidates)
	{
		const Candidate *other = lfirst(cell);

		if (other->contradicts && before(draft->valid_at, other->valid_at) &&
			(first.isnull || before(other->valid_at, first)))
			first = other->valid_at;
	}
	if (first.isnull || (!draft->invalid_at.isnull && !before(first, draft->invalid_at)))
		return;
	draft->invalid_at = first;
	if (draft->expired_at.isnull)
		draft->expired_at = draft->now;
}

/* When a candidate ends by the draft, null when it does not: steps 2 and 5. */
static NullableDatum
end_of(const Candidate *other, const FactDraft *draft, NullableDatum over)
{
	if (other->same_pair && !over.isnull)
	{
		bool later = !other->valid_at.isnull && !before(other->valid_at, over);
		bool over_before = !other->invalid_at.isnull && !before(over, other->invalid_at);

		return later || over_before ? ARG_NULL : over;
	}
	if (!other->contradicts || !before(other->valid_at, draft->valid_at))
		return ARG_NULL;
	if (!other->invalid_at.isnull && !before(draft->valid_at, other->invalid_at))
		return ARG_NULL;
	return draft->valid_at;
}

void
fact_retire(Call *call, const FactOwner *owner, FactDraft *draft, const List *candidates)
{
	NullableDatum over = draft->invalid_at;
	ListCell *cell;

	if (!over.isnull && draft->expired_at.isnull)
		draft->expired_at = draft->now;
	end_draft(draft, candidates);
	foreach (cell, candidates)
	{
		const Candidate *other = lfirst(cell);
		NullableDatum end = end_of(other, draft, over);

		CHECK_FOR_INTERRUPTS();
		if (!end.isnull)
			fact_end(call, owner->user_id, other->fact_id, end, draft->now);
	}
}
