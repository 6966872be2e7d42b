-- extract: the queue of what facts are yet to be drawn from.

CREATE TABLE threadmem_data.memory_jobs (
    tenant_id   text COLLATE "C" NOT NULL DEFAULT threadmem.current_tenant(),
    user_id     text COLLATE "C" NOT NULL,
    job_id      text COLLATE "C" NOT NULL,
    status      text COLLATE "C" NOT NULL CONSTRAINT memory_jobs_status CHECK (status OPERATOR(pg_catalog.=) ANY (ARRAY['claimed', 'retry', 'done', 'failed'])),
    thread_id   text COLLATE "C",
    message_id  text COLLATE "C",
    rev         bigint,
    episode_id  text COLLATE "C",
    worker      text COLLATE "C" NOT NULL,
    attempts    integer NOT NULL,
    max_attempts integer NOT NULL,
    claimed_at  timestamptz NOT NULL,
    lease_until timestamptz,
    ended_at    timestamptz,
    error       text,
    PRIMARY KEY (tenant_id, user_id, job_id),
    CONSTRAINT memory_jobs_one CHECK (((thread_id IS NULL) OPERATOR(pg_catalog.=) (message_id IS NULL))
                                      AND ((thread_id IS NULL) OPERATOR(pg_catalog.=) (rev IS NULL))
                                      AND ((thread_id IS NULL) OPERATOR(pg_catalog.<>) (episode_id IS NULL))),
    CONSTRAINT memory_jobs_open CHECK ((status OPERATOR(pg_catalog.=) ANY (ARRAY['claimed', 'retry'])) OPERATOR(pg_catalog.=) (lease_until IS NOT NULL)),
    CONSTRAINT memory_jobs_numbers CHECK (attempts OPERATOR(pg_catalog.>=) 1 AND max_attempts OPERATOR(pg_catalog.>=) 1
                                        AND (rev IS NULL OR rev OPERATOR(pg_catalog.>=) 1)),
    CONSTRAINT memory_jobs_times CHECK (pg_catalog.isfinite(claimed_at) AND (lease_until IS NULL OR pg_catalog.isfinite(lease_until))
                                        AND (ended_at IS NULL OR pg_catalog.isfinite(ended_at)))
);
-- Never two of one user.
CREATE UNIQUE INDEX memory_jobs_user ON threadmem_data.memory_jobs (tenant_id, user_id)
    WHERE status OPERATOR(pg_catalog.=) ANY (ARRAY['claimed', 'retry']);
CREATE INDEX memory_jobs_served ON threadmem_data.memory_jobs (tenant_id, claimed_at);
CREATE INDEX memory_jobs_thread ON threadmem_data.memory_jobs (tenant_id, thread_id, message_id) WHERE thread_id IS NOT NULL;
COMMENT ON TABLE threadmem_data.memory_jobs IS
$$Episodes that workers have claimed to draw facts from, of each user the last that was done, and those that failed.
What waits is no row: threads.extracted_rev and episodes.extract_at tell. Written by the memory_ functions.$$;
COMMENT ON COLUMN threadmem_data.memory_jobs.status IS 'claimed, retry (to be tried once more), done or failed.';
COMMENT ON COLUMN threadmem_data.memory_jobs.rev IS 'The revision that was claimed: a message that was edited since is claimed anew.';
COMMENT ON COLUMN threadmem_data.memory_jobs.lease_until IS 'From when on another may have it.';
COMMENT ON COLUMN threadmem_data.memory_jobs.error IS 'What the worker said when it failed; it may quote what it was given, so it goes when memory forgets anything of the user.';
ALTER TABLE threadmem_data.memory_jobs ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON threadmem_data.memory_jobs
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
           AND (threadmem.current_user_id() IS NULL
                OR user_id OPERATOR(pg_catalog.=) threadmem.current_user_id()));
COMMENT ON POLICY own_rows ON threadmem_data.memory_jobs IS 'The rows of this tenant; a narrowed session sees those of its own user only.';
SELECT pg_catalog.pg_extension_config_dump('threadmem_data.memory_jobs', '');

CREATE VIEW threadmem.memory_jobs WITH (security_barrier = true) AS
    SELECT j.user_id, j.job_id, j.status, j.thread_id, j.message_id, j.episode_id, j.worker, j.attempts, j.max_attempts, j.claimed_at,
           j.lease_until, j.ended_at, j.error
      FROM threadmem_data.memory_jobs j, (VALUES (1)) AS one;
ALTER VIEW threadmem.memory_jobs OWNER TO threadmem_runner;
COMMENT ON VIEW threadmem.memory_jobs IS
$$Episodes that workers have claimed to draw facts from, of each user the last that was done, and those that failed.
For joins; read only.$$;
CREATE VIEW threadmem.claimed_episode WITH (security_invoker = true) AS
    SELECT ''::text AS user_id, ''::text AS job_id, 0 AS attempts, 'epoch'::timestamptz AS lease_until, NULL::text AS thread_id,
           NULL::text AS message_id, NULL::text AS episode_id, ''::text AS source, NULL::text AS role, NULL::text AS name,
           NULL::text AS sender_id, ''::text AS content, 'epoch'::timestamptz AS event_at, 'epoch'::timestamptz AS created_at,
           '{}'::jsonb AS metadata, '[]'::jsonb AS neighbours, '[]'::jsonb AS entities, NULL::jsonb AS ontology,
           ''::text AS user_name, NULL::text AS summary WHERE false;
COMMENT ON VIEW threadmem.claimed_episode IS
$$An episode that facts are to be drawn from. neighbours are the messages before it in its thread, also those that are
no memory; entities those that are known, the ones that it names first, fifty at most; ontology what is declared
(memory_get_ontology()); user_name and summary those of the user. Has no rows: the type of a result.$$;
CREATE VIEW threadmem.extraction_status WITH (security_invoker = true) AS
    SELECT ''::text AS status, 0 AS pending, 0 AS claimed, 0 AS failed, NULL::integer AS attempts, NULL::text AS error WHERE false;
COMMENT ON VIEW threadmem.extraction_status IS
$$How far extraction is: status is claimed, pending, failed, done, or none where there is nothing for it, the first of
these that is true; beside it how many episodes are each, and attempts and error of the last. Has no rows: the type
of a result.$$;

CREATE FUNCTION threadmem.memory_claim(
    worker text, max_rows bigint DEFAULT 1, lease interval DEFAULT '5 minutes', max_attempts bigint DEFAULT 3, neighbours bigint DEFAULT 4)
    RETURNS SETOF threadmem.claimed_episode
    AS 'MODULE_PATHNAME', 'threadmem_memory_claim' LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 10
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_claim(text, bigint, interval, bigint, bigint) IS
$$Gives a worker episodes to draw facts from: what was said or added and no extractor has had, each of another user.
Of a user comes what arrived first, and nothing while another episode of it is out, so what was said is worked off in
its order; users take turns. Messages that memory ignores are no episodes, and one that is edited is one again; what a
user said in threads of others is for the memory of who owns them. A message that is being streamed is waited for. An
episode whose worker does not answer within its lease comes again. Nobody is waited for: what somebody writes to is
passed over, and an empty answer says to ask again later.
Arguments:
  worker: who asks, 1 to 255 bytes
  max_rows: how many users' at once, 0 to 1,000
  lease: for how long, more than nothing and at most 10 years
  max_attempts: after so many an episode has failed, 1 to 1,000
  neighbours: messages before it that are given along, 0 to 100
Errors:
  22023: bad input
  40001: not READ COMMITTED, and another transaction changed the user or the thread$$;

CREATE FUNCTION threadmem.memory_complete(user_id text, job_id text, worker text, document text, extractor text DEFAULT NULL) RETURNS text
    AS 'MODULE_PATHNAME', 'threadmem_memory_complete' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_complete(text, text, text, text, text) IS
$$Adds what a model drew from a claimed episode, and ends the job: all of it or nothing.
{"entities": [{"name", "label", "summary", "attributes"}], "facts": [{"source", "name", "target", "fact",
"source_label", "target_label", "valid_at", "invalid_at", "attributes", "confidence", "contradicts",
"contradicted_ids"}], "summary": text}: as in memory_add_entity() and memory_add_fact(), with the episode as what says
it; summary is that of the user, and goes with what it was made of. Of an entity, name is required, of a fact name,
target and fact; the rest may be missing or null. The JSON may stand in a Markdown fence or in prose; there is one
object, and nothing in it that is not named here. Times are ISO 8601, UTC unless they say otherwise. Returns done, or
gone (and adds nothing) where the episode was deleted, forgotten or edited meanwhile.
Arguments:
  user_id, job_id: as claimed
  worker: who claimed it
  document: the model's answer
  extractor: the name of the model, 1 to 255 bytes; null: the worker
Errors:
  P0002: no such job
  55000: it is not this worker's any more
  23503: a fact of contradicted_ids is not there, or the user was deleted meanwhile
  22023: bad input: the DETAIL names the line of what is no JSON, or the place in the document
  54000: the document is over threadmem.max_body$$;

CREATE FUNCTION threadmem.memory_fail(user_id text, job_id text, worker text, error text, retry boolean DEFAULT true, retry_after interval DEFAULT '1 minute') RETURNS text
    AS 'MODULE_PATHNAME', 'threadmem_memory_fail' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_fail(text, text, text, text, boolean, interval) IS
$$Says that a worker could not draw anything from the episode that it claimed.
Returns retry: it comes again, and what the user said later waits for it; failed: it had as many attempts as it may, or
retry is false, and is left; or gone, where it was deleted, forgotten or edited meanwhile.
Arguments:
  user_id, job_id: as claimed
  worker: who claimed it
  error: what went wrong, up to 10,000 bytes: memory_status() tells it, until anything that is remembered of the user
    is forgotten, deleted or erased, which it might quote
  retry: whether it may be tried once more
  retry_after: when, likewise more than nothing
Errors:
  P0002: no such job
  55000: it is not this worker's any more
  22023: bad input$$;

CREATE FUNCTION threadmem.memory_status(user_id text, thread_id text DEFAULT NULL, message_id text DEFAULT NULL, episode_id text DEFAULT NULL) RETURNS threadmem.extraction_status
    AS 'MODULE_PATHNAME', 'threadmem_memory_status' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_status(text, text, text, text) IS
$$How far the extraction of facts is: of all that a user said, of a thread, a message, or an episode that is none.
Everything is searched from its commit on, whatever this says.
Arguments:
  user_id: of the user or group
  thread_id: only of this thread of the user's
  message_id: only of this message of it
  episode_id: or of this episode
Errors:
  P0002: no such user, thread, message or episode
  22023: bad input
Answers: Zep processed, task ids.$$;

CREATE FUNCTION threadmem.memory_extract_rules(content text, event_at timestamptz DEFAULT NULL, speaker text DEFAULT NULL, role text DEFAULT NULL) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'threadmem_memory_extract_rules' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_extract_rules(text, timestamptz, text, text) IS
$$What English grammar alone can say of a text, in the form of a model's answer; for memory_complete(), extractor rules.
A closed list of what people say of themselves at the beginning of a clause, and understands nothing: my name is, I
live in, I moved to, I work at, my sister is called, I am allergic to, I love, like or hate, I no longer; what they did, I
went to, joined, bought, started, made, lost; and whom they call theirs, my wife. Names are told by their capitals.
Questions, what stands in quotation marks, and sentences with an if, a maybe or a never give nothing. Yesterday, last
Friday, last weekend, in June, two years ago are counted from event_at, in UTC; what was done at no time that is told has
none. Each fact has the confidence of its rule, below 1.
Arguments:
  content: what was said
  event_at: when; null: facts without times
  speaker: who said it, the source of the facts; null: the user
  role: facts come from a user's words only; null: it is a user
Errors:
  22023: bad input$$;
