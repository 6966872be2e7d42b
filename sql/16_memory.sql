-- memory: what is remembered of a user, and the search in it.

-- By user and time: all that was said in one user's threads, or the newest of it. What it said in others': messages_sender.
CREATE INDEX messages_user ON threadmem_data.messages (tenant_id, user_id, event_at)
    WHERE state OPERATOR(pg_catalog.=) 'live' AND user_id IS NOT NULL;

CREATE TABLE threadmem_data.episodes (
    tenant_id    text COLLATE "C" NOT NULL DEFAULT threadmem.current_tenant(),
    user_id      text COLLATE "C" NOT NULL,
    episode_id   text COLLATE "C" NOT NULL,
    source       text NOT NULL CONSTRAINT episodes_source CHECK (source OPERATOR(pg_catalog.=) ANY (ARRAY['text', 'json', 'message', 'deleted_thread'])),
    thread_id    text COLLATE "C",
    owner_id     text COLLATE "C",
    message_id   text COLLATE "C",
    seq          bigint,
    role         text COLLATE "C",
    name         text,
    sender_id    text COLLATE "C",
    event_at     timestamptz NOT NULL,
    created_at   timestamptz NOT NULL,
    source_description text,
    metadata     jsonb NOT NULL DEFAULT '{}',
    content      text NOT NULL,
    body         jsonb,
    search       tsvector NOT NULL,
    embedding    real[],
    extract_at   timestamptz DEFAULT pg_catalog.clock_timestamp(),
    PRIMARY KEY (tenant_id, user_id, episode_id),
    CONSTRAINT episodes_numbers CHECK (seq OPERATOR(pg_catalog.>=) 1),
    CONSTRAINT episodes_times CHECK (pg_catalog.isfinite(event_at) AND pg_catalog.isfinite(created_at)),
    CONSTRAINT episodes_documents CHECK (threadmem.is_object(metadata)),
    CONSTRAINT episodes_embedding CHECK (threadmem.is_embedding(embedding))
) WITH (fillfactor = 80); -- an embedding comes later, and HOT
CREATE INDEX episodes_user ON threadmem_data.episodes (tenant_id, user_id, event_at);
CREATE INDEX episodes_thread ON threadmem_data.episodes (tenant_id, thread_id, message_id) WHERE thread_id IS NOT NULL;
CREATE INDEX episodes_sender ON threadmem_data.episodes (tenant_id, sender_id) WHERE sender_id IS NOT NULL;
-- What another owner's thread leaves to who spoke there was not for its extractors before either.
CREATE INDEX episodes_extract ON threadmem_data.episodes (tenant_id, user_id, extract_at)
    WHERE extract_at IS NOT NULL AND (thread_id IS NULL OR owner_id OPERATOR(pg_catalog.=) user_id);
COMMENT ON TABLE threadmem_data.episodes IS
$$What memory keeps of a user that is not (or no longer) a live message: data added by memory_add_data, and the
texts of deleted threads. Live messages are memory themselves and are not copied here; the view episodes
has both.$$;
COMMENT ON COLUMN threadmem_data.episodes.source IS
$$text, json, message: the type of added data; deleted_thread: a message whose thread was deleted.$$;
COMMENT ON COLUMN threadmem_data.episodes.thread_id IS 'The deleted thread; null for added data.';
COMMENT ON COLUMN threadmem_data.episodes.owner_id IS
$$Whose thread it was: user_id''s own, or another''s where user_id said it; null: nobody''s.$$;
COMMENT ON COLUMN threadmem_data.episodes.seq IS 'The message''s place in the deleted thread.';
COMMENT ON COLUMN threadmem_data.episodes.event_at IS 'When it happened or was said; created_at is when it arrived.';
COMMENT ON COLUMN threadmem_data.episodes.content IS 'What is searched and shown.';
COMMENT ON COLUMN threadmem_data.episodes.body IS 'The document, of source json.';
COMMENT ON COLUMN threadmem_data.episodes.extract_at IS 'Since when it waits for memory_claim(); null: it does not.';
ALTER TABLE threadmem_data.episodes ALTER COLUMN embedding SET STORAGE EXTERNAL;
COMMENT ON COLUMN threadmem_data.episodes.embedding IS 'What a model made of content; see messages.embedding.';
ALTER TABLE threadmem_data.episodes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON threadmem_data.episodes
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
           AND (threadmem.current_user_id() IS NULL
                OR user_id OPERATOR(pg_catalog.=) threadmem.current_user_id()))
    WITH CHECK (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
           AND (threadmem.current_user_id() IS NULL
                OR user_id OPERATOR(pg_catalog.=) threadmem.current_user_id()
                OR owner_id OPERATOR(pg_catalog.=) threadmem.current_user_id()));
COMMENT ON POLICY own_rows ON threadmem_data.episodes IS
$$The rows of this tenant; a narrowed session sees what is remembered of its own user only, and leaves to others what
they said in a thread that it deletes.$$;
CREATE POLICY group_rows ON threadmem_data.episodes FOR SELECT
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant() AND threadmem.shares_memory(user_id));
COMMENT ON POLICY group_rows ON threadmem_data.episodes IS 'A narrowed session reads those of its user''s groups.';
SELECT pg_catalog.pg_extension_config_dump('threadmem_data.episodes', '');

CREATE TABLE threadmem_data.episode_revisions (
    tenant_id    text COLLATE "C" NOT NULL DEFAULT threadmem.current_tenant(),
    user_id      text COLLATE "C" NOT NULL,
    episode_id   text COLLATE "C" NOT NULL,
    rev          bigint NOT NULL,
    content      text NOT NULL,
    body         jsonb,
    event_at     timestamptz NOT NULL,
    source_description text,
    metadata     jsonb NOT NULL,
    replaced_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, user_id, episode_id, rev),
    CONSTRAINT episode_revisions_numbers CHECK (rev OPERATOR(pg_catalog.>=) 1),
    CONSTRAINT episode_revisions_times CHECK (pg_catalog.isfinite(event_at) AND pg_catalog.isfinite(replaced_at)),
    CONSTRAINT episode_revisions_documents CHECK (threadmem.is_object(metadata))
);
COMMENT ON TABLE threadmem_data.episode_revisions IS 'What added data said before it was edited; rev counts from 1.';
ALTER TABLE threadmem_data.episode_revisions ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON threadmem_data.episode_revisions
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
           AND (threadmem.current_user_id() IS NULL
                OR user_id OPERATOR(pg_catalog.=) threadmem.current_user_id()));
COMMENT ON POLICY own_rows ON threadmem_data.episode_revisions IS 'The rows of this tenant; a narrowed session sees those of its own user only.';
CREATE POLICY group_rows ON threadmem_data.episode_revisions FOR SELECT
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant() AND threadmem.shares_memory(user_id));
COMMENT ON POLICY group_rows ON threadmem_data.episode_revisions IS 'A narrowed session reads those of its user''s groups.';
SELECT pg_catalog.pg_extension_config_dump('threadmem_data.episode_revisions', '');

CREATE VIEW threadmem.episodes WITH (security_barrier = true) AS
    SELECT m.user_id, NULL::text AS episode_id, 'message'::text AS source,
           m.thread_id, m.message_id, m.seq, m.role, m.name, m.sender_id, m.event_at, m.created_at,
           NULL::text AS source_description, m.metadata, threadmem.message_text(m.body) AS content, m.embedding
      FROM threadmem_data.messages m
     WHERE m.state OPERATOR(pg_catalog.=) 'live' AND m.in_memory AND m.user_id IS NOT NULL
       AND threadmem.message_text(m.body) IS NOT NULL
    UNION ALL
    SELECT m.sender_id, NULL::text, 'message'::text, m.thread_id, m.message_id, m.seq, m.role, m.name, m.sender_id, m.event_at,
           m.created_at, NULL::text, m.metadata, threadmem.message_text(m.body), m.embedding
      FROM threadmem_data.messages m
     WHERE m.state OPERATOR(pg_catalog.=) 'live' AND m.in_sender_memory AND m.sender_id IS NOT NULL
       AND (m.user_id OPERATOR(pg_catalog.=) m.sender_id) IS NOT TRUE AND threadmem.message_text(m.body) IS NOT NULL
       AND EXISTS (SELECT 1 FROM threadmem_data.users u WHERE u.tenant_id OPERATOR(pg_catalog.=) m.tenant_id
                                                           AND u.user_id OPERATOR(pg_catalog.=) m.sender_id)
    UNION ALL
    SELECT e.user_id, e.episode_id, e.source, e.thread_id, e.message_id, e.seq, e.role, e.name,
           e.sender_id, e.event_at, e.created_at, e.source_description, e.metadata, e.content, e.embedding
      FROM threadmem_data.episodes e;
ALTER VIEW threadmem.episodes OWNER TO threadmem_runner;
COMMENT ON VIEW threadmem.episodes IS
$$Everything that is remembered: the live messages of users' threads and what users said in threads of others (but
what was kept out of memory), and what memory keeps beside. episode_id is null for messages, which thread_id and
message_id name. For joins; read only.$$;

CREATE VIEW threadmem.episode_version WITH (security_invoker = true) AS
    SELECT c.user_id, c.episode_id, 0::bigint AS rev, c.content, c.event_at, c.source_description, c.metadata, NULL::timestamptz AS replaced_at
      FROM threadmem.episodes c WHERE false;
COMMENT ON VIEW threadmem.episode_version IS
$$What added data said until replaced_at, null for what it says now; rev counts from 1. Has no rows: the type of a
result.$$;
CREATE VIEW threadmem.listed_episode WITH (security_invoker = true) AS
    SELECT c.*, ''::text AS position, false AS has_more FROM threadmem.episodes c WHERE false;
COMMENT ON VIEW threadmem.listed_episode IS
$$One episode of a list; position is where the next page goes on (after_position), has_more whether there is one, on
every row. Has no rows: the type of a result.$$;
CREATE VIEW threadmem.memory_hit WITH (security_invoker = true) AS
    SELECT ''::text AS kind, NULL::text AS source, NULL::text AS episode_id, NULL::text AS thread_id,
           NULL::text AS message_id, NULL::bigint AS seq, NULL::text AS role, NULL::text AS name, NULL::text AS sender_id, NULL::text AS content,
           NULL::timestamptz AS event_at, 'epoch'::timestamptz AS created_at, '{}'::jsonb AS metadata,
           0::double precision AS score, NULL::text AS fact_id, NULL::text AS source_id, NULL::text AS target_id,
           NULL::timestamptz AS valid_at, NULL::timestamptz AS invalid_at, NULL::timestamptz AS expired_at,
           NULL::text AS entity_id, NULL::text AS label, NULL::jsonb AS attributes,
           ''::text AS user_id WHERE false;
COMMENT ON VIEW threadmem.memory_hit IS
$$Something found in memory; kind is episode, fact or entity, and what does not apply to it is null. content is what
was said, the fact's sentence or the entity's summary. Of an episode sender_id is who said it, where the message
tells, and name its name: the message's, else the user's, else sender_id. Of a fact name is the relation, source_id and
target_id the entities that it joins. score orders one result and means nothing beside another's;
user_id is whose memory it is in. Has no rows: the type of a result.$$;

CREATE FUNCTION threadmem.memory_search(
    user_id text DEFAULT NULL, query text DEFAULT NULL, scope text DEFAULT 'episodes', reranker text DEFAULT 'rrf',
    max_rows bigint DEFAULT 20, filters jsonb DEFAULT NULL, thread_id text DEFAULT NULL,
    as_of timestamptz DEFAULT NULL, embedding double precision[] DEFAULT NULL, center_entity_id text DEFAULT NULL,
    mmr_lambda double precision DEFAULT NULL, origin_ids text[] DEFAULT NULL,
    user_ids text[] DEFAULT NULL, include_groups boolean DEFAULT false) RETURNS SETOF threadmem.memory_hit
    AS 'MODULE_PATHNAME', 'threadmem_memory_search' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_search(text, text, text, text, bigint, jsonb, text, timestamptz, double precision[], text, double precision, text[], text[], boolean) IS
$$What answers a query of what is remembered of a user (or a group): episodes, facts and entities; best first.
Episodes are what was said in the user's threads, or was added by memory_add_data(), and what the user said in threads
of others: the messages that name it as their sender_id; what others said there is not its memory.
A message is found by its words or by those of its neighbours; words are matched by stem, any of them may be
missing; a speaker's name and a date in the query count. Where its words are not common an index finds them,
however much the user said; else, of more than 5,000 messages, and of more than threadmem.memory_budget bytes of
search vectors, the newest are searched whole and of the older ones those that have a word of the query that few
of the newest have. A query without words and without embedding gives the newest episodes, score 0.
A fact is found by the words of its sentence, its relation and the names of its entities, an entity by those of its
name and summary and, where pg_trgm is installed, by a name that is nearly a part of the query. What facts join to the
entities found, and to the user's own, comes behind. Of facts that answer about as well those that hold come first. Of
more than 10,000 facts or entities the newest are searched.
Several memories are searched each by itself, from its own user on, and scores are made to compare. A message that is in
two of them, as what a member said in a thread of its group, is of the first; facts and entities are of one memory each.
Arguments:
  user_id: of the user or group
  query: a question or words, of several lines the last one, those before it as what was said before; null: the
    last messages of thread_id, but for those roles, are the query
    (threadmem.memory_query_messages) and are not found themselves
  scope: episodes, edges (facts), nodes (entities) or auto: all three, joined by their places in each list
  reranker: rrf, the order of the rank; mmr: each answers and says something else than those before; node_distance: the
    nearest to center_entity_id; episode_mentions: what most episodes say; the last two of edges and nodes alone. Or a
    function with its schema, (query text, documents jsonb) RETURNS jsonb, that is called as the caller with
    [{"id", "kind", "user_id", "content"}] of the first 50 or max_rows and gives {id: number}: each is added to the
    logarithm of how relevant the rank found it, 1 for the best
  max_rows: 0 to 1,000
  filters: {"thread_ids", "roles", "since", "until", "metadata"}, of which roles, since and until are about episodes;
    until is exclusive, metadata containment; without roles messages of system, developer, tool, function and platform
    are not found. And Zep's search_filters: {"node_labels", "exclude_node_labels", "edge_types", "exclude_edge_types",
    "edge_uuids", "episode_uuids", "source_node_uuids", "target_node_uuids", "connected_node_uuids", "created_at",
    "valid_at", "invalid_at", "expired_at", "property_filters", "episode_metadata_filters"}. Facts that were taken back
    are found only where expired_at is asked for
  thread_id: the thread whose last messages are the query
  as_of: nothing said later; facts and entities as memory knew them then
  embedding: that of the query, of the model that memory_set_embedding()'s come from; how near a message's is, of
    the newest that have room in threadmem.memory_budget, counts like one more word, as far as embeddings of what
    was said together are alike, and those that the words find near to the query's; where the query has no words,
    or nobody said one, it decides alone
  center_entity_id: of node_distance; in a memory that does not have it nothing is near
  mmr_lambda: of mmr, 0 to 1 (0.5): how much relevance counts against likeness
  origin_ids: entities from which facts lead on, in place of those found and the users' own; of any of the memories
  user_ids: or several users and groups, at most 100; the order decides nothing but whose a hit is that is in two
  include_groups: the groups that they belong to as well (group_add_member), and those of the assistant of thread_id
Errors:
  P0002: no such user or thread, or an entity that none of the memories has
  22023: bad input, embeddings of different dimensions, or a reranker that gives no scores of its documents
  42501: a function that the caller may not execute
  0A000: a scope or reranker that is not built
  54000: an embedding of more than 16,000 numbers
Answers: Zep graph.search.$$;

CREATE FUNCTION threadmem.memory_add_data(
    user_id text, data text, type text DEFAULT 'text', event_at timestamptz DEFAULT NULL, metadata jsonb DEFAULT NULL,
    source_description text DEFAULT NULL, episode_id text DEFAULT NULL) RETURNS threadmem.episodes
    AS 'MODULE_PATHNAME', 'threadmem_memory_add_data' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_add_data(text, text, text, timestamptz, jsonb, text, text) IS
$$Adds an episode to the memory of a user or a group: text, JSON or a message from elsewhere.
Arguments:
  user_id: of the user or group
  data: what is remembered
  type: text, json (a JSON document; its strings and numbers are searched) or message ("Name (role): text" or
    "Name: text")
  event_at: when it happened, else now
  metadata: a JSON object
  source_description: where it comes from, free text
  episode_id: 1 to 255 bytes, generated when null
Errors:
  23503: no such user
  23505: the id exists
  22023: bad input
  54000: over threadmem.max_body
  22P02: data of type json that is none
Answers: Zep graph.add.$$;

CREATE FUNCTION threadmem.memory_get_episode(user_id text, episode_id text, missing_ok boolean DEFAULT false) RETURNS SETOF threadmem.episodes
    AS 'MODULE_PATHNAME', 'threadmem_memory_get_episode' LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 1
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_get_episode(text, text, boolean) IS
$$One episode that is not a live message.
Arguments:
  user_id: of the user or group
  episode_id: of the episode
  missing_ok: no row, and no error, when there is none
Errors:
  P0002: none
  22023: bad input
Answers: Zep graph.episode.get.$$;

CREATE FUNCTION threadmem.memory_update_episode(
    user_id text, episode_id text, data text DEFAULT NULL, event_at timestamptz DEFAULT NULL, metadata jsonb DEFAULT NULL,
    source_description text DEFAULT NULL, remove_keys text[] DEFAULT NULL, expected_rev bigint DEFAULT NULL) RETURNS threadmem.episodes
    AS 'MODULE_PATHNAME', 'threadmem_memory_update_episode' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_update_episode(text, text, text, timestamptz, jsonb, text, text[], bigint) IS
$$Changes what is given of added data; what it said before stays in memory_episode_history().
New data is read as memory_add_data() reads that type, and has no embedding until it gets one. Facts that were drawn
from the old text stay, and memory_claim() gives the new one. A message is edited by message_update().
Arguments:
  user_id: of the user or group
  episode_id: of the episode
  data: what is remembered now; null leaves it
  event_at, source_description: likewise
  metadata: merged at its top level (null stores null)
  remove_keys: keys taken out of metadata
  expected_rev: change it only if this is its newest revision
Errors:
  P0002: none
  TM001: it has another revision than expected
  55000: the text of a deleted thread, which is what was said
  22023: bad input
  54000: over threadmem.max_body
  22P02: data of type json that is none
Answers: mem0 update.$$;

CREATE FUNCTION threadmem.memory_episode_history(user_id text, episode_id text) RETURNS SETOF threadmem.episode_version
    AS 'MODULE_PATHNAME', 'threadmem_memory_episode_history' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_episode_history(text, text) IS
$$All that an episode ever said that is not a live message, the first first.
Arguments:
  user_id: of the user or group
  episode_id: of the episode
Errors:
  P0002: none
  22023: bad input
Answers: mem0 history.$$;

CREATE FUNCTION threadmem.memory_delete_episode(user_id text, episode_id text) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_memory_delete_episode' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_delete_episode(text, text) IS
$$Deletes an episode that is not a live message.
Messages go by message_delete() or message_erase().
Arguments:
  user_id: of the user or group
  episode_id: of the episode
Errors:
  P0002: none
  22023: bad input
Answers: Zep graph.episode.delete.$$;

CREATE FUNCTION threadmem.memory_forget(
    user_id text, before timestamptz DEFAULT NULL, thread_id text DEFAULT NULL, since timestamptz DEFAULT NULL) RETURNS integer
    AS 'MODULE_PATHNAME', 'threadmem_memory_forget' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_forget(text, timestamptz, text, timestamptz) IS
$$Forgets what memory has of a user and leaves the conversations: all of it, what was said since or before a time, or in a thread.
Messages stay in their threads, lists and states and are no memory of this user any more, nor when they are edited;
added data, facts, the user's working memory and the texts of deleted threads are deleted. What others have of it
stays: who takes part in a thread has what it said itself, the owner all. Returns how many episodes that were. What
is said later is remembered again; thread_update(in_memory => false) keeps a thread out for good. A summary of
the user that a model made goes with what it was made of, one that the application set stays: user_update(clear =>
'{summary}').
Arguments:
  user_id: of the user or group
  before: only what happened or was said earlier; null: all
  thread_id: only this thread, which may be another's or deleted; null: all, and added data
  since: only what happened or was said then or later; a fact or a block of working memory that was written then
    goes with what it said before
Errors:
  P0002: no such user
  22023: bad input
Answers: the "forget what you know about me" of chat products, mem0 delete_all.$$;

CREATE FUNCTION threadmem.memory_episodes(user_id text, max_rows bigint DEFAULT 20, skip bigint DEFAULT 0,
    after_position text DEFAULT NULL) RETURNS SETOF threadmem.listed_episode
    AS 'MODULE_PATHNAME', 'threadmem_memory_episodes' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_episodes(text, bigint, bigint, text) IS
$$What is remembered of a user, newest event first, in pages: its rows of the view episodes.
Arguments:
  user_id: of the user or group
  max_rows: rows of a page, 0 to 1,000
  skip: rows left out before the first
  after_position: the position of the last row of the page before; that row may be gone
Errors:
  P0002: no such user
  22023: bad input, or a position of another list
Answers: Zep graph.episode.get_by_user_id.$$;

CREATE FUNCTION threadmem.memory_sources(user_id text, fact_id text DEFAULT NULL, entity_id text DEFAULT NULL,
    max_rows bigint DEFAULT 20, after_position text DEFAULT NULL) RETURNS SETOF threadmem.listed_episode
    AS 'MODULE_PATHNAME', 'threadmem_memory_sources' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_sources(text, text, text, bigint, text) IS
$$The episodes that a fact or an entity comes from, the first said first, in pages; none of what was stated.
Arguments:
  user_id: of the user or group
  fact_id: of the fact
  entity_id: or of the entity; the user's own id: what the summary that a model made of the user comes from
  max_rows: rows of a page, 0 to 1,000
  after_position: the position of the last row of the page before; that row may be gone
Errors:
  P0002: no such fact or entity
  22023: bad input, or a position of another list
Answers: Zep graph.node.get_episodes.$$;
