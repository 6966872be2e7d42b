/*
 * group/group.c: members of groups.
 *
 * Whoever lets somebody in keeps both rows from being deleted, FOR KEY SHARE: the group's, and the
 * user's or the assistant's. Who deletes one of them looks for members behind the lock.
 */
#include "group/group.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "assistant/assistant.h"
#include "user/user.h"

PG_FUNCTION_INFO_V1(threadmem_shares_memory);
PG_FUNCTION_INFO_V1(threadmem_group_add_member);
PG_FUNCTION_INFO_V1(threadmem_group_remove_member);
PG_FUNCTION_INFO_V1(threadmem_group_members);
PG_FUNCTION_INFO_V1(threadmem_user_groups);

/* The columns of the view threadmem.memberships, from table alias m. */
#define MEMBERSHIP_COLUMNS \
	"m.group_id, CASE m.kind WHEN 'user' THEN m.member_id END," \
	" CASE m.kind WHEN 'assistant' THEN m.member_id END, m.joined_at"
#define ONE " WHERE m.tenant_id = $1 AND m.group_id = $2 AND m.kind = $3 AND m.member_id = $4"
static Stmt group_kind_of = {"SELECT u.kind FROM threadmem_data.users u WHERE u.tenant_id = $1"
							 " AND u.user_id = $2 FOR KEY SHARE",
							 "t"};
static Stmt group_known_assistant = {"SELECT 1 FROM threadmem_data.assistants a"
									 " WHERE a.tenant_id = $1 AND a.assistant_id = $2",
									 "t"};
static Stmt group_count = {
	"SELECT count(*) FROM threadmem_data.group_members m WHERE m.tenant_id = $1 AND m.kind = $2"
	" AND m.member_id = $3",
	"tt"};
static Stmt group_insert = {
	"INSERT INTO threadmem_data.group_members (tenant_id, group_id, kind, member_id, joined_at)"
	" VALUES ($1, $2, $3, $4, clock_timestamp())"
	" ON CONFLICT (tenant_id, group_id, kind, member_id) DO NOTHING",
	"ttt"};
static Stmt group_get = {"SELECT " MEMBERSHIP_COLUMNS " FROM threadmem_data.group_members m" ONE,
						 "ttt"};
static Stmt group_remove = {"DELETE FROM threadmem_data.group_members m" ONE, "ttt"};
static Stmt group_of = {
	"SELECT DISTINCT m.group_id FROM threadmem_data.group_members m WHERE m.tenant_id = $1"
	" AND ((m.kind = 'user' AND m.member_id = $2) OR (m.kind = 'assistant' AND m.member_id = $3))"
	" ORDER BY m.group_id",
	"tt"};
/* Asked by policies: $2 is the session's user, $3 a group. */
static Stmt group_shares = {
	"SELECT 1 FROM threadmem_data.group_members m WHERE m.tenant_id OPERATOR(pg_catalog.=) $1"
	" AND m.group_id OPERATOR(pg_catalog.=) $3 AND (m.kind OPERATOR(pg_catalog.=) 'assistant'"
	" OR m.member_id OPERATOR(pg_catalog.=) $2)",
	"tt"};
static Stmt group_all_shared = {
	"SELECT m.group_id FROM threadmem_data.group_members m WHERE m.tenant_id OPERATOR(pg_catalog.=) $1"
	" AND (m.kind OPERATOR(pg_catalog.=) 'assistant' OR m.member_id OPERATOR(pg_catalog.=) $2)",
	"t"};
static Stmt group_forget_user_stmt = {
	"DELETE FROM threadmem_data.group_members m WHERE m.tenant_id = $1 AND (m.group_id = $2"
	" OR (m.kind = 'user' AND m.member_id = $2))",
	"t", .newest = true};
static Stmt group_forget_assistant_stmt = {
	"DELETE FROM threadmem_data.group_members m WHERE m.tenant_id = $1 AND m.kind = 'assistant'"
	" AND m.member_id = $2",
	"t", .newest = true};

/* Policies */

/* In fn_extra, for as long as a statement runs: the last answer, then all groups that are shared.
 */
typedef struct SharedGroups
{
	char group_id[ID_MAX_BYTES + 1];
	bool answer;
	int asked;
	Names *all;
} SharedGroups;

/* A statement about one memory asks once; one that walks over users gets all groups. */
#define ASKED_ONE_BY_ONE 4

static Names *
read_shared(Call *call, NullableDatum user_id, MemoryContext memory)
{
	uint64 count = query_exec(call, &group_all_shared, &user_id);
	MemoryContext before = MemoryContextSwitchTo(memory);
	Names *names = names_new();

	for (uint64 i = 1; i <= count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		names_take(names, MemoryContextStrdup(memory, row_text(i, 1)));
	}
	MemoryContextSwitchTo(before);
	return names;
}

static void
ask_anew(SharedGroups *known, NullableDatum user_id, NullableDatum group_id, MemoryContext memory)
{
	NullableDatum args[] = {user_id, group_id};
	Call call;

	query_connect(&call);
	if (known->asked++ < ASKED_ONE_BY_ONE)
		known->answer = query_first(&call, &group_shares, args);
	else
		known->all = read_shared(&call, user_id, memory);
	query_pop();
}

Datum
threadmem_shares_memory(PG_FUNCTION_ARGS)
{
	FmgrInfo *self = fcinfo->flinfo;
	SharedGroups *known = self->fn_extra;
	NullableDatum user_id = query_narrowed_to();
	char *group_id;

	if (user_id.isnull || PG_ARGISNULL(0) || VARSIZE_ANY_EXHDR(PG_GETARG_TEXT_PP(0)) > ID_MAX_BYTES)
		PG_RETURN_BOOL(false);
	group_id = text_to_cstring(PG_GETARG_TEXT_PP(0));
	if (!known)
		self->fn_extra = known = MemoryContextAllocZero(self->fn_mcxt, sizeof(SharedGroups));
	if (!known->all && strcmp(known->group_id, group_id) != 0)
	{
		ask_anew(known, user_id, fcinfo->args[0], self->fn_mcxt);
		strlcpy(known->group_id, group_id, sizeof(known->group_id));
	}
	PG_RETURN_BOOL(known->all ? names_has(known->all, group_id) : known->answer);
}

/* Members */

/* One or the other of two arguments, as the table has them. */
typedef struct Member
{
	const char *kind;
	NullableDatum id;
} Member;

static Member
read_member(NullableDatum user_id, NullableDatum assistant_id)
{
	if (user_id.isnull == assistant_id.isnull)
		error_bad_input(user_id.isnull ? "user_id" : "assistant_id",
						"Give either user_id or assistant_id.");
	return user_id.isnull ? (Member){"assistant", assistant_id} : (Member){"user", user_id};
}

static void
refuse_narrowed(const char *action, NullableDatum group_id)
{
	if (!query_narrowed_to().isnull)
		error_denied(action, "group", text_or_null(group_id),
					 "Use a session that is not narrowed by threadmem.user_id.");
}

static bool
is_group(void)
{
	return strcmp(row_text(1, 1), "group") == 0;
}

static void
lock_group(Call *call, NullableDatum group_id)
{
	if (!query_first(call, &group_kind_of, &group_id))
		error_not_found("group", text_or_null(group_id));
	if (!is_group())
		error_bad_input_hint("group_id", "A group is made by user_create(kind => 'group').",
							 "\"%s\" is a user and no group.", text_or_null(group_id));
}

static void
lock_member(Call *call, Member *member)
{
	if (strcmp(member->kind, "assistant") == 0)
		assistant_require(call, member->id);
	else if (!query_first(call, &group_kind_of, &member->id))
		error_no_parent("user", text_or_null(member->id));
	else if (is_group())
		error_bad_input("user_id", "\"%s\" is a group, and belongs to none.",
						text_or_null(member->id));
}

static void
guard_count(Call *call, const Member *member)
{
	NullableDatum args[] = {ARG_TEXT(member->kind), member->id};

	query_first(call, &group_count, args);
	if (row_int64(1, 1) >= GROUPS_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("too many groups"),
				 errdetail("%s_id \"%s\" belongs to " INT64_FORMAT ", the limit is %d.",
						   member->kind, text_or_null(member->id), row_int64(1, 1), GROUPS_MAX)));
}

enum
{
	MEMBER_GROUP_ID,
	MEMBER_USER_ID,
	MEMBER_ASSISTANT_ID
};

Datum
threadmem_group_add_member(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	Member member;
	Call call;

	query_begin(&call, fcinfo);
	member = read_member(args[MEMBER_USER_ID], args[MEMBER_ASSISTANT_ID]);
	refuse_narrowed("changed", args[MEMBER_GROUP_ID]);
	lock_group(&call, args[MEMBER_GROUP_ID]);
	lock_member(&call, &member);
	{
		NullableDatum row[] = {args[MEMBER_GROUP_ID], ARG_TEXT(member.kind), member.id};

		if (!query_first(&call, &group_get, row))
		{
			guard_count(&call, &member);
			query_exec(&call, &group_insert, row);
			query_first(&call, &group_get, row);
		}
	}
	return query_row(&call);
}

Datum
threadmem_group_remove_member(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	Member member;
	Call call;

	query_begin(&call, fcinfo);
	member = read_member(args[MEMBER_USER_ID], args[MEMBER_ASSISTANT_ID]);
	refuse_narrowed("changed", args[MEMBER_GROUP_ID]);
	{
		NullableDatum row[] = {args[MEMBER_GROUP_ID], ARG_TEXT(member.kind), member.id};

		if (query_exec(&call, &group_remove, row) == 0)
			error_not_found("member", text_or_null(member.id));
	}
	return query_done(&call);
}

/* Lists */

static Datum
list_memberships(Call *call, Order *order, Built *built, NullableDatum rows, NullableDatum after)
{
	NullableDatum place[ORDER_COLUMNS];

	if (!after.isnull)
	{
		order_read(order, "after_position", after, place);
		order_go_on(order, built, place, false);
	}
	order_add(order, built);
	built_page(built, int64_or(rows, DEFAULT_ROWS), 0);
	return built_set(call, built);
}

enum
{
	MEMBERS_GROUP_ID,
	MEMBERS_MAX_ROWS,
	MEMBERS_AFTER_POSITION
};

Datum
threadmem_group_members(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	Order order = {.types = "tt", .columns = {"m.kind", "m.member_id"}};
	Built built;
	Call call;

	query_begin(&call, fcinfo);
	user_require_known(&call, args[MEMBERS_GROUP_ID]);
	order.list = psprintf("group_members %s", text_or_null(args[MEMBERS_GROUP_ID]));
	built_begin(&built, "SELECT " MEMBERSHIP_COLUMNS ", ");
	built_add(&built, order_column(&order, &built, "m.kind, m.member_id"));
	built_add(&built, " FROM threadmem_data.group_members m WHERE m.tenant_id = $1");
	built_when(&built, " AND m.group_id = $%d", 't', args[MEMBERS_GROUP_ID]);
	return list_memberships(&call, &order, &built, args[MEMBERS_MAX_ROWS],
							args[MEMBERS_AFTER_POSITION]);
}

enum
{
	OF_USER_ID,
	OF_ASSISTANT_ID,
	OF_MAX_ROWS,
	OF_AFTER_POSITION
};

Datum
threadmem_user_groups(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	Order order = {.types = "t", .columns = {"m.group_id"}};
	Member member;
	Built built;
	Call call;

	query_begin(&call, fcinfo);
	member = read_member(args[OF_USER_ID], args[OF_ASSISTANT_ID]);
	if (args[OF_ASSISTANT_ID].isnull)
		user_require_known(&call, member.id);
	else if (!query_first(&call, &group_known_assistant, &member.id))
		error_not_found("assistant", text_or_null(member.id));
	order.list = psprintf("user_groups %s %s", member.kind, text_or_null(member.id));
	built_begin(&built, "SELECT " MEMBERSHIP_COLUMNS ", ");
	built_add(&built, order_column(&order, &built, "m.group_id"));
	built_add(&built, " FROM threadmem_data.group_members m WHERE m.tenant_id = $1");
	built_when(&built, " AND m.kind = $%d", 't', ARG_TEXT(member.kind));
	built_when(&built, " AND m.member_id = $%d", 't', member.id);
	return list_memberships(&call, &order, &built, args[OF_MAX_ROWS], args[OF_AFTER_POSITION]);
}

List *
group_list(Call *call, NullableDatum user_id, NullableDatum assistant_id)
{
	uint64 count = query_exec(call, &group_of, (NullableDatum[]){user_id, assistant_id});
	List *groups = NIL;

	for (uint64 i = 1; i <= count; i++)
		groups = lappend(groups, DatumGetPointer(row_datum(i, 1)));
	return groups;
}

void
group_forget_user(Call *call, NullableDatum user_id)
{
	query_exec(call, &group_forget_user_stmt, &user_id);
}

void
group_forget_assistant(Call *call, NullableDatum assistant_id)
{
	query_exec(call, &group_forget_assistant_stmt, &assistant_id);
}
