-- store: what agents keep beside conversations: documents under a namespace and a key, LangGraph's long-term store.

CREATE FUNCTION threadmem.check_store_item(
    path text, key text, value jsonb, embeddings real[], ttl_minutes double precision, expires_at timestamptz, sweep_at timestamptz,
    created_at timestamptz, updated_at timestamptz) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_check_store_item' LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.check_store_item(text, text, jsonb, real[], double precision, timestamptz, timestamptz, timestamptz, timestamptz) IS
$$The constraint of the table store_items: whether a row is as the functions write it and read it.
One function, because a constraint is read from its text with every statement.
Arguments: the columns of that name, nulls too (which NOT NULL judges).
Errors:
  23514: names the column$$;

CREATE TABLE threadmem_data.store_items (
    tenant_id  text COLLATE "C" NOT NULL DEFAULT threadmem.current_tenant(),
    path       text COLLATE "C" NOT NULL,
    key        text COLLATE "C" NOT NULL,
    user_id    text COLLATE "C",
    ttl_minutes double precision,
    expires_at timestamptz,
    sweep_at   timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    value      jsonb NOT NULL,
    search     tsvector NOT NULL,
    embeddings real[],
    PRIMARY KEY (tenant_id, path, key),
    CONSTRAINT store_items_sound CHECK (threadmem.check_store_item(path, key, value, embeddings, ttl_minutes, expires_at, sweep_at, created_at, updated_at))
) WITH (fillfactor = 80); -- a renewal is HOT: no index covers expires_at
-- A search without words gives what was put last; of one namespace by this index, of many by a sort.
CREATE INDEX store_items_newest ON threadmem_data.store_items (tenant_id, path, updated_at);
CREATE INDEX store_items_sweep ON threadmem_data.store_items (tenant_id, sweep_at) WHERE sweep_at IS NOT NULL;
CREATE INDEX store_items_user ON threadmem_data.store_items (tenant_id, user_id) WHERE user_id IS NOT NULL;
CREATE INDEX store_items_search ON threadmem_data.store_items USING gin (threadmem.tenant_keys(tenant_id, search, ARRAY[path, user_id]) threadmem.tenant_keys)
    WITH (gin_pending_list_limit = 256); -- every search reads what is pending
ALTER INDEX threadmem_data.store_items_search ALTER COLUMN 1 SET STATISTICS 0;
COMMENT ON TABLE threadmem_data.store_items IS 'Items of the long-term store. Written by the store_ functions.';
COMMENT ON COLUMN threadmem_data.store_items.path IS
$$The labels of the namespace, joined by U+0001, which no label has: what begins with a prefix is a range of an index,
and the order by bytes is that by labels.$$;
COMMENT ON COLUMN threadmem_data.store_items.user_id IS
$$The person whose item it is: the element of the namespace that threadmem.store_user_element named when it was put.$$;
COMMENT ON COLUMN threadmem_data.store_items.ttl_minutes IS 'What a renewal adds to the time at hand; null: it never expires.';
COMMENT ON COLUMN threadmem_data.store_items.sweep_at IS 'Before this time it has not expired. A renewal leaves it; the sweep sets it anew.';
COMMENT ON COLUMN threadmem_data.store_items.search IS 'Lexemes of the indexed parts of value, as those of messages.';
ALTER TABLE threadmem_data.store_items ALTER COLUMN embeddings SET STORAGE EXTERNAL;
COMMENT ON COLUMN threadmem_data.store_items.embeddings IS
$$What a model made of value: one vector a row of the array, all of one length. The nearest of them counts.$$;
ALTER TABLE threadmem_data.store_items ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON threadmem_data.store_items
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
           AND (user_id IS NULL OR threadmem.current_user_id() IS NULL
                OR user_id OPERATOR(pg_catalog.=) threadmem.current_user_id()));
COMMENT ON POLICY own_rows ON threadmem_data.store_items IS 'The rows of this tenant; a narrowed session those of its own user, and of nobody.';
SELECT pg_catalog.pg_extension_config_dump('threadmem_data.store_items', '');

CREATE VIEW threadmem.store_items WITH (security_barrier = true) AS
    SELECT pg_catalog.string_to_array(s.path, E'\x01') AS namespace, s.key, s.value, s.user_id, s.ttl_minutes,
           s.expires_at, s.created_at, s.updated_at
      FROM threadmem_data.store_items s, (VALUES (1)) AS one
     WHERE (s.expires_at OPERATOR(pg_catalog.<=) pg_catalog.clock_timestamp()) IS NOT TRUE;
ALTER VIEW threadmem.store_items OWNER TO threadmem_runner;
COMMENT ON VIEW threadmem.store_items IS
$$The items of the store of this tenant that have not expired, as store_get gives them. For joins; read only.$$;

CREATE VIEW threadmem.listed_store_item WITH (security_invoker = true) AS
    SELECT c.*, NULL::real AS score, ''::text AS position, false AS has_more FROM threadmem.store_items c WHERE false;
COMMENT ON VIEW threadmem.listed_store_item IS
$$One item of a page; score tells how well it answers, higher is better, and is null where nothing was asked for;
position is where the next page goes on (after_position), has_more, the same on every row, tells whether another
page follows. Has no rows: the type of a result.$$;
CREATE VIEW threadmem.listed_namespace WITH (security_invoker = true) AS
    SELECT '{}'::text[] AS namespace, ''::text AS position, false AS has_more WHERE false;
COMMENT ON VIEW threadmem.listed_namespace IS
$$One namespace of the store; position is where the next page goes on (after_position), has_more, the same on every
row, tells whether another page follows. Has no rows: the type of a result.$$;

CREATE FUNCTION threadmem.store_put(
    namespace text[], key text, value jsonb, ttl_minutes double precision DEFAULT NULL, indexed text[] DEFAULT NULL,
    embeddings double precision[] DEFAULT NULL) RETURNS threadmem.store_items
    AS 'MODULE_PATHNAME', 'threadmem_store_put' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.store_put(text[], text, jsonb, double precision, text[], double precision[]) IS
$$Stores a document under a namespace and a key, in place of what is there; created_at survives that.
Where threadmem.store_user_element names an element of the namespace, the item is that person's: it goes with
user_delete(), and a session narrowed to somebody else neither sees nor stores it.
Arguments:
  namespace: 1 or more labels of 1 to 255 bytes without ".", the first not langgraph; 1,000 bytes in all
  key: 1 to 1,000 bytes
  value: a JSON object
  ttl_minutes: minutes, and parts of them, until it expires, up to 5,256,000; store_touch() renews; null: it stays
  indexed: what of value is found by words: paths as a.b, a[0], a[-1], a[*], a.* or $ (all); null: all of it, {}: nothing
  embeddings: what a model made of it: one vector, or several as rows of a two-dimensional array, of at most 16,000
    finite numbers each that are not all 0
Errors:
  22023: bad input
  54000: over threadmem.max_body, or more than 16,000 numbers in a vector or 1,000 vectors
  42501: another person's namespace, in a session narrowed to a user
Answers: LangGraph BaseStore.put.$$;

CREATE FUNCTION threadmem.store_get(namespace text[], key text, missing_ok boolean DEFAULT false) RETURNS SETOF threadmem.store_items
    AS 'MODULE_PATHNAME', 'threadmem_store_get' LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 1
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.store_get(text[], text, boolean) IS
$$One item of the store, unless it has expired; it is not renewed by being read.
Read and renew in one: SELECT i.*, store_touch(i.namespace, i.key) FROM store_get(...) i.
Arguments:
  namespace, key: of the item
  missing_ok: no row, and no error, when there is none
Errors:
  P0002: no such item, or it has expired
  22023: bad input
Answers: LangGraph BaseStore.get.$$;

CREATE FUNCTION threadmem.store_delete(namespace text[], key text) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_store_delete' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.store_delete(text[], text) IS
$$Deletes an item of the store; false, and no error, when there is none.
Arguments:
  namespace, key: of the item
Errors:
  22023: bad input
Answers: LangGraph BaseStore.delete.$$;

CREATE FUNCTION threadmem.store_touch(namespace text[], key text) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_store_touch' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.store_touch(text[], text) IS
$$Lets the time to live of an item begin anew; whether it did.
False for an item that has no time to live, has expired or is not there, and for one that somebody else is writing at
that moment: this call waits for nobody, so that the items of a search can be renewed in any order.
Arguments:
  namespace, key: of the item
Errors:
  22023: bad input
Answers: LangGraph refresh_ttl.$$;

CREATE FUNCTION threadmem.store_search(
    namespace_prefix text[] DEFAULT '{}', filter jsonb DEFAULT NULL, query text DEFAULT NULL,
    embedding double precision[] DEFAULT NULL, max_rows bigint DEFAULT 20, skip bigint DEFAULT 0,
    after_position text DEFAULT NULL) RETURNS SETOF threadmem.listed_store_item
    AS 'MODULE_PATHNAME', 'threadmem_store_search' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.store_search(text[], jsonb, text, double precision[], bigint, bigint, text) IS
$$Items of the store below a namespace, in pages: what was put last first, or what answers a question best.
With a query those that have any of its words, by ts_rank; with an embedding those that have one, by the cosine of the
nearest of theirs; with both the two lists joined by reciprocal rank. A query of stop words alone is none. Nothing is
renewed: store_touch() does that.
Arguments:
  namespace_prefix: the labels that its namespace begins with; {} is every namespace
  filter: {"field": value, ...}, all of which hold of the members of value. A value is equal, an object is contained;
    {"$gt": value} and so on compare: $eq, $ne, $gt, $gte, $lt, $lte; of several in one object all hold. Numbers compare
    as numbers, text by its bytes, and nothing else is greater or less; a missing field is $ne to everything
  query: what to look for, in words
  embedding: what to look for, of the model that the embeddings of items come from
  max_rows: rows of a page, 0 to 1,000
  skip: rows left out before the first
  after_position: the position of the last row of the page before; that row may be gone
Errors:
  22023: bad input, a position of another search, or an embedding of another length than an item's
  54000: more than 16,000 numbers, or over 1 MB of words
Answers: LangGraph BaseStore.search.$$;

CREATE FUNCTION threadmem.store_list_namespaces(
    prefix text[] DEFAULT NULL, suffix text[] DEFAULT NULL, max_depth bigint DEFAULT NULL, max_rows bigint DEFAULT 20,
    skip bigint DEFAULT 0, after_position text DEFAULT NULL) RETURNS SETOF threadmem.listed_namespace
    AS 'MODULE_PATHNAME', 'threadmem_store_list_namespaces' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.store_list_namespaces(text[], text[], bigint, bigint, bigint, text) IS
$$The namespaces of the store that have items, in the order of their labels, in pages.
Arguments:
  prefix: labels that a namespace begins with; * is any one label
  suffix: labels that it ends with; * is any one label
  max_depth: labels that are shown, 1 or more: what is the same up to there is one; null: all
  max_rows: rows of a page, 0 to 1,000
  skip: rows left out before the first
  after_position: the position of the last row of the page before; that namespace may be empty by now
Errors:
  22023: bad input, or a position of another list
Answers: LangGraph BaseStore.list_namespaces.$$;

CREATE FUNCTION threadmem.store_batch(operations jsonb) RETURNS SETOF jsonb
    AS 'MODULE_PATHNAME', 'threadmem_store_batch' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.store_batch(jsonb) IS
$$Several operations on the store in one call; one row each, in their order: what a call of its own would give.
Those that read see the store as it was before those that write, of which the last one for a key counts. get gives an
item or null, search and list_namespaces an array, put, delete and touch null. One bad operation, and nothing happens.
Arguments:
  operations: [{"op": "put", "namespace": [], "key", "value", "ttl", "index", "embeddings"}, {"op": "get",
    "namespace", "key", "refresh_ttl"}, {"op": "delete", "namespace", "key"}, {"op": "touch", "namespace", "key"},
    {"op": "search", "namespace_prefix", "filter", "query", "embedding", "limit", "offset", "refresh_ttl"}, {"op":
    "list_namespaces", "match_conditions": [{"match_type": "prefix" or "suffix", "path": []}], "max_depth", "limit",
    "offset"}]; up to 1,000. A put whose value is null deletes; index is an array of paths, false or null; limits are
    10, of list_namespaces 100; refresh_ttl true renews what was read
Errors:
  22023: bad input
  54000: a value over threadmem.max_body, vectors over their limits, or what was read is more than jsonb holds
  42501: another person's namespace, in a session narrowed to a user
Answers: LangGraph BaseStore.batch.$$;

CREATE FUNCTION threadmem.store_purge_expired(max_rows bigint DEFAULT 1000) RETURNS integer
    AS 'MODULE_PATHNAME', 'threadmem_store_purge_expired' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.store_purge_expired(bigint) IS
$$Deletes items of the store whose time is over; how many. Call it until it returns 0.
They are not read any more as it is: this gives the space back. One that somebody is writing is left for the next
call. thread_purge_expired() does the same after its threads, tenants_purge_expired() for all tenants.
Arguments:
  max_rows: items at most, 0 to 1,000
Errors:
  22023: bad max_rows
Answers: LangGraph sweep_ttl.$$;

-- What the statements of searches ask of a row.
CREATE FUNCTION threadmem.store_matches(value jsonb, filter jsonb) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_store_matches' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION threadmem.store_matches(jsonb, jsonb) IS
$$Whether the value of an item meets a filter of store_search().
Arguments:
  value: of the item
  filter: as store_search() has accepted it
Errors: none.$$;
CREATE FUNCTION threadmem.store_similarity(embeddings real[], vector real[]) RETURNS real
    AS 'MODULE_PATHNAME', 'threadmem_store_similarity' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION threadmem.store_similarity(real[], real[]) IS
$$The cosine of the angle between a vector and the nearest of an item's: 1 is the same direction, -1 the opposite one.
Arguments:
  embeddings: of the item
  vector: of the query
Errors:
  22023: they differ in length$$;
