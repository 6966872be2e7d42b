/*
 * extract/claim.c: which episode a worker gets.
 *
 * Users come in turns: a claim begins behind the one that was served last and goes round, by two
 * indexes that hold only those for whom something waits. So a tenant's idle users cost nothing, and
 * one with a long history does not keep the others waiting. Of a user comes what arrived first, of
 * whichever thread, and nothing while an episode of it is out: the second may speak of what the
 * first said. Claims do not wait for each other: a user or a thread that somebody holds is passed
 * over, and comes the next time.
 */
#include "extract/job.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/timestamp.h"

#include "fact/fact.h"
#include "run/run.h"

PG_FUNCTION_INFO_V1(threadmem_memory_claim);

#define ATTEMPTS 3
#define NEIGHBOURS 4
#define NEIGHBOURS_MAX 100
#define LOOKS 500        /* at places where nothing waits after all; the next claim goes on */
#define STREAM_SECONDS 5 /* until a message that is being streamed is looked at once more */

#define OF_EXTRACTORS "(e.thread_id IS NULL OR e.owner_id = e.user_id)"
static Stmt claim_last_served = {
	.sql = "SELECT j.user_id FROM threadmem_data.memory_jobs j WHERE j.tenant_id = $1"
		   " ORDER BY j.claimed_at DESC LIMIT 1",
	.types = "",
	.keyed = true};
/* The first user behind $2 for whom something waits, and whether an episode of it is out. */
static Stmt claim_next_user = {
	.sql = "SELECT n.user_id, EXISTS (SELECT 1 FROM threadmem_data.memory_jobs j"
		   " WHERE j.tenant_id = $1 AND j.user_id = n.user_id AND j.status IN ('claimed', 'retry')"
		   " AND j.lease_until > $3) FROM ((SELECT t.user_id FROM threadmem_data.threads t"
		   " WHERE t.tenant_id = $1 AND t.user_id > $2 AND t.extract_at IS NOT NULL"
		   " AND t.extract_at <= $3 ORDER BY t.user_id LIMIT 1) UNION ALL (SELECT e.user_id"
		   " FROM threadmem_data.episodes e WHERE e.tenant_id = $1 AND e.user_id > $2"
		   " AND e.extract_at IS NOT NULL AND e.extract_at <= $3 AND " OF_EXTRACTORS
		   " ORDER BY e.user_id LIMIT 1)) n ORDER BY n.user_id LIMIT 1",
	.types = "tz",
	.keyed = true};
/* The two places of a user that have waited longest. */
static Stmt claim_oldest = {
	.sql = "SELECT o.thread_id, o.episode_id, o.extract_at FROM ((SELECT t.thread_id,"
		   " NULL::text AS episode_id, t.extract_at FROM threadmem_data.threads t"
		   " WHERE t.tenant_id = $1 AND t.user_id = $2 AND t.extract_at IS NOT NULL"
		   " AND t.extract_at <= $3 ORDER BY t.extract_at LIMIT 2) UNION ALL (SELECT NULL,"
		   " e.episode_id, e.extract_at FROM threadmem_data.episodes e WHERE e.tenant_id = $1"
		   " AND e.user_id = $2 AND e.extract_at IS NOT NULL AND e.extract_at <= $3"
		   " AND " OF_EXTRACTORS " ORDER BY e.extract_at LIMIT 2)) o"
		   " ORDER BY o.extract_at, o.thread_id, o.episode_id LIMIT 2",
	.types = "tz",
	.keyed = true};
static Stmt claim_next_message = {
	.sql = "SELECT m.message_id, m.rev, m.created_at, " STREAMS " FROM threadmem_data.threads t,"
		   " threadmem_data.messages m WHERE t.tenant_id = $1 AND t.thread_id = $2"
		   " AND m.tenant_id = $1 AND m.thread_id = $2 AND m.rev > t.extracted_rev AND " WAITS
		   " ORDER BY m.rev LIMIT 1",
	.types = "t",
	.keyed = true};
/* Of a user the last that is done is kept, for who was served when. */
static Stmt claim_forget_done = {
	"DELETE FROM threadmem_data.memory_jobs j WHERE j.tenant_id = $1 AND j.user_id = $2"
	" AND (j.status = 'done' OR (j.status = 'failed' AND j.thread_id IS NOT DISTINCT FROM $3"
	" AND j.message_id IS NOT DISTINCT FROM $4 AND j.episode_id IS NOT DISTINCT FROM $5))",
	"tttt"};
static Stmt claim_insert = {
	"INSERT INTO threadmem_data.memory_jobs (tenant_id, user_id, job_id, status, thread_id,"
	" message_id, rev, episode_id, worker, attempts, claimed_at, lease_until, max_attempts)"
	" VALUES ($1, $2, $3, 'claimed', $4, $5, $6, $7, $8, 1, $9, $10, $11)",
	"ttttlttzzl"};
static Stmt claim_again = {
	"UPDATE threadmem_data.memory_jobs j SET status = 'claimed', worker = $4,"
	" attempts = j.attempts + 1, claimed_at = $5, lease_until = $6 WHERE j.tenant_id = $1"
	" AND j.user_id = $2 AND j.job_id = $3",
	"tttzz"};

/* What is to be drawn from. */
static Stmt claim_text_of_message = {
	"SELECT threadmem.message_text(m.body) FROM threadmem_data.memory_jobs j,"
	" threadmem_data.messages m WHERE j.tenant_id = $1 AND j.user_id = $2 AND j.job_id = $3"
	" AND m.tenant_id = $1 AND m.thread_id = j.thread_id AND m.rev = j.rev",
	"tt"};
static Stmt claim_text_of_episode = {
	"SELECT e.content FROM threadmem_data.memory_jobs j, threadmem_data.episodes e"
	" WHERE j.tenant_id = $1 AND j.user_id = $2 AND j.job_id = $3 AND e.tenant_id = $1"
	" AND e.user_id = $2 AND e.episode_id = j.episode_id",
	"tt"};

/*
 * What the worker gets. Of a large memory it knows the entities that the text $5 names ($6 and $7
 * are where they may be, $8 is it as it is compared), then those of the newest facts; of a small
 * one all.
 */
#define OF_ENTITIES "threadmem_data.entities e WHERE e.tenant_id = $1 AND e.user_id = $2"
#define NEAR_ENTITIES \
	"SELECT c.entity_id, min(c.place) AS place FROM (SELECT n.entity_id, 0 AS place" \
	" FROM (SELECT DISTINCT * FROM unnest($6, $7)) w (low, high), LATERAL (SELECT e.entity_id," \
	" e.name_key FROM " OF_ENTITIES " AND e.name_key >= w.low AND e.name_key < w.high" \
	" ORDER BY e.name_key LIMIT 20) n WHERE strpos($8, n.name_key) > 0 UNION ALL SELECT" \
	" unnest(ARRAY[n.source_id, n.target_id]), 1 FROM (SELECT f.source_id, f.target_id" \
	" FROM threadmem_data.facts f WHERE f.tenant_id = $1 AND f.user_id = $2" \
	" ORDER BY f.created_at DESC, f.fact_id DESC LIMIT 100) n UNION ALL SELECT n.entity_id, 2" \
	" FROM (SELECT e.entity_id FROM " OF_ENTITIES \
	" ORDER BY e.entity_id LIMIT 50) n) c GROUP BY c.entity_id"
#define KNOWN \
	"(SELECT coalesce(jsonb_agg(jsonb_build_object('entity_id', k.entity_id, 'name', k.name," \
	" 'label', k.label, 'summary', k.summary) ORDER BY k.place, k.updated_at DESC, k.entity_id)," \
	" '[]') FROM (SELECT l.*, a.place FROM (" NEAR_ENTITIES ") a, LATERAL (SELECT e.*" \
	" FROM " OF_ENTITIES " AND e.entity_id = a.entity_id OFFSET 0) l" \
	" ORDER BY a.place, l.updated_at DESC, l.entity_id LIMIT 50) k)," \
	" (SELECT o.ontology FROM threadmem_data.ontologies o WHERE o.tenant_id = $1" \
	" AND (o.user_id = '' OR o.user_id = $2) ORDER BY o.user_id DESC LIMIT 1)," \
	" " NAME_OF_USER ", u.summary"
#define GIVEN(source) \
	" FROM threadmem_data.memory_jobs j, threadmem_data.users u, threadmem_data." source \
	" WHERE j.tenant_id = $1 AND j.user_id = $2 AND j.job_id = $3 AND u.tenant_id = $1" \
	" AND u.user_id = $2"
static Stmt claim_give_message = {
	.sql =
		"SELECT j.user_id, j.job_id, j.attempts, j.lease_until, j.thread_id, j.message_id,"
		" NULL::text, 'message'::text, m.role, coalesce(m.name, m.sender_id), m.sender_id, $5,"
		" m.event_at, m.created_at, m.metadata, (SELECT coalesce(jsonb_agg(jsonb_build_object("
		"'message_id', n.message_id, 'role', n.role, 'name', coalesce(n.name, n.sender_id),"
		" 'content', threadmem.message_text(n.body), 'event_at', n.event_at) ORDER BY n.seq),"
		" '[]') FROM (SELECT b.* FROM threadmem_data.messages b WHERE b.tenant_id = $1"
		" AND b.thread_id = j.thread_id AND b.seq < m.seq AND b.state = 'live'"
		" AND b.status <> 'in_progress' ORDER BY b.seq DESC LIMIT $4) n"
		" WHERE threadmem.message_text(n.body) IS NOT NULL), " KNOWN GIVEN(
			"messages m") " AND m.tenant_id = $1 AND m.thread_id = j.thread_id AND m.rev = j.rev",
	.types = "ttltTTt",
	.keyed = true};
static Stmt claim_give_episode = {
	.sql =
		"SELECT j.user_id, j.job_id, j.attempts, j.lease_until, NULL::text, NULL::text, e.episode_id,"
		" e.source, e.role, coalesce(e.name, e.sender_id), e.sender_id, $5, e.event_at,"
		" e.created_at, e.metadata, '[]'::jsonb, " KNOWN GIVEN(
			"episodes e") " AND e.tenant_id = $1 AND e.user_id = $2 AND e.episode_id = j.episode_id",
	.types = "ttltTTt",
	.keyed = true};

enum
{
	CLAIM_WORKER,
	CLAIM_MAX_ROWS,
	CLAIM_LEASE,
	CLAIM_MAX_ATTEMPTS,
	CLAIM_NEIGHBOURS
};

static NullableDatum
now_and(int seconds)
{
	return ARG(TimestampTzGetDatum(GetCurrentTimestamp() + seconds * USECS_PER_SEC));
}

/* A call of memory_claim(). */
typedef struct Claim
{
	Call *call;
	NullableDatum *args;
	int looks; /* that are left */
} Claim;

/* A place where an episode may wait: a thread, or an episode by itself. */
typedef struct Place
{
	NullableDatum thread_id;
	NullableDatum episode_id;
	NullableDatum waits; /* since when */
	NullableDatum next;  /* since when the place behind it does, null for none */
} Place;

static bool
oldest_place(Call *call, NullableDatum user_id, Place *place)
{
	uint64 count = query_exec(call, &claim_oldest, (NullableDatum[]){user_id, now_and(0)});

	if (count == 0)
		return false;
	*place = (Place){row_column(1, 1), row_column(1, 2), row_column(1, 3),
					 count > 1 ? row_column(2, 3) : ARG_NULL};
	return true;
}

static bool
is_later(NullableDatum a, NullableDatum b)
{
	return !b.isnull && DatumGetTimestampTz(a.value) > DatumGetTimestampTz(b.value);
}

typedef enum Found
{
	FOUND_NOTHING,   /* of the user */
	FOUND_ELSEWHERE, /* perhaps: ask once more for the oldest place */
	FOUND_EPISODE
} Found;

/* The next message of a thread; where it is not due, the thread says since when it is. */
static Found
look_at_thread(Call *call, const Place *place, Job *job)
{
	NullableDatum created_at;

	if (!thread_row_lock_to_extract(call, place->thread_id))
		return FOUND_NOTHING;
	if (!query_first(call, &claim_next_message, (NullableDatum[]){place->thread_id}))
	{
		thread_row_extracted(call, place->thread_id, ARG_NULL, ARG_NULL);
		return FOUND_ELSEWHERE;
	}
	job->thread_id = place->thread_id;
	job->message_id = row_column(1, 1);
	job->rev = row_column(1, 2);
	job->episode_id = ARG_NULL;
	created_at = row_column(1, 3);
	if (row_bool(1, 4))
		created_at = now_and(STREAM_SECONDS);
	else if (!is_later(created_at, place->next))
		return FOUND_EPISODE;
	thread_row_extracted(call, place->thread_id, ARG(Int64GetDatum(0)), created_at);
	return FOUND_ELSEWHERE;
}

/* The episode of a locked user that has waited longest. */
static bool
find_next(Claim *claim, NullableDatum user_id, Job *job)
{
	Found found = FOUND_ELSEWHERE;
	Place place;

	while (found == FOUND_ELSEWHERE && claim->looks-- > 0 &&
		   oldest_place(claim->call, user_id, &place))
	{
		CHECK_FOR_INTERRUPTS();
		if (!place.thread_id.isnull)
		{
			found = look_at_thread(claim->call, &place, job);
			continue;
		}
		*job = (Job){.thread_id = ARG_NULL,
					 .message_id = ARG_NULL,
					 .rev = ARG_NULL,
					 .episode_id = place.episode_id};
		found = FOUND_EPISODE;
	}
	return found == FOUND_EPISODE;
}

static void
give(Call *call, NullableDatum *args, NullableDatum user_id, NullableDatum job_id, bool message)
{
	int64 neighbours = int64_or(args[CLAIM_NEIGHBOURS], NEIGHBOURS);
	NullableDatum row[] = {user_id,  job_id,  ARG(Int64GetDatum(neighbours)), ARG_NULL, ARG_NULL,
						   ARG_NULL, ARG_NULL};
	char *content;
	char *key;

	if (!query_first(call, message ? &claim_text_of_message : &claim_text_of_episode, row))
		return;
	row[3] = row_column(1, 1);
	content = row_text(1, 1);
	key = words_key(
		pnstrdup(content, pg_mbcliplen(content, (int)strlen(content), SEARCH_PREFIX_BYTES)));
	known_ranges(key, &row[4], &row[5]);
	row[6] = ARG_TEXT(key);
	query_add_to_set(call, message ? &claim_give_message : &claim_give_episode, row);
}

static NullableDatum
lease_of(NullableDatum *args)
{
	return run_time_from("lease", GetCurrentTimestamp(), args[CLAIM_LEASE], LEASE_SECONDS);
}

static void
start(Call *call, NullableDatum *args, NullableDatum user_id, const Job *job)
{
	NullableDatum job_id = ARG(id_generate("job"));
	NullableDatum row[] = {user_id,
						   job_id,
						   job->thread_id,
						   job->message_id,
						   job->rev,
						   job->episode_id,
						   args[CLAIM_WORKER],
						   now_and(0),
						   lease_of(args),
						   ARG(Int64GetDatum(int64_or(args[CLAIM_MAX_ATTEMPTS], ATTEMPTS)))};

	query_exec(call, &claim_forget_done,
			   (NullableDatum[]){user_id, job->thread_id, job->message_id, job->episode_id});
	query_exec(call, &claim_insert, row);
	give(call, args, user_id, job_id, !job->thread_id.isnull);
}

/* An open job whose time is over: tried again, or at its end. True when it is out again. */
static bool
take_up(Call *call, NullableDatum *args, const Job *job)
{
	if (!job_lock_episode(call, job))
		job_end(call, job, "gone", ARG_NULL);
	else if (job->attempts >= job->max_attempts)
		job_end(call, job, "failed", ARG_TEXT("no answer within the lease"));
	else
	{
		query_exec(call, &claim_again,
				   (NullableDatum[]){job->user_id, job->job_id, args[CLAIM_WORKER], now_and(0),
									 lease_of(args)});
		give(call, args, job->user_id, job->job_id, !job->thread_id.isnull);
		return true;
	}
	return false;
}

/* Whether the user has something, and it is given. */
static bool
claim_of(Claim *claim, NullableDatum user_id)
{
	Call *call = claim->call;
	Job job;

	if (!owner_try_lock(call, user_id))
		return false;
	if (job_find_open(call, user_id, &job))
	{
		if (job.leased ||
			(!job.thread_id.isnull && !thread_row_lock_to_extract(call, job.thread_id)))
			return false;
		if (take_up(call, claim->args, &job))
			return true;
	}
	if (!find_next(claim, user_id, &job))
		return false;
	start(call, claim->args, user_id, &job);
	return true;
}

/* Goes through the users from one on, up to another (NULL: to the end). */
static int64
claim_round(Claim *claim, NullableDatum from, const char *to, int64 wanted)
{
	int64 given = 0;

	while (given < wanted && claim->looks > 0 &&
		   query_first(claim->call, &claim_next_user, (NullableDatum[]){from, now_and(0)}))
	{
		bool busy = row_bool(1, 2);

		CHECK_FOR_INTERRUPTS();
		from = row_column(1, 1);
		if (to && strcmp(text_or_null(from), to) > 0)
			break;
		if (!busy && claim_of(claim, from))
			given++;
	}
	return given;
}

static void
guard_range(const char *argument, NullableDatum value, int64 least, int64 most)
{
	int64 given = int64_or(value, least);

	if (given < least || given > most)
		error_bad_input(
			argument, "It must be from " INT64_FORMAT " to " INT64_FORMAT ", not " INT64_FORMAT ".",
			least, most, given);
}

Datum
threadmem_memory_claim(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	int64 wanted = int64_or(args[CLAIM_MAX_ROWS], 1);
	NullableDatum served = ARG_TEXT("");
	int64 given;
	Call call;
	Claim claim = {&call, args, LOOKS};

	query_begin(&call, fcinfo);
	run_guard_worker(args[CLAIM_WORKER]);
	guard_range("max_attempts", args[CLAIM_MAX_ATTEMPTS], 1, 1000);
	guard_range("neighbours", args[CLAIM_NEIGHBOURS], 0, NEIGHBOURS_MAX);
	(void)lease_of(args);
	query_open_set(&call);
	if (query_first(&call, &claim_last_served, NULL))
		served = row_column(1, 1);
	given = claim_round(&claim, served, NULL, wanted);
	claim_round(&claim, ARG_TEXT(""), text_or_null(served), wanted - given);
	return query_close_set(&call);
}
