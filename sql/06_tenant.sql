-- tenant: which role works for which tenant, and what a role may do.

CREATE FUNCTION threadmem.tenant_bind(role_name text, tenant_id text DEFAULT NULL) RETURNS void
    AS 'MODULE_PATHNAME', 'threadmem_tenant_bind' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.tenant_bind(text, text) IS 'Binds a role to a tenant, whatever the role sets later; tenant_id null unbinds it. Takes effect in open sessions at their next statement. Superusers and BYPASSRLS roles of level admin only. Errors: 42501 who may not, 22023 for an unknown role or a tenant over 63 bytes.';

CREATE FUNCTION threadmem.grant_access(role_name text, level text DEFAULT 'write') RETURNS void
    AS 'MODULE_PATHNAME', 'threadmem_grant_access' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.grant_access(text, text) IS 'Grants a role what it needs: read (reading functions and tables), write (all functions and tables of an application) or admin (write, the functions of administration, and the right to pass grants on). Row security still decides which rows. Errors: 22023 for an unknown role or level.';

CREATE FUNCTION threadmem.install_compression() RETURNS void
    AS 'MODULE_PATHNAME', 'threadmem_install_compression' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.install_compression() IS 'Run by the install script: sets lz4 on every wide column when the server was built with it. Errors: none.';
