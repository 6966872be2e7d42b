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

/* What the work held is given back; an error that is no damage goes on. */
static void
take_error(MemoryContext memory, const char *what)
{
	ErrorData *error;

	MemoryContextSwitchTo(memory);
	error = CopyErrorData();
	if (!is_damage(error))
		PG_RE_THROW();
	FlushErrorState();
	RollbackAndReleaseCurrentSubTransaction();
	ereport(WARNING, (errcode(error->sqlerrcode), errmsg("%s cannot be read", what),
					  errdetail("%s.%s%s", error->message, error->detail ? " " : "",
								error->detail ? error->detail : ""),
					  errhint("threadmem_verify() lists what is damaged.")));
}

/*
 * A subtransaction is what gives back whatever an error may leave behind; it takes two microseconds
 * and no number. There is none while other processes work on the query: then the error is raised.
 */
bool
query_softly(void (*work)(void *), void *context, const char *what)
{
	MemoryContext memory = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	volatile bool sound = true;
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
		take_error(memory, what);
		sound = false;
	}
	PG_END_TRY();
	MemoryContextSwitchTo(memory);
	CurrentResourceOwner = owner;
	return sound;
}
