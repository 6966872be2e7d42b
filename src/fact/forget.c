/*
 * fact/forget.c: what goes when what it came from goes.
 *
 * A fact goes with the last episode that says it, an entity with the last that mentions it and the
 * last fact about it; what was stated needs none. Whoever deletes a message holds its thread, and
 * whoever adds a fact holds the user, so the two do not wait for each other: the deletion first
 * takes the episodes away, then locks what they said, entities before facts and both by id, and
 * only then looks whether anything else supports it. Who adds a support locks the same row.
 *
 * An entity that stays says no more what the episode said of it: its summary and attributes are
 * again those from before the episode described it, whoever added to them since, for nobody can
 * tell what of it came from where; and what it said from then on is in no revision.
 */
#include "fact/row.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "user/user.h"

/* Most messages say nothing that anybody extracted: one look tells. */
#define SAID(condition) \
	"SELECT 1 WHERE EXISTS (SELECT 1 FROM threadmem_data.fact_episodes s WHERE s.tenant_id = $1 AND " condition \
	") OR EXISTS (SELECT 1 FROM threadmem_data.entity_episodes s WHERE s.tenant_id = $1 AND " condition \
	")"
#define OF_MESSAGES \
	"s.thread_id = $2 AND s.thread_id <> '' AND ($3 IS NULL OR s.message_id = ANY ($3))"
#define OF_EPISODES \
	"s.user_id = ANY ($2) AND s.episode_id <> '' AND (s.user_id, s.episode_id) IN" \
	" (SELECT * FROM unnest($2, $3))"
/* From before $4, and since $5. */
#define IN_TIME(column) "($4 IS NULL OR " column " < $4) AND ($5 IS NULL OR " column " >= $5)"
/* Of one user: of the thread $3 or of an episode that is left of it. */
#define OF_TIME \
	"s.user_id = $2 AND " IN_TIME( \
		"s.event_at") " AND ($3 IS NULL OR s.thread_id = $3" \
					  " OR EXISTS (SELECT 1 FROM threadmem_data.episodes e WHERE e.tenant_id = $1" \
					  " AND e.user_id = s.user_id AND e.episode_id = s.episode_id AND e.thread_id = $3))"
/* Takes episodes away; whose, and of what, as two arrays. */
#define TAKE(table, id, condition) \
	"WITH gone AS (DELETE FROM threadmem_data." table " s WHERE s.tenant_id = $1 AND " condition \
	" RETURNING s.user_id, s." id \
	") SELECT coalesce(array_agg(g.user_id), '{}'), coalesce(array_agg(g." id \
	"), '{}') FROM gone g"

/* The same of entities; beside it of which the episodes described them, and since when. */
#define DESCRIBED(what) \
	"coalesce(array_agg(" what ") FILTER (WHERE g.described_at IS NOT NULL), '{}')"
#define OF_GONE \
	") SELECT coalesce(array_agg(g.user_id), '{}'), coalesce(array_agg(g.entity_id), '{}')," \
	" " DESCRIBED("g.user_id") ", " DESCRIBED("g.entity_id") ", " DESCRIBED( \
		"(extract(epoch FROM g.described_at) * 1000000)::bigint") " FROM gone g"
#define TAKE_ENTITIES(condition) \
	"WITH gone AS (DELETE FROM threadmem_data.entity_episodes s WHERE s.tenant_id = $1" \
	" AND " condition " RETURNING s.user_id, s.entity_id, s.described_at" OF_GONE

static Stmt fact_said_by_messages = {.sql = SAID(OF_MESSAGES), .types = "tT", .everybody = true};
/* Of any episode of these users, which is one look for each, and not for each of its episodes. */
static Stmt fact_said_by_episodes = {
	.sql = SAID("s.user_id = ANY ($2) AND s.episode_id <> ''"), .types = "T", .everybody = true};

static Stmt fact_lock_summarized_stmt = {
	.sql =
		"SELECT 1 FROM threadmem_data.users u WHERE u.tenant_id = $1 AND u.user_id = ANY (ARRAY("
		"SELECT s.user_id FROM threadmem_data.entity_episodes s WHERE s.tenant_id = $1"
		" AND " OF_MESSAGES " AND s.entity_id = s.user_id)) ORDER BY u.user_id FOR NO KEY UPDATE",
	.types = "tT",
	.everybody = true};

/* One way to name episodes, with the statements that take them. */
typedef struct Taking
{
	Stmt facts;
	Stmt entities;
} Taking;

static Taking take_messages = {
	{.sql = TAKE("fact_episodes", "fact_id", OF_MESSAGES), .types = "tT", .everybody = true},
	{.sql = TAKE_ENTITIES(OF_MESSAGES), .types = "tT", .everybody = true}};
/* Of one message, what extractors drew of it for one user. */
#define OF_DRAWN "s.user_id = $2 AND s.thread_id = $3 AND s.message_id = $4"
static Taking take_drawn = {
	{TAKE("fact_episodes", "fact_id",
		  OF_DRAWN " AND EXISTS (SELECT 1 FROM threadmem_data.facts f WHERE f.tenant_id = $1"
				   " AND f.user_id = $2 AND f.fact_id = s.fact_id AND f.extractor <> 'stated')"),
	 "ttt"},
	{TAKE_ENTITIES(OF_DRAWN), "ttt"}};
static Taking take_episodes = {
	{.sql = TAKE("fact_episodes", "fact_id", OF_EPISODES), .types = "TT", .everybody = true},
	{.sql = TAKE_ENTITIES(OF_EPISODES), .types = "TT", .everybody = true}};
static Taking take_time = {{TAKE("fact_episodes", "fact_id", OF_TIME), "ttzz"},
						   {TAKE_ENTITIES(OF_TIME), "ttzz"}};
/* What was stated then is so no more. */
static Taking take_stated = {
	{"WITH gone AS (UPDATE threadmem_data.facts f SET stated = false WHERE f.tenant_id = $1"
	 " AND f.user_id = $2 AND f.stated AND " IN_TIME(
		 "f.created_at") " AND $3 IS NULL RETURNING f.user_id,"
						 " f.fact_id) SELECT coalesce(array_agg(g.user_id), '{}'), coalesce(array_agg(g.fact_id), '{}')"
						 " FROM gone g",
	 "ttzz"},
	{"WITH gone AS (UPDATE threadmem_data.entities e SET stated = false WHERE e.tenant_id = $1"
	 " AND e.user_id = $2 AND e.stated AND " IN_TIME(
		 "e.created_at") " AND $3 IS NULL RETURNING e.user_id,"
						 " e.entity_id, e.created_at AS described_at" OF_GONE,
	 "ttzz"}};
/* Each with what it said before it was described so. */
static Stmt entity_before = {
	.sql =
		"SELECT d.user_id, d.id, d.since, n.name, o.summary, o.attributes FROM (SELECT i.user_id,"
		" i.id, 'epoch'::timestamptz + min(i.micros) * interval '1 microsecond' AS since"
		" FROM unnest($2, $3, $4) AS i (user_id, id, micros) GROUP BY i.user_id, i.id) d,"
		" LATERAL (SELECT e.name FROM threadmem_data.entities e WHERE e.tenant_id = $1"
		" AND e.user_id = d.user_id AND e.entity_id = d.id OFFSET 0) n LEFT JOIN LATERAL (SELECT"
		" r.summary, r.attributes FROM threadmem_data.entity_revisions r WHERE r.tenant_id = $1"
		" AND r.user_id = d.user_id AND r.entity_id = d.id AND r.updated_at < d.since"
		" ORDER BY r.rev DESC LIMIT 1) o ON true",
	.types = "TTL",
	.everybody = true};
static Stmt entity_fall_back = {
	.sql = "WITH old AS (DELETE FROM threadmem_data.entity_revisions r WHERE r.tenant_id = $1"
		   " AND r.user_id = $2 AND r.entity_id = $3 AND r.updated_at >= $4)"
		   " UPDATE threadmem_data.entities e SET summary = $5, attributes = coalesce($6, '{}'),"
		   " search = $7, rev = e.rev + 1, updated_at = greatest(e.updated_at, clock_timestamp())"
		   " WHERE e.tenant_id = $1 AND e.user_id = $2 AND e.entity_id = $3",
	.types = "ttztjv",
	.everybody = true};

/* By key, whatever the planner thinks of arrays: $2 and $3 are users and ids. */
#define NAMED(table, alias, id) \
	"unnest($2, $3) AS i (user_id, id), LATERAL (SELECT " alias ".* FROM threadmem_data." table \
	" " alias " WHERE " alias ".tenant_id = $1 AND " alias ".user_id = i.user_id AND " alias \
	"." id " = i.id OFFSET 0) l"
static Stmt fact_ends_of = {
	.sql =
		"SELECT coalesce(array_agg(u.user_id), '{}'), coalesce(array_agg(u.id), '{}') FROM"
		" (SELECT l.user_id, l.source_id FROM " NAMED(
			"facts", "f",
			"fact_id") " UNION SELECT l.user_id, l.target_id FROM " NAMED("facts", "f",
																		  "fact_id") " UNION"
																					 " SELECT * FROM unnest($4, $5)) u (user_id, id)",
	.types = "TTTT",
	.everybody = true};
#define LOCK(table, alias, id) \
	"SELECT 1 FROM threadmem_data." table " " alias " WHERE " alias ".tenant_id = $1 AND (" alias \
	".user_id, " alias "." id ") IN (SELECT * FROM unnest($2, $3)) ORDER BY " alias \
	".user_id, " alias "." id " FOR UPDATE"
static Stmt fact_lock_entities = {
	.sql = LOCK("entities", "e", "entity_id"), .types = "TT", .everybody = true};
static Stmt fact_lock_facts = {
	.sql = LOCK("facts", "f", "fact_id"), .types = "TT", .everybody = true};
static Stmt fact_prune_facts = {
	.sql =
		"WITH gone AS (DELETE FROM threadmem_data.facts f WHERE f.tenant_id = $1 AND f.ctid ="
		" ANY (ARRAY(SELECT l.ctid FROM unnest($2, $3) AS i (user_id, id), LATERAL (SELECT f.ctid"
		" FROM threadmem_data.facts f WHERE f.tenant_id = $1 AND f.user_id = i.user_id"
		" AND f.fact_id = i.id AND NOT f.stated AND NOT EXISTS (SELECT 1 FROM"
		" threadmem_data.fact_episodes s WHERE s.tenant_id = $1 AND s.user_id = f.user_id"
		" AND s.fact_id = f.fact_id) OFFSET 0) l)) RETURNING f.user_id, f.fact_id)"
		" DELETE FROM threadmem_data.fact_revisions r USING gone g WHERE r.tenant_id = $1"
		" AND r.user_id = g.user_id AND r.fact_id = g.fact_id",
	.types = "TT",
	.everybody = true};
static Stmt fact_prune_entities = {
	.sql =
		"WITH gone AS (DELETE FROM threadmem_data.entities e WHERE e.tenant_id = $1 AND e.ctid ="
		" ANY (ARRAY(SELECT l.ctid FROM unnest($2, $3) AS i (user_id, id), LATERAL (SELECT e.ctid"
		" FROM threadmem_data.entities e WHERE e.tenant_id = $1 AND e.user_id = i.user_id"
		" AND e.entity_id = i.id AND NOT e.stated AND NOT EXISTS (SELECT 1 FROM"
		" threadmem_data.entity_episodes s WHERE s.tenant_id = $1 AND s.user_id = e.user_id"
		" AND s.entity_id = e.entity_id) AND NOT EXISTS (SELECT 1 FROM threadmem_data.facts f"
		" WHERE f.tenant_id = $1 AND f.user_id = e.user_id AND f.source_id = e.entity_id)"
		" AND NOT EXISTS (SELECT 1 FROM threadmem_data.facts f WHERE f.tenant_id = $1"
		" AND f.user_id = e.user_id AND f.target_id = e.entity_id) OFFSET 0) l))"
		" RETURNING e.user_id, e.entity_id)"
		" DELETE FROM threadmem_data.entity_revisions r USING gone g WHERE r.tenant_id = $1"
		" AND r.user_id = g.user_id AND r.entity_id = g.entity_id",
	.types = "TT",
	.everybody = true};

/* Of one name the newest: what an earlier thread of it left has its own already. */
#define KEEP(table) \
	"UPDATE threadmem_data." table \
	" s SET thread_id = '', message_id = '', episode_id = k.episode_id" \
	" FROM (SELECT DISTINCT ON (e.user_id, e.message_id) e.user_id, e.message_id, e.episode_id" \
	" FROM threadmem_data.episodes e WHERE e.tenant_id = $1 AND e.thread_id = $2" \
	" ORDER BY e.user_id, e.message_id, e.created_at DESC, e.episode_id DESC) k" \
	" WHERE s.tenant_id = $1 AND s.thread_id = $2 AND s.thread_id <> '' AND s.user_id = k.user_id" \
	" AND s.message_id = k.message_id"
static Stmt fact_keep_facts = {.sql = KEEP("fact_episodes"), .types = "t", .everybody = true};
static Stmt fact_keep_entities = {.sql = KEEP("entity_episodes"), .types = "t", .everybody = true};

#define REMOVE(table, id) \
	{ \
		"DELETE FROM threadmem_data." table \
		" d WHERE d.tenant_id = $1 AND d.user_id = $2 AND d." id " = $3", \
			"tt" \
	}
static Stmt fact_remove_stmts[] = {REMOVE("fact_episodes", "fact_id"),
								   REMOVE("fact_revisions", "fact_id"), REMOVE("facts", "fact_id")};
static Stmt entity_remove_stmts[] = {REMOVE("entity_episodes", "entity_id"),
									 REMOVE("entity_revisions", "entity_id"),
									 REMOVE("entities", "entity_id")};
static Stmt fact_lock_one = {"SELECT 1 FROM threadmem_data.facts f WHERE f.tenant_id = $1"
							 " AND f.user_id = $2 AND f.fact_id = $3 FOR UPDATE",
							 "tt"};
static Stmt fact_of_entity = {"SELECT f.fact_id FROM threadmem_data.facts f WHERE f.tenant_id = $1"
							  " AND f.user_id = $2 AND (f.source_id = $3 OR f.target_id = $3)"
							  " ORDER BY f.fact_id FOR UPDATE",
							  "tt"};

#define OF_USER(table) \
	{ \
		"DELETE FROM threadmem_data." table " d WHERE d.tenant_id = $1 AND d.user_id = $2", "t" \
	}
/* What is counted comes last. */
static Stmt fact_of_user[] = {OF_USER("fact_episodes"),  OF_USER("entity_episodes"),
							  OF_USER("fact_revisions"), OF_USER("entity_revisions"),
							  OF_USER("facts"),          OF_USER("entities")};
static Stmt fact_ontology_of_user = OF_USER("ontologies");

/* Entities, locked, and users, which episodes described that are gone: three arrays. */
static void
fall_back(Call *call, NullableDatum *described)
{
	Datum *users;
	Datum *ids;
	int given = text_list(described[0], &users);
	int own = 0;
	SPITupleTable *rows;
	uint64 count;

	(void)text_list(described[1], &ids);
	for (int i = 0; i < given; i++)
		if (strcmp(TextDatumGetCString(users[i]), TextDatumGetCString(ids[i])) == 0)
			users[own++] = users[i];
	if (own > 0)
		user_forget_summaries(call, text_array(users, own));
	if (own == given)
		return;
	count = query_exec(call, &entity_before, described);
	rows = SPI_tuptable;

	for (uint64 i = 1; i <= count; i++)
	{
		NullableDatum row[] = {table_column(rows, i, 1), table_column(rows, i, 2),
							   table_column(rows, i, 3), table_column(rows, i, 5),
							   table_column(rows, i, 6), ARG_NULL};

		CHECK_FOR_INTERRUPTS();
		row[5] = entity_lexemes(text_or_null(table_column(rows, i, 4)), row[3]);
		query_exec(call, &entity_fall_back, row);
	}
}

/* Takes episodes away, and locks what they said. */
static void
take(Call *call, Taking *taking, NullableDatum *args, FactsUnsaid *unsaid)
{
	NullableDatum ends[4];
	NullableDatum described[3];

	query_first(call, &taking->facts, args);
	unsaid->facts[0] = row_column(1, 1);
	unsaid->facts[1] = row_column(1, 2);
	query_first(call, &taking->entities, args);
	memcpy(ends, unsaid->facts, sizeof(unsaid->facts));
	ends[2] = row_column(1, 1);
	ends[3] = row_column(1, 2);
	for (int i = 0; i < lengthof(described); i++)
		described[i] = row_column(1, 3 + i);
	query_first(call, &fact_ends_of, ends);
	unsaid->entities[0] = row_column(1, 1);
	unsaid->entities[1] = row_column(1, 2);
	query_exec(call, &fact_lock_entities, unsaid->entities);
	query_exec(call, &fact_lock_facts, unsaid->facts);
	fall_back(call, described);
}

void
fact_prune(Call *call, FactsUnsaid *unsaid)
{
	query_exec(call, &fact_prune_facts, unsaid->facts);
	query_exec(call, &fact_prune_entities, unsaid->entities);
}

/* What these episodes said goes, unless something else supports it. */
static void
take_and_prune(Call *call, Taking *taking, NullableDatum *args)
{
	FactsUnsaid unsaid;

	take(call, taking, args, &unsaid);
	fact_prune(call, &unsaid);
}

void
fact_unsay(Call *call, NullableDatum user_id, NullableDatum thread_id, NullableDatum message_id,
		   FactsUnsaid *unsaid)
{
	take(call, &take_drawn, (NullableDatum[]){user_id, thread_id, message_id}, unsaid);
}

void
fact_forget_messages(Call *call, NullableDatum thread_id, NullableDatum message_ids)
{
	NullableDatum args[] = {thread_id, message_ids};

	if (query_first(call, &fact_said_by_messages, args))
		take_and_prune(call, &take_messages, args);
}

void
fact_forget_episodes(Call *call, NullableDatum user_ids, NullableDatum episode_ids)
{
	NullableDatum args[] = {user_ids, episode_ids};

	if (query_first(call, &fact_said_by_episodes, args))
		take_and_prune(call, &take_episodes, args);
}

void
fact_lock_summarized(Call *call, NullableDatum thread_id, NullableDatum message_ids)
{
	query_exec(call, &fact_lock_summarized_stmt, (NullableDatum[]){thread_id, message_ids});
}

void
fact_keep_thread(Call *call, NullableDatum thread_id)
{
	NullableDatum args[] = {thread_id, ARG_NULL};

	if (!query_first(call, &fact_said_by_messages, args))
		return;
	query_exec(call, &fact_keep_facts, args);
	query_exec(call, &fact_keep_entities, args);
	fact_forget_messages(call, thread_id, ARG_NULL);
}

void
fact_forget(Call *call, NullableDatum user_id, NullableDatum thread_id, NullableDatum since,
			NullableDatum before)
{
	NullableDatum args[] = {user_id, thread_id, before, since};

	if (thread_id.isnull && before.isnull && since.isnull)
	{
		for (int i = 0; i < lengthof(fact_of_user); i++)
			query_exec(call, &fact_of_user[i], args);
		user_forget_summaries(call, text_array(&user_id.value, 1));
		return;
	}
	take_and_prune(call, &take_time, args);
	if (thread_id.isnull)
		take_and_prune(call, &take_stated, args);
}

int64
fact_delete_user(Call *call, NullableDatum user_id)
{
	int64 deleted[lengthof(fact_of_user)];

	query_exec(call, &fact_ontology_of_user, &user_id);
	for (int i = 0; i < lengthof(fact_of_user); i++)
		deleted[i] = (int64)query_exec(call, &fact_of_user[i], &user_id);
	return deleted[lengthof(fact_of_user) - 2] + deleted[lengthof(fact_of_user) - 1];
}

bool
fact_remove(Call *call, NullableDatum user_id, NullableDatum fact_id)
{
	NullableDatum key[] = {user_id, fact_id};

	/* whoever wants to support it waits, and finds it gone */
	if (!query_first(call, &fact_lock_one, key))
		return false;
	for (int i = 0; i < lengthof(fact_remove_stmts); i++)
		query_exec(call, &fact_remove_stmts[i], key);
	return true;
}

void
entity_remove(Call *call, NullableDatum user_id, NullableDatum entity_id)
{
	NullableDatum key[] = {user_id, entity_id};
	uint64 count = query_exec(call, &fact_of_entity, key);
	SPITupleTable *facts = SPI_tuptable;

	for (uint64 i = 1; i <= count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		fact_remove(call, user_id, table_column(facts, i, 1));
	}
	for (int i = 0; i < lengthof(entity_remove_stmts); i++)
		query_exec(call, &entity_remove_stmts[i], key);
}
