/*
 * memory/stats.c: how much is remembered of one user.
 */
#include "memory/memory.h"

#include "user/user.h"

PG_FUNCTION_INFO_V1(threadmem_memory_stats);

#define COUNTED(kind, bytes, time, from) \
	"SELECT '" kind "', count(*)::integer, coalesce(sum(" bytes "), 0)::int8, min(" time \
	"), max(" time ") FROM " from
#define OF_USER(table) "threadmem_data." table " r WHERE r.tenant_id = $1 AND r.user_id = $2"
/* Only what has a text is remembered. */
#define SAID(which) \
	"SELECT pg_column_size(m.body) AS bytes, m.event_at FROM threadmem_data.messages m WHERE " which \
	" AND threadmem.message_text(m.body) IS NOT NULL"
static Stmt memory_count = {
	COUNTED("messages", "r.bytes", "r.event_at", "(" SAID(OF_OWNER " AND m.in_memory") " UNION ALL " SAID(OF_SENDER " AND m.in_sender_memory") ") r") " UNION ALL " COUNTED(
		"episodes", "pg_column_size(r.content)", "r.event_at",
		OF_USER(
			"episodes")) " UNION ALL " COUNTED("entities", "pg_column_size(r.*)", "r.created_at",
											   OF_USER(
												   "entities")) " UNION ALL " COUNTED("facts",
																					  "pg_column_size(r.*)",
																					  "r.created_at",
																					  OF_USER(
																						  "facts")) " UNION ALL " COUNTED("memory_blocks",
																														  "pg_column_size(r.value)",
																														  "r.updated_at",
																														  OF_USER(
																															  "memory_blocks")) " UNION ALL " COUNTED("groups",
																																									  "pg_column_size(r.*)",
																																									  "r.joined_at",
																																									  "threadmem_data.group_members r WHERE r.tenant_id = $1 AND r.kind = 'user'"
																																									  " AND r.member_id = $2"),
	"t", .keyed = true};

Datum
threadmem_memory_stats(PG_FUNCTION_ARGS)
{
	Call call;

	query_begin(&call, fcinfo);
	user_require_known(&call, fcinfo->args[0]);
	return query_set(&call, &memory_count, fcinfo->args);
}
