/*
 * message_list.c: the lists of messages, three that are never confused: message_list gives pages by
 * key, oldest first; message_last the newest n in time order; message_context (another room) what
 * fits a token budget. And the search.
 */
#include "message.h"

#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(threadmem_message_get);
PG_FUNCTION_INFO_V1(threadmem_message_last);
PG_FUNCTION_INFO_V1(threadmem_message_search);

static Stmt get = {"SELECT " MESSAGE_COLUMNS " FROM threadmem.messages m WHERE m.tenant_id = $1"
				   " AND m.thread_id = $2 AND m.message_id = $3 AND m.state = 'live'",
				   "tt"};
static Stmt last = {"SELECT " MESSAGE_COLUMNS " FROM (SELECT * FROM threadmem.messages"
					" WHERE tenant_id = $1 AND thread_id = $2 AND state = 'live'"
					" ORDER BY seq DESC LIMIT $3) m ORDER BY m.seq",
					"tl"};
static Stmt place_of = {"SELECT m.seq FROM threadmem.messages m WHERE m.tenant_id = $1"
						" AND m.thread_id = $2 AND m.message_id = $3 LIMIT 1",
						"tt"};

Datum
threadmem_message_get(PG_FUNCTION_ARGS)
{
	Call call;

	query_begin(&call, fcinfo);
	return query_one(&call, &get, fcinfo->args, "message", text_or_null(fcinfo->args[1]));
}

/* An empty list may mean an unknown thread; only then is it worth a second look. */
static Datum
close_list(Call *call, NullableDatum thread_id, uint64 rows)
{
	if (rows == 0)
		head_require(call, thread_id);
	return query_close_set(call);
}

Datum
threadmem_message_last(PG_FUNCTION_ARGS)
{
	NullableDatum args[] = {fcinfo->args[0], ARG_NULL};
	int64 rows = fcinfo->args[1].isnull ? DEFAULT_ROWS : DatumGetInt32(fcinfo->args[1].value);
	Call call;

	query_begin(&call, fcinfo);
	args[1] = ARG(Int64GetDatum(rows));
	query_open_set(&call);
	return close_list(&call, args[0], query_add_to_set(&call, &last, args));
}

enum
{
	LIST_THREAD_ID,
	LIST_MAX_ROWS,
	LIST_SORT_ORDER,
	LIST_AFTER_ID,
	LIST_AFTER_SEQ,
	LIST_BEFORE_ID,
	LIST_BEFORE_SEQ,
	LIST_ROLE,
	LIST_RUN_ID,
	LIST_METADATA,
	LIST_INCLUDE_DELETED,
	LIST_VIEW
};

NullableDatum
message_place_of(Call *call, NullableDatum thread_id, NullableDatum message_id)
{
	NullableDatum key[] = {thread_id, message_id};

	if (message_id.isnull)
		return ARG_NULL;
	if (!query_first(call, &place_of, key))
		error_not_found("message", text_or_null(message_id));
	return row_column(1, 1);
}

/* A cursor is given by id or by seq. */
static NullableDatum
cursor(Call *call, NullableDatum *args, int by_id, int by_seq, const char *argument)
{
	if (args[by_id].isnull)
		return args[by_seq];
	if (!args[by_seq].isnull)
		error_bad_input(argument, "Give either a message id or a seq as cursor, not both.");
	return message_place_of(call, args[LIST_THREAD_ID], args[by_id]);
}

static NullableDatum
role_filter(NullableDatum role)
{
	char *origin;

	if (role.isnull)
		return role;
	return ARG_TEXT(shape_role("role", text_or_null(role), &origin));
}

/* after and before say where to go on in the order of the list, whichever that is. */
static void
add_cursors(Call *call, Built *built, NullableDatum *args, bool descending)
{
	NullableDatum after = cursor(call, args, LIST_AFTER_ID, LIST_AFTER_SEQ, "after_id");
	NullableDatum before = cursor(call, args, LIST_BEFORE_ID, LIST_BEFORE_SEQ, "before_id");

	built_when(built, descending ? " AND seq < $%d" : " AND seq > $%d", 'l', after);
	built_when(built, descending ? " AND seq > $%d" : " AND seq < $%d", 'l', before);
}

/* One row more than asked for is read: it tells whether another page follows. */
static void
build_list(Call *call, Built *built, NullableDatum *args)
{
	static const char *const orders[] = {"asc", "desc", NULL};
	bool descending = guard_choice("sort_order", args[LIST_SORT_ORDER], orders) == 1;
	bool deleted =
		!args[LIST_INCLUDE_DELETED].isnull && DatumGetBool(args[LIST_INCLUDE_DELETED].value);
	const char *way = descending ? " ORDER BY seq DESC" : " ORDER BY seq";
	int64 rows =
		args[LIST_MAX_ROWS].isnull ? DEFAULT_ROWS : DatumGetInt32(args[LIST_MAX_ROWS].value);
	int page;

	built_begin(built, "SELECT " MESSAGE_COLUMNS ", count(*) OVER () > ");
	page = built_arg(built, 'l', ARG(Int64GetDatum(rows)));
	appendStringInfo(&built->sql, "$%d FROM (SELECT * FROM threadmem.messages WHERE tenant_id = $1",
					 page);
	built_when(built, " AND thread_id = $%d", 't', args[LIST_THREAD_ID]);
	built_add(built,
			  deleted ? " AND state IN ('live', 'deleted', 'erased')" : " AND state = 'live'");
	add_cursors(call, built, args, descending);
	built_when(built, " AND role = $%d", 't', role_filter(args[LIST_ROLE]));
	built_when(built, " AND run_id = $%d", 't', args[LIST_RUN_ID]);
	built_contains(built, "metadata", args[LIST_METADATA]);
	built_add(built, way);
	built_when(built, " LIMIT $%d) m", 'l', ARG(Int64GetDatum(rows + 1)));
	built_add(built, way);
	appendStringInfo(&built->sql, " LIMIT $%d", page);
}

bool
message_listing(MessageListing *listing, NullableDatum *args)
{
	static const char *const views[] = {"log", "state", NULL};
	static const char *const orders[] = {"asc", "desc", NULL};
	NullableDatum rows = args[LIST_MAX_ROWS];

	*listing = (MessageListing){
		.thread_id = args[LIST_THREAD_ID],
		.max_rows = rows.isnull ? DEFAULT_ROWS : DatumGetInt32(rows.value),
		.descending = guard_choice("sort_order", args[LIST_SORT_ORDER], orders) == 1,
		.after_id = args[LIST_AFTER_ID],
		.after_seq = args[LIST_AFTER_SEQ],
		.before_id = args[LIST_BEFORE_ID],
		.before_seq = args[LIST_BEFORE_SEQ],
		.role = role_filter(args[LIST_ROLE]),
		.run_id = args[LIST_RUN_ID],
		.metadata = args[LIST_METADATA],
	};
	return guard_choice("view", args[LIST_VIEW], views) == 1;
}

Datum
message_list_log(Call *call, NullableDatum *args)
{
	Built built;

	build_list(call, &built, args);
	query_open_set(call);
	return close_list(call, args[LIST_THREAD_ID], built_add_to_set(call, &built));
}

enum
{
	SEARCH_QUERY,
	SEARCH_USER_ID,
	SEARCH_THREAD_ID,
	SEARCH_ROLE,
	SEARCH_SINCE,
	SEARCH_UNTIL,
	SEARCH_MAX_ROWS,
	SEARCH_SKIP
};

/* Ranked in the same scan that finds; the sort keeps only the rows of the page. */
Datum
threadmem_message_search(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	Built built;
	Call call;
	int32 rows =
		args[SEARCH_MAX_ROWS].isnull ? DEFAULT_ROWS : DatumGetInt32(args[SEARCH_MAX_ROWS].value);

	query_begin(&call, fcinfo);
	built_begin(&built, "SELECT " MESSAGE_COLUMNS ", m.rank FROM (SELECT s.*, ts_rank(s.search, $2)"
						" AS rank FROM threadmem.messages s WHERE s.tenant_id = $1"
						" AND s.state = 'live'");
	built_when(&built, " AND s.search OPERATOR(threadmem.@@) $%d", 'q',
			   ARG(message_search_query(args[SEARCH_QUERY].value)));
	built_when(&built, " AND s.user_id = $%d", 't', args[SEARCH_USER_ID]);
	built_when(&built, " AND s.thread_id = $%d", 't', args[SEARCH_THREAD_ID]);
	built_when(&built, " AND s.role = $%d", 't', role_filter(args[SEARCH_ROLE]));
	built_when(&built, " AND s.event_at >= $%d", 'z', args[SEARCH_SINCE]);
	built_when(&built, " AND s.event_at < $%d", 'z', args[SEARCH_UNTIL]);
	built_add(&built, " ORDER BY rank DESC, s.event_at DESC, s.thread_id, s.rev");
	built_when(&built, " LIMIT $%d", 'i', ARG(Int32GetDatum(rows)));
	built_when(&built, " OFFSET $%d", 'i', args[SEARCH_SKIP]);
	built_add(&built, ") m ORDER BY m.rank DESC, m.event_at DESC, m.thread_id, m.rev");
	return built_set(&call, &built);
}
