/*
 * query/softly.c: work that what is stored may make fail.
 */
#include "query/query.h"

#include "access/parallel.h"
#include "access/xact.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

/* The fault of what was read, and not of the session, its query or the server. */
static bool
is_damage(const ErrorData *error)
{
	return error->sqlerrcode == ERRCODE_DATA_CORRUPTED ||
		   ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_DATA_EXCEPTION ||
		   ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_PROGRAM_LIMIT_EXCEEDED;
}

/* Neither of the session, its query and its rights, nor of the server. */
static bool
is_of_this_work(const ErrorData *error)
{
	int category = ERRCODE_TO_CATEGORY(error->sqlerrcode);

	return category != ERRCODE_INSUFFICIENT_RESOURCES && category != ERRCODE_SYSTEM_ERROR &&
		   category != ERRCODE_OPERATOR_INTERVENTION &&
		   category != ERRCODE_INVALID_TRANSACTION_STATE &&
		   category != ERRCODE_SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION &&
		   error->sqlerrcode != ERRCODE_INTERNAL_ERROR;
}

/* What the work held is given back; an error that is another's goes on. */
static ErrorData *
take_error(MemoryContext memory, bool (*is_its_own)(const ErrorData *))
{
	ErrorData *error;

	MemoryContextSwitchTo(memory);
	error = CopyErrorData();
	if (!is_its_own(error))
		PG_RE_THROW();
	FlushErrorState();
	RollbackAndReleaseCurrentSubTransaction();
	return error;
}

/*
 * A subtransaction is what gives back whatever an error may leave behind; it takes two microseconds
 * and no number. There is none while other processes work on the query: then the error is raised.
 */
static ErrorData *
try(void (*work)(void *), void *context, bool (*is_its_own)(const ErrorData *))
{
	MemoryContext memory = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData *volatile error = NULL;
	bool guarded = !IsInParallelMode();

	if (guarded)
		BeginInternalSubTransaction(NULL);
	PG_TRY();
	{
		query_push();
		work(context);
		query_pop();
		if (guarded)
			ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		if (!guarded)
			PG_RE_THROW();
		error = take_error(memory, is_its_own);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(memory);
	CurrentResourceOwner = owner;
	return error;
}

static char *
whole_message(const ErrorData *error)
{
	return psprintf("%s.%s%s", error->message, error->detail ? " " : "",
					error->detail ? error->detail : "");
}

bool
query_softly(void (*work)(void *), void *context, const char *what)
{
	ErrorData *error = try(work, context, is_damage);

	if (error)
		ereport(WARNING, (errcode(error->sqlerrcode), errmsg("%s cannot be read", what),
						  errdetail("%s", whole_message(error)),
						  errhint("threadmem_verify() lists what is damaged.")));
	return error == NULL;
}

/* Who is told the SQLSTATE may be one who is not to read what a message might quote. */
char *
query_apart(void (*work)(void *), void *context, const char *what)
{
	ErrorData *error = try(work, context, is_of_this_work);

	if (!error)
		return NULL;
	ereport(LOG_SERVER_ONLY, (errcode(error->sqlerrcode), errmsg("%s was taken back", what),
							  errdetail("%s", whole_message(error))));
	return pstrdup(unpack_sql_state(error->sqlerrcode));
}
