/*
 * state/diff.c: what one checkpoint changed against another.
 */
#include "state/show.h"

#include "json_patch/json_patch.h"

#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(threadmem_thread_diff);

enum
{
	DIFF_THREAD_ID,
	DIFF_FROM_ID,
	DIFF_TO_ID,
	DIFF_CHECKPOINT_NS
};

/* The values at a checkpoint; P0002 when it is not there. */
static Jsonb *
values_at(StateReader *reader, NullableDatum checkpoint_ns, NullableDatum checkpoint_id)
{
	NullableDatum key[] = {reader->thread_id, checkpoint_ns, checkpoint_id};
	StateSnapshot snapshot;
	StateRow row;

	if (!state_row_find(reader->call, key, &row))
		error_not_found("checkpoint", text_or_null(checkpoint_id));
	snapshot_read(reader, &row, &snapshot);
	return DatumGetJsonbP(snapshot.values[SNAPSHOT_VALUES]);
}

Datum
threadmem_thread_diff(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	NullableDatum ns;
	StateReader reader;
	Jsonb *from;
	Jsonb *to;
	Call call;

	query_begin(&call, fcinfo);
	ns = ns_or_root(args[DIFF_CHECKPOINT_NS]);
	reader_open(&reader, &call, args[DIFF_THREAD_ID], ARG_NULL);
	from = values_at(&reader, ns, args[DIFF_FROM_ID]);
	to = values_at(&reader, ns, args[DIFF_TO_ID]);
	return query_jsonb(&call, json_diff(from, to));
}
