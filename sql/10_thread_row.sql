-- head: the thread's own row, who takes part in it, and what stops a deleted thread from coming back.

CREATE FUNCTION threadmem.check_thread(
    status text, ttl_strategy text, ttl_minutes bigint, expires_at timestamptz, assistant_pinned boolean, assistant_id text, next_seq bigint, next_rev bigint,
    next_checkpoint bigint, next_run bigint, next_change bigint, version bigint, live_messages bigint, created_at timestamptz,
    updated_at timestamptz, metadata jsonb, config jsonb, tool_resources jsonb, head_status text, head_status_of text) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_check_thread' LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.check_thread(text, text, bigint, timestamptz, boolean, text, bigint, bigint, bigint, bigint, bigint, bigint, bigint,
    timestamptz, timestamptz, jsonb, jsonb, jsonb, text, text) IS
$$The constraint of the table threads: whether a row is as the functions write it and read it.
One function, because a constraint is read from its text with every statement.
Arguments: the columns of that name, nulls too (which NOT NULL judges).
Errors:
  23514: names the column$$;

CREATE TABLE threadmem_data.threads (
    tenant_id        text COLLATE "C" NOT NULL DEFAULT threadmem.current_tenant(),
    thread_id        text COLLATE "C" NOT NULL,
    user_id          text COLLATE "C",
    assistant_id     text COLLATE "C",
    assistant_pinned boolean NOT NULL DEFAULT false,
    graph_id         text COLLATE "C",
    title            text,
    status           text COLLATE "C" NOT NULL DEFAULT 'idle',
    next_seq         bigint NOT NULL DEFAULT 1,
    next_rev         bigint NOT NULL DEFAULT 1,
    next_checkpoint  bigint NOT NULL DEFAULT 1,
    next_run         bigint NOT NULL DEFAULT 1,
    next_change      bigint NOT NULL DEFAULT 1,
    version          bigint NOT NULL DEFAULT 1,
    live_messages    bigint NOT NULL DEFAULT 0,
    last_message_at  timestamptz,
    state_updated_at timestamptz,
    expires_at       timestamptz,
    ttl_strategy     text COLLATE "C",
    ttl_minutes      integer,
    ttl_refresh      boolean NOT NULL DEFAULT false,
    busy_until       timestamptz,
    waits_until      timestamptz,
    head_status      text COLLATE "C",
    head_status_of   text COLLATE "C",
    waiting          boolean NOT NULL DEFAULT false,
    implicit         boolean NOT NULL DEFAULT false,
    in_memory        boolean NOT NULL DEFAULT true,
    archived         boolean NOT NULL DEFAULT false,
    forked_from      text COLLATE "C",
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    updated_hour     timestamptz NOT NULL,
    extracted_rev    bigint NOT NULL DEFAULT 0,
    extract_at       timestamptz DEFAULT pg_catalog.clock_timestamp(),
    metadata         jsonb NOT NULL DEFAULT '{}',
    config           jsonb NOT NULL DEFAULT '{}',
    tool_resources   jsonb NOT NULL DEFAULT '{}',
    search           tsvector, -- last: what reads the others need not go past it
    PRIMARY KEY (tenant_id, thread_id),
    CONSTRAINT threads_sound CHECK (threadmem.check_thread(status, ttl_strategy, ttl_minutes, expires_at, assistant_pinned, assistant_id, next_seq, next_rev,
        next_checkpoint, next_run, next_change, version, live_messages, created_at, updated_at, metadata, config, tool_resources,
        head_status, head_status_of))
) WITH (fillfactor = 80);
-- Every append updates this row and needs room beside it (fillfactor), so no index covers a column that an append changes (HOT); the hour
-- changes once an hour, and an incremental sort puts the rows of one hour in order. What they are for: lists and searches by creation and by
-- change, of a user and of an assistant (deletions of these too), by metadata, by words of the title, what waits for somebody, the threads
-- whose time is over, and those with something for an extractor (extract_at is set once, and appends leave it).
CREATE INDEX threads_created ON threadmem_data.threads (tenant_id, created_at, thread_id);
CREATE INDEX threads_updated ON threadmem_data.threads (tenant_id, updated_hour);
CREATE INDEX threads_user ON threadmem_data.threads (tenant_id, user_id, created_at, thread_id) WHERE user_id IS NOT NULL;
CREATE INDEX threads_assistant ON threadmem_data.threads (tenant_id, assistant_id, created_at, thread_id) WHERE assistant_id IS NOT NULL;
CREATE INDEX threads_waiting ON threadmem_data.threads (tenant_id, created_at, thread_id) WHERE waiting;
CREATE INDEX threads_expiry ON threadmem_data.threads (tenant_id, expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX threads_extract ON threadmem_data.threads (tenant_id, user_id, extract_at) WHERE extract_at IS NOT NULL AND user_id IS NOT NULL;
CREATE INDEX threads_metadata ON threadmem_data.threads USING gin (threadmem.tenant_keys(tenant_id, metadata) threadmem.tenant_keys);
ALTER INDEX threadmem_data.threads_metadata ALTER COLUMN 1 SET STATISTICS 0;
-- Titles change seldom, and not HOT. What waits to be put into a GIN index is read by every search, whoever's it is: nothing waits.
CREATE INDEX threads_search ON threadmem_data.threads USING gin (threadmem.tenant_keys(tenant_id, search, ARRAY[NULL::text, user_id]) threadmem.tenant_keys)
    WITH (fastupdate = off) WHERE search IS NOT NULL;
ALTER INDEX threadmem_data.threads_search ALTER COLUMN 1 SET STATISTICS 0;
COMMENT ON TABLE threadmem_data.threads IS 'Threads: one row each, the lock and the counters of everything inside. Written by functions only.';
COMMENT ON COLUMN threadmem_data.threads.user_id IS 'The owner; other users take part through thread_participants.';
COMMENT ON COLUMN threadmem_data.threads.last_message_at IS
$$When the newest message was said: by its event_at, or when it came if that is earlier.$$;
COMMENT ON COLUMN threadmem_data.threads.next_seq IS 'Number of the next message; order is always seq, never time.';
COMMENT ON COLUMN threadmem_data.threads.next_rev IS 'Number of the next message body; an edit is a new revision.';
COMMENT ON COLUMN threadmem_data.threads.version IS 'Counts changes of this row by thread_update and its like, not appends.';
COMMENT ON COLUMN threadmem_data.threads.next_checkpoint IS 'Number of the next checkpoint, over all namespaces.';
COMMENT ON COLUMN threadmem_data.threads.next_run IS 'Number of the next run.';
COMMENT ON COLUMN threadmem_data.threads.next_change IS 'Number of the next change of a message that no new revision tells of: see messages.change.';
COMMENT ON COLUMN threadmem_data.threads.status IS
$$As the last change of a run left it; what holds now follows from busy_until and waits_until as well.$$;
COMMENT ON COLUMN threadmem_data.threads.busy_until IS
$$When the last run that keeps the thread busy expires; null when none does. Past it the thread is no longer busy,
though nobody has written that down.$$;
COMMENT ON COLUMN threadmem_data.threads.waits_until IS
$$When a run that waits for outputs of tools expires; null when none waits. Until then a thread that is not busy
is interrupted, past it in error.$$;
COMMENT ON COLUMN threadmem_data.threads.head_status IS
$$Where the thread never had a run, its status: interrupted when a task of its head asks, error when one failed;
else null. It changes only with that.$$;
COMMENT ON COLUMN threadmem_data.threads.head_status_of IS
$$The checkpoint whose tasks head_status tells of: the head, or one that is still to come, as writes may come first.$$;
COMMENT ON COLUMN threadmem_data.threads.waiting IS
$$Whether it may be interrupted, whatever the time: all that are stand in an index, which a run that just works does not
touch. It changes only when something begins to wait or ceases to.$$;
COMMENT ON COLUMN threadmem_data.threads.implicit IS 'Made by a checkpoint that came, and not changed by hand since.';
COMMENT ON COLUMN threadmem_data.threads.expires_at IS
$$When its time is over. With ttl_refresh the time since the last write counts: then this is no more than where the purge
looks, and moves the limit on. Null while no time runs: after keep_latest, until the next write.$$;
COMMENT ON COLUMN threadmem_data.threads.ttl_minutes IS 'The time that it was given, for when that begins anew.';
COMMENT ON COLUMN threadmem_data.threads.ttl_refresh IS 'Whether every write begins the time anew.';
COMMENT ON COLUMN threadmem_data.threads.in_memory IS
$$Whether what is said in it is remembered of its user; false marks each of its messages (messages.in_memory).$$;
COMMENT ON COLUMN threadmem_data.threads.archived IS
$$Put aside: lists and searches leave it out unless asked for it. Nothing else goes by it.$$;
COMMENT ON COLUMN threadmem_data.threads.extracted_rev IS 'The last revision that memory_claim() is through with.';
COMMENT ON COLUMN threadmem_data.threads.extract_at IS
$$Since when something behind extracted_rev waits for memory_claim(), or is to be looked for; null: nothing does.$$;
COMMENT ON COLUMN threadmem_data.threads.search IS 'Lexemes of the title (setting threadmem.search_config).';
COMMENT ON COLUMN threadmem_data.threads.updated_hour IS 'updated_at cut to its hour in UTC: the only part of it that is indexed.';

CREATE TABLE threadmem_data.thread_participants (
    tenant_id      text COLLATE "C" NOT NULL DEFAULT threadmem.current_tenant(),
    thread_id      text COLLATE "C" NOT NULL,
    kind           text COLLATE "C" NOT NULL CONSTRAINT thread_participants_kind CHECK (kind OPERATOR(pg_catalog.=) ANY (ARRAY['user', 'assistant'])),
    participant_id text COLLATE "C" NOT NULL,
    owner_id       text COLLATE "C",
    role           text COLLATE "C" NOT NULL DEFAULT 'member',
    joined_at      timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    PRIMARY KEY (tenant_id, thread_id, kind, participant_id),
    CONSTRAINT thread_participants_times CHECK (pg_catalog.isfinite(joined_at))
);
CREATE INDEX thread_participants_of ON threadmem_data.thread_participants (tenant_id, participant_id, kind, thread_id);
COMMENT ON TABLE threadmem_data.thread_participants IS 'Users and assistants that take part in a thread beside its owner.';
COMMENT ON COLUMN threadmem_data.thread_participants.owner_id IS 'The thread''s user, for the row security policy: set with the thread''s row.';

-- One row for each owner the id had: nobody's tombstone is in the way of another's.
CREATE TABLE threadmem_data.thread_tombstones (
    tenant_id  text COLLATE "C" NOT NULL DEFAULT threadmem.current_tenant(),
    thread_id  text COLLATE "C" NOT NULL,
    user_id    text COLLATE "C" NOT NULL DEFAULT '',
    deleted_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    PRIMARY KEY (tenant_id, thread_id, user_id),
    CONSTRAINT thread_tombstones_times CHECK (pg_catalog.isfinite(deleted_at))
);
CREATE INDEX thread_tombstones_age ON threadmem_data.thread_tombstones (tenant_id, deleted_at);
COMMENT ON TABLE threadmem_data.thread_tombstones IS
$$Threads deleted lately (setting threadmem.tombstone_ttl): a late writer must not bring them back.$$;

CREATE TABLE threadmem_data.run_tombstones (
    tenant_id  text COLLATE "C" NOT NULL DEFAULT threadmem.current_tenant(),
    thread_id  text COLLATE "C" NOT NULL,
    run_id     text COLLATE "C" NOT NULL,
    deleted_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    PRIMARY KEY (tenant_id, thread_id, run_id),
    CONSTRAINT run_tombstones_times CHECK (pg_catalog.isfinite(deleted_at))
);
CREATE INDEX run_tombstones_age ON threadmem_data.run_tombstones (tenant_id, deleted_at);
COMMENT ON TABLE threadmem_data.run_tombstones IS
$$Runs deleted lately (setting threadmem.tombstone_ttl): their workers must not write below the run that came instead.$$;

ALTER TABLE threadmem_data.threads ENABLE ROW LEVEL SECURITY;
ALTER TABLE threadmem_data.thread_participants ENABLE ROW LEVEL SECURITY;
ALTER TABLE threadmem_data.thread_tombstones ENABLE ROW LEVEL SECURITY;
ALTER TABLE threadmem_data.run_tombstones ENABLE ROW LEVEL SECURITY;

-- Policies ask functions of their own: a sub-select would be made ready anew with every statement, and planned
-- anew with every search. They call them bare, for the same reason.
CREATE FUNCTION threadmem.sees_thread(thread_id text) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_sees_thread' LANGUAGE c STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION threadmem.sees_thread(text) IS
$$Whether this session sees a thread: any of its tenant or, when narrowed, one that its user owns or takes part in.
For row security policies.
Arguments:
  thread_id: of the thread
Errors:
  22023: threadmem.user_id is no id$$;
CREATE FUNCTION threadmem.sees_owned(thread_id text, user_id text) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_sees_owned' LANGUAGE c STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION threadmem.sees_owned(text, text) IS
$$As sees_thread(), of a row that has its thread's owner with it.
For row security policies.
Arguments:
  thread_id, user_id: the thread and its owner
Errors:
  22023: threadmem.user_id is no id$$;
CREATE FUNCTION threadmem.names_owner(thread_id text, user_id text) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_names_owner' LANGUAGE c STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION threadmem.names_owner(text, text) IS
$$Whether a row that is written names its thread's owner as the thread does; true in a session that is not narrowed.
For row security policies.
Arguments:
  thread_id, user_id: the thread and its owner
Errors:
  22023: threadmem.user_id is no id$$;
CREATE FUNCTION threadmem.keeps_owner(thread_id text, user_id text) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_keeps_owner' LANGUAGE c STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION threadmem.keeps_owner(text, text) IS
$$Whether a thread's row that is written keeps an owner that its participants know; true in a session that is not narrowed.
The owner is one that the user whom the session is narrowed to may give it. For row security policies.
Arguments:
  thread_id, user_id: the thread and its owner
Errors:
  22023: threadmem.user_id is no id$$;

-- Participants look at their own columns only, so that threads may consult them without a circle.
CREATE POLICY own_rows ON threadmem_data.thread_participants
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
           AND (threadmem.current_user_id() IS NULL
                OR owner_id OPERATOR(pg_catalog.=) threadmem.current_user_id()
                OR (kind OPERATOR(pg_catalog.=) 'user' AND participant_id OPERATOR(pg_catalog.=) threadmem.current_user_id())))
    WITH CHECK (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
           AND (threadmem.current_user_id() IS NULL
                OR owner_id OPERATOR(pg_catalog.=) threadmem.current_user_id()));
COMMENT ON POLICY own_rows ON threadmem_data.thread_participants IS
$$A narrowed session sees itself and all who take part in its own threads, and adds to its own threads only.$$;
CREATE POLICY own_rows ON threadmem_data.threads
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
           AND threadmem.sees_owned(thread_id, user_id))
    WITH CHECK (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
           AND threadmem.keeps_owner(thread_id, user_id));
COMMENT ON POLICY own_rows ON threadmem_data.threads IS
$$The rows of this tenant; a narrowed session sees the threads its user owns or takes part in, and leaves their
owner as it is (participants know it by owner_id).$$;
CREATE POLICY delete_own ON threadmem_data.threads AS RESTRICTIVE FOR DELETE
    USING (threadmem.current_user_id() IS NULL
           OR user_id OPERATOR(pg_catalog.=) threadmem.current_user_id());
COMMENT ON POLICY delete_own ON threadmem_data.threads IS 'Only its owner deletes a thread, not everyone who takes part.';
CREATE POLICY own_rows ON threadmem_data.thread_tombstones
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
           AND (threadmem.current_user_id() IS NULL
                OR user_id OPERATOR(pg_catalog.=) threadmem.current_user_id()))
    WITH CHECK (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
           AND (threadmem.current_user_id() IS NULL
                OR (user_id OPERATOR(pg_catalog.=) threadmem.current_user_id() AND threadmem.names_owner(thread_id, user_id))));
COMMENT ON POLICY own_rows ON threadmem_data.thread_tombstones IS
$$The rows of this tenant; a narrowed session sees those of its own threads, and buries only what it owns.$$;

CREATE POLICY own_rows ON threadmem_data.run_tombstones
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
           AND threadmem.sees_thread(thread_id));
COMMENT ON POLICY own_rows ON threadmem_data.run_tombstones IS 'Those of the threads this session sees.';

-- The channel's name is what keeps other roles from listening.
CREATE TABLE threadmem_data.notify_channels (
    tenant_id text COLLATE "C" NOT NULL DEFAULT threadmem.current_tenant(),
    channel   text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id),
    CONSTRAINT notify_channels_name CHECK (channel OPERATOR(pg_catalog.~) '^threadmem_[a-z0-9]{1,50}$')
);
COMMENT ON TABLE threadmem_data.notify_channels IS 'The channel of each tenant that ever notified (threadmem.notify), made of random digits.';
ALTER TABLE threadmem_data.notify_channels ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON threadmem_data.notify_channels USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant());
COMMENT ON POLICY own_rows ON threadmem_data.notify_channels IS 'The row of this tenant.';
SELECT pg_catalog.pg_extension_config_dump('threadmem_data.notify_channels', '');
SELECT pg_catalog.pg_extension_config_dump('threadmem_data.threads', '');
SELECT pg_catalog.pg_extension_config_dump('threadmem_data.thread_participants', '');
SELECT pg_catalog.pg_extension_config_dump('threadmem_data.thread_tombstones', '');
SELECT pg_catalog.pg_extension_config_dump('threadmem_data.run_tombstones', '');

CREATE VIEW threadmem.threads WITH (security_barrier = true) AS
    SELECT t.thread_id, t.user_id, t.assistant_id, t.assistant_pinned, t.graph_id, t.title,
           (CASE WHEN t.busy_until OPERATOR(pg_catalog.>) pg_catalog.clock_timestamp() THEN 'busy'
                WHEN t.waits_until OPERATOR(pg_catalog.>) pg_catalog.clock_timestamp() THEN 'interrupted'
                WHEN coalesce(t.busy_until, t.waits_until) IS NOT NULL THEN 'error'
                WHEN t.head_status IS NOT NULL AND t.next_run OPERATOR(pg_catalog.=) 1 THEN t.head_status ELSE t.status END)::text AS status,
           t.metadata, t.config, t.tool_resources,
           (CASE WHEN t.version OPERATOR(pg_catalog.>=) 0 AND t.version OPERATOR(pg_catalog.<=) 2147483647 THEN t.version END)::integer AS version,
           (CASE WHEN t.live_messages OPERATOR(pg_catalog.>=) 0 AND t.live_messages OPERATOR(pg_catalog.<=) 2147483647 THEN t.live_messages END)::integer
               AS message_count, t.last_message_at,
           t.state_updated_at,
           (CASE WHEN t.ttl_refresh AND t.expires_at IS NOT NULL AND t.ttl_minutes OPERATOR(pg_catalog.>=) 1 AND t.ttl_minutes OPERATOR(pg_catalog.<=) 5256000
                THEN greatest(t.expires_at, least(greatest(t.updated_at, t.state_updated_at), '2200-01-01 00:00:00Z'::timestamptz)
                    OPERATOR(pg_catalog.+) pg_catalog.make_interval(mins => t.ttl_minutes)) ELSE t.expires_at END)::timestamptz AS expires_at,
           t.ttl_strategy, t.ttl_minutes, t.ttl_refresh, t.in_memory, t.archived, t.forked_from, t.created_at,
           t.updated_at
      FROM threadmem_data.threads t, (VALUES (1)) AS one;
ALTER VIEW threadmem.threads OWNER TO threadmem_runner;
COMMENT ON VIEW threadmem.threads IS
$$The threads of this tenant that the session sees, as thread_get gives them: status is what holds now. For joins;
read only.$$;
CREATE VIEW threadmem.participants WITH (security_barrier = true) AS
    SELECT p.thread_id, p.kind, p.participant_id, p.role, p.joined_at
      FROM threadmem_data.thread_participants p, (VALUES (1)) AS one;
ALTER VIEW threadmem.participants OWNER TO threadmem_runner;
COMMENT ON VIEW threadmem.participants IS 'Who takes part in the threads of this tenant beside their owners. For joins; read only.';

CREATE VIEW threadmem.listed_thread WITH (security_invoker = true) AS
    SELECT c.*, NULL::text AS preview, ''::text AS position, false AS has_more FROM threadmem.threads c WHERE false;
COMMENT ON VIEW threadmem.listed_thread IS
$$One thread of a list; preview, where it was asked for, is how the last thing said in it begins; position is where the
next page goes on (after_position), has_more whether there is one, on every row. Has no rows: the type of a
result.$$;

CREATE FUNCTION threadmem.notify_channel() RETURNS text
    AS 'MODULE_PATHNAME', 'threadmem_notify_channel' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.notify_channel() IS
$$The channel on which this tenant's news are notified while threadmem.notify is on: LISTEN to it.
Every role may listen to a channel whose name it knows, so the name has 32 random digits, is made with the first
call and stays. A transaction that notified cannot be prepared (PREPARE TRANSACTION).
Errors: none of its own.$$;
