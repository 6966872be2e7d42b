/*
 * state/before.c: the newest state before a message was said, or that knows nothing said after it.
 *
 * A checkpoint says what it has seen, which is what the log has of it. Of an open delta channel
 * that is not all: its messages are in writes, of which the log may know some since, or none. So
 * such a state is asked for its list. What of that no revision has is later than the message when
 * it stands behind it. Before the message is where the list does not have it: what writes brought
 * may have come into the log long after, when another branch took it in.
 */
#include "state/state.h"

#include "miscadmin.h"
#include "utils/builtins.h"

static Stmt state_list_has_later = {
	"SELECT 1 FROM threadmem_data.messages m WHERE m.tenant_id = $1 AND m.thread_id = $2"
	" AND m.seq > $3 AND m.rev <@ $4 LIMIT 1",
	"tlm"};
static Stmt state_revisions_at = {"SELECT m.rev FROM threadmem_data.messages m"
								  " WHERE m.tenant_id = $1 AND m.thread_id = $2 AND m.seq = $3",
								  "tl"};

/* All that a referral may have made of a message: its revisions, and drafts of it. */
static RevList
wordings(const Superstep *step, int64 seq)
{
	NullableDatum args[] = {step->thread_id, ARG(Int64GetDatum(seq))};
	List *drafts = step->referral.drafts;
	RevList revs = {.count = (int)query_exec(step->call, &state_revisions_at, args)};
	ListCell *cell;

	revs.revs =
		palloc_extended(sizeof(int64) * (revs.count + list_length(drafts) + 1), MCXT_ALLOC_HUGE);
	for (int i = 0; i < revs.count; i++)
		revs.revs[i] = row_int64(i + 1, 1);
	foreach (cell, drafts)
	{
		const MessageDraft *draft = &((ReferredDraft *)lfirst(cell))->draft;

		if (draft->seq == seq)
			revs.revs[revs.count++] = draft->rev;
	}
	return revs;
}

/* Behind a place of the list: a message that no revision has. */
static bool
has_new_behind(const Superstep *step, const RevRuns *list, int64 place)
{
	int64 at = 0;

	for (int i = 0; i < list->count; i++)
	{
		RevRun run = list->runs[i];

		for (int64 rev = Max(run.first + Max(place + 1 - at, 0), step->thread.rev); rev <= run.last;
			 rev++)
		{
			const ReferredDraft *draft = referral_draft(&step->referral, rev);

			CHECK_FOR_INTERRUPTS();
			if (draft && draft->draft.seq >= step->thread.seq)
				return true;
		}
		at += run.last - run.first + 1;
	}
	return false;
}

static bool
list_is_later(const Superstep *step, const RevRuns *list, int64 seq, bool with)
{
	NullableDatum args[] = {step->thread_id, ARG(Int64GetDatum(seq)), seen_after(ARG_NULL, list)};
	RevList own = wordings(step, seq);
	RevPlaces places = rev_places(&own, list);
	int64 last = -1;

	if (!with)
		return places.count > 0;
	if (query_first(step->call, &state_list_has_later, args))
		return true;
	for (int i = 0; i < places.count; i++)
		last = Max(last, places.list[i].place);
	return last >= 0 && has_new_behind(step, list, last);
}

NullableDatum
state_before(Call *call, NullableDatum thread_id, const ThreadRow *thread, int64 seq, bool with)
{
	NullableDatum id = checkpoint_before(call, thread_id, with ? seq : seq - 1);
	Neighbour at;

	while (!id.isnull && neighbour_of(call, thread_id, ARG_TEXT(""), id, &at) &&
		   delta_is_open(at.metadata, "messages"))
	{
		Superstep step;
		RevRuns list;

		CHECK_FOR_INTERRUPTS();
		superstep_begin(&step, call, thread, thread_id, ARG_TEXT(""), id);
		if (!superstep_list(&step, "messages", &list) || !list_is_later(&step, &list, seq, with))
			break;
		id = at.parent_checkpoint_id;
	}
	return id;
}
