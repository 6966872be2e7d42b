/*
 * fact/fact.c: single facts: added, read, changed, deleted.
 */
#include "fact/row.h"

#include "utils/builtins.h"

#include "user/user.h"

PG_FUNCTION_INFO_V1(threadmem_memory_add_fact);
PG_FUNCTION_INFO_V1(threadmem_memory_get_fact);
PG_FUNCTION_INFO_V1(threadmem_memory_update_fact);
PG_FUNCTION_INFO_V1(threadmem_memory_delete_fact);

#define ONE_FACT \
	" FROM threadmem_data.facts f WHERE f.tenant_id = $1 AND f.user_id = $2 AND f.fact_id = $3"
static Stmt fact_get = {"SELECT " FACT_COLUMNS ONE_FACT, "tt"};
static Stmt fact_lock = {
	"SELECT f.valid_at, f.invalid_at, f.expired_at, f.fact, f.name, " NAME_OF_ENTITY(
		"f.user_id", "f.source_id") ", " NAME_OF_ENTITY("f.user_id", "f.target_id") ONE_FACT
	" FOR NO KEY UPDATE OF f",
	"tt"};
static Stmt fact_insert = {
	"INSERT INTO threadmem_data.facts AS f (tenant_id, user_id, fact_id, stated, source_id, name,"
	" target_id, fact, valid_at, invalid_at, created_at, expired_at, updated_at, attributes,"
	" metadata, extractor, confidence, search) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"
	" $12, $11, coalesce($13, '{}'), coalesce($14, '{}'), coalesce($15, 'stated'), $16, $17)"
	" ON CONFLICT (tenant_id, user_id, fact_id) DO NOTHING RETURNING " FACT_COLUMNS_NAMED("$18",
																						  "$19"),
	"ttbttttzzzzjjtdvtt"};
static Stmt fact_support = {
	"INSERT INTO threadmem_data.fact_episodes (tenant_id, user_id, fact_id, thread_id, message_id,"
	" episode_id, event_at) VALUES ($1, $2, $3, coalesce($4, ''), coalesce($5, ''), coalesce($6, ''),"
	" $7) ON CONFLICT DO NOTHING",
	"tttttz"};
static Stmt fact_state = {"UPDATE threadmem_data.facts f SET stated = true WHERE f.tenant_id = $1"
						  " AND f.user_id = $2 AND f.fact_id = $3 AND NOT f.stated",
						  "tt"};
static Stmt fact_change = {
	"UPDATE threadmem_data.facts f SET fact = coalesce($4, f.fact), name = coalesce($5, f.name),"
	" valid_at = $6, invalid_at = $7, expired_at = $8,"
	" attributes = CASE WHEN $9 IS NULL THEN f.attributes ELSE threadmem.json_remove_keys("
	"f.attributes || $9, ARRAY(SELECT x.key FROM jsonb_each($9) x WHERE x.value = 'null')) END,"
	" metadata = threadmem.json_remove_keys(f.metadata || coalesce($10, '{}'), coalesce($13, '{}')),"
	" confidence = CASE WHEN 'confidence' = ANY ($12) THEN NULL ELSE coalesce($11, f.confidence) END,"
	" search = coalesce($14, f.search), rev = f.rev + 1,"
	" updated_at = greatest(f.updated_at, clock_timestamp())"
	" WHERE f.tenant_id = $1 AND f.user_id = $2 AND f.fact_id = $3",
	"ttttzzzjjdTTv"};

enum
{
	ADD_USER_ID,
	ADD_NAME,
	ADD_FACT,
	ADD_TARGET,
	ADD_SOURCE,
	ADD_TARGET_ID,
	ADD_SOURCE_ID,
	ADD_VALID_AT,
	ADD_INVALID_AT,
	ADD_CREATED_AT,
	ADD_EXPIRED_AT,
	ADD_ATTRIBUTES,
	ADD_METADATA,
	ADD_TARGET_LABEL,
	ADD_SOURCE_LABEL,
	ADD_THREAD_ID,
	ADD_MESSAGE_ID,
	ADD_EPISODE_ID,
	ADD_CONTRADICTS,
	ADD_CONTRADICTED_IDS,
	ADD_EXTRACTOR,
	ADD_CONFIDENCE,
	ADD_FACT_ID
};

static void
guard_interval(NullableDatum valid_at, NullableDatum invalid_at)
{
	if (!valid_at.isnull && !invalid_at.isnull &&
		DatumGetTimestampTz(valid_at.value) >= DatumGetTimestampTz(invalid_at.value))
		error_bad_input("invalid_at", "It is not after valid_at.");
}

static void
guard_confidence(NullableDatum confidence)
{
	double share = confidence.isnull ? 0 : DatumGetFloat8(confidence.value);

	if (!(share >= 0 && share <= 1))
		error_bad_input("confidence", "It must be from 0 to 1.");
}

static void
guard_end(const char *name_argument, const char *id_argument, NullableDatum name, NullableDatum id)
{
	guard_words(name_argument, name, NAME_MAX_BYTES);
	if (!name.isnull && !id.isnull)
		error_bad_input(id_argument, "Give either %s or %s.", name_argument, id_argument);
}

static const char *const contradictions[] = {"relation", "source", "none", NULL};

void
fact_guard(const FactGiven *given)
{
	(void)guard_choice("contradicts", given->contradicts, contradictions);
	guard_words("name", given->name, ID_MAX_BYTES);
	guard_words("fact", given->fact, FACT_MAX_BYTES);
	guard_words("extractor", given->extractor, ID_MAX_BYTES);
	guard_words("target_label", given->target_label, ID_MAX_BYTES);
	guard_words("source_label", given->source_label, ID_MAX_BYTES);
	guard_end("target", "target_id", given->target, given->target_id);
	guard_end("source", "source_id", given->source, given->source_id);
	if (given->target.isnull && given->target_id.isnull)
		error_bad_input("target", "It must not be null where target_id is.");
	guard_interval(given->valid_at, given->invalid_at);
	guard_confidence(given->confidence);
}

int
fact_contradicts(const FactOwner *owner, const FactGiven *given)
{
	int mode = guard_choice("contradicts", given->contradicts, contradictions);

	return mode == CONTRADICTS_RELATION && ontology_has_many(owner->ontology, given->name)
			   ? CONTRADICTS_NONE
			   : mode;
}

NullableDatum
fact_lexemes(const char *fact, const char *relation, const char *source, const char *target)
{
	char *words = pstrdup(relation);

	for (char *at = words; *at; at++)
		if (*at == '_')
			*at = ' ';
	return ARG(message_lexemes(psprintf("%s. %s. %s. %s", fact, words, source, target)));
}

static void
support(Call *call, const FactOwner *owner, const FactDraft *draft, const FactOrigin *origin)
{
	NullableDatum row[] = {owner->user_id,     draft->fact_id,     origin->thread_id,
						   origin->message_id, origin->episode_id, origin->event_at};

	if (!origin->stated)
		query_exec(call, &fact_support, row);
}

/* A fact that is there already is supported once more, and over if this says so. */
static void
say_again(Call *call, const FactOwner *owner, const FactDraft *draft, const FactOrigin *origin)
{
	NullableDatum fact_id = draft->fact_id;
	NullableDatum key[] = {owner->user_id, fact_id};

	if (!query_first(call, &fact_lock, key))
		error_no_parent("fact", text_or_null(fact_id));
	if (!draft->invalid_at.isnull && row_column(1, 2).isnull)
	{
		guard_interval(row_column(1, 1), draft->invalid_at);
		fact_end(call, owner->user_id, fact_id, draft->invalid_at, draft->now);
	}
	if (origin->stated)
		query_exec(call, &fact_state, key);
	support(call, owner, draft, origin);
	query_exec(call, &fact_get, key);
}

static void
store_fact(Call *call, const FactOwner *owner, const FactDraft *draft, const FactOrigin *origin,
		   const FactGiven *given)
{
	NullableDatum row[] = {owner->user_id,
						   draft->fact_id,
						   ARG(BoolGetDatum(origin->stated)),
						   draft->source.id,
						   draft->name,
						   draft->target.id,
						   draft->fact,
						   draft->valid_at,
						   draft->invalid_at,
						   draft->now,
						   draft->expired_at,
						   given->attributes,
						   given->metadata,
						   given->extractor,
						   given->confidence,
						   fact_lexemes(text_or_null(draft->fact), text_or_null(draft->name),
										draft->source.shown, draft->target.shown),
						   ARG_TEXT(draft->source.shown),
						   ARG_TEXT(draft->target.shown)};

	support(call, owner, draft, origin);
	if (query_exec(call, &fact_insert, row) == 0)
		error_exists("fact", text_or_null(draft->fact_id), "Choose another id.");
}

NullableDatum
fact_add(Call *call, const FactOwner *owner, const FactOrigin *origin, const FactGiven *given)
{
	FactDraft draft = {.name = given->name,
					   .fact = given->fact,
					   .valid_at = given->valid_at,
					   .invalid_at = given->invalid_at,
					   .expired_at = given->expired_at,
					   .now = time_at_hand(given->created_at)};
	FactEnd ends[] = {{"source", given->source, given->source_id, given->source_label},
					  {"target", given->target, given->target_id, given->target_label}};
	int mode = fact_contradicts(owner, given);
	NullableDatum same;
	List *near;

	ends_resolve(call, owner, ends, lengthof(ends), origin, draft.now);
	ontology_check_fact(owner->ontology, draft.name, &ends[0], &ends[1], given->attributes);
	draft.source = ends[0];
	draft.target = ends[1];
	near = fact_near(call, owner, &draft, mode, given->contradicted_ids);
	same = fact_same(near, &draft);
	draft.fact_id = !same.isnull            ? same
					: given->fact_id.isnull ? ARG(id_generate("fact"))
											: given->fact_id;
	if (!same.isnull)
		say_again(call, owner, &draft, origin);
	else
	{
		fact_retire(call, owner, &draft, near);
		store_fact(call, owner, &draft, origin, given);
	}
	return draft.fact_id;
}

Datum
threadmem_memory_add_fact(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	FactGiven given = {.name = args[ADD_NAME],
					   .fact = args[ADD_FACT],
					   .target = args[ADD_TARGET],
					   .source = args[ADD_SOURCE],
					   .target_id = args[ADD_TARGET_ID],
					   .source_id = args[ADD_SOURCE_ID],
					   .valid_at = args[ADD_VALID_AT],
					   .invalid_at = args[ADD_INVALID_AT],
					   .created_at = args[ADD_CREATED_AT],
					   .expired_at = args[ADD_EXPIRED_AT],
					   .attributes = args[ADD_ATTRIBUTES],
					   .metadata = args[ADD_METADATA],
					   .target_label = args[ADD_TARGET_LABEL],
					   .source_label = args[ADD_SOURCE_LABEL],
					   .contradicts = args[ADD_CONTRADICTS],
					   .contradicted_ids = args[ADD_CONTRADICTED_IDS],
					   .extractor = args[ADD_EXTRACTOR],
					   .confidence = args[ADD_CONFIDENCE],
					   .fact_id = args[ADD_FACT_ID]};
	FactOwner owner;
	FactOrigin origin;
	Call call;

	query_begin(&call, fcinfo);
	fact_guard(&given);
	owner_lock(&call, args[ADD_USER_ID], &owner);
	origin_lock(&call, &owner, args[ADD_THREAD_ID], args[ADD_MESSAGE_ID], args[ADD_EPISODE_ID],
				&origin);
	(void)fact_add(&call, &owner, &origin, &given);
	return query_row(&call);
}

enum
{
	FACT_USER_ID,
	FACT_OWN_ID,
	FACT_MISSING_OK
};

Datum
threadmem_memory_get_fact(PG_FUNCTION_ARGS)
{
	Call call;

	query_begin(&call, fcinfo);
	return query_get(&call, &fact_get, fcinfo->args, fcinfo->args[FACT_MISSING_OK], "fact",
					 text_or_null(fcinfo->args[FACT_OWN_ID]));
}

enum
{
	UPDATE_USER_ID,
	UPDATE_FACT_ID,
	UPDATE_FACT,
	UPDATE_NAME,
	UPDATE_VALID_AT,
	UPDATE_INVALID_AT,
	UPDATE_EXPIRED_AT,
	UPDATE_ATTRIBUTES,
	UPDATE_METADATA,
	UPDATE_CONFIDENCE,
	UPDATE_CLEAR,
	UPDATE_REMOVE_KEYS
};

/* What a time will be: emptied, given, or as it is. */
static NullableDatum
new_time(const char *name, NullableDatum given, NullableDatum clear, NullableDatum stored)
{
	if (text_list_has(clear, name))
		return ARG_NULL;
	return given.isnull ? stored : given;
}

typedef struct FactTimesOf
{
	NullableDatum valid_at;
	NullableDatum invalid_at;
	NullableDatum expired_at;
} FactTimesOf;

/* Of the locked row: whoever says that it is over, or is not, need not say that memory knows. */
static FactTimesOf
new_times(NullableDatum *args)
{
	NullableDatum clear = args[UPDATE_CLEAR];
	bool was_over = !row_column(1, 2).isnull;
	FactTimesOf times = {new_time("valid_at", args[UPDATE_VALID_AT], clear, row_column(1, 1)),
						 new_time("invalid_at", args[UPDATE_INVALID_AT], clear, row_column(1, 2)),
						 new_time("expired_at", args[UPDATE_EXPIRED_AT], clear, row_column(1, 3))};

	guard_interval(times.valid_at, times.invalid_at);
	if (args[UPDATE_EXPIRED_AT].isnull && times.invalid_at.isnull && was_over)
		times.expired_at = ARG_NULL;
	if (!text_list_has(clear, "expired_at") && times.expired_at.isnull && !times.invalid_at.isnull)
		times.expired_at = time_at_hand(ARG_NULL);
	return times;
}

Datum
threadmem_memory_update_fact(PG_FUNCTION_ARGS)
{
	static const char *const clearable[] = {"valid_at", "invalid_at", "expired_at", "confidence",
											NULL};
	NullableDatum *args = fcinfo->args;
	NullableDatum key[] = {args[UPDATE_USER_ID], args[UPDATE_FACT_ID]};
	NullableDatum search = ARG_NULL;
	FactTimesOf times;
	FactOwner owner;
	Call call;

	query_begin(&call, fcinfo);
	guard_choices("clear", args[UPDATE_CLEAR], clearable);
	guard_words("fact", args[UPDATE_FACT], FACT_MAX_BYTES);
	guard_words("name", args[UPDATE_NAME], ID_MAX_BYTES);
	guard_confidence(args[UPDATE_CONFIDENCE]);
	user_require_own(&call, args[UPDATE_USER_ID]);
	owner_lock(&call, args[UPDATE_USER_ID], &owner);
	if (!query_first(&call, &fact_lock, key))
		error_not_found("fact", text_or_null(args[UPDATE_FACT_ID]));
	times = new_times(args);
	if (!args[UPDATE_FACT].isnull || !args[UPDATE_NAME].isnull)
	{
		char *fact = text_or_null(args[UPDATE_FACT]);
		char *name = text_or_null(args[UPDATE_NAME]);

		search = fact_lexemes(fact ? fact : row_text(1, 4), name ? name : row_text(1, 5),
							  row_text(1, 6), row_text(1, 7));
	}
	fact_archive(&call, owner.user_id, args[UPDATE_FACT_ID], time_at_hand(ARG_NULL));
	{
		NullableDatum row[] = {owner.user_id,
							   args[UPDATE_FACT_ID],
							   args[UPDATE_FACT],
							   args[UPDATE_NAME],
							   times.valid_at,
							   times.invalid_at,
							   times.expired_at,
							   args[UPDATE_ATTRIBUTES],
							   args[UPDATE_METADATA],
							   args[UPDATE_CONFIDENCE],
							   args[UPDATE_CLEAR],
							   args[UPDATE_REMOVE_KEYS],
							   search};

		query_exec(&call, &fact_change, row);
	}
	return query_one(&call, &fact_get, key, "fact", text_or_null(args[UPDATE_FACT_ID]));
}

Datum
threadmem_memory_delete_fact(PG_FUNCTION_ARGS)
{
	Call call;

	query_begin(&call, fcinfo);
	if (!fact_remove(&call, fcinfo->args[FACT_USER_ID], fcinfo->args[FACT_OWN_ID]))
		error_not_found("fact", text_or_null(fcinfo->args[FACT_OWN_ID]));
	return query_done(&call);
}
