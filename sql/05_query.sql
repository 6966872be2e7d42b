-- query: whose rows a session sees, operators that stay indexable below a policy, what constraints ask.

-- A constraint is asked with every change of a row: these read the first bytes of a wide column, not the whole of it.
CREATE FUNCTION threadmem.is_object(document jsonb) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_is_object' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.is_object(jsonb) IS 'Whether a document is a JSON object; reads its first bytes only. For the constraints of the tables. Errors: none.';
CREATE FUNCTION threadmem.is_array(document jsonb) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_is_array' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.is_array(jsonb) IS 'Whether a document is a JSON array; reads its first bytes only. For the constraints of the tables. Errors: none.';
CREATE FUNCTION threadmem.is_embedding(embedding real[]) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_is_embedding' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.is_embedding(real[]) IS 'Whether an array can be an embedding: 1 to 16,000 numbers in one dimension without nulls; reads its first bytes only. For the constraints of the tables. Errors: none.';

-- By name: a restore needs no role to load it, and a role that is made again under a name is bound again. Read by the code alone, which
-- judges every row for whoever asks; so its policy goes by nothing of the session.
CREATE TABLE threadmem_data.tenant_roles (
    role_name  name PRIMARY KEY,
    tenant_id  text COLLATE "C",
    any_tenant boolean NOT NULL DEFAULT false,
    CONSTRAINT tenant_roles_one CHECK (any_tenant OPERATOR(pg_catalog.=) (tenant_id IS NULL))
);
COMMENT ON TABLE threadmem_data.tenant_roles IS 'Roles bound to a tenant, or set free to choose one, by tenant_bind(); change it only through that function, which tells the other sessions.';
COMMENT ON COLUMN threadmem_data.tenant_roles.any_tenant IS 'The role has its tenant from the setting, though others are bound.';
ALTER TABLE threadmem_data.tenant_roles ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_bindings ON threadmem_data.tenant_roles TO threadmem_runner USING (true) WITH CHECK (true);
COMMENT ON POLICY all_bindings ON threadmem_data.tenant_roles IS 'The code reads every binding and judges whom each is for.';
SELECT pg_catalog.pg_extension_config_dump('threadmem_data.tenant_roles', '');

CREATE FUNCTION threadmem.current_tenant() RETURNS text
    AS 'MODULE_PATHNAME', 'threadmem_current_tenant' LANGUAGE c STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION threadmem.current_tenant() IS 'The tenant of this session: the one its roles are bound to (tenant_bind), else the setting threadmem.tenant; '''' is the default tenant. Asked are session_user, the role of SET ROLE and the user at entry, each with the roles whose privileges it inherits. Errors: 42501 two of them are bound to different tenants, or none is in a database that has bindings, or threadmem.require_tenant is on and no tenant is set; 22023 the setting is over 63 bytes or has control characters.';

CREATE FUNCTION threadmem.current_user_id() RETURNS text
    AS 'MODULE_PATHNAME', 'threadmem_current_user_id' LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.current_user_id() IS 'The user this session is narrowed to by the setting threadmem.user_id, null when it is not. Errors: 22023 when the setting is no id.';

CREATE FUNCTION threadmem.jsonb_contains(jsonb, jsonb) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_jsonb_contains' LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.jsonb_contains(jsonb, jsonb) IS 'Implementation of the operator @> below row security policies. Errors: none.';
CREATE OPERATOR threadmem.@> (
    LEFTARG = jsonb, RIGHTARG = jsonb, FUNCTION = threadmem.jsonb_contains,
    RESTRICT = pg_catalog.matchingsel, JOIN = pg_catalog.matchingjoinsel
);
COMMENT ON OPERATOR threadmem.@> (jsonb, jsonb) IS 'contains; as pg_catalog.@>, and usable by an index below a policy';
CREATE OPERATOR FAMILY threadmem.jsonb_path_ops USING gin;
COMMENT ON OPERATOR FAMILY threadmem.jsonb_path_ops USING gin IS 'GIN over jsonb for threadmem.@>.';
CREATE OPERATOR CLASS threadmem.jsonb_path_ops FOR TYPE jsonb USING gin FAMILY threadmem.jsonb_path_ops AS
    OPERATOR 7 threadmem.@> (jsonb, jsonb),
    FUNCTION 1 pg_catalog.btint4cmp(integer, integer),
    FUNCTION 2 pg_catalog.gin_extract_jsonb_path(jsonb, internal, internal),
    FUNCTION 3 pg_catalog.gin_extract_jsonb_query_path(jsonb, internal, smallint, internal, internal, internal, internal),
    FUNCTION 4 pg_catalog.gin_consistent_jsonb_path(internal, smallint, jsonb, integer, internal, internal, internal, internal),
    FUNCTION 6 pg_catalog.gin_triconsistent_jsonb_path(internal, smallint, jsonb, integer, internal, internal, internal),
    STORAGE integer;
COMMENT ON OPERATOR CLASS threadmem.jsonb_path_ops USING gin IS 'As pg_catalog.jsonb_path_ops, for threadmem.@>.';

CREATE FUNCTION threadmem.tsvector_matches(tsvector, tsquery) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_tsvector_matches' LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.tsvector_matches(tsvector, tsquery) IS 'Implementation of the operator @@ below row security policies. Errors: none.';
CREATE OPERATOR threadmem.@@ (
    LEFTARG = tsvector, RIGHTARG = tsquery, FUNCTION = threadmem.tsvector_matches,
    RESTRICT = pg_catalog.tsmatchsel, JOIN = pg_catalog.tsmatchjoinsel
);
COMMENT ON OPERATOR threadmem.@@ (tsvector, tsquery) IS 'matches; as pg_catalog.@@, and usable by an index below a policy';
CREATE OPERATOR FAMILY threadmem.tsvector_ops USING gin;
COMMENT ON OPERATOR FAMILY threadmem.tsvector_ops USING gin IS 'GIN over tsvector for threadmem.@@.';
CREATE OPERATOR CLASS threadmem.tsvector_ops FOR TYPE tsvector USING gin FAMILY threadmem.tsvector_ops AS
    OPERATOR 1 threadmem.@@ (tsvector, tsquery),
    FUNCTION 1 pg_catalog.gin_cmp_tslexeme(text, text),
    FUNCTION 2 pg_catalog.gin_extract_tsvector(tsvector, internal, internal),
    FUNCTION 3 pg_catalog.gin_extract_tsquery(tsvector, internal, smallint, internal, internal, internal, internal),
    FUNCTION 4 pg_catalog.gin_tsquery_consistent(internal, smallint, tsvector, integer, internal, internal, internal, internal),
    FUNCTION 5 pg_catalog.gin_cmp_prefix(text, text, smallint, internal),
    FUNCTION 6 pg_catalog.gin_tsquery_triconsistent(internal, smallint, tsvector, integer, internal, internal, internal),
    STORAGE text;
COMMENT ON OPERATOR CLASS threadmem.tsvector_ops USING gin IS 'As pg_catalog.tsvector_ops, for threadmem.@@.';

CREATE FUNCTION threadmem.position_of(list text, VARIADIC place "any") RETURNS text
    AS 'MODULE_PATHNAME', 'threadmem_position_of' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION threadmem.position_of(text, "any") IS 'The position of a row, as the statements of lists call it. list: which one, of what, sorted how. place: what it is sorted by and the key that breaks ties; text, timestamptz, bigint, integer or real. Errors: 22023 what no list is sorted by.';
