/*
 * message/remove.c: what runs said, taken out of the log as if they had never been.
 *
 * Two kinds go. Messages that were added in the name of a run: all revisions, whoever made the
 * later ones; a revision that a run made of another's message is none of these. And what came with
 * the run's checkpoints alone: with the head that had them gone, they lie off the branch. But a
 * state that is left may refer to a revision still, since a fold takes the log as it is; then the
 * message is deleted as a person deletes it, so that the state gives it up with its next step.
 *
 * What others said stays, and stays live: a person does not lose a word because the run that first
 * took it in has gone.
 */
#include "message/message.h"

/* $3 the runs. Whose a message is, its first revision says. */
#define OWN \
	"own AS MATERIALIZED (SELECT f.message_id FROM threadmem_data.messages f WHERE f.tenant_id = $1" \
	" AND f.thread_id = $2 AND (f.run_id IN (SELECT unnest($3))) IS TRUE AND NOT EXISTS (SELECT 1" \
	" FROM threadmem_data.messages e WHERE e.tenant_id = $1 AND e.thread_id = $2" \
	" AND e.message_id = f.message_id AND e.rev < f.rev))"
#define HELD \
	"held AS MATERIALIZED (SELECT coalesce(range_agg(c.seen), '{}') AS revs" \
	" FROM threadmem_data.checkpoints c WHERE c.tenant_id = $1 AND c.thread_id = $2)"
#define OF_THREAD " m.tenant_id = $1 AND m.thread_id = $2"

/* Of each message the newest revision that others made, if the message is to be seen at all. */
static Stmt message_live_of_others_stmt = {
	"WITH near AS MATERIALIZED (SELECT DISTINCT m.message_id FROM"
	" (SELECT lower(u), upper(u) FROM unnest($4) u OFFSET 0) AS r (low, high)"
	" JOIN threadmem_data.messages m ON m.rev >= r.low AND m.rev < r.high"
	" WHERE" OF_THREAD " AND NOT m.by_checkpoint) SELECT array_agg(l.rev)"
	" FROM near, LATERAL (SELECT max(m.rev) FILTER (WHERE NOT m.by_checkpoint"
	" AND (m.run_id IN (SELECT unnest($3))) IS NOT TRUE) AS rev, bool_or(m.state = 'live') AS is_live"
	" FROM threadmem_data.messages m WHERE" OF_THREAD
	" AND m.message_id = near.message_id OFFSET 0) AS l WHERE l.is_live AND l.rev <@ $4",
	"tTm"};
static Stmt message_supersede_older = {
	"WITH back AS MATERIALIZED (SELECT m.message_id, m.rev FROM threadmem_data.messages m WHERE" OF_THREAD
	" AND (m.rev IN (SELECT unnest($3))) IS TRUE AND m.state = 'off_branch'), older AS (UPDATE threadmem_data.messages m"
	" SET state = 'superseded' FROM back WHERE" OF_THREAD
	" AND m.message_id = back.message_id AND m.rev < back.rev AND m.state = 'live' RETURNING 1)"
	" SELECT count(*) FROM older",
	"tL"};
static Stmt message_live_again = {
	"WITH back AS (UPDATE threadmem_data.messages m SET state = 'live', change = $4 WHERE" OF_THREAD
	" AND (m.rev IN (SELECT unnest($3))) IS TRUE AND m.state = 'off_branch' AND NOT EXISTS (SELECT 1"
	" FROM threadmem_data.messages o WHERE o.tenant_id = $1 AND o.thread_id = $2"
	" AND o.message_id = m.message_id AND o.state = 'live') RETURNING 1)"
	" SELECT count(*) FROM back",
	"tLl"};
static Stmt message_live_of = {
	"WITH " OWN " SELECT count(*)"
	" FROM own JOIN threadmem_data.messages m USING (message_id) WHERE" OF_THREAD
	" AND m.state = 'live'",
	"tT"};
static Stmt message_drop_chunks = {
	"WITH " OWN " DELETE FROM threadmem_data.message_chunks m USING own WHERE" OF_THREAD
	" AND m.message_id = own.message_id",
	"tT"};
static Stmt message_drop_own = {
	"WITH " OWN ", " HELD " DELETE FROM threadmem_data.messages m USING own WHERE" OF_THREAD
	" AND m.message_id = own.message_id AND NOT EXISTS (SELECT 1 FROM threadmem_data.messages k, held"
	" WHERE k.tenant_id = $1 AND k.thread_id = $2 AND k.message_id = own.message_id"
	" AND k.rev <@ held.revs)",
	"tT"};
static Stmt message_delete_own = {
	"WITH " OWN " UPDATE threadmem_data.messages m SET state = 'deleted', change = $4,"
	" status = CASE m.status WHEN 'in_progress' THEN 'incomplete' ELSE m.status END"
	" FROM own WHERE" OF_THREAD " AND m.message_id = own.message_id AND m.state = 'live'",
	"tTl"};
static Stmt message_drop_gone = {
	"WITH " HELD " DELETE FROM threadmem_data.messages m USING held WHERE" OF_THREAD
	" AND m.by_checkpoint AND m.state = 'off_branch' AND m.rev <@ $3 AND NOT m.rev <@ held.revs",
	"tm"};

NullableDatum
message_live_of_others(Call *call, NullableDatum thread_id, NullableDatum run_ids,
					   NullableDatum revisions)
{
	NullableDatum args[] = {thread_id, run_ids, revisions};

	query_first(call, &message_live_of_others_stmt, args);
	return row_column(1, 1);
}

/* Only one revision of a message is live: the newest of those that are left. */
void
message_keep_live(Call *call, NullableDatum thread_id, NullableDatum revs)
{
	NullableDatum args[] = {thread_id, revs, ARG_NULL};
	int64 messages = 0;

	if (revs.isnull)
		return;
	args[2] = ARG(Int64GetDatum(thread_row_take_change(call, thread_id)));
	query_first(call, &message_supersede_older, args);
	messages -= row_int64(1, 1);
	query_first(call, &message_live_again, args);
	messages += row_int64(1, 1);
	thread_row_count(call, thread_id, messages, 0);
}

void
message_drop_of_runs(Call *call, NullableDatum thread_id, NullableDatum run_ids, NullableDatum gone)
{
	NullableDatum own[] = {thread_id, run_ids, ARG_NULL};
	NullableDatum seen[] = {thread_id, gone};
	int64 messages;

	query_first(call, &message_live_of, own);
	messages = row_int64(1, 1);
	query_exec(call, &message_drop_chunks, own);
	query_exec(call, &message_drop_own, own);
	own[2] = ARG(Int64GetDatum(thread_row_take_change(call, thread_id)));
	query_exec(call, &message_delete_own, own);
	if (!gone.isnull)
		query_exec(call, &message_drop_gone, seen);
	thread_row_count(call, thread_id, -messages, 0);
}
