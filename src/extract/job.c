/*
 * extract/job.c: jobs, and the episodes that they are about.
 */
#include "extract/job.h"

#define ROW \
	"SELECT j.job_id, j.thread_id, j.message_id, j.rev, j.episode_id, j.status, j.worker," \
	" j.attempts, j.max_attempts, j.lease_until > clock_timestamp() FROM threadmem_data.memory_jobs j" \
	" WHERE j.tenant_id = $1 AND j.user_id = $2 AND "

static Stmt job_open = {ROW "j.status IN ('claimed', 'retry')", "t"};
static Stmt job_named = {ROW "j.job_id = $3", "tt"};
static Stmt job_thread = {"SELECT 1 FROM threadmem_data.threads t WHERE t.tenant_id = $1"
						  " AND t.thread_id = $2 FOR NO KEY UPDATE",
						  "t"};
static Stmt job_message = {
	"SELECT 1 FROM threadmem_data.messages m WHERE m.tenant_id = $1 AND m.thread_id = $3"
	" AND m.rev = $4 AND m.user_id = $2 AND m.state = 'live' AND m.in_memory",
	"ttl"};
static Stmt job_episode = {"SELECT 1 FROM threadmem_data.episodes e WHERE e.tenant_id = $1"
						   " AND e.user_id = $2 AND e.episode_id = $3 FOR NO KEY UPDATE",
						   "tt"};
static Stmt job_next_waits = {
	"SELECT m.created_at FROM threadmem_data.messages m WHERE m.tenant_id = $1"
	" AND m.thread_id = $2 AND m.rev > $3 AND " WAITS " ORDER BY m.rev LIMIT 1",
	.types = "tl", .keyed = true};
/* What was edited behind the claim waits for another: claim and edit both hold the user. */
static Stmt job_episode_done = {
	"UPDATE threadmem_data.episodes e SET extract_at = NULL FROM threadmem_data.memory_jobs j"
	" WHERE e.tenant_id = $1 AND e.user_id = $2 AND e.episode_id = $3 AND j.tenant_id = $1"
	" AND j.user_id = $2 AND j.job_id = $4 AND e.extract_at <= j.claimed_at",
	"ttt"};
static Stmt job_end_stmt = {
	"UPDATE threadmem_data.memory_jobs j SET status = $4, error = $5, lease_until = NULL,"
	" ended_at = clock_timestamp() WHERE j.tenant_id = $1 AND j.user_id = $2 AND j.job_id = $3",
	"tttt"};
static Stmt job_forget = {"DELETE FROM threadmem_data.memory_jobs j WHERE j.tenant_id = $1"
						  " AND j.user_id = $2 AND j.job_id = $3",
						  "tt"};
static Stmt job_of_messages = {.sql = "DELETE FROM threadmem_data.memory_jobs j WHERE"
									  " j.tenant_id = $1 AND j.thread_id = $2"
									  " AND j.message_id = ANY ($3)",
							   .types = "tT",
							   .everybody = true};
/* Of a thread, when it has jobs at all: most users have none, and one look tells. */
static Stmt job_owner_of_thread = {
	.sql = "SELECT ARRAY[t.user_id] FROM threadmem_data.threads t"
		   " WHERE t.tenant_id = $1 AND t.thread_id = $2 AND EXISTS (SELECT 1"
		   " FROM threadmem_data.memory_jobs j WHERE j.tenant_id = $1 AND j.user_id = t.user_id)",
	.types = "t",
	.everybody = true};
static Stmt job_of_nothing = {
	.sql = "DELETE FROM threadmem_data.memory_jobs j WHERE j.tenant_id = $1"
		   " AND j.user_id = ANY ($2) AND j.status IN ('retry', 'failed') AND NOT EXISTS (SELECT 1"
		   " FROM threadmem_data.messages m WHERE m.tenant_id = $1 AND m.thread_id = j.thread_id"
		   " AND m.rev = j.rev AND m.user_id = j.user_id AND m.state = 'live' AND m.in_memory)"
		   " AND NOT EXISTS (SELECT 1 FROM threadmem_data.episodes e WHERE e.tenant_id = $1"
		   " AND e.user_id = j.user_id AND e.episode_id = j.episode_id)",
	.types = "T",
	.everybody = true};
static Stmt job_errors = {
	.sql = "UPDATE threadmem_data.memory_jobs j SET error = NULL WHERE j.tenant_id = $1"
		   " AND j.user_id = ANY ($2) AND j.error IS NOT NULL",
	.types = "T",
	.everybody = true};
static Stmt job_of_user = {
	"DELETE FROM threadmem_data.memory_jobs j WHERE j.tenant_id = $1 AND j.user_id = $2", "t"};
/* What extractors have had of it does not wait as an episode. */
static Stmt job_keep_thread = {
	.sql = "UPDATE threadmem_data.episodes e SET extract_at = NULL FROM threadmem_data.threads t"
		   " WHERE t.tenant_id = $1 AND t.thread_id = $2 AND t.extracted_rev > 0"
		   " AND e.tenant_id = $1 AND e.thread_id = $2 AND e.owner_id = t.user_id"
		   " AND e.user_id = t.user_id AND e.extract_at IS NOT NULL AND EXISTS (SELECT 1"
		   " FROM threadmem_data.messages m WHERE m.tenant_id = $1 AND m.thread_id = $2"
		   " AND m.message_id = e.message_id AND m.state = 'live' AND m.rev <= t.extracted_rev)",
	.types = "t"};

static void
read_job(NullableDatum user_id, Job *job)
{
	*job = (Job){.user_id = user_id,
				 .job_id = row_column(1, 1),
				 .thread_id = row_column(1, 2),
				 .message_id = row_column(1, 3),
				 .rev = row_column(1, 4),
				 .episode_id = row_column(1, 5),
				 .status = row_text(1, 6),
				 .worker = row_text_or_null(1, 7),
				 .attempts = row_int64(1, 8),
				 .max_attempts = row_int64(1, 9),
				 .leased = row_bool(1, 10)};
}

bool
job_find_open(Call *call, NullableDatum user_id, Job *job)
{
	if (!query_first(call, &job_open, &user_id))
		return false;
	read_job(user_id, job);
	return true;
}

void
job_find(Call *call, NullableDatum user_id, NullableDatum job_id, Job *job)
{
	if (!query_first(call, &job_named, (NullableDatum[]){user_id, job_id}))
		error_not_found("job", text_or_null(job_id));
	read_job(user_id, job);
}

/* The thread as whoever ends the job will change it: two that upgrade a lock would deadlock. */
bool
job_lock_episode(Call *call, const Job *job)
{
	if (job->thread_id.isnull)
		return query_first(call, &job_episode, (NullableDatum[]){job->user_id, job->episode_id});
	return query_first(call, &job_thread, (NullableDatum[]){job->thread_id}) &&
		   query_first(call, &job_message,
					   (NullableDatum[]){job->user_id, job->thread_id, job->rev});
}

/* What follows the job's episode waits from now on as long as it does. */
static void
pass_episode(Call *call, const Job *job)
{
	NullableDatum waits = ARG_NULL;

	if (job->thread_id.isnull)
		query_exec(call, &job_episode_done,
				   (NullableDatum[]){job->user_id, job->episode_id, job->job_id});
	else if (query_first(call, &job_thread, (NullableDatum[]){job->thread_id}))
	{
		if (query_first(call, &job_next_waits, (NullableDatum[]){job->thread_id, job->rev}))
			waits = row_column(1, 1);
		thread_row_extracted(call, job->thread_id, job->rev, waits);
	}
}

void
job_end(Call *call, const Job *job, const char *status, NullableDatum error)
{
	pass_episode(call, job);
	if (strcmp(status, "gone") == 0)
		query_exec(call, &job_forget, (NullableDatum[]){job->user_id, job->job_id});
	else
		query_exec(call, &job_end_stmt,
				   (NullableDatum[]){job->user_id, job->job_id, ARG_TEXT(status), error});
}

void
extract_keep_thread(Call *call, NullableDatum thread_id)
{
	query_exec(call, &job_keep_thread, &thread_id);
}

void
extract_forget_messages(Call *call, NullableDatum thread_id, NullableDatum message_ids)
{
	query_exec(call, &job_of_messages, (NullableDatum[]){thread_id, message_ids});
	extract_forget_thread(call, thread_id);
}

void
extract_forget_thread(Call *call, NullableDatum thread_id)
{
	if (query_first(call, &job_owner_of_thread, &thread_id))
		extract_forget(call, row_column(1, 1));
}

void
extract_forget(Call *call, NullableDatum user_ids)
{
	query_exec(call, &job_of_nothing, &user_ids);
	query_exec(call, &job_errors, &user_ids);
}

int64
extract_forget_user(Call *call, NullableDatum user_id)
{
	return (int64)query_exec(call, &job_of_user, &user_id);
}
