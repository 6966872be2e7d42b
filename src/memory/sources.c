/*
 * memory/sources.c: the episodes that a fact or an entity comes from.
 */
#include "memory/memory.h"

#include "utils/builtins.h"

#include "fact/fact.h"

PG_FUNCTION_INFO_V1(threadmem_memory_sources);

#define EXISTS_ONE(table, id) \
	{ \
		"SELECT 1 FROM threadmem_data." table " o WHERE o.tenant_id = $1 AND o.user_id = $2" \
		" AND o." id " = $3", \
			"tt" \
	}
static Stmt source_fact = EXISTS_ONE("facts", "fact_id");
/* The user itself: what its summary comes from. */
static Stmt source_entity = {
	"SELECT 1 FROM threadmem_data.entities o WHERE o.tenant_id = $1 AND o.user_id = $2"
	" AND o.entity_id = $3 UNION ALL SELECT 1 FROM threadmem_data.users u WHERE u.tenant_id = $1"
	" AND u.user_id = $2 AND u.user_id = $3",
	"tt"};

/* The episode that a row s names, of the user $2: by its key. */
#define SAID_BY \
	MESSAGES_AS_EPISODES("$2", "m.tenant_id = $1 AND m.thread_id = s.thread_id" \
							   " AND m.message_id = s.message_id AND m.state = 'live'" \
							   " AND ((m.user_id = $2 AND m.in_memory)" \
							   " OR (m.sender_id = $2 AND m.in_sender_memory))") \
	" UNION ALL SELECT " EPISODE_COLUMNS " FROM threadmem_data.episodes e" \
	" WHERE e.tenant_id = $1 AND e.user_id = $2 AND e.episode_id = s.episode_id"

enum
{
	USER_ID,
	FACT_ID,
	ENTITY_ID,
	MAX_ROWS,
	AFTER_POSITION
};

Datum
threadmem_memory_sources(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	bool of_fact = !args[FACT_ID].isnull;
	NullableDatum key[] = {args[USER_ID], args[of_fact ? FACT_ID : ENTITY_ID]};
	Order order = {.types = "zzttt",
				   .columns = {"e.event_at", "e.created_at", "coalesce(e.thread_id, '')",
							   "coalesce(e.message_id, '')", "coalesce(e.episode_id, '')"}};
	NullableDatum place[ORDER_COLUMNS];
	Built built;
	Call call;

	query_begin(&call, fcinfo);
	if (of_fact == !args[ENTITY_ID].isnull)
		error_bad_input("fact_id", "Give either fact_id or entity_id.");
	if (!query_first(&call, of_fact ? &source_fact : &source_entity, key))
		error_not_found(of_fact ? "fact" : "entity", text_or_null(key[1]));
	order.list =
		psprintf("memory_sources %s %s", of_fact ? "fact" : "entity", text_or_null(key[1]));
	built_begin(&built, "SELECT " EPISODE_COLUMNS ", ");
	built_arg(&built, 't', args[USER_ID]); /* $2 of EPISODES_OF_USER */
	built_add(&built, order_column(&order, &built,
								   "e.event_at, e.created_at, coalesce(e.thread_id, ''),"
								   " coalesce(e.message_id, ''), coalesce(e.episode_id, '')"));
	built_add(&built, of_fact ? " FROM threadmem_data.fact_episodes s, LATERAL ("
							  : " FROM threadmem_data.entity_episodes s, LATERAL (");
	built_add(&built, SAID_BY " ) e WHERE s.tenant_id = $1 AND s.user_id = $2");
	built_when(&built, of_fact ? " AND s.fact_id = $%d" : " AND s.entity_id = $%d", 't', key[1]);
	if (!args[AFTER_POSITION].isnull)
	{
		order_read(&order, "after_position", args[AFTER_POSITION], place);
		order_go_on(&order, &built, place, false);
	}
	order_add(&order, &built);
	built_page(&built, int64_or(args[MAX_ROWS], DEFAULT_ROWS), 0);
	return built_set(&call, &built);
}
