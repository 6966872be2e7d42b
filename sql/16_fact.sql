-- fact: what is known of a user as a graph: entities, and facts between them that know when they were true.

CREATE TABLE threadmem_data.entities (
    tenant_id   text COLLATE "C" NOT NULL DEFAULT threadmem.current_tenant(),
    user_id     text COLLATE "C" NOT NULL,
    entity_id   text COLLATE "C" NOT NULL,
    rev         bigint NOT NULL DEFAULT 1,
    stated      boolean NOT NULL,
    name_key    text COLLATE "C" NOT NULL,
    name        text NOT NULL,
    label       text,
    summary     text,
    attributes  jsonb NOT NULL DEFAULT '{}',
    metadata    jsonb NOT NULL DEFAULT '{}',
    search      tsvector NOT NULL,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, user_id, entity_id),
    CONSTRAINT entities_numbers CHECK (rev OPERATOR(pg_catalog.>=) 1),
    CONSTRAINT entities_other CHECK (entity_id OPERATOR(pg_catalog.<>) user_id),
    CONSTRAINT entities_documents CHECK (threadmem.is_object(attributes) AND threadmem.is_object(metadata)),
    CONSTRAINT entities_times CHECK (pg_catalog.isfinite(created_at) AND pg_catalog.isfinite(updated_at))
);
-- An entity is found by its name, which is what makes two mentions one.
CREATE UNIQUE INDEX entities_name ON threadmem_data.entities (tenant_id, user_id, name_key);
-- A name is somebody's words, which estimates must not tell, and which are gone when they are deleted.
ALTER TABLE threadmem_data.entities ALTER COLUMN name_key SET STATISTICS 0;
COMMENT ON TABLE threadmem_data.entities IS
$$What facts are about: people, places, things of one user's memory. The user itself is one too and has no row: its
row of users is its entity, under the user's id. Written by the memory_ functions.$$;
COMMENT ON COLUMN threadmem_data.entities.stated IS
$$An application said so itself: it stays when nothing mentions it any more. Else it goes with the last episode that
mentions it and the last fact about it.$$;
COMMENT ON COLUMN threadmem_data.entities.name_key IS 'The name in small letters and with single spaces: one of a user has one entity.';
COMMENT ON COLUMN threadmem_data.entities.search IS 'Lexemes of name and summary, as those of messages.';
ALTER TABLE threadmem_data.entities ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON threadmem_data.entities
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
           AND (threadmem.current_user_id() IS NULL
                OR user_id OPERATOR(pg_catalog.=) threadmem.current_user_id()));
COMMENT ON POLICY own_rows ON threadmem_data.entities IS 'The rows of this tenant; a narrowed session sees those of its own user only.';
CREATE POLICY group_rows ON threadmem_data.entities FOR SELECT
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant() AND threadmem.shares_memory(user_id));
COMMENT ON POLICY group_rows ON threadmem_data.entities IS 'A narrowed session reads those of its user''s groups.';
SELECT pg_catalog.pg_extension_config_dump('threadmem_data.entities', '');

CREATE TABLE threadmem_data.facts (
    tenant_id   text COLLATE "C" NOT NULL DEFAULT threadmem.current_tenant(),
    user_id     text COLLATE "C" NOT NULL,
    fact_id     text COLLATE "C" NOT NULL,
    rev         bigint NOT NULL DEFAULT 1,
    stated      boolean NOT NULL,
    source_id   text COLLATE "C" NOT NULL,
    name        text COLLATE "C" NOT NULL,
    target_id   text COLLATE "C" NOT NULL,
    fact        text NOT NULL,
    valid_at    timestamptz,
    invalid_at  timestamptz,
    created_at  timestamptz NOT NULL,
    expired_at  timestamptz,
    updated_at  timestamptz NOT NULL,
    attributes  jsonb NOT NULL DEFAULT '{}',
    metadata    jsonb NOT NULL DEFAULT '{}',
    extractor   text NOT NULL,
    confidence  double precision,
    search      tsvector NOT NULL,
    PRIMARY KEY (tenant_id, user_id, fact_id),
    CONSTRAINT facts_numbers CHECK (rev OPERATOR(pg_catalog.>=) 1 AND (confidence IS NULL OR (confidence OPERATOR(pg_catalog.>=) 0 AND confidence OPERATOR(pg_catalog.<=) 1))),
    CONSTRAINT facts_documents CHECK (threadmem.is_object(attributes) AND threadmem.is_object(metadata)),
    CONSTRAINT facts_times CHECK (pg_catalog.isfinite(created_at) AND pg_catalog.isfinite(updated_at)),
    CONSTRAINT facts_interval CHECK ((valid_at OPERATOR(pg_catalog.<) invalid_at) IS NOT FALSE)
);
CREATE INDEX facts_source ON threadmem_data.facts (tenant_id, user_id, source_id, name);
CREATE INDEX facts_target ON threadmem_data.facts (tenant_id, user_id, target_id);
CREATE INDEX facts_created ON threadmem_data.facts (tenant_id, user_id, created_at, fact_id);
-- A relation is an extractor's word for what somebody said: as with names, what is deleted is gone from estimates too.
ALTER TABLE threadmem_data.facts ALTER COLUMN name SET STATISTICS 0;
COMMENT ON TABLE threadmem_data.facts IS
$$Facts of users' memories: a sentence, the two entities that it joins, and when it held. valid_at and invalid_at are
the world's time, half-open, null for unknown and open; created_at and expired_at are when memory learned of it and
when it learned that it is over. Written by the memory_ functions.$$;
COMMENT ON COLUMN threadmem_data.facts.stated IS 'An application said so itself: it needs no episode that supports it.';
COMMENT ON COLUMN threadmem_data.facts.source_id IS 'The entity that it is about; the user''s own has the user''s id.';
COMMENT ON COLUMN threadmem_data.facts.name IS 'The relation, as LIVES_IN.';
COMMENT ON COLUMN threadmem_data.facts.expired_at IS
$$When memory learned that it is over. With an invalid_at it is believed to have held until then, without one it was
taken back: it never held.$$;
COMMENT ON COLUMN threadmem_data.facts.updated_at IS 'Since when it says this; what it said before is in fact_revisions.';
COMMENT ON COLUMN threadmem_data.facts.extractor IS 'Who or what drew it: stated by an application, rules, or the name of a model.';
COMMENT ON COLUMN threadmem_data.facts.confidence IS 'Of its extractor, 0 to 1; null: it said none.';
COMMENT ON COLUMN threadmem_data.facts.search IS 'Lexemes of the fact, its relation and the names it joins, as those of messages.';
ALTER TABLE threadmem_data.facts ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON threadmem_data.facts
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
           AND (threadmem.current_user_id() IS NULL
                OR user_id OPERATOR(pg_catalog.=) threadmem.current_user_id()));
COMMENT ON POLICY own_rows ON threadmem_data.facts IS 'The rows of this tenant; a narrowed session sees those of its own user only.';
CREATE POLICY group_rows ON threadmem_data.facts FOR SELECT
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant() AND threadmem.shares_memory(user_id));
COMMENT ON POLICY group_rows ON threadmem_data.facts IS 'A narrowed session reads those of its user''s groups.';
SELECT pg_catalog.pg_extension_config_dump('threadmem_data.facts', '');

CREATE TABLE threadmem_data.fact_revisions (
    tenant_id   text COLLATE "C" NOT NULL DEFAULT threadmem.current_tenant(),
    user_id     text COLLATE "C" NOT NULL,
    fact_id     text COLLATE "C" NOT NULL,
    rev         bigint NOT NULL,
    source_id   text COLLATE "C" NOT NULL,
    name        text COLLATE "C" NOT NULL,
    target_id   text COLLATE "C" NOT NULL,
    fact        text NOT NULL,
    valid_at    timestamptz,
    invalid_at  timestamptz,
    created_at  timestamptz NOT NULL,
    expired_at  timestamptz,
    updated_at  timestamptz NOT NULL,
    replaced_at timestamptz NOT NULL,
    attributes  jsonb NOT NULL,
    metadata    jsonb NOT NULL,
    extractor   text NOT NULL,
    confidence  double precision,
    PRIMARY KEY (tenant_id, user_id, fact_id, rev),
    CONSTRAINT fact_revisions_numbers CHECK (rev OPERATOR(pg_catalog.>=) 1 AND (confidence IS NULL OR (confidence OPERATOR(pg_catalog.>=) 0 AND confidence OPERATOR(pg_catalog.<=) 1))),
    CONSTRAINT fact_revisions_documents CHECK (threadmem.is_object(attributes) AND threadmem.is_object(metadata)),
    CONSTRAINT fact_revisions_times CHECK (pg_catalog.isfinite(created_at) AND pg_catalog.isfinite(updated_at) AND pg_catalog.isfinite(replaced_at))
);
-- What was known at a time is a page of both tables in the order of facts_created; replaced_at tells in the index already
-- which of them were not known any more.
CREATE INDEX fact_revisions_created ON threadmem_data.fact_revisions (tenant_id, user_id, created_at, fact_id, replaced_at);
ALTER TABLE threadmem_data.fact_revisions ALTER COLUMN name SET STATISTICS 0;
COMMENT ON TABLE threadmem_data.fact_revisions IS
$$What facts said before they were retired or edited: each from updated_at to replaced_at. So what was believed at a
time is known, and not only what was true then.$$;
ALTER TABLE threadmem_data.fact_revisions ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON threadmem_data.fact_revisions
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
           AND (threadmem.current_user_id() IS NULL
                OR user_id OPERATOR(pg_catalog.=) threadmem.current_user_id()));
COMMENT ON POLICY own_rows ON threadmem_data.fact_revisions IS 'The rows of this tenant; a narrowed session sees those of its own user only.';
CREATE POLICY group_rows ON threadmem_data.fact_revisions FOR SELECT
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant() AND threadmem.shares_memory(user_id));
COMMENT ON POLICY group_rows ON threadmem_data.fact_revisions IS 'A narrowed session reads those of its user''s groups.';
SELECT pg_catalog.pg_extension_config_dump('threadmem_data.fact_revisions', '');

CREATE TABLE threadmem_data.entity_revisions (
    tenant_id   text COLLATE "C" NOT NULL DEFAULT threadmem.current_tenant(),
    user_id     text COLLATE "C" NOT NULL,
    entity_id   text COLLATE "C" NOT NULL,
    rev         bigint NOT NULL,
    name        text NOT NULL,
    label       text,
    summary     text,
    attributes  jsonb NOT NULL,
    metadata    jsonb NOT NULL,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    replaced_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, user_id, entity_id, rev),
    CONSTRAINT entity_revisions_numbers CHECK (rev OPERATOR(pg_catalog.>=) 1),
    CONSTRAINT entity_revisions_documents CHECK (threadmem.is_object(attributes) AND threadmem.is_object(metadata)),
    CONSTRAINT entity_revisions_times CHECK (pg_catalog.isfinite(created_at) AND pg_catalog.isfinite(updated_at) AND pg_catalog.isfinite(replaced_at))
);
COMMENT ON TABLE threadmem_data.entity_revisions IS 'What entities said before they were edited: each from updated_at to replaced_at.';
ALTER TABLE threadmem_data.entity_revisions ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON threadmem_data.entity_revisions
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
           AND (threadmem.current_user_id() IS NULL
                OR user_id OPERATOR(pg_catalog.=) threadmem.current_user_id()));
COMMENT ON POLICY own_rows ON threadmem_data.entity_revisions IS 'The rows of this tenant; a narrowed session sees those of its own user only.';
CREATE POLICY group_rows ON threadmem_data.entity_revisions FOR SELECT
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant() AND threadmem.shares_memory(user_id));
COMMENT ON POLICY group_rows ON threadmem_data.entity_revisions IS 'A narrowed session reads those of its user''s groups.';
SELECT pg_catalog.pg_extension_config_dump('threadmem_data.entity_revisions', '');

-- Where facts and entities come from. What does not apply is '', so that all of it can be the key.
CREATE TABLE threadmem_data.fact_episodes (
    tenant_id   text COLLATE "C" NOT NULL DEFAULT threadmem.current_tenant(),
    user_id     text COLLATE "C" NOT NULL,
    fact_id     text COLLATE "C" NOT NULL,
    thread_id   text COLLATE "C" NOT NULL,
    message_id  text COLLATE "C" NOT NULL,
    episode_id  text COLLATE "C" NOT NULL,
    event_at    timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, user_id, fact_id, thread_id, message_id, episode_id),
    CONSTRAINT fact_episodes_one CHECK (((thread_id OPERATOR(pg_catalog.<>) '') OPERATOR(pg_catalog.=) (message_id OPERATOR(pg_catalog.<>) ''))
                                        AND ((thread_id OPERATOR(pg_catalog.<>) '') OPERATOR(pg_catalog.<>) (episode_id OPERATOR(pg_catalog.<>) ''))),
    CONSTRAINT fact_episodes_times CHECK (pg_catalog.isfinite(event_at))
);
CREATE INDEX fact_episodes_message ON threadmem_data.fact_episodes (tenant_id, thread_id, message_id) WHERE thread_id OPERATOR(pg_catalog.<>) '';
CREATE INDEX fact_episodes_episode ON threadmem_data.fact_episodes (tenant_id, user_id, episode_id) WHERE episode_id OPERATOR(pg_catalog.<>) '';
COMMENT ON TABLE threadmem_data.fact_episodes IS
$$Which episodes say a fact: a message of a thread, or an episode that is none. A fact goes with the last of them,
unless it was stated.$$;
COMMENT ON COLUMN threadmem_data.fact_episodes.event_at IS 'When the episode was said or happened.';
ALTER TABLE threadmem_data.fact_episodes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON threadmem_data.fact_episodes
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
           AND (threadmem.current_user_id() IS NULL
                OR user_id OPERATOR(pg_catalog.=) threadmem.current_user_id()));
COMMENT ON POLICY own_rows ON threadmem_data.fact_episodes IS 'The rows of this tenant; a narrowed session sees those of its own user only.';
CREATE POLICY group_rows ON threadmem_data.fact_episodes FOR SELECT
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant() AND threadmem.shares_memory(user_id));
COMMENT ON POLICY group_rows ON threadmem_data.fact_episodes IS 'A narrowed session reads those of its user''s groups.';
SELECT pg_catalog.pg_extension_config_dump('threadmem_data.fact_episodes', '');

CREATE TABLE threadmem_data.entity_episodes (
    tenant_id   text COLLATE "C" NOT NULL DEFAULT threadmem.current_tenant(),
    user_id     text COLLATE "C" NOT NULL,
    entity_id   text COLLATE "C" NOT NULL,
    thread_id   text COLLATE "C" NOT NULL,
    message_id  text COLLATE "C" NOT NULL,
    episode_id  text COLLATE "C" NOT NULL,
    event_at    timestamptz NOT NULL,
    described_at timestamptz,
    PRIMARY KEY (tenant_id, user_id, entity_id, thread_id, message_id, episode_id),
    CONSTRAINT entity_episodes_one CHECK (((thread_id OPERATOR(pg_catalog.<>) '') OPERATOR(pg_catalog.=) (message_id OPERATOR(pg_catalog.<>) ''))
                                          AND ((thread_id OPERATOR(pg_catalog.<>) '') OPERATOR(pg_catalog.<>) (episode_id OPERATOR(pg_catalog.<>) ''))),
    CONSTRAINT entity_episodes_times CHECK (pg_catalog.isfinite(event_at) AND (described_at IS NULL OR pg_catalog.isfinite(described_at)))
);
CREATE INDEX entity_episodes_message ON threadmem_data.entity_episodes (tenant_id, thread_id, message_id) WHERE thread_id OPERATOR(pg_catalog.<>) '';
CREATE INDEX entity_episodes_episode ON threadmem_data.entity_episodes (tenant_id, user_id, episode_id) WHERE episode_id OPERATOR(pg_catalog.<>) '';
COMMENT ON TABLE threadmem_data.entity_episodes IS 'Which episodes mention an entity, as fact_episodes has it of facts.';
COMMENT ON COLUMN threadmem_data.entity_episodes.event_at IS 'When the episode was said or happened.';
COMMENT ON COLUMN threadmem_data.entity_episodes.described_at IS
$$Since when the entity's summary or attributes say what was drawn from the episode, null: they do not. When the episode
goes, the entity says again what it said before.$$;
ALTER TABLE threadmem_data.entity_episodes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON threadmem_data.entity_episodes
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
           AND (threadmem.current_user_id() IS NULL
                OR user_id OPERATOR(pg_catalog.=) threadmem.current_user_id()));
COMMENT ON POLICY own_rows ON threadmem_data.entity_episodes IS 'The rows of this tenant; a narrowed session sees those of its own user only.';
CREATE POLICY group_rows ON threadmem_data.entity_episodes FOR SELECT
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant() AND threadmem.shares_memory(user_id));
COMMENT ON POLICY group_rows ON threadmem_data.entity_episodes IS 'A narrowed session reads those of its user''s groups.';
SELECT pg_catalog.pg_extension_config_dump('threadmem_data.entity_episodes', '');

CREATE TABLE threadmem_data.ontologies (
    tenant_id   text COLLATE "C" NOT NULL DEFAULT threadmem.current_tenant(),
    user_id     text COLLATE "C" NOT NULL,
    ontology    jsonb NOT NULL,
    updated_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, user_id),
    CONSTRAINT ontologies_documents CHECK (threadmem.is_object(ontology)),
    CONSTRAINT ontologies_times CHECK (pg_catalog.isfinite(updated_at))
);
COMMENT ON TABLE threadmem_data.ontologies IS 'Which types of entities and facts a user''s or a group''s memory knows, or a tenant''s (user_id '''').';
ALTER TABLE threadmem_data.ontologies ENABLE ROW LEVEL SECURITY;
CREATE POLICY read_rows ON threadmem_data.ontologies FOR SELECT
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
           AND (threadmem.current_user_id() IS NULL OR user_id OPERATOR(pg_catalog.=) ''
                OR user_id OPERATOR(pg_catalog.=) threadmem.current_user_id()));
COMMENT ON POLICY read_rows ON threadmem_data.ontologies IS 'The rows of this tenant; a narrowed session sees that of its user and the tenant''s.';
CREATE POLICY insert_rows ON threadmem_data.ontologies FOR INSERT
    WITH CHECK (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant() AND threadmem.current_user_id() IS NULL);
COMMENT ON POLICY insert_rows ON threadmem_data.ontologies IS 'A session narrowed to a user declares no types.';
CREATE POLICY update_rows ON threadmem_data.ontologies FOR UPDATE
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant())
    WITH CHECK (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant() AND threadmem.current_user_id() IS NULL);
COMMENT ON POLICY update_rows ON threadmem_data.ontologies IS 'A session narrowed to a user changes no types.';
CREATE POLICY delete_rows ON threadmem_data.ontologies FOR DELETE
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant() AND threadmem.current_user_id() IS NULL);
COMMENT ON POLICY delete_rows ON threadmem_data.ontologies IS 'A session narrowed to a user removes no types.';
SELECT pg_catalog.pg_extension_config_dump('threadmem_data.ontologies', '');

CREATE VIEW threadmem.entities WITH (security_barrier = true) AS
    SELECT e.user_id, e.entity_id, e.name, e.label, e.summary, e.attributes, e.metadata, false AS is_user, e.created_at, e.updated_at
      FROM threadmem_data.entities e
    UNION ALL
    SELECT u.user_id, u.user_id, coalesce(nullif(pg_catalog.concat_ws(' ', u.first_name, u.last_name), ''), u.user_id),
           CASE u.kind WHEN 'group' THEN 'Group' ELSE 'User' END, u.summary, '{}'::jsonb, u.metadata, true, u.created_at, u.updated_at
      FROM threadmem_data.users u;
ALTER VIEW threadmem.entities OWNER TO threadmem_runner;
COMMENT ON VIEW threadmem.entities IS
$$What facts are about. Of every user and group one is itself (is_user): its id is the user's, its name and summary
are those that user_update() sets. For joins; read only.$$;
CREATE VIEW threadmem.listed_entity WITH (security_invoker = true) AS
    SELECT c.*, ''::text AS position, false AS has_more FROM threadmem.entities c WHERE false;
COMMENT ON VIEW threadmem.listed_entity IS
$$One entity of a list; position is where the next page goes on (after_position), has_more whether there is one, on
every row. Has no rows: the type of a result.$$;

CREATE VIEW threadmem.facts WITH (security_barrier = true) AS
    SELECT f.user_id, f.fact_id, f.source_id,
           (SELECT e.name FROM threadmem.entities e WHERE e.user_id OPERATOR(pg_catalog.=) f.user_id AND e.entity_id OPERATOR(pg_catalog.=) f.source_id) AS source,
           f.name, f.target_id,
           (SELECT e.name FROM threadmem.entities e WHERE e.user_id OPERATOR(pg_catalog.=) f.user_id AND e.entity_id OPERATOR(pg_catalog.=) f.target_id) AS target,
           f.fact, f.valid_at, f.invalid_at, f.created_at, f.expired_at, f.updated_at, f.attributes, f.metadata, f.extractor, f.confidence
      FROM threadmem_data.facts f, (VALUES (1)) AS one;
ALTER VIEW threadmem.facts OWNER TO threadmem_runner;
COMMENT ON VIEW threadmem.facts IS
$$Facts: that the entity source is in the relation name to the entity target, said in fact, in the world's time from
valid_at (null: unknown) until before invalid_at (null: open); memory knows of it since created_at, and since
expired_at that it is over. For joins; read only.$$;
CREATE VIEW threadmem.listed_fact WITH (security_invoker = true) AS
    SELECT c.*, ''::text AS position, false AS has_more FROM threadmem.facts c WHERE false;
COMMENT ON VIEW threadmem.listed_fact IS
$$One fact of a list; position is where the next page goes on (after_position), has_more whether there is one, on
every row. Has no rows: the type of a result.$$;
CREATE VIEW threadmem.fact_version WITH (security_invoker = true) AS
    SELECT c.*, 0::bigint AS rev, NULL::timestamptz AS replaced_at FROM threadmem.facts c WHERE false;
COMMENT ON VIEW threadmem.fact_version IS
$$What a fact said from updated_at until replaced_at, null for what it says now; rev counts from 1. Has no rows:
the type of a result.$$;
CREATE VIEW threadmem.entity_version WITH (security_invoker = true) AS
    SELECT c.*, 0::bigint AS rev, NULL::timestamptz AS replaced_at FROM threadmem.entities c WHERE false;
COMMENT ON VIEW threadmem.entity_version IS
$$What an entity said from updated_at until replaced_at, null for what it says now; rev counts from 1. Has no
rows: the type of a result.$$;

CREATE FUNCTION threadmem.memory_add_fact(
    user_id text, name text, fact text, target text DEFAULT NULL, source text DEFAULT NULL, target_id text DEFAULT NULL,
    source_id text DEFAULT NULL, valid_at timestamptz DEFAULT NULL, invalid_at timestamptz DEFAULT NULL,
    created_at timestamptz DEFAULT NULL, expired_at timestamptz DEFAULT NULL, attributes jsonb DEFAULT NULL,
    metadata jsonb DEFAULT NULL, target_label text DEFAULT NULL, source_label text DEFAULT NULL, thread_id text DEFAULT NULL,
    message_id text DEFAULT NULL, episode_id text DEFAULT NULL, contradicts text DEFAULT 'relation',
    contradicted_ids text[] DEFAULT NULL, extractor text DEFAULT NULL, confidence double precision DEFAULT NULL,
    fact_id text DEFAULT NULL) RETURNS threadmem.facts
    AS 'MODULE_PATHNAME', 'threadmem_memory_add_fact' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_add_fact(text, text, text, text, text, text, text, timestamptz, timestamptz, timestamptz, timestamptz, jsonb, jsonb, text, text, text, text, text, text, text[], text, double precision, text) IS
$$Adds a fact to the memory of a user or a group: a sentence, and the two entities it joins; and retires what it contradicts.
Entities that are named and not there are made. The same sentence of the same two is the fact that is there, and only
another episode supports it then, unless that fact was over when this one began. A fact that is over (invalid_at)
ends those of the same two and the same relation at that date. Else those that it contradicts, began earlier and
overlap it end where it begins; and where one that it contradicts began later, the fact itself ends there. What has no
valid_at ends no other and is ended by none. Nothing is deleted: what ends has invalid_at, and expired_at, the time
at hand. Returns the fact.
Arguments:
  user_id: of the user or group
  name: the relation, as LIVES_IN: 1 to 255 bytes
  fact: the sentence, 1 to 10,000 bytes
  target: name of the entity that it leads to, 1 to 1,000 bytes
  source: name of the one that it is about; null: the user itself
  target_id, source_id: or the ids of entities that are there
  valid_at: since when it holds; null: unknown
  invalid_at: when it ceased to hold; null: it holds
  created_at: when memory learned of it, of one that is imported; else now. What it ends is over since then, too
  expired_at: when memory learned that it is over, of one that is imported
  attributes, metadata: JSON objects
  target_label, source_label: the type of an entity that is made
  thread_id, message_id: the message that says it
  episode_id: or the episode that is no message
  contradicts: relation (facts of the same source and relation, unless the ontology says that there may be many),
    source (of the same source, whatever the relation) or none
  contradicted_ids: further facts that it contradicts
  extractor: who drew it, 1 to 255 bytes; null is stated
  confidence: 0 to 1
  fact_id: 1 to 255 bytes, generated when null
Errors:
  23503: no such user, entity, fact, episode or live message of this user's memory
  23505: the id exists
  22023: bad input, an interval that ends before it starts, or a type that a strict ontology does not have
Answers: Zep graph.add_fact_triple.$$;

CREATE FUNCTION threadmem.memory_get_fact(user_id text, fact_id text, missing_ok boolean DEFAULT false) RETURNS SETOF threadmem.facts
    AS 'MODULE_PATHNAME', 'threadmem_memory_get_fact' LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 1
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_get_fact(text, text, boolean) IS
$$One fact, whether it holds or not.
Arguments:
  user_id: of the user or group
  fact_id: of the fact
  missing_ok: no row, and no error, when there is none
Errors:
  P0002: none
  22023: bad input
Answers: Zep graph.edge.get.$$;

CREATE FUNCTION threadmem.memory_facts(
    user_id text, entity_id text DEFAULT NULL, name text DEFAULT NULL, as_of timestamptz DEFAULT NULL,
    known_at timestamptz DEFAULT NULL, include_expired boolean DEFAULT false, sort_by text DEFAULT 'created_at',
    sort_order text DEFAULT 'desc', max_rows bigint DEFAULT 20, after_position text DEFAULT NULL) RETURNS SETOF threadmem.listed_fact
    AS 'MODULE_PATHNAME', 'threadmem_memory_facts' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_facts(text, text, text, timestamptz, timestamptz, boolean, text, text, bigint, text) IS
$$Facts of a user's memory, those that hold now, in pages; or that held at another time, as was believed at another.
"What did we believe on Monday about March" is as_of March and known_at Monday.
Arguments:
  user_id: of the user or group
  entity_id: only of this entity, as source or target; the user's own has its id
  name: only of this relation
  as_of: what held then, in the world's time; null: now
  known_at: what memory said then; null: now. What was deleted since is not known at any time
  include_expired: those that hold no more, not yet, or were taken back, too
  sort_by: created_at, valid_at (unknown first) or fact_id
  sort_order: desc or asc
  max_rows: rows of a page, 0 to 1,000
  after_position: the position of the last row of the page before; that row may be gone
Errors:
  P0002: no such user
  22023: bad input, or a position of another list or order
Answers: Zep graph.edge.get_by_user_id, graph.node.get_edges.$$;

CREATE FUNCTION threadmem.memory_fact_history(user_id text, fact_id text) RETURNS SETOF threadmem.fact_version
    AS 'MODULE_PATHNAME', 'threadmem_memory_fact_history' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_fact_history(text, text) IS
$$All that a fact ever said, the first first: as it was added, retired and edited.
Arguments:
  user_id: of the user or group
  fact_id: of the fact
Errors:
  P0002: no such fact
  22023: bad input$$;

CREATE FUNCTION threadmem.memory_update_fact(
    user_id text, fact_id text, fact text DEFAULT NULL, name text DEFAULT NULL, valid_at timestamptz DEFAULT NULL,
    invalid_at timestamptz DEFAULT NULL, expired_at timestamptz DEFAULT NULL, attributes jsonb DEFAULT NULL,
    metadata jsonb DEFAULT NULL, confidence double precision DEFAULT NULL, clear text[] DEFAULT NULL,
    remove_keys text[] DEFAULT NULL) RETURNS threadmem.facts
    AS 'MODULE_PATHNAME', 'threadmem_memory_update_fact' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_update_fact(text, text, text, text, timestamptz, timestamptz, timestamptz, jsonb, jsonb, double precision, text[], text[]) IS
$$Changes what is given of a fact; what it said before stays in memory_fact_history().
It ends no other fact. A fact that turned out never to have held is taken back by expired_at, without invalid_at.
Arguments:
  user_id: of the user or group
  fact_id: of the fact
  fact, name, confidence: the new value; null leaves the old
  valid_at, invalid_at, expired_at: likewise
  attributes, metadata: merged at their top level; a null in attributes removes the key
  clear: what is emptied: valid_at, invalid_at, expired_at, confidence
  remove_keys: keys taken out of metadata
Errors:
  P0002: no such fact
  22023: bad input, or an interval that ends before it starts
Answers: Zep graph.edge.update.$$;

CREATE FUNCTION threadmem.memory_delete_fact(user_id text, fact_id text) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_memory_delete_fact' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_delete_fact(text, text) IS
$$Deletes a fact and all that it ever said; the entities that it joined stay.
What it ended stays ended.
Arguments:
  user_id: of the user or group
  fact_id: of the fact
Errors:
  P0002: no such fact
  22023: bad input
Answers: Zep graph.edge.delete.$$;

CREATE FUNCTION threadmem.memory_add_entity(
    user_id text, name text, label text DEFAULT NULL, summary text DEFAULT NULL, attributes jsonb DEFAULT NULL,
    metadata jsonb DEFAULT NULL, thread_id text DEFAULT NULL, message_id text DEFAULT NULL, episode_id text DEFAULT NULL,
    if_exists text DEFAULT 'raise', created_at timestamptz DEFAULT NULL, entity_id text DEFAULT NULL) RETURNS threadmem.entities
    AS 'MODULE_PATHNAME', 'threadmem_memory_add_entity' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_add_entity(text, text, text, text, jsonb, jsonb, text, text, text, text, timestamptz, text) IS
$$Adds an entity to the memory of a user or a group: somebody or something that facts can be about.
A name has one entity, whatever its capitals and spaces.
Arguments:
  user_id: of the user or group
  name: 1 to 1,000 bytes
  label: its type, 1 to 255 bytes
  summary: what is known of it, in prose
  attributes, metadata: JSON objects
  thread_id, message_id: the message that mentions it
  episode_id: or the episode that is no message
  if_exists: raise; do_nothing: the one of this name, only mentioned once more; or update: what is given replaces what
    it has, attributes and metadata are merged
  created_at: of one that is imported, else now
  entity_id: 1 to 255 bytes, generated when null
Errors:
  23503: no such user, episode or live message of this user's memory
  23505: the name or the id exists
  22023: bad input, or a type that a strict ontology does not have
Answers: Zep graph.add_nodes.$$;

CREATE FUNCTION threadmem.memory_get_entity(user_id text, entity_id text, missing_ok boolean DEFAULT false) RETURNS SETOF threadmem.entities
    AS 'MODULE_PATHNAME', 'threadmem_memory_get_entity' LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 1
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_get_entity(text, text, boolean) IS
$$One entity; the user's own has the user's id.
Arguments:
  user_id: of the user or group
  entity_id: of the entity
  missing_ok: no row, and no error, when there is none
Errors:
  P0002: none
  22023: bad input
Answers: Zep graph.node.get, user.get_node.$$;

CREATE FUNCTION threadmem.memory_entities(
    user_id text, search text DEFAULT NULL, label text DEFAULT NULL, sort_by text DEFAULT 'created_at',
    sort_order text DEFAULT 'desc', max_rows bigint DEFAULT 20, after_position text DEFAULT NULL) RETURNS SETOF threadmem.listed_entity
    AS 'MODULE_PATHNAME', 'threadmem_memory_entities' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_entities(text, text, text, text, text, bigint, text) IS
$$Entities of a user's memory, its own among them, in pages.
Arguments:
  user_id: of the user or group
  search: a part of the name in any case
  label: only of this type
  sort_by: created_at, updated_at, name (its first 200 characters) or entity_id
  sort_order: desc or asc
  max_rows: rows of a page, 0 to 1,000
  after_position: the position of the last row of the page before; that row may be gone
Errors:
  P0002: no such user
  22023: bad input, or a position of another list or order
Answers: Zep graph.node.get_by_user_id.$$;

CREATE FUNCTION threadmem.memory_entity_history(user_id text, entity_id text) RETURNS SETOF threadmem.entity_version
    AS 'MODULE_PATHNAME', 'threadmem_memory_entity_history' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_entity_history(text, text) IS
$$All that an entity ever said, the first first. Of the user's own only what it says now is kept.
Arguments:
  user_id: of the user or group
  entity_id: of the entity
Errors:
  P0002: no such entity
  22023: bad input$$;

CREATE FUNCTION threadmem.memory_update_entity(
    user_id text, entity_id text, name text DEFAULT NULL, label text DEFAULT NULL, summary text DEFAULT NULL,
    attributes jsonb DEFAULT NULL, metadata jsonb DEFAULT NULL, clear text[] DEFAULT NULL, remove_keys text[] DEFAULT NULL) RETURNS threadmem.entities
    AS 'MODULE_PATHNAME', 'threadmem_memory_update_entity' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_update_entity(text, text, text, text, text, jsonb, jsonb, text[], text[]) IS
$$Changes what is given of an entity; what it said before stays in memory_entity_history().
The user's own is the user: user_update() changes it.
Arguments:
  user_id: of the user or group
  entity_id: of the entity
  name, label, summary: the new value; null leaves the old
  attributes, metadata: merged at their top level; a null in attributes removes the key
  clear: what is emptied: label, summary
  remove_keys: keys taken out of metadata
Errors:
  P0002: no such entity
  23505: another has the name
  55000: the user's own
  22023: bad input, or a type that a strict ontology does not have
Answers: Zep graph.node.update.$$;

CREATE FUNCTION threadmem.memory_delete_entity(user_id text, entity_id text) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_memory_delete_entity' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_delete_entity(text, text) IS
$$Deletes an entity, its facts, and all that they ever said.
Arguments:
  user_id: of the user or group
  entity_id: of the entity
Errors:
  P0002: no such entity
  55000: the user's own, which goes with user_delete()
  22023: bad input
Answers: Zep graph.node.delete.$$;

CREATE FUNCTION threadmem.memory_subgraph(
    user_id text, entity_ids text[] DEFAULT NULL, depth bigint DEFAULT 1, max_entities bigint DEFAULT 100,
    max_facts bigint DEFAULT 200, as_of timestamptz DEFAULT NULL, known_at timestamptz DEFAULT NULL,
    include_expired boolean DEFAULT false) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'threadmem_memory_subgraph' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_subgraph(text, text[], bigint, bigint, bigint, timestamptz, timestamptz, boolean) IS
$$What lies around entities: {"entities", "facts", "truncated"}, the nearest first.
Each of the two is an array of objects with the columns of the view of that name; entities have "depth" beside, 0 for
those that were asked for. truncated tells that a limit left something out. A fact is there when both its entities
are.
Arguments:
  user_id: of the user or group
  entity_ids: where to begin; null: the user's own
  depth: 1 to 3 facts away
  max_entities: 1 to 1,000
  max_facts: 0 to 1,000
  as_of, known_at, include_expired: as in memory_facts()
Errors:
  P0002: no such user or entity
  22023: bad input
Answers: Zep graph.get_subgraph, graph.node.neighbors.$$;

CREATE FUNCTION threadmem.memory_set_ontology(ontology jsonb, user_id text DEFAULT NULL) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'threadmem_memory_set_ontology' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_set_ontology(jsonb, text) IS
$$Declares which types of entities and facts memory knows, in place of what was declared.
{"strict": false, "entities": {label: type}, "facts": {name: type}}; a type is {"description": text, "attributes":
{name: "text", "number", "boolean" or "any"}}, that of a fact has beside these "sources" and "targets" (lists of
labels; User is the user's own) and "many": true where a source may have several at once, as friends, which then do
not contradict each other. With strict true, memory_add_fact() and memory_add_entity() refuse other labels and names,
attributes that are not declared or of another kind, and facts between other labels; without it types only tell an
extractor what to look for. What is in memory already stays. A user's or a group's own takes the place of the
tenant's. Returns what is stored.
Arguments:
  ontology: as said
  user_id: of the user or group; null: all of the tenant that have none
Errors:
  23503: no such user
  22023: bad input
  42501: a session narrowed by threadmem.user_id
Answers: Zep graph.set_ontology.$$;

CREATE FUNCTION threadmem.memory_get_ontology(user_id text DEFAULT NULL) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'threadmem_memory_get_ontology' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_get_ontology(text) IS
$$The types that hold for a user's or a group's memory: its own, else the tenant's; null for none.
Arguments:
  user_id: of the user or group; null: that of the tenant
Errors:
  P0002: no such user
  22023: bad input
Answers: Zep graph.list_ontology.$$;

CREATE FUNCTION threadmem.memory_delete_ontology(user_id text DEFAULT NULL) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_memory_delete_ontology' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_delete_ontology(text) IS
$$Removes the declared types of a user, a group, or the tenant; false where there were none.
Arguments:
  user_id: of the user or group; null: those of the tenant
Errors:
  22023: bad input
  42501: a session narrowed by threadmem.user_id$$;
