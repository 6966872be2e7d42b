/*
 * state/siblings.c: what else was said in the place of a message.
 *
 * The place is the message before: two messages are alternatives when on their branches the same
 * one, or none, goes before them. A branch is a checkpoint below which there is none, with what it
 * has seen; the present one is the log as it is. Of a message that branches have in different words
 * these are alternatives when neither branch has the other's first revision: one that was reworded
 * where it stands is one and the same, also on a line that began after the rewording.
 */
#include "state/state.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "threadmem/threadmem.h"

PG_FUNCTION_INFO_V1(threadmem_message_siblings);

#define OF_THREAD " FROM threadmem_data.messages m WHERE m.tenant_id = $1 AND m.thread_id = $2"

static Stmt state_sibling_of = {"SELECT m.seq, m.state = 'live'" OF_THREAD " AND m.message_id = $3"
								" AND m.state IN ('live', 'off_branch')" MESSAGE_NOT_ENDED
								" ORDER BY m.state = 'live' DESC, m.rev DESC LIMIT 1",
								"tt"};
/*
 * The message before a place ($3): its place, and its first revision, from which on all that was
 * said later is found by the key.
 */
#define BEFORE(is_there) \
	"SELECT m.seq, (SELECT min(o.rev) FROM threadmem_data.messages o WHERE o.tenant_id = $1" \
	" AND o.thread_id = $2 AND o.message_id = m.message_id)" OF_THREAD \
	" AND m.seq < $3 AND " is_there " ORDER BY m.seq DESC LIMIT 1"
static Stmt state_live_before = {BEFORE("m.state = 'live'"), "tl"};
static Stmt state_seen_before = {BEFORE("m.rev <@ $4" MESSAGE_NOT_ENDED), "tlm"};
static Stmt state_end_with = {
	"SELECT c.seen" CHECKPOINTS_OF("''") " AND EXISTS (SELECT 1" OF_THREAD
										 " AND m.message_id = $3 AND m.rev <@ c.seen)"
										 " ORDER BY c.checkpoint_id DESC LIMIT 1",
	"tt"};
/* The head comes first; it is the present branch also when something stands below it. */
static Stmt state_ends = {
	"SELECT c.checkpoint_id, coalesce(c.seen, '{}')" CHECKPOINTS_OF(
		"''") " AND (NOT EXISTS"
			  " (SELECT 1 FROM threadmem_data.checkpoints k WHERE k.tenant_id = $1 AND k.thread_id = $2"
			  " AND k.checkpoint_ns = '' AND k.parent_checkpoint_id = c.checkpoint_id)"
			  " OR c.checkpoint_id = (SELECT max(h.checkpoint_id) FROM threadmem_data.checkpoints h"
			  " WHERE h.tenant_id = $1 AND h.thread_id = $2 AND h.checkpoint_ns = ''))"
			  " ORDER BY c.checkpoint_id DESC",
	"t"};
/* Every revision of the messages from a place ($3) on. */
static Stmt state_said_from = {"SELECT m.seq, m.rev, m.state = 'live'" OF_THREAD
							   " AND m.rev >= $4 AND m.seq >= $3" MESSAGE_NOT_ENDED
							   " ORDER BY m.seq, m.rev",
							   "tll"};
static Stmt state_sibling_row = {"SELECT " MESSAGE_COLUMNS ", $4, $5" OF_THREAD " AND m.rev = $3",
								 "tltb"};

typedef struct SaidRevision
{
	int64 seq;
	int64 rev;
	bool is_live;
} SaidRevision;

/* One alternative, by the first revision that its branch has of it. */
typedef struct Sibling
{
	int64 first;
	int64 rev;
	int64 seq;
	NullableDatum checkpoint_id;
	bool is_current;
	const RevSet *seen;
} Sibling;

typedef struct Siblings
{
	Call *call;
	NullableDatum thread_id;
	int64 seq;   /* of the message before, 0 for none */
	int64 first; /* and its first revision */
	int said_count;
	SaidRevision *said; /* from that on */
	int count;
	Sibling *list;
} Siblings;

/* Which message goes before, on the branch of this one. */
static void
find_place(Siblings *siblings, NullableDatum message_id)
{
	NullableDatum key[] = {siblings->thread_id, message_id};
	NullableDatum args[] = {siblings->thread_id, ARG_NULL, ARG_NULL};
	bool is_live;

	if (!query_first(siblings->call, &state_sibling_of, key))
		message_not_found(siblings->call, siblings->thread_id, message_id);
	args[1] = row_column(1, 1);
	is_live = row_bool(1, 2);
	if (!is_live)
	{
		if (!query_first(siblings->call, &state_end_with, key))
			message_not_found(siblings->call, siblings->thread_id, message_id);
		args[2] = row_column(1, 1);
	}
	if (query_first(siblings->call, is_live ? &state_live_before : &state_seen_before, args))
	{
		siblings->seq = row_int64(1, 1);
		siblings->first = row_int64(1, 2);
	}
}

static void
read_said(Siblings *siblings)
{
	NullableDatum args[] = {siblings->thread_id, ARG(Int64GetDatum(siblings->seq)),
							ARG(Int64GetDatum(siblings->first))};
	int count = (int)query_exec(siblings->call, &state_said_from, args);

	siblings->said = palloc_extended(sizeof(SaidRevision) * Max(count, 1), MCXT_ALLOC_HUGE);
	siblings->said_count = count;
	for (int i = 0; i < count; i++)
		siblings->said[i] =
			(SaidRevision){row_int64(i + 1, 1), row_int64(i + 1, 2), row_bool(i + 1, 3)};
}

/* From a place in said on, the first message that a branch has; its revisions there. */
static bool
next_of_branch(const Siblings *siblings, const RevSet *seen, Sibling *found, int *at)
{
	while (*at < siblings->said_count)
	{
		int64 seq = siblings->said[*at].seq;
		bool any = false;

		CHECK_FOR_INTERRUPTS();
		found->first = 0;
		for (; *at < siblings->said_count && siblings->said[*at].seq == seq; (*at)++)
		{
			const SaidRevision *said = &siblings->said[*at];
			bool is_there = rev_set_has(seen, said->rev);

			if (found->first == 0 && (is_there || (found->is_current && said->is_live)))
				found->first = said->rev;
			if (found->is_current ? !said->is_live : !is_there)
				continue;
			found->rev = said->rev;
			any = true;
		}
		if (any)
			return true;
	}
	return false;
}

/* What a branch has in the place, if it has the message before. */
static void
add_branch(Siblings *siblings, NullableDatum checkpoint_id, const RevSet *seen, bool is_current)
{
	Sibling *sibling = &siblings->list[siblings->count];
	int at = 0;

	*sibling = (Sibling){.checkpoint_id = checkpoint_id, .is_current = is_current, .seen = seen};
	if (siblings->seq > 0 && (!next_of_branch(siblings, seen, sibling, &at) ||
							  siblings->said[at - 1].seq != siblings->seq))
		return;
	if (!next_of_branch(siblings, seen, sibling, &at))
		return;
	sibling->seq = siblings->said[at - 1].seq;
	for (int i = 0; i < siblings->count; i++)
	{
		const Sibling *other = &siblings->list[i];

		CHECK_FOR_INTERRUPTS();
		if (other->seq == sibling->seq &&
			(other->first == sibling->first || rev_set_has(other->seen, sibling->first) ||
			 rev_set_has(seen, other->first)))
			return;
	}
	siblings->count++;
}

/* The newest branches come first, and of an alternative the first branch counts. */
static void
add_branches(Siblings *siblings)
{
	int count = (int)query_exec(siblings->call, &state_ends, &siblings->thread_id);
	NullableDatum *ids = palloc(sizeof(NullableDatum) * (count + 1));
	RevSet *seen = palloc0(sizeof(RevSet) * (count + 1));

	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		ids[i] = row_column(i + 1, 1);
		seen[i] = set_of_seen(row_column(i + 1, 2));
	}
	read_said(siblings);
	siblings->list = palloc(sizeof(Sibling) * (count + 1));
	if (count == 0)
		add_branch(siblings, ARG_NULL, &seen[0], true);
	for (int i = 0; i < count; i++)
		add_branch(siblings, ids[i], &seen[i], i == 0);
}

Datum
threadmem_message_siblings(PG_FUNCTION_ARGS)
{
	Siblings siblings = {.thread_id = fcinfo->args[0]};
	Call call;

	query_begin(&call, fcinfo);
	query_open_set(&call);
	siblings.call = &call;
	find_place(&siblings, fcinfo->args[1]);
	add_branches(&siblings);
	qsort(siblings.list, siblings.count, sizeof(Sibling), compare_int64);
	for (int i = 0; i < siblings.count; i++)
	{
		const Sibling *sibling = &siblings.list[i];
		NullableDatum args[] = {siblings.thread_id, ARG(Int64GetDatum(sibling->rev)),
								sibling->checkpoint_id, ARG(BoolGetDatum(sibling->is_current))};

		query_add_to_set(&call, &state_sibling_row, args);
	}
	return query_close_set(&call);
}
