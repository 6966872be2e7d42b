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
#define CANDIDATES(which) \
	"SELECT f.fact_id, f.valid_at, f.invalid_at, f.source_id = $3 AND f.name = $4" \
	" AND f.target_id = $5 FROM threadmem_data.facts f WHERE f.tenant_id = $1 AND f.user_id = $2" \
	" AND " BELIEVED " AND " which " ORDER BY f.fact_id"

static Stmt fact_same_stmt = {"SELECT f.fact_id, f.fact, f.invalid_at FROM threadmem_data.facts f"
							  " WHERE f.tenant_id = $1 AND f.user_id = $2 AND f.source_id = $3"
							  " AND f.target_id = $4 AND " BELIEVED
							  " ORDER BY f.created_at DESC, f.fact_id",
							  "ttt"};
static Stmt fact_of_relation = {CANDIDATES("f.source_id = $3 AND f.name = $4"), "tttt"};
static Stmt fact_of_source = {CANDIDATES("f.source_id = $3"), "tttt"};
static Stmt fact_of_pair = {CANDIDATES("f.source_id = $3 AND f.name = $4 AND f.target_id = $5"),
							"tttt"};
static Stmt fact_of_names = {CANDIDATES("f.fact_id = ANY ($6)"), "ttttT"};
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

NullableDatum
fact_same(Call *call, const FactOwner *owner, const FactDraft *draft)
{
	NullableDatum key[] = {owner->user_id, draft->source.id, draft->target.id};
	uint64 count = query_exec(call, &fact_same_stmt, key);
	char *said = words_key(text_or_null(draft->fact));

	for (uint64 i = 1; i <= count; i++)
	{
		NullableDatum invalid_at = row_column(i, 3);
		/* over when this one began: it is true again */
		bool again =
			!invalid_at.isnull && !draft->valid_at.isnull && !before(draft->valid_at, invalid_at);

		CHECK_FOR_INTERRUPTS();
		if (!again && strcmp(words_key(row_text(i, 2)), said) == 0)
			return ARG(row_datum(i, 1));
	}
	return ARG_NULL;
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

typedef struct Candidate
{
	NullableDatum fact_id;
	NullableDatum valid_at;
	NullableDatum invalid_at;
	bool same_pair; /* and relation */
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

/* Adds the rows of a statement to the candidates, each once. */
static List *
add_candidates(Call *call, Stmt *stmt, NullableDatum *args, bool contradict, bool named,
			   List *candidates)
{
	uint64 count = query_exec(call, stmt, args);

	for (uint64 i = 1; i <= count; i++)
	{
		Candidate *candidate = named ? find_candidate(candidates, row_text(i, 1)) : NULL;

		CHECK_FOR_INTERRUPTS();
		if (candidate)
		{
			candidate->contradicts = true;
			continue;
		}
		candidate = palloc(sizeof(Candidate));
		*candidate = (Candidate){ARG(row_datum(i, 1)), row_column(i, 2), row_column(i, 3),
								 row_bool(i, 4), contradict};
		candidates = lappend(candidates, candidate);
	}
	return candidates;
}

static List *
read_candidates(Call *call, const FactOwner *owner, const FactDraft *draft, int mode,
				NullableDatum named)
{
	static Stmt *const by_mode[] = {&fact_of_relation, &fact_of_source, &fact_of_pair};
	NullableDatum args[] = {owner->user_id, draft->source.id, draft->name, draft->target.id, named};
	NullableDatum given[] = {owner->user_id, named};
	List *candidates =
		add_candidates(call, by_mode[mode], args, mode != CONTRADICTS_NONE, false, NIL);

	if (named.isnull)
		return candidates;
	if (query_first(call, &fact_first_unknown, given))
		error_no_parent("fact", row_text(1, 1));
	return add_candidates(call, &fact_of_names, args, true, true, candidates);
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
fact_retire(Call *call, const FactOwner *owner, FactDraft *draft, int mode, NullableDatum named)
{
	List *candidates = read_candidates(call, owner, draft, mode, named);
	NullableDatum over = draft->invalid_at;
	ListCell *cell;

	if (!over.isnull && draft->expired_at.isnull)
		draft->expired_at = draft->now;
	end_draft(draft, candidates);
	foreach (cell, candidates)
	{
		Candidate *other = lfirst(cell);
		NullableDatum end = end_of(other, draft, over);

		CHECK_FOR_INTERRUPTS();
		if (!end.isnull)
			fact_end(call, owner->user_id, other->fact_id, end, draft->now);
	}
}
