/*
 * thread_row/lock_all.c: many threads that a list gives.
 *
 * What the list gives changes while its threads are waited for: one is deleted, one changes hands,
 * one is copied. So it is read again under the locks. Where it has grown, the newcomers might sort
 * before what is held, and to wait for them now could be a deadlock: all are let go, which takes a
 * subtransaction, and locked anew. What has left the list stays locked, which does no harm.
 */
#include "thread_row/thread_row.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "utils/resowner.h"

#define OF_ONE "SELECT 1 FROM threadmem_data.threads t WHERE t.tenant_id = $1 AND t.thread_id = $2"
static Stmt thread_row_lock_listed = {OF_ONE " FOR NO KEY UPDATE", "t"};
static Stmt thread_row_is_there = {OF_ONE, "t", .newest = true};

/*
 * By its key, whatever way the list was found. False when there is one that a repeatable read does
 * not see, and would leave behind.
 */
static bool
lock_one(Call *call, NullableDatum id)
{
	bool good = query_first(call, &thread_row_lock_listed, &id) ||
				!query_first(call, &thread_row_is_there, &id);

	query_free_rows();
	return good;
}

/* Both lists are in the order of their ids. False when the second has what the first had not. */
static bool
lock_listed(Call *call, Stmt *list, NullableDatum *args)
{
	uint64 locked = query_exec(call, list, args);
	SPITupleTable *held = SPI_tuptable;
	uint64 count;
	uint64 at = 1;

	for (uint64 row = 1; row <= locked; row++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!lock_one(call, table_column(held, row, 1)))
			return false;
	}
	count = query_exec(call, list, args);
	for (uint64 row = 1; row <= count; row++, at++)
	{
		char *id = row_text(row, 1);

		while (at <= locked && strcmp(text_or_null(table_column(held, at, 1)), id) != 0)
			at++;
		if (at > locked)
			return false;
	}
	return true;
}

static bool
lock_once(Call *call, Stmt *list, NullableDatum *args)
{
	MemoryContext memory = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	bool locked = false;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(memory);
	PG_TRY();
	{
		locked = lock_listed(call, list, args);
	}
	PG_CATCH();
	{
		/* who catches it would end our subtransaction and take it for his own */
		ErrorData *error;

		MemoryContextSwitchTo(memory);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(memory);
		CurrentResourceOwner = owner;
		ReThrowError(error);
	}
	PG_END_TRY();
	if (locked)
		ReleaseCurrentSubTransaction();
	else
		RollbackAndReleaseCurrentSubTransaction();
	MemoryContextSwitchTo(memory);
	CurrentResourceOwner = owner;
	return locked;
}

void
thread_row_lock_all(Call *call, Stmt *list, NullableDatum *args)
{
	for (int i = 0; i < TRIES_MAX; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (lock_once(call, list, args))
			return;
	}
	ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
					errmsg("threads came and went while they were waited for"),
					errhint("Repeat the transaction.")));
}
