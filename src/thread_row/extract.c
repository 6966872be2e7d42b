/*
 * thread_row/extract.c: how far facts have been drawn from a thread (docs/concepts.md#facts).
 *
 * extracted_rev is the last revision that an extractor has had, or that there was nothing in for
 * one; extract_at is since when something waits behind it, null for nothing. An append leaves it as
 * it is where something waits already, so it stays HOT, and where nobody extracts it never changes.
 */
#include "thread_row/thread_row.h"

static Stmt thread_row_lock_to_extract_stmt = {
	"SELECT 1 FROM threadmem_data.threads t WHERE t.tenant_id = $1 AND t.thread_id = $2"
	" FOR NO KEY UPDATE SKIP LOCKED",
	"t"};
static Stmt thread_row_extracted_stmt = {
	"UPDATE threadmem_data.threads t SET extracted_rev = greatest(t.extracted_rev, coalesce($3,"
	" t.next_rev - 1)), extract_at = $4 WHERE t.tenant_id = $1 AND t.thread_id = $2",
	"tlz"};

bool
thread_row_lock_to_extract(Call *call, NullableDatum thread_id)
{
	return query_first(call, &thread_row_lock_to_extract_stmt, &thread_id);
}

void
thread_row_extracted(Call *call, NullableDatum thread_id, NullableDatum rev, NullableDatum waits)
{
	query_exec(call, &thread_row_extracted_stmt, (NullableDatum[]){thread_id, rev, waits});
}
