-- query: the roles that statements run as, whose rows a session sees, keys that indexes find rows by, what constraints ask.

CREATE FUNCTION threadmem.install_roles() RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_install_roles' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.install_roles() IS
$$Makes the roles threadmem_runner and threadmem_reader where the cluster has none yet.
Run by the install script.
Errors:
  42710: a role of that name can log in or has rights of its own$$;
SELECT threadmem.install_roles();

CREATE FUNCTION threadmem.install_tables() RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_install_tables' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.install_tables() IS
$$Sets for every table what all have alike.
Run by the install script: lz4 on every wide column when the server was built with it, and no statistics on
columns of documents and free text.
Errors: none of its own.$$;

-- A constraint is asked with every change of a row: these read the first bytes of a wide column, not the whole of it.
CREATE FUNCTION threadmem.is_object(document jsonb) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_is_object' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.is_object(jsonb) IS
$$Whether a document is a JSON object; reads its first bytes only.
For the constraints of the tables.
Arguments:
  document: any JSON
Errors: none.$$;
CREATE FUNCTION threadmem.is_array(document jsonb) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_is_array' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.is_array(jsonb) IS
$$Whether a document is a JSON array; reads its first bytes only.
For the constraints of the tables.
Arguments:
  document: any JSON
Errors: none.$$;
CREATE FUNCTION threadmem.is_embedding(embedding real[]) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_is_embedding' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.is_embedding(real[]) IS
$$Whether an array can be an embedding; reads its first bytes only.
For the constraints of the tables.
Arguments:
  embedding: 1 to 16,000 numbers in one dimension without nulls
Errors: none.$$;

-- By name: a restore needs no role to load it, and a role that is made again under a name is bound again. Read by the code alone, which
-- judges every row for whoever asks; so its policy goes by nothing of the session.
CREATE TABLE threadmem_data.tenant_roles (
    role_name  name PRIMARY KEY,
    tenant_id  text COLLATE "C",
    any_tenant boolean NOT NULL DEFAULT false,
    CONSTRAINT tenant_roles_one CHECK (any_tenant OPERATOR(pg_catalog.=) (tenant_id IS NULL))
);
COMMENT ON TABLE threadmem_data.tenant_roles IS
$$Roles bound to a tenant, or set free to choose one, by tenant_bind(); change it only through that function,
which tells the other sessions.$$;
COMMENT ON COLUMN threadmem_data.tenant_roles.any_tenant IS 'The role has its tenant from the setting, though others are bound.';
ALTER TABLE threadmem_data.tenant_roles ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_bindings ON threadmem_data.tenant_roles TO threadmem_runner USING (true) WITH CHECK (true);
COMMENT ON POLICY all_bindings ON threadmem_data.tenant_roles IS 'The code reads every binding and judges whom each is for.';
SELECT pg_catalog.pg_extension_config_dump('threadmem_data.tenant_roles', '');

CREATE FUNCTION threadmem.current_tenant() RETURNS text
    AS 'MODULE_PATHNAME', 'threadmem_current_tenant' LANGUAGE c STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION threadmem.current_tenant() IS
$$The tenant of this session; '' is the default tenant.
It is the one that the session's roles are bound to (tenant_bind), else the setting threadmem.tenant, which
counts for nothing in a session whose role is bound. Asked are session_user, the role of SET ROLE and the user
at entry, each with the roles whose privileges it inherits.
Errors:
  42501: two of the roles are bound to different tenants, or none is in a database that has bindings, or
    threadmem.require_tenant is on and no tenant is set
  22023: the setting is over 63 bytes or has control characters$$;

CREATE FUNCTION threadmem.current_user_id() RETURNS text
    AS 'MODULE_PATHNAME', 'threadmem_current_user_id' LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.current_user_id() IS
$$The user this session is narrowed to by the setting threadmem.user_id; null when it is not.
Errors:
  22023: the setting is no id$$;

CREATE FUNCTION threadmem.jsonb_contains(document jsonb, part jsonb) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_jsonb_contains' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.jsonb_contains(jsonb, jsonb) IS
$$Whether a document contains another, as pg_catalog.@> says it.
In a time that does not grow with the square of the two.
Arguments:
  document: the whole
  part: what is looked for in it
Errors: none.$$;

-- The GIN indexes find rows by keys each of which has its tenant in it; src/query/keys.c says why. That a row has keys says that it may be
-- what is looked for: every statement has the exact condition beside.
CREATE FUNCTION threadmem.tenant_keys(owner text, lexemes tsvector, ids text[]) RETURNS text[]
    AS 'MODULE_PATHNAME', 'threadmem_tenant_keys_of_words' LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 100;
COMMENT ON FUNCTION threadmem.tenant_keys(text, tsvector, text[]) IS
$$The keys of a row with these words, for the index of words; none without a word.
Arguments:
  owner: the row's tenant
  lexemes: of its text
  ids: of its thread, of the thread's owner and of its sender, null for none
Errors: none.$$;
CREATE FUNCTION threadmem.tenant_keys(owner text, document jsonb) RETURNS text[]
    AS 'MODULE_PATHNAME', 'threadmem_tenant_keys_of_document' LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 100;
COMMENT ON FUNCTION threadmem.tenant_keys(text, jsonb) IS
$$The keys of a row with this document, for the indexes of documents.
One for each path with its value, one alone when there are over 65,536.
Arguments:
  owner: the row's tenant
  document: the row's
Errors: none.$$;
CREATE FUNCTION threadmem.tenant_query(owner text, words tsquery, ids text[]) RETURNS tsquery
    AS 'MODULE_PATHNAME', 'threadmem_tenant_query_of_words' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.tenant_query(text, tsquery, text[]) IS
$$A query by words as one over keys of tenant_keys().
Arguments:
  owner: the tenant whose rows are asked for
  words: the query
  ids: of the one thread, and of the one owner or sender, whose rows are asked for, null for any
Errors:
  54000: over 1 MB of words, each with its tenant$$;
CREATE FUNCTION threadmem.tenant_query(owner text, document jsonb) RETURNS tsquery
    AS 'MODULE_PATHNAME', 'threadmem_tenant_query_of_document' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.tenant_query(text, jsonb) IS
$$A query over keys of tenant_keys() that every row meets whose document contains this one.
Arguments:
  owner: the tenant whose rows are asked for
  document: what is looked for, with at least one value in it
Errors:
  54000: over 1 MB of keys$$;
CREATE FUNCTION threadmem.keys_match(text[], tsquery) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_keys_match' LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 10;
COMMENT ON FUNCTION threadmem.keys_match(text[], tsquery) IS
$$Implementation of the operator @@ over keys.
Errors:
  22004: a null among the keys$$;
CREATE OPERATOR threadmem.@@ (
    LEFTARG = text[], RIGHTARG = tsquery, FUNCTION = threadmem.keys_match,
    RESTRICT = pg_catalog.contsel, JOIN = pg_catalog.contjoinsel
);
COMMENT ON OPERATOR threadmem.@@ (text[], tsquery) IS 'keys of tenant_keys() match a query of tenant_query()';
-- The server's own functions for a tsquery, which ask nothing of the type that the class is for.
CREATE FUNCTION threadmem.keys_extract(query text[], nkeys internal, strategy smallint, partial internal, extra internal, nulls internal,
    mode internal) RETURNS internal
    AS 'gin_extract_tsquery' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.keys_extract(text[], internal, smallint, internal, internal, internal, internal) IS
$$GIN support function 3 of the operator class tenant_keys: the keys of a query.
Errors: none.$$;
CREATE FUNCTION threadmem.keys_consistent(found internal, strategy smallint, query text[], nkeys integer, extra internal, recheck internal,
    keys internal, nulls internal) RETURNS boolean
    AS 'gin_tsquery_consistent' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.keys_consistent(internal, smallint, text[], integer, internal, internal, internal, internal) IS
$$GIN support function 4 of the operator class tenant_keys: whether a row with these keys meets the query.
Errors: none.$$;
CREATE FUNCTION threadmem.keys_triconsistent(found internal, strategy smallint, query text[], nkeys integer, extra internal, keys internal,
    nulls internal) RETURNS "char"
    AS 'gin_tsquery_triconsistent' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.keys_triconsistent(internal, smallint, text[], integer, internal, internal, internal) IS
$$GIN support function 6 of the operator class tenant_keys: the same where some keys are not known yet.
Errors: none.$$;
CREATE OPERATOR FAMILY threadmem.tenant_keys USING gin;
COMMENT ON OPERATOR FAMILY threadmem.tenant_keys USING gin IS 'GIN over keys of tenant_keys().';
CREATE OPERATOR CLASS threadmem.tenant_keys FOR TYPE text[] USING gin FAMILY threadmem.tenant_keys AS
    OPERATOR 1 threadmem.@@ (text[], tsquery),
    FUNCTION 1 pg_catalog.gin_cmp_tslexeme(text, text),
    FUNCTION 2 pg_catalog.ginarrayextract(anyarray, internal, internal),
    FUNCTION 3 threadmem.keys_extract(text[], internal, smallint, internal, internal, internal, internal),
    FUNCTION 4 threadmem.keys_consistent(internal, smallint, text[], integer, internal, internal, internal, internal),
    FUNCTION 5 pg_catalog.gin_cmp_prefix(text, text, smallint, internal),
    FUNCTION 6 threadmem.keys_triconsistent(internal, smallint, text[], integer, internal, internal, internal),
    STORAGE text;
COMMENT ON OPERATOR CLASS threadmem.tenant_keys USING gin IS 'GIN over keys of tenant_keys(), each of which is stored as it is.';

CREATE FUNCTION threadmem.position_of(list text, VARIADIC place "any") RETURNS text
    AS 'MODULE_PATHNAME', 'threadmem_position_of' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION threadmem.position_of(text, "any") IS
$$The position of a row, as the statements of lists call it.
Arguments:
  list: which one, of what, sorted how
  place: what it is sorted by and the key that breaks ties; text, timestamptz, bigint, integer or real
Errors:
  22023: what no list is sorted by$$;
