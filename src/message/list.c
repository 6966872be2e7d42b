/*
 * message/list.c: the lists of messages, three that are never confused: message_list gives pages by
 * key, oldest first; message_last the newest n in time order; message_context (another room) what
 * fits a token budget. And the search.
 */
#include "message/message.h"

#include "tsearch/ts_utils.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(threadmem_message_get);
PG_FUNCTION_INFO_V1(threadmem_message_last);
PG_FUNCTION_INFO_V1(threadmem_message_search);

static Stmt message_get = {
	"SELECT " MESSAGE_COLUMNS_OF_ROW_NOW " FROM (SELECT " MESSAGE_ROW_NOW
	" FROM threadmem_data.messages m WHERE m.tenant_id = $1 AND m.thread_id = $2"
	" AND m.message_id = $3 AND m.state = 'live' OFFSET 0) m",
	"tt"};
static Stmt message_last = {
	"SELECT " MESSAGE_COLUMNS_OF_ROW_NOW " FROM (SELECT " MESSAGE_ROW_NOW
	" FROM threadmem_data.messages m WHERE m.tenant_id = $1 AND m.thread_id = $2"
	" AND m.state = 'live' ORDER BY m.seq DESC LIMIT $3) m ORDER BY m.seq",
	"tl"};
static Stmt message_state_of = {
	"SELECT m.state FROM threadmem_data.messages m WHERE m.tenant_id = $1"
	" AND m.thread_id = $2 AND m.message_id = $3 ORDER BY m.rev DESC LIMIT 1",
	"tt"};
static Stmt message_place_of = {"SELECT m.seq FROM threadmem_data.messages m WHERE m.tenant_id = $1"
								" AND m.thread_id = $2 AND m.message_id = $3 LIMIT 1",
								"tt"};
static Stmt message_how_long = {"SELECT t.live_messages FROM threadmem_data.threads t"
								" WHERE t.tenant_id = $1 AND t.thread_id = $2",
								"t"};

void
message_not_found(Call *call, NullableDatum thread_id, NullableDatum message_id)
{
	NullableDatum args[] = {thread_id, message_id};
	char *id = text_or_null(message_id);
	char *state;

	if (!query_first(call, &message_state_of, args))
		error_not_found("message", id);
	state = row_text(1, 1);
	if (strcmp(state, "off_branch") == 0)
		error_not_found_now("message", id, "off branch",
							"The thread went on from an earlier checkpoint. message_revisions() "
							"shows what was said on other branches.");
	error_not_found_now("message", id, state, "message_revisions() shows what is left of it.");
}

enum
{
	GET_THREAD_ID,
	GET_MESSAGE_ID,
	GET_MISSING_OK
};

Datum
threadmem_message_get(PG_FUNCTION_ARGS)
{
	Call call;

	query_begin(&call, fcinfo);
	if (query_first(&call, &message_get, fcinfo->args))
		return query_row(&call);
	if (!bool_or(fcinfo->args[GET_MISSING_OK], false))
		message_not_found(&call, fcinfo->args[GET_THREAD_ID], fcinfo->args[GET_MESSAGE_ID]);
	return query_no_row(&call);
}

/* An empty list may mean an unknown thread; only then is it worth a second look. */
static Datum
close_list(Call *call, NullableDatum thread_id, uint64 rows)
{
	if (rows == 0)
		thread_row_require(call, thread_id);
	return query_close_set(call);
}

enum
{
	LAST_THREAD_ID,
	LAST_MAX_ROWS
};

Datum
threadmem_message_last(PG_FUNCTION_ARGS)
{
	NullableDatum thread_id = fcinfo->args[LAST_THREAD_ID];
	int64 rows = int64_or(fcinfo->args[LAST_MAX_ROWS], DEFAULT_ROWS);
	NullableDatum args[] = {thread_id, ARG(Int64GetDatum(rows))};
	Call call;

	query_begin(&call, fcinfo);
	query_open_set(&call);
	return close_list(&call, thread_id, query_add_to_set(&call, &message_last, args));
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
	LIST_VIEW,
	LIST_AFTER_POSITION,
	LIST_BEFORE_POSITION
};

/* For the positions of its rows. */
static Order
message_order(NullableDatum thread_id, bool descending)
{
	return (Order){.list = psprintf("message_list %s %s", descending ? "desc" : "asc",
									text_or_null(thread_id)),
				   .types = "l",
				   .columns = {"seq"},
				   .descending = descending};
}

void
message_cursor_check(const MessageCursor *cursor)
{
	const char *by_id = psprintf("%s_id", cursor->way);
	const char *by_seq = psprintf("%s_seq", cursor->way);
	const char *by_position = psprintf("%s_position", cursor->way);

	order_give_one(by_id, cursor->id, by_seq, cursor->seq);
	order_give_one(by_position, cursor->position, by_id, cursor->id);
	order_give_one(by_position, cursor->position, by_seq, cursor->seq);
}

NullableDatum
message_cursor(Call *call, NullableDatum thread_id, bool descending, const MessageCursor *cursor)
{
	NullableDatum key[] = {thread_id, cursor->id};
	Order order = message_order(thread_id, descending);
	NullableDatum seq = cursor->seq;

	message_cursor_check(cursor);
	if (!cursor->position.isnull)
		order_read(&order, psprintf("%s_position", cursor->way), cursor->position, &seq);
	else if (!cursor->id.isnull)
	{
		if (!query_first(call, &message_place_of, key))
			error_no_cursor("message", text_or_null(cursor->id));
		seq = row_column(1, 1);
	}
	return seq;
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
add_cursors(Call *call, Built *built, const MessageListing *listing)
{
	bool descending = listing->descending;
	NullableDatum after = message_cursor(call, listing->thread_id, descending, &listing->after);
	NullableDatum before = message_cursor(call, listing->thread_id, descending, &listing->before);

	built_when(built, descending ? " AND seq < $%d" : " AND seq > $%d", 'l', after);
	built_when(built, descending ? " AND seq > $%d" : " AND seq < $%d", 'l', before);
}

/* Of a message that only other branches have, the newest of their wordings stands for it. */
#define WITH_GONE \
	"(state IN ('live', 'deleted', 'erased') OR (state = 'off_branch' AND NOT EXISTS" \
	" (SELECT 1 FROM threadmem_data.messages o WHERE o.tenant_id = l.tenant_id" \
	" AND o.thread_id = l.thread_id AND o.message_id = l.message_id" \
	" AND (o.state IN ('live', 'deleted', 'erased')" \
	" OR (o.state = 'off_branch' AND o.rev > l.rev)))))"

/* One row more than asked for is read: it tells whether another page follows. */
static void
build_list(Call *call, Built *built, const MessageListing *listing)
{
	Order order = message_order(listing->thread_id, listing->descending);
	int64 rows = listing->max_rows;
	int thread;
	int page;

	built_begin(built, "SELECT " MESSAGE_COLUMNS_NOW ", ");
	thread = built_arg(built, 't', listing->thread_id);
	built_add(built, order_column(&order, built, "m.seq"));
	page = built_arg(built, 'l', ARG(Int64GetDatum(rows)));
	appendStringInfo(&built->sql,
					 ", count(*) OVER () > $%d FROM (SELECT * FROM threadmem_data.messages l"
					 " WHERE tenant_id = $1 AND thread_id = $%d AND %s",
					 page, thread, listing->include_deleted ? WITH_GONE : "state = 'live'");
	add_cursors(call, built, listing);
	built_when(built, " AND role = $%d", 't', listing->role);
	built_when(built, " AND run_id = $%d", 't', listing->run_id);
	built_contains(built, "metadata", listing->metadata);
	order_add(&order, built);
	built_when(built, " LIMIT $%d) m", 'l', ARG(Int64GetDatum(rows + 1)));
	order_add(&order, built);
	appendStringInfo(&built->sql, " LIMIT $%d", page);
}

bool
message_listing(MessageListing *listing, NullableDatum *args)
{
	static const char *const views[] = {"log", "state", NULL};
	static const char *const orders[] = {"asc", "desc", NULL};

	*listing = (MessageListing){
		.thread_id = args[LIST_THREAD_ID],
		.max_rows = int64_or(args[LIST_MAX_ROWS], DEFAULT_ROWS),
		.descending = guard_choice("sort_order", args[LIST_SORT_ORDER], orders) == 1,
		.after = {"after", args[LIST_AFTER_ID], args[LIST_AFTER_SEQ], args[LIST_AFTER_POSITION]},
		.before = {"before", args[LIST_BEFORE_ID], args[LIST_BEFORE_SEQ],
				   args[LIST_BEFORE_POSITION]},
		.role = role_filter(args[LIST_ROLE]),
		.run_id = args[LIST_RUN_ID],
		.metadata = args[LIST_METADATA],
		.include_deleted = bool_or(args[LIST_INCLUDE_DELETED], false),
	};
	return guard_choice("view", args[LIST_VIEW], views) == 1;
}

Datum
message_list_log(Call *call, const MessageListing *listing)
{
	Built built;

	build_list(call, &built, listing);
	query_open_set(call);
	return close_list(call, listing->thread_id, built_add_to_set(call, &built));
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
	SEARCH_SKIP,
	SEARCH_AFTER_POSITION
};

/* A thread of so few messages is read whole in the time that the index takes. */
#define WALKED_ROWS 500

/* What lacks a word is not found by words; the order is by rank, so all that has them is read. */
static void
add_keys(Call *call, Built *built, TSQuery words, NullableDatum *args)
{
	int thread;

	if (!message_query_has_keys(TSQueryGetDatum(words)))
		return;
	if (!args[SEARCH_THREAD_ID].isnull &&
		(!query_first(call, &message_how_long, &args[SEARCH_THREAD_ID]) ||
		 row_int64(1, 1) <= WALKED_ROWS))
		return;
	built->by_words = true;
	thread = built_arg(built, 't', args[SEARCH_THREAD_ID]);
	appendStringInfo(&built->sql, HAS_WORDS("s.", "$2", "$%d", "$%d"), thread,
					 built_arg(built, 't', args[SEARCH_USER_ID]));
}

/* Ranked in the same scan that finds; the sort keeps only the rows of the page, and one more. */
Datum
threadmem_message_search(PG_FUNCTION_ARGS)
{
	static const Order order = {
		.list = "message_search",
		.types = "fztl",
		.columns = {"ts_rank(s.search, $2)", "s.event_at", "s.thread_id", "s.rev"},
		.turn = 2,
		.descending = true};
	NullableDatum *args = fcinfo->args;
	NullableDatum place[4];
	Datum words;
	Built built;
	Call call;
	int64 rows = int64_or(args[SEARCH_MAX_ROWS], DEFAULT_ROWS);
	int page;

	query_begin(&call, fcinfo);
	built_begin(&built, "SELECT " MESSAGE_COLUMNS_NOW ", m.rank, ");
	words = message_search_query(args[SEARCH_QUERY].value);
	built_arg(&built, 'q', ARG(words));
	built_add(&built, order_column(&order, &built, "m.rank, m.event_at, m.thread_id, m.rev"));
	page = built_arg(&built, 'l', ARG(Int64GetDatum(rows)));
	appendStringInfo(&built.sql,
					 ", count(*) OVER () > $%d FROM (SELECT s.*, ts_rank(s.search, $2) AS rank"
					 " FROM threadmem_data.messages s WHERE s.tenant_id = $1 AND s.state = 'live'"
					 " AND s.search @@ $2",
					 page);
	add_keys(&call, &built, DatumGetTSQuery(words), args);
	built_when(&built, " AND s.user_id = $%d", 't', args[SEARCH_USER_ID]);
	built_when(&built, " AND s.thread_id = $%d", 't', args[SEARCH_THREAD_ID]);
	built_when(&built, " AND s.role = $%d", 't', role_filter(args[SEARCH_ROLE]));
	built_when(&built, " AND s.event_at >= $%d", 'z', args[SEARCH_SINCE]);
	built_when(&built, " AND s.event_at < $%d", 'z', args[SEARCH_UNTIL]);
	if (!args[SEARCH_AFTER_POSITION].isnull)
	{
		order_read(&order, "after_position", args[SEARCH_AFTER_POSITION], place);
		order_go_on(&order, &built, place, false);
	}
	order_add(&order, &built);
	built_when(&built, " LIMIT $%d", 'l', ARG(Int64GetDatum(rows + 1)));
	built_when(&built, " OFFSET $%d", 'l', args[SEARCH_SKIP]);
	appendStringInfo(&built.sql,
					 ") m ORDER BY m.rank DESC, m.event_at DESC, m.thread_id, m.rev LIMIT $%d",
					 page);
	return built_set(&call, &built);
}
