/*
 * memory/episodes.c: everything that is remembered of a user, in the order of time.
 *
 * It comes from three places: live messages of the user's threads, those that it sent elsewhere,
 * and rows of episodes, each with an index by user and time. A page is the first rows of what is
 * the first of each. So each place is sorted and cut by itself, which the index does but for what
 * has one time: a page costs what it shows, whatever else is remembered. Sorted together they would
 * all be read: they differ in their columns, and no order of one is known as that of all.
 */
#include "memory/memory.h"

#include "utils/builtins.h"

#include "user/user.h"

PG_FUNCTION_INFO_V1(threadmem_memory_episodes);
PG_FUNCTION_INFO_V1(threadmem_memory_without_embedding);

#define SAID_IN_OWN MESSAGES_AS_EPISODES("m.user_id", OF_OWNER " AND m.in_memory")
#define SAID_ELSEWHERE MESSAGES_AS_EPISODES("m.sender_id", OF_SENDER " AND m.in_sender_memory")
#define KEPT \
	"SELECT " EPISODE_COLUMNS \
	" FROM threadmem_data.episodes e WHERE e.tenant_id = $1 AND e.user_id = $2"
#define FIRST_OF(place, first) "(SELECT * FROM (" place ") e " first ")"
/* What the view threadmem.episodes has of the user $2, as e: of each place the first. */
#define EPISODES_OF_USER(first) \
	"(" FIRST_OF(SAID_IN_OWN, first) " UNION ALL " FIRST_OF( \
		SAID_ELSEWHERE, first) " UNION ALL " FIRST_OF(KEPT, first) ") e"

#define OLDEST "ORDER BY e.event_at, e.created_at, e.thread_id, e.seq, e.episode_id LIMIT $3"
static Stmt memory_without = {"SELECT " EPISODE_COLUMNS " FROM " EPISODES_OF_USER(
								  "WHERE e.embedding IS NULL " OLDEST) " " OLDEST,
							  "tl", .keyed = true};

enum
{
	EPISODES_USER_ID,
	EPISODES_MAX_ROWS,
	EPISODES_SKIP,
	EPISODES_AFTER_POSITION
};

/* What the list says of each place: from where, in which order, and no more than a page takes. */
static char *
first_of_each(Built *built, const Order *order, const NullableDatum *args)
{
	int64 rows = int64_or(args[EPISODES_MAX_ROWS], DEFAULT_ROWS) + 1;
	int64 skip = int64_or(args[EPISODES_SKIP], 0);
	StringInfoData list = built->sql;
	NullableDatum place[ORDER_COLUMNS];
	char *first;

	initStringInfo(&built->sql);
	built_add(built, "WHERE true");
	if (!args[EPISODES_AFTER_POSITION].isnull)
	{
		order_read(order, "after_position", args[EPISODES_AFTER_POSITION], place);
		order_go_on(order, built, place, false);
		/* which the index can do; below a policy the whole place is asked of rows that were read */
		built_when(built, " AND e.event_at <= $%d", 'z', place[0]);
	}
	order_add(order, built);
	built_when(built, " LIMIT $%d", 'l', ARG(Int64GetDatum(skip + rows)));
	first = built->sql.data;
	built->sql = list;
	return first;
}

/* A message is named by its thread and seq, which a row of episodes may not have. */
Datum
threadmem_memory_episodes(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	Order order = {.types = "zztlt",
				   .columns = {"e.event_at", "e.created_at", "coalesce(e.thread_id, '')",
							   "coalesce(e.seq, 0)", "coalesce(e.episode_id, '')"},
				   .descending = true};
	const char *first;
	Built built;
	Call call;

	query_begin(&call, fcinfo);
	user_require_known(&call, args[EPISODES_USER_ID]);
	order.list = psprintf("memory_episodes %s", text_or_null(args[EPISODES_USER_ID]));
	built_begin(&built, "SELECT " EPISODE_COLUMNS ", ");
	built.keyed = true;
	built_arg(&built, 't', args[EPISODES_USER_ID]); /* $2 of EPISODES_OF_USER */
	built_add(&built, order_column(&order, &built,
								   "e.event_at, e.created_at, coalesce(e.thread_id, ''),"
								   " coalesce(e.seq, 0), coalesce(e.episode_id, '')"));
	first = first_of_each(&built, &order, args);
	appendStringInfo(&built.sql, " FROM " EPISODES_OF_USER("%s"), first, first, first);
	order_add(&order, &built);
	built_page(&built, int64_or(args[EPISODES_MAX_ROWS], DEFAULT_ROWS),
			   int64_or(args[EPISODES_SKIP], 0));
	return built_set(&call, &built);
}

enum
{
	WITHOUT_USER_ID,
	WITHOUT_MAX_ROWS
};

Datum
threadmem_memory_without_embedding(PG_FUNCTION_ARGS)
{
	NullableDatum args[] = {fcinfo->args[WITHOUT_USER_ID], fcinfo->args[WITHOUT_MAX_ROWS]};
	Call call;

	query_begin(&call, fcinfo);
	user_require_known(&call, args[WITHOUT_USER_ID]);
	if (args[WITHOUT_MAX_ROWS].isnull)
		args[WITHOUT_MAX_ROWS] = ARG(Int64GetDatum(DEFAULT_ROWS));
	return query_set(&call, &memory_without, args);
}
