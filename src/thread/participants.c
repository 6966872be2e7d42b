/*
 * thread/participants.c: who takes part in a thread beside its owner.
 *
 * The owner is a column of the thread's row; here is the table of the others, users and assistants.
 * Whoever is named is locked before the thread is.
 */
#include "thread/participants.h"

#include "assistant/assistant.h"
#include "user/user.h"

#include "threadmem/threadmem.h"

PG_FUNCTION_INFO_V1(threadmem_thread_add_participant);
PG_FUNCTION_INFO_V1(threadmem_thread_remove_participant);
PG_FUNCTION_INFO_V1(threadmem_thread_participants);

#define PARTICIPANT_COLUMNS "p.thread_id, p.kind, p.participant_id, p.role, p.joined_at"

static Stmt thread_add_participant = {
	"INSERT INTO threadmem_data.thread_participants AS p"
	" (tenant_id, thread_id, participant_id, kind, role, owner_id)"
	" VALUES ($1, $2, $3, coalesce($4, 'user'), coalesce($5, 'member'), $6)"
	" ON CONFLICT (tenant_id, thread_id, kind, participant_id) DO UPDATE SET role = excluded.role"
	" RETURNING " PARTICIPANT_COLUMNS,
	"ttttt"};
static Stmt thread_remove_participant = {
	"DELETE FROM threadmem_data.thread_participants p WHERE p.tenant_id = $1 AND p.thread_id = $2"
	" AND p.participant_id = $3 AND p.kind = coalesce($4, 'user')",
	"ttt"};
static Stmt thread_participants = {
	"SELECT " PARTICIPANT_COLUMNS
	" FROM (SELECT t.thread_id, 'user' AS kind, t.user_id AS participant_id, 'owner' AS role,"
	" t.created_at AS joined_at, 1 AS place FROM threadmem_data.threads t"
	" WHERE t.tenant_id = $1 AND t.thread_id = $2 AND t.user_id IS NOT NULL"
	" UNION ALL SELECT " PARTICIPANT_COLUMNS ", 2 FROM threadmem_data.thread_participants p"
	" WHERE p.tenant_id = $1 AND p.thread_id = $2"
	" AND (p.kind, p.participant_id) IS DISTINCT FROM ('user', p.owner_id)) p"
	" ORDER BY p.place, p.joined_at, p.kind COLLATE \"C\", p.participant_id COLLATE \"C\"",
	"t"};
static Stmt thread_set_owner = {"UPDATE threadmem_data.thread_participants p SET owner_id = $3"
								" WHERE p.tenant_id = $1 AND p.thread_id = $2"
								" AND p.owner_id IS DISTINCT FROM $3",
								"tt"};

void
thread_add_participants(Call *call, NullableDatum thread_id, NullableDatum owner_id,
						NullableDatum ids)
{
	Datum *elements;
	int count = text_list(ids, &elements);

	for (int i = 0; i < count; i++)
	{
		NullableDatum row[] = {thread_id, ARG(elements[i]), ARG_NULL, ARG_NULL, owner_id};

		query_exec(call, &thread_add_participant, row);
	}
}

void
thread_set_participants_owner(Call *call, NullableDatum thread_id, NullableDatum owner_id)
{
	NullableDatum args[] = {thread_id, owner_id};

	query_exec(call, &thread_set_owner, args);
}

static bool
is_assistant(NullableDatum kind)
{
	static const char *const kinds[] = {"user", "assistant", NULL};

	return guard_choice("kind", kind, kinds) == 1;
}

enum
{
	PART_THREAD_ID,
	PART_ID,
	PART_KIND,
	PART_ROLE
};

Datum
threadmem_thread_add_participant(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	NullableDatum row[] = {args[PART_THREAD_ID], args[PART_ID], args[PART_KIND], args[PART_ROLE],
						   ARG_NULL};
	ThreadRow thread;
	Call call;

	query_begin(&call, fcinfo);
	if (is_assistant(args[PART_KIND]))
		assistant_require(&call, args[PART_ID]);
	else
		user_require(&call, args[PART_ID]);
	thread_row_lock(&call, args[PART_THREAD_ID], &thread);
	thread_row_require_own(args[PART_THREAD_ID], &thread, "given participants",
						   "Only its owner adds participants; use its session, or one that is not "
						   "narrowed by threadmem.user_id.");
	row[4] = ARG_TEXT(thread.user_id);
	thread_row_count(&call, args[PART_THREAD_ID], 0, 0);
	return query_one(&call, &thread_add_participant, row, "participant",
					 text_or_null(args[PART_ID]));
}

Datum
threadmem_thread_remove_participant(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	ThreadRow thread;
	Call call;

	query_begin(&call, fcinfo);
	is_assistant(args[PART_KIND]);
	thread_row_lock(&call, args[PART_THREAD_ID], &thread);
	/* before: who ends its own part may not see the thread any more */
	thread_row_count(&call, args[PART_THREAD_ID], 0, 0);
	if (query_exec(&call, &thread_remove_participant, args) == 0)
		error_not_found("participant", text_or_null(args[PART_ID]));
	return query_done(&call);
}

Datum
threadmem_thread_participants(PG_FUNCTION_ARGS)
{
	Call call;

	query_begin(&call, fcinfo);
	query_open_set(&call);
	if (query_add_to_set(&call, &thread_participants, fcinfo->args) == 0)
		thread_row_require(&call, fcinfo->args[0]);
	return query_close_set(&call);
}
