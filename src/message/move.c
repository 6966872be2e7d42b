/*
 * message/move.c: what the log shows follows the head of the state.
 *
 * The head of a thread's state moves with every checkpoint: as a rule to a child, which adds
 * messages and changes a few. Then those are stored live, and what they replace is superseded. When
 * it moves to another branch instead, revisions that only the branch left behind has seen go off
 * the branch, and those that the new one has seen come back. Both are one rule for one message:
 *
 *   Its live revision is the one that the new head's list has, else the newest one that the head
 *   and its ancestors have seen. With none of these the message is off the branch.
 *
 * It is asked only of messages that the move may change: those with revisions that one branch has
 * seen and the other has not, those in the list that the parent's list did not have, and where the
 * head comes from another branch, those in the list that are not live. Of the list only the part
 * counts in which it differs from the old head's: what both begin and end with has its states
 * already. So what a person changed meanwhile and no checkpoint has seen stays live until the state
 * takes it in, and comes back with the message when the head does. A message that was deleted or
 * erased stays so.
 */
#include "message/message.h"

#include "miscadmin.h"
#include "utils/builtins.h"

/* $3 and $4: seen by the old head and by the new one; $5, $6: listed anew; $7: with a draft; $8,
 * $9: listed where the old head's list differs. */
static Stmt message_touched = {
	"WITH moved AS MATERIALIZED (SELECT m.message_id FROM"
	" (SELECT lower(u), upper(u) FROM unnest((coalesce($3, '{}') - $4) + ($4 - coalesce($3, '{}'))) u"
	" OFFSET 0) AS r (low, high),"
	" LATERAL (SELECT s.message_id FROM threadmem_data.messages s WHERE s.tenant_id = $1"
	" AND s.thread_id = $2 AND s.rev >= r.low AND s.rev < r.high OFFSET 0) m"
	" UNION SELECT m.message_id FROM unnest($5, $6) AS n (first, last), LATERAL (SELECT s.message_id"
	" FROM threadmem_data.messages s WHERE s.tenant_id = $1 AND s.thread_id = $2"
	" AND s.rev BETWEEN n.first AND n.last OFFSET 0) m UNION SELECT unnest($7)"
	" UNION SELECT m.message_id FROM unnest($8, $9) AS h (first, last), LATERAL (SELECT s.message_id"
	" FROM threadmem_data.messages s WHERE s.tenant_id = $1 AND s.thread_id = $2"
	" AND s.rev BETWEEN h.first AND h.last AND s.state <> 'live' OFFSET 0) m)"
	" SELECT m.message_id, m.rev, m.state, m.rev <@ $3, m.rev <@ $4, m.by_checkpoint FROM moved o,"
	" LATERAL (SELECT s.message_id, s.rev, s.state, s.by_checkpoint"
	" FROM threadmem_data.messages s WHERE s.tenant_id = $1 AND s.thread_id = $2"
	" AND s.message_id = o.message_id OFFSET 0) m ORDER BY m.message_id, m.rev",
	"tmmLLTLL"};
static Stmt message_all_of_messages = {
	"SELECT o.rev FROM unnest($3, $4) AS r (first, last), LATERAL (SELECT s.message_id"
	" FROM threadmem_data.messages s WHERE s.tenant_id = $1 AND s.thread_id = $2"
	" AND s.rev BETWEEN r.first AND r.last OFFSET 0) m, LATERAL (SELECT i.rev"
	" FROM threadmem_data.messages i WHERE i.tenant_id = $1 AND i.thread_id = $2"
	" AND i.message_id = m.message_id OFFSET 0) o",
	"tLL"};
/* One at a time: joined to a list of them, the thread may be read whole, for each of the list. */
static Stmt message_set_state = {
	"UPDATE threadmem_data.messages m SET state = $4, change = coalesce($5, m.change),"
	" status = CASE m.status WHEN 'in_progress' THEN 'incomplete' ELSE m.status END"
	" WHERE m.tenant_id = $1 AND m.thread_id = $2 AND m.rev = $3",
	"tltl"};
/*
 * What is pending again because a list has an old revision ($3, $4) of the message again: that it
 * was deleted, or changed by one that the state has not seen ($5).
 */
static Stmt message_pending_again = {
	"SELECT m.rev FROM (SELECT DISTINCT o.message_id FROM unnest($3, $4) AS r (first, last), LATERAL"
	" (SELECT i.message_id FROM threadmem_data.messages i WHERE i.tenant_id = $1 AND i.thread_id = $2"
	" AND i.rev BETWEEN r.first AND r.last OFFSET 0) o OFFSET 0) l, LATERAL (SELECT i.rev FROM threadmem_data.messages i"
	" WHERE i.tenant_id = $1 AND i.thread_id = $2 AND i.message_id = l.message_id"
	" AND (i.state = 'deleted' OR (i.state = 'live' AND NOT i.rev <@ $5)) OFFSET 0) m",
	"tLLm"};
static Stmt message_set_change = {"UPDATE threadmem_data.messages m SET change = $4"
								  " WHERE m.tenant_id = $1 AND m.thread_id = $2 AND m.rev = $3",
								  "tll"};
/* A stream ends with the whole message that comes in its place. */
static Stmt message_drop_chunks_of_ended = {
	"DELETE FROM threadmem_data.message_chunks c WHERE c.tenant_id = $1 AND c.thread_id = $2"
	" AND (c.message_id IN (SELECT unnest($3))) IS TRUE",
	"tT"};

/*
 * What the head has seen of a message ($4) stays when a person changed it since: else the change
 * would be news to a state that has dropped the message.
 */
static Stmt message_drop_unheld_stmt = {
	"DELETE FROM threadmem_data.messages m WHERE m.tenant_id = $1 AND m.thread_id = $2"
	" AND m.state IN ('superseded', 'off_branch') AND NOT m.rev <@ $3"
	" AND (NOT m.rev <@ $4 OR NOT EXISTS (SELECT 1 FROM threadmem_data.messages l"
	" WHERE l.tenant_id = $1 AND l.thread_id = $2 AND l.message_id = m.message_id"
	" AND l.state = 'live' AND NOT l.rev <@ $4))",
	"tmm"};
static Stmt message_seen_anywhere = {
	"SELECT coalesce(lower(r), 1), coalesce(upper(r), 9223372036854775807) - 1 FROM unnest((SELECT range_agg(c.seen) FROM threadmem_data.checkpoints c"
	" WHERE c.tenant_id = $1 AND c.thread_id = $2 AND c.checkpoint_ns = '')) AS r",
	"t"};
/*
 * Sets that are asked for with IS TRUE: each is made once, as a hash table, whatever the planner
 * takes its size for.
 *
 * A message that a person deleted or erased ($3) stays so, whichever revision carried that.
 */
static Stmt message_keep_ended = {
	"UPDATE threadmem_data.messages m SET state = $3, change = coalesce(m.change, 1)"
	" WHERE m.tenant_id = $1 AND m.thread_id = $2"
	" AND m.state <> $3 AND (m.rev IN (SELECT max(o.rev) FILTER (WHERE NOT o.by_checkpoint)"
	" FROM threadmem_data.messages o WHERE o.tenant_id = $1 AND o.thread_id = $2 GROUP BY o.message_id"
	" HAVING max(o.state) FILTER (WHERE o.state IN ('deleted', 'erased')) = $3)) IS TRUE",
	"tt"};
static Stmt message_drop_by_checkpoint_stmt = {
	"DELETE FROM threadmem_data.messages m WHERE m.tenant_id = $1"
	" AND m.thread_id = $2 AND m.by_checkpoint",
	"t"};
static Stmt message_revive = {
	"UPDATE threadmem_data.messages m SET state = 'live' WHERE m.tenant_id = $1 AND m.thread_id = $2"
	" AND m.body IS NOT NULL AND (m.rev IN (SELECT max(o.rev) FROM threadmem_data.messages o"
	" WHERE o.tenant_id = $1 AND o.thread_id = $2 GROUP BY o.message_id"
	" HAVING bool_and(o.state IN ('superseded', 'off_branch')))) IS TRUE",
	"t"};
static Stmt message_count_live = {
	"SELECT count(*), count(*) FILTER (WHERE m.state = 'live')"
	" FROM threadmem_data.messages m WHERE m.tenant_id = $1 AND m.thread_id = $2",
	"t"};

typedef struct Revision
{
	char *message_id;
	int64 rev;
	char *state;
	bool seen_before;
	bool seen_after;
	bool by_checkpoint;
	const char *new_state; /* NULL: as it is */
} Revision;

typedef struct Mover
{
	Referral *referral;
	const Move *move;
	ThreadRowStep *step;
	RevPlaces places; /* in the new head's list, of what was read and of the drafts */
	Names *edits;     /* the last draft in the list, of messages that had a revision */
	RevSet *seen;     /* by any checkpoint; NULL: not asked yet */
} Mover;

static bool
has_state(const Revision *revision, const char *state)
{
	return strcmp(revision->state, state) == 0;
}

/* -1 when the list does not have it. */
static int64
place_of(const Mover *mover, int64 rev)
{
	return rev_last_place(&mover->places, rev);
}

static int64
place_of_draft(const Mover *mover, const ReferredDraft *draft)
{
	return place_of(mover, draft->draft.rev);
}

/* Drafts by message: of each the one that comes last in the list. */
static Names *
last_drafts(const Mover *mover, bool edits_only)
{
	Names *last = names_new();
	ListCell *cell;

	foreach (cell, mover->referral->drafts)
	{
		ReferredDraft *draft = lfirst(cell);
		char *id = draft->draft.shape.message_id;
		NameEntry *entry;

		if (edits_only && draft->old_rev == 0)
			continue;
		entry = names_add(last, id, (int)strlen(id));
		if (!entry->value || place_of_draft(mover, draft) >= place_of_draft(mover, entry->value))
			entry->value = draft;
	}
	return last;
}

static ReferredDraft *
draft_of(Names *drafts, const char *message_id)
{
	NameEntry *entry = names_find(drafts, message_id, (int)strlen(message_id));

	return entry ? entry->value : NULL;
}

static bool
seen_by_any(Mover *mover, int64 rev)
{
	if (!mover->seen)
	{
		int count = (int)query_exec(mover->referral->call, &message_seen_anywhere,
									&mover->referral->thread_id);
		RevRun *runs = palloc_extended(sizeof(RevRun) * Max(count, 1), MCXT_ALLOC_HUGE);

		for (int i = 0; i < count; i++)
			runs[i] = (RevRun){row_int64(i + 1, 1), row_int64(i + 1, 2)};
		mover->seen = palloc(sizeof(RevSet));
		*mover->seen = rev_set(runs, count);
	}
	return rev_set_has(mover->seen, rev);
}

/*
 * What a person said last of a message after the chosen revision, if no checkpoint has taken it in.
 * While the message is off the branch it waits to come back. But where another revision is live, a
 * checkpoint had taken it in and left it: that this one is gone, or was not copied, changes
 * nothing.
 */
static Revision *
unseen_change(Mover *mover, Revision *rows, int count, const Revision *chosen)
{
	Revision *last = &rows[count - 1];

	while (last > chosen && last->by_checkpoint)
		last--;
	if (last <= chosen || last->seen_before || last->seen_after)
		return NULL;
	if (has_state(last, "live"))
		return last;
	for (const Revision *row = rows; row < last; row++)
		if (has_state(row, "live"))
			return NULL;
	return seen_by_any(mover, last->rev) ? NULL : last;
}

/* The stored revision that is to be live, NULL for none of these. */
static Revision *
choose_live(Mover *mover, Revision *rows, int count)
{
	Revision *chosen = NULL;
	Revision *change;
	int64 best = -1;

	for (int i = 0; i < count; i++)
	{
		int64 place = place_of(mover, rows[i].rev);

		if (place > best || (best < 0 && rows[i].seen_after))
			chosen = &rows[i];
		best = Max(best, place);
	}
	change = chosen ? unseen_change(mover, rows, count, chosen) : NULL;
	return change ? change : chosen;
}

/* What a revision becomes beside the live one; NULL: it stays as it is. */
static const char *
state_beside_live(const Mover *mover, const Revision *revision, bool lives_on)
{
	const char *state = "superseded";

	if (!has_state(revision, "live") && !revision->seen_before && !revision->seen_after)
		return NULL;
	if (mover->move->switches && !revision->seen_after)
		state = "off_branch";
	if (!lives_on)
		state = "off_branch";
	return has_state(revision, state) ? NULL : state;
}

/* Decides what becomes of all revisions of one message. */
static void
choose_states(Mover *mover, Revision *rows, int count)
{
	ReferredDraft *draft = draft_of(mover->edits, rows[0].message_id);
	Revision *live = choose_live(mover, rows, count);

	for (int i = 0; i < count; i++)
		if (has_state(&rows[i], "deleted") || has_state(&rows[i], "erased"))
			return;
	if (draft && (!live || place_of(mover, live->rev) < place_of_draft(mover, draft)))
		live = NULL;
	else if (draft)
		draft->draft.state = "superseded";
	for (int i = 0; i < count; i++)
	{
		Revision *revision = &rows[i];

		if (revision != live)
			revision->new_state = state_beside_live(mover, revision, live || draft);
		else if (!has_state(revision, "live"))
			revision->new_state = "live";
		if (revision->new_state && has_state(revision, "live"))
			mover->step->messages--;
		else if (revision->new_state && strcmp(revision->new_state, "live") == 0)
			mover->step->messages++;
	}
}

/* A message that has left its place may have another revision in the list, which comes up then. */
static void
add_beside(const Mover *mover, const RevRuns *left, RevRuns *joined)
{
	Referral *referral = mover->referral;
	NullableDatum args[3] = {referral->thread_id};
	RevList revs = {0};
	RevPlaces places;

	if (left->count == 0)
		return;
	rev_bounds(left->runs, left->count, &args[1]);
	revs.count = (int)query_exec(referral->call, &message_all_of_messages, args);
	revs.revs = palloc_extended(sizeof(int64) * (revs.count + 1), MCXT_ALLOC_HUGE);
	for (int i = 0; i < revs.count; i++)
		revs.revs[i] = row_int64(i + 1, 1);
	places = rev_places(&revs, mover->move->list);
	for (int i = 0; i < places.count; i++)
		rev_runs_add(joined, places.list[i].rev, places.list[i].rev);
}

/* What of the new list may not be live: where it is another branch's, all that differs. */
static RevRuns
read_joined(const Mover *mover)
{
	const Move *move = mover->move;
	RevRuns joined = {0};
	RevRuns left = {0};

	if (!move->switches)
		return joined;
	if (!move->list_before)
		return *move->list;
	rev_runs_between(move->list_before, move->list, &left, &joined);
	add_beside(mover, &left, &joined);
	return joined;
}

static Revision *
read_touched(const Mover *mover, int *count)
{
	Referral *referral = mover->referral;
	const Move *move = mover->move;
	RevRuns joined;
	Datum *ids = palloc(sizeof(Datum) * Max(list_length(referral->drafts), 1));
	Revision *rows;
	ListCell *cell;
	int edits = 0;

	foreach (cell, referral->drafts)
	{
		ReferredDraft *draft = lfirst(cell);

		if (draft->old_rev != 0)
			ids[edits++] = CStringGetTextDatum(draft->draft.shape.message_id);
	}
	*count = 0;
	if (!move->switches && move->news->count == 0 && edits == 0)
		return NULL;
	{
		NullableDatum args[8] = {referral->thread_id, move->seen_before, move->seen_after};

		joined = read_joined(mover);
		rev_bounds(move->news->runs, move->news->count, &args[3]);
		args[5] = text_array(ids, edits);
		rev_bounds(joined.runs, joined.count, &args[6]);
		*count = (int)query_exec(referral->call, &message_touched, args);
	}
	rows = palloc0(sizeof(Revision) * Max(*count, 1));
	for (int i = 0; i < *count; i++)
	{
		rows[i].message_id = row_text(i + 1, 1);
		rows[i].rev = row_int64(i + 1, 2);
		rows[i].state = row_text(i + 1, 3);
		rows[i].seen_before = row_bool(i + 1, 4);
		rows[i].seen_after = row_bool(i + 1, 5);
		rows[i].by_checkpoint = row_bool(i + 1, 6);
	}
	return rows;
}

/* The number of what changes in this step. */
static NullableDatum
change_of(const Referral *referral, ThreadRowStep *step)
{
	step->changes = 1;
	return ARG(Int64GetDatum(referral->thread->change));
}

/* Only one revision of a place may be live at any time, so those that go go first. */
static void
write_states(const Mover *mover, const Revision *rows, int count, bool live)
{
	for (int i = 0; i < count; i++)
		if (rows[i].new_state && (strcmp(rows[i].new_state, "live") == 0) == live)
		{
			NullableDatum args[] = {mover->referral->thread_id, ARG(Int64GetDatum(rows[i].rev)),
									ARG_TEXT(rows[i].new_state),
									live ? change_of(mover->referral, mover->step) : ARG_NULL};

			query_exec(mover->referral->call, &message_set_state, args);
		}
}

static void
end_streams(const Mover *mover, const Revision *rows, int count)
{
	Datum *ids = palloc(sizeof(Datum) * Max(count, 1));
	NullableDatum args[2] = {mover->referral->thread_id};
	int ended = 0;

	for (int i = 0; i < count; i++)
		if (has_state(&rows[i], "live") && rows[i].new_state)
			ids[ended++] = CStringGetTextDatum(rows[i].message_id);
	if (ended == 0)
		return;
	args[1] = text_array(ids, ended);
	query_exec(mover->referral->call, &message_drop_chunks_of_ended, args);
}

static void
store_drafts(Referral *referral, ThreadRowStep *step)
{
	int64 newest = 0;
	ListCell *cell;

	foreach (cell, referral->drafts)
	{
		ReferredDraft *made = lfirst(cell);
		bool live = strcmp(made->draft.state, "live") == 0;

		guard_body(made->draft.body);
		message_index(&made->draft);
		if (strcmp(made->draft.state, "deleted") == 0)
			made->draft.change = DatumGetInt64(change_of(referral, step).value);
		if (made->old_rev != 0)
			message_revise(referral->call, referral->thread_id, made->old_rev, &made->draft);
		else
			message_store(referral->call, referral->thread_id, &made->draft, 1);
		if (live && made->old_rev == 0)
			newest = Max(newest, made->draft.seq);
		if (made->old_rev == 0)
			step->said = Max(step->dated ? step->said : DT_NOBEGIN, message_said(&made->draft));
		step->dated |= made->old_rev == 0;
		step->messages += live;
	}
	if (newest > 0)
		thread_row_notify_message(referral->call, referral->thread_id, newest);
	step->revisions += list_length(referral->drafts);
	step->places += referral->places;
}

/* Of several drafts of one message only the last one in the list lives; seldom are there any. */
static void
supersede_drafts(const Mover *mover)
{
	bool several = false;
	Names *last;
	ListCell *cell;

	foreach (cell, mover->referral->drafts)
		several |= ((ReferredDraft *)lfirst(cell))->old_rev >= mover->referral->thread->rev;
	if (!several)
		return;
	last = last_drafts(mover, false);
	foreach (cell, mover->referral->drafts)
	{
		ReferredDraft *draft = lfirst(cell);
		ReferredDraft *later = draft_of(last, draft->draft.shape.message_id);

		if (strcmp(draft->draft.state, "live") == 0 &&
			place_of_draft(mover, later) > place_of_draft(mover, draft))
			draft->draft.state = "superseded";
	}
}

/* The log stays as it is; what is new can be read in this state only. */
static void
leave_off_branch(Referral *referral)
{
	ListCell *cell;

	foreach (cell, referral->drafts)
	{
		MessageDraft *draft = &((ReferredDraft *)lfirst(cell))->draft;

		if (strcmp(draft->state, "live") == 0)
			draft->state = "off_branch";
	}
}

/* Where the list has the revisions that were read; most of a long list is none of them. */
static RevPlaces
find_places(const Mover *mover, const Revision *rows, int count)
{
	int drafts = list_length(mover->referral->drafts);
	RevList asked = {.revs =
						 palloc_extended(sizeof(int64) * (count + drafts + 1), MCXT_ALLOC_HUGE)};
	ListCell *cell;

	for (int i = 0; i < count; i++)
		asked.revs[asked.count++] = rows[i].rev;
	foreach (cell, mover->referral->drafts)
		asked.revs[asked.count++] = ((ReferredDraft *)lfirst(cell))->draft.rev;
	return rev_places(&asked, mover->move->list);
}

static void
move_log(Mover *mover)
{
	int count;
	Revision *rows = read_touched(mover, &count);

	mover->places = find_places(mover, rows, count);
	mover->edits = last_drafts(mover, true);
	supersede_drafts(mover);
	for (int from = 0, to; from < count; from = to)
	{
		CHECK_FOR_INTERRUPTS();
		for (to = from + 1; to < count && strcmp(rows[to].message_id, rows[from].message_id) == 0;
			 to++)
			;
		choose_states(mover, &rows[from], to - from);
	}
	write_states(mover, rows, count, false);
	end_streams(mover, rows, count);
	write_states(mover, rows, count, true);
}

static void
renew_pending(Referral *referral, const Move *move, ThreadRowStep *step)
{
	NullableDatum args[] = {referral->thread_id, ARG_NULL, ARG_NULL, move->seen_after};
	RevList found = {0};

	if (!move->again || move->again->count == 0)
		return;
	rev_bounds(move->again->runs, move->again->count, &args[1]);
	found.count = (int)query_exec(referral->call, &message_pending_again, args);
	found.revs = palloc_extended(sizeof(int64) * Max(found.count, 1), MCXT_ALLOC_HUGE);
	for (int i = 0; i < found.count; i++)
		found.revs[i] = row_int64(i + 1, 1);
	for (int i = 0; i < found.count; i++)
	{
		NullableDatum row[] = {referral->thread_id, ARG(Int64GetDatum(found.revs[i])),
							   change_of(referral, step)};

		CHECK_FOR_INTERRUPTS();
		query_exec(referral->call, &message_set_change, row);
	}
}

void
message_move(Referral *referral, const Move *move, ThreadRowStep *step)
{
	Mover mover = {.referral = referral, .move = move, .step = step};

	if (move->is_head)
		move_log(&mover);
	else
		leave_off_branch(referral);
	store_drafts(referral, step);
	renew_pending(referral, move, step);
}

void
message_drop_unheld(Call *call, NullableDatum thread_id, NullableDatum held, NullableDatum seen)
{
	NullableDatum args[] = {thread_id, held, seen};

	query_exec(call, &message_drop_unheld_stmt, args);
}

bool
message_drop_by_checkpoint(Call *call, NullableDatum thread_id, ThreadRowStep *step)
{
	query_first(call, &message_count_live, &thread_id);
	step->messages -= row_int64(1, 2);
	query_exec(call, &message_keep_ended, (NullableDatum[]){thread_id, ARG_TEXT("deleted")});
	query_exec(call, &message_keep_ended, (NullableDatum[]){thread_id, ARG_TEXT("erased")});
	query_exec(call, &message_drop_by_checkpoint_stmt, &thread_id);
	query_exec(call, &message_revive, &thread_id);
	query_first(call, &message_count_live, &thread_id);
	step->messages += row_int64(1, 2);
	return row_int64(1, 1) > 0;
}
