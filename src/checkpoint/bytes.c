/*
 * checkpoint/bytes.c: how large a state is with its messages written out.
 *
 * A state document refers to its messages, so a small one may stand for more than jsonb can hold,
 * and then nobody could read it. Who writes has to know, without reading the messages. So every row
 * says how many bytes its state has, and that of a new one follows from its parent's: what the
 * document grows by, and the bodies that its lists hold and the parent's do not, less those that
 * only the parent's hold. Both lists are runs of revisions, and begin and end alike as a rule: the
 * difference costs what the runs between are, and only the bodies that come or go are looked at:
 * their sizes, for which a pointer to what is stored apart is enough. A message may be in a list
 * several times, hence a difference counts.
 *
 * When a message is erased the rows that hold it go on saying what they said: a number may be too
 * high, never too low. Where it is over the limit, the whole list is asked before it is believed.
 */
#include "checkpoint/checkpoint.h"

#include "miscadmin.h"

#include "threadmem/threadmem.h"

/* From a revision on, a list holds so many more. */
typedef struct ListBound
{
	int64 rev;
	int64 times;
} ListBound;

typedef struct ListBounds
{
	int count;
	ListBound *bounds;
} ListBounds;

static void
add_runs(ListBounds *bounds, const RevRuns *list, int64 times)
{
	for (int i = 0; i < list->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		bounds->bounds[bounds->count++] = (ListBound){list->runs[i].first, times};
		bounds->bounds[bounds->count++] = (ListBound){list->runs[i].last + 1, -times};
	}
}

/* What one list holds more than another; how many stretches. */
static int
difference(const RevRuns *before, const RevRuns *after, RevStretch **stretches)
{
	RevRuns old;
	RevRuns new;
	ListBounds bounds = {0};
	int64 times = 0;
	int count = 0;

	rev_runs_between(before, after, &old, &new);
	bounds.bounds =
		palloc_extended(sizeof(ListBound) * 2 * ((Size)old.count + new.count + 1), MCXT_ALLOC_HUGE);
	add_runs(&bounds, &old, -1);
	add_runs(&bounds, &new, 1);
	qsort(bounds.bounds, bounds.count, sizeof(ListBound), compare_int64);
	*stretches = palloc_extended(sizeof(RevStretch) * (bounds.count + 1), MCXT_ALLOC_HUGE);
	for (int i = 0; i < bounds.count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (i > 0 && times != 0 && bounds.bounds[i].rev > bounds.bounds[i - 1].rev)
			(*stretches)[count++] =
				(RevStretch){bounds.bounds[i - 1].rev, bounds.bounds[i].rev - 1, times};
		times += bounds.bounds[i].times;
	}
	return count;
}

/* A draft is not stored yet. What a damaged row says beyond them is nothing. */
static int64
bytes_of_drafts(const Referral *referral, RevStretch *stretch)
{
	int64 rev = Max(stretch->first, referral->thread->rev);
	int64 bytes = 0;
	ReferredDraft *made;

	for (; rev <= stretch->last && (made = referral_draft(referral, rev)) != NULL; rev++)
	{
		CHECK_FOR_INTERRUPTS();
		bytes += VARSIZE(made->draft.body) + ELEMENT_SPARE_BYTES;
	}
	stretch->last = Min(stretch->last, referral->thread->rev - 1);
	return bytes * stretch->times;
}

/* By how much the bodies of one list are more than those of another. */
static int64
bytes_more(const Referral *referral, const RevRuns *before, const RevRuns *after)
{
	RevStretch *stretches;
	int count = difference(before, after, &stretches);
	int64 bytes = 0;
	int stored = 0;

	for (int i = 0; i < count; i++)
	{
		bytes += bytes_of_drafts(referral, &stretches[i]);
		if (stretches[i].first <= stretches[i].last)
			stretches[stored++] = stretches[i];
	}
	return bytes + message_bytes(referral->call, referral->thread_id, stretches, stored);
}

bool
put_fits(const Put *put, Composition *composition)
{
	const Referral *referral = &composition->referral;
	int64 document = VARSIZE(composition->document);
	RevRuns none = {0};

	composition->bytes = document + bytes_more(referral, &composition->before, &composition->list);
	if (composition->parent)
		composition->bytes +=
			put->parent.state_bytes - (int64)VARSIZE(composition->parent->document);
	if (composition->parent && composition->bytes > STATE_MAX_BYTES)
		composition->bytes = document + bytes_more(referral, &none, composition_list(composition));
	composition->bytes = Max(composition->bytes, document); /* whatever a damaged row says */
	return composition->bytes <= STATE_MAX_BYTES;
}

/* 0 is said by no row that is sound. */
bool
state_bytes_fit(int64 bytes)
{
	return bytes > 0 && bytes <= STATE_MAX_BYTES;
}

pg_noreturn static void
error_too_large_state(NullableDatum thread_id, int64 bytes, const char *hint)
{
	char *more = bytes > 0 ? psprintf(INT64_FORMAT " bytes as jsonb, the limit is %d.", bytes,
									  STATE_MAX_BYTES)
						   : psprintf("more than %d bytes as jsonb.", STATE_MAX_BYTES);

	ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("state is too large"),
					errdetail("thread_id is \"%s\". With its messages the state has %s",
							  text_or_null(thread_id), more),
					errhint("%s", hint)));
}

void
error_state_unwritable(NullableDatum thread_id, int64 bytes)
{
	error_too_large_state(thread_id, bytes,
						  "Take messages out of the state with thread_update_state() and"
						  " RemoveMessage, or out of log and state with message_delete(); keep"
						  " large values elsewhere.");
}

void
error_state_unreadable(NullableDatum thread_id)
{
	error_too_large_state(thread_id, 0,
						  "Read it in parts: thread_state() with fields => '{values.<channel>}',"
						  " message_list() for messages. thread_update_state() with RemoveMessage"
						  " or message_delete() makes it smaller.");
}
