-- tenant: which role works for which tenant, and what a role may do.

CREATE FUNCTION threadmem.tenant_bind(role_name text, tenant_id text DEFAULT NULL, any_tenant boolean DEFAULT false) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_tenant_bind' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.tenant_bind(text, text, boolean) IS
$$Binds a role, and all that inherit its privileges, to a tenant, whatever they set later.
In a session of a bound role the setting threadmem.tenant is ignored. With neither tenant_id nor any_tenant the
role is unbound, also one that is gone. Takes effect in open sessions at their next statement. Superusers and
BYPASSRLS roles of level admin only.
Arguments:
  role_name: the role, by its name
  tenant_id: at most 63 bytes
  any_tenant: sets the role (it alone, by name) free to choose its tenant by threadmem.tenant; that has to be
    said for it once a database has any binding, since an unbound role is refused then
Errors:
  42501: who may not
  22023: an unknown role, a tenant over 63 bytes, or both a tenant and any_tenant$$;

CREATE FUNCTION threadmem.grant_access(role_name text, level text DEFAULT 'write', joins boolean DEFAULT false) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_grant_access' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.grant_access(text, text, boolean) IS
$$Gives a role one level of access and takes what it had above.
Nobody gets a right on a table. Repeat it after an upgrade.
Arguments:
  role_name: the role, which exists: CREATE ROLE app LOGIN
  level: read (reading functions), write (all functions of an application), admin (write, the functions of
    administration, and the right to pass grants on) or operator (what is about all tenants, and shows nobody's
    words: tenant_list(), threadmem_stats(), threadmem_verify() and the functions tenants_...; for a role that is
    bound to no tenant)
  joins: also the views (threadmem.threads, messages ...) for joins in SQL of one's own, which a role that may
    see every tenant, or is trusted with its neighbours' ids and times, can have: the planner's estimates tell
    of them
Errors:
  22023: an unknown role or level, or joins for an operator
  42501: who may not pass it on (operators are a superuser's to make), or the role has more from another role, who
    alone takes it back$$;

CREATE FUNCTION threadmem.revoke_access(role_name text) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_revoke_access' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.revoke_access(text) IS
$$Takes from a role all that grant_access() gave it, and from whom it passed that on to.
Its binding stays: see tenant_bind().
Arguments:
  role_name: the role
Errors:
  22023: an unknown role
  42501: who may not, or another role gave it$$;

CREATE VIEW threadmem.role_access WITH (security_invoker = true) AS
    SELECT ''::text AS role_name, NULL::text AS level, false AS joins, NULL::text AS tenant_id, false AS any_tenant WHERE false;
COMMENT ON VIEW threadmem.role_access IS
$$What a role may do and for whom: level read, write, admin, operator or null; a tenant it is bound to; whether it was set
free to choose. Has no rows: the type of a result.$$;
CREATE FUNCTION threadmem.access_list() RETURNS SETOF threadmem.role_access
    AS 'MODULE_PATHNAME', 'threadmem_access_list' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.access_list() IS
$$Every role that has access by a grant of its own, or a binding, in the order of names.
Superusers are left out. For administrators: it names roles and tenants.
Errors: none of its own.$$;

CREATE FUNCTION threadmem.tenant_list() RETURNS SETOF text
    AS 'MODULE_PATHNAME', 'threadmem_tenant_list' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.tenant_list() IS
$$The tenants that have a row in any table, in the order of their names by bytes.
Costs a probe of every table for each.
Errors:
  42501: a role that is bound to a tenant, or a session narrowed to one user$$;

CREATE VIEW threadmem.tenant_sweep WITH (security_invoker = true) AS
    SELECT ''::text AS tenant_id, 0 AS count, now() AS due_since, NULL::text AS sqlstate WHERE false;
COMMENT ON VIEW threadmem.tenant_sweep IS
$$What a call did in one tenant: how many; since when the first had waited; the SQLSTATE of the error that took the
tenant's part back, if one did (the server's log has its message). A count of 0 without an error: the call had no
rows left for this tenant. Has no rows: the type of a result.$$;
