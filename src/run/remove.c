/*
 * run/remove.c: what goes with a run that is rolled back, and what has to be gone of a message.
 */
#include "run/run.h"

#include "checkpoint/checkpoint.h"

#include "utils/builtins.h"

static Stmt run_seen_by = {
	"SELECT range_agg(c.seen) FROM threadmem_data.checkpoints c"
	" WHERE c.tenant_id = $1 AND c.thread_id = $2 AND (c.run_id IN (SELECT unnest($3))) IS TRUE",
	"tT"};
static Stmt run_drop_runs = {
	.sql = "WITH steps AS (DELETE FROM threadmem_data.run_steps s WHERE s.tenant_id = $1"
		   " AND s.thread_id = $2 AND (s.run_id IN (SELECT unnest($3))) IS TRUE)"
		   " DELETE FROM threadmem_data.runs r" RUNS_OF_THREAD
		   " AND (r.run_id IN (SELECT unnest($3))) IS TRUE",
	.types = "tT",
	.newest = true};

/* Columns in which a message may stand. */
static Stmt run_own_documents = {
	"SELECT r.run_id, 0::int8, r.input, r.kwargs, r.result, r.metadata FROM threadmem_data.runs r" RUNS_OF_THREAD
	" UNION ALL SELECT s.run_id, s.step_no, s.details, s.metadata, s.error, NULL"
	" FROM threadmem_data.run_steps s WHERE s.tenant_id = $1 AND s.thread_id = $2",
	"t"};
static Stmt run_set_run = {
	"UPDATE threadmem_data.runs r SET input = coalesce($5, r.input), kwargs = coalesce($6, r.kwargs),"
	" result = coalesce($7, r.result), metadata = coalesce($8, r.metadata)" RUNS_OF_THREAD
	" AND r.run_id = $3 AND $4 = 0",
	"ttljjjj"};
static Stmt run_set_step = {
	"UPDATE threadmem_data.run_steps s SET details = coalesce($5, s.details),"
	" metadata = coalesce($6, s.metadata), error = coalesce($7, s.error)"
	" WHERE s.tenant_id = $1 AND s.thread_id = $2 AND s.run_id = $3 AND s.step_no = $4"
	" AND $8 IS NULL",
	"ttljjjj"};
/* The tool calls that messages made, or answered; their own ids are among them and do no harm. */
#define CALLS \
	"WITH said AS (SELECT m.tool_call_id, m.body FROM unnest($3) AS i (message_id)," \
	" LATERAL (SELECT o.tool_call_id, o.body FROM threadmem_data.messages o WHERE o.tenant_id = $1" \
	" AND o.thread_id = $2 AND o.message_id = i.message_id OFFSET 0) m)," \
	" call AS MATERIALIZED (SELECT s.tool_call_id AS id FROM said s UNION SELECT c #>> '{}'" \
	" FROM said s, LATERAL jsonb_path_query(s.body, '$.**.id', silent => true) c" \
	" UNION SELECT c #>> '{}'" \
	" FROM said s, LATERAL jsonb_path_query(s.body, '$.**.toolCallId', silent => true) c)"
static Stmt run_empty_steps = {
	CALLS " UPDATE threadmem_data.run_steps s SET details = '{}', error = NULL, name = NULL"
		  " WHERE s.tenant_id = $1 AND s.thread_id = $2"
		  " AND (s.message_id IN (SELECT unnest($3)) OR s.tool_call_id IN (SELECT id FROM call))",
	"tT"};
static Stmt run_empty_actions = {
	CALLS " UPDATE threadmem_data.runs r SET required_action = jsonb_set(r.required_action,"
		  " '{submit_tool_outputs,tool_calls}', (SELECT coalesce(jsonb_agg(CASE WHEN e ->> 'id' IN"
		  " (SELECT id FROM call) THEN jsonb_build_object('id', e -> 'id') ELSE e END ORDER BY o),"
		  " '[]') FROM jsonb_array_elements(r.required_action #>"
		  " '{submit_tool_outputs,tool_calls}') WITH ORDINALITY AS u (e, o)))" RUNS_OF_THREAD
		  " AND r.required_action IS NOT NULL",
	"tT"};

/* The revisions that only these runs' checkpoints have seen are found before the rows go. */
void
run_roll_back(RunWork *work, NullableDatum run_ids)
{
	NullableDatum args[] = {work->thread_id, run_ids};
	NullableDatum gone;

	query_first(work->call, &run_seen_by, args);
	gone = row_column(1, 1);
	checkpoint_delete_runs(work->call, work->thread_id, run_ids);
	message_drop_of_runs(work->call, work->thread_id, run_ids, gone);
	thread_row_bury_runs(work->call, work->thread_id, run_ids);
	query_exec(work->call, &run_drop_runs, args);
	work->changed = true;
	work->line.stale = true;
}

/* One row of documents; those without the message are left as they are. */
static void
erase_from(Call *call, const Eraser *eraser, NullableDatum *row, Jsonb *const *given)
{
	bool changed = false;

	query_push();
	for (int i = 0; i < 4; i++)
	{
		Jsonb *clean = given[i] ? eraser_scrubbed(eraser, given[i]) : NULL;

		row[3 + i] = clean ? ARG(JsonbPGetDatum(clean)) : ARG_NULL;
		changed |= clean != NULL;
	}
	if (changed)
		query_exec(call, DatumGetInt64(row[2].value) == 0 ? &run_set_run : &run_set_step, row);
	query_pop();
}

void
run_erase_messages(Call *call, NullableDatum thread_id, NullableDatum message_ids)
{
	NullableDatum key[] = {thread_id, message_ids};
	uint64 count = query_exec(call, &run_own_documents, &thread_id);
	SPITupleTable *table = SPI_tuptable;
	Eraser *eraser = eraser_new(call, thread_id, message_ids);

	for (uint64 i = 0; i < count; i++)
	{
		NullableDatum row[7] = {thread_id};
		Jsonb *given[4];

		for (int c = 1; c <= 2; c++)
			row[c] = table_column(table, i + 1, c);
		for (int c = 0; c < 4; c++)
			given[c] = table_jsonb_or_null(table, i + 1, c + 3, JSON_ROOT_ANY);
		erase_from(call, eraser, row, given);
	}
	query_exec(call, &run_empty_steps, key);
	query_exec(call, &run_empty_actions, key);
}
