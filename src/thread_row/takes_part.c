/*
 * thread_row/takes_part.c: the question that policies ask of a narrowed session's rows.
 *
 * A statement that touches one thread asks once, by key. One that walks over many threads gets all
 * threads of the user at its second question, as a hashed sub-select would have read them, but
 * costs the planner nothing. The memory lives as long as the statement runs.
 */
#include "thread_row/thread_row.h"

#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(threadmem_takes_part);

static Stmt thread_row_in_thread = {
	"SELECT 1 FROM threadmem_data.thread_participants p WHERE p.tenant_id OPERATOR(pg_catalog.=) $1"
	" AND p.participant_id OPERATOR(pg_catalog.=) $2 AND p.kind OPERATOR(pg_catalog.=) 'user'"
	" AND p.thread_id OPERATOR(pg_catalog.=) $3",
	"tt"};
static Stmt thread_row_in_threads = {
	"SELECT p.thread_id FROM threadmem_data.thread_participants p"
	" WHERE p.tenant_id OPERATOR(pg_catalog.=) $1 AND p.participant_id OPERATOR(pg_catalog.=) $2"
	" AND p.kind OPERATOR(pg_catalog.=) 'user'",
	"t"};

/* In fn_extra: the first question and its answer, then all answers. */
typedef struct Known
{
	char thread_id[ID_MAX_BYTES + 1];
	bool answer;
	HTAB *threads;
} Known;

static HTAB *
read_threads(Call *call, NullableDatum user_id, MemoryContext memory)
{
	HASHCTL ctl = {.keysize = ID_MAX_BYTES + 1, .entrysize = ID_MAX_BYTES + 1, .hcxt = memory};
	HTAB *threads =
		hash_create("threads of a user", 64, &ctl, HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
	uint64 rows = query_exec(call, &thread_row_in_threads, &user_id);

	for (uint64 row = 1; row <= rows; row++)
		hash_search(threads, row_text(row, 1), HASH_ENTER, NULL);
	return threads;
}

static Known *
first_answer(Call *call, NullableDatum user_id, NullableDatum thread_id, MemoryContext memory)
{
	Known *known = MemoryContextAllocZero(memory, sizeof(Known));
	NullableDatum args[] = {user_id, thread_id};

	strlcpy(known->thread_id, text_or_null(thread_id), sizeof(known->thread_id));
	known->answer = query_first(call, &thread_row_in_thread, args);
	return known;
}

static bool
ask(FmgrInfo *flinfo, NullableDatum user_id, NullableDatum thread_id)
{
	Known *known = flinfo->fn_extra;
	char *id = text_or_null(thread_id);
	Call call;

	if (known && known->threads)
		return hash_search(known->threads, id, HASH_FIND, NULL) != NULL;
	if (known && strcmp(known->thread_id, id) == 0)
		return known->answer;
	query_connect(&call);
	if (!known)
		flinfo->fn_extra = known = first_answer(&call, user_id, thread_id, flinfo->fn_mcxt);
	else
		known->threads = read_threads(&call, user_id, flinfo->fn_mcxt);
	query_pop();
	return known->threads ? hash_search(known->threads, id, HASH_FIND, NULL) != NULL
						  : known->answer;
}

Datum
threadmem_takes_part(PG_FUNCTION_ARGS)
{
	NullableDatum user_id = query_narrowed_to();
	text *id = PG_GETARG_TEXT_PP(0);

	if (user_id.isnull || VARSIZE_ANY_EXHDR(id) > ID_MAX_BYTES)
		PG_RETURN_BOOL(false);
	PG_RETURN_BOOL(ask(fcinfo->flinfo, user_id, ARG(PointerGetDatum(id))));
}
