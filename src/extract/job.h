/*
 * extract/job.h: what the files of this room share.
 */
#ifndef EXTRACT_JOB_H
#define EXTRACT_JOB_H

#include "extract/extract.h"

#define JOB_COLUMNS \
	"j.user_id, j.job_id, j.status, j.thread_id, j.message_id, j.episode_id, j.worker, j.attempts," \
	" j.max_attempts, j.claimed_at, j.lease_until, j.ended_at, j.error"

/*
 * A message m of a thread of the user that an extractor is to have. One that is being streamed is
 * waited for, an hour at most: its words are none before its end.
 */
#define STREAMS \
	"(m.status = 'in_progress' AND m.created_at > clock_timestamp() - interval '1 hour')"
#define WAITS \
	"m.state = 'live' AND m.in_memory AND (" STREAMS \
	" OR threadmem.message_text(m.body) IS NOT NULL)"

typedef struct Job
{
	NullableDatum user_id;
	NullableDatum job_id;
	NullableDatum thread_id; /* of a message */
	NullableDatum message_id;
	NullableDatum rev;
	NullableDatum episode_id; /* or of an episode */
	char *status;
	char *worker;
	int64 attempts;
	int64 max_attempts;
	bool leased; /* its time is not over */
} Job;

/* The user's open job; false for none. The user is locked. */
extern bool job_find_open(Call *call, NullableDatum user_id, Job *job);
/* A job of the user, open or not; P0002. */
extern void job_find(Call *call, NullableDatum user_id, NullableDatum job_id, Job *job);

/*
 * Ranges of names that may begin where a word of the text does, as two text[]; key: the text, as
 * words_key() has it. Of a long text its first thousand words (extract/known.c).
 */
extern void known_ranges(const char *key, NullableDatum *lows, NullableDatum *highs);

/* Locks the episode; false when it is not there any more as it was claimed. */
extern bool job_lock_episode(Call *call, const Job *job);

/* The job ends: done, failed (with an error) or gone, and what comes behind it is next. */
extern void job_end(Call *call, const Job *job, const char *status, NullableDatum error);

#endif
