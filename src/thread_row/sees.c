/*
 * thread_row/sees.c: the questions that policies ask about the rows of a narrowed session.
 *
 * They are functions and not sub-selects. What a policy says is made ready anew with every
 * statement: a sub-select with its table, its indexes and the policies of that took longer than
 * much of what the statements are for, and the planner, too. Of a session that is not narrowed
 * nothing is asked.
 *
 * A statement that touches one thread asks once, by key. One that walks over many threads gets all
 * threads of the user after a few, as a hashed sub-select would have read them. The memory lives as
 * long as the statement runs.
 */
#include "thread_row/thread_row.h"

#include "catalog/pg_collation.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(threadmem_sees_thread);
PG_FUNCTION_INFO_V1(threadmem_sees_owned);
PG_FUNCTION_INFO_V1(threadmem_names_owner);
PG_FUNCTION_INFO_V1(threadmem_keeps_owner);

/* $2 is the session's user, $3 a thread. */
#define FROM_PARTICIPANTS \
	" FROM threadmem_data.thread_participants p WHERE p.tenant_id OPERATOR(pg_catalog.=) $1"
#define IS_USER \
	" AND p.kind OPERATOR(pg_catalog.=) 'user' AND p.participant_id OPERATOR(pg_catalog.=) $2"
#define OF_THREAD " AND p.thread_id OPERATOR(pg_catalog.=) $3"
#define THREAD \
	"SELECT 1 FROM threadmem_data.threads t WHERE t.tenant_id OPERATOR(pg_catalog.=) $1" \
	" AND t.thread_id OPERATOR(pg_catalog.=) $3"
static Stmt thread_row_part = {"SELECT 1" FROM_PARTICIPANTS IS_USER OF_THREAD, "tt"};
static Stmt thread_row_parts = {"SELECT p.thread_id" FROM_PARTICIPANTS IS_USER, "t"};
/* Which ones there are, the policy of threads says. */
static Stmt thread_row_seen = {THREAD " AND $2 IS NOT NULL", "tt"};
static Stmt thread_row_all_seen = {"SELECT t.thread_id FROM threadmem_data.threads t"
								   " WHERE t.tenant_id OPERATOR(pg_catalog.=) $1"
								   " AND t.user_id OPERATOR(pg_catalog.=) $2"
								   " UNION ALL SELECT p.thread_id" FROM_PARTICIPANTS IS_USER,
								   "t"};
static Stmt thread_row_of_owner = {THREAD " AND t.user_id IS NOT DISTINCT FROM $2", "tt"};
/* $4 is the owner as the thread's row is to have it. */
static Stmt thread_row_kept = {
	"SELECT 1 WHERE ($4 OPERATOR(pg_catalog.=) $2 AND NOT EXISTS (SELECT" FROM_PARTICIPANTS
		OF_THREAD " AND p.owner_id IS DISTINCT FROM $4))"
	" OR EXISTS (SELECT" FROM_PARTICIPANTS OF_THREAD IS_USER
	" AND p.owner_id IS NOT DISTINCT FROM $4)",
	"ttt"};

/* A question about threads, of which the first so many are asked one by one. */
typedef struct Question
{
	Stmt *one;
	Stmt *all;
	int few;
} Question;

/* In fn_extra: the last answer, then all that are answered with yes. */
typedef struct KnownThreads
{
	char thread_id[ID_MAX_BYTES + 1];
	bool answer;
	int asked;
	HTAB *threads;
} KnownThreads;

static HTAB *
read_threads(Call *call, const Question *question, NullableDatum user_id, MemoryContext memory)
{
	HASHCTL ctl = {.keysize = ID_MAX_BYTES + 1, .entrysize = ID_MAX_BYTES + 1, .hcxt = memory};
	HTAB *threads =
		hash_create("threads of a user", 64, &ctl, HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
	uint64 rows = query_exec(call, question->all, &user_id);

	for (uint64 row = 1; row <= rows; row++)
	{
		CHECK_FOR_INTERRUPTS();
		hash_search(threads, row_text(row, 1), HASH_ENTER, NULL);
	}
	return threads;
}

static void
ask_anew(KnownThreads *known, const Question *question, NullableDatum user_id,
		 NullableDatum thread_id, MemoryContext memory)
{
	NullableDatum args[] = {user_id, thread_id};
	Call call;

	query_connect(&call);
	if (known->asked++ < question->few)
		known->answer = query_first(&call, question->one, args);
	else
		known->threads = read_threads(&call, question, user_id, memory);
	query_pop();
}

static bool
ask(FmgrInfo *flinfo, const Question *question, NullableDatum user_id, text *thread_id)
{
	KnownThreads *known = flinfo->fn_extra;
	char *id;

	if (VARSIZE_ANY_EXHDR(thread_id) > ID_MAX_BYTES)
		return false;
	id = text_to_cstring(thread_id);
	if (!known)
		flinfo->fn_extra = known = MemoryContextAllocZero(flinfo->fn_mcxt, sizeof(KnownThreads));
	if (!known->threads && strcmp(known->thread_id, id) != 0)
	{
		ask_anew(known, question, user_id, ARG(PointerGetDatum(thread_id)), flinfo->fn_mcxt);
		strlcpy(known->thread_id, id, sizeof(known->thread_id));
	}
	return known->threads ? hash_search(known->threads, id, HASH_FIND, NULL) != NULL
						  : known->answer;
}

/* The same without a memory, of what is written. */
static bool
holds(Stmt *stmt, NullableDatum *args)
{
	bool found;
	Call call;

	query_connect(&call);
	found = query_first(&call, stmt, args);
	query_pop();
	return found;
}

static bool
is_same(NullableDatum one, NullableDatum other)
{
	return !one.isnull && !other.isnull &&
		   DatumGetBool(DirectFunctionCall2Coll(texteq, C_COLLATION_OID, one.value, other.value));
}

Datum
threadmem_sees_thread(PG_FUNCTION_ARGS)
{
	static const Question is_seen = {&thread_row_seen, &thread_row_all_seen, 16};
	NullableDatum user_id = query_narrowed_to();

	PG_RETURN_BOOL(user_id.isnull || ask(fcinfo->flinfo, &is_seen, user_id, PG_GETARG_TEXT_PP(0)));
}

Datum
threadmem_sees_owned(PG_FUNCTION_ARGS)
{
	static const Question takes_part = {&thread_row_part, &thread_row_parts, 1};
	NullableDatum user_id = query_narrowed_to();

	PG_RETURN_BOOL(
		user_id.isnull || is_same(user_id, fcinfo->args[1]) ||
		(!PG_ARGISNULL(0) && ask(fcinfo->flinfo, &takes_part, user_id, PG_GETARG_TEXT_PP(0))));
}

Datum
threadmem_names_owner(PG_FUNCTION_ARGS)
{
	NullableDatum args[] = {fcinfo->args[1], fcinfo->args[0]};

	PG_RETURN_BOOL(query_narrowed_to().isnull || holds(&thread_row_of_owner, args));
}

Datum
threadmem_keeps_owner(PG_FUNCTION_ARGS)
{
	NullableDatum args[] = {query_narrowed_to(), fcinfo->args[0], fcinfo->args[1]};

	PG_RETURN_BOOL(args[0].isnull || holds(&thread_row_kept, args));
}
